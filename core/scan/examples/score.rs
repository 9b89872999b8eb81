//! Scores the reader on a directory of frames made by `fixtures/qr-frames/make_set.py`, beside plain rqrr in the same
//! run: share of the expected texts returned exactly, wrong texts, and time per frame.
//!
//! `cargo run --release -p latchkey-scan --example score -- DIR [--json] [--repeat N] [--misses] [--no-rqrr]`
//!
//! With `--repeat` each frame counts with the fastest of N runs, which takes the other load of the machine out.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::time::Instant;

use latchkey_scan::{Effort, Frame, read_texts};
use serde_json::{Value, json};

struct Picture {
    width: usize,
    height: usize,
    luma: Vec<u8>,
}

type Reader = fn(&Picture) -> Vec<String>;

/// The readers that are compared.
const READERS: [(&str, Reader); 3] = [
    ("rqrr", |picture| {
        let at = |x, y| picture.luma.get(y * picture.width + x).copied().unwrap_or(0);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(picture.width, picture.height, at);
        image.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
    }),
    ("preview", |picture| read(picture, Effort::Preview)),
    ("photo", |picture| read(picture, Effort::Photo)),
];

fn read(picture: &Picture, effort: Effort) -> Vec<String> {
    Frame::new(picture.width, picture.height, picture.width, &picture.luma)
        .map(|frame| read_texts(&frame, effort))
        .unwrap_or_default()
}

/// What one reader did on the frames of one category.
#[derive(Default, Clone)]
struct Score {
    expected: usize,
    hits: usize,
    wrong: usize,
    millis: Vec<f64>,
}

impl Score {
    fn count(&mut self, expected: &[String], texts: &[String], millis: f64) {
        self.expected += expected.len();
        self.hits += expected.iter().filter(|text| texts.contains(text)).count();
        self.wrong += texts.iter().filter(|text| !expected.contains(text)).count();
        self.millis.push(millis);
    }

    fn add(&mut self, other: &Score) {
        self.expected += other.expected;
        self.hits += other.hits;
        self.wrong += other.wrong;
        self.millis.extend(&other.millis);
    }

    fn rate(&self) -> f64 {
        100.0 * self.hits as f64 / self.expected.max(1) as f64
    }

    /// Median, mean and maximum.
    fn times(&self) -> (f64, f64, f64) {
        let mut sorted = self.millis.clone();
        sorted.sort_by(f64::total_cmp);
        let mean = sorted.iter().sum::<f64>() / sorted.len().max(1) as f64;
        (sorted.get(sorted.len() / 2).copied().unwrap_or(0.0), mean, sorted.last().copied().unwrap_or(0.0))
    }

    fn json(&self) -> Value {
        let (median, mean, max) = self.times();
        json!({ "expected": self.expected, "hits": self.hits, "rate": self.rate(), "wrong": self.wrong,
            "frames": self.millis.len(), "median_ms": median, "mean_ms": mean, "max_ms": max })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let flag = |name: &str| arguments.iter().any(|argument| argument == name);
    let dir = arguments.first().ok_or("which directory of frames?")?;
    let repeat = arguments.iter().skip_while(|argument| *argument != "--repeat").nth(1);
    let repeat = repeat.map_or(Ok(1), |n| n.parse::<usize>())?;

    let mut scores: BTreeMap<String, Vec<Score>> = BTreeMap::new();
    for line in fs::read_to_string(Path::new(dir).join("manifest.jsonl"))?.lines() {
        let entry: Value = serde_json::from_str(line)?;
        let field = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        let expected: Vec<String> = entry
            .get("expect")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        let picture = load(&Path::new(dir).join(field("file")))?;
        let category = scores
            .entry(field("category").to_owned())
            .or_insert_with(|| vec![Score::default(); READERS.len()]);
        for ((name, reader), score) in READERS.iter().zip(category) {
            if *name == "rqrr" && flag("--no-rqrr") {
                continue;
            }
            let mut fastest = f64::MAX;
            let mut texts = Vec::new();
            for _ in 0..repeat {
                let start = Instant::now();
                texts = reader(&picture);
                fastest = fastest.min(start.elapsed().as_secs_f64() * 1e3);
            }
            score.count(&expected, &texts, fastest);
            if flag("--misses") && *name != "rqrr" {
                let missed = expected.iter().filter(|text| !texts.contains(text)).count();
                if missed > 0 {
                    eprintln!("{name}: {missed} missed in {} ({})", field("file"), field("category"));
                }
            }
        }
    }

    let mut with_code = vec![Score::default(); READERS.len()];
    let mut all = with_code.clone();
    for (category, readers) in &scores {
        for ((code, all), score) in with_code.iter_mut().zip(&mut all).zip(readers) {
            all.add(score);
            if category != "negative" {
                code.add(score);
            }
        }
    }
    scores.insert("~ all with a code".into(), with_code);
    scores.insert("~ all frames".into(), all);
    if flag("--json") {
        println!("{}", serde_json::to_string_pretty(&to_json(&scores))?);
    } else {
        print_table(&scores);
    }
    Ok(())
}

fn load(path: &Path) -> Result<Picture, Box<dyn Error>> {
    let mut reader = png::Decoder::new(BufReader::new(File::open(path)?)).read_info()?;
    let mut luma = vec![0; reader.output_buffer_size().ok_or("the picture is too large")?];
    let info = reader.next_frame(&mut luma)?;
    if info.color_type != png::ColorType::Grayscale || info.bit_depth != png::BitDepth::Eight {
        return Err(format!("{}: not 8-bit luma", path.display()).into());
    }
    Ok(Picture { width: info.width as usize, height: info.height as usize, luma })
}

fn to_json(scores: &BTreeMap<String, Vec<Score>>) -> Value {
    let category = |readers: &Vec<Score>| -> Value {
        READERS.iter().zip(readers).map(|((name, _), score)| ((*name).to_owned(), score.json())).collect()
    };
    scores.iter().map(|(name, readers)| (name.clone(), category(readers))).collect()
}

fn print_table(scores: &BTreeMap<String, Vec<Score>>) {
    print!("{:18}", "");
    for (name, _) in READERS {
        print!(" | {name:^39}");
    }
    print!("\n{:18}", "category");
    for _ in READERS {
        print!(" | {:>7} {:>5} {:>7} {:>7} {:>9}", "read %", "wrong", "median", "mean", "max ms");
    }
    println!();
    for (category, readers) in scores {
        print!("{:18}", category.trim_start_matches("~ "));
        for score in readers {
            let (median, mean, max) = score.times();
            print!(" | {:7.1} {:5} {median:7.2} {mean:7.2} {max:9.2}", score.rate(), score.wrong);
        }
        println!();
    }
}
