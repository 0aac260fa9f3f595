"""PyTorch's stack of blocks of 2, 1, 1, 1 and 1 convolutions on two images, for from-seed.test.ts beside it: logits in both modes, and sizes of gradients.

Run: OMP_NUM_THREADS=1 python3 src/models/vgg.golden.py   (writes vgg.golden.json beside itself; any PyTorch from 1.13)

Weights and images are drawn from seed 7, as the test draws them; the network is RepDistiller's, written anew from its description.
"""
import json
import math
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F


def network(blocks):
    layers, inputs = [], 3
    for i, (count, width) in enumerate(zip(blocks, (64, 128, 256, 512, 512))):
        for _ in range(count):
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            inputs = width
        if i < 3:
            layers.append(nn.MaxPool2d(2))
    net = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            m.weight.data.normal_(0, math.sqrt(2.0 / (9 * m.out_channels)))
            m.bias.data.zero_()
        elif isinstance(m, nn.Linear):
            m.weight.data.normal_(0, 0.01)
            m.bias.data.zero_()
    return net


torch.manual_seed(7)
net = network((2, 1, 1, 1, 1))
x = torch.randn(2, 3, 32, 32)
logits = net.double()(x.double())
F.cross_entropy(logits, torch.tensor([3, 1])).backward()
figures = {
    "training": logits.tolist(),
    "evaluation": net.eval()(x.double()).tolist(),
    "weightGradients": [p.grad.norm().item() for p in net.parameters() if p.dim() > 1],
}
path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "vgg.golden.json")
with open(path, "w") as file:
    file.write(json.dumps(figures) + "\n")
