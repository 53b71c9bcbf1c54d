"""What hftbacktest takes for the work of the bench `market-making-20`: prints one line of JSON. README.md says how to run it.

The name is not `hftbacktest.py`: a script of that name would import itself instead of the package.
"""

import argparse
import contextlib
import json
import os
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from hftbacktest import BacktestAsset, HashMapMarketDepthBacktest, ROIVectorMarketDepthBacktest
from hftbacktest.data.utils import binancefutures
from hftbacktest.order import GTX, LIMIT
from hftbacktest.types import LOCAL_EVENT
from numba import njit

MS = 1_000_000
TICK = 0.1
LOT = 0.001
FOREVER = 1 << 62

# Defaults of operators/strategies/market-maker.ts.
SPREAD_BPS = 2.0
SIZE = 0.01
SKEW = 1.0
MAX_INVENTORY = 0.1
REFRESH_TICKS = 1
REFRESH_NS = 100 * MS


@njit
def quote(hbt, depth, bid, ask, bid_id, ask_id, next_id):
    """Moves the two quotes where their price changed: their new prices, ids, the next free id, and whether one moved.

    Prices are in ticks, 0 for a side that is not quoted.
    """
    bid_tick = depth.best_bid_tick
    ask_tick = depth.best_ask_tick
    bid_size = depth.bid_qty_at_tick(bid_tick)
    ask_size = depth.ask_qty_at_tick(ask_tick)
    microprice = (bid_tick * ask_size + ask_tick * bid_size) / (bid_size + ask_size)
    half = microprice * SPREAD_BPS / 10_000 / 2
    position = hbt.position(0)
    centre = microprice - SKEW * half * max(-1.0, min(1.0, position / MAX_INVENTORY))
    want_bid = 0 if position >= MAX_INVENTORY else min(int(np.floor(centre - half)), ask_tick - 1)
    want_ask = 0 if position <= -MAX_INVENTORY else max(int(np.ceil(centre + half)), bid_tick + 1)

    hbt.clear_inactive_orders(0)
    orders = hbt.orders(0)
    bid_stands = bid_id in orders
    ask_stands = ask_id in orders
    move_bid = abs(want_bid - bid) >= REFRESH_TICKS if bid_stands else want_bid > 0
    move_ask = abs(want_ask - ask) >= REFRESH_TICKS if ask_stands else want_ask > 0
    if move_bid:
        if bid_stands:
            hbt.cancel(0, bid_id, False)
        if want_bid > 0:
            hbt.submit_buy_order(0, next_id, want_bid * TICK, SIZE, GTX, LIMIT, False)
        bid = want_bid
        bid_id = next_id
        next_id += 1
    if move_ask:
        if ask_stands:
            hbt.cancel(0, ask_id, False)
        if want_ask > 0:
            hbt.submit_sell_order(0, next_id, want_ask * TICK, SIZE, GTX, LIMIT, False)
        ask = want_ask
        ask_id = next_id
        next_id += 1
    return bid, ask, bid_id, ask_id, next_id, move_bid or move_ask


@njit
def on_each_feed(hbt):
    """Looks at the book after every message, as our strategy does: (last return code, looks, orders, fills)."""
    bid = ask = bid_id = ask_id = 0
    next_id = 1
    seen_bid = seen_ask = 0
    seen_bid_size = seen_ask_size = 0.0
    due = 0
    looks = 0
    awake = True
    while True:
        event = hbt.wait_next_feed(True, FOREVER)
        if event == 3:
            awake = True
            continue
        if event != 2:
            break
        looks += 1
        # A quote that was just moved stays: nothing else is asked of the book, each question being a call out of numba.
        if hbt.current_timestamp < due:
            continue
        depth = hbt.depth(0)
        bid_tick = depth.best_bid_tick
        ask_tick = depth.best_ask_tick
        # Not best_bid_qty: in 2.4.4 the book in vectors answers that with the price.
        bid_size = depth.bid_qty_at_tick(bid_tick)
        ask_size = depth.ask_qty_at_tick(ask_tick)
        same = bid_tick == seen_bid and ask_tick == seen_ask and bid_size == seen_bid_size and ask_size == seen_ask_size
        if (same and not awake) or not (bid_size > 0 and ask_size > 0):
            continue
        seen_bid = bid_tick
        seen_ask = ask_tick
        seen_bid_size = bid_size
        seen_ask_size = ask_size
        awake = False
        bid, ask, bid_id, ask_id, next_id, moved = quote(hbt, depth, bid, ask, bid_id, ask_id, next_id)
        if moved:
            due = hbt.current_timestamp + REFRESH_NS
    return event, looks, next_id - 1, hbt.state_values(0).num_trades


