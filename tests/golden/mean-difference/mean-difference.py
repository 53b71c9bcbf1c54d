"""Makes mean-difference.json: pairs of returns, and the interval of their mean difference by statsmodels.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install numpy statsmodels
    /tmp/golden/bin/python tests/golden/mean-difference/mean-difference.py > tests/golden/mean-difference/mean-difference.json

Written without a look at operators/metrics: the mean is a regression on a constant, its error statsmodels' HAC.
"""

import json

import numpy as np
import statsmodels
import statsmodels.api as sm

random = np.random.default_rng(7)
cases = []
for name, count, drift, memory in [
    ("independent", 40, 0.0, 0.0),
    ("the first is better", 400, 0.004, 0.0),
    ("each day like the one before", 250, 0.001, 0.6),
    ("each day the opposite of the one before", 90, 0.0, -0.5),
]:
    noise = random.normal(0, 0.01, count)
    for i in range(1, count):
        noise[i] += memory * noise[i - 1]
    b = random.normal(0, 0.02, count)
    a = b + drift + noise
    a, b = [np.array([float(f"{value:.8f}") for value in side]) for side in (a, b)]
    fit = sm.OLS(a - b, np.ones(count)).fit(
        cov_type="HAC",
        cov_kwds={"maxlags": int(4 * (count / 100) ** (2 / 9)), "use_correction": True},
        use_t=True,
    )
    low, high = fit.conf_int(0.05)[0]
    cases.append(
        {
            "name": name,
            "a": a.tolist(),
            "b": b.tolist(),
            "mean": float(fit.params[0]),
            "standardError": float(fit.bse[0]),
            "low": float(low),
            "high": float(high),
        }
    )
print('{"made": ' + json.dumps({"statsmodels": statsmodels.__version__}) + ', "cases": [')
print(",\n".join(json.dumps(case) for case in cases))
print("]}")
