use crate::arith::{Clamp, Extend, Pipe};
use rust_hdl::prelude::*;

objective! {
    /// A quadratic bowl: `sum of c[i] (x[i] - z[i])^2 / 2`.
    ///
    /// | pass | element `i` | to |
    /// |---|---|---|
    /// | 0 | `t[i] = c[i] (x[i] - z[i])`, Q8.24 | scratch |
    /// | 1 | `t[i] (x[i] - z[i]) / 2`; `g[i] = t[i]` | value, gradient |
    ///
    /// 2 D products, D of them for the gradient. Golden model: `golden::gradient::quadratic`.
    Quadratic {
        point_wide: [Extend<32, 34>],
        centre_wide: [Extend<32, 34>],
        difference: [Clamp<34, 32>],
        slope: [Pipe<Bits<28>, 3>],
        slope_wide: [Extend<28, 32>],
        pass_three: [Pipe<Bits<2>, 3>],
        upper: [Pipe<Bits<43>, 3>],
        upper_wide: [Extend<43, 56>],
        zero32: [Constant<Bits<32>>] = Constant::new(0_u64.into()),
    }
}

impl Logic for Quadratic {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, slope, pass_three, upper);
        self.last_pass.next = 1.into();
        self.drain.next = 10.into();
        self.span.next = 0.into();
        self.earlier.next = false;
        self.to_scratch.next = self.pass.val() == 0;
        self.to_value.next = self.pass.val() == 1;
        self.to_gradient.next = self.pass.val() == 1;
        // Factors.
        self.point_wide.x.next = self.point.val();
        self.centre_wide.x.next = self.centre.val();
        self.difference.x.next = self.point_wide.y.val() - self.centre_wide.y.val();
        self.held_early.next = self.difference.held.val();
        self.b.next = self.difference.y.val();
        self.a.next = self.datum.val();
        if self.pass_early.val() == 1 {
            self.a.next = self.scratch.val();
        }
        // Results, three clocks after the product.
        self.pass_three.d.next = self.pass_late.val();
        self.slope.d.next = self.scratch_late.val().get_bits::<28>(4);
        self.slope_wide.x.next = self.slope.q.val();
        self.upper.d.next = self.product.val().get_bits::<43>(21);
        self.upper_wide.x.next = self.upper.q.val();
        self.term.next = self.upper_wide.y.val();
        self.result.next = self.slope_wide.y.val();
        if self.pass_three.q.val() == 0 {
            // Of 43 bits from bit 21 on, those from bit 32 on.
            self.result.next = self.upper_wide.y.val().get_bits::<32>(11);
        }
        self.held.next = false;
        self.prediction.next = self.zero32.val();
    }
}
