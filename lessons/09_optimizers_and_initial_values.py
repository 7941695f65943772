# %% [markdown] lang="en"
# # 9. Optimizers and initial values
#
# Plain gradient descent has a weakness that we met in lesson 1: in a long valley the steep direction
# dictates the learning rate, and along the flat one it creeps. In this lesson we type four update
# rules, let them race, and find out how one compares them fairly. Then we ask where a training should *begin*,
# which decides more than one would think.

# %% [markdown] lang="ko"
# # 9. 옵티마이저와 초깃값 비교
#
# 1장에서 보았듯이 평범한 경사 하강법에는 약점이 있습니다. 길쭉한 골짜기에서는 가파른 방향이 학습률을
# 정해 버리고, 완만한 방향으로는 기어가다시피 합니다. 이 수업에서는 갱신 규칙 네 가지를 직접 쓰고
# 경주를 시킨 다음, 어떻게 해야 공정하게 비교할 수 있는지 알아봅니다. 그러고 나서 학습을 *어디서
# 시작해야* 하는지 묻습니다. 생각보다 많은 것이 여기서 갈립니다.

# %% tags=["words"]
WORDS = {
    "learning rate": "학습률",
    "f after 30 steps": "30번 갱신한 뒤의 f",
    "best of all rates:": "가장 좋은 학습률에서:",
    "layer {}": "{}층",
    "activation": "활성화 값",
    "epoch": "에폭",
    "loss": "손실",
    "the valley": "골짜기",
    "the same valley, turned by 45°": "같은 골짜기를 45° 돌린 것",
    "accuracy on the test set": "시험 데이터의 정확도",
    "spread of the notes' weights:": "노트의 가중치가 퍼진 정도:",
}

# %% [markdown] lang="en" tags=["question"]
# ## A question first
#
# The valley is $f(x_0, x_1) = x_0^2 / 20 + x_1^2$, the start $(-7, 2)$, and each rule may take 30
# steps. You will meet
#
# - **SGD**, that takes the gradient as it is,
# - **Momentum**, that keeps rolling like a ball,
# - **AdaGrad**, that shortens the steps of a parameter the more it has moved,
# - **Adam**, that does both of these, and is what most people use.
#
# With the learning rates of the book, which will come closest to the bottom, which will be last?
# Write down an order.

# %% [markdown] lang="ko" tags=["question"]
# ## 먼저 질문 하나
#
# 골짜기는 $f(x_0, x_1) = x_0^2 / 20 + x_1^2$, 출발점은 $(-7, 2)$이고, 저마다 30걸음을 내디딥니다.
# 출전 선수는 다음과 같습니다.
#
# - **SGD**: 기울기를 있는 그대로 씁니다.
# - **모멘텀**: 공처럼 구르던 방향으로 계속 구릅니다.
# - **AdaGrad**: 많이 움직인 매개변수일수록 걸음을 줄입니다.
# - **Adam**: 두 가지를 다 합니다. 가장 많이 쓰입니다.
#
# 책에 나온 학습률을 그대로 쓰면 누가 바닥에 가장 가까이 가고 누가 꼴찌일까요? 순위를 적어 보세요.

# %%
import matplotlib.pyplot as plt
import numpy as np

import mitbadak as mb

my_order = ["?", "?", "?", "?"]

# %% [markdown] lang="en"
# ## Four rules
#
# Each of them is an object that remembers something, with a method `update` that changes the
# parameters in place. `v` is the velocity of the ball; `h` adds up (or averages) the squares of all
# gradients so far.

# %% [markdown] lang="ko"
# ## 네 가지 규칙
#
# 저마다 무언가를 기억하는 객체이고, `update` 메서드로 매개변수를 제자리에서 바꿉니다. `v`는 공의
# 속도이고, `h`는 지금까지 나온 기울기의 제곱을 더한 것(또는 평균 낸 것)입니다.


# %%
class SGD:
    def __init__(self, lr):
        self.lr = lr

    def update(self, params, grads):
        for x, grad in zip(params, grads):
            x -= self.lr * grad


