"""What book mode changes in a process, for whom, and that nothing of it is left."""

from __future__ import annotations

import _pickle
import builtins
import importlib
import io
import os
import pickle
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mitbadak import book as book_room
from mitbadak.book import Settings, book_mode
from mitbadak.book.aliases import aliases
from mitbadak.book.names import LATER, LATER_NAMES, MODULES
from mitbadak.core.errors import FormatError
from mitbadak.doctor.code.names import REMOVED

# Scripts leave files open, as learners do.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def state_of_the_process() -> dict[str, Any]:
    """What book mode may change, by identity."""
    return {
        "modules": sorted(n for n in sys.modules if n.split(".")[0] in {m.split(".")[0] for m in MODULES}),
        "numpy": vars(np)["__getattr__"], "names": set(vars(np)),
        "open": builtins.open, "io": io.open, "path": list(sys.path), "meta": list(sys.meta_path),
        "pickle": [(module.load, module.loads, module.Unpickler) for module in (pickle, _pickle)], "argv": list(sys.argv),
        "urls": (urllib.request.urlopen, urllib.request.urlretrieve), "main": sys.modules["__main__"],
        "environment": dict(os.environ), "underscore": vars(builtins).get("_"),
    }  # fmt: skip


def script(folder: Path, text: str, name: str = "script.py") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize("end", ["", "raise SystemExit(3)", "1 / 0"])
def test_nothing_is_left_however_a_script_ends(tmp_path: Path, end: str) -> None:
    script(tmp_path / "common", "", "__init__.py")
    script(tmp_path / "common", "mine = 1", "functions.py")
    file = script(
        tmp_path,
        "import sys, os; sys.path.append(os.pardir); sys.argv.append('x'); import numpy as np\n"
        "from common.functions import mine\nfrom common.layers import Affine\n"
        "from dataset.mnist import load_mnist\nimport and_gate, two_layer_net\nnp.int\n" + end,
    )
    importlib.import_module("matplotlib.text")
    before = state_of_the_process()
    try:
        book_room.run(file)
    except (SystemExit, ZeroDivisionError):
        assert end
    assert state_of_the_process() == before


@pytest.mark.parametrize("module", [name for name in MODULES if "." in name])
def test_a_learners_own_module_comes_first(tmp_path: Path, module: str) -> None:
    package, _, name = module.partition(".")
    script(tmp_path / package, "", "__init__.py")
    script(tmp_path / package, "whose = 'mine'", f"{name}.py")
    file = script(tmp_path, f"from {module} import whose")
    assert book_room.run(file)["whose"] == "mine"


@pytest.mark.parametrize(
    "append", ["os.pardir", "'..'", "os.path.dirname(os.path.abspath(__file__)) + '/..'"]
)
def test_the_repositorys_own_folder_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, append: str
) -> None:
    script(tmp_path / "repository" / "common", "def softmax(x): return 'mine'", "functions.py")
    file = script(
        tmp_path / "repository" / "ch04",
        f"import sys, os\nsys.path.append({append})\nfrom common.functions import softmax\ny = softmax(0)",
    )  # fmt: skip
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert book_room.run(file)["y"] == "mine"


def test_what_a_learners_package_lacks_is_filled_in(tmp_path: Path, capsys: Any) -> None:
    script(tmp_path / "common", "", "__init__.py")
    file = script(tmp_path, "from common.gradient import numerical_gradient as g")
    assert callable(book_room.run(file)["g"])
    assert f"common.gradient is not in {tmp_path / 'common'}" in capsys.readouterr().err


def test_installed_packages_of_such_names_come_last(tmp_path: Path, monkeypatch: Any) -> None:
    """``dataset`` is a package on PyPI, which scripts of the books never mean."""
    from mitbadak.book import ownership

    installed = tmp_path / "site-packages"
    script(installed / "dataset", "", "__init__.py")
    monkeypatch.setattr(ownership, "installed_roots", lambda: (str(installed),))
    ownership.is_installed.cache_clear()
    monkeypatch.syspath_prepend(installed)
    try:
        found = book_room.run(script(tmp_path, "from dataset.mnist import img_size"))
    finally:
        ownership.is_installed.cache_clear()
    assert found["img_size"] == 784


