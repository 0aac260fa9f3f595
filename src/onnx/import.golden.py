"""ONNX files of torchvision's and other networks, small, with random weights and running averages, and what PyTorch makes of three images.

Debian's packages: /usr/bin/python3 import.golden.py, in this folder. torch 1.13.0, torchvision 0.14.1.
Image element i, row-major over the batch, is sin(0.37 i): whoever tests makes it again. `ofPixels` is of the pixels 37 i mod 256,
divided by 255, less 0.5, divided by 0.25. `gradient` is of every 97th image element: of the sum of all logits, logit i times cos(i).
"""
import json, warnings
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.densenet import DenseNet
from torchvision.models.mobilenetv2 import MobileNetV2
from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.models.shufflenetv2 import ShuffleNetV2
from torchvision.models.vgg import make_layers
from torchvision.models.vision_transformer import VisionTransformer

warnings.filterwarnings("ignore")
golden = {}


def images(channels, size):
    values = torch.arange(3 * channels * size * size, dtype=torch.float64) * 0.37
    return torch.sin(values).float().reshape(3, channels, size, size)


def pixels(shape):
    return (((torch.arange(shape.numel()) * 37 % 256).float() / 255 - 0.5) / 0.25).reshape(shape)


def moments(t):
    return {"mean": float(t.double().mean()), "square": float((t.double() ** 2).mean())}


def settle(net):
    """Running averages and biases that are not those of the first day."""
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.uniform_(-0.3, 0.3)
            m.running_var.uniform_(0.5, 1.5)
            m.weight.data.uniform_(0.5, 1.5)
            m.bias.data.uniform_(-0.3, 0.3)
    return net.eval()


def export(name, make, size, channels=3, opset=13, dynamic=False, taps=(), **options):
    torch.manual_seed(0)
    net = settle(make())
    x = images(channels, size)
    hooked = {}
    for path in taps:
        net.get_submodule(path).register_forward_hook(lambda _m, _i, y, path=path: hooked.update({path: y.detach()}))
    y = net(x.requires_grad_())
    # Of all logits, each times a number of its own.
    (y * torch.cos(torch.arange(y.numel(), dtype=torch.float32)).reshape(y.shape)).sum().backward()
    x, slope = x.detach(), x.grad
    seen = dict(hooked)  # exporting runs it again
    axes = {"dynamic_axes": {"input": {0: "n"}, "logits": {0: "n"}}} if dynamic else {}
    torch.onnx.export(net, x if dynamic else x[:1], f"golden/{name}.onnx", opset_version=opset, input_names=["input"], output_names=["logits"], **axes, **options)
    golden[name] = {
        "inputShape": list(x.shape[1:]),
        "logits": [[float(v) for v in row] for row in y],
        "ofPixels": [[float(v) for v in row] for row in net(pixels(x.shape))],
        "gradient": slope.flatten()[::97].tolist(),
        "taps": {path: {"shape": list(t.shape), **moments(t)} for path, t in seen.items()},
    }


def resnet(block=BasicBlock, widths=(8, 12, 16, 24), classes=10, depth=1, **options):
    net = ResNet(block, [1, 1, 1, 1], **options)
    net.inplanes, net.base_width = widths[0], options.get("width_per_group", 64)
    net.conv1 = nn.Conv2d(3, widths[0], 7, stride=2, padding=3, bias=False)
    net.bn1 = nn.BatchNorm2d(widths[0])
    net.dilation = 1
    dilate = options.get("replace_stride_with_dilation", [False] * 3)
    for i, width in enumerate(widths):
        setattr(net, f"layer{i + 1}", net._make_layer(block, width, depth, stride=1 if i == 0 else 2, dilate=i > 0 and dilate[i - 1]))
    net.fc = nn.Linear(widths[-1] * block.expansion, classes)
    return net


class Head(nn.Module):
    """The layers, then the function."""

    def __init__(self, layers, after):
        super().__init__()
        self.features, self.after = nn.Sequential(*layers), after

    def forward(self, x):
        return self.after(self.features(x))


def vgg():
    net = nn.Sequential(
        make_layers([8, "M", 12, "M", 16, 16, "M"], batch_norm=True), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        nn.Linear(64, 32), nn.ReLU(True), nn.Dropout(), nn.Linear(32, 10))  # fmt: skip
    return net


def mobilenet_v3():
    conf = lambda i, k, e, o, se, act, s: InvertedResidualConfig(i, k, e, o, se, act, s, 1, 1.0)
    return MobileNetV3([conf(8, 3, 16, 8, True, "RE", 2), conf(8, 5, 24, 16, True, "HS", 1), conf(16, 5, 32, 16, True, "HS", 2)], 32, num_classes=10)


