"""The result of a checkup: its items and findings, as text, as JSON values, as a page."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mitbadak.core.elsewhere import Explains
from mitbadak.core.elsewhere_objects import CHECKUP
from mitbadak.core.languages import known_language
from mitbadak.doctor.causes import in_order
from mitbadak.doctor.checkup.causes import EXPLAINS_BEFORE
from mitbadak.doctor.checkup.items import Item
from mitbadak.doctor.checkup.pictures import picture_of
from mitbadak.doctor.findings import Finding
from mitbadak.doctor.page import Page
from mitbadak.doctor.report import COLORS, GRAVITY, Report

LABELS = {
    "en": {
        "title": "Checkup before training",
        "sound": "Nothing speaks against this training ({judged} of {checks} checks judged).",
        "found": "{count} findings to act on, in {checks} checks.",
        "found1": "One finding to act on, in {checks} checks.",
        "noted": "Nothing but notes, in {checks} checks.",
    },
    "ko": {
        "title": "학습 전 점검",
        "sound": "이대로 학습해도 좋습니다(항목 {checks}개 가운데 {judged}개 판정).",
        "found": "항목 {checks}개를 점검해 고칠 것 {count}개를 찾았습니다.",
        "found1": "항목 {checks}개를 점검해 고칠 것 하나를 찾았습니다.",
        "noted": "항목 {checks}개를 점검했고, 참고할 것만 있습니다.",
    },
}  # fmt: skip
STATUS = {
    "en": {**GRAVITY["en"], "passed": "passed", "not judged": "not judged"},
    "ko": {**GRAVITY["ko"], "passed": "통과", "not judged": "판정 안 함"},
}
PASSED_COLOR, SKIPPED_COLOR = "#1b6e3c", "#5f6368"


@dataclass(frozen=True)
class CheckupReport(Report):
    """The findings of a checkup; ``steps`` are the checks, ``looked`` those that were judged."""

    def _counted(self, lang: str) -> str:
        grave = sum(finding.severity != "note" for finding in self.findings)
        key = "sound" if not self.findings else "noted" if not grave else "found"
        key = "found1" if grave == 1 else key
        return LABELS[lang][key].format(count=grave, checks=self.steps, judged=self.looked)

    def title(self, lang: str) -> str:
        return LABELS[known_language(lang)]["title"]


@dataclass(frozen=True, repr=False)
class Checkup(Page, Explains):
    """What a checkup measured and found; iterating over it gives its items.

    Attributes:
        subject: the net, its optimizer and its data in one line.
        items: what was checked, each with its measures and findings.

    Example:
        >>> import mitbadak as mb
        >>> result = mb.checkup(mb.MLP([2, 10, 3], "relu", rng=0), mb.load_spiral(),
        ...                     lr=1.0, batch_size=30, epochs=300)
        >>> result.ok, result.items[0].sentence()
        (True, 'the loss of the untrained net is 1.08; guessing among 3 classes costs 1.099.')
    """

    elsewhere = CHECKUP

    subject: str
    items: tuple[Item, ...]

    def __repr__(self) -> str:
        codes = ", ".join(finding.code for finding in self.findings) or "nothing found"
        return f"Checkup({len(self)} items: {codes})"

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, name: str) -> Item:
        """The item of a name, such as ``learning-rate``."""
        return {item.name: item for item in self.items}[name]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, causes first."""
        found = [finding for item in self.items for finding in item.findings]
        return tuple(in_order(found, EXPLAINS_BEFORE))

    @property
    def report(self) -> Report:
        """The findings as a report of the doctor."""
        judged = sum(item.judged for item in self.items)
        return CheckupReport(self.findings, len(self.items), judged)

    @property
    def ok(self) -> bool:
        """Whether nothing above a note was found."""
        return self.report.first is None

    def text(self, lang: str = "en") -> str:
        """For a terminal, in English (``en``) or Korean (``ko``)."""
        label = LABELS[known_language(lang)]
        lines = [f"{label['title']}: {self.subject}"]
        lines += [
            f"  [{STATUS[lang][item.status]}] {item.title(lang)}: {item.sentence(lang)}"
            for item in self.items
        ]
        return "\n".join([*lines, self.report.text(lang)])

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """The checkup as JSON values."""
        return {
            "subject": self.subject,
            "ok": self.ok,
            "items": [item.to_dict(lang) for item in self.items],
            "findings": [finding.to_dict(lang) for finding in self.findings],
        }

    def html(self, lang: str = "en") -> str:
        """A piece of a page that needs nothing else, with the pictures of the evidence."""
        known_language(lang)
        parts = [f"<p><code>{html.escape(self.subject)}</code></p>", self.report.html(lang)]
        parts += [_section(item, lang) for item in self.items]
        return "\n".join(parts)

    def title(self, lang: str) -> str:
        """Of the page."""
        return LABELS[known_language(lang)]["title"]


def _section(item: Item, lang: str) -> str:
    colors = {**COLORS, "passed": PASSED_COLOR, "not judged": SKIPPED_COLOR}
    sentence = item.sentence(lang)
    return (
        f'<section><h3><span style="color:{colors[item.status]}">{STATUS[lang][item.status]}'
        f"</span> {html.escape(item.title(lang))}</h3><p>{html.escape(sentence)}</p>"
        f"{picture_of(item, lang)}</section>"
    )