class Momentum(SGD):
    v = None

    def update(self, params, grads):
        self.v = self.v or [np.zeros_like(x) for x in params]
        for x, grad, v in zip(params, grads, self.v):
            v[...] = 0.9 * v - self.lr * grad
            x += v


class AdaGrad(SGD):
    h = None

    def update(self, params, grads):
        self.h = self.h or [np.zeros_like(x) for x in params]
        for x, grad, h in zip(params, grads, self.h):
            h += grad**2
            x -= self.lr * grad / (np.sqrt(h) + 1e-7)


class Adam(SGD):
    v, h, count = None, None, 0

    def update(self, params, grads):
        self.v = self.v or [np.zeros_like(x) for x in params]
        self.h = self.h or [np.zeros_like(x) for x in params]
        self.count += 1
        for x, grad, v, h in zip(params, grads, self.v, self.h):
            v[...] = 0.9 * v + 0.1 * grad
            h[...] = 0.999 * h + 0.001 * grad**2
            mean, square = v / (1 - 0.9**self.count), h / (1 - 0.999**self.count)
            x -= self.lr * mean / (np.sqrt(square) + 1e-7)


# %%
def f(x):
    return x[0] ** 2 / 20 + x[1] ** 2


start = np.array([-7.0, 2.0])
of_the_book = {SGD: 0.95, Momentum: 0.1, AdaGrad: 1.5, Adam: 0.3}

figure, axes = plt.subplots(2, 2, figsize=(10, 6), layout="constrained", sharex=True, sharey=True)
across, up = np.linspace(-9, 9, 91), np.linspace(-4, 4, 81)
for ax, (rule, lr) in zip(axes.flat, of_the_book.items()):
    result = mb.descend(f, start, rule(lr), step_num=30)
    ax.contour(across, up, across**2 / 20 + up[:, None] ** 2, 12, colors="gray", linewidths=0.4)
    ax.plot(*result.path.T, "o-", markersize=3)
    ax.plot(0, 0, "k*", markersize=11)
    ax.set_title(f"{rule.__name__}(lr={lr}): f = {f(result.x):.4f}")
    print(rule.__name__, f(result.x))
plt.show()

# %% [markdown] lang="en" tags=["question"]
# AdaGrad wins, and Adam comes in last! Was this your order?
#
# So is Adam a bad rule? Think before you go on: what was *unfair* about this race?

# %% [markdown] lang="ko" tags=["question"]
# AdaGrad가 1등이고 Adam이 꼴찌입니다! 예상한 순위와 같은가요?
#
# 그렇다면 Adam은 나쁜 규칙일까요? 넘어가기 전에 생각해 보세요. 이 경주는 무엇이 *불공평*했을까요?

# %%
turn = np.array([[1, 1], [-1, 1]]) / np.sqrt(2)  # by 45 degrees | 45도 돌린다


def turned(x):
    return f(turn @ x)


rates = np.geomspace(0.01, 10, 31)
best = {}
figure, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained", sharey=True)
for ax, valley, begin in zip(axes, (f, turned), (start, turn.T @ start)):
    for rule in of_the_book:
        ends = [valley(mb.descend(valley, begin, rule(float(lr)), 30).x) for lr in rates]
        best[valley.__name__, rule.__name__] = float(min(ends))
        print(valley.__name__, rule.__name__, say("best of all rates:"), min(ends))
        ax.loglog(rates, ends, label=rule.__name__)
    ax.set(xlabel=say("learning rate"), ylim=(1e-4, 1e2))
axes[0].set(ylabel=say("f after 30 steps"), title=say("the valley"))
axes[1].set_title(say("the same valley, turned by 45°"))
axes[0].legend(loc="lower left")
plt.show()

assert best["f", "Adam"] < best["f", "SGD"] / 2
assert best["turned", "AdaGrad"] > best["turned", "Momentum"] * 5

