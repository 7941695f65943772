"""What other libraries call by another name, by the kind of name that a message is about."""

from __future__ import annotations

from collections.abc import Iterable

SAME = {  # by the kind that an error message names; without case, "_", "-" and spaces
    "loss": {
        "mse": "mean_squared_error",
        "mseloss": "mean_squared_error",
        "squarederror": "mean_squared_error",
        "crossentropy": "softmax_cross_entropy",
        "crossentropyerror": "softmax_cross_entropy",
        "crossentropyloss": "softmax_cross_entropy",
        "categoricalcrossentropy": "softmax_cross_entropy",
        "sparsecategoricalcrossentropy": "softmax_cross_entropy",
        "logloss": "softmax_cross_entropy",
        "nll": "softmax_cross_entropy",
        "softmax": "softmax_cross_entropy",
        "bce": "sigmoid_cross_entropy",
        "bceloss": "sigmoid_cross_entropy",
        "bcewithlogitsloss": "sigmoid_cross_entropy",
        "binarycrossentropy": "sigmoid_cross_entropy",
        "sse": "sum_squared_error",
        "sumsquareserror": "sum_squared_error",
        "smoothl1": "huber",
    },
    "activation": {
        "logistic": "sigmoid",
        "linear": "identity",
        "none": "identity",
        "swish": "silu",
        "leaky": "leaky_relu",
        "hyperbolictangent": "tanh",
    },
    "initializer": {
        "glorot": "xavier",
        "glorotuniform": "xavier",
        "glorotnormal": "xavier",
        "kaiming": "he",
        "kaimingnormal": "he",
        "kaiminguniform": "he",
        "henormal": "he",
        "heuniform": "he",
        "lecunnormal": "lecun",
    },
    "optimizer": {"nag": "nesterov", "gradientdescent": "sgd"},
    "schedule": {
        "cosineannealing": "cosine",
        "cosineannealinglr": "cosine",
        "steplr": "step",
        "exponentiallr": "exponential",
        "onecyclelr": "onecycle",
    },
    "argument": {
        "learningrate": "lr",
        "learningrateinit": "lr",
        "nepochs": "epochs",
        "maxiter": "epochs",
        "iterations": "epochs",
        "nbepoch": "epochs",
        "batch": "batch_size",
        "minibatchsize": "batch_size",
        "seed": "rng",
        "randomstate": "rng",
        "randomseed": "rng",
        "validationsplit": "validation",
        "validationdata": "validation",
        "validationfraction": "validation",
        "evalset": "validation",
        "testdata": "test",
        "xtrain": "train",
        "x": "train",
        "hiddenlayersizes": "sizes",
        "layersizes": "sizes",
        "lossfunction": "loss",
        "criterion": "loss",
        "solver": "optimizer",
        "y": "t",
        "labels": "t",
        "targets": "t",
    },
}
LINES = {  # where another name alone does not help; the keys as above
    "argument": {
        "verbose": "callbacks=[] prints nothing, callbacks=[mb.PrintProgress()] a line per epoch",
        "metrics": "loss and accuracy are measured after each epoch",
        "shuffle": "batches are shuffled; sampling='replacement' draws them as in the notes",
        "momentum": "mb.Momentum(lr=0.1, momentum=0.9)",
        "nesterov": "mb.Nesterov(lr=0.1)",
        "weightdecay": "mb.Chain(mb.L2(0.0001), mb.SGD(0.1)), or mb.AdamW(weight_decay=0.01)",
        "loss": "the loss belongs to the net: mb.MLP([4, 8, 3], loss='softmax_cross_entropy')",
        "alpha": "optimizer=mb.Chain(mb.L2(0.0001), mb.Adam())",
        "requiresgrad": "every Variable has a gradient after y.backward()",
        "device": "everything runs on the CPU",
        "inputshape": "mb.MLP([n_in, 50, n_out]) takes the number of inputs first",
        "inputdim": "mb.MLP([n_in, 50, n_out]) takes the number of inputs first",
        "earlystopping": "callbacks=[mb.EarlyStopping(patience=5)], validation=0.1",
        "classweight": "repeat the rows of rare classes: x = x[rows], t = t[rows]",
        "sampleweight": "repeat the rows that count more: x = x[rows], t = t[rows]",
        "lr": "optimizer=mb.SGD(0.1)",
    },
    "activation": {
        "softmax": "the loss has it: loss='softmax_cross_entropy', and net.predict(x) gives "
        "probabilities",
        "logsoftmax": "the loss has it: loss='softmax_cross_entropy'",
    },
}


def same_name(kind: str, name: object, known: Iterable[str]) -> str:
    """What is called ``name`` elsewhere, if it is known here; otherwise "".

    Example:
        >>> same_name("loss", "MSE", ["mean_squared_error", "huber"])
        'mean_squared_error'
    """
    here = SAME.get(_kind(kind), {}).get(_plain(name), "")
    return here if here in known else ""


def line_for(kind: str, name: object) -> str:
    """The line that does here what an argument of that name does elsewhere, or ""."""
    return LINES.get(_kind(kind), {}).get(_plain(name), "")


def _kind(kind: str) -> str:
    return "argument" if kind.startswith("argument of ") else kind


def _plain(name: object) -> str:
    return str(name).lower().translate(str.maketrans("", "", "_- "))
