"""What users of PyTorch, Keras and scikit-learn type first, written down before it was built.

Each line works, or is answered with the line that does it here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core import elsewhere, elsewhere_names, elsewhere_objects, moved, other_names
from mitbadak.core.errors import MissingModuleError, MissingNameError
from surfaces.lines_elsewhere import NAMED as NAMED_ELSEWHERE, OBJECTS

NET = "net = mb.MLP([4, 8, 3], rng=0); "
FIT = NET + "h = mb.fit(net, x, t, epochs=2, callbacks=[]); "

WORKS = [
    NET + "assert np.array_equal(net(x), net.predict(x))",
    NET + "net.summary()",
    NET + "mb.fit(net, x, t, epochs=2)",
    NET + "mb.fit(net, (x, t), epochs=2)",
    NET + "mb.fit(net, x, t)",
    NET + "mb.fit(net, x, t, optimizer='adam', epochs=2)",
    NET + "mb.fit(net, x, t, optimizer='adam', lr=0.01, epochs=2)",
    NET + "mb.fit(net, x, t, optimizer=mb.Adam(), epochs=2)",
    NET + "mb.fit(net, x, t, lr=0.5, epochs=2)",
    NET + "mb.fit(net, x, names, epochs=2); assert set(net.classify(x)) <= set(names)",
    NET + "mb.fit(net, x.tolist(), t.tolist(), epochs=2)",
    "net = mb.MLP([4, 8, 2]); mb.fit(net, x, t > 0, epochs=2); net.accuracy(x, t > 0)",
    "net = mb.MLP([4, 8, 1], loss='mean_squared_error'); mb.fit(net, x, y, epochs=2)",
    NET + "mb.fit(net, x, t, epochs=2, validation=0.2, callbacks=[mb.EarlyStopping(patience=3)])",
    "net = mb.MLP((4, 8, 3))",
    "net = mb.MLP([4, 8, 3], activation=mb.ReLU())",
    "net = mb.MLP([4, 8, 3], 'relu', loss=mb.SoftmaxCrossEntropy())",
    "net = mb.MLP([4, 8, 3], init='he')",
    "net = mb.Sequential(mb.Affine(4, 8), mb.ReLU(), mb.Affine(8, 3)); mb.fit(net, x, t, epochs=1)",
    "net = mb.Sequential([mb.Affine(4, 8), mb.ReLU(), mb.Affine(8, 3)]); net.predict(x)",
    "net = mb.Sequential(mb.Affine(4, 8), 'relu', mb.Affine(8, 3)); net.predict(x)",
    "net = mb.nn.Sequential(mb.nn.Affine(4, 8), mb.nn.Tanh(), mb.nn.Affine(8, 3))",
    NET + "net.predict(x).argmax(axis=1)",
    NET + "net.classify(x); net.scores(x); net.accuracy(x, t); net.loss(x, t)",
    NET + "mb.evaluate(net, x, t)",
    NET + "mb.fit(net, x, np.char.encode(names)); assert net.classes == ('cat', 'dog', 'eel')",
    NET + "net.layers; net.params['W1'].shape",
    NET + "mb.save(net, 'a.safetensors'); mb.load('a.safetensors').predict(x)",
    NET + "mb.save(net, 'a.safetensors'); mb.load_weights(net, 'a.safetensors')",
    NET + "net.params.update({k: v * 2 for k, v in net.params.items()})",
    FIT + "h['train_loss']; h.losses",
    FIT + "assert 'train_loss' in h and 'val_loss' not in h and h[0] in h",
    "x, history = mb.gradient_descent(lambda x: (x**2).sum(), [3.0, 4.0])",
    "r = mb.gradient_descent(lambda x: (x**2).sum(), [3.0]); assert r[0] is r.x and len(r[1]) > 9",
    "train, test = mb.open_source('moons'); assert len(train) == len(test) == 300",
    NET + "assert mb.check_gradients(net, x[:3], t[:3])['W1'].verdict == 'right'",
    NET + "assert mb.check_gradients(net, (x[:3], t[:3])).ok",
    FIT + "h.plot().savefig('a.png')",
    "v = mb.Variable(2.0); y = v ** 2; y.backward(); assert v.grad == 4",
    "mb.SGD(lr=0.1); mb.Adam(); mb.optim.RMSProp()",
    "class Mine(mb.Layer, operation=mb.relu): ...",
    "np.random.seed(3); a = mb.MLP([4, 3]); np.random.seed(3); b = mb.MLP([4, 3]); "
    "assert np.array_equal(a(x), b(x)) and not np.array_equal(b(x), mb.MLP([4, 3])(x))",
    NET + "mb.fit(net, x, t, batch_size=None, epochs=1.0)",
    NET + "net.predict([x[0], x[1]])",
    NET + "net.layers[0](x); mb.Predictor(net)(x)",
    NET + "net.head = 'mean_squared_error'; assert net.loss(x, t) < 10",
    NET + "assert net; assert net == net; {net: 1}",
    NET + "import copy, pickle; copy.deepcopy(net); pickle.loads(pickle.dumps(net))",
    NET + "mb.fit(net, x, t + 1, epochs=2); assert net.classes == (1, 2, 3)",
    NET + "mb.fit(net, x, t * 10, epochs=2); assert set(net.classify(x)) <= {0, 10, 20}",
    NET + "mb.fit(net, x, t.astype(object), epochs=1)",
    NET + "mb.fit(net, [x, t], test=[x, t], epochs=1)",
    "net = mb.MLP([4, 8, 3], dtype=float); net.predict(x)",
    "net = mb.MLP([4, 8, 1], loss='sigmoid_cross_entropy'); mb.fit(net, x, (t > 0) * 2 - 1, "
    "epochs=1); assert set(net.classify(x)) <= {-1, 1}",
    FIT + "assert set(dict(h)) == set(h.names)",
    "mb.relu([-1, 2]); mb.softmax([1, 2, 3]); mb.sigmoid(0)",
    "v = mb.Variable([1, 2, 3]); (v * 2).sum().backward(); assert v.grad.tolist() == [2, 2, 2]",
    "mb.gradient_descent(lambda x: (x**2).sum(), [3, 4])",
]  # fmt: skip
NAMED = [
    (FIT + "h.history['loss']", "history['train_loss']"),
    (NET + "net.fit(x, t, epochs=2)", "mb.fit(net, x, t"),
    (NET + "net.compile(optimizer='adam', loss='mse')", "mb.fit(net, x, t, optimizer='adam')"),
    (NET + "net.evaluate(x, t)", "mb.evaluate(net, (x, t))"),
    (NET + "net.score(x, t)", "net.accuracy(x, t)"),
    (NET + "net.predict_proba(x)", "net.predict(x)"),
    (NET + "net.predict_classes(x)", "net.classify(x)"),
    (NET + "net.forward(x)", "net.scores(x)"),
    (NET + "net.parameters()", "net.params"),
    (NET + "net.state_dict()", "mb.save(net"),
    (NET + "net.load_state_dict({})", "mb.load_weights(net"),
    (NET + "net.train()", "training=True"),
    (NET + "net.eval()", "evaluation mode"),
    (NET + "net.to('cuda')", "CPU"),
    (NET + "net.save('a')", "mb.save(net"),
    (NET + "net.weights", "net.params"),
    (NET + "net.layrs", "did you mean 'layers'"),
    (NET + "mb.fit(net, x, t, learning_rate=0.1)", "did you mean 'lr'"),
    (NET + "mb.fit(net, x, t, seed=0)", "did you mean 'rng'"),
    (NET + "mb.fit(net, x, t, n_epochs=2)", "did you mean 'epochs'"),
    (NET + "mb.fit(net, x, t, validation_split=0.2)", "did you mean 'validation'"),
    (NET + "mb.fit(net, x, t, verbose=0)", "callbacks=[]"),
    (NET + "mb.fit(net, x, t, optimizer='Adam')", "did you mean 'adam'"),
    (NET + "mb.fit(net, x, t, optimizer=mb.Adam)", "not the class Adam"),
    (NET + "mb.fit(net, x, t, optimizer=mb.Adam(), lr=0.1)", "its own learning rate"),
    (NET + "mb.fit(net, x, t, callbacks=mb.EarlyStopping)", "callbacks"),
    (NET + "mb.fit(net, x, t, batch_size=1000)", "at most 50"),
    (NET + "mb.fit(net, ((x, t), (x, t)))", "two pairs"),
    (NET + "mb.fit(net, x, t, optimizer='')", "unknown optimizer ''"),
    (NET + "mb.fit(net, x, t, loss='mse')", "the loss belongs to the net"),
    (NET + "mb.fit(net, x=x, t=t)", "did you mean 'train'"),
    (NET + "mb.fit(net, x, t, rng='a')", "rng expects a whole number"),
    (NET + "mb.fit(net, x, ['a'] * 50)", "a single class"),
    (NET + "net.classify(x * np.nan)", "scores are NaN"),
    (NET + "mb.save(net, 'a.pt')", "should end in .safetensors"),
    (NET + "mb.save('a.safetensors', net)", "save expects a net"),
    (NET + "mb.load_weights('a.npz', net)", "load_weights expects a net"),
    (NET + "mb.load_weights(net, None)", "expects the path of a file"),
    (NET + "mb.fit(net, x, names); net.accuracy(x, t > 0)", "Give their names"),
    ("mb.evaluate(mb.MLP, x, t)", "not the class MLP"),
    ("mb.Predictor(mb.MLP)", "not the class MLP"),
    ("mb.MLP([4, 8, 3], 'softmax')", "loss='softmax_cross_entropy'"),
    ("mb.MLP([4, 8, 3], rng=-1)", "rng expects a whole number"),
    ("mb.ShapeError", "from mitbadak.core.errors import ShapeError"),
    ("mb.fit(mb.MLP([4, 8, 1], loss='mean_squared_error'), x, names)", "predicts a number"),
    ("mb.fit(mb.MLP, x, t)", "not the class MLP"),
    ("mb.fit(BookNet(), x, t)", "the book's nets"),
    ("mb.MLP(4, 8, 3)", "mb.MLP([4, 8, 3])"),
    ("mb.MLP([4, 8, 3], seed=0)", "did you mean 'rng'"),
    ("mb.MLP([4, 8, 3], activation='ReLU')", "did you mean 'relu'"),
    ("mb.MLP([4, 8, 3], activation=mb.relu)", "not the function relu"),
    ("mb.MLP([4, 8, 3], activation=mb.ReLU)", "not the class ReLU"),
    ("mb.MLP([4, 8, 3], loss='mse')", "did you mean 'mean_squared_error'"),
    ("mb.MLP([4, 8, 3], loss='sparse_categorical_crossentropy')", "'softmax_cross_entropy'"),
    ("mb.MLP([4, 8, 3], loss=mb.huber)", "not the function huber"),
    ("mb.MLP([4, 8, 3], init='glorot_uniform')", "did you mean 'xavier'"),
    ("mb.Sequential(mb.Affine(4, 8), mb.relu)", "not the function relu"),
    ("mb.Sequential(mb.Affine(4, 8), mb.ReLU)", "not the class ReLU"),
    ("mb.nn.Linear(4, 8)", "mb.Affine(4, 8)"),
    ("mb.Dense(8, activation='relu')", "mb.Affine(4, 8), mb.ReLU()"),
    ("mb.CrossEntropyLoss()", "loss='softmax_cross_entropy'"),
    ("mb.MLPClassifier(hidden_layer_sizes=(8,))", "mb.fit(net, x, t)"),
    ("mb.Conv2d(1, 30, 5)", "mb.Convolution(1, 30, 5)"),
    ("mb.MaxPool2d(2)", "mb.MaxPooling(2)"),
    ("mb.Relu()", "did you mean 'ReLU'"),
    ("mb.sgd(0.1)", "did you mean 'SGD'"),
    ("mb.mlp([4, 8, 3])", "did you mean 'MLP'"),
    ("mb.SoftmaxWithLoss()", "from common.layers import SoftmaxWithLoss"),
    ("mb.SGD(lr=0.1, momentum=0.9)", "mb.Momentum(lr=0.1"),
    ("mb.SGD(learning_rate=0.1)", "did you mean 'lr'"),
    ("mb.Variable(x, requires_grad=True)", "has a gradient after y.backward()"),
    ("mb.tensor(x)", "mb.Variable(x)"),
    ("mb.manual_seed(0)", "rng=0"),
    ("mb.DataLoader((x, t))", "mb.fit(net, x, t, batch_size=100)"),
    ("mb.load_iris()", "mb.open_source('table.csv')"),
    ("mb.train_test_split(x, t)", "mb.stratified_split"),
    ("mb.keras.Sequential()", "mb.MLP"),
    (NET + "len(net)", "len(net.layers)"),
    (NET + "net[0]", "net.layers[0]"),
    (NET + "[layer for layer in net]", "net.layers[0]"),
    (NET + "net.params.W1", "net.params['W1']"),
    (NET + "net.layers[0].weight", "layer.params['W']"),
    (NET + "net.layers[0].dW", "layer.grads['W']"),
    (NET + "net.params = {}", "assign its entries: net.params['W1']"),
    (NET + "net.loss = 'mse'", "net.head = 'mse'"),
    (NET + "net.accuracy(x)", "MLP.accuracy needs t"),
    (NET + "net.predict(x, trainig=True)", "did you mean 'training'"),
    (NET + "mb.fit(net)", "fit needs train"),
    (NET + "mb.fit(net, x)", "mb.fit(net, x, t)"),
    (NET + "mb.fit(net, x, t, 5)", "fit takes 3 arguments by position"),
    (NET + "mb.fit(net, x, t, shuffle=False)", "batches are shuffled"),
    (NET + "mb.fit(net, x, t, validation=x)", "a share in [0, 1) to split off, a pair"),
    (NET + "mb.fit(net, x, t, augment='flip')", "augment expects a function"),
    (NET + "mb.fit(net, zip(x, t))", "a pair (x, t) or a Dataset"),
    (NET + "mb.fit(net, {'x': x, 't': t})", "a pair (x, t) or a Dataset"),
    (NET + "mb.fit(net, x.astype(object), t)", "x.astype(float)"),
    (NET + "mb.fit(net, x, [None] + ['a'] * 49)", "texts and something else"),
    (NET + "mb.checkup(net, x)", "a pair (x, t) or a Dataset"),
    (FIT + "h['val_loss']", "mb.fit(net, x, t, validation=0.1) measures it"),
    ("mb.Dropout(p=0.5)", "did you mean 'rate'"),
    ("mb.softmax(x, axis=0)", "np.moveaxis"),
    ("mb.load(3)", "path expects text or a path"),
    ("mb.load_mnist('nowhere')", "normalize must be True or False"),
    ("mb.load_moons(n_samples=10)", "did you mean 'n'"),
    ("mb.load_blobs(centers=3)", "did you mean 'classes'"),
    ("mb.k_fold(t, n_splits=3)", "did you mean 'k'"),
    ("mb.stratified_split(t, test_size=0.2, rng=0)", "did you mean 'share'"),
    ("mb.Dataset(x, t)[0]", "data.batch([0, 1])"),
    ("for a, b in mb.Dataset(x, t): ...", "data.batch"),
    ("mb.gradient_descent(lambda x: (x**2).sum(), x[0], max_iter=3)", "did you mean 'step_num'"),
    ("mb.gradient_descent(lambda x: (x**2).sum(), x[0], steps=3)", "did you mean 'step_num'"),
    ("mb.gradient_descent(3, x[0])", "f expects a function of one argument"),
    ("mb.Adam().zero_grad()", "which never add up"),
    ("mb.Adam().minimize(lambda: 0)", "mb.descend(f, init_x, optimizer)"),
    ("mb.Variable(2.0).detach()", "mb.Variable(v.value)"),
    ("mb.Variable(2.0).numpy()", "v.value"),
    ("mb.SGD(0.1).update([[x, t]], [[x, t]])", "[W1, b1, W2, b2]"),
    ("mb.Groups({'*': mb.SGD})", "Groups expects optimizers"),
]  # fmt: skip

ANSWERED = [*NAMED, *NAMED_ELSEWHERE, *OBJECTS]

SCRIPT = """
import json, sys, warnings
import numpy as np
import mitbadak as mb

