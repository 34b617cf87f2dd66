use super::{
    clear_clocks, Bucket, Candidates, Distance, Logarithm, Moved, Octaves, Registers, Score,
};
use crate::fabric::Fabric;
use crate::primitive::Table;
use fixlearn_map::fusion::FusionBuilt;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Clear,
    Idle,
    Position,
    Scan,
    Drain,
    Settle,
    Measure,
    Count,
    Divide,
    Store,
    Report,
}

block! {
    /// The fusion node: see the module's documentation for its diagram, formats and clocks.
    ///
    /// A sample is two beats: the codewords, then `x` in bits 15..0 and `y` in bits 31..16. Its
    /// result has `x` in bits 31..20, `y` in bits 19..8, and how feasible it is in bits 7..0.
    ///
    /// ```text
    /// state    clocks  does                                            goes on to
    /// Clear    P, 2048 zeros to the memories, registers as at power-up Idle
    /// Idle     1       takes the codewords; the bus has the memories   Position, Clear
    /// Position 1       takes the position                              Scan
    /// Scan     4 C     a place's address each                          Drain
    /// Drain    3       the last places come in                         Settle
    /// Settle   1       the answer, and where the sample goes           Measure, Report
    /// Measure  1       its distance                                    Count
    /// Count    1       counts it, and the nearest candidate's hits     Divide
    /// Divide   17      the step of the mean                            Store
    /// Store    1       the combination, and its mean                   Report
    /// Report   1       the result, until it is taken                   Idle
    ///
    /// clock  of a place
    /// 0      its address, and that of the candidate's hits
    /// 1      is it the combination that is looked for, or free
    /// 2      logarithms of hits and count, distance to the sample
    /// 3      is compared with the best and the nearest so far
    /// ```
    FusionCore<>, core 32;
    new(built: FusionBuilt, fabric: Fabric) {
        let places = u64::from(1_u32 << built.place_bits);
    }
    registers: [Registers] = Registers::new(built),
    combinations: [Table] = Table::new(built.place_bits, fabric),
    positions: [Table] = Table::new(built.place_bits, fabric),
    hits: [RAM<Bits<15>, 11>],
    candidates: [Candidates],
    bucket: [Bucket] = Bucket::new(built.place_bits),
    of_count: [Logarithm],
    of_hits: [Logarithm],
    distance: [Distance],
    score: [Score],
    octaves: [Octaves],
    moved_x: [Moved],
    moved_y: [Moved],
    state: [DFF<State>],
    count: [DFF<Bits<14>>],
    rest: [DFF<Bits<5>>],
    way: [DFF<Bits<2>>],
    learn: [DFF<Bit>],
    key: [DFF<Bits<32>>],
    position: [DFF<Bits<32>>],
    // Clock 1 of a place.
    valid_one: [DFF<Bit>],
    own_one: [DFF<Bit>],
    tag_one: [DFF<Bits<24>>],
    pair_one: [DFF<Bits<11>>],
    place_one: [DFF<Bits<14>>],
    // Clock 2.
    hit_two: [DFF<Bit>],
    free_two: [DFF<Bit>],
    once_two: [DFF<Bit>],
    own_two: [DFF<Bit>],
    count_two: [DFF<Bits<8>>],
    mean_two: [DFF<Bits<32>>],
    hits_two: [DFF<Bits<15>>],
    pair_two: [DFF<Bits<11>>],
    place_two: [DFF<Bits<14>>],
    // Clock 3.
    hit_three: [DFF<Bit>],
    free_three: [DFF<Bit>],
    once_three: [DFF<Bit>],
    own_three: [DFF<Bit>],
    count_three: [DFF<Bits<8>>],
    mean_three: [DFF<Bits<32>>],
    hits_three: [DFF<Bits<15>>],
    pair_three: [DFF<Bits<11>>],
    place_three: [DFF<Bits<14>>],
    count_log: [DFF<Bits<8>>],
    hits_log: [DFF<Bits<8>>],
    far: [DFF<Bits<17>>],
    // What was found.
    own_known: [DFF<Bit>],
    own_count: [DFF<Bits<8>>],
    own_log: [DFF<Bits<8>>],
    own_mean: [DFF<Bits<32>>],
    own_place: [DFF<Bits<14>>],
    free_known: [DFF<Bit>],
    free_place: [DFF<Bits<14>>],
    once_known: [DFF<Bit>],
    once_place: [DFF<Bits<14>>],
    best_known: [DFF<Bit>],
    best_score: [DFF<Bits<12>>],
    best_mean: [DFF<Bits<32>>],
    nearest_known: [DFF<Bit>],
    nearest_far: [DFF<Bits<17>>],
    nearest_pair: [DFF<Bits<11>>],
    nearest_hits: [DFF<Bits<15>>],
    // The answer, and where the sample goes.
    mean: [DFF<Bits<32>>],
    feasible: [DFF<Bits<8>>],
    place: [DFF<Bits<14>>],
    placed: [DFF<Bit>],
    elsewhere: [DFF<Bit>],
    beyond: [DFF<Bit>],
    no_node: [DFF<Bit>],
    bus_read: [DFF<Bits<32>>],
    at: [Signal<Local, Bits<14>>],
    bus_place: [Signal<Local, Bits<14>>],
    bus_pair: [Signal<Local, Bits<11>>],
    word: [Signal<Local, Bits<32>>],
    found_count: [Signal<Local, Bits<8>>],
    empty: [Signal<Local, Bit>],
    same: [Signal<Local, Bit>],
    better: [Signal<Local, Bit>],
    nearer: [Signal<Local, Bit>],
    more_hits: [Signal<Local, Bits<16>>],
    next_hits: [Signal<Local, Bits<15>>],
    next_n: [Signal<Local, Bits<9>>],
    next_count: [Signal<Local, Bits<8>>],
    next_x: [Signal<Local, Bits<16>>],
    next_y: [Signal<Local, Bits<16>>],
    part_x: [Signal<Local, Bits<12>>],
    part_y: [Signal<Local, Bits<12>>],
    last_clear: [Constant<Bits<14>>] = Constant::new((clear_clocks(built) - 1).into()),
    rows: [Constant<Bits<16>>] = Constant::new((places >> 8).into()),
    nodes: [Constant<Bits<16>>] = Constant::new(8_u64.into()),
    kept: [Constant<Bits<32>>] = Constant::new(kept(built).into()),
    seen: [Constant<Bits<8>>] = Constant::new(128_u64.into()),
    zero2: [Constant<Bits<2>>] = Constant::new(0_u64.into()),
    one2: [Constant<Bits<2>>] = Constant::new(1_u64.into()),
    zero8: [Constant<Bits<8>>] = Constant::new(0_u64.into()),
    one8: [Constant<Bits<8>>] = Constant::new(1_u64.into()),
    most8: [Constant<Bits<8>>] = Constant::new(255_u64.into()),
    one9: [Constant<Bits<9>>] = Constant::new(1_u64.into()),
    zero14: [Constant<Bits<14>>] = Constant::new(0_u64.into()),
    one14: [Constant<Bits<14>>] = Constant::new(1_u64.into()),
    zero15: [Constant<Bits<15>>] = Constant::new(0_u64.into()),
    most15: [Constant<Bits<15>>] = Constant::new(0x7fff_u64.into()),
    one16: [Constant<Bits<16>>] = Constant::new(1_u64.into()),
    zero32: [Constant<Bits<32>>] = Constant::new(0_u64.into()),
}

