"""Makes search.json: densities by Optuna's Parzen estimator, fronts, crowding and covered areas by pymoo, normal
shares by scipy; and what Optuna's own samplers reach on the functions by which ours are compared.

    python3 -m venv /tmp/search && /tmp/search/bin/pip install -r tests/golden/search/requirements.txt
    /tmp/search/bin/python tests/golden/search/search.py > tests/golden/search/search.json
"""

import json
import math

import numpy as np
import optuna
import scipy.stats
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights
from pymoo.indicators.hv import HV
from pymoo.operators.survival.rank_and_crowding.metrics import calc_crowding_distance
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

optuna.logging.set_verbosity(optuna.logging.ERROR)
RNG = np.random.default_rng(7)
DEFAULTS = _ParzenEstimatorParameters(
    prior_weight=1.0, consider_magic_clip=True, consider_endpoints=False, weights=default_weights, multivariate=False
)


def distinct(low, high, count):
    return RNG.choice(np.arange(low, high), count, replace=False)


def densities():
    spaces = {
        "line": (FloatDistribution(-5, 10), {"from": -5, "to": 10}, lambda n: RNG.uniform(-5, 10, n).round(6)),
        "log": (
            FloatDistribution(0.0001, 0.1, log=True),
            {"from": 0.0001, "to": 0.1, "log": True},
            lambda n: np.exp(RNG.uniform(math.log(0.0001), math.log(0.1), n)).round(9),
        ),
        "steps": (
            FloatDistribution(0.5, 2.0, step=0.25),
            {"from": 0.5, "to": 2.0, "step": 0.25},
            lambda n: 0.5 + 0.25 * RNG.integers(0, 7, n),
        ),
        "whole": (IntDistribution(2, 101), {"from": 2, "to": 101, "whole": True}, lambda n: distinct(2, 102, n)),
        "whole by ratios": (
            IntDistribution(1, 200, log=True),
            {"from": 1, "to": 200, "whole": True, "log": True},
            lambda n: distinct(1, 201, n),
        ),
        "choices": (CategoricalDistribution(["a", "b", "c"]), {"values": ["a", "b", "c"]}, lambda n: RNG.integers(0, 3, n)),
    }
    rows = []
    for name, (distribution, axis, draw) in spaces.items():
        for count in (0, 1, 2, 5, 24, 25, 26, 27, 60):
            # Of equal values the order of numpy's sort says which is the wider: only from 26 on, where weights differ, does it show.
            if name == "steps" and count > 25:
                continue
            seen, at = draw(count), draw(8)
            estimator = _ParzenEstimator({"x": np.asarray(seen, dtype=float)}, {"x": distribution}, DEFAULTS)
            log_density = estimator.log_pdf({"x": np.asarray(at, dtype=float)})
            named = (lambda values: [axis["values"][i] for i in values]) if "values" in axis else (lambda values: values.tolist())
            points = lambda values: [{"x": value} for value in named(values)]
            rows.append({"kind": name, "axes": [{"name": "x", **axis}], "seen": points(seen), "at": points(at), "logDensity": log_density.tolist()})
    return rows + joint()


def joint():
    """Three axes at once: of each kernel the product along them."""
    distributions = {"x": FloatDistribution(-5, 10), "n": IntDistribution(2, 101), "c": CategoricalDistribution(["a", "b", "c"])}
    axes = [{"name": "x", "from": -5, "to": 10}, {"name": "n", "from": 2, "to": 101, "whole": True}, {"name": "c", "values": ["a", "b", "c"]}]
    rows = []
    for count in (0, 1, 7, 40):
        seen, at = [
            {"x": RNG.uniform(-5, 10, n).round(6), "n": distinct(2, 102, n), "c": RNG.integers(0, 3, n)} for n in (count, 8)
        ]
        estimator = _ParzenEstimator({k: np.asarray(v, dtype=float) for k, v in seen.items()}, distributions, DEFAULTS)
        log_density = estimator.log_pdf({k: np.asarray(v, dtype=float) for k, v in at.items()})
        points = lambda columns: [{"x": float(x), "n": int(n), "c": "abc"[c]} for x, n, c in zip(columns["x"], columns["n"], columns["c"])]
        rows.append({"kind": "three axes", "axes": axes, "seen": points(seen), "at": points(at), "logDensity": log_density.tolist()})
    return rows


