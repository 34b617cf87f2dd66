use crate::arith::{Pipe, ScaleSaturating};
use crate::fabric::Fabric;
use rust_hdl::prelude::*;

/// Accumulates beats into distances, scales them by the win count, keeps the minimum.
///
/// ```text
/// clock  6    7              8..11            12
///        sum  distance       count * distance best score, distance, index; `found` on the last
///             count of it
/// ```
///
/// Only a score below the best replaces it, so ties stay with the lowest index.
#[derive(LogicBlock)]
pub struct Winner {
    pub clock: Signal<In, Clock>,
    /// Strobe before the first beat.
    pub start: Signal<In, Bit>,
    /// Clock 6: one beat's sum, whether it is a codeword's first or last, and whose.
    pub sum: Signal<In, Bits<20>>,
    pub valid: Signal<In, Bit>,
    pub opening: Signal<In, Bit>,
    pub closing: Signal<In, Bit>,
    pub codeword: Signal<In, Bits<8>>,
    /// Clock 7: the win count that scales this codeword's distance (1 for a plain search).
    pub count: Signal<In, Bits<16>>,
    pub last_codeword: Signal<In, Bits<8>>,
    /// Clock 7: a distance is complete; whose.
    pub counting: Signal<Out, Bit>,
    pub counted: Signal<Out, Bits<8>>,
    pub found: Signal<Out, Bit>,
    pub index: Signal<Out, Bits<8>>,
    pub distance: Signal<Out, Bits<24>>,
    total: DFF<Bits<24>>,
    complete: DFF<Bit>,
    whose: DFF<Bits<8>>,
    scale: ScaleSaturating,
    complete_late: Pipe<Bit, 4>,
    whose_late: Pipe<Bits<8>, 4>,
    fresh: DFF<Bit>,
    best_score: DFF<Bits<32>>,
    best_distance: DFF<Bits<24>>,
    best_index: DFF<Bits<8>>,
    found_out: DFF<Bit>,
    base: Signal<Local, Bits<24>>,
    zero: Constant<Bits<24>>,
}

impl Winner {
    pub fn new(fabric: Fabric) -> Self {
        Self {
            clock: Default::default(),
            start: Default::default(),
            sum: Default::default(),
            valid: Default::default(),
            opening: Default::default(),
            closing: Default::default(),
            codeword: Default::default(),
            count: Default::default(),
            last_codeword: Default::default(),
            counting: Default::default(),
            counted: Default::default(),
            found: Default::default(),
            index: Default::default(),
            distance: Default::default(),
            total: Default::default(),
            complete: Default::default(),
            whose: Default::default(),
            scale: ScaleSaturating::new(fabric),
            complete_late: Default::default(),
            whose_late: Default::default(),
            fresh: Default::default(),
            best_score: Default::default(),
            best_distance: Default::default(),
            best_index: Default::default(),
            found_out: Default::default(),
            base: Default::default(),
            zero: Constant::new(0_u64.into()),
        }
    }
}

impl Logic for Winner {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, scale, complete_late, whose_late);
        dff_setup!(
            self,
            clock,
            total,
            complete,
            whose,
            fresh,
            best_score,
            best_distance,
            best_index,
            found_out
        );

        // Clock 6: accumulate.
        self.base.next = self.total.q.val();
        if self.opening.val() {
            self.base.next = self.zero.val();
        }
        if self.valid.val() {
            self.total.d.next = self.base.val() + bit_cast::<24, 20>(self.sum.val());
        }
        self.complete.d.next = self.valid.val() & self.closing.val();
        self.whose.d.next = self.codeword.val();

        // Clock 7: scale by the count.
        self.counting.next = self.complete.q.val();
        self.counted.next = self.whose.q.val();
        self.scale.a.next = self.total.q.val();
        self.scale.b.next = self.count.val();
        self.complete_late.d.next = self.complete.q.val();
        self.whose_late.d.next = self.whose.q.val();

        // Clock 11: compare.
        self.found_out.d.next = false;
        if self.complete_late.q.val() {
            self.fresh.d.next = false;
            if self.fresh.q.val() | (self.scale.p.val() < self.best_score.q.val()) {
                self.best_score.d.next = self.scale.p.val();
                self.best_distance.d.next = self.scale.a_out.val();
                self.best_index.d.next = self.whose_late.q.val();
            }
            if self.whose_late.q.val() == self.last_codeword.val() {
                self.found_out.d.next = true;
            }
        }
        if self.start.val() {
            self.fresh.d.next = true;
        }

        // Clock 12: the result.
        self.found.next = self.found_out.q.val();
        self.index.next = self.best_index.q.val();
        self.distance.next = self.best_distance.q.val();
    }
}
