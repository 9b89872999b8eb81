//! The cascade: from a frame to the texts of its codes.

use crate::Frame;
use crate::contrast::Contrast;
use crate::finder::{self, Search, Shape};
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

/// The most triples of one stage that are measured.
const MAX_TRIPLES: usize = 60;

/// The most triples of one stage that are given the patience of a steep view.
const MAX_STEEP: usize = 3;

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

    /// The stages, from the cheapest that reads the most. Each is left as soon as nothing is left to look for.
    fn stages(&mut self, frame: Frame<'_>) {
        let Some(half) = Luma::half(frame) else { return };
        let levels = [frame, half.frame()];
        // Half size first: a quarter of the pixels, half of the noise.
        let small = Scene { contrast: Contrast::of(half.frame()), scale: 2.0, levels };
        let small_finders =
            finder::find(&small.contrast, Search { step: 2, shape: Shape::Whole, skip_noise: false });
        if self.try_all(&small, locate::triples(&small_finders)) {
            return;
        }
        let full = Scene { contrast: Contrast::of(frame), scale: 1.0, levels };
        let full_finders =
            finder::find(&full.contrast, Search { step: 3, shape: Shape::Whole, skip_noise: true });
        if self.try_all(&full, locate::triples(&full_finders)) || self.effort == Effort::Preview {
            return;
        }
        // One pattern of three spoilt by glare or shadow.
        if self.try_all(&full, locate::completed(&full_finders))
            || self.try_all(&small, locate::completed(&small_finders))
        {
            return;
        }
        // The quiet zone lost in a dark background.
        for scene in [&small, &full] {
            let mut finders =
                finder::find(&scene.contrast, Search { step: 2, shape: Shape::Core, skip_noise: true });
            finders.retain(|finder| finder.votes > 1);
            if self.try_all(scene, locate::triples(&finders)) {
                return;
            }
        }
        // Much noise, or modules hardly larger than a pixel.
        let filtered = if full.contrast.is_noisy() { Luma::smooth(frame) } else { Luma::sharp(frame) };
        let scene = Scene { contrast: Contrast::of(filtered.frame()), scale: 1.0, levels };
        let finders =
            finder::find(&scene.contrast, Search { step: 2, shape: Shape::Whole, skip_noise: true });
        if !self.try_all(&scene, locate::triples(&finders)) {
            self.try_all(&scene, locate::completed(&finders));
        }
    }

    /// Tries triples in their order. True when there is nothing left to look for.
    fn try_all(&mut self, scene: &Scene<'_>, triples: Vec<Triple>) -> bool {
        let limit = if self.effort == Effort::Preview { 6 } else { 12 };
        let (mut places, mut steeps) = (0, MAX_STEEP);
        for triple in triples.into_iter().filter(Triple::is_likely).take(MAX_TRIPLES) {
            if self.explains(&triple, scene.scale) {
                continue;
            }
            let steep = triple.is_seen() && steeps > 0;
            steeps -= usize::from(steep);
            let Some(place) = locate::place(&scene.contrast, &triple, steep) else { continue };
            places += 1;
            let read = self.decode(&place, scene, &[Judge::Plain]).map(|text| (place, text)).or_else(|| {
                let place = locate::refine(&scene.contrast, place)?;
                let text = self.decode(&place, scene, self.judges())?;
                Some((place, text))
            });
            if let Some((place, text)) = read {
                self.places.push((place, scene.scale));
                if !self.texts.contains(&text) {
                    self.texts.push(text);
                }
            }
            if places >= limit {
                break;
            }
        }
        !self.texts.is_empty()
    }

    fn judges(&self) -> &'static [Judge] {
        match self.effort {
            Effort::Preview => &[Judge::Plain, Judge::Taught],
            Effort::Photo => &[Judge::Plain, Judge::Taught, Judge::Sharp],
        }
    }

    /// Whether a triple uses patterns of a symbol that has been read.
    fn explains(&self, triple: &Triple, scale: f32) -> bool {
        let finders = [triple.corner, triple.right, triple.below];
        self.places.iter().any(|(place, of)| {
            finders.iter().any(|finder| place.covers(finder.x * scale / of, finder.y * scale / of))
        })
    }

    fn decode(&self, place: &Place, scene: &Scene<'_>, judges: &[Judge]) -> Option<String> {
        let [full, half] = scene.levels;
        // The half-size level once a module has enough pixels there: they are means of four.
        let grid = if place.module() * scene.scale >= 4.5 {
            sample::sample(half, place, scene.scale / 2.0)
        } else {
            sample::sample(full, place, scene.scale)
        };
        judges.iter().find_map(|how| symbol::decode(&sample::judge(&grid, place, *how)))
    }
}
