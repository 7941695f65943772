"""Where people already work: scikit-learn, ONNX, PyTorch, C."""

from mitbadak.interop.c_export import (
    export_c as export_c,
)
from mitbadak.interop.estimators import (
    MLPClassifier as MLPClassifier,
    MLPRegressor as MLPRegressor,
)
from mitbadak.interop.onnx_export import (
    export_onnx as export_onnx,
)
from mitbadak.interop.onnx_import import (
    from_onnx as from_onnx,
)
from mitbadak.interop.records import (
    MLflowRecord as MLflowRecord,
    TensorBoardRecord as TensorBoardRecord,
)
from mitbadak.interop.torch_modules import (
    from_torch as from_torch,
)
from mitbadak.interop.torch_nets import (
    load_torch_weights as load_torch_weights,
    save_torch_weights as save_torch_weights,
    torch_weights as torch_weights,
)
from mitbadak.interop.tuning.ranges import (
    Range as Range,
)
from mitbadak.interop.tuning.results import (
    SweepResult as SweepResult,
    TrialResult as TrialResult,
)
from mitbadak.interop.tuning.sweep import (
    tune as tune,
)
