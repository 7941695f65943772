"""The help of commands, arguments and options, in Korean."""

from __future__ import annotations

HELP = {
    # the program and its commands
    "A neural-network workshop that shows its work.": "계산 과정을 숨기지 않는 신경망 공방입니다.",
    "Print the version.": "버전을 출력합니다.",
    "Train a net, and keep settings, history, weights and curves in a run folder.": "신경망을 "
    "학습하고, 설정과 학습 기록, 가중치, 학습 곡선을 실행 폴더에 남깁니다.",
    "Without options this is the book's 784-50-10 net on MNIST: 17 epochs, batches of 100, lr "
    "0.1. After Ctrl-C, --resume continues the run and reaches exactly the same numbers.":
    "옵션이 없으면 책의 784-50-10 신경망을 MNIST로 학습합니다. 17에폭, 미니배치 100, 학습률 "
    "0.1입니다. Ctrl-C로 멈춘 뒤 --resume으로 이어 가면 똑같은 수에 이릅니다.",
    "Evaluate a run's net on its test set: accuracy, confusions, calibration, speed.": "학습한 "
    "신경망을 시험 데이터로 평가합니다. 정확도, 혼동 행렬, 보정, 속도를 봅니다.",
    "The picture is saved in the run folder as quality.png.": "그림은 실행 폴더에 quality.png로 "
    "저장합니다.",
    "Run a trained net on new images, or on the rows of tables.": "학습한 신경망으로 새 이미지나 "
    "표의 행을 예측합니다.",
    "List runs: data, net, optimizer, progress and results.": "실행을 나열합니다. 데이터, 신경망, "
    "옵티마이저, 진행, 결과를 보여 줍니다.",
    "Minimize a function with one optimizer or all, and explain where each descent ended.":
    "옵티마이저 하나 또는 전부로 함수의 최소점을 찾아 내려가고, 어디서 끝났는지 설명합니다.",
    "Compare a gradient with its definition. The exit code is 1 if the gradient is wrong.":
    "기울기를 미분의 정의와 비교합니다. 기울기가 틀리면 종료 코드가 1입니다.",
    "Say why a run did not learn, or point at faulty lines of scripts and notebooks.": "학습이 왜 "
    "안 되었는지 말하고, 스크립트와 노트북의 잘못된 줄을 짚어 줍니다.",
    "Scripts are read without running them, and each finding has the corrected line. The exit "
    "code is 1 if there is a fault or warning, and 0 if there are only notes, or nothing.":
    "스크립트는 실행하지 않고 읽으며, 고친 줄도 보여 줍니다. 오류나 주의가 있으면 종료 코드가 "
    "1이고, 참고만 있거나 아무것도 없으면 0입니다.",
    "Write a trained net as ONNX, as PyTorch's weights or as one C file.": "학습한 신경망을 ONNX, "
    "PyTorch의 가중치, C 파일 하나로 저장합니다.",
    "Run folder, or a file that mitbadak.save has written.": "실행 폴더, 또는 mitbadak.save가 쓴 "
    "파일.",
    "File to write, whose ending says its form: .onnx, .safetensors (weights under PyTorch's "
    "names) or .c (one C file).": "쓸 파일. 확장자로 형식을 정합니다: .onnx, .safetensors(PyTorch "
    "이름의 가중치), .c(C 파일 하나).",
    "ONNX: version of its operations, 17 to 21.": "ONNX: 연산의 버전, 17부터 21까지.",
    "C: prefix of the names.": "C: 이름의 머리말.",
    "List the data sets that ship with Mitbadak, and verify their checksums.": "들어 있는 "
    "데이터를 나열하고 체크섬을 확인합니다.",
    "Run a script or notebook of the books as it is, from any folder.": "책의 스크립트나 노트북을 "
    "고치지 않고 어느 폴더에서나 실행합니다.",
    "The books' modules (common, dataset, two_layer_net, ...), names that NumPy has removed, "
    "MNIST and missing weight files are there for it; a file of your own always comes first. "
    "Figures are shown, or saved as SCRIPT-1.png where there is no display. Faults in the script "
    "are named and left as they are. Options of this command stand before SCRIPT.": "책의 "
    "모듈(common, dataset, two_layer_net 등), NumPy에서 사라진 이름, MNIST, 없는 가중치 파일을 "
    "갖춰 줍니다. 직접 만든 파일이 있으면 언제나 그것이 먼저입니다. 그림은 화면에 띄우고, 화면이 "
    "없으면 SCRIPT-1.png로 저장합니다. 스크립트의 잘못은 알려 주되 고치지 않습니다. 이 명령의 "
    "옵션은 SCRIPT 앞에 적습니다.",
    "A script (.py) or notebook (.ipynb).": "스크립트(.py) 또는 노트북(.ipynb).",
    "Arguments of the script.": "스크립트의 인수.",
    "Folder for figures where there is no display. Default: the current one.": "화면이 없을 때 "
    "그림을 저장할 폴더. 기본값: 현재 폴더.",
    "Chapter whose two_layer_net the script means: 4, 5, or 2-1 for the second book. Default: by "
    "the script's folder.": "스크립트가 쓰는 two_layer_net의 장: 4, 5, 2권 1장은 2-1. 기본값: "
    "스크립트의 폴더에 따름.",
    "Language of the notices: en or ko. Default: that of the script.": "알림의 언어: en 또는 ko. "
    "기본값: 스크립트의 언어.",
    # of several commands
    "Print one JSON object on stdout.": "표준 출력에 JSON 객체 하나를 출력합니다.",
    "Language of texts and pictures: en or ko. Default: that of {variable}, or of the locale.":
    "글과 그림의 언어: en 또는 ko. 기본값: {variable}, 없으면 로캘의 언어.",
    "Run folder, made by 'mitbadak train'.": "'mitbadak train'이 만든 실행 폴더.",
    # train
    "A named data set (mnist, the default, spiral, moons, ...), a folder of IDX files, a folder "
    "of images sorted by class, a .npz file or a table (.csv, .tsv, .txt, .data, .dat).": "이름 "
    "있는 데이터(기본값 mnist, spiral, moons, ...), IDX 파일 폴더, 클래스별로 나눈 이미지 폴더, "
    ".npz 파일, 표(.csv, .tsv, .txt, .data, .dat).",
    "Run folder; by default a new one under runs/. With --checkup, the page to write, such as "
    "checkup.html.": "실행 폴더. 기본값은 runs/ 아래의 새 폴더입니다. --checkup과 함께 쓰면 "
    "checkup.html처럼 저장할 페이지입니다.",
    "Continue the run in this folder.": "이 폴더의 학습을 이어 갑니다.",
    "Report in full why the net did not learn, if it did not: on the screen, and as doctor.html "
    "in the run folder.": "학습이 안 되었다면 그 까닭을 모두 화면과 실행 폴더의 doctor.html에 "
    "씁니다.",
    "Look at net, data and settings before training, and do not train. The exit code is 1 if "
    "there is a fault or warning.": "학습하지 않고, 신경망과 데이터와 설정을 미리 점검합니다. "
    "오류나 주의가 있으면 종료 코드가 1입니다.",
    "Film the decision boundary of a net with two inputs while it learns (GIF).": "입력이 두 개인 "
    "신경망의 결정 경계가 학습되는 과정을 움직이는 그림으로 저장합니다(GIF).",
    "Print each so-many-th epoch. Default: all, or about 20 of more than 30.": "이만큼의 에폭마다 "
    "한 줄을 출력합니다. 기본값: 전부, 30에폭이 넘으면 20줄쯤.",
    "Print no settings and no epochs, only the result.": "설정과 에폭은 출력하지 않고 결과만 "
    "출력합니다.",
    "Net": "신경망",
    "Training": "학습",
    "Labels": "레이블",
    "Tables": "표",
    "Pictures": "이미지",
    "Default: {value}.": "기본값: {value}.",
    "Default: {value} ({elsewhere}).": "기본값: {value} ({elsewhere}).",
    "your own data": "내 데이터",
    "on": "켬",
    "off": "끔",
    # settings of a run
    "widths of the hidden layers, such as 50 or 50,100": "은닉층의 너비. 50이나 50,100처럼 씁니다",
    "numbers of filters of convolutions before the hidden layers, such as 30 or 16,32; by default "
    "none; for images": "은닉층 앞에 둘 합성곱 계층의 필터 수. 30이나 16,32처럼 씁니다. 기본값은 "
    "없음. 이미지에 씁니다",
    "height and width of the filters of convolutions": "합성곱 필터의 높이와 너비(--conv)",
    "height and width of the windows of max pooling after each convolution; 1: no pooling":
    "합성곱마다 뒤따르는 최대 풀링 윈도의 높이와 너비. 1이면 풀링하지 않습니다",
    "passes over the training set": "훈련 데이터를 모두 한 번씩 보는 횟수",
    "examples per update": "갱신 한 번에 쓰는 데이터 수",
    "learning rate": "학습률",
    "update rule": "갱신 규칙",
    "activation function of the hidden layers": "은닉층의 활성화 함수",
    "loss function": "손실 함수",
    "initial weights: auto, {names}, or a standard deviation": "가중치의 초깃값: auto, {names}, "
    "또는 표준편차",
    "seed for the initial weights, the validation split and the batch order": "가중치의 초깃값, "
    "검증 데이터 나누기, 미니배치 순서에 쓰는 시드",
    "compute engine": "계산 엔진",
    "how gradients are computed: by backpropagation or by numerical differentiation": "기울기를 "
    "구하는 방법: 오차역전파법 또는 수치 미분",
    "how batches are drawn: from the shuffled training set, or with replacement as in the book":
    "미니배치를 뽑는 방법: 섞은 훈련 데이터에서 차례로, 또는 책처럼 복원 추출로",
    "share of the training set that is held out for validation": "훈련 데이터 가운데 검증용으로 "
    "떼어 두는 비율",
    "stop after this many epochs without improvement and restore the best weights; 0: never":
    "이만큼의 에폭 동안 나아지지 않으면 멈추고 가장 좋은 가중치로 되돌립니다. 0이면 멈추지 "
    "않습니다",
    "data set that early stopping watches": "조기 종료가 지켜보는 데이터",
    "dtype of the parameters": "매개변수의 dtype",
    "column of a table that is to be predicted; by default the last one": "표에서 예측할 열. "
    "기본값은 마지막 열",
    "what the labels in a file are; auto means what the loss is for, or else classes for text and "
    "few whole numbers": "파일의 레이블이 무엇인지. auto이면 손실 함수에 맞추고, 그것으로 알 수 "
    "없으면 글자와 몇 가지 정수는 클래스로 봅니다",
    "share that becomes the test set, for data without one of their own": "시험 데이터가 따로 "
    "없을 때 시험 데이터로 떼는 비율",
    "schedule of the learning rate": "학습률 스케줄",
    "number of updates over which the learning rate rises to lr": "학습률이 lr까지 올라가는 "
    "동안의 갱신 횟수",
    "L2 penalty: l2 / 2 times the sum of the squared weights": "L2 규제: l2 / 2 곱하기 가중치 "
    "제곱의 합",
    "L1 penalty: l1 times the sum of the absolute weights": "L1 규제: l1 곱하기 가중치 절댓값의 합",
    "largest norm of a gradient, to which longer ones are scaled down; 0: no limit": "기울기의 "
    "가장 큰 노름. 더 길면 이 길이로 줄입니다. 0이면 줄이지 않습니다",
    "share of the hidden units that dropout switches off in each update": "갱신마다 드롭아웃이 "
    "끄는 은닉 유닛의 비율",
    "batch normalization of the hidden layers": "은닉층의 배치 정규화",
    "shift training images at random by up to this many pixels": "훈련 이미지를 이만큼의 픽셀까지 "
    "무작위로 옮깁니다",
    "measure by which early stopping finds the best epoch; without classes always the loss":
    "조기 종료가 가장 좋은 에폭을 고르는 기준. 클래스가 없으면 언제나 손실",
    "standardize real targets by the training set's mean and spread; answers come in their own "
    "units": "실수 목푯값을 훈련 데이터의 평균과 표준편차로 표준화합니다. 답은 본래 단위로 "
    "나옵니다",
    "columns of a table to leave out, separated by commas; by default none": "표에서 뺄 열. "
    "쉼표로 나눕니다. 기본값은 없음",
    "columns of a table to use that would be left out, such as row numbers; * for all, by default "
    "none": "행 번호처럼 빠질 열 가운데 쓸 것. *이면 모두, 기본값은 없음",
    "columns of a table whose numbers are categories; by default none": "표에서 수가 범주인 열. "
    "기본값은 없음",
    "what stands in cells of a table without a value, separated by commas; auto among it means "
    "NA, ?, #N/A and the like": "표에서 값이 없다는 표시. 쉼표로 나눕니다. auto가 들어 있으면 NA, "
    "?, #N/A 등도 결측값입니다",
    "what separates the cells of a table": "표의 칸을 나누는 것",
    "decimal sign in the numbers of a table": "표의 수에 쓴 소수점",
    "order in dates of a table such as 2/3/2020; auto means as in its clear ones, or else month "
    "first between slashes only": "표에서 2/3/2020 같은 날짜의 순서. auto이면 순서가 분명한 "
    "날짜를 따르고, 없으면 빗금으로 나눈 것만 월이 먼저입니다",
    "encoding of a table, such as cp949": "표의 인코딩. cp949처럼 씁니다",
    "number of the line of a table that holds the names of its columns, or first or none":
    "표에서 열 이름이 있는 줄의 번호, 또는 first나 none",
    "pixels to which the pictures of a folder are scaled, such as 28 or 32x24; auto means their "
    "own size if they agree, and 28": "폴더의 이미지를 맞출 크기(픽셀). 28이나 32x24(너비, "
    "높이)처럼 씁니다. auto이면 모두 같을 때 그 크기, 다르면 28",
    "colors of the pictures of a folder": "폴더의 이미지의 색",
    "what transparent pixels are put on; auto means white unless that would hide light drawings":
    "투명한 픽셀의 바탕. auto이면 흰색이고, 밝은 그림이 안 보이게 될 때만 검은색",
    "whether the pictures of a folder are inverted; auto means where all are dark drawings on "
    "light paper": "폴더의 이미지를 반전할지. auto이면 모두 밝은 종이에 어둡게 그린 그림일 때 "
    "반전합니다",
    "cut the ink of each picture of a folder out, and center it like MNIST's digits": "폴더의 "
    "이미지마다 획을 잘라 내어 MNIST의 숫자처럼 가운데에 맞춥니다",
    "how images in IDX files lie; auto means transposed if they are named like EMNIST's": "IDX "
    "파일의 이미지가 놓인 방향. auto이면 이름이 EMNIST 같을 때 누워 있다고 봅니다",
    "label of the first class in IDX and .npz files; auto means the smallest": "IDX와 .npz "
    "파일에서 첫 클래스의 레이블. auto이면 가장 작은 것",
    # evaluate, predict, runs
    "Draw the weights, what each hidden unit or filter looks for (PNG, SVG or PDF).": "가중치, 곧 "
    "은닉 유닛이나 필터마다 찾는 무늬를 그립니다(PNG, SVG, PDF).",
    "Images (PNG, JPEG, ...) or folders of them, or tables (.csv) with the run's columns.":
    "이미지(PNG, JPEG, ...)나 이미지 폴더, 또는 학습할 때의 열이 있는 표(.csv).",
    "Cut the digit out and center it as in MNIST, or only scale the image. Default: as the "
    "training images were made.": "숫자를 잘라 내어 MNIST처럼 가운데에 맞추거나, 크기만 맞춥니다. "
    "기본값: 훈련 이미지를 만든 대로.",
    "Invert the pixels of images that are only scaled. Default: as in training.": "크기만 맞춘 "
    "이미지의 픽셀을 반전합니다. 기본값: 학습할 때처럼.",
    "Swap rows and columns, as in EMNIST's files. Default: as in training.": "EMNIST의 파일처럼 "
    "행과 열을 바꿉니다. 기본값: 학습할 때처럼.",
    "Write all answers to this file (CSV).": "모든 답을 이 파일에 씁니다(CSV).",
    "Draw the images as the net sees them, with its answers (PNG).": "신경망이 보는 이미지와 그 "
    "답을 그립니다(PNG).",
    "Run folders, or folders that hold runs; by default runs/.": "실행 폴더, 또는 실행 폴더가 든 "
    "폴더. 기본값은 runs/.",
    "newest, name, data, epochs, accuracy, loss, seconds or state.": "newest, name, data, epochs, "
    "accuracy, loss, seconds, state 가운데 하나.",
    "Draw the curves of these runs in one picture (PNG).": "이 실행들의 학습 곡선을 한 그림에 "
    "그립니다(PNG).",
    # descend, gradcheck, diagnose
    "sphere, ellipse, rosenbrock, himmelblau, beale, saddle, or module:function.": "sphere, "
    "ellipse, rosenbrock, himmelblau, beale, saddle, 또는 모듈:함수.",
    "Starting point, such as --start=-3,4; each surface has a default.": "출발점. "
    "--start=-3,4처럼 씁니다. 곡면마다 기본값이 있습니다.",
    "Learning rate. Default: 0.1, or less where a surface curves strongly; in a race the best of "
    "several for each.": "학습률. 기본값은 0.1이고, 심하게 굽은 곡면에서는 더 작습니다. 겨룰 때는 "
    "저마다 여러 값 가운데 가장 좋은 것.",
    "Number of steps.": "단계 수.",
    "sgd, momentum, adam, ... Default: plain gradient descent.": "sgd, momentum, adam, ... "
    "기본값: 단순한 경사 하강법.",
    "Run all optimizers from one start.": "모든 옵티마이저를 한 점에서 출발시킵니다.",
    "Print point and gradient at every step.": "단계마다 점과 기울기를 출력합니다.",
    "Draw the path; for functions of two variables (PNG).": "경로를 그립니다. 변수가 두 개인 "
    "함수에 씁니다(PNG).",
    "Animate the path (GIF).": "경로를 움직이는 그림으로 만듭니다(GIF).",
    "Run folder, or module:function.": "실행 폴더, 또는 모듈:함수.",
    "The point at which to check a function, such as --at=-3,4.": "함수의 기울기를 확인할 점. "
    "--at=-3,4처럼 씁니다.",
    "Number of training examples to check a run on.": "실행을 확인할 때 쓰는 훈련 데이터 수.",
    "full compares every entry, directions compares slopes along random directions, auto chooses "
    "by size.": "full은 모든 원소를, directions는 무작위 방향의 기울기를 비교하고, auto는 크기에 "
    "따라 고릅니다.",
    "Open the lab: look at nets learning, in the browser, and take part in it.": "실험실을 "
    "엽니다. 신경망이 학습하는 모습을 브라우저에서 보고 직접 바꿔 봅니다.",
    "Port of the page; default: the first free one from 8765 on.": "페이지의 포트. 기본값은 "
    "8765부터 비어 있는 첫 포트.",
    "Open the page in the browser.": "페이지를 브라우저로 엽니다.",
    "Run folders, scripts (.py) or notebooks (.ipynb).": "실행 폴더, 스크립트(.py), "
    "노트북(.ipynb).",
}  # fmt: skip
