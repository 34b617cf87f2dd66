//! Sound and tables through the staged codec, as a library.

use fixlearn::input::{self, wav, Cut, Samples, Scaling};
use fixlearn::link::open::Line;
use fixlearn::stages::choose::encode;
use fixlearn::stages::file::{decode, Decoded};
use fixlearn::stages::learn::{learn, Asked, Progress, Source};
use fixlearn::stages::{sound, vectors, Stage, KNOWN};
use fixlearn_sim::golden::cores::vq::{Config, Vq};
use hound::{SampleFormat, WavSpec, WavWriter};
use std::io::Cursor;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Stages of equal blocks.
fn stages(width: usize, codewords: &[usize], first_signed: bool) -> Vec<Stage> {
    let stage = |(i, &codewords): (usize, &usize)| {
        let signed = i > 0 || first_signed;
        Stage { width, height: 1, codewords, signed, split: false, contexts: KNOWN }
    };
    codewords.iter().enumerate().map(stage).collect()
}

/// Learned on the golden model, encoded and decoded.
fn through(source: &Source) -> Decoded {
    let line = Line::new("golden");
    let mut device = line.open(&Vq::new(Config::power_up(256, 64), 1)).expect("the golden model");
    let asked = Asked {
        stages: source.head.stages.clone(),
        passes: 5,
        frequency_passes: 0,
        group: source.head.frames,
        shares: Vec::new(),
        seed: 1,
        radius: 0,
    };
    let mut progress = Progress::new(asked, source);
    let stop = AtomicBool::new(false);
    let groups = learn(&mut device, source, &mut progress, &|_| Ok(()), &stop).expect("learned");
    let bytes = encode(&source.head, &groups, 0.0).expect("encoded").bytes;
    let decoded = decode(&bytes).expect("decoded");
    assert!(decoded.whole);
    decoded
}

