"""The mutation tester, on a toy package whose tests have known gaps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mutate
from mutants import Mutation, draw_mutations, mutations_by_statement
from mutate import wilson

MODULE = '''\
"""Shares."""

from functools import cache

LIMIT: int = 10
Rows = list[int]
__all__ = ["share"]


def share(part: int, whole: int = 4, *, text="of a whole") -> float:
    """A share.

    Example:
        >>> share(2)
        0.5
    """
    if whole < 1:
        raise ValueError(f"whole {whole + 1} is too small")
    value = part / whole
    return value


def clipped(part: int) -> int:
    if part >= LIMIT:
        part = LIMIT
    return part


@cache
def table() -> list[int]:
    return [n + 1 for n in range(3)]


def unused(a: int, b: int) -> int:
    return a - b


def countdown(n: int) -> int:
    steps = 0
    while n > 0:
        n -= 1
        steps += 1
    return steps
'''
TESTS = """\
import pytest
import toy.parts
from toy.parts import clipped, countdown, share, table

@pytest.fixture(scope="module")
def counted():
    return countdown(3)

def test_shares(counted):
    assert share(1, whole=2) == 0.5

def test_limit():
    assert clipped(3) == 3

def test_first_use_of_the_table():
    table()

def test_table():
    assert table() == [1, 2, 3]

def test_countdown(counted):
    assert counted == 3
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("toy")
    for name, text in {
        "src/toy/__init__.py": "",
        "src/toy/parts.py": MODULE,
        "tests/test_parts.py": TESTS,
        "pytest.ini": "[pytest]\naddopts = --import-mode=importlib --doctest-modules",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def mutations(toy: Path) -> dict[str, Mutation]:
    places = mutations_by_statement(toy, toy / "src/toy/parts.py")
    return {f"{m.kind}: {m.before} -> {m.after}": m for place in places for m in place}


def test_types_docstrings_and_messages_are_left_alone(toy: Path) -> None:
    lines = MODULE.splitlines()
    for mutation in mutations(toy).values():
        source = mutation.applied(MODULE.encode()).decode()
        compile(source, "parts.py", "exec")
        assert source != MODULE
        assert '"""Shares."""' in source
        assert 'Rows = list[int]\n__all__ = ["share"]' in source
        assert 'f"whole {whole + 1} is too small"' in source or mutation.after == "pass"
        assert "int = " not in mutation.before
        assert mutation.before.splitlines()[0] in lines[mutation.lines[0] - 1]


def test_a_name_that_is_bound_once_keeps_its_assignment(toy: Path) -> None:
    deleted = {key for key in mutations(toy) if key.startswith("statement deleted")}
    assert "statement deleted: part = LIMIT -> pass" in deleted
    assert not any("value = part / whole" in key or "LIMIT: int" in key for key in deleted)


def test_the_draw_follows_from_its_seed_and_takes_no_place_twice(toy: Path) -> None:
    drawn = [draw_mutations(toy, ["src"], 12, seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(set(drawn[0])) == 12
    everything = draw_mutations(toy, ["src/toy/parts.py"], 10_000, 0)
    assert len(everything) == len(set(everything)) > 40


def test_shares_have_wilsons_interval() -> None:
    # (k + z^2 / 2 -+ z sqrt(k (n - k) / n + z^2 / 4)) / (n + z^2) with z^2 = 3.8416:
    # (181.9208 -+ 1.96 sqrt(18.9604)) / 203.8416
    assert wilson(180, 200) == pytest.approx((0.850593, 0.934330), abs=1e-6)
    assert wilson(0, 10) == pytest.approx((0, 0.27754), abs=1e-5)
    assert wilson(0, 0) == (0, 1)


CAUGHT = {
    "arithmetic: part / whole -> (part * whole)",
    "comparison: whole < 1 -> (whole > 1)",
    "constant: 4 -> 5",  # seen by the doctest alone
    "arithmetic: n + 1 -> (n - 1)",  # behind a cache, seen by another test than the first
    "arithmetic: steps += 1 -> steps -= 1",  # in a fixture that two tests share
    "arithmetic: n -= 1 -> n += 1",  # hangs
}
SURVIVORS = {
    "comparison: part >= LIMIT -> (part > LIMIT)",  # 10 itself is never clipped
    "statement deleted: part = LIMIT -> pass",  # no test runs it
    "arithmetic: a - b -> (a + b)",
    "constant: 10 -> 11",
}


@pytest.mark.slow
def test_what_the_tests_notice_is_caught_and_the_rest_survives(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = [m for key, m in mutations(toy).items() if key in CAUGHT | SURVIVORS]
    monkeypatch.setattr(mutate, "GRACE_SECONDS", 30.0)
    monkeypatch.setattr(mutate, "draw_mutations", lambda *_: chosen)
    how = ["src", "--root", str(toy), "--work", str(tmp_path / "work")]
    assert mutate.main(how) == 0
    out = capsys.readouterr().out
    survivors = re.findall(r"^survived (\d+) tests: src/toy/parts.py:\d+: (.+)$", out, re.MULTILINE)
    assert {key.replace("  ->  ", " -> ") for _, key in survivors} == SURVIVORS
    assert f"caught {len(CAUGHT)} of {len(chosen)}: " in out
    unused = next(count for count, key in survivors if "a - b" in key)
    assert unused == "0"
    # Another call has nothing left to run; other sources need another folder.
    monkeypatch.delattr(mutate, "try_mutation")
    assert mutate.main(how) == 0
    assert capsys.readouterr().out == out[out.index("survived") :]
    (toy / "tests" / "test_parts.py").write_text(TESTS + "\n")
    with pytest.raises(SystemExit, match="belongs to other sources"):
        mutate.main(how)


def test_a_copy_leaves_out_folders_of_results_but_not_packages_of_that_name(tmp_path: Path):
    for path in ("runs/1/config.json", "src/house/runs/session.py", "src/house/__pycache__/a.pyc"):
        (tmp_path / "root" / path).parent.mkdir(parents=True)
        (tmp_path / "root" / path).touch()
    baseline = mutate.Baseline(tmp_path / "root", tmp_path, ["tests"], "")
    assert [p.name for p in baseline.tree.rglob("*") if p.is_file()] == ["session.py"]
