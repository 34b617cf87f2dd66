use fixlearn::link::open::Line;
use fixlearn::stages::{choose, learn, Content, Head, Stage, KNOWN, LINE, PLAIN};
use fixlearn_sim::golden::cores::vq::{Config, Vq};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

fn head(frames: usize, side: usize, stages: Vec<Stage>) -> Head {
    Head {
        content: Content::Pictures,
        width: side,
        height: side,
        planes: 1,
        frames,
        samples: (frames * side * side) as u64,
        rate: 0,
        about: String::new(),
        stages,
    }
}

fn main() {
    let env = |n: &str, d: &str| std::env::var(n).unwrap_or(d.into());
    let frames: usize = env("FRAMES", "64").parse().unwrap();
    let side = 256;
    let pixels = fixlearn::demo::angiogram(frames, side);
    // STAGES=8x8x256,4x4x256s,2x2x64s
    let ctx = match env("CTX", "known").as_str() {
        "plain" => PLAIN,
        "line" => LINE,
        _ => KNOWN,
    };
    let stages: Vec<Stage> = env("STAGES", "8x8x256,4x4x256s,2x2x64s")
        .split(',')
        .enumerate()
        .map(|(i, t)| {
            let split = t.ends_with('s');
            let n: Vec<usize> =
                t.trim_end_matches('s').split('x').map(|n| n.parse().unwrap()).collect();
            Stage {
                width: n[0],
                height: n[1],
                codewords: n[2],
                signed: i > 0,
                split,
                contexts: ctx,
            }
        })
        .collect();
    let n = stages.len();
    let shares: Vec<u32> =
        env("SHARES", "1000,500,500").split(',').map(|s| s.parse().unwrap()).collect();
    let head = head(frames, side, stages.clone());
    let planes =
        pixels.chunks(side * side).map(|f| vec![f.iter().map(|&x| i16::from(x)).collect()]);
    let source = learn::Source::new(head.clone(), planes);
    let asked = learn::Asked {
        stages,
        passes: env("PASSES", "10").parse().unwrap(),
        frequency_passes: env("FREQ", "0").parse().unwrap(),
        group: env("GROUP", "64").parse().unwrap(),
        shares,
        seed: 1,
        radius: env("RADIUS", "0").parse().unwrap(),
    };
    let line = Line {
        port: "golden".into(),
        baud: None,
        wait: None,
        frame: None,
        size: None,
        faults: None,
        bitstream: None,
    };
    let mut device = line.open(&Vq::new(Config::power_up(256, 64), 1)).unwrap();
    let mut progress = learn::Progress::new(asked, &source);
    let t = Instant::now();
    let groups =
        learn::learn(&mut device, &source, &mut progress, &|_| Ok(()), &AtomicBool::new(false))
            .unwrap();
    println!("learned {n} stages in {:.1} s", t.elapsed().as_secs_f64());
    let samples = (frames * side * side) as f64;
    let show = |e: &choose::Encoded| {
        println!(
            "t {:9.3} bpp {:.3} (codebooks {:.3}) psnr {:.2} blocks {:?}",
            e.threshold,
            8.0 * e.bytes.len() as f64 / samples,
            8.0 * e.codebook_bytes as f64 / samples,
            10.0 * (65025.0 / (e.squared_error / samples)).log10(),
            e.blocks
        )
    };
    let t = Instant::now();
    show(&choose::encode(&head, &groups, 0.0).unwrap());
    println!("one encode {:.2} s", t.elapsed().as_secs_f64());
    if n > 1 {
        for r in env("RATES", "0.3,0.5,0.78,1.0").split(',') {
            let t = Instant::now();
            match choose::at_rate(&head, &groups, r.parse().unwrap()) {
                Ok(e) => {
                    show(&e);
                }
                Err(e) => println!("{e}"),
            }
            println!("   search {:.1} s", t.elapsed().as_secs_f64());
        }
    }
}
