"""Names of classes, functions and modules in other libraries, and the line that does it here.

A name is looked up without its case and underscores, so ``mse_loss`` and ``MSELoss`` are one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


def plain(name: object) -> str:
    """A name without what libraries differ in: case, "_", "-" and spaces.

    Example:
        >>> plain("MSELoss"), plain("mse_loss")
        ('mseloss', 'mseloss')
    """
    return str(name).lower().translate(str.maketrans("", "", "_- "))


def _table(lines: Mapping[str, str]) -> Mapping[str, str]:
    """Lines by plain names; a key may name several."""
    return MappingProxyType(
        {plain(name): line for names, line in lines.items() for name in names.split()}
    )


_LOSS = "mb.MLP([4, 8, 3], loss='softmax_cross_entropy'); the loss belongs to the net"
_YES_OR_NO = "mb.MLP([4, 8, 1], loss='sigmoid_cross_entropy')"
_NUMBERS = "mb.MLP([4, 8, 1], loss='mean_squared_error'); of arrays mb.mean_squared_error(y, t)"
_ONE = "mb.Affine(4, 8)"
_ACTIVATED = "mb.Affine(4, 8), mb.ReLU()"
_NET = "mb.MLP([4, 8, 3], 'relu')"
_CONVOLUTION = "mb.Convolution(1, 30, 5), or a whole net: mb.ConvNet((1, 28, 28), [30], [100, 10])"
_OWN_DATA = "mb.load_moons() and its like make points; mb.open_source('table.csv') reads a file"
_RNG = "rng=0 in mb.MLP(..., rng=0) and mb.fit(..., rng=0)"
_BATCHES = "mb.fit(net, x, t, batch_size=100) draws batches"
_CPU = "nothing; everything runs on the CPU"
_NO_SEQUENCES = "nothing; there are no recurrent layers and no attention"
_CURVES = "mb.fit(net, x, t).plot()"
_OWN_RATE = "a class derived from mb.Schedule with rate(self, done): mb.SGD(Mine())"
_FOLDS = "for train, test in mb.k_fold(t, 5, rng=0): mb.fit(net, x[train], t[train])"
_IMAGES = "mb.load_mnist(); mb.open_source('folder') reads pictures, .npz files and IDX files"
_ONNX = "from mitbadak.interop import export_onnx; export_onnx(net, 'net.onnx')"
_SAVE = "mb.save(net, 'net.safetensors')"
_ADAM = "mb.Adam(); others are mb.SGD, mb.Momentum, mb.RMSProp, mb.AdamW and mb.Lion"
_CALLBACKS = "callbacks=[mb.EarlyStopping(patience=5), mb.PrintProgress()] in mb.fit"
_CHECK = "mb.check_gradients(net, x, t)"

PACKAGE = _table({
    # layers and nets
    "Linear FullyConnected": _ONE,
    "Dense": _ACTIVATED,
    "Activation": "mb.ReLU(), or its name: mb.Sequential(mb.Affine(4, 8), 'relu')",
    "Module": "class Mine(mb.Layer, operation=f)",
    "Model NeuralNetwork Net MultilayerPerceptron Perceptron DNN ANN":
        "mb.MLP([4, 8, 3])",
    "Input InputLayer": "mb.MLP([4, 8, 3]); the first width is that of the input",
    "ModuleList": "mb.Sequential(*layers)",
    "Softmax LogSoftmax": f"{_LOSS}, and net.predict(x) gives probabilities",
    "BatchNorm1d BatchNormalization": "mb.BatchNorm(8)",
    "LayerNormalization": "mb.LayerNorm(8)",
    "GroupNorm InstanceNorm": "mb.BatchNorm(8), or mb.LayerNorm(8)",
    "PReLU": "mb.LeakyReLU(0.1)",
    "SELU CELU": "mb.ELU()",
    "Swish": "mb.SiLU()",
    "Conv Conv1d Conv2d Convolution2D": _CONVOLUTION,
    "Conv3d Conv2dTranspose ConvTranspose2d": f"nothing; there is {_CONVOLUTION}",
    "MaxPool2d MaxPooling2D MaxPool Pooling": "mb.MaxPooling(2)",
    "AvgPool2d AveragePooling2D GlobalAveragePooling2D AdaptiveAvgPool2d": "mb.AveragePooling(2)",
    "BatchNorm2d": "mb.BatchNorm(30), after a convolution of 30 filters",
    "Unflatten": "mb.Reshape((1, 28, 28))",
    "Dropout2d": "mb.Dropout(0.5)",
    "RNN LSTM GRU Attention MultiHeadAttention Transformer": _NO_SEQUENCES,
    "Embedding": "nothing; for classes as inputs mb.one_hot(x, classes)",
    "MatMul": "import mitbadak.book, then from common.layers import MatMul",
    "SoftmaxWithLoss": "import mitbadak.book, then from common.layers import SoftmaxWithLoss",
    "MultiLayerNet MultiLayerNetExtend": "mb.MLP([784, 100, 100, 10], 'relu')",
    "SimpleConvNet DeepConvNet CNN": "mb.ConvNet((1, 28, 28), [30], [100, 10])",
    "simpleNet": "mb.Sequential(mb.Affine(2, 3, bias=False))",
    # losses
    "Loss CrossEntropy CrossEntropyLoss NLLLoss CategoricalCrossentropy CategoricalCrossEntropy "
    "SparseCategoricalCrossentropy KLDivLoss KLDivergence": _LOSS,
    "BCE BCELoss BCEWithLogitsLoss BinaryCrossentropy": _YES_OR_NO,
    "binary_cross_entropy binary_cross_entropy_with_logits": "mb.sigmoid_cross_entropy(logits, t)",
    "cross_entropy categorical_crossentropy nll_loss log_loss":
        "mb.softmax_cross_entropy(logits, t), or of probabilities mb.cross_entropy_error(y, t)",
    "MSE MSELoss": _NUMBERS,
    "mean_squared_errors rmse": "mb.mean_squared_error(y, t)",
    "sum_squares_error sum_square_error sse": "mb.sum_squared_error(y, t)",
    "MAE L1Loss MeanAbsoluteError mean_absolute_error":
        "mb.MLP([4, 8, 1], loss=mb.Huber(1.0)), which is linear for large errors",
    "SmoothL1Loss": "mb.MLP([4, 8, 1], loss='huber')",
    "HuberLoss": "mb.MLP([4, 8, 1], loss=mb.Huber(1.0))",
    # optimizers and schedules
    "Adamax NAdam RAdam Adadelta AdaDelta Adafactor Ftrl ASGD AdamOptimizer": _ADAM,
    "Rprop LBFGS": _ADAM,
    "GradientDescentOptimizer GradientDescent": "mb.SGD(0.1)",
    "NAG": "mb.Nesterov(0.1)",
    "StepLR MultiStepLR PiecewiseConstantDecay": "mb.SGD(mb.StepDecay(0.1, every=1000))",
    "ExponentialLR ExponentialDecay": "mb.SGD(mb.Exponential(0.1, factor=0.999))",
    "CosineAnnealingLR CosineAnnealingWarmRestarts CosineDecay":
        "mb.SGD(mb.Cosine(0.1, updates=6000))",
    "OneCycleLR CyclicLR": "mb.SGD(mb.OneCycle(0.1, updates=6000))",
    "LinearLR WarmupLR": "mb.SGD(mb.WarmUp(0.1, updates=500))",
    "LambdaLR LearningRateScheduler LearningRateSchedule PolynomialLR PolynomialDecay "
    "InverseTimeDecay MultiplicativeLR LRScheduler Scheduler": _OWN_RATE,
    "ReduceLROnPlateau": "nothing; mb.SGD(mb.Cosine(0.1, updates=6000)) lowers the rate by itself",
    "lr_scheduler schedules schedulers": "mb.SGD(mb.StepDecay(0.1, every=1000))",
    "clip_grad_norm_ clip_by_norm": "mb.Chain(mb.ClipNorm(1.0), mb.SGD(0.1))",
    "clip_grad_value_ clip_by_value": "mb.Chain(mb.ClipValue(1.0), mb.SGD(0.1))",
    # training
    "predict": "net.predict(x)",
    "classify": "net.classify(x)",
    "scores": "net.scores(x)",
    "predict_proba": "net.predict(x)",
    "loss": "net.loss(x, t)",
    "accuracy": "net.accuracy(x, t)",
    "gradient": "net.gradient(x, t) of a net; mb.gradient_of(f)(x) of a function",
    "accuracy_score": "net.accuracy(x, t)",
    "score": "net.accuracy(x, t)",
    "Trainer": "mb.fit(net, x, t)",
    "train train_model train_step training_step fit_model": "mb.fit(net, x, t)",
    "compile": "mb.fit(net, x, t, optimizer='adam')",
    "summary": "net.summary()",
    "ModelCheckpoint": "mb.EarlyStopping(patience=5) puts the best weights back; mitbadak train "
    "keeps them in its folder",
    "TensorBoard CSVLogger SummaryWriter ProgbarLogger History_": "history = mb.fit(net, x, t); "
    "history.plot(), history.to_rows()",
    "callbacks": _CALLBACKS,
    "manual_seed set_seed seed random_seed set_random_seed seed_everything": _RNG,
    "no_grad inference_mode": "net.predict(x), which keeps nothing for a backward pass",
    "device cuda cpu to_device": _CPU,
    "DataLoader": _BATCHES,
    "TensorDataset": "mb.Dataset(x, t)",
    "num_epochs epochs": "mb.fit(net, x, t, epochs=10)",
    # variables and derivatives
    "Tensor tensor as_tensor from_numpy": "mb.Variable(x)",
    "Parameter": "mb.Variable(x), or self.params in a Layer",
    "backward": "y.backward(), or net.gradient(x, t)",
    "autograd": "mb.grad(y, [v]), or mb.gradient_of(f)(x)",
    "GradientTape": "y = f(mb.Variable(x)); y.backward()",
    "value_and_grad vjp": "net.loss_and_gradient(x, t), or mb.gradient_of(f)(x)",
    "jvp": "mb.jacobian(f, x) @ v",
    "rand randn": "np.random.default_rng(0).normal(size=(3, 4))",
    "jit vmap": "nothing; functions take whole arrays, and nets have kernels",
    "grad_check gradcheck gradient_check check_grad check_gradient": _CHECK,
    "numerical_grad numeric_gradient numerical_derivative numerical_gradient_2d":
        "mb.numerical_gradient(f, x)",
    "minimize": "mb.gradient_descent(f, init_x, lr=0.1, step_num=100)",
    "function_2": "lambda x: (x**2).sum()",
    # scikit-learn
    "MLPClassifier": "from mitbadak.interop import MLPClassifier; or "
    "net = mb.MLP([n_in, 100, classes], 'relu') and mb.fit(net, x, t)",
    "MLPRegressor": "from mitbadak.interop import MLPRegressor; or "
    "net = mb.MLP([n_in, 100, 1], 'relu', loss='mean_squared_error')",
    "LogisticRegression SGDClassifier": "net = mb.MLP([n_in, classes]) and mb.fit(net, x, t)",
    "linear_model LinearRegression Ridge SGDRegressor":
        "net = mb.MLP([n_in, 1], loss='mean_squared_error') and mb.fit(net, x, t)",
    "train_test_split": "train, test = mb.stratified_split(t, 0.2, rng=0)",
    "KFold StratifiedKFold cross_val_score cross_validate": _FOLDS,
    "GridSearchCV RandomizedSearchCV": "GridSearchCV of scikit-learn, with "
    "mitbadak.interop.MLPClassifier",
    "Pipeline make_pipeline": "Pipeline of scikit-learn, with mitbadak.interop.MLPClassifier",
    "confusion_matrix classification_report":
        "mitbadak.runs.quality.confusion_matrix(t, net.classify(x), classes)",
    "r2_score": "mitbadak.runs.quality.regression_quality(t, net.predict(x))",
    "to_categorical OneHotEncoder LabelBinarizer": "mb.one_hot(t, classes)",
    "LabelEncoder": "mb.fit(net, x, t) takes class names as they are",
    "StandardScaler MinMaxScaler Normalize Normalizer ToTensor":
        "x = (x - x.mean(axis=0)) / x.std(axis=0)",
    "Compose RandomCrop RandomRotation ImageDataGenerator":
        "mb.fit(net, x, t, augment=mb.RandomShift((28, 28)))",
    "KNeighborsClassifier DecisionTreeClassifier RandomForestClassifier SVC KMeans PCA":
        "nothing; there are neural networks only",
    # data
    "load_data": "mb.load_mnist() for the digits, mb.load_spiral() for the notes' spiral",
    "mnist MNIST fetch_mnist": "mb.load_mnist()",
    "load_iris load_wine load_breast_cancer fetch_openml load_diabetes load_boston read_csv":
        _OWN_DATA,
    "load_digits": f"mb.load_mnist(); {_OWN_DATA}",
    "fashion_mnist FashionMNIST load_fashion_mnist":
        f"mb.load_mnist(directory='folder') reads its four files; {_IMAGES}",
    "cifar10 CIFAR10 load_cifar10 load_cifar100 ImageFolder": _IMAGES,
    "load_sine load_sin": "mb.load_regression()",
    "spiral": "mb.load_spiral()",
    "make_moons": "mb.load_moons()",
    "make_circles": "mb.load_circles()",
    "make_blobs": "mb.load_blobs()",
    "make_classification": "mb.load_blobs()",
    "make_regression": "mb.load_regression()",
    "make_xor": "mb.load_xor()",
    "version": "mb.__version__",
    "help": "help(mb.fit)",
    # files
    "load_model from_pretrained": "net = mb.load('net.safetensors')",
    "save_model save_weights": _SAVE,
    "load_params load_state_dict": "mb.load_weights(net, 'net.safetensors')",
    "save_params": _SAVE,
    "onnx to_onnx export_onnx export": _ONNX,
    "from_torch load_torch": "from mitbadak.interop import from_torch",
    # pictures
    "plot plot_history plot_loss plot_curves plot_training show": _CURVES,
    "plot_model draw_graph get_dot_graph plot_dot_graph make_dot":
        "mb.draw(net.graph(x[:1], t[:1]))",
    "imshow img_show": "plt.imshow(x[0].reshape(28, 28)), with import matplotlib.pyplot as plt",
    "plot_decision_boundary decision_boundary": "from mitbadak.plots import decision_boundary",
    # modules
    "torch keras tensorflow tf models": _NET,
    "sklearn neural_network": "from mitbadak.interop import MLPClassifier, MLPRegressor",
    "layers": _ACTIVATED,
    "losses": _LOSS,
    "optimizers": "mb.SGD(0.1), mb.Adam()",
    "metrics": "net.accuracy(x, t)",
    "datasets dataset": "mb.load_mnist()",
    "utils": f"mb.one_hot(t, classes); {_BATCHES}",
    "random": f"np.random.seed, called before a net is made; or {_RNG}",
    "set_default_dtype set_floatx set_default_tensor_type backend":
        "mb.MLP([4, 8, 3], dtype='float64'), or net.astype('float64')",
    "preprocessing": "x = (x - x.mean(axis=0)) / x.std(axis=0)",
    "model_selection": "train, test = mb.stratified_split(t, 0.2, rng=0)",
    "functional F": "mb.relu(x)",
    "init initializers": "mb.MLP([4, 8, 3], init='he')",
    "transforms": "mb.fit(net, x, t, augment=mb.RandomShift((28, 28)))",
    "two_layer_net": "mb.TwoLayerNet(784, 50, 10)",
    "common": "import mitbadak.book, then from common.functions import *",
})  # fmt: skip
ERRORS = ("DtypeError", "FormatError", "GradientError", "LabelError", "NonFiniteError",
          "RangeError", "ShapeError", "StateError", "UnknownNameError", "FileError",
          "MissingFileError")  # fmt: skip
