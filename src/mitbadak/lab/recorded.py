"""What a view has shown, as one HTML file that needs no server: to mail, to keep, to hand in."""

from __future__ import annotations

import base64
import datetime
import gzip
import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from mitbadak.lab.assets import Asset, recording_files
from mitbadak.lab.wire import Frame, packed

T = TypeVar("T")

MOST_MOMENTS, FEWEST_MOMENTS = 120, 10
MOST_BYTES = 12 << 20  # of all frames, before they are compressed
POLICY = (
    "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)
PAGE = """\
<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Mitbadak</title>
<style>{style}</style>
</head>
<body>
<div id="lab"></div>
<noscript>This recording needs JavaScript. 이 기록을 보려면 JavaScript가 필요합니다.</noscript>
<script type="text/plain" id="recording">{data}</script>
<script>{script}</script>
</body>
</html>
"""


class Recorded(NamedTuple):
    """What a page would have been sent.

    Attributes:
        view: its name.
        opening: the frames that any page gets first, its settings among them.
        moments: epochs so far, and the frames that show this moment; in order.
        code: the experiment as Python, or "".
    """

    view: str
    opening: Sequence[Frame]
    moments: Sequence[tuple[float, Sequence[Frame]]] = ()
    code: str = ""


def spread(count: int, nbytes: int) -> list[int]:
    """Which of many moments to take, so that a file stays small: evenly, with the first and last.

    Args:
        count: how many there are.
        nbytes: about how large each is.

    Returns:
        Their numbers, in order; at most 120, fewer of large ones.

    Example:
        >>> spread(5, 1000), len(spread(400, 1000)), len(spread(400, 1 << 20))
        ([0, 1, 2, 3, 4], 120, 12)
    """
    most = min(MOST_MOMENTS, max(FEWEST_MOMENTS, MOST_BYTES // max(1, nbytes)))
    if count <= most:
        return list(range(count))
    return [round(k * (count - 1) / (most - 1)) for k in range(most)]


def nbytes_of(frames: Sequence[Frame]) -> int:
    """How large frames are, without what describes them."""
    return sum(len(buffer) for frame in frames for buffer in frame.buffers)


class Film:
    """Frames of a training that goes on, kept as far apart as there is room for.

    When there are too many, every second one goes, and from then on they are kept as far apart as
    those that remain. The first and the last are always there.

    Attributes:
        moments: epochs so far, and the frames that show this moment; in order.

    Example:
        >>> film = Film()
        >>> for epoch in range(1000):
        ...     film.add(epoch, [Frame({"type": "moment"})])
        >>> film.moments[0][0], film.moments[-1][0], len(film.moments) <= MOST_MOMENTS
        (0, 999, True)
    """

    def __init__(self) -> None:
        self.moments: list[tuple[float, list[Frame]]] = []
        self.spacing = 0.0

    def add(self, at: float, frames: list[Frame]) -> None:
        """Add a moment, after those that are there."""
        before = [kept for kept, _ in self.moments[-2:]]
        if before and (at <= before[-1] or 0 < before[-1] - before[0] < self.spacing):
            self.moments.pop()  # the same moment again, or only there as the last
        self.moments.append((at, frames))
        most = len(spread(MOST_MOMENTS, nbytes_of(frames)))
        if len(self.moments) > most:
            self.spacing = 2 * (at - self.moments[0][0]) / most
            self.moments = thinned(self.moments, lambda moment: moment[0], self.spacing)


def thinned(moments: list[T], position: Callable[[T], float], spacing: float) -> list[T]:
    """The first moment, the last, and of those between them what is far enough from the one before.

    Args:
        moments: at least two, in order.
        position: where each is.
        spacing: between two that stay.

    Example:
        >>> thinned([0, 1, 2, 3, 4, 5], float, 2)
        [0, 2, 4, 5]
    """
    kept = moments[:1]
    for other in moments[1:-1]:
        if position(other) - position(kept[-1]) >= spacing:
            kept.append(other)
    return [*kept, moments[-1]]


def html_of(recorded: Recorded, lang: str, files: dict[str, Asset] | None = None) -> bytes:
    """The file: script, styles and frames in one; it loads nothing and sends nothing.

    Args:
        recorded: what to show.
        lang: ``en`` or ``ko``, in which it opens; its reader may change that.
        files: the built script and styles, by default those of the package.

    Raises:
        MissingAssetsError: they have not been built.
    """
    files = recording_files() if files is None else files
    script = files["lab.js"].content.decode().replace("</script", "<\\/script")
    style = files["lab.css"].content.decode()
    data = base64.b64encode(gzip.compress(_in_one_frame(recorded, lang), mtime=0)).decode()
    policy = POLICY.format(script=_digest(script), style=_digest(style))
    parts = {"lang": lang, "policy": policy, "style": style, "data": data, "script": script}
    return PAGE.format(**parts).encode()


def _in_one_frame(recorded: Recorded, lang: str) -> bytes:
    frames = [*recorded.opening, *(f for _, frames in recorded.moments for f in frames)]
    content = {
        "type": "recording",
        "view": recorded.view,
        "lang": lang,
        "made": datetime.date.today().isoformat(),
        "code": recorded.code,
        "opening": len(recorded.opening),
        "moments": [[at, len(frames)] for at, frames in recorded.moments],
    }
    return packed(Frame(content, tuple(packed(frame) for frame in frames)))


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
