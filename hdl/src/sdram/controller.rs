use super::{Chip, Clocks};
use crate::primitive::Falling;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Start,
    Closed,
    Open,
}

/// The controller of an SDRAM: words of 32 bits at any address, one burst each. `DQ` is the width
/// of the chip's data, 16 or 32.
///
/// A word that is wanted stays so until `take`; what is read is `word` in the clock of `valid`, in
/// the order in which it was taken. A row stays open until a word of another one is wanted or a
/// refresh is due. An address is, from the high bits down, row, bank and word of the row.
///
/// ```text
/// state   does                                                            goes on to
/// Start   waits after power-up, then PRECHARGE                            Closed
/// Closed  8 times REFRESH and the mode after power-up; REFRESH if one is
///         due; else ACTIVATE if a word is wanted                          Open
/// Open    READ or WRITE; PRECHARGE for another row or a refresh           Closed
/// ```
///
/// After each command `pause` counts until another may follow, `hold` until the row may be closed,
/// and `gap` keeps bursts apart. A word is written when none is on its way back.
///
/// Every output is a register. The chip has the clock inverted, so that it sees them half a clock
/// after they change, and its data is taken at the falling edge at which the chip would take it.
#[derive(LogicBlock)]
pub struct Sdram<const DQ: usize> {
    pub clock: Signal<In, Clock>,
    pub want: Signal<In, Bit>,
    pub write: Signal<In, Bit>,
    pub at: Signal<In, Bits<24>>,
    pub data: Signal<In, Bits<32>>,
    pub take: Signal<Out, Bit>,
    pub valid: Signal<Out, Bit>,
    pub word: Signal<Out, Bits<32>>,
    /// RAS#, CAS# and WE#, from the high bit down.
    pub sdram_command: Signal<Out, Bits<3>>,
    pub sdram_bank: Signal<Out, Bits<2>>,
    pub sdram_address: Signal<Out, Bits<13>>,
    pub sdram_mask: Signal<Out, Bit>,
    pub sdram_out: Signal<Out, Bits<DQ>>,
    /// The data pins are driven.
    pub sdram_drive: Signal<Out, Bit>,
    pub sdram_in: Signal<In, Bits<DQ>>,
    state: DFF<State>,
    pause: DFFWithInit<Bits<16>>,
    hold: DFF<Bits<8>>,
    gap: DFF<Bit>,
    page: DFF<Bits<15>>,
    /// Refreshes after power-up, and whether the mode is set.
    first: DFFWithInit<Bits<4>>,
    ready: DFF<Bit>,
    timer: DFF<Bits<16>>,
    due: DFF<Bit>,
    command: DFFWithInit<Bits<3>>,
    bank: DFF<Bits<2>>,
    address: DFF<Bits<13>>,
    out: DFF<Bits<DQ>>,
    drive: DFF<Bit>,
    /// A word's second part is to follow.
    second: DFF<Bits<DQ>>,
    follows: DFF<Bit>,
    falling: Falling<DQ>,
    captured: DFF<Bits<DQ>>,
    earlier: DFF<Bits<DQ>>,
    /// READs on their way, by age.
    flight: DFF<Bits<8>>,
    pages: Signal<Local, Bits<24>>,
    words: Signal<Local, Bits<24>>,
    high: Signal<Local, Bits<32>>,
    wanted: Signal<Local, Bits<15>>,
    column: Signal<Local, Bits<13>>,
    other: Signal<Local, Bit>,
    halves: Constant<Bit>,
    page_shift: Constant<Bits<24>>,
    column_mask: Constant<Bits<24>>,
    column_shift: Constant<Bits<13>>,
    part_shift: Constant<Bits<32>>,
    arrives: Constant<Bits<8>>,
    rcd: Constant<Bits<16>>,
    rp: Constant<Bits<16>>,
    rfc: Constant<Bits<16>>,
    mrd: Constant<Bits<16>>,
    ras: Constant<Bits<8>>,
    wr: Constant<Bits<8>>,
    interval: Constant<Bits<16>>,
    mode: Constant<Bits<13>>,
    all_banks: Constant<Bits<13>>,
    nop: Constant<Bits<3>>,
    activate: Constant<Bits<3>>,
    read_burst: Constant<Bits<3>>,
    write_burst: Constant<Bits<3>>,
    precharge: Constant<Bits<3>>,
    refresh: Constant<Bits<3>>,
    set_mode: Constant<Bits<3>>,
    zero2: Constant<Bits<2>>,
    one4: Constant<Bits<4>>,
    one8: Constant<Bits<8>>,
    one16: Constant<Bits<16>>,
}

