"""Pictures of graphs are complete and correct, and nothing in them overlaps."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from html import escape
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import mitbadak as mb
from mitbadak import functions
from mitbadak.core.errors import (
    DtypeError,
    MitbadakWarning,
    RangeError,
    ShapeError,
    StateError,
    UnknownNameError,
)
from mitbadak.functions import activations, losses, normalization, primitives, special
from mitbadak.functions.differentiable import Differentiable, differentiable
from mitbadak.graph import Variable
from mitbadak.plots import style
from mitbadak.plots.graph import Drawing, draw, stepwise
from mitbadak.plots.graph.drawing import MOST_IN_A_NOTEBOOK, notebook_picture
from mitbadak.plots.graph.labels import number, shape_text, width_of
from mitbadak.plots.graph.layout import Box, Link, arrange
from mitbadak.plots.graph.narration import narrate
from mitbadak.plots.graph.notation import BOOK_NAMES, options_text
from mitbadak.plots.graph.picture import BRANCH, CONSTANT, INPUT, OPERATION, OUTPUT
from mitbadak.plots.graph.scene import scene_of
from mitbadak.plots.graph.theme import DARK, LABEL_SIZE, LIGHT

pytestmark = pytest.mark.once

DOCS = Path(__file__).parents[3] / "docs"
SVG = "{http://www.w3.org/2000/svg}"
NASTY = '<b>&"사과"</b> ]]> </script>'


def shopping() -> Variable:
    """The book's two apples at 100 and three oranges at 150, with 10% tax."""
    apple, apples = Variable(100.0, "apple"), Variable(2.0, "apples")
    orange, oranges = Variable(150.0, "orange"), Variable(3.0, "oranges")
    price = (apple * apples + orange * oranges) * Variable(1.1, "tax")
    price.name = "price"
    return price


def kinds(drawing: Drawing) -> Counter:
    return Counter(node.kind for node in drawing.picture.nodes)


def texts(drawing: Drawing, kind: str) -> list[str]:
    root = ET.fromstring(drawing.svg())
    return [t.text or "" for t in root.iter(f"{SVG}text") if t.get("class") == kind]


# What is drawn.


def test_apples_and_oranges_are_drawn_as_in_the_book():
    drawing = draw(shopping(), gradients=True)
    assert kinds(drawing) == {OPERATION: 4, INPUT: 5, OUTPUT: 1}
    assert Counter(texts(drawing, "name")) == Counter(
        ["apple", "apples", "orange", "oranges", "tax", "×", "×", "+", "×", "price"]
    )
    value_and_gradient = {(e.value, e.gradient) for e in drawing.picture.edges}
    assert value_and_gradient == {
        ("100", "2.2"), ("2", "110"), ("150", "3.3"), ("3", "165"), ("1.1", "650"),
        ("200", "1.1"), ("450", "1.1"), ("650", "1.1"), ("715", "1"),
    }  # fmt: skip
    assert Counter(texts(drawing, "value")) == Counter(e.value for e in drawing.picture.edges)
    assert Counter(texts(drawing, "gradient")) == Counter(e.gradient for e in drawing.picture.edges)


def test_gradients_come_from_backward_or_are_computed_or_absent():
    price = shopping()
    assert not texts(draw(price), "gradient")
    assert texts(draw(price, gradients=True), "gradient")
    assert all(v.grad is None for v in (price, *price.args))
    price.backward()
    assert draw(price).svg() == draw(shopping(), gradients=True).svg()
    assert not texts(draw(price, gradients=False), "gradient")
    other = price.args[1] * 2.0  # its tax has a gradient, but of another result
    assert not texts(draw(other), "gradient")


def test_gradients_of_a_variable_used_twice_add_up_at_its_branch():
    x = Variable(3.0, "x")
    drawing = draw(x * x + x, gradients=True)
    assert kinds(drawing)[BRANCH] == 1
    assert drawing.picture.nodes[drawing.picture.branch_of[0]].kind == BRANCH
    labels = [(e.value, e.gradient) for e in drawing.picture.edges]
    assert Counter(labels) == Counter(
        [("3", "7"), ("3", "3"), ("3", "3"), ("3", "1"), ("9", "1"), ("12", "1")]
    )
    y = x * x + x
    y.backward()  # which frees what the parts were computed from
    assert draw(y).svg() == drawing.svg()


