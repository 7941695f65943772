# %% [markdown] lang="en"
# # 3. Loss functions, and why not the accuracy
#
# We want a net that is right as often as possible. That is its accuracy, and everybody understands
# it. Yet no net is trained on its accuracy. Training lowers a *loss*, a number that says how bad the
# answers are.
#
# Why this detour? And which loss? The notes answer the second question with one that went out of
# fashion thirty years ago.

# %% [markdown] lang="ko"
# # 3. 손실 함수, 그리고 왜 정확도가 아닌가
#
# 우리가 바라는 것은 되도록 자주 맞히는 신경망입니다. 그것이 정확도이고, 누구나 알아듣는 말입니다.
# 그런데 정확도를 보고 학습하는 신경망은 없습니다. 학습은 *손실*, 곧 답이 얼마나 나쁜지를 나타내는
# 수를 낮춥니다.
#
# 왜 이렇게 돌아가는 걸까요? 그리고 어떤 손실을 써야 할까요? 두 번째 물음에 노트는 한물간 지 서른 해는
# 된 답을 적어 두었습니다.

# %% tags=["words"]
WORDS = {
    "probability of the right class": "정답 클래스의 확률",
    "loss": "손실",
    "cross entropy, -log y": "교차 엔트로피 (-log y)",
    "squared error, (y - 1)^2 / 2": "오차제곱 ((y - 1)^2 / 2)",
    "update": "갱신 횟수",
    "cross entropy": "교차 엔트로피",
    "squared error": "오차제곱합",
    "the weight moved by": "가중치를 움직인 거리",
    "accuracy on 100 images": "이미지 100장의 정확도",
    "loss on 100 images": "이미지 100장의 손실",
}

# %% [markdown] lang="en" tags=["question"]
# ## A question first
#
# Below, a small net reads 100 test images and gets 68 of them right. We move **one** of its 39,760
# weights by a thousandth.
#
# How does the accuracy change? How does the loss? Write down whether each goes up, goes down or stays
# the same; we will do it at the end of the lesson.

# %% [markdown] lang="ko" tags=["question"]
# ## 먼저 질문 하나
#
# 뒤에서 작은 신경망이 시험 이미지 100장을 읽어 68장을 맞힙니다. 그 신경망의 가중치 39,760개 가운데 **하나**를
# 천분의 일만큼 움직입니다.
#
# 정확도는 어떻게 변할까요? 손실은요? 커질지, 작아질지, 그대로일지 적어 두세요. 이 수업의 끝에서 직접
# 해 봅니다.

# %%
import matplotlib.pyplot as plt
import numpy as np

import mitbadak as mb

my_guess = {"accuracy": "?", "loss": "?"}

# %% [markdown] lang="en"
# ## Two losses
#
# A net shows an image of a 2 and answers with ten probabilities $y_k$. The label $t_k$ is 1 for the
# right class and 0 elsewhere (*one-hot*). The notes have two losses for that:
#
# $$E_1 = \frac{1}{2} \sum_k (y_k - t_k)^2 \qquad E_2 = -\sum_k t_k \log y_k$$
#
# ($\sum_k$ adds up over all classes. $\log$ is the natural logarithm here and in all lessons, as in
# `np.log`; at school it is often written ln.)

# %% [markdown] lang="ko"
# ## 두 가지 손실
#
# 숫자 2의 이미지를 보고 신경망이 열 개의 확률 $y_k$로 답합니다. 레이블 $t_k$는 정답 클래스에서만
# 1이고 나머지는 0입니다(*원-핫*). 노트에는 이럴 때 쓰는 손실이 두 가지 나옵니다.
#
# $$E_1 = \frac{1}{2} \sum_k (y_k - t_k)^2 \qquad E_2 = -\sum_k t_k \log y_k$$
#
# ($\sum_k$는 모든 클래스에 대해 더한다는 뜻입니다. $\log$는 이 수업을 비롯해 모든 수업에서 `np.log`와
# 같은 자연로그입니다. 학교에서는 흔히 ln으로 씁니다.)


# %%
def sum_squares_error(y, t):
    return 0.5 * np.sum((y - t) ** 2)


def cross_entropy_error(y, t):
    delta = 1e-7  # log 0 = -inf
    return -np.sum(t * np.log(y + delta))


