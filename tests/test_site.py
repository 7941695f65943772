"""The documentation site: pages come in pairs, links lead somewhere, and its checks see faults.

Building it takes Sphinx, so that is a step of ``.ci/run``; these tests need only the files.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from site_checks import (
    Document,
    broken_links,
    differing_twins,
    foreign_requests,
    lost_in_search,
    not_korean,
    read,
    unreachable,
)
from site_pages import (
    ENGLISH_ONLY,
    LANGUAGES,
    Links,
    Page,
    SiteError,
    check_twins,
    find_pages,
    headings,
    stage,
    without_empty_entries,
    write_folder,
)

pytestmark = pytest.mark.once  # of the sources of the site

ROOT = Path(__file__).parent.parent
OWN = ROOT / "docs/site/pages"


def slug(words: str) -> str:
    return re.sub(r"\W+", "-", words.lower()).strip("-")


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Page]]:
    folder = tmp_path_factory.mktemp("site")
    return folder, stage(ROOT, folder / "no lessons", folder, slug)


def test_every_page_has_its_twin_with_the_same_headings(staged):
    _, pages = staged
    names = {page.name for page in pages}
    assert {"index", "tour", "guides/doctor", "reference/functions", "benchmarks/results"} <= names
    without = {page.name for page in pages if page.korean is None and not page.translated}
    assert without <= set(ENGLISH_ONLY)
    assert set(ENGLISH_ONLY) <= names


def test_both_languages_are_written_with_the_same_pages_and_anchors(staged):
    folder, pages = staged
    found = [
        {
            path.relative_to(folder / language).as_posix()
            for path in (folder / language).rglob("*.md")
        }
        for language in LANGUAGES
    ]
    assert found[0] == found[1] == {page.name + page.suffix for page in pages}
    anchors = json.loads((folder / "ko/anchors.json").read_text(encoding="utf-8"))
    assert anchors["guides/newton"][1:] == ["on-the-notes-bowl", "in-a-valley", "where-it-fails"]


def test_every_link_of_a_staged_page_leads_to_a_staged_file(staged):
    folder, pages = staged
    for language in LANGUAGES:
        for page in pages:
            path = folder / language / (page.name + page.suffix)
            text = re.sub(
                r"```.*?```|`[^`]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
            )
            for target in re.findall(r"\]\(([^()\s#]+)[^()\s]*\)", text):
                if re.match(r"[a-z]+:", target):
                    continue
                start = folder / language if target.startswith("/") else path.parent
                assert (start / target.lstrip("/")).is_file(), (language, page.name, target)


def test_no_staged_page_links_to_its_twin_or_names_a_file_of_one_language(staged):
    folder, _ = staged
    for path in folder.rglob("*.md"):
        targets = re.findall(r"\]\(([^()\s]+)\)", path.read_text(encoding="utf-8"))
        assert not [target for target in targets if target.endswith(".ko.md")], path


def test_no_korean_document_links_to_an_english_one_that_has_a_korean_twin(staged):
    _, pages = staged
    for page in pages:
        if page.korean is None or page.is_own:
            continue
        targets = re.findall(
            r"\]\(([^()\s#:]+\.md)[^()\s]*\)", page.korean.read_text(encoding="utf-8")
        )
        places = {(page.korean.parent / t).resolve() for t in targets if not t.endswith(".ko.md")}
        in_both = {other.english.resolve(): other for other in pages if other.korean}
        assert not [p.name for p in places if in_both.get(p, page) is not page], page.korean.name


def test_a_korean_page_above_an_english_text_says_so_in_korean(staged):
    folder, _ = staged
    for name, word in ENGLISH_ONLY.items():
        text = (folder / f"ko/{name}.md").read_text(encoding="utf-8")
        assert word in text
        assert re.search("[가-힣]", word)


def test_staging_again_rewrites_nothing(staged):
    folder, _ = staged
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    stage(ROOT, folder / "no lessons", folder, slug)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == before


def test_files_that_are_no_longer_wanted_go(tmp_path):
    write_folder(tmp_path, {"a.md": b"a", "b/c.md": b"c"})
    write_folder(tmp_path, {"a.md": b"A"})
    assert [path.name for path in tmp_path.rglob("*.md")] == ["a.md"]
    assert (tmp_path / "a.md").read_bytes() == b"A"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout with every document that the site expects."""
    files = {
        "README.md": "# Tour\n\nText [한국어](README.ko.md)\n", "README.ko.md": "# 둘러보기\n",
        "CONTRIBUTING.md": "# C\n", "CHANGELOG.md": "# C\n", "docs/ARCHITECTURE.md": "# A\n",
        "benchmarks/README.md": "# B\n", "benchmarks/README.ko.md": "# 비\n",
        "benchmarks/RESULTS.md": "# R\n",
        "src/mitbadak/data/mnist_files/README.md": "# M\n", "docs/a.md": "# A\n## B\n",
        "docs/a.ko.md": "# 가\n## 나\n", "docs/images/p.png": "",
    }  # fmt: skip
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_document_without_its_twin_is_named(checkout):
    (checkout / "docs/a.ko.md").unlink()
    with pytest.raises(SiteError, match=r"docs/a\.md has no Korean twin; write docs/a\.ko\.md"):
        find_pages(checkout, checkout / "lessons")


