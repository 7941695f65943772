"""Small faults that a programmer could make, drawn from the syntax trees of Python sources."""

from __future__ import annotations

import ast
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Option = tuple[str, ast.AST, str]  # kind, the node that is replaced, its replacement
ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div, ast.Add), ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult, ast.Mod), ast.Mod: (ast.FloorDiv,), ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,), ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,),
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
OPPOSITES = [("min", "max"), ("any", "all"), ("minimum", "maximum"), ("argmin", "argmax"),
             ("floor", "ceil"), ("sum", "mean"), ("zeros", "ones")]  # fmt: skip
OPPOSITE = {a: b for pair in OPPOSITES for a, b in (pair, pair[::-1])}
CACHES = {"cache", "lru_cache", "cached_property"}
COMPOUND = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.While, ast.For,
            ast.With, ast.Try, ast.Match)  # fmt: skip


@dataclass(frozen=True)
class Mutation:
    """One fault: the bytes from ``start`` to ``end`` of a file become ``after``."""

    path: str
    kind: str
    start: int
    end: int
    lines: tuple[int, int]  # of the statement, first and last; of a compound one, of its head
    before: str
    after: str
    shared: bool  # runs once for many tests: when the module is imported, or behind a cache

    def applied(self, source: bytes) -> bytes:
        """The source with the fault in it."""
        return source[: self.start] + self.after.encode() + source[self.end :]

    def __str__(self) -> str:
        before, after = (" ".join(text.split()) for text in (self.before, self.after))
        return f"{self.path}:{self.lines[0]}: {self.kind}: {before}  ->  {after}"


def draw_mutations(root: Path, folders: list[str], count: int, seed: int) -> list[Mutation]:
    """Draw mutations of distinct places; every statement of the given files is equally likely.

    Args:
        root: the source tree.
        folders: the files and folders in it to draw from.
        count: number of mutations; fewer are returned if the sources have no more places.
        seed: for the random draw.
    """
    files = sorted({p for f in folders for p in python_files(root / f)})
    places = [place for p in files for place in mutations_by_statement(root, p)]
    rng, drawn, refused = random.Random(seed), dict[Mutation, None](), set[Mutation]()
    while len(drawn) < count and len(drawn) + len(refused) < sum(map(len, places)):
        kinds: dict[str, list[Mutation]] = {}
        for mutation in rng.choice(places):
            kinds.setdefault(mutation.kind, []).append(mutation)
        mutation = rng.choice(kinds[rng.choice(sorted(kinds))])
        if mutation in drawn or mutation in refused:
            continue
        if _compiles(mutation, (root / mutation.path).read_bytes()):
            drawn[mutation] = None
        else:
            refused.add(mutation)
    return list(drawn)


def python_files(path: Path) -> list[Path]:
    if not path.exists():
        raise SystemExit(f"mutate: {path} does not exist.")
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def mutations_by_statement(root: Path, path: Path) -> list[list[Mutation]]:
    """All mutations of a file, in one list for each statement that has any."""
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    by_statement = []
    for statement, shared, bound_once in _statements(ast.parse(source).body, True):
        mutations = []
        lines = statement.lineno, _last_line_of_head(statement)
        for kind, node, after in _options(statement, bound_once):
            start = starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
            end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
            before = source[start:end].decode()
            name = path.relative_to(root).as_posix()
            if "".join(before.split()) != "".join(after.split()):
                mutations.append(Mutation(name, kind, start, end, lines, before, after, shared))
        if mutations:
            by_statement.append(mutations)
    return by_statement


def _compiles(mutation: Mutation, source: bytes) -> bool:
    try:
        compile(mutation.applied(source), mutation.path, "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _statements(
    body: list[ast.stmt], shared: bool, bound_once: frozenset[str] | None = None
) -> Iterator[tuple[ast.stmt, bool, frozenset[str] | None]]:
    """Every statement that may be mutated, whether many tests share one run of it, and the names
    that its function binds in one place only (None outside functions)."""
    for statement in body:
        if _is_exempt(statement):
            continue
        yield statement, shared, bound_once
        inside, names = shared, bound_once
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            decorators = (
                d.func if isinstance(d, ast.Call) else d for d in statement.decorator_list
            )
            inside = any(_name(d) in CACHES for d in decorators)
            names = _bound_once(statement)
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, name, []), inside, names)
        for part in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
            yield from _statements(part.body, inside, names)


