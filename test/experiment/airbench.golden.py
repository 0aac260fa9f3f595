"""Makes airbench.golden.json: losses and last states of a training by airbench94's recipe (arXiv 2404.00498) of a tiny network on tiny
images, in float64: Nesterov SGD on the sum of label-smoothed losses, norms' biases at a larger rate and the decay independent of it, a rate
that rises and falls in straight lines, whole batches alone, a whitening layer whose bias is frozen after an epoch, an end within the last epoch,
and Lookahead.

python3 airbench.golden.py > airbench.golden.json    (PyTorch 1.13)
"""
import json, torch
from collections import OrderedDict
from math import ceil
from torch import nn

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
IMAGES, BATCH, EPOCHS, RATE, DECAY, MOMENTUM, BIAS_FACTOR, SMOOTHING, EVERY = 30, 8, 3.4, 0.01, 0.002, 0.85, 4, 0.2, 3

torch.manual_seed(1)
labels = torch.randint(0, 3, (IMAGES,))
pixels = torch.randint(0, 120, (IMAGES, 2, 4, 4)) + 45 * labels.view(-1, 1, 1, 1)
images = (pixels / 255 - 0.5) / 0.25
model = nn.Sequential(OrderedDict(
    whiten=nn.Conv2d(2, 4, 2), act1=nn.ReLU(), conv=nn.Conv2d(4, 3, 3, padding=1, bias=False), norm=nn.BatchNorm2d(3), act2=nn.ReLU(),
    flatten=nn.Flatten(), head=nn.Linear(27, 3, bias=False)))
with torch.no_grad():
    for p in model.parameters(): p.copy_(p.float().double())
model.whiten.weight.requires_grad = model.norm.weight.requires_grad = False

def states(): return {name: x for name, x in model.state_dict().items() if "tracked" not in name}
def listed(tensors): return {name: [round(v, 10) for v in x.flatten().tolist()] for name, x in tensors.items()}

first = listed(states())
torch.manual_seed(3)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, labels), batch_size=BATCH, shuffle=True, drop_last=True)
steps = ceil(len(loader) * EPOCHS)
named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
biases = [p for name, p in named if "norm" in name]
others = [p for name, p in named if "norm" not in name]
optimiser = torch.optim.SGD([
    {"params": biases, "lr": BIAS_FACTOR * RATE, "weight_decay": DECAY / (BIAS_FACTOR * RATE)},
    {"params": others, "lr": RATE, "weight_decay": DECAY / RATE}], momentum=MOMENTUM, nesterov=True)

def factor(step):
    up = int(steps * 0.23)
    return 0.2 + 0.8 * step / up if step < up else 1 - 0.93 * (step - up) / (steps - up)

scheduler = torch.optim.lr_scheduler.LambdaLR(optimiser, factor)
smoothed = nn.CrossEntropyLoss(label_smoothing=SMOOTHING, reduction="none")
slow = {name: x.clone() for name, x in states().items()}

@torch.no_grad()
def follow(decay):
    for name, x in states().items():
        slow[name].lerp_(x, 1 - decay)
        x.copy_(slow[name])

done, losses = 0, []
for epoch in range(ceil(EPOCHS)):
    model.whiten.bias.requires_grad = epoch < 1
    for x, y in loader:
        loss = smoothed(model(x), y).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        scheduler.step()
        done += 1
        losses.append(loss.item() / BATCH)
        if done % EVERY == 0: follow(0.95**EVERY * (done / steps) ** 3)
        if done >= steps:
            follow(1)
            break

print(json.dumps({
    "note": "PyTorch 1.13; made by airbench.golden.py", "pixels": pixels.flatten().tolist(), "labels": labels.tolist(), "first": first,
    "losses": losses, "last": listed(states()),
    # Means over a batch in place of sums: the rate times the batch, the decay over it.
    "config": {
        "epochs": EPOCHS, "batchSize": BATCH, "dropLast": True, "labelSmoothing": SMOOTHING, "lookahead": EVERY,
        "optimiser": "sgd", "learningRate": RATE * BATCH,
        "optimiserOptions": {"momentum": MOMENTUM, "nesterov": True, "weightDecay": DECAY / RATE / BATCH},
        "parameterGroups": [{"parameters": "*norm*.bias", "learningRateFactor": BIAS_FACTOR,
                             "weightDecay": DECAY / RATE / BIAS_FACTOR / BATCH}],
        "schedule": "piecewise", "scheduleOptions": {"at": [0, 0.23, 1], "factors": [0.2, 1, 0.07]},
        "freeze": [{"parameters": "*norm*.weight", "afterEpochs": 0}, {"parameters": "whiten.weight", "afterEpochs": 0},
                   {"parameters": "whiten.bias", "afterEpochs": 1}],
    }}))
