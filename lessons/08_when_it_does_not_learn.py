# %% [markdown] lang="en"
# # 8. When it does not learn
#
# One of our study notes ends like this. The code looks just like the book, the training was started,
# and this is all that ever appeared:
#
# ```text
# train acc, test acc | 0.09863333333333334, 0.0958
# RuntimeWarning: overflow encountered in exp
#   return 1 / (1 + np.exp(-x))
# ```
#
# The author gave up. There is nothing wrong with giving up, but something with giving up *without
# knowing why*. A net that does not learn leaves traces. In this lesson we learn to read them, on the
# failures of our own notes.

# %% [markdown] lang="ko"
# # 8. 학습이 안 될 때
#
# 우리 노트 가운데 하나는 이렇게 끝납니다. 코드는 책과 똑같아 보이고, 학습을 시작했고, 화면에 나온
# 것은 이것이 전부였습니다.
#
# ```text
# train acc, test acc | 0.09863333333333334, 0.0958
# RuntimeWarning: overflow encountered in exp
#   return 1 / (1 + np.exp(-x))
# ```
#
# 결국 포기했습니다. 포기한 것이 잘못은 아닙니다. *까닭을 모른 채* 포기한 것이 아까울 뿐입니다. 배우지
# 못하는 신경망은 흔적을 남깁니다. 이 수업에서는 우리 노트의 실패를 놓고 그 흔적 읽는 법을 배웁니다.

# %% tags=["words"]
WORDS = {
    "update": "갱신 횟수",
    "loss": "손실",
    "as in the notes": "노트대로",
    "mended": "고친 뒤",
    "mean of W1": "W1의 평균",
    "guessing, log 10": "찍기, log 10",
    "answers of the net:": "신경망의 답:",
    "before the first update": "첫 갱신 전",
    "after one update": "한 번 갱신한 뒤",
}

# %% [markdown] lang="en" tags=["question"]
# ## What do two numbers tell?
#
# MNIST has ten digits, so whoever guesses is right in about a tenth of all cases. 0.0986 and 0.0958
# look like guessing. But look closely: they are printed with all their digits, and there are 60,000
# training images and 10,000 test images. **How many images did the net get right? What might be
# special about these two counts?**
#
# And your suspicion: what is wrong? Choose one, or write your own:
#
# - the overflow in `exp`,
# - a wrong gradient,
# - a wrong learning rate,
# - a wrong update,
# - too little training.

# %% [markdown] lang="ko" tags=["question"]
# ## 수 두 개가 말해 주는 것
#
# MNIST의 숫자는 열 가지이니 아무렇게나 찍어도 열에 하나는 맞습니다. 0.0986과 0.0958은 찍은 것처럼
# 보입니다. 하지만 자세히 보세요. 소수점 아래가 끝까지 나와 있고, 훈련 이미지는 60,000장, 시험
# 이미지는 10,000장입니다. **신경망은 몇 장을 맞혔을까요? 그 두 수에는 어떤 특별한 점이 있을까요?**
#
# 무엇이 문제인지도 짐작해 보세요. 하나를 고르거나 직접 적어도 됩니다.
#
# - `exp`의 오버플로
# - 틀린 기울기
# - 잘못 고른 학습률
# - 잘못된 갱신
# - 부족한 학습

# %%
import matplotlib.pyplot as plt
import numpy as np

import mitbadak as mb

my_suspicion = "?"
(x_train, t_train), (x_test, t_test) = mb.load_mnist()

# %%
right = round(0.09863333333333334 * 60000), round(0.0958 * 10000)
print(right)
print(np.bincount(t_train))
print(np.bincount(t_test))
assert right == (np.sum(t_train == 6), np.sum(t_test == 6))

