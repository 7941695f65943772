"""Files from strangers are either read or refused, and nothing else happens."""

from __future__ import annotations

import os
import signal
import sys
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from fuzzing.cases import ALLOWANCE, MOST_BYTES, Files, Reader, judge, lay_out
from fuzzing.mutations import mutate
from fuzzing.readers import READERS
from mitbadak.core.errors import FormatError

CORPUS = Path(__file__).parent / "corpus"
ON_DISK = [name for name, reader in READERS.items() if reader.parts != ("a.json",)]


@pytest.fixture(autouse=True)
def traced() -> Iterator[None]:
    """Trace memory."""
    tracemalloc.start()
    yield
    tracemalloc.stop()


def hostile(reader: Reader, seed: int) -> Files:
    """A valid input with one of its files changed."""
    rng = Random(seed)
    seeds = list(reader.seeds.values())
    files = dict(rng.choice(seeds))
    name = rng.choice(list(files))
    others = [other[name] for other in seeds if name in other]
    return {**files, name: mutate(name, files[name], others, rng)[:MOST_BYTES]}


@pytest.mark.parametrize("name", READERS)
def test_every_seed_is_read(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    for files in reader.seeds.values():
        outcome = judge(reader, files, tmp_path)
        assert outcome.accepted
        assert not outcome.wrong
        assert reader.unpack(reader.pack(files)) == files


@pytest.mark.once
@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**63))
def test_a_changed_file_is_read_or_refused(name: str, seed: int, tmp_path: Path) -> None:
    reader = READERS[name]
    assert not judge(reader, hostile(reader, seed), tmp_path).wrong


@pytest.mark.parametrize(
    "path", sorted(CORPUS.glob("*/*")), ids=lambda p: f"{p.parent.name} {p.name}"
)
def test_a_file_that_once_broke_a_reader_is_refused(path: Path, tmp_path: Path) -> None:
    reader = READERS[path.parent.name]
    outcome = judge(reader, reader.unpack(path.read_bytes()), tmp_path)
    assert not outcome.wrong
    assert not outcome.accepted


@pytest.fixture
def no_waiting() -> Iterator[None]:
    """Interrupt a reader that waits."""

    def too_long(*_: Any) -> None:
        raise TimeoutError("waited for ever")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(5)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def itself(path: Path) -> None:
    path.symlink_to(path)


def pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes, and links need privileges")
@pytest.mark.parametrize("instead", [Path.mkdir, dangling, itself, pipe], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", ON_DISK)
@pytest.mark.usefixtures("no_waiting")
def test_whatever_is_not_a_file_is_refused_at_once(
    name: str, instead: Callable[[Path], None], tmp_path: Path
) -> None:
    reader = READERS[name]
    for i, part in enumerate(reader.parts):
        folder = tmp_path / str(i)
        folder.mkdir()
        lay_out({part: b"", **next(iter(reader.seeds.values()))}, folder)
        (folder / part).unlink()
        instead(folder / part)
        try:
            reader.read(folder)
        except TimeoutError:
            pytest.fail(f"waits for {part}")
        except reader.refusals:
            continue


class TestTheJudge:
    """The judge catches every kind of wrong outcome."""

    def judged(self, read: Callable[[Path], Any], folder: Path) -> str:
        reader = Reader("bad", lambda: {"one": {"a": b"content"}}, read)
        return judge(reader, {"a": b"content"}, folder).wrong

    def test_another_exception_is_wrong(self, tmp_path: Path) -> None:
        assert "KeyError" in self.judged(lambda folder: {}["a"], tmp_path)

    def test_a_warning_is_wrong(self, tmp_path: Path) -> None:
        assert "careful" in self.judged(
            lambda folder: warnings.warn("careful", stacklevel=1), tmp_path
        )

    def test_memory_beyond_the_bound_is_wrong(self, tmp_path: Path) -> None:
        assert "limit" in self.judged(lambda folder: np.ones(ALLOWANCE // 8 + 100), tmp_path)
        assert not self.judged(lambda folder: np.ones(ALLOWANCE // 8 - 1000), tmp_path)

    def test_changing_the_files_is_wrong(self, tmp_path: Path) -> None:
        assert "changed" in self.judged(lambda folder: (folder / "a").write_bytes(b""), tmp_path)
        assert "changed" in self.judged(lambda folder: (folder / "b").write_bytes(b""), tmp_path)

    def test_a_refusal_is_right(self, tmp_path: Path) -> None:
        def refuse(folder: Path) -> None:
            raise FormatError("no")

        assert not self.judged(refuse, tmp_path)
