"""Search in Korean: a word is found whatever particle follows it, and inside compounds.

Sphinx's search looks for whole words between blanks, but Korean writes particles and endings onto
its words: 기울기를, 기울기가 and 기울기에서 are three. Here the index has every two and three
syllables in a row of each word, so 기울기 is found in all of them, and 미분 in 수치미분. A
word that is asked for loses its particle or ending first. What is longer than three syllables is
looked for in pieces of two or three, all of which a page must have. English words are found by
their stems.
"""

from __future__ import annotations

from typing import Any

from korean_words import SPLITTER, terms
from sphinx.application import Sphinx
from sphinx.search import languages
from sphinx.search.en import SearchEnglish


class SearchKorean(SearchEnglish):
    """Korean by pieces of words, English by stems."""

    lang = "ko"
    language_name = "English"  # the stemmer of the browser, which English words need
    js_splitter_code = SPLITTER

    def split(self, input: str) -> list[str]:
        return terms(input)


def setup(app: Sphinx) -> dict[str, Any]:
    languages["ko"] = SearchKorean
    return {"parallel_read_safe": True, "parallel_write_safe": True}
