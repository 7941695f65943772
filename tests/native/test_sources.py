"""Every constant of kernels.h has its cases, so that none falls through to a default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mitbadak.native import structs

SOURCES = Path(structs.__file__).parent / "c"
pytestmark = pytest.mark.skipif(not (SOURCES / "level.c").exists(), reason="not in a checkout")
# The first name of an enum; the file and the number of switches in it that tell its names apart.
SWITCHES = [
    ("IDENTITY", "activations.h", 2),
    ("IDENTITY", "moves.h", 1),
    ("AFFINE", "forward.h", 1),
    ("AFFINE", "backward.h", 1),
    ("SGD", "rules.h", 1),
    ("PENALTY_L2", "rules.h", 1),
]
DEFAULTS = {"IDENTITY", "ACTIVATION", "RULE"}  # whose work the defaults do


@pytest.mark.parametrize(("first", "file", "switches"), SWITCHES)
def test_every_constant_has_a_case(first, file, switches):
    header = (SOURCES / "kernels.h").read_text(encoding="utf-8")
    names = re.search(rf"enum \{{\s+({first}\b[^}}]*?)\s+\}}", header)
    assert names is not None
    text = (SOURCES / file).read_text(encoding="utf-8")
    for name in re.split(r",\s+", names[1]):
        if name not in DEFAULTS:
            assert len(re.findall(rf"\bcase {name}:", text)) >= switches, name
