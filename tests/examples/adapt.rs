//! `adapt FOLDER [SEEDS]`: the last layer of a network of 3 bits learns on the chip, by the golden
//! model: two classes arrive later, the pictures turn, or they get darker. On the digits' table
//! that `python tests/lowbit.py FOLDER` writes; accuracy is that of a fifth of the rows, which
//! nothing learned from.
//!
//! A network is trained and quantized for each seed and story; what is done stays in the folder.

use fixlearn::order::order;
use fixlearn::plot::{self, Curve, Curves, RGBColor};
use fixlearn::tasks::classify::images::Images;
use fixlearn::tasks::classify::usual_margin;
use fixlearn_map::network::NetworkBuilt;
use fixlearn_sim::golden::arith::Rounding;
use fixlearn_sim::golden::core::Core;
use fixlearn_sim::golden::cores::network::file::{sample, NetworkFile, Shape};
use fixlearn_sim::golden::cores::network::reference::LastLayer;
use fixlearn_tests::lowbit::{self, mean_and_deviation};
use fixlearn_tests::parallel::each;
use std::error::Error;
use std::path::Path;

const BUILT: NetworkBuilt =
    NetworkBuilt { lanes: 8, weight_bits: 14, activation_bits: 11, learning: true };
/// Epochs after which accuracy is measured.
const EPOCHS: [usize; 6] = [0, 1, 2, 3, 5, 10];
/// Digits are 8 x 8, 0 to 16.
const LARGEST: f64 = 16.0;

/// A picture, its class.
type Picture = (Vec<f64>, usize);
/// Of the pictures that were tested, whose class is found: of all, of 0 to 7, of 8 and 9.
type Shares = [f64; 3];

/// What happens to a network that was trained.
#[derive(Clone, Copy)]
enum Story {
    /// It was trained on 0 to 7; 8 and 9 come, and the others stay.
    NewClasses,
    /// The same, and the others stay away.
    NewClassesAlone,
    /// By 25 degrees.
    Turned,
    /// To 0.35 of the light.
    Dimmed,
}

const STORIES: [(Story, &str); 4] = [
    (Story::NewClasses, "8 and 9 are new"),
    (Story::NewClassesAlone, "8 and 9 are new, and alone"),
    (Story::Turned, "turned by 25 degrees"),
    (Story::Dimmed, "dimmed to 0.35"),
];

impl Story {
    fn is_new(self) -> bool {
        matches!(self, Self::NewClasses | Self::NewClassesAlone)
    }

    fn seen(self, picture: &[f64]) -> Vec<f64> {
        match self {
            Self::NewClasses | Self::NewClassesAlone => picture.to_vec(),
            Self::Turned => turned(picture, 25.0),
            Self::Dimmed => picture.iter().map(|v| 0.35 * v).collect(),
        }
    }
}

/// Turned about its middle, bilinear, black around.
fn turned(picture: &[f64], degrees: f64) -> Vec<f64> {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let at = |x: f64, y: f64| {
        let inside = (0.0..8.0).contains(&x) && (0.0..8.0).contains(&y);
        let pixel = || picture[y as usize * 8 + x as usize];
        if inside {
            pixel()
        } else {
            0.0
        }
    };
    let pixel = |i: usize| {
        let (x, y) = ((i % 8) as f64 - 3.5, (i / 8) as f64 - 3.5);
        let (x, y) = (cos * x + sin * y + 3.5, cos * y - sin * x + 3.5);
        let (left, above) = (x.floor(), y.floor());
        let (right, below) = (x - left, y - above);
        (1.0 - below) * ((1.0 - right) * at(left, above) + right * at(left + 1.0, above))
            + below * ((1.0 - right) * at(left, above + 1.0) + right * at(left + 1.0, above + 1.0))
    };
    (0..64).map(pixel).collect()
}

/// Who learns.
#[derive(Clone, Copy)]
enum Learner {
    /// The chip: bits of a weight of the last layer, rate, rounding.
    Chip(u32, u32, Rounding),
    /// Its rule in `f64`, at this rate of weights of 8 bits.
    Hinge(u32),
    /// Softmax and cross entropy in `f64`, at a rate that was tried.
    Softmax,
}

impl Learner {
    fn name(self) -> String {
        match self {
            Self::Chip(bits, rate, rounding) => {
                format!("chip, {bits} bits, 2^-{rate}, {}", format!("{rounding:?}").to_lowercase())
            }
            Self::Hinge(rate) => format!("the same rule in f64, 2^-{rate}"),
            Self::Softmax => "softmax in f64".into(),
        }
    }
}

