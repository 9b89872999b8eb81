//! A private message bus.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use thiserror::Error;

/// A `dbus-daemon` on a socket in a temporary directory; both end when this is dropped.
#[derive(Debug)]
pub struct PrivateBus {
    daemon: Child,
    address: String,
    _directory: TempDir,
}

/// Why there is no bus.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BusError {
    /// The program is not installed.
    #[error("dbus-daemon is not installed; on Debian: apt-get install dbus")]
    NotInstalled,
    /// The temporary directory cannot be made, or the program cannot be started.
    #[error("dbus-daemon cannot be started: {0}")]
    Start(#[from] io::Error),
    /// The program ended without telling its address.
    #[error("dbus-daemon did not start to listen")]
    NotListening,
}

impl PrivateBus {
    /// Starts the bus and waits until it listens.
    ///
    /// # Errors
    /// [`BusError`]
    pub fn start() -> Result<Self, BusError> {
        let directory = tempfile::Builder::new().prefix("bluez-").tempdir()?;
        let configuration = directory.path().join("bus.conf");
        fs::write(&configuration, configure(&directory.path().join("bus")))?;
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", configuration.display()))
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => BusError::NotInstalled,
                _ => BusError::Start(error),
            })?;
        let mut address = String::new();
        if let Some(output) = daemon.stdout.take() {
            BufReader::new(output).read_line(&mut address)?;
        }
        let bus = Self { daemon, address: address.trim_end().to_owned(), _directory: directory };
        if bus.address.is_empty() { Err(BusError::NotListening) } else { Ok(bus) }
    }

    /// The address for `DBUS_SYSTEM_BUS_ADDRESS`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// A bus for this user on which everybody may do everything.
fn configure(socket: &Path) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    )
}
