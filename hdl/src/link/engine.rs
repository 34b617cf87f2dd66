use super::{Counters, Epoch};
use fixlearn_map::link::Identity;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Idle,
    Length,
    Command,
    Sequence,
    Judge,
    Dispatch,
    Measure,
    Header,
    Gather,
    Offer,
    Await,
    EmitResult,
    Quiet,
    Identity,
    AckFree,
    AckError,
    Memory,
    RowHigh,
    RowLow,
    Column,
    Amount,
    WriteWord,
    Store,
    ReadWait,
    EmitWord,
    Clear,
    NakCause,
    Finish,
}

block! {
    /// Reads the oldest frame, checks its sequence number, carries its command out on the core and
    /// writes the reply. One byte of a frame takes 3 clocks.
    ///
    /// | state | does | leaves for |
    /// |---|---|---|
    /// | Idle | waits for a frame, and for the core | Length; Header (NAK) for a damaged one |
    /// | Length | reads the slot's last byte | Command |
    /// | Command | checks reply bit and version | Sequence; Idle (a reply); Header (NAK) |
    /// | Sequence | reads the number | Judge |
    /// | Judge | executes it, or not | Dispatch; Header (Identity, AckFree or NAK); Idle (a gap) |
    /// | Dispatch | checks the length | Measure, Memory, Clear; Header (an error) |
    /// | Measure | checks that they are whole vectors, one a clock | Gather; Header (Gather or an error) |
    /// | Header | puts command, sequence number, expected number | what was chosen before |
    /// | Gather | packs bytes into a beat | Offer |
    /// | Offer | offers the beat | Gather; Await after a vector's last |
    /// | Await | waits for the result | EmitResult (RECALL); Gather; Quiet after the last |
    /// | EmitResult | puts an answer's bytes | Gather; Finish after the last |
    /// | Quiet | waits until the core is free | Header (AckFree) |
    /// | Identity | puts the identity's bytes | AckFree |
    /// | AckFree | puts the free slots | AckError |
    /// | AckError | puts the error | ReadWait, for the words of the acknowledgement |
    /// | Memory, RowHigh, RowLow, Column | read the address | each other; Amount (READ); WriteWord |
    /// | Amount | reads the count | Header (ReadWait or an error) |
    /// | WriteWord | reads a word | Store |
    /// | Store | writes it | WriteWord; Quiet after the last |
    /// | ReadWait | waits 5 clocks for a word | EmitWord |
    /// | EmitWord | puts its 4 bytes | ReadWait; Finish after the last |
    /// | Clear | starts the core's reset | Quiet |
    /// | NakCause | puts the cause | Finish |
    /// | Finish | ends the reply, frees the slot | Idle |
    ///
    /// `SB` is the width of a beat of samples, 8 bits a lane.
    Engine<SB>, link SB;
    /// `identity`: what IDENTIFY answers; `first`: the first of the core's registers in an
    /// acknowledgement; `blocks`: whether the epoch is kept in block RAMs.
    new(identity: Identity, first: u8, blocks: bool) {
        use fixlearn_map::link::{cause, error};
        use fixlearn_map::link::{ANSWERS_MAX, FRAME_OVERHEAD, READ_MAX, REPLY, SLOTS, VERSION};
        let bytes = identity.to_bytes();
        let rom = bytes.into_iter().map(|byte| Bits::<8>::from(u64::from(byte)));
        let four = |x: u8| Constant::new(u64::from(x).into());
        let eight = |x: u64| Constant::new(x.into());
    }
    // The receiver.
    pub waiting: [Signal<In, Bits<4>>],
    pub bad: [Signal<In, Bit>],
    pub bad_cause: [Signal<In, Bits<4>>],
    pub good: [Signal<In, Bit>],
    pub frame_address: [Signal<Out, Bits<8>>],
    pub frame_data: [Signal<In, Bits<8>>],
    pub retire: [Signal<Out, Bit>],
    // The transmitter.
    pub reply_data: [Signal<Out, Bits<8>>],
    pub reply_put: [Signal<Out, Bit>],
    pub reply_finish: [Signal<Out, Bit>],
    pub reply_ready: [Signal<In, Bit>],
    state: [DFF<State>],
    after_header: [DFF<State>],
    address: [DFFWithInit<Bits<8>>] = DFFWithInit::new(255_u64.into()),
    heard: [DFF<Bits<8>>],
    fresh: [DFF<Bit>],
    settled: [DFF<Bit>],
    holding: [DFF<Bit>],
    command: [DFF<Bits<8>>],
    serial: [DFF<Bits<8>>],
    expected: [DFF<Bits<8>>],
    rest: [DFF<Bits<8>>],
    left: [DFF<Bits<8>>],
    step: [DFF<Bits<5>>],
    dimension: [DFF<Bits<9>>],
    pack: [DFF<Bits<SB>>],
    memory: [DFF<Bits<8>>],
    linked: [DFF<Bit>],
    row: [DFF<Bits<16>>],
    column: [DFF<Bits<8>>],
    word: [DFF<Bits<32>>],
    own: [DFF<Bit>],
    epoch: [Epoch] = Epoch::new(blocks),
    room: [DFF<Bits<9>>],
    crowded: [DFF<Bit>],
    error: [DFF<Bits<4>>],
    nak_cause: [DFF<Bits<4>>],
    bad_pending: [DFF<Bit>],
    bad_last: [DFF<Bits<4>>],
    nak_sent: [DFF<Bit>],
    open: [DFF<Bit>],
    offered: [DFF<Bit>],
    counters: [Counters],
    identity: [SyncROM<Bits<8>, 5>] = SyncROM::from(rom),
    behind: [Signal<Local, Bits<8>>],
    free: [Signal<Local, Bits<4>>],
    octet: [Signal<Local, Bits<8>>],
    next_byte: [Signal<Local, Bit>],
    restart: [Signal<Local, Bit>],
    lane_end: [Signal<Local, Bit>],
    past_end: [Signal<Local, Bit>],
    size: [DFF<Bits<9>>],
    put: [Signal<Local, Bit>],
    advance: [Signal<Local, Bit>],
    answer_end: [Signal<Local, Bit>],
    room_left: [Signal<Local, Bits<9>>],
    left_after: [Signal<Local, Bits<9>>],
    found: [Signal<Local, Bits<32>>],
    events: [Signal<Local, Bits<8>>],
    counted: [Signal<Local, Bits<4>>],
    duplicate: [Signal<Local, Bit>],
    gap: [Signal<Local, Bit>],
    lane_mask: [Constant<Bits<9>>] = Constant::new((SB as u64 / 8 - 1).into()),
    lane_shift: [Constant<Bits<8>>] = eight(SB as u64 - 8),
    identity_last: [Constant<Bits<5>>] = Constant::new((bytes.len() as u64 - 1).into()),
    version: [Constant<Bits<8>>] = eight(u64::from(VERSION) << 4),
    version_mask: [Constant<Bits<8>>] = eight(0x70),
    code_mask: [Constant<Bits<8>>] = eight(0x0f),
    reply: [Constant<Bits<8>>] = eight(u64::from(REPLY | VERSION << 4)),
    answers_max: [Constant<Bits<9>>] = Constant::new((ANSWERS_MAX as u64).into()),
    read_max: [Constant<Bits<8>>] = eight(READ_MAX as u64),
    overhead: [Constant<Bits<8>>] = eight(FRAME_OVERHEAD as u64),
    first: [Constant<Bits<8>>] = eight(u64::from(first)),
    length_address: [Constant<Bits<8>>] = eight(255),
    cause_version: [Constant<Bits<4>>] = four(cause::VERSION),
    cause_gap: [Constant<Bits<4>>] = four(cause::GAP),
    cause_closed: [Constant<Bits<4>>] = four(cause::CLOSED),
    error_command: [Constant<Bits<4>>] = four(error::COMMAND),
    error_length: [Constant<Bits<4>>] = four(error::LENGTH),
    error_range: [Constant<Bits<4>>] = four(error::RANGE),
    slots: [Constant<Bits<4>>] = four(SLOTS as u8),
    one16: [Constant<Bits<16>>] = Constant::new(1_u64.into()),
    eight4: [Constant<Bits<4>>] = four(8),
    bit6: [Constant<Bits<8>>] = Constant::new(0x40_u64.into()),
    bit7: [Constant<Bits<8>>] = Constant::new(0x80_u64.into()),
    zero9: [Constant<Bits<9>>] = Constant::new(0_u64.into()),
    one9: [Constant<Bits<9>>] = Constant::new(1_u64.into()),
    ones9: [Constant<Bits<9>>] = Constant::new(511_u64.into()),
    zero8: [Constant<Bits<8>>] = eight(0),
    one8: [Constant<Bits<8>>] = eight(1),
    three8: [Constant<Bits<8>>] = eight(3),
    four8: [Constant<Bits<8>>] = eight(4),
    zero5: [Constant<Bits<5>>] = Constant::new(0_u64.into()),
    one5: [Constant<Bits<5>>] = Constant::new(1_u64.into()),
    zero4: [Constant<Bits<4>>] = four(0),
}