@njit
def every_100_ms(hbt):
    """Looks at the book every 100 ms, as the examples of hftbacktest do: less work than ours. (last return code, looks, orders, fills)."""
    bid = ask = bid_id = ask_id = 0
    next_id = 1
    looks = 0
    while True:
        event = hbt.elapse(REFRESH_NS)
        if event != 0:
            break
        looks += 1
        depth = hbt.depth(0)
        if depth.bid_qty_at_tick(depth.best_bid_tick) > 0 and depth.ask_qty_at_tick(depth.best_ask_tick) > 0:
            bid, ask, bid_id, ask_id, next_id, _ = quote(hbt, depth, bid, ask, bid_id, ask_id, next_id)
    return event, looks, next_id - 1, hbt.state_values(0).num_trades


def converted(capture):
    """The capture by hftbacktest's own converter, which drops quotes; what it says goes to stderr."""
    with contextlib.redirect_stdout(sys.stderr):
        return binancefutures.convert(str(capture), buffer_size=2_000_000)


def repeated(once, times):
    """The events `times` over, each time after the one before, one second apart."""
    first = min(once['exch_ts'].min(), once['local_ts'].min())
    span = max(once['exch_ts'].max(), once['local_ts'].max()) - first + 1000 * MS
    rows = np.empty(len(once) * times, once.dtype)
    for n in range(times):
        part = rows[n * len(once) : (n + 1) * len(once)]
        part[:] = once
        part['exch_ts'] += n * span
        part['local_ts'] += n * span
    return rows


def backtest(depth, rows, highest):
    """A backtest of one linear contract over these events. `depth`: which of the order books of hftbacktest it keeps."""
    asset = (
        BacktestAsset()
        .data(rows)
        .linear_asset(1.0)
        .constant_order_latency(5 * MS, 5 * MS)
        .power_prob_queue_model(3.0)
        # With partial_fill_exchange 2.4.4 stops the 100 ms loop after a minute with InvalidOrderStatus (14).
        .no_partial_fill_exchange()
        .trading_value_fee_model(0.0002, 0.0005)
        .tick_size(TICK)
        .lot_size(LOT)
        .last_trades_capacity(0)
    )
    if depth == 'hashmap':
        return HashMapMarketDepthBacktest([asset])
    # Every price of the capture, so that it skips none, and from 0: clearing of some versions takes the lower end to be 0.
    return ROIVectorMarketDepthBacktest([asset.roi_lb(0.0).roi_ub(highest + 1)])


def measured(loop, depth, rows, highest):
    """Seconds from handing over the events in memory to the last one, and what came of it."""
    started = time.perf_counter()
    hbt = backtest(depth, rows, highest)
    end, looks, orders, fills = loop(hbt)
    seconds = time.perf_counter() - started
    hbt.close()
    if end != 1:
        raise SystemExit(f'hftbacktest stopped with {end} after {looks} looks')
    return {'seconds': round(seconds, 4), 'looks': looks, 'orders': orders, 'fills': fills}


def main():
    options = argparse.ArgumentParser(description='hftbacktest on the work of the bench market-making-20')
    options.add_argument('--times', type=int, default=20, help='how often the capture is repeated')
    times = options.parse_args().times
    root = Path(__file__).resolve().parents[2]
    data = root / os.environ.get('SMARTSPEED_DATA', '../shared/data')
    once = converted(data / 'captures' / 'usdm-btcusdt-20240808.gz')
    rows = repeated(once, times)
    highest = float(once['px'].max())
    local = once[once['ev'] & LOCAL_EVENT == LOCAL_EVENT]

    loops = {'feed': on_each_feed, '100ms': every_100_ms}
    runs = {}
    for name, loop in loops.items():
        for depth in ('hashmap', 'roi'):
            # Compiled on a small part, which is not counted.
            measured(loop, depth, once[:20_000].copy(), highest)
            runs[f'{name}-{depth}'] = measured(loop, depth, rows, highest)
            if runs[f'{name}-{depth}']['fills'] == 0:
                raise SystemExit(f'{name}-{depth} was never filled')

    # The same work as ours: a look at every message. Of its two order books the faster.
    best = min((run for name, run in runs.items() if name.startswith('feed')), key=lambda run: run['seconds'])
    print(
        json.dumps(
            {
                'seconds': best['seconds'],
                'messages': len(np.unique(local['local_ts'])) * times,
                'levelEvents': len(local) * times,
                'fills': best['fills'],
                'version': version('hftbacktest'),
                'peakRssMb': round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                'runs': runs,
            }
        )
    )


main()
