"""Messages about pictures, in Korean."""

from __future__ import annotations

KOREAN = {
    "expected examples of {n} numbers, or pictures of shape (n, {sides}); got {shape}. One "
    "picture of another size is x[None].": "수 {n}개씩인 데이터나 형상이 (n, {sides})인 "
    "이미지여야 하는데 {shape}입니다. 크기가 다른 이미지 한 장은 x[None]으로 주세요.",
    "x[{k:d}]: {problem}": "x[{k}]: {problem!k}",
    "x[{k}] shows {n} digits; one was expected. Cut them apart.": "x[{k}]에 숫자가 {n}개 "
    "있습니다. 하나여야 합니다. 잘라서 따로 주세요.",
    "these pictures are {words}, and the training pictures are {words2}. Arrays hold pixels as "
    "picture files do, 0 for black; what is prepared already goes to model.net.": "이 이미지는 "
    "{words!k}인데 훈련 이미지는 {words2!k}입니다. 배열의 픽셀은 이미지 파일처럼 0이 검정이어야 "
    "합니다. 이미 전처리한 것은 model.net에 주세요.",
    "the picture holds {n} digits; one was expected. Use digits_in for all of them, or cut one "
    "out.": "이미지에 숫자가 {n}개 있습니다. 하나여야 합니다. digits_in으로 모두 읽거나 하나를 "
    "잘라 내세요.",
    "the picture may be read wrongly: {doubt}.": "이미지를 잘못 읽었을지 모릅니다. {doubt!k}.",
    "{name} expects one gray picture of shape (height, width); got {dtype} of shape {shape}.":
    "{name}에는 형상이 (높이, 너비)인 회색 이미지 한 장을 주어야 하는데 형상이 {shape}인 "
    "{dtype}을(를) 받았습니다.",
    "no ink found; the picture looks like empty paper.": "획을 찾지 못했습니다. 빈 종이처럼 "
    "보입니다.",
    "the picture has {n} strokes or more; cut single digits out.": "이미지에 획이 {n}개 이상 "
    "있습니다. 숫자를 하나씩 잘라 내세요.",
    # doubts
    "its ink is wide, or narrow in the middle, as if several digits touched": "획이 넓거나 "
    "가운데가 좁아서 숫자 여럿이 붙은 것 같습니다",
    "its ink is a tangle, as if of noise or of a photograph": "획이 뒤엉켜 있어 잡음이나 사진 "
    "같습니다",
    "a mark beside the digit was left out": "숫자 옆의 점이나 선을 뺐습니다",
    "a line around the digit was left out": "숫자를 둘러싼 선을 뺐습니다",
    "a line across the picture was left out": "이미지를 가로지르는 선을 뺐습니다",
    "a straight line from edge to edge was taken for a stroke": "끝에서 끝까지 그은 곧은 선을 "
    "획으로 봤습니다",
    "nothing is drawn in it": "그려진 것이 없습니다",
    "it is {seen}, and the training pictures are {other} ({flag} turns it round, center=True also "
    "cuts it out)": "{seen!k}인데 훈련 이미지는 {other!k}입니다({flag}이면 반전하고, --center이면 "
    "잘라 내기도 합니다)",
    "it is {seen}, and the training pictures are {other} ({flag} turns it round)": "{seen!k}인데 "
    "훈련 이미지는 {other!k}입니다({flag}이면 반전합니다)",
    "it has {width} x {height} pixels, so that scaling to {w} x {h} squeezes it, as no training "
    "picture was": "{width} x {height}픽셀이라 {w} x {h}(으)로 맞추면 찌그러집니다. 훈련 "
    "이미지에는 그런 것이 없었습니다",
    "it shows {n} digits; all are read, row by row": "숫자가 {n}개 있습니다. 한 줄씩 모두 읽습니다",
    # folders
    "image_folder: center makes ink gray; it cannot keep the color rgb.": "image_folder: center는 "
    "획을 회색으로 만들므로 색(rgb)을 살릴 수 없습니다.",
    "{n} of {all} images in {root} may be read wrongly; the first is {name}: {doubt}.": "{root}의 "
    "이미지 {all}장 가운데 {n}장을 잘못 읽었을지 모릅니다. 첫째는 {name}: {doubt!k}.",
    "{root} holds {n} images of {w} x {h}, {needed} MiB; the limit is {most} MiB. Scale them down "
    "with size='64'.": "{root}에 {w} x {h} 이미지가 {n}장, {needed} MiB 있습니다. {most} MiB까지 "
    "됩니다. size='64'로 줄이세요.",
    "the images in {root} differ in size ({name} is {w} x {h}, the first {w1} x {h1}): all are "
    "scaled to {w2} x {h2}. Choose another size with size='64'.": "{root}의 이미지는 크기가 "
    "다릅니다({name}은(는) {w} x {h}, 첫째는 {w1} x {h1}). 모두 {w2} x {h2}(으)로 맞춥니다. "
    "size='64'로 다른 크기를 고를 수 있습니다.",
    "{root} shows {n} digits; with center=True each image must show one.": "{root}에 숫자가 {n}개 "
    "있습니다. center=True이면 이미지마다 하나여야 합니다.",
    "expected a picture in {color}; got shape {shape}.": "{color} 이미지여야 하는데 형상이 "
    "{shape}입니다.",
    "center makes ink gray, and this net's images are in color. Leave it out.": "center는 획을 "
    "회색으로 만드는데 이 신경망의 이미지는 컬러입니다. 빼세요.",
    "{root} should hold a folder of images for each of at least two classes; it holds {n}. Lay it "
    "out as CLASS/IMAGE, or with folders train, val and test (or some of them) as "
    "train/CLASS/IMAGE and so on.": "{root}에는 클래스마다 이미지 폴더가 있어야 하고 클래스는 둘 "
    "이상이어야 하는데 {n}개입니다. 클래스/이미지로 두거나, train, val, test 폴더(또는 그 일부)를 "
    "만들어 train/클래스/이미지처럼 두세요.",
    "{root} holds {n} classes; at most {most} fit.": "{root}에 클래스가 {n}개 있습니다. "
    "{most}개까지 됩니다.",
    "{root} holds {n} images; at most {most} fit.": "{root}에 이미지가 {n}장 있습니다. "
    "{most}장까지 됩니다.",
    "{n} images are left out, since {root} holds them beside the folders of classes; the first is "
    "{first}. Move each into the folder of its class.": "{root}에서 클래스 폴더 옆에 놓인 이미지 "
    "{n}장을 뺐습니다. 첫째는 {first}입니다. 저마다 클래스 폴더로 옮기세요.",
    "{n} image is left out, since {root} holds it beside the folders of classes; the first is "
    "{first}. Move each into the folder of its class.": "{root}에서 클래스 폴더 옆에 놓인 이미지 "
    "{n}장을 뺐습니다({first}). 클래스 폴더로 옮기세요.",
    "{base} holds two folders for its {role} set, {names}. Join them.": "{base}에 {role!k} 데이터 "
    "폴더가 둘 있습니다: {names}. 하나로 합치세요.",
    "{base} holds {others} beside its folders of parts, {parts}. Lay it out as CLASS/IMAGE, or "
    "with folders train, val and test (or some of them) as train/CLASS/IMAGE and so on.":
    "{base}에 나눈 폴더({parts}) 말고 {others}도 있습니다. 클래스/이미지로 두거나, train, val, "
    "test 폴더(또는 그 일부)를 만들어 train/클래스/이미지처럼 두세요.",
    "{base} holds no folder train (or training), but {others}. Lay it out as CLASS/IMAGE, or with "
    "folders train, val and test (or some of them) as train/CLASS/IMAGE and so on.": "{base}에 "
    "train(또는 training) 폴더가 없고 {others}이(가) 있습니다. 클래스/이미지로 두거나, train, "
    "val, test 폴더(또는 그 일부)를 만들어 train/클래스/이미지처럼 두세요.",
    "{folder} holds no folders of classes, so the classes of its images are unknown. Sort them "
    "into folders, or move it away and give its images to mitbadak predict.": "{folder}에 클래스 "
    "폴더가 없어서 이미지의 클래스를 알 수 없습니다. 폴더별로 나누거나, 다른 곳으로 옮기고 그 "
    "이미지를 mitbadak predict에 주세요.",
    "{where} holds no image of class {name}.": "{where}에 {name} 클래스의 이미지가 없습니다.",
    "the {part} part of {base} holds no images.": "{base}의 {part!k} 폴더에 이미지가 없습니다.",
    "{entry} is not an image in a supported format ({formats}). Folders of classes may hold "
    "images only. Lay it out as CLASS/IMAGE, or with folders train, val and test (or some of "
    "them) as train/CLASS/IMAGE and so on.": "{entry}은(는) 읽을 수 있는 이미지가 "
    "아닙니다({formats}). 클래스 폴더에는 이미지만 두세요. 클래스/이미지로 두거나, train, val, "
    "test 폴더(또는 그 일부)를 만들어 train/클래스/이미지처럼 두세요.",
    "{entry} is larger than {n} MiB.": "{entry}은(는) {n} MiB보다 큽니다.",
    "{entry} is a link that leads out of {root}; copy the files there.": "{entry}은(는) {root} "
    "밖을 가리키는 링크입니다. 파일을 그 안에 복사하세요.",
    "center must be true or false; got {value}.": "center는 참이나 거짓이어야 하는데 "
    "{value}을(를) 받았습니다.",
    "size must be auto, a number of pixels from 1 to {most} such as 28, or WIDTHxHEIGHT; got "
    "{value}.": "size는 auto, 28처럼 1에서 {most}까지의 픽셀 수, 또는 너비x높이여야 하는데 "
    "{value}을(를) 받았습니다.",
    # files
    "{path} is a folder; an image file was expected.": "{path}은(는) 폴더입니다. 이미지 파일을 "
    "주세요.",
    "{path} has {what}. Save it again with an image editor.": "{path}에 {what}이(가) 있습니다. "
    "이미지 편집기로 다시 저장하세요.",
    "{path} is larger than the limit of {most} pixels: {size}. Scale it down.": "{path}은(는) "
    "{most}픽셀보다 큽니다: {size!k}. 줄이세요.",
    "{width} x {height} pixels": "{width} x {height}픽셀",
    "{path} is damaged, or not an image in a supported format ({formats}).": "{path}이(가) "
    "손상되었거나 읽을 수 있는 이미지가 아닙니다({formats}).",
    "{path} is a damaged image: {kind}: {problem}": "{path}은(는) 손상된 이미지입니다: {kind}: "
    "{problem}",
    "pixels are floating-point numbers without a known range": "픽셀이 범위를 알 수 없는 "
    "실수입니다",
    "the form of its pictures is described by contradictory numbers.": "이미지의 형태를 적은 "
    "수들이 서로 맞지 않습니다.",
    # shifts
    "RandomShift: shape must be (height, width); got {shape}.": "RandomShift: shape은 (높이, "
    "너비)여야 하는데 {shape}을(를) 받았습니다.",
    "RandomShift: most must be less than the sides of {sides}, or an image could vanish; got "
    "{most}.": "RandomShift: most는 {sides}의 변보다 작아야 합니다. 아니면 이미지가 밖으로 "
    "나갑니다. {most}을(를) 받았습니다.",
    "RandomShift expects x of shape (batch, {n}), images of shape {own}; got {shape}.":
    "RandomShift: x의 형상은 (batch, {n}), 곧 형상이 {own}인 이미지여야 하는데 {shape}입니다.",
}  # fmt: skip
