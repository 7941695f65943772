"""What is said of data that were read, in Korean: the first lines of a training."""

from __future__ import annotations

KOREAN = {
    # rows, and what was done with them
    "{n:d} inputs, as they are": "입력 {n}개, 있는 그대로",
    "{n:d} input, as they are": "입력 {n}개, 있는 그대로",
    "{n:d} columns, as they are": "열 {n}개, 있는 그대로",
    "{n:d} column, as they are": "열 {n}개, 있는 그대로",
    "{n:d} inputs, divided by {divisor}": "입력 {n}개, {divisor}(으)로 나눔",
    "{n:d} inputs standardized by the training set's mean and spread": "입력 {n}개, 훈련 데이터의 "
    "평균과 표준편차로 표준화",
    "{n:d} input standardized by the training set's mean and spread": "입력 {n}개, 훈련 데이터의 "
    "평균과 표준편차로 표준화",
    "{n:d} inputs standardized by the training set's mean and spread ({names} never vary there)":
    "입력 {n}개, 훈련 데이터의 평균과 표준편차로 표준화({names}은(는) 변하지 않음)",
    "{n:d} columns standardized by the training set's mean and spread": "열 {n}개, 훈련 데이터의 "
    "평균과 표준편차로 표준화",
    "{n:d} columns standardized by the training set's mean and spread ({names} never varies there)":
    "열 {n}개, 훈련 데이터의 평균과 표준편차로 표준화({names}은(는) 변하지 않음)",
    "{n:d} columns standardized by the training set's mean and spread ({names} never vary there)":
    "열 {n}개, 훈련 데이터의 평균과 표준편차로 표준화({names}은(는) 변하지 않음)",
    "numbers standardized by the training set's mean and spread": "수는 훈련 데이터의 평균과 "
    "표준편차로 표준화",
    "numbers standardized by the training set's mean and spread ({names} never varies there)":
    "수는 훈련 데이터의 평균과 표준편차로 표준화({names}은(는) 변하지 않음)",
    "numbers standardized by the training set's mean and spread ({names} never vary there)":
    "수는 훈련 데이터의 평균과 표준편차로 표준화({names}은(는) 변하지 않음)",
    "targets standardized too": "목푯값도 표준화",
    "targets standardized too (mean {mean}, spread {std})": "목푯값도 표준화(평균 {mean}, "
    "표준편차 {std})",
    "targets {name} standardized too (mean {mean}, spread {std})": "목푯값 {name}도 표준화(평균 "
    "{mean}, 표준편차 {std})",
    # images
    "images of {size}, divided by {divisor}": "{size} 이미지, {divisor}(으)로 나눔",
    "images of {size} ({form}), divided by {divisor}": "{size} 이미지({form!k}), {divisor}(으)로 "
    "나눔",
    "images of {size}, as they are": "{size} 이미지, 있는 그대로",
    "images of {size} ({form}), as they are": "{size} 이미지({form!k}), 있는 그대로",
    "light on dark": "어두운 바탕에 밝은 그림",
    "dark on light": "밝은 바탕에 어두운 그림",
    "inverted": "반전",
    "in color": "컬러",
    "ink of {n:d} pixels": "획 {n}픽셀",
    "its center of mass in the middle": "무게 중심이 가운데",
    "its box in the middle": "상자가 가운데",
    "rows and columns swapped": "행과 열을 바꿈",
    "transparent parts black": "투명한 부분은 검은색",
    "{n:d} images in color became gray (color='rgb' keeps it)": "컬러 이미지 {n}장을 회색으로 "
    "바꿨습니다(color= rgb로 살릴 수 있습니다)",
    "dark drawings on light paper were inverted (tone='keep' leaves them)": "밝은 종이에 어둡게 "
    "그린 그림을 반전했습니다(tone= keep으로 그대로 둘 수 있습니다)",
    "light drawings on a transparent ground were put on black (paper='white')": "투명한 바탕에 "
    "밝게 그린 그림을 검은 바탕에 놓았습니다(paper= white로 바꿀 수 있습니다)",
    "rows and columns swapped, as in EMNIST's files (orientation='upright')": "EMNIST의 파일처럼 "
    "행과 열을 바꿨습니다(orientation= upright로 그대로 둘 수 있습니다)",
    "labels from {first} to {last}; the first class is {class_} (first_class='0')": "레이블은 "
    "{first}에서 {last}까지이고 첫 클래스는 {class_}입니다(first_class= 0으로 바꿀 수 있습니다)",
    "looked in {folder}": "{folder}에서 찾았습니다",
    "looked in {folder}; {note}": "{folder}에서 찾았습니다; {note!k}",
    "folders {names}": "폴더 {names}",
    "folders {names}; {test} is the test set": "폴더 {names}; {test}이(가) 시험 데이터입니다",
    "predicts the numbers in {name}": "{name}의 수치를 예측합니다",
    # tables
    "predicts {label} ({about}) from {inputs}": "{label}을(를) 예측({about!k}), 입력은 {inputs!k}",
    "predicts {label} ({about})": "{label}을(를) 예측합니다({about!k})",
    "predicts the numbers in {label} ({about}) from {inputs}": "{label}의 수치를 예측({about!k}), "
    "입력은 {inputs!k}",
    "predicts the numbers in {label} ({about})": "{label}의 수치를 예측합니다({about!k})",
    "{n:d} classes": "클래스 {n}개",
    "targets='classes' takes them as classes": "--targets classes이면 클래스로 봄",
    "targets='numbers' predicts the numbers": "--targets numbers이면 수치로 봄",
    "{n:d} number": "수 {n}개",
    "{n:d} numbers": "수 {n}개",
    "{n:d} date": "날짜 {n}개",
    "{n:d} dates": "날짜 {n}개",
    "{n:d} category": "범주 {n}개",
    "{n:d} categories": "범주 {n}개",
    "{others} and {n:d} date": "{others!k}, 날짜 {n}개",
    "{others} and {n:d} dates": "{others!k}, 날짜 {n}개",
    "{n:d} category ({m:d} columns of 0 and 1)": "범주 {n}개(0과 1인 열 {m}개)",
    "{n:d} categories ({m:d} columns of 0 and 1)": "범주 {n}개(0과 1인 열 {m}개)",
    "{others} and {n:d} category ({m:d} columns of 0 and 1)": "{others!k}, 범주 {n}개(0과 1인 열 "
    "{m}개)",
    "{others} and {n:d} categories ({m:d} columns of 0 and 1)": "{others!k}, 범주 {n}개(0과 1인 "
    "열 {m}개)",
    "missing values filled in ({names})": "결측값을 채움({names})",
    "{n:d} column with {form}": "열 {n}개는 {form!k}",
    "{n:d} columns with {form}": "열 {n}개는 {form!k}",
    "decimal commas": "소수점이 쉼표",
    "thousands with {sign}": "천 단위를 {sign}(으)로 나눔",
    "numbers in parentheses are negative": "괄호 안의 수는 음수",
    "numbers in parentheses are negative ({names})": "괄호 안의 수는 음수({names})",
    "{names} read as month/day (dates='day-first' reads it otherwise)": "{names}은(는) 월/일로 "
    "읽음(dates= day-first이면 일/월)",
    "{names} read as month/day (dates='day-first' reads them otherwise)": "{names}은(는) 월/일로 "
    "읽음(dates= day-first이면 일/월)",
    "{names} read as day/month (dates='month-first' reads it otherwise)": "{names}은(는) 일/월로 "
    "읽음(dates= month-first이면 월/일)",
    "{names} read as day/month (dates='month-first' reads them otherwise)": "{names}은(는) "
    "일/월로 읽음(dates= month-first이면 월/일)",
    "left out: {columns}": "뺀 열: {columns!k}",
    "{columns} and {n:d} more": "{columns!k} 등 {n}개 더",
    "{name} (row numbers)": "{name}(행 번호)",
    "{name} (row names)": "{name}(행 이름)",
    "{name} (nearly every row differs)": "{name}(거의 모든 행이 다름)",
    "{name} (no kind occurs often)": "{name}(자주 나오는 범주가 없음)",
    "{name} (no values)": "{name}(값이 없음)",
    "{name} (one value)": "{name}(값이 하나뿐)",
    "{name} (too many kinds)": "{name}(범주가 너무 많음)",
    "keep= uses it": "--keep을 주면 씁니다",
    "keep= uses them": "--keep을 주면 씁니다",
    "dropped: {names}": "버린 열: {names}",
    "separated by {what}": "구분자는 {what!k}",
    "{encoding}, separated by {what}": "{encoding}, 구분자는 {what!k}",
    "tabs": "탭",
    "semicolons": "세미콜론",
    "commas": "쉼표",
    "spaces": "공백",
    "bars": "세로줄",
    "quotation marks escaped by {sign}": "따옴표 앞에 {sign}",
    "{n:d} line above the header skipped": "열 이름 위의 {n}줄을 건너뜀",
    "{n:d} lines above the header skipped": "열 이름 위의 {n}줄을 건너뜀",
    "{n:d} line above the first row skipped": "첫 행 위의 {n}줄을 건너뜀",
    "{n:d} lines above the first row skipped": "첫 행 위의 {n}줄을 건너뜀",
    "no header": "열 이름 없음",
    "{n:d} row without {label} left out": "{label}이(가) 빈 {n}행을 뺌",
    "{n:d} rows without {label} left out": "{label}이(가) 빈 {n}행을 뺌",
}  # fmt: skip
