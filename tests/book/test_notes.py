"""The code of five notes, cell by cell, in their own words; their numbers come out."""

from __future__ import annotations

import contextlib
import io
import json
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from book.conftest import NOTES
from mitbadak import book as book_room
from mitbadak.book import figures

# Scripts leave files open, as learners do.
pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Any:
    """Run a note, with some of its text changed; its variables, output and notices."""
    monkeypatch.setattr(figures, "has_display", lambda: False)
    monkeypatch.chdir(tmp_path)

    def run(name: str, *changes: tuple[str, str]) -> tuple[dict[str, Any], str, str]:
        text = (NOTES / name).read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        (tmp_path / name).write_text(text, encoding="utf-8")
        out, err = io.StringIO(), io.StringIO()
        captured = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
        with captured[0], captured[1], warnings.catch_warnings(action="ignore"):
            try:
                variables = book_room.run(tmp_path / name)
            except Exception as problem:
                variables = {"raised": problem}
        return variables, out.getvalue(), err.getvalue()

    return run


def lines(*numbers: str) -> str:
    return "\n".join(numbers)


def test_gradient_and_learning(ran: Any) -> None:
    """Everything runs, the cell that was pasted twice on one line, too."""
    small = [("hidden_size=100", "hidden_size=2"), ("np.random.rand(100, 784)", "np.random.rand(5, 784)"),
             ("np.random.rand(100, 10)", "np.random.rand(5, 10)")]  # fmt: skip
    variables, out, err = ran("gradient_and_learning.ipynb", *small)
    assert out.startswith(lines(
        "[6. 8.]", "[0. 4.]", "[6. 0.]", "[-6.11110793e-10  8.14814391e-10]",
        "[-2.58983747e+13 -1.29524862e+12]", "[-2.99999994  3.99999992]", "[-0.04323456  0.05764608]",
    ))  # fmt: skip
    assert out.count("(784, 2)") == 2
    assert "6번 셀 36번째 줄: 한 줄에 문장 두 개가" in err
    assert "raised" not in variables
    # The notes' own net would stop here: its accuracy takes one-hot labels only. The doctor says so.
    assert "8번 셀 10번째 줄: labels-not-one-hot" in err
    assert out.count("train acc, test acc") == 2


def test_inference_and_loss(ran: Any) -> None:
    _, out, err = ran("inference_and_loss.py")
    raw, raw_batches, one, batches, rewritten = (
        float(n) for n in re.findall(r"Accuracy:([\d.]+)", out)
    )
    assert (raw, one) == (raw_batches, batches)
    assert raw < one == rewritten  # the rewritten sigmoid hid the warning; pixels were the cause
    for number in ("0.09750000000000003", "0.5975", "0.510825457099338", "2.302584092994546",
                   "0.1999999999990898", "[6. 8.]", "[-6.11110793e-10  8.14814391e-10]",
                   "[-0.39785867  0.53047822]"):  # fmt: skip
        assert number in out
    assert err.count("inference_and_loss-") == 3


def test_training_in_colab(ran: Any) -> None:
    """PLUS for TIMES: one class is the answer to everything, and stays it."""
    small = [("hidden_size=100", "hidden_size=2"), ("hidden_size=50", "hidden_size=1"),
             ("randn(100, 784)", "randn(5, 784)"), ("randn(100, 10)", "randn(5, 10)"),
             ("iters_num = 10000", "iters_num = 1"), ("choice(train_size, batch_size)", "choice(train_size, 10)")]  # fmt: skip
    variables, out, err = ran("training_in_colab.ipynb", *small)
    assert out.startswith(lines("(784, 2)", "(2,)", "(2, 10)", "(10,)"))
    shares = np.bincount(np.argmax(variables["t_train"], axis=1)) / 60000
    (reported,) = re.findall(r"train acc, test acc \| ([\d.]+)", out)
    assert float(reported) in shares
    assert err.count("lr-plus-gradient") == 2
    assert "%cd" in err


def test_layers_and_spiral(ran: Any) -> None:
    extra = "\\nx_spiral, t = load_data()\\nprint(x_spiral[1].tolist(), x_spiral[-1].tolist(), x_spiral.sum())"
    changes = [("            t[ix, j] = 1\\n\",\n    \"\\n\",\n    \"    return x, t\"",
                "            t[ix, j] = 1\\n\",\n    \"\\n\",\n    \"    return x, t" + extra + "\"")]  # fmt: skip
    text = (NOTES / "layers_and_spiral.ipynb").read_text(encoding="utf-8")
    book = json.loads(text)
    sources = ["".join(cell["source"]) for cell in book["cells"]]
    assert any(source.endswith("return x, t") for source in sources)
    before = json.dumps("    return x, t")[:-1]
    variables, out, err = ran("layers_and_spiral.ipynb", (before, before + extra))
    assert changes
    assert "[-0.00097698643152699, 0.009952160444476976]" in out
    assert "[-0.5974310265949212, 0.7894150799558737]" in out
    assert "-13.916731190759947" in out
    assert "numpy==1.18.5" in err
    assert variables["x"].shape == (7, 8)  # of the Sum cell, not the spiral
    assert variables["dx"].shape == (7, 8)
    assert (variables["dx"] == variables["dx"][0]).all()
    W = np.ones((2, 3))
    affine = variables["Affine"](W, np.zeros(3))
    affine.forward(np.ones((4, 2)))
    affine.backward(np.ones((4, 3)))
    variables["SGD"](0.5).update(affine.params, affine.grads)
    assert W[0, 0] == -1.0
    with pytest.raises(NameError):  # which the note never defines
        variables["SoftmaxWithLoss"]().forward(np.ones((1, 2)), np.ones((1, 2)))


def test_lecture(ran: Any) -> None:
    """The second half has lost its indentation, a keyword its first letter; all cells run."""
    variables, out, err = ran("lecture.ipynb")
    assert "raised" not in variables
    assert out.count("좌표 : ") == 100
    for line in ("array([-6.11110793e-10,  8.14814391e-10])", "[-0.04323456  0.05764608]",
                 "Learning Rate 10.0 : [-2.58983747e+13 -1.29524862e+12]",
                 "Learning Rate 1e-10 : [-2.99999994  3.99999992]"):  # fmt: skip
        assert line in out
    assert "3번 셀 1번째 줄: 'ef'" in err
    assert [int(n) for n in re.findall(r"(\d+)번 셀 \d+번째 줄: 여기부터 들여쓰기가", err)] == [
        7,
        8,
        10,
    ]
    t = np.array([0, 0, 1])
    net = variables["SimpleNet"]()
    net.W = np.array([[0.47355232, 0.9977393, 0.84668094], [0.85557411, 0.03563661, 0.69422093]])
    x = np.array([0.6, 0.9])
    assert net.loss(x, t) == pytest.approx(0.92806829, abs=1e-8)
    slope = variables["numerical_gradient"](lambda W: net.loss(x, t), net.W)
    expected = [[0.21924757, 0.14356243, -0.36281], [0.32887136, 0.21534364, -0.5442150]]
    np.testing.assert_allclose(slope, expected, atol=1e-7)
    rows = np.log(np.array([[1.0, 3.0], [2.0, 2.0]]))
    np.testing.assert_allclose(variables["softmax"](rows), [[0.25, 0.75], [0.5, 0.5]])
    loss = variables["cross_entropy_error"](np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([0, 1]))
    assert loss == pytest.approx(np.log(8) / 2, abs=1e-6)
    assert variables["sigmoid"](0) == 0.5
