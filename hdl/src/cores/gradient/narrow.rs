use crate::arith::{signed_value, to_bits, value, AddDither, Delay, Extend, Pipe};
use crate::fabric::Fabric;
use crate::primitive::mac16;
use rust_hdl::prelude::*;

/// `step = ((total & ~mask) << 12) >> rate`: the quantized gradient, Q13.20, times `2^-rate`, with
/// 32 fractional bits, those below truncated; registered once.
#[derive(LogicBlock, Default)]
pub struct RateShift {
    pub clock: Signal<In, Clock>,
    pub total: Signal<In, Bits<34>>,
    pub mask: Signal<In, Bits<20>>,
    pub rate: Signal<In, Bits<5>>,
    pub step: Signal<Out, Bits<46>>,
    _fabric: Fabric,
}

impl RateShift {
    pub fn new(fabric: Fabric) -> Self {
        Self { _fabric: fabric, ..Default::default() }
    }
}

impl Logic for RateShift {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let kept = signed_value(self.total.val()) & !(value(self.mask.val()) as i64);
            self.step.next = to_bits((kept << 12) >> value(self.rate.val()));
        }
    }

    fn connect(&mut self) {
        self.step.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(match self._fabric {
            Fabric::Inferred | Fabric::Logic => "\
wire [45:0] kept = {total & {14'h3fff, ~mask}, 12'd0};
always @(posedge clock) step <= $signed(kept) >>> rate;"
                .into(),
            // Up by 15 less the rate's lower four bits, as products by a power of two, whose parts
            // do not overlap; then down by 16 or not.
            Fabric::Mac16 => format!(
                "\
wire [33:0] kept = total & {{14'h3fff, ~mask}};
wire [15:0] power = 16'h8000 >> rate[3:0];
wire [31:0] low, middle, high;
reg far;
{}{}{}wire [48:0] up = {{17'd0, low}} | {{1'b0, middle, 16'd0}} | {{high[16:0], 32'd0}};
initial far = 0;
always @(posedge clock) far <= rate[4];
always @(*) step = far ? {{{{16{{up[48]}}}}, up[48:19]}} : up[48:3];",
                mac16::product_once("mac_low", ("kept[15:0]", false), ("power", false), "low"),
                mac16::product_once(
                    "mac_middle",
                    ("kept[31:16]", false),
                    ("power", false),
                    "middle"
                ),
                mac16::product_once(
                    "mac_high",
                    ("{{14{kept[33]}}, kept[33:32]}", true),
                    ("power", false),
                    "high"
                ),
            ),
        })
    }
}

/// `y = clamp(x - (moved & ~grid), low, high)`: the next component, Q4.28, from what it is, with
/// its noise, and a step with 32 fractional bits; `held` if it had to be clamped, `still` if the
/// step was 0. Two clocks.
#[derive(LogicBlock, Default)]
pub struct Settle {
    pub clock: Signal<In, Clock>,
    pub x: Signal<In, Bits<33>>,
    pub moved: Signal<In, Bits<47>>,
    pub grid: Signal<In, Bits<32>>,
    pub low: Signal<In, Bits<32>>,
    pub high: Signal<In, Bits<32>>,
    pub y: Signal<Out, Bits<32>>,
    pub held: Signal<Out, Bit>,
    pub still: Signal<Out, Bit>,
    _late: (i64, bool),
}

impl Logic for Settle {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let (next, still) = self._late;
            let (low, high) = (signed_value(self.low.val()), signed_value(self.high.val()));
            let y = if next > high { high } else { next.max(low) };
            self.y.next = to_bits(y);
            self.held.next = y != next;
            self.still.next = still;
            let kept = signed_value(self.moved.val()) & !(value(self.grid.val()) as i64);
            self._late = (signed_value(self.x.val()) - (kept >> 4), kept == 0);
        }
    }

    fn connect(&mut self) {
        self.y.connect();
        self.held.connect();
        self.still.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
wire [46:0] kept = moved & {15'h7fff, ~grid};
reg [43:0] next;
reg nothing;
wire below = $signed(next) < $signed({{12{low[31]}}, low});
wire above = $signed(next) > $signed({{12{high[31]}}, high});
initial begin next = 0; nothing = 0; end
always @(posedge clock) begin
  next <= {{11{x[32]}}, x} - {kept[46], kept[46:4]};
  nothing <= kept == 47'd0;
  y <= above ? high : below ? low : next[31:0];
  held <= above | below;
  still <= nothing;
end"
            .into(),
        )
    }
}