def test_an_output_that_is_also_used_shows_its_own_gradient_and_the_sum():
    x = Variable(2.0, "x")
    a = x * 3.0
    drawing = draw([a, a * 5.0], gradients=True)
    assert kinds(drawing)[OUTPUT] == 2
    assert [e.gradient for e in drawing.picture.edges if e.value == "6"] == ["6", "5", "1"]


def test_constants_settings_and_options_are_distinguished_from_operands():
    x = Variable(np.ones((2, 3)), "x")
    y = np.sum(np.reshape(x, (3, 2)) * 2.0, axis=1)[1:]
    drawing = draw(y)
    assert kinds(drawing) == {OPERATION: 4, INPUT: 1, CONSTANT: 1, OUTPUT: 1}
    assert texts(drawing, "detail") == ["shape=(3, 2)", "axis=1", "[1:]"]
    loss = mb.softmax_cross_entropy(x, np.array([0, 1]))
    assert "t (2,)" in texts(draw(loss), "name")
    assert "Softmax with loss" in texts(draw(loss), "name")


def test_labels_in_a_variable_get_no_gradient():
    x, t = Variable(np.ones((2, 3)), "x"), Variable([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], "t")
    edges = draw(mb.softmax_cross_entropy(x, t), gradients=True).picture.edges
    assert [e.gradient for e in edges] == ["2×3", "", "1"]
    loss = mb.softmax_cross_entropy(x, t) + np.sum(t)
    edges = draw(loss, gradients=True).picture.edges
    assert Counter(e.gradient for e in edges if e.value == "2×3") == Counter(
        {"2×3": 3, "": 1}  # x; t before its branch and towards the sum; not towards the loss
    )


@pytest.mark.parametrize(
    "module", [functions, primitives, activations, losses, special, normalization]
)
def test_every_operation_is_in_the_table_of_names(module):
    operations = {
        name for name, f in vars(module).items()
        if isinstance(f, Differentiable) and f.__module__.startswith(module.__name__)
    }  # fmt: skip
    assert operations
    assert operations <= set(BOOK_NAMES)


def test_a_custom_operation_is_labeled_with_its_function_name():
    @differentiable
    def halved(x, *, times=1):
        return x / 2**times, (lambda dy: dy / 2**times,)

    drawing = draw(halved(Variable(8.0), times=2), gradients=True)
    assert texts(drawing, "name") == ["8", "halved"]
    assert texts(drawing, "detail") == ["times=2"]
    assert texts(drawing, "gradient") == ["0.25", "1"]


def test_numbers_have_four_digits_and_arrays_show_their_shape():
    assert [number(x) for x in (2.2000000000000002, -0.0, 1e-10, 123456.0, np.nan)] == [
        "2.2", "0", "1e−10", "1.235e5", "nan",
    ]  # fmt: skip
    assert [shape_text(s) for s in ((100, 50), (50,), (2, 3, 4))] == ["100×50", "(50,)", "2×3×4"]
    assert options_text(primitives.index, (), {"at": (slice(None), 0, ...)}) == "[:, 0, ...]"
    assert options_text(primitives.sum, (), {"axis": None, "keepdims": False}) == ""


# Random graphs.


UNARY = [np.exp, mb.sigmoid, np.negative, mb.relu, lambda a: a.sum() * a]
BINARY = [np.add, np.multiply, np.subtract, np.maximum]
NAMES = ["", "x", "가격", "a long name for a variable", NASTY]
PLACES = st.integers(0, 30)
# A random graph: the shape, the names of the inputs, each operation with its arguments, and the
# number of outputs. Variables are created outside the strategy, because checking their types uses
# a random generator, which hypothesis does not allow there.
RECIPES = st.tuples(
    st.sampled_from([(), (2,), (2, 3)]),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 2), PLACES, PLACES, PLACES), max_size=14),
    st.integers(1, 2),
)


