mod gradient;
mod optimize;
mod regress;
mod synthesize;

use clap::{Args, Parser, Subcommand, ValueEnum};
use fixlearn::client::{self, Client, Counters, LinkStatistics};
use fixlearn::device::Device;
use fixlearn::doctor::Need;
use fixlearn::model::Model;
use fixlearn::train::{self, Init, Plan};
use fixlearn::{codec, data, demo, doctor, model, output, port, Error, Result};
use fixlearn_hdl::design::{no_such_size, Design, VqDesign, VqSize};
use fixlearn_hdl::fabric::Fabric;
use fixlearn_map::link::PAYLOAD_MAX;
use fixlearn_sim::board::Faults;
use fixlearn_sim::golden::vq::{Metric, Rounding};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

/// Learning on small FPGAs in fixed point: train over UART, check bit for bit.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    /// Print what is reported as one JSON object
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Which tools are there, what is missing, how to get it
    Doctor {
        /// Install what is missing
        #[arg(long)]
        install: bool,
    },
    /// The boards: device, clock, pins, programmer
    Boards,
    /// A bitstream for a board: Verilog, netlist, placement and report
    Build(synthesize::BuildArgs),
    /// Put a bitstream on its board
    Flash(synthesize::FlashArgs),
    /// The serial ports of this machine
    Ports,
    /// Run a simulated board behind a pseudo-terminal until Ctrl-C
    Board {
        #[arg(long, value_enum, default_value = "vq")]
        core: CoreArg,
        /// Say the path of the pseudo-terminal and serve it
        #[arg(long, required = true)]
        pty: bool,
        /// A symbolic link that leads to the pseudo-terminal, whichever it is just then
        #[arg(long)]
        link: Option<PathBuf>,
        /// Write waves of every signal to this file (VCD)
        #[arg(long)]
        waves: Option<PathBuf>,
        #[command(flatten)]
        simulated: SimulatedArgs,
    },
    /// Learn a codebook from images, an .npy array or a CSV table; with --core gradient, a linear
    /// model of a table's column
    Train(Box<TrainArgs>),
    /// Minimize a function by quantized gradients
    Optimize(optimize::OptimizeArgs),
    /// Turn an input into codebook indices
    Encode {
        #[command(flatten)]
        port: PortArgs,
        #[command(flatten)]
        input: InputArgs,
        #[arg(long)]
        model: PathBuf,
        /// The index file to write
        #[arg(long)]
        out: PathBuf,
    },
    /// Turn indices back into images (.png, .pgm) or a table (.csv, .npy)
    Decode {
        /// An index file from encode
        indices: PathBuf,
        #[arg(long)]
        model: PathBuf,
        #[arg(long)]
        out: PathBuf,
    },
    /// Predict a table's rows by a model of the gradient core, on the device
    Predict {
        #[command(flatten)]
        port: PortArgs,
        #[command(flatten)]
        input: InputArgs,
        #[arg(long)]
        model: PathBuf,
        /// The predictions to write (.csv)
        #[arg(long)]
        out: PathBuf,
    },
    /// Replay a model's training on the golden model; with --port, on a device beside it
    Check {
        #[command(flatten)]
        input: InputArgs,
        #[arg(long)]
        model: PathBuf,
        /// Also learn again on this port (sim, auto or a path), comparing the state on the way
        #[arg(long)]
        port: Option<String>,
        /// Vectors between two comparisons
        #[arg(long, default_value_t = 256)]
        stride: usize,
        #[command(flatten)]
        line: LineArgs,
    },
    /// Write a model's codebook as .npy (float32, codewords x dimensions), or its point (1 x D)
    Export {
        #[arg(long)]
        model: PathBuf,
        #[arg(long)]
        out: PathBuf,
    },
    /// Learn a generated angiogram on a simulated board and show the result
    Demo {
        #[arg(long, default_value = "fixlearn-demo")]
        out: PathBuf,
    },
    /// Make sure of the tools and run every test
    #[command(hide = true)]
    Verify,
}

#[derive(Args)]
struct SimulatedArgs {
    /// Built size of the simulated core: codewords x dimensions x lanes
    #[arg(long)]
    size: Option<VqSize>,
    /// Faults on the simulated line, as ber=1e-4,lost=0.01,reset@5000,seed=7; also doubled,
    /// inserted, breaks, stalls (shares of bytes), drift (of the baud), unplug@BYTES
    #[arg(long, default_value = "", hide_default_value = true)]
    faults: Faults,
}

