//! The methods that programs call.

use std::{collections::HashMap, sync::Arc};

use dbus::{
    Message, Path,
    arg::{PropMap, RefArg, Variant},
};

use crate::{
    adapter::{ADAPTER, ADVERTISING},
    advert::{Filter, Refusal},
    service::Shared,
    value::{Interfaces, Value, to_map, to_maps},
};

const UNKNOWN_METHOD: Refusal = Refusal("org.freedesktop.DBus.Error.UnknownMethod", "No such method");
const UNKNOWN_OBJECT: Refusal = Refusal("org.freedesktop.DBus.Error.UnknownObject", "No such object");
const UNKNOWN_INTERFACE: Refusal =
    Refusal("org.freedesktop.DBus.Error.UnknownInterface", "No such interface on this object");
const UNKNOWN_PROPERTY: Refusal =
    Refusal("org.freedesktop.DBus.Error.UnknownProperty", "No such property on this interface");
const READ_ONLY: Refusal =
    Refusal("org.freedesktop.DBus.Error.PropertyReadOnly", "This property is read-only");

/// Answers a call, at once or later.
pub(crate) fn answer(shared: &Arc<Shared>, call: Message) {
    let (Some(path), Some(client)) = (call.path(), call.sender()) else { return };
    let (path, client) = (path.to_string(), client.to_string());
    let interface = call.interface().map(|interface| interface.to_string()).unwrap_or_default();
    let member = call.member().map(|member| member.to_string()).unwrap_or_default();

    if (interface.as_str(), member.as_str()) == (ADVERTISING, "RegisterAdvertisement") {
        // The program's object has to be read first.
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let result = match call.read2::<Path<'_>, PropMap>() {
                Ok((object, _)) => shared.register(&path, &client, object.into_static()).await,
                Err(_) => Err(Refusal::INVALID),
            };
            shared.reply(&call, result.map(|()| call.method_return()));
        });
        return;
    }
    let result = match interface.as_str() {
        "org.freedesktop.DBus.ObjectManager" => manage(shared, &call, &path, &member),
        "org.freedesktop.DBus.Properties" => properties(shared, &call, &path, &member),
        "org.freedesktop.DBus.Introspectable" => Ok(call.method_return().append1(introspect(shared, &path))),
        "org.freedesktop.DBus.Peer" => Ok(call.method_return()),
        _ => bluetooth(shared, &call, &path, &client, &interface, &member),
    };
    shared.reply(&call, result);
}

fn manage(shared: &Shared, call: &Message, path: &str, member: &str) -> Result<Message, Refusal> {
    if (path, member) != ("/", "GetManagedObjects") {
        return Err(UNKNOWN_METHOD);
    }
    let mut objects: HashMap<Path<'_>, HashMap<String, PropMap>> = HashMap::new();
    for (path, interfaces) in objects_of(shared) {
        objects.insert(Path::new(path).unwrap_or_default(), to_maps(interfaces));
    }
    Ok(call.method_return().append1(objects))
}

fn properties(shared: &Shared, call: &Message, path: &str, member: &str) -> Result<Message, Refusal> {
    let interface: &str = call.get1().ok_or(Refusal::INVALID)?;
    let (_, interfaces) =
        objects_of(shared).into_iter().find(|(object, _)| object == path).ok_or(UNKNOWN_OBJECT)?;
    let (_, properties) =
        interfaces.into_iter().find(|(name, _)| *name == interface).ok_or(UNKNOWN_INTERFACE)?;
    if member == "GetAll" {
        return Ok(call.method_return().append1(to_map(properties)));
    }
    let (_, name): (Option<&str>, Option<&str>) = call.get2();
    let name = name.ok_or(Refusal::INVALID)?;
    let (_, value) =
        properties.into_iter().find(|(property, _)| *property == name).ok_or(UNKNOWN_PROPERTY)?;
    match member {
        "Get" => Ok(call.method_return().append1(value.into_variant())),
        "Set" if interface == ADAPTER => {
            let (_, _, value) =
                call.read3::<&str, &str, Variant<Box<dyn RefArg>>>().map_err(|_| Refusal::INVALID)?;
            let value = if let Some(text) = value.0.as_str() {
                Value::text(text)
            } else if let Some(flag) = dbus::arg::cast::<bool>(&value.0) {
                Value::Bool(*flag)
            } else if let Some(number) = dbus::arg::cast::<u32>(&value.0) {
                Value::U32(*number)
            } else {
                return Err(Refusal::INVALID);
            };
            shared.change(|radio| radio.set(path, name, value))?;
            Ok(call.method_return())
        }
        "Set" => Err(READ_ONLY),
        _ => Err(UNKNOWN_METHOD),
    }
}

