"""A film shows what the net predicted, epoch by epoch, and survives what interrupts a training."""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command_line import Capture, printed, refused
from mitbadak import MLP, Callback, EarlyStopping, load_moons, load_spiral
from mitbadak.cli.app import main
from mitbadak.core.errors import (
    MitbadakWarning,
    RangeError,
    ShapeError,
    StateError,
    UnknownNameError,
)
from mitbadak.plots import BoundaryFilm
from mitbadak.plots.boundary_film import LEVELS, MEASURES
from mitbadak.runs import Session, TrainConfig
from mitbadak.training import Trainer, fit
from small_runs import T, X, settings, spiral_net, train

RED, GREEN = np.array([213, 94, 0]), np.array([0, 158, 115])


def pictures(path: Path) -> list[np.ndarray]:
    with Image.open(path) as film:
        assert film.info["loop"] == 0
        found = []
        for k in range(film.n_frames):  # type: ignore[attr-defined]
            film.seek(k)
            found.append(np.asarray(film.convert("RGB")))
        assert film.info["duration"] > 1000  # of the last
    return found


def epochs(film: BoundaryFilm) -> list[int]:
    return [frame.epoch for frame in film.shown_frames()]


class StopAt(Callback):
    """Interrupts in the middle of an epoch, or raises."""

    def __init__(self, step: int, problem: type[BaseException] = KeyboardInterrupt):
        self.step, self.problem = step, problem

    def on_step_end(self, trainer: Trainer) -> None:
        if trainer.step == self.step:
            raise self.problem


def test_a_film_is_a_gif_that_loops_and_ends_with_the_last_epoch(tmp_path: Path) -> None:
    film = BoundaryFilm(tmp_path / "a.gif", "spiral")
    history = train(spiral_net(), test=load_spiral(1985), epochs=12, callbacks=[film])
    shown = pictures(tmp_path / "a.gif")
    assert len(shown) == 13
    assert all((a != b).any() for a, b in pairwise(shown))
    assert (tmp_path / "a.gif").stat().st_size < 2_000_000
    assert film.end is not None
    assert film.end.measures == tuple(history[-1].get(name) for name in MEASURES)
    assert [p.name for p in tmp_path.iterdir()] == ["a.gif"]


def test_each_frame_has_the_predictions_of_its_epoch() -> None:
    film = BoundaryFilm()

    seen: list[np.ndarray] = []

    class Watch(Callback):
        def on_epoch_end(self, trainer, row) -> None:
            grid = np.stack(np.meshgrid(film.across, film.up), -1).reshape(-1, 2)
            seen.append(trainer.net.predict(grid))

    train(spiral_net(), epochs=5, callbacks=[film, Watch()])
    for frame, p in zip(film.shown_frames(), seen, strict=True):
        predicted, sure = film._plane(frame)
        np.testing.assert_array_equal(predicted.ravel(), p.argmax(axis=1))
        exact = (p.max(axis=1) - 1 / 3) / (2 / 3)
        assert np.abs(sure.ravel() - exact).max() <= 0.5 / (LEVELS - 1) + 1e-6


def test_the_colors_of_a_frame_are_those_of_the_classes_where_they_are_predicted(tmp_path) -> None:
    net = MLP([2, 2], rng=0)
    net.params["W1"] = np.array([[-50.0, 50.0], [0.0, 0.0]], np.float32)  # class 1 on the right
    x = np.array([[-1.0, -1.0], [1.0, 1.0], [0.9, 0.9]])
    fit(net, x, np.array([0, 1, 1]), epochs=0, batch_size=3, rng=0,
        callbacks=[BoundaryFilm(tmp_path / "a.gif")])  # fmt: skip
    picture = pictures(tmp_path / "a.gif")[-1].astype(int)
    left, right = picture[260, 110], picture[260, 330]
    assert left.argmax() == 2, left  # blue
    assert right.argmax() == 0, right  # orange
    assert picture[3, 3].tolist() == [255, 255, 255]


