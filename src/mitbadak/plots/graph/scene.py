"""A picture with positions: the sizes of its nodes and labels, arranged by the layout."""

from __future__ import annotations

from dataclasses import dataclass

from mitbadak.plots.graph.labels import width_of
from mitbadak.plots.graph.layout import Arrangement, Box, Link, arrange
from mitbadak.plots.graph.picture import BRANCH, CONSTANT, INPUT, OUTPUT, Edge, Node, Picture
from mitbadak.plots.graph.theme import LABEL_SIZE

NAME_SIZE, CONSTANT_SIZE, DETAIL_SIZE = 13.0, 10.5, 9.5  # font sizes; none below 9 is legible
CIRCLE, DOT = 17.0, 3.5  # radii
ABOVE, BELOW = 4.5, 12.5  # from an edge to the baselines of the texts above and below it


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture with its layout; ``down`` exchanges the two axes."""

    picture: Picture
    arrangement: Arrangement
    down: bool


def scene_of(picture: Picture, direction: str = "right") -> Scene:
    """Lay a picture out, with edges going to the right or down."""
    down = direction == "down"
    order = sorted(picture.edges, key=lambda e: (e.target, e.port))
    boxes = []
    for i, node in enumerate(picture.nodes):
        width, height = size_of(node)
        room = room_for_edges(picture, i)
        along, across = (height, max(width, room)) if down else (width, max(height, room))
        boxes.append(Box(along, across, node.ordered))
    links = [Link(e.source, e.target, _label_box(e, down)) for e in order]
    arranged = arrange(boxes, links)
    place = {(e.target, e.port): i for i, e in enumerate(order)}
    back = [place[e.target, e.port] for e in picture.edges]
    arrangement = Arrangement(
        arranged.boxes,
        [arranged.labels[i] for i in back],
        [arranged.routes[i] for i in back],
        arranged.forks,
        arranged.along,
        arranged.across,
    )
    return Scene(picture, arrangement, down)


def size_of(node: Node) -> tuple[float, float]:
    """Width and height of a node with its texts."""
    if node.kind == BRANCH:
        return 2 * DOT, 2 * DOT
    if node.kind == OUTPUT:
        return (width_of(node.text, NAME_SIZE) + 10.0, 22.0) if node.text else (2.0, 22.0)
    if node.kind == CONSTANT:
        return width_of(node.text, CONSTANT_SIZE) + 4.0, 16.0
    if node.is_round:
        return 2 * CIRCLE, 2 * CIRCLE
    detail = width_of(node.detail, DETAIL_SIZE) if node.detail else 0.0
    text = max(width_of(node.text, NAME_SIZE), detail)
    if node.kind == INPUT:
        return text + 22.0, 26.0
    return text + 18.0, 40.0 if node.detail else 32.0


def room_for_edges(picture: Picture, i: int) -> float:
    """The length that the edges into a node need along its side."""
    n = len(picture.edges_to(i))
    return 10.0 * (n - 1) + 14.0 if n > 1 else 0.0


def _label_box(edge: Edge, down: bool) -> Box | None:
    """The space for an edge's texts, the same on both sides of the edge."""
    if not edge.value and not edge.gradient:
        return None
    width = max(width_of(edge.value, LABEL_SIZE), width_of(edge.gradient, LABEL_SIZE))
    if down:
        return Box(LABEL_SIZE + 5.0, 2 * width + 14.0)
    return Box(width + 6.0, 2 * (BELOW + 2.5))
