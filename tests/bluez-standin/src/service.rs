//! The service on the bus.

use std::{
    ffi::CString,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use dbus::{
    Message, Path,
    channel::{Channel, MatchingReceiver, Sender},
    message::MatchRule,
    nonblock::{
        MsgMatch, Proxy, SyncConnection,
        stdintf::org_freedesktop_dbus::{Properties, RequestNameReply},
    },
    strings::{ErrorName, Interface, Member},
};
use thiserror::Error;
use tokio::{sync::oneshot, time};

use crate::{
    adapter::adapter_path,
    advert::{Content, Refusal},
    calls,
    radio::{Adapter, Change, Radio},
    value::{to_map, to_maps},
};

/// As often as a phone in low-latency mode.
const INTERVAL: Duration = Duration::from_millis(100);

/// BlueZ without a radio; it leaves the bus when it is dropped.
pub struct Standin {
    shared: Arc<Shared>,
    _departures: MsgMatch,
    _running: oneshot::Sender<()>,
}

/// Why the service does not run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StandinError {
    /// The bus is not there, or does not do what it should.
    #[error("the bus: {0}")]
    Bus(#[from] dbus::Error),
    /// Another program is `org.bluez` on this bus.
    #[error("org.bluez is taken on this bus")]
    NameTaken,
    /// No adapter has this name.
    #[error("there is no such adapter")]
    NoSuchAdapter,
}

/// What the calls of all clients work on.
pub(crate) struct Shared {
    connection: Arc<SyncConnection>,
    radio: Mutex<Radio>,
}

impl Standin {
    /// Becomes `org.bluez` on the bus at `address`, with these adapters.
    ///
    /// # Errors
    /// [`StandinError`]
    pub async fn start(address: &str, adapters: Vec<Adapter>) -> Result<Self, StandinError> {
        let mut channel = Channel::open_private(address)?;
        channel.register()?;
        let (resource, connection) = dbus_tokio::connection::from_channel::<SyncConnection>(channel)?;
        let (running, mut stopped) = oneshot::channel();
        let held = Arc::clone(&connection);
        tokio::spawn(async move {
            tokio::select! {
                _ = resource => {}
                _ = &mut stopped => {}
            }
            // Last, so that the reactor lets go of the socket before it is closed.
            drop(held);
        });

        let shared = Arc::new(Shared { connection, radio: Mutex::new(Radio::new(adapters)) });
        // The connection keeps what it calls, so that must not keep the connection.
        let weak = Arc::downgrade(&shared);
        let on_call = move |call, _: &SyncConnection| {
            if let Some(shared) = weak.upgrade() {
                calls::answer(&shared, call);
            }
            true
        };
        shared.connection.start_receive(MatchRule::new_method_call(), Box::new(on_call));

        let weak = Arc::downgrade(&shared);
        let departures = MatchRule::new_signal("org.freedesktop.DBus", "NameOwnerChanged");
        let departures = shared.connection.add_match(departures).await?.cb(
            move |_, (name, _, new_owner): (String, String, String)| {
                if let Some(shared) = weak.upgrade()
                    && new_owner.is_empty()
                {
                    // Cannot be refused.
                    let _ = shared.change(|radio| Ok(radio.forget(&name)));
                }
                true
            },
        );

        let weak = Arc::downgrade(&shared);
        tokio::spawn(async move {
            let mut ticks = time::interval(INTERVAL);
            loop {
                ticks.tick().await;
                let Some(shared) = weak.upgrade() else { return };
                let _ = shared.change(|radio| Ok(radio.repeat()));
            }
        });

        // When the name is there, everything behind it is.
        match shared.connection.request_name("org.bluez", false, false, true).await? {
            RequestNameReply::PrimaryOwner => Ok(Self { shared, _departures: departures, _running: running }),
            _ => Err(StandinError::NameTaken),
        }
    }

    /// Switches an adapter on or off, as its owner does.
    ///
    /// # Errors
    /// [`StandinError::NoSuchAdapter`]
    pub fn set_powered(&self, adapter: &str, powered: bool) -> Result<(), StandinError> {
        let path = adapter_path(adapter);
        self.shared.change(|radio| radio.power(&path, powered)).map_err(|_| StandinError::NoSuchAdapter)
    }
}

impl Shared {
    pub(crate) fn radio(&self) -> MutexGuard<'_, Radio> {
        self.radio.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something and tells the bus, in the same order for everybody.
    pub(crate) fn change(
        &self,
        change: impl FnOnce(&mut Radio) -> Result<Vec<Change>, Refusal>,
    ) -> Result<(), Refusal> {
        let mut radio = self.radio();
        for change in change(&mut radio)? {
            if let Some(message) = to_message(change) {
                // Fails only when the bus is gone.
                let _ = self.connection.send(message);
            }
        }
        Ok(())
    }

    /// Reads what a client wants to be advertised, and advertises it.
    pub(crate) async fn register(
        &self,
        adapter: &str,
        client: &str,
        object: Path<'static>,
    ) -> Result<(), Refusal> {
        let proxy = Proxy::new(client, object.clone(), Duration::from_secs(5), &*self.connection);
        let properties = proxy
            .get_all("org.bluez.LEAdvertisement1")
            .await
            .map_err(|_| Refusal("org.bluez.Error.Failed", "Failed to parse advertisement."))?;
        let content = Content::parse(&properties)?;
        self.change(|radio| radio.register(adapter, client, &object, content, random_address()))
    }

    pub(crate) fn reply(&self, call: &Message, result: Result<Message, Refusal>) {
        if call.get_no_reply() {
            return;
        }
        let reply = result.unwrap_or_else(|Refusal(name, message)| {
            let name = ErrorName::new(name).unwrap_or_else(|_| "org.bluez.Error.Failed".into());
            call.error(&name, &CString::new(message).unwrap_or_default())
        });
        let _ = self.connection.send(reply);
    }
}

/// A random address that cannot be resolved: its two highest bits are zero.
fn random_address() -> String {
    let random = RandomState::new().hash_one(0).to_be_bytes();
    let [a, b, c, d, e, f, ..] = random;
    format!("{:02X}:{b:02X}:{c:02X}:{d:02X}:{e:02X}:{f:02X}", a & 0x3F)
}

fn to_message(change: Change) -> Option<Message> {
    let signal = |path: &str, interface: &str, member: &str| {
        let (path, interface, member) =
            (Path::new(path).ok()?, Interface::new(interface).ok()?, Member::new(member).ok()?);
        Some(Message::signal(&path, &interface, &member))
    };
    let manager = |member| signal("/", "org.freedesktop.DBus.ObjectManager", member);
    match change {
        Change::Added { path, interfaces } => {
            Some(manager("InterfacesAdded")?.append2(Path::new(path).ok()?, to_maps(interfaces)))
        }
        Change::Removed { path, interfaces } => {
            let interfaces: Vec<String> = interfaces.into_iter().map(str::to_owned).collect();
            Some(manager("InterfacesRemoved")?.append2(Path::new(path).ok()?, interfaces))
        }
        Change::Properties { path, interface, changed, gone } => {
            let gone: Vec<String> = gone.into_iter().map(str::to_owned).collect();
            let message = signal(&path, "org.freedesktop.DBus.Properties", "PropertiesChanged")?;
            Some(message.append3(interface, to_map(changed), gone))
        }
        Change::Released { client, object } => {
            let mut call =
                Message::new_method_call(client, object, "org.bluez.LEAdvertisement1", "Release").ok()?;
            call.set_no_reply(true);
            Some(call)
        }
    }
}
