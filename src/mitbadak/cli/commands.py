"""The command line, put together from its commands."""

from __future__ import annotations

from mitbadak.cli.book import book
from mitbadak.cli.data import data
from mitbadak.cli.descend import descend
from mitbadak.cli.diagnose import diagnose
from mitbadak.cli.evaluate import evaluate
from mitbadak.cli.export import export
from mitbadak.cli.gradcheck import gradcheck
from mitbadak.cli.lab import lab
from mitbadak.cli.predict import predict
from mitbadak.cli.program import app_of
from mitbadak.cli.runs import runs
from mitbadak.cli.train import train
from mitbadak.cli.tune import tune

COMMANDS = (train, evaluate, predict, runs, tune, descend, gradcheck, diagnose, export, data, lab)

app = app_of(COMMANDS)
# Whatever stands after the script is the script's.
app.command(context_settings={"allow_interspersed_args": False})(book)
