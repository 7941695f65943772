# %% [markdown] lang="en"
# # 2. From the perceptron to a network
#
# A perceptron is the smallest decision there is: it adds up its inputs, each with a weight, and says
# 1 if the sum is above zero. In this lesson we find out what one perceptron cannot do, put a few of
# them together, and end with a net that reads handwritten digits. How such a net *learns* is the
# matter of the lessons after this one. Here it only answers.

# %% [markdown] lang="ko"
# # 2. 퍼셉트론에서 신경망으로
#
# 퍼셉트론은 세상에서 가장 작은 판단입니다. 입력마다 가중치를 곱해 더하고, 그 합이 0보다 크면 1이라고
# 답합니다. 이 수업에서는 퍼셉트론 하나로는 할 수 없는 일을 알아보고, 몇 개를 이어 붙이고, 마지막에는
# 손글씨 숫자를 읽는 신경망까지 갑니다. 신경망이 어떻게 *배우는지*는 다음 수업들에서 다룹니다.
# 여기서는 답하기만 합니다.

# %% tags=["words"]
WORDS = {
    "a line cannot": "직선으로는 불가능",
    "two lines can": "직선 두 개면 가능",
    "step function": "계단 함수",
    "sigmoid": "시그모이드",
    "input": "입력",
    "output": "출력",
    "warnings:": "경고:",
    "accuracy:": "정확도:",
    "one by one": "한 장씩",
    "in batches of 100": "100장씩",
    "times as fast": "배 빠름",
}

# %% [markdown] lang="en" tags=["question"]
# ## A question first
#
# For inputs of 0 and 1 there are four cases. AND says 1 if both are 1; OR if at least one is; NAND is
# the opposite of AND; XOR says 1 if exactly one is 1.
#
# We draw 100,000 perceptrons with random weights and ask each of them which of these it computes. For
# each of the four: **how many of the 100,000 will it be?** Many, a few, none?

# %% [markdown] lang="ko" tags=["question"]
# ## 먼저 질문 하나
#
# 입력이 0과 1뿐이라면 경우는 네 가지입니다. AND는 둘 다 1일 때, OR은 하나라도 1일 때 1이라고
# 답합니다. NAND는 AND의 반대이고, XOR은 꼭 하나만 1일 때 1이라고 답합니다.
#
# 가중치를 무작위로 뽑아 퍼셉트론 100,000개를 만들고, 저마다 이 넷 가운데 무엇을 계산하는지
# 알아봅시다. **100,000개 가운데 몇 개씩일까요?** 많을까요, 조금일까요, 하나도 없을까요?

# %%
import time
import warnings

import matplotlib.pyplot as plt
import numpy as np

import mitbadak as mb

my_guess = {"AND": "?", "OR": "?", "NAND": "?", "XOR": "?"}


# %%
def perceptron(x, w, b):
    return (x @ w + b > 0).astype(int)


x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
print(perceptron(x, np.array([0.5, 0.5]), -0.7))  # AND

# %%
gates = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0], "XOR": [0, 1, 1, 0]}
rng = np.random.default_rng(0)
answers = perceptron(x, rng.normal(size=(2, 100_000)), rng.normal(size=100_000)).T
found = {name: int((answers == gate).all(axis=1).sum()) for name, gate in gates.items()}
for name, count in found.items():
    print(name, count)
assert found["XOR"] == 0 < min(found["AND"], found["OR"], found["NAND"])

# %% [markdown] lang="en"
# Thousands of ANDs, ORs and NANDs, and not a single XOR. More perceptrons would not help:
# `x @ w + b > 0` is everything on one side of a **straight line**, and no straight line separates the
# two classes of XOR.
#
# But two lines can. XOR is "OR, and not AND": let one perceptron compute OR, another one NAND, and a
# third one AND of the two. That is a net with two layers.

