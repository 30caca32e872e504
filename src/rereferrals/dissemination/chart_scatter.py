"""A point for each local authority, by two values: whether they go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Any

from rereferrals.chart_model import Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.canvas import Canvas
from rereferrals.dissemination.chart_areas import Area, AreaGrid
from rereferrals.dissemination.chart_layout import text_width, ticks_between, wrapped
from rereferrals.dissemination.chart_theme import Variant
from rereferrals.errors import QualityError

#: Shapes of the groups, so that colour is not all that tells them apart, with sizes that make areas alike.
_SHAPES = (("circle", 80), ("square", 62), ("triangle-up", 140), ("diamond", 122), ("triangle-down", 140))
#: How large points are beside those.
_SCALED: Mapping[str, float] = {"wide": 1, "narrow": 0.6}
_HEIGHT: Mapping[str, int] = {"wide": 420, "narrow": 320}
#: How many authorities are named at most.
_NAMED: Mapping[str, int] = {"wide": 6, "narrow": 3}
_GAP = 8
#: From where to where a plot reaches, in pixels.
Span = tuple[float, float]


@dataclass(frozen=True)
class _Point:
    """An authority, and where it stands."""

    area: Area
    x: float
    y: float


def outliers(grid: AreaGrid, most: int) -> tuple[Area, ...]:
    """The authorities furthest out, at most so many: by turns the next highest, lowest and furthest to the right. None
    is named of those that are equal in that."""
    drawn = [area for area in grid.areas if area.is_drawn]
    ends = [_from_end(drawn, column, sign) for column, sign in ((1, -1), (1, 1), (0, -1))]
    return tuple(dict.fromkeys(area for turn in zip_longest(*ends) for area in turn if area is not None))[:most]


def _from_end(drawn: Sequence[Area], column: int, sign: int) -> list[Area]:
    """Authorities from one end, up to those that are equal."""
    ordered = sorted(drawn, key=lambda area: sign * (area.values[column].value or 0))
    found = []
    for area, following in pairwise(ordered):
        if area.values[column].value == following.values[column].value:
            break
        found.append(area)
    return found


def draw_scatter(chart: Chart, grid: AreaGrid, variant: Variant) -> dict[str, Any]:
    """The Vega-Lite specification of a scatter plot at one width; raises QualityError at a group without a name."""
    drawn = [area for area in grid.areas if area.is_drawn]
    scales = (_scale(drawn, 0, variant), _scale(drawn, 1, variant))
    room, size, line = variant.max_width - theme.PADDING, variant.font_size, variant.line_height
    key, groups = list(_key(chart, room, variant)), _groups(chart)
    title = wrapped(_with_range(chart.value_title, scales[1]), room, size)
    above = line * (key[-1][0] + 1.5) if key else 0
    top = above + line * (len(title) + 0.5)
    left = max(text_width(f"{tick:,g}", size) for tick in scales[1]) + _GAP
    right = room - text_width(f"{scales[0][-1]:,g}", size) / 2
    foot = wrapped(_with_range(chart.category_title, scales[0]), right - left, size)
    plot = _Plot(scales, (left, right), (top, top + _HEIGHT[variant.name]))
    canvas = Canvas(variant, room, plot.down[1] + line * (len(foot) + 1.75), round(room))
    _draw_scales(canvas, plot)
    canvas.write([{"x": 0, "y": above, "text": "\n".join(title)}], align="left", baseline="top")
    text = {"x": (left + right) / 2, "y": plot.down[1] + 1.6 * line, "text": "\n".join(foot)}
    canvas.write([text], align="center", baseline="top")
    for row, x, name in key:
        y = line * (row + 0.5)
        _draw_point(canvas, x + _GAP, y, groups[name])
        canvas.write([{"x": x + 2 * _GAP, "y": y, "text": name}], align="left", baseline="middle", dx=4)
    points = {area: plot.point(area) for area in drawn}
    for area, point in points.items():
        _draw_point(canvas, point.x, point.y, groups[_group_of(chart, area)])
    named = [points[area] for area in outliers(grid, _NAMED[variant.name])]
    _draw_names(canvas, plot, list(points.values()), named)
    return canvas.specification()


@dataclass(frozen=True)
class _Plot:
    """The scales of a plot, and where it stands."""

    scales: tuple[Sequence[float], Sequence[float]]
    across: Span
    down: Span

    def x(self, value: float) -> float:
        """How far from the left edge of the picture a value stands."""
        return self.across[0] + (self.across[1] - self.across[0]) * _part(value, self.scales[0])

    def y(self, value: float) -> float:
        """How far from the top of the picture a value stands."""
        return self.down[1] - (self.down[1] - self.down[0]) * _part(value, self.scales[1])

    def point(self, area: Area) -> _Point:
        """Where an authority stands."""
        x, y = (marked.value or 0.0 for marked in area.values[:2])
        return _Point(area, self.x(x), self.y(y))


def _part(value: float, scale: Sequence[float]) -> float:
    return (value - scale[0]) / (scale[-1] - scale[0])


def _scale(drawn: Sequence[Area], column: int, variant: Variant) -> list[float]:
    values = [area.values[column].value or 0.0 for area in drawn] or [0.0]
    return ticks_between(min(values), max(values), variant.gridlines)


def _with_range(title: str, scale: Sequence[float]) -> str:
    """The title of a scale, which says where it begins if that is not at zero."""
    return title if not scale[0] else f"{title} (scale from {scale[0]:,g} to {scale[-1]:,g})"


def _group_of(chart: Chart, area: Area) -> str:
    """The name of an authority's group; without groups, an empty one."""
    if not chart.groups:
        return ""
    published = area.values[2].published
    if published not in chart.groups:
        raise QualityError(f"{chart.name}: {area.name} is of the group {published}: name it in the chart's groups")
    return chart.groups[published]


