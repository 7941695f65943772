# %% [markdown] lang="en"
# # 1. Gradient and descent
#
# You stand on the bowl $f(x_0, x_1) = x_0^2 + x_1^2$, at the point $(-3, 4)$, in thick fog. You
# cannot see the bottom, but you can feel how the ground slopes under your feet. So you take a step,
# feel again, and take the next one. This is all that a neural network does when it learns, only with
# more than two numbers.
#
# By the end of this lesson you will have written both halves, feeling and stepping, in a dozen lines.
# You will also have found several mistakes that our study notes made on the way.

# %% [markdown] lang="ko"
# # 1. 기울기와 경사 하강법
#
# 짙은 안개 속에서 그릇 모양의 땅 $f(x_0, x_1) = x_0^2 + x_1^2$ 위, 점 $(-3, 4)$에 서 있다고 해
# 봅시다. 바닥이 어디인지는 보이지 않지만, 발밑이 어느 쪽으로 기울었는지는 느낄 수 있습니다. 그래서 한
# 걸음 내딛고, 다시 느끼고, 또 한 걸음 내딛습니다. 신경망의 학습도 이것이 전부입니다. 다루는 수가 두
# 개보다 많을 뿐입니다.
#
# 이 수업에서는 '느끼기'와 '내딛기'를 열 줄 남짓한 코드로 직접 만듭니다. 그리고 공부하면서 적어 둔
# 노트에서 틀린 곳을 여럿 찾아냅니다.

# %% tags=["words"]
WORDS = {
    "the gradient": "기울기",
    "minus the gradient": "기울기의 반대 방향",
    "angle away from the gradient": "기울기와 이루는 각도",
    "change of f": "f의 변화",
    "step": "갱신 횟수",
    "distance from the bottom": "바닥까지의 거리",
    "exact gradient": "정확한 기울기",
    "numerical gradient": "수치 미분으로 구한 기울기",
    "learning rate": "학습률",
    "distance after 20 steps": "20번 갱신한 뒤의 거리",
    "spacing of floats near {:.0e}: {}": "{:.0e} 근처에서 이웃한 실수 사이의 간격: {}",
    "where it began": "출발한 거리",
}

# %% [markdown] lang="en" tags=["question"]
# ## Before you start: a guess
#
# One step is `x = x - lr * gradient`, and the number `lr` is called the *learning rate*. With
# `lr = 0.1`, a hundred steps lead from $(-3, 4)$ to the bottom at $(0, 0)$.
#
# Where will you be after a hundred steps with `lr = 10.0`? And with `lr = 1e-10`? Write your guesses
# into the next cell. A wrong guess is worth more than none: you will remember where it went wrong.

# %% [markdown] lang="ko" tags=["question"]
# ## 시작하기 전에: 먼저 맞혀 보세요
#
# 한 걸음은 `x = x - lr * gradient`입니다. 여기서 `lr`을 *학습률*이라고 합니다. `lr = 0.1`이면
# $(-3, 4)$에서 백 걸음 만에 바닥 $(0, 0)$에 닿습니다.
#
# 그러면 `lr = 10.0`으로 백 걸음을 내디디면 어디에 가 있을까요? `lr = 1e-10`이라면요? 다음 셀에 예상을
# 적어 보세요. 틀려도 좋습니다. 적어 두어야 어디서 생각이 어긋났는지 기억에 남습니다.

# %%
import matplotlib.pyplot as plt
import numpy as np

import mitbadak as mb

my_guesses = {10.0: "?", 1e-10: "?"}  # replace the question marks | 물음표를 예상으로 바꾸세요

# %% [markdown] lang="en"
# ## Feeling the slope: the derivative
#
# A derivative says how much `f` changes when `x` changes a little. Take a small $h$, look a little to
# the right and a little to the left, and divide the difference by the distance between the two
# places:
#
# $$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$$
#
# For $f(x) = x^2$ we know the answer from school, $f'(x) = 2x$. So at $x = 3$ we expect 6.

# %% [markdown] lang="ko"
# ## 발밑의 경사 느끼기: 미분
#
# 미분은 `x`가 아주 조금 변할 때 `f`가 얼마나 변하는지를 나타냅니다. 작은 수 $h$를 잡아 오른쪽과
# 왼쪽을 조금씩 살펴보고, 그 차이를 두 지점 사이의 거리로 나눕니다.
#
# $$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$$
#
# $f(x) = x^2$이라면 학교에서 배운 대로 $f'(x) = 2x$입니다. 따라서 $x = 3$에서는 6이 나와야 합니다.


