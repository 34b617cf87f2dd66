use crate::fabric::Fabric;
use crate::primitive::Rows;
use fixlearn_map::samples::Samples as Size;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum Feed {
    Wait,
    Fetch,
    Fill,
    Offer,
}

/// A sample memory's memory in SPRAM or block RAM.
///
/// ```text
/// feed    clocks                does                                goes on to
/// Wait    until a place is found                                    Fetch
/// Fetch   1                     the first beat's address            Fill, Offer
/// Fill    1, if it is registered the second beat's address          Offer
/// Offer   a beat each           the beat, and the next's address    Wait after the last
/// ```
#[derive(LogicBlock)]
pub struct FromRows<const SB: usize> {
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
    rows: Rows<SB>,
    feed: DFF<Feed>,
    row: DFF<Bits<24>>,
    part: DFF<Bits<2>>,
    count: DFF<Bits<8>>,
    take: Signal<Local, Bit>,
    row_after: Signal<Local, Bits<24>>,
    part_after: Signal<Local, Bits<2>>,
    beat_last: Signal<Local, Bits<8>>,
    limit: Constant<Bits<24>>,
    registered: Constant<Bit>,
    part_last: Constant<Bits<2>>,
    beat_shift: Constant<Bits<8>>,
    zero2: Constant<Bits<2>>,
    one2: Constant<Bits<2>>,
    zero8: Constant<Bits<8>>,
    one8: Constant<Bits<8>>,
    one24: Constant<Bits<24>>,
}

impl<const SB: usize> FromRows<SB> {
    /// Of this size.
    pub fn new(size: Size, fabric: Fabric) -> Self {
        let bytes = SB as u64 / 8;
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
            rows: Rows::new(size, fabric),
            feed: Default::default(),
            row: Default::default(),
            part: Default::default(),
            count: Default::default(),
            take: Default::default(),
            row_after: Default::default(),
            part_after: Default::default(),
            beat_last: Default::default(),
            limit: Constant::new(u64::from(size.last_max()).into()),
            registered: Constant::new(Rows::<SB>::registered(fabric)),
            part_last: Constant::new((4 / bytes.min(4) - 1).into()),
            beat_shift: eight(u64::from(bytes.ilog2())),
            zero2: Constant::new(0_u64.into()),
            one2: Constant::new(1_u64.into()),
            zero8: eight(0),
            one8: eight(1),
            one24: Constant::new(1_u64.into()),
        }
    }
}

impl<const SB: usize> Logic for FromRows<SB> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, rows);
        dff_setup!(self, clock, feed, row, part, count);
        self.rows.word.next = self.memory_word.val();
        self.rows.data.next = self.memory_data.val();
        self.rows.write.next = self.memory_write.val();
        self.memory_busy.next = false;
        self.beat.next = self.rows.beat.val();
        self.beat_valid.next = self.feed.q.val() == Feed::Offer;

        // The memory's address is a clock ahead.
        self.beat_last.next = self.vector_last.val() >> self.beat_shift.val();
        self.place_take.next = false;
        self.take.next = false;
        self.row_after.next = self.row.q.val();
        self.part_after.next = self.part.q.val() + self.one2.val();
        if self.part.q.val() == self.part_last.val() {
            self.row_after.next = (self.row.q.val() + self.one24.val()) & self.limit.val();
            self.part_after.next = self.zero2.val();
        }
        self.rows.row.next = self.row.q.val();
        self.rows.part.next = self.part.q.val();
        match self.feed.q.val() {
            Feed::Wait => {
                if self.place_found.val() {
                    self.place_take.next = true;
                    self.row.d.next = self.place_row.val();
                    self.part.d.next = self.zero2.val();
                    self.count.d.next = self.zero8.val();
                    self.feed.d.next = Feed::Fetch;
                }
            }
            Feed::Fetch => {
                self.feed.d.next = Feed::Offer;
                if self.registered.val() {
                    self.feed.d.next = Feed::Fill;
                }
            }
            Feed::Fill => {
                self.take.next = true;
                self.feed.d.next = Feed::Offer;
            }
            Feed::Offer => {
                if self.beat_ready.val() {
                    self.take.next = true;
                    self.count.d.next = self.count.q.val() + self.one8.val();
                    if self.count.q.val() == self.beat_last.val() {
                        self.feed.d.next = Feed::Wait;
                    }
                }
            }
            _ => {
                self.feed.d.next = Feed::Wait;
            }
        }

        self.rows.take.next = self.take.val();
        if self.take.val() {
            self.rows.row.next = self.row_after.val();
            self.rows.part.next = self.part_after.val();
            self.row.d.next = self.row_after.val();
            self.part.d.next = self.part_after.val();
        }
    }
}
