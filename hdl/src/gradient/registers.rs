use rust_hdl::prelude::*;

/// The core's registers: configuration that the host writes, and the rate, which the core adapts
/// and schedules. [`crate::protocol::gradient_register`] is the map; a word on the bus has 32 bits.
///
/// A write outside a register's range changes nothing and raises `refused`. With `advance`:
/// adaptive, the rate halves if the value grew or the largest component is the one before with
/// the other sign, and doubles after `patience` iterations with the same one and sign; then, every
/// `rate_period` iterations, it halves; always between `2^-rate_most` and `2^-rate_least`.
#[derive(LogicBlock)]
pub struct Registers {
    pub clock: Signal<In, Clock>,
    /// Strobe: every register back to its value at power-up.
    pub clear: Signal<In, Bit>,
    pub address: Signal<In, Bits<8>>,
    pub write: Signal<In, Bit>,
    pub write_data: Signal<In, Bits<32>>,
    /// One clock after `address`.
    pub read_data: Signal<Out, Bits<32>>,
    pub refused: Signal<Out, Bit>,
    /// Strobe at an iteration's end, with what it found.
    pub advance: Signal<In, Bit>,
    pub largest: Signal<In, Bits<6>>,
    pub negative: Signal<In, Bit>,
    pub value: Signal<In, Bits<48>>,
    /// Strobe: one iteration fewer is left to do.
    pub counted: Signal<In, Bit>,
    /// Flags to add: point, gradient, value.
    pub held: Signal<In, Bits<3>>,
    pub noise_state: Signal<In, Bits<64>>,
    pub noise_load: Signal<Out, Bit>,
    pub noise_seed: Signal<Out, Bits<64>>,
    pub objective_number: Signal<Out, Bits<2>>,
    pub last_dimension: Signal<Out, Bits<6>>,
    pub rounding: Signal<Out, Bits<2>>,
    pub compensation: Signal<Out, Bit>,
    pub link: Signal<Out, Bits<2>>,
    pub rate: Signal<Out, Bits<5>>,
    pub gradient_bits: Signal<Out, Bits<5>>,
    pub point_bits: Signal<Out, Bits<5>>,
    pub low: Signal<Out, Bits<32>>,
    pub high: Signal<Out, Bits<32>>,
    pub levels: Signal<Out, Bits<5>>,
    /// Iterations are left to do.
    pub pending: Signal<Out, Bit>,
    objective: DFF<Bits<2>>,
    dimension: DFFWithInit<Bits<7>>,
    mode: DFF<Bits<6>>,
    rate_now: DFFWithInit<Bits<5>>,
    rate_least: DFF<Bits<5>>,
    rate_most: DFFWithInit<Bits<5>>,
    rate_period: DFF<Bits<24>>,
    rate_timer: DFF<Bits<24>>,
    patience: DFFWithInit<Bits<8>>,
    calm: DFF<Bits<8>>,
    gradient_places: DFFWithInit<Bits<5>>,
    point_places: DFFWithInit<Bits<5>>,
    low_now: DFFWithInit<Bits<32>>,
    high_now: DFFWithInit<Bits<32>>,
    levels_now: DFFWithInit<Bits<5>>,
    iterations: DFF<Bits<32>>,
    value_low: DFF<Bits<32>>,
    value_high: DFF<Bits<16>>,
    run: DFF<Bits<32>>,
    saturated: DFF<Bits<3>>,
    last: DFF<Bits<8>>,
    left: DFF<Bits<24>>,
    seed_low: DFF<Bits<32>>,
    read_out: DFF<Bits<32>>,
    dimension_less: Signal<Local, Bits<7>>,
    ticked: Signal<Local, Bits<24>>,
    calmer: Signal<Local, Bits<8>>,
    same: Signal<Local, Bit>,
    flipped: Signal<Local, Bit>,
    grown: Signal<Local, Bit>,
    value_before: Signal<Local, Bits<48>>,
    seed: Signal<Local, Bits<64>>,
    adapted: Signal<Local, Bits<5>>,
    older: Signal<Local, Bits<8>>,
    zero32: Constant<Bits<32>>,
    zero24: Constant<Bits<24>>,
    zero8: Constant<Bits<8>>,
    one32: Constant<Bits<32>>,
    one24: Constant<Bits<24>>,
    one8: Constant<Bits<8>>,
    one7: Constant<Bits<7>>,
    one5: Constant<Bits<5>>,
    known: Constant<Bits<8>>,
    seed_reset: Constant<Bits<64>>,
    dimension_reset: Constant<Bits<7>>,
    rate_now_reset: Constant<Bits<5>>,
    rate_most_reset: Constant<Bits<5>>,
    patience_reset: Constant<Bits<8>>,
    gradient_places_reset: Constant<Bits<5>>,
    point_places_reset: Constant<Bits<5>>,
    low_now_reset: Constant<Bits<32>>,
    high_now_reset: Constant<Bits<32>>,
    levels_now_reset: Constant<Bits<5>>,
}