# %% [markdown] lang="en"
# 5918 and 958 are exactly the number of sixes. The net did not guess: it gave the **same answer, 6,
# for every image**. An accuracy that equals the share of one class is the first trace to know. It
# says that the inputs have no influence any more.
#
# ## The loop
#
# Here is the loop of the notes, with backpropagation instead of the slow numerical gradient, and 100
# updates. The update itself stands in a function of its own, so that we can exchange it later, and
# what belongs to the `doctor` you may pass over until we ask it. Read the rest line by line before you
# run it. Do you see the mistake? It is a single character.

# %% [markdown] lang="ko"
# 5918과 958은 바로 숫자 6의 개수입니다. 찍은 것이 아니라 **모든 이미지에 똑같이 6이라고** 답한
# 것입니다. 정확도가 어느 한 클래스의 비율과 똑같다는 것, 이것이 알아 두어야 할 첫 번째 흔적입니다.
# 입력이 아무런 영향을 주지 못한다는 뜻이니까요.
#
# ## 문제의 반복문
#
# 노트의 반복문입니다. 느린 수치 미분만 역전파로 바꾸고 100번 갱신합니다. 갱신하는 부분은 나중에 바꿔
# 끼울 수 있도록 따로 함수로 만들었고, `doctor`가 나오는 곳은 뒤에서 다루니 지금은 건너뛰어도 됩니다.
# 나머지는 실행하기 전에 한 줄씩 읽어 보세요. 틀린 곳이 보이나요? 글자 하나입니다.


# %% tags=["wrong"]
def train(update, steps=100, batch_size=100, gradient=mb.TwoLayerNet.gradient):
    net, doctor = mb.TwoLayerNet(784, 50, 10, rng=0), mb.Doctor()
    rng = np.random.default_rng(0)
    losses, means = [], []
    for _ in range(steps):
        batch_mask = rng.choice(len(x_train), batch_size)
        x, t = x_train[batch_mask], t_train[batch_mask]
        grad = gradient(net, x, t)
        for key in ("W1", "b1", "W2", "b2"):
            update(net.params, key, grad)
        losses.append(net.loss(x, t))
        means.append(net.params["W1"].mean())
        # what the doctor may look at | 닥터에게 보여 주는 것들
        doctor.observe(
            params=net.params, grads=grad, loss=losses[-1], batch=(x, t),
            outputs=net.predict(x), loss_of=lambda x=x, t=t: net.loss(x, t), net=net,
        )  # fmt: skip
    return net, losses, means, doctor


def update_of_the_notes(params, key, grad):
    params[key] -= 0.1 + grad[key]


net, losses, means, doctor = train(update_of_the_notes)
print(say("answers of the net:"), np.bincount(net.classify(x_test), minlength=10))
print(net.accuracy(x_train, t_train), net.accuracy(x_test, t_test))
assert len(set(net.classify(x_test))) == 1

# %% [markdown] lang="en"
# Again one answer for everything. (Which digit it is depends on the initial weights; in the notes it
# was the 6.)
#
# `lr + grad`, where it should be `lr * grad`. Now every entry of every matrix falls by about 0.1 in
# each update, whatever the gradient says. Let us watch that, next to the mended loop (with a learning
# rate of 0.5, to see something in 100 updates).

# %% [markdown] lang="ko"
# 이번에도 무엇을 보여 주든 답은 하나입니다. (어떤 숫자가 될지는 초깃값에 달려 있습니다. 노트에서는
# 6이었습니다.)
#
# `lr * grad`여야 할 곳이 `lr + grad`로 되어 있습니다. 그래서 기울기가 무엇이든, 모든 행렬의 모든
# 원소가 갱신할 때마다 0.1쯤 작아집니다. 고친 반복문과 나란히 놓고 살펴봅시다. (100번만 갱신해도
# 변화가 보이도록 학습률은 0.5로 합니다.)


# %%
def mended_update(params, key, grad):
    params[key] -= 0.5 * grad[key]


