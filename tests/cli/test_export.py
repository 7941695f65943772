"""The command export: files by their endings, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.cli import main
from mitbadak.interop import from_onnx, load_torch_weights

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "iris"
    table = folder.parent / "flowers.csv"
    rows = [f"{i % 7},{i % 5},{'red' if i % 2 else 'blue'},{'a' if i % 7 > 3 else 'b'}"
            for i in range(80)]  # fmt: skip
    table.write_text("\n".join(["length,width,color,kind", *rows]))
    main(["train", str(table), "--out", str(folder), "--epochs", "5", "--quiet"])
    return folder


@pytest.mark.parametrize("ending", [".onnx", ".c", ".safetensors"])
def test_a_run_becomes_a_file(run: Path, tmp_path: Path, ending: str, capsys: Capture) -> None:
    capsys.readouterr()
    assert main(["export", str(run), str(tmp_path / f"net{ending}"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["bytes"] == (tmp_path / f"net{ending}").stat().st_size
    assert answer["inputs"] == 4


def test_the_files_hold_the_net(run: Path, tmp_path: Path, capsys: Capture) -> None:
    main(["export", str(run), str(tmp_path / "net.onnx")])
    assert "columns of the table as numbers: length, width, color=" in capsys.readouterr().out
    model: Any = mb.load(run)
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    scaled = model.preparation.scaled(x.astype(float))
    read = from_onnx(tmp_path / "net.onnx")
    np.testing.assert_allclose(read.predict(x), model.net.predict(scaled), rtol=1e-4, atol=1e-5)
    main(["export", str(run), str(tmp_path / "net.safetensors")])
    loaded: Any = mb.load(run)
    twin = loaded.net
    twin.params["W1"][...] = 0
    load_torch_weights(twin, tmp_path / "net.safetensors")
    assert (twin.params["W1"] == model.net.params["W1"]).all()


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("net.txt", "ends in .onnx, .safetensors or .c; got"),
        ("net", "ends in .onnx"),
        ("missing/net.onnx", "there is no folder"),
    ],
)
def test_other_files_are_refused(
    run: Path, tmp_path: Path, out: str, message: str, capsys: Capture
) -> None:
    assert main(["export", str(run), str(tmp_path / out)]) == 2
    assert message in capsys.readouterr().err


def test_weights_of_the_run_itself_are_not_written_over(run: Path, capsys: Capture) -> None:
    before = (run / "model.safetensors").read_bytes()
    assert main(["export", str(run), str(run / "model.safetensors")]) == 2
    assert "belongs to the run itself" in capsys.readouterr().err
    assert (run / "model.safetensors").read_bytes() == before
