//! CRC-32C (Castagnoli), the checksum of every block in the embedded log.
//!
//! Source: RFC 3720 §12.1 (polynomial 0x1EDC6F41, reflected 0x82F63B78) and its test vectors in appendix B.4;
//! slicing by eight after Kounavis and Berry (2005), "A Systematic Approach to Building High Performance CRC Generators".

/// Checksum of `bytes`. `seed` is the checksum of what came before (0 at the start), so that
/// `crc32c(b, crc32c(a, 0))` equals `crc32c(a ++ b, 0)`.
pub fn crc32c(bytes: &[u8], seed: u32) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("sse4.2") {
        // SAFETY: the instruction was detected just above.
        return !unsafe { by_sse42(bytes, !seed) };
    }
    #[cfg(target_arch = "aarch64")]
    if std::arch::is_aarch64_feature_detected!("crc") {
        // SAFETY: the instruction was detected just above.
        return !unsafe { by_arm_crc(bytes, !seed) };
    }
    !by_tables(bytes, !seed)
}

/// Bytes of a lane. The instruction gives its result after three cycles and takes a word every cycle, so that three lanes side by
/// side cost what one does. What a lane's register is after the lanes behind it is read off `PAST_LANE`.
const LANE: usize = 1024;

/// Takes three lanes at once for as long as there are three; gives the register, and the words and bytes that are left.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! three_at_once {
    ($bytes:expr, $state:expr, $step:expr) => {{
        let mut state: u32 = $state;
        let (words, rest) = $bytes.as_chunks::<8>();
        let (blocks, words) = words.as_chunks::<{ 3 * LANE / 8 }>();
        for block in blocks {
            let (first, others) = block.split_at(LANE / 8);
            let (second, third) = others.split_at(LANE / 8);
            let (mut one, mut two, mut three) = (state, 0, 0);
            for ((a, b), c) in first.iter().zip(second).zip(third) {
                one = $step(one, a);
                two = $step(two, b);
                three = $step(three, c);
            }
            state = past_lane(past_lane(one) ^ two) ^ three;
        }
        (state, words, rest)
    }};
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse4.2")]
fn by_sse42(bytes: &[u8], state: u32) -> u32 {
    use std::arch::x86_64::{_mm_crc32_u8, _mm_crc32_u64};
    // The upper half is always zero: the instruction writes 32 bits.
    let step = |state: u32, word: &[u8; 8]| _mm_crc32_u64(u64::from(state), u64::from_le_bytes(*word)) as u32;
    let (mut state, words, rest) = three_at_once!(bytes, state, step);
    for word in words {
        state = step(state, word);
    }
    rest.iter().fold(state, |state, byte| _mm_crc32_u8(state, *byte))
}

#[cfg(target_arch = "aarch64")]
#[target_feature(enable = "crc")]
fn by_arm_crc(bytes: &[u8], state: u32) -> u32 {
    use std::arch::aarch64::{__crc32cb, __crc32cd};
    let step = |state: u32, word: &[u8; 8]| __crc32cd(state, u64::from_le_bytes(*word));
    let (mut state, words, rest) = three_at_once!(bytes, state, step);
    for word in words {
        state = step(state, word);
    }
    rest.iter().fold(state, |state, byte| __crc32cb(state, *byte))
}

/// The portable way, for machines without the instruction.
fn by_tables(bytes: &[u8], state: u32) -> u32 {
    let (words, rest) = bytes.as_chunks::<8>();
    let state = words.iter().fold(state, |state, word| {
        let mixed = u64::from_le_bytes(*word) ^ u64::from(state);
        // The first byte has seven more to pass through, the last one none.
        mixed.to_le_bytes().iter().enumerate().fold(0, |sum, (at, byte)| sum ^ TABLES[7 - at][usize::from(*byte)])
    });
    rest.iter().fold(state, |state, byte| (state >> 8) ^ TABLES[0][usize::from(state as u8 ^ byte)])
}

/// What is left of a register after a lane of zero bytes; those of two lanes add up, as everything here does.
fn past_lane(state: u32) -> u32 {
    state.to_le_bytes().iter().enumerate().fold(0, |sum, (at, byte)| sum ^ PAST_LANE[at][usize::from(*byte)])
}

/// `PAST_LANE[n][b]` is what byte n of a register, `b`, leaves of it after `LANE` zero bytes.
static PAST_LANE: [[u32; 256]; 4] = past_lanes();

const fn past_lanes() -> [[u32; 256]; 4] {
    let mut bits = [0u32; 32];
    let mut bit = 0;
    while bit < 32 {
        let mut state = 1u32 << bit;
        let mut byte = 0;
        while byte < LANE {
            state = (state >> 8) ^ TABLES[0][(state & 0xff) as usize];
            byte += 1;
        }
        bits[bit] = state;
        bit += 1;
    }
    let mut past = [[0u32; 256]; 4];
    let mut at = 0;
    while at < 1024 {
        let mut bit = 0;
        while bit < 8 {
            if (at % 256) >> bit & 1 == 1 {
                past[at / 256][at % 256] ^= bits[at / 256 * 8 + bit];
            }
            bit += 1;
        }
        at += 1;
    }
    past
}

/// `TABLES[n][b]` is what byte `b` leaves in the register after `n` more zero bytes.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0u32; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut state = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            state = if state & 1 == 1 { (state >> 1) ^ 0x82f6_3b78 } else { state >> 1 };
            bit += 1;
        }
        tables[0][byte] = state;
        byte += 1;
    }
    let mut zeros = 1;
    while zeros < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[zeros - 1][byte];
            tables[zeros][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        zeros += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3720 appendix B.4.
    #[test]
    fn agrees_with_the_vectors_of_rfc_3720() {
        let up: Vec<u8> = (0..32).collect();
        let down: Vec<u8> = (0..32).rev().collect();
        assert_eq!(crc32c(&[0; 32], 0), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32], 0), 0x62a8_ab43);
        assert_eq!(crc32c(&up, 0), 0x46dd_794e);
        assert_eq!(crc32c(&down, 0), 0x113f_db5c);
        assert_eq!(crc32c(b"123456789", 0), 0xe306_9283);
        assert_eq!(crc32c(b"", 0), 0);
    }

    #[test]
    fn the_instruction_and_the_tables_agree_at_every_length_and_alignment() {
        let bytes: Vec<u8> = (0..300u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for from in 0..9 {
            for to in from..bytes.len() {
                let part = &bytes[from..to];
                assert_eq!(crc32c(part, 7), !by_tables(part, !7), "{from}..{to}");
            }
        }
    }

    #[test]
    fn lanes_side_by_side_are_as_one() {
        let bytes: Vec<u8> = (0..20_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
        for length in [3071, 3072, 3073, 3079, 3080, 6143, 6144, 9300, 19_999] {
            for from in 0..8 {
                let part = &bytes[from..from + length.min(bytes.len() - from)];
                assert_eq!(crc32c(part, 7), !by_tables(part, !7), "{from}, {length}");
            }
        }
    }

    #[test]
    fn a_seed_continues_the_checksum_of_what_came_before() {
        let text = b"the quick brown fox jumps over the lazy dog";
        for cut in 0..=text.len() {
            assert_eq!(crc32c(&text[cut..], crc32c(&text[..cut], 0)), crc32c(text, 0));
        }
    }

    #[test]
    fn a_flipped_bit_always_shows() {
        let mut bytes = [0x5au8; 64];
        let whole = crc32c(&bytes, 0);
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(crc32c(&bytes, 0), whole, "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
