"""``mpiexec -n N mitbadak train``: process 0 trains, writes and prints, the others train along."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mitbadak.cli.exits import FAILED, INTERRUPTED, code_of, for_the_reader
from mitbadak.cli.language import say
from mitbadak.core.ending import Ended
from mitbadak.core.errors import MitbadakError, RangeError
from mitbadak.core.printing import print_line
from mitbadak.training.hooks import Callback
from mitbadak.training.interrupts import Stop
from mitbadak.training.parallel import Forecast, check_shareable, join

if TYPE_CHECKING:
    from mitbadak.interop.mpi import MPITeam
    from mitbadak.runs.config import TrainConfig
    from mitbadak.runs.session import Session
    from mitbadak.training.trainer import Trainer


class ForecastPrinter(Callback):
    """Measures before the first step whether training together pays, and says so.

    Args:
        team: the processes, all of which measure.
        tell: prints a line; None in all but one of them.
    """

    def __init__(self, team: MPITeam, tell: Callable[[str], None] | None = None):
        self.team, self.tell = team, tell

    def before_training(self, trainer: Any) -> None:
        check_shareable(trainer, self.team)  # before a run folder is made

    def on_train_begin(self, trainer: Any) -> None:
        if self.team.size == 1:
            return
        forecast = trainer.updater.forecast()
        if self.tell is not None:
            for line in lines_of_forecast(forecast, self.team.size):
                self.tell(line)


def lines_of_forecast(forecast: Forecast, size: int) -> list[str]:
    """What a forecast says, in the language of the command."""
    faster = forecast.alone / forecast.together
    lines = [
        say(
            f"{size} processes: a step takes about {1e3 * forecast.together:.3g} ms, of which "
            f"{1e3 * forecast.summing:.3g} ms are the sum of the gradients; one process would take "
            f"{1e3 * forecast.alone:.3g} ms"
        )
    ]
    if faster < 1:
        lines.append(
            say(
                f"training together does not pay here: one process is {1 / faster:.2g} times as "
                f"fast. It would from batches of about {forecast.pays_from:,} on"
            )
        )
    return lines


@dataclass(frozen=True)
class Wanted:
    """What all processes train, and what process 0 does besides.

    Attributes:
        config: the settings of a new run.
        folder: of a run that is resumed instead.
        changes: what changes of its settings then.
        start: makes the run in process 0, with these callbacks too.
        run: trains and reports in process 0.
        tell: prints a line; None to print none.
    """

    config: TrainConfig | None
    folder: Path | None
    changes: Mapping[str, Any]
    start: Callable[[list[Callback]], Session]
    run: Callable[[Session], int]
    tell: Callable[[str], None] | None


def train_together(wanted: Wanted) -> int:
    """Train in all processes that ``mpiexec`` has started; the exit code."""
    from mitbadak.interop.mpi import MPITeam, check_mpi

    check_mpi()
    team = MPITeam()
    if team.rank > 0:
        warnings.simplefilter("ignore")  # process 0 says the same
    try:
        return _train(team, wanted)
    except BaseException as problem:
        if isinstance(problem, _AgreedError):  # by all: each leaves on its own
            raise problem.why from None
        code = code_of(problem) if isinstance(problem, (Ended, KeyboardInterrupt)) else FAILED
        if not isinstance(problem, (Ended, KeyboardInterrupt, SystemExit)):
            text = f"mitbadak: process {team.rank}: {for_the_reader(problem)}"
            print_line(text, sys.stderr, flush=True)
        sys.stderr.flush()
        team.abort(code)
        raise


class _AgreedError(Exception):
    """A problem of which all processes know."""

    def __init__(self, why: MitbadakError):
        super().__init__(why)
        self.why = why


def _train(team: MPITeam, wanted: Wanted) -> int:
    from mitbadak.interop.mpi import lost_process_announced

    problem: MitbadakError | None = None
    session: Session | None = None
    trainer: Any = None
    try:
        if team.rank == 0:
            session = wanted.start([ForecastPrinter(team, wanted.tell)])
            trainer = session.trainer
        else:
            trainer = _follower(team, wanted)
    except (MitbadakError, OSError) as error:
        problem = error if isinstance(error, MitbadakError) else RangeError(str(error))
    try:
        _agree(team, problem)
        try:
            join(trainer, team)
        except MitbadakError as error:
            problem = error
        _agree(team, problem)
        if session is None:
            return _follow(trainer)
        resume = f"mitbadak train --resume {session.run.path}"
        lost = say(f"a process was lost, so all have ended. Continue with: {resume}")
        with lost_process_announced(f"mitbadak: {lost}"):
            return wanted.run(session)
    finally:
        if session is not None:
            session.run.release()


def _agree(team: MPITeam, problem: MitbadakError | None) -> None:
    """Go on only if no process has a problem.

    Raises:
        _AgreedError: the first problem; in process 0 that is what is printed.
    """
    texts = team.agree("" if problem is None else str(problem))
    if not any(texts):
        return
    if problem is not None:
        raise _AgreedError(problem)
    first = next(k for k, text in enumerate(texts) if text)
    raise _AgreedError(RangeError(f"process {first}: {texts[first]}"))


def _follower(team: MPITeam, wanted: Wanted) -> Trainer:
    """The trainer of a process that writes nothing."""
    from mitbadak.runs.followers import resumed_trainer, started_trainer

    callbacks: list[Callback] = [ForecastPrinter(team)]
    if wanted.config is not None:
        return started_trainer(wanted.config, callbacks)
    return resumed_trainer(wanted.folder or Path(), callbacks, **wanted.changes)


def _follow(trainer: Trainer) -> int:
    """Train along; the exit code."""
    try:
        trainer.run()
    except (Ended, Stop) as stop:
        return code_of(stop)
    return FAILED if trainer.failed else INTERRUPTED if trainer.interrupted else 0
