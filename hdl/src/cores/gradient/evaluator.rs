use super::{Objectives, Sequencer};
use crate::arith::{MultiplyWide, Pipe};
use crate::fabric::Fabric;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Idle,
    Evaluate,
    Stream,
}

/// The objective block: a point goes in, its gradient and value come out.
///
/// The point's components come in order, valid/ready; with the last one (`last` is the number of
/// dimensions less 1) the evaluation starts. The gradient's come out in order, valid/ready,
/// stable while stalled; `rewind`, once the last one is taken, sends them again. `value` is final
/// before the first one. With `predict` only `prediction` is worked out, and `predicted` strobes.
///
/// ```text
///  point --> [point RAM x2] --+                                     +--> [scratch RAM x2]
/// samples -> [datum RAM] ----+-> a, b --> [MultiplyWide] --> result+--> [gradient RAM] -->
/// gradient
///  bus -----> [centre RAM] ---+     (Objectives choose and combine) +--> + value
/// clock  0        1                 2        3..6           7..9
/// ```
#[derive(LogicBlock)]
pub struct Evaluator {
    pub clock: Signal<In, Clock>,
    pub objective: Signal<In, Bits<3>>,
    pub link: Signal<In, Bits<2>>,
    pub levels: Signal<In, Bits<5>>,
    pub last: Signal<In, Bits<6>>,
    pub predict: Signal<In, Bit>,
    pub predicted: Signal<Out, Bit>,
    pub prediction: Signal<Out, Bits<32>>,
    pub point_data: Signal<In, Bits<32>>,
    pub point_valid: Signal<In, Bit>,
    pub point_ready: Signal<Out, Bit>,
    pub gradient_data: Signal<Out, Bits<32>>,
    pub gradient_valid: Signal<Out, Bit>,
    pub gradient_ready: Signal<In, Bit>,
    pub rewind: Signal<In, Bit>,
    pub value: Signal<Out, Bits<48>>,
    /// Sticky from the evaluation's start: a gradient, prediction or error was clamped; a value.
    pub gradient_held: Signal<Out, Bit>,
    pub value_held: Signal<Out, Bit>,
    /// While idle: write the datum (0) or centre (1) memory, or the sample's target (2).
    pub write: Signal<In, Bit>,
    pub write_space: Signal<In, Bits<2>>,
    pub address: Signal<In, Bits<7>>,
    pub write_data: Signal<In, Bits<32>>,
    /// While idle: one clock after `address`, datum, centre and gradient.
    pub datum_data: Signal<Out, Bits<32>>,
    pub centre_data: Signal<Out, Bits<32>>,
    pub stored_gradient: Signal<Out, Bits<32>>,
    objectives: Objectives,
    sequencer: Sequencer,
    multiply: MultiplyWide,
    points: RAM<Bits<32>, 7>,
    points_late: RAM<Bits<32>, 7>,
    scratches: RAM<Bits<32>, 7>,
    scratches_late: RAM<Bits<32>, 7>,
    data: RAM<Bits<32>, 7>,
    centres: RAM<Bits<32>, 7>,
    gradients: RAM<Bits<32>, 7>,
    state: DFF<State>,
    count: DFF<Bits<6>>,
    offered: DFF<Bit>,
    target: DFF<Bits<16>>,
    previous: DFF<Bits<32>>,
    total: DFF<Bits<48>>,
    value_over: DFF<Bit>,
    gradient_over: DFF<Bit>,
    valid_early: Pipe<Bit, 1>,
    pass_early: Pipe<Bits<2>, 1>,
    opening_early: Pipe<Bit, 1>,
    closing_early: Pipe<Bit, 1>,
    valid_late: Pipe<Bit, 6>,
    pass_late: Pipe<Bits<2>, 6>,
    opening_late: Pipe<Bit, 6>,
    closing_late: Pipe<Bit, 6>,
    place_again: Pipe<Bits<7>, 5>,
    place_written: Pipe<Bits<7>, 4>,
    scratch_written: Pipe<Bit, 9>,
    gradient_written: Pipe<Bit, 9>,
    value_added: Pipe<Bit, 9>,
    place: Signal<Local, Bits<7>>,
    next_count: Signal<Local, Bits<6>>,
    taken: Signal<Local, Bit>,
    term_over: Signal<Local, Bit>,
    term: Signal<Local, Bits<49>>,
    sum: Signal<Local, Bits<49>>,
    start: Signal<Local, Bit>,
    most48: Constant<Bits<48>>,
    zero49: Constant<Bits<49>>,
    most49: Constant<Bits<49>>,
    one7: Constant<Bits<7>>,
    one6: Constant<Bits<6>>,
    zero6: Constant<Bits<6>>,
    zero48: Constant<Bits<48>>,
}

