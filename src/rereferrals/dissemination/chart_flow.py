"""Ribbons from what something was to what came next, as wide as their counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rereferrals.chart_model import Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.canvas import Canvas
from rereferrals.dissemination.chart_cells import Grid, Marked
from rereferrals.dissemination.chart_layout import text_width, wrapped
from rereferrals.dissemination.chart_theme import Variant

#: Width of a category's box, and from there to its name.
_NODE, _GAP = 12, 8
#: Height of all that flows, and between two categories.
_HEIGHT, _BETWEEN = 380, 6
_NAMES_WIDTH: Mapping[str, int] = {"wide": 190, "narrow": 100}


@dataclass(frozen=True)
class _Node:
    """A category of one side: its name in lines, and where its box begins and how high it is."""

    name: str
    lines: list[str]
    top: float
    height: float

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(frozen=True)
class _Side:
    """The categories of one side from the top down, and the side's name in lines."""

    head: list[str]
    nodes: list[_Node]
    names_width: float


def draw_flow(chart: Chart, grid: Grid, variant: Variant) -> dict[str, Any]:
    """The Vega-Lite specification of a flow at one width."""
    line = variant.line_height
    heads = [
        wrapped(t, _NAMES_WIDTH[variant.name], variant.font_size) for t in (chart.category_title, chart.value_title)
    ]
    above = line * (max(map(len, heads)) + 0.5)
    total = sum(cell.value or 0 for cell in grid.cells.values()) or 1.0
    left = _side(heads[0], grid, grid.rows, grid.row_shares, above, _HEIGHT / total, variant)
    right = _side(heads[1], grid, grid.columns, grid.column_shares, above, _HEIGHT / total, variant)
    width = variant.max_width - theme.PADDING - left.names_width - right.names_width
    height = max(
        max(node.top + node.height, node.middle + line * len(node.lines) / 2)
        for node in (left.nodes[-1], right.nodes[-1])
    )
    canvas = Canvas(variant, width, height, round(width))
    for colour, bands in _ribbons(grid, _HEIGHT / total, left, right, canvas.width).items():
        pale = theme.contrast(colour, theme.BACKGROUND) < theme.LEAST_CONTRAST
        canvas.ribbons(bands, colour, **{"stroke": theme.AXIS, "strokeWidth": 0.75} if pale else {})
    _draw_side(canvas, left, 0, _NODE, "right")
    _draw_side(canvas, right, canvas.width, canvas.width - _NODE, "left")
    return canvas.specification()


def _side(
    head: list[str], grid: Grid, names: Sequence[str], shares: Mapping[str, Marked], top: float, scale: float,
    variant: Variant,
) -> _Side:  # fmt: skip
    """One side, from `top` down; each category has the room that its name needs."""
    nodes, y = [], top
    for name in names:
        height = scale * sum(cell.value or 0 for key, cell in grid.cells.items() if name == key[names is grid.columns])
        text = f"{name} {shares[name].label}" if name in shares else name
        lines = wrapped(text, _NAMES_WIDTH[variant.name], variant.font_size)
        room = max(height, variant.line_height * len(lines))
        nodes.append(_Node(name, lines, y + (room - height) / 2, height))
        y += room + _BETWEEN
    widest = max(text_width(text, variant.font_size) for lines in (head, *(n.lines for n in nodes)) for text in lines)
    return _Side(head, nodes, widest + _GAP)


def _draw_side(canvas: Canvas, side: _Side, outer: float, inner: float, align: str) -> None:
    """The boxes of one side, its name above them and theirs beside them; text is aligned to the outer edge."""
    line, away = canvas.variant.line_height, _GAP if align == "left" else -_GAP
    for node in side.nodes:
        box = {"x": outer, "x2": inner, "y": node.top, "y2": node.top + max(node.height, 1)}
        canvas.boxes([box], theme.COLOURS[node.name], stroke=theme.OUTLINE, strokeWidth=1)
    names = [
        {"x": outer, "y": node.middle - line * len(node.lines) / 2, "text": "\n".join(node.lines)}
        for node in side.nodes
    ]
    canvas.write(names, align=align, baseline="top", dx=away)
    canvas.write([{"x": outer, "y": 0, "text": "\n".join(side.head)}], align=align, baseline="top", dx=away,
                 fontWeight="bold")  # fmt: skip


def _ribbons(grid: Grid, scale: float, left: _Side, right: _Side, width: float) -> dict[str, list[dict[str, Any]]]:
    """The bands of each colour, as points from left to right. A symbol has no band."""
    ends = {node.name: node.top for node in right.nodes}
    bands: dict[str, list[dict[str, Any]]] = {}
    for node in left.nodes:
        start = node.top
        for column in grid.columns:
            thickness = scale * (grid.cells[node.name, column].value or 0)
            if thickness:
                bands.setdefault(theme.COLOURS[column], []).extend(
                    {"band": f"{node.name}: {column}", "x": x, "y": y, "y2": y + thickness}
                    for x, y in _curve(_NODE, start, width - _NODE, ends[column])
                )
            start += thickness
            ends[column] += thickness
    return bands


def _curve(x: float, y: float, x2: float, y2: float, steps: int = 6) -> Iterator[tuple[float, float]]:
    """Points of a smooth way from one place to another, level at both ends."""
    for step in range(steps + 1):
        part = step / steps
        yield x + (x2 - x) * part, y + (y2 - y) * part * part * (3 - 2 * part)
