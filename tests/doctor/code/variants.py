"""A script in other forms: other names, spaces and comments, as a notebook, within a function."""

from __future__ import annotations

import ast
import io
import json
import keyword
import re
import tokenize
from dataclasses import dataclass

from doctor.code.learners import PARTS

MARK = re.compile(r"  #! ([\w-]+)$")
OPERATORS = {"+", "-", "*", "/", "=", "==", "-=", "+=", "*=", "%", ",", "**", "<", ">", "//"}
Line = tuple[str, str]  # its text, and the code that is planted there


@dataclass(frozen=True)
class Variant:
    """A script in one form: the file's ending, its content, and where which code is planted."""

    ending: str
    content: str
    planted: tuple[tuple[str, str], ...]


def lines_of(script: str) -> list[Line]:
    """The lines of a script with its shared parts, without marks."""
    for name, part in PARTS.items():
        script = script.replace(f"<{name}>", part)
    lines = []
    for line in script.split("\n"):
        mark = MARK.search(line)
        lines.append((MARK.sub("", line), mark[1] if mark else ""))
    return lines


def as_script(lines: list[Line]) -> Variant:
    """The lines as a file of Python."""
    planted = tuple((f"line {k}", code) for k, (_, code) in enumerate(lines, 1) if code)
    return Variant(".py", "\n".join(text for text, _ in lines), planted)


def tokens_of(lines: list[Line]) -> list[tokenize.TokenInfo]:
    """The tokens of the lines."""
    source = "\n".join(text for text, _ in lines) + "\n"
    return list(tokenize.generate_tokens(io.StringIO(source).readline))


def renamed(lines: list[Line]) -> list[Line]:
    """Every name that the script gives itself is another one, except those that say "test"."""
    tree = ast.parse("\n".join(text for text, _ in lines))
    named = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    named |= {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)}
    named |= {n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    kept = {k.arg for k in ast.walk(tree) if isinstance(k, ast.keyword)}
    kept |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)} | {"self"}
    kept |= {n for n in named if n.startswith("__") or "test" in n or "ascent" in n}
    new = {name: f"v{k}" for k, name in enumerate(sorted(named - kept))}
    texts, previous = [list(text) for text, _ in lines], ""
    for token in reversed(tokens_of(lines)):
        (row, start), (_, end) = token.start, token.end
        before = lines[row - 1][0][:start].rstrip() if row <= len(lines) else ""
        if token.type == tokenize.NAME and token.string in new and not before.endswith("."):
            texts[row - 1][start:end] = new[token.string]
        previous = token.string
    assert previous is not None
    return [("".join(text), code) for text, (_, code) in zip(texts, lines, strict=True)]


def respaced(lines: list[Line], dense: bool = True) -> list[Line]:
    """Indented by two, with no spaces around operators."""
    texts = [text for text, _ in lines]
    for token in reversed(tokens_of(lines)):
        row, start = token.start
        if (
            token.type == tokenize.OP
            and token.string in OPERATORS
            and token.start[0] == token.end[0]
        ):
            text = texts[row - 1]
            left, right = text[:start], text[token.end[1] :]
            tight = left if not left.strip() else left.rstrip()
            joined = "" if dense else " "
            if keyword.iskeyword(tight.split()[-1] if tight.split() else ""):
                joined = " "
            texts[row - 1] = f"{tight}{joined}{token.string}{'' if dense else ' '}{right.lstrip()}"
    result = []
    for text, (_, code) in zip(texts, lines, strict=True):
        body = text.lstrip(" ")
        result.append((" " * ((len(text) - len(body)) // 2) + body, code))
    return result


def commented(lines: list[Line]) -> list[Line]:
    """A comment above and behind every line that begins a statement."""
    starts: set[int] = set()
    fresh = True
    for token in tokens_of(lines):
        if token.type in (tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.COMMENT):
            continue
        if fresh and token.type != tokenize.ENDMARKER:
            starts.add(token.start[0])
        fresh = token.type == tokenize.NEWLINE
    result: list[Line] = []
    for number, (text, code) in enumerate(lines, 1):
        if number in starts:
            indent = text[: len(text) - len(text.lstrip())]
            result.append((f"{indent}# 다음 줄: x -= lr + grad, np.int", ""))
        open_ended = text.endswith(("(", ",", "\\", "[", "{")) or not text.strip()
        in_text = '"""' in text or "'''" in text
        result.append((text if open_ended or in_text else f"{text}  # why", code))
    return result


def as_notebook(lines: list[Line]) -> Variant:
    """One cell for each part between blank lines at the left edge."""
    cells: list[list[Line]] = [[("%matplotlib inline", "")]]
    for k, line in enumerate(lines):
        after = lines[k + 1][0] if k + 1 < len(lines) else ""
        if not line[0].strip() and after and not after[0].isspace() and after[0] not in ")]}":
            cells.append([])
        else:
            cells[-1].append(line)
    cells[-1].append(("!pip list", ""))
    content = [{"cell_type": "markdown", "source": ["# 신경망 학습"], "metadata": {}}]
    planted = []
    for cell in cells:
        source = [f"{text}\n" for text, _ in cell]
        content.append({"cell_type": "code", "source": source, "metadata": {}, "outputs": []})
        planted += [
            (f"cell {len(content)}, line {k}", code) for k, (_, code) in enumerate(cell, 1) if code
        ]
    return Variant(".ipynb", json.dumps({"cells": content, "nbformat": 4}), tuple(planted))


def in_a_function(lines: list[Line]) -> list[Line]:
    """Everything after the imports within ``main``, which is called."""
    tree = ast.parse("\n".join(text for text, _ in lines))
    imports = [n for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom))]
    last = max((n.end_lineno or 0 for n in imports), default=0)
    inner = [(f"    {text}" if text else text, code) for text, code in lines[last:]]
    return [*lines[:last], ("def main():", ""), ("    pass", ""), *inner, ("main()", "")]


def variants_of(script: str) -> dict[str, Variant]:
    """The script itself and its five variants."""
    lines = lines_of(script)
    return {
        "as written": as_script(lines),
        "names": as_script(renamed(lines)),
        "spacing": as_script(respaced(lines)),
        "comments": as_script(commented(lines)),
        "notebook": as_notebook(lines),
        "function": as_script(in_a_function(lines)),
    }