# %% [markdown] lang="en"
# Each rule had **one** learning rate, and whoever chose it decided the race. Here every rule runs
# with 31 rates. In the valley (left) Adam goes from the last place to the second, and SGD becomes the
# last.
#
# And AdaGrad? It is still far ahead, until we **turn the valley** (right). It is the same valley, and
# SGD and Momentum do not even notice. But AdaGrad scales each axis on its own, and that only helped
# because the valley lay along an axis by chance. Now it is the last.
#
# - A comparison of optimizers says nothing unless each of them may choose its rate.
# - Look not only at the lowest point but at the **width** of the good range. A rule that works over
#   a wide range is easy to live with.
# - One test function says little about the next.
#
# ## On a real net
#
# Three layers, 10,000 images, one rate each from a rough search. Here the valley has 89,610
# dimensions.

# %% [markdown] lang="ko"
# 규칙마다 학습률이 **하나**뿐이었고, 그것을 고른 사람이 승부를 정한 셈입니다. 이번에는 규칙마다
# 학습률 31가지로 달리게 했습니다. 왼쪽 골짜기에서는 꼴찌였던 Adam이 2등으로 올라서고 SGD가 꼴찌가
# 됩니다.
#
# AdaGrad는 어떨까요? 여전히 한참 앞서 있지만, **골짜기를 돌려 놓으면** 달라집니다(오른쪽). 똑같은
# 골짜기라서 SGD와 모멘텀은 달라진 것조차 모릅니다. 하지만 AdaGrad는 축마다 따로 걸음을 조절하는데,
# 골짜기가 마침 축을 따라 놓여 있었기 때문에 덕을 본 것입니다. 이제는 꼴찌입니다.
#
# - 규칙마다 제 학습률을 고를 수 있게 하지 않은 비교는 아무것도 말해 주지 않습니다.
# - 가장 낮은 점만 보지 말고 잘하는 구간의 **너비**를 보세요. 구간이 넓은 규칙일수록 쓰기 편합니다.
# - 시험 함수 하나로 다른 함수에서도 그러리라고 말할 수는 없습니다.
#
# ## 진짜 신경망에서
#
# 층이 셋, 이미지가 10,000장이고, 학습률은 대강 찾아본 값을 하나씩 씁니다. 이번 골짜기는
# 89,610차원입니다.

# %%
(x_train, t_train), (x_test, t_test) = mb.load_mnist()
optimizers = {
    "SGD(0.1)": mb.SGD(0.1),
    "Momentum(0.1)": mb.Momentum(0.1),
    "AdaGrad(0.03)": mb.AdaGrad(0.03),
    "Adam(0.002)": mb.Adam(0.002),
}
runs = {}
for name, optimizer in optimizers.items():
    net = mb.MLP([784, 100, 100, 10], activation="relu", rng=0)
    runs[name] = mb.fit(
        net, x_train[:10_000], t_train[:10_000], test=(x_test, t_test),
        optimizer=optimizer, epochs=5, rng=0, callbacks=[],
    )  # fmt: skip
    print(name, runs[name]["train_loss"][-1], runs[name]["test_accuracy"][-1])

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
for name, run in runs.items():
    left.semilogy(run["train_loss"], "o-", label=name)
    right.plot(range(1, 6), run["test_accuracy"][1:], "o-", label=name)
left.set(xlabel=say("epoch"), ylabel=say("loss"))
right.set(xlabel=say("epoch"), ylabel=say("accuracy on the test set"), xticks=range(1, 6))
right.legend(loc="lower right")
plt.show()

# %% [markdown] lang="en"
# SGD is clearly slower; the other three are close together, and on the test set the differences
# hardly matter. Adam is a good first choice, not because it always wins, but because `0.001` or
# `0.002` works for so many nets.
#
# ## Where to begin
#
# Now to the initial values. A note lists three kinds, numbered (1) normal numbers times 0.01, (2) He,
# (3) Xavier, and then writes
#
# ```text
# self.W = np.random.randn(2, 3)  # (1)
# ```
#
# Read this line carefully. Is it (1)?

