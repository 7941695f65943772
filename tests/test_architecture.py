"""The house's rules about itself: floors, what an import may load, sizes, and names."""

from __future__ import annotations

import ast
import graphlib
import importlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import mitbadak
from mitbadak.core import moved

pytestmark = pytest.mark.once  # of the sources, not of what runs them

SOURCE = Path(mitbadak.__file__).parent
ROOT = Path(__file__).parent.parent

# From the ground up: a module imports from rooms before its own, and never in a circle.
ROOMS = [
    "core", "functions", "optim", "graph", "data", "nn", "descent",
    "native", "gradcheck", "training", "runs", "plots", "doctor", "interop", "book", "lab", "cli",
]  # fmt: skip
CORE = set(ROOMS[: ROOMS.index("native")])
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 400, 50


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(SOURCE.rglob("*.py"))}


def imports_of(path: Path, *, types_too: bool = False) -> set[str]:
    """Every module that a file imports, wherever in it; those for types only where asked for."""
    imported: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for branch in node.orelse if not types_too else [*node.body, *node.orelse]:
                visit(branch)
            return
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            module = node.module or ""
            imported.update(
                f"{module}.{a.name}" if f"{module}.{a.name}".removeprefix("mitbadak.") in MODULES
                else module for a in node.names
            )  # fmt: skip
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return imported


def house_imports_of(name: str, *, types_too: bool = False) -> set[str]:
    """Modules of the house that a module imports, by their names in it."""
    imported = imports_of(MODULES[name], types_too=types_too)
    return {i.removeprefix("mitbadak.") for i in imported if i.startswith("mitbadak.")}


def room_of(name: str) -> str:
    return name.split(".")[0]


def test_the_house_has_these_rooms():
    entries = {room_of(name) for name in MODULES} - {"", "__main__"}
    assert entries == set(ROOMS)
    assert len(entries) <= 17


@pytest.mark.parametrize("name", [n for n in MODULES if n not in ("", "__main__")])
def test_a_module_imports_only_from_rooms_below_its_own(name):
    below = ROOMS[: ROOMS.index(room_of(name)) + 1]
    above = {i for i in house_imports_of(name, types_too=True) if room_of(i) not in below}
    assert not above


def test_no_imports_form_a_circle():
    graphlib.TopologicalSorter(
        {name: house_imports_of(name, types_too=True) for name in MODULES}
    ).prepare()  # raises an error that names the circle


@pytest.mark.skipif(not (ROOT / "docs").exists(), reason="not in a checkout")
def test_the_page_of_the_house_shows_what_each_room_builds_on():
    needs = {room: set[str]() for room in ROOMS}
    for name in MODULES:
        if name not in ("", "__main__"):
            needs[room_of(name)] |= {room_of(i) for i in house_imports_of(name)} - {room_of(name)}
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    shown = {room: set(others.split(", "))
             for room, others in re.findall(r"^(\w+) +→ (.+)$", page, re.MULTILINE)}  # fmt: skip
    for room in ROOMS:
        repeated = {n for other in needs[room] for n in _all_below(other, needs)}
        assert shown.get(room, set()) == needs[room] - repeated


def _all_below(room: str, needs: dict[str, set[str]]) -> set[str]:
    return needs[room].union(*(_all_below(other, needs) for other in needs[room]))


# Where a module is imported by a name that is computed: public names, earlier names, the one door
# to the kernels, and files of users.
BY_NAME = {"", "core.lazy", "core.moved", "core.engines", "cli.user_functions"}


@pytest.mark.parametrize("name", [n for n in MODULES if n not in BY_NAME])
def test_no_other_module_imports_by_a_computed_name(name):
    assert "import_module" not in MODULES[name].read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [n for n in MODULES if room_of(n) in CORE])
def test_the_core_needs_numpy_and_the_standard_library_only(name):
    foreign = {module.split(".")[0] for module in imports_of(MODULES[name])}
    allowed = {*sys.stdlib_module_names, "numpy", "mitbadak"}
    if name == "core.typing":
        allowed.add("jaxtyping")  # only where a test run has loaded it before
    if name.startswith("data.images"):
        allowed.add("PIL")  # loaded with the first picture
    if name == "functions.blas":
        allowed.add("threadpoolctl")  # loaded where a net is differentiated by the definition
    assert foreign <= allowed


