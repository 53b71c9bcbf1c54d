//! Sums and highs over the last bars, without drift: nothing is ever subtracted.
//!
//! A window of `w` bars is the end of one block of `w` bars and the beginning of the next. When a block is full, its values are
//! replaced by the sums from each of them to its end; after that, the sum of a window is one of those plus the sum of the
//! block that is being filled. Source: M. van Herk (1992), Gil and Werman (1993), for maxima; it holds for sums as well.
//! The cost is two additions a bar; where a block ends depends on how many bars there were, never on how they came.

/// Of a window of sums: its position and three sums of the block that is being filled, then three values a bar.
pub const fn sums_len(bars: usize) -> usize {
    4 + 3 * bars
}

/// Adds a bar's return and volume; gives the sums of return, squared return and volume over the last `bars`.
pub fn push_sums(state: &mut [f64], bars: usize, value: f64, volume: f64) -> [f64; 3] {
    let (head, data) = state.split_at_mut(4);
    let at = head[0] as usize;
    let new = [value, value * value, volume];
    let mut total = [0.0; 3];
    for lane in 0..3 {
        let old = if at + 1 < bars { data[3 * (at + 1) + lane] } else { 0.0 };
        head[1 + lane] += new[lane];
        data[3 * at + lane] = new[lane];
        total[lane] = old + head[1 + lane];
    }
    head[0] += 1.0;
    if at + 1 == bars {
        for bar in (0..bars - 1).rev() {
            for lane in 0..3 {
                data[3 * bar + lane] += data[3 * (bar + 1) + lane];
            }
        }
        head.fill(0.0);
    }
    total
}

/// Of a window of highs: its position and the highest of the block that is being filled, then a value a bar.
pub const fn high_len(bars: usize) -> usize {
    2 + bars
}

/// Adds a price; gives the highest of the last `bars`.
pub fn push_high(state: &mut [f64], bars: usize, price: f64) -> f64 {
    let (head, data) = state.split_at_mut(2);
    let at = head[0] as usize;
    let old = if at + 1 < bars { data[at + 1] } else { 0.0 };
    head[1] = head[1].max(price);
    data[at] = price;
    let highest = old.max(head[1]);
    head[0] += 1.0;
    if at + 1 == bars {
        for bar in (0..bars - 1).rev() {
            data[bar] = data[bar].max(data[bar + 1]);
        }
        head.fill(0.0);
    }
    highest
}

/// Puts a price into a ring whose length is that of `ring` less one: its first place is where the next one goes.
pub fn push_ring(ring: &mut [f64], price: f64) {
    let (head, data) = ring.split_at_mut(1);
    let at = head[0] as usize;
    data[at] = price;
    head[0] = if at + 1 == data.len() { 0.0 } else { head[0] + 1.0 };
}

/// The price of `back` pushes before the last one; `back` is less than the ring's length.
pub fn ring_at(ring: &[f64], back: usize) -> f64 {
    let length = ring.len() - 1;
    let next = ring[0] as usize;
    let at = next + length - 1 - back;
    ring[1 + if at >= length { at - length } else { at }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(bars: usize) -> Vec<f64> {
        let mut seed = 7u64;
        (0..bars)
            .map(|_| {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (seed >> 11) as f64 / (1u64 << 53) as f64
            })
            .collect()
    }

    #[test]
    fn a_window_is_the_sum_and_the_high_of_its_bars() {
        let values = noise(3000);
        for bars in [1, 2, 7, 60] {
            let (mut sums, mut high, mut ring) =
                (vec![0.0; sums_len(bars)], vec![0.0; high_len(bars)], vec![0.0; bars + 2]);
            for at in 0..values.len() {
                let got = push_sums(&mut sums, bars, values[at], 3.0 * values[at]);
                let highest = push_high(&mut high, bars, values[at]);
                push_ring(&mut ring, values[at]);
                if at < bars {
                    continue;
                }
                let window = &values[at + 1 - bars..=at];
                let want = [
                    window.iter().sum(),
                    window.iter().map(|x| x * x).sum(),
                    window.iter().map(|x| 3.0 * x).sum::<f64>(),
                ];
                for lane in 0..3 {
                    assert!((got[lane] - want[lane]).abs() <= 1e-13 * want[lane], "{bars} {at} {lane}");
                }
                assert_eq!(highest, window.iter().copied().fold(0.0, f64::max));
                assert_eq!(ring_at(&ring, bars), values[at - bars]);
                assert_eq!(ring_at(&ring, 0), values[at]);
            }
        }
    }

    #[test]
    fn a_huge_value_leaves_nothing_behind_when_it_has_left() {
        let mut sums = vec![0.0; sums_len(5)];
        push_sums(&mut sums, 5, 1e9, 1e18);
        let mut last = [0.0; 3];
        for _ in 0..5 {
            last = push_sums(&mut sums, 5, 0.1, 1.0);
        }
        assert!((last[0] - 0.5).abs() < 1e-15 && last[2] == 5.0, "{last:?}");
    }
}
