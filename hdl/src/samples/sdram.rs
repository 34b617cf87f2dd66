use crate::primitive::{Beats, Queue};
use crate::sdram::{Chip, Clocks, Sdram};
use fixlearn_map::samples::Samples as Size;
use rust_hdl::prelude::*;

/// A sample memory's memory in an SDRAM, whose data are `DQ` bits wide.
///
/// A word that is written waits here until the controller takes it, and `memory_busy` says so. The
/// words of a vector are asked for one after the other, for as many as the queue has room for; the
/// next vector's follow at once. From the queue they are made beats.
#[derive(LogicBlock)]
pub struct FromSdram<const SB: usize, const DQ: usize> {
    pub clock: Signal<In, Clock>,
    pub vector_last: Signal<In, Bits<8>>,
    pub memory_word: Signal<In, Bits<24>>,
    pub memory_write: Signal<In, Bit>,
    pub memory_data: Signal<In, Bits<32>>,
    pub memory_busy: Signal<Out, Bit>,
    pub place_row: Signal<In, Bits<24>>,
    pub place_found: Signal<In, Bit>,
    pub place_take: Signal<Out, Bit>,
    pub beat: Signal<Out, Bits<SB>>,
    pub beat_valid: Signal<Out, Bit>,
    pub beat_ready: Signal<In, Bit>,
    pub sdram_command: Signal<Out, Bits<3>>,
    pub sdram_bank: Signal<Out, Bits<2>>,
    pub sdram_address: Signal<Out, Bits<13>>,
    pub sdram_mask: Signal<Out, Bit>,
    pub sdram_out: Signal<Out, Bits<DQ>>,
    pub sdram_drive: Signal<Out, Bit>,
    pub sdram_in: Signal<In, Bits<DQ>>,
    sdram: Sdram<DQ>,
    queue: Queue,
    beats: Beats<SB>,
    // A word to write.
    writing: DFF<Bit>,
    word: DFF<Bits<24>>,
    data: DFF<Bits<32>>,
    // Words to ask for, and those that were asked for and are not beats yet.
    asking: DFF<Bit>,
    at: DFF<Bits<24>>,
    left: DFF<Bits<8>>,
    owed: DFF<Bits<5>>,
    // The beat: its number, its part of a word, and how many words of it are there.
    count: DFF<Bits<8>>,
    part: DFF<Bits<2>>,
    have: DFF<Bits<3>>,
    asked: Signal<Local, Bit>,
    given: Signal<Local, Bit>,
    pop: Signal<Local, Bit>,
    whole: Signal<Local, Bit>,
    beat_last: Signal<Local, Bits<8>>,
    wide: Constant<Bit>,
    room: Constant<Bits<5>>,
    limit: Constant<Bits<24>>,
    align: Constant<Bits<24>>,
    align8: Constant<Bits<8>>,
    slices: Constant<Bits<3>>,
    slices_last: Constant<Bits<8>>,
    part_last: Constant<Bits<2>>,
    beat_shift: Constant<Bits<8>>,
    row_shift: Constant<Bits<8>>,
    zero2: Constant<Bits<2>>,
    one2: Constant<Bits<2>>,
    zero3: Constant<Bits<3>>,
    one3: Constant<Bits<3>>,
    one5: Constant<Bits<5>>,
    zero8: Constant<Bits<8>>,
    one8: Constant<Bits<8>>,
    one24: Constant<Bits<24>>,
}

impl<const SB: usize, const DQ: usize> FromSdram<SB, DQ> {
    /// Of the chip's size, at this clock.
    pub fn new(size: Size, chip: &Chip, clocks: &Clocks) -> Self {
        let bytes = SB as u64 / 8;
        let slices = (bytes / 4).max(1);
        let eight = |x: u64| Constant::new(x.into());
        Self {
            clock: Default::default(),
            vector_last: Default::default(),
            memory_word: Default::default(),
            memory_write: Default::default(),
            memory_data: Default::default(),
            memory_busy: Default::default(),
            place_row: Default::default(),
            place_found: Default::default(),
            place_take: Default::default(),
            beat: Default::default(),
            beat_valid: Default::default(),
            beat_ready: Default::default(),
            sdram_command: Default::default(),
            sdram_bank: Default::default(),
            sdram_address: Default::default(),
            sdram_mask: Default::default(),
            sdram_out: Default::default(),
            sdram_drive: Default::default(),
            sdram_in: Default::default(),
            sdram: Sdram::new(chip, clocks),
            queue: Default::default(),
            beats: Default::default(),
            writing: Default::default(),
            word: Default::default(),
            data: Default::default(),
            asking: Default::default(),
            at: Default::default(),
            left: Default::default(),
            owed: Default::default(),
            count: Default::default(),
            part: Default::default(),
            have: Default::default(),
            asked: Default::default(),
            given: Default::default(),
            pop: Default::default(),
            whole: Default::default(),
            beat_last: Default::default(),
            wide: Constant::new(slices > 1),
            room: Constant::new(Queue::ROOM.into()),
            limit: Constant::new(u64::from(size.words() - 1).into()),
            align: Constant::new(u64::from(size.align).into()),
            align8: eight(u64::from(size.align)),
            slices: Constant::new(slices.into()),
            slices_last: eight(slices - 1),
            part_last: Constant::new((4 / bytes.min(4) - 1).into()),
            beat_shift: eight(u64::from(bytes.ilog2())),
            row_shift: eight(u64::from(bytes.max(4).ilog2())),
            zero2: Constant::new(0_u64.into()),
            one2: Constant::new(1_u64.into()),
            zero3: Constant::new(0_u64.into()),
            one3: Constant::new(1_u64.into()),
            one5: Constant::new(1_u64.into()),
            zero8: eight(0),
            one8: eight(1),
            one24: Constant::new(1_u64.into()),
        }
    }
}