impl SimulatedArgs {
    /// The size asked for, else the smallest offered that holds this need.
    fn design(&self, need: Option<(usize, usize)>) -> Result<VqDesign> {
        let (codewords, dimension) = need.unwrap_or((64, 16));
        let fits = |s: &&VqSize| {
            usize::from(s.codewords) >= codewords && usize::from(s.dimension) >= dimension
        };
        let size = match self.size {
            Some(size) => size,
            // Of those that fit, the one with most lanes: simulation time is clocks.
            None => fixlearn_hdl::design::VQ_SIZES
                .iter()
                .filter(fits)
                .min_by_key(|s| (s.codewords, s.dimension, std::cmp::Reverse(s.lanes)))
                .copied()
                .ok_or_else(|| {
                    Error::request(no_such_size(VqSize {
                        codewords: codewords.min(65535) as u16,
                        dimension: dimension.min(65535) as u16,
                        lanes: 8,
                    }))
                })?,
        };
        Ok(VqDesign {
            size,
            residues: true,
            fabric: Fabric::default(),
            clock_hz: 12_000_000,
            baud: 3_000_000,
        })
    }
}

#[derive(Args)]
struct PortArgs {
    /// sim, auto (the only USB serial port) or the path of a serial port
    #[arg(long, default_value = "sim")]
    port: String,
    #[command(flatten)]
    line: LineArgs,
}

#[derive(Args)]
struct LineArgs {
    #[arg(long, default_value_t = 3_000_000)]
    baud: u32,
    /// Seconds to wait for a port that goes away while it is in use
    #[arg(long, default_value_t = client::WAIT.as_secs())]
    wait: u64,
    /// Payload of every frame in bytes, 1 to 249; by default as the line allows
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=PAYLOAD_MAX as i64))]
    frame: Option<u8>,
    #[command(flatten)]
    simulated: SimulatedArgs,
}

impl PortArgs {
    fn open(&self, need: (usize, usize)) -> Result<Device> {
        let design = self.line.simulated.design(Some(need))?;
        let mut device = Device::open(self.port(&design)?)?;
        self.line.prepare(&mut device.client);
        Ok(device)
    }

    fn port(&self, design: &dyn Design) -> Result<Box<dyn port::Port>> {
        port::open(&self.port, self.line.baud, design, &self.line.simulated.faults)
    }
}

impl LineArgs {
    fn prepare(&self, client: &mut Client) {
        client.wait = Duration::from_secs(self.wait);
        client.pace.fixed = self.frame.map(usize::from);
    }
}

#[derive(Args)]
struct InputArgs {
    /// Images of one size (.png, .pgm), or one table (.npy, .csv)
    input: Vec<PathBuf>,
    /// The CSV's first line is names
    #[arg(long)]
    header: bool,
}

/// Which core a board has.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CoreArg {
    /// The vector quantizer
    Vq,
    /// The quantized-gradient core
    Gradient,
}

#[derive(Args)]
struct TrainArgs {
    /// What learns: a codebook, or a linear model of --target
    #[arg(long, value_enum, default_value = "vq")]
    core: CoreArg,
    #[command(flatten)]
    regression: regress::RegressionArgs,
    #[command(flatten)]
    rule: gradient::RuleArgs,
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    input: InputArgs,
    /// The model file to write; after each pass and on Ctrl-C it is the checkpoint
    #[arg(long)]
    out: PathBuf,
    /// Go on from the checkpoint in --out, with its settings
    #[arg(long)]
    resume: bool,
    /// Image block in pixels: 4 makes vectors of 16
    #[arg(long, default_value_t = 4)]
    block: usize,
    #[arg(long, default_value_t = 64)]
    codewords: usize,
    #[arg(long, default_value_t = 10)]
    passes: u64,
    /// First passes that scale distances by win counts (frequency-sensitive)
    #[arg(long, default_value_t = 1)]
    frequency_passes: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// First codebook: samples drawn at random, or by k-means++
    #[arg(long, value_enum, default_value = "plus-plus")]
    init: InitArg,
    #[arg(long, value_enum, default_value = "l2")]
    metric: MetricArg,
    #[arg(long, value_enum, default_value = "nearest")]
    rounding: RoundingArg,
    /// Rates by power of two instead of by win count
    #[arg(long)]
    fixed_rate: bool,
    /// Rate 2^-SHIFT; with count-based rates, their floor
    #[arg(long, default_value_t = 8)]
    rate_shift: u32,
    /// Where the rate schedule stops; needs --rate-period
    #[arg(long)]
    rate_final: Option<u32>,
    /// Vectors per step of the rate schedule
    #[arg(long, default_value_t = 0)]
    rate_period: u32,
    /// Neighbourhood radius
    #[arg(long, default_value_t = 0)]
    radius: usize,
    /// Vectors per step of the radius towards 0
    #[arg(long, default_value_t = 0)]
    radius_period: u32,
    /// Columns of the codeword grid, a power of two; 256 is a line
    #[arg(long, default_value_t = 256)]
    columns: u32,
    /// Attenuation of the rate by ring r: 0 none, else 2^-(r << (F - 1))
    #[arg(long, default_value_t = 0)]
    falloff: u32,
    /// Win count at which all counts are halved
    #[arg(long, default_value_t = 256)]
    count_cap: u16,
}

