"""PyTorch's fake quantisation, values and gradients, for fake-quantize.test.ts beside it.

Run: OMP_NUM_THREADS=1 python3 src/tensor/ops/fake-quantize.golden.py   (writes fake-quantize.golden.json; any PyTorch from 1.13)
"""
import json
import os
import sys

import torch

torch.manual_seed(0)
cases = []


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().reshape(-1).tolist()]


def case(x, scale, zero, least, most, axis=None):
    x = x.clone().requires_grad_(True)
    if axis is None:
        y = torch.fake_quantize_per_tensor_affine(x, scale.item(), int(zero.item()), least, most)
    else:
        y = torch.fake_quantize_per_channel_affine(x, scale, zero.int(), axis, least, most)
    weight = torch.randn(y.shape)
    (gradient,) = torch.autograd.grad((y * weight).sum(), x)
    stretched = [1] * x.dim()
    if axis is not None:
        stretched[axis] = x.shape[axis]
    cases.append({
        "shape": list(x.shape), "stretched": stretched, "least": least, "most": most,
        "x": numbers(x), "scale": numbers(scale), "zero": numbers(zero), "weight": numbers(weight),
        "y": numbers(y), "gradient": numbers(gradient),
    })


one = torch.tensor
# Activations in 8 bits: within the range, beyond it on both sides, ties (of a scale that halves exactly), and what all of it is.
# NOTE: of 1e20, PyTorch overflows 64 bits and gives the other end of the range.
case(torch.randn(3, 4, 5), one(0.021), one(117.0), 0, 255)
case(4 * torch.randn(2, 50), one(0.0125), one(100.0), 0, 255)
case(torch.arange(-20, 20) / 8, one(0.25), one(7.0), 0, 15)
case(torch.randn(60).relu(), one(0.017), one(0.0), 0, 127)
case(torch.zeros(5), one(0.1), one(3.0), 0, 255)
case(torch.tensor([1e10, -1e10, 1e-30, -1e-30]), one(0.5), one(4.0), 0, 255)
# Weights of each output channel.
weight = torch.randn(6, 3, 3, 3) * torch.tensor([0.01, 0.1, 1, 10, 2, 0.5]).reshape(6, 1, 1, 1)
case(weight, weight.abs().amax((1, 2, 3)) / 127, torch.zeros(6), -127, 127, 0)
weight = torch.randn(5, 40)
case(weight, weight.abs().amax(1) / 100, torch.zeros(5), -127, 127, 0)
case(weight, weight.abs().amax(1) / 200, torch.zeros(5), -127, 127, 0)
case(torch.randn(4, 3, 2), one([0.1, 0.02, 0.3]), one([1.0, 40.0, 3.0]), 0, 63, 1)

path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "fake-quantize.golden.json")
with open(path, "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(each, separators=(",", ":")) for each in cases) + "\n]\n")
print(f"{len(cases)} cases, {os.path.getsize(path)} bytes, PyTorch {torch.__version__}")
