"""The messages of this room in Korean."""

from mitbadak.data.words.arrays import KOREAN as _ARRAYS
from mitbadak.data.words.descriptions import KOREAN as _DESCRIPTIONS
from mitbadak.data.words.images import KOREAN as _IMAGES
from mitbadak.data.words.tables import KOREAN as _TABLES

KOREAN = {**_ARRAYS, **_IMAGES, **_TABLES, **_DESCRIPTIONS}
"""From English sentences to Korean ones."""
