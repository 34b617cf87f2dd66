use super::{clear_clocks, Bank, Chain, Emit, Move, Narrow, Quad, Registers, Row, Step, Walk};
use crate::arith::{Extend, Pipe};
use crate::fabric::Fabric;
use fixlearn_map::network::NetworkBuilt;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Clear,
    Receive,
    Fetch,
    Walk,
    Drain,
    Adapt,
    Finish,
    Report,
    Gather,
    Take,
}

block! {
    /// The network, of `4 Q` lanes: see the module's documentation for its diagram, formats and
    /// clocks.
    ///
    /// A beat is a byte of the image; the last one is its class. The result is the class that was
    /// found, and then the scores that are asked for.
    ///
    /// ```text
    /// state    clocks  does                                              goes on to
    /// Clear    words   zeros to the memories, registers as at power-up   Receive
    /// Receive  bytes   takes a beat; while there is none, the bus has the memories  Fetch, Clear
    /// Fetch    4       a layer's two words                               Walk
    /// Walk     taps    an activation each                                Drain
    /// Drain    L + 10  the last outputs are written               Fetch, Adapt, Finish
    /// Adapt    9       an input's weights of the class and its rival     Finish
    /// Finish   1       counts the image                                  Report
    /// Report   1       a word of the result, until it is taken           Gather, Receive
    /// Gather   1       a score's address                                 Take
    /// Take     1       the score                                         Report
    ///
    /// clock  of an activation     clock  of an output
    /// 0      addresses            5      the first lane's sum, its outputs' address
    /// 1      activation, word     6      bias, multiplier, shift
    /// 2      weights              7      total: the score
    /// 3      products             8      products with the multiplier
    /// 4      sums                 9      product
    ///                             10     shifted
    ///                             11     is written
    ///
    /// clock  of an input when the last layer learns
    /// 0      its address, that of the class's word
    /// 1      step; the word is read
    /// 2      its weight
    /// 3      moves
    /// 4      is written; the address of the rival's word
    /// 5 - 8  the same: read, weight, moves, written
    /// ```
    NetworkCore<Q>, core 8;
    new(built: NetworkBuilt, fabric: Fabric) {
        assert!(usize::from(built.lanes) == 4 * Q, "the lanes are those of the type");
        let weight_rows = (built.words() * built.quads() / 256) as u64;
    }
    registers: [Registers] = Registers::new(built),
    walk: [Walk] = Walk::new(built.lanes),
    emit: [Emit] = Emit::new(built.lanes),
    quads: [[Quad; Q]] = std::array::from_fn(|_| Quad::new(built.weight_bits, fabric)),
    chain: [Chain<Q>],
    narrow: [Narrow] = Narrow::new(fabric),
    even: [Bank] = Bank::new(built.activation_bits),
    odd: [Bank] = Bank::new(built.activation_bits),
    step: [Step],
    row: [Row],
    mover: [Move],
    // The layers' words, and from 64 on the scores.
    layers: [RAM<Bits<32>, 7>],
    biases: [RAM<Bits<27>, 8>],
    scales: [RAM<Bits<21>, 8>],
    wide_bias: [Extend<27, 32>],
    wide_score: [Extend<28, 32>],
    state: [DFF<State>],
    count: [DFF<Bits<14>>],
    learn: [DFF<Bit>],
    beat: [DFF<Bits<8>>],
    label: [DFF<Bits<8>>],
    // The layer: its number, its two words, and which of all outputs its first one is.
    layer: [DFF<Bits<4>>],
    turn: [DFF<Bits<2>>],
    first: [DFF<Bits<32>>],
    second: [DFF<Bits<32>>],
    first_output: [DFF<Bits<8>>],
    rest: [DFF<Bits<5>>],
    // Of the pool: the largest so far, where it goes to.
    largest: [DFF<Bits<8>>],
    pooled: [DFF<Bit>],
    pool_place: [DFF<Bits<13>>],
    // Activation and sum on their way.
    x: [DFF<Bits<8>>],
    sum: [DFF<Bits<27>>],
    // The score of the image's class, and the largest of the others, the rival's.
    owned: [DFF<Bit>],
    own: [DFF<Bits<28>>],
    known: [DFF<Bit>],
    best: [DFF<Bits<28>>],
    rival: [DFF<Bits<8>>],
    // The class that was found: of equal scores the first.
    found: [DFF<Bits<8>>],
    // The class's is not above the rival's by the margin.
    lacking: [DFF<Bit>],
    // Learning: the word that the layer's weights begin with, which input, and its clock.
    base: [DFF<Bits<14>>],
    item: [DFF<Bits<11>>],
    phase: [DFF<Bits<4>>],
    scored: [DFF<Bits<7>>],
    word: [DFF<Bits<32>>],
    index: [DFF<Bits<6>>],
    elsewhere: [DFF<Bit>],
    no_layer: [DFF<Bit>],
    no_output: [DFF<Bit>],
    no_weight: [DFF<Bit>],
    no_activation: [DFF<Bit>],
    bus_read: [DFF<Bits<32>>],
    inside_one: [Pipe<Bit, 1>],
    which_one: [Pipe<Bits<3>, 1>],
    first_one: [Pipe<Bit, 1>],
    last_one: [Pipe<Bit, 1>],
    first_three: [Pipe<Bit, 3>],
    last_four: [Pipe<Bit, 4>],
    group_four: [Pipe<Bit, 4>],
    valid_two: [Pipe<Bit, 2>],
    output_two: [Pipe<Bits<8>, 2>],
    valid_six: [Pipe<Bit, 6>],
    address_six: [Pipe<Bits<13>, 6>],
    clearing: [Signal<Local, Bit>],
    receiving: [Signal<Local, Bit>],
    from_odd: [Signal<Local, Bit>],
    conv: [Signal<Local, Bit>],
    pool: [Signal<Local, Bit>],
    scoring: [Signal<Local, Bit>],
    place: [Signal<Local, Bits<2>>],
    plane: [Signal<Local, Bits<13>>],
    output_last: [Signal<Local, Bits<8>>],
    number: [Signal<Local, Bits<8>>],
    next_layer: [Signal<Local, Bits<5>>],
    given: [Signal<Local, Bits<8>>],
    score_here: [Signal<Local, Bit>],
    key: [Signal<Local, Bits<28>>],
    labelled: [Signal<Local, Bit>],
    ahead: [Signal<Local, Bits<29>>],
    behind: [Signal<Local, Bit>],
    apart: [Signal<Local, Bit>],
    adapting: [Signal<Local, Bit>],
    written: [Signal<Local, Bit>],
    second_half: [Signal<Local, Bit>],
    moved: [Signal<Local, Bits<8>>],
    four: [Signal<Local, Bits<32>>],
    rowed: [Signal<Local, Bits<8>>],
    group: [Signal<Local, Bits<8>>],
    quad: [Signal<Local, Bits<16>>],
    beats: [Signal<Local, Bit>],
    write: [Signal<Local, Bit>],
    write_address: [Signal<Local, Bits<13>>],
    write_data: [Signal<Local, Bits<8>>],
    even_write: [Signal<Local, Bit>],
    odd_write: [Signal<Local, Bit>],
    weight_write: [Signal<Local, Bit>],
    weight_address: [Signal<Local, Bits<14>>],
    weight_data: [Signal<Local, Bits<32>>],
    weight_word: [Signal<Local, Bits<32>>],
    bus_index: [Signal<Local, Bits<16>>],
    bus_word: [Signal<Local, Bits<16>>],
    bus_quad: [Signal<Local, Bits<16>>],
    bus_output: [Signal<Local, Bits<8>>],
    bus_second: [Signal<Local, Bit>],
    at: [Signal<Local, Bits<7>>],
    score_at: [Signal<Local, Bits<7>>],
    // The core is built for learning.
    able: [Constant<Bit>] = Constant::new(built.learning),
    last_clear: [Constant<Bits<14>>] = Constant::new((clear_clocks(built) - 1).into()),
    weight_rows: [Constant<Bits<16>>] = Constant::new(weight_rows.into()),
    bank_rows: [Constant<Bits<16>>] = Constant::new((built.activations() as u64 / 256).into()),
    quad_bits: [Constant<Bits<2>>] = Constant::new(u64::from(Q.trailing_zeros()).into()),
    lane_bits: [Constant<Bits<3>>] = Constant::new(u64::from(built.lanes.trailing_zeros()).into()),
    quad_mask: [Constant<Bits<16>>] = Constant::new((Q as u64 - 1).into()),
    drain: [Constant<Bits<5>>] = Constant::new((u64::from(built.lanes) + 10).into()),
    second_mask: [Constant<Bits<32>>] = Constant::new(0xff_07ff_u64.into()),
    conv_mask: [Constant<Bits<11>>] = Constant::new(0x7f_u64.into()),
    sign: [Constant<Bits<28>>] = Constant::new((1_u64 << 27).into()),
    one5: [Constant<Bits<5>>] = Constant::new(1_u64.into()),
    zero2: [Constant<Bits<2>>] = Constant::new(0_u64.into()),
    one2: [Constant<Bits<2>>] = Constant::new(1_u64.into()),
    zero4: [Constant<Bits<4>>] = Constant::new(0_u64.into()),
    one4: [Constant<Bits<4>>] = Constant::new(1_u64.into()),
    zero6: [Constant<Bits<6>>] = Constant::new(0_u64.into()),
    one6: [Constant<Bits<6>>] = Constant::new(1_u64.into()),
    scores_at: [Constant<Bits<7>>] = Constant::new(64_u64.into()),
    zero7: [Constant<Bits<7>>] = Constant::new(0_u64.into()),
    one7: [Constant<Bits<7>>] = Constant::new(1_u64.into()),
    zero8: [Constant<Bits<8>>] = Constant::new(0_u64.into()),
    one8: [Constant<Bits<8>>] = Constant::new(1_u64.into()),
    three8: [Constant<Bits<8>>] = Constant::new(3_u64.into()),
    zero11: [Constant<Bits<11>>] = Constant::new(0_u64.into()),
    one11: [Constant<Bits<11>>] = Constant::new(1_u64.into()),
    zero13: [Constant<Bits<13>>] = Constant::new(0_u64.into()),
    one13: [Constant<Bits<13>>] = Constant::new(1_u64.into()),
    zero14: [Constant<Bits<14>>] = Constant::new(0_u64.into()),
    one14: [Constant<Bits<14>>] = Constant::new(1_u64.into()),
    zero32: [Constant<Bits<32>>] = Constant::new(0_u64.into()),
}

