"""Writes the data sets of this folder and, by torchvision, what is in them (expected.json).

python3 make.py        (Python 3.11, Pillow 9.4, torchvision 0.14.1, GNU tar 1.34)
"""
import hashlib
import json
import os
import pickle
import shutil
import struct
import subprocess

import numpy as np
import torch
from PIL import Image
from torchvision import datasets

HERE = os.path.dirname(os.path.abspath(__file__))
os.chdir(HERE)
rng = np.random.RandomState(1)

CLASSES = ["ant", "bee", "cow10", "cow9"]
ORDER = ["ant", "bee", "cow9", "cow10"]          # timm's natural order
FORMATS = [("jpg", "JPEG"), ("png", "PNG")]


def clean():
    for name in ["folder", "tars", "wds", "csv", "torch"]:
        shutil.rmtree(name, ignore_errors=True)
    for name in ["set.tar", "tars.tar"]:
        if os.path.exists(name):
            os.remove(name)


def picture(c, i):
    base = rng.randint(0, 256, (4, 4, 3)).astype(np.uint8)
    base[:, :, c % 3] = 255
    return Image.fromarray(base).resize((12 + i, 10 + c), Image.BICUBIC)


def folder():
    for c, name in enumerate(CLASSES):
        os.makedirs(f"folder/{name}")
        for i in range(3):
            ending, kind = FORMATS[(c + i) % 2]
            picture(c, i).save(f"folder/{name}/{i}.{ending}", kind, quality=90)


def tar(target, where, *names):
    subprocess.run(["tar", "--sort=none", "--format=gnu", "--owner=0", "--group=0", "--numeric-owner",
                    "--mtime=2020-01-01", "-C", where, "-cf", target, *names], check=True)


def tars():
    tar("set.tar", "folder", *sorted(CLASSES))
    os.makedirs("tars")
    for name in CLASSES:
        tar(f"tars/{name}.tar", f"folder/{name}", *sorted(os.listdir(f"folder/{name}")))
    tar("tars.tar", "tars", *sorted(os.listdir("tars")))


def samples():
    """(file, label) in natural order, as timm reads the folder."""
    return [(f"folder/{c}/{f}", ORDER.index(c)) for c in ORDER for f in sorted(os.listdir(f"folder/{c}"))]


def several(i):
    """The labels of image i where there may be several: none, one, or more."""
    return sorted({(i * k) % 5 for k in range(1, 1 + i % 4)})


def wds():
    os.makedirs("wds")
    shards = [samples()[:5], samples()[5:9], samples()[9:]]
    number = 0
    for s, members in enumerate(shards):
        os.makedirs("wds/tmp")
        names = []
        for path, label in members:
            key, ending = f"{number:06d}", path.rsplit(".")[-1]
            shutil.copy(path, f"wds/tmp/{key}.{ending}")
            open(f"wds/tmp/{key}.cls", "w").write(str(label))
            on = several(number)
            fields = {"label": label, "tags": on, "dense": [float(c in on) for c in range(5)],
                      "meta": {"objects": [{"id": c} for c in on]}, "is_even": int(number % 2 == 0), "big": label > 1}
            json.dump(fields, open(f"wds/tmp/{key}.json", "w"))
            names += [f"{key}.cls", f"{key}.{ending}", f"{key}.json"]
            number += 1
        tar(f"wds/set-train-{s:04d}.tar", "wds/tmp", *names)
        shutil.rmtree("wds/tmp")
    files = [f"set-train-{s:04d}.tar" for s in range(3)]
    lengths = [len(m) for m in shards]
    info = {"name": "set", "splits": {
        "train": {"name": "train", "filenames": files, "shard_lengths": lengths, "num_samples": sum(lengths)},
        "validation": {"name": "validation", "filenames": files[:1], "shard_lengths": lengths[:1], "num_samples": 5},
        "objects": {"name": "objects", "filenames": files, "shard_lengths": lengths, "num_samples": 12,
                    "alt_label": "is_even"}}}
    json.dump(info, open("wds/_info.json", "w"), indent=1)


def csv():
    os.makedirs("csv")
    with open("csv/train.csv", "w") as f, open("csv/several.csv", "w") as g:
        f.write("file,labels\n")
        g.write("file,labels,even,first\r\n")
        for i, (path, label) in enumerate(samples()):
            f.write(f"../{path},{ORDER[label]}\n")
            on = ";".join(ORDER[c % 4] + (" big" if c == 4 else "") for c in several(i))
            g.write(f'"../{path}","{on}",{int(i % 2 == 0)},{int(i < 6)}\r\n')


def python2_pickle(data, labels, key, extra=b""):
    """A dictionary as Python 2's cPickle wrote CIFAR: protocol 2, texts and arrays as plain byte strings."""
    def text(t):
        return b"U" + bytes([len(t)]) + t.encode()
    n = data.shape[0]
    shape = b"M" + struct.pack("<H", n) if n > 255 else b"K" + bytes([n])
    raw = data.tobytes()
    array = (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01" + shape
             + b"M" + struct.pack("<H", data.shape[1]) + b"\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNN"
             + b"J\xff\xff\xff\xff" * 2 + b"K\x00tb\x89T" + struct.pack("<i", len(raw)) + raw + b"tb")
    body = text("batch_label") + text("some batch") + text(key) + b"](" + b"".join(b"K" + bytes([l]) for l in labels)
    return b"\x80\x02}(" + body + b"e" + text("data") + array + extra + b"u."


