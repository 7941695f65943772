"""What to do about a finding, as a change of the training that can be tried."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mitbadak.doctor.findings import Finding
from mitbadak.doctor.trials.fork import Fork
from mitbadak.nn.network import Sequential

PIXELS = 255.0
MOST_NUMERIC = 500  # parameters of a net whose gradient is computed by differences


@dataclass(frozen=True)
class Remedy:
    """One change.

    Attributes:
        name: chooses its words.
        apply: the training with the change.
        values: places in its words.
    """

    name: str
    apply: Callable[[Fork], Fork]
    values: Mapping[str, Any] = field(default_factory=dict)


Remedies = tuple[Remedy, ...]  # that are applied together


def remedies_of(finding: Finding, fork: Fork) -> list[Remedies]:
    """The changes that a finding suggests for this training, the likeliest first; empty if a
    trial cannot show them."""
    return list(SUGGESTED[finding.code](finding, fork)) if finding.code in SUGGESTED else []


def rate(factor: float, fork: Fork) -> Remedy:
    """Another learning rate."""
    return Remedy("rate", lambda fork: fork.with_rate(factor), {"lr": fork.rule.lr * factor})


def _smaller(_: Finding, fork: Fork) -> Sequence[Remedies]:
    return [(rate(factor, fork),) for factor in (0.1, 0.01, 0.001)]


def _larger(finding: Finding, fork: Fork) -> Sequence[Remedies]:
    longer = max(10.0, float(finding.evidence.get("longer") or 10.0))
    factors = dict.fromkeys([longer, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6])
    return [(rate(factor, fork),) for factor in factors]


def _right_rule(_: Finding, fork: Fork) -> Sequence[Remedies]:
    return [(Remedy("update", lambda fork: fork, {"rule": type(fork.rule).__name__}),)]


def _right_gradient(finding: Finding, fork: Fork) -> Sequence[Remedies]:
    if isinstance(fork.net, Sequential):  # its own gradient is right; the loop changed it
        return _right_rule(finding, fork)
    if sum(np.size(fork.net.params[name]) for name in fork.net.params) > MOST_NUMERIC:
        return []
    return [(Remedy("differences", lambda fork: replace(fork, numeric=True)),)]


def _inputs(_: Finding, fork: Fork) -> Sequence[Remedies]:
    rows = np.concatenate([x.reshape(len(x), -1) for x, _ in fork.batches]).astype(np.float64)
    if rows.min(initial=0) >= 0 and 1 < rows.max(initial=0) <= PIXELS and rows.shape[1] > 50:
        divided = Remedy("pixels", lambda f: f.with_batches(lambda x, t: (x / PIXELS, t)))
        return [(divided,), (divided, rate(10.0, fork))]
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    spread[spread == 0] = 1.0

    def standardized(x: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        flat = (x.reshape(len(x), -1) - mean) / spread
        return flat.reshape(x.shape).astype(x.dtype if x.dtype.kind == "f" else float), t

    remedy = Remedy("standardize", lambda fork: fork.with_batches(standardized))
    return [(remedy,), (remedy, rate(10.0, fork)), (remedy, rate(0.1, fork))]


def _targets(_: Finding, fork: Fork) -> Sequence[Remedies]:
    targets = np.concatenate([t for _, t in fork.batches]).astype(np.float64)
    mean, spread = targets.mean(axis=0), targets.std(axis=0)
    spread = np.where(spread == 0, 1.0, spread)

    def apply(fork: Fork) -> Fork:
        changed = fork.with_batches(lambda x, t: (x, ((t - mean) / spread).astype(np.float64)))
        return replace(changed, unit=fork.unit * float(np.mean(spread**2)))

    remedy = Remedy("targets", apply)
    return [(remedy,), (remedy, rate(10.0, fork)), (remedy, rate(0.1, fork))]


def _weights(_: Finding, fork: Fork) -> Sequence[Remedies]:
    remedy = Remedy("weights", lambda fork: fork.with_params(new_weights(fork.net)))
    return [(remedy,), (remedy, rate(0.1, fork))]


def _shaped_targets(finding: Finding, fork: Fork) -> Sequence[Remedies]:
    if finding.evidence.get("kind") == "targets":
        return [(Remedy("column", lambda f: f.with_batches(lambda x, t: (x, t.reshape(-1, 1)))),)]
    classes = int(finding.evidence["classes"])
    remedy = Remedy("one-hot", lambda f: f.with_batches(lambda x, t: (x, np.eye(classes)[t])))
    return [(remedy,)]


def _finite(_: Finding, fork: Fork) -> Sequence[Remedies]:
    def whole(x: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = np.isfinite(x.reshape(len(x), -1)).all(axis=1)
        rows &= np.isfinite(t.reshape(len(t), -1).astype(np.float64)).all(axis=1)
        return x[rows], t[rows]

    def apply(fork: Fork) -> Fork:
        changed = fork.with_batches(whole)
        return replace(changed, batches=[(x, t) for x, t in changed.batches if len(x)])

    usable = apply(fork).batches
    return [(Remedy("finite", apply),)] if usable else []


def _floats(_: Finding, fork: Fork) -> Sequence[Remedies]:
    def apply(fork: Fork) -> Fork:
        net = copy.deepcopy(fork.net)
        for name in net.params:
            net.params[name] = np.asarray(net.params[name], np.float64)
        return replace(fork, net=net)

    return [(Remedy("floats", apply),)]


def new_weights(net: Any, seed: int = 0) -> dict[str, np.ndarray]:
    """Parameters as a net should start: spread sqrt(2 / n_in) (He et al. 2015, arXiv:1502.01852)
    below a rectifier, 1 / sqrt(n_in) (LeCun et al. 1998) below anything else, and biases 0."""
    rng, start = np.random.default_rng(seed), {}
    gain = 2.0 if _rectifies(net) else 1.0
    matrices = [name for name in net.params if np.ndim(net.params[name]) == 2]
    for name in net.params:
        value = np.asarray(net.params[name])
        if value.ndim == 2:
            spread = np.sqrt((gain if name != matrices[-1] else 1.0) / value.shape[0])
            start[name] = (spread * rng.standard_normal(value.shape)).astype(value.dtype)
        elif name.startswith("b"):
            start[name] = np.zeros_like(value)
    return start


def _rectifies(net: Any) -> bool:
    """Whether the net's activations are rectifiers; of a net that is not ours, nothing is known."""
    layers = getattr(net, "layers", ())
    return any(getattr(layer, "rectifies", False) for layer in layers)


SUGGESTED: dict[str, Callable[[Finding, Fork], Sequence[Remedies]]] = {
    "wrong-update-rule": _right_rule,
    "update-of-a-copy": _right_rule,
    "parameter-never-updated": _right_rule,
    "missing-batch-mean": _right_gradient,
    "gradient-wrong": _right_gradient,
    "integer-parameters": _floats,
    "non-finite-data": _finite,
    "lost-to-rounding": _smaller,
    "lr-too-large": _smaller,
    "exploding-gradient": _smaller,
    "lr-too-small": _larger,
    "inputs-not-normalised": _inputs,
    "targets-not-normalised": _targets,
    "init-too-large": _weights,
    "init-too-small": _weights,
    "symmetric-weights": _weights,
    "vanishing-gradient": _weights,
    "saturated": _weights,
    "dead-relu": _weights,
    "silent-broadcast": _shaped_targets,
}
