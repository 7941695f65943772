"""An experiment of the page as Python; settings out of pasted Python, which is never executed."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from mitbadak.data import Dataset
from mitbadak.lab.playground.building import (
    build_net,
    build_points,
    build_rule,
    build_sets,
    initializer_of,
    loss_of,
)
from mitbadak.lab.playground.settings import SETTINGS
from mitbadak.lab.schema import RefusedError, checked, defaults
from mitbadak.nn import Affine

NAME = "settings"
PAGE_ONLY = {"speed"}


def experiment_data(settings: Mapping[str, Any]) -> tuple[Dataset, Dataset]:
    """Training set and test set of the Playground's settings.

    Args:
        settings: those that differ from the defaults.

    Raises:
        RefusedError: a setting is unknown, or its value not allowed.

    Example:
        >>> train, test = experiment_data({"data": "xor", "n": 100})
        >>> len(train), len(test)
        (50, 50)
    """
    complete = {**defaults(SETTINGS), **checked(NAME, SETTINGS, dict(settings))}
    sets = build_sets(complete)
    return tuple(sets.dataset(complete["features"], test=test) for test in (False, True))  # type: ignore[return-value]


def as_python(settings: Mapping[str, Any], epochs: int) -> str:
    """A script that trains the same net from the same weights on the same batches.

    Args:
        settings: of the Playground, complete.
        epochs: to train for.

    Example:
        >>> print(as_python(defaults(SETTINGS), 100).splitlines()[0])
        import numpy as np
    """
    standard = defaults(SETTINGS)
    own = {k: v for k, v in settings.items() if v != standard[k] and k not in PAGE_ONLY}
    classes = build_points(settings).classes
    data = experiment_data(own)[0]
    batch = min(settings["batch_size"], len(data))
    steps = -(-len(data) // batch)
    lines = [
        "import numpy as np",
        "",
        "import mitbadak as mb",
        "from mitbadak.lab import experiment_data",
        "",
        f"{NAME} = {_literal(own)}  # paste it into the Playground",
        f"train, test = experiment_data({NAME})",
        "",
        f"rng = np.random.default_rng({settings['weight_seed']})",
        "net = mb.Sequential(",
        *_layers(settings, classes),
        f"    loss={json.dumps(loss_of(classes))},",
        ")",
        f"optimizer = {_in_module(build_rule(settings, steps))}",
        "history = mb.fit(",
        f"    net, train, test=test, optimizer=optimizer, epochs={epochs}, batch_size={batch},",
        f"    rng=np.random.default_rng(({settings['weight_seed']}, 2)),",
        ")",
        "print(history[-1])",
    ]
    return "\n".join(lines) + "\n"


def pasted_settings(text: str) -> dict[str, Any]:
    """The settings in a pasted text: Python as ``as_python`` writes it, a dict, or JSON.

    Nothing is executed: the text is parsed, and only a literal is read.

    Raises:
        RefusedError: there are none in it, or one is not allowed.

    Example:
        >>> pasted_settings("import os\\nsettings = {'lr': 0.1, 'optimizer': 'sgd'}")
        {'lr': 0.1, 'optimizer': 'sgd'}
    """
    try:
        tree = ast.parse(text.strip())
        values = [
            ast.literal_eval(node.value)
            for node in tree.body
            if (isinstance(node, ast.Expr) and isinstance(node.value, ast.Dict))
            or (isinstance(node, ast.Assign) and [ast.unparse(t) for t in node.targets] == [NAME])
        ]
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        try:
            values = [json.loads(text)]
        except (ValueError, RecursionError):
            values = []
    if not values:
        raise RefusedError(f"the text has no settings: no line {NAME} = {{...}} with plain values.")
    return checked(NAME, SETTINGS, values[-1])


def _layers(settings: Mapping[str, Any], classes: int) -> list[str]:
    net, lines, hidden = build_net(settings, classes), [], iter(settings["layers"])
    for layer in net.layers:
        if isinstance(layer, Affine):
            init = json.dumps(initializer_of(settings, next(hidden, None)))
            lines.append(f"    mb.Affine({layer.n_in}, {layer.n_out}, init={init}, rng=rng),")
        else:
            lines[-1] += f" {_in_module(layer)},"
    return lines


def _in_module(part: Any) -> str:
    """A layer or rule as a script writes it.

    Example:
        >>> from mitbadak.optim import L2, SGD, Chain
        >>> _in_module(Chain(L2(0.1), SGD(0.5)))
        "mb.Chain(mb.L2(strength=0.1, names='W*'), mb.SGD(lr=0.5))"
    """
    return re.sub(r"\b([A-Z]\w*)(?=\()", r"mb.\1", repr(part))


def _literal(settings: Mapping[str, Any]) -> str:
    if not settings:
        return "{}"
    lines = [f"    {json.dumps(name)}: {value!r}," for name, value in settings.items()]
    return "\n".join(["{", *lines, "}"])
