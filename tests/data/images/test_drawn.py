"""Pictures as people make them: read rightly, refused or warned about, never certain and wrong."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

import mitbadak as mb
from drawn_digits import KINDS
from mitbadak.core.errors import FormatError
from mitbadak.data import mnist_datasets
from mitbadak.data.images import digits_in, read_image
from mitbadak.nn import Sequential

pytestmark = pytest.mark.once

CERTAIN = 0.9
HARD = {"two, touching": 0.0, "thick": 0.85, "cut out": 0.85, "shadow, noisy": 0.85}
"""Kinds of which fewer are read rightly, and the share that must be; the others need 0.9."""


@pytest.fixture(scope="module")
def net() -> Sequential:
    """A net that knows most of MNIST."""
    train = mnist_datasets()[0]
    net = mb.MLP([784, 60, 10], "relu", rng=0)
    mb.fit(net, train.part(np.arange(20_000)), optimizer=mb.Adam(0.002), epochs=8, rng=0,
           callbacks=[])  # fmt: skip
    return net


@dataclass
class Share:
    """How pictures of a kind were read."""

    right: int = 0
    refused: int = 0
    warned: int = 0
    certain_and_wrong: int = 0


def tried(net: Sequential, kind: str, pictures: Sequence[int], folder) -> Share:
    draw, count = KINDS[kind]
    test, share = mnist_datasets()[1], Share()
    images = test.x.reshape(-1, 28, 28)
    for i in pictures:
        which = [(i + 259 * m) % 10_000 for m in range(3)]
        draw([images[k] for k in which], np.random.default_rng(i)).save(folder / "picture.png")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                digits = digits_in(read_image(folder / "picture.png"))
            except FormatError:
                share.refused += 1
                continue
        p = net.predict(digits.reshape(len(digits), -1) / 255)
        expected = net.predict(test.x[which[:count]] / 255).argmax(axis=1)  # of MNIST's own image
        is_right = p.argmax(axis=1).tolist() == expected.tolist()
        share.right += is_right
        share.warned += bool(caught)
        share.certain_and_wrong += not is_right and not caught and p.max(axis=1).min() > CERTAIN
    return share


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_each_kind_are_read(kind: str, net: Sequential, tmp_path) -> None:
    share = tried(net, kind, range(8), tmp_path)
    assert share.certain_and_wrong == 0
    assert share.right >= 7 * (HARD.get(kind, 0.9) > 0)
    assert share.right + share.refused + share.warned >= 7


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_pictures_of_each_kind_are_read(kind: str, net: Sequential, tmp_path) -> None:
    share = tried(net, kind, range(200, 300), tmp_path)
    assert share.certain_and_wrong <= 2  # the net itself is so wrong once in a hundred
    assert share.right >= 100 * HARD.get(kind, 0.9)
