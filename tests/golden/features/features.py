"""Makes features.json: the 25 features of a real capture and of a month of real candles, by plain numpy.

    python3 -m venv /tmp/features && /tmp/features/bin/pip install -r tests/golden/features/requirements.txt
    /tmp/features/bin/python tests/golden/features/features.py ../shared/data > tests/golden/features/features.json

Written from docs/features.md and DESIGN §5, without a look at the Rust: the capture is read line by line, its rows are put in
order, bars of one second are cut from its trades by event time, its book is kept as two dictionaries. Each feature is taken
from the whole series of bars, by its formula. Only derived values are printed, of a part of the bars; null is NaN.
"""

import csv
import gzip
import io
import json
import sys

import numpy as np

CAPTURE = "captures/usdm-btcusdt-20240808.gz"
CANDLES = "bars/btc-perp-1m-2022-01.csv.gz"
SECOND = 1_000_000
MIN_FEED_LATENCY = 1_000
TRADE, QUOTE, BOOK, HEARTBEAT = range(4)


def rows_of(path):
    """(received µs, rank, position, time µs, content), in the order of DESIGN §5, with the heartbeats that an import adds."""
    rows = []
    with gzip.open(path, "rt") as file:
        for position, line in enumerate(file):
            stamp, message = line.split(" ", 1)
            received = int(stamp) // 1_000
            message = json.loads(message)
            data = message.get("data", message)
            kind = data.get("e", "snapshot")
            rank = {"trade": TRADE, "bookTicker": QUOTE, "depthUpdate": BOOK, "snapshot": BOOK}[kind]
            rows.append((received, rank, position, data["T"] * 1_000, data))
    first = rows[0][0]
    early = [received - time for received, _, _, time, _ in rows if received < first + 60 * SECOND]
    offset = MIN_FEED_LATENCY - min(early)
    for second in range(first // SECOND + 1, rows[-1][0] // SECOND + 1):
        watermark = second * SECOND
        rows.append((watermark, HEARTBEAT, second, watermark + offset, None))
    return sorted(rows, key=lambda row: row[:3])


class Top:
    """Best prices: depth, and over it the newest quote while its update id is higher."""

    def __init__(self):
        self.sides = {"b": {}, "a": {}}
        self.sequence = None
        self.waiting = []
        self.quote = None

    def take(self, rank, data):
        if rank == QUOTE and (self.sequence is None or data["u"] > self.sequence):
            self.quote = data
        elif rank == BOOK and "lastUpdateId" in data:
            self.sides = {side: {p: float(q) for p, q in data[name]} for side, name in (("b", "bids"), ("a", "asks"))}
            self.sequence = data["lastUpdateId"]
            for update in self.waiting:
                if update["u"] >= self.sequence:
                    self.update(update)
        elif rank == BOOK and self.sequence is None:
            self.waiting.append(data)
        elif rank == BOOK:
            self.update(data)
        if self.quote is not None and self.sequence is not None and self.quote["u"] <= self.sequence:
            self.quote = None

    def update(self, data):
        for side, levels in self.sides.items():
            for price, size in data[side]:
                if float(size) == 0:
                    levels.pop(price, None)
                else:
                    levels[price] = float(size)
        self.sequence = data["u"]

    def best(self):
        if self.quote is not None:
            return [float(self.quote[key]) for key in ("b", "a", "B", "A")]
        if self.sequence is None:
            return [np.nan] * 4
        bid = max(self.sides["b"], key=float)
        ask = min(self.sides["a"], key=float)
        return [float(bid), float(ask), self.sides["b"][bid], self.sides["a"][ask]]


def bars_of(path):
    """Bars of a second, each with the best prices after the row at which it closed; and how many trades came after their bar."""
    bars, tops, late, top = [], [], 0, Top()
    open_bar, closed_to = None, -1
    for _, rank, _, time, data in rows_of(path):
        start = time // SECOND * SECOND
        closing = open_bar if open_bar is not None and time >= open_bar["start"] + SECOND else None
        closed_to = max(closed_to, start)
        if closing is not None:
            bars.append(closing)
            open_bar = None
        if rank == TRADE and time < closed_to:
            late += 1
        elif rank == TRADE:
            price, size = float(data["p"]), float(data["q"])
            if open_bar is None:
                open_bar = {"start": start, "open": price, "high": price, "low": price, "volume": 0.0}
            open_bar["high"] = max(open_bar["high"], price)
            open_bar["low"] = min(open_bar["low"], price)
            open_bar["close"] = price
            open_bar["volume"] = round(open_bar["volume"] + size, 9)
        top.take(rank, data)
        if closing is not None:
            tops.append(top.best())
    columns = {name: np.array([bar[name] for bar in bars]) for name in ("start", "high", "low", "close", "volume")}
    return columns, np.array(tops), late


def candles_of(path):
    with gzip.open(path, "rb") as file:
        lines = list(csv.DictReader(io.TextIOWrapper(file)))
    columns = {name: np.array([float(line[name]) for line in lines]) for name in ("high", "low", "close", "volume")}
    start = np.array([line["timestamp"] for line in lines], dtype="datetime64[us]").astype(np.int64)
    return {"start": start, **columns}, np.full((len(lines), 4), np.nan), 0


def rolling(values, bars, figure, skip_last=False):
    """`figure` of the last `bars` values up to each row, or up to the one before it."""
    out = np.full(len(values), np.nan)
    for row in range(len(values)):
        end = row if skip_last else row + 1
        if end >= bars:
            out[row] = figure(values[end - bars : end])
    return out


def before(values, bars=1):
    return np.concatenate([np.full(bars, np.nan), values[:-bars]])


def smoothed(values, weight, bars):
    """Begins as the mean of the first `bars` values that are there, and moves by `weight` of the distance to each next one."""
    out = np.full(len(values), np.nan)
    first = int(np.argmax(~np.isnan(values))) + bars - 1
    if first >= len(values):
        return out
    out[first] = values[first - bars + 1 : first + 1].mean()
    for row in range(first + 1, len(values)):
        out[row] = weight * values[row] + (1 - weight) * out[row - 1]
    return out


def ratio(above, below, otherwise):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below == 0, otherwise, above / below)


