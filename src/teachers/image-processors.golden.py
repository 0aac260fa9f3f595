"""What image processors make of pictures, by torchvision's transforms on Pillow's pictures, for image-processors.test.ts beside it.

Run: python3 src/teachers/image-processors.golden.py    (torchvision 0.14, Pillow 9.4; writes image-processors.golden.json beside itself)

Each case has a repository's JSON file, as transformers or timm write it, and the transforms that its processor's documentation describes. Pictures are
noise, as in resize.golden.py. A case keeps the checksum of the bytes that are cut out, [3, H, W], and some of the network's numbers.

For six kinds of processors, `judged` has the classes that a linear network gives 30 pictures: for test/hub/judged.test.ts.
"""
import hashlib
import json
import os

import numpy
import torch
from PIL import Image
from torchvision import transforms
from torchvision.transforms import CenterCrop, InterpolationMode, Resize

NEAREST, BILINEAR, BICUBIC = InterpolationMode.NEAREST, InterpolationMode.BILINEAR, InterpolationMode.BICUBIC
MEAN, STD, HALF = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225], [0.5, 0.5, 0.5]
CLIP_MEAN, CLIP_STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
ROOTS = [0.47853944, 0.4732864, 0.47434163]
JUDGED = ["ViT", "ConvNext", "CLIP", "MobileNetV2", "EfficientNet", "timm"]
PICTURES = [(61, 47), (40, 90), (33, 32)]


def noise(count, state):
    out = bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append(state >> 24)
    return bytes(out)


def linear():
    """Weights [3, 3072] of noise, without the mean of each channel, so that classes depend on details."""
    weights = numpy.frombuffer(noise(3 * 3 * 1024, 1000), dtype=numpy.uint8).astype(numpy.float64).reshape(9, 1024)
    return torch.from_numpy((weights - weights.mean(1, keepdims=True)).reshape(3, 3072).astype(numpy.float32))


def judged(steps, numbers):
    classes = []
    for index in range(30):
        size = (24 + 7 * (index % 5), 20 + 9 * (index % 4))
        image = Image.frombytes("RGB", size, noise(size[0] * size[1] * 3, index))
        tensor = transforms.functional.to_tensor(transforms.Compose(steps)(image))
        for step in numbers:
            tensor = step(tensor)
        classes.append(int((linear() @ tensor.flatten()).argmax()))
    return classes


def normalised(mean, std):
    return transforms.Normalize(mean, std)


