"""One hostile input, given to one reader, and the judgment on what happened."""

from __future__ import annotations

import functools
import shutil
import stat
import struct
import traceback
import tracemalloc
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mitbadak.core.errors import MitbadakError, MitbadakWarning

Files = dict[str, bytes]

TIMES_ITS_SIZE = 10  # how much memory an input of many bytes may take
ALLOWANCE = 16 << 20  # and one of few: gzip of 8 KiB may hold 8 MiB, and is read in chunks of 1 MiB
MOST_BYTES = 8 << 10  # of an input: nothing that is checked needs a long one


@dataclass(frozen=True)
class Reader:
    """A way into the house for files that somebody else made.

    Attributes:
        name: for the command line and the reports.
        make: makes valid inputs by name, each the files that make it up.
        read: reads from a folder that holds such files.
        refusals: what it may raise.
        rewrites: whether what it accepts may change the files (what it refuses never may).
        allowance: bytes that it may take besides ``TIMES_ITS_SIZE`` times the input.
    """

    name: str
    make: Callable[[], dict[str, Files]]
    read: Callable[[Path], object]
    refusals: tuple[type[Exception], ...] = (MitbadakError, OSError)
    rewrites: bool = False
    allowance: int = ALLOWANCE

    @functools.cached_property
    def seeds(self) -> dict[str, Files]:
        """The valid inputs."""
        return self.make()

    @functools.cached_property
    def parts(self) -> tuple[str, ...]:
        """The names of its files."""
        return tuple(dict.fromkeys(name for files in self.seeds.values() for name in files))

    def pack(self, files: Mapping[str, bytes]) -> bytes:
        """The files as one: a single file as it is, more of them one after another."""
        if len(self.parts) == 1:
            return files.get(self.parts[0], b"")
        return b"".join(
            struct.pack(">BI", self.parts.index(name), len(content)) + content
            for name, content in files.items()
        )

    def unpack(self, packed: bytes) -> Files:
        """The files in what ``pack`` made; of anything else, as many as make sense."""
        if len(self.parts) == 1:
            return {self.parts[0]: packed}
        files: Files = {}
        while len(packed) >= 5:
            which, length = struct.unpack_from(">BI", packed)
            files[self.parts[which % len(self.parts)]] = packed[5 : 5 + length]
            packed = packed[5 + length :]
        return files


@dataclass(frozen=True)
class Outcome:
    """What happened when an input was read.

    Attributes:
        wrong: what must not have happened, or "".
        place: where in the house it happened: findings of one place are one finding.
        peak: bytes taken at most.
        accepted: whether the input was read, and not refused.
    """

    wrong: str
    place: str
    peak: int
    accepted: bool


def judge(reader: Reader, files: Mapping[str, bytes], folder: Path) -> Outcome:
    """Let ``reader`` read ``files``, written into the folder, and see what becomes of it.

    Python's memory must be traced by then; NumPy's counts with it.
    """
    lay_out(files, folder)
    wrong, place, accepted = "", "", False
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", MitbadakWarning)
            reader.read(folder)
        accepted = True
    except reader.refusals as error:
        str(error)
    except Exception as error:
        wrong = f"{type(error).__name__}: {str(error)[:200]}"
        place = f"{type(error).__name__} at {_innermost(error)}"
    peak = tracemalloc.get_traced_memory()[1] - before
    size = sum(map(len, files.values()))
    limit = TIMES_ITS_SIZE * size + reader.allowance
    if not wrong and peak > limit:
        wrong = f"took {peak:,} bytes for an input of {size:,}; the limit is {limit:,}"
        place = "memory"
    if not wrong and not (reader.rewrites and accepted) and contents(folder) != dict(files):
        wrong, place = "the files were changed by reading them", "changed"
    return Outcome(wrong, place, peak, accepted)


def lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    """Fill a folder with files, and with nothing else."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def contents(folder: Path) -> Files:
    """The regular files in a folder and below; not the hidden ones, by which a writer locks it."""
    paths = sorted(path for path in folder.rglob("*") if not path.name.startswith("."))
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in paths
        if stat.S_ISREG(path.lstat().st_mode)
    }


def _innermost(error: BaseException) -> str:
    """The last line of the house that an error passed."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/mitbadak/" in frame.filename.replace("\\", "/")]
    last = (ours or frames)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
