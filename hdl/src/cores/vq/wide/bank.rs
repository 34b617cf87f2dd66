use super::{GroupedRam, RowDistance, Store};
use rust_hdl::prelude::*;

/// One bank of lanes: its codewords, rounded to samples, and how far each is from the sample.
///
/// ```text
/// clock  0        2         2 + RowDistance's clocks  and one more
///        address  w, x      sum of a row              distance so far
/// ```
///
/// `2^RA` rows of `L` lanes, a byte each in `XB` bits, written by groups of `UB` bits.
#[derive(LogicBlock)]
pub struct Bank<const RA: usize, const L: usize, const XB: usize, const UB: usize> {
    pub clock: Signal<In, Clock>,
    /// Clock 0: the row to read.
    pub address: Signal<In, Bits<RA>>,
    /// Clock 2: the sample's row, and its lanes in use.
    pub x: Signal<In, Bits<XB>>,
    pub active: Signal<In, Bits<L>>,
    pub squared: Signal<In, Bit>,
    /// With a row's sum: it is a codeword's first.
    pub opening: Signal<In, Bit>,
    /// A clock after a codeword's last row's sum.
    pub distance: Signal<Out, Bits<24>>,
    pub write_address: Signal<In, Bits<RA>>,
    pub write_group: Signal<In, Bits<8>>,
    pub write_data: Signal<In, Bits<UB>>,
    pub write_enable: Signal<In, Bit>,
    memory: GroupedRam<RA, XB, UB>,
    row: RowDistance<L, XB>,
    total: DFF<Bits<24>>,
    base: Signal<Local, Bits<24>>,
    zero: Constant<Bits<24>>,
}

impl<const RA: usize, const L: usize, const XB: usize, const UB: usize> Bank<RA, L, XB, UB> {
    /// With squares, or the sum of absolute differences alone.
    pub fn new(squares: bool) -> Self {
        Self {
            clock: Default::default(),
            address: Default::default(),
            x: Default::default(),
            active: Default::default(),
            squared: Default::default(),
            opening: Default::default(),
            distance: Default::default(),
            write_address: Default::default(),
            write_group: Default::default(),
            write_data: Default::default(),
            write_enable: Default::default(),
            memory: GroupedRam::new(Store::Block),
            row: RowDistance::new(squares),
            total: Default::default(),
            base: Default::default(),
            zero: Constant::new(0_u64.into()),
        }
    }
}

impl<const RA: usize, const L: usize, const XB: usize, const UB: usize> Logic
    for Bank<RA, L, XB, UB>
{
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, memory, row);
        dff_setup!(self, clock, total);
        self.memory.read_address.next = self.address.val();
        self.memory.write_address.next = self.write_address.val();
        self.memory.write_group.next = self.write_group.val();
        self.memory.write_data.next = self.write_data.val();
        self.memory.write_enable.next = self.write_enable.val();
        self.row.x.next = self.x.val();
        self.row.w.next = self.memory.read_data.val();
        self.row.active.next = self.active.val();
        self.row.squared.next = self.squared.val();
        self.base.next = self.total.q.val();
        if self.opening.val() {
            self.base.next = self.zero.val();
        }
        self.total.d.next = self.base.val() + bit_cast::<24, 22>(self.row.sum.val());
        self.distance.next = self.total.q.val();
    }
}