/// From a component of the gradient to the next component of the point: quantize, times the rate,
/// round to the point's grid, subtract, clamp.
///
/// ```text
/// clock  0         1              2             3           4         5        6
///        gradient  + dither ----> & ~mask,  --> + dither -> x - step  clamp -> next_point
///        residue address          << 12 >> rate  point_residue  point          still, held
/// ```
///
/// `survey`: both roundings to nearest, only `still` counts. With `feedback` the dithers are the
/// residues, else they are the rounding's own: 0, half a step, noise, 0.
///
/// With a search, `point` comes a clock earlier, as does `kept`, and gets 32 bits less
/// `noise_width` of the noise; with `dropped`, the kept one does, the step is 0, and no residue is
/// kept.
#[derive(LogicBlock)]
pub struct Narrow {
    pub clock: Signal<In, Clock>,
    pub gradient: Signal<In, Bits<32>>,
    pub survey: Signal<In, Bit>,
    pub feedback: Signal<In, Bit>,
    pub noise: Signal<In, Bits<64>>,
    pub rounding: Signal<In, Bits<2>>,
    pub gradient_bits: Signal<In, Bits<5>>,
    pub point_bits: Signal<In, Bits<5>>,
    pub rate: Signal<In, Bits<5>>,
    pub low: Signal<In, Bits<32>>,
    pub high: Signal<In, Bits<32>>,
    /// Clock 1.
    pub gradient_residue: Signal<In, Bits<20>>,
    /// Clock 3.
    pub point_residue: Signal<In, Bits<32>>,
    /// Clock 3: the residue to keep, if the gradient was rounded with feedback.
    pub gradient_residue_kept: Signal<Out, Bit>,
    pub next_gradient_residue: Signal<Out, Bits<20>>,
    /// Clock 4; with a search, clock 3.
    pub point: Signal<In, Bits<32>>,
    pub kept: Signal<In, Bits<32>>,
    pub dropped: Signal<In, Bit>,
    pub noise_width: Signal<In, Bits<6>>,
    /// Clock 5: the other residue to keep.
    pub point_residue_kept: Signal<Out, Bit>,
    pub next_point_residue: Signal<Out, Bits<32>>,
    /// Clock 6.
    pub next_point: Signal<Out, Bits<32>>,
    pub held: Signal<Out, Bit>,
    pub still: Signal<Out, Bit>,
    quantize: AddDither<32, 20, 34>,
    shift: RateShift,
    round: AddDither<46, 32, 47>,
    settle: Settle,
    incoming: DFF<Bits<32>>,
    survey_one: Pipe<Bit, 1>,
    survey_three: Pipe<Bit, 3>,
    feedback_one: Pipe<Bit, 1>,
    feedback_three: Pipe<Bit, 3>,
    feedback_five: Pipe<Bit, 5>,
    noise_one: Pipe<Bits<20>, 1>,
    noise_three: Delay<Bits<32>, 3>,
    residue_three: DFF<Bits<20>>,
    point_residue_five: DFF<Bits<32>>,
    mask: DFF<Bits<20>>,
    grid: DFF<Bits<32>>,
    searches: Constant<Bit>,
    noise_mask: DFF<Bits<32>>,
    noise_sign: DFF<Bits<32>>,
    noise_three_one: DFF<Bits<32>>,
    noise_two: DFF<Bits<32>>,
    noise_two_negative: DFF<Bit>,
    noise_extended: DFF<Bits<32>>,
    base: Signal<Local, Bits<32>>,
    base_wide: Extend<32, 33>,
    noise_wide: Extend<32, 33>,
    point_wide: Extend<32, 33>,
    moved_by_noise: DFF<Bits<33>>,
    half_mask: Signal<Local, Bits<20>>,
    half_grid: Signal<Local, Bits<32>>,
    all_mask: Constant<Bits<20>>,
    all_grid: Constant<Bits<32>>,
    zero20: Constant<Bits<20>>,
    zero32: Constant<Bits<32>>,
}