def build(recipe) -> list[Variable]:
    """A graph of numbers or small arrays, with shared variables, constants and options."""
    shape, names, operations, ends = recipe
    pool = [Variable(np.full(shape, 0.5 + i), name) for i, name in enumerate(names)]
    for kind, which, first, second in operations:
        a, b = pool[-1 - first % len(pool)], pool[-1 - second % len(pool)]
        if kind == 0:
            pool.append(UNARY[which % len(UNARY)](a * 0.1))
        else:
            result = BINARY[which % len(BINARY)](a, b if kind == 2 else 2.0)
            pool.append(result * 0.1 if kind == 2 else result)
    return pool[-ends:]


DIRECTIONS = st.sampled_from(["right", "down"])
Area = tuple[float, float, float, float, str]


def areas(root: ET.Element) -> list[Area]:
    """The areas of shapes and texts: left, top, right, bottom, and their owner."""
    boxes = []
    groups = [*root.iter(f"{SVG}g"), root]
    for group in groups:
        owner = f"node {group.get('data-node')}" if group.get("data-node") else ""
        for i, e in enumerate(group):
            whose = owner or f"{group.get('data-edge', 'fork')} {i}"
            if e.tag == f"{SVG}circle":
                x, y, r = (float(e.get(k, "")) for k in ("cx", "cy", "r"))
                boxes.append((x - r, y - r, x + r, y + r, whose))
            elif e.tag == f"{SVG}rect" and e.get("class") == "shape":
                x, y, w, h = (float(e.get(k, "")) for k in ("x", "y", "width", "height"))
                boxes.append((x, y, x + w, y + h, whose))
            elif e.tag == f"{SVG}text":
                size = float(e.get("font-size") or LABEL_SIZE)
                x, y = float(e.get("x", "")), float(e.get("y", ""))
                wide = width_of(e.text or "", size)
                anchor = (e.get("style") or "text-anchor:middle").removeprefix("text-anchor:")
                left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
                boxes.append((left, y - 0.78 * size, left + wide, y + 0.2 * size, whose))
    return boxes


def overlapping(boxes: list[Area]) -> list[tuple[Area, Area]]:
    return [
        (a, b) for i, a in enumerate(boxes) for b in boxes[:i]
        if a[4] != b[4]
        and min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])
    ]  # fmt: skip


def points_of(path: str) -> list[tuple[float, float]]:
    """Points along a path of straight lines and cubic curves."""
    points: list[tuple[float, float]] = []
    for command, rest in re.findall(r"([MLC])([^MLC]*)", path):
        numbers = [float(x) for x in rest.split()]
        p = [complex(*numbers[i : i + 2]) for i in range(0, len(numbers), 2)]
        if command == "M":
            points.append((p[0].real, p[0].imag))
            continue
        start = complex(*points[-1])
        for k in range(1, 17):
            s = k / 16
            if command == "L":
                z = start + s * (p[0] - start)
            else:
                z = (start * (1 - s) ** 3 + 3 * p[0] * s * (1 - s) ** 2
                     + 3 * p[1] * s * s * (1 - s) + p[2] * s**3)  # fmt: skip
            points.append((z.real, z.imag))
    return points


@given(RECIPES, DIRECTIONS)
def test_boxes_and_texts_do_not_overlap_and_lie_inside_the_picture(recipe, direction):
    outputs = build(recipe)
    root = ET.fromstring(draw(outputs, gradients=outputs[0].size == 1 == outputs[-1].size,
                              direction=direction).svg())  # fmt: skip
    boxes = areas(root)
    assert not overlapping(boxes)
    wide, high = float(root.get("width", "")), float(root.get("height", ""))
    assert all(a[0] >= 0 and a[1] >= 0 and a[2] <= wide and a[3] <= high for a in boxes)


@given(RECIPES, DIRECTIONS)
def test_no_edge_runs_through_a_box_or_a_text(recipe, direction):
    outputs = build(recipe)
    drawing = draw(outputs, direction=direction)
    root = ET.fromstring(drawing.svg())
    boxes = areas(root)
    for group in root.iter(f"{SVG}g"):
        path = group.find(f"{SVG}path")
        if path is None:
            continue
        edge = drawing.picture.edges[int(group.get("data-edge", ""))]
        ends = {f"node {edge.source}", f"node {edge.target}"}
        others = [a for a in boxes if a[4] not in ends and not a[4].startswith("fork")]
        for x, y in points_of(path.get("d", "")):
            hit = [a for a in others if a[0] < x < a[2] and a[1] < y < a[3]]
            assert not hit


