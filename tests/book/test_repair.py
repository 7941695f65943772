"""Damaged code: restored where there is one way, and reported with its line where there is not."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from book.conftest import SCRIPTS
from mitbadak import book as book_room
from mitbadak.book.indentation import restored
from mitbadak.book.program import read_program
from mitbadak.book.repair import repaired

WHOLE = {
    "branches": "def f(x):\n    if x > 0:\n        return 1\n    elif x < 0:\n        return -1\n    else:\n"
    "        return 0\n\nprint(f(3))\n",
    "while": "def f(n):\n    i = 0\n    while i < n:\n        print(i)\n\n        i += 1\n\n    return i\n\nf(3)\n",
    "class": "class A:\n    def __init__(self):\n        self.x = 1\n\n    def get(self):\n        return self.x\n"
    "\na = A()\nprint(a.get())\n",
    "brackets": "def f(\n    x,\n):\n    y = [\n        x,\n    ]\n    return y\n\nf(1)\n",
    "two functions": "def f(x):\n    return x\n\ndef g(x):\n    y = f(x)\n    return y\n\ng(1)\n",
}  # fmt: skip

# Scripts leave files open, as learners do.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def flattened(text: str) -> list[str]:
    """The lines without their indentation."""
    return [line.strip() for line in text.splitlines()]


@pytest.mark.parametrize("name", WHOLE)
def test_lost_indentation_is_restored(name: str) -> None:
    found = restored(flattened(WHOLE[name]))
    assert found is not None
    lines, _ = found
    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(WHOLE[name]))
    assert len(lines) == len(WHOLE[name].splitlines())


@pytest.mark.parametrize("file", sorted(SCRIPTS.rglob("*.py")), ids=lambda p: p.stem)
def test_what_is_restored_is_the_script_or_nothing(file: Path) -> None:
    """Scripts of the books without their indentation: never another program."""
    text = file.read_text(encoding="utf-8")
    found = restored(flattened(text))
    if found is not None:
        assert ast.dump(ast.parse("\n".join(found[0]))) == ast.dump(ast.parse(text))


AMBIGUOUS = {
    "no blank lines": ["if a:", "b()", "c()", "d()"],
    "a header at the end": ["def f(x):"],
    "where a loop ends": ["for i in range(3):", "print(i)", "", "print(i)"],
    "where a function ends": ["def f():", "print(1)", "", "f()"],
    "an else of nothing": ["x = 1", "else:", "y = 2"],
    "numbers that are no line numbers": ["1 a", "3 b"],
    "a table of numbers": ["1 0.5", "2 0.25", "3 0.125"],
    "one numbered line": ["4 x = 1"],
    "an arrow without code": ["x = -> 3"],
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_could_be_several_things_is_not_guessed(name: str) -> None:
    assert repaired(AMBIGUOUS[name]) is None


@pytest.mark.parametrize(("lines", "kind"), [
    (["print(1)import sys"], "pasted-together"),
    (["ef f(x):", "    return x"], "lost-letters"),
    (["mport numpy"], "lost-letters"),
    (["def f(x):", "return x"], "lost-indentation"),
    (["7 def f(x):", "8", "9     return x", "", "10 f(1)"], "line-numbers"),
    ([" 9: x = 1", "10: y = 2"], "line-numbers"),
    (["print(f(3)) -> [6. 8.]"], "output-behind"),
    (["def g(x) -> int:", "    return x", "g(1) → 1"], "output-behind"),
])  # fmt: skip
def test_each_repair_is_named_with_its_line(lines: list[str], kind: str) -> None:
    better = repaired(lines)
    assert better is not None
    assert [change[1] for change in better.changes] == [kind]


def test_sound_code_is_not_touched() -> None:
    for text in WHOLE.values():
        better = repaired(text.splitlines())
        assert better is not None
        assert (better.lines, better.changes) == (text.splitlines(), [])


def notebook(folder: Path, *cells: str, name: str = "n.ipynb") -> Path:
    made = [{"cell_type": "code", "metadata": {}, "source": cell, "outputs": []} for cell in cells]
    (folder / name).write_text(json.dumps({"cells": made, "nbformat": 4}), encoding="utf-8")
    return folder / name


def test_cells_that_cannot_run_are_passed_over(tmp_path: Path, capsys: Any) -> None:
    file = notebook(tmp_path, "x = 1  # 셀", "y = = 2", "if x:\nb()\nc()\nd()", "1 / 0", "x + 1")
    with pytest.raises(SyntaxError):
        book_room.run(file)
    out, err = capsys.readouterr()
    assert out == "2\n"
    for part in ("2번 셀 1번째 줄: 파이썬 코드가 아닙니다", "3번 셀 2번째 줄", "들여쓰기가 사라졌는데",
                 "ZeroDivisionError", "셀 5개 중 3개를 끝까지 실행하지 못했습니다: 2, 3, 4."):  # fmt: skip
        assert part in err


def test_commands_of_notebooks_are_passed_over_with_a_word(tmp_path: Path, capsys: Any) -> None:
    cell = "%matplotlib inline\n!pip install numpy==1.18.5\nfiles = !ls\nx = 7\nx;"
    found = book_room.run(
        notebook(tmp_path, cell, "%%bash\nls", "get_ipython().system('ls')\nx"), lang="en"
    )
    out, err = capsys.readouterr()
    assert found["x"] == 7
    assert out == "7\n"
    assert "n.ipynb, cell 1, line 2: passed over: !pip install numpy==1.18.5" in err
    assert "cell 1, line 1: passed over, since it is a command for notebooks" in err


def test_a_script_with_commands_of_notebooks_keeps_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("%cd /content\nx = 1\n!pip install x\nraise LookupError\n")
    with pytest.raises(LookupError) as caught:
        book_room.run(file)
    assert caught.traceback[-1].lineno + 1 == 4
    assert read_program(file).cells[0].remarks


def test_a_missing_name_of_the_books_is_explained(tmp_path: Path, capsys: Any) -> None:
    with pytest.raises(NameError):
        book_room.run(notebook(tmp_path, "# 손실\nsoftmax([1.0])"))
    assert "from common.functions import softmax" in capsys.readouterr().err


def test_repairs_of_several_kinds_come_together(tmp_path: Path, capsys: Any) -> None:
    cell = "52 def f(x):\n53 return x + 1\n54\n55 print(f(1)) -> 2"
    book_room.run(notebook(tmp_path, "# 셀", cell))
    out, err = capsys.readouterr()
    assert out == "2\n"
    for part in (
        "2번 셀 1번째 줄: 편집기의 줄 번호",
        "2번 셀 2번째 줄: 여기부터 들여쓰기",
        "2번 셀 4번째 줄: 화살표",
    ):
        assert part in err


@pytest.mark.parametrize(("cells", "said"), [
    (["a()", "def a(): pass"], "뒤에 나오는 n.ipynb, 2번 셀 1번째 줄에서 정의"),
    (["1/0\nb = 1", "b"], "n.ipynb, 1번 셀 2번째 줄에서 정의했어야"),
    (["def c(x):\n  y = = 1", "c(1)"], "n.ipynb, 1번 셀 1번째 줄에서 정의했어야"),
    (["np.zeros(1)"], "import 문이 빠졌습니다: import numpy as np"),
    (["np.zeros(1)", "import numpy as np"], "2번 셀 1번째 줄에서 정의"),
    (["qux"], "'qux'가 n.ipynb 어디에도 정의되어 있지 않습니다."),
    (["def g():\n    h = 1\n    class H:\n        pass", "h"], "어디에도"),
    (["relu(1)"], "from common.functions import relu"),
])  # fmt: skip
def test_a_missing_name_is_explained_in_the_notes_language(
    tmp_path: Path, capsys: Any, cells: list[str], said: str
) -> None:
    with pytest.raises((NameError, SyntaxError, ZeroDivisionError)):
        book_room.run(notebook(tmp_path, *cells), lang="ko")
    assert said in capsys.readouterr().err
