"""The names of the two books and of notes on them, as thin adapters over the core.

``layers`` for ``common.layers`` and ``common.optimizer``, ``functions`` for ``common.functions``
and ``common.gradient``, ``nets`` for ``two_layer_net``, ``data`` for ``dataset``. Layers here keep
``params`` and ``grads`` as lists, as the second book does.
"""

from mitbadak.nn.book import data, functions, layers, nets

__all__ = ["data", "functions", "layers", "nets"]
