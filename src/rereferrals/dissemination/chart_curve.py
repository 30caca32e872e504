"""Lines over the time since a case was closed, in bands between limits: how likely something has happened by then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rereferrals.chart_model import Chart, months
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.canvas import Canvas
from rereferrals.dissemination.chart_cells import Grid
from rereferrals.dissemination.chart_layout import spread, text_width, ticks, wrapped
from rereferrals.dissemination.chart_places import around
from rereferrals.dissemination.chart_theme import NARROW, Variant

#: Shape and size of the end of each line, so that colour is not all that tells them apart.
_SHAPES = (("circle", 90), ("diamond", 100), ("square", 76), ("triangle-up", 90))
#: Widest that names beside the lines may be before they are broken into lines.
_NAMES_WIDTH = 130
#: The piece of a line before its name where names stand above the plot.
_PIECE = 32
_GAP = 8
#: So pale that lines, and other bands, show through.
_BAND_OPACITY, _EDGE_OPACITY = 0.18, 0.5
_YEAR = 12
#: The months since closure, and the values then.
Timed = tuple[int, tuple[float | None, ...]]


@dataclass(frozen=True)
class _Curve:
    """A column as it is drawn: its line, its band, the shape and size of its end, and how its last number is written
    or, if it has none, what stands in place of numbers."""

    name: str
    lines: list[list[Timed]]
    bands: list[list[Timed]]
    shape: tuple[str, int]
    written: str

    @property
    def end(self) -> tuple[int, float] | None:
        """The last time that has a number, and the number."""
        return (self.lines[-1][-1][0], self.lines[-1][-1][1][0] or 0.0) if self.lines else None


def draw_curve(chart: Chart, grid: Grid, variant: Variant) -> dict[str, Any]:
    """The Vega-Lite specification of curves at one width: names beside the ends or, where the screen is narrow, above
    the plot."""
    size, line, last = variant.font_size, variant.line_height, months(grid.rows[-1])
    curves = [_curve(grid, column, shape) for column, shape in zip(grid.columns, _SHAPES, strict=False)]
    scale = ticks(grid.highest, variant.gridlines)
    room = variant.max_width - theme.PADDING - _GAP - max(text_width(f"{tick:,g}", size) for tick in scale)
    names = _names(curves, variant)
    if variant is NARROW:
        width = room - text_width(str(last), size) / 2
        above = line * (sum(map(len, names)) + 0.5)
    else:
        width = room - 2 * _GAP - max(text_width(text, size) for name in names for text in name)
        above = 0
    title = wrapped(chart.value_title, width, size)
    top = above + line * (len(title) + 0.5)
    plot = _Plot(Canvas(variant, width, top + variant.plot_height, last), scale)
    plot.canvas.write([{"x": 0, "y": above, "text": "\n".join(title)}], align="left", baseline="top")
    plot.ground(chart.category_title)
    plot.canvas.rows_stand("x", around([plot.canvas.across(months(row)) for row in grid.rows]))
    for curve in curves:
        plot.draw(curve)
    (_name_above if variant is NARROW else _name_beside)(plot, curves, names)
    return plot.canvas.specification()


def _curve(grid: Grid, column: str, shape: tuple[str, int]) -> _Curve:
    cells = [grid.cells[row, column] for row in grid.rows]
    lower, upper = grid.bounds
    values = ((months(row), (cell.value,)) for row, cell in zip(grid.rows, cells, strict=True))
    limits = ((months(row), (lower[row, column].value, upper[row, column].value)) for row in grid.rows if lower)
    written = [cell.label for cell in cells if cell.value is not None] or [cells[-1].in_words]
    return _Curve(column, _stretches(values), _stretches(limits), shape, written[-1])


def _stretches(values: Iterable[Timed]) -> list[list[Timed]]:
    """The runs of successive times whose values are all numbers."""
    return [list(stretch) for drawn, stretch in groupby(values, key=lambda timed: None not in timed[1]) if drawn]


def _names(curves: Sequence[_Curve], variant: Variant) -> list[list[str]]:
    """The lines of each curve's name with its last value, which has a line of its own beside the plot."""
    if variant is NARROW:
        room = variant.max_width - theme.PADDING - _PIECE - _GAP
        return [wrapped(f"{curve.name} {curve.written}", room, variant.font_size) for curve in curves]
    return [[*wrapped(curve.name, _NAMES_WIDTH, variant.font_size), curve.written] for curve in curves]


