"""Weights and inputs that our side has written, and gradients written for it: its names for each parameter of torch_sit.py, and its layout."""

import re

import torch
from safetensors.torch import load_file, save_file

# Blocks and skips count from 1 on our side.
NAMES = [
    (r"^net\.embed", "net.embed.proj"),
    (r"^net\.time(\d)", r"net.time.fc\1"),
    (r"^net\.blocks\.(\d+)\.(qkv|proj)", r"net.block.\1.attn.\2"),
    (r"^net\.blocks\.(\d+)\.(fc\d)", r"net.block.\1.mlp.\2"),
    (r"^net\.blocks\.(\d+)\.ada", r"net.block.\1.ada"),
    (r"^net\.skips\.(\d+)\.norm", r"net.long.\1.ln"),
    (r"^net\.skips\.(\d+)\.linear", r"net.long.\1.linear"),
    (r"^net\.ada", "net.head.ada"),
    (r"^net\.head\.(weight|bias)", r"net.head.proj.\1"),
    (r"^project\.0", "repa.head.fc1"),
    (r"^project\.2", "repa.head.fc2"),
    (r"^project\.4", "repa.head.fc3"),
]
LABEL = "net.label.weight"


def our_name(name):
    for pattern, ours in NAMES:
        name, found = re.subn(pattern, ours, name)
        if found:
            break
    name = re.sub(r"\.(block|long)\.(\d+)\.", lambda m: f".{m[1]}.{int(m[2]) + 1}.", name)
    if ".ln." in name:
        return name.replace(".weight", ".gain")
    return name.replace(".weight", ".w").replace(".bias", ".b")


def load_weights(model, folder):
    """Ours are inputs by outputs; the null label is a vector of its own there, and the last row here."""
    given = load_file(f"{folder}/weights.safetensors")
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name == LABEL:
                p.copy_(torch.cat([given.pop("net.label.table"), given.pop("net.label.null")[None]]))
                continue
            w = given.pop(our_name(name))
            p.copy_((w.reshape(-1, p.shape[0]).T if p.dim() > 1 else w).reshape(p.shape))
    if given:
        raise ValueError(f"weights that the network here does not have: {', '.join(given)}")


def load_inputs(folder):
    return load_file(f"{folder}/inputs.safetensors")


def save_gradients(gradients, file):
    """Inputs by outputs as on our side, each flat."""
    ours = {}
    for name, g in gradients.items():
        if name == LABEL:
            ours["net.label.table"], ours["net.label.null"] = g[:-1].flatten(), g[-1]
        else:
            ours[our_name(name)] = (g.reshape(g.shape[0], -1).T if g.dim() > 1 else g).flatten()
    save_file({name: g.contiguous().float() for name, g in ours.items()}, file)
