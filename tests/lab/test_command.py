"""The command lab: what it says where something is missing, in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import Capture, refused
from mitbadak.lab import assets, libraries


def test_missing_libraries_are_named_with_the_command_that_installs_them(
    capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "find_spec", lambda name: None)
    assert refused(capfd, "lab", "--no-browser") == (
        "mitbadak: the lab needs starlette, uvicorn, websockets. Install it with: pip install "
        '"mitbadak[lab]"\n'
    )
    assert "pip install" in refused(capfd, "lab", "--lang", "ko")


def test_a_page_that_was_not_built_is_told_with_what_to_do(tmp_path: Path) -> None:
    for read in (lambda: assets.page_files(tmp_path), lambda: assets.widget_file("a.js", tmp_path)):
        with pytest.raises(assets.MissingAssetsError, match=r"python tools/lab_build\.py"):
            read()


@pytest.mark.parametrize("port", ["-1", "65536", "x", "1.5"])
def test_a_port_that_is_none_is_refused(capfd: Capture, port: str) -> None:
    assert "--port" in refused(capfd, "lab", "--port", port)


def test_only_files_of_known_types_are_served(tmp_path: Path) -> None:
    page = tmp_path / "page"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<p>")
    (page / "assets" / "a.js").write_text("1")
    (page / "secret.env").write_text("x")
    files = assets.page_files(tmp_path)
    assert set(files) == {"index.html", "assets/a.js"}
    assert files["assets/a.js"].media_type.startswith("text/javascript")
