//! Camera frame to QR text to a typed code.
#![forbid(unsafe_code)]

mod code;
mod frame;

pub use code::{Code, CodeError, ControlCenterCode, MAX_TEXT, Operation, code_from_text, code_from_texts};
pub use frame::{Frame, FrameError, MAX_PIXELS, MAX_SIDE};
