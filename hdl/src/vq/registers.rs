use rust_hdl::prelude::*;

/// The core's registers: configuration that the host writes, schedules that the core advances,
/// and counters. [`crate::protocol::register`] is the map; a word on the bus has 32 bits.
///
/// A write outside a register's range changes nothing and raises `refused`. After each learned
/// vector (`learned`) the distortion and the vector count grow, the rate shift rises by one every
/// `rate_period` vectors up to `rate_final`, and the radius falls by one every `radius_period`
/// vectors down to 0; a period of 0 holds it.
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
    pub learned: Signal<In, Bit>,
    pub distance: Signal<In, Bits<24>>,
    /// Strobe: the pending halving has been done, and whether the next one is due.
    pub halved: Signal<In, Bit>,
    pub halve_next: Signal<In, Bit>,
    pub noise_state: Signal<In, Bits<64>>,
    pub noise_load: Signal<Out, Bit>,
    pub noise_seed: Signal<Out, Bits<64>>,
    pub last_codeword: Signal<Out, Bits<8>>,
    pub last_dimension: Signal<Out, Bits<8>>,
    pub squared: Signal<Out, Bit>,
    pub rounding: Signal<Out, Bits<2>>,
    pub frequency_sensitive: Signal<Out, Bit>,
    pub count_based: Signal<Out, Bit>,
    pub offset_binary: Signal<Out, Bit>,
    pub rate_shift: Signal<Out, Bits<4>>,
    pub radius: Signal<Out, Bits<8>>,
    pub columns: Signal<Out, Bits<4>>,
    pub falloff: Signal<Out, Bits<2>>,
    pub cap: Signal<Out, Bits<16>>,
    pub halve: Signal<Out, Bit>,
    codewords: DFFWithInit<Bits<9>>,
    dimension: DFFWithInit<Bits<9>>,
    mode: DFFWithInit<Bits<6>>,
    rate_now: DFFWithInit<Bits<4>>,
    rate_final: DFFWithInit<Bits<4>>,
    rate_period: DFF<Bits<24>>,
    rate_timer: DFF<Bits<24>>,
    radius_now: DFF<Bits<8>>,
    radius_period: DFF<Bits<24>>,
    radius_timer: DFF<Bits<24>>,
    grid: DFFWithInit<Bits<6>>,
    cap_now: DFFWithInit<Bits<16>>,
    halve_now: DFF<Bit>,
    vectors: DFF<Bits<32>>,
    distortion: DFF<Bits<48>>,
    run: DFF<Bits<32>>,
    seed_low: DFF<Bits<32>>,
    read_out: DFF<Bits<32>>,
    codewords_less: Signal<Local, Bits<9>>,
    dimension_less: Signal<Local, Bits<9>>,
    rate_ticked: Signal<Local, Bits<24>>,
    radius_ticked: Signal<Local, Bits<24>>,
    seed: Signal<Local, Bits<64>>,
    max_codewords: Constant<Bits<9>>,
    max_dimension: Constant<Bits<9>>,
    mode_reset: Constant<Bits<6>>,
    rate_reset: Constant<Bits<4>>,
    grid_reset: Constant<Bits<6>>,
    cap_reset: Constant<Bits<16>>,
    seed_reset: Constant<Bits<64>>,
    one9: Constant<Bits<9>>,
    one4: Constant<Bits<4>>,
    one8: Constant<Bits<8>>,
    one24: Constant<Bits<24>>,
    one32: Constant<Bits<32>>,
    high_half: Constant<Bits<48>>,
    low_half: Constant<Bits<48>>,
    zero8: Constant<Bits<8>>,
    zero24: Constant<Bits<24>>,
    zero32: Constant<Bits<32>>,
    zero48: Constant<Bits<48>>,
}

const MODE_RESET: u64 = 1;
const RATE_RESET: u64 = 4;
const GRID_RESET: u64 = 8;
const CAP_RESET: u64 = 0xffff;