def pareto():
    rows = []
    for count, objectives, digits in ((1, 2, 3), (12, 2, 3), (40, 2, 1), (60, 3, 2), (30, 4, 1)):
        points = RNG.uniform(-1, 0, (count, objectives)).round(digits)
        fronts = NonDominatedSorting().do(-points)  # pymoo makes small, we make large
        # Crowding of equal values depends on the order of a sort: only points that differ everywhere are compared.
        first = points[np.sort(fronts[0])]
        distinct = all(len(set(first[:, i])) == len(first) for i in range(objectives))
        rows.append(
            {
                "points": points.tolist(),
                "fronts": [np.sort(front).tolist() for front in fronts],
                # pymoo gives the mean over the objectives, the paper the sum.
                "crowding": [None if math.isinf(v) else v * objectives for v in calc_crowding_distance(-first)] if distinct and len(first) > 2 else None,
                "covered": float(HV(ref_point=np.array([1.0, 1.0]))(-points)) if objectives == 2 else None,
            }
        )
    return rows


def branin(x, y):
    return (y - 5.1 * x * x / (4 * math.pi**2) + 5 * x / math.pi - 6) ** 2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def branin_of(trial):
    return branin(trial.suggest_float("x", -5, 10), trial.suggest_float("y", 0, 15)) - 0.397887


def sphere_of(trial):
    return sum((trial.suggest_float(name, -5, 5) - 1.3) ** 2 for name in "abcde")


def ridge_of(trial):
    fast, slow = trial.suggest_int("fast", 1, 101), trial.suggest_int("slow", 102, 201)
    mode = trial.suggest_categorical("mode", ["long-flat", "long-short"])
    rate = trial.suggest_float("rate", 0.0001, 0.1, log=True)
    off = ((fast - 21) / 30) ** 2 + ((slow - 150) / 60) ** 2 + (math.log(rate / 0.003) / 2) ** 2
    return 1 - (1 if mode == "long-short" else 0.8) / (1 + off)


def zdt1_of(trial):
    x = [trial.suggest_float(name, 0, 1) for name in "abcde"]
    g = 1 + 9 * sum(x[1:]) / 4
    return x[0], g * (1 - math.sqrt(x[0] / g))


def reached():
    """The distance to the best value after 100 trials, the median of 20 seeds; the covered area of ZDT1 after 2400."""
    rows = {}
    for name, function in (("branin", branin_of), ("sphere", sphere_of), ("ridge", ridge_of)):
        for sampler in ("univariate tpe", "tpe", "random"):
            values = []
            for seed in range(20):
                made = {
                    "univariate tpe": lambda: optuna.samplers.TPESampler(seed=seed, multivariate=False),
                    "tpe": lambda: optuna.samplers.TPESampler(seed=seed),
                    "random": lambda: optuna.samplers.RandomSampler(seed=seed),
                }[sampler]()
                study = optuna.create_study(sampler=made)
                study.optimize(function, n_trials=100)
                values.append(study.best_value)
            rows[f"{name} {sampler}"] = round(float(np.median(values)), 4)
    areas = []
    for seed in range(5):
        study = optuna.create_study(sampler=optuna.samplers.NSGAIISampler(population_size=48, seed=seed), directions=["minimize"] * 2)
        study.optimize(zdt1_of, n_trials=2400)
        areas.append(float(HV(ref_point=np.array([1.0, 1.0]))(np.array([t.values for t in study.best_trials]))))
    rows["zdt1 nsga-ii"] = round(float(np.median(areas)), 4)
    return rows


places = [-7.9, -6.0, -3.3, -1.0, -0.1, 0.0, 1e-9, 0.5, 2.0, 5.5]
print(
    json.dumps(
        {
            "densities": densities(),
            "pareto": pareto(),
            "normal": [[x, float(scipy.stats.norm.cdf(x))] for x in places],
            "reached": reached(),
        },
        indent=1,
    )
)
