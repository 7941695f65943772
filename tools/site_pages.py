"""Which pages the site has, where each comes from, and how links between them are rewritten.

The documents of this project are read in the repository too, so they link to each other as files.
On the site a page has one name in both languages: ``docs/tables.md`` and ``docs/tables.ko.md`` are
both ``guides/tables``, one below ``en/`` and one below ``ko/``.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

LANGUAGES = ("en", "ko")
ENGLISH_ONLY: dict[str, str] = {
    "project/architecture": (
        "이 문서는 영어로만 있습니다. 방 열네 개가 서로 어떻게 기대어 있는지, 연산 하나의 "
        "정의가 어디에 쓰이는지, 활성화 함수나 계층, 명령을 새로 만들 때 어느 파일을 "
        "고쳐야 하는지 설명합니다."
    ),
    "project/contributing": (
        "이 문서는 영어로만 있습니다. 테스트를 실행하는 법, 개발 도구, 커널을 빌드하는 법, "
        "코드와 글을 쓰는 방식을 다룹니다."
    ),
    "project/changes": (
        "변경 기록은 영어로만 남깁니다. Added는 새로 생긴 것, Changed는 바뀐 것, Fixed는 "
        "고친 것입니다. 맨 위가 가장 최근 판입니다."
    ),
    "project/mnist": (
        "이 안내는 영어로만 있습니다. 패키지에 들어 있는 MNIST의 출처와 라이선스(CC BY-SA "
        "3.0), 파일이 온전한지 확인할 때 쓰는 체크섬입니다."
    ),
    "benchmarks/results": (
        "측정 결과는 측정 프로그램이 영어로 쓴 표입니다. “Measured”는 상대편이 걸린 시간을 "
        "Mitbadak이 걸린 시간으로 나눈 값의 중앙값이고, 괄호나 옆 칸의 범위는 10~90% "
        "구간입니다. 1보다 크면 Mitbadak이 그만큼 빠릅니다."
    ),
}
"""Documents for developers, and tables of programs: what the Korean site says above each."""

CODE_OR_LINK = re.compile(
    r"(?P<code>`+)(?s:.*?)(?<!`)(?P=code)(?!`)"
    r"|(?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]+)\)"
)
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
HEADING = re.compile(r"^(#{1,6}) +(.+?)(?: +#+)?$")
TOCTREE = re.compile(r"^```\{toctree\}\n.*?^```\n", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"(?:[^:`<\n][^<\n]*<)?([\w*-]+(?:/[\w*-]+)*)>?\n")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#")


class SiteError(Exception):
    """A document that the site cannot use, with what to do about it."""


@dataclass(frozen=True)
class Page:
    """A page: its name on the site, and its file in each language.

    ``also`` are other files that stand for it: a link to a lesson's script leads to the lesson.
    """

    name: str
    english: Path
    korean: Path | None = None
    also: tuple[Path, ...] = ()
    translated: bool = False  # by the catalog in ``locale``, while the site is built

    def file(self, language: str) -> Path:
        """The file of the page in this language, English where there is no other."""
        return self.korean if language == "ko" and self.korean else self.english

    @property
    def is_own(self) -> bool:
        """Whether the page was written for the site, and not for the repository."""
        return "/docs/site/pages/" in self.english.as_posix()

    @property
    def suffix(self) -> str:
        return self.english.suffix


def twin(english: Path) -> Path:
    """The Korean file beside an English one."""
    return english.with_suffix(".ko" + english.suffix)


def find_pages(root: Path, lessons: Path) -> list[Page]:
    """All pages of the site.

    Args:
        root: the checkout.
        lessons: the folder with executed notebooks, ``en/NAME.ipynb`` and ``ko/NAME.ipynb``.

    Raises:
        SiteError: a document without its Korean twin.
    """
    own = root / "docs/site/pages"
    english = {"tour": root / "README.md"}
    english |= {
        path.relative_to(own).with_suffix("").as_posix(): path
        for path in sorted(own.rglob("*.md"))
        if not path.name.endswith(".ko.md")
    }
    english |= {
        f"guides/{path.stem}": path
        for path in sorted((root / "docs").glob("*.md"))
        if not path.name.endswith(".ko.md") and path.stem != "ARCHITECTURE"
    }
    english |= {
        "benchmarks/index": root / "benchmarks/README.md",
        "benchmarks/results": root / "benchmarks/RESULTS.md",
        "project/architecture": root / "docs/ARCHITECTURE.md",
        "project/contributing": root / "CONTRIBUTING.md",
        "project/changes": root / "CHANGELOG.md",
        "project/mnist": root / "src/mitbadak/data/mnist_files/README.md",
    }
    if (root / "lessons/README.md").exists():
        english["lessons/index"] = root / "lessons/README.md"
    pages = [_page(name, path, root) for name, path in english.items()]
    return pages + list(_lessons(root, lessons))


def _page(name: str, english: Path, root: Path) -> Page:
    korean = twin(english)
    if name.startswith("reference/"):
        return Page(name, english, translated=True)
    if korean.exists():
        return Page(name, english, korean)
    if name not in ENGLISH_ONLY:
        raise SiteError(
            f"{english.relative_to(root)} has no Korean twin; write {korean.relative_to(root)}, or "
            f"say in ENGLISH_ONLY of tools/site_pages.py why it has none."
        )
    return Page(name, english)


def _lessons(root: Path, folder: Path) -> Iterator[Page]:
    notebooks = {
        language: {path.stem: path for path in sorted((folder / language).glob("*.ipynb"))}
        for language in LANGUAGES
    }
    if set(notebooks["en"]) != set(notebooks["ko"]):
        alone = sorted(set(notebooks["en"]) ^ set(notebooks["ko"]))
        raise SiteError(f"{folder} has these lessons in one language only: {', '.join(alone)}.")
    for name, english in notebooks["en"].items():
        script = root / "lessons" / f"{name}.py"
        yield Page(f"lessons/{name}", english, notebooks["ko"][name], also=(script,))


@dataclass
class Links:
    """Rewrites the links of one language's pages, and collects the files that they lead to."""

    root: Path
    pages: list[Page]
    files: dict[str, Path] = field(default_factory=dict)  # below the site's sources

    def __post_init__(self) -> None:
        self.page_of = {
            path.resolve(): page
            for page in self.pages
            for path in (page.english, page.korean, *page.also)
            if path is not None
        }

    def rewrite(self, text: str, page: Page, language: str, base: Path | None = None) -> str:
        """The text of a page with links as the site needs them.

        Args:
            text: Markdown.
            page: the page it is on.
            language: "en" or "ko".
            base: the folder that links are relative to, if not that of the page's file.
        """
        place = base or page.file(language).parent

        def rewritten(match: re.Match[str]) -> str:
            target = match["target"]
            if match["code"] or ELSEWHERE.match(target):
                return match[0]
            leads_to = self._place_of(target, place, page)
            if leads_to is None:  # the same page in the other language: the site has a switch
                return ""
            return f"{match['image']}[{match['text']}]({leads_to})"

        return "".join(
            part if is_code else _without_gaps(CODE_OR_LINK.sub(rewritten, part))
            for part, is_code in _parts(text)
        )

    def _place_of(self, target: str, place: Path, page: Page) -> str | None:
        path, mark, anchor = target.partition("#")
        if page.is_own:  # written for the site: its links are names of pages
            name = os.path.normpath(PurePosixPath(page.name).parent / path.removesuffix(".md"))
            if any(other.name == name for other in self.pages):
                return target
        file = (place / path).resolve()
        if other := self.page_of.get(file):
            if other is page:
                return None
            start = PurePosixPath(page.name).parent
            return os.path.relpath(other.name, start) + other.suffix + mark + anchor
        if not file.is_file() or not file.is_relative_to(self.root.resolve()):
            raise SiteError(f"The page {page.name} links to {target}, which is no file.")
        inside = file.relative_to(self.root.resolve()).as_posix()
        self.files[f"files/{inside}"] = file
        return f"/files/{inside}"


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, with whether each is a block of code."""
    piece: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        mark = FENCE.match(line)
        if not fence and mark:
            yield "".join(piece), False
            piece, fence = [line], mark[1]
        elif fence and mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
            yield "".join([*piece, line]), True
            piece, fence = [], ""
        else:
            piece.append(line)
    yield "".join(piece), bool(fence)


def _without_gaps(text: str) -> str:
    """The text without the blank that a dropped link leaves at the end of a line."""
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)


def headings(text: str) -> list[tuple[int, str]]:
    """The headings of a Markdown text: level and words, without markup."""
    found = []
    for part, is_code in _parts(text):
        for line in [] if is_code else part.splitlines():
            if heading := HEADING.match(line):
                words = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading[2])
                found.append((len(heading[1]), re.sub(r"[`*]", "", words)))
    return found


def cells(text: str) -> Iterator[tuple[dict, str]]:
    """The Markdown cells of a notebook, each with its text."""
    for cell in json.loads(text)["cells"]:
        if cell["cell_type"] == "markdown":
            yield cell, "".join(cell["source"])


def markdown_of(file: Path) -> str:
    """All Markdown of a page's file, be it a text or a notebook."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".ipynb":
        return text
    return "\n\n".join(markdown for _, markdown in cells(text))