class BookNet:
    "A net as the book has it."
    params = {}
    def gradient(self, x, t):
        return {}

rng = np.random.default_rng(0)
x, t = rng.normal(size=(50, 4)), np.arange(50) % 3
given = {"mb": mb, "np": np, "x": x, "t": t, "y": x[:, :1], "BookNet": BookNet,
         "names": np.array(["cat", "dog", "eel"])[t]}
answers, out = {}, sys.stdout
sys.stdout = sys.stderr
for line in json.load(sys.stdin):
    try:
        exec(line, dict(given))
        answers[line] = ["", ""]
    except Exception as error:
        ours = isinstance(error, mb.MitbadakError)
        answers[line] = ["ours" if ours else type(error).__name__, str(error)]
json.dump(answers, out)
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What came of each line in a process without the type checker of the tests."""
    lines = [*WORKS, *(line for line, _ in ANSWERED)]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=json.dumps(lines), capture_output=True, text=True,
        cwd=tmp_path_factory.mktemp("lines"), check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.parametrize("line", WORKS)
def test_a_first_line_works(line: str, answers: dict[str, list[str]]) -> None:
    assert answers[line] == ["", ""]


@pytest.mark.parametrize(("line", "said"), ANSWERED)
def test_a_first_line_is_answered_with_the_line_that_does_it_here(
    line: str, said: str, answers: dict[str, list[str]]
) -> None:
    kind, message = answers[line]
    assert kind == "ours", message
    assert said in message


TABLES = {
    **{name: table for name, table in vars(elsewhere_objects).items() if name.isupper()},
    "CALLED": elsewhere.CALLED,
    "PACKAGE": elsewhere_names.PACKAGE,
    **other_names.LINES,
}


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_the_lines_name_what_there_is(table: dict[str, str]) -> None:
    net, history = mb.MLP([4, 8, 3]), mb.History([{"epoch": 0, "train_loss": 1.0}])
    for line in table.values():
        owners = {"mb": mb, "net": net, "history": history, "layer": net.layers[0],
                  "v": mb.Variable(1.0), "optimizer": mb.SGD(0.1),
                  "data": mb.Dataset(np.eye(3), np.arange(3)), "source": mb.open_source("xor"),
                  "report": mb.check_gradients(net, np.eye(4), np.array([0, 1, 2, 0])),
                  "result": mb.gradient_descent(lambda x: (x**2).sum(), np.ones(2))}  # fmt: skip
        for owner, subject in owners.items():
            for name in re.findall(rf"(?<![\w.\"'/]){owner}\.([a-zA-Z_]\w*)", line):
                assert hasattr(subject, name), line


def test_there_are_hundreds_of_lines() -> None:
    assert len(WORKS) + len(ANSWERED) >= 300


ROOMS = ["", ".nn", ".optim", ".data", ".training", ".graph", ".functions", ".gradcheck", ".runs",
         ".descent", ".interop", ".plots"]  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_a_name_of_another_library_is_explained_wherever_it_is_imported_from(room: str) -> None:
    package = f"mitbadak{room}"
    for name in ("Dense", "CrossEntropyLoss", "StepLR", "DataLoader", "train_test_split", "Tensor",
                 "set_seed", "load_model", "KMeans", "cumsum", "ShapeErorr"):  # fmt: skip
        with pytest.raises(ImportError) as caught:
            exec(f"from {package} import {name}", {})
        assert isinstance(caught.value, MissingNameError), (package, name)
        assert caught.value.name == name
        with pytest.raises(AttributeError, match="has no attribute") as looked_up:
            getattr(sys.modules[package], name)
        assert isinstance(looked_up.value, mb.MitbadakError)
        assert not hasattr(sys.modules[package], name)
        answer = str(looked_up.value).partition("In Mitbadak: ")[2]
        assert answer in str(caught.value)
        assert answer or name == "ShapeErorr"


def test_a_public_name_that_is_imported_from_another_room_leads_to_its_own() -> None:
    with pytest.raises(ImportError, match="from mitbadak import SGD"):
        exec("from mitbadak.descent import SGD", {})


@pytest.mark.parametrize("name", sorted(moved.ELSEWHERE))
def test_a_module_of_another_library_is_explained(name: str) -> None:
    for package in ("mitbadak", "mitbadak.nn"):
        room = package.removeprefix("mitbadak").removeprefix(".")
        own = Path(mb.__file__).parent / room / f"{name}.py"
        if own.exists() or f"{room}.{name}".removeprefix(".") in moved.MODULES:
            continue
        with pytest.raises(ModuleNotFoundError) as caught:
            exec(f"import {package}.{name}", {})
        assert isinstance(caught.value, MissingModuleError), f"{package}.{name}"
        assert "In Mitbadak: " in str(caught.value)


def test_python_looks_for_names_of_its_own_as_ever() -> None:
    for module in (mb, mb.nn, mb.training, mb.optim):
        for name in ("__path_hooks__", "_repr_html_", "__wrapped__"):
            assert not hasattr(module, name)
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'mitbadak\.nowhere'"):
        exec("import mitbadak.nowhere", {})


def test_a_module_that_nothing_has_imported_is_named() -> None:
    """In a new process: whoever imports it makes it an attribute for all."""
    script = (
        "import pkgutil, mitbadak as mb\n"
        "for part in pkgutil.iter_modules(mb.__path__):\n"
        "    if not part.name.startswith('_'):\n"
        "        try:\n            getattr(mb, part.name)\n"
        "        except AttributeError as e:\n            print(part.name, '|', e)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    said = dict(line.split(" | ") for line in done.stdout.splitlines())
    assert {"interop", "book", "doctor"} <= said.keys()
    for name, message in said.items():
        assert message.endswith(f"In Mitbadak: import mitbadak.{name}."), message


def test_an_estimator_without_scikit_learn_is_a_named_error() -> None:
    script = (
        "import sys; sys.modules['sklearn'] = None\nimport mitbadak as mb\n"
        "try:\n    from mitbadak.interop import MLPClassifier\n"
        "except mb.MitbadakError as e:\n    print(isinstance(e, ImportError), e)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("True ")
    assert "pip install 'mitbadak[sklearn]'" in done.stdout