# %%
def numerical_diff(f, x):
    h = 1e-4
    return (f(x + h) - f(x - h)) / (2 * h)


numerical_diff(lambda x: x**2, 3.0)

# %% [markdown] lang="en"
# Six, apart from the last digits, which are rounding.
#
# With two variables there are two slopes, one along $x_0$ and one along $x_1$. We move one of them at
# a time and leave the other alone. The two numbers together are the **gradient**. This is the
# function from the notes, as they have it:

# %% [markdown] lang="ko"
# 끝자리의 반올림 오차를 빼면 6입니다.
#
# 변수가 두 개이면 경사도 두 개입니다. 하나는 $x_0$ 방향, 하나는 $x_1$ 방향입니다. 한 번에 하나씩만
# 움직이고 나머지는 그대로 둔 채 각각을 구합니다. 이렇게 구한 두 수를 묶은 것이 **기울기**입니다.
# 노트에 있는 함수를 그대로 옮겨 보겠습니다.


# %%
def f(x):
    return x[0] ** 2 + x[1] ** 2


def numerical_gradient(f, x):
    h = 1e-4
    grad = np.zeros_like(x)
    for idx in range(x.size):
        tmp_val = x[idx]
        x[idx] = tmp_val + h
        fxh1 = f(x)  # f(x + h)
        x[idx] = tmp_val - h
        fxh2 = f(x)  # f(x - h)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val  # put it back | 원래 값으로 되돌린다
    return grad


for point in ([3.0, 4.0], [0.0, 2.0], [3.0, 0.0]):
    print(point, numerical_gradient(f, np.array(point)))

# %% [markdown] lang="en" tags=["question"]
# ## Which way does it point?
#
# At $(3, 4)$ the gradient is $(6, 8)$. Draw it on paper as an arrow that starts at $(3, 4)$. The
# bottom of the bowl is at $(0, 0)$. Does the arrow point to the bottom, or away from it?
#
# The notes say, with three exclamation marks: *the gradient points in the direction in which the
# function falls most*. Do you agree? Let us ask the function itself. From $(3, 4)$ we take a tiny
# step in each of 360 directions and look how `f` changes. The direction in which it falls most we
# compare with the gradient, by the *cosine* of the angle between the two arrows: 1 if they point the
# same way, 0 at right angles, -1 if they point opposite ways.

# %% [markdown] lang="ko" tags=["question"]
# ## 어느 쪽을 가리킬까?
#
# 점 $(3, 4)$에서 기울기는 $(6, 8)$입니다. 종이에 $(3, 4)$에서 시작하는 화살표로 그려 보세요. 그릇의
# 바닥은 $(0, 0)$입니다. 화살표는 바닥 쪽을 가리키나요, 반대쪽을 가리키나요?
#
# 노트에는 느낌표를 세 개나 달아 이렇게 적어 두었습니다. *기울기는 함수의 출력값을 가장 크게 줄이는
# 방향을 가리킨다!* 정말 그럴까요? 함수에 직접 물어봅시다. $(3, 4)$에서 360개 방향으로 아주 조금씩
# 움직여 보고 `f`가 어떻게 변하는지 살펴봅니다. 그리고 값이 가장 많이 줄어든 방향을 기울기와
# 비교합니다. 두 화살표가 이루는 각의 *코사인*을 보면 됩니다. 같은 방향이면 1, 직각이면 0, 정반대
# 방향이면 -1입니다.

# %% tags=["wrong"]
here = np.array([3.0, 4.0])
gradient = numerical_gradient(f, here)
angles = np.deg2rad(np.arange(360))
around = here + 0.001 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
changes = np.array([f(point) for point in around]) - f(here)

