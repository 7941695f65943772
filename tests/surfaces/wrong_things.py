"""Every public function with every argument replaced by wrong things, in a process of its own.

``python -m surfaces.wrong_things NAME ...`` in ``tests/`` prints what came of the calls that ended
in a foreign error; ``--few`` tries few wrong things only. Checked types, as they are in the tests'
own process, would answer in the functions' place.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import mitbadak as mb

X = np.random.default_rng(0).normal(size=(20, 4))
T = np.arange(20) % 3
ROWS = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]])


def square(x: Any) -> Any:
    return (x**2).sum()


def net() -> mb.MLP:
    return mb.MLP([4, 5, 3], rng=0)


def slopes() -> dict[str, np.ndarray]:
    return net().gradient(X, T)


def calls(folder: str) -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """For each name a public callable, and arguments by name with which it works."""
    weights, table, idx, saved, picture = (
        str(Path(folder) / name) for name in ("a.npz", "a.csv", "x-idx", "a.safetensors", "a.png")
    )
    own = net()
    mb.save(own, saved)
    arrays: dict[str, Any] = dict(own.params)
    np.savez(weights, **arrays)
    mb.write_idx(idx, np.zeros((3, 2), np.uint8))
    with open(table, "w", encoding="utf-8") as file:
        file.write("a,b,c\n" + "".join(f"{k},{k % 7},{'xy'[k % 2]}\n" for k in range(40)))
    from PIL import Image

    Image.new("L", (28, 28)).save(picture)
    v = mb.Variable(np.array([1.0, 2.0]))
    quiet: dict[str, Any] = {"callbacks": [], "epochs": 1}
    functions: dict[str, dict[str, Any]] = {
        "affine": {"x": X, "W": np.ones((4, 3)), "b": np.zeros(3)},
        "batch_norm": {"x": X, "gamma": np.ones(4), "beta": np.zeros(4), "eps": 1e-5},
        "layer_norm": {"x": X, "gamma": np.ones(4), "beta": np.zeros(4), "eps": 1e-5},
        "build_optimizer": {"name": "adam", "lr": 0.1, "schedule": "cosine", "updates": 10,
                            "l2": 0.1, "l1": 0.0, "clip_norm": 1.0, "warmup": 2},
        "check_gradients": {"subject": own, "gradient": None, "mode": "auto", "h": 1e-4,
                            "rtol": 1e-7, "directions": 8, "rng": 0, "engine": "auto",
                            "training": False},
        "cross_entropy_error": {"y": ROWS, "t": [0, 1]},
        "descend": {"f": square, "init_x": np.ones(2), "optimizer": mb.SGD(0.1), "step_num": 5,
                    "gradient": None, "h": 1e-4, "trace": False, "verbose": False},
        "differentiable": {"body": lambda x: (x, (lambda dy: dy,))},
        "draw": {"y": (v * v).sum(), "gradients": "auto", "direction": "right", "theme": "auto"},
        "dropout": {"x": X, "mask": np.ones_like(X)},
        "elu": {"x": X, "alpha": 1.0},
        "evaluate": {"net": own, "examples": X, "t": T, "batch_size": 10},
        "fit": {"net": own, "train": X, "t": T, "test": (X, T), "validation": 0.1,
                "optimizer": "sgd", "lr": 0.1, "batch_size": 10, "rng": 0, "engine": "auto",
                "sampling": "shuffle", "gradient": "backprop",
                "augment": lambda x, rng: x, "progress": None, **quiet},
        "flatten": {"x": X}, "gelu": {"x": X}, "identity": {"x": X}, "relu": {"x": X},
        "log_softmax": {"x": X}, "sigmoid": {"x": X}, "sigmoid_grad": {"x": X}, "silu": {"x": X},
        "softmax": {"x": X}, "softplus": {"x": X}, "step": {"x": X}, "tanh": {"x": X},
        "grad": {"y": (v * v).sum(), "xs": [v], "dy": None, "create_graph": False},
        "gradient_descent": {"f": square, "init_x": np.ones(2), "lr": 0.1, "step_num": 5,
                             "gradient": None, "h": 1e-4, "trace": False, "verbose": False},
        "gradient_of": {"f": square},
        "hessian": {"f": square, "x": np.ones(2)},
        "hessian_vector_product": {"f": square, "x": np.ones(2), "v": np.ones(2)},
        "huber": {"y": X, "t": X, "delta": 1.0},
        "jacobian": {"f": lambda x: x**2, "x": np.ones(2)},
        "k_fold": {"t": T, "k": 3, "rng": 0, "stratify": True},
        "leaky_relu": {"x": X, "slope": 0.1},
        "linear": {"x": X, "W": np.ones((4, 3))},
        "load": {"path": saved},
        "load_blobs": {"n": 30, "noise": 0.1, "rng": 0, "classes": 3},
        "load_circles": {"n": 30, "noise": 0.1, "rng": 0},
        "load_moons": {"n": 30, "noise": 0.1, "rng": 0},
        "load_regression": {"n": 30, "noise": 0.1, "rng": 0},
        "load_xor": {"n": 30, "noise": 0.1, "rng": 0},
        "load_spiral": {"rng": 1, "one_hot": False},
        "load_weights": {"net": own, "path": weights},
        "map_idx": {"path": idx}, "read_idx": {"path": idx},
        "mean_squared_error": {"y": X, "t": X},
        "numerical_diff": {"f": lambda x: x**2, "x": np.float64(2.0), "h": 1e-4},
        "numerical_gradient": {"f": square, "x": np.ones(2), "h": 1e-4, "progress": None},
        "one_hot": {"t": T, "classes": 3, "dtype": np.float64},
        "open_source": {"where": table, "label": "c", "targets": "auto"},
        "option": {"default": 1.0},
        "read_image": {"path": picture, "color": "gray", "paper": "auto"},
        "save": {"net": own, "path": saved},
        "shifted": {"images": np.zeros((2, 5, 5)), "dy": [1, 0], "dx": [0, 1]},
        "sigmoid_cross_entropy": {"logits": X, "t": np.zeros_like(X)},
        "softmax_cross_entropy": {"logits": X, "t": T},
        "stability_limit": {"f": square, "x": np.ones(2)},
        "stratified_split": {"t": T, "share": 0.2, "rng": 0},
        "sum_squared_error": {"y": X, "t": X},
        "write_idx": {"path": idx, "array": np.zeros((3, 2), np.uint8)},
        "assert_gradients": {"subject": own}, "checkup": {"net": own, "train": X, "t": T},
        "idx_dataset": {"images": idx, "labels": idx},
        "image_folder": {"path": folder, "test_share": 0.2, "rng": 0},
        "load_mnist": {"normalize": True, "flatten": True, "one_hot_label": False},
        "mnist_datasets": {"directory": None},
    }  # fmt: skip
    pictures, windows = np.ones((2, 1, 6, 6)), {"size": 2, "stride": 2, "pad": 0}
    functions |= {
        "convolution": {"x": pictures, "W": np.ones((3, 1, 2, 2)), "b": np.zeros(3), "stride": 1,
                        "pad": 0},
        "im2col": {"x": pictures, **windows},
        "col2im": {"columns": mb.im2col(pictures, size=2), "shape": (2, 1, 6, 6), "size": 2},
        "unflatten": {"x": np.ones((2, 36)), "shape": (1, 6, 6), "channels_last": False},
        "max_pooling": {"x": pictures, **windows}, "average_pooling": {"x": pictures, **windows},
    }  # fmt: skip
    rates = {"lr": 0.1}
    classes: dict[str, dict[str, Any]] = {
        "SGD": rates, "Momentum": {**rates, "momentum": 0.9},
        "Nesterov": {**rates, "momentum": 0.9},
        "AdaGrad": {**rates, "eps": 1e-8}, "RMSProp": {**rates, "decay": 0.9, "eps": 1e-8},
        "Adam": {**rates, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8},
        "AdamW": {**rates, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "weight_decay": 0.1},
        "Lion": {**rates, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.1},
        "Optimizer": rates, "Constant": rates, "Cosine": {**rates, "updates": 10, "least": 0.0},
        "Exponential": {**rates, "factor": 0.9},
        "OneCycle": {**rates, "updates": 10, "rise": 0.3, "start": 25.0, "end": 1e4},
        "StepDecay": {**rates, "every": 5, "factor": 0.1}, "WarmUp": {"after": 0.1, "updates": 5},
        "ClipNorm": {"limit": 1.0}, "ClipValue": {"limit": 1.0},
        "L1": {"strength": 0.1, "names": "W*"}, "L2": {"strength": 0.1, "names": "W*"},
        "Groups": {"rules": {"*": mb.SGD()}},
        "Affine": {"n_in": 4, "n_out": 3, "bias": True, "init": "xavier", "rng": 0,
                   "dtype": np.float32},
        "BatchNorm": {"n": 4, "momentum": 0.1, "eps": 1e-5, "dtype": np.float32},
        "LayerNorm": {"n": 4, "eps": 1e-5, "dtype": np.float32}, "Dropout": {"rate": 0.5},
        "Reshape": {"shape": (1, 6, 6), "channels_last": False},
        "MaxPooling": windows, "AveragePooling": windows,
        "Convolution": {"channels": 1, "filters": 3, **windows, "bias": True, "init": "xavier",
                        "rng": 0, "dtype": np.float32},
        "ConvNet": {"image": (1, 12, 12), "filters": [3], "sizes": [5, 2], "kernel": 3, "pool": 2,
                    "pad": 0, "channels_last": False, "activation": "relu", "init": "auto",
                    "loss": "softmax_cross_entropy", "dropout": 0.0, "batch_norm": False, "rng": 0,
                    "dtype": np.float32},
        "ELU": {"alpha": 1.0}, "LeakyReLU": {"slope": 0.1}, "Huber": {"delta": 1.0},
        "MLP": {"sizes": [4, 3], "activation": "relu", "init": "auto", "dropout": 0.1,
                "loss": "softmax_cross_entropy", "batch_norm": False, "rng": 0,
                "dtype": np.float32},
        "TwoLayerNet": {"input_size": 4, "hidden_size": 5, "output_size": 3, "rng": 0,
                        "weight_init_std": 0.01, "init": None, "dtype": np.float32},
        "Dataset": {"x": X, "t": T, "divisor": None, "rows": None, "name": "data"},
        "EarlyStopping": {"patience": 5, "monitor": "validation_accuracy", "min_delta": 0.0,
                          "mode": "auto"},
        "PrintProgress": {"stream": None, "every": 1}, "RandomShift": {"shape": (8, 8), "most": 1},
        "Predictor": {"net": own, "engine": "auto"}, "Variable": {"value": 2.0, "name": "v"},
        "History": {"rows": [{"epoch": 0, "train_loss": 1.0}], "losses": [1.0]},
        "Doctor": {"trials": True}, "Head": {"operation": mb.mean_squared_error},
        "Layer": {"operation": mb.relu},
        "TrainConfig": {"hidden": (5,), "epochs": 1, "lr": 0.1, "optimizer": "sgd", "seed": 0,
                        "validation": 0.1, "batch_size": 10},
        "Model": {"net": own, "preparation": mb.Preparation("table", columns=tuple("abcd"))},
        "Preparation": {"kind": "table", "columns": ("a", "b"), "classes": ("x", "y")},
    }  # fmt: skip
    methods: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
        f"net.{name}": (getattr(own, name), options)
        for name, options in {
            "predict": {"x": X, "training": False, "rng": None}, "scores": {"x": X},
            "classify": {"x": X}, "loss": {"x": X, "t": T, "training": False, "rng": None},
            "accuracy": {"x": X, "t": T}, "gradient": {"x": X, "t": T, "training": None},
            "loss_and_gradient": {"x": X, "t": T}, "graph": {"x": X, "t": T},
            "numerical_gradient": {"x": X, "t": T, "h": 1e-4, "engine": "auto"},
            "astype": {"dtype": "float64"},
        }.items()
    }  # fmt: skip
    methods |= {
        "predictor.predict": (mb.Predictor(own).predict, {"x": X}),
        "optimizer.update": (mb.Adam().update, {"params": own.params, "grads": slopes()}),
        "params.update": (lambda value: own.params.update({"W1": value}),
                          {"value": own.params["W1"]}),
        "doctor.observe": (mb.Doctor().observe, {"params": own.params, "grads": slopes(),
                           "loss": 1.0, "batch": (X, T), "outputs": X, "lr": 0.1}),
        "variable.backward": (lambda dy: (v * 1).backward(dy), {"dy": np.ones(2)}),
        "layer.forward": (lambda x: mb.Affine(4, 3, rng=0).forward(x), {"x": X}),
    }  # fmt: skip
    return {
        **{name: (getattr(mb, name), options) for name, options in functions.items()},
        **{name: (getattr(mb, name), options) for name, options in classes.items()},
        **methods,
    }


class Strange:
    """An object that nothing expects."""

    def __repr__(self) -> str:
        return "Strange()"


class Broken:
    """An array-like whose conversion fails."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise RuntimeError("on another device")


