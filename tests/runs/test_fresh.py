"""New examples are prepared as those of the training were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mitbadak.core.errors import FormatError, MitbadakWarning
from mitbadak.data.preparation import Preparation
from mitbadak.runs import model_file as weights
from mitbadak.runs.fresh import KNOWN, images_for, preparation_of, table_for
from small_runs import run

COLUMNS = Preparation("table", columns=("a", "b"), label="kind", classes=("x", "y"))


def table(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "new.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_stored_preparation_is_preferred(tmp_path: Path) -> None:
    folder = run(tmp_path / "run", epochs=0).run
    stored = weights.read(folder.model)
    assert preparation_of(folder).to_config() == stored.values["preparation"]
    older = {name: value for name, value in stored.values.items() if name != "preparation"}
    weights.write(folder.model, weights.Stored(stored.arrays, older))
    assert preparation_of(folder) == KNOWN["spiral"]
    own = Preparation("points", columns=("u", "v"), classes=("p", "q", "r"))
    values = {**stored.values, "preparation": own.to_config()}
    weights.write(folder.model, weights.Stored(stored.arrays, values))
    assert preparation_of(folder) == own
    values["preparation"] = {"kind": "images"}
    weights.write(folder.model, weights.Stored(stored.arrays, values))
    with pytest.raises(FormatError, match="does not say how its examples were prepared"):
        preparation_of(folder)


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n3,4\n",
        "b,kind,a\n2,x,1\n4,y,3\n",
        "b;a\r\n2;1\r\n4;3\r\n",
        "\ufeffa\tb\n1\t2\n\n3\t4",
        'a , b\n"1"," 2"\n3,4e0\n\n',
    ],
)
def test_columns_are_found_by_name_in_any_order(tmp_path: Path, text: str) -> None:
    assert table_for(table(tmp_path, text), COLUMNS).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,c\n1,2\n", "lacks the column 'b'; it has a, c. The net was trained on a, b"),
        ("", r"new\.csv is empty"),
        ("a,b\n", "has no rows below"),
        ("a,b,a\n1,2,3\n", "two columns are named 'a'"),
        ("a,b\n1,2\n3\n", "row 2 below the header has 1 columns, the header has 2"),
        (
            "a,b\n1,two\n",
            "row 1 below the header, column 'b': expected a finite number, as in "
            "training; got 'two'",
        ),
        ("a,b\n1,\n", "row 1 below the header, column 'b': expected a finite number, .*; got ''"),
        ("a,b\nnan,1\n", "row 1 below the header, column 'a': expected a finite number, .*'nan'"),
        ('a,b\n1,"2\n', "is damaged: .* Is a quotation mark missing"),
        (
            "a,b\n1_000,1\n",
            "column 'a': expected a finite number, as in training; got '1_000'",
        ),
        ("a,b\n1," + "9" * 400 + "\n", "row 1 below the header, column 'b': expected a finite"),
        ("a,b\n1,\u0663\n", "row 1 below the header, column 'b': expected a finite number"),
        ("a,b," + "1," * 10_000 + "\n", "has 10,003 columns; at most 10,000 are read"),
        ("a,b\n1,1" + " " * (1 << 20) + "\n", "a row of more than 1,048,576 characters"),
        ("a,b\n" + '"\n",' * 300_000, "a row of more than 1,048,576 characters"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_with_the_row_and_column(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        table_for(table(tmp_path, text), COLUMNS)


def test_other_encodings_are_read(tmp_path: Path) -> None:
    for encoding in ("latin-1", "utf-16"):
        rows = table_for(table(tmp_path, "a,b,\u00fc\n1,2,3\n", encoding), COLUMNS)
        assert rows.tolist() == [[1, 2]]


def test_digits_are_centered_and_photos_only_scaled(tmp_path: Path) -> None:
    page = np.full((60, 60), 250, np.uint8)
    page[5:30, 5:9] = 20
    Image.fromarray(page).save(tmp_path / "one.png")
    (digit,) = images_for([tmp_path / "one.png"], KNOWN["mnist"])
    assert digit[0, 0] == 0  # the paper is dark now
    assert digit[14, 14] > 200
    photos = Preparation("images", shape=(30, 30), divisor=255, classes=("cat", "dog"))
    (photo,) = images_for([tmp_path / "one.png"], photos)
    assert (photo.shape, photo[29, 29]) == ((30, 30), 250)
    with pytest.warns(MitbadakWarning, match=r"one\.png .* it is dark on light, and the training"):
        (plain,) = images_for([tmp_path / "one.png"], KNOWN["mnist"], center=False)
    assert plain[27, 27] == 250
    (dark,) = images_for([tmp_path / "one.png"], KNOWN["mnist"], center=False, invert=True)
    assert dark[27, 27] == 5
    (lying,) = images_for([tmp_path / "one.png"], KNOWN["mnist"], transpose=True)
    assert np.array_equal(lying, digit.T)


@pytest.mark.parametrize("shape", [(), (9,), (1 << 20, 1 << 20)])
def test_images_are_refused_for_a_net_on_other_examples(
    shape: tuple[int, ...], tmp_path: Path
) -> None:
    Image.new("L", (9, 9), 255).save(tmp_path / "a.png")
    with pytest.raises(FormatError, match="does not take images"):
        images_for([tmp_path / "a.png"], Preparation("points", shape))


def test_a_page_without_ink_is_named(tmp_path: Path) -> None:
    Image.new("L", (9, 9), 255).save(tmp_path / "empty.png")
    with pytest.raises(FormatError, match=r"empty\.png: no ink"):
        images_for([tmp_path / "empty.png"], KNOWN["mnist"])


def test_every_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    files = [tmp_path / f"{k}.png" for k in range(6)]
    for file in files:
        Image.new("L", (9, 9), 255).save(file)
    files[0].write_bytes(b"not a picture")
    one = Image.new("L", (28, 28), 255)
    one.paste(0, (13, 4, 16, 24))
    one.save(files[5])
    with pytest.raises(
        FormatError,
        match=r"^5 of 6 pictures cannot be read: .*0\.png .*; .*1\.png: no ink.*; .*2\.png: no "
        r"ink.*; and 2 more\.$",
    ):
        images_for(files, KNOWN["mnist"])


def test_every_column_with_a_cell_that_does_not_fit_is_named(tmp_path: Path) -> None:
    message = (
        r"^2 columns do not fit: .*row 2 .*'a': expected a finite number, .* got 'x'; .*row 1 .*'b'"
    )
    with pytest.raises(FormatError, match=message):
        table_for(table(tmp_path, "a,b\n1,y\nx,2\n"), COLUMNS)
