"""Build the lab's page: the TypeScript of ``frontend/`` into the package, with Node.js and Vite.

The build hook (hatch_build.py) does the same when the package is installed or its wheel is made.
Run as a program, it builds what is not up to date: ``python tools/lab_build.py [--force]``.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
STATIC = Path("src/mitbadak/lab/static")
DIGEST = "sources.txt"  # of the sources that the built files are made from
SOURCES = ("package.json", "vite.config.ts", "index.html", "public/*", "src/**/*")
MINUTES = 10
INSTALL = ("npm", "install", "--omit=dev", "--no-audit", "--no-fund", "--no-package-lock")
BUILD = ("npm", "run", "build")


class PageError(Exception):
    """The page cannot be built; the message says why."""


def why_not(frontend: Path = FRONTEND) -> str:
    """Why there can be no page here, or ""."""
    if not (frontend / "package.json").is_file():
        return "the sources of the page (frontend/) are not there"
    return "" if shutil.which("npm") and shutil.which("node") else "Node.js (npm) is not installed"


def digest(frontend: Path = FRONTEND) -> str:
    """A digest of everything that the page is made from."""
    sha = hashlib.sha256()
    files = {path for pattern in SOURCES for path in frontend.glob(pattern) if path.is_file()}
    for path in sorted(files):
        sha.update(path.relative_to(frontend).as_posix().encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()


def is_current(root: Path = ROOT) -> bool:
    """Whether the page is there and made from these sources."""
    made_from = root / STATIC / DIGEST
    return made_from.is_file() and made_from.read_text().strip() == digest(root / "frontend")


def build(root: Path = ROOT) -> None:
    """Build the page into the package.

    Raises:
        PageError: Node.js is missing, or npm or Vite failed.
    """
    frontend = root / "frontend"
    reason = why_not(frontend)
    if reason:
        raise PageError(reason)
    if not (frontend / "node_modules" / "vite").is_dir():
        _run(INSTALL, frontend)
    _run(BUILD, frontend)
    (root / STATIC / DIGEST).write_text(digest(frontend) + "\n")


def _run(command: tuple[str, ...], folder: Path) -> None:
    program = shutil.which(command[0]) or command[0]  # npm.cmd on Windows
    try:
        done = subprocess.run(
            [program, *command[1:]], cwd=folder, capture_output=True, text=True,
            timeout=60 * MINUTES, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise PageError(f"{' '.join(command[:2])}: {problem}") from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise PageError(f"{' '.join(command[:3])} failed: {last}")


def main(arguments: list[str] | None = None) -> int:
    """Build the page for this checkout."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--force", action="store_true", help="build even if nothing has changed")
    if not parser.parse_args(arguments).force and is_current():
        print("the lab's page is up to date")
        return 0
    try:
        build()
    except PageError as problem:
        print(f"lab_build: {problem}", file=sys.stderr)
        return 1
    print(f"built {STATIC}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
