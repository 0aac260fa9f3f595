"""The networks that are timed, as the reference benchmark of distillation and the tutorial define them, for 10 classes."""
import torch
from torch import nn
from torch.nn import functional as F


def plain(name, side):
    def conv(n, m):
        return [nn.Conv2d(n, m, 3, padding=1), nn.ReLU()]
    if name == "deep":
        features = [*conv(3, 128), *conv(128, 64), nn.MaxPool2d(2, 2), *conv(64, 64), *conv(64, 32), nn.MaxPool2d(2, 2)]
        sizes = 2048, 512
    else:
        features = [*conv(3, 16), nn.MaxPool2d(2, 2), *conv(16, 16), nn.MaxPool2d(2, 2)]
        sizes = 1024, 256
    pool = [] if side == 32 else [nn.AdaptiveAvgPool2d(8)]  # the classifier takes 8x8
    return nn.Sequential(*features, *pool, nn.Flatten(), nn.Linear(*sizes), nn.ReLU(), nn.Dropout(0.1), nn.Linear(sizes[1], 10))


def conv_norm(n, m, kernel=3, stride=1, groups=1):
    return nn.Sequential(nn.Conv2d(n, m, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(m))


class Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut. He et al., 2015."""

    def __init__(self, n, m, stride):
        super().__init__()
        self.first, self.second = conv_norm(n, m, stride=stride), conv_norm(m, m)
        self.shortcut = conv_norm(n, m, 1, stride) if stride != 1 or n != m else nn.Identity()

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class PreActivation(nn.Module):
    """Normalisation and ReLU before each convolution. Zagoruyko, Komodakis, 2016."""

    def __init__(self, n, m, stride):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(n), nn.Conv2d(n, m, 3, stride, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(m), nn.Conv2d(m, m, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(n, m, 1, stride, bias=False) if n != m else None

    def forward(self, x):
        active = F.relu(self.norm1(x))
        y = self.conv2(F.relu(self.norm2(self.conv1(active))))
        return y + (self.shortcut(active) if self.shortcut else x)


class Inverted(nn.Module):
    """Widened by 1x1, depthwise 3x3, narrowed by 1x1. Sandler et al., 2018."""

    def __init__(self, n, m, stride, widening):
        super().__init__()
        wide = n * widening
        self.adds = stride == 1 and n == m
        self.conv = nn.Sequential(
            conv_norm(n, wide, 1), nn.ReLU(), conv_norm(wide, wide, 3, stride, wide), nn.ReLU(), conv_norm(wide, m, 1)
        )

    def forward(self, x):
        return x + self.conv(x) if self.adds else self.conv(x)


def shuffled(a, b):
    """Channels of both in turn: the two behind each other, shuffled in two groups."""
    n, c, h, w = a.shape
    return torch.cat([a, b], 1).view(n, 2, c, h, w).transpose(1, 2).reshape(n, 2 * c, h, w)


class ShuffleDown(nn.Module):
    """Halves height and width: all channels on both ways. Ma et al., 2018."""

    def __init__(self, n, m):
        super().__init__()
        half = m // 2
        self.left = nn.Sequential(conv_norm(n, n, 3, 2, n), conv_norm(n, half, 1), nn.ReLU())
        self.right = nn.Sequential(
            conv_norm(n, half, 1), nn.ReLU(), conv_norm(half, half, 3, 2, half), conv_norm(half, half, 1), nn.ReLU()
        )

    def forward(self, x):
        return shuffled(self.left(x), self.right(x))


class Shuffle(nn.Module):
    """One half of the channels as it is, the other changed."""

    def __init__(self, n):
        super().__init__()
        half = n // 2
        self.right = nn.Sequential(
            conv_norm(half, half, 1), nn.ReLU(), conv_norm(half, half, 3, 1, half), conv_norm(half, half, 1), nn.ReLU()
        )

    def forward(self, x):
        left, right = x.chunk(2, 1)
        return shuffled(left, self.right(right))


def stages(block, n, sizes, depth):
    layers = []
    for m, stride in sizes:
        for i in range(depth):
            layers.append(block(n, m, stride if i == 0 else 1))
            n = m
    return layers


def network(name, side=32):
    end = [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    if name == "resnet20":
        blocks = stages(Residual, 16, [(16, 1), (32, 2), (64, 2)], 3)
        return nn.Sequential(conv_norm(3, 16), nn.ReLU(), *blocks, *end, nn.Linear(64, 10))
    if name == "resnet8x4":
        blocks = stages(Residual, 32, [(64, 1), (128, 2), (256, 2)], 1)
        return nn.Sequential(conv_norm(3, 32), nn.ReLU(), *blocks, *end, nn.Linear(256, 10))
    if name == "resnet18":
        blocks = stages(Residual, 64, [(64, 1), (128, 2), (256, 2), (512, 2)], 2)
        return nn.Sequential(
            conv_norm(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1), *blocks, *end, nn.Linear(512, 10)
        )
    if name == "vgg8":
        layers, n = [], 3
        for i, m in enumerate([64, 128, 256, 512, 512]):
            layers += [nn.Conv2d(n, m, 3, padding=1), nn.BatchNorm2d(m), nn.ReLU()]
            layers += [nn.MaxPool2d(2)] if i < 3 else []
            n = m
        return nn.Sequential(*layers, *end, nn.Linear(512, 10))
    if name == "ShuffleV2":
        layers, n = [conv_norm(3, 24, 1), nn.ReLU()], 24
        for m, depth in [(116, 3), (232, 7), (464, 3)]:
            layers += [ShuffleDown(n, m), *(Shuffle(m) for _ in range(depth))]
            n = m
        return nn.Sequential(*layers, conv_norm(464, 1024, 1), nn.ReLU(), *end, nn.Linear(1024, 10))
    if name == "wrn_16_2":
        blocks = stages(PreActivation, 16, [(32, 1), (64, 2), (128, 2)], 2)
        head = [nn.BatchNorm2d(128), nn.ReLU(), *end, nn.Linear(128, 10)]
        return nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), *blocks, *head)
    if name == "MobileNetV2":
        layers, n = [conv_norm(3, 16, stride=2), nn.ReLU()], 16
        for widening, width, depth, stride in [
            (1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
        ]:
            for i in range(depth):
                layers.append(Inverted(n, width // 2, stride if i == 0 else 1, widening))
                n = width // 2
        return nn.Sequential(*layers, conv_norm(n, 1280, 1), nn.ReLU(), *end, nn.Linear(1280, 10))
    return plain(name, side)