impl Default for Registers {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            clear: Default::default(),
            address: Default::default(),
            write: Default::default(),
            write_data: Default::default(),
            read_data: Default::default(),
            refused: Default::default(),
            advance: Default::default(),
            largest: Default::default(),
            negative: Default::default(),
            value: Default::default(),
            counted: Default::default(),
            held: Default::default(),
            noise_state: Default::default(),
            noise_load: Default::default(),
            noise_seed: Default::default(),
            objective_number: Default::default(),
            last_dimension: Default::default(),
            rounding: Default::default(),
            compensation: Default::default(),
            link: Default::default(),
            rate: Default::default(),
            gradient_bits: Default::default(),
            point_bits: Default::default(),
            low: Default::default(),
            high: Default::default(),
            levels: Default::default(),
            pending: Default::default(),
            objective: Default::default(),
            dimension: DFFWithInit::new(2_u64.into()),
            mode: Default::default(),
            rate_now: DFFWithInit::new(10_u64.into()),
            rate_least: Default::default(),
            rate_most: DFFWithInit::new(31_u64.into()),
            rate_period: Default::default(),
            rate_timer: Default::default(),
            patience: DFFWithInit::new(16_u64.into()),
            calm: Default::default(),
            gradient_places: DFFWithInit::new(20_u64.into()),
            point_places: DFFWithInit::new(28_u64.into()),
            low_now: DFFWithInit::new(2147483648_u64.into()),
            high_now: DFFWithInit::new(2147483647_u64.into()),
            levels_now: DFFWithInit::new(2_u64.into()),
            iterations: Default::default(),
            value_low: Default::default(),
            value_high: Default::default(),
            run: Default::default(),
            saturated: Default::default(),
            last: Default::default(),
            left: Default::default(),
            seed_low: Default::default(),
            read_out: Default::default(),
            dimension_less: Default::default(),
            ticked: Default::default(),
            calmer: Default::default(),
            same: Default::default(),
            flipped: Default::default(),
            grown: Default::default(),
            value_before: Default::default(),
            seed: Default::default(),
            adapted: Default::default(),
            older: Default::default(),
            zero32: Constant::new(0_u64.into()),
            zero24: Constant::new(0_u64.into()),
            zero8: Constant::new(0_u64.into()),
            one32: Constant::new(1_u64.into()),
            one24: Constant::new(1_u64.into()),
            one8: Constant::new(1_u64.into()),
            one7: Constant::new(1_u64.into()),
            one5: Constant::new(1_u64.into()),
            known: Constant::new(128_u64.into()),
            seed_reset: Constant::new(crate::arith::NOISE_SEED.into()),
            dimension_reset: Constant::new(2_u64.into()),
            rate_now_reset: Constant::new(10_u64.into()),
            rate_most_reset: Constant::new(31_u64.into()),
            patience_reset: Constant::new(16_u64.into()),
            gradient_places_reset: Constant::new(20_u64.into()),
            point_places_reset: Constant::new(28_u64.into()),
            low_now_reset: Constant::new(2147483648_u64.into()),
            high_now_reset: Constant::new(2147483647_u64.into()),
            levels_now_reset: Constant::new(2_u64.into()),
        }
    }
}

