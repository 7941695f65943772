"""What a step costs in one process and in several, and from which batch several are faster.

    mpiexec -n 2 python benchmarks/ranks.py

Each net is trained on made data; a row shows what `mitbadak train` forecasts for it, and the last
column the sum of the gradients alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak import MLP, SGD
from mitbadak.data import Dataset
from mitbadak.interop.mpi import MPITeam
from mitbadak.training.parallel import join
from mitbadak.training.trainer import Trainer

NETS = ([784, 50, 10], [784, 300, 10], [784, 1000, 10], [784, 1000, 1000, 10])
BATCHES = (100, 1000, 4000)
SITTINGS = 5


def main() -> None:
    """Print a table in Markdown."""
    team = MPITeam()
    rng = np.random.default_rng(0)
    x = rng.random((max(BATCHES), 784), np.float32)
    data = Dataset(x, rng.integers(0, 10, len(x)))
    if team.rank == 0:
        print(f"| net | parameters | batch | 1 process, ms | {team.size} processes, ms | faster |"
              " pays from | sum, ms |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    for widths in NETS:
        for batch in BATCHES:
            net = MLP(widths, activation="relu", rng=0)
            trainer = Trainer(net, data, batch_size=batch, optimizer=SGD(0.01), rng=0)
            join(trainer, team)
            trainer._make_updater(trainer.train, batch)
            updater: Any = trainer.updater
            seen = [updater.forecast() for _ in range(SITTINGS)]
            alone, together, summing, pays = np.median(np.array(seen), axis=0)
            size = sum(p.size for p in net.params.values())
            if team.rank == 0:
                name = "-".join(map(str, widths))
                print(f"| {name} | {size:,} | {batch:,} | {1e3 * alone:.3g} | "
                      f"{1e3 * together:.3g} | {alone / together:.2f} | {pays:,.0f} | "
                      f"{1e3 * summing:.3g} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
