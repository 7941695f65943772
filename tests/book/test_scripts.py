"""Every script that the books have, written in their manner, alone in a folder of its chapter."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from book.conftest import SCRIPTS
from mitbadak import book as book_room
from mitbadak.book import figures, stand_ins

FOLDERS = {"book2_ch01": "ch01"}

# Scripts leave files open, as learners do.
pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Ran:
    """What a script left: its output, its notices, its variables and the names of its figures."""

    def __init__(self, out: str, err: str, variables: dict[str, Any], pictures: list[str]):
        self.out, self.err, self.variables, self.pictures = out, err, variables, pictures

    def numbers(self, pattern: str) -> list[float]:
        """The numbers that a pattern finds in the output."""
        return [float(text) for text in re.findall(pattern, self.out)]


@pytest.fixture
def ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_stand_ins: None
) -> Callable[..., Ran]:
    """Run a script alone in a folder, from another one, without a display."""
    monkeypatch.setattr(figures, "has_display", lambda: False)
    monkeypatch.chdir(tmp_path)

    def run(name: str, *changes: tuple[str, str], argv: tuple[str, ...] = ()) -> Ran:
        source = SCRIPTS / f"{name}.py"
        chapter = source.parent.name
        folder = tmp_path / "book" / FOLDERS.get(chapter, chapter)
        folder.mkdir(parents=True)
        text = source.read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text, f"{name} has no {before!r}"
            text = text.replace(before, after)
        script = folder / source.name
        script.write_text(text, encoding="utf-8")
        out, err = io.StringIO(), io.StringIO()
        captured = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
        with captured[0], captured[1], warnings.catch_warnings(action="ignore"):
            variables = book_room.run(script, argv)
        shutil.rmtree(tmp_path / "book")
        pictures = sorted(path.name for path in tmp_path.glob("*.png"))
        return Ran(out.getvalue(), err.getvalue(), variables, pictures)

    return run


@pytest.fixture
def small_stand_ins(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Convolutional nets that see a few images only, so that the test takes seconds."""
    monkeypatch.setattr(stand_ins, "IMAGES", 200)
    monkeypatch.setattr(stand_ins, "BATCH", 20)


FIGURES = {
    "ch01/simple_graph": 1, "ch01/sin_graph": 1, "ch01/sin_cos_graph": 1, "ch01/img_show": 1,
    "ch03/sigmoid": 1, "ch03/relu": 1, "ch03/step_function": 1, "ch03/sig_step_compare": 1,
    "ch04/gradient_1d": 1, "ch04/gradient_2d": 1, "ch04/gradient_method": 1,
    "ch06/optimizer_compare_naive": 1, "ch06/weight_init_activation_histogram": 1,
    "ch06/show_optimizer_sgd": 1, "ch06/show_optimizer_momentum": 1,
    "ch06/show_optimizer_adagrad": 1, "ch06/show_optimizer_adam": 1,
    "book2_ch01/show_spiral_dataset": 1,
}  # fmt: skip


@pytest.mark.parametrize(("name", "number"), FIGURES.items())
def test_scripts_that_draw_leave_their_figures(ran: Any, name: str, number: int) -> None:
    stem = name.partition("/")[2]
    result = ran(name)
    assert result.pictures == [f"{stem}-{k + 1}.png" for k in range(number)]
    assert result.err.count(f"{stem}-1.png") == 1


PRINTED = {
    "ch01/hungry": ["I'm hungry!"],
    "ch01/man": ["Hello David!", "Good-bye David!"],
    "ch02/and_gate": ["(0, 0) -> 0", "(1, 0) -> 0", "(0, 1) -> 0", "(1, 1) -> 1"],
    "ch02/nand_gate": ["(0, 0) -> 1", "(1, 1) -> 0"],
    "ch02/or_gate": ["(0, 0) -> 0", "(1, 0) -> 1"],
    "ch02/xor_gate": ["(0, 0) -> 0", "(1, 0) -> 1", "(0, 1) -> 1", "(1, 1) -> 0"],
    "ch03/mnist_show": ["5", "(784,)", "(28, 28)"],
    "ch03/step_function": ["49"],
    "ch04/gradient_1d": ["0.2999999999986347", "0.1999999999990898"],
    "ch04/gradient_2d": ["(2, 324)"],
    "ch04/gradient_method": ["[-0.03458765  0.04611686] (20, 2)"],
    "ch05/buy_apple": ["price: 220", "dApple: 2.2", "dApple_num: 110", "dTax: 200"],
    "ch05/buy_apple_orange": [
        "price: 715", "dApple: 2.2", "dApple_num: 110", "dOrange: 3.3000000000000003",
        "dOrange_num: 165", "dTax: 650",
    ],
    "ch06/optimizer_compare_naive": ["SGD -0.350393 0.084782"],
    "book2_ch01/show_spiral_dataset": ["x (300, 2)", "t (300, 3)"],
}  # fmt: skip


