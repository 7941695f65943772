"""Scripts as learners write them: faulty ones with the planted line marked, and sound ones.

A mark is a comment ``#! code`` at the end of the planted line; it is taken off before reading.
``<NET>`` and the like stand for parts that many scripts share.
"""

from __future__ import annotations

PARTS = {
    "LOAD": "(x_train, t_train), (x_test, t_test) = load_mnist(normalize=True, one_hot_label=True)",
    "FUNCTIONS": """
def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    if x.ndim == 2:
        x = x - np.max(x, axis=1, keepdims=True)
        return np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True)
    x = x - np.max(x)
    return np.exp(x) / np.sum(np.exp(x))


def cross_entropy_error(y, t):
    if y.ndim == 1:
        y = y.reshape(1, y.size)
        t = t.reshape(1, t.size)
    return -np.sum(t * np.log(y + 1e-7)) / y.shape[0]
""",
    "NUMERICAL": """
def numerical_gradient(f, x):
    h = 1e-4
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=['multi_index'])
    while not it.finished:
        idx = it.multi_index
        keep = x[idx]
        x[idx] = keep + h
        above = f(x)
        x[idx] = keep - h
        below = f(x)
        grad[idx] = (above - below) / (2 * h)
        x[idx] = keep
        it.iternext()
    return grad
""",
    "NUMERICAL_1D": """
def numerical_gradient(f, x):
    h = 1e-4
    grad = np.zeros_like(x)
    for idx in range(x.size):
        keep = x[idx]
        x[idx] = keep + h
        above = f(x)
        x[idx] = keep - h
        below = f(x)
        grad[idx] = (above - below) / (2 * h)
        x[idx] = keep
    return grad


def function_2(x):
    return x[0]**2 + x[1]**2
""",
    "NET": """
class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        self.params = {}
        self.params['W1'] = weight_init_std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = weight_init_std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros(output_size)

    def predict(self, x):
        W1, W2 = self.params['W1'], self.params['W2']
        b1, b2 = self.params['b1'], self.params['b2']
        z1 = sigmoid(np.dot(x, W1) + b1)
        return softmax(np.dot(z1, W2) + b2)

    def loss(self, x, t):
        y = self.predict(x)
        return cross_entropy_error(y, t)

    def accuracy(self, x, t):
        y = np.argmax(self.predict(x), axis=1)
        t = np.argmax(t, axis=1)
        return np.sum(y == t) / float(x.shape[0])

    def gradient(self, x, t):
        W1, W2 = self.params['W1'], self.params['W2']
        b1, b2 = self.params['b1'], self.params['b2']
        grads = {}
        batch_num = x.shape[0]
        z1 = sigmoid(np.dot(x, W1) + b1)
        y = softmax(np.dot(z1, W2) + b2)
        dy = (y - t) / batch_num
        grads['W2'] = np.dot(z1.T, dy)
        grads['b2'] = np.sum(dy, axis=0)
        dz1 = np.dot(dy, W2.T) * (1.0 - z1) * z1
        grads['W1'] = np.dot(x.T, dz1)
        grads['b1'] = np.sum(dz1, axis=0)
        return grads
""",
    "SETTINGS": """
iters_num = 10000
train_size = x_train.shape[0]
batch_size = 100
learning_rate = 0.1
network = TwoLayerNet(784, 50, 10)
""",
    "BATCH": """    batch_mask = np.random.choice(train_size, batch_size)
    x_batch = x_train[batch_mask]
    t_batch = t_train[batch_mask]""",
    "LAYERS": """
class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b
        self.x = None
        self.dW, self.db = None, None

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return np.dot(dout, self.W.T)


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = (x <= 0)
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dout[self.mask] = 0
        return dout


class SoftmaxWithLoss:
    def __init__(self):
        self.y, self.t, self.loss = None, None, None

    def forward(self, x, t):
        self.t = t
        self.y = softmax(x)
        self.loss = cross_entropy_error(self.y, self.t)
        return self.loss

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.shape[0]
""",
}

LOADED = """import numpy as np
from dataset.mnist import load_mnist
from two_layer_net import TwoLayerNet
(x_train, t_train), (x_test, t_test) = load_mnist(one_hot_label=True)
"""
IN_TURN = """net = TwoLayerNet(784, 50, 10)
for i in range(0, 60000, 100):
    x, t = x_train[i:i+100], t_train[i:i+100]
    g = net.gradient(x, t)
    for k in g:
        net.params[k] -= 0.1 * g[k]
"""
MNIST = "import numpy as np\nfrom dataset.mnist import load_mnist\n"

