# coding: utf-8
import sys, os
sys.path.append(os.path.join(os.path.dirname(__file__), '..'))
import numpy as np
import pickle
from dataset.mnist import load_mnist
from common.functions import sigmoid, softmax

(x_train, t_train), (x, t) = load_mnist(normalize=True, flatten=True, one_hot_label=False)
network = pickle.load(open("sample_weight.pkl", 'rb'))
w1, w2, w3 = network['W1'], network['W2'], network['W3']
print(w1.shape, w2.shape, w3.shape, w1.dtype)

batch_size = 100
accuracy_cnt = 0
for i in range(0, len(x), batch_size):
    z1 = sigmoid(np.dot(x[i:i+batch_size], w1) + network['b1'])
    z2 = sigmoid(np.dot(z1, w2) + network['b2'])
    y_batch = softmax(np.dot(z2, w3) + network['b3'])
    p = np.argmax(y_batch, axis=1)
    accuracy_cnt += np.sum(p == t[i:i+batch_size])

print("Accuracy:" + str(float(accuracy_cnt) / len(x)))
