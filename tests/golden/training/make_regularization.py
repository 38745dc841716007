"""Makes regularization.json.gz: DropBlock and split batch norms, one training step each, by timm.

    PYTHONPATH=TIMM python3 make_regularization.py

TIMM is a checkout of timm (here its public snapshot aa4b5850; PyTorch 1.13, CPU). Weights, images and projections
follow the fill rule of the reference set (tests/Fill.cs), with gain 1; the input is u("input", i) * 1.7. Weights are
filled under their names after the conversion to split norms, so that all norms differ. The loss is cross entropy with
label smoothing 0.1. Values are of float64; `noise` is how far float32 is from them: `loss` absolute, `grad` the worst
over the parameters of (norm or projection) over (norm + 1e-3 of the total norm).
Rows: `model`, `kwargs`, `splits` (0 for none), `input`, `targets`, `loss`, `grads` and `stats` as [L2 norm, dot product
with u("grad:NAME", i), u("stat:NAME", i)], and `drops`, in the order in which the network drops: the probability that
timm asked Bernoulli for (`gamma`), the shape that it asked it for and the places that were 1 (`seeds`): where
(u("drop:NUMBER", i) + 1) / 2 is below the probability.
"""
import gzip
import json
import os

import numpy as np
import timm
import torch
from timm.layers import convert_splitbn_model

ROWS = [
    ("test_resnet", {"drop_block_rate": 0.5}, 0, [2, 3, 96, 96]),
    ("test_resnet", {"drop_block_rate": 0.4}, 0, [2, 3, 64, 64]),
    ("test_byobnet", {"drop_block_rate": 0.5}, 0, [2, 3, 128, 128]),
    ("skresnet18", {"drop_block_rate": 0.3}, 0, [4, 3, 96, 96]),
    ("resnest14d", {"drop_block_rate": 0.5}, 0, [2, 3, 96, 96]),
    ("test_resnet", {}, 2, [4, 3, 64, 64]),
    ("test_resnet", {"drop_block_rate": 0.4}, 3, [6, 3, 64, 64]),
]
LABELS = [3, 7]


def u(name, count):
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & (2 ** 64 - 1)
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float32) * np.float32(2.0 ** -23) - np.float32(1)


def fill(name, shape):
    leaf, fan = name.rsplit(".", 1)[-1], int(np.prod(shape[1:]))
    if leaf == "running_var":
        scale, offset = 0.2, 1
    elif leaf == "running_mean":
        scale, offset = 0.1, 0
    elif len(shape) >= 2:
        scale, offset = (0.5, 0) if shape[0] == 1 else ((3.0 / fan) ** 0.5, 0)
    elif "bias" in leaf or "beta" in leaf:
        scale, offset = 0.1, 0
    else:
        scale, offset = 0.2, 1
    return (u(name, int(np.prod(shape))) * np.float32(scale) + np.float32(offset)).reshape(shape)


def step(row, dtype):
    name, kwargs, splits, shape = row
    model = timm.create_model(name, num_classes=10, **kwargs)
    if splits:
        model = convert_splitbn_model(model, splits)
    state = model.state_dict()
    for key in state:
        if not key.endswith("num_batches_tracked"):
            state[key] = torch.from_numpy(fill(key, list(state[key].shape)))
    model.load_state_dict(state)
    model = model.to(dtype).train()
    x = torch.from_numpy((u("input", int(np.prod(shape))) * np.float32(1.7)).reshape(shape)).to(dtype)
    targets = [LABELS[i % 2] for i in range(shape[0])]
    drops = []

    def bernoulli(tensor, p):
        values = (u(f"drop:{len(drops)}", tensor.numel()).astype(np.float64) + 1) / 2 < p
        drops.append({"gamma": p, "shape": list(tensor.shape), "seeds": np.flatnonzero(values).tolist()})
        return tensor.copy_(torch.from_numpy(values.reshape(tensor.shape)).to(tensor.dtype))

    torch.Tensor.bernoulli_, original = bernoulli, torch.Tensor.bernoulli_
    try:
        loss = torch.nn.functional.cross_entropy(model(x), torch.tensor(targets), label_smoothing=0.1)
    finally:
        torch.Tensor.bernoulli_ = original
    loss.backward()
    project = lambda kind, key, t: [float(t.double().norm()), float(
        t.double().flatten() @ torch.from_numpy(u(f"{kind}:{key}", t.numel()).astype(np.float64)))]
    return {
        "model": name, "kwargs": kwargs, "splits": splits, "input": shape, "targets": targets, "loss": float(loss),
        "grads": {k: project("grad", k, p.grad) for k, p in model.named_parameters() if p.grad is not None},
        "stats": {k: project("stat", k, b) for k, b in model.named_buffers() if "running" in k},
        "drops": drops,
    }


def rounded(x):
    if isinstance(x, float):
        return float(f"{x:.9g}")
    if isinstance(x, dict):
        return {k: rounded(v) for k, v in x.items()}
    return [rounded(v) for v in x] if isinstance(x, list) else x


rows = []
for row in ROWS:
    exact, single = step(row, torch.float64), step(row, torch.float32)
    total = sum(g[0] ** 2 for g in exact["grads"].values()) ** 0.5
    exact["noise"] = {"loss": abs(exact["loss"] - single["loss"]), "grad": max(
        max(abs(a - b) for a, b in zip(g, single["grads"][k])) / (g[0] + 1e-3 * total)
        for k, g in exact["grads"].items())}
    rows.append(rounded(exact))
    print(exact["model"], exact["loss"], exact["noise"], [len(d["seeds"]) for d in exact["drops"]])
place = os.path.join(os.path.dirname(os.path.abspath(__file__)), "regularization.json.gz")
with open(place, "wb") as file:
    file.write(gzip.compress(json.dumps({"rows": rows}, separators=(",", ":")).encode(), 9, mtime=0))