def _groups(chart: Chart) -> Mapping[str, tuple[str, str, int]]:
    """Group → its colour, shape and size."""
    if not chart.groups:
        return {"": (theme.DARK_BLUE, *_SHAPES[0])}
    styles = zip(chart.groups.values(), theme.classes(len(chart.groups)), _SHAPES, strict=False)
    return {name: (colour, *shape) for name, colour, shape in styles}


def _draw_point(canvas: Canvas, x: float, y: float, style: tuple[str, str, int]) -> None:
    colour, shape, size = style
    size_shown = size * _SCALED[canvas.variant.name]
    canvas.points([{"x": x, "y": y}], colour, shape, size_shown, stroke=theme.outline(colour), strokeWidth=0.75)


def _key(chart: Chart, room: float, variant: Variant) -> Iterator[tuple[int, float, str]]:
    """The groups' names beside each other as far as there is room: the line and left edge of each."""
    line, x = 0, 0.0
    for name in chart.groups.values():
        width = 2 * _GAP + 4 + text_width(name, variant.font_size)
        if x and x + width > room:
            line, x = line + 1, 0.0
        yield line, x, name
        x += width + 2 * _GAP


def _draw_scales(canvas: Canvas, plot: _Plot) -> None:
    """Light lines, and their values below and beside the plot."""
    (left, right), (top, bottom) = plot.across, plot.down
    for tick in plot.scales[0]:
        canvas.lines([{"x": plot.x(tick), "y": top, "y2": bottom}], theme.GRID, 1)
        text = {"x": plot.x(tick), "y": bottom, "text": f"{tick:,g}"}
        canvas.write([text], align="center", baseline="top", dy=_GAP)
    for tick in plot.scales[1]:
        canvas.lines([{"x": left, "x2": right, "y": plot.y(tick)}], theme.GRID, 1)
        text = {"x": left, "y": plot.y(tick), "text": f"{tick:,g}"}
        canvas.write([text], align="right", baseline="middle", dx=-_GAP)


@dataclass(frozen=True)
class _Name:
    """The place of a point's name, and whether a stroke ties it to the point, which it is not beside."""

    point: _Point
    left: float
    right: float
    middle: float
    half: float
    is_tied: bool

    @property
    def end(self) -> tuple[float, float]:
        """The place of the name that is nearest to its point."""
        return (
            min(max(self.point.x, self.left), self.right),
            min(max(self.point.y, self.middle - self.half), self.middle + self.half),
        )

    def covers(self, x: float, y: float, room: float = 6) -> bool:
        """Whether the name lies over a place, or has less than this room to it."""
        return self.left - room < x < self.right + room and abs(self.middle - y) < self.half + room

    def meets(self, other: _Name) -> bool:
        """Whether two names overlap, or one overlaps the other's stroke."""
        level = self.left < other.right and other.left < self.right
        overlap = level and abs(self.middle - other.middle) < self.half + other.half
        return overlap or self._crosses(other) or other._crosses(self)

    def _crosses(self, other: _Name) -> bool:
        (x, y), steps = self.end, 10
        from_x, from_y = self.point.x, self.point.y
        return any(
            other.covers(from_x + (x - from_x) * n / steps, from_y + (y - from_y) * n / steps, 1)
            for n in range(steps + 1)
        )


def _draw_names(canvas: Canvas, plot: _Plot, points: Sequence[_Point], named: Sequence[_Point]) -> None:
    """Names as near to their points as they lie over no point and no other name; none where there is no such place."""
    placed: list[_Name] = []
    for point in named:
        for name in _places(canvas, plot, point):
            if not any(map(name.meets, placed)) and not any(name.covers(other.x, other.y) for other in points):
                placed.append(name)
                break
    for name in placed:
        thing = {"x": name.left, "y": name.middle, "text": name.point.area.name}
        if name.is_tied:
            x, y = name.end
            canvas.lines([{"x": name.point.x, "y": name.point.y, "x2": x, "y2": y}], theme.AXIS, 1)
        canvas.ground(thing, "left", 0)
        canvas.write([thing], align="left", baseline="middle")


def _places(canvas: Canvas, plot: _Plot, point: _Point) -> Iterator[_Name]:
    """Where the name of a point could stand within the plot, the nearest places first."""
    size = canvas.variant.font_size
    width, half = text_width(point.area.name, size), 0.55 * size
    for away in (_GAP, 3 * _GAP, 5 * _GAP, 7 * _GAP):
        beyond, level = away + half, (point.x + away, point.x - away - width)
        aslant = (point.x - width / 2, point.x + 0.7 * away, point.x - 0.7 * away - width)
        places = [(left, point.y) for left in level]
        places += [(left, point.y + shift) for shift in (-beyond, beyond) for left in aslant]
        for left, middle in places:
            is_within = plot.across[0] + 2 <= left and left + width <= plot.across[1]
            if is_within and plot.down[0] <= middle - half and middle + half <= plot.down[1]:
                yield _Name(point, left, left + width, middle, half, away > _GAP)