def _bound_once(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    names = Counter(
        node.arg if isinstance(node, ast.arg) else node.id
        for node in ast.walk(function)
        if isinstance(node, ast.arg)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    )
    return frozenset(name for name, count in names.items() if count == 1)


def _is_exempt(statement: ast.stmt) -> bool:
    """Whether a statement is invisible to tests: docstrings, imports, ``__all__``, types."""
    if isinstance(statement, (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Pass)):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.If):
        return "TYPE_CHECKING" in ast.unparse(statement.test)
    if isinstance(statement, ast.AnnAssign):
        return statement.value is None or "TypeAlias" in ast.unparse(statement.annotation)
    return isinstance(statement, ast.Assign) and (
        _name(statement.targets[0]) == "__all__" or _is_type(statement.value)
    )


def _is_type(node: ast.expr) -> bool:
    """Whether an assigned value is a type: ``Rows = Float[Array, "n k"]``, ``Any | None``."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitOr) and (_is_type(node.left) or _is_type(node.right))
    if isinstance(node, ast.Call):
        return _name(node.func) in ("TypeVar", "ParamSpec", "NewType")
    head = node.value if isinstance(node, ast.Subscript) else node
    name = _name(head)
    return isinstance(node, (ast.Subscript, ast.Name)) and (
        (name[:1].isupper() and not name.isupper()) or name in ("dict", "list", "tuple", "type")
    )


def _name(node: ast.AST) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))


def _last_line_of_head(statement: ast.stmt) -> int:
    if not isinstance(statement, COMPOUND):
        return statement.end_lineno or statement.lineno
    return max([statement.lineno, *(node.end_lineno or 0 for node in _roots(statement))])


def _roots(statement: ast.stmt) -> list[ast.expr]:
    """The expressions of a statement itself, without the message of a raise."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [d for d in (*statement.args.defaults, *statement.args.kw_defaults) if d]
    if isinstance(statement, (ast.Raise, ast.ClassDef, ast.Try)):
        return []
    if isinstance(statement, ast.With):
        return [item.context_expr for item in statement.items]
    names = ("test", "iter", "subject") if isinstance(statement, COMPOUND) else (
        "test", "value", "target", "targets")  # fmt: skip
    parts = [getattr(statement, name, None) for name in names]
    flat = [p for part in parts for p in (part if isinstance(part, list) else [part])]
    return [p for p in flat if isinstance(p, ast.expr)]


def _options(statement: ast.stmt, bound_once: frozenset[str] | None) -> Iterator[Option]:
    if _can_go(statement, bound_once):
        yield "statement deleted", statement, "pass"
    yield from _options_of_statement(statement)
    for root in _roots(statement):
        for node in _walk(root):
            for kinds, options in EXPRESSIONS:
                if isinstance(node, kinds):
                    yield from options(node)


def _can_go(statement: ast.stmt, bound_once: frozenset[str] | None) -> bool:
    """Whether deleting a statement does more than leave a name unbound."""
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = {n.id for t in targets for n in ast.walk(t)
                 if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}  # fmt: skip
        return not names if bound_once is None else not names & bound_once
    return isinstance(statement, (ast.AugAssign, ast.Raise, ast.Delete, ast.Expr))


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below, without f-strings (messages, and columns that are not those of the file)."""
    if isinstance(node, ast.JoinedStr):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _walk(child)


def _options_of_statement(statement: ast.stmt) -> Iterator[Option]:
    if isinstance(statement, ast.Return) and statement.value is not None:
        yield "return value dropped", statement, "return None"
    if isinstance(statement, ast.Break):
        yield "break to continue", statement, "continue"
    if isinstance(statement, ast.Continue):
        yield "continue to break", statement, "break"
    if isinstance(statement, ast.AugAssign):
        for op in ARITHMETIC.get(type(statement.op), ()):
            other = ast.AugAssign(statement.target, op(), statement.value)
            yield "arithmetic", statement, ast.unparse(other)
    if isinstance(statement, (ast.If, ast.While)):
        yield from _conditions(statement.test, endless=isinstance(statement, ast.While))


def _conditions(test: ast.expr, *, endless: bool = False) -> Iterator[Option]:
    yield "condition negated", test, f"(not ({ast.unparse(test)}))"
    yield "condition forced", test, "False"
    if not endless:
        yield "condition forced", test, "True"


def _binary(node: ast.BinOp) -> Iterator[Option]:
    for op in ARITHMETIC.get(type(node.op), ()):
        yield "arithmetic", node, f"({ast.unparse(ast.BinOp(node.left, op(), node.right))})"


def _compare(node: ast.Compare) -> Iterator[Option]:
    for k, old in enumerate(node.ops):
        for op in COMPARISONS.get(type(old), ()):
            ops = [*node.ops[:k], op(), *node.ops[k + 1 :]]
            yield (
                "comparison",
                node,
                f"({ast.unparse(ast.Compare(node.left, ops, node.comparators))})",
            )
    for side in (node.left, *node.comparators):
        yield from _key(side)


def _boolean(node: ast.BoolOp) -> Iterator[Option]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield "and/or", node, f"({ast.unparse(ast.BoolOp(other, node.values))})"
    for k in range(len(node.values)):
        rest = node.values[:k] + node.values[k + 1 :]
        text = ast.unparse(ast.BoolOp(node.op, rest) if len(rest) > 1 else rest[0])
        yield "operand dropped", node, f"({text})"


def _unary(node: ast.UnaryOp) -> Iterator[Option]:
    if isinstance(node.op, (ast.Not, ast.USub, ast.Invert)):
        yield "sign or not dropped", node, f"({ast.unparse(node.operand)})"


def _constant(node: ast.Constant) -> Iterator[Option]:
    value = node.value
    if isinstance(value, bool):
        yield "constant", node, str(not value)
    elif isinstance(value, (int, float)):
        for other in dict.fromkeys((value + 1, value - 1, value * 2)):
            if other != value:
                yield "constant", node, f"({other})" if other < 0 else str(other)


def _key(node: ast.AST | None) -> Iterator[Option]:
    """Mutate a string that chooses something; one with blanks is a message or a shape."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
        yield "key", node, repr(node.value + "_")


