//! Numbers straight from bytes, where they are of the plain form that exchanges write.

/// 10⁰ … 10²², each a double without an error.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// The byte at `at`; 0, which no number and no message has, behind the end.
#[inline(always)]
pub fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// A decimal in quotes, `"61800.20"`, and where it ends; nothing when it is not of the plain form.
///
/// One of up to 15 digits is a whole number below 2⁵³ over a power of ten up to 10²²: their quotient is the double nearest to
/// the text (Clinger 1990, "How to Read Floating Point Numbers Accurately"). Longer ones are left to the standard library.
#[inline]
pub fn quoted(bytes: &[u8], from: usize) -> Option<(f64, usize)> {
    if byte(bytes, from) != b'"' {
        return None;
    }
    let start = from + 1;
    let mut at = start;
    let mut value = 0u64;
    let mut digits = 0usize;
    let mut point = None;
    loop {
        let digit = byte(bytes, at).wrapping_sub(b'0');
        if digit <= 9 {
            if digits < 15 {
                value = value * 10 + digit as u64;
            }
            // Zeros before the first digit that counts are no digits.
            digits += (value > 0) as usize;
        } else if digit == b'.'.wrapping_sub(b'0') && point.is_none() && at > start {
            point = Some(at);
        } else {
            break;
        }
        at += 1;
    }
    if byte(bytes, at) != b'"' || at == start {
        return None;
    }
    let decimals = point.map_or(0, |point| at - point - 1);
    if digits > 15 || decimals > 22 {
        let text = std::str::from_utf8(&bytes[start..at]).ok()?;
        return Some((text.parse().ok()?, at + 1));
    }
    let whole = value as f64;
    Some((if decimals == 0 { whole } else { whole / POWERS[decimals] }, at + 1))
}

/// Where the digits of a whole number, as JSON writes it, end, if there are at most `most`.
#[inline]
pub fn digits(bytes: &[u8], from: usize, most: usize) -> Option<usize> {
    let mut at = from;
    while byte(bytes, at).is_ascii_digit() {
        at += 1;
    }
    let count = at - from;
    if count == 0 || count > most || (bytes[from] == b'0' && count > 1) { None } else { Some(at) }
}

/// A whole number of 1 to 15 digits, as JSON writes it, and where it ends.
#[inline]
pub fn whole(bytes: &[u8], from: usize) -> Option<(i64, usize)> {
    let end = digits(bytes, from, 15)?;
    Some((value_of(&bytes[from..end]) as i64, end))
}

/// The number that up to 19 digits say.
#[inline]
pub fn value_of(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value, digit| value * 10 + (digit - b'0') as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(f64, usize)> {
        quoted(text.as_bytes(), 0)
    }

    #[test]
    fn decimals_are_the_doubles_nearest_to_their_text() {
        let mut seed = 1u64;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) % below
        };
        for _ in 0..200_000 {
            let whole: String = (0..1 + next(14)).map(|_| (b'0' + next(10) as u8) as char).collect();
            let part: String = (0..next(26)).map(|_| (b'0' + next(10) as u8) as char).collect();
            let text = if next(4) == 0 { whole } else { format!("{whole}.{part}") };
            let (value, end) = of(&format!("\"{text}\"")).unwrap();
            assert_eq!(value.to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
            assert_eq!(end, text.len() + 2);
        }
    }

    #[test]
    fn what_is_no_plain_decimal_is_none() {
        for text in ["\"\"", "\".\"", "\".5\"", "\"1.2.3\"", "\"-1\"", "\"1e5\"", "\" 1\"", "\"1", "1", ""] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn whole_numbers_are_as_json_writes_them() {
        assert_eq!(whole(b"123456789012345,", 0), Some((123456789012345, 15)));
        assert_eq!(whole(b"0", 0), Some((0, 1)));
        for text in ["01", "", "-1", "1234567890123456", "x"] {
            assert_eq!(whole(text.as_bytes(), 0), None, "{text}");
        }
        assert_eq!(digits(b"123456789012345678}", 0, 18), Some(18));
        assert_eq!(digits(b"1234567890123456789}", 0, 18), None);
    }
}
