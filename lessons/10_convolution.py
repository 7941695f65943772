# %% [markdown] lang="en"
# # 10. Convolution
#
# All nets so far got an image as a row of 784 numbers. They never knew which pixels are *neighbors*.
# You could shuffle the pixels of all images in the same way, so that no human could read them any
# more, and such a net would not even notice.
#
# A convolution looks at an image through a small window that wanders across it. In this lesson we
# write one, make it fast, and see what a net gains that knows about neighbors.

# %% [markdown] lang="ko"
# # 10. 합성곱
#
# 지금까지의 신경망은 모두 이미지를 784개의 수로 된 한 줄로 받았습니다. 어느 픽셀이 *이웃*인지는 알지
# 못했습니다. 모든 이미지의 픽셀을 똑같은 순서로 뒤섞어 사람은 도무지 읽을 수 없게 만들어도, 그런
# 신경망은 눈치채지도 못합니다.
#
# 합성곱은 작은 창을 이미지 위로 옮겨 가며 들여다봅니다. 이 수업에서는 합성곱을 직접 쓰고, 빠르게
# 만들고, 이웃을 아는 신경망이 무엇을 얻는지 알아봅니다.

# %% tags=["words"]
WORDS = {
    "image": "이미지",
    "left edges": "왼쪽 가장자리",
    "upper edges": "위쪽 가장자리",
    "loops, seconds:": "반복문(초):",
    "im2col, seconds:": "im2col(초):",
    "dense": "완전연결",
    "convolution": "합성곱",
    "shifted by pixels": "옮긴 픽셀 수",
    "accuracy": "정확도",
    "as trained": "학습할 때처럼",
    "pixels shuffled": "픽셀을 뒤섞음",
}

# %% [markdown] lang="en" tags=["question"]
# ## Two guesses
#
# We train two nets on the same 2,000 images: a *dense* one, 784-100-10, and one with a *convolution*.
# Both are right for more than eight of ten test images.
#
# Now we shift all test images by three pixels to the right. A human hardly sees it. **What is left of
# the accuracy of each net: nearly all, half, or a tenth?**
#
# Then we shuffle the pixels of all images, training and test, in one and the same way, and train both
# nets anew. **Which one gets worse?**

# %% [markdown] lang="ko" tags=["question"]
# ## 두 가지 예상
#
# 같은 이미지 2,000장으로 두 신경망을 학습시킵니다. 하나는 784-100-10 *완전연결* 신경망이고, 다른
# 하나에는 *합성곱* 층이 있습니다. 둘 다 시험 이미지 열 장 가운데 여덟 장 넘게 맞힙니다.
#
# 이제 시험 이미지를 모두 오른쪽으로 세 픽셀 옮깁니다. 사람 눈에는 거의 똑같습니다. **정확도가 각각
# 얼마나 남을까요? 거의 다, 절반, 아니면 열에 하나?**
#
# 그다음에는 훈련 이미지와 시험 이미지의 픽셀을 모두 똑같은 순서로 뒤섞고 두 신경망을 새로
# 학습시킵니다. **어느 쪽이 나빠질까요?**

# %%
import time

import matplotlib.pyplot as plt
import numpy as np

import mitbadak as mb

my_guess = {"dense, shifted": "?", "convolution, shifted": "?", "worse when shuffled": "?"}
(x_train, t_train), (x_test, t_test) = mb.load_mnist()

# %% [markdown] lang="en"
# ## A wandering window
#
# Take a small matrix `W`, the *filter*. Lay it on the upper left corner of the image, multiply each
# number with the pixel below it, and add everything up. That is one number of the output. Move one
# pixel on, and so forth.
#
# What will the two filters below find? Think of a place where all pixels are equal: what does the sum
# give there?

# %% [markdown] lang="ko"
# ## 돌아다니는 창
#
# 작은 행렬 `W`를 준비합니다. 이것이 *필터*입니다. 필터를 이미지의 왼쪽 위 구석에 올려놓고, 수마다 그
# 아래 픽셀을 곱해서 모두 더합니다. 그것이 출력의 수 하나입니다. 한 픽셀 옮겨서 또 하고, 이렇게
# 계속합니다.
#
# 아래의 두 필터는 무엇을 찾아낼까요? 픽셀 값이 모두 같은 곳에서는 합이 얼마일지 생각해 보세요.


# %%
def convolve(image, W):
    rows, columns = np.subtract(image.shape, W.shape) + 1
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            out[i, j] = np.sum(image[i : i + len(W), j : j + len(W)] * W)
    return out


