# %% [markdown] lang="en"
# # 4. The numerical gradient
#
# A net learns by descending on its loss, and for that it needs a gradient: one slope for every
# weight. In lesson 1 we measured slopes with nothing but the definition, by looking a little to the
# right and a little to the left. That works for *any* function, so it works for a net.
#
# It is also the slowest way there is. This lesson finds out how slow, how exact, and what it is good
# for all the same.

# %% [markdown] lang="ko"
# # 4. 수치 미분으로 구하는 기울기
#
# 신경망은 손실 위를 내려가며 배웁니다. 그러려면 기울기, 곧 가중치 하나하나에 대한 경사가 필요합니다.
# 1장에서는 정의만으로, 오른쪽과 왼쪽을 조금씩 살펴서 경사를 쟀습니다. 이 방법은 *어떤* 함수에나
# 통하니 신경망에도 통합니다.
#
# 그런데 세상에서 가장 느린 방법이기도 합니다. 이 수업에서는 얼마나 느린지, 얼마나 정확한지, 그런데도
# 어디에 쓸모가 있는지 알아봅니다.

# %% tags=["words"]
WORDS = {
    "step h": "h의 크기",
    "largest error": "가장 큰 오차",
    "two sides, float64": "양쪽 (float64)",
    "one side, float64": "한쪽만 (float64)",
    "two sides, float32": "양쪽 (float32)",
    "h of the notes": "노트의 h",
    "seconds for one gradient:": "기울기 한 번에 걸리는 시간(초):",
    "hours for 10,000 updates:": "10,000번 갱신하는 데 걸리는 시간(시간):",
    "seconds, looking only at what changes:": "달라지는 것만 계산하면(초):",
    "update": "갱신 횟수",
    "loss": "손실",
}

# %% [markdown] lang="en" tags=["question"]
# ## A guess first
#
# The net of the notes reads a digit of 28 by 28 pixels: 784 inputs, 50 hidden units, 10 outputs. It
# has $784 \cdot 50 + 50 + 50 \cdot 10 + 10$ = 39,760 parameters. Computing its loss for a batch of
# 100 images takes about a thousandth of a second.
#
# How long does **one** numerical gradient take? And the 10,000 updates that the notes wanted to make?
# Write down an order of magnitude: seconds, minutes, hours, days?

# %% [markdown] lang="ko" tags=["question"]
# ## 먼저 예상해 보세요
#
# 노트의 신경망은 28×28 픽셀 숫자를 읽습니다. 입력 784개, 은닉 유닛 50개, 출력 10개이므로 매개변수는
# $784 \cdot 50 + 50 + 50 \cdot 10 + 10$ = 39,760개입니다. 이미지 100장으로 된 미니배치의 손실을 한 번
# 계산하는 데는 천분의 일 초쯤 걸립니다.
#
# 수치 미분으로 기울기를 **한 번** 구하는 데는 얼마나 걸릴까요? 노트에서 하려던 10,000번의 갱신에는요?
# 몇 초, 몇 분, 몇 시간, 며칠 가운데 어느 정도일지 적어 보세요.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np

import mitbadak as mb

my_guess = {"one gradient": "?", "10,000 updates": "?"}

# %% [markdown] lang="en"
# ## The smallest net there is
#
# Before 39,760 parameters we take six. The book's `simpleNet` has two inputs, three outputs, and a
# matrix of weights in between. We use the book's weights, so that everybody sees the same numbers.

# %% [markdown] lang="ko"
# ## 가장 작은 신경망
#
# 39,760개를 다루기 전에 여섯 개부터 해 봅시다. 책의 `simpleNet`은 입력 두 개, 출력 세 개이고 그
# 사이에 가중치 행렬 하나가 있습니다. 누구나 같은 수를 보도록 책에 나온 가중치를 씁니다.


# %%
class SimpleNet:
    def __init__(self):
        self.W = np.array(
            [[0.47355232, 0.9977393, 0.84668094], [0.85557411, 0.03563661, 0.69422093]]
        )

    def predict(self, x):
        return x @ self.W

    def loss(self, x, t):
        return mb.softmax_cross_entropy(self.predict(x), t)


net = SimpleNet()
x, t = np.array([0.6, 0.9]), np.array([0, 0, 1])
print(net.predict(x), net.loss(x, t))

