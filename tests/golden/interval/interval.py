"""Makes interval.json: intervals of means and medians by scipy.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install -r tests/golden/interval/requirements.txt
    /tmp/golden/bin/python tests/golden/interval/interval.py > tests/golden/interval/interval.json

Written without a look at operators/metrics. The bootstrap of a median of an odd number of values needs no drawing: it is at most the
k-th value when at least half of the draws are, which is a binomial probability; `medians` holds the exact distribution's points.
"""

import json

import numpy as np
import scipy
from scipy import stats

random = np.random.default_rng(11)
levels = [0.5, 0.8, 0.9, 0.95, 0.99, 0.999]
quantiles = [
    {"freedom": freedom, "share": share, "value": float(stats.t.ppf(share, freedom))}
    for freedom in [1, 2, 3, 4, 5, 9, 10, 19, 30, 99, 1000]
    for share in [0.5, 0.6, 0.75, 0.9, 0.95, 0.975, 0.995, 0.9995]
]

means = []
for count in [2, 3, 5, 10, 20, 200]:
    values = np.round(random.lognormal(3, 0.2, count), 6)
    for level in levels:
        low, high = stats.t.interval(level, count - 1, loc=values.mean(), scale=stats.sem(values))
        means.append({"values": values.tolist(), "level": level, "low": float(low), "high": float(high)})

medians = []
for count in [5, 9, 21, 101]:
    values = np.sort(np.round(random.lognormal(3, 0.2, count), 6))
    half = (count + 1) // 2
    below = [float(stats.binom.sf(half - 1, count, k / count)) for k in range(1, count + 1)]
    for level in [0.9, 0.95, 0.99]:
        ends = []
        for share in [(1 - level) / 2, (1 + level) / 2]:
            at = next(k for k, mass in enumerate(below) if mass >= share)
            ends.append(float(values[at]))
        medians.append({"values": values.tolist(), "level": level, "low": ends[0], "high": ends[1]})

made = {"numpy": np.__version__, "scipy": scipy.__version__}
print(json.dumps({"made": made, "quantiles": quantiles, "means": means, "medians": medians}))
