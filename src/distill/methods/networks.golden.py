"""PyTorch's figures for the methods that train networks beside the student, for networks.test.ts beside it.

Run: env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE OMP_NUM_THREADS=1 python3 src/distill/methods/networks.golden.py
(writes networks.golden.json beside itself; any PyTorch from 1.13)

Each method is written anew from its description, in float64, after the code of
  fitnet    https://github.com/HobbitLong/RepDistiller  models/util.py ConvReg, distiller_zoo/FitNet.py
  reviewkd  https://github.com/megvii-research/mdistiller  mdistiller/distillers/ReviewKD.py
  srrl      https://github.com/DefangChen/SimKD  models/util.py SRRL, helper/loops.py
  simkd     https://github.com/DefangChen/SimKD  models/util.py SimKD, helper/loops.py
  vid       https://github.com/HobbitLong/RepDistiller  distiller_zoo/VID.py
  ofd       https://github.com/megvii-research/mdistiller  mdistiller/distillers/OFD.py
  ickd      https://github.com/ADLab-AutoDrive/ICKD  Cifar100/distiller_zoo/ICKD.py
  srd       https://github.com/roymiles/Simple-Recipe-Distillation  imagenet/torchdistill/losses/single.py
  sdd       https://github.com/shicaiwei123/SDD-CVPR2024  mdistiller/distillers/KD.py, mdistiller/models/cifar/utils.py
  catkd     https://github.com/GzyAftermath/CAT-KD  mdistiller/distillers/CAT_KD.py
  ctkd      https://github.com/zhengli97/CTKD  train_student.py, models/temp_global.py, helper/loops.py, distiller_zoo/KD.py
  ft cc ab fsp nst at  https://github.com/HobbitLong/RepDistiller  distiller_zoo, models/util.py
A case holds the values of everything that goes in: `student` and `teacher`, their stages, embeddings and logits, and `states` of
networks by their path, options other than the test's, the epoch if it matters; and what comes out: `losses`, and the gradient of their sum by each of the student's and each trained state.
"""
import json
import math
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)


def draw(*shape, scale=1.0):
    """Normal numbers of two digits, as float32 has them."""
    return (torch.round(torch.randn(*shape) * scale * 100) / 100).float().double()


def values(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{x:.7g}") for x in tensor.detach().flatten().tolist()]}


def shaken(module):
    """The module with every parameter away from its first value, norms too."""
    for parameter in module.parameters():
        base = torch.ones_like(parameter) if parameter.dim() == 1 else torch.zeros_like(parameter)
        parameter.data = (base + draw(*parameter.shape, scale=0.3)).float().double()
    return module


def case(method, student, teacher, networks, losses, frozen=None, **more):
    sum(losses.values()).backward()
    trained = {f"{name}.{path}": p for name, net in networks.items() for path, p in net.named_parameters()}
    result = {
        "method": method,
        "student": {name: values(x) for name, x in student.items()},
        "teacher": {name: values(x) for name, x in teacher.items()},
        "states": {name: values(x) for name, x in {**trained, **(frozen or {})}.items()},
        "losses": {name: x.item() for name, x in losses.items()},
        "gradients": {name: values(x.grad) for name, x in {**student, **trained}.items() if x.grad is not None},
        **more,
    }
    cases.append(result)


cases = []


def leaf(*shape):
    return draw(*shape).requires_grad_()


# Hints: student [4, 3, h, w] to teacher [4, 5, h', w'].
for (h, w), to, conv in [
    ((8, 8), (4, 4), nn.Conv2d(3, 5, 3, stride=2, padding=1)),
    ((4, 4), (8, 8), nn.ConvTranspose2d(3, 5, 4, stride=2, padding=1)),
    ((4, 4), (4, 4), nn.Conv2d(3, 5, 1)),
    ((7, 8), (5, 5), nn.Conv2d(3, 5, (3, 4))),
]:
    regressor = shaken(nn.Sequential(conv, nn.BatchNorm2d(5), nn.ReLU()))
    x, hint = leaf(4, 3, h, w), draw(4, 5, *to)
    case("fitnet", {"stage1": x}, {"stage1": hint}, {"regressor": regressor}, {"hint": F.mse_loss(regressor(x), hint)})


# Knowledge review: two stages and the embedding, fused from the deepest on. The first stage's teacher is larger, the second's smaller.
def block(inputs, outputs, kernel):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(outputs))


