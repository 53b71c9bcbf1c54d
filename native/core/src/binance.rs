//! Binance's usual trade, best-price and depth messages, read from captured lines straight into columns. Whatever is not exactly
//! of the usual form is left to the parser (connectors/exchanges/binance/parse.ts), which says what is right.

mod columns;
mod message;

pub use columns::{Books, Columns, Levels, Quotes, Trades};
use std::collections::HashMap;

use crate::decimal::{byte, digits, value_of};

/// What a stream's messages are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Trade,
    AggTrade,
    BookTicker,
    Depth,
}

/// What is known of a stream whose messages are read here.
pub struct Stream {
    pub kind: Kind,
    /// As messages write it, `BTCUSDT`.
    pub symbol: Vec<u8>,
    /// Prices outside of these are impossible.
    pub lowest: f64,
    pub highest: f64,
}

/// Why a scan ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// Of the bytes, or of the rows that were asked for.
    Done,
    /// The line at `at` is for the parser.
    Other,
    /// The line at `at` is of a stream whose name, `name`, was not met before.
    Unmet { from: usize, to: usize },
}

/// How far a scan came.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Scanned {
    /// Where the next line begins.
    pub at: usize,
    /// Receive time of the last line, µs.
    pub received: f64,
    pub end: End,
}

/// The streams of one reader.
#[derive(Default)]
pub struct Scanner {
    streams: Vec<Stream>,
    /// By name; those of the parser have none.
    numbers: HashMap<Box<[u8]>, Option<u32>>,
}

const PREFIX: &[u8] = b"{\"stream\":\"";
const MIDDLE: &[u8] = b"\",\"data\":{";
const LONGEST_NAME: usize = 64;

impl Scanner {
    /// From now on messages of a stream are read here, or left to the parser. Gives the stream's number.
    pub fn meet(&mut self, name: &[u8], stream: Option<Stream>) -> u32 {
        let number = self.streams.len() as u32;
        self.numbers.insert(name.into(), stream.is_some().then_some(number));
        self.streams.extend(stream);
        number
    }

    /// Reads lines of `<receive time, ns> <message>` from `from` on, until one that is not of the usual form, or until `rows`
    /// rows were read. A line that is left to the parser leaves nothing in `columns`.
    pub fn scan(&self, bytes: &[u8], from: usize, rows: usize, received: f64, columns: &mut Columns) -> Scanned {
        let mut scanned = Scanned { at: from, received, end: End::Done };
        for _ in 0..rows {
            if scanned.at >= bytes.len() {
                break;
            }
            match self.line(bytes, scanned.at, scanned.received, columns) {
                Ok((next, received)) => {
                    scanned.at = next;
                    scanned.received = received;
                }
                Err(end) => {
                    scanned.end = end;
                    break;
                }
            }
        }
        scanned
    }

    /// Reads a line; gives where the next one begins, and when this one was received.
    fn line(&self, bytes: &[u8], at: usize, before: f64, columns: &mut Columns) -> Result<(usize, f64), End> {
        let (stamp, end) = stamp(bytes, at).ok_or(End::Other)?;
        // Also when there is no time before it.
        if stamp.partial_cmp(&before).is_none_or(|order| order.is_lt()) {
            return Err(End::Other);
        }
        let from = end + 1;
        if !begins(bytes, from, PREFIX) {
            return Err(End::Other);
        }
        let from = from + PREFIX.len();
        let mut to = from;
        while byte(bytes, to) != b'"' {
            to += 1;
            if to >= bytes.len() || to - from > LONGEST_NAME {
                return Err(End::Other);
            }
        }
        let number = match self.numbers.get(&bytes[from..to]) {
            None => return Err(End::Unmet { from, to }),
            Some(None) => return Err(End::Other),
            Some(Some(number)) => *number,
        };
        if !begins(bytes, to, MIDDLE) {
            return Err(End::Other);
        }
        let stream = &self.streams[number as usize];
        let end = message::read(bytes, to + MIDDLE.len(), stream, number, stamp, columns).ok_or(End::Other)?;
        Ok((end + 1, stamp))
    }
}

/// A receive time of 4 to 19 digits before a space, as whole µs, and where the space stands. None when doubles cannot count so far.
fn stamp(bytes: &[u8], from: usize) -> Option<(f64, usize)> {
    let mut at = from;
    while byte(bytes, at).is_ascii_digit() {
        at += 1;
    }
    let count = at - from;
    if byte(bytes, at) != b' ' || !(4..=19).contains(&count) {
        return None;
    }
    let micros = value_of(&bytes[from..at - 3]);
    (micros < 1 << 53).then_some((micros as f64, at))
}

fn begins(bytes: &[u8], at: usize, with: &[u8]) -> bool {
    bytes.get(at..at + with.len()) == Some(with)
}

/// A trade's id: where its digits end.
fn id(bytes: &[u8], from: usize) -> Option<usize> {
    digits(bytes, from, 18)
}

#[cfg(test)]
mod tests;
