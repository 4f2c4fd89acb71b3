"""The classic recipe's models, advantages and losses in PyTorch: the reference that ours is compared with.

Used by the benchmark peers beside it and by the fixture scripts under Tests/.
Written for torch 2.11.0 and transformers 5.23.0.

Shapes: B episodes, T frames (padded to the longest), A action width, D hidden width, L tokens.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class VisionEncoder(nn.Module):
    """CLS token of a CLIP vision tower (before its last norm), projected to D."""

    def __init__(self, vision_model: nn.Module, hidden_dim: int):
        super().__init__()
        self.vision_model = vision_model
        self.projection = nn.Linear(vision_model.config.hidden_size, hidden_dim)

    def forward(self, pixels: Tensor) -> Tensor:  # [B, T, 3, H, W] -> [B, T, D]
        flat = pixels.flatten(0, 1)
        cls = self.vision_model(pixel_values=flat).last_hidden_state[:, 0]
        return self.projection(cls).unflatten(0, pixels.shape[:2])


class LanguageEncoder(nn.Module):
    """Pooled output of a text model (or its mask-weighted mean when it has no pooler), projected to D."""

    def __init__(self, text_model: nn.Module, hidden_dim: int):
        super().__init__()
        self.text_model = text_model
        self.projection = nn.Linear(text_model.config.hidden_size, hidden_dim)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:  # [B, L] -> [B, D]
        output = self.text_model(input_ids=input_ids, attention_mask=attention_mask)
        pooled = getattr(output, "pooler_output", None)
        if pooled is None:
            pooled = masked_mean_pool(output.last_hidden_state, attention_mask)
        return self.projection(pooled)


def masked_mean_pool(hidden: Tensor, attention_mask: Tensor) -> Tensor:  # [B, L, W], [B, L] -> [B, W]
    weight = attention_mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weight).sum(1) / weight.sum(1).clamp(min=1e-9)


def perceptron(sizes: list[int], output: int, activation: type[nn.Module]) -> nn.Sequential:
    """Linear · LayerNorm · activation for each hidden size, then Linear."""
    layers: list[nn.Module] = []
    for before, after in zip(sizes, sizes[1:]):
        layers += [nn.Linear(before, after), nn.LayerNorm(after), activation()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], output))


class ActionExpert(nn.Module):
    """Diagonal Gaussian over the action."""

    def __init__(self, hidden_dim: int, action_dim: int, hidden_dims: tuple[int, ...] = (512, 256)):
        super().__init__()
        self.network = perceptron([hidden_dim, *hidden_dims], 2 * action_dim, nn.GELU)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:  # [..., D] -> [..., A] twice
        mean, raw = self.network(features).unflatten(-1, (-1, 2)).unbind(-1)
        return mean, F.softplus(raw) + 1e-5


class RecapPolicy(nn.Module):
    """Vision and language, fused, conditioned, and turned into actions."""

    def __init__(
        self, vision_model, text_model, hidden_dim=512, action_dim=7, expert_dims=(512, 256),
        freeze_vision=True, freeze_text=True,
    ):
        super().__init__()
        self.vision_encoder = VisionEncoder(vision_model, hidden_dim)
        self.language_encoder = LanguageEncoder(text_model, hidden_dim)
        self.advantage_embedding = nn.Linear(1, hidden_dim)
        self.quality_embedding = nn.Linear(1, hidden_dim)
        self.fusion = nn.Sequential(
            nn.Linear(2 * hidden_dim, hidden_dim), nn.LayerNorm(hidden_dim), nn.GELU(),
            nn.Linear(hidden_dim, hidden_dim),
        )
        self.action_expert = ActionExpert(hidden_dim, action_dim, expert_dims)
        vision_model.requires_grad_(not freeze_vision)
        text_model.requires_grad_(not freeze_text)
        self.eval()  # no dropout anywhere: encoders stay in evaluation mode, the rest has none

    def fuse(self, pixels: Tensor, tokens: dict[str, Tensor] | None) -> Tensor:  # -> [B, T, D]
        vision = self.vision_encoder(pixels)
        if tokens is None:
            language = vision.new_zeros(vision.shape[0], vision.shape[-1])
        else:
            language = self.language_encoder(**tokens)
        language = language.unsqueeze(1).expand_as(vision)
        return self.fusion(torch.cat([vision, language], -1))

    def act(self, fused: Tensor, advantage: Tensor | None = None, quality: Tensor | None = None):
        """Mean and standard deviation of the action; `advantage`, `quality` are [B, T]."""
        if advantage is not None:
            fused = fused + self.advantage_embedding(advantage.unsqueeze(-1))
        if quality is not None:
            fused = fused + self.quality_embedding(quality.unsqueeze(-1))
        return self.action_expert(fused)


class ValueFunction(nn.Module):
    """Expected return of fused features: a scalar, or the mean of a distribution over [-1, 1]."""

    def __init__(
        self, input_dim=512, hidden_dims=(512, 256), activation="gelu", output_type="scalar", num_bins=255
    ):
        super().__init__()
        self.is_distribution = output_type == "distribution"
        self.num_bins = num_bins
        outputs = num_bins if self.is_distribution else 1
        act = {"gelu": nn.GELU, "relu": nn.ReLU}[activation]
        self.network = perceptron([input_dim, *hidden_dims], outputs, act)

    def forward(self, fused: Tensor) -> Tensor:  # [..., D] -> [...]
        output = self.network(fused)
        if not self.is_distribution:
            return output.squeeze(-1)
        bins = torch.linspace(-1, 1, self.num_bins, dtype=output.dtype, device=output.device)
        return (output.softmax(-1) * bins).sum(-1)


def gae(rewards: list[float], values: list[float], dones: list[bool], gamma: float, lam: float) -> list[float]:
    """Generalised advantage estimates of one episode; the value beyond its end is 0."""
    advantages = [0.0] * len(rewards)
    next_value = next_advantage = 0.0
    for t in reversed(range(len(rewards))):
        alive = 1.0 - float(dones[t])
        delta = rewards[t] + gamma * next_value * alive - values[t]
        next_advantage = delta + gamma * lam * alive * next_advantage
        advantages[t], next_value = next_advantage, values[t]
    return advantages


def discounted_returns(rewards: list[float], dones: list[bool], gamma: float) -> list[float]:
    returns, following = [0.0] * len(rewards), 0.0
    for t in reversed(range(len(rewards))):
        following = rewards[t] + gamma * (1.0 - float(dones[t])) * following
        returns[t] = following
    return returns


def per_episode(function, valid: Tensor, *columns: Tensor) -> Tensor:
    """Applies `function` to each episode's valid prefix of the [B, T] columns; zero where padded."""
    result = torch.zeros(valid.shape, dtype=columns[0].dtype)
    for b, length in enumerate(valid.sum(1).tolist()):
        row = function(*[c[b, :length].tolist() for c in columns])
        result[b, :length] = torch.tensor(row, dtype=result.dtype)
    return result.to(valid.device)


