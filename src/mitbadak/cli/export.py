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
from mitbadak.data.preparation import Preparation

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
    refuse_sources(run, out)
    net = load(run)
    writers[form](net, out)
    size = out.stat().st_size
    inputs, outputs = net.n_in, net.n_out
    preparation: Preparation | None = getattr(net, "preparation", None)
    left = {} if preparation is None or form != ".safetensors" else left_to_do(preparation)
    if as_json:
        print_json({"file": str(out), "bytes": size, "inputs": inputs, "outputs": outputs, **left})
        return 0
    tell(f"{out}: {inputs:,} inputs, {outputs:,} outputs, {size:,} bytes")
    if preparation is not None:
        print_inputs(preparation, left)
    return 0


def refuse_sources(run: Path, out: Path) -> None:
    """Refuse to write over what is read, or over a file of any run, whatever way it is spelled.

    Args:
        run: the run folder, or file, that is read.
        out: the file to write.

    Raises:
        RangeError: it is one of them.
    """
    from mitbadak.runs.folder import RunFolder

    def is_same(path: Path) -> bool:
        return out.exists() and path.exists() and out.samefile(path)

    if is_same(run):
        raise RangeError(f"export: {out} is the file that is read. Choose another one.")
    places = {p for p in (out.resolve().parent, out.absolute().parent) if p.is_dir()}
    folders = [run.resolve(), run.resolve().parent, *places]
    for folder in map(RunFolder, folders):
        if not folder.config.is_file():
            continue
        own = (folder.config, folder.history, folder.model, folder.checkpoint, folder.curves)
        names = {path.name.casefold() for path in own}
        inside = any(place.samefile(folder.path) for place in places)
        named = {out.name.casefold(), out.resolve().name.casefold()} & names
        if any(map(is_same, own)) or (inside and named):
            raise RangeError(
                f"export: {out} belongs to the run itself. Choose a file outside of the run folder."
            )


def left_to_do(preparation: Preparation) -> dict[str, Any]:
    """The numbers that prepare raw examples, and that weights alone do not hold."""
    every = {
        "columns": preparation.columns, "divisor": preparation.divisor,
        "mean": preparation.mean, "std": preparation.std,
        "target_mean": preparation.target_mean, "target_std": preparation.target_std,
    }  # fmt: skip
    prepares = any(value for name, value in every.items() if name != "columns")
    return {name: value for name, value in every.items() if value} if prepares else {}


def print_inputs(preparation: Preparation, left: dict[str, Any]) -> None:
    """Say which numbers the file takes, and how they are prepared where it does not do so.

    Args:
        preparation: of the net's examples.
        left: what the file leaves to whoever uses it.
    """
    if left.get("mean"):
        tell("the file holds no standardization; its inputs are columns as numbers, each less its "
             "mean and divided by its spread:")  # fmt: skip
        names = preparation.columns or tuple(str(i) for i in range(len(preparation.mean)))
        for name, mean, std in zip(names, preparation.mean, preparation.std, strict=True):
            tell(f"  {name}: ({mean:.9g}, {std:.9g})")
    elif preparation.table is not None:
        features = ", ".join(preparation.table.features)
        tell(f"{say('its inputs are columns of the table as numbers:')} {features}")
    if divisor := preparation.divisor:
        tell(f"its inputs are pixels divided by {divisor:g}")
    for mean, std in zip(left.get("target_mean", ()), left.get("target_std", ()), strict=True):
        tell(f"its answers are to be multiplied by {std:.9g}, then {mean:.9g} added")
