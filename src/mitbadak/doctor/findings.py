"""What the doctor says: one finding has evidence, a cause, a remedy, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from mitbadak.core.errors import RangeError, known
from mitbadak.doctor.words import IN_CODE, WORDS, Words
from mitbadak.doctor.words.trials import trial_in_words
from mitbadak.training.history_file import finite_or_none

NOTE, WARNING, FAULT = "note", "warning", "fault"
FIELDS = ("code", "severity", "confidence", "where", "since")
SEVERITIES: Final = (NOTE, WARNING, FAULT)


@dataclass(frozen=True)
class Trial:
    """A remedy that was applied to a copy of the training.

    Attributes:
        remedies: what was changed: the names that choose the words, and what stands in them.
        steps: how many updates were made.
        first, last: the loss before and after them.
        unchanged: the loss that the training itself had after as many steps.
        anew: whether the copy started from new weights.
        helped: whether the loss fell, and below the unchanged one.

    Example:
        >>> trial = Trial((("rate", {"lr": 0.1}),), 50, 2.3026, 0.6113, 2.3018, False, True)
        >>> print(trial.text())
        lr 0.1 tried for 50 steps: loss 2.303 to 0.6113 (unchanged: 2.302).
    """

    remedies: tuple[tuple[str, Mapping[str, Any]], ...]
    steps: int
    first: float
    last: float
    unchanged: float
    anew: bool
    helped: bool

    def text(self, lang: str = "en") -> str:
        """What was tried and what came of it, in one sentence."""
        return trial_in_words(self.remedies, asdict(self), lang)

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """The trial as JSON values; losses that are not finite become None."""
        return {**finite_or_none(asdict(self)), "text": self.text(lang)}


@dataclass(frozen=True)
class Finding:
    """One thing that was seen, and what follows from it.

    Attributes:
        code: a stable name, such as ``lr-too-large``; the table in ``docs/doctor.md`` lists them.
        severity: ``note``, ``warning`` or ``fault``.
        confidence: in [0, 1]: how often the cause was the true one where such evidence was seen.
        evidence: what was measured, by name; numbers and texts. A ``kind`` chooses the words.
            ``names`` says in words what some of the numbers stand for, such as a class.
        where: a parameter, a layer, or a line of a file; "" for the training as a whole.
        since: the step at which it was first seen; None if it does not depend on one.
        trial: what a trial of the remedy showed; None if there was none.

    Raises:
        UnknownNameError: there are no words for the code.
        RangeError: the confidence is not in [0, 1].

    Example:
        >>> finding = Finding("one-class-answered", FAULT, 0.9, {"answer": 4, "share": 0.0982})
        >>> print(finding.text)
        one-class-answered: every answer is class 4, which is right for 9.82% of the examples.
    """

    code: str
    severity: str
    confidence: float
    evidence: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""
    since: int | None = None
    trial: Trial | None = None

    def __post_init__(self) -> None:
        known("severity", self.severity, dict.fromkeys(SEVERITIES))
        known("finding", self._key, WORDS["en"])
        if not 0 <= self.confidence <= 1:
            raise RangeError(f"confidence must be in [0, 1]; got {self.confidence!r}.")

    @property
    def _key(self) -> str:
        kind = IN_CODE if "instead" in self.evidence else self.evidence.get("kind")
        return f"{self.code}:{kind}" if kind else self.code

    @property
    def text(self) -> str:
        """What was seen, in one English sentence after the code."""
        return self.sentence("en")

    def sentence(self, lang: str) -> str:
        """The code and what was seen, in one sentence, in English (``en``) or Korean (``ko``)."""
        return f"{self.code}: {self.words(lang).seen}"

    def words(self, lang: str = "en") -> Words:
        """What is seen, why it is thought so, what to do, and what would rule it out."""
        called = self.evidence.get("names")  # of columns and classes; some evidence is a text
        called = called if isinstance(called, dict) else {}
        return known("language", lang, WORDS)[self._key].filled(
            {**self.evidence, **called, "where": self.where}
        )

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """The finding as JSON values, with its words; numbers that are not finite become None."""
        own = {name: getattr(self, name) for name in FIELDS}
        trial = None if self.trial is None else self.trial.to_dict(lang)
        evidence = finite_or_none(dict(self.evidence))
        return {**own, "evidence": evidence, "trial": trial, **asdict(self.words(lang))}


def by_confidence(findings: Sequence[Finding]) -> list[Finding]:
    """The gravest first; of one severity, the surest."""
    order = {severity: k for k, severity in enumerate(reversed(SEVERITIES))}
    return sorted(findings, key=lambda f: (order[f.severity], -f.confidence, f.since or 0))
