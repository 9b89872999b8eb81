//! Helpers of the unit tests. Messages are built with `ciborium`, not with the code under test.

use ciborium::value::Value;

/// Bytes from hexadecimal text; spaces are skipped.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| u8::try_from(c.to_digit(16).expect("a hexadecimal digit")).expect("a digit"))
        .collect();
    assert_eq!(digits.len() % 2, 0, "whole bytes");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// The encoding of a value; its maps keep the order they are in.
pub(crate) fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("a vector takes everything");
    bytes
}

/// A byte string.
pub(crate) fn bytes(bytes: impl AsRef<[u8]>) -> Value {
    Value::Bytes(bytes.as_ref().to_vec())
}

/// A text string.
pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A map with text keys.
pub(crate) fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.map(|(key, value)| (text(key), value)).into())
}

/// An array.
pub(crate) fn array<const N: usize>(items: [Value; N]) -> Value {
    Value::Array(items.into())
}

/// The parameters of a message by their number, to be changed by a test.
#[derive(Clone)]
pub(crate) struct Message(std::collections::BTreeMap<u8, Value>);

impl Message {
    /// The message with these parameters.
    pub(crate) fn new<const N: usize>(parameters: [(u8, Value); N]) -> Self {
        Message(parameters.into())
    }

    /// With one parameter set.
    pub(crate) fn with(&self, key: u8, value: Value) -> Self {
        let mut message = self.clone();
        message.0.insert(key, value);
        message
    }

    /// With one parameter taken out.
    pub(crate) fn without(&self, key: u8) -> Self {
        let mut message = self.clone();
        message.0.remove(&key).expect("a parameter to take out");
        message
    }

    /// The canonical encoding.
    pub(crate) fn encode(&self) -> Vec<u8> {
        cbor(&Value::Map(self.0.iter().map(|(&key, value)| (key.into(), value.clone())).collect()))
    }

    /// The canonical encoding after a command byte.
    pub(crate) fn request(&self, command: u8) -> Vec<u8> {
        [vec![command], self.encode()].concat()
    }
}

/// The protocol vectors in `fixtures/`.
pub(crate) fn vectors() -> serde_json::Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/hybrid-vectors.json");
    let json = std::fs::read_to_string(path).expect("the protocol vectors");
    serde_json::from_str(&json).expect("JSON")
}
