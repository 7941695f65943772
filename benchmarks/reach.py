"""A cold process of one peer: load MNIST, train, stop at 97% test accuracy, say when.

The recipe is the same for all: 784-100-10, ReLU, He's initial weights, Adam at 0.001, batches of
100, the test set measured after every epoch.
"""

from __future__ import annotations

import sys

import numpy as np

GOAL, BATCH, HIDDEN, LR, MOST_EPOCHS = 0.97, 100, 100, 0.001, 20


def material():
    from mitbadak.data import load_mnist

    rng = np.random.default_rng(0)
    W1 = np.sqrt(2 / 784) * rng.standard_normal((784, HIDDEN))
    W2 = np.sqrt(2 / HIDDEN) * rng.standard_normal((HIDDEN, 10))
    return load_mnist(), [a.astype(np.float32) for a in (W1, W2)], rng


def mitbadak() -> float:
    import mitbadak as mb

    class StopAtGoal(mb.Callback):
        def on_epoch_end(self, trainer, row) -> None:
            if row["test_accuracy"] >= GOAL:
                trainer.request_stop("reached")

    train, test = mb.mnist_datasets()
    rng = np.random.default_rng(0)
    net = mb.MLP([784, HIDDEN, 10], "relu", rng=rng)
    history = mb.fit(net, train, test=test, optimizer=mb.Adam(LR), epochs=MOST_EPOCHS, rng=rng,
                     batch_size=BATCH, callbacks=[StopAtGoal()])  # fmt: skip
    return history["test_accuracy"][-1]


def sklearn() -> float:
    from sklearn.neural_network import MLPClassifier

    ((x, t), (x_test, t_test)), _, _ = material()
    net = MLPClassifier((HIDDEN,), learning_rate_init=LR, batch_size=BATCH, alpha=0, random_state=0)
    accuracy = 0.0
    for _ in range(MOST_EPOCHS):
        net.partial_fit(x, t, classes=np.arange(10))
        accuracy = net.score(x_test, t_test)
        if accuracy >= GOAL:
            break
    return accuracy


def torch() -> float:
    import torch as pt
    from torch import nn

    pt.set_num_threads(1)
    ((x, t), (x_test, t_test)), weights, rng = material()
    net = nn.Sequential(nn.Linear(784, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10))
    with pt.no_grad():
        for layer, W in zip((net[0], net[2]), weights, strict=True):
            layer.weight.copy_(pt.from_numpy(W.T.copy()))
            layer.bias.zero_()
    rule, loss_of = pt.optim.Adam(net.parameters(), lr=LR), nn.CrossEntropyLoss()
    x, t, x_test = pt.from_numpy(x), pt.from_numpy(t.astype(np.int64)), pt.from_numpy(x_test)
    accuracy = 0.0
    for _ in range(MOST_EPOCHS):
        order = pt.from_numpy(rng.permutation(60_000)).view(-1, BATCH)
        for picked in order:
            rule.zero_grad()
            loss_of(net(x[picked]), t[picked]).backward()
            rule.step()
        with pt.no_grad():
            accuracy = float(np.mean(net(x_test).argmax(1).numpy() == t_test))
        if accuracy >= GOAL:
            break
    return accuracy


def jax_scan() -> float:
    import jax
    import jax.numpy as jnp

    ((x, t), (x_test, t_test)), (W1, W2), rng = material()
    x, t = jnp.asarray(x), jnp.asarray(t.astype(np.int32))

    def scores(p, x):
        return jax.nn.relu(x @ p[0] + p[1]) @ p[2] + p[3]

    def loss(p, x, t):
        return -jnp.mean(jax.nn.log_softmax(scores(p, x))[jnp.arange(BATCH), t])

    def step(carried, i):
        p, first, second, k = carried
        g = jax.grad(loss)(p, x[i], t[i])
        k = k + 1
        first = [0.9 * a + 0.1 * b for a, b in zip(first, g, strict=True)]
        second = [0.999 * a + 0.001 * b * b for a, b in zip(second, g, strict=True)]
        p = [w - LR * (a / (1 - 0.9**k)) / (jnp.sqrt(b / (1 - 0.999**k)) + 1e-8)
             for w, a, b in zip(p, first, second, strict=True)]  # fmt: skip
        return (p, first, second, k), None

    epoch = jax.jit(lambda carried, order: jax.lax.scan(step, carried, order)[0])
    p = [jnp.asarray(a) for a in (W1, np.zeros(HIDDEN, np.float32), W2, np.zeros(10, np.float32))]
    zeros = [jnp.zeros_like(a) for a in p]
    carried, accuracy = (p, zeros, zeros, jnp.float32(0)), 0.0
    for _ in range(MOST_EPOCHS):
        carried = epoch(carried, jnp.asarray(rng.permutation(60_000).reshape(-1, BATCH)))
        accuracy = float(np.mean(np.asarray(scores(carried[0], x_test)).argmax(1) == t_test))
        if accuracy >= GOAL:
            break
    return accuracy


if __name__ == "__main__":
    print(globals()[sys.argv[1]]())
