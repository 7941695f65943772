# %% [markdown] lang="en"
# # 5. Training on MNIST, overfitting, early stopping
#
# All parts are there: a net (lesson 2), a loss (lesson 3), a gradient (lesson 4) and descent (lesson 1).
# Now we put them together, train on 60,000 handwritten digits, and then look at what can go wrong
# with a net that learns *too* well.

# %% [markdown] lang="ko"
# # 5. MNIST 학습, 오버피팅, 조기 종료
#
# 재료는 다 모였습니다. 신경망(2장), 손실(3장), 기울기(4장), 경사 하강법(1장). 이제 이것을 한데 모아
# 손글씨 숫자 60,000장으로 학습시키고, *너무* 잘 배운 신경망에 어떤 문제가 생기는지 살펴봅니다.

# %% tags=["words"]
WORDS = {
    "update": "갱신 횟수",
    "loss of the mini-batch": "미니배치의 손실",
    "mean over 50": "50번의 평균",
    "784-50-10, sigmoid, SGD(0.1)": "784-50-10, 시그모이드, SGD(0.1)",
    "epoch": "에폭",
    "loss": "손실",
    "accuracy": "정확도",
    "training set": "훈련 데이터",
    "test set": "시험 데이터",
    "least loss": "손실이 가장 작은 곳",
    "training images": "훈련 이미지 수",
    "Stopped:": "멈춘 까닭:",
    "weights of epoch": "되돌린 가중치의 에폭",
}

# %% [markdown] lang="en" tags=["question"]
# ## Two guesses
#
# An update uses a *mini-batch* of 100 images, so 600 updates make 60,000 images. The notes call this
# an *epoch*, "when all training data have been used up". They draw each mini-batch by
# `np.random.choice(60000, 100)`.
#
# **What share of the 60,000 images has the net really seen after 600 updates?**
#
# And: after 17 epochs, of how many test images in a hundred will the net be right?

# %% [markdown] lang="ko" tags=["question"]
# ## 두 가지 예상
#
# 한 번 갱신할 때 이미지 100장짜리 *미니배치*를 쓰니, 600번 갱신하면 60,000장입니다. 노트에서는 이것을 *에폭*이라
# 하고 "훈련 데이터를 모두 소진했을 때의 횟수"라고 설명합니다. 그리고 미니배치는
# `np.random.choice(60000, 100)`으로 뽑습니다.
#
# **600번 갱신하고 나면 60,000장 가운데 실제로 본 이미지는 얼마나 될까요?**
#
# 하나 더, 17에폭이 지나면 시험 이미지 백 장 가운데 몇 장을 맞힐까요?

# %%
import matplotlib.pyplot as plt
import numpy as np

import mitbadak as mb

my_guess = {"share seen": "?", "right of 100": "?"}
(x_train, t_train), (x_test, t_test) = mb.load_mnist()

# %% [markdown] lang="en"
# ## The loop
#
# Four lines, repeated: draw a mini-batch, compute the gradient, update, and note the loss. Because
# the batches are drawn at random, this is called *stochastic* gradient descent, SGD.

# %% [markdown] lang="ko"
# ## 학습 반복문
#
# 네 가지를 되풀이합니다. 미니배치를 뽑고, 기울기를 구하고, 갱신하고, 손실을 기록합니다. 미니배치를
# 무작위로 뽑기 때문에 *확률적* 경사 하강법, 줄여서 SGD라고 합니다.

# %%
net = mb.TwoLayerNet(784, 50, 10, rng=0)
rng = np.random.default_rng(0)
losses, seen = [], set()
for _ in range(600):
    batch_mask = rng.choice(len(x_train), 100)
    x, t = x_train[batch_mask], t_train[batch_mask]
    grad = net.gradient(x, t)
    for key in ("W1", "b1", "W2", "b2"):
        net.params[key] -= 0.1 * grad[key]
    losses.append(net.loss(x, t))
    seen.update(batch_mask.tolist())

figure, ax = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
ax.plot(losses, alpha=0.4, label=say("loss of the mini-batch"))
smooth = np.convolve(losses, np.ones(50) / 50, mode="valid")
ax.plot(np.arange(25, 576), smooth, label=say("mean over 50"))
ax.set(xlabel=say("update"), ylabel=say("loss"), ylim=(0, None))
ax.legend()
plt.show()
print(net.accuracy(x_test, t_test))

# %% [markdown] lang="en"
# The loss starts at 2.303, the price of guessing. For a while nothing seems to happen, then it falls.
# The thin line is jagged because every mini-batch is another sample: some are easier than others.
# Judge by the thick line.
#
# And the share of images that it has seen?

