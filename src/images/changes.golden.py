"""Makes changes.golden.json: changes of images as Pillow makes them, for changes.test.ts beside it.

/usr/bin/python3 src/images/changes.golden.py    (Pillow 9.4; writes beside itself)

Which changes, and over which values, is the list of RandAugment in github.com/Jin-Ying/Multi-Level-Logit-Distillation,
mdistiller/dataset/cifar100.py; what they do is Pillow's.
"""
import json
import os
import random
import sys

from PIL import Image, ImageDraw, ImageEnhance, ImageOps

random.seed(5)
WIDTH, HEIGHT = 13, 11


def affine(image, *numbers):
    return image.transform(image.size, Image.AFFINE, numbers)


def shifted(image, down, right, flipped):
    result = affine(image, 1, 0, right, 0, 1, down)
    return ImageOps.mirror(result) if flipped else result


def covered(image, left, top, right, bottom):
    result = image.copy()
    ImageDraw.Draw(result).rectangle((left, top, right, bottom), (125, 123, 114) if image.mode == "RGB" else 123)
    return result


CHANGES = {
    "brightness": (lambda i, v: ImageEnhance.Brightness(i).enhance(v), [0.05, 0.37, 0.95]),
    "saturation": (lambda i, v: ImageEnhance.Color(i).enhance(v), [0.05, 0.61, 0.95]),
    "contrast": (lambda i, v: ImageEnhance.Contrast(i).enhance(v), [0.05, 0.5, 0.95]),
    "sharpness": (lambda i, v: ImageEnhance.Sharpness(i).enhance(v), [0.05, 0.44, 0.95]),
    "posterise": (lambda i, v: ImageOps.posterize(i, int(v)), [4, 5.7, 7.99]),
    "solarise": (lambda i, v: ImageOps.solarize(i, v), [0, 77.3, 255.5]),
    "autoContrast": (lambda i, v: ImageOps.autocontrast(i), [0]),
    "equalise": (lambda i, v: ImageOps.equalize(i), [0]),
    "rotate": (lambda i, v: i.rotate(v), [-30, -11.3, 7.7, 29.9]),
    "shearX": (lambda i, v: affine(i, 1, v, 0, 0, 1, 0), [-0.3, 0.12, 0.29]),
    "shearY": (lambda i, v: affine(i, 1, 0, 0, v, 1, 0), [-0.29, 0.08, 0.3]),
    "translateX": (lambda i, v: affine(i, 1, 0, v * i.size[0], 0, 1, 0), [-0.3, 0.11, 0.27]),
    "translateY": (lambda i, v: affine(i, 1, 0, 0, 0, 1, v * i.size[1]), [-0.28, 0.13, 0.3]),
}


def values(image):
    """Plane after plane."""
    return [byte for plane in image.split() for byte in plane.tobytes()]


def noise(bands, low, high):
    planes = [Image.frombytes("L", (WIDTH, HEIGHT), bytes(random.randint(low, high) for _ in range(WIDTH * HEIGHT))) for _ in range(bands)]
    return Image.merge("RGB", planes) if bands == 3 else planes[0]


def tones(bands):
    """Few values, each of which is common, so that equalising has an effect."""
    planes = [Image.frombytes("L", (WIDTH, HEIGHT), bytes(random.choice([20, 20, 90, 91, 200]) for _ in range(WIDTH * HEIGHT))) for _ in range(bands)]
    return Image.merge("RGB", planes) if bands == 3 else planes[0]


def large():
    """More pixels than 255, which equalising needs."""
    return Image.frombytes("L", (24, 24), bytes(min(255, int(random.expovariate(0.02))) for _ in range(576)))


images = {"noise": noise(3, 0, 255), "dim": noise(3, 40, 120), "tones": tones(3), "grey": noise(1, 0, 255), "flat": Image.new("RGB", (WIDTH, HEIGHT), (7, 7, 9)), "large": large()}
cases = [
    {"image": name, "change": change, "value": value, "result": values(make(image, value))}
    for name, image in images.items()
    for change, (make, given) in CHANGES.items()
    for value in given
]
shifts = [
    {"image": "noise", "down": down, "right": right, "isFlipped": flipped, "result": values(shifted(images["noise"], down, right, flipped))}
    for down, right, flipped in [(0, 0, False), (3, -4, False), (-2, 1, True), (4, 4, True)]
]
covers = [
    {"image": name, "from": box[:2], "to": box[2:], "result": values(covered(images[name], *box))}
    for name in ("noise", "grey")
    for box in [[2, 3, 6, 5], [0, 0, 12, 10], [9, 8, 13, 11], [4, 4, 4, 4]]
]
shapes = {name: {"shape": [len(image.getbands()), image.size[1], image.size[0]], "pixels": values(image)} for name, image in images.items()}
path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "changes.golden.json")
with open(path, "w") as file:
    file.write(json.dumps({"images": shapes, "changes": cases, "shifts": shifts, "covers": covers}) + "\n")
