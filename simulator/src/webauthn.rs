//! The web's side of a ceremony: the client (a browser) and the relying party.

pub mod relying_party;

pub use latchkey_phone::webauthn::{client, json, prf};
