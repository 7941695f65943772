# coding: utf-8
import numpy as np
import matplotlib.pylab as plt


def step_function(x):
    return np.array(x > 0, dtype=np.int)


X = np.arange(-5.0, 5.0, 0.1)
Y = step_function(X)
print(Y.sum())
plt.plot(X, Y)
plt.ylim(-0.1, 1.1)
plt.show()
