"""Makes logits.golden.json: losses on logits and their gradients, float64, where no published figure lies at hand.

python3 logits.golden.py > logits.golden.json    (PyTorch 1.13)

Formulas as in the published implementations: nkd and wsld of github.com/yzd-v/cls_KD (nkd as the paper has it, the label's
class left out of the other classes), mlkd of github.com/Jin-Ying/Multi-Level-Logit-Distillation, tfkd of
github.com/yuanli2333/Teacher-free-Knowledge-Distillation, ttm and wttm of github.com/zkxufo/TTM, rld of
github.com/zju-SWJ/RLD, crld of github.com/scx-822/CRLD-main, a copy of its authors' code, ls as torch.nn.functional.cross_entropy computes it.
"""
import json
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(3)
N, C = 8, 10
student = (torch.randn(N, C) * 3).double()
teacher = (torch.randn(N, C) * 4).double()
labels = torch.randint(0, C, (N,))
is_label = F.one_hot(labels, C).bool()


def nkd(z, temperature, nonTargetWeight):
    sure = teacher.softmax(1)[is_label]
    target = -(sure * z.log_softmax(1)[is_label]).mean()
    others = lambda x: x[~is_label].reshape(N, C - 1) / temperature
    rest = -(others(teacher).softmax(1) * others(z).log_softmax(1)).sum(1).mean()
    return target + nonTargetWeight * temperature**2 * rest


def wsld(z, temperature):
    own = lambda x: F.cross_entropy(x, labels, reduction="none")
    weight = 1 - torch.exp(-own(z.detach()) / (own(teacher) + 1e-7))
    soft = -((teacher / temperature).softmax(1) * (z / temperature).log_softmax(1)).sum(1)
    return temperature**2 * (weight * soft).mean()


def mlkd(z, temperature, batchWeight, classWeight):
    s, t = (z / temperature).softmax(1), (teacher / temperature).softmax(1)
    batch = (t @ t.T - s @ s.T).square().sum() / N
    between = (t.T @ t - s.T @ s).square().sum() / C
    return batchWeight * batch + classWeight * between


def ls(z, smoothing):
    return F.cross_entropy(z, labels, label_smoothing=smoothing)


def tfkd(z, correctProbability, temperature):
    u = torch.full((N, C), (1 - correctProbability) / (C - 1)).double()
    u[is_label] = correctProbability
    return F.kl_div(z.log_softmax(1), (u / temperature).softmax(1), reduction="mean")


def transformed(z, power):
    raised = teacher.softmax(1).pow(power)
    total = raised.sum(1)
    target = raised / total[:, None]
    return total, (target * (target.log() - z.log_softmax(1))).sum(1)


def ttm(z, power):
    return transformed(z, power)[1].mean()


def wttm(z, power):
    total, divergences = transformed(z, power)
    return (total * divergences).mean()


def rld(z, temperature, confidenceTemperature, confidenceWeight, correlationWeight):
    s, t = (z / confidenceTemperature).softmax(1), (teacher / confidenceTemperature).softmax(1)
    pair = lambda p: torch.stack([p, 1 - p], 1)
    sure, own = pair(t.max(1).values), pair(s[is_label])
    confidence = F.kl_div(own.log(), sure, reduction="batchmean") * confidenceTemperature**2
    below = teacher < teacher[is_label][:, None]
    assert (below.sum(1) < C - 1).any()  # the teacher is wrong about some image
    among = lambda x: (x / temperature).masked_fill(~below, -1e9).log_softmax(1)
    correlation = F.kl_div(among(z), among(teacher).exp(), reduction="batchmean") * temperature**2
    return confidenceWeight * confidence + correlationWeight * correlation


# Strong views of the same images.
strongStudent = (torch.randn(N, C) * 3).double()
strongTeacher = (torch.randn(N, C) * 2).double()


