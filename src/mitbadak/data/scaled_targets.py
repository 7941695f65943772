"""Real targets, standardized like the columns of a table, so that one recipe fits every unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mitbadak.core.errors import FormatError
from mitbadak.data.dataset import Dataset
from mitbadak.data.source import Source
from mitbadak.data.standardized import mean_and_spread


def has_numbers(source: Source) -> bool:
    """Whether the targets of a source are real numbers rather than classes."""
    return not source.preparation.classes and source.train.t.dtype.kind == "f"


def with_scaled_targets(source: Source) -> Source:
    """The same data with real targets standardized by their mean and spread in the training set.

    A loss and a learning rate that suit targets around 1 fail for prices of houses: the first
    gradients are as large as the prices. Targets that never vary keep their spread of 1.

    Args:
        source: data with real targets, in their own units.

    Returns:
        Float64 targets of mean 0 and standard deviation 1 over the training set;
        ``preparation.in_own_units`` leads back.

    Raises:
        FormatError: targets are too large to be standardized.

    Example:
        >>> from mitbadak.data import open_source
        >>> scaled = with_scaled_targets(open_source("regression"))
        >>> float(scaled.train.t.std().round(6)), len(scaled.preparation.target_mean)
        (1.0, 1)
    """
    t = source.train.t.reshape(len(source.train.t), -1)
    t = t if source.train.rows is None else t[source.train.rows]
    mean, std, _ = mean_and_spread(np.asarray(t, np.float64))
    preparation = replace(
        source.preparation, target_mean=tuple(mean.tolist()), target_std=tuple(std.tolist())
    )
    parts: list[Dataset] = []
    given = [source.train, source.test, *filter(None, [source.validation])]
    for part in given:
        with np.errstate(over="ignore", invalid="ignore"):
            targets = preparation.targets(part.t)
            fits = bool(np.isfinite(targets.astype(np.float32)).all())
        if not fits:
            raise FormatError(
                f"{part.name}: the targets hold numbers too large to be standardized. Use another "
                "unit, or take the logarithm."
            )
        parts.append(replace(part, t=targets))
    train, test, *rest = parts
    validation = rest[0] if rest else None
    return replace(source, train=train, test=test, validation=validation, preparation=preparation)
