from mitbadak import (
    core as core,
    data as data,
    descent as descent,
    functions as functions,
    gradcheck as gradcheck,
    graph as graph,
    nn as nn,
    optim as optim,
    plots as plots,
    runs as runs,
    training as training,
)
from mitbadak.core.errors import (
    MitbadakError as MitbadakError,
    MitbadakWarning as MitbadakWarning,
)
from mitbadak.data import (
    Dataset as Dataset,
    Preparation as Preparation,
    RandomShift as RandomShift,
    Source as Source,
    idx_dataset as idx_dataset,
    k_fold as k_fold,
    load_blobs as load_blobs,
    load_circles as load_circles,
    load_mnist as load_mnist,
    load_moons as load_moons,
    load_regression as load_regression,
    load_spiral as load_spiral,
    load_xor as load_xor,
    map_idx as map_idx,
    mnist_datasets as mnist_datasets,
    open_source as open_source,
    read_idx as read_idx,
    shifted as shifted,
    stratified_split as stratified_split,
    write_idx as write_idx,
)
from mitbadak.data.images import (
    image_folder as image_folder,
    read_image as read_image,
)
from mitbadak.descent import (
    descend as descend,
    gradient_descent as gradient_descent,
    stability_limit as stability_limit,
)
from mitbadak.doctor.checkup.examination import (
    checkup as checkup,
)
from mitbadak.doctor.doctor import (
    Doctor as Doctor,
)
from mitbadak.functions import (
    affine as affine,
    average_pooling as average_pooling,
    col2im as col2im,
    convolution as convolution,
    cross_entropy_error as cross_entropy_error,
    dropout as dropout,
    elu as elu,
    flatten as flatten,
    gelu as gelu,
    huber as huber,
    identity as identity,
    im2col as im2col,
    leaky_relu as leaky_relu,
    linear as linear,
    log_softmax as log_softmax,
    max_pooling as max_pooling,
    mean_squared_error as mean_squared_error,
    relu as relu,
    sigmoid as sigmoid,
    sigmoid_cross_entropy as sigmoid_cross_entropy,
    sigmoid_grad as sigmoid_grad,
    silu as silu,
    softmax as softmax,
    softmax_cross_entropy as softmax_cross_entropy,
    softplus as softplus,
    step as step,
    sum_squared_error as sum_squared_error,
    tanh as tanh,
    unflatten as unflatten,
)
from mitbadak.functions.differentiable import (
    differentiable as differentiable,
)
from mitbadak.functions.labels import (
    one_hot as one_hot,
)
from mitbadak.functions.normalization import (
    batch_norm as batch_norm,
    layer_norm as layer_norm,
)
from mitbadak.functions.numerical import (
    numerical_diff as numerical_diff,
    numerical_gradient as numerical_gradient,
)
from mitbadak.gradcheck import (
    GradientReport as GradientReport,
    assert_gradients as assert_gradients,
    check_gradients as check_gradients,
)
from mitbadak.graph import (
    Variable as Variable,
    grad as grad,
    gradient_of as gradient_of,
    hessian as hessian,
    hessian_vector_product as hessian_vector_product,
    jacobian as jacobian,
)
from mitbadak.nn import (
    ELU as ELU,
    GELU as GELU,
    MLP as MLP,
    Affine as Affine,
    AveragePooling as AveragePooling,
    BatchNorm as BatchNorm,
    ConvNet as ConvNet,
    Convolution as Convolution,
    Dropout as Dropout,
    Flatten as Flatten,
    Head as Head,
    Huber as Huber,
    Identity as Identity,
    Layer as Layer,
    LayerNorm as LayerNorm,
    LeakyReLU as LeakyReLU,
    MaxPooling as MaxPooling,
    MeanSquaredError as MeanSquaredError,
    Predictor as Predictor,
    ReLU as ReLU,
    Reshape as Reshape,
    Sequential as Sequential,
    Sigmoid as Sigmoid,
    SigmoidCrossEntropy as SigmoidCrossEntropy,
    SiLU as SiLU,
    SoftmaxCrossEntropy as SoftmaxCrossEntropy,
    Softplus as Softplus,
    SumSquaredError as SumSquaredError,
    Tanh as Tanh,
    TwoLayerNet as TwoLayerNet,
    option as option,
)
from mitbadak.optim import (
    L1 as L1,
    L2 as L2,
    SGD as SGD,
    AdaGrad as AdaGrad,
    Adam as Adam,
    AdamW as AdamW,
    Chain as Chain,
    ClipNorm as ClipNorm,
    ClipValue as ClipValue,
    Constant as Constant,
    Cosine as Cosine,
    Exponential as Exponential,
    Groups as Groups,
    Lion as Lion,
    Momentum as Momentum,
    Nesterov as Nesterov,
    OneCycle as OneCycle,
    Optimizer as Optimizer,
    RMSProp as RMSProp,
    Schedule as Schedule,
    StepDecay as StepDecay,
    WarmUp as WarmUp,
    build_optimizer as build_optimizer,
)
from mitbadak.plots.graph import (
    draw as draw,
)
from mitbadak.runs import (
    Model as Model,
    TrainConfig as TrainConfig,
    load as load,
    load_weights as load_weights,
    save as save,
)
from mitbadak.training import (
    Callback as Callback,
    EarlyStopping as EarlyStopping,
    History as History,
    PrintProgress as PrintProgress,
    StopOnNonFinite as StopOnNonFinite,
    evaluate as evaluate,
    fit as fit,
)

__version__: str