def described(kind, **settings):
    return {"do_resize": True, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_processor_type": kind, **settings}


def square(side):
    return {"height": side, "width": side}


def timm(**settings):
    config = {"input_size": [3, 32, 32], "interpolation": "bicubic", "mean": MEAN, "std": STD, **settings}
    return {"architecture": "resnet18", "num_classes": 4, "pretrained_cfg": config}


# Name, file, steps on the picture, steps on the numbers from 0 to 1.
CASES = [
    ("ViT", described("ViTImageProcessor", size=square(32), resample=2, image_mean=HALF, image_std=HALF),
     [Resize((32, 32), BILINEAR)], [normalised(HALF, HALF)]),
    ("ViT, as older versions write it", {"do_normalize": True, "do_resize": True, "feature_extractor_type": "ViTFeatureExtractor", "image_mean": MEAN, "image_std": STD,
     "resample": 3, "size": 32},
     [Resize((32, 32), BICUBIC)], [normalised(MEAN, STD)]),
    ("ViT, as newer versions write it", described("ViTImageProcessorFast", size=square(32), resample=2, image_mean=HALF, image_std=HALF, crop_size=None, do_center_crop=None,
     default_to_square=True, do_convert_rgb=None),
     [Resize((32, 32), BILINEAR)], [normalised(HALF, HALF)]),
    ("DeiT", described("DeiTFeatureExtractor", size=38, crop_size=32, do_center_crop=True, resample=3, image_mean=MEAN, image_std=STD),
     [Resize((38, 38), BICUBIC), CenterCrop(32)], [normalised(MEAN, STD)]),
    ("ConvNext", described("ConvNextImageProcessor", size={"shortest_edge": 32}, crop_pct=0.875, resample=3, image_mean=MEAN, image_std=STD),
     [Resize(int(32 / 0.875), BICUBIC), CenterCrop(32)], [normalised(MEAN, STD)]),
    ("ConvNext without crop_pct", described("ConvNextFeatureExtractor", size=32, resample=2, image_mean=MEAN, image_std=STD),
     [Resize(int(32 / (224 / 256)), BILINEAR), CenterCrop(32)], [normalised(MEAN, STD)]),
    ("ConvNext, large", described("ConvNextImageProcessor", size={"shortest_edge": 384}, crop_pct=1, resample=3, image_mean=MEAN, image_std=STD),
     [Resize((384, 384), BICUBIC)], [normalised(MEAN, STD)]),
    ("CLIP", described("CLIPImageProcessor", size={"shortest_edge": 32}, crop_size=square(32), do_center_crop=True, resample=3, image_mean=CLIP_MEAN, image_std=CLIP_STD,
     do_convert_rgb=True),
     [Resize(32, BICUBIC), CenterCrop(32)], [normalised(CLIP_MEAN, CLIP_STD)]),
    ("MobileNetV2", described("MobileNetV2ImageProcessor", size={"shortest_edge": 37}, crop_size=square(32), do_center_crop=True, resample=2, image_mean=HALF, image_std=HALF),
     [Resize(37, BILINEAR), CenterCrop(32)], [normalised(HALF, HALF)]),
    ("EfficientNet", described("EfficientNetImageProcessor", size=square(32), crop_size=square(40), do_center_crop=False, resample=0, image_mean=MEAN, image_std=ROOTS,
     rescale_offset=False, include_top=True),
     [Resize((32, 32), NEAREST)], [normalised(MEAN, ROOTS), normalised([0, 0, 0], ROOTS)]),
    ("EfficientNet from -1 to 1", described("EfficientNetImageProcessor", size=square(32), do_center_crop=False, resample=3, do_normalize=False, image_mean=MEAN, image_std=STD,
     rescale_factor=1 / 127.5, rescale_offset=True, include_top=False),
     [Resize((32, 32), BICUBIC)], [lambda x: x * 2 - 1]),
    ("Levit", described("LevitImageProcessor", size={"shortest_edge": 28}, crop_size=square(28), do_center_crop=True, resample=3, image_mean=MEAN, image_std=STD),
     [Resize(int(256 / 224 * 28), BICUBIC), CenterCrop(28)], [normalised(MEAN, STD)]),
    ("PoolFormer", described("PoolFormerImageProcessor", size={"shortest_edge": 32}, crop_pct=0.9, crop_size=square(32), do_center_crop=True, resample=3, image_mean=MEAN,
     image_std=STD),
     [Resize(int(32 / 0.9), BICUBIC), CenterCrop(32)], [normalised(MEAN, STD)]),
    ("Bit", described("BitImageProcessor", size={"shortest_edge": 36}, crop_size=square(32), do_center_crop=True, resample=3, image_mean=MEAN, image_std=STD),
     [Resize(36, BICUBIC), CenterCrop(32)], [normalised(MEAN, STD)]),
    ("MobileViT", {"do_resize": True, "size": {"shortest_edge": 36}, "crop_size": square(32), "do_center_crop": True, "resample": 2, "do_rescale": True,
     "rescale_factor": 1 / 255, "do_flip_channel_order": True, "image_processor_type": "MobileViTImageProcessor"},
     [Resize(36, BILINEAR), CenterCrop(32)], [lambda x: x.flip(0)]),
    ("pixels up to 255", described("ViTImageProcessor", size=square(32), resample=2, do_rescale=False, image_mean=[127.5] * 3, image_std=[63.75] * 3),
     [Resize((32, 32), BILINEAR)], [lambda x: (x * 255 - 127.5) / 63.75]),
    ("timm", timm(crop_pct=0.95, crop_mode="center"), [Resize(int(32 / 0.95), BICUBIC), CenterCrop(32)], [normalised(MEAN, STD)]),
    ("timm, squash", timm(crop_pct=0.9, crop_mode="squash"), [Resize((35, 35), BICUBIC), CenterCrop(32)], [normalised(MEAN, STD)]),
    ("timm without crop_pct", timm(), [Resize(36, BICUBIC), CenterCrop(32)], [normalised(MEAN, STD)]),
]


def result(index, size, steps, numbers):
    width, height = size
    image = Image.frombytes("RGB", size, noise(width * height * 3, index))
    view = transforms.Compose(steps)(image)
    pixels = transforms.functional.pil_to_tensor(view)
    tensor = transforms.functional.to_tensor(view)
    for step in numbers:
        tensor = step(tensor)
    flat = tensor.flatten().double()
    spread = torch.linspace(0, len(flat) - 1, 9).long()
    return {
        "size": [width, height],
        "shape": list(tensor.shape),
        "sha256": hashlib.sha256(pixels.numpy().tobytes()).hexdigest()[:32],
        "numbers": [round(value, 7) for value in flat[spread].tolist()],
    }


if __name__ == "__main__":
    cases = [
        {"name": name, "file": file, "pictures": [result(index, size, steps, numbers) for index, size in enumerate(PICTURES)]}
        for name, file, steps, numbers in CASES
    ]
    with open(os.path.splitext(__file__)[0] + ".json", "w") as file:
        file.write('{"torchvision": "0.14", "cases": [\n')
        file.write(",\n".join(json.dumps(case) for case in cases) + "\n],\n")
        kinds = {name: judged(steps, numbers) for name, _, steps, numbers in CASES if name in JUDGED}
        file.write('"judged": %s}\n' % json.dumps(kinds))
