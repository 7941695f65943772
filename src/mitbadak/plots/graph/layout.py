"""Layered layout of a directed acyclic graph: columns, the order in them, and coordinates.

The method is that of Sugiyama, Tagawa and Toda (1981): columns by longest paths, dummy cells
where an edge passes a column, fewer crossings by sorting each column by the mean of its
neighbors, then coordinates that keep edges straight. A label is a cell on its edge, and cells in
a column keep their distance, so that nothing overlaps. Edges from one node share a line (a bus)
up to where they part.

"Along" is the direction of the edges (x for a graph drawn to the right), "across" the other one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

SWEEPS = 8  # over the columns, to reduce crossings; graphs of 300 cells gain nothing after four
EXCHANGES = 8  # passes over all columns that exchange neighbors, at most
STRAIGHTENINGS = 24
STIFF = 8.0  # weight of an edge at a label or dummy, relative to one at a node
APART = 7.0  # distance between cells in a column
GAP = 18.0  # distance between columns, at least; more where edges are steep
NEARLY = 8.0  # a bus that would bend by less is drawn straight
LEAD = 9.0  # straight piece before a node, for the arrowhead
PORT = 10.0  # distance between two edges that enter a node


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle to be placed; if ``ordered``, edges enter it in the order of the links."""

    along: float
    across: float
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An edge between two boxes, given by position, with the size of its label if it has one."""

    source: int
    target: int
    label: Box | None = None


Run = tuple[float, float, float]
"""A straight piece of an edge: start and end (along), and its position across."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Centers of boxes and labels, the route of each link, the forks of routes, and the size."""

    boxes: list[tuple[float, float]]
    labels: list[tuple[float, float] | None]
    routes: list[list[Run]]
    forks: list[tuple[float, float]]
    along: float
    across: float


@dataclass(slots=True, eq=False)
class _Cell:
    """An item of a column: a box, a label, or a dummy of length 0."""

    column: int
    along: float
    across: float
    ordered: bool = False
    is_box: bool = False
    before: list[_Segment] = field(default_factory=list)
    after: list[_Segment] = field(default_factory=list)
    at: int = 0  # its position in the column
    y: float = 0.0
    x: float = 0.0


@dataclass(slots=True, eq=False)
class _Segment:
    """A piece of an edge from one column to the next."""

    a: _Cell
    b: _Cell
    port: int = 0
    offset: float = 0.0  # of the port from the middle of b
    weight: float = 1.0


@dataclass(slots=True)
class _Net:
    columns: list[list[_Cell]]
    boxes: list[_Cell]
    labels: list[_Cell | None]
    routes: list[list[_Segment]]


def arrange(boxes: Sequence[Box], links: Sequence[Link]) -> Arrangement:
    """Place boxes and the labels of their links so that nothing overlaps.

    Args:
        boxes: boxes to place.
        links: edges without cycles; those into one box in the order of its ports.

    Returns:
        Positions, identical for identical arguments.

    Example:
        >>> arrangement = arrange([Box(10, 10), Box(10, 10)], [Link(0, 1)])
        >>> (x0, y0), (x1, y1) = arrangement.boxes
        >>> x0 < x1, y0 == y1
        (True, True)
    """
    net = _cells(boxes, links, _columns(len(boxes), links))
    _sort(net)
    _set_ports(net)
    _straighten(net.columns)
    return _measured(net)


def _columns(n: int, links: Sequence[Link]) -> list[int]:
    """The column of each box, as far right as its longest path to an end allows.

    A box is thus directly before the first box that needs it, and only boxes with several edges
    out have long ones.
    """
    into: list[list[Link]] = [[] for _ in range(n)]
    waiting = [0] * n
    for link in links:
        into[link.target].append(link)
        waiting[link.source] += 1
    from_end = [0] * n
    ready = [i for i in range(n) if waiting[i] == 0]
    while ready:
        target = ready.pop()
        for link in into[target]:
            columns = 1 if link.label is None else 2
            from_end[link.source] = max(from_end[link.source], from_end[target] + columns)
            waiting[link.source] -= 1
            if waiting[link.source] == 0:
                ready.append(link.source)
    last = max(from_end, default=0)
    return [last - distance for distance in from_end]


