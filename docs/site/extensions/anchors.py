"""The same anchors in both languages: ``tables.html#dates`` leads to that section in either.

Sphinx names Korean headings ``id1``, ``id2``. Both languages of a page have the same headings,
so each gets the English name too, and it comes first. ``anchors.json`` has them, in the order of
a page.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def name_sections(app: Sphinx, doctree: nodes.document) -> None:
    """Put the English anchor before the others of each section."""
    if app.config.language == "en":
        return
    known = json.loads((Path(app.srcdir) / "anchors.json").read_text(encoding="utf-8"))
    anchors = known.get(app.env.docname, [])
    sections = list(doctree.findall(nodes.section))
    if len(anchors) != len(sections):
        return  # a page of the catalog, whose anchors are English already
    taken = {name for section in sections for name in section["ids"]}
    for section, anchor in zip(sections, anchors, strict=True):
        if anchor and anchor not in taken:
            section["ids"].insert(0, anchor)
            taken.add(anchor)


def setup(app: Sphinx) -> dict[str, Any]:
    # Before Sphinx collects the titles for the tables of contents.
    app.connect("doctree-read", name_sections, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