# %% [markdown] lang="ko"
# 손실은 찍을 때의 값인 2.303에서 출발합니다. 한동안 아무 일도 없는 듯하다가 내려가기 시작합니다. 가는
# 선이 들쭉날쭉한 것은 미니배치마다 뽑힌 이미지가 다르기 때문입니다. 쉬운 것도 있고 어려운 것도
# 있습니다. 굵은 선을 보고 판단하세요.
#
# 그렇다면 실제로 본 이미지는 얼마나 될까요?

# %% tags=["wrong"]
print(len(seen) / len(x_train))
assert 0.62 < len(seen) / len(x_train) < 0.64
print(1 - (1 - 1 / 60000) ** 60000, 1 - 1 / np.e)

# %% [markdown] lang="en"
# 63%. `choice` puts every image back after drawing it, so some come up several times and more than a
# third never. "All training data used up" is not true of the notes' loop. The share is $1 - 1/e$, for
# any large data set.
#
# Mitbadak's `fit` shuffles the set instead and deals it out like a deck of cards: each image exactly
# once per epoch. (`sampling="replacement"` does as the notes do.) Over many epochs the difference is
# small, but one should know what the word means.
#
# ## 17 epochs
#
# The notes printed 17 rows, from 0.13 to 0.9447 on the test set. Let us see what we get.

# %% [markdown] lang="ko"
# 63%입니다. `choice`는 뽑은 이미지를 도로 넣고 다시 뽑으므로, 어떤 이미지는 여러 번 나오고 3분의 1이
# 넘는 이미지는 한 번도 나오지 않습니다. 그러니 노트의 반복문에서는 "훈련 데이터를 모두 소진했다"라는
# 말이 맞지 않습니다. 이 비율은 데이터가 많기만 하면 언제나 $1 - 1/e$입니다.
#
# 밑바닥의 `fit`은 카드를 섞어 나눠 주듯이 데이터를 섞어서, 한 에폭에 이미지마다 꼭 한 번씩 씁니다.
# (`sampling="replacement"`라고 하면 노트처럼 뽑습니다.) 에폭을 거듭하면 차이는 작아지지만, 말의 뜻은
# 알고 써야겠지요.
#
# ## 17에폭
#
# 노트에는 17줄이 출력되어 있습니다. 시험 데이터의 정확도가 0.13에서 0.9447까지 올라갑니다. 우리도 해
# 봅시다.

# %%
net = mb.TwoLayerNet(784, 50, 10, rng=0)
history = mb.fit(
    net, x_train, t_train, test=(x_test, t_test), lr=0.1, epochs=17, rng=0, callbacks=[]
)
for row in (0, 1, 2, 5, 10, 17):
    print(row, history["train_accuracy"][row], history["test_accuracy"][row])
assert 0.94 < history["test_accuracy"][-1] < 0.955

# %%
history.plot(say("784-50-10, sigmoid, SGD(0.1)"), lang=say("en"))

# %% [markdown] lang="en"
# About 95 of a hundred. The two accuracies stay close together: what the net learned from the
# training images holds for images that it never saw. It *generalizes*.
#
# Which images does it get wrong, and with what confidence?

# %% [markdown] lang="ko"
# 백 장 가운데 95장쯤 맞힙니다. 두 정확도가 나란히 갑니다. 훈련 이미지에서 배운 것이 한 번도 본 적
# 없는 이미지에도 통한다는 뜻입니다. 이것을 *일반화*라고 합니다.
#
# 어떤 이미지를 틀릴까요? 얼마나 확신하면서 틀릴까요?

# %%
probabilities = net.predict(x_test)
answers = probabilities.argmax(axis=1)
wrong = np.flatnonzero(answers != t_test)
surest = wrong[np.argsort(-probabilities[wrong].max(axis=1))][:16]

figure, axes = plt.subplots(2, 8, figsize=(9, 2.9), layout="constrained")
for ax, k in zip(axes.flat, surest):
    ax.imshow(x_test[k].reshape(28, 28), cmap="gray_r")
    ax.set_title(f"{answers[k]} ({t_test[k]})")
    ax.axis("off")
plt.show()

# %% [markdown] lang="en" tags=["question"]
# These are the sixteen mistakes it was most sure of, with its answer and, in brackets, the label.
# Some we might have got wrong as well.
#
# ## Learning by heart
#
# Now we make it hard: only 1,000 training images, and a net that is large enough to learn them all by
# heart. The notes write about overfitting: *from some point on, the accuracy on the test data begins
# to fall.*
#
# Sketch what you expect over 60 epochs: the accuracy on the training set, that on the test set, and
# both losses.

