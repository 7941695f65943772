"""From a file to its findings."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from mitbadak.core.errors import FormatError
from mitbadak.doctor.code.corrections import line_of
from mitbadak.doctor.code.hits import finding
from mitbadak.doctor.code.interpreter import follow
from mitbadak.doctor.code.rules.table import RULES
from mitbadak.doctor.code.source import Source, read_source
from mitbadak.doctor.findings import NOTE, Finding


def read_code(path: str | PathLike[str]) -> list[Finding]:
    """Read a script or notebook without running it, and point at faulty lines.

    Args:
        path: a ``.py`` or ``.ipynb`` file.

    Returns:
        The findings in the order of their lines. Each has ``line``, ``instead`` (the corrected
        line) and ``number`` (which shows the fault, or None) in its evidence.

    Raises:
        FormatError: another kind of file, or one that is no Python; the message names the line.
        FileNotFoundError: there is no such file.

    Example:
        >>> import pathlib, tempfile
        >>> file = pathlib.Path(tempfile.mkdtemp(), "a.py")
        >>> _ = file.write_text("import numpy as np\\nt = np.zeros(3, dtype=np.int)\\n")
        >>> [found] = read_code(file)
        >>> print(found.code, "|", found.where, "|", found.evidence["instead"])
        removed-numpy-name | a.py, line 2 | t = np.zeros(3, dtype=int)
    """
    return findings_in(read_source(Path(path)))


def findings_in(source: Source) -> list[Finding]:
    """What the rules find in the code of one file."""
    try:
        trace = follow(source)
    except RecursionError:
        raise FormatError(f"{source.name}: its code is nested too deeply to be read.") from None
    found: dict[tuple[str, int], Finding] = {}
    for rule in RULES:
        for hit in rule.look(trace):
            line = getattr(hit.node, "lineno", 1)
            new = finding(source, hit, rule.code, rule.severity, rule.confidence)
            if hit.instead != line_of(source, hit.node) or rule.severity == NOTE:
                key = rule.code, line
                if key not in found or found[key].severity == NOTE:
                    found[key] = new
    return [found[key] for key in sorted(found, key=lambda key: (key[1], key[0]))]
