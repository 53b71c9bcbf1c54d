"""Makes research.json: what scipy, numpy and arch say of the statistics of luck and skill.

    python3 -m venv /tmp/research && /tmp/research/bin/pip install -r tests/golden/research/requirements.txt
    /tmp/research/bin/python tests/golden/research/make.py > tests/golden/research/research.json

Written from the papers, without a look at operators/research. Numbers that ours are held against exactly (returns,
differences) are rounded to six places, so that JSON has them as they are.
"""

import itertools
import json
import math
import sys

import numpy as np
import scipy.stats
from arch.bootstrap import SPA, RealityCheck, StationaryBootstrap

norm = scipy.stats.norm


def normals():
    points = [-37, -20, -8.5, -6, -3.0001, -3, -2.9999, -1.5, -0.3, 0, 0.7, 1.9599639845400543, 2.9999, 3.0001, 5, 8]
    shares = [1e-300, 1e-100, 1e-16, 1e-9, 1e-4, 0.001, 0.025, 0.3, 0.4999, 0.5, 0.51, 0.975, 0.999, 0.9999, 1 - 1e-9]
    return {
        "cdf": [[x, float(norm.cdf(x))] for x in points],
        "quantile": [[p, float(norm.ppf(p))] for p in shares],
    }


def psr(sharpe, n, skewness, kurtosis, benchmark):
    spread = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2
    return float(norm.cdf((sharpe - benchmark) * math.sqrt(n - 1) / math.sqrt(spread)))


def track_record(sharpe, skewness, kurtosis, benchmark, confidence):
    spread = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2
    return float(1 + spread * (norm.ppf(confidence) / (sharpe - benchmark)) ** 2)


def expected_maximum(trials):
    gamma = np.euler_gamma
    return float((1 - gamma) * norm.ppf(1 - 1 / trials) + gamma * norm.ppf(1 - 1 / (trials * math.e)))


def sharpes():
    cases = []
    for sharpe, n, skewness, kurtosis, benchmark in [
        (0.1, 250, 0, 3, 0),
        (0.458, 24, -2.448, 10.164, 0),
        (0.458, 134, -2.448, 10.164, 0.1),
        (-0.05, 900, 0.4, 5, 0.02),
        (2.5 / math.sqrt(250), 1250, -3, 10, 0.1132),
    ]:
        given = {"sharpe": sharpe, "skewness": skewness, "kurtosis": kurtosis, "benchmarkSharpe": benchmark}
        case = {"psr": [given | {"observations": n}, psr(sharpe, n, skewness, kurtosis, benchmark)]}
        if sharpe > benchmark:
            case["minTrackRecordLength"] = [
                given | {"confidence": 0.95},
                track_record(sharpe, skewness, kurtosis, benchmark, 0.95),
            ]
        cases.append(case)
    deflated = []
    for trials, variance in [(2, 0.001), (10, 0.002), (100, 0.5 / 250), (46, 0.5 / 250), (88, 0.5 / 250), (100_000, 0.004)]:
        given = {"sharpe": 2.5 / math.sqrt(250), "observations": 1250, "skewness": -3, "kurtosis": 10}
        most = math.sqrt(variance) * expected_maximum(trials)
        deflated.append(
            [
                given | {"trials": trials, "trialsSharpeVariance": variance},
                {"expectedMaximumSharpe": most, "probability": psr(given["sharpe"], 1250, -3, 10, most)},
            ]
        )
    lengths = [
        [
            {"trials": trials, "annualSharpe": sharpe},
            {"years": (expected_maximum(trials) / sharpe) ** 2, "upperBoundYears": 2 * math.log(trials) / sharpe**2},
        ]
        for trials, sharpe in [(7, 1), (45, 1), (1000, 2.5)]
    ]
    return {"measured": cases, "deflated": deflated, "lengths": lengths}