@given(RECIPES, DIRECTIONS)
def test_every_operation_and_edge_is_drawn_once(recipe, direction):
    outputs = build(recipe)
    drawing = draw(outputs, direction=direction)
    variables = mb.graph.in_order(outputs)
    operations = [v for v in variables if v.operation is not None]
    assert kinds(drawing)[OPERATION] == len(operations)
    assert kinds(drawing)[INPUT] == len(variables) - len(operations)
    root = ET.fromstring(drawing.svg())
    for what, drawn in (("node", drawing.picture.nodes), ("edge", drawing.picture.edges)):
        numbers = [int(g.get(f"data-{what}", "-1")) for g in root.iter(f"{SVG}g")]
        assert sorted(i for i in numbers if i >= 0) == list(range(len(drawn)))
    arguments = sum(len(v.args) for v in operations)
    entering = [e for e in drawing.picture.edges
                if drawing.picture.nodes[e.target].kind == OPERATION]  # fmt: skip
    assert len(entering) == arguments
    assert len({(e.target, e.port) for e in entering}) == arguments


@given(RECIPES, DIRECTIONS)
@settings(max_examples=25)
def test_the_same_graph_gives_the_same_bytes(recipe, direction):
    outputs = build(recipe)
    first, again = draw(outputs, direction=direction), draw(outputs, direction=direction)
    assert first.svg() == again.svg()
    assert (first.dot(), first.mermaid()) == (again.dot(), again.mermaid())
    assert first.stepwise().html() == again.stepwise().html()


def test_equal_graphs_give_the_same_bytes():
    assert draw(shopping()).svg() == draw(shopping()).svg()


def test_two_hundred_operations_are_laid_out_without_overlaps():
    x, y = Variable(0.7, "x"), Variable(0.2, "y")
    z = x
    for i in range(25):
        z = np.sin(z) * y + np.exp(z * 0.3) - x / (1.5 + i)
    drawing = draw(z, gradients=True)
    assert kinds(drawing)[OPERATION] == 175
    assert not overlapping(areas(ET.fromstring(drawing.svg())))


# Layout.


def test_arguments_of_a_difference_keep_their_order():
    a, b = Variable(1.0, "a"), Variable(2.0, "b")
    for direction, axis in (("right", "y"), ("down", "x")):
        root = ET.fromstring(draw(b - a, direction=direction).svg())
        at = {t.text: float(t.get(axis, "")) for t in root.iter(f"{SVG}text")}
        assert at["b"] < at["a"]


def test_edges_enter_a_difference_in_order_even_if_they_must_cross():
    a, b = Variable(1.0, "a"), Variable(2.0, "b")
    scene = scene_of(draw([a - b, b - a, a + b, b + a]).picture)
    crossed = 0
    for i, node in enumerate(scene.picture.nodes):
        if node.kind == OPERATION:
            first, second = (scene.arrangement.routes[k] for k in scene.picture.edges_to(i))
            if node.ordered:
                assert first[-1][2] < second[-1][2]
                crossed += first[0][2] > second[0][2]
    assert crossed  # or the test is vacuous


def test_a_chain_is_drawn_straight_and_a_tree_without_crossings():
    boxes = [Box(20, 20) for _ in range(5)]
    arrangement = arrange(boxes, [Link(i, i + 1, Box(30, 10)) for i in range(4)])
    assert len({y for _, y in arrangement.boxes}) == 1
    xs = [x for x, _ in arrangement.boxes]
    assert xs == sorted(xs)
    edges = [(0, 4), (1, 4), (2, 5), (3, 5), (4, 6), (5, 6)]
    tree = arrange([Box(20, 20, True) for _ in range(7)], [Link(*e) for e in edges])
    ys = [y for _, y in tree.boxes]
    assert ys[:4] == sorted(ys[:4])
    assert ys[4] < ys[6] < ys[5]