steepest_fall = around[changes.argmin()] - here
cosine = steepest_fall @ gradient / np.linalg.norm(steepest_fall) / np.linalg.norm(gradient)
print(cosine)
assert cosine < -0.999

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
grid = np.linspace(-5, 7, 121)
left.contour(grid, grid, grid[:, None] ** 2 + grid**2, levels=12, colors="gray", linewidths=0.5)
# drawn a third as long as they are | 실제 길이의 3분의 1로 그린다
arrow = {"angles": "xy", "scale_units": "xy", "scale": 3, "width": 0.012}
left.quiver(*here, *gradient, color="tab:red", label=say("the gradient"), **arrow)
left.quiver(*here, *-gradient, color="tab:blue", label=say("minus the gradient"), **arrow)
left.plot(0, 0, "k*", markersize=12)
left.set(xlabel="$x_0$", ylabel="$x_1$", aspect="equal")
left.legend(loc="lower left")

turned = (np.arange(360) - np.rad2deg(np.arctan2(gradient[1], gradient[0]))) % 360
order = turned.argsort()
right.plot(turned[order], changes[order])
right.axhline(0, color="gray", linewidth=0.8)
right.set(xlabel=say("angle away from the gradient"), ylabel=say("change of f"))
right.set_xticks([0, 90, 180, 270, 360], ["0°", "90°", "180°", "270°", "360°"])
plt.show()

# %% [markdown] lang="en"
# The cosine is -1: the way down is **exactly opposite** to the gradient. The right picture shows why
# nothing else is possible. Along the gradient (0°) `f` *grows* fastest, at right angles it hardly
# changes, and it falls fastest at 180°.
#
# So the sentence in the notes is wrong, and so is another one that follows from it, "update the
# weights in the direction of the gradient". The formula has always been right, because of its minus
# sign:
#
# $$x \leftarrow x - \eta \, \nabla f(x)$$
#
# Here $\eta$ (eta) is the learning rate, $\nabla f(x)$ ("nabla f") is the gradient of $f$ at the point
# $x$, and the arrow $\leftarrow$ says that what stands on its right becomes the new $x$. Books that
# draw arrows towards the bottom draw $-\nabla f$.

# %% [markdown] lang="ko"
# 코사인이 -1입니다. 내려가는 길은 기울기와 **정반대** 방향입니다. 오른쪽 그림을 보면 그럴 수밖에
# 없다는 것을 알 수 있습니다. 기울기 방향(0°)으로 가면 `f`가 가장 빨리 *커지고*, 직각 방향으로는 거의
# 변하지 않으며, 180° 방향에서 가장 빨리 작아집니다.
#
# 그러니 노트의 그 문장은 틀렸습니다. 거기서 나온 "가중치를 기울기 방향으로 갱신한다"라는 문장도
# 틀렸습니다. 반면 수식은 처음부터 맞았습니다. 빼기 기호가 있기 때문입니다.
#
# $$x \leftarrow x - \eta \, \nabla f(x)$$
#
# 여기서 $\eta$(에타)는 학습률이고, $\nabla f(x)$('나블라 에프')는 점 $x$에서 구한 $f$의 기울기입니다.
# 화살표 $\leftarrow$는 오른쪽 값이 새로운 $x$가 된다는 뜻입니다. 바닥을 향하는 화살표를 그린 책은
# $-\nabla f$를 그린 것입니다.

# %% [markdown] lang="en"
# ## Stepping
#
# Now the other half. This is the function from the notes again; it also keeps the points it came
# through.

# %% [markdown] lang="ko"
# ## 내딛기
#
# 이제 나머지 절반입니다. 이번에도 노트에 있는 함수입니다. 지나온 점들도 함께 기록합니다.


# %%
def gradient_descent(f, init_x, lr=0.01, step_num=100):
    x = init_x
    x_history = []
    for _ in range(step_num):
        x_history.append(x.copy())
        x -= lr * numerical_gradient(f, x)
    return x, np.array(x_history)


start = np.array([-3.0, 4.0])
x, x_history = gradient_descent(f, start, lr=0.1)
print(x)

# %% [markdown] lang="en" tags=["question"]
# Zero to nine digits: it works. Now look closely at the first line of the function and at the line
# with `-=`. **What does `print(start)` show now?** Guess first, then run the next cell.

# %% [markdown] lang="ko" tags=["question"]
# 소수점 아래 아홉째 자리까지 0입니다. 잘 됩니다. 이제 함수의 첫 줄과 `-=`가 있는 줄을 자세히 보세요. **지금
# `print(start)`를 하면 무엇이 나올까요?** 먼저 예상해 보고 다음 셀을 실행하세요.

# %%
print(start)

