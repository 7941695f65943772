"""A user's script, which pyright checks in its strict mode; it is never run."""

import numpy as np

import mitbadak as mb

(x_train, t_train), (x_test, t_test) = mb.load_mnist()
net = mb.MLP([784, 50, 10], "relu", rng=0)
history = mb.fit(net, x_train, t_train, test=(x_test, t_test), optimizer="adam", epochs=2)
row = history[-1]
acc = history["test_accuracy"]
y = net.predict(x_test)
z = net(x_test)
c = net.classify(x_test)
g = net.gradient(x_test, t_test)
W = net.params["W1"]
mb.save(net, "a.safetensors")
model = mb.load("a.safetensors")
report = mb.check_gradients(net, x_test[:5], t_test[:5])
ok = report.ok
result = mb.gradient_descent(lambda x: float(x[0] ** 2), np.array([1.0]))
x, h = result
fig = history.plot()
v = mb.Variable(2.0)
w = v**2 + mb.sigmoid(v)
w.backward()
print(w.grad, v.grad)
opt = mb.Adam(0.01)
opt.update(net.params, g)


class L(mb.Layer, operation=mb.relu):
    size: int = 3


layer = L(size=4)
seq = mb.Sequential(mb.Affine(784, 10), layer, mb.Affine(10, 10))
ev = mb.evaluate(seq, (x_test, t_test))
pred = mb.Predictor(seq).predict(x_test)
sp = mb.load_spiral()
oh = mb.one_hot([0, 1], 3)
sm = mb.softmax(np.zeros(3))
ng = mb.numerical_gradient(lambda a: float(np.sum(a)), np.ones(3))
