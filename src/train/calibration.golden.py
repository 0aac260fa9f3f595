"""Makes calibration.golden.json: the bins and the ECE of Guo et al. 2017 (15 bins, each without its lower end) and the mean cross
entropy in NumPy's float64.

python3 calibration.golden.py > calibration.golden.json
"""
import json, numpy as np

BINS, IMAGES, CLASSES = 15, 120, 5
random = np.random.default_rng(3)
labels = random.integers(0, CLASSES, IMAGES)
logits = (3 * random.standard_normal((IMAGES, CLASSES)) + 2 * np.eye(CLASSES)[labels]).round(4).astype(np.float32)
shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
softmax = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
confidence, right = softmax.max(axis=1), softmax.argmax(axis=1) == labels
edges = np.linspace(0, 1, BINS + 1)
bins, ece = [], 0.0
for low, high in zip(edges[:-1], edges[1:]):
    inside = (confidence > low) & (confidence <= high)
    bins.append({"images": int(inside.sum()), "correct": int(right[inside].sum()), "confidence": confidence[inside].sum()})
    if inside.any():
        ece += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
print(json.dumps({"note": "made by calibration.golden.py", "labels": labels.tolist(), "logits": [[round(x, 4) for x in row] for row in logits.tolist()], "bins": bins, "ece": ece, "crossEntropy": -np.log(softmax[np.arange(IMAGES), labels]).mean()}))
