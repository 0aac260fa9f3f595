"""Pillow's resized pictures as checksums, for resize.test.ts beside it.

Run: python3 src/images/resize.golden.py    (Pillow 9.4; writes resize.golden.json beside itself)

A picture is noise: byte i of its samples (HWC) is the highest one of a linear congruential generator's state. Sizes are
random, up and down; each case has one of the filters, the last ones the nearest pixel, and every third one a box.
"""
import hashlib
import json
import os
import random

from PIL import Image, __version__

FILTERS = {"box": Image.BOX, "bilinear": Image.BILINEAR, "hamming": Image.HAMMING, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS, "nearest": Image.NEAREST}


def noise(count, state):
    out = bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append(state >> 24)
    return bytes(out)


def case(index, pick):
    mode, channels = [("RGB", 3), ("L", 1)][index % 2]
    width, height, to_width, to_height = (pick.randint(1, 90) for _ in range(4))
    image = Image.frombytes(mode, (width, height), noise(width * height * channels, index))
    name = "nearest" if index >= 60 else list(FILTERS)[index % 5]
    box = None
    if index % 3 == 0:
        left, top = pick.randint(0, width - 1) / 2, pick.randint(0, height - 1) / 2
        box = [left, top, pick.uniform(left + 0.5, width), pick.uniform(top + 0.5, height)]
    resized = image.resize((to_width, to_height), FILTERS[name], box and tuple(box))
    digest = hashlib.sha256(resized.tobytes()).hexdigest()[:32]
    return {"channels": channels, "size": [width, height], "to": [to_width, to_height], "filter": name, "box": box, "sha256": digest}


if __name__ == "__main__":
    pick = random.Random(7)
    cases = [case(index, pick) for index in range(84)]
    with open(os.path.splitext(__file__)[0] + ".json", "w") as file:
        file.write('{"pillow": "%s", "cases": [\n' % __version__)
        file.write(",\n".join(json.dumps(case) for case in cases) + "\n]}\n")