fn bluetooth(
    shared: &Shared,
    call: &Message,
    path: &str,
    client: &str,
    interface: &str,
    member: &str,
) -> Result<Message, Refusal> {
    match (interface, member) {
        (ADAPTER, "StartDiscovery") => shared.change(|radio| radio.start_discovery(path, client))?,
        (ADAPTER, "StopDiscovery") => shared.change(|radio| radio.stop_discovery(path, client))?,
        (ADAPTER, "SetDiscoveryFilter") => {
            let filter: PropMap = call.read1().map_err(|_| Refusal::INVALID)?;
            shared.change(|radio| radio.filter(path, client, Filter::parse(&filter)))?;
        }
        (ADAPTER, "GetDiscoveryFilters") => {
            let filters =
                ["UUIDs", "RSSI", "Pathloss", "Transport", "DuplicateData", "Discoverable", "Pattern"];
            return Ok(call.method_return().append1(filters.map(str::to_owned).to_vec()));
        }
        (ADVERTISING, "UnregisterAdvertisement") => {
            let object: Path<'_> = call.read1().map_err(|_| Refusal::INVALID)?;
            shared.change(|radio| radio.unregister(path, client, &object))?;
        }
        // What programs register here is never called: nobody connects to an adapter without a radio.
        ("org.bluez.AgentManager1", "RegisterAgent" | "UnregisterAgent" | "RequestDefaultAgent")
        | ("org.bluez.ProfileManager1", "RegisterProfile" | "UnregisterProfile")
        | ("org.bluez.GattManager1", "RegisterApplication" | "UnregisterApplication")
        | (
            "org.bluez.Media1",
            "RegisterEndpoint" | "UnregisterEndpoint" | "RegisterPlayer" | "UnregisterPlayer",
        ) => {}
        ("org.bluez.Device1", _) => {
            return Err(Refusal("org.bluez.Error.NotAvailable", "Only adverts are on this air"));
        }
        _ => return Err(UNKNOWN_METHOD),
    }
    Ok(call.method_return())
}

/// Every object with its interfaces.
fn objects_of(shared: &Shared) -> Vec<(String, Interfaces)> {
    let root = vec![("org.bluez.AgentManager1", Vec::new()), ("org.bluez.ProfileManager1", Vec::new())];
    let mut objects = vec![("/org/bluez".to_owned(), root)];
    objects.extend(shared.radio().objects());
    objects
}

fn introspect(shared: &Shared, path: &str) -> String {
    let objects = objects_of(shared);
    let interfaces = objects.iter().filter(|(object, _)| object == path).flat_map(|(_, all)| all);
    let interfaces: String = interfaces.map(|(name, _)| format!(r#"<interface name="{name}"/>"#)).collect();
    let prefix = if path == "/" { "/".to_owned() } else { format!("{path}/") };
    let mut children: Vec<&str> =
        objects.iter().filter_map(|(object, _)| object.strip_prefix(&prefix)?.split('/').next()).collect();
    children.sort_unstable();
    children.dedup();
    let children: String = children.iter().map(|name| format!(r#"<node name="{name}"/>"#)).collect();
    format!("<node>{interfaces}{children}</node>")
}
