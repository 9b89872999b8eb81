//! Deterministic doubles of the ports, for tests of this crate and of those built on it.
//!
//! Nothing here protects anything: behind the feature `testing`, never in a product.

mod clock;
mod gate;
mod key_vault;
mod memory_store;
mod rng;

pub use clock::ManualClock;
pub use gate::{Answer, ScriptedGate};
pub use key_vault::{SoftwareKeyVault, VaultOperation};
pub use memory_store::{MemoryStore, StoreOperation};
pub use rng::SeededRng;
