# %% [markdown] lang="en"
# # 6. Computational graphs and backpropagation
#
# The numerical gradient needed 79,520 runs of the net for one update. Backpropagation needs **one run
# forward and one backward**, and gets the same gradient, without rounding. There is no deep secret in
# it. It is bookkeeping: every small operation knows its own derivative, and a rule from school, the
# chain rule, does the rest.
#
# We begin in a greengrocer's shop.

# %% [markdown] lang="ko"
# # 6. 계산 그래프와 오차역전파법
#
# 수치 미분은 갱신 한 번에 신경망을 79,520번 실행해야 했습니다. 오차역전파법은 **앞으로 한 번, 뒤로 한
# 번**이면 됩니다. 그러고도 같은 기울기를 반올림 오차 없이 얻습니다. 대단한 비밀이 있는 것은 아닙니다.
# 장부 정리에 가깝습니다. 작은 연산 하나하나가 제 미분을 알고 있고, 나머지는 학교에서 배운 연쇄법칙이
# 해 줍니다.
#
# 과일 가게에서 시작해 봅시다.

# %% tags=["words"]
WORDS = {
    "apple": "사과",
    "apples": "사과 개수",
    "orange": "귤",
    "oranges": "귤 개수",
    "tax": "소비세",
    "update": "갱신 횟수",
    "loss": "손실",
    "largest difference:": "가장 큰 차이:",
    "seconds backward, seconds by definition:": "역전파와 수치 미분에 걸린 시간(초):",
}

# %% [markdown] lang="en" tags=["question"]
# ## A question first
#
# Two apples at 100 each, three oranges at 150 each, and a tax of 10% (times 1.1). That makes 715.
#
# Without a computer: **by how much does the total rise if one apple costs 1 more?** If we buy one
# apple more? If the tax factor rises by 1? Three numbers: write them down.

# %% [markdown] lang="ko" tags=["question"]
# ## 먼저 질문 하나
#
# 100원짜리 사과 두 개와 150원짜리 귤 세 개를 사고 소비세 10%를 더합니다(1.1을 곱합니다). 모두
# 715원입니다.
#
# 컴퓨터 없이 답해 보세요. **사과 한 개의 값이 1원 오르면 지불할 돈은 얼마나 늘어날까요?** 사과를 한
# 개 더 사면요? 소비세에 해당하는 배수가 1만큼 커지면요? 세 수를 적어 두세요.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np

import mitbadak as mb

my_guess = {"price of an apple": "?", "number of apples": "?", "tax": "?"}

# %%
apple, apples = mb.Variable(100.0, say("apple")), mb.Variable(2.0, say("apples"))
orange, oranges = mb.Variable(150.0, say("orange")), mb.Variable(3.0, say("oranges"))
tax = mb.Variable(1.1, say("tax"))

price = (apple * apples + orange * oranges) * tax
price.backward()
mb.draw(price)

# %%
print(apple.grad, apples.grad, tax.grad)
print(my_guess)

# %% [markdown] lang="en"
# 2.2, 110 and 650. Read the picture from left to right: above each edge stands the value that flows
# forward. Then read it from right to left: below stands the gradient that flows back, "by how much
# does the total change, if this value changes by 1?"
#
# Each node does something very simple on the way back:
#
# - **Plus** hands the gradient on to both inputs as it is.
# - **Times** hands it on multiplied by the *other* input.
#
# The price of an apple: 1 from the end, times 1.1 at the tax, passed on by plus, times 2 at the
# number of apples. $1 \cdot 1.1 \cdot 2 = 2.2$. That is the chain rule, and it is all of
# backpropagation.

# %% [markdown] lang="ko"
# 2.2, 110, 650입니다. 그림을 왼쪽에서 오른쪽으로 읽어 보세요. 선 위에 적힌 것은 앞으로 흐르는
# 값입니다. 이번에는 오른쪽에서 왼쪽으로 읽어 보세요. 선 아래에 적힌 것은 뒤로 흐르는 기울기, 곧 "이
# 값이 1만큼 변하면 지불할 돈은 얼마나 변하는가"입니다.
#
# 뒤로 갈 때 노드가 하는 일은 아주 간단합니다.
#
# - **덧셈** 노드는 기울기를 두 입력에 그대로 넘겨줍니다.
# - **곱셈** 노드는 *다른 쪽* 입력을 곱해서 넘겨줍니다.
#
# 사과 값을 보면, 끝에서 1이 출발해 소비세에서 1.1이 곱해지고, 덧셈을 그대로 지나, 사과 개수에서 2가
# 곱해집니다. $1 \cdot 1.1 \cdot 2 = 2.2$입니다. 이것이 연쇄법칙이고, 오차역전파법의 전부입니다.

