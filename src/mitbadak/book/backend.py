"""A Matplotlib backend for machines without a display: ``plt.show()`` saves numbered PNG files."""

from __future__ import annotations

from typing import Any

from matplotlib import _pylab_helpers
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from mitbadak.book import figures


class FigureManager(FigureManagerBase):
    """Saves figures in place of a window."""

    def show(self) -> None:
        """Save this figure."""
        figures.save(self.canvas.figure)

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """Save every open figure, and close them as a user closes the windows.

        With ``block=False`` they stay open for what the script draws next, and are saved when it
        ends.
        """
        managers: list[Any] = list(_pylab_helpers.Gcf.get_all_fig_managers())
        if block is False:
            figures.keep_for_the_end([manager.canvas.figure for manager in managers])
            return
        for manager in managers:
            figures.save(manager.canvas.figure)
        _pylab_helpers.Gcf.destroy_all()


class FigureCanvas(FigureCanvasAgg):
    """Agg's canvas, with the manager above."""

    manager_class: Any = FigureManager
