# %% [markdown] lang="en"
# # 7. Spiral data and decision boundaries
#
# MNIST has 784 dimensions; nobody can draw them. To *see* what a net learns, we take data with two.
# The spiral of the second book has three arms that wind around each other. We will watch how a net
# bends straight lines until they follow the arms.
#
# First, though, there are two cells in the notes that never worked.

# %% [markdown] lang="ko"
# # 7. 스파이럴 데이터와 결정 경계
#
# MNIST는 784차원이라 그릴 수가 없습니다. 신경망이 무엇을 배우는지 *눈으로* 보려면 2차원 데이터가
# 좋습니다. 두 번째 책의 스파이럴은 서로를 휘감은 세 팔로 되어 있습니다. 신경망이 직선을 구부려 팔을
# 따라가는 모습을 지켜봅시다.
#
# 그 전에, 노트에서 끝내 돌아가지 않은 셀 두 개부터 살펴봅니다.

# %% tags=["words"]
WORDS = {
    "class {}": "클래스 {}",
    "no hidden layer": "은닉층 없음",
    "hidden units: {}": "은닉 유닛 {}개",
    "epoch {}": "{}에폭",
    "accuracy {:.2f}": "정확도 {:.2f}",
    "hidden units": "은닉 유닛 수",
    "accuracy": "정확도",
    "trained on": "학습한 점",
    "new points": "새로운 점",
}

# %% [markdown] lang="en" tags=["question"]
# ## A question first
#
# Three arms, 300 points. A net without a hidden layer can only draw straight lines (lesson 2). **How
# many of the 300 points can it get right? How many hidden units does it take for nearly all of them:
# 2, 10, 50?**
#
# Write your guesses down.

# %% [markdown] lang="ko" tags=["question"]
# ## 먼저 질문 하나
#
# 팔이 셋, 점이 300개입니다. 은닉층이 없는 신경망은 직선밖에 긋지 못합니다(2장). **300개 가운데 몇
# 개나 맞힐 수 있을까요? 거의 다 맞히려면 은닉 유닛이 몇 개 있어야 할까요? 2개, 10개, 50개 가운데서
# 골라 보세요.**
#
# 예상을 적어 두세요.

# %%
import matplotlib.pyplot as plt
import numpy as np

import mitbadak as mb

my_guess = {"right without a hidden layer": "?", "hidden units": "?"}

# %% [markdown] lang="en"
# ## A name that is gone
#
# The notes load the data with this function (here shortened). It stopped with an error, and the
# author tried to install an old NumPy, `pip install numpy==1.18.5`, which failed as well, with a
# screen full of messages. What is the one word that has to change?

# %% [markdown] lang="ko"
# ## 사라진 이름
#
# 노트에서는 다음 함수로 데이터를 읽습니다(조금 줄였습니다). 이 함수가 오류로 멈추자 예전 NumPy를
# 설치하려고 `pip install numpy==1.18.5`를 실행했는데, 그것도 화면 가득 메시지를 쏟아내며
# 실패했습니다. 단어 하나만 바꾸면 됩니다. 무엇일까요?


# %% tags=["wrong"]
def load_data(integer, seed=1984):
    np.random.seed(seed)
    x, t = np.zeros((300, 2)), np.zeros((300, 3), dtype=integer)
    for j in range(3):
        for i in range(100):
            rate = i / 100
            theta = j * 4.0 + 4.0 * rate + np.random.randn() * 0.2
            x[100 * j + i] = rate * np.sin(theta), rate * np.cos(theta)
            t[100 * j + i, j] = 1
    return x, t


x = np.random.default_rng(0).normal(size=(7, 8))
try:
    x, t = load_data(np.int)
except AttributeError as error:
    print(str(error).splitlines()[0])
print(x.shape)
assert not hasattr(np, "int")
assert x.shape == (7, 8)

# %% [markdown] lang="en"
# `np.int` was only another name for Python's `int`, and NumPy removed it. Write `int`. There is no
# need to go back to an old NumPy, as little as one would go back to an old dictionary because of one
# word.
#
# Now look at the second line of the output. After the error the notes went on, and a later cell
# printed `x`. It showed eight columns of numbers. Spiral points have two. **What did they look at?**
#
# At an `x` of a cell further up, about the Sum node, which happened to have the same name. An error
# had prevented the new `x`, so the old one was still there. The numbers beside the cells tell: they
# were run in the order 1 to 6, 3, 25, 12, 20. When something looks odd in a notebook, restart it and
# run all cells from the top.

