//! Checksums of a step's columns, for a thread beside JavaScript's; `pipelines/digest.ts` makes the digest of them.

use crate::crc32c::crc32c;

/// What is summed up of a column. Its values lie in one array after another.
#[derive(Clone, Copy)]
pub enum Sum {
    Bytes,
    /// Of u32 offsets the lengths between them, as u32: where an array begins to count does not matter.
    Lengths,
    /// Of u16 codes the words that they stand for.
    Words,
}

/// Adds the CRC-32C of a column to `out`; for words then how many there are, and the id of each, by first use.
///
/// The first array of words holds the ids (u32) of each array of codes behind it: how many, then one a code; codes beyond
/// have the last one. Ids are numbers from 0 on.
pub fn sum_up(sum: Sum, arrays: &[&[u8]], out: &mut Vec<u32>) {
    match sum {
        Sum::Bytes => out.push(arrays.iter().fold(0, |seed, bytes| crc32c(bytes, seed))),
        Sum::Lengths => {
            out.push(arrays.iter().fold(0, |seed, offsets| crc_of_lengths(offsets.as_chunks::<4>().0, seed)));
        }
        Sum::Words => {
            let [ids, codes @ ..] = arrays else { return };
            let (crc, used) = crc_of_words(ids, codes);
            out.extend([crc, used.len() as u32]);
            out.extend(used);
        }
    }
}

fn crc_of_lengths(offsets: &[[u8; 4]], mut seed: u32) -> u32 {
    let mut bytes = [0u8; 4096];
    let (from, to) = (offsets, offsets.get(1..).unwrap_or_default());
    for (from, to) in from.chunks(1024).zip(to.chunks(1024)) {
        for ((from, to), length) in from.iter().zip(to).zip(bytes.as_chunks_mut::<4>().0) {
            *length = u32::from_le_bytes(*to).wrapping_sub(u32::from_le_bytes(*from)).to_le_bytes();
        }
        seed = crc32c(&bytes[..to.len() * 4], seed);
    }
    seed
}

/// Which code a word has depends on how rows were cut, so words are numbered by first use. Gives the checksum of the numbers (u16).
fn crc_of_words(ids: &[u8], columns: &[&[u8]]) -> (u32, Vec<u32>) {
    let ids: Vec<u32> = ids.as_chunks::<4>().0.iter().map(|id| u32::from_le_bytes(*id)).collect();
    let mut rest = &ids[..];
    let mut numbers: Vec<Option<u16>> = vec![None; ids.len()];
    let mut used = Vec::new();
    let mut bytes = [0u8; 4096];
    let mut seed = 0;
    for codes in columns {
        let (own, others) = rest[1..].split_at(rest[0] as usize);
        rest = others;
        for codes in codes.as_chunks::<2>().0.chunks(2048) {
            for (code, to) in codes.iter().zip(bytes.as_chunks_mut::<2>().0) {
                let id = own[usize::from(u16::from_le_bytes(*code)).min(own.len() - 1)];
                let number = *numbers[id as usize].get_or_insert_with(|| {
                    used.push(id);
                    (used.len() - 1) as u16
                });
                *to = number.to_le_bytes();
            }
            seed = crc32c(&bytes[..codes.len() * 2], seed);
        }
    }
    (seed, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_of<const N: usize>(values: impl IntoIterator<Item = [u8; N]>) -> Vec<u8> {
        values.into_iter().flatten().collect()
    }

    fn of_u32(values: &[u32]) -> Vec<u8> {
        bytes_of(values.iter().map(|value| value.to_le_bytes()))
    }

    fn of_u16(values: &[u16]) -> Vec<u8> {
        bytes_of(values.iter().map(|value| value.to_le_bytes()))
    }

    fn summed(sum: Sum, arrays: &[&[u8]]) -> Vec<u32> {
        let mut out = Vec::new();
        sum_up(sum, arrays, &mut out);
        out
    }

    #[test]
    fn arrays_are_summed_up_as_if_they_were_one() {
        assert_eq!(summed(Sum::Bytes, &[b"12345", b"", b"6789"]), [0xe306_9283]);
        assert_eq!(summed(Sum::Bytes, &[]), [0]);
    }

    #[test]
    fn lengths_have_the_checksum_of_their_bytes() {
        let offsets: Vec<u32> = (0..5000u32).map(|i| i * i / 7).collect();
        let lengths: Vec<u32> = offsets.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let whole = summed(Sum::Lengths, &[&of_u32(&offsets)]);
        assert_eq!(whole, [crc32c(&of_u32(&lengths), 0)]);
        let later: Vec<u32> = offsets[3000..].iter().map(|offset| offset - offsets[3000]).collect();
        assert_eq!(summed(Sum::Lengths, &[&of_u32(&offsets[..=3000]), &of_u32(&later)]), whole);
        assert_eq!(summed(Sum::Lengths, &[&of_u32(&[4])]), [0]);
    }

    #[test]
    fn words_are_numbered_by_first_use_whatever_their_codes() {
        let numbers = of_u16(&[0, 0, 1, 2, 1]);
        let expected = [crc32c(&numbers, 0), 3, 1, 0, 2];
        let ids = of_u32(&[3, 0, 1, 2]);
        assert_eq!(summed(Sum::Words, &[&ids, &of_u16(&[1, 1, 0, 0xffff, 0])]), expected);
        let ids = of_u32(&[2, 1, 2, 4, 1, 0, 3, 2]);
        assert_eq!(summed(Sum::Words, &[&ids, &of_u16(&[0, 0]), &of_u16(&[1, 0xffff, 1])])[1..], expected[1..]);
        assert_eq!(summed(Sum::Words, &[&of_u32(&[1, 0]), &[]]), [0, 0]);
    }

    #[test]
    fn many_rows_of_words_are_as_their_numbers_at_once() {
        let numbers: Vec<u16> = (0..5000).map(|row| row % 3).collect();
        let codes: Vec<u16> = numbers.iter().map(|number| 2 - number).collect();
        let ids = of_u32(&[4, 0, 1, 2, 3]);
        let crc = crc32c(&of_u16(&numbers), 0);
        assert_eq!(summed(Sum::Words, &[&ids, &of_u16(&codes)]), [crc, 3, 2, 1, 0]);
    }
}