good_net, good_losses, good_means, good_doctor = train(mended_update)
print(good_net.accuracy(x_test, t_test))

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
left.plot(losses, color="tab:red", label=say("as in the notes"))
left.plot(good_losses, color="tab:blue", label=say("mended"))
left.axhline(np.log(10), color="gray", linestyle="--", label=say("guessing, log 10"))
left.set(xlabel=say("update"), ylabel=say("loss"), ylim=(1, 2.5))
left.legend(loc="lower left")
right.plot(means, color="tab:red", label=say("as in the notes"))
right.plot(good_means, color="tab:blue", label=say("mended"))
right.set(xlabel=say("update"), ylabel=say("mean of W1"))
right.legend()
plt.show()
assert means[-1] < -9
assert good_losses[-1] < 1.8

# %% [markdown] lang="en" tags=["question"]
# On the right you see the whole story: `W1` slides down a ramp, 0.1 per update. After a few updates
# the sums in the hidden layer are so negative that every sigmoid is 0, and this is where `exp`
# overflows. **The warning was a symptom, not the cause.** The output then depends on `b2` alone, and
# `b2` is the same for every image.
#
# On the left you see why this is hard to find: the loss stays near 2.3 and looks like a net that
# "needs more time".
#
# Lesson 4 had a judge for gradients. Would `mb.check_gradients` have found this mistake? Decide
# before you run it.

# %% [markdown] lang="ko" tags=["question"]
# 오른쪽 그림에 모든 것이 담겨 있습니다. `W1`이 갱신할 때마다 0.1씩 비탈을 미끄러져 내려갑니다. 몇 번
# 갱신하고 나면 은닉층의 합이 너무 작아져서 시그모이드가 모두 0이 되고, 바로 그때 `exp`에서 오버플로가
# 납니다. **경고는 증상이었지 원인이 아니었습니다.** 그러고 나면 출력은 `b2`에만 달려 있고, `b2`는
# 어느 이미지에나 똑같습니다.
#
# 왼쪽 그림은 이 실수를 찾기 어려운 까닭을 보여 줍니다. 손실이 2.3 근처에 머물러 있어서 "시간이 더
# 필요한" 신경망처럼 보입니다.
#
# 4장에서 기울기를 심판하는 법을 배웠습니다. `mb.check_gradients`라면 이 실수를 찾아냈을까요? 실행하기
# 전에 답을 정하세요.

# %%
report = mb.check_gradients(mb.TwoLayerNet(784, 50, 10, rng=0), x_train[:10], t_train[:10])
print(report.ok)
assert report.ok

# %% [markdown] lang="en"
# No: the gradient is right. What is done *with* it is wrong, and that no gradient check can see.
#
# ## Asking the doctor
#
# The line `doctor.observe(...)` in our loop has been watching all the time. It saw the parameters
# before and after each update, the gradients and the losses. Its report lists what it found, why it
# thinks so, and what to do:

# %% [markdown] lang="ko"
# 아닙니다. 기울기는 맞습니다. 기울기를 *가지고 한 일*이 틀렸고, 그것은 기울기 검사로는 볼 수
# 없습니다.
#
# ## 닥터에게 물어보기
#
# 우리 반복문의 `doctor.observe(...)`는 처음부터 지켜보고 있었습니다. 갱신 전과 후의 매개변수, 기울기,
# 손실을 보았습니다. 닥터의 보고서에는 무엇을 보았는지, 왜 그렇게 생각하는지, 무엇을 하면 되는지가
# 적혀 있습니다.

# %% tags=["report"]
print(doctor.report().text(say("en")))
found = [finding.code for finding in doctor.report().findings]
assert found == ["wrong-update-rule", "one-class-answered"]

# %% tags=["report"]
print(good_doctor.report().text(say("en")))

# %% [markdown] lang="en"
# How can it know? For each update it compares *what changed* with *what the gradient says*. If every
# one of 39,760 entries changed by exactly `-(0.1 + grad)`, no other explanation is left. It even
# tried the cure, on a copy of the net: see the last line of the first finding. The second finding is
# a consequence of the first, which is why it is only 30% sure of it. (The one class that it names need
# not be the one that we saw above: `b2` changes in every update, and the one answer with it.)
#
# And of the mended loop it says nothing, which is as important: a doctor who always finds something
# is of no use.
#
# ## The second failure: labels
#
# Another note calls `load_mnist(one_hot_label=False)`, so `t` holds the digits themselves, and
# computes `dy = (y - t) / batch_num`. With a batch of 100 this stops with an error about shapes. The
# author might have tried a batch of 10 instead. What happens then, when `y` is (10, 10) and `t` is
# (10,)?