# %% [markdown] lang="en" tags=["question"]
# ## Values that are used twice
#
# What if one value goes two ways? In $y = x \cdot x$ the variable $x$ is both inputs of the times
# node. At $x = 3$ each of the two ways brings back a gradient of 3. What is the gradient of $x$: 3, 6
# or 9?
#
# And with arrays: a row of shape (1, 8) is repeated seven times, to (7, 8). Coming back, there is a
# gradient of shape (7, 8). What becomes of it?

# %% [markdown] lang="ko" tags=["question"]
# ## 두 번 쓰이는 값
#
# 값 하나가 두 갈래로 가면 어떻게 될까요? $y = x \cdot x$에서는 $x$가 곱셈 노드의 두 입력에 모두
# 들어갑니다. $x = 3$이면 갈래마다 3이라는 기울기가 돌아옵니다. 그러면 $x$의 기울기는 3, 6, 9 가운데
# 무엇일까요?
#
# 배열이라면요? 형상이 (1, 8)인 행을 일곱 번 되풀이해 (7, 8)로 만들었습니다. 돌아오는 기울기의 형상은
# (7, 8)입니다. 이것은 어떻게 될까요?

# %%
x = mb.Variable(3.0, "x")
(x * x).backward()
print(x.grad)

rng = np.random.default_rng(0)
row, dy = rng.normal(size=(1, 8)), rng.normal(size=(7, 8))
repeated = mb.Variable(row, "x")
np.sum(np.repeat(repeated, 7, axis=0) * dy).backward()
print(np.allclose(repeated.grad, dy.sum(axis=0, keepdims=True)), repeated.grad.shape)

# %% [markdown] lang="en"
# What branches forward is **added up** on the way back: 6, and for the repeated row the sum over the
# seven copies. That is where the `np.sum(dout, axis=0)` for a bias comes from: the bias is repeated
# for every image of the batch.
#
# It works the other way round, too: forward a sum over rows, backward a repeat. The two are a pair.
#
# ## Layers
#
# A net has too many numbers for a node each, so we take whole matrices. These are the layers from the
# notes on the second book. Each keeps what it will need on the way back, and stores the gradients of
# its parameters in `self.grads`.

# %% [markdown] lang="ko"
# 앞으로 갈 때 갈라진 것은 돌아올 때 **더해집니다**. 그래서 6이고, 되풀이한 행이라면 일곱 벌에 걸친
# 합입니다. 편향의 기울기에 `np.sum(dout, axis=0)`이 나오는 까닭도 이것입니다. 편향은 미니배치의 모든
# 이미지에 되풀이해 쓰이니까요.
#
# 거꾸로도 마찬가지입니다. 앞으로 갈 때 행을 더했다면 돌아올 때는 되풀이합니다. 둘은 서로 짝입니다.
#
# ## 계층
#
# 신경망에는 수가 너무 많아 하나하나를 노드로 둘 수 없으니 행렬을 통째로 다룹니다. 다음은 두 번째 책을
# 공부한 노트에 나온 계층들입니다. 돌아올 때 필요한 것을 기억해 두고, 매개변수의 기울기를
# `self.grads`에 담습니다.


# %%
class Sigmoid:
    def __init__(self):
        self.params, self.grads = [], []

    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * (1.0 - self.out) * self.out


class Affine:
    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [np.zeros_like(W), np.zeros_like(b)]

    def forward(self, x):
        W, b = self.params
        self.x = x
        return x @ W + b

    def backward(self, dout):
        W, _ = self.params
        self.grads[0][...] = self.x.T @ dout
        self.grads[1][...] = np.sum(dout, axis=0)
        return dout @ W.T


class SoftmaxWithLoss:
    def forward(self, x, t):
        self.t = t
        self.y = mb.softmax(x)
        return mb.cross_entropy_error(self.y, t)

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.shape[0]