fn file(spec: WavSpec, samples: &[i32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut wav = WavWriter::new(Cursor::new(&mut bytes), spec).expect("a file");
    samples.iter().for_each(|&s| wav.write_sample(s).expect("a sample"));
    wav.finalize().expect("a file");
    bytes
}

fn pcm(channels: u16, sample_rate: u32, bits_per_sample: u16) -> WavSpec {
    WavSpec { channels, sample_rate, bits_per_sample, sample_format: SampleFormat::Int }
}

/// Two tones a channel, the channels' samples in turn.
fn tones(channels: usize, samples: usize) -> Vec<i32> {
    let tone = |i: usize| {
        let (time, pitch) = ((i / channels) as f64, 0.05 + 0.03 * (i % channels) as f64);
        (9000.0 * (pitch * time).sin() + 4000.0 * (2.7 * pitch * time).sin()) as i32
    };
    (0..channels * samples).map(tone).collect()
}

/// What comes back of this sound: the samples of its channels in turn.
fn back(bytes: &[u8], codewords: &[usize]) -> (WavSpec, Vec<i32>) {
    let path = Path::new("sound.wav");
    let source = sound::source(path, bytes, stages(4, codewords, true)).expect("sound");
    let bytes = sound::wav(path, &through(&source)).expect("a file");
    let mut wav = hound::WavReader::new(&bytes[..]).expect("a file");
    (wav.spec(), wav.samples::<i32>().map(|s| s.expect("a sample")).collect())
}

fn snr(sound: &[i32], decoded: &[i32]) -> f64 {
    let signal: f64 = sound.iter().map(|&x| f64::from(x).powi(2)).sum();
    let error: f64 = sound.iter().zip(decoded).map(|(&x, &y)| f64::from(x - y).powi(2)).sum();
    10.0 * (signal / error).log10()
}

#[test]
fn sound_comes_back_with_its_rate_length_and_channels() {
    // A frame is 1024 samples: less than one, one, one more, and an odd number.
    for (channels, rate, samples) in
        [(1, 16000, 5001), (2, 44100, 3333), (1, 8000, 1024), (2, 48000, 1025), (1, 11025, 300)]
    {
        let given = tones(channels, samples);
        let spec = pcm(channels as u16, rate, 16);
        let (now, decoded) = back(&file(spec, &given), &[64, 64]);
        assert_eq!(now, spec);
        assert_eq!(decoded.len(), given.len());
        let snr = snr(&given, &decoded);
        assert!(snr > 20.0, "{channels} channels, {samples} samples: {snr:.1} dB");
    }
}

#[test]
fn more_stages_leave_less() {
    let given = tones(2, 4000);
    let file = file(pcm(2, 16000, 16), &given);
    let each = [&[32][..], &[32, 32], &[32, 32, 32]];
    let each = each.map(|codewords| snr(&given, &back(&file, codewords).1));
    assert!(each[0] > 8.0 && each[1] > each[0] + 3.0 && each[2] > each[1] + 3.0, "{each:?}");
}

#[test]
fn silence_is_silence_and_one_sample_is_one() {
    let mono = pcm(1, 16000, 16);
    assert_eq!(back(&file(mono, &[0; 2500]), &[4, 4]), (mono, vec![0; 2500]));
    for sample in [0, 1, -1, 12345, 32767, -32768] {
        let (_, decoded) = back(&file(mono, &[sample]), &[4, 4]);
        assert!(matches!(decoded[..], [now] if (now - sample).abs() <= 1), "{sample}: {decoded:?}");
    }
}

/// Other depths come back as the nearest samples of 16 bits would.
#[test]
fn other_depths_are_coded_as_16_bits() {
    let path = Path::new("sound.wav");
    let planes = |bytes: &[u8]| {
        sound::source(path, bytes, stages(4, &[4], true)).expect("sound").frames[0][0][..4].to_vec()
    };
    let deep = file(pcm(1, 8000, 24), &[256 * 1000, 256 * -1000 + 130, 127, -8_388_608]);
    assert_eq!(planes(&deep), [1000, -999, 0, -32768]);
    let flat = file(pcm(1, 8000, 8), &[0, 1, -128, 127]);
    assert_eq!(planes(&flat), [0, 256, -32768, 32512]);
    let sample_format = SampleFormat::Float;
    let spec = WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 32, sample_format };
    let mut bytes = Vec::new();
    let mut wav = WavWriter::new(Cursor::new(&mut bytes), spec).expect("a file");
    [0.5_f32, -1.0, 1.0, -7.5].iter().for_each(|&s| wav.write_sample(s).expect("a sample"));
    wav.finalize().expect("a file");
    assert_eq!(planes(&bytes), [16384, -32768, 32767, -32768]);
}

#[test]
fn what_is_no_sound_is_refused_in_a_line() {
    let path = Path::new("sound.wav");
    let refused = |bytes: &[u8], stages: Vec<Stage>, part: &str| {
        let e = sound::source(path, bytes, stages).expect_err(part).to_string();
        assert!(e.contains(part) && e.lines().count() == 1, "{e}");
    };
    let good = file(pcm(1, 16000, 16), &[1, 2, 3]);
    let signed = || stages(4, &[4], true);
    refused(&good, stages(4, &[4], false), "stages of sound are");
    refused(&good, Vec::new(), "stages of sound are");
    refused(&good, stages(300, &[4], true), "at most 256 wide");
    refused(&good[..30], signed(), "not a readable .wav file");
    refused(&file(pcm(1, 16000, 16), &[]), signed(), "holds no samples");
    refused(&file(pcm(3, 16000, 16), &[1, 2, 3]), signed(), "has 3 channels");
    let mut fast = good.clone();
    for rate in [0, 1_u32 << 30] {
        fast[24..28].copy_from_slice(&rate.to_le_bytes());
        fast[28..32].copy_from_slice(&(2 * rate).to_le_bytes());
        refused(&fast, signed(), &format!("says that it has {rate} samples a second"));
    }
    // Out of the codec: pictures are no sound.
    let source = sound::source(path, &good, signed()).expect("sound");
    let mut decoded = through(&source);
    assert!(vectors::table(&decoded).is_err());
    decoded.head.rate = 0;
    assert!(sound::wav(path, &decoded).is_err());
    decoded.head.content = fixlearn::stages::Content::Pictures;
    assert!(sound::wav(path, &decoded).is_err());
}

