"""Which library is loaded, which level of it is taken, and what is said where there is none."""

from __future__ import annotations

import ctypes
import importlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import native_build
from mitbadak.core.errors import FormatError, RangeError, UnknownNameError
from mitbadak.native import library
from small_kernels import NAMES, write_sources

TARGET = native_build.host_target()
pytestmark = pytest.mark.skipif(TARGET is None, reason="there are no kernels for this platform")
IN_PLACE = native_build.ROOT / native_build.PACKAGE / f"mitbadak_kernels{library.SUFFIX}"
VARIABLES = ("MITBADAK_NATIVE", "MITBADAK_LEVEL", "MITBADAK_LIBRARY")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small library for this machine."""
    assert TARGET is not None
    folder = tmp_path_factory.mktemp("kernels")
    sources = write_sources(folder / "c")
    native_build.build(folder / TARGET.library, TARGET, sources, native_build.WARNINGS)
    return folder / TARGET.library


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Give the variables these values and forget what was loaded; without any, unset them."""

    def forget() -> None:
        for function in (library.kernels, library.level, library._load):
            function.cache_clear()

    def set_variables(**values: object) -> None:
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(f"MITBADAK_{name.upper()}", str(value))
        forget()

    yield set_variables
    forget()


def numbers(kernels: SimpleNamespace) -> dict[str, float]:
    return {name: entry(None, 0) for name, entry in vars(kernels).items()}


def expected(level: int) -> dict[str, float]:
    return {name: 100.0 * level + i for i, name in enumerate(NAMES)}


def test_the_highest_level_is_taken_and_every_entry_stands_under_its_name(small, load):
    load(library=small)
    kernels = library.kernels()
    assert kernels is not None
    assert library.level() == max(library.levels())
    assert numbers(kernels) == expected(max(library.levels()))
    assert library.why_not() == ""
    assert library.kernels() is kernels


def test_every_level_of_this_machine_can_be_forced(small, load):
    load(library=small)
    levels = library.levels()
    assert levels == tuple(sorted(set(levels)))
    for level in levels:
        load(library=small, level=level)
        kernels = library.kernels()
        assert kernels is not None
        assert library.level() == level
        assert numbers(kernels) == expected(level) == numbers(library.kernels_at(level))


@pytest.mark.parametrize("value", ["5", "0", "-2", "fast", "2.0", " 2"])
def test_an_unknown_level_is_refused(small, load, value):
    load(library=small, level=value)
    listed = ", ".join(map(str, library.levels()))
    message = f"unknown level {value!r} in MITBADAK_LEVEL. This processor supports: {listed}."
    with pytest.raises(UnknownNameError) as caught:
        library.kernels()
    assert str(caught.value) == message


def test_a_level_that_this_machine_does_not_run_is_refused(small, load, monkeypatch):
    load(library=small)
    offered = library.levels()
    missing = next(n for n in (4, 1, 2) if n not in offered)
    load(library=small, level=missing)
    with pytest.raises(
        RangeError, match=rf"must be a level that this processor supports \({offered[0]}"
    ):
        library.kernels()


def test_kernels_can_be_switched_off(small, load):
    load(library=small, native=0)
    assert (library.kernels(), library.level(), library.levels()) == (None, None, ())
    assert library.why_not() == "MITBADAK_NATIVE=0"
    load(library=small, native=1)
    assert library.kernels() is not None
    load(library=small, native="no")
    with pytest.raises(UnknownNameError, match="MITBADAK_NATIVE must be 0, 1 or empty; got 'no'"):
        library.kernels()


def test_a_pure_installation_says_so(load, monkeypatch, tmp_path):
    monkeypatch.setattr(library, "FOLDER", tmp_path)
    load()
    assert library.kernels() is None
    assert library.why_not() == "this installation has no kernels"
    load(level=2)
    assert library.kernels() is None, "there is nothing to force"


def test_only_the_package_s_own_folder_is_searched(small, load, monkeypatch, tmp_path):
    (tmp_path / "own").mkdir()
    monkeypatch.setattr(library, "FOLDER", tmp_path / "own")
    monkeypatch.chdir(small.parent)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(small.parent))
    load()
    assert library.kernels() is None
    (tmp_path / "own" / small.name).write_bytes(small.read_bytes())
    load()
    assert library.kernels() is not None


@pytest.mark.parametrize("relative", [True, False])
def test_another_library_is_named_by_its_full_path(small, load, monkeypatch, relative):
    monkeypatch.chdir(small.parent)
    name = small.name if relative else str(small.parent / "nothing.so")
    load(library=name)
    with pytest.raises(FormatError, match="MITBADAK_LIBRARY must be the full path of a library"):
        library.kernels()


@pytest.mark.parametrize("content", [b"", b"not a library"])
def test_a_damaged_library_leaves_everything_on_numpy(load, tmp_path, content):
    path = tmp_path / "damaged.so"
    path.write_bytes(content)
    load(library=path)
    assert library.kernels() is None
    assert library.why_not().startswith("the kernels of this installation cannot be loaded (")


def test_another_library_is_not_taken_for_ours(load):
    load(library=importlib.import_module("numpy._core._multiarray_umath").__file__)
    assert library.kernels() is None
    assert "mitbadak_header" in library.why_not()


def test_a_library_built_from_another_header_is_not_used(small, load, monkeypatch, tmp_path):
    changed = tmp_path / "kernels.h"
    changed.write_bytes(library.HEADER.read_bytes() + b"\n")
    monkeypatch.setattr(library, "HEADER", changed)
    load(library=small)
    assert library.kernels() is None
    assert library.why_not() == (
        "the kernels were built from other sources; install Mitbadak again"
    )


def test_a_processor_without_any_level_is_named(small, load, monkeypatch):
    monkeypatch.setattr(library, "HIGHEST_LEVEL", 0)
    load(library=small)
    assert library.kernels() is None
    assert library.why_not() == "this processor is older than the kernels need"


def test_other_threads_run_during_a_call(small, load):
    load(library=small)
    wait = getattr(library.kernels(), NAMES[0])
    job = (ctypes.c_int64 * 2)()  # whether to go on; whether the call has begun
    results: list[float] = []
    thread = threading.Thread(target=lambda: results.append(wait(ctypes.addressof(job), 1)))
    thread.start()
    while not job[1]:
        assert thread.is_alive() or job[1]
    job[0] = 1
    thread.join()
    assert results == [100.0 * (library.level() or 0)], "the call gave up waiting"


def test_entry_names_are_read_past_comments():
    header = """
    typedef struct { int64_t other; } Job; /* Entry *no; */
    typedef struct {
        Entry *first;  /* Entry *neither; */
        Entry * second ;
    } Kernels;
    """
    assert library.entry_names(header) == ["first", "second"]
    assert library.entry_names("") == []
    assert len(NAMES) == len(set(NAMES)) > 1


@pytest.mark.skipif(
    not (IN_PLACE.is_file() and IN_PLACE.parent == library.FOLDER), reason="not built in place"
)
def test_the_kernels_that_are_tested_are_those_of_the_sources():
    assert native_build.is_current(IN_PLACE), (
        f"the C sources are newer than the library: python tools/native_build.py {IN_PLACE}"
    )
