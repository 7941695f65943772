"""What the doctor says about a script: its faults stay where they are, and each has one line."""

from __future__ import annotations

import re

from mitbadak.book.notices import language, line, text_of
from mitbadak.book.program import Program
from mitbadak.core.errors import MitbadakError
from mitbadak.doctor.code.reading import findings_in

PLACE = re.compile(r"(?:cell (?P<cell>\d+), )?line (?P<line>\d+)$")
MOST = 12  # lines; the rest is counted
WORKS_HERE = {"removed-numpy-name", "path-of-parent"}  # book mode takes care of them


def report_findings(program: Program) -> None:
    """One line for each fault, before the script runs: it may run for days, and then be stopped."""
    lang = language()
    try:
        found = findings_in(program.source())
    except (MitbadakError, RecursionError):  # the reader gave up; the script can run all the same
        return
    for finding in [f for f in found if f.code not in WORKS_HERE][:MOST]:
        own = str(finding.evidence["line"])
        instead = finding.evidence["instead"]
        seen = finding.words(lang).seen.rstrip(".")
        hint = text_of("instead", line=instead) if instead and instead != own else ""
        where = _place(finding.where, lang)
        line(text_of("finding", where=where, code=finding.code, seen=seen, instead=hint))


def _place(where: str, lang: str) -> str:
    """A place in a file, in the language of the notices."""
    found = PLACE.search(where) if lang == "ko" else None
    if found is None:
        return where
    cell = f"{found['cell']}번 셀 " if found["cell"] else ""
    return f"{where[: found.start()]}{cell}{found['line']}번째 줄"
