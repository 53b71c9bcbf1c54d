//! Runs of equal values in an array, for storing it short.

/// Where packed runs keep their values: behind the count and the ends, at a multiple of eight.
const fn values_at(runs: usize) -> usize {
    (4 + runs * 4 + 7) & !7
}

/// Bytes of packed runs of values of `size` bytes.
pub const fn packed_length(runs: usize, size: usize) -> usize {
    values_at(runs) + runs * size
}

/// How many runs the values of `size` bytes (1, 2, 4 or 8) stand in; none when there are more than `most`. Values are compared by
/// their bits.
pub fn count_runs(bytes: &[u8], size: usize, most: usize) -> Option<usize> {
    match size {
        1 => count::<1>(bytes, most),
        2 => count::<2>(bytes, most),
        4 => count::<4>(bytes, most),
        8 => count::<8>(bytes, most),
        _ => None,
    }
}

/// Adds so many runs to `out`: their count, where each ends (u32), padding to a multiple of eight, and one value a run.
pub fn pack_runs(bytes: &[u8], size: usize, runs: usize, out: &mut Vec<u8>) {
    match size {
        1 => pack::<1>(bytes, runs, out),
        2 => pack::<2>(bytes, runs, out),
        4 => pack::<4>(bytes, runs, out),
        8 => pack::<8>(bytes, runs, out),
        _ => {}
    }
}

fn count<const N: usize>(bytes: &[u8], most: usize) -> Option<usize> {
    let (values, _) = bytes.as_chunks::<N>();
    if values.is_empty() {
        return None;
    }
    let mut runs = 1;
    for (before, after) in values.chunks(1024).zip(values[1..].chunks(1024)) {
        runs += before.iter().zip(after).filter(|(before, after)| before != after).count();
        if runs > most {
            return None;
        }
    }
    (runs <= most).then_some(runs)
}

fn pack<const N: usize>(bytes: &[u8], runs: usize, out: &mut Vec<u8>) {
    let (values, _) = bytes.as_chunks::<N>();
    let at = out.len();
    out.resize(at + packed_length(runs, N), 0);
    let (count, rest) = out[at..].split_at_mut(4);
    count.copy_from_slice(&(runs as u32).to_le_bytes());
    let (ends, packed) = rest.split_at_mut(values_at(runs) - 4);
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
}

#[cfg(test)]
mod tests {
    use super::{count_runs, pack_runs, packed_length};

    #[test]
    fn runs_are_counted_and_keep_their_bits() {
        let bytes: Vec<u8> =
            [f64::NAN, f64::NAN, -0.0, 0.0, 0.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(count_runs(&bytes, 8, 3), Some(3));
        let mut out = vec![1u8; 8];
        pack_runs(&bytes, 8, 3, &mut out);
        assert_eq!(out.len(), 8 + packed_length(3, 8));
        let ends: Vec<u32> = out[8..24].chunks(4).map(|end| u32::from_le_bytes(end.try_into().unwrap())).collect();
        assert_eq!(ends, [3, 2, 3, 5]);
        assert_eq!(out[24..32], f64::NAN.to_le_bytes());
        assert_eq!(out[32..40], (-0.0f64).to_le_bytes());
        assert_eq!(out[40..48], 0.0f64.to_le_bytes());
    }

    #[test]
    fn more_runs_than_wanted_are_not_counted() {
        let bytes: Vec<u8> = (0..100).collect();
        assert_eq!(count_runs(&bytes, 1, 99), None);
        assert_eq!(count_runs(&bytes, 1, 100), Some(100));
        assert_eq!(count_runs(&bytes, 4, 25), Some(25));
        assert_eq!(count_runs(&[7; 100], 4, 1), Some(1));
        assert_eq!(count_runs(&[], 8, 50), None);
        assert_eq!(count_runs(&[7; 100], 3, 50), None);
    }
}