impl Narrow {
    /// With a search or without.
    pub fn new(searches: bool, fabric: Fabric) -> Self {
        Self {
            clock: Default::default(),
            gradient: Default::default(),
            survey: Default::default(),
            feedback: Default::default(),
            noise: Default::default(),
            rounding: Default::default(),
            gradient_bits: Default::default(),
            point_bits: Default::default(),
            rate: Default::default(),
            low: Default::default(),
            high: Default::default(),
            gradient_residue: Default::default(),
            point_residue: Default::default(),
            point: Default::default(),
            kept: Default::default(),
            dropped: Default::default(),
            noise_width: Default::default(),
            next_point: Default::default(),
            held: Default::default(),
            still: Default::default(),
            point_residue_kept: Default::default(),
            gradient_residue_kept: Default::default(),
            next_gradient_residue: Default::default(),
            next_point_residue: Default::default(),
            quantize: Default::default(),
            shift: RateShift::new(fabric),
            round: Default::default(),
            settle: Default::default(),
            incoming: Default::default(),
            survey_one: Default::default(),
            survey_three: Default::default(),
            feedback_one: Default::default(),
            feedback_three: Default::default(),
            feedback_five: Default::default(),
            noise_one: Default::default(),
            noise_three: Default::default(),
            residue_three: Default::default(),
            point_residue_five: Default::default(),
            mask: Default::default(),
            grid: Default::default(),
            searches: Constant::new(searches),
            noise_mask: Default::default(),
            noise_sign: Default::default(),
            noise_three_one: Default::default(),
            noise_two: Default::default(),
            noise_two_negative: Default::default(),
            noise_extended: Default::default(),
            base: Default::default(),
            base_wide: Default::default(),
            noise_wide: Default::default(),
            point_wide: Default::default(),
            moved_by_noise: Default::default(),
            half_mask: Default::default(),
            half_grid: Default::default(),
            all_mask: Constant::new(0xf_ffff_u64.into()),
            all_grid: Constant::new(0xffff_ffff_u64.into()),
            zero20: Constant::new(0_u64.into()),
            zero32: Constant::new(0_u64.into()),
        }
    }
}