def loaded_after(code: str) -> set[str]:
    """Top-level third-party modules that a fresh process holds after running ``code``."""
    report = "import sys, json; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    run = subprocess.run(
        [sys.executable, "-I", "-c", f"{code}\n{report}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    bare = subprocess.run(
        [sys.executable, "-I", "-c", report], capture_output=True, text=True, check=True
    )
    new = set(json.loads(run.stdout)) - set(json.loads(bare.stdout))
    new.discard("cython_runtime")  # no package: what NumPy's own compiled modules register
    return {m for m in new if m not in sys.stdlib_module_names and not m.startswith("_")}


def test_importing_the_package_loads_numpy_only():
    assert loaded_after("import mitbadak") == {"mitbadak", "numpy"}


def public_names() -> dict[str, str]:
    """Every public name with the module that it comes from, as the stub has it."""
    tree = ast.parse((SOURCE / "__init__.pyi").read_text(encoding="utf-8"))
    return {
        alias.name: node.module or ""
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_using_the_core_loads_numpy_only():
    names = [
        name for name, home in public_names().items()
        if home != "mitbadak" and room_of(home.removeprefix("mitbadak.")) in CORE
    ]  # fmt: skip
    assert {"sigmoid", "MLP", "load_mnist", "gradient_descent", "SGD"} <= set(names)
    assert loaded_after(f"from mitbadak import {', '.join(names)}") == {"mitbadak", "numpy"}


def test_public_names_resolve():
    modules = {name for name, home in public_names().items() if home == "mitbadak"}
    exported = vars(mitbadak)["__all__"]
    assert set(exported) == {*public_names(), "__version__"} - modules
    for name in (*exported, *modules):
        assert getattr(mitbadak, name) is not None
        assert name in modules or name not in MODULES, "a module would hide the public name"
    assert set(dir(mitbadak)) >= {"sigmoid", "nn", "data"}
    with pytest.raises(AttributeError, match="no attribute 'sigmod'"):
        _ = mitbadak.sigmod  # pyright: ignore[reportAttributeAccessIssue]


def test_earlier_names_lead_to_the_same_things_and_warn():
    for old, new in moved.MODULES.items():
        sys.modules.pop(f"mitbadak.{old}", None)
        with pytest.warns(DeprecationWarning, match=f"mitbadak.{old} is now mitbadak.{new}"):
            module = importlib.import_module(f"mitbadak.{old}")
        assert module is importlib.import_module(f"mitbadak.{new}")
    for package, homes in moved.NAMES.items():
        for home, names in homes.items():
            for name in names:
                with pytest.warns(DeprecationWarning, match=f"mitbadak.{package}.{name} is now"):
                    old = getattr(importlib.import_module(f"mitbadak.{package}"), name)
                assert old is getattr(importlib.import_module(f"mitbadak.{home}"), name)
    for package, names in moved.RENAMED.items():
        module = importlib.import_module(f"mitbadak.{package}")
        for old, new in names.items():
            with pytest.warns(DeprecationWarning, match=f"mitbadak.{package}.{old} is now"):
                assert getattr(module, old) is getattr(module, new)
    with pytest.warns(DeprecationWarning, match="nothing"), pytest.raises(ImportError):
        importlib.import_module("mitbadak.images.nothing")


@pytest.mark.parametrize(
    ("old", "new"),
    [("images", "data.images"), ("plots.sureness", "plots.confidence_histogram")],
)
def test_the_warning_of_an_earlier_name_points_at_who_wrote_it(old, new):
    code = f"import mitbadak, mitbadak.plots; mitbadak.{old}"
    strict = [sys.executable, "-W", "error::DeprecationWarning:__main__", "-c", code]
    warned = subprocess.run(strict, capture_output=True, text=True)
    assert f"DeprecationWarning: mitbadak.{old} is now mitbadak.{new}" in warned.stderr
    assert warned.returncode == 1


@pytest.mark.parametrize("name", ["functions", "graph", "nn", "optim", "data", "training", "runs"])
def test_a_package_exports_what_it_imports(name):
    module = importlib.import_module(f"mitbadak.{name}")
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mitbadak")
        for alias in node.names
        if alias.asname is None or not alias.asname.startswith("_")
    }
    annotated = [node.target for node in tree.body if isinstance(node, ast.AnnAssign)]
    defined = {target.id for target in annotated if isinstance(target, ast.Name)}
    assert set(module.__all__) == imported | defined


