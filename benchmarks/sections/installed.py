"""What a default install puts on the disk, with all it requires, by the installed files."""

from __future__ import annotations

import importlib.util
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from rows import OURS, Goal, Options, Row, Section, over_ours

CASE = "installed size"
PEERS = {"mitbadak": "mitbadak", "torch": "torch", "jax": "jax", "sklearn": "scikit-learn"}
SMALLER = Goal(1.0)


def measure(name: str, label: str, options: Options) -> list[Row]:
    sizes, notes = {}, {}
    for peer, project in PEERS.items():
        try:
            found = closure(project)
        except PackageNotFoundError as error:
            notes[peer] = f"failed: not installed: {error}"
            continue
        sizes[peer] = [sum(map(size_of, found.values())) / 2**20]
        notes[peer] = ", ".join(sorted(found))
    rows = [
        Row(name, label, peer, "MB", sizes[peer], over_ours(sizes, peer), note=notes[peer],
            goals=[] if peer == OURS[0] else [SMALLER])
        for peer in sizes
    ]  # fmt: skip
    return rows + [Row(name, label, peer, "MB", note=notes[peer], counts=False)
                   for peer in notes if peer not in sizes]  # fmt: skip


def closure(project: str) -> dict[str, Distribution]:
    """A project and all that it requires here, without extras.

    Raises:
        PackageNotFoundError: one of them is not installed.
    """
    found: dict[str, Distribution] = {}
    waiting = [project]
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in found:
            continue
        found[name] = distribution(name)
        for line in found[name].requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return found


def size_of(installed: Distribution) -> int:
    """Bytes of the installed files, without what Python compiles for itself.

    Of Mitbadak those of the package that is imported, which may lie in a checkout.
    """
    if installed.metadata["Name"] == OURS[0]:
        package = importlib.util.find_spec(OURS[0])
        assert package is not None
        assert package.submodule_search_locations is not None
        files = list(Path(package.submodule_search_locations[0]).rglob("*"))
    else:
        files = [Path(str(installed.locate_file(file))) for file in installed.files or ()]
    return sum(f.stat().st_size for f in files if f.suffix != ".pyc" and f.is_file())


SECTION = Section("installed", lambda _: [(CASE, "")], measure)
