"""Times the flow policy of configs/pistar06-small.yaml: steps of training, or chunks of actions at batch 1.

Reads a number a line; for each, runs so many and prints {"seconds": [one each]}. `--mode compile` has torch.compile
make kernels of the loss, and the fused AdamW; `eager` is PyTorch as it comes. The encoders' tokens are given.
"""

import argparse
import json
import sys
import time

import torch

from flow_policy import FlowPolicy

WIDTH, PATCHES, WORDS, TAG, STATE, ACTION, CHUNK, STEPS = 64, 36, 11, 20, 26, 26, 16, 5


def policy(cameras: int) -> FlowPolicy:
    return FlowPolicy(
        vision=WIDTH, cameras=cameras, language=WIDTH, state=STATE, action=ACTION, width=128, expert_width=128, layers=3,
        heads=4, head_width=32, chunk=CHUNK)


def inputs(count: int, cameras: int, device: str) -> dict:
    return {
        "vision": torch.randn(count, cameras * PATCHES, WIDTH, device=device),
        "language": torch.randn(count, WORDS, WIDTH, device=device),
        "language_mask": torch.ones(count, WORDS, dtype=torch.bool, device=device),
        "state": torch.randn(count, STATE, device=device),
    }


def tags(device: str) -> tuple:
    return torch.randn(2, TAG, WIDTH, device=device), torch.ones(2, TAG, dtype=torch.bool, device=device)


def training(arguments):
    device, count = arguments.device, arguments.batch
    model = policy(arguments.cameras).to(device)
    compiled = arguments.mode == "compile"
    loss_of = torch.compile(model.loss) if compiled else model.loss
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-4, **({"fused": True} if compiled else {}))
    warmup = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / 50, 1, 50)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 100_000)
    schedule = torch.optim.lr_scheduler.SequentialLR(optimizer, [warmup, cosine], [50])
    given, tag = inputs(count, arguments.cameras, device), tags(device)
    actions = torch.randn(count, CHUNK, ACTION, device=device)
    valid = torch.ones(count, CHUNK, device=device)
    labels = torch.randint(1, 3, (count,), device=device)
    weights = torch.ones(count, device=device)

    def step() -> None:
        indicators = torch.where(torch.rand(count, device=device) < 0.3, 0, labels)
        noise = torch.randn_like(actions)
        eta = 0.999 - 0.999 * torch.rand(count, device=device) ** (1 / 1.5)
        optimizer.zero_grad()
        loss = loss_of(given, tag, actions, valid, indicators, weights, noise, eta)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        loss.item()

    return step


def acting(arguments):
    device = arguments.device
    model = policy(arguments.cameras).to(device).eval()
    if arguments.mode == "compile":
        model.base, model.tagged = torch.compile(model.base), torch.compile(model.tagged)
        model.expert.compile()
    given, tag = inputs(1, arguments.cameras, device), tags(device)

    def step() -> None:
        noise = torch.randn(1, CHUNK, ACTION, device=device)
        model.sample(given, tag, 2, noise, steps=STEPS, guidance=arguments.guidance).cpu()

    return step


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("train", "act"))
    parser.add_argument("--mode", choices=("eager", "compile"), default="eager")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--cameras", type=int, default=2)
    parser.add_argument("--guidance", type=float, default=1.0)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    step = (training if arguments.what == "train" else acting)(arguments)
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            start = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - start)
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
