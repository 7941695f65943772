"""Colors and fonts of the pictures of graphs, as style sheets."""

from __future__ import annotations

LABEL_SIZE = 11.0  # of the texts at edges, in pixels

# Okabe and Ito's blue for values and vermilion for gradients, as in mitbadak.plots. The vermilion
# is darker on white, and both are lighter on black, for a contrast of 4.5 in small text.
LIGHT = {"paper": "#ffffff", "ink": "#1d2433", "box": "#eef2f7", "given": "#ffffff",
         "line": "#5c6675", "quiet": "#666666",
         "value": "#0072B2", "gradient": "#B84F00"}  # fmt: skip
DARK = {"paper": "#14171d", "ink": "#edf0f5", "box": "#2a303b", "given": "#14171d",
        "line": "#9aa4b2", "quiet": "#a6a6a6",
        "value": "#56B4E9", "gradient": "#F59A4A"}  # fmt: skip
FONTS = ("system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Apple SD Gothic Neo',"
         "'Malgun Gothic','Noto Sans KR',sans-serif")  # fmt: skip
_RULES = """
{0} .paper{{fill:{paper}}}
{0} .shape{{fill:{box};stroke:{line}}}
{0} .input .shape{{fill:{given}}}
{0} .name{{fill:{ink}}}
{0} .detail,{0} .constant .name{{fill:{quiet}}}
{0} .line{{stroke:{line}}}
{0} .head,{0} .dot{{fill:{line}}}
{0} .value{{fill:{value}}}
{0} .gradient{{fill:{gradient}}}"""
_STYLE = """
.mitbadak-graph{{font-family:{fonts};max-width:100%;height:auto}}
.mitbadak-graph text{{text-anchor:middle}}
.mitbadak-graph .line{{fill:none;stroke-width:1.3}}
.mitbadak-graph .shape{{stroke-width:1.3}}
.mitbadak-graph .label text{{font-size:{label}px}}"""


def style_of(theme: str) -> str:
    """The style sheet of a picture; the theme "auto" follows the reader's screen.

    Colors are written out, because converters to PDF or PNG do not understand CSS variables.
    """
    common = _STYLE.format(fonts=FONTS, label=f"{LABEL_SIZE:g}")
    colors = DARK if theme == "dark" else LIGHT
    rules = _RULES.format(f".mitbadak-{theme}", **colors)
    if theme == "auto":
        dark = _RULES.format(".mitbadak-auto", **DARK)
        rules += f"\n@media (prefers-color-scheme:dark){{{dark}\n}}"
    return f"{common}{rules}\n"
