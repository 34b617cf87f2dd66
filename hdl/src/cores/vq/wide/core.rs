use super::{ActiveLanes, Bank, Best, GroupedRam, Nearest, NewRow, RoundedRow, RowDistance, Store};
use crate::arith::{Later, Noise, Pipe};
use crate::cores::vq::{CodebookRam, Gain, Neighbourhood, Registers, Update};
use crate::fabric::Fabric;
use fixlearn_map::vq::FULL_SCALE;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Clear,
    Idle,
    Count,
    Rate,
    Aim,
    Update,
    Drain,
}

block! {
    /// The wide vector quantizer: see the module's documentation for its diagram and cycles.
    ///
    /// `B` banks of `L` lanes, `U` update units (powers of two, `U <= L`), `XB = 8 * L` bits of a
    /// row, `UB = 8 * U` bits of a beat: dimension `beat * U + unit` is in bits `8 * unit..`.
    /// `2^AW` words in each unit's share of the codebook, `2^RA` rows in a bank, `2^XA` rows in
    /// both halves of the sample's buffer.
    WideCore<AW, RA, XA, B, L, XB, U, UB>, core UB;
    /// A core of at most `max_codewords` codewords of `max_dimension` dimensions (powers of two,
    /// at most 256 each), with a residue beside each codeword if `residues`, and with squared
    /// distances if `squares`.
    new(max_codewords: u64, max_dimension: u64, residues: bool, squares: bool, fabric: Fabric) {
        let (banks, lanes, units) = (B as u64, L as u64, U as u64);
        assert!(max_codewords.is_power_of_two() && (2 * banks..=256).contains(&max_codewords));
        assert!(max_dimension.is_power_of_two() && (lanes..=256).contains(&max_dimension));
        assert!(U <= L && XB == 8 * L && UB == 8 * U);
        let (beats, parts) = (max_dimension / units, max_dimension / lanes);
        assert_eq!(1_u64 << AW, max_codewords * beats, "AW must address a unit's codebook");
        assert_eq!(1_u64 << RA, max_codewords / banks * parts, "RA must address a bank's rows");
        assert_eq!(1_u64 << XA, 2 * parts, "XA must address the rows of two samples");
        // Clocks from a token to its sum, to its distance, and to the nearest of the banks.
        let sum = 2 + RowDistance::<L, XB>::clocks(squares);
        let nearest = sum + 1 + Nearest::<B>::CLOCKS;
        // Each byte's sign bit.
        let signs = (0..U).fold(Bits::<UB>::from(0_u64), |signs, _| (signs << 8) | 0x80_u64);
        let log = |n: u64| u64::from(n.ilog2());
    }
    banks: [[Bank<RA, L, XB, UB>; B]] = std::array::from_fn(|_| Bank::new(squares)),
    rows: [GroupedRam<XA, XB, UB>] = GroupedRam::new(Store::Cells),
    lanes: [ActiveLanes<L>],
    nearest: [Nearest<B>],
    best: [Best] = Best::new(fabric),
    words: [[CodebookRam<AW>; U]] = std::array::from_fn(|_| CodebookRam::new(residues)),
    units: [[Update; U]] = std::array::from_fn(|_| Update::new(fabric)),
    new_row: [NewRow<U>],
    rounded: [RoundedRow<U, UB>],
    gain: [Gain],
    walk: [Neighbourhood],
    noise: [Noise],
    registers: [Registers] = Registers::new(max_codewords, max_dimension, squares),
    samples: [RAM<Bits<UB>, 8>],
    counts: [RAM<Bits<16>, 8>],
    state: [DFF<State>],
    sweep: [DFF<Bits<16>>],
    // Loading: a beat goes into the half of both buffers.
    beat: [DFF<Bits<8>>],
    load_half: [DFF<Bit>],
    learns_low: [DFF<Bit>],
    learns_high: [DFF<Bit>],
    row_write: [DFF<Bit>],
    row_beat: [DFF<Bits<8>>],
    row_half: [DFF<Bit>],
    row_data: [DFF<Bits<UB>>],
    // Vectors that are loaded and not begun; that keep a half; whose result is not taken.
    waiting: [DFF<Bits<2>>],
    held: [DFF<Bits<2>>],
    flight: [DFF<Bits<2>>],
    // Searching: a token is a row of every bank.
    searching: [DFF<Bit>],
    search_half: [DFF<Bit>],
    next_half: [DFF<Bit>],
    serial: [DFF<Bit>],
    learner: [DFF<Bit>],
    first: [DFF<Bit>],
    slot: [DFF<Bits<8>>],
    origin: [DFF<Bits<8>>],
    bank: [DFF<Bits<8>>],
    part: [DFF<Bits<8>>],
    behind: [DFF<Bits<8>>],
    roomy: [DFF<Bit>],
    tail_late: [DFF<Bit>],
    opening_late: [Later<Bit>] = Later::new(sum),
    last_slot_late: [Later<Bit>] = Later::new(sum + 1),
    alone_late: [Later<Bits<8>>] = Later::new(sum + 1),
    valid_late: [Later<Bit>] = Later::new(nearest),
    first_late: [Later<Bit>] = Later::new(nearest),
    last_late: [Later<Bit>] = Later::new(nearest),
    slot_late: [Later<Bits<8>>] = Later::new(nearest),
    index_soon: [Later<Bits<8>>] = Later::new(nearest - 2),
    index_late: [Pipe<Bits<8>, 2>],
    count_late: [DFF<Bits<16>>],
    // Results.
    results: [DFF<Bits<2>>],
    result_first: [DFF<Bits<32>>],
    result_second: [DFF<Bits<32>>],
    // Updating.
    update_half: [DFF<Bit>],
    chunk: [DFF<Bits<8>>],
    wins: [DFF<Bits<16>>],
    rest: [DFF<Bits<4>>],
    unit_tail: [DFF<Bit>],
    coarse_late: [Pipe<Bits<2>, 1>],
    noise_step: [Pipe<Bit, 4>],
    write_late: [Pipe<Bit, 6>],
    write_address_late: [Pipe<Bits<AW>, 6>],
    moving: [DFF<Bit>],
    bank_write: [Pipe<Bit, 2>],
    bank_address: [Pipe<Bits<AW>, 2>],
    // A word from the bus is written a clock later.
    load: [DFF<Bit>],
    load_late: [DFF<Bit>],
    load_word: [DFF<Bits<23>>],
    load_address: [DFF<Bits<AW>>],
    load_lane: [DFF<Bits<8>>],
    // The bus.
    elsewhere: [DFF<Bit>],
    bus_unit: [DFF<Bits<8>>],
    bus_word: [DFF<Bits<23>>],
    bus_read: [DFF<Bits<32>>],
    working: [Signal<Local, Bit>],
    clearing: [Signal<Local, Bit>],
    last_beat: [Signal<Local, Bits<8>>],
    last_unit: [Signal<Local, Bits<8>>],
    last_part: [Signal<Local, Bits<8>>],
    last_lane: [Signal<Local, Bits<8>>],
    last_slot: [Signal<Local, Bits<8>>],
    last_bank: [Signal<Local, Bits<8>>],
    loading: [Signal<Local, Bit>],
    loaded: [Signal<Local, Bit>],
    beat_in: [Signal<Local, Bits<UB>>],
    beat_address: [Signal<Local, Bits<8>>],
    update_address: [Signal<Local, Bits<8>>],
    row_address: [Signal<Local, Bits<XA>>],
    x_address: [Signal<Local, Bits<XA>>],
    token_index: [Signal<Local, Bits<8>>],
    token_row: [Signal<Local, Bits<RA>>],
    tail: [Signal<Local, Bit>],
    next_slot: [Signal<Local, Bits<8>>],
    item_last: [Signal<Local, Bit>],
    token_last: [Signal<Local, Bit>],
    next_learns: [Signal<Local, Bit>],
    next_serial: [Signal<Local, Bit>],
    open: [Signal<Local, Bit>],
    overlaps: [Signal<Local, Bit>],
    start: [Signal<Local, Bit>],
    freed: [Signal<Local, Bit>],
    taken: [Signal<Local, Bit>],
    found: [Signal<Local, Bit>],
    result_now: [Signal<Local, Bits<32>>],
    candidate: [Signal<Local, Bits<8>>],
    winner_slot: [Signal<Local, Bits<8>>],
    halving: [Signal<Local, Bit>],
    halved: [Signal<Local, Bits<16>>],
    effective: [Signal<Local, Bits<16>>],
    one_more: [Signal<Local, Bits<16>>],
    chunk_closing: [Signal<Local, Bit>],
    token_word: [Signal<Local, Bits<AW>>],
    bus_beat: [Signal<Local, Bits<8>>],
    bus_address: [Signal<Local, Bits<AW>>],
    read_address: [Signal<Local, Bits<AW>>],
    write_address: [Signal<Local, Bits<AW>>],
    word_write: [Signal<Local, Bit>],
    codebook_write: [Signal<Local, Bit>],
    in_range: [Signal<Local, Bit>],
    samples_out: [Signal<Local, Bits<UB>>],
    bank_codeword: [Signal<Local, Bits<8>>],
    bank_beat: [Signal<Local, Bits<8>>],
    bank_number: [Signal<Local, Bits<8>>],
    bank_group: [Signal<Local, Bits<8>>],
    bank_row: [Signal<Local, Bits<RA>>],
    beat_bits: [Constant<Bits<4>>] = Constant::new(log(beats).into()),
    beat_mask: [Constant<Bits<8>>] = Constant::new((beats - 1).into()),
    part_bits: [Constant<Bits<4>>] = Constant::new(log(parts).into()),
    unit_bits: [Constant<Bits<4>>] = Constant::new(log(units).into()),
    unit_mask: [Constant<Bits<8>>] = Constant::new((units - 1).into()),
    lane_bits: [Constant<Bits<4>>] = Constant::new(log(lanes).into()),
    lane_mask: [Constant<Bits<8>>] = Constant::new((lanes - 1).into()),
    bank_bits: [Constant<Bits<4>>] = Constant::new(log(banks).into()),
    bank_mask: [Constant<Bits<8>>] = Constant::new((banks - 1).into()),
    group_bits: [Constant<Bits<4>>] = Constant::new(log(lanes / units).into()),
    group_mask: [Constant<Bits<8>>] = Constant::new((lanes / units - 1).into()),
    sweep_last: [Constant<Bits<16>>] = Constant::new(((1_u64 << AW).max(256) - 1).into()),
    codewords: [Constant<Bits<16>>] = Constant::new(max_codewords.into()),
    max_codewords: [Constant<Bits<9>>] = Constant::new(max_codewords.into()),
    max_dimension: [Constant<Bits<9>>] = Constant::new(max_dimension.into()),
    signs: [Constant<Bits<UB>>] = Constant::new(signs),
    full_scale: [Constant<Bits<15>>] = Constant::new(u64::from(FULL_SCALE).into()),
    margin: [Constant<Bits<9>>] = Constant::new(UPDATE_ROWS.into()),
    upper: [Constant<Bits<8>>] = Constant::new(128_u64.into()),
    upper_part: [Constant<Bits<XA>>] = Constant::new(parts.into()),
    zero16: [Constant<Bits<16>>] = Constant::new(0_u64.into()),
    zero8: [Constant<Bits<8>>] = Constant::new(0_u64.into()),
    zero4: [Constant<Bits<4>>] = Constant::new(0_u64.into()),
    one16: [Constant<Bits<16>>] = Constant::new(1_u64.into()),
    one8: [Constant<Bits<8>>] = Constant::new(1_u64.into()),
    one4: [Constant<Bits<4>>] = Constant::new(1_u64.into()),
    one2: [Constant<Bits<2>>] = Constant::new(1_u64.into()),
    none: [Constant<Bits<8>>] = Constant::new(255_u64.into()),
}

