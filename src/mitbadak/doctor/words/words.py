"""The four things that a finding says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

from mitbadak.core.particles import with_particles


@dataclass(frozen=True)
class Words:
    """A finding in words; each may hold places for evidence, as in ``str.format``.

    Attributes:
        seen: what is seen, in one sentence that also serves as caption and for screen readers.
        why: why that points to this cause.
        remedy: what to do.
        unless: what would rule it out.

    Example:
        >>> words = Words("the loss is {loss:.3g}.", "It should fall.", "Halve lr.", "It falls.")
        >>> words.filled({"loss": 2.30259}).seen
        'the loss is 2.3.'
    """

    seen: str
    why: str
    remedy: str
    unless: str

    def filled(self, evidence: Mapping[str, Any]) -> Words:
        """The words with the evidence in its places."""
        return Words(*(with_particles(text.format(**evidence)) for text in astuple(self)))
