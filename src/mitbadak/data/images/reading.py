"""Image files from untrusted sources, as pixels: sizes are checked before they are decoded."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import FormatError, known
from mitbadak.core.file_errors import missing_file
from mitbadak.core.typing import Array, UInt8

# Formats that need no external programs and no nested containers. Others that Pillow knows are
# refused.
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "PPM")
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".pbm")
MOST_FILE_BYTES = 1 << 28  # 256 MiB for one file
MOST_PIXELS = 64_000_000  # 256 MB as RGBA; more than any common camera has
MOST_SIDE = 65_535  # the largest side in JPEG and GIF; Pillow keeps a pointer for each row
# Pillow's decoders written in Python, which take up to a second for a megapixel.
SLOW_DECODERS, MOST_SLOW_PIXELS = {"bmp_rle", "ppm", "ppm_plain"}, 2_000_000
WHITE = 255
COLORS = {"gray": "L", "rgb": "RGB"}  # what pixels may become, with Pillow's names
PAPERS = ("auto", "white", "black")  # what transparent pixels may be put on
CLEAR = 0.3  # share of transparent pixels from which on what is left counts as a drawing
SEEN = 64  # of 255: alpha from which on a pixel is seen
LOOK = 64  # pixels of the longer side, for a look at the colors
GRAYISH = 24  # of 255: how far the three may differ in a gray that JPEG has rounded
LIGHT = 191  # of 255: the mean tone from which on a drawing would hardly be seen on white
SIXTEEN_TO_EIGHT = 257  # 65535 / 255
STRIP = 1 << 20  # number of 16-bit pixels that are scaled at a time
COSTLY = (
    # The first bytes of a file, the marker of a part that is cheap to write but expensive to
    # decode, the largest number of such parts, and their name. EXIF notes are joined one by one,
    # each scan of a JPEG visits all pixels, each profile of a PNG is unpacked, and after each
    # comment the rest of a text is copied. The two-byte marker of scans also occurs by chance.
    (b"\xff\xd8", b"Exif\0\0", 100, "camera's notes (EXIF)"),
    (b"\xff\xd8", b"\xff\xda", 100, "scans"),
    (b"\x89PNG", b"iCCP", 10, "color profiles"),
    *((kind, b"#", 1000, "comments") for kind in (b"P1", b"P2", b"P3")),
)
BY_CHANCE = 1 << 14  # bytes of content that allow for one more two-byte marker


@dataclass(frozen=True)
class Picture:
    """A decoded image file.

    Attributes:
        pixels: bytes of shape (height, width), or (height, width, 3) in color.
        has_color: whether the file has pixels that are not gray.
        clear: share of its pixels that are transparent.
        light: whether what is not transparent is so light that white paper would hide it.
    """

    pixels: UInt8[Array, "height width *channels"]
    has_color: bool
    clear: float
    light: bool

    @property
    def is_light_drawing(self) -> bool:
        """Whether the picture is a light drawing on a transparent ground."""
        return self.light and self.clear >= CLEAR


@explained
def read_image(
    path: str | os.PathLike[str], *, color: str = "gray", paper: str = "auto"
) -> UInt8[Array, "height width *channels"]:
    """The pixels of an image file, 0 black and 255 white.

    Colors become gray by the weights of ITU-R BT.601 (0.299, 0.587, 0.114) unless they are asked
    for. Of an animation the first frame is taken, and the EXIF orientation is applied.

    Args:
        path: a PNG, JPEG, BMP, GIF, WebP or PNM file, recognized by its content, not by its name.
        color: ``gray``, or ``rgb`` for three numbers per pixel.
        paper: what transparent pixels are put on: ``white``, ``black``, or ``auto``: white, but
            black under a drawing that white would hide, such as white strokes.

    Returns:
        Shape (height, width), or (height, width, 3) for ``rgb``.

    Raises:
        FormatError: the file has another format, is damaged or truncated, or exceeds
            ``MOST_PIXELS`` or 256 MiB.
        FileNotFoundError: the file does not exist.
        UnknownNameError: the color or the paper is unknown.

    Example:
        >>> import tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Image.new("RGBA", (3, 2), (0, 0, 0, 0)).save(Path(folder) / "clear.png")
        ...     read_image(Path(folder) / "clear.png")
        array([[255, 255, 255],
               [255, 255, 255]], dtype=uint8)
    """
    known("color", color, COLORS)
    known("paper", paper, dict.fromkeys(PAPERS))
    path = Path(path)
    if path.is_dir():
        raise FormatError(f"{path} is a folder; an image file was expected.")
    if not path.is_file():
        raise missing_file(path)
    if path.stat().st_size > MOST_FILE_BYTES:
        raise FormatError(f"{path} is larger than {MOST_FILE_BYTES >> 20} MiB.")
    # Decoded from memory: reading from a file would allocate whatever length a damaged one claims.
    return decode(path.read_bytes(), path, color=color, paper=paper).pixels


def decode(
    content: bytes, path: str | os.PathLike[str], *, color: str = "gray", paper: str = "auto"
) -> Picture:
    """``read_image`` of a file's content; ``path`` is for messages."""
    from PIL import Image

    if costly := _costly(content):
        raise FormatError(f"{path} has {costly}. Save it again with an image editor.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as those about EXIF data that is not used
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                width, height = image.size
                if width * height > MOST_PIXELS:
                    raise Image.DecompressionBombError(f"{width} x {height} pixels")
                if problem := _unwieldy(width, height, [tile[0] for tile in image.tile]):
                    raise ValueError(problem)
                return _flat(_upright(image), color, paper)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise FormatError(
            f"{path} is larger than the limit of {MOST_PIXELS:,} pixels: {problem}. Scale it down."
        ) from None
    except Image.UnidentifiedImageError:
        raise FormatError(
            f"{path} is damaged, or not an image in a supported format ({', '.join(FORMATS)})."
        ) from None
    except Exception as problem:  # a decoder may raise anything on untrusted bytes
        raise FormatError(
            f"{path} is a damaged image: {type(problem).__name__}: {problem}"
        ) from None


def as_read(
    pixels: UInt8[Array, "height width *channels"], *, color: str = "gray", paper: str = "auto"
) -> UInt8[Array, "height width *more"]:
    """Pixels in memory as ``read_image`` reads them from a file that holds them.

    Args:
        pixels: gray, shape (height, width) or (height, width, 1); with 2 channels gray and opacity,
            with 3 red, green and blue, with 4 these and opacity.
        color, paper: as for ``read_image``.

    Returns:
        Shape (height, width), or (height, width, 3) for ``rgb``.

    Example:
        >>> as_read(np.array([[[0, 255], [0, 0]]], np.uint8))
        array([[  0, 255]], dtype=uint8)
    """
    from PIL import Image

    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    return _flat(Image.fromarray(np.ascontiguousarray(pixels)), color, paper).pixels


def _costly(content: bytes) -> str:
    """Too many parts that would keep a decoder busy for minutes, or ""."""
    for start, part, most, name in COSTLY:
        if len(part) == 2:
            most += len(content) // BY_CHANCE
        if content.startswith(start) and content.count(part) > most:
            return f"more than {most:,} {name}"
    return ""


def _unwieldy(width: int, height: int, decoders: list[str]) -> str:
    """A size that would cost far more than its number of pixels suggests, or ""."""
    if max(width, height) > MOST_SIDE:
        return f"{width} x {height} pixels; no side may have more than {MOST_SIDE:,}"
    if width * height > MOST_SLOW_PIXELS and set(decoders) & SLOW_DECODERS:
        return (
            f"{width} x {height} pixels in a format that is slow to read, with a limit of "
            f"{MOST_SLOW_PIXELS:,}. Save it as PNG"
        )
    return ""


def _upright(image: Any) -> Any:
    """The picture with its EXIF orientation applied; a damaged EXIF block is ignored."""
    from PIL import ImageOps

    image.load()  # a truncated picture must raise here, not pass for a bad EXIF block
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # the EXIF reader may raise anything; the pixels are intact
        return image


def _flat(image: Any, color: str, paper: str) -> Picture:
    """The picture without transparency, in gray or in color."""
    from PIL import Image

    if image.mode == "F":
        raise ValueError("pixels are floating-point numbers without a known range")
    if image.mode.startswith("I"):  # 16 bits; convert("L") would clip at 255
        gray = _eight_bits(np.asarray(image))
        pixels = np.repeat(gray[..., None], 3, axis=-1) if color == "rgb" else gray
        return Picture(pixels, has_color=False, clear=0.0, light=False)
    clear, light = 0.0, False
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        clear, light = _seen(image)
        is_dark = paper == "black" or (paper == "auto" and light and clear >= CLEAR)
        tone = 0 if is_dark else WHITE
        ground = Image.new("RGBA", image.size, (tone, tone, tone, WHITE))
        image = Image.alpha_composite(ground, image)
    pixels = np.asarray(image.convert(COLORS[color])).copy()
    return Picture(pixels, _has_color(image), clear, light)


def _seen(image: Any) -> tuple[float, bool]:
    """The share of transparent pixels, and whether the others are light."""
    alpha = image.getchannel("A")
    counts = np.array(alpha.histogram())
    total = image.width * image.height
    tones = image.convert("L").histogram(alpha.point([0] * SEEN + [WHITE] * (256 - SEEN)))
    seen = sum(tones)
    light = seen > 0 and np.dot(tones, np.arange(256)) / seen > LIGHT
    return float(counts[:SEEN].sum() / total), bool(light)


def _has_color(image: Any) -> bool:
    """Whether some pixel is not gray; a JPEG's rounding does not count."""
    if image.mode in ("1", "L", "LA", "La"):
        return False
    small = image.resize((min(image.width, LOOK), min(image.height, LOOK)), resample=0)
    pixels = np.asarray(small.convert("RGB"), np.int16)
    return bool(np.ptp(pixels, axis=-1).max() > GRAYISH)


def _eight_bits(deep: np.ndarray) -> UInt8[Array, "height width"]:
    """16-bit pixels as bytes, rounded to the nearest."""
    gray = np.empty(deep.shape, np.uint8)
    rows = max(1, STRIP // deep.shape[1])
    for top in range(0, len(deep), rows):
        strip = np.clip(deep[top : top + rows].astype(np.int64), 0, WHITE * SIXTEEN_TO_EIGHT)
        gray[top : top + rows] = (strip + SIXTEEN_TO_EIGHT // 2) // SIXTEEN_TO_EIGHT
    return gray
