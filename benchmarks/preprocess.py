"""Peer of the preprocess benchmark: decode, resize, crop and normalise photos with Pillow and NumPy on one thread.

Usage: preprocess.py FOLDER ROUNDS. Says "ready", then answers each line with a line of JSON: the best time of each
stage in milliseconds, and hashes of the pixels and of the tensors, which must equal those of OnnxTimm.
"""
import hashlib
import io
import json
import os
import sys
import time

import numpy as np
import PIL
from PIL import Image

SIZE, SHORT = 224, 256
MEAN = np.array([0.485, 0.456, 0.406], np.float32).reshape(3, 1, 1)
STD = np.array([0.229, 0.224, 0.225], np.float32).reshape(3, 1, 1)


def decode(files):
    return [Image.open(io.BytesIO(f)).convert("RGB") for f in files]


def resize(images):
    result = []
    for image in images:
        w, h = image.size
        size = (SHORT, int(SHORT * h / w)) if w <= h else (int(SHORT * w / h), SHORT)
        image = image.resize(size, Image.BICUBIC)
        left, top = (int(round((s - SIZE) / 2.0)) for s in size)
        result.append(image.crop((left, top, left + SIZE, top + SIZE)))
    return result


def normalise(images):
    result = []
    for image in images:
        planes = np.asarray(image).transpose(2, 0, 1).astype(np.float32)
        planes /= np.float32(255)
        planes -= MEAN
        planes /= STD
        result.append(planes)
    return result


def best(rounds, work, value):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = work(value)
        times.append(time.perf_counter() - start)
    return result, 1000 * min(times)


def main(folder, rounds):
    files = [open(os.path.join(folder, n), "rb").read() for n in sorted(os.listdir(folder)) if n.endswith(".JPEG")]
    images, decoding = best(rounds, decode, files)
    crops, resizing = best(rounds, resize, images)
    tensors, normalising = best(rounds, normalise, crops)
    _, whole = best(rounds, lambda f: normalise(resize(decode(f))), files)
    print(json.dumps({
        "Name": f"Pillow {PIL.__version__} + NumPy {np.__version__}",
        "Images": len(files), "Decode": decoding, "Resize": resizing,
        "Both": resizing + normalising, "All": whole,
        "Pixels": hashlib.sha256(b"".join(c.tobytes() for c in crops)).hexdigest(),
        "Tensors": hashlib.sha256(b"".join(np.ascontiguousarray(t).tobytes() for t in tensors)).hexdigest()}), flush=True)


print("ready", flush=True)
for _ in sys.stdin:
    main(sys.argv[1], int(sys.argv[2]))