left_edges = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
upper_edges = left_edges.T
image = x_test[3].reshape(28, 28)

figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
axes[0].imshow(image, cmap="gray_r")
axes[0].set_title(say("image"))
for ax, W, name in (
    (axes[1], left_edges, say("left edges")),
    (axes[2], upper_edges, say("upper edges")),
):
    ax.imshow(convolve(image, W), cmap="RdBu_r", vmin=-3, vmax=3)
    ax.set_title(name)
for ax in axes:
    ax.axis("off")
plt.show()
print(image.shape, convolve(image, left_edges).shape)

# %% [markdown] lang="en" tags=["question"]
# Red where the stroke begins on the left (or above), blue where it ends, white where nothing changes. **One**
# small matrix finds all left edges, wherever they are.
#
# The output is smaller than the image: 26 instead of 28. With a border of $P$ zeros around the image
# and steps of $S$ pixels, the size is
#
# $$\frac{H + 2P - F}{S} + 1$$
#
# for an image of $H$ pixels and a filter of $F$. How large is the output for $H = 28$, $F = 5$,
# $P = 2$, $S = 1$? And for $P = 0$, $S = 2$, $F = 4$?

# %% [markdown] lang="ko" tags=["question"]
# 획이 왼쪽(또는 위쪽)에서 시작하는 곳은 빨강, 끝나는 곳은 파랑, 변화가 없는 곳은 하양입니다. **하나**의
# 작은 행렬이, 왼쪽 가장자리라면 어디에 있든 모두 찾아냅니다.
#
# 출력은 이미지보다 작습니다. 28이 아니라 26입니다. 이미지 둘레에 0을 $P$줄 두르고(패딩) $S$픽셀씩
# 옮기면(스트라이드) 출력의 크기는 다음과 같습니다.
#
# $$\frac{H + 2P - F}{S} + 1$$
#
# 여기서 이미지는 $H$픽셀, 필터는 $F$픽셀입니다. $H = 28$, $F = 5$, $P = 2$, $S = 1$이면 출력의 크기는
# 얼마일까요? $P = 0$, $S = 2$, $F = 4$라면요?

