use super::{Argument, Candidate, Ladder, Lane, Move, Reached, Registers, Scale, Step, Sum, Tanh};
use crate::arith::{Extend, Multiply, Noise, Pipe};
use crate::fabric::Fabric;
use crate::registers::Judge;
use fixlearn_map::boltzmann::BoltzmannBuilt;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Clear,
    Receive,
    Copy,
    Sweep,
    Drain,
    Correlate,
    Tail,
    Count,
    Search,
    Compare,
    Move,
    Change,
    Gather,
    Report,
}

block! {
    /// The machine: see the module's documentation for its diagram, formats and clocks.
    ///
    /// A beat is the byte of a visible unit. The result of a learned vector is 1 if a target was
    /// missed; an answer has the states of four units in each word.
    ///
    /// ```text
    /// state      clocks     does                                            goes on to
    /// Clear      512        zeros to the memories, registers as at power-up Receive
    /// Receive    V          takes a beat; while there was none, the bus has the memories  Copy
    /// Copy       5 G        a group's states to each phase's two buffers    Sweep
    /// Sweep      tokens     a unit in a phase: a group of what it hears     Drain
    /// Drain      8          the last states are written                Sweep, Correlate, Gather
    /// Correlate  4 C        a connection's correlations                     Tail
    /// Tail       3          the last difference is written                  Count
    /// Count      1          what the vector brings                          Search, Change, Report
    /// Search     C          a connection each                               Compare
    /// Compare    3          the last ones compete                           Move
    /// Move       2          the winner's two weights                        Search, Report
    /// Change     6 C        a connection moves, or is drawn                 Report
    /// Gather     2 a byte   a word of the answer                            Report
    /// Report     1          the result, until it is taken                   Gather, Receive
    ///
    /// clock  of a token     clock  of a connection in Correlate, held and free
    /// 0      addresses      0, 2   address of the state of i
    /// 1      products       1, 3   address of that of j, and of the difference
    /// 2      sums of four   4, 6   product
    /// 3      total          4      is added to the difference
    /// 4      scaled         6      is subtracted, and the difference written
    /// 5      times the gain
    /// 6      clamped        clock  of a connection in Change
    /// 7      tanh           0      addresses
    /// 8      is written     1      step
    ///                       2      sum, or noise
    ///                       3      clamped
    ///                       4, 5   the two weights are written
    /// ```
    BoltzmannCore<L>, core 8;
    new(built: BoltzmannBuilt, fabric: Fabric) {
        let units = u64::from(built.units);
        let groups = units / L as u64;
        assert!(usize::from(built.lanes) == L, "the lanes are those of the type");
    }
    registers: [Registers] = Registers::new(built),
    judge: [Judge] = Judge::new(built),
    noise: [Noise],
    lanes: [[Lane; L]] = std::array::from_fn(|_| Lane::new(fabric)),
    sum: [Sum<L>],
    scale: [Scale],
    amplify: [Multiply] = Multiply::new(fabric),
    argument: [Argument],
    tanh: [Tanh],
    reached: [Reached],
    ladder: [Ladder],
    multiply: [Multiply] = Multiply::new(fabric),
    wide_left: [Extend<8, 16>],
    wide_right: [Extend<8, 16>],
    candidate: [Candidate],
    step: [Step],
    change: [Move],
    residues: [RAM<Bits<16>, 9>],
    differences: [RAM<Bits<32>, 9>],
    state: [DFF<State>],
    learn: [DFF<Bit>],
    // A vector's units as they come in, or go out.
    beat: [DFF<Bits<5>>],
    inputs: [DFF<Bits<32>>],
    targets: [DFF<Bits<32>>],
    negatives: [DFF<Bits<32>>],
    // The token: which unit, which group, which phase.
    unit: [DFF<Bits<5>>],
    group: [DFF<Bits<3>>],
    held: [DFF<Bit>],
    buffer: [DFF<Bit>],
    turn: [DFF<Bits<4>>],
    sweeps_left: [DFF<Bits<2>>],
    temperatures_left: [DFF<Bits<5>>],
    gain: [DFF<Bits<15>>],
    asked: [DFF<Bit>],
    missed: [DFF<Bit>],
    // The connection: units i > j, and its number; and of clearing, the address.
    i: [DFF<Bits<5>>],
    j: [DFF<Bits<5>>],
    k: [DFF<Bits<9>>],
    k_late: [DFF<Bits<9>>],
    left: [DFF<Bits<8>>],
    right: [DFF<Bits<8>>],
    difference: [DFF<Bits<32>>],
    pending: [DFF<Bit>],
    draw: [DFF<Bit>],
    level: [DFF<Bits<8>>],
    moves_left: [DFF<Bits<4>>],
    best: [DFF<Bits<33>>],
    best_level: [DFF<Bits<8>>],
    best_i: [DFF<Bits<5>>],
    best_j: [DFF<Bits<5>>],
    best_k: [DFF<Bits<9>>],
    word: [DFF<Bits<32>>],
    elsewhere: [DFF<Bit>],
    judged: [DFF<Bit>],
    bus_read: [DFF<Bits<32>>],
    first_three: [Pipe<Bit, 3>],
    write_eight: [Pipe<Bit, 8>],
    unit_eight: [Pipe<Bits<5>, 8>],
    held_eight: [Pipe<Bit, 8>],
    state_lane_one: [Pipe<Bits<3>, 1>],
    weight_lane_one: [Pipe<Bits<3>, 1>],
    search_one: [Pipe<Bit, 1>],
    search_three: [Pipe<Bit, 3>],
    i_three: [Pipe<Bits<5>, 3>],
    j_three: [Pipe<Bits<5>, 3>],
    k_three: [Pipe<Bits<9>, 3>],
    last_unit: [Signal<Local, Bits<6>>],
    last_visible: [Signal<Local, Bits<6>>],
    last_group: [Signal<Local, Bits<5>>],
    in_use: [Signal<Local, Bit>],
    unit_closing: [Signal<Local, Bit>],
    group_closing: [Signal<Local, Bit>],
    phase_closing: [Signal<Local, Bit>],
    beat_closing: [Signal<Local, Bit>],
    alone: [Signal<Local, Bit>],
    row_closing: [Signal<Local, Bit>],
    walk_closing: [Signal<Local, Bit>],
    j_next: [Signal<Local, Bits<5>>],
    advance: [Signal<Local, Bit>],
    last_sweep: [Signal<Local, Bit>],
    given: [Signal<Local, Bit>],
    bit_now: [Signal<Local, Bits<32>>],
    inputs_before: [Signal<Local, Bits<32>>],
    targets_before: [Signal<Local, Bits<32>>],
    negatives_before: [Signal<Local, Bits<32>>],
    clamped_mask: [Signal<Local, Bits<32>>],
    clamped_from: [Signal<Local, Bits<32>>],
    clamped: [Signal<Local, Bit>],
    targets_from: [Signal<Local, Bits<32>>],
    negatives_from: [Signal<Local, Bits<32>>],
    copy_mask: [Signal<Local, Bits<32>>],
    copy_shift: [Signal<Local, Bits<6>>],
    copy_here: [Signal<Local, Bits<32>>],
    // What is read: of the states, and of the weights.
    state_unit: [Signal<Local, Bits<5>>],
    state_held: [Signal<Local, Bit>],
    state_group: [Signal<Local, Bits<5>>],
    state_lane: [Signal<Local, Bits<5>>],
    state_address: [Signal<Local, Bits<5>>],
    state_picked: [Signal<Local, Bits<8>>],
    weight_row: [Signal<Local, Bits<5>>],
    weight_column: [Signal<Local, Bits<5>>],
    weight_group: [Signal<Local, Bits<5>>],
    weight_lane: [Signal<Local, Bits<5>>],
    weight_address: [Signal<Local, Bits<8>>],
    weight_picked: [Signal<Local, Bits<8>>],
    // What is written there.
    state_to: [Signal<Local, Bits<5>>],
    state_to_group: [Signal<Local, Bits<5>>],
    state_to_lane: [Signal<Local, Bits<5>>],
    state_to_held: [Signal<Local, Bit>],
    state_to_buffer: [Signal<Local, Bit>],
    state_place: [Signal<Local, Bits<5>>],
    state_write: [Signal<Local, Bit>],
    state_data: [Signal<Local, Bits<8>>],
    copying: [Signal<Local, Bit>],
    clearing: [Signal<Local, Bit>],
    weight_to: [Signal<Local, Bits<5>>],
    weight_from: [Signal<Local, Bits<5>>],
    weight_to_group: [Signal<Local, Bits<5>>],
    weight_to_lane: [Signal<Local, Bits<5>>],
    weight_place: [Signal<Local, Bits<8>>],
    weight_write: [Signal<Local, Bit>],
    weight_data: [Signal<Local, Bits<8>>],
    difference_base: [Signal<Local, Bits<32>>],
    bus_connection: [Signal<Local, Bits<9>>],
    bus_row_fits: [Signal<Local, Bit>],
    in_weights: [Signal<Local, Bit>],
    in_connections: [Signal<Local, Bit>],
    register_here: [Signal<Local, Bit>],
    wins: [Signal<Local, Bit>],
    found: [Signal<Local, Bit>],
    gain_first: [Signal<Local, Bits<15>>],
    units: [Constant<Bits<16>>] = Constant::new(units.into()),
    connections: [Constant<Bits<9>>] = Constant::new((units * (units - 1) / 2).into()),
    group_last: [Constant<Bits<3>>] = Constant::new((groups - 1).into()),
    lane_bits: [Constant<Bits<3>>] = Constant::new(u64::from(L.ilog2()).into()),
    lane_mask: [Constant<Bits<5>>] = Constant::new((L as u64 - 1).into()),
    one32: [Constant<Bits<32>>] = Constant::new(1_u64.into()),
    zero33: [Constant<Bits<33>>] = Constant::new(0_u64.into()),
    zero32: [Constant<Bits<32>>] = Constant::new(0_u64.into()),
    zero16: [Constant<Bits<16>>] = Constant::new(0_u64.into()),
    zero9: [Constant<Bits<9>>] = Constant::new(0_u64.into()),
    zero8: [Constant<Bits<8>>] = Constant::new(0_u64.into()),
    zero5: [Constant<Bits<5>>] = Constant::new(0_u64.into()),
    zero4: [Constant<Bits<4>>] = Constant::new(0_u64.into()),
    zero3: [Constant<Bits<3>>] = Constant::new(0_u64.into()),
    one9: [Constant<Bits<9>>] = Constant::new(1_u64.into()),
    one6: [Constant<Bits<6>>] = Constant::new(1_u64.into()),
    one5: [Constant<Bits<5>>] = Constant::new(1_u64.into()),
    one4: [Constant<Bits<4>>] = Constant::new(1_u64.into()),
    one3: [Constant<Bits<3>>] = Constant::new(1_u64.into()),
    one2: [Constant<Bits<2>>] = Constant::new(1_u64.into()),
}

