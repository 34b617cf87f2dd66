use crate::arith::{Clamp, Extend, Pipe};
use rust_hdl::prelude::*;

objective! {
    /// A linear model `z = w . a` on a streamed sample `(a, t)`, with a link from `z` to the output
    /// `y`: identity (least squares), sigmoid (logistic regression), levels (perceptron).
    ///
    /// | pass | element `i` | to |
    /// |---|---|---|
    /// | 0 | `a[i] w[i]`, summed; then `y`, and the error `e = y - t` | |
    /// | 1 | `g[i] = e a[i]` | gradient |
    /// | 2 | `e^2 / 2`, or the cross-entropy; one element | value |
    ///
    /// 2 D + 1 products, 2 D of them for the gradient. After pass 0 the activation takes 5 clocks:
    /// clamp, table address, table, output, error. Golden model: `golden::gradient::linear`.
    Linear {
        target_factor: [Extend<16, 32>],
        piece_wide: [Extend<56, 64>],
        sum_narrow: [Clamp<52, 32>],
        sum_wide: [Extend<32, 40>],
        level_wide: [Extend<16, 32>],
        y_wide: [Extend<32, 34>],
        target_wide: [Extend<16, 34>],
        error_narrow: [Clamp<34, 32>],
        square: [Extend<55, 56>],
        slope: [Extend<52, 56>],
        narrow: [Clamp<56, 32>],
        value: [Pipe<Bits<56>, 3>],
        pass_three: [Pipe<Bits<2>, 3>],
        sigmoid: [SyncROM<Bits<32>, 8>] = SyncROM::from((0..256).map(sigmoid_word)),
        level: [SyncROM<Bits<16>, 8>] = SyncROM::from((0..256).map(level_word)),
        piece: [DFF<Bits<56>>],
        piece_valid: [DFF<Bit>],
        piece_opening: [DFF<Bit>],
        total: [DFF<Bits<64>>],
        sum: [DFF<Bits<32>>],
        sum_held: [DFF<Bit>],
        index: [DFF<Bits<8>>],
        level_index: [DFF<Bits<8>>],
        y: [DFF<Bits<32>>],
        error: [DFF<Bits<32>>],
        error_held: [DFF<Bit>],
        total_before: [Signal<Local, Bits<64>>],
        magnitude: [Signal<Local, Bits<32>>],
        rounded: [Signal<Local, Bits<32>>],
        shifted: [Signal<Local, Bits<40>>],
        multiple: [[Signal<Local, Bits<40>>; 5]],
        low_multiples: [Signal<Local, Bits<40>>],
        high_multiples: [Signal<Local, Bits<40>>],
        most_multiples: [Signal<Local, Bits<40>>],
        scaled: [Signal<Local, Bits<40>>],
        last_level: [Signal<Local, Bits<5>>],
        nearest: [Signal<Local, Bits<4>>],
        upper: [Signal<Local, Bits<32>>],
        target_error: [Signal<Local, Bits<34>>],
        positive: [Signal<Local, Bits<44>>],
        log_term: [Signal<Local, Bits<44>>],
        base: [Signal<Local, Bits<44>>],
        zero64: [Constant<Bits<64>>] = Constant::new(0_u64.into()),
        zero44: [Constant<Bits<44>>] = Constant::new(0_u64.into()),
        zero40: [Constant<Bits<40>>] = Constant::new(0_u64.into()),
        zero32: [Constant<Bits<32>>] = Constant::new(0_u64.into()),
        zero4: [Constant<Bits<4>>] = Constant::new(0_u64.into()),
        one40: [Constant<Bits<40>>] = Constant::new((1_u64 << 20).into()),
        one32: [Constant<Bits<32>>] = Constant::new((1_u64 << 20).into()),
        one5: [Constant<Bits<5>>] = Constant::new(1_u64.into()),
        half_entry: [Constant<Bits<32>>] = Constant::new((1_u64 << 14).into()),
        last_entry: [Constant<Bits<8>>] = Constant::new(255_u64.into()),
    }
}