# %% [markdown] lang="en"
# The start is gone. `x = init_x` makes no copy, it gives the same array a second name, and `-=` then
# changes that array in place. Whoever compares two learning rates from "the same" start compares
# nothing: the second run begins where the first one ended. The cure is `x = init_x.copy()`.
#
# The next trap is quieter still. What is the gradient at $(3, 4)$ if you write `3` instead of `3.0`?

# %% [markdown] lang="ko"
# 출발점이 사라졌습니다. `x = init_x`는 복사가 아니라 같은 배열에 이름을 하나 더 붙이는 것이고, `-=`는
# 그 배열을 제자리에서 바꿉니다. 그래서 "같은" 출발점에서 두 학습률을 비교했다고 생각해도 실은 비교가
# 되지 않습니다. 두 번째 실행은 첫 번째가 끝난 자리에서 시작하니까요. `x = init_x.copy()`라고 쓰면
# 해결됩니다.
#
# 다음 함정은 더 조용합니다. `3.0` 대신 `3`이라고 쓰면 $(3, 4)$에서 기울기가 얼마로 나올까요?

# %% tags=["wrong"]
assert start is x  # one array with two names | 이름만 둘일 뿐 같은 배열이다
assert not np.array_equal(start, [-3.0, 4.0])

print(numerical_gradient(f, np.array([3, 4])))
assert not np.allclose(numerical_gradient(f, np.array([3, 4])), [6, 8])

try:
    mb.numerical_gradient(f, np.array([3, 4]))
except mb.MitbadakError as error:
    print(error)

# %% [markdown] lang="en"
# 25000 and 35000, without any warning! An array of integers cannot hold `3.0001`. It keeps 3 on one
# side, and 2 for `2.9999` on the other, so the difference is that of a whole step, divided by a tiny
# `2h`. Mitbadak's `mb.numerical_gradient` refuses such an array and says why. From here on we use
# Mitbadak's two functions, which copy the start as well.
#
# ## The path
#
# We take 20 steps with `lr = 0.1`. Before you run it: will the points lie evenly along the way?

# %% [markdown] lang="ko"
# 아무 경고도 없이 25000과 35000이 나왔습니다! 정수 배열에는 `3.0001`을 담을 수 없습니다. 한쪽에서는
# 3이 되고, 다른 쪽에서는 `2.9999`가 2가 됩니다. 결국 한 칸을 통째로 움직인 차이를 아주 작은 `2h`로
# 나눈 셈입니다. 밑바닥의 `mb.numerical_gradient`는 이런 배열을 거절하고 까닭을 알려 줍니다.
# 지금부터는 출발점도 복사해 주는 밑바닥의 두 함수를 쓰겠습니다.
#
# ## 지나온 길
#
# `lr = 0.1`로 20걸음을 걸어 봅시다. 실행하기 전에 생각해 보세요. 점들이 고른 간격으로 놓일까요?

# %%
start = np.array([-3.0, 4.0])
result = mb.gradient_descent(f, start, lr=0.1, step_num=20)

figure, ax = plt.subplots(figsize=(5, 5), layout="constrained")
mb.plots.descent_path(result, ax, f, lang=say("en"))
plt.show()

# %% [markdown] lang="en"
# The steps shrink as the ground gets flatter, although `lr` stays the same: each step is `lr` times
# the gradient, and the gradient fades towards the bottom. For this bowl the gradient is $2x$, so we
# can even calculate a step by hand:
#
# $$x - 0.1 \cdot 2x = 0.8\,x$$
#
# Every step keeps 80% of the distance. In general, each step multiplies $x$ by $1 - 2 \cdot lr$.
#
# ## Now your guesses
#
# You have all you need to check them before the computer does. By what is $x$ multiplied if
# `lr = 10.0`?

# %% [markdown] lang="ko"
# `lr`은 그대로인데도 땅이 평평해질수록 걸음이 짧아집니다. 한 걸음은 기울기에 `lr`을 곱한 만큼이고,
# 기울기가 바닥으로 갈수록 작아지기 때문입니다. 이 그릇에서는 기울기가 $2x$이므로 한 걸음을 손으로도
# 계산할 수 있습니다.
#
# $$x - 0.1 \cdot 2x = 0.8\,x$$
#
# 한 걸음마다 거리의 80%가 남습니다. 일반적으로는 한 걸음마다 $x$에 $1 - 2 \cdot lr$을 곱하는
# 셈입니다.
#
# ## 이제 예상을 확인해 봅시다
#
# 컴퓨터보다 먼저 확인할 수 있습니다. `lr = 10.0`이면 한 걸음마다 $x$에 얼마를 곱하게 되나요?