# %% [markdown] lang="ko" tags=["question"]
# 신경망이 가장 확신하면서 틀린 열여섯 장입니다. 신경망의 답을 적고 괄호 안에 레이블을 적었습니다.
# 사람이라도 틀릴 만한 것이 있습니다.
#
# ## 통째로 외우기
#
# 이번에는 어렵게 만들어 봅시다. 훈련 이미지는 1,000장뿐이고, 신경망은 그것을 다 외울 만큼 큽니다.
# 노트에는 오버피팅을 이렇게 설명합니다. *어느 순간부터 시험 데이터에 대한 정확도가 떨어지기
# 시작한다.*
#
# 60에폭 동안 어떻게 될지 그려 보세요. 훈련 데이터의 정확도, 시험 데이터의 정확도, 그리고 두 손실이
# 각각 어떤 모양일까요?

# %% tags=["wrong"]
few = slice(0, 1000)
big = mb.MLP([784, 100, 10], activation="relu", rng=0)
by_heart = mb.fit(
    big, x_train[few], t_train[few], test=(x_test, t_test),
    optimizer="adam", lr=0.003, epochs=60, rng=0, callbacks=[],
)  # fmt: skip

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
for ax, measure in ((left, "loss"), (right, "accuracy")):
    ax.plot(by_heart["train_" + measure], label=say("training set"))
    ax.plot(by_heart["test_" + measure], label=say("test set"))
    ax.set(xlabel=say("epoch"))
least = int(np.argmin(by_heart["test_loss"]))
left.plot(least, by_heart["test_loss"][least], "k*", markersize=11, label=say("least loss"))
left.set(ylabel=say("loss"), ylim=(-0.03, 1))
right.set(ylabel=say("accuracy"), ylim=(0.6, 1.01))
left.legend()
right.legend(loc="lower right")
plt.show()

print(least, by_heart["test_loss"][least], by_heart["test_loss"][-1])
print(by_heart["test_accuracy"][least], by_heart["test_accuracy"][-1])
assert by_heart["test_loss"][-1] > by_heart["test_loss"][least] + 0.05
assert by_heart["test_accuracy"][-1] > by_heart["test_accuracy"][least] - 0.005

# %% [markdown] lang="en"
# The net knows its 1,000 images perfectly: accuracy 1, loss nearly 0. On new images it is right in
# about 88 of a hundred. This gap is **overfitting**.
#
# But the test *accuracy* does not fall. It just stops rising. What gets worse is the test *loss*: it
# has a minimum after a few epochs and then climbs. Where the net is wrong, it becomes ever surer of
# its wrong answers, and the accuracy cannot see that (lesson 3). In the longer run that the notes
# printed, it is the same: the training accuracy climbs to 0.993 while the test accuracy stays at 0.975.
# It does not fall.
#
# So look at the gap, and at the loss, and do not wait for the accuracy to fall.
#
# ## Early stopping
#
# If more training makes the loss worse, we stop before. But *which* loss do we watch? The notes watch
# the test set. Then the test set has helped to choose the weights, and its accuracy is no longer that
# of images nobody has seen. Mitbadak warns:

# %% [markdown] lang="ko"
# 이 신경망은 1,000장을 완벽하게 압니다. 정확도는 1이고 손실은 거의 0입니다. 새 이미지는 백 장 가운데
# 88장쯤 맞힙니다. 이 차이가 **오버피팅**입니다.
#
# 그런데 시험 *정확도*는 떨어지지 않습니다. 더 오르지 않을 뿐입니다. 나빠지는 것은 시험 *손실*입니다.
# 몇 에폭 만에 가장 작아졌다가 다시 올라갑니다. 틀린 답을 갈수록 더 확신하게 되는데, 정확도는 그것을
# 보지 못합니다(3장). 노트에 출력된 긴 학습에서도 마찬가지입니다. 훈련 정확도는 0.993까지 오르는데
# 시험 정확도는 0.975 근처에 머뭅니다. 떨어지지는 않습니다.
#
# 그러니 정확도가 떨어지기를 기다리지 말고, 둘 사이의 차이와 손실을 보세요.
#
# ## 조기 종료
#
# 더 학습할수록 손실이 나빠진다면 그 전에 멈추면 됩니다. 그런데 *어느* 손실을 지켜보아야 할까요?
# 노트에서는 시험 데이터를 봅니다. 그러면 가중치를 고르는 데 시험 데이터가 쓰인 셈이라, 그 정확도는 더
# 이상 '아무도 본 적 없는 이미지'의 정확도가 아닙니다. 밑바닥은 경고합니다.

