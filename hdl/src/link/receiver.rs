use super::Crc24;
use rust_hdl::prelude::*;

/// Decodes COBS on the fly into one of 8 slots of 256 bytes, checks the CRC, and hands the slot
/// over at the delimiter. Byte 255 of a slot is the frame's decoded length.
///
/// On any error the bytes up to the next delimiter are discarded and `bad` is raised with the
/// cause (see [`fixlearn_map::link::cause`]); a slot that was being filled is used again.
#[derive(LogicBlock)]
pub struct Receiver {
    pub clock: Signal<In, Clock>,
    pub data: Signal<In, Bits<8>>,
    pub valid: Signal<In, Bit>,
    pub framing_error: Signal<In, Bit>,
    /// Strobe: a frame was discarded, and why.
    pub bad: Signal<Out, Bit>,
    pub cause: Signal<Out, Bits<4>>,
    /// Strobe: a frame was accepted.
    pub good: Signal<Out, Bit>,
    /// Frames waiting; the oldest is read by address, one clock later.
    pub waiting: Signal<Out, Bits<4>>,
    pub address: Signal<In, Bits<8>>,
    pub read_data: Signal<Out, Bits<8>>,
    /// Strobe: the oldest frame is done with.
    pub retire: Signal<In, Bit>,
    slots: RAM<Bits<8>, 11>,
    check: Crc24,
    head: DFF<Bits<3>>,
    tail: DFF<Bits<3>>,
    held: DFF<Bits<4>>,
    position: DFF<Bits<8>>,
    remaining: DFF<Bits<8>>,
    block: DFF<Bit>,
    implied: DFF<Bit>,
    crc: DFFWithInit<Bits<24>>,
    problem: DFF<Bits<4>>,
    write: Signal<Local, Bit>,
    write_byte: Signal<Local, Bits<8>>,
    write_position: Signal<Local, Bits<8>>,
    accepted: Signal<Local, Bit>,
    crc_reset: Constant<Bits<24>>,
    residue: Constant<Bits<24>>,
    zero8: Constant<Bits<8>>,
    one8: Constant<Bits<8>>,
    last8: Constant<Bits<8>>,
    limit: Constant<Bits<8>>,
    one3: Constant<Bits<3>>,
    one4: Constant<Bits<4>>,
    none: Constant<Bits<4>>,
    framing: Constant<Bits<4>>,
    encoding: Constant<Bits<4>>,
    length: Constant<Bits<4>>,
    wrong_crc: Constant<Bits<4>>,
    overrun: Constant<Bits<4>>,
}

impl Default for Receiver {
    fn default() -> Self {
        use fixlearn_map::link::{cause, FRAME_MAX};
        let cause_of = |c: u8| Constant::new(u64::from(c).into());
        Self {
            clock: Default::default(),
            data: Default::default(),
            valid: Default::default(),
            framing_error: Default::default(),
            bad: Default::default(),
            cause: Default::default(),
            good: Default::default(),
            waiting: Default::default(),
            address: Default::default(),
            read_data: Default::default(),
            retire: Default::default(),
            slots: Default::default(),
            check: Default::default(),
            head: Default::default(),
            tail: Default::default(),
            held: Default::default(),
            position: Default::default(),
            remaining: Default::default(),
            block: Default::default(),
            implied: Default::default(),
            crc: DFFWithInit::new(Crc24::INITIAL.into()),
            problem: Default::default(),
            write: Default::default(),
            write_byte: Default::default(),
            write_position: Default::default(),
            accepted: Default::default(),
            crc_reset: Constant::new(Crc24::INITIAL.into()),
            residue: Constant::new(Crc24::RESIDUE.into()),
            zero8: Constant::new(0_u64.into()),
            one8: Constant::new(1_u64.into()),
            last8: Constant::new(255_u64.into()),
            limit: Constant::new((FRAME_MAX as u64).into()),
            one3: Constant::new(1_u64.into()),
            one4: Constant::new(1_u64.into()),
            none: Constant::new(0_u64.into()),
            framing: cause_of(cause::FRAMING),
            encoding: cause_of(cause::ENCODING),
            length: cause_of(cause::LENGTH),
            wrong_crc: cause_of(cause::CRC),
            overrun: cause_of(cause::OVERRUN),
        }
    }
}

