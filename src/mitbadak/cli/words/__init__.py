"""All that a command can say, from English to Korean: its lines, and messages of the rooms.

A text is found by ``core/translation.py``; one that is missing here stays English. The findings of
the doctor have words of their own, in ``doctor/words``.
"""

from __future__ import annotations

from mitbadak.cli.words.help import HELP
from mitbadak.cli.words.lines import LINES, NAMES
from mitbadak.cli.words.tuning import RANKS, TUNE
from mitbadak.cli.words.usage import USAGE
from mitbadak.core.words import KOREAN as CORE
from mitbadak.data.words import KOREAN as DATA
from mitbadak.descent.words import KOREAN as DESCENT
from mitbadak.doctor.words.messages import KOREAN as DOCTOR
from mitbadak.gradcheck.words import KOREAN as GRADCHECK
from mitbadak.interop.words import KOREAN as INTEROP
from mitbadak.lab.words import KOREAN as LAB
from mitbadak.nn.words import KOREAN as NN
from mitbadak.optim.words import KOREAN as OPTIM
from mitbadak.plots.words import MESSAGES as PLOTS
from mitbadak.runs.words import KOREAN as RUNS
from mitbadak.training.words import KOREAN as TRAINING

KOREAN = {
    **CORE, **DATA, **OPTIM, **NN, **DESCENT, **GRADCHECK, **TRAINING, **RUNS, **PLOTS,
    **DOCTOR, **INTEROP, **LAB, **HELP, **USAGE, **NAMES, **LINES, **TUNE, **RANKS,
}  # fmt: skip
