"""The command data: which data sets ship with Mitbadak, and whether their files are intact."""

from __future__ import annotations

from typing import Any

from mitbadak.cli.flags import AsJson, Language
from mitbadak.cli.language import say, tell
from mitbadak.core.errors import FormatError
from mitbadak.core.printing import display_width, padded, print_json, print_line

STATES = ("ok", "missing", "DAMAGED")


def data(as_json: AsJson = False, lang: Language = "") -> int:
    """List the data sets that ship with Mitbadak, and verify their checksums."""
    from mitbadak.data import MADE, mnist, spiral_datasets

    files = _mnist_files()
    train, test = map(len, spiral_datasets())
    made = {name: [len(part) for part in make()] for name, make in MADE.items()}
    if as_json:
        print_json({
            "mnist": {"folder": str(mnist.FOLDER), "files": files},
            "spiral": {"train": train, "test": test},
            "made": made,
        })  # fmt: skip
    else:
        tell(f"mnist: 60,000 training and 10,000 test images of 28 x 28, in {mnist.FOLDER}")
        width = max(display_width(say(state)) for state in STATES)
        for file in files:
            state = padded(say(file["state"]), width)
            print_line(f"  {state} {file['file']:27} sha256 {file['sha256'] or '-'}")
        tell("  by LeCun, Cortes and Burges; see the license note in README.md beside them")
        tell(
            f"spiral: {train} training points (seed 1984, as in the book) and {test} test points "
            "(seed 1985), generated on demand"
        )
        sizes = [say(f"{name} ({a} train, {b} test)") for name, (a, b) in made.items()]
        tell(f"{', '.join(sizes)}: generated likewise, from seeds 0 and 1")
        tell(
            "your own: a folder of IDX files, a folder of images sorted by class, a .npz file or a "
            "table (.csv, .tsv, .txt, .data, .dat)"
        )
    damaged = [file["file"] for file in files if file["state"] != "ok"]
    if damaged:
        raise FormatError(f"{', '.join(damaged)}: missing or damaged. Reinstall Mitbadak.")
    return 0


def _mnist_files() -> list[dict[str, Any]]:
    from mitbadak.data import mnist

    files = []
    for expected in mnist.FILES.values():
        path = mnist.FOLDER / expected.name
        sha256 = mnist.checksum(path) if path.is_file() else None
        state = "missing" if sha256 is None else "ok" if sha256 == expected.sha256 else "DAMAGED"
        file = {"file": expected.name, "items": expected.count, "sha256": sha256, "state": state}
        files.append(file)
    return files
