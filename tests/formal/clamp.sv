// 52 bits clamped to 32, and whether they had to be.
module harness(input clock, input signed [51:0] x);
  wire [31:0] y; wire held;
  clamp dut(.x(x), .y(y), .held(held));
  localparam signed [51:0] MOST = 52'sd2147483647;
  localparam signed [51:0] LEAST = -52'sd2147483648;
  wire signed [51:0] expected = x > MOST ? MOST : x < LEAST ? LEAST : x;
  always @(posedge clock) assert (y == expected[31:0] && held == (expected != x));
endmodule
