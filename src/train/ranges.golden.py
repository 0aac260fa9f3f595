"""PyTorch's FakeQuantize by moving averages, batch after batch, for ranges.test.ts beside it.

Run: OMP_NUM_THREADS=1 python3 src/train/ranges.golden.py   (writes ranges.golden.json; any PyTorch from 1.13)
"""
import json
import os
import sys

import torch
from torch.ao.quantization import FakeQuantize, MovingAverageMinMaxObserver

torch.manual_seed(0)
cases = []


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().reshape(-1).tolist()]


def case(top, batches, moving):
    rounding = FakeQuantize(MovingAverageMinMaxObserver, 0, top, dtype=torch.quint8, averaging_constant=0.01)
    steps = []
    for i, x in enumerate(batches):
        if i == moving:
            rounding.disable_observer()
        x = x.clone().requires_grad_(True)
        y = rounding(x)
        weight = torch.randn(x.shape)
        (gradient,) = torch.autograd.grad((y * weight).sum(), x)
        observer = rounding.activation_post_process
        steps.append({
            "x": numbers(x), "weight": numbers(weight), "y": numbers(y), "gradient": numbers(gradient),
            "least": observer.min_val.item(), "most": observer.max_val.item(),
        })
    cases.append({"top": top, "moving": moving, "steps": steps})


for top in (127, 255):
    # The last batches reach beyond the averages, whose gradient ends there.
    case(top, [scale * torch.randn(24) for scale in (1, 1.5, 0.5, 2, 3)], 3)
    case(top, [scale * torch.randn(24).relu() for scale in (1, 2, 4)], 3)
    case(top, [-1 - torch.rand(24) for _ in range(3)], 2)

path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "ranges.golden.json")
with open(path, "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(each, separators=(",", ":")) for each in cases) + "\n]\n")
print(f"{len(cases)} cases, {os.path.getsize(path)} bytes, PyTorch {torch.__version__}")
