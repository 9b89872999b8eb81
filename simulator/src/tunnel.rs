//! The tunnel service.
