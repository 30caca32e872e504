"""Small line charts, one for each region, on one scale: how each moved, beside England."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd

from rereferrals import reference
from rereferrals.chart_model import AreaSeries, Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.canvas import Canvas
from rereferrals.dissemination.chart_cells import Marked
from rereferrals.dissemination.chart_layout import text_width, ticks, wrapped
from rereferrals.dissemination.chart_theme import Variant
from rereferrals.dissemination.claims import Tables, rows_of, unit_of
from rereferrals.errors import QualityError
from rereferrals.model import Series
from rereferrals.published import number

ENGLAND = reference.ENGLAND[1]
#: Panels side by side, and how high each one's plot is.
_COLUMNS: Mapping[str, int] = {"wide": 3, "narrow": 2}
_HEIGHT: Mapping[str, int] = {"wide": 110, "narrow": 84}
_GAP = 8
#: From the end of a panel's values to the next panel, and between two rows of panels.
_BETWEEN, _BELOW = 14, 10
#: About so many steps of the scale: panels are small.
_STEPS = 3


@dataclass(frozen=True)
class Panels:
    """The values of England and of each region, one for each of the years that has it, in order of year; regions from
    the highest latest value down, and those without a number then last."""

    years: tuple[int, ...]
    england: tuple[Marked, ...]
    regions: Mapping[str, tuple[Marked, ...]]

    @property
    def all(self) -> Mapping[str, tuple[Marked, ...]]:
        """Those of the regions, and England's last."""
        return {**self.regions, ENGLAND: self.england}


def series_of(shows: AreaSeries) -> Mapping[str, Series]:
    """The series of England and of each of the nine regions, by their names."""
    names = {region.name: region.name for region in reference.regions() if not region.within}
    areas = {ENGLAND: "", **names}
    return {name: Series(shows.data_set, shows.indicator, shows.filters, area) for name, area in areas.items()}


def panels_of(chart: Chart, tables: Tables) -> Panels:
    """The values that a chart of regions shows; raises QualityError if there are none."""
    shows = chart.shows
    assert isinstance(shows, AreaSeries)
    read = {name: _values(name, series, tables) for name, series in series_of(shows).items()}
    england = read.pop(ENGLAND)[-(shows.last or 0) :]
    years = tuple(marked.year for marked in england)
    regions = {name: tuple(m for m in values if m.year in years) for name, values in read.items() if values}
    if not regions or not years:
        raise QualityError(f"{chart.name} has nothing to draw: {chart.data_set.id} has no rows of regions and England")

    def latest(name: str) -> float | None:
        return next((m.value for m in regions[name] if m.year == years[-1]), None)

    order = sorted(regions, key=lambda name: (latest(name) is None, -(latest(name) or 0)))
    return Panels(years, england, {name: regions[name] for name in order})


def _values(name: str, series: Series, tables: Tables) -> tuple[Marked, ...]:
    indicator = series.indicator
    return tuple(
        Marked(name, text := row[indicator.name], number(text), unit_of(indicator), int(row["time_period"]))
        for row in rows_of(series, tables)
    )


def rows_behind_panels(chart: Chart, panels: Panels) -> pd.DataFrame:
    """The table behind the panels: a row for each region in their order and then England, a column for each year."""
    unit = panels.england[0].unit
    heads = {year: f"{year}{' (%)' if unit else ''}" for year in panels.years}
    rows = [
        {chart.category_title: name} | {heads[marked.year]: marked.published for marked in values}
        for name, values in panels.all.items()
    ]
    return pd.DataFrame(rows, columns=[chart.category_title, *heads.values()]).fillna("z")


@dataclass(frozen=True)
class _Frame:
    """Where the plots of a picture stand: the room that each has across with its last value, its size, and the left
    edges of columns and tops of rows."""

    room: float
    width: float
    height: float
    lefts: Sequence[float]
    tops: Sequence[float]
    bottom: float


