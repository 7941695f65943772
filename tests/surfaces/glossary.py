"""The words of the public parameters: one word for one thing.

A new parameter takes a word from here, or brings one that no other word means. Where books and
libraries have another word, messages name ours (``mitbadak/core/other_names.py``).
"""

from __future__ import annotations

GLOSSARY = {
    # numbers and arrays
    "x": "inputs, or the argument of a function",
    "t": "targets: labels or real numbers",
    "y": "outputs", "v": "a vector beside x", "value": "the array of a variable",
    "scores": "outputs of the last layer", "logits": "scores, in a loss that takes them",
    "outputs": "outputs of a net", "test_outputs": "the same of the test set",
    "answers": "what a head makes of scores", "targets": "t as a head or a reader makes it",
    "W": "weights", "b": "bias", "gamma": "scale of a normalization",
    "beta": "shift of a normalization", "mask": "which entries are kept", "dy": "gradient of y",
    "dx": "gradient of x, or a shift to the right", "xs": "several x", "array": "any array",
    "images": "pictures as an array, or their file", "labels": "the file of labels",
    "raw": "examples before their preparation", "p": "one parameter of a net",
    # functions and nets
    "f": "any function", "body": "a function that becomes an operation",
    "operation": "what a layer or a head computes", "numpy": "the NumPy function it stands for",
    "gradient": "a gradient, or how it is computed", "gradients": "several of them",
    "grads": "gradients by the names of parameters", "params": "parameters by name",
    "net": "a net", "subject": "what is checked", "layers": "the layers of a net",
    "args": "the arguments of what is checked", "options": "settings that are passed on",
    "create_graph": "whether a gradient can be differentiated", "default": "of an option",
    # widths and shapes
    "n": "a number of examples or units", "n_in": "inputs of a layer", "n_out": "outputs of it",
    "sizes": "widths of all layers", "hidden": "widths of the hidden layers",
    "input_size": "the book's n_in", "hidden_size": "the book's hidden width",
    "output_size": "the book's n_out", "shape": "of an array", "image": "the shape of an image",
    "channels": "of an image", "channels_last": "whether they are the last axis",
    "filters": "outputs of a convolution", "kernel": "sides of its window",
    "size": "sides of a window, or of pictures", "stride": "steps of a window",
    "pad": "zeros around an image", "pool": "sides of the pooling windows", "conv": "convolutions",
    "batch": "the examples of one update", "classes": "names or number of classes",
    "flatten": "whether images become rows", "dtype": "of numbers", "axis": "of an array",
    # settings of layers and heads
    "bias": "whether there is b", "init": "how weights start",
    "weight_init_std": "the book's init", "activation": "of hidden layers",
    "loss": "a loss, or its head", "dropout": "share that is dropped, of a whole net",
    "rate": "share that a Dropout layer drops", "batch_norm": "whether there is batch norm",
    "eps": "keeps a division from 0", "momentum": "of an optimizer, or of running statistics",
    "slope": "of a leaky relu", "alpha": "of an elu", "delta": "where Huber's loss turns linear",
    "observed": "what an operation saw of a batch",
    # optimizers
    "lr": "the learning rate", "optimizer": "a rule of updates", "schedule": "of rates",
    "beta1": "decay of the mean", "beta2": "decay of the squares", "decay": "of the squares",
    "weight_decay": "decoupled from the gradient", "strength": "of a penalty",
    "names": "a pattern or a list of names", "limit": "of clipping", "rules": "one for each group",
    "parts": "of a composition", "key": "of a parameter", "l1": "strength of L1",
    "l2": "strength of L2", "clip_norm": "limit of ClipNorm", "updates": "number of updates",
    "done": "updates so far", "warmup": "updates of a warm-up", "after": "the schedule after it",
    "factor": "of a decay", "every": "how often", "least": "a lower limit",
    "most": "an upper limit", "rise": "share of the updates in which a rate rises",
    "start": "of OneCycle: the highest rate over the first", "end": "the same of the last",
    # training
    "train": "the training set", "validation": "a share to split off it, or a set of its own",
    "test": "the test set", "examples": "x and t together", "epochs": "passes over the data",
    "batch_size": "examples in a batch", "rng": "a seed or a generator", "engine": "what computes",
    "sampling": "how batches are drawn", "augment": "changes batches", "progress": "is told of it",
    "callbacks": "are called in a training", "training": "whether in training mode",
    "trainer": "a training", "row": "of a history", "losses": "one per step",
    "rows": "rows of a set or a history", "values": "numbers and texts of a state",
    "arrays": "arrays of a state", "patience": "epochs without a gain", "monitor": "a column",
    "min_delta": "the least gain", "mode": "of a comparison, or of a call",
    "stream": "where it is printed", "line": "of text", "trials": "whether cures are tried",
    "loss_of": "the loss as a function", "epoch": "number of an epoch", "step": "of a step",
    "steps": "so many", "seconds": "time", "measures": "loss and accuracy",
    # numerical gradients and descent
    "h": "the step of a difference", "init_x": "where a descent starts",
    "step_num": "the notes' number of steps", "trace": "whether the path is kept",
    "verbose": "whether every step is printed", "directions": "of a random check",
    "rtol": "relative tolerance", "structured": "whether the structure of a net is used",
    "findings": "of a check", "causes": "of a difference", "notes": "what else is said",
    # data
    "name": "of a thing, in messages", "divisor": "of pixels", "on_disk": "whether it is mapped",
    "picked": "rows that are drawn", "share": "a share of the examples, in [0, 1)",
    "test_share": "the share that becomes the test set", "stratify": "whether classes keep shares",
    "k": "number of folds", "noise": "its standard deviation", "one_hot": "whether labels are rows",
    "one_hot_label": "the book's one_hot", "normalize": "whether pixels are divided",
    "directory": "a folder", "path": "a file", "where": "a data set by name or path",
    "table": "settings of tables", "pictures": "settings of pictures", "label": "the column of t",
    "columns": "of a table", "kind": "of examples", "mean": "of a column", "std": "its spread",
    "constant": "which columns are", "float_pixels": "whether pixels came as floats",
    "target_mean": "of real targets", "target_std": "their spread", "preparation": "of examples",
    "fingerprint": "of a source", "source": "what data comes from", "color": "of pictures",
    "paper": "their background", "tone": "their darkness", "center": "whether they are centered",
    "orientation": "of pictures", "first_class": "the first label", "drop": "columns left out",
    "keep": "what is kept", "categories": "columns of categories", "missing": "cells without one",
    "delimiter": "between cells", "decimal": "the decimal sign", "dates": "their order",
    "encoding": "of a text file", "header": "whether there is one", "check": "called before",
    # settings of a run
    "data": "what is trained on", "seed": "the rng of a run, in files and on the command line",
    "shift": "pixels of RandomShift", "scale_targets": "whether targets are standardized",
    "early_stopping": "the patience of a run", "watch": "the set that it watches",
    "best_by": "the measure that it watches",
    # pictures
    "direction": "of a drawing", "theme": "its colors", "lang": "the language of a text",
    "owner": "who speaks, in messages", "of": "the head whose loss is weighted",
}  # fmt: skip
ONLY_IN = {  # words that elsewhere are another one of the glossary
    "seed": {"TrainConfig"},  # rng
    "start": {"OneCycle"},  # init_x
    "one_hot_label": {"load_mnist"},  # one_hot; the book's
    "weight_init_std": {"TwoLayerNet"},  # init; the book's
    "directory": {"load_mnist", "mnist_datasets"},  # path of a file
    "where": {"open_source"},
}
EARLIER = {"held_out", "stratified", "language", "random_state", "learning_rate"}  # never again