def test_edges_of_one_variable_share_a_bus_and_fork_where_they_part():
    links = [Link(0, 1), Link(1, 2), Link(2, 3), Link(0, 2), Link(0, 3)]
    arrangement = arrange([Box(20, 20) for _ in range(4)], links)
    # One edge leaves the bus before its end, one at the box itself.
    assert len(arrangement.forks) == 1


# Names given by users.


@pytest.mark.parametrize("name", [NASTY, "가격 <원>", "a\x00b\ud800c", 'q"q\\', "x" * 500, "a\nb"])
def test_names_are_escaped_everywhere(name):
    x = Variable(2.0, name)
    y = functions.tanh(x * x)
    y.name = name
    drawing = draw(y, gradients=True)
    root = ET.fromstring(drawing.svg())
    assert not [e for e in root.iter() if e.tag in ("b", f"{SVG}b", f"{SVG}script")]
    page = drawing.stepwise(lang="ko").html()
    assert page.encode()
    assert page.count("</script>") == 2
    assert "<b>" not in page
    data = re.search(r'id="stages">(.*?)</script>', page)
    assert data
    assert json.loads(data[1])[0]["phase"] == "start"
    for line in drawing.dot().splitlines()[3:-1]:
        ET.fromstring(f"<x>{line[line.index('<') + 1 : line.rindex('>')]}</x>" if "<" in line
                      else "<x/>")  # fmt: skip
    for line in drawing.mermaid().splitlines():
        assert line.count('"') in (0, 2)


# Themes and formats.


def test_themes_follow_the_screen_or_are_fixed():
    price = shopping()
    auto, light, dark = (draw(price, theme=t).svg() for t in ("auto", "light", "dark"))
    assert "prefers-color-scheme:dark" in auto
    assert "prefers-color-scheme" not in light + dark
    assert DARK["paper"] in dark
    assert DARK["paper"] not in light
    assert LIGHT["paper"] in light
    assert LIGHT["value"] == style.BLUE


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_text_has_the_contrast_that_small_text_needs(palette):
    def light(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear)) + 0.05

    for text, ground in [("ink", "box"), ("ink", "paper"), ("quiet", "paper"), ("quiet", "box"),
                         ("value", "paper"), ("gradient", "paper")]:  # fmt: skip
        a, b = sorted([light(palette[text]), light(palette[ground])])
        assert b / a >= 4.5, (text, ground)


def test_pictures_are_accessible_and_scalable():
    root = ET.fromstring(draw(shopping(), gradients=True).svg())
    assert root.get("role") == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text == "Computational graph of price"
    assert "× of apple 100 and apples 2 gives 200, gradient 1.1." in (desc.text or "")
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    sizes = re.findall(r'font-size[=:]"?([\d.]+)', draw(shopping()).svg())
    assert min(map(float, sizes)) >= 9


def test_dot_and_mermaid_contain_nodes_edges_values_and_gradients():
    x = Variable(3.0, "x")
    drawing = draw(x * x - 1.0, gradients=True)
    dot, mermaid = drawing.dot(), drawing.mermaid()
    assert dot.startswith("digraph {\n  rankdir=LR;")
    assert dot.count(" -> ") == mermaid.count(" n") - len(drawing.picture.nodes) - len(
        drawing.picture.edges) == len(drawing.picture.edges)  # fmt: skip
    assert "shape=circle, label=<×>" in dot
    assert '<font color="#0072B2">9</font><br/><font' in dot
    assert mermaid.startswith("flowchart LR\n")
    assert '(("×"))' in mermaid
    assert '-->|"9<br/>grad 1"|' in mermaid
    assert "rankdir=TB" in draw(x, direction="down").dot()


def test_save_writes_the_format_given_by_the_suffix(tmp_path):
    drawing = draw(shopping())
    for suffix, content in [
        (".svg", drawing.svg()), (".SVG", drawing.svg()), (".dot", drawing.dot()),
        (".mmd", drawing.mermaid()), (".html", drawing.stepwise().html()),
    ]:  # fmt: skip
        path = tmp_path / f"graph{suffix}"
        drawing.save(path)
        assert path.read_text(encoding="utf-8") == content
    with pytest.raises(UnknownNameError, match=r"suffix of a picture '\.png'.*Known: \.svg"):
        drawing.save(tmp_path / "graph.png")
    page = stepwise(shopping())
    page.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page.html()


