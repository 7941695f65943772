"""What a sweep is: its data, fixed settings, ranges, and how its runs are compared."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mitbadak.core.errors import (
    FormatError,
    MitbadakError,
    RangeError,
    RunFolderError,
    unknown_name,
    whole,
)
from mitbadak.core.files import parse_json, write_atomically
from mitbadak.data import Source
from mitbadak.interop.tuning.ranges import (
    RefusedValuesError,
    Values,
    ends_of,
    from_plain,
    ranges_of,
    setting_of,
    shown,
    to_plain,
)
from mitbadak.runs.config import TrainConfig
from mitbadak.runs.session import load_data, settled_with, trainer_for
from mitbadak.training.trainer import Trainer

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
            'spiral-f114fa0b'
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


def identity_of(folder: Path) -> str:
    """What the folder of a sweep is known by, wherever it is; "" if it is none."""
    with contextlib.suppress(RunFolderError, OSError):
        return str(read_sweep(folder)[1].get("identity", ""))
    return ""


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
        RefusedValuesError: no run could start with a choice, or an end of a range.
        MitbadakError: as ``mitbadak train`` with the settings of all runs.
    """
    tried = ranges_of(ranges)
    fixed = {name: value for name, value in settings.items() if value is not None}
    both = sorted(set(tried) & set(fixed))
    if both:
        raise RangeError(f"tune: {', '.join(both)} cannot be both fixed and tried.")
    if by is not None and by not in MEASURES:
        raise unknown_name("measure", by, MEASURES)
    whole("tune", "seed", seed, least=0)
    held_out = {"validation": HELD_OUT, **fixed}
    made = Definition(data, held_out, tried, by or "loss", prune, seed)
    source = _data_of(made)
    if source.validation is not None and "validation" not in fixed:
        made = dataclasses.replace(made, fixed=fixed)
    elif source.validation is None and made.fixed["validation"] == 0:
        raise RangeError(
            "tune compares runs on a validation set, and validation is 0. Hold out a share "
            "(validation=0.2)."
        )
    trainer = check_values(made, source)
    if by is None:
        classes = trainer.net.head.measures_accuracy(trainer.train.t, trainer.net.n_out or 0)
        made = dataclasses.replace(made, measure="accuracy" if classes else "loss")
    epochs = tried.get("epochs")
    most = int(max(ends_of(epochs))) if epochs is not None else trainer.epochs
    return dataclasses.replace(made, reported=max(1, most // MOST_REPORTS))


MOST_REPORTS = 20  # of a run: each is a write into the database of the sweep


def _data_of(made: Definition) -> Source:
    """The data, read once with the first values; what is tried changes nothing of them."""
    first = {name: _given(ends_of(values)[0]) for name, values in made.ranges.items()}
    try:
        config = made.config(first)
    except MitbadakError as problem:
        raise _blamed(made.config, first, problem) from None
    return load_data(config)


def check_values(made: Definition, source: Source) -> Trainer:
    """Refuse values that no run could start with: each choice, and both ends of each range.

    The other settings are at their first values; what only fails together is left to its trial.

    Args:
        made: the sweep.
        source: its data.

    Returns:
        The trainer of the first values.

    Raises:
        RefusedValuesError: names the setting and the value.
        MitbadakError: none of these is to blame.
    """
    ends = {name: [_given(v) for v in ends_of(values)] for name, values in made.ranges.items()}
    first = {name: values[0] for name, values in ends.items()}
    try:
        trainer = _trainer(made, first, source)
    except MitbadakError as problem:
        raise _blamed(lambda some: _trainer(made, some, source), first, problem) from None
    for name, values in ends.items():
        for value in values[1:]:
            try:
                _trainer(made, {**first, name: value}, source)
            except MitbadakError as problem:
                raise refused(name, value, problem) from None
    return trainer


def refused(name: str, value: Any, problem: MitbadakError) -> RefusedValuesError:
    """The error for a value that no run could start with."""
    return RefusedValuesError(
        name, f"{name} {shown(setting_of(name, value))} cannot be tried: {problem}"
    )


def _trainer(made: Definition, values: Mapping[str, Any], source: Source) -> Trainer:
    return trainer_for(*settled_with(made.config(values), source), (), None)


def _blamed(
    attempt: Callable[[Mapping[str, Any]], Any], first: Mapping[str, Any], problem: MitbadakError
) -> MitbadakError:
    """The problem of the first values as that of a single one, if one alone has it."""
    with contextlib.suppress(MitbadakError):
        attempt({})  # or the fixed settings have it
        for name, value in first.items():
            try:
                attempt({name: value})
            except MitbadakError as own:
                return refused(name, value, own)
    return problem


def _given(value: Any) -> Any:
    """A value as it is drawn."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return int(value) if isinstance(value, float) and value.is_integer() else value
