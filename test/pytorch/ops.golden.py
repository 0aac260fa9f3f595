"""PyTorch's values and gradients of every operation, for figures.ts beside it.

Run: OMP_NUM_THREADS=1 python3 test/pytorch/ops.golden.py   (writes ops.golden.json beside itself; any PyTorch from 1.13)

A case: the operation's name there, its options, its inputs, a weight w, the value y, and the gradients of sum(y·w).
Arithmetic is float64 on inputs of few digits, so that the figures are exact to the digits printed.
"""
import json
import os
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
cases = []


def normal(*shape):
    return (torch.randn(shape) * 64).round() / 64


def positive(*shape):
    return 0.5 + (torch.rand(shape) * 64).round() / 32


def tied(*shape):
    return torch.randint(-1, 2, shape).double()


def array(tensor):
    """Row-major, eight digits, what JSON lacks as text."""
    def number(x):
        if x != x:
            return "NaN"
        if x in (float("inf"), float("-inf")):
            return "Infinity" if x > 0 else "-Infinity"
        return int(x) if x == int(x) else float(f"{x:.8g}")

    return {"shape": list(tensor.shape), "values": [number(x) for x in tensor.detach().reshape(-1).tolist()]}


def case(name, f, *inputs, **options):
    """Records f(*inputs): an int64 input is an index, and has no gradient."""
    inputs = [x.clone().requires_grad_(x.dtype == torch.float64) for x in inputs]
    y = f(*inputs)
    w = normal(*y.shape)
    variables = [x for x in inputs if x.requires_grad]
    gradients = torch.autograd.grad((y * w).sum(), variables, allow_unused=True)
    gradients = [torch.zeros_like(x) if g is None else g for x, g in zip(variables, gradients)]
    cases.append({
        "name": name,
        "options": options,
        "inputs": [{**array(x), "dtype": "float32" if x.requires_grad else {torch.uint8: "uint8"}.get(x.dtype, "int32")} for x in inputs],
        "weight": array(w),
        "value": array(y),
        "gradients": [array(g) for g in gradients],
    })


# Element by element: broadcasting both ways, and the points where conventions differ.
for name, f in {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div}.items():
    case(name, f, normal(2, 3), positive(2, 3))
    case(name, f, normal(2, 1, 4), positive(3, 1))
    case(name, f, normal(3), positive(2, 2, 3))
    case(name, f, normal(), positive(2, 3))
    case(name, f, normal(1, 3, 1, 1), positive(2, 3, 2, 2))
special = torch.tensor([0.0, 1.0, -1.0, 2.5, float("inf"), float("-inf"), float("nan")])
unary = {"neg": torch.neg, "exp": torch.exp, "log": torch.log, "sqrt": torch.sqrt, "abs": torch.abs, "sign": torch.sign, "relu": torch.relu}
for name, f in unary.items():
    case(name, f, special)
    case(name, f, positive(2, 3) if name in ("log", "sqrt") else normal(2, 3))
case("relu", torch.relu, tied(3, 7))
case("stopGradient", lambda x: x * x + (3 * x).detach(), normal(2, 3))

# Sums, means and shapes.
case("sum", lambda x: x.sum((1, 3)), normal(2, 3, 2, 4), axes=[1, 3])
case("sum", lambda x: x.sum((0, 2, 3), keepdim=True), normal(2, 3, 2, 4), axes=[0, 2, 3], keepDims=True)
case("mean", lambda x: x.mean((0, -1)), normal(3, 2, 4), axes=[0, -1])
case("reshape", lambda x: x.reshape(2, 12), normal(2, 3, 2, 2), shape=[2, 12])
case("reshape", lambda x: x.reshape(2, 3, 2, 2), normal(2, 12), shape=[2, 3, 2, 2])
case("broadcastTo", lambda x: x.expand(2, 3, 4), normal(3, 1), shape=[2, 3, 4])
case("permute", lambda x: x.permute(2, 0, 3, 1), normal(2, 3, 4, 2), axes=[2, 0, 3, 1])

# Matrix products.
for a in (False, True):
    for b in (False, True):
        left, right = normal(*((4, 3) if a else (3, 4))), normal(*((2, 4) if b else (4, 2)))
        case("matmul", lambda x, y: (x.T if a else x) @ (y.T if b else y), left, right, transposeA=a, transposeB=b)
case("linear", F.linear, normal(3, 5), normal(2, 5), normal(2))
case("linear", F.linear, normal(1, 5), normal(2, 5))


