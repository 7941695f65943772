"""Weights as pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mitbadak as mb
from command_line import Capture, printed, refused
from mitbadak.core.errors import ShapeError
from mitbadak.plots import weights_figure


@pytest.mark.parametrize("hidden", [1, 7, 50, 80])
def test_each_unit_has_an_image_the_strongest_first(hidden: int) -> None:
    net = mb.MLP([784, hidden, 10], rng=0)
    net.params["W1"][:, 0] *= 9
    figure = weights_figure(net, (28, 28))
    assert len(figure.axes) == min(hidden, 50)
    first = np.asarray(figure.axes[0].images[0].get_array())
    np.testing.assert_array_equal(first, net.params["W1"][:, 0].reshape(28, 28))
    limits = {ax.images[0].get_clim() for ax in figure.axes}
    assert len(limits) == 1  # one scale of colors
    low, high = limits.pop()
    assert low == -high


def test_colors_are_averaged_and_korean_has_its_word() -> None:
    net = mb.MLP([3 * 4 * 4, 2, 2], rng=0)
    figure = weights_figure(net, (3, 4, 4), lang="ko")
    image = np.asarray(figure.axes[0].images[0].get_array())
    assert image.shape == (4, 4)


def test_nets_on_other_inputs_show_their_matrices() -> None:
    net = mb.Sequential(mb.Affine(4, 8), mb.BatchNorm(8), "relu", mb.Affine(8, 3))
    figure = weights_figure(net)
    titles = [ax.get_title() for ax in figure.axes if ax.images]
    assert titles == ["W1 (4, 8)", "W2 (8, 3)"]


def test_what_has_no_images_of_a_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match="images of 784 numbers"):
        weights_figure(mb.MLP([784, 3]), (8, 8))
    with pytest.raises(ShapeError, match="an affine layer"):
        weights_figure(mb.Sequential(mb.ReLU()))


def test_evaluate_draws_the_weights_of_a_run(
    capfd: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed(capfd, "train", "xor", "--epochs", "2", "--quiet", "--out", "run")
    assert "weights: w.svg" in printed(capfd, "evaluate", "run", "--weights", "w.svg")
    assert Path("w.svg").read_bytes().startswith(b"<?xml")
    report = json.loads(printed(capfd, "evaluate", "run", "--weights", "w.png", "--json"))
    assert report["weights"] == "w.png"
    assert "should end in" in refused(capfd, "evaluate", "run", "--weights", "w.gif")
