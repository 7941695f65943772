"""What book mode says: the same things in both languages, and letters that can be read."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from matplotlib import font_manager

from mitbadak import book
from mitbadak.book import lettering, romanization
from mitbadak.book.notices import language_of
from mitbadak.book.syntax_words import in_korean
from mitbadak.book.words import ENGLISH, KOREAN
from mitbadak.plots import style

SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for path in Path(book.__file__).parent.rglob("*.py")
)
BY_A_NAME = (
    "chapter-", "a-minute", "some-minutes", "some-seconds", "lost-", "pasted-", "line-", "output-",
)  # fmt: skip


def test_both_languages_say_the_same_things() -> None:
    assert ENGLISH.keys() == KOREAN.keys()
    for key, text in ENGLISH.items():
        places = [set(re.findall(r"\{(\w+)", words)) for words in (text, KOREAN[key])]
        assert places[0] == places[1], key


@pytest.mark.parametrize("key", ENGLISH)
def test_every_notice_is_used(key: str) -> None:
    assert f'"{key}"' in SOURCES.replace("ENGLISH", "") or key.startswith(BY_A_NAME)


@pytest.mark.parametrize(("text", "latin"), [
    ("손실", "sonsil"), ("반복 (x10)", "banbok (x10)"), ("정확도", "jeonghwakdo"),
    ("학습률", "hakseupryul"), ("損失", "sonshitsu"), ("エポック", "epotku"), ("鶏", "U+9D8F"),
    ("loss é", "loss é"),
])  # fmt: skip
def test_letters_without_a_font(text: str, latin: str) -> None:
    assert romanization.romanized(text) == latin


def test_tables_of_letters_are_complete() -> None:
    for code in range(0xAC00, 0xD7A4):
        assert romanization.romanized(chr(code)).isascii()
    for code in (*range(0x3041, 0x3097), *range(0x30A1, 0x30F7), 0x30FC):
        assert romanization.romanized(chr(code)).isascii()


DRAWING = """
import matplotlib.pyplot as plt
plt.plot([1, 2], label="훈련 정확도")
plt.xlabel("반복 (x10)"); plt.ylabel("손실"); plt.title("Loss é"); plt.legend()
plt.tight_layout()
figure = plt.gcf()
figure.canvas.draw()
axes = plt.gca()
words = axes.get_xlabel(), axes.get_ylabel(), axes.get_title()
fonts = axes.xaxis.label.get_fontfamily()
"""


@pytest.mark.parametrize("has_font", [True, False])
def test_labels_have_letters_to_draw_them_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, has_font: bool
) -> None:
    real = lettering._font_of
    if has_font:
        every = frozenset(range(0x10000))
        monkeypatch.setattr(lettering, "_candidates", lambda: ["DejaVu Serif"])
        monkeypatch.setattr(
            lettering, "_font_of", lambda f: every if f == "DejaVu Serif" else real(f)
        )
    else:
        monkeypatch.setattr(lettering, "_candidates", lambda: ["DejaVu Sans", "DejaVu Serif"])
        monkeypatch.setattr(lettering, "_new_candidates", list)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    lettering._families_for.cache_clear()
    file = tmp_path / "draw.py"
    file.write_text(DRAWING, encoding="utf-8")
    if has_font:
        with pytest.warns(
            UserWarning, match="Glyph"
        ):  # of the font that stands in for a Korean one
            found = book.run(file)
        assert found["words"] == ("반복 (x10)", "손실", "Loss é")
        assert found["fonts"][-1] == "DejaVu Serif"
    else:
        found = book.run(file)  # no warning about missing glyphs, which would be an error here
        assert found["words"] == ("banbok (x10)", "sonsil", "Loss é")
        err = capsys.readouterr().err
        assert len([line for line in err.splitlines() if "NanumGothic" in line]) == 1


@pytest.mark.parametrize("words", ["손실", "學習", "손실 함수 學習"])
def test_a_font_of_boxes_is_no_font(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """Matplotlib brings one that claims to have every letter."""
    monkeypatch.setattr(style, "new_fonts", set)
    own = [font for font in font_manager.fontManager.ttflist if "mpl-data" in font.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    lettering._families_for.cache_clear()
    assert lettering._families_for(("sans-serif",), frozenset(words) - {" "}) is None
    lettering._families_for.cache_clear()


def test_letters_may_come_from_several_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = {"A": "損", "B": "손", "C": "손실", "D": ""}
    fonts = {family: frozenset(map(ord, has)) for family, has in letters.items()}
    monkeypatch.setattr(lettering, "_candidates", lambda: list("DABC"))
    monkeypatch.setattr(lettering, "_font_of", lambda family: fonts.get(family, frozenset()))
    find = lettering._families_for.__wrapped__
    assert find(("sans-serif",), frozenset("손실")) == ("sans-serif", "C")
    assert find(("sans-serif",), frozenset("손損")) == ("sans-serif", "A", "B")
    monkeypatch.setattr(lettering, "_new_candidates", list)
    assert find(("sans-serif",), frozenset("學")) is None


MISSING_FONT = """
import matplotlib.pyplot as plt
plt.rc("font", family="Malgun Gothic")
plt.plot([1, -2], label="loss")
plt.title({title!r})
plt.legend()
plt.gcf().canvas.draw()
"""


@pytest.mark.parametrize("title", ["Loss", "손실"])
def test_a_font_that_is_not_here_is_named_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, caplog: Any, title: str
) -> None:
    """As Korean scripts choose it on Windows; Matplotlib would say so for every label."""
    real = lettering._font_of
    every = frozenset(range(0x10000)) - {0x2212}
    monkeypatch.setattr(lettering, "_candidates", lambda: ["DejaVu Serif"])
    lettering._families_for.cache_clear()
    fonts = {"DejaVu Serif": every, "Malgun Gothic": None}
    monkeypatch.setattr(lettering, "_font_of", lambda f: fonts[f] if f in fonts else real(f))
    monkeypatch.setenv("MPLBACKEND", "Agg")
    file = tmp_path / "draw.py"
    file.write_text(MISSING_FONT.format(title=title), encoding="utf-8")
    with warnings.catch_warnings(action="ignore"), matplotlib.rc_context():
        book.run(file, lang="en")
    said = [line for line in capsys.readouterr().err.splitlines() if "Malgun Gothic" in line]
    assert 1 <= len(said) <= 2, said  # the title may need another one
    assert "Malgun Gothic is not installed here; DejaVu" in said[0]
    assert not caplog.records


def test_the_language_is_that_of_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("MITBADAK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    assert (language_of("# 손실"), language_of("# loss")) == ("ko", "en")
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert language_of("# loss") == "ko"
    monkeypatch.setenv("MITBADAK_LANG", "xx")
    assert language_of("# loss") == "en"


BROKEN = [
    "x = = 1", "x = (1 2)", "if x = 1: pass", "if x\n    pass", "f(1", "f)", "f(1]", "s = 'a", "s = '''a",
    " x = 1", "if 1:\n    x = 1\n  y = 2", "if 1:\nx = 1", "if 1:\n\tx = 1\n        y = 2", "x \\ y",
    "x = 012", "x = 1a", "x = “a”", "x = 1\u00a0+ 1", "1 = x", "return 1", "break", "continue", "print 1",
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_common_syntax_errors_are_said_in_korean(text: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        compile(text, "", "exec")
    assert re.search("[가-힣]", in_korean(caught.value.msg)), caught.value.msg
