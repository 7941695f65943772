"""The Korean words of the table of NumPy functions. ``docs/numpy_table.py`` writes the page."""

from __future__ import annotations

HEAD = """# 변수에 쓰는 NumPy 함수

[English](numpy.md)

인수 가운데 하나가 `Variable`일 때 NumPy 함수가 무엇을 하는지 적은 표입니다(NumPy {version} 기준).
이 페이지는 `python docs/numpy_table.py`가 쓰고, 코드와 맞는지는 `tests/graph/test_catalog.py`가
확인합니다.

- **미분할 수 있음**: 결과도 변수이고, 몇 번이든 미분할 수 있습니다. 값과 1~3차 미분은
  `tests/graph/test_numpy_surface.py`에서 JAX와 비교합니다. 받아들이지 않는 쓰임이 있으면 비고에
  적었습니다.
- **계단 함수**: 입력이 조금 바뀌어도 결과가 바뀌지 않습니다. `np.floor`처럼 실수를 돌려주면
  결과는 미분이 0인 변수이고, 인덱스나 마스크, 개수는 그냥 배열입니다.
- **거절**: 이유와 대신 쓸 코드를 `DtypeError`가 알려 줍니다.

인수는 위치로 주든 이름으로 주든 NumPy에서와 뜻이 같습니다. NumPy가 배열에서 거절하는 값, 형상,
인덱스는 변수에서도 함수, 메서드, 연산자 모두에서 거절하며, 이때 나는 오류는 NumPy의 오류이기도
하고 Mitbadak의 오류이기도 하며 NumPy가 말하는 이유를 그대로 담습니다. 인수의 개수가 틀렸거나
함수에 없는 이름을 주었다면 변수에 닿기 전에 NumPy가 `TypeError`를 냅니다. `out=`은 언제나
거절합니다. `array += variable`도 마찬가지인데, 배열은 자신이 어떻게 계산되었는지 기록하지 못하기
때문입니다. 메서드(`x.sum(0)`, `x.reshape(2, -1)`, `x.clip(0, 1)`)는 같은 이름의 함수와 같습니다.
`float(x)`와 `math`의 함수는 결과에 기록이 남지 않으므로 거절합니다. NumPy 함수를 쓰거나, 숫자만
필요하다면 `x.item()`을 쓰세요.

미분이 존재하지 않는 곳에서는 다음과 같이 정합니다.

- 0에서 `abs`의 미분은 0입니다. 두 값이 같을 때 `maximum`과 `minimum`은 기울기를 두 번째 인수에
  주므로 relu'(0) = 0이고, `max`와 `min`은 같은 값을 가진 원소끼리 똑같이 나눕니다. 경계에 놓인
  값에서 `clip`은 기울기를 경계에 줍니다.
- `0 ** b`를 `b`로 미분한 값은 b >= 0이면 0, b < 0이면 NaN입니다. `heaviside(x, h)`를 `h`로
  미분한 값은 x가 0인 곳에서 1, 다른 곳에서 0입니다.
- 원소가 모두 같을 때의 `std`와 원점에서의 `hypot`은 기울기가 NaN입니다. 원점에서의 `norm`도
  그렇지만, 차수가 1, inf, -inf이면 `abs`, `max`, `min`을 따르고 0은 개수입니다. 0에서의
  `sqrt`처럼 발산하는 곳에서는 미분이 무한대입니다.
- 고윳값(`eigh`, `eigvalsh`)이나 특잇값(`svd`, `svdvals`, 차수가 2, -2, "nuc"인 `norm`,
  `cond`)이 서로 같거나 반올림 오차만큼만 다를 때, 값만 쓰는 함수에는 기울기가 있습니다. 로그의
  합처럼 같은 값을 똑같이 다루는 함수라면 이 기울기가 맞고, 가장 큰 값은 그 자리에서 꺾이므로
  여러 기울기 가운데 하나를 줍니다. 같은 값의 벡터끼리 섞이는 원소의 2차 미분은 NaN이고, 3차
  미분은 모두 NaN입니다. 같은 값의 벡터에는 미분이 없습니다. 그 벡터를 모두 쓰는 함수, 이를테면
  `(v * np.sqrt(l)) @ v.T`에는 미분이 있지만 벡터의 미분으로는 구할 수 없으므로 둘 다 NaN입니다.
  정사각이 아닌 행렬의 특잇값이 0일 때도 마찬가지입니다. 그런 곳의 미분이 필요하면 분해하지 않는
  식(`a @ a`, `np.linalg.slogdet`, `np.sum(a * a)`)으로 쓰세요.

{counts}

| NumPy 함수 | 변수에 쓰면 | 이유 또는 쓸 수 있는 형태 |
|---|---|---|
"""

