"""What this machine can multiply: reads lines `gemm COUNT`, answers with the seconds of each product of 1024x384 by 384x1536."""

import json
import sys
import time

import torch


def seconds(a, b, out):
    start = time.perf_counter()
    torch.mm(a, b, out=out)
    return time.perf_counter() - start


def main():
    a, b, out = torch.randn(1024, 384), torch.randn(384, 1536), torch.empty(1024, 1536)
    print(json.dumps({"flops": 2 * 1024 * 384 * 1536}), flush=True)
    for line in sys.stdin:
        print(json.dumps([seconds(a, b, out) for _ in range(int(line.split()[1]))]), flush=True)


if __name__ == "__main__":
    main()
