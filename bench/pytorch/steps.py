"""Times steps of PyTorch's knowledge distillation tutorial, when asked: one JSON request a line in, one answer a line out.

OMP_NUM_THREADS=N python3 steps.py N [cuda]
The loop's body is the tutorial's; images, noise like Limbeck's, stay in memory as float32, with cuda the GPU's, and a loader
shuffles their indices. Products are in float32 (no TF32).
"""
import functools, json, re, sys, time

try:
    import torch
    from torch import nn, optim
    from torch.fx.experimental.optimization import fuse
    from networks import network
except ImportError:
    print("{}")
    sys.exit()

device = sys.argv[2] if len(sys.argv) > 2 else "cpu"
if device == "cuda":
    if not torch.cuda.is_available():
        print("{}")
        sys.exit()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(42)
BATCHES = 64  # of an epoch


@functools.cache
def images(count, side):
    """Images and their labels: time does not depend on their values."""
    x = torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8).float().div_(255).sub_(0.5).div_(0.25)
    return x.to(device), torch.randint(0, 10, (count,)).to(device)


def batches(size, side, shuffle):
    x, y = images(BATCHES * size, side)
    loader = torch.utils.data.DataLoader(
        range(len(x)), batch_size=size, shuffle=shuffle, collate_fn=lambda i: (i, x[i], y[i])
    )
    while True:
        yield from loader


def folded(model, how, example):
    """The network in evaluation mode and channels last, with its batch norms inside the convolutions before them."""
    if how == "fuse":
        return fuse(model).to(memory_format=torch.channels_last)
    with torch.no_grad():
        return torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, example)))


def soft_targets(logits, target, T=2):
    soft_targets = nn.functional.softmax(target / T, dim=-1)
    soft_prob = nn.functional.log_softmax(logits / T, dim=-1)
    return torch.sum(soft_targets * (soft_targets.log() - soft_prob)) / soft_prob.size(0) * T**2


def work(request):
    """Yields after each step."""
    layout = torch.channels_last if request.get("channelsLast") else torch.contiguous_format
    kind = request["work"]
    size, side = request["batchSize"], request["side"]
    model = network(request["network"], side).to(device, memory_format=layout)
    teacher = network("deep").to(device, memory_format=layout).eval()
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    cross_entropy = nn.CrossEntropyLoss()
    model.train(kind != "forward")
    if "folded" in request:
        example = torch.zeros(size, 3, side, side).contiguous(memory_format=layout)
        model = folded(model, request["folded"], example)
    running_loss = 0.0
    kept = torch.randn(BATCHES * size, 10, device=device)  # a teacher's logits
    for indices, inputs, labels in batches(size, side, shuffle=kind != "forward"):
        inputs = inputs.contiguous(memory_format=layout)
        if kind == "forward":
            with torch.no_grad():
                model(inputs)
        else:
            optimizer.zero_grad()
            if kind == "distill":
                with torch.no_grad():
                    target = teacher(inputs)
            logits = model(inputs)
            loss = cross_entropy(logits, labels)
            if kind != "train":
                loss = 0.25 * soft_targets(logits, target if kind == "distill" else kept[indices]) + 0.75 * loss
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        yield


def peak_bytes():
    """As Linux has it of this process; getrusage also counts what the process that started this one held."""
    with open("/proc/self/status") as status:
        return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1])


works = {}
on = f" on {torch.cuda.get_device_name()}" if device == "cuda" else ""
print(json.dumps({"version": torch.__version__ + on}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if "peak" in request:
        print(json.dumps({"peakBytes": peak_bytes()}), flush=True)
        continue
    if "count" in request:
        parameters = sum(p.numel() for p in network(request["network"]).parameters())
        print(json.dumps({"parameters": parameters}), flush=True)
        continue
    steps = request.pop("steps")
    name = json.dumps(request)
    if name not in works:
        works[name] = work(request)
    started = time.perf_counter()
    for _ in range(steps):
        next(works[name])
    if device == "cuda":
        torch.cuda.synchronize()
    print(json.dumps({"milliseconds": 1000 * (time.perf_counter() - started)}), flush=True)