impl Logic for Registers {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            objective,
            dimension,
            mode,
            rate_now,
            rate_least,
            rate_most,
            rate_period,
            rate_timer,
            patience,
            calm,
            gradient_places,
            point_places,
            low_now,
            high_now,
            levels_now,
            iterations,
            value_low,
            value_high,
            run,
            saturated,
            last,
            left,
            seed_low,
            read_out
        );
        // What the datapath sees.
        self.objective_number.next = self.objective.q.val();
        self.dimension_less.next = self.dimension.q.val() - self.one7.val();
        self.last_dimension.next = self.dimension_less.val().get_bits::<6>(0);
        self.rounding.next = self.mode.q.val().get_bits::<2>(0);
        self.compensation.next = self.mode.q.val().get_bit(2);
        self.link.next = self.mode.q.val().get_bits::<2>(4);
        self.rate.next = self.rate_now.q.val();
        self.gradient_bits.next = self.gradient_places.q.val();
        self.point_bits.next = self.point_places.q.val();
        self.low.next = self.low_now.q.val();
        self.high.next = self.high_now.q.val();
        self.levels.next = self.levels_now.q.val();
        self.pending.next = self.left.q.val().any();

        // An iteration's end.
        self.older.next = self.last.q.val();
        self.value_before.next = bit_cast::<48, 32>(self.value_low.q.val())
            | (bit_cast::<48, 16>(self.value_high.q.val()) << 32);
        self.grown.next = self.value.val() > self.value_before.val();
        self.same.next = self.older.val().get_bits::<6>(0) == self.largest.val();
        self.flipped.next = self.same.val() & (self.older.val().get_bit(6) ^ self.negative.val());
        self.calmer.next = self.calm.q.val() + self.one8.val();
        self.ticked.next = self.rate_timer.q.val() + self.one24.val();
        self.adapted.next = self.rate_now.q.val();
        if self.mode.q.val().get_bit(3) & self.older.val().get_bit(7) {
            if self.grown.val() | self.flipped.val() {
                if self.rate_now.q.val() < self.rate_most.q.val() {
                    self.adapted.next = self.rate_now.q.val() + self.one5.val();
                }
            } else if (self.same.val() & (self.calmer.val() >= self.patience.q.val()))
                & (self.rate_now.q.val() > self.rate_least.q.val())
            {
                self.adapted.next = self.rate_now.q.val() - self.one5.val();
            }
        }
        if self.counted.val() {
            self.left.d.next = self.left.q.val() - self.one24.val();
        }
        self.saturated.d.next = self.saturated.q.val() | self.held.val();
        if self.advance.val() {
            self.iterations.d.next = self.iterations.q.val() + self.one32.val();
            self.value_low.d.next = self.value.val().get_bits::<32>(0);
            self.value_high.d.next = self.value.val().get_bits::<16>(32);
            self.last.d.next = bit_cast::<8, 6>(self.largest.val()) | self.known.val();
            if self.negative.val() {
                self.last.d.next = bit_cast::<8, 6>(self.largest.val()) | (self.known.val() | 64);
            }
            self.rate_now.d.next = self.adapted.val();
            if self.mode.q.val().get_bit(3) & self.older.val().get_bit(7) {
                self.calm.d.next = self.zero8.val();
                if (!self.grown.val())
                    & (self.same.val()
                        & ((!self.flipped.val()) & (self.calmer.val() < self.patience.q.val())))
                {
                    self.calm.d.next = self.calmer.val();
                }
            }
            if self.rate_period.q.val().any() {
                self.rate_timer.d.next = self.ticked.val();
                if self.ticked.val() >= self.rate_period.q.val() {
                    self.rate_timer.d.next = self.zero24.val();
                    if self.adapted.val() < self.rate_most.q.val() {
                        self.rate_now.d.next = self.adapted.val() + self.one5.val();
                    }
                }
            }
        }

        // The bus: writes.
        self.refused.next = false;
        self.noise_load.next = false;
        self.seed.next = bit_cast::<64, 32>(self.write_data.val()) << 32;
        self.noise_seed.next = self.seed.val() | bit_cast::<64, 32>(self.seed_low.q.val());
        if self.write.val() {
            if self.address.val() == 0 {
                if self.write_data.val() > 2 {
                    self.refused.next = true;
                } else {
                    self.objective.d.next = self.write_data.val().get_bits::<2>(0);
                }
            } else if self.address.val() == 1 {
                if (!self.write_data.val().any()) | (self.write_data.val() > 64) {
                    self.refused.next = true;
                } else {
                    self.dimension.d.next = self.write_data.val().get_bits::<7>(0);
                }
            } else if self.address.val() == 2 {
                if (self.write_data.val() > 63) | (self.write_data.val().get_bits::<2>(4) == 3) {
                    self.refused.next = true;
                } else {
                    self.mode.d.next = self.write_data.val().get_bits::<6>(0);
                }
            } else if self.address.val() == 3 {
                if self.write_data.val() > 31 {
                    self.refused.next = true;
                } else {
                    self.rate_now.d.next = self.write_data.val().get_bits::<5>(0);
                }
            } else if self.address.val() == 4 {
                if self.write_data.val() > 31 {
                    self.refused.next = true;
                } else {
                    self.rate_least.d.next = self.write_data.val().get_bits::<5>(0);
                }
            } else if self.address.val() == 5 {
                if self.write_data.val() > 31 {
                    self.refused.next = true;
                } else {
                    self.rate_most.d.next = self.write_data.val().get_bits::<5>(0);
                }
            } else if self.address.val() == 6 {
                if self.write_data.val().get_bits::<8>(24).any() {
                    self.refused.next = true;
                } else {
                    self.rate_period.d.next = self.write_data.val().get_bits::<24>(0);
                }
            } else if self.address.val() == 7 {
                if self.write_data.val().get_bits::<8>(24).any() {
                    self.refused.next = true;
                } else {
                    self.rate_timer.d.next = self.write_data.val().get_bits::<24>(0);
                }
            } else if self.address.val() == 8 {
                if (!self.write_data.val().any()) | (self.write_data.val() > 255) {
                    self.refused.next = true;
                } else {
                    self.patience.d.next = self.write_data.val().get_bits::<8>(0);
                }
            } else if self.address.val() == 9 {
                if self.write_data.val() > 255 {
                    self.refused.next = true;
                } else {
                    self.calm.d.next = self.write_data.val().get_bits::<8>(0);
                }
            } else if self.address.val() == 10 {
                if self.write_data.val() > 20 {
                    self.refused.next = true;
                } else {
                    self.gradient_places.d.next = self.write_data.val().get_bits::<5>(0);
                }
            } else if self.address.val() == 11 {
                if self.write_data.val() > 28 {
                    self.refused.next = true;
                } else {
                    self.point_places.d.next = self.write_data.val().get_bits::<5>(0);
                }
            } else if self.address.val() == 12 {
                self.low_now.d.next = self.write_data.val();
            } else if self.address.val() == 13 {
                self.high_now.d.next = self.write_data.val();
            } else if self.address.val() == 14 {
                if (self.write_data.val() < 2) | (self.write_data.val() > 16) {
                    self.refused.next = true;
                } else {
                    self.levels_now.d.next = self.write_data.val().get_bits::<5>(0);
                }
            } else if self.address.val() == 15 {
                self.iterations.d.next = self.write_data.val();
            } else if self.address.val() == 16 {
                self.value_low.d.next = self.write_data.val();
            } else if self.address.val() == 17 {
                if self.write_data.val().get_bits::<16>(16).any() {
                    self.refused.next = true;
                } else {
                    self.value_high.d.next = self.write_data.val().get_bits::<16>(0);
                }
            } else if self.address.val() == 18 {
                self.run.d.next = self.write_data.val();
            } else if self.address.val() == 19 {
                self.seed_low.d.next = self.write_data.val();
            } else if self.address.val() == 20 {
                if self.noise_seed.val().any() {
                    self.noise_load.next = true;
                } else {
                    self.refused.next = true;
                }
            } else if self.address.val() == 21 {
                if self.write_data.val() > 7 {
                    self.refused.next = true;
                } else {
                    self.saturated.d.next = self.write_data.val().get_bits::<3>(0);
                }
            } else if self.address.val() == 22 {
                if self.write_data.val() > 255 {
                    self.refused.next = true;
                } else {
                    self.last.d.next = self.write_data.val().get_bits::<8>(0);
                }
            } else if self.address.val() == 23 {
                if self.write_data.val().get_bits::<8>(24).any() {
                    self.refused.next = true;
                } else {
                    self.left.d.next = self.write_data.val().get_bits::<24>(0);
                }
            } else {
                self.refused.next = true;
            }
        }
        // The bus: reads.
        self.read_out.d.next = self.zero32.val();
        if self.address.val() == 0 {
            self.read_out.d.next = bit_cast::<32, 2>(self.objective.q.val());
        } else if self.address.val() == 1 {
            self.read_out.d.next = bit_cast::<32, 7>(self.dimension.q.val());
        } else if self.address.val() == 2 {
            self.read_out.d.next = bit_cast::<32, 6>(self.mode.q.val());
        } else if self.address.val() == 3 {
            self.read_out.d.next = bit_cast::<32, 5>(self.rate_now.q.val());
        } else if self.address.val() == 4 {
            self.read_out.d.next = bit_cast::<32, 5>(self.rate_least.q.val());
        } else if self.address.val() == 5 {
            self.read_out.d.next = bit_cast::<32, 5>(self.rate_most.q.val());
        } else if self.address.val() == 6 {
            self.read_out.d.next = bit_cast::<32, 24>(self.rate_period.q.val());
        } else if self.address.val() == 7 {
            self.read_out.d.next = bit_cast::<32, 24>(self.rate_timer.q.val());
        } else if self.address.val() == 8 {
            self.read_out.d.next = bit_cast::<32, 8>(self.patience.q.val());
        } else if self.address.val() == 9 {
            self.read_out.d.next = bit_cast::<32, 8>(self.calm.q.val());
        } else if self.address.val() == 10 {
            self.read_out.d.next = bit_cast::<32, 5>(self.gradient_places.q.val());
        } else if self.address.val() == 11 {
            self.read_out.d.next = bit_cast::<32, 5>(self.point_places.q.val());
        } else if self.address.val() == 12 {
            self.read_out.d.next = self.low_now.q.val();
        } else if self.address.val() == 13 {
            self.read_out.d.next = self.high_now.q.val();
        } else if self.address.val() == 14 {
            self.read_out.d.next = bit_cast::<32, 5>(self.levels_now.q.val());
        } else if self.address.val() == 15 {
            self.read_out.d.next = self.iterations.q.val();
        } else if self.address.val() == 16 {
            self.read_out.d.next = self.value_low.q.val();
        } else if self.address.val() == 17 {
            self.read_out.d.next = bit_cast::<32, 16>(self.value_high.q.val());
        } else if self.address.val() == 18 {
            self.read_out.d.next = self.run.q.val();
        } else if self.address.val() == 19 {
            self.read_out.d.next = self.noise_state.val().get_bits::<32>(0);
        } else if self.address.val() == 20 {
            self.read_out.d.next = self.noise_state.val().get_bits::<32>(32);
        } else if self.address.val() == 21 {
            self.read_out.d.next = bit_cast::<32, 3>(self.saturated.q.val());
        } else if self.address.val() == 22 {
            self.read_out.d.next = bit_cast::<32, 8>(self.last.q.val());
        } else if self.address.val() == 23 {
            self.read_out.d.next = bit_cast::<32, 24>(self.left.q.val());
        }
        self.read_data.next = self.read_out.q.val();

        // Reset: as after power-up.
        if self.clear.val() {
            self.objective.d.next = 0.into();
            self.dimension.d.next = self.dimension_reset.val();
            self.mode.d.next = 0.into();
            self.rate_now.d.next = self.rate_now_reset.val();
            self.rate_least.d.next = 0.into();
            self.rate_most.d.next = self.rate_most_reset.val();
            self.rate_period.d.next = 0.into();
            self.rate_timer.d.next = 0.into();
            self.patience.d.next = self.patience_reset.val();
            self.calm.d.next = 0.into();
            self.gradient_places.d.next = self.gradient_places_reset.val();
            self.point_places.d.next = self.point_places_reset.val();
            self.low_now.d.next = self.low_now_reset.val();
            self.high_now.d.next = self.high_now_reset.val();
            self.levels_now.d.next = self.levels_now_reset.val();
            self.iterations.d.next = 0.into();
            self.value_low.d.next = 0.into();
            self.value_high.d.next = 0.into();
            self.run.d.next = 0.into();
            self.saturated.d.next = 0.into();
            self.last.d.next = 0.into();
            self.left.d.next = 0.into();
            self.noise_load.next = true;
            self.noise_seed.next = self.seed_reset.val();
        }
    }
}
