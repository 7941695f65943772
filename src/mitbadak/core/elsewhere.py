"""Names and attributes of other libraries, and the line that does it here."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mitbadak.core.errors import MissingAttributeError

NET = {  # attributes of a net
    "fit": "mb.fit(net, x, t, epochs=10)",
    "train_on_batch": "mb.SGD(0.1).update(net.params, net.gradient(x, t))",
    "partial_fit": "mb.fit(net, x, t, epochs=1)",
    "compile": "mb.fit(net, x, t, optimizer='adam'); the loss is an argument of the net",
    "evaluate": "mb.evaluate(net, (x, t))",
    "score": "net.accuracy(x, t)",
    "predict_proba": "net.predict(x)",
    "predict_classes": "net.classify(x)",
    "decision_function": "net.scores(x)",
    "logits": "net.scores(x)",
    "forward": "net.predict(x), or net.scores(x) for what comes before the softmax",
    "backward": "net.gradient(x, t), which returns the gradient of every parameter",
    "zero_grad": "net.gradient(x, t) returns new arrays, which never add up",
    "grads": "net.gradient(x, t)",
    "parameters": "net.params, such as net.params['W1']",
    "named_parameters": "net.params.items()",
    "trainable_variables": "net.params, such as net.params['W1']",
    "weights": "net.params, such as net.params['W1']",
    "coefs_": "net.params, such as net.params['W1']",
    "intercepts_": "net.params, such as net.params['b1']",
    "get_weights": "{name: array.copy() for name, array in net.params.items()}",
    "set_weights": "net.params.update(weights), or mb.load_weights(net, path)",
    "state_dict": "mb.save(net, 'net.safetensors'), or dict(net.params)",
    "load_state_dict": "net.params.update(weights), or mb.load_weights(net, path)",
    "load_weights": "mb.load_weights(net, path)",
    "save_weights": "mb.save(net, 'net.safetensors')",
    "save": "mb.save(net, 'net.safetensors')",
    "load": "net = mb.load('net.safetensors')",
    "train": "mb.fit(net, x, t) trains in training mode; by hand training=True in each call",
    "eval": "net.predict(x) is in evaluation mode; training=True in a call changes that",
    "requires_grad_": "net.gradient(x, t)",
    "to": "net.astype('float64') changes the dtype; everything runs on the CPU",
    "cpu": "net; everything runs on the CPU",
    "cuda": "net; everything runs on the CPU",
    "half": "net.astype('float32'); float16 is not trained in",
    "float": "net.astype('float32')",
    "double": "net.astype('float64')",
    "add": "mb.Sequential(*net.layers, mb.ReLU(), mb.Affine(8, 3))",
    "append": "mb.Sequential(*net.layers, mb.ReLU(), mb.Affine(8, 3))",
    "history": "history = mb.fit(net, x, t)",
    "loss_curve_": "mb.fit(net, x, t).losses",
    "n_iter_": "mb.fit(net, x, t)['epoch'][-1]",
    "classes_": "net.classes",
    "apply": "for layer in net.layers: ...",
    "plot": "mb.draw(net.graph(x[:1], t[:1]))",
}
HISTORY = {  # attributes of what fit returns
    "history": "history['train_loss'], one value per epoch; history.names lists all",
    "epoch": "history['epoch']",
    "loss": "history['train_loss'], or history.losses for every step",
    "accuracy": "history['train_accuracy']",
    "loss_curve_": "history.losses",
    "predict": "net.predict(x); fit changes the net that it was given",
    "evaluate": "mb.evaluate(net, (x, t)); fit changes the net that it was given",
    "params": "net.params; fit changes the net that it was given",
}
_LOSS = "mb.MLP([4, 8, 3], loss='softmax_cross_entropy'); the loss belongs to the net"
_ONE = "mb.Affine(4, 8)"
_ACTIVATED = "mb.Affine(4, 8), mb.ReLU()"
_OWN_DATA = "mb.load_moons() and its like make points; mitbadak train table.csv reads a file"
PACKAGE = {  # names of the package and its rooms
    "book": "import mitbadak.nn.book, and then mitbadak.nn.book.layers",
    "Linear": _ONE,
    "Dense": _ACTIVATED,
    "FullyConnected": _ONE,
    "Module": "class Mine(mb.Layer, operation=f)",
    "Model": "mb.MLP([4, 8, 3])",
    "Input": "mb.MLP([4, 8, 3]); the first width is that of the input",
    "Tensor": "mb.Variable(x)",
    "tensor": "mb.Variable(x)",
    "from_numpy": "mb.Variable(x)",
    "Parameter": "mb.Variable(x), or self.params in a Layer",
    "Softmax": f"{_LOSS}, and net.predict(x) gives probabilities",
    "LogSoftmax": f"{_LOSS}, and net.predict(x) gives probabilities",
    "CrossEntropyLoss": _LOSS,
    "NLLLoss": _LOSS,
    "CategoricalCrossentropy": _LOSS,
    "SparseCategoricalCrossentropy": _LOSS,
    "BCELoss": "mb.MLP([4, 8, 1], loss='sigmoid_cross_entropy')",
    "BCEWithLogitsLoss": "mb.MLP([4, 8, 1], loss='sigmoid_cross_entropy')",
    "BinaryCrossentropy": "mb.MLP([4, 8, 1], loss='sigmoid_cross_entropy')",
    "MSELoss": "mb.MLP([4, 8, 1], loss='mean_squared_error')",
    "SmoothL1Loss": "mb.MLP([4, 8, 1], loss='huber')",
    "HuberLoss": "mb.MLP([4, 8, 1], loss=mb.Huber(1.0))",
    "BatchNorm1d": "mb.BatchNorm(8)",
    "BatchNormalization": "mb.BatchNorm(8)",
    "LayerNormalization": "mb.LayerNorm(8)",
    "StepLR": "mb.SGD(mb.StepDecay(0.1, every=1000))",
    "ExponentialLR": "mb.SGD(mb.Exponential(0.1, factor=0.999))",
    "CosineAnnealingLR": "mb.SGD(mb.Cosine(0.1, updates=6000))",
    "OneCycleLR": "mb.SGD(mb.OneCycle(0.1, updates=6000))",
    "ModelCheckpoint": "mitbadak train keeps the best weights: --early-stopping 5 --validation 0.1",
    "DataLoader": "mb.fit(net, x, t, batch_size=100) draws batches",
    "TensorDataset": "mb.Dataset(x, t)",
    "manual_seed": "rng=0 in mb.MLP(..., rng=0) and mb.fit(..., rng=0)",
    "set_seed": "rng=0 in mb.MLP(..., rng=0) and mb.fit(..., rng=0)",
    "seed": "rng=0 in mb.MLP(..., rng=0) and mb.fit(..., rng=0)",
    "no_grad": "net.predict(x), which keeps nothing for a backward pass",
    "device": "nothing; everything runs on the CPU",
    "cuda": "nothing; everything runs on the CPU",
    "MLPClassifier": "net = mb.MLP([n_in, 100, classes], 'relu'); mb.fit(net, x, t)",
    "MLPRegressor": "net = mb.MLP([n_in, 100, 1], 'relu', loss='mean_squared_error')",
    "train_test_split": "train, test = mb.stratified_split(t, 0.2, rng=0)",
    "accuracy_score": "net.accuracy(x, t)",
    "confusion_matrix": "mitbadak.runs.quality.confusion_matrix(t, net.classify(x), classes)",
    "to_categorical": "mb.one_hot(t, classes)",
    "OneHotEncoder": "mb.one_hot(t, classes)",
    "LabelEncoder": "mb.fit(net, x, t) takes class names as they are",
    "StandardScaler": "x = (x - x.mean(axis=0)) / x.std(axis=0)",
    "load_iris": _OWN_DATA,
    "load_digits": f"mb.load_mnist(); {_OWN_DATA}",
    "load_wine": _OWN_DATA,
    "load_breast_cancer": _OWN_DATA,
    "fetch_openml": _OWN_DATA,
    "load_model": "net = mb.load('net.safetensors')",
    "save_model": "mb.save(net, 'net.safetensors')",
    "summary": "net.summary()",
    "train": "mb.fit(net, x, t)",
    "compile": "mb.fit(net, x, t, optimizer='adam')",
    "keras": "mb.MLP([784, 50, 10], 'relu')",
    "layers": "mb.Affine(784, 50), mb.ReLU()",
    "losses": _LOSS,
    "optimizers": "mb.SGD(0.1), mb.Adam()",
    "metrics": "net.accuracy(x, t)",
    "datasets": "mb.load_mnist()",
    "utils": "mb.one_hot(t, classes)",
    "models": "mb.MLP([784, 50, 10], 'relu')",
    "functional": "mb.relu(x)",
    "Conv2d": "nothing yet: there are no convolutions",
    "Conv2D": "nothing yet: there are no convolutions",
    **{
        name: f"from mitbadak.core.errors import {name}"
        for name in (
            "DtypeError", "FormatError", "GradientError", "LabelError", "NonFiniteError",
            "RangeError", "ShapeError", "StateError", "UnknownNameError",
        )
    },
}  # fmt: skip


def missing_attribute(
    owner: str, name: str, lines: Mapping[str, str], known: Iterable[str]
) -> MissingAttributeError:
    """The error for an attribute that there is not, with the line that does it here.

    Args:
        owner: who lacks it.
        name: of the attribute.
        lines: by names that other libraries use.
        known: the names that there are.

    Example:
        >>> print(missing_attribute("MLP", "score", NET, []))
        MLP has no attribute 'score'. In Mitbadak: net.accuracy(x, t).
        >>> print(missing_attribute("MLP", "layrs", NET, ["layers", "params"]))
        MLP has no attribute 'layrs'; did you mean 'layers'?
    """
    said = f"{owner} has no attribute {name!r}"
    if name in lines:
        return MissingAttributeError(f"{said}. In Mitbadak: {lines[name]}.")
    public = sorted(each for each in known if not each.startswith("_"))
    if name.startswith("_") or not (close := difflib.get_close_matches(name, public, n=1)):
        return MissingAttributeError(f"{said}.")
    return MissingAttributeError(f"{said}; did you mean {close[0]!r}?")


def names_of(package: str, known: Callable[[], Iterable[str]]) -> Callable[[str], Any]:
    """``__getattr__`` of a package that explains names from other libraries.

    Args:
        package: its ``__name__``.
        known: returns the names that it has.
    """

    def explain(name: str) -> Any:
        raise missing_attribute(f"module {package!r}", name, PACKAGE, known())

    return explain
