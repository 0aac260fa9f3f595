"""Makes figures.json: what SciPy says of the statistics of studies, and rliable's definitions in NumPy.

python3 figures.py > figures.json    (SciPy 1.10, NumPy 1.24)
"""
import json
import numpy as np
from scipy import stats

rng = np.random.default_rng(7)

def accuracies(n, centre, deviation):
    return [round(float(x), 2) for x in rng.normal(centre, deviation, n)]

def summary(values, confidence):
    n = len(values)
    low, high = stats.t.interval(confidence, n - 1, loc=np.mean(values), scale=stats.sem(values))
    return dict(values=values, confidence=confidence, mean=float(np.mean(values)),
                deviation=float(np.std(values, ddof=1)), interval=[float(low), float(high)])

def paired(values, baseline):
    test = stats.ttest_rel(values, baseline)
    interval = test.confidence_interval(0.95)
    return dict(values=values, baseline=baseline, mean=float(np.mean(np.subtract(values, baseline))),
                deviation=float(np.std(np.subtract(values, baseline), ddof=1)), p=float(test.pvalue),
                interval=[float(interval.low), float(interval.high)])

def holm(p):
    """Holm 1979, step by step."""
    order = np.argsort(p, kind="stable")
    out, highest = [0.0] * len(p), 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (len(p) - rank) * p[at]))
        out[at] = float(highest)
    return dict(p=p, adjusted=out)

def power(effect, n, level):
    critical, shift = stats.t.ppf(1 - level / 2, n - 1), effect * np.sqrt(n)
    # SciPy gives NaN for a lower tail below its precision.
    return float(stats.nct.sf(critical, n - 1, shift) + np.nan_to_num(stats.nct.cdf(-critical, n - 1, shift)))

def needed(effect, wanted, level):
    n = 2
    while not power(effect, n, level) >= wanted:
        n += 1
    return dict(effect=effect, power=wanted, level=level, n=n, reached=power(effect, n, level))

def crossed(seeds, images, resamples):
    """Seeds and images resampled independently: the interval of the mean gain in points."""
    base = (rng.random((seeds, images)) < 0.7).astype(int)
    # A method that turns one wrong image in ten right, more or less by the seed, and one right image in fifty wrong.
    better = np.where(base == 1, rng.random((seeds, images)) > 0.02,
                      rng.random((seeds, images)) < (0.1 + 0.03 * rng.standard_normal((seeds, 1)))).astype(int)
    d = better - base
    gains = [100 * d[rng.integers(0, seeds, seeds)][:, rng.integers(0, images, images)].mean() for _ in range(resamples)]
    return dict(values=["".join(map(str, row)) for row in better], baseline=["".join(map(str, row)) for row in base],
                interval=[float(x) for x in np.percentile(gains, [2.5, 97.5])], gain=float(100 * d.mean()))

def aggregates(x, y, thresholds):
    """Agarwal et al. 2021, as rliable has them: trim_mean(0.25), the Mann-Whitney U's share, mean(score > threshold)."""
    u = stats.mannwhitneyu(x, y).statistic
    return dict(x=x, y=y, iqm=float(stats.trim_mean(x, 0.25)), improvement=float(u / (len(x) * len(y))),
                thresholds=thresholds, profile=[float(np.mean(np.array(x) > t)) for t in thresholds])

print(json.dumps(dict(
    summaries=[summary(accuracies(n, 70, 0.4), c) for n, c in [(2, .95), (3, .95), (3, .99), (5, .9), (10, .95), (40, .95)]],
    paired=[paired(accuracies(n, 70 + gain, 0.4), accuracies(n, 70, 0.3))
            for n, gain in [(2, 0), (2, 1), (3, .4), (3, -2), (5, 1), (10, .2), (30, .3), (200, 0.05)]],
    holm=[holm(p) for p in [[0.01], [0.04, 0.01, 0.03], [0.5, 0.6, 0.001, 0.02], [0.02, 0.02, 0.02, 1.0, 0.0]]],
    needed=[needed(e, p, l) for e in [0.12, 0.2, 0.5, 0.8, 1.5, 3, 10] for p, l in [(.8, .05), (.9, .05), (.8, .01)]]
        + [needed(e, p, l) for e in [15, 30, 300] for p, l in [(.8, .05), (.8, .001), (.99, 1e-5)]],
    bootstrap=[crossed(s, i, 20000) for s, i in [(2, 300), (3, 500), (8, 200)]],
    aggregates=[aggregates(accuracies(n, 70, 1), accuracies(m, 69.5, 1), [68, 69, 70, 71])
                for n, m in [(1, 1), (3, 3), (4, 5), (11, 7)]] + [aggregates([70, 71, 71, 72], [71, 71, 70, 69], [70, 71])],
), indent=1))
