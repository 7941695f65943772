"""Nets from the modules of a ``torch.nn.Sequential``, every argument honoured or refused by name.

Nothing here imports PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import DtypeError, brief, listed
from mitbadak.interop.torch_nets import COUNT, array_of, put_weights
from mitbadak.nn import activations, convolution, norms
from mitbadak.nn.affine import Affine, Flatten, Reshape
from mitbadak.nn.dropout import Dropout
from mitbadak.nn.heads import Head, SoftmaxCrossEntropy, head
from mitbadak.nn.layer import Layer
from mitbadak.nn.network import Sequential

PLACE = "torch.nn.modules."  # of PyTorch's own modules; a class of one's own computes anything
FAR = 20.0  # beyond which log(1 + exp(x)) is x in float32


@explained
def from_torch(module: Any, *, loss: str | Head | None = None) -> Sequential:
    """A net with the layers and weights of a ``torch.nn.Sequential``.

    Args:
        module: Linear, Conv2d, MaxPool2d, AvgPool2d, BatchNorm1d and 2d, LayerNorm, Dropout,
            Flatten, Unflatten and activations, one after the other, with names of their own or
            without; a Sequential among them stands for its modules. Softmax or LogSoftmax at the
            end is left to the head, and so is Sigmoid, unless another loss is named.
        loss: the head, which PyTorch keeps outside of the module; by default
            ``sigmoid_cross_entropy`` for a module that ends in Sigmoid, and otherwise
            ``softmax_cross_entropy``.

    Raises:
        DtypeError: it is no Sequential, or holds a module or an argument that has no layer here.
        RangeError: a weight is too large for the dtype of the net.

    Example:
        .. code-block:: python

            net = from_torch(torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(),
                                                 torch.nn.Linear(8, 3)))
    """
    modules = list(_parts(module))
    chosen = None if loss is None else head(loss)
    chosen = _without_ending(modules, chosen)
    net = Sequential(*map(_layer, modules), loss=chosen)
    weights = {
        f"{number}.{name}": array_of("from_torch", name, value)
        for number, part in enumerate(modules)
        for name, value in part.state_dict().items()
    }
    floats = [a.dtype for name, a in weights.items() if not name.endswith(COUNT)]
    if floats and max(dtype.itemsize for dtype in floats) > np.dtype(np.float32).itemsize:
        net = net.astype(np.float64)
    put_weights(net, weights, "from_torch")
    return net


def _parts(module: Any) -> Iterator[Any]:
    """The modules in order, those of a Sequential in its place."""
    if not _is_own(module, "Sequential"):
        yield module
        return
    _refuse_hooks(module)
    for part in module:
        yield from _parts(part)


def _is_own(module: Any, name: str) -> bool:
    """Whether a module is PyTorch's own of this name, rather than a class derived from it."""
    kind = type(module)
    return kind.__name__ == name and kind.__module__.startswith(PLACE)


def _without_ending(modules: list[Any], chosen: Head | None) -> Head:
    """Take away the softmax or sigmoid that the head stands for; returns the head."""
    last = modules[-1] if modules else None
    for name in ("Softmax", "LogSoftmax"):
        if not _is_own(last, name):
            continue
        _refuse_hooks(last)
        if getattr(last, "dim", None) not in (1, -1):
            raise DtypeError(
                f"from_torch: {brief(last)} is not over the classes. Write nn.{name}(dim=1)."
            )
        if chosen is not None and type(chosen) is not SoftmaxCrossEntropy:
            raise DtypeError(
                f"from_torch: the module ends in {brief(last)}, which {chosen!r} would leave out. "
                "Use loss='softmax_cross_entropy'."
            )
        modules.pop()
        return chosen or head("softmax_cross_entropy")
    of_yes = head("sigmoid_cross_entropy")
    if (
        len(modules) > 1
        and _is_own(last, "Sigmoid")
        and (chosen is None or type(chosen) is type(of_yes))
    ):
        _refuse_hooks(last)
        modules.pop()
        return of_yes
    return chosen or head("softmax_cross_entropy")


def _layer(module: Any) -> Layer:
    """A layer like a module, with weights that are still to come."""
    kind = type(module).__name__
    if kind not in MODULES:
        raise DtypeError(
            f"from_torch: {brief(module)} has no layer here. Of torch.nn, {listed(MODULES)} have."
        )
    if not _is_own(module, kind):
        raise DtypeError(
            f"from_torch: {brief(module)} is a class of your own ({type(module).__module__}."
            f"{kind}), and may compute anything. Use nn.{kind} itself."
        )
    _refuse_hooks(module)
    return MODULES[kind](module)


