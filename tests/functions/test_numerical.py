"""Numerical derivatives are correct in every memory layout, and x is restored to the bit."""

from __future__ import annotations

import io
import itertools
import re
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

import mitbadak as mb
from mitbadak import numerical_diff, numerical_gradient
from mitbadak.core.errors import (
    DtypeError,
    NumericalWarning,
    RangeError,
    ShapeError,
    StateError,
)
from mitbadak.core.progress import StderrProgress, duration
from mitbadak.functions.numerical import central_differences
from strategies import floats

# As they are laid out in memory: an array that owns it, and views that skip or reorder it.
LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "C order": np.ascontiguousarray,
    "Fortran order": np.asfortranarray,
    "transposed": lambda x: x.T,
    "every second": lambda x: np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x,
    "backwards": lambda x: x[::-1] if x.ndim else x,
    "big-endian": lambda x: x.astype(">f8"),
}


def weighted(x: np.ndarray) -> float:
    """A function whose gradient differs at every entry."""
    return float(np.sum(np.arange(1, x.size + 1).reshape(x.shape) * x**2))


def weighted_gradient(x: np.ndarray) -> np.ndarray:
    return 2 * np.arange(1, x.size + 1).reshape(x.shape) * x


def sphere(x: np.ndarray) -> float:
    return float(np.sum(x**2))


@pytest.mark.parametrize(("x", "wanted"), [(5, 0.1999999999990898), (10, 0.2999999999986347)])
def test_the_books_parabola_has_the_books_digits(x: int, wanted: float) -> None:
    assert numerical_diff(lambda x: 0.01 * x**2 + 0.1 * x, x) == wanted


def test_the_partial_derivatives_are_the_books() -> None:
    # f(x0, x1) = x0^2 + x1^2 at (3, 4), one variable at a time.
    assert numerical_diff(lambda x0: x0 * x0 + 4.0**2.0, 3.0) == pytest.approx(6.00000000000378)
    assert numerical_diff(lambda x1: 3.0**2.0 + x1 * x1, 4.0) == pytest.approx(7.999999999999119)


def test_a_derivative_at_an_array_is_taken_entry_by_entry() -> None:
    x = np.linspace(-2, 2, 9)
    assert numerical_diff(np.sin, x) == pytest.approx(np.cos(x), abs=1e-8)


@pytest.mark.parametrize(
    ("x", "wanted"),
    [
        ([3.0, 4.0], [6.00000000000378, 7.999999999999119]),
        ([0.0, 2.0], [0, 4]),
        ([3.0, 0.0], [6, 0]),
    ],
)
def test_the_gradients_are_the_notes(x: list[float], wanted: list[float]) -> None:
    assert numerical_gradient(sphere, np.array(x)) == pytest.approx(wanted, abs=1e-10)
    assert numerical_gradient(sphere, x) == pytest.approx(wanted, abs=1e-10)  # a list of floats


@pytest.mark.parametrize("layout", LAYOUTS)
@given(x=hnp.array_shapes(min_dims=0, max_dims=3, max_side=4).flatmap(floats))
def test_the_gradient_is_correct_for_every_shape_and_layout(layout: str, x: np.ndarray) -> None:
    x = LAYOUTS[layout](np.array(x))
    before = x.copy()
    gradient = numerical_gradient(weighted, x)
    assert gradient.shape == x.shape
    assert np.allclose(gradient, weighted_gradient(x), atol=1e-6)
    assert np.array_equal(x, before)


def test_a_view_changes_its_own_entries_only() -> None:
    whole = np.arange(12.0).reshape(3, 4)
    seen = []
    numerical_gradient(lambda part: seen.append(whole.copy()) or sphere(part), whole[1:, ::2])
    assert len(seen) == 8
    changed = np.any([moved != np.arange(12.0).reshape(3, 4) for moved in seen], axis=0)
    assert changed.tolist() == [[False] * 4, [True, False, True, False], [True, False, True, False]]


def test_f_may_read_the_array_itself_and_ignore_its_argument() -> None:
    # The notes write f = lambda W: net.loss(x, t), which reads the net's own W.
    W = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert numerical_gradient(lambda _: weighted(W), W) == pytest.approx(weighted_gradient(W))


STUBBORN = np.array([-0.0, 0.0, 5e-324, -2.2e-308, 1 / 3, 1e300])


def raises(error: BaseException) -> Callable[[np.ndarray], float]:
    calls = itertools.count()

    def f(x: np.ndarray) -> float:
        if next(calls) == 5:  # in the middle of an entry: x + h has been seen, x - h has not
            raise error
        return float(x[0])

    return f


def overwrites(x: np.ndarray) -> float:
    x[...] = 7.0
    return 0.0


