"""What libtorch needs to encode every frame once: ViT forward passes in batches, nothing else.

    python encode_floor.py VISION_FOLDER FRAMES

Prints a line of JSON with the fastest of a few batch sizes.
"""

import json
import sys
import time

import torch
from transformers import CLIPVisionModel


def main() -> None:
    folder, frames = sys.argv[1], int(sys.argv[2])
    model = CLIPVisionModel.from_pretrained(folder).eval()
    size = model.config.image_size
    pixels = torch.randn(frames, 3, size, size)
    seconds = {}
    with torch.inference_mode():
        model(pixel_values=pixels[:2])
        for batch in (16, 32, 60):
            start = time.perf_counter()
            for chunk in pixels.split(batch):
                model(pixel_values=chunk)
            seconds[batch] = time.perf_counter() - start
    best = min(seconds, key=seconds.get)
    print(json.dumps({"seconds": seconds[best], "batch": best, "by_batch": seconds, "frames": frames}))


if __name__ == "__main__":
    main()
