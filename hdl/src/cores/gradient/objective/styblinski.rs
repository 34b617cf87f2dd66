use crate::arith::{Extend, Pipe};
use rust_hdl::prelude::*;

objective! {
    /// Styblinski and Tang's function, above its minimum: `sum of (x^4 - 16 x^2 + 5 x) / 2 - m`.
    ///
    /// | pass | element `i` | to |
    /// |---|---|---|
    /// | 0 | `u[i] = x[i]^2 - 8`, Q8.24 | scratch |
    /// | 1 | `u[i]^2 / 2 + 5 x[i] / 2`, lifted to a minimum of 0 | value |
    /// | 2 | `g[i] = 2 x[i] u[i] + 5/2` | gradient |
    ///
    /// 3 D products, 2 D of them for the gradient. Golden model:
    /// `golden::gradient::objective::styblinski`.
    Styblinski {
        square: [Extend<32, 56>],
        fourth: [Extend<47, 56>],
        slope: [Extend<33, 56>],
        point_wide: [Extend<32, 56>],
        linear: [Signal<Local, Bits<56>>],
        product_part: [DFF<Bits<56>>],
        addend: [DFF<Bits<56>>],
        sum: [Pipe<Bits<56>, 2>],
        below: [Constant<Bits<56>>] = Constant::new(((1_u64 << 56) - (8 << 24)).into()),
        lift: [Constant<Bits<56>>] = Constant::new(0x7_2a89_d5e7_u64.into()),
        half_five: [Constant<Bits<56>>] = Constant::new((5_u64 << 19).into()),
        zero32: [Constant<Bits<32>>] = Constant::new(0_u64.into()),
    }
}

impl Logic for Styblinski {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, sum);
        dff_setup!(self, clock, product_part, addend);
        self.last_pass.next = 2.into();
        self.drain.next = 10.into();
        self.span.next = 0.into();
        self.earlier.next = false;
        self.to_scratch.next = self.pass.val() == 0;
        self.to_value.next = self.pass.val() == 1;
        self.to_gradient.next = self.pass.val() == 2;
        // Factors.
        self.held_early.next = false;
        self.a.next = self.point.val();
        self.b.next = self.point.val();
        if self.pass_early.val() == 1 {
            self.a.next = self.scratch.val();
        }
        if self.pass_early.val().any() {
            self.b.next = self.scratch.val();
        }
        // Stage 1: the product's part, and what is added to it. 5 x / 2 is 40 x in its places.
        self.square.x.next = self.product.val().get_bits::<32>(32);
        self.fourth.x.next = self.product.val().get_bits::<47>(17);
        self.slope.x.next = self.product.val().get_bits::<33>(31);
        self.point_wide.x.next = self.point_late.val();
        self.linear.next = (self.point_wide.y.val() << 5) + (self.point_wide.y.val() << 3);
        self.product_part.d.next = self.square.y.val();
        self.addend.d.next = self.below.val();
        if self.pass_late.val() == 1 {
            self.product_part.d.next = self.fourth.y.val();
            self.addend.d.next = self.linear.val() + self.lift.val();
        }
        if self.pass_late.val() == 2 {
            self.product_part.d.next = self.slope.y.val();
            self.addend.d.next = self.half_five.val();
        }
        // Stages 2 and 3: the sum.
        self.sum.d.next = self.product_part.q.val() + self.addend.q.val();
        self.term.next = self.sum.q.val();
        self.result.next = self.sum.q.val().get_bits::<32>(0);
        self.held.next = false;
        self.prediction.next = self.zero32.val();
    }
}
