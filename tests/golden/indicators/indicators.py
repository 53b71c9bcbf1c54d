"""Makes indicators.json: TA-Lib's values over two real candle files, thinned out.

    python3 -m venv /tmp/indicators && /tmp/indicators/bin/pip install -r tests/golden/indicators/requirements.txt
    /tmp/indicators/bin/python tests/golden/indicators/indicators.py ../shared/data/bars > tests/golden/indicators/indicators.json

For each column: how many rows at the start have no value, the first 5 rows that have one, and every 1,000th row after
them (every 100th of the shorter file). Prices are read in place and not stored.
"""

import csv
import gzip
import json
import sys

import numpy as np
import talib

FILES = {"btc-perp-1m-2022-01.csv.gz": 1000, "etc-btc-5m.csv.gz": 100}
FIRST = 5


def candles(path):
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    return [np.array([float(row[name]) for row in rows]) for name in ("high", "low", "close", "volume")]


def columns(high, low, close, volume):
    """Every indicator with TA-Lib's own parameters, with short ones, and with long ones."""
    for n in (2, 10, 30, 200):
        yield f"sma:{n}", talib.SMA(close, n)
        yield f"ema:{n}", talib.EMA(close, n)
        yield f"wma:{n}", talib.WMA(close, n)
        yield f"roc:{n}", talib.ROC(close, n)
        yield f"atr:{n}", talib.ATR(high, low, close, n)
    for n in (2, 14, 100):
        yield f"rsi:{n}", talib.RSI(close, n)
        yield f"willr:{n}", talib.WILLR(high, low, close, n)
        yield f"cci:{n}", talib.CCI(high, low, close, n)
        yield f"mfi:{n}", talib.MFI(high, low, close, volume, n)
        yield f"adx:{n}", talib.ADX(high, low, close, n)
        down, up = talib.AROON(high, low, n)
        yield f"aroon:{n}.down", down
        yield f"aroon:{n}.up", up
    for n, factor in ((5, 1), (20, 2.5), (150, 1)):
        yield f"stddev:{n}:{factor}", talib.STDDEV(close, n, factor)
    for n, up, down in ((5, 2, 2), (20, 2, 2), (50, 1, 3)):
        bands = talib.BBANDS(close, n, up, down)
        for name, band in zip(("upper", "middle", "lower"), bands):
            yield f"bbands:{n}:{up}:{down}.{name}", band
    for fast, slow, signal in ((12, 26, 9), (26, 12, 9), (5, 35, 1)):
        lines = talib.MACD(close, fast, slow, signal)
        for name, line in zip(("macd", "signal", "hist"), lines):
            yield f"macd:{fast}:{slow}:{signal}.{name}", line
    for fast_k, slow_k, slow_d in ((5, 3, 3), (14, 3, 3), (1, 1, 1), (60, 10, 5)):
        lines = talib.STOCH(high, low, close, fast_k, slow_k, 0, slow_d, 0)
        for name, line in zip(("slowk", "slowd"), lines):
            yield f"stoch:{fast_k}:{slow_k}:{slow_d}.{name}", line
    yield "obv", talib.OBV(close, volume)


def thinned(values, every):
    none = int(np.isnan(values).sum())
    assert not np.isnan(values[none:]).any()
    rows = list(range(none, none + FIRST)) + list(range(none + every, len(values), every))
    return {"none": none, "values": [float(values[row]) for row in rows]}


folder = sys.argv[1]
golden = {"talib": talib.__ta_version__.decode().split(" ")[0], "first": FIRST, "files": {}}
for file, every in FILES.items():
    series = candles(f"{folder}/{file}")
    golden["files"][file] = {
        "rows": len(series[0]),
        "every": every,
        "columns": {name: thinned(values, every) for name, values in columns(*series)},
    }
# A line a column, so that a change shows where it is.
print(json.dumps(golden).replace('}, "', '},\n"'))
