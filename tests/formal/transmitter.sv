  // Inside `transmitter`. The environment: bytes and the end of a reply are put only while `ready`.
  always @(posedge clock) assume ((!put && !finish) || (ready && !(put && finish)));

  reg f_stalled = 0;
  reg [8:0] f_address = 0;
  reg f_last = 0;
  wire [1:0] f_full = {full_1$q, full_0$q};
  wire f_delimiter = out_valid && send$q == Send$Delimiter;
  always @(posedge clock) begin
    // What is offered stays, and stays the same, until it is taken: the delimiter, or a word of the
    // memory at an address that does not change and is not written.
    if (f_stalled)
      assert (out_valid && f_last == f_delimiter
              && (f_delimiter || banks$read_address == f_address));
    f_stalled <= out_valid && !out_ready;
    f_address <= banks$read_address;
    f_last <= f_delimiter;
    if (send$q != Send$Idle) assert (f_full[send_bank$q]);
    // A bank that waits, or is being sent, is not written.
    if (banks$write_enable) assert (!f_full[banks$write_address[8]]);
  end