def test_a_twin_with_other_headings_is_named(checkout):
    (checkout / "docs/a.ko.md").write_text("# 가\n### 나\n", encoding="utf-8")
    with pytest.raises(SiteError, match=r"a\.md and a\.ko\.md should have the same headings"):
        check_twins(find_pages(checkout, checkout / "lessons"))


def test_a_link_to_nothing_is_named(checkout):
    (checkout / "docs/a.md").write_text("# A\n## B\n\n[gone](gone.md)\n", encoding="utf-8")
    with pytest.raises(SiteError, match=r"The page guides/a links to gone\.md, which is no file"):
        stage(checkout, checkout / "lessons", checkout / "out", slug)


def notebook(*cells: str) -> str:
    markdown = [{"cell_type": "markdown", "metadata": {}, "source": [cell]} for cell in cells]
    return json.dumps({"cells": markdown, "metadata": {}})


def test_lessons_are_taken_in_and_their_links_are_rewritten(checkout):
    lessons = checkout / "build/lessons"
    for language, title in (("en", "# One"), ("ko", "# 하나")):
        path = lessons / language / "01_one.ipynb"
        path.parent.mkdir(parents=True)
        twin = ".ko" if language == "ko" else ""
        path.write_text(notebook(title, f"[a](../docs/a{twin}.md)"), encoding="utf-8")
    (checkout / "lessons").mkdir()
    (checkout / "lessons/01_one.py").write_text("", encoding="utf-8")
    (checkout / "docs/a.md").write_text(
        "# A\n## B\n[one](../lessons/01_one.py)\n", encoding="utf-8"
    )
    stage(checkout, lessons, checkout / "out", slug)
    for language in LANGUAGES:
        text = (checkout / f"out/{language}/lessons/01_one.ipynb").read_text(encoding="utf-8")
        assert "[a](../guides/a.md)" in text
    guide = (checkout / "out/en/guides/a.md").read_text(encoding="utf-8")
    assert "[one](../lessons/01_one.ipynb)" in guide
    (lessons / "ko/01_one.ipynb").unlink()
    with pytest.raises(SiteError, match="these lessons in one language only: 01_one"):
        find_pages(checkout, lessons)


def test_links_in_code_stay_and_those_to_the_twin_go(checkout):
    pages = find_pages(checkout, checkout / "lessons")
    tour = next(page for page in pages if page.name == "tour")
    links = Links(checkout, pages)
    text = "`[x](y)` and\n```\n[x](y)\n```\n[a `b`](docs/a.md#b) [한국어](README.ko.md)\n"
    assert links.rewrite(text, tour, "en") == (
        "`[x](y)` and\n```\n[x](y)\n```\n[a `b`](guides/a.md#b)\n"
    )
    assert links.rewrite("![p](docs/images/p.png)", tour, "en") == "![p](/files/docs/images/p.png)"
    assert set(links.files) == {"files/docs/images/p.png"}


