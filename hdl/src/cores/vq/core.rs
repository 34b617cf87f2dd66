use super::{Distance, Gain, Lane, Neighbourhood, Registers, Turns, Update, Winner};
use crate::arith::{Noise, Pipe};
use crate::fabric::Fabric;
use fixlearn_map::vq::FULL_SCALE;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Clear,
    Load,
    Search,
    Settle,
    Report,
    Count,
    Rate,
    Update,
    Drain,
}

block! {
    /// The vector quantizer: see the module's documentation for its diagram, formats and cycles.
    ///
    /// `AB` address bits of a lane's codebook, `L` lanes and `U` update units (powers of two,
    /// `U <= L`), `XB = 8 * L` bits a beat: dimension `beat * L + lane` is in bits `8 * lane..`.
    ///
    /// An answer: the winner's index in bits 31..24, its distance below.
    VqCore<AB, L, XB, U>, core XB;
    /// A core of at most `max_codewords` codewords of `max_dimension` dimensions (powers of two,
    /// at most 256 each), with a residue beside each codeword if `residues`.
    new(max_codewords: u64, max_dimension: u64, residues: bool, fabric: Fabric) {
        let lanes = L as u64;
        assert!(max_codewords.is_power_of_two() && (2..=256).contains(&max_codewords));
        assert!(max_dimension.is_power_of_two() && (lanes..=256).contains(&max_dimension));
        assert!(L.is_power_of_two() && L <= 16 && XB == 8 * L);
        let beats = max_dimension / lanes;
        // Each byte's sign bit.
        let signs = (0..L).fold(Bits::<XB>::from(0_u64), |signs, _| (signs << 8) | 0x80_u64);
        assert_eq!(1_u64 << AB, max_codewords * beats, "AB must address a lane's codebook");
    }
    lanes: [[Lane<AB>; L]] = std::array::from_fn(|_| Lane::new(residues)),
    distance: [Distance<L>] = Distance::new(fabric),
    turns: [Turns<L, U, XB>],
    units: [[Update; U]] = std::array::from_fn(|_| Update::new(fabric)),
    winner: [Winner] = Winner::new(fabric),
    gain: [Gain],
    walk: [Neighbourhood],
    noise: [Noise],
    registers: [Registers] = Registers::new(max_codewords, max_dimension, true),
    samples: [RAM<Bits<XB>, 8>],
    counts: [RAM<Bits<16>, 8>],
    state: [DFF<State>],
    learn: [DFF<Bit>],
    sweep: [DFF<Bits<16>>],
    beat: [DFF<Bits<8>>],
    turn: [DFF<Bits<4>>],
    turn_now: [DFF<Bits<4>>],
    codeword: [DFF<Bits<8>>],
    wins: [DFF<Bits<16>>],
    rest: [DFF<Bits<4>>],
    learned: [DFF<Bit>],
    // The token of clock 0, in flight.
    valid_late: [Pipe<Bit, 6>],
    opening_late: [Pipe<Bit, 6>],
    closing_late: [Pipe<Bit, 6>],
    codeword_soon: [Pipe<Bits<8>, 5>],
    codeword_late: [DFF<Bits<8>>],
    count_late: [DFF<Bits<16>>],
    coarse_late: [Pipe<Bits<2>, 1>],
    noise_step: [Pipe<Bit, 4>],
    write_late: [Pipe<Bit, 6>],
    write_address_late: [Pipe<Bits<AB>, 6>],
    noise_turn: [Pipe<Bits<4>, 4>],
    write_turn: [Pipe<Bits<4>, 6>],
    tail: [DFF<Bit>],
    elsewhere: [DFF<Bit>],
    bus_lane: [DFF<Bits<8>>],
    bus_word: [DFF<Bits<23>>],
    bus_read: [DFF<Bits<32>>],
    bus_address: [Signal<Local, Bits<AB>>],
    token_address: [Signal<Local, Bits<AB>>],
    row_address: [Signal<Local, Bits<AB>>],
    bus_beat: [Signal<Local, Bits<8>>],
    bus_lane_now: [Signal<Local, Bits<8>>],
    samples_out: [Signal<Local, Bits<XB>>],
    bus_turn: [Signal<Local, Bits<8>>],
    turn_closing: [Signal<Local, Bit>],
    last_beat: [Signal<Local, Bits<8>>],
    last_lane: [Signal<Local, Bits<8>>],
    token_codeword: [Signal<Local, Bits<8>>],
    closing: [Signal<Local, Bit>],
    in_grid: [Signal<Local, Bit>],
    halved: [Signal<Local, Bits<16>>],
    effective: [Signal<Local, Bits<16>>],
    one_more: [Signal<Local, Bits<16>>],
    clearing: [Signal<Local, Bit>],
    read_address: [Signal<Local, Bits<AB>>],
    write_address: [Signal<Local, Bits<AB>>],
    codebook_write: [Signal<Local, Bit>],
    in_range: [Signal<Local, Bit>],
    beat_bits: [Constant<Bits<4>>] = Constant::new(u64::from(beats.ilog2()).into()),
    lane_bits: [Constant<Bits<4>>] = Constant::new(u64::from(lanes.ilog2()).into()),
    lane_mask: [Constant<Bits<8>>] = Constant::new((lanes - 1).into()),
    unit_bits: [Constant<Bits<4>>] = Constant::new(u64::from(U.ilog2()).into()),
    last_turn: [Constant<Bits<4>>] = Constant::new((L as u64 / U as u64 - 1).into()),
    sweep_last: [Constant<Bits<16>>] = Constant::new(((1_u64 << AB).max(256) - 1).into()),
    rows: [Constant<Bits<16>>] = Constant::new(max_codewords.into()),
    max_codewords: [Constant<Bits<9>>] = Constant::new(max_codewords.into()),
    max_dimension: [Constant<Bits<9>>] = Constant::new(max_dimension.into()),
    signs: [Constant<Bits<XB>>] = Constant::new(signs),
    full_scale: [Constant<Bits<15>>] = Constant::new(u64::from(FULL_SCALE).into()),
    zero23: [Constant<Bits<23>>] = Constant::new(0_u64.into()),
    zero16: [Constant<Bits<16>>] = Constant::new(0_u64.into()),
    zero8: [Constant<Bits<8>>] = Constant::new(0_u64.into()),
    zero4: [Constant<Bits<4>>] = Constant::new(0_u64.into()),
    one16: [Constant<Bits<16>>] = Constant::new(1_u64.into()),
    one8: [Constant<Bits<8>>] = Constant::new(1_u64.into()),
    one4: [Constant<Bits<4>>] = Constant::new(1_u64.into()),
}

