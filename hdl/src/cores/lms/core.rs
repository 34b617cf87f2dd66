use super::{Factor, Registers, Step, TAPS};
use crate::arith::{Clamp, Extend, Multiply, Pipe};
use crate::fabric::Fabric;
use fixlearn_map::lms::LmsBuilt;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Clear,
    Idle,
    Filter,
    Sum,
    Output,
    Error,
    Square,
    Learn,
    Store,
    Report,
}

block! {
    /// The filter: see the module's documentation for its diagram, formats and clocks.
    ///
    /// A sample is one beat: `x` in bits 15..0, `d` in bits 31..16. Its result has `y` in bits
    /// 31..16 and `e` in bits 15..0.
    ///
    /// ```text
    /// state    clocks  does                                           goes on to
    /// Clear    256     zeros to the memories, registers as at power-up Idle
    /// Idle     1       takes the beat; the bus has the memories       Filter, Clear
    /// Filter   T       a tap's address each                           Sum
    /// Sum      3       the last products come in                      Output
    /// Output   1       y                                              Error
    /// Error    1       e = d - y                                      Square, Report
    /// Square   1       e times e; x to the line, y and e to outputs   Learn
    /// Learn    T       a tap's address each                           Store
    /// Store    3       the last weights but one are written           Report
    /// Report   1       the result, until it is taken                  Idle
    ///
    /// clock  of a tap
    /// 0      address of its sample, and of its weight where it filters
    /// 1      sample, and rounded weight or error, to the multiplier
    /// 2      the product
    /// 3      is added to the sum; or is shifted by the rate, and the weight's address
    /// 4      weight plus step is written
    /// ```
    LmsCore<>, core 32;
    new(fabric: Fabric) {
    }
    registers: [Registers] = Registers::new(LmsBuilt { taps: TAPS }),
    weights: [RAM<Bits<32>, 8>],
    line: [RAM<Bits<16>, 8>],
    outputs: [RAM<Bits<32>, 8>],
    factor: [Factor],
    multiply: [Multiply] = Multiply::new(fabric),
    product: [Extend<32, 40>],
    clamp_output: [Clamp<28, 16>],
    wide_d: [Extend<16, 17>],
    wide_y: [Extend<16, 17>],
    clamp_error: [Clamp<17, 16>],
    move_by: [Step],
    wide_weight: [Extend<32, 33>],
    wide_step: [Extend<30, 33>],
    clamp_weight: [Clamp<33, 32>],
    state: [DFF<State>],
    count: [DFF<Bits<8>>],
    rest: [DFF<Bits<2>>],
    learn: [DFF<Bit>],
    newest: [DFF<Bits<16>>],
    desired: [DFF<Bits<16>>],
    left: [DFF<Bits<16>>],
    right: [DFF<Bits<16>>],
    sum: [DFF<Bits<40>>],
    answer_y: [DFF<Bits<16>>],
    answer_e: [DFF<Bits<16>>],
    elsewhere: [DFF<Bit>],
    bus_read: [DFF<Bits<32>>],
    first_one: [Pipe<Bit, 1>],
    filtered_three: [Pipe<Bit, 3>],
    squared_two: [Pipe<Bit, 2>],
    index_three: [Pipe<Bits<8>, 3>],
    index_four: [Pipe<Bits<8>, 1>],
    moved_four: [Pipe<Bit, 4>],
    at_last: [Signal<Local, Bit>],
    behind: [Signal<Local, Bits<8>>],
    difference: [Signal<Local, Bits<17>>],
    next_weight: [Signal<Local, Bits<33>>],
    answer: [Signal<Local, Bits<32>>],
    flags: [Signal<Local, Bits<3>>],
    clamped_output: [Constant<Bits<3>>] = Constant::new(1_u64.into()),
    clamped_error: [Constant<Bits<3>>] = Constant::new(2_u64.into()),
    clamped_weight: [Constant<Bits<3>>] = Constant::new(4_u64.into()),
    half: [Constant<Bits<40>>] = Constant::new((1_u64 << 11).into()),
    zero3: [Constant<Bits<3>>] = Constant::new(0_u64.into()),
    zero8: [Constant<Bits<8>>] = Constant::new(0_u64.into()),
    one8: [Constant<Bits<8>>] = Constant::new(1_u64.into()),
    zero16: [Constant<Bits<16>>] = Constant::new(0_u64.into()),
    zero32: [Constant<Bits<32>>] = Constant::new(0_u64.into()),
}

