"""Networks of the reference benchmark in PyTorch: makes sizes.json and networks/NAME.json.

OMP_NUM_THREADS=1 python3 networks.py REPDISTILLER [NAME ...]

REPDISTILLER is a checkout of https://github.com/HobbitLong/RepDistiller (b84f547), whose own classes are asked. Without names: the sizes
of all. With names: figures of these. A network is drawn from its seed, then images, then statistics, weights and biases of
its batch norms, so that each matters. Figures are float64's. `rounding` is how far PyTorch's own float32 is from that, relative to
the largest entry. Seeds were chosen: where a ReLU stands so near to 0 that float32 opens it otherwise, nothing can be told from rounding.
"""
import copy, json, os, sys

import torch
from torch import nn

sys.path.insert(0, sys.argv[1])
from models import model_dict

torch.set_num_threads(1)
here = os.path.dirname(os.path.abspath(__file__))
labels = torch.tensor([3, 1, 4, 1])
given = {  # seed, images
    "resnet8": (4, 4), "wrn_16_1": (8, 4), "MobileNetV2": (12, 4), "ShuffleV1": (18, 2),
}


def sizes(name):
    net = model_dict[name](num_classes=100).eval()
    parameters = list(net.parameters())
    features, _ = net(torch.randn(1, 3, 32, 32), is_feat=True)
    return {
        "parameters": sum(p.numel() for p in parameters),
        "tensors": len(parameters),
        "featureShapes": [list(f.shape[1:]) for f in features],
    }


def drawn(name):
    seed, count = given[name]
    torch.manual_seed(seed)
    net = model_dict[name](num_classes=10)
    images = torch.randn(count, 3, 32, 32)
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.normal_(0, 0.1)
            m.running_var.uniform_(0.5, 1.5)
            m.weight.data.uniform_(0.5, 1.5)
            m.bias.data.normal_(0, 0.1)
    return net, images


def figures(net, images):
    net = copy.deepcopy(net).eval()
    found = {"evalLogits": net(images)}
    found["trainLogits"] = net.train()(images)
    found["loss"] = nn.functional.cross_entropy(found["trainLogits"], labels[: len(images)])
    found["loss"].backward()
    found.update({f"grad.{path}": p.grad for path, p in net.named_parameters()})
    found.update({f"after.{path}": b for path, b in net.named_buffers() if b.dim() > 0})
    return {path: v.detach().double().flatten() for path, v in found.items()}


def short(value):
    return float(f"{value:.10g}")


def described(name):
    net, images = drawn(name)
    exact = figures(copy.deepcopy(net).double(), images.double())
    rounded = figures(net, images)
    steepest = max(v.abs().max() for path, v in exact.items() if path.startswith("grad."))
    rows = {}
    for path, values in exact.items():
        # What the next batch norm takes out again, a bottleneck's bias, has a gradient of rounding errors alone.
        size = max(values.abs().max(), 1e-3 * steepest if path.startswith("grad.") else 0)
        off = (rounded[path] - values).abs().max()
        every = max(1, len(values) // 8) if len(values) > 40 else 1
        rows[path] = {
            "size": short(size), "norm": short(values.norm()), "rounding": float(f"{off / size:.2g}"),
            "every": every, "values": [short(v) for v in values[::every].tolist()],
        }
    worst = max(row["rounding"] for row in rows.values())
    print(name, "float32 is off by at most", worst, flush=True)
    head = {"note": f"RepDistiller's {name} in PyTorch {torch.__version__}; made by networks.py", "seed": given[name][0]}
    text = json.dumps({**head, "labels": labels[: given[name][1]].tolist()})[:-1] + ', "figures": {\n'
    return text + ",\n".join(f"{json.dumps(path)}: {json.dumps(row)}" for path, row in rows.items()) + "\n}}\n"


if len(sys.argv) == 2:
    with open(f"{here}/sizes.json", "w") as file:
        rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(sizes(name))}" for name in model_dict)
        file.write(f"{{\n{rows}\n}}\n")
for name in sys.argv[2:]:
    text = described(name)
    with open(f"{here}/networks/{name}.json", "w") as file:
        file.write(text)