# %% tags=["warns"]
watching_the_test = mb.EarlyStopping(patience=5, monitor="test_loss")

# %% [markdown] lang="en"
# The honest way is to set aside a part of the *training* set, the validation set, and watch that. The
# test set stays in its envelope until the end.

# %% [markdown] lang="ko"
# 정직한 방법은 *훈련* 데이터의 일부를 검증 데이터로 떼어 놓고 그것을 지켜보는 것입니다. 시험 데이터는
# 끝날 때까지 봉투에 넣어 둡니다.

# %%
small = mb.MLP([784, 100, 10], activation="relu", rng=0)
stopping = mb.EarlyStopping(patience=5, monitor="validation_loss")
stopped = mb.fit(
    small, x_train[few], t_train[few], validation=0.2,
    optimizer="adam", lr=0.003, epochs=60, rng=0, callbacks=[stopping],
)  # fmt: skip
print(say("Stopped:"), stopped.stopped)
print(say("weights of epoch"), stopped.kept)
print(small.loss(x_test, t_test), big.loss(x_test, t_test))
print(small.accuracy(x_test, t_test), big.accuracy(x_test, t_test))
assert small.loss(x_test, t_test) < big.loss(x_test, t_test)

# %% [markdown] lang="en" tags=["question"]
# It stopped on its own after a few epochs and took back the weights of the best one. Its loss is
# lower than that of the net that trained on to the end, although it had 200 images less to learn
# from. Its accuracy is lower, too: you get what you watch. If the accuracy is what you care for,
# watch `validation_accuracy`.
#
# ## The best remedy
#
# Early stopping treats the symptom. What about more data? We train the same net on 300, 1,000, 3,000,
# 10,000 and 30,000 images. What will happen to the gap between the two accuracies?

# %% [markdown] lang="ko" tags=["question"]
# 몇 에폭 만에 스스로 멈추고 가장 좋았던 가중치로 되돌렸습니다. 배운 이미지가 200장이나 적은데도,
# 끝까지 학습한 신경망보다 손실이 작습니다. 그런데 정확도도 더 낮습니다. 지켜본 것을 얻는 법이니까요.
# 정확도가 중요하다면 `validation_accuracy`를 지켜보면 됩니다.
#
# ## 가장 좋은 약
#
# 조기 종료는 증상을 다스릴 뿐입니다. 데이터를 늘리면 어떨까요? 같은 신경망을 이미지 300, 1,000,
# 3,000, 10,000, 30,000장으로 학습시켜 봅시다. 두 정확도의 차이는 어떻게 될까요?

