"""PyTorch's adaptive_avg_pool2d and its gradient, for pool.test.ts beside it.

Run: python3 src/nn/pool.golden.py   (writes pool.golden.json beside itself; any PyTorch from 1.13)
"""
import json
import os
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(5)
cases = []


def short(values):
    return [float(f"{value:.9g}") for value in values.flatten().tolist()]


for height, width, rows, columns in (
    (8, 8, 8, 8), (8, 8, 4, 2), (6, 9, 1, 1), (10, 10, 8, 8), (12, 9, 8, 8), (7, 12, 3, 4), (5, 8, 5, 3), (1, 1, 3, 2), (3, 5, 8, 7),
):
    x = torch.randn(1, 2, height, width, dtype=torch.float64, requires_grad=True)
    y = F.adaptive_avg_pool2d(x, (rows, columns))
    weight = torch.randn_like(y)
    (y * weight).sum().backward()
    cases.append({
        "size": [rows, columns], "shape": list(x.shape), "x": short(x.detach()), "y": short(y.detach()),
        "weight": short(weight), "gradient": short(x.grad),
    })
path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "pool.golden.json")
with open(path, "w") as file:
    file.write(json.dumps(cases) + "\n")
