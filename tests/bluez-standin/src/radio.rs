//! The adapters, the adverts between them, and what programs have asked of them. Nothing here knows the
//! bus; every change says what the bus has to be told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    adapter::{
        ADAPTER, ADVERTISING, DEVICE, adapter_interfaces, adapter_path, device_interfaces, device_path,
    },
    advert::{Content, Filter, Refusal},
    value::{Interfaces, Properties, Value},
};

/// Adverts that one adapter can send at a time.
pub(crate) const INSTANCES: usize = 5;

/// An adapter to begin with.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// Such as `hci0`.
    pub name: String,
    /// Whether it is on.
    pub powered: bool,
}

impl Adapter {
    /// An adapter that is on.
    pub fn on(name: &str) -> Self {
        Self { name: name.to_owned(), powered: true }
    }

    /// An adapter that is off.
    pub fn off(name: &str) -> Self {
        Self { name: name.to_owned(), powered: false }
    }
}

/// All adapters and adverts.
#[derive(Debug, Default)]
pub(crate) struct Radio {
    adapters: Vec<AdapterState>,
    adverts: BTreeMap<u64, Advert>,
    /// How many adverts there have been.
    sent: u64,
}

#[derive(Debug)]
pub(crate) struct AdapterState {
    pub(crate) name: String,
    pub(crate) alias: String,
    pub(crate) address: String,
    pub(crate) powered: bool,
    pub(crate) discoverable: bool,
    pub(crate) pairable: bool,
    /// The clients that discover, by their name on the bus.
    sessions: BTreeSet<String>,
    /// What each client wants to discover.
    filters: HashMap<String, Filter>,
    /// The adverts that are devices here.
    heard: BTreeSet<u64>,
}

impl AdapterState {
    pub(crate) fn is_discovering(&self) -> bool {
        !self.sessions.is_empty()
    }

    fn hears(&self, advert: &Advert) -> bool {
        self.sessions.iter().any(|client| match self.filters.get(client) {
            Some(filter) => filter.matches(&advert.content),
            // Without any filter only what says that it is discoverable becomes a device.
            None => advert.content.discoverable,
        })
    }

    fn wants_duplicates(&self) -> bool {
        self.sessions
            .iter()
            .any(|client| self.filters.get(client).is_some_and(|filter| filter.duplicate_data))
    }
}

/// An advert on the air.
#[derive(Debug)]
pub(crate) struct Advert {
    /// The client that registered it, and its object there.
    client: String,
    object: String,
    adapter: String,
    /// A random private address, fresh for each advert.
    pub(crate) address: String,
    pub(crate) rssi: i16,
    pub(crate) content: Content,
}

/// What the bus has to be told.
#[derive(Debug, PartialEq)]
pub(crate) enum Change {
    Added {
        path: String,
        interfaces: Interfaces,
    },
    Removed {
        path: String,
        interfaces: Vec<&'static str>,
    },
    Properties {
        path: String,
        interface: &'static str,
        changed: Properties,
        gone: Vec<&'static str>,
    },
    /// An advert ended although its client did not ask for that.
    Released {
        client: String,
        object: String,
    },
}

impl Radio {
    pub(crate) fn new(adapters: Vec<Adapter>) -> Self {
        let adapters = adapters
            .into_iter()
            .zip(0_u8..)
            .map(|(Adapter { name, powered }, number)| AdapterState {
                alias: name.clone(),
                name,
                address: format!("00:1A:7D:DA:71:{number:02X}"),
                powered,
                discoverable: false,
                pairable: false,
                sessions: BTreeSet::new(),
                filters: HashMap::new(),
                heard: BTreeSet::new(),
            })
            .collect();
        Self { adapters, ..Self::default() }
    }

    /// Every object below `/org/bluez`.
    pub(crate) fn objects(&self) -> BTreeMap<String, Interfaces> {
        let mut objects = BTreeMap::new();
        for adapter in &self.adapters {
            objects
                .insert(adapter_path(&adapter.name), adapter_interfaces(adapter, self.active(&adapter.name)));
            for advert in adapter.heard.iter().filter_map(|id| self.adverts.get(id)) {
                let path = device_path(&adapter.name, &advert.address);
                objects.insert(path, device_interfaces(adapter, advert));
            }
        }
        objects
    }

    /// Starts to discover for a client.
    pub(crate) fn start_discovery(&mut self, path: &str, client: &str) -> Result<Vec<Change>, Refusal> {
        let adapter = self.adapter_mut(path)?;
        if !adapter.powered {
            return Err(Refusal("org.bluez.Error.NotReady", "Resource Not Ready"));
        }
        if !adapter.sessions.insert(client.to_owned()) {
            return Err(Refusal("org.bluez.Error.InProgress", "Operation already in progress"));
        }
        let mut changes = Vec::new();
        if adapter.sessions.len() == 1 {
            changes.push(discovering(adapter));
        }
        self.listen(&mut changes);
        Ok(changes)
    }