/// The bits of a combination's word that there are: count and tag.
fn kept(built: FusionBuilt) -> u64 {
    u64::from(u32::MAX >> (built.place_bits - 10))
}

// The kernel, with the memories' numbers as tokens.
macro_rules! kernel {
    (
        REGISTERS = $REGISTERS:tt,
        COMBINATION = $COMBINATION:tt,
        POSITION = $POSITION:tt,
        HITS = $HITS:tt,
    ) => {
        impl Logic for FusionCore {
            #[hdl_gen]
            fn update(&mut self) {
                clock!(
                    self,
                    clock,
                    registers,
                    combinations,
                    positions,
                    candidates,
                    moved_x,
                    moved_y
                );
                dff_setup!(
                    self,
                    clock,
                    state,
                    count,
                    rest,
                    way,
                    learn,
                    key,
                    position,
                    valid_one,
                    own_one,
                    tag_one,
                    pair_one,
                    place_one,
                    hit_two,
                    free_two,
                    once_two,
                    own_two,
                    count_two,
                    mean_two,
                    hits_two,
                    pair_two,
                    place_two,
                    hit_three,
                    free_three,
                    once_three,
                    own_three,
                    count_three,
                    mean_three,
                    hits_three,
                    pair_three,
                    place_three,
                    count_log,
                    hits_log,
                    far,
                    own_known,
                    own_count,
                    own_log,
                    own_mean,
                    own_place,
                    free_known,
                    free_place,
                    once_known,
                    once_place,
                    best_known,
                    best_score,
                    best_mean,
                    nearest_known,
                    nearest_far,
                    nearest_pair,
                    nearest_hits,
                    mean,
                    feasible,
                    place,
                    placed,
                    elsewhere,
                    beyond,
                    no_node,
                    bus_read
                );
                self.hits.read_clock.next = self.clock.val();
                self.hits.write_clock.next = self.clock.val();

                // What is the same in every state.
                self.vector_last.next = 7.into();
                self.answer_last.next = 3.into();
                self.column_last.next = 255.into();
                self.busy.next = self.state.q.val() != State::Idle;
                self.part_x.next = self.mean.q.val().get_bits::<12>(20);
                self.part_y.next = self.mean.q.val().get_bits::<12>(4);
                self.result.next = (bit_cast::<32, 12>(self.part_x.val()) << 20)
                    | (bit_cast::<32, 12>(self.part_y.val()) << 8)
                    | bit_cast::<32, 8>(self.feasible.q.val());

                // What a state may raise.
                self.sample_ready.next = false;
                self.result_valid.next = false;
                self.registers.clear.next = false;
                self.registers.learned.next = false;
                self.registers.unseen.next = !self.own_known.q.val();
                self.registers.free.next = self.free_known.q.val();
                self.registers.distance.next = self.far.q.val();
                self.candidates.load.next = false;
                self.candidates.step.next = false;
                self.candidates.came.next = self.key.q.val();
                self.candidates.last_node.next = self.registers.last_node.val();
                self.candidates.bits.next = self.registers.bits.val();
                self.combinations.write_enable.next = false;
                self.positions.write_enable.next = false;
                self.hits.write_enable.next = false;
                self.valid_one.d.next = self.state.q.val() == State::Scan;

                // Clock 0 of a place.
                self.bucket.key.next = self.candidates.key.val();
                self.at.next = (bit_cast::<14, 12>(self.bucket.bucket.val()) << 2)
                    | bit_cast::<14, 2>(self.way.q.val());
                self.bus_place.next = (bit_cast::<14, 6>(self.bus_row.val().get_bits::<6>(0)) << 8)
                    | bit_cast::<14, 8>(self.bus_column.val());
                self.bus_pair.next = (bit_cast::<11, 3>(self.bus_row.val().get_bits::<3>(0)) << 8)
                    | bit_cast::<11, 8>(self.bus_column.val());
                self.combinations.address.next = self.at.val();
                self.positions.address.next = self.at.val();
                self.hits.read_address.next = self.candidates.pair.val();
                self.own_one.d.next = self.candidates.own.val();
                self.tag_one.d.next = self.bucket.tag.val();
                self.pair_one.d.next = self.candidates.pair.val();
                self.place_one.d.next = self.at.val();
                // Clock 1.
                self.word.next = self.combinations.read_data.val();
                self.found_count.next = self.word.val().get_bits::<8>(0);
                self.empty.next = self.found_count.val() == self.zero8.val();
                self.same.next = self.word.val().get_bits::<24>(8) == self.tag_one.q.val();
                self.hit_two.d.next =
                    (self.valid_one.q.val() & (!self.empty.val())) & self.same.val();
                self.free_two.d.next =
                    (self.valid_one.q.val() & self.own_one.q.val()) & self.empty.val();
                self.once_two.d.next = (self.valid_one.q.val() & self.own_one.q.val())
                    & (self.found_count.val() == self.one8.val());
                self.own_two.d.next = self.own_one.q.val();
                self.count_two.d.next = self.found_count.val();
                self.mean_two.d.next = self.positions.read_data.val();
                self.hits_two.d.next = self.hits.read_data.val();
                self.pair_two.d.next = self.pair_one.q.val();
                self.place_two.d.next = self.place_one.q.val();
                // Clock 2.
                self.of_count.x.next = bit_cast::<16, 8>(self.count_two.q.val());
                self.of_hits.x.next = bit_cast::<16, 15>(self.hits_two.q.val()) + self.one16.val();
                self.distance.a.next = self.mean_two.q.val();
                if self.state.q.val() == State::Measure {
                    self.distance.a.next = self.mean.q.val();
                }
                self.distance.b.next = self.position.q.val();
                self.count_log.d.next = self.of_count.y.val();
                self.hits_log.d.next = self.of_hits.y.val();
                self.far.d.next = self.distance.far.val();
                self.hit_three.d.next = self.hit_two.q.val();
                self.free_three.d.next = self.free_two.q.val();
                self.once_three.d.next = self.once_two.q.val();
                self.own_three.d.next = self.own_two.q.val();
                self.count_three.d.next = self.count_two.q.val();
                self.mean_three.d.next = self.mean_two.q.val();
                self.hits_three.d.next = self.hits_two.q.val();
                self.pair_three.d.next = self.pair_two.q.val();
                self.place_three.d.next = self.place_two.q.val();
                // Clock 3: the first of several.
                self.score.hits.next = self.hits_log.q.val();
                self.score.count.next = self.count_log.q.val();
                self.score.weight.next = self.registers.weight.val();
                self.better.next =
                    (!self.best_known.q.val()) | (self.score.score.val() > self.best_score.q.val());
                self.nearer.next =
                    (!self.nearest_known.q.val()) | (self.far.q.val() < self.nearest_far.q.val());
                if self.hit_three.q.val() {
                    if self.own_three.q.val() {
                        if !self.own_known.q.val() {
                            self.own_known.d.next = true;
                            self.own_count.d.next = self.count_three.q.val();
                            self.own_log.d.next = self.count_log.q.val();
                            self.own_mean.d.next = self.mean_three.q.val();
                            self.own_place.d.next = self.place_three.q.val();
                        }
                    } else {
                        if self.better.val() {
                            self.best_known.d.next = true;
                            self.best_score.d.next = self.score.score.val();
                            self.best_mean.d.next = self.mean_three.q.val();
                        }
                        if self.nearer.val() {
                            self.nearest_known.d.next = true;
                            self.nearest_far.d.next = self.far.q.val();
                            self.nearest_pair.d.next = self.pair_three.q.val();
                            self.nearest_hits.d.next = self.hits_three.q.val();
                        }
                    }
                }
                if self.free_three.q.val() & (!self.free_known.q.val()) {
                    self.free_known.d.next = true;
                    self.free_place.d.next = self.place_three.q.val();
                }
                if self.once_three.q.val() & (!self.once_known.q.val()) {
                    self.once_known.d.next = true;
                    self.once_place.d.next = self.place_three.q.val();
                }

                // What is learned.
                self.octaves.score.next = self.best_score.q.val();
                self.more_hits.next =
                    bit_cast::<16, 15>(self.nearest_hits.q.val()) + self.one16.val();
                self.next_hits.next = self.more_hits.val().get_bits::<15>(0);
                if self.more_hits.val().get_bit(15) {
                    self.next_hits.next = self.most15.val();
                }
                self.hits.write_address.next = self.nearest_pair.q.val();
                self.hits.write_data.next = self.next_hits.val();
                self.next_n.next = bit_cast::<9, 8>(self.own_count.q.val()) + self.one9.val();
                self.moved_x.start.next = self.state.q.val() == State::Count;
                self.moved_x.mean.next = self.own_mean.q.val().get_bits::<16>(16);
                self.moved_x.to.next = self.position.q.val().get_bits::<16>(16);
                self.moved_x.n.next = self.next_n.val();
                self.moved_y.start.next = self.state.q.val() == State::Count;
                self.moved_y.mean.next = self.own_mean.q.val().get_bits::<16>(0);
                self.moved_y.to.next = self.position.q.val().get_bits::<16>(0);
                self.moved_y.n.next = self.next_n.val();
                self.next_count.next = self.one8.val();
                self.next_x.next = self.position.q.val().get_bits::<16>(16);
                self.next_y.next = self.position.q.val().get_bits::<16>(0);
                if self.own_known.q.val() {
                    self.next_count.next = self.next_n.val().get_bits::<8>(0);
                    if self.next_n.val().get_bit(8) {
                        self.next_count.next = self.most8.val();
                    }
                    self.next_x.next = self.moved_x.y.val();
                    self.next_y.next = self.moved_y.y.val();
                }
                self.combinations.write_data.next = (bit_cast::<32, 24>(self.bucket.tag.val())
                    << 8)
                    | bit_cast::<32, 8>(self.next_count.val());
                self.positions.write_data.next = (bit_cast::<32, 16>(self.next_x.val()) << 16)
                    | bit_cast::<32, 16>(self.next_y.val());

                match self.state.q.val() {
                    State::Clear => {
                        self.registers.clear.next = true;
                        self.count.d.next = self.count.q.val() + self.one14.val();
                        if self.count.q.val() == self.last_clear.val() {
                            self.state.d.next = State::Idle;
                        }
                    }
                    State::Idle => {
                        self.count.d.next = self.zero14.val();
                        self.way.d.next = self.zero2.val();
                        self.own_known.d.next = false;
                        self.free_known.d.next = false;
                        self.once_known.d.next = false;
                        self.best_known.d.next = false;
                        self.nearest_known.d.next = false;
                        self.candidates.came.next = self.sample_data.val();
                        if self.clear.val() {
                            self.state.d.next = State::Clear;
                        } else {
                            self.sample_ready.next = true;
                            if self.sample_valid.val() {
                                self.candidates.load.next = true;
                                self.key.d.next = self.sample_data.val();
                                self.learn.d.next = self.sample_learn.val();
                                self.state.d.next = State::Position;
                            }
                        }
                    }
                    State::Position => {
                        self.sample_ready.next = true;
                        if self.sample_valid.val() {
                            self.position.d.next =
                                (bit_cast::<32, 16>(self.sample_data.val().get_bits::<16>(0))
                                    << 16)
                                    | bit_cast::<32, 16>(self.sample_data.val().get_bits::<16>(16));
                            self.state.d.next = State::Scan;
                        }
                    }
                    State::Scan => {
                        self.way.d.next = self.way.q.val() + self.one2.val();
                        self.rest.d.next = 3.into();
                        if self.way.q.val() == 3 {
                            self.candidates.step.next = true;
                            if self.candidates.last.val() {
                                self.state.d.next = State::Drain;
                            }
                        }
                    }
                    State::Drain => {
                        self.rest.d.next = self.rest.q.val() - 1;
                        if self.rest.q.val() == 1 {
                            self.state.d.next = State::Settle;
                        }
                    }
                    State::Settle => {
                        self.candidates.load.next = true;
                        self.mean.d.next = self.registers.centre.val();
                        self.feasible.d.next = self.zero8.val();
                        if self.best_known.q.val() {
                            self.mean.d.next = self.best_mean.q.val();
                            self.feasible.d.next = self.octaves.y.val();
                        }
                        if self.own_known.q.val() {
                            self.mean.d.next = self.own_mean.q.val();
                            self.feasible.d.next = self.own_log.q.val() | self.seen.val();
                        }
                        self.place.d.next = self.once_place.q.val();
                        if self.free_known.q.val() {
                            self.place.d.next = self.free_place.q.val();
                        }
                        if self.own_known.q.val() {
                            self.place.d.next = self.own_place.q.val();
                        }
                        self.placed.d.next = (self.own_known.q.val() | self.free_known.q.val())
                            | self.once_known.q.val();
                        self.state.d.next = State::Report;
                        if self.learn.q.val() {
                            self.state.d.next = State::Measure;
                        }
                    }
                    State::Measure => {
                        self.state.d.next = State::Count;
                    }
                    State::Count => {
                        self.registers.learned.next = true;
                        self.hits.write_enable.next = self.nearest_known.q.val();
                        self.rest.d.next = 17.into();
                        self.state.d.next = State::Divide;
                    }
                    State::Divide => {
                        self.rest.d.next = self.rest.q.val() - 1;
                        if self.rest.q.val() == 1 {
                            self.state.d.next = State::Store;
                        }
                    }
                    State::Store => {
                        self.combinations.address.next = self.place.q.val();
                        self.combinations.write_enable.next = self.placed.q.val();
                        self.positions.address.next = self.place.q.val();
                        self.positions.write_enable.next = self.placed.q.val();
                        self.state.d.next = State::Report;
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

                // The bus.
                self.registers.address.next = self.bus_column.val();
                self.registers.write_data.next = self.bus_write_data.val();
                self.registers.write.next = false;
                self.elsewhere.d.next = self.bus_row.val().any();
                self.beyond.d.next = self.bus_row.val() >= self.rows.val();
                self.no_node.d.next = self.bus_row.val() >= self.nodes.val();
                if self.state.q.val() == State::Idle {
                    self.combinations.address.next = self.bus_place.val();
                    self.combinations.write_data.next = self.bus_write_data.val() & self.kept.val();
                    self.positions.address.next = self.bus_place.val();
                    self.positions.write_data.next = self.bus_write_data.val();
                    self.hits.read_address.next = self.bus_pair.val();
                    self.hits.write_address.next = self.bus_pair.val();
                    self.hits.write_data.next = self.bus_write_data.val().get_bits::<15>(0);
                }
                self.bus_refused.next = self.bus_write.val();
                if self.bus_write.val() {
                    if (self.bus_memory.val() == $REGISTERS) & (!self.elsewhere.q.val()) {
                        self.registers.write.next = true;
                        self.bus_refused.next = self.registers.refused.val();
                    }
                    if (self.bus_memory.val() == $COMBINATION) & (!self.beyond.q.val()) {
                        self.combinations.write_enable.next = true;
                        self.bus_refused.next = false;
                    }
                    if (self.bus_memory.val() == $POSITION) & (!self.beyond.q.val()) {
                        self.positions.write_enable.next = true;
                        self.bus_refused.next = false;
                    }
                    if (self.bus_memory.val() == $HITS) & (!self.no_node.q.val()) {
                        self.hits.write_enable.next = true;
                        self.bus_refused.next = false;
                    }
                }
                self.bus_read.d.next = self.registers.read_data.val();
                if self.bus_memory.val() == $COMBINATION {
                    self.bus_read.d.next = self.combinations.read_data.val();
                }
                if self.bus_memory.val() == $POSITION {
                    self.bus_read.d.next = self.positions.read_data.val();
                }
                if self.bus_memory.val() == $HITS {
                    self.bus_read.d.next = bit_cast::<32, 15>(self.hits.read_data.val());
                }
                self.bus_read_data.next = self.bus_read.q.val();

                // Reset: memories to zero.
                if self.state.q.val() == State::Clear {
                    self.combinations.address.next = self.count.q.val();
                    self.combinations.write_enable.next = true;
                    self.combinations.write_data.next = self.zero32.val();
                    self.positions.address.next = self.count.q.val();
                    self.positions.write_enable.next = true;
                    self.positions.write_data.next = self.zero32.val();
                    self.hits.write_enable.next = true;
                    self.hits.write_address.next = self.count.q.val().get_bits::<11>(0);
                    self.hits.write_data.next = self.zero15.val();
                }
            }
        }
    };
}

fixlearn_map::fusion_memories!(kernel);
