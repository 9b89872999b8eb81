//! BlueZ, the Bluetooth service of Linux, on the system bus.

use std::{sync::Arc, time::Duration};

use dbus::{
    arg::prop_cast,
    nonblock::{Proxy, SyncConnection, stdintf::org_freedesktop_dbus::ObjectManager},
};
use latchkey_phone::ports::AdvertError;
use tokio::sync::oneshot;

use super::ScanError;

/// BlueZ answers at once or never.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to the system bus of its own; BlueZ forgets what was registered through it when it is
/// closed.
pub(super) struct Bus {
    connection: Arc<SyncConnection>,
    /// Closes the connection when dropped.
    _open: oneshot::Sender<()>,
}

/// Why BlueZ does not do what it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Off,
    NotPermitted,
    Failed,
}

impl Bus {
    /// Connects to the bus that `DBUS_SYSTEM_BUS_ADDRESS` names, or else the usual one.
    pub(super) fn connect() -> Result<Self, Fault> {
        // Without a bus there is no Bluetooth service.
        let (resource, connection) = dbus_tokio::connection::new_system_sync().map_err(|_| Fault::Off)?;
        let (open, closed) = oneshot::channel();
        let held = Arc::clone(&connection);
        tokio::spawn(async move {
            tokio::select! {
                _ = resource => {}
                _ = closed => {}
            }
            // Last, so that the reactor lets go of the socket before it is closed.
            drop(held);
        });
        Ok(Self { connection, _open: open })
    }

    pub(super) fn connection(&self) -> &Arc<SyncConnection> {
        &self.connection
    }

    /// An object of BlueZ.
    pub(super) fn object<'a>(&'a self, path: &'a str) -> Proxy<'a, &'a SyncConnection> {
        Proxy::new("org.bluez", path, TIMEOUT, &*self.connection)
    }

    /// Finds the adapter called `name` (such as `hci0`), or the first one that is on, among those that
    /// offer `interface`. Returns its object path.
    pub(super) async fn adapter(&self, name: Option<&str>, interface: &str) -> Result<String, Fault> {
        let objects = self.object("/").get_managed_objects().await?;
        let mut powered: Vec<String> = objects
            .into_iter()
            .filter(|(_, interfaces)| interfaces.contains_key(interface))
            .filter(|(_, interfaces)| {
                interfaces.get("org.bluez.Adapter1").and_then(|adapter| prop_cast(adapter, "Powered"))
                    == Some(&true)
            })
            .map(|(path, _)| path.to_string())
            .filter(|path| name.is_none_or(|name| adapter_name(path) == name))
            .collect();
        powered.sort_unstable();
        powered.into_iter().next().ok_or(Fault::Off)
    }
}

/// The name of the adapter at an object path.
pub(super) fn adapter_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl From<dbus::Error> for Fault {
    fn from(error: dbus::Error) -> Self {
        match error.name() {
            Some(
                "org.bluez.Error.NotReady"
                | "org.freedesktop.DBus.Error.ServiceUnknown"
                | "org.freedesktop.DBus.Error.NameHasNoOwner"
                | "org.freedesktop.DBus.Error.Disconnected",
            ) => Self::Off,
            // What BlueZ calls NotPermitted is an adapter that has no room for one more advertisement.
            Some("org.bluez.Error.NotAuthorized" | "org.freedesktop.DBus.Error.AccessDenied") => {
                Self::NotPermitted
            }
            _ => Self::Failed,
        }
    }
}

impl From<Fault> for AdvertError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Off => Self::Off,
            Fault::NotPermitted => Self::NotPermitted,
            Fault::Failed => Self::Failed,
        }
    }
}

impl From<Fault> for ScanError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Off => Self::Off,
            Fault::NotPermitted => Self::NotPermitted,
            Fault::Failed => Self::Service,
        }
    }
}
