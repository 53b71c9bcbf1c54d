"""Makes regime.json: the regimes of real candles, computed the plain way.

    SMARTSPEED_DATA=../shared/data python3 tests/golden/regime/regime.py > tests/golden/regime/regime.json
    npx biome format --write tests/golden/regime/regime.json

Written from docs/regimes.md, without a package: every window is summed anew with math.fsum, every deviation in two passes,
absent candles are really put in. Kept of each case: at which candle each horizon changes to which regime (so every label is
known), sums of confidence and strength over all candles, and fifty candles whole.
`power` raises the price against the first one to it: the shape of a real market, but wild enough to see every regime.
"""

import csv
import gzip
import json
import math
import os
import sys
from datetime import datetime, timezone

DATA = os.environ["SMARTSPEED_DATA"]
MINUTE = 60_000_000
HORIZONS = {"1m": MINUTE, "1h": 60 * MINUTE, "24h": 1440 * MINUTE, "risk": 1440 * MINUTE}
LADDER = {
    "1m": ["FLASH_CRASH", "FLASH_PUMP", "HIGH_VOLATILITY", "NORMAL"],
    "1h": ["EXTREME_BULL", "STRONG_BULL", "BULL", "RANGING", "BEAR", "STRONG_BEAR", "EXTREME_BEAR"],
    "24h": ["PARABOLIC", "STRONG_TREND", "TRENDING", "CONSOLIDATING"],
    "risk": ["NORMAL", "VOLATILE", "TRENDING", "CRASH", "BULL_RUN", "RECOVERY"],
}
# From the most extreme to the calmest; of two on one level both cannot be reached at once.
ORDER = {
    "1m": [["FLASH_CRASH", "FLASH_PUMP"], ["HIGH_VOLATILITY"], ["NORMAL"]],
    "1h": [["EXTREME_BULL", "EXTREME_BEAR"], ["STRONG_BULL", "STRONG_BEAR"], ["BULL", "BEAR"], ["RANGING"]],
    "24h": [["PARABOLIC"], ["STRONG_TREND"], ["TRENDING"], ["CONSOLIDATING"]],
    "risk": [["CRASH"], ["BULL_RUN"], ["VOLATILE"], ["TRENDING"], ["NORMAL", "RECOVERY"]],
}
EPS = 1e-12


def clip(x, low=0.0, high=1.0):
    return min(high, max(low, x))


def level(horizon, regime):
    return next(i for i, names in enumerate(ORDER[horizon]) if regime in names)


def is_calm(horizon, regime):
    return regime == {"1m": "NORMAL", "1h": "RANGING", "24h": "CONSOLIDATING", "risk": "NORMAL"}[horizon]


def reached(horizon, regime, m):
    """How far a regime is reached; 1 at its threshold."""
    r, v = m["change"], m["volatility"]
    if horizon == "1m":
        return {"FLASH_CRASH": -r / 0.10, "FLASH_PUMP": r / 0.10, "HIGH_VOLATILITY": max(abs(r) / 0.03, v / 0.08)}[regime]
    if horizon == "1h":
        size = {"EXTREME": 0.20, "STRONG": 0.10}.get(regime.split("_")[0], 0.05)
        return (r if regime.endswith("BULL") else -r) / size
    if horizon == "24h":
        return abs(r) / {"PARABOLIC": 0.50, "STRONG_TREND": 0.20, "TRENDING": 0.10}[regime]
    hour = m["hour"]
    if regime == "CRASH":
        return m["fall"] / 0.20 if hour is None else max(m["fall"] / 0.20, -hour / 0.10)
    if regime == "BULL_RUN":
        return 0.0 if hour is not None and hour <= -0.05 + EPS else r / 0.20
    if regime == "VOLATILE":
        return v / 0.10 if hour is None else max(v / 0.10, abs(hour) / 0.05)
    return abs(r) / 0.10  # TRENDING


