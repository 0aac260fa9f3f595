"""Makes lookahead.golden.json: a network with a batch norm after each of seven SGD steps, with Lookahead of its parameters and buffers
every second step, whose decay is 0.95^2 (step / steps)^3, and 1 after the last step; in float64.

python3 lookahead.golden.py > lookahead.golden.json    (PyTorch 1.13)
"""
import json, torch
from torch import nn

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
torch.manual_seed(4)
STEPS, EVERY, BATCH = 7, 2, 6

def rounded(tensor): return [round(x, 9) for x in tensor.flatten().tolist()]
def states(): return {name: x for name, x in model.state_dict().items() if "tracked" not in name}

model = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))
with torch.no_grad():
    for p in model.parameters(): p.copy_(p.float().double())
images = [torch.randn(BATCH, 3, 4, 4).mul(1000).round().div(1000) for _ in range(STEPS)]
labels = [torch.randint(0, 3, (BATCH,)) for _ in range(STEPS)]
optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
first = {name: rounded(x) for name, x in states().items()}
slow = {name: x.clone() for name, x in states().items()}

@torch.no_grad()
def follow(decay):
    for name, x in states().items():
        slow[name].lerp_(x, 1 - decay)
        x.copy_(slow[name])

after = []
for step, (x, y) in enumerate(zip(images, labels), 1):
    optimiser.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    optimiser.step()
    if step % EVERY == 0: follow(0.95**EVERY * (step / STEPS) ** 3)
    if step == STEPS: follow(1)
    after.append({name: rounded(value) for name, value in states().items()})

print(json.dumps({"note": "PyTorch 1.13; made by lookahead.golden.py", "every": EVERY, "images": [rounded(x) for x in images],
                  "labels": [y.tolist() for y in labels], "first": first, "after": after}))
