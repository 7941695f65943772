"""Sound scripts as learners write them, many with lines that look like a fault and are none."""

from __future__ import annotations

from doctor.code.learners import IN_TURN, LOADED, MNIST

SOUND: dict[str, str] = {
    "two shuffles by one seed": LOADED
    + """np.random.seed(3)
np.random.shuffle(x_train)
np.random.seed(3)
np.random.shuffle(t_train)
"""
    + IN_TURN,
    "the book's training": MNIST
    + """<FUNCTIONS><NET>
<LOAD>
<SETTINGS>
iter_per_epoch = max(train_size // batch_size, 1)
train_acc_list, test_acc_list = [], []
for i in range(iters_num):
<BATCH>
    grad = network.gradient(x_batch, t_batch)
    for key in ('W1', 'b1', 'W2', 'b2'):
        network.params[key] -= learning_rate * grad[key]
    if i % iter_per_epoch == 0:
        train_acc_list.append(network.accuracy(x_train, t_train))
        test_acc_list.append(network.accuracy(x_test, t_test))
""",
    "assigned back": MNIST
    + """<FUNCTIONS><NET>
<LOAD>
<SETTINGS>
for i in range(iters_num):
<BATCH>
    grad = network.gradient(x_batch, t_batch)
    for key in network.params:
        network.params[key] = network.params[key] - learning_rate * grad[key]
""",
    "momentum": """import numpy as np


class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = None

    def update(self, params, grads):
        if self.v is None:
            self.v = {}
            for key, val in params.items():
                self.v[key] = np.zeros_like(val)
        for key in params.keys():
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]
""",
    "adam": """import numpy as np


class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999):
        self.lr, self.beta1, self.beta2 = lr, beta1, beta2
        self.iter = 0
        self.m, self.v = None, None

    def update(self, params, grads):
        if self.m is None:
            self.m, self.v = {}, {}
            for key, val in params.items():
                self.m[key] = np.zeros_like(val)
                self.v[key] = np.zeros_like(val)
        self.iter += 1
        lr_t = self.lr * np.sqrt(1.0 - self.beta2**self.iter) / (1.0 - self.beta1**self.iter)
        for key in params.keys():
            self.m[key] += (1 - self.beta1) * (grads[key] - self.m[key])
            self.v[key] += (1 - self.beta2) * (grads[key]**2 - self.v[key])
            params[key] -= lr_t * self.m[key] / (np.sqrt(self.v[key]) + 1e-7)
""",
    "adagrad and rmsprop": """import numpy as np


class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr = lr
        self.h = None

    def update(self, params, grads):
        if self.h is None:
            self.h = {key: np.zeros_like(val) for key, val in params.items()}
        for key in params.keys():
            self.h[key] += grads[key] * grads[key]
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)


class RMSprop:
    def __init__(self, lr=0.01, decay_rate=0.99):
        self.lr, self.decay_rate, self.h = lr, decay_rate, None

    def update(self, params, grads):
        if self.h is None:
            self.h = {key: np.zeros_like(val) for key, val in params.items()}
        for key in params.keys():
            self.h[key] *= self.decay_rate
            self.h[key] += (1 - self.decay_rate) * grads[key] * grads[key]
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)
""",
    "nesterov": """import numpy as np


class Nesterov:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, None

    def update(self, params, grads):
        if self.v is None:
            self.v = {key: np.zeros_like(val) for key, val in params.items()}
        for key in params.keys():
            self.v[key] *= self.momentum
            self.v[key] -= self.lr * grads[key]
            params[key] += self.momentum * self.momentum * self.v[key]
            params[key] -= (1 + self.momentum) * self.lr * grads[key]
""",
    "weight decay": """import numpy as np

x = np.random.randn(50, 4)
t = np.random.randn(50, 1)
W = np.random.randn(4, 1)
lr, decay = 0.1, 0.001
for i in range(100):
    grad = x.T @ (x @ W - t) / 50 + decay * W
    W -= lr * grad
print(np.abs(W).max())
""",
    "a copy of the start": """import numpy as np
<NUMERICAL_1D>

def gradient_descent(f, init_x, lr=0.01, step_num=100):
    x = init_x.copy()
    history = []
    for i in range(step_num):
        history.append(x.copy())
        x -= lr * numerical_gradient(f, x)
    return x, np.array(history)


print(gradient_descent(function_2, np.array([-3.0, 4.0]), lr=0.1))
""",
    "a new array in descent": """import numpy as np
<NUMERICAL_1D>

def gradient_descent(f, init_x, lr=0.01, step_num=100):
    x = init_x
    for i in range(step_num):
        grads = numerical_gradient(f, x)
        print("x: {} / gradient: {}".format(x, grads))
        x = x - lr*grads
    return x


start_x = np.array([-3.0, 4.0])
gradient_descent(function_2, start_x, lr=0.1)
""",
    "ascent on purpose": """import numpy as np
<NUMERICAL_1D>

def gradient_ascent(f, start, lr=0.1, step_num=50):
    x = start.copy()
    for i in range(step_num):
        x += lr * numerical_gradient(f, x)
    return x


print(gradient_ascent(lambda x: -np.sum(x**2), np.array([1.0, 2.0])))
""",
    "negated by hand": """import numpy as np

x = np.random.randn(100, 3)
t = np.dot(x, np.array([1.0, 2.0, 3.0]))
w = np.zeros(3)
for epoch in range(100):
    error = t - x @ w
    w += 0.1 * x.T @ error / len(x)
print(w)
""",
    "a perceptron": """import numpy as np


def AND(x1, x2):
    x = np.array([x1, x2])
    w = np.array([0.5, 0.5])
    b = -0.7
    return 0 if np.sum(w * x) + b <= 0 else 1


w, b = np.zeros(2), 0.0
data = [((0, 0), 0), ((0, 1), 0), ((1, 0), 0), ((1, 1), 1)]
for epoch in range(20):
    for x, t in data:
        y = 1 if np.dot(w, x) + b > 0 else 0
        w += 0.1 * (t - y) * np.array(x)
        b += 0.1 * (t - y)
print([AND(*x) for x, _ in data], w, b)
""",
    "numpy types that exist": """import numpy as np

t = np.zeros((300, 3), dtype=np.int64)
x = np.zeros((300, 2), dtype=np.float32)
y = (x > 0).astype(int)
mask = np.ones(300, dtype=bool)
print(np.inf, np.nan, np.prod([1, 2]), np.bool_(True), np.float64(3), t.dtype, y.sum(), mask.all())
""",
    "labels with a question": MNIST
    + """<FUNCTIONS>

class Net:
    def __init__(self):
        self.params = {'W': 0.01 * np.random.randn(784, 10), 'b': np.zeros(10)}

    def predict(self, x):
        return np.dot(x, self.params['W']) + self.params['b']

    def accuracy(self, x, t):
        y = np.argmax(self.predict(x), axis=1)
        if t.ndim != 1:
            t = np.argmax(t, axis=1)
        return np.sum(y == t) / float(x.shape[0])


(x_train, t_train), (x_test, t_test) = load_mnist(one_hot_label=False)
print(Net().accuracy(x_test, t_test))
""",
    "labels made one-hot": MNIST
    + """from common.functions import softmax

(x_train, t_train), (x_test, t_test) = load_mnist()
t_one_hot = np.eye(10)[t_train]
y = softmax(x_train[:100] @ np.zeros((784, 10)))
print(-np.sum(t_one_hot[:100] * np.log(y + 1e-7)) / 100, np.argmax(t_one_hot, axis=1))
""",
    "labels as indices": MNIST
    + """from common.functions import softmax


def cross_entropy_error(y, t):
    if y.ndim == 1:
        t = t.reshape(1, t.size)
        y = y.reshape(1, y.size)
    if t.size == y.size:
        t = t.argmax(axis=1)
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), t] + 1e-7)) / batch_size


(x_train, t_train), (x_test, t_test) = load_mnist(normalize=True)
W = 0.01 * np.random.randn(784, 10)
print(cross_entropy_error(softmax(x_train[:20] @ W), t_train[:20]))
""",
    "layers of chapter 5": MNIST
    + """<FUNCTIONS><LAYERS>

class TwoLayerNet:
    def __init__(self):
        self.params = {'W1': 0.01 * np.random.randn(784, 50), 'b1': np.zeros(50),
                       'W2': 0.01 * np.random.randn(50, 10), 'b2': np.zeros(10)}
        self.layers = {}
        self.layers['Affine1'] = Affine(self.params['W1'], self.params['b1'])
        self.layers['Relu1'] = Relu()
        self.layers['Affine2'] = Affine(self.params['W2'], self.params['b2'])
        self.last_layer = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        return self.last_layer.forward(self.predict(x), t)

    def gradient(self, x, t):
        self.loss(x, t)
        dout = self.last_layer.backward(1)
        layers = list(self.layers.values())
        layers.reverse()
        for layer in layers:
            dout = layer.backward(dout)
        grads = {}
        grads['W1'], grads['b1'] = self.layers['Affine1'].dW, self.layers['Affine1'].db
        grads['W2'], grads['b2'] = self.layers['Affine2'].dW, self.layers['Affine2'].db
        return grads


<LOAD>
net = TwoLayerNet()
for i in range(1000):
    mask = np.random.choice(60000, 100)
    grad = net.gradient(x_train[mask], t_train[mask])
    for key in ('W1', 'b1', 'W2', 'b2'):
        net.params[key] -= 0.1 * grad[key]
""",
    "pictures of bytes": MNIST
    + """from PIL import Image

(x_train, t_train), (x_test, t_test) = load_mnist(flatten=True, normalize=False)
img = x_train[0]
print(t_train[0], img.shape)
img = img.reshape(28, 28)
Image.fromarray(np.uint8(img)).show()
""",
    "divided by hand": MNIST
    + """
(x_train, t_train), (x_test, t_test) = load_mnist(normalize=False, one_hot_label=True)
x_train = x_train.astype(np.float32) / 255.0
x_test = x_test.astype(np.float32) / 255.0
W = 0.01 * np.random.randn(784, 10)
print(np.dot(x_train[:10], W), np.dot(x_test[:10], W))
""",
    "inference by batches": """import pickle
import numpy as np
from dataset.mnist import load_mnist
from common.functions import sigmoid, softmax


def get_data():
    (x_train, t_train), (x_test, t_test) = load_mnist(normalize=True, flatten=True)
    return x_test, t_test


def predict(network, x):
    W1, W2, W3 = network['W1'], network['W2'], network['W3']
    b1, b2, b3 = network['b1'], network['b2'], network['b3']
    z1 = sigmoid(np.dot(x, W1) + b1)
    z2 = sigmoid(np.dot(z1, W2) + b2)
    return softmax(np.dot(z2, W3) + b3)


x, t = get_data()
with open("sample_weight.pkl", "rb") as f:
    network = pickle.load(f)
batch_size = 100
accuracy_cnt = 0
for i in range(0, len(x), batch_size):
    x_batch = x[i:i+batch_size]
    p = np.argmax(predict(network, x_batch), axis=1)
    accuracy_cnt += np.sum(p == t[i:i+batch_size])
print("Accuracy:" + str(float(accuracy_cnt) / len(x)))
""",
    "one order for both": MNIST
    + """<FUNCTIONS><NET>
<LOAD>
net = TwoLayerNet(784, 50, 10)
for epoch in range(10):
    order = np.random.permutation(x_train.shape[0])
    x_train, t_train = x_train[order], t_train[order]
    for k in range(0, 60000, 100):
        x, t = x_train[k:k+100], t_train[k:k+100]
        grads = net.gradient(x, t)
        for key in grads:
            net.params[key] -= 0.1 * grads[key]
    print(epoch, net.accuracy(x_test, t_test))
""",
    "the best so far": """import copy
import numpy as np
from dataset.mnist import load_mnist
from two_layer_net import TwoLayerNet

<LOAD>
net = TwoLayerNet(784, 50, 10)
best, best_params = 0.0, None
for i in range(1000):
    mask = np.random.choice(60000, 100)
    grads = net.gradient(x_train[mask], t_train[mask])
    for key in net.params:
        net.params[key] -= 0.1 * grads[key]
    acc = net.accuracy(x_test, t_test)
    if acc > best:
        best, best_params = acc, copy.deepcopy(net.params)
net.params = best_params
""",
    "weights as names": """import numpy as np

x = np.random.randn(40, 2)
t = np.random.randn(40, 1)
params = {'W': np.random.randn(2, 1), 'b': np.zeros(1)}
W, b = params['W'], params['b']
for i in range(200):
    y = x @ W + b
    dW = x.T @ (y - t) / 40
    db = np.mean(y - t, axis=0)
    W = W - 0.1 * dW
    b = b - 0.1 * db
print(W, b)
""",
    "one step returned": """import numpy as np


def step(w, grad, lr=0.1):
    return w - lr * grad


def decay(lr, epoch):
    return lr + 0.0 if epoch < 10 else lr * 0.1


w = np.array([1.0, 2.0])
for epoch in range(20):
    w = step(w, 2 * w, decay(0.1, epoch))
print(w)
""",
    "counts of classes": MNIST
    + """
(x_train, t_train), (x_test, t_test) = load_mnist()
counts = np.zeros(10, dtype=int)
for label in t_train:
    counts[label] += 1
share = counts / counts.sum()
print(counts, share, np.arange(10) * 2)
""",
    "whole numbers of iterations": """import numpy as np
import math

n, batch = 1000, 32
per_epoch = int(n / batch)
rounds = math.ceil(n / batch)
for i in range(500):
    if i % per_epoch == 0:
        print("epoch", i // per_epoch)
    if i % rounds == 0 or i % max(n // batch, 1) < 1:
        print(i)
""",
    "a path of the file": """import os
import sys
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))
sys.path.append("/content/drive/MyDrive/book")
import numpy as np
from common.functions import sigmoid

print(sigmoid(np.arange(-3.0, 3.0, 0.5)))
""",
    "simpleNet": """import numpy as np
<FUNCTIONS><NUMERICAL>

class simpleNet:
    def __init__(self):
        self.W = np.random.randn(2, 3)

    def predict(self, x):
        return np.dot(x, self.W)

    def loss(self, x, t):
        z = self.predict(x)
        y = softmax(z)
        return cross_entropy_error(y, t)


x, t = np.array([0.6, 0.9]), np.array([0, 0, 1])
net = simpleNet()
print(net.predict(x), np.argmax(net.predict(x)), net.loss(x, t))
dW = numerical_gradient(lambda w: net.loss(x, t), net.W)
net.W -= 0.1 * dW
print(dW)
""",
    "losses of one example": """import numpy as np


def sum_squares_error(y, t):
    return 0.5 * np.sum((y - t)**2)


def cross_entropy_error(y, t):
    delta = 1e-7
    return -np.sum(t * np.log(y + delta))


t = [0, 0, 1, 0, 0]
y = [0.1, 0.05, 0.6, 0.15, 0.1]
print(sum_squares_error(np.array(y), np.array(t)), cross_entropy_error(np.array(y), np.array(t)))
""",
    "nodes of a graph": """import numpy as np

D, N = 8, 7
x = np.random.randn(1, D)
y = np.repeat(x, N, axis=0)
dy = np.random.randn(N, D)
dx = np.sum(dy, axis=0, keepdims=True)


class MatMul:
    def __init__(self, W):
        self.params = [W]
        self.grads = [np.zeros_like(W)]
        self.x = None

    def forward(self, x):
        W, = self.params
        self.x = x
        return np.matmul(x, W)

    def backward(self, dout):
        W, = self.params
        self.grads[0][...] = np.matmul(self.x.T, dout)
        return np.matmul(dout, W.T)


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for i in range(len(params)):
            params[i] -= self.lr * grads[i]


layer = MatMul(np.random.randn(8, 3))
out = layer.forward(y)
layer.backward(np.ones_like(out))
SGD(0.1).update(layer.params, layer.grads)
""",
    "a softmax for looking": """import numpy as np
from common.layers import Affine, SoftmaxWithLoss
from common.functions import softmax

x = np.random.randn(6, 4)
t = np.eye(3)[np.random.randint(0, 3, 6)]
affine, last = Affine(np.random.randn(4, 3), np.zeros(3)), SoftmaxWithLoss()
scores = affine.forward(x)
print(last.forward(scores, t))
print(np.round(softmax(scores), 2))
""",
    "a search for settings": MNIST
    + """<FUNCTIONS><NET>
<LOAD>
x_train, t_train = x_train[:500], t_train[:500]
x_val, t_val = x_train[:100], t_train[:100]
x_train, t_train = x_train[100:], t_train[100:]
results = {}
for trial in range(20):
    lr = 10 ** np.random.uniform(-6, -2)
    net = TwoLayerNet(784, 50, 10)
    for i in range(50):
        grads = net.gradient(x_train, t_train)
        for key in net.params:
            net.params[key] -= lr * grads[key]
    results[lr] = net.accuracy(x_val, t_val)
print(sorted(results.items(), key=lambda pair: pair[1])[-1])
""",
}
