"""Makes nn.golden.json: a small network's results, and initial values in construction order.

python3 nn.golden.py > nn.golden.json    (PyTorch 1.13, a CPU build without MKL)
"""
import json, torch
from torch import nn

torch.set_num_threads(1)

def network():
    """Everything from one stream: initial values, then x, then the dropout mask of a training pass."""
    torch.manual_seed(3)
    net = nn.Sequential(
        nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=1, dilation=(1, 2), groups=2, bias=False), nn.ReLU(),
        nn.MaxPool2d(2, stride=1), nn.Conv2d(6, 4, 1), nn.AvgPool2d(2), nn.Flatten(), nn.Dropout(0.3),
        nn.Linear(8, 5, bias=False))
    x = torch.randn(3, 4, 6, 6)
    with torch.no_grad():
        return {"eval": net.eval()(x).tolist(), "training": net.train()(x).tolist()}

def construction():
    """A regressor built between the features and the classifier of the tutorial's student."""
    torch.manual_seed(42)
    layers = {"features.0": nn.Conv2d(3, 16, 3), "features.3": nn.Conv2d(16, 16, 3), "regressor": nn.Conv2d(16, 32, 3),
              "classifier.0": nn.Linear(1024, 256), "classifier.3": nn.Linear(256, 10)}
    return {f"{path}.{name}": {"norm": torch.norm(p).item(), "last": p.detach().flatten()[-1].item()}
            for path, layer in layers.items() for name, p in layer.named_parameters()}

def norms():
    """torch.norm of 0.1, 0.2, … in float32, for counts around its blocks of eight."""
    return {count: torch.norm(torch.arange(1, count + 1).float() / 10).item() for count in [1, 7, 8, 9, 12, 15, 20, 4097]}

print(json.dumps({"note": "PyTorch 1.13; made by nn.golden.py", "network": network(), "construction": construction(),
                  "norms": norms()}))
