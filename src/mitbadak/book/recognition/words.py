"""What recognition says, in two languages."""

from __future__ import annotations

from mitbadak.core.languages import known_language
from mitbadak.core.progress import duration

# Why f is not recognised, in a clause.
REASONS: dict[str, dict[str, str]] = {
    "operation": {
        "en": "it calls {what} in a way that is not known here",
        "ko": "여기서 알 수 없는 연산이 있습니다({what})",
    },
    "one by one": {
        "en": "it treats the examples of the batch one by one",
        "ko": "배치의 데이터를 하나씩 따로 처리합니다",
    },
    "batch": {
        "en": "{what} combines the examples of the batch with one another",
        "ko": "배치의 데이터를 서로 섞는 연산이 있습니다({what})",
    },
    "plain": {
        "en": "it makes plain numbers of what depends on the weights ({what})",
        "ko": "가중치에 따라 달라지는 값을 보통의 수로 바꿉니다({what})",
    },
    "branch": {
        "en": "it decides by a value that depends on the weights",
        "ko": "가중치에 따라 달라지는 값으로 분기합니다",
    },
    "attribute": {
        "en": "it uses .{what} of an array",
        "ko": "배열의 속성을 사용합니다(.{what})",
    },
    "in place": {
        "en": "it changes an array in place ({what})",
        "ko": "배열을 제자리에서 바꿉니다({what})",
    },
    "writes": {
        "en": "it writes into the weights",
        "ko": "가중치 배열에 값을 씁니다",
    },
    "dtype": {
        "en": "it computes in {what}; differences need float64",
        "ko": "자료형이 {what}입니다. 차분에는 float64가 필요합니다",
    },
    "twice": {
        "en": "the weights are used in two places that meet",
        "ko": "같은 가중치를 두 곳에서 쓰고 그 결과가 다시 만납니다",
    },
    "flows back": {
        "en": "a sum over the batch or the weights flows back into the net",
        "ko": "배치나 가중치 전체의 합이 다시 신경망의 계산에 들어갑니다",
    },
    "transformed": {
        "en": "the weights are changed before they meet the inputs",
        "ko": "가중치가 입력과 곱해지기 전에 변형됩니다",
    },
    "picked": {
        "en": "it picks entries in a way that is not known here",
        "ko": "여기서 알 수 없는 방식으로 원소를 골라냅니다",
    },
    "independent": {
        "en": "its result does not depend on this array, as far as can be seen",
        "ko": "결과가 이 배열에 의존하는지 확인할 수 없습니다",
    },
    "many": {
        "en": "it does not return one number",
        "ko": "수 하나를 반환하지 않습니다",
    },
    "not finite": {
        "en": "values on the way are infinite or NaN",
        "ko": "계산 도중에 무한대나 NaN이 나옵니다",
    },
    "place": {
        "en": "the weights lie where no other array can stand in for them",
        "ko": "가중치를 다른 배열로 바꿔 볼 수 없는 곳에 두었습니다",
    },
    "objects": {
        "en": "it can reach too many objects",
        "ko": "참조하는 객체가 너무 많습니다",
    },
    "memory": {
        "en": "it reads the memory of the weights through another array as well",
        "ko": "가중치의 메모리를 다른 배열을 통해서도 읽습니다",
    },
    "random": {
        "en": "it draws random numbers",
        "ko": "난수를 사용합니다",
    },
    "prints": {
        "en": "it prints",
        "ko": "화면에 출력합니다",
    },
    "differs": {
        "en": "two runs on the same weights give different numbers",
        "ko": "같은 가중치로 두 번 실행한 결과가 서로 다릅니다",
    },
    "error": {
        "en": "it raises {what} while it is followed",
        "ko": "추적하는 동안 오류가 납니다({what})",
    },
    "array": {
        "en": "the array does not fit ({what})",
        "ko": "배열의 형식이 맞지 않습니다({what})",
    },
    "large": {
        "en": "entries as large as {what} lose the step to rounding",
        "ko": "원소가 커서({what}) h가 반올림에 묻힙니다",
    },
    "mismatch": {
        "en": "the fast gradient differs from the definition by {what}",
        "ko": "빠른 기울기가 정의대로 구한 값과 다릅니다(차이 {what})",
    },
    "own": {
        "en": "this numerical_gradient is not the central difference of the definition",
        "ko": "이 numerical_gradient는 정의의 중심 차분과 다르게 동작합니다",
    },
}

