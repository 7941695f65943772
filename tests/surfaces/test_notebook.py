"""What a notebook shows of results."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mitbadak as mb

SPIRAL = mb.load_spiral()


def picture_in(html: str | None) -> Image.Image:
    data = re.search(r"data:image/png;base64,([^\"]+)", html or "")
    assert data is not None
    return Image.open(io.BytesIO(base64.b64decode(data[1])))


def test_a_history_shows_its_curves_and_its_last_row() -> None:
    net = mb.MLP([2, 10, 3], rng=0)
    history = mb.fit(net, *SPIRAL, epochs=3, callbacks=[])
    html = history._repr_html_()
    picture = picture_in(html)
    assert len(np.unique(np.asarray(picture).reshape(-1, (picture.mode == "RGBA" and 4) or 3))) > 9
    assert f"train_accuracy {history[-1]['train_accuracy']:.4g}" in str(html)
    assert mb.History()._repr_html_() is None


def test_a_descent_in_the_plane_shows_its_path_and_why_it_ended() -> None:
    result = mb.gradient_descent(lambda x: x[0] ** 2 + x[1] ** 2, np.array([-3.0, 4.0]), 0.1)
    html = result._repr_html_()
    assert picture_in(html).size[0] > 300
    assert result.explanation in str(html)
    line = mb.gradient_descent(lambda x: float(x[0] ** 2), np.array([3.0]), 0.1)
    assert "<img" not in str(line._repr_html_())


def test_a_net_shows_its_layers() -> None:
    html = str(mb.Sequential(mb.Affine(4, 8), "relu", mb.Affine(8, 3))._repr_html_())
    assert re.findall(r"<td[^>]*>([^<]*)</td>", html)[:4] == [
        "Affine(4, 8)", "8", "40", "W1 (4, 8), b1 (8,)",
    ]  # fmt: skip
    assert "67 parameters" in html


@pytest.mark.parametrize("right", [True, False])
def test_a_gradient_check_shows_its_verdict(right: bool) -> None:
    net = mb.MLP([2, 4, 3], rng=0, dtype=np.float64)
    x, t = SPIRAL[0][:5], SPIRAL[1][:5]
    if not right:
        own = net.gradient
        net.gradient = lambda *a, **k: {n: 2 * g for n, g in own(*a, **k).items()}  # type: ignore[method-assign]
    report = mb.check_gradients(net, x, t)
    html = str(report._repr_html_())
    assert report.ok == right
    assert ("#009E73" if right else "#D55E00") in html


def test_a_figure_is_a_picture_without_pyplot(tmp_path: Path) -> None:
    figure = mb.plots.new_figure()
    figure.subplots().plot([0, 1])
    png = figure._repr_png_()  # type: ignore[attr-defined]
    mb.plots.save_figure(figure, tmp_path / "a.png")
    assert png == (tmp_path / "a.png").read_bytes()


def test_history_plot_is_a_figure_in_two_languages() -> None:
    history = mb.fit(mb.MLP([2, 10, 3], rng=0), *SPIRAL, epochs=2, callbacks=[])
    labels = [history.plot(lang=lang).axes[0].get_ylabel() for lang in ("en", "ko")]
    assert labels[0] == "loss"