/// The last layer alone, given what the others make of a picture.
struct Features {
    last: NetworkFile,
    train: Vec<(Vec<u8>, usize)>,
    test: Vec<(Vec<u8>, usize)>,
}

impl Features {
    /// In epochs, the shares of the test pictures whose class is found.
    fn learn(&self, learner: Learner, seed: u64) -> Vec<Shares> {
        let bits = match learner {
            Learner::Chip(bits, ..) => bits,
            _ => 8,
        };
        let file = self.last.widened(bits).expect("it has fewer bits");
        let pixels = self.train.iter().map(|(x, _)| x.clone()).collect();
        let images = Images { pixels, ..Images::default() };
        let margin = usual_margin(&file, &images, rate_of(learner));
        let mut float = LastLayer::of(&file);
        let mut core = file.core(BUILT).expect("it fits");
        core.config.noise = fastrand::Rng::with_seed(seed).u32(1..);
        core.config.learning = 1;
        core.config.margin = margin;
        if let Learner::Chip(_, rate, rounding) = learner {
            (core.config.rate, core.config.rounding) = (rate, rounding.number());
        }
        let real = |x: &[u8]| x.iter().map(|&x| x.into()).collect::<Vec<f64>>();
        let mut shares = Vec::new();
        for epoch in 0..=EPOCHS[EPOCHS.len() - 1] {
            if EPOCHS.contains(&epoch) {
                let learned = file.learned(&core);
                let right: Vec<bool> = each(self.test.len(), |i| {
                    let (x, class) = &self.test[i];
                    *class
                        == match learner {
                            Learner::Chip(..) => learned.forward(x).class,
                            _ => float.class(&real(x)),
                        }
                });
                let kinds: [fn(usize) -> bool; 3] = [|_| true, |c| c < 8, |c| c >= 8];
                shares.push(kinds.map(|kind| {
                    let own = || self.test.iter().zip(&right).filter(|((_, c), _)| kind(*c));
                    own().filter(|(_, &right)| right).count() as f64 / own().count().max(1) as f64
                }));
            }
            for i in order(seed, epoch as u64, self.train.len()) {
                let (x, class) = &self.train[i];
                match learner {
                    Learner::Chip(..) => core.learn(&file.vector(x, *class as u8)),
                    Learner::Hinge(rate) => {
                        float.learn(&real(x), *class, (-f64::from(rate)).exp2(), margin.into())
                    }
                    Learner::Softmax => float.learn_softmax(&real(x), *class, 0.25, 400.0),
                }
            }
        }
        shares
    }
}

/// All of them, with the colours of their curves.
const LEARNERS: [(Learner, RGBColor); 8] = [
    (Learner::Softmax, RGBColor(150, 150, 150)),
    (Learner::Hinge(2), RGBColor(0, 0, 0)),
    (Learner::Chip(8, 2, Rounding::Stochastic), RGBColor(0, 90, 200)),
    (Learner::Chip(8, 2, Rounding::Nearest), RGBColor(90, 180, 255)),
    (Learner::Chip(8, 4, Rounding::Stochastic), RGBColor(0, 140, 90)),
    (Learner::Chip(8, 4, Rounding::Nearest), RGBColor(150, 210, 120)),
    (Learner::Chip(4, 5, Rounding::Stochastic), RGBColor(210, 60, 0)),
    (Learner::Chip(4, 5, Rounding::Nearest), RGBColor(255, 170, 110)),
];

