"""Bars divided into the parts of a whole: how groups differ along something that comes in an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rereferrals.chart_model import Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.canvas import Canvas
from rereferrals.dissemination.chart_cells import Grid, Marked
from rereferrals.dissemination.chart_layout import text_width, ticks, wrapped
from rereferrals.dissemination.chart_theme import NARROW, Variant

_NAMES_WIDTH = 130
_GAP = 10
#: Narrowest that bars may become so that the last part's name still fits above it.
_LEAST = 0.5


@dataclass(frozen=True)
class _Part:
    """A part of a bar: from where to where it reaches."""

    marked: Marked
    start: float
    end: float

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


@dataclass(frozen=True)
class _Bar:
    """A bar, where it begins with its name, where it stands itself, and its parts."""

    row: str
    start: float
    lines: list[str]
    top: float
    parts: list[_Part]


def draw_stack(chart: Chart, grid: Grid, variant: Variant) -> dict[str, Any]:
    """The Vega-Lite specification of a chart of stacked bars at one width."""
    bars = _bars(grid, variant)
    names = 0.0 if variant is NARROW else _names_width(bars, variant)
    top = max([100.0, *(bar.parts[-1].end for bar in bars if bar.parts)])
    width, named = _width(grid, bars, variant, variant.max_width - theme.PADDING - names, top)
    canvas = Canvas(variant, width, bars[-1].top + _thickness(variant) + 4, top)
    if named:
        _call(canvas, bars[0].parts, bars[0].top)
    else:
        _key(canvas, grid)
    for bar in bars:
        _draw(canvas, bar)
        _name(canvas, bar)
        if not bar.parts:
            texts = ", ".join(dict.fromkeys(marked.in_words for marked in grid.of_row(bar.row)))
            middle = bar.top + _thickness(variant) / 2
            canvas.write([{"x": 0, "y": middle, "text": texts}], align="left", baseline="middle", dx=4)
    canvas.scale(ticks(100, variant.gridlines), chart.value_title)
    canvas.rows_stand("y", ((bar.start, bar.top + _thickness(variant)) for bar in bars))
    return canvas.specification()


def _thickness(variant: Variant) -> float:
    return 2.2 * variant.line_height


def _bars(grid: Grid, variant: Variant) -> list[_Bar]:
    """Bars from the top down, below the names of their parts; a bar's name stands beside it or, where the screen is
    narrow, above it."""
    line, narrow = variant.line_height, variant is NARROW
    bars, y = [], line * len(grid.columns) + 6
    for row in grid.rows:
        lines = wrapped(row, variant.plot_width if narrow else _NAMES_WIDTH, variant.font_size)
        start = y + (0.6 * line if bars else 0)
        y = start + (line * len(lines) if narrow else 0)
        bars.append(_Bar(row, start, lines, y, _parts(grid.of_row(row))))
        y += _thickness(variant)
    return bars


def _parts(row: Sequence[Marked]) -> list[_Part]:
    parts, end = [], 0.0
    for marked in row:
        if marked.value is not None:
            parts.append(_Part(marked, end, end + marked.value))
            end += marked.value
    return parts


def _names_width(bars: Sequence[_Bar], variant: Variant) -> float:
    return max(text_width(line, variant.font_size) for bar in bars for line in bar.lines) + _GAP


def _width(grid: Grid, bars: Sequence[_Bar], variant: Variant, room: float, top: float) -> tuple[float, bool]:
    """How wide bars are, and whether the parts of the first can be named above them: names begin at the middle of
    their parts, and bars are as wide as that leaves room for, but not much narrower than they could be without."""
    widest = room - text_width("100", variant.font_size) / 2
    parts = bars[0].parts
    fitting = [
        (room - text_width(part.marked.name, variant.font_size) - _GAP) * top / part.middle
        for part in parts
        if part.middle
    ]
    width = min([widest, *fitting])
    named = len(parts) == len(grid.columns) and width >= _LEAST * widest
    return (width, True) if named else (widest, False)


def _call(canvas: Canvas, parts: Sequence[_Part], bottom: float) -> None:
    """The names of the first bar's parts, each on a line of its own and tied to its part."""
    line = canvas.variant.line_height
    for place, part in enumerate(parts):
        thing = {"x": part.middle, "y": line * (place + 0.5), "text": part.marked.name}
        canvas.lines([thing | {"y": line * place + 3, "y2": bottom + 4}], theme.AXIS, 1.5)
        canvas.write([thing], align="left", baseline="middle", dx=5)


def _key(canvas: Canvas, grid: Grid) -> None:
    """Each part's colour with its name, where there is no room to name those of the first bar."""
    line, side = canvas.variant.line_height, canvas.variant.font_size
    for number, column in enumerate(grid.columns):
        y = line * number + 1
        box = {"x": 0, "x2": canvas.value(side), "y": y, "y2": y + side}
        canvas.boxes([box], theme.COLOURS[column], stroke=theme.OUTLINE, strokeWidth=1)
        thing = {"x": canvas.value(side), "y": y + side / 2, "text": column}
        canvas.write([thing], align="left", baseline="middle", dx=6)


def _draw(canvas: Canvas, bar: _Bar) -> None:
    """A bar: its parts with a gap between them, and their values where there is room."""
    thickness = _thickness(canvas.variant)
    gap = canvas.value(3)
    for part in bar.parts:
        colour = theme.COLOURS[part.marked.name]
        end = max(part.start + gap / 3, part.end - gap)
        box = {"x": part.start, "x2": end, "y": bar.top, "y2": bar.top + thickness}
        canvas.boxes([box], colour, stroke=theme.OUTLINE, strokeWidth=1)
        if canvas.across(part.end - part.start) >= text_width(part.marked.label, canvas.variant.font_size) + 4:
            canvas.write(
                [{"x": (part.start + end) / 2, "y": bar.top + thickness / 2, "text": part.marked.label}],
                align="center", baseline="middle", color=theme.ink(colour),
            )  # fmt: skip


def _name(canvas: Canvas, bar: _Bar) -> None:
    height, thing = canvas.variant.line_height * len(bar.lines), {"x": 0, "text": "\n".join(bar.lines)}
    if canvas.variant is NARROW:
        canvas.write([thing | {"y": bar.top - height}], align="left", baseline="top")
    else:
        y = bar.top + (_thickness(canvas.variant) - height) / 2
        canvas.write([thing | {"y": y}], align="right", baseline="top", dx=-_GAP)