impl Logic for Narrow {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(
            self,
            clock,
            quantize,
            shift,
            round,
            settle,
            survey_one,
            survey_three,
            feedback_one,
            feedback_three,
            feedback_five,
            noise_one,
            noise_three
        );
        dff_setup!(
            self,
            clock,
            incoming,
            residue_three,
            point_residue_five,
            mask,
            grid,
            noise_mask,
            noise_sign,
            noise_three_one,
            noise_two,
            noise_two_negative,
            noise_extended,
            moved_by_noise
        );
        // Ones below a step, and half a step: static.
        self.mask.d.next = self.all_mask.val() >> self.gradient_bits.val();
        self.half_mask.next = self.mask.q.val() ^ (self.mask.q.val() >> 1);
        self.grid.d.next = self.all_grid.val() >> self.point_bits.val();
        self.half_grid.next = self.grid.q.val() ^ (self.grid.q.val() >> 1);
        // The bits of the noise, none with 32, and the highest of them.
        self.noise_mask.d.next = self.all_grid.val() >> self.noise_width.val();
        if self.noise_width.val().get_bit(5) {
            self.noise_mask.d.next = self.zero32.val();
        }
        self.noise_sign.d.next = self.noise_mask.q.val() ^ (self.noise_mask.q.val() >> 1);
        // Clock 0.
        self.incoming.d.next = self.gradient.val();
        self.survey_one.d.next = self.survey.val();
        self.survey_three.d.next = self.survey.val();
        self.feedback_one.d.next = self.feedback.val();
        self.feedback_three.d.next = self.feedback.val();
        self.feedback_five.d.next = self.feedback.val() & (!self.survey.val());
        self.noise_one.d.next = self.noise.val().get_bits::<20>(0);
        self.noise_three.d.next = self.noise.val().get_bits::<32>(32);
        self.noise_three_one.d.next = self.noise.val().get_bits::<32>(32);
        // Clocks 1 and 2: the search's noise, with its sign.
        self.noise_two.d.next = self.noise_three_one.q.val() & self.noise_mask.q.val();
        self.noise_two_negative.d.next =
            (self.noise_three_one.q.val() & self.noise_sign.q.val()).any();
        self.noise_extended.d.next = self.noise_two.q.val();
        if self.noise_two_negative.q.val() {
            self.noise_extended.d.next =
                self.noise_two.q.val() | (self.noise_mask.q.val() ^ self.all_grid.val());
        }
        // Clock 1: quantize.
        self.quantize.v.next = self.incoming.q.val();
        self.quantize.dither.next = self.zero20.val();
        if self.rounding.val() == 2 {
            self.quantize.dither.next = self.noise_one.q.val() & self.mask.q.val();
        }
        if self.feedback_one.q.val() {
            self.quantize.dither.next = self.gradient_residue.val() & self.mask.q.val();
        }
        if self.survey_one.q.val() | ((self.rounding.val() == 1) & (!self.feedback_one.q.val())) {
            self.quantize.dither.next = self.half_mask.val();
        }
        // Clock 2: times the rate.
        self.shift.total.next = self.quantize.s.val();
        self.shift.mask.next = self.mask.q.val();
        self.shift.rate.next = self.rate.val();
        self.residue_three.d.next = self.quantize.s.val().get_bits::<20>(0) & self.mask.q.val();
        // Clock 3: round.
        self.next_gradient_residue.next = self.residue_three.q.val();
        self.gradient_residue_kept.next =
            self.feedback_three.q.val() & ((!self.survey_three.q.val()) & (!self.dropped.val()));
        self.round.v.next = self.shift.step.val();
        if self.dropped.val() & (!self.survey_three.q.val()) {
            self.round.v.next = 0.into();
        }
        self.round.dither.next = self.zero32.val();
        if self.rounding.val() == 2 {
            self.round.dither.next = self.noise_three.q.val() & self.grid.q.val();
        }
        if self.feedback_three.q.val() {
            self.round.dither.next = self.point_residue.val() & self.grid.q.val();
        }
        if self.survey_three.q.val() | ((self.rounding.val() == 1) & (!self.feedback_three.q.val()))
        {
            self.round.dither.next = self.half_grid.val();
        }
        self.base.next = self.point.val();
        if self.dropped.val() {
            self.base.next = self.kept.val();
        }
        self.base_wide.x.next = self.base.val();
        self.noise_wide.x.next = self.noise_extended.q.val();
        self.moved_by_noise.d.next = self.base_wide.y.val() + self.noise_wide.y.val();
        // Clock 4: move.
        self.point_wide.x.next = self.point.val();
        self.settle.x.next = self.point_wide.y.val();
        if self.searches.val() {
            self.settle.x.next = self.moved_by_noise.q.val();
        }
        self.settle.moved.next = self.round.s.val();
        self.settle.grid.next = self.grid.q.val();
        self.settle.low.next = self.low.val();
        self.settle.high.next = self.high.val();
        self.point_residue_five.d.next = self.round.s.val().get_bits::<32>(0) & self.grid.q.val();
        // Clock 5.
        self.point_residue_kept.next = self.feedback_five.q.val() & (!self.dropped.val());
        self.next_point_residue.next = self.point_residue_five.q.val();
        // Clock 6.
        self.next_point.next = self.settle.y.val();
        self.held.next = self.settle.held.val();
        self.still.next = self.settle.still.val();
    }
}
