"""Texts in another language: English stands in the code, and its translation in a table.

A table maps English sentences to their translations, with places for values as in ``str.format``:
the code writes ``f"picture: {path}"``, and the table has ``"picture: {path}": "그림: {path}"``. A
text is recognized by what stands around its values, so errors and warnings need to know nothing of
languages. ``{n:d}`` is a place for numbers only, and ``{why!k}`` one for a text that is translated
itself. Each room has a table of its own messages in its ``words``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from string import Formatter

from mitbadak.core.particles import with_particles

ANYTHING, NUMBER = ".*?", r"[-+\d.,e/]+"
TRANSLATED = "k"  # a place such as {why!k} holds a text that has a translation of its own
DEEPEST = 8  # texts in places of texts


@dataclass(frozen=True)
class Sentence:
    """An English sentence of a table with its translation.

    Attributes:
        english, translation: with places for values.
    """

    english: str
    translation: str

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """The text around the places, in order; one more than there are places."""
        return pieces_of(self.english)

    @cached_property
    def names(self) -> list[str]:
        """The names of the places."""
        return places_of(self.english)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What the sentence looks like with values in it."""
        first, *others = map(re.escape, self.pieces)
        kinds = [NUMBER if spec == "d" else ANYTHING for _, spec in _places(self.english)]
        rest = (f"({kind}){text}" for kind, text in zip(kinds, others, strict=True))
        return re.compile(first + "".join(rest), re.DOTALL)

    @property
    def letters(self) -> int:
        """How much of the sentence is text: the more, the surer that it is the one."""
        return sum(map(len, self.pieces))

    def values_in(self, text: str) -> dict[str, str] | None:
        """The values in ``text`` by place; None if it is another sentence."""
        match = self.pattern.fullmatch(text)
        return None if match is None else dict(zip(self.names, match.groups(), strict=True))


@dataclass(frozen=True)
class Translations:
    """The sentences of a language.

    Attributes:
        table: English sentences to their translations.

    Example:
        >>> korean = Translations({"no runs in {folder}": "{folder}에 실행이 없습니다",
        ...                        "stopped: {why}": "멈췄습니다: {why!k}", "disk full": "가득 참"})
        >>> korean("no runs in runs/"), korean("stopped: disk full"), korean("something else")
        ('runs/에 실행이 없습니다', '멈췄습니다: 가득 참', 'something else')
    """

    table: Mapping[str, str] = field(repr=False)

    def __call__(self, text: str) -> str:
        """``text`` in the other language, or unchanged if the table does not have it."""
        return self._translated(text, 0)

    def to(self, lang: str) -> Callable[[str], str]:
        """What says a text in a language: in ``en`` as it is."""
        return str if lang == "en" else self

    def find(self, text: str) -> Sentence | None:
        """The sentence that ``text`` is: of several the one with most text around its values."""
        if text in self._plain:
            return self._plain[text]
        alike = (sentence for mark, sentence in self._with_places if mark in text)
        return next((s for s in alike if s.values_in(text) is not None), None)

    def _translated(self, text: str, depth: int) -> str:
        sentence = self.find(text)
        values = None if sentence is None else sentence.values_in(text)
        if sentence is None or values is None:
            return self._part(text, depth) if depth else text
        parts = []
        for literal, name, _, conversion in Formatter().parse(sentence.translation):
            parts.append(literal)
            if name is not None:
                inner = conversion == TRANSLATED and depth < DEEPEST
                parts.append(self._translated(values[name], depth + 1) if inner else values[name])
        return with_particles("".join(parts))

    def _part(self, text: str, depth: int) -> str:
        """A text in the place of another: a sentence without its end, or several with ; or ,."""
        if self.find(f"{text}.") is not None:
            return self._translated(f"{text}.", depth).removesuffix(".")
        for sign in ("; ", ", "):
            parts = split_outside_brackets(text, sign)
            if len(parts) > 1 and depth < DEEPEST:
                return sign.join(self._translated(part, depth + 1) for part in parts)
        return text

    @cached_property
    def _plain(self) -> dict[str, Sentence]:
        """Sentences without places, by their text."""
        sentences = (Sentence(*pair) for pair in self.table.items())
        return {s.pieces[0]: s for s in sentences if len(s.pieces) == 1}

    @cached_property
    def _with_places(self) -> list[tuple[str, Sentence]]:
        """Sentences with places, each after its longest piece, by which most are told apart."""
        sentences = [Sentence(*pair) for pair in self.table.items()]
        ordered = sorted((s for s in sentences if s.names), key=lambda s: -s.letters)
        return [(max(s.pieces, key=len), s) for s in ordered]


def pieces_of(template: str) -> tuple[str, ...]:
    """The text around the places of a template.

    Example:
        >>> pieces_of("row {row}: {value} is {{odd}}")
        ('row ', ': ', ' is {odd}')
    """
    pieces = [""]
    for literal, name, _, _ in Formatter().parse(template):
        pieces[-1] += literal
        if name is not None:
            pieces.append("")
    return tuple(pieces)


def places_of(template: str) -> list[str]:
    """The names of the places of a template, in order.

    Example:
        >>> places_of("row {row}: {value!k}")
        ['row', 'value']
    """
    return [name for name, _ in _places(template)]


def _places(template: str) -> list[tuple[str, str]]:
    """Name and format of each place."""
    parts = Formatter().parse(template)
    return [(name, spec or "") for _, name, spec, _ in parts if name is not None]


def split_outside_brackets(text: str, sign: str) -> list[str]:
    """The parts of a text between signs that no bracket encloses.

    Example:
        >>> split_outside_brackets("a (b; c); d", "; ")
        ['a (b; c)', 'd']
    """
    parts: list[str] = []
    for part in text.split(sign):
        if parts and sum(map(parts[-1].count, "([{")) > sum(map(parts[-1].count, ")]}")):
            parts[-1] += sign + part
        else:
            parts.append(part)
    return parts
