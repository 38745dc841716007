"""Makes naflex.json.gz: what timm does to images of any shape and their patches, and what it drew for that.

    PYTHONPATH=TIMM python3 make_naflex.py

TIMM is a checkout of timm (here its public snapshot aa4b5850; PyTorch 1.13, CPU). Images, patches, weights and
projections follow the fill rule of the reference set (tests/Fill.cs). Sums are [L2 norm, dot product with u(NAME, i),
first values].
`mixing`: NaFlexMixup of five classes; image i is u("image:i"), of class i mod 5. `erasing`: PatchRandomErasing of four
images of a grid, which patches were changed. `crops`: RandomResizedCropToSequence.get_params, crop as top, left, height,
width. `gradients`: one step of narrow networks in train mode, patches u("patches", i) * 1.7, padding included, cross
entropy with label smoothing 0.1; values are of float64, `noise` is how far float32 is from them: `loss` absolute, `grad`
the worst over the parameters of (norm or projection) over (norm + 1e-3 of the total norm).
"""
import gzip
import json
import math
import os
import random
from dataclasses import replace

import torch
from timm.data import naflex_mixup, naflex_random_erasing, naflex_transforms
from timm.models import naflexvit

DRAWN = []


def uniform(name, count):
    """The rule of tests/Fill.cs."""
    mask, seed = (1 << 64) - 1, 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 & mask
    values = []
    for i in range(count):
        z = seed + (i + 1) * 0x9E3779B97F4A7C15 & mask
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        values.append(((z ^ z >> 31) >> 40) * 2.0 ** -23 - 1)
    return torch.tensor(values, dtype=torch.float32)


def shaped(name, *shape):
    return uniform(name, math.prod(shape)).reshape(shape)


def recording(function):
    def draw(*args):
        value = function(*args)
        DRAWN.append(value)
        return value
    return draw


def record():
    """Keeps what is drawn; shuffles, which change nothing, are left out."""
    DRAWN.clear()
    for name in ("random", "uniform", "randint"):
        setattr(random, name, recording(getattr(random.Random(7), name)))
    random.shuffle = lambda items: None
    torch.manual_seed(7)


def sums(values, name):
    flat = values.double().flatten()
    direction = uniform(name, flat.numel()).double()
    return [flat.norm().item(), (flat @ direction).item(), flat[:8].tolist()]


def mixing():
    sizes = [[32, 48], [48, 32], [16, 16], [32, 64], [64, 32], [48, 48], [16, 64]]
    cases = [dict(), dict(mixup_alpha=0.4, cutmix_alpha=0), dict(mixup_alpha=0, cutmix_alpha=0.7),
             dict(mixup_alpha=0.2, cutmix_alpha=0.5, switch_prob=0.9, label_smoothing=0.1), dict(prob=0.5), dict(prob=0)]
    for count in (7, 6):
        for seed, args in enumerate(cases):
            record()
            for _ in range(seed):
                random.random()
            DRAWN.clear()
            torch.manual_seed(seed)
            draw = torch.distributions.Beta.sample

            def beta(self, shape=torch.Size()):
                value = draw(self, shape)
                DRAWN.append(value.item())
                return value

            rand = torch.rand

            def one(*a, **k):
                value = rand(*a, **k)
                DRAWN.append(value.item())
                return value

            torch.distributions.Beta.sample, torch.rand = beta, one
            images = [shaped(f"image:{i}", 3, *size) for i, size in enumerate(sizes[:count])]
            mix = naflex_mixup.NaFlexMixup(num_classes=5, **args)
            mixed, targets = mix(images, torch.tensor([i % 5 for i in range(count)]))
            torch.distributions.Beta.sample, torch.rand = draw, rand
            yield dict(args=args, sizes=sizes[:count], drawn=list(DRAWN),
                       out=[sums(image, f"mixed:{i}") for i, image in enumerate(mixed)],
                       targets=torch.stack(list(targets)).tolist())


def erasing():
    for grid in ([6, 9], [1, 12], [4, 4], [1, 1]):
        for args in (dict(erase_prob=1.0), dict(erase_prob=0.5, mode="rand"), dict(erase_prob=0.9, mode="pixel", max_count=3)):
            record()
            coord = torch.tensor([[y, x] for y in range(grid[0]) for x in range(grid[1])])
            patches = torch.full((4, len(coord), 16 * 16, 3), 5.0)
            naflex_random_erasing.PatchRandomErasing(device="cpu", **args)(
                patches, coord.repeat(4, 1, 1), torch.ones(4, len(coord), dtype=torch.bool))
            yield dict(args=args, grid=grid, drawn=list(DRAWN), erased=(patches != 5).any(-1).any(-1).int().tolist())