WRONG: dict[str, Callable[[], Any]] = {
    "None": lambda: None, "true": lambda: True, "text": lambda: "nonsense", "no text": lambda: "",
    "bytes": lambda: b"x", "minus one": lambda: -1, "zero": lambda: 0, "a half": lambda: 0.5,
    "nan": lambda: float("nan"), "infinity": lambda: float("inf"), "huge": lambda: 10**400,
    "complex": lambda: 1j, "list": lambda: [], "tuple": lambda: (), "dict": dict, "set": set,
    "one list": lambda: [1, 2], "ragged": lambda: [[1, 2], [3]], "texts": lambda: ["a", "b"],
    "nested": lambda: [[["a"]]], "strange": Strange, "class": lambda: Strange,
    "function": lambda: lambda: None, "generator": lambda: (k for k in range(3)),
    "empty array": lambda: np.zeros((0, 4)), "3 axes": lambda: np.zeros((2, 3, 4)),
    "scalar array": lambda: np.array(1.0), "other width": lambda: np.ones((3, 7)),
    "nan array": lambda: np.full((20, 4), np.nan), "int array": lambda: np.ones((20, 4), int),
    "bool array": lambda: np.ones(20, bool), "complex array": lambda: np.ones((20, 4)) * 1j,
    "object array": lambda: np.full((20, 4), None), "text array": lambda: np.full((20, 4), "a"),
    "StringDType": lambda: np.array(["a", "b"], np.dtypes.StringDType()),
    "dates": lambda: np.array(["2020-01-01"], "datetime64[D]"),
    "records": lambda: np.zeros(3, [("a", int)]), "masked": lambda: np.ma.masked_equal([1, 2], 2),
    "matrix": lambda: np.asmatrix(np.eye(2)), "float16": lambda: np.ones((20, 4), np.float16),
    "broken": Broken, "module": lambda: np, "net": net, "optimizer": mb.SGD,
    "variable": lambda: mb.Variable(np.ones((20, 4))), "dtype": lambda: np.dtype("U1"),
    "data set": lambda: mb.Dataset(X, T), "Ellipsis": lambda: ...,
}  # fmt: skip
SECONDS = 20
PATHS = {"path", "where", "images", "labels", "directory"}
SLOW = {"checkup", "assert_gradients", "image_folder", "load_mnist", "mnist_datasets"}
FEW = (
    "None",
    "true",
    "text",
    "minus one",
    "nan",
    "list",
    "dict",
    "strange",
    "text array",
    "broken",
)


