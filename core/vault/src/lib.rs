//! Sealed SQLite storage behind the authenticator's ports.
//!
//! [`Vault`] is one database file. It implements
//! [`CredentialStore`](latchkey_authenticator::ports::CredentialStore) and
//! [`LedgerStore`](latchkey_offline::LedgerStore), and keeps what a phone knows of its workstations:
//! computers, registrations, pairings under way, events to be reported, and the codes it has served.
//!
//! # What the file tells a thief
//!
//! The vault key (32 random bytes) is in the file only as the operating system wrapped it. Two keys
//! are derived from it: one seals every cell with AES-256-GCM, bound to its table, column and row;
//! the other turns what is looked up (credential ID, RP ID, account) into HMAC-SHA-256 tags. Who
//! holds the file without the vault key learns
//!
//! * how many records of each kind there are, and the order in which they were made (their numbers);
//! * which credentials share a relying party, and which an account, and which events wait for the same
//!   Control Center, but not which one: their tags are equal;
//! * the size of a record in steps of 256 bytes, the length of a registration's token, whether a
//!   credential's key is in hardware and whether it has a PRF secret, whether a pairing under way has its passkey, and whether a
//!   computer's offline PINs are alive;
//! * how often a computer's offline PINs changed, and how many passkeys and events there ever were;
//! * that codes were served on a day, as long as none was served on a later one;
//! * which records are quarantined.
//!
//! It learns no name, identifier or other time, nor whether a credential counts or was ever used. What
//! is deleted is overwritten in the file; the log holds earlier cells, sealed as they were, until it is
//! reset or the last process closes.
//!
//! # What an attacker with write access can do
//!
//! Changing a sealed cell, or moving one to another row or column, is noticed: the record is damaged then.
//! Counting insertions back, which mixes up the order of later ones, is not. Deleting rows, or putting back an older copy of the file or of one whole cell (an old counter
//! with it), is not: no key in the file could prove what came last. A relying party notices a
//! counter that went back, and a workstation refuses an offline PIN that was used.
//!
//! # Two processes
//!
//! App and extension open the same file. Every call is one short transaction, nothing is cached
//! between calls but what SQLite itself validates, and no lock is held between calls.
#![forbid(unsafe_code)]

mod computers;
mod credentials;
mod database;
mod error;
mod events;
#[cfg(test)]
mod fixture;
mod keys;
mod ledger;
mod migrations;
mod pairings;
mod payload;
mod pending_passkey;
mod pending_store;
mod record;
mod registrations;
mod secrets;
mod seen_codes;
mod table;
mod vault;

pub use computers::Computer;
pub use error::VaultError;
pub use pairings::PendingPairing;
pub use registrations::Registration;
pub use vault::Vault;
