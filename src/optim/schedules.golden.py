"""Makes schedules.golden.json: step sizes (and momenta) of torch.optim.lr_scheduler at every step.

python3 schedules.golden.py > schedules.golden.json    (PyTorch 1.13)
"""
import json, numpy, torch, warnings
from torch.optim import lr_scheduler as schedulers

warnings.simplefilter("ignore")
RATE, EPOCHS, PER_EPOCH = 0.05, 6, 5
STEPS = EPOCHS * PER_EPOCH

def optimiser(): return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE, momentum=0.9)

def follow(make, every):
    """The values of each step; the scheduler moves on after every batch, or after every epoch."""
    sgd = optimiser()
    scheduler = make(sgd)
    rates, momenta = [], []
    for step in range(STEPS):
        rates.append(sgd.param_groups[0]["lr"])
        momenta.append(sgd.param_groups[0]["momentum"])
        sgd.step()
        if every == "batch" or (step + 1) % PER_EPOCH == 0: scheduler.step()
    return {"learningRate": rates, "momentum": momenta}

WARM = 2 * PER_EPOCH
def warmed(make):
    return lambda sgd: schedulers.SequentialLR(
        sgd, [schedulers.LinearLR(sgd, start_factor=0.01, total_iters=WARM), make(sgd)], milestones=[WARM])

def line(points, unit, every):
    """LambdaLR between points (place, factor), each place rounded down to a whole step; by epochs, of whole epochs."""
    places = [int(place * unit) for place, _ in points]
    factors = [factor for _, factor in points]
    scale = PER_EPOCH if every == "epoch" else 1
    return lambda sgd: schedulers.LambdaLR(sgd, lambda t: float(numpy.interp(t * scale, places, factors)))

RISE = [(0, 0.2), (0.23, 1), (1, 0.07)]
IN_EPOCHS = [(0.5, 0.1), (2.5, 1), (4, 0.5)]

cases = [
    ("step", {"milestones": [2, 4, 5], "gamma": 0.2}, 0,
     follow(lambda sgd: schedulers.MultiStepLR(sgd, [2, 4, 5], gamma=0.2), "epoch")),
    ("cosine", {}, 0, follow(lambda sgd: schedulers.CosineAnnealingLR(sgd, T_max=STEPS), "batch")),
    ("cosine", {"etaMin": 0.01}, 0, follow(lambda sgd: schedulers.CosineAnnealingLR(sgd, T_max=STEPS, eta_min=0.01), "batch")),
    ("one-cycle", {}, 0, follow(lambda sgd: schedulers.OneCycleLR(sgd, max_lr=RATE, total_steps=STEPS), "batch")),
    ("one-cycle", {"pctStart": 0.5, "divFactor": 10, "finalDivFactor": 100, "baseMomentum": 0.7, "maxMomentum": 0.8}, 0,
     follow(lambda sgd: schedulers.OneCycleLR(sgd, max_lr=RATE, total_steps=STEPS, pct_start=0.5, div_factor=10,
                                              final_div_factor=100, base_momentum=0.7, max_momentum=0.8), "batch")),
    ("linear", {}, 0, follow(lambda sgd: schedulers.LinearLR(sgd, 1, 0, total_iters=STEPS), "batch")),
    ("linear", {"startFactor": 0.3, "endFactor": 0.1, "every": "epoch"}, 0,
     follow(lambda sgd: schedulers.LinearLR(sgd, 0.3, 0.1, total_iters=EPOCHS), "epoch")),
    ("piecewise", {"at": [0, 0.23, 1], "factors": [0.2, 1, 0.07]}, 0, follow(line(RISE, STEPS, "batch"), "batch")),
    ("piecewise", {"at": [0.5, 2.5, 4], "factors": [0.1, 1, 0.5], "unit": "epochs"}, 0,
     follow(line(IN_EPOCHS, PER_EPOCH, "batch"), "batch")),
    ("piecewise", {"at": [0, 10], "factors": [1, 0.1], "unit": "steps", "every": "epoch"}, 0,
     follow(line([(0, 1), (10, 0.1)], 1, "epoch"), "epoch")),
    ("linear", {}, WARM, follow(warmed(lambda sgd: schedulers.LinearLR(sgd, 1, 0, total_iters=STEPS - WARM)), "batch")),
    ("constant", {}, WARM, follow(warmed(lambda sgd: schedulers.LambdaLR(sgd, lambda step: 1)), "batch")),
    ("cosine", {}, WARM, follow(warmed(lambda sgd: schedulers.CosineAnnealingLR(sgd, T_max=STEPS - WARM)), "batch")),
]
rows = ",\n  ".join(json.dumps({"schedule": name, "options": options, "warmUp": warm, **values})
                   for name, options, warm, values in cases)
print(json.dumps({"note": "PyTorch 1.13; made by schedules.golden.py", "learningRate": RATE,
                  "length": {"steps": STEPS, "stepsPerEpoch": PER_EPOCH}})[:-1] + ', "cases": [\n  ' + rows + "\n]}")
