"""The losses of embeddings without labels in float64, for embed.test.ts beside it: two batches, the second with what the first left in the queue.

Run: python3 src/distill/methods/embed.golden.py   (writes embed.golden.json beside itself; any PyTorch from 1.13)

Written from the paper, Fang et al. 2021, equations 2 to 5: the divergence in place of the cross entropy, which differs by a constant.
"""
import json
import os
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(3)
N, IMAGE, STUDENT, TEACHER, QUEUE = 4, 5, 3, 6, 7
double = {"dtype": torch.float64}
x = torch.randn(2, N, IMAGE, **double)
states = {
    "student.weight": torch.randn(STUDENT, IMAGE, **double),
    "student.bias": torch.randn(STUDENT, **double),
    "teacher.weight": torch.randn(TEACHER, IMAGE, **double),
    "teacher.bias": torch.randn(TEACHER, **double),
    "head.weight": torch.randn(TEACHER, STUDENT, **double),
    "head.bias": torch.randn(TEACHER, **double),
}
trained = [states[name].requires_grad_() for name in ("student.weight", "student.bias", "head.weight", "head.bias")]
queue = F.normalize(torch.randn(QUEUE, TEACHER, **double), dim=1)


def losses(images, rows):
    t = F.normalize(F.linear(images, states["teacher.weight"], states["teacher.bias"]), dim=1)
    embedding = F.linear(images, states["student.weight"], states["student.bias"])
    s = F.normalize(F.linear(embedding, states["head.weight"], states["head.bias"]), dim=1)
    others = [torch.cat([own[None], rows]) for own in t]  # the image's own first
    students = torch.stack([d @ v for d, v in zip(others, s)]) / 0.2
    teachers = torch.stack([d @ v for d, v in zip(others, t)]) / 0.01
    similarity = F.kl_div(F.log_softmax(students, 1), F.softmax(teachers, 1), reduction="batchmean")
    return {"cosine": (1 - (s * t).sum(1)).mean(), "similarity": similarity}, torch.cat([rows, t])[-QUEUE:]


first, left = losses(x[0], queue)
gradients = torch.autograd.grad(first["cosine"] + first["similarity"], trained)
second, _ = losses(x[1], left)
rounded = lambda values: [float(f"{v:.9g}") for v in values.detach().flatten().tolist()]
figures = {
    "images": [rounded(batch) for batch in x],
    "states": {name: rounded(value) for name, value in states.items()},
    "queue": rounded(queue),
    "left": rounded(left),
    "losses": [{name: value.item() for name, value in batch.items()} for batch in (first, second)],
    "gradients": [rounded(g) for g in gradients],
}
path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "embed.golden.json")
with open(path, "w") as file:
    file.write(json.dumps(figures) + "\n")
