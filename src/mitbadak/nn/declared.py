"""Classes declared by their fields: arguments, configuration and repr all follow from these."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Self, cast, dataclass_transform

from mitbadak.core.arguments import explained
from mitbadak.core.errors import UnknownNameError, unknown_name
from mitbadak.functions.differentiable import Differentiable


@explained
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
    _parameters: ClassVar[dict[str, inspect.Parameter]] = {}
    _field_names: ClassVar[tuple[str, ...]] = ()
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
        declared = fields(cast(Any, cls))
        if not (has_init or declared or operation):
            del cls.__init__  # the inherited one takes the operation
        cls._parameters = dict(inspect.signature(cls.__init__).parameters)
        cls._field_names = tuple(f.name for f in declared if f.init)
        cls._option_names = tuple(f.name for f in declared if f.metadata.get("option"))
        if not has_init:
            for argument in cls._parameters.keys() & vars(cls).keys() - set(cls._field_names):
                delattr(cls, argument)  # the default of an InitVar, which is not an attribute
        if "__init__" in vars(cls):
            cls.__init__ = explained(cls.__init__)
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
        """The fields by name, from which ``from_config`` makes an equal instance.

        Tuples become lists, as in JSON.
        """
        values = {name: getattr(self, name) for name in self._field_names}
        given = {**self.options, **values}
        plain = {name: list(v) if isinstance(v, tuple) else v for name, v in given.items()}
        return {self.key: self._name, **plain}

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
                f"{error} If the class is your own, import the file that defines it first."
            )
        kind = cls.registry[name]
        arguments = {**arguments, **kind.blank}
        arguments = {name: arguments[name] for name in arguments.keys() & kind._parameters.keys()}
        return kind(**{**arguments, **values})

    def __repr__(self) -> str:
        if not (self._field_names or self._given_options):
            return f"{type(self).__name__}()"
        values = {name: getattr(self, name, None) for name in self._field_names}
        shown = []
        for name, value in {**values, **self._given_options}.items():
            default = self._parameters[name].default if name in self._parameters else None
            if default is inspect.Parameter.empty:
                shown.append(repr(value))
            elif repr(value) != repr(default):
                shown.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


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
