  // Inside a core; RESULT is its result, LAST that a vector's last beat is taken. The environment:
  // the bus and `clear` keep to the times when the core is not busy, and not to that of a beat.
  always @(posedge clock) assume (!(bus_write || clear) || !busy && !sample_valid);

  reg f_stalled = 0;
  reg [31:0] f_held = 0;
  reg [1:0] f_owed = 0;
  always @(posedge clock) begin
    // A result stays, and stays the same, until it is taken.
    if (f_stalled) assert (result_valid && f_held == (RESULT));
    f_stalled <= result_valid && !result_ready;
    f_held <= RESULT;
    // One result for each vector, none without: nothing is lost, nothing comes twice.
    assert (f_owed <= 1);
    assert (!result_valid || f_owed == 1);
    assert (!(sample_valid && sample_ready) || f_owed == 0);
    f_owed <= f_owed + (LAST) - (result_valid && result_ready);
  end