/// A search that begins behind the winner's slot comes to it this many slots later than the update
/// has beats, or later: from a beat's read to its write in the banks are 9 clocks.
const UPDATE_ROWS: u64 = 9;

// The kernel, with the memories' numbers as tokens.
macro_rules! kernel {
    (
        REGISTERS = $REGISTERS:tt, CODEBOOK = $CODEBOOK:tt, COUNTS = $COUNTS:tt,
    ) => {
        impl<
                const AW: usize,
                const RA: usize,
                const XA: usize,
                const B: usize,
                const L: usize,
                const XB: usize,
                const U: usize,
                const UB: usize,
            > Logic for WideCore<AW, RA, XA, B, L, XB, U, UB>
        {
            #[hdl_gen]
            fn update(&mut self) {
                clock!(
                    self,
                    clock,
                    rows,
                    lanes,
                    nearest,
                    best,
                    gain,
                    walk,
                    noise,
                    registers,
                    opening_late,
                    last_slot_late,
                    alone_late,
                    valid_late,
                    first_late,
                    last_late,
                    slot_late,
                    index_soon,
                    index_late,
                    coarse_late,
                    noise_step,
                    write_late,
                    write_address_late,
                    bank_write,
                    bank_address,
                    rounded
                );
                dff_setup!(
                    self,
                    clock,
                    state,
                    sweep,
                    beat,
                    load_half,
                    learns_low,
                    learns_high,
                    row_write,
                    row_beat,
                    row_half,
                    row_data,
                    waiting,
                    held,
                    flight,
                    searching,
                    search_half,
                    next_half,
                    serial,
                    learner,
                    first,
                    slot,
                    origin,
                    bank,
                    part,
                    behind,
                    roomy,
                    tail_late,
                    count_late,
                    results,
                    result_first,
                    result_second,
                    update_half,
                    chunk,
                    wins,
                    rest,
                    unit_tail,
                    moving,
                    load,
                    load_late,
                    load_word,
                    load_address,
                    load_lane,
                    elsewhere,
                    bus_unit,
                    bus_word,
                    bus_read
                );
                self.samples.read_clock.next = self.clock.val();
                self.samples.write_clock.next = self.clock.val();
                self.counts.read_clock.next = self.clock.val();
                self.counts.write_clock.next = self.clock.val();

                // Sizes in beats, rows and slots.
                self.last_beat.next = self.registers.last_dimension.val() >> self.unit_bits.val();
                self.last_unit.next = self.registers.last_dimension.val() & self.unit_mask.val();
                self.last_part.next = self.registers.last_dimension.val() >> self.lane_bits.val();
                self.last_lane.next = self.registers.last_dimension.val() & self.lane_mask.val();
                self.last_slot.next = self.registers.last_codeword.val() >> self.bank_bits.val();
                self.last_bank.next = self.registers.last_codeword.val() & self.bank_mask.val();
                self.vector_last.next = self.registers.last_dimension.val();
                self.answer_last.next = 3.into();
                self.clearing.next = self.state.q.val() == State::Clear;
                self.working.next = (self.state.q.val() != State::Idle)
                    | (self.beat.q.val().any()
                        | (self.held.q.val().any() | self.flight.q.val().any()));
                self.busy.next = self.working.val();

                // Loading.
                self.sample_ready.next = (!self.clearing.val()) & (!self.held.q.val().get_bit(1));
                self.loading.next = self.sample_valid.val()
                    & ((!self.clearing.val()) & (!self.held.q.val().get_bit(1)));
                self.loaded.next = self.loading.val() & (self.beat.q.val() == self.last_beat.val());
                if self.loading.val() {
                    self.beat.d.next = self.beat.q.val() + self.one8.val();
                    if !self.beat.q.val().any() {
                        if self.load_half.q.val() {
                            self.learns_high.d.next = self.sample_learn.val();
                        } else {
                            self.learns_low.d.next = self.sample_learn.val();
                        }
                    }
                }
                if self.loaded.val() {
                    self.beat.d.next = self.zero8.val();
                    self.load_half.d.next = !self.load_half.q.val();
                }
                self.beat_in.next = self.sample_data.val();
                if self.registers.offset_binary.val() {
                    self.beat_in.next = self.sample_data.val() ^ self.signs.val();
                }
                self.beat_address.next = self.beat.q.val();
                if self.load_half.q.val() {
                    self.beat_address.next = self.beat.q.val() | self.upper.val();
                }
                self.samples.write_address.next = self.beat_address.val();
                self.samples.write_data.next = self.beat_in.val();
                self.samples.write_enable.next = self.loading.val();
                self.row_write.d.next = self.loading.val();
                self.row_beat.d.next = self.beat.q.val();
                self.row_half.d.next = self.load_half.q.val();
                self.row_data.d.next = self.beat_in.val();
                self.row_address.next =
                    bit_cast::<XA, 8>(self.row_beat.q.val() >> self.group_bits.val());
                if self.row_half.q.val() {
                    self.row_address.next =
                        bit_cast::<XA, 8>(self.row_beat.q.val() >> self.group_bits.val())
                            | self.upper_part.val();
                }
                self.rows.write_address.next = self.row_address.val();
                self.rows.write_group.next = self.row_beat.q.val() & self.group_mask.val();
                self.rows.write_data.next = self.row_data.q.val();
                self.rows.write_enable.next = self.row_write.q.val();

                // Defaults of the machine.
                self.walk.start.next = false;
                self.walk.advance.next = false;
                self.registers.learning.next = false;
                self.registers.learned.next = false;
                self.registers.halved.next = false;
                self.registers.clear.next = false;
                self.write_late.d.next = false;
                self.noise_step.d.next = false;
                self.chunk_closing.next = self.chunk.q.val() == self.last_beat.val();
                self.found.next = self.best.found.val();
                self.freed.next = false;

                // The counts: halved in passing while a halving is due.
                self.halving.next = self.serial.q.val() & self.registers.halve.val();
                self.halved.next = self.count_late.q.val() >> 1;
                if !self.count_late.q.val().get_bits::<15>(1).any() {
                    self.halved.next = self.one16.val();
                }
                self.count_late.d.next = self.counts.read_data.val();
                self.counts.read_address.next = self.bus_column.val();
                if self.serial.q.val() & self.learner.q.val() {
                    self.counts.read_address.next = self.index_soon.q.val();
                }
                if self.found.val() {
                    self.counts.read_address.next = self.best.index.val();
                }
                self.counts.write_address.next = self.index_late.q.val();
                self.counts.write_data.next = self.halved.val();
                self.counts.write_enable.next = self.valid_late.q.val() & self.halving.val();
                self.effective.next = self.count_late.q.val();
                if self.registers.halve.val() {
                    self.effective.next = self.halved.val();
                }
                self.best.count.next = self.one16.val();
                if self.registers.frequency_sensitive.val() {
                    self.best.count.next = self.effective.val();
                }
                // A win more, saturating.
                self.one_more.next = self.one16.val();
                if self.counts.read_data.val().all() {
                    self.one_more.next = self.zero16.val();
                }
                self.registers.halve_next.next = self.wins.q.val() >= self.registers.cap.val();

                // The update of the last winner.
                match self.state.q.val() {
                    State::Clear => {
                        self.registers.clear.next = true;
                        self.counts.write_enable.next = true;
                        self.counts.write_address.next = self.sweep.q.val().get_bits::<8>(0);
                        self.counts.write_data.next = self.one16.val();
                        self.sweep.d.next = self.sweep.q.val() + self.one16.val();
                        if self.sweep.q.val() == self.sweep_last.val() {
                            self.sweep.d.next = self.zero16.val();
                            self.state.d.next = State::Idle;
                        }
                    }
                    State::Idle => {
                        if self.found.val() & self.learner.q.val() {
                            self.registers.learning.next = true;
                            self.state.d.next = State::Count;
                        } else if self.clear.val() & ((!self.working.val()) & (!self.loading.val()))
                        {
                            self.state.d.next = State::Clear;
                        }
                    }
                    State::Count => {
                        self.wins.d.next = self.counts.read_data.val() + self.one_more.val();
                        self.walk.start.next = true;
                        self.state.d.next = State::Rate;
                    }
                    State::Rate => {
                        self.counts.write_enable.next = true;
                        self.counts.write_address.next = self.best.index.val();
                        self.counts.write_data.next = self.wins.q.val();
                        self.registers.halved.next = true;
                        self.state.d.next = State::Aim;
                    }
                    State::Aim => {
                        self.walk.advance.next = true;
                        self.rest.d.next = self.zero4.val();
                        self.moving.d.next = true;
                        self.state.d.next = State::Update;
                    }
                    State::Update => {
                        self.write_late.d.next = self.walk.in_grid.val();
                        self.noise_step.d.next = self.walk.in_grid.val();
                        self.chunk.d.next = self.chunk.q.val() + self.one8.val();
                        if self.chunk_closing.val() {
                            self.chunk.d.next = self.zero8.val();
                            self.walk.advance.next = true;
                            if self.walk.closing.val() {
                                self.freed.next = true;
                                self.moving.d.next = false;
                                self.state.d.next = State::Drain;
                            }
                        }
                    }
                    State::Drain => {
                        self.rest.d.next = self.rest.q.val() + self.one4.val();
                        if self.rest.q.val() == 6 {
                            self.registers.learned.next = true;
                            self.state.d.next = State::Idle;
                        }
                    }
                    _ => {
                        self.state.d.next = State::Clear;
                    }
                }

                // The search: which row of which codewords.
                self.next_slot.next = self.slot.q.val() + self.one8.val();
                if self.slot.q.val() == self.last_slot.val() {
                    self.next_slot.next = self.zero8.val();
                }
                self.token_index.next =
                    (self.slot.q.val() << self.bank_bits.val()) | self.bank.q.val();
                self.item_last.next = self.next_slot.val() == self.origin.q.val();
                if self.serial.q.val() {
                    self.item_last.next =
                        self.token_index.val() == self.registers.last_codeword.val();
                }
                self.tail.next = self.part.q.val() == self.last_part.val();
                self.token_last.next =
                    self.searching.q.val() & (self.tail.val() & self.item_last.val());
                if self.searching.q.val() {
                    self.part.d.next = self.part.q.val() + self.one8.val();
                    if self.tail.val() {
                        self.part.d.next = self.zero8.val();
                        self.first.d.next = false;
                        self.slot.d.next = self.next_slot.val();
                        if self.serial.q.val() {
                            self.bank.d.next = self.bank.q.val() + self.one8.val();
                            self.slot.d.next = self.slot.q.val();
                            if self.bank.q.val() == self.bank_mask.val() {
                                self.bank.d.next = self.zero8.val();
                                self.slot.d.next = self.next_slot.val();
                            }
                        }
                    }
                }
                if self.token_last.val() {
                    self.searching.d.next = false;
                    if !self.learner.q.val() {
                        self.freed.next = true;
                    }
                }

                // When the next search begins: see the module's documentation.
                self.next_learns.next = self.learns_low.q.val();
                if self.next_half.q.val() {
                    self.next_learns.next = self.learns_high.q.val();
                }
                self.next_serial.next = self.next_learns.val()
                    & (self.registers.frequency_sensitive.val() | self.registers.halve.val());
                self.winner_slot.next = self.best.index.val() >> self.bank_bits.val();
                if self.state.q.val() == State::Count {
                    self.behind.d.next = self.winner_slot.val() + self.one8.val();
                    if self.winner_slot.val() == self.last_slot.val() {
                        self.behind.d.next = self.zero8.val();
                    }
                }
                self.roomy.d.next = (!self.registers.radius.val().any())
                    & (bit_cast::<9, 8>(self.last_slot.val())
                        >= (bit_cast::<9, 8>(self.last_beat.val()) + self.margin.val()));
                self.overlaps.next = self.roomy.q.val()
                    & ((self.state.q.val() == State::Aim)
                        | ((self.state.q.val() == State::Update)
                            | (self.state.q.val() == State::Drain)));
                self.open.next = ((self.waiting.q.val().any() & (!self.learner.q.val()))
                    & (!(self.load.q.val() | self.load_late.q.val())))
                    & ((!self.flight.q.val().get_bit(1))
                        & ((!self.searching.q.val()) | self.token_last.val()));
                self.start.next =
                    self.open.val() & ((self.state.q.val() == State::Idle) | self.overlaps.val());
                if (self.next_learns.val() & self.flight.q.val().any())
                    | (self.next_serial.val() & (self.state.q.val() != State::Idle))
                {
                    self.start.next = false;
                }
                if self.start.val() {
                    self.searching.d.next = true;
                    self.search_half.d.next = self.next_half.q.val();
                    self.next_half.d.next = !self.next_half.q.val();
                    self.serial.d.next = self.next_serial.val();
                    self.learner.d.next = self.next_learns.val();
                    self.first.d.next = true;
                    self.part.d.next = self.zero8.val();
                    self.bank.d.next = self.zero8.val();
                    self.slot.d.next = self.zero8.val();
                    self.origin.d.next = self.zero8.val();
                    if self.overlaps.val() {
                        self.slot.d.next = self.behind.q.val();
                        self.origin.d.next = self.behind.q.val();
                    }
                }
                if self.state.q.val() == State::Count {
                    self.learner.d.next = false;
                    self.update_half.d.next = self.search_half.q.val();
                }

                // Vectors on their way.
                if self.loaded.val() & (!self.start.val()) {
                    self.waiting.d.next = self.waiting.q.val() + self.one2.val();
                }
                if self.start.val() & (!self.loaded.val()) {
                    self.waiting.d.next = self.waiting.q.val() - self.one2.val();
                }
                if self.loaded.val() & (!self.freed.val()) {
                    self.held.d.next = self.held.q.val() + self.one2.val();
                }
                if self.freed.val() & (!self.loaded.val()) {
                    self.held.d.next = self.held.q.val() - self.one2.val();
                }
                self.taken.next = self.results.q.val().any() & self.result_ready.val();
                if self.start.val() & (!self.taken.val()) {
                    self.flight.d.next = self.flight.q.val() + self.one2.val();
                }
                if self.taken.val() & (!self.start.val()) {
                    self.flight.d.next = self.flight.q.val() - self.one2.val();
                }

                // Results, in order.
                self.result_valid.next = self.results.q.val().any();
                self.result.next = self.result_first.q.val();
                self.result_now.next = (bit_cast::<32, 8>(self.best.index.val()) << 24)
                    | bit_cast::<32, 24>(self.best.distance.val());
                if self.taken.val() {
                    self.result_first.d.next = self.result_second.q.val();
                }
                if self.found.val() {
                    if self.taken.val() {
                        if self.results.q.val().get_bit(1) {
                            self.result_second.d.next = self.result_now.val();
                        } else {
                            self.result_first.d.next = self.result_now.val();
                        }
                    } else {
                        self.results.d.next = self.results.q.val() + self.one2.val();
                        if self.results.q.val().any() {
                            self.result_second.d.next = self.result_now.val();
                        } else {
                            self.result_first.d.next = self.result_now.val();
                        }
                    }
                } else if self.taken.val() {
                    self.results.d.next = self.results.q.val() - self.one2.val();
                }

                // Clock 0: the rows. Clock 2: the banks' lanes.
                self.token_row.next = (bit_cast::<RA, 8>(self.slot.q.val())
                    << self.part_bits.val())
                    | bit_cast::<RA, 8>(self.part.q.val());
                self.x_address.next = bit_cast::<XA, 8>(self.part.q.val());
                if self.search_half.q.val() {
                    self.x_address.next =
                        bit_cast::<XA, 8>(self.part.q.val()) | self.upper_part.val();
                }
                self.rows.read_address.next = self.x_address.val();
                self.tail_late.d.next = self.tail.val();
                self.lanes.tail.next = self.tail_late.q.val();
                self.lanes.last_lane.next = self.last_lane.val();
                self.opening_late.d.next = !self.part.q.val().any();
                self.last_slot_late.d.next = self.slot.q.val() == self.last_slot.val();
                self.alone_late.d.next = self.bank.q.val();
                self.valid_late.d.next = self.searching.q.val() & self.tail.val();
                self.first_late.d.next = self.first.q.val();
                self.last_late.d.next = self.item_last.val();
                self.slot_late.d.next = self.slot.q.val();
                self.index_soon.d.next = self.token_index.val();
                self.index_late.d.next = self.index_soon.q.val();
                self.nearest.last_slot.next = self.last_slot_late.q.val();
                self.nearest.last_bank.next = self.last_bank.val();
                self.nearest.alone.next = self.serial.q.val();
                self.nearest.bank.next = self.alone_late.q.val();

                // The nearest of the banks, and of the slots.
                self.candidate.next = (self.slot_late.q.val() << self.bank_bits.val())
                    | self.nearest.least_bank.val();
                self.best.valid.next = self.valid_late.q.val();
                self.best.first.next = self.first_late.q.val();
                self.best.last.next = self.last_late.q.val();
                self.best.candidate.next = self.candidate.val();
                self.best.candidate_distance.next = self.nearest.least.val();
                self.best.scaled.next = self.serial.q.val();

                // Update: gain and noise.
                self.gain.u.next = self.wins.q.val();
                self.gain.count_based.next = self.registers.count_based.val();
                self.gain.rate_shift.next = self.registers.rate_shift.val();
                self.gain.falloff.next = self.registers.falloff.val();
                self.gain.ring.next = self.walk.ring.val();
                self.coarse_late.d.next = self.gain.coarse.val();
                self.walk.winner.next = self.best.index.val();
                self.walk.radius.next = self.registers.radius.val();
                self.walk.columns.next = self.registers.columns.val();
                self.walk.last_codeword.next = self.registers.last_codeword.val();
                self.noise.step.next = self.noise_step.q.val();
                self.noise.clear.next = self.clearing.val();
                self.noise.load_low.next = self.registers.noise_load_low.val();
                self.noise.load_high.next = self.registers.noise_load_high.val();
                self.noise.low.next = self.registers.noise_low.val();
                self.noise.high.next = self.bus_write_data.val();
                self.token_word.next = (bit_cast::<AW, 8>(self.walk.codeword.val())
                    << self.beat_bits.val())
                    | bit_cast::<AW, 8>(self.chunk.q.val());
                self.write_address_late.d.next = self.token_word.val();
                self.update_address.next = self.chunk.q.val();
                if self.update_half.q.val() {
                    self.update_address.next = self.chunk.q.val() | self.upper.val();
                }
                self.samples.read_address.next = self.update_address.val();
                self.samples_out.next = self.samples.read_data.val();
                self.unit_tail.d.next = self.chunk_closing.val();

                // The bus.
                self.bus_beat.next = self.bus_column.val() >> self.unit_bits.val();
                self.bus_address.next = (bit_cast::<AW, 16>(self.bus_row.val())
                    << self.beat_bits.val())
                    | bit_cast::<AW, 8>(self.bus_beat.val());
                self.registers.clear_address.next = self.sweep.q.val().get_bits::<5>(0);
                self.registers.address.next = self.bus_column.val();
                self.registers.write_data.next = self.bus_write_data.val();
                self.elsewhere.d.next = self.bus_row.val().any();
                self.registers.write.next = self.bus_write.val()
                    & ((self.bus_memory.val() == $REGISTERS) & (!self.elsewhere.q.val()));
                self.registers.distance.next = self.best.distance.val();
                self.registers.noise_state.next = self.noise.state.val();
                self.in_range.next = (self.bus_row.val() < self.codewords.val())
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

                // The words: read by the update or the bus, written by either, or cleared.
                self.read_address.next = self.bus_address.val();
                if self.moving.q.val() {
                    self.read_address.next = self.token_word.val();
                }
                self.write_address.next = self.write_address_late.q.val();
                self.word_write.next = self.write_late.q.val();
                if self.clearing.val() {
                    self.write_address.next = bit_cast::<AW, 16>(self.sweep.q.val());
                    self.word_write.next = true;
                } else if self.load.q.val() {
                    self.write_address.next = self.load_address.q.val();
                    self.word_write.next = true;
                }
                self.load.d.next = self.codebook_write.val();
                self.load_late.d.next = self.load.q.val();
                self.load_address.d.next = self.bus_address.val();
                self.load_lane.d.next = self.bus_column.val();
                self.load_word.d.next =
                    (bit_cast::<23, 15>(self.bus_write_data.val().get_bits::<15>(0)))
                        | (bit_cast::<23, 8>(self.bus_write_data.val().get_bits::<8>(16)) << 15);
                self.new_row.clear.next = self.clearing.val();
                self.new_row.load.next = self.load.q.val();
                self.new_row.load_data.next = self.load_word.q.val();
                self.new_row.load_lane.next = self.load_lane.q.val();
                self.bus_unit.d.next = self.bus_column.val();
                self.new_row.lane.next = self.bus_unit.q.val();
                self.new_row.noise.next = self.noise.state.val();
                self.bus_word.d.next = self.new_row.picked.val();
                self.rounded.fresh.next = self.new_row.fresh.val();
                for j in 0..U {
                    self.words[j].clock.next = self.clock.val();
                    self.words[j].read_address.next = self.read_address.val();
                    self.words[j].write_address.next = self.write_address.val();
                    self.words[j].write_data.next = self.new_row.row[j].val();
                    self.words[j].write_enable.next =
                        self.word_write.val() & self.new_row.fresh.val().get_bit(j);
                    self.new_row.word[j].next = self.words[j].read_data.val();
                    self.rounded.word[j].next = self.words[j].read_data.val();
                    self.rounded.row[j].next = self.new_row.row[j].val();
                    self.units[j].clock.next = self.clock.val();
                    self.units[j].x.next = self.samples_out.val().get_bits::<8>(8 * j);
                    self.units[j].word.next = self.words[j].read_data.val();
                    self.units[j].active.next =
                        (!self.unit_tail.q.val()) | (self.last_unit.val().index() >= j);
                    self.units[j].gain.next = self.gain.gain.val();
                    self.units[j].coarse.next = self.coarse_late.q.val();
                    self.units[j].noise.next = self.new_row.unit_noise[j].val();
                    self.units[j].rounding.next = self.registers.rounding.val();
                    self.new_row.updated[j].next = self.units[j].updated.val();
                }

                // The banks, two clocks later.
                self.bank_write.d.next = self.word_write.val();
                self.bank_address.d.next = self.write_address.val();
                self.bank_codeword.next =
                    bit_cast::<8, AW>(self.bank_address.q.val() >> self.beat_bits.val());
                self.bank_beat.next =
                    bit_cast::<8, AW>(self.bank_address.q.val()) & self.beat_mask.val();
                self.bank_number.next = self.bank_codeword.val() & self.bank_mask.val();
                self.bank_group.next = self.bank_beat.val() & self.group_mask.val();
                self.bank_row.next =
                    (bit_cast::<RA, 8>(self.bank_codeword.val() >> self.bank_bits.val())
                        << self.part_bits.val())
                        | bit_cast::<RA, 8>(self.bank_beat.val() >> self.group_bits.val());
                for i in 0..B {
                    self.banks[i].clock.next = self.clock.val();
                    self.banks[i].address.next = self.token_row.val();
                    self.banks[i].x.next = self.rows.read_data.val();
                    self.banks[i].active.next = self.lanes.active.val();
                    self.banks[i].squared.next = self.registers.squared.val();
                    self.banks[i].opening.next = self.opening_late.q.val();
                    self.banks[i].write_address.next = self.bank_row.val();
                    self.banks[i].write_group.next = self.bank_group.val();
                    self.banks[i].write_data.next = self.rounded.rounded.val();
                    self.banks[i].write_enable.next =
                        self.bank_write.q.val() & (self.bank_number.val().index() == i);
                    self.nearest.distance[i].next = self.banks[i].distance.val();
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
                self.column_last.next = self.none.val();
                if self.bus_memory.val() == $CODEBOOK {
                    self.column_last.next = self.registers.last_dimension.val();
                }
            }
        }
    };
}

fixlearn_map::vq_memories!(kernel);
