//! Reed-Solomon over GF(256) with the polynomial 0x11d: errors and erasures (ISO/IEC 18004 Annex B).

use super::Codeword;

/// Parity that stays unused when codewords are given up as erasures: with less, noise would pass as a codeword.
const ERASURE_RESERVE: usize = 4;

/// Corrects a block of data and `parity` codewords; `None` when that is not possible.
///
/// Errors alone first. Where they are too many, the least sure codewords are taken as erased, which costs half as
/// much parity as an error, in growing numbers.
pub(super) fn correct(received: &[Codeword], parity: usize) -> Option<Vec<u8>> {
    let mut block: Vec<u8> = received.iter().map(|codeword| codeword.byte).collect();
    let syndromes = syndromes(&block, parity);
    if syndromes.iter().all(|s| *s == 0) {
        return Some(block);
    }
    if repair(&mut block, &syndromes, &[], parity / 2) {
        return Some(block);
    }

    let mut doubtful: Vec<usize> = (0..received.len()).collect();
    let sure = |i: &usize| received.get(*i).map_or(0.0, |codeword| codeword.sure);
    doubtful.sort_by(|a, b| sure(a).total_cmp(&sure(b)));
    for share in [1, 2, 3] {
        let count = parity.saturating_sub(ERASURE_RESERVE) * share / 3;
        let Some(erased) = doubtful.get(..count).filter(|erased| !erased.is_empty()) else { continue };
        let errors = parity.saturating_sub(ERASURE_RESERVE + count) / 2;
        if repair(&mut block, &syndromes, erased, errors) {
            return Some(block);
        }
    }
    None
}

/// S_i = r(alpha^i); the first codeword is the highest coefficient.
fn syndromes(block: &[u8], parity: usize) -> Vec<u8> {
    (0..parity)
        .map(|i| {
            let log = i as u8;
            block.iter().fold(0, |sum, byte| times_alpha(sum, log) ^ byte)
        })
        .collect()
}

/// Corrects the block in place when at most `max_errors` errors besides the erasures explain the syndromes.
fn repair(block: &mut [u8], syndromes: &[u8], erased: &[usize], max_errors: usize) -> bool {
    let n = block.len();
    // Erasure locator: the product of (1 - X_k x), X_k = alpha^(distance from the end).
    let mut locator = vec![1_u8];
    for &i in erased {
        let x = alpha(n - 1 - i);
        locator.push(0);
        for k in (1..locator.len()).rev() {
            let add = mul(at(&locator, k - 1), x);
            if let Some(term) = locator.get_mut(k) {
                *term ^= add;
            }
        }
    }

    // Berlekamp-Massey, started from the erasures.
    let erasures = erased.len();
    let mut previous = locator.clone();
    let mut errors = 0;
    for r in erasures..syndromes.len() {
        let discrepancy =
            locator.iter().enumerate().take(r + 1).fold(0, |sum, (k, l)| sum ^ mul(*l, at(syndromes, r - k)));
        previous.insert(0, 0);
        if discrepancy == 0 {
            continue;
        }
        let updated: Vec<u8> = (0..locator.len().max(previous.len()))
            .map(|k| at(&locator, k) ^ mul(discrepancy, at(&previous, k)))
            .collect();
        if 2 * errors <= r - erasures {
            errors = r + 1 - erasures - errors;
            let scale = inverse(discrepancy);
            previous = locator.iter().map(|l| mul(*l, scale)).collect();
        }
        locator = updated;
        if errors > max_errors {
            return false;
        }
    }
    while locator.last() == Some(&0) {
        locator.pop();
    }
    let degree = locator.len().saturating_sub(1);
    if degree != erasures + errors {
        return false;
    }

    // Forney: the evaluator is the product of syndromes and locator modulo x^parity.
    let evaluator: Vec<u8> = (0..syndromes.len())
        .map(|i| (0..=i.min(degree)).fold(0, |sum, k| sum ^ mul(at(&locator, k), at(syndromes, i - k))))
        .collect();
    let mut found = Vec::with_capacity(degree);
    for position in 0..n {
        let log = n - 1 - position;
        let x_inverse = 255 - (log % 255);
        if evaluate(&locator, x_inverse) != 0 {
            continue;
        }
        // The formal derivative keeps the odd terms; times x it is their plain sum.
        let slope = (1..=degree)
            .step_by(2)
            .fold(0, |sum, k| sum ^ mul(at(&locator, k), alpha(x_inverse * (k - 1) % 255)));
        if slope == 0 {
            return false;
        }
        found.push((position, mul(mul(evaluate(&evaluator, x_inverse), inverse(slope)), alpha(log))));
    }
    if found.len() != degree {
        return false;
    }
    for (position, magnitude) in found {
        if let Some(byte) = block.get_mut(position) {
            *byte ^= magnitude;
        }
    }
    true
}

/// The polynomial, lowest term first, at alpha^log.
fn evaluate(polynomial: &[u8], log: usize) -> u8 {
    let x = (log % 255) as u8;
    polynomial.iter().rev().fold(0, |sum, term| times_alpha(sum, x) ^ term)
}

fn at(polynomial: &[u8], i: usize) -> u8 {
    polynomial.get(i).copied().unwrap_or(0)
}

const EXP: [u8; 512] = tables().0;
const LOG: [u8; 256] = tables().1;

/// Powers of alpha, twice over, and their logarithms.
#[allow(clippy::indexing_slicing)] // at compile time
const fn tables() -> ([u8; 512], [u8; 256]) {
    let (mut exp, mut log) = ([0; 512], [0; 256]);
    let (mut x, mut i) = (1_u16, 0);
    while i < 255 {
        exp[i] = x as u8;
        exp[i + 255] = x as u8;
        log[x as usize] = i as u8;
        x <<= 1;
        if x & 0x100 != 0 {
            x ^= 0x11d;
        }
        i += 1;
    }
    (exp, log)
}

fn log(a: u8) -> usize {
    LOG.get(usize::from(a)).copied().map_or(0, usize::from)
}

fn alpha(log: usize) -> u8 {
    EXP.get(log % 255).copied().unwrap_or(0)
}

fn mul(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 { 0 } else { EXP.get(log(a) + log(b)).copied().unwrap_or(0) }
}

fn times_alpha(a: u8, log_b: u8) -> u8 {
    if a == 0 { 0 } else { EXP.get(log(a) + usize::from(log_b)).copied().unwrap_or(0) }
}

/// Of a non-zero element.
fn inverse(a: u8) -> u8 {
    alpha(255 - log(a))
}

#[cfg(test)]
mod tests;