KINDS = {
    "differentiable": "미분할 수 있음",
    "piecewise constant": "계단 함수",
    "refused": "거절",
}

REMARKS = {
    "": "",
    "it counts, or works on integers; use .value": (
        "개수를 세거나 정수를 다룹니다. .value를 쓰세요"
    ),
    "it leads to complex numbers, but variables hold real ones": (
        "복소수가 나오는데, 변수에는 실수만 담습니다"
    ),
    (
        "which entries it keeps depends on their values; take them by index, such as "
        "x[np.unique(x.value, return_index=True)[1]]"
    ): (
        "어떤 원소가 남을지 값에 달려 있습니다. x[np.unique(x.value, "
        "return_index=True)[1]]처럼 인덱스로 고르세요"
    ),
    "it is for files, calendars or text; use .value": (
        "파일, 날짜, 텍스트를 다룹니다. .value를 쓰세요"
    ),
    "it writes into an array; make a new array with np.where or np.concatenate": (
        "배열을 고쳐 씁니다. np.where나 np.concatenate로 새 배열을 만드세요"
    ),
    "weights of another shape need one axis": "형상이 다른 weights에는 축이 하나 있어야 합니다",
    "vectors of 3 entries": "원소가 3개인 벡터만",
    "the spacing is a constant": "간격은 상수입니다",
    "the next floating-point number is not a function of real numbers": (
        "다음 부동소수점 수는 실수의 함수가 아닙니다"
    ),
    "the exponent is a constant": "지수는 상수입니다",
    ("the degree of the rest depends on the coefficients; solve for them with np.linalg.solve"): (
        "나머지의 차수가 계수에 달려 있습니다. np.linalg.solve로 계수를 구하세요"
    ),
    "no period": "period는 쓸 수 없습니다",
    "no hermitian=True": "hermitian=True는 쓸 수 없습니다",
    "no fweights or aweights": "fweights와 aweights는 쓸 수 없습니다",
    'modes "reduced" and "r", of matrices with at least as many rows as columns': (
        '행이 열보다 적지 않은 행렬의 "reduced"와 "r" 모드만'
    ),
    'modes "constant", "edge", "reflect", "symmetric" and "wrap"': (
        '"constant", "edge", "reflect", "symmetric", "wrap" 모드만'
    ),
    "its derivative is a Bessel function, which NumPy does not have": (
        "미분이 베셀 함수인데, NumPy에는 없습니다"
    ),
    "it solves for coefficients; use np.linalg.lstsq with np.vander": (
        "계수를 구하는 함수입니다. np.vander와 np.linalg.lstsq를 쓰세요"
    ),
    "full_matrices=False, unless the matrix is square; no hermitian=True": (
        "정사각 행렬이 아니면 full_matrices=False만. hermitian=True는 쓸 수 없습니다"
    ),
    "call the function with axis= instead": "그 함수에 axis=를 주어 부르세요",
    "both ends of the same sign": "양 끝의 부호가 같을 때만",
}


def counted(total: int, counts: dict[str, int]) -> str:
    """The sentence that counts the functions of each kind."""
    parts = ", ".join(f"{KINDS[kind]} {count}개" for kind, count in counts.items())
    return f"함수 {total}개 가운데 {parts}입니다."