t = np.array([0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
y1 = np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0])
y2 = np.array([0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0])
for y in (y1, y2):
    print(sum_squares_error(y, t), cross_entropy_error(y, t))

# %% [markdown] lang="en" tags=["question"]
# Both losses call `y1` (60% for the right class) better than `y2` (10%). In the cross entropy only
# the probability of the right class counts: it is $-\log y$ of that one number.
#
# Now suppose the net is *very sure and wrong*, with 0.001 for the right class. Which of the two
# losses complains more loudly? Imagine both curves before you look.

# %% [markdown] lang="ko" tags=["question"]
# 두 손실 모두 `y1`(정답 확률 60%)을 `y2`(10%)보다 낫다고 합니다. 교차 엔트로피에서는 정답 클래스의
# 확률만 셈에 들어갑니다. 그 수 하나의 $-\log y$입니다.
#
# 그러면 신경망이 정답에 0.001을 주며 *확신에 차서 틀렸다면* 어떨까요? 두 손실 가운데 어느 쪽이 더
# 크게 나무랄까요? 그림을 보기 전에 두 곡선을 머릿속에 그려 보세요.

# %%
y = np.linspace(0.001, 1, 1000)
figure, ax = plt.subplots(figsize=(6.5, 3.8), layout="constrained")
ax.plot(y, -np.log(y), label=say("cross entropy, -log y"))
ax.plot(y, (y - 1) ** 2 / 2, label=say("squared error, (y - 1)^2 / 2"))
ax.axvline(0.1, color="gray", linestyle="--", linewidth=0.8)
ax.set(xlabel=say("probability of the right class"), ylabel=say("loss"))
ax.legend()
plt.show()

# %% [markdown] lang="en"
# The squared error never exceeds 1, however wrong the net is. The cross entropy grows without limit.
# And where the net just guesses among ten classes (dashed line), it is $-\log 0.1 = 2.303$: remember
# this number. A fresh net on MNIST should begin there.
#
# ## "The most used loss function"
#
# This is what the notes call the sum of squared errors. We let the two compete. A net gave the scores
# `[8, 0, 0]`, so it is very sure of class 0, but class 2 would be right. We descend on both losses
# with the same learning rate and watch the probability of the right class.

# %% [markdown] lang="ko"
# 오차제곱은 아무리 틀려도 1을 넘지 않습니다. 교차 엔트로피는 한없이 커집니다. 열 클래스 가운데
# 아무거나 찍는 곳(점선)에서는 $-\log 0.1 = 2.303$인데, 이 수를 기억해 두세요. MNIST에서 갓 만든
# 신경망은 여기서 출발해야 합니다.
#
# ## "가장 많이 쓰는 손실 함수"
#
# 노트에는 오차제곱합이 그렇게 소개되어 있습니다. 둘을 겨루게 해 봅시다. 어떤 신경망이
# `[8, 0, 0]`이라는 점수를 냈습니다. 클래스 0이라고 굳게 믿고 있지만 정답은 클래스 2입니다. 같은
# 학습률로 두 손실을 내려가면서 정답 클래스의 확률을 지켜봅니다.

# %% tags=["wrong"]
t = np.array([0, 0, 1])
scores = np.array([8.0, 0.0, 0.0])


def squared(scores):
    return sum_squares_error(mb.softmax(scores), t)


def entropy(scores):
    return mb.softmax_cross_entropy(scores, t)


paths = {
    say("cross entropy"): mb.gradient_descent(entropy, scores, lr=1.0, step_num=100).path,
    say("squared error"): mb.gradient_descent(squared, scores, lr=1.0, step_num=100).path,
}
figure, ax = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
for name, path in paths.items():
    ax.plot(mb.softmax(path)[:, 2], label=name)
ax.set(xlabel=say("update"), ylabel=say("probability of the right class"), ylim=(-0.03, 1.03))
ax.legend(loc="center right")
plt.show()

slope_of_entropy = mb.numerical_gradient(entropy, scores)
slope_of_squares = mb.numerical_gradient(squared, scores)
print(slope_of_entropy.round(4), slope_of_squares.round(4))
ends = [mb.softmax(path[-1])[2] for path in paths.values()]
assert ends[0] > 0.9 > 0.1 > ends[1]

