//! The cascade: from a frame to the texts of its codes.

use crate::Frame;
use crate::contrast::Contrast;
use crate::finder::{self, Finder, Search, Shape};
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

impl Effort {
    /// Modules that are judged at most, over all attempts: forty symbols of version 10, or four of version 40.
    fn modules(self) -> usize {
        match self {
            Effort::Preview => 60_000,
            Effort::Photo => 130_000,
        }
    }

    /// Triples of finder patterns that are measured at most, over all passes.
    fn triples(self) -> usize {
        match self {
            Effort::Preview => 40,
            Effort::Photo => 160,
        }
    }

    /// Ways to judge a symbol's modules once its place is refined.
    fn judges(self) -> &'static [Judge] {
        match self {
            Effort::Preview => &[Judge::Plain, Judge::Taught],
            Effort::Photo => &[Judge::Plain, Judge::Taught, Judge::Sharp],
        }
    }
}

/// Frames with more pixels are halved until they have not.
const COMFORTABLE: usize = 3_200_000;
/// Frames with more pixels are not searched once more after sharpening.
const SHARPENED: usize = 1_000_000;
/// The most triples of one pass, so that the likeliest of the next pass have their turn.
const MAX_TRIPLES: usize = 40;
/// The most triples of one pass that are given the patience of a steep view.
const MAX_STEEP: usize = 3;

/// Reads every QR code of a frame that holds a plain text (digits, alphanumeric, UTF-8), each distinct text once.
///
/// The work is bounded by the size of the frame, whatever it shows; there is no clock and no thread in here.
pub fn read_texts(frame: &Frame<'_>, effort: Effort) -> Vec<String> {
    let mut reader = Reader::new(effort);
    reader.read(*frame);
    reader.texts
}

/// A plane that is searched.
struct Scene<'a> {
    contrast: Contrast,
    /// Size of the frame relative to the plane.
    scale: f32,
    /// The frame and its half, to sample modules from.
    levels: [Frame<'a>; 2],
}

struct Reader {
    effort: Effort,
    texts: Vec<String>,
    /// Where the texts were, with the scale of the plane.
    places: Vec<(Place, f32)>,
    /// Modules that may still be judged.
    modules_left: usize,
    /// Triples that may still be measured.
    triples_left: usize,
}

impl Reader {
    fn new(effort: Effort) -> Self {
        Reader {
            effort,
            texts: Vec::new(),
            places: Vec::new(),
            modules_left: effort.modules(),
            triples_left: effort.triples(),
        }
    }

    fn read(&mut self, frame: Frame<'_>) {
        let Some(half) = Luma::half(frame) else { return };
        if frame.width() * frame.height() > COMFORTABLE {
            self.read(half.frame());
        } else {
            self.passes(frame, half.frame());
        }
    }

    /// The passes, from the cheapest that reads the most. What one has read ends the search.
    fn passes(&mut self, frame: Frame<'_>, half: Frame<'_>) {
        let scene = |plane, scale| Scene { contrast: Contrast::of(plane), scale, levels: [frame, half] };

        // Half size first: a quarter of the pixels, half of the noise.
        let small = scene(half, 2.0);
        let in_small =
            finder::find(&small.contrast, Search { step: 2, shape: Shape::Whole, skip_noise: false });
        if self.try_all(&small, locate::triples(&in_small)) {
            return;
        }
        let full = scene(frame, 1.0);
        let in_full = finder::find(&full.contrast, Search { step: 3, shape: Shape::Whole, skip_noise: true });
        if self.try_all(&full, locate::triples(&in_full)) || self.effort == Effort::Preview {
            return;
        }
        // One pattern of three spoilt by glare or shadow.
        if self.try_all(&full, locate::completed(&in_full))
            || self.try_all(&small, locate::completed(&in_small))
        {
            return;
        }
        // The quiet zone lost in a dark background.
        for scene in [&small, &full] {
            let mut finders =
                finder::find(&scene.contrast, Search { step: 2, shape: Shape::Core, skip_noise: true });
            finders.retain(Finder::is_confirmed);
            if self.try_all(scene, locate::triples(&finders)) {
                return;
            }
        }
        // Much noise, or modules hardly larger than a pixel; the latter fill no large frame.
        if !full.contrast.is_noisy() && frame.width() * frame.height() > SHARPENED {
            return;
        }
        let filtered = if full.contrast.is_noisy() { Luma::smooth(frame) } else { Luma::sharp(frame) };
        let last = scene(filtered.frame(), 1.0);
        let finders = finder::find(&last.contrast, Search { step: 2, shape: Shape::Whole, skip_noise: true });
        if !self.try_all(&last, locate::triples(&finders)) {
            self.try_all(&last, locate::completed(&finders));
        }
    }

    /// Tries triples in their order. True when a text has been read.
    fn try_all(&mut self, scene: &Scene<'_>, triples: Vec<Triple>) -> bool {
        let mut steeps = MAX_STEEP;
        for triple in triples.into_iter().take(MAX_TRIPLES) {
            if self.has_read(&triple, scene.scale) {
                continue;
            }
            if self.modules_left == 0 || self.triples_left == 0 {
                break;
            }
            self.triples_left -= 1;
            let steep = triple.is_seen() && steeps > 0;
            steeps -= usize::from(steep);
            let Some(place) = locate::place(&scene.contrast, &triple, steep) else { continue };
            let read = self.decode(&place, scene, &[Judge::Plain]).map(|text| (place, text)).or_else(|| {
                let place = locate::refine(&scene.contrast, place)?;
                let text = self.decode(&place, scene, self.effort.judges())?;
                Some((place, text))
            });
            if let Some((place, text)) = read {
                self.places.push((place, scene.scale));
                if !self.texts.contains(&text) {
                    self.texts.push(text);
                }
            }
        }
        !self.texts.is_empty()
    }

    /// Whether a triple uses patterns of a symbol that has been read.
    fn has_read(&self, triple: &Triple, scale: f32) -> bool {
        self.places.iter().any(|(place, of)| {
            triple.finders().iter().any(|finder| place.covers(finder.x * scale / of, finder.y * scale / of))
        })
    }

    fn decode(&mut self, place: &Place, scene: &Scene<'_>, judges: &[Judge]) -> Option<String> {
        let [full, half] = scene.levels;
        // The half-size level once a module has enough pixels there: they are means of four.
        let grid = if place.module() * scene.scale >= 4.5 {
            sample::sample(half, place, scene.scale / 2.0)
        } else {
            sample::sample(full, place, scene.scale)
        };
        judges.iter().find_map(|how| {
            self.modules_left = self.modules_left.saturating_sub(grid.modules());
            symbol::decode(&sample::judge(&grid, place, *how))
        })
    }
}

#[cfg(test)]
mod tests;
