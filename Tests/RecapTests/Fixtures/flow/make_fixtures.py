"""Tiny flow policies and value functions, batches, and what PyTorch 2.11.0 (Python 3.11, CPU) makes of them; run in this folder.

Three cases: `full` (two cameras, language with padding, state), `state` (a state alone, no text encoder), `insulated`
(knowledge insulation, no modulation by the indicator). The networks are those of Benchmarks/peer/flow_policy.py.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "Benchmarks/peer"))
from flow_policy import FlowPolicy, ValueNetwork  # noqa: E402

CASES = {
    "full": dict(vision=5, cameras=2, language=6, state=3, modulation=True, insulation=False),
    "state": dict(state=3, modulation=True, insulation=False),
    "insulated": dict(vision=5, cameras=1, language=6, modulation=False, insulation=True),
}
B, P, L, G, H, A = 5, 3, 4, 3, 4, 2

for name, case in CASES.items():
    torch.manual_seed(7)
    shape = {k: case[k] for k in ("vision", "cameras", "language", "state") if k in case}
    policy = FlowPolicy(**shape, action=A, width=8, expert_width=12, layers=2, heads=2, head_width=3, chunk=H,
                        modulation=case["modulation"], insulation=case["insulation"])
    value = ValueNetwork(**shape, width=8, layers=2, heads=2, bins=11)
    inputs = {}
    if "vision" in case:
        inputs["vision"] = torch.randn(B, case["cameras"] * P, 5)
    if "language" in case:
        inputs["language"] = torch.randn(B, L, 6)
        inputs["language_mask"] = torch.arange(L)[None] < torch.tensor([4, 2, 3, 4, 1])[:, None]
    if "state" in case:
        inputs["state"] = torch.randn(B, 3)
    tags = torch.randn(2, G, 6), torch.tensor([[True, True, True], [True, True, False]])
    actions, noise, eta = torch.randn(B, H, A), torch.randn(B, H, A), torch.rand(B)
    valid = (torch.arange(H)[None] < torch.tensor([4, 4, 2, 3, 1])[:, None]).float()
    indicators, weights = torch.tensor([0, 1, 2, 2, 1]), torch.tensor([1.0, 0.5, 2.0, 1.0, 1.5])
    loss = policy.loss(inputs, tags, actions, valid, indicators, weights, noise, eta)
    loss.backward()
    lower, share = torch.tensor([0, 9, 4, 5, 8]), torch.tensor([0.0, 1.0, 0.25, 0.5, 0.9])
    logits = value(inputs)
    targets = torch.zeros(B, 11).scatter(1, lower[:, None], 1 - share[:, None]).scatter_add(1, lower[:, None] + 1, share[:, None])
    value_loss = -(targets * logits.log_softmax(1)).sum(1).mean()
    value_loss.backward()
    tensors = {"tags": tags[0], "tag_mask": tags[1].float(), "actions": actions, "noise": noise, "eta": eta, "valid": valid,
               "indicators": indicators, "weights": weights, "loss": loss.detach()[None], "logits": logits.detach(),
               "value_loss": value_loss.detach()[None], "lower": lower, "share": share,
               "sample1": policy.sample(inputs, tags, 2, noise), "sample2": policy.sample(inputs, tags, 2, noise, guidance=2.0),
               "sample0": policy.sample(inputs, tags, 0, noise, steps=3)}
    tensors |= {f"input.{k}": v.float() for k, v in inputs.items()}
    for prefix, network in (("policy", policy), ("value", value)):
        for key, parameter in network.named_parameters():
            tensors[f"{prefix}.{key}"] = parameter.detach()
            if parameter.grad is not None:
                tensors[f"{prefix}_grad.{key}"] = parameter.grad
    save_file({k: v.contiguous() for k, v in tensors.items()}, f"{name}.safetensors")
