"""Every sentence of the code has a Korean one, and every Korean one a sentence of the code."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
import typer
from hypothesis import given, strategies as st

from messages import VALUE, letters, sentences_of, texts_of
from mitbadak.cli.commands import app
from mitbadak.cli.train_flags import GROUPS
from mitbadak.cli.words import KOREAN
from mitbadak.cli.words.lines import NAMES
from mitbadak.cli.words.usage import USAGE
from mitbadak.core.particles import PARTICLES, with_particles
from mitbadak.core.translation import Sentence, Translations, pieces_of, places_of
from mitbadak.data.words.descriptions import KOREAN as DESCRIPTIONS
from mitbadak.runs.config import TrainConfig
from mitbadak.training.words import LINES

pytestmark = pytest.mark.once  # of the sources

ROOMS = ("cli", "core", "data", "descent", "doctor", "gradcheck", "interop", "lab", "native",
         "nn", "optim", "plots", "runs", "training")  # fmt: skip
ALL = {**KOREAN, **LINES}
TRANSLATE = Translations(ALL)
ANCHORED = {
    "  {name} ({shape}): {verdict}; {details}",
    "  note: {note}",
    "Usage: {usage}",
    "film: {path}",
    "wrong ({truth})",
    "{file}, {digit:d} of {n:d}",
    ".{others} or .{last}",
    "x[{k:d}]: {problem}",
    "a date ({order})",
    "{path}, line {line:d}",
    "{path}, cell {cell:d}, line {line:d}",
}  # short, but nothing else begins or ends like them
LEAST = 6  # letters of a sentence; the rest is put together of parts that have them
HALF = 0.5  # of the letters of a text must be those of the sentence that it is taken for

# Rooms whose messages a command can show. The share that has a translation; what lacks one is about
# calls in Python, such as arguments of the wrong kind.
COMPLETE = {
    "cli": 1.0,
    "data": 0.95,
    "descent": 1.0,
    "gradcheck": 1.0,
    "lab": 0.9,
    "runs": 0.95,
    "training": 1.0,
}


def sample(sentence: str) -> str:
    return VALUE.join(pieces_of(sentence))


def is_translated(text: str) -> bool:
    found = TRANSLATE.find(text)
    return found is not None and letters("".join(found.pieces)) >= HALF * letters(text)


@pytest.mark.parametrize("room", COMPLETE)
def test_what_a_room_says_has_a_translation(room: str) -> None:
    said = [s for s in sentences_of(room) if min(map(letters, s.variants)) >= LEAST]
    missing = [s for s in said if not all(map(is_translated, s.variants))]
    share = 1 - len(missing) / len(said)
    listed = "\n".join(f'{s.place}: "{s.skeleton}": "",' for s in missing)
    assert share >= COMPLETE[room], f"add to the words of {room}:\n{listed}"


def test_every_help_has_a_translation() -> None:
    command = typer.main.get_command(app)
    texts = [setting.metadata["help"] for setting in dataclasses.fields(TrainConfig)[1:]]
    for one in (command, *getattr(command, "commands", {}).values()):
        texts += [" ".join(part.split()) for part in (one.help or "").split("\n\n")]
        own: list[Any] = [
            p for p in one.params if getattr(p, "rich_help_panel", None) not in GROUPS
        ]
        texts += [param.help for param in own if getattr(param, "help", None)]
    assert not [text for text in texts if TRANSLATE.find(text) is None]


def test_every_translation_is_of_a_sentence_in_the_code() -> None:
    """An English sentence that changes takes its translation along."""
    made = {**DESCRIPTIONS, **NAMES, **USAGE}  # of several parts, or by other libraries
    texts = {" ".join(t.split()) for room in ROOMS for t in texts_of(room) if letters(t)}
    spoken = Translations({text.replace("{", "{{").replace("}", "}}"): "" for text in texts})
    as_places = Translations({_with_places(text): "" for text in texts})
    stale = [
        english
        for english in ALL
        if english not in made and not _is_in(spoken, as_places, sample(english), texts)
    ]
    assert not stale, f"no longer in the code: {stale}"


def _with_places(text: str) -> str:
    escaped = text.replace("{", "{{").replace("}", "}}")
    numbers = iter(range(len(text)))
    return re.sub(
        f"(?<![\\w.]){VALUE}(?![\\w.])|{VALUE}", lambda _: f"{{v{next(numbers)}}}", escaped
    )


def _is_in(spoken: Translations, places: Translations, text: str, texts: set[str]) -> bool:
    if spoken.find(text) is not None or spoken.find(text.removesuffix(".")) is not None:
        return True
    found = places.find(text)
    if found is not None and letters("".join(found.pieces)) >= HALF * letters(text):
        return True
    pieces = [p.strip(" .;()") for p in re.split(f"{VALUE}|: |; |, but ", text) if letters(p) > 1]
    return all(any(piece in one for one in texts) for piece in pieces)


def test_both_sentences_have_the_same_places() -> None:
    for english, korean in ALL.items():
        names, used = places_of(english), places_of(korean)
        assert len(set(names)) == len(names), f"a place is named twice: {english}"
        assert set(used) <= set(names), f"the translation has places of its own: {english}"
        assert set(names) - set(used) <= {"s", "are", "which"}, f"values are not shown: {english}"


def test_every_sentence_is_sure_to_be_recognized() -> None:
    """Enough text around its values that others are not taken for it."""
    for english in KOREAN:
        only_numbers = english.count(":d}") == len(places_of(english))
        if not only_numbers and english not in ANCHORED:
            assert letters("".join(pieces_of(english))) >= LEAST, english
        found = TRANSLATE.find(sample(english))
        assert found is not None
        assert pieces_of(found.english) == pieces_of(english)


@given(st.lists(st.text("가각한글 abc019/._-", min_size=1), min_size=3, max_size=3))
def test_values_are_carried_over_as_they_are(values: list[str]) -> None:
    sentence = Sentence("{a}: no class {b} in {c}.", "")
    text = "{}: no class {} in {}.".format(*values)
    found = sentence.values_in(text)
    assert found is not None
    assert "{a}: no class {b} in {c}.".format(**found) == text


@pytest.mark.parametrize(
    ("word", "kinds"),
    [("그림", "이은을과으로"), ("파일", "이은을과로"), ("표", "가는를와로"), ("3", "이은을과으로"),
     ("7", "이은을과로"), ("2", "가는를와로"), ("'신경망'", "이은을과으로"),
     # As loanwords are written in Korean: 엘알, 제이슨, 에이치티엠엘, 파일, 배치, 사이즈.
     ("lr", "이은을과로"), ("run.json", "이은을과으로"), ("HTML", "이은을과로"),
     ("--file", "이은을과로"), ("batch", "가는를와로"), ("--batch-size", "가는를와로"),
     ("a.csv", "가는를와로"), ("W1", "이은을과로"), ("adam", "이은을과으로"),
     ("MNIST", "가는를와로"),
     ("95%", "가는를와로"), ("runs/", "가는를와로"), ("time", "이은을과으로")],
)  # fmt: skip
def test_particles_follow_the_sound_before_them(word: str, kinds: str) -> None:
    both = with_particles(" ".join(word + particle for particle in PARTICLES))
    chosen = [part.removeprefix(word) for part in both.split()]
    assert "".join(chosen) == kinds


@pytest.mark.parametrize("word", ["net", "stop", "XOR", "?", "é", "犬", ""])
def test_both_particles_stay_where_the_sound_is_unknown(word: str) -> None:
    assert with_particles(f"{word}이(가)") == f"{word}이(가)"