# %% [markdown] lang="en" tags=["question"]
# The last line is the jewel: softmax and cross entropy together have the gradient $y - t$,
# probability minus label. For one image with scores $a_k$, the loss is
# $-\log y_c = \log \sum_j e^{a_j} - a_c$ if $c$ is the right class. Its derivative by $a_k$ is
# $e^{a_k} / \sum_j e^{a_j} = y_k$, minus 1 for $k = c$. And divided by the batch, because the loss is
# a mean (the "????" of lesson 4).
#
# But there is a mistake in this class. Compare the argument of `backward` with its body. What should
# happen if the loss is only a part of something, say $2 \cdot L$? The gradient that arrives is then 2.

# %% [markdown] lang="ko" tags=["question"]
# 마지막 줄이 보석입니다. 소프트맥스와 교차 엔트로피를 합치면 기울기가 $y - t$, 확률에서 레이블을 뺀
# 것이 됩니다. 이미지 한 장의 점수를 $a_k$, 정답 클래스를 $c$라 하면 손실은
# $-\log y_c = \log \sum_j e^{a_j} - a_c$입니다. 이것을 $a_k$로 미분하면
# $e^{a_k} / \sum_j e^{a_j} = y_k$이고, $k = c$일 때만 1을 뺍니다. 손실이 평균이므로 미니배치의 크기로
# 나눕니다(4장의 "????").
#
# 그런데 이 클래스에는 틀린 곳이 있습니다. `backward`의 인수와 본문을 견주어 보세요. 손실이 더 큰 식의
# 일부라면, 이를테면 $2 \cdot L$이라면 어떻게 되어야 할까요? 그때 들어오는 기울기는 2입니다.

# %% tags=["wrong"]
scores, t = rng.normal(size=(4, 3)), mb.one_hot(np.array([0, 1, 2, 0]), 3)
layer = SoftmaxWithLoss()
layer.forward(scores, t)
by_definition = mb.numerical_gradient(lambda a: 2 * mb.softmax_cross_entropy(a, t), scores)
print(np.allclose(layer.backward(1), by_definition / 2))
print(np.allclose(layer.backward(2), by_definition))
assert not np.allclose(layer.backward(2), by_definition)


class BetterSoftmaxWithLoss(SoftmaxWithLoss):
    def backward(self, dout=1):
        return dout * (self.y - self.t) / self.t.shape[0]


layer = BetterSoftmaxWithLoss()
layer.forward(scores, t)
assert np.allclose(layer.backward(2), by_definition)

# %% [markdown] lang="en"
# The layer of the notes ignores `dout`. As the last layer of a net it gets away with it, since `dout`
# is 1 there. The first time somebody adds a penalty, weighs two losses, or puts anything behind it,
# the gradient is silently wrong. A layer must multiply with what arrives.
#
# ## Training with layers
#
# A net is now a list of layers; forward in order, backward in reverse. The optimizer of the notes
# gets one list of all parameters and one of all gradients.

# %% [markdown] lang="ko"
# 노트의 계층은 `dout`을 무시합니다. 신경망의 맨 끝에서는 `dout`이 1이니 들키지 않습니다. 하지만
# 누군가 벌점을 더하거나, 두 손실에 비중을 주거나, 뒤에 무엇이든 덧붙이는 순간 기울기가 조용히
# 틀려집니다. 계층은 들어온 기울기를 반드시 곱해야 합니다.
#
# ## 계층으로 학습하기
#
# 이제 신경망은 계층의 리스트입니다. 순전파는 차례대로, 역전파는 거꾸로 지나갑니다. 노트의
# 옵티마이저는 모든 매개변수의 리스트 하나와 모든 기울기의 리스트 하나를 받습니다.


# %%
class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for i in range(len(params)):
            params[i] -= self.lr * grads[i]


class Net:
    def __init__(self, n_in, hidden, classes, rng, affine=Affine):
        self.layers = [
            affine(rng.normal(size=(n_in, hidden)) / np.sqrt(n_in), np.zeros(hidden)),
            Sigmoid(),
            affine(rng.normal(size=(hidden, classes)) / np.sqrt(hidden), np.zeros(classes)),
        ]
        self.last = BetterSoftmaxWithLoss()
        self.params = [p for layer in self.layers for p in layer.params]
        self.grads = [g for layer in self.layers for g in layer.grads]

    def loss(self, x, t):
        for layer in self.layers:
            x = layer.forward(x)
        return self.last.forward(x, t)

    def backward(self):
        dout = self.last.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)


# %%
(x_train, t_train), (x_test, t_test) = mb.load_mnist(one_hot_label=True)


