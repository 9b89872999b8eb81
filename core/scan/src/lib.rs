//! Camera frame to QR text to a typed code.
//!
//! [`read_texts`] reads the QR codes of a [`Frame`], [`code_from_texts`] says what they ask for.
//!
//! The way of a frame: a local threshold ([`contrast`]) shows the finder patterns of either polarity ([`finder`]);
//! three of them, or two and a guess, give a place that is fitted to the function patterns ([`locate`]); the modules
//! there are sampled and judged ([`sample`]), and the symbol's codewords are corrected and read ([`symbol`]).
//! [`reader`] runs this in passes over the half-size, full-size and filtered frame.
#![forbid(unsafe_code)]
#![allow(rustdoc::private_intra_doc_links)]

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