impl Evaluator {
    /// With the objectives whose bits are set, by their numbers.
    pub fn new(built: u16, fabric: Fabric) -> Self {
        Self {
            clock: Default::default(),
            objective: Default::default(),
            link: Default::default(),
            levels: Default::default(),
            last: Default::default(),
            predict: Default::default(),
            predicted: Default::default(),
            prediction: Default::default(),
            point_data: Default::default(),
            point_valid: Default::default(),
            point_ready: Default::default(),
            gradient_data: Default::default(),
            gradient_valid: Default::default(),
            gradient_ready: Default::default(),
            rewind: Default::default(),
            value: Default::default(),
            gradient_held: Default::default(),
            value_held: Default::default(),
            write: Default::default(),
            write_space: Default::default(),
            address: Default::default(),
            write_data: Default::default(),
            datum_data: Default::default(),
            centre_data: Default::default(),
            stored_gradient: Default::default(),
            objectives: Objectives::new(built),
            sequencer: Default::default(),
            multiply: MultiplyWide::new(fabric),
            points: Default::default(),
            points_late: Default::default(),
            scratches: Default::default(),
            scratches_late: Default::default(),
            data: Default::default(),
            centres: Default::default(),
            gradients: Default::default(),
            state: Default::default(),
            count: Default::default(),
            offered: Default::default(),
            target: Default::default(),
            previous: Default::default(),
            total: Default::default(),
            value_over: Default::default(),
            gradient_over: Default::default(),
            valid_early: Default::default(),
            pass_early: Default::default(),
            opening_early: Default::default(),
            closing_early: Default::default(),
            valid_late: Default::default(),
            pass_late: Default::default(),
            opening_late: Default::default(),
            closing_late: Default::default(),
            place_again: Default::default(),
            place_written: Default::default(),
            scratch_written: Default::default(),
            gradient_written: Default::default(),
            value_added: Default::default(),
            place: Default::default(),
            next_count: Default::default(),
            taken: Default::default(),
            term_over: Default::default(),
            term: Default::default(),
            sum: Default::default(),
            start: Default::default(),
            most48: Constant::new(((1_u64 << 48) - 1).into()),
            zero49: Constant::new(0_u64.into()),
            most49: Constant::new(((1_u64 << 48) - 1).into()),
            one7: Constant::new(1_u64.into()),
            one6: Constant::new(1_u64.into()),
            zero6: Constant::new(0_u64.into()),
            zero48: Constant::new(0_u64.into()),
        }
    }
}

impl Logic for Evaluator {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(
            self,
            clock,
            objectives,
            sequencer,
            multiply,
            valid_early,
            pass_early,
            opening_early,
            closing_early,
            valid_late,
            pass_late,
            opening_late,
            closing_late,
            place_again,
            place_written,
            scratch_written,
            gradient_written,
            value_added
        );
        dff_setup!(
            self,
            clock,
            state,
            count,
            offered,
            target,
            previous,
            total,
            value_over,
            gradient_over
        );
        self.points.read_clock.next = self.clock.val();
        self.points.write_clock.next = self.clock.val();
        self.points_late.read_clock.next = self.clock.val();
        self.points_late.write_clock.next = self.clock.val();
        self.scratches.read_clock.next = self.clock.val();
        self.scratches.write_clock.next = self.clock.val();
        self.scratches_late.read_clock.next = self.clock.val();
        self.scratches_late.write_clock.next = self.clock.val();
        self.data.read_clock.next = self.clock.val();
        self.data.write_clock.next = self.clock.val();
        self.centres.read_clock.next = self.clock.val();
        self.centres.write_clock.next = self.clock.val();
        self.gradients.read_clock.next = self.clock.val();
        self.gradients.write_clock.next = self.clock.val();

