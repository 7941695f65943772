"""What an installation gets: the library in wheels and in place, and a pure package elsewhere."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import native_build
import wheels
from native_build import COMPILER, ROOT, TARGETS, BuildError
from small_kernels import NAMES, write_sources

HOST = native_build.host_target()
needs_host = pytest.mark.skipif(HOST is None, reason="there are no kernels for this platform")
BUILD = "import sys, hatchling.build as b; print(b.build_{}(sys.argv[1]))"
VARIABLES = ("MITBADAK_NATIVE", "MITBADAK_TARGET", "MITBADAK_LAB")
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MITBADAK_LAB", "0")  # but where a test is about the page
    cache = tmp_path_factory.getbasetemp() / "zig"  # one for all tests; nothing in the home folder
    monkeypatch.setenv("ZIG_GLOBAL_CACHE_DIR", str(cache))


@pytest.fixture
def hook() -> ModuleType:
    pytest.importorskip("hatchling")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The source tree as far as a build needs it, with small kernels and without data."""
    root = tmp_path / "tree"
    files = ("pyproject.toml", "hatch_build.py", ".gitignore", "README.md", "LICENSE",
             "tools/native_build.py", "tools/lab_build.py", "src/mitbadak/__init__.py",
             "src/mitbadak/native/__init__.py", "src/mitbadak/native/library.py",
             "src/mitbadak/data/mnist_files/README.md")  # fmt: skip
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    write_sources(root / "src/mitbadak/native/c")
    return root


def build(tree: Path, kind: str = "wheel", **variables: str) -> tuple[Path, str]:
    """The wheel that hatchling makes, and what it wrote to stderr."""
    output = tree.parent / "dist"
    run = subprocess.run(
        [sys.executable, "-c", BUILD.format(kind), str(output)],
        cwd=tree, env={**os.environ, **variables}, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return output / run.stdout.split()[-1], run.stderr


def native_files(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {Path(n).name for n in archive.namelist() if n.startswith("mitbadak/native/")}


def in_place(tree: Path) -> set[str]:
    return {path.name for path in (tree / "src/mitbadak/native").glob("mitbadak_kernels*")}


def spoil(tree: Path) -> None:
    (tree / "src/mitbadak/native/c/level.c").write_text("this is not C;\n")


# What the hook decides


def test_the_compiler_is_asked_for_where_kernels_will_be_built(hook, monkeypatch):
    dependencies = hook.KernelsHook.dependencies
    tags = ["manylinux_2_17_x86_64", "manylinux_2_12_x86_64", "linux_x86_64"]
    monkeypatch.setattr(native_build, "host_tags", lambda: tags)
    assert hook.choose_target() == (TARGETS["linux-x86_64"], "")
    assert dependencies(None) == [COMPILER]
    monkeypatch.setenv("MITBADAK_NATIVE", "0")
    assert hook.choose_target() == (None, "")
    assert dependencies(None) == []


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        (["linux_sparc64"], "there are none for this platform (linux_sparc64)"),
        (["manylinux_2_12_x86_64", "linux_x86_64"], "there are none for this platform"),
        (["macosx_11_0_arm64"], f"{COMPILER} has no wheel for this platform (macosx_11_0_arm64)"),
    ],
)
def test_where_no_kernels_can_be_built_nothing_is_asked_for(hook, monkeypatch, tags, reason):
    monkeypatch.setattr(native_build, "host_tags", lambda: tags)
    target, given = hook.choose_target()
    assert target is None
    assert given.startswith(reason)
    assert hook.KernelsHook.dependencies(None) == []


@pytest.mark.parametrize("name", ["NATIVE", "TARGET"])
def test_unknown_values_of_variables_stop_the_build(hook, monkeypatch, name):
    monkeypatch.setenv(f"MITBADAK_{name}", "linux")
    with pytest.raises(ValueError, match=rf"^MITBADAK_{name} must be .*; got 'linux'\.$"):
        hook.choose_target()


def test_every_platform_has_its_own_tag_and_the_machine_finds_it():
    assert len({target.tag for target in TARGETS.values()}) == len(TARGETS)
    for target in TARGETS.values():
        assert native_build.host_target([target.tag]) is target
    assert native_build.host_target(["win32"]) is None


def test_the_compiler_is_pinned_alike_everywhere():
    assert COMPILER in SETTINGS["project"]["optional-dependencies"]["dev"]
    assert COMPILER.partition("==")[1:] > ("==", "0")