# %% [markdown] lang="en" tags=["question"]
# The right answer is class 2, and its score is the largest already. The loss is not 0, because the
# net is not sure.
#
# Now the gradient. The notes' function from lesson 1 has the loop `for idx in range(x.size)` and uses
# `x[idx]`. It was made for a list of numbers. What will it do with a matrix of two rows and three
# columns? And what if the loop is written `for idx in range(len(x))`, which is the same for a list?
# One of the two fails loudly. Which one is the dangerous one?

# %% [markdown] lang="ko" tags=["question"]
# 정답은 클래스 2이고, 이미 그 점수가 가장 큽니다. 그래도 손실이 0은 아닙니다. 확신이 부족하기
# 때문입니다.
#
# 이제 기울기를 구합시다. 1장에서 쓴 노트의 함수는 `for idx in range(x.size)`로 돌면서 `x[idx]`를
# 씁니다. 수가 한 줄로 늘어선 배열을 위한 코드입니다. 두 행 세 열짜리 행렬을 넣으면 어떻게 될까요?
# 한 줄짜리 배열에서는 똑같이 움직이는 `for idx in range(len(x))`로 바꿔 쓰면 어떨까요? 둘 가운데 하나는
# 시끄럽게 실패합니다. 위험한 쪽은 어느 쪽일까요?


# %% tags=["wrong"]
def gradient_of_a_list(f, x, rows):
    h = 1e-4
    grad = np.zeros_like(x)
    for idx in rows:
        tmp_val = x[idx].copy()
        x[idx] = tmp_val + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
    return grad


def f(W):
    return np.sum(W * [[1, 2, 3], [4, 5, 6]])


W = np.ones((2, 3))
try:
    gradient_of_a_list(f, W.copy(), range(W.size))
except IndexError as error:
    print(error)
print(gradient_of_a_list(f, W.copy(), range(len(W))))
assert np.allclose(gradient_of_a_list(f, W.copy(), range(len(W))), [[6] * 3, [15] * 3])

# %% [markdown] lang="en"
# The slope of this `f` for each weight is the number that stands beside it: 1, 2, 3 in the first row
# and 4, 5, 6 in the second. `range(x.size)` runs past the last row and stops with an error.
# `range(len(x))` moves a **whole row** at once and writes the sum of its slopes into every place. No
# error, a plausible shape, wrong numbers.
#
# A gradient has to move one number at a time, whatever the shape. `np.ndindex` counts through all of
# them:

# %% [markdown] lang="ko"
# 이 `f`에서 각 가중치의 경사는 곁에 곱해진 수입니다. 첫 행은 1, 2, 3이고 둘째 행은 4, 5, 6입니다.
# `range(x.size)`는 마지막 행을 넘어가서 오류로 멈춥니다. `range(len(x))`는 **한 행을 통째로**
# 움직이고, 그 행의 경사를 모두 더한 값을 자리마다 적습니다. 오류도 없고 형상도 그럴듯한데 값은
# 틀렸습니다.
#
# 기울기를 구하려면 형상이 어떻든 한 번에 하나의 수만 움직여야 합니다. `np.ndindex`를 쓰면 모든 자리를
# 하나씩 셀 수 있습니다.


# %%
def numerical_gradient(f, x, h=1e-4):
    grad = np.zeros_like(x)
    for idx in np.ndindex(x.shape):
        tmp_val = x[idx]
        x[idx] = tmp_val + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
    return grad


print(numerical_gradient(f, W))
grad = numerical_gradient(lambda W: net.loss(x, t), net.W)
print(grad)
assert np.allclose(grad, [[0.21924757, 0.14356243, -0.36281], [0.32887136, 0.21534364, -0.544215]])

# %% [markdown] lang="en" tags=["question"]
# These are the numbers in the book. Read them before you go on: which weights should grow, which
# should shrink? Which of the six has most influence?
#
# And something odd: the function that we differentiated is `lambda W: net.loss(x, t)`. It takes a `W`
# and does **not use it**. Why does this work? What comes out if we hand over a copy, `net.W.copy()`?