# %% [markdown] lang="ko"
# `np.int`는 파이썬의 `int`에 붙은 다른 이름일 뿐이었고, NumPy에서 없어졌습니다. `int`라고 쓰면
# 됩니다. 단어 하나가 사라졌다고 옛날 사전으로 돌아갈 필요가 없듯이, 옛날 NumPy로 돌아갈 필요도
# 없습니다.
#
# 출력의 둘째 줄을 보세요. 노트에서는 오류가 난 뒤에도 계속 진행했고, 나중에 어떤 셀이 `x`를
# 출력했습니다. 수가 여덟 열로 나왔습니다. 스파이럴의 점은 두 열이어야 하는데요. **무엇을 본
# 것일까요?**
#
# 훨씬 위쪽, Sum 노드를 다룬 셀의 `x`를 본 것입니다. 우연히 이름이 같았습니다. 오류 때문에 새 `x`는
# 만들어지지 않았고 옛 것이 그대로 남아 있었던 것입니다. 셀 옆의 번호를 보면 알 수 있습니다. 1부터 6,
# 3, 25, 12, 20의 차례로 실행되어 있습니다. 노트북이 이상하면 다시 시작해서 맨 위부터 모두 실행해
# 보세요.

# %%
x, t = load_data(int)
print(x.shape, t.shape, x.sum())
same, labels = mb.load_spiral()
assert np.array_equal(x, same)
assert np.array_equal(t.argmax(axis=1), labels)

figure, ax = plt.subplots(figsize=(5, 4.6), layout="constrained")
for k, marker in enumerate("o^s"):
    ax.scatter(*same[labels == k].T, s=22, marker=marker, label=say("class {}").format(k))
ax.set(xlabel="$x_0$", ylabel="$x_1$", aspect="equal")
ax.legend()
plt.show()

# %% [markdown] lang="en" tags=["question"]
# `mb.load_spiral()` gives the same points, with class indices as labels.
#
# ## Straight lines
#
# First the net without a hidden layer, 2-3. Each of the three classes has a score that is a plane
# over the picture; the largest wins. Imagine where its borders will run.

# %% [markdown] lang="ko" tags=["question"]
# `mb.load_spiral()`은 같은 점들을 클래스 번호와 함께 줍니다.
#
# ## 직선
#
# 먼저 은닉층이 없는 2-3 신경망입니다. 세 클래스의 점수는 저마다 그림 위에 놓인 평면 하나이고, 가장
# 높은 평면이 이깁니다. 경계가 어디로 지나갈지 그려 보세요.


# %%
data = mb.Dataset(*mb.load_spiral())


def trained(sizes, epochs=300, lr=1.0, data=data, activation="sigmoid"):
    net = mb.MLP(sizes, activation=activation, rng=0)
    mb.fit(net, data, lr=lr, batch_size=30, epochs=epochs, rng=0, callbacks=[])
    return net


figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.8), layout="constrained")
straight, bent = trained([2, 3]), trained([2, 10, 3])
for ax, net, name in (
    (left, straight, say("no hidden layer")),
    (right, bent, say("hidden units: {}").format(10)),
):
    mb.plots.decision_boundary(net, data, ax, lang=say("en"))
    accuracy = net.accuracy(data.x, data.t)
    ax.set_title(name + "; " + say("accuracy {:.2f}").format(accuracy))
    print(accuracy)
plt.show()
assert straight.accuracy(data.x, data.t) < 0.6 < 0.9 < bent.accuracy(data.x, data.t)

# %% [markdown] lang="en" tags=["question"]
# Half of the points with straight lines; nearly all with ten hidden units. Where the colors are pale,
# the net is not sure.
#
# ## How does it get there?
#
# The same net after 0, 30, 100 and 300 epochs. In what order will it learn: from the inside out, from
# the outside in, one arm after the other?

# %% [markdown] lang="ko" tags=["question"]
# 직선으로는 절반쯤, 은닉 유닛 열 개면 거의 다 맞힙니다. 색이 옅은 곳은 신경망이 확신하지 못하는
# 곳입니다.
#
# ## 어떻게 여기까지 왔을까?
#
# 같은 신경망을 0, 30, 100, 300에폭에서 살펴봅시다. 어떤 차례로 배울까요? 안쪽에서 바깥쪽으로,
# 바깥쪽에서 안쪽으로, 아니면 팔 하나씩일까요?

# %%
figure, axes = plt.subplots(1, 4, figsize=(14, 3.9), layout="constrained")
for ax, epochs in zip(axes, (0, 30, 100, 300)):
    net = trained([2, 10, 3], epochs) if epochs else mb.MLP([2, 10, 3], activation="sigmoid", rng=0)
    mb.plots.decision_boundary(net, data, ax, points=150, lang=say("en"))
    ax.get_legend().remove()
    accuracy = net.accuracy(data.x, data.t)
    ax.set_title(say("epoch {}").format(epochs) + "; " + say("accuracy {:.2f}").format(accuracy))
plt.show()

