use crate::arith::Pipe;
use rust_hdl::prelude::*;

/// `h cos` and `2 pi h sin` by a table of a quarter of a wave, for the objectives that have many
/// minima.
///
/// A clock after `phase`, `fall` and `along` are the factors of how far the wave has fallen from
/// its entry; `turned` says then that it is to be negated (the cosine is given with its other
/// sign). Five clocks later the product is there, and `high` is the entry, of which it is
/// subtracted. Golden model: `golden::gradient::objective::wave`.
#[derive(LogicBlock)]
pub struct Wave {
    pub clock: Signal<In, Clock>,
    /// Of a turn.
    pub phase: Signal<In, Bits<28>>,
    /// The sine, else the cosine.
    pub steep: Signal<In, Bit>,
    pub fall: Signal<Out, Bits<12>>,
    pub along: Signal<Out, Bits<18>>,
    pub turned: Signal<Out, Bit>,
    pub high: Signal<Out, Bits<20>>,
    entries: SyncROM<Bits<32>, 9>,
    at: Signal<Local, Bits<26>>,
    along_one: DFF<Bits<18>>,
    negative: DFF<Bit>,
    high_six: Pipe<Bits<20>, 5>,
    ones: Constant<Bits<26>>,
}

impl Wave {
    /// Of the height `h`: 1 to 10.
    pub fn new(height: f64) -> Self {
        Self {
            clock: Default::default(),
            phase: Default::default(),
            steep: Default::default(),
            fall: Default::default(),
            along: Default::default(),
            turned: Default::default(),
            high: Default::default(),
            entries: SyncROM::from((0..512).map(|index| entry(height, index))),
            at: Default::default(),
            along_one: Default::default(),
            negative: Default::default(),
            high_six: Default::default(),
            ones: Constant::new(0x3ff_ffff_u64.into()),
        }
    }
}

impl Logic for Wave {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, high_six);
        dff_setup!(self, clock, along_one, negative);
        self.entries.clock.next = self.clock.val();
        // Mirrored in every second quarter.
        self.at.next = self.phase.val().get_bits::<26>(0);
        if self.phase.val().get_bit(26) ^ self.steep.val() {
            self.at.next = self.phase.val().get_bits::<26>(0) ^ self.ones.val();
        }
        self.entries.address.next = bit_cast::<9, 8>(self.at.val().get_bits::<8>(18));
        self.negative.d.next = !(self.phase.val().get_bit(27) ^ self.phase.val().get_bit(26));
        if self.steep.val() {
            self.entries.address.next = bit_cast::<9, 8>(self.at.val().get_bits::<8>(18)) + 256;
            self.negative.d.next = self.phase.val().get_bit(27);
        }
        self.along_one.d.next = self.at.val().get_bits::<18>(0);
        self.fall.next = self.entries.data.val().get_bits::<12>(0);
        self.along.next = self.along_one.q.val();
        self.turned.next = self.negative.q.val();
        self.high_six.d.next = self.entries.data.val().get_bits::<20>(12);
        self.high.next = self.high_six.q.val();
    }
}

/// Bits 31..12 the wave, with 16 fractional bits, from entry 256 on the slope's, with 13; bits
/// 11..0 how far it falls to the next entry.
fn entry(height: f64, index: u64) -> Bits<32> {
    let (high, fraction) =
        if index < 256 { (height, 65_536.0) } else { (std::f64::consts::TAU * height, 8_192.0) };
    let at = |k: u64| {
        let angle = std::f64::consts::FRAC_PI_2 * k as f64 / 256.0;
        (high * angle.cos() * fraction).round() as u64
    };
    let k = index % 256;
    (at(k) << 12 | (at(k) - at(k + 1))).into()
}