def normalize(advantages: Tensor, valid: Tensor) -> Tensor:
    """Mean and sample standard deviation over the batch's valid frames; a lone frame becomes 0."""
    chosen = advantages[valid]
    std = chosen.std() if chosen.numel() > 1 else chosen.new_zeros(())
    return (advantages - chosen.mean()) / (std + 1e-8) * valid


def masked_mean(x: Tensor, mask: Tensor) -> Tensor:  # [B, T] each; 0 when nothing is chosen
    return (x * mask).sum() / mask.sum().clamp(min=1)


@dataclass
class Batch:
    """Whole episodes, padded with zeros to the longest."""

    pixels: Tensor  # [B, T, 3, H, W], processed
    tokens: dict[str, Tensor] | None  # input_ids and attention_mask, [B, L]
    actions: Tensor  # [B, T, A]
    rewards: Tensor  # [B, T]
    dones: Tensor  # [B, T] bool
    valid: Tensor  # [B, T] bool, a prefix of every row

    def to(self, device) -> "Batch":
        tokens = self.tokens and {k: v.to(device) for k, v in self.tokens.items()}
        rest = (self.actions, self.rewards, self.dones, self.valid)
        return Batch(self.pixels.to(device), tokens, *[x.to(device) for x in rest])


@dataclass
class Weights:
    gamma: float = 0.99
    lam: float = 0.95
    value: float = 0.5
    policy: float = 1.0
    entropy: float = 0.01


def imitation_loss(policy: RecapPolicy, batch: Batch) -> Tensor:
    """Demonstrations and corrections: MSE(mean, action) over valid frames."""
    mean, _ = policy.act(policy.fuse(batch.pixels, batch.tokens))
    return masked_mean((mean - batch.actions).square().mean(-1), batch.valid)


def autonomous_losses(policy, value_function, batch: Batch, weights: Weights, encode_twice=False) -> dict[str, Tensor]:
    """Policy, value and entropy terms, their weighted total, and the advantages they came from.

    Advantages are constants. The value sees the fused features without conditioning and its loss flows
    into fusion and projections. `encode_twice` runs the encoders again for the policy, as the classic
    program does; the numbers are the same.
    """
    fused = policy.fuse(batch.pixels, batch.tokens)
    values = value_function(fused)
    advantages = per_episode(
        lambda r, v, d: gae(r, v, d, weights.gamma, weights.lam),
        batch.valid, batch.rewards, values.detach(), batch.dones)
    returns = per_episode(
        lambda r, d: discounted_returns(r, d, weights.gamma), batch.valid, batch.rewards, batch.dones)
    normalized = normalize(advantages, batch.valid)

    if encode_twice:
        fused = policy.fuse(batch.pixels, batch.tokens)
    mean, std = policy.act(fused, advantage=normalized)
    normal = torch.distributions.Normal(mean, std)
    log_probability = normal.log_prob(batch.actions).sum(-1)
    policy_loss = -masked_mean(log_probability * normalized, batch.valid)
    value_loss = masked_mean((values - returns).square(), batch.valid & ~batch.dones)
    entropy = masked_mean(normal.entropy().sum(-1), batch.valid)
    total = weights.policy * policy_loss + weights.value * value_loss - weights.entropy * entropy
    return {
        "total": total, "policy_loss": policy_loss, "value_loss": value_loss, "entropy": entropy,
        "values": values, "advantages": advantages, "returns": returns, "normalized": normalized,
    }
