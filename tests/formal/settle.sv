// y = clamp(x - (moved & ~grid) / 2^4, low, high), whether it was clamped, and whether the step was 0.
module harness(input clock, input [46:0] moved, input [31:0] grid, input [32:0] x, input [31:0] low, input [31:0] high);
  wire [31:0] y; wire held, still;
  settle dut(.clock(clock), .moved(moved), .grid(grid), .x(x), .low(low), .high(high), .y(y), .held(held), .still(still));
  // In 64 bits, where nothing overflows; shifted, not cut.
  wire signed [63:0] wide = {{17{moved[46]}}, moved};
  wire signed [63:0] step = wide & ~{32'd0, grid};
  wire signed [63:0] from = {{31{x[32]}}, x};
  wire signed [63:0] least = {{32{low[31]}}, low};
  wire signed [63:0] most = {{32{high[31]}}, high};
  reg signed [63:0] next; reg nothing;
  reg [31:0] f_y; reg f_held, f_still;
  reg [1:0] clocks = 0;
  always @(posedge clock) begin
    assume (least <= most);
    if (clocks != 2) clocks <= clocks + 1;
    next <= from - (step >>> 4);
    nothing <= step == 0;
    f_y <= next < least ? low : next > most ? high : next[31:0];
    f_held <= next < least || next > most;
    f_still <= nothing;
    if (clocks == 2) assert (y == f_y && held == f_held && still == f_still);
  end
endmodule
