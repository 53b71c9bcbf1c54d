//! Rows of sorted lanes in one order: by receive time, and by the lane where times are equal.

/// A lane's rows in hand; those of the lane with the smaller number come first.
pub struct Lane<'a> {
    /// µs, rising.
    pub received: &'a [f64],
    /// Numbers of the rows in their batch; empty: 0, 1, 2, …
    pub rows: &'a [u32],
}

/// A merged batch while it is filled.
pub struct Fill<'a> {
    /// Which batch each row is of.
    pub source: &'a mut [u16],
    /// Which row of it.
    pub row: &'a mut [u32],
    /// Rows so far.
    pub count: usize,
    /// Rows received later, µs, are left for the next one.
    pub last: f64,
}

/// Moves rows into a merged batch until a lane has no more, the batch is full or the next row is too late for it.
///
/// `next` is the next row of each lane, and moves on; `codes` the number of each lane's batch in the merged one, −1 for one that has no
/// row there yet, which gets the next number, from `sources` on. Gives the lane of the last row; none when nothing was moved.
pub fn merge(lanes: &[Lane], next: &mut [u32], codes: &mut [i32], mut sources: u32, fill: &mut Fill) -> Option<usize> {
    let mut moved = None;
    while fill.count < fill.row.len() {
        let (mut first, mut rival) = (None, None);
        for (at, lane) in lanes.iter().enumerate() {
            // Every lane has a row: else the caller must look for more.
            let Some(&time) = lane.received.get(next[at] as usize) else { return moved };
            if first.is_none_or(|(least, _)| time < least) {
                rival = first;
                first = Some((time, at));
            } else if rival.is_none_or(|(least, _)| time < least) {
                rival = Some((time, at));
            }
        }
        let (time, at) = first?;
        if time > fill.last {
            break;
        }
        if codes[at] < 0 {
            codes[at] = sources as i32;
            sources += 1;
        }
        // Rows at the rival's time come before it when their lane does.
        let limit = rival.map_or(f64::INFINITY, |(time, _)| time).min(fill.last);
        let inclusive = limit == fill.last || rival.is_none_or(|(_, other)| at < other);
        let inclusive = inclusive && rival.is_none_or(|(time, other)| limit < time || at < other);
        let lane = &lanes[at];
        // Row by row: where lanes take turns, as trades and quotes do, a run is seldom longer than a few.
        loop {
            let from = next[at] as usize;
            fill.source[fill.count] = codes[at] as u16;
            fill.row[fill.count] = lane.rows.get(from).copied().unwrap_or(next[at]);
            fill.count += 1;
            next[at] += 1;
            let Some(&time) = lane.received.get(from + 1) else { break };
            if fill.count == fill.row.len() || time > limit || time == limit && !inclusive {
                break;
            }
        }
        moved = Some(at);
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a merge gives: times, lanes, and how far each lane came.
    fn merged(lanes: &[&[f64]], room: usize, last: f64) -> (Vec<(f64, usize)>, Vec<u32>, Option<usize>) {
        let all: Vec<Lane> = lanes.iter().map(|received| Lane { received, rows: &[] }).collect();
        let (mut source, mut row) = (vec![0; room], vec![0; room]);
        let (mut next, mut codes) = (vec![0; lanes.len()], vec![-1; lanes.len()]);
        let mut fill = Fill { source: &mut source, row: &mut row, count: 0, last };
        let moved = merge(&all, &mut next, &mut codes, 0, &mut fill);
        let count = fill.count;
        let lane_of = |code: u16| codes.iter().position(|one| *one == code as i32).unwrap();
        let rows = (0..count).map(|i| (lane_of(source[i]), row[i] as usize));
        (rows.map(|(lane, row)| (lanes[lane][row], lane)).collect(), next, moved)
    }

    #[test]
    fn rows_come_by_time_and_then_by_lane_until_a_lane_ends() {
        let (rows, next, moved) =
            merged(&[&[1.0, 3.0, 3.0, 9.0], &[1.0, 2.0, 3.0], &[0.0, 3.0, 8.0]], 100, f64::INFINITY);
        let order = [(0.0, 2), (1.0, 0), (1.0, 1), (2.0, 1), (3.0, 0), (3.0, 0), (3.0, 1)];
        assert_eq!((rows.as_slice(), next, moved), (order.as_slice(), vec![3, 3, 1], Some(1)));
    }

    #[test]
    fn a_full_batch_and_a_late_row_end_it() {
        let lanes: [&[f64]; 2] = [&[1.0, 2.0, 5.0], &[1.5, 2.0, 4.0]];
        assert_eq!(merged(&lanes, 3, f64::INFINITY).1, [2, 1]);
        assert_eq!(merged(&lanes, 9, 2.0).1, [2, 2]);
        assert_eq!(merged(&lanes, 9, 1.2).1, [1, 0]);
        assert_eq!(merged(&lanes, 9, 0.5).2, None);
    }

    #[test]
    fn it_is_a_stable_sort() {
        let mut seed = 7u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) % below
        };
        for _ in 0..2000 {
            let lanes: Vec<Vec<f64>> = (0..1 + random(4))
                .map(|_| {
                    let mut times: Vec<f64> = (0..1 + random(20)).map(|_| random(12) as f64).collect();
                    times.sort_by(f64::total_cmp);
                    times
                })
                .collect();
            let slices: Vec<&[f64]> = lanes.iter().map(Vec::as_slice).collect();
            let last = if random(2) == 0 { f64::INFINITY } else { random(12) as f64 };
            let (rows, next, _) = merged(&slices, 1 + random(60) as usize, last);
            let mut all: Vec<(f64, usize)> = lanes
                .iter()
                .enumerate()
                .flat_map(|(lane, times)| times.iter().map(move |time| (*time, lane)))
                .collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            assert_eq!(rows, all[..rows.len()]);
            assert!(rows.iter().all(|(time, _)| *time <= last));
            assert_eq!(next.iter().sum::<u32>() as usize, rows.len());
        }
    }
}
