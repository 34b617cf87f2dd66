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
    /// 2 D + 1 products, 2 D of them for the gradient. After pass 0 the activation takes 10 clocks:
    /// sum, clamp, five for the level, a bit of `levels` each, table, output, error. Golden model:
    /// `golden::gradient::linear`.
    Linear {
        target_factor: [Extend<16, 32>],
        piece_wide: [Extend<56, 64>],
        sum_narrow: [Clamp<52, 32>],
        level_wide: [Extend<16, 32>],
        y_wide: [Extend<32, 34>],
        target_wide: [Extend<16, 34>],
        error_narrow: [Clamp<34, 32>],
        square: [Extend<55, 56>],
        narrow: [Clamp<52, 32>],
        narrowed: [Pipe<Bits<32>, 3>],
        narrow_held: [Pipe<Bit, 3>],
        value: [DFF<Bits<56>>],
        sigmoid: [SyncROM<Bits<32>, 8>] = SyncROM::from((0..256).map(sigmoid_word)),
        level: [SyncROM<Bits<16>, 8>] = SyncROM::from((0..256).map(level_word)),
        total: [DFF<Bits<64>>],
        sum: [DFF<Bits<32>>],
        sum_held: [DFF<Bit>],
        index: [DFF<Bits<8>>],
        level_index: [Signal<Local, Bits<8>>],
        y: [DFF<Bits<32>>],
        error: [DFF<Bits<32>>],
        error_held: [DFF<Bit>],
        magnitude: [Signal<Local, Bits<18>>],
        rounded: [Signal<Local, Bits<18>>],
        zero18: [Constant<Bits<18>>] = Constant::new(0_u64.into()),
        one18: [Constant<Bits<18>>] = Constant::new(1_u64.into()),
        shifted: [Signal<Local, Bits<32>>],
        span_part: [Signal<Local, Bits<21>>],
        summed: [DFF<Bit>],
        digits: [DFF<Bits<3>>],
        levels_left: [DFF<Bits<5>>],
        scaled: [DFF<Bits<26>>],
        doubled: [Signal<Local, Bits<26>>],
        addend: [Signal<Local, Bits<26>>],
        last_level: [Signal<Local, Bits<5>>],
        nearest: [Signal<Local, Bits<4>>],
        upper: [Signal<Local, Bits<32>>],
        target_error: [Signal<Local, Bits<34>>],
        against: [Signal<Local, Bits<32>>],
        log_term: [Signal<Local, Bits<56>>],
        value_part: [Signal<Local, Bits<56>>],
        one_target: [Constant<Bits<32>>] = Constant::new((1_u64 << 12).into()),
        zero32: [Constant<Bits<32>>] = Constant::new(0_u64.into()),
        one32: [Constant<Bits<32>>] = Constant::new((1_u64 << 20).into()),
        one5: [Constant<Bits<5>>] = Constant::new(1_u64.into()),
        last_entry: [Constant<Bits<8>>] = Constant::new(255_u64.into()),
    }
}

