//! Adverts between processes without a radio: a directory is the air, and every listener has a
//! datagram socket in it.

use std::{
    fs, io,
    os::unix::{fs::FileTypeExt, net::UnixDatagram as StdUnixDatagram},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use latchkey_phone::ports::{AdvertError, Advertisement, BleAdvertiser};
use rand_core::{OsRng, RngCore};
use tokio::{net::UnixDatagram, task::JoinHandle, time};

use super::{ScanError, Scanner, is_advert};

/// As often as a phone in low-latency mode.
const INTERVAL: Duration = Duration::from_millis(100);

/// What the names of the listeners' sockets start with.
const PREFIX: &str = "listener-";

/// Air within a directory: whoever can write to it can advertise and listen.
#[derive(Clone, Debug)]
pub struct VirtualAir {
    directory: Arc<Path>,
}

impl VirtualAir {
    /// The air in `directory`, which is created when it is first used.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into().into() }
    }

    /// Starts to listen.
    ///
    /// # Errors
    /// [`ScanError::Directory`], also when its path is longer than the 80 bytes or so that the address
    /// of a Unix socket leaves.
    pub fn listen(&self) -> Result<VirtualScanner, ScanError> {
        fs::create_dir_all(&self.directory)?;
        let path = self.directory.join(format!("{PREFIX}{:016x}", OsRng.next_u64()));
        Ok(VirtualScanner { socket: UnixDatagram::bind(&path)?, path })
    }
}

#[async_trait]
impl BleAdvertiser for VirtualAir {
    async fn advertise(&self, service_data: &[u8; 20]) -> Result<Box<dyn Advertisement>, AdvertError> {
        let (directory, service_data) = (Arc::clone(&self.directory), *service_data);
        let socket = open_sender(&directory).map_err(|_| AdvertError::Failed)?;
        broadcast(&socket, &directory, &service_data).map_err(|_| AdvertError::Failed)?;

        let task = tokio::spawn(async move {
            let mut ticks = time::interval_at(time::Instant::now() + INTERVAL, INTERVAL);
            loop {
                ticks.tick().await;
                // The air may be gone; then nobody is there to hear.
                let _ = broadcast(&socket, &directory, &service_data);
            }
        });
        Ok(Box::new(VirtualAdvertisement(task)))
    }
}

fn open_sender(directory: &Path) -> io::Result<StdUnixDatagram> {
    fs::create_dir_all(directory)?;
    let socket = StdUnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Sends one advert to everybody who listens. Like on the radio, who is not ready misses it.
fn broadcast(socket: &StdUnixDatagram, directory: &Path, service_data: &[u8]) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let Ok(entry) = entry else { continue };
        let is_listener = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry.file_type().is_ok_and(|file_type| file_type.is_socket());
        if !is_listener {
            continue;
        }
        let listener = entry.path();
        if let Err(error) = socket.send_to(service_data, &listener)
            && error.kind() == io::ErrorKind::ConnectionRefused
        {
            // Its process died without removing it.
            let _ = fs::remove_file(listener);
        }
    }
    Ok(())
}

struct VirtualAdvertisement(JoinHandle<()>);

impl Advertisement for VirtualAdvertisement {}

impl Drop for VirtualAdvertisement {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A listener in a [`VirtualAir`].
#[derive(Debug)]
pub struct VirtualScanner {
    socket: UnixDatagram,
    path: PathBuf,
}

#[async_trait]
impl Scanner for VirtualScanner {
    async fn next(&mut self) -> Result<Vec<u8>, ScanError> {
        loop {
            // One byte more than an advert can have, so that what is longer shows.
            let mut buffer = [0; 253];
            let length = self.socket.recv(&mut buffer).await?;
            if let Some(service_data) = buffer.get(..length).filter(|data| is_advert(data)) {
                return Ok(service_data.to_vec());
            }
        }
    }
}

impl Drop for VirtualScanner {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests;