# %% [markdown] lang="en" tags=["question"]
# First it finds the straight cuts that help most, then it bends them, and the fine windings near the
# center come last. Coarse before fine: this is how nets learn in 784 dimensions as well.
#
# ## How many hidden units?
#
# Now we count. And since we know from lesson 5 that one should not trust the points a net has trained
# on, we also draw 300 new points, with another seed for the noise.

# %% [markdown] lang="ko" tags=["question"]
# 먼저 가장 도움이 되는 직선을 찾고, 그다음에 구부리며, 가운데의 촘촘한 소용돌이는 맨 나중에 배웁니다.
# 큰 것부터 작은 것으로, 784차원에서도 신경망은 이렇게 배웁니다.
#
# ## 은닉 유닛은 몇 개?
#
# 이제 세어 봅시다. 5장에서 보았듯이 학습한 점만 보고 믿어서는 안 되니, 잡음의 시드를 바꿔 새로운 점
# 300개도 만듭니다.

# %%
fresh = mb.load_spiral(rng=7)
counts = [1, 2, 3, 5, 10, 20, 50]
scores = []
for hidden in counts:
    net = trained([2, hidden, 3])
    scores.append((net.accuracy(data.x, data.t), net.accuracy(*fresh)))
    print(hidden, *scores[-1])

figure, ax = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
for accuracies, name in zip(zip(*scores), (say("trained on"), say("new points"))):
    ax.semilogx(counts, accuracies, "o-", label=name)
ax.set(xlabel=say("hidden units"), ylabel=say("accuracy"), ylim=(0.5, 1))
ax.set_xticks(counts, [str(count) for count in counts])
ax.minorticks_off()
ax.legend(loc="lower right")
plt.show()
assert scores[0][0] < 0.65
assert scores[4][0] > 0.9

# %% [markdown] lang="en"
# Each hidden unit contributes one bent line, as each perceptron did in lesson 2. With two or three
# there are too few; from five on the arms can be followed. More does not help, and here it does no
# harm either: the new points are answered nearly as well.
#
# ## When it does harm
#
# That was because the labels are right. Real data have mistakes. We give 60 of the 300 points a
# random label and train two nets on them: our small one, and one with two layers of 100 ReLUs and
# Adam, which can bend very sharply. The points in the pictures are those with the wrong labels in
# them. Which net will be right more often about these points, and which about new ones?

# %% [markdown] lang="ko"
# 2장에서 퍼셉트론이 직선을 하나씩 맡았듯이, 은닉 유닛은 저마다 구부러진 선을 하나씩 맡습니다. 두세
# 개로는 모자라고, 다섯 개부터는 팔을 따라갈 수 있습니다. 더 늘려도 나아지지 않지만, 여기서는 해롭지도
# 않습니다. 새로운 점도 거의 그만큼 맞힙니다.
#
# ## 해로울 때
#
# 레이블이 모두 맞아서 그랬습니다. 실제 데이터에는 잘못된 것이 섞여 있습니다. 점 300개 가운데 60개의
# 레이블을 아무렇게나 바꾸고 두 신경망을 학습시켜 봅시다. 하나는 앞의 작은 신경망이고, 다른 하나는
# ReLU 100개짜리 층이 두 개여서 아주 날카롭게 구부릴 수 있는 신경망입니다(Adam으로 학습합니다). 그림의
# 점에는 틀린 레이블이 섞여 있습니다. 이 점들을 더 잘 맞히는 것은 어느 쪽일까요? 새로운 점은요?

# %%
rng = np.random.default_rng(0)
labels = data.t.copy()
labels[rng.choice(300, 60, replace=False)] = rng.integers(0, 3, 60)
noisy = mb.Dataset(data.x, labels)

small = trained([2, 10, 3], data=noisy)
large = mb.MLP([2, 100, 100, 3], activation="relu", rng=0)
mb.fit(large, noisy, optimizer="adam", lr=0.01, epochs=500, batch_size=30, rng=0, callbacks=[])

figure, axes = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")
for ax, net, name in zip(axes, (small, large), ("2-10-3", "2-100-100-3")):
    print(name, net.accuracy(noisy.x, noisy.t), net.accuracy(*fresh))
    mb.plots.decision_boundary(net, noisy, ax, lang=say("en"))
    ax.set_title(name)
plt.show()
assert large.accuracy(noisy.x, noisy.t) > small.accuracy(noisy.x, noisy.t) + 0.03
assert large.accuracy(*fresh) < small.accuracy(*fresh) - 0.02

# %% [markdown] lang="en"
# The large net builds islands and spikes around single points, to be right about labels that are
# wrong. It does so with strong colors: it is sure of itself. On the points that it was given it wins,
# on new points it loses. With two dimensions one can *see* overfitting. The small net cannot bend so
# often, and so it has to take what most points have in common.
#
# ## What to take home
#
# - Without a hidden layer, boundaries are straight. Each hidden unit adds a bend.
# - A net learns the coarse shape first and the details later.
# - A name that a library removed has a successor. Look for it before you install an old version.
# - In a notebook, an old variable can pose as a new one. Restart and run all.