# %% [markdown] lang="ko" tags=["question"]
# 책에 나온 수와 같습니다. 넘어가기 전에 읽어 보세요. 어느 가중치를 키우고 어느 가중치를 줄여야
# 할까요? 여섯 개 가운데 영향이 가장 큰 것은 무엇일까요?
#
# 그런데 이상한 점이 있습니다. 우리가 미분한 함수는 `lambda W: net.loss(x, t)`입니다. `W`를 받고는 **쓰지
# 않습니다**. 그런데 왜 되는 걸까요? 복사본인 `net.W.copy()`를 넘기면 무엇이 나올까요?

# %%
print(numerical_gradient(lambda W: net.loss(x, t), net.W.copy()))

# %% [markdown] lang="en"
# Zeros. `numerical_gradient` moves the numbers inside the array that it is given. If this is `net.W`
# itself, the net notices; if it is a copy, nobody does, and every slope comes out as 0. A gradient of
# exact zeros that should not be zero is nearly always a sign of this: something was moved that
# nothing depends on.
#
# To your reading: only the third column is negative. Its weights should grow, because descent
# subtracts the gradient. The weight in its second row counts most, because it is multiplied by the
# larger input, 0.9.
#
# ## How small should h be?
#
# The limit in the definition says: as small as possible. The notes take `1e-4`. Would `1e-10` be
# better? Guess what the error looks like as `h` shrinks; then look at the picture. It shows the
# largest error over the six weights, compared with the exact gradient $x^T (y - t)$. Lesson 6 derives
# it; for now it is enough that $y$ holds the three probabilities, $x^T$ is $x$ written as a column, and
# so each input is multiplied by each of the three errors. Both axes are logarithmic.

# %% [markdown] lang="ko"
# 모두 0입니다. `numerical_gradient`는 받은 배열 안의 수를 움직입니다. 그 배열이 `net.W` 자신이면
# 신경망이 알아채지만, 복사본이면 아무도 모르고 모든 경사가 0이 됩니다. 0일 리 없는 기울기가 정확히
# 0으로 나온다면 거의 언제나 이런 경우입니다. 아무것도 달라지지 않을 엉뚱한 것을 움직인 것입니다.
#
# 앞의 물음에 답하자면, 음수는 셋째 열뿐입니다. 경사 하강법에서는 기울기를 빼므로 이 열의 가중치를
# 키워야 합니다. 그중에서도 둘째 행의 가중치가 가장 중요합니다. 더 큰 입력 0.9가 곱해지기 때문입니다.
#
# ## h는 얼마나 작아야 할까?
#
# 정의에는 극한이 있으니 작을수록 좋을 것 같습니다. 노트에서는 `1e-4`를 씁니다. `1e-10`이면 더
# 나을까요? `h`를 줄여 갈 때 오차가 어떻게 변할지 예상해 본 다음 그림을 보세요. 여섯 개의 가중치에서
# 생긴 가장 큰 오차를, 정확한 기울기 $x^T (y - t)$와 비교해 나타냈습니다. 이 식은 6장에서 유도합니다.
# 지금은 $y$가 세 클래스의 확률이고 $x^T$는 $x$를 세로로 세운 것이라서, 입력마다 세 오차를 하나씩 곱한다는
# 것만 알면 됩니다. 두 축 모두 로그 눈금입니다.


# %%
def one_sided(f, x, h):
    grad, here = np.zeros_like(x), f(x)
    for idx in np.ndindex(x.shape):
        tmp_val = x[idx]
        x[idx] = tmp_val + h
        grad[idx] = (f(x) - here) / h
        x[idx] = tmp_val
    return grad


def errors(gradient, dtype):
    net = SimpleNet()
    net.W, x = net.W.astype(dtype), np.array([0.6, 0.9], dtype)
    exact = np.outer(x, mb.softmax(x @ net.W) - t)
    return [np.abs(gradient(lambda W: net.loss(x, t), net.W, h) - exact).max() for h in sizes]


sizes = np.geomspace(1e-12, 1e-1, 45)
two_sides = errors(numerical_gradient, np.float64)
figure, ax = plt.subplots(figsize=(7.5, 4), layout="constrained")
ax.loglog(sizes, two_sides, label=say("two sides, float64"))
ax.loglog(sizes, errors(one_sided, np.float64), label=say("one side, float64"))
ax.loglog(sizes, errors(numerical_gradient, np.float32), label=say("two sides, float32"))
ax.axvline(1e-4, color="gray", linestyle="--", label=say("h of the notes"))
ax.set(xlabel=say("step h"), ylabel=say("largest error"))
ax.legend()
plt.show()