def test_another_version_of_the_compiler_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setattr(native_build, "COMPILER", "ziglang==0.0.0")
    with pytest.raises(BuildError, match=r"instead of 0\.0\.0"):
        native_build.build(tmp_path / "library", TARGETS["linux-x86_64"])
    monkeypatch.setattr(native_build, "COMPILER", "mitbadak-no-such-compiler==1")
    with pytest.raises(BuildError, match="is not installed in the build environment"):
        native_build.build(tmp_path / "library", TARGETS["linux-x86_64"])


# What hatchling makes


@needs_host
def test_a_wheel_holds_the_library_and_serves_every_python(tree):
    assert HOST is not None
    wheel, message = build(tree)
    assert message == ""
    assert wheel.name.endswith(f"-py3-none-{HOST.tag}.whl")
    assert wheels.wheel_faults(wheel, HOST) == []
    assert native_files(wheel) == {"__init__.py", "library.py", "kernels.h", HOST.library}
    assert in_place(tree) == set()


@needs_host
def test_a_pure_wheel_is_made_on_request(tree):
    assert HOST is not None
    (tree / "src/mitbadak/native" / HOST.library).write_bytes(b"left by an editable install")
    wheel, message = build(tree, MITBADAK_NATIVE="0")
    assert message == ""
    assert wheel.name.endswith("-py3-none-any.whl")
    assert wheels.wheel_faults(wheel, None) == []


@needs_host
def test_sources_that_do_not_compile_make_a_pure_wheel_and_one_line(tree):
    spoil(tree)
    wheel, message = build(tree)
    assert wheels.wheel_faults(wheel, None) == []
    (line,) = message.splitlines()
    assert line.startswith(
        "mitbadak: this package gets no kernels and runs on NumPy alone: zig cc failed: "
    )
    assert "level.c:1:1: error:" in line


@needs_host
def test_a_build_that_must_have_kernels_fails_without(tree):
    spoil(tree)
    with pytest.raises(AssertionError, match="MITBADAK_NATIVE=1, but no kernels can be built: zig"):
        build(tree, MITBADAK_NATIVE="1")


@needs_host
def test_an_editable_install_builds_in_place_when_a_source_is_newer(tree):
    assert HOST is not None
    library = tree / "src/mitbadak/native" / HOST.library
    build(tree, "editable")
    assert in_place(tree) == {HOST.library}
    built = library.stat().st_mtime_ns
    build(tree, "editable")
    assert library.stat().st_mtime_ns == built, "nothing has changed"
    later = library.stat().st_mtime + 1
    os.utime(library.parent / "c" / "level.c", (later, later))
    build(tree, "editable")
    assert library.stat().st_mtime_ns > built
    build(tree, "editable", MITBADAK_NATIVE="0")
    assert in_place(tree) == set()


@needs_host
def test_an_editable_install_that_cannot_build_keeps_no_old_library(tree):
    assert HOST is not None
    (tree / "src/mitbadak/native" / HOST.library).write_bytes(b"of older sources")
    spoil(tree)
    os.utime(tree / "src/mitbadak/native" / HOST.library, (0, 0))
    assert "zig cc failed" in build(tree, "editable")[1]
    assert in_place(tree) == set()


def test_an_editable_install_is_for_this_machine(tree):
    with pytest.raises(AssertionError, match="ValueError: MITBADAK_TARGET is for wheels"):
        build(tree, "editable", MITBADAK_TARGET="linux-aarch64")


def test_a_source_distribution_holds_what_the_build_needs(tree):
    archive, _ = build(tree, "sdist")
    unpacked = tree.parent / "unpacked"
    if hasattr(tarfile, "data_filter"):  # from Python 3.11.4 on
        shutil.unpack_archive(archive, unpacked, filter="data")
    else:
        shutil.unpack_archive(archive, unpacked)
    (root,) = unpacked.iterdir()
    names = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    sources = {f"src/mitbadak/native/c/{n}" for n in ("kernels.h", "level.c", "dispatch.c")}
    assert names >= {"hatch_build.py", "tools/native_build.py", *sources}


