"""Image files as examples for a net: safely decoded, and prepared like the training set."""

from __future__ import annotations

from mitbadak.data.images.digits import as_digit, as_picture, digits_in
from mitbadak.data.images.folders import image_folder
from mitbadak.data.images.placing import digit_of_ink
from mitbadak.data.images.reading import read_image

__all__ = ["as_digit", "as_picture", "digit_of_ink", "digits_in", "image_folder", "read_image"]
