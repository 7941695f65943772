"""The history of a run: rows, columns, JSON, and the file that a crash may cut off."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from mitbadak.core.errors import FormatError, UnknownNameError
from mitbadak.nn import MLP
from mitbadak.training import History, fit
from mitbadak.training.history_file import MEASURES, problem_of

NAN = math.nan
ROWS = [
    {"epoch": 0, "step": 0, "train_loss": 1.5},
    {"epoch": 1, "step": 2, "train_loss": 1.25, "test_accuracy": 0.5},
    {"epoch": 2, "step": 4, "train_loss": 1.0, "test_accuracy": 0.75},
]
LOSSES = [1.5, 1.0, 1.125, 0.875]


def strict(text: str) -> Any:
    """JSON as RFC 8259 has it, where NaN and Infinity are no numbers."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture
def history() -> History:
    return History(ROWS, LOSSES)


@pytest.fixture
def file(tmp_path: Path, history: History) -> Path:
    """The file of a run that saved after each epoch: steps, then the row that sums them up."""
    path = tmp_path / "history.jsonl"
    saved = [(0, 0), (1, 0), (2, 2), (3, 4)]
    text = "".join(
        History(ROWS[:rows], LOSSES[:losses]).lines_from(*before)
        for before, (rows, losses) in zip(saved, [*saved[1:], (3, 4)], strict=True)
    )
    path.write_text(text)
    return path


def test_a_history_is_a_sequence_of_rows(history: History) -> None:
    assert len(history) == 3
    assert list(history) == ROWS
    assert history[-1]["epoch"] == 2
    assert history[1:] == ROWS[1:]


def test_a_column_has_none_where_a_row_lacks_the_measure(history: History) -> None:
    assert history["epoch"] == [0, 1, 2]
    assert history.column("test_accuracy") == [None, 0.5, 0.75]
    assert history.names == ["epoch", "step", "train_loss", "test_accuracy"]


def test_an_unknown_column_is_refused_with_the_nearest_known(history: History) -> None:
    with pytest.raises(UnknownNameError, match="column 'test_acuracy'; did you mean 'test_acc"):
        history["test_acuracy"]


def test_an_empty_history_has_no_column() -> None:
    assert History().to_columns() == {}
    with pytest.raises(UnknownNameError, match="unknown column 'epoch'"):
        History()["epoch"]


def test_to_rows_returns_copies(history: History) -> None:
    rows = history.to_rows()
    assert rows == ROWS
    rows[0]["train_loss"] = 99
    assert history[0]["train_loss"] == 1.5


def test_columns_hold_what_rows_hold(history: History) -> None:
    columns = history.to_columns()
    assert list(columns) == history.names
    assert columns["train_loss"] == [1.5, 1.25, 1.0]


def test_json_round_trip_keeps_everything(history: History) -> None:
    history.stopped, history.engine = 'it "became" nan', "compiled"
    again = History.from_json(history.to_json())
    assert (again.rows, again.losses) == (ROWS, LOSSES)
    assert (again.stopped, again.engine) == ('it "became" nan', "compiled")


@pytest.mark.parametrize("value", [NAN, math.inf, -math.inf])
def test_non_finite_values_in_a_row_become_null(value: float) -> None:
    history = History([{"epoch": 0, "step": 0, "test_loss": value}])
    assert strict(history.to_json())["rows"] == [{"epoch": 0, "step": 0, "test_loss": None}]
    assert strict(history.lines_from(0, 0)) == {"epoch": 0, "step": 0, "test_loss": None}
    assert history[0]["test_loss"] is value  # only the text says None


def test_lines_from_returns_only_lines_not_yet_written(history: History) -> None:
    lines = [json.loads(line) for line in history.lines_from(2, 3).splitlines()]
    assert lines == [{"step": 4, "loss": 0.875}, ROWS[2]]
    assert history.lines_from(3, 4) == ""


def test_a_file_round_trip_keeps_rows_and_losses(file: Path) -> None:
    again = History.read(file)
    assert (again.rows, again.losses) == (ROWS, LOSSES)