def draw_panels(chart: Chart, panels: Panels, variant: Variant) -> dict[str, Any]:
    """The Vega-Lite specification of the panels at one width."""
    shown = [marked.value for values in panels.all.values() for marked in values if marked.value is not None]
    scale = ticks(max(shown, default=0.0), _STEPS)
    title = wrapped(chart.value_title, variant.max_width - theme.PADDING, variant.font_size)
    events = [event for event in reference.events() if set(event.years) & set(panels.years)]
    key = _key(panels, [event.label for event in events], variant)
    head = variant.line_height * (len(title) + key[-1][0] + 1.75)
    frame = _frame(panels, scale, head, variant)
    canvas = Canvas(variant, variant.max_width - theme.PADDING, frame.bottom, variant.max_width - theme.PADDING)
    canvas.write([{"x": 0, "y": 0, "text": "\n".join(title)}], align="left", baseline="top")
    _draw_key(canvas, key, variant.line_height * (len(title) + 0.75))
    for place, (name, values) in enumerate(panels.regions.items()):
        column = place % len(frame.lefts)
        panel = _Panel(canvas, frame, panels.years, scale, frame.lefts[column], frame.tops[place // len(frame.lefts)])
        panel.ground([event.years for event in events], labelled=column == 0)
        panel.name(name)
        panel.line(panels.england, theme.AXIS, 2)
        panel.line(values, theme.DARK_BLUE, 3)
        panel.end(values)
    return canvas.specification()


def _frame(panels: Panels, scale: Sequence[float], top: float, variant: Variant) -> _Frame:
    """Panels as wide as leaves room for the scale on the left of the first, and the values at the end of each."""
    columns, size = _COLUMNS[variant.name], variant.font_size
    left = max(text_width(f"{tick:,g}", size) for tick in scale) + _GAP
    end = max(text_width(_written(values[-1]), size) for values in panels.regions.values()) + _GAP
    block = (variant.max_width - theme.PADDING - left - _BETWEEN * (columns - 1)) / columns
    width, height, names, tops = block - end, _HEIGHT[variant.name], list(panels.regions), []
    for first in range(0, len(names), columns):
        lines = max(len(_name_lines(name, block, variant)) for name in names[first : first + columns])
        top += variant.line_height * lines + 0.5 * size
        tops.append(top)
        top += height + 1.5 * variant.line_height + _BELOW
    return _Frame(block, width, height, [left + n * (block + _BETWEEN) for n in range(columns)], tops, top - _BELOW)


def _name_lines(name: str, width: float, variant: Variant) -> list[str]:
    """A region's name in bold, which is wider."""
    return wrapped(name, width / 1.1, variant.font_size)


#: Of each entry: its line, its left edge, its text, and the colour of the stroke before it, or none for a shade.
Key = list[tuple[int, float, str, str]]
_PIECE = 24


def _key(panels: Panels, events: Sequence[str], variant: Variant) -> Key:
    """What the lines and the shade are, beside each other as far as there is room."""
    room = variant.max_width - theme.PADDING
    england = f"{ENGLAND} {_written(panels.england[-1])} in {panels.years[-1]}"
    entries = [("Region", theme.DARK_BLUE), (england, theme.AXIS), *((label, "") for label in events)]
    key: Key = []
    line, x = 0, 0.0
    for text, colour in entries:
        width = _PIECE + _GAP + text_width(text, variant.font_size)
        if x and x + width > room:
            line, x = line + 1, 0.0
        key.append((line, x, text, colour))
        x += width + 2 * _GAP
    return key


def _draw_key(canvas: Canvas, key: Key, top: float) -> None:
    half = canvas.variant.font_size / 2
    for line, x, text, colour in key:
        y = top + canvas.variant.line_height * line
        if colour:
            canvas.lines([{"x": x, "y": y, "x2": x + _PIECE}], colour, 3 if colour == theme.DARK_BLUE else 2)
        else:
            _shade(canvas, x, x + _PIECE, y - half, y + half)
        canvas.write([{"x": x + _PIECE, "y": y, "text": text}], align="left", baseline="middle", dx=_GAP)


def _shade(canvas: Canvas, left: float, right: float, top: float, bottom: float) -> None:
    box = {"x": left, "x2": right, "y": top, "y2": bottom}
    canvas.boxes([box], theme.SHADE, fillOpacity=theme.SHADE_OPACITY)


@dataclass(frozen=True)
class _Panel:
    """One panel: its plot's left edge and top."""

    canvas: Canvas
    frame: _Frame
    years: Sequence[int]
    scale: Sequence[float]
    left: float
    top: float

    @property
    def bottom(self) -> float:
        return self.top + self.frame.height

    def across(self, year: float) -> float:
        """Where a year stands, from the first at the left edge to the last at the right one."""
        return self.left + self.frame.width * (year - self.years[0]) / max(1, self.years[-1] - self.years[0])

    def down(self, value: float) -> float:
        return self.bottom - self.frame.height * value / self.scale[-1]

    def name(self, name: str) -> None:
        canvas = self.canvas
        lines = _name_lines(name, self.frame.room, canvas.variant)
        y = self.top - canvas.variant.line_height * len(lines) - 0.5 * canvas.variant.font_size
        text = {"x": self.left, "y": y, "text": "\n".join(lines)}
        canvas.write([text], align="left", baseline="top", fontWeight="bold")

    def ground(self, shaded: Sequence[range], *, labelled: bool) -> None:
        """Light lines, with the scale beside them in the first column; shades; and the first and last year."""
        right, canvas = self.left + self.frame.width, self.canvas
        for years in shaded:
            start, end = (self.across(years[0] - 0.5), self.across(years[-1] + 0.5))
            _shade(canvas, max(start, self.left), min(end, right), self.top, self.bottom)
        for tick in self.scale:
            colour = theme.GRID if tick else theme.AXIS
            canvas.lines([{"x": self.left, "y": self.down(tick), "x2": right}], colour, 1)
            if labelled:
                thing = {"x": self.left, "y": self.down(tick), "text": f"{tick:,g}"}
                canvas.write([thing], align="right", baseline="middle", dx=-_GAP)
        y = self.bottom + 0.5 * _GAP
        canvas.write([{"x": self.left, "y": y, "text": str(self.years[0])}], align="left", baseline="top")
        canvas.write([{"x": right, "y": y, "text": str(self.years[-1])}], align="right", baseline="top")

    def line(self, values: Sequence[Marked], colour: str, thickness: float) -> None:
        """A line with a gap where there is no number, and a point where a number stands alone."""
        for run in _runs(values):
            things = [
                {"band": f"{self.left:g} {self.top:g} {run[0].year}", "x": self.across(m.year), "y": self.down(m.value)}
                for m in run
                if m.value is not None
            ]
            if len(things) > 1:
                self.canvas.paths(things, colour, thickness, strokeJoin="round")
            else:
                self.canvas.points([{k: v for k, v in things[0].items() if k != "band"}], colour, "circle", 12)

    def end(self, values: Sequence[Marked]) -> None:
        """The latest value at the end of its line; a symbol at the foot."""
        last = values[-1]
        y = self.bottom - self.canvas.variant.font_size / 2
        if last.value is not None:
            y = self.down(last.value)
            self.canvas.points([{"x": self.across(last.year), "y": y}], theme.DARK_BLUE, "circle", 40)
        if last.year == self.years[-1]:
            thing = {"x": self.left + self.frame.width, "y": y, "text": _written(last)}
            self.canvas.write([thing], align="left", baseline="middle", dx=_GAP)


def _written(marked: Marked) -> str:
    return marked.published if marked.value is None else marked.label


def _runs(values: Sequence[Marked]) -> Iterator[list[Marked]]:
    """Values of successive years that are numbers."""
    numbers = [marked for marked in values if marked.value is not None]
    for _, run in groupby(enumerate(numbers), key=lambda placed: placed[1].year - placed[0]):
        yield [marked for _, marked in run]