impl<const SB: usize, const DQ: usize> Logic for FromSdram<SB, DQ> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, sdram, queue, beats);
        dff_setup!(self, clock, writing, word, data, asking, at, left, owed, count, part, have);
        // The chip's pins.
        self.sdram_command.next = self.sdram.sdram_command.val();
        self.sdram_bank.next = self.sdram.sdram_bank.val();
        self.sdram_address.next = self.sdram.sdram_address.val();
        self.sdram_mask.next = self.sdram.sdram_mask.val();
        self.sdram_out.next = self.sdram.sdram_out.val();
        self.sdram_drive.next = self.sdram.sdram_drive.val();
        self.sdram.sdram_in.next = self.sdram_in.val();

        // A word to write comes first.
        self.memory_busy.next = self.writing.q.val();
        self.sdram.data.next = self.data.q.val();
        self.sdram.write.next = self.writing.q.val();
        self.sdram.at.next = self.at.q.val();
        self.sdram.want.next = self.asking.q.val() & (self.owed.q.val() != self.room.val());
        self.asked.next = self.sdram.take.val();
        if self.writing.q.val() {
            self.sdram.at.next = self.word.q.val();
            self.sdram.want.next = true;
            self.asked.next = false;
            if self.sdram.take.val() {
                self.writing.d.next = false;
            }
        }
        if self.memory_write.val() {
            self.writing.d.next = true;
            self.word.d.next = self.memory_word.val();
            self.data.d.next = self.memory_data.val();
        }

        // A vector's words.
        self.place_take.next = false;
        if self.asked.val() {
            self.at.d.next = (self.at.q.val() + self.one24.val()) & self.limit.val();
            self.left.d.next = self.left.q.val() - self.one8.val();
            if !self.left.q.val().any() {
                self.asking.d.next = false;
            }
        }
        if !self.asking.q.val() & self.place_found.val() {
            self.place_take.next = true;
            self.asking.d.next = true;
            self.at.d.next = (self.place_row.val() << self.align.val()) & self.limit.val();
            self.left.d.next = ((self.vector_last.val() >> self.row_shift.val())
                << self.align8.val())
                | self.slices_last.val();
        }

        // From the queue to beats. What follows a vector's end in its last word is dropped.
        self.queue.put.next = self.sdram.valid.val();
        self.queue.data.next = self.sdram.word.val();
        self.beats.word.next = self.queue.front.val();
        self.beats.part.next = self.part.q.val();
        self.beat.next = self.beats.beat.val();
        self.beat_last.next = self.vector_last.val() >> self.beat_shift.val();
        self.whole.next = self.queue.any.val();
        if self.wide.val() {
            self.whole.next = self.have.q.val() == self.slices.val();
        }
        self.beat_valid.next = self.whole.val();
        self.given.next = self.whole.val() & self.beat_ready.val();
        self.pop.next = false;
        if self.wide.val() {
            if self.queue.any.val() & (self.given.val() | (!self.whole.val())) {
                self.pop.next = true;
                self.have.d.next = self.have.q.val() + self.one3.val();
            }
            if self.given.val() {
                self.have.d.next = self.zero3.val();
                if self.pop.val() {
                    self.have.d.next = self.one3.val();
                }
            }
        } else if self.given.val() {
            self.part.d.next = self.part.q.val() + self.one2.val();
            self.count.d.next = self.count.q.val() + self.one8.val();
            if self.part.q.val() == self.part_last.val() {
                self.part.d.next = self.zero2.val();
                self.pop.next = true;
            }
            if self.count.q.val() == self.beat_last.val() {
                self.part.d.next = self.zero2.val();
                self.count.d.next = self.zero8.val();
                self.pop.next = true;
            }
        }
        self.queue.take.next = self.pop.val();
        self.beats.shift.next = self.pop.val();
        if self.asked.val() & (!self.pop.val()) {
            self.owed.d.next = self.owed.q.val() + self.one5.val();
        }
        if self.pop.val() & (!self.asked.val()) {
            self.owed.d.next = self.owed.q.val() - self.one5.val();
        }
    }
}
