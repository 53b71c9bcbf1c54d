//! The fields of one message.

use super::columns::{ABSENT, Columns, Levels};
use super::{Kind, Stream, begins, id};
use crate::decimal::{byte, quoted, whole};

/// What a message has said so far; NaN or nothing for what it has not.
struct Said {
    time: f64,
    event_time: f64,
    id: Option<(usize, usize)>,
    first: Option<i64>,
    last: Option<i64>,
    previous: i64,
    price: f64,
    size: f64,
    bid: f64,
    bid_size: f64,
    ask: f64,
    ask_size: f64,
    maker: Option<u8>,
    named: bool,
    typed: bool,
    bids: bool,
    asks: bool,
}

const NOTHING: Said = Said {
    time: f64::NAN,
    event_time: f64::NAN,
    id: None,
    first: None,
    last: None,
    previous: ABSENT,
    price: f64::NAN,
    size: f64::NAN,
    bid: f64::NAN,
    bid_size: f64::NAN,
    ask: f64::NAN,
    ask_size: f64::NAN,
    maker: None,
    named: false,
    typed: false,
    bids: false,
    asks: false,
};

/// Reads the fields of `data` from `at` up to the end of the line, and pushes the row that they make. Gives where the line ends (the
/// newline, or the end of the bytes); none, with nothing pushed, when one of them, or what they make together, is not usual.
pub fn read(
    bytes: &[u8],
    at: usize,
    stream: &Stream,
    number: u32,
    received: f64,
    columns: &mut Columns,
) -> Option<usize> {
    let mut said = NOTHING;
    let end = fields(bytes, at, stream, &mut said, columns);
    if end.is_none() && stream.kind == Kind::Depth {
        columns.books.bids.cut();
        columns.books.asks.cut();
    }
    let end = end?;
    push(bytes, stream, number, &said, received, columns);
    Some(end)
}

fn fields(bytes: &[u8], start: usize, stream: &Stream, said: &mut Said, columns: &mut Columns) -> Option<usize> {
    let mut at = start;
    loop {
        at = field(bytes, at, stream, said, columns)?;
        match byte(bytes, at) {
            b',' => at += 1,
            b'}' if is_whole(said, stream) => return end_of(bytes, at + 1),
            _ => return None,
        }
    }
}

/// True when everything is there that a record needs, and nothing is impossible.
fn is_whole(said: &mut Said, stream: &Stream) -> bool {
    if !said.named {
        return false;
    }
    if said.time.is_nan() {
        said.time = said.event_time;
    }
    let possible = |price: f64| price >= stream.lowest && price <= stream.highest;
    match stream.kind {
        Kind::Trade | Kind::AggTrade => {
            said.typed
                && said.time > 0.0
                && said.id.is_some()
                && said.maker.is_some()
                && said.size > 0.0
                && possible(said.price)
        }
        Kind::BookTicker => {
            possible(said.bid)
                && possible(said.ask)
                && said.bid_size > 0.0
                && said.ask_size > 0.0
                && said.last.is_some()
        }
        Kind::Depth => {
            said.typed && said.time > 0.0 && said.first.is_some() && said.last.is_some() && said.bids && said.asks
        }
    }
}

/// One `"key":value`; gives where it ends.
fn field(bytes: &[u8], at: usize, stream: &Stream, said: &mut Said, columns: &mut Columns) -> Option<usize> {
    if byte(bytes, at) != b'"' {
        return None;
    }
    if byte(bytes, at + 2) != b'"' {
        return long_field(bytes, at, said);
    }
    if byte(bytes, at + 3) != b':' {
        return None;
    }
    let value = at + 4;
    let kind = stream.kind;
    let trades = kind == Kind::Trade || kind == Kind::AggTrade;
    match (byte(bytes, at + 1), kind) {
        (b'e', _) => {
            said.typed = true;
            text(bytes, value, name_of(kind))
        }
        (b's', _) => {
            said.named = true;
            text(bytes, value, &stream.symbol)
        }
        (b'E', _) => millis(bytes, value, &mut said.event_time),
        (b'T', _) => millis(bytes, value, &mut said.time),
        (b'u', _) if !trades => number(bytes, value, &mut said.last),
        (b'U', Kind::Depth) => number(bytes, value, &mut said.first),
        (b't', Kind::Trade) | (b'a', Kind::AggTrade) => {
            let end = id(bytes, value)?;
            said.id = Some((value, end));
            Some(end)
        }
        (b'p', _) if trades => decimal(bytes, value, &mut said.price),
        (b'q', _) if trades => decimal(bytes, value, &mut said.size),
        (b'm', _) => {
            let (maker, end) = flag(bytes, value)?;
            said.maker = Some(maker);
            Some(end)
        }
        // M: said to be ignored.
        (b'M', _) => Some(flag(bytes, value)?.1),
        // The kind of order.
        (b'X', _) => skip_text(bytes, value),
        (b'f' | b'l', Kind::AggTrade) => Some(whole(bytes, value)?.1),
        (b'a', Kind::BookTicker) => decimal(bytes, value, &mut said.ask),
        (b'A', Kind::BookTicker) => decimal(bytes, value, &mut said.ask_size),
        (b'b', Kind::BookTicker) => decimal(bytes, value, &mut said.bid),
        (b'B', Kind::BookTicker) => decimal(bytes, value, &mut said.bid_size),
        (b'a', Kind::Depth) if !said.asks => {
            said.asks = true;
            levels(bytes, value, &mut columns.books.asks)
        }
        (b'b', Kind::Depth) if !said.bids => {
            said.bids = true;
            levels(bytes, value, &mut columns.books.bids)
        }
        _ => None,
    }
}

