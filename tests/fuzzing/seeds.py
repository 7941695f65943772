"""Valid inputs of the formats in which data comes, as small as they can be."""

from __future__ import annotations

import gzip
import io
import struct
from typing import Any

import numpy as np

from fuzzing.cases import Files
from real_tables import TABLES


def _idx(array: np.ndarray, code: int) -> bytes:
    sides = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, code, array.ndim]) + sides + array.tobytes()


PIXELS = _idx(np.arange(48, dtype=">u1").reshape(3, 4, 4), 0x08)
CLASSES = _idx(np.array([0, 1, 1], ">u1"), 0x08)
MEMBERS = gzip.compress(PIXELS[:30], mtime=0) + b"\0" * 9 + gzip.compress(PIXELS[30:], mtime=0)
QMNIST = _idx(np.array([[0] * 8, [1] * 8, [1] * 8], ">i4"), 0x0C)


def idx() -> dict[str, Files]:
    """Arrays of several types, some gzipped."""
    seeds = {
        "pixels": PIXELS,
        "pixels, gzipped": gzip.compress(PIXELS, mtime=0),
        "floats": _idx(np.linspace(0, 1, 6).astype(">f4").reshape(2, 3), 0x0D),
        "doubles, gzipped": gzip.compress(_idx(np.ones((2, 2), ">f8"), 0x0E), mtime=0),
        "empty": _idx(np.zeros((0, 28, 28), ">i2"), 0x0B),
        "two members, padded": MEMBERS,
    }
    return {name: {"a.idx": content} for name, content in seeds.items()}


def mapped() -> dict[str, Files]:
    """Those that can be mapped into memory."""
    return {name: files for name, files in idx().items() if files["a.idx"][:2] != b"\x1f\x8b"}


def pairs() -> dict[str, Files]:
    """Images with their labels."""
    return {
        "plain": {"images.idx": PIXELS, "labels.idx": CLASSES},
        "gzipped": {"images.idx": gzip.compress(PIXELS, mtime=0), "labels.idx": CLASSES},
        "of QMNIST": {"images.idx": MEMBERS, "labels.idx": QMNIST},
        "real": {"images.idx": _idx(np.ones((3, 2), ">f4"), 0x0D), "labels.idx": CLASSES},
    }


def idx_folders() -> dict[str, Files]:
    """The four files of a data set, by their names."""
    real = _idx(np.linspace(0, 1, 6).astype(">f4").reshape(3, 2), 0x0D)
    plain, zipped = "-ubyte", "-ubyte.gz"
    return {
        "plain": _four(PIXELS, plain),
        "gzipped": _four(gzip.compress(PIXELS, mtime=0), zipped),
        "real": _four(real, plain),
    }


def _four(images: bytes, ending: str) -> Files:
    return {
        f"train-images-idx3{ending}": images,
        "train-labels-idx1-ubyte": CLASSES,
        f"t10k-images-idx3{ending}": images,
        "t10k-labels-idx1-ubyte": CLASSES,
    }


def archives() -> dict[str, Files]:
    """Sets for classification in zip files of arrays."""
    x, t = np.linspace(-2, 2, 20).reshape(10, 2), np.arange(10) % 2
    bytes_ = np.arange(120, dtype=np.uint8).reshape(10, 4, 3)
    return {
        "single": _npz(x=x, t=t),
        "both": _npz(x_train=x, y_train=t, x_test=x[:3], y_test=t[:3]),
        "images": _npz(images=bytes_, labels=np.array(["a", "b"] * 5)),
        "one-hot, compressed": _npz(True, data=x.astype("f4", order="F"), target=np.eye(2)[t]),
    }


def archives_of_numbers() -> dict[str, Files]:
    """Sets with real targets."""
    x = np.linspace(-2, 2, 20).reshape(10, 2)
    return {
        "single": _npz(x=x, t=x[:, 0]),
        "integers": _npz(
            True, X=np.arange(30, dtype=">i2").reshape(10, 3), y=np.arange(20).reshape(10, 2)
        ),
    }


def arrays() -> dict[str, Files]:
    """Pictures in arrays: raw and divided, of one size and another, gray, in color, transparent."""
    paper = np.full((30, 24), 240, np.uint8)
    paper[6:24, 10:13] = 20
    return {
        "raw": _npz(True, x=np.stack([paper, 255 - paper])),
        "flat": _npz(True, x=np.resize(paper, (2, 784))),
        "one": _npz(True, x=np.pad(paper[:28], ((0, 0), (2, 2)), "edge").astype("f4") / 255),
        "colors": _npz(True, x=np.repeat(paper[None, :9, :7, None], 3, axis=3)),
        "transparent": _npz(True, x=np.repeat(paper[None, :, :, None], 4, axis=3)),
    }


def _npz(compressed: bool = False, **arrays: Any) -> Files:
    packed = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(packed, **arrays)
    return {"a.npz": packed.getvalue()}