@dataclass(frozen=True)
class _Plot:
    """A plot that fills its canvas to the right edge and the foot: across in months, and this scale of values."""

    canvas: Canvas
    scale: Sequence[float]

    def y(self, value: float) -> float:
        """How far from the top of the picture a value stands."""
        return self.canvas.height - self.canvas.variant.plot_height * value / self.scale[-1]

    def ground(self, title: str) -> None:
        """Light lines with their values beside them, and a scale of years or, if those have no room, of every other."""
        canvas, size = self.canvas, self.canvas.variant.font_size
        for tick in self.scale:
            text = {"x": 0, "y": self.y(tick), "text": f"{tick:,g}"}
            canvas.lines([{"x": 0, "y": self.y(tick), "x2": canvas.top}], theme.GRID, 1)
            canvas.write([text], align="right", baseline="middle", dx=-_GAP)
        has_room = canvas.across(_YEAR) >= text_width(f"{canvas.top:g}", size) + _GAP
        canvas.scale(range(0, int(canvas.top) + 1, _YEAR if has_room else 2 * _YEAR), title)

    def draw(self, curve: _Curve) -> None:
        """A line in its band, each with a gap where there is no number, and a mark at the line's end."""
        colour = theme.COLOURS[curve.name]
        edge = {"stroke": colour, "strokeWidth": 0.75, "strokeOpacity": _EDGE_OPACITY}
        for band in curve.bands:
            things = [
                {"band": _of(curve, band), "x": month, "y": self.y(upper or 0), "y2": self.y(lower or 0)}
                for month, (lower, upper) in band
            ]
            self.canvas.shapes(things, colour, fillOpacity=_BAND_OPACITY, **edge)
        for line in curve.lines:
            things = [{"x": month, "y": self.y(value or 0)} for month, (value,) in line]
            if len(things) > 1:
                named = ({"band": _of(curve, line)} | thing for thing in things)
                self.canvas.paths(named, colour, 3, strokeJoin="round")
            else:
                self.canvas.points(things, colour, "circle", 12)
        if curve.end:
            self.mark(curve, curve.end[0], self.y(curve.end[1]))

    def mark(self, curve: _Curve, month: float, y: float) -> None:
        """The mark of a curve's end."""
        shape, size = curve.shape
        colour = theme.COLOURS[curve.name]
        self.canvas.points([{"x": month, "y": y}], colour, shape, size, stroke=theme.BACKGROUND, strokeWidth=1)


def _of(curve: _Curve, stretch: Sequence[Timed]) -> str:
    return f"{curve.name} {stretch[0][0]}"


def _name_beside(plot: _Plot, curves: Sequence[_Curve], names: Sequence[Sequence[str]]) -> None:
    """Names right of the plot, level with the ends of their curves or as near as others and the foot allow; a broken
    stroke ties a name to an end that is elsewhere. The name of a curve without a number stands at the foot."""
    canvas, line = plot.canvas, plot.canvas.variant.line_height
    wanted = [plot.y(curve.end[1] if curve.end else 0) for curve in curves]
    apart = line * max(map(len, names)) + 2
    places = _above_foot(spread(wanted, apart), apart, canvas.height)
    for curve, name, want, place in zip(curves, names, wanted, places, strict=True):
        if curve.end and (curve.end[0] < canvas.top or abs(place - want) > 1):
            tie = {"x": curve.end[0], "y": want, "x2": canvas.value(canvas.width + 1.5 * _GAP), "y2": place}
            canvas.lines([tie], theme.COLOURS[curve.name], 1, strokeDash=(3, 2))
        text = {"x": canvas.top, "y": place - line * (len(name) - 1) / 2, "text": "\n".join(name)}
        canvas.write([text], align="left", baseline="middle", dx=2 * _GAP)


def _above_foot(places: Sequence[float], apart: float, foot: float) -> list[float]:
    """The middles of names that are so far apart, moved up where one would reach below the foot."""
    ranks = [sum(other > place for other in places) for place in places]
    return [min(place, foot - apart * (rank + 0.5)) for place, rank in zip(places, ranks, strict=True)]


def _name_above(plot: _Plot, curves: Sequence[_Curve], names: Sequence[Sequence[str]]) -> None:
    """Names above the plot in the order in which the curves end, from the highest down, each after a piece of its line
    with the mark of its end."""
    canvas, line = plot.canvas, plot.canvas.variant.line_height
    y = 0.5 * line
    ordered = sorted(zip(curves, names, strict=True), key=lambda named: -(named[0].end[1] if named[0].end else -1))
    for curve, name in ordered:
        canvas.lines([{"x": 0, "y": y, "x2": canvas.value(_PIECE)}], theme.COLOURS[curve.name], 3)
        plot.mark(curve, canvas.value(_PIECE / 2), y)
        text = {"x": canvas.value(_PIECE), "y": y, "text": "\n".join(name)}
        canvas.write([text], align="left", baseline="middle", dx=_GAP)
        y += line * len(name)
