//! Sealed SQLite storage behind the authenticator's ports.
