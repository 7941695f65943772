"""Build the kernels: the C sources of ``mitbadak.native`` as one shared library per platform.

The build hook (hatch_build.py), ``tools/wheels.py`` and the tests all build through this module, so
every flag stands here. It needs the standard library, and ``packaging`` to recognize the platform.
Run as a program, it builds the library for this machine, or one with sanitizers.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path("src/mitbadak/native")
SOURCES = ROOT / PACKAGE / "c"
# Pinned exactly: zig is not at 1.0 yet, and another clang may generate slower code.
COMPILER = "ziglang==0.17.1"
# The platforms that its wheels are for, as far as there are kernels for them.
COMPILER_WHEELS = (
    "manylinux_2_12_x86_64", "musllinux_1_1_x86_64", "manylinux_2_17_aarch64",
    "musllinux_1_1_aarch64", "macosx_13_0_x86_64", "macosx_13_0_arm64", "win_amd64", "win_arm64",
)  # fmt: skip

FLAGS = (
    "-std=c11",
    "-O3",
    # a * b + c is rounded once wherever the processor can do so, also across statements: faster
    # and more accurate. Levels may therefore differ in the last bit; one level always gives the
    # same bits. Nothing else may change what the source says: no -ffast-math, which would drop
    # NaN, infinity and the order of sums.
    "-ffp-contract=fast",
    # sqrt becomes one instruction. Nothing reads errno.
    "-fno-math-errno",
    # Only what dispatch.c marks is exported.
    "-fvisibility=hidden",
    # Vectors are passed between static functions only, so their calling convention may vary.
    "-Wno-psabi",
)
WARNINGS = ("-Wall", "-Wextra", "-Werror")  # for tests; another compiler must not stop an install

# dispatch.c is compiled once for the oldest processor; level.c once for each level.
BASELINE = ("-mcpu=baseline",)
LEVELS: Mapping[str, Mapping[int, tuple[str, ...]]] = {
    "x86_64": {
        2: ("-mcpu=x86_64_v2",),
        3: ("-mcpu=x86_64_v3",),
        # Without the second flag clang splits every vector into two of 256 bits.
        4: ("-mcpu=x86_64_v4", "-mprefer-vector-width=512"),
    },
    # Outlined atomics are calls into the compiler's own library, which is not linked.
    "aarch64": {1: (*BASELINE, "-mno-outline-atomics")},
}

POSITION_INDEPENDENT = ("-fPIC",)  # Windows relocates every library
# isfinite and isinf as inline functions of math.h; the library that has them is not linked.
INLINE_WINDOWS = ("-U__CRT__NO_INLINE",)
# -nostdlib leaves out the compiler's own library and startup code. The kernels need neither, and
# zig would build them from source first: 10 s on Linux, minutes on Windows.
LINK_LINUX = ("-s", "-nostdlib", "-lc", "-lm", "-Wl,-z,defs")
LINK_MUSL = ("-s", "-nostdlib", "-lc", "-Wl,-z,defs")  # libm is part of musl's libc
LINK_MACOS = ("-s", "-nostdlib", "-lc")
# The universal C runtime is part of Windows since Windows 10. The library has no startup code.
LINK_WINDOWS = ("-s", "-nostdlib", "-lucrtbase", "-lkernel32", "-Wl,--no-entry")

SANITIZE = (
    "-O1", "-g", "-fno-omit-frame-pointer",
    "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
)  # fmt: skip


class BuildError(Exception):
    """The kernels could not be built; the message says why in a clause.

    Attributes:
        details: the command that failed and all that it printed, or "".
    """

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


@dataclass(frozen=True)
class Target:
    """A platform that kernels are built for.

    Attributes:
        zig: the platform in zig's words, with the oldest version of the system that will do.
        tag: the platform tag of the wheel, for the same version.
        processor: a key of ``LEVELS``.
        suffix: of the library's name.
        link: flags of the linker.
    """

    zig: str
    tag: str
    processor: str
    suffix: str
    link: tuple[str, ...]

    @property
    def library(self) -> str:
        """The library's file name."""
        return f"mitbadak_kernels{self.suffix}"


