//! How adapters and devices look on the bus.

use crate::{
    radio::{AdapterState, Advert, INSTANCES},
    value::{Interfaces, Properties, Value},
};

pub(crate) const ADAPTER: &str = "org.bluez.Adapter1";
pub(crate) const ADVERTISING: &str = "org.bluez.LEAdvertisingManager1";
pub(crate) const DEVICE: &str = "org.bluez.Device1";

/// The object path of an adapter.
pub(crate) fn adapter_path(name: &str) -> String {
    format!("/org/bluez/{name}")
}

/// The object path of the device that sends an advert, under the adapter that hears it.
pub(crate) fn device_path(adapter: &str, address: &str) -> String {
    format!("/org/bluez/{adapter}/dev_{}", address.replace(':', "_"))
}

pub(crate) fn adapter_interfaces(adapter: &AdapterState, active: usize) -> Interfaces {
    vec![
        (ADAPTER, adapter_properties(adapter)),
        (ADVERTISING, advertising_properties(active)),
        ("org.bluez.GattManager1", Vec::new()),
        ("org.bluez.Media1", Vec::new()),
        ("org.bluez.NetworkServer1", Vec::new()),
        ("org.freedesktop.DBus.Introspectable", Vec::new()),
        ("org.freedesktop.DBus.Properties", Vec::new()),
    ]
}

fn adapter_properties(adapter: &AdapterState) -> Properties {
    vec![
        ("Address", Value::text(&adapter.address)),
        ("AddressType", Value::text("public")),
        ("Name", Value::text(&adapter.name)),
        ("Alias", Value::text(&adapter.alias)),
        ("Class", Value::U32(if adapter.powered { 0x7c_010c } else { 0 })),
        ("Powered", Value::Bool(adapter.powered)),
        ("Discoverable", Value::Bool(adapter.discoverable)),
        ("DiscoverableTimeout", Value::U32(180)),
        ("Pairable", Value::Bool(adapter.pairable)),
        ("PairableTimeout", Value::U32(0)),
        ("Discovering", Value::Bool(adapter.is_discovering())),
        // Generic Access and Generic Attribute.
        (
            "UUIDs",
            Value::texts(["00001800-0000-1000-8000-00805f9b34fb", "00001801-0000-1000-8000-00805f9b34fb"]),
        ),
        ("Modalias", Value::text("usb:v1D6Bp0246d0542")),
        ("Roles", Value::texts(["central", "peripheral", "central-peripheral"])),
        ("ExperimentalFeatures", Value::texts([])),
        ("Manufacturer", Value::U16(2)),
        ("Version", Value::Byte(0x0B)),
    ]
}

fn advertising_properties(active: usize) -> Properties {
    let count = |number: usize| Value::Byte(u8::try_from(number).unwrap_or(u8::MAX));
    vec![
        ("ActiveInstances", count(active)),
        ("SupportedInstances", count(INSTANCES.saturating_sub(active))),
        ("SupportedIncludes", Value::texts(["tx-power", "appearance", "local-name"])),
        ("SupportedSecondaryChannels", Value::texts(["1M"])),
        (
            "SupportedCapabilities",
            Value::Dictionary(vec![("MaxAdvLen", Value::Byte(31)), ("MaxScnRspLen", Value::Byte(31))]),
        ),
        ("SupportedFeatures", Value::texts([])),
    ]
}

pub(crate) fn device_interfaces(adapter: &AdapterState, advert: &Advert) -> Interfaces {
    let content = &advert.content;
    let alias = content.local_name.clone().unwrap_or_else(|| advert.address.replace(':', "-"));
    let mut properties = vec![
        ("Address", Value::text(&advert.address)),
        ("AddressType", Value::text("random")),
        ("Alias", Value::text(alias)),
        ("Paired", Value::Bool(false)),
        ("Bonded", Value::Bool(false)),
        ("Trusted", Value::Bool(false)),
        ("Blocked", Value::Bool(false)),
        ("LegacyPairing", Value::Bool(false)),
        ("Connected", Value::Bool(false)),
        ("UUIDs", Value::Texts(content.service_uuids.clone())),
        ("Adapter", Value::Object(adapter_path(&adapter.name))),
        ("ServicesResolved", Value::Bool(false)),
    ];
    if let Some(name) = &content.local_name {
        properties.push(("Name", Value::text(name)));
    }
    if adapter.is_discovering() {
        properties.push(("RSSI", Value::I16(advert.rssi)));
    }
    if !content.service_data.is_empty() {
        properties.push(("ServiceData", Value::ServiceData(content.service_data.clone())));
    }
    if !content.manufacturer_data.is_empty() {
        properties.push(("ManufacturerData", Value::ManufacturerData(content.manufacturer_data.clone())));
    }
    vec![
        (DEVICE, properties),
        ("org.freedesktop.DBus.Introspectable", Vec::new()),
        ("org.freedesktop.DBus.Properties", Vec::new()),
    ]
}
