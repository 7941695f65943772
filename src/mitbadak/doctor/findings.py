"""What the doctor says: one finding has evidence, a cause, a remedy, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from mitbadak.core.errors import RangeError, known
from mitbadak.doctor.words import IN_CODE, WORDS, Words

NOTE, WARNING, FAULT = "note", "warning", "fault"
FIELDS = ("code", "severity", "confidence", "where", "since", "trial")
SEVERITIES: Final = (NOTE, WARNING, FAULT)


@dataclass(frozen=True)
class Finding:
    """One thing that was seen, and what follows from it.

    Attributes:
        code: a stable name, such as ``lr-too-large``; the table in ``docs/doctor.md`` lists them.
        severity: ``note``, ``warning`` or ``fault``.
        confidence: in [0, 1]: how often the cause was the true one where such evidence was seen.
        evidence: what was measured, by name; numbers and texts. A ``kind`` chooses the words.
        where: a parameter, a layer, or a line of a file; "" for the training as a whole.
        since: the step at which it was first seen; None if it does not depend on one.
        trial: what a trial of the remedy showed, in words; "" if there was none.

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
    trial: str = ""

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
        return known("language", lang, WORDS)[self._key].filled(
            {**self.evidence, "where": self.where}
        )

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """The finding as JSON values, with its words; numbers that are not finite become None."""
        evidence = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in self.evidence.items()
        }
        own = {name: getattr(self, name) for name in FIELDS}
        return {**own, "evidence": evidence, **asdict(self.words(lang))}


def by_confidence(findings: Sequence[Finding]) -> list[Finding]:
    """The gravest first; of one severity, the surest."""
    order = {severity: k for k, severity in enumerate(reversed(SEVERITIES))}
    return sorted(findings, key=lambda f: (order[f.severity], -f.confidence, f.since or 0))