impl<const DQ: usize> Sdram<DQ> {
    /// Of this chip, whose data are `DQ` bits wide.
    pub fn new(chip: &Chip, clocks: &Clocks) -> Self {
        let (burst, cas) = (chip.burst(), clocks.cas);
        let sixteen = |x: u64| Constant::new(x.into());
        let code = |x: u64| Constant::new(x.into());
        // A counter that is n is 0 for the first time after n clocks: in the one of the command
        // itself it is not counted.
        let after = |clocks: u64| Constant::new((clocks - 1).into());
        Self {
            clock: Default::default(),
            want: Default::default(),
            write: Default::default(),
            at: Default::default(),
            data: Default::default(),
            take: Default::default(),
            valid: Default::default(),
            word: Default::default(),
            sdram_command: Default::default(),
            sdram_bank: Default::default(),
            sdram_address: Default::default(),
            sdram_mask: Default::default(),
            sdram_out: Default::default(),
            sdram_drive: Default::default(),
            sdram_in: Default::default(),
            state: Default::default(),
            pause: DFFWithInit::new(clocks.power_up.into()),
            hold: Default::default(),
            gap: Default::default(),
            page: Default::default(),
            first: DFFWithInit::new(8_u64.into()),
            ready: Default::default(),
            timer: Default::default(),
            due: Default::default(),
            command: DFFWithInit::new(7_u64.into()),
            bank: Default::default(),
            address: Default::default(),
            out: Default::default(),
            drive: Default::default(),
            second: Default::default(),
            follows: Default::default(),
            falling: Default::default(),
            captured: Default::default(),
            earlier: Default::default(),
            flight: Default::default(),
            pages: Default::default(),
            words: Default::default(),
            high: Default::default(),
            wanted: Default::default(),
            column: Default::default(),
            other: Default::default(),
            halves: Constant::new(burst == 2),
            page_shift: Constant::new(u64::from(chip.word_bits).into()),
            column_mask: Constant::new(((1_u64 << chip.word_bits) - 1).into()),
            column_shift: Constant::new((burst - 1).into()),
            part_shift: Constant::new((32 - DQ as u64).into()),
            // The command is a register, its data one at the falling edge and one after it.
            arrives: Constant::new((1_u64 << (cas + burst)).into()),
            rcd: after(clocks.rcd),
            rp: after(clocks.rp),
            rfc: after(clocks.rfc),
            mrd: after(clocks.mrd),
            ras: Constant::new((clocks.ras - 1).into()),
            wr: Constant::new((burst - 1 + clocks.wr - 1).into()),
            interval: sixteen(clocks.interval - 1),
            mode: Constant::new((cas << 4 | (burst - 1)).into()),
            all_banks: Constant::new((1_u64 << 10).into()),
            nop: code(7),
            activate: code(3),
            read_burst: code(5),
            write_burst: code(4),
            precharge: code(2),
            refresh: code(1),
            set_mode: code(0),
            zero2: Constant::new(0_u64.into()),
            one4: Constant::new(1_u64.into()),
            one8: Constant::new(1_u64.into()),
            one16: sixteen(1),
        }
    }
}

