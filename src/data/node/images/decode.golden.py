"""Small files of every kind, and what Pillow makes of them, for decode.test.ts beside it.

Run: python3 src/data/node/images/decode.golden.py    (Pillow 9.4; writes decode.golden.json beside itself)

Each case: the file in base64, and its size and the SHA-256 of its bytes after convert("RGB") (HWC).
"""
import base64
import hashlib
import io
import json
import os
import random

from PIL import Image, __version__

WIDTH, HEIGHT = 19, 14
pick = random.Random(5)


def scene():
    small = Image.frombytes("RGB", (4, 3), bytes(pick.randrange(256) for _ in range(36)))
    return small.resize((WIDTH, HEIGHT), Image.BICUBIC)


def transparent(image):
    image = image.convert("RGBA")
    image.putalpha(Image.frombytes("L", (WIDTH, HEIGHT), bytes(pick.randrange(256) for _ in range(WIDTH * HEIGHT))))
    return image


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, **options)
    return file.getvalue()


def oriented(image, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(image, format="JPEG", exif=exif)


image = scene()
files = {
    "colour.jpg": saved(image, format="JPEG", quality=95, subsampling=0),
    "halved.jpg": saved(image, format="JPEG", quality=60, subsampling=2),
    "progressive.jpg": saved(image, format="JPEG", progressive=True),
    "grey.jpg": saved(image.convert("L"), format="JPEG"),
    "cmyk.jpg": saved(image.convert("CMYK"), format="JPEG"),
    "turned.jpg": oriented(image, 6),
    "colour.png": saved(image, format="PNG"),
    "grey.png": saved(image.convert("L"), format="PNG"),
    "bits.png": saved(image.convert("1"), format="PNG"),
    "palette.png": saved(image.quantize(7), format="PNG"),
    "palette-transparent.png": saved(image.quantize(7), format="PNG", transparency=2),
    "transparent.png": saved(transparent(image), format="PNG"),
    "animated.png": saved(image, format="PNG", save_all=True, append_images=[scene(), scene()]),
    "colour.gif": saved(image, format="GIF"),
    "animated.gif": saved(image, format="GIF", save_all=True, append_images=[scene(), scene()]),
    "colour.webp": saved(image, format="WEBP"),
    "lossless.webp": saved(transparent(image), format="WEBP", lossless=True, exact=True),
    "animated.webp": saved(image, format="WEBP", lossless=True, save_all=True, append_images=[scene()]),
    "colour.tif": saved(image, format="TIFF", compression="tiff_lzw"),
    "cmyk.tif": saved(image.convert("CMYK"), format="TIFF"),
    "one.png": saved(image.crop((3, 3, 4, 4)), format="PNG"),
}


def case(name, data):
    decoded = Image.open(io.BytesIO(data)).convert("RGB")
    digest = hashlib.sha256(decoded.tobytes()).hexdigest()[:32]
    return {"name": name, "size": list(decoded.size), "sha256": digest, "file": base64.b64encode(data).decode()}


with open(os.path.splitext(__file__)[0] + ".json", "w") as file:
    file.write('{"pillow": "%s", "cases": [\n' % __version__)
    file.write(",\n".join(json.dumps(case(name, data)) for name, data in files.items()) + "\n]}\n")