best = sizes[np.argmin(two_sides)]
assert 1e-7 < best < 1e-3
assert two_sides[0] > 1000 * min(two_sides)  # 1e-12

# %% [markdown] lang="en"
# Two errors fight each other. From right to left, the formula gets better, because a curve looks
# straighter from close by. But `f(x + h)` and `f(x - h)` become nearly the same number, and their
# difference keeps only the last few digits, which are rounding. On the left there is nothing but
# rounding.
#
# - Looking to **both sides** is far more exact than to one side: its error shrinks with $h^2$
#   instead of $h$.
# - Around `1e-5` both errors balance. The `1e-4` of the notes is a sound choice, `1e-10` would be a
#   bad one.
# - In **float32**, with its seven digits, no `h` is good. That is why Mitbadak computes numerical
#   gradients of a float32 net on a copy in float64.
#
# ## What it costs
#
# Now your guess from the beginning. Every parameter needs two losses, so one gradient needs 79,520 of
# them. We measure a hundred and multiply.

# %% [markdown] lang="ko"
# 두 가지 오차가 맞서고 있습니다. 오른쪽에서 왼쪽으로 갈수록 식은 정확해집니다. 곡선은 가까이서 볼수록
# 곧게 보이니까요. 하지만 `f(x + h)`와 `f(x - h)`가 거의 같은 수가 되어, 그 차이에는 끝자리 몇 개만
# 남습니다. 그 끝자리가 바로 반올림 오차입니다. 그림의 왼쪽 끝에는 반올림 오차밖에 없습니다.
#
# - **양쪽**을 보면 한쪽만 볼 때보다 훨씬 정확합니다. 오차가 $h$가 아니라 $h^2$에 비례해 줄어듭니다.
# - 두 오차는 `1e-5` 근처에서 균형을 이룹니다. 노트의 `1e-4`는 좋은 선택이고, `1e-10`이었다면 나빴을
#   것입니다.
# - 유효 숫자가 일곱 자리뿐인 **float32**에서는 어떤 `h`도 시원치 않습니다. 그래서 밑바닥은 float32
#   신경망의 수치 미분을 float64 복사본에서 계산합니다.
#
# ## 비용
#
# 처음에 한 예상을 확인할 차례입니다. 매개변수마다 손실을 두 번씩 계산해야 하므로 기울기 한 번에
# 79,520번입니다. 백 번만 재서 곱해 봅시다.

# %% tags=["timing"]
(x_train, t_train), (x_test, t_test) = mb.load_mnist()
x, t = x_train[:100], t_train[:100]
net = mb.TwoLayerNet(784, 50, 10, rng=0, dtype=np.float64)
count = sum(p.size for p in net.params.values())

began = time.perf_counter()
for _ in range(100):
    net.loss(x, t)
one_loss = (time.perf_counter() - began) / 100
print(say("seconds for one gradient:"), round(2 * count * one_loss))
print(say("hours for 10,000 updates:"), round(2 * count * one_loss * 10_000 / 3600))
print(my_guess)

# %% [markdown] lang="en" tags=["question"]
# About a minute for one update on a machine that has nothing else to do, more on a busy one, and days
# for the training. One of the notes says "takes a very long time". In another one the output stops
# after its first line, and there the waiting was in vain: in lesson 8 we will see that its loop could
# not have learned anything even in a year.
#
# But look again at what those 79,520 losses compute. We move **one** weight, the one from pixel 300
# to hidden unit 7, and run the whole net again. Which parts of the result have changed? Which of the
# 50 hidden units? What if pixel 300 is 0 in an image?

