# coding: utf-8
"""3장 손글씨 숫자 인식과 4장 손실 함수 정리"""
import pickle
import time

import numpy as np
import matplotlib.pylab as plt
from dataset.mnist import load_mnist
from common.functions import softmax


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def predict(network, x):
    W1, W2, W3 = network['W1'], network['W2'], network['W3']
    b1, b2, b3 = network['b1'], network['b2'], network['b3']

    a1 = np.dot(x, W1) + b1
    z1 = sigmoid(a1)
    a2 = np.dot(z1, W2) + b2
    z2 = sigmoid(a2)
    a3 = np.dot(z2, W3) + b3
    return softmax(a3)


with open("sample_weight.pkl", 'rb') as f:
    network = pickle.load(f)


def accuracy_one_by_one(x, t):
    accuracy_cnt = 0
    for i in range(len(x)):
        y = predict(network, x[i])
        p = np.argmax(y)
        if p == t[i]:
            accuracy_cnt += 1
    return float(accuracy_cnt) / len(x)


def accuracy_in_batches(x, t):
    batch_size = 100
    accuracy_cnt = 0
    for i in range(0, len(x), batch_size):
        x_batch = x[i:i+batch_size]
        y_batch = predict(network, x_batch)
        p = np.argmax(y_batch, axis = 1)
        accuracy_cnt += np.sum(p == t[i:i+batch_size])
    return float(accuracy_cnt) / len(x)


for normalize in (False, True):
    (x_train, t_train), (x, t) = load_mnist(normalize=normalize, flatten=True, one_hot_label=False)
    for measure in (accuracy_one_by_one, accuracy_in_batches):
        start = time.time()
        print("Accuracy:" + str(measure(x, t)))
        elapsed = time.time() - start


def sigmoid(x):  # 경고를 없애려고 고친 것
    return np.exp(-np.logaddexp(0, -x))


print("Accuracy:" + str(accuracy_in_batches(x, t)))


# 오차제곱합
def sum_squares_error(y, t):
    return 0.5 * np.sum((y-t)**2)


# 교차 엔트로피 오차
def cross_entropy_error(y, t):
    delta = 1e-7  # -inf 발산 대비
    return -np.sum(t*np.log(y+delta))


t = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
y1 = [0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]
y2 = [0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0]
print(sum_squares_error(np.array(y1), np.array(t)))
print(sum_squares_error(np.array(y2), np.array(t)))
print(cross_entropy_error(np.array(y1), np.array(t)))
print(cross_entropy_error(np.array(y2), np.array(t)))


def numerical_diff(f, x):
    h = 1e-4
    return (f(x+h) - f(x-h))/(2*h)


def numerical_gradient(f, x):
    h = 1e-4
    grad = np.zeros_like(x)
    for idx in range(x.size):
        tmp_val = x[idx]

        # f(x+h)
        x[idx] = tmp_val + h
        fxh1 = f(x)

        # f(x-h)
        x[idx] = tmp_val - h
        fxh2 = f(x)

        grad[idx] = (fxh1 - fxh2) / (2*h)
        x[idx] = tmp_val
    return grad


def function_2(x):
    return x[0]**2 + x[1]**2


print(numerical_diff(lambda x: 0.01*x**2 + 0.1*x, 5))
print(numerical_gradient(function_2, np.array([3.0, 4.0])))


def gradient_descent(f, init_x, lr=0.01, step_num = 100):
    x = init_x
    history = []
    for i in range(step_num):
        history.append(x.copy())
        grad = numerical_gradient(f, x)
        x -= lr * grad
    return x, np.array(history)


init_x = np.array([-3., 4.])
print(gradient_descent(function_2, init_x = init_x, lr=0.1, step_num = 100)[0])

for lr in (0.1, 10.0, 0.01):  # 그림 25, 26, 27
    x, history = gradient_descent(function_2, np.array([-3., 4.]), lr=lr)
    plt.plot(history[:, 0], history[:, 1], 'o')
    plt.title("학습 과정 (lr = {})".format(lr))
    plt.show()
print(x)