# %% [markdown] lang="ko"
# 어떻게 알까요? 갱신할 때마다 *실제로 바뀐 양*을 *기울기가 말하는 양*과 견줍니다. 39,760개의 원소가
# 하나도 빠짐없이 `-(0.1 + grad)`만큼 바뀌었다면 다른 설명은 남지 않습니다. 복사본에 처방을 직접 써
# 보기까지 했습니다. 첫 진단의 마지막 줄을 보세요. 두 번째 진단은 첫 번째 문제의 결과라서 확신이
# 30%뿐입니다. (거기 나오는 클래스가 앞에서 본 것과 다를 수 있습니다. 갱신할 때마다 `b2`가 바뀌고, 그에
# 따라 하나뿐인 답도 바뀌기 때문입니다.)
#
# 그리고 고친 반복문에 대해서는 아무 말도 하지 않습니다. 이것도 그만큼 중요합니다. 늘 무언가를
# 찾아내는 의사는 쓸모가 없으니까요.
#
# ## 두 번째 실패: 레이블
#
# 다른 노트에서는 `load_mnist(one_hot_label=False)`로 데이터를 읽습니다. 그러면 `t`에는 숫자 자체가
# 들어 있습니다. 그런데 기울기는 `dy = (y - t) / batch_num`으로 구합니다. 미니배치가 100장이면 형상이
# 맞지 않아 오류로 멈춥니다. 그래서 10장으로 줄여 보았다면 어떻게 되었을까요? 그러면 `y`는 (10, 10)이고
# `t`는 (10,)입니다.


# %% tags=["wrong"]
def gradient_of_the_notes(net, x, t):
    W2, z1 = net.params["W2"], mb.sigmoid(x @ net.params["W1"] + net.params["b1"])
    y = mb.softmax(z1 @ W2 + net.params["b2"])
    dy = (y - t) / len(x)
    da1 = (dy @ W2.T) * z1 * (1 - z1)
    return {"W1": x.T @ da1, "b1": da1.sum(axis=0), "W2": z1.T @ dy, "b2": dy.sum(axis=0)}


net = mb.TwoLayerNet(784, 50, 10, rng=0)
try:
    gradient_of_the_notes(net, x_train[:100], t_train[:100])
except ValueError as error:
    print(error)

x, t = x_train[:10], t_train[:10]
wrong, right = gradient_of_the_notes(net, x, t), net.gradient(x, t)
print(wrong["b2"].round(2), right["b2"].round(2), sep="\n")
assert wrong["b2"].shape == right["b2"].shape
assert not np.allclose(wrong["b2"], right["b2"])


def plain_update(params, key, grad):
    params[key] -= 0.1 * grad[key]


net, losses, _, doctor = train(plain_update, batch_size=10, gradient=gradient_of_the_notes)
print(losses[0], losses[-1], net.accuracy(x_test, t_test))
assert losses[-1] > 100
print(doctor.report().findings[0].sentence(say("en")))
assert doctor.report().findings[0].code == "silent-broadcast"

# %% [markdown] lang="en"
# No error! NumPy stretches the ten labels over all rows, so the label of image 3 is subtracted from
# the *score of class 3* in every image. All shapes are right, and every number is wrong. This only
# happens when the batch is as large as the number of classes, which is just the size one chooses for
# a quick try.
#
# The loss climbs above 100. A loss far above $\log 10 \approx 2.30$ (the natural logarithm, as in
# `np.log`) is a trace as well: guessing costs 2.30, so a net that is much worse is being pushed in a wrong direction.
#
# ## The third: reports that never come
#
# "Print the accuracy once per epoch", says the note, with
# `iter_per_epoch = max(train_size / batch_size, 1)` and `if i % iter_per_epoch == 0`. With a batch of
# 100 that works. With a batch of 128, at which of 10,000 updates is something printed?

