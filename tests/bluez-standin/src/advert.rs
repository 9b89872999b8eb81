//! What a program wants to be advertised: its object `org.bluez.LEAdvertisement1`.

use std::collections::{BTreeMap, HashMap};

use dbus::arg::{PropMap, RefArg, cast, prop_cast};

/// What every 16-bit and 32-bit UUID ends with when it is written in full.
const BASE: &str = "-0000-1000-8000-00805f9b34fb";

/// Bytes of a legacy advert.
const CAPACITY: usize = 31;

/// Why BlueZ refuses a call: the name of the error and a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) &'static str, pub(crate) &'static str);

impl Refusal {
    pub(crate) const INVALID: Self =
        Self("org.bluez.Error.InvalidArguments", "Invalid arguments in method call");
    pub(crate) const TOO_LONG: Self = Self("org.bluez.Error.InvalidLength", "Invalid Length");
}

/// The content of an advert.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Content {
    /// General discoverable: adds the flags to the advert.
    pub(crate) discoverable: bool,
    pub(crate) service_uuids: Vec<String>,
    pub(crate) service_data: BTreeMap<String, Vec<u8>>,
    pub(crate) manufacturer_data: BTreeMap<u16, Vec<u8>>,
    /// Goes into the scan response, and so is not counted.
    pub(crate) local_name: Option<String>,
}

impl Content {
    /// Reads the properties of the program's object.
    pub(crate) fn parse(properties: &PropMap) -> Result<Self, Refusal> {
        let is_broadcast = match text(properties, "Type")?.as_deref() {
            Some("broadcast") => true,
            Some("peripheral") => false,
            _ => return Err(Refusal::INVALID),
        };
        let discoverable = match properties.get("Discoverable") {
            None => None,
            Some(value) => Some(*cast::<bool>(&value.0).ok_or(Refusal::INVALID)?),
        };
        if is_broadcast && discoverable.is_some() {
            return Err(Refusal::INVALID);
        }
        check_interval(properties)?;
        let content = Self {
            discoverable: discoverable.unwrap_or(false),
            service_uuids: uuids(properties)?,
            service_data: dictionary(properties, "ServiceData", |key| full_uuid(key.as_str()?))?,
            manufacturer_data: dictionary(properties, "ManufacturerData", |key| {
                key.as_u64().and_then(|key| u16::try_from(key).ok())
            })?,
            local_name: text(properties, "LocalName")?,
        };
        if content.length(properties) > CAPACITY { Err(Refusal::TOO_LONG) } else { Ok(content) }
    }

    /// Bytes on the air (Bluetooth Core Specification, volume 3, part C, section 11): each structure has
    /// a byte for its length and one for its type.
    fn length(&self, properties: &PropMap) -> usize {
        let flags = if self.discoverable { 3 } else { 0 };
        let uuid_lists: usize = [2, 4, 16]
            .into_iter()
            .map(|width| self.service_uuids.iter().filter(|uuid| uuid_width(uuid) == width).count() * width)
            .filter(|length| *length != 0)
            .map(|length| 2 + length)
            .sum();
        let service_data: usize =
            self.service_data.iter().map(|(uuid, data)| 2 + uuid_width(uuid) + data.len()).sum();
        let manufacturer_data: usize = self.manufacturer_data.values().map(|data| 4 + data.len()).sum();
        let appearance = if properties.contains_key("Appearance") { 4 } else { 0 };
        let includes_power = prop_cast::<Vec<String>>(properties, "Includes")
            .is_some_and(|includes| includes.iter().any(|include| include == "tx-power"));
        let power = if includes_power { 3 } else { 0 };
        flags + uuid_lists + service_data + manufacturer_data + appearance + power
    }
}

/// MinInterval and MaxInterval: milliseconds, within [20 ms, 10,485 s], the first not larger.
fn check_interval(properties: &PropMap) -> Result<(), Refusal> {
    let read = |name| match properties.get(name) {
        None => Ok(None),
        Some(value) => match cast::<u32>(&value.0) {
            Some(interval @ 20..=10_485_000) => Ok(Some(*interval)),
            _ => Err(Refusal::INVALID),
        },
    };
    match (read("MinInterval")?, read("MaxInterval")?) {
        (Some(least), Some(most)) if least > most => Err(Refusal::INVALID),
        _ => Ok(()),
    }
}