def crops():
    for height, width in ([375, 500], [500, 375], [40, 900], [1, 1], [224, 224]):
        for args in (dict(max_seq_len=64), dict(max_seq_len=576, scale=(0.5, 1.0), ratio=(0.75, 4 / 3)),
                     dict(max_seq_len=9, patch_h=12, patch_w=12, scale=(0.9, 3.0), ratio=(2.0, 2.5)),
                     dict(max_seq_len=9, scale=(2.0, 3.0), ratio=(0.25, 0.5))):
            record()
            given = dict(scale=(0.08, 1.0), ratio=(0.75, 4 / 3), interpolation="one") | args
            crop, size, _ = naflex_transforms.RandomResizedCropToSequence.get_params(
                torch.zeros(3, height, width), **given)
            yield dict(height=height, width=width, patch=given.get("patch_h", 16), max_seq_len=given["max_seq_len"],
                       scale=given["scale"], ratio=given["ratio"], drawn=list(DRAWN), crop=crop, size=size)


def filled(model):
    for name, value in model.named_parameters():
        shape, leaf = tuple(value.shape), name.rsplit(".", 1)[-1]
        scale, offset = (0.5, 0) if len(shape) >= 2 and shape[0] == 1 else (
            torch.tensor(math.sqrt(3 / math.prod(shape[1:])), dtype=torch.float32).item(), 0) if len(shape) >= 2 else (
            0.1, 0) if "bias" in leaf or "beta" in leaf else (0.2, 1)
        scale = torch.tensor(scale, dtype=torch.float32)
        value.data = (shaped(name, *shape) * scale + torch.tensor(offset, dtype=torch.float32)).to(value.dtype)
    return model


def step(model, side, grids, length, dtype):
    model = filled(model.float()).to(dtype).train()
    patches = shaped("patches", len(grids), length, side * side * 3) * torch.tensor(1.7)
    coord, valid = torch.zeros(len(grids), length, 2, dtype=torch.int64), torch.zeros(len(grids), length, dtype=torch.bool)
    for i, (rows, columns) in enumerate(grids):
        for t in range(rows * columns):
            coord[i, t], valid[i, t] = torch.tensor([t // columns, t % columns]), True
    x = patches.to(dtype)
    if side != 16:
        x = x.reshape(len(grids), length, side, side, 3)
    loss = torch.nn.functional.cross_entropy(
        model({"patches": x, "patch_coord": coord, "patch_valid": valid}), torch.tensor([3, 7, 1]), label_smoothing=0.1)
    model.zero_grad()
    loss.backward()
    return loss, {name: value.grad for name, value in model.named_parameters()}


def gradients():
    base = naflexvit.NaFlexVitCfg(embed_dim=32, depth=2, num_heads=2, mlp_ratio=2.0, init_values=1e-5, reg_tokens=4,
                                  global_pool="avg", fc_norm=True)
    cases = {"naflexvit_base_patch16_gap": base, "naflexvit_base_patch16_par_gap": replace(base, pos_embed_ar_preserving=True),
             "naflexvit_base_patch16_parfac_gap": replace(base, pos_embed_ar_preserving=True, pos_embed="factorized"),
             "naflexvit_base_patch16_map": replace(base, reg_tokens=1, global_pool="map", fc_norm=None),
             "naflexvit_large_patch16_radio_v3": replace(
                 base, class_token=True, reg_tokens=7, global_pool="token", fc_norm=False, final_norm=False,
                 pos_embed_grid_size=(128, 128), pos_embed_interp_mode="bilinear", pos_embed_use_grid_sample=True,
                 pos_embed_ar_preserving=True)}
    grids, length = [[3, 5], [17, 1], [4, 4]], 20
    for name, cfg in cases.items():
        for side in (16, 12, 24) if name.endswith("16_gap") else (16,):
            cfg = replace(cfg, enable_patch_interpolator=side != 16)
            run = lambda dtype: step(naflexvit.NaFlexVit(cfg, num_classes=10), side, grids, length, dtype)
            (loss, grads), (single, grads32) = run(torch.float64), run(torch.float32)
            total = math.sqrt(sum(g.norm().item() ** 2 for g in grads.values()))
            noise = 0
            for n, grad in grads.items():
                (norm, dot, _), (norm32, dot32, _) = sums(grad, f"grad:{n}"), sums(grads32[n], f"grad:{n}")
                noise = max(noise, max(abs(norm - norm32), abs(dot - dot32)) / (norm + 1e-3 * total))
            yield dict(name=name, side=side, grids=grids, seq_len=length, targets=[3, 7, 1], loss=loss.item(),
                       noise=dict(loss=abs(loss.item() - single.item()), grad=noise),
                       grads={n: sums(g, f"grad:{n}")[:2] for n, g in grads.items()})


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, (list, tuple)) else value


# What is drawn decides by its last digit where it is rounded to whole numbers.
whole = dict(erasing=list(erasing()), crops=list(crops()))
result = whole | rounded(dict(mixing=list(mixing()), gradients=list(gradients())))
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "naflex.json.gz")
with gzip.GzipFile(path, "wb", mtime=0) as file:
    file.write(json.dumps(result).encode())
