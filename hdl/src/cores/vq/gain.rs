use crate::arith::Normalize;
use rust_hdl::prelude::*;

/// `R = round(2^16 / (128 + m))`, 257..=512: the reciprocal of a mantissa of 8 bits, scaled so
/// that `1 / u` is about `R / 512 * 2^-e` for `u = 2^e * (1 + m/128)`. Exact at powers of two.
pub fn reciprocal_mantissa(m: u32) -> u32 {
    let d = 128 + m;
    (65536 + d / 2) / d
}

/// The learning rate: from the winner's count (or the rate register) to each codeword's gain.
///
/// The winner's rate is `2^-rate_shift`, or, count-based, `max(1/u, 2^-rate_shift)`. A codeword
/// at ring distance `r` learns at that rate times `2^-(r << (falloff - 1))`, or at the same rate
/// for falloff 0; the exponent stops at 15.
///
/// ```text
/// clock  0       1        2
///        u       e, m     R
///                         ring     e + attenuation  gain, coarse
///                token's  0        1                2
/// ```
#[derive(LogicBlock)]
pub struct Gain {
    pub clock: Signal<In, Clock>,
    /// The winner's count after this win; static while the rate is worked out.
    pub u: Signal<In, Bits<16>>,
    pub count_based: Signal<In, Bit>,
    pub rate_shift: Signal<In, Bits<4>>,
    /// Clock 0 of a token: the ring distance from the winner.
    pub ring: Signal<In, Bits<8>>,
    pub falloff: Signal<In, Bits<2>>,
    /// Clock 2: `R << (3 - e % 4)`, and `e / 4`.
    pub gain: Signal<Out, Bits<13>>,
    pub coarse: Signal<Out, Bits<2>>,
    normalize: Normalize,
    rom: SyncROM<Bits<10>, 7>,
    from_count: DFF<Bit>,
    exponent: DFF<Bits<4>>,
    attenuation: DFF<Bits<5>>,
    gain_out: DFF<Bits<13>>,
    coarse_out: DFF<Bits<2>>,
    faster: Signal<Local, Bit>,
    mantissa: Signal<Local, Bits<13>>,
    wide: Signal<Local, Bits<11>>,
    sum: Signal<Local, Bits<6>>,
    total: Signal<Local, Bits<4>>,
    unity: Constant<Bits<13>>,
    limit: Constant<Bits<5>>,
    last: Constant<Bits<4>>,
    zero: Constant<Bits<11>>,
}

impl Default for Gain {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            u: Default::default(),
            count_based: Default::default(),
            rate_shift: Default::default(),
            ring: Default::default(),
            falloff: Default::default(),
            gain: Default::default(),
            coarse: Default::default(),
            normalize: Default::default(),
            rom: SyncROM::from(
                (0..128).map(|m| Bits::<10>::from(u64::from(reciprocal_mantissa(m)))),
            ),
            from_count: Default::default(),
            exponent: Default::default(),
            attenuation: Default::default(),
            gain_out: Default::default(),
            coarse_out: Default::default(),
            faster: Default::default(),
            mantissa: Default::default(),
            wide: Default::default(),
            sum: Default::default(),
            total: Default::default(),
            unity: Constant::new(512_u64.into()),
            limit: Constant::new(16_u64.into()),
            last: Constant::new(15_u64.into()),
            zero: Constant::new(0_u64.into()),
        }
    }
}

impl Logic for Gain {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, normalize, rom);
        dff_setup!(self, clock, from_count, exponent, attenuation, gain_out, coarse_out);

        // The rate of this vector.
        self.normalize.u.next = self.u.val();
        self.rom.address.next = self.normalize.m.val();
        self.faster.next =
            self.count_based.val() & (self.normalize.e.val() < self.rate_shift.val());
        self.from_count.d.next = self.faster.val();
        self.exponent.d.next = self.rate_shift.val();
        if self.faster.val() {
            self.exponent.d.next = self.normalize.e.val();
        }
        self.mantissa.next = self.unity.val();
        if self.from_count.q.val() {
            self.mantissa.next = bit_cast::<13, 10>(self.rom.data.val());
        }

        // Clock 0: attenuation by ring, at most 16.
        self.wide.next = self.zero.val();
        if self.falloff.val() == 1 {
            self.wide.next = bit_cast::<11, 8>(self.ring.val());
        }
        if self.falloff.val() == 2 {
            self.wide.next = bit_cast::<11, 8>(self.ring.val()) << 1;
        }
        if self.falloff.val() == 3 {
            self.wide.next = bit_cast::<11, 8>(self.ring.val()) << 2;
        }
        self.attenuation.d.next = self.wide.val().get_bits::<5>(0);
        if self.wide.val() > 15 {
            self.attenuation.d.next = self.limit.val();
        }

        // Clock 1: the exponent of this codeword, at most 15. Clock 2: its gain.
        self.sum.next =
            bit_cast::<6, 5>(self.attenuation.q.val()) + bit_cast::<6, 4>(self.exponent.q.val());
        self.total.next = self.sum.val().get_bits::<4>(0);
        if self.sum.val() > 15 {
            self.total.next = self.last.val();
        }
        self.coarse_out.d.next = self.total.val().get_bits::<2>(2);
        self.gain_out.d.next = self.mantissa.val();
        if self.total.val().get_bits::<2>(0) == 0 {
            self.gain_out.d.next = self.mantissa.val() << 3;
        }
        if self.total.val().get_bits::<2>(0) == 1 {
            self.gain_out.d.next = self.mantissa.val() << 2;
        }
        if self.total.val().get_bits::<2>(0) == 2 {
            self.gain_out.d.next = self.mantissa.val() << 1;
        }
        self.gain.next = self.gain_out.q.val();
        self.coarse.next = self.coarse_out.q.val();
    }
}
