"""A small network with fake quantisation, its norms folded, in PyTorch: values and gradients for fake-quantised.test.ts beside it.

Run: OMP_NUM_THREADS=1 python3 src/train/fake-quantised.golden.py   (writes fake-quantised.golden.json; any PyTorch from 1.13)

In float64, so that both sides round the same numbers the same way.
"""
import json
import os
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
TOP = 127


class Straight(torch.autograd.Function):
    """scale * (q - zero), q held between least and most; gradients pass where it is not held."""

    @staticmethod
    def forward(ctx, x, scale, zero, least, most):
        q = torch.round(x / scale) + zero
        ctx.save_for_backward((q >= least) & (q <= most))
        return (q.clamp(least, most) - zero) * scale

    @staticmethod
    def backward(ctx, gradient):
        (mask,) = ctx.saved_tensors
        return gradient * mask, None, None, None, None


def activations(x):
    low, high = x.detach().min().clamp(max=0), x.detach().max().clamp(min=0)
    scale = (high - low) / TOP
    return Straight.apply(x, scale, torch.round(-low / scale), 0, TOP)


def weights(w):
    scale = w.detach().abs().flatten(1).amax(1).reshape(-1, *[1] * (w.dim() - 1)) / 127
    return Straight.apply(w, scale, torch.zeros(()), -127, 127)


def folded(x, conv, norm, **options):
    factor = norm["weight"] / torch.sqrt(norm["running_var"] + 1e-5)
    w = weights(conv["weight"] * factor.reshape(-1, 1, 1, 1))
    return F.conv2d(x, w, norm["bias"] - norm["running_mean"] * factor, **options)


def numbers(*shape):
    return (torch.randn(shape) * 256).round() / 256


def norm(channels):
    return {"weight": 0.5 + numbers(channels).abs(), "bias": numbers(channels), "running_mean": numbers(channels), "running_var": 0.5 + numbers(channels).abs()}


values = {
    "conv1": {"weight": numbers(4, 3, 3, 3)}, "bn1": norm(4),
    "conv2": {"weight": numbers(4, 2, 3, 3)}, "bn2": norm(4),
    "fc": {"weight": numbers(5, 4), "bias": numbers(5)},
}
trained = {f"{a}.{b}": x.requires_grad_(True) for a, of in values.items() for b, x in of.items() if "running" not in b}
images, weight = numbers(6, 3, 8, 8), numbers(6, 5)

x = activations(images)
first = activations(folded(x, values["conv1"], values["bn1"], padding=1).relu())
second = activations(folded(first, values["conv2"], values["bn2"], padding=1, groups=2))
total = activations((first + second).relu())
mean = activations(F.max_pool2d(total, 2).mean((2, 3)))
logits = F.linear(mean, weights(values["fc"]["weight"]), values["fc"]["bias"])
gradients = torch.autograd.grad((logits * weight).sum(), list(trained.values()))


def listed(tensor):
    return [float(f"{value:.12g}") for value in tensor.detach().reshape(-1).tolist()]


path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "fake-quantised.golden.json")
with open(path, "w") as file:
    json.dump({
        "values": {f"{a}.{b}": listed(x) for a, of in values.items() for b, x in of.items()},
        "images": listed(images), "weight": listed(weight),
        "first": listed(first), "logits": listed(logits),
        "gradients": {name: listed(g) for name, g in zip(trained, gradients)},
    }, file, separators=(",", ":"))
    file.write("\n")
print(f"{os.path.getsize(path)} bytes, PyTorch {torch.__version__}")
