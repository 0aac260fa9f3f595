"""Makes balance.golden.json: losses of weighted classes and their gradients, and the epochs of a weighted sampler, in PyTorch.

python3 balance.golden.py > balance.golden.json    (PyTorch 1.13)

`losses`: CrossEntropyLoss(weight, label_smoothing) in float64, of a batch's labels and, with a share, of labels mixed as facebookresearch/mixup-cifar10
has them: share * loss(labels) + (1 - share) * loss(partners). `sampler`: orders of DataLoader with WeightedRandomSampler, seeded once.
"""
import json, torch

torch.set_num_threads(1)
torch.manual_seed(5)
CLASSES = [0, 0, 0, 0, 0, 0, 1, 1, 3, 3, 3, 0]
BATCH = [6, 8, 9, 0, 7, 10, 1]
COUNTS = [CLASSES.count(c) for c in range(4)]
WEIGHT = torch.tensor([len(CLASSES) / (3 * n) if n else 0 for n in COUNTS], dtype=torch.float64)


def figures(smoothing, share):
    logits = torch.randn(len(BATCH), 4, dtype=torch.float64).mul(1000).round().div(1000).requires_grad_()
    labels, partners = torch.tensor([CLASSES[i] for i in BATCH]), torch.randperm(len(BATCH))
    criterion = torch.nn.CrossEntropyLoss(weight=WEIGHT, label_smoothing=smoothing)
    loss = share * criterion(logits, labels) + (1 - share) * criterion(logits, labels[partners])
    loss.backward()
    flat = lambda x: [round(v, 12) for v in x.flatten().tolist()]
    return {"smoothing": smoothing, "share": share, "partners": partners.tolist(), "logits": flat(logits),
            "loss": loss.item(), "gradient": flat(logits.grad)}


def orders(seed):
    torch.manual_seed(seed)
    weights = [1 / COUNTS[c] for c in CLASSES]
    sampler = torch.utils.data.WeightedRandomSampler(weights, len(CLASSES))
    loader = torch.utils.data.DataLoader(range(len(CLASSES)), batch_size=5, sampler=sampler)
    return {"seed": seed, "epochs": [[i for batch in loader for i in batch.tolist()] for _ in range(3)]}


print(json.dumps({
    "note": "PyTorch 1.13; made by balance.golden.py", "labels": CLASSES, "batch": BATCH, "weight": WEIGHT.tolist(),
    "losses": [figures(s, share) for s, share in [(0, 1), (0.1, 1), (0, 0.3), (0.2, 0.7)]],
    "sampler": [orders(seed) for seed in (1, 42)],
}))
