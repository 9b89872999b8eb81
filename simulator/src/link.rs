//! How a role of the command line reaches the other one: by radio or over the simulator's air, and
//! through which tunnel service.

use std::path::Path;
use std::sync::Arc;

use latchkey_phone::ports::BleAdvertiser;
use latchkey_phone::tunnel::TunnelAddress;

use crate::air::{self, ScanError, Scanner, VirtualAir};
use crate::cli::Link;
use crate::commands::Failure;
use crate::exit;

impl Link {
    /// Sends the phone's advert.
    #[must_use]
    pub fn advertiser(&self) -> Arc<dyn BleAdvertiser> {
        match &self.air {
            Some(directory) => Arc::new(VirtualAir::new(directory)),
            None => radio(self.adapter.clone()),
        }
    }

    /// Hears the phone's advert.
    ///
    /// # Errors
    /// [`ScanError`]
    pub async fn scanner(&self) -> Result<Box<dyn Scanner>, ScanError> {
        match &self.air {
            Some(directory) => Ok(Box::new(VirtualAir::new(directory).listen()?)),
            None => Ok(Box::new(air::BtleplugScanner::start(self.adapter.as_deref()).await?)),
        }
    }

    /// The address in `--tunnel`.
    ///
    /// # Errors
    /// [`Failure`] for something that is not `HOST:PORT`.
    pub fn tunnel(&self) -> Result<Option<TunnelAddress>, Failure> {
        let Some(text) = &self.tunnel else { return Ok(None) };
        let usage = || Failure::new(exit::USAGE, format!("--tunnel: {text} is not HOST:PORT"));
        let (host, port) = text.rsplit_once(':').ok_or_else(usage)?;
        let port = port.parse().map_err(|_| usage())?;
        if host.is_empty() { Err(usage()) } else { Ok(Some(TunnelAddress { host: host.to_owned(), port })) }
    }

    /// The certificate authority in `--ca-file`.
    ///
    /// # Errors
    /// [`Failure`] when the file cannot be read.
    pub fn extra_ca(&self) -> Result<Option<Vec<u8>>, Failure> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| Failure::file(path, error));
        self.ca_file.as_deref().map(read).transpose()
    }
}

#[cfg(target_os = "linux")]
fn radio(adapter: Option<String>) -> Arc<dyn BleAdvertiser> {
    Arc::new(air::BlueZAdvertiser::new(adapter))
}

/// Elsewhere the radio belongs to the phone's shell.
#[cfg(not(target_os = "linux"))]
fn radio(_: Option<String>) -> Arc<dyn BleAdvertiser> {
    Arc::new(crate::ports::NoRadio)
}
