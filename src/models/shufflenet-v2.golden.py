"""PyTorch's ShuffleNet V2 on two images, for from-seed.test.ts beside it: logits in both modes, and sizes of gradients.

Run: OMP_NUM_THREADS=1 python3 src/models/shufflenet-v2.golden.py   (writes shufflenet-v2.golden.json beside itself; any PyTorch from 1.13)

Weights and images are drawn from seed 7, as the test draws them; the network is RepDistiller's, written anew from its description.
"""
import json
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F


def layers(*parts):
    """conv and norm pairs from (inputs, outputs, kernel, stride, groups, activation)."""
    found = []
    for inputs, outputs, kernel, stride, groups, active in parts:
        found += [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
        if active:
            found.append(nn.ReLU())
    return nn.Sequential(*found)


def mixed(a, b):
    return torch.stack([a, b], 2).flatten(1, 2)


class Down(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        h = outputs // 2
        self.left = layers((inputs, inputs, 3, 2, inputs, False), (inputs, h, 1, 1, 1, True))
        self.right = layers((inputs, h, 1, 1, 1, True), (h, h, 3, 2, h, False), (h, h, 1, 1, 1, True))

    def forward(self, x):
        return mixed(self.left(x), self.right(x))


class Basic(nn.Module):
    def __init__(self, channels):
        super().__init__()
        h = channels // 2
        self.right = layers((h, h, 1, 1, 1, True), (h, h, 3, 1, h, False), (h, h, 1, 1, 1, True))

    def forward(self, x):
        left, right = x.chunk(2, 1)
        return mixed(left, self.right(right))


torch.manual_seed(7)
blocks, inputs = [], 24
first = layers((3, 24, 1, 1, 1, True))
for outputs, count in ((116, 3), (232, 7), (464, 3)):
    blocks += [Down(inputs, outputs), *(Basic(outputs) for _ in range(count))]
    inputs = outputs
net = nn.Sequential(first, *blocks, layers((464, 1024, 1, 1, 1, True)), nn.AvgPool2d(4), nn.Flatten(), nn.Linear(1024, 10))
x = torch.randn(2, 3, 32, 32)
logits = net.double()(x.double())
F.cross_entropy(logits, torch.tensor([3, 1])).backward()
figures = {
    "training": logits.tolist(),
    "evaluation": net.eval()(x.double()).tolist(),
    "weightGradients": [p.grad.norm().item() for p in net.parameters() if p.dim() > 1],
}
path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "shufflenet-v2.golden.json")
with open(path, "w") as file:
    file.write(json.dumps(figures) + "\n")