    /// Stops to discover for a client.
    pub(crate) fn stop_discovery(&mut self, path: &str, client: &str) -> Result<Vec<Change>, Refusal> {
        let adapter = self.adapter_mut(path)?;
        if !adapter.sessions.remove(client) {
            return Err(Refusal("org.bluez.Error.Failed", "No discovery started"));
        }
        Ok(self.after_session(path))
    }

    /// Sets or removes the filter of a client.
    pub(crate) fn filter(
        &mut self,
        path: &str,
        client: &str,
        filter: Option<Filter>,
    ) -> Result<Vec<Change>, Refusal> {
        let adapter = self.adapter_mut(path)?;
        match filter {
            Some(filter) => adapter.filters.insert(client.to_owned(), filter),
            None => adapter.filters.remove(client),
        };
        let mut changes = Vec::new();
        self.listen(&mut changes);
        Ok(changes)
    }

    /// Puts an advert on the air.
    pub(crate) fn register(
        &mut self,
        path: &str,
        client: &str,
        object: &str,
        content: Content,
        address: String,
    ) -> Result<Vec<Change>, Refusal> {
        let adapter = self.adapter_mut(path)?;
        let (name, powered) = (adapter.name.clone(), adapter.powered);
        if !powered {
            return Err(Refusal("org.bluez.Error.NotReady", "Resource Not Ready"));
        }
        if self.advert(path, client, object).is_some() {
            return Err(Refusal("org.bluez.Error.AlreadyExists", "Already Exists"));
        }
        if self.active(&name) >= INSTANCES {
            return Err(Refusal("org.bluez.Error.NotPermitted", "Maximum advertisements reached"));
        }
        self.sent = self.sent.wrapping_add(1);
        let advert = Advert {
            client: client.to_owned(),
            object: object.to_owned(),
            adapter: name.clone(),
            address,
            rssi: -45,
            content,
        };
        self.adverts.insert(self.sent, advert);
        let mut changes = vec![self.instances(&name)];
        self.listen(&mut changes);
        Ok(changes)
    }

    /// Takes an advert off the air.
    pub(crate) fn unregister(
        &mut self,
        path: &str,
        client: &str,
        object: &str,
    ) -> Result<Vec<Change>, Refusal> {
        self.adapter_mut(path)?;
        let id = self
            .advert(path, client, object)
            .ok_or(Refusal("org.bluez.Error.DoesNotExist", "Does Not Exist"))?;
        let mut changes = Vec::new();
        self.silence(|other, _| other == id, &mut changes);
        Ok(changes)
    }

    /// Forgets a client that has left the bus.
    pub(crate) fn forget(&mut self, client: &str) -> Vec<Change> {
        let mut changes = Vec::new();
        self.silence(|_, advert| advert.client == client, &mut changes);
        let mut ended = Vec::new();
        for adapter in &mut self.adapters {
            adapter.filters.remove(client);
            if adapter.sessions.remove(client) {
                ended.push(adapter_path(&adapter.name));
            }
        }
        for path in ended {
            changes.extend(self.after_session(&path));
        }
        changes
    }

    /// Switches an adapter on or off.
    pub(crate) fn power(&mut self, path: &str, powered: bool) -> Result<Vec<Change>, Refusal> {
        let adapter = self.adapter_mut(path)?;
        if adapter.powered == powered {
            return Ok(Vec::new());
        }
        let name = adapter.name.clone();
        let was_discovering = adapter.is_discovering();
        adapter.powered = powered;
        adapter.sessions.clear();
        let heard = std::mem::take(&mut adapter.heard);
        let mut changed = vec![("Powered", Value::Bool(powered))];
        if was_discovering {
            changed.push(("Discovering", Value::Bool(false)));
        }
        let mut changes =
            vec![Change::Properties { path: path.to_owned(), interface: ADAPTER, changed, gone: Vec::new() }];
        for advert in heard.iter().filter_map(|id| self.adverts.get(id)) {
            changes.push(removed(&name, advert));
        }
        if !powered {
            for advert in self.adverts.values().filter(|advert| advert.adapter == name) {
                let (client, object) = (advert.client.clone(), advert.object.clone());
                changes.push(Change::Released { client, object });
            }
            self.silence(|_, advert| advert.adapter == name, &mut changes);
        }
        Ok(changes)
    }

    /// Sets one of the other properties of an adapter that can be set.
    pub(crate) fn set(&mut self, path: &str, name: &str, value: Value) -> Result<Vec<Change>, Refusal> {
        let adapter = self.adapter_mut(path)?;
        let name = match (name, &value) {
            ("Powered", Value::Bool(powered)) => {
                let powered = *powered;
                return self.power(path, powered);
            }
            ("Alias", Value::Text(alias)) => {
                adapter.alias.clone_from(if alias.is_empty() { &adapter.name } else { alias });
                "Alias"
            }
            ("Discoverable", Value::Bool(discoverable)) => {
                adapter.discoverable = *discoverable;
                "Discoverable"
            }
            ("Pairable", Value::Bool(pairable)) => {
                adapter.pairable = *pairable;
                "Pairable"
            }
            ("DiscoverableTimeout" | "PairableTimeout", Value::U32(_)) => return Ok(Vec::new()),
            _ => return Err(Refusal::INVALID),
        };
        let changed = vec![(name, value)];
        Ok(vec![Change::Properties { path: path.to_owned(), interface: ADAPTER, changed, gone: Vec::new() }])
    }

