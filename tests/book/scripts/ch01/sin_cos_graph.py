# coding: utf-8
import numpy as np
import matplotlib.pyplot as plt

x = np.arange(0, 6, 0.1)
plt.plot(x, np.sin(x), label="sin")
plt.plot(x, np.cos(x), linestyle="--", label="cos")
plt.xlabel("x축")
plt.ylabel("y축")
plt.title("사인과 코사인")
plt.legend()
plt.show()
