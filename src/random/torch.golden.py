"""Makes torch.golden.json: PyTorch's CPU random streams, each from torch.manual_seed(seed) afresh.

python3 torch.golden.py > torch.golden.json    (PyTorch 1.13, a CPU build without MKL, AVX2)
"""
import json, math, torch

torch.set_num_threads(1)

def stream(seed, draw):
    torch.manual_seed(seed)
    return draw()

def mixed():
    """Draws of every kind in turn: an odd number of small normals leaves one pending."""
    return [torch.randn(3).tolist(), torch.rand(2).tolist(), torch.randn(2).tolist(), torch.randperm(5).tolist(),
            torch.randn(17).tolist(), torch.randint(-5, 7, (6,)).tolist(), torch.randn(1).tolist()]

def loader():
    """First ten indices: a shuffled loader left after one batch, an unshuffled one run through, a shuffled one again."""
    shuffled = torch.utils.data.DataLoader(range(50000), batch_size=128, shuffle=True)
    first = next(iter(shuffled))[:10].tolist()
    for _ in torch.utils.data.DataLoader(range(300), batch_size=128, shuffle=False): pass
    return [first, next(iter(shuffled))[:10].tolist()]

def dropout():
    return torch.nn.functional.dropout(torch.ones(64), 0.1, True).tolist()

WEIGHTS = [3.0, 0.0, 1 / 3, 0.1, 7.25, 1e-9, 2.0]

def weighted_loader():
    """First ten and last three indices: a loader with a weighted sampler left after one batch, and run through again."""
    weights = [1 / (1 + i % 7) for i in range(50000)]
    sampler = torch.utils.data.WeightedRandomSampler(weights, len(weights))
    loader = torch.utils.data.DataLoader(range(50000), batch_size=50000, sampler=sampler)
    drawn = [next(iter(loader)).tolist() for _ in range(2)]
    return [first[:10] + first[-3:] for first in drawn]

def multinomial(count):
    return torch.multinomial(torch.tensor(WEIGHTS, dtype=torch.float64), count, True).tolist()

bound = 1 / math.sqrt(27)
cases = [{
    "seed": seed,
    "uniform": stream(seed, lambda: torch.rand(40).tolist()),
    "uniformWithin": stream(seed, lambda: torch.empty(40).uniform_(-bound, bound).tolist()),
    "normalSmall": stream(seed, lambda: torch.randn(7).tolist()),
    "normal": stream(seed, lambda: torch.randn(40).tolist()),
    "normalScaled": stream(seed, lambda: torch.empty(35).normal_(0.3, 0.02).tolist()),
    "normalEvery9973rd": stream(seed, lambda: torch.randn(200003)[::9973].tolist()),
    "int64": stream(seed, lambda: [str(torch.empty((), dtype=torch.int64).random_().item()) for _ in range(4)]),
    "randint": stream(seed, lambda: torch.randint(0, 10, (20,)).tolist()),
    "randperm10": stream(seed, lambda: torch.randperm(10).tolist()),
    "randperm50000": stream(seed, lambda: torch.randperm(50000)[:20].tolist()),
    "dropout": stream(seed, dropout),
    "mixed": stream(seed, mixed),
    "loader": stream(seed, loader),
    "multinomial": stream(seed, lambda: [multinomial(40), multinomial(1), multinomial(3), multinomial(1)]),
    "weightedLoader": stream(seed, weighted_loader),
} for seed in (42, 0, 123456789, 2**32 + 42, 2**53 - 1)]
rows = ",\n  ".join(json.dumps(case) for case in cases)
print('{"note": "PyTorch 1.13, CPU build without MKL; made by torch.golden.py", "cases": [\n  ' + rows + "\n]}")