@pytest.mark.parametrize(
    ("f", "error"),
    [
        (lambda x: float(x[0]), None),
        (raises(ZeroDivisionError()), ZeroDivisionError),
        (raises(KeyboardInterrupt()), KeyboardInterrupt),
        (lambda x: x, ShapeError),
        (overwrites, StateError),
    ],
    ids=["f returns", "f raises", "Ctrl-C", "f returns a vector", "f writes into x"],
)
def test_x_is_restored_to_the_bit(f: Callable, error: type[BaseException] | None) -> None:
    x = STUBBORN.copy()
    if error is None:
        numerical_gradient(f, x, h="auto")
    else:
        with pytest.raises(error):
            numerical_gradient(f, x, h="auto")
    assert x.tobytes() == STUBBORN.tobytes()


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (
            np.array([3, 4]),
            "got int64: integers cannot hold x + 1e-4, which would be truncated to x",
        ),
        ([3, 4], "got int64: integers cannot hold x + 1e-4"),
        (np.array([True]), "got bool: integers cannot hold"),
        (np.array([1j]), "got complex128: this derivative is defined for real numbers"),
        (np.array(["1"]), "got <U1: this derivative is defined"),
        (np.broadcast_to(np.ones(1), (2,)), "got a read-only array. Use x.copy()."),
    ],
    ids=["integers", "a list of integers", "bool", "complex", "text", "read-only"],
)
def test_an_array_that_cannot_be_changed_is_refused_with_the_reason(
    x: object, message: str
) -> None:
    with pytest.raises(DtypeError, match=re.escape(message)):
        numerical_gradient(sphere, x)


@pytest.mark.parametrize(
    ("f", "got"),
    [
        (lambda x: x, r"float64 of shape \(2,\)"),
        (lambda x: x[:0], r"float64 of shape \(0,\)"),
        (lambda x: x.sum() * 1j, r"complex128 of shape \(\)"),
    ],
)
def test_f_must_return_one_real_number(f: Callable, got: str) -> None:
    with pytest.raises(ShapeError, match=f"expects f to return one real number; got {got}. Sum it"):
        numerical_gradient(f, np.ones(2))


@pytest.mark.parametrize("h", [0, -1e-4, float("nan"), float("inf"), "small"])
def test_an_invalid_h_is_refused(h: float | str) -> None:
    with pytest.raises(RangeError, match="numerical_gradient: h must be a finite number above 0"):
        numerical_gradient(sphere, np.ones(2), h=h)
    if not isinstance(h, str):
        with pytest.raises(RangeError, match="numerical_diff: h must be a finite number above 0"):
            numerical_diff(sphere, 1.0, h=h)


def test_float32_warns_and_gives_the_digits_it_can() -> None:
    x = np.array([3, 4], np.float32)
    with pytest.warns(NumericalWarning, match=r"in float32.* only a few digits. Use x.astype"):
        gradient = numerical_gradient(sphere, x)
    assert gradient.dtype == np.float32
    assert gradient == pytest.approx([6, 8], rel=0.05)


def test_an_x_so_large_that_h_is_lost_warns_and_auto_cures_it() -> None:
    # Near 1e13 floats are 0.002 apart, so x + 1e-4 is x: the notes' run with lr = 10 froze here.
    x = np.array([1e13, -1e13, 3.0])
    with pytest.warns(NumericalWarning, match="at 2 of 3 entries.*Use h='auto'"):
        frozen = numerical_gradient(np.sum, x)
    assert frozen.tolist()[:2] == [0, 0]
    assert numerical_gradient(lambda x: float(x[0] - x[1]), x, h="auto")[:2] == pytest.approx(
        [1, -1]
    )


def test_several_arrays_are_differentiated_and_report_where_h_was_lost() -> None:
    a, b = np.array([1e13, 2.0]), np.array([[3.0]])
    result = central_differences(lambda moved: float(moved.sum()), [a, b])
    assert [lost.tolist() for lost in result.lost_to_rounding] == [[True, False], [[False]]]
    assert [gradient.shape for gradient in result.gradients] == [(2,), (1, 1)]
    assert result.gradients[1] == pytest.approx(1, rel=1e-9)


def test_an_array_without_entries_has_an_empty_gradient() -> None:
    assert numerical_gradient(sphere, np.zeros((0, 3))).shape == (0, 3)


def test_progress_gets_the_forecast_then_every_entry_then_the_end() -> None:
    calls: list[tuple[int, int, str]] = []

    def report(done: int, total: int, message: str) -> None:
        calls.append((done, total, message))

    numerical_gradient(sphere, np.ones(5), progress=report)
    assert [(done, total) for done, total, _ in calls] == [(0, 10), (6, 10), (8, 10), (10, 10)]
    assert re.match(r"numerical gradient: 10 evaluations, about \S+ s \(Ctrl-C", calls[0][2])
    assert re.match(r"numerical gradient: 6 of 10 evaluations, about \S+ s left", calls[1][2])
    assert re.match(r"numerical gradient: 10 evaluations in \S+ s$", calls[-1][2])


