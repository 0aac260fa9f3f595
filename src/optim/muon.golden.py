"""Makes muon.golden.json: parameters after each of seven steps of Muon, from its definition (https://kellerjordan.github.io/posts/muon/)
in float64 in place of bfloat16, filters as matrices; the rest by torch.optim. With `filterScale: window`, each step is that of the
published code, https://github.com/KellerJordan/Muon, muon.py: it flattens a filter, and scales by the last two axes of the gradient as it came.

python3 muon.golden.py > muon.golden.json    (PyTorch 1.13)
"""
import json, torch

torch.set_num_threads(1)
torch.manual_seed(9)
STEPS, RATE, DECAY = 7, 0.1, 0.05
# Wider than tall, taller than wide, square, windows taller and wider than the other way; no filters.
SHAPES = {"conv1.weight": (4, 2, 3, 3), "conv2.weight": (6, 4, 1, 1), "conv3.weight": (3, 3, 1, 1), "conv4.weight": (5, 1, 3, 1), "conv5.weight": (5, 1, 1, 3), "conv1.bias": (4,), "head.weight": (2, 3)}
initial = {name: torch.randn(shape) for name, shape in SHAPES.items()}
gradients = [{name: torch.randn(shape) for name, shape in SHAPES.items()} for _ in range(STEPS)]

def newton_schulz(g, steps):
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.T if g.size(0) > g.size(1) else g
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        s = x @ x.T
        x = a * x + (b * s + c * s @ s) @ x
    return x.T if g.size(0) > g.size(1) else x

def published_update(grad, momentum, beta, steps, nesterov):
    momentum.lerp_(grad, 1 - beta)
    update = grad.lerp(momentum, beta) if nesterov else momentum
    if update.dim() == 4:
        update = update.reshape(len(update), -1)
    return newton_schulz(update, steps) * max(1, grad.size(-2) / grad.size(-1)) ** 0.5

def defined_update(grad, momentum, beta, steps, nesterov):
    momentum.lerp_(grad, 1 - beta)
    direction = grad.lerp(momentum, beta) if nesterov else momentum
    matrix = direction.reshape(len(direction), -1)
    return newton_schulz(matrix, steps) * max(1, matrix.size(0) / matrix.size(1)) ** 0.5

CASES = [
    ({}, lambda p: torch.optim.AdamW(p, lr=0.015 * RATE, weight_decay=DECAY)),
    ({"momentum": 0.6, "nesterov": False, "steps": 3, "others": "sgd", "othersFactor": 0.5,
      "othersOptions": {"momentum": 0.85, "nesterov": True}},
     lambda p: torch.optim.SGD(p, lr=0.5 * RATE, momentum=0.85, nesterov=True, weight_decay=DECAY)),
    ({"matrices": ["he*.weight"]}, lambda p: torch.optim.AdamW(p, lr=0.015 * RATE, weight_decay=DECAY)),
    ({"matrices": ["head.weight"], "filterScale": "window"}, lambda p: torch.optim.AdamW(p, lr=0.015 * RATE, weight_decay=DECAY)),
]

def run(options, other):
    p = {name: torch.nn.Parameter(value.double()) for name, value in initial.items()}
    filters = [name for name in p if p[name].dim() == 4 or (name == "head.weight" and "matrices" in options)]
    optimiser = other([p[name] for name in p if name not in filters])
    means = {name: torch.zeros_like(p[name]) for name in filters}
    beta, steps, after = options.get("momentum", 0.95), options.get("steps", 5), []
    for step in gradients:
        for name in p: p[name].grad = step[name].double()
        optimiser.step()
        with torch.no_grad():
            for name in filters:
                update = published_update if options.get("filterScale") == "window" else defined_update
                o = update(p[name].grad, means[name], beta, steps, options.get("nesterov", True))
                p[name].mul_(1 - RATE * DECAY).sub_(o.reshape(p[name].shape), alpha=RATE)
        after.append({name: value.detach().flatten().tolist() for name, value in p.items()})
    return after

print(json.dumps({"note": "PyTorch 1.13; made by muon.golden.py", "learningRate": RATE, "weightDecay": DECAY, "shapes": SHAPES,
                  "initial": {n: v.flatten().tolist() for n, v in initial.items()},
                  "gradients": [{n: v.flatten().tolist() for n, v in g.items()} for g in gradients],
                  "cases": [{"options": options, "after": run(options, other)} for options, other in CASES]}))