# %% [markdown] lang="ko"
# 오류가 나지 않습니다! NumPy가 레이블 열 개를 모든 행에 똑같이 펼치기 때문에, 이미지 3의 레이블이
# 모든 이미지의 *클래스 3 점수*에서 빠집니다. 형상은 다 맞는데 값은 다 틀렸습니다. 미니배치의 크기가
# 클래스의 수와 같을 때만 일어나는 일인데, 잠깐 시험해 볼 때 고르기 쉬운 크기가 하필 그 크기입니다.
#
# 손실이 100을 넘어섭니다. 손실이 $\log 10 \approx 2.30$(`np.log`와 같은 자연로그입니다)보다 훨씬
# 크다는 것도 흔적입니다. 찍기만 해도 2.30이니, 그보다 훨씬 나쁘다면 잘못된 방향으로 떠밀리고 있는 것입니다.
#
# ## 세 번째 실패: 나오지 않는 보고
#
# 노트에서는 에폭마다 정확도를 출력하려고 `iter_per_epoch = max(train_size / batch_size, 1)`로 두고
# `if i % iter_per_epoch == 0`으로 검사합니다. 미니배치가 100이면 잘 됩니다. 128이라면 10,000번의 갱신
# 가운데 언제 출력될까요?

# %% tags=["wrong"]
iter_per_epoch = max(60000 / 128, 1)
print(iter_per_epoch, [i for i in range(10000) if i % iter_per_epoch == 0])
assert [i for i in range(10000) if i % iter_per_epoch == 0] == [0, 1875, 3750, 5625, 7500, 9375]

net = mb.TwoLayerNet(784, 50, 10, rng=3)
print(say("before the first update"), net.accuracy(x_train, t_train))
grad = net.gradient(x_train[:100], t_train[:100])
for key in grad:
    net.params[key] -= 0.1 * grad[key]
print(say("after one update"), net.accuracy(x_train, t_train))

# %% [markdown] lang="en"
# An epoch has 468.75 updates, and only every fourth multiple of that is whole. Three of four reports
# are missing, and nothing says so. `//` instead of `/` mends it.
#
# There is another small untruth in that loop: it reports *after* the update of step 0. The first row,
# "epoch 0", is not the untrained net, but a net after one update, as the second half of the cell
# shows. Mitbadak's `fit` measures row 0 before.
#
# ## Reading code without running it
#
# These mistakes can be seen in the text of a program. Mitbadak has a reader for scripts and notebooks
# that follows the values without running anything. On the command line it is
# `mitbadak diagnose notes.py`. Here we hand it the loop of the notes.

# %% [markdown] lang="ko"
# 한 에폭은 468.75번이고, 그 배수가 정수가 되는 것은 네 번에 한 번뿐입니다. 보고 넷 가운데 셋이
# 사라지는데 아무도 말해 주지 않습니다. `/` 대신 `//`를 쓰면 됩니다.
#
# 이 반복문에는 사실과 다른 점이 하나 더 있습니다. 0번째 단계의 갱신이 끝난 *뒤에* 보고한다는
# 점입니다. 그러니 첫 줄의 "에폭 0"은 학습 전이 아니라, 셀의 뒷부분에서 보았듯이 이미 한 번 갱신한
# 신경망입니다. 밑바닥의 `fit`은 0번째 행을 갱신하기 전에 잽니다.
#
# ## 실행하지 않고 코드 읽기
#
# 이런 실수는 프로그램의 글만 보아도 알 수 있습니다. 밑바닥에는 스크립트와 노트북을 실행하지 않고 값을
# 따라가며 읽는 도구가 있습니다. 명령줄에서는 `mitbadak diagnose notes.py`입니다. 여기서는 노트의
# 반복문을 넘겨 봅시다.

