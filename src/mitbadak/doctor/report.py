"""A report: the findings, as text, as JSON values, as a page."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any

from mitbadak.core.languages import known_language
from mitbadak.doctor.findings import NOTE, Finding
from mitbadak.doctor.page import Page
from mitbadak.doctor.pictures import course

LABELS = {
    "en": {
        "title": "Report of the doctor",
        "nothing": "Nothing is wrong that the doctor knows of",
        "seen": "{steps:,} updates seen, {looked:,} of them closely",
        "since": ", since step {step:,}",
        "more": "More can be told where observe is given {names}.",
        "why": "why",
        "remedy": "what to do",
        "unless": "not so if",
        "tried": "trial",
        "sure": "sure",
    },
    "ko": {
        "title": "학습 진단서",
        "nothing": "아는 문제는 보이지 않습니다",
        "seen": "갱신 {steps:,}번을 보았고, 그중 {looked:,}번을 자세히 보았습니다",
        "since": ", {step:,}번째 단계부터",
        "more": "observe에 {names}도 넘기면 더 많은 것을 알 수 있습니다.",
        "why": "그 까닭",
        "remedy": "할 일",
        "unless": "틀릴 수 있는 경우",
        "tried": "시험",
        "sure": "확신",
    },
}
GRAVITY = {
    "en": {"note": "note", "warning": "warning", "fault": "fault"},
    "ko": {"note": "참고", "warning": "주의", "fault": "오류"},
}
COLORS = {"fault": "#b3261e", "warning": "#8a5a00", "note": "#3b5b92"}


@dataclass(frozen=True)
class Report(Page):
    """What the doctor found.

    Attributes:
        findings: the gravest and surest first.
        steps: updates that were seen.
        looked: of them, how many were looked at closely.
        losses: of the updates, for the picture.
        lacks: arguments of ``observe`` that were never given; named where nothing is wrong.

    Example:
        >>> print(Report((), 100, 30))
        Nothing is wrong that the doctor knows of (100 updates seen, 30 of them closely).
    """

    findings: tuple[Finding, ...]
    steps: int
    looked: int
    losses: tuple[float, ...] = field(default=(), repr=False)
    lacks: tuple[str, ...] = field(default=(), repr=False)

    @property
    def first(self) -> Finding | None:
        """The finding to act on; None if there are only notes."""
        return next((f for f in self.findings if f.severity != NOTE), None)

    def text(self, lang: str = "en") -> str:
        """For a terminal, in English (``en``) or Korean (``ko``)."""
        label, counted = LABELS[known_language(lang)], self._counted(lang)
        if not self.findings:
            return counted
        lines = [counted]
        for number, finding in enumerate(self.findings, 1):
            words = finding.words(lang)
            since = label["since"].format(step=finding.since) if finding.since else ""
            lines += [
                f"{number}. {GRAVITY[lang][finding.severity]}{since}: {finding.sentence(lang)}",
                f"   {label['why']}: {words.why}",
                f"   {label['remedy']}: {words.remedy}",
                f"   {label['unless']}: {words.unless} ({label['sure']} {finding.confidence:.0%})",
            ]
            if finding.trial is not None:
                lines.append(f"   {finding.trial.text(lang)}")
        return "\n".join(lines)

    def _counted(self, lang: str) -> str:
        """The first sentence: how much was seen, and whether nothing was found."""
        label = LABELS[lang]
        seen = label["seen"].format(steps=self.steps, looked=self.looked)
        counted = f"{seen}." if self.findings else f"{label['nothing']} ({seen})."
        more = label["more"].format(names=", ".join(self.lacks))
        return f"{counted} {more}" if self.lacks and self.first is None else counted

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """The report as JSON values."""
        return {
            "steps": self.steps,
            "looked": self.looked,
            "findings": [finding.to_dict(lang) for finding in self.findings],
        }

    def html(self, lang: str = "en") -> str:
        """A piece of a page that needs nothing else."""
        label = LABELS[known_language(lang)]
        parts = [f"<p>{html.escape(self._counted(lang))}</p>"]
        parts += [course(self.losses, self.findings, lang)]
        for finding in self.findings:
            words, color = finding.words(lang), COLORS[finding.severity]
            terms = {
                label["why"]: words.why,
                label["remedy"]: words.remedy,
                label["unless"]: words.unless,
                label["sure"]: f"{finding.confidence:.0%}",
            }
            if finding.trial is not None:
                terms[label["tried"]] = finding.trial.text(lang)
            listed = "".join(
                f"<dt>{html.escape(term)}</dt><dd>{html.escape(text)}</dd>"
                for term, text in terms.items()
            )
            parts.append(
                f'<section style="border-left:4px solid {color};padding-left:1em">'
                f'<h3><span style="color:{color}">{GRAVITY[lang][finding.severity]}</span> '
                f"{html.escape(finding.sentence(lang))}</h3><dl>{listed}</dl></section>"
            )
        return "\n".join(parts)

    def title(self, lang: str) -> str:
        """Of the page."""
        return LABELS[known_language(lang)]["title"]