        // Point in, evaluation, gradient out.
        self.start.next = false;
        self.point_ready.next = false;
        self.gradient_valid.next = self.offered.q.val();
        self.predicted.next = false;
        self.taken.next = self.offered.q.val() & self.gradient_ready.val();
        self.next_count.next = self.count.q.val();
        self.points.write_enable.next = false;
        self.points_late.write_enable.next = false;
        match self.state.q.val() {
            State::Idle => {
                self.point_ready.next = true;
                self.points.write_enable.next = self.point_valid.val();
                self.points_late.write_enable.next = self.point_valid.val();
                if self.point_valid.val() {
                    self.count.d.next = self.count.q.val() + self.one6.val();
                    if self.count.q.val() == self.last.val() {
                        self.count.d.next = self.zero6.val();
                        self.start.next = true;
                        self.state.d.next = State::Evaluate;
                    }
                }
                if self.rewind.val() {
                    self.state.d.next = State::Stream;
                }
            }
            State::Evaluate => {
                self.offered.d.next = false;
                if self.sequencer.done.val() {
                    self.predicted.next = self.predict.val();
                    self.state.d.next = State::Stream;
                    if self.predict.val() {
                        self.state.d.next = State::Idle;
                    }
                }
            }
            State::Stream => {
                self.offered.d.next = true;
                if self.taken.val() {
                    self.next_count.next = self.count.q.val() + self.one6.val();
                    if self.count.q.val() == self.last.val() {
                        self.next_count.next = self.zero6.val();
                        self.offered.d.next = false;
                        self.state.d.next = State::Idle;
                    }
                }
                self.count.d.next = self.next_count.val();
            }
            _ => {
                self.state.d.next = State::Idle;
            }
        }
        self.points.write_address.next = bit_cast::<7, 6>(self.count.q.val());
        self.points.write_data.next = self.point_data.val();
        self.points_late.write_address.next = bit_cast::<7, 6>(self.count.q.val());
        self.points_late.write_data.next = self.point_data.val();
        self.sequencer.start.next = self.start.val();
        self.sequencer.last.next = self.last.val();
        self.sequencer.last_pass.next = self.objectives.last_pass.val();
        if self.predict.val() {
            self.sequencer.last_pass.next = 0.into();
        }
        self.sequencer.drain.next = self.objectives.drain.val();
        self.sequencer.span.next = self.objectives.span.val();

        // Clock 0: the element's place.
        self.objectives.select.next = self.objective.val();
        self.objectives.link.next = self.link.val();
        self.objectives.levels.next = self.levels.val();
        self.objectives.target.next = self.target.q.val();
        self.objectives.pass.next = self.sequencer.pass.val();
        self.place.next = self.sequencer.index.val();
        if self.objectives.earlier.val() {
            self.place.next = self.sequencer.index.val() - self.one7.val();
        }
        self.valid_early.d.next = self.sequencer.valid.val();
        self.pass_early.d.next = self.sequencer.pass.val();
        self.opening_early.d.next = self.sequencer.opening.val();
        self.closing_early.d.next = self.sequencer.closing.val();
        self.valid_late.d.next = self.sequencer.valid.val();
        self.pass_late.d.next = self.sequencer.pass.val();
        self.opening_late.d.next = self.sequencer.opening.val();
        self.closing_late.d.next = self.sequencer.closing.val();
        self.place_again.d.next = self.place.val();
        self.place_written.d.next = self.place_again.q.val();
        self.scratch_written.d.next = self.sequencer.valid.val() & self.objectives.to_scratch.val();
        self.gradient_written.d.next = self.sequencer.valid.val()
            & (self.objectives.to_gradient.val()
                & (!(self.objectives.earlier.val() & self.sequencer.opening.val())));
        self.value_added.d.next = self.sequencer.valid.val() & self.objectives.to_value.val();
        self.points.read_address.next = self.sequencer.index.val();
        self.scratches.read_address.next = self.sequencer.index.val();
        self.data.read_address.next = self.sequencer.index.val();
        self.centres.read_address.next = self.sequencer.index.val();
        self.gradients.read_address.next = bit_cast::<7, 6>(self.next_count.val());
        if self.state.q.val() == State::Idle {
            self.data.read_address.next = self.address.val();
            self.centres.read_address.next = self.address.val();
            self.gradients.read_address.next = self.address.val();
        }