impl Logic for Receiver {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, head, tail, held, position, remaining, block, implied, crc, problem
        );
        self.slots.read_clock.next = self.clock.val();
        self.slots.write_clock.next = self.clock.val();
        self.bad.next = false;
        self.good.next = false;
        self.cause.next = self.problem.q.val();
        self.write.next = false;
        self.write_byte.next = self.data.val();
        self.write_position.next = self.position.q.val();
        self.accepted.next = false;

        if self.valid.val() {
            if !self.data.val().any() {
                // The delimiter: accept the frame or say why not; between frames it means nothing.
                if self.problem.q.val().any() {
                    self.bad.next = true;
                } else if self.block.q.val() {
                    if self.remaining.q.val().any() | (self.position.q.val() < 5) {
                        self.bad.next = true;
                        self.cause.next = self.encoding.val();
                    } else if self.crc.q.val() != self.residue.val() {
                        self.bad.next = true;
                        self.cause.next = self.wrong_crc.val();
                    } else if self.held.q.val() == 8 {
                        self.bad.next = true;
                        self.cause.next = self.overrun.val();
                    } else {
                        self.good.next = true;
                        self.accepted.next = true;
                    }
                }
                self.position.d.next = self.zero8.val();
                self.remaining.d.next = self.zero8.val();
                self.block.d.next = false;
                self.implied.d.next = false;
                self.problem.d.next = self.none.val();
                self.crc.d.next = self.crc_reset.val();
            } else if !self.remaining.q.val().any() {
                // A code byte: how many follow, and the zero that the block before it implied.
                self.block.d.next = true;
                self.remaining.d.next = self.data.val() - self.one8.val();
                self.implied.d.next = self.data.val() != 255;
                self.write_byte.next = self.zero8.val();
                self.write.next = self.implied.q.val();
            } else {
                self.remaining.d.next = self.remaining.q.val() - self.one8.val();
                self.write.next = true;
            }
        }
        self.check.crc.next = self.crc.q.val();
        self.check.data.next = self.write_byte.val();
        if self.framing_error.val() {
            self.problem.d.next = self.framing.val();
        }
        if self.write.val() {
            self.position.d.next = self.position.q.val() + self.one8.val();
            self.crc.d.next = self.check.crc_next.val();
            if self.position.q.val() == self.limit.val() {
                self.position.d.next = self.position.q.val();
                if !self.problem.q.val().any() {
                    self.problem.d.next = self.length.val();
                }
            }
        }

        // Slots.
        self.slots.write_data.next = self.write_byte.val();
        self.slots.write_enable.next = self.write.val() & (self.held.q.val() != 8);
        if self.accepted.val() {
            self.write_position.next = self.last8.val();
            self.slots.write_data.next = self.position.q.val();
            self.slots.write_enable.next = true;
            self.head.d.next = self.head.q.val() + self.one3.val();
        }
        if self.retire.val() {
            self.tail.d.next = self.tail.q.val() + self.one3.val();
        }
        if self.accepted.val() & !self.retire.val() {
            self.held.d.next = self.held.q.val() + self.one4.val();
        }
        if self.retire.val() & !self.accepted.val() {
            self.held.d.next = self.held.q.val() - self.one4.val();
        }
        self.slots.write_address.next = (bit_cast::<11, 3>(self.head.q.val()) << 8)
            | bit_cast::<11, 8>(self.write_position.val());
        self.slots.read_address.next =
            (bit_cast::<11, 3>(self.tail.q.val()) << 8) | bit_cast::<11, 8>(self.address.val());
        self.read_data.next = self.slots.read_data.val();
        self.waiting.next = self.held.q.val();
    }
}