def check_twins(pages: list[Page]) -> None:
    """Check that both languages of a page have the same headings, by number and level.

    Raises:
        SiteError: one that differs.
    """
    for page in pages:
        if page.korean is None:
            continue
        levels = {
            language: [level for level, _ in headings(markdown_of(page.file(language)))]
            for language in LANGUAGES
        }
        if levels["en"] != levels["ko"]:
            raise SiteError(
                f"{page.english.name} and {page.korean.name} should have the same headings; their "
                f"levels are {levels['en']} and {levels['ko']}."
            )


def staged(page: Page, language: str, links: Links) -> str:
    """The text of a page as Sphinx reads it."""
    file = page.file(language)
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".ipynb":
        notebook = json.loads(text)
        base = page.also[0].parent
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                markdown = "".join(cell["source"])
                cell["source"] = links.rewrite(markdown, page, language, base)
        # Cells may have %pip and !apt-get in them, which is not Python.
        notebook["metadata"].setdefault("language_info", {})["pygments_lexer"] = "ipython3"
        return json.dumps(notebook, ensure_ascii=False, indent=1)
    if language == "ko" and page.name in ENGLISH_ONLY and page.korean is None:
        first, _, rest = text.partition("\n")
        return f"{first}\n\n:::{{note}}\n{ENGLISH_ONLY[page.name]}\n:::\n" + links.rewrite(
            rest, page, language
        )
    return links.rewrite(text, page, language)


