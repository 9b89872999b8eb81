//! The table, for people and for programs.

use std::time::Duration;

use serde_json::{Value as Json, json};

/// One line of the table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) value: Value,
    /// 95 of 100 rounds took no longer.
    pub(crate) p95: Option<Duration>,
    pub(crate) rounds: usize,
    /// What it is measured beside, and as which multiple of that.
    pub(crate) beside: Option<(String, f64)>,
    pub(crate) target: Option<Target>,
}

/// A time is a median.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    Time(Duration),
    Bytes(u64),
    /// Times a second.
    Rate(f64),
}

impl Default for Value {
    fn default() -> Self {
        Value::Time(Duration::ZERO)
    }
}

/// What is aimed at: no more than this.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    Ratio(f64),
    Time(Duration),
    Bytes(u64),
}

impl Line {
    fn met(&self) -> Option<bool> {
        match (self.target?, self.value, &self.beside) {
            (Target::Ratio(most), _, Some((_, ratio))) => Some(*ratio <= most),
            (Target::Time(most), Value::Time(time), _) => Some(time <= most),
            (Target::Bytes(most), Value::Bytes(bytes), _) => Some(bytes <= most),
            _ => None,
        }
    }

    fn cells(&self) -> [String; 6] {
        let target = match self.target {
            Some(Target::Ratio(most)) => format!("≤ {most:.2}"),
            Some(Target::Time(most)) => format!("≤ {}", time(most)),
            Some(Target::Bytes(most)) => format!("≤ {}", size(most)),
            None => String::new(),
        };
        let met = match self.met() {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        let (beside, ratio) = match &self.beside {
            Some((beside, ratio)) => (beside.clone(), format!("{ratio:.3}")),
            None => Default::default(),
        };
        let value = match self.value {
            Value::Time(median) => time(median),
            Value::Bytes(bytes) => size(bytes),
            Value::Rate(rate) => format!("{rate:.0} /s"),
        };
        [self.what.clone(), value, ratio, beside, target, met.to_owned()]
    }

    fn json(&self) -> Json {
        let (median, bytes, rate) = match self.value {
            Value::Time(median) => (Some(micros(median)), None, None),
            Value::Bytes(bytes) => (None, Some(bytes), None),
            Value::Rate(rate) => (None, None, Some(rate)),
        };
        let target = self.target.map(|target| match target {
            Target::Ratio(most) => json!({ "ratio": most }),
            Target::Time(most) => json!({ "us": micros(most) }),
            Target::Bytes(most) => json!({ "bytes": most }),
        });
        json!({
            "what": self.what,
            "medianUs": median,
            "p95Us": self.p95.map(micros),
            "bytes": bytes,
            "perSecond": rate,
            "rounds": self.rounds,
            "beside": self.beside.as_ref().map(|(beside, _)| beside),
            "ratio": self.beside.as_ref().map(|(_, ratio)| ratio),
            "target": target,
            "met": self.met(),
        })
    }
}

/// A section in Markdown.
pub(crate) fn table(title: &str, lines: &[Line]) -> String {
    const HEADS: [&str; 6] = ["what", "median", "ratio", "beside", "target", ""];
    let rows: Vec<[String; 6]> = lines.iter().map(Line::cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEADS[column].len(), 3]).max().unwrap_or_default()
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let right = |column: usize| matches!(column, 1 | 2 | 4);
    let written = |cells: [&str; 6]| {
        let cells: Vec<String> = (0..6)
            .map(|column| {
                let width = widths[column];
                if right(column) {
                    format!("{:>width$}", cells[column])
                } else {
                    format!("{:width$}", cells[column])
                }
            })
            .collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut out = format!("### {title}\n\n{}", written(HEADS));
    let rules: [String; 6] = std::array::from_fn(|column| {
        format!("{}{}", "-".repeat(widths[column] - 1), if right(column) { ":" } else { "-" })
    });
    out += &written(std::array::from_fn(|column| rules[column].as_str()));
    for row in &rows {
        out += &written(std::array::from_fn(|column| row[column].as_str()));
    }
    out
}

/// A section for programs.
pub(crate) fn json(title: &str, lines: &[Line]) -> Json {
    json!({ "title": title, "lines": lines.iter().map(Line::json).collect::<Vec<_>>() })
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn time(time: Duration) -> String {
    match micros(time) {
        micros if micros < 1000.0 => format!("{micros:.1} µs"),
        micros => format!("{:.2} ms", micros / 1000.0),
    }
}

fn size(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
