"""Makes ema.golden.json: torch.optim.swa_utils.AveragedModel, buffers too, after each of five steps.

python3 ema.golden.py > ema.golden.json    (PyTorch 1.13)
"""
import json, torch
from torch.optim.swa_utils import AveragedModel

torch.set_num_threads(1)
torch.manual_seed(5)
DECAY, STEPS = 0.9, 5
model = torch.nn.BatchNorm1d(3, track_running_stats=True)
model.num_batches_tracked = None
averaged = AveragedModel(model, avg_fn=lambda average, value, _: DECAY * average + (1 - DECAY) * value, use_buffers=True)
listed = lambda module: {name: value.tolist() for name, value in module.state_dict().items()}
values, averages = [], []
for _ in range(STEPS):
    with torch.no_grad():
        for tensor in model.state_dict().values(): tensor.copy_(torch.randn(3))
    averaged.update_parameters(model)
    values.append(listed(model))
    averages.append(listed(averaged.module))
print(json.dumps({"note": "PyTorch 1.13; made by ema.golden.py", "decay": DECAY, "values": values, "averages": averages}))
