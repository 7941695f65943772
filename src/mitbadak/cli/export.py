"""The command export: a trained net in a file that other programs read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from mitbadak.cli.flags import AsJson, Language
from mitbadak.cli.language import say, tell
from mitbadak.core.errors import RangeError
from mitbadak.core.printing import print_json

FORMS = (".onnx", ".safetensors", ".c")


def export(
    run: Annotated[
        Path, typer.Argument(help="Run folder, or a file that mitbadak.save has written.")
    ],
    out: Annotated[
        Path,
        typer.Argument(
            help="File to write, whose ending says its form: .onnx, .safetensors (weights under "
            "PyTorch's names) or .c (one C file)."
        ),
    ],
    opset: Annotated[int, typer.Option(help="ONNX: version of its operations, 17 to 21.")] = 17,
    name: Annotated[str, typer.Option(help="C: prefix of the names.")] = "net",
    as_json: AsJson = False,
    lang: Language = "",
) -> int:
    """Write a trained net as ONNX, as PyTorch's weights or as one C file."""
    from mitbadak.interop import export_c, export_onnx, save_torch_weights
    from mitbadak.runs.trained import load

    writers: dict[str, Callable[[Any, str | os.PathLike[str]], None]] = {
        ".onnx": lambda net, path: export_onnx(net, path, opset=opset),
        ".safetensors": save_torch_weights,
        ".c": lambda net, path: export_c(net, path, name=name),
    }
    form = out.suffix.lower()
    if form not in writers:
        raise RangeError(
            f"export expects a file that ends in {', '.join(FORMS[:-1])} or {FORMS[-1]}; got "
            f"{str(out)!r}."
        )
    if not out.resolve().parent.is_dir():
        raise RangeError(f"export: there is no folder {out.resolve().parent}. Make it first.")
    net = load(run)
    if form == ".safetensors" and out.exists() and out.resolve().parent == run.resolve():
        raise RangeError(
            f"export: {out} belongs to the run itself. Choose a file outside of the run folder."
        )
    writers[form](net, out)
    size = out.stat().st_size
    inputs, outputs = net.n_in, net.n_out
    if as_json:
        print_json({"file": str(out), "bytes": size, "inputs": inputs, "outputs": outputs})
        return 0
    tell(f"{out}: {inputs:,} inputs, {outputs:,} outputs, {size:,} bytes")
    preparation = getattr(net, "preparation", None)
    if preparation is not None and preparation.table is not None:
        print_features(preparation.table.features)
    return 0


def print_features(features: tuple[str, ...]) -> None:
    """Say which numbers the file takes where they were made of a table's cells."""
    tell(f"{say('its inputs are columns of the table as numbers:')} {', '.join(features)}")