// The kernel, with the memories' numbers as tokens.
macro_rules! kernel {
    (REGISTERS = $REGISTERS:tt, WEIGHT = $WEIGHT:tt, LINE = $LINE:tt, OUTPUT = $OUTPUT:tt,) => {
        impl Logic for LmsCore {
            #[hdl_gen]
            fn update(&mut self) {
                clock!(
                    self,
                    clock,
                    registers,
                    multiply,
                    move_by,
                    first_one,
                    filtered_three,
                    squared_two,
                    index_three,
                    index_four,
                    moved_four
                );
                dff_setup!(
                    self, clock, state, count, rest, learn, newest, desired, left, right, sum,
                    answer_y, answer_e, elsewhere, bus_read
                );
                self.weights.read_clock.next = self.clock.val();
                self.weights.write_clock.next = self.clock.val();
                self.line.read_clock.next = self.clock.val();
                self.line.write_clock.next = self.clock.val();
                self.outputs.read_clock.next = self.clock.val();
                self.outputs.write_clock.next = self.clock.val();

                // What is the same in every state.
                self.vector_last.next = 3.into();
                self.answer_last.next = 3.into();
                self.column_last.next = 255.into();
                self.busy.next = self.state.q.val() != State::Idle;
                self.at_last.next = self.count.q.val() == self.registers.last_tap.val();
                self.behind.next = self.registers.place.val() - self.count.q.val();
                self.answer.next = (bit_cast::<32, 16>(self.answer_y.q.val()) << 16)
                    | bit_cast::<32, 16>(self.answer_e.q.val());
                self.result.next = self.answer.val();

                // What a state may raise.
                self.sample_ready.next = false;
                self.result_valid.next = false;
                self.registers.clear.next = false;
                self.registers.learned.next = false;
                self.flags.next = self.zero3.val();
                self.weights.write_enable.next = self.moved_four.q.val();
                self.weights.write_address.next = self.index_four.q.val();
                self.weights.write_data.next = self.clamp_weight.y.val();
                self.line.write_enable.next = false;
                self.line.write_address.next = self.registers.place.val();
                self.line.write_data.next = self.newest.q.val();
                self.outputs.write_enable.next = false;
                self.outputs.write_address.next = self.registers.place.val();
                self.outputs.write_data.next = self.answer.val();

                // Clock 0 of a tap.
                self.line.read_address.next = self.behind.val();
                self.weights.read_address.next = self.count.q.val();
                self.first_one.d.next = self.count.q.val() == self.zero8.val();
                self.filtered_three.d.next = self.state.q.val() == State::Filter;
                self.moved_four.d.next = self.state.q.val() == State::Learn;
                self.index_three.d.next = self.count.q.val();
                // Clock 1: the newest sample is not in the line.
                self.right.d.next = self.line.read_data.val();
                if self.first_one.q.val() {
                    self.right.d.next = self.newest.q.val();
                }
                self.factor.w.next = self.weights.read_data.val();
                self.left.d.next = self.answer_e.q.val();
                if (self.state.q.val() == State::Filter) | (self.state.q.val() == State::Sum) {
                    self.left.d.next = self.factor.y.val();
                }
                // Clock 2.
                self.multiply.a.next = self.left.q.val();
                self.multiply.b.next = self.right.q.val();
                // Clock 3.
                self.product.x.next = self.multiply.p.val();
                if self.filtered_three.q.val() {
                    self.sum.d.next = self.sum.q.val() + self.product.y.val();
                }
                self.move_by.p.next = self.multiply.p.val();
                self.move_by.rate.next = self.registers.shift.val();
                self.index_four.d.next = self.index_three.q.val();
                if (self.state.q.val() == State::Learn) | (self.state.q.val() == State::Store) {
                    self.weights.read_address.next = self.index_three.q.val();
                }
                // Clock 4.
                self.wide_weight.x.next = self.weights.read_data.val();
                self.wide_step.x.next = self.move_by.step.val();
                self.next_weight.next = self.wide_weight.y.val() + self.wide_step.y.val();
                self.clamp_weight.x.next = self.next_weight.val();
                if self.moved_four.q.val() & self.clamp_weight.held.val() {
                    self.flags.next = self.clamped_weight.val();
                }

                // The answer: half a step stood in the sum, so that dropping what is below a step
                // rounds to nearest.
                self.clamp_output.x.next = self.sum.q.val().get_bits::<28>(12);
                self.wide_d.x.next = self.desired.q.val();
                self.wide_y.x.next = self.answer_y.q.val();
                self.difference.next = self.wide_d.y.val() - self.wide_y.y.val();
                self.clamp_error.x.next = self.difference.val();
                self.squared_two.d.next = self.state.q.val() == State::Square;
                self.registers.squared.next = self.squared_two.q.val();
                self.registers.square.next = self.multiply.p.val();

                match self.state.q.val() {
                    State::Clear => {
                        self.registers.clear.next = true;
                        self.count.d.next = self.count.q.val() + self.one8.val();
                        if self.count.q.val() == 255 {
                            self.state.d.next = State::Idle;
                        }
                    }
                    State::Idle => {
                        self.count.d.next = self.zero8.val();
                        self.sum.d.next = self.half.val();
                        if self.clear.val() {
                            self.state.d.next = State::Clear;
                        } else {
                            self.sample_ready.next = true;
                            if self.sample_valid.val() {
                                self.newest.d.next = self.sample_data.val().get_bits::<16>(0);
                                self.desired.d.next = self.sample_data.val().get_bits::<16>(16);
                                self.learn.d.next = self.sample_learn.val();
                                self.state.d.next = State::Filter;
                            }
                        }
                    }
                    State::Filter => {
                        self.count.d.next = self.count.q.val() + self.one8.val();
                        self.rest.d.next = 3.into();
                        if self.at_last.val() {
                            self.count.d.next = self.zero8.val();
                            self.state.d.next = State::Sum;
                        }
                    }
                    State::Sum => {
                        self.rest.d.next = self.rest.q.val() - 1;
                        if self.rest.q.val() == 1 {
                            self.state.d.next = State::Output;
                        }
                    }
                    State::Output => {
                        self.answer_y.d.next = self.clamp_output.y.val();
                        if self.learn.q.val() & self.clamp_output.held.val() {
                            self.flags.next = self.clamped_output.val();
                        }
                        self.state.d.next = State::Error;
                    }
                    State::Error => {
                        self.answer_e.d.next = self.clamp_error.y.val();
                        if self.learn.q.val() & self.clamp_error.held.val() {
                            self.flags.next = self.clamped_error.val();
                        }
                        self.state.d.next = State::Report;
                        if self.learn.q.val() {
                            self.state.d.next = State::Square;
                        }
                    }
                    State::Square => {
                        self.right.d.next = self.answer_e.q.val();
                        self.line.write_enable.next = true;
                        self.outputs.write_enable.next = true;
                        self.state.d.next = State::Learn;
                    }
                    State::Learn => {
                        self.count.d.next = self.count.q.val() + self.one8.val();
                        self.rest.d.next = 3.into();
                        if self.at_last.val() {
                            self.count.d.next = self.zero8.val();
                            self.state.d.next = State::Store;
                        }
                    }
                    State::Store => {
                        self.rest.d.next = self.rest.q.val() - 1;
                        if self.rest.q.val() == 1 {
                            self.registers.learned.next = true;
                            self.state.d.next = State::Report;
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
                self.registers.clamped.next = self.flags.val();

                // The bus.
                self.registers.address.next = self.bus_column.val();
                self.registers.write_data.next = self.bus_write_data.val();
                self.elsewhere.d.next = self.bus_row.val().any();
                self.registers.write.next = false;
                if self.state.q.val() == State::Idle {
                    self.weights.read_address.next = self.bus_column.val();
                    self.line.read_address.next = self.bus_column.val();
                }
                self.outputs.read_address.next = self.bus_column.val();
                self.bus_refused.next = self.bus_write.val();
                if self.bus_write.val() & (!self.elsewhere.q.val()) {
                    if self.bus_memory.val() == $REGISTERS {
                        self.registers.write.next = true;
                        self.bus_refused.next = self.registers.refused.val();
                    }
                    if self.bus_memory.val() == $WEIGHT {
                        self.weights.write_enable.next = true;
                        self.weights.write_address.next = self.bus_column.val();
                        self.weights.write_data.next = self.bus_write_data.val();
                        self.bus_refused.next = false;
                    }
                    if self.bus_memory.val() == $LINE {
                        self.line.write_enable.next = true;
                        self.line.write_address.next = self.bus_column.val();
                        self.line.write_data.next = self.bus_write_data.val().get_bits::<16>(0);
                        self.bus_refused.next = false;
                    }
                }
                self.bus_read.d.next = self.registers.read_data.val();
                if self.bus_memory.val() == $WEIGHT {
                    self.bus_read.d.next = self.weights.read_data.val();
                }
                if self.bus_memory.val() == $LINE {
                    self.bus_read.d.next = bit_cast::<32, 16>(self.line.read_data.val());
                }
                if self.bus_memory.val() == $OUTPUT {
                    self.bus_read.d.next = self.outputs.read_data.val();
                }
                self.bus_read_data.next = self.bus_read.q.val();

                // Reset: memories to zero.
                if self.state.q.val() == State::Clear {
                    self.weights.write_enable.next = true;
                    self.weights.write_address.next = self.count.q.val();
                    self.weights.write_data.next = self.zero32.val();
                    self.line.write_enable.next = true;
                    self.line.write_address.next = self.count.q.val();
                    self.line.write_data.next = self.zero16.val();
                    self.outputs.write_enable.next = true;
                    self.outputs.write_address.next = self.count.q.val();
                    self.outputs.write_data.next = self.zero32.val();
                }
            }
        }
    };
}

fixlearn_map::lms_memories!(kernel);
