"""torchvision's networks on two images of 3x224x224, for ../from-seed.test.ts: logits in both modes, sizes of gradients, and the
names and shapes of their state dicts.

Run: OMP_NUM_THREADS=1 python3 src/models/torchvision/torchvision.golden.py   (writes torchvision.golden.json beside itself; Debian's
python3-torch and python3-torchvision, 1.13 and 0.14, or newer ones)

Weights and images are drawn from seed 7, as the test draws them: the constructors' own first values, without dropout.
"""
import hashlib
import json
import os
import sys

import torch
import torch.nn.functional as F
import torchvision


def figures(name):
    torch.manual_seed(7)
    options = {"dropout": 0.0} if name == "mobilenet_v2" else {}
    net = getattr(torchvision.models, name)(num_classes=10, **options)
    states = "".join(f"{key} {list(value.shape)}\n" for key, value in net.state_dict().items())
    x = torch.randn(2, 3, 224, 224)
    net.double()
    logits = net(x.double())
    F.cross_entropy(logits, torch.tensor([3, 1])).backward()
    weights = [p for p in net.parameters() if p.dim() > 1]
    with torch.no_grad():
        evaluation = net.eval()(x.double())
    return {
        "states": hashlib.sha256(states.encode()).hexdigest(),
        "training": logits.tolist(),
        "evaluation": evaluation.tolist(),
        "weightGradients": [float(f"{p.grad.norm().item():.8g}") for p in weights],
    }


made = {name: figures(name) for name in ("resnet18", "resnet34", "resnet50", "mobilenet_v2")}
path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "torchvision.golden.json")
with open(path, "w") as file:
    file.write(json.dumps(made) + "\n")