# %% [markdown] lang="en"
# The cross entropy turns the net round within a few updates. The squared error has hardly moved after
# a hundred, because its gradient fades exactly where the net is most wrong: softmax is flat there,
# and the squared error multiplies by this flatness. In the cross entropy the logarithm cancels it,
# and what remains is as simple as can be: $y - t$, probability minus label (lesson 6 derives it).
#
# For classes, cross entropy has been the usual loss since the 1990s. The squared error is at home
# where the answer is a number, like a price or a temperature.
#
# ## A batch has a mean
#
# The notes' `cross_entropy_error` sums over everything it is given. For one image that is right. What
# does it say for a batch of a hundred, and what does that do to the learning rate?

# %% [markdown] lang="ko"
# 교차 엔트로피는 몇 번 만에 생각을 고쳐먹게 합니다. 오차제곱합은 백 번을 갱신해도 거의 그대로입니다.
# 신경망이 가장 크게 틀린 바로 그곳에서 기울기가 사라지기 때문입니다. 그곳에서는 소프트맥스가
# 평평한데, 오차제곱합의 기울기에는 그 평평함이 곱해집니다. 교차 엔트로피에서는 로그가 이것을 상쇄해서
# 더없이 간단한 식만 남습니다. 확률에서 레이블을 뺀 $y - t$입니다(6장에서 유도합니다).
#
# 클래스를 맞히는 문제에서는 1990년대부터 교차 엔트로피를 써 왔습니다. 오차제곱합이 어울리는 곳은
# 가격이나 기온처럼 답이 수인 문제입니다.
#
# ## 미니배치에서는 평균
#
# 노트의 `cross_entropy_error`는 받은 것을 모조리 더합니다. 이미지 한 장이라면 맞습니다. 백 장짜리
# 미니배치라면 얼마가 나올까요? 그러면 학습률에는 어떤 일이 생길까요?

# %% tags=["wrong"]
(x_train, t_train), (x_test, t_test) = mb.load_mnist()
net = mb.TwoLayerNet(784, 50, 10, rng=0)
for batch in (1, 10, 100):
    y, t = net.predict(x_train[:batch]), mb.one_hot(t_train[:batch], 10)
    print(batch, cross_entropy_error(y, t), mb.cross_entropy_error(y, t))
assert cross_entropy_error(y, t) > 99 * mb.cross_entropy_error(y, t)

# %% [markdown] lang="en"
# The sum grows with the batch, and its gradient with it: with a batch of 100 every step is 100 times
# as long. Divided by the number of images, the loss is near 2.303 for any batch (that number again),
# and a learning rate means the same for all of them. `mb.cross_entropy_error` and the later versions
# in the notes divide.
#
# ## "Predicted well"
#
# Another note draws random weights for a tiny net, prints its loss for the label `[1, 0, 0]` as *loss
# when predicted well*, and for `[0, 1, 0]` as *loss when predicted wrong*. Was the first one smaller?
# For how many random nets will it be?

# %% [markdown] lang="ko"
# 합은 미니배치가 클수록 커지고, 기울기도 함께 커집니다. 미니배치가 100이면 한 걸음이 100배나
# 길어집니다. 이미지 수로 나누면 미니배치가 얼마이든 손실이 2.303쯤이고(또 그 수입니다), 학습률도
# 언제나 같은 뜻을 갖습니다. `mb.cross_entropy_error`와 노트의 나중 판은 나누어 줍니다.
#
# ## "정답을 잘 예측했을 때"
#
# 또 다른 노트에서는 작은 신경망의 가중치를 무작위로 뽑고, 레이블이 `[1, 0, 0]`일 때의 손실을 *정답을
# 잘 예측했을 때의 Loss*, `[0, 1, 0]`일 때의 손실을 *정답을 잘못 예측했을 때의 Loss*라고 출력합니다.
# 과연 앞의 것이 더 작을까요? 무작위 신경망 가운데 몇이나 그럴까요?

# %% tags=["wrong"]
rng = np.random.default_rng(0)
x = np.array([0.6, 0.9])
smaller = 0
for _ in range(1000):
    W = rng.normal(size=(2, 3))
    well = mb.softmax_cross_entropy(x @ W, np.array([1, 0, 0]))
    wrong = mb.softmax_cross_entropy(x @ W, np.array([0, 1, 0]))
    smaller += well < wrong