def pbo_case(seed, observations, trials, blocks, edge):
    rng = np.random.default_rng(seed)
    returns = rng.normal(0, 0.01, (observations, trials))
    returns[:, 0] += edge
    returns[:, 1] = returns[:, 2]
    returns = np.round(returns, 6)
    parts = np.array_split(np.arange(observations), blocks)
    logits = []
    for chosen in itertools.combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[i] for i in chosen])
        outside = np.concatenate([parts[i] for i in range(blocks) if i not in chosen])
        sharpe = lambda rows: returns[rows].mean(0) / returns[rows].std(0, ddof=1)
        best = int(np.argmax(sharpe(inside)))
        share = scipy.stats.rankdata(sharpe(outside))[best] / (trials + 1)
        logits.append(math.log(share / (1 - share)))
    pbo = sum(logit <= 0 for logit in logits) / len(logits)
    return {"returns": returns.tolist(), "blocks": blocks, "pbo": pbo, "logits": logits}


def tests_of_models(seed, observations, means, block, reps):
    """arch leaves means as they are; Hansen's are divided by their deviation, so those are what it is given for spa."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 1, (observations + 1, len(means)))
    differences = np.round(0.01 * (noise[1:] + 0.4 * noise[:-1]) * (1 + np.arange(len(means))) + means, 6)
    resampler = StationaryBootstrap(block, differences, seed=seed)
    indices = [resampler.index.tolist() for _ in resampler.bootstrap(reps)]
    # index is that of the sample just drawn.
    none = np.zeros(observations)

    def values_of(test):
        test.compute()
        return test

    plain = values_of(RealityCheck(none, -differences, block_size=block, reps=reps, seed=seed))
    deviations = np.sqrt(plain._loss_diff_var)
    scaled = values_of(SPA(none, -differences / deviations, block_size=block, reps=reps, seed=seed))
    first = differences[np.array(indices[0])].mean(0) - differences.mean(0)
    assert np.allclose(first, plain._simulated_vals[:, 0, 2], rtol=1e-12, atol=1e-15), "not the same indices"
    root = math.sqrt(observations)
    studentized = root * differences.mean(0) / deviations
    assert studentized.max() > 0
    return {
        "differences": differences.tolist(),
        "meanBlock": block,
        "bootstrapIndices": indices,
        "realityCheck": {"statistic": root * float(differences.mean(0).max()), "pValue": float(plain.pvalues["upper"])},
        "spa": {"statistic": float(studentized.max())} | {name: float(p) for name, p in scaled.pvalues.items()},
    }


def purged(observations, ahead, folds, embargo):
    ends = [min(observations - 1, i + ahead[i % len(ahead)]) for i in range(observations)]
    out = []
    for part in np.array_split(np.arange(observations), folds):
        test = set(part.tolist())
        known = range(min(test), max(ends[i] for i in test) + 1)
        shut = range(known[-1] + 1, known[-1] + 1 + embargo)
        train = [
            i
            for i in range(observations)
            if not set(range(i, ends[i] + 1)) & set(known) and i not in shut
        ]
        out.append({"train": train, "test": sorted(test)})
    return {"observations": observations, "labelEnds": ends, "folds": folds, "embargo": embargo, "answer": out}


def paths(groups, tested):
    splits = list(itertools.combinations(range(groups), tested))
    table = [[None] * len(splits) for _ in range(groups)]
    seen = [0] * groups
    for column, split in enumerate(splits):
        for group in split:
            seen[group] += 1
            table[group][column] = seen[group]
    assert len(set(seen)) == 1
    given = {"groups": groups, "testGroups": tested}
    return [given, {"splits": len(splits), "paths": seen[0], "pathTable": table}]


def annual(returns):
    deviation = returns.std(0, ddof=1)
    return np.where(deviation > 0, returns.mean(0) / np.where(deviation > 0, deviation, 1), 0) * math.sqrt(365)


def choice(returns, train, test):
    inside, outside = annual(returns[train]), annual(returns[test])
    best = int(np.argmax(inside))
    equity = np.concatenate([[1], np.cumprod(1 + returns[test, best])])
    fall = (equity / np.maximum.accumulate(equity) - 1).min()
    return [best, inside[best], outside[best], equity[-1] - 1, fall]


def efficiency(choices):
    inside, outside = np.array(choices)[:, 1], np.array(choices)[:, 2]
    return {
        "oosConsistency": float((outside > 0).mean()),
        "degradation": float((inside.mean() - outside.mean()) / inside.mean()),
        "inOutCorrelation": float(np.corrcoef(inside, outside)[0, 1]),
    }


def matrix():
    """Six trials of 120 days, one of which never trades; what each method chooses, and what that earns."""
    rng = np.random.default_rng(11)
    returns = np.round(rng.normal(0.0006, 0.012, (120, 6)), 6)
    returns[:, 3] = 0
    windows = {
        "rolling": [(range(at, at + 60), range(at + 60, at + 75)) for at in range(0, 60, 15)],
        "anchored": [(range(0, at), range(at, at + 15)) for at in range(60, 120, 15)],
        "every 10": [(range(at, at + 50), range(at + 50, at + 70)) for at in range(0, 51, 10)],
    }
    answers = {}
    for name, cut in windows.items():
        chosen = [choice(returns, list(train), list(test)) for train, test in cut]
        answers[name] = {"choices": chosen} | efficiency(chosen)
    parts = np.array_split(np.arange(120), 5)
    shut = lambda tests: set().union(*[range(part[0] - 1, part[-1] + 1 + 1 + 2) for part in tests])
    outside = lambda tests: [i for i in range(120) if i not in shut(tests)]
    folds = [choice(returns, outside([part]), part) for part in parts]
    answers["purged-kfold"] = {"choices": folds} | efficiency(folds)
    splits = list(itertools.combinations(range(5), 3))
    chosen = [choice(returns, outside([parts[i] for i in s]), np.concatenate([parts[i] for i in s])) for s in splits]
    seen, tracks = [0] * 5, {}
    for split, (best, *_) in zip(splits, chosen):
        for group in split:
            tracks.setdefault(seen[group], {})[group] = returns[parts[group], best]
            seen[group] += 1
    sharpes = [float(annual(np.concatenate([track[g] for g in range(5)]))) for track in tracks.values()]
    answers["cpcv"] = {"choices": chosen, "pathSharpes": sharpes} | efficiency(chosen)
    return {"returns": returns.T.tolist(), "answers": answers}


def surfaces():
    out = []
    for shape in [(9,), (5, 7), (3, 4, 5)]:
        surface = np.round(np.random.default_rng(sum(shape)).normal(0.2, 1, shape) + np.arange(shape[-1]) * 0.3, 6)
        slopes = np.gradient(surface)
        slopes = np.concatenate([part.ravel() for part in (slopes if isinstance(slopes, (list, tuple)) else [slopes])])
        best = np.unravel_index(surface.argmax(), shape)
        near = surface[tuple(slice(max(0, i - 1), i + 2) for i in best)].ravel()
        out.append(
            {
                "shape": shape,
                "sharpes": surface.ravel().tolist(),
                "gradientVariation": float(slopes.std() / abs(slopes.mean())),
                "neighbours": near.size - 1,
                "neighboursKeep": (int((near >= surface.max() / 2).sum()) - 1) / (near.size - 1),
            }
        )
    return out


json.dump(
    {
        "normal": normals(),
        "sharpe": sharpes(),
        "pbo": [pbo_case(1, 64, 6, 8, 0), pbo_case(2, 63, 9, 6, 0.004), pbo_case(3, 41, 4, 10, 0.002)],
        "models": [
            tests_of_models(4, 80, np.array([0.001, -0.02, 0.0, 0.004]), 5, 200),
            tests_of_models(5, 61, np.array([0.006, -0.01, 0.012, 0.0, -0.08]), 3.5, 150),
            tests_of_models(6, 50, np.array([0.0045, -0.06]), 1, 150),
        ],
        "purged": [purged(20, [0], 4, 0), purged(23, [2], 5, 1), purged(30, [0, 5, 1], 3, 2)],
        "matrix": matrix(),
        "surfaces": surfaces(),
        "cpcv": [paths(6, 2), paths(6, 1), paths(5, 3), paths(8, 4)],
    },
    sys.stdout,
    separators=(",", ":"),
)
print()