impl Logic for Linear {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, pass_three, value);
        dff_setup!(
            self,
            clock,
            total,
            piece,
            piece_opening,
            piece_valid,
            sum,
            sum_held,
            index,
            level_index,
            y,
            error,
            error_held
        );
        self.sigmoid.clock.next = self.clock.val();
        self.level.clock.next = self.clock.val();
        self.last_pass.next = 2.into();
        self.drain.next = 13.into();
        self.span.next = 0.into();
        self.earlier.next = false;
        self.to_scratch.next = false;
        self.to_gradient.next = self.pass.val() == 1;
        self.to_value.next = false;
        if self.pass.val() == 2 {
            self.span.next = 2.into();
            self.to_value.next = true;
        }
        // Factors.
        self.held_early.next = false;
        self.target_factor.x.next = self.target.val();
        self.a.next = self.point.val();
        self.b.next = self.datum.val();
        if self.pass_early.val() == 1 {
            self.a.next = self.error.q.val();
        }
        if self.pass_early.val() == 2 {
            self.a.next = self.error.q.val();
            self.b.next = self.error.q.val();
            if self.link.val() == 1 {
                self.a.next = self.sum.q.val();
                self.b.next = self.target_factor.y.val();
            }
        }
        // Pass 0: the sum, 32 fractional bits.
        self.piece.d.next = self.product.val().get_bits::<56>(8);
        self.piece_valid.d.next = self.valid_late.val() & (self.pass_late.val() == 0);
        self.piece_opening.d.next = self.opening_late.val();
        self.piece_wide.x.next = self.piece.q.val();
        self.total_before.next = self.total.q.val();
        if self.piece_opening.q.val() {
            self.total_before.next = self.zero64.val();
        }
        if self.piece_valid.q.val() {
            self.total.d.next = self.total_before.val() + self.piece_wide.y.val();
        }
        self.sum_narrow.x.next = self.total.q.val().get_bits::<52>(12);
        self.sum.d.next = self.sum_narrow.y.val();
        self.sum_held.d.next = self.sum_narrow.held.val();
        // The sigmoid's entry: the nearest 1/32 of abs(z), the last from 8 on.
        self.magnitude.next = self.sum.q.val();
        if self.sum.q.val().get_bit(31) {
            self.magnitude.next = self.zero32.val() - self.sum.q.val();
        }
        self.rounded.next = self.magnitude.val() + self.half_entry.val();
        self.index.d.next = self.rounded.val().get_bits::<8>(15);
        if self.rounded.val().get_bits::<9>(23).any() {
            self.index.d.next = self.last_entry.val();
        }
        self.sigmoid.address.next = self.index.q.val();
        // The level: (z + 1) / 2 * levels, within 0..levels.
        self.sum_wide.x.next = self.sum.q.val();
        self.shifted.next = self.sum_wide.y.val() + self.one40.val();
        self.multiple[0].next = self.zero40.val();
        if self.levels.val().get_bit(0) {
            self.multiple[0].next = self.shifted.val();
        }
        self.multiple[1].next = self.zero40.val();
        if self.levels.val().get_bit(1) {
            self.multiple[1].next = self.shifted.val() << 1;
        }
        self.multiple[2].next = self.zero40.val();
        if self.levels.val().get_bit(2) {
            self.multiple[2].next = self.shifted.val() << 2;
        }
        self.multiple[3].next = self.zero40.val();
        if self.levels.val().get_bit(3) {
            self.multiple[3].next = self.shifted.val() << 3;
        }
        self.multiple[4].next = self.zero40.val();
        if self.levels.val().get_bit(4) {
            self.multiple[4].next = self.shifted.val() << 4;
        }
        self.low_multiples.next = self.multiple[0].val() + self.multiple[1].val();
        self.high_multiples.next = self.multiple[2].val() + self.multiple[3].val();
        self.most_multiples.next = self.low_multiples.val() + self.high_multiples.val();
        self.scaled.next = self.most_multiples.val() + self.multiple[4].val();
        self.last_level.next = self.levels.val() - self.one5.val();
        self.nearest.next = self.scaled.val().get_bits::<4>(21);
        if self.scaled.val().get_bits::<18>(21) > bit_cast::<18, 5>(self.last_level.val()) {
            self.nearest.next = self.last_level.val().get_bits::<4>(0);
        }
        if self.scaled.val().get_bit(39) {
            self.nearest.next = self.zero4.val();
        }
        self.level_index.d.next =
            bit_cast::<8, 4>(self.nearest.val()) | (bit_cast::<8, 5>(self.last_level.val()) << 4);
        self.level.address.next = self.level_index.q.val();
        // Output and error.
        self.level_wide.x.next = self.level.data.val();
        self.upper.next = bit_cast::<32, 16>(self.sigmoid.data.val().get_bits::<16>(0)) << 4;
        self.y.d.next = self.sum.q.val();
        if self.link.val() == 1 {
            self.y.d.next = self.upper.val();
            if self.sum.q.val().get_bit(31) {
                self.y.d.next = self.one32.val() - self.upper.val();
            }
        }
        if self.link.val() == 2 {
            self.y.d.next = self.level_wide.y.val() << 8;
        }
        self.prediction.next = self.y.q.val();
        self.y_wide.x.next = self.y.q.val();
        self.target_wide.x.next = self.target.val();
        self.target_error.next = self.target_wide.y.val() << 8;
        self.error_narrow.x.next = self.y_wide.y.val() - self.target_error.val();
        self.error.d.next = self.error_narrow.y.val();
        self.error_held.d.next = self.error_narrow.held.val();
        // Passes 1 and 2: stage 1.
        self.square.x.next = self.product.val().get_bits::<55>(9);
        self.slope.x.next = self.product.val().get_bits::<52>(12);
        self.positive.next = self.zero44.val();
        if !self.sum.q.val().get_bit(31) {
            self.positive.next = bit_cast::<44, 32>(self.sum.q.val()) << 12;
        }
        self.log_term.next = bit_cast::<44, 16>(self.sigmoid.data.val().get_bits::<16>(16)) << 16;
        self.base.next = self.positive.val() + self.log_term.val();
        self.value.d.next = self.slope.y.val();
        if self.pass_late.val() == 2 {
            self.value.d.next = self.square.y.val();
            if self.link.val() == 1 {
                self.value.d.next =
                    bit_cast::<56, 44>(self.base.val()) - self.product.val().get_bits::<56>(0);
            }
        }
        self.pass_three.d.next = self.pass_late.val();
        // Stage 3.
        self.term.next = self.value.q.val();
        self.narrow.x.next = self.value.q.val();
        self.result.next = self.narrow.y.val();
        self.held.next = self.narrow.held.val() | (self.sum_held.q.val() | self.error_held.q.val());
    }
}

/// `ln(1 + exp(-z))` above `1 / (1 + exp(-z))`, both UQ0.16, at `z = index / 32`.
fn sigmoid_word(index: u64) -> Bits<32> {
    let decay = (-(index as f64) / 32.0).exp();
    let fraction = |x: f64| (x * 65536.0).round() as u64;
    (fraction(decay.ln_1p()) << 16 | fraction(1.0 / (1.0 + decay))).into()
}

/// Level `k` of `n`, spread evenly from -1 to 1, Q4.12, at `(n - 1) * 16 + k`; 0 where there is none.
fn level_word(index: u64) -> Bits<16> {
    let (last, k) = (index / 16, index % 16);
    if k > last || last == 0 {
        return 0_u64.into();
    }
    let y = 2.0 * k as f64 / last as f64 - 1.0;
    (((y * 4096.0).round() as i64 & 0xffff) as u64).into()
}
