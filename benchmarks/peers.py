"""Every peer in the same form: made for a case, then turns of so many steps, giving the losses.

Each keeps its parameters from turn to turn, as a training does.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from cases import Case, Material

Turn = Callable[[], np.ndarray]


def mitbadak(case: Case, m: Material) -> Turn:
    return _mitbadak(case, m, "compiled")


def mitbadak_numpy(case: Case, m: Material) -> Turn:
    return _mitbadak(case, m, "numpy")


def _mitbadak(case: Case, m: Material, engine: str) -> Turn:
    from mitbadak import MLP
    from mitbadak.data import Dataset
    from mitbadak.engines import Engine
    from mitbadak.optim import optimizer
    from mitbadak.training.evaluation import few_blas_threads
    from mitbadak.training.steps import steps_for

    if engine == "numpy":
        few_blas_threads().__enter__()
    net = MLP(list(case.widths), case.activation, rng=0)
    for name, value in zip(net.params, m.params, strict=True):
        net.params[name] = value.copy()
    data = Dataset(m.x if m.pixels is None else m.pixels, m.t, None if m.pixels is None else 255)
    rule = optimizer(case.optimizer, lr=case.lr)
    steps = steps_for(Engine(engine, ""), net, rule, data, case.batch, net.loss_and_gradient)
    following = [*m.order[1:], m.order[0]]

    def turn() -> np.ndarray:
        losses = []
        for picked, then in zip(m.order, following, strict=True):
            losses.append(steps.forward(picked, then))
            steps.update()
        return np.array(losses)

    return turn


def book(case: Case, m: Material) -> Turn:
    """The book's way: float64, dictionaries, a fresh array for everything."""
    params = [p.astype(np.float64) for p in m.params]
    x_train, state = m.x.astype(np.float64), {"k": 0}
    moments = [(np.zeros_like(p), np.zeros_like(p)) for p in params]

    def f(a):
        return np.maximum(a, 0) if case.activation == "relu" else 1 / (1 + np.exp(-a))

    def slope(z):
        return (z > 0) * 1.0 if case.activation == "relu" else z * (1 - z)

    def turn() -> np.ndarray:
        losses = []
        for picked in m.order:
            z, t = [x_train[picked]], m.t[picked]
            for i in range(0, len(params), 2):
                a = np.dot(z[-1], params[i]) + params[i + 1]
                z.append(f(a) if i + 2 < len(params) else a)
            y = z[-1] - z[-1].max(axis=1, keepdims=True)
            y = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
            losses.append(-np.mean(np.log(y[np.arange(len(t)), t] + 1e-7)))
            dy = y.copy()
            dy[np.arange(len(t)), t] -= 1
            dy /= len(t)
            grads = [np.empty(0)] * len(params)
            for i in range(len(params) - 2, -1, -2):
                grads[i], grads[i + 1] = np.dot(z[i // 2].T, dy), dy.sum(axis=0)
                if i:
                    dy = np.dot(dy, params[i].T) * slope(z[i // 2])
            state["k"] += 1
            for p, g, (first, second) in zip(params, grads, moments, strict=True):
                if case.optimizer == "sgd":
                    p -= case.lr * g
                else:
                    first += 0.1 * (g - first)
                    second += 0.001 * (g * g - second)
                    rate = first / (1 - 0.9 ** state["k"])
                    p -= case.lr * rate / (np.sqrt(second / (1 - 0.999 ** state["k"])) + 1e-8)
        return np.array(losses)

    return turn


def sklearn(case: Case, m: Material) -> Turn:
    """MLPClassifier gives no loss per step, only the mean over a pass: that is what is compared."""
    import warnings

    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    x, t = m.x[m.order.ravel()], m.t[m.order.ravel()]
    net = MLPClassifier(
        case.widths[1:-1],
        activation={"sigmoid": "logistic"}.get(case.activation, case.activation),
        solver=case.optimizer,
        learning_rate_init=case.lr,
        momentum=0.0,
        nesterovs_momentum=False,
        alpha=0.0,
        batch_size=case.batch,
        shuffle=False,
    )
    net.partial_fit(x[: case.batch], t[: case.batch], classes=np.arange(10))
    for i in range(len(net.coefs_)):
        net.coefs_[i][...] = m.params[2 * i]
        net.intercepts_[i][...] = m.params[2 * i + 1]

    def turn() -> np.ndarray:
        net.partial_fit(x, t)
        return np.array([net.loss_])

    return turn


def torch(case: Case, m: Material) -> Turn:
    return _torch(case, m, compiled=False)


def torch_compile(case: Case, m: Material) -> Turn:
    return _torch(case, m, compiled=True)


def _torch(case: Case, m: Material, *, compiled: bool) -> Turn:
    import torch as pt
    from torch import nn

    row: list[nn.Module] = []
    for n_in, n_out in zip(case.widths, case.widths[1:], strict=False):
        row += [nn.Linear(n_in, n_out), nn.ReLU() if case.activation == "relu" else nn.Sigmoid()]
    net = nn.Sequential(*row[:-1])
    with pt.no_grad():
        for p, value in zip(net.parameters(), m.params, strict=True):
            p.copy_(pt.from_numpy(value.T.copy()))
    rule = (pt.optim.SGD if case.optimizer == "sgd" else pt.optim.Adam)(
        net.parameters(), lr=case.lr
    )
    loss_of = nn.CrossEntropyLoss()
    x, t = pt.from_numpy(m.x), pt.from_numpy(m.t)
    order = pt.from_numpy(m.order)

    def loss_and_backward(xb, tb):
        loss = loss_of(net(xb), tb)
        loss.backward()
        return loss.detach()

    body = pt.compile(loss_and_backward) if compiled else loss_and_backward

    def turn() -> np.ndarray:
        losses = []
        for picked in order:
            rule.zero_grad()
            losses.append(body(x[picked], t[picked]))
            rule.step()
        return pt.stack(losses).numpy()

    return turn


def jax_step(case: Case, m: Material) -> Turn:
    return _jax(case, m, scan=False)


def jax_scan(case: Case, m: Material) -> Turn:
    return _jax(case, m, scan=True)


def _jax(case: Case, m: Material, *, scan: bool) -> Turn:
    import jax
    import jax.numpy as jnp

    f = jax.nn.relu if case.activation == "relu" else jax.nn.sigmoid

    def loss_of(params, x, t):
        for i in range(0, len(params), 2):
            x = x @ params[i] + params[i + 1]
            x = f(x) if i + 2 < len(params) else x
        return -jnp.mean(jax.nn.log_softmax(x)[jnp.arange(case.batch), t])

    def step(carried, batch):
        params, first, second, k = carried
        loss, grads = jax.value_and_grad(loss_of)(params, *batch)
        k = k + 1
        if case.optimizer == "sgd":
            params = [p - case.lr * g for p, g in zip(params, grads, strict=True)]
        else:
            first = [0.9 * a + 0.1 * g for a, g in zip(first, grads, strict=True)]
            second = [0.999 * a + 0.001 * g * g for a, g in zip(second, grads, strict=True)]
            params = [
                p - case.lr * (a / (1 - 0.9**k)) / (jnp.sqrt(b / (1 - 0.999**k)) + 1e-8)
                for p, a, b in zip(params, first, second, strict=True)
            ]
        return (params, first, second, k), loss

    params = [jnp.asarray(p) for p in m.params]
    zeros = [jnp.zeros_like(p) for p in params] if case.optimizer == "adam" else []
    state = {"carried": (params, zeros, zeros, jnp.float32(0))}
    x, t = jnp.asarray(m.x), jnp.asarray(m.t)
    order = jnp.asarray(m.order)
    if scan:
        run = jax.jit(
            lambda carried, order: jax.lax.scan(lambda c, i: step(c, (x[i], t[i])), carried, order)
        )

        def turn() -> np.ndarray:
            state["carried"], losses = run(state["carried"], order)
            return np.asarray(losses)

        return turn
    one = jax.jit(lambda carried, i: step(carried, (x[i], t[i])))
    rows = [jnp.asarray(i) for i in m.order]

    def turn_by_step() -> np.ndarray:
        losses = []
        for i in rows:
            state["carried"], loss = one(state["carried"], i)
            losses.append(loss)
        return np.array([float(loss) for loss in losses])

    return turn_by_step


PEERS: dict[str, Callable[[Case, Material], Turn]] = {
    "mitbadak": mitbadak,
    "mitbadak_numpy": mitbadak_numpy,
    "book": book,
    "sklearn": sklearn,
    "torch": torch,
    "torch_compile": torch_compile,
    "jax_step": jax_step,
    "jax_scan": jax_scan,
}
