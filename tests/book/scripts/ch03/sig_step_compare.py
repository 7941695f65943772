# coding: utf-8
import numpy as np
import matplotlib.pylab as plt


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step_function(x):
    return np.array(x > 0, dtype=np.int)


x = np.arange(-5.0, 5.0, 0.1)
plt.plot(x, sigmoid(x))
plt.plot(x, step_function(x), 'k--')
plt.ylim(-0.1, 1.1)
plt.show()
