"""ONNX files of torchvision's networks in their own size, with random weights, and what PyTorch makes of two images.

Debian's packages: /usr/bin/python3 torchvision.golden.py FOLDER. 400 MB, so they are no part of the project; the test that reads
them is told where they are by LIMBECK_ONNX. Pixels are 37 i mod 256, row-major over the batch, divided by 255, less 0.5, divided by 0.25.
"""
import json, os, sys, warnings
import torch
from torch import nn
from torchvision.models import mobilenet_v2, resnet18, vit_b_16

warnings.filterwarnings("ignore")
folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
x = (((torch.arange(2 * 3 * 224 * 224) * 37 % 256).float() / 255 - 0.5) / 0.25).reshape(2, 3, 224, 224)
golden = {}
for make in (resnet18, mobilenet_v2, vit_b_16):
    torch.manual_seed(0)
    net = make()
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.momentum = None  # the average of what it sees
    with torch.no_grad():
        net.train()(torch.randn(8, 3, 224, 224))
        if make is vit_b_16:
            nn.init.normal_(net.heads.head.weight, std=0.02)  # zero at first
        net.eval()
        golden[make.__name__] = net(x).tolist()
    torch.onnx.export(net, x[:1], f"{folder}/{make.__name__}.onnx", opset_version=14, input_names=["input"], output_names=["logits"], dynamic_axes={"input": {0: "n"}, "logits": {0: "n"}})
    print(make.__name__, os.path.getsize(f"{folder}/{make.__name__}.onnx"), max(abs(v) for row in golden[make.__name__] for v in row))
with open(f"{folder}/golden.json", "w") as f:
    json.dump(golden, f)
