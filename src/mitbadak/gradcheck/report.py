"""The report of a gradient check: what was compared, how closely, and what could not be."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.elsewhere import Explains
from mitbadak.core.elsewhere_objects import REPORT
from mitbadak.core.errors import GradientError, known
from mitbadak.core.notebook import Shown

RIGHT, WRONG, KINK, NOT_TESTED = "right", "wrong", "kink", "not tested"


@dataclass(frozen=True, repr=False)
class Finding:
    """The comparison of one parameter, or of one argument of a function.

    Error and tolerance are relative to the entry's size: the larger of its analytic and numerical
    values, and at least a thousandth of the parameter's largest entry.

    Attributes:
        name, shape: the parameter's name and shape.
        verdict: ``right``, ``wrong``, ``kink`` (the two differ only where the function has no
            derivative, and agree on both sides) or ``not tested`` (``reasons`` says why).
        entries: the number of entries compared, or of random directions.
        not_tested: the number of entries that could not be tested.
        kinks: the number of entries at or near a kink of the function.
        error: the largest relative difference; ``at`` is the index of that entry.
        analytic, numerical: the two values there.
        tolerance: the largest relative difference that is allowed there.
        size: the entry's size, to which error and tolerance are relative.
        why: how the slope was measured, or what is wrong besides the numbers.
        reasons: why entries were not tested, each with its count.
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
    size: float = 0.0
    why: str = ""
    reasons: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Finding({self.name} {self.shape}: {self.verdict}, error {self.error:.2g})"

    def __str__(self) -> str:
        where = f" at {self.at}" if self.at else ""
        parts = [
            f"largest error {self.error:.2g} of size {self.size:.2g}{where}, tolerance "
            f"{self.tolerance:.2g} (analytic {self.analytic:.9g}, numerical {self.numerical:.9g})"
        ]
        if self.verdict == NOT_TESTED:
            parts = ["; ".join(self.reasons) or "it has no entries"]
        elif np.isnan(self.error):
            parts = [self.why]
        elif self.verdict == WRONG and self.why:
            parts.append(self.why)
        if self.not_tested and self.verdict != NOT_TESTED:
            why = f" ({'; '.join(self.reasons)})" if self.reasons else ""
            parts.append(f"{self.not_tested:,} of {self.entries:,} not tested{why}")
        if self.kinks:
            parts.append(f"{self.kinks:,} at a kink")
        return f"{self.name} {self.shape}: {self.verdict}; " + "; ".join(parts)


@dataclass(frozen=True)
class Cause:
    """A fault that explains the wrong gradient: with it, the numbers agree.

    Attributes:
        name: the name of the fault.
        where: the parameters whose gradients it explains.
        explanation: the fault in a sentence.
        error: the relative difference that remains, assuming the fault.
    """

    name: str
    where: tuple[str, ...]
    explanation: str
    error: float


@explained
@dataclass(frozen=True, repr=False)
class GradientReport(Shown, Explains):
    """The result of ``check_gradients``.

    Attributes:
        findings: one per parameter, in order.
        mode: ``full``, or ``directions`` if only random directions were compared.
        notes: what was done to make the comparison fair, such as a float64 copy, and what limits
            it, such as a loss that carries only float32 digits.
        causes: the faults that explain a wrong gradient, the one that explains most parameters
            first; empty if no fault explains the numbers.

    Example:
        >>> report = GradientReport((Finding("W1", (2, 3), "right", 6, error=1e-9),), "full")
        >>> report.ok, report.raise_if_failed() is report
        (True, True)
    """

    elsewhere = REPORT

    findings: tuple[Finding, ...]
    mode: str
    notes: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; entries that were not tested do not count."""
        return all(finding.verdict != WRONG for finding in self.findings)

    @property
    def verdict(self) -> str:
        """The result in one sentence."""
        names = {v: [f.name for f in self.findings if f.verdict == v]
                 for v in (WRONG, KINK, NOT_TESTED)}  # fmt: skip
        if names[WRONG]:
            return f"The gradient is wrong in {', '.join(names[WRONG])}."
        tested = sum(f.entries - f.not_tested for f in self.findings)
        entries = sum(f.entries for f in self.findings)
        if tested == 0:
            if all("exactly 0" in reason for f in self.findings for reason in f.reasons[-1:]):
                return "Nothing was tested: every entry is 0 on both sides."
            return "Nothing was tested; the findings say why."
        sentence = "The gradient is right where it was tested"
        sentence += f"; {', '.join(names[KINK])}: at a kink" if names[KINK] else ""
        if tested < entries / 2:
            sentence += f", but {entries - tested:,} of {entries:,} entries were not"
        return sentence + "."

    def __getitem__(self, name: str) -> Finding:
        """The finding of a parameter.

        Raises:
            UnknownNameError: there is none of that name.
        """
        return known("parameter", name, {finding.name: finding for finding in self.findings})

    def raise_if_failed(self) -> GradientReport:
        """The report itself, if nothing is wrong.

        Raises:
            GradientError: with the whole report.
        """
        if not self.ok:
            raise GradientError(str(self))
        return self

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-serializable values, with None for NaN and infinity."""
        report = asdict(self) | {"ok": self.ok, "verdict": self.verdict}
        for finding in report["findings"]:
            for key in ("error", "analytic", "numerical", "tolerance"):
                finding[key] = finding[key] if np.isfinite(finding[key]) else None
        return report

    @property
    def lines(self) -> list[str]:
        """The lines of the printed report."""
        lines = [self.verdict, *(f"  {finding}" for finding in self.findings)]
        lines += [f"  likely cause: {c.name} ({', '.join(c.where)}). {c.explanation}"
                  for c in self.causes[:3]]  # fmt: skip
        return lines + [f"  note: {note}" for note in self.notes]

    def __repr__(self) -> str:
        return f"GradientReport({self.mode}, {len(self.findings)} findings: {self.verdict})"

    def __str__(self) -> str:
        return "\n".join(self.lines)
