//! Camera frame to QR text to a typed code.
#![forbid(unsafe_code)]

mod code;
mod contrast;
mod finder;
mod frame;
mod homography;
mod locate;
mod luma;
mod reader;
mod sample;
mod symbol;

pub use code::{Code, CodeError, ControlCenterCode, MAX_TEXT, Operation, code_from_text, code_from_texts};
pub use frame::{Frame, FrameError, MAX_PIXELS, MAX_SIDE};
pub use reader::{Effort, read_texts};