def _refuse_hooks(module: Any) -> None:
    """Refuse a module with functions that change what it computes."""
    own_forward = "forward" in vars(module)
    if own_forward or module._forward_hooks or module._forward_pre_hooks:
        raise DtypeError(
            f"from_torch: {brief(module)} has hooks or a forward of its own, which may compute "
            "anything. Remove them first."
        )


def _refuse(module: Any, **odd: bool) -> None:
    """Refuse a module that has an argument with no layer here."""
    names = [name for name, is_odd in odd.items() if is_odd]
    if names:
        shown = ", ".join(f"{name}={brief(getattr(module, name))}" for name in names)
        raise DtypeError(f"from_torch: {brief(module)} has {shown}, for which there is no layer.")


def _ones(value: Any) -> bool:
    return value in (1, (1, 1), [1, 1])


def _affine(m: Any) -> Layer:
    return Affine(m.in_features, m.out_features, bias=m.bias is not None, init="zeros")


def _convolution(m: Any) -> Layer:
    pad, even = m.padding, any(n % 2 == 0 for n in m.kernel_size)
    _refuse(
        m, groups=m.groups != 1, dilation=not _ones(m.dilation),
        padding_mode=m.padding_mode != "zeros", padding=pad == "same" and even,
    )  # fmt: skip
    if isinstance(pad, str):
        pad = tuple(n // 2 for n in m.kernel_size) if pad == "same" else 0
    return convolution.Convolution(
        m.in_channels, m.out_channels, m.kernel_size, m.stride, pad,
        bias=m.bias is not None, init="zeros",
    )  # fmt: skip


def _pooling(kind: Callable[..., Layer]) -> Callable[[Any], Layer]:
    def make(m: Any) -> Layer:
        _refuse(
            m, ceil_mode=m.ceil_mode, dilation=not _ones(getattr(m, "dilation", 1)),
            return_indices=getattr(m, "return_indices", False),
            divisor_override=getattr(m, "divisor_override", None) is not None,
            count_include_pad=bool(np.any(m.padding)) and not getattr(m, "count_include_pad", True),
        )  # fmt: skip
        stride = None if m.stride == m.kernel_size else m.stride  # as users leave it out
        return kind(m.kernel_size, stride, m.padding)

    return make


def _batch_norm(m: Any) -> Layer:
    _refuse(
        m, affine=not m.affine, track_running_stats=not m.track_running_stats,
        momentum=m.momentum is None, bias=m.affine and m.bias is None,
    )  # fmt: skip
    return norms.BatchNorm(m.num_features, m.momentum, m.eps)


def _layer_norm(m: Any) -> Layer:
    _refuse(
        m, normalized_shape=len(m.normalized_shape) != 1,
        elementwise_affine=not m.elementwise_affine, bias=m.bias is None,
    )  # fmt: skip
    return norms.LayerNorm(m.normalized_shape[0], m.eps)


def _gelu(m: Any) -> Layer:
    if m.approximate != "none":
        raise DtypeError("from_torch: GELU is exact here, and this one is approximated by tanh.")
    return activations.GELU()


def _softplus(m: Any) -> Layer:
    _refuse(m, beta=m.beta != 1, threshold=m.threshold < FAR)
    return activations.Softplus()


def _flatten(m: Any) -> Layer:
    _refuse(m, start_dim=m.start_dim != 1, end_dim=m.end_dim != -1)
    return Flatten()


def _unflatten(m: Any) -> Layer:
    plain = all(isinstance(n, int) and n > 0 for n in m.unflattened_size)
    _refuse(m, dim=m.dim != 1, unflattened_size=not plain)
    return Reshape(tuple(m.unflattened_size))


MODULES: dict[str, Callable[[Any], Layer]] = {
    "Linear": _affine, "Conv2d": _convolution, "MaxPool2d": _pooling(convolution.MaxPooling),
    "AvgPool2d": _pooling(convolution.AveragePooling), "BatchNorm1d": _batch_norm,
    "BatchNorm2d": _batch_norm, "LayerNorm": _layer_norm, "Dropout": lambda m: Dropout(m.p),
    "Flatten": _flatten, "Unflatten": _unflatten,
    "Identity": lambda m: activations.Identity(), "ReLU": lambda m: activations.ReLU(),
    "Sigmoid": lambda m: activations.Sigmoid(), "Tanh": lambda m: activations.Tanh(),
    "LeakyReLU": lambda m: activations.LeakyReLU(m.negative_slope),
    "ELU": lambda m: activations.ELU(m.alpha), "GELU": _gelu,
    "SiLU": lambda m: activations.SiLU(), "Softplus": _softplus,
}  # fmt: skip