def _targets() -> dict[str, Target]:
    targets = {}
    for processor, apple, windows, oldest_macos in (
        ("x86_64", "x86_64", "amd64", (10, 13)),
        ("aarch64", "arm64", "arm64", (11, 0)),
    ):
        macos = ".".join(map(str, oldest_macos))
        macos_tag = "_".join(map(str, oldest_macos))
        rows = {
            "linux": ("linux-gnu.2.17", f"manylinux_2_17_{processor}", ".so", LINK_LINUX),
            "musl": ("linux-musl", f"musllinux_1_1_{processor}", ".so", LINK_MUSL),
            "macos": (f"macos.{macos}", f"macosx_{macos_tag}_{apple}", ".dylib", LINK_MACOS),
            "windows": ("windows-gnu", f"win_{windows}", ".dll", LINK_WINDOWS),
        }
        for system, (zig, tag, suffix, link) in rows.items():
            target = Target(f"{processor}-{zig}", tag, processor, suffix, link)
            targets[f"{system}-{processor}"] = target
    return targets


TARGETS = _targets()


def host_tags() -> list[str]:
    """Platform tags of the wheels that this Python installs."""
    from packaging.tags import platform_tags

    return list(platform_tags())


def host_target(tags: Iterable[str] | None = None) -> Target | None:
    """The target for the machine that this Python runs on, or None."""
    allowed = set(host_tags() if tags is None else tags)
    return next((target for target in TARGETS.values() if target.tag in allowed), None)


def compiler_has_wheel(tags: Iterable[str] | None = None) -> bool:
    """Whether pip can install the compiler on this machine."""
    return not set(COMPILER_WHEELS).isdisjoint(host_tags() if tags is None else tags)


def compiler_missing() -> str:
    """Why the compiler cannot be used in this environment, in a clause, or ""."""
    name, wanted = COMPILER.split("==")
    try:
        installed = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return f"{COMPILER} is not installed in the build environment"
    if installed != wanted:
        return f"the build environment has {name} {installed} instead of {wanted}"
    return ""


def header_digest(sources: Path = SOURCES) -> str:
    """What the library and Python compare, so that both read the same kernels.h."""
    return hashlib.sha256((sources / "kernels.h").read_bytes()).hexdigest()


def is_current(library: Path, sources: Path = SOURCES) -> bool:
    """Whether the library is newer than every source, and than this file."""
    if not library.exists():
        return False
    files = [Path(__file__), *sources.iterdir()]
    return library.stat().st_mtime > max(path.stat().st_mtime for path in files)


def build(
    output: Path, target: Target, sources: Path = SOURCES, extra: tuple[str, ...] = ()
) -> None:
    """Compile and link the library for ``target`` as the file ``output``.

    Args:
        output: replaced at once when the library is complete.
        target: the platform.
        sources: the folder of the C files.
        extra: further flags for the compiler.

    Raises:
        BuildError: the compiler is missing or refused the sources.
    """
    reason = compiler_missing()
    if reason:
        raise BuildError(reason)
    zig = (sys.executable, "-m", "ziglang", "cc", "-target", target.zig)
    system = INLINE_WINDOWS if target.suffix == ".dll" else POSITION_INDEPENDENT
    units = {"dispatch": BASELINE} | {
        f"level{level}": (*flags, f"-DLEVEL={level}")
        for level, flags in LEVELS[target.processor].items()
    }
    compile_flags = (*FLAGS, *system, *extra)
    _build(output, zig, units, compile_flags, (*BASELINE, *target.link), sources)


def build_sanitized(output: Path, compiler: str = "gcc", sources: Path = SOURCES) -> None:
    """Build for this machine with AddressSanitizer and UndefinedBehaviorSanitizer.

    Args:
        output: the library's file.
        compiler: GCC or clang, from the system.
        sources: the folder of the C files.

    Raises:
        BuildError: the compiler is missing or refused the sources.
    """
    processor = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    units: dict[str, tuple[str, ...]] = {"dispatch": ()}
    for level, flags in LEVELS.get(processor, {1: ()}).items():
        spelled = tuple(_spelled_for_gcc(flag) for flag in flags if flag not in BASELINE)
        units[f"level{level}"] = (*spelled, f"-DLEVEL={level}")
    compile_flags = (*FLAGS, *WARNINGS, *POSITION_INDEPENDENT, *SANITIZE)
    link = (*SANITIZE, "-lm") if "clang" not in compiler else (*SANITIZE, "-shared-libsan", "-lm")
    _build(output, (compiler,), units, compile_flags, link, sources)