# Convolutions: what differs between frameworks is the border, what a stride leaves out, and the order of groups.
def conv(x, weight, bias=True, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    inputs = [normal(*x), normal(*weight)] + ([normal(weight[0])] if bias else [])
    options = dict(stride=stride, padding=padding, dilation=dilation, groups=groups)
    case("conv2d", lambda *a: F.conv2d(*a, **options), *inputs, **options)


conv((2, 2, 4, 5), (3, 2, 3, 3))
conv((2, 2, 4, 4), (3, 2, 3, 3), padding=(1, 1))
conv((1, 2, 4, 4), (3, 2, 3, 3), padding=(1, 1), bias=False)
conv((1, 2, 6, 6), (2, 2, 3, 3), stride=(2, 2), padding=(1, 1))
conv((1, 1, 6, 7), (2, 1, 3, 3), stride=(2, 3))
conv((1, 1, 7, 7), (2, 1, 3, 3), dilation=(2, 2), padding=(2, 2))
conv((1, 2, 6, 5), (2, 2, 3, 2), stride=(2, 1), padding=(2, 1), dilation=(1, 3))
conv((1, 1, 3, 3), (1, 1, 3, 3), padding=(3, 3))
conv((1, 4, 4, 4), (6, 2, 3, 3), groups=2, padding=(1, 1))
conv((1, 6, 3, 3), (3, 2, 1, 1), groups=3)
conv((2, 3, 5, 5), (3, 1, 3, 3), groups=3, stride=(2, 2), padding=(1, 1))
conv((1, 2, 4, 4), (4, 1, 3, 3), groups=2, padding=(1, 1))


# Pooling: ties, the border, NaN.
def pool(name, f, x, kernel, stride, padding=(0, 0)):
    options = dict(kernel=kernel, stride=stride, padding=padding)
    case(name, lambda x: f(x, kernel, stride, padding), x, **options)


for name, f in {"maxPool2d": F.max_pool2d, "avgPool2d": F.avg_pool2d}.items():
    pool(name, f, normal(2, 2, 4, 4), (2, 2), (2, 2))
    pool(name, f, normal(1, 2, 5, 5), (2, 2), (2, 2))
    pool(name, f, normal(1, 2, 5, 5), (3, 3), (2, 2), (1, 1))
    pool(name, f, normal(1, 1, 4, 5), (3, 2), (1, 2), (1, 0))
    pool(name, f, tied(1, 3, 4, 6), (2, 2), (2, 2))
    pool(name, f, tied(1, 2, 5, 5), (3, 3), (1, 1), (1, 1))
    pool(name, f, torch.zeros(1, 1, 4, 4), (2, 2), (2, 2))
nan, inf = float("nan"), float("inf")
pool("maxPool2d", F.max_pool2d, torch.tensor([[[[nan, 1, -inf, -inf], [2, nan, -inf, -inf], [0, inf, 3, nan], [inf, 1, 5, 2]]]]), (2, 2), (2, 2))

# Softmax and what is made of it.
case("logSoftmax", lambda x: F.log_softmax(x, -1), normal(3, 5))
case("logSoftmax", lambda x: F.log_softmax(x, -1), normal(2, 2, 3))
case("logSoftmax", lambda x: F.log_softmax(x, -1), torch.tensor([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e30, 0, -1e30]]))
case("logSoftmax", lambda x: F.log_softmax(x, -1), torch.tensor([[0, -inf, 1.0], [nan, 0, 1]]))
case("softmax", lambda x: F.softmax(x, -1), normal(3, 4))
case("gather", lambda x, i: x.gather(1, i[:, None])[:, 0], normal(4, 3), torch.tensor([2, 0, 1, 2]))
case("crossEntropy", F.cross_entropy, normal(5, 4), torch.tensor([3, 0, 0, 2, 1]))

# The tutorial's losses.
T = 2


def soft_targets(student, teacher):
    targets = F.softmax(teacher / T, -1)
    return (targets * (targets.log() - F.log_softmax(student / T, -1))).sum() / student.size(0) * T**2


case("softTargets", soft_targets, normal(4, 5), normal(4, 5))
case("cosineLoss", lambda a, b: F.cosine_embedding_loss(a, b, torch.ones(a.size(0))), normal(3, 6), normal(3, 6))
case("meanSquaredError", F.mse_loss, normal(2, 3, 2, 2), normal(2, 3, 2, 2))


# Batch normalisation: the biased variance normalises, the unbiased one goes into the running average.
def running_variance(x):
    variance = torch.ones(x.size(1))
    F.batch_norm(x.detach(), torch.zeros(x.size(1)), variance, training=True, momentum=1.0)
    return variance + 0 * x.sum()


for shape in ((3, 4, 2, 3), (6, 5), (2, 1, 2, 2)):
    channels = shape[1]
    case("batchNormTrain", lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), normal(*shape), normal(channels), normal(channels))
    case("batchNormEval", lambda x, m, v, w, b: F.batch_norm(x, m.detach(), v.detach(), w, b), normal(*shape), normal(channels), positive(channels), normal(channels), normal(channels))
    case("runningVariance", running_variance, 8 + normal(*shape))

