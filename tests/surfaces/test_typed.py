"""Strict types in a user's code: nothing of ours is unknown there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mitbadak as mb

USER = Path(__file__).parent / "typed_user.txt"


def test_the_users_script_touches_every_public_name() -> None:
    script = USER.read_text(encoding="utf-8")
    names = mb.__all__  # pyright: ignore[reportAttributeAccessIssue]
    assert [name for name in names if not re.search(rf"\bmb\.{name}\b", script)] == []


@pytest.mark.once
def test_pyright_strict_knows_every_type_in_a_users_script(tmp_path: Path) -> None:
    script = tmp_path / "user.py"
    script.write_text(USER.read_text(encoding="utf-8"), encoding="utf-8")
    settings = {"include": ["user.py"], "typeCheckingMode": "strict"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson",
               "--project", str(tmp_path)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] == 1
    assert [d["message"] for d in found["generalDiagnostics"]] == []