FAULTY: dict[str, str] = {
    "update with plus": MNIST
    + """<FUNCTIONS><NET>
<LOAD>
<SETTINGS>
for i in range(iters_num):
<BATCH>
    grad = network.gradient(x_batch, t_batch)
    for key in ('W1', 'b1', 'W2', 'b2'):
        network.params[key] -= learning_rate + grad[key]  #! lr-plus-gradient
    print(network.loss(x_batch, t_batch))
""",
    "plus in a regression": """import numpy as np

x = np.linspace(0, 1, 50).reshape(50, 1)
y = 3.0 * x + 2.0
W = np.random.randn(1, 1)
b = np.zeros(1)
lr = 0.05
for epoch in range(200):
    pred = np.dot(x, W) + b
    error = pred - y
    dW = 2 * np.dot(x.T, error) / len(x)
    db = 2 * error.mean(axis=0)
    W -= lr + dW  #! lr-plus-gradient
    b -= lr * db
    print(epoch, np.mean(error ** 2))
""",
    "plus by a name": """import numpy as np
from common.functions import *
from two_layer_net import TwoLayerNet
from dataset.mnist import load_mnist

<LOAD>
net = TwoLayerNet(input_size=784, hidden_size=50, output_size=10)
eta = 0.1
for i in range(1000):
    mask = np.random.choice(60000, 100)
    grads = net.gradient(x_train[mask], t_train[mask])
    for name in net.params.keys():
        step = eta + grads[name]  #! lr-plus-gradient
        net.params[name] -= step
""",
    "plus without parentheses": """import numpy as np
<NUMERICAL_1D>

def gradient_descent(f, init_x, lr=0.01, step_num=100):
    x = init_x.copy()
    for i in range(step_num):
        grad = numerical_gradient(f, x)
        x = x - lr + grad  #! lr-plus-gradient
    return x


print(gradient_descent(function_2, np.array([-3.0, 4.0]), lr=0.1))
""",
    "plus in an optimizer": """import numpy as np


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key in params.keys():
            params[key] -= self.lr + grads[key]  #! lr-plus-gradient
""",
    "division by the rate": """import numpy as np
<NUMERICAL_1D>
x = np.array([-3.0, 4.0])
learning_rate = 0.1
for step in range(100):
    g = numerical_gradient(function_2, x)
    x -= g / learning_rate  #! lr-divides-gradient
print(x)
""",
    "uphill": MNIST
    + """<FUNCTIONS><NET>
<LOAD>
<SETTINGS>
train_loss_list = []
for i in range(iters_num):
<BATCH>
    grads = network.gradient(x_batch, t_batch)
    for key in ('W1', 'b1', 'W2', 'b2'):
        network.params[key] += learning_rate * grads[key]  #! wrong-sign-update
    train_loss_list.append(network.loss(x_batch, t_batch))
""",
    "uphill in descent": """import numpy as np
<NUMERICAL_1D>

def gradient_descent(f, init_x, lr=0.01, step_num=100):
    x = init_x.copy()
    x_history = []
    for i in range(step_num):
        x_history.append(x.copy())
        grad = numerical_gradient(f, x)
        x = x + lr * grad  #! wrong-sign-update
    return x, np.array(x_history)


x, history = gradient_descent(function_2, np.array([-3.0, 4.0]), lr=0.1, step_num=20)
""",
    "uphill over lists": """class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for i in range(len(params)):
            params[i] += self.lr * grads[i]  #! wrong-sign-update
""",
    "uphill by two minus": """import numpy as np

x = np.random.randn(100, 3)
t = np.dot(x, np.array([[1.0], [2.0], [3.0]]))
W = np.zeros((3, 1))
for epoch in range(100):
    y = x @ W
    dW = x.T @ (y - t) / 100
    W -= -0.1 * dW  #! wrong-sign-update
""",
    "minus behind the equals sign": """import numpy as np
from common.gradient import numerical_gradient


def f(x):
    return np.sum(x ** 2)


x = np.array([3.0, -2.0])
lr = 0.1
for i in range(50):
    x =- lr * numerical_gradient(f, x)  #! step-instead-of-update
print(x)
""",
    "np.int": """import numpy as np


def load_data(seed=1984):
    np.random.seed(seed)
    N, DIM, CLS_NUM = 100, 2, 3
    x = np.zeros((N * CLS_NUM, DIM))
    t = np.zeros((N * CLS_NUM, CLS_NUM), dtype=np.int)  #! removed-numpy-name
    for j in range(CLS_NUM):
        for i in range(N):
            rate = i / N
            theta = j * 4.0 + 4.0 * rate + np.random.randn() * 0.2
            ix = N * j + i
            x[ix] = np.array([rate * np.sin(theta), rate * np.cos(theta)]).flatten()
            t[ix, j] = 1
    return x, t


x, t = load_data()
""",
    "numpy.float": """import numpy
from matplotlib import pyplot as plt


def step_function(x):
    y = x > 0
    return y.astype(numpy.float)  #! removed-numpy-name


x = numpy.arange(-5.0, 5.0, 0.1)
plt.plot(x, step_function(x))
plt.show()
""",
    "np.Inf": """import numpy as np

best = np.Inf  #! removed-numpy-name
for loss in [0.7, 0.3, 0.5]:
    best = min(best, loss)
print(best)
""",
    "integers in a gradient": """import numpy as np
<NUMERICAL_1D>
print(numerical_gradient(function_2, np.array([3, 4])))  #! integer-parameters
print(numerical_gradient(function_2, np.array([0.0, 2.0])))
""",
    "integers of an update": """import numpy as np

x = np.random.randn(20, 2)
t = x @ np.array([0.5, -1.5])
w = np.zeros(2, dtype=int)  #! integer-parameters
for i in range(100):
    error = x @ w - t
    w -= 0.1 * (x.T @ error) / len(x)
""",
    "the start in descent": """import numpy as np
<NUMERICAL_1D>

def gradient_descent(f, init_x, lr=0.01, step_num=100):
    x = init_x  #! start-changed-in-place
    for i in range(step_num):
        grad = numerical_gradient(f, x)
        x -= lr * grad
    return x


start = np.array([-3.0, 4.0])
print(gradient_descent(function_2, start, lr=0.1))
print(gradient_descent(function_2, start, lr=10.0))
""",
    "the start in a script": """import numpy as np
from common.gradient import numerical_gradient


def f(x):
    return x[0] ** 2 / 20.0 + x[1] ** 2


start = np.array([-7.0, 2.0])
for lr in (0.1, 0.9):
    x = start  #! start-changed-in-place
    for i in range(30):
        x -= lr * numerical_gradient(f, x)
    print(lr, x)
""",
    "a fraction of iterations": MNIST
    + """<FUNCTIONS><NET>
<LOAD>
iters_num = 10000
train_size = x_train.shape[0]
batch_size = 128
network = TwoLayerNet(784, 50, 10)
iter_per_epoch = max(train_size / batch_size, 1)  #! float-epoch-modulo
for i in range(iters_num):
<BATCH>
    grad = network.gradient(x_batch, t_batch)
    for key in ('W1', 'b1', 'W2', 'b2'):
        network.params[key] -= 0.1 * grad[key]
    if i % iter_per_epoch == 0:
        print(network.accuracy(x_test, t_test))
""",
    "a fraction in the condition": """import numpy as np


def train(step, data, batch=32, n_steps=1000):
    n = len(data)
    for i in range(n_steps):
        loss = step(data[np.random.choice(n, batch)])
        if i % (n / batch) == 0:  #! float-epoch-modulo
            print("epoch", i, loss)
""",
    "the parent on the path": """import sys, os
sys.path.append(os.pardir)  #! path-of-parent
import numpy as np
from common.functions import sigmoid

print(sigmoid(np.array([-1.0, 1.0, 2.0])))
""",
    "two dots on the path": """import sys
sys.path.insert(0, "..")  #! path-of-parent
import numpy as np
from dataset import spiral

x, t = spiral.load_data()
print(x.shape, t.shape)
""",
    "labels and argmax": MNIST
    + """<FUNCTIONS><NET>
(x_train, t_train), (x_test, t_test) = load_mnist(one_hot_label=False)  #! labels-not-one-hot
network = TwoLayerNet(784, 50, 10)
print(network.accuracy(x_test[:100], t_test[:100]))
""",
    "labels and logarithm": MNIST
    + """from common.functions import softmax


def cross_entropy(y, t):
    return -np.sum(t * np.log(y + 1e-7)) / len(y)


(x_train, t_train), _ = load_mnist(flatten=True)  #! labels-not-one-hot
W = 0.01 * np.random.randn(784, 10)
y = softmax(x_train[:10] @ W)
print(cross_entropy(y, t_train[:10]))
""",
    "softmax before a layer": MNIST
    + """<FUNCTIONS><LAYERS>

class Net:
    def __init__(self):
        W = 0.01 * np.random.randn(784, 10)
        self.affine = Affine(W, np.zeros(10))
        self.last = SoftmaxWithLoss()

    def predict(self, x):
        return softmax(self.affine.forward(x))  #! softmax-twice

    def loss(self, x, t):
        return self.last.forward(self.predict(x), t)


<LOAD>
net = Net()
print(net.loss(x_train[:100], t_train[:100]))
""",
    "softmax before a library": """import numpy as np
from common.layers import SoftmaxWithLoss
from common.functions import softmax

x = np.random.randn(8, 4)
t = np.eye(3)[np.random.randint(0, 3, 8)]
W = np.random.randn(4, 3)
layer = SoftmaxWithLoss()
y = softmax(np.dot(x, W))  #! softmax-twice
print(layer.forward(y, t))
""",
    "one sum for a batch": MNIST
    + """

def softmax(a):
    c = np.max(a)
    exp_a = np.exp(a - c)
    total = np.sum(exp_a)  #! softmax-over-the-batch
    return exp_a / total


(x_train, t_train), (x_test, t_test) = load_mnist()
W = 0.01 * np.random.randn(784, 10)
print(softmax(np.dot(x_test[:100], W)))
""",
    "a name for a weight": MNIST
    + """<FUNCTIONS><NET>
<LOAD>
<SETTINGS>
for i in range(iters_num):
<BATCH>
    grad = network.gradient(x_batch, t_batch)
    for key in ('W1', 'b1', 'W2', 'b2'):
        W = network.params[key]
        W = W - learning_rate * grad[key]  #! update-of-a-copy
""",
    "a deep copy": """import copy
import numpy as np
from dataset.mnist import load_mnist
from two_layer_net import TwoLayerNet

<LOAD>
net = TwoLayerNet(784, 50, 10)
params = copy.deepcopy(net.params)  #! update-of-a-copy
for i in range(600):
    mask = np.random.choice(60000, 100)
    grads = net.gradient(x_train[mask], t_train[mask])
    for key in params:
        params[key] -= 0.1 * grads[key]
    print(net.loss(x_train[mask], t_train[mask]))
""",
    "names of a zip": """import numpy as np


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def update(self, params, grads):
        for p, g in zip(params, grads):
            p = p - self.lr * g  #! update-of-a-copy
""",
    "bytes of pixels": MNIST
    + """<FUNCTIONS><NET>
(x_train, t_train), (x_test, t_test) = load_mnist(False, one_hot_label=True)  #! unnormalised-pixels
<SETTINGS>
for i in range(iters_num):
<BATCH>
    grad = network.gradient(x_batch, t_batch)
    for key in network.params:
        network.params[key] -= learning_rate * grad[key]
""",
    "pixels divided twice": MNIST
    + """
(x_train, t_train), (x_test, t_test) = load_mnist(normalize=True, one_hot_label=True)
x_train = x_train / 255.0  #! pixels-divided-twice
print(x_train.max())
""",
    "rows apart": MNIST
    + """<FUNCTIONS><NET>
<LOAD>
<SETTINGS>
for i in range(iters_num):
    x_batch = x_train[np.random.choice(train_size, batch_size)]
    t_batch = t_train[np.random.choice(train_size, batch_size)]  #! rows-apart
    grad = network.gradient(x_batch, t_batch)
    for key in network.params:
        network.params[key] -= learning_rate * grad[key]
""",
    "a sum for a loss": MNIST
    + """from common.functions import softmax


def cross_entropy(y, t):
    return -np.sum(t * np.log(y + 1e-7))  #! loss-without-batch-mean


<LOAD>
W = 0.01 * np.random.randn(784, 10)
mask = np.random.choice(60000, 100)
y = softmax(np.dot(x_train[mask], W))
print(cross_entropy(y, t_train[mask]))
""",
    "the training set as test": MNIST
    + """<FUNCTIONS><NET>
<LOAD>
network = TwoLayerNet(784, 50, 10)
train_acc = network.accuracy(x_train, t_train)
test_acc = network.accuracy(x_train, t_train)  #! training-set-called-test
print(train_acc, test_acc)
""",
    "one axis for two": """import numpy as np
<NUMERICAL_1D>
W = np.random.randn(2, 3)


def loss(w):
    return np.sum(w ** 2)


def slope(f, w):
    h = 1e-4
    d = np.zeros_like(w)
    for k in range(w.size):
        old = w[k]  #! flat-index-on-matrix
        w.flat[k] = old + h
        up = f(w)
        w.flat[k] = old - h
        d.flat[k] = (up - f(w)) / (2 * h)
        w.flat[k] = old
    return d


print(slope(loss, W))
""",
}
