  // Inside the evaluator, whose arithmetic, memories and objectives may do anything. The
  // environment: the number of dimensions and `predict` stay; `rewind` comes while it is idle and no part
  // of a point was given. Of the objectives: a pass drains for 10 clocks at least.
  reg f_begun = 0;
  reg [5:0] f_last;
  reg f_predict;
  always @(posedge clock) begin
    f_begun <= 1;
    f_last <= last;
    f_predict <= predict;
    if (f_begun) assume (f_last == last && f_predict == predict);
    assume (!rewind || point_ready && !point_valid && count$q == 0);
    assume (objectives$drain >= 10);
  end

  // A memory: the same address, and no write in between, give the same word.
  reg [6:0] f_address;
  reg f_written = 1;
  reg f_same = 0;
  reg [31:0] f_word;
  always @(posedge clock) begin
    if (f_same) assume (gradients$read_data == f_word);
    f_address <= gradients$read_address;
    f_written <= gradients$write_enable;
    f_same <= f_begun && gradients$read_address == f_address && !f_written;
    f_word <= gradients$read_data;
  end

  reg f_stalled = 0;
  reg [31:0] f_held;
  reg [47:0] f_value;
  reg [6:0] f_owed = 0;
  always @(posedge clock) begin
    // A component stays, and stays the same, until it is taken; and so does the value.
    if (f_stalled) assert (gradient_valid && gradient_data == f_held && value == f_value);
    f_stalled <= gradient_valid && !gradient_ready;
    f_held <= gradient_data;
    f_value <= value;
    // As many components as dimensions for each point and each rewinding: none is lost.
    if (start && !predict || rewind) f_owed <= last + 7'd1;
    else f_owed <= f_owed - (gradient_valid && gradient_ready);
    assert (!gradient_valid || f_owed != 0);
    assert (!point_ready || f_owed == 0);
  end

  // Since the objectives were last told of an element of the first pass.
  reg [3:0] f_quiet = 15;
  always @(posedge clock) begin
    if (objectives$valid_late || objectives$opening_early) f_quiet <= 0;
    else if (f_quiet != 15) f_quiet <= f_quiet + 1;
    // A prediction is said to be there a clock before it no longer changes: see linear.sv.
    if (predict && objectives$drain != 14) assume (0);
    if (predicted) assert (f_quiet >= QUIET - 1);
  end
