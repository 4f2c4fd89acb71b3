"""Makes torch.json: inputs and PyTorch's results for NumericsTests.swift.

Versions: torch 2.11.0. Run in this folder: python make_fixtures.py
"""

import json

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
cases = {}


def save(name, **tensors):
    cases[name] = {
        key: {"shape": list(value.shape), "values": [float(f"{v:.9g}") for v in value.flatten().tolist()]}
        for key, value in tensors.items()
    }


def randn(*shape):
    return torch.randn(shape, generator=generator)


def with_gradients(name, function, **inputs):
    """Saves inputs, output, and the inputs' gradients for an output gradient of its own."""
    inputs = {key: value.clone().requires_grad_() for key, value in inputs.items()}
    output = function(**inputs)
    upstream = randn(*output.shape)
    output.backward(upstream)
    save(
        name,
        output=output.detach(),
        upstream=upstream,
        **{key: value.detach() for key, value in inputs.items()},
        **{"grad_" + key: value.grad for key, value in inputs.items()},
    )


generator = torch.Generator().manual_seed(0)
with_gradients("linear", lambda x, w, b: F.linear(x, w, b), x=randn(2, 3, 5), w=randn(4, 5), b=randn(4))
with_gradients(
    "layer_norm", lambda x, w, b: F.layer_norm(x, (6,), w, b, 1e-5), x=randn(3, 6), w=randn(6), b=randn(6)
)
with_gradients(
    "conv2d",
    lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1),
    x=randn(2, 3, 5, 6), w=randn(4, 3, 3, 3), b=randn(4),
)
attend = F.scaled_dot_product_attention
shape = (2, 2, 4, 8)
with_gradients("attention", lambda q, k, v: attend(q, k, v), q=randn(*shape), k=randn(*shape), v=randn(*shape))
with_gradients(
    "attention_causal",
    lambda q, k, v: attend(q, k, v, is_causal=True, scale=0.3),
    q=randn(*shape), k=randn(*shape), v=randn(*shape),
)
mask = torch.tensor([[True, True, True, True], [True, True, False, False]]).view(2, 1, 1, 4)
with_gradients(
    "attention_masked",
    lambda q, k, v: attend(q, k, v, attn_mask=mask),
    q=randn(*shape), k=randn(*shape), v=randn(*shape),
)
points = torch.tensor([-25.0, -5, -2, -1, -0.5, 0, 0.25, 1, 3, 19.5, 21])
with_gradients("gelu", lambda x: F.gelu(x), x=points)
with_gradients("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), x=points)
with_gradients("quick_gelu", lambda x: x * torch.sigmoid(1.702 * x), x=points)
with_gradients("softplus", lambda x: F.softplus(x), x=points)
with_gradients("silu", lambda x: F.silu(x), x=points)
with_gradients(
    "normal_log_probability",
    lambda mean, std, x: torch.distributions.Normal(mean, std).log_prob(x),
    mean=randn(3, 4), std=randn(4).exp(), x=randn(3, 4),
)
with_gradients(
    "normal_entropy",
    lambda std: torch.distributions.Normal(torch.zeros(3, 4), std).entropy(),
    std=randn(4).exp(),
)
targets = torch.tensor([2, 0, -100, 4])
with_gradients("cross_entropy", lambda x: F.cross_entropy(x, targets), x=randn(4, 5))
with_gradients("normalize", lambda x: F.normalize(x, dim=-1), x=randn(3, 4))
with_gradients("softmax", lambda x: F.softmax(x, dim=1), x=randn(2, 3, 4))
image = torch.randint(0, 256, (1, 3, 13, 17), generator=generator, dtype=torch.uint8)
resize = lambda mode: F.interpolate(image, size=(7, 24), mode=mode, antialias=True)
save("resize", image=image, bicubic=resize("bicubic"), bilinear=resize("bilinear"))

# A small net: three AdamW steps with clipping, gradients and all states.
net = nn.Sequential(nn.Linear(4, 6), nn.LayerNorm(6), nn.GELU(), nn.Linear(6, 2))
net.load_state_dict({k: randn(*v.shape) for k, v in net.state_dict().items()})
record = {"initial." + k: v.clone() for k, v in net.state_dict().items()}
optimizer = torch.optim.AdamW(net.parameters(), lr=0.05, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1, fused=True)
x, y = randn(5, 4), randn(5, 2)
losses, norms = [], []
for step in range(3):
    optimizer.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    if step == 0:
        record |= {"gradient." + k: p.grad.clone() for k, p in net.named_parameters()}
    norms.append(nn.utils.clip_grad_norm_(net.parameters(), 0.5).item())
    optimizer.step()
    losses.append(loss.item())
for (k, p), state in zip(net.named_parameters(), optimizer.state_dict()["state"].values()):
    record |= {"final." + k: p.detach(), "exp_avg." + k: state["exp_avg"], "exp_avg_sq." + k: state["exp_avg_sq"]}
save("train", x=x, y=y, losses=torch.tensor(losses), norms=torch.tensor(norms), **record)

# Default initialisation and random streams.
torch.manual_seed(7)
linear, embedding, conv = nn.Linear(3, 2), nn.Embedding(3, 2), nn.Conv2d(2, 2, 2)
stream = torch.Generator().manual_seed(11)
save(
    "seeded",
    linear_weight=linear.weight.detach(), linear_bias=linear.bias.detach(),
    embedding_weight=embedding.weight.detach(),
    conv_weight=conv.weight.detach(), conv_bias=conv.bias.detach(),
    normal=torch.randn(20, generator=stream), uniform=torch.rand(3, generator=stream),
    order=torch.randperm(10, generator=stream), integers=torch.randint(5, (8,), generator=stream),
)
json.dump(cases, open("torch.json", "w"), separators=(",", ":"))
