"""The lessons: both languages say the same, every notebook runs, and its numbers are equal.

The structure of every lesson is looked at in each run. Running them all takes minutes, so that is
marked ``once``.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
import pytest

from lessons import (
    LANGUAGES,
    ROOT,
    SOURCES,
    LessonError,
    cells_of,
    comments_of,
    execute,
    has_tag,
    in_language,
    notebook_of,
    words_of,
)  # fmt: skip

LESSONS = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
# With two digits or more; those below ten are often words, in one language or in both.
NUMBER = r"(?<![\w.,])\d(?:[\d,.]*\d)(?:e[-+]?\d+)?"
FENCED = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
HANGUL = re.compile("[\uac00-\ud7a3]")
MARKDOWN_PARTS = {
    "headings": r"^#+ ",
    "fenced code": r"^```",
    "items": r"^- ",
    "exercises": r"^\*\*\d+\.\*\*",
    "answers": r"<details><summary>",
    "code": r"`[^`\n]+`",
    "formulas": r"\$\$[^$]+\$\$|\$[^$\n]+\$",
    "numbers": NUMBER,
}


def pairs_of(cells: list[Any]) -> list[tuple[Any, Any]]:
    """Every English text with the cell that follows it."""
    return [
        (cell, after)
        for cell, after in zip(cells, [*cells[1:], None], strict=True)
        if cell.metadata.get("lang") == "en"
    ]


def without_comments(code: str) -> str:
    for comment in reversed(comments_of(code)):
        lines = code.splitlines()
        row, column = comment.start
        lines[row - 1] = lines[row - 1][:column].rstrip()
        code = "\n".join(lines)
    return code


def parts_of(text: str) -> dict[str, Counter[str]]:
    """What a text and its twin have in common, whatever the language."""
    code = [without_comments(block) for block in FENCED.findall(text)]
    prose = FENCED.sub("```\n```", text)
    parts = {
        name: Counter(found.strip() for found in re.findall(pattern, prose, re.MULTILINE))
        for name, pattern in MARKDOWN_PARTS.items()
    }
    return {**parts, "lines of code": Counter(code)}


def differences(english: str, korean: str) -> dict[str, Any]:
    """What one of two texts has and the other lacks."""
    mine, yours = parts_of(english), parts_of(korean)
    return {
        name: (mine[name] - yours[name], yours[name] - mine[name])
        for name in mine
        if mine[name] != yours[name]
    }


@LESSONS
def test_every_text_is_followed_by_its_twin(source: Path) -> None:
    cells = cells_of(source)
    texts = [cell for cell in cells if cell.cell_type != "code"]
    assert {cell.cell_type for cell in texts} == {"markdown"}
    assert [cell.metadata.get("lang") for cell in texts] == ["en", "ko"] * (len(texts) // 2)
    for english, korean in pairs_of(cells):
        assert korean.metadata["lang"] == "ko"
        assert english.metadata.get("tags") == korean.metadata.get("tags")
        assert not HANGUL.search(english.source)
        assert HANGUL.search(korean.source)
        assert not differences(english.source, korean.source), english.source[:60]


@LESSONS
def test_code_is_in_the_language_of_its_notebook(source: Path) -> None:
    cells = cells_of(source)
    words = words_of(cells)
    said = set(re.findall(r'say\("((?:[^"\\]|\\.)*)"\)', "".join(c.source for c in cells)))
    assert said | {"en"} == set(words), "words without a use, or uses without a word"
    for cell in cells:
        if cell.cell_type != "code" or has_tag(cell, "words"):
            continue
        for lang in LANGUAGES:
            compile(in_language(cell.source, lang, words), source.name, "exec")
        assert not HANGUL.search(in_language(cell.source, "en", words))
        for comment in comments_of(in_language(cell.source, "ko", words)):
            in_words = re.search("[a-z]{4,}", re.sub("`.*?`|fmt: skip", "", comment.string))
            assert not in_words or HANGUL.search(comment.string), comment.string


@LESSONS
def test_a_lesson_asks_answers_and_refutes(source: Path) -> None:
    number = int(source.name[:2])
    for lang in LANGUAGES:
        notebook = notebook_of(source, lang)
        cells = notebook.cells
        nbformat.validate(notebook)
        assert cells[0].source.startswith(f"# {number}. ")
        assert 15 <= len(cells) <= 36
        first_code = [c.cell_type for c in cells].index("code", 2)
        asked = [number for number, cell in enumerate(cells) if has_tag(cell, "question")]
        assert asked[0] < first_code, "the first question comes before the first code"
        assert any(has_tag(c, "wrong") and "assert " in c.source for c in cells)
        parts = parts_of(cells[-1].source)
        assert 2 <= parts["exercises"].total() == parts["answers"].total() <= 4
        assert parts["lines of code"], "at least one answer has code"
        assert not re.search(r"://|say\(", "".join(c.source for c in cells))
        installing = [c for c in cells if "pip install" in c.source and c.cell_type == "code"]
        assert len(installing) == 1
        lines = [line.strip() for line in installing[0].source.splitlines()]
        assert "%pip install -q mitbadak" in lines


def test_lessons_are_numbered_without_gaps() -> None:
    numbers = [int(source.name[:2]) for source in SOURCES]
    assert numbers == list(range(1, len(SOURCES) + 1))


@pytest.mark.parametrize(("name", "lang"), [("README.md", "en"), ("README.ko.md", "ko")])
def test_the_map_of_the_course_has_every_lesson_by_its_title(name: str, lang: str) -> None:
    rows = (ROOT / "lessons" / name).read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(.+?)\]\((\S+)\)", rows, re.MULTILINE)
    titles = [notebook_of(source, lang).cells[0].source.splitlines()[0][2:] for source in SOURCES]
    assert listed == [(t, source.name) for t, source in zip(titles, SOURCES, strict=True)]


def numbers_of(cell: Any) -> list[str]:
    """The numbers that a cell printed or returned, and how many pictures it shows."""
    texts, pictures = [], 0
    for output in cell.get("outputs", []):
        if output.get("name") == "stderr":
            continue
        data = output.get("data", {})
        pictures += "image/png" in data
        texts.append(output.get("text", "") or data.get("text/plain", ""))
    found = re.findall(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?", "\n".join(texts))
    return [*found, f"{pictures} pictures"]


def same_numbers(mine: Any, yours: Any) -> bool:
    """Whether two cells show the same numbers; sentences may have them in another order."""
    if has_tag(mine, "report"):
        return set(numbers_of(mine)) == set(numbers_of(yours))
    return numbers_of(mine) == numbers_of(yours)


def with_answers(notebook: Any) -> Any:
    """A notebook whose last cells are the folded answers."""
    for cell in list(notebook.cells):
        if cell.cell_type == "markdown":
            for code in FENCED.findall(cell.source):
                notebook.cells.append(nbformat.v4.new_code_cell(code.strip()))
    return notebook


@pytest.mark.once
@LESSONS
def test_both_notebooks_run_and_their_numbers_are_equal(source: Path) -> None:
    executed = {}
    for lang in LANGUAGES:
        executed[lang] = execute(with_answers(notebook_of(source, lang)))
    english, korean = (executed[lang].cells for lang in LANGUAGES)
    for mine, yours in zip(english, korean, strict=True):
        if mine.cell_type == "code":
            if not has_tag(mine, "timing"):
                assert same_numbers(mine, yours), mine.source
            for output in [*mine.outputs, *yours.outputs]:
                is_warning = output.get("name") == "stderr"
                # Without a Korean font, Matplotlib warns of every letter.
                expected = has_tag(mine, "warns") or "font" in output.get("text", "").lower()
                assert not is_warning or expected, output.text


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("It is 0.95.", "0.96입니다."),
        ("Use `lr`.", "학습률을 씁니다."),
        ("$x^2$", "제곱"),
        ("## Title", "제목"),
        ("- one\n- two", "- 하나"),
        ("```python\nx = 1\n```", "```python\nx = 2\n```"),
        ("<details><summary>Answer</summary>", "풀이"),
    ],
)
def test_a_twin_that_differs_is_found(english: str, korean: str) -> None:
    assert differences(english, korean)
    assert not differences(english, english)


def test_comments_and_words_follow_the_language() -> None:
    code = 'x = say("loss")  # from `f` | `f`에서\ny = 1  # f(x)'
    assert in_language(code, "en", {"loss": "손실"}) == 'x = "loss"  # from `f`\ny = 1  # f(x)'
    assert in_language(code, "ko", {"loss": "손실"}) == 'x = "손실"  # `f`에서\ny = 1  # f(x)'
    with pytest.raises(LessonError, match="has no Korean in WORDS"):
        in_language(code, "ko", {})
