"""Networks of PyTorch's on images that are not 3x32x32, for from-seed.test.ts beside it: logits in both modes, and sizes of gradients.

Run: OMP_NUM_THREADS=1 python3 src/models/sizes.golden.py   (writes sizes.golden.json beside itself; any PyTorch from 1.13)

Weights and images are drawn from seed 7, as the test draws them. LightNN is the tutorial's with an adaptive pool to 8x8 before
its classifier; the others are RepDistiller's, written from their descriptions, with the mean over all of the last maps.
"""
import json
import math
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F


def light(channels, classes):
    features = nn.Sequential(
        nn.Conv2d(channels, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    classifier = nn.Sequential(nn.Linear(1024, 256), nn.ReLU(), nn.Linear(256, classes))
    return nn.Sequential(features, nn.AdaptiveAvgPool2d(8), nn.Flatten(), classifier)


def vgg8(channels, classes):
    layers, inputs = [], channels
    for i, width in enumerate((64, 128, 256, 512, 512)):
        layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
        inputs = width
        if i < 4:  # the fourth, because the images are of 64x64
            layers.append(nn.MaxPool2d(2))
    net = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes))
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            m.weight.data.normal_(0, math.sqrt(2.0 / (9 * m.out_channels)))
            m.bias.data.zero_()
        elif isinstance(m, nn.Linear):
            m.weight.data.normal_(0, 0.01)
            m.bias.data.zero_()
    return net


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Sequential() if same else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.shortcut(x))


def resnet8(channels, classes):
    net = nn.Sequential(
        nn.Conv2d(channels, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, classes))
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
    return net


def figures(make, shape, classes):
    torch.manual_seed(7)
    net = make(shape[0], classes)
    x = torch.randn(2, *shape)
    logits = net.double()(x.double())
    F.cross_entropy(logits, torch.tensor([3, 1])).backward()
    return {
        "training": logits.tolist(),
        "evaluation": net.eval()(x.double()).tolist(),
        "weightGradients": [p.grad.norm().item() for p in net.parameters() if p.dim() > 1],
    }


made = {
    "LightNN": figures(light, (1, 40, 48), 7),
    "vgg8": figures(vgg8, (3, 64, 64), 10),
    "resnet8": figures(resnet8, (1, 48, 36), 300),
}
path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "sizes.golden.json")
with open(path, "w") as file:
    file.write(json.dumps(made) + "\n")
