//! Stands in for BlueZ on a private bus, for tests without a radio.
//!
//! [`PrivateBus`] is a `dbus-daemon` of its own; a program that is started with its address in
//! `DBUS_SYSTEM_BUS_ADDRESS` takes it for the system bus. [`Standin`] owns `org.bluez` there and offers
//! adapters that share one air: what a program advertises through one of them appears as a device
//! under the others while they discover. Only adverts are there: no device can be connected to.
//!
//! It follows BlueZ's documentation of its D-Bus interfaces, and differs from it where a test would only
//! wait: a device disappears with its advert, and not 30 seconds after it was last heard.
#![forbid(unsafe_code)]

mod adapter;
mod advert;
mod bus;
mod calls;
mod radio;
mod service;
mod value;

pub use bus::{BusError, PrivateBus};
pub use radio::Adapter;
pub use service::{Standin, StandinError};
