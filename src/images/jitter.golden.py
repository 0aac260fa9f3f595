"""What torchvision's colour jitter makes of a picture, for jitter.test.ts beside it.

Run: python3 src/images/jitter.golden.py    (Pillow 9.4, numpy; writes jitter.golden.json beside itself)

The picture is noise of 64 x 64, as resize.golden.py makes it, from state 5. Each case is a change, its number, and the SHA-256 of the bytes.
adjust_hue is written out from torchvision/transforms/_functional_pil.py.
"""
import hashlib
import json
import os

import numpy as np
from PIL import Image, ImageEnhance, __version__


def noise(count, state):
    out = bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append(state >> 24)
    return bytes(out)


def hue(image, turn):
    h, s, v = image.convert("HSV").split()
    turned = np.array(h, dtype=np.uint8) + np.array(int(turn * 255) % 256, dtype=np.uint8)
    return Image.merge("HSV", (Image.fromarray(turned, "L"), s, v)).convert("RGB")


CHANGES = {
    "brightness": lambda image, factor: ImageEnhance.Brightness(image).enhance(factor),
    "contrast": lambda image, factor: ImageEnhance.Contrast(image).enhance(factor),
    "saturation": lambda image, factor: ImageEnhance.Color(image).enhance(factor),
    "hue": hue,
}
NUMBERS = {"hue": [0, 0.1, -0.1, 0.5, -0.5, 0.017]}

if __name__ == "__main__":
    image = Image.frombytes("RGB", (64, 64), noise(64 * 64 * 3, 5))
    cases = []
    for name, change in CHANGES.items():
        for number in NUMBERS.get(name, [0.6, 1, 1.4, 1.9]):
            digest = hashlib.sha256(change(image, number).tobytes()).hexdigest()[:32]
            cases.append({"change": name, "number": number, "sha256": digest})
    with open(os.path.splitext(__file__)[0] + ".json", "w") as file:
        file.write('{"pillow": "%s", "cases": [\n' % __version__)
        file.write(",\n".join(json.dumps(case) for case in cases) + "\n]}\n")
