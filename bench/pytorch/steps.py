"""Times steps of PyTorch's knowledge distillation tutorial, when asked: one JSON request a line in, one answer a line out.

OMP_NUM_THREADS=N python3 steps.py N
The loop's body is the tutorial's; images, noise like Limbeck's, stay in memory as float32 and a loader shuffles their indices.
"""
import json, resource, sys, time

try:
    import torch
    from torch import nn, optim
    from networks import network
except ImportError:
    print("{}")
    sys.exit()

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(42)
X = torch.randint(0, 256, (64 * 128, 3, 32, 32), dtype=torch.uint8).float().div_(255).sub_(0.5).div_(0.25)
Y = torch.randint(0, 10, (len(X),))
KEPT = torch.randn(len(X), 10)  # a teacher's logits: time does not depend on their values


def batches():
    loader = torch.utils.data.DataLoader(range(len(X)), batch_size=128, shuffle=True, collate_fn=lambda i: (i, X[i], Y[i]))
    while True:
        yield from loader


def soft_targets(logits, target, T=2):
    soft_targets = nn.functional.softmax(target / T, dim=-1)
    soft_prob = nn.functional.log_softmax(logits / T, dim=-1)
    return torch.sum(soft_targets * (soft_targets.log() - soft_prob)) / soft_prob.size(0) * T**2


def work(request):
    """Yields after each step."""
    layout = torch.channels_last if request.get("channelsLast") else torch.contiguous_format
    kind = request["work"]
    model = network(request["network"]).to(memory_format=layout)
    teacher = network("deep").to(memory_format=layout).eval()
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    cross_entropy = nn.CrossEntropyLoss()
    model.train(kind != "forward")
    running_loss = 0.0
    for indices, inputs, labels in batches():
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
                loss = 0.25 * soft_targets(logits, target if kind == "distill" else KEPT[indices]) + 0.75 * loss
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        yield


works = {}
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if "peak" in request:
        print(json.dumps({"peakBytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}), flush=True)
        continue
    steps = request.pop("steps")
    name = json.dumps(request)
    if name not in works:
        works[name] = work(request)
    started = time.perf_counter()
    for _ in range(steps):
        next(works[name])
    print(json.dumps({"milliseconds": 1000 * (time.perf_counter() - started)}), flush=True)
