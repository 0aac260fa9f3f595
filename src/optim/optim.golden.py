"""Makes optim.golden.json: parameters after each of five steps of torch.optim, in float64 and float32.

python3 optim.golden.py > optim.golden.json    (PyTorch 1.13)
"""
import json, torch

torch.set_num_threads(1)
STEPS = 5
torch.manual_seed(1)
SHAPES = {"weight": (2, 3), "bias": (2,)}
initial = {name: torch.randn(shape) for name, shape in SHAPES.items()}
gradients = [{name: torch.randn(shape) for name, shape in SHAPES.items()} for _ in range(STEPS)]

# Options by Limbeck's names; "halving" stands for the schedule learningRate / 2^(step - 1), "clip" for clip_grad_norm_.
CASES = [
    ("adam", {}),
    ("adam", {"learningRate": 0.05, "betas": [0.8, 0.99], "eps": 1e-3, "weightDecay": 0.1}),
    ("adam", {"learningRate": 0.05, "halving": True}),
    ("adam", {"learningRate": 0.05, "clip": 1.5}),
    ("adamw", {}),
    ("adamw", {"learningRate": 0.05, "betas": [0.8, 0.99], "eps": 1e-3, "weightDecay": 0.1, "halving": True}),
    ("sgd", {"learningRate": 0.1}),
    ("sgd", {"learningRate": 0.1, "weightDecay": 0.3}),
    ("sgd", {"learningRate": 0.1, "momentum": 0.9}),
    ("sgd", {"learningRate": 0.1, "momentum": 0.9, "dampening": 0.4, "weightDecay": 0.05}),
    ("sgd", {"learningRate": 0.1, "momentum": 0.9, "nesterov": True, "weightDecay": 0.05}),
    ("sgd", {"learningRate": 0.1, "momentum": 0.5, "halving": True}),
    ("sgd", {"learningRate": 0.1, "clip": 0.001}),
    ("sgd", {"learningRate": 0.1, "momentum": 0.9, "weightDecay": 0.05, "clip": 2}),
    ("sgd", {"learningRate": 0.1, "clip": 1000}),
]
TORCH_NAMES = {"learningRate": "lr", "weightDecay": "weight_decay"}

def run(name, options, dtype):
    parameters = {key: torch.nn.Parameter(value.to(dtype, copy=True)) for key, value in initial.items()}
    arguments = {TORCH_NAMES.get(key, key): value for key, value in options.items() if key not in ("halving", "clip")}
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}[name]
    optimiser = kind(parameters.values(), **{"lr": 1e-3, **arguments})
    after = []
    for step in range(STEPS):
        for key, parameter in parameters.items(): parameter.grad = gradients[step][key].to(dtype, copy=True)
        if options.get("halving"):
            for group in optimiser.param_groups: group["lr"] = options["learningRate"] / 2**step
        if "clip" in options: torch.nn.utils.clip_grad_norm_(parameters.values(), options["clip"])
        optimiser.step()
        after.append(listed(parameters))
    return after

def listed(tensors): return {key: value.detach().flatten().tolist() for key, value in tensors.items()}

rows = ",\n  ".join(json.dumps({"optimiser": name, "options": options, "float64": run(name, options, torch.float64),
                               "float32": run(name, options, torch.float32)}) for name, options in CASES)
print(json.dumps({"note": "PyTorch 1.13; made by optim.golden.py", "initial": listed(initial),
                  "gradients": [listed(g) for g in gradients]})[:-1] + ', "cases": [\n  ' + rows + "\n]}")
