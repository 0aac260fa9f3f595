"""Makes interval.golden.json: Wilson's interval by solving (p - x)^2 = z^2 x (1 - x) / n for x, and Agresti and Min's from its four cells, in float64.

python3 interval.golden.py > interval.golden.json
"""
import json, numpy as np
from statistics import NormalDist

z = NormalDist().inv_cdf(0.975)

def wilson(images, of):
    p = images / of
    low, high = sorted(np.roots([1 + z * z / of, -(2 * p + z * z / of), p * p]).real)
    return [100 * low, 100 * high]

def paired(both, gained, lost, neither):
    cells = np.array([both, gained, lost, neither]) + 0.5
    shares = cells / cells.sum()
    difference = shares[1] - shares[2]
    # The variance of a difference of proportions of one multinomial sample.
    reach = z * np.sqrt((shares[1] + shares[2] - difference**2) / cells.sum())
    return [100 * (difference - reach), 100 * (difference + reach)]

print(json.dumps({
    "note": "made by interval.golden.py",
    "wilson": [[k, n, wilson(k, n)] for k, n in [(5, 10), (1, 10), (7023, 10000), (99, 100), (1, 2)]],
    "paired": [[*cells, paired(*cells)] for cells in [(60, 12, 5, 23), (0, 3, 0, 7), (6500, 421, 388, 2691), (10, 0, 0, 10), (1, 5, 5, 1)]],
}))
