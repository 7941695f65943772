"""Hangul, kana and Kanji in Latin letters, for machines without a font that has them.

Hangul follows the Revised Romanization of Korean, letter by letter, without sound changes; kana
the Hepburn system. Of Kanji, those that labels of nets use have their Sino-Japanese reading; all
others are written as their code point, such as U+9D8F.
"""

from __future__ import annotations

from collections.abc import Sequence

INITIALS = (
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p",
    "h",
)  # fmt: skip
VOWELS = (
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we",
    "wi", "yu", "eu", "ui", "i",
)  # fmt: skip
FINALS = (
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p",
    "t", "t", "ng", "t", "t", "k", "t", "p", "t",
)  # fmt: skip
KANA_LETTERS = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンガギグゲゴ"
    "ザジズゼゾダヂヅデドバビブベボパピプペポァィゥェォャュョッー"
)
KANA_READINGS = """
    a i u e o ka ki ku ke ko sa shi su se so ta chi tsu te to na ni nu ne no ha hi fu he ho
    ma mi mu me mo ya yu yo ra ri ru re ro wa o n ga gi gu ge go za ji zu ze zo da ji zu de do
    ba bi bu be bo pa pi pu pe po a i u e o ya yu yo t -
"""
KANJI_READINGS = """
    損 son 失 shitsu 関 kan 数 suu 精 sei 度 do 正 sei 解 kai 率 ritsu 誤 go 差 sa 学 gaku 習 shuu
    訓 kun 練 ren 検 ken 証 shou 試 shi 験 ken 反 han 復 puku 回 kai 値 chi 勾 kou 配 bai 重 juu
    入 nyuu 出 shutsu 力 ryoku 層 sou 活 kas 性 sei 化 ka 画 ga 像 zou 時 ji 間 kan 刻 koku 平 hei
    均 kin 分 bun 類 rui 予 yo 測 soku 確 kaku 認 nin 識 shiki 最 sai 適 teki 大 dai 小 shou 初 sho
    期 ki 更 kou 新 shin 速 soku 過 ka 件 ken 名 mei 前 zen 次 ji 元 gen 軸 jiku 行 gyou 列 retsu
    図 zu 表 hyou 実 jitsu 線 sen 点 ten 色 shoku 黒 koku 白 haku 赤 seki 青 sei 日 nichi 月 getsu
    年 nen 本 hon 人 jin 文 bun 字 ji 語 go
"""


def _pairs(words: Sequence[str]) -> dict[str, str]:
    return dict(zip(words[::2], words[1::2], strict=True))


KANA = dict(zip(KANA_LETTERS, KANA_READINGS.split(), strict=True))
KANJI = _pairs(KANJI_READINGS.split())


def romanized(text: str) -> str:
    """A text with its Hangul, kana and Kanji in Latin letters; everything else stays.

    Example:
        >>> romanized("손실 함수"), romanized("損失"), romanized("エポック"), romanized("鶏")
        ('sonsil hamsu', 'sonshitsu', 'epotku', 'U+9D8F')
    """
    return "".join(_letter(letter) for letter in text)


def _letter(letter: str) -> str:
    code = ord(letter)
    if 0xAC00 <= code <= 0xD7A3:
        first, rest = divmod(code - 0xAC00, 588)
        return INITIALS[first] + VOWELS[rest // 28] + FINALS[rest % 28]
    if 0x3041 <= code <= 0x3096:  # hiragana lies 96 below katakana
        letter = chr(code + 0x60)
    if letter in KANA:
        return KANA[letter]
    if letter in KANJI:
        return KANJI[letter]
    return f"U+{code:04X}" if is_east_asian(letter) else letter


def is_east_asian(letter: str) -> bool:
    """Whether a letter is Hangul, kana or Kanji.

    Example:
        >>> is_east_asian("가"), is_east_asian("é")
        (True, False)
    """
    code = ord(letter)
    return 0x3040 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7A3 or 0x1100 <= code <= 0x11FF