def _cells(boxes: Sequence[Box], links: Sequence[Link], columns: list[int]) -> _Net:
    """Boxes, labels and dummies in their columns (not yet sorted), joined by segments."""
    cells = [
        _Cell(c, b.along, b.across, b.ordered, True) for b, c in zip(boxes, columns, strict=True)
    ]
    net = _Net([[] for _ in range(max(columns, default=-1) + 1)], cells, [], [])
    all_cells = list(cells)
    buses = {i: [cell] for i, cell in enumerate(cells)}
    ends = [columns[k.target] - (k.label is not None) for k in links]  # of the label or target
    routes: dict[int, list[_Segment]] = {}
    # The longest edge out of a box lays the bus from which the others branch off.
    for i in sorted(range(len(links)), key=lambda i: (-ends[i], i)):
        link, bus = links[i], buses[links[i].source]
        route = routes[i] = []
        while bus[-1].column < ends[i] - 1:
            bus.append(_Cell(bus[-1].column + 1, 0.0, 2.0))
            all_cells.append(bus[-1])
            route.append(_join(bus[-2], bus[-1], STIFF))
        leaving = bus[ends[i] - 1 - bus[0].column]
        if link.label is not None:
            label = _Cell(ends[i], link.label.along, link.label.across)
            all_cells.append(label)
            route.append(_join(leaving, label, STIFF))
            leaving = label
        route.append(_join(leaving, cells[link.target], 1.0))
    net.routes = [routes[i] for i in range(len(links))]
    net.labels = [
        None if k.label is None else route[-1].a for k, route in zip(links, net.routes, strict=True)
    ]
    for cell in cells:
        cell.before.clear()
    for route in net.routes:  # in the order of the ports
        route[-1].port = len(route[-1].b.before)
        route[-1].b.before.append(route[-1])
    for cell in all_cells:
        net.columns[cell.column].append(cell)
    return net


def _join(a: _Cell, b: _Cell, weight: float) -> _Segment:
    segment = _Segment(a, b, weight=weight)
    a.after.append(segment)
    b.before.append(segment)
    return segment


def _sort(net: _Net) -> None:
    """Order each column: by a depth-first search from the ends, then by sweeps and exchanges."""
    _search(net)
    best, fewest = [list(c) for c in net.columns], _crossings(net.columns)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        to_the_left = sweep % 2 == 0
        for column in reversed(net.columns) if to_the_left else net.columns:
            keys = {id(c): _mean(c, to_the_left) for c in column}
            column.sort(key=lambda c: keys[id(c)])
            _stack(column)
        crossings = _crossings(net.columns)
        if crossings < fewest:
            best, fewest = [list(c) for c in net.columns], crossings
    net.columns[:] = best
    _stack(*net.columns)
    for _ in range(EXCHANGES):
        if not sum(_exchange(column) for column in net.columns):
            break
    _stack(*net.columns)


def _exchange(column: list[_Cell]) -> bool:
    """Exchange neighbors in a column if that removes crossings; whether any were exchanged."""
    changed = False
    for i in range(len(column) - 1):
        above, below = column[i], column[i + 1]
        if _crossings_of(above, below) > _crossings_of(below, above):
            column[i], column[i + 1] = below, above
            below.at, above.at = i, i + 1
            changed = True
    return changed


def _crossings_of(above: _Cell, below: _Cell) -> int:
    """How often the edges of two cells cross if the first is above the second."""
    left = sum(s.a.at > r.a.at for s in above.before for r in below.before)
    return left + sum(_end(s) > _end(r) for s in above.after for r in below.after)


def _end(segment: _Segment) -> tuple[int, int]:
    """The end of a segment: its position in the next column, and its port if that is fixed."""
    return segment.b.at, segment.port if segment.b.ordered else 0


def _search(net: _Net) -> None:
    """Order columns by a depth-first search from the ends, argument by argument.

    Trees then have no crossings.
    """
    stack = [c for column in net.columns for c in reversed(column) if not c.after]
    visited: dict[int, _Cell] = {}
    while stack:
        cell = stack.pop()
        if id(cell) not in visited:
            visited[id(cell)] = cell
            stack.extend(s.a for s in reversed(cell.before))
    net.columns[:] = [[] for _ in net.columns]
    for cell in visited.values():
        net.columns[cell.column].append(cell)
    _stack(*net.columns)


def _stack(*columns: list[_Cell]) -> None:
    """Place the cells of a column one below the other, centered at 0."""
    for column in columns:
        y = -sum(c.across + APART for c in column) / 2
        for i, cell in enumerate(column):
            cell.at, cell.y = i, y + cell.across / 2
            y += cell.across + APART


def _mean(cell: _Cell, to_the_left: bool) -> float:
    """The mean position of the neighbors on one side, or on the other if there are none."""
    if cell.after and (to_the_left or not cell.before):
        ys = [s.b.y + (s.port - len(s.b.before) / 2 if s.b.ordered else 0.0) for s in cell.after]
    else:
        ys = [s.a.y for s in cell.before] or [cell.y]
    return sum(ys) / len(ys)


def _crossings(columns: list[list[_Cell]]) -> int:
    """The number of crossings: inversions between neighboring columns, by a Fenwick tree."""
    total = 0
    for column in columns:
        ends = [e for cell in column for e in sorted(map(_end, cell.after))]
        order = {e: i + 1 for i, e in enumerate(sorted(set(ends)))}
        tree = [0] * (len(order) + 1)
        for seen, e in enumerate(ends):
            i, not_above = order[e], 0
            at = i
            while at:
                not_above += tree[at]
                at &= at - 1
            total += seen - not_above
            while i <= len(order):
                tree[i] += 1
                i += i & -i
    return total


