"""Makes accumulate.golden.json: three updates by gradients that are summed over parts of a batch, in float64.

python3 accumulate.golden.py > accumulate.golden.json    (PyTorch 1.13)

`norm` is a network with a batch norm, whose batches are computed in parts; `plain` one without, whose batches are computed whole:
in parts, it comes to the same.
"""
import json, torch
from torch import nn

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
torch.manual_seed(3)
PARTS, BATCHES = 4, [10, 10, 5]


def rounded(tensor):
    return [round(x, 9) for x in tensor.flatten().tolist()]


def network(has_norm):
    norm = [nn.BatchNorm2d(4)] if has_norm else []
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), *norm, nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))


def figures(has_norm, parts):
    model = network(has_norm)
    states = lambda: {name: rounded(x) for name, x in model.state_dict().items() if "tracked" not in name}
    images = [torch.randn(n, 3, 4, 4).mul(1000).round().div(1000) for n in BATCHES]
    labels = [torch.randint(0, 3, (n,)) for n in BATCHES]
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(p.float().double())
    first, losses = states(), []
    for x, y in zip(images, labels):
        optimiser.zero_grad()
        total = 0
        for x_part, y_part in zip(x.tensor_split(parts), y.tensor_split(parts)):
            loss = nn.functional.cross_entropy(model(x_part), y_part) * len(y_part) / len(y)
            loss.backward()
            total += loss.item()
        optimiser.step()
        losses.append(total)
    return {
        "images": [rounded(x) for x in images], "labels": [y.tolist() for y in labels],
        "first": first, "last": states(), "losses": losses,
    }


made = {"norm": figures(True, PARTS), "plain": figures(False, 1)}
print(json.dumps({"note": "PyTorch 1.13; made by accumulate.golden.py", "parts": PARTS, **made}))