def candidate(horizon, m):
    for names in ORDER[horizon]:
        for name in names:
            if is_calm(horizon, name):
                return name
            if name != "RECOVERY" and reached(horizon, name, m) >= 1 - EPS:
                return name


def strength(horizon, regime, m):
    if regime == "RECOVERY":
        return m["regained"]
    if is_calm(horizon, regime):
        others = [name for name in LADDER[horizon] if name not in (regime, "RECOVERY")]
        return clip(1 - max(reached(horizon, name, m) for name in others))
    if regime == "HIGH_VOLATILITY":
        return clip(max((abs(m["change"]) - 0.03) / 0.07, (m["volatility"] - 0.08) / 0.12))
    if regime == "STRONG_TREND":
        return clip((abs(m["change"]) - 0.20) / 0.30)
    if regime == "PARABOLIC":
        return clip((abs(m["change"]) - 0.50) / 0.50)
    # The next threshold, or the end, is at twice this one for all the others.
    return clip(reached(horizon, regime, m) - 1)


VOLATILITY = {
    "FLASH_CRASH": 0.20, "FLASH_PUMP": 0.20, "HIGH_VOLATILITY": 0.08,
    "EXTREME_BULL": 0.15, "EXTREME_BEAR": 0.15, "STRONG_BULL": 0.10, "STRONG_BEAR": 0.10, "BULL": 0.07, "BEAR": 0.07,
    "PARABOLIC": 0.30, "STRONG_TREND": 0.15, "TRENDING": 0.10, "VOLATILE": 0.10, "CRASH": 0.15, "BULL_RUN": 0.15,
}
# Of calm regimes: return and volatility within which they are sure, and where they end.
CALM = {"1m": (0.01, 0.03, 0.03, 0.08), "1h": (0.02, 0.05, 0.05, 0.07), "24h": (0.05, 0.10, 0.08, 0.10), "risk": (0.05, 0.10, 0.08, 0.10)}


def confidence(horizon, regime, m):
    r, v, volume, funding = m["change"], m["volatility"], m["volume"], m["funding"]
    indicators = [((m["rsi"] - 50) / 20, 0.1), (m["bollinger"], 0.1)]
    opinions = []
    if is_calm(horizon, regime):
        inside, outside, quiet, loud = CALM[horizon]
        opinions += [(clip((outside - abs(r)) / (outside - inside)), 0.4), (clip((loud - v) / (loud - quiet)), 0.3)]
        opinions += [(1 - min(1, abs(x)), w) for x, w in indicators]
        if volume is not None:
            opinions.append((clip(2 - volume), 0.2))
        if funding is not None:
            opinions.append((1 - abs(funding), 0.1))
        return sum(a * w for a, w in opinions) / sum(w for _, w in opinions)
    if regime == "RECOVERY":
        opinions += [(clip((1 - reached(horizon, "CRASH", m)) / 0.2), 0.4), (clip((0.20 - v) / 0.10), 0.3)]
    else:
        opinions += [(clip((reached(horizon, regime, m) - 0.8) / 0.2), 0.4), (clip(v / VOLATILITY[regime]), 0.3)]
    if regime in ("HIGH_VOLATILITY", "VOLATILE"):
        opinions += [(min(1, abs(x)), w) for x, w in indicators]
        towards = abs(funding) if funding is not None else None
    else:
        down = regime.endswith("BEAR") or regime in ("FLASH_CRASH", "CRASH")
        along = regime in ("PARABOLIC", "STRONG_TREND", "TRENDING")
        sign = -1 if down or (along and r < 0) else 1
        opinions += [(clip(sign * x), w) for x, w in indicators]
        towards = 0.5 + 0.5 * sign * funding if funding is not None else None
    if volume is not None:
        opinions.append((clip(volume / 2), 0.2))
    if towards is not None:
        opinions.append((towards, 0.1))
    return sum(a * w for a, w in opinions) / sum(w for _, w in opinions)