@pytest.fixture
def slow_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that advances by a second whenever it is read, so that no test has to wait."""
    ticks = itertools.count()
    monkeypatch.setattr(
        "mitbadak.functions.numerical.time.perf_counter", lambda: float(next(ticks))
    )


@pytest.mark.usefixtures("slow_clock")
def test_long_work_is_announced_on_stderr_unless_switched_off(
    capsys: pytest.CaptureFixture[str],
) -> None:
    numerical_gradient(sphere, np.ones(50), progress=False)
    assert capsys.readouterr() == ("", "")
    numerical_gradient(sphere, np.ones(50))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("numerical gradient: 100 evaluations, about 50 s (Ctrl-C stops it")
    assert err.endswith("numerical gradient: 100 evaluations in 51 s\n")


def test_short_work_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    numerical_gradient(sphere, np.ones(50))
    assert capsys.readouterr() == ("", "")


class Stderr(io.StringIO):
    """A replacement for ``sys.stderr`` that is a terminal or not."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def written_at(seconds: list[float], terminal: bool, monkeypatch: pytest.MonkeyPatch) -> str:
    """The text written by reports at these times, the last of them at the end."""
    stderr, clock = Stderr(terminal), iter(seconds)
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr("mitbadak.core.progress.time.monotonic", lambda: next(clock))
    progress = StderrProgress()
    for done in range(len(seconds)):
        progress(done, len(seconds) - 1, "step " + "o" * (len(seconds) - done))
    return stderr.getvalue()


def test_a_file_gets_plain_lines_ten_seconds_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    text = written_at([100, 101, 109.9, 110, 111, 112], False, monkeypatch)
    assert text == "step oooooo\nstep ooo\nstep o\n"


def test_a_terminal_gets_one_line_rewritten_twice_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    # A shorter line is padded, so that it covers the longer one before it.
    text = written_at([100, 100.4, 100.5, 100.9, 101, 101.1], True, monkeypatch)
    assert text == "\rstep oooooo\n\rstep oooo  \rstep oo    \rstep o     \n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (0.94, "0.9 s"), (1, "1 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"),
     (7200, "2.0 h"), (172_799, "48.0 h"), (172_800, "2.0 days"), (864_000, "10.0 days")],
)  # fmt: skip
def test_durations_have_readable_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


# Every function that takes a difference over a step, and how each is called at x.
DIFFERENCES: dict[str, Callable[..., object]] = {
    "numerical_diff": lambda f, x, **h: numerical_diff(f, x, **h),
    "numerical_gradient": lambda f, x, **h: numerical_gradient(
        lambda v: float(np.sum(np.asarray(f(v), np.float64))), np.atleast_1d(np.array(x)), **h
    ),
}
each_difference = pytest.mark.parametrize("difference", DIFFERENCES.values(), ids=DIFFERENCES)


@each_difference
@pytest.mark.parametrize("x", [1e13, -1e13, 1e12, np.array([1e13])], ids=str)
def test_an_h_lost_in_float64_warns_and_auto_cures_it(difference: Callable, x: object) -> None:
    with pytest.warns(NumericalWarning, match=r"at 1 of \d entries x \+ 0.0001.*Use h='auto'"):
        difference(lambda v: v * 3.0, x)
    assert difference(lambda v: v * 3.0, x, h="auto") == pytest.approx(3, rel=1e-3)


@each_difference
@pytest.mark.parametrize("x", [1000, 2500, 8000])
def test_in_float32_the_actual_distance_is_the_divisor(difference: Callable, x: int) -> None:
    """Near 1000, x + 1e-4 is rounded to x + 1.2e-4: dividing by 2h would give 2.4 for 2x."""
    at = np.float32(x)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        slope = np.asarray(difference(lambda v: v * np.float32(2), at))
    assert any(
        "float32: differences of f carry only a few digits" in str(w.message) for w in caught
    )
    lost = np.float32(x + 1e-4) == np.float32(x - 1e-4)
    assert any("is not representable" in str(w.message) for w in caught) == lost
    assert slope.dtype == np.float32
    assert slope == (0 if lost else 2)
    with pytest.warns(NumericalWarning, match="only a few digits"):
        assert difference(lambda v: v * np.float32(2), at, h="auto") == pytest.approx(2, rel=1e-3)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (1j, DtypeError, "expects x as real numbers; got complex128"),
        ("1", DtypeError, "expects x as real numbers; got <U1"),
        (10**400, DtypeError, "expects x as real numbers; got object"),
        (np.ma.masked_array([1.0], [True]), DtypeError, "x is a masked array"),
        ([[1.0], [1.0, 2.0]], ShapeError, "nested lists of different lengths"),
    ],
    ids=["complex", "text", "too large", "masked", "ragged"],
)
def test_an_x_that_is_not_a_number_is_refused(
    x: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^numerical_diff.*{re.escape(message)}"):
        numerical_diff(lambda v: v, x)


@each_difference
@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (None, ShapeError, "f returned None"),
        (1j, (DtypeError, ShapeError), "real number"),
        ("1", (DtypeError, ShapeError), "real number"),
        (np.ma.masked, DtypeError, "f\\(x\\) is a masked array"),
    ],
    ids=["None", "complex", "text", "masked"],
)
def test_f_must_return_numbers(
    difference: Callable, value: object, error: type[Exception], message: str
) -> None:
    def bad(v: object) -> object:
        return value

    for x in (1.0, np.ones(2)):
        by_entry = difference is DIFFERENCES["numerical_diff"]
        with pytest.raises(error, match=message):
            numerical_diff(bad, x) if by_entry else numerical_gradient(bad, np.atleast_1d(x))