def test_notebooks_show_drawings_pages_and_variables():
    price = shopping()
    drawing = draw(price)
    assert drawing.svg() in drawing._repr_html_()
    assert drawing._repr_svg_() == drawing.svg()
    assert repr(drawing) == "Drawing(10 nodes, 9 edges)"
    page = stepwise(price)
    assert escape(page.html()) in page._repr_html_()
    assert repr(page) == "Stepwise(10 nodes, lang 'en')"
    assert notebook_picture(price) == drawing._repr_html_()
    assert notebook_picture(Variable(1.0)) is None
    for _ in range(MOST_IN_A_NOTEBOOK):
        price = price + 1.0
    assert notebook_picture(price) is None


# Stepwise pages.


def test_stages_write_out_each_calculation_forward_and_backward():
    stages = narrate(draw(shopping(), gradients=True).picture)
    assert [(s.progress, s.sentence) for s in stages] == [
        ("Start", "The inputs are given. The forward pass computes one node at a time."),
        ("forward 1 of 4: ×", "× : 100 · 2 = 200"),
        ("forward 2 of 4: ×", "× : 150 · 3 = 450"),
        ("forward 3 of 4: +", "+ : 200 + 450 = 650"),
        ("forward 4 of 4: ×", "× : 650 · 1.1 = 715"),
        (
            "Result",
            "The result is known. The backward pass starts from it with the gradient 1.",
        ),
        ("backward 1 of 4: ×", "× : d(input 1) = 1.1 · 1 = 1.1, dtax = 650 · 1 = 650"),
        ("backward 2 of 4: +", "+ : d(input 1) = 1 · 1.1 = 1.1, d(input 2) = 1 · 1.1 = 1.1"),
        ("backward 3 of 4: ×", "× : dorange = 3 · 1.1 = 3.3, doranges = 150 · 1.1 = 165"),
        ("backward 4 of 4: ×", "× : dapple = 2 · 1.1 = 2.2, dapples = 100 · 1.1 = 110"),
    ]


def test_stages_reveal_every_text_once():
    x = Variable(2.0, "x")
    picture = draw(np.exp(x * x) * x + 1.0, gradients=True).picture
    stages = narrate(picture)
    values = Counter(i for s in stages for i in s.values)
    gradients = Counter(i for s in stages for i in s.gradients)
    assert values == Counter(i for i, e in enumerate(picture.edges) if e.value)
    assert gradients == Counter(i for i, e in enumerate(picture.edges) if e.gradient)


def test_stages_give_shapes_of_arrays_and_sums_at_branches():
    x, W = Variable(np.ones((2, 3)), "x"), Variable(np.ones((3, 4)), "W")
    stages = narrate(draw(np.sum(mb.linear(x, W)), gradients=True).picture)
    assert "Linear : x 2×3, W 3×4 → 2×4" in [s.sentence for s in stages]
    assert "Linear : 2×4 → dx 2×3, dW 3×4" in [s.sentence for s in stages]
    y = Variable(3.0, "y")
    sentences = [s.sentence for s in narrate(draw(y * y - y, gradients=True).picture)]
    assert "Branch : the gradients of all uses add up: 3 + 3 + (−1) = 5" in sentences
    sentences = [s.sentence for s in narrate(draw(y * y - y, gradients=True).picture, "ko")]
    assert "분기 : 갈래마다 돌아온 기울기를 모두 더합니다. 3 + 3 + (−1) = 5" in sentences


@pytest.mark.parametrize(
    ("f", "sentence"),
    [
        (lambda x: -x, "×(−1) : −2 · (−1) = 2"),
        (lambda x: abs(x), "|x| : |−2| = 2"),
        (lambda x: np.square(x), "x² : (−2)² = 4"),
        (lambda x: 1.0 - x, "− : 1 − (−2) = 3"),
        (lambda x: x**2, "^ : (−2) ^ 2 = 4"),
        (lambda x: np.maximum(x, 1.0), "maximum : maximum(−2, 1) = 1"),
        (lambda x: np.sqrt(-x - x), "√ : √4 = 2"),
    ],
)
def test_formulas_of_numbers_are_written_as_by_hand(f, sentence):
    assert sentence in [s.sentence for s in narrate(draw(f(Variable(-2.0))).picture)]


