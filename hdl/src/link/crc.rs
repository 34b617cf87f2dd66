use rust_hdl::prelude::*;

/// One byte of CRC-16/IBM-3740 (polynomial 0x1021, initial value 0xffff, not reflected),
/// combinational. The CRC of a message followed by its own CRC, high byte first, is 0.
#[derive(LogicBlock, Default)]
pub struct Crc16 {
    pub crc: Signal<In, Bits<16>>,
    pub data: Signal<In, Bits<8>>,
    pub crc_next: Signal<Out, Bits<16>>,
    a: Signal<Local, Bits<16>>,
    b: Signal<Local, Bits<16>>,
}

impl Logic for Crc16 {
    #[hdl_gen]
    fn update(&mut self) {
        self.a.next = (self.crc.val() >> 8) ^ bit_cast::<16, 8>(self.data.val());
        self.b.next = self.a.val() ^ (self.a.val() >> 4);
        self.crc_next.next =
            (self.crc.val() << 8) ^ (self.b.val() << 12) ^ (self.b.val() << 5) ^ self.b.val();
    }
}