@needs_host
@pytest.mark.skipif(os.name == "nt", reason="Windows finds nothing without its own folders on PATH")
def test_nothing_but_python_is_needed(tree):
    """No compiler on PATH, no home folder, and no cache of an earlier build."""
    nowhere = str(Path(sys.executable).parent / "nothing")
    bare = {"PATH": nowhere, "MITBADAK_NATIVE": "1", "MITBADAK_LAB": "0"}
    output = tree.parent / "dist"
    kept = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    run = subprocess.run(
        [sys.executable, "-c", BUILD.format("wheel"), str(output)],
        cwd=tree, env=kept | bare, capture_output=True, text=True,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    assert wheels.wheel_faults(output / run.stdout.split()[-1], HOST) == []


# The lab's page


@pytest.fixture
def npm(tmp_path: Path) -> str:
    """A PATH whose npm, in the place of the real one, writes a page."""
    folder = tmp_path / "bin"
    folder.mkdir()
    page = "../src/mitbadak/lab/static/page"
    for name, line in (("node", ""), ("npm", f"mkdir -p {page} && echo built > {page}/index.html")):
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


needs_sh = pytest.mark.skipif(os.name == "nt", reason="its npm is a shell script")


@needs_sh
def test_the_page_is_built_into_the_wheel_though_git_ignores_it(tree, npm):
    (tree / "frontend").mkdir()
    (tree / "frontend" / "package.json").write_text("{}")
    wheel, _ = build(tree, MITBADAK_NATIVE="0", MITBADAK_LAB="1", PATH=npm)
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("mitbadak/lab/static/page/index.html") == b"built\n"
    (tree / "src/mitbadak/lab/static/page/index.html").write_text("kept")
    build(tree, MITBADAK_NATIVE="0", MITBADAK_LAB="1", PATH=npm)
    assert (tree / "src/mitbadak/lab/static/page/index.html").read_text() == "kept"
    (tree / "frontend" / "package.json").write_text('{"changed": true}')
    build(tree, MITBADAK_NATIVE="0", MITBADAK_LAB="1", PATH=npm)
    assert (tree / "src/mitbadak/lab/static/page/index.html").read_text() == "built\n"


def test_without_a_page_the_build_says_why_and_fails_only_where_it_is_demanded(tree):
    _, said = build(tree, MITBADAK_NATIVE="0", MITBADAK_LAB="")
    assert "mitbadak: this package has no page for the lab: the sources of the page" in said
    with pytest.raises(AssertionError, match="MITBADAK_LAB=1, but there is no page"):
        build(tree, MITBADAK_NATIVE="0", MITBADAK_LAB="1")
    with pytest.raises(AssertionError, match="MITBADAK_LAB must be 0, 1 or empty; got 'yes'"):
        build(tree, MITBADAK_NATIVE="0", MITBADAK_LAB="yes")


# What the compiler makes


@needs_host
def test_the_same_sources_give_the_same_bytes_wherever_they_are(tmp_path):
    assert HOST is not None
    contents = []
    for name in ("here", "a folder with spaces"):
        sources = write_sources(tmp_path / name / "c")
        native_build.build(tmp_path / name / HOST.library, HOST, sources)
        contents.append((tmp_path / name / HOST.library).read_bytes())
        assert {path.name for path in (tmp_path / name).iterdir()} == {"c", HOST.library}
    assert contents[0] == contents[1]


@needs_host
@pytest.mark.parametrize("name", TARGETS)
def test_libraries_for_all_platforms_are_built_on_this_one(tmp_path, name):
    target = TARGETS[name]
    sources = write_sources(tmp_path / "c")
    native_build.build(tmp_path / "library", target, sources)
    content = (tmp_path / "library").read_bytes()
    assert wheels.library_faults(content, target) == []
    for other in TARGETS.values():
        if other.suffix == target.suffix and other.processor != target.processor:
            assert any("it is for" in fault for fault in wheels.library_faults(content, other))


@needs_host
@pytest.mark.parametrize(("level", "register"), [(2, "xmm"), (3, "ymm"), (4, "zmm")])
def test_each_level_uses_its_widest_registers_and_fuses(tmp_path, level, register):
    source = tmp_path / "level.c"
    source.write_text(
        "typedef float lanes __attribute__((vector_size(64)));\n"
        "void f(lanes *x) { lanes product = x[0] * x[1]; x[2] += product; }\n"
    )
    flags = (*native_build.FLAGS, *native_build.LEVELS["x86_64"][level])
    subprocess.run(
        [sys.executable, "-m", "ziglang", "cc", "-target", TARGETS["linux-x86_64"].zig, *flags,
         "-S", str(source), "-o", str(tmp_path / "level.s")], check=True,
    )  # fmt: skip
    code = (tmp_path / "level.s").read_text()
    assert max(r for r in ("xmm", "ymm", "zmm") if f"%{r}" in code) == register
    assert ("vfmadd" in code) == (level > 2)


@needs_host
@pytest.mark.skipif(not shutil.which("gcc") or sys.platform != "linux", reason="needs GCC on Linux")
@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("return ((float *)job)[16];", "AddressSanitizer: heap-buffer-overflow"),
        ("return (double)(part + INT64_MAX);", "signed integer overflow"),
        ("return ((float *)job)[15];", ""),
    ],
)
def test_sanitizers_see_what_kernels_do_to_arrays_of_python(tmp_path, body, complaint):
    sources = write_sources(tmp_path / "c")
    level = (sources / "level.c").read_text()
    head = level.index("static double entry_1(")
    rest = level.index("}", head)
    start = level.index("{", head) + 1
    text = f"{level[:start]} (void)job; (void)part; {body} {level[rest:]}"
    (sources / "level.c").write_text(text)
    library = tmp_path / "sanitized.so"
    native_build.build_sanitized(library, sources=sources)
    call = (
        "import numpy as np; from mitbadak.native import library; x = np.ones(16, np.float32);"
        f"print(library.kernels().{NAMES[1]}(x.ctypes.data, 1))"
    )
    run = subprocess.run(
        [sys.executable, "-c", call], capture_output=True, text=True,
        env=os.environ | native_build.sanitizer_environment(library),
    )  # fmt: skip
    assert complaint in run.stderr
    assert (run.returncode == 0) == (not complaint), run.stderr


