use crate::arith::{Pipe, ScaleSaturating};
use crate::fabric::Fabric;
use rust_hdl::prelude::*;

/// Keeps the codeword with the lowest score of a search; of equal scores, the lowest index.
///
/// ```text
/// clock  0                      1 (scaled: 5)
///        distance, index, count best score, distance, index; `found` after the last one
/// ```
///
/// Slots may come in any order.
#[derive(LogicBlock)]
pub struct Best {
    pub clock: Signal<In, Clock>,
    /// Clock 0: one codeword, whether it is a search's first or last, and its win count.
    pub valid: Signal<In, Bit>,
    pub first: Signal<In, Bit>,
    pub last: Signal<In, Bit>,
    pub candidate: Signal<In, Bits<8>>,
    pub candidate_distance: Signal<In, Bits<24>>,
    pub count: Signal<In, Bits<16>>,
    /// Static during a search: the score is the distance times the count, else the distance.
    pub scaled: Signal<In, Bit>,
    pub found: Signal<Out, Bit>,
    pub index: Signal<Out, Bits<8>>,
    pub distance: Signal<Out, Bits<24>>,
    scale: ScaleSaturating,
    valid_late: Pipe<Bit, 4>,
    first_late: Pipe<Bit, 4>,
    last_late: Pipe<Bit, 4>,
    candidate_late: Pipe<Bits<8>, 4>,
    best: DFF<Bits<40>>,
    best_distance: DFF<Bits<24>>,
    found_out: DFF<Bit>,
    now: Signal<Local, Bit>,
    now_first: Signal<Local, Bit>,
    now_last: Signal<Local, Bit>,
    now_distance: Signal<Local, Bits<24>>,
    key: Signal<Local, Bits<40>>,
}

impl Best {
    pub fn new(fabric: Fabric) -> Self {
        Self {
            clock: Default::default(),
            valid: Default::default(),
            first: Default::default(),
            last: Default::default(),
            candidate: Default::default(),
            candidate_distance: Default::default(),
            count: Default::default(),
            scaled: Default::default(),
            found: Default::default(),
            index: Default::default(),
            distance: Default::default(),
            scale: ScaleSaturating::new(fabric),
            valid_late: Default::default(),
            first_late: Default::default(),
            last_late: Default::default(),
            candidate_late: Default::default(),
            best: Default::default(),
            best_distance: Default::default(),
            found_out: Default::default(),
            now: Default::default(),
            now_first: Default::default(),
            now_last: Default::default(),
            now_distance: Default::default(),
            key: Default::default(),
        }
    }
}

impl Logic for Best {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, scale, valid_late, first_late, last_late, candidate_late);
        dff_setup!(self, clock, best, best_distance, found_out);
        self.scale.a.next = self.candidate_distance.val();
        self.scale.b.next = self.count.val();
        self.valid_late.d.next = self.valid.val() & self.scaled.val();
        self.first_late.d.next = self.first.val();
        self.last_late.d.next = self.last.val();
        self.candidate_late.d.next = self.candidate.val();

        self.now.next = self.valid.val();
        self.now_first.next = self.first.val();
        self.now_last.next = self.last.val();
        self.now_distance.next = self.candidate_distance.val();
        self.key.next = bit_cast::<40, 8>(self.candidate.val())
            | (bit_cast::<40, 24>(self.candidate_distance.val()) << 8);
        if self.scaled.val() {
            self.now.next = self.valid_late.q.val();
            self.now_first.next = self.first_late.q.val();
            self.now_last.next = self.last_late.q.val();
            self.now_distance.next = self.scale.a_out.val();
            self.key.next = bit_cast::<40, 8>(self.candidate_late.q.val())
                | (bit_cast::<40, 32>(self.scale.p.val()) << 8);
        }
        if self.now.val() & (self.now_first.val() | (self.key.val() < self.best.q.val())) {
            self.best.d.next = self.key.val();
            self.best_distance.d.next = self.now_distance.val();
        }
        self.found_out.d.next = self.now.val() & self.now_last.val();
        self.found.next = self.found_out.q.val();
        self.index.next = self.best.q.val().get_bits::<8>(0);
        self.distance.next = self.best_distance.q.val();
    }
}
