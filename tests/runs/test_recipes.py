"""The settings that follow a user's own data: what they are, what they follow, what is kept."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings as drawn, strategies as st

from command_line import Capture, printed
from mitbadak.core.errors import FormatError, StateError
from mitbadak.data import NAMED, Dataset, open_source
from mitbadak.data.preparation import Preparation
from mitbadak.data.source import Source
from mitbadak.optim import OPTIMIZERS
from mitbadak.runs import RunFolder, Session, TrainConfig, model_file
from mitbadak.runs.recipes import AUTO, RATES, RECIPES, Recipe, recipe_for
from mitbadak.training import Callback

OWN = "./own.csv"


def source(n: int, *, real: bool = False, pixels: bool = False) -> Source:
    """A source of n training examples, of which nothing but size and kind counts."""
    x = np.broadcast_to(np.zeros(4, np.float32), (n, 4))
    t = np.broadcast_to(np.zeros(1), (n, 1)) if real else np.broadcast_to(np.int64(0), n)
    shape, kind = ((2, 2), "images") if pixels else ((), "table")
    preparation = Preparation(kind, shape, classes=() if real else ("a", "b"))
    train = Dataset(x, t, name="train")
    return Source(train, train, preparation, "made")


@drawn(max_examples=200)
@given(
    n=st.integers(2, 100_000),
    real=st.booleans(),
    pixels=st.booleans(),
    chosen=st.fixed_dictionaries(
        {},
        optional={
            "early_stopping": st.sampled_from([0, 3]),
            "validation": st.sampled_from([0.0, 0.5]),
            "watch": st.sampled_from(["validation", "test"]),
            "batch_norm": st.booleans(),
            "optimizer": st.sampled_from(list(OPTIMIZERS)),
        },
    ),
)
def test_every_recipe_can_be_trained(
    n: int, real: bool, pixels: bool, chosen: dict[str, Any]
) -> None:
    watches = chosen.get("watch", "validation") == "validation"
    if chosen.get("early_stopping") and chosen.get("validation") == 0 and watches:
        return  # refused, as always
    config = TrainConfig.for_data(OWN, **chosen).settled(source(n, real=real, pixels=pixels))
    assert config.open_settings == ()
    for name, value in chosen.items():
        assert getattr(config, name) == value
    recipe = config.recipe
    learned_from = n - round(n * recipe.validation)
    assert 1 <= learned_from <= n
    assert 1 <= recipe.batch_size <= learned_from
    if chosen.get("batch_norm") and learned_from > 1:
        assert learned_from % recipe.batch_size != 1
    assert bool(recipe.early_stopping) == bool(recipe.validation or not watches) or (
        "validation" in chosen or "early_stopping" in chosen
    )
    assert recipe.lr == RATES[recipe.optimizer]
    assert recipe.scale_targets is real


def test_a_recipe_grows_with_the_data() -> None:
    recipes = [recipe_for(source(n), {}) for n in (20, 200, 2000, 20_000, 100_000)]
    for name, grows in (("batch_size", 1), ("l2", -1), ("epochs", -1), ("validation", 1)):
        values = [grows * getattr(recipe, name) for recipe in recipes]
        assert values == sorted(values), name
        assert values[0] < values[-1], name
    assert recipes[0].early_stopping == 0
    assert recipes[-1].early_stopping > 0


@pytest.mark.parametrize(
    ("n", "real", "pixels", "penalty"),
    [(25, True, False, 0.09), (25, False, False, 0.04), (25, False, True, 0.12),
     (10_000, True, False, 0.001), (10_000, False, False, 0.0005)],
)  # fmt: skip
def test_a_penalty_falls_with_the_root_of_few_rows_and_with_many_rows(
    n: int, real: bool, pixels: bool, penalty: float
) -> None:
    assert recipe_for(source(n, real=real, pixels=pixels), {}).l2 == pytest.approx(penalty)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", [20, 40])
def test_a_few_rows_of_a_straight_line_are_learned(tmp_path: Path, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    t = x @ [2.0, -1.0, 0.5] + 0.3 * rng.normal(size=n)
    rows = "".join(f"{a:.3f},{b:.3f},{c:.3f},{y:.3f}\n" for (a, b, c), y in zip(x, t, strict=True))
    path = tmp_path / "line.csv"
    path.write_text(f"a,b,c,t\n{rows}")
    session = Session.start(TrainConfig.for_data(str(path), seed=seed), tmp_path / "run")
    session.train()
    assert session.result is not None
    train = session.source.train
    y, t = session.trainer.net.predict(train.x), train.t.reshape(-1, 1)
    assert 1 - ((y - t) ** 2).sum() / ((t - t.mean()) ** 2).sum() > 0.96  # with 10 / n from 0.88 on


def test_every_optimizer_has_a_rate() -> None:
    assert set(RATES) == set(OPTIMIZERS)


def test_named_sets_keep_the_recipes_of_the_book() -> None:
    for name in NAMED:
        assert TrainConfig.for_data(name).open_settings == ()
    assert TrainConfig.for_data("mnist") == TrainConfig()
    assert RECIPES["spiral"] == {"hidden": (10,), "epochs": 300, "batch_size": 30, "lr": 1.0}


def test_open_settings_cannot_be_used_nor_stored() -> None:
    config = TrainConfig.for_data(OWN, epochs=3)
    assert (config.epochs, config.hidden, config.optimizer) == (3, AUTO, AUTO)
    with pytest.raises(StateError, match=r"hidden, batch_size, .* follow the data"):
        _ = config.recipe
    with pytest.raises(FormatError, match="should be"):
        TrainConfig.from_dict(json.loads(config.to_json()))
    assert replace(config, lr=0.5).settled(source(50)).lr == 0.5


def test_each_setting_can_be_open_alone() -> None:
    for name in Recipe._fields:
        config = replace(TrainConfig(), **{name: AUTO})
        assert config.open_settings == (name,)
        assert config.settled(open_source("moons")).open_settings == ()


def table(path: str = "own.csv", n: int = 400) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal([5, 100], [1, 20], (n, 2))
    kind = np.where(x[:, 0] + x[:, 1] / 20 > 10, "far", "near")
    lines = [f"{a:.3f},{b:.3f},{k}\n" for (a, b), k in zip(x, kind, strict=True)]
    Path(path).write_text("a,b,kind\n" + "".join(lines))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    table()
    return tmp_path


def test_what_was_chosen_is_said_as_flags_and_stored(here: Path, capfd: Capture) -> None:
    lines = printed(capfd, "train", "own.csv", "--epochs", "2", "--l2", "0.5", "--out", "run")
    line = lines.splitlines()[1]
    assert line.startswith("chosen for data of this kind and size, each changed by its flag: --hid")
    assert "--epochs" not in line
    assert "--l2" not in line
    config = RunFolder("run").read_config()
    assert (config.epochs, config.l2, config.open_settings) == (2, 0.5, ())
    flags = re.findall(r"--([\w-]+)(?: ([^- ]\S*))?", line)
    assert {flag.removeprefix("no-").replace("-", "_") for flag, _ in flags} == {
        name for name in Recipe._fields if name not in ("epochs", "l2")
    }
    again = [part for flag, value in flags for part in (f"--{flag}", value) if part]
    printed(capfd, "train", "own.csv", "--epochs", "2", "--l2", "0.5", *again, "--out", "again")
    assert RunFolder("again").read_config() == config


def test_named_sets_have_no_such_line(here: Path, capfd: Capture) -> None:
    lines = printed(capfd, "train", "spiral", "--epochs", "1", "--out", "run").splitlines()
    assert lines[1] == "run folder: run"


class Stop(Callback):
    def on_epoch_end(self, trainer: Any, row: Any) -> None:
        if row["epoch"] == 3:
            raise KeyboardInterrupt


@pytest.mark.parametrize("targets", ["classes", "numbers"])
def test_a_run_on_own_data_is_resumed_to_the_same_bits(here: Path, targets: str) -> None:
    given: dict[str, Any] = {"epochs": 8, "early_stopping": 2, "targets": targets}
    if targets == "numbers":
        given["label"] = "b"
        Path("own.csv").write_text(
            Path("own.csv").read_text().replace("far", "1").replace("near", "0")
        )
    whole = Session.start(TrainConfig.for_data("own.csv", **given), "whole")
    whole.train()
    cut = Session.start(TrainConfig.for_data("own.csv", **given), "cut", callbacks=[Stop()])
    cut.train()
    assert cut.result is None
    assert Session.resume("cut").train().kept == whole.trainer.history.kept
    files = [model_file.read(RunFolder(name).model) for name in ("whole", "cut")]
    for name, array in files[0].arrays.items():
        assert array.tobytes() == files[1].arrays[name].tobytes()
    rows = [{k: v for k, v in f.values["row"].items() if k != "seconds"} for f in files]
    assert rows[0] == rows[1]


def test_real_targets_are_scaled_unless_the_flag_says_otherwise(here: Path, capfd: Capture) -> None:
    Path("own.csv").write_text(Path("own.csv").read_text().replace("far", "1").replace("near", "0"))
    base = ("train", "own.csv", "--label", "b", "--targets", "numbers", "--epochs", "30")
    out = printed(capfd, *base, "--out", "scaled")
    assert "targets 'b' standardized too (mean 9" in out.splitlines()[0]
    assert "--scale-targets" in out.splitlines()[1]
    out = printed(capfd, *base, "--no-scale-targets", "--out", "plain")
    assert "standardized too" not in out
    assert RunFolder("plain").read_config().scale_targets is False
    quality = [
        json.loads(printed(capfd, "evaluate", name, "--json")) for name in ("scaled", "plain")
    ]
    assert quality[0]["r2"] > quality[1]["r2"]
    assert quality[0]["rmse"] < 25
