"""The pictures of a run, drawn while its folder is still locked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mitbadak.cli.exits import undrawn

if TYPE_CHECKING:
    from mitbadak.runs.session import Session

BOUNDARY, FITTED = "boundary.png", "fit.png"


def draw_or_explain(session: Session, lang: str, film: Path | None) -> str:
    """Draw the pictures of a run; "", or why that failed, since the run is complete anyway."""
    try:
        _draw(session, lang)
        if film is not None:
            _write_film(session, film)
    except Exception as problem:  # a full disk, little memory, damaged fonts, foreign settings
        return undrawn(problem)
    return ""


def _title(session: Session) -> str:
    """What was trained and how, above its pictures."""
    config, net = session.config, session.trainer.net
    filters = [f"{n}x{config.kernel}x{config.kernel}" for n in config.conv]
    sizes = "-".join(map(str, [net.n_in, *filters, *config.hidden, net.n_out]))
    return f"{config.data_name}, {sizes} {config.activation}, {config.optimizer} lr {config.lr:g}"


def _write_film(session: Session, path: Path) -> None:
    """Write the film of a run, up to where it was interrupted."""
    from mitbadak.plots import BoundaryFilm

    film = next(c for c in session.trainer.callbacks if isinstance(c, BoundaryFilm))
    film.title = _title(session)
    film.name_after(session.source.preparation)
    film.film_end(session.trainer)  # now that early stopping has put the best weights back
    film.save(path)


def _draw(session: Session, lang: str) -> None:
    from mitbadak import plots

    trainer, run, title = session.trainer, session.run, _title(session)
    if trainer.net.n_in not in (1, 2):
        session.forget_rows()  # no picture shows them
    curves = plots.training_figure(trainer.history, title, lang=lang)
    plots.save_figure(curves, run.curves, check=run.check_own)
    if trainer.failed or trainer.net.n_in not in (1, 2):
        return
    has_classes = trainer.net.head.measures_accuracy(trainer.train.t, trainer.net.n_out or 0)
    if has_classes != (trainer.net.n_in == 2):
        return
    with plots.lettering(lang):
        figure = plots.new_figure(5.5, 5.5 if has_classes else 4.0)
        if has_classes:
            name = BOUNDARY
            ax = plots.decision_boundary(
                trainer.net, trainer.train, figure.subplots(), test=trainer.test,
                preparation=session.source.preparation, lang=lang,
            )  # fmt: skip
        else:
            name = FITTED
            ax = plots.fitted_curve(
                trainer.net, trainer.train, figure.subplots(),
                preparation=session.source.preparation, lang=lang,
            )  # fmt: skip
        plots.set_title(ax, title, fontsize=10)
        plots.save_figure(figure, run.path / name, check=run.check_own)
