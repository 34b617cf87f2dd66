// An SDRAM with four banks, and what its data sheet forbids. The first command that it refuses
// stands in `refuses`, and its clock, counted from 1, in `refused_at`. Times are in nanoseconds.
//
// `drive` says that the other side drives the data pins, with `out`; `in` is what the chip drives,
// and something else while it does not. The chip's clock is `clock` inverted.
module sdram_chip(
  clock, command, bank, address, mask, out, drive, in, refuses, refused_at
);
parameter DATA = 16, ROW = 13, COLUMN = 9, BURST = 2, REFRESHES = 8192;
parameter [63:0] HZ = 100000000;
parameter [63:0] POWER_UP = 0, RCD = 0, RP = 0, RAS = 0, RC = 0, RRD = 0, RFC = 0, WR = 0;
parameter [63:0] MRD_CLOCKS = 2, RAS_MOST = 0, REFRESH = 0;
input clock;
input [2:0] command;
input [1:0] bank;
input [12:0] address;
input mask;
input [DATA-1:0] out;
input drive;
output reg [DATA-1:0] in;
output reg [511:0] refuses;
output reg [63:0] refused_at;

reg [DATA-1:0] memory [0:(1 << (ROW + 2 + COLUMN)) - 1];
reg [3:0] open;
reg [ROW-1:0] row [0:3];
reg [63:0] now, opened [0:3], closed [0:3], written [0:3], activated, refreshed, moded;
reg [3:0] was_opened, was_written;
reg any_activated, precharged, ready;
reg [3:0] first;
reg [1:0] cas;
// When each row was refreshed, and which is next.
reg [63:0] renewed [0:REFRESHES-1], since;
integer next;
// What is on its way out, and since when the pins are free.
reg [3:0] coming;
reg [DATA-1:0] soon [0:3];
reg [2:0] driven;
// The burst that goes on.
reg [1:0] left;
reg writes;
reg [1:0] burst_bank;
reg [ROW+COLUMN+1:0] place;
integer b;

initial begin
  open = 0; now = 0; activated = 0; refreshed = 0; moded = 0; was_opened = 0; was_written = 0;
  any_activated = 0; precharged = 0; ready = 0; first = 0; cas = 2; next = 0; coming = 0;
  driven = 0; left = 0; writes = 0; burst_bank = 0; place = 0; refuses = 0; refused_at = 0; since = 0;
  for (b = 0; b < 4; b = b + 1) begin
    opened[b] = 0; closed[b] = 0; written[b] = 0; row[b] = 0; soon[b] = 0;
  end
  for (b = 0; b < REFRESHES; b = b + 1) renewed[b] = 0;
end

task refuse(input [511:0] why);
  if (refused_at == 0) begin
    refuses = why;
    refused_at = now + 1;
  end
endtask

function early(input [63:0] since_then, input [63:0] limit);
  early = (now - since_then) * 64'd1000000000 < limit * HZ;
endfunction

// What every command but NOP must wait for.
task settled;
  begin
    if (early(0, POWER_UP)) refuse("a command before the wait after power-up");
    if (first != 0 && early(refreshed, RFC)) refuse("a command within tRFC of REFRESH");
    if (ready && now - moded < MRD_CLOCKS) refuse("a command within tMRD of MODE");
  end
endtask

task idle;
  for (b = 0; b < 4; b = b + 1) begin
    if (open[b]) refuse("REFRESH or MODE with a bank open");
    if (early(closed[b], RP)) refuse("REFRESH or MODE within tRP of PRECHARGE");
    if (was_opened[b] && early(opened[b], RC)) refuse("REFRESH or MODE within tRC of ACTIVATE");
  end
endtask

task burst;
  begin
    if (left != 0) refuse("READ or WRITE within a burst");
    if (!open[bank]) refuse("READ or WRITE on a closed bank");
    if (early(opened[bank], RCD)) refuse("READ or WRITE within tRCD of ACTIVATE");
    if (address[10]) refuse("READ or WRITE with a precharge of its own");
    if (mask) refuse("READ or WRITE with the data masked");
    if (address >> COLUMN != 0) refuse("READ or WRITE beyond the row");
    if (BURST == 2 && address[0]) refuse("READ or WRITE in the middle of a word");
    place = {row[bank], bank, address[COLUMN-1:0]};
    burst_bank = bank;
    left = BURST;
  end
