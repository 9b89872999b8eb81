//! Camera frame to QR text to a typed code.