@pytest.mark.parametrize("name", PRINTED)
def test_scripts_print_the_books_numbers(ran: Any, name: str) -> None:
    lines = ran(name).out.splitlines()
    assert [line for line in PRINTED[name] if line not in lines] == []


def test_the_books_simple_net(ran: Any) -> None:
    out = ran("ch04/gradient_simplenet", argv=("book",)).out
    for number in ("1.05414809 0.63071653 1.1328074", "0.928068", "0.21924757", "-0.544215"):
        assert number in out


@pytest.mark.parametrize("name", ["ch03/neuralnet_mnist", "ch03/neuralnet_mnist_batch"])
def test_missing_weights_are_trained(ran: Any, monkeypatch: Any, name: str) -> None:
    result = ran(name)
    (accuracy,) = result.numbers(r"Accuracy:([\d.]+)")
    assert 0.93 < accuracy < 0.97
    assert "sample_weight.pkl" in result.err
    assert f"{accuracy:.2%}" in result.err
    assert result.variables["network"]["W2"].dtype == np.float32


def test_the_book_trains_its_net(ran: Any) -> None:
    """The first rows of the notes' table: an epoch apart, at 0.13 and 0.73 of the training set."""
    result = ran(
        "ch04/train_neuralnet", ("iters_num = 10000", "np.random.seed(0); iters_num = 601")
    )
    first, second = re.findall(r"train acc, test acc \| ([\d.]+), ([\d.]+)", result.out)
    assert 0.05 < float(first[0]) < 0.25
    assert float(second[0]) == pytest.approx(0.786, abs=0.02)
    assert float(second[1]) == pytest.approx(0.7955, abs=0.02)


NOTES_TABLE = (
    0.1316, 0.7955, 0.8794, 0.9001, 0.9116, 0.9171, 0.9209, 0.9258, 0.9278, 0.9318, 0.9348, 0.9374,
    0.9389, 0.9398, 0.9417, 0.9432, 0.9447,
)  # fmt: skip


@pytest.mark.once
@pytest.mark.slow
def test_all_rows_of_the_notes_table(ran: Any) -> None:
    """Within half a point from the second epoch on; the first rows depend on the draw."""
    result = ran("ch04/train_neuralnet", ("# 하이퍼파라미터", "np.random.seed(1)"))
    rows = result.numbers(r"train acc, test acc \| [\d.]+, ([\d.]+)")
    assert len(rows) == len(NOTES_TABLE)
    np.testing.assert_allclose(rows[2:], NOTES_TABLE[2:], atol=0.005)


