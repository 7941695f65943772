"""Korean words as the search has them: their pieces in the index, and the terms of a query.

Python writes the index when the site is built, and JavaScript splits what a reader asks for.
"""

from __future__ import annotations

import json
import re

WORD = re.compile(r"[가-힣]+|[^\W가-힣]+")
ENDINGS = [  # particles, and endings of verbs
    "으로부터", "에서부터", "이라는", "까지는", "에서는", "으로는", "하려면", "합니다", "됩니다",
    "입니다", "습니다", "하는", "되는", "하기", "하고", "하면", "한다", "된다", "에서", "에게",
    "으로", "까지", "부터", "처럼", "보다", "이란", "라는", "이나", "마다", "만큼", "대로", "한",
    "할", "된", "될", "을", "를", "이", "가", "은", "는", "의", "에", "로", "와", "과", "도",
    "만", "란",
]  # fmt: skip


def pieces(word: str) -> list[str]:
    """What the index has of a word of Korean syllables."""
    if len(word) == 1:
        return [word]
    alone = [word[0]] if len(word) == 2 and word[1] in ENDINGS else []  # 값 of 값을
    return alone + [word[i : i + n] for n in (2, 3) for i in range(len(word) - n + 1)]


def terms(text: str) -> list[str]:
    """What the index has of a text: pieces of Korean words, and other words as they are."""
    return [
        piece
        for word in WORD.findall(text)
        for piece in (pieces(word) if "가" <= word[0] <= "힣" else [word])
    ]


SPLITTER = """
var splitQuery = (query) => {
  const endings = ENDINGS.sort((a, b) => b.length - a.length);
  const terms = [];
  const words = query.split(/[^\\p{Letter}\\p{Number}_]+/u).join(" ");
  const all = words.match(/[가-힣]+|[^가-힣 ]+/g) || [];
  for (const word of all) {
    if (!/^[가-힣]/.test(word)) { terms.push(word); continue; }
    if (endings.includes(word) && all.length > 1) continue; // as in NumPy는
    const ending = endings.find((e) => word.endsWith(e) && word.length - e.length >= 2);
    const stem = ending ? word.slice(0, -ending.length) : word;
    for (let i = 0; i < stem.length;) { // 미니배치 as 미니 and 배치, which finds 미니 배치 too
      const size = stem.length === 1 ? 1 : (stem.length - i) % 3 === 0 ? 3 : 2;
      terms.push(stem.slice(i, i + size));
      i += size;
    }
  }
  return terms;
};
""".replace("ENDINGS", json.dumps(ENDINGS, ensure_ascii=False))
"""The same for a query, without its endings; ``splitQuery`` is the name that Sphinx calls."""