// The kernel, with the memories' numbers as tokens.
macro_rules! kernel {
    (
        REGISTERS = $REGISTERS:tt,
        LAYER = $LAYER:tt,
        CHANNEL = $CHANNEL:tt,
        WEIGHT = $WEIGHT:tt,
        EVEN = $EVEN:tt,
        ODD = $ODD:tt,
    ) => {
        impl<const Q: usize> Logic for NetworkCore<Q> {
            #[hdl_gen]
            fn update(&mut self) {
                clock!(
                    self,
                    clock,
                    registers,
                    walk,
                    emit,
                    chain,
                    narrow,
                    step,
                    row,
                    mover,
                    even,
                    odd,
                    inside_one,
                    which_one,
                    first_one,
                    last_one,
                    first_three,
                    last_four,
                    group_four,
                    valid_two,
                    output_two,
                    valid_six,
                    address_six
                );
                dff_setup!(
                    self,
                    clock,
                    state,
                    count,
                    learn,
                    beat,
                    label,
                    layer,
                    turn,
                    first,
                    second,
                    first_output,
                    rest,
                    largest,
                    pooled,
                    pool_place,
                    x,
                    sum,
                    owned,
                    own,
                    known,
                    best,
                    rival,
                    found,
                    lacking,
                    base,
                    item,
                    phase,
                    scored,
                    word,
                    index,
                    elsewhere,
                    no_layer,
                    no_output,
                    no_weight,
                    no_activation,
                    bus_read
                );
                self.layers.read_clock.next = self.clock.val();
                self.layers.write_clock.next = self.clock.val();
                self.biases.read_clock.next = self.clock.val();
                self.biases.write_clock.next = self.clock.val();
                self.scales.read_clock.next = self.clock.val();
                self.scales.write_clock.next = self.clock.val();

                // What is the same in every state.
                self.vector_last.next = self.registers.inputs.val();
                self.answer_last.next =
                    (bit_cast::<8, 6>(self.registers.scores.val()) << 2) | self.three8.val();
                self.column_last.next = 255.into();
                self.receiving.next = self.state.q.val() == State::Receive;
                self.clearing.next = self.state.q.val() == State::Clear;
                self.beats.next = self.beat.q.val().any();
                self.busy.next = (!self.receiving.val()) | self.beats.val();
                self.result.next = self.word.q.val();

                self.found.d.next = self.rival.q.val();
                self.ahead.next =
                    bit_cast::<29, 28>(self.own.q.val()) - bit_cast::<29, 28>(self.best.q.val());
                self.behind.next = self.ahead.val().get_bit(28);
                self.apart.next = self.ahead.val().any();
                if self.owned.q.val()
                    & ((!self.known.q.val())
                        | ((!self.behind.val())
                            & (self.apart.val() | (self.label.q.val() < self.rival.q.val()))))
                {
                    self.found.d.next = self.label.q.val();
                }

                // What a state may raise.
                self.sample_ready.next = false;
                self.result_valid.next = false;
                self.registers.clear.next = false;
                self.registers.learned.next = false;
                self.registers.noise_step.next = false;
                self.registers.found_class.next = self.found.q.val();
                self.registers.missed.next = self.found.q.val() != self.label.q.val();
                self.walk.restart.next = false;
                self.walk.start.next = false;
                self.walk.go.next = self.state.q.val() == State::Walk;

                // The layer.
                self.adapting.next = self.able.val() & (self.state.q.val() == State::Adapt);
                self.from_odd.next = self.layer.q.val().get_bit(0) ^ self.adapting.val();
                self.conv.next = self.first.q.val().get_bits::<2>(0) == 0;
                self.pool.next = self.first.q.val().get_bits::<2>(0) == 2;
                self.scoring.next = self.first.q.val().get_bits::<2>(0) == 3;
                self.place.next = self.first.q.val().get_bits::<2>(2);
                self.narrow.bits.next = self.first.q.val().get_bits::<3>(4);
                self.plane.next = self.one13.val();
                if self.conv.val() | self.pool.val() {
                    self.plane.next = self.first.q.val().get_bits::<13>(19);
                }
                self.output_last.next = self.second.q.val().get_bits::<8>(16);
                self.next_layer.next = bit_cast::<5, 4>(self.layer.q.val()) + self.one5.val();
                self.at.next = bit_cast::<7, 4>(self.layer.q.val()) << 1;
                self.layers.read_address.next =
                    self.at.val() | bit_cast::<7, 1>(self.turn.q.val().get_bits::<1>(0));
                self.score_at.next = bit_cast::<7, 6>(self.index.q.val()) | self.scores_at.val();
                if self.state.q.val() == State::Gather {
                    self.layers.read_address.next = self.score_at.val();
                }

                // Clock 0 of an activation.
                self.walk.conv.next = self.conv.val();
                self.walk.pool.next = self.pool.val();
                self.walk.place.next = self.place.val();
                self.walk.width_last.next = self.first.q.val().get_bits::<7>(7);
                self.walk.height_last.next = self.first.q.val().get_bits::<5>(14);
                self.walk.plane.next = self.plane.val();
                self.walk.channel_last.next = self.second.q.val().get_bits::<11>(0);
                if self.conv.val() {
                    self.walk.channel_last.next =
                        self.second.q.val().get_bits::<11>(0) & self.conv_mask.val();
                }
                self.walk.output_last.next = self.output_last.val();
                self.even.read_address.next = self.walk.address.val();
                self.odd.read_address.next = self.walk.address.val();
                self.weight_address.next = self.walk.word.val();
                self.inside_one.d.next = self.walk.present.val();
                self.which_one.d.next = self.walk.which.val();
                if self.adapting.val() {
                    self.which_one.d.next = self.item.q.val().get_bits::<3>(0);
                }
                self.first_one.d.next = self.walk.first.val();
                self.last_one.d.next = self.walk.last.val();
                self.first_three.d.next = self.walk.first.val();
                self.last_four.d.next = self.walk.last.val() & (!self.pool.val());
                self.group_four.d.next = self.walk.group_last.val();
                // Clock 1.
                self.given.next = self.even.read_data.val();
                if self.from_odd.val() {
                    self.given.next = self.odd.read_data.val();
                }
                self.x.d.next = self.zero8.val();
                if self.inside_one.q.val() {
                    self.x.d.next = self.given.val();
                }
                if self.first_one.q.val() | (self.given.val() > self.largest.q.val()) {
                    self.largest.d.next = self.given.val();
                }
                self.pooled.d.next = self.last_one.q.val() & self.pool.val();
                // Clock 4.
                self.chain.load.next = self.last_four.q.val();
                self.emit.load.next = self.last_four.q.val();
                self.emit.group_last.next = self.group_four.q.val();
                self.emit.plane.next = self.plane.val();
                self.emit.output_last.next = self.output_last.val();
                self.emit.start.next = false;
                // Clock 5: an output.
                self.sum.d.next = self.chain.sum.val();
                self.number.next = self.first_output.q.val() + self.emit.channel.val();
                self.biases.read_address.next = self.number.val();
                self.scales.read_address.next = self.number.val();
                self.valid_two.d.next = self.emit.valid.val() & self.scoring.val();
                self.output_two.d.next = self.emit.channel.val();
                self.valid_six.d.next = self.emit.valid.val() & (!self.scoring.val());
                self.address_six.d.next = self.emit.address.val();
                // Clock 6.
                self.narrow.sum.next = self.sum.q.val();
                self.narrow.bias.next = self.biases.read_data.val();
                self.narrow.multiplier.next = self.scales.read_data.val().get_bits::<16>(0);
                self.narrow.shift.next = self.scales.read_data.val().get_bits::<5>(16);
                // Clock 7: a score.
                self.key.next = self.narrow.total.val() ^ self.sign.val();
                self.score_here.next =
                    self.valid_two.q.val() & (!self.output_two.q.val().get_bits::<2>(6).any());
                self.wide_score.x.next = self.narrow.total.val();
                self.layers.write_address.next =
                    bit_cast::<7, 6>(self.output_two.q.val().get_bits::<6>(0))
                        | self.scores_at.val();
                self.layers.write_data.next = self.wide_score.y.val();
                self.layers.write_enable.next = self.score_here.val();
                if self.score_here.val() {
                    self.scored.d.next = self.output_two.q.val().get_bits::<7>(0) + self.one7.val();
                }
                self.labelled.next = self.output_two.q.val() == self.label.q.val();
                if self.valid_two.q.val() & self.labelled.val() {
                    self.owned.d.next = true;
                    self.own.d.next = self.key.val();
                }
                if (self.valid_two.q.val() & (!self.labelled.val()))
                    & ((!self.known.q.val()) | (self.key.val() > self.best.q.val()))
                {
                    self.known.d.next = true;
                    self.best.d.next = self.key.val();
                    self.rival.d.next = self.output_two.q.val();
                }
                self.lacking.d.next = (self.owned.q.val() & self.known.q.val())
                    & (self.behind.val()
                        | (self.ahead.val() < bit_cast::<29, 26>(self.registers.margin.val())));
                // Clock 11, or 2 of a pool: an activation.
                self.write.next = self.valid_six.q.val();
                self.write_address.next = self.address_six.q.val();
                self.write_data.next = self.narrow.y.val();
                if self.pooled.q.val() {
                    self.write.next = true;
                    self.write_address.next = self.pool_place.q.val();
                    self.write_data.next = self.largest.q.val();
                    self.pool_place.d.next = self.pool_place.q.val() + self.one13.val();
                }
                self.even_write.next = self.write.val() & self.from_odd.val();
                self.odd_write.next = self.write.val() & (!self.from_odd.val());

                // An input of the last layer, which learns.
                self.rowed.next = self.label.q.val();
                if (self.phase.q.val() >= 3) & (self.phase.q.val() <= 6) {
                    self.rowed.next = self.rival.q.val();
                }
                self.moved.next = self.label.q.val();
                self.second_half.next = self.phase.q.val() >= 5;
                if self.second_half.val() {
                    self.moved.next = self.rival.q.val();
                }
                self.bus_index.next = (bit_cast::<16, 8>(self.bus_row.val().get_bits::<8>(0)) << 8)
                    | bit_cast::<16, 8>(self.bus_column.val());
                self.bus_word.next = self.bus_index.val() >> self.quad_bits.val();
                self.bus_quad.next = self.bus_index.val() & self.quad_mask.val();
                self.quad.next = self.bus_quad.val();
                if self.adapting.val() {
                    self.quad.next =
                        bit_cast::<16, 6>(self.moved.val().get_bits::<6>(2)) & self.quad_mask.val();
                }
                self.weight_word.next = self.zero32.val();
                self.four.next = self.zero32.val();
                for i in 0..Q {
                    if self.quad.val().index() == i {
                        self.four.next = self.quads[i].weights.val();
                        self.weight_word.next = self.quads[i].word.val();
                    }
                }
                self.step.x.next = self.given.val();
                self.step.rate.next = self.registers.rate.val();
                self.step.rounding.next = self.registers.rounding.val();
                self.step.noise.next = self.registers.noise.val();
                self.group.next = self.rowed.val() >> self.lane_bits.val();
                self.row.base.next = self.base.q.val();
                self.row.group.next = self.group.val().get_bits::<5>(0);
                self.row.channel_last.next = self.second.q.val().get_bits::<11>(0);
                self.row.number.next = self.item.q.val();
                self.row.place.next = self.place.val();
                self.mover.word.next = self.weight_word.val();
                self.mover.weights.next = self.four.val();
                self.mover.lane.next = self.moved.val().get_bits::<2>(0);
                self.mover.which.next = self.item.q.val().get_bits::<3>(0);
                self.mover.place.next = self.place.val();
                self.mover.step.next = self.step.step.val();
                self.mover.down.next = self.second_half.val();
                self.written.next = (self.adapting.val() & self.lacking.q.val())
                    & ((self.phase.q.val() == 4) | (self.phase.q.val() == 8));
                self.registers.clamped.next = self.written.val() & self.mover.clamped.val();
                if self.adapting.val() {
                    self.even.read_address.next = bit_cast::<13, 11>(self.item.q.val());
                    self.odd.read_address.next = bit_cast::<13, 11>(self.item.q.val());
                    self.weight_address.next = self.row.word.val();
                }

                match self.state.q.val() {
                    State::Clear => {
                        self.registers.clear.next = true;
                        self.count.d.next = self.count.q.val() + self.one14.val();
                        if self.count.q.val() == self.last_clear.val() {
                            self.state.d.next = State::Receive;
                        }
                    }
                    State::Receive => {
                        self.sample_ready.next = true;
                        self.count.d.next = self.zero14.val();
                        self.layer.d.next = self.zero4.val();
                        self.turn.d.next = self.zero2.val();
                        self.first_output.d.next = self.zero8.val();
                        self.owned.d.next = false;
                        self.known.d.next = false;
                        self.rival.d.next = self.zero8.val();
                        self.scored.d.next = self.zero7.val();
                        self.index.d.next = self.zero6.val();
                        self.item.d.next = self.zero11.val();
                        self.phase.d.next = self.zero4.val();
                        self.walk.restart.next = true;
                        if self.sample_valid.val() {
                            if !self.beats.val() {
                                self.learn.d.next = self.sample_learn.val();
                            }
                            self.label.d.next = self.sample_data.val();
                            self.even_write.next = true;
                            self.write_address.next = bit_cast::<13, 8>(self.beat.q.val());
                            self.write_data.next = self.sample_data.val();
                            self.beat.d.next = self.beat.q.val() + self.one8.val();
                            if self.beat.q.val() == self.registers.inputs.val() {
                                self.even_write.next = false;
                                self.beat.d.next = self.zero8.val();
                                self.state.d.next = State::Fetch;
                            }
                        } else if self.clear.val() & (!self.beats.val()) {
                            self.state.d.next = State::Clear;
                        }
                    }
                    State::Fetch => {
                        self.turn.d.next = self.turn.q.val() + self.one2.val();
                        self.rest.d.next = self.drain.val();
                        self.pool_place.d.next = self.zero13.val();
                        if self.turn.q.val() == 1 {
                            self.first.d.next = self.layers.read_data.val();
                        }
                        if self.turn.q.val() == 2 {
                            self.second.d.next = self.layers.read_data.val();
                        }
                        if self.turn.q.val() == 3 {
                            self.walk.start.next = true;
                            self.emit.start.next = true;
                            self.base.d.next = self.walk.word.val();
                            if self.scoring.val() {
                                self.owned.d.next = false;
                                self.known.d.next = false;
                                self.rival.d.next = self.zero8.val();
                                self.scored.d.next = self.zero7.val();
                            }
                            self.state.d.next = State::Walk;
                        }
                    }
                    State::Walk => {
                        if self.walk.done.val() {
                            self.state.d.next = State::Drain;
                        }
                    }
                    State::Drain => {
                        self.rest.d.next = self.rest.q.val() - self.one5.val();
                        if self.rest.q.val() == self.one5.val() {
                            self.layer.d.next = self.next_layer.val().get_bits::<4>(0);
                            if !self.pool.val() {
                                self.first_output.d.next = (self.first_output.q.val()
                                    + self.output_last.val())
                                    + self.one8.val();
                            }
                            self.state.d.next = State::Fetch;
                            if self.next_layer.val() == self.registers.layers.val() {
                                self.state.d.next = State::Finish;
                                if ((self.able.val() & self.learn.q.val())
                                    & self.registers.learning.val())
                                    & self.scoring.val()
                                {
                                    self.state.d.next = State::Adapt;
                                }
                            }
                        }
                    }
                    State::Adapt => {
                        self.phase.d.next = self.phase.q.val() + self.one4.val();
                        if self.phase.q.val() == 8 {
                            self.phase.d.next = self.zero4.val();
                            self.registers.noise_step.next = self.able.val() & self.lacking.q.val();
                            self.item.d.next = self.item.q.val() + self.one11.val();
                            if self.item.q.val() == self.second.q.val().get_bits::<11>(0) {
                                self.state.d.next = State::Finish;
                            }
                        }
                    }
                    State::Finish => {
                        self.registers.learned.next = self.learn.q.val();
                        self.word.d.next = bit_cast::<32, 8>(self.found.q.val());
                        self.state.d.next = State::Report;
                    }
                    State::Report => {
                        self.result_valid.next = true;
                        if self.result_ready.val() {
                            self.state.d.next = State::Gather;
                            if self.learn.q.val()
                                | (self.index.q.val() == self.registers.scores.val())
                            {
                                self.state.d.next = State::Receive;
                            }
                        }
                    }
                    State::Gather => {
                        self.state.d.next = State::Take;
                    }
                    State::Take => {
                        self.word.d.next = self.zero32.val();
                        if bit_cast::<7, 6>(self.index.q.val()) < self.scored.q.val() {
                            self.word.d.next = self.layers.read_data.val();
                        }
                        self.index.d.next = self.index.q.val() + self.one6.val();
                        self.state.d.next = State::Report;
                    }
                    _ => {
                        self.state.d.next = State::Receive;
                    }
                }

                // The bus.
                self.registers.address.next = self.bus_column.val();
                self.registers.write_data.next = self.bus_write_data.val();
                self.registers.write.next = false;
                self.bus_output.next = self.bus_index.val().get_bits::<8>(1);
                self.bus_second.next = self.bus_column.val().get_bit(0);
                self.elsewhere.d.next = self.bus_row.val().any();
                self.no_layer.d.next = self.bus_row.val().any() | (self.bus_column.val() >= 32);
                self.no_output.d.next = self.bus_row.val() >= 2;
                self.no_weight.d.next = self.bus_row.val() >= self.weight_rows.val();
                self.no_activation.d.next = self.bus_row.val() >= self.bank_rows.val();
                self.biases.write_enable.next = false;
                self.biases.write_address.next = self.bus_output.val();
                self.biases.write_data.next = self.bus_write_data.val().get_bits::<27>(0);
                self.scales.write_enable.next = false;
                self.scales.write_address.next = self.bus_output.val();
                self.scales.write_data.next = self.bus_write_data.val().get_bits::<21>(0);
                self.weight_write.next = self.written.val();
                self.weight_data.next = self.bus_write_data.val();
                if self.adapting.val() {
                    self.weight_data.next = self.mover.moved.val();
                }
                if self.receiving.val() {
                    self.layers.read_address.next = self.bus_column.val().get_bits::<7>(0);
                    self.layers.write_address.next = self.bus_column.val().get_bits::<7>(0);
                    self.layers.write_data.next = self.bus_write_data.val();
                    if self.bus_second.val() {
                        self.layers.write_data.next =
                            self.bus_write_data.val() & self.second_mask.val();
                    }
                    self.biases.read_address.next = self.bus_output.val();
                    self.scales.read_address.next = self.bus_output.val();
                    self.weight_address.next = self.bus_word.val().get_bits::<14>(0);
                    self.even.read_address.next = self.bus_index.val().get_bits::<13>(0);
                    self.odd.read_address.next = self.bus_index.val().get_bits::<13>(0);
                }
                self.bus_refused.next = self.bus_write.val();
                if self.bus_write.val() {
                    if (self.bus_memory.val() == $REGISTERS) & (!self.elsewhere.q.val()) {
                        self.registers.write.next = true;
                        self.bus_refused.next = self.registers.refused.val();
                    }
                    if (self.bus_memory.val() == $LAYER) & (!self.no_layer.q.val()) {
                        self.layers.write_enable.next = true;
                        self.bus_refused.next = false;
                    }
                    if (self.bus_memory.val() == $CHANNEL) & (!self.no_output.q.val()) {
                        self.biases.write_enable.next = !self.bus_second.val();
                        self.scales.write_enable.next = self.bus_second.val();
                        self.bus_refused.next = false;
                    }
                    if (self.bus_memory.val() == $WEIGHT) & (!self.no_weight.q.val()) {
                        self.weight_write.next = true;
                        self.bus_refused.next = false;
                    }
                    if (self.bus_memory.val() == $EVEN) & (!self.no_activation.q.val()) {
                        self.even_write.next = true;
                        self.bus_refused.next = false;
                    }
                    if (self.bus_memory.val() == $ODD) & (!self.no_activation.q.val()) {
                        self.odd_write.next = true;
                        self.bus_refused.next = false;
                    }
                    self.write_address.next = self.bus_index.val().get_bits::<13>(0);
                    self.write_data.next = self.bus_write_data.val().get_bits::<8>(0);
                }
                self.wide_bias.x.next = self.biases.read_data.val();
                self.bus_read.d.next = self.registers.read_data.val();
                if self.bus_memory.val() == $LAYER {
                    self.bus_read.d.next = self.layers.read_data.val();
                }
                if self.bus_memory.val() == $CHANNEL {
                    self.bus_read.d.next = self.wide_bias.y.val();
                    if self.bus_second.val() {
                        self.bus_read.d.next = bit_cast::<32, 21>(self.scales.read_data.val());
                    }
                }
                if self.bus_memory.val() == $WEIGHT {
                    self.bus_read.d.next = self.weight_word.val();
                }
                if self.bus_memory.val() == $EVEN {
                    self.bus_read.d.next = bit_cast::<32, 8>(self.even.read_data.val());
                }
                if self.bus_memory.val() == $ODD {
                    self.bus_read.d.next = bit_cast::<32, 8>(self.odd.read_data.val());
                }
                self.bus_read_data.next = self.bus_read.q.val();

                // Reset: memories to zero.
                if self.clearing.val() {
                    self.layers.write_enable.next = true;
                    self.layers.write_address.next = self.count.q.val().get_bits::<7>(0);
                    self.layers.write_data.next = self.zero32.val();
                    self.biases.write_enable.next = true;
                    self.biases.write_address.next = self.count.q.val().get_bits::<8>(0);
                    self.biases.write_data.next = self.zero32.val().get_bits::<27>(0);
                    self.scales.write_enable.next = true;
                    self.scales.write_address.next = self.count.q.val().get_bits::<8>(0);
                    self.scales.write_data.next = self.zero32.val().get_bits::<21>(0);
                    self.weight_write.next = true;
                    self.weight_address.next = self.count.q.val();
                    self.weight_data.next = self.zero32.val();
                    self.even_write.next = true;
                    self.odd_write.next = true;
                    self.write_address.next = self.count.q.val().get_bits::<13>(0);
                    self.write_data.next = self.zero8.val();
                }
                self.even.write.next = self.even_write.val();
                self.even.write_address.next = self.write_address.val();
                self.even.write_data.next = self.write_data.val();
                self.odd.write.next = self.odd_write.val();
                self.odd.write_address.next = self.write_address.val();
                self.odd.write_data.next = self.write_data.val();

                // The lanes.
                for i in 0..Q {
                    self.quads[i].clock.next = self.clock.val();
                    self.quads[i].address.next = self.weight_address.val();
                    self.quads[i].write_data.next = self.weight_data.val();
                    self.quads[i].write.next = self.weight_write.val()
                        & (self.clearing.val() | (self.quad.val().index() == i));
                    self.quads[i].place.next = self.place.val();
                    self.quads[i].which.next = self.which_one.q.val();
                    self.quads[i].x.next = self.x.q.val();
                    self.quads[i].first.next = self.first_three.q.val();
                    self.chain.sums[i].next = self.quads[i].sums.val();
                }
            }
        }
    };
}

fixlearn_map::network_memories!(kernel);