RECOGNISED = {
    "en": "numerical gradient: f is recognised ({net}); {entries:,} entries in {fast}, by the "
    "definition about {slow}; {checked} entries agree with the definition to {difference:.0e}.",
    "ko": "수치 미분: f의 구조를 알아보았습니다({net}). 원소 {entries:,}개를 {fast} 만에 "
    "구했습니다. 정의대로는 약 {slow} 걸립니다. 확인한 원소 {checked}개는 "
    "정의와 {difference:.0e} 이내로 일치합니다.",
}
FORECAST = {
    "en": "numerical gradient: {evaluations:,} evaluations of f, about {slow}, since f is not "
    "recognised: {why}. Within seconds: a loss of affine layers and functions of single entries, "
    "in float64; or backpropagation.",
    "ko": "수치 미분: f를 {evaluations:,}번 계산하며 약 {slow} 걸립니다. "
    "f의 구조를 알아볼 수 없기 때문입니다: {why}. 몇 초 안에 구하려면 손실을 float64의 "
    "Affine 계층과 원소별 함수로 쓰거나 오차역전파법을 사용합니다.",
}  # fmt: skip
DISTRUSTED = {
    "en": "numerical gradient: {why}, so it is computed by the definition from here on.",
    "ko": "수치 미분: {why}. 그래서 이제부터 정의대로 계산합니다.",
}
REPLAYED = {"en": "its own operations, on what each weight moves",
            "ko": "f의 연산을 각 가중치가 움직이는 부분에만 적용"}  # fmt: skip


UNITS = {"s": "초", "min": "분", "h": "시간", "days": "일"}


def _time(seconds: float, lang: str) -> str:
    """A time as ``duration`` has it, in the language."""
    if seconds < 0.1:
        return f"{1000 * seconds:.0f} ms"
    number, unit = duration(seconds).split()
    return f"{number} {unit}" if lang == "en" else f"{number}{UNITS[unit]}"


def reason(why: str, what: str = "", lang: str = "en") -> str:
    """Why f is not recognised, in a clause.

    Args:
        why: a key of ``REASONS``.
        what: what is named in it.
        lang: ``en`` or ``ko``.

    Raises:
        UnknownNameError: an unknown language.

    Example:
        >>> reason("plain", "int")
        'it makes plain numbers of what depends on the weights (int)'
    """
    return REASONS[why][known_language(lang)].format(what=what)


def recognised(
    lang: str, *, net: tuple[str, ...], entries: int, fast: float, slow: float, checked: int,
    difference: float,
) -> str:  # fmt: skip
    """The line about a gradient that was computed fast; ``net`` is empty for a replay."""
    return RECOGNISED[known_language(lang)].format(
        net=", ".join(net) or REPLAYED[lang], entries=entries, fast=_time(fast, lang),
        slow=_time(slow, lang), checked=checked, difference=difference,
    )  # fmt: skip


def forecast(lang: str, *, evaluations: int, slow: float, why: str, what: str) -> str:
    """The line before a wait: how long, why, and what would take seconds.

    Example:
        >>> forecast("en", evaluations=79520, slow=36.0, why="random", what="")[:72]
        'numerical gradient: 79,520 evaluations of f, about 36 s, since f is not '
    """
    return FORECAST[known_language(lang)].format(
        evaluations=evaluations, slow=_time(slow, lang), why=reason(why, what, lang)
    )


def distrusted(lang: str, why: str, what: str) -> str:
    """The line after a check that failed."""
    return DISTRUSTED[known_language(lang)].format(why=reason(why, what, lang))