# %%
for lr in (0.1, 0.01, 1e-10, 10.0):
    x, _ = mb.gradient_descent(f, start, lr=lr)
    print(lr, x)
print(my_guesses)

# %% [markdown] lang="en" tags=["question"]
# - `1e-10` keeps $1 - 2 \cdot 10^{-10}$ of the distance in each step: after a hundred steps it has
#   hardly moved.
# - `0.01` keeps 98%: on its way, but slow.
# - `10.0` multiplies by $1 - 20 = -19$: each step jumps across the bowl, to a place 19 times as far
#   out.
#
# The notes wrote "it diverges" beside this last result and went on. But wait: by our formula, after a
# hundred steps the point should be $19^{100}$ times as far out. Roughly how many digits does that
# have? And how many does the printed number have?

# %% [markdown] lang="ko" tags=["question"]
# - `1e-10`이면 한 걸음마다 거리의 $1 - 2 \cdot 10^{-10}$배가 남습니다. 백 걸음을 걸어도 거의
#   제자리입니다.
# - `0.01`이면 98%가 남습니다. 가고는 있지만 느립니다.
# - `10.0`이면 $1 - 20 = -19$를 곱합니다. 매번 그릇 건너편으로, 19배나 먼 곳으로 튀어 나갑니다.
#
# 노트에는 마지막 결과 옆에 "발산함"이라고 적고 넘어갔습니다. 그런데 잠깐, 우리 식대로라면 백 걸음
# 뒤에는 $19^{100}$배 먼 곳에 있어야 합니다. 대략 몇 자리 수일까요? 그리고 실제로 출력된 수는 몇
# 자리인가요?

# %% tags=["wrong"]
by_hand = start * (1 - 2 * 10.0) ** 100
exact = mb.gradient_descent(f, start, lr=10.0, gradient=lambda x: 2 * x)
numerical = mb.gradient_descent(f, start, lr=10.0)
print(by_hand, exact.x, numerical.x, sep="\n")
assert np.allclose(exact.x, by_hand)
assert np.abs(numerical.x).max() < 1e14 < 1e128 < np.abs(by_hand).max()

figure, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.semilogy(np.linalg.norm(exact.path, axis=1), label=say("exact gradient"))
ax.semilogy(np.linalg.norm(numerical.path, axis=1), label=say("numerical gradient"))
ax.set(xlabel=say("step"), ylabel=say("distance from the bottom"))
ax.legend()
plt.show()

# %% [markdown] lang="en"
# The coordinates should have 129 digits, and they have 13 or 14. With the numerical gradient the run
# did not go on diverging: it **froze**. So the value in the notes is no result of gradient descent at
# all. (The vertical axis of the picture is *logarithmic*: the same way up always multiplies by the
# same number. On it, a straight line means the same factor in every step.) What stopped it?
#
# Floating-point numbers are not everywhere equally dense. The further out, the wider their spacing:

# %% [markdown] lang="ko"
# 좌표가 129자리여야 하는데 13~14자리입니다. 수치 미분을 쓰면 계속 발산하는 대신 중간에 **얼어붙은**
# 것입니다. 그러니 노트에 적힌 값은 경사 하강법의 결과라고 할 수 없습니다. (그림의 세로축은 *로그*
# 눈금입니다. 같은 높이만큼 올라가면 언제나 같은 수가 곱해집니다. 그래서 곧은 선은 한 걸음마다 같은
# 배수로 커졌다는 뜻입니다.) 무엇이 멈추게 했을까요?
#
# 컴퓨터의 실수는 어디서나 촘촘하지 않습니다. 0에서 멀어질수록 간격이 벌어집니다.

# %%
for size in (1.0, 1e6, 1e13):
    print(say("spacing of floats near {:.0e}: {}").format(size, np.spacing(size)))
print(1e13 + 1e-4 == 1e13, numerical_gradient(f, numerical.x.copy()))
print(numerical.status)

