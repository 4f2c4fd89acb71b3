"""Makes augmentation.json and augmentation.bin: torchvision's adjustments of a small picture.

The classes are those that LeRobot 0.6.1's ImageTransforms builds, with their amounts fixed, on uint8
tensors as its training applies them.

Run with Python 3.12, lerobot 0.6.1, torch 2.11.0, torchvision 0.26.0: python make_fixtures.py
"""

import json
import pathlib

import numpy as np
import torch
from lerobot.transforms.transforms import SharpnessJitter
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

here = pathlib.Path(__file__).parent
random = np.random.default_rng(20261122)
WIDTH, HEIGHT = 33, 24

# Smooth colours above, noise, grays and extremes below: [height, width, 3].
picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
y, x = np.mgrid[0:8, 0:WIDTH]
picture[:8] = np.stack([x * 7, 255 - x * 5, y * 30], axis=-1) % 256
picture[8:18] = random.integers(0, 256, (10, WIDTH, 3))
picture[18:20] = (np.arange(2 * WIDTH).reshape(2, WIDTH, 1) * 255 // (2 * WIDTH - 1)).repeat(3, 2)
picture[20:] = random.choice([0, 1, 127, 128, 254, 255], (4, WIDTH, 3))
image = torch.from_numpy(picture).permute(2, 0, 1)


def fixed(kind, factor):
    jitter = v2.ColorJitter(**{kind: (factor, factor)})
    return jitter(image)


cases = []
for kind, factors in (
    ("brightness", (0.8, 0.937, 1.2)),
    ("contrast", (0.8, 1.083, 1.2)),
    ("saturation", (0.5, 0.77, 1.5)),
    ("hue", (-0.05, 0.021, 0.05)),
):
    # Its draws are of float32.
    cases += [({"kind": kind, "amounts": [float(np.float32(f))]}, fixed(kind, f)) for f in factors]
for f in (0.5, 0.81, 1.5):
    amounts = [float(np.float32(f))]
    cases.append(({"kind": "sharpness", "amounts": amounts}, SharpnessJitter((f, f))(image)))
for degrees, dx, dy in ((0.0, 2, -1), (5.0, 0, 0), (-3.3, -1, 1), (1.7, 1, 1)):
    moved = F.affine(image, angle=degrees, translate=[dx, dy], scale=1.0, shear=[0.0, 0.0], fill=0)
    amounts = [degrees, dx / WIDTH, dy / HEIGHT]
    cases.append(({"kind": "affine", "amounts": amounts}, moved))

pixels = [picture] + [out.permute(1, 2, 0).numpy() for _, out in cases]
(here / "augmentation.bin").write_bytes(b"".join(p.tobytes() for p in pixels))
description = {"width": WIDTH, "height": HEIGHT, "cases": [c for c, _ in cases]}
json.dump(description, open(here / "augmentation.json", "w"))
