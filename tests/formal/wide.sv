  // Inside the wide core. The environment: the bus and `clear` keep to the times when the core is
  // not busy, and not to that of a beat.
  always @(posedge clock) assume (!(bus_write || clear) || !busy && !sample_valid);

  reg f_stalled = 0;
  reg [31:0] f_held = 0;
  reg [2:0] f_owed = 0;
  always @(posedge clock) begin
    // A result stays, and stays the same, until it is taken.
    if (f_stalled) assert (result_valid && f_held == result);
    f_stalled <= result_valid && !result_ready;
    f_held <= result;
    // One result for each vector, none without: nothing is lost, nothing comes twice.
    assert (f_owed <= 4);
    assert (!result_valid || f_owed > 0);
    assert (busy || f_owed == 0);
    // A winner has a place in the queue of results, and is a learned vector's only if no other is
    // on its way.
    assert (!found || results$q < 2);
    if (learner$q && state$q != State$Count) assert (flight$q == 1 && results$q == 0);
    f_owed <= f_owed + loaded - (result_valid && result_ready);
  end
