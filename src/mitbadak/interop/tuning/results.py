"""What came of a sweep: its trials, the best of them, and a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mitbadak.core.errors import StateError
from mitbadak.interop.tuning.definition import Definition, identity_of
from mitbadak.interop.tuning.ledger import WHY, Family, families_of
from mitbadak.interop.tuning.living import WORKER
from mitbadak.interop.tuning.ranges import Range, setting_of, shown

STATES = {"COMPLETE": "finished", "PRUNED": "pruned", "FAIL": "failed"}


@dataclass(frozen=True)
class TrialResult:
    """A parameter set, and what came of it.

    Attributes:
        number: in the order in which they were drawn.
        settings: what was drawn.
        state: ``finished``, ``pruned``, ``failed``, or ``open`` while it waits or runs.
        value: the measure by which runs are compared; None unless finished.
        run: its run folder, if that is here.
        where: machine and full path of its run folder, as ``machine:path``; "" if it has none.
        worker: the process that came to this result.
        why: why it failed.
        epochs, seconds: how long it took.
        measures: of the weights that the run kept.
    """

    number: int
    settings: dict[str, Any]
    state: str
    value: float | None = None
    run: Path | None = None
    why: str = ""
    epochs: int = 0
    seconds: float = 0.0
    measures: dict[str, Any] = field(default_factory=dict)
    where: str = ""
    worker: str = ""

    def describe(self) -> str:
        """Its settings as they are given on the command line.

        Example:
            >>> TrialResult(3, {"lr": 0.51234, "hidden": (10,)}, "finished").describe()
            'lr 0.5123, hidden 10'
        """
        return ", ".join(f"{name} {shown(value)}" for name, value in self.settings.items())


@dataclass(frozen=True)
class SweepResult:
    """The trials of a sweep.

    Attributes:
        definition: the sweep.
        folder: where the runs of this process are.
        trials: one for each parameter set, as drawn.
        seconds: that this call took.
    """

    definition: Definition
    folder: Path
    trials: tuple[TrialResult, ...]
    seconds: float

    @property
    def ranked(self) -> list[TrialResult]:
        """The finished trials, the best first; of equal ones that with the smaller loss."""
        sign = -1 if self.definition.measure == "accuracy" else 1

        def rank(trial: TrialResult) -> tuple[float, float, int]:
            loss = trial.measures.get("validation_loss")
            return sign * (trial.value or 0.0), float("inf") if loss is None else loss, trial.number

        return sorted((t for t in self.trials if t.value is not None), key=rank)

    @property
    def best(self) -> TrialResult:
        """The best trial.

        Raises:
            StateError: none has finished.
        """
        if not self.ranked:
            reasons = [trial.why for trial in self.trials if trial.why]
            first = f" The first one that failed: {reasons[0]}" if reasons else ""
            raise StateError(f"tune: no trial has finished.{first}")
        return self.ranked[0]

    def count(self, state: str) -> int:
        """How many trials ended so."""
        return sum(trial.state == state for trial in self.trials)

    def figure(self, *, lang: str = "en") -> Any:
        """The values of the trials, one by one and by setting.

        Args:
            lang: language of the labels, ``en`` or ``ko``.
        """
        from mitbadak.plots.sweep import sweep_figure

        best = self.ranked[0] if self.ranked else None
        return sweep_figure(
            [(t.number, t.settings, _latest(t, self.definition), t.state) for t in self.trials],
            measure=self.definition.measure,
            log=_log_ranges(self.definition),
            best=None if best is None else best.number,
            lang=lang,
        )


def _log_ranges(definition: Definition) -> Sequence[str]:
    return [n for n, v in definition.ranges.items() if isinstance(v, Range) and v.log]


def _latest(trial: TrialResult, definition: Definition) -> float | None:
    """The value of a trial, for one that was pruned its last."""
    value = trial.measures.get(definition.monitor)
    return trial.value if trial.value is not None else value


def run_of(made: Mapping[str, Any], folder: Path, identity: str) -> Path | None:
    """The run folder that a result was measured in, if it is here.

    Others who share the sweep have runs of the same names, which may have been given up half way.
    So a folder is known by the identity of its sweep, wherever it has been moved.

    Args:
        made: what the trial recorded.
        folder: of the sweep.
        identity: of that folder.
    """
    if not made.get("run"):
        return None
    own, recorded = folder / "runs" / made["run"], Path(made.get("folder", ""))
    is_own = made.get("sweep") == identity
    if recorded.is_dir() and identity_of(recorded.parent.parent) == made.get("sweep"):
        return own if is_own and own.resolve() == recorded else recorded
    return own if is_own and own.is_dir() else None


def result_of_family(
    family: Family, definition: Definition, folder: Path, identity: str
) -> TrialResult:
    """What came of one parameter set.

    Args:
        family: its trials.
        definition: the sweep.
        folder: of the sweep.
        identity: of that folder.
    """
    trial = family.result or family.trials[-1]
    made = trial.user_attrs.get("result") or {}
    return TrialResult(
        family.place,
        {name: setting_of(name, trial.params[name]) for name in definition.ranges
         if name in trial.params},
        STATES.get(trial.state.name, "open") if family.result is not None else "open",
        trial.value if trial.state.name == "COMPLETE" else None,
        run_of(made, folder, identity),
        str(trial.user_attrs.get(WHY, "")),
        int(made.get("epochs", 0)),
        float(made.get("seconds", 0.0)),
        dict(made.get("measures") or {}),
        f"{made['machine']}:{made['folder']}" if made.get("machine") else "",
        str(trial.user_attrs.get(WORKER, "")),
    )  # fmt: skip


def result_of_sweep(
    study: Any, definition: Definition, folder: Path, identity: str, trials: int, seconds: float
) -> SweepResult:
    """What came of a sweep so far."""
    families = families_of(study.get_trials(deepcopy=False), trials)
    found = tuple(result_of_family(family, definition, folder, identity) for family in families)
    return SweepResult(definition, folder, found, seconds)
