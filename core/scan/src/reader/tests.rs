use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use super::*;

fn load(path: &Path) -> (usize, usize, Vec<u8>) {
    let mut png = png::Decoder::new(BufReader::new(File::open(path).unwrap())).read_info().unwrap();
    let mut luma = vec![0; png.output_buffer_size().unwrap()];
    let info = png.next_frame(&mut luma).unwrap();
    (info.width as usize, info.height as usize, luma)
}

/// Reads a picture with both efforts; the work must stay within its bounds.
fn read(width: usize, height: usize, luma: &[u8]) -> [Vec<String>; 2] {
    [Effort::Preview, Effort::Photo].map(|effort| {
        let mut reader = Reader::new(effort);
        reader.read(Frame::new(width, height, width, luma).unwrap());
        reader.texts
    })
}

fn texts_of(luma: &[u8], width: usize) -> Vec<String> {
    let [_, texts] = read(width, luma.len() / width, luma);
    texts
}

/// A symbol with `quiet` modules around it and `scale` pixels a module.
fn draw(text: &str, scale: usize, quiet: usize) -> (usize, Vec<u8>) {
    let code = qrcode::QrCode::new(text).unwrap();
    let (size, colors) = (code.width(), code.to_colors());
    let width = (size + 2 * quiet) * scale;
    let luma = (0..width * width)
        .map(|i| {
            let (x, y) = ((i % width / scale).wrapping_sub(quiet), (i / width / scale).wrapping_sub(quiet));
            if x < size && y < size && colors[y * size + x] == qrcode::Color::Dark { 20 } else { 230 }
        })
        .collect();
    (width, luma)
}

#[test]
fn reads_one_frame_of_each_kind() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/qr-frames/small");
    let manifest = fs::read_to_string(dir.join("manifest.jsonl")).unwrap();
    for entry in manifest.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
        let (width, height, luma) = load(&dir.join(entry["file"].as_str().unwrap()));
        let mut expected: Vec<&str> =
            entry["expect"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
        expected.sort_unstable();
        for mut texts in read(width, height, &luma) {
            texts.sort();
            assert_eq!(texts, expected, "{}", entry["category"]);
        }
    }
}

#[test]
fn reads_rendered_codes_upright_turned_and_mirrored() {
    for text in ["FIDO:/123456789012345678901234567890", "https://a.example/x", "{\"v\":1}"] {
        for (scale, quiet) in [(2, 4), (3, 4), (8, 4), (20, 4), (6, 2)] {
            let (width, luma) = draw(text, scale, quiet);
            assert_eq!(texts_of(&luma, width), [text], "{scale} {quiet}");
            let turned: Vec<u8> = luma.iter().rev().copied().collect();
            assert_eq!(texts_of(&turned, width), [text]);
            let mirrored: Vec<u8> = luma.chunks(width).flat_map(|row| row.iter().rev()).copied().collect();
            assert_eq!(texts_of(&mirrored, width), [text]);
            let inverted: Vec<u8> = luma.iter().map(|p| 255 - p).collect();
            assert_eq!(texts_of(&inverted, width), [text]);
        }
    }
}

#[test]
fn reads_through_a_stride() {
    let (width, luma) = draw("https://a.example/stride", 4, 4);
    let padded: Vec<u8> =
        luma.chunks(width).flat_map(|row| row.iter().copied().chain([0, 255, 0, 255, 7])).collect();
    let frame = Frame::new(width, width, width + 5, &padded).unwrap();
    assert_eq!(read_texts(&frame, Effort::Preview), ["https://a.example/stride"]);
}

#[test]
fn reads_a_large_photo() {
    let (width, luma) = draw("https://a.example/large", 60, 4);
    assert!(luma.len() > COMFORTABLE);
    assert_eq!(texts_of(&luma, width), ["https://a.example/large"]);
}

/// A small generator, so that failures repeat.
fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect()
}

#[test]
fn finds_nothing_where_nothing_is() {
    let sizes = [(1, 1), (1, 500), (500, 1), (2, 2), (3, 7), (8, 8), (17, 31), (160, 120), (641, 479)];
    for (width, height) in sizes {
        let pictures = [
            vec![0; width * height],
            vec![255; width * height],
            noise(width * height, 3),
            noise(width * height, 4).iter().map(|p| if *p < 128 { 0 } else { 255 }).collect(),
            (0..width * height).map(|i| (i % width * 255 / width) as u8).collect(),
            (0..width * height).map(|i| ((i % width + i / width) % 2 * 255) as u8).collect(),
            (0..width * height).map(|i| ((i % width / 4 + i / width / 4) % 2 * 255) as u8).collect(),
        ];
        for luma in pictures {
            assert_eq!(read(width, height, &luma), [const { Vec::<String>::new() }; 2]);
        }
    }
}

#[test]
fn a_field_of_finder_patterns_is_bounded_work() {
    for pitch in [8_usize, 16, 24, 37] {
        let (width, height) = (800_usize, 600);
        let luma: Vec<u8> = (0..width * height)
            .map(|i| {
                let (x, y) = (i % width % pitch, i / width % pitch);
                let ring = x.abs_diff(pitch / 2).max(y.abs_diff(pitch / 2)) * 8 / pitch;
                if ring < 2 || ring == 3 { 20 } else { 230 }
            })
            .collect();
        for effort in [Effort::Preview, Effort::Photo] {
            let mut reader = Reader::new(effort);
            reader.read(Frame::new(width, height, width, &luma).unwrap());
            assert_eq!(reader.texts, Vec::<String>::new());
        }
    }
}
