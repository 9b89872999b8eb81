//! The web's side of a ceremony: the client (a browser) and the relying party.

pub mod client;
pub mod json;
pub mod relying_party;
