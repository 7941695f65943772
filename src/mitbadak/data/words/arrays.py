"""Messages about arrays and their files (.npz, IDX), in Korean."""

from __future__ import annotations

KOREAN = {
    # .npz
    "{path} is damaged: {error}. Get the file again.": "{path}이(가) 손상되었습니다: {error}. "
    "파일을 다시 받으세요.",
    "{path} holds {size} bytes; more than {most} are refused.": "{path}은(는) {size}바이트입니다. "
    "{most}바이트보다 크면 읽지 않습니다.",
    "{path} is not an .npz file, or is truncated: the end of a zip file is missing. Write it with "
    "np.savez, or get it again.": "{path}은(는) .npz 파일이 아니거나 잘렸습니다. zip 파일의 끝이 "
    "없습니다. np.savez로 저장하거나 파일을 다시 받으세요.",
    "{path} has too long a list of members for a file of arrays.": "{path}에는 배열 파일치고 "
    "항목이 너무 많습니다.",
    "{path} holds two arrays named {name}.": "{path}에 이름이 {name}인 배열이 둘 있습니다.",
    "{path}: {name} uses a compression method that NumPy does not write. Use np.savez_compressed.":
    "{path}: {name}의 압축 방식은 NumPy가 쓰지 않는 것입니다. np.savez_compressed로 저장하세요.",
    "{where} brings the arrays to more than {most} bytes, which are refused.": "{where}까지 "
    "더하면 배열이 {most}바이트를 넘어 읽지 않습니다.",
    "{where} should have {bytes} bytes for shape {shape} of {dtype}, but the file announces "
    "{size}. It is damaged: get it again.": "{where}은(는) 형상 {shape}, {dtype}이므로 "
    "{bytes}바이트여야 하는데 파일에는 {size}바이트라고 되어 있습니다. 손상되었으니 다시 받으세요.",
    "{where} announces {size} bytes, more than its {stored} stored bytes can hold.":
    "{where}은(는) {size}바이트라고 되어 있는데, 저장된 {stored}바이트에 들어갈 수 없는 "
    "크기입니다.",
    "{where} is truncated: {n} bytes are missing.": "{where}이(가) 잘렸습니다. {n}바이트가 "
    "모자랍니다.",
    "{where} is not an array: it does not begin like an .npy file.": "{where}은(는) 배열이 "
    "아닙니다. .npy 파일처럼 시작하지 않습니다.",
    "{where} has a header of {n} characters, too long for an array.": "{where}의 머리 부분이 "
    "{n}글자로, 배열치고 너무 깁니다.",
    "{where} has an invalid header: {text}.": "{where}의 머리 부분이 잘못되었습니다: {text}.",
    "{where} holds Python objects or records ({kind}), which are refused: they could run code. "
    "Save plain numbers: array.astype(float).": "{where}에 파이썬 객체나 레코드({kind})가 "
    "있습니다. 코드를 실행할 수 있어서 읽지 않습니다. array.astype(float)처럼 수로 저장하세요.",
    "{where} has dtype {dtype}; arrays of numbers are expected.": "{where}의 dtype이 "
    "{dtype}입니다. 수의 배열이어야 합니다.",
    "{where} has dtype {dtype}, which NumPy does not know.": "{where}의 dtype {dtype}은(는) "
    "NumPy가 모르는 것입니다.",
    "{where} has dtype {dtype}, text of length 0.": "{where}의 dtype {dtype}은(는) 길이가 0인 "
    "글자입니다.",
    "{path} holds {names}; expected {both}, or a single set: {one}. Save it with np.savez(path, "
    "x_train=..., ...).": "{path}에 {names}이(가) 있습니다. {both}이(가) 있거나, 한 벌({one})이 "
    "있어야 합니다. np.savez(path, x_train=..., ...)로 저장하세요.",
    "{path}: {a} and {b} hold examples of different shapes, {shape} and {shape2}.": "{path}: "
    "{a}와(과) {b}의 데이터가 형상이 다릅니다({shape}, {shape2}).",
    "{path}: {x} has shape {shape} and {t} {shape2}; they must hold the same number of examples, "
    "at least one.": "{path}: {x}의 형상은 {shape}, {t}의 형상은 {shape2}입니다. 데이터 수가 같고 "
    "하나 이상이어야 합니다.",
    "{path}: {x} holds text; inputs must be numbers.": "{path}: {x}에 글자가 있습니다. 입력은 "
    "수여야 합니다.",
    "{path}: {t} has shape {shape}; one label per example is expected.": "{path}: {t}의 형상이 "
    "{shape}입니다. 데이터마다 레이블이 하나씩 있어야 합니다.",
    "{path}: {t} holds NaN or infinity; labels must be finite.": "{path}: {t}에 NaN이나 무한대가 "
    "있습니다. 레이블은 유한해야 합니다.",
    "{where} holds text; use targets='classes'.": "{where}에 글자가 있습니다. --targets classes를 "
    "쓰세요.",
    "{where} has shape {shape}, but its rows are not distributions. Use targets='numbers' to "
    "predict the numbers.": "{where}의 형상이 {shape}인데 행이 확률 분포가 아닙니다. 수치를 "
    "예측하려면 targets= numbers를 쓰세요.",
    "{where} holds damaged text.": "{where}에 손상된 글자가 있습니다.",
    # IDX
    "{path} is gzipped and cannot be mapped. Unzip it (gunzip -k), or use read_idx.":
    "{path}은(는) gzip으로 압축되어 메모리에 연결할 수 없습니다. 압축을 풀거나(gunzip -k) "
    "read_idx를 쓰세요.",
    "write_idx expects {known} with at least one dimension; got {dtype} of shape {shape}.":
    "write_idx에는 차원이 하나 이상인 {known}을(를) 주어야 하는데 형상이 {shape}인 {dtype}을(를) "
    "받았습니다.",
    "{path} is not an IDX file: it begins with the bytes {start}; expected 00 00, a type code "
    "(08, 09, 0b, 0c, 0d, 0e) and the number of dimensions, 1 to {most}.": "{path}은(는) IDX "
    "파일이 아닙니다. {start} 바이트로 시작하는데, 00 00, 형식 코드(08, 09, 0b, 0c, 0d, 0e), 차원 "
    "수(1에서 {most})로 시작해야 합니다.",
    "{path} is truncated: {n} of {all} bytes are missing. Get the file again.": "{path}이(가) "
    "잘렸습니다. {all}바이트 가운데 {n}바이트가 없습니다. 파일을 다시 받으세요.",
    "{path} continues after the array that its header announces.": "{path}에 머리 부분이 알린 "
    "배열보다 더 많은 것이 있습니다.",
    "{path} announces {n} bytes; more than {most} are refused.": "{path}은(는) {n}바이트라고 되어 "
    "있습니다. {most}바이트보다 크면 읽지 않습니다.",
    "{path} announces {n} bytes, more than its {size} compressed bytes can hold.": "{path}은(는) "
    "{n}바이트라고 되어 있는데, 압축된 {size}바이트에 들어갈 수 없는 크기입니다.",
    "{path} continues after the end of its gzip stream.": "{path}은(는) gzip이 끝난 뒤에도 "
    "이어집니다.",
    "{path} is truncated: its gzip stream has no end. Get the file again.": "{path}이(가) "
    "잘렸습니다. gzip의 끝이 없습니다. 파일을 다시 받으세요.",
    "{folder}: training and test images do not match; they have shape {shape} of {dtype} and "
    "{shape2} of {dtype2}.": "{folder}: 훈련 이미지와 시험 이미지가 맞지 않습니다. 형상이 "
    "{shape}({dtype})와 {shape2}({dtype2})입니다.",
    "{folder} holds no IDX files, such as train-images-idx3-ubyte or t10k-labels-idx1-ubyte.gz.":
    "{folder}에 train-images-idx3-ubyte나 t10k-labels-idx1-ubyte.gz 같은 IDX 파일이 없습니다.",
    "{folder} holds IDX files of more than one set: {names}. Put each set into a separate folder.":
    "{folder}에 IDX 파일이 두 벌 이상 있습니다: {names}. 한 벌씩 다른 폴더에 두세요.",
    "{folder} lacks {missing}-ubyte (or .gz); it holds {names}.": "{folder}에 "
    "{missing}-ubyte(또는 .gz)가 없습니다. 있는 것: {names!k}.",
    "{path} should hold labels from 0 to {most}; it holds {dtype} from {low} to {high}. Was it "
    "renamed?": "{path}에는 0에서 {most}까지의 레이블이 있어야 하는데 {low}에서 {high}까지의 "
    "{dtype}이(가) 있습니다. 이름을 바꿨나요?",
    "{path} should hold images of 28 x 28 bytes; it holds {dtype} of shape {shape}. Was it "
    "renamed?": "{path}에는 28 x 28바이트 이미지가 있어야 하는데 형상이 {shape}인 {dtype}이(가) "
    "있습니다. 이름을 바꿨나요?",
    "{path} should hold labels 0..9, one byte each; it holds {dtype} of shape {shape} up to "
    "{high}. Was it renamed?": "{path}에는 한 바이트짜리 레이블 0..9가 있어야 하는데 형상이 "
    "{shape}이고 {high}까지인 {dtype}이(가) 있습니다. 이름을 바꿨나요?",
    "{path} holds {n} images, but {path2} {m} labels; both must hold the same number, at least "
    "one.": "{path}에는 이미지가 {n}장인데 {path2}에는 레이블이 {m}개입니다. 수가 같고 하나 "
    "이상이어야 합니다.",
    "{path} is missing. Reinstall Mitbadak, or pass its folder.": "{path}이(가) 없습니다. "
    "Mitbadak을 다시 설치하거나 그 파일이 있는 폴더를 주세요.",
    "{path} is not the file that ships with Mitbadak: its SHA-256 differs. Reinstall it.":
    "{path}은(는) Mitbadak에 들어 있는 파일이 아닙니다. SHA-256이 다릅니다. 다시 설치하세요.",
    # data sets
    "{name}: x and t must hold the same number of examples; got x {shape} and t {shape2}.":
    "{name}: x와 t의 데이터 수가 같아야 하는데 x는 {shape}, t는 {shape2}입니다.",
    "{name} is empty: {which} has shape {shape}.": "{name}이(가) 비었습니다. {which}의 형상이 "
    "{shape}입니다.",
    "{name}: {which} holds NaN or infinity, first at {at}. Remove or fix such examples.":
    "{name}: {which}에 NaN이나 무한대가 있습니다. 처음 나온 곳은 {at}입니다. 그런 데이터를 빼거나 "
    "고치세요.",
    "{name}: {which} holds NaN or infinity, first at {at}; every label must be finite. Remove or "
    "fix such examples.": "{name}: {which}에 NaN이나 무한대가 있습니다. 처음 나온 곳은 "
    "{at}입니다. 레이블은 모두 유한해야 합니다. 그런 데이터를 빼거나 고치세요.",
    "{name}: x holds bytes up to {high}. For pixels use Dataset(x, t, divisor=255), which scales "
    "each batch to 0..1, or x / 255.": "{name}: x가 {high}까지의 바이트입니다. 픽셀이면 배치를 "
    "0..1로 바꿔 주는 Dataset(x, t, divisor=255)나 x / 255를 쓰세요.",
    "{name}: x holds whole numbers from {low} to {high}, as pixels do that are not scaled; a net "
    "learns badly from inputs that large. Use x / 255, or Dataset(x, t, divisor=255).": "{name}: "
    "x가 나누지 않은 픽셀처럼 {low}에서 {high}까지의 정수입니다. 이렇게 큰 입력으로는 잘 배우지 "
    "못합니다. x / 255나 Dataset(x, t, divisor=255)를 쓰세요.",
    "{where} has classes for labels; targets='numbers' is for tables and .npz files.": "{where}의 "
    "레이블은 클래스입니다. targets numbers는 표와 .npz 파일에 씁니다.",
    "{where} is neither a file nor a folder.": "{where}은(는) 파일도 폴더도 아닙니다.",
    "{where} is not in a known format: {endings}, .npz, or a folder of IDX files or images. Save "
    "a single array together with its labels: np.savez(path, x=x, t=t).": "{where}은(는) 아는 "
    "형식이 아닙니다. 아는 형식은 {endings}, .npz, IDX 파일이나 이미지의 폴더입니다. 배열 하나는 "
    "np.savez(path, x=x, t=t)처럼 레이블과 함께 저장하세요.",
    "{error} There is no file or folder of that name either.": "{error!k} 그런 이름의 파일이나 "
    "폴더도 없습니다.",
    "{owner} expects a pair (x, t); got two pairs, as load_mnist returns them. Use train, test = "
    "mb.load_mnist(); {use}.": "{owner}에는 (x, t) 쌍을 주어야 하는데 load_mnist가 돌려주는 "
    "두 쌍을 받았습니다. train, test = mb.load_mnist(); {use}처럼 쓰세요.",
    "no data at {where}: there is no folder {parent}.": "{where}에 데이터가 없습니다. {parent} "
    "폴더가 없습니다.",
    "no data at {where}: there is no such file or folder.{hint} Known by name: {names}.":
    "{where}에 데이터가 없습니다. 그런 파일이나 폴더가 없습니다.{hint!k} 이름으로 아는 것: "
    "{names}.",
    " Did you mean {other}?": " {other}인가요?",
    "{owner}: noise must be a finite number of at least 0; got {noise}.": "{owner}: noise는 0 "
    "이상의 유한한 수여야 하는데 {noise}을(를) 받았습니다.",
    "{where} is {kind}; {flags} is for {meant}. Leave it out.": "{where}은(는) {kind!k}인데 "
    "{flags}은(는) {meant!k}에 쓰는 옵션입니다. 빼세요.",
    "{where} is {kind}; {flags} are for {meant}. Leave them out.": "{where}은(는) {kind!k}인데 "
    "{flags}은(는) {meant!k}에 쓰는 옵션입니다. 빼세요.",
    "a source that comes with its test set": "시험 데이터가 따로 있는 데이터",
    "single sets to be split": "한 벌을 나누는 데이터",
    "a folder of IDX files": "IDX 파일 폴더",
    "a folder of images": "이미지 폴더",
    "a folder of images sorted by class": "클래스별로 나눈 이미지 폴더",
    "not a table": "표가 아닌 것",
    "a table": "표",
    "tables": "표",
    "an .npz file": ".npz 파일",
    "tables ({endings})": "표({endings})",
    "such folders": "그런 폴더",
    "folders of pictures by class": "클래스별로 나눈 이미지 폴더",
    "not a folder of pictures": "이미지 폴더가 아닌 것",
    "{owner}: {name} {share} of {n} examples holds out {count} and leaves {rest} for training; "
    "each part needs at least one.": "{owner}: 데이터 {n}개에서 {name} {share}이면 {count}개를 "
    "떼고 훈련에 {rest}개가 남습니다. 양쪽에 하나 이상 있어야 합니다.",
    "k_fold: {k} folds of {n} examples leave some folds empty; use k={most} or less.": "k_fold: "
    "데이터 {n}개를 {k}묶음으로 나누면 빈 묶음이 생깁니다. k={most} 이하로 하세요.",
    "{owner} expects t of shape (n,) or (n, classes) with at least one example; got {shape}.":
    "{owner}: t의 형상은 데이터가 하나 이상인 (n,)이나 (n, classes)여야 하는데 {shape}입니다.",
    "{owner} expects classes; t holds real numbers, such as {value}. Split real targets without "
    "stratification.": "{owner}: t는 클래스여야 하는데 {value} 같은 실수가 있습니다. 실수 "
    "목푯값은 층화하지 말고 나누세요.",
    "{owner}: column {columns} holds numbers too large to be standardized. Use another unit, or "
    "take the logarithm.": "{owner}: {columns} 열의 수가 너무 커서 표준화할 수 없습니다. 단위를 "
    "바꾸거나 로그를 취하세요.",
    "{name}: the targets hold numbers too large to be standardized. Use another unit, or take the "
    "logarithm.": "{name}: 목푯값의 수가 너무 커서 표준화할 수 없습니다. 단위를 바꾸거나 로그를 "
    "취하세요.",
    "{images} holds no examples: its shape is {shape}.": "{images}에 데이터가 없습니다. 형상이 "
    "{shape}입니다.",
    "{labels} should hold one label for each of the {n} examples in {images}; it holds {dtype} of "
    "shape {shape}.": "{labels}에는 {images}의 데이터 {n}개마다 레이블이 하나씩 있어야 하는데 "
    "형상이 {shape}인 {dtype}이(가) 있습니다.",
    # preparation
    "expected examples, one in each row; got a single number.": "행마다 데이터가 하나씩 있어야 "
    "하는데 수 하나를 받았습니다.",
    "expected examples of {n} numbers, as in training; got {shape}.": "학습할 때처럼 수 {n}개씩인 "
    "데이터여야 하는데 형상이 {shape}입니다.",
    "expected targets of {n} numbers, as in training; got {t}.": "학습할 때처럼 수 {n}개씩인 "
    "목푯값이어야 하는데 {t}을(를) 받았습니다.",
    "{where} does not say how its examples were prepared.": "{where}에 데이터를 어떻게 "
    "전처리했는지 없습니다.",
    "{where}: the preparation of its examples is invalid: {problem}.": "{where}: 전처리 내용이 "
    "잘못되었습니다: {problem}.",
    "it does not describe {what}.": "{what}에 대한 설명이 아닙니다.",
    "{name} of {what} is invalid: {content}.": "{what}의 {name}이(가) 잘못되었습니다: {content}.",
}  # fmt: skip