def test_gradients_from_outside_the_picture_are_mentioned():
    x = Variable(2.0, "x")
    part = x * 3.0
    whole = part + x * 10.0
    whole.backward()
    sentences = [s.sentence for s in narrate(draw(part).picture)]
    assert sentences[-1] == "× : dx = 3 · 1 = 3 (13 including uses outside this picture)"


def test_the_earlier_name_of_lang_works_for_one_version():
    for old in (
        lambda: stepwise(shopping(), language="ko"),
        lambda: draw(shopping()).stepwise(language="ko"),
    ):
        with pytest.warns(MitbadakWarning, match="language is now lang"):
            assert old().lang == "ko"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_page_is_self_contained(language):
    page = stepwise(shopping(), lang=language).html()
    assert page.startswith("<!DOCTYPE html>")
    assert f'<html lang="{language}">' in page
    assert set(re.findall(r"https?://[^\"' ]+", page)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(link|img|iframe|script)[^>]*(src|href)=", page)
    assert not re.search(r"url\(|@import", page)
    for key in ("ArrowRight", "ArrowLeft", "Home", "End", '" "'):
        assert key in page
    assert {"en": "Next", "ko": "다음"}[language] in page


def test_a_page_computes_gradients_if_possible_and_else_goes_forward_only():
    price = shopping()
    assert '"phase": "backward"' in stepwise(price).html()
    assert price.grad is None
    assert '"phase": "backward"' not in stepwise(price, gradients=False).html()
    vector = Variable([1.0, 2.0]) * 2.0
    assert '"phase": "backward"' not in stepwise(vector).html()
    part = price * 2.0
    price.backward()
    assert '"phase": "backward"' not in stepwise(part).html()  # part of its graph has been freed
    assert '"phase": "backward"' in stepwise(price).html()


# The page in the documents.


@pytest.mark.skipif(not (DOCS / "graph-pictures.md").exists(), reason="not in a checkout")
def test_the_document_generates_its_own_pictures(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document = (DOCS / "graph-pictures.md").read_text(encoding="utf-8")
    names: dict = {}
    for block in re.findall(r"```python\n(.*?)```", document, re.DOTALL):
        exec(compile(block, "graph-pictures.md", "exec"), names)
    shown = re.findall(r"\(images/(.*?)\)", document)
    assert len(shown) == 4
    for name in shown:
        drawn = (tmp_path / name).read_text(encoding="utf-8")
        assert (DOCS / "images" / name).read_text(encoding="utf-8") == drawn


# Wrong arguments.


@pytest.mark.parametrize("function", [draw, stepwise])
def test_wrong_arguments_are_refused_with_a_remedy(function):
    name, x = function.__name__, Variable(1.0, "x")
    with pytest.raises(DtypeError, match=f"{name} expects a Variable.*got ndarray.*mb.Variable"):
        function(np.ones(3))
    with pytest.raises(DtypeError, match="got float"):
        function([x, 1.0])
    with pytest.raises(RangeError, match="at least one variable; got an empty list"):
        function([])
    with pytest.raises(UnknownNameError, match=f"direction of {name} 'rigth'.*'right'"):
        function(x, direction="rigth")
    with pytest.raises(UnknownNameError, match=f"theme of {name} 'drak'.*'dark'"):
        function(x, theme="drak")
    with pytest.raises(UnknownNameError, match="gradients must be 'auto', True or False; got 1"):
        function(x, gradients=1)
    with pytest.raises(ShapeError, match=r"expects scalars; got .*Draw its sum"):
        function(Variable([1.0, 2.0]) * 2.0, gradients=True)
    y = x * 2.0
    y.backward()
    with pytest.raises(StateError, match="gradients='auto' shows those that backward has left"):
        function(y, gradients=True)
    with pytest.raises(UnknownNameError, match=r"lang of stepwise 'kr'.*'ko'"):
        stepwise(x, lang="kr")
