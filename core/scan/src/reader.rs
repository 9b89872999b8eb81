//! The cascade: from a frame to the texts of its codes.

use crate::Frame;
use crate::contrast::Contrast;
use crate::finder::{self, Finder};
use crate::locate::{self, Place, Triple};
use crate::luma::Luma;
use crate::sample::{self, Judge};
use crate::symbol;

/// How much work a frame is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// One frame of many from a live preview: if this one is missed, the next comes in a moment.
    Preview,
    /// The only frame there is.
    Photo,
}

/// Frames with more pixels are halved first.
const COMFORTABLE: usize = 2_100_000;

/// Reads every QR code of a frame that holds a plain text, each distinct text once.
///
/// The work is bounded by the size of the frame, whatever it shows; no clock, no thread, no panic.
pub fn read_texts(frame: &Frame<'_>, effort: Effort) -> Vec<String> {
    let mut reader = Reader { effort, texts: Vec::new(), places: Vec::new() };
    reader.read(*frame);
    reader.texts
}

struct Reader {
    effort: Effort,
    texts: Vec<String>,
    /// Where the texts were, in pixels of the frame.
    places: Vec<(Place, f32)>,
}

impl Reader {
    fn read(&mut self, frame: Frame<'_>) {
        let shrunk;
        let frame = if frame.width() * frame.height() > COMFORTABLE {
            let Some(half) = Luma::half(frame) else { return };
            shrunk = half;
            if shrunk.frame().width() * shrunk.frame().height() > COMFORTABLE {
                let Some(quarter) = Luma::half(shrunk.frame()) else { return };
                return self.stages(quarter.frame());
            }
            shrunk.frame()
        } else {
            frame
        };
        self.stages(frame);
    }

    fn stages(&mut self, frame: Frame<'_>) {
        let Some(half) = Luma::half(frame) else { return };
        let half = half.frame();
        let levels = [frame, half];
        // Half size first: a quarter of the pixels, half of the noise.
        if self.stage(half, 2, 2.0, &levels)
            || self.stage(frame, 2, 1.0, &levels)
            || self.effort == Effort::Preview
        {
            return;
        }
        let smooth = Luma::smooth(half);
        if self.stage(smooth.frame(), 1, 2.0, &levels) {
            return;
        }
        let smooth = Luma::smooth(frame);
        if self.stage(smooth.frame(), 1, 1.0, &levels) {
            return;
        }
        if let Some(quarter) = Luma::half(half) {
            self.stage(quarter.frame(), 1, 4.0, &levels);
        }
    }

    /// Searches one plane; `scale` is the frame's size relative to it. True when there is nothing left to look for.
    fn stage(&mut self, plane: Frame<'_>, step: usize, scale: f32, levels: &[Frame<'_>; 2]) -> bool {
        let contrast = Contrast::of(plane);
        let mut finders = finder::find(&contrast, step);
        finders.retain(|f| !self.explained(f, scale));
        let attempts = if self.effort == Effort::Preview { 6 } else { 16 };
        let mut used: Vec<Place> = Vec::new();
        for triple in locate::triples(&finders).into_iter().take(200).filter(Triple::is_likely).take(attempts)
        {
            if used.iter().any(|place| triple.touches(place)) {
                continue;
            }
            let Some(place) = locate::place(&contrast, &triple) else { continue };
            if let Some(text) = self.decode(&place, scale, levels) {
                used.push(place);
                self.places.push((place, scale));
                if !self.texts.contains(&text) {
                    self.texts.push(text);
                }
            }
        }
        !self.texts.is_empty()
    }

    fn explained(&self, finder: &Finder, scale: f32) -> bool {
        self.places.iter().any(|(place, of)| place.covers(finder.x * scale / of, finder.y * scale / of))
    }

    fn decode(&self, place: &Place, scale: f32, levels: &[Frame<'_>; 2]) -> Option<String> {
        let [full, half] = levels;
        // The half-size level once a module has enough pixels there: they are means of four.
        let luma = if place.module() * scale >= 5.0 {
            sample::sample(*half, place, scale / 2.0)
        } else {
            sample::sample(*full, place, scale)
        };
        let judges: &[Judge] = match self.effort {
            Effort::Preview => &[Judge::Plain, Judge::Taught],
            Effort::Photo => &[Judge::Plain, Judge::Taught, Judge::Sharp],
        };
        judges.iter().find_map(|how| symbol::decode(&sample::judge(&luma, place, *how)))
    }
}
