use super::{Evaluator, Largest, Narrow, Registers};
use crate::arith::{Noise, Pipe};
use crate::fabric::Fabric;
use fixlearn_map::gradient::GradientBuilt;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Clear,
    Idle,
    Fetch,
    Point,
    Predict,
    Survey,
    Judge,
    Update,
    Advance,
    Report,
}

block! {
    /// The optimizer: see the module's documentation for its diagram, formats and cycles.
    ///
    /// A sample is words of 16 bits, a beat each: the features in order, and then the target. Its
    /// result is the prediction, Q12.20, where it was not learned. Without samples, iterations run
    /// as many as are written to the register `ITERATE`.
    GradientCore<>, core 16;
    /// With the objectives whose bits are set, by their numbers.
    new(built: u16, fabric: Fabric) {
    }
    registers: [Registers] = Registers::new(built),
    evaluator: [Evaluator] = Evaluator::new(built, fabric),
    narrow: [Narrow] = Narrow::new(searches(built), fabric),
    largest: [Largest],
    noise: [Noise],
    points: [RAM<Bits<32>, 6>],
    searches: [Constant<Bit>] = Constant::new(searches(built)),
    kept: [RAM<Bits<32>, 6>],
    updated_here: [Pipe<Bit, 3>],
    gradient_residues: [RAM<Bits<20>, 6>],
    point_residues: [RAM<Bits<32>, 6>],
    state: [DFF<State>],
    word: [DFF<Bits<7>>],
    learn: [DFF<Bit>],
    sampled: [DFF<Bit>],
    count: [DFF<Bits<7>>],
    offered: [DFF<Bit>],
    rest: [DFF<Bits<4>>],
    stalled: [DFF<Bit>],
    elsewhere: [DFF<Bit>],
    bus_read: [DFF<Bits<32>>],
    index_two: [Pipe<Bits<6>, 2>],
    index_three: [Pipe<Bits<6>, 1>],
    index_five: [Pipe<Bits<6>, 2>],
    index_six: [Pipe<Bits<6>, 1>],
    taken_six: [Pipe<Bit, 6>],
    updated_three: [Pipe<Bit, 3>],
    updated_five: [Pipe<Bit, 5>],
    updated_six: [Pipe<Bit, 6>],
    taken: [Signal<Local, Bit>],
    given: [Signal<Local, Bit>],
    at_last: [Signal<Local, Bit>],
    next_count: [Signal<Local, Bits<7>>],
    index: [Signal<Local, Bits<6>>],
    streams: [Signal<Local, Bit>],
    sample_word: [Signal<Local, Bits<32>>],
    feedback: [Signal<Local, Bit>],
    held: [Signal<Local, Bits<3>>],
    held_point: [Constant<Bits<3>>] = Constant::new(1_u64.into()),
    held_gradient: [Constant<Bits<3>>] = Constant::new(2_u64.into()),
    held_value: [Constant<Bits<3>>] = Constant::new(4_u64.into()),
    zero3: [Constant<Bits<3>>] = Constant::new(0_u64.into()),
    zero7: [Constant<Bits<7>>] = Constant::new(0_u64.into()),
    one7: [Constant<Bits<7>>] = Constant::new(1_u64.into()),
    zero20: [Constant<Bits<20>>] = Constant::new(0_u64.into()),
    zero32: [Constant<Bits<32>>] = Constant::new(0_u64.into()),
    sign_extension: [Constant<Bits<32>>] = Constant::new(0xffff_0000_u64.into()),
}

/// Whether a core with these objectives has a search.
fn searches(built: u16) -> bool {
    GradientBuilt { objectives: built, dimension: 64 }.searches()
}

