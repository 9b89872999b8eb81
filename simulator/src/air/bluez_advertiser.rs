//! The phone's adverts through BlueZ.

use std::collections::HashMap;

use async_trait::async_trait;
use dbus::{
    Path,
    arg::{PropMap, Variant},
    channel::MatchingReceiver,
    message::MatchRule,
};
use dbus_crossroads::Crossroads;
use latchkey_phone::ports::{AdvertError, Advertisement, BleAdvertiser};

use super::bluez::{Bus, Fault};

const MANAGER: &str = "org.bluez.LEAdvertisingManager1";
const OBJECT: &str = "/org/latchkey/advertisement";

/// The UUID assigned to FIDO, 0xFFF9, in the form that BlueZ takes. It goes on the air as 16 bits, so
/// the advert has 24 of the 31 bytes that fit.
const FIDO: &str = "0000fff9-0000-1000-8000-00805f9b34fb";

/// Milliseconds: the shortest interval that every controller allows for an advert that is not
/// connectable. BlueZ would take 1.28 s, which a person waits for.
const INTERVAL: u32 = 100;

/// Advertises through BlueZ on the system bus (`org.bluez.LEAdvertisingManager1`).
#[derive(Clone, Debug, Default)]
pub struct BlueZAdvertiser {
    adapter: Option<String>,
}

impl BlueZAdvertiser {
    /// Uses the adapter with this name, such as `hci0`, or the first one that is on.
    #[must_use]
    pub fn new(adapter: Option<String>) -> Self {
        Self { adapter }
    }
}

#[async_trait]
impl BleAdvertiser for BlueZAdvertiser {
    async fn advertise(&self, service_data: &[u8; 20]) -> Result<Box<dyn Advertisement>, AdvertError> {
        let bus = Bus::connect()?;
        let adapter = bus.adapter(self.adapter.as_deref(), MANAGER).await?;
        export(&bus, service_data);
        let request = (Path::from(OBJECT), PropMap::new());
        let () = bus
            .object(&adapter)
            .method_call(MANAGER, "RegisterAdvertisement", request)
            .await
            .map_err(Fault::from)?;
        Ok(Box::new(BlueZAdvertisement { _bus: bus }))
    }
}

/// Puts the advert on the bus, where BlueZ reads it.
fn export(bus: &Bus, service_data: &[u8; 20]) {
    let mut objects = Crossroads::new();
    let interface = objects.register("org.bluez.LEAdvertisement1", |interface| {
        // Not connectable, and nothing but the service data: no name, no transmission power, no flags.
        interface.property("Type").get(|_, _| Ok("broadcast".to_owned()));
        interface.property("ServiceData").get(|_, service_data: &mut [u8; 20]| {
            Ok(HashMap::from([(FIDO.to_owned(), Variant(service_data.to_vec()))]))
        });
        interface.property("MinInterval").get(|_, _| Ok(INTERVAL));
        interface.property("MaxInterval").get(|_, _| Ok(INTERVAL));
        interface.method("Release", (), (), |_, _, ()| Ok(()));
    });
    objects.insert(OBJECT, &[interface], *service_data);
    let calls = MatchRule::new_method_call();
    bus.connection().start_receive(
        calls,
        Box::new(move |message, connection| {
            // Fails only when the bus is gone.
            let _ = objects.handle_message(message, connection);
            true
        }),
    );
}

/// The connection through which the advert was registered: BlueZ withdraws the advert when it is
/// closed, which also happens when this process dies.
struct BlueZAdvertisement {
    _bus: Bus,
}

impl Advertisement for BlueZAdvertisement {}