def train(net, updates=300):
    rng, optimizer, losses = np.random.default_rng(0), SGD(lr=0.5), []
    for _ in range(updates):
        batch = rng.choice(len(x_train), 100)
        losses.append(net.loss(x_train[batch], t_train[batch]))
        net.backward()
        optimizer.update(net.params, net.grads)
    return losses


net = Net(784, 50, 10, np.random.default_rng(1))
losses = train(net)
figure, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
ax.plot(losses)
ax.set(xlabel=say("update"), ylabel=say("loss"), ylim=(0, None))
plt.show()
assert losses[-1] < 1

# %% [markdown] lang="en"
# It learns. But is the gradient *right*? A net with a wrong gradient may learn as well, only worse.
# The judge of lesson 4 decides, on 10 images and the second layer (510 parameters); then we compare
# the times.

# %% [markdown] lang="ko"
# 배웁니다. 그런데 기울기가 정말 *맞을까요*? 기울기가 틀려도 그럭저럭 배우는 수가 있습니다. 4장의
# 심판에게 맡깁시다. 이미지 10장과 둘째 층(매개변수 510개)으로 비교하고, 걸린 시간도 재 봅니다.

# %% tags=["timing"]
x, t = x_train[:10], t_train[:10]
began = time.perf_counter()
net.loss(x, t)
net.backward()
backward = time.perf_counter() - began

began = time.perf_counter()
for param, grad in zip(net.params[2:], net.grads[2:]):
    by_definition = mb.numerical_gradient(lambda _: net.loss(x, t), param)
    difference = np.abs(grad - by_definition).max()
    print(say("largest difference:"), difference)
    assert difference < 1e-6
print(say("seconds backward, seconds by definition:"), backward, time.perf_counter() - began)

# %% [markdown] lang="en" tags=["question"]
# They agree to seven decimal places, in a small part of the time, and it would be a yet smaller part
# for all 39,760 parameters.
#
# ## Three dots
#
# Why does `Affine` write `self.grads[0][...] = dW` instead of `self.grads[0] = dW`? The notes call it
# "deep copy". Suppose we leave out the three dots. Will there be an error? Will the net learn?

# %% [markdown] lang="ko" tags=["question"]
# 소수점 아래 일곱 자리까지 같으면서 시간은 아주 조금밖에 걸리지 않습니다. 매개변수 39,760개를 모두
# 비교했다면 차이가 훨씬 더 컸을 것입니다.
#
# ## 점 세 개
#
# `Affine`에는 왜 `self.grads[0] = dW`가 아니라 `self.grads[0][...] = dW`라고 쓰여 있을까요? 노트에는
# "깊은 복사"라고만 적혀 있습니다. 점 세 개를 빼면 어떻게 될까요? 오류가 날까요? 신경망은 배울까요?


# %%
class WithoutDots(Affine):
    def backward(self, dout):
        self.grads[0] = self.x.T @ dout
        self.grads[1] = np.sum(dout, axis=0)
        return dout @ self.params[0].T


stuck = Net(784, 50, 10, np.random.default_rng(1), affine=WithoutDots)
losses = train(stuck)
print(losses[0], losses[-1], [float(np.abs(g).max()) for g in stuck.grads])
assert all(np.all(g == 0) for g in stuck.grads)

# %% [markdown] lang="en"
# No error, and it learns nothing. (The two losses differ only because the mini-batches do.)
# `net.grads` was collected once, at the beginning, and holds the arrays of *then*, which are full of
# zeros. `self.grads[0] = ...` puts a new array into the layer's list, and the net never hears of it.
# With `[...]` the numbers are written **into the same array**. Two names for one array were a trap in
# lesson 1; here they are the point.
#
# ## What to take home
#
# - Every operation knows its own derivative; the chain rule multiplies them along the way back.
# - Plus hands on, times swaps, branches add up, repeat and sum are a pair.
# - Softmax with cross entropy: $(y - t) / \text{batch}$, times what arrives.
# - Check a gradient against the definition, even if the net learns.

