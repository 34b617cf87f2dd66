// Four lanes' sums are exact: no sum of at most 2048 products of a signed and an unsigned byte
// leaves its 27 bits.
module harness(input clock, input [63:0] products, input first);
  wire [107:0] sums;
  sums dut(.clock(clock), .products(products), .first(first), .sums(sums));
  reg [11:0] f_count = 0;
  always @(posedge clock) begin
    assume (first || f_count != 0 && f_count < 2048);
    f_count <= first ? 12'd1 : f_count + 12'd1;
  end
  genvar i;
  generate for (i = 0; i < 4; i = i + 1) begin
    wire signed [15:0] product = products[16 * i + 15:16 * i];
    wire signed [26:0] sum = sums[27 * i + 26:27 * i];
    // In 40 bits, where nothing overflows.
    reg signed [39:0] exact;
    wire signed [39:0] many = {28'd0, f_count};
    always @(posedge clock) begin
      assume (product >= -32640 && product <= 32385);
      exact <= (first ? 40'sd0 : exact) + product;
      if (f_count != 0) begin
        assert (exact >= many * -32640 && exact <= many * 32385);
        assert (sum == exact);
      end
    end
  end endgenerate
endmodule