# %% [markdown] lang="en"
# Near $10^{13}$ the next number is 0.002 away. Adding $h = 0.0001$ changes nothing, `f(x + h)` and
# `f(x - h)` are the same, and the gradient comes out as exactly 0. Whoever takes "the gradient is 0"
# for "we have arrived" is fooled by this. Mitbadak's result has a `status` that tells the two apart: *gradient
# lost to rounding*.
#
# ## How large may the learning rate be?
#
# Each step multiplies by $1 - 2 \cdot lr$, and the distance shrinks only if that lies between -1 and 1.
# For which `lr` is this so? Answer first, then find the limit in this picture:

# %% [markdown] lang="ko"
# $10^{13}$ 근처에서는 다음 실수가 0.002나 떨어져 있습니다. $h = 0.0001$을 더해도 아무것도 달라지지
# 않으니 `f(x + h)`와 `f(x - h)`가 같고, 기울기는 정확히 0이 됩니다. "기울기가 0이니 다 왔다"라고
# 여기면 여기에 속습니다. 밑바닥의 결과에는 이 둘을 구별해 주는 상태(`status`)가 들어 있습니다. *gradient
# lost to rounding*은 기울기가 반올림 오차에 묻혔다는 뜻입니다.
#
# ## 학습률은 얼마까지 키울 수 있을까?
#
# 한 걸음마다 $1 - 2 \cdot lr$을 곱하므로, 이 값이 -1과 1 사이에 있을 때만 거리가 줄어듭니다. `lr`이
# 어떤 값일 때 그럴까요? 먼저 답해 보고, 아래 그림에서 한계가 되는 곳을 찾아보세요.

# %%
rates = np.linspace(0.01, 1.15, 115)
ends = [np.linalg.norm(mb.gradient_descent(f, start, lr=float(lr), step_num=20).x) for lr in rates]

figure, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.semilogy(rates, np.maximum(ends, 1e-12))
ax.axhline(5, color="gray", linestyle="--", label=say("where it began"))
ax.set(xlabel=say("learning rate"), ylabel=say("distance after 20 steps"))
ax.legend(loc="lower right")
plt.show()

# %% [markdown] lang="en"
# Between 0 and 1 the run gets closer, above 1 it flies away, and at 0.5 a single step hits the
# bottom. (A distance of 0 has no place on a logarithmic axis, so everything below $10^{-12}$ is drawn
# there: that is the flat part in the middle.) A net with thousands of weights has no formula for its limit, but it has a limit all the
# same. That is why the learning rate is the first thing to look at when a net does not learn. It is a *hyperparameter*:
# the weights are learned, the learning rate is chosen by you.
#
# ## What to take home
#
# - The gradient collects the slopes along all axes. It points uphill; descent subtracts it.
# - The learning rate decides everything: too small and nothing moves, too large and it flies away.
# - A gradient of 0 may mean that you have arrived, or that the computer ran out of digits.
# - Copy what you do not want changed, and use arrays of floats.

# %% [markdown] lang="ko"
# 0과 1 사이이면 가까워지고, 1보다 크면 날아가 버리며, 0.5에서는 한 걸음에 바닥을 짚습니다. (로그
# 눈금에는 거리 0을 나타낼 자리가 없어서 $10^{-12}$보다 가까운 것은 모두 그 높이에 그렸습니다. 가운데의
# 평평한 부분이 그것입니다.) 가중치가 수만 개인 신경망에는 이런 한계를 알려 주는 공식이 없지만, 한계 자체는 똑같이 있습니다. 신경망이
# 학습되지 않을 때 학습률부터 살펴보는 까닭입니다. 가중치는 학습으로 얻지만 학습률은 사람이 정해야
# 합니다. 그래서 *하이퍼파라미터*라고 부릅니다.
#
# ## 정리
#
# - 기울기는 모든 축 방향의 경사를 모은 것입니다. 오르막을 가리키므로 경사 하강법에서는 뺍니다.
# - 학습률이 모든 것을 좌우합니다. 너무 작으면 움직이지 않고, 너무 크면 날아가 버립니다.
# - 기울기가 0이라면 다 왔다는 뜻일 수도 있고, 컴퓨터의 자릿수가 바닥났다는 뜻일 수도 있습니다.
# - 바뀌면 안 되는 배열은 복사하고, 배열은 실수형으로 만드세요.

