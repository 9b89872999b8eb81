//! The client's side of WebAuthn: what stands between a relying party and the authenticator when this
//! app talks to the relying party itself, as it does when it is paired.

pub mod client;
pub mod json;
pub mod prf;
