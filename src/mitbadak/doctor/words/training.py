"""Words for findings in a training."""

from __future__ import annotations

from mitbadak.doctor.words.words import Words

ENGLISH = {
    "one-class-answered": Words(
        "every answer is class {answer}, which is right for {share:.2%} of the examples.",
        "The net has become a constant: its accuracy is the share of that class, whatever it is "
        "shown.",
        "Look at the finding that explains why: the update rule, the learning rate, or dead units.",
        "Other answers appear in the next epochs.",
    ),
}

KOREAN = {
    "one-class-answered": Words(
        "모든 답이 {answer}번 클래스이고, 맞는 비율은 그 클래스의 비율인 {share:.2%}입니다.",
        "신경망이 상수가 되었습니다. 무엇을 보여 주어도 정확도는 그 클래스의 비율과 같습니다.",
        "그 까닭을 말하는 다른 진단을 보세요: 갱신 규칙, 학습률, 또는 죽은 유닛입니다.",
        "다음 에폭에서 다른 답이 나타나면 이 진단은 틀린 것입니다.",
    ),
}
