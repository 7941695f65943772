"""Doctests of the compiled engine are collected only where Numba is installed."""

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("numba") else ["src/mitbadak/compiled/*"]