def context(student, teacher):
    total, weights, weight = F.mse_loss(student, teacher), 1.0, 1.0
    for size in (4, 2, 1):
        if size < student.shape[2]:
            weight /= 2
            weights += weight
            total = total + weight * F.mse_loss(F.adaptive_avg_pool2d(student, size), F.adaptive_avg_pool2d(teacher, size))
    return total / weights


stages = [leaf(4, 4, 8, 8), leaf(4, 6, 4, 4), leaf(4, 6)]
wanted = [draw(4, 3, 16, 16), draw(4, 7, 2, 2), draw(4, 7)]
reduce = [shaken(block(c, 6, 1)) for c in (4, 6, 6)]
attend = [shaken(nn.Sequential(nn.Conv2d(12, 2, 1), nn.Sigmoid())) for _ in range(2)]
expand = [shaken(block(6, c, 3)) for c in (3, 7, 7)]
maps = [stages[0], stages[1], stages[2][:, :, None, None]]
targets = [wanted[0], wanted[1], wanted[2][:, :, None, None]]
review, residual = 0, None
for i in (2, 1, 0):
    x = reduce[i](maps[i])
    if residual is not None:
        y = F.interpolate(residual, x.shape[2:], mode="nearest")
        gates = attend[i](torch.cat([x, y], 1))
        x = x * gates[:, :1] + y * gates[:, 1:]
    residual = F.interpolate(x, targets[i].shape[2:], mode="nearest")
    review = review + context(expand[i](residual), targets[i])
networks = {f"{name}{i + 1}": net for name, nets in [("reduce", reduce), ("attend", attend), ("expand", expand)] for i, net in enumerate(nets)}
case(
    "reviewkd",
    {"stage1": stages[0], "stage2": stages[1], "embedding": stages[2]},
    {"stage1": wanted[0], "stage2": wanted[1], "embedding": wanted[2]},
    networks,
    {"review": review},
)

# Softmax regression: the teacher's classifier, which no gradient changes, on both features.
connector = shaken(nn.Sequential(nn.Conv2d(5, 7, 1, bias=False), nn.BatchNorm2d(7), nn.ReLU()))
weight, bias = draw(3, 7), draw(3)
x, embedding = leaf(6, 5), draw(6, 7)
logits = F.linear(embedding, weight, bias)
connected = connector(x[:, :, None, None]).flatten(1)
case(
    "srrl",
    {"embedding": x},
    {"embedding": embedding, "logits": logits},
    {"connector": connector},
    {"feature": F.mse_loss(connected, embedding), "regression": F.mse_loss(F.linear(connected, weight, bias), logits)},
    {"classifier.weight": weight, "classifier.bias": bias},
)


