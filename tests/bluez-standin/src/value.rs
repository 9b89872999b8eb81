//! Properties of objects on the bus.

use std::collections::{BTreeMap, HashMap};

use dbus::{
    Path,
    arg::{PropMap, RefArg, Variant},
};

/// The value of a property.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Bool(bool),
    Byte(u8),
    U16(u16),
    U32(u32),
    I16(i16),
    Text(String),
    Texts(Vec<String>),
    Object(String),
    /// A dictionary from UUIDs to bytes.
    ServiceData(BTreeMap<String, Vec<u8>>),
    /// A dictionary from company identifiers to bytes.
    ManufacturerData(BTreeMap<u16, Vec<u8>>),
    /// A dictionary from names to values.
    Dictionary(Vec<(&'static str, Value)>),
}

/// The properties of one interface.
pub(crate) type Properties = Vec<(&'static str, Value)>;

/// The interfaces of one object.
pub(crate) type Interfaces = Vec<(&'static str, Properties)>;

impl Value {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn texts<const N: usize>(texts: [&str; N]) -> Self {
        Self::Texts(texts.map(str::to_owned).to_vec())
    }

    /// The value as it is sent.
    pub(crate) fn into_variant(self) -> Variant<Box<dyn RefArg>> {
        Variant(match self {
            Self::Bool(value) => Box::new(value),
            Self::Byte(value) => Box::new(value),
            Self::U16(value) => Box::new(value),
            Self::U32(value) => Box::new(value),
            Self::I16(value) => Box::new(value),
            Self::Text(value) => Box::new(value),
            Self::Texts(value) => Box::new(value),
            Self::Object(value) => Box::new(Path::new(value).unwrap_or_default()),
            Self::ServiceData(value) => Box::new(variants(value)),
            Self::ManufacturerData(value) => Box::new(variants(value)),
            Self::Dictionary(value) => Box::new(to_map(value)),
        })
    }
}

fn variants<K: std::hash::Hash + Eq>(bytes: BTreeMap<K, Vec<u8>>) -> HashMap<K, Variant<Vec<u8>>> {
    bytes.into_iter().map(|(key, value)| (key, Variant(value))).collect()
}

/// The properties as they are sent.
pub(crate) fn to_map(properties: Properties) -> PropMap {
    properties.into_iter().map(|(name, value)| (name.to_owned(), value.into_variant())).collect()
}

/// The interfaces as they are sent.
pub(crate) fn to_maps(interfaces: Interfaces) -> HashMap<String, PropMap> {
    interfaces.into_iter().map(|(name, properties)| (name.to_owned(), to_map(properties))).collect()
}
