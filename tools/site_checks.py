"""What a built site has to hold, checked in its files: no browser and no network are needed.

- Nothing on a page is loaded from another host. Links that a reader clicks may lead anywhere.
- Every link inside the site leads to a file, and to an anchor that is there.
- Every page can be reached from the first one, and leads to its twin in the other language.
- Twins have the same number of sections, under the same anchors.
- Korean pages are marked as Korean, their titles are Korean, and the search finds these titles.
- The Korean catalogs have every message around the docstrings, and nearly all first sentences.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from site_pages import ENGLISH_ONLY, LANGUAGES, Page

LOADING = {
    "script": ("src",), "img": ("src", "srcset"), "iframe": ("src",), "object": ("data",),
    "embed": ("src",), "source": ("src", "srcset"), "video": ("src", "poster"), "audio": ("src",),
    "track": ("src",), "input": ("src",), "image": ("href", "xlink:href"),
    "use": ("href", "xlink:href"), "form": ("action",), "base": ("href",),
}  # fmt: skip
"""Attributes that make a browser load or send something. ``link`` has rules of its own."""
NOT_LOADED = {
    "alternate",
    "canonical",
    "author",
    "license",
    "index",
    "search",
    "next",
    "prev",
    "up",
}
LOADED_BY_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s;]+)""")
ADDRESS_IN_SCRIPT = re.compile(r"""(?<!\\)["'`]((?:https?:|wss?:)?//[\w.-]+\.[a-z]{2,}[^"'`\s]*)""")
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`\w])//[^\n]*", re.DOTALL)
NAMESPACE = re.compile(r"https?://www\.w3\.org/(?:19|20)\d\d/")
HANGUL = re.compile(r"[가-힣]")
LEAST_SUMMARIES = 0.9
"""The share of first sentences that need Korean; a new docstring must not stop its author."""


@dataclass
class Document(HTMLParser):
    """What a page of HTML or SVG loads, where it leads, and what it can be linked by."""

    loads: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    twins: list[str] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    sections: list[set[str]] = field(default_factory=list)
    language: str = ""
    title: str = ""
    _inside: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        for name in LOADING.get(tag, ()):
            if name in of:
                is_set = name == "srcset"
                self.loads += (
                    [part.split()[0] for part in of[name].split(",")] if is_set else [of[name]]
                )
        if tag == "link" and not NOT_LOADED & set(of.get("rel", "").split()):
            self.loads.append(of.get("href", ""))
        if tag == "meta" and of.get("http-equiv", "").lower() == "refresh":
            self.loads.append(of.get("content", "").partition("url=")[2])
        self.loads += LOADED_BY_STYLE.findall(of.get("style", ""))
        if tag == "a" and "href" in of:
            (self.twins if "data-twin" in of else self.links).append(of["href"])
        if tag == "form":
            self.links.append(of.get("action", ""))
        self._note_place(tag, of)

    def _note_place(self, tag: str, of: dict[str, str]) -> None:
        if tag == "html":
            self.language = of.get("lang", "")
        if "id" in of:
            self.anchors.append(of["id"])
            if tag == "section":
                self.sections.append({of["id"]})
            elif tag == "span" and self.sections and self._inside == "section":
                self.sections[-1].add(of["id"])  # further names of the section
        self._inside = tag if tag in ("section", "span", "style", "h1") else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = "section" if tag == "span" and self._inside == "span" else ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.loads += LOADED_BY_STYLE.findall(data)
        if self._inside == "h1" and not self.title:
            self.title = data.strip()


def read(text: str) -> Document:
    """Read a page of HTML or SVG."""
    document = Document()
    document.feed(text)
    return document


def is_foreign(address: str) -> bool:
    """Whether a browser would ask another host for this."""
    return bool(urlsplit(address).netloc)


def foreign_requests(name: str, text: str) -> Iterator[str]:
    """What a file makes a browser load from elsewhere."""
    kind = Path(name).suffix
    if kind in (".html", ".svg"):
        addresses: Iterable[str] = read(text).loads
    elif kind == ".css":
        addresses = LOADED_BY_STYLE.findall(text)
    elif kind == ".js":
        addresses = ADDRESS_IN_SCRIPT.findall(COMMENT.sub("", text))
    else:
        return
    for address in addresses:
        if is_foreign(address) and not NAMESPACE.match(address):
            yield f"{name} loads {address} from another host"


def resolved(page: str, address: str) -> tuple[str, str] | None:
    """The file and anchor that an address on a page means, or None if it leads elsewhere."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    path = posixpath.join(posixpath.dirname(page), unquote(parts.path)) if parts.path else page
    return posixpath.normpath(path), unquote(parts.fragment)


def broken_links(documents: dict[str, Document], files: set[str]) -> Iterator[str]:
    """Links and loaded things that are not there."""
    for name, document in documents.items():
        for address in {*document.links, *document.twins, *document.loads} - {""}:
            target = resolved(name, address)
            if target is None:
                continue
            path, anchor = target
            if path not in files:
                yield f"{name} leads to {address}, which is no file of the site"
            elif anchor and path in documents and anchor not in documents[path].anchors:
                yield f"{name} leads to {address}, but {path} has no anchor of this name"


def unreachable(documents: dict[str, Document], start: str) -> Iterator[str]:
    """Pages to which no way leads from the first one."""
    seen, ahead = {start}, [start]
    while ahead:
        name = ahead.pop()
        for address in documents[name].links:
            target = resolved(name, address)
            if target and target[0] in documents and target[0] not in seen:
                seen.add(target[0])
                ahead.append(target[0])
    language = start.partition("/")[0]
    for name in sorted(documents):
        if name.startswith(f"{language}/") and name not in seen:
            yield f"no link leads to {name}"


def differing_twins(documents: dict[str, Document], pages: list[Page]) -> Iterator[str]:
    """Pages that lack their twin, the way to it, or its sections."""
    for page in pages:
        names = {language: f"{language}/{page.name}.html" for language in LANGUAGES}
        missing = [name for name in names.values() if name not in documents]
        if missing:
            yield f"{missing[0]} was not built"
            continue
        english, korean = (documents[name] for name in names.values())
        for name, other in zip(names.values(), reversed(names.values()), strict=True):
            if {resolved(name, address) for address in documents[name].twins} != {(other, "")}:
                yield f"{name} does not lead to {other}"
        if len(english.sections) != len(korean.sections):
            yield (
                f"{page.name} has {len(english.sections)} sections in English and "
                f"{len(korean.sections)} in Korean"
            )
            continue
        for here, there in zip(english.sections, korean.sections, strict=True):
            if not here & there:
                yield f"ko/{page.name}.html has no section under the anchor {min(here)}"


def not_korean(documents: dict[str, Document], pages: list[Page]) -> Iterator[str]:
    """Pages of the wrong language, as far as their marks and titles tell."""
    for name, document in documents.items():
        language = name.partition("/")[0]
        if language in LANGUAGES and document.language != language:
            yield f"{name} is marked as {document.language or 'nothing'}"
    for page in pages:
        document = documents.get(f"ko/{page.name}.html")
        in_english = page.name in ENGLISH_ONLY and page.korean is None
        if document and not in_english and not HANGUL.search(document.title):
            yield f"the title of ko/{page.name}.html is not Korean: {document.title}"


def lost_in_search(index: str, titles: dict[str, str]) -> Iterator[str]:
    """Words of Korean titles that the search would not find, by two syllables in a row."""
    found = json.loads(index[index.index("{") : index.rindex("}") + 1])
    places: dict[str, set[str]] = {}
    for terms in (found["terms"], found["titleterms"]):
        for term, where in terms.items():
            numbers = where if isinstance(where, list) else [where]
            places.setdefault(term, set()).update(found["docnames"][n] for n in numbers)
    for page, title in titles.items():
        for word in re.findall(r"[가-힣]{2,}", title):
            pairs = [word[i : i + 2] for i in range(len(word) - 1)]
            if not all(page in places.get(pair, set()) for pair in pairs):
                yield f"the search does not find {word} of the title of ko/{page}.html"


@dataclass(frozen=True)
class Coverage:
    """How much of a catalog is Korean."""

    done: int
    wanted: int
    missing: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.done} of {self.wanted}"


def coverage(template: Path, catalog: Path) -> Coverage:
    """How many messages of a template the catalog has; neither empty nor fuzzy ones count."""
    from babel.messages.pofile import read_po  # pyright: ignore

    with template.open("rb") as file:
        wanted: list[Any] = [message.id for message in read_po(file) if message.id]
    with catalog.open("rb") as file:
        there: dict[Any, Any] = {message.id: message for message in read_po(file) if message.id}
    missing = tuple(
        str(m) for m in wanted if m not in there or not there[m].string or there[m].fuzzy
    )
    return Coverage(len(wanted) - len(missing), len(wanted), missing)


def catalog_faults(frame: Coverage, summaries: Coverage) -> Iterator[str]:
    """Where the Korean of the reference is not enough."""
    for message in frame.missing:
        yield f"docs/site/locale has no Korean for: {message}"
    if summaries.done < LEAST_SUMMARIES * summaries.wanted:
        yield (
            f"docs/site/locale has Korean for {summaries} first sentences of docstrings, which is "
            f"less than {LEAST_SUMMARIES:.0%}; these are missing: {' '.join(summaries.missing)}"
        )


def faults_of_site(site: Path, pages: list[Page]) -> list[str]:
    """Everything that is wrong with a built site, one line each."""
    files = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*"))}
    texts = {
        name: path.read_text(encoding="utf-8")
        for name, path in files.items()
        if path.suffix in (".html", ".svg", ".css", ".js")
    }
    documents = {name: read(text) for name, text in texts.items() if name.endswith(".html")}
    faults = [fault for name, text in texts.items() for fault in foreign_requests(name, text)]
    faults += broken_links(documents, set(files))
    for language in LANGUAGES:
        faults += unreachable(documents, f"{language}/index.html")
    faults += differing_twins(documents, pages)
    faults += not_korean(documents, pages)
    titles = {
        page.name: documents[f"ko/{page.name}.html"].title
        for page in pages
        if f"ko/{page.name}.html" in documents
    }
    faults += lost_in_search(texts["ko/searchindex.js"], titles)
    return faults