def deviation(values):
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((x - mean) ** 2 for x in values) / len(values))


class Follower:
    """One horizon from candle to candle."""

    def __init__(self, horizon):
        self.horizon = horizon
        self.counts = {}
        self.forget()

    def forget(self):
        self.regime = None
        self.waited = 0
        self.high = self.low = None

    def recovered(self, close):
        return close >= 0.95 * self.high

    def move(self, m, time, close, highest):
        horizon, before = self.horizon, self.regime
        if before == "CRASH":
            self.high, self.low = max(self.high, highest), min(self.low, close)
        elif before == "RECOVERY":
            self.high, self.low = max(self.high, close), min(self.low, close)
        fall = 0 if self.high is None else self.high - self.low
        m["regained"] = clip((close - self.low) / fall) if fall > 0 else 0.0
        wanted = candidate(horizon, m)
        regime = wanted if before is None else self.next(before, wanted, m, time, close)
        sure = confidence(horizon, regime, m)
        if regime == before:
            self.confidence = 0.9 * self.confidence + 0.1 * sure
        else:
            self.confidence, self.since, self.waited = sure, time, 0
            if regime == "CRASH":
                self.high, self.low = (max(self.high, highest), self.low) if before == "RECOVERY" else (highest, close)
            if regime == "RECOVERY":
                self.until = time + HORIZONS["24h"]
        if before is not None:
            self.counts[before, regime] = self.counts.get((before, regime), 0) + 1
        self.regime = regime
        row = [self.counts.get((regime, other), 0) + 1 for other in LADDER[horizon]]
        return regime, self.confidence, strength(horizon, regime, m), self.since, [x / sum(row) for x in row]

    def next(self, before, wanted, m, time, close):
        if before == "RECOVERY":
            return wanted if wanted == "CRASH" or time >= self.until or self.recovered(close) else before
        if wanted == before or level(self.horizon, wanted) <= level(self.horizon, before):
            self.waited = 0
            return wanted
        ratio = reached(self.horizon, before, m)
        if ratio >= 0.8 - EPS:
            self.waited = 0
            return before
        after = "RECOVERY" if before == "CRASH" and not self.recovered(close) else wanted
        self.waited += 1
        return after if ratio <= 0 or self.waited >= 10 or confidence(self.horizon, after, m) >= 0.7 else before


def regimes(candles, bar_us):
    """candles: (close time µs, close, volume, funding or None). Yields (candle, horizon, regime, confidence, strength, since, probabilities)."""
    back = {name: int(us / bar_us + 0.5) for name, us in HORIZONS.items() if bar_us <= us}
    window = {name: max(20, bars) for name, bars in back.items()}
    longest = window["24h"]
    followers = {name: Follower(name) for name in back}
    closes, returns, volumes = [], [], []
    last = None
    for number, (time, close, volume, funding) in enumerate(candles):
        if last is not None:
            missing = round((time - last) / bar_us) - 1
            if missing > longest:
                closes, returns, volumes = [], [], []
                for follower in followers.values():
                    follower.forget()
            else:
                closes += [closes[-1]] * missing
                returns += [0.0] * missing
                volumes += [0.0] * missing
        returns.append(math.log(close / closes[-1]) if closes else 0.0)
        closes.append(close)
        volumes.append(volume)
        last = time
        if len(closes) <= 20:
            continue
        band = closes[-20:]
        spread = deviation(band) if min(band) < max(band) else 0.0
        common = {
            "rsi": rsi(closes),
            "bollinger": (close - math.fsum(band) / 20) / (2 * spread) if spread > 0 else 0.0,
            "funding": None if funding is None else clip(funding / (0.01 / 3), -1.0),
            "hour": close / closes[-1 - back["1h"]] - 1 if "1h" in back and len(closes) > back["1h"] else None,
            "fall": 1 - close / max(closes[-longest:]),
        }
        # Windows are the same for 24h and risk: summed once.
        seen = {}
        for name in back:
            if len(closes) <= window[name]:
                continue
            if window[name] not in seen:
                total = math.fsum(volumes[-window[name]:])
                seen[window[name]] = deviation(returns[-window[name]:]), volume * window[name] / total if total > 0 else None
            spread, share = seen[window[name]]
            m = dict(common, change=close / closes[-1 - back[name]] - 1, volatility=spread * math.sqrt(back[name]), volume=share)
            yield number, name, *followers[name].move(m, time, close, max(closes[-longest:]))


