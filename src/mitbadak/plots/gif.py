"""Frames as an animated GIF.

Matplotlib's ``PillowWriter`` is not used: it redraws the whole figure for every frame and gives
each a palette, which makes films 5 to 6 times larger and takes an order of magnitude longer.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

GIF_FRAMES, GIF_BYTES, GIF_DPI = 60, 2_000_000, 80
FRAME_MS, LAST_FRAME_MS = 90, 2500


def canvas_image(canvas: Any) -> Image.Image:
    """What an Agg canvas shows, without its transparency."""
    return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())


def gif_of(frames: Sequence[Image.Image]) -> bytes:
    """A GIF that loops, holds its last frame, and has at most ``GIF_BYTES``.

    Args:
        frames: of one size. Every other one is left out until the GIF is small enough. All have
            one palette, so that no color flickers.

    Example:
        >>> frame = Image.new("RGB", (4, 4), "red")
        >>> gif_of([frame, frame])[:6]
        b'GIF89a'
    """
    common = _common_colors([frames[k * (len(frames) - 1) // 3] for k in range(4)])
    indexed = [_indexed(frame, common) for frame in frames]
    content = _written(indexed)
    while len(content) > GIF_BYTES and len(indexed) > 2:
        indexed = [*indexed[:-1:2], indexed[-1]]
        content = _written(indexed)
    return content


def _common_colors(frames: Sequence[Image.Image]) -> np.ndarray:
    """The commonest colors of some frames, in order: mixed ones would tint areas and white.

    One of 256 is left free: Pillow makes it transparent, where a frame is like the one before.
    """
    colors, counts = np.unique(np.concatenate([*map(_packed, frames)]), return_counts=True)
    return np.sort(colors[np.argsort(-counts, kind="stable")[:255]])


def _packed(frame: Image.Image) -> np.ndarray:
    """The color of each pixel as one number."""
    return np.asarray(frame).reshape(-1, 3).astype(np.int32) @ np.array([65536, 256, 1], np.int32)


def _indexed(frame: Image.Image, common: np.ndarray) -> Image.Image:
    """A frame in these colors: each pixel in its own, or else in the nearest."""
    palette = Image.new("P", (1, 1))
    palette.putpalette(
        np.stack([common >> 16, common >> 8 & 255, common & 255], 1).ravel().tolist()
    )
    nearest = np.array(frame.quantize(palette=palette, dither=Image.Dither.NONE))
    own, packed = nearest.reshape(-1), _packed(frame)  # Pillow's nearest ignores the lowest bits
    place = np.searchsorted(common, packed).clip(max=len(common) - 1)
    own[:] = np.where(common[place] == packed, place, own)
    indexed = Image.fromarray(nearest)
    indexed.putpalette(palette.getpalette() or [])
    return indexed


def _written(frames: Sequence[Image.Image]) -> bytes:
    times = [FRAME_MS] * (len(frames) - 1) + [LAST_FRAME_MS]
    content = io.BytesIO()
    first, *others = frames
    first.save(content, "gif", save_all=True, append_images=others, duration=times, loop=0)
    return content.getvalue()
