"""The views in notebooks: the same widgets, hosted by anywidget in Jupyter, Colab and marimo."""

# pyright: reportMissingImports=false
from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

from mitbadak.core.errors import FormatError, MitbadakError, positive
from mitbadak.core.files import write_atomically
from mitbadak.core.languages import known_language, language_of
from mitbadak.lab.assets import widget_file
from mitbadak.lab.recorded import html_of
from mitbadak.lab.schema import RefusedError, checked
from mitbadak.lab.view import View
from mitbadak.lab.views import VIEWS
from mitbadak.lab.wire import finite

try:
    import anywidget
    import traitlets
except ImportError as error:
    raise ImportError(
        "mitbadak.lab's widgets need anywidget: pip install 'mitbadak[lab]'."
    ) from error

PERIOD = 0.04  # seconds between frames
MODULE, STYLE = "lab.js", "lab.css"


class LabWidget(anywidget.AnyWidget):
    """A view of the lab in a notebook.

    Training runs in a thread of its own, so the notebook stays usable. ``watch`` runs it in the
    cell instead, for Colab, which shows nothing that a thread sends.

    Args:
        lang: ``en`` or ``ko``; by default that of the environment.
        settings: of the view; others have their defaults.

    Raises:
        RefusedError: a setting is unknown, or its value not allowed.
        MissingAssetsError: the widgets have not been built.
    """

    VIEW: ClassVar[str] = ""
    view_name = traitlets.Unicode("").tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    defaults = traitlets.Dict().tag(sync=True)
    lang = traitlets.Unicode("en").tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)

    def __init__(self, *, lang: str = "", **settings: Any):
        make: Any = VIEWS[self.VIEW]
        settings = checked("settings", make.SETTINGS, settings)
        self.view: View = make()
        self.view.change(settings)
        self.lock, self.closed, self.watching = threading.Lock(), threading.Event(), False
        own: Any = type(self)  # anywidget takes module and style from the class
        own._esm = widget_file(MODULE).read_text(encoding="utf-8")
        own._css = widget_file(STYLE).read_text(encoding="utf-8")
        super().__init__(
            view_name=self.VIEW,
            lang=known_language(lang) if lang else language_of(),
            settings=dict(self.view.settings),
        )
        self.on_msg(self._received)
        self.observe(self._set, names="settings")
        threading.Thread(target=self._flush, name="lab-widget", daemon=True).start()

    def watch(self, seconds: float = 60.0) -> None:
        """Train and show it from this cell, for so many seconds or until it is interrupted.

        Args:
            seconds: how long.

        Raises:
            RangeError: not a positive number.
        """
        end = time.monotonic() + positive("watch", "seconds", seconds)
        self.watching = True
        self.view.receive({"type": "hello"})
        self.view.receive({"type": "play"})
        try:
            while time.monotonic() < end and not self.closed.is_set():
                self._send_frames()
                time.sleep(PERIOD)
        except KeyboardInterrupt:
            pass  # the way to end it early
        finally:
            self.view.receive({"type": "pause"})
            self._send_frames()
            self.watching = False

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save what is to be seen as one HTML file that needs neither server nor notebook.

        Args:
            path: of the file; it ends in ``.html``.

        Returns:
            The path.

        Raises:
            FormatError: another suffix.
            RefusedError: this view shows nothing that lasts.
            OSError: it cannot be written.
        """
        path = Path(path)
        if path.suffix != ".html":
            raise FormatError(f"save: expected a path that ends in .html; got {path.name!r}.")
        if not self.view.lasting:
            raise RefusedError(f"save: {self.VIEW} cannot be saved as a file.")
        with self.lock:
            html = html_of(self.view.recorded(), self.lang)
        write_atomically(path, html)
        return path

    def close(self) -> None:
        """Stop the training, and take the widget away."""
        if not hasattr(self, "closed"):
            return  # it was refused before it began
        if not self.closed.is_set():
            self.closed.set()
            self.view.close()
        super().close()

    def _received(self, _: Any, content: Any, __: Any) -> None:
        self._handle(content)

    def _set(self, change: Any) -> None:
        self._handle({"type": "set", "settings": change["new"]})

    def _handle(self, message: Any) -> None:
        try:
            self.view.receive(message)
        except MitbadakError as problem:
            self.view.complain(problem)
        if self.view.prompt and not self.lock.locked():
            self._send_frames()  # from this thread, so that Colab shows it

    def _flush(self) -> None:
        while not self.closed.wait(PERIOD):
            if not self.watching:  # otherwise the cell sends them
                self._send_frames()

    def _send_frames(self) -> None:
        with self.lock:
            for frame in self.view.news():
                if frame.content["type"] == "settings":
                    self.defaults = frame.content["defaults"]
                    self.settings = frame.content["settings"]
                self.send(finite(frame.content), list(frame.buffers))


class Playground(LabWidget):
    """The Playground in a notebook: a net that learns points in the plane.

    Args:
        lang: ``en`` or ``ko``.
        settings: such as ``data="xor"`` or ``lr=0.1``; all are in
            ``mitbadak.lab.playground.settings``.
    """

    VIEW = "playground"


class Descent(LabWidget):
    """Optimizers that race on a surface, with a prediction before they run.

    Args:
        lang: ``en`` or ``ko``.
        settings: such as ``surface="rosenbrock"`` or ``steps=100``; all are in
            ``mitbadak.lab.descent.session.DescentView``.
    """

    VIEW = "descent"


class DrawingPad(LabWidget):
    """A pad for a digit, and what a net sees in it.

    Args:
        lang: ``en`` or ``ko``.
        settings: such as ``run="mnist-1"``, a run in the folder ``runs``; all are in
            ``mitbadak.lab.drawing.session.DrawingView``.
    """

    VIEW = "drawing"


class Graph(LabWidget):
    """The computational graph of an expression, forward and back step by step.

    Args:
        lang: ``en`` or ``ko``.
        settings: such as ``formula="sigmoid(w * x + b)"``; all are in
            ``mitbadak.lab.graph.session.GraphView``.
    """

    VIEW = "graph"


class Mnist(LabWidget):
    """MNIST live in a notebook: a net that learns to read the real digits.

    Args:
        lang: ``en`` or ``ko``.
        settings: such as ``hidden=100`` or ``speed="full"``; all are in
            ``mitbadak.lab.mnist.settings``.
    """

    VIEW = "mnist"


class Clinic(LabWidget):
    """The fault clinic in a notebook: trainings with one fault or none.

    Args:
        lang: ``en`` or ``ko``.
        settings: ``case``, from 1 on, and ``seed``.
    """

    VIEW = "clinic"


class Runs(LabWidget):
    """The run folders of the working directory in a notebook, compared.

    Args:
        lang: ``en`` or ``ko``.
        settings: such as ``measure="test_loss"``; all are in ``mitbadak.lab.runs.session``.
    """

    VIEW = "runs"
