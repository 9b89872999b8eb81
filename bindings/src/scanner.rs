//! From a picture to a code.

use std::sync::Arc;

use latchkey_phone::PhoneError;
use latchkey_scan::Effort;

use crate::error::LatchkeyError;

/// Looks for codes in the camera's pictures.
#[derive(uniffi::Object)]
pub struct Scanner(Arc<latchkey_phone::Phone>);

/// The luma plane of a picture: `height` rows of `width` bytes, `stride` bytes apart, 0 is black. The Y
/// plane of a camera's YUV image is one as it is.
#[derive(Clone, uniffi::Record)]
pub struct Frame {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Distance of two rows in bytes.
    pub stride: u32,
    /// The rows.
    pub luma: Vec<u8>,
}

/// What a code asks for.
#[derive(Clone, uniffi::Enum)]
pub enum Code {
    /// A computer nearby wants a passkey made or used. On iOS hand the text to the system, which does this
    /// itself.
    Hybrid {
        /// The text of the code.
        text: String,
    },
    /// A Control Center wants this phone paired with a computer, or a computer unlocked.
    ControlCenter {
        /// What it says.
        code: Arc<ControlCenterCode>,
    },
    /// A web address.
    Link {
        /// The address.
        url: String,
    },
}

/// The code of a Control Center.
#[derive(uniffi::Object)]
pub struct ControlCenterCode(Box<latchkey_scan::ControlCenterCode>);

#[uniffi::export]
impl ControlCenterCode {
    /// The phone is to be paired; else somebody signs in.
    #[must_use]
    pub fn pairs(&self) -> bool {
        self.0.operation == latchkey_scan::Operation::Register
    }

    /// The computer's name, if the code says it.
    #[must_use]
    pub fn computer(&self) -> Option<String> {
        self.0.machine_name.clone()
    }

    /// The account's name, if the code says it.
    #[must_use]
    pub fn account(&self) -> Option<String> {
        self.0.user.clone()
    }
}

impl Scanner {
    pub(crate) const fn new(phone: Arc<latchkey_phone::Phone>) -> Self {
        Scanner(phone)
    }

    fn look(&self, frame: &Frame, effort: Effort) -> Result<Code, LatchkeyError> {
        let size = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
        let (width, height, stride) = (size(frame.width), size(frame.height), size(frame.stride));
        let luma = latchkey_scan::Frame::new(width, height, stride, &frame.luma);
        let code = self.0.scan(&luma.map_err(|_| LatchkeyError::QrInvalid)?, effort)?;
        code.try_into()
    }
}

#[uniffi::export]
impl Scanner {
    /// Looks for a code in a frame of the camera. Fails with `qr.invalid` if there is none, or more than
    /// one that could be meant: the next frame may be better. Takes some milliseconds.
    pub fn scan(&self, frame: Frame) -> Result<Code, LatchkeyError> {
        self.look(&frame, Effort::Preview)
    }

    /// The same, with more effort, for a picture that is the only one.
    pub fn scan_photo(&self, frame: Frame) -> Result<Code, LatchkeyError> {
        self.look(&frame, Effort::Photo)
    }

    /// What a text asks for that was read elsewhere, such as a link that the app was opened with.
    pub fn read(&self, text: String) -> Result<Code, LatchkeyError> {
        latchkey_scan::code_from_text(&text).map_err(PhoneError::from)?.try_into()
    }
}

impl TryFrom<latchkey_scan::Code> for Code {
    type Error = LatchkeyError;

    fn try_from(code: latchkey_scan::Code) -> Result<Self, Self::Error> {
        match code {
            latchkey_scan::Code::Hybrid(text) => Ok(Code::Hybrid { text }),
            latchkey_scan::Code::ControlCenter(code) => {
                Ok(Code::ControlCenter { code: Arc::new(ControlCenterCode(code)) })
            }
            latchkey_scan::Code::Link(url) => Ok(Code::Link { url }),
            _ => Err(LatchkeyError::QrUnsupported),
        }
    }
}

impl From<Code> for latchkey_scan::Code {
    fn from(code: Code) -> Self {
        match code {
            Code::Hybrid { text } => latchkey_scan::Code::Hybrid(text),
            Code::ControlCenter { code } => latchkey_scan::Code::ControlCenter(code.0.clone()),
            Code::Link { url } => latchkey_scan::Code::Link(url),
        }
    }
}
