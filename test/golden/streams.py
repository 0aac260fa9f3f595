"""Makes streams.json: PyTorch's random streams, each drawn from its seed anew.

python3 streams.py > streams.json    (PyTorch 1.13 on a CPU, built without MKL, as Debian's is: with MKL normal_ and bernoulli_ draw otherwise)
"""
import json
import torch
from torch import nn


def from_seed(draw):
    torch.manual_seed(seed)
    return draw()


def permutations():
    return torch.randperm(10).tolist(), torch.randperm(50000)[:20].tolist()


def initial_values():
    layers = nn.Sequential(nn.Conv2d(3, 16, 3), nn.Conv2d(16, 16, 3), nn.Linear(1024, 256), nn.Linear(256, 10))
    values = {name: p.detach().flatten() for name, p in layers.named_parameters()}
    return {name: {"norm": torch.norm(v).item(), "first": v[:4].tolist(), "last": v[-4:].tolist()} for name, v in values.items()}


def loader_orders():
    def first(count, shuffle):
        loader = torch.utils.data.DataLoader(range(count), batch_size=128, shuffle=shuffle)
        return next(iter(loader))[:10].tolist()

    orders = [first(50000, True), first(300, False), first(50000, True)]
    return [orders[0], orders[2]]


cases = []
for seed in (42, 0, 1, 123456789):
    short, long = from_seed(permutations)
    cases.append({
        "seed": seed,
        "uniform01_float32": from_seed(lambda: torch.empty(40).uniform_(0, 1).tolist()),
        "uniform_neg_half_to_half_float32": from_seed(lambda: torch.empty(8).uniform_(-0.5, 0.5).tolist()),
        "random_int64": from_seed(lambda: [str(torch.empty((), dtype=torch.int64).random_().item()) for _ in range(4)]),
        "randperm_10": short,
        "randperm_50000_first_20": long,
        "bernoulli_0.9_float32": from_seed(lambda: torch.empty(64).bernoulli_(0.9).int().tolist()),
        "dropout_mask_p0.1": from_seed(lambda: nn.functional.dropout(torch.ones(64), 0.1).tolist()),
        "normal_float32_small_7": from_seed(lambda: torch.empty(7).normal_().tolist()),
        "normal_float32_40": from_seed(lambda: torch.empty(40).normal_().tolist()),
        "randint_0_10": from_seed(lambda: torch.randint(0, 10, (20,)).tolist()),
        "loader_first10_epoch1_then_eval_then_epoch2": from_seed(loader_orders),
        "light_init": from_seed(initial_values),
    })
note = "PyTorch 1.13, each entry from torch.manual_seed(seed); the permutation of 50000 is drawn after that of 10; made by streams.py"
print(json.dumps({"note": note, "cases": cases}))
