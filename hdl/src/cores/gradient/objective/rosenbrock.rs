use crate::arith::{Clamp, Extend, Pipe};
use rust_hdl::prelude::*;

objective! {
    /// Rosenbrock's valley: `sum of 100 (x[j] - x[j-1]^2)^2 + (1 - x[j-1])^2`.
    ///
    /// | pass | element `j` | to |
    /// |---|---|---|
    /// | 0 | `d[j] = x[j] - x[j-1]^2`, Q8.24; 0 for the first | scratch |
    /// | 1 | `100 d[j]^2` | value |
    /// | 2 | `(1 - x[j])^2`, not for the last | value |
    /// | 3 | `g[j-1] = 200 (d[j-1] - 2 x[j-1] d[j]) - 2 (1 - x[j-1])`, one element more | gradient |
    ///
    /// 4 D products, D of them for the gradient's first term. Golden model:
    /// `golden::gradient::rosenbrock`.
    Rosenbrock {
        rest: [Clamp<34, 32>],
        rest_wide: [Extend<32, 34>],
        rest_late: [Clamp<34, 32>],
        rest_late_wide: [Extend<32, 34>],
        along_wide: [Extend<32, 56>],
        point_wide: [Extend<32, 56>],
        across_wide: [Extend<36, 56>],
        scratch_wide: [Extend<32, 56>],
        offset_square: [Extend<50, 56>],
        rest_square: [Extend<40, 56>],
        narrow: [Clamp<49, 32>],
        pass_two: [Pipe<Bits<2>, 1>],
        pass_three: [Pipe<Bits<2>, 2>],
        pass_four: [Pipe<Bits<2>, 3>],
        along: [Pipe<Bits<32>, 2>],
        w: [DFF<Bits<56>>],
        v: [DFF<Bits<56>>],
        s: [DFF<Bits<56>>],
        twice: [Signal<Local, Bits<56>>],
        scratch_fine: [Signal<Local, Bits<56>>],
        hundred: [Signal<Local, Bits<56>>],
        eight: [Signal<Local, Bits<56>>],
        sixteen: [Signal<Local, Bits<56>>],
        nine: [Signal<Local, Bits<56>>],
        one: [Constant<Bits<34>>] = Constant::new((1_u64 << 28).into()),
        zero56: [Constant<Bits<56>>] = Constant::new(0_u64.into()),
        zero32: [Constant<Bits<32>>] = Constant::new(0_u64.into()),
        half: [Constant<Bits<56>>] = Constant::new(8_u64.into()),
    }
}

impl Logic for Rosenbrock {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, pass_two, pass_three, pass_four, along);
        dff_setup!(self, clock, w, v, s);
        // The plan of a pass.
        self.last_pass.next = 3.into();
        self.drain.next = 10.into();
        self.span.next = 0.into();
        self.earlier.next = false;
        self.to_scratch.next = self.pass.val() == 0;
        self.to_value.next = (self.pass.val() == 1) | (self.pass.val() == 2);
        self.to_gradient.next = false;
        if self.pass.val() == 3 {
            self.span.next = 1.into();
            self.earlier.next = true;
            self.to_gradient.next = true;
        }
        // Factors.
        self.rest_wide.x.next = self.point.val();
        self.rest.x.next = self.one.val() - self.rest_wide.y.val();
        self.held_early.next = false;
        self.a.next = self.point_before.val();
        self.b.next = self.point_before.val();
        if self.pass_early.val() == 1 {
            self.a.next = self.scratch.val();
            self.b.next = self.scratch.val();
        }
        if self.pass_early.val() == 2 {
            self.a.next = self.rest.y.val();
            self.b.next = self.rest.y.val();
            if self.closing_early.val() {
                self.b.next = self.zero32.val();
            }
        }
        if self.pass_early.val() == 3 {
            self.b.next = self.scratch.val();
            if self.closing_early.val() {
                self.b.next = self.zero32.val();
            }
        }
        // Stage 1: w.
        self.pass_two.d.next = self.pass_late.val();
        self.pass_three.d.next = self.pass_late.val();
        self.point_wide.x.next = self.point_late.val();
        self.offset_square.x.next = self.product.val().get_bits::<50>(14);
        self.rest_square.x.next = self.product.val().get_bits::<40>(24);
        self.across_wide.x.next = self.product.val().get_bits::<36>(28);
        self.scratch_wide.x.next = self.scratch_late.val();
        self.twice.next = self.rest_square.y.val() << 1;
        self.scratch_fine.next = self.scratch_wide.y.val() << 4;
        self.w.d.next = self.scratch_fine.val() - self.twice.val();
        if self.pass_late.val() == 0 {
            self.w.d.next = self.point_wide.y.val() - self.across_wide.y.val();
            if self.opening_late.val() {
                self.w.d.next = self.zero56.val();
            }
        }
        if self.pass_late.val() == 1 {
            self.w.d.next = self.offset_square.y.val();
        }
        if self.pass_late.val() == 2 {
            self.w.d.next = self.rest_square.y.val();
        }
        self.rest_late_wide.x.next = self.point_late.val();
        self.rest_late.x.next = self.one.val() - self.rest_late_wide.y.val();
        self.along.d.next = self.rest_late.y.val();
        if self.closing_late.val() {
            self.along.d.next = self.zero32.val();
        }
        // Stage 2: v = 25 w, or w, or w and half a step for the offset's rounding.
        self.eight.next = self.w.q.val() << 3;
        self.sixteen.next = self.w.q.val() << 4;
        self.nine.next = self.eight.val() + self.w.q.val();
        self.v.d.next = self.w.q.val();
        if self.pass_two.q.val() == 0 {
            self.v.d.next = self.w.q.val() + self.half.val();
        }
        if self.pass_two.q.val().get_bit(0) {
            self.v.d.next = self.sixteen.val() + self.nine.val();
        }
        // Stage 3: s = 4 v - (1 - x), or v.
        self.pass_four.d.next = self.pass_late.val();
        self.hundred.next = self.v.q.val() << 2;
        self.along_wide.x.next = self.along.q.val();
        self.s.d.next = self.v.q.val();
        if self.pass_three.q.val() == 3 {
            self.s.d.next = self.hundred.val() - self.along_wide.y.val();
        }
        self.narrow.x.next = self.s.q.val().get_bits::<49>(7);
        self.result.next = self.s.q.val().get_bits::<32>(4);
        self.held.next = false;
        if self.pass_four.q.val() == 3 {
            self.result.next = self.narrow.y.val();
            self.held.next = self.narrow.held.val();
        }
        self.term.next = self.s.q.val();
        self.prediction.next = self.zero32.val();
    }
}
