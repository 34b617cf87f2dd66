module harness(input clock, input [14:0] w, input [25:0] s);
  wire [14:0] y; wire [7:0] residue;
  saturating_add dut(.clock(clock), .w(w), .s(s), .y(y), .residue(residue));
  wire signed [27:0] total = $signed({13'd0, w}) + ($signed({{2{s[25]}}, s}) >>> 8);
  reg [14:0] expected; reg [7:0] dropped; reg started = 0;
  always @(posedge clock) begin
    started <= 1;
    expected <= total < 0 ? 15'd0 : total > 32640 ? 15'd32640 : total[14:0];
    dropped <= s[7:0];
    if (started) assert (y == expected && residue == dropped);
  end
endmodule
