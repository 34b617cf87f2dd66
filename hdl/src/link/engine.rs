use super::Counters;
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
    Space,
    Row,
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
    /// `SB` is the width of a beat of samples, 8 bits a lane.
    Engine<SB>, link SB;
    /// `identity`: what IDENTIFY answers.
    new(identity: fixlearn_map::link::Identity) {
        use fixlearn_map::link::{cause, command, error, space};
        use fixlearn_map::link::{FRAME_OVERHEAD, REPLY, SLOTS, VERSION};
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
    space: [DFF<Bits<2>>],
    row: [DFF<Bits<8>>],
    column: [DFF<Bits<8>>],
    word: [DFF<Bits<32>>],
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
    payload: [Signal<Local, Bits<8>>],
    size: [DFF<Bits<9>>],
    put: [Signal<Local, Bit>],
    word_late: [Signal<Local, Bits<32>>],
    counter_value: [Signal<Local, Bits<16>>],
    events: [Signal<Local, Bits<8>>],
    counted: [Signal<Local, Bits<4>>],
    duplicate: [Signal<Local, Bit>],
    gap: [Signal<Local, Bit>],
    lane_mask: [Constant<Bits<9>>] = Constant::new((SB as u64 / 8 - 1).into()),
    lane_shift: [Constant<Bits<8>>] = eight(SB as u64 - 8),
    identity_last: [Constant<Bits<5>>] = Constant::new((bytes.len() as u64 - 1).into()),
    version: [Constant<Bits<8>>] = eight(u64::from(VERSION) << 4),
    version_mask: [Constant<Bits<8>>] = eight(0xf0),
    code_mask: [Constant<Bits<8>>] = eight(0x0f),
    reply: [Constant<Bits<8>>] = eight(u64::from(REPLY | VERSION << 4)),
    nak: [Constant<Bits<8>>] = eight(u64::from(command::NAK)),
    overhead: [Constant<Bits<8>>] = eight(FRAME_OVERHEAD as u64),
    first_ack_register: [Constant<Bits<8>>] = eight(u64::from(fixlearn_map::vq::VECTORS)),
    length_address: [Constant<Bits<8>>] = eight(255),
    cause_version: [Constant<Bits<4>>] = four(cause::VERSION),
    cause_gap: [Constant<Bits<4>>] = four(cause::GAP),
    cause_closed: [Constant<Bits<4>>] = four(cause::CLOSED),
    error_command: [Constant<Bits<4>>] = four(error::COMMAND),
    error_length: [Constant<Bits<4>>] = four(error::LENGTH),
    error_range: [Constant<Bits<4>>] = four(error::RANGE),
    slots: [Constant<Bits<4>>] = four(SLOTS as u8),
    zero16: [Constant<Bits<16>>] = Constant::new(0_u64.into()),
    bit6: [Constant<Bits<8>>] = Constant::new(0x40_u64.into()),
    bit7: [Constant<Bits<8>>] = Constant::new(0x80_u64.into()),
    zero9: [Constant<Bits<9>>] = Constant::new(0_u64.into()),
    one9: [Constant<Bits<9>>] = Constant::new(1_u64.into()),
    zero8: [Constant<Bits<8>>] = eight(0),
    one8: [Constant<Bits<8>>] = eight(1),
    three8: [Constant<Bits<8>>] = eight(3),
    four8: [Constant<Bits<8>>] = eight(4),
    zero5: [Constant<Bits<5>>] = Constant::new(0_u64.into()),
    one5: [Constant<Bits<5>>] = Constant::new(1_u64.into()),
    zero4: [Constant<Bits<4>>] = four(0),
    registers: [Constant<Bits<2>>] = Constant::new(u64::from(space::REGISTERS).into()),
}

