"""Train steps of a SiT in plain PyTorch: losses, backward, AdamW. Options of torch_sit.py as JSON in the first argument.

Reads lines `VARIANT STEPS` from stdin, runs that many steps and answers with one line of JSON: the seconds of each.
`VARIANT agree FOLDER`: takes the weights and inputs of that folder, makes one step, leaves its gradient there and answers with its losses.
`memory 0`: bytes after the imports, and the most so far.
Variants: `eager` (AdamW as it comes), `fused` (its fused kernel), `compile` (fused, losses and network through torch.compile), `bf16` (fused,
autocast). One that does not work here answers with its error.
DIT_BATCH: another batch than that of the options.
"""

import contextlib
import json
import os
import sys
import time

import torch
from torch import nn

from torch_given import load_inputs, load_weights, save_gradients
from torch_sit import Losses, Options


class Trainer:
    def __init__(self, options, variant):
        torch.manual_seed(0)
        self.o = options
        self.bf16 = variant == "bf16"
        self.model = Losses(options)
        self.losses = torch.compile(self.model) if variant == "compile" else self.model
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=1e-4, weight_decay=0.0, fused=variant != "eager"
        )
        o = options
        tokens = (o.side // o.patch) ** 2
        self.image = torch.randn(o.batch, o.channels, o.side, o.side)
        self.label = torch.randint(0, o.classes, (o.batch,))
        self.patches = torch.randn(o.batch, tokens, o.repa["feature"]) if o.repa else None

    def step(self):
        start = time.perf_counter()
        noise = torch.randn_like(self.image)
        t = torch.rand(self.o.batch)
        dropped = torch.rand(self.o.batch) < 0.1
        terms = self.update(self.image, self.label, noise, t, dropped, self.patches)
        float(sum(terms.values()))
        return time.perf_counter() - start

    def update(self, image, label, noise, t, dropped, patches):
        label = torch.where(dropped, self.o.classes, label)
        with torch.autocast("cpu", torch.bfloat16) if self.bf16 else contextlib.nullcontext():
            terms = self.losses(image, label, noise, t, patches)
        self.optimizer.zero_grad(set_to_none=True)
        sum(terms.values()).backward()
        if self.o.clip:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.o.clip)
        self.optimizer.step()
        return {name: term.detach() for name, term in terms.items()}

    def agree(self, folder, variant):
        """The first moment after the first step is the gradient, times 1 - beta1."""
        load_weights(self.model, folder)
        given = load_inputs(folder)
        patches = given.get("patches")
        terms = self.update(
            given["image"], given["label"].long(), given["noise"], given["time"], given["drop"] < 0.1, patches
        )
        beta = self.optimizer.defaults["betas"][0]
        moments = {n: self.optimizer.state[p]["exp_avg"] / (1 - beta) for n, p in self.model.named_parameters()}
        save_gradients(moments, f"{folder}/{variant}.safetensors")
        return {name: float(term) for name, term in terms.items()}


def status(key):
    with open("/proc/self/status") as lines:
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(key)), 0)


def answer(trainers, options, variant, what, folder):
    if variant not in trainers:
        trainers[variant] = Trainer(options, variant)
    trainer = trainers[variant]
    return trainer.agree(folder, variant) if what == "agree" else [trainer.step() for _ in range(int(what))]


def main():
    imported = status("VmRSS")
    options = Options(**json.loads(sys.argv[1] if len(sys.argv) > 1 else "{}"))
    options.batch = int(os.environ.get("DIT_BATCH", options.batch))
    trainers = {}
    facts = {"torch": torch.__version__.split("+")[0], "threads": torch.get_num_threads()}
    with torch.device("meta"):
        facts["parameters"] = sum(p.numel() for p in Losses(options).parameters())
    print(json.dumps(facts), flush=True)
    for line in sys.stdin:
        variant, what, *folder = line.split()
        if variant == "memory":
            print(json.dumps({"baseline": imported, "peak": status("VmHWM")}), flush=True)
            continue
        try:
            told = answer(trainers, options, variant, what, *folder or [""])
        except Exception as error:  # noqa: BLE001: whatever it is, it is what the table says
            told = {"failed": f"{type(error).__name__}: {error}".split("\n")[0]}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
