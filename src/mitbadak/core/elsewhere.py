"""Names and attributes of other libraries, and the line that does it here."""

from __future__ import annotations

import difflib
import functools
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np

from mitbadak.core.elsewhere_names import ERRORS, PACKAGE, plain
from mitbadak.core.elsewhere_objects import VARIABLE
from mitbadak.core.errors import DtypeError, MissingAttributeError, MissingNameError, MitbadakError

ALIKE = 0.7  # of a misspelt name; below that other words are found

CALLED = {  # modules whose names are also those of functions elsewhere
    "gradcheck": "mb.check_gradients(net, x, t)",
    "training": "mb.fit(net, x, t)",
    "descent": "mb.gradient_descent(f, init_x)",
    "optim": "mb.SGD(0.1)",
    "graph": "mb.draw(net.graph(x[:1], t[:1]))",
    "data": "mb.load_mnist()",
    "nn": "mb.MLP([4, 8, 3])",
    "functions": "mb.relu(x)",
    "runs": "mb.load('net.safetensors')",
}


def missing_attribute(
    owner: str, name: str, lines: Mapping[str, str], known: Iterable[str]
) -> MissingAttributeError:
    """The error for an attribute that there is not, with the line that does it here.

    Args:
        owner: who lacks it.
        name: of the attribute.
        lines: by names that other libraries use.
        known: the names that there are.

    Example:
        >>> from mitbadak.core.elsewhere_objects import NET
        >>> print(missing_attribute("MLP", "score", NET, []))
        MLP has no attribute 'score'. In Mitbadak: net.accuracy(x, t).
        >>> print(missing_attribute("MLP", "layrs", NET, ["layers", "params"]))
        MLP has no attribute 'layrs'; did you mean 'layers'?
    """
    said = f"{owner} has no attribute {name!r}"
    known = list(known)
    alike = {plain(key): line for key, line in lines.items()} if plain(name) not in map(
        plain, known) else {}  # fmt: skip
    line = lines.get(name) or alike.get(plain(name), "")
    if line:
        return MissingAttributeError(f"{said}. In Mitbadak: {line}.")
    close = "" if name.startswith("_") else closest(name, known)
    return MissingAttributeError(f"{said}; did you mean {close!r}?" if close else f"{said}.")


class Explains:
    """Base of results that explain what other libraries call by another name.

    Class attributes:
        elsewhere: lines by such names.
    """

    __slots__ = ()
    elsewhere: ClassVar[Mapping[str, str]] = {}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):  # asked for by Python, notebooks and tools
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            known = [*dir(type(self)), *getattr(type(self), "__dataclass_fields__", ())]
            raise missing_attribute(type(self).__name__, name, type(self).elsewhere, known)


def missing_name(package: str, name: str, known: Iterable[str]) -> MitbadakError:
    """The error for a name that a package lacks, whether it was looked up or imported.

    Args:
        package: its ``__name__``.
        name: that there is not.
        known: the names that the package has.

    Example:
        >>> print(missing_name("mitbadak", "MSE_loss", []))
        module 'mitbadak' has no attribute 'MSE_loss'. In Mitbadak: mb.MLP([4, 8, 1],
        loss='mean_squared_error'); of arrays mb.mean_squared_error(y, t).
        >>> print(missing_name("mitbadak", "Linear", ["linear"]))
        module 'mitbadak' has no attribute 'Linear'. In Mitbadak: mb.Affine(4, 8).
        >>> print(missing_name("mitbadak", "cumsum", []))
        module 'mitbadak' has no attribute 'cumsum'. In Mitbadak: np.cumsum.
    """
    known = list(known)
    same = "" if name in (top := _public()) else closest(name, known, alike=1.0)
    is_a_class, a_function = name[:1].isupper(), same[:1].islower()
    if is_a_class and a_function and plain(name) in PACKAGE:  # PyTorch's Linear is no linear(x, W)
        same = ""
    part = f"import {package}.{name}" if _is_part(package, name) else ""
    line = part or ("" if same else line_for_name(name, known, top))
    error = missing_attribute(f"module {package!r}", name, {name: line} if line else {}, known)
    if not _is_imported(name):
        return error
    text = str(error).replace(f"module {package!r} has no attribute", f"{package} has no name")
    return MissingNameError(text, name=name)