endtask

always @(negedge clock) begin
  // The pins until the next edge.
  driven = {driven[1:0], coming[0]};
  in <= coming[0] ? soon[0] : ~soon[0] ^ now[DATA-1:0];
  coming = coming >> 1;
  for (b = 0; b < 3; b = b + 1) soon[b] = soon[b + 1];
  if (drive && driven != 0) refuse("both sides drive the data");

  if (command != 3'd7) settled;
  case (command)
    3'd7: ;
    3'd3: begin
      if (!ready) refuse("ACTIVATE before the mode is set");
      if (open[bank]) refuse("ACTIVATE on an open bank");
      if (early(closed[bank], RP)) refuse("ACTIVATE within tRP of PRECHARGE");
      if (was_opened[bank] && early(opened[bank], RC)) refuse("ACTIVATE within tRC of ACTIVATE");
      if (any_activated && early(activated, RRD)) refuse("ACTIVATE within tRRD of another bank's");
      if (address >> ROW != 0) refuse("ACTIVATE beyond the last row");
      open[bank] = 1;
      row[bank] = address[ROW-1:0];
      opened[bank] = now;
      was_opened[bank] = 1;
      was_written[bank] = 0;
      activated = now;
      any_activated = 1;
    end
    3'd5: begin
      burst;
      writes = 0;
    end
    3'd4: begin
      burst;
      writes = 1;
    end
    3'd2: begin
      for (b = 0; b < 4; b = b + 1) if (address[10] || bank == b) begin
        if (open[b]) begin
          if (early(opened[b], RAS)) refuse("PRECHARGE within tRAS of ACTIVATE");
          if (was_written[b] && early(written[b], WR)) refuse("PRECHARGE within tWR of a write");
          if (was_written[b] && now - written[b] < 2) refuse("PRECHARGE within 2 clocks of a write");
          if (left != 0 && burst_bank == b) refuse("PRECHARGE within a burst");
        end
        if (open[b] || !precharged) closed[b] = now;
        open[b] = 0;
      end
      if (address[10]) precharged = 1;
    end
    3'd1: begin
      if (!precharged) refuse("REFRESH before PRECHARGE");
      idle;
      refreshed = now;
      renewed[next] = now;
      next = next == REFRESHES - 1 ? 0 : next + 1;
      if (first != 8) first = first + 1;
    end
    3'd0: begin
      idle;
      if (first != 8) refuse("MODE before 8 times REFRESH");
      if (address[2:0] != BURST - 1) refuse("MODE with another burst");
      if (address[6:4] != 2 && address[6:4] != 3) refuse("MODE with another CAS latency");
      if (address[6:4] == 2 && HZ > 100000000) refuse("CAS latency 2 at this clock");
      if (address[3] || address >> 7 != 0 || bank != 0) refuse("MODE with reserved bits");
      cas = address[5:4];
      if (!ready) since = now;
      ready = 1;
      moded = now;
    end
    default: refuse("a command that stops a burst");
  endcase

  // The burst's next part.
  if (left != 0) begin
    if (writes) begin
      if (!drive) refuse("a WRITE without data");
      memory[place] = out;
      written[burst_bank] = now;
      was_written[burst_bank] = 1;
    end else begin
      coming[cas - 2] = 1;
      soon[cas - 2] = memory[place];
    end
    place[0] = ~place[0] ^ (BURST == 1);
    left = left - 1;
  end

  for (b = 0; b < 4; b = b + 1)
    if (open[b] && !early(opened[b], RAS_MOST + 1)) refuse("a row open for longer than tRAS");
  if (ready && !early(renewed[next] > since ? renewed[next] : since, REFRESH + 1))
    refuse("a row without REFRESH for too long");
  now = now + 1;
end
endmodule
