"""One peer in a process of its own: pinned, then a turn for every line on standard input."""

from __future__ import annotations

import json
import os
import sys
import time

request = json.loads(sys.argv[1])
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, request["cores"])
threads = str(request["threads"])
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = threads
if request["threads"] == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

from cases import CASES, material  # noqa: E402
from peers import PEERS  # noqa: E402

case = CASES[request["case"]]
turn = PEERS[request["peer"]](case, material(case))
losses = turn()
print(json.dumps({"losses": [float(v) for v in losses]}), flush=True)
for _ in sys.stdin:
    began = time.perf_counter()
    turn()
    print(json.dumps({"seconds": time.perf_counter() - began}), flush=True)
