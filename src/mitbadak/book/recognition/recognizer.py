"""The numerical gradient of a learner's own f, fast where its structure is recognised."""

from __future__ import annotations

import contextlib
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mitbadak.book.recognition import words
from mitbadak.book.recognition.central import CentralDifferences
from mitbadak.book.recognition.checks import (
    Check,
    check_direction,
    check_entries,
    chosen,
)
from mitbadak.book.recognition.domains import Moved
from mitbadak.book.recognition.generators import Generators
from mitbadak.book.recognition.places import Places
from mitbadak.book.recognition.printed import captured
from mitbadak.book.recognition.spread import Spread
from mitbadak.book.recognition.tape import Node, Tape, UntraceableError
from mitbadak.book.recognition.traced import TracedArray
from mitbadak.core.errors import positive
from mitbadak.core.languages import known_language
from mitbadak.core.printing import print_line
from mitbadak.functions.numerical import LONG_SECONDS, H, as_number

SMALLEST = 64  # entries, below which an f not met before is left to the definition: it is fast
SMALLEST_OF_KNOWN = 8
LARGEST_VALUE = 1e5  # of an entry: x + 1e-4 is then still exact to 1e-7 of the step
ENTRIES_AT_FIRST = 8  # that are checked by the definition
EVERY = 25  # calls, after which one more entry is
SMALL_STEP = 1e-6  # at which the slope along a direction is compared where h is too wide
REPEATED = 64 * float(np.finfo(np.float64).eps)  # agreement of two runs of f

_LOCK = threading.RLock()  # while f is traced, its arrays are replaced


@dataclass
class Family:
    """What is known of all f with one piece of code, at one shape of the array.

    Attributes:
        calls: how many gradients were computed fast.
        distrusted: why they no longer are; None while they are.
    """

    calls: int = 0
    distrusted: tuple[str, str] | None = None


@dataclass(frozen=True)
class Recognition:
    """One gradient that was computed fast.

    Attributes:
        gradient: the central differences, in the shape of the array.
        net: the net in words, where kernels know it; empty where f's own operations are replayed.
        seconds: what it took, with all checks.
        seconds_of_f: what one evaluation of f takes.
        check: the last comparison with the definition.
    """

    gradient: np.ndarray
    net: tuple[str, ...]
    seconds: float
    seconds_of_f: float
    check: Check