@contextlib.contextmanager
def timed() -> Iterator[None]:
    """End a call that goes on and on, where the system can."""

    def end(*_: Any) -> None:
        raise TimeoutError("goes on and on")

    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, end)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)


def foreign(
    name: str, call: Callable[..., Any], options: dict[str, Any], wrong: Iterable[str]
) -> Iterator[list[str]]:
    """What came of wrong arguments, where it is neither an answer nor an error of ours."""
    for argument in options:
        for what in wrong:
            if (argument, what) == ("epochs", "huge"):  # would be trained for so long
                continue
            make = WRONG[what]
            try:
                with timed():
                    call(**{**options, argument: make()})
            except mb.MitbadakError as error:
                if len(str(error)) < 15:
                    yield [name, argument, what, "says nothing", str(error)]
            except TimeoutError as error:
                yield [name, argument, what, "TimeoutError", str(error)]
            except OSError as error:  # of a path that names no file
                if argument not in PATHS:
                    yield [name, argument, what, type(error).__name__, str(error)]
            except Exception as error:
                yield [name, argument, what, type(error).__name__, str(error)[:300]]


def main(names: list[str]) -> None:
    found = []
    wrong = FEW if "--few" in names else WRONG
    names = [name for name in names if name != "--few"]
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(folder)
        table = calls(folder)
        for name, (call, options) in table.items():
            if (names and name not in names) or (not names and name in SLOW):
                continue
            known = inspect.signature(call).parameters
            lacking = [] if any(p.kind is p.VAR_KEYWORD for p in known.values()) else [
                option for option in options if option not in known]  # fmt: skip
            found += [[name, option, "", "is no argument", ""] for option in lacking]
            with np.errstate(all="ignore"):
                found += foreign(name, call, options, wrong)
            print(name, len(found), file=sys.stderr, flush=True)
        os.chdir("/")
    json.dump({"found": found, "called": list(table)}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
