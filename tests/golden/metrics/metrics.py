"""Makes metrics.json: equity curves, and their figures by empyrical-reloaded on the same daily returns.

    python3 -m venv /tmp/metrics && /tmp/metrics/bin/pip install -r tests/golden/metrics/requirements.txt
    /tmp/metrics/bin/python tests/golden/metrics/metrics.py > tests/golden/metrics/metrics.json
    npx biome format --write tests/golden/metrics/metrics.json

Written without a look at operators/metrics: days are cut by pandas, figures are empyrical's, and what empyrical does not
have (when a drawdown began, bottomed and ended) is read off the pandas series. A figure that is not finite is null.
"""

import json
import math

import empyrical
import numpy as np
import pandas as pd

YEAR = 365
RISK_FREE = 0.0001
BEGIN = pd.Timestamp("2024-01-01", tz="UTC")


def walk(seed, days, mean, deviation, start=100_000.0):
    steps = np.random.default_rng(seed).normal(mean, deviation, days)
    return start * np.concatenate([[1.0], np.cumprod(1 + steps)])


def rising(days):
    """Never falls; every step is another one, so that there is volatility without a loss."""
    steps = 0.001 + 0.004 * np.random.default_rng(2).random(days)
    return 50_000.0 * np.concatenate([[1.0], np.cumprod(1 + steps)])


def crash():
    """Half a year of calm, minus 45 % in ten days, then a climb above the old peak."""
    calm = walk(3, 180, 0.0008, 0.008, 1_000_000.0)
    fall = calm[-1] * np.linspace(0.96, 0.55, 10)
    climb = fall[-1] * np.cumprod(1 + np.random.default_rng(4).normal(0.006, 0.012, 175))
    return np.concatenate([calm, fall, climb])


def steps(days):
    """Flat days and gains in turn: volatility, and no downside."""
    return 10_000.0 + 25.0 * np.cumsum(np.arange(days + 1) % 3 == 2)


def irregular():
    """Points at uneven times inside 45 days that begin at 07:30 and end at 18:45, with two days of silence."""
    random = np.random.default_rng(8)
    begin, end = BEGIN + pd.Timedelta("7h30min"), BEGIN + pd.Timedelta("44D18h45min")
    seconds = np.sort(random.choice(np.arange(1, int((end - begin).total_seconds())), 600, replace=False))
    times = begin + pd.to_timedelta(np.concatenate([[0], seconds]), unit="s")
    equity = 250_000.0 * np.concatenate([[1.0], np.cumprod(1 + random.normal(0.00015, 0.004, 600))])
    curve = pd.Series(equity.round(2), index=times)
    silent = (curve.index >= BEGIN + pd.Timedelta("20D6h")) & (curve.index < BEGIN + pd.Timedelta("22D9h"))
    return curve[~silent], begin, end


def daily(equity):
    index = BEGIN + pd.to_timedelta(np.arange(len(equity)), unit="D")
    return pd.Series(np.round(equity, 2), index=index), index[0], index[-1]


CURVES = {
    "random walk of 400 days": daily(walk(1, 400, 0.0009, 0.02)),
    "rising on each of 60 days": daily(rising(60)),
    "falling walk of 120 days": daily(walk(5, 120, -0.004, 0.015)),
    "crash and recovery within a year": daily(crash()),
    "steps without downside over 90 days": daily(steps(90)),
    "violent walk of 250 days": daily(walk(6, 250, 0.002, 0.09, 1_500.0)),
    "just 30 days": daily(walk(7, 30, 0.002, 0.01)),
    "29 days": daily(walk(7, 29, 0.002, 0.01)),
    "flat for 45 days": daily(np.full(46, 75_000.0)),
    "uneven times in 45 days": irregular(),
}


def at_day_ends(curve, begin, end):
    """The last value at or before each midnight, between the first value and that at the end."""
    midnights = pd.date_range(begin.floor("D") + pd.Timedelta("1D"), end, freq="D")
    ends = midnights.union(pd.DatetimeIndex([begin, end]))
    return pd.Series(curve.asof(ends).to_numpy(), index=ends)


def micros(time):
    return None if time is None else int(time.value // 1_000)


def drawdown_times(marks):
    under = marks / marks.cummax() - 1
    if under.min() == 0:
        return {"start": None, "trough": None, "recovery": None}
    trough = under.idxmin()
    start = under[:trough][under[:trough] == 0].index[-1]
    back = under[trough:][under[trough:] == 0].index
    return {"start": micros(start), "trough": micros(trough), "recovery": micros(back[0] if len(back) else None)}


def finite(value):
    return float(value) if math.isfinite(value) else None


def case(name, curve, begin, end):
    marks = at_day_ends(curve, begin, end)
    returns = marks.pct_change().iloc[1:]
    same = {"annualization": YEAR}
    return {
        "name": name,
        "from": micros(begin),
        "to": micros(end),
        "times": [micros(time) for time in curve.index],
        "equity": [float(value) for value in curve],
        "dailyTimes": [micros(time) for time in marks.index],
        "dailyEquity": [float(value) for value in marks],
        "figures": {
            "totalReturn": finite(empyrical.cum_returns_final(returns)),
            "annualReturn": finite(empyrical.annual_return(returns, **same)),
            "annualVolatility": finite(empyrical.annual_volatility(returns, **same)),
            "sharpe": finite(empyrical.sharpe_ratio(returns, **same)),
            "sortino": finite(empyrical.sortino_ratio(returns, **same)),
            "calmar": finite(empyrical.calmar_ratio(returns, **same)),
            "maxDrawdown": finite(empyrical.max_drawdown(returns)),
        },
        "withRiskFree": {
            "riskFree": RISK_FREE,
            "sharpe": finite(empyrical.sharpe_ratio(returns, risk_free=RISK_FREE, **same)),
            "sortino": finite(empyrical.sortino_ratio(returns, required_return=RISK_FREE, **same)),
        },
        "drawdown": drawdown_times(marks),
        "intraday": {"maxDrawdown": finite((curve / curve.cummax() - 1).min()), **drawdown_times(curve)},
    }


if __name__ == "__main__":
    cases = [case(name, *curve) for name, curve in CURVES.items()]
    made = {"empyrical-reloaded": empyrical.__version__, "annualization": YEAR}
    print("{\n" + f'"made": {json.dumps(made)},\n"cases": [')
    print(",\n".join(json.dumps(one, allow_nan=False) for one in cases))
    print("]\n}")
