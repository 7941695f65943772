"""``mitbadak book`` beside plain ``python``: the same output, exit codes, tracebacks and signals."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.once  # each starts a process

PROGRAMS = {
    "exit code": "import sys; print('a'); sys.exit(7)",
    "exit text": "import sys; sys.exit('벌써 끝')",
    "error": "def f(x):\n    return 1 / x\n\n\nprint('before')\nf(0)\n",
    "chained": "try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('나쁜 값') from e\n",
    "main": "print(__name__, __file__, __doc__, __spec__, __package__, sys.argv, sys.path[0])",
    "stdin": "print(input() + '!', sys.stdin.read())",
    "bytes": "sys.stdout.buffer.write(bytes(range(256)))",
    "two streams": "print('1'); print('2', file=sys.stderr); print('3')",
    "at exit": "import atexit; atexit.register(lambda: print('end')); print('begin')",
    "syntax": "x = = 1",
    "name": "print(missing)",
    "encoding": "# -*- coding: utf-8 -*-\nprint('기울기')",
    "unpickled class": "import copy\nclass A: pass\nprint(copy.deepcopy([A()])[0].__class__)",
    "dataclass": "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nprint(P(3))",
    "typing": "import sys, typing\nclass A:\n    b: 'A'\nprint(typing.get_type_hints(A))",
}  # fmt: skip


def ran(command: list[str], file: Path, **options: Any) -> tuple[int, bytes, bytes]:
    run = subprocess.run([*command, str(file), "-a", "--lang", "나"], capture_output=True,
                         input=b"one\ntwo\n", cwd=file.parent, **options)  # fmt: skip
    return run.returncode, run.stdout, run.stderr


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_script_behaves_as_with_python(tmp_path: Path, name: str) -> None:
    file = tmp_path / "program.py"
    file.write_text(f"import sys\n{PROGRAMS[name]}\n" if name != "encoding" else PROGRAMS[name],
                    encoding="utf-8")  # fmt: skip
    plain = ran([sys.executable], file)
    code, out, err = ran([sys.executable, "-m", "mitbadak", "book"], file)
    said = [line for line in err.splitlines(keepends=True) if not line.startswith(b"mitbadak: ")]
    assert (code, out) == plain[:2]
    assert b"".join(said) == plain[2]


def test_lines_of_two_streams_keep_their_order(tmp_path: Path) -> None:
    file = tmp_path / "order.py"
    file.write_text(
        "import sys\nfor i in range(50):\n    print(i, file=(sys.stdout, sys.stderr)[i % 2])\n"
    )
    command = [sys.executable, "-u", "-m", "mitbadak", "book", str(file)]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
    assert run.stdout.split() == [str(i).encode() for i in range(50)]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_as_they_end_python(tmp_path: Path, number: int) -> None:
    file = tmp_path / "long.py"
    file.write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    ends = []
    for command in ([sys.executable], [sys.executable, "-m", "mitbadak", "book"]):
        process = subprocess.Popen(
            [*command, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.5)  # until it sleeps
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        ends.append((process.returncode, err))
    assert ends[0] == ends[1]


@pytest.mark.parametrize(("arguments", "said"), [
    (["missing.py"], "no such file"),
    (["."], "a folder"),
    (["--lang", "jp", "a.py"], "unknown language"),
    (["--chapter", "9", "a.py"], "unknown chapter"),
])  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_2(
    book: Any, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "elsewhere" / "a.py").write_text("")
    run = book(*arguments)
    assert run.returncode == 2
    assert said in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_a_gpu_that_is_asked_for_is_said_to_be_the_cpu(book: Any, tmp_path: Path) -> None:
    script = tmp_path / "gpu.py"
    script.write_text(
        "from common import config\nconfig.GPU = {0}\nfrom common.np import *\n"
        "print(config.GPU, np.arange(3).sum())\n"
    )
    text = script.read_text()
    for asked in (True, False):
        script.write_text(text.format(asked))
        run = book("--lang", "en", script)
        assert (run.returncode, run.stdout) == (0, f"{asked} 3\n")
        assert ("computes on the CPU" in run.stderr) == asked


def test_errors_of_adapters_show_the_scripts_lines_only(book: Any, tmp_path: Path) -> None:
    file = tmp_path / "shapes.py"
    file.write_text("import numpy as np\nfrom common.layers import Affine\n"
                    "Affine(np.ones((2, 3)), np.ones(3)).forward(np.ones((1, 5)))\n")  # fmt: skip
    run = book(file)
    assert run.returncode == 1
    assert f'File "{file}", line 3' in run.stderr
    assert run.stderr.count("File ") == 1
    assert "ShapeError: affine expects x" in run.stderr


def test_figures_are_numbered_and_only_own_ones_written_over(book: Any, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    (folder / "draw-2.png").write_bytes(b"somebody's own")
    file = tmp_path / "draw.py"
    file.write_text(
        "import matplotlib.pyplot as plt\nfor k in range(2):\n    plt.plot([k]); plt.show()\n"
    )
    for _ in range(2):
        run = book(file)
        assert run.returncode == 0, run.stderr
        assert sorted(p.name for p in folder.iterdir()) == [
            "draw-1.png",
            "draw-2.png",
            "draw-3.png",
        ]
    assert (folder / "draw-2.png").read_bytes() == b"somebody's own"
    assert book("--figures", "f", file).returncode == 0
    assert len(list((folder / "f").iterdir())) == 2


def test_the_doctor_speaks_before_the_script_and_changes_nothing(book: Any, tmp_path: Path) -> None:
    file = tmp_path / "fault.py"
    file.write_text(
        "import numpy as np\nparams = {'W': np.ones(2)}\ngrad = {'W': np.zeros(2)}\nlearning_rate = 0.1\n"
        "for key in params:\n    params[key] -= learning_rate + grad[key]  # 기울기\nprint(params['W'])\n",
        encoding="utf-8",
    )
    run = book(file)
    assert run.stdout == "[0.9 0.9]\n"
    (line,) = run.stderr.splitlines()
    assert "fault.py, 6번째 줄: lr-plus-gradient" in line
    assert "learning_rate * grad[key]" in line


WORKERS = """
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from common.functions import softmax
from helper import twice