def test_losses_are_read_back_to_the_bit(tmp_path: Path) -> None:
    losses = [0.1, 1 / 3, 2.302585092994046, 5e-324, 1.7976931348623157e308]
    path = tmp_path / "history.jsonl"
    path.write_text(History([], losses).lines_from(0, 0))
    assert History.read(path).losses == losses


@pytest.mark.parametrize(("step", "rows", "losses"), [(0, 1, 0), (1, 1, 1), (2, 2, 2), (9, 3, 4)])
def test_entries_beyond_a_step_are_dropped(file: Path, step: int, rows: int, losses: int) -> None:
    again = History.read(file, up_to_step=step)
    assert (again.rows, again.losses) == (ROWS[:rows], LOSSES[:losses])


def test_a_last_line_that_was_cut_off_is_dropped(file: Path) -> None:
    whole = file.read_text()
    last = len(whole.splitlines()[-1])
    for cut in range(1, last):
        file.write_text(whole[:-1][:-cut])
        assert History.read(file).rows == ROWS[:-1], f"{cut} characters missing"


def test_a_missing_newline_at_the_end_loses_nothing(file: Path) -> None:
    file.write_text(file.read_text().rstrip("\n"))
    assert History.read(file).rows == ROWS


def test_a_broken_line_in_the_middle_is_refused_with_its_number(file: Path) -> None:
    lines = file.read_text().splitlines()
    lines[2] = lines[2][:-4]
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(
        FormatError,
        match=r"history\.jsonl, line 3 is not .* a JSON object; got '\{\"step\": 2",
    ):
        History.read(file)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"step": "a", "loss": 1}', "not a line of a history: its step is 'a'"),
        ('{"step": -1, "loss": 1}', "its step is -1"),
        ('{"epoch": true, "step": 1}', "its epoch is True"),
        ('{"epoch": 1, "step": 1, "test_loss": "1"}', "its test_loss is '1'"),
        ('{"epoch": 1, "step": 1, "seconds": [1]}', r"its seconds is \[1\]"),
        ("[" * 2000 + "]" * 2000, "not a JSON object"),
        ('{"a": "' + "x" * (1 << 16) + '"}', "line 3 is longer than 65,536 bytes"),
    ],
)
def test_a_line_that_no_run_wrote_is_refused(file: Path, line: str, message: str) -> None:
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:2], line, *lines[2:]]) + "\n")
    with pytest.raises(FormatError, match=message):
        History.read(file)


@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_every_measured_column_holds_numbers(engine: str) -> None:
    x, t = [[0.0], [1.0]], [0, 1]
    history = fit(MLP([1, 2], rng=0), (x, t), validation=(x, t), test=(x, t), batch_size=2,
                  epochs=1, engine=engine, callbacks=[])  # fmt: skip
    assert {f"test_{measure}" for measure in MEASURES} <= set(history.names)
    for name in history.names:
        assert problem_of({name: "x"}) == f"its {name} is 'x'", "see MEASURES"


def test_rows_and_lists_too_short_to_be_a_history_are_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mitbadak.training.history_file.FREE_PARTS", 5)
    file.write_text('{"epoch": 1}\n' * 5 + '{"step": 1, "loss": 1}\n' * 9)
    assert len(History.read(file)) == 5
    for more in ('{"epoch": 1}\n' * 6, '{"epoch": 1, "own": [[], [], [], [], {}]}\n'):
        file.write_text(more)
        with pytest.raises(FormatError, match="rows, or lists in them, in"):
            History.read(file)
    row = {"epoch": 1, "step": 600, "train_loss": 0.25, "test_accuracy": 0.9, "seconds": 1.234}
    file.write_text((json.dumps(row) + "\n") * 50)
    assert len(History.read(file)) == 50


def test_user_defined_columns_may_hold_anything(file: Path) -> None:
    row = {"epoch": 9, "step": 99, "remark": "good", "norms": [1.0, {"W1": 2}]}
    with open(file, "a") as more:
        more.write(json.dumps(row) + "\n")
    assert History.read(file)[-1] == row
