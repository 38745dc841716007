"""Peer of the loader benchmark: timm's training transforms in a PyTorch DataLoader of two processes.

Usage: loader.py FOLDER STAGE BATCH REPEATS, with timm's folder in the variable TIMM_PATH (several, as in PATH). Says
"ready", then answers each line with the images a second of one epoch, all photos REPEATS times. Stages: 0 decodes, 1
crops and resizes too, 2 augments too, 3 erases too.
"""
import glob
import os
import sys
import time

sys.path[:0] = os.environ.get("TIMM_PATH", "").split(os.pathsep)
import torch
from PIL import Image
from timm.data import create_transform

folder, stage, batch, repeats = sys.argv[1], *map(int, sys.argv[2:])
torch.set_num_threads(1)
arguments = [
    None,
    {"hflip": 0.0, "color_jitter": None},
    {"color_jitter": None, "auto_augment": "rand-m9-mstd0.5-inc1"},
    {"color_jitter": None, "auto_augment": "rand-m9-mstd0.5-inc1", "re_prob": 0.25, "re_mode": "pixel"},
][stage]
transform = arguments and create_transform(224, is_training=True, interpolation="bicubic", **arguments)
files = sorted(glob.glob(os.path.join(folder, "*.JPEG"))) * repeats


class Photos(torch.utils.data.Dataset):
    def __len__(self):
        return len(files)

    def __getitem__(self, index):
        image = Image.open(files[index]).convert("RGB")
        return transform(image) if transform else torch.zeros(1), 0


loader = torch.utils.data.DataLoader(
    Photos(), batch, shuffle=True, num_workers=2, drop_last=True, persistent_workers=True)
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    images = sum(len(labels) for _, labels in loader)
    print(images / (time.perf_counter() - start), flush=True)
