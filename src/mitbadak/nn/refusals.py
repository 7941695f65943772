"""What a net is not: a list of layers, or something whose parts are replaced by assignment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from mitbadak.core.arguments import refuse_a_class
from mitbadak.core.elsewhere import missing_attribute
from mitbadak.core.elsewhere_objects import NET
from mitbadak.core.errors import DtypeError, MissingAttributeError, StateError, brief
from mitbadak.nn.declared import is_built_in
from mitbadak.nn.heads import Head, head

MADE_BY_INIT = ("layers", "head", "classes", "params", "buffers", "mode_dependent", "dtype",
                "n_in", "n_out", "_widths")  # fmt: skip


NOTHING_HERE = {"trainable", "training", "requires_grad", "device", "optimizer", "learning_rate",
                "lr", "criterion", "weights"}  # fmt: skip


class Refusals:
    """Base of nets: uses that other libraries have are answered with the line that does it here.

    An attribute that there is not is explained; so is a net that its ``__init__`` left unmade.
    """

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        raise DtypeError(f"{type(self).__name__} has no length. In Mitbadak: len(net.layers).")

    def __getitem__(self, place: object) -> NoReturn:
        raise DtypeError(
            f"{type(self).__name__} has no {brief(place)}. In Mitbadak: net.layers[0], or "
            "net.params['W1']."
        )

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse what would silently change nothing, or hide a method."""
        if name in ("params", "buffers") and name in vars(self):
            raise StateError(
                f"{type(self).__name__}.{name} cannot be replaced, since the layers keep their "
                f"arrays; assign its entries: net.{name}['W1'] = ..., or net.{name}.update(arrays)."
            )
        if name == "head":
            value = head(value) if isinstance(value, str | Mapping) else value
            refuse_a_class(f"{type(self).__name__}.head", value, "a head or its name",
                           "net.head = 'mean_squared_error'")  # fmt: skip
        elif name == "loss" and (isinstance(value, Head | type) or hasattr(value, "vjp")):
            raise DtypeError(
                f"{type(self).__name__}.loss is a method. In Mitbadak: net.head = "
                "'mean_squared_error', or another head or its name."
            )
        elif name in vars(self).get("params", ()):
            raise DtypeError(
                f"{type(self).__name__}.{name} is an entry of params, and setting it would change "
                f"nothing. In Mitbadak: net.params[{name!r}] = ..."
            )
        elif name in NOTHING_HERE and is_built_in(type(self)):
            raise DtypeError(
                f"{type(self).__name__} has no {name}, and setting it would change nothing. In "
                f"Mitbadak: {NET[name]}."
            )
        elif callable(getattr(type(self), name, None)) and not callable(value):
            raise DtypeError(
                f"{type(self).__name__}.{name} is a method; got {brief(value)}."
                f"{' In Mitbadak: net.head = ' + repr(value) + '.' if name == 'loss' else ''}"
            )
        super().__setattr__(name, value)

    if not TYPE_CHECKING:  # a type checker says itself what there is not

        def __getattr__(self, name: str) -> Any:
            if name in MADE_BY_INIT:
                raise MissingAttributeError(
                    f"{type(self).__name__} has no {name}: its __init__ must call "
                    "super().__init__(...) with the layers."
                )
            known = [*dir(type(self)), *MADE_BY_INIT]
            arrays = {key: f"net.params[{key!r}]" for key in vars(self).get("params", ())}
            raise missing_attribute(type(self).__name__, name, {**NET, **arrays}, known)