impl<const DQ: usize> Logic for Sdram<DQ> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, falling);
        dff_setup!(
            self, clock, state, pause, hold, gap, page, first, ready, timer, due, command, bank,
            address, out, drive, second, follows, captured, earlier, flight
        );
        // The pins.
        self.sdram_command.next = self.command.q.val();
        self.sdram_bank.next = self.bank.q.val();
        self.sdram_address.next = self.address.q.val();
        self.sdram_mask.next = !self.ready.q.val();
        self.sdram_out.next = self.out.q.val();
        self.sdram_drive.next = self.drive.q.val();
        self.falling.data.next = self.sdram_in.val();
        self.captured.d.next = self.falling.late.val();
        self.earlier.d.next = self.captured.q.val();

        // What comes back.
        self.flight.d.next = self.flight.q.val() << 1;
        self.valid.next = (self.flight.q.val() & self.arrives.val()).any();
        self.word.next = bit_cast::<32, DQ>(self.captured.q.val());
        if self.halves.val() {
            self.word.next = (bit_cast::<32, DQ>(self.earlier.q.val()) << 16)
                | bit_cast::<32, DQ>(self.captured.q.val());
        }

        // What is wanted.
        self.pages.next = self.at.val() >> self.page_shift.val();
        self.wanted.next = self.pages.val().get_bits::<15>(0);
        self.words.next = self.at.val() & self.column_mask.val();
        self.column.next = self.words.val().get_bits::<13>(0) << self.column_shift.val();
        self.high.next = self.data.val() >> self.part_shift.val();
        self.other.next = self.want.val() & (self.wanted.val() != self.page.q.val());
        self.take.next = false;

        self.command.d.next = self.nop.val();
        self.gap.d.next = false;
        self.drive.d.next = self.follows.q.val();
        self.out.d.next = self.second.q.val();
        self.follows.d.next = false;
        if self.hold.q.val().any() {
            self.hold.d.next = self.hold.q.val() - self.one8.val();
        }
        if self.pause.q.val().any() {
            self.pause.d.next = self.pause.q.val() - self.one16.val();
        } else {
            match self.state.q.val() {
                State::Start => {
                    self.command.d.next = self.precharge.val();
                    self.address.d.next = self.all_banks.val();
                    self.pause.d.next = self.rp.val();
                    self.state.d.next = State::Closed;
                }
                State::Closed => {
                    if self.first.q.val().any() {
                        self.command.d.next = self.refresh.val();
                        self.first.d.next = self.first.q.val() - self.one4.val();
                        self.pause.d.next = self.rfc.val();
                    } else if !self.ready.q.val() {
                        self.command.d.next = self.set_mode.val();
                        self.bank.d.next = self.zero2.val();
                        self.address.d.next = self.mode.val();
                        self.ready.d.next = true;
                        self.pause.d.next = self.mrd.val();
                    } else if self.due.q.val() {
                        self.command.d.next = self.refresh.val();
                        self.due.d.next = false;
                        self.pause.d.next = self.rfc.val();
                    } else if self.want.val() {
                        self.command.d.next = self.activate.val();
                        self.page.d.next = self.wanted.val();
                        self.bank.d.next = self.wanted.val().get_bits::<2>(0);
                        self.address.d.next = self.wanted.val().get_bits::<13>(2);
                        self.pause.d.next = self.rcd.val();
                        self.hold.d.next = self.ras.val();
                        self.state.d.next = State::Open;
                    }
                }
                State::Open => {
                    if self.due.q.val() | self.other.val() {
                        if !(self.hold.q.val().any() | self.gap.q.val()) {
                            self.command.d.next = self.precharge.val();
                            self.address.d.next = self.all_banks.val();
                            self.pause.d.next = self.rp.val();
                            self.state.d.next = State::Closed;
                        }
                    } else if self.want.val() & (!self.gap.q.val()) {
                        self.address.d.next = self.column.val();
                        if !self.write.val() {
                            self.take.next = true;
                            self.command.d.next = self.read_burst.val();
                            self.flight.d.next = (self.flight.q.val() << 1) | self.one8.val();
                            self.gap.d.next = self.halves.val();
                        } else if !self.flight.q.val().any() {
                            self.take.next = true;
                            self.command.d.next = self.write_burst.val();
                            self.out.d.next = self.high.val().get_bits::<DQ>(0);
                            self.drive.d.next = true;
                            self.second.d.next = self.data.val().get_bits::<DQ>(0);
                            self.follows.d.next = self.halves.val();
                            self.gap.d.next = self.halves.val();
                            if self.hold.q.val() <= self.wr.val() {
                                self.hold.d.next = self.wr.val();
                            }
                        }
                    }
                }
                _ => {
                    self.state.d.next = State::Closed;
                }
            }
        }

        // When the next refresh is due; one that was is served before.
        self.timer.d.next = self.timer.q.val() - self.one16.val();
        if !self.timer.q.val().any() {
            self.timer.d.next = self.interval.val();
            self.due.d.next = true;
        }
    }
}