        // Clock 1: the factors.
        self.objectives.pass_early.next = self.pass_early.q.val();
        self.objectives.opening_early.next = self.opening_early.q.val();
        self.objectives.closing_early.next = self.closing_early.q.val();
        self.objectives.point.next = self.points.read_data.val();
        self.objectives.point_before.next = self.previous.q.val();
        self.objectives.scratch.next = self.scratches.read_data.val();
        self.objectives.datum.next = self.data.read_data.val();
        self.objectives.centre.next = self.centres.read_data.val();
        self.previous.d.next = self.points.read_data.val();
        self.multiply.a.next = self.objectives.a.val();
        self.multiply.b.next = self.objectives.b.val();

        // Clock 5: the operands once more. Clock 6: the product.
        self.points_late.read_address.next = self.place_again.q.val();
        self.scratches_late.read_address.next = self.place_again.q.val();
        self.objectives.point_late.next = self.points_late.read_data.val();
        self.objectives.scratch_late.next = self.scratches_late.read_data.val();
        self.objectives.pass_late.next = self.pass_late.q.val();
        self.objectives.opening_late.next = self.opening_late.q.val();
        self.objectives.closing_late.next = self.closing_late.q.val();
        self.objectives.valid_late.next = self.valid_late.q.val();
        self.objectives.product.next = self.multiply.p.val();

        // Clock 9: results.
        self.scratches.write_address.next = self.place_written.q.val();
        self.scratches.write_data.next = self.objectives.result.val();
        self.scratches.write_enable.next = self.scratch_written.q.val();
        self.scratches_late.write_address.next = self.place_written.q.val();
        self.scratches_late.write_data.next = self.objectives.result.val();
        self.scratches_late.write_enable.next = self.scratch_written.q.val();
        self.gradients.write_address.next = self.place_written.q.val();
        self.gradients.write_data.next = self.objectives.result.val();
        self.gradients.write_enable.next = self.gradient_written.q.val();
        if (self.gradient_written.q.val() & self.objectives.held.val())
            | (self.valid_early.q.val() & self.objectives.held_early.val())
        {
            self.gradient_over.d.next = true;
        }
        self.term.next = bit_cast::<49, 48>(self.objectives.term.val().get_bits::<48>(0));
        self.term_over.next = self.objectives.term.val().get_bits::<7>(48).any();
        if self.term_over.val() {
            self.term.next = self.most49.val();
        }
        if self.objectives.term.val().get_bit(55) {
            self.term.next = self.zero49.val();
            self.term_over.next = false;
        }
        self.sum.next = bit_cast::<49, 48>(self.total.q.val()) + self.term.val();
        if self.value_added.q.val() {
            self.total.d.next = self.sum.val().get_bits::<48>(0);
            if self.sum.val().get_bit(48) {
                self.total.d.next = self.most48.val();
            }
            if self.term_over.val() | self.sum.val().get_bit(48) {
                self.value_over.d.next = true;
            }
        }
        if self.start.val() {
            self.total.d.next = self.zero48.val();
            self.value_over.d.next = false;
            self.gradient_over.d.next = false;
        }
        self.value.next = self.total.q.val();
        self.value_held.next = self.value_over.q.val();
        self.gradient_held.next = self.gradient_over.q.val();
        self.prediction.next = self.objectives.prediction.val();
        self.gradient_data.next = self.gradients.read_data.val();

        // Writes from outside.
        self.data.write_address.next = self.address.val();
        self.data.write_data.next = self.write_data.val();
        self.data.write_enable.next = self.write.val() & (self.write_space.val() == 0);
        self.centres.write_address.next = self.address.val();
        self.centres.write_data.next = self.write_data.val();
        self.centres.write_enable.next = self.write.val() & (self.write_space.val() == 1);
        if self.write.val() & (self.write_space.val() == 2) {
            self.target.d.next = self.write_data.val().get_bits::<16>(0);
        }
        self.datum_data.next = self.data.read_data.val();
        self.centre_data.next = self.centres.read_data.val();
        self.stored_gradient.next = self.gradients.read_data.val();
    }
}
