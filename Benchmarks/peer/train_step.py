"""One autonomous training step of the trainable part, with the encoders' outputs already computed.

Prints a line of JSON: {"seconds_per_step": median, ...}. One episode of 60 frames, 768-wide features,
hidden 512, action 7: GAE, forward, backward, both AdamW.
"""

import argparse
import json
import statistics
import time
from types import SimpleNamespace

import torch
from torch import nn

import recap_reference as reference

FRAMES, FEATURES, HIDDEN, ACTIONS = 60, 768, 512, 7


class Computed(nn.Module):
    """Stands for an encoder whose outputs are given as its inputs."""

    config = SimpleNamespace(hidden_size=FEATURES)

    def forward(self, pixel_values=None, input_ids=None, attention_mask=None):
        if pixel_values is not None:
            return SimpleNamespace(last_hidden_state=pixel_values.unsqueeze(1))
        return SimpleNamespace(pooler_output=input_ids)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--warmup", type=int, default=10)
    parser.add_argument("--fused", action="store_true", help="fused AdamW in place of PyTorch's default")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    policy = reference.RecapPolicy(Computed(), Computed(), HIDDEN, ACTIONS)
    value = reference.ValueFunction(HIDDEN)
    fused = {"fused": True} if arguments.fused else {}
    optimizers = [
        torch.optim.AdamW(m.parameters(), lr=1e-4, weight_decay=0.0, **fused) for m in (policy, value)
    ]
    dones = torch.arange(FRAMES).unsqueeze(0) == FRAMES - 1
    batch = reference.Batch(
        pixels=torch.randn(1, FRAMES, FEATURES),
        tokens={"input_ids": torch.randn(1, FEATURES), "attention_mask": torch.ones(1, 1)},
        actions=torch.randn(1, FRAMES, ACTIONS), rewards=dones.float(), dones=dones,
        valid=torch.ones(1, FRAMES, dtype=torch.bool))

    def step() -> float:
        start = time.perf_counter()
        for optimizer in optimizers:
            optimizer.zero_grad()
        losses = reference.autonomous_losses(policy, value, batch, reference.Weights())
        losses["total"].backward()
        for optimizer in optimizers:
            optimizer.step()
        return time.perf_counter() - start

    for _ in range(arguments.warmup):
        step()
    seconds = [step() for _ in range(arguments.steps)]
    print(json.dumps({
        "seconds_per_step": statistics.median(seconds), "fastest": min(seconds),
        "threads": torch.get_num_threads(),
        "parameters": sum(p.numel() for m in (policy, value) for p in m.parameters()),
    }))


if __name__ == "__main__":
    main()