def test_headings_are_those_outside_of_code():
    text = "# One `x`\n```\n# no\n```\n~~~~\n# no\n~~~\n~~~~\n## [Two](a.md) #\n"
    assert headings(text) == [(1, "One x"), (2, "Two")]


def test_tables_of_contents_list_what_is_there():
    names = ["guides/a", "guides/b", "x"]
    table = "```{{toctree}}\n:glob:\n\nguides/a\n{}```\n"
    assert without_empty_entries(table.format("guides/*\n"), "index", names) == table.format(
        "guides/*\n"
    )
    assert without_empty_entries(
        table.format("guides/c*\nX <y>\n"), "index", names
    ) == table.format("")
    assert without_empty_entries("```{toctree}\n:hidden:\n\nl/*\n```\n", "index", names) == ""
    assert without_empty_entries("```{toctree}\n\na\nc\n```\n", "guides/b", names).split() == [
        "```{toctree}", "a", "```"
    ]  # fmt: skip


FOREIGN = {
    "a.html": [
        '<script src="https://cdn.example.org/a.js"></script>',
        '<script src="//cdn.example.org/a.js"></script>',
        '<link rel="stylesheet" href="https://fonts.example.org/a.css">',
        '<link rel="preconnect" href="https://fonts.example.org">',
        '<img src="https://example.org/a.png">',
        '<img srcset="a.png 1x, https://example.org/a.png 2x">',
        '<iframe src="https://example.org"></iframe>',
        '<p style="background: url(https://example.org/a.png)">',
        "<style>@import 'https://example.org/a.css';</style>",
        '<svg><use href="https://example.org/a.svg#a"></use></svg>',
        '<meta http-equiv="refresh" content="0; url=https://example.org/">',
        '<form action="https://example.org/find"></form>',
    ],
    "a.css": [
        "a { background: url('https://example.org/a.png') }",
        "@import '//example.org/a.css';",
    ],
    "a.js": ['fetch("https://example.org/a.json")', "import('//example.org/a.js')"],
    "a.svg": ['<svg><image xlink:href="https://example.org/a.png"/></svg>'],
}
OWN_REQUESTS = {
    "a.html": [
        '<a href="https://example.org/">read</a>',
        '<link rel="canonical" href="https://example.org/a.html">',
        '<script src="../_static/a.js"></script>',
        '<img src="data:image/png;base64,AAAA">',
    ],
    "a.css": ["/* https://example.org */ a { background: url(data:image/png;base64,AAAA) }"],
    "a.js": [
        "// see https://example.org\nlet a = 1;",
        "/*! https://example.org */",
        'document.createElementNS("http://www.w3.org/2000/svg", "svg")',
        r'{"Made": "Made with <a href=\"https://example.org/\">it</a>"}',
    ],
}


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, ts in FOREIGN.items() for t in ts])
def test_what_is_loaded_from_another_host_is_seen(name, text):
    assert list(foreign_requests(name, text))


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, ts in OWN_REQUESTS.items() for t in ts])
def test_what_is_not_loaded_from_there_is_left_alone(name, text):
    assert not list(foreign_requests(name, text))


def page(body: str, language: str, twin: str = "", title: str = "<h1>제목</h1>") -> Document:
    switch = f'<a href="{twin}" data-twin>x</a>' if twin else ""
    return read(f'<html lang="{language}">{switch}<section id="a">{title}</section>{body}</html>')


def pair(english: str = "", korean: str = "") -> dict[str, Document]:
    return {
        "en/index.html": page(english, "en", "../ko/index.html"),
        "ko/index.html": page(korean, "ko", "../en/index.html"),
    }


