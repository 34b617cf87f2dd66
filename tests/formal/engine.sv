  // Inside `engine`. The environment: a frame that waits goes only by `retire`, a result stays until
  // it is taken; the core's `busy` and the reply's `ready` are as they like.
  reg [3:0] f_waited = 0;
  reg f_retired = 0, f_running = 0, f_result = 0;
  always @(posedge clock) begin
    f_waited <= waiting;
    f_retired <= retire;
    f_running <= 1;
    f_result <= result_valid && !result_ready;
    assume (waiting <= 8 && (waiting >= f_waited - f_retired || !f_running));
    assume (result_valid || !f_result);
  end

  reg f_stalled = 0, f_learn = 0;
  reg [15:0] f_beat = 0;
  always @(posedge clock) begin
    // A beat of samples stays, and stays the same, until the core takes it.
    if (f_stalled) assert (sample_valid && sample_data == f_beat && sample_learn == f_learn);
    f_stalled <= sample_valid && !sample_ready;
    f_beat <= sample_data;
    f_learn <= sample_learn;
    // Results are taken, replies put, frames retired and words written only when they can be.
    assert (!result_ready || result_valid);
    assert (!reply_put || reply_ready);
    assert (!retire || waiting != 0);
    assert (!bus_write || !busy);
  end
