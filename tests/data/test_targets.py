"""Labels are class indices unless they look like real targets."""

from __future__ import annotations

import numpy as np
import pytest

from mitbadak.core.errors import FormatError
from mitbadak.data.targets import numbered_classes


def test_one_fraction_among_whole_numbers_makes_rare_labels_real_targets() -> None:
    codes = np.array([0, 1, 2, 0])  # three different values in four examples
    with pytest.raises(FormatError, match="here holds 3 different values in 4 examples"):
        numbered_classes("here", ["1", "2", "2.5"], codes)
    t, names = numbered_classes("here", ["1", "2", "3.0"], codes)
    assert (t.tolist(), names) == ([0, 1, 2, 0], ("1", "2", "3"))


def test_fractions_that_repeat_are_classes() -> None:
    t, names = numbered_classes("here", ["2.5", "1", "2"], np.array([0, 1, 2, 0, 1, 2]))
    assert (t.tolist(), names) == ([2, 0, 1, 2, 0, 1], ("1", "2", "2.5"))