def without_empty_entries(text: str, page: str, names: Collection[str]) -> str:
    """The text of a page with tables of contents that list only what is there, and none empty.

    An entry such as ``guides/*`` stands for the pages that the table does not name itself.
    """
    folder = PurePosixPath(page).parent

    def kept(match: re.Match[str]) -> str:
        lines = match[0].splitlines(keepends=True)
        found = {line: m[1] for line in lines if (m := ENTRY.fullmatch(line))}
        entry_of = {line: (folder / entry).as_posix() for line, entry in found.items()}
        rest = set(names) - set(entry_of.values())
        empty = {
            line
            for line, entry in entry_of.items()
            if not fnmatch.filter(rest if "*" in entry else names, entry)
        }
        return "" if len(empty) == len(entry_of) else "".join(x for x in lines if x not in empty)

    return TOCTREE.sub(kept, text)


def stage(root: Path, lessons: Path, to: Path, slug: Callable[[str], str]) -> list[Page]:
    """Write the sources of the site, for each language into a folder of its own.

    Args:
        root: the checkout.
        lessons: the folder of executed notebooks; it may be missing.
        to: the folder to write into. Files that are the same already are left as they are, so
            that Sphinx reads only what changed.
        slug: the anchor that Sphinx gives to a heading.

    Raises:
        SiteError: a page without its twin, with other headings, or with a link to nothing.
    """
    pages = find_pages(root, lessons)
    check_twins(pages)
    names = [*(page.name for page in pages), "genindex"]
    for language in LANGUAGES:
        links = Links(root, pages)
        contents: dict[str, bytes] = {}
        for page in pages:
            text = without_empty_entries(staged(page, language, links), page.name, names)
            contents[page.name + page.suffix] = text.encode()
        contents |= {name: path.read_bytes() for name, path in links.files.items()}
        anchors = {
            page.name: [slug(words) for _, words in headings(markdown_of(page.english))]
            for page in pages
        }
        contents["anchors.json"] = json.dumps(anchors, indent=1).encode()
        write_folder(to / language, contents)
    return pages


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Make a folder hold these files and no others."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).as_posix() not in contents:
            path.unlink()
    for name, content in contents.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
