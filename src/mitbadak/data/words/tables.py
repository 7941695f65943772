"""Messages about tables, in Korean."""

from __future__ import annotations

KOREAN = {
    "{path} has {n} inputs, once its texts are encoded; at most {most} are possible. Leave out "
    "columns: drop='NAME'.": "{path}의 글자를 입력으로 바꾸면 {n}개입니다. {most}개까지 됩니다. "
    "--drop으로 열을 빼세요.",
    "{path} has no column to learn {label} from. Left out: {why}. keep='NAME' uses one in any "
    "case.": "{path}에 {label}을(를) 배울 열이 없습니다. 뺀 열: {why!k}. keep='NAME'을 주면 그 "
    "열을 씁니다.",
    "{name}: column {columns} holds numbers too large to be standardized. Use another unit, or "
    "take the logarithm.": "{name}: {columns} 열의 수가 너무 커서 표준화할 수 없습니다. 단위를 "
    "바꾸거나 로그를 취하세요.",
    "{path} is empty.": "{path}이(가) 비었습니다.",
    "{path} has no line {n} among the first.": "{path}의 앞부분에 {n}번째 줄이 없습니다.",
    "{path} has no line {n}.": "{path}에 {n}번째 줄이 없습니다.",
    "{path} has no rows below its header.": "{path}의 열 이름 아래에 행이 없습니다.",
    # encoding
    "{path} holds {size} bytes; more than {most} are refused. Save the numbers as .npz (np.savez) "
    "or IDX (write_idx), which take less.": "{path}은(는) {size}바이트입니다. {most}바이트보다 "
    "크면 읽지 않습니다. 수를 더 작은 .npz(np.savez)나 IDX(write_idx)로 저장하세요.",
    "{path} is not text: it contains null bytes. Save it as CSV (UTF-8).": "{path}은(는) 글이 "
    "아닙니다. 널 바이트가 들어 있습니다. CSV(UTF-8)로 저장하세요.",
    "{path} is not UTF-8 text: {problem}, after other letters that are. It may be damaged. Save "
    "it as 'CSV UTF-8' in the spreadsheet, or name its encoding, such as encoding='cp949' or "
    "'cp1252'.": "{path}은(는) UTF-8이 아닙니다: {problem}. 그 앞의 글자는 맞으므로 손상되었을지 "
    "모릅니다. 스프레드시트에서 'CSV UTF-8'로 저장하거나, --encoding으로 cp949나 cp1252 같은 "
    "인코딩을 알려 주세요.",
    "{path} is not text: it contains control characters.": "{path}은(는) 글이 아닙니다. 제어 "
    "문자가 들어 있습니다.",
    "{path} is not {encoding} text: {error}. Name its encoding with encoding=..., such as utf-8, "
    "cp949 or cp1252.": "{path}은(는) {encoding}이(가) 아닙니다: {error}. --encoding으로 utf-8, "
    "cp949, cp1252 같은 인코딩을 알려 주세요.",
    "unknown encoding {name}. Python knows, for example, utf-8, utf-16, cp949, cp1252, shift_jis "
    "and gb18030.": "{name}은(는) 모르는 인코딩입니다. 예를 들어 utf-8, utf-16, cp949, cp1252, "
    "shift_jis, gb18030을 쓸 수 있습니다.",
    "{path} is not {encoding} text: {problem}. {remedy}": "{path}은(는) {encoding}이(가) "
    "아닙니다: {problem}. {remedy!k}",
    "Save it as 'CSV UTF-8' in the spreadsheet, or name its encoding: encoding='NAME'.":
    "스프레드시트에서 'CSV UTF-8'로 저장하거나 --encoding으로 인코딩을 알려 주세요.",
    "Name another one, such as encoding='utf-8', 'cp949' or 'cp1252'.": "--encoding으로 utf-8, "
    "cp949, cp1252 같은 다른 인코딩을 알려 주세요.",
    # rows
    "{path} is damaged: {error}. Is a quotation mark missing?": "{path}이(가) 손상되었습니다: "
    "{error}. 따옴표가 빠졌나요?",
    "{path} has a row of more than {n} characters. Is a quotation mark missing?": "{path}에 "
    "{n}글자가 넘는 행이 있습니다. 따옴표가 빠졌나요?",
    "{path}: the cells of its first line are all empty; names of columns were expected. "
    "header=... names the line that has them.": "{path}: 첫 줄의 칸이 모두 비었습니다. 열 이름이 "
    "있어야 합니다. 열 이름이 있는 줄을 --header로 알려 주세요.",
    "{path}: row {number} {where} has {n} columns, {wanted}. Cells are separated by {what}; cells "
    "that hold one need quotes. delimiter=... names another delimiter, header=... the line of the "
    "header.": "{path}: {number}행({where!k})에 열이 {n}개인데 {wanted!k}. 구분자는 "
    "{what!k}입니다. 구분자가 든 칸은 따옴표로 싸야 합니다. 다른 구분자는 --delimiter로, 열 "
    "이름이 있는 줄은 --header로 알려 주세요.",
    "{path} has {n} columns; at most {most} are read. If its rows are its columns, transpose it; "
    "save images as .npz (np.savez) or IDX (write_idx).": "{path}에 열이 {n}개 있습니다. "
    "{most}개까지 읽습니다. 행과 열이 뒤바뀌었으면 바꾸고, 이미지는 .npz(np.savez)나 "
    "IDX(write_idx)로 저장하세요.",
    "{path} holds more than {n} rows, the limit.": "{path}의 행이 {n}개를 넘습니다.",
    # columns and header
    "unknown columns of {path} for {which}=...: {names}. Known: {known}.": "{path}에 없는 "
    "열입니다({which}=...): {names}. 있는 열: {known}.",
    "column of {path} for {which}=...": "{path}의 열({which}=...)",
    "{path} has a single column, {names}; inputs and a label are needed. Cells may be separated "
    "by {what}; delimiter=... names another.": "{path}에 열이 {names} 하나뿐입니다. 입력과 "
    "레이블이 있어야 합니다. 칸은 {what!k}(으)로 나눌 수 있고, 다른 구분자는 --delimiter로 알려 "
    "줍니다.",
    "{path}: which column is to be predicted? The last one is {last}, but {other} may be meant. "
    "Use {flag} or {flag2}.": "{path}: 어느 열을 예측할까요? 마지막 열은 {last}인데 {other}일 "
    "수도 있습니다. {flag}이나 {flag2}을(를) 주세요.",
    "{path}: {label} is to be predicted, and another column has that name. Rename one.": "{path}: "
    "예측할 {label}과(와) 이름이 같은 열이 또 있습니다. 하나의 이름을 바꾸세요.",
    "{path} has no header: its first line holds values ({shown}), no names of columns. Add a line "
    "with a name for each column, or use header='none', which calls them 'column 1', 'column 2' "
    "and so on; if it is the header, use header='1'.": "{path}에 열 이름이 없습니다. 첫 줄이 열 "
    "이름이 아니라 값입니다({shown}). 열마다 이름을 적은 줄을 넣거나, 'column 1', 'column 2'처럼 "
    "부르는 header= none을 쓰세요. 그 줄이 열 이름이면 header= 1을 쓰세요.",
    "{path}: {label} is to be predicted and cannot be dropped.": "{path}: {label}은(는) 예측할 "
    "열이라 뺄 수 없습니다.",
    "{path}: a column holds numbers, and something else in a few rows: {shown}. Correct the "
    "cells, or use {remedy}.": "{path}: 수로 된 열의 몇 행에 다른 것이 있습니다: {shown}. 칸을 "
    "고치거나 {remedy!k}을(를) 쓰세요.",
    "{path}: columns hold numbers, and something else in a few rows: {shown}. Correct the cells, "
    "or use {remedy}.": "{path}: 수로 된 열들의 몇 행에 다른 것이 있습니다: {shown}. 칸을 "
    "고치거나 {remedy!k}을(를) 쓰세요.",
    "{name} must be text; got {value}.": "{name}은(는) 글자여야 하는데 {value}을(를) 받았습니다.",
    "header must be {words}, or the number of the line that holds the names of the columns; got "
    "{value}.": "header는 {words}, 또는 열 이름이 있는 줄의 번호여야 하는데 {value}을(를) "
    "받았습니다.",
    # labels
    "{path}: column '{name}'": "{path}: '{name}' 열",
    "{where} holds a single class, {name}; at least two are needed. Choose another column: "
    "label='NAME'.": "{where!k}에 클래스가 {name} 하나뿐입니다. 둘 이상이어야 합니다. --label로 "
    "다른 열을 고르세요.",
    "{where} holds {n} different values in {all} examples, too many for classes. {remedy} another "
    "column: label='NAME'.": "{where!k}에 데이터 {all}개에서 서로 다른 값이 {n}개 있습니다. "
    "클래스로는 너무 많습니다. {remedy!k} --label로 다른 열을 고르세요.",
    "Use targets='numbers' to predict the numbers, or": "수치를 예측하려면 --targets numbers를 "
    "쓰고, 아니면",
    "{where} has no value in any row. Choose another: label='NAME'.": "{where!k}에 값이 있는 행이 "
    "없습니다. --label로 다른 열을 고르세요.",
    "{where} holds the same value, {value}, in every row; there is nothing to learn. Choose "
    "another: label='NAME'.": "{where!k}의 값이 모든 행에서 {value}입니다. 배울 것이 없습니다. "
    "--label로 다른 열을 고르세요.",
    "{where} holds {text} in row {row} below the header, which is not a finite number. Use "
    "targets='classes', or choose another by label=...; {flag} leaves such rows out.":
    "{where!k}에서 열 이름 아래 {row}행의 {text}은(는) 유한한 수가 아닙니다. --targets classes를 "
    "쓰거나 --label로 다른 열을 고르세요. {flag}이면 그런 행을 뺍니다.",
    "{path}: row {row} below the header holds {text} in column {name}, which is to be predicted. "
    "If such rows have no label, {flag} leaves them out; if it is a class of that name, use "
    "missing='', with which only empty cells count as missing.": "{path}: 예측할 {name} 열에서 열 "
    "이름 아래 {row}행이 {text}입니다. 레이블이 없는 행이면 {flag}(으)로 뺄 수 있고, 그런 이름의 "
    "클래스이면 빈칸만 결측값으로 보는 --missing ''을 쓰세요.",
    # new rows
    "the columns of a table have the same length; got {lengths}.": "표의 열은 길이가 같아야 "
    "하는데 {lengths}입니다.",
    "expected the columns {names} of training; {missing} is missing.": "학습할 때의 열 "
    "{names}이(가) 있어야 하는데 {missing}이(가) 없습니다.",
    "expected the columns {names} of training; {missing} are missing.": "학습할 때의 열 "
    "{names}이(가) 있어야 하는데 {missing}이(가) 없습니다.",
    "column {name} must be a list of cells, one for each row; got {value}.": "{name} 열은 행마다 "
    "하나씩인 칸의 리스트여야 하는데 {value}을(를) 받았습니다.",
    "expected rows of {n} cells, as in training: {shown}; got {got}. For a single row write "
    "[row]; columns may also be given by name, in a dict or a data frame.": "학습할 때처럼 칸이 "
    "{n}개인 행이어야 하는데({shown}) {got}을(를) 받았습니다. 한 행은 [row]로 쓰세요. 딕셔너리나 "
    "데이터프레임으로 열을 이름으로 줄 수도 있습니다.",
    "{place}, column {name}: expected {kind}, as in training; got {cell}.": "{place!k}, {name} "
    "열: 학습할 때처럼 {kind!k}여야 하는데 {cell}입니다.",
    "{path}: row {row:d} below the header": "{path}: 열 이름 아래 {row}행",
    "a finite number": "유한한 수",
    "a date ({order})": "날짜({order})",
    "it describes a table with columns {names}.": "{names} 열이 있는 표라고 되어 있습니다.",
    "its decimal sign separates thousands too: {sign}.": "소수점과 천 단위 구분자가 같습니다: "
    "{sign}.",
    "column {name} is of no kind, or of two.": "{name} 열의 종류가 없거나 둘입니다.",
}  # fmt: skip