# Products of batches, comparisons and bounds, largest elements, parts put together, rows by their numbers.
for a in (False, True):
    for b in (False, True):
        left, right = normal(2, *((4, 3) if a else (3, 4))), normal(2, *((5, 4) if b else (4, 5)))
        case("matmul", lambda x, y: torch.bmm(x.transpose(1, 2) if a else x, y.transpose(1, 2) if b else y), left, right, transposeA=a, transposeB=b)
case("equal", lambda x, y: (x == y) + 0 * (x + y), tied(3, 4), tied(4))
case("less", lambda x, y: (x < y) + 0 * (x + y), tied(3, 4), tied(4))
for name, f in {"maximum": torch.maximum, "minimum": torch.minimum}.items():
    case(name, f, normal(2, 3), normal(3))
    case(name, f, tied(4, 5), tied(4, 1))
    case(name, f, special, torch.tensor([0.0, nan, -1.0, nan, inf, inf, 1.0]))
case("clamp", lambda x: x.clamp(-1, 0.5), torch.tensor([-1.0, 0.5, -2, 3, 0, inf, -inf, nan, 0.25]), min=-1, max=0.5)
case("clamp", lambda x: x.clamp(min=0), tied(3, 4), min=0)
for x in (normal(2, 3, 4), tied(2, 3, 4)):
    case("max", lambda x: x.amax(1), x, axes=[1])
    case("max", lambda x: x.amax((0, 2), keepdim=True), x, axes=[0, 2], keepDims=True)
case("oneHot", lambda x, i: x * F.one_hot(i, 3), normal(4, 3), torch.tensor([2, 0, 1, 2]))
case("concat", lambda x, y: torch.cat([x, y], 1), normal(2, 3, 2, 2), normal(2, 1, 2, 2), axis=1)
case("concat", lambda x, y: torch.cat([x, y], -1), normal(2, 3), normal(2, 2), axis=-1)
case("slice", lambda x: x[:, 1:3], normal(2, 4, 2, 2), axis=1, **{"from": 1, "to": 3})
case("channelShuffle", lambda x: x.view(2, 2, 3, 2, 1).permute(0, 2, 1, 3, 4).reshape(2, 6, 2, 1), normal(2, 6, 2, 1), groups=2)
case("indexSelect", lambda x, i: x[i], normal(4, 3), torch.tensor([[3, 0], [3, 1]]))
case("indexCopy", lambda x, i, v: x.detach().index_copy(0, i, v.detach()) + 0 * x.sum(), normal(4, 3), torch.tensor([3, 0]), normal(2, 3))
case("roundStraightThrough", lambda x: x + (x.round() - x).detach(), torch.tensor([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49, -3.51, 7.0]))
for form in ("none", "tanh"):
    for x in (normal(3, 7), 3 * normal(3, 7), torch.tensor([0.0, -0.0, 1e-20, 20, -20, 1e5, -6, -9, nan])):
        case("gelu", lambda x: F.gelu(x, approximate=form), x, approximate=form)

def lookup(x, indices, table, shifts=None, border="reflect"):
    """Rows of bytes, cropped from padded ones, mirrored, and by the table."""
    rows = x[indices]
    if shifts is not None:
        height, width = rows.shape[2:]
        padded = F.pad(rows.double(), (3, 3, 3, 3), **({"mode": "reflect"} if border == "reflect" else {}))
        crops = [p[:, 3 + d:3 + d + height, 3 + r:3 + r + width] for p, (d, r, _) in zip(padded, shifts.tolist())]
        rows = torch.stack([c.flip(-1) if f else c for c, (_, _, f) in zip(crops, shifts.tolist())])
    channels = torch.arange(rows.shape[1]).view(-1, *[1] * (rows.dim() - 2))
    return table.detach()[channels, rows.long()] + 0 * table.sum()


bytes_of = lambda *shape: torch.randint(0, 256, shape, dtype=torch.uint8)
case("lookupRows", lookup, bytes_of(5, 2, 3), torch.tensor([4, 0, 4]), normal(2, 256))
shifts = torch.tensor([[0, 0, 1], [2, -1, 0], [-3, 3, 1]])
for border in ("reflect", "black"):
    case("lookupRows", lambda *inputs: lookup(*inputs, border), bytes_of(4, 2, 4, 5), torch.tensor([3, 1, 1]), normal(2, 256), shifts, border=border)

path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "ops.golden.json")
with open(path, "w") as file:
    file.write('{"torch": "%s", "cases": [\n' % torch.__version__)
    file.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in cases))
    file.write("\n]}\n")
print(f"{len(cases)} cases, {os.path.getsize(path)} bytes")