@dataclass
class Recognizer:
    """Computes numerical gradients of nets of dense layers fast, and remembers whose f it knows.

    f may be the notes' ``loss_W = lambda W: self.loss(x, t)``, which ignores its argument and reads
    the same array elsewhere, or a function that uses its argument. It is run once on a traced
    array (``traced.py``). Changing one weight changes one unit of one layer, for each example by
    itself, so what depends on that unit is computed again for many weights at once: on kernels for
    layers and losses that the house knows, by f's own operations otherwise. The results are the
    central differences of the definition at the same h, up to the rounding of f: about
    1e-16 |f| / h, which the definition's own digits have as well.

    Nothing of an earlier call is used for a later one, apart from the count of checks: f is traced
    again, with whatever inputs and labels it reads now. Each gradient is compared with f along a
    random direction, and some of its entries with the definition, at first and from time to time.
    Where anything is unclear, the answer is None, f and all that it can reach are as before, and
    the definition is to be followed.

    Args:
        lang: ``en`` or ``ko``, for what is said.
        say: called with each line; by default it is printed on stderr.

    Attributes:
        why: why the last call returned None, a key of ``words.REASONS`` and what it names.
        last: the last gradient that was computed fast.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> W, x, t = rng.normal(size=(30, 5)), rng.random((20, 30)), np.eye(5)[np.arange(20) % 5]
        >>> def loss(W):
        ...     e = np.exp(x @ W)
        ...     return -np.sum(t * np.log(e / e.sum(axis=1, keepdims=True))) / len(x)
        >>> recognizer = Recognizer(say=lambda line: None)
        >>> from mitbadak import numerical_gradient
        >>> bool(np.allclose(recognizer.gradient(loss, W), numerical_gradient(loss, W), atol=1e-10))
        True
        >>> recognizer.last.check.difference < 1e-9  # of a sample from the definition
        True
    """

    lang: str = "en"
    say: Callable[[str], None] | None = None
    why: tuple[str, str] | None = field(default=None, init=False)
    last: Recognition | None = field(default=None, init=False)
    _families: dict[Any, Family] = field(default_factory=dict, init=False, repr=False)
    _met: set[Any] = field(default_factory=set, init=False, repr=False)
    _said: set[Any] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        known_language(self.lang)
        self._rng = np.random.default_rng(0)

    def gradient(self, f: Callable[[Any], Any], x: Any, *, h: float = H) -> np.ndarray | None:
        """The central differences of f at x, or None where they are left to the definition.

        Args:
            f: a function of x, or of what x is part of, that returns one number.
            x: an array of floats, which f reads as its argument or elsewhere.
            h: half the distance of a central difference.

        Raises:
            RangeError: h is not a finite number above 0.
        """
        h, self.why = positive("numerical_gradient", "h", h), None
        code = code_of(f)
        family = self._families.setdefault((code, np.shape(x)), Family())
        self.why = family.distrusted
        if self.why:
            return None
        if not self.is_worth_while(f, x):
            self.why = "array", f"{type(x).__name__}, {np.size(x)} entries"
            return None
        self.why = self.objection(x, h)
        if self.why:
            self.leave(f, x, self.why)
            return None
        with _LOCK:
            attempt = _Attempt(f, x, h, self._rng)
            due = ENTRIES_AT_FIRST if not family.calls else int(family.calls % EVERY == 0)
            try:
                found = attempt.run(due)
            except UntraceableError as error:
                self.why = error.why, error.what
                if error.why == "mismatch":
                    family.distrusted = self.why
                    self._print(words.distrusted(self.lang, *self.why))
                self._forecast(code, x, attempt.seconds_of_f)
                return None
        family.calls += 1
        self._met.add(code)
        self.last = found
        self._report(code, found)
        return found.gradient

    def is_worth_while(self, f: Any, x: Any) -> bool:
        """Whether x is an array with so many entries that the definition would be slow.

        Fewer are enough where a larger array of the same f was recognised: its other parameters.
        """
        smallest = SMALLEST_OF_KNOWN if code_of(f) in self._met else SMALLEST
        return isinstance(x, np.ndarray) and x.size >= smallest

    def objection(self, x: np.ndarray, h: float) -> tuple[str, str] | None:
        """Why the structure is not looked for in a function of this array; None if it is."""
        if type(x) is not np.ndarray:
            return "array", type(x).__name__
        if x.dtype != np.float64 or not x.dtype.isnative or x.ndim not in (1, 2):
            return "array", f"{x.dtype}, {x.ndim}-D"
        if not x.flags.writeable:
            return "array", "read-only"
        largest = float(np.abs(x).max())
        return None if largest <= LARGEST_VALUE * h / H else ("large", f"{largest:.0e}")

    def leave(self, f: Callable[[Any], Any], x: np.ndarray, why: tuple[str, str]) -> None:
        """Say what the definition will take for an f that is not recognised, if it is long."""
        self.why = why
        if (code_of(f), why) in self._said:
            return
        with _LOCK:
            try:
                seconds = _Attempt(f, x, H, self._rng).time()
            except Exception:  # the definition meets it too, and shows it
                return
        self._forecast(code_of(f), x, seconds)

    def _report(self, code: Any, found: Recognition) -> None:
        if (code, "recognised") in self._said:
            return
        self._said.add((code, "recognised"))
        self._print(words.recognised(
            self.lang, net=found.net, entries=found.gradient.size, fast=found.seconds,
            slow=2 * found.gradient.size * found.seconds_of_f, checked=found.check.entries,
            difference=found.check.difference,
        ))  # fmt: skip

    def _forecast(self, code: Any, x: np.ndarray, seconds_of_f: float) -> None:
        slow = 2 * x.size * seconds_of_f
        if self.why is None or slow < LONG_SECONDS or (code, self.why) in self._said:
            return
        self._said.add((code, self.why))
        self._print(
            words.forecast(
                self.lang, evaluations=2 * x.size, slow=slow, why=self.why[0], what=self.why[1]
            )
        )

    def _print(self, line: str) -> None:
        if self.say is not None:
            self.say(line)
        else:
            print_line(line, sys.stderr, flush=True)


