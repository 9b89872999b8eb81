//! The CTAP2 hybrid transport (caBLE), both roles, without I/O.
