use rust_hdl::prelude::*;

/// One byte of CRC-24/INTERLAKEN (polynomial 0x328b63, initial value and final XOR 0xffffff, not
/// reflected), combinational.
///
/// The CRC of a message followed by its own, high byte first, is [`Crc24::RESIDUE`]. That it is not
/// 0 matters: else a frame that ends with a zero byte would be accepted without it.
#[derive(LogicBlock)]
pub struct Crc24 {
    pub crc: Signal<In, Bits<24>>,
    pub data: Signal<In, Bits<8>>,
    pub crc_next: Signal<Out, Bits<24>>,
    mix: Signal<Local, Bits<8>>,
    sum: Signal<Local, Bits<24>>,
    /// What each bit of `mix` adds.
    terms: [Constant<Bits<24>>; 8],
}

impl Crc24 {
    /// Before the first byte.
    pub const INITIAL: u64 = 0xff_ffff;
    /// After a message and its CRC.
    pub const RESIDUE: u64 = 0x14_4e63;

    /// The register after 8 shifts from this bit of the byte that leaves it.
    fn term(bit: usize) -> u64 {
        (0..8).fold(1 << (16 + bit), |crc: u64, _| {
            let shifted = crc << 1 & 0xff_ffff;
            if crc >> 23 & 1 == 1 {
                shifted ^ 0x32_8b63
            } else {
                shifted
            }
        })
    }
}

impl Default for Crc24 {
    fn default() -> Self {
        Self {
            crc: Default::default(),
            data: Default::default(),
            crc_next: Default::default(),
            mix: Default::default(),
            sum: Default::default(),
            terms: std::array::from_fn(|bit| Constant::new(Self::term(bit).into())),
        }
    }
}

impl Logic for Crc24 {
    #[hdl_gen]
    fn update(&mut self) {
        self.mix.next = self.crc.val().get_bits::<8>(16) ^ self.data.val();
        self.sum.next = self.crc.val() << 8;
        for i in 0..8 {
            if self.mix.val().get_bit(i) {
                self.sum.next = self.sum.val() ^ self.terms[i].val();
            }
        }
        self.crc_next.next = self.sum.val();
    }
}