def _call(node: ast.Call) -> Iterator[Option]:
    def text(args: list[ast.expr], keywords: list[ast.keyword]) -> str:
        return ast.unparse(ast.Call(node.func, args, keywords))

    for k, keyword in enumerate(node.keywords):
        rest = node.keywords[:k] + node.keywords[k + 1 :]
        yield "keyword dropped", node, text(node.args, rest)
        yield from _key(keyword.value)
        if keyword.arg == "axis" and isinstance(keyword.value, (ast.Constant, ast.UnaryOp)):
            yield "axis", keyword.value, "0" if ast.unparse(keyword.value) != "0" else "-1"
    for k in range(len(node.args) - 1):
        a, b = node.args[k : k + 2]
        if not isinstance(a, ast.Starred) and not isinstance(b, ast.Starred):
            swapped = [*node.args[:k], b, a, *node.args[k + 2 :]]
            yield "arguments swapped", node, text(swapped, node.keywords)


def _renamed(node: ast.Name | ast.Attribute) -> Iterator[Option]:
    if isinstance(node.ctx, ast.Load) and (other := OPPOSITE.get(_name(node))):
        head = f"{ast.unparse(node.value)}." if isinstance(node, ast.Attribute) else ""
        yield "opposite function", node, head + other


def _slice(node: ast.Slice) -> Iterator[Option]:
    for name in ("lower", "upper", "step"):
        if getattr(node, name) is not None:
            parts = {n: getattr(node, n) for n in ("lower", "upper", "step") if n != name}
            yield "slice bound dropped", node, ast.unparse(ast.Slice(**parts)) or ":"
    for name in ("lower", "upper"):
        if (bound := getattr(node, name)) is not None and not isinstance(bound, ast.Constant):
            yield "slice bound moved", bound, f"({ast.unparse(bound)} + 1)"


def _comprehension(node: ast.AST) -> Iterator[Option]:
    for generator in node.generators:  # type: ignore[attr-defined]
        for test in generator.ifs:
            yield from _conditions(test)


def _dict(node: ast.Dict) -> Iterator[Option]:
    for key in node.keys:
        yield from _key(key)


EXPRESSIONS: list[tuple[type | tuple[type, ...], Callable[..., Iterator[Option]]]] = [
    (ast.BinOp, _binary), (ast.Compare, _compare), (ast.BoolOp, _boolean), (ast.UnaryOp, _unary),
    (ast.Constant, _constant), (ast.Call, _call), ((ast.Name, ast.Attribute), _renamed),
    (ast.Slice, _slice), (ast.IfExp, lambda node: _conditions(node.test)),
    ((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), _comprehension),
    (ast.Dict, _dict), (ast.Subscript, lambda node: _key(node.slice)),
]  # fmt: skip
