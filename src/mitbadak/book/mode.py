"""Book mode: everything that it changes in a process, put back when it ends."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mitbadak.book import figures
from mitbadak.book.aliases import removed_names
from mitbadak.book.children import children_too
from mitbadak.book.fast import recognized_gradients
from mitbadak.book.files import known_addresses, known_files
from mitbadak.book.finder import book_imports
from mitbadak.book.lettering import readable_labels
from mitbadak.book.names import TWO_LAYER_NETS
from mitbadak.book.notices import language_of, speaking
from mitbadak.book.pickles import plain_pickles
from mitbadak.core.errors import known
from mitbadak.core.languages import known_language
from mitbadak.functions.blas import few_blas_threads

FOLDER_OF_CHAPTER = re.compile(r"ch(?:apter|ap)?[ _.-]*0*(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Settings:
    """What book mode knows about a script.

    Attributes:
        folder: of the script; None in a notebook that is running.
        lang: language of the notices.
        chapter: whose ``two_layer_net`` is meant: ``4``, ``5``, or ``2-1`` for the second book.
        stem: of the names of saved figures.
        figures: folder for them; None for the current one.
        saves_figures: whether what is shown is saved; a screen or a notebook shows it.
    """

    folder: str | None = None
    lang: str = "en"
    chapter: str = "4"
    stem: str = "figure"
    figures: Path | None = None
    saves_figures: bool = False

    def __post_init__(self) -> None:
        known_language(self.lang)
        known("chapter", self.chapter, TWO_LAYER_NETS)


def settings_for(
    path: Path, text: str, *, lang: str = "", chapter: str = "", folder: Path | None = None
) -> Settings:
    """The settings that follow from a script's place and text, where none are given.

    Example:
        >>> settings_for(Path("/books/ch05/train_neuralnet.py"), "").chapter
        '5'
    """
    place = path.resolve()
    return Settings(
        folder=str(place.parent),
        lang=lang or language_of(text),
        chapter=chapter or chapter_of(place, text),
        stem=place.stem,
        figures=folder,
        saves_figures=not figures.has_display(),
    )


def chapter_of(path: Path, text: str) -> str:
    """The chapter whose ``two_layer_net`` a script means: by its folder, name and text.

    Example:
        >>> chapter_of(Path("train.py"), "from dataset import spiral"), chapter_of(Path("a.py"), "")
        ('2-1', '4')
    """
    if re.search(r"\bspiral\b", text):
        return "2-1"
    for part in (path.parent.name, path.stem):
        if found := FOLDER_OF_CHAPTER.search(part):
            return "5" if int(found[1]) >= 5 else "4"
    return "5" if "gradient_check" in path.stem else "4"


@contextlib.contextmanager
def _own_processor() -> Iterator[None]:
    """While entered, NumPy's products use as many threads as small nets are fast with."""
    names = set(os.environ)
    with few_blas_threads():
        for name in set(os.environ) - names:  # the library that changes it sets one when imported
            del os.environ[name]
        yield


@contextlib.contextmanager
def book_mode(settings: Settings) -> Iterator[None]:
    """While entered, code of the books runs as it is; afterwards nothing of it is left.

    That is: modules of the books can be imported, removed names of NumPy are there for a learner's
    code, pickles execute nothing, missing files of the books are found, MNIST is not downloaded,
    figures can be seen and read, matrix products of small nets wait for no other threads, and
    processes that are started begin in book mode.

    Example:
        >>> with book_mode(Settings()):
        ...     from common.functions import softmax
        >>> import sys
        >>> "common" in sys.modules
        False
    """
    with contextlib.ExitStack() as changes:
        enter = changes.enter_context
        enter(speaking(settings.lang))
        enter(removed_names())
        enter(recognized_gradients())
        enter(_own_processor())
        enter(plain_pickles())
        enter(known_files(settings.folder))
        enter(known_addresses())
        enter(book_imports(settings.folder, settings.chapter))
        enter(readable_labels())
        enter(children_too(settings))
        if settings.saves_figures:
            enter(figures.saved_figures(settings.stem, settings.figures))
        yield
