"""What vectorbt takes for the work of the benches `crossover` and `sweep`: prints one line of JSON. README.md says how to run it."""

import argparse
import gzip
import json
import os
import resource
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import vectorbt as vbt

MINUTES = 525_600
CANDLES = 4_000_000


def year_of_closes(data, count):
    """Closes of bench/series.ts: the file as it is, then mirrored, and so on, in whole cents."""
    with gzip.open(data / 'bars' / 'btc-perp-1m-2022-01.csv.gz') as file:
        tile = pd.read_csv(file)
    cents = lambda prices: np.floor(prices * 100 + 0.5)
    opening, close = cents(tile['open'].to_numpy()), cents(tile['close'].to_numpy())
    mirror = (opening[0] / 100) * (close[-1] / 100)
    flipped = np.floor(mirror / (close / 100) * 100 + 0.5)
    pair = np.concatenate([close, flipped])
    return np.resize(pair, count) / 100


def trade(close, fast, slow, cash):
    """Long while the fast mean is above the slow one; equity and fills of each pair."""
    quick = vbt.MA.run(close, fast, short_name='fast')
    long = vbt.MA.run(close, slow, short_name='slow')
    entries, exits = quick.ma_crossed_above(long), quick.ma_crossed_below(long)
    portfolio = vbt.Portfolio.from_signals(close, entries, exits, size=1, fees=0.0004, init_cash=cash, freq='1min')
    return portfolio.final_value(), portfolio.orders.count()


def timed(work):
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--pairs', type=int, default=20, help='of the sweep; memory grows with them')
    parser.add_argument('--rounds', type=int, default=3)
    given = parser.parse_args()
    root = Path(__file__).resolve().parent.parent.parent
    data = (root / os.environ.get('SMARTSPEED_DATA', '../shared/data')).resolve()
    close = pd.Series(year_of_closes(data, CANDLES))
    trade(close[:10_000], [10], [30], 1e7)  # compiled before the clock starts
    crossings = [timed(lambda: trade(close, [10], [30], 1e7)) for _ in range(given.rounds)]
    year = close[:MINUTES]
    fast = [5 + pair for pair in range(given.pairs)]
    slow = [110 + 5 * pair for pair in range(given.pairs)]
    sweeps = [timed(lambda: trade(year, fast, slow, 1e6)) for _ in range(given.rounds)]
    seconds = [took for took, _ in sweeps]
    print(
        json.dumps(
            {
                'crossover': [round(took, 4) for took, _ in crossings],
                'crossoverEquity': round(float(np.ravel(crossings[0][1][0])[0]), 4),
                'crossoverFills': int(np.ravel(crossings[0][1][1])[0]),
                'sweep': [round(took, 4) for took in seconds],
                'sweepFills': int(np.sum(sweeps[0][1][1])),
                'combinations': given.pairs * MINUTES,
                'combinationsPerSecond': round(given.pairs * MINUTES / min(seconds)),
                'peakRssMb': round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                'version': version('vectorbt'),
            }
        )
    )


main()