# %% [markdown] lang="en"
# ## Exercises
#
# **1.** What happens with `lr = 1.0` exactly? Answer without the computer, then try it.
#
# <details><summary>Answer</summary>
#
# Each step multiplies by $1 - 2 = -1$: the point jumps between $(-3, 4)$ and $(3, -4)$ for ever.
#
# ```python
# print(mb.gradient_descent(f, start, lr=1.0, step_num=4).path)
# ```
#
# </details>
#
# **2.** The notes say: *if the gradient is too large, it diverges*. Refute it: find a start with a
# huge gradient from which `lr = 0.1` arrives, and one with a tiny gradient from which `lr = 10.0`
# flies away.
#
# <details><summary>Answer</summary>
#
# For this bowl the factor $1 - 2 \cdot lr$ does not depend on the start. Not the gradient is too
# large, but the learning rate.
#
# ```python
# print(mb.gradient_descent(f, np.array([1e6, 1e6]), lr=0.1, step_num=200).status)
# print(mb.gradient_descent(f, np.array([1e-6, 0.0]), lr=10.0, gradient=lambda x: 2 * x).x)
# ```
#
# </details>
#
# **3.** Stretch the bowl: $f(x_0, x_1) = x_0^2 / 20 + x_1^2$. How large may `lr` be now, and why is
# the run slow even with the best rate?
#
# <details><summary>Answer</summary>
#
# Along $x_1$ the factor is still $1 - 2 \cdot lr$, so the limit is 1 again. Along $x_0$ it is
# $1 - lr / 10$, which stays near 0.9 even with the largest rate. The steep direction sets the limit,
# the flat one has to wait. Lesson 9 is about optimizers that know a way around this.
#
# ```python
# result = mb.gradient_descent(lambda x: x[0] ** 2 / 20 + x[1] ** 2, start, lr=0.95, step_num=20)
# print(result.x)
# ```
#
# </details>

# %% [markdown] lang="ko"
# ## 연습 문제
#
# **1.** `lr = 1.0`이면 어떻게 될까요? 컴퓨터 없이 답해 보고, 그다음에 실행해 보세요.
#
# <details><summary>풀이</summary>
#
# 한 걸음마다 $1 - 2 = -1$을 곱합니다. $(-3, 4)$와 $(3, -4)$ 사이를 끝없이 오갑니다.
#
# ```python
# print(mb.gradient_descent(f, start, lr=1.0, step_num=4).path)
# ```
#
# </details>
#
# **2.** 노트에는 *기울기가 너무 크면 발산한다*라고 적혀 있습니다. 반례를 찾아보세요. 기울기가 아주
# 큰데도 `lr = 0.1`로 바닥에 닿는 출발점과, 기울기가 아주 작은데도 `lr = 10.0`으로는 날아가 버리는
# 출발점이 필요합니다.
#
# <details><summary>풀이</summary>
#
# 이 그릇에서 한 걸음마다 곱하는 수 $1 - 2 \cdot lr$은 출발점과 아무 상관이 없습니다. 너무 큰 것은
# 기울기가 아니라 학습률입니다.
#
# ```python
# print(mb.gradient_descent(f, np.array([1e6, 1e6]), lr=0.1, step_num=200).status)
# print(mb.gradient_descent(f, np.array([1e-6, 0.0]), lr=10.0, gradient=lambda x: 2 * x).x)
# ```
#
# </details>
#
# **3.** 그릇을 길게 늘여 봅시다. $f(x_0, x_1) = x_0^2 / 20 + x_1^2$이면 `lr`을 얼마까지 키울 수
# 있을까요? 그리고 가장 좋은 학습률을 써도 느린 까닭은 무엇일까요?
#
# <details><summary>풀이</summary>
#
# $x_1$ 방향으로는 여전히 $1 - 2 \cdot lr$을 곱하므로 한계는 그대로 1입니다. $x_0$ 방향으로는
# $1 - lr / 10$을 곱하는데, 학습률을 한계까지 키워도 0.9쯤입니다. 가파른 쪽이 한계를 정하고, 완만한
# 쪽은 하염없이 기다려야 합니다. 9장에서는 이 문제를 피해 가는 옵티마이저를 만납니다.
#
# ```python
# result = mb.gradient_descent(lambda x: x[0] ** 2 / 20 + x[1] ** 2, start, lr=0.95, step_num=20)
# print(result.x)
# ```
#
# </details>