@pytest.mark.parametrize(("last", "most"), [(1, 60), (17, 60), (300, 60), (3000, 60), (300, 8)])
def test_the_beginning_is_dense_and_there_are_no_more_frames_than_wanted(
    last: int, most: int
) -> None:
    film = BoundaryFilm(frames=most)
    x, t = load_moons(n=10)
    fit(MLP([2, 1], loss="sigmoid_cross_entropy", rng=0), x, t, epochs=last, rng=0,
        callbacks=[film])  # fmt: skip
    shown = epochs(film)
    assert (shown[0], shown[-1]) == (0, last)
    assert len(shown) <= most
    gaps = np.diff(shown)
    assert (gaps > 0).all()
    assert gaps[0] == 1
    assert (np.diff(gaps[:-1]) >= -gaps[:-2] / 2).all()  # but for whole epochs, they grow
    if most == 60:
        assert shown[: min(last, 10)] == list(range(min(last, 10)))


def test_an_interrupted_training_has_its_film_up_to_there(tmp_path: Path) -> None:
    film = BoundaryFilm(tmp_path / "a.gif")
    history = train(spiral_net(), epochs=9, callbacks=[film, StopAt(35)])
    assert history.stopped.startswith("interrupted")
    assert epochs(film) == [0, 1, 2, 3]
    assert len(pictures(tmp_path / "a.gif")) == 4


def test_a_training_that_fails_has_its_film_too(tmp_path: Path) -> None:
    film = BoundaryFilm(tmp_path / "a.gif")
    with pytest.raises(ZeroDivisionError):
        train(spiral_net(), epochs=9, callbacks=[film, StopAt(35, ZeroDivisionError)])
    assert epochs(film) == [0, 1, 2, 3]
    assert (tmp_path / "a.gif").exists()


def test_a_resumed_run_goes_on_with_its_film(tmp_path: Path) -> None:
    whole, first, second = BoundaryFilm(), BoundaryFilm(), BoundaryFilm()
    Session.start(settings(epochs=6), tmp_path / "whole", callbacks=[whole]).train()
    Session.start(settings(epochs=6), tmp_path / "cut", callbacks=[first, StopAt(35)]).train()
    Session.resume(tmp_path / "cut", callbacks=[second]).train()
    assert second.shown_frames() == whole.shown_frames()
    late = BoundaryFilm()  # for a run that was not filmed before
    Session.start(settings(epochs=3), tmp_path / "late").train()
    Session.resume(tmp_path / "late", epochs=5, callbacks=[late]).train()
    assert epochs(late) == [4, 5]


def test_the_last_frame_has_the_weights_that_were_put_back() -> None:
    film = BoundaryFilm()
    net = spiral_net()
    stopping = EarlyStopping(2, "validation_accuracy")
    history = train(net, epochs=40, validation=0.3, callbacks=[film, stopping])
    assert history.kept is not None
    assert epochs(film)[-1] == history.kept
    grid = np.stack(np.meshgrid(film.across, film.up), -1).reshape(-1, 2)
    assert film.end is not None
    predicted = film._plane(film.end)[0].ravel()
    np.testing.assert_array_equal(predicted, net.predict(grid).argmax(axis=1))
    assert max(epochs(film)) == history[-1]["epoch"]


@pytest.mark.parametrize("damage", ["epoch", "plane", "short", "measures", "points"])
def test_a_damaged_state_is_refused(damage: str) -> None:
    film = BoundaryFilm()
    train(spiral_net(), epochs=2, callbacks=[film])
    values, arrays = film.state()
    values, arrays = json.loads(json.dumps(values)), dict(arrays)
    if damage == "epoch":
        values["epochs"][0] = -1
    elif damage == "plane":
        arrays["1"] = np.zeros(9, np.uint8)
    elif damage == "short":
        values["epochs"].pop()
    elif damage == "measures":
        values["measures"][0] = [1.0]
    else:
        values["points"] = 10**9
    with pytest.raises((ValueError, MemoryError)):
        BoundaryFilm().load_state(values, arrays)


@pytest.mark.parametrize(("sizes", "x", "t", "loss", "said"), [
    ([3, 2], np.eye(3), [0, 1, 1], "softmax_cross_entropy", "shows the plane of two inputs; x has"),
    ([1, 2], np.eye(3)[:, :1], [0, 1, 1], "softmax_cross_entropy", "plane of two inputs"),
    ([2, 2], np.eye(2), [[0.5, 1.5], [2.0, 0.1]], "mean_squared_error", "targets here are real"),
    ([2, 2], np.eye(2), [[1, 1], [0, 1]], "sigmoid_cross_entropy", "not mutually exclusive"),
])  # fmt: skip
def test_what_has_no_boundary_in_the_plane_is_refused_before_training(
    sizes, x, t, loss, said, tmp_path: Path
) -> None:
    net = MLP(sizes, loss=loss, rng=0)
    before = {name: array.copy() for name, array in net.params.items()}
    with pytest.raises(ShapeError, match=said):
        fit(net, x, np.array(t), epochs=1, callbacks=[BoundaryFilm(tmp_path / "a.gif")])
    assert all((net.params[name] == array).all() for name, array in before.items())
    assert not list(tmp_path.iterdir())