# %% [markdown] lang="ko"
# SGD가 눈에 띄게 느립니다. 나머지 셋은 엇비슷하고, 시험 데이터에서는 거의 차이가 없습니다. Adam을
# 먼저 써 볼 만한 것은 언제나 이겨서가 아니라, `0.001`이나 `0.002`면 웬만한 신경망에 통하기
# 때문입니다.
#
# ## 어디서 시작할까
#
# 이제 초깃값 차례입니다. 어떤 노트에는 세 가지가 적혀 있습니다. (1) 정규분포에 0.01을 곱한 것, (2)
# He, (3) Xavier. 그러고는 이렇게 썼습니다.
#
# ```text
# self.W = np.random.randn(2, 3)  # (1)
# ```
#
# 이 줄을 찬찬히 읽어 보세요. 정말 (1)번 방식일까요?

# %% tags=["wrong"]
rng = np.random.default_rng(0)
W = rng.standard_normal((1000, 2, 3))  # a thousand such matrices | 이런 행렬 천 개
print(say("spread of the notes' weights:"), W.std())
assert W.std() > 50 * 0.01

# %% [markdown] lang="en" tags=["question"]
# No: the `* 0.01` is missing, so the weights are a hundred times as large as the comment says. In a
# net with one small layer nobody notices. What does it do in a deep one?
#
# We send 1,000 inputs through five layers of 100 sigmoids each and look at their activations, for
# three kinds of weights: normal numbers times 1, times 0.01, and times $1 / \sqrt{n}$, where $n$ is
# the number of inputs of a layer (Xavier). What will the histograms look like in the fifth layer? One
# will be at the edges, one a single spike.

# %% [markdown] lang="ko" tags=["question"]
# 아닙니다. `* 0.01`이 빠져서 가중치가 주석에 적힌 것보다 백 배나 큽니다. 작은 층 하나짜리
# 신경망에서는 아무도 눈치채지 못합니다. 깊은 신경망에서는 어떨까요?
#
# 입력 1,000개를 시그모이드 100개짜리 층 다섯 개에 통과시키고 활성화 값을 살펴봅시다. 가중치는 세
# 가지로, 정규분포에 1을 곱한 것, 0.01을 곱한 것, 그리고 $1 / \sqrt{n}$을 곱한 것(Xavier)입니다. $n$은
# 그 층에 들어오는 입력의 수입니다. 다섯째 층의 히스토그램은 어떤 모양일까요? 하나는 양 끝에 몰리고,
# 하나는 바늘처럼 솟습니다.


# %%
def activations(scale, function, layers=5, n=100):
    rng = np.random.default_rng(0)
    x, found = rng.normal(size=(1000, n)), []
    for _ in range(layers):
        x = function(x @ (rng.normal(size=(n, n)) * scale))
        found.append(x)
    return found


def histograms(function, scales, limits):
    _, axes = plt.subplots(
        len(scales), 5, figsize=(11, 1.9 * len(scales)), layout="constrained", sharex=True
    )
    spreads = {}
    for row, (name, scale) in zip(axes, scales.items()):
        found = activations(scale, function)
        spreads[name] = [float(x.std()) for x in found]
        for number, (ax, x) in enumerate(zip(row, found), 1):
            ax.hist(
                x[x != 0], bins=40, range=limits
            )  # without ReLU's zeros | ReLU의 0은 빼고 그린다
            ax.set_title(say("layer {}").format(number))
            ax.set_yticks([])
        row[0].set_ylabel(name)
    for ax in axes[-1]:
        ax.set_xlabel(say("activation"))
    plt.show()
    return spreads


spreads = histograms(mb.sigmoid, {"1": 1.0, "0.01": 0.01, "Xavier": np.sqrt(1 / 100)}, (0, 1))
for name, spread in spreads.items():
    print(name, np.round(spread, 4))
assert spreads["1"][-1] > 0.4
assert spreads["0.01"][-1] < 0.02 < spreads["Xavier"][-1]

# %% [markdown] lang="en"
# - Times **1**: everything sits at 0 and 1. There the sigmoid is flat, so its slope $y (1 - y)$ is
#   nearly 0, and the gradient dies on its way back.
# - Times **0.01**: all units say 0.5, whatever the input. A hundred units that say the same are
#   worth no more than one.
# - **Xavier** keeps the spread about the same from layer to layer.
#
# ReLU throws away the negative half, so it needs weights $\sqrt{2}$ times as large: that is **He**.

