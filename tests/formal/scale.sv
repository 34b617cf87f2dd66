  // Inside the scale, whose two products are any that 16 and 8 bits by 16 can be: their sum is
  // clamped to 32 bits.
  always @(posedge clock) assume (any_low <= 32'hfffe0001 && any_high <= 24'hfeff01);
  wire [40:0] f_sum = {1'b0, high, 16'd0} + low;
  reg [31:0] f_late, f_later;
  reg [1:0] f_clocks = 0;
  always @(posedge clock) begin
    if (f_clocks != 2) f_clocks <= f_clocks + 1;
    f_late <= f_sum > 41'hffffffff ? 32'hffffffff : f_sum[31:0];
    f_later <= f_late;
    if (f_clocks == 2) assert (p == f_later);
  end
