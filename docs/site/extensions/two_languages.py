"""What every page says of its twin in the other language: a switch, and links for crawlers."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

LANGUAGES = {"en": "English", "ko": "한국어"}


def add_twin(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the templates the address of this page in each language."""
    root = context["content_root"] + "../"
    context["twins"] = [
        (code, name, f"{root}{code}/{page}.html", code == app.config.language)
        for code, name in LANGUAGES.items()
    ]


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", add_twin)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
