"""Makes shift.golden.json: images cut out at an offset after padding, as PyTorch does it, for augment.test.ts beside it.

/usr/bin/python3 src/data/shift.golden.py    (torch 1.13, torchvision; writes beside itself)

Each image is the numbers 0, 1, 2 ... as bytes, [1, height, width]. `reflect` is torch.nn.functional.pad's mode, `black` its
constant 0; the part is torchvision's crop, mirrored afterwards by its hflip.
"""
import json
import os

import torch
import torchvision
from torch.nn.functional import pad
from torchvision.transforms.functional import crop, hflip

cases = []
for height, width, padding in [(5, 4, 2), (4, 4, 3), (3, 6, 1)]:
    image = torch.arange(height * width, dtype=torch.float32).reshape(1, 1, height, width)
    for border, options in [("reflect", {"mode": "reflect"}), ("black", {"mode": "constant", "value": 0})]:
        padded = pad(image, (padding,) * 4, **options)
        for top in range(0, 2 * padding + 1):
            left = (2 * top + 1) % (2 * padding + 1)
            part = crop(padded, top, left, height, width)
            for flipped in [False, True]:
                result = (hflip(part) if flipped else part).flatten().int().tolist()
                shift = {"down": top - padding, "right": left - padding, "isFlipped": flipped, "border": border}
                cases.append({"height": height, "width": width, "shift": shift, "result": result})
made = {"torch": torch.__version__, "torchvision": torchvision.__version__, "cases": cases}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "shift.golden.json"), "w") as file:
    json.dump(made, file)
