"""ONNX files that PyTorch writes, with both of its exporters, are read with the same answers."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mitbadak.core.errors import FormatError
from mitbadak.interop import from_onnx

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.once]  # of PyTorch's exporters

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")
pytest.importorskip("onnx")
t = torch.nn


class Normalized(t.Module):
    """A net that scales its pixels itself, as that of PyTorch's MNIST example."""

    def __init__(self, padding: int):
        super().__init__()
        side = 2 + 2 * padding
        self.conv, self.last = t.Conv2d(1, 2, 3, padding=padding), t.Linear(2 * side * side, 3)

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.conv((x - 0.1307) / 0.3081))
        return self.last(torch.flatten(x, 1))


class Columns(t.Module):
    """A net that scales its columns before a rectifier, and after one."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = t.Linear(4, 4), t.Linear(4, 2)
        self.register_buffer("mean", torch.tensor([1.0, -2.0, 0.5, 3.0]))

    def forward(self, x: Any) -> Any:
        x = self.first(torch.relu(x - self.mean))
        return self.last(torch.tanh(torch.relu(x) + self.mean) * 0.7)


MODULES: dict[str, tuple[Any, tuple[int, ...]]] = {
    "padded": (functools.partial(Normalized, 1), (1, 4, 4)),
    "not padded": (functools.partial(Normalized, 0), (1, 4, 4)),
    "columns": (Columns, (4,)),
    "softplus": (lambda: t.Sequential(t.Linear(4, 3), t.Softplus(), t.Linear(3, 2)), (4,)),
    "silu": (lambda: t.Sequential(t.Linear(4, 3), t.SiLU(), t.LayerNorm(3)), (4,)),
    "pooled": (lambda: t.Sequential(t.MaxPool2d(2, padding=1), t.Conv2d(1, 2, 2), t.Flatten(),
                                    t.BatchNorm1d(8)), (1, 4, 4)),
}  # fmt: skip


def written(module: Any, x: Any, path: Path, dynamo: bool) -> None:
    more = {"external_data": False} if dynamo else {}
    torch.onnx.export(module, (x,), str(path), dynamo=dynamo, **more)


@pytest.mark.parametrize("dynamo", [True, False])
@pytest.mark.parametrize("name", MODULES)
def test_modules_are_read_from_their_files(name, dynamo, tmp_path):
    torch.manual_seed(0)
    make, shape = MODULES[name]
    module, x = make().eval(), 3 * torch.randn(7, *shape)
    written(module, x, tmp_path / "net.onnx", dynamo)
    with torch.no_grad():
        expected = module(x).numpy()
    scores = from_onnx(tmp_path / "net.onnx").scores(x.numpy())
    np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dynamo", [True, False])
def test_a_clipped_rectifier_is_not_taken_for_one(dynamo, tmp_path):
    module = t.Sequential(t.Linear(4, 3), t.ReLU6(), t.Linear(3, 2)).eval()
    written(module, torch.randn(7, 4), tmp_path / "net.onnx", dynamo)
    with pytest.raises(FormatError, match=r"Clip|Min|branches"):
        from_onnx(tmp_path / "net.onnx")
