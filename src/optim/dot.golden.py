"""Makes dot.golden.json: five steps of SGD with one momentum for the task's gradients and one for the teacher's.

From the formula of "DOT: A Distillation-Oriented Trainer" (arXiv 2307.08436) and its published options: weight decay goes
with the task's gradient; a buffer begins with the first gradient; what only one loss moves has the momentum in between.

python3 dot.golden.py > dot.golden.json    (PyTorch 1.13)
"""
import json, torch

torch.set_num_threads(1)
torch.manual_seed(3)
STEPS, RATE, MOMENTUM, GAP, DECAY = 5, 0.1, 0.9, 0.075, 0.05
# both: moved by both losses; task, teacher: by one alone.
NAMES = ["both", "task", "teacher"]
initial = {name: torch.randn(4) for name in NAMES}
gradients = [{"task": {n: torch.randn(4) for n in ("both", "task")},
              "distillation": {n: torch.randn(4) for n in ("both", "teacher")}} for _ in range(STEPS)]

def run(dtype):
    p = {name: value.to(dtype, copy=True) for name, value in initial.items()}
    buffers, after = {}, []
    def push(key, momentum, g):
        buffers[key] = g if key not in buffers else momentum * buffers[key] + g
        return buffers[key]
    for step in gradients:
        task = {n: g.to(dtype) + DECAY * p[n] for n, g in step["task"].items()}
        teacher = {n: g.to(dtype) for n, g in step["distillation"].items()}
        a = push("a both", MOMENTUM - GAP, task["both"])
        b = push("b both", MOMENTUM + GAP, teacher["both"])
        p["both"] = p["both"] - RATE * a - RATE * b
        p["task"] = p["task"] - RATE * push("a task", MOMENTUM, task["task"])
        p["teacher"] = p["teacher"] - RATE * push("b teacher", MOMENTUM, teacher["teacher"] + DECAY * p["teacher"])
        after.append(listed(p))
    return after

def listed(tensors): return {key: value.flatten().tolist() for key, value in tensors.items()}

print(json.dumps({"note": "PyTorch 1.13; made by dot.golden.py", "initial": listed(initial),
                  "options": {"learningRate": RATE, "momentum": MOMENTUM, "momentumGap": GAP, "weightDecay": DECAY},
                  "gradients": [{k: listed(v) for k, v in g.items()} for g in gradients], "after": run(torch.float64)}))
