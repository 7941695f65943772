"""Labels are class indices unless they look like real targets."""

from __future__ import annotations

import numpy as np
import pytest

from mitbadak.core.errors import FormatError
from mitbadak.data.targets import are_classes, numbered_classes


def test_one_fraction_among_whole_numbers_makes_rare_labels_real_targets() -> None:
    codes = np.array([0, 1, 2, 0])  # three different values in four examples
    with pytest.raises(FormatError, match="here holds 3 different values in 4 examples"):
        numbered_classes("here", ["1", "2", "2.5"], codes)
    t, names = numbered_classes("here", ["1", "2", "3.0"], codes)
    assert (t.tolist(), names) == ([0, 1, 2, 0], ("1", "2", "3"))


def test_fractions_that_repeat_are_classes() -> None:
    t, names = numbered_classes("here", ["2.5", "1", "2"], np.array([0, 1, 2, 0, 1, 2]))
    assert (t.tolist(), names) == ([2, 0, 1, 2, 0, 1], ("1", "2", "2.5"))


@pytest.mark.parametrize(
    ("values", "counts", "classes"),
    [
        ([0, 1], [1, 1], True),
        ([2.5, 3.5], [9, 1], True),
        ([0.5, 1, 2], [9, 9, 9], False),
        ([4, 6, 8], [11, 7, 14], True),  # cylinders
        ([1, 2, 3, 4, 5], [9, 9, 9, 9, 9], True),
        ([1, 2, 3], [1, 1, 1], False),  # three different rows
        ([2, 3, 5, 6], [1, 4, 2, 4], False),  # eleven rows
        (range(9), [6] * 9, False),  # few rows for so many classes
        (range(7), [34, 20, 10, 7, 7, 3, 2], False),  # litters of rabbits
        ([12, 13, 14, 15, 16, 17, 18], [1832, 613, 500, 556, 907, 200, 131], False),  # schooling
        (range(10), [180] * 10, True),  # digits
        (range(10), [4141, 782, 174, 30, 24, 9, 12, 12, 5, 1], False),  # visits to a doctor
        ([0, 1, 2, 3, 7, 12], [451, 34, 17, 19, 42, 38], False),  # affairs
        ([1, 2, 3, 5, 6, 7], [70, 76, 17, 13, 9, 29], True),  # kinds of glass
        (range(100), [500] * 100, True),
        (range(101), [500] * 101, False),
        (range(1, 8), [20, 20, 20, 20, 20, 20, 1], False),
        (range(2, 9), [20] * 7, False),
    ],
)
def test_numbers_are_classes_by_their_values_and_how_often_they_occur(values, counts, classes):
    assert are_classes(np.array(values, float), np.array(counts)) is classes
