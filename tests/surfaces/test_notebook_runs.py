"""A notebook that is executed: what each cell shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.once

CELLS = {
    "fit": """
import numpy as np
import mitbadak as mb
x, t = mb.load_spiral()
net = mb.MLP([2, 10, 3], rng=0)
history = mb.fit(net, x, t, lr=1.0, batch_size=30, epochs=300, rng=0)
""",
    "history": "history",
    "net": "net",
    "report": "mb.check_gradients(net, x[:5], t[:5])",
    "descent": "mb.gradient_descent(lambda x: x[0]**2 + x[1]**2, np.array([-3.0, 4.0]), 0.1, 20)",
    "figure": "history.plot(lang='ko')",
    "variable": "mb.Variable(2.0, 'x') * mb.Variable(3.0, 'y')",
    "error": "mb.fit(net, x[:, :1], t)",
    "name": "net.fit(x, t)",
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """The outputs of each cell, by name."""
    folder = tmp_path_factory.mktemp("notebook")
    kernels = folder / "kernels" / "here"
    kernels.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernels.joinpath("kernel.json").write_text(
        json.dumps({"argv": command, "display_name": "here", "language": "python"})
    )
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip()) for source in CELLS.values()]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        client = NotebookClient(
            notebook, timeout=120, kernel_name="here", allow_errors=True,
            resources={"metadata": {"path": str(folder)}},
        )  # fmt: skip
        client.execute()
    nbformat.write(notebook, folder / "executed.ipynb")
    return {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}


def html(outputs: list[Any]) -> str:
    return "".join(output.get("data", {}).get("text/html", "") for output in outputs)


def test_fit_shows_curves_that_grew_and_its_last_line(outputs: dict[str, list[Any]]) -> None:
    (shown,) = outputs["fit"]
    assert shown.output_type == "display_data"
    page = html([shown])
    assert "data:image/png;base64," in page
    assert re.search(r"epoch 300/300 +loss 0\.1", page)
    assert "<progress" not in page  # the bar is gone


@pytest.mark.parametrize(("cell", "said"), [
    ("history", "3,000 updates"), ("net", "Affine(2, 10)"),
    ("report", "The gradient is right"), ("descent", "gradient"), ("variable", "<svg"),
])  # fmt: skip
def test_results_show_themselves(cell: str, said: str, outputs: dict[str, list[Any]]) -> None:
    assert said in html(outputs[cell])


def test_a_figure_is_shown_without_pyplot(outputs: dict[str, list[Any]]) -> None:
    assert outputs["figure"][0].data["image/png"]


@pytest.mark.parametrize(("cell", "said"), [("error", "ShapeError: "), ("name", "mb.fit(net")])
def test_an_error_is_its_line_and_our_words(
    cell: str, said: str, outputs: dict[str, list[Any]]
) -> None:
    (error,) = outputs[cell]
    assert error.output_type == "error"
    lines = "\n".join(error.traceback).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("this cell, line 1: ")
    assert said in lines[1]


def test_outside_of_a_notebook_epochs_are_lines() -> None:
    script = "import mitbadak as mb; mb.fit(mb.MLP([2, 3]), mb.load_spiral(), epochs=2)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    lines = [line[:9] for line in done.stdout.splitlines()]
    assert lines == [f"epoch {k}/2" for k in range(3)]
