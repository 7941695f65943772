"""One item of a checkup: what was measured, in a sentence, and what was found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mitbadak.core.errors import known
from mitbadak.core.particles import with_particles
from mitbadak.doctor.findings import NOTE, Finding, by_confidence
from mitbadak.doctor.words.checkup_items import NAMES, SENTENCES

PASSED, NOTED, SKIPPED = "passed", "note", "not judged"


@dataclass(frozen=True)
class Item:
    """One check.

    Attributes:
        name: a stable name, such as ``one-batch``.
        measures: what was measured, by name; a ``kind`` chooses the sentence, and ``names``
            says in words what some of the numbers stand for.
        findings: what is wrong, the gravest first; empty if nothing is.
        judged: whether it could be judged; if not, the sentence says why.

    Example:
        >>> item = Item("initial-loss", {"kind": "classes", "loss": 2.31, "expected": 2.3026,
        ...                              "classes": 10})
        >>> item.passed, item.status
        (True, 'passed')
        >>> item.sentence()
        'the loss of the untrained net is 2.31; guessing among 10 classes costs 2.303.'
    """

    name: str
    measures: Mapping[str, Any]
    findings: tuple[Finding, ...] = field(default=())
    judged: bool = True

    def __post_init__(self) -> None:
        known("sentence", self._key, SENTENCES["en"])
        object.__setattr__(self, "findings", tuple(by_confidence(self.findings)))

    @property
    def _key(self) -> str:
        kind = self.measures.get("kind")
        return f"{self.name}:{kind}" if kind else self.name

    @property
    def _in_words(self) -> dict[str, Any]:
        return {**self.measures, **self.measures.get("names", {})}

    @property
    def passed(self) -> bool:
        """Whether it was judged, and nothing above a note was found."""
        return self.judged and all(finding.severity == NOTE for finding in self.findings)

    @property
    def status(self) -> str:
        """``passed``, ``not judged``, or the severity of its gravest finding."""
        if self.findings:
            return self.findings[0].severity
        return PASSED if self.judged else SKIPPED

    def title(self, lang: str = "en") -> str:
        """What was checked, in a word or two."""
        return known("language", lang, NAMES)[self.name]

    def sentence(self, lang: str = "en") -> str:
        """What was measured, in one sentence."""
        sentence = known("language", lang, SENTENCES)[self._key]
        return with_particles(sentence.format(**self._in_words))

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """The item as JSON values; numbers that are not finite become None."""
        return {
            "name": self.name,
            "status": self.status,
            "passed": self.passed,
            "sentence": self.sentence(lang),
            "measures": {name: _plain(value) for name, value in self.measures.items()},
            "findings": [finding.code for finding in self.findings],
        }


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value
