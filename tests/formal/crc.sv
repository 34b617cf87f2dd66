// The CRC of a byte is the shift register's, bit by bit; a message and its CRC end at the residue.
module harness(input clock, input [23:0] crc, input [7:0] data);
  wire [23:0] next, high, middle, low;
  wire [23:0] sum = ~crc;
  crc24 dut(.crc(crc), .data(data), .crc_next(next));
  crc24 first(.crc(crc), .data(sum[23:16]), .crc_next(high));
  crc24 second(.crc(high), .data(sum[15:8]), .crc_next(middle));
  crc24 third(.crc(middle), .data(sum[7:0]), .crc_next(low));
  reg [23:0] shifted;
  integer i;
  always @(*) begin
    shifted = crc ^ {data, 16'd0};
    for (i = 0; i < 8; i = i + 1)
      shifted = shifted[23] ? {shifted[22:0], 1'b0} ^ 24'h328b63 : {shifted[22:0], 1'b0};
  end
  always @(posedge clock) assert (next == shifted && low == 24'h144e63);
endmodule
