"""Every planted line is found, in every form of its script; sound scripts raise no alarm."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from doctor.code.kinds import KINDS
from doctor.code.learners import FAULTY
from doctor.code.sound import SOUND
from doctor.code.variants import Variant, as_script, lines_of, variants_of
from mitbadak.doctor.code import read_code
from mitbadak.doctor.code.rules.table import RULES
from mitbadak.doctor.findings import NOTE, Finding
from mitbadak.doctor.words import code

pytestmark = pytest.mark.once

ALL = {**FAULTY, **KINDS}
FORMS = ("as written", "names", "spacing", "comments", "notebook", "function")


def read(variant: Variant, folder: Path) -> list[Finding]:
    file = folder / f"script{variant.ending}"
    file.write_text(variant.content, encoding="utf-8")
    return read_code(file)


def test_there_are_enough_scripts() -> None:
    assert len(FAULTY) >= 30
    assert len(SOUND) >= 30


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ALL)
def test_planted_lines_are_found(name: str, form: str, tmp_path: Path) -> None:
    variant = variants_of(ALL[name])[form]
    found = [f for f in read(variant, tmp_path) if f.severity != NOTE]
    places = {(f.where.partition(", ")[2], f.code) for f in found}
    assert places == set(variant.planted), variant.content


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SOUND)
def test_sound_scripts_raise_no_alarm(name: str, form: str, tmp_path: Path) -> None:
    variant = variants_of(SOUND[name])[form]
    found = [f for f in read(variant, tmp_path) if f.severity != NOTE]
    assert not found, (found, variant.content)


@pytest.mark.parametrize("name", ALL)
def test_the_corrected_line_cures_the_script(name: str, tmp_path: Path) -> None:
    lines = lines_of(ALL[name])
    for finding in read(as_script(lines), tmp_path):
        number = int(finding.where.rpartition(" ")[2])
        text = lines[number - 1][0]
        indent = text[: len(text) - len(text.lstrip())]
        lines[number - 1] = (indent + finding.evidence["instead"], "")
    content = "\n".join(text for text, _ in lines)
    ast.parse(content)
    left = [f for f in read(as_script(lines), tmp_path) if f.severity != NOTE]
    assert not left, content


@pytest.mark.parametrize("name", FAULTY)
def test_findings_speak_both_languages(name: str, tmp_path: Path) -> None:
    for finding in read(as_script(lines_of(FAULTY[name])), tmp_path):
        english, korean = finding.to_dict("en"), finding.to_dict("ko")
        json.dumps([english, korean])
        assert english["seen"] != korean["seen"]
        assert finding.evidence["line"]


def test_every_rule_has_words_and_a_row_in_both_pages() -> None:
    codes = {rule.code for rule in RULES}
    assert codes == set(code.ENGLISH) == set(code.KOREAN)
    docs = Path(__file__).parents[3] / "docs"
    for page in ("doctor.md", "doctor.ko.md"):
        rows = re.findall(
            r"^\| `([\w-]+)` \|", (docs / page).read_text(encoding="utf-8"), re.MULTILINE
        )
        assert codes <= set(rows)
    planted = {p[1] for script in FAULTY.values() for p in as_script(lines_of(script)).planted}
    assert planted == codes - {"cells-out-of-order"}
