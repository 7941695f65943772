"""Answers of a trained net: one image, and ten thousand in a batch, from NumPy to NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from cases import Case, Material, material
from machine import cores_by_label
from peers import make
from rows import OURS, Options, Row, Section, goals_for
from turns import contest

CASE = Case("inference")
CASES = {"one image": (1, 2000), "10,000 images": (10_000, 5)}  # images, calls per turn
ONNX = "onnxruntime"
# The training peers that answer here too; jitted, JAX's step and scan are the same.
TRAINING_PEERS = {"torch": "torch", "jax": "jax_scan", "sklearn": "sklearn", "thinc": "thinc"}
PEERS = (*OURS, ONNX, *TRAINING_PEERS)
AGREE = 1e-5
COMPARED = 100  # images

Predict = Callable[[np.ndarray], np.ndarray]


def cases(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, label) for label in labels for name in CASES]


def measure(name: str, label: str, options: Options) -> list[Row]:
    result = contest(__name__, options.chosen(PEERS), name, label, options.rounds)
    _, calls = CASES[name]
    expected = result.answers[OURS[0]]
    apart = {peer: float(np.abs(y - expected).max()) for peer, y in result.answers.items()}
    wrong = {p: f"wrong: {d:.1e} apart" for p, d in apart.items() if not d <= AGREE}
    goals = {peer: goals_for(peer, None, ((ONNX, 1.0, 1.05),)) for peer in result.seconds}
    return result.rows(name, label, "us per call", 1e6 / calls, wrong, goals)


def turn_of(peer: str, case: str) -> Callable[[], np.ndarray]:
    """For the worker: some calls, each with other images where there is more than one batch."""
    images, calls = CASES[case]
    m = material(CASE)
    x, predict = m.x_test, _predict_of(peer, m)
    starts = np.arange(calls) * images % (len(x) - images + 1)
    batches = [x[start : start + images] for start in starts]

    def turn() -> np.ndarray:
        answers = [predict(batch) for batch in batches]
        return np.concatenate([y[:COMPARED] for y in answers[:COMPARED]])

    return turn


def _predict_of(peer: str, m: Material) -> Predict:
    if peer == ONNX:
        return _onnxruntime(m)
    if peer in OURS:
        from peers.mitbadak import mlp

        from mitbadak import Predictor

        engine = "auto" if peer == OURS[0] else "numpy"
        return Predictor(mlp(CASE, m.params), engine=engine).predict
    return make(TRAINING_PEERS[peer], CASE, m).predict


def _onnxruntime(m: Material) -> Predict:
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = len(cores_by_label()["all"])  # the process is pinned already
    session = onnxruntime.InferenceSession(
        _onnx_model(m.params), settings, providers=["CPUExecutionProvider"]
    )
    return lambda x: session.run(None, {"x": x})[0]


def _onnx_model(params: list[np.ndarray]) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    n_in, n_out = params[0].shape[0], params[-1].shape[0]
    W1, b1, W2, b2 = (numpy_helper.from_array(p, n) for p, n in
                      zip(params, ("W1", "b1", "W2", "b2"), strict=True))  # fmt: skip
    row: list[Any] = [
        helper.make_node("Gemm", ["x", "W1", "b1"], ["a1"]),
        helper.make_node("Sigmoid", ["a1"], ["z1"]),
        helper.make_node("Gemm", ["z1", "W2", "b2"], ["a2"]),
        helper.make_node("Softmax", ["a2"], ["y"], axis=-1),
    ]
    graph = helper.make_graph(
        row,
        "784-50-10",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", n_in])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", n_out])],
        [W1, b1, W2, b2],
    )
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()


SECTION = Section("inference", cases, measure)
