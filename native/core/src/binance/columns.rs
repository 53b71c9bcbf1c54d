//! The rows of a scan as columns, which a caller takes and empties. Times are µs.

/// An id that a message does not have.
pub const ABSENT: i64 = i64::MIN;

#[derive(Default)]
pub struct Columns {
    pub trades: Trades,
    pub quotes: Quotes,
    pub books: Books,
}

#[derive(Default)]
pub struct Trades {
    /// Number of each row's stream.
    pub stream: Vec<u32>,
    pub time: Vec<f64>,
    pub received: Vec<f64>,
    pub price: Vec<f64>,
    pub size: Vec<f64>,
    /// 0 when the taker bought, 1 when it sold.
    pub side: Vec<u8>,
    /// 1 where the id is an aggregated trade's.
    pub series: Vec<u8>,
    /// The digits of all ids, and where each ends.
    pub ids: Vec<u8>,
    pub id_ends: Vec<u32>,
}

#[derive(Default)]
pub struct Quotes {
    pub stream: Vec<u32>,
    /// NaN where the message has none.
    pub time: Vec<f64>,
    pub received: Vec<f64>,
    pub bid: Vec<f64>,
    pub bid_size: Vec<f64>,
    pub ask: Vec<f64>,
    pub ask_size: Vec<f64>,
    pub sequence: Vec<i64>,
}

#[derive(Default)]
pub struct Books {
    pub stream: Vec<u32>,
    pub time: Vec<f64>,
    pub received: Vec<f64>,
    pub first: Vec<i64>,
    pub last: Vec<i64>,
    pub previous: Vec<i64>,
    pub bids: Levels,
    pub asks: Levels,
}

/// Levels of all rows, and where those of each row end.
#[derive(Default)]
pub struct Levels {
    pub price: Vec<f64>,
    pub size: Vec<f64>,
    pub ends: Vec<u32>,
}

impl Levels {
    /// Drops what was read since the last row.
    pub fn cut(&mut self) {
        let rows = self.ends.last().map_or(0, |end| *end as usize);
        self.price.truncate(rows);
        self.size.truncate(rows);
    }

    /// What was read since the last row is a row.
    pub fn end(&mut self) {
        self.ends.push(self.price.len() as u32);
    }
}