def test_a_function_of_the_whole_array_has_no_derivative_entry_by_entry() -> None:
    with pytest.raises(ShapeError, match=r"each entry of x, shape \(3,\); got \(\).*numerical_gra"):
        numerical_diff(np.sum, np.ones(3))


def test_a_function_of_one_number_may_return_several() -> None:
    assert numerical_diff(lambda s: [s, s * s], 2.0) == pytest.approx([1, 4])


def test_bytes_returned_by_f_do_not_wrap_around() -> None:
    assert numerical_diff(lambda v: np.uint8(3 if v > 1 else 5), 1.0) == pytest.approx(-1e4)


def test_a_masked_array_is_refused() -> None:
    x = np.ma.masked_array([1.0, 2.0], [False, True])
    with pytest.raises(DtypeError, match="numerical_gradient: x is a masked array"):
        numerical_gradient(sphere, x)
    assert x.data.tolist() == [1, 2]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_the_derivative_is_not_finite_where_f_is_not(value: float) -> None:
    assert np.isnan(numerical_diff(lambda v: value, 1.0))
    assert np.isnan(numerical_gradient(lambda v: value, np.ones(2))).all()


def test_the_remedy_for_a_float32_net_gives_its_gradient() -> None:
    """The notes' call on a float32 net: the message names remedies, and a copy of W is none."""
    net = mb.TwoLayerNet(4, 5, 3, weight_init_std=0.5, rng=0)
    x, t = np.random.default_rng(0).random((6, 4)), np.array([0, 1, 2, 0, 1, 2])
    W, exact = net.params["W1"], net.astype(np.float64).gradient(x, t)["W1"]
    with pytest.warns(NumericalWarning, match="not a copy") as caught:
        coarse = numerical_gradient(lambda W: net.loss(x, t), W)
    assert np.abs(coarse - exact).max() > 1e-2 * np.abs(exact).max()
    assert not numerical_gradient(lambda W: net.loss(x, t), W.astype(np.float64)).any()
    message = str(caught[0].message)
    remedies = re.findall(r"net\.\w+\([^)]*\)", message)
    assert remedies == ["net.numerical_gradient(x, t)", "net.astype(np.float64)"]
    result, double = (eval(call, {"net": net, "np": np, "x": x, "t": t}) for call in remedies)
    np.testing.assert_allclose(result["W1"], exact, atol=1e-8)
    by_notes = numerical_gradient(lambda W: double.loss(x, t), double.params["W1"])
    np.testing.assert_allclose(by_notes, exact, atol=1e-8)
    # And where f computes from its argument, the copy is what helps.
    assert "Use x.astype(np.float64) if f computes from its argument" in message
    single = np.array([3, 4], np.float32)
    np.testing.assert_allclose(numerical_gradient(sphere, single.astype(np.float64)), [6, 8])


@pytest.mark.parametrize("structured", [True, False])
def test_a_nets_numerical_gradient_warns_about_a_lost_h_too(structured: bool) -> None:
    net = mb.MLP([2, 2], rng=0)
    x, t = np.array([[1e-13, 0.5]]), [1]
    net.params["W1"][0] = 1e13
    with pytest.warns(NumericalWarning, match="numerical_gradient: at 2 of 6 entries.*'auto'"):
        net.numerical_gradient(x, t, structured=structured, progress=False)
    result, exact = net.numerical_gradient(x, t, h="auto"), net.gradient(x, t)
    np.testing.assert_allclose(result["W1"][1], exact["W1"][1], atol=1e-6)
    with pytest.raises(RangeError, match="h must be a finite number above 0; got 'small'"):
        net.numerical_gradient(x, t, h="small", structured=structured)