# %%
sizes = [300, 1000, 3000, 10_000, 30_000]
results = []
for size in sizes:
    grown = mb.MLP([784, 100, 10], activation="relu", rng=0)
    mb.fit(
        grown, x_train[:size], t_train[:size],
        optimizer="adam", lr=0.003, epochs=max(10, 30_000 // size), rng=0, callbacks=[],
    )  # fmt: skip
    results.append((grown.accuracy(x_train[:size], t_train[:size]), grown.accuracy(x_test, t_test)))
    print(size, *results[-1])

figure, ax = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
for accuracies, name in zip(zip(*results), (say("training set"), say("test set"))):
    ax.semilogx(sizes, accuracies, "o-", label=name)
ax.set(xlabel=say("training images"), ylabel=say("accuracy"))
ax.legend(loc="lower right")
plt.show()
gaps = [train - test for train, test in results]
assert gaps[0] > 5 * gaps[-1]

# %% [markdown] lang="en"
# The two curves approach each other: with 30,000 images there is too much to learn by heart, and the
# net has to learn what they have in common.
#
# ## What to take home
#
# - Training is four lines: mini-batch, gradient, update, repeat.
# - Drawing with replacement shows 63% of the images in an "epoch"; shuffling shows them all.
# - Overfitting is the gap between training and test set. The test loss tells of it before the
#   accuracy does.
# - Watch a validation set for early stopping. The test set is opened once, at the end.

# %% [markdown] lang="ko"
# 두 곡선이 서로 다가갑니다. 이미지가 30,000장이면 다 외우기에는 너무 많아서, 이미지들에 공통된 것을
# 배울 수밖에 없습니다.
#
# ## 정리
#
# - 학습은 네 줄입니다. 미니배치, 기울기, 갱신, 반복.
# - 도로 넣고 뽑으면 한 '에폭'에 이미지의 63%만 봅니다. 섞어서 나눠 쓰면 모두 봅니다.
# - 오버피팅은 훈련 데이터와 시험 데이터의 차이입니다. 정확도보다 시험 손실이 먼저 알려 줍니다.
# - 조기 종료에는 검증 데이터를 씁니다. 시험 데이터는 맨 끝에 한 번만 열어 봅니다.

# %% [markdown] lang="en"
# ## Exercises
#
# **1.** How many different images has the notes' loop seen after 3 of its "epochs"? Estimate first.
#
# <details><summary>Answer</summary>
#
# $1 - 1/e^3 \approx 0.95$. After ten, hardly one is missing.
#
# ```python
# draws = np.random.default_rng(1).choice(60000, 3 * 60000)
# print(len(set(draws.tolist())) / 60000)
# ```
#
# </details>
#
# **2.** Train the net of the 17 epochs with `lr=1.0` for 3 epochs. Is it better or worse? Why did the
# notes choose 0.1?
#
# <details><summary>Answer</summary>
#
# After 3 epochs it is clearly better than with 0.1. The notes took the book's value; nobody had tried
# others. Try, and watch the loss: it falls in larger leaps, and with a rate that is too large it
# would not fall at all.
#
# ```python
# faster = mb.TwoLayerNet(784, 50, 10, rng=0)
# mb.fit(faster, x_train, t_train, lr=1.0, epochs=3, rng=0, callbacks=[])
# print(faster.accuracy(x_test, t_test))
# ```
#
# </details>
#
# **3.** A net that answers at random cannot overfit. Shuffle the labels of the 1,000 images and train
# `big` on them. What are the two accuracies?
#
# <details><summary>Answer</summary>
#
# On the training set up to 1, on the test set about 0.1: pure learning by heart. A high accuracy on
# the training set proves nothing.
#
# ```python
# shuffled = np.random.default_rng(0).permutation(t_train[few])
# parrot = mb.MLP([784, 100, 10], activation="relu", rng=0)
# mb.fit(parrot, x_train[few], shuffled, optimizer="adam", lr=0.003, epochs=60, rng=0, callbacks=[])
# print(parrot.accuracy(x_train[few], shuffled), parrot.accuracy(x_test, t_test))
# ```
#
# </details>

# %% [markdown] lang="ko"
# ## 연습 문제
#
# **1.** 노트의 반복문은 그 "에폭"을 3번 거치면 서로 다른 이미지를 얼마나 보게 될까요? 먼저 어림해
# 보세요.
#
# <details><summary>풀이</summary>
#
# $1 - 1/e^3 \approx 0.95$입니다. 열 번을 거치면 빠진 것이 거의 없습니다.
#
# ```python
# draws = np.random.default_rng(1).choice(60000, 3 * 60000)
# print(len(set(draws.tolist())) / 60000)
# ```
#
# </details>
#
# **2.** 17에폭 동안 학습한 신경망을 `lr=1.0`으로 3에폭만 학습시켜 보세요. 더 나을까요, 못할까요?
# 노트에서는 왜 0.1을 골랐을까요?
#
# <details><summary>풀이</summary>
#
# 3에폭 뒤에는 0.1일 때보다 뚜렷이 낫습니다. 노트에서는 책에 나온 값을 그대로 썼고, 다른 값은 시험해
# 보지 않았습니다. 직접 해 보면서 손실을 지켜보세요. 더 성큼성큼 내려갑니다. 학습률이 너무 크면 아예
# 내려가지 않습니다.
#
# ```python
# faster = mb.TwoLayerNet(784, 50, 10, rng=0)
# mb.fit(faster, x_train, t_train, lr=1.0, epochs=3, rng=0, callbacks=[])
# print(faster.accuracy(x_test, t_test))
# ```
#
# </details>
#
# **3.** 아무렇게나 답하는 신경망은 오버피팅하지 않습니다. 그러면 이미지 1,000장의 레이블을 뒤섞어
# 놓고 `big`과 같은 신경망을 학습시켜 보세요. 두 정확도는 얼마일까요?
#
# <details><summary>풀이</summary>
#
# 훈련 데이터에서는 1에 이르고, 시험 데이터에서는 0.1쯤입니다. 순전히 외운 것입니다. 훈련 데이터의
# 정확도가 높다는 것은 아무것도 증명하지 못합니다.
#
# ```python
# shuffled = np.random.default_rng(0).permutation(t_train[few])
# parrot = mb.MLP([784, 100, 10], activation="relu", rng=0)
# mb.fit(parrot, x_train[few], shuffled, optimizer="adam", lr=0.003, epochs=60, rng=0, callbacks=[])
# print(parrot.accuracy(x_train[few], shuffled), parrot.accuracy(x_test, t_test))
# ```
#
# </details>
