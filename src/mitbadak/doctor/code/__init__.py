"""The static reader: faulty lines of a script or notebook, found without running it."""

from mitbadak.core.lazy import lazy_names

_look_up, __dir__, __all__ = lazy_names(__name__, __file__)


def __getattr__(name: str) -> object:
    return _look_up(name)