def _set_ports(net: _Net) -> None:
    """Set where each edge enters its box, by argument if their order matters."""
    for box in net.boxes:
        entering = box.before
        if not box.ordered:
            entering = sorted(entering, key=lambda s: s.a.at)
        between = min(PORT, (box.across - 12.0) / max(len(entering) - 1, 1))
        for i, segment in enumerate(entering):
            segment.port, segment.offset = i, (i - (len(entering) - 1) / 2) * max(between, 0.0)


def _straighten(columns: list[list[_Cell]]) -> None:
    """Set coordinates across: each column in turn as close to its neighbors as possible."""
    for i in range(STRAIGHTENINGS):
        both = i >= STRAIGHTENINGS // 3
        for column in reversed(columns):
            _settle(column, [_wish(c, both or not c.after, True) for c in column])
        for column in columns:
            _settle(column, [_wish(c, True, both or not c.before) for c in column])
    for column in columns:  # a cell that only continues its left neighbor stays on its line
        _settle(column, [_last_wish(c) for c in column])
    top = min((c.y - c.across / 2 for column in columns for c in column), default=0.0)
    for column in columns:
        for cell in column:
            cell.y = round(cell.y - top, 1)


def _last_wish(cell: _Cell) -> tuple[float, float]:
    """The position of the left neighbor for a cell that only continues it, with its weight.

    A bus follows only if it is nearly straight. The line of a label weighs more than a bus, since
    a bend would be right beside the label.
    """
    a = cell.before[0].a if len(cell.before) == 1 else cell
    on_bus = not cell.is_box and cell.along == 0.0
    if a is cell or (len(a.after) > 1 and not (on_bus and abs(a.y - cell.y) < NEARLY)):
        return cell.y, 1.0
    return a.y, 1e2 if on_bus else 1e4


def _wish(cell: _Cell, left: bool, right: bool) -> tuple[float, float]:
    """The position that a cell would have alone in its column, with its weight."""
    wishes = [(s.a.y - s.offset, s.weight) for s in cell.before] if left else []
    if right:
        wishes += [(s.b.y + s.offset, s.weight) for s in cell.after]
    weight = sum(w for _, w in wishes)
    return (sum(y * w for y, w in wishes) / weight, weight) if wishes else (cell.y, 1.0)


def _settle(column: list[_Cell], wishes: list[tuple[float, float]]) -> None:
    """Set the coordinates closest to the wishes, by least squares, that keep order and distances.

    With distances subtracted, this is isotonic regression: neighbors that would come too close
    are pooled and share the mean of their wishes.
    """
    pools: list[tuple[float, float, int]] = []
    shift, shifts = 0.0, []
    for i, (cell, (wish, weight)) in enumerate(zip(column, wishes, strict=True)):
        if i:
            shift += (column[i - 1].across + cell.across) / 2 + APART
        shifts.append(shift)
        mean, count = wish - shift, 1
        while pools and pools[-1][0] > mean:
            above, heavy, more = pools.pop()
            mean = (above * heavy + mean * weight) / (heavy + weight)
            weight, count = heavy + weight, count + more
        pools.append((mean, weight, count))
    i = 0
    for mean, _, count in pools:
        for _ in range(count):
            column[i].y = mean + shifts[i]
            i += 1


def _measured(net: _Net) -> Arrangement:
    """Set coordinates along, with wider gaps at steep edges; return all as plain numbers."""
    edges: list[tuple[float, float]] = []
    x = 0.0
    for column in net.columns:
        climbs = [abs(s.a.y - s.b.y - s.offset) for c in column for s in c.before]
        if edges:
            x += min(GAP + 0.2 * max(climbs, default=0.0), 90.0) + LEAD
        wide = max(c.along for c in column)
        for cell in column:
            cell.x = x + wide / 2
        edges.append((x, x + wide))
        x += wide
    cells = [c for column in net.columns for c in column]
    return Arrangement(
        [(c.x, c.y) for c in net.boxes],
        [None if c is None else (c.x, c.y) for c in net.labels],
        [_runs(route, edges) for route in net.routes],
        [(c.x, c.y) for c in cells if not c.is_box and len(c.after) > 1],
        x,
        max((c.y + c.across / 2 for c in cells), default=0.0),
    )


def _runs(route: list[_Segment], edges: list[tuple[float, float]]) -> list[Run]:
    first, last = route[0].a, route[-1]
    runs = [(first.x + first.along / 2, edges[first.column][1], first.y)]
    for s in route[:-1]:
        runs.append((*edges[s.b.column], s.b.y))
    runs.append((edges[last.b.column][0] - LEAD, last.b.x - last.b.along / 2,
                 last.b.y + last.offset))  # fmt: skip
    return runs