# %% [markdown] lang="ko" tags=["question"]
# 컴퓨터가 한가해도 갱신 한 번에 1분 안팎, 학습 전체에는 며칠이 걸립니다. 바쁘면 더 걸립니다. 노트
# 하나에는 "아주 오래 걸림"이라고 적혀 있습니다. 다른 노트에서는 출력이 첫 줄에서 멈춰 있는데,
# 거기서는 기다려도 헛일이었습니다. 8장에서 보겠지만 그 코드는 일 년을 돌려도 아무것도 배울 수
# 없었으니까요.
#
# 그런데 79,520번의 손실 계산이 하는 일을 다시 들여다봅시다. 300번 픽셀에서 7번 은닉 유닛으로 가는
# 가중치 **하나**를 움직이고 신경망 전체를 다시 실행합니다. 결과 가운데 무엇이 달라질까요? 은닉 유닛
# 50개 가운데 어느 것이 달라질까요? 어떤 이미지에서 300번 픽셀이 0이라면요?

# %% tags=["timing"]
net.numerical_gradient(x, t)  # the first call loads what it needs | 첫 호출은 준비까지 한다
began = time.perf_counter()
by_definition = net.numerical_gradient(x, t)
print(say("seconds, looking only at what changes:"), round(time.perf_counter() - began, 2))

# %% [markdown] lang="en"
# Only hidden unit 7 changes, and only for images in which the pixel is not 0; all the rest can be
# kept from the run before. Mitbadak's `net.numerical_gradient` computes exactly the same central
# differences, all 79,520 of them, and leaves out what cannot change. Now we can afford what the notes
# could not: to **train** by the definition.

# %% [markdown] lang="ko"
# 7번 은닉 유닛만, 그것도 그 픽셀이 0이 아닌 이미지에서만 달라집니다. 나머지는 앞서 계산한 값을 그대로
# 쓰면 됩니다. 밑바닥의 `net.numerical_gradient`는 똑같은 중심 차분 79,520개를 모두 계산하되, 달라질
# 리 없는 것은 건너뜁니다. 덕분에 노트에서는 엄두를 내지 못한 일을 할 수 있습니다. 정의만으로 **학습**을
# 해 봅시다.

# %%
net = mb.TwoLayerNet(784, 50, 10, weight_init_std=0.1, rng=0, dtype=np.float64)
rng = np.random.default_rng(0)
losses = []
for _ in range(60):
    batch = rng.choice(len(x_train), 100)
    grad = net.numerical_gradient(x_train[batch], t_train[batch])
    for key in ("W1", "b1", "W2", "b2"):
        net.params[key] -= 1.0 * grad[key]
    losses.append(net.loss(x_train[batch], t_train[batch]))

figure, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
ax.plot(losses)
ax.set(xlabel=say("update"), ylabel=say("loss"), ylim=(0, None))
plt.show()
print(net.accuracy(x_test, t_test))
assert losses[-1] < losses[0] / 2

# %% [markdown] lang="en" tags=["question"]
# It learns, from nothing but the definition of the derivative.
#
# ## What it is really for: a judge
#
# In practice, nets are trained by backpropagation (lesson 6), which needs one pass instead of 79,520.
# But the formulas of backpropagation are easy to get wrong. The numerical gradient is slow and dumb,
# and therefore easy to get right: so it is the judge.
#
# The notes' `gradient` contains the line `dy = (y - t) / batch_num  # ????`. The four question marks
# are theirs: they did not know what the division is for. What happens to the gradient without it?
#
# The next cell has that gradient, with the division and without. Its other lines are for lesson 6;
# here the judge is enough. For each parameter it prints the largest error, and how many times as
# large as the right slope the slopes are.

# %% [markdown] lang="ko" tags=["question"]
# 미분의 정의만으로도 배웁니다.
#
# ## 진짜 쓸모: 심판
#
# 실제로는 오차역전파법(6장)으로 신경망을 학습시킵니다. 79,520번이 아니라 한 번이면 되니까요. 하지만
# 역전파의 수식은 틀리기 쉽습니다. 수치 미분은 느리고 우직한 대신 틀리기가 어렵습니다. 그래서 심판을
# 맡길 수 있습니다.
#
# 노트의 `gradient`에는 `dy = (y - t) / batch_num  # ????`라는 줄이 있습니다. 물음표 네 개는 노트에
# 있던 것입니다. 왜 나누는지 몰랐던 것입니다. 나누지 않으면 기울기가 어떻게 될까요?
#
# 다음 셀은 그 기울기를 나눌 때와 나누지 않을 때로 구합니다. 나머지 줄은 6장에서 배울 내용이니, 여기서는
# 심판만 지켜보면 됩니다. 매개변수마다 가장 큰 오차와, 경사가 옳은 값의 몇 배인지를 출력합니다.