def cifar():
    place = "torch/cifar-10-batches-py"
    os.makedirs(place)
    names = [f"class{i}" for i in range(10)]
    for i, file in enumerate([f"data_batch_{k}" for k in range(1, 6)] + ["test_batch"]):
        n = 2 if i < 5 else 3
        data = rng.randint(0, 256, (n, 3072)).astype(np.uint8)
        labels = [(i * 2 + k) % 10 for k in range(n)]
        with open(f"{place}/{file}", "wb") as f:
            f.write(python2_pickle(data, labels, "labels"))
    pickle.dump({"label_names": names, "num_cases_per_batch": 2, "num_vis": 3072},
                open(f"{place}/batches.meta", "wb"), protocol=2)
    place = "torch/cifar-100-python"
    os.makedirs(place)
    for file, n in [("train", 4), ("test", 3)]:
        data = rng.randint(0, 256, (n, 3072)).astype(np.uint8)
        fine = [(97 + 7 * k) % 100 for k in range(n)]
        pickle.dump({"data": data, "fine_labels": fine, "coarse_labels": [c // 5 for c in fine], "filenames": []},
                    open(f"{place}/{file}", "wb"), protocol=2)
    pickle.dump({"fine_label_names": [f"fine{i}" for i in range(100)],
                 "coarse_label_names": [f"coarse{i}" for i in range(20)]}, open(f"{place}/meta", "wb"), protocol=2)


def idx(path, array, code=8):
    head = struct.pack(">BBBB", 0, 0, code, array.ndim) + b"".join(struct.pack(">i", n) for n in array.shape)
    with open(path, "wb") as f:
        f.write(head + array.tobytes())


def mnist(name):
    place = f"torch/{name}/raw"
    os.makedirs(place)
    for part, n in [("train", 4), ("t10k", 3)]:
        idx(f"{place}/{part}-images-idx3-ubyte", rng.randint(0, 256, (n, 28, 28)).astype(np.uint8))
        idx(f"{place}/{part}-labels-idx1-ubyte", np.array([(3 * k + n) % 10 for k in range(n)], dtype=np.uint8))


def qmnist():
    place = "torch/QMNIST/raw"
    os.makedirs(place)
    for part, n in [("train", 4), ("test", 3)]:
        idx(f"{place}/qmnist-{part}-images-idx3-ubyte", rng.randint(0, 256, (n, 28, 28)).astype(np.uint8))
        rows = np.array([[(3 * k + n) % 10, 1, 2, 3, 4, 5, 6, 7] for k in range(n)], dtype=">i4")
        idx(f"{place}/qmnist-{part}-labels-idx2-int", rows, code=12)


class Cifar10(datasets.CIFAR10):
    meta = {"filename": "batches.meta", "key": "label_names", "md5": None}
    train_list = [[f"data_batch_{k}", None] for k in range(1, 6)]
    test_list = [["test_batch", None]]


class QMNIST(datasets.QMNIST):
    """torchvision 0.14 turns the order of the numbers around instead of that of their bytes; 0.15 does not."""
    def _load_data(self):
        images, targets = super()._load_data()
        part = "train" if self.train else "test"
        with open(f"torch/QMNIST/raw/qmnist-{part}-labels-idx2-int", "rb") as f:
            rows = np.frombuffer(f.read()[12:], dtype=">i4").reshape(-1, 8)
        return images, torch.from_numpy(rows.astype(np.int64))


class Cifar100(datasets.CIFAR100):
    meta = {"filename": "meta", "key": "fine_label_names", "md5": None}
    train_list = [["train", None]]
    test_list = [["test", None]]


def rows(data):
    out = []
    for image, label in data:
        rgb = np.asarray(image.convert("RGB"))
        out.append([hashlib.sha256(rgb.tobytes()).hexdigest()[:16], list(rgb.shape[:2]), int(label)])
    return out


def expected():
    facts = {}
    for name, make in [("cifar10", Cifar10), ("cifar100", Cifar100), ("mnist", datasets.MNIST),
                       ("fashion_mnist", datasets.FashionMNIST), ("kmnist", datasets.KMNIST),
                       ("qmnist", QMNIST)]:
        for train in [True, False]:
            data = make("torch", train=train)
            facts[f"{name}/{'train' if train else 'test'}"] = {"classes": data.classes, "rows": rows(data)}
    data = datasets.ImageFolder("folder")
    facts["image_folder"] = {"classes": data.classes, "rows": rows(data)}
    facts["folder"] = {"classes": ORDER, "rows": [
        [hashlib.sha256(np.asarray(Image.open(p).convert("RGB")).tobytes()).hexdigest()[:16],
         list(Image.open(p).size[::-1]), label] for p, label in samples()]}
    facts["several"] = [several(i) for i in range(12)]
    with open("expected.json", "w") as f:
        f.write(json.dumps(facts).replace("]]}, ", "]]},\n ") + "\n")


clean()
folder()
tars()
wds()
csv()
cifar()
for one in ["MNIST", "FashionMNIST", "KMNIST"]:
    mnist(one)
qmnist()
expected()
