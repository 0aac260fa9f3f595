"""The whole knowledge distillation tutorial in PyTorch, five runs one after another: what `limbeck tutorial` is timed against.

OMP_NUM_THREADS=N python3 tutorial.py CIFAR_FOLDER EPOCHS N
Images stay in memory as float32 and a loader shuffles their indices. One JSON line a run, at its end.
"""
import json, sys, time

import numpy, torch
from torch import nn, optim
from networks import network

folder, epochs, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)


def load(names):
    records = numpy.concatenate([numpy.fromfile(f"{folder}/{name}", numpy.uint8).reshape(-1, 3073) for name in names])
    records = torch.from_numpy(records)
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    images = records[:, 1:].reshape(-1, 3, 32, 32).float().div_(255)
    return images.sub_(mean.view(3, 1, 1)).div_(std.view(3, 1, 1)), records[:, 0].long()


def batches(images, labels, shuffle):
    pairs = lambda indices: (images[indices], labels[indices])
    return torch.utils.data.DataLoader(range(len(images)), batch_size=128, shuffle=shuffle, collate_fn=pairs)


class Split(nn.Module):
    """A network that also returns its features: flattened, or through the regressor."""

    def __init__(self, name, returns=None):
        super().__init__()
        layers = list(network(name))
        flatten = next(i for i, layer in enumerate(layers) if isinstance(layer, nn.Flatten))
        self.features = nn.Sequential(*layers[:flatten])
        self.regressor = nn.Conv2d(16, 32, 3, padding=1) if returns == "regressor" else nn.Identity()
        self.classifier = nn.Sequential(*layers[flatten:])
        self.returns = returns

    def forward(self, x):
        features = self.features(x)
        seen = features.flatten(1) if self.returns == "flat" else self.regressor(features)
        return self.classifier(features), seen


def loss_of(kind, student, teacher, labels):
    cross_entropy = nn.functional.cross_entropy(student[0], labels)
    if kind == "ce":
        return cross_entropy
    if kind == "kd":
        soft = nn.functional.softmax(teacher[0] / 2, dim=-1)
        log_probability = nn.functional.log_softmax(student[0] / 2, dim=-1)
        helped = torch.sum(soft * (soft.log() - log_probability)) / len(labels) * 4
    elif kind == "cosine":
        pooled = nn.functional.avg_pool1d(teacher[1].flatten(1), 2)
        helped = nn.functional.cosine_embedding_loss(student[1], pooled, torch.ones(len(labels)))
    else:
        helped = nn.functional.mse_loss(student[1], teacher[1])
    return 0.25 * helped + 0.75 * cross_entropy


def run(name, kind, student, teacher=None):
    started = time.perf_counter()
    optimizer = optim.Adam(student.parameters(), lr=0.001)
    student.train()
    for _ in range(epochs):
        running_loss = 0.0
        for images, labels in batches(*train, shuffle=True):
            optimizer.zero_grad()
            target = None
            if teacher is not None:
                with torch.no_grad():
                    target = teacher(images)
            loss = loss_of(kind, student(images), target, labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
    student.eval()
    with torch.no_grad():
        right = sum((student(images)[0].argmax(1) == labels).sum().item() for images, labels in batches(*test, shuffle=False))
    seconds = time.perf_counter() - started
    accuracy = 100 * right / len(test[0])
    print(json.dumps({"name": name, "seconds": seconds, "testAccuracy": accuracy}), flush=True)
    return student


train = load([f"data_batch_{i}.bin" for i in range(1, 6)])
test = load(["test_batch.bin"])
torch.manual_seed(42)
teacher = run("teacher", "ce", Split("deep"))
for name, kind, returns in [
    ("ce", "ce", None), ("kd", "kd", None), ("cosine", "cosine", "flat"), ("regressor", "mse", "regressor"),
]:
    torch.manual_seed(42)
    run(f"student-{name}", kind, Split("light", returns), None if kind == "ce" else teacher)