# %% [markdown] lang="ko"
# 오류도 없고, 아무것도 배우지 않습니다. (두 손실이 다른 것은 미니배치가 달라서일 뿐입니다.)
# `net.grads`는 맨 처음에 한 번 모은 것이라 *그때의* 배열, 곧 0으로 가득한 배열을 담고 있습니다.
# `self.grads[0] = ...`는 계층의 리스트에 새 배열을 넣는데 신경망은 그 사실을 모릅니다. `[...]`를
# 붙이면 **같은 배열 안에** 값을 적습니다. 배열 하나에 이름이 둘인 것이 1장에서는 함정이었지만
# 여기서는 바로 그 점이 필요합니다.
#
# ## 정리
#
# - 연산은 저마다 제 미분을 압니다. 돌아오는 길에 연쇄법칙이 그것을 곱해 나갑니다.
# - 덧셈은 그대로 넘기고, 곱셈은 서로 바꿔 곱하고, 갈래는 더합니다. 되풀이와 합은 서로 짝입니다.
# - 소프트맥스와 교차 엔트로피를 합치면 $(y - t) / \text{batch}$이고, 여기에 들어온 기울기를
#   곱합니다.
# - 신경망이 배우더라도 기울기는 정의와 견주어 확인하세요.

# %% [markdown] lang="en"
# ## Exercises
#
# **1.** Draw the graph of the sigmoid, $1 / (1 + e^{-x})$, with `mb.Variable`, and follow the
# gradient back by hand at $x = 0$. Does it agree with $y (1 - y)$?
#
# <details><summary>Answer</summary>
#
# $y = 0.5$, so $y (1 - y) = 0.25$. On the way back: $-1 / 2^2$ at the division, passed on by plus,
# times $e^0 = 1$, times $-1$.
#
# ```python
# x = mb.Variable(0.0, "x")
# y = 1 / (1 + np.exp(-x))
# y.backward()
# print(x.grad)
# ```
#
# </details>
#
# **2.** What are the shapes of `dout`, `dx`, `dW` and `db` in `Affine.backward` of the first layer,
# for a batch of 100?
#
# <details><summary>Answer</summary>
#
# (100, 50), (100, 784), (784, 50) and (50,). Each gradient has the shape of what it belongs to. `dx`
# is not needed in the first layer, and it is as expensive as the forward pass: Mitbadak leaves it
# out.
#
# ```python
# net.loss(x_train[:100], t_train[:100])
# print([grad.shape for grad in net.layers[0].grads])
# ```
#
# </details>
#
# **3.** Gradients of gradients: what is the second derivative of $x^3$ at 2? `mb.hessian`
# differentiates twice.
#
# <details><summary>Answer</summary>
#
# $6x = 12$. The derivatives are themselves made of operations that know their derivatives.
#
# ```python
# print(mb.hessian(lambda x: np.sum(x**3), np.array([2.0])))
# ```
#
# </details>

# %% [markdown] lang="ko"
# ## 연습 문제
#
# **1.** 시그모이드 $1 / (1 + e^{-x})$의 그래프를 `mb.Variable`로 그리고, $x = 0$에서 기울기를 손으로
# 따라가 보세요. $y (1 - y)$와 같은가요?
#
# <details><summary>풀이</summary>
#
# $y = 0.5$이므로 $y (1 - y) = 0.25$입니다. 돌아오는 길에는 나눗셈에서 $-1 / 2^2$, 덧셈은 그대로,
# 이어서 $e^0 = 1$과 $-1$이 곱해집니다.
#
# ```python
# x = mb.Variable(0.0, "x")
# y = 1 / (1 + np.exp(-x))
# y.backward()
# print(x.grad)
# ```
#
# </details>
#
# **2.** 미니배치가 100일 때 첫 층의 `Affine.backward`에서 `dout`, `dx`, `dW`, `db`의 형상은 각각
# 무엇일까요?
#
# <details><summary>풀이</summary>
#
# (100, 50), (100, 784), (784, 50), (50,)입니다. 기울기의 형상은 언제나 그 주인의 형상과 같습니다. 첫
# 층의 `dx`는 쓸 데가 없는데도 순전파만큼이나 비쌉니다. 그래서 밑바닥은 계산하지 않습니다.
#
# ```python
# net.loss(x_train[:100], t_train[:100])
# print([grad.shape for grad in net.layers[0].grads])
# ```
#
# </details>
#
# **3.** 기울기의 기울기입니다. $x^3$의 이계도함수는 2에서 얼마일까요? `mb.hessian`은 두 번
# 미분합니다.
#
# <details><summary>풀이</summary>
#
# $6x = 12$입니다. 미분도 제 미분을 아는 연산들로 이루어져 있기 때문입니다.
#
# ```python
# print(mb.hessian(lambda x: np.sum(x**3), np.array([2.0])))
# ```
#
# </details>