def sanitizer_environment(library: Path, compiler: str = "gcc") -> dict[str, str]:
    """The variables under which Python loads a library built by ``build_sanitized``."""
    name = "libasan.so"
    if "clang" in compiler:
        name = f"libclang_rt.asan-{platform.machine()}.so"
    run = run_command((compiler, f"-print-file-name={name}"), Path.cwd())
    return {
        # Python itself is not built with it, so its runtime must come first.
        "LD_PRELOAD": run.stdout.strip(),
        # Python does not free everything when it ends.
        "ASAN_OPTIONS": "detect_leaks=0",
        "MITBADAK_LIBRARY": str(library.resolve()),
    }


def _spelled_for_gcc(flag: str) -> str:
    """zig's ``-mcpu=x86_64_v3`` is ``-march=x86-64-v3`` for GCC and clang."""
    if flag.startswith("-mcpu=x86_64"):
        return flag.replace("-mcpu=", "-march=").replace("_", "-")
    return flag


def _build(
    output: Path,
    compiler: tuple[str, ...],
    units: Mapping[str, tuple[str, ...]],
    flags: tuple[str, ...],
    link: tuple[str, ...],
    sources: Path,
) -> None:
    """Compile the units side by side and link them.

    Commands run in a temporary folder and name their outputs without it, so the library does not
    depend on where it was built.
    """
    header = f'-DHEADER="{header_digest(sources)}"'
    output = output.absolute()
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".kernels-", dir=output.parent) as folder:
        place = Path(folder)

        def compile_unit(unit: str) -> str:
            source = sources.absolute() / f"{unit.rstrip('0123456789')}.c"
            command = (*compiler, *flags, *units[unit], header, "-c", str(source))
            run_command((*command, "-o", f"{unit}.o"), place)
            return f"{unit}.o"

        with ThreadPoolExecutor(_cores()) as pool:
            objects = list(pool.map(compile_unit, units))
        run_command((*compiler, "-shared", *objects, *link, "-o", output.name), place)
        (place / output.name).replace(output)


def _cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_command(command: tuple[str, ...], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a compiler in ``folder``; a failure is a ``BuildError``."""
    # zig keeps what it has built in the user's home folder unless it is told otherwise.
    cache = str(folder / "cache")
    zig = {"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, cwd=folder, env={**zig, **os.environ}
        )
    except OSError as problem:
        raise BuildError(f"{command[0]} cannot be run: {problem.strerror}") from problem
    if run.returncode:
        name = "zig cc" if "ziglang" in command else Path(command[0]).name
        lines = run.stderr.strip().splitlines() or ["it printed nothing"]
        first = next((line for line in lines if "error:" in line), lines[0])
        raise BuildError(f"{name} failed: {first}", "\n".join((" ".join(command), *lines)))
    return run


def main(arguments: list[str] | None = None) -> int:
    """Build a library and print where it is, or the variables that make Python load it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("output", type=Path, help="the library's file")
    parser.add_argument(
        "--sanitize", action="store_true",
        help="with AddressSanitizer and UndefinedBehaviorSanitizer, by a compiler of this system; "
        "prints the variables for: env $(...) pytest",
    )  # fmt: skip
    parser.add_argument("--compiler", default="gcc", help="gcc (the default) or clang")
    parser.add_argument("--target", choices=sorted(TARGETS), help="by default, this machine")
    options = parser.parse_args(arguments)
    try:
        if options.sanitize:
            build_sanitized(options.output, options.compiler)
            variables = sanitizer_environment(options.output, options.compiler)
            print(" ".join(f"{name}={value}" for name, value in variables.items()))
            return 0
        target = TARGETS[options.target] if options.target else host_target()
        if target is None:
            raise BuildError("there are no kernels for this platform")
        build(options.output, target, extra=WARNINGS)
    except BuildError as problem:
        print(f"native_build: {problem}\n{problem.details}".rstrip(), file=sys.stderr)
        return 1
    print(options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