@needs_host
def test_faults_of_a_library_are_found(tmp_path, monkeypatch):
    target = TARGETS["linux-x86_64"]
    sources = write_sources(tmp_path / "c")
    with (sources / "level.c").open("a") as file:
        file.write('#include <math.h>\n__attribute__((visibility("default")))\n')
        file.write("double JOIN(extra_, LEVEL)(double x) { return exp(x); }\n")

    def faults() -> str:
        native_build.build(tmp_path / "library", target, sources)
        return "; ".join(wheels.library_faults((tmp_path / "library").read_bytes(), target))

    assert "it exports ['extra_2', 'extra_3', 'extra_4', 'mitbadak_header'" in faults()
    newer = native_build.Target(
        "x86_64-linux-gnu.2.36", target.tag, "x86_64", ".so", native_build.LINK_LINUX
    )
    native_build.build(tmp_path / "newer", newer, sources)
    problems = wheels.library_faults((tmp_path / "newer").read_bytes(), target)
    assert any("it needs version 2.29 of the system" in fault for fault in problems)
    monkeypatch.setattr(wheels, "SYSTEM_LIBRARIES", {".so": {"libc.so.6"}})
    assert "it needs ['libm.so.6'], which not every system has" in faults()
    monkeypatch.setattr(wheels, "MOST_BYTES", 100)
    assert "is it stripped?" in faults()


@needs_host
def test_faults_of_a_wheel_are_found(tree, tmp_path):
    assert HOST is not None
    wheel, _ = build(tree)
    pure, _ = build(tree, MITBADAK_NATIVE="0")
    assert any("its name does not end" in fault for fault in wheels.wheel_faults(pure, HOST))
    assert any("WHEEL lacks" in fault for fault in wheels.wheel_faults(wheel, None))
    assert any("it holds" in fault for fault in wheels.wheel_faults(pure, HOST))


def test_wheels_are_built_by_name(tree, monkeypatch, capsys, tmp_path):
    built: Callable[..., Path] = wheels.build_wheel
    monkeypatch.setattr(wheels, "build_wheel", lambda name, output: built(name, output, tree))
    assert wheels.main(["pure", "linux-aarch64", "--output", str(tmp_path / "out")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["1/2", "pure"], ["2/2", "linux-aarch64"]]
    assert len(list((tmp_path / "out").iterdir())) == 2
    spoil(tree)
    assert wheels.main(["windows-x86_64", "--output", str(tmp_path / "out")]) == 1
    assert "FAILED: " in capsys.readouterr().out
    with pytest.raises(SystemExit):
        wheels.main(["beos"])
    assert "unknown name 'beos'; choose from linux-x86_64, " in capsys.readouterr().err


@pytest.mark.slow
@needs_host
@pytest.mark.parametrize("name", TARGETS)
def test_the_kernels_compile_without_a_warning_for_every_platform(tmp_path, name):
    native_build.build(tmp_path / "library", TARGETS[name], extra=native_build.WARNINGS)
    assert wheels.library_faults((tmp_path / "library").read_bytes(), TARGETS[name]) == []
