"""Makes metrics.json: equity curves, and their figures by empyrical-reloaded and quantstats on the same daily returns.

    python3 -m venv /tmp/metrics && /tmp/metrics/bin/pip install -r tests/golden/metrics/requirements.txt
    /tmp/metrics/bin/python tests/golden/metrics/metrics.py > tests/golden/metrics/metrics.json

Written without a look at operators/metrics: days are cut by pandas, figures are empyrical's, and what empyrical does not
have (when a drawdown began, bottomed and ended) is read off the pandas series. A figure that is not finite is null.
Where quantstats and empyrical mean other things by one name, both stand here; where they should agree, this asserts it.
"""

import json
import math
import warnings

import empyrical
import numpy as np
import pandas as pd
import quantstats
import scipy.stats

YEAR = 365
RISK_FREE = 0.0001
WINDOWS = (30, 60, 90)
qs = quantstats.stats
warnings.filterwarnings("ignore")
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


def agree(a, b):
    """Both libraries' figure, which must be one: their definitions are the same."""
    if not (math.isfinite(a) and math.isfinite(b)):
        return None
    assert math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-15), (a, b)
    return float(a)


def more(returns, marks):
    """Figures of the shape of returns. quantstats' are in its own words where they differ."""
    months = by_month(returns)
    under = marks / marks.cummax() - 1
    worst = empyrical.max_drawdown(returns)
    return {
        "omega": agree(
            empyrical.omega_ratio(returns, annualization=YEAR), qs.omega(returns, periods=YEAR)
        ),
        "gainToPain": finite(qs.gain_to_pain_ratio(returns)),
        "tailRatio": agree(empyrical.tail_ratio(returns), qs.tail_ratio(returns)),
        "skewness": finite(scipy.stats.skew(returns)),
        "kurtosis": finite(scipy.stats.kurtosis(returns, fisher=False)),
        "skewnessQuantstats": finite(qs.skew(returns)),
        "kurtosisQuantstats": finite(qs.kurtosis(returns)),
        "valueAtRisk95": finite(empyrical.value_at_risk(returns)),
        "expectedShortfall95": agree(
            empyrical.conditional_value_at_risk(returns),
            qs.conditional_value_at_risk(returns, method="historical"),
        ),
        "valueAtRisk95Quantstats": finite(qs.value_at_risk(returns)),
        "expectedShortfall95Quantstats": finite(qs.conditional_value_at_risk(returns)),
        "kellyQuantstats": finite(qs.kelly_criterion(returns)),
        "stability": finite(empyrical.stability_of_timeseries(returns)),
        "bestDay": finite(qs.best(returns)),
        "worstDay": finite(qs.worst(returns)),
        "averageDay": finite(returns.mean()),
        "winningDays": finite(qs.win_rate(returns)),
        "ulcerIndex": finite(np.sqrt((under.iloc[1:] ** 2).mean())),
        "ulcerIndexQuantstats": finite(qs.ulcer_index(returns)),
        "recoveryFactor": ratio(empyrical.cum_returns_final(returns), -worst),
        "recoveryFactorQuantstats": finite(qs.recovery_factor(returns)),
        "winningMonths": finite(qs.win_rate(months)),
        "bestMonth": finite(months.max()),
        "worstMonth": finite(months.min()),
        "gainToPainMonthly": ratio(months.sum(), -months[months < 0].sum()),
    }


def ratio(a, b):
    return finite(a / b) if b > 0 else None


def by_month(returns):
    """A day end at midnight belongs to the day before."""
    days = returns.index - pd.Timedelta("1us")
    months = (1 + returns).groupby([days.year, days.month]).prod() - 1
    shifted = pd.Series(returns.to_numpy(), index=days)
    if len(months) > 1:
        assert math.isclose(qs.best(shifted, aggregate="ME"), months.max(), rel_tol=1e-9, abs_tol=1e-15)
        assert math.isclose(qs.worst(shifted, aggregate="ME"), months.min(), rel_tol=1e-9, abs_tol=1e-15)
    return months


def month_table(returns):
    return [[int(year), int(month), finite(value)] for (year, month), value in by_month(returns).items()]


def histogram(returns):
    edges = np.histogram_bin_edges(returns, "fd")
    counts, _ = np.histogram(returns, edges)
    return {"edges": [float(edge) for edge in edges], "counts": [int(count) for count in counts]}