memo = {}


def rsi(closes):
    """Wilder's, from the first of these closes; carried on while the list grows."""
    state = memo.get(id(closes))
    if state is None or state[0] > len(closes):
        memo.clear()
        state = (1, [], 0.0, 0.0)
    seen, early, gain, loss = state
    for at in range(seen, len(closes)):
        change = closes[at] - closes[at - 1]
        up, down = max(change, 0.0), max(-change, 0.0)
        if len(early) < 14:
            early.append((up, down))
            gain = math.fsum(u for u, _ in early) / 14
            loss = math.fsum(d for _, d in early) / 14
        else:
            gain, loss = (gain * 13 + up) / 14, (loss * 13 + down) / 14
    memo[id(closes)] = (len(closes), early, gain, loss)
    return 100 * gain / (gain + loss) if gain + loss > 0 else 50.0


def micros(text):
    if text.isdigit():
        return int(text) * 1000
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()) * 1_000_000


def rows_of(name):
    with gzip.open(os.path.join(DATA, "bars", name), "rt") as file:
        rows = list(csv.reader(file))[1:]
    return [(micros(row[0]), float(row[1]), float(row[4] or 0), float(row[5] or 0)) for row in rows]


def case(name, bar_us, power=1, funding=None):
    rows = rows_of(name)
    first = rows[0][2]
    rates = [(time, rate) for time, rate, _, _ in rows_of(funding)] if funding else []
    candles = []
    for start, _, close, volume in rows:
        known = [rate for time, rate in rates if time <= start + bar_us]
        price = first * (close / first) ** power if power != 1 else close
        candles.append((start + bar_us, price, volume, known[-1] if known else None))
    changes, sums, samples, last, step = {}, {}, [], {}, len(candles) // 50
    for number, horizon, regime, sure, strong, since, chances in regimes(candles, bar_us):
        if last.get(horizon) != regime:
            changes.setdefault(horizon, []).append([number, regime])
            last[horizon] = regime
        total = sums.setdefault(horizon, [0, [], []])
        total[0] += 1
        total[1].append(sure)
        total[2].append(strong)
        if number % step == step - 1:
            samples.append([number, horizon, sure, strong, since, chances])
    sums = {name: {"rows": n, "confidence": math.fsum(a), "strength": math.fsum(b)} for name, (n, a, b) in sums.items()}
    memo.clear()
    print(name, power, {k: len(v) for k, v in changes.items()}, file=sys.stderr)
    return {"file": name, "barUs": bar_us, "power": power, "funding": funding, "changes": changes, "sums": sums, "samples": samples}


if __name__ == "__main__":
    cases = [
        case("btc-perp-1m-2022-01.csv.gz", MINUTE),
        case("btc-perp-1m-2022-01.csv.gz", MINUTE, power=7),
        case("unittest-btc-1m.csv.gz", MINUTE),
        case("eth-btc-5m.csv.gz", 5 * MINUTE, power=4),
        case("xrp-usdt-perp-1h-futures.csv.gz", 60 * MINUTE, power=3, funding="xrp-usdt-perp-8h-funding-rate.csv.gz"),
        case("xrp-usdt-perp-5m-futures.csv.gz", 5 * MINUTE, funding="xrp-usdt-perp-8h-funding-rate.csv.gz"),
        case("xrp-usdt-perp-8h-mark.csv.gz", 480 * MINUTE),
    ]
    json.dump({"cases": cases}, sys.stdout)
