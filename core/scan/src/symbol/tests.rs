use qrcode::{EcLevel, QrCode};

use super::*;

/// A symbol made by another implementation, every module as sure as can be.
fn symbol(text: &[u8], version: i16, level: EcLevel) -> Option<Modules> {
    let code = QrCode::with_version(text, qrcode::Version::Normal(version), level).ok()?;
    let values = code.into_colors().into_iter().map(|c| if c == qrcode::Color::Dark { 1.0 } else { -1.0 });
    Some(Modules::new(17 + 4 * version as usize, values.collect()))
}

const LEVELS: [EcLevel; 4] = [EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H];

/// A small generator, so that failures repeat.
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

#[test]
fn reads_every_version_and_level_in_every_mode() {
    let texts = ["0123456789", "HTTPS://A.EXAMPLE/", "{\"v\":1}", "FIDO:/12345678901234567", "Grüße"];
    let mut read = 0;
    for version in 1..=40 {
        for (i, level) in LEVELS.into_iter().enumerate() {
            for text in [texts[version as usize % 5], texts[(version as usize + i) % 4]] {
                let Some(modules) = symbol(text.as_bytes(), version, level) else { continue };
                assert_eq!(decode(&modules).as_deref(), Some(text), "version {version} {level:?}");
                read += 1;
            }
        }
    }
    assert!(read > 310, "{read}");
}

#[test]
fn reads_full_symbols() {
    for (version, level, len) in [(1, EcLevel::H, 7), (10, EcLevel::L, 271), (40, EcLevel::L, 2953)] {
        let text = "x".repeat(len);
        let modules = symbol(text.as_bytes(), version, level).unwrap();
        assert_eq!(decode(&modules), Some(text));
    }
}

#[test]
fn reads_a_mirrored_symbol() {
    let modules = symbol(b"https://a.example/mirror", 4, EcLevel::M).unwrap();
    assert_eq!(decode(&modules.mirrored()).as_deref(), Some("https://a.example/mirror"));
}

#[test]
fn repairs_damage_and_never_invents_a_text() {
    let text = "FIDO:/012345678901234567890123456789";
    let mut state = 7;
    let (mut repaired, mut refused) = (0, 0);
    for round in 0..400 {
        let mut modules = symbol(text.as_bytes(), 6, LEVELS[round % 4]).unwrap();
        // Up to a third of the modules wrong, half of those only faintly so.
        for _ in 0..random(&mut state) % (modules.values.len() / 3) {
            let at = random(&mut state) % modules.values.len();
            let faint = random(&mut state).is_multiple_of(2);
            modules.values[at] *= if faint { -0.1 } else { -1.0 };
        }
        match decode(&modules) {
            Some(read) => {
                assert_eq!(read, text);
                repaired += 1;
            }
            None => refused += 1,
        }
    }
    assert!(repaired > 40 && refused > 40, "{repaired} repaired, {refused} refused");
}

#[test]
fn erasures_repair_what_errors_alone_cannot() {
    let text = "https://a.example/0123456789";
    let mut modules = symbol(text.as_bytes(), 3, EcLevel::M).unwrap();
    // A spot of glare over the middle: more codewords than half the parity, all of them doubtful.
    for y in 10..19 {
        for x in 10..20 {
            modules.values[y * 29 + x] = 0.01;
        }
    }
    let sure = Modules::new(29, modules.values.iter().map(|v| v.signum()).collect());
    assert_eq!(decode(&sure), None);
    assert_eq!(decode(&modules).as_deref(), Some(text));
}

#[test]
fn noise_has_no_text() {
    let mut state = 1;
    for round in 0..400 {
        let size = 17 + 4 * (1 + round % 10);
        let values =
            (0..size * size).map(|_| random(&mut state) as f32 / (1_u32 << 30) as f32 - 1.0).collect();
        assert_eq!(decode(&Modules::new(size, values)), None);
    }
}

#[test]
fn takes_any_size_of_matrix() {
    for size in 0..200 {
        for value in [0.0, 1.0, -1.0, f32::NAN] {
            assert_eq!(decode(&Modules::new(size, vec![value; size * size])), None);
        }
        assert_eq!(decode(&Modules::new(size, Vec::new())), None);
    }
}

#[test]
fn tables_add_up() {
    for number in 1..=MAX_VERSION {
        let version = Version::new(number).unwrap();
        let size = version.size();
        assert_eq!(Version::from_size(size), Some(version));
        let data = version.function_map().into_iter().filter(|function| !function).count();
        assert_eq!(data / 8, version.codewords(), "version {number}");
        assert!(data % 8 <= 7);
        for level in [Level::L, Level::M, Level::Q, Level::H] {
            let (blocks, parity) = version.blocks(level);
            assert!(version.codewords() / blocks <= 255 && blocks * parity < version.codewords());
        }
    }
    assert_eq!(Version::new(0), None);
    assert_eq!(Version::new(41), None);
    assert_eq!(Version::new(7).unwrap().alignment().collect::<Vec<_>>(), [6, 22, 38]);
    assert_eq!(Version::new(32).unwrap().alignment().collect::<Vec<_>>(), [6, 34, 60, 86, 112, 138]);
    assert_eq!(Version::new(40).unwrap().alignment_centres().count(), 46);
}
