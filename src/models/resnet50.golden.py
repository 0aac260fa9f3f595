"""PyTorch's residual network of 50 layers on two images, for from-seed.test.ts beside it: logits in both modes, and sizes of gradients.

Run: OMP_NUM_THREADS=1 python3 src/models/resnet50.golden.py   (writes resnet50.golden.json beside itself; any PyTorch from 1.13)

Weights and images are drawn from seed 7, as the test draws them; the network is RepDistiller's, written anew from its description.
"""
import json
import math
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F


def convolution(inputs, outputs, kernel, stride=1):
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)]


class Bottleneck(nn.Module):
    def __init__(self, inputs, hidden, stride):
        super().__init__()
        narrow, middle = convolution(inputs, hidden, 1), convolution(hidden, hidden, 3, stride)
        self.residual = nn.Sequential(*narrow, nn.ReLU(), *middle, nn.ReLU(), *convolution(hidden, 4 * hidden, 1))
        same = stride == 1 and inputs == 4 * hidden
        self.shortcut = nn.Identity() if same else nn.Sequential(*convolution(inputs, 4 * hidden, 1, stride))

    def forward(self, x):
        return F.relu(self.residual(x) + self.shortcut(x))


torch.manual_seed(7)
layers, inputs = [*convolution(3, 64, 3), nn.ReLU()], 64
for blocks, hidden, stride in ((3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2)):
    for i in range(blocks):
        layers.append(Bottleneck(inputs, hidden, stride if i == 0 else 1))
        inputs = 4 * hidden
net = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10))
for m in net.modules():
    if isinstance(m, nn.Conv2d):
        m.weight.data.normal_(0, math.sqrt(2.0) / math.sqrt(m.out_channels * m.kernel_size[0] * m.kernel_size[1]))
x = torch.randn(2, 3, 32, 32)
logits = net.double()(x.double())
F.cross_entropy(logits, torch.tensor([3, 1])).backward()
figures = {
    "training": logits.tolist(),
    "evaluation": net.eval()(x.double()).tolist(),
    "weightGradients": [p.grad.norm().item() for p in net.parameters() if p.dim() > 1],
}
path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "resnet50.golden.json")
with open(path, "w") as file:
    file.write(json.dumps(figures) + "\n")