# %% tags=["report"]
from pathlib import Path

from mitbadak.doctor.code.reading import read_code

Path("notes.py").write_text("""
import numpy as np
from dataset.mnist import load_mnist
from two_layer_net import TwoLayerNet

(x_train, t_train), (x_test, t_test) = load_mnist(normalize=True, one_hot_label=True)
network = TwoLayerNet(input_size=784, hidden_size=50, output_size=10)
train_size, batch_size, learning_rate = x_train.shape[0], 128, 0.1
iter_per_epoch = max(train_size / batch_size, 1)
for i in range(10000):
    batch_mask = np.random.choice(train_size, batch_size)
    grad = network.gradient(x_train[batch_mask], t_train[batch_mask])
    for key in ("W1", "b1", "W2", "b2"):
        network.params[key] -= learning_rate + grad[key]
    if i % iter_per_epoch == 0:
        print(network.accuracy(x_train, t_train))
""")
found = read_code("notes.py")
for finding in found:
    print(finding.sentence(say("en")))
    print("   ->", finding.evidence["instead"], end="\n\n")
assert {"lr-plus-gradient", "float-epoch-modulo"} <= {finding.code for finding in found}

# %% [markdown] lang="en"
# ## Looking before training
#
# The best time to find a mistake is before the training. `mb.checkup` looks at net, data and settings
# as a pilot goes through a list: is the first loss that of guessing? Can the net learn a few examples
# by heart? Does it look at the inputs at all? Is the gradient right? Which learning rates work?
# Everything is tried on copies.
#
# We ask about a training with two mistakes: initial weights of 0, and a learning rate of 30. (With
# weights of 0 the gradient of the first layer is exactly 0, so there is nothing to compare: that is
# why the gradient passes although only half of the parameters are counted as right.)

# %% [markdown] lang="ko"
# ## 학습하기 전에 점검하기
#
# 실수를 찾기에 가장 좋은 때는 학습하기 전입니다. `mb.checkup`은 조종사가 이륙 전에 점검표를 훑듯이
# 신경망, 데이터, 설정을 살펴봅니다. 처음 손실이 찍을 때의 손실과 같은가? 데이터 몇 개쯤은 외울 수
# 있는가? 입력을 보기는 하는가? 기울기는 맞는가? 어떤 학습률이 통하는가? 모두 복사본으로 시험합니다.
#
# 실수가 두 가지 있는 학습을 점검해 봅시다. 가중치의 초깃값이 모두 0이고, 학습률이 30입니다. (가중치가
# 0이면 첫째 층의 기울기는 정확히 0이어서 견줄 것이 없습니다. 그래서 매개변수의 절반만 맞다고 나와도
# 기울기 항목은 통과입니다.)

# %% tags=["timing"]
net = mb.TwoLayerNet(784, 50, 10, weight_init_std=0.0, rng=0)
checked = mb.checkup(net, (x_train, t_train), lr=30.0, epochs=3)
print(checked.text(say("en")))
assert {"symmetric-weights", "lr-too-large"} <= {f.code for f in checked.report.findings}

# %% [markdown] lang="en"
# ## What to take home
#
# When a net does not learn, look at these traces, in this order:
#
# - **The first loss.** It should be near $\log(\text{classes})$. Far above: initial weights, inputs
#   or labels.
# - **The answers.** Always the same class? Then the inputs no longer matter.
# - **A few examples by heart.** If a net cannot learn 10 examples, it will not learn 60,000.
# - **The gradient**, with the judge of lesson 4.
# - **The update**: print what changed, and compare it with `-lr * grad`.
# - **The learning rate**: 10 times as large, 10 times as small.
# - **A warning is a symptom.** Do not silence it before you know what it is a symptom of.

