"""The command export: files by their endings, and what is refused."""

from __future__ import annotations

import json
import os
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


def ways(run: Path, name: str, other: Path) -> dict[str, Path]:
    """Spellings of a file of a run."""
    (other / "link").symlink_to(run, target_is_directory=True)
    (other / f"to.{name.split('.')[-1]}").symlink_to(run / name)
    return {
        "plain": run / name, "dots": run / ".." / run.name / name, "link": other / "link" / name,
        "case": run / name.upper(), "file link": other / f"to.{name.split('.')[-1]}",
        "relative": Path(os.path.relpath(run / name)),
    }  # fmt: skip


@pytest.mark.parametrize("way", ["plain", "dots", "link", "case", "file link", "relative"])
@pytest.mark.parametrize("name", ["model.safetensors", "checkpoint.safetensors"])
@pytest.mark.parametrize("read", ["folder", "model", "elsewhere"])
def test_no_file_of_a_run_is_written_over(
    run: Path, tmp_path: Path, way: str, name: str, read: str, capsys: Capture
) -> None:
    if os.name == "nt":
        pytest.skip("links need rights there")
    source = {
        "folder": run,
        "model": run / "model.safetensors",
        "elsewhere": tmp_path / "n.safetensors",
    }
    mb.save(mb.MLP([2, 3], rng=0), tmp_path / "n.safetensors")
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    out = ways(run, name, tmp_path)[way]
    assert main(["export", str(source[read]), str(out)]) == 2
    error = capsys.readouterr().err
    assert "belongs to the run itself" in error or "is the file that is read" in error
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("link", [None, "symbolic", "hard"])
def test_the_file_that_is_read_is_not_written_over(
    tmp_path: Path, link: str | None, capsys: Capture
) -> None:
    source, out = tmp_path / "net.safetensors", tmp_path / "net.safetensors"
    mb.save(mb.MLP([2, 3], rng=0), source)
    if link is not None:
        out = tmp_path / "other.safetensors"
        (out.symlink_to if link == "symbolic" else out.hardlink_to)(source)
    before = source.read_bytes()
    assert main(["export", str(source), str(out)]) == 2
    assert "is the file that is read" in capsys.readouterr().err
    assert source.read_bytes() == before


def test_other_files_in_a_run_folder_are_written(run: Path, capsys: Capture) -> None:
    for _ in range(2):
        assert main(["export", str(run), str(run / "net.onnx")]) == 0
    (run / "net.onnx").unlink()


@pytest.mark.parametrize("ending", [".onnx", ".c", ".safetensors"])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_what_the_inputs_must_be_is_said(
    run: Path, tmp_path: Path, ending: str, lang: str, capsys: Capture
) -> None:
    """Weights hold no standardization; prepared as the command says, PyTorch answers alike."""
    capsys.readouterr()
    assert main(["export", str(run), str(tmp_path / f"net{ending}"), "--lang", lang]) == 0
    said = capsys.readouterr().out
    model: Any = mb.load(run)
    for name, mean in zip(model.preparation.columns, model.preparation.mean, strict=True):
        assert name in said
        assert (f"{name}: ({mean:.9g}," in said) == (ending == ".safetensors")
    whole = {"en": "columns of the table as numbers", "ko": "표의 열을 수로 바꾼"}[lang]
    left = {"en": "no standardization", "ko": "표준화는 들어 있지 않습니다"}[lang]
    assert (left if ending == ".safetensors" else whole) in said
    assert main(["export", str(run), str(tmp_path / f"net{ending}"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    if ending == ".safetensors":
        assert tuple(answer["mean"]) == model.preparation.mean
        assert tuple(answer["std"]) == model.preparation.std
    else:
        assert "mean" not in answer
