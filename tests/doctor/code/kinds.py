"""Further faulty scripts: the same kinds in other words, marked as in ``learners.py``."""

from __future__ import annotations

from doctor.code.learners import IN_TURN, LOADED

KINDS: dict[str, str] = {
    "numpy bare": """from numpy import *
x = array([3, 4])  #! integer-parameters
for i in range(10):
    x -= 0.1 * 2 * x
""",
    "from numpy import float": """from numpy import zeros
import numpy as xp
a = zeros(3, dtype=xp.object)  #! removed-numpy-name
b = xp.asfarray([1, 2])  #! removed-numpy-name
""",
    "attr W": """import numpy as np
class Net:
    def __init__(self):
        self.W = np.random.randn(3, 1)
        self.b = 0.0
    def forward(self, x):
        return x @ self.W + self.b
    def fit(self, x, t, rate=0.1):
        for _ in range(100):
            e = self.forward(x) - t
            self.W -= rate + x.T @ e / len(x)  #! lr-plus-gradient
            self.b -= rate * e.mean()
Net().fit(np.random.randn(10, 3), np.random.randn(10, 1))
""",
    "attr up": """import numpy as np
class Net:
    def __init__(self):
        self.W = np.random.randn(3, 1)
    def fit(self, x, t, rate=0.1):
        for _ in range(100):
            e = x @ self.W - t
            g = x.T.dot(e) / x.shape[0]
            self.W = self.W + rate * g  #! wrong-sign-update
""",
    "sgd copy attr": """import numpy as np
class Net:
    def __init__(self):
        self.W = np.random.randn(3, 1)
    def forward(self, x):
        return x @ self.W
    def step(self, x, t):
        W = self.W.copy()  #! update-of-a-copy
        g = x.T @ (self.forward(x) - t)
        W -= 0.01 * g
n = Net()
n.step(np.ones((2, 3)), np.ones((2, 1)))
""",
    "dict copy": """import numpy as np
from two_layer_net import TwoLayerNet
from dataset.mnist import load_mnist
(x_train, t_train), _ = load_mnist(normalize=True, one_hot_label=True)
net = TwoLayerNet(784, 50, 10)
p = {k: v.copy() for k, v in net.params.items()}  #! update-of-a-copy
for i in range(100):
    m = np.random.choice(60000, 100)
    g = net.gradient(x_train[m], t_train[m])
    for k in p:
        p[k] -= 0.1 * g[k]
""",
    "shallow copy reassigned": """from two_layer_net import TwoLayerNet
from dataset.mnist import load_mnist
(x_train, t_train), _ = load_mnist(normalize=True, one_hot_label=True)
net = TwoLayerNet(784, 50, 10)
params = dict(net.params)  #! update-of-a-copy
for i in range(100):
    g = net.gradient(x_train[:100], t_train[:100])
    for k in params:
        params[k] = params[k] - 0.1 * g[k]
""",
    "items loop": """from two_layer_net import TwoLayerNet
from dataset.mnist import load_mnist
(x_train, t_train), _ = load_mnist(normalize=True, one_hot_label=True)
net = TwoLayerNet(784, 50, 10)
for i in range(100):
    g = net.gradient(x_train[:100], t_train[:100])
    for key, value in net.params.items():
        value = value - 0.1 * g[key]  #! update-of-a-copy
""",
    "int default": """import numpy as np
def numerical_gradient(f, x):
    h = 1e-4
    grad = np.zeros_like(x)
    for i in range(x.size):
        old = x[i]
        x[i] = old + h
        a = f(x)
        x[i] = old - h
        b = f(x)
        grad[i] = (a - b) / (2*h)
        x[i] = old
    return grad
def gradient_descent(f, init_x, lr=0.01, step_num=100):
    x = init_x.copy()
    for i in range(step_num):
        x -= lr * numerical_gradient(f, x)
    return x
init = np.array([-3, 4])  #! integer-parameters
print(gradient_descent(lambda x: x[0]**2 + x[1]**2, init, lr=0.1))
""",
    "int arange imported": """import numpy as np
from common.gradient import numerical_gradient
x = np.arange(4)  #! integer-parameters
print(numerical_gradient(lambda v: (v**2).sum(), x))
""",
    "ones int": """import numpy as np
w = np.ones((2, 3), dtype='int32')  #! integer-parameters
dw = np.full((2, 3), 0.5)
w -= 0.01 * dw
""",
    "modulo np": """import numpy as np
n, bs = 50000, 96
per = n / bs  #! float-epoch-modulo
for i in range(1000):
    if not i % per:
        print(i)
""",
    "modulo self": """class Trainer:
    def __init__(self, x, batch=100):
        self.n = x.shape[0]
        self.per = self.n / batch  #! float-epoch-modulo
        self.k = 0
    def step(self):
        if self.k % self.per == 0:
            print("epoch")
        self.k += 1
""",
    "path var": """import sys, os
parent = os.path.join(os.pardir, "common")
sys.path.append(parent)  #! path-of-parent
from sys import path
path.insert(0, '../..')  #! path-of-parent
""",
    "labels pos": """import numpy as np
from dataset.mnist import load_mnist
data = load_mnist(True, True, False)  #! labels-not-one-hot
(xtr, ytr), (xte, yte) = data
def acc(p, y):
    return (p.argmax(axis=1) == y.argmax(axis=1)).mean()
print(acc(np.random.rand(100, 10), yte[:100]))
""",
    "labels missing": """import numpy as np
from dataset.mnist import load_mnist
from common.functions import softmax
(x_train, t_train), (x_test, t_test) = load_mnist(normalize=True)  #! labels-not-one-hot
W = np.zeros((784, 10)); b = np.zeros(10)
for i in range(0, 60000, 100):
    xb, tb = x_train[i:i+100], t_train[i:i+100]
    y = softmax(xb @ W + b)
    d = (y - tb) / 100
    W -= 0.1 * xb.T @ d
    b -= 0.1 * d.sum(axis=0)
""",
    "softmax loss fn": """import numpy as np
def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
def softmax_cross_entropy(z, t):
    p = softmax(z)
    return -np.mean(np.sum(t * np.log(p + 1e-7), axis=1))
x = np.random.randn(5, 4); t = np.eye(3)[[0, 1, 2, 0, 1]]
W = np.random.randn(4, 3)
probs = softmax(x @ W)  #! softmax-twice
print(softmax_cross_entropy(probs, t))
""",
    "raw const": """import numpy as np
from dataset.mnist import load_mnist
from two_layer_net import TwoLayerNet
(x_train, t_train), (x_test, t_test) = load_mnist(False, True, True)  #! unnormalised-pixels
net = TwoLayerNet(784, 50, 10)
for i in range(100):
    m = np.random.choice(60000, 100)
    g = net.gradient(x_train[m], t_train[m])
    for k in g:
        net.params[k] -= 0.1 * g[k]
""",
    "raw sub": """from keras.datasets import mnist
import numpy as np
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train = x_train.reshape(60000, 784)
W = np.zeros((784, 10))
print(np.dot(x_train[:10], W))  #! unnormalised-pixels
""",
    "start view": """import numpy as np
def descend(f, grad, start, lr=0.1, n=10):
    p = np.asarray(start)  #! start-changed-in-place
    path = [p.copy()]
    for _ in range(n):
        p -= lr * grad(p)
        path.append(p.copy())
    return p, path
""",
    "start self": """import numpy as np
def descend(f, grad, w0, lr=0.1, n=10):
    w, hist = w0, []  #! start-changed-in-place
    for _ in range(n):
        hist.append(w.copy())
        w -= lr * grad(w)
    return w, hist
""",
    "np.subtract": """import numpy as np
from common.gradient import numerical_gradient
x = np.array([1.0, 2.0]); lr = 0.1
for i in range(10):
    g = numerical_gradient(lambda v: (v**2).sum(), x)
    x = np.subtract(x, np.add(lr, g))  #! lr-plus-gradient
""",
    "torch-like names": """import numpy as np
theta = np.zeros(3); X = np.random.randn(10, 3); y = np.random.randn(10)
alpha = 0.01
for it in range(500):
    h = X @ theta
    theta = theta - (alpha + X.T @ (h - y) / len(y))  #! lr-plus-gradient
""",
    "sign err list": """import numpy as np
W = np.random.randn(2, 1); X = np.random.randn(10, 2); Y = np.random.randn(10, 1)
for it in range(10):
    diff = Y - X @ W
    grad = X.T @ diff / 10
    W -= 0.1 * grad  #! wrong-sign-update
""",
    "ok sign": """import numpy as np
W = np.random.randn(2, 1); X = np.random.randn(10, 2); Y = np.random.randn(10, 1)
for it in range(10):
    diff = Y - X @ W
    grad = -X.T @ diff / 10
    W -= 0.1 * grad
    grad2 = X.T @ (X @ W - Y) * 2 / 10
    W = W - 0.1 * grad2
""",
    "keyword one_hot multi": """import numpy as np
from dataset.mnist import load_mnist
(x_train, t_train), (x_test, t_test) = load_mnist(
    normalize=True,
    one_hot_label=False,  #! labels-not-one-hot
)
print(np.argmax(t_test, axis=1))
""",
    "whole x, batch t": """import numpy as np
from dataset.mnist import load_mnist
from two_layer_net import TwoLayerNet
(x_train, t_train), (x_test, t_test) = load_mnist(one_hot_label=True)
net = TwoLayerNet(784, 50, 10)
for i in range(100):
    m = np.random.choice(60000, 100)
    t = t_train[m]
    g = net.gradient(x_train, t)  #! rows-apart
    for k in g:
        net.params[k] -= 0.1 * g[k]
print(net.accuracy(x_test, t_test))
""",
    "test labels of train": """import numpy as np
from dataset.mnist import load_mnist
from two_layer_net import TwoLayerNet
(x_train, t_train), (x_test, t_test) = load_mnist(one_hot_label=True)
net = TwoLayerNet(784, 50, 10)
print(net.accuracy(x_test, t_train))  #! rows-apart
""",
    "shuffled x only": """import numpy as np
from dataset.mnist import load_mnist
from two_layer_net import TwoLayerNet
(x_train, t_train), (x_test, t_test) = load_mnist(one_hot_label=True)
net = TwoLayerNet(784, 50, 10)
order = np.random.permutation(60000)
x_train = x_train[order]  #! rows-apart
for i in range(0, 60000, 100):
    g = net.gradient(x_train[i:i+100], t_train[i:i+100])
    for k in g:
        net.params[k] -= 0.1 * g[k]
""",
    "two shuffles": LOADED
    + """np.random.shuffle(x_train)  #! rows-apart
np.random.shuffle(t_train)  #! rows-apart
"""
    + IN_TURN,
    "two permutations": LOADED
    + """x_train = x_train[np.random.permutation(60000)]  #! rows-apart
t_train = t_train[np.random.permutation(60000)]  #! rows-apart
"""
    + IN_TURN,
    "trainer class": """import numpy as np
from dataset.mnist import load_mnist
from two_layer_net import TwoLayerNet
class Trainer:
    def __init__(self, net, x, t, batch_size=128, lr=0.1):
        self.net, self.x, self.t = net, x, t
        self.batch_size, self.lr = batch_size, lr
        self.iters_per_epoch = max(x.shape[0] / batch_size, 1)  #! float-epoch-modulo
    def train(self, n):
        for i in range(n):
            mask = np.random.choice(len(self.x), self.batch_size)
            grads = self.net.gradient(self.x[mask], self.t[mask])
            for key in self.net.params:
                self.net.params[key] += self.lr * grads[key]  #! wrong-sign-update
            if i % self.iters_per_epoch == 0:
                print(self.net.loss(self.x[mask], self.t[mask]))
(x_train, t_train), _ = load_mnist(one_hot_label=True)
Trainer(TwoLayerNet(784, 50, 10), x_train, t_train).train(1000)
""",
    "perceptron int": """import numpy as np
w = np.array([0, 0])  #! integer-parameters
b = 0
for x, t in [((0, 1), 1), ((1, 1), 1)]:
    y = 1 if np.dot(w, x) + b > 0 else 0
    w += 0.1 * (t - y) * np.array(x)
""",
    "relu layers momentum ok": """import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(100, 2)); T = (X[:, :1] * X[:, 1:] > 0).astype(float)
W1, b1 = rng.normal(size=(2, 8)), np.zeros(8)
W2, b2 = rng.normal(size=(8, 1)), np.zeros(1)
v = [np.zeros_like(p) for p in (W1, b1, W2, b2)]
for i in range(500):
    A = X @ W1 + b1
    Z = np.maximum(A, 0)
    Y = 1 / (1 + np.exp(-(Z @ W2 + b2)))
    dY = (Y - T) / len(X)
    dW2, db2 = Z.T @ dY, dY.sum(axis=0)
    dA = (dY @ W2.T) * (A > 0)
    dW1, db1 = X.T @ dA, dA.sum(axis=0)
    for k, (p, g) in enumerate(zip((W1, b1, W2, b2), (dW1, db1, dW2, db2))):
        v[k] = 0.9 * v[k] - 0.1 * g
        p += v[k]
""",
    "relu layers up": """import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(100, 2)); T = (X[:, :1] * X[:, 1:] > 0).astype(float)
W1, b1 = rng.normal(size=(2, 8)), np.zeros(8)
W2, b2 = rng.normal(size=(8, 1)), np.zeros(1)
for i in range(500):
    A = X @ W1 + b1
    Z = np.maximum(A, 0)
    Y = 1 / (1 + np.exp(-(Z @ W2 + b2)))
    dY = (Y - T) / len(X)
    dW2, db2 = Z.T @ dY, dY.sum(axis=0)
    dA = (dY @ W2.T) * (A > 0)
    dW1, db1 = X.T @ dA, dA.sum(axis=0)
    W1 += 0.5 * dW1  #! wrong-sign-update
    b1 -= 0.5 * db1
    W2 -= 0.5 + dW2  #! lr-plus-gradient
    b2 = b2 + 0.5 * db2  #! wrong-sign-update
""",
    "nested predict softmax": """import numpy as np
from common.functions import softmax, cross_entropy_error
def predict(p, x):
    return softmax(x @ p['W'])  #! softmax-twice
def loss(p, x, t):
    y = softmax(predict(p, x))
    return cross_entropy_error(y, t)
p = {'W': np.random.randn(3, 2)}
print(loss(p, np.ones((4, 3)), np.eye(2)[[0, 1, 0, 1]]))
""",
    "numerical lr plus via self": """import numpy as np
class Model:
    def __init__(self, lr=0.1):
        self.lr = lr
        self.params = {"W": np.random.randn(2, 2), "b": np.zeros(2)}
    def f(self, x, t):
        return np.mean((x @ self.params["W"] + self.params["b"] - t) ** 2)
    def grads(self, x, t, h=1e-5):
        out = {}
        for name, p in self.params.items():
            g = np.zeros_like(p)
            for i in np.ndindex(*p.shape):
                old = p[i]
                p[i] = old + h
                up = self.f(x, t)
                p[i] = old - h
                down = self.f(x, t)
                p[i] = old
                g[i] = (up - down) / (2 * h)
            out[name] = g
        return out
    def step(self, x, t):
        g = self.grads(x, t)
        for name in self.params:
            self.params[name] -= self.lr + g[name]  #! lr-plus-gradient
m = Model()
m.step(np.ones((3, 2)), np.zeros((3, 2)))
""",
}
