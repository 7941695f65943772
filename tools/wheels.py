"""Build the wheels for every platform on this machine, and check what is in them.

    python tools/wheels.py                      # all of them, into dist/
    python tools/wheels.py linux-aarch64 pure   # these two

It runs in the development environment. A wheel with kernels is checked for its tag, its files, the
processor and the oldest system that its library is for, what the library exports, and which
libraries it needs.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import lief

from native_build import ROOT, TARGETS, Target

PURE = "pure"
EXPORTED = {"mitbadak_header", "mitbadak_highest_level", "mitbadak_kernels"}
# zig's linker exports these two symbols of its own from every macOS library.
LINKER_EXPORTS = {"_mh_dylib_header", "__dso_handle"}
# Libraries that every installation of the system has, by the suffix of ours.
SYSTEM_LIBRARIES = {
    ".so": {"libc.so.6", "libm.so.6", "libc.so"},
    ".dylib": {"/usr/lib/libSystem.B.dylib"},
    ".dll": {"ucrtbase.dll", "kernel32.dll"},
}
PROCESSORS = {
    "x86_64": {"ELF": "X86_64", "MachO": "X86_64", "PE": "AMD64"},
    "aarch64": {"ELF": "AARCH64", "MachO": "ARM64", "PE": "ARM64"},
}
MOST_BYTES = 4 << 20
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


class WheelError(Exception):
    """A wheel could not be built, or is not what its name says."""


@dataclass
class Library:
    """What a shared library says about itself.

    Attributes:
        processor: in the words of its format.
        format: ``ELF``, ``MachO`` or ``PE``.
        exported: names of its symbols, as C has them.
        needed: the libraries that it loads.
        oldest_system: version of glibc or macOS that it needs, or ().
        signed: whether it has a signature, which macOS asks for on ARM.
    """

    format: str
    processor: str
    exported: set[str]
    needed: set[str]
    oldest_system: tuple[int, ...] = field(default=())
    signed: bool = False


def read_library(content: bytes) -> Library:
    """Parse an ELF, Mach-O or PE library."""
    lief.logging.disable()  # it reports fields that a stripped library has not
    binary = lief.parse(content)
    if isinstance(binary, lief.ELF.Binary):
        versions = [
            re.fullmatch(r"GLIBC_([0-9.]+)", str(auxiliary.name))
            for requirement in binary.symbols_version_requirement
            for auxiliary in requirement.get_auxiliary_symbols()
        ]
        numbers = [tuple(map(int, v[1].split("."))) for v in versions if v]
        symbols = {str(s.name) for s in binary.exported_symbols}
        needed = {str(name) for name in binary.libraries}
        processor = binary.header.machine_type.name  # pyright: ignore[reportAttributeAccessIssue]
        return Library("ELF", processor, symbols, needed, max(numbers, default=()))
    if isinstance(binary, lief.MachO.Binary):
        info = binary.dyld_info
        exports = [] if info is None else [str(e.symbol.name) for e in info.exports if e.symbol]
        version = binary.build_version.minos if binary.build_version else ()
        if binary.version_min:
            version = binary.version_min.version
        own = lief.MachO.LoadCommand.TYPE.ID_DYLIB
        return Library(
            "MachO", binary.header.cpu_type.name, {name.removeprefix("_") for name in exports},
            {str(library.name) for library in binary.libraries if library.command != own},
            tuple(version), binary.has_code_signature,
        )  # fmt: skip
    if isinstance(binary, lief.PE.Binary):
        export = binary.get_export()
        symbols = {str(e.name) for e in export.entries} if export else set()
        needed = {str(library.name).lower() for library in binary.imports}
        return Library("PE", binary.header.machine.name, symbols, needed)
    raise WheelError("the library is neither ELF nor Mach-O nor PE")


def library_faults(content: bytes, target: Target) -> list[str]:
    """What is wrong with a library built for ``target``."""
    library, faults = read_library(content), []
    expected = PROCESSORS[target.processor][library.format]
    if library.processor != expected:
        faults.append(f"it is for {library.processor}, not for {expected}")
    exported = library.exported - (LINKER_EXPORTS if library.format == "MachO" else set())
    if exported != EXPORTED:
        faults.append(f"it exports {sorted(exported)}, not {sorted(EXPORTED)}")
    foreign = library.needed - SYSTEM_LIBRARIES[target.suffix]
    if foreign:
        faults.append(f"it needs {sorted(foreign)}, which not every system has")
    oldest = re.search(r"(?:manylinux|macosx)_(\d+)_(\d+)", target.tag)
    if oldest and library.oldest_system[:2] > tuple(map(int, oldest.groups())):
        version = ".".join(map(str, library.oldest_system))
        faults.append(f"it needs version {version} of the system, but the tag is {target.tag}")
    if library.format == "MachO" and target.processor == "aarch64" and not library.signed:
        faults.append("it is not signed, so macOS will not load it")
    if len(content) > MOST_BYTES:
        faults.append(f"it takes {len(content):,} bytes; is it stripped?")
    return faults


def wheel_faults(wheel: Path, target: Target | None) -> list[str]:
    """What is wrong with a wheel for ``target``, or with a pure one if that is None."""
    tag = "py3-none-any" if target is None else f"py3-none-{target.tag}"
    faults = [] if wheel.stem.endswith(f"-{tag}") else [f"its name does not end with {tag}"]
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/WHEEL"))
        lines = archive.read(metadata).decode().splitlines()
        purity = f"Root-Is-Purelib: {str(target is None).lower()}"
        faults += [f"WHEEL lacks {line!r}" for line in (f"Tag: {tag}", purity) if line not in lines]
        wanted = {"mitbadak/native/c/kernels.h"}
        if target is not None:
            wanted.add(f"mitbadak/native/{target.library}")
        native = {n for n in names if Path(n).suffix in (".c", ".h", ".so", ".dylib", ".dll", ".o")}
        if native != wanted:
            faults.append(f"it holds {sorted(native)}, not {sorted(wanted)}")
        elif target is not None:
            faults += library_faults(archive.read(f"mitbadak/native/{target.library}"), target)
    return faults


def build_wheel(name: str, output: Path, root: Path = ROOT) -> Path:
    """Build the wheel for a key of ``TARGETS``, or ``pure``, and check it.

    Raises:
        WheelError: the build failed, or the wheel is not what it should be.
    """
    target = None if name == PURE else TARGETS[name]
    switches = {"MITBADAK_NATIVE": "0", "MITBADAK_LAB": os.environ.get("MITBADAK_LAB", "1")}
    if target is not None:
        switches |= {"MITBADAK_NATIVE": "1", "MITBADAK_TARGET": name}
    output = output.absolute()
    run = subprocess.run(
        [sys.executable, "-c", BUILD, str(output)],
        cwd=root, env={**os.environ, **switches}, capture_output=True, text=True,
    )  # fmt: skip
    if run.returncode:
        lines = run.stderr.strip().splitlines() or ["hatchling printed nothing"]
        raise WheelError(lines[-1])
    wheel = output / run.stdout.strip().splitlines()[-1]
    faults = wheel_faults(wheel, target)
    if faults:
        raise WheelError(f"{wheel.name}: {'; '.join(faults)}")
    return wheel


def build_wheels(names: list[str], output: Path, report: Callable[[str], None]) -> int:
    """Build several wheels; the number of those that failed."""
    failures = 0
    for number, name in enumerate(names, 1):
        start = time.perf_counter()
        try:
            wheel = build_wheel(name, output)
            result = f"{wheel.name}, {wheel.stat().st_size / 1e6:.1f} MB"
        except WheelError as problem:
            failures += 1
            result = f"FAILED: {problem}"
        seconds = time.perf_counter() - start
        report(f"{number}/{len(names)}  {name:<16} {seconds:4.0f} s  {result}")
    return failures


def main(arguments: list[str] | None = None) -> int:
    """Build wheels and check them; 1 if one failed."""
    parser = argparse.ArgumentParser(description="Build wheels on this machine and check them.")
    names = [*TARGETS, PURE]
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"by default all: {', '.join(names)}"
    )
    parser.add_argument(
        "--output", type=Path, default=ROOT / "dist", help="folder, by default dist/"
    )
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in names]
    if unknown:
        parser.error(f"unknown name {unknown[0]!r}; choose from {', '.join(names)}")
    return min(1, build_wheels(options.names or names, options.output, print))


if __name__ == "__main__":
    sys.exit(main())