def pools():
    """Windows at the border in every way."""
    return Head([
        nn.Conv2d(3, 6, 3, stride=2, padding=(1, 2), dilation=(1, 2)), nn.LeakyReLU(0.1), nn.MaxPool2d(3, stride=2, ceil_mode=True),
        nn.Conv2d(6, 8, 3, padding=2, groups=2), nn.ELU(), nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
        nn.Conv2d(8, 8, 1), nn.SiLU(), nn.AvgPool2d(2, stride=2, padding=1, ceil_mode=True), nn.ZeroPad2d((1, 0, 0, 1)),
        nn.Conv2d(8, 8, 2, groups=8, bias=False), nn.Hardswish(), nn.PReLU(8), nn.AvgPool2d(3, stride=1, padding=1, ceil_mode=True, count_include_pad=False),
        nn.Conv2d(8, 12, 1), nn.Tanh(), nn.Hardsigmoid()], lambda x: x.mean((2, 3)) @ weight + x.amax((2, 3)).abs().sqrt() @ weight)  # fmt: skip


weight = torch.sin(torch.arange(120.0)).reshape(12, 10)

export("resnet", resnet, 64, taps=["relu", "layer1", "layer2", "layer3", "layer4", "avgpool"])
export("resnet-norms", lambda: resnet(classes=4), 32, dynamic=True, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
export("resnet-18", lambda: resnet(classes=4, depth=2), 32, dynamic=True, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
export("bottlenecks", lambda: resnet(Bottleneck, (4, 6, 8, 8), groups=2, width_per_group=64, replace_stride_with_dilation=[False, True, True]), 32, opset=9)
export("mobilenet-v2", lambda: MobileNetV2(10, 0.1, [[1, 8, 1, 1], [6, 12, 2, 2], [6, 16, 2, 2]]), 32)
export("vgg", vgg, 32, opset=11)
export("shufflenet-v2", lambda: ShuffleNetV2([2, 2, 1], [8, 16, 24, 32, 48], num_classes=10), 64)
export("shufflenet-v2-any-batch", lambda: ShuffleNetV2([2, 2, 1], [8, 16, 24, 32, 48], num_classes=10), 64, dynamic=True, opset=16)
export("densenet", lambda: DenseNet(4, (2, 2), 8, num_classes=10), 32)
export("mobilenet-v3", mobilenet_v3, 32, opset=14)
export("pools", pools, 37)
export("softmax", lambda: Head([nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)], nn.Softmax(1)), 12, channels=1)
export("pointwise", lambda: nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 10, 1), nn.Flatten()), 16)
export("squeezed", lambda: nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 10, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()), 16)
convnext = lambda: ConvNeXt([CNBlockConfig(8, 12, 1), CNBlockConfig(12, None, 1)], layer_scale=0.5, num_classes=10)
export("convnext", convnext, 32, opset=14)

class Generator(nn.Module):
    """Norms of groups and of images, maps made larger and smaller, turned round, in steps; lengths; activations."""

    def __init__(self):
        super().__init__()
        self.conv, self.groups, self.each = nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(4, 8), nn.InstanceNorm2d(8, affine=True)
        self.up, self.across = nn.ConvTranspose2d(8, 6, 3, stride=2, padding=1, output_padding=1), nn.ConvTranspose2d(6, 8, (4, 3), stride=(2, 1), padding=1, groups=2, dilation=(1, 2))
        self.fc = nn.Linear(8, 5)
        for norm in (self.groups, self.each):
            nn.init.uniform_(norm.weight, 0.5, 1.5), nn.init.uniform_(norm.bias, -0.3, 0.3)

    def forward(self, x):
        x = F.celu(self.each(F.selu(self.groups(self.conv(x)))), 0.7)
        x = self.up(x[:, :, ::2, 1::3])
        x = F.interpolate(F.softplus(x), scale_factor=2) + F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        x = self.across(F.interpolate(x, (11, 9), mode="bilinear")).flip(2)
        x = F.interpolate(x, (7, 5)) * F.interpolate(x, (7, 5), mode="bilinear")
        return self.fc(8 * F.normalize(x.amax((2, 3)), dim=1))


export("generator", Generator, 16, opset=13)
export("generator-any-batch", Generator, 16, opset=16, dynamic=True)


# Transformers: attention moves the images of a batch between tokens and heads.
def vit():
    net = VisionTransformer(image_size=16, patch_size=8, num_layers=2, num_heads=2, hidden_dim=8, mlp_dim=16, num_classes=6)
    nn.init.normal_(net.heads.head.weight)
    return net


export("vit", vit, 16, opset=14)
export("vit-any-batch", vit, 16, opset=14, dynamic=True)

with open("import.golden.json", "w") as f:
    json.dump(golden, f)
