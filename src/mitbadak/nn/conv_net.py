"""Small convolutional nets by their numbers: filters, then widths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.arguments import explained
from mitbadak.core.errors import ShapeError, brief, share, whole
from mitbadak.core.randomness import generator
from mitbadak.core.typing import Seed
from mitbadak.nn.activations import ACTIVATIONS, activation as activation_layer
from mitbadak.nn.affine import Affine, Flatten, Reshape
from mitbadak.nn.convolution import Convolution, Image, MaxPooling
from mitbadak.nn.dropout import Dropout
from mitbadak.nn.heads import Head
from mitbadak.nn.initializers import Initializer
from mitbadak.nn.layer import Layer, float_dtype
from mitbadak.nn.network import Sequential
from mitbadak.nn.norms import BatchNorm
from mitbadak.nn.widths import check_sizes

SUCH_AS = "such as mb.ConvNet((1, 28, 28), [30], [100, 10])"


class ConvNet(Sequential):
    """A small convolutional net: convolutions with pooling, then affine layers.

    ``ConvNet((1, 28, 28), [30], [100, 10])`` is the book's SimpleConvNet: 30 filters of 5x5, an
    activation, max pooling by 2x2, and affine layers of 100 and 10 units.

    Args:
        image: shape of an input image, (channels, height, width), or (height, width) of gray
            images. The net takes images of this shape, and rows of as many numbers.
        filters: how many filters each convolution has, in one list.
        sizes: widths of the affine layers after them, to the output.
        kernel: height and width of the filters.
        pool: size of the max pooling after each convolution; 1 for none.
        pad: zeros around the images before each convolution; kernel // 2 keeps their size.
        channels_last: whether the rows hold the colors of a pixel beside one another, as those of
            pictures from files.
        activation: after each convolution and hidden layer, by name or as a layer, as for ``MLP``.
        init: initializer of the weights. ``"auto"`` is He for ReLU and its relatives, otherwise
            Xavier.
        loss: a head or its name.
        dropout: the share of the units of each hidden affine layer to drop in training.
        batch_norm: whether to normalize over the batch before each activation: each channel after a
            convolution, each unit after an affine layer.
        rng: seed or generator for the weights.
        dtype: dtype of the parameters, float32 or float64.

    Raises:
        ShapeError: the images become too small for the next filters or pools, or a list is empty.
        RangeError, UnknownNameError, DtypeError: an invalid argument, or a net that does not fit
            into memory.

    Example:
        >>> net = ConvNet((1, 28, 28), [30], [100, 10], rng=0)
        >>> net.summary()
        layer                   output  parameters  names
        Reshape((1, 28, 28))    1 x 28 x 28           0
        Convolution(1, 30, 5)  30 x 24 x 24         780  W1 (30, 1, 5, 5), b1 (30,)
        ReLU()                 30 x 24 x 24           0
        MaxPooling()           30 x 12 x 12           0
        Flatten()                     4,320           0
        Affine(4320, 100)               100     432,100  W2 (4320, 100), b2 (100,)
        ReLU()                          100           0
        Affine(100, 10)                  10       1,010  W3 (100, 10), b3 (10,)
        433,890 parameters, float32 (1,735,560 bytes); loss softmax_cross_entropy
    """

    @partial(explained, remedy=f"Filters and widths go in a list each, {SUCH_AS}.")
    def __init__(
        self,
        image: Sequence[int],
        filters: Sequence[int],
        sizes: Sequence[int],
        *,
        kernel: int = 5,
        pool: int = 2,
        pad: int = 0,
        channels_last: bool = False,
        activation: str | Layer = "relu",
        init: str | float | Initializer = "auto",
        loss: str | Head = "softmax_cross_entropy",
        dropout: float = 0.0,
        batch_norm: bool = False,
        rng: Seed = None,
        dtype: DTypeLike = np.float32,
    ):
        dtype, between = float_dtype("ConvNet", dtype), activation_layer(activation)
        if isinstance(init, str) and init == "auto":
            init = "he" if getattr(between, "rectifies", False) else "xavier"
        rng, dropout, pool = generator(rng), share("ConvNet", "dropout", dropout), whole(
            "ConvNet", "pool", pool)  # fmt: skip
        entry = Reshape(_image(image), channels_last)
        layers: list[Layer] = [entry]
        shape: Any = tuple(entry.shape)

        def activated(n: int) -> list[Layer]:
            norm = [BatchNorm(n, dtype=dtype)] if batch_norm else []
            return [*norm, activation_layer(between)]

        for count in _listed("filters", filters):
            layer = Convolution(shape[0], count, kernel, pad=pad, init=init, rng=rng, dtype=dtype)
            pools = [MaxPooling(pool)] if pool > 1 else []
            for one in (layer, *pools):
                shape = one.image_after(shape)
            layers += [layer, *activated(layer.filters), *pools]
        widths = [int(np.prod(shape)), *_listed("sizes", sizes)]
        layers.append(Flatten())
        for n_in, n_out in pairwise(check_sizes("ConvNet", widths, dtype)):
            layers += [Affine(n_in, n_out, init=init, rng=rng, dtype=dtype), *activated(n_out)]
            layers += [Dropout(dropout)] if dropout else []
        while not isinstance(layers[-1], Affine):
            layers.pop()  # the scores come straight from the last affine layer
        super().__init__(*layers, loss=loss)

    def __repr__(self) -> str:
        filters = [a.filters for a in self.layers if isinstance(a, Convolution)]
        sizes = [a.n_out for a in self.layers if isinstance(a, Affine)]
        arguments = [str(self.image), str(filters), str(sizes)]
        kernels = {a.size for a in self.layers if isinstance(a, Convolution)} - {5}
        pads = {a.pad for a in self.layers if isinstance(a, Convolution)} - {0}
        pools = {a.size for a in self.layers if isinstance(a, MaxPooling)} or {1}
        names: dict[Any, str] = {kind: name for name, kind in ACTIVATIONS.items()}
        between = {names[type(a)] for a in self.layers if type(a) in names} - {"relu"}
        rates = {a.rate for a in self.layers if isinstance(a, Dropout)}
        for name, values in (
            ("kernel", kernels), ("pool", pools - {2}), ("pad", pads), ("activation", between),
            ("dropout", rates),
        ):  # fmt: skip
            arguments += [f"{name}={values.pop()!r}"] if len(values) == 1 else []
        if any(getattr(a, "channels_last", False) for a in self.layers):
            arguments.append("channels_last=True")
        if any(isinstance(a, BatchNorm) for a in self.layers):
            arguments.append("batch_norm=True")
        return f"{type(self).__name__}({', '.join(arguments)})"


def _image(image: Any) -> Image:
    """Channels, height and width.

    Raises:
        ShapeError: neither three nor two numbers.
    """
    lengths = tuple(image) if isinstance(image, Iterable) else (image,)
    if len(lengths) == 2:
        lengths = (1, *lengths)
    if len(lengths) != 3:
        raise ShapeError(
            "ConvNet expects the shape of its images, (channels, height, width) or (height, "
            f"width), {SUCH_AS}; got {brief(image)}."
        )
    channels, height, width = (whole("ConvNet", "a length of images", n) for n in lengths)
    return channels, height, width


def _listed(name: str, numbers: Any) -> list[int]:
    """Numbers that come in a list.

    Raises:
        ShapeError: a single number, or none.
    """
    listed = list(numbers) if isinstance(numbers, Iterable) else []
    if not listed:
        raise ShapeError(f"ConvNet expects {name} in a list, {SUCH_AS}; got {brief(numbers)}.")
    return listed
