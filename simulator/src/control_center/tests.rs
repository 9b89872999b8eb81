//! Everything over the wire: a server on loopback, and clients that know nothing but its address.

mod administrator;
mod codes;
mod device_manager;
mod fido2;
mod openapi;
mod pairing;
mod requests;
mod support;
mod two_nodes;