fn rate_of(learner: Learner) -> u32 {
    match learner {
        Learner::Chip(_, rate, _) | Learner::Hinge(rate) => rate,
        Learner::Softmax => 0,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, rest @ ..] = words.as_slice() else {
        return Err("usage: adapt FOLDER [SEEDS]".into());
    };
    let folder = Path::new(folder);
    let seeds: u64 = rest.first().map_or(Ok(5), |word| word.parse())?;
    let program = lowbit::program()?;
    let mut reader = csv::Reader::from_path(folder.join("digits.csv"))?;
    let mut rows: Vec<Picture> = Vec::new();
    for record in reader.deserialize() {
        let mut values: Vec<f64> = record?;
        let class = values.pop().unwrap_or(0.0) as usize;
        rows.push((values, class));
    }
    for (story, name) in STORIES {
        let all: Vec<Features> = (1..=seeds)
            .map(|seed| features(story, &rows, seed, folder, &program))
            .collect::<Result<_, _>>()?;
        println!("\n{name}: percent found after epochs, all (old classes, new ones)");
        println!("| learner | {} |", EPOCHS.map(|e| e.to_string()).join(" | "));
        println!("|---|{}", "---|".repeat(EPOCHS.len()));
        let mut curves = Vec::new();
        for (learner, color) in LEARNERS {
            let runs: Vec<Vec<Shares>> =
                all.iter().zip(1..).map(|(features, seed)| features.learn(learner, seed)).collect();
            // Mean and deviation over the seeds, after each number of epochs.
            let of = |at: usize, kind: usize| {
                let each: Vec<f64> = runs.iter().map(|run| 100.0 * run[at][kind]).collect();
                mean_and_deviation(&each)
            };
            let cell = |at| {
                let (mean, deviation) = of(at, 0);
                let kinds = match story.is_new() {
                    true => format!(" ({:.1}, {:.1})", of(at, 1).0, of(at, 2).0),
                    false => String::new(),
                };
                format!("{mean:.1} +- {deviation:.1}{kinds}")
            };
            let cells: Vec<String> = (0..EPOCHS.len()).map(cell).collect();
            println!("| {} | {} |", learner.name(), cells.join(" | "));
            let points = EPOCHS.iter().enumerate().map(|(at, &e)| (e as f64, of(at, 0).0));
            curves.push(Curve { name: learner.name(), color, points: points.collect() });
        }
        let plotted = Curves {
            title: format!("Digits found while the last layer learns: {name}"),
            x: "epochs",
            y: "percent".into(),
            range: ((0.0, EPOCHS[EPOCHS.len() - 1] as f64), (40.0, 100.0)),
            decades: false,
            curves,
        };
        plot::write(&folder.join(format!("adapt-{}.svg", story as u8 + 1)), &plotted)?;
    }
    Ok(())
}

/// What a story's seed has for the last layer.
fn features(
    story: Story,
    rows: &[Picture],
    seed: u64,
    folder: &Path,
    program: &Path,
) -> Result<Features, Box<dyn Error>> {
    let (mut train, mut test) = (Vec::new(), Vec::new());
    let numbers = order(seed, 0, rows.len());
    for (at, &i) in numbers.iter().enumerate() {
        let part = if at % 5 == 0 { &mut test } else { &mut train };
        part.push(&rows[i]);
    }
    let kind = if story.is_new() { "some" } else { "all" };
    let at = |end: &str| folder.join(format!("adapt-{kind}-{seed}{end}")).display().to_string();
    let (table, float, network) = (at(".csv"), at(".safetensors"), at(".json"));
    let mut out = csv::Writer::from_path(&table)?;
    let head = (0..64).map(|i| format!("p{i}")).chain(["class".into()]);
    out.write_record(head)?;
    for (picture, class) in train.iter().filter(|(_, class)| !story.is_new() || *class < 8) {
        out.write_record(picture.iter().map(f64::to_string).chain([class.to_string()]))?;
    }
    out.flush()?;
    let s = seed.to_string();
    let layers = "16,16,pool,32,pool";
    let pretrain = ["pretrain", &table, "--out", &float, "--seed", &s, "--network", layers];
    lowbit::report(program, &pretrain, Path::new(&at(".pretrain.json")))?;
    let quantize =
        ["quantize", &float, "--bits", "3", "--seed", &s, "--steps", "100", "--out", &network];
    lowbit::report(program, &quantize, Path::new(&at(".quantize.json")))?;
    let file: NetworkFile = serde_json::from_slice(&std::fs::read(&network)?)?;
    file.validate()?;
    let file = match story.is_new() {
        true => file.with_classes(&["8".into(), "9".into()])?,
        false => file,
    };
    let bits = file.input.bits;
    let given = |pictures: &[&Picture], all: bool| -> Vec<(Vec<u8>, usize)> {
        let own: Vec<&&Picture> = pictures
            .iter()
            .filter(|(_, class)| all || !matches!(story, Story::NewClassesAlone) || *class >= 8)
            .collect();
        each(own.len(), |i| {
            let (picture, class) = own[i];
            let image: Vec<u8> =
                story.seen(picture).iter().map(|&v| sample(v, LARGEST, bits)).collect();
            let mut activations = file.forward(&image).activations;
            (activations.pop().unwrap_or_default(), *class)
        })
    };
    let shapes = file.shapes();
    let input = shapes[file.layers.len() - 1];
    let last = NetworkFile {
        input: Shape { channels: input.size(), height: 1, width: 1, bits: input.bits },
        largest: None,
        layers: file.layers[file.layers.len() - 1..].to_vec(),
        ..file.clone()
    };
    last.validate()?;
    let (train, test) = (given(&train, false), given(&test, true));
    Ok(Features { last, train, test })
}
