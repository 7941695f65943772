"""What a page may send: every table takes its defaults, and refuses whatever else there is."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from mitbadak.core.errors import MitbadakError
from mitbadak.lab.schema import (
    Choice,
    Choices,
    Flag,
    Number,
    Records,
    RefusedError,
    Rows,
    Text,
    Whole,
    checked,
    defaults,
)
from mitbadak.lab.view import View
from mitbadak.lab.views import VIEWS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
CASES = {  # a field, what it takes, and what it refuses
    "Number": (Number(0, 1, 0.5), [0, 1, 0.25], [-0.1, 2, float("nan"), "1", True, None, [1]]),
    "Whole": (Whole(1, 8, 2), [1, 8, 3.0], [0, 9, 2.5, 1e400, "2", False]),
    "Choice": (Choice(("a", "b"), "a"), ["a", "b"], ["c", 1, None, ["a"], {}]),
    "Choices": (Choices(("a", "b"), ("a",)), [["a"], ["b", "a"]], [[], "a", ["c"], [1], ["a"] * 3]),
    "Flag": (Flag(True), [True, False], [0, 1, "true", None]),
    "Text": (Text(3), ["", "abc"], ["abcd", 1, None, "a\0"]),
    "Rows": (Rows(2, 2), [[], [[1, 2]]], [[[1]], [[1, "2"]], [[1, 2]] * 3, [[1, 1e9]], "ab", [1]]),
    "Records": (Records({"n": Whole(1, 2, 1)}, 2), [[], [{}], [{"n": 2}]],
                [[{"n": 3}], [{"m": 1}], [{}] * 3, {}, [1]]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_field_takes_what_it_says_and_refuses_the_rest_by_its_name(name: str) -> None:
    field, taken, refused = CASES[name]
    for value in taken:
        field.check("lab.field", value)
    for value in refused:
        with pytest.raises(RefusedError, match=r"^lab\.field"):
            field.check("lab.field", value)


def test_an_unknown_field_and_what_is_no_object_are_refused() -> None:
    fields = {"lr": Number(0, 1, 0.1)}
    with pytest.raises(RefusedError, match=r"^settings has no field 'rate'\. Known: lr\.$"):
        checked("settings", fields, {"rate": 1})
    with pytest.raises(RefusedError, match=r"^settings must be an object; got \[1\]\.$"):
        checked("settings", fields, [1])


@pytest.fixture(params=VIEWS)
def view(request: pytest.FixtureRequest) -> Any:
    made = VIEWS[request.param]()
    yield made
    made.close()


def test_every_table_takes_its_own_defaults(view: View) -> None:
    for fields in (view.SETTINGS, *view.MESSAGES.values()):
        values = json.loads(json.dumps(defaults(fields)))
        assert checked("table", fields, values) == values


def test_every_message_has_a_method(view: View) -> None:
    for kind in view.MESSAGES:
        assert callable(getattr(view, f"on_{kind}"))
    assert not {"hello", "set"} & set(view.MESSAGES), "these belong to the base"


@pytest.fixture(scope="module", params=VIEWS)
def lasting(request: pytest.FixtureRequest) -> Any:
    made = VIEWS[request.param]()
    yield made
    made.close()


@given(message=JSON)
def test_whatever_json_arrives_is_refused_in_words(lasting: View, message: Any) -> None:
    with pytest.raises(MitbadakError, match=r"."):
        lasting.receive(message)


@given(data=st.data())
def test_settings_of_any_value_are_taken_or_refused_as_a_whole(lasting: View, data: Any) -> None:
    key, value = data.draw(st.sampled_from(sorted(lasting.SETTINGS))), data.draw(JSON)
    before = dict(lasting.settings)
    with contextlib.suppress(MitbadakError):
        lasting.receive({"type": "set", "settings": {key: value, "unknown": 1}})
    assert lasting.settings == before