# %% [markdown] lang="ko"
# ## 정리
#
# 신경망이 배우지 못하면 다음 흔적을 차례대로 살펴보세요.
#
# - **처음 손실.** $\log(\text{classes})$에 가까워야 합니다. 훨씬 크다면 초깃값, 입력, 레이블을
#   의심합니다.
# - **답.** 늘 같은 클래스인가요? 그렇다면 입력이 아무 역할도 못 하고 있습니다.
# - **몇 개 외우기.** 데이터 10개도 외우지 못하는 신경망은 60,000개도 배우지 못합니다.
# - **기울기.** 4장의 심판에게 맡깁니다.
# - **갱신.** 실제로 바뀐 양을 출력해서 `-lr * grad`와 견줍니다.
# - **학습률.** 10배로 키워 보고, 10분의 1로 줄여 봅니다.
# - **경고는 증상입니다.** 무엇의 증상인지 알기 전에는 입을 막지 마세요.

# %% [markdown] lang="en"
# ## Exercises
#
# Each of these updates is broken. Say what you expect to see in the loss, then run it and ask the
# doctor.
#
# **1.** `W = params[key].copy(); W -= 0.1 * grad[key]`
#
# <details><summary>Answer</summary>
#
# The copy is changed and thrown away; the net keeps its weights, and the loss only wavers from batch
# to batch.
#
# ```python
# def update_a_copy(params, key, grad):
#     W = params[key].copy()
#     W -= 0.1 * grad[key]
#
#
# print(train(update_a_copy)[3].report().findings[0].code)
# ```
#
# </details>
#
# **2.** `params[key] += 0.1 * grad[key]`
#
# <details><summary>Answer</summary>
#
# Uphill, as in lesson 1: the loss grows and grows.
#
# ```python
# def uphill(params, key, grad):
#     params[key] += 0.1 * grad[key]
#
#
# print(train(uphill)[3].report().findings[0].code)
# ```
#
# </details>
#
# **3.** `params[key] -= 1e-6 * grad[key]`
#
# <details><summary>Answer</summary>
#
# Everything is right, only far too slow. From the loss alone you cannot tell this from exercise 1.
# The doctor can, because it sees that the parameters do change, and that a step 100 times as long
# would still lead downhill.
#
# ```python
# def tiny(params, key, grad):
#     params[key] -= 1e-6 * grad[key]
#
#
# print(train(tiny)[3].report().findings[0].code)
# ```
#
# </details>

# %% [markdown] lang="ko"
# ## 연습 문제
#
# 다음 갱신은 모두 어딘가 잘못되었습니다. 손실이 어떻게 될지 먼저 말해 보고, 실행한 다음 닥터에게
# 물어보세요.
#
# **1.** `W = params[key].copy(); W -= 0.1 * grad[key]`
#
# <details><summary>풀이</summary>
#
# 복사본을 바꾸고는 그냥 버립니다. 신경망의 가중치는 그대로이고, 손실은 미니배치에 따라 오르내리기만
# 합니다.
#
# ```python
# def update_a_copy(params, key, grad):
#     W = params[key].copy()
#     W -= 0.1 * grad[key]
#
#
# print(train(update_a_copy)[3].report().findings[0].code)
# ```
#
# </details>
#
# **2.** `params[key] += 0.1 * grad[key]`
#
# <details><summary>풀이</summary>
#
# 1장에서 본 것처럼 오르막으로 갑니다. 손실이 커지기만 합니다.
#
# ```python
# def uphill(params, key, grad):
#     params[key] += 0.1 * grad[key]
#
#
# print(train(uphill)[3].report().findings[0].code)
# ```
#
# </details>
#
# **3.** `params[key] -= 1e-6 * grad[key]`
#
# <details><summary>풀이</summary>
#
# 모두 맞는데 너무 느릴 뿐입니다. 손실만 보아서는 1번 문제와 구별할 수 없습니다. 닥터는 매개변수가
# 바뀌기는 한다는 것, 그리고 100배로 내디뎌도 여전히 내리막이라는 것을 보고 구별합니다.
#
# ```python
# def tiny(params, key, grad):
#     params[key] -= 1e-6 * grad[key]
#
#
# print(train(tiny)[3].report().findings[0].code)
# ```
#
# </details>