fn text(properties: &PropMap, name: &str) -> Result<Option<String>, Refusal> {
    match properties.get(name) {
        None => Ok(None),
        Some(value) => value.0.as_str().map(|text| Some(text.to_owned())).ok_or(Refusal::INVALID),
    }
}

fn uuids(properties: &PropMap) -> Result<Vec<String>, Refusal> {
    match properties.get("ServiceUUIDs") {
        None => Ok(Vec::new()),
        Some(value) => cast::<Vec<String>>(&value.0)
            .and_then(|uuids| uuids.iter().map(|uuid| full_uuid(uuid)).collect())
            .ok_or(Refusal::INVALID),
    }
}

/// Reads a dictionary whose values are byte arrays within variants.
fn dictionary<K: Ord>(
    properties: &PropMap,
    name: &str,
    read_key: impl Fn(&dyn RefArg) -> Option<K>,
) -> Result<BTreeMap<K, Vec<u8>>, Refusal> {
    let Some(value) = properties.get(name) else { return Ok(BTreeMap::new()) };
    let mut items = value.0.as_iter().ok_or(Refusal::INVALID)?;
    let mut entries = BTreeMap::new();
    while let Some(key) = items.next() {
        let key = read_key(key).ok_or(Refusal::INVALID)?;
        let bytes = items.next().and_then(bytes).ok_or(Refusal::INVALID)?;
        entries.insert(key, bytes);
    }
    Ok(entries)
}

fn bytes(value: &dyn RefArg) -> Option<Vec<u8>> {
    // Unwrap the variant, if there is one.
    let inner =
        if value.arg_type() == dbus::arg::ArgType::Variant { value.as_iter()?.next()? } else { value };
    inner.as_iter()?.map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect()
}

/// The full form, in lower case, of a UUID of 16, 32 or 128 bits.
fn full_uuid(uuid: &str) -> Option<String> {
    let uuid = uuid.to_ascii_lowercase();
    let is_hex = |text: &str| text.bytes().all(|digit| digit.is_ascii_hexdigit());
    match uuid.len() {
        4 if is_hex(&uuid) => Some(format!("0000{uuid}{BASE}")),
        8 if is_hex(&uuid) => Some(format!("{uuid}{BASE}")),
        36 => {
            let widths: Vec<usize> = uuid.split('-').map(str::len).collect();
            (widths == [8, 4, 4, 4, 12] && uuid.split('-').all(is_hex)).then_some(uuid)
        }
        _ => None,
    }
}

/// Bytes that a UUID takes on the air.
fn uuid_width(uuid: &str) -> usize {
    match uuid.strip_suffix(BASE) {
        Some(short) if short.starts_with("0000") => 2,
        Some(_) => 4,
        None => 16,
    }
}

/// What an adapter was told to discover.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    pub(crate) uuids: Vec<String>,
    pub(crate) duplicate_data: bool,
}

impl Filter {
    /// Reads the argument of `SetDiscoveryFilter`; an empty one removes the filter.
    pub(crate) fn parse(filter: &HashMap<String, dbus::arg::Variant<Box<dyn RefArg>>>) -> Option<Self> {
        if filter.is_empty() {
            return None;
        }
        let uuids = prop_cast::<Vec<String>>(filter, "UUIDs").cloned().unwrap_or_default();
        let uuids = uuids.iter().filter_map(|uuid| full_uuid(uuid)).collect();
        let duplicate_data = prop_cast(filter, "DuplicateData").copied().unwrap_or(false);
        Some(Self { uuids, duplicate_data })
    }

    /// Only the list of services of an advert counts, not the UUIDs of its service data.
    pub(crate) fn matches(&self, content: &Content) -> bool {
        self.uuids.is_empty() || content.service_uuids.iter().any(|uuid| self.uuids.contains(uuid))
    }
}

#[cfg(test)]
mod tests;
