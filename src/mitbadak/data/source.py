"""A data set that is ready for training, with how it was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mitbadak.core.arguments import explained
from mitbadak.core.concise import brief_text
from mitbadak.core.elsewhere import Explains
from mitbadak.core.elsewhere_objects import SOURCE
from mitbadak.data.dataset import Dataset
from mitbadak.data.preparation import Preparation


@explained
@dataclass(frozen=True, repr=False)
class Source(Explains):
    """A data set that is ready for training.

    Attributes:
        train, test: the training set and the test set.
        preparation: how their rows were made from raw examples.
        fingerprint: identifies the content: SHA-256 of the files, or how the set was generated.
        validation: the validation set, where the data come with one.
        notes: what was found and decided while reading, for the user.
    """

    elsewhere = SOURCE

    train: Dataset
    test: Dataset
    preparation: Preparation
    fingerprint: str
    validation: Dataset | None = None
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Dataset]:
        """``train, test = source``."""
        return iter((self.train, self.test))

    def __repr__(self) -> str:
        sizes = f"{len(self.train):,} training and {len(self.test):,} test examples"
        return f"Source({sizes}: {brief_text(self.preparation.describe())})"
