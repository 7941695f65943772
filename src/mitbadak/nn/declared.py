"""Classes declared by their fields: arguments, configuration and repr all follow from these."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from typing import Any, ClassVar, Self, dataclass_transform

from mitbadak.core.errors import UnknownNameError, unknown_name
from mitbadak.functions.differentiable import Differentiable


def option(*, default: Any = MISSING) -> Any:
    """A field that is passed to the operation as the keyword argument of the same name."""
    return field(default=default, metadata={"option": True})


@dataclass_transform(eq_default=False, field_specifiers=(field, option))
class Declared:
    """Base of layers and heads.

    As in a dataclass, annotated names in the class body are fields and become arguments of
    ``__init__``; ``__post_init__`` can validate them. Arguments that are used once and not kept,
    such as ``rng`` and ``dtype``, are annotated with ``InitVar``. Every class is registered under
    its name when it is defined, so that a file can refer to it. Defining another class of the same
    name replaces the first one, unless that is built in.

    Class arguments:
        operation: the operation that instances compute; optional where ``call`` is overridden.
        name: the name in files, by default that of the class.
        abstract: True for a base class that has no instances of its own.

    Attributes:
        registry: the classes of one family, by name.
        key: the key that holds the name in a ``config``.
        noun: what error messages call a member of the family.
        blank: arguments for an instance whose arrays are about to be replaced.
    """

    registry: ClassVar[dict[str, Any]] = {}
    key: ClassVar[str] = ""
    noun: ClassVar[str] = ""
    blank: ClassVar[Mapping[str, Any]] = {}
    operation: ClassVar[Differentiable]
    _name: ClassVar[str] = ""
    _option_names: ClassVar[tuple[str, ...]] = ()
    _given_options: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(
        cls, *, operation: Differentiable | None = None, name: str = "", abstract: bool = False
    ) -> None:
        super().__init_subclass__()
        cls._name = name or cls.__name__
        if operation is not None:
            cls.operation = staticmethod(operation)  # type: ignore[assignment]
        if abstract:
            return
        has_init = "__init__" in vars(cls)
        dataclass(eq=False, repr=False)(cls)
        names = {f.name for f in _fields(cls)}
        if not has_init:
            for argument in set(inspect.signature(cls).parameters) - names:
                if argument in vars(cls):  # the default of an InitVar is not an attribute
                    delattr(cls, argument)
            if not names and operation is None:
                del cls.__init__  # the inherited one takes the operation
        cls._option_names = tuple(f.name for f in _fields(cls) if f.metadata.get("option"))
        if not is_built_in(cls.registry.get(cls._name)):
            cls.registry[cls._name] = cls

    def __init__(self, operation: Differentiable | None = None, **options: Any) -> None:
        if operation is not None:
            self.operation = operation  # type: ignore[misc]
        self._given_options = options  # type: ignore[misc]

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments of the operation."""
        if not self._option_names:
            return self._given_options
        declared = {name: getattr(self, name) for name in self._option_names}
        return {**self._given_options, **declared}

    def config(self) -> dict[str, Any]:
        """The fields by name, from which ``from_config`` makes an equal instance."""
        values = {f.name: getattr(self, f.name) for f in _fields(type(self)) if f.init}
        return {self.key: self._name, **self.options, **values}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], **arguments: Any) -> Self:
        """An instance of the class that a ``config`` names.

        Args:
            config: what ``config`` returned.
            arguments: others, such as ``dtype``, for those classes that take them.

        Raises:
            UnknownNameError: no class of that name is built in or has been imported.
        """
        values = dict(config)
        name = values.pop(cls.key, None)
        if not isinstance(name, str) or name not in cls.registry:
            error = unknown_name(cls.noun, str(name), cls.registry)
            raise UnknownNameError(
                f"{error} Import the file that defines a class of your own first."
            )
        kind = cls.registry[name]
        taken = inspect.signature(kind).parameters
        arguments = {k: v for k, v in {**arguments, **kind.blank}.items() if k in taken}
        return kind(**{**arguments, **values})

    def __repr__(self) -> str:
        taken = inspect.signature(type(self)).parameters
        shown = []
        values = {f.name: getattr(self, f.name, None) for f in _fields(type(self)) if f.init}
        for name, value in {**values, **self._given_options}.items():
            parameter = taken.get(name, inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY))
            if parameter.default is parameter.empty and parameter.kind != parameter.KEYWORD_ONLY:
                shown.append(repr(value))
            elif repr(value) != repr(parameter.default):
                shown.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


def _fields(kind: type) -> tuple[Field[Any], ...]:
    return fields(kind) if is_dataclass(kind) else ()


def is_built_in(kind: Any) -> bool:
    """Whether a class is one of Mitbadak's own.

    Example:
        >>> from mitbadak.nn import Affine
        >>> class Mine(Affine):
        ...     "An affine layer."
        >>> is_built_in(Affine), is_built_in(Mine)
        (True, False)
    """
    module = getattr(kind, "__module__", "")
    return module.startswith("mitbadak.") and (
        getattr(sys.modules.get(module), kind.__name__, None) is kind
    )
