"""What a sweep is: its data, fixed settings, ranges, and how its runs are compared."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mitbadak.core.errors import FormatError, RangeError, RunFolderError, unknown_name, whole
from mitbadak.core.files import parse_json, write_atomically
from mitbadak.interop.tuning.ranges import (
    Range,
    Values,
    from_plain,
    ranges_of,
    setting_of,
    to_plain,
)
from mitbadak.runs.config import TrainConfig
from mitbadak.runs.session import settled_data, trainer_for

FILE = "sweep.json"
FORMAT = 1
HELD_OUT = 0.2  # of the training set, where nothing else says what runs are compared on
MEASURES = ("accuracy", "loss")


@dataclass(frozen=True)
class Definition:
    """A sweep as all of its processes must know it.

    Attributes:
        data: name or path of the data set.
        fixed: settings that are the same in all runs.
        ranges: what is tried.
        measure: ``accuracy`` or ``loss`` of the validation set.
        prune: whether runs that fall behind are stopped.
        seed: for what is drawn for each run.
        reported: epochs between two values that pruning looks at.
    """

    data: str
    fixed: dict[str, Any]
    ranges: dict[str, Values]
    measure: str
    prune: bool = True
    seed: int = 0
    reported: int = field(default=1)

    @property
    def monitor(self) -> str:
        """The column of the history by which runs are compared."""
        return f"validation_{self.measure}"

    @property
    def direction(self) -> Literal["maximize", "minimize"]:
        return "maximize" if self.measure == "accuracy" else "minimize"

    @property
    def name(self) -> str:
        """The name of its study: the same for the same sweep, wherever it is started.

        Example:
            >>> Definition("spiral", {}, ranges_of({"lr": "1..2"}), "loss").name
            'spiral-6a2c62c4'
        """
        text = json.dumps(self.to_plain(), sort_keys=True)
        stem = TrainConfig(data="spiral").data_name if not self.data else Path(self.data).stem
        return f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    def config(self, drawn: Mapping[str, Any]) -> TrainConfig:
        """The settings of the run for what was drawn."""
        tried = {name: setting_of(name, value) for name, value in drawn.items()}
        return TrainConfig.for_data(self.data, **{**self.fixed, **tried})

    def to_plain(self) -> dict[str, Any]:
        """As JSON values, which ``from_plain`` reads."""
        fixed = {n: list(v) if isinstance(v, tuple) else v for n, v in self.fixed.items()}
        return {**dataclasses.asdict(self), "fixed": fixed, "ranges": to_plain(self.ranges)}

    @classmethod
    def from_plain(cls, content: Any) -> Definition:
        """What ``to_plain`` wrote.

        Raises:
            FormatError: it is something else.
        """
        names = {f.name for f in dataclasses.fields(cls)}
        if not isinstance(content, dict) or set(content) != names:
            raise FormatError(f"it does not hold a sweep: {', '.join(sorted(names))}.")
        fixed = content["fixed"]
        if not isinstance(fixed, dict) or content["measure"] not in MEASURES:
            raise FormatError("it does not hold the settings of a sweep.")
        fixed = {n: tuple(v) if isinstance(v, list) else v for n, v in fixed.items()}
        return cls(**{**content, "fixed": fixed, "ranges": from_plain(content["ranges"])})

    def save(self, folder: Path, more: Mapping[str, Any]) -> None:
        """Write it into the folder of the sweep, with what belongs to the sweep there."""
        content = {"format": FORMAT, "sweep": self.to_plain(), **more}
        write_atomically(folder / FILE, (json.dumps(content, indent=2) + "\n").encode())


def read_sweep(folder: Path) -> tuple[Definition, dict[str, Any]]:
    """The sweep in a folder, and what else its file says.

    Raises:
        RunFolderError: it is not the folder of a sweep, or its file is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        raise RunFolderError(
            f"{folder} is not the folder of a sweep: it has no {FILE}. Sweeps are made by "
            "'mitbadak tune'."
        )
    try:
        content = parse_json(path.read_bytes(), "it")
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise FormatError(f"it is not of format {FORMAT}.")
        return Definition.from_plain(content.get("sweep")), content
    except (ValueError, TypeError) as error:
        raise RunFolderError(f"{path} cannot be used: {error}") from None


def define(
    data: str,
    ranges: Mapping[str, Any],
    settings: Mapping[str, Any],
    *,
    by: str | None = None,
    prune: bool = True,
    seed: int = 0,
) -> Definition:
    """A sweep, once its data have been read and its first run could start.

    Runs are compared on a validation set: the one that the data come with, the share that the
    settings hold out, or a fifth of the training set.

    Args:
        data: name or path of the data set.
        ranges: see ``ranges_of``.
        settings: of all runs; None stands for one that is not chosen.
        by: ``accuracy`` or ``loss``; by default the accuracy where the labels are classes.
        prune: whether to stop runs that fall behind.
        seed: for what is drawn.

    Raises:
        RangeError: a setting is fixed and tried, or there is no validation set.
        MitbadakError: as ``mitbadak train`` with the first values of the ranges.
    """
    tried = ranges_of(ranges)
    fixed = {name: value for name, value in settings.items() if value is not None}
    both = sorted(set(tried) & set(fixed))
    if both:
        raise RangeError(f"tune: {', '.join(both)} cannot be both fixed and tried.")
    if by is not None and by not in MEASURES:
        raise unknown_name("measure", by, MEASURES)
    whole("tune", "seed", seed, least=0)
    first = {name: _first(values) for name, values in tried.items()}
    made = Definition(data, fixed, tried, by or "loss", prune, seed)
    config, source = settled_data(made.config(first))
    if source.validation is None and not config.validation:
        if fixed.get("validation") == 0:
            raise RangeError(
                "tune compares runs on a validation set, and validation is 0. Hold out a share "
                "(validation=0.2)."
            )
        made = dataclasses.replace(made, fixed={**fixed, "validation": HELD_OUT})
        config, source = settled_data(made.config(first))
    trainer = trainer_for(config, source, (), None)
    if by is None:
        classes = trainer.net.head.measures_accuracy(trainer.train.t, trainer.net.n_out or 0)
        made = dataclasses.replace(made, measure="accuracy" if classes else "loss")
    epochs = tried.get("epochs")
    most = _most(epochs) if epochs is not None else config.recipe.epochs
    return dataclasses.replace(made, reported=max(1, most // MOST_REPORTS))


MOST_REPORTS = 20  # of a run: each is a write into the database of the sweep


def _first(values: Values) -> Any:
    first = values.low if isinstance(values, Range) else values[0]
    if isinstance(first, tuple):
        return ",".join(map(str, first))
    return int(first) if isinstance(first, float) and first.is_integer() else first


def _most(values: Values) -> int:
    return int(values.high if isinstance(values, Range) else max(values))
