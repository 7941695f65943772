"""Untrusted images are read correctly, or refused by name before they do harm."""

from __future__ import annotations

import contextlib
import struct
import tracemalloc
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mitbadak.core.errors import FormatError, UnknownNameError
from mitbadak.data.images import read_image
from mitbadak.data.images.reading import MOST_PIXELS, decode


@pytest.fixture
def gray(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 256, (7, 5), dtype=np.uint8)


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "pgm", "webp"])
def test_every_format_without_losses_gives_the_same_pixels(
    suffix: str, gray: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(gray).save(path, lossless=True)
    assert np.abs(read_image(path).astype(int) - gray).max() <= (1 if suffix == "webp" else 0)


def test_a_jpeg_is_near_what_was_saved(tmp_path: Path) -> None:
    smooth = np.tile(np.arange(0, 250, 5, dtype=np.uint8), (40, 1))
    Image.fromarray(smooth).save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read_image(tmp_path / "a.jpg").astype(int) - smooth).max() < 8


def test_the_format_is_recognized_by_content_not_by_name(gray: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(gray).save(tmp_path / "a.jpg", format="PNG")
    assert np.array_equal(read_image(tmp_path / "a.jpg"), gray)


def test_colors_become_gray_by_their_brightness(tmp_path: Path) -> None:
    Image.fromarray(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)).save(
        tmp_path / "a.png"
    )
    assert read_image(tmp_path / "a.png").tolist() == [[76, 150, 29]]  # 255 x 0.299, 0.587, 0.114


def test_transparent_pixels_are_put_on_white(tmp_path: Path) -> None:
    rgba = np.array([[[0, 0, 0, 0], [0, 0, 0, 255], [0, 0, 0, 128]]], np.uint8)
    Image.fromarray(rgba).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").tolist() == [[255, 0, 127]]
    Image.fromarray(np.array([[[9, 0], [9, 255]]], np.uint8), "LA").save(tmp_path / "la.png")
    assert read_image(tmp_path / "la.png").tolist() == [[255, 9]]


def strokes(tone: int, hidden: int, share: float = 0.2) -> Image.Image:
    """Opaque pixels of one tone on a transparent ground that hides another."""
    rgba = np.full((20, 10, 4), hidden, np.uint8)
    rgba[: round(20 * share), :, :3] = tone
    rgba[..., 3] = 0
    rgba[: round(20 * share), :, 3] = 255
    return Image.fromarray(rgba)


@pytest.mark.parametrize("hidden", [0, 128, 255])
@pytest.mark.parametrize(
    ("tone", "share", "paper"),
    [(255, 0.2, 0), (230, 0.5, 0), (0, 0.2, 255), (120, 0.2, 255), (180, 0.2, 255),
     (255, 0.95, 255)],
)  # fmt: skip
def test_the_paper_shows_a_light_drawing(
    tone: int, share: float, paper: int, hidden: int, tmp_path: Path
) -> None:
    """The last is a page with a clear edge, which is not a drawing."""
    strokes(tone, hidden, share).save(tmp_path / "a.png")
    assert set(read_image(tmp_path / "a.png")[-1]) == {paper}
    assert set(read_image(tmp_path / "a.png", paper="white")[-1]) == {255}
    assert set(read_image(tmp_path / "a.png", paper="black")[-1]) == {0}
    assert set(read_image(tmp_path / "a.png")[0]) == {tone}


@pytest.mark.parametrize("mode", ["LA", "P"])
def test_so_it_does_in_each_mode_with_transparency(mode: str, tmp_path: Path) -> None:
    image = strokes(255, 0)
    if mode == "P":
        image = Image.fromarray(np.where(np.asarray(image)[..., 3] > 0, 1, 0).astype(np.uint8), "P")
        image.putpalette([0, 0, 0, 255, 255, 255])
        image.save(tmp_path / "a.png", transparency=0)
    else:
        image.convert(mode).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png")[[0, -1], 0].tolist() == [255, 0]


