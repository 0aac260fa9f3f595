"""PyTorch's airbench network, quarter-wide, on two images, for from-seed.test.ts beside it: logits in both modes, sizes of gradients.

Run: OMP_NUM_THREADS=1 python3 src/models/airbench.golden.py   (writes airbench.golden.json beside itself; any PyTorch from 1.13)

Weights and images are drawn from seed 7, as the test draws them; the network is written from the description in the paper.
"""
import json
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F


def convolution(inputs, outputs):
    conv = nn.Conv2d(inputs, outputs, 3, padding="same", bias=False)
    nn.init.dirac_(conv.weight.data[:inputs])
    return conv


class Stage(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = convolution(inputs, outputs)
        self.norm1 = nn.BatchNorm2d(outputs, eps=1e-12, momentum=0.4)
        self.conv2 = convolution(outputs, outputs)
        self.norm2 = nn.BatchNorm2d(outputs, eps=1e-12, momentum=0.4)
        for norm in (self.norm1, self.norm2):
            norm.weight.requires_grad = False

    def forward(self, x):
        x = F.gelu(self.norm1(F.max_pool2d(self.conv1(x), 2)))
        return F.gelu(self.norm2(self.conv2(x)))


class Scale(nn.Module):
    def forward(self, x):
        return x / 9


def network(first, second, third, classes=10):
    whiten = nn.Conv2d(3, 24, 2)
    nn.init.zeros_(whiten.bias)
    whiten.weight.requires_grad = False
    return nn.Sequential(whiten, nn.GELU(), Stage(24, first), Stage(first, second), Stage(second, third), nn.MaxPool2d(3),
                         nn.Flatten(), nn.Linear(third, classes, bias=False), Scale())


def whitening(images, eps=5e-4):
    patches = F.unfold(images, 2).transpose(1, 2).reshape(-1, 12)
    values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
    return (vectors / (values + eps).sqrt()).T.flip(0)


torch.manual_seed(7)
net = network(32, 64, 64)
# What whitening gives, so that how it is drawn does not matter.
x = torch.randn(2, 3, 32, 32)
filters = whitening(x.double())
largest = filters.gather(1, filters.abs().argmax(1, keepdim=True))
filters = filters * largest.sign()
net = net.double()
net[0].weight.data[:] = torch.cat([filters, -filters]).reshape(24, 3, 2, 2)
logits = net(x.double())
F.cross_entropy(logits, torch.tensor([3, 1])).backward()
states = {name: list(value.shape) for name, value in network(64, 256, 256).state_dict().items()
          if not name.endswith("num_batches_tracked")}
figures = {
    "training": logits.tolist(),
    "evaluation": net.eval()(x.double()).tolist(),
    "weightGradients": [p.grad.norm().item() for p in net.parameters() if p.dim() > 1 and p.requires_grad],
    "states": dict(sorted(states.items())),
    "learned": sum(p.numel() for p in network(64, 256, 256).parameters() if p.requires_grad),
}
path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "airbench.golden.json")
with open(path, "w") as file:
    file.write(json.dumps(figures) + "\n")
