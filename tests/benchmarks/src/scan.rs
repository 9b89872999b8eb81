//! The code of a screen in a clean camera frame. How many frames of which kind are read, and how fast, is
//! the subject of `core/scan/examples/score.rs`.

use std::time::Duration;

use latchkey_hybrid::ComputerCeremony;
use latchkey_hybrid::computer::CodeOptions;
use latchkey_scan::{Effort, Frame, read_texts};
use qrcode::{Color, EcLevel, QrCode};
use rand_core::OsRng;

use crate::report::Line;
use crate::rounds::{Group, timed};

/// A plane of luma with the code of a ceremony in its middle.
pub(crate) struct Picture {
    width: usize,
    height: usize,
    luma: Vec<u8>,
    text: String,
}

impl Picture {
    /// The code takes four fifths of the height, as when a person aims at a screen.
    pub(crate) fn of_screen(width: usize, height: usize) -> Self {
        let (_, text, _) = ComputerCeremony::show_code(CodeOptions::default(), &mut OsRng).unwrap();
        let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::L).unwrap();
        let modules = code.width();
        let module = height * 4 / 5 / (modules + 8);
        let (left, top) = ((width - module * modules) / 2, (height - module * modules) / 2);
        let mut luma = vec![230; width * height];
        for y in 0..modules * module {
            for x in 0..modules * module {
                if code[(x / module, y / module)] == Color::Dark {
                    luma[(top + y) * width + left + x] = 30;
                }
            }
        }
        Picture { width, height, luma, text: text.to_string() }
    }

    pub(crate) fn read(&self, effort: Effort) {
        let frame = Frame::new(self.width, self.height, self.width, &self.luma).unwrap();
        assert_eq!(read_texts(&frame, effort), [self.text.as_str()]);
    }

    fn read_with_rqrr(&self) {
        let at = |x, y| self.luma[y * self.width + x];
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(self.width, self.height, at);
        let texts: Vec<String> =
            image.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect();
        assert_eq!(texts, [self.text.as_str()]);
    }
}

pub(crate) fn measure() -> Vec<Line> {
    let mut group = Group::default();
    for (width, height) in [(640, 480), (1920, 1080)] {
        let of = format!("{width} x {height}");
        let picture = std::rc::Rc::new(Picture::of_screen(width, height));
        let read = |effort| {
            let picture = std::rc::Rc::clone(&picture);
            move || timed(|| picture.read(effort))
        };
        let preview = group.add(format!("fast path, {of}"), read(Effort::Preview));
        let photo = group.add(format!("full path, {of}"), read(Effort::Photo));
        let plain = group.add(format!("plain rqrr, {of}"), move || timed(|| picture.read_with_rqrr()));
        group.compare(preview, plain, None);
        group.compare(photo, plain, None);
    }
    group.measure(Duration::from_secs(6))
}