def features(bars, tops):
    high, low, close, volume = (bars[name] for name in ("high", "low", "close", "volume"))
    change = close / before(close) - 1
    usual = rolling(volume, 20, np.mean, skip_last=True)
    usual_spread = rolling(volume, 20, lambda window: np.std(window, ddof=1), skip_last=True)
    traded = rolling(volume, 20, np.sum)
    vwap = ratio(rolling((high + low + close) / 3 * volume, 20, np.sum), traded, close)
    bid, ask, bid_size, ask_size = tops.T

    gain = smoothed(np.maximum(close - before(close), 0), 1 / 14, 14)
    loss = smoothed(np.maximum(before(close) - close, 0), 1 / 14, 14)
    # Both averages begin at the same bar: the fast one from the twelve closes up to it.
    fast = smoothed(np.where(np.arange(len(close)) < 14, np.nan, close), 2 / 13, 12)
    macd = fast - smoothed(close, 2 / 27, 26)
    signal = smoothed(macd, 2 / 10, 9)
    highest, lowest = rolling(high, 14, np.max), rolling(low, 14, np.min)
    k = rolling(ratio(100 * (close - lowest), highest - lowest, 0), 3, np.mean)
    d = rolling(k, 3, np.mean)
    middle, sigma = rolling(close, 20, np.mean), rolling(close, 20, np.std)
    upper, lower = middle + 2 * sigma, middle - 2 * sigma
    return {
        "price_change": change,
        "momentum": close / before(close, 10) - 1,
        "volatility": rolling(change, 20, lambda window: np.std(window, ddof=1)),
        "acceleration": change - before(change),
        "range": (high - low) / close,
        "volume": volume,
        "volume_change": ratio(volume, before(volume), 1) - 1,
        "volume_ratio": ratio(volume, usual, 1),
        "vwap_deviation": close / vwap - 1,
        "volume_spike": ratio(volume - usual, usual_spread, 0),
        "bid": bid,
        "ask": ask,
        "bid_size": bid_size,
        "ask_size": ask_size,
        "spread": (ask - bid) / ((ask + bid) / 2),
        "imbalance": (bid_size - ask_size) / (bid_size + ask_size),
        "rsi": ratio(100 * gain, gain + loss, 0),
        "macd": np.where(np.isnan(signal), np.nan, macd),
        "macd_signal": signal,
        "stoch_k": np.where(np.isnan(d), np.nan, k),
        "stoch_d": d,
        "bollinger_upper": upper,
        "bollinger_lower": lower,
        "bollinger_position": ratio(close - lower, upper - lower, 0.5),
        "williams_r": ratio(-100 * (highest - close), highest - lowest, 0),
    }


def case(source, every, bars, tops, late):
    values = features(bars, tops)
    count = len(bars["close"])
    rows = [row for row in range(count) if row < 42 or row % every == 0 or row == count - 1]
    number = lambda value: None if np.isnan(value) else float(value)
    return {
        "source": source,
        "bars": count,
        "lateTrades": late,
        "names": list(values),
        "rows": [
            {"bar": row, "openTime": int(bars["start"][row]), "values": [number(column[row]) for column in values.values()]}
            for row in rows
        ],
    }


def printed(name, case):
    """A line a bar."""
    rows = ",\n".join(json.dumps(row, allow_nan=False) for row in case.pop("rows"))
    return f'"{name}": {json.dumps(case)[:-1]}, "rows": [\n{rows}\n]}}'


if __name__ == "__main__":
    data = sys.argv[1]
    capture = case(CAPTURE, 5, *bars_of(f"{data}/{CAPTURE}"))
    candles = case(CANDLES, 997, *candles_of(f"{data}/{CANDLES}"))
    made = f'"made": {json.dumps({"numpy": np.__version__})}'
    print("{\n" + ",\n".join([made, printed("capture", capture), printed("candles", candles)]) + "\n}")
