use std::io;
use std::path::{Path, PathBuf};

use latchkey_phone::Version;
use latchkey_phone::ports::{Availability, Device, DeviceFacts, Network, System};
use serde::Deserialize;

/// A phone whose circumstances a file tells, read whenever they are asked for: somebody who edits it
/// takes the network away from a phone that is running, or forbids it the camera. What the file does not
/// say is as it should be.
#[derive(Default)]
pub struct SimulatedDevice {
    script: Option<PathBuf>,
}

/// The file: JSON, every member optional.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Script {
    name: Option<String>,
    system: Option<ScriptedSystem>,
    system_version: Option<String>,
    app_version: Option<String>,
    provider: Option<Scripted>,
    camera: Option<Scripted>,
    bluetooth: Option<Scripted>,
    online: Option<bool>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ScriptedSystem {
    Ios,
    Android,
    Other,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scripted {
    Ready,
    Off,
    NotPermitted,
    Unknown,
}

impl SimulatedDevice {
    /// A phone that follows the file at `path`, if there is one.
    ///
    /// # Errors
    /// [`io::Error`] when the file is there and is not such a script.
    pub fn open(path: &Path) -> io::Result<Self> {
        read(path)?;
        Ok(SimulatedDevice { script: Some(path.to_owned()) })
    }

    /// A file that became unreadable says nothing.
    fn script(&self) -> Script {
        self.script.as_deref().and_then(|path| read(path).ok()).unwrap_or_default()
    }
}

fn read(path: &Path) -> io::Result<Script> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Script::default()),
        Err(error) => Err(error),
    }
}

impl Device for SimulatedDevice {
    fn facts(&self) -> DeviceFacts {
        let script = self.script();
        let version = |text: Option<String>, usual| text.and_then(|text| text.parse().ok()).unwrap_or(usual);
        DeviceFacts {
            name: script.name.unwrap_or_else(|| "Simulated phone".to_owned()),
            system: script.system.map_or(System::Other, System::from),
            system_version: version(script.system_version, Version::new(1, 0, 0)),
            // The first version of such an app that could hold passkeys for workstations.
            app_version: version(script.app_version, Version::new(10, 5, 0)),
            provider: availability(script.provider),
            camera: availability(script.camera),
            bluetooth: availability(script.bluetooth),
        }
    }
}

impl Network for SimulatedDevice {
    /// What is not reachable all the same shows when it is called.
    fn is_online(&self) -> bool {
        self.script().online.unwrap_or(true)
    }
}

impl From<ScriptedSystem> for System {
    fn from(system: ScriptedSystem) -> Self {
        match system {
            ScriptedSystem::Ios => System::Ios,
            ScriptedSystem::Android => System::Android,
            ScriptedSystem::Other => System::Other,
        }
    }
}

fn availability(scripted: Option<Scripted>) -> Availability {
    match scripted {
        None | Some(Scripted::Ready) => Availability::Ready,
        Some(Scripted::Off) => Availability::Off,
        Some(Scripted::NotPermitted) => Availability::NotPermitted,
        Some(Scripted::Unknown) => Availability::Unknown,
    }
}

#[cfg(test)]
mod tests;
