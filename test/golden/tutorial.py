"""The tutorial's five runs in PyTorch, step by step: makes the files of trajectories/.

OMP_NUM_THREADS=2 python3 tutorial.py FOLDER OUT.json [--steps N] [--teacher FILE] [--epochs 10] [--mean R G B] [--std R G B]
    [--threads 2] [--channels-last] [--double] [--runs NAME ...]

FOLDER holds data_batch_*.bin and test_batch.bin in CIFAR-10's binary layout, of any length. --steps ends each run after so many steps, and
draws what the rest of it would have drawn, so that the random stream flows on as through whole runs. --teacher is the file that
teaches (safetensors, gzipped); without it, the teacher that was trained. With --threads 1, --channels-last or --double PyTorch
computes the same with other roundings. Written for PyTorch 1.13, the stream of a build without MKL.
"""
import argparse, glob, gzip, json, struct

import numpy as np, torch
from torch import nn
from torch.nn import functional as F

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("out")
parser.add_argument("--steps", type=int)
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--teacher")
parser.add_argument("--mean", type=float, nargs=3, default=[0.485, 0.456, 0.406])
parser.add_argument("--std", type=float, nargs=3, default=[0.229, 0.224, 0.225])
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--channels-last", action="store_true")
parser.add_argument("--double", action="store_true")
parser.add_argument("--runs", nargs="+", default=["teacher", "student-ce", "student-kd", "student-cosine", "student-regressor"])
given = parser.parse_args()
torch.set_num_threads(given.threads)
layout = torch.channels_last if given.channels_last else torch.contiguous_format
number = torch.float64 if given.double else torch.float32


def load(pattern):
    files = sorted(glob.glob(f"{given.folder}/{pattern}"))
    records = torch.from_numpy(np.concatenate([np.fromfile(file, np.uint8).reshape(-1, 3073) for file in files]))
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (given.mean, given.std))
    images = records[:, 1:].reshape(-1, 3, 32, 32).float().div_(255).sub_(mean).div_(std)
    return images.to(number, memory_format=layout), records[:, 0].long()


def loader(images, labels, shuffle):
    pairs = lambda indices: (images[indices].contiguous(memory_format=layout), labels[indices])
    return torch.utils.data.DataLoader(range(len(images)), batch_size=128, shuffle=shuffle, collate_fn=pairs)


def stored(path):
    data = gzip.open(path).read()
    (length,) = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        assert entry["dtype"] == "BF16"
        count, start = int(np.prod(entry["shape"])), 8 + length + entry["data_offsets"][0]
        upper = np.frombuffer(data, np.uint16, count, start).astype(np.uint32)  # a bfloat16 is the upper half of a float32
        tensors[name] = torch.from_numpy((upper << 16).view(np.float32).reshape(entry["shape"]))
    return tensors


def conv(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]


class Network(nn.Module):
    def __init__(self, features, sizes, regressor=False):
        super().__init__()
        self.features = nn.Sequential(*features)
        if regressor:
            self.regressor = nn.Conv2d(16, 32, 3, padding=1)
        hidden = self.hidden = sizes[1]
        self.classifier = nn.Sequential(nn.Linear(*sizes), nn.ReLU(), nn.Dropout(0.1), nn.Linear(hidden, 10))

    def forward(self, x):
        features = self.features(x)
        return self.classifier(features.flatten(1)), features


def deep():
    pool = [nn.MaxPool2d(2, 2)]
    return Network(conv(3, 128) + conv(128, 64) + pool + conv(64, 64) + conv(64, 32) + pool, (2048, 512))


def light(regressor=False):
    pool = [nn.MaxPool2d(2, 2)]
    return Network(conv(3, 16) + pool + conv(16, 16) + pool, (1024, 256), regressor)


def loss_of(name, student, x, labels, teacher):
    logits, features = student(x)
    cross_entropy = F.cross_entropy(logits, labels)
    if teacher is None:
        return cross_entropy
    with torch.no_grad():
        teacher_logits, teacher_features = teacher(x)
    if name == "student-kd":
        soft = F.softmax(teacher_logits / 2, -1)
        helped = torch.sum(soft * (soft.log() - F.log_softmax(logits / 2, -1))) / len(labels) * 4
    elif name == "student-cosine":
        pooled = F.avg_pool1d(teacher_features.flatten(1), 2)
        helped = F.cosine_embedding_loss(features.flatten(1), pooled, torch.ones(len(labels)))
    else:
        helped = F.mse_loss(student.regressor(features), teacher_features)
    return 0.25 * helped + 0.75 * cross_entropy


def run(name, student, teacher=None):
    wanted = name in given.runs
    student.to(dtype=number, memory_format=layout).train()
    adam = torch.optim.Adam(student.parameters(), lr=0.001)
    steps = []
    for _ in range(given.epochs):
        for x, labels in train:
            if not wanted or len(steps) == given.steps:
                F.dropout(torch.ones(len(labels), student.hidden, dtype=number), 0.1)
                continue
            adam.zero_grad()
            loss = loss_of(name, student, x, labels, teacher)
            loss.backward()
            adam.step()
            steps.append(loss.item())
            print(name, len(steps), steps[-1], flush=True)
    student.eval()
    record = {"name": name, "steps": [float(f"{v:.9g}") for v in steps]}
    if given.steps is None:
        with torch.no_grad():
            right = sum((student(x)[0].argmax(1) == labels).sum().item() for x, labels in test)
        record["testAccuracy"] = 100 * right / len(test.dataset)
    else:
        iter(test)  # what an evaluation draws
    if wanted:
        runs.append(record)


train, test = loader(*load("data_batch_*.bin"), shuffle=True), loader(*load("test_batch.bin"), shuffle=False)
runs = []
torch.manual_seed(42)
teacher = deep()
if given.teacher is None or "teacher" in given.runs:
    run("teacher", teacher)
if given.teacher is not None:
    teacher.load_state_dict(stored(given.teacher))
teacher.to(dtype=number, memory_format=layout).eval()
torch.manual_seed(42)
alone = light()
torch.manual_seed(42)
taught = light()
run("student-ce", alone)
run("student-kd", taught, teacher)
for name in ("student-cosine", "student-regressor"):
    torch.manual_seed(42)
    run(name, light(name == "student-regressor"), teacher)
note = f"PyTorch {torch.__version__}, {given.threads} threads; made by tutorial.py"
with open(given.out, "w") as file:
    rows = ",\n  ".join(json.dumps(row) for row in runs)
    file.write(f'{{\n "note": {json.dumps(note)},\n "runs": [\n  {rows}\n ]\n}}\n')
