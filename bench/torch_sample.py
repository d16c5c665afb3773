"""Samples of a SiT in plain PyTorch: Euler steps with guidance, the guided and the unguided half as one batch. Options of torch_sit.py as JSON.

Reads lines `eager COUNT` from stdin, draws that many times and answers with the seconds of each.
`eager agree FOLDER`: takes the weights of that folder and the noise, labels, steps and guidance of its inputs, leaves what it draws there.
"""

import json
import sys
import time

import torch
from safetensors.torch import save_file

from torch_given import load_inputs, load_weights
from torch_sit import Losses, Options


@torch.no_grad()
def draw(net, z, label, steps, guidance):
    none = torch.full_like(label, net.o.classes)
    both = torch.cat([label, none])
    x = z
    for k in range(steps):
        t = torch.full((2 * z.shape[0],), k / steps)
        strong, weak = net(torch.cat([x, x]), t, both)[0].chunk(2)
        x = x + (weak + guidance * (strong - weak)) / steps
    return x


def seconds(*given):
    start = time.perf_counter()
    draw(*given)
    return time.perf_counter() - start


def main():
    net = Losses(Options(**json.loads(sys.argv[1])))
    steps, guidance = int(sys.argv[2]), float(sys.argv[3])
    print(json.dumps({"torch": torch.__version__.split("+")[0], "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        _, what, *folder = line.split()
        if what == "agree":
            load_weights(net, folder[0])
            given = load_inputs(folder[0])
            z, label = given["z"], given["label"].long()
            # Few steps: that the loop goes on as it began is not in doubt.
            save_file({"sample": draw(net.net, z, label, 2, guidance).flatten()}, f"{folder[0]}/eager.safetensors")
            print("{}", flush=True)
        else:
            print(json.dumps([seconds(net.net, z, label, steps, guidance) for _ in range(int(what))]), flush=True)


if __name__ == "__main__":
    main()
