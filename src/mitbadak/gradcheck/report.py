"""What a gradient check found: a report that says what was compared, how closely, and where."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from mitbadak.errors import GradientError

RIGHT, WRONG, KINK, NOT_TESTED = "right", "wrong", "kink", "not tested"


@dataclass(frozen=True)
class Finding:
    """The comparison of one parameter, or of one argument of a function.

    Attributes:
        name, shape: of the parameter.
        verdict: ``right``, ``wrong``, ``kink`` (the two differ only where the function has no
            derivative, and agree beside it) or ``not tested`` (both are 0 everywhere).
        entries: how many were compared; with random directions, how many of those.
        not_tested: entries where both sides are exactly 0, which shows nothing.
        kinks: entries at or near which the function has a kink.
        error: the largest difference over its scale; ``at`` is where.
        analytic, numerical: both values there.
        tolerance: what the difference there may be.
        why: where the tolerance comes from, or what is wrong besides numbers.
    """

    name: str
    shape: tuple[int, ...]
    verdict: str
    entries: int
    not_tested: int = 0
    kinks: int = 0
    error: float = 0.0
    at: tuple[int, ...] = ()
    analytic: float = 0.0
    numerical: float = 0.0
    tolerance: float = 0.0
    why: str = ""

    def __str__(self) -> str:
        counts = [f"{self.not_tested:,} of {self.entries:,} not tested"] * (self.not_tested > 0)
        counts += [f"{self.kinks:,} at a kink"] * (self.kinks > 0)
        where = f" at {self.at}" if self.at else ""
        numbers = (
            f"largest error {self.error:.2g}{where}: analytic {self.analytic:.9g}, numerical "
            f"{self.numerical:.9g}, tolerance {self.tolerance:.2g}"
        )
        said = self.why if np.isnan(self.error) else numbers
        if self.verdict == NOT_TESTED:
            said = "both sides are 0 everywhere: this shows nothing"
        return f"{self.name} {self.shape}: {self.verdict}; " + "; ".join([said, *counts])


@dataclass(frozen=True)
class Cause:
    """A fault that would explain the difference: with it, the numbers agree.

    Attributes:
        name: of the fault.
        where: the parameters that it explains.
        explanation: a sentence for people.
        error: what is left of the difference with the fault assumed, over its scale.
    """

    name: str
    where: tuple[str, ...]
    explanation: str
    error: float


@dataclass(frozen=True)
class GradientReport:
    """The result of ``check_gradients``.

    Attributes:
        findings: one per parameter, in order.
        mode: ``full``, or ``directions`` where only random directions were compared.
        notes: what was done to make the comparison fair, such as a float64 copy.
        causes: where something is wrong, the faults that would explain it, the likeliest first.

    Example:
        >>> report = GradientReport((Finding("W1", (2, 3), "right", 6, error=1e-9),), "full")
        >>> report.ok, report.raise_if_failed() is report
        (True, True)
    """

    findings: tuple[Finding, ...]
    mode: str
    notes: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; what was not tested does not count against it."""
        return all(finding.verdict != WRONG for finding in self.findings)

    @property
    def verdict(self) -> str:
        """One sentence."""
        names = {v: [f.name for f in self.findings if f.verdict == v]
                 for v in (WRONG, KINK, NOT_TESTED)}  # fmt: skip
        if names[WRONG]:
            return f"The gradient is wrong in {', '.join(names[WRONG])}."
        tested = sum(f.entries - f.not_tested for f in self.findings)
        entries = sum(f.entries for f in self.findings)
        if tested == 0:
            return "Nothing was tested: every entry is 0 on both sides."
        said = "The gradient is right where it was tested"
        said += f"; {', '.join(names[KINK])}: at a kink" if names[KINK] else ""
        if tested < entries / 2:
            said += f", but {entries - tested:,} of {entries:,} entries were not: both sides are 0"
        return said + "."

    def raise_if_failed(self) -> GradientReport:
        """The report itself when nothing is wrong.

        Raises:
            GradientError: with the whole report.
        """
        if not self.ok:
            raise GradientError(str(self))
        return self

    def as_dict(self) -> dict[str, Any]:
        """The report as values that JSON can hold; NaN as None."""
        found = asdict(self) | {"ok": self.ok, "verdict": self.verdict}
        for finding in found["findings"]:
            finding["error"] = None if np.isnan(finding["error"]) else finding["error"]
        return found

    @property
    def lines(self) -> list[str]:
        """The report for people, line by line."""
        lines = [self.verdict, *(f"  {finding}" for finding in self.findings)]
        lines += [f"  likely cause: {c.name} ({', '.join(c.where)}). {c.explanation}"
                  for c in self.causes[:3]]  # fmt: skip
        return lines + [f"  note: {note}" for note in self.notes]

    def __str__(self) -> str:
        return "\n".join(self.lines)
