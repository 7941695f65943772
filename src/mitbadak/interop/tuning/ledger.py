"""Which parameter sets of a sweep are done, under way or lost: each counts once.

A trial whose process died is failed and tried again under a new number. All numbers of one
parameter set are a family, named by the first of them.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

GRACE = 2  # heartbeats that a process may miss
WHY = "why"  # attribute of trials that ended for a reason of their own: refused, diverged, pruned
SURPLUS = "surplus"  # attribute of trials that were drawn although there were enough
DROPPED = "dropped"  # attribute of trials whose parameter set another process was at


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without Optuna's warnings about its experimental parts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True)
class Family:
    """The trials of one parameter set.

    Attributes:
        root: number of the first one.
        trials: all, by number.
        place: how many parameter sets were drawn before it.
    """

    root: int
    trials: tuple[Any, ...]
    place: int = 0

    @property
    def result(self) -> Any | None:
        """The trial that ended with a result, or was refused; the first one if there are more."""
        return next((t for t in self.trials if is_result(t)), None)

    @property
    def is_open(self) -> bool:
        """Whether one of its trials waits or runs."""
        return any(t.state.name in ("WAITING", "RUNNING") for t in self.trials)

    @property
    def is_surplus(self) -> bool:
        return any(SURPLUS in t.user_attrs for t in self.trials)


def is_result(trial: Any) -> bool:
    """Whether a trial counts as done: it is complete, pruned, or failed for a reason."""
    name = trial.state.name
    return name in ("COMPLETE", "PRUNED") or (name == "FAIL" and WHY in trial.user_attrs)


def root_of(trial: Any) -> int:
    """The number of the first trial of the same parameter set."""
    history = trial.system_attrs.get("retry_history") or []
    return history[0] if history else trial.number


def frozen(trial: Any) -> Any:
    """A trial that this process runs, as the study has it."""
    return trial.study._storage.get_trial(trial._trial_id)


def families_of(trials: Iterable[Any], most: int | None = None) -> list[Family]:
    """The parameter sets of a sweep in the order in which they were drawn.

    Args:
        trials: all of the study.
        most: only the first so many; what several processes drew beyond is no part of the sweep.
    """
    members: dict[int, list[Any]] = {}
    for trial in sorted(trials, key=lambda t: t.number):
        members.setdefault(root_of(trial), []).append(trial)
    families = [Family(root, tuple(m)) for root, m in sorted(members.items())]
    counted = [family for family in families if not family.is_surplus]
    return [Family(f.root, f.trials, place) for place, f in enumerate(counted)][:most]


def place_of(trials: Iterable[Any], number: int) -> int:
    """The number of a trial's parameter set, in the order in which they were drawn."""
    families = families_of(trials)
    found = (f.place for f in families if any(t.number == number for t in f.trials))
    return next(found, len(families))  # of one too many


def requeue_lost(study: Any) -> list[int]:
    """Put parameter sets back in the queue whose trials failed without a reason.

    The process that fails a dead trial may die itself before it queues another one, so this looks
    at what is there rather than at what was just failed. Two processes may do so at once; then the
    family has two trials, and whoever takes the second finds the first (see ``may_run``).

    Returns:
        The numbers of the families.
    """
    lost = []
    for family in families_of(study.get_trials(deepcopy=True)):
        if family.result is None and not family.is_open:
            with quiet():
                study.add_trial(again(family.trials[-1]))
            lost.append(family.root)
    return lost


def again(trial: Any) -> Any:
    """A waiting trial of the same parameter set.

    It keeps what was drawn, and nothing of what became of it: another process may run it, whose
    run has its own place and reports its own measures.
    """
    import optuna

    history = [*(trial.system_attrs.get("retry_history") or []), trial.number]
    return optuna.create_trial(
        state=optuna.trial.TrialState.WAITING, params=trial.params,
        distributions=trial.distributions,
        system_attrs={**trial.system_attrs, "failed_trial": history[0], "retry_history": history},
    )  # fmt: skip


def may_run(study: Any, trial: Any, most: int) -> bool:
    """Whether the process that was given a trial should run it; otherwise the trial is dropped.

    Not if there were enough parameter sets without it, or if another trial of the same parameter
    set is done or under way. Numbers decide, on which all processes agree.
    """
    families = families_of(study.get_trials(deepcopy=False))
    root = root_of(frozen(trial))
    places = [k for k, family in enumerate(families) if family.root == root]
    others = [t for k in places for t in families[k].trials if t.number != trial.number]
    done = any(is_result(t) for t in others)
    ahead = any(t.state.name == "RUNNING" and t.number < trial.number for t in others)
    surplus = not places or places[0] >= most
    if surplus or done or ahead:
        trial.set_user_attr(SURPLUS if surplus else DROPPED, True)
        fail(study, trial.number)
        return False
    return True


def fail(study: Any, number: int) -> bool:
    """Fail a trial; False if another process has ended it before."""
    from optuna.exceptions import UpdateFinishedTrialError
    from optuna.trial import TrialState

    with contextlib.suppress(UpdateFinishedTrialError, ValueError):
        study.tell(number, state=TrialState.FAIL)
        return True
    return False


def fail_dead(study: Any, is_alive: Callable[[Any], bool]) -> None:
    """Fail running trials whose process is known to be gone."""
    for trial in running(study):
        if not is_alive(trial):
            fail(study, trial.number)


def running(study: Any) -> Sequence[Any]:
    """The trials that some process has taken."""
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))


class Heartbeats:
    """Dead processes on other machines, noticed by the signs of life that they do not give.

    Args:
        study: on a server.
        seconds: between two signs.
    """

    def __init__(self, study: Any, seconds: int):
        self.study, self.seconds = study, seconds
        self.helped: set[int] = set()

    def fail_stale(self) -> None:
        """Fail trials whose process has been silent for too long.

        A process that died right after it took a trial gave no sign at all, and Optuna would wait
        for its first one for ever. So a trial that is old enough to have given several gets one
        from here, once: if its process lives, nothing changes; if not, the trial grows stale.
        """
        from optuna.storages import fail_stale_trials

        old = datetime.now() - timedelta(seconds=GRACE * self.seconds)
        for trial in running(self.study):
            started = trial.datetime_start
            if started is not None and started < old and trial._trial_id not in self.helped:
                self.helped.add(trial._trial_id)
                with contextlib.suppress(Exception):  # ended, or helped by another process
                    if not has_sign(self.study, trial):
                        self.study._storage.record_heartbeat(trial._trial_id)
        with quiet():
            fail_stale_trials(self.study)


def has_sign(study: Any, trial: Any) -> bool:
    """Whether a trial has ever given a sign of life."""
    from optuna.storages._rdb import models

    storage = study._storage
    storage = getattr(storage, "_backend", storage)  # behind Optuna's cache
    with storage.scoped_session() as session:
        return models.TrialHeartbeatModel.where_trial_id(trial._trial_id, session) is not None
