"""The peer of Pipeline.cs: photo files to the five best classes with Pillow and PyTorch, on all cores.

Arguments: efficientnet-lite0-57934424.pth, a folder of photos. For each line on standard input it prints images a
second, the better of two ways: batches of 32 on two threads of their own (oneDNN takes no smaller ones on one thread), or
batches of 8 on both threads in turn with reading.
"""
import os
import sys
import threading
import time

import numpy
import torch
import torch.nn.functional as F
from PIL import Image

# Of each stage: blocks, window, stride of the first.
STAGES = [(1, 3, 1), (2, 3, 2), (2, 5, 2), (3, 3, 2), (3, 5, 1), (4, 5, 2), (1, 3, 1)]
weights = torch.load(sys.argv[1], map_location="cpu")
files = sorted(os.path.join(sys.argv[2], f) for f in os.listdir(sys.argv[2]))


def folded(conv, norm):
    scale = weights[norm + ".weight"] / (weights[norm + ".running_var"] + 1e-3).sqrt()
    kernel = weights[conv + ".weight"] * scale[:, None, None, None]
    return kernel.contiguous(memory_format=torch.channels_last), weights[norm + ".bias"] - weights[norm + ".running_mean"] * scale


def plan():
    steps, index = [], 0
    for blocks, window, stride in STAGES:
        for b in range(blocks):
            name = f"_blocks.{index}."
            expand = folded(name + "_expand_conv", name + "_bn0") if index else None
            steps.append((expand, folded(name + "_depthwise_conv", name + "_bn1"), folded(name + "_project_conv", name + "_bn2"),
                          window, stride if b == 0 else 1))
            index += 1
    return steps


STEM, BLOCKS, HEAD = folded("_conv_stem", "_bn0"), plan(), folded("_conv_head", "_bn1")


def same(x, window, stride):
    """TensorFlow's padding: the odd pixel goes right and below."""
    total = max((-(-x.shape[2] // stride) - 1) * stride + window - x.shape[2], 0)
    return F.pad(x, (total // 2, total - total // 2) * 2) if total % 2 else x, 0 if total % 2 else total // 2


def conv(x, folded, window=1, stride=1, groups=1):
    x, padding = same(x, window, stride)
    return F.conv2d(x, *folded, stride=stride, padding=padding, groups=groups)


def network(x):
    x = F.relu6(conv(x, STEM, 3, 2), inplace=True)
    for expand, depthwise, project, window, stride in BLOCKS:
        y = F.relu6(conv(x, expand), inplace=True) if expand else x
        y = conv(F.relu6(conv(y, depthwise, window, stride, y.shape[1]), inplace=True), project)
        x = x + y if y.shape == x.shape else y
    x = F.relu6(conv(x, HEAD), inplace=True).mean((2, 3))
    return F.linear(x, weights["_fc.weight"], weights["_fc.bias"])


def read(file):
    image = Image.open(file).convert("RGB")
    w, h = image.size
    size = (256, 256 * h // w) if w <= h else (256 * w // h, 256)
    left, top = round((size[0] - 224) / 2), round((size[1] - 224) / 2)
    image = image.resize(size, Image.BICUBIC).crop((left, top, left + 224, top + 224))
    return torch.from_numpy(numpy.array(image)).permute(2, 0, 1).float().div_(255).sub_(0.5).div_(0.5)


def work(batch, until, counts):
    with torch.inference_mode():
        at = 0
        while time.perf_counter() < until:
            images = torch.stack([read(files[(at + i) % len(files)]) for i in range(batch)])
            network(images.contiguous(memory_format=torch.channels_last)).topk(5)
            at += batch
    counts.append(at)


def rate(callers, batch):
    torch.set_num_threads(2 // callers)
    start, counts = time.perf_counter(), []
    threads = [threading.Thread(target=work, args=(batch, start + 3, counts)) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


with torch.inference_mode():
    right = sum(int(network(read(f)[None]).argmax()) == 25 * i for i, f in enumerate(files))
print("ready", right, flush=True)
for _ in sys.stdin:
    print(max(rate(2, 32), rate(1, 8)), flush=True)
