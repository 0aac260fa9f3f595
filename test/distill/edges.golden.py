"""Makes edges.golden.json: losses where bounds of the published code, or digits, decide; float64.

python3 edges.golden.py > edges.golden.json    (PyTorch 1.13)

Formulas as in the published implementations: RKD and PKT of github.com/HobbitLong/RepDistiller, DIST of github.com/yoshitomo-matsubara/torchdistill,
WSLD of github.com/yzd-v/cls_KD, with the standardisation of github.com/sunshangquan/logit-standardization-KD for the soft
targets alone.
"""
import json
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(5)
N, C, D = 8, 10, 16


def rounded(x):
    return x.float().double()


# Four pairs of images, each 1 % apart.
pairs = rounded(torch.randn(N // 2, D).repeat_interleave(2, 0) * (1 + 0.01 * torch.randn(N, D)))
others = rounded(torch.randn(N, D))
# A class that the student takes no image for, and one that it hardly does.
student_logits = torch.randn(N, C)
student_logits[:, 3] -= 40
student_logits[:, 5] -= 18
student_logits, teacher_logits = rounded(student_logits), rounded(torch.randn(N, C) * 2)
labels = torch.randint(0, C, (N,))


def rkd(s, t, distanceWeight, angleWeight):
    def distances(e):
        square = e.pow(2).sum(1)
        d = (square[:, None] + square[None] - 2 * e @ e.T).clamp(min=1e-12).sqrt()
        d = d * (1 - torch.eye(N).double())
        return d / d[d > 0].mean()

    def angles(e):
        unit = F.normalize(e[None] - e[:, None], dim=2)
        return unit @ unit.transpose(1, 2)

    distance, angle = F.smooth_l1_loss(distances(s), distances(t)), F.smooth_l1_loss(angles(s), angles(t))
    return distanceWeight * distance + angleWeight * angle


def pkt(s, t):
    def neighbours(f):
        unit = f / (f.norm(dim=1, keepdim=True) + 1e-7)
        similar = (unit @ unit.T + 1) / 2
        return similar / similar.sum(1, keepdim=True)

    p, q = neighbours(t), neighbours(s)
    return (p * torch.log((p + 1e-7) / (q + 1e-7))).mean()


def dist(s, t, beta, gamma, tau):
    def loss(a, b):
        def direction(x):
            x = x - x.mean(1, keepdim=True)
            return x / x.norm(dim=1, keepdim=True).clamp(min=1e-8)

        return 1 - (direction(a) * direction(b)).sum(1).mean()

    p, q = (s / tau).softmax(1), (t / tau).softmax(1)
    return tau**2 * (beta * loss(p, q) + gamma * loss(p.T, q.T))


def wsld(s, t, temperature, standardise):
    def standardised(z):
        return (z - z.mean(1, keepdim=True)) / (z.std(1, keepdim=True) + 1e-7)

    def own(z):
        return F.cross_entropy(z, labels, reduction="none")

    weight = 1 - torch.exp(-own(s.detach()) / (own(t) + 1e-7))
    soft = -((standardised(t) / temperature).softmax(1) * (standardised(s) / temperature).log_softmax(1)).sum(1)
    return temperature**2 * (weight * soft).mean()


CASES = [
    (rkd, "RepDistiller distiller_zoo/RKD.py", "Embedding", pairs, others, {"distanceWeight": 0, "angleWeight": 1}),
    (rkd, "RepDistiller distiller_zoo/RKD.py", "Embedding", pairs, others, {"distanceWeight": 25, "angleWeight": 50}),
    (pkt, "RepDistiller distiller_zoo/PKT.py", "Embedding", rounded(pairs * 3e-8), others, {}),
    (dist, "torchdistill losses/mid_level.py DISTLoss", "Logits", student_logits, teacher_logits, {"beta": 1, "gamma": 1, "tau": 1}),
    (wsld, "cls_KD WSLDLoss, standardised", "Logits", student_logits, teacher_logits, {"temperature": 2, "standardise": 1}),
]


def case(loss, reference, kind, student, teacher, options):
    s = student.clone().requires_grad_()
    value = loss(s, teacher, **options)
    value.backward()
    tensor = lambda x: {"shape": list(x.shape), "data": [float(f"{v:.9g}") for v in x.flatten().tolist()]}
    return {
        "method": loss.__name__,
        "reference": reference,
        "options": options,
        "inputs": {f"student{kind}": tensor(student), f"teacher{kind}": tensor(teacher)},
        **({"labels": labels.tolist()} if loss is wsld else {}),
        "loss": value.item(),
        "gradients": {f"student{kind}": tensor(s.grad)},
    }


print(json.dumps({"note": "PyTorch 1.13, float64; made by edges.golden.py", "cases": [case(*one) for one in CASES]}))
