"""A loaded model takes raw examples, and is a net in everything else."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import (
    DtypeError,
    FormatError,
    LabelError,
    MitbadakWarning,
    NonFiniteError,
    RangeError,
    ShapeError,
    StateError,
)
from mitbadak.data.preparation import Preparation
from mitbadak.nn import MLP
from mitbadak.runs import Model, model_file
from mitbadak.runs.quality import regression_quality
from small_runs import run, spiral_net

PIXELS = Preparation("images", shape=(3, 4), divisor=255, classes=("up", "down"))
NUMBERED = Preparation("table", columns=("a", "b"), mean=(10.0, 0.5), std=(4.0, 0.1),
                       classes=("1", "2", "3"))  # fmt: skip
PRICES = Preparation("table", columns=("a", "b"), mean=(10.0, 0.5), std=(4.0, 0.1),
                     target_mean=(3e5,), target_std=(1e5,))  # fmt: skip
RAW = np.random.default_rng(0).normal([10, 0.5], [4, 0.1], (20, 2))


def images() -> Model:
    return Model(MLP([12, 5, 2], rng=0), PIXELS)


def numbered() -> Model:
    return Model(MLP([2, 5, 3], rng=0), NUMBERED)


def prices() -> Model:
    return Model(MLP([2, 5, 1], loss="mean_squared_error", rng=0), PRICES)


def test_rows_of_tables_are_prepared() -> None:
    model = numbered()
    rows = NUMBERED.rows(RAW)
    np.testing.assert_array_equal(model.predict(RAW), model.net.predict(rows))
    np.testing.assert_array_equal(model.predict(RAW[0]), model.net.predict(rows[0]))
    np.testing.assert_array_equal(model.scores(RAW), model.net.scores(rows))


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.uint16])
def test_whole_number_pixels_are_divided_and_floats_taken_as_they_are(dtype: type) -> None:
    raw = np.random.default_rng(0).integers(0, 256, (6, 3, 4)).astype(dtype)
    floats = (raw / 255).astype(np.float32)
    model = images()
    for form in (lambda x: x, lambda x: x.reshape(6, 12)):
        np.testing.assert_allclose(model.predict(form(raw)), model.predict(form(floats)), rtol=1e-5)
    np.testing.assert_allclose(model.predict(raw[0]), model.predict(floats)[0], rtol=1e-5)
    np.testing.assert_allclose(model.predict(floats), model.net.predict(floats.reshape(6, 12)))


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.full((2, 12), 200.0), r"must lie in \[0, 1\]; got 200 to 200.*np.uint8.*x / 255"),
        (np.full((2, 12), 1.01, np.float32), r"must lie in \[0, 1\]"),
        (np.full((2, 12), -0.5), r"must lie in \[0, 1\]; got -0.5"),
        (np.eye(2, 12, dtype=np.uint8), "are divided by 255.*reach only 1.*astype"),
        (np.full((2, 12), 60_000, np.uint16), r"lie in 0\.\.255; got 60000"),
        (np.full((2, 12), -3), r"lie in 0\.\.255; got -3"),
        (np.full((2, 12), 256), r"lie in 0\.\.255"),
    ],
)
def test_pixels_of_another_scale_are_refused(pixels: np.ndarray, message: str) -> None:
    with pytest.raises(RangeError, match=message):
        images().predict(pixels)


def test_colors_are_pixels_as_well() -> None:
    preparation = Preparation("points", (2, 3, 3), 255.0, classes=("a", "b"))
    model = Model(MLP([18, 2], rng=0), preparation)
    raw = np.random.default_rng(0).integers(0, 256, (4, 2, 3, 3)).astype(np.uint8)
    np.testing.assert_allclose(model.predict(raw), model.predict(raw / 255), rtol=1e-5)


def test_black_pictures_and_rounding_are_no_other_scale() -> None:
    images().predict(np.zeros((1, 12), np.uint8))
    images().predict(np.full((1, 12), np.nextafter(np.float32(1), np.float32(2))))


def test_float_pixels_of_the_training_are_raw() -> None:
    counts = Preparation("images", (3, 4), 16.0, classes=("0", "1"), float_pixels=True)
    model = Model(MLP([12, 2], rng=0), counts)
    raw = np.random.default_rng(0).integers(0, 17, (5, 12)).astype(np.float64)
    np.testing.assert_allclose(model.predict(raw), model.net.predict(raw / 16), rtol=1e-6)
    with pytest.raises(RangeError, match=r"reach only 1\. .*x \* 16"):
        model.predict(raw / 16)


@pytest.mark.parametrize("shape", [(3, 12), (3, 3, 4), (12,)])
def test_whole_numbers_are_refused_where_pixels_were_not_divided(shape: tuple[int, ...]) -> None:
    model = Model(MLP([12, 2], rng=0), Preparation("images", (3, 4), classes=("0", "1")))
    with pytest.raises(RangeError, match=r"not divided in training.*whole numbers from 200 to 200"):
        model.predict(np.full(shape, 200, np.uint8))
    with pytest.warns(MitbadakWarning, match="pixels reach 200; in training"):
        model.predict(np.full(shape, 200.0))
    for fit in (np.ones(shape, np.uint8), np.full(shape, -3), np.full(shape, 0.5)):
        model.predict(fit)


def test_pixels_that_were_standardized_are_raw() -> None:
    standardized = Preparation(
        "images", (3, 4), mean=(100.0,) * 12, std=(50.0,) * 12, classes=("0", "1")
    )
    model = Model(MLP([12, 2], rng=0), standardized)
    raw = np.full((2, 12), 200, np.uint8)
    np.testing.assert_allclose(model.predict(raw), model.net.predict(np.full((2, 12), 2.0)))


@pytest.mark.parametrize("make", [images, numbered, prices])
@pytest.mark.parametrize("x", [5, 0.5, np.float32(1)])
def test_a_single_number_is_no_example(make, x) -> None:
    with pytest.raises(ShapeError, match="expected"):
        make().predict(x)


def test_twice_the_largest_number_of_the_training_is_another_scale() -> None:
    model = Model(MLP([12, 2], rng=0), Preparation("images", (3, 4), 16.0, classes=("0", "1")))
    model.predict(np.full((2, 12), 17))
    with pytest.raises(RangeError, match=r"lie in 0\.\.16"):
        model.predict(np.full((2, 12), 255))


class NamedColumns:
    """What is known of a data frame without pandas."""

    columns = ("a", "b")


@pytest.mark.parametrize("x", [{"a": [1.0], "b": [2.0]}, [{"a": 1.0, "b": 2.0}], NamedColumns()])
def test_columns_by_name_are_refused_by_nets_on_pictures(x) -> None:
    with pytest.raises(DtypeError, match=r"for nets that were trained on tables.*images of 4 x 3"):
        images().predict(x)


def test_arrays_of_objects_and_texts_are_cells() -> None:
    model = numbered()
    expected = model.predict(RAW[:3])
    np.testing.assert_allclose(model.predict(RAW[:3].astype(object)), expected, rtol=1e-6)
    np.testing.assert_allclose(model.predict(RAW[:3].astype(str)), expected, rtol=1e-5)
    np.testing.assert_allclose(model.predict(RAW[0].astype(object)), expected[0], rtol=1e-6)


def test_one_example_of_a_set_without_a_shape_is_one() -> None:
    model = Model(MLP([3, 2], rng=0), Preparation("points", classes=("0", "1")))
    assert model.predict(np.ones(3)).shape == (2,)
    assert model.classify([0.1, 0.2, 0.3]).shape == ()


def test_numbers_are_measured_by_r2_in_their_own_units() -> None:
    model, t = prices(), np.linspace(1e5, 5e5, 20)
    found = model.regression_quality(RAW, t)
    assert found == regression_quality(t, model.predict(RAW)[:, 0])
    with pytest.raises(StateError, match=r"predicts numbers.*regression_quality"):
        model.accuracy(RAW, t)
    with pytest.raises(StateError, match=r"predicts classes.*accuracy"):
        numbered().regression_quality(RAW, t)
    with pytest.raises(ShapeError, match=r"one shape"):
        model.regression_quality(RAW, t[:5])


def test_examples_of_another_shape_are_refused() -> None:
    with pytest.raises(ShapeError, match="expected examples of 12 numbers"):
        images().predict(np.zeros((2, 3, 5)))
    with pytest.raises(ShapeError, match="expected examples of 2 numbers"):
        numbered().predict(np.zeros((4, 3)))


class Frame(dict[str, np.ndarray]):
    """As much of a data frame as is needed: columns by name, in any order."""

    @property
    def columns(self) -> list[str]:
        return list(self)


def test_the_columns_of_a_data_frame_are_found_by_name() -> None:
    model, frame = numbered(), Frame(b=RAW[:, 1], kind=RAW[:, 1], a=RAW[:, 0])
    np.testing.assert_array_equal(model.predict(frame), model.predict(RAW))
    with pytest.raises(FormatError, match=r"columns 'a', 'b' of training; 'b' is missing"):
        model.predict(Frame(a=RAW[:, 0]))


def test_labels_are_names_numbers_or_rows() -> None:
    model = numbered()
    t = np.array([0, 2, 1])
    for labels in (["1", "3", "2"], [1, 3, 2], [1.0, 3.0, 2.0]):
        assert model.targets(labels).tolist() == t.tolist()
    rows = np.eye(3)[t]
    assert model.targets(rows).tolist() == rows.tolist()
    assert images().targets(["down", "up"]).tolist() == [1, 0]
    assert images().targets([1, 0]).tolist() == [1, 0]
    assert Model(MLP([2, 2], rng=0), Preparation("points", classes=("0", "1"))).targets(
        np.array([True, False])
    ).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("label", "message"), [("dwn", "did you mean 'down'"), ("1.5", "unknown class '1.5'")]
)
def test_a_label_that_names_no_class_is_refused(label: str, message: str) -> None:
    with pytest.raises(LabelError, match=message):
        images().accuracy(np.zeros((1, 12)), [label])


def test_accuracy_and_loss_are_of_raw_examples() -> None:
    model = numbered()
    names = np.array(model.classes)[model.predict(RAW).argmax(axis=1)]
    assert model.classify(RAW).tolist() == names.tolist()
    assert model.accuracy(RAW, names) == 1.0
    rows, t = NUMBERED.rows(RAW), model.targets(names)
    assert model.loss(RAW, names) == model.net.loss(rows, t)


def test_numbers_are_answered_in_their_own_units() -> None:
    model = prices()
    y = model.predict(RAW)
    np.testing.assert_allclose(y, 3e5 + 1e5 * model.net.predict(PRICES.rows(RAW)), rtol=1e-6)
    assert model.loss(RAW, y) == pytest.approx(0, abs=1e-10)
    with pytest.raises(StateError, match="predicts numbers, not classes"):
        model.classify(RAW)


def test_a_single_yes_or_no_has_the_probability_of_both_classes() -> None:
    net = MLP([12, 1], loss="sigmoid_cross_entropy", rng=0)
    p = Model(net, PIXELS).predict(np.zeros((3, 12)))
    assert p.shape == (3, 2)
    np.testing.assert_allclose(p.sum(axis=1), 1)


def test_gradients_and_graphs_are_of_raw_examples() -> None:
    model, t = numbered(), np.array([1, 2, 3, 1])
    rows, labels = NUMBERED.rows(RAW[:4]), t - 1
    for name in ("gradient", "numerical_gradient"):
        raw, prepared = getattr(model, name)(RAW[:4], t), getattr(model.net, name)(rows, labels)
        for key, array in prepared.items():
            np.testing.assert_array_equal(raw[key], array)
    assert model.loss_and_gradient(RAW[:4], t)[0] == model.net.loss(rows, labels)
    assert model.graph(RAW[:4], t).value == pytest.approx(model.net.loss(rows, labels))
    assert mb.check_gradients(model, RAW[:4], t).ok
    assert model.astype(np.float64).dtype == np.float64


def test_a_model_is_trained_and_evaluated_on_raw_examples() -> None:
    t = np.where(RAW[:, 0] > 10, "1", "3")
    model, twin = numbered(), numbered()
    more: dict = {"optimizer": mb.SGD(0.5), "epochs": 2, "batch_size": 5, "callbacks": []}
    history = mb.fit(model, (RAW, t), test=(RAW, t), rng=0, **more)
    rows = (NUMBERED.rows(RAW), twin.targets(t))
    assert mb.fit(twin.net, rows, test=rows, rng=0, **more).rows[-1]["test_loss"] == pytest.approx(
        history[-1]["test_loss"]
    )
    np.testing.assert_array_equal(model.params["W1"], twin.params["W1"])
    measures = mb.evaluate(model, (RAW, t))
    assert measures == mb.evaluate(model.net, rows)
    assert measures["accuracy"] == model.accuracy(RAW, t)


@pytest.mark.parametrize("engine", ["numpy", "auto"])
@pytest.mark.parametrize("make", [images, numbered, prices])
def test_a_predictor_of_a_model_prepares_as_well(make, engine: str) -> None:
    model = make()
    raw = np.zeros((4, 12), np.uint8) + 7 if make is images else RAW
    predictor = mb.Predictor(model, engine=engine)
    for x in (raw, raw[:1], raw[0]):
        np.testing.assert_allclose(predictor.predict(x), model.predict(x), rtol=1e-5)


def test_everything_else_is_that_of_the_net() -> None:
    model = numbered()
    assert (model.n_in, model.n_out, repr(model.net) in repr(model)) == (2, 3, True)
    model.params["b2"][:] = 5
    assert model.net.params["b2"].tolist() == [5, 5, 5]
    with pytest.raises(AttributeError):
        model.no_such_thing  # noqa: B018
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(twin.predict(RAW), model.predict(RAW))


def test_a_saved_model_is_loaded_with_its_preparation_and_a_net_without(tmp_path: Path) -> None:
    mb.save(prices(), tmp_path / "model.safetensors")
    again = mb.load(tmp_path / "model.safetensors")
    assert isinstance(again, Model)
    assert again.preparation == PRICES
    np.testing.assert_array_equal(again.predict(RAW), prices().predict(RAW))
    mb.save(spiral_net(), tmp_path / "net.safetensors")
    assert type(mb.load(tmp_path / "net.safetensors")) is MLP


def test_a_run_of_an_early_version_is_loaded_where_its_data_are_known(tmp_path: Path) -> None:
    folder = run(tmp_path / "run", epochs=0).run
    stored = model_file.read(folder.model)
    older = {name: value for name, value in stored.values.items() if name != "preparation"}
    model_file.write(folder.model, model_file.Stored(stored.arrays, older))
    assert isinstance(mb.load(tmp_path / "run"), Model)  # the spiral
    assert type(mb.load(folder.model)) is MLP  # the file alone does not say


@pytest.mark.parametrize(
    ("net", "preparation", "message"),
    [
        (MLP([7, 2], rng=0), NUMBERED, "makes 2 numbers of each example; the net takes 7"),
        (MLP([2, 5], rng=0), NUMBERED, "names 3 classes; the net has 5"),
    ],
)
def test_a_preparation_of_another_net_is_refused_with_the_file(
    net: MLP, preparation: Preparation, message: str, tmp_path: Path
) -> None:
    model_file.save(net, tmp_path / "a.safetensors", preparation)
    with pytest.raises(FormatError, match=rf"a\.safetensors: the preparation {message}"):
        mb.load(tmp_path / "a.safetensors")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    "preparation",
    [
        Preparation("images", (3, 4), 255.0, classes=("0", "1")),
        Preparation("points", mean=(0.0,) * 12, std=(1.0,) * 12, classes=("0", "1")),
        Preparation("table", columns=tuple("abcdefghijkl"), classes=("0", "1")),
    ],
    ids=lambda preparation: preparation.kind,
)
def test_numbers_that_are_not_finite_are_refused(bad: float, preparation: Preparation) -> None:
    x = np.full((2, 12), 0.5)
    x[1, 3] = bad
    with pytest.raises(NonFiniteError, match="predict: x holds NaN or infinity"):
        Model(MLP([12, 2], rng=0), preparation).classify(x)


def test_rows_by_name_and_cells_that_look_like_paths_are_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("b,a,c\n" + "1.5,2.0,x\n2.5,9.0,y\n" * 20)
    mb.runs.Session.start(mb.TrainConfig.for_data("a.csv", epochs=2), "run").train()
    model = mb.load("run")
    assert isinstance(model, Model)
    answers = model.predict([[1.5, 2.0], [2.5, 9.0]])
    by_name = [{"a": 2.0, "b": 1.5}, {"a": 9.0, "b": 2.5}]
    np.testing.assert_array_equal(model.predict(by_name), answers)
    np.testing.assert_allclose(model.predict(["1.5", "2.0"]), answers[0], rtol=1e-5)
    np.testing.assert_allclose(model.predict(["a.csv"])[:2], answers, rtol=1e-5)


def test_a_short_file_is_read_in_the_encoding_of_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = ["가을", "겨울"] * 20
    lines = [f"{k % 7},{season},{'xy'[k % 2]}" for k, season in enumerate(rows)]
    Path("a.csv").write_bytes("\n".join(["수,계절,t", *lines]).encode("cp949"))
    config = mb.TrainConfig.for_data("a.csv", epochs=1, encoding="cp949")
    mb.runs.Session.start(config, "run").train()
    Path("new.csv").write_bytes("수,계절\n3,가을\n".encode("cp949"))
    model = mb.load("run")
    np.testing.assert_allclose(model.predict("new.csv"), model.predict([[3, "가을"]]), rtol=1e-5)


def test_what_a_source_says_survives_the_scaling_of_its_targets(tmp_path: Path) -> None:
    t = np.linspace(0, 40, 80)
    np.savez(tmp_path / "a.npz", x=np.random.default_rng(0).normal(size=(80, 3)), t=t)
    config = mb.TrainConfig.for_data(str(tmp_path / "a.npz"), epochs=1)
    session = mb.runs.Session.start(config, tmp_path / "run")
    assert session.source.preparation.target_mean
    assert any("predicts the numbers in 't'" in note for note in session.source.notes)
