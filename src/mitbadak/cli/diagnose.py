"""The command diagnose: why a run did not learn, and faulty lines of scripts and notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mitbadak.cli.flags import AsJson, Language
from mitbadak.core.errors import FormatError
from mitbadak.core.printing import decoded, print_json, print_line, table_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mitbadak.doctor.findings import Finding
    from mitbadak.doctor.report import Report

FOUND = 1  # exit code
LABELS = {
    "en": {"line": "line", "instead": "instead", "none": "nothing found"},
    "ko": {"line": "지금", "instead": "고침", "none": "찾은 것이 없습니다"},
}  # fmt: skip


def diagnose(
    files: Annotated[
        list[Path], typer.Argument(help="Run folders, scripts (.py) or notebooks (.ipynb).")
    ],
    as_json: AsJson = False,
    lang: Language = "",
) -> int:
    """Say why a run did not learn, or point at faulty lines of scripts and notebooks.

    Scripts are read without running them, and each finding has the corrected line. The exit code
    is 1 if there is a fault or warning, and 0 if there are only notes, or nothing.
    """
    reports = {path: _report(path) for path in files if path.is_dir()}
    found = [
        (path, reports[path].findings if path in reports else diagnose_file(path)) for path in files
    ]
    if as_json:
        print_json({
            "files": [
                {"file": str(path), "findings": [finding.to_dict(lang) for finding in findings]}
                for path, findings in found
            ]
        })  # fmt: skip
    else:
        for path, findings in found:
            if path in reports:
                for line in f"{decoded(path)}: {reports[path].text(lang)}".split("\n"):
                    print_line(line)
            else:
                _print(path, findings, LABELS[lang], lang)
    grave = any(finding.severity != "note" for _, findings in found for finding in findings)
    return FOUND if grave else 0


def diagnose_file(path: Path) -> list[Finding]:
    """The findings for one file.

    Raises:
        FormatError: it is a folder, or neither a script nor a notebook.
        FileNotFoundError: there is nothing of that name.
    """
    from mitbadak.doctor.code import read_code

    if not path.exists():
        raise FileNotFoundError(f"{decoded(path)}: no such file or run folder.")
    if path.is_dir():
        raise FormatError(f"{decoded(path)}: expected a .py or .ipynb file; got a folder.")
    return read_code(path)


def _report(folder: Path) -> Report:
    from mitbadak.doctor.runs import diagnose_run

    return diagnose_run(folder)


def _print(path: Path, findings: Sequence[Finding], labels: dict[str, str], lang: str) -> None:
    from mitbadak.doctor.report import GRAVITY

    if not findings:
        print_line(f"{decoded(path)}: {labels['none']}")
    for finding in findings:
        words: Any = finding.words(lang)
        seen = words.seen.removesuffix(f": {finding.evidence['line']}")
        print_line(f"{finding.where}: {GRAVITY[lang][finding.severity]}: {finding.code}: {seen}")
        rows = [(f"  {labels[name]}:", finding.evidence[name]) for name in ("line", "instead")]
        for line in table_lines(rows, gap=1):
            print_line(line)
        print_line(f"  {words.why}")
