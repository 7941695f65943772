"""The directive ``names``: everything public that some modules define, from the docstrings.

````
```{names}
mitbadak.functions.activations
mitbadak.functions.losses
```
````

first lists each name with the first sentence of its docstring, then describes each in full. An
entry is a module, a single name, or a room (``mitbadak.optim``), which stands for whatever of it
nothing before describes (pages are read in the order of their names). Public names that are on
no page are reported at the end.

The docstrings are English. On the Korean site the first sentences are Korean, as far as the catalog
``summaries.po`` has them.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

PACKAGE = "mitbadak"
ROOMS = (
    "functions", "optim", "graph", "data", "nn", "descent", "gradcheck", "training", "runs",
    "plots",
)  # fmt: skip
"""Rooms whose ``__all__`` is public, beside the names of the package itself."""


def public_names() -> dict[str, str]:
    """All public functions and classes: dotted name to the module that defines them."""
    found: dict[int, tuple[str, Any]] = {}
    for room in (PACKAGE, *(f"{PACKAGE}.{room}" for room in ROOMS)):
        module = importlib.import_module(room)
        for name in module.__all__:
            thing = getattr(module, name)
            if callable(thing) and _module_of(thing).startswith(PACKAGE):
                found.setdefault(id(thing), (f"{room}.{name}", thing))
    return {name: _module_of(thing) for name, thing in found.values()}


def _module_of(thing: Any) -> str:
    return getattr(thing, "__module__", "") or ""


def resolved(name: str) -> Any:
    """The thing of a dotted name."""
    module, _, last = name.rpartition(".")
    return getattr(importlib.import_module(module), last)


def first_sentence(thing: Any) -> str:
    """The first paragraph of a docstring up to its first full stop."""
    paragraph = " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())
    sentence = paragraph.split(". ")[0].rstrip(".")
    return sentence.removesuffix(":") + "."


class Names(SphinxDirective):
    """See the module."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        if (
            self.env.app.builder.name == "gettext"
        ):  # the catalog has the frame around the docstrings
            return []
        chosen = self._chosen()
        container = nodes.container()
        source, line = self.get_source_info()
        text = [*self._table(chosen), "", *self._descriptions(chosen)]
        self.state.nested_parse(StringList(text, source=source), line, container)
        return container.children

    def _chosen(self) -> list[str]:
        known, before = public_names(), set().union(*described(self.env).values())
        chosen: list[str] = []
        for entry in map(str.strip, self.content):
            of_entry = [name for name, module in known.items() if entry in (module, name)]
            if entry.removeprefix(PACKAGE + ".") in ROOMS:
                rest = (n for n, module in known.items() if module.startswith(entry + "."))
                of_entry = [name for name in rest if name not in before]
            elif not of_entry and _is_there(entry):
                of_entry = [entry]
            if entry and not of_entry:
                logger.warning("nothing public is in %s", entry, location=self.get_location())
            chosen += sorted(set(of_entry) - set(chosen), key=str.lower)
        described(self.env).setdefault(self.env.docname, set()).update(chosen)
        return chosen

    def _table(self, names: list[str]) -> list[str]:
        summaries = korean_summaries(self.env)
        rows = [":::{container} names", "| | |", "|---|---|"]
        for name in names:
            sentence = first_sentence(resolved(name))
            if self.config.language == "ko":
                sentence = summaries.get(sentence) or sentence
            short = name.removeprefix(PACKAGE + ".").removeprefix("core.errors.")
            cell = sentence.replace("|", r"\|")
            rows.append(f"| {{py:obj}}`{short} <{name}>` | {cell} |")
        return [*rows, ":::"]

    def _descriptions(self, names: list[str]) -> list[str]:
        lines: list[str] = []
        for name in names:
            kind = "class" if inspect.isclass(resolved(name)) else "function"
            lines += ["```{eval-rst}", f".. auto{kind}:: {name}"]
            lines += ["   :members:"] if kind == "class" else []
            lines += ["```", ""]
        return lines


def described(env: Any) -> dict[str, set[str]]:
    """The names that each page describes."""
    return env.domaindata["py"].setdefault("described", {})


def korean_summaries(env: Any) -> dict[str, str]:
    """English first sentences with their Korean, from the catalog."""
    path = Path(env.app.confdir) / "locale/ko/LC_MESSAGES/summaries.po"
    if not path.exists():
        return {}
    env.note_dependency(str(path))
    with path.open("rb") as file:
        return {str(m.id): str(m.string or "") for m in read_po(file) if m.id and not m.fuzzy}


def _is_there(name: str) -> bool:
    try:
        resolved(name)
    except (ImportError, AttributeError, ValueError):
        return False
    return True


def forget_page(app: Sphinx, env: Any, page: str) -> None:
    """Begin anew with a page that is read again."""
    described(env).pop(page, None)


def report_the_rest(app: Sphinx, env: Any) -> None:
    """Warn of public names that are on no page."""
    there = {name for names in described(env).values() for name in names}
    missing = sorted(set(public_names()) - there)
    if missing and there:
        logger.warning("public names on no page of the reference: %s", ", ".join(missing))


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("names", Names)
    app.connect("env-purge-doc", forget_page)
    app.connect("env-check-consistency", report_the_rest)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