# %% [markdown] lang="ko"
# - **1**을 곱하면 모두 0과 1에 몰립니다. 그곳에서는 시그모이드가 평평해서 경사 $y (1 - y)$가 거의
#   0이고, 기울기는 돌아오는 길에 사라집니다.
# - **0.01**을 곱하면 무엇을 넣든 모든 유닛이 0.5라고 답합니다. 똑같은 말만 하는 유닛은 백 개가
#   있어도 한 개와 다름없습니다.
# - **Xavier**는 층이 바뀌어도 퍼진 정도를 거의 그대로 지켜 줍니다.
#
# ReLU는 음수 쪽 절반을 버리므로 가중치가 $\sqrt{2}$배 커야 합니다. 그것이 **He**입니다.

# %%
he = {"0.01": 0.01, "Xavier": np.sqrt(1 / 100), "He": np.sqrt(2 / 100)}
spreads = histograms(mb.relu, he, (0, 2))
for name, spread in spreads.items():
    print(name, np.round(spread, 6))
assert spreads["0.01"][-1] < 1e-4
assert spreads["He"][-1] > 2 * spreads["Xavier"][-1]

# %% [markdown] lang="en" tags=["question"]
# With 0.01 the signal shrinks to less than 1/10 in every layer, and after five nothing is left of it.
# Now we train such a net, 784-100-100-100-100-100-10 with ReLU, from each of the three. What will the
# three losses do?

# %% [markdown] lang="ko" tags=["question"]
# 0.01이면 층을 지날 때마다 신호가 10분의 1도 안 되게 줄어, 다섯 층을 지나면 남는 것이 없습니다. 이제
# 784-100-100-100-100-100-10 ReLU 신경망을 세 가지 초깃값에서 시작해 학습시켜 봅시다. 세 손실은 각각
# 어떻게 될까요?

# %%
losses = {}
for init in (0.01, "xavier", "he"):
    deep = mb.MLP([784, 100, 100, 100, 100, 100, 10], activation="relu", init=init, rng=0)
    history = mb.fit(deep, x_train[:5000], t_train[:5000], lr=0.05, epochs=5, rng=0, callbacks=[])
    losses[init] = history["train_loss"]
    print(init, np.round(losses[init], 3), deep.accuracy(x_test, t_test))

figure, ax = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
for init, loss in losses.items():
    ax.plot(loss, "o-", label=str(init))
ax.set(xlabel=say("epoch"), ylabel=say("loss"), ylim=(0, None))
ax.legend()
plt.show()
assert losses[0.01][-1] > 2.2
assert losses["he"][-1] < losses["xavier"][-1]

# %% [markdown] lang="en"
# From 0.01 the net has not learned anything after five epochs; its loss is that of guessing, 2.303.
# Only the start was different. The net of the notes has a single hidden layer, and there 0.01 is
# merely slow.
#
# ## What to take home
#
# - Compare optimizers only with a learning rate that each may choose.
# - Adam with 0.001 is a good first try; SGD with momentum is often as good.
# - Initial values: Xavier for sigmoid and tanh, He for ReLU. Never all equal.
# - Read what a line does, not what its comment says.

# %% [markdown] lang="ko"
# 0.01에서 시작하면 다섯 에폭이 지나도 배운 것이 없습니다. 손실이 찍을 때와 같은 2.303입니다. 다른
# 것은 출발점뿐인데도요. 노트의 신경망은 은닉층이 하나라서, 0.01이어도 좀 느린 데 그쳤습니다.
#
# ## 정리
#
# - 옵티마이저는 저마다 제 학습률을 고르게 한 다음에 비교하세요.
# - 먼저 0.001인 Adam을 써 보세요. 모멘텀을 쓴 SGD도 그에 못지않을 때가 많습니다.
# - 초깃값은 시그모이드와 tanh에는 Xavier, ReLU에는 He입니다. 모두 같은 값으로 시작하면 절대 안
#   됩니다.
# - 주석이 하는 말보다 코드가 하는 일을 읽으세요.

