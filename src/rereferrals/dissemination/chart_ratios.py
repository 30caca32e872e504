"""Ratios with the intervals that they lie in, topic by topic on a logarithmic scale: what goes with more, or less."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import pandas as pd

from rereferrals.chart_model import Cells, Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.canvas import Canvas
from rereferrals.dissemination.chart_cells import Grid, Marked, rows_behind
from rereferrals.dissemination.chart_layout import BOLD, text_width, wrapped
from rereferrals.dissemination.chart_places import Span
from rereferrals.dissemination.chart_theme import NARROW, Variant

#: Round ratios for a scale, about as far from each other as multiples, from the closest to those furthest apart.
_ROUND = (
    (0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 7.0, 10.0),
    (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
    (0.1, 1.0, 10.0),
)
#: Widest that names beside the rows may be before they are broken into lines, and how far they stand in.
_NAMES_WIDTH = 210
_INDENT = 12
_GAP = 12


@dataclass(frozen=True)
class _Ratio:
    """A row as published: an estimate and its limits."""

    name: str
    estimate: Marked
    lower: Marked
    upper: Marked

    @property
    def is_reference(self) -> bool:
        """Whether the others of its topic are compared with it."""
        return self.estimate.value == 1 and self.lower.published == self.upper.published == "z"

    @property
    def written(self) -> str:
        """The ratio as it is written in a picture."""
        if self.estimate.value is None:
            return self.estimate.in_words
        beside = "reference" if self.is_reference else f"{self.lower.label} to {self.upper.label}"
        return f"{self.estimate.label} ({beside})"

    @property
    def numbers(self) -> list[float]:
        """Those of the estimate and its limits that are numbers."""
        return [m.value for m in (self.estimate, self.lower, self.upper) if m.value is not None]


@dataclass(frozen=True)
class _Row:
    """Where a row stands: how far it reaches, the lines of its name, the middle of the first of them, and the middle of
    its marks."""

    ratio: _Ratio
    span: Span
    lines: list[str]
    first: float
    middle: float


@dataclass(frozen=True)
class _Layout:
    """Rows under headings, of which each has its lines and the middle of the first, down to the `foot` of the plot."""

    headings: list[tuple[list[str], float]]
    rows: list[_Row]
    foot: float


def rows_behind_ratios(chart: Chart, grid: Grid) -> pd.DataFrame:
    """The table behind ratios: a row for each category, its topic, and the estimate and its limits as published."""
    rows = rows_behind(chart, grid)
    topics = {row: topic for topic, names in _topics(chart, grid) for row in names}
    rows.insert(1, "Topic", [topics[row] for row in rows[chart.category_title]])
    return rows


def draw_ratios(chart: Chart, grid: Grid, variant: Variant) -> dict[str, Any]:
    """The Vega-Lite specification of ratios at one width: names and values beside the marks or, where the screen is
    narrow, above them."""
    topics = [(topic, [_Ratio(row, *grid.of_row(row)) for row in rows]) for topic, rows in _topics(chart, grid)]
    ratios = [ratio for _, of_topic in topics for ratio in of_topic]
    room, size, line = variant.max_width - theme.PADDING, variant.font_size, variant.line_height
    values = max(text_width(ratio.written, size) for ratio in ratios) + _GAP
    if variant is NARROW:
        layout = _below(topics, room, room - values, variant)
        edges = (_GAP, room - _GAP)
    else:
        names = _names_width(topics, size)
        layout = _beside(topics, names, variant)
        edges = (names + 2 * _GAP, room - values - _GAP)
    title = wrapped(chart.value_title, edges[1] - edges[0], size)
    plot = _Plot(_scale([n for ratio in ratios for n in ratio.numbers], edges[1] - edges[0], size), edges)
    canvas = Canvas(variant, room, layout.foot + line * (len(title) + 1.75), round(room))
    canvas.rows_stand("y", (row.span for row in layout.rows))
    _draw_ground(canvas, plot, layout)
    text = {"x": sum(edges) / 2, "y": layout.foot + 1.6 * line, "text": "\n".join(title)}
    canvas.write([text], align="center", baseline="top")
    for lines, first in layout.headings:
        heading = {"x": 0, "y": first, "text": "\n".join(lines)}
        canvas.write([heading], align="left", baseline="middle", fontWeight="bold")
    for row in layout.rows:
        _write(canvas, row, room, values)
        _draw_marks(canvas, plot, row)
    return canvas.specification()


def _topics(chart: Chart, grid: Grid) -> list[tuple[str, list[str]]]:
    """Topics, each with the names of its rows, in the order drawn."""
    cells = chart.shows
    assert isinstance(cells, Cells)
    topic_of = {name: cells.rows.topic(category) for category, name in cells.named_rows.items()}
    return [(topic, list(rows)) for topic, rows in groupby(grid.rows, topic_of.__getitem__)]


def _scale(numbers: Sequence[float], width: float, size: float) -> Sequence[float]:
    """Round ratios from below 1 to above it that take in all of these, as far as ratios are drawn, as close to each
    other as their labels have room."""
    for ratios in _ROUND:
        one = ratios.index(1)
        first = max([0, *(n for n in range(one) if ratios[n] <= min(numbers, default=1))])
        last = min([len(ratios) - 1, *(n for n in range(one + 1, len(ratios)) if ratios[n] >= max(numbers, default=1))])
        scale = ratios[first : last + 1]
        plot = _Plot(scale, (0, width))
        if all(
            plot.x(other) - plot.x(tick) >= text_width(f"{tick:g}{other:g}", size) / 2 + _GAP
            for tick, other in pairwise(scale)
        ):
            break
    return scale


@dataclass(frozen=True)
class _Plot:
    """A logarithmic scale, and from where to where it reaches across the picture."""

    scale: Sequence[float]
    edges: tuple[float, float]

    def x(self, ratio: float) -> float:
        """How far from the left edge of the picture a ratio stands; one beyond the scale stands at its end."""
        first, last = self.scale[0], self.scale[-1]
        part = math.log(min(max(ratio, first), last) / first) / math.log(last / first)
        return self.edges[0] + (self.edges[1] - self.edges[0]) * part


def _names_width(topics: Sequence[tuple[str, Sequence[_Ratio]]], size: float) -> float:
    """The width of the names and headings that stand beside the rows."""
    headings = [BOLD * text_width(text, size) for topic, _ in topics for text in _heading(topic, _NAMES_WIDTH, size)]
    names = [
        _INDENT + text_width(text, size)
        for _, ratios in topics
        for ratio in ratios
        for text in wrapped(ratio.name, _NAMES_WIDTH - _INDENT, size)
    ]
    return max(headings + names)


def _heading(topic: str, width: float, size: float) -> list[str]:
    return wrapped(topic, width / BOLD, size)


def _beside(topics: Sequence[tuple[str, Sequence[_Ratio]]], names: float, variant: Variant) -> _Layout:
    """Rows whose marks are level with their names."""
    line, size, y = variant.line_height, variant.font_size, 0.0
    headings, rows = [], []
    for topic, ratios in topics:
        y += 0.7 * line if rows else 0
        headings.append((_heading(topic, names, size), y + 0.5 * line))
        y += line * len(headings[-1][0]) + 0.1 * line
        for ratio in ratios:
            lines = wrapped(ratio.name, names - _INDENT, size)
            height = line * (len(lines) + 0.25)
            middle = y + height / 2
            rows.append(_Row(ratio, (y, y + height), lines, middle - line * (len(lines) - 1) / 2, middle))
            y += height
    return _Layout(headings, rows, y + 0.25 * line)


def _below(topics: Sequence[tuple[str, Sequence[_Ratio]]], room: float, names: float, variant: Variant) -> _Layout:
    """Rows whose marks are below their names."""
    line, size, y = variant.line_height, variant.font_size, 0.0
    headings, rows = [], []
    for topic, ratios in topics:
        y += 0.7 * line if rows else 0
        headings.append((_heading(topic, room, size), y + 0.5 * line))
        y += line * len(headings[-1][0]) + 0.2 * line
        for ratio in ratios:
            lines = wrapped(ratio.name, names - _INDENT, size)
            middle = y + line * (len(lines) + 0.45)
            end = middle + 0.65 * line
            rows.append(_Row(ratio, (y, end), lines, y + 0.5 * line, middle))
            y = end
    return _Layout(headings, rows, y)


def _draw_ground(canvas: Canvas, plot: _Plot, layout: _Layout) -> None:
    """Light lines, a darker one at 1, and their values at the foot; they leave out names that stand above marks."""
    reach = 0.5 * canvas.variant.line_height
    spans = [(row.middle - reach, row.middle + reach) for row in layout.rows]
    if canvas.variant is not NARROW:
        spans = [(spans[0][0], layout.foot)]
    for tick in plot.scale:
        colour, thickness = (theme.AXIS, 1.5) if tick == 1 else (theme.GRID, 1)
        canvas.lines(({"x": plot.x(tick), "y": start, "y2": end} for start, end in spans), colour, thickness)
        text = {"x": plot.x(tick), "y": layout.foot, "text": f"{tick:g}"}
        canvas.write([text], align="center", baseline="top", dy=5)


def _write(canvas: Canvas, row: _Row, room: float, values: float) -> None:
    """A row's name, and its value level with the marks beside it or with the name above them."""
    name = {"x": _INDENT, "y": row.first, "text": "\n".join(row.lines)}
    canvas.write([name], align="left", baseline="middle")
    if canvas.variant is NARROW:
        canvas.write([{"x": room, "y": row.first, "text": row.ratio.written}], align="right", baseline="middle")
    else:
        value = {"x": room - values + _GAP, "y": row.middle, "text": row.ratio.written}
        canvas.write([value], align="left", baseline="middle")


def _draw_marks(canvas: Canvas, plot: _Plot, row: _Row) -> None:
    """A line between the limits and a dot, which is open for a reference, at the estimate; what is beyond the scale is
    pointed to at its end."""
    ratio, y = row.ratio, row.middle
    if ratio.estimate.value is None:
        return
    if ratio.lower.value is not None and ratio.upper.value is not None:
        interval = {"x": plot.x(ratio.lower.value), "y": y, "x2": plot.x(ratio.upper.value)}
        canvas.lines([interval], theme.DARK_BLUE, 2.5)
    first, last = plot.scale[0], plot.scale[-1]
    if min(ratio.numbers) < first:
        canvas.points([{"x": plot.x(first), "y": y}], theme.DARK_BLUE, "triangle-left", 60)
    if max(ratio.numbers) > last:
        canvas.points([{"x": plot.x(last), "y": y}], theme.DARK_BLUE, "triangle-right", 60)
    if first <= ratio.estimate.value <= last:
        fill = theme.BACKGROUND if ratio.is_reference else theme.DARK_BLUE
        canvas.points([{"x": plot.x(ratio.estimate.value), "y": y}], fill, "circle", 44, stroke=theme.DARK_BLUE)
