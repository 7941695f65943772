"""``mitbadak train --checkup``: what the command would train, looked at before it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mitbadak.cli.exits import for_the_reader
from mitbadak.cli.flags import check_outputs
from mitbadak.cli.language import say
from mitbadak.core.errors import RangeError
from mitbadak.core.printing import print_json, print_line

if TYPE_CHECKING:
    from mitbadak.runs.config import TrainConfig

FOUND = 1  # exit code
PAGES = (".html", ".htm")


def check_page(out: Path | None) -> None:
    """Refuse a place for the page that is none, before any work is done.

    Raises:
        RangeError: its name is not that of a page, or its folder does not exist.
    """
    if out is not None and out.suffix.lower() not in PAGES:
        raise RangeError(
            f"--out {out}: with --checkup it names a page such as checkup.html, since no run "
            "folder is made."
        )
    check_outputs(out=out)


def run_checkup(config: TrainConfig, out: Path | None, lang: str, as_json: bool) -> int:
    """Look at the training of these settings, and print what was found; nothing is trained.

    Args:
        config: the settings; open ones are chosen when the data have been read.
        out: where to write the page, if anywhere.
        lang: ``en`` or ``ko``.
        as_json: print one JSON object instead.

    Returns:
        1 if there is a warning or a fault, 0 otherwise.
    """
    from mitbadak.doctor.checkup.examination import examine
    from mitbadak.doctor.names import Names
    from mitbadak.runs.session import settled_data, trainer_for

    config, source = settled_data(config)
    trainer = trainer_for(config, source, [], False)
    result = examine(trainer, Names.of(trainer.net, source.preparation))
    if as_json:
        print_json(result.to_json(lang))
    else:
        text = result.text(lang).replace(result.subject, say(result.subject), 1)
        for line in [*map(for_the_reader, source.notes), *text.split("\n")]:
            print_line(line)
    if out is not None:
        result.save(out, lang)
    return 0 if result.ok else FOUND
