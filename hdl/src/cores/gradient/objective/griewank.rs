use super::wave::Wave;
use crate::arith::{Clamp, Extend, Pipe};
use rust_hdl::prelude::*;

objective! {
    /// Griewank's function in two dimensions, `u = x - z`, `h` half its factor:
    /// `u[0]^2 / 8 + u[1]^2 / 4 + h (1 - cos(2 pi p)) + h (1 - cos(2 pi m))`, with `p` the sum and
    /// `m` the difference of both `u`.
    ///
    /// | pass | elements | to |
    /// |---|---|---|
    /// | 0 | `u[i]`, times 1 | scratch |
    /// | 1 | `u[0]^2 / 8`, `u[1]^2 / 4` | value |
    /// | 2 | `h - h cos` of `p` and of `m`, one element more | value |
    /// | 3 | with the slopes `P` and `M`: `u[0] / 4 + P + M`, `u[1] / 2 + P - M`, one element more | gradient |
    ///
    /// 4 D products. Golden model: `golden::gradient::objective::griewank`.
    Griewank {
        point_wide: [Extend<32, 34>],
        centre_wide: [Extend<32, 34>],
        difference: [Clamp<34, 32>],
        quarter: [Wave] = Wave::new(HALF),
        first: [DFF<Bits<28>>],
        second: [DFF<Bits<28>>],
        turned: [Pipe<Bit, 6>],
        pass_three: [Pipe<Bits<2>, 2>],
        opening_three: [Pipe<Bit, 2>],
        closing_three: [Pipe<Bit, 2>],
        offset: [Signal<Local, Bits<23>>],
        offset_first: [Extend<22, 23>],
        offset_three: [Pipe<Bits<23>, 2>],
        offset_wide: [Extend<23, 56>],
        unsigned_wave: [DFF<Bits<41>>],
        facing_next: [Signal<Local, Bits<41>>],
        facing: [DFF<Bits<41>>],
        facing_before: [DFF<Bits<41>>],
        both: [Signal<Local, Bits<41>>],
        facing_wide: [Extend<41, 56>],
        cosine: [Extend<39, 56>],
        sine: [Extend<30, 56>],
        sum: [DFF<Bits<56>>],
        one: [Constant<Bits<32>>] = Constant::new(1_u64.into()),
        half: [Constant<Bits<56>>] =
            Constant::new((((HALF * 65_536.0).round() as u64) << 16).into()),
        zero41: [Constant<Bits<41>>] = Constant::new(0_u64.into()),
        zero32: [Constant<Bits<32>>] = Constant::new(0_u64.into()),
    }
}

/// Half of what the value is multiplied by.
const HALF: f64 = 62.5 / (std::f64::consts::PI * std::f64::consts::PI);

impl Logic for Griewank {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(
            self,
            clock,
            quarter,
            turned,
            pass_three,
            opening_three,
            closing_three,
            offset_three
        );
        dff_setup!(self, clock, first, second, unsigned_wave, facing, facing_before, sum);
        // The plan of a pass.
        self.last_pass.next = 3.into();
        self.drain.next = 10.into();
        self.span.next = 0.into();
        self.earlier.next = false;
        self.to_scratch.next = self.pass.val() == 0;
        self.to_value.next = (self.pass.val() == 1) | (self.pass.val() == 2);
        self.to_gradient.next = self.pass.val() == 3;
        if self.pass.val().get_bit(1) {
            self.span.next = 1.into();
            self.earlier.next = true;
        }
        // The phases: of both `u`, which come out of the multiplier in pass 0.
        if self.valid_late.val() & (!self.pass_late.val().any()) {
            if self.opening_late.val() {
                self.first.d.next = self.product.val().get_bits::<28>(0);
            } else {
                self.second.d.next = self.product.val().get_bits::<28>(0);
            }
        }
        self.quarter.phase.next = self.first.q.val() - self.second.q.val();
        if self.opening_early.val() {
            self.quarter.phase.next = self.first.q.val() + self.second.q.val();
        }
        self.quarter.steep.next = self.pass_early.val().get_bit(0);
        self.turned.d.next = self.quarter.turned.val() & self.pass_early.val().get_bit(1);
        // Factors.
        self.point_wide.x.next = self.point.val();
        self.centre_wide.x.next = self.centre.val();
        self.difference.x.next = self.point_wide.y.val() - self.centre_wide.y.val();
        self.held_early.next = self.difference.held.val() & (!self.pass_early.val().any());
        self.a.next = self.difference.y.val();
        self.b.next = self.one.val();
        if self.pass_early.val() == 1 {
            self.a.next = self.scratch.val();
            self.b.next = self.scratch.val();
        }
        if self.pass_early.val().get_bit(1) {
            self.a.next = bit_cast::<32, 12>(self.quarter.fall.val());
            self.b.next = bit_cast::<32, 18>(self.quarter.along.val());
        }
        // Stage 1: the product's part, or the wave less how far it has fallen. `P` comes a clock
        // before `M`: where `P` is, it is no longer the opening element, nor yet the closing one.
        self.pass_three.d.next = self.pass_late.val();
        self.opening_three.d.next = self.opening_late.val();
        self.closing_three.d.next = self.closing_late.val();
        self.offset_first.x.next = self.scratch_late.val().get_bits::<22>(10);
        self.offset.next = self.offset_first.y.val();
        if self.closing_late.val() {
            self.offset.next = self.scratch_late.val().get_bits::<23>(9);
        }
        self.offset_three.d.next = self.offset.val();
        self.unsigned_wave.d.next = self.product.val().get_bits::<41>(0);
        if self.pass_late.val() == 1 {
            self.unsigned_wave.d.next = bit_cast::<41, 38>(self.product.val().get_bits::<38>(26));
            if self.opening_late.val() {
                self.unsigned_wave.d.next =
                    bit_cast::<41, 37>(self.product.val().get_bits::<37>(27));
            }
        }
        if self.pass_late.val().get_bit(1) {
            self.unsigned_wave.d.next = (bit_cast::<41, 20>(self.quarter.high.val()) << 18)
                - self.product.val().get_bits::<41>(0);
        }
        // Stage 2: its sign.
        self.facing_next.next = self.unsigned_wave.q.val();
        if self.turned.q.val() {
            self.facing_next.next = self.zero41.val() - self.unsigned_wave.q.val();
        }
        self.facing.d.next = self.facing_next.val();
        self.facing_before.d.next = self.facing.q.val();
        // Stage 3: the sum.
        self.both.next = self.facing.q.val() + self.facing_next.val();
        if self.closing_three.q.val() {
            self.both.next = self.facing_before.q.val() - self.facing.q.val();
        }
        self.facing_wide.x.next = self.facing.q.val();
        self.cosine.x.next = self.facing.q.val().get_bits::<39>(2);
        self.sine.x.next = self.both.val().get_bits::<30>(11);
        self.offset_wide.x.next = self.offset_three.q.val();
        self.sum.d.next = self.facing_wide.y.val();
        if self.pass_three.q.val() == 2 {
            self.sum.d.next = self.cosine.y.val() + self.half.val();
            // Before the first element there is none.
            if self.opening_three.q.val() {
                self.sum.d.next = 0.into();
            }
        }
        if self.pass_three.q.val() == 3 {
            self.sum.d.next = self.sine.y.val() + self.offset_wide.y.val();
        }
        self.term.next = self.sum.q.val();
        self.result.next = self.sum.q.val().get_bits::<32>(0);
        self.held.next = false;
        self.prediction.next = self.zero32.val();
    }
}