@pytest.mark.parametrize("path", MODULES.values(), ids=lambda p: name_of(p) or "__init__")
def test_files_and_functions_stay_readable(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES, "two ideas in one file?"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            has_docstring = ast.get_docstring(node) is not None
            body = node.body[1:] if has_docstring else node.body
            lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= MOST_LINES_OF_A_FUNCTION, f"{node.name}: two ideas in one function?"


# Their functions say what they are by NumPy's name.
NAMED_BY_NUMPY = [name for name in MODULES if name.startswith("functions.primitives")]


def documented(node: ast.AST, prefix: str = "") -> list[tuple[str, bool]]:
    """Public functions and classes with whether they say what they are."""
    names = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.ClassDef)) and not child.name.startswith("_"):
            names.append((prefix + child.name, ast.get_docstring(child) is not None))
    return names


@pytest.mark.parametrize("name", [n for n in MODULES if n not in NAMED_BY_NUMPY])
def test_public_functions_and_classes_have_docstrings(name):
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{name} does not say what it is"
    undocumented = [public for public, has_docstring in documented(tree) if not has_docstring]
    assert not undocumented


def test_every_module_has_its_types_checked_while_tests_run():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    options = settings["tool"]["pytest"]["ini_options"]["addopts"]
    (checked,) = (o for o in options if o.startswith("--jaxtyping-packages="))
    packages = {p.removeprefix("mitbadak.") for p in checked.split("=")[1].split(",")[:-1]}
    parts = {
        f"doctor.{path.stem}"
        for path in (ROOT / "src/mitbadak/doctor").iterdir()
        if path.stem[0] != "_"
    }
    # The static reader makes a million small calls, which checks would make three times as slow.
    assert packages == (set(ROOMS) - {"doctor"}) | (parts - {"doctor.code", "doctor.words"})


def test_no_assert_guards_against_users():
    for path in MODULES.values():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not any(isinstance(node, ast.Assert) for node in ast.walk(tree)), path


def prints_of(path: Path) -> list[str]:
    """What in a file writes to a terminal past the filter: ``print``, standard streams, Rich."""
    calls = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            function = ast.unparse(node.func)
            past = function in ("print", "Console", "rich.print", "typer.echo", "click.echo")
            if past or re.fullmatch(r"sys\.(stdout|stderr)\.(write|buffer\..*)", function):
                calls.append(function)
    return calls


@pytest.mark.parametrize("name", [n for n in MODULES if n != "core.printing"])
def test_everything_printed_goes_through_the_one_filter(name):
    allowed = ["Console"] if name == "cli.terminal" else []  # whose cells are made visible
    assert prints_of(MODULES[name]) == allowed


def test_the_global_generator_and_pickle_are_never_used():
    """But in few files: what no seed decides, the books' own draws, and what executes nothing."""
    assert "np.random.randint(" in MODULES["core.randomness"].read_text(encoding="utf-8")
    draw, read = {"core.randomness", "book.draws"}, {"runs.weight_files", "book.pickles"}
    for name, path in MODULES.items():
        text = path.read_text(encoding="utf-8")
        drawn = r"np\.random\.(seed|rand|randn|randint|choice|shuffle|permutation)\("
        assert name in draw or not re.search(drawn, text)
        assert "allow_pickle=True" not in text
        imported = re.search(r"^\s*(import|from) pickle", text, re.MULTILINE)
        assert name in read or not imported


@pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="not in a checkout")
def test_the_changelog_knows_this_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {mitbadak.__version__}" in changelog
