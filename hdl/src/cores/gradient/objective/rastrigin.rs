use super::wave::Wave;
use crate::arith::{Clamp, Extend, Pipe};
use rust_hdl::prelude::*;

objective! {
    /// Rastrigin's function: `sum of u[i]^2 + 10 (1 - cos(2 pi u[i]))`, `u = x - z`.
    ///
    /// | pass | element `i` | to |
    /// |---|---|---|
    /// | 0 | `u[i]`, times 1 | scratch |
    /// | 1 | `u[i]^2` | value |
    /// | 2 | `10 - 10 cos(2 pi u[i])`, one element more | value |
    /// | 3 | `g[i] = 2 u[i] + 20 pi sin(2 pi u[i])`, one element more | gradient |
    ///
    /// In passes 2 and 3 an element's place in the table is read a clock before its factors. 4 D
    /// products. Golden model: `golden::gradient::objective::rastrigin`.
    Rastrigin {
        point_wide: [Extend<32, 34>],
        centre_wide: [Extend<32, 34>],
        difference: [Clamp<34, 32>],
        quarter: [Wave] = Wave::new(10.0),
        turned: [Pipe<Bit, 6>],
        pass_two: [Pipe<Bits<2>, 1>],
        pass_three: [Pipe<Bits<2>, 2>],
        opening_three: [Pipe<Bit, 2>],
        offset: [Pipe<Bits<25>, 2>],
        offset_wide: [Extend<25, 56>],
        unsigned_wave: [DFF<Bits<41>>],
        facing: [DFF<Bits<41>>],
        facing_wide: [Extend<41, 56>],
        cosine: [Extend<39, 56>],
        sine: [Extend<30, 56>],
        sum: [DFF<Bits<56>>],
        one: [Constant<Bits<32>>] = Constant::new(1_u64.into()),
        ten: [Constant<Bits<56>>] = Constant::new((10_u64 << 32).into()),
        zero41: [Constant<Bits<41>>] = Constant::new(0_u64.into()),
        zero32: [Constant<Bits<32>>] = Constant::new(0_u64.into()),
    }
}

impl Logic for Rastrigin {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, quarter, turned, pass_two, pass_three, opening_three, offset);
        dff_setup!(self, clock, unsigned_wave, facing, sum);
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
        // The next element's place in the table.
        self.quarter.phase.next = self.scratch.val().get_bits::<28>(0);
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
        // Stage 1: the product's part, or the wave less how far it has fallen.
        self.pass_two.d.next = self.pass_late.val();
        self.pass_three.d.next = self.pass_late.val();
        self.opening_three.d.next = self.opening_late.val();
        self.offset.d.next = self.scratch_late.val().get_bits::<25>(7);
        self.unsigned_wave.d.next = self.product.val().get_bits::<41>(0);
        if self.pass_late.val() == 1 {
            self.unsigned_wave.d.next = bit_cast::<41, 40>(self.product.val().get_bits::<40>(24));
        }
        if self.pass_late.val().get_bit(1) {
            self.unsigned_wave.d.next = (bit_cast::<41, 20>(self.quarter.high.val()) << 18)
                - self.product.val().get_bits::<41>(0);
        }
        // Stage 2: its sign.
        self.facing.d.next = self.unsigned_wave.q.val();
        if self.turned.q.val() {
            self.facing.d.next = self.zero41.val() - self.unsigned_wave.q.val();
        }
        // Stage 3: the sum.
        self.facing_wide.x.next = self.facing.q.val();
        self.cosine.x.next = self.facing.q.val().get_bits::<39>(2);
        self.sine.x.next = self.facing.q.val().get_bits::<30>(11);
        self.offset_wide.x.next = self.offset.q.val();
        self.sum.d.next = self.facing_wide.y.val();
        if self.pass_three.q.val() == 2 {
            self.sum.d.next = self.cosine.y.val() + self.ten.val();
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