/// `"pu"` of a depth update, and `"ps"` (a pair), `"st"` (a number), which nothing needs.
fn long_field(bytes: &[u8], at: usize, said: &mut Said) -> Option<usize> {
    if byte(bytes, at + 3) != b'"' || byte(bytes, at + 4) != b':' {
        return None;
    }
    match &bytes[at + 1..at + 3] {
        b"pu" => {
            let (previous, end) = whole(bytes, at + 5)?;
            said.previous = previous;
            Some(end)
        }
        b"ps" => skip_text(bytes, at + 5),
        b"st" => Some(whole(bytes, at + 5)?.1),
        _ => None,
    }
}

/// `[["61800.20","2.909"],…]` into columns.
fn levels(bytes: &[u8], from: usize, into: &mut Levels) -> Option<usize> {
    if byte(bytes, from) != b'[' {
        return None;
    }
    let mut at = from + 1;
    if byte(bytes, at) == b']' {
        return Some(at + 1);
    }
    loop {
        if byte(bytes, at) != b'[' {
            return None;
        }
        let (price, end) = quoted(bytes, at + 1)?;
        if price <= 0.0 || byte(bytes, end) != b',' {
            return None;
        }
        let (size, end) = quoted(bytes, end + 1)?;
        if byte(bytes, end) != b']' {
            return None;
        }
        into.price.push(price);
        into.size.push(size);
        at = end + 1;
        match byte(bytes, at) {
            b',' => at += 1,
            b']' => return Some(at + 1),
            _ => return None,
        }
    }
}

/// As `"e"` names it, with the quote behind it.
fn name_of(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::Trade => b"trade",
        Kind::AggTrade => b"aggTrade",
        Kind::BookTicker => b"bookTicker",
        Kind::Depth => b"depthUpdate",
    }
}

fn decimal(bytes: &[u8], at: usize, into: &mut f64) -> Option<usize> {
    let (value, end) = quoted(bytes, at)?;
    *into = value;
    Some(end)
}

fn number(bytes: &[u8], at: usize, into: &mut Option<i64>) -> Option<usize> {
    let (value, end) = whole(bytes, at)?;
    *into = Some(value);
    Some(end)
}

/// A time of 13 digits in ms, as µs.
fn millis(bytes: &[u8], at: usize, into: &mut f64) -> Option<usize> {
    let (value, end) = whole(bytes, at)?;
    *into = (value * 1000) as f64;
    (end == at + 13).then_some(end)
}

/// `true` is 1, `false` 0.
fn flag(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    if begins(bytes, at, b"true") {
        return Some((1, at + 4));
    }
    begins(bytes, at, b"false").then_some((0, at + 5))
}

/// A text of known bytes, with its quotes; gives where it ends.
fn text(bytes: &[u8], at: usize, expected: &[u8]) -> Option<usize> {
    let end = at + 1 + expected.len();
    (byte(bytes, at) == b'"' && begins(bytes, at + 1, expected) && byte(bytes, end) == b'"').then_some(end + 1)
}

/// Where a text without escapes ends, behind its quote.
fn skip_text(bytes: &[u8], from: usize) -> Option<usize> {
    if byte(bytes, from) != b'"' {
        return None;
    }
    let mut at = from + 1;
    loop {
        match byte(bytes, at) {
            b'"' => return Some(at + 1),
            // An escape, a control character, a byte of a longer letter, or the end of the bytes.
            b'\\' | 0..=31 | 127.. => return None,
            _ => at += 1,
        }
    }
}

/// The end of the line behind the wrapper's own brace.
fn end_of(bytes: &[u8], at: usize) -> Option<usize> {
    (byte(bytes, at) == b'}' && (at + 1 == bytes.len() || bytes[at + 1] == b'\n')).then_some(at + 1)
}

fn push(bytes: &[u8], stream: &Stream, number: u32, said: &Said, received: f64, columns: &mut Columns) {
    match stream.kind {
        Kind::Trade | Kind::AggTrade => {
            let trades = &mut columns.trades;
            let (from, to) = said.id.unwrap_or_default();
            trades.stream.push(number);
            trades.time.push(said.time);
            trades.received.push(received);
            trades.price.push(said.price);
            trades.size.push(said.size);
            trades.side.push(said.maker.unwrap_or_default());
            trades.series.push((stream.kind == Kind::AggTrade) as u8);
            trades.ids.extend_from_slice(&bytes[from..to]);
            trades.id_ends.push(trades.ids.len() as u32);
        }
        Kind::BookTicker => {
            let quotes = &mut columns.quotes;
            quotes.stream.push(number);
            quotes.time.push(said.time);
            quotes.received.push(received);
            quotes.bid.push(said.bid);
            quotes.bid_size.push(said.bid_size);
            quotes.ask.push(said.ask);
            quotes.ask_size.push(said.ask_size);
            quotes.sequence.push(said.last.unwrap_or_default());
        }
        Kind::Depth => {
            let books = &mut columns.books;
            books.stream.push(number);
            books.time.push(said.time);
            books.received.push(received);
            books.first.push(said.first.unwrap_or_default());
            books.last.push(said.last.unwrap_or_default());
            books.previous.push(said.previous);
            books.bids.end();
            books.asks.end();
        }
    }
}
