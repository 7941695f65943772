"""What draws the values of a sweep: by the number of the parameter set, and those before it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.interop.tuning.definition import Definition
from mitbadak.interop.tuning.ledger import families_of, place_of, quiet


def sampler_of(definition: Definition, *, several: bool) -> Any:
    """Draws the values of a parameter set from its number and the results before it alone.

    Trials that were tried again count once, so an interrupted sweep goes on as it would have
    without. Where several processes draw at once, their order decides, and the estimator takes
    running trials for bad ones, so that no two draw the same.

    Args:
        definition: the sweep.
        several: whether several processes draw at once.
    """
    import optuna

    names = list(definition.ranges)

    def estimator(place: int, part: int) -> Any:
        seed = np.random.SeedSequence([definition.seed, place, part]).generate_state(1)[0]
        with quiet():
            return optuna.samplers.TPESampler(
                seed=int(seed), multivariate=True, constant_liar=several
            )

    class ByPlace(optuna.samplers.BaseSampler):
        """Optuna's tree-structured Parzen estimator, seeded anew for each parameter set.

        Values that are drawn one by one have seeds of their own: a trial whose process died
        between two of them goes on with the next one.
        """

        def before_trial(self, study: Any, trial: Any) -> None:
            self.place = place_of(study.get_trials(deepcopy=False), trial.number)
            self.inner = estimator(self.place, 0)

        def infer_relative_search_space(self, study: Any, trial: Any) -> Any:
            return self.inner.infer_relative_search_space(AsDrawn(study), trial)

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> Any:
            return self.inner.sample_relative(AsDrawn(study), trial, search_space)

        def sample_independent(
            self, study: Any, trial: Any, param_name: str, param_distribution: Any
        ) -> Any:
            drawing = estimator(self.place, 1 + names.index(param_name))
            return drawing.sample_independent(AsDrawn(study), trial, param_name, param_distribution)

    return ByPlace()


class AsDrawn:
    """A study with one trial for each parameter set: the one with the result, or the last."""

    def __init__(self, study: Any):
        self._study = study

    def __getattr__(self, name: str) -> Any:
        return getattr(self._study, name)

    def _get_trials(
        self, deepcopy: bool = True, states: Any = None, use_cache: bool = False
    ) -> list[Any]:
        trials = self._study._get_trials(deepcopy=deepcopy, use_cache=use_cache)
        latest = [family.result or family.trials[-1] for family in families_of(trials)]
        return [t for t in latest if states is None or t.state in states]
