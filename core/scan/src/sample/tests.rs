use super::*;

#[test]
fn levels_a_slope_of_light() {
    let size = 27;
    let wanted = |i: usize| (i * 7 + i / size * 3) % 5 < 2;
    let luma: Vec<f32> = (0..size * size)
        .map(|i| {
            let light = 60.0 + 6.0 * (i % size) as f32;
            -(if wanted(i) { light * 0.5 } else { light })
        })
        .collect();
    let levelled = level(&luma, size);
    let right = levelled.iter().enumerate().filter(|(i, value)| (**value > 0.0) == wanted(*i)).count();
    assert!(right > size * size * 95 / 100, "{right} of {}", size * size);
}

#[test]
fn levels_anything() {
    for size in [1, 2, 23] {
        for value in [0.0, -255.0] {
            assert!(level(&vec![value; size * size], size).iter().all(|v| v.abs() < 0.1));
            assert!(sharpen(&vec![value; size * size], size, 1.2).iter().all(|v| (v - value).abs() < 0.1));
        }
    }
}

#[test]
fn solves_what_can_be_solved() {
    let mut matrix = [[0.0; TAPS + 1]; TAPS];
    for (i, row) in matrix.iter_mut().enumerate() {
        row[i] = 2.0;
        row[(i + 1) % TAPS] += 0.5;
        row[(i + TAPS - 1) % TAPS] += 0.5;
        row[TAPS] = 3.0;
    }
    let solution = solve(matrix).unwrap();
    assert!(solution.iter().all(|x| (x - 1.0).abs() < 1e-5), "{solution:?}");
    assert!(solve([[0.0; TAPS + 1]; TAPS]).is_none());
    assert!(solve([[f32::NAN; TAPS + 1]; TAPS]).is_none());
}
