"""``fit`` passes its arguments to ``Trainer``, which declares them once."""

from __future__ import annotations

import inspect

import pytest

from mitbadak.core.errors import UnknownNameError
from mitbadak.training import History, Trainer, fit
from small_runs import T, X, spiral_net


def test_its_signature_is_that_of_the_trainer() -> None:
    of_fit, of_trainer = inspect.signature(fit), inspect.signature(Trainer)
    assert of_fit.parameters == of_trainer.parameters
    assert of_fit.return_annotation in ("History", History)
    assert of_fit.parameters["epochs"].default == 17
    assert of_fit.parameters["batch_size"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize(
    ("misspelt", "nearest"),
    [("epoch", "epochs"), ("batchsize", "batch_size"), ("optimiser", "optimizer")],
)
def test_a_misspelt_argument_is_refused_with_the_nearest(misspelt: str, nearest: str) -> None:
    message = f"unknown argument of fit '{misspelt}'; did you mean '{nearest}'"
    with pytest.raises(UnknownNameError, match=message):
        fit(spiral_net(), (X, T), **{misspelt: 1})  # type: ignore[arg-type]


def test_a_missing_training_set_is_refused() -> None:
    with pytest.raises(TypeError, match="train"):
        fit(spiral_net())  # type: ignore[call-arg]