    /// Every advert is sent once more: adapters that were asked for duplicates report it again.
    pub(crate) fn repeat(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        for adapter in self.adapters.iter().filter(|adapter| adapter.wants_duplicates()) {
            for advert in adapter.heard.iter().filter_map(|id| self.adverts.get(id)) {
                let mut changed = vec![("RSSI", Value::I16(advert.rssi))];
                if !advert.content.service_data.is_empty() {
                    changed.push(("ServiceData", Value::ServiceData(advert.content.service_data.clone())));
                }
                if !advert.content.manufacturer_data.is_empty() {
                    let data = advert.content.manufacturer_data.clone();
                    changed.push(("ManufacturerData", Value::ManufacturerData(data)));
                }
                let path = device_path(&adapter.name, &advert.address);
                changes.push(Change::Properties { path, interface: DEVICE, changed, gone: Vec::new() });
            }
        }
        changes
    }

    fn adapter_mut(&mut self, path: &str) -> Result<&mut AdapterState, Refusal> {
        self.adapters
            .iter_mut()
            .find(|adapter| adapter_path(&adapter.name) == path)
            .ok_or(Refusal("org.freedesktop.DBus.Error.UnknownObject", "No such adapter"))
    }

    fn advert(&self, path: &str, client: &str, object: &str) -> Option<u64> {
        self.adverts
            .iter()
            .find(|(_, advert)| {
                adapter_path(&advert.adapter) == path && advert.client == client && advert.object == object
            })
            .map(|(id, _)| *id)
    }

    /// How many adverts an adapter sends.
    fn active(&self, adapter: &str) -> usize {
        self.adverts.values().filter(|advert| advert.adapter == adapter).count()
    }

    fn instances(&self, adapter: &str) -> Change {
        let interfaces = self.objects().remove(&adapter_path(adapter)).unwrap_or_default();
        let properties = interfaces.into_iter().find(|(name, _)| *name == ADVERTISING).map(|(_, all)| all);
        let changed = properties
            .unwrap_or_default()
            .into_iter()
            .filter(|(name, _)| matches!(*name, "ActiveInstances" | "SupportedInstances"))
            .collect();
        Change::Properties { path: adapter_path(adapter), interface: ADVERTISING, changed, gone: Vec::new() }
    }

    /// Makes devices of the adverts that are heard now.
    fn listen(&mut self, changes: &mut Vec<Change>) {
        for adapter in &mut self.adapters {
            for (id, advert) in &self.adverts {
                if advert.adapter != adapter.name && !adapter.heard.contains(id) && adapter.hears(advert) {
                    adapter.heard.insert(*id);
                    changes.push(Change::Added {
                        path: device_path(&adapter.name, &advert.address),
                        interfaces: device_interfaces(adapter, advert),
                    });
                }
            }
        }
    }

    /// Takes adverts off the air, and with them the devices that they are elsewhere.
    fn silence(&mut self, which: impl Fn(u64, &Advert) -> bool, changes: &mut Vec<Change>) {
        let ended: Vec<u64> =
            self.adverts.iter().filter(|(id, advert)| which(**id, advert)).map(|(id, _)| *id).collect();
        for id in ended {
            let Some(advert) = self.adverts.remove(&id) else { continue };
            for adapter in &mut self.adapters {
                if adapter.heard.remove(&id) {
                    changes.push(removed(&adapter.name, &advert));
                }
            }
            changes.push(self.instances(&advert.adapter));
        }
    }

    /// When the last session ends, devices stay, but their signal is gone.
    fn after_session(&mut self, path: &str) -> Vec<Change> {
        let adverts = &self.adverts;
        let Some(adapter) = self.adapters.iter().find(|adapter| adapter_path(&adapter.name) == path) else {
            return Vec::new();
        };
        if adapter.is_discovering() {
            return Vec::new();
        }
        let mut changes = vec![discovering(adapter)];
        for advert in adapter.heard.iter().filter_map(|id| adverts.get(id)) {
            let path = device_path(&adapter.name, &advert.address);
            let (changed, gone) = (Vec::new(), vec!["RSSI"]);
            changes.push(Change::Properties { path, interface: DEVICE, changed, gone });
        }
        changes
    }
}

fn discovering(adapter: &AdapterState) -> Change {
    Change::Properties {
        path: adapter_path(&adapter.name),
        interface: ADAPTER,
        changed: vec![("Discovering", Value::Bool(adapter.is_discovering()))],
        gone: Vec::new(),
    }
}

fn removed(adapter: &str, advert: &Advert) -> Change {
    Change::Removed {
        path: device_path(adapter, &advert.address),
        interfaces: vec![DEVICE, "org.freedesktop.DBus.Introspectable", "org.freedesktop.DBus.Properties"],
    }
}

#[cfg(test)]
mod tests;
