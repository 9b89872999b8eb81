//! The computer's ear on the radio.

use std::{collections::HashMap, pin::Pin};

use async_trait::async_trait;
use btleplug::{
    api::{
        Central, CentralEvent, CentralState, Manager as _, Peripheral, ScanFilter, bleuuid::uuid_from_u16,
    },
    platform::{Adapter, Manager},
};
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;

use super::{ScanError, Scanner, is_advert};

/// The UUID assigned to FIDO, and its predecessor.
const UUIDS: [u16; 2] = [0xFFF9, 0xFDE2];

/// How many adverts wait for [`Scanner::next`]; the radio repeats those that are missed.
const QUEUE: usize = 32;

/// Scans with the system's Bluetooth.
#[derive(Debug)]
pub struct BtleplugScanner {
    adverts: mpsc::Receiver<Result<Vec<u8>, ScanError>>,
}

impl BtleplugScanner {
    /// Starts to scan with the adapter called `adapter` (such as `hci0`), or the first one that is on.
    ///
    /// # Errors
    /// [`ScanError`]
    pub async fn start(adapter: Option<&str>) -> Result<Self, ScanError> {
        let adapter = find(adapter).await?;
        let events = adapter.events().await?;
        // Phones do not list the service that their data belongs to, so a filter would hide them.
        adapter.start_scan(ScanFilter::default()).await?;
        let (sender, adverts) = mpsc::channel(QUEUE);
        tokio::spawn(async move {
            let left = sender.clone();
            tokio::select! {
                () = forward(&adapter, events, sender) => {}
                () = left.closed() => {}
            }
            let _ = adapter.stop_scan().await;
        });
        Ok(Self { adverts })
    }
}

#[async_trait]
impl Scanner for BtleplugScanner {
    async fn next(&mut self) -> Result<Vec<u8>, ScanError> {
        self.adverts.recv().await.unwrap_or(Err(ScanError::Off))
    }
}

/// The adapter called `name`, or the first one that is on. Starting to scan would switch others on,
/// which is for their owner to do.
async fn find(name: Option<&str>) -> Result<Adapter, ScanError> {
    #[cfg(target_os = "linux")]
    let name = Some(linux_name(name).await?);
    #[cfg(target_os = "linux")]
    let name = name.as_deref();

    for adapter in Manager::new().await?.adapters().await? {
        let is_wanted = match name {
            // On Linux this is the name, a blank and a description.
            Some(name) => adapter.adapter_info().await?.split(' ').next() == Some(name),
            None => true,
        };
        if is_wanted && adapter.adapter_state().await? != CentralState::PoweredOff {
            return Ok(adapter);
        }
    }
    Err(ScanError::Off)
}

/// Asks BlueZ itself, whose errors say more than what is left of them behind btleplug.
#[cfg(target_os = "linux")]
async fn linux_name(name: Option<&str>) -> Result<String, ScanError> {
    use super::bluez::{Bus, adapter_name};
    let path = Bus::connect()?.adapter(name, "org.bluez.Adapter1").await?;
    Ok(adapter_name(&path).to_owned())
}

type Events = Pin<Box<dyn Stream<Item = CentralEvent> + Send>>;

/// Hands on the service data of every advert until the radio is off.
async fn forward(adapter: &Adapter, mut events: Events, adverts: mpsc::Sender<Result<Vec<u8>, ScanError>>) {
    while let Some(event) = events.next().await {
        let service_data = match event {
            CentralEvent::ServiceDataAdvertisement { service_data, .. } => service_data,
            // A device that was seen first, or before: what it advertises comes with its properties.
            CentralEvent::DeviceDiscovered(id) => match adapter.peripheral(&id).await {
                Ok(device) => match device.properties().await {
                    Ok(Some(properties)) => properties.service_data,
                    _ => HashMap::new(),
                },
                // It has gone already.
                Err(_) => HashMap::new(),
            },
            CentralEvent::StateUpdate(CentralState::PoweredOff) => {
                let _ = adverts.try_send(Err(ScanError::Off));
                return;
            }
            _ => HashMap::new(),
        };
        for uuid in UUIDS {
            if let Some(advert) = service_data.get(&uuid_from_u16(uuid)).filter(|data| is_advert(data)) {
                // When nobody takes them, adverts are missed.
                let _ = adverts.try_send(Ok(advert.clone()));
            }
        }
    }
}
