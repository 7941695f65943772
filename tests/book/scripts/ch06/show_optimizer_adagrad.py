# coding: utf-8
import os, sys
sys.path.append(os.path.join(os.path.dirname(__file__), os.pardir))
import numpy as np
import matplotlib.pyplot as plt
from common.optimizer import AdaGrad

params = {'x': -7.0, 'y': 2.0}
optimizer = AdaGrad(lr=1.5)
history = []
for i in range(30):
    history.append((params['x'], params['y']))
    grads = {'x': params['x'] / 10.0, 'y': 2.0 * params['y']}
    optimizer.update(params, grads)

history = np.array(history)
plt.plot(history[:, 0], history[:, 1], 'o-')
plt.title('AdaGrad')
plt.show()