# The reused classifier: the larger map is averaged down to the smaller's size.
def layers(inputs, outputs, kernel):
    return [nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


for size, to in [(8, 4), (4, 8)]:
    projector = shaken(nn.Sequential(*layers(5, 3, 1), *layers(3, 3, 3), *layers(3, 6, 1)))
    weight, bias = draw(3, 6), draw(3)
    x, wanted = leaf(4, 5, size, size), draw(4, 6, to, to)
    projected = projector(F.adaptive_avg_pool2d(x, min(size, to)))
    logits = F.linear(projected.mean((2, 3)), weight, bias)
    case(
        "simkd",
        {"stage1": x},
        {"stage1": wanted, "embedding": wanted.relu().mean((2, 3))},
        {"projector": projector},
        {
            "map": F.mse_loss(projected, F.adaptive_avg_pool2d(wanted.relu(), min(size, to))),
            "ce": F.cross_entropy(logits, torch.tensor([0, 2, 1, 1])),
        },
        {"classifier.weight": weight, "classifier.bias": bias},
    )


# Margins: the mean of a normal distribution's negative part.
def margin(weight, bias):
    deviation = abs(weight)
    below = 0.5 * math.erfc(bias / deviation / math.sqrt(2))
    if below <= 0.001:
        return -3 * deviation
    density = math.exp(-((bias / deviation) ** 2) / 2) / math.sqrt(2 * math.pi)
    return bias - deviation * density / below


# Overhaul: connectors, partial squares, each stage twice as much as the one before. The first stage's teacher is larger.
stages = [leaf(4, 3, 4, 4), leaf(4, 5, 4, 4)]
wanted = [draw(4, 3, 8, 8), draw(4, 4, 4, 4)]
norms = [(draw(c), draw(c)) for c in (3, 4)]
connectors = [shaken(nn.Sequential(nn.Conv2d(i, o, 1, bias=False), nn.BatchNorm2d(o))) for i, o in ((3, 3), (5, 4))]
feature = 0
for i in range(2):
    s, t = connectors[i](stages[i]), F.adaptive_avg_pool2d(wanted[i], 4)
    m = torch.tensor([margin(w.item(), b.item()) for w, b in zip(*norms[i])])[:, None, None]
    silent = torch.where(t > m, t, m)
    counts = (t > 0) | (s > silent)
    feature = feature + ((s - silent) ** 2 * counts).sum() / 4 / 2 ** (1 - i)
case(
    "ofd",
    {"stage1": stages[0], "stage2": stages[1]},
    {"stage1": wanted[0], "stage2": wanted[1]},
    {f"connector{i + 1}": net for i, net in enumerate(connectors)},
    {"feature": feature},
    {f"stage{i + 1}.norm.{name}": x for i, pair in enumerate(norms) for name, x in zip(("weight", "bias"), pair)},
)


# Variational information: a regressor and a variance for each stage.
class Variance(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.log_scale = nn.Parameter(draw(channels, scale=2))

    def forward(self):
        return F.softplus(self.log_scale) + 1e-5


stages = [leaf(4, 3, 8, 8), leaf(4, 5, 4, 4)]
wanted = [draw(4, 4, 4, 4), draw(4, 6, 8, 8)]
regressors = [shaken(nn.Sequential(*[m for pair in ((i, o), (o, o), (o, o)) for m in (nn.Conv2d(*pair, 1, bias=False), nn.ReLU())][:-1])) for i, o in ((3, 4), (5, 6))]
variances = [Variance(4), Variance(6)]
likelihood = 0
for i in range(2):
    mean = regressors[i](F.adaptive_avg_pool2d(stages[i], 4))
    variance = variances[i]()[:, None, None]
    likelihood = likelihood + ((mean - F.adaptive_avg_pool2d(wanted[i], 4)) ** 2 / variance + variance.log()).mean() / 2
case(
    "vid",
    {"stage1": stages[0], "stage2": stages[1]},
    {"stage1": wanted[0], "stage2": wanted[1]},
    {**{f"regressor{i + 1}": net for i, net in enumerate(regressors)}, **{f"variance{i + 1}": net for i, net in enumerate(variances)}},
    {"vid": likelihood},
)

# Factors: the paraphraser is fixed, the translator has norms, and the larger map is averaged down.
def factors(channels, norms):
    steps = [[nn.Conv2d(i, o, 3, padding=1), *([nn.BatchNorm2d(o)] if norms else []), nn.LeakyReLU(0.1)] for i, o in zip(channels, channels[1:])]
    return shaken(nn.Sequential(*[layer for step in steps for layer in step]))


def attention(feature):
    return F.normalize(feature.pow(2).mean(1).flatten(1))


x, wanted = leaf(4, 4, 8, 8), draw(4, 6, 4, 4)
paraphraser, translator = factors([6, 6, 3, 3], False).requires_grad_(False), factors([4, 4, 3, 3], True)
case(
    "ft",
    {"stage1": x},
    {"stage1": wanted},
    {"translator": translator},
    {"factor": (attention(F.adaptive_avg_pool2d(translator(x), 4)) - attention(paraphraser(wanted))).abs().mean()},
    {f"paraphraser.{path}": p for path, p in paraphraser.named_parameters()},
)

# Congruence of linear embeddings.
x, wanted = leaf(6, 5), draw(6, 7)
embeddings = [shaken(nn.Linear(c, 6)) for c in (5, 7)]
apart = (embeddings[0](x) - embeddings[1](wanted)).abs()
case(
    "cc",
    {"embedding": x},
    {"embedding": wanted},
    {"studentEmbedding": embeddings[0], "teacherEmbedding": embeddings[1]},
    {"congruence": (apart[1:] * apart[:-1]).sum() / 5},
)


# Correlations of an image's channels.
def correlations(feature):
    maps = feature.flatten(2)
    return F.normalize(maps @ maps.transpose(1, 2), dim=2)


x, wanted = leaf(4, 3, 8, 8), draw(4, 5, 4, 4)
connector = shaken(nn.Sequential(nn.Conv2d(3, 5, 1, bias=False), nn.BatchNorm2d(5)))
correlation = (correlations(connector(x)) - correlations(wanted)).pow(2).sum() / (4 * 5)
case("ickd", {"stage1": x}, {"stage1": wanted}, {"connector": connector}, {"correlation": correlation})

# Boundaries: the second stage has other channels; the first stage's teacher is larger, the second's smaller.
stages = [leaf(4, 3, 4, 4), leaf(4, 5, 8, 8)]
wanted = [draw(4, 3, 8, 8), draw(4, 4, 4, 4)]
connector = shaken(nn.Sequential(nn.Conv2d(5, 4, 1, bias=False), nn.BatchNorm2d(4)))
maps = [stages[0], connector(F.adaptive_avg_pool2d(stages[1], 4))]
boundary = 0
for i, s in enumerate(maps):
    active = F.adaptive_avg_pool2d(wanted[i], 4) > 0
    wrong = torch.where(active, (1 - s).clamp(min=0), (s + 1).clamp(min=0)).pow(2).sum() / 4
    boundary = boundary + wrong * 3 / 1000 / 2 ** (1 - i)
case(
    "ab",
    {"stage1": stages[0], "stage2": stages[1]},
    {"stage1": wanted[0], "stage2": wanted[1]},
    {"connector2": connector},
    {"boundary": boundary},
)


# Flow: between two maps of each network, the larger of the two averaged down.
def flow(a, b):
    size = min(a.shape[2], b.shape[2])
    return torch.einsum("nihw,njhw->nij", F.adaptive_avg_pool2d(a, size), F.adaptive_avg_pool2d(b, size)) / size**2


stages = [leaf(4, 3, 8, 8), leaf(4, 5, 4, 4)]
wanted = [draw(4, 4, 8, 8), draw(4, 5, 4, 4)]
connector = shaken(nn.Sequential(nn.Conv2d(3, 4, 1, bias=False), nn.BatchNorm2d(4)))
case(
    "fsp",
    {"stage1": stages[0], "stage2": stages[1]},
    {"stage1": wanted[0], "stage2": wanted[1]},
    {"connector1": connector},
    {"flow": F.mse_loss(flow(connector(stages[0]), stages[1]), flow(*wanted))},
)


# Selectivity and attention: two stages, of which the first stage's teacher is larger and the second's smaller.
def discrepancy(s, t):
    s, t = F.normalize(s.flatten(2), dim=2), F.normalize(t.flatten(2), dim=2)
    kernel = lambda a, b: (a @ b.transpose(1, 2)).pow(2).mean()
    return kernel(t, t) + kernel(s, s) - 2 * kernel(s, t)


for name, loss, of in [
    ("nst", "selectivity", discrepancy),
    ("at", "attention", lambda s, t: (attention(s) - attention(t)).pow(2).mean()),
]:
    stages = [leaf(4, 3, 4, 4), leaf(4, 5, 8, 8)]
    wanted = [draw(4, 4, 8, 8), draw(4, 6, 4, 4)]
    total = sum(of(F.adaptive_avg_pool2d(s, 4), F.adaptive_avg_pool2d(t, 4)) for s, t in zip(stages, wanted))
    case(name, {"stage1": stages[0], "stage2": stages[1]}, {"stage1": wanted[0], "stage2": wanted[1]}, {}, {loss: total})


# A linear projector, and batch norms without parameters on both sides.
x, embedding = leaf(4, 5), draw(4, 7)
z, logits = leaf(4, 3), draw(4, 3)
projector = shaken(nn.Linear(5, 7))
norm = lambda v: F.batch_norm(v, None, None, training=True, eps=1e-4)
case(
    "srd",
    {"embedding": x, "logits": z},
    {"embedding": embedding, "logits": logits},
    {"projector": projector},
    {
        "distance": torch.log((norm(projector(x)) - norm(embedding)).abs().pow(4).sum()),
        "kd": F.kl_div(z.log_softmax(1), logits.softmax(1), reduction="batchmean"),
    },
)


# Classifiers on parts of an image: 16 of 4 by 4, and of these 4 of 2 by 2 and the whole. The teacher's map is smaller in some cases.
def classifiers():
    own, weight, bias = shaken(nn.Linear(5, 3)), draw(3, 6), draw(3)
    return own, weight, bias, {"classifier.weight": weight, "classifier.bias": bias}


def parts(feature, classify, scales):
    finest = F.adaptive_avg_pool2d(feature, 4)
    pooled = [F.adaptive_avg_pool2d(finest, k).flatten(2) for k in scales]
    return classify(torch.cat(pooled, 2).transpose(1, 2))  # [N, R, C]


labels = torch.tensor([0, 2, 1, 1])


def scale_decoupled(size, to, scales):
    own, weight, bias, frozen = classifiers()
    x, wanted = leaf(4, 5, size, size), draw(4, 6, to, to, scale=2)
    s, t = parts(x, own, scales), parts(wanted, lambda v: F.linear(v, weight, bias), scales)
    right = t.argmax(2) == labels[:, None]
    importance = 1 + (right != right[:, :1]).double()
    assert set(importance.flatten().tolist()) == {1, 2}
    divergence = ((t / 4).softmax(2) * ((t / 4).log_softmax(2) - (s / 4).log_softmax(2))).sum(2) * 16
    case("sdd", {"stage1": x}, {"stage1": wanted}, {"ownClassifier": own}, {"sdd": (importance * divergence).mean()}, frozen, options={"scales": scales[1:]})


for size, to, scales in [(8, 4, [1, 2, 4]), (4, 2, [1, 2]), (4, 2, [1, 4])]:
    scale_decoupled(size, to, scales)

for size, to, resolution, normalised in [(8, 4, 2, True), (4, 8, 4, True), (8, 4, 2, False)]:
    own, weight, bias, frozen = classifiers()
    x, wanted = leaf(4, 5, size, size), draw(4, 6, to, to)
    s = F.conv2d(x, own.weight[:, :, None, None], own.bias)
    t = F.conv2d(wanted, weight[:, :, None, None], bias)
    s, t = F.adaptive_avg_pool2d(s, resolution), F.adaptive_avg_pool2d(t, resolution)
    if normalised:
        s, t = F.normalize(s, dim=(2, 3)), F.normalize(t, dim=(2, 3))
    options = {"resolution": resolution, "normalise": normalised}
    case("catkd", {"stage1": x}, {"stage1": wanted}, {"ownClassifier": own}, {"attention": F.mse_loss(s, t)}, frozen, options=options)


# A learned temperature whose gradient is reversed, more so from epoch to epoch.
class Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return ctx.factor * gradient, None


class Temperature(nn.Module):
    def __init__(self, theta):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([theta]))


for epoch, theta in [(1, 1.0), (5, -0.5), (10, 0.25), (30, -2.0)]:
    temperature = Temperature(theta)
    factor = (math.cos(min(epoch, 10) * math.pi / 10) + 1) / 2 - 1  # from 0 to -1
    T = 1 + 20 * torch.sigmoid(Reversal.apply(temperature.theta, factor))
    z, logits = leaf(4, 3), draw(4, 3, scale=3)
    kd = F.kl_div((z / T).log_softmax(1), (logits / T).softmax(1), reduction="batchmean") * T * T
    case("ctkd", {"logits": z}, {"logits": logits}, {"temperature": temperature}, {"kd": kd.sum()}, epoch=epoch)

# Maps that 4 does not divide, so that parts of 4 by 4 overlap; at the end, which leaves what is drawn for the others as it is.
for size, to, scales in [(7, 7, [1, 2, 4]), (7, 6, [1, 2]), (5, 3, [1, 2, 4])]:
    scale_decoupled(size, to, scales)

pairs = [(1.0, 0.0), (-0.5, 0.7), (2.0, -3.0), (0.3, 0.92), (0.3, 0.95), (1.5, 4.0), (0.01, -8.0), (1.0, 3.05), (1.0, -20.0), (1e-4, 1e-4)]
margins = [{"weight": w, "bias": b, "margin": margin(w, b)} for w, b in pairs]
erfcs = [{"x": x, "erfc": math.erfc(x)} for x in [-6, -3, -1.7, -0.9, -0.5, -0.1, -1e-4, 0, 1e-4, 0.1, 0.3, 0.5, 0.9, 1.3, 1.7, 2.2, 3, 4.5, 6, 8, 9]]



def log_scaled_erfc(x):
    """ln(erfc(x) e^(x²)), by a continued fraction where erfc is small."""
    if x < 5:
        return math.log(math.erfc(x)) + x * x
    tail = 0.0
    for k in range(200, 0, -1):
        tail = k / 2 / (x + tail)
    return -math.log(math.sqrt(math.pi) * (x + tail))


def erfc_polynomial(count=10):
    """The coefficients in losses/elementwise.ts: ln(erfc(x) e^(x²) / t) with t = 1 / (1 + x / 2) at the Chebyshev nodes of t."""
    nodes = torch.tensor([0.5 + 0.5 * math.cos(math.pi * (2 * i + 1) / (2 * count)) for i in range(count)])
    values = torch.tensor([log_scaled_erfc(2 / t.item() - 2) - math.log(t.item()) for t in nodes])
    powers = nodes[:, None] ** torch.arange(count)
    return [float(f"{c:.9g}") for c in torch.linalg.solve(powers, values).tolist()]


path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "networks.golden.json")
with open(path, "w") as file:
    file.write(json.dumps({"cases": cases, "margins": margins, "erfc": erfcs, "erfcPolynomial": erfc_polynomial()}) + "\n")