# %%
images = x_test[:1].reshape(1, 1, 28, 28)
for size, pad, stride in ((3, 0, 1), (5, 2, 1), (4, 0, 2)):
    W = np.ones((1, 1, size, size), np.float32)
    out = mb.convolution(images, W, np.zeros(1, np.float32), stride=stride, pad=pad)
    print(size, pad, stride, out.shape, (28 + 2 * pad - size) // stride + 1)
    assert out.shape[-1] == (28 + 2 * pad - size) // stride + 1

W = left_edges[None, None].astype(np.float32)
out = mb.convolution(images, W, np.zeros(1, np.float32))
assert np.allclose(out[0, 0], convolve(images[0, 0], left_edges), atol=1e-5)

# %% [markdown] lang="en" tags=["question"]
# Images now have four axes: (batch, channels, height, width); gray images have one channel. A filter
# has one layer for each channel.
#
# ## Windows as rows
#
# Our loops are slow. The trick is called `im2col`: copy every window into a row of a large matrix.
# Then a convolution is **one matrix product**, and lesson 2 has shown how fast these are. How many
# rows and columns will the matrix have for an image of 28 by 28 and a window of 3 by 3?

# %% [markdown] lang="ko" tags=["question"]
# 이제 이미지에는 축이 네 개 있습니다. (미니배치, 채널, 높이, 너비)입니다. 흑백 이미지는 채널이
# 하나입니다. 필터에는 채널마다 한 층씩 있습니다.
#
# ## 창을 한 줄로 펴기
#
# 우리 반복문은 느립니다. 여기에 쓰는 요령이 `im2col`입니다. 창 하나하나를 큰 행렬의 한 행으로
# 복사합니다. 그러면 합성곱은 **행렬 곱 하나**가 되고, 행렬 곱이 얼마나 빠른지는 2장에서 보았습니다.
# 28×28 이미지에 3×3 창이라면 이 행렬은 몇 행 몇 열일까요?

# %%
windows = mb.im2col(images, size=3)
print(windows.shape, 26 * 26, 3 * 3)
assert np.allclose(
    windows @ left_edges.ravel(), convolve(images[0, 0], left_edges).ravel(), atol=1e-5
)

# %% tags=["timing"]
many = x_test[:100].reshape(100, 1, 28, 28)
began = time.perf_counter()
for image in many[:, 0]:
    convolve(image, left_edges)
print(say("loops, seconds:"), round(time.perf_counter() - began, 3))

began = time.perf_counter()
mb.im2col(many, size=3) @ left_edges.ravel()
print(say("im2col, seconds:"), round(time.perf_counter() - began, 3))

# %% [markdown] lang="en"
# Many times as fast. The price is memory, because each pixel is copied into up to nine windows.
#
# ## Pooling
#
# After a convolution one usually keeps only the largest of each 2 by 2 numbers: *is there an edge
# somewhere around here?* This halves the image, and the exact place matters less.

# %% [markdown] lang="ko"
# 몇십 배 빠릅니다. 대신 메모리를 씁니다. 픽셀 하나가 많게는 아홉 개의 창에 복사되기 때문입니다.
#
# ## 풀링
#
# 합성곱 다음에는 보통 2×2마다 가장 큰 수만 남깁니다. *이 근처 어딘가에 가장자리가 있는가?*를 묻는
# 셈입니다. 그러면 이미지가 절반으로 줄고, 정확한 위치는 덜 중요해집니다.


# %%
def max_pooling(image):
    rows, columns = image.shape
    return image.reshape(rows // 2, 2, columns // 2, 2).max(axis=(1, 3))


small = max_pooling(images[0, 0])
print(small.shape)
assert np.array_equal(small, mb.max_pooling(images, size=2)[0, 0])

# %% [markdown] lang="en"
# ## Two nets
#
# Eight filters of 5 by 5, ReLU, pooling, and then two affine layers as before. What the filters look
# for is not given: the $8 \cdot 25$ numbers are weights and are *learned*. Backpropagation goes
# through a convolution as through any other layer, since it is a matrix product. The judge of lesson
# 4 agrees:

# %% [markdown] lang="ko"
# ## 두 신경망
#
# 5×5 필터 여덟 개, ReLU, 풀링, 그리고 지금까지처럼 Affine 층 두 개입니다. 필터가 무엇을 찾을지는 정해
# 주지 않습니다. $8 \cdot 25$개의 수는 가중치이고, *배워서* 얻습니다. 합성곱도 행렬 곱이므로 역전파는
# 다른 층과 똑같이 지나갑니다. 4장의 심판에게 확인해 봅시다.

# %%
tiny = mb.ConvNet((1, 8, 8), [2], [10], kernel=3, rng=0, dtype=np.float64)
report = mb.check_gradients(tiny, np.random.default_rng(0).random((5, 64)), t_train[:5])
print(report.ok)
assert report.ok


# %%
def dense_net():
    return mb.MLP([784, 100, 10], activation="relu", rng=0)


def conv_net():
    return mb.ConvNet((1, 28, 28), [8], [30, 10], rng=0)


def train(net, x, t, epochs=4):
    mb.fit(net, x, t, optimizer="adam", lr=0.003, batch_size=50, epochs=epochs, rng=0, callbacks=[])
    return net


few, x_some, t_some = slice(0, 2000), x_test[:1000], t_test[:1000]
dense = train(dense_net(), x_train[few], t_train[few])
conv = train(conv_net(), x_train[few], t_train[few])
for net in (dense, conv):
    print(sum(p.size for p in net.params.values()), net.accuracy(x_some, t_some))
conv.summary()

# %%
W1 = conv.params["W1"]
figure, axes = plt.subplots(1, 8, figsize=(10, 1.6), layout="constrained")
for ax, W in zip(axes, W1[:, 0]):
    ax.imshow(W, cmap="RdBu_r", vmin=-np.abs(W1).max(), vmax=np.abs(W1).max())
    ax.axis("off")
plt.show()

# %% [markdown] lang="en"
# These are the eight filters after a short training. In some of them red already lies beside blue, as
# in the edge finders that we wrote by hand. The longer one trains, the clearer they become.
#
# ## Shifted images
#
# The notes write that one has to check *whether the net recognizes data other than the training data
# correctly*, and that it does if the accuracies on training and test data are alike. Both nets pass
# this test. Now shift the test images by 0 to 6 pixels.

# %% [markdown] lang="ko"
# 잠깐 학습한 필터 여덟 개입니다. 우리가 손으로 쓴 가장자리 필터처럼 빨강과 파랑이 나란히 놓이기
# 시작한 것이 보입니다. 오래 학습할수록 뚜렷해집니다.
#
# ## 옮긴 이미지
#
# 노트에는 *훈련 데이터 외의 데이터를 올바르게 인식하는지* 확인해야 하며, 훈련 데이터와 시험 데이터의
# 정확도 추이가 비슷하면 된다고 적혀 있습니다. 두 신경망 모두 이 시험을 통과합니다. 이제 시험 이미지를
# 0~6픽셀 옮겨 봅시다.


# %% tags=["wrong"]
def shifted(x, pixels):
    images = x.reshape(-1, 28, 28)
    moved = np.zeros_like(images)
    moved[:, :, pixels:] = images[:, :, : 28 - pixels]
    return moved.reshape(len(x), 784)


curves = {}
for name, net in ((say("dense"), dense), (say("convolution"), conv)):
    curves[name] = [net.accuracy(shifted(x_some, k), t_some) for k in range(7)]
    print(name, curves[name])

figure, ax = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
for name, accuracies in curves.items():
    ax.plot(accuracies, "o-", label=name)
ax.set(xlabel=say("shifted by pixels"), ylabel=say("accuracy"), ylim=(0, 1))
ax.legend()
plt.show()

(of_dense, of_conv) = curves.values()
assert of_dense[0] > 0.8
assert of_dense[3] < of_dense[0] - 0.3
assert of_conv[2] > of_dense[2]

# %% [markdown] lang="en"
# With three pixels the dense net has lost about half of its accuracy. It has learned *which pixel* is
# black, not what a stroke is. A similar accuracy on training and test data only says something about
# data **of the same kind**, and in MNIST all digits are neatly centered.
#
# The convolution keeps more, but not all: its filters find an edge anywhere, yet the affine layers
# behind them still know places. It helps most where it is built to help, for small shifts. For the
# rest one trains with shifted images (`augment=mb.RandomShift((28, 28))`).
#
# ## Shuffled pixels
#
# And now the second guess.

# %% [markdown] lang="ko"
# 세 픽셀만 옮겨도 완전연결 신경망은 정확도를 절반쯤 잃습니다. 획이 무엇인지가 아니라 *어느 픽셀이*
# 검은지를 배웠기 때문입니다. 훈련 데이터와 시험 데이터의 정확도가 비슷하다는 것은 **같은 종류의**
# 데이터에 대해서만 말해 줄 뿐인데, MNIST의 숫자는 모두 가운데에 단정하게 놓여 있습니다.
#
# 합성곱 신경망은 더 많이 지키지만 다 지키지는 못합니다. 필터는 가장자리를 어디서나 찾아내지만, 그
# 뒤의 Affine 층은 여전히 위치를 따집니다. 조금 옮겼을 때 가장 도움이 되는데, 바로 그러라고 만든
# 것입니다. 나머지는 옮긴 이미지로 학습시켜 해결합니다(`augment=mb.RandomShift((28, 28))`).
#
# ## 뒤섞은 픽셀
#
# 이제 두 번째 예상을 확인할 차례입니다.

# %%
order = np.random.default_rng(0).permutation(784)
mixed_train, mixed_test = x_train[few][:, order], x_some[:, order]

figure, axes = plt.subplots(1, 2, figsize=(4.6, 2.5), layout="constrained")
for ax, picture, name in zip(
    axes, (x_some[0], mixed_test[0]), (say("as trained"), say("pixels shuffled"))
):
    ax.imshow(picture.reshape(28, 28), cmap="gray_r")
    ax.set_title(name)
    ax.axis("off")
plt.show()

dense_mixed = train(dense_net(), mixed_train, t_train[few])
conv_mixed = train(conv_net(), mixed_train, t_train[few])
print(say("dense"), dense.accuracy(x_some, t_some), dense_mixed.accuracy(mixed_test, t_some))
print(say("convolution"), conv.accuracy(x_some, t_some), conv_mixed.accuracy(mixed_test, t_some))
print(my_guess)
assert abs(dense.accuracy(x_some, t_some) - dense_mixed.accuracy(mixed_test, t_some)) < 0.03
assert conv_mixed.accuracy(mixed_test, t_some) < conv.accuracy(x_some, t_some) - 0.03

# %% [markdown] lang="en"
# The dense net does not care: for it, 784 shuffled numbers are as good as any. The convolution gets
# clearly worse, because its windows now hold pixels that have nothing to do with each other. What it *knows*
# about images, that neighbors belong together, is its strength; where this is not true it is a
# burden.
#
# ## What to take home
#
# - A convolution is one small filter that looks at every place of the image.
# - `im2col` turns it into one matrix product; pooling makes the exact place matter less.
# - Its strength is an assumption: that neighboring pixels belong together.
# - A test set says how good a net is for data like those of the test set.

# %% [markdown] lang="ko"
# 완전연결 신경망은 아랑곳하지 않습니다. 784개의 수가 뒤섞여 있든 아니든 마찬가지이기 때문입니다.
# 합성곱 신경망은 눈에 띄게 나빠집니다. 창 안에 서로 아무 상관도 없는 픽셀이 들어오니까요. 이웃한
# 픽셀은 서로 관계가 있다는, 이미지에 대한 *지식*이 합성곱의 힘입니다. 그 지식이 맞지 않는 곳에서는
# 오히려 짐이 됩니다.
#
# ## 정리
#
# - 합성곱은 작은 필터 하나로 이미지의 모든 곳을 들여다보는 것입니다.
# - `im2col`을 쓰면 합성곱이 행렬 곱 하나가 됩니다. 풀링을 하면 정확한 위치가 덜 중요해집니다.
# - 합성곱의 힘은 이웃한 픽셀이 서로 관계있다는 가정에서 나옵니다.
# - 시험 데이터는 시험 데이터와 같은 종류의 데이터에 대해서만 말해 줍니다.

# %% [markdown] lang="en"
# ## Exercises
#
# **1.** How many parameters does a convolution of 30 filters of 5 by 5 have for gray images? And an
# affine layer from 784 inputs to the same number of outputs, 30 · 24 · 24?
#
# <details><summary>Answer</summary>
#
# $30 \cdot 25 + 30 = 780$, against more than thirteen million. The filter is *shared* by all places.
#
# ```python
# print(30 * 25 + 30, 784 * 30 * 24 * 24 + 30 * 24 * 24)
# ```
#
# </details>
#
# **2.** Write a filter that answers with 0 wherever the image is flat, and strongly to a single black
# pixel on white.
#
# <details><summary>Answer</summary>
#
# 8 in the middle, -1 around it. The sum of all numbers is 0.
#
# ```python
# dot = np.zeros((5, 5))
# dot[2, 2] = 1
# print(convolve(dot, np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])))
# ```
#
# </details>
#
# **3.** On the way back through `im2col`, what becomes of a pixel that lies in nine windows? (Lesson
# 6: what branches forward ...)
#
# <details><summary>Answer</summary>
#
# Nine gradients come back, and they are added up. This is what `col2im` does. With a graph variable
# we can see it: the gradient of the sum of all windows counts in how many windows each pixel lies.
#
# ```python
# pixels = mb.Variable(np.ones((1, 1, 6, 6)), "x")
# np.sum(mb.im2col(pixels, size=3)).backward()
# print(pixels.grad[0, 0])
# ```
#
# </details>

# %% [markdown] lang="ko"
# ## 연습 문제
#
# **1.** 흑백 이미지를 보는 5×5 필터 30개짜리 합성곱의 매개변수는 몇 개일까요? 입력 784개에서 같은
# 수의 출력, 곧 30 · 24 · 24개로 가는 Affine 층이라면 몇 개일까요?
#
# <details><summary>풀이</summary>
#
# $30 \cdot 25 + 30 = 780$개이고, Affine 층이라면 천삼백만 개가 넘습니다. 합성곱은 모든 위치가 필터를 *함께*
# 쓰기 때문입니다.
#
# ```python
# print(30 * 25 + 30, 784 * 30 * 24 * 24 + 30 * 24 * 24)
# ```
#
# </details>
#
# **2.** 이미지가 평평한 곳에서는 0이고, 하얀 바탕에 검은 픽셀 하나가 있으면 크게 답하는 필터를 만들어
# 보세요.
#
# <details><summary>풀이</summary>
#
# 가운데에 8, 둘레에 -1을 놓습니다. 모두 더하면 0입니다.
#
# ```python
# dot = np.zeros((5, 5))
# dot[2, 2] = 1
# print(convolve(dot, np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])))
# ```
#
# </details>
#
# **3.** `im2col`을 거꾸로 지나갈 때, 창 아홉 개에 들어간 픽셀은 어떻게 될까요? (6장: 앞으로 갈 때
# 갈라진 것은 ...)
#
# <details><summary>풀이</summary>
#
# 아홉 개의 기울기가 돌아와 더해집니다. `col2im`이 하는 일이 이것입니다. 그래프 변수로 눈으로 볼 수
# 있습니다. 모든 창을 더한 값의 기울기는 픽셀마다 몇 개의 창에 들어 있는지를 나타냅니다.
#
# ```python
# pixels = mb.Variable(np.ones((1, 1, 6, 6)), "x")
# np.sum(mb.im2col(pixels, size=3)).backward()
# print(pixels.grad[0, 0])
# ```
#
# </details>