# %%
class NotesNet(mb.TwoLayerNet):
    def gradient(self, x, t, divide=False):
        W2, z1 = self.params["W2"], mb.sigmoid(x @ self.params["W1"] + self.params["b1"])
        y = mb.softmax(z1 @ W2 + self.params["b2"])
        dy = y - mb.one_hot(t, 10)
        if divide:
            dy = dy / len(x)  # ????
        da1 = (dy @ W2.T) * z1 * (1 - z1)
        return {"W1": x.T @ da1, "b1": da1.sum(axis=0), "W2": z1.T @ dy, "b2": dy.sum(axis=0)}


net = NotesNet(
    784, 5, 10, rng=0, dtype=np.float64
)  # small, so that the judge is quick | 심판이 빨리 끝나도록 작게 만든다
x, t = x_train[:20].astype(np.float64), t_train[:20]
by_definition = net.numerical_gradient(x, t)
for divide in (False, True):
    grad = net.gradient(x, t, divide=divide)
    for key in grad:
        right = by_definition[key]
        ratio = np.median(grad[key][right != 0] / right[right != 0])
        print(divide, key, np.abs(grad[key] - right).max(), ratio.round(6))
    print()

# %%
report = mb.check_gradients(net, x, t)  # without the division | 나누지 않은 기울기를 검사한다
print(report.ok)
print(next(line for line in str(report).splitlines() if "batch" in line))
assert not report.ok

# %% [markdown] lang="en"
# Without the division every slope is 20 times too large, and 20 is the size of this batch. The loss
# is a **mean** over the batch; so its gradient is one as well. Training would still go downhill, but
# as if the learning rate were 20 times what you set, and another one for another batch size. With a
# batch of 100 this is the kind of mistake that makes a loss leap about and nobody knows why.
#
# `mb.check_gradients` makes this comparison for any net that has `params`, `loss` and `gradient`, and
# names the likely cause.
#
# ## What to take home
#
# - The numerical gradient works for any function, moves one number at a time, and needs two losses
#   for each.
# - Look to both sides; `h = 1e-4` in float64. Smaller is not better.
# - It is far too slow to train with, unless one leaves out what cannot change.
# - It is the judge of every gradient that was derived by hand.

# %% [markdown] lang="ko"
# 나누지 않으면 모든 경사가 20배나 커집니다. 20은 이 미니배치의 크기입니다. 손실이 미니배치의 **평균**이니
# 기울기도 평균이어야 합니다. 나누지 않아도 내려가기는 합니다. 다만 학습률을 20배로 키운 것처럼
# 움직이고, 미니배치의 크기를 바꾸면 그 배수도 바뀝니다. 미니배치가 100장이라면 손실이 널뛰는데 아무도
# 까닭을 모르는, 바로 그런 실수가 됩니다.
#
# `mb.check_gradients`는 `params`, `loss`, `gradient`가 있는 신경망이라면 무엇이든 이렇게 비교하고,
# 짐작되는 원인까지 알려 줍니다. 출력의 *missing 1/batch*는 미니배치의 크기로 나누는 것을 빠뜨렸다는
# 뜻입니다.
#
# ## 정리
#
# - 수치 미분은 어떤 함수에나 통합니다. 한 번에 하나의 수를 움직이고, 그때마다 손실을 두 번
#   계산합니다.
# - 양쪽을 살피고, float64에서 `h = 1e-4`를 씁니다. 작다고 좋은 것이 아닙니다.
# - 달라질 리 없는 것을 건너뛰지 않는 한, 학습에 쓰기에는 너무 느립니다.
# - 손으로 유도한 기울기라면 무엇이든 심판할 수 있습니다.