def test_colors_are_kept_where_asked_for(tmp_path: Path, rng: np.random.Generator) -> None:
    colors = rng.integers(0, 256, (4, 3, 3), dtype=np.uint8)
    Image.fromarray(colors).save(tmp_path / "a.png")
    assert np.array_equal(read_image(tmp_path / "a.png", color="rgb"), colors)
    for name, image in (("gray", colors[..., 0]), ("deep", colors[..., 0].astype(np.uint16) * 257)):
        Image.fromarray(image).save(tmp_path / f"{name}.png")
        seen = read_image(tmp_path / f"{name}.png", color="rgb")
        assert np.array_equal(seen, np.repeat(colors[..., :1], 3, axis=-1))
    with pytest.raises(UnknownNameError, match="unknown color 'RGB'; did you mean 'rgb'"):
        read_image(tmp_path / "a.png", color="RGB")
    with pytest.raises(UnknownNameError, match="unknown paper"):
        read_image(tmp_path / "a.png", paper="transparent")


def test_whether_a_file_has_colors(tmp_path: Path) -> None:
    tones = np.tile(np.arange(250, dtype=np.uint8), (250, 1))
    for name, image, has_color in (
        ("gray.png", Image.fromarray(tones), False),
        ("gray as rgb.png", Image.fromarray(tones).convert("RGB"), False),
        ("gray.jpg", Image.fromarray(tones).convert("RGB"), False),
        ("palette.png", Image.fromarray(tones).convert("P"), False),
        ("red.png", Image.new("RGB", (300, 2), (200, 90, 90)), True),
        ("red.gif", Image.new("RGB", (300, 2), (200, 90, 90)).convert("P"), True),
    ):
        image.save(tmp_path / name)
        assert decode((tmp_path / name).read_bytes(), name).has_color == has_color


def test_a_palette_is_looked_up_and_its_clear_entry_is_white(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "P")
    image.putpalette([200, 200, 200, 10, 10, 10, 0, 0, 0])
    image.save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").tolist() == [[200, 10, 0]]
    image.save(tmp_path / "clear.png", transparency=2)
    assert read_image(tmp_path / "clear.png").tolist() == [[200, 10, 255]]


def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path) -> None:
    deep = np.array([[0, 257, 32896, 65535]], np.uint16)
    Image.fromarray(deep).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").tolist() == [[0, 1, 128, 255]]


def test_one_bit_is_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").tolist() == [[255, 0]]


def test_the_exif_orientation_is_applied(gray: np.ndarray, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turn clockwise by 90 degrees
    Image.fromarray(gray).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read_image(tmp_path / "a.png"), np.rot90(gray, -1))


def test_of_an_animation_the_first_frame_is_read(tmp_path: Path) -> None:
    first, second = (Image.new("L", (4, 3), tone) for tone in (40, 200))
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    assert (read_image(tmp_path / "a.gif") == 40).all()