@pytest.mark.parametrize("name", sorted(LATER))
def test_modules_of_later_chapters_say_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModuleNotFoundError, match="later chapters of the second book"):
        book_room.run(script(tmp_path, f"import {name}"))


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module in LATER_NAMES for name in LATER_NAMES[module]]
)
def test_names_of_later_chapters_say_so(tmp_path: Path, module: str, name: str) -> None:
    with pytest.raises(ImportError, match=rf"{module}\.{name} belongs to later chapters"):
        book_room.run(script(tmp_path, f"from {module} import {name}"))
    with pytest.raises(ImportError, match="cannot import name 'qux'"):
        book_room.run(script(tmp_path, f"from {module} import qux"))


REQUIRED = {
    "common.functions": "np identity_function step_function sigmoid sigmoid_grad relu relu_grad softmax "
    "mean_squared_error sum_squared_error sum_squares_error cross_entropy_error softmax_loss",
    "common.gradient": "numerical_gradient numerical_gradient_2d _numerical_gradient_1d",
    "common.layers": "Relu Sigmoid Affine SoftmaxWithLoss Dropout BatchNormalization Convolution Pooling "
    "MatMul Softmax",
    "common.optimizer": "SGD Momentum Nesterov AdaGrad RMSprop Adam",
    "common.multi_layer_net": "MultiLayerNet",
    "common.multi_layer_net_extend": "MultiLayerNetExtend",
    "common.trainer": "Trainer remove_duplicate",
    "common.util": "smooth_curve shuffle_dataset conv_output_size im2col col2im clip_grads "
    "convert_one_hot to_cpu to_gpu",
    "common.config": "GPU",
    "common.np": "np",
    "dataset.mnist": "load_mnist init_mnist download_mnist img_size img_dim train_num test_num "
    "key_file dataset_dir save_file url_base",
    "dataset.spiral": "load_data",
    "and_gate": "AND", "nand_gate": "NAND", "or_gate": "OR",
    "gradient_2d": "numerical_gradient function_2 tangent_line",
    "two_layer_net": "TwoLayerNet", "layer_naive": "MulLayer AddLayer",
    "simple_convnet": "SimpleConvNet", "deep_convnet": "DeepConvNet",
}  # fmt: skip


@pytest.mark.parametrize("module", REQUIRED)
def test_every_public_name_of_the_books_is_there(module: str) -> None:
    with book_mode(Settings()):
        found = importlib.import_module(module)
        missing = [name for name in REQUIRED[module].split() if not hasattr(found, name)]
    assert not missing


def test_removed_names_are_there_for_learners_code_only(tmp_path: Path) -> None:
    names = sorted(aliases())
    assert {"int", "float", "Inf", "product", "trapz"} & set(names)
    assert set(names) <= set(REMOVED)
    text = "import numpy as np\nfound = {}\n" + "".join(f"found[{n!r}] = np.{n}\n" for n in names)
    assert book_room.run(script(tmp_path, text))["found"].keys() == set(names)
    with book_mode(Settings()):  # this file is a learner's; the standard library's code is not
        assert np.int is int  # type: ignore[attr-defined]
        lookup = {"__name__": "statistics", "__file__": os.__file__, "np": np}
        with pytest.raises(AttributeError, match=r"np\.int"):
            exec("np.int", lookup)
        exec("answer = hasattr(np, 'int')", lookup)
        assert lookup["answer"] is False
    with pytest.raises(AttributeError):
        np.int  # type: ignore[attr-defined]  # noqa: B018


class _Evil:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("touch executed",)


