"""What users of PyTorch, Keras and scikit-learn type first, written down before it was built.

Each line works, or is answered with the line that does it here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

import mitbadak as mb
from mitbadak.core import elsewhere, other_names

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
    FIT + "h.plot().savefig('a.png')",
    "v = mb.Variable(2.0); y = v ** 2; y.backward(); assert v.grad == 4",
    "mb.SGD(lr=0.1); mb.Adam(); mb.optim.RMSProp()",
    "class Mine(mb.Layer, operation=mb.relu): ...",
    "np.random.seed(3); a = mb.MLP([4, 3]); np.random.seed(3); b = mb.MLP([4, 3]); "
    "assert np.array_equal(a(x), b(x)) and not np.array_equal(b(x), mb.MLP([4, 3])(x))",
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
    ("mb.nn.book.layers.MatMul(np.eye(2))", "import mitbadak.nn.book"),
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
    ("mb.SGD(lr=0.1, momentum=0.9)", "mb.Momentum(lr=0.1"),
    ("mb.SGD(learning_rate=0.1)", "did you mean 'lr'"),
    ("mb.Variable(x, requires_grad=True)", "has a gradient after y.backward()"),
    ("mb.tensor(x)", "mb.Variable(x)"),
    ("mb.manual_seed(0)", "rng=0"),
    ("mb.DataLoader((x, t))", "mb.fit(net, x, t, batch_size=100)"),
    ("mb.load_iris()", "mitbadak train table.csv"),
    ("mb.train_test_split(x, t)", "mb.stratified_split"),
    ("mb.keras.Sequential()", "mb.MLP"),
]  # fmt: skip


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
    lines = [*WORKS, *(line for line, _ in NAMED)]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=json.dumps(lines), capture_output=True, text=True,
        cwd=tmp_path_factory.mktemp("lines"), check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.parametrize("line", WORKS)
def test_a_first_line_works(line: str, answers: dict[str, list[str]]) -> None:
    assert answers[line] == ["", ""]


@pytest.mark.parametrize(("line", "said"), NAMED)
def test_a_first_line_is_answered_with_the_line_that_does_it_here(
    line: str, said: str, answers: dict[str, list[str]]
) -> None:
    kind, message = answers[line]
    assert kind == "ours", message
    assert said in message


@pytest.mark.parametrize("table", [elsewhere.NET, elsewhere.HISTORY, elsewhere.PACKAGE,
                                   *other_names.LINES.values()])  # fmt: skip
def test_the_lines_name_what_there_is(table: dict[str, str]) -> None:
    net, history = mb.MLP([4, 8, 3]), mb.History([{"epoch": 0, "train_loss": 1.0}])
    for line in table.values():
        for owner, subject in (("mb", mb), ("net", net), ("history", history)):
            for name in re.findall(rf"(?<![\w.\"'/]){owner}\.([a-zA-Z_]\w*)", line):
                assert hasattr(subject, name), line


def test_there_are_sixty_lines_and_more() -> None:
    assert len(WORKS) + len(NAMED) >= 60
