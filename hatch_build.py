"""Hatchling's build hook: puts the kernels and the lab's page into the wheel.

Environment variables:
    MITBADAK_NATIVE: ``0`` makes a pure package. ``1`` lets the build fail where no kernels can be
        built; by default the package is pure there, and a line on stderr says why.
    MITBADAK_LAB: ``0`` leaves the lab's page out. ``1`` lets the build fail where it cannot be
        built; by default it is then missing, and a line on stderr says why.
    MITBADAK_TARGET: a key of ``native_build.TARGETS``, to build a wheel for another platform.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))
import lab_build
import native_build
from native_build import TARGETS, BuildError, Target


class KernelsHook(BuildHookInterface[Any]):
    """Builds the library for wheels, and in place for editable installs."""

    def dependencies(self) -> list[str]:
        """The compiler, if kernels will be built and pip can install it."""
        target, _ = choose_target()
        return [] if target is None else [native_build.COMPILER]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the library; without one, the wheel stays pure. Then the lab's page."""
        self._build_kernels(version, build_data)
        build_page(Path(self.root))

    def _build_kernels(self, version: str, build_data: dict[str, Any]) -> None:
        target, reason = choose_target()
        in_place = version == "editable"
        if in_place and os.environ.get("MITBADAK_TARGET"):
            raise ValueError(
                "MITBADAK_TARGET is for wheels; an editable install is for this machine. Unset it."
            )
        if target is not None:
            try:
                self._add_library(target, in_place, build_data)
                return
            except BuildError as problem:
                reason = str(problem)
        if reason and required():
            raise BuildError(f"MITBADAK_NATIVE=1, but no kernels can be built: {reason}")
        if in_place:
            for library in {t.library for t in TARGETS.values()}:
                (self._package / library).unlink(missing_ok=True)
        if reason:
            print(
                f"mitbadak: this package gets no kernels and runs on NumPy alone: {reason}.",
                file=sys.stderr,
            )

    @property
    def _package(self) -> Path:
        return Path(self.root) / native_build.PACKAGE

    def _add_library(self, target: Target, in_place: bool, build_data: dict[str, Any]) -> None:
        sources = self._package / "c"
        if in_place:
            library = self._package / target.library
            if not native_build.is_current(library, sources):
                native_build.build(library, target, sources)
            return
        self._folder = tempfile.TemporaryDirectory()  # removed with this object
        library = Path(self._folder.name) / target.library
        native_build.build(library, target, sources)
        inside = native_build.PACKAGE.relative_to("src") / target.library
        build_data["force_include"][str(library)] = inside.as_posix()
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{target.tag}"


def build_page(root: Path) -> None:
    """Build the lab's page into the source tree, from which the wheel takes it, if it is not there.

    Raises:
        BuildError: it is demanded, and cannot be built.
    """
    wanted = os.environ.get("MITBADAK_LAB", "")
    if wanted not in ("", "0", "1"):
        raise ValueError(f"MITBADAK_LAB must be 0, 1 or empty; got {wanted!r}.")
    if wanted == "0" or lab_build.is_current(root):
        return
    try:
        lab_build.build(root)
    except lab_build.PageError as problem:
        if wanted == "1":
            raise BuildError(f"MITBADAK_LAB=1, but there is no page: {problem}") from None
        print(f"mitbadak: this package has no page for the lab: {problem}.", file=sys.stderr)


def choose_target() -> tuple[Target | None, str]:
    """The platform to build kernels for; without one, why not, or "" if none are wanted."""
    wanted = os.environ.get("MITBADAK_NATIVE", "")
    if wanted not in ("", "0", "1"):
        raise ValueError(f"MITBADAK_NATIVE must be 0, 1 or empty; got {wanted!r}.")
    if wanted == "0":
        return None, ""
    tags = native_build.host_tags()
    name = os.environ.get("MITBADAK_TARGET", "")
    if name and name not in TARGETS:
        raise ValueError(f"MITBADAK_TARGET must be one of {', '.join(TARGETS)}; got {name!r}.")
    target = TARGETS[name] if name else native_build.host_target(tags)
    if target is None:
        return None, f"there are none for this platform ({tags[0]})"
    if not native_build.compiler_has_wheel(tags):
        return None, f"{native_build.COMPILER} has no wheel for this platform ({tags[0]})"
    return target, ""


def required() -> bool:
    """Whether a package without kernels would be an error."""
    return os.environ.get("MITBADAK_NATIVE") == "1"
