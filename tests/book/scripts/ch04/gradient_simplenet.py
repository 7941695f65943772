# coding: utf-8
import sys, os
sys.path.append(os.pardir)
import numpy as np
from common.functions import softmax, cross_entropy_error
from common.gradient import numerical_gradient


class simpleNet:
    def __init__(self):
        self.W = np.random.randn(2, 3)

    def predict(self, x):
        return np.dot(x, self.W)

    def loss(self, x, t):
        z = self.predict(x)
        y = softmax(z)
        return cross_entropy_error(y, t)


x = np.array([0.6, 0.9])
t = np.array([0, 0, 1])

net = simpleNet()
if len(sys.argv) > 1:  # 책에 나오는 가중치
    net.W = np.array([[0.47355232, 0.9977393, 0.84668094], [0.85557411, 0.03563661, 0.69422093]])

f = lambda w: net.loss(x, t)
dW = numerical_gradient(f, net.W)
print(net.predict(x))
print(net.loss(x, t))
print(dW)