// The kernel, with the protocol's numbers as tokens.
macro_rules! kernel {
    (
        IDENTIFY = $IDENTIFY:tt, WRITE = $WRITE:tt, LEARN = $LEARN:tt, RECALL = $RECALL:tt,
        READ = $READ:tt, RESET = $RESET:tt, NAK = $NAK:tt, REGISTERS = $REGISTERS:tt,
        LINK = $LINK:tt, ACKNOWLEDGEMENT = $ACKNOWLEDGEMENT:tt, EPOCH = $EPOCH:tt,
    ) => {
        impl<const SB: usize> Logic for Engine<SB> {
            // `if a && b` and `if a { if b` are different Verilog; the kernel says which.
            #[allow(clippy::collapsible_if)]
            #[hdl_gen]
            fn update(&mut self) {
                clock!(self, clock, identity, counters, epoch);
                dff_setup!(
                    self,
                    clock,
                    state,
                    after_header,
                    address,
                    heard,
                    fresh,
                    settled,
                    holding,
                    command,
                    serial,
                    expected,
                    rest,
                    left,
                    size,
                    step,
                    dimension,
                    pack,
                    memory,
                    linked,
                    row,
                    column,
                    word,
                    own,
                    room,
                    crowded,
                    error,
                    nak_cause,
                    bad_pending,
                    bad_last,
                    nak_sent,
                    open,
                    offered
                );
                // Outputs that a state may raise.
                self.retire.next = false;
                self.put.next = false;
                self.reply_finish.next = false;
                self.reply_data.next = self.command.q.val() | self.reply.val();
                self.clear.next = false;
                self.sample_valid.next = false;
                self.sample_learn.next = self.command.q.val() == $LEARN;
                self.sample_data.next = self.pack.q.val();
                self.result_ready.next = false;
                self.bus_write.next = false;
                self.bus_write_data.next = self.word.q.val();
                self.advance.next = false;
                self.next_byte.next = false;
                self.restart.next = false;
                self.duplicate.next = false;
                self.gap.next = false;
                self.octet.next = self.heard.q.val();
                self.identity.address.next = self.step.q.val();

                self.behind.next = self.expected.q.val() - self.serial.q.val();
                self.free.next = self.slots.val() - self.waiting.val();
                self.size.d.next = bit_cast::<9, 8>(self.vector_last.val()) + self.one9.val();
                self.lane_end.next =
                    (self.dimension.q.val() & self.lane_mask.val()) == self.lane_mask.val();
                self.past_end.next = self.dimension.q.val() >= self.size.q.val();
                self.heard.d.next = self.frame_data.val();
                self.fresh.d.next = true;
                self.settled.d.next = self.fresh.q.val();

                // A damaged frame is remembered until it can be answered.
                if self.bad.val() {
                    self.bad_pending.d.next = true;
                    self.bad_last.d.next = self.bad_cause.val();
                }

                // The address of a word. The acknowledgement's words are registers of the core.
                self.linked.d.next = self.memory.q.val() == $LINK;
                self.bus_memory.next = self.memory.q.val();
                self.bus_row.next = self.row.q.val();
                self.bus_column.next = self.column.q.val();
                if self.linked.q.val() {
                    self.bus_memory.next = $REGISTERS.into();
                    self.bus_column.next =
                        self.first.val() + bit_cast::<8, 2>(self.column.q.val().get_bits::<2>(0));
                }
                // The word there: the core's, or the link's own, of which one is 0.
                self.epoch.reading.next = self.column.q.val() == $EPOCH;
                self.epoch.data.next = self.word.q.val();
                self.epoch.write.next = false;
                self.epoch.clear.next = false;
                self.own.d.next = self.linked.q.val()
                    & ((self.column.q.val() < $ACKNOWLEDGEMENT) | (self.column.q.val() >= $EPOCH));
                self.found.next = self.bus_read_data.val();
                if self.own.q.val() {
                    self.found.next =
                        self.epoch.value.val() | bit_cast::<32, 16>(self.counters.value.val());
                }
                // What is left of the payload after this vector; bit 8: there is no whole one.
                self.left_after.next = bit_cast::<9, 8>(self.left.q.val()) - self.size.q.val();
                // RECALL: is there room for the answers, and is this byte the last of one?
                self.room_left.next = self.room.q.val()
                    + (bit_cast::<9, 8>(self.answer_last.val()) ^ self.ones9.val());
                self.answer_end.next =
                    self.dimension.q.val().get_bits::<8>(0) == self.answer_last.val();

                match self.state.q.val() {
                    State::Idle => {
                        self.restart.next = true;
                        self.step.d.next = self.zero5.val();
                        self.holding.d.next = false;
                        if !self.busy.val() {
                            if self.waiting.val().any() {
                                if self.settled.q.val() {
                                    self.holding.d.next = true;
                                    self.state.d.next = State::Length;
                                }
                            } else if self.bad_pending.q.val() {
                                self.bad_pending.d.next = false;
                                self.nak_sent.d.next = true;
                                self.nak_cause.d.next = self.bad_last.q.val();
                                self.command.d.next = $NAK.into();
                                self.after_header.d.next = State::NakCause;
                                self.state.d.next = State::Header;
                            }
                        }
                    }
                    State::Length => {
                        self.rest.d.next = self.heard.q.val() - self.overhead.val();
                        self.next_byte.next = true;
                        self.state.d.next = State::Command;
                    }
                    State::Command => {
                        if self.settled.q.val() {
                            self.command.d.next = self.heard.q.val() & self.code_mask.val();
                            self.next_byte.next = true;
                            self.state.d.next = State::Sequence;
                            if (self.heard.q.val() & self.version_mask.val()) != self.version.val()
                            {
                                self.nak_cause.d.next = self.cause_version.val();
                                self.command.d.next = $NAK.into();
                                self.after_header.d.next = State::NakCause;
                                self.state.d.next = State::Header;
                            }
                            // A reply, perhaps our own come back.
                            if self.heard.q.val().get_bit(7) {
                                self.retire.next = true;
                                self.state.d.next = State::Idle;
                            }
                        }
                    }
                    State::Sequence => {
                        if self.settled.q.val() {
                            self.serial.d.next = self.heard.q.val();
                            self.next_byte.next = true;
                            self.state.d.next = State::Judge;
                        }
                    }
                    State::Judge => {
                        self.after_header.d.next = State::AckFree;
                        self.state.d.next = State::Header;
                        if self.command.q.val() == $IDENTIFY {
                            self.nak_sent.d.next = false;
                            self.after_header.d.next = State::Identity;
                            if self.rest.q.val().any() {
                                self.open.d.next = true;
                                self.error.d.next = self.zero4.val();
                            }
                        } else if !self.open.q.val() {
                            self.nak_cause.d.next = self.cause_closed.val();
                            self.command.d.next = $NAK.into();
                            self.after_header.d.next = State::NakCause;
                        } else if !self.behind.val().any() {
                            self.expected.d.next = self.expected.q.val() + self.one8.val();
                            self.nak_sent.d.next = false;
                            self.bad_pending.d.next = false;
                            self.state.d.next = State::Dispatch;
                        } else if !self.behind.val().get_bit(7) {
                            self.duplicate.next = true;
                            if (self.command.q.val() == $RECALL) | (self.command.q.val() == $READ) {
                                self.state.d.next = State::Dispatch;
                            }
                        } else {
                            self.gap.next = true;
                            self.nak_sent.d.next = true;
                            self.bad_pending.d.next = false;
                            self.nak_cause.d.next = self.cause_gap.val();
                            self.command.d.next = $NAK.into();
                            self.after_header.d.next = State::NakCause;
                            if self.nak_sent.q.val() {
                                self.retire.next = true;
                                self.state.d.next = State::Idle;
                            }
                        }
                    }
                    State::Dispatch => {
                        self.left.d.next = self.rest.q.val();
                        self.dimension.d.next = self.zero9.val();
                        self.room.d.next = self.answers_max.val();
                        self.crowded.d.next = false;
                        self.step.d.next = self.zero5.val();
                        self.after_header.d.next = State::AckFree;
                        self.state.d.next = State::Header;
                        if (self.command.q.val() == $LEARN) | (self.command.q.val() == $RECALL) {
                            self.state.d.next = State::Measure;
                        } else if self.command.q.val() == $WRITE {
                            self.state.d.next = State::Memory;
                            if (!self.rest.q.val().get_bits::<5>(3).any())
                                | self.rest.q.val().get_bits::<2>(0).any()
                            {
                                self.error.d.next = self.error_length.val();
                                self.state.d.next = State::Header;
                            }
                        } else if self.command.q.val() == $READ {
                            self.state.d.next = State::Memory;
                            if self.rest.q.val() != 5 {
                                self.error.d.next = self.error_length.val();
                                self.state.d.next = State::Header;
                            }
                        } else if self.command.q.val() == $RESET {
                            self.state.d.next = State::Clear;
                        } else {
                            self.error.d.next = self.error_command.val();
                        }
                    }
                    // LEARN and RECALL: is the payload whole vectors, and how many?
                    State::Measure => {
                        self.room.d.next = self.room_left.val();
                        if !self.left.q.val().any() {
                            self.left.d.next = self.rest.q.val();
                            self.state.d.next = State::Gather;
                            if self.command.q.val() == $RECALL {
                                self.after_header.d.next = State::Gather;
                                self.state.d.next = State::Header;
                            }
                            if (!self.rest.q.val().any())
                                | ((self.command.q.val() == $RECALL) & self.crowded.q.val())
                            {
                                self.error.d.next = self.error_length.val();
                                self.after_header.d.next = State::AckFree;
                                self.state.d.next = State::Header;
                            }
                        } else if self.left_after.val().get_bit(8) {
                            self.error.d.next = self.error_length.val();
                            self.state.d.next = State::Header;
                        } else {
                            self.left.d.next = self.left_after.val().get_bits::<8>(0);
                            if self.room_left.val().get_bit(8) {
                                self.crowded.d.next = true;
                            }
                        }
                    }
                    State::Header => {
                        self.put.next = self.reply_ready.val();
                        if self.step.q.val() == 1 {
                            self.reply_data.next = self.serial.q.val();
                        }
                        if self.step.q.val() == 2 {
                            self.reply_data.next = self.expected.q.val();
                        }
                        if self.reply_ready.val() {
                            self.step.d.next = self.step.q.val() + self.one5.val();
                            if self.step.q.val() == 2 {
                                self.step.d.next = self.zero5.val();
                                self.settled.d.next = false;
                                self.state.d.next = self.after_header.q.val();
                            }
                        }
                    }
                    // One vector into beats, zeros after its end.
                    State::Gather => {
                        if self.settled.q.val() | self.past_end.val() {
                            if self.past_end.val() {
                                self.octet.next = self.zero8.val();
                            } else {
                                self.next_byte.next = true;
                            }
                            self.pack.d.next = (self.pack.q.val() >> 8)
                                | (bit_cast::<SB, 8>(self.octet.val()) << self.lane_shift.val());
                            self.dimension.d.next = self.dimension.q.val() + self.one9.val();
                            if self.lane_end.val() {
                                self.state.d.next = State::Offer;
                            }
                        }
                    }
                    State::Offer => {
                        self.sample_valid.next = true;
                        if self.sample_ready.val() {
                            self.state.d.next = State::Gather;
                            if self.past_end.val() {
                                self.dimension.d.next = self.zero9.val();
                                self.left.d.next = self.left_after.val().get_bits::<8>(0);
                                self.state.d.next = State::Await;
                            }
                        }
                    }
                    State::Await => {
                        self.step.d.next = self.zero5.val();
                        if self.result_valid.val() {
                            if self.command.q.val() == $RECALL {
                                self.state.d.next = State::EmitResult;
                            } else {
                                self.result_ready.next = true;
                                self.state.d.next = State::Gather;
                                if !self.left.q.val().any() {
                                    self.state.d.next = State::Quiet;
                                }
                            }
                        }
                    }
                    State::EmitResult => {
                        self.put.next = self.reply_ready.val() & self.result_valid.val();
                        self.reply_data.next = self.result.val().get_bits::<8>(24);
                        if self.step.q.val() == 1 {
                            self.reply_data.next = self.result.val().get_bits::<8>(16);
                        }
                        if self.step.q.val() == 2 {
                            self.reply_data.next = self.result.val().get_bits::<8>(8);
                        }
                        if self.step.q.val() == 3 {
                            self.reply_data.next = self.result.val().get_bits::<8>(0);
                        }
                        if self.put.val() {
                            self.step.d.next = self.step.q.val() + self.one5.val();
                            self.dimension.d.next = self.dimension.q.val() + self.one9.val();
                            if (self.step.q.val() == 3) | self.answer_end.val() {
                                self.step.d.next = self.zero5.val();
                                self.result_ready.next = true;
                            }
                            if self.answer_end.val() {
                                self.dimension.d.next = self.zero9.val();
                                self.state.d.next = State::Gather;
                                if !self.left.q.val().any() {
                                    self.state.d.next = State::Finish;
                                }
                            }
                        }
                    }
                    // The last update is through, and the registers are final.
                    State::Quiet => {
                        self.after_header.d.next = State::AckFree;
                        if !self.busy.val() {
                            self.state.d.next = State::Header;
                        }
                    }
                    State::Identity => {
                        self.put.next = self.reply_ready.val() & self.settled.q.val();
                        self.reply_data.next = self.identity.data.val();
                        if self.reply_ready.val() & self.settled.q.val() {
                            self.settled.d.next = false;
                            self.step.d.next = self.step.q.val() + self.one5.val();
                            if self.step.q.val() == self.identity_last.val() {
                                self.step.d.next = self.zero5.val();
                                self.state.d.next = State::AckFree;
                            }
                        }
                    }
                    State::AckFree => {
                        self.put.next = self.reply_ready.val();
                        self.reply_data.next = bit_cast::<8, 4>(self.free.val());
                        self.memory.d.next = $LINK.into();
                        if self.reply_ready.val() {
                            self.state.d.next = State::AckError;
                        }
                    }
                    State::AckError => {
                        self.put.next = self.reply_ready.val();
                        self.reply_data.next = bit_cast::<8, 4>(self.error.q.val());
                        self.column.d.next = $ACKNOWLEDGEMENT.into();
                        self.left.d.next = self.three8.val();
                        if self.command.q.val() == $IDENTIFY {
                            self.left.d.next = self.four8.val();
                        }
                        if self.reply_ready.val() {
                            self.state.d.next = State::ReadWait;
                        }
                    }
                    // WRITE and READ: where.
                    State::Memory => {
                        if self.settled.q.val() {
                            self.memory.d.next = self.heard.q.val();
                            self.next_byte.next = true;
                            self.state.d.next = State::RowHigh;
                        }
                    }
                    State::RowHigh => {
                        if self.settled.q.val() {
                            self.row.d.next =
                                (self.row.q.val() << 8) | bit_cast::<16, 8>(self.heard.q.val());
                            self.next_byte.next = true;
                            self.state.d.next = State::RowLow;
                        }
                    }
                    State::RowLow => {
                        if self.settled.q.val() {
                            self.row.d.next =
                                (self.row.q.val() << 8) | bit_cast::<16, 8>(self.heard.q.val());
                            self.next_byte.next = true;
                            self.state.d.next = State::Column;
                        }
                    }
                    State::Column => {
                        if self.settled.q.val() {
                            self.column.d.next = self.heard.q.val();
                            self.next_byte.next = true;
                            self.state.d.next = State::WriteWord;
                            if self.command.q.val() == $READ {
                                self.state.d.next = State::Amount;
                            }
                        }
                    }
                    State::Amount => {
                        if self.settled.q.val() {
                            self.left.d.next = self.heard.q.val();
                            self.after_header.d.next = State::ReadWait;
                            self.state.d.next = State::Header;
                            if (!self.heard.q.val().any())
                                | (self.heard.q.val() > self.read_max.val())
                            {
                                self.error.d.next = self.error_length.val();
                                self.after_header.d.next = State::AckFree;
                            }
                        }
                    }
                    State::WriteWord => {
                        if self.settled.q.val() {
                            self.word.d.next =
                                (self.word.q.val() << 8) | bit_cast::<32, 8>(self.heard.q.val());
                            self.next_byte.next = true;
                            self.step.d.next = self.step.q.val() + self.one5.val();
                            if self.step.q.val() == 3 {
                                self.step.d.next = self.zero5.val();
                                self.state.d.next = State::Store;
                            }
                        }
                    }
                    // The core has seen address and word for a clock. A write may set it to work;
                    // the next
                    // one, and the reply, wait for it.
                    State::Store => {
                        self.offered.d.next = true;
                        if self.offered.q.val() & (!self.busy.val()) {
                            self.offered.d.next = false;
                            self.advance.next = true;
                            if !self.linked.q.val() {
                                self.bus_write.next = true;
                            } else if (self.column.q.val() == $EPOCH) & (!self.row.q.val().any()) {
                                self.epoch.write.next = true;
                            } else {
                                self.error.d.next = self.error_range.val();
                            }
                            if self.bus_refused.val() {
                                self.error.d.next = self.error_range.val();
                            }
                            self.left.d.next = self.left.q.val() - self.four8.val();
                            self.state.d.next = State::WriteWord;
                            // What is left counts the four bytes of the address, too.
                            if self.left.q.val() == 8 {
                                self.state.d.next = State::Quiet;
                            }
                        }
                    }
                    State::ReadWait => {
                        self.step.d.next = self.step.q.val() + self.one5.val();
                        if self.step.q.val() == 4 {
                            self.step.d.next = self.zero5.val();
                            self.word.d.next = self.found.val();
                            self.state.d.next = State::EmitWord;
                        }
                    }
                    State::EmitWord => {
                        self.put.next = self.reply_ready.val();
                        self.reply_data.next = self.word.q.val().get_bits::<8>(24);
                        if self.reply_ready.val() {
                            self.word.d.next =
                                (self.word.q.val() << 8) | bit_cast::<32, 8>(self.heard.q.val());
                            self.step.d.next = self.step.q.val() + self.one5.val();
                            if self.step.q.val() == 3 {
                                self.step.d.next = self.zero5.val();
                                self.advance.next = true;
                                self.left.d.next = self.left.q.val() - self.one8.val();
                                self.state.d.next = State::ReadWait;
                                if self.left.q.val() == 1 {
                                    self.state.d.next = State::Finish;
                                }
                            }
                        }
                    }
                    State::Clear => {
                        self.clear.next = true;
                        self.epoch.clear.next = true;
                        if self.busy.val() {
                            self.error.d.next = self.zero4.val();
                            self.state.d.next = State::Quiet;
                        }
                    }
                    State::NakCause => {
                        self.put.next = self.reply_ready.val();
                        self.reply_data.next = bit_cast::<8, 4>(self.nak_cause.q.val());
                        if self.reply_ready.val() {
                            self.state.d.next = State::Finish;
                        }
                    }
                    State::Finish => {
                        self.reply_finish.next = true;
                        self.retire.next = self.holding.q.val();
                        self.state.d.next = State::Idle;
                    }
                    _ => {
                        self.state.d.next = State::Idle;
                    }
                }
                // The next word of a WRITE or READ.
                if self.advance.val() {
                    self.column.d.next = self.column.q.val() + self.one8.val();
                    if self.column.q.val() == self.column_last.val() {
                        self.column.d.next = self.zero8.val();
                        self.row.d.next = self.row.q.val() + self.one16.val();
                    }
                }
                self.reply_put.next = self.put.val();

                // The place in the frame; its byte is there three clocks after a step.
                self.frame_address.next = self.address.q.val();
                if self.next_byte.val() {
                    self.address.d.next = self.address.q.val() + self.one8.val();
                    self.fresh.d.next = false;
                    self.settled.d.next = false;
                }
                if self.restart.val() {
                    self.address.d.next = self.length_address.val();
                    self.fresh.d.next = self.waiting.val().any()
                        & (self.address.q.val() == self.length_address.val());
                    self.settled.d.next =
                        self.fresh.q.val() & (self.address.q.val() == self.length_address.val());
                }
                if self.retire.val() {
                    self.fresh.d.next = false;
                    self.settled.d.next = false;
                }

                // Counters: frames, then discarded ones by cause, duplicates and gaps.
                self.counted.next = self.zero4.val();
                if self.bad.val() {
                    self.counted.next = self.bad_cause.val();
                }
                self.events.next = self.zero8.val();
                if self.bad.val() {
                    self.events.next = self.one8.val() << self.counted.val();
                }
                if self.good.val() {
                    self.events.next = self.events.val() | self.one8.val();
                }
                if self.duplicate.val() {
                    self.events.next = self.events.val() | self.bit6.val();
                }
                if self.gap.val() {
                    self.events.next = self.events.val() | self.bit7.val();
                }
                self.counters.events.next = self.events.val();
                self.counters.reading.next =
                    (self.state.q.val() == State::ReadWait) & self.linked.q.val();
                self.counters.address.next = self.eight4.val();
                if self.column.q.val() < $ACKNOWLEDGEMENT {
                    self.counters.address.next = self.column.q.val().get_bits::<4>(0);
                }
            }
        }
    };
}

fixlearn_map::link_numbers!(kernel);
