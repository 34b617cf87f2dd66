  // Inside the controller of an SDRAM: what the chip's data sheet asks for, in clocks. POWER_UP,
  // RCD, RP, RAS, RC, RFC, WR, MRD, CAS, BURST and LATE, the longest time between two refreshes,
  // are put in. What is wanted may change in any clock, in any way.
  wire f_command = sdram_command != 7;
  wire f_activate = sdram_command == 3, f_precharge = sdram_command == 2;
  wire f_refresh = sdram_command == 1, f_mode = sdram_command == 0;
  wire f_read = sdram_command == 5, f_write = sdram_command == 4;
  wire f_burst = f_read || f_write;
  // Clocks since the last of each.
  reg [6:0] f_now = 0, f_activated = 127, f_precharged = 127, f_refreshed = 127, f_moded = 127;
  reg [6:0] f_bursted = 127, f_were_read = 127, f_written = 127;
  reg f_open = 0, f_closed = 0, f_ready = 0;
  reg [3:0] f_first = 0;
  reg [1:0] f_bank = 0;
  // What was taken, and the row that is open.
  reg f_took = 0, f_writes = 0;
  reg [23:0] f_at = 0;
  reg [31:0] f_data = 0, f_data_then = 0;
  reg [12:0] f_row = 0;
  reg [15:0] f_reads = 0;
  // Those of a word that is wanted, and stays the same.
  reg [6:0] f_wanted = 0;
  reg [25:0] f_same = 0;

  function [6:0] f_older(input [6:0] age);
    f_older = age == 127 ? age : age + 1;
  endfunction

  always @(posedge clock) begin
    f_now <= f_older(f_now);
    f_activated <= f_activate ? 1 : f_older(f_activated);
    f_precharged <= f_precharge ? 1 : f_older(f_precharged);
    f_refreshed <= f_refresh ? 1 : f_older(f_refreshed);
    f_moded <= f_mode ? 1 : f_older(f_moded);
    f_bursted <= f_burst ? 1 : f_older(f_bursted);
    f_were_read <= f_read ? 1 : f_older(f_were_read);
    f_written <= f_write ? 1 : f_older(f_written);
    if (f_activate) begin f_open <= 1; f_bank <= sdram_bank; f_row <= sdram_address; end
    if (f_precharge) begin f_open <= 0; f_closed <= 1; end
    if (f_refresh && f_first != 8) f_first <= f_first + 1;
    if (f_mode) f_ready <= 1;

    if (f_command) begin
      assert (f_now >= POWER_UP);
      assert (f_refreshed >= RFC);
      assert (f_moded >= MRD);
      assert (sdram_command != 6);
    end
    if (f_activate) begin
      assert (f_ready && !f_open);
      assert (f_precharged >= RP);
      assert (f_activated >= RC);
    end
    if (f_burst) begin
      assert (f_open && sdram_bank == f_bank);
      assert (f_activated >= RCD);
      assert (f_bursted >= BURST);
      assert (!sdram_address[10] && !sdram_mask);
    end
    if (f_precharge) begin
      assert (sdram_address[10]);
      assert (!f_open || f_activated >= RAS);
      assert (f_bursted >= BURST);
      assert (f_written >= BURST - 1 + WR);
    end
    if (f_refresh || f_mode) begin
      assert (f_closed && !f_open);
      assert (f_precharged >= RP);
      assert (f_activated >= RC);
    end
    if (f_mode) assert (f_first == 8 && sdram_address == (CAS << 4 | BURST - 1));
    // Data go out with a write, and none while others may come in.
    if (f_write || BURST == 2 && f_written == 1) assert (sdram_drive);
    if (sdram_drive) assert (f_were_read > CAS + BURST);
    // A refresh is never late, and no row is open for longer than from one to the next.
    assert (!f_ready || f_refreshed <= LATE);
    assert (!f_open || f_activated <= LATE);
    // What is taken is a burst in the next clock, of its row, and what is read comes back.
    f_took <= take;
    f_reads <= {f_reads[14:0], f_read};
    assert (f_took == f_burst);
    f_writes <= write;
    f_at <= at;
    f_data <= data;
    f_data_then <= f_data;
    if (f_burst) begin
      assert (f_write == f_writes);
      assert (f_at[22:8] == {f_row, f_bank} && sdram_address == f_at[7:0] << (BURST - 1));
    end
    if (f_write) assert (sdram_out == f_data >> (32 - 32 / BURST));
    if (BURST == 2 && f_written == 1) assert (sdram_out == f_data_then[15:0]);
    assert (valid == f_reads[CAS + BURST - 1]);
    // A word that is wanted is taken.
    f_same <= {at, write, want};
    f_wanted <= want && !take && f_ready && f_same == {at, write, want} ? f_older(f_wanted) : 0;
    assert (f_wanted < 64);
  end
