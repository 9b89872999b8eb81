//! The air between phone and computer, in one process.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use latchkey_phone::ports::{AdvertError, Advertisement, BleAdvertiser};
use latchkey_simulator::air::{ScanError, Scanner};

/// How the phone's radio behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Radio {
    /// As it should.
    On,
    /// It refuses with this error.
    Refuses(AdvertError),
    /// It never says whether it has started.
    Hangs,
}

/// The air: what is advertised at the moment, and what ever was.
#[derive(Clone)]
pub struct Air(Arc<Mutex<State>>);

struct State {
    radio: Radio,
    on_air: Vec<[u8; 20]>,
    all: Vec<[u8; 20]>,
}

impl Default for Air {
    fn default() -> Self {
        Air(Arc::new(Mutex::new(State { radio: Radio::On, on_air: Vec::new(), all: Vec::new() })))
    }
}

impl Air {
    /// Sets how the radio behaves from now on.
    pub fn set_radio(&self, radio: Radio) {
        self.0.lock().unwrap().radio = radio;
    }

    /// What is advertised at the moment.
    #[must_use]
    pub fn on_air(&self) -> Vec<[u8; 20]> {
        self.0.lock().unwrap().on_air.clone()
    }

    /// Every advert that was ever sent, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<[u8; 20]> {
        self.0.lock().unwrap().all.clone()
    }

    /// Listens to what is sent.
    #[must_use]
    pub fn listen(&self) -> Ears {
        self.listen_through(|advert| vec![advert.to_vec()])
    }

    /// Listens to what `meddle` makes of each advert that is sent.
    #[must_use]
    pub fn listen_through(&self, meddle: impl FnMut(&[u8; 20]) -> Vec<Vec<u8>> + Send + 'static) -> Ears {
        Ears { air: self.clone(), meddle: Box::new(meddle), queue: VecDeque::new() }
    }
}

#[async_trait]
impl BleAdvertiser for Air {
    async fn advertise(&self, service_data: &[u8; 20]) -> Result<Box<dyn Advertisement>, AdvertError> {
        let radio = self.0.lock().unwrap().radio;
        match radio {
            Radio::On => {}
            Radio::Refuses(error) => return Err(error),
            Radio::Hangs => pending().await,
        }
        let mut state = self.0.lock().unwrap();
        state.on_air.push(*service_data);
        state.all.push(*service_data);
        Ok(Box::new(Running { air: self.clone(), service_data: *service_data }))
    }
}

struct Running {
    air: Air,
    service_data: [u8; 20],
}

impl Advertisement for Running {}

impl Drop for Running {
    fn drop(&mut self) {
        self.air.0.lock().unwrap().on_air.retain(|advert| *advert != self.service_data);
    }
}

/// Makes of an advert what is heard.
type Meddle = dyn FnMut(&[u8; 20]) -> Vec<Vec<u8>> + Send;

/// A computer's ears.
pub struct Ears {
    air: Air,
    meddle: Box<Meddle>,
    queue: VecDeque<Vec<u8>>,
}

#[async_trait]
impl Scanner for Ears {
    async fn next(&mut self) -> Result<Vec<u8>, ScanError> {
        loop {
            if let Some(advert) = self.queue.pop_front() {
                return Ok(advert);
            }
            // A phone sends the same advert again and again.
            tokio::time::sleep(Duration::from_millis(1)).await;
            for advert in self.air.on_air() {
                self.queue.extend((self.meddle)(&advert));
            }
        }
    }
}
