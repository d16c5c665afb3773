"""SiT in plain PyTorch, with what DiverseDiT adds: long skips, the diversity loss, REPA with its projector. Sizes come as options."""

import math
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn import functional as F


@dataclass
class Options:
    """Without arguments: S/2 on latents of 256 tokens, four samples."""

    width: int = 384
    depth: int = 12
    heads: int = 6
    patch: int = 2
    side: int = 32
    channels: int = 4
    classes: int = 1000
    batch: int = 4
    # Block i is joined to block depth + 1 - i: "none", "replace" (what is joined replaces the stream), "add" (it is added to it).
    skips: str = "none"
    # "block" for REPA and the pairs of the diversity loss count from 1.
    diversity: dict = field(default_factory=dict)
    repa: dict = field(default_factory=dict)
    clip: float = 0


def modulate(x, shift, scale):
    return x * (1 + scale.unsqueeze(1)) + shift.unsqueeze(1)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width, eps=1e-6, elementwise_affine=False)
        self.norm2 = nn.LayerNorm(width, eps=1e-6, elementwise_affine=False)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        self.ada = nn.Linear(width, 6 * width)

    def forward(self, x, c):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.ada(F.silu(c)).chunk(6, dim=1)
        n, t, d = x.shape
        h = modulate(self.norm1(x), shift1, scale1)
        q, k, v = self.qkv(h).reshape(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        h = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, d)
        x = x + gate1.unsqueeze(1) * self.proj(h)
        h = modulate(self.norm2(x), shift2, scale2)
        return x + gate2.unsqueeze(1) * self.fc2(F.gelu(self.fc1(h), approximate="tanh"))


class Skip(nn.Module):
    """The stream and a saved value, normalised together and mapped back to the width of the stream."""

    def __init__(self, width, added):
        super().__init__()
        self.added = added
        self.norm = nn.LayerNorm(2 * width, eps=1e-6)
        self.linear = nn.Linear(2 * width, width)

    def forward(self, x, saved):
        h = self.linear(self.norm(torch.cat([x, saved], dim=-1)))
        return x + h if self.added else h


class SiT(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.o = o
        self.embed = nn.Conv2d(o.channels, o.width, o.patch, stride=o.patch)
        self.register_buffer("place", places(o.side // o.patch, o.width))
        self.time1 = nn.Linear(256, o.width)
        self.time2 = nn.Linear(o.width, o.width)
        self.label = nn.Embedding(o.classes + 1, o.width)
        self.blocks = nn.ModuleList(Block(o.width, o.heads) for _ in range(o.depth))
        pairs = 0 if o.skips == "none" else o.depth // 2
        self.skips = nn.ModuleList(Skip(o.width, o.skips == "add") for _ in range(pairs))
        self.norm = nn.LayerNorm(o.width, eps=1e-6, elementwise_affine=False)
        self.ada = nn.Linear(o.width, 2 * o.width)
        self.head = nn.Linear(o.width, o.patch * o.patch * o.channels)

    def forward(self, x, t, y):
        """What the network says, and what each block gives, behind its skip if it has one."""
        o = self.o
        h = self.embed(x).flatten(2).transpose(1, 2) + self.place
        speeds = torch.exp(-math.log(10000) * torch.arange(128) / 128)
        angles = t[:, None] * speeds
        c = self.time2(F.silu(self.time1(torch.cat([angles.cos(), angles.sin()], dim=1)))) + self.label(y)
        outs = []
        for i, block in enumerate(self.blocks):
            h = block(h, c)
            across = o.depth - 1 - i
            if across < len(self.skips):
                h = self.skips[across](h, outs[across])
            outs.append(h)
        shift, scale = self.ada(F.silu(c)).chunk(2, dim=1)
        h = self.head(modulate(self.norm(h), shift, scale))
        side = o.side // o.patch
        h = h.reshape(x.shape[0], side, side, o.patch, o.patch, o.channels)
        return h.permute(0, 5, 1, 3, 2, 4).reshape(x.shape), outs


def places(side, width):
    """A fixed table: the first half of the channels is the column, the second the row; sines, then cosines."""
    speeds = 10000 ** (-torch.arange(width // 4) / (width // 4))
    angles = torch.arange(side)[:, None] * speeds
    waves = torch.cat([angles.sin(), angles.cos()], dim=1)
    across = waves[None, :, :].expand(side, -1, -1)
    down = waves[:, None, :].expand(-1, side, -1)
    return torch.cat([across, down], dim=2).reshape(1, side * side, width)


def first_pairs(depth):
    return [(i, j) for i in range(1, depth + 1) for j in range(i + 1, depth + 1)][:10]


def release_pairs(depth, aligned):
    """The pairs of the release where block `aligned` is aligned with an encoder."""
    n = min(10, depth * (depth - 1) // 2)
    listed = [(i, j) for i in range(n - aligned, n + aligned + 1) for j in range(i + 1, depth + 1) if i <= depth]
    return [((i - 1) % depth + 1, (j - 1) % depth + 1) for i, j in listed[:n]]


def diversity(outs, pairs):
    f = torch.stack(outs)
    a = f[[i - 1 for i, _ in pairs]]
    b = f[[j - 1 for _, j in pairs]]
    orth = F.cosine_similarity(a.mean((1, 2)), b.mean((1, 2)), dim=-1).mean()
    mi = F.cosine_similarity(a, b, dim=-1).mean((1, 2)).abs().mean()
    units = f / f.norm(dim=(1, 2), keepdim=True).clamp(min=1e-8)
    act = units.abs().mean((1, 2)).sum(0) / (len(outs) + 1e-8)
    disp = -((act / (act.max() + 1e-8)).var(correction=0) / 0.25).clamp(0, 1)
    return ((orth + mi + disp) / 3).clamp(max=5)


def gate(d, low=0.1, high=0.5):
    """Live, as in the release: its gradient counts."""
    return torch.where(d > high, torch.ones_like(d), torch.where(d > low, (d - low) / high, torch.zeros_like(d)))


class Losses(nn.Module):
    """A network and all that its training minimises."""

    def __init__(self, o):
        super().__init__()
        self.o = o
        self.net = SiT(o)
        if o.diversity:
            aligned = o.diversity.get("aligned")
            self.pairs = release_pairs(o.depth, aligned) if aligned else first_pairs(o.depth)
        if o.repa:
            hidden, feature = o.repa["hidden"], o.repa["feature"]
            self.project = nn.Sequential(
                nn.Linear(o.width, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, feature)
            )

    def forward(self, image, label, noise, t, patches):
        """Terms by name; what is minimised is their sum."""
        s = t[:, None, None, None]
        said, outs = self.net((1 - s) * noise + s * image, t, label)
        terms = {"denoise": F.mse_loss(said, image - noise)}
        if self.o.repa:
            h = self.project(outs[self.o.repa["block"] - 1])
            terms["align"] = -self.o.repa["weight"] * F.cosine_similarity(h, patches, dim=-1, eps=1e-12).mean()
        if self.o.diversity:
            d = diversity(outs, self.pairs)
            terms["diverse"] = self.o.diversity["weight"] * (gate(d) * d if self.o.diversity["gated"] else d)
        return terms