// The kernel, with the memories' numbers as tokens.
macro_rules! kernel {
    (
        REGISTERS = $REGISTERS:tt, WEIGHT = $WEIGHT:tt, RESIDUE = $RESIDUE:tt,
        DIFFERENCE = $DIFFERENCE:tt,
    ) => {
        impl<const L: usize> Logic for BoltzmannCore<L> {
            #[hdl_gen]
            fn update(&mut self) {
                clock!(
                    self,
                    clock,
                    registers,
                    noise,
                    sum,
                    scale,
                    amplify,
                    argument,
                    tanh,
                    reached,
                    multiply,
                    candidate,
                    step,
                    change,
                    first_three,
                    write_eight,
                    unit_eight,
                    held_eight,
                    state_lane_one,
                    weight_lane_one,
                    search_one,
                    search_three,
                    i_three,
                    j_three,
                    k_three
                );
                dff_setup!(
                    self,
                    clock,
                    state,
                    learn,
                    beat,
                    inputs,
                    targets,
                    negatives,
                    unit,
                    group,
                    held,
                    buffer,
                    turn,
                    sweeps_left,
                    temperatures_left,
                    gain,
                    asked,
                    missed,
                    i,
                    j,
                    k,
                    k_late,
                    left,
                    right,
                    difference,
                    pending,
                    draw,
                    level,
                    moves_left,
                    best,
                    best_level,
                    best_i,
                    best_j,
                    best_k,
                    word,
                    elsewhere,
                    judged,
                    bus_read
                );
                self.residues.read_clock.next = self.clock.val();
                self.residues.write_clock.next = self.clock.val();
                self.differences.read_clock.next = self.clock.val();
                self.differences.write_clock.next = self.clock.val();

                // Sizes, and what closes.
                self.last_unit.next = self.registers.units.val() - self.one6.val();
                self.last_visible.next = self.registers.visible.val() - self.one6.val();
                self.last_group.next =
                    self.last_unit.val().get_bits::<5>(0) >> self.lane_bits.val();
                self.unit_closing.next = self.unit.q.val() == self.last_unit.val().get_bits::<5>(0);
                self.group_closing.next =
                    self.group.q.val() == self.last_group.val().get_bits::<3>(0);
                self.phase_closing.next = self.held.q.val() | (!self.learn.q.val());
                self.beat_closing.next =
                    self.beat.q.val() == self.last_visible.val().get_bits::<5>(0);
                self.alone.next = !self.last_unit.val().any();
                self.j_next.next = self.j.q.val() + self.one5.val();
                self.row_closing.next = self.j_next.val() == self.i.q.val();
                self.walk_closing.next = self.row_closing.val()
                    & (self.i.q.val() == self.last_unit.val().get_bits::<5>(0));
                self.last_sweep.next = (self.sweeps_left.q.val() == self.one2.val())
                    & (self.temperatures_left.q.val() == self.one5.val());
                self.vector_last.next = bit_cast::<8, 6>(self.last_visible.val());
                self.answer_last.next = bit_cast::<8, 6>(self.last_visible.val());

                // What was read of one lane.
                self.state_picked.next = self.zero8.val();
                self.weight_picked.next = self.zero8.val();
                for i in 0..L {
                    if self.state_lane_one.q.val().index() == i {
                        self.state_picked.next = self.lanes[i].state.val();
                    }
                    if self.weight_lane_one.q.val().index() == i {
                        self.weight_picked.next = self.lanes[i].weight.val();
                    }
                }

                // What a state may raise.
                self.sample_ready.next = false;
                self.result_valid.next = false;
                self.busy.next = true;
                self.clearing.next = false;
                self.copying.next = false;
                self.advance.next = false;
                self.registers.learned.next = false;
                self.noise.step.next = self.search_one.q.val();
                self.write_eight.d.next = false;
                self.search_one.d.next = false;
                self.search_three.d.next = false;

                // A vector's byte.
                self.in_use.next = bit_cast::<6, 5>(self.beat.q.val()) < self.registers.units.val();
                self.given.next =
                    self.in_use.val() & (self.sample_data.val().get_bits::<7>(1) != 64);
                self.bit_now.next = self.one32.val() << self.beat.q.val();
                self.inputs_before.next = self.inputs.q.val();
                self.targets_before.next = self.targets.q.val();
                self.negatives_before.next = self.negatives.q.val();
                if !self.beat.q.val().any() {
                    self.inputs_before.next = self.zero32.val();
                    self.targets_before.next = self.zero32.val();
                    self.negatives_before.next = self.zero32.val();
                }

                // Who is clamped in the phase at hand.
                self.clamped_mask.next = self.inputs.q.val();
                if self.held.q.val() {
                    self.clamped_mask.next = self.inputs.q.val() | self.targets.q.val();
                }
                self.clamped_from.next = self.clamped_mask.val() >> self.unit.q.val();
                self.clamped.next = self.clamped_from.val().get_bit(0);

                // States: what is read.
                self.state_unit.next = self.i.q.val();
                if self.turn.q.val().get_bit(0) {
                    self.state_unit.next = self.j.q.val();
                }
                self.state_held.next = !self.turn.q.val().get_bit(1);
                if self.state.q.val() == State::Gather {
                    self.state_unit.next = self.beat.q.val();
                    self.state_held.next = false;
                }
                self.state_group.next = self.state_unit.val() >> self.lane_bits.val();
                self.state_lane.next = self.state_unit.val() & self.lane_mask.val();
                if self.state.q.val() == State::Sweep {
                    self.state_group.next = bit_cast::<5, 3>(self.group.q.val());
                    self.state_held.next = self.held.q.val();
                }
                if self.state.q.val() == State::Copy {
                    self.state_group.next = bit_cast::<5, 3>(self.group.q.val());
                    self.state_held.next = true;
                }
                self.state_address.next = self.state_group.val();
                if self.buffer.q.val() {
                    self.state_address.next = self.state_group.val() | 8;
                }
                self.state_lane_one.d.next = self.state_lane.val().get_bits::<3>(0);

                // Weights: what is read.
                self.weight_row.next = self.i.q.val();
                self.weight_column.next = self.j.q.val();
                if self.state.q.val() == State::Receive {
                    self.weight_row.next = self.bus_row.val().get_bits::<5>(0);
                    self.weight_column.next = self.bus_column.val().get_bits::<5>(0);
                }
                self.weight_group.next = self.weight_column.val() >> self.lane_bits.val();
                self.weight_lane.next = self.weight_column.val() & self.lane_mask.val();
                if self.state.q.val() == State::Sweep {
                    self.weight_row.next = self.unit.q.val();
                    self.weight_group.next = bit_cast::<5, 3>(self.group.q.val());
                }
                self.weight_address.next = (bit_cast::<8, 5>(self.weight_row.val()) << 3)
                    | bit_cast::<8, 5>(self.weight_group.val());
                self.weight_lane_one.d.next = self.weight_lane.val().get_bits::<3>(0);

                // States: what is written.
                self.unit_eight.d.next = self.unit.q.val();
                self.held_eight.d.next = self.held.q.val();
                self.state_to.next = self.unit_eight.q.val();
                self.state_to_held.next = self.held_eight.q.val();
                self.state_to_buffer.next = !self.buffer.q.val();
                self.state_data.next = self.tanh.y.val();
                self.state_write.next = self.write_eight.q.val();
                if self.state.q.val() == State::Receive {
                    self.state_to.next = self.beat.q.val();
                    self.state_to_held.next = true;
                    self.state_to_buffer.next = false;
                    self.state_data.next = self.sample_data.val() & 254;
                    self.state_write.next = self.sample_valid.val();
                }
                self.state_to_group.next = self.state_to.val() >> self.lane_bits.val();
                self.state_to_lane.next = self.state_to.val() & self.lane_mask.val();
                if self.state.q.val() == State::Copy {
                    self.state_to_group.next = bit_cast::<5, 3>(self.group.q.val());
                    self.state_to_held.next = (self.turn.q.val() == 3) | (self.turn.q.val() == 4);
                    self.state_to_buffer.next = (self.turn.q.val() == 2) | (self.turn.q.val() == 3);
                }
                self.state_place.next = self.state_to_group.val();
                if self.state_to_buffer.val() {
                    self.state_place.next = self.state_to_group.val() | 8;
                }
                self.copy_mask.next = self.inputs.q.val();
                if self.state_to_held.val() {
                    self.copy_mask.next = self.inputs.q.val() | self.targets.q.val();
                }
                self.copy_shift.next = bit_cast::<6, 3>(self.group.q.val()) << self.lane_bits.val();
                self.copy_here.next = self.copy_mask.val() >> self.copy_shift.val();

                // Clock 0 of a token.
                self.first_three.d.next = !self.group.q.val().any();
                // Clocks 3 to 8.
                self.sum.first.next = self.first_three.q.val();
                self.scale.x.next = self.sum.total.val();
                self.scale.scale.next = self.registers.scale.val();
                self.amplify.a.next = self.scale.y.val();
                self.amplify.b.next = bit_cast::<16, 15>(self.gain.q.val());
                self.argument.p.next = self.amplify.p.val();
                self.tanh.negative.next = self.argument.negative.val();
                self.tanh.size.next = self.argument.size.val();
                self.reached.state.next = self.tanh.y.val();
                self.negatives_from.next = self.negatives.q.val() >> self.unit_eight.q.val();
                self.reached.negative.next = self.negatives_from.val().get_bit(0);
                self.reached.margin.next = self.registers.margin.val();
                self.targets_from.next = self.targets.q.val() >> self.unit_eight.q.val();
                self.asked.d.next = (self.write_eight.q.val() & self.last_sweep.val())
                    & (self.targets_from.val().get_bit(0) & (!self.held_eight.q.val()));
                // Clock 9.
                if self.asked.q.val() & (!self.reached.reached.val()) {
                    self.missed.d.next = true;
                }

                // The ladder, and the correlations' products.
                self.wide_left.x.next = self.left.q.val();
                self.wide_right.x.next = self.right.q.val();
                self.multiply.a.next = bit_cast::<16, 15>(self.gain.q.val());
                self.multiply.b.next = bit_cast::<16, 15>(self.registers.ratio.val());
                if (self.state.q.val() == State::Correlate) | (self.state.q.val() == State::Tail) {
                    self.multiply.a.next = self.wide_left.y.val();
                    self.multiply.b.next = self.wide_right.y.val();
                }
                self.ladder.p.next = self.multiply.p.val();
                self.ladder.most.next = self.registers.gain_most.val();
                self.gain_first.next = self.registers.gain.val();
                if self.registers.gain.val() > self.registers.gain_most.val() {
                    self.gain_first.next = self.registers.gain_most.val();
                }

                // A connection's difference.
                self.difference_base.next = self.differences.read_data.val();
                if self.registers.fresh.val() {
                    self.difference_base.next = self.zero32.val();
                }
                if self.turn.q.val().get_bit(0) {
                    self.left.d.next = self.state_picked.val();
                } else {
                    self.right.d.next = self.state_picked.val();
                }
                if !self.turn.q.val().any() {
                    self.difference.d.next = self.difference_base.val() + self.multiply.p.val();
                }
                self.differences.read_address.next = self.k.q.val();
                self.differences.write_address.next = self.k_late.q.val();
                self.differences.write_data.next = self.difference.q.val() - self.multiply.p.val();
                self.differences.write_enable.next = false;
                self.residues.read_address.next = self.k.q.val();
                self.residues.write_address.next = self.k.q.val();
                self.residues.write_data.next = self.change.next_residue.val();
                self.residues.write_enable.next = false;

                // The weights that move: by the largest difference, or all.
                self.i_three.d.next = self.i.q.val();
                self.j_three.d.next = self.j.q.val();
                self.k_three.d.next = self.k.q.val();
                self.candidate.difference.next = self.differences.read_data.val();
                self.candidate.level.next = self.weight_picked.val();
                self.candidate.half.next = self.registers.half.val();
                self.candidate.band.next = self.registers.band.val();
                self.candidate.chance.next = self.registers.chance.val();
                self.candidate.noise.next = self.noise.state.val().get_bits::<32>(32);
                self.wins.next = self.search_three.q.val()
                    & (self.candidate.can.val() & (self.candidate.score.val() > self.best.q.val()));
                if self.wins.val() {
                    self.best.d.next = self.candidate.score.val();
                    self.best_level.d.next = self.candidate.next_level.val();
                    self.best_i.d.next = self.i_three.q.val();
                    self.best_j.d.next = self.j_three.q.val();
                    self.best_k.d.next = self.k_three.q.val();
                }
                self.found.next = self.best.q.val().any();
                self.level.d.next = self.weight_picked.val();
                self.step.d.next = self.differences.read_data.val();
                self.step.rate.next = self.registers.rate.val();
                self.change.level.next = self.level.q.val();
                self.change.residue.next = self.residues.read_data.val();
                self.change.step.next = self.step.step.val();
                self.change.draw.next = self.draw.q.val();
                self.change.noise.next = self.noise.state.val().get_bits::<16>(0);
                self.change.spread.next = self.registers.spread.val();
                self.change.half.next = self.registers.half.val();
                self.weight_to.next = self.i.q.val();
                self.weight_from.next = self.j.q.val();
                if self.turn.q.val() == 5 {
                    self.weight_to.next = self.j.q.val();
                    self.weight_from.next = self.i.q.val();
                }
                self.weight_write.next = false;
                self.weight_data.next = self.change.next_level.val();
                if self.state.q.val() == State::Move {
                    self.weight_data.next = self.best_level.q.val();
                    self.weight_write.next = self.found.val();
                    self.weight_to.next = self.best_i.q.val();
                    self.weight_from.next = self.best_j.q.val();
                    if self.turn.q.val().any() {
                        self.weight_to.next = self.best_j.q.val();
                        self.weight_from.next = self.best_i.q.val();
                    }
                }

                match self.state.q.val() {
                    State::Clear => {
                        self.clearing.next = true;
                        self.k.d.next = self.k.q.val() + self.one9.val();
                        if self.k.q.val().all() {
                            self.state.d.next = State::Receive;
                        }
                    }
                    State::Receive => {
                        self.busy.next = self.beat.q.val().any();
                        self.sample_ready.next = true;
                        self.missed.d.next = false;
                        self.group.d.next = self.zero3.val();
                        self.turn.d.next = self.zero4.val();
                        self.buffer.d.next = false;
                        if self.sample_valid.val() {
                            if !self.beat.q.val().any() {
                                self.learn.d.next = self.sample_learn.val();
                            }
                            self.inputs.d.next = self.inputs_before.val();
                            self.targets.d.next = self.targets_before.val();
                            self.negatives.d.next = self.negatives_before.val();
                            if self.given.val() {
                                if self.sample_data.val().get_bit(0) {
                                    self.targets.d.next =
                                        self.targets_before.val() | self.bit_now.val();
                                } else {
                                    self.inputs.d.next =
                                        self.inputs_before.val() | self.bit_now.val();
                                }
                                if self.sample_data.val().get_bit(7) {
                                    self.negatives.d.next =
                                        self.negatives_before.val() | self.bit_now.val();
                                }
                            }
                            self.beat.d.next = self.beat.q.val() + self.one5.val();
                            if self.beat_closing.val() {
                                self.beat.d.next = self.zero5.val();
                                self.state.d.next = State::Copy;
                            }
                        } else if self.clear.val() & !self.beat.q.val().any() {
                            self.k.d.next = self.zero9.val();
                            self.state.d.next = State::Clear;
                        }
                    }
                    State::Copy => {
                        self.copying.next = self.turn.q.val().any();
                        self.turn.d.next = self.turn.q.val() + self.one4.val();
                        self.gain.d.next = self.gain_first.val();
                        self.sweeps_left.d.next = self.registers.sweeps.val();
                        self.temperatures_left.d.next = self.registers.temperatures.val();
                        self.unit.d.next = self.zero5.val();
                        self.held.d.next = false;
                        if self.turn.q.val() == 4 {
                            self.turn.d.next = self.zero4.val();
                            self.group.d.next = self.group.q.val() + self.one3.val();
                            if self.group.q.val() == self.group_last.val() {
                                self.group.d.next = self.zero3.val();
                                self.state.d.next = State::Sweep;
                            }
                        }
                    }
                    State::Sweep => {
                        self.turn.d.next = self.zero4.val();
                        self.group.d.next = self.group.q.val() + self.one3.val();
                        if self.group_closing.val() {
                            self.write_eight.d.next = !self.clamped.val();
                            self.group.d.next = self.zero3.val();
                            self.unit.d.next = self.unit.q.val() + self.one5.val();
                            if self.unit_closing.val() {
                                self.unit.d.next = self.zero5.val();
                                self.held.d.next = true;
                                if self.phase_closing.val() {
                                    self.held.d.next = false;
                                    self.state.d.next = State::Drain;
                                }
                            }
                        }
                    }
                    State::Drain => {
                        self.turn.d.next = self.turn.q.val() + self.one4.val();
                        self.i.d.next = self.one5.val();
                        self.j.d.next = self.zero5.val();
                        self.k.d.next = self.zero9.val();
                        self.pending.d.next = false;
                        if self.turn.q.val() == 7 {
                            self.turn.d.next = self.zero4.val();
                            self.buffer.d.next = !self.buffer.q.val();
                            self.state.d.next = State::Sweep;
                            self.sweeps_left.d.next = self.sweeps_left.q.val() - self.one2.val();
                            if self.sweeps_left.q.val() == self.one2.val() {
                                self.sweeps_left.d.next = self.registers.sweeps.val();
                                self.gain.d.next = self.ladder.gain.val();
                                self.temperatures_left.d.next =
                                    self.temperatures_left.q.val() - self.one5.val();
                            }
                            if self.last_sweep.val() {
                                self.state.d.next = State::Gather;
                                if self.learn.q.val() {
                                    self.state.d.next = State::Correlate;
                                    if self.alone.val() {
                                        self.state.d.next = State::Tail;
                                    }
                                }
                            }
                        }
                    }
                    State::Correlate => {
                        self.turn.d.next = self.turn.q.val() + self.one4.val();
                        if self.turn.q.val() == 2 {
                            self.differences.write_enable.next = self.pending.q.val();
                        }
                        if self.turn.q.val() == 3 {
                            self.turn.d.next = self.zero4.val();
                            self.k_late.d.next = self.k.q.val();
                            self.pending.d.next = true;
                            self.advance.next = true;
                            if self.walk_closing.val() {
                                self.state.d.next = State::Tail;
                            }
                        }
                    }
                    State::Tail => {
                        self.turn.d.next = self.turn.q.val() + self.one4.val();
                        if self.turn.q.val() == 2 {
                            self.differences.write_enable.next = self.pending.q.val();
                            self.turn.d.next = self.zero4.val();
                            self.state.d.next = State::Count;
                        }
                    }
                    State::Count => {
                        self.registers.learned.next = true;
                        self.draw.d.next = self.registers.draws.val();
                        self.moves_left.d.next = self.registers.moves.val();
                        self.best.d.next = self.zero33.val();
                        self.word.d.next = self.zero32.val();
                        if self.missed.q.val() {
                            self.word.d.next = self.one32.val();
                        }
                        self.state.d.next = State::Report;
                        if !self.alone.val() {
                            if self.registers.draws.val() {
                                self.state.d.next = State::Change;
                            }
                            if self.registers.moving.val() {
                                self.state.d.next = State::Search;
                                if self.registers.rule.val().any() {
                                    self.state.d.next = State::Change;
                                }
                            }
                        }
                    }
                    State::Search => {
                        self.search_one.d.next = true;
                        self.search_three.d.next = true;
                        self.advance.next = true;
                        if self.walk_closing.val() {
                            self.state.d.next = State::Compare;
                        }
                    }
                    State::Compare => {
                        self.turn.d.next = self.turn.q.val() + self.one4.val();
                        if self.turn.q.val() == 2 {
                            self.turn.d.next = self.zero4.val();
                            self.state.d.next = State::Move;
                        }
                    }
                    State::Move => {
                        self.turn.d.next = self.turn.q.val() + self.one4.val();
                        self.differences.write_enable.next = self.found.val();
                        self.differences.write_address.next = self.best_k.q.val();
                        self.differences.write_data.next = self.zero32.val();
                        if self.turn.q.val().any() {
                            self.turn.d.next = self.zero4.val();
                            self.best.d.next = self.zero33.val();
                            self.moves_left.d.next = self.moves_left.q.val() - self.one4.val();
                            self.state.d.next = State::Search;
                            if self.moves_left.q.val() == self.one4.val() {
                                self.state.d.next = State::Report;
                            }
                        }
                    }
                    State::Change => {
                        self.turn.d.next = self.turn.q.val() + self.one4.val();
                        self.noise.step.next = self.draw.q.val() & (!self.turn.q.val().any());
                        if self.turn.q.val() == 4 {
                            self.weight_write.next = true;
                            self.residues.write_enable.next = true;
                        }
                        if self.turn.q.val() == 5 {
                            self.weight_write.next = true;
                            self.turn.d.next = self.zero4.val();
                            self.advance.next = true;
                            if self.walk_closing.val() {
                                self.state.d.next = State::Report;
                            }
                        }
                    }
                    State::Gather => {
                        self.turn.d.next = self.one4.val();
                        if self.turn.q.val().any() {
                            self.turn.d.next = self.zero4.val();
                            self.beat.d.next = self.beat.q.val() + self.one5.val();
                            if self.beat.q.val().get_bits::<2>(0) == 0 {
                                self.word.d.next = bit_cast::<32, 8>(self.state_picked.val()) << 24;
                            }
                            if self.beat.q.val().get_bits::<2>(0) == 1 {
                                self.word.d.next = self.word.q.val()
                                    | (bit_cast::<32, 8>(self.state_picked.val()) << 16);
                            }
                            if self.beat.q.val().get_bits::<2>(0) == 2 {
                                self.word.d.next = self.word.q.val()
                                    | (bit_cast::<32, 8>(self.state_picked.val()) << 8);
                            }
                            if self.beat.q.val().get_bits::<2>(0) == 3 {
                                self.word.d.next =
                                    self.word.q.val() | bit_cast::<32, 8>(self.state_picked.val());
                                self.state.d.next = State::Report;
                            }
                            if self.beat_closing.val() {
                                self.beat.d.next = self.zero5.val();
                                self.state.d.next = State::Report;
                            }
                        }
                    }
                    State::Report => {
                        self.result_valid.next = true;
                        if self.result_ready.val() {
                            self.state.d.next = State::Receive;
                            if self.beat.q.val().any() {
                                self.state.d.next = State::Gather;
                            }
                        }
                    }
                    _ => {
                        self.state.d.next = State::Clear;
                    }
                }
                self.result.next = self.word.q.val();
                if self.advance.val() {
                    self.j.d.next = self.j_next.val();
                    self.k.d.next = self.k.q.val() + self.one9.val();
                    if self.row_closing.val() {
                        self.j.d.next = self.zero5.val();
                        self.i.d.next = self.i.q.val() + self.one5.val();
                    }
                    if self.walk_closing.val() {
                        self.i.d.next = self.one5.val();
                        self.k.d.next = self.zero9.val();
                    }
                }

                // The bus.
                self.judge.address.next = self.bus_column.val();
                self.judge.data.next = self.bus_write_data.val();
                self.judge.low_any.next = self.registers.noise_low.val().any();
                self.judged.d.next = self.judge.refused.val();
                self.elsewhere.d.next = self.bus_row.val().any();
                self.registers.clear.next = self.clearing.val();
                self.registers.address.next = self.bus_column.val();
                self.registers.write_data.next = self.bus_write_data.val();
                self.registers.missed.next = self.missed.q.val();
                self.registers.noise_state.next = self.noise.state.val();
                self.register_here.next = (self.bus_memory.val() == $REGISTERS)
                    & ((!self.elsewhere.q.val()) & (!self.judged.q.val()));
                self.registers.write.next = self.bus_write.val() & self.register_here.val();
                self.noise.clear.next = self.clearing.val();
                self.noise.load_low.next = self.registers.noise_load.val();
                self.noise.load_high.next = self.registers.noise_load.val();
                self.noise.low.next = self.registers.noise_low.val();
                self.noise.high.next = self.bus_write_data.val();
                self.bus_connection.next = bit_cast::<9, 8>(self.bus_column.val());
                if self.bus_row.val().get_bit(0) {
                    self.bus_connection.next = bit_cast::<9, 8>(self.bus_column.val()) | 256;
                }
                self.bus_row_fits.next = !self.bus_row.val().get_bits::<15>(1).any();
                self.in_connections.next =
                    self.bus_row_fits.val() & (self.bus_connection.val() < self.connections.val());
                self.in_weights.next = (self.bus_row.val() < self.units.val())
                    & (bit_cast::<16, 8>(self.bus_column.val()) < self.units.val());
                self.bus_refused.next = self.bus_write.val() & (!self.register_here.val());
                if self.state.q.val() == State::Receive {
                    self.differences.read_address.next = self.bus_connection.val();
                    self.residues.read_address.next = self.bus_connection.val();
                }
                if self.bus_write.val() {
                    if (self.bus_memory.val() == $WEIGHT) & self.in_weights.val() {
                        self.weight_write.next = true;
                        self.weight_to.next = self.bus_row.val().get_bits::<5>(0);
                        self.weight_from.next = self.bus_column.val().get_bits::<5>(0);
                        self.weight_data.next = self.bus_write_data.val().get_bits::<8>(0);
                        self.bus_refused.next = false;
                    }
                    if (self.bus_memory.val() == $RESIDUE) & self.in_connections.val() {
                        self.residues.write_enable.next = true;
                        self.residues.write_address.next = self.bus_connection.val();
                        self.residues.write_data.next = self.bus_write_data.val().get_bits::<16>(0);
                        self.bus_refused.next = false;
                    }
                    if (self.bus_memory.val() == $DIFFERENCE) & self.in_connections.val() {
                        self.differences.write_enable.next = true;
                        self.differences.write_address.next = self.bus_connection.val();
                        self.differences.write_data.next = self.bus_write_data.val();
                        self.bus_refused.next = false;
                    }
                }
                self.bus_read.d.next = self.registers.read_data.val();
                self.column_last.next = 255.into();
                if self.bus_memory.val() == $WEIGHT {
                    self.bus_read.d.next = bit_cast::<32, 8>(self.weight_picked.val());
                    self.column_last.next = bit_cast::<8, 6>(self.last_unit.val());
                }
                if self.bus_memory.val() == $RESIDUE {
                    self.bus_read.d.next = bit_cast::<32, 16>(self.residues.read_data.val());
                }
                if self.bus_memory.val() == $DIFFERENCE {
                    self.bus_read.d.next = self.differences.read_data.val();
                }
                self.bus_read_data.next = self.bus_read.q.val();

                // Reset: memories to zero.
                self.weight_to_group.next = self.weight_from.val() >> self.lane_bits.val();
                self.weight_to_lane.next = self.weight_from.val() & self.lane_mask.val();
                self.weight_place.next = (bit_cast::<8, 5>(self.weight_to.val()) << 3)
                    | bit_cast::<8, 5>(self.weight_to_group.val());
                if self.clearing.val() {
                    self.weight_place.next = self.k.q.val().get_bits::<8>(0);
                    self.weight_data.next = self.zero8.val();
                    self.residues.write_enable.next = true;
                    self.residues.write_address.next = self.k.q.val();
                    self.residues.write_data.next = self.zero16.val();
                    self.differences.write_enable.next = true;
                    self.differences.write_address.next = self.k.q.val();
                    self.differences.write_data.next = self.zero32.val();
                }

                // The lanes.
                for i in 0..L {
                    self.lanes[i].clock.next = self.clock.val();
                    self.lanes[i].weight_address.next = self.weight_address.val();
                    self.lanes[i].weight_place.next = self.weight_place.val();
                    self.lanes[i].weight_data.next = self.weight_data.val();
                    self.lanes[i].weight_write.next = self.clearing.val()
                        | (self.weight_write.val() & (self.weight_to_lane.val().index() == i));
                    self.lanes[i].state_address.next = self.state_address.val();
                    if self.state_held.val() {
                        self.lanes[i].state_address.next = self.state_address.val() | 16;
                    }
                    self.lanes[i].state_place.next = self.state_place.val();
                    if self.state_to_held.val() {
                        self.lanes[i].state_place.next = self.state_place.val() | 16;
                    }
                    self.lanes[i].state_data.next = self.state_data.val();
                    self.lanes[i].state_write.next =
                        self.state_write.val() & (self.state_to_lane.val().index() == i);
                    if self.copying.val() {
                        self.lanes[i].state_write.next = true;
                        self.lanes[i].state_data.next = self.zero8.val();
                        if self.copy_here.val().get_bit(i) {
                            self.lanes[i].state_data.next = self.lanes[i].state.val();
                        }
                    }
                    self.sum.product[i].next = self.lanes[i].product.val();
                }
            }
        }
    };
}

fixlearn_map::boltzmann_memories!(kernel);