class _Attempt:
    """One gradient; whatever fails on the way is an ``UntraceableError``, and leaves no trace."""

    def __init__(self, f: Callable[[Any], Any], x: np.ndarray, h: float, rng: np.random.Generator):
        self.f, self.x, self.h, self.rng = f, x, h, rng
        self.seconds_of_f = 0.0
        self.times: list[float] = []
        self.draws = False
        self.generators = Generators([])

    def time(self) -> float:
        """The seconds of one evaluation, of which nothing is left behind."""
        with self._undisturbed(always=True):
            self._evaluate(self.x)
        return self.seconds_of_f

    def run(self, entries: int) -> Recognition:
        """The gradient, of which so many entries are compared with the definition."""
        began = time.perf_counter()
        with self._undisturbed() as places:
            gradient, net, check = self._gradient(places, entries)
        return Recognition(gradient, net, time.perf_counter() - began, self.seconds_of_f, check)

    @contextlib.contextmanager
    def _undisturbed(self, *, always: bool = False) -> Iterator[Places]:
        """Undo whatever f does, if the attempt fails or ``always``; and refuse what it prints."""
        places = Places(self.f, self.x)
        self.generators = Generators(places.generators)
        before, failed = self.x.copy(), True
        try:
            with captured() as printed:
                yield places
            if printed.anything:
                raise UntraceableError("prints")
            failed = False
        except UntraceableError:
            raise
        except Exception as error:
            raise UntraceableError("error", type(error).__name__) from error
        finally:
            if failed or always:
                self.x[...] = before
                places.restore()
                self.generators.restore()

    def _evaluate(self, x: Any) -> Any:
        """``f(x)``, timed; and whether it draws from Python's generator."""
        state, began = random.getstate(), time.perf_counter()
        value = self.f(x)
        self.draws = self.draws or random.getstate() != state
        self.times.append(time.perf_counter() - began)
        self.seconds_of_f = sorted(self.times)[len(self.times) // 2]
        return value

    def _gradient(self, places: Places, entries: int) -> tuple[np.ndarray, tuple[str, ...], Check]:
        before = self.x.tobytes()
        result = self._evaluate(self.x)
        if self.x.tobytes() != before:
            raise UntraceableError("writes")
        if self.draws or self.generators.have_moved(self.generators.before):
            raise UntraceableError("random")
        value = as_number(result)
        output = self._traced(places)
        if not abs(output.value.item() - value) <= REPEATED * max(1.0, abs(value)):
            raise UntraceableError("differs")
        spread = Spread(output)
        differences = CentralDifferences(spread, self.x, self.h)
        gradient = differences.gradient()
        if not np.isfinite(gradient).all():
            raise UntraceableError("not finite")
        kernels = list(differences.kernels.values())
        net = kernels[0].words if len(kernels) == 1 and kernels[0] is not None else ()
        return gradient, net, self._checked(gradient, entries, spread)

    def _traced(self, places: Places) -> Node:
        """The node of what f returns, from a run on a traced array."""
        tape = Tape()
        traced = TracedArray(tape, tape.start(self.x))
        with places.holding(traced, tape), np.errstate(all="ignore"):
            try:
                result = self.f(traced)
            except Exception as error:
                raise tape.refused or UntraceableError("error", type(error).__name__) from error
        if tape.refused:
            raise tape.refused
        if type(result) is TracedArray and not tape.numbers:
            if result.size != 1:
                raise UntraceableError("many")
            return result._node
        if tape.numbers and type(result) is float and len(tape.numbers) == 1:
            node = tape.numbers[0]
            if float(node.value.reshape(())) == result:
                return node
        raise (
            UntraceableError("plain", "float") if tape.numbers else UntraceableError("independent")
        )

    def _checked(self, gradient: np.ndarray, entries: int, spread: Spread) -> Check:
        states, size = self.generators.states(), _size(spread)
        check = check_direction(self._evaluate, self.x, gradient, self.rng, size)
        if check.failure and self.h > SMALL_STEP:
            # A wide step, or large inputs: the definition's differences are then no slopes.
            slopes = CentralDifferences(spread, self.x, SMALL_STEP).gradient()
            check = check_direction(self._evaluate, self.x, slopes, self.rng, size)
            entries = max(entries, ENTRIES_AT_FIRST)
        if not check.failure and entries:
            at = chosen(gradient, entries, self.rng)
            check = check_entries(self._evaluate, self.x, gradient, self.h, at, size)
        if self.draws or self.generators.have_moved(states):
            raise UntraceableError("random")
        if check.failure:
            raise UntraceableError("mismatch", f"{check.failure:.0e}")
        return check


def code_of(f: Any) -> Any:
    """The code of a function, which is one for all closures made from it."""
    function = getattr(f, "__func__", f)
    return getattr(function, "__code__", type(f))


def _size(spread: Spread) -> float:
    """The largest number of which a loss is made: scores, and values before an activation."""
    products = [n for n in spread.needed if n.kind == "matmul" and isinstance(
        spread.domains[n.number], Moved)]  # fmt: skip
    return max([1.0, *(float(np.abs(n.value).max()) for n in products)])