// The kernel, with the memories' numbers as tokens.
macro_rules! kernel {
    (
        REGISTERS = $REGISTERS:tt, CODEBOOK = $CODEBOOK:tt, COUNTS = $COUNTS:tt,
    ) => {
        impl<const AB: usize, const L: usize, const XB: usize, const U: usize> Logic
            for VqCore<AB, L, XB, U>
        {
            #[hdl_gen]
            fn update(&mut self) {
                clock!(
                    self,
                    clock,
                    distance,
                    winner,
                    gain,
                    walk,
                    noise,
                    registers,
                    valid_late,
                    opening_late,
                    closing_late,
                    codeword_soon,
                    coarse_late,
                    noise_step,
                    write_late,
                    write_address_late,
                    noise_turn,
                    write_turn
                );
                dff_setup!(
                    self,
                    clock,
                    state,
                    learn,
                    sweep,
                    beat,
                    turn,
                    turn_now,
                    codeword,
                    wins,
                    rest,
                    learned,
                    tail,
                    elsewhere,
                    bus_lane,
                    bus_word,
                    bus_read,
                    codeword_late,
                    count_late
                );
                self.samples.read_clock.next = self.clock.val();
                self.samples.write_clock.next = self.clock.val();
                self.counts.read_clock.next = self.clock.val();
                self.counts.write_clock.next = self.clock.val();

                // Sizes in beats.
                self.last_beat.next = self.registers.last_dimension.val() >> self.lane_bits.val();
                self.last_lane.next = self.registers.last_dimension.val() & self.lane_mask.val();
                self.vector_last.next = self.registers.last_dimension.val();
                self.answer_last.next = 3.into();
                self.clearing.next = self.state.q.val() == State::Clear;
                self.closing.next = self.beat.q.val() == self.last_beat.val();
                self.turn_closing.next = self.turn.q.val() == self.last_turn.val();

                // The token: which codeword, which beat.
                self.token_codeword.next = self.codeword.q.val();
                self.in_grid.next = self.walk.in_grid.val();
                if self.state.q.val() == State::Update {
                    self.token_codeword.next = self.walk.codeword.val();
                }
                self.row_address.next =
                    bit_cast::<AB, 8>(self.token_codeword.val()) << self.beat_bits.val();
                self.token_address.next =
                    self.row_address.val() | bit_cast::<AB, 8>(self.beat.q.val());
                self.bus_beat.next = self.bus_column.val() >> self.lane_bits.val();
                self.bus_address.next = (bit_cast::<AB, 16>(self.bus_row.val())
                    << self.beat_bits.val())
                    | bit_cast::<AB, 8>(self.bus_beat.val());

                // Defaults of the machine.
                self.sample_ready.next = false;
                self.result_valid.next = false;
                self.winner.start.next = false;
                self.walk.start.next = false;
                self.walk.advance.next = false;
                self.registers.learning.next = false;
                self.registers.learned.next = self.learned.q.val();
                self.learned.d.next = false;
                self.registers.halved.next = false;
                self.valid_late.d.next = false;
                self.write_late.d.next = false;
                self.noise_step.d.next = false;
                self.registers.clear.next = false;
                self.busy.next = true;
                self.tail.d.next = self.closing.val();

                // The counts: halved in passing while a halving is due.
                self.halved.next = self.count_late.q.val() >> 1;
                if !self.count_late.q.val().get_bits::<15>(1).any() {
                    self.halved.next = self.one16.val();
                }
                self.count_late.d.next = self.counts.read_data.val();
                self.counts.read_address.next = self.codeword_soon.q.val();
                self.counts.write_address.next = self.winner.counted.val();
                self.counts.write_data.next = self.halved.val();
                self.counts.write_enable.next =
                    self.winner.counting.val() & (self.learn.q.val() & self.registers.halve.val());
                self.effective.next = self.count_late.q.val();
                if self.registers.halve.val() {
                    self.effective.next = self.halved.val();
                }
                self.winner.count.next = self.one16.val();
                if self.learn.q.val() & self.registers.frequency_sensitive.val() {
                    self.winner.count.next = self.effective.val();
                }
                // A win more, saturating.
                self.one_more.next = self.one16.val();
                if self.counts.read_data.val().all() {
                    self.one_more.next = self.zero16.val();
                }
                self.registers.halve_next.next = self.wins.q.val() >= self.registers.cap.val();

                match self.state.q.val() {
                    State::Clear => {
                        self.registers.clear.next = true;
                        self.counts.write_enable.next = true;
                        self.counts.write_address.next = self.sweep.q.val().get_bits::<8>(0);
                        self.counts.write_data.next = self.one16.val();
                        self.sweep.d.next = self.sweep.q.val() + self.one16.val();
                        if self.sweep.q.val() == self.sweep_last.val() {
                            self.sweep.d.next = self.zero16.val();
                            self.state.d.next = State::Load;
                        }
                    }
                    State::Load => {
                        self.counts.read_address.next = self.bus_column.val();
                        // The last word is written, and the registers hear of it.
                        self.busy.next = self.beat.q.val().any() | self.learned.q.val();
                        self.sample_ready.next = true;
                        self.winner.start.next = true;
                        if self.sample_valid.val() {
                            if !self.beat.q.val().any() {
                                self.learn.d.next = self.sample_learn.val();
                            }
                            self.beat.d.next = self.beat.q.val() + self.one8.val();
                            if self.closing.val() {
                                self.beat.d.next = self.zero8.val();
                                self.codeword.d.next = self.zero8.val();
                                self.state.d.next = State::Search;
                            }
                        } else if self.clear.val() & !self.beat.q.val().any() {
                            self.state.d.next = State::Clear;
                        }
                    }
                    State::Search => {
                        self.valid_late.d.next = true;
                        self.beat.d.next = self.beat.q.val() + self.one8.val();
                        if self.closing.val() {
                            self.beat.d.next = self.zero8.val();
                            self.codeword.d.next = self.codeword.q.val() + self.one8.val();
                            if self.codeword.q.val() == self.registers.last_codeword.val() {
                                self.state.d.next = State::Settle;
                            }
                        }
                    }
                    State::Settle => {
                        if self.winner.found.val() {
                            self.counts.read_address.next = self.winner.index.val();
                            self.result_valid.next = true;
                            self.state.d.next = State::Report;
                        }
                    }
                    State::Report => {
                        self.counts.read_address.next = self.winner.index.val();
                        self.result_valid.next = true;
                    }
                    State::Count => {
                        self.wins.d.next = self.counts.read_data.val() + self.one_more.val();
                        self.state.d.next = State::Rate;
                    }
                    State::Rate => {
                        self.counts.write_enable.next = true;
                        self.counts.write_address.next = self.winner.index.val();
                        self.counts.write_data.next = self.wins.q.val();
                        self.registers.halved.next = true;
                        self.walk.advance.next = true;
                        self.rest.d.next = self.zero4.val();
                        self.state.d.next = State::Update;
                    }
                    State::Update => {
                        self.write_late.d.next = self.in_grid.val();
                        self.turn.d.next = self.turn.q.val() + self.one4.val();
                        if self.turn_closing.val() {
                            self.turn.d.next = self.zero4.val();
                            self.noise_step.d.next = self.in_grid.val();
                            self.beat.d.next = self.beat.q.val() + self.one8.val();
                            if self.closing.val() {
                                self.beat.d.next = self.zero8.val();
                                self.walk.advance.next = true;
                                if self.walk.closing.val() {
                                    self.state.d.next = State::Drain;
                                }
                            }
                        }
                    }
                    State::Drain => {
                        self.rest.d.next = self.rest.q.val() + self.one4.val();
                        if self.rest.q.val() == 4 {
                            self.learned.d.next = true;
                            self.state.d.next = State::Load;
                        }
                    }
                    _ => {
                        self.state.d.next = State::Clear;
                    }
                }
                if self.result_valid.val() & self.result_ready.val() {
                    self.state.d.next = State::Load;
                    if self.learn.q.val() {
                        self.registers.learning.next = true;
                        self.walk.start.next = true;
                        self.state.d.next = State::Count;
                    }
                }

                // The samples of this vector.
                self.samples.read_address.next = self.beat.q.val();
                self.samples.write_address.next = self.beat.q.val();
                self.samples.write_data.next = self.sample_data.val();
                if self.registers.offset_binary.val() {
                    self.samples.write_data.next = self.sample_data.val() ^ self.signs.val();
                }
                self.samples.write_enable.next = self.sample_valid.val() & self.sample_ready.val();

                // Search: sum, then the winner.
                self.opening_late.d.next = !self.beat.q.val().any();
                self.closing_late.d.next = self.closing.val();
                self.codeword_soon.d.next = self.token_codeword.val();
                self.codeword_late.d.next = self.codeword_soon.q.val();
                self.distance.squared.next = self.registers.squared.val();
                self.winner.sum.next = self.distance.sum.val();
                self.winner.valid.next = self.valid_late.q.val();
                self.winner.opening.next = self.opening_late.q.val();
                self.winner.closing.next = self.closing_late.q.val();
                self.winner.codeword.next = self.codeword_late.q.val();
                self.winner.last_codeword.next = self.registers.last_codeword.val();
                self.result.next = (bit_cast::<32, 8>(self.winner.index.val()) << 24)
                    | bit_cast::<32, 24>(self.winner.distance.val());

                // Update: gain and noise.
                self.gain.u.next = self.wins.q.val();
                self.gain.count_based.next = self.registers.count_based.val();
                self.gain.rate_shift.next = self.registers.rate_shift.val();
                self.gain.falloff.next = self.registers.falloff.val();
                self.gain.ring.next = self.walk.ring.val();
                self.coarse_late.d.next = self.gain.coarse.val();
                self.walk.winner.next = self.winner.index.val();
                self.walk.radius.next = self.registers.radius.val();
                self.walk.columns.next = self.registers.columns.val();
                self.walk.last_codeword.next = self.registers.last_codeword.val();
                self.noise.step.next = self.noise_step.q.val();
                self.noise.clear.next = self.clearing.val();
                self.noise.load_low.next = self.registers.noise_load_low.val();
                self.noise.load_high.next = self.registers.noise_load_high.val();
                self.noise.low.next = self.registers.noise_low.val();
                self.noise.high.next = self.bus_write_data.val();
                self.write_address_late.d.next = self.token_address.val();
                self.noise_turn.d.next = self.turn.q.val();
                self.write_turn.d.next = self.turn.q.val();

                // The bus.
                self.registers.clear_address.next = self.sweep.q.val().get_bits::<5>(0);
                self.registers.address.next = self.bus_column.val();
                self.registers.write_data.next = self.bus_write_data.val();
                self.elsewhere.d.next = self.bus_row.val().any();
                self.registers.write.next = self.bus_write.val()
                    & ((self.bus_memory.val() == $REGISTERS) & (!self.elsewhere.q.val()));
                self.registers.distance.next = self.winner.distance.val();
                self.registers.noise_state.next = self.noise.state.val();
                self.in_range.next = (self.bus_row.val() < self.rows.val())
                    & (bit_cast::<9, 8>(self.bus_column.val()) < self.max_dimension.val());
                self.codebook_write.next = false;
                self.bus_refused.next = self.registers.refused.val();
                if self.bus_write.val() {
                    if self.bus_memory.val() == $CODEBOOK {
                        if self.in_range.val()
                            & (self.bus_write_data.val().get_bits::<16>(0)
                                <= bit_cast::<16, 15>(self.full_scale.val()))
                        {
                            self.codebook_write.next = true;
                        } else {
                            self.bus_refused.next = true;
                        }
                    } else if self.bus_memory.val() == $COUNTS {
                        if ((bit_cast::<9, 8>(self.bus_column.val()) < self.max_codewords.val())
                            & (!self.elsewhere.q.val()))
                            & self.bus_write_data.val().get_bits::<16>(0).any()
                        {
                            self.counts.write_enable.next = true;
                            self.counts.write_address.next = self.bus_column.val();
                            self.counts.write_data.next =
                                self.bus_write_data.val().get_bits::<16>(0);
                        } else {
                            self.bus_refused.next = true;
                        }
                    } else if (self.bus_memory.val() != $REGISTERS) | self.elsewhere.q.val() {
                        self.bus_refused.next = true;
                    }
                }

                // Turns of an update; else those of the bus.
                self.samples_out.next = self.samples.read_data.val();
                self.bus_lane_now.next = self.bus_column.val() & self.lane_mask.val();
                self.bus_lane.d.next = self.bus_lane_now.val();
                self.bus_turn.next = self.bus_lane_now.val() >> self.unit_bits.val();
                self.turn_now.d.next = self.turn.q.val();
                if self.state.q.val() == State::Load {
                    self.turn_now.d.next = self.bus_turn.val().get_bits::<4>(0);
                }
                self.turns.samples.next = self.samples_out.val();
                self.turns.turn.next = self.turn_now.q.val();
                self.turns.tail.next = self.tail.q.val();
                self.turns.last_lane.next = self.last_lane.val();
                self.turns.lane.next = self.bus_lane.q.val();
                self.turns.noise.next = self.noise.state.val();
                self.turns.noise_turn.next = self.noise_turn.q.val();
                self.turns.write_turn.next = self.write_turn.q.val();
                self.turns.load.next = self.clearing.val() | self.codebook_write.val();
                self.turns.load_data.next = self.zero23.val();
                if self.codebook_write.val() {
                    self.turns.load_data.next =
                        (bit_cast::<23, 15>(self.bus_write_data.val().get_bits::<15>(0)))
                            | (bit_cast::<23, 8>(self.bus_write_data.val().get_bits::<8>(16))
                                << 15);
                }
                self.bus_word.d.next = self.turns.bus_word.val();
                for j in 0..U {
                    self.units[j].clock.next = self.clock.val();
                    self.units[j].x.next = self.turns.unit_x[j].val();
                    self.units[j].word.next = self.turns.unit_word[j].val();
                    self.units[j].active.next = self.turns.unit_active[j].val();
                    self.units[j].gain.next = self.gain.gain.val();
                    self.units[j].coarse.next = self.coarse_late.q.val();
                    self.units[j].noise.next = self.turns.unit_noise[j].val();
                    self.units[j].rounding.next = self.registers.rounding.val();
                    self.turns.updated[j].next = self.units[j].updated.val();
                }

                // The lanes.
                self.write_address.next = self.write_address_late.q.val();
                if self.clearing.val() {
                    self.write_address.next = bit_cast::<AB, 16>(self.sweep.q.val());
                } else if self.codebook_write.val() {
                    self.write_address.next = self.bus_address.val();
                }
                self.read_address.next = self.token_address.val();
                if self.state.q.val() == State::Load {
                    self.read_address.next = self.bus_address.val();
                }
                for i in 0..L {
                    self.lanes[i].clock.next = self.clock.val();
                    self.lanes[i].read_address.next = self.read_address.val();
                    self.lanes[i].x.next = self.samples_out.val().get_bits::<8>(8 * i);
                    self.lanes[i].active.next =
                        (!self.tail.q.val()) | (self.last_lane.val().index() >= i);
                    self.lanes[i].write_address.next = self.write_address.val();
                    self.lanes[i].write_data.next = self.turns.lane_data[i].val();
                    self.lanes[i].write_enable.next =
                        self.write_late.q.val() & self.turns.lane_write.val().get_bit(i);
                    if self.clearing.val() {
                        self.lanes[i].write_enable.next = true;
                    } else if self.codebook_write.val() {
                        self.lanes[i].write_enable.next = self.bus_lane_now.val().index() == i;
                    }
                    self.distance.magnitude[i].next = self.lanes[i].magnitude.val();
                    self.turns.word[i].next = self.lanes[i].word.val();
                }

                // Reads: codeword and residue, a count, or a register.
                self.bus_read.d.next = self.registers.read_data.val();
                if self.bus_memory.val() == $CODEBOOK {
                    self.bus_read.d.next =
                        bit_cast::<32, 15>(self.bus_word.q.val().get_bits::<15>(0))
                            | (bit_cast::<32, 8>(self.bus_word.q.val().get_bits::<8>(15)) << 16);
                }
                if self.bus_memory.val() == $COUNTS {
                    self.bus_read.d.next = bit_cast::<32, 16>(self.counts.read_data.val());
                }
                self.bus_read_data.next = self.bus_read.q.val();
                self.column_last.next = 255.into();
                if self.bus_memory.val() == $CODEBOOK {
                    self.column_last.next = self.registers.last_dimension.val();
                }
            }
        }
    };
}

fixlearn_map::vq_memories!(kernel);