# %% [markdown] lang="ko"
# AND, OR, NAND는 수천 개씩 있는데 XOR은 하나도 없습니다. 퍼셉트론을 더 뽑아도 마찬가지입니다.
# `x @ w + b > 0`은 **직선**의 한쪽 전체를 뜻하는데, XOR의 두 클래스를 나누는 직선은 없기 때문입니다.
#
# 하지만 직선 두 개라면 나눌 수 있습니다. XOR은 "OR이면서 AND는 아닌 것"입니다. 퍼셉트론 하나는 OR을,
# 다른 하나는 NAND를 계산하고, 세 번째가 그 둘을 AND로 묶으면 됩니다. 이것이 층이 두 개인
# 신경망입니다.


# %%
def xor(x):
    hidden = perceptron(x, np.array([[0.5, -0.5], [0.5, -0.5]]), np.array([-0.2, 0.7]))
    return perceptron(hidden, np.array([0.5, 0.5]), -0.7)


print(xor(x))
assert xor(x).tolist() == gates["XOR"]

figure, (left, right) = plt.subplots(1, 2, figsize=(8.5, 4), layout="constrained", sharey=True)
line = np.array([-0.4, 1.4])
for ax in (left, right):
    for kind, marker in ((0, "o"), (1, "^")):
        points = x[xor(x) == kind]
        ax.scatter(*points.T, s=120, marker=marker, label=f"XOR = {kind}", zorder=3)
    ax.set(xlim=line, ylim=line, aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
left.plot(line, 0.7 - 0.3 * line, "k--")
left.set_title(say("a line cannot"))
right.plot(line, 0.4 - line, "k--")
right.plot(line, 1.4 - line, "k--")
right.fill_between(line, 0.4 - line, 1.4 - line, color="gray", alpha=0.2)
right.set_title(say("two lines can"))
right.legend(loc="upper right")
plt.show()

# %% [markdown] lang="en" tags=["question"]
# ## Step or sigmoid?
#
# The notes conclude their chapter with: *unlike the perceptron with its step function, the neural
# network introduces the nonlinear sigmoid*. This sounds as if the step function were linear. Is it?
#
# A function $g$ is linear if $g(a + b) = g(a) + g(b)$. Try it in your head with the step function and
# $a = b = 1$.

# %% [markdown] lang="ko" tags=["question"]
# ## 계단 함수와 시그모이드
#
# 노트에서는 그 장을 이렇게 맺습니다. *퍼셉트론의 스텝 함수와 달리 비선형 시그모이드 함수를 도입했다.*
# 마치 계단 함수는 선형인 것처럼 들립니다. 정말 그럴까요?
#
# 함수 $g$가 선형이려면 $g(a + b) = g(a) + g(b)$가 성립해야 합니다. 계단 함수에 $a = b = 1$을 넣어
# 머릿속으로 계산해 보세요.

# %% tags=["wrong"]
print(mb.step(np.array(1.0 + 1.0)), mb.step(np.array(1.0)) + mb.step(np.array(1.0)))
assert mb.step(np.array(2.0)) != mb.step(np.array(1.0)) + mb.step(np.array(1.0))

W1, W2 = rng.normal(size=(2, 3)), rng.normal(size=(3, 1))
a = rng.normal(size=(5, 2))
print(
    np.allclose((a @ W1) @ W2, a @ (W1 @ W2))
)  # no activation in between | 사이에 활성화 함수가 없을 때
print(np.allclose(mb.step(a @ W1) @ W2, mb.step(a) @ (W1 @ W2)))

# %%
grid = np.linspace(-6, 6, 601)
figure, ax = plt.subplots(figsize=(6.5, 3.4), layout="constrained")
ax.plot(grid, mb.step(grid), label=say("step function"))
ax.plot(grid, mb.sigmoid(grid), label=say("sigmoid"))
ax.set(xlabel=say("input"), ylabel=say("output"))
ax.legend()
plt.show()

# %% [markdown] lang="en"
# The step function is as nonlinear as can be; that is why our XOR worked. Without *any* nonlinear
# function in between, two layers are worth no more than one: `W1 @ W2` is a single matrix that does
# the same.
#
# So why the sigmoid? Look at the picture: the step function is flat everywhere. Move a weight a
# little, and the answer stays the same. There is no slope to follow, and lesson 1 would stand still.
# The sigmoid is **smooth**. That is its merit.
#
# ## A net that reads digits
#
# MNIST is part of Mitbadak: 60,000 images of 28 by 28 pixels to train with, and 10,000 to test. We
# let `fit` train the net of the notes, 784-50-100-10 with sigmoids (how it does that, you will
# learn), and write its answer ourselves.

# %% [markdown] lang="ko"
# 계단 함수는 더할 나위 없이 비선형입니다. 그래서 우리의 XOR도 됐던 것입니다. 사이에 비선형 함수가 *하나도*
# 없다면 층을 두 개 쌓아도 한 개와 다름없습니다. `W1 @ W2`라는 행렬 하나가 똑같은 일을 하니까요.
#
# 그러면 왜 시그모이드를 쓸까요? 그림을 보세요. 계단 함수는 어디서나 평평합니다. 가중치를 조금
# 움직여도 답이 그대로입니다. 따라갈 경사가 없으니 1장의 방법으로는 꼼짝도 하지 못합니다. 시그모이드는 **매끄럽습니다**.
# 그것이 장점입니다.
#
# ## 숫자를 읽는 신경망
#
# 밑바닥에는 MNIST가 들어 있습니다. 28×28 픽셀 이미지가 훈련용으로 60,000장, 시험용으로 10,000장
# 있습니다. 노트에 나온 784-50-100-10 시그모이드 신경망을 `fit`으로 학습시키고(어떻게 학습하는지는
# 차차 배웁니다), 답을 구하는 부분은 직접 써 봅시다.

# %%
(x_train, t_train), (x_test, t_test) = mb.load_mnist()
net = mb.MLP([784, 50, 100, 10], activation="sigmoid", rng=0)
mb.fit(net, x_train, t_train, optimizer="adam", lr=0.003, epochs=3, rng=0, callbacks=[])
network = {key: np.array(value) for key, value in net.params.items()}
print({key: value.shape for key, value in network.items()})


# %%
def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def predict(network, x, sigmoid=sigmoid):
    z1 = sigmoid(x @ network["W1"] + network["b1"])
    z2 = sigmoid(z1 @ network["W2"] + network["b2"])
    return mb.softmax(z2 @ network["W3"] + network["b3"])


y = predict(network, x_test[0])
print(y.round(3), y.sum(), np.argmax(y), t_test[0])

# %%
figure, axes = plt.subplots(2, 8, figsize=(9, 2.9), layout="constrained")
for ax, image, t in zip(axes.flat, x_test, t_test):
    y = predict(network, image)
    ax.imshow(image.reshape(28, 28), cmap="gray_r")
    ax.set_title(f"{y.argmax()} ({y.max():.0%})", color="black" if y.argmax() == t else "red")
    ax.axis("off")
plt.show()

# %% [markdown] lang="en" tags=["question"]
# Above each image stands the answer and how sure the net is of it; wrong answers are red.
#
# ## An overflow warning, and what it meant
#
# The author of the notes saw this when measuring the accuracy on the test images:
# `RuntimeWarning: overflow encountered in exp`. They rewrote the sigmoid as
# `np.exp(-np.logaddexp(0, -x))`, the warning was gone, the accuracy the same as before, and the case
# was closed.
#
# They had loaded the images with `normalize=False`, so the pixels were 0 to 255 instead of 0 to 1. **What
# do you think: did the new sigmoid solve the problem?**

# %% [markdown] lang="ko" tags=["question"]
# 이미지 위에는 신경망의 답과 그 답에 대한 확신이 적혀 있습니다. 틀린 답은 빨간색입니다.
#
# ## 오버플로 경고가 뜻하던 것
#
# 노트를 쓴 사람은 시험 이미지로 정확도를 재다가 `RuntimeWarning: overflow encountered in exp`라는
# 경고를 보았습니다. 그래서 시그모이드를 `np.exp(-np.logaddexp(0, -x))`로 바꾸었더니 경고는 사라지고
# 정확도는 그대로여서, 그렇게 마무리했습니다.
#
# 사실은 이미지를 `normalize=False`로 읽어서 픽셀이 0~1이 아니라 0~255였습니다. **새 시그모이드가
# 문제를 해결한 것일까요?**


# %% tags=["wrong"]
def quiet_sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


accuracies = {}
for name, images in (("0..1", x_test), ("0..255", x_test * 255)):
    for function in (sigmoid, quiet_sigmoid):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            y = predict(network, images, function)
        accuracy = np.mean(y.argmax(axis=1) == t_test)
        accuracies[name, function.__name__] = accuracy
        print(
            name, function.__name__, say("accuracy:"), accuracy, say("warnings:"), len(caught) > 0
        )

assert accuracies["0..255", "sigmoid"] == accuracies["0..255", "quiet_sigmoid"]
assert accuracies["0..255", "sigmoid"] < accuracies["0..1", "sigmoid"] - 0.002

# %% [markdown] lang="en"
# It silenced the alarm and left the fire. With pixels of 0 to 255 both sigmoids lose the same part of
# the accuracy, because the net learned from pixels of 0 to 1. In the notes it was 0.9207 instead of 0.9352:
# nearly 1.5 points lost, and never noticed, since the only sign of it had been removed. Give a net
# its inputs just as it had them in training.
#
# ## Batches
#
# `predict` takes one image of shape (784,), but matrix products do not mind a whole stack of shape
# (100, 784):
#
# | | input | $W_1$ | $W_2$ | $W_3$ | output |
# |---|---|---|---|---|---|
# | one image | 784 | 784×50 | 50×100 | 100×10 | 10 |
# | a batch | 100×784 | 784×50 | 50×100 | 100×10 | 100×10 |
#
# The answers are the same. How much faster will 10,000 images be in batches of 100 than one by one?
# Guess.

# %% [markdown] lang="ko"
# 불은 그대로 둔 채 경보기만 끈 셈입니다. 픽셀이 0~255이면 어느 시그모이드를 쓰든 정확도를 똑같이
# 잃습니다. 신경망은 0~1인 픽셀로 배웠기 때문입니다. 노트에서는 0.9352여야 할 것이 0.9207이었습니다. 1.5퍼센트포인트
# 가까이 잃고도, 하나뿐이던 단서를 없애 버렸으니 알아차릴 수 없었습니다. 신경망에는 학습할 때와 똑같은
# 꼴로 입력을 주어야 합니다.
#
# ## 배치
#
# `predict`에 형상이 (784,)인 이미지 한 장을 넣었지만, 행렬 곱은 (100, 784)처럼 여러 장을 쌓아 넣어도
# 상관없습니다.
#
# | | 입력 | $W_1$ | $W_2$ | $W_3$ | 출력 |
# |---|---|---|---|---|---|
# | 한 장 | 784 | 784×50 | 50×100 | 100×10 | 10 |
# | 배치 | 100×784 | 784×50 | 50×100 | 100×10 | 100×10 |
#
# 답은 똑같습니다. 10,000장을 100장씩 처리하면 한 장씩 할 때보다 몇 배나 빠를까요? 예상해 보세요.

# %% tags=["timing"]
began = time.perf_counter()
singly = [predict(network, image).argmax() for image in x_test]
one_by_one = time.perf_counter() - began

began = time.perf_counter()
batches = [predict(network, x_test[i : i + 100]).argmax(axis=1) for i in range(0, 10000, 100)]
in_batches = time.perf_counter() - began

print(say("one by one"), f"{one_by_one:.3f} s")
print(say("in batches of 100"), f"{in_batches:.3f} s")
print(round(one_by_one / in_batches, 1), say("times as fast"))
print(np.mean(singly == t_test), np.mean(np.concatenate(batches) == t_test))
assert np.mean(singly != np.concatenate(batches)) < 0.001

# %% [markdown] lang="en"
# The notes measured 4.8 times. The reason is not mainly the "bus" that they name: each call of a
# NumPy function has a fixed price, and one by one we pay it 10,000 times. In addition, a product of
# two large matrices uses each weight that it fetched from memory for all hundred images.
#
# ## What to take home
#
# - One perceptron draws one straight line. Layers combine lines.
# - Between layers there has to be something nonlinear; to *learn*, it should be smooth.
# - A warning is a message. Find out what it says before you silence it.
# - A batch gives the same answers in a fraction of the time.

# %% [markdown] lang="ko"
# 노트에서는 4.8배였습니다. 노트에는 '버스' 이야기가 나오지만 그것이 주된 까닭은 아닙니다. NumPy
# 함수는 한 번 부를 때마다 일정한 비용이 드는데, 한 장씩 하면 그 비용을 10,000번 치릅니다. 게다가 큰
# 행렬끼리 곱하면 메모리에서 한 번 가져온 가중치를 이미지 백 장에 모두 써먹습니다.
#
# ## 정리
#
# - 퍼셉트론 하나는 직선 하나를 긋습니다. 층을 쌓으면 직선을 엮을 수 있습니다.
# - 층 사이에는 비선형 함수가 있어야 합니다. *배우려면* 그 함수가 매끄러워야 합니다.
# - 경고는 무언가를 알리는 말입니다. 무슨 말인지 알아본 다음에 없애세요.
# - 배치로 처리하면 똑같은 답을 훨씬 빨리 얻습니다.

# %% [markdown] lang="en"
# ## Exercises
#
# **1.** In `predict`, leave out the softmax at the end. Does the accuracy change?
#
# <details><summary>Answer</summary>
#
# No. Softmax keeps the order of the scores, so the largest stays the largest. It is needed for
# probabilities, and for learning.
#
# ```python
# scores = np.log(predict(network, x_test) + 1e-30)
# print(np.mean(scores.argmax(axis=1) == t_test))
# ```
#
# </details>
#
# **2.** Among the 16 possible gates with two inputs, how many can a single perceptron compute? Count
# them with the random perceptrons from above.
#
# <details><summary>Answer</summary>
#
# 14: all except XOR and its opposite.
#
# ```python
# print(len({tuple(answer) for answer in answers.tolist()}))
# ```
#
# </details>
#
# **3.** Replace both sigmoids in `predict` by the step function (without training anew). What is left
# of the accuracy?
#
# <details><summary>Answer</summary>
#
# A part of it: many hidden units are near 0 or 1 anyway. For answering, a step would nearly do. For
# learning it would not.
#
# ```python
# print(np.mean(predict(network, x_test, mb.step).argmax(axis=1) == t_test))
# ```
#
# </details>

# %% [markdown] lang="ko"
# ## 연습 문제
#
# **1.** `predict`에서 마지막 소프트맥스를 빼 보세요. 정확도가 달라질까요?
#
# <details><summary>풀이</summary>
#
# 달라지지 않습니다. 소프트맥스는 점수의 순서를 바꾸지 않으므로 가장 큰 것은 그대로 가장 큽니다.
# 소프트맥스가 필요한 것은 확률이 필요할 때, 그리고 학습할 때입니다.
#
# ```python
# scores = np.log(predict(network, x_test) + 1e-30)
# print(np.mean(scores.argmax(axis=1) == t_test))
# ```
#
# </details>
#
# **2.** 입력이 두 개인 게이트는 모두 16가지입니다. 퍼셉트론 하나로 계산할 수 있는 것은 몇 가지일까요?
# 위에서 만든 무작위 퍼셉트론으로 세어 보세요.
#
# <details><summary>풀이</summary>
#
# 14가지입니다. XOR과 그 반대만 빼고 모두 됩니다.
#
# ```python
# print(len({tuple(answer) for answer in answers.tolist()}))
# ```
#
# </details>
#
# **3.** `predict`의 시그모이드 두 개를 계단 함수로 바꿔 보세요(다시 학습시키지는 않습니다). 정확도가
# 얼마나 남을까요?
#
# <details><summary>풀이</summary>
#
# 꽤 남습니다. 은닉 유닛의 값이 0이나 1에 가까운 경우가 많기 때문입니다. 답하기만 한다면 계단 함수로도
# 웬만큼 됩니다. 배우는 데는 안 됩니다.
#
# ```python
# print(np.mean(predict(network, x_test, mb.step).argmax(axis=1) == t_test))
# ```
#
# </details>
