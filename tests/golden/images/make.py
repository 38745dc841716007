"""Makes files/ and crafted.json: one small file a format, and what Pillow makes of it. Run with Pillow and NumPy."""
import hashlib
import io
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

here = pathlib.Path(__file__).parent
W, H = 23, 17
rng = np.random.default_rng(5)
y, x = np.mgrid[0:H, 0:W]
rgb = np.stack([x * 255 // (W - 1), y * 255 // (H - 1), (x * y * 7) % 256], -1).astype(np.uint8)
alpha = rng.integers(0, 256, (H, W)).astype(np.uint8)
gray16 = (rng.integers(0, 3, (H, W)) * 200 + x * 5).astype(np.uint16)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, depth, colour, rows, interlace=0, palette=b""):
    """A PNG written by hand, for what Pillow does not write; rows carry their filter byte."""
    head = struct.pack(">IIBBBBB", W, H, depth, colour, 0, 0, interlace)
    body = chunk(b"IHDR", head) + (chunk(b"PLTE", palette) if palette else b"") + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")
    (here / "files" / name).write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def filtered(raw, above, kind, unit):
    """A row after PNG filter `kind`; `unit` bytes a pixel."""
    out = bytearray([kind])
    for i, v in enumerate(raw):
        a = raw[i - unit] if i >= unit else 0
        b = above[i] if above else 0
        c = above[i - unit] if above and i >= unit else 0
        p = a + b - c
        paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        out.append((v - [0, a, b, (a + b) // 2, paeth][kind]) & 255)
    return bytes(out)


def adam7():
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        above = None
        for n, line in enumerate(gray16[y0::dy, x0::dx]):
            raw = line.astype(">u2").tobytes()
            yield filtered(raw, above, n % 5, 2)
            above = raw


def packed(bits):
    for line in (x * ((1 << bits) - 1) // (W - 1)):
        text = "".join(format(v, f"0{bits}b") for v in line)
        text += "0" * (-len(text) % 8)
        yield b"\0" + bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))


def rows16(a):
    above = None
    for n, line in enumerate(a):
        raw = line.astype(">u2").tobytes()
        yield filtered(raw, above, n % 5, len(raw) // W)
        above = raw


def write():
    (here / "files").mkdir(exist_ok=True)
    out = lambda name: here / "files" / name
    im = Image.fromarray(rgb)
    rgba = Image.fromarray(np.dstack([rgb, alpha]))
    im.save(out("rgb.png"))
    rgba.save(out("rgba.png"))
    im.convert("L").save(out("gray.png"))
    Image.merge("LA", (im.convert("L"), Image.fromarray(alpha))).save(out("gray_alpha.png"))
    im.convert("1").save(out("bit.png"))
    palette = im.quantize(11)
    palette.save(out("palette.png"))
    palette.save(out("palette_transparent.png"), transparency=3)
    png("gray2.png", 2, 0, packed(2))
    png("gray4.png", 4, 0, packed(4))
    png("gray16.png", 16, 0, rows16(gray16))
    png("gray16_interlaced.png", 16, 0, adam7(), interlace=1)
    png("rgb16.png", 16, 2, rows16(rgb.astype(np.uint16).reshape(H, -1) * 256 + 77))
    im.save(out("444.jpg"), quality=90, subsampling=0)
    im.save(out("420_progressive.jpg"), quality=75, subsampling=2, progressive=True)
    im.convert("L").save(out("gray.jpg"))
    im.convert("CMYK").save(out("cmyk.jpg"), quality=90)
    exif = Image.Exif()
    exif[0x0112] = 6
    im.save(out("rotated.jpg"), quality=90, exif=exif)
    im.save(out("lossless.webp"), lossless=True)
    rgba.save(out("lossy_alpha.webp"), quality=80)
    im.save(out("plain.bmp"))
    palette.save(out("still.gif"))


def passes(bits):
    """The picture of indices in Adam7's seven passes, without filters."""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for line in ((x + y) % (1 << bits))[y0::dy, x0::dx]:
            text = "".join(format(v, f"0{bits}b") for v in line)
            text += "0" * (-len(text) % 8)
            yield b"\0" + bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))


def write_palettes():
    """Transparent pixels, frames that are not the screen, and indices beyond the palette."""
    out = lambda name: here / "files" / name
    palette = Image.fromarray(rgb).quantize(11)
    palette.save(out("transparent.gif"), transparency=3)
    palette.save(out("straight.gif"), interlace=0)
    Image.fromarray(rng.integers(0, 256, (90, 90)).astype(np.uint8)).convert("P").save(out("noise.gif"))
    Image.fromarray(rng.integers(0, 256, (90, 90)).astype(np.uint8)).save(out("gray.gif"))
    for name in ["still", "transparent"]:
        b = bytearray(out(f"{name}.gif").read_bytes())
        at = b.find(b"\x2c\0\0\0\0" + struct.pack("<HH", W, H))
        b[6:10] = struct.pack("<HH", W + 6, H + 4)
        b[at + 1:at + 5] = struct.pack("<HH", 2, 3)
        b[11] = 2
        out(f"{name}_part.gif").write_bytes(b)
    b = bytearray(out("still.gif").read_bytes())
    b[6:10] = struct.pack("<HH", 10, 10)
    out("larger.gif").write_bytes(b)
    b = bytearray(out("still.gif").read_bytes())
    b[10] = b[10] & ~7 | 1
    out("beyond.gif").write_bytes(b[:13 + 4 * 3] + b[13 + 16 * 3:])
    png("beyond.png", 8, 3, [b"\0" + bytes(line) for line in ((x + y) % 16).astype(np.uint8)], palette=bytes(range(24)))
    png("beyond4.png", 4, 3, passes(4), interlace=1, palette=bytes(range(30)))


def write_rotated():
    exif = Image.Exif()
    exif[0x0112] = 5
    Image.fromarray(rgb).save(here / "files" / "rotated.png", exif=exif)
    Image.fromarray(rgb).save(here / "files" / "rotated.webp", lossless=True, exif=exif)


def upright():
    """rotated.jpg with each orientation in turn."""
    b = bytearray((here / "files" / "rotated.jpg").read_bytes())
    at = b.find(b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06")
    for n in range(1, 9):
        b[at + 9] = n
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(b)))
        yield {"file": "rotated.jpg", "byte": at + 9, "orientation": n, "size": list(image.size), "sha256": sha(image)}
    for name in ["rotated.png", "rotated.webp"]:
        image = ImageOps.exif_transpose(Image.open(here / "files" / name))
        yield {"file": name, "byte": 0, "orientation": 5, "size": list(image.size), "sha256": sha(image)}


def sha(image):
    return hashlib.sha256(image.tobytes()).hexdigest()


def resized():
    """Pillow before 13 knows one order of passes only; the other is two resizes."""
    im = Image.open(here / "files" / "n03796401_moving_van.JPEG").convert("RGB")
    for name in ["box", "bilinear", "hamming", "bicubic", "lanczos"]:
        f = getattr(Image, name.upper())
        yield {"file": "n03796401_moving_van.JPEG", "filter": name, "size": [160, 40],
               "sha256": sha(im.resize((180, 40), f).resize((160, 40), f))}


write()
write_rotated()
state = rng.bit_generator.state
write_palettes()
rng.bit_generator.state = state
decoded = []
for path in sorted((here / "files").glob("*.[!J]*")):
    if path.name == "colour_input.png":
        continue
    image = Image.open(path).convert("RGB")
    decoded.append({"file": path.name, "size": list(image.size), "sha256_rgb": sha(image)})


def tiny():
    """Images that are smaller than filters, of bytes that a formula gives."""
    sizes = [((1, 1), (3, 3)), ((1, 5), (4, 9)), ((2, 3), (7, 5)), ((3, 2), (2, 9)), ((5, 4), (3, 3)), ((5, 1), (2, 6)),
             ((4, 5), (13, 11)), ((5, 5), (1, 2)), ((9, 17), (5, 12)), ((18, 6), (7, 9))]
    for (w, h), size in sizes:
        im = Image.frombytes("RGB", (w, h), bytes((i * i * 7 + i * 37 + 11) % 256 for i in range(w * h * 3)))
        for name in ("bilinear", "bicubic", "lanczos", "box", "nearest"):
            yield {"from": [w, h], "filter": name, "size": list(size),
                   "sha256": sha(im.resize(size, Image.Resampling[name.upper()]))}


rows = tuple(",\n  ".join(json.dumps(r) for r in list) for list in (decoded, resized(), upright(), tiny()))
(here / "crafted.json").write_text(
    '{"decode": [\n  %s\n], "vertical_first": [\n  %s\n], "upright": [\n  %s\n], "tiny": [\n  %s\n]}\n' % rows)


def write_jpegs():
    """Every sampling that is decoded without Skia, at sizes that leave rests."""
    (here / "jpeg").mkdir(exist_ok=True)
    sizes = [(23, 17), (16, 16), (64, 9), (5, 5), (129, 33), (257, 8)]
    for n, (w, h) in enumerate(sizes):
        noise = rng.integers(0, 256, (h, w, 3))
        smooth = np.stack([np.add.outer(np.arange(h) * 3, np.arange(w) * k) % 256 for k in (1, 2, 5)], -1)
        im = Image.fromarray(((noise + 3 * smooth) // 4).astype(np.uint8))
        for sampling in range(3):
            name = here / "jpeg" / f"{w}x{h}_{['444', '422', '420'][sampling]}.jpg"
            im.save(name, quality=[95, 30, 75][(n + sampling) % 3], subsampling=sampling, optimize=n % 2 == 1)
        im.convert("L").save(here / "jpeg" / f"{w}x{h}_gray.jpg", quality=60)


write_jpegs()