# %% [markdown] lang="ko"
# 큰 신경망은 틀린 레이블까지 맞히려고 점 하나하나의 둘레에 섬과 가시를 만듭니다. 그러면서도 색은
# 짙습니다. 자신만만하다는 뜻입니다. 학습한 점에서는 이기고 새로운 점에서는 집니다. 2차원에서는
# 오버피팅이 *눈에 보입니다*. 작은 신경망은 그렇게 자주 구부릴 수 없으니, 많은 점에 공통된 것을 따를
# 수밖에 없습니다.
#
# ## 정리
#
# - 은닉층이 없으면 경계는 직선입니다. 은닉 유닛이 하나 늘 때마다 한 번 더 구부릴 수 있습니다.
# - 신경망은 큰 모양을 먼저, 세부를 나중에 배웁니다.
# - 라이브러리에서 없어진 이름에는 그것을 대신할 이름이 있습니다. 옛 버전을 설치하기 전에
#   찾아보세요.
# - 노트북에서는 옛 변수가 새 변수 행세를 할 수 있습니다. 다시 시작해서 모두 실행하세요.

# %% [markdown] lang="en"
# ## Exercises
#
# **1.** Train the 2-10-3 net with `lr=0.1` instead of `1.0`. What does the boundary look like after
# 300 epochs, and why?
#
# <details><summary>Answer</summary>
#
# Like the earlier pictures of the series: it is on the same way, but ten times as slow.
#
# ```python
# slow = trained([2, 10, 3], lr=0.1)
# print(slow.loss(data.x, data.t), slow.accuracy(data.x, data.t))
# ```
#
# </details>
#
# **2.** Leave out the activation: `activation="identity"`. What accuracy do you expect from 50 hidden
# units?
#
# <details><summary>Answer</summary>
#
# That of the net without a hidden layer. Two matrices without anything in between are one matrix
# (lesson 2).
#
# ```python
# print(trained([2, 50, 3], lr=0.1, activation="identity").accuracy(data.x, data.t))
# ```
#
# </details>
#
# **3.** The data sets `mb.load_moons()`, `mb.load_circles()` and `mb.load_xor()` have two classes.
# For which of them is a net without a hidden layer as good as guessing?
#
# <details><summary>Answer</summary>
#
# Circles and XOR: a line gets about half of them right. The moons can be separated fairly well.
#
# ```python
# for load in (mb.load_moons, mb.load_circles, mb.load_xor):
#     other = mb.Dataset(*load())
#     print(load.__name__, trained([2, 2], data=other).accuracy(other.x, other.t))
# ```
#
# </details>

# %% [markdown] lang="ko"
# ## 연습 문제
#
# **1.** 2-10-3 신경망을 `1.0` 대신 `lr=0.1`로 학습시켜 보세요. 300에폭 뒤의 경계는 어떤 모양이고, 왜
# 그럴까요?
#
# <details><summary>풀이</summary>
#
# 앞에서 본 그림들 가운데 이른 쪽을 닮았습니다. 같은 길을 열 배 느리게 가고 있기 때문입니다.
#
# ```python
# slow = trained([2, 10, 3], lr=0.1)
# print(slow.loss(data.x, data.t), slow.accuracy(data.x, data.t))
# ```
#
# </details>
#
# **2.** `activation="identity"`로 활성화 함수를 없애 보세요. 은닉 유닛이 50개라면 정확도가
# 얼마일까요?
#
# <details><summary>풀이</summary>
#
# 은닉층이 없을 때와 같습니다. 사이에 아무것도 없는 행렬 두 개는 행렬 하나와 같으니까요(2장).
#
# ```python
# print(trained([2, 50, 3], lr=0.1, activation="identity").accuracy(data.x, data.t))
# ```
#
# </details>
#
# **3.** `mb.load_moons()`, `mb.load_circles()`, `mb.load_xor()`는 클래스가 두 개인 데이터입니다.
# 은닉층 없는 신경망이 찍는 것과 다름없는 데이터는 어느 것일까요?
#
# <details><summary>풀이</summary>
#
# 동심원(circles)과 XOR입니다. 직선으로는 절반쯤밖에 맞히지 못합니다. 초승달(moons)은 꽤 잘 나눌 수
# 있습니다.
#
# ```python
# for load in (mb.load_moons, mb.load_circles, mb.load_xor):
#     other = mb.Dataset(*load())
#     print(load.__name__, trained([2, 2], data=other).accuracy(other.x, other.t))
# ```
#
# </details>