def line_for_name(name: str, known: Iterable[str], public: Iterable[str]) -> str:
    """The line that does what a name of another library does, or "".

    Args:
        name: of a function, class or module.
        known: names where it was looked for.
        public: names of ``mitbadak`` itself.
    """
    if name in public and name not in known:
        return f"from mitbadak import {name}"
    if name in ERRORS:
        return f"from mitbadak.core.errors import {name}"
    if isinstance(getattr(np, name, None), np.ufunc):
        return f"np.{name}(x), which takes variables too"
    if line := PACKAGE.get(plain(name), ""):
        return line
    return f"np.{name}" if hasattr(np, name) and not closest(name, known, 0.9) else ""


def line_for_method(name: str) -> str:
    """The function that does what a method of other libraries' tensors does, or "".

    Example:
        >>> line_for_method("exp"), line_for_method("reverse")
        ('np.exp(v)', '')
    """
    if name in VARIABLE:
        return VARIABLE[name]
    if name in _public() and name.islower():
        return f"mb.{name}(v)"
    function = getattr(np, name, None)
    if isinstance(function, type) or not callable(function):
        return ""
    return f"np.{name}(v, w)" if getattr(function, "nin", 1) == 2 else f"np.{name}(v)"


def closest(name: str, known: Iterable[str], alike: float = ALIKE) -> str:
    """The public name that is most like ``name``, first of all the same in another case.

    Example:
        >>> closest("mlp", ["MLP", "map_idx"]), closest("jit", ["fit"])
        ('MLP', '')
    """
    public = tuple(sorted(each for each in known if not each.startswith("_")))
    return _closest_of(name, public, alike)


@functools.lru_cache(maxsize=1024)
def _closest_of(name: str, public: tuple[str, ...], alike: float) -> str:
    """Kept, because ``getattr`` with a default asks again and again, and drops the answer."""
    same = [each for each in public if plain(each) == plain(name)]
    if same:  # a class for a class, a function for a function
        return max(same, key=lambda each: each[0].isupper() == name[0].isupper())
    by_lower = {each.lower(): each for each in public}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=alike)
    return by_lower[found[0]] if found else ""


def names_of(package: str, known: Callable[[], Iterable[str]]) -> Callable[[str], Any]:
    """``__getattr__`` of a package that explains names from other libraries.

    Args:
        package: its ``__name__``.
        known: returns the names that it has.
    """

    def explain(name: str) -> NoReturn:
        if name.startswith("_"):  # asked for by Python and by tools
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        raise missing_name(package, name, known())

    if package in sys.modules:
        sys.modules[package].__class__ = Room
    return explain


class Room(types.ModuleType):
    """A package that says what it has where it is called as if it were a function."""

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        line = CALLED.get(self.__name__.rpartition(".")[2], "")
        instead = f" In Mitbadak: {line}." if line else ""
        raise DtypeError(f"{self.__name__} is a module, not a function.{instead}")


def _is_part(package: str, name: str) -> bool:
    """Whether a package has a module of that name, which nothing has imported yet."""
    folders = getattr(sys.modules.get(package), "__path__", ())
    return any((Path(each, name, "__init__.py")).is_file() or Path(each, f"{name}.py").is_file()
               for each in folders)  # fmt: skip


def _public() -> list[str]:
    """The public names of ``mitbadak`` itself."""
    return list(getattr(sys.modules.get("mitbadak"), "__all__", ()))


def _is_imported(name: str) -> bool:
    """Whether the name is asked for by ``from ... import``, which hides an AttributeError.

    Python looks it up from the very instruction of the importing code. Where that cannot be seen,
    the answer is no, and the import ends in Python's own words.
    """
    import opcode

    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "mitbadak":
        frame = frame.f_back
    code, at = frame.f_code.co_code, frame.f_lasti
    is_import = 0 <= at < len(code) and opcode.opname[code[at]] == "IMPORT_FROM"
    return is_import and name in frame.f_code.co_names