def crld(z, strong, temperature, withinWeight, crossWeight, withinConfidence, crossConfidence):
    apart = lambda s, t: ((t / temperature).softmax(1) * ((t / temperature).log_softmax(1) - (s / temperature).log_softmax(1))).sum(1) * temperature**2
    sure = lambda t, least: (t.softmax(1).max(1).values >= least).double()
    counts = sure(teacher, withinConfidence), sure(strongTeacher, crossConfidence)
    assert all(0 < count.mean() < 1 for count in counts)
    within = ((apart(z, teacher) + apart(strong, strongTeacher)) * counts[0]).mean()
    cross = ((apart(strong, teacher) + apart(z, strongTeacher)) * counts[1]).mean()
    return withinWeight * within + crossWeight * cross


CASES = [
    (nkd, "cls_KD NKDLoss", {"temperature": 1.0, "nonTargetWeight": 1.5}),
    (nkd, "cls_KD NKDLoss", {"temperature": 3.0, "nonTargetWeight": 3.5}),
    (wsld, "cls_KD WSLDLoss", {"temperature": 4.0}),
    (wsld, "cls_KD WSLDLoss", {"temperature": 1.0}),
    (mlkd, "Multi-Level-Logit-Distillation cc_loss, bc_loss", {"temperature": 4.0, "batchWeight": 1.0, "classWeight": 0.0}),
    (mlkd, "Multi-Level-Logit-Distillation cc_loss, bc_loss", {"temperature": 2.0, "batchWeight": 0.0, "classWeight": 1.0}),
    (ls, "torch cross_entropy", {"smoothing": 0.1}),
    (tfkd, "Teacher-free-Knowledge-Distillation loss_kd_regularization", {"correctProbability": 0.99, "temperature": 20.0}),
    (tfkd, "Teacher-free-Knowledge-Distillation loss_kd_regularization", {"correctProbability": 0.9, "temperature": 0.5}),
    (ttm, "TTM", {"power": 0.1}),
    (ttm, "TTM", {"power": 0.5}),
    (wttm, "TTM WTTM", {"power": 0.2}),
    (wttm, "TTM WTTM", {"power": 0.6}),
    (rld, "RLD", {"temperature": 4.0, "confidenceTemperature": 4.0, "confidenceWeight": 1.0, "correlationWeight": 8.0}),
    (rld, "RLD", {"temperature": 1.0, "confidenceTemperature": 2.0, "confidenceWeight": 1.0, "correlationWeight": 0.0}),
    (rld, "RLD", {"temperature": 2.0, "confidenceTemperature": 1.0, "confidenceWeight": 0.0, "correlationWeight": 1.0}),
    (crld, "CRLD", {"temperature": 4.0, "withinWeight": 2.0, "crossWeight": 0.5, "withinConfidence": 0.9, "crossConfidence": 0.6}),
    (crld, "CRLD", {"temperature": 1.0, "withinWeight": 0.0, "crossWeight": 1.0, "withinConfidence": 0.7, "crossConfidence": 0.8}),
]


def case(loss, reference, options):
    z = student.clone().requires_grad_()
    views = {"studentStrong": strongStudent.clone().requires_grad_()} if loss is crld else {}
    value = loss(z, *views.values(), **options)
    value.backward()
    tensor = lambda x: {"shape": list(x.shape), "data": [float(f"{v:.9g}") for v in x.flatten().tolist()]}
    return {
        "method": loss.__name__,
        "reference": reference,
        "options": options,
        "inputs": {"studentLogits": tensor(student), "teacherLogits": tensor(teacher), **({"studentStrong": tensor(strongStudent), "teacherStrong": tensor(strongTeacher)} if views else {})},
        "labels": labels.tolist(),
        "loss": value.item(),
        "gradients": {"studentLogits": tensor(z.grad), **{name: tensor(view.grad) for name, view in views.items()}},
    }


print(json.dumps({"cases": [case(*c) for c in CASES]}))