@pytest.mark.parametrize("how", [
    "pickle.load(open(file, 'rb'))",
    "pickle.loads(open(file, 'rb').read())",
    "pickle.Unpickler(open(file, 'rb')).load()",
    "type('Own', (pickle.Unpickler,), {})(open(file, 'rb')).load()",
    "__import__('_pickle').load(open(file, 'rb'))",
    "pickle._load(open(file, 'rb'))",
    "pickle._loads(open(file, 'rb').read())",
    "pickle._Unpickler(open(file, 'rb')).load()",
])  # fmt: skip
def test_a_malicious_pickle_executes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sample_weight.pkl").write_bytes(pickle.dumps({"W1": _Evil()}))
    file = script(tmp_path, f"import pickle\nfile = 'sample_weight.pkl'\nnet = {how}")
    named = "pickle.loads" if "loads" in how else "sample_weight.pkl"
    with pytest.raises(FormatError, match=rf"{named}: .*(posix|nt)\.system.*nothing in the file"):
        book_room.run(file)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("content", [
    b"", b"text\n", b"<!DOCTYPE html>", b"x", b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.",
    b"\x80\x04\x8e" + (2**62).to_bytes(8, "little") + b"x.", b"\x80\x02\x82\x01.", b"PK\x03\x04",
    pickle.dumps({"W1": np.zeros(9)})[:-9], b"(" * 9 + b".",
])  # fmt: skip
def test_a_damaged_pickle_is_refused_by_name_and_cause(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "params.pkl"
    file.write_bytes(content)
    text = f"import pickle\nwith open({str(file)!r}, 'rb') as f:\n    net = pickle.load(f)"
    with pytest.raises(
        (FormatError, EOFError), match=r"params\.pkl (is|has) no .*\w+.*\."
    ) as caught:
        book_room.run(script(tmp_path, text))
    assert "read: ." not in str(caught.value)


def test_plain_values_keep_their_kinds_and_places(tmp_path: Path) -> None:
    values = [{"W": np.arange(6.0).reshape(2, 3)}, ({"a": 1}, {1: "a"}), [1.5, None, True]]
    file = tmp_path / "many.pkl"
    file.write_bytes(b"".join(map(pickle.dumps, values)))
    text = (
        f"import pickle\nf = open({str(file)!r}, 'rb')\nread = [pickle.load(f) for _ in range(3)]"
    )
    read = book_room.run(script(tmp_path, text))["read"]
    np.testing.assert_array_equal(read[0]["W"], values[0]["W"])  # type: ignore[call-overload]
    assert read[1:] == values[1:]


@pytest.mark.parametrize("encoding", ["cp949", "utf-16"])
def test_a_script_of_an_old_editor_is_read_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    file = tmp_path / "a.py"
    file.write_bytes("word = '기울기'".encode(encoding))
    assert book_room.run(file)["word"] == "기울기"
    assert capsys.readouterr().err.count(encoding.upper()) == 1


def test_bytes_of_no_encoding_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"word = '\xff\x00\x81'")
    with pytest.raises(FormatError, match="encoding"):
        book_room.run(file)


def test_libraries_still_read_their_own_pickles() -> None:
    with book_mode(Settings()):
        lookup = {"__name__": "library", "__file__": os.__file__, "pickle": pickle,
                  "data": pickle.dumps(Path("a"))}  # fmt: skip
        exec("path = pickle.loads(data)", lookup)
    assert lookup["path"] == Path("a")


@pytest.mark.parametrize("path", [
    "sample_weight.pkl", "../dataset/sample_weight.pkl", "..\\dataset\\lena.png",
    "/nowhere/dataset/cactus.png", "../dataset/lena_gray.png",
])  # fmt: skip
def test_known_files_are_found_for_reading_only(tmp_path: Path, cache: Path, path: str) -> None:
    text = f"""
for mode in ("w", "a", "x", "r+", "wb"):
    try:
        open({("/nowhere/" + Path(path).name)!r}, mode)
        raise AssertionError(mode)
    except FileNotFoundError:
        pass
content = open({path!r}, "rb").read()
"""
    assert len(book_room.run(script(tmp_path, text))["content"]) > 500
    text = "import pathlib\ntry:\n    open('other.pkl')\nexcept FileNotFoundError as e:\n    name = e.filename"
    assert book_room.run(script(tmp_path, text))["name"] == "other.pkl"


