"""One SiT-S/2-like train step in plain PyTorch: D 384, 12 blocks, 6 heads, 256 tokens, batch 4; forward, backward, AdamW.

Reads lines `VARIANT STEPS` from stdin, runs that many steps and answers with one line of JSON: the seconds of each.
Variants: `eager` (AdamW as it comes), `fused` (its fused kernel). `memory 0` answers with bytes: after the imports, and the most so far.
DIT_BATCH: another batch than 4.
"""

import json
import math
import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, DEPTH, HEADS, PATCH, SIDE, CHANNELS, CLASSES = 384, 12, 6, 2, 32, 4, 1000
BATCH = int(os.environ.get("DIT_BATCH", "4"))
TOKENS = (SIDE // PATCH) ** 2


def modulate(x, shift, scale):
    return x * (1 + scale.unsqueeze(1)) + shift.unsqueeze(1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-6, elementwise_affine=False)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-6, elementwise_affine=False)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.proj = nn.Linear(WIDTH, WIDTH)
        self.fc1 = nn.Linear(WIDTH, 4 * WIDTH)
        self.fc2 = nn.Linear(4 * WIDTH, WIDTH)
        self.ada = nn.Linear(WIDTH, 6 * WIDTH)

    def forward(self, x, c):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.ada(F.silu(c)).chunk(6, dim=1)
        n, t, d = x.shape
        h = modulate(self.norm1(x), shift1, scale1)
        q, k, v = self.qkv(h).reshape(n, t, 3, HEADS, d // HEADS).permute(2, 0, 3, 1, 4)
        h = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, d)
        x = x + gate1.unsqueeze(1) * self.proj(h)
        h = modulate(self.norm2(x), shift2, scale2)
        return x + gate2.unsqueeze(1) * self.fc2(F.gelu(self.fc1(h), approximate="tanh"))


class SiT(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Conv2d(CHANNELS, WIDTH, PATCH, stride=PATCH)
        self.place = nn.Parameter(torch.randn(1, TOKENS, WIDTH) * 0.02, requires_grad=False)
        self.time1 = nn.Linear(256, WIDTH)
        self.time2 = nn.Linear(WIDTH, WIDTH)
        self.label = nn.Embedding(CLASSES + 1, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-6, elementwise_affine=False)
        self.ada = nn.Linear(WIDTH, 2 * WIDTH)
        self.head = nn.Linear(WIDTH, PATCH * PATCH * CHANNELS)

    def forward(self, x, t, y):
        n = x.shape[0]
        h = self.embed(x).flatten(2).transpose(1, 2) + self.place
        speeds = torch.exp(-math.log(10000) * torch.arange(128) / 128)
        angles = t[:, None] * speeds
        c = self.time2(F.silu(self.time1(torch.cat([angles.cos(), angles.sin()], dim=1)))) + self.label(y)
        for block in self.blocks:
            h = block(h, c)
        shift, scale = self.ada(F.silu(c)).chunk(2, dim=1)
        h = self.head(modulate(self.norm(h), shift, scale))
        side = SIDE // PATCH
        h = h.reshape(n, side, side, PATCH, PATCH, CHANNELS)
        return h.permute(0, 5, 1, 3, 2, 4).reshape(n, CHANNELS, SIDE, SIDE)


class Trainer:
    def __init__(self, fused):
        torch.manual_seed(0)
        self.model = SiT()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4, weight_decay=0.0, fused=fused)

    def step(self):
        x = torch.randn(BATCH, CHANNELS, SIDE, SIDE)
        y = torch.randint(0, CLASSES, (BATCH,))
        start = time.perf_counter()
        noise = torch.randn_like(x)
        t = torch.rand(BATCH)
        s = t[:, None, None, None]
        loss = F.mse_loss(self.model((1 - s) * noise + s * x, t, y), x - noise)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return time.perf_counter() - start


def status(key):
    with open("/proc/self/status") as lines:
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(key)), 0)


def main():
    imported = status("VmRSS")
    trainers = {}
    facts = {"torch": torch.__version__.split("+")[0], "threads": torch.get_num_threads()}
    facts["parameters"] = sum(p.numel() for p in SiT().parameters() if p.requires_grad)
    print(json.dumps(facts), flush=True)
    for line in sys.stdin:
        variant, steps = line.split()
        if variant == "memory":
            print(json.dumps({"baseline": imported, "peak": status("VmHWM")}), flush=True)
            continue
        if variant not in trainers:
            trainers[variant] = Trainer(fused=variant == "fused")
        print(json.dumps([trainers[variant].step() for _ in range(int(steps))]), flush=True)


if __name__ == "__main__":
    main()
