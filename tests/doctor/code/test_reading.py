"""What the static reader can read, and how it refuses what it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from doctor.code.learners import FAULTY
from doctor.code.variants import as_script, lines_of
from mitbadak.core.errors import FormatError
from mitbadak.doctor.code import read_code

pytestmark = pytest.mark.once

ANY = settings(max_examples=60, deadline=None,
               suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
SCRIPT = as_script(lines_of(FAULTY["update with plus"])).content


def refused(file: Path, content: bytes, match: str) -> None:
    file.write_bytes(content)
    with pytest.raises(FormatError, match=match) as caught:
        read_code(file)
    assert file.name in str(caught.value)


def notebook(*cells: str) -> bytes:
    code = [{"cell_type": "code", "source": cell, "execution_count": 1} for cell in cells]
    return json.dumps({"cells": code, "nbformat": 4}).encode()


def read_or_refuse(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    refusal = ""
    try:
        for finding in read_code(file):
            json.dumps(finding.to_dict("ko"))
    except FormatError as problem:
        refusal = str(problem)
    assert not refusal or file.name in refusal


@pytest.mark.parametrize("name", ["a.py", "a.ipynb"])
@ANY
@given(content=st.binary(max_size=200))
def test_arbitrary_bytes_are_read_or_refused(name: str, content: bytes, tmp_path: Path) -> None:
    read_or_refuse(tmp_path / name, content)


@pytest.mark.parametrize("name", ["a.py", "a.ipynb"])
@ANY
@given(text=st.text(max_size=100))
def test_arbitrary_text_is_read_or_refused(name: str, text: str, tmp_path: Path) -> None:
    content = text.encode("utf-8", "replace")
    read_or_refuse(tmp_path / name, notebook(text) if name == "a.ipynb" else content)


@ANY
@given(data=st.data())
def test_damaged_scripts_are_read_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    content = bytearray(SCRIPT.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content) - 1))
        stop = data.draw(st.integers(start, min(len(content), start + 40)))
        content[start:stop] = data.draw(st.binary(max_size=6) | st.sampled_from([b"", b"\n", b"("]))
    read_or_refuse(tmp_path / "a.py", bytes(content))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["cells", "source", "cell_type", "worksheets", "input",
                                       "execution_count", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@ANY
@given(value=JSON)
def test_any_json_is_read_or_refused(value: object, tmp_path: Path) -> None:
    read_or_refuse(tmp_path / "a.ipynb", json.dumps(value).encode())
    read_or_refuse(tmp_path / "b.ipynb", json.dumps({"cells": [value, value]}).encode())


def test_causes_are_named_with_their_line(tmp_path: Path) -> None:
    refused(
        tmp_path / "a.py", b"x = 1\nprint(x))\n", r"a.py, line 2: this is not Python: unmatched"
    )
    refused(tmp_path / "a.py", b"x = 1\ny = '\0'\n", "line 2: a NUL character")
    refused(tmp_path / "a.py", b"x = 1\n# \xff\n", "line 2: the byte 0xff is not utf-8")
    refused(tmp_path / "a.py", b"# coding: klingon\n", "line 1: unknown encoding")
    refused(tmp_path / "a.ipynb", b'{"cells":\n [', "line 2: a notebook is JSON; expecting value")
    refused(tmp_path / "a.ipynb", b"[]", "line 1: expected a notebook with a list of cells")
    refused(
        tmp_path / "a.ipynb", notebook("x = 1", "\ny = ("), "cell 2, line 2: this is not Python"
    )
    refused(tmp_path / "a.txt", b"x = 1", r"expected a .py or .ipynb file; got '.txt'")
    (tmp_path / "run.py").mkdir()
    with pytest.raises(FormatError, match=r"expected a .py or .ipynb file; got a folder"):
        read_code(tmp_path / "run.py")
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        read_code(tmp_path / "none.py")


@pytest.mark.parametrize(
    "text",
    ["(" * 5000, "-" * 5000 + "1", "1" + "+1" * 20_000, "a" + ".b" * 20_000, "[" * 90 + "]" * 90,
     "x = " + "f(" * 80 + ")" * 80],
    ids=["open", "minus", "sum", "attributes", "lists", "calls"],
)  # fmt: skip
def test_deep_nesting_is_read_or_refused(text: str, tmp_path: Path) -> None:
    read_or_refuse(tmp_path / "a.py", text.encode())
    read_or_refuse(tmp_path / "a.ipynb", notebook(text))
    read_or_refuse(tmp_path / "b.ipynb", b'{"cells":' + b"[" * 100_000)


def test_every_declared_encoding_is_followed(tmp_path: Path) -> None:
    line = "t = np.zeros(3, dtype=np.int)  # 정답 레이블"
    for encoding, head in (
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("cp949", "# -*- coding: cp949 -*-\n"),
    ):
        (tmp_path / "a.py").write_bytes(f"{head}import numpy as np\r\n{line}\r".encode(encoding))
        (finding,) = read_code(tmp_path / "a.py")
        assert finding.evidence["line"] == line
        assert finding.where.endswith(f"line {3 if head else 2}")


def test_commands_of_ipython_are_skipped_and_cells_keep_their_numbers(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": "x = ("},
        {
            "cell_type": "code",
            "source": ["%matplotlib inline\n", "import numpy as np\n", "?np.int\n"],
        },
        {"cell_type": "code", "source": "%%bash\nls (\n"},
        {"cell_type": "code", "source": "!ls\nif True:\n    %time\nfiles = !ls\nx = np.int(3)"},
    ]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}))
    (finding,) = read_code(tmp_path / "a.ipynb")
    assert (finding.code, finding.where) == ("removed-numpy-name", "a.ipynb, cell 4, line 5")
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": cells[3]["source"]}]}]}
    (tmp_path / "old.ipynb").write_text(json.dumps(old))
    assert [f.where for f in read_code(tmp_path / "old.ipynb")] == ["old.ipynb, cell 1, line 5"]


def test_cells_run_out_of_order_are_a_note(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": f"x = {k}", "execution_count": k} for k in (6, 3, 25)]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}))
    (finding,) = read_code(tmp_path / "a.ipynb")
    assert (finding.code, finding.severity) == ("cells-out-of-order", "note")
    assert finding.where == "a.ipynb, cell 2, line 1"


def test_long_files_are_read_in_good_time(tmp_path: Path) -> None:
    nested = "\n".join(f"{'    ' * k}for i{k} in range(9):" for k in range(18))
    (tmp_path / "a.py").write_text(f"{nested}\n{'    ' * 18}x = 1\n")
    assert read_code(tmp_path / "a.py") == []
    doubling = "def f0(x): return x\n" + "\n".join(
        f"def f{k}(x): return f{k - 1}(f{k - 1}(x))" for k in range(1, 30)
    )
    (tmp_path / "a.py").write_text(f"{doubling}\nf29(1)\n")
    assert read_code(tmp_path / "a.py") == []