impl Logic for Linear {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, narrowed, narrow_held);
        dff_setup!(
            self,
            clock,
            total,
            sum,
            sum_held,
            index,
            summed,
            digits,
            levels_left,
            scaled,
            y,
            error,
            error_held,
            value
        );
        self.sigmoid.clock.next = self.clock.val();
        self.level.clock.next = self.clock.val();
        self.last_pass.next = 2.into();
        self.drain.next = 14.into();
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
        self.against.next = self.zero32.val() - self.target_factor.y.val();
        if !self.sum.q.val().get_bit(31) {
            self.against.next = self.one_target.val() - self.target_factor.y.val();
        }
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
                self.b.next = self.against.val();
            }
        }
        // Pass 0: the sum, 32 fractional bits.
        self.piece_wide.x.next = self.product.val().get_bits::<56>(8);
        if self.valid_late.val() & (self.pass_late.val() == 0) {
            self.total.d.next = self.total.q.val() + self.piece_wide.y.val();
        }
        if self.opening_early.val() & (self.pass_early.val() == 0) {
            self.total.d.next = 0.into();
        }
        self.sum_narrow.x.next = self.total.q.val().get_bits::<52>(12);
        self.sum.d.next = self.sum_narrow.y.val();
        self.sum_held.d.next = self.sum_narrow.held.val();
        // The sigmoid's entry: the nearest 1/32 of abs(z), halves up, the last from 8 on. z is
        // rounded, halves away from 0, and then made positive.
        self.rounded.next = self.sum.q.val().get_bits::<18>(14) + self.one18.val();
        if self.sum.q.val().get_bit(31) & (!self.sum.q.val().get_bits::<14>(0).any()) {
            self.rounded.next = self.sum.q.val().get_bits::<18>(14);
        }
        self.magnitude.next = bit_cast::<18, 17>(self.rounded.val().get_bits::<17>(1));
        if self.sum.q.val().get_bit(31) {
            self.magnitude.next =
                self.zero18.val() - bit_cast::<18, 17>(self.rounded.val().get_bits::<17>(1));
        }
        self.index.d.next = self.magnitude.val().get_bits::<8>(0);
        if self.magnitude.val().get_bits::<9>(8).any() {
            self.index.d.next = self.last_entry.val();
        }
        self.sigmoid.address.next = self.index.q.val();
        // The level: (z + 1) / 2 * levels, within 0..levels.
        self.shifted.next = self.sum.q.val() + self.one32.val();
        self.span_part.next = self.shifted.val().get_bits::<21>(0);
        self.summed.d.next =
            self.valid_late.val() & (self.closing_late.val() & (self.pass_late.val() == 0));
        self.doubled.next = self.scaled.q.val() << 1;
        self.addend.next = 0.into();
        if self.levels_left.q.val().get_bit(4) {
            self.addend.next = bit_cast::<26, 21>(self.span_part.val());
        }
        self.scaled.d.next = self.doubled.val() + self.addend.val();
        self.levels_left.d.next = self.levels_left.q.val() << 1;
        if !self.digits.q.val().any() {
            self.scaled.d.next = self.scaled.q.val();
        } else {
            self.digits.d.next = self.digits.q.val() - 1;
        }
        if self.summed.q.val() {
            self.scaled.d.next = 0.into();
            self.levels_left.d.next = self.levels.val();
            self.digits.d.next = 5.into();
        }
        self.last_level.next = self.levels.val() - self.one5.val();
        self.nearest.next = self.scaled.q.val().get_bits::<4>(21);
        // Beyond 1, where z + 1 may have overflown; and below -1.
        if (!self.sum.q.val().get_bit(31)) & self.sum.q.val().get_bits::<11>(20).any() {
            self.nearest.next = self.last_level.val().get_bits::<4>(0);
        }
        if self.sum.q.val().get_bit(31) & self.shifted.val().get_bit(31) {
            self.nearest.next = 0.into();
        }
        self.level_index.next =
            bit_cast::<8, 4>(self.nearest.val()) | (bit_cast::<8, 5>(self.last_level.val()) << 4);
        self.level.address.next = self.level_index.val();
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
        // Pass 1, stage 1: the gradient; stages 2 and 3 only pass it on.
        self.narrow.x.next = self.product.val().get_bits::<52>(12);
        self.narrowed.d.next = self.narrow.y.val();
        self.narrow_held.d.next = self.narrow.held.val();
        self.result.next = self.narrowed.q.val();
        self.held.next =
            self.narrow_held.q.val() | (self.sum_held.q.val() | self.error_held.q.val());
        // Pass 2, one element, stage 1: the value, which then stays. With a sigmoid, it is
        // max(z, 0) - z t + ln(1 + exp(-abs(z))), and the product is the first two terms of it.
        self.square.x.next = self.product.val().get_bits::<55>(9);
        self.value_part.next = self.square.y.val();
        self.log_term.next = 0.into();
        if self.link.val() == 1 {
            self.value_part.next = self.product.val().get_bits::<56>(0);
            self.log_term.next =
                bit_cast::<56, 16>(self.sigmoid.data.val().get_bits::<16>(16)) << 16;
        }
        if self.valid_late.val() {
            self.value.d.next = self.value_part.val() + self.log_term.val();
        }
        self.term.next = self.value.q.val();
    }
}

/// `ln(1 + exp(-z))` above `1 / (1 + exp(-z))`, both UQ0.16, at `z = index / 32`.
fn sigmoid_word(index: u64) -> Bits<32> {
    let decay = (-(index as f64) / 32.0).exp();
    let fraction = |x: f64| (x * 65536.0).round() as u64;
    (fraction(decay.ln_1p()) << 16 | fraction(1.0 / (1.0 + decay))).into()
}

/// Level `k` of `n`, spread evenly from -1 to 1, Q4.12, at `(n - 1) * 16 + k`; 0 where there is
/// none.
fn level_word(index: u64) -> Bits<16> {
    let (last, k) = (index / 16, index % 16);
    if k > last || last == 0 {
        return 0_u64.into();
    }
    let y = 2.0 * k as f64 / last as f64 - 1.0;
    (((y * 4096.0).round() as i64 & 0xffff) as u64).into()
}
