"""Build the documentation site in both languages, and check it.

python tools/build_site.py build/site              build into this folder
python tools/build_site.py build/site --catalog    bring the Korean catalogs up to date first, after
                                                   a change in docs/site/pages/reference/

It needs the extra ``docs``, and no network. Lessons are taken from ``build/lessons``, where
``python tools/lessons.py --execute`` writes them; those that are not there come without outputs.
Any warning of Sphinx ends it with code 1, and so does a fault that ``tools/site_checks.py`` finds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from site_checks import Coverage, catalog_faults, coverage, faults_of_site
from site_pages import LANGUAGES, Page, SiteError, stage

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "docs/site"
CATALOGS = SITE / "locale"
KOREAN = CATALOGS / "ko/LC_MESSAGES"
CATALOG_NAMES = ("reference", "summaries")
STRICT = ("-W", "--keep-going", "-q")
OTHERS = "files/**,benchmarks/**,guides/**,lessons/**,project/**,index.md,tour.md"
GETTEXT = ("-Q", "-D", f"exclude_patterns={OTHERS}", "-D", "master_doc=reference/index")


def sphinx(
    builder: str, language: str, work: Path, to: Path, *flags: str
) -> subprocess.Popen[bytes]:
    """Start Sphinx for one language."""
    command = [
        sys.executable, "-m", "sphinx", "-b", builder, "-c", str(SITE), *flags,
        "-d", str(work / f"doctrees-{builder}-{language}"), "-D", f"language={language}",
        "-D", f"locale_dirs={work / 'locale'}", str(work / language), str(to),
    ]  # fmt: skip
    return subprocess.Popen(command, env=environment())


def environment() -> dict[str, str]:
    """That of this process, with the sources of this checkout first."""
    source = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    return os.environ | {"PYTHONPATH": source.rstrip(os.pathsep)}


def extract(work: Path) -> None:
    """Collect what the catalogs should have: the words around the docstrings, and first sentences.

    Links from the reference to the rest of the site lead nowhere here, so warnings are left to the
    builds of the whole.
    """
    to = work / "gettext"
    sphinx("gettext", "en", work, to, *GETTEXT).wait()
    write_summaries(to / "summaries.pot")


def write_summaries(to: Path) -> None:
    """Write the first sentences of all public docstrings as a template for translators."""
    from babel.messages.catalog import Catalog  # pyright: ignore
    from babel.messages.pofile import write_po  # pyright: ignore

    sys.path[:0] = [str(ROOT / "src"), str(SITE / "extensions")]
    from public_names import first_sentence, public_names, resolved  # pyright: ignore

    catalog = Catalog(charset="utf-8")
    for name in public_names():
        catalog.add(first_sentence(resolved(name)), auto_comments=[name])
    with to.open("wb") as file:
        write_po(file, catalog, omit_header=False)


def renew_catalogs(work: Path) -> None:
    """Bring the catalogs up to date: new messages come empty, those of changed ones fuzzy."""
    command = [sys.executable, "-m", "sphinx_intl", "update", "-p", str(work / "gettext")]
    subprocess.run([*command, "-d", str(CATALOGS), "-l", "ko", "--no-obsolete"], check=True)


def stage_catalogs(work: Path) -> None:
    """Put the Korean catalogs where Sphinx may compile them."""
    to = work / "locale/ko/LC_MESSAGES"
    to.mkdir(parents=True, exist_ok=True)
    for catalog in KOREAN.glob("*.po"):
        shutil.copy(catalog, to)


def write_lessons(folder: Path) -> None:
    """Write the lessons that are not there yet as notebooks, without running them."""
    program = ROOT / "tools/lessons.py"
    names = [path.stem for path in sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py"))]
    files = [(name[:2], folder / lang / f"{name}.ipynb") for name in names for lang in LANGUAGES]
    numbers = sorted({number for number, notebook in files if not notebook.exists()})
    if numbers:
        print(f"lessons {', '.join(numbers)} without outputs; {program.name} --execute runs them")
        command = [sys.executable, str(program), "--out", str(folder), *numbers]
        subprocess.run(command, check=True, env=environment())


def build(to: Path, lessons: Path, work: Path, renew: bool) -> list[Page]:
    """Build both languages at once.

    Raises:
        SiteError: a page that cannot be used, or a warning of Sphinx.
    """
    from docutils.nodes import make_id  # pyright: ignore

    write_lessons(lessons)
    pages = stage(ROOT, lessons, work, make_id)
    extract(work)
    if renew:
        renew_catalogs(work)
    stage_catalogs(work)
    started = {
        language: sphinx("html", language, work, to / language, *STRICT) for language in LANGUAGES
    }
    failed = [language for language, process in started.items() if process.wait()]
    if failed:
        raise SiteError(f"Sphinx warns of the pages in {' and '.join(failed)}; see above.")
    shutil.copy(SITE / "root.html", to / "index.html")
    return pages


def summary(pages: list[Page], frame: Coverage, summaries: Coverage) -> str:
    """What of the site is Korean, and what is not."""
    prose = [page for page in pages if not page.translated]
    korean = sum(page.korean is not None for page in prose)
    return (
        f"Korean: {korean} of {len(prose)} pages of prose (the others have a word in Korean above "
        f"them), {frame} messages around the docstrings, {summaries} of their first sentences. The "
        f"docstrings themselves are English."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("to", type=Path, help="the folder to build into")
    parser.add_argument("--lessons", type=Path, default=ROOT / "build/lessons", help="notebooks")
    parser.add_argument("--catalog", action="store_true", help="renew the Korean catalog first")
    options = parser.parse_args()
    started = time.monotonic()
    to = options.to.resolve()
    work = to.with_name(to.name + "-sources")
    try:
        pages = build(to, options.lessons, work, options.catalog)
    except SiteError as error:
        print(error, file=sys.stderr)
        return 1
    frame, summaries = (
        coverage(work / f"gettext/{name}.pot", KOREAN / f"{name}.po") for name in CATALOG_NAMES
    )
    faults = [*faults_of_site(to, pages), *catalog_faults(frame, summaries)]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{to}: {len(pages)} pages in each language, {time.monotonic() - started:.0f} s")
    print(summary(pages, frame, summaries))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
