"""One word for one thing: all public parameter names against the glossary."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
import mitbadak.interop.heads  # registers its heads, whichever test comes first
from mitbadak.data.npz import npz_source
from mitbadak.data.table import csv_source
from mitbadak.descent.race import race
from mitbadak.nn.declared import is_built_in
from surfaces.glossary import EARLIER, GLOSSARY, ONLY_IN


def parameters() -> Iterator[tuple[str, str]]:
    """Each public callable with each of its parameters."""
    for name in mb.__all__:  # pyright: ignore[reportAttributeAccessIssue]
        value = getattr(mb, name)
        if not callable(value) or (isinstance(value, type) and issubclass(value, BaseException)):
            continue
        methods = vars(value).items() if isinstance(value, type) else ()
        owners = {name: value} | {
            f"{name}.{method}": function for method, function in methods
            if not method.startswith("_") and inspect.isfunction(function)
        }  # fmt: skip
        for owner, function in owners.items():
            for parameter in inspect.signature(function).parameters:
                if parameter != "self" and not parameter.startswith("_"):
                    yield owner, parameter


def test_every_public_parameter_is_in_the_glossary() -> None:
    unknown = {parameter: owner for owner, parameter in parameters() if parameter not in GLOSSARY}
    assert unknown == {}


def test_words_that_mean_what_another_means_stay_where_they_are() -> None:
    for owner, parameter in parameters():
        assert parameter not in EARLIER, owner
        if parameter in ONLY_IN:
            assert owner in ONLY_IN[parameter], f"{owner} takes {parameter}"


def test_the_glossary_has_no_word_that_nothing_uses() -> None:
    used = {parameter for _, parameter in parameters()}.union(*words_of_layers().values())
    assert GLOSSARY.keys() - used <= {"axis"}


def a_table(tmp_path: Any) -> str:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "".join(f"{k},{'xy'[k % 2]}\n" for k in range(30)))
    return str(path)


def a_store(tmp_path: Any) -> str:
    np.savez(tmp_path / "a.npz", x=np.arange(60.0).reshape(30, 2), y=np.arange(30) % 2)
    return str(tmp_path / "a.npz")


def bowl(x: np.ndarray) -> float:
    return float((x**2).sum())


RENAMED = {
    "load_spiral": (lambda tmp, **k: mb.load_spiral(**k)[0], "seed", "rng", 3),
    "open_source": (lambda tmp, **k: mb.open_source(a_table(tmp), **k).test.x, "seed", "rng", 3),
    "csv_source": (lambda tmp, **k: csv_source(a_table(tmp), **k).test.x, "seed", "rng", 3),
    "npz_source": (lambda tmp, **k: npz_source(a_store(tmp), **k).test.x, "seed", "rng", 3),
    "k_fold": (lambda tmp, **k: next(iter(mb.k_fold([0, 0, 1, 1], 2, 0, **k)))[0], "stratified",
               "stratify", True),
    "split": (lambda tmp, **k: mb.Dataset(np.eye(10), np.arange(10)).split(
        rng=np.random.default_rng(0), **k)[1].t, "held_out", "share", 0.3),
    "descend": (lambda tmp, **k: mb.descend(bowl, optimizer=mb.SGD(0.1), step_num=2, **k).x,
                "start", "init_x", np.ones(2)),
    "race": (lambda tmp, **k: race(bowl, {"sgd": mb.SGD}, step_num=2, rates=(0.1,), **k)["sgd"].x,
             "start", "init_x", np.ones(2)),
}  # fmt: skip


@pytest.mark.parametrize("name", RENAMED)
def test_an_earlier_name_works_and_warns_at_the_users_line(name: str, tmp_path: Any) -> None:
    call, old, new, value = RENAMED[name]
    now = call(tmp_path, **{new: value})
    with pytest.warns(DeprecationWarning, match=f"{old} is now {new}") as caught:
        earlier = call(tmp_path, **{old: value})
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(np.asarray(now), np.asarray(earlier))
    with warnings.catch_warnings(action="ignore"), pytest.raises(TypeError, match="twice"):
        call(tmp_path, **{old: value, new: value})


def words_of_layers() -> dict[Any, set[str]]:
    """The parameters of each layer and head of the house."""
    kinds = [*mb.Layer.registry.values(), *mb.Head.registry.values()]
    return {k: k._parameters.keys() - {"self", "_", "__"} for k in kinds if is_built_in(k)}


def test_layers_of_the_house_take_only_words_of_the_glossary() -> None:
    for kind, words in words_of_layers().items():
        assert words <= GLOSSARY.keys(), kind