SHORT = {
    "ch04/train_neuralnet_2": [("iters_num = 10000", "iters_num = 50")],
    "ch05/train_neuralnet": [("iters_num = 10000", "iters_num = 50")],
    "ch06/optimizer_compare_mnist": [("max_iterations = 2000", "max_iterations = 30")],
    "ch06/weight_init_compare": [("max_iterations = 2000", "max_iterations = 30")],
    "ch06/batch_norm_test": [("max_epochs = 20", "max_epochs = 2")],
    "ch06/overfit": [("max_epochs = 201", "max_epochs = 3")],
    "ch06/overfit_weight_decay": [("max_epochs = 201", "max_epochs = 3")],
    "ch06/overfit_dropout": [("epochs=301", "epochs=3")],
    "ch06/hyperparameter_optimization": [
        ("optimization_trial = 100", "optimization_trial = 3"), ("epocs=50", "epocs=2"),
    ],
    "ch07/train_convnet": [
        ("max_epochs = 20", "max_epochs = 2; x_train, t_train = x_train[:200], t_train[:200]; "
         "x_test, t_test = x_test[:100], t_test[:100]"),
        ("mini_batch_size=100", "mini_batch_size=20"),
    ],
    "ch07/visualize_filter": [],
    "ch07/apply_filter": [],
    "ch08/misclassified_mnist": [("sampled = 10000", "sampled = 200")],
    "ch08/half_float_network": [("sampled = 10000", "sampled = 100")],
    "ch08/train_deepnet": [
        ("network = DeepConvNet()", "network = DeepConvNet(); x_train, t_train = x_train[:40], "
         "t_train[:40]; x_test, t_test = x_test[:40], t_test[:40]"),
        ("epochs=20, mini_batch_size=100", "epochs=2, mini_batch_size=20"),
    ],
    "book2_ch01/forward_net": [],
}  # fmt: skip
SAYS = {
    "ch05/train_neuralnet": r"^0\.\d+ 0\.\d+$",
    "ch06/optimizer_compare_mnist": r"^Adam:\d",
    "ch06/weight_init_compare": r"^He:\d",
    "ch06/batch_norm_test": r"^epoch:1 \| 0\.\d+ - 0\.\d+$",
    "ch06/overfit": r"^epoch:2, train acc:0\.\d+, test acc:0\.\d+$",
    "ch06/overfit_dropout": r"^=== epoch:3, train acc:0\.\d+, test acc:0\.\d+ ===$",
    "ch06/hyperparameter_optimization": r"^Best-3\(val acc:0\.\d+\) \| lr:",
    "ch07/train_convnet": r"^Saved Network Parameters!$",
    "ch08/misclassified_mnist": r"^\{1: \(",
    "ch08/half_float_network": r"^caluculate accuracy \(float16\) ... \n0\.\d+$",
    "ch08/train_deepnet": r"^=============== Final Test Accuracy ===============\ntest acc:0\.\d+$",
}


# These pass all 10,000 test images through a deep net.
ALL_IMAGES = ("ch08/half_float_network", "ch08/misclassified_mnist")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n in ALL_IMAGES)) for n in SHORT]
)
def test_long_scripts_run_in_short(ran: Any, name: str) -> None:
    out = ran(name, *SHORT[name]).out
    assert re.search(SAYS.get(name, ""), out, re.MULTILINE)


def test_gradient_checks_agree(ran: Any) -> None:
    """As in the book: 1e-10 in W1, and 1e-7 in b2, where the 1e-7 in the logarithm shows."""
    small = ("hidden_size=50", "hidden_size=4")
    cut = ("x_batch = x_train[:3]", "x_batch = x_train[:3]")
    out = ran("ch05/gradient_check", small, cut).out
    differences = dict(re.findall(r"(\w\d):([\d.e-]+)", out))
    assert float(differences["W1"]) < 1e-8
    assert 1e-8 < float(differences["b2"]) < 1e-6


def test_the_convolutional_gradient_check_agrees(ran: Any) -> None:
    differences = dict(re.findall(r"(\w\d) ([\d.e-]+)", ran("ch07/gradient_check").out))
    assert sorted(differences) == ["W1", "W2", "W3", "b1", "b2", "b3"]
    # Moving a bias or weight of the filters carries some of 500 units over the kink of ReLU.
    assert max(map(float, differences.values())) < 1e-4
    assert max(float(d) for name, d in differences.items() if name[1] != "1") < 1e-6


def test_the_books_empty_check_of_batch_normalization(ran: Any) -> None:
    """A batch of one: most gradients are 0 on both sides."""
    small = [("hidden_size_list=[100, 100]", "hidden_size_list=[3, 3]"), ("input_size=784", "input_size=9"),
             ("x_train[:1]", "x_train[:1, 400:409]")]  # fmt: skip
    differences = dict(
        re.findall(r"(\w+\d):([\d.e-]+)", ran("ch06/batch_norm_gradient_check", *small).out)
    )
    assert {"gamma1", "beta2", "W3"} <= set(differences)
    assert float(differences["W1"]) < 1e-6


@pytest.mark.parametrize("name", ["train", "train_custom_loop"])
def test_the_spiral_is_learned_as_in_the_second_book(ran: Any, name: str) -> None:
    coarse = [("h = 0.001", "h = 0.02")] if name == "train_custom_loop" else []
    result = ran(f"book2_ch01/{name}", *coarse)
    losses = result.numbers(r"(?:loss|손실) ([\d.]+)")
    assert losses[0] == pytest.approx(1.12, abs=0.03)
    assert losses[-1] == 0.11
    assert len(losses) == 300
    assert len(result.pictures) == (2 if name == "train_custom_loop" else 1)
