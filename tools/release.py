"""Build what a release uploads, install it away from the source, and try it.

    python tools/release.py                    # the sdist and all wheels, into dist/
    python tools/release.py linux-x86_64 pure  # the sdist and these wheels

It runs in the development environment. The wheel of this platform, the pure one and the sdist are
each installed into an environment of their own, outside of the source tree.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

from native_build import ROOT, TARGETS, host_target
from wheels import PURE, build_wheels

SDIST = "import sys; from hatchling.build import build_sdist; print(build_sdist(sys.argv[1]))"
NEEDED = (
    "pyproject.toml", "hatch_build.py", "LICENSE", "README.md", "CITATION.cff", "CHANGELOG.md",
    "tools/native_build.py", "src/mitbadak/py.typed", "src/mitbadak/__init__.pyi",
    "src/mitbadak/native/c/kernels.h", "src/mitbadak/native/c/dispatch.c",
)  # fmt: skip
UNWANTED = (".so", ".dylib", ".dll", ".pyc")
SMOKE = """
import importlib.resources as files, sys
import mitbadak as mb
from mitbadak.lab import assets
from mitbadak.native import library
assert not mb.__file__.startswith(sys.argv[1]), f"this is the source: {mb.__file__}"
assert (files.files("mitbadak") / "py.typed").is_file(), "no type information"
assert (files.files("mitbadak") / "__init__.pyi").is_file(), "no stubs"
assert assets.page_files() and assets.recording_files() and assets.widget_file("lab.js")
assert bool(library.why_not()) == (sys.argv[2] == "pure"), library.why_not() or "kernels"
net = mb.MLP([2, 10, 3], rng=0)
history = mb.fit(net, mb.load_spiral(), lr=1.0, epochs=60, batch_size=30, callbacks=[], rng=0)
assert history["train_loss"][-1] < history["train_loss"][0]
"""


class ReleaseError(Exception):
    """What was built is not fit to be uploaded."""


def build_sdist(output: Path) -> Path:
    """Build the sdist, and check what is in it.

    Raises:
        ReleaseError: a file is missing, or one is there that is built from others.
    """
    output.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(
        [sys.executable, "-c", SDIST, str(output.resolve())],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        raise ReleaseError(f"the sdist could not be built:\n{made.stderr}")
    sdist = output / made.stdout.split()[-1]
    faults = sdist_faults(sdist)
    if faults:
        raise ReleaseError(f"{sdist.name}: {'; '.join(faults)}")
    return sdist


def sdist_faults(sdist: Path) -> list[str]:
    """What is wrong with the files of an sdist."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    missing = [f"{name} is missing" for name in NEEDED if name not in names]
    return missing + [f"{n} is built" for n in sorted(names) if n.endswith(UNWANTED)]


def try_installed(package: Path, kind: str) -> None:
    """Install a wheel or sdist into a new environment, and train with it there.

    Args:
        package: the file.
        kind: ``pure`` if it must have no kernels.

    Raises:
        ReleaseError: it cannot be installed, or does not work.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        venv.create(place / "env", with_pip=True)
        python = place / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"MITBADAK_LAB": "1"}
        lines = (
            ["-m", "pip", "install", "--quiet", str(package.resolve())],
            ["-c", SMOKE, str(ROOT), kind],
            ["-m", "mitbadak", "train", "xor", "--epochs", "2", "--out", "run", "--quiet"],
            ["-m", "mitbadak", "export", "run", "net.onnx"],
            ["-m", "mitbadak", "evaluate", "run", "--json"],
        )
        for line in lines:
            done = subprocess.run(
                [str(python), *line], cwd=place, env=env, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            if done.returncode:
                raise ReleaseError(f"{package.name}: {' '.join(line[:4])}\n{done.stderr}")


def main(arguments: list[str] | None = None) -> int:
    """Build and try everything; 1 if something is wrong."""
    names = [PURE, *TARGETS]
    parser = argparse.ArgumentParser(description="Build and try a release.")
    parser.add_argument("wheels", nargs="*", help=f"which: {', '.join(names)}; by default all")
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    given = parser.parse_args(arguments)
    try:
        sdist = build_sdist(given.output)
        print(f"{sdist.name}: {sdist.stat().st_size / 1e6:.1f} MB")
        if build_wheels(given.wheels or names, given.output, print):
            return 1
        host = host_target()
        for wheel in sorted(given.output.glob("*.whl")):
            pure = wheel.stem.endswith("any")
            if pure or (host is not None and host.tag in wheel.name):
                try_installed(wheel, PURE if pure else "kernels")
                print(f"{wheel.name}: installed and tried")
        try_installed(sdist, "kernels" if host is not None else PURE)
        print(f"{sdist.name}: installed and tried")
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