def work(n):
    from dataset.mnist import img_size

    return np.int(twice(n)), softmax(np.zeros(2)).tolist(), img_size, sys.argv[1:]


if __name__ == "__main__":
    with ProcessPoolExecutor(2, multiprocessing.get_context(sys.argv[1])) as pool:
        print(list(pool.map(work, [1, 2])))
"""


@pytest.mark.parametrize(("method", "how"), [
    *((method, "book") for method in multiprocessing.get_all_start_methods()),
    ("spawn", "damaged"), ("spawn", "import"), ("spawn", "module"),
])  # fmt: skip
def test_processes_that_a_script_starts_are_in_book_mode(
    book: Any, tmp_path: Path, method: str, how: str
) -> None:
    """However they begin, and as the script itself: with its repairs, path and arguments."""
    (tmp_path / "helper.py").write_text("def twice(n):\n    return 2 * n\n")
    file = tmp_path / "workers.py"
    first = "import mitbadak.book" if how in ("import", "module") else ""
    last_letter_lost = WORKERS.replace("def work", "ef work") if how == "damaged" else WORKERS
    file.write_text(first + last_letter_lost)
    if how in ("book", "damaged"):
        run = book(file, method, timeout=120)
    else:
        command = ["-m", "workers"] if how == "module" else [str(file)]
        run = subprocess.run([sys.executable, *command, method], cwd=tmp_path, timeout=120,
                             capture_output=True, text=True)  # fmt: skip
    answers = [(2 * n, [0.5, 0.5], 784, [method]) for n in (1, 2)]
    assert run.stdout == f"{answers}\n", run.stderr
    assert run.stderr.count("mitbadak: ") == (how == "damaged")
