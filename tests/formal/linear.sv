  // Inside the linear model, from any state: its prediction no longer changes once nothing was added
  // to its sum for QUIET clocks.
  reg f_begun = 0;
  reg [1:0] f_link;
  reg [4:0] f_levels;
  reg [15:0] f_target;
  always @(posedge clock) begin
    f_begun <= 1;
    // It counts five digits down.
    if (!f_begun) assume (digits$q <= 5);
    f_link <= link;
    f_levels <= levels;
    f_target <= target;
    if (f_begun) assume (f_link == link && f_levels == levels && f_target == target);
  end

  // Tables: the same address gives the same entry.
  reg [7:0] f_sigmoid_address, f_level_address;
  reg f_sigmoid_same = 0, f_level_same = 0;
  reg [31:0] f_sigmoid;
  reg [15:0] f_level;
  always @(posedge clock) begin
    if (f_sigmoid_same) assume (sigmoid$data == f_sigmoid);
    if (f_level_same) assume (level$data == f_level);
    f_sigmoid_same <= f_begun && sigmoid$address == f_sigmoid_address;
    f_level_same <= f_begun && level$address == f_level_address;
    f_sigmoid_address <= sigmoid$address;
    f_level_address <= level$address;
    f_sigmoid <= sigmoid$data;
    f_level <= level$data;
  end

  reg [4:0] f_quiet = 0;
  reg [31:0] f_prediction;
  always @(posedge clock) begin
    if (valid_late && pass_late == 0 || opening_early && pass_early == 0) f_quiet <= 0;
    else if (f_quiet != 31) f_quiet <= f_quiet + 1;
    f_prediction <= prediction;
    if (f_quiet > QUIET) assert (prediction == f_prediction);
  end