impl Registers {
    /// `max_codewords` and `max_dimension` are the built sizes, at most 256 each, and the reset
    /// values of the two size registers.
    pub fn new(max_codewords: u64, max_dimension: u64) -> Self {
        Self {
            clock: Default::default(),
            clear: Default::default(),
            address: Default::default(),
            write: Default::default(),
            write_data: Default::default(),
            read_data: Default::default(),
            refused: Default::default(),
            learned: Default::default(),
            distance: Default::default(),
            halved: Default::default(),
            halve_next: Default::default(),
            noise_state: Default::default(),
            noise_load: Default::default(),
            noise_seed: Default::default(),
            last_codeword: Default::default(),
            last_dimension: Default::default(),
            squared: Default::default(),
            rounding: Default::default(),
            frequency_sensitive: Default::default(),
            count_based: Default::default(),
            offset_binary: Default::default(),
            rate_shift: Default::default(),
            radius: Default::default(),
            columns: Default::default(),
            falloff: Default::default(),
            cap: Default::default(),
            halve: Default::default(),
            codewords: DFFWithInit::new(max_codewords.into()),
            dimension: DFFWithInit::new(max_dimension.into()),
            mode: DFFWithInit::new(MODE_RESET.into()),
            rate_now: DFFWithInit::new(RATE_RESET.into()),
            rate_final: DFFWithInit::new(RATE_RESET.into()),
            rate_period: Default::default(),
            rate_timer: Default::default(),
            radius_now: Default::default(),
            radius_period: Default::default(),
            radius_timer: Default::default(),
            grid: DFFWithInit::new(GRID_RESET.into()),
            cap_now: DFFWithInit::new(CAP_RESET.into()),
            halve_now: Default::default(),
            vectors: Default::default(),
            distortion: Default::default(),
            run: Default::default(),
            seed_low: Default::default(),
            read_out: Default::default(),
            codewords_less: Default::default(),
            dimension_less: Default::default(),
            rate_ticked: Default::default(),
            radius_ticked: Default::default(),
            seed: Default::default(),
            max_codewords: Constant::new(max_codewords.into()),
            max_dimension: Constant::new(max_dimension.into()),
            mode_reset: Constant::new(MODE_RESET.into()),
            rate_reset: Constant::new(RATE_RESET.into()),
            grid_reset: Constant::new(GRID_RESET.into()),
            cap_reset: Constant::new(CAP_RESET.into()),
            seed_reset: Constant::new(crate::arith::NOISE_SEED.into()),
            one9: Constant::new(1_u64.into()),
            one4: Constant::new(1_u64.into()),
            one8: Constant::new(1_u64.into()),
            one24: Constant::new(1_u64.into()),
            one32: Constant::new(1_u64.into()),
            high_half: Constant::new(0xffff_0000_0000_u64.into()),
            low_half: Constant::new(0xffff_ffff_u64.into()),
            zero8: Constant::new(0_u64.into()),
            zero24: Constant::new(0_u64.into()),
            zero32: Constant::new(0_u64.into()),
            zero48: Constant::new(0_u64.into()),
        }
    }
}