# %% [markdown] lang="en"
# ## Exercises
#
# **1.** Our `numerical_gradient` fails silently on an array of integers, as in lesson 1. Add two
# lines that refuse it.
#
# <details><summary>Answer</summary>
#
# The two lines belong at the beginning of the function. Here they are in one of their own, to try
# them:
#
# ```python
# def refuse_integers(x):
#     if not np.issubdtype(x.dtype, np.floating):
#         raise TypeError(f"expected floats, got {x.dtype}: use x.astype(float)")
#
#
# refuse_integers(np.array([3.0, 4.0]))
# ```
#
# </details>
#
# **2.** ReLU is $\max(0, x)$. What is its slope at exactly 0? What does the numerical gradient say,
# from both sides and from one side?
#
# <details><summary>Answer</summary>
#
# It has none: on the left the slope is 0, on the right it is 1. Two sides give the mean of both, 0.5.
# A comparison near such a kink proves nothing, and a good checker leaves it out.
#
# ```python
# print(mb.numerical_diff(mb.relu, 0.0), (mb.relu(1e-4) - mb.relu(0.0)) / 1e-4)
# ```
#
# </details>
#
# **3.** Put a wrong sign into `da1` of `NotesNet`. Which parameters does the judge complain about,
# and which are still right? Why?
#
# <details><summary>Answer</summary>
#
# `W1` and `b1` are wrong, `W2` and `b2` right: the mistake sits behind the second layer, and
# gradients flow from the end to the beginning. That is how the judge helps to find a mistake: look
# just before the last parameter that is right.
#
# ```python
# class WrongSign(NotesNet):
#     def gradient(self, x, t):
#         grad = super().gradient(x, t, divide=True)
#         return {**grad, "W1": -grad["W1"], "b1": -grad["b1"]}
#
#
# print(mb.check_gradients(WrongSign(784, 5, 10, rng=0, dtype=np.float64), x, t).verdict)
# ```
#
# </details>

# %% [markdown] lang="ko"
# ## 연습 문제
#
# **1.** 우리가 만든 `numerical_gradient`도 1장처럼 정수 배열에서는 조용히 틀립니다. 정수 배열을
# 거절하는 두 줄을 덧붙여 보세요.
#
# <details><summary>풀이</summary>
#
# 두 줄을 함수의 첫머리에 넣으면 됩니다. 여기서는 시험해 볼 수 있게 따로 함수로 만들었습니다.
#
# ```python
# def refuse_integers(x):
#     if not np.issubdtype(x.dtype, np.floating):
#         raise TypeError(f"expected floats, got {x.dtype}: use x.astype(float)")
#
#
# refuse_integers(np.array([3.0, 4.0]))
# ```
#
# </details>
#
# **2.** ReLU는 $\max(0, x)$입니다. 정확히 0에서 경사는 얼마일까요? 수치 미분으로 양쪽을 볼 때와
# 한쪽만 볼 때 각각 얼마가 나올까요?
#
# <details><summary>풀이</summary>
#
# 경사가 없습니다. 왼쪽에서는 0이고 오른쪽에서는 1입니다. 양쪽을 보면 그 평균인 0.5가 나옵니다. 이렇게
# 꺾인 곳 근처의 비교는 아무것도 증명하지 못하므로, 좋은 검사기는 이런 곳을 빼놓습니다.
#
# ```python
# print(mb.numerical_diff(mb.relu, 0.0), (mb.relu(1e-4) - mb.relu(0.0)) / 1e-4)
# ```
#
# </details>
#
# **3.** `NotesNet`의 `da1`에서 부호를 틀리게 바꿔 보세요. 심판은 어느 매개변수가 틀렸다고 하고, 어느
# 것은 여전히 맞다고 할까요? 왜 그럴까요?
#
# <details><summary>풀이</summary>
#
# `W1`과 `b1`은 틀리고 `W2`와 `b2`는 맞습니다. 기울기는 끝에서 처음으로 흐르는데, 실수가 둘째 층을
# 지난 다음에 있기 때문입니다. 심판은 이렇게 실수를 찾는 데도 도움이 됩니다. 마지막으로 맞은
# 매개변수의 바로 앞을 보면 됩니다.
#
# ```python
# class WrongSign(NotesNet):
#     def gradient(self, x, t):
#         grad = super().gradient(x, t, divide=True)
#         return {**grad, "W1": -grad["W1"], "b1": -grad["b1"]}
#
#
# print(mb.check_gradients(WrongSign(784, 5, 10, rng=0, dtype=np.float64), x, t).verdict)
# ```
#
# </details>
