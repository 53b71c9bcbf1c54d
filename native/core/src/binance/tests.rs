use super::*;

const TRADE: &str = "1723161255088176367 {\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1723161256322,\"T\":1723161256321,\"s\":\"BTCUSDT\",\"t\":5266583935,\"p\":\"61800.30\",\"q\":\"0.006\",\"X\":\"MARKET\",\"m\":false}}\n";
const DEPTH: &str = "1723161255088177000 {\"stream\":\"btcusdt@depth@0ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1723161256299,\"T\":1723161256298,\"s\":\"BTCUSDT\",\"U\":5123107832006,\"u\":5123107837557,\"pu\":5123107831937,\"b\":[[\"58710.20\",\"0.014\"],[\"1234567890.12345678\",\"12345678901234567890\"]],\"a\":[[\"61888.00\",\"0.000\"]]}}\n";
const QUOTE: &str = "1723161255088177000 {\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":50093239212,\"s\":\"BTCUSDT\",\"b\":\"61837.63000000\",\"B\":\"3.78826000\",\"a\":\"61837.64000000\",\"A\":\"1.54698000\"}}\n";

fn scanner() -> Scanner {
    let mut scanner = Scanner::default();
    for (name, kind) in
        [("btcusdt@trade", Kind::Trade), ("btcusdt@depth@0ms", Kind::Depth), ("btcusdt@bookTicker", Kind::BookTicker)]
    {
        let stream = Stream { kind, symbol: b"BTCUSDT".to_vec(), lowest: 1.0, highest: 1e9 };
        scanner.meet(name.as_bytes(), Some(stream));
    }
    scanner
}

#[test]
fn usual_messages_become_rows() {
    let text = format!("{TRADE}{DEPTH}{QUOTE}");
    let mut columns = Columns::default();
    let scanned = scanner().scan(text.as_bytes(), 0, 10, 0.0, &mut columns);
    assert_eq!(scanned, Scanned { at: text.len(), received: 1723161255088177.0, end: End::Done });
    let Columns { trades, quotes, books } = columns;
    assert_eq!((trades.time, trades.received), (vec![1723161256321000.0], vec![1723161255088176.0]));
    assert_eq!((trades.price, trades.size, trades.side), (vec![61800.3], vec![0.006], vec![0]));
    assert_eq!((trades.ids.as_slice(), trades.id_ends), (b"5266583935".as_slice(), vec![10]));
    assert!(quotes.time[0].is_nan());
    assert_eq!((quotes.bid, quotes.ask_size, quotes.sequence), (vec![61837.63], vec![1.54698], vec![50093239212]));
    assert_eq!(
        (books.first, books.last, books.previous),
        (vec![5123107832006], vec![5123107837557], vec![5123107831937])
    );
    assert_eq!(books.bids.price, vec![58710.2, 1_234_567_890.123_456_7]);
    assert_eq!(books.bids.size, vec![0.014, 12345678901234567890.0]);
    assert_eq!((books.bids.ends, books.asks.ends, books.stream), (vec![2], vec![1], vec![1]));
}

#[test]
fn rows_are_read_up_to_the_number_asked_for() {
    let text = format!("{QUOTE}{QUOTE}{QUOTE}");
    let mut columns = Columns::default();
    let scanned = scanner().scan(text.as_bytes(), 0, 2, 0.0, &mut columns);
    assert_eq!((scanned.at, columns.quotes.bid.len()), (2 * QUOTE.len(), 2));
}

#[test]
fn a_line_that_is_not_usual_ends_the_scan_and_leaves_nothing() {
    let broken = DEPTH.replace("\"61888.00\"", "\"6x\"");
    let text = format!("{QUOTE}{broken}");
    let mut columns = Columns::default();
    let scanned = scanner().scan(text.as_bytes(), 0, 10, 0.0, &mut columns);
    assert_eq!((scanned.at, scanned.end), (QUOTE.len(), End::Other));
    assert!(columns.books.bids.price.is_empty() && columns.books.stream.is_empty());
    assert_eq!(columns.quotes.stream.len(), 1);
}

#[test]
fn a_line_cut_off_anywhere_or_received_before_the_last_is_left() {
    for line in [TRADE, DEPTH, QUOTE] {
        for end in 1..line.len() - 1 {
            let scanned = scanner().scan(&line.as_bytes()[..end], 0, 10, 0.0, &mut Columns::default());
            assert_eq!((scanned.at, scanned.end), (0, End::Other), "{}", &line[..end]);
        }
        for received in [f64::NAN, 1723161255088178.0] {
            let scanned = scanner().scan(line.as_bytes(), 0, 10, received, &mut Columns::default());
            assert_eq!(scanned.end, End::Other);
        }
    }
}

#[test]
fn a_stream_that_was_not_met_is_named_and_one_of_the_parser_is_left() {
    let mut scanner = Scanner::default();
    let scanned = scanner.scan(TRADE.as_bytes(), 0, 10, 0.0, &mut Columns::default());
    let End::Unmet { from, to } = scanned.end else { panic!("{scanned:?}") };
    assert_eq!(&TRADE[from..to], "btcusdt@trade");
    scanner.meet(b"btcusdt@trade", None);
    assert_eq!(scanner.scan(TRADE.as_bytes(), 0, 10, 0.0, &mut Columns::default()).end, End::Other);
}