impl Logic for Registers {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            codewords,
            dimension,
            mode,
            rate_now,
            rate_final,
            rate_period,
            rate_timer,
            radius_now,
            radius_period,
            radius_timer,
            grid,
            cap_now,
            halve_now,
            vectors,
            distortion,
            run,
            seed_low,
            read_out
        );
        // What the datapath sees.
        self.codewords_less.next = self.codewords.q.val() - self.one9.val();
        self.dimension_less.next = self.dimension.q.val() - self.one9.val();
        self.last_codeword.next = self.codewords_less.val().get_bits::<8>(0);
        self.last_dimension.next = self.dimension_less.val().get_bits::<8>(0);
        self.squared.next = self.mode.q.val().get_bit(0);
        self.rounding.next = self.mode.q.val().get_bits::<2>(1);
        self.frequency_sensitive.next = self.mode.q.val().get_bit(3);
        self.count_based.next = self.mode.q.val().get_bit(4);
        self.offset_binary.next = self.mode.q.val().get_bit(5);
        self.rate_shift.next = self.rate_now.q.val();
        self.radius.next = self.radius_now.q.val();
        self.columns.next = self.grid.q.val().get_bits::<4>(0);
        self.falloff.next = self.grid.q.val().get_bits::<2>(4);
        self.cap.next = self.cap_now.q.val();
        self.halve.next = self.halve_now.q.val();

        // Learning advances counters and schedules.
        if self.halved.val() {
            self.halve_now.d.next = self.halve_next.val();
        }
        self.rate_ticked.next = self.rate_timer.q.val() + self.one24.val();
        self.radius_ticked.next = self.radius_timer.q.val() + self.one24.val();
        if self.learned.val() {
            self.vectors.d.next = self.vectors.q.val() + self.one32.val();
            self.distortion.d.next =
                self.distortion.q.val() + bit_cast::<48, 24>(self.distance.val());
            if self.rate_period.q.val().any() {
                self.rate_timer.d.next = self.rate_ticked.val();
                if self.rate_ticked.val() >= self.rate_period.q.val() {
                    self.rate_timer.d.next = self.zero24.val();
                    if self.rate_now.q.val() < self.rate_final.q.val() {
                        self.rate_now.d.next = self.rate_now.q.val() + self.one4.val();
                    }
                }
            }
            if self.radius_period.q.val().any() {
                self.radius_timer.d.next = self.radius_ticked.val();
                if self.radius_ticked.val() >= self.radius_period.q.val() {
                    self.radius_timer.d.next = self.zero24.val();
                    if self.radius_now.q.val().any() {
                        self.radius_now.d.next = self.radius_now.q.val() - self.one8.val();
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
                if self.write_data.val().any()
                    & (self.write_data.val() <= bit_cast::<32, 9>(self.max_codewords.val()))
                {
                    self.codewords.d.next = self.write_data.val().get_bits::<9>(0);
                } else {
                    self.refused.next = true;
                }
            } else if self.address.val() == 1 {
                if self.write_data.val().any()
                    & (self.write_data.val() <= bit_cast::<32, 9>(self.max_dimension.val()))
                {
                    self.dimension.d.next = self.write_data.val().get_bits::<9>(0);
                } else {
                    self.refused.next = true;
                }
            } else if self.address.val() == 2 {
                self.mode.d.next = self.write_data.val().get_bits::<6>(0);
            } else if self.address.val() == 3 {
                self.rate_now.d.next = self.write_data.val().get_bits::<4>(0);
            } else if self.address.val() == 4 {
                self.rate_final.d.next = self.write_data.val().get_bits::<4>(0);
            } else if self.address.val() == 5 {
                self.rate_period.d.next = self.write_data.val().get_bits::<24>(0);
            } else if self.address.val() == 6 {
                self.rate_timer.d.next = self.write_data.val().get_bits::<24>(0);
            } else if self.address.val() == 7 {
                self.radius_now.d.next = self.write_data.val().get_bits::<8>(0);
            } else if self.address.val() == 8 {
                self.radius_period.d.next = self.write_data.val().get_bits::<24>(0);
            } else if self.address.val() == 9 {
                self.radius_timer.d.next = self.write_data.val().get_bits::<24>(0);
            } else if self.address.val() == 10 {
                if self.write_data.val().get_bits::<4>(0) <= 8 {
                    self.grid.d.next = self.write_data.val().get_bits::<6>(0);
                } else {
                    self.refused.next = true;
                }
            } else if self.address.val() == 11 {
                if self.write_data.val().get_bits::<16>(0) >= 2 {
                    self.cap_now.d.next = self.write_data.val().get_bits::<16>(0);
                } else {
                    self.refused.next = true;
                }
            } else if self.address.val() == 12 {
                self.halve_now.d.next = self.write_data.val().get_bit(0);
            } else if self.address.val() == 13 {
                self.seed_low.d.next = self.write_data.val();
            } else if self.address.val() == 14 {
                if self.noise_seed.val().any() {
                    self.noise_load.next = true;
                } else {
                    self.refused.next = true;
                }
            } else if self.address.val() == 15 {
                self.vectors.d.next = self.write_data.val();
            } else if self.address.val() == 16 {
                self.distortion.d.next = (self.distortion.q.val() & self.high_half.val())
                    | bit_cast::<48, 32>(self.write_data.val());
            } else if self.address.val() == 17 {
                self.distortion.d.next = (self.distortion.q.val() & self.low_half.val())
                    | (bit_cast::<48, 32>(self.write_data.val()) << 32);
            } else if self.address.val() == 18 {
                self.run.d.next = self.write_data.val();
            } else {
                self.refused.next = true;
            }
        }
        // The bus: reads.
        self.read_out.d.next = self.zero32.val();
        if self.address.val() == 0 {
            self.read_out.d.next = bit_cast::<32, 9>(self.codewords.q.val());
        } else if self.address.val() == 1 {
            self.read_out.d.next = bit_cast::<32, 9>(self.dimension.q.val());
        } else if self.address.val() == 2 {
            self.read_out.d.next = bit_cast::<32, 6>(self.mode.q.val());
        } else if self.address.val() == 3 {
            self.read_out.d.next = bit_cast::<32, 4>(self.rate_now.q.val());
        } else if self.address.val() == 4 {
            self.read_out.d.next = bit_cast::<32, 4>(self.rate_final.q.val());
        } else if self.address.val() == 5 {
            self.read_out.d.next = bit_cast::<32, 24>(self.rate_period.q.val());
        } else if self.address.val() == 6 {
            self.read_out.d.next = bit_cast::<32, 24>(self.rate_timer.q.val());
        } else if self.address.val() == 7 {
            self.read_out.d.next = bit_cast::<32, 8>(self.radius_now.q.val());
        } else if self.address.val() == 8 {
            self.read_out.d.next = bit_cast::<32, 24>(self.radius_period.q.val());
        } else if self.address.val() == 9 {
            self.read_out.d.next = bit_cast::<32, 24>(self.radius_timer.q.val());
        } else if self.address.val() == 10 {
            self.read_out.d.next = bit_cast::<32, 6>(self.grid.q.val());
        } else if self.address.val() == 11 {
            self.read_out.d.next = bit_cast::<32, 16>(self.cap_now.q.val());
        } else if self.address.val() == 12 {
            if self.halve_now.q.val() {
                self.read_out.d.next = self.one32.val();
            }
        } else if self.address.val() == 13 {
            self.read_out.d.next = self.noise_state.val().get_bits::<32>(0);
        } else if self.address.val() == 14 {
            self.read_out.d.next = self.noise_state.val().get_bits::<32>(32);
        } else if self.address.val() == 15 {
            self.read_out.d.next = self.vectors.q.val();
        } else if self.address.val() == 16 {
            self.read_out.d.next = self.distortion.q.val().get_bits::<32>(0);
        } else if self.address.val() == 17 {
            self.read_out.d.next = bit_cast::<32, 16>(self.distortion.q.val().get_bits::<16>(32));
        } else if self.address.val() == 18 {
            self.read_out.d.next = self.run.q.val();
        }
        self.read_data.next = self.read_out.q.val();

        // Reset: as after power-up.
        if self.clear.val() {
            self.codewords.d.next = self.max_codewords.val();
            self.dimension.d.next = self.max_dimension.val();
            self.mode.d.next = self.mode_reset.val();
            self.rate_now.d.next = self.rate_reset.val();
            self.rate_final.d.next = self.rate_reset.val();
            self.rate_period.d.next = self.zero24.val();
            self.rate_timer.d.next = self.zero24.val();
            self.radius_now.d.next = self.zero8.val();
            self.radius_period.d.next = self.zero24.val();
            self.radius_timer.d.next = self.zero24.val();
            self.grid.d.next = self.grid_reset.val();
            self.cap_now.d.next = self.cap_reset.val();
            self.halve_now.d.next = false;
            self.vectors.d.next = self.zero32.val();
            self.distortion.d.next = self.zero48.val();
            self.run.d.next = self.zero32.val();
            self.noise_load.next = true;
            self.noise_seed.next = self.seed_reset.val();
        }
    }
}
