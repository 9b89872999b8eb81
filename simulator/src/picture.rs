//! QR codes as pictures: drawn for the computer's screen, read back for the phone's camera.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Cursor};
use std::path::Path;

use image::{GrayImage, ImageFormat, ImageReader, Limits, Luma};
use latchkey_scan::{Effort, Frame, FrameError};
use qrcode::{Color, EcLevel, QrCode};
use thiserror::Error;

/// White border around a code, in modules (ISO/IEC 18004 section 6.3.8).
const QUIET_ZONE: u32 = 4;

/// Size of one module in a picture file, in pixels.
const MODULE: u32 = 8;

/// Most memory that reading a picture file may take, in bytes.
const MAX_PICTURE_MEMORY: u64 = 256 << 20;

/// Why a picture cannot be made or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The text does not fit into a QR code.
    #[error("the text does not fit into a QR code")]
    TooLong,
    /// The file cannot be read or written.
    #[error("the picture file cannot be used: {0}")]
    Io(#[from] io::Error),
    /// The file is no PNG or JPEG picture, or a damaged or enormous one.
    #[error("the file is not a PNG or JPEG picture that can be read")]
    NotAPicture,
    /// The picture's size is out of bounds.
    #[error("the picture cannot be scanned: {0}")]
    Frame(#[from] FrameError),
}

/// A QR code ready to show. Error correction level L: a screen is a clean background, and fewer
/// modules are read from further away.
pub struct QrPicture {
    code: QrCode,
}

impl QrPicture {
    /// Encodes `text`; digits go into numeric segments.
    ///
    /// # Errors
    /// [`PictureError::TooLong`]
    pub fn new(text: &str) -> Result<Self, PictureError> {
        let code =
            QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| PictureError::TooLong)?;
        Ok(QrPicture { code })
    }

    /// The code as pixels, black on white.
    #[must_use]
    pub fn pixels(&self) -> GrayImage {
        let modules = u32::try_from(self.code.width()).unwrap_or(0);
        let side = (modules + 2 * QUIET_ZONE) * MODULE;
        GrayImage::from_fn(side, side, |x, y| Luma([if self.dark(x / MODULE, y / MODULE) { 0 } else { 255 }]))
    }

    /// The code as a PNG file.
    ///
    /// # Errors
    /// [`PictureError::Io`]
    pub fn png(&self) -> Result<Vec<u8>, PictureError> {
        let mut file = Cursor::new(Vec::new());
        self.pixels().write_to(&mut file, ImageFormat::Png).map_err(io::Error::other)?;
        Ok(file.into_inner())
    }

    /// The code as a Netpbm file: a line each for the kind, the size and what white is, then the rows.
    fn pgm(&self) -> Vec<u8> {
        let pixels = self.pixels();
        let mut file = format!("P5\n{} {}\n255\n", pixels.width(), pixels.height()).into_bytes();
        file.extend_from_slice(pixels.as_raw());
        file
    }

    /// The code as an SVG document: one path, a row of dark modules at a time.
    #[must_use]
    pub fn svg(&self) -> String {
        let side = u32::try_from(self.code.width()).unwrap_or(0) + 2 * QUIET_ZONE;
        let mut path = String::new();
        for y in 0..side {
            let mut x = 0;
            while x < side {
                let run = (x..side).take_while(|&x| self.dark(x, y)).fold(0, |run, _| run + 1);
                if run > 0 {
                    path += &format!("M{x} {y}h{run}v1h-{run}z");
                }
                x += run + 1;
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
        )
    }

    /// The code as text for a terminal, two modules a character, dark on light.
    #[must_use]
    pub fn terminal(&self) -> String {
        let modules = u32::try_from(self.code.width()).unwrap_or(0) + 2 * QUIET_ZONE;
        let mut out = String::new();
        for y in (0..modules).step_by(2) {
            // Black ink on a white ground whatever the terminal's colours are.
            out.push_str("\x1b[30;107m");
            for x in 0..modules {
                out.push(match (self.dark(x, y), self.dark(x, y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            out.push_str("\x1b[0m\n");
        }
        out
    }

    /// Whether the module at these coordinates, quiet zone included, is dark.
    fn dark(&self, x: u32, y: u32) -> bool {
        let modules = u32::try_from(self.code.width()).unwrap_or(0);
        let inside = |at: u32| at.checked_sub(QUIET_ZONE).filter(|&at| at < modules);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => self.code[(x as usize, y as usize)] == Color::Dark,
            _ => false,
        }
    }
}

/// The texts of the QR codes in a PNG or JPEG file's content.
///
/// # Errors
/// [`PictureError::NotAPicture`], [`PictureError::Frame`]
pub fn read(file: &[u8]) -> Result<Vec<String>, PictureError> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_PICTURE_MEMORY);
    reader.limits(limits);
    let picture = reader.decode().map_err(|_| PictureError::NotAPicture)?.into_luma8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let frame = Frame::new(width, height, width, picture.as_raw())?;
    Ok(latchkey_scan::read_texts(&frame, Effort::Photo))
}

/// Writes the code that stands for `text`, in the form that the file's name ends with: `.txt` is the text
/// itself, `.pgm` a picture whose pixels need no decoder (Netpbm), anything else a PNG.
///
/// # Errors
/// [`PictureError::TooLong`], [`PictureError::Io`]
pub fn write_file(path: &Path, text: &str) -> Result<(), PictureError> {
    let picture = QrPicture::new(text)?;
    let file = match path.extension().and_then(OsStr::to_str) {
        Some("txt") => text.as_bytes().to_vec(),
        Some("pgm") => picture.pgm(),
        _ => picture.png()?,
    };
    Ok(fs::write(path, file)?)
}

/// Like [`read`], from a file.
///
/// # Errors
/// [`PictureError`]
pub fn read_file(path: &Path) -> Result<Vec<String>, PictureError> {
    read(&fs::read(path)?)
}