print(smaller)
assert 400 < smaller < 600

# %% [markdown] lang="en"
# Half of them, as when tossing a coin. A random net has not predicted anything "well"; the labels of
# the printout were wishes. It is worth asking of every line that a program prints: *could it come out
# otherwise?*
#
# ## Why not the accuracy
#
# Now the question from the beginning. A net is trained for a moment, then one weight of its second
# layer moves.

# %% [markdown] lang="ko"
# 동전을 던질 때처럼 절반입니다. 무작위 신경망은 아무것도 "잘 예측"하지 않았습니다. 출력에 붙인 이름은
# 바람이었을 뿐입니다. 프로그램이 무언가를 출력할 때마다 물어볼 만합니다. *다르게 나올 수도 있는
# 걸까?*
#
# ## 왜 정확도가 아닌가
#
# 이제 처음의 질문으로 돌아갑시다. 신경망을 잠깐 학습시킨 다음, 둘째 층의 가중치 하나를 움직입니다.

# %%
net = mb.TwoLayerNet(784, 50, 10, rng=0)
mb.fit(net, x_train[:2000], t_train[:2000], epochs=20, rng=0, callbacks=[])
x, t = x_test[:100], t_test[:100]
W = net.params["W2"]
here = W[7, 3].item()


def at(distance):
    W[7, 3] = here + distance
    seen = net.accuracy(x, t), net.loss(x, t)
    W[7, 3] = here
    return seen


for distance in (-0.001, 0.0, 0.001):
    print(distance, at(distance))
print(my_guess)
assert at(0.001)[0] == at(0.0)[0]
assert at(0.001)[1] != at(0.0)[1]

# %% [markdown] lang="en"
# The accuracy does not change at all; the loss does, a little. So the slope of the accuracy is 0. Now
# let us move the weight a long way, from 6 below to 6 above. What will the two curves look like?

# %% [markdown] lang="ko"
# 정확도는 전혀 변하지 않고, 손실은 조금이나마 변합니다. 그러니 정확도의 경사는 0입니다. 이번에는
# 가중치를 원래 값보다 6 작은 곳에서 6 큰 곳까지 멀리 움직여 봅시다. 두 곡선은 어떤 모양일까요?

# %%
distances = np.linspace(-6, 6, 241)
accuracies, losses = zip(*(at(d) for d in distances))

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
left.step(distances, accuracies, where="mid")
left.set(xlabel=say("the weight moved by"), ylabel=say("accuracy on 100 images"))
right.plot(distances, losses)
right.set(xlabel=say("the weight moved by"), ylabel=say("loss on 100 images"))
plt.show()

flat = np.mean(np.diff(accuracies) == 0)
print(flat)
assert flat > 0.5
assert np.mean(np.diff(losses) == 0) < 0.1

# %% [markdown] lang="en"
# The accuracy is a **staircase**. It stays put until an image crosses over to another class, and then
# jumps by a hundredth. On the stairs its slope is 0; at the edges it has none. Gradient descent would
# stand still for ever and not even know which way to go.
#
# The loss sees every image move, long before it crosses over. It has a slope nearly everywhere, for
# all 39,760 weights at once.
#
# ## What to take home
#
# - Train on the loss, judge by the accuracy.
# - For classes: cross entropy, $-\log$ of the probability of the right class, as a mean over the
#   batch.
# - Guessing among ten classes costs $\log 10 = 2.303$. A loss near this number says: nothing
#   learned yet.
# - Do not call a number what you wish it to be.

# %% [markdown] lang="ko"
# 정확도는 **계단**입니다. 어떤 이미지가 다른 클래스로 넘어가기 전까지는 꼼짝 않다가, 넘어가는 순간
# 백분의 일씩 뜁니다. 계단 위에서는 경사가 0이고, 모서리에는 경사가 없습니다. 경사 하강법은 영원히
# 제자리이고, 어느 쪽으로 가야 할지조차 모릅니다.
#
# 손실은 이미지가 넘어가기 훨씬 전부터 그 움직임을 봅니다. 39,760개의 가중치 모두에 대해, 거의
# 어디서나 경사가 있습니다.
#
# ## 정리
#
# - 학습은 손실로 하고, 평가는 정확도로 합니다.
# - 클래스를 맞힐 때는 교차 엔트로피를 씁니다. 정답 클래스 확률의 $-\log$이고, 미니배치에 대해
#   평균을 냅니다.
# - 열 클래스 가운데 찍으면 손실이 $\log 10 = 2.303$입니다. 손실이 이 근처라면 아직 배운 것이 없다는
#   뜻입니다.
# - 바라는 것을 수의 이름으로 삼지 마세요.