fn table(text: &str, header: bool) -> Samples {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("table.csv");
    std::fs::write(&path, text).expect("a table");
    let cut = Cut { block: 4, grey: true };
    let all = Default::default();
    input::load(&[path], cut, header, &all, Scaling::ByColumn).expect("a table")
}

/// As many codewords as there are different rows: all values come back.
#[test]
fn a_table_comes_back_with_its_names_and_units() {
    let row = |i: usize| format!("{},{},{}\n", i % 7, 0.25 * (i % 7) as f64 - 1.0, 1000 * (i % 7));
    for (header, rows) in [(true, 700), (false, 256), (true, 3)] {
        let names = if header { "a,b,c\n" } else { "" };
        let text: String = names.to_string() + &(0..rows).map(row).collect::<String>();
        let samples = table(&text, header);
        let source = vectors::source(&samples, stages(3, &[16], false)).expect("vectors");
        let back = vectors::table(&through(&source)).expect("a table");
        assert_eq!(back.values.len(), 3 * rows);
        assert_eq!(back.names, if header { ["a", "b", "c"] } else { ["1", "2", "3"] });
        assert_eq!(back.named, header);
        for (at, (now, was)) in back.values.iter().zip(&samples.given).enumerate() {
            let step = samples.quantization.of(at % 3).scale;
            assert!((now - was).abs() <= 0.51 * step, "value {at}: {now} for {was}");
        }
    }
}

/// Samples from -128 to 127 are the values.
#[test]
fn signed_samples_keep_their_signs() {
    let values: Vec<i8> = (0..512).map(|i| [-128, -1, 0, 127][i % 4]).collect();
    let mut samples = table("0,0\n", false);
    samples.layout = input::Layout::Table { rows: 256, columns: 2 };
    samples.vectors = values.iter().map(|&v| v as u8).collect();
    samples.quantization = input::Quantization { signed: true, ..input::Quantization::IDENTITY };
    let source = vectors::source(&samples, stages(2, &[8], false)).expect("vectors");
    let back = vectors::table(&through(&source)).expect("a table");
    assert_eq!(back.values, values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>());
}

#[test]
fn stages_that_do_not_fit_a_table_are_refused() {
    let samples = table("1,2\n3,4\n", false);
    for wrong in [stages(3, &[4], false), stages(2, &[4], true), Vec::new()] {
        let e = vectors::source(&samples, wrong).expect_err("stages").to_string();
        assert!(e.contains("blocks of 2 x 1") && e.lines().count() == 1, "{e}");
    }
    // Nor is a table taken from a file that does not say what its samples stand for.
    let source = vectors::source(&samples, stages(2, &[4], false)).expect("vectors");
    let whole = through(&source);
    let about = |about: &str| {
        let mut decoded = whole.clone();
        decoded.head.about = about.into();
        vectors::table(&decoded).expect_err(about)
    };
    assert!(about("").contains("does not say what its samples stand for"));
    let quantization = serde_json::to_string(&samples.quantization).expect("json");
    let one = format!("{{\"quantization\":{quantization},\"names\":[\"a\"]}}");
    assert!(about(&one).contains("1 names of 2 columns"));
}

#[test]
fn a_rate_is_read_as_it_was_written() {
    let path = Path::new("sound.wav");
    let bytes = wav::write(path, 2, 22050, [1, 2, 3, 4]).expect("a file");
    assert_eq!(wav::rate(path, &bytes).expect("a rate"), 22050);
    let table = wav::read(path, &bytes, false).expect("sound");
    assert_eq!((table.columns, table.rows()), (2, 2));
}