INDEX = [Page("index", Path("index.md"), Path("index.ko.md"))]


def test_links_to_nothing_and_to_missing_anchors_are_seen():
    documents = pair('<a href="gone.html">x</a><a href="#gone">x</a><a href="#a">x</a>')
    faults = list(broken_links(documents, set(documents)))
    assert len(faults) == 2
    assert all("gone" in fault for fault in faults)


def test_pages_that_no_link_leads_to_are_seen():
    documents = pair('<a href="b.html">x</a>') | {
        f"en/{name}.html": page("", "en") for name in ("b", "alone")
    }
    assert list(unreachable(documents, "en/index.html")) == ["no link leads to en/alone.html"]


def test_twins_that_differ_are_seen():
    assert not list(differing_twins(pair(), INDEX))
    more = pair(korean='<section id="b"></section>')
    assert "1 sections in English and 2" in next(differing_twins(more, INDEX))
    renamed = pair('<section id="b"></section>', '<section id="id1"></section>')
    assert "no section under the anchor b" in next(differing_twins(renamed, INDEX))
    both = pair('<section id="b"></section>', '<section id="id1"><span id="b"></span></section>')
    assert not list(differing_twins(both, INDEX))
    lost = {
        "en/index.html": page("", "en", "../ko/other.html"),
        "ko/index.html": pair()["ko/index.html"],
    }
    assert "does not lead to ko/index.html" in next(differing_twins(lost, INDEX))
    assert "ko/index.html was not built" in next(
        differing_twins({"en/index.html": page("", "en")}, INDEX)
    )


def test_pages_in_the_wrong_language_are_seen():
    assert not list(not_korean(pair(), INDEX))
    documents = pair() | {"ko/index.html": page("", "en", title="<h1>Title</h1>")}
    assert len(list(not_korean(documents, INDEX))) == 2


def test_titles_that_the_search_does_not_find_are_seen():
    index = {"docnames": ["a", "b"], "terms": {"기울": 0, "울기": [0, 1]}, "titleterms": {}}
    text = f"Search.setIndex({json.dumps(index)})"
    assert not list(lost_in_search(text, {"a": "기울기"}))
    assert "기울기 of the title of ko/b.html" in next(lost_in_search(text, {"b": "기울기"}))


def messages(catalog: str) -> dict[str, str]:
    """The messages of a catalog, each with its Korean."""
    text = (ROOT / f"docs/site/locale/ko/LC_MESSAGES/{catalog}.po").read_text(encoding="utf-8")
    found = re.findall(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', text, re.MULTILINE)
    joined = [["".join(json.loads(line) for line in part.split("\n") if line) for part in pair]
              for pair in found]  # fmt: skip
    return {english: korean for english, korean in joined if english}


@pytest.mark.parametrize("catalog", ["reference", "summaries", "sphinx"])
def test_every_message_of_a_catalog_has_its_korean_with_the_same_links(catalog):
    there = messages(catalog)
    assert len(there) > 20
    text = (ROOT / f"docs/site/locale/ko/LC_MESSAGES/{catalog}.po").read_text(encoding="utf-8")
    assert "#, fuzzy" not in text
    for english, korean in there.items():
        assert korean, english
        links = [re.findall(r"\]\(([^)]+)\)|href=\"([^\"]+)\"", part) for part in (english, korean)]
        assert links[0] == links[1], english


def test_every_paragraph_of_the_reference_is_in_the_catalog():
    there = set(messages("reference"))
    for path in sorted((OWN / "reference").glob("*.md")):
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for block in re.split(r"\n\s*\n", text.strip()):
            if block.startswith("|"):
                cells = [cell.strip() for row in block.splitlines() for cell in row.split("|")]
                assert {cell for cell in cells if cell and set(cell) != {"-"}} <= there, path.name
            elif block.strip():
                assert " ".join(block.lstrip("# ").split()) in there, path.name