def tables() -> dict[str, Files]:
    """Tables with classes in the last column."""
    rows = [f"{k / 3:.2f},{k * k},{'xy'[k % 2]}" for k in range(8)]
    comma = "\n".join(["length,width,kind", *rows]) + "\n"
    semicolon = comma.replace(",", ";").replace("\n", "\r\n")
    numbered = '\ufeff"a ""b""",c,t\n1,2,0\n"3",4,1\n\n5,6,0\n7,8,1\n9,1,1'
    texts = {"comma": comma, "semicolon": semicolon, "numbered": numbered}
    return {name: {"a.csv": text.encode()} for name, text in texts.items()}


def tables_of_numbers() -> dict[str, Files]:
    """Tables with numbers in the column ``t``."""
    text = "x\tt\n" + "\n".join(f"{k}\t{k / 7:e}" for k in range(9))
    return {"tab": {"a.csv": text.encode()}, "comma": {"a.csv": text.replace("\t", ",").encode()}}


def new_rows() -> dict[str, Files]:
    """Tables with columns ``a`` and ``b``."""
    texts = ("a,b\n1,2\n3,4\n", "c;b;a\nyes;0.5;1e3\n\n", '"b"\t"a"\r\n"1"\t-2\r\n')
    return {str(i): {"a.csv": text.encode()} for i, text in enumerate(texts)}


def real_tables() -> dict[str, Files]:
    """Tables with the traits of real ones."""
    return {name: {"a.csv": content} for name, content in TABLES.items()}


def encoded_rows() -> dict[str, Files]:
    """Tables with numbers, dates and texts in the columns ``size``, ``day`` and ``color``."""
    texts = {
        "same": "size;day;color\n1.200,5;1.2.2020;red\n;29.2.2020;green\nNA;;\n",
        "another": "color,day,size\nblue,2020-02-01,1200.5\nred,,?\n",
        "sep": 'sep=|\n"size"|"day"|"color"\n"7"|"31.12.1999"|" red "\n',
    }
    seeds = {name: {"a.csv": text.encode()} for name, text in texts.items()}
    return seeds | {"UTF-16": {"a.csv": texts["same"].encode("utf-16")}}


def pictures() -> dict[str, Files]:
    """One picture in every format, kind of color and depth; each shows some ink."""
    return {name: {"a.png": content} for name, content in _pictures().items()}


def picture_folders() -> dict[str, Files]:
    """Pictures in a folder for each class, with and without a test set."""
    made = list(_pictures().values())
    one = {f"{kind}/{k}.png": made[k + 4 * (kind == "b")] for kind in "ab" for k in range(3)}
    two = {f"{part}/{kind}/0.png": made[0] for part in ("train", "test") for kind in "ab"}
    three = {
        f"pets/{part}/{kind}/0.png": made[k]
        for k, part in enumerate(("Training", "valid", "test"))
        for kind in "ab"
    }
    return {"one set": one, "two sets": two, "three sets": three}


def _pictures() -> dict[str, bytes]:
    from PIL import Image

    gray = np.full((12, 10), 230, np.uint8)
    gray[2:10, 4:6] = np.arange(16).reshape(8, 2)
    pale = Image.fromarray(gray)
    turned = Image.Exif()
    turned[0x0112] = 6
    return {
        "gray": _file(pale, "PNG"),
        "bits": _file(pale.convert("1"), "PNG"),
        "color": _file(pale.convert("RGB"), "PNG"),
        "clear": _file(pale.convert("RGBA"), "PNG"),
        "palette": _file(pale.convert("P"), "PNG", transparency=3),
        "deep": _file(Image.fromarray(gray.astype(np.uint16) * 257), "PNG"),
        "turned": _file(pale, "JPEG", exif=turned, quality=50),
        "progressive": _file(pale.convert("RGB"), "JPEG", progressive=True, quality=30),
        "inks": _file(pale.convert("CMYK"), "JPEG", quality=30),
        "bmp": _file(pale, "BMP"),
        "bmp of colors": _file(pale.convert("RGB"), "BMP"),
        "gif": _file(pale.convert("P"), "GIF"),
        "film": _file(pale, "GIF", save_all=True, append_images=[pale.rotate(90)], duration=9),
        "webp": _file(pale.convert("RGB"), "WEBP", quality=30),
        "lossless": _file(pale.convert("RGBA"), "WEBP", lossless=True),
        "pgm": _file(pale, "PPM"),
        "ppm": _file(pale.convert("RGB"), "PPM"),
        "pbm": _file(pale.convert("1"), "PPM"),
        "pgm as text": b"P2 # ink\n4 3\n255\n" + b"200 9 200 200\n" * 3,
        "pgm of 16 bits": b"P5 4 3 65535\n" + b"\xff\0\0\1\xff\0\xff\0" * 3,
    }


def _file(image: Any, kind: str, **how: Any) -> bytes:
    packed = io.BytesIO()
    image.save(packed, kind, **how)
    return packed.getvalue()
