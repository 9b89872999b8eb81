//! The port to the network's state.

/// Knows whether the phone is online.
pub trait Network: Send + Sync {
    /// Whether the operating system reports a usable internet connection now. A wrong yes costs a
    /// time-out; a wrong no keeps a person from signing in, so in doubt the answer is yes.
    fn is_online(&self) -> bool;
}
