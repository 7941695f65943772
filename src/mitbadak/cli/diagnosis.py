"""What the doctor says at the end of ``mitbadak train``: in short, or with ``--doctor`` in full."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mitbadak.cli.exits import from_the_system, in_words
from mitbadak.cli.language import say
from mitbadak.core.ending import end_if_signalled
from mitbadak.core.warned import warn

if TYPE_CHECKING:
    from mitbadak.doctor.report import Report
    from mitbadak.runs.session import Session

PAGE = "doctor.html"


def diagnosed(session: Session, *, in_full: bool) -> Report | None:
    """The doctor's report; None, and a warning, if it fails, since the run is complete anyway.

    Args:
        session: of a training that has ended.
        in_full: whether to try remedies.
    """
    from mitbadak.doctor.runs import diagnose_session

    try:
        return diagnose_session(session, trials=in_full)
    except Exception as problem:  # little memory, or a data set that is gone
        end_if_signalled()
        warn(f"the doctor could not look at the run: {in_words(problem)}.")
        return None


def saved(report: Report, session: Session, lang: str) -> str:
    """Write the report into the run folder; "", or why that failed."""
    try:
        session.run.check_own()
        report.save(session.run.path / PAGE, lang)
    except OSError as problem:
        return f"no report was written: {from_the_system(problem)}"
    return ""


def lines_of(report: Report | None, folder: Path, lang: str, *, in_full: bool) -> list[str]:
    """The report; in short, what is wrong and where to ask for more, and nothing if all is well."""
    if report is None:
        return []
    if in_full:
        page = folder / PAGE
        lines = report.text(lang).split("\n")
        return [*lines, say(f"report: {page}")] if page.exists() else lines
    if report.first is None:
        return []
    return [
        say(f"doctor: {report.first.sentence(lang)} {report.first.words(lang).remedy}"),
        say(f"why, and what helps: mitbadak diagnose {folder}"),
    ]


def as_values(report: Report | None, lang: str, *, in_full: bool) -> list[Any]:
    """The findings as JSON values; in short, their codes."""
    found = () if report is None else report.findings
    return [finding.to_dict(lang) if in_full else finding.code for finding in found]
