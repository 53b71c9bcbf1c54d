//! Runs of equal values in an array, for storing it short.

/// Where a packed array keeps its values: behind the count and the ends, at a multiple of eight.
const fn values_at(runs: usize) -> usize {
    (4 + runs * 4 + 7) & !7
}

/// Packs an array of values of `size` bytes (1, 2, 4 or 8) as runs: their count, where each ends (u32), padding to a multiple of
/// eight, and one value a run. Returns how many bytes of `out` it took; 0 when `out` is too small. Values are compared by their bits.
pub fn pack_runs(bytes: &[u8], size: usize, out: &mut [u8]) -> usize {
    match size {
        1 => pack::<1>(bytes, out),
        2 => pack::<2>(bytes, out),
        4 => pack::<4>(bytes, out),
        8 => pack::<8>(bytes, out),
        _ => 0,
    }
}

fn pack<const N: usize>(bytes: &[u8], out: &mut [u8]) -> usize {
    let (values, _) = bytes.as_chunks::<N>();
    if values.is_empty() {
        return 0;
    }
    let most = out.len().saturating_sub(11) / (4 + N);
    // Counted first: comparing alone is quick, and most arrays are not packed.
    let mut runs = 1;
    for (before, after) in values.chunks(1024).zip(values[1..].chunks(1024)) {
        runs += before.iter().zip(after).filter(|(before, after)| before != after).count();
        if runs > most {
            return 0;
        }
    }
    if runs > most {
        return 0;
    }
    out[..4].copy_from_slice(&(runs as u32).to_le_bytes());
    let from = values_at(runs);
    let (ends, packed) = out[4..].split_at_mut(from - 4);
    ends[runs * 4..].fill(0);
    let (ends, packed) = (ends.as_chunks_mut::<4>().0, packed.as_chunks_mut::<N>().0);
    let mut run = 0;
    for (row, pair) in values.windows(2).enumerate() {
        if pair[0] != pair[1] {
            ends[run] = (row as u32 + 1).to_le_bytes();
            packed[run] = pair[0];
            run += 1;
        }
    }
    ends[run] = (values.len() as u32).to_le_bytes();
    packed[run] = values[values.len() - 1];
    from + runs * N
}

#[cfg(test)]
mod tests {
    use super::pack_runs;

    #[test]
    fn runs_are_counted_and_keep_their_bits() {
        let bytes: Vec<u8> =
            [f64::NAN, f64::NAN, -0.0, 0.0, 0.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        let mut out = [1u8; 64];
        assert_eq!(pack_runs(&bytes, 8, &mut out), 40);
        let ends: Vec<u32> = out[..16].chunks(4).map(|end| u32::from_le_bytes(end.try_into().unwrap())).collect();
        assert_eq!(ends, [3, 2, 3, 5]);
        assert_eq!(out[16..24], f64::NAN.to_le_bytes());
        assert_eq!(out[24..32], (-0.0f64).to_le_bytes());
        assert_eq!(out[32..40], 0.0f64.to_le_bytes());
    }

    #[test]
    fn what_does_not_fit_is_not_packed() {
        let bytes: Vec<u8> = (0..100).collect();
        assert_eq!(pack_runs(&bytes, 1, &mut [0; 50]), 0);
        assert_eq!(pack_runs(&[], 8, &mut [0; 50]), 0);
        assert_eq!(pack_runs(&[7; 100], 4, &mut [0; 19]), 12);
        assert_eq!(pack_runs(&[7; 100], 4, &mut [0; 18]), 0);
        assert_eq!(pack_runs(&[7; 100], 3, &mut [0; 50]), 0);
    }
}
