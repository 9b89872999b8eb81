//! What a measurement ran on, as far as the system tells.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// Processor, cores, memory, load.
pub(crate) fn describe(folder: &Path) -> Value {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    json!({
        "system": format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        "processor": field("/proc/cpuinfo", "model name"),
        "cores": cores,
        "memory": field("/proc/meminfo", "MemTotal"),
        "fileSystem": file_system(folder),
        "load": fs::read_to_string("/proc/loadavg").ok().map(|load| {
            load.split(' ').take(3).collect::<Vec<_>>().join(" ")
        }),
    })
}

/// A field of a file with a `name: value` in each line.
pub(crate) fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The kind of the file system that a folder is on.
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (device, at, kind) = (words.next()?, words.next()?, words.next()?);
            folder.starts_with(at).then(|| (at.len(), format!("{kind} on {device}")))
        })
        .max()
        .map(|(_, found)| found)
}
