"""Makes groups.golden.json: parameters after each of four steps of torch.optim with parameter groups, and a LambdaLR over all of them.

python3 groups.golden.py > groups.golden.json    (PyTorch 1.13)
"""
import json, torch, warnings

warnings.simplefilter("ignore")
torch.set_num_threads(1)
torch.manual_seed(5)
STEPS, RATE, DECAY = 4, 0.05, 0.1
SHAPES = {"conv.weight": (3, 1, 2, 2), "norm.weight": (3,), "norm.bias": (3,), "head.weight": (2, 3), "head.bias": (2,)}
initial = {name: torch.randn(shape) for name, shape in SHAPES.items()}
gradients = [{name: torch.randn(shape) for name, shape in SHAPES.items()} for _ in range(STEPS)]

# Groups by Limbeck's names, and the (rate's factor, decay) that they come to for each parameter.
BIASES = [{"parameters": "*.bias", "learningRateFactor": 64, "weightDecay": DECAY / 64}]
OWN = [{"parameters": "*", "learningRateFactor": 0.5}, {"parameters": "norm.*", "weightDecay": 0.3}, {"parameters": "norm.bias", "learningRateFactor": 2}]
CASES = [
    ("sgd", {"momentum": 0.85, "nesterov": True}, {"groups": BIASES}, lambda name, p: (64, DECAY / 64) if name.endswith("bias") else (1, DECAY)),
    ("adamw", {}, {"decayOn": "weights"}, lambda name, p: (1, DECAY if p.dim() > 1 else 0)),
    ("adam", {}, {"decayOn": "weights", "groups": OWN},
     lambda name, p: (2 if name == "norm.bias" else 0.5, 0.3 if name.startswith("norm") else DECAY if p.dim() > 1 else 0)),
]

def run(name, options, of, dtype):
    parameters = {key: torch.nn.Parameter(value.to(dtype, copy=True)) for key, value in initial.items()}
    groups = [{"params": [p], "lr": RATE * of(key, p)[0], "weight_decay": of(key, p)[1]} for key, p in parameters.items()]
    optimiser = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}[name](groups, lr=RATE, **options)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda t: 1 - t / STEPS)
    after = []
    for step in range(STEPS):
        for key, parameter in parameters.items(): parameter.grad = gradients[step][key].to(dtype, copy=True)
        optimiser.step()
        scheduler.step()
        after.append(listed(parameters))
    return after

def listed(tensors): return {key: value.detach().flatten().tolist() for key, value in tensors.items()}

cases = [{"optimiser": name, "options": options, "groups": groups, "after": run(name, options, of, torch.float64)}
         for name, options, groups, of in CASES]
print(json.dumps({"note": "PyTorch 1.13; made by groups.golden.py", "learningRate": RATE, "weightDecay": DECAY, "steps": STEPS,
                  "shapes": SHAPES, "initial": listed(initial), "gradients": [listed(g) for g in gradients], "cases": cases}))