def test_files_and_numbers_that_cannot_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown suffix of a picture '\.mp4'"):
        BoundaryFilm("a.mp4")
    with pytest.raises(RangeError, match="frames"):
        BoundaryFilm(frames=1)
    with pytest.raises(RangeError, match="there is no folder"):
        train(spiral_net(), callbacks=[BoundaryFilm(tmp_path / "nowhere" / "a.gif")])
    with pytest.raises(StateError, match="has no frames"):
        BoundaryFilm().save(tmp_path / "a.gif")


def test_a_full_disk_costs_the_film_and_not_the_training(tmp_path: Path, monkeypatch) -> None:
    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a.gif").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.warns(MitbadakWarning, match="no film was written: .*No space left"):
        history = train(spiral_net(), callbacks=[BoundaryFilm(tmp_path / "a.gif")])
    assert len(history) == 3
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"old"]


def test_a_net_of_numbers_that_are_not_finite_has_no_frames(tmp_path: Path) -> None:
    film, net = BoundaryFilm(), spiral_net()
    trainer = Trainer(net, (X, T), epochs=1, callbacks=[film])
    film.on_train_begin(trainer)
    net.params["W1"][...] = np.nan
    film.on_epoch_end(trainer, {"epoch": 0})
    assert film.frames == []


def test_korean_films_have_korean_words(tmp_path: Path, korean) -> None:
    film = BoundaryFilm(tmp_path / "a.gif", "나선", lang="ko")
    with korean.hint():
        train(spiral_net(), epochs=1, callbacks=[film])
    say = {"epoch": korean.word("에폭", "epoch")}
    assert film._caption(film.frames[1], lambda word: say.get(word, word)).startswith(
        f"{say['epoch']} 1/1"
    )


def test_a_film_changes_no_bit_of_a_run(tmp_path: Path) -> None:
    film = BoundaryFilm()
    plain = Session.start(TrainConfig.for_data("spiral", epochs=5), tmp_path / "plain")
    filmed = Session.start(
        TrainConfig.for_data("spiral", epochs=5), tmp_path / "f", callbacks=[film]
    )
    assert plain.train().losses == filmed.train().losses


class TestCommand:
    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_train_films_and_names_the_film(self, capfd: Capture) -> None:
        said = printed(capfd, "train", "spiral", "--epochs", "4", "--out", "run", "--film", "a.gif")
        assert "film: a.gif" in said
        assert len(pictures(Path("a.gif"))) == 5
        said = printed(capfd, "train", "--resume", "run", "--epochs", "6", "--film", "b.gif", "-q")
        assert len(pictures(Path("b.gif"))) == 7

    def test_json_names_the_film(self, capfd: Capture) -> None:
        assert main(["train", "moons", "--epochs", "2", "--film", "a.gif", "--json"]) == 0
        assert json.loads(capfd.readouterr().out)["film"] == "a.gif"

    @pytest.mark.parametrize(("arguments", "said"), [
        (["mnist", "--film", "a.gif"], "plane of two inputs"),
        (["regression", "--film", "a.gif"], "plane of two inputs"),
        (["spiral", "--film", "a.mp4"], "--film a.mp4 should end in .gif"),
        (["spiral", "--film", "no/a.gif"], "there is no folder no"),
        (["spiral", "--film", "a.gif", "--checkup"], "--checkup does not train"),
    ])  # fmt: skip
    def test_what_cannot_be_filmed_is_refused_before_anything_is_written(
        self, arguments: list[str], said: str, capfd: Capture
    ) -> None:
        assert said in refused(capfd, "train", *arguments)
        assert not list(Path().iterdir())

    def test_a_film_that_cannot_be_written_leaves_the_run_complete(
        self, capfd: Capture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(BoundaryFilm, "save", _no_space)
        assert main(["train", "spiral", "--epochs", "2", "--out", "run", "--film", "a.gif"]) == 1
        assert "no picture was drawn" in capfd.readouterr().err
        assert Path("run/boundary.png").exists()


def _no_space(*_) -> None:
    raise OSError(28, "No space left on device")
