"""Makes schedules.golden.json: step sizes (and momenta) of torch.optim.lr_scheduler at every step.

python3 schedules.golden.py > schedules.golden.json    (PyTorch 1.13)
"""
import json, torch, warnings
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

cases = [
    ("step", {"milestones": [2, 4, 5], "gamma": 0.2}, 0,
     follow(lambda sgd: schedulers.MultiStepLR(sgd, [2, 4, 5], gamma=0.2), "epoch")),
    ("cosine", {}, 0, follow(lambda sgd: schedulers.CosineAnnealingLR(sgd, T_max=STEPS), "batch")),
    ("cosine", {"etaMin": 0.01}, 0, follow(lambda sgd: schedulers.CosineAnnealingLR(sgd, T_max=STEPS, eta_min=0.01), "batch")),
    ("one-cycle", {}, 0, follow(lambda sgd: schedulers.OneCycleLR(sgd, max_lr=RATE, total_steps=STEPS), "batch")),
    ("one-cycle", {"pctStart": 0.5, "divFactor": 10, "finalDivFactor": 100, "baseMomentum": 0.7, "maxMomentum": 0.8}, 0,
     follow(lambda sgd: schedulers.OneCycleLR(sgd, max_lr=RATE, total_steps=STEPS, pct_start=0.5, div_factor=10,
                                              final_div_factor=100, base_momentum=0.7, max_momentum=0.8), "batch")),
    ("constant", {}, WARM, follow(warmed(lambda sgd: schedulers.LambdaLR(sgd, lambda step: 1)), "batch")),
    ("cosine", {}, WARM, follow(warmed(lambda sgd: schedulers.CosineAnnealingLR(sgd, T_max=STEPS - WARM)), "batch")),
]
rows = ",\n  ".join(json.dumps({"schedule": name, "options": options, "warmUp": warm, **values})
                   for name, options, warm, values in cases)
print(json.dumps({"note": "PyTorch 1.13; made by schedules.golden.py", "learningRate": RATE,
                  "length": {"steps": STEPS, "stepsPerEpoch": PER_EPOCH}})[:-1] + ', "cases": [\n  ' + rows + "\n]}")
