"""Times an encoder of transformers, eager with its scaled dot-product attention, on random images or tokens.

    python encoder_speed.py --model DIR [--train]    reads a number a line, and for each runs so many passes and
                                                     prints {"seconds": [one each]}
    python encoder_speed.py DIR --write [--tiny]     writes a DINOv2-small with random weights, as a model folder

`--train` goes backward as well, from the sum of all outputs to all parameters.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch
from transformers import AutoModel, Dinov2Config, Dinov2Model


def write(folder: Path, tiny: bool) -> None:
    torch.manual_seed(0)
    sizes = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3) if tiny else dict(
        hidden_size=384, num_hidden_layers=12, num_attention_heads=6)
    Dinov2Model(Dinov2Config(**sizes, image_size=518, patch_size=14)).save_pretrained(folder)


def passes(arguments):
    torch.manual_seed(0)
    model = AutoModel.from_pretrained(arguments.model).to(arguments.device).eval()
    if model.main_input_name == "pixel_values":
        size = (arguments.batch, 3, arguments.length, arguments.length)
        inputs = {"pixel_values": torch.randn(size, device=arguments.device)}
    else:
        size = (arguments.batch, arguments.length)
        inputs = {"input_ids": torch.randint(model.config.vocab_size, size, device=arguments.device)}

    def step() -> None:
        if arguments.train:
            model.zero_grad()
            loss = model(**inputs).last_hidden_state.sum()
            loss.backward()
            loss.item()
        else:
            with torch.no_grad():
                model(**inputs).last_hidden_state.sum().item()

    return step


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--model")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--length", type=int, default=224)
    parser.add_argument("--train", action="store_true")
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.folder, arguments.tiny)
        return
    step = passes(arguments)
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            start = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - start)
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