def test_a_file_that_exists_is_never_replaced(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lena.png").write_bytes(b"mine")
    assert book_room.run(script(tmp_path, "x = open('lena.png', 'rb').read()"))["x"] == b"mine"
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")  # and beside the script it is found from elsewhere
    assert book_room.run(script(tmp_path, "x = open('lena.png', 'rb').read()"))["x"] == b"mine"


def test_mnist_is_not_downloaded(tmp_path: Path, capsys: Any) -> None:
    text = """
import urllib.request, gzip, numpy as np
url = 'http://yann.lecun.com/exdb/mnist/t10k-labels-idx1-ubyte.gz'
urllib.request.urlretrieve(url, FILE)
with gzip.open(FILE) as f:
    labels = np.frombuffer(f.read(), np.uint8, offset=8)
request = urllib.request.Request(url, headers={'User-Agent': 'x'})
same = urllib.request.urlopen(request).read() == open(FILE, 'rb').read()
""".replace("FILE", repr(str(tmp_path / "labels.gz")))
    found = book_room.run(script(tmp_path, text))
    assert found["labels"][:3].tolist() == [7, 2, 1]
    assert found["same"]
    assert "yann.lecun.com" in capsys.readouterr().err


def test_seeded_draws_are_those_of_the_books(tmp_path: Path) -> None:
    text = """
import numpy as np
from two_layer_net import TwoLayerNet
from common.multi_layer_net import MultiLayerNet
from common.layers import Dropout
from common.util import shuffle_dataset
from dataset.spiral import load_data
np.random.seed(3)
net = TwoLayerNet(4, 3, 2)
deep = MultiLayerNet(4, [3], 2, weight_init_std='xavier')
mask = Dropout(0.5).forward(np.ones((2, 2)))
x, _ = shuffle_dataset(np.arange(5)[:, None], np.arange(5))
load_data()
after = np.random.randn()
"""
    found = book_room.run(script(tmp_path, text), chapter="4")
    np.random.seed(3)
    np.testing.assert_array_equal(found["net"].params["W1"], 0.01 * np.random.randn(4, 3))
    np.testing.assert_array_equal(found["net"].params["W2"], 0.01 * np.random.randn(3, 2))
    np.testing.assert_array_equal(found["deep"].params["W1"], 0.5 * np.random.randn(4, 3))
    np.testing.assert_array_equal(
        found["deep"].params["W2"], np.sqrt(1 / 3) * np.random.randn(3, 2)
    )
    np.testing.assert_array_equal(found["mask"], np.random.rand(2, 2) > 0.5)
    np.testing.assert_array_equal(found["x"][:, 0], np.random.permutation(5))
    np.random.seed(1984)
    for _ in range(300):
        np.random.randn()
    assert found["after"] == np.random.randn()


@pytest.mark.parametrize(
    ("importer", "is_on"), [("import mitbadak.book", True), ("import helper", False)]
)
def test_importing_it_in_a_main_program_switches_it_on(
    tmp_path: Path, importer: str, is_on: bool
) -> None:
    script(tmp_path, "import mitbadak.book", "helper.py")
    file = script(tmp_path, f"{importer}\nimport numpy as np\nprint(hasattr(np, 'int'))")
    run = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True)
    assert run.stdout == f"{is_on}\n"
    assert run.stderr == ""


def test_a_notebook_that_runs_switches_it_on_and_off(tmp_path: Path) -> None:
    file = script(
        tmp_path,
        """
import sys, mitbadak.book
from common.functions import softmax
mitbadak.book.off()
print('common' in sys.modules)
mitbadak.book.on(); mitbadak.book.on()
from common.functions import *
print(np.float(1), softmax(np.zeros(2)))
""",
    )
    run = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n1.0 [0.5 0.5]\n"
