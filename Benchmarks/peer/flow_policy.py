"""The flow policy and the value function of Sources/Recap/Flow in PyTorch: the same parameters, the same numbers.

An ordinary implementation and a fair peer: keys and values of the prefix are computed once a chunk, guidance runs both
branches as one batch. eta = 1 is data, eta = 0 noise, and the network predicts noise - action.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn


def split(x, heads):
    return x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)


def attend(q, k, v, heads, mask):
    return F.scaled_dot_product_attention(split(q, heads), k, v, attn_mask=mask).transpose(1, 2).flatten(2)


class Prefix(nn.Module):
    def __init__(self, vision, cameras, language, state, width, has_tag):
        super().__init__()
        self.vision_projection = nn.Linear(vision, width) if vision else None
        self.camera_embedding = nn.Parameter(torch.randn(cameras, width)) if vision else None
        self.language_projection = nn.Linear(language, width) if language else None
        self.state_projection = nn.Linear(state, width) if state else None
        self.tag_embedding = nn.Parameter(torch.randn(2, 1, width)) if has_tag and not language else None

    def forward(self, vision=None, language=None, language_mask=None, state=None):
        parts, mask = [], []
        if vision is not None:
            cameras = self.camera_embedding.shape[0]
            places = self.camera_embedding.repeat_interleave(vision.shape[1] // cameras, 0)
            parts.append(self.vision_projection(vision) + places)
            mask.append(torch.ones(vision.shape[:2], dtype=torch.bool, device=vision.device))
        if language is not None:
            parts.append(self.language_projection(language))
            mask.append(language_mask)
        if state is not None:
            parts.append(self.state_projection(state)[:, None])
            mask.append(torch.ones(state.shape[0], 1, dtype=torch.bool, device=state.device))
        return torch.cat(parts, 1), torch.cat(mask, 1)


class Block(nn.Module):
    def __init__(self, width, heads, head_width):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.query = nn.Linear(width, heads * head_width)
        self.key_value = nn.Linear(width, 2 * heads * head_width)
        self.out = nn.Linear(heads * head_width, width)
        self.mlp_norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def keys(self, x):
        k, v = self.key_value(self.attention_norm(x)).chunk(2, -1)
        return split(k, self.heads), split(v, self.heads)

    def forward(self, x, past, mask):
        h = self.attention_norm(x)
        k, v = self.key_value(h).chunk(2, -1)
        own = split(k, self.heads), split(v, self.heads)
        k, v = (torch.cat(pair, 2) for pair in zip(past, own)) if past else own
        x = x + self.out(attend(self.query(h), k, v, self.heads, mask))
        return x + self.down(F.gelu(self.up(self.mlp_norm(x)))), own


def modulated(x, scale, shift):
    return F.layer_norm(x, x.shape[-1:]) * (1 + scale) + shift


class ExpertLayer(nn.Module):
    def __init__(self, width, heads, head_width):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, heads * head_width)
        self.key_value = nn.Linear(width, 2 * heads * head_width)
        self.out = nn.Linear(heads * head_width, width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x, prefix, mask, changes):
        h = modulated(x, changes[0], changes[1])
        k, v = self.key_value(h).chunk(2, -1)
        k = torch.cat([prefix[0], split(k, self.heads)], 2)
        v = torch.cat([prefix[1], split(v, self.heads)], 2)
        x = x + self.out(attend(self.query(h), k, v, self.heads, mask))
        return x + self.down(F.gelu(self.up(modulated(x, changes[2], changes[3]))))


class Expert(nn.Module):
    def __init__(self, action, width, layers, heads, head_width, chunk, modulation):
        super().__init__()
        self.action_in = nn.Linear(action, width)
        self.action_positions = nn.Parameter(torch.randn(chunk, width) * 0.02)
        self.time_mlp = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.indicator_embedding = nn.Parameter(torch.randn(3, width)) if modulation else None
        self.modulation = nn.Linear(width, (4 * layers + 2) * width)
        self.layers = nn.ModuleList(ExpertLayer(width, heads, head_width) for _ in range(layers))
        self.action_out = nn.Linear(width, action)
        half = width // 2
        periods = 4e-3 * 1e3 ** (torch.arange(half, dtype=torch.float64) / max(half - 1, 1))
        self.register_buffer("periods", periods.float(), persistent=False)

    def forward(self, noisy, eta, indicators, prefix, mask):
        angles = eta[:, None] * (2 * math.pi) / self.periods
        condition = self.time_mlp(torch.cat([angles.sin(), angles.cos()], 1))
        if self.indicator_embedding is not None:
            condition = condition + self.indicator_embedding[indicators]
        changes = self.modulation(F.silu(condition))[:, None].split(self.action_positions.shape[1], 2)
        x = self.action_in(noisy) + self.action_positions
        for i, layer in enumerate(self.layers):
            x = layer(x, prefix[i], mask, changes[4 * i : 4 * i + 4])
        return self.action_out(modulated(x, changes[-2], changes[-1]))


class FlowPolicy(nn.Module):
    """Indicators are 0 for none, 1 for negative, 2 for positive."""

    def __init__(self, *, vision=None, cameras=0, language=None, state=None, action, width, expert_width, layers, heads,
                 head_width, chunk, modulation=True, insulation=False):
        super().__init__()
        self.chunk, self.action, self.insulation = chunk, action, insulation
        self.prefix = Prefix(vision, cameras, language, state, width, True)
        self.trunk = nn.ModuleList(Block(width, heads, head_width) for _ in range(layers))
        self.expert = Expert(action, expert_width, layers, heads, head_width, chunk, modulation)
        self.insulation_head = nn.Linear(width, chunk * action) if insulation else None

    def base(self, inputs):
        x, mask = self.prefix(**inputs)
        layers = []
        for i, block in enumerate(self.trunk):
            if i == len(self.trunk) - 1 and not self.insulation:
                layers.append(block.keys(x))
            else:
                x, own = block(x, None, mask[:, None, None])
                layers.append(own)
        return layers, mask, x

    def tagged(self, layers, mask, tokens, indicators, tags):
        which = (indicators == 2).long()
        if self.prefix.tag_embedding is not None:
            x, tag_mask = self.prefix.tag_embedding[which], torch.ones(len(which), 1, dtype=torch.bool, device=mask.device)
        else:
            x, tag_mask = self.prefix.language_projection(tags[0])[which], tags[1][which]
        seen = torch.cat([mask, tag_mask], 1)[:, None, None]
        result = []
        for i, block in enumerate(self.trunk):
            if i == len(self.trunk) - 1 and not self.insulation:
                own = block.keys(x)
            else:
                x, own = block(x, layers[i], seen)
            result.append(tuple(torch.cat(pair, 2) for pair in zip(layers[i], own)))
        present = tag_mask & (indicators != 0)[:, None]
        regression = None
        if self.insulation:
            result = [tuple(t.detach() for t in pair) for pair in result]
            # The mean of the trunk's tokens, the tag's among them.
            weights = torch.cat([mask, present], 1)[..., None].to(x.dtype)
            regression = self.insulation_head((torch.cat([tokens, x], 1) * weights).sum(1) / weights.sum(1))
        actions = torch.ones(len(which), self.chunk, dtype=torch.bool, device=mask.device)
        full = torch.cat([mask, present, actions], 1)[:, None, None]
        return result, full, regression

    def loss(self, inputs, tags, actions, valid, indicators, weights, noise, eta):
        layers, mask, regression = self.tagged(*self.base(inputs), indicators, tags)
        noisy = actions * eta[:, None, None] + noise * (1 - eta[:, None, None])
        velocity = self.expert(noisy, eta, indicators, layers, mask)
        error = (velocity - (noise - actions)).square().mean(2)
        loss = (error * valid * weights[:, None]).sum() / valid.sum().clamp(min=1)
        if regression is not None:
            error = (regression.view_as(actions) - actions).square().mean(2)
            loss = loss + (error * valid * weights[:, None]).sum() / valid.sum().clamp(min=1)
        return loss

    @torch.no_grad()
    def sample(self, inputs, tags, indicator, noise, steps=5, guidance=1.0):
        count = noise.shape[0]
        layers, mask, tokens = self.base(inputs)
        indicators = torch.full((count,), indicator, device=noise.device)
        if guidance != 1:
            layers = [tuple(torch.cat([t, t]) for t in pair) for pair in layers]
            mask, tokens = torch.cat([mask, mask]), torch.cat([tokens, tokens])
            indicators = torch.cat([torch.zeros_like(indicators), indicators])
        layers, mask, _ = self.tagged(layers, mask, tokens, indicators, tags)
        actions = noise
        for step in range(steps):
            eta = torch.full((len(indicators),), step / steps, device=noise.device)
            x = torch.cat([actions, actions]) if guidance != 1 else actions
            velocity = self.expert(x, eta, indicators, layers, mask)
            if guidance != 1:
                none, told = velocity.chunk(2)
                velocity = none + guidance * (told - none)
            actions = actions - velocity / steps
        return actions


class ValueNetwork(nn.Module):
    def __init__(self, *, vision=None, cameras=0, language=None, state=None, width, layers, heads, bins=201):
        super().__init__()
        self.prefix = Prefix(vision, cameras, language, state, width, False)
        self.readout = nn.Parameter(torch.randn(1, width) * 0.02)
        self.layers = nn.ModuleList(Block(width, heads, width // heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, bins)

    def forward(self, inputs):
        x, mask = self.prefix(**inputs)
        x = torch.cat([x, self.readout.expand(x.shape[0], 1, -1)], 1)
        mask = F.pad(mask, (0, 1), value=True)[:, None, None]
        for layer in self.layers:
            x, _ = layer(x, None, mask)
        return self.head(self.norm(x[:, -1]))
