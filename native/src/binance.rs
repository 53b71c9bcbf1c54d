//! The border of `smartspeed_core::binance`; the docs stand in `native/binance.ts`.

use std::mem::take;

use napi::bindgen_prelude::{BigInt64Array, Float64Array, Uint8Array, Uint32Array};
use napi_derive::napi;
use smartspeed_core::binance::{Books, Columns, End, Kind, Quotes, Scanner, Stream, Trades};

#[napi]
#[derive(Default)]
pub struct BinanceScanner {
    scanner: Scanner,
}

#[napi(object)]
pub struct Scan {
    pub at: u32,
    pub received: f64,
    pub lines: u32,
    pub name_from: Option<u32>,
    pub name_to: Option<u32>,
    pub trades: Option<ScannedTrades>,
    pub quotes: Option<ScannedQuotes>,
    pub books: Option<ScannedBooks>,
}

#[napi(object)]
pub struct ScannedTrades {
    pub stream: Uint32Array,
    pub time: Float64Array,
    pub received: Float64Array,
    pub price: Float64Array,
    pub size: Float64Array,
    pub side: Uint8Array,
    pub series: Uint8Array,
    pub ids: Uint8Array,
    pub id_ends: Uint32Array,
}

#[napi(object)]
pub struct ScannedQuotes {
    pub stream: Uint32Array,
    pub time: Float64Array,
    pub received: Float64Array,
    pub bid: Float64Array,
    pub bid_size: Float64Array,
    pub ask: Float64Array,
    pub ask_size: Float64Array,
    pub sequence: BigInt64Array,
}

#[napi(object)]
pub struct ScannedBooks {
    pub stream: Uint32Array,
    pub time: Float64Array,
    pub received: Float64Array,
    pub first: BigInt64Array,
    pub last: BigInt64Array,
    pub previous: BigInt64Array,
    pub bid_price: Float64Array,
    pub bid_size: Float64Array,
    pub bid_ends: Uint32Array,
    pub ask_price: Float64Array,
    pub ask_size: Float64Array,
    pub ask_ends: Uint32Array,
}

#[napi]
impl BinanceScanner {
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self::default()
    }

    #[napi(catch_unwind)]
    pub fn meet(&mut self, name: &[u8], kind: Option<u32>, symbol: &[u8], lowest: f64, highest: f64) -> u32 {
        let kinds = [Kind::Trade, Kind::AggTrade, Kind::BookTicker, Kind::Depth];
        let symbol = symbol.to_vec();
        self.scanner.meet(name, kind.map(|kind| Stream { kind: kinds[kind as usize], symbol, lowest, highest }))
    }

    #[napi(catch_unwind)]
    pub fn scan(&self, bytes: &[u8], from: u32, rows: u32, received: f64) -> Scan {
        let mut columns = Columns::default();
        let scanned = self.scanner.scan(bytes, from as usize, rows as usize, received, &mut columns);
        let (name_from, name_to) = match scanned.end {
            End::Unmet { from, to } => (Some(from as u32), Some(to as u32)),
            _ => (None, None),
        };
        let Columns { trades, quotes, books } = columns;
        let lines = trades.stream.len() + quotes.stream.len() + books.stream.len();
        Scan {
            at: scanned.at as u32,
            received: scanned.received,
            lines: lines as u32,
            name_from,
            name_to,
            trades: (!trades.stream.is_empty()).then(|| trades_of(trades)),
            quotes: (!quotes.stream.is_empty()).then(|| quotes_of(quotes)),
            books: (!books.stream.is_empty()).then(|| books_of(books)),
        }
    }
}

fn trades_of(trades: Trades) -> ScannedTrades {
    ScannedTrades {
        stream: trades.stream.into(),
        time: trades.time.into(),
        received: trades.received.into(),
        price: trades.price.into(),
        size: trades.size.into(),
        side: trades.side.into(),
        series: trades.series.into(),
        ids: trades.ids.into(),
        id_ends: trades.id_ends.into(),
    }
}

fn quotes_of(quotes: Quotes) -> ScannedQuotes {
    ScannedQuotes {
        stream: quotes.stream.into(),
        time: quotes.time.into(),
        received: quotes.received.into(),
        bid: quotes.bid.into(),
        bid_size: quotes.bid_size.into(),
        ask: quotes.ask.into(),
        ask_size: quotes.ask_size.into(),
        sequence: quotes.sequence.into(),
    }
}

fn books_of(mut books: Books) -> ScannedBooks {
    let (bids, asks) = (take(&mut books.bids), take(&mut books.asks));
    ScannedBooks {
        stream: books.stream.into(),
        time: books.time.into(),
        received: books.received.into(),
        first: books.first.into(),
        last: books.last.into(),
        previous: books.previous.into(),
        bid_price: bids.price.into(),
        bid_size: bids.size.into(),
        bid_ends: bids.ends.into(),
        ask_price: asks.price.into(),
        ask_size: asks.size.into(),
        ask_ends: asks.ends.into(),
    }
}
