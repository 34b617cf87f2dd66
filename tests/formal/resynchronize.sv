  // Inside `receiver`. From any state of the receiver whatever, as any garbage may have left it: a delimiter, then a
  // good frame of 5 to 8 bytes, zeros among them, is accepted, and stored as it is. The CRC is
  // taken over these bytes from its initial value; that the frame is good means that it ends
  // at the residue (crc.sv proves that a message and its CRC do).
  (* anyconst *) wire [63:0] f_frame;
  (* anyconst *) wire [3:0] f_size;
  reg [4:0] f_clocks = 0;
  reg [3:0] f_fed = 0;

  // COBS: in the place of each zero, and before the first byte, the distance to the next zero.
  function automatic [7:0] f_encoded(input [63:0] bytes, input [3:0] count, input [4:0] at);
    integer i;
    reg found;
    begin
      f_encoded = 0;
      found = 0;
      if (at != 0 && ((bytes >> (8 * (at - 1))) & 8'hff) != 0)
        f_encoded = (bytes >> (8 * (at - 1))) & 8'hff;
      else
        for (i = 0; i <= 8; i = i + 1)
          if (i >= at && !found && (i == count || ((bytes >> (8 * i)) & 8'hff) == 0)) begin
            f_encoded = i - at + 1;
            found = 1;
          end
    end
  endfunction

  wire f_inside = f_clocks > 0 && f_clocks < f_size + 2;
  wire [7:0] f_expected = f_frame >> (8 * f_fed);
  always @(posedge clock) begin
    assume (f_size >= 5 && f_size <= 8);
    assume (waiting < 8 && !framing_error && valid);
    if (f_clocks == 0 || f_clocks == f_size + 2) assume (data == 0);
    else assume (data == f_encoded(f_frame, f_size, f_clocks - 1));
    if (f_clocks < 20) f_clocks <= f_clocks + 1;
    if (f_clocks == 1) assert (crc$q == 24'hffffff);
    if (f_inside && slots$write_enable) begin
      f_fed <= f_fed + 1;
      assert (f_fed < f_size && slots$write_data == f_expected && slots$write_address[7:0] == f_fed);
      assert (check$data == f_expected && crc$d == check$crc_next);
    end
    if (f_inside && !slots$write_enable) assert (crc$d == crc$q);
    if (f_clocks == f_size + 2) begin
      assume (crc$q == 24'h144e63);
      assert (f_fed == f_size && good && !bad && slots$write_data == f_size);
    end
  end