impl<const SB: usize> Logic for Engine<SB> {
    // `if a && b` and `if a { if b` are different Verilog; the kernel says which.
    #[allow(clippy::collapsible_if)]
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, identity, counters);
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
            space,
            row,
            column,
            word,
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
        self.sample_learn.next = self.command.q.val() == 4;
        self.sample_data.next = self.pack.q.val();
        self.result_ready.next = false;
        self.bus_write.next = false;
        self.bus_write_data.next = self.word.q.val();
        self.bus_space.next = self.space.q.val();
        self.bus_row.next = self.row.q.val();
        self.bus_column.next = self.column.q.val();
        self.next_byte.next = false;
        self.restart.next = false;
        self.duplicate.next = false;
        self.gap.next = false;
        self.octet.next = self.heard.q.val();
        self.identity.address.next = self.step.q.val();

        self.payload.next = self.rest.q.val() - self.three8.val();
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

        // Words that READ sends: from the core, or from the link's own counters.
        self.counter_value.next = self.zero16.val();
        if self.column.q.val() < 8 {
            self.counter_value.next = self.counters.value.val();
        }
        self.word_late.next = self.bus_read_data.val();
        if self.space.q.val() == 3 {
            self.word_late.next = bit_cast::<32, 16>(self.counter_value.val());
        }

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
                        self.command.d.next = self.nak.val();
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
                    if (self.heard.q.val() & self.version_mask.val()) != self.version.val() {
                        self.nak_cause.d.next = self.cause_version.val();
                        self.command.d.next = self.nak.val();
                        self.after_header.d.next = State::NakCause;
                        self.state.d.next = State::Header;
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
                if self.command.q.val() == 1 {
                    self.nak_sent.d.next = false;
                    self.after_header.d.next = State::Identity;
                    if self.rest.q.val().any() {
                        self.open.d.next = true;
                        self.error.d.next = self.zero4.val();
                    }
                } else if !self.open.q.val() {
                    self.nak_cause.d.next = self.cause_closed.val();
                    self.command.d.next = self.nak.val();
                    self.after_header.d.next = State::NakCause;
                } else if !self.behind.val().any() {
                    self.expected.d.next = self.expected.q.val() + self.one8.val();
                    self.nak_sent.d.next = false;
                    self.bad_pending.d.next = false;
                    self.state.d.next = State::Dispatch;
                } else if !self.behind.val().get_bit(7) {
                    self.duplicate.next = true;
                    if (self.command.q.val() == 5) | (self.command.q.val() == 6) {
                        self.state.d.next = State::Dispatch;
                    }
                } else {
                    self.gap.next = true;
                    self.nak_sent.d.next = true;
                    self.bad_pending.d.next = false;
                    self.nak_cause.d.next = self.cause_gap.val();
                    self.command.d.next = self.nak.val();
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
                self.step.d.next = self.zero5.val();
                self.after_header.d.next = State::AckFree;
                self.state.d.next = State::Header;
                if (self.command.q.val() == 4) | (self.command.q.val() == 5) {
                    self.row.d.next = self.zero8.val();
                    self.state.d.next = State::Measure;
                } else if (self.command.q.val() == 2) | (self.command.q.val() == 3) {
                    self.state.d.next = State::Space;
                    if (self.rest.q.val() < 7) | self.payload.val().get_bits::<2>(0).any() {
                        self.error.d.next = self.error_length.val();
                        self.state.d.next = State::Header;
                    }
                } else if self.command.q.val() == 6 {
                    self.state.d.next = State::Space;
                    if self.rest.q.val() != 4 {
                        self.error.d.next = self.error_length.val();
                        self.state.d.next = State::Header;
                    }
                } else if self.command.q.val() == 7 {
                    self.state.d.next = State::Clear;
                } else {
                    self.error.d.next = self.error_command.val();
                }
            }
            // LEARN and RECALL: is the payload whole vectors, and how many (in `row`)?
            State::Measure => {
                if !self.left.q.val().any() {
                    self.left.d.next = self.row.q.val();
                    self.state.d.next = State::Gather;
                    if self.command.q.val() == 5 {
                        self.after_header.d.next = State::Gather;
                        self.state.d.next = State::Header;
                    }
                    if (!self.row.q.val().any())
                        | ((self.command.q.val() == 5) & (self.row.q.val() > 62))
                    {
                        self.error.d.next = self.error_length.val();
                        self.after_header.d.next = State::AckFree;
                        self.state.d.next = State::Header;
                    }
                } else if bit_cast::<9, 8>(self.left.q.val()) < self.size.q.val() {
                    self.error.d.next = self.error_length.val();
                    self.state.d.next = State::Header;
                } else {
                    self.left.d.next = self.left.q.val() - self.size.q.val().get_bits::<8>(0);
                    self.row.d.next = self.row.q.val() + self.one8.val();
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
                        self.left.d.next = self.left.q.val() - self.one8.val();
                        self.state.d.next = State::Await;
                    }
                }
            }
            State::Await => {
                self.step.d.next = self.zero5.val();
                if self.result_valid.val() {
                    if self.command.q.val() == 5 {
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
                self.put.next = self.reply_ready.val();
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
                if self.reply_ready.val() {
                    self.step.d.next = self.step.q.val() + self.one5.val();
                    if self.step.q.val() == 3 {
                        self.result_ready.next = true;
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
                if self.reply_ready.val() {
                    self.state.d.next = State::AckError;
                }
            }
            State::AckError => {
                self.put.next = self.reply_ready.val();
                self.reply_data.next = bit_cast::<8, 4>(self.error.q.val());
                self.space.d.next = self.registers.val();
                self.column.d.next = self.first_ack_register.val();
                self.left.d.next = self.three8.val();
                if self.command.q.val() == 1 {
                    self.left.d.next = self.four8.val();
                }
                if self.reply_ready.val() {
                    self.state.d.next = State::ReadWait;
                }
            }
            // CONFIGURE, WRITE and READ: where.
            State::Space => {
                if self.settled.q.val() {
                    self.space.d.next = self.heard.q.val().get_bits::<2>(0);
                    self.next_byte.next = true;
                    self.state.d.next = State::Row;
                }
            }
            State::Row => {
                if self.settled.q.val() {
                    self.row.d.next = self.heard.q.val();
                    self.next_byte.next = true;
                    self.state.d.next = State::Column;
                }
            }
            State::Column => {
                if self.settled.q.val() {
                    self.column.d.next = self.heard.q.val();
                    self.next_byte.next = true;
                    self.left.d.next = self.payload.val();
                    self.state.d.next = State::WriteWord;
                    if self.command.q.val() == 6 {
                        self.state.d.next = State::Amount;
                    }
                    if (self.command.q.val() == 2) & (self.space.q.val() != 2) {
                        self.error.d.next = self.error_range.val();
                        self.state.d.next = State::Header;
                    }
                }
            }
            State::Amount => {
                if self.settled.q.val() {
                    self.left.d.next = self.heard.q.val();
                    self.after_header.d.next = State::ReadWait;
                    self.state.d.next = State::Header;
                    if (!self.heard.q.val().any()) | (self.heard.q.val() > 61) {
                        self.error.d.next = self.error_length.val();
                        self.after_header.d.next = State::AckFree;
                    }
                }
            }
            State::WriteWord => {
                if self.settled.q.val() {
                    self.word.d.next =
                        (self.word.q.val() << 8) | bit_cast::<32, 8>(self.octet.val());
                    self.next_byte.next = true;
                    self.step.d.next = self.step.q.val() + self.one5.val();
                    if self.step.q.val() == 3 {
                        self.step.d.next = self.zero5.val();
                        self.state.d.next = State::Store;
                    }
                }
            }
            // The core has seen address and word for a clock. A write may set it to work; the next
            // one, and the reply, wait for it.
            State::Store => {
                self.offered.d.next = true;
                if self.offered.q.val() & (!self.busy.val()) {
                    self.offered.d.next = false;
                    self.bus_write.next = true;
                    if self.bus_refused.val() {
                        self.error.d.next = self.error_range.val();
                    }
                    self.left.d.next = self.left.q.val() - self.four8.val();
                    self.state.d.next = State::WriteWord;
                    if self.left.q.val() == 4 {
                        self.state.d.next = State::Quiet;
                    }
                }
            }
            State::ReadWait => {
                self.step.d.next = self.step.q.val() + self.one5.val();
                if self.step.q.val() == 4 {
                    self.step.d.next = self.zero5.val();
                    self.word.d.next = self.word_late.val();
                    self.state.d.next = State::EmitWord;
                }
            }
            State::EmitWord => {
                self.put.next = self.reply_ready.val();
                self.reply_data.next = self.word.q.val().get_bits::<8>(24);
                if self.reply_ready.val() {
                    self.word.d.next = self.word.q.val() << 8;
                    self.step.d.next = self.step.q.val() + self.one5.val();
                    if self.step.q.val() == 3 {
                        self.step.d.next = self.zero5.val();
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
        // The next word of a WRITE or READ: the codebook's columns wrap into the next row.
        if self.bus_write.val()
            | ((self.state.q.val() == State::EmitWord)
                & (self.reply_ready.val() & (self.step.q.val() == 3)))
        {
            self.column.d.next = self.column.q.val() + self.one8.val();
            if (!self.space.q.val().any()) & (self.column.q.val() == self.vector_last.val()) {
                self.column.d.next = self.zero8.val();
                self.row.d.next = self.row.q.val() + self.one8.val();
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
            self.fresh.d.next =
                self.waiting.val().any() & (self.address.q.val() == self.length_address.val());
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
            (self.state.q.val() == State::ReadWait) & (self.space.q.val() == 3);
        self.counters.address.next = self.column.q.val().get_bits::<3>(0);
    }
}
