"""Writes the lessons as notebooks, one in each language, from one source per lesson.

    python tools/lessons.py                   # build/lessons/en/*.ipynb and .../ko/*.ipynb
    python tools/lessons.py --execute 01 04   # lessons 1 and 4, with their outputs

A source is a script in jupytext's percent format. Text is in Markdown cells with `lang="en"` or
`lang="ko"`, each English one followed by its Korean twin; code cells are in both notebooks. What
differs between the languages inside code is written so that the notebooks show plain code:

- `say("loss")` becomes the string in the language of the notebook, by the dict `WORDS` of the cell
  tagged `words`, which is left out; `lang=say("en")` becomes `lang="ko"`.
- A comment `# in English | 한국어로` becomes one of the two.

Tags of cells: `question` asks before the answer is shown, `wrong` states and refutes an error of
the notes, `timing` prints what no two runs have in common, `report` prints sentences of Mitbadak,
`warns` writes warnings.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import os
import re
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jupytext
import nbformat

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py"))
LANGUAGES = ("en", "ko")
SAY = re.compile(r'\bsay\("((?:[^"\\]|\\.)*)"\)')
SECONDS = 600  # for a cell, so that a lesson that hangs is ended

# The first code cell of every notebook. Korean labels need a font that Matplotlib is told of.
SETUP = {
    "en": """\
try:
    import mitbadak
except ImportError:  # in Colab, for example
    %pip install -q mitbadak""",
    "ko": """\
try:
    import mitbadak
except ImportError:  # Colab처럼 아직 설치되지 않은 곳에서
    %pip install -q mitbadak
    !apt-get -qq install -y fonts-nanum

import matplotlib.pyplot as plt
from mitbadak.plots.style import LATIN, korean_font

plt.rcParams["font.family"] = [LATIN, korean_font() or LATIN]  # 그림에 한글을 쓰려면 필요합니다""",
}


class LessonError(Exception):
    """A lesson that cannot become two notebooks."""


def cells_of(source: Path) -> list[Any]:
    """The cells of a source, with `tags` and `lang` in their metadata."""
    return jupytext.read(source, fmt="py:percent").cells


def has_tag(cell: Any, tag: str) -> bool:
    """Whether a cell has this tag."""
    return tag in cell.metadata.get("tags", [])


def words_of(cells: list[Any]) -> dict[str, str]:
    """The Korean for every English word inside code, from the cell tagged `words`."""
    words = {"en": "ko"}
    for cell in cells:
        if has_tag(cell, "words"):
            (assignment,) = ast.parse(cell.source).body
            assert isinstance(assignment, ast.Assign)
            words |= ast.literal_eval(assignment.value)
    return words


def comments_of(code: str) -> list[tokenize.TokenInfo]:
    """The comments of a cell."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return [token for token in tokens if token.type == tokenize.COMMENT]


def in_language(code: str, lang: str, words: dict[str, str]) -> str:
    """The code of a cell as the notebook in this language shows it."""
    lines = code.splitlines()
    for comment in comments_of(code):
        english, bar, korean = comment.string.partition(" | ")
        if bar:
            row, column = comment.start
            chosen = english if lang == "en" else f"# {korean}"
            lines[row - 1] = lines[row - 1][:column] + chosen

    def said(match: re.Match[str]) -> str:
        word = ast.literal_eval(f'"{match[1]}"')
        if word not in words:
            raise LessonError(f"say({word!r}) has no Korean in WORDS.")
        return json.dumps(word if lang == "en" else words[word], ensure_ascii=False)

    return SAY.sub(said, "\n".join(lines))


def notebook_of(source: Path, lang: str) -> Any:
    """The notebook of a lesson in one language, without outputs."""
    cells = cells_of(source)
    words = words_of(cells)
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata["kernelspec"] = {
        "name": "python3", "display_name": "Python 3", "language": "python",
    }  # fmt: skip
    for cell in cells:
        if cell.cell_type == "code" and not has_tag(cell, "words"):
            new = nbformat.v4.new_code_cell(in_language(cell.source, lang, words))
        elif cell.metadata.get("lang") == lang:
            new = nbformat.v4.new_markdown_cell(cell.source)
        else:
            continue
        new.metadata.update({k: v for k, v in cell.metadata.items() if k == "tags"})
        notebook.cells.append(new)
    setup = nbformat.v4.new_code_cell(SETUP[lang], metadata={"tags": ["setup"]})
    notebook.cells.insert(1, setup)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02}"  # the same in every build
    return notebook


@contextmanager
def own_kernel() -> Iterator[str]:
    """The name of a kernel that runs this Python, whatever else is installed."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "kernels", "lessons")
        place.mkdir(parents=True)
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        argv.append("--log-level=40")  # no warning that its sockets are not encrypted
        # Nets as small as these are several times slower on more threads where others compute too.
        threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        spec = {"argv": argv, "display_name": "lessons", "language": "python", "env": threads}
        place.joinpath("kernel.json").write_text(json.dumps(spec), encoding="utf-8")
        before = os.environ.get("JUPYTER_PATH")
        os.environ["JUPYTER_PATH"] = os.pathsep.join([folder, *([before] if before else [])])
        try:
            yield "lessons"
        finally:
            if before is None:
                del os.environ["JUPYTER_PATH"]
            else:
                os.environ["JUPYTER_PATH"] = before


def execute(notebook: Any, seconds: float = SECONDS) -> Any:
    """Run all cells of a notebook in an empty folder; the outputs are stored in it.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raised an exception.
        nbclient.exceptions.CellTimeoutError: a cell took too long.
    """
    from nbclient import NotebookClient

    with own_kernel() as name, tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            notebook, timeout=seconds, kernel_name=name, resources={"metadata": {"path": folder}}
        ).execute()
    return notebook


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the lessons as notebooks.")
    parser.add_argument("lessons", nargs="*", help="numbers of lessons, such as 01; by default all")
    parser.add_argument("--execute", action="store_true", help="run them and keep the outputs")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "lessons")
    args = parser.parse_args()
    wanted = [s for s in SOURCES if not args.lessons or s.name[:2] in args.lessons]
    for source in wanted:
        for lang in LANGUAGES:
            notebook = notebook_of(source, lang)
            if args.execute:
                execute(notebook)
            path = args.out / lang / f"{source.stem}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, path)
            print(path)


if __name__ == "__main__":
    main()