# %% [markdown] lang="en"
# ## Exercises
#
# **1.** In `cross_entropy_error` stands `delta = 1e-7`. What is the largest loss that this function
# can ever return for one image?
#
# <details><summary>Answer</summary>
#
# $-\log 10^{-7} \approx 16.1$, where the probability is exactly 0. From there on it is flat, so it
# has no slope either. `mb.softmax_cross_entropy` starts from the scores and needs no `delta`.
#
# ```python
# print(cross_entropy_error(np.array([1.0, 0.0]), np.array([0, 1])))
# print(mb.softmax_cross_entropy(np.array([1000.0, 0.0]), np.array([0, 1])))
# ```
#
# </details>
#
# **2.** Two nets are right for all 100 images, one with a probability of 0.51, the other with 0.99.
# What are their accuracies and losses?
#
# <details><summary>Answer</summary>
#
# The accuracy is 1 for both. The losses are $-\log 0.51 \approx 0.67$ and $-\log 0.99 \approx 0.01$.
# The loss goes on learning where the accuracy is satisfied.
#
# ```python
# print(-np.log([0.51, 0.99]))
# ```
#
# </details>
#
# **3.** Someone forgets that `t` holds class indices, not one-hot rows, and computes
# `-np.sum(t * np.log(y))` for one image of a 7. What comes out?
#
# <details><summary>Answer</summary>
#
# $-7 \sum_k \log y_k$: a number far too large, without an error. For a 0 it would even be 0, a
# perfect loss. For indices, pick the probability by its place: `-np.log(y[7])`.
#
# ```python
# y = mb.softmax(np.zeros(10))
# print(-np.sum(7 * np.log(y)), -np.log(y[7]))
# ```
#
# </details>

# %% [markdown] lang="ko"
# ## 연습 문제
#
# **1.** `cross_entropy_error`에는 `delta = 1e-7`이 있습니다. 이미지 한 장에 대해 이 함수가 낼 수 있는
# 가장 큰 손실은 얼마일까요?
#
# <details><summary>풀이</summary>
#
# 확률이 정확히 0일 때 $-\log 10^{-7} \approx 16.1$입니다. 거기서부터는 평평하므로 경사도 없습니다.
# `mb.softmax_cross_entropy`는 점수에서 바로 계산하므로 `delta`가 필요 없습니다.
#
# ```python
# print(cross_entropy_error(np.array([1.0, 0.0]), np.array([0, 1])))
# print(mb.softmax_cross_entropy(np.array([1000.0, 0.0]), np.array([0, 1])))
# ```
#
# </details>
#
# **2.** 두 신경망이 이미지 100장을 모두 맞혔습니다. 하나는 정답 확률이 0.51이고 다른 하나는 0.99입니다.
# 정확도와 손실은 각각 얼마일까요?
#
# <details><summary>풀이</summary>
#
# 정확도는 둘 다 1입니다. 손실은 $-\log 0.51 \approx 0.67$과 $-\log 0.99 \approx 0.01$입니다. 정확도가
# 만족한 뒤에도 손실은 더 배울 것을 찾습니다.
#
# ```python
# print(-np.log([0.51, 0.99]))
# ```
#
# </details>
#
# **3.** `t`가 원-핫이 아니라 클래스 번호라는 것을 잊고, 숫자 7의 이미지 한 장에 대해
# `-np.sum(t * np.log(y))`를 계산했습니다. 무엇이 나올까요?
#
# <details><summary>풀이</summary>
#
# $-7 \sum_k \log y_k$입니다. 오류 없이 터무니없이 큰 수가 나옵니다. 숫자 0이었다면 손실이 0, 곧
# 완벽하다고 나왔을 것입니다. 클래스 번호라면 그 자리의 확률을 골라 `-np.log(y[7])`로 계산합니다.
#
# ```python
# y = mb.softmax(np.zeros(10))
# print(-np.sum(7 * np.log(y)), -np.log(y[7]))
# ```
#
# </details>