// The kernel, with the memories' numbers as tokens.
macro_rules! kernel {
    (
        REGISTERS = $REGISTERS:tt, POINT = $POINT:tt, GRADIENT_RESIDUE = $GRADIENT_RESIDUE:tt,
        POINT_RESIDUE = $POINT_RESIDUE:tt, CURVATURE = $CURVATURE:tt, CENTRE = $CENTRE:tt,
        GRADIENT = $GRADIENT:tt, KEPT = $KEPT:tt,
    ) => {
        impl Logic for GradientCore {
            #[hdl_gen]
            fn update(&mut self) {
                clock!(
                    self,
                    clock,
                    registers,
                    evaluator,
                    narrow,
                    largest,
                    noise,
                    index_two,
                    index_three,
                    index_five,
                    index_six,
                    taken_six,
                    updated_three,
                    updated_five,
                    updated_six,
                    updated_here
                );
                dff_setup!(
                    self, clock, state, word, learn, sampled, count, offered, rest, stalled,
                    elsewhere, bus_read
                );
                self.points.read_clock.next = self.clock.val();
                self.points.write_clock.next = self.clock.val();
                self.kept.read_clock.next = self.clock.val();
                self.kept.write_clock.next = self.clock.val();
                self.gradient_residues.read_clock.next = self.clock.val();
                self.gradient_residues.write_clock.next = self.clock.val();
                self.point_residues.read_clock.next = self.clock.val();
                self.point_residues.write_clock.next = self.clock.val();

                self.streams.next = self.registers.objective_number.val() == 2;
                self.vector_last.next =
                    (bit_cast::<8, 6>(self.registers.last_dimension.val()) << 1) + 3;
                self.answer_last.next = 3.into();
                self.column_last.next = 255.into();
                self.at_last.next =
                    self.count.q.val() == bit_cast::<7, 6>(self.registers.last_dimension.val());
                self.index.next = self.count.q.val().get_bits::<6>(0);
                self.busy.next = (self.state.q.val() != State::Idle) | self.registers.pending.val();
                self.sample_ready.next = false;
                self.result_valid.next = false;
                self.result.next = self.evaluator.prediction.val();
                self.registers.clear.next = false;
                self.registers.advance.next = false;
                self.registers.judging.next = false;
                self.registers.counting.next = !self.sampled.q.val();
                self.registers.clear_address.next = self.count.q.val().get_bits::<5>(0);
                self.evaluator.point_valid.next = false;
                self.evaluator.gradient_ready.next = false;
                self.evaluator.rewind.next = false;
                self.evaluator.predict.next = self.sampled.q.val() & (!self.learn.q.val());
                self.taken.next = false;
                self.given.next = false;
                self.next_count.next = self.count.q.val();
                self.held.next = self.zero3.val();

                // Writes to the evaluator: samples, or the bus (below).
                self.sample_word.next = bit_cast::<32, 16>(self.sample_data.val());
                if self.sample_data.val().get_bit(15) {
                    self.sample_word.next =
                        bit_cast::<32, 16>(self.sample_data.val()) | self.sign_extension.val();
                }
                self.evaluator.write.next = false;
                self.evaluator.write_space.next = 0.into();
                self.evaluator.write_data.next = self.sample_word.val();
                self.evaluator.address.next = self.bus_column.val().get_bits::<7>(0);

                match self.state.q.val() {
                    State::Clear => {
                        self.registers.clear.next = true;
                        self.count.d.next = self.count.q.val() + self.one7.val();
                        self.evaluator.write.next = true;
                        self.evaluator.write_space.next = bit_cast::<2, 7>(self.count.q.val() >> 6);
                        self.evaluator.write_data.next = self.zero32.val();
                        self.evaluator.address.next =
                            bit_cast::<7, 6>(self.count.q.val().get_bits::<6>(0));
                        if self.count.q.val() == 127 {
                            self.state.d.next = State::Idle;
                        }
                    }
                    State::Idle => {
                        self.count.d.next = self.zero7.val();
                        self.sampled.d.next = false;
                        if self.clear.val() {
                            self.state.d.next = State::Clear;
                        } else if self.registers.pending.val() {
                            self.state.d.next = State::Point;
                        } else {
                            self.sample_ready.next = true;
                            if self.sample_valid.val() {
                                self.sampled.d.next = true;
                                self.learn.d.next = self.sample_learn.val();
                                self.state.d.next = State::Fetch;
                            }
                        }
                    }
                    State::Fetch => {
                        self.sample_ready.next = true;
                    }
                    // The point goes to the objective.
                    State::Point => {
                        self.offered.d.next = true;
                        self.word.d.next = self.zero7.val();
                        self.evaluator.point_valid.next = self.offered.q.val();
                        self.given.next = self.offered.q.val() & self.evaluator.point_ready.val();
                        if self.given.val() {
                            self.next_count.next = self.count.q.val() + self.one7.val();
                            if self.at_last.val() {
                                self.next_count.next = self.zero7.val();
                                self.offered.d.next = false;
                                self.stalled.d.next = true;
                                self.state.d.next = State::Survey;
                                if self.sampled.q.val() & (!self.learn.q.val()) {
                                    self.state.d.next = State::Predict;
                                }
                            }
                        }
                        self.count.d.next = self.next_count.val();
                    }
                    State::Predict => {
                        if self.evaluator.predicted.val() {
                            self.state.d.next = State::Report;
                        }
                    }
                    // Its gradient comes: which component is the largest, and does any move?
                    State::Survey => {
                        self.evaluator.gradient_ready.next = true;
                        self.taken.next = self.evaluator.gradient_valid.val();
                        self.rest.d.next = 7.into();
                        if self.taken.val() {
                            self.count.d.next = self.count.q.val() + self.one7.val();
                            if self.at_last.val() {
                                self.registers.judging.next = true;
                                self.count.d.next = self.zero7.val();
                                self.state.d.next = State::Judge;
                            }
                        }
                    }
                    State::Judge => {
                        self.rest.d.next = self.rest.q.val() - 1;
                        if self.rest.q.val() == 1 {
                            self.evaluator.rewind.next = true;
                            self.state.d.next = State::Update;
                        }
                    }
                    // And again: every component moves.
                    State::Update => {
                        self.evaluator.gradient_ready.next = true;
                        self.taken.next = self.evaluator.gradient_valid.val();
                        self.rest.d.next = 7.into();
                        if self.taken.val() {
                            self.count.d.next = self.count.q.val() + self.one7.val();
                            if self.at_last.val() {
                                self.count.d.next = self.zero7.val();
                                self.state.d.next = State::Advance;
                            }
                        }
                    }
                    State::Advance => {
                        self.rest.d.next = self.rest.q.val() - 1;
                        if self.rest.q.val() == 1 {
                            self.registers.advance.next = true;
                            self.state.d.next = State::Report;
                            if !self.sampled.q.val() {
                                self.state.d.next = State::Idle;
                            }
                            if self.evaluator.gradient_held.val() {
                                self.held.next = self.held_gradient.val();
                            }
                            if self.evaluator.value_held.val() {
                                self.held.next = self.held.val() | self.held_value.val();
                            }
                        }
                    }
                    State::Report => {
                        self.result_valid.next = true;
                        if self.result_ready.val() {
                            self.state.d.next = State::Idle;
                        }
                    }
                    _ => {
                        self.state.d.next = State::Idle;
                    }
                }
                // A sample's words: features, then the target. Other objectives have no use for
                // them.
                if self.sample_ready.val() & self.sample_valid.val() {
                    self.word.d.next = self.word.q.val() + self.one7.val();
                    self.evaluator.write.next = self.streams.val();
                    self.evaluator.address.next = self.word.q.val();
                    if self.word.q.val()
                        == (bit_cast::<7, 6>(self.registers.last_dimension.val()) + 1)
                    {
                        self.evaluator.write_space.next = 2.into();
                        self.state.d.next = State::Point;
                    }
                }

                // The objective.
                self.evaluator.objective.next = self.registers.objective_number.val();
                self.evaluator.link.next = self.registers.link.val();
                self.evaluator.levels.next = self.registers.levels.val();
                self.evaluator.last.next = self.registers.last_dimension.val();
                self.evaluator.point_data.next = self.points.read_data.val();

                // Survey and update: the largest component, and the narrowing.
                self.largest.valid.next = self.taken.val() & (self.state.q.val() == State::Survey);
                self.largest.gradient.next = self.evaluator.gradient_data.val();
                self.largest.position.next = self.index.val();
                self.feedback.next = self.registers.rounding.val() == 3;
                if self.registers.compensation.val()
                    & (self.stalled.q.val() | (self.index.val() != self.largest.index.val()))
                {
                    self.feedback.next = true;
                }
                self.narrow.gradient.next = self.evaluator.gradient_data.val();
                self.narrow.survey.next = self.state.q.val() == State::Survey;
                self.narrow.feedback.next = self.feedback.val();
                self.narrow.noise.next = self.noise.state.val();
                self.narrow.rounding.next = self.registers.rounding.val();
                self.narrow.gradient_bits.next = self.registers.gradient_bits.val();
                self.narrow.point_bits.next = self.registers.point_bits.val();
                self.narrow.rate.next = self.registers.rate.val();
                self.narrow.low.next = self.registers.low.val();
                self.narrow.high.next = self.registers.high.val();
                self.narrow.gradient_residue.next = self.gradient_residues.read_data.val();
                self.narrow.point_residue.next = self.point_residues.read_data.val();
                self.narrow.point.next = self.points.read_data.val();
                self.narrow.kept.next = self.kept.read_data.val();
                self.narrow.dropped.next = self.registers.dropped.val();
                self.narrow.noise_width.next = self.registers.noise_width.val();
                self.noise.step.next = self.taken.val() & (self.state.q.val() == State::Update);
                self.noise.clear.next = self.state.q.val() == State::Clear;
                self.noise.load_low.next = self.registers.noise_load_low.val();
                self.noise.load_high.next = self.registers.noise_load_high.val();
                self.noise.low.next = self.registers.noise_low.val();
                self.noise.high.next = self.bus_write_data.val();
                self.index_two.d.next = self.index.val();
                self.index_three.d.next = self.index_two.q.val();
                self.index_five.d.next = self.index_three.q.val();
                self.index_six.d.next = self.index_five.q.val();
                self.taken_six.d.next = self.taken.val() & (self.state.q.val() == State::Survey);
                self.updated_three.d.next =
                    self.taken.val() & (self.state.q.val() == State::Update);
                self.updated_six.d.next = self.taken.val() & (self.state.q.val() == State::Update);
                self.updated_five.d.next = self.taken.val() & (self.state.q.val() == State::Update);
                if self.taken_six.q.val() & (!self.narrow.still.val()) {
                    self.stalled.d.next = false;
                }
                self.points.write_enable.next = self.updated_six.q.val();
                self.points.write_address.next = self.index_six.q.val();
                self.points.write_data.next = self.narrow.next_point.val();
                self.gradient_residues.write_enable.next =
                    self.updated_three.q.val() & self.narrow.gradient_residue_kept.val();
                self.gradient_residues.write_address.next = self.index_three.q.val();
                self.gradient_residues.write_data.next = self.narrow.next_gradient_residue.val();
                self.point_residues.write_enable.next =
                    self.updated_five.q.val() & self.narrow.point_residue_kept.val();
                self.point_residues.write_address.next = self.index_five.q.val();
                self.point_residues.write_data.next = self.narrow.next_point_residue.val();
                if self.updated_six.q.val() & self.narrow.held.val() {
                    self.held.next = self.held.val() | self.held_point.val();
                }
                self.gradient_residues.read_address.next = self.index.val();
                self.point_residues.read_address.next = self.index_two.q.val();
                self.points.read_address.next = self.index_three.q.val();
                if self.searches.val() {
                    self.points.read_address.next = self.index_two.q.val();
                }
                // The kept point: it stays, or the point is it.
                self.updated_here.d.next = self.taken.val() & (self.state.q.val() == State::Update);
                self.kept.read_address.next = self.index_two.q.val();
                self.kept.write_enable.next = self.updated_here.q.val()
                    & (self.registers.keep.val() & (!self.registers.dropped.val()));
                self.kept.write_address.next = self.index_three.q.val();
                self.kept.write_data.next = self.points.read_data.val();
                if self.state.q.val() == State::Point {
                    self.points.read_address.next = self.next_count.val().get_bits::<6>(0);
                }
                if self.state.q.val() == State::Idle {
                    self.gradient_residues.read_address.next =
                        self.bus_column.val().get_bits::<6>(0);
                    self.point_residues.read_address.next = self.bus_column.val().get_bits::<6>(0);
                    self.points.read_address.next = self.bus_column.val().get_bits::<6>(0);
                    self.kept.read_address.next = self.bus_column.val().get_bits::<6>(0);
                }

                // The bus.
                self.registers.address.next = self.bus_column.val();
                self.registers.write_data.next = self.bus_write_data.val();
                self.elsewhere.d.next = self.bus_row.val().any();
                self.registers.write.next = self.bus_write.val()
                    & ((self.bus_memory.val() == $REGISTERS) & (!self.elsewhere.q.val()));
                self.registers.largest.next = self.largest.index.val();
                self.registers.negative.next = self.largest.negative.val();
                self.registers.value.next = self.evaluator.value.val();
                self.registers.held.next = self.held.val();
                self.registers.noise_state.next = self.noise.state.val();
                self.bus_refused.next = self.registers.refused.val();
                if self.bus_write.val()
                    & ((self.bus_memory.val() != $REGISTERS) | self.elsewhere.q.val())
                {
                    self.bus_refused.next = true;
                    if (!self.elsewhere.q.val()) & (self.bus_column.val() < 64) {
                        if self.bus_memory.val() == $POINT {
                            self.bus_refused.next = false;
                            self.points.write_enable.next = true;
                            self.points.write_address.next = self.bus_column.val().get_bits::<6>(0);
                            self.points.write_data.next = self.bus_write_data.val();
                        } else if self.bus_memory.val() == $GRADIENT_RESIDUE {
                            self.bus_refused.next = false;
                            self.gradient_residues.write_enable.next = true;
                            self.gradient_residues.write_address.next =
                                self.bus_column.val().get_bits::<6>(0);
                            self.gradient_residues.write_data.next =
                                self.bus_write_data.val().get_bits::<20>(0);
                        } else if self.bus_memory.val() == $POINT_RESIDUE {
                            self.bus_refused.next = false;
                            self.point_residues.write_enable.next = true;
                            self.point_residues.write_address.next =
                                self.bus_column.val().get_bits::<6>(0);
                            self.point_residues.write_data.next = self.bus_write_data.val();
                        } else if (self.bus_memory.val() == $CURVATURE)
                            & (!self.bus_write_data.val().get_bit(31))
                        {
                            self.bus_refused.next = false;
                            self.evaluator.write.next = true;
                            self.evaluator.write_data.next = self.bus_write_data.val();
                        } else if self.bus_memory.val() == $CENTRE {
                            self.bus_refused.next = false;
                            self.evaluator.write.next = true;
                            self.evaluator.write_space.next = 1.into();
                            self.evaluator.write_data.next = self.bus_write_data.val();
                        } else if (self.bus_memory.val() == $KEPT) & self.searches.val() {
                            self.bus_refused.next = false;
                            self.kept.write_enable.next = true;
                            self.kept.write_address.next = self.bus_column.val().get_bits::<6>(0);
                            self.kept.write_data.next = self.bus_write_data.val();
                        }
                    }
                }
                self.bus_read.d.next = self.registers.read_data.val();
                if self.bus_memory.val() != $REGISTERS {
                    self.bus_read.d.next = self.points.read_data.val();
                    if self.bus_memory.val() == $GRADIENT_RESIDUE {
                        self.bus_read.d.next =
                            bit_cast::<32, 20>(self.gradient_residues.read_data.val());
                    }
                    if self.bus_memory.val() == $POINT_RESIDUE {
                        self.bus_read.d.next = self.point_residues.read_data.val();
                    }
                    if self.bus_memory.val() == $CURVATURE {
                        self.bus_read.d.next = self.evaluator.datum_data.val();
                    }
                    if self.bus_memory.val() == $CENTRE {
                        self.bus_read.d.next = self.evaluator.centre_data.val();
                    }
                    if self.bus_memory.val() == $GRADIENT {
                        self.bus_read.d.next = self.evaluator.stored_gradient.val();
                    }
                    if (self.bus_memory.val() == $KEPT) & self.searches.val() {
                        self.bus_read.d.next = self.kept.read_data.val();
                    }
                }
                self.bus_read_data.next = self.bus_read.q.val();

                // Reset: memories to zero.
                if self.state.q.val() == State::Clear {
                    self.points.write_enable.next = true;
                    self.points.write_address.next = self.index.val();
                    self.points.write_data.next = self.zero32.val();
                    self.kept.write_enable.next = self.searches.val();
                    self.kept.write_address.next = self.index.val();
                    self.kept.write_data.next = self.zero32.val();
                    self.gradient_residues.write_enable.next = true;
                    self.gradient_residues.write_address.next = self.index.val();
                    self.gradient_residues.write_data.next = self.zero20.val();
                    self.point_residues.write_enable.next = true;
                    self.point_residues.write_address.next = self.index.val();
                    self.point_residues.write_data.next = self.zero32.val();
                }
            }
        }
    };
}

fixlearn_map::gradient_memories!(kernel);
