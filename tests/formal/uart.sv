// Transmitter to receiver over a wire: every byte arrives, unchanged, in order and in time.
module harness(input clock, input [7:0] data, input valid);
  wire ready, line, heard, framing_error;
  wire [7:0] byte_heard;
  uart_transmit transmit(.clock(clock), .data(data), .valid(valid), .ready(ready), .tx(line));
  uart_receive receive(.clock(clock), .rx(line), .data(byte_heard), .valid(heard), .framing_error(framing_error));

  // Bytes underway, the oldest first.
  reg [7:0] first = 0, second = 0;
  reg [1:0] underway = 0;
  // Clocks since the oldest was taken or became the oldest.
  reg [5:0] age = 0;
  wire taken = valid && ready;
  always @(posedge clock) begin
    assert (!framing_error);
    assert (!heard || underway != 0 && byte_heard == first);
    assert (underway != 3);
    assert (age <= 43);
    age <= heard || underway == 0 ? 0 : age + 1;
    underway <= underway + taken - heard;
    if (heard) first <= second;
    if (taken) begin
      if (underway - heard == 0) first <= data;
      else second <= data;
    end
  end

  // The line itself: 8N1, four clocks a bit, from the clock after the byte was taken.
  reg [9:0] symbol = 10'h3ff;
  reg [5:0] at = 40;
  wire [9:0] rest = symbol >> at[5:2];
  always @(posedge clock) begin
    if (taken) begin symbol <= {1'b1, data, 1'b0}; at <= 0; end
    else if (at < 40) at <= at + 1;
    assert (line == (at < 40 ? rest[0] : 1'b1));
    assert (!ready || at >= 39);
  end
endmodule
