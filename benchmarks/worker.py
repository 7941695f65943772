"""One peer in a process of its own: pinned, then a turn for every line on standard input.

A turn with an attribute ``seconds`` has a clock of its own.
"""

from __future__ import annotations

import importlib
import json
import sys
import time

from machine import pin

request = json.loads(sys.argv[1])
pin(request["cores"])
turn = importlib.import_module(request["module"]).turn_of(request["peer"], request["case"])
answer = turn()
print(json.dumps({"answer": [float(v) for v in answer.ravel()]}), flush=True)
for _ in sys.stdin:
    began = time.perf_counter()
    turn()
    elapsed = time.perf_counter() - began
    print(json.dumps({"seconds": getattr(turn, "seconds", elapsed)}), flush=True)