#[derive(Clone, Copy, ValueEnum)]
enum InitArg {
    Random,
    PlusPlus,
}

#[derive(Clone, Copy, ValueEnum)]
enum MetricArg {
    L1,
    L2,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoundingArg {
    Truncate,
    Nearest,
    Stochastic,
    Feedback,
}

impl RoundingArg {
    fn rounding(self) -> Rounding {
        match self {
            RoundingArg::Truncate => Rounding::Truncate,
            RoundingArg::Nearest => Rounding::Nearest,
            RoundingArg::Stochastic => Rounding::Stochastic,
            RoundingArg::Feedback => Rounding::ErrorFeedback,
        }
    }
}

impl TrainArgs {
    fn plan(&self) -> Result<Plan> {
        if !self.columns.is_power_of_two() || self.columns > 256 {
            return Err(Error::request("--columns: 1 to 256, a power of two"));
        }
        let plan = Plan {
            codewords: self.codewords,
            passes: self.passes,
            frequency_passes: self.frequency_passes,
            seed: self.seed,
            init: match self.init {
                InitArg::Random => Init::Random,
                InitArg::PlusPlus => Init::PlusPlus,
            },
            metric: match self.metric {
                MetricArg::L1 => Metric::L1,
                MetricArg::L2 => Metric::SquaredL2,
            },
            rounding: self.rounding.rounding(),
            count_based: !self.fixed_rate,
            rate_shift: self.rate_shift,
            rate_final: self.rate_final.unwrap_or(self.rate_shift),
            rate_period: self.rate_period,
            radius: self.radius,
            radius_period: self.radius_period,
            columns_log2: self.columns.ilog2(),
            falloff: self.falloff,
            count_cap: self.count_cap,
        };
        plan.validate().map_err(Error::Request)?;
        Ok(plan)
    }
}

/// Runs a command; false if a check failed.
pub fn run(cli: Cli) -> Result<bool> {
    let json = cli.json;
    match cli.command {
        Command::Doctor { install } => run_doctor(install, json),
        Command::Boards => synthesize::run_boards(json),
        Command::Build(args) => synthesize::run_build(&args, json),
        Command::Flash(args) => synthesize::run_flash(&args, json),
        Command::Ports => run_ports(json),
        Command::Board { core, pty: _, link, waves, simulated } => {
            run_board(core, &simulated, link.as_deref(), waves.as_deref(), json)
        }
        Command::Train(args) => match args.core {
            CoreArg::Vq if args.regression.asked() => {
                Err(Error::request("--target and what goes with it need --core gradient"))
            }
            CoreArg::Vq => run_train(&args, json),
            CoreArg::Gradient => regress::run_train(&args, json),
        },
        Command::Optimize(args) => optimize::run_optimize(&args, json),
        Command::Encode { port, input, model, out } => {
            run_encode(&port, &input, &model, &out, json)
        }
        Command::Predict { port, input, model, out } => {
            regress::run_predict(&port, &input, &model, &out, json)
        }
        Command::Decode { indices, model, out } => run_decode(&indices, &model, &out, json),
        Command::Check { input, model, port, stride, line } => {
            let port = port.map(|port| PortArgs { port, line });
            run_check(&input, &model, port.as_ref(), stride, json)
        }
        Command::Export { model, out } => {
            let npy = match model::core_of(&model)?.as_str() {
                "gradient" => gradient::npy(&model)?,
                _ => Model::read(&model)?.npy().map_err(Error::io(&out))?,
            };
            output::write(&out, &npy)?;
            Ok(true)
        }
        Command::Demo { out } => run_demo(&out, json),
        Command::Verify => run_verify(),
    }
}

/// Set by Ctrl-C.
fn stop_flag() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let set = stop.clone();
    ctrlc::set_handler(move || set.store(true, Ordering::Relaxed))
        .map_err(|e| Error::request(format!("Ctrl-C cannot be caught: {e}")))?;
    Ok(stop)
}