# %% [markdown] lang="en"
# ## Exercises
#
# **1.** "Never all equal": train a 784-50-10 net whose weights all begin at 0 (`weight_init_std=0.0`)
# for 1 epoch. How many *different* hidden units does it have afterwards?
#
# <details><summary>Answer</summary>
#
# One. Units with the same weights get the same gradient and stay the same for ever.
#
# ```python
# equal = mb.TwoLayerNet(784, 50, 10, weight_init_std=0.0, rng=0)
# mb.fit(equal, x_train, t_train, epochs=1, rng=0, callbacks=[])
# print(len(np.unique(equal.params["W1"].round(5), axis=1).T))
# ```
#
# </details>
#
# **2.** Set the 0.9 of `Momentum` to 0. Which rule do you get? What happens with 1?
#
# <details><summary>Answer</summary>
#
# With 0 it is SGD. With 1 there is no friction: the ball rolls to and fro for ever and never comes to
# rest.
#
# ```python
# class NoFriction(Momentum):
#     def update(self, params, grads):
#         self.v = self.v or [np.zeros_like(x) for x in params]
#         for x, grad, v in zip(params, grads, self.v):
#             v -= self.lr * grad
#             x += v
#
#
# print(f(mb.descend(f, start, NoFriction(0.1), step_num=1000).x))
# ```
#
# </details>
#
# **3.** In `Adam`, leave out the two divisions by `1 - 0.9**count` and `1 - 0.999**count`. How long
# is the first step then, compared with the learning rate?
#
# <details><summary>Answer</summary>
#
# $0.1 / \sqrt{0.001} \approx 3.16$ times the learning rate, instead of once. The averages begin at 0
# and are too small at first; the divisions correct that, and the second one more than the first.
#
# ```python
# print(0.1 / np.sqrt(0.001))
# ```
#
# </details>

# %% [markdown] lang="ko"
# ## 연습 문제
#
# **1.** "모두 같은 값으로 시작하면 절대 안 된다"고 했습니다. 가중치가 모두 0인(`weight_init_std=0.0`)
# 784-50-10 신경망을 1에폭 학습시켜 보세요. 서로 *다른* 은닉 유닛은 몇 개일까요?
#
# <details><summary>풀이</summary>
#
# 한 개입니다. 가중치가 같은 유닛들은 기울기도 같아서 영원히 같습니다.
#
# ```python
# equal = mb.TwoLayerNet(784, 50, 10, weight_init_std=0.0, rng=0)
# mb.fit(equal, x_train, t_train, epochs=1, rng=0, callbacks=[])
# print(len(np.unique(equal.params["W1"].round(5), axis=1).T))
# ```
#
# </details>
#
# **2.** `Momentum`의 0.9를 0으로 바꾸면 어떤 규칙이 될까요? 1로 바꾸면요?
#
# <details><summary>풀이</summary>
#
# 0이면 SGD입니다. 1이면 마찰이 없는 셈이라 공이 끝없이 오갈 뿐 멈추지 않습니다.
#
# ```python
# class NoFriction(Momentum):
#     def update(self, params, grads):
#         self.v = self.v or [np.zeros_like(x) for x in params]
#         for x, grad, v in zip(params, grads, self.v):
#             v -= self.lr * grad
#             x += v
#
#
# print(f(mb.descend(f, start, NoFriction(0.1), step_num=1000).x))
# ```
#
# </details>
#
# **3.** `Adam`에서 `1 - 0.9**count`와 `1 - 0.999**count`로 나누는 부분을 빼 보세요. 그러면 첫걸음은
# 학습률의 몇 배일까요?
#
# <details><summary>풀이</summary>
#
# 한 배가 아니라 $0.1 / \sqrt{0.001} \approx 3.16$배입니다. 평균이 0에서 출발하므로 처음에는 너무 작게
# 나옵니다. 나눗셈은 이것을 바로잡는데, 두 번째 것을 더 많이 바로잡습니다.
#
# ```python
# print(0.1 / np.sqrt(0.001))
# ```
#
# </details>
