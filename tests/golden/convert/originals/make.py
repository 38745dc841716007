"""Checkpoints in the forms of the original code bases, as timm's own functions load them.

For each form: names and shapes of such a file (timm's names, turned back by the rules of the form), filled by the rule
of tests/Fill.cs, and what timm's checkpoint_filter_fn makes of them. See README.md.
"""
import collections
import functools
import gzip
import hashlib
import importlib
import inspect
import json
import re
import sys

import numpy as np
import timm
import torch
from forms import CASES


def fill(name, shape):
    count = int(np.prod(shape, dtype=np.int64))
    with np.errstate(over='ignore'):
        seed = np.uint64(0xCBF29CE484222325)
        for byte in name.encode():
            seed = (seed ^ np.uint64(byte)) * np.uint64(0x100000001B3)
        z = seed + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        u = ((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float32) * np.float32(2 ** -23) - np.float32(1)
    if name.endswith('.tau'):
        u += np.float32(2)
    return torch.from_numpy(u).reshape(shape)


def shapes_of(model):
    return collections.OrderedDict((k, tuple(v.shape)) for k, v in model.state_dict().items())


def wrapped(sd, wrap):
    if callable(wrap):
        return wrap(sd)
    for key in reversed(wrap):
        sd = {key: sd}
    return sd


def measured(v):
    flat = v.contiguous().reshape(-1)
    at = np.linspace(0, len(flat) - 1, 8).astype(int)
    return [float(flat.double().mean())] + [float(flat[i]) for i in at]


def row(c):
    model = timm.create_model(c['model'], **c.get('kwargs', {}))
    source = model
    if 'file_kwargs' in c:
        source = timm.create_model(c.get('file_model', c['model']), **c['file_kwargs'])
    shapes = shapes_of(source)
    for rule in c['rules']:
        shapes = rule(shapes) or shapes
    make = (lambda n, s: torch.empty(s)) if c.get('big') else fill
    originals = collections.OrderedDict((n, make(n, s)) for n, s in shapes.items())
    given = collections.OrderedDict((n, t if c.get('big') else t.clone()) for n, t in originals.items())
    module = importlib.import_module('timm.models.' + c['name'].split('/')[0])
    filter_fn = c.get('fn') or getattr(module, 'checkpoint_filter_fn', None) or module._filter_fn
    places = {t.data_ptr(): n for n, t in given.items() if t.numel()}
    takes_model = isinstance(filter_fn, functools.partial) or len(inspect.signature(filter_fn).parameters) > 1
    out = filter_fn(wrapped(given, c.get('wrap', [])), *[model] * takes_model)
    expected = shapes_of(model)
    missing = sorted(n for n in expected if n not in out and 'num_batches' not in n)
    surplus = sorted(n for n in out if n not in expected)
    assert sorted(c.get('missing', [])) == missing, (c['name'], 'missing', missing[:9])
    assert all(re.search(c.get('surplus', '^$'), n) for n in surplus), (c['name'], 'surplus', surplus[:9])
    tensors = []
    for name, shape in expected.items():
        if name not in out or 'num_batches' in name:
            continue
        v = out[name]
        assert tuple(v.shape) == shape, (c['name'], name, v.shape, shape)
        found = places.get(v.data_ptr())
        if found and originals[found].numel() == v.numel() and v.is_contiguous() and (
                c.get('big') or torch.equal(v.reshape(-1), originals[found].reshape(-1))):
            tensors.append([name, found])
        elif re.search(c.get('near', '^$'), name):
            tensors.append([name, measured(v)])
        else:
            assert not c.get('big'), (c['name'], name)
            tensors.append([name, '', hashlib.sha256(v.contiguous().numpy().tobytes()).hexdigest()[:16]])
    wrap = c.get('wrap', [])
    result = dict(name=c['name'], model=c['model'], wrap=c['wrapped'] if callable(wrap) else wrap)
    result.update({k: c['kwargs'][k] for k in ('num_classes', 'img_size') if k in c.get('kwargs', {})})
    if c.get('inline'):
        result['structure'] = [[n, list(s)] for n, s in expected.items() if 'num_batches' not in n]
    result.update(file=[[n, list(s)] for n, s in shapes.items()], tensors=tensors, missing=missing)
    return result


if __name__ == '__main__':
    chosen, rows = sys.argv[2:], []
    for c in CASES:
        if not chosen or any(w in c['name'] for w in chosen):
            try:
                r = row(c)
                rows.append(r)
                kinds = collections.Counter(len(t) if isinstance(t[1], str) else 'near' for t in r['tensors'])
                print(c['name'], len(r['file']), dict(kinds), flush=True)
            except Exception as e:
                print('FAILED', c['name'], type(e).__name__, str(e)[:300], flush=True)
    with open(sys.argv[1], 'wb') as f, gzip.GzipFile('', 'wb', mtime=0, fileobj=f) as z:
        for r in rows:
            z.write((json.dumps(r, separators=(',', ':')) + '\n').encode())