def png_of(width: int, height: int) -> bytes:
    """A PNG that announces a size but holds next to nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


@pytest.mark.parametrize("width", [8001, 9400, 20_000, 2**31 - 1])
def test_a_bomb_is_refused_by_its_header(
    width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    (tmp_path / "bomb.png").write_bytes(png_of(width, 8000 if width < 2**20 else width))
    with pytest.raises(
        FormatError, match=rf"bomb\.png is larger than the limit of {MOST_PIXELS:,}"
    ):
        read_image(tmp_path / "bomb.png")


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp"])
def test_a_truncated_file_is_refused_by_name(
    suffix: str, rng: np.random.Generator, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(rng.integers(0, 256, (40, 40), dtype=np.uint8)).save(path)
    content = path.read_bytes()
    for length in (0, 1, 10, len(content) // 4, len(content) // 2, len(content) * 3 // 4):
        path.write_bytes(content[:length])
        with pytest.raises(FormatError, match=f"a.{suffix} is "):
            read_image(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp", "pgm"])
def test_changed_bytes_give_a_picture_or_a_clear_error(
    suffix: str, rng: np.random.Generator, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(rng.integers(0, 256, (9, 9), dtype=np.uint8)).save(path)
    content = np.frombuffer(path.read_bytes(), np.uint8)
    for _ in range(60):
        changed = content.copy()
        changed[rng.integers(0, len(changed), 3)] = rng.integers(0, 256, 3)
        path.write_bytes(changed.tobytes())
        with contextlib.suppress(FormatError):
            assert read_image(path).dtype == np.uint8


def test_the_announced_length_of_a_chunk_is_not_allocated(tmp_path: Path) -> None:
    path = tmp_path / "long.png"
    Image.new("L", (4, 3), 9).save(path)
    content = bytearray(path.read_bytes())
    at = content.index(b"IDAT")
    content[at - 4 : at] = (500_000_000).to_bytes(4, "big")
    path.write_bytes(content)
    with contextlib.suppress(FormatError):
        read_image(path)  # without the traced memory, so that imports do not count
    tracemalloc.start()
    with contextlib.suppress(FormatError):
        read_image(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def _jpeg_with(part: bytes, times: int) -> bytes:
    packed = BytesIO()
    Image.new("L", (8, 8), 200).save(packed, "JPEG")
    content = packed.getvalue()
    return content[:2] + part * times + content[2:]


EXIF = b"\xff\xe1\0\x0aExif\0\0MM"


def _bmp_of_runs(width: int, height: int) -> bytes:
    sizes = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, 0, 0, 0, 256, 256)
    palette = b"".join(bytes([gray, gray, gray, 0]) for gray in range(256))
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 54 + 1024) + sizes + palette + b"\x02\x07\0\1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_jpeg_with(EXIF, 200), "more than 100 camera's notes"),
        (_jpeg_with(b"\xff\xd9" + EXIF, 200), "more than 100 camera's notes"),
        (_jpeg_with(b"\xff\xda\0\x08\1\1\0\0?\0", 150), "more than 100 scans"),
        (b"\x89PNG" + b"iCCP" * 20, "more than 10 color profiles"),
        (b"P2 2 2 9\n" + b"#\n" * 2000 + b"1 1 1 1", "more than 1,000 comments"),
        (_bmp_of_runs(5000, 5000), "5000 x 5000 pixels in a format that is slow to read"),
        (b"P5 3000 3000 254\n", "is slow to read"),
        (b"P1 3000 3000\n", "is slow to read"),
        (b"P4 80000 2\n" + bytes(20000), "no side may have more than 65,535"),
        (b"P4 2 80000\n" + bytes(80000), "no side may have more than 65,535"),
    ],
    ids=[
        "notes", "notes after an end", "scans", "profiles", "comments",
        "runs", "own gray levels", "text", "wide", "tall",
    ],
)  # fmt: skip
def test_images_that_would_occupy_a_decoder_for_minutes_are_refused(
    content: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "slow.image"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=message):
        read_image(path)


def test_a_run_length_encoded_bmp_is_read(tmp_path: Path) -> None:
    path = tmp_path / "small.bmp"
    path.write_bytes(_bmp_of_runs(2, 1))
    assert read_image(path).tolist() == [[7, 7]]


def test_a_few_notes_and_comments_are_read(tmp_path: Path) -> None:
    path = tmp_path / "noted.jpg"
    path.write_bytes(_jpeg_with(EXIF, 20))
    assert read_image(path).shape == (8, 8)
    path.write_bytes(b"P2 2 1 9\n" + b"# a # b\n" * 20 + b"0 9 # c\n")
    assert read_image(path).tolist() == [[0, 255]]


def test_a_file_beyond_the_limit_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.png"
    Image.new("L", (4, 3), 9).save(path)
    monkeypatch.setattr("mitbadak.data.images.reading.MOST_FILE_BYTES", 10)
    with pytest.raises(FormatError, match="larger than"):
        read_image(path)


@pytest.mark.parametrize("kind", ["TIFF", "ICO", "TGA"])
def test_formats_beyond_the_list_are_refused(kind: str, tmp_path: Path) -> None:
    Image.new("L", (4, 4)).save(tmp_path / "a.png", format=kind)
    with pytest.raises(FormatError, match="not an image in a supported format"):
        read_image(tmp_path / "a.png")


def test_folders_and_missing_files_are_reported(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.png is missing"):
        read_image(tmp_path / "none.png")
    with pytest.raises(FormatError, match="is a folder"):
        read_image(tmp_path)
