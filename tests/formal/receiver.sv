  // Inside `receiver`. The environment: only a frame that waits is retired.
  always @(posedge clock) assume (!retire || waiting != 0);

  wire [2:0] f_behind = head$q - tail$q;
  wire [2:0] f_slot = slots$write_address[10:8];
  wire [7:0] f_place = slots$write_address[7:0];
  always @(posedge clock) begin
    // The ring: its length is what its ends say.
    assert (waiting <= 8 && f_behind == waiting[2:0]);
    // Only the free slot at the head is written: nothing that waits changes.
    assert (!slots$write_enable || waiting != 8 && f_slot == head$q);
    // Within the slot: bytes of the frame, and its length in the last place.
    assert (!slots$write_enable || (good ? f_place == 255 : f_place <= 254));
    assert (!good || slots$write_data >= 5 && slots$write_data <= 254);
    assert (!(good && bad));
  end
