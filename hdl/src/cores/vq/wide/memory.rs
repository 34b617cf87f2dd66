use crate::arith::value;
use rust_hdl::prelude::*;
use std::collections::BTreeMap;

/// What a memory is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Store {
    /// Block RAM.
    #[default]
    Block,
    /// Logic cells: for a few rows.
    Cells,
}

/// `2^AB` rows of `XB` bits, written by groups of `GB` bits, group 0 in the low bits; 2 clocks from
/// the address to the row.
///
/// What a read of a group gives in the clock of its write is not used.
#[derive(LogicBlock, Default)]
pub struct GroupedRam<const AB: usize, const XB: usize, const GB: usize> {
    pub clock: Signal<In, Clock>,
    pub read_address: Signal<In, Bits<AB>>,
    pub read_data: Signal<Out, Bits<XB>>,
    pub write_address: Signal<In, Bits<AB>>,
    pub write_group: Signal<In, Bits<8>>,
    pub write_data: Signal<In, Bits<GB>>,
    pub write_enable: Signal<In, Bit>,
    _store: Store,
    _groups: BTreeMap<(u64, u64), Bits<GB>>,
    _row: Bits<XB>,
}

impl<const AB: usize, const XB: usize, const GB: usize> GroupedRam<AB, XB, GB> {
    /// Made of this.
    pub fn new(store: Store) -> Self {
        assert!(XB.is_multiple_of(GB) && XB / GB <= 256, "a row is whole groups");
        Self { _store: store, ..Default::default() }
    }
}

impl<const AB: usize, const XB: usize, const GB: usize> Logic for GroupedRam<AB, XB, GB> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.read_data.next = self._row;
            let address = value(self.read_address.val());
            let groups = self._groups.range((address, 0)..=(address, u64::MAX));
            self._row = groups.fold(Bits::default(), |row, (&(_, group), &data)| {
                row | (bit_cast::<XB, GB>(data) << (GB as u64 * group))
            });
            if self.write_enable.val() {
                let at = (value(self.write_address.val()), value(self.write_group.val()));
                self._groups.insert(at, self.write_data.val());
            }
        }
    }

    fn connect(&mut self) {
        self.read_data.connect();
    }

    fn hdl(&self) -> Verilog {
        let style = match self._store {
            Store::Block => "block",
            Store::Cells => "logic",
        };
        let last = (1 << AB) - 1;
        let mut text = String::new();
        for group in 0..XB / GB {
            text += &format!(
                "\
(* ram_style = \"{style}\" *)
reg [{top}:0] mem{group}[{last}:0];
reg [{top}:0] row{group};
always @(posedge clock) row{group} <= mem{group}[read_address];
always @(posedge clock) if (write_enable & (write_group == 8'd{group}))
  mem{group}[write_address] <= write_data;
",
                top = GB - 1,
            );
        }
        let rows = (0..XB / GB).rev().map(|group| format!("row{group}")).collect::<Vec<_>>();
        Verilog::Custom(format!(
            "{text}always @(posedge clock) read_data <= {{{}}};",
            rows.join(", ")
        ))
    }
}
