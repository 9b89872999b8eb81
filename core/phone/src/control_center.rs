//! The Control Center: the server that pairs phones with workstations and carries messages between them.

pub mod address;
mod back_off;
pub mod client;
mod lookup;
#[cfg(test)]
pub(crate) mod test_server;
pub mod wire;

use latchkey_vault::Registration;

pub use address::{Address, AddressError};
pub(crate) use back_off::BackOff;
pub use client::{Client, ControlCenterError, path_of};
pub use lookup::LookUpMethod;

use crate::error::PhoneError;
use crate::phone::Phone;

impl Phone {
    /// Reads the address of a Control Center by the rules of this phone, be it typed, from a code or
    /// from its own records.
    ///
    /// # Errors
    /// [`PhoneError::Address`]
    pub fn address(&self, typed: &str) -> Result<Address, PhoneError> {
        Ok(Address::parse_with(typed, self.config.developer, &self.config.private_hosts)?)
    }

    /// The Control Center at `address`, to whom this phone is nobody yet.
    pub(crate) fn control_center(&self, address: &Address) -> Result<Client, PhoneError> {
        Ok(Client::new(self.tls()?, address).map_err(|_| crate::tls::TrustError::NoRoots)?)
    }

    /// The Control Center of a registration, to whom this phone proves itself.
    pub(crate) fn registered(&self, registration: &Registration) -> Result<Client, PhoneError> {
        let address = self.address(&registration.tenant)?;
        Ok(self.control_center(&address)?.with_token(&registration.token))
    }
}