def deepest(marks, returns, count=5):
    """Each stretch below a peak: its depth, the peak before it, its lowest point, the peak after it."""
    under = marks / marks.cummax() - 1
    stretch = (under == 0).cumsum()[under < 0]
    rows = []
    for _, part in under[under < 0].groupby(stretch):
        before, after = under.index.get_loc(part.index[0]) - 1, under.index.get_loc(part.index[-1]) + 1
        recovery = micros(under.index[after]) if after < len(under) else None
        rows.append([float(part.min()), micros(under.index[before]), micros(part.idxmin()), recovery])
    rows.sort(key=lambda row: (row[0], row[1]))
    # On equity itself: a product of returns misses its old peak by rounding, and makes one fall of two.
    assert np.allclose(qs.to_drawdown_series(returns), under.iloc[1:], rtol=1e-9, atol=1e-14)
    listed = sorted(qs.drawdown_details(under)["max drawdown"] / 100)
    assert np.allclose(listed, [row[0] for row in rows], rtol=1e-12, atol=0)
    return rows[:count]


def rolling(returns, days):
    same = {"rolling_period": days, "periods_per_year": YEAR}
    wins = (returns > 0).rolling(days).sum() / (returns != 0).rolling(days).sum()
    grown = (1 + returns).rolling(days).apply(np.prod, raw=True) - 1
    whole = slice(days - 1, None)
    return {
        "days": days,
        "times": [micros(time) for time in returns.index[whole]],
        "totalReturn": [finite(value) for value in grown[whole]],
        "volatility": [finite(value) for value in qs.rolling_volatility(returns, **same)[whole]],
        "sharpe": [finite(value) for value in qs.rolling_sharpe(returns, **same)[whole]],
        "winRate": [finite(value) for value in wins[whole]],
    }


def benchmark(returns, marks, seed):
    """A market that the run moves with in part."""
    random = np.random.default_rng(seed)
    moves = 0.6 * returns.to_numpy() + random.normal(0.0004, 0.015, len(returns))
    held = pd.Series(np.round(30_000 * np.concatenate([[1.0], np.cumprod(1 + moves)]), 2), index=marks.index)
    market = held.pct_change().iloc[1:]
    # quantstats lays a benchmark over whole days without a zone; here both have the same ends already.
    plain = pd.date_range("2024-01-01", periods=len(returns), freq="D")
    dated = [pd.Series(series.to_numpy(), index=plain) for series in (returns, market)]
    greeks = qs.greeks(*dated, periods=YEAR)
    alpha, beta = empyrical.alpha_beta_aligned(returns, market, annualization=YEAR)
    active = returns - market
    return {
        "equity": [float(value) for value in held],
        "figures": {
            "benchmarkReturn": finite(empyrical.cum_returns_final(market)),
            "excessReturn": finite(empyrical.cum_returns_final(returns) - empyrical.cum_returns_final(market)),
            "beta": agree(beta, greeks["beta"]),
            "alpha": finite(alpha),
            "alphaQuantstats": finite(greeks["alpha"]),
            "correlation": finite(returns.corr(market)),
            "rSquared": finite(qs.r_squared(*dated)),
            "trackingError": finite(active.std() * np.sqrt(YEAR)),
            "informationRatio": finite(empyrical.excess_sharpe(returns, market) * np.sqrt(YEAR)),
            "informationRatioQuantstats": agree(
                empyrical.excess_sharpe(returns, market), qs.information_ratio(*dated)
            ),
        },
    }


# A flat run has no spread: what libraries give there is rounding, or a division by zero.
SHOWN = ("random walk of 400 days", "uneven times in 45 days")


def shown(name, returns, marks):
    if name not in SHOWN:
        return {}
    return {
        "histogram": histogram(returns),
        "rolling": [rolling(returns, days) for days in WINDOWS if len(returns) >= days],
        "benchmark": benchmark(returns, marks, 11),
    }


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
            "omega": finite(empyrical.omega_ratio(returns, risk_free=RISK_FREE, annualization=YEAR)),
        },
        "drawdown": drawdown_times(marks),
        "more": more(returns, marks),
        "months": month_table(returns),
        "drawdowns": deepest(marks, returns),
        **shown(name, returns, marks),
        "intraday": {"maxDrawdown": finite((curve / curve.cummax() - 1).min()), **drawdown_times(curve)},
    }


def trips(seed, count):
    """Results of round trips, and Kelly's share by them: quantstats' formula, of trips instead of days."""
    results = np.random.default_rng(seed).normal(1.5, 40, count).round(2)
    assert (results != 0).all()
    return {"results": results.tolist(), "kelly": finite(qs.kelly_criterion(pd.Series(results), prepare_returns=False))}


if __name__ == "__main__":
    cases = [case(name, *curve) for name, curve in CURVES.items()]
    versions = {"empyrical-reloaded": empyrical.__version__, "quantstats": quantstats.__version__}
    made = {**versions, "scipy": scipy.__version__, "annualization": YEAR}
    print("{\n" + f'"made": {json.dumps(made)},\n"cases": [')
    print(",\n".join(json.dumps(one, allow_nan=False) for one in cases))
    print('],\n"trips": [')
    print(",\n".join(json.dumps(trips(seed, count)) for seed, count in ((21, 12), (22, 150), (23, 40))))
    print("]\n}")