/// One JSON object, or the text.
fn report(json: bool, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
    use std::io::Write;
    let text = if json {
        serde_json::to_string(value).map_err(|e| Error::request(e.to_string()))?
    } else {
        text()
    };
    // A reader that has gone away is no error of ours.
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(())
}

fn run_doctor(install: bool, json: bool) -> Result<bool> {
    if install {
        doctor::ensure(Need::Bitstreams)?;
    }
    let tools = doctor::examine();
    report(json, &serde_json::json!({ "tools": tools }), || {
        let line = |t: &doctor::Tool| {
            let version = t.version.as_deref().unwrap_or("missing");
            format!("{:14} {version} ({})", t.program, t.what_for)
        };
        tools.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    match doctor::remedy(&tools, Need::Simulation) {
        None => Ok(true),
        Some(command) => Err(Error::request(format!("tools are missing; type: sudo {command}"))),
    }
}

fn run_ports(json: bool) -> Result<bool> {
    let ports = port::list()?;
    report(json, &serde_json::json!({ "ports": ports }), || {
        if ports.is_empty() {
            return "no serial port; --port sim needs none".into();
        }
        let line = |p: &port::Found| {
            let or_dash = |o: &Option<String>| o.clone().unwrap_or_else(|| "-".into());
            let (usb, number) = (or_dash(&p.usb), or_dash(&p.serial_number));
            format!("{}  {usb}  {number}  {}", p.path, or_dash(&p.product))
        };
        ports.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(true)
}

fn run_board(
    core: CoreArg,
    simulated: &SimulatedArgs,
    link: Option<&Path>,
    waves: Option<&Path>,
    json: bool,
) -> Result<bool> {
    let (design, size): (Box<dyn Design>, String) = match core {
        CoreArg::Vq => {
            let design = simulated.design(None)?;
            (Box::new(design), design.size.to_string())
        }
        CoreArg::Gradient => (Box::new(gradient::DESIGN), "64".into()),
    };
    if let Some(path) = waves {
        // Verilator does not say when it cannot write; this does.
        output::write(path, b"")?;
    }
    let board = port::simulated_board(design.as_ref(), &simulated.faults, waves)?;
    let pty = port::open_pty(link)?;
    let path = pty.path().display().to_string();
    let stop = stop_flag()?;
    report(json, &serde_json::json!({ "path": path, "size": size }), || path.clone())?;
    pty.serve(board, &stop).map_err(|e| Error::Port {
        port: path,
        message: format!("the pseudo-terminal failed: {e}"),
    })?;
    Ok(true)
}

#[derive(Serialize)]
struct Trained {
    model: String,
    vectors: u64,
    passes: u64,
    codewords: usize,
    dimension: usize,
    final_mean_distance: Option<f64>,
    #[serde(flatten)]
    link: LinkReport,
}

/// What the link did.
#[derive(Serialize)]
struct LinkReport {
    /// Time on the port's own clock, seconds.
    seconds: f64,
    /// Bytes of samples a second, and their share of what the line could carry.
    goodput: f64,
    goodput_share: f64,
    /// Damages a byte that the client has seen.
    damage: f64,
    link: LinkStatistics,
    device: Counters,
}

impl LinkReport {
    /// Of what was done since `begun`.
    fn new(client: &mut Client, begun: Duration) -> Result<Self> {
        let seconds = (client.now() - begun).as_secs_f64();
        let link = client.statistics;
        let goodput = link.sample_bytes as f64 / seconds.max(1e-9);
        Ok(Self {
            seconds,
            goodput,
            goodput_share: 10.0 * goodput / f64::from(client.identity.baud.max(1)),
            damage: client.pace.damage(),
            link,
            device: client.counters()?,
        })
    }

    /// Nothing of a line that was clean.
    fn text(&self) -> String {
        let l = &self.link;
        if l.resent + l.timeouts + l.reconnections + l.resets == 0 {
            return String::new();
        }
        format!(
            "\nthe line: {} of {} frames sent again, {} time-outs, {} reconnections, {} resets; \
             {:.0} bytes of samples a second, {:.1} % of the line",
            l.resent,
            l.frames + l.resent,
            l.timeouts,
            l.reconnections,
            l.resets,
            self.goodput,
            100.0 * self.goodput_share
        )
    }
}

/// The run in --out, to go on from; none if there is none yet.
fn resumed<T>(
    resume: bool,
    out: &Path,
    read: impl FnOnce(&Path) -> Result<T>,
) -> Result<Option<T>> {
    if !resume {
        return Ok(None);
    }
    if matches!(out.try_exists(), Ok(false)) {
        eprintln!("fixlearn: {}: not there yet; starting from the beginning", out.display());
        return Ok(None);
    }
    read(out).map(Some)
}

/// Says where the run is that an error has ended.
fn say_checkpoint(error: &Error, out: &Path, done: u64, what: &str) {
    let reason = match error {
        Error::Interrupted => "interrupted",
        _ => "ended",
    };
    eprintln!(
        "fixlearn: {reason} after {done} {what}, kept in {}; go on with the same command and \
         --resume",
        out.display()
    );
}

fn run_train(args: &TrainArgs, json: bool) -> Result<bool> {
    let resumed = resumed(args.resume, &args.out, Model::read)?;
    let block = resumed.as_ref().and_then(|m| m.block).unwrap_or(args.block);
    let quantization = resumed.as_ref().map(|m| m.quantization);
    let samples = data::load(&args.input.input, block, args.input.header, quantization)?;
    let dimension = samples.layout.dimension();
    let plan = match &resumed {
        Some(model) => model.plan.clone(),
        None => args.plan()?,
    };
    let mut device = args.port.open((plan.codewords, dimension))?;
    let lanes = usize::from(device.built().lanes);
    let mut model = match resumed {
        Some(model) => {
            if model.input != samples.digest() {
                return Err(Error::input(&args.out, "was trained on another input"));
            }
            if model.vq.lanes != lanes && plan.rounding == Rounding::Stochastic {
                let message = format!(
                    "was trained on {} lanes, this device has {lanes}; stochastic rounding would differ",
                    model.vq.lanes
                );
                return Err(Error::input(&args.out, message));
            }
            model
        }
        None => {
            let block = matches!(samples.layout, data::Layout::Images { .. }).then_some(block);
            let start = plan.start(&samples, lanes);
            Model::new(start, plan, samples.quantization, block, samples.digest())
        }
    };
    device.check(&model.vq.config)?;
    let stop = stop_flag()?;
    device.client.stop = stop.clone();
    let begun = device.client.now();
    let outcome = train::train(&mut device, &samples, &mut model, Some(&args.out), &stop);
    model.write(&args.out)?;
    if let Err(e) = &outcome {
        say_checkpoint(e, &args.out, model.done, "vectors");
    }
    outcome?;
    let trained = Trained {
        model: args.out.display().to_string(),
        vectors: model.done,
        passes: model.plan.passes,
        codewords: model.plan.codewords,
        dimension,
        final_mean_distance: model.history.last().map(|h| h.1),
        link: LinkReport::new(&mut device.client, begun)?,
    };
    report(json, &trained, || {
        format!(
            "{}: {} codewords of {dimension} dimensions from {} vectors; mean distance {:.1}{}",
            trained.model,
            trained.codewords,
            trained.vectors,
            trained.final_mean_distance.unwrap_or(f64::NAN),
            trained.link.text()
        )
    })?;
    Ok(true)
}

fn load_for(model: &Model, input: &InputArgs) -> Result<data::Samples> {
    let samples =
        data::load(&input.input, model.block.unwrap_or(4), input.header, Some(model.quantization))?;
    let (has, wants) = (samples.layout.dimension(), model.vq.config.dimension);
    if has != wants {
        let message = format!("has vectors of {has} dimensions, the model {wants}");
        return Err(Error::input(&input.input[0], message));
    }
    Ok(samples)
}

fn run_encode(
    port: &PortArgs,
    input: &InputArgs,
    path: &Path,
    out: &Path,
    json: bool,
) -> Result<bool> {
    let model = Model::read(path)?;
    let samples = load_for(&model, input)?;
    let mut device = port.open((model.vq.config.codewords, model.vq.config.dimension))?;
    let bar = output::progress(samples.layout.vectors() as u64, "encoding");
    let found = loop {
        let loaded = device.load(&model.vq);
        let progress = |n| bar.set_position(n as u64);
        match loaded.and_then(|()| device.recall(&samples.vectors, progress)) {
            Err(Error::Reset { .. }) => device.client.recover()?,
            other => break other?,
        }
    };
    bar.finish_and_clear();
    output::write(out, &codec::pack(&samples.layout, model.vq.config.codewords, &found)?)?;
    let decoded = codec::decode(&model, found.iter().map(|m| m.index));
    let quality = codec::quality(&samples, &decoded, &model, &found);
    report(json, &quality, || {
        format!(
            "{}: {} vectors, PSNR {:.2} dB, {:.3} bits per sample, {} codewords unused",
            out.display(),
            found.len(),
            quality.psnr_db.unwrap_or(f64::INFINITY),
            quality.bits_per_sample,
            quality.unused_codewords
        )
    })?;
    Ok(true)
}

fn run_decode(indices: &Path, model: &Path, out: &Path, json: bool) -> Result<bool> {
    let model = Model::read(model)?;
    let (layout, indices) = codec::unpack(indices, &model)?;
    let decoded = codec::decode(&model, indices.into_iter());
    let files = codec::files(out, &layout, &model, &decoded)?;
    for (path, bytes) in &files {
        output::write(path, bytes)?;
    }
    let names: Vec<String> = files.iter().map(|(p, _)| p.display().to_string()).collect();
    report(json, &serde_json::json!({ "files": names }), || names.join("\n"))?;
    Ok(true)
}

fn run_check(
    input: &InputArgs,
    path: &Path,
    port: Option<&PortArgs>,
    stride: usize,
    json: bool,
) -> Result<bool> {
    if model::core_of(path)? == "gradient" {
        return gradient::run_check(&input.input, path, port, stride, json);
    }
    let model = Model::read(path)?;
    if input.input.is_empty() {
        return Err(Error::request("give the input that the model was trained on"));
    }
    let samples = load_for(&model, input)?;
    if samples.digest() != model.input {
        return Err(Error::input(path, "was trained on another input"));
    }
    let golden = train::replay(&model.plan, &samples, model.vq.lanes, model.done);
    let in_model = train::difference(&model.vq, &golden);
    let on_device = match port {
        Some(port) => {
            let mut device = port.open((model.plan.codewords, samples.layout.dimension()))?;
            train::compare(&mut device, &samples, &model.plan, model.done, stride)?
        }
        None => None,
    };
    let equal = in_model.is_none() && on_device.is_none();
    let value = serde_json::json!({
        "equal": equal, "vectors": model.done, "model": in_model, "device": on_device,
    });
    report(json, &value, || {
        if equal {
            return format!("equal to the golden model in every bit after {} vectors", model.done);
        }
        let mut lines = Vec::new();
        if let Some(what) = &in_model {
            lines.push(format!("the model differs: {what}"));
        }
        if let Some(d) = &on_device {
            lines.push(format!(
                "the device differs at vector {}, cycle {}: {}",
                d.vector, d.cycle, d.what
            ));
        }
        lines.join("\n")
    })?;
    Ok(equal)
}

fn run_demo(out: &Path, json: bool) -> Result<bool> {
    doctor::ensure(Need::Simulation)?;
    let design = SimulatedArgs { size: None, faults: Faults::default() }.design(None)?;
    let summary = demo::run(out, &design, stop_flag()?.as_ref())?;
    report(json, &summary, || {
        format!(
            "{} vectors learned over {}: {} the golden model in every bit; PSNR {:.2} dB at {:.3} \
             bits per pixel, {} codewords unused\nlook at {}/report.html",
            summary.vectors,
            summary.port,
            if summary.equal_to_golden { "equal to" } else { "NOT equal to" },
            summary.quality.psnr_db.unwrap_or(f64::INFINITY),
            summary.quality.bits_per_sample,
            summary.quality.unused_codewords,
            summary.directory
        )
    })?;
    Ok(summary.equal_to_golden)
}

fn run_verify() -> Result<bool> {
    doctor::ensure(Need::Proofs)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = std::process::Command::new(cargo)
        .args(["test", "--release", "--workspace"])
        .status()
        .map_err(|e| Error::request(format!("cargo cannot be started: {e}")))?;
    Ok(status.success())
}
