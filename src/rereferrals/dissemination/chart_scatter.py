"""A point for each local authority, by two values: whether they go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile, zip_longest
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
    return [
        area for area, _ in takewhile(lambda two: two[0].values[column].value != two[1].values[column].value,
                                      pairwise(ordered))
    ]  # fmt: skip


def draw_scatter(chart: Chart, grid: AreaGrid, variant: Variant) -> dict[str, Any]:
    """The Vega-Lite specification of a scatter plot at one width; raises QualityError at a group without a name."""
    drawn = [area for area in grid.areas if area.is_drawn]
    scales = [_scale(drawn, column, variant) for column in (0, 1)]
    room, size, line = variant.max_width - theme.PADDING, variant.font_size, variant.line_height
    key = list(_key(chart, room, variant))
    title = wrapped(_with_range(chart.value_title, scales[1]), room, size)
    top = line * ((key[-1][0] + 1.5 if key else 0) + len(title) + 0.5)
    left = max(text_width(f"{tick:,g}", size) for tick in scales[1]) + _GAP
    width = room - left - text_width(f"{scales[0][-1]:,g}", size) / 2
    foot = wrapped(_with_range(chart.category_title, scales[0]), width, size)
    bottom = top + _HEIGHT[variant.name]
    canvas = Canvas(variant, room, bottom + line * (len(foot) + 1.75), round(room))
    points = [
        _Point(area, left + width * _part(area, 0, scales[0]), bottom - (bottom - top) * _part(area, 1, scales[1]))
        for area in drawn
    ]
    canvas.write(
        [{"x": 0, "y": top - line * (len(title) + 0.5), "text": "\n".join(title)}], align="left", baseline="top"
    )
    _draw_scales(canvas, scales, (left, left + width), (top, bottom))
    text = {"x": left + width / 2, "y": bottom + 1.6 * line, "text": "\n".join(foot)}
    canvas.write([text], align="center", baseline="top")
    groups = _groups(chart)
    for row, x, name in key:
        y = line * (row + 0.5)
        _draw_points(canvas, [{"x": x + _GAP, "y": y}], groups[name])
        canvas.write([{"x": x + 2 * _GAP, "y": y, "text": name}], align="left", baseline="middle", dx=4)
    for point in points:
        _draw_points(canvas, [{"x": point.x, "y": point.y}], groups[_group_of(chart, point.area)])
    named = outliers(grid, _NAMED[variant.name])
    _name(canvas, points, [point for area in named for point in points if point.area is area],
          (left, left + width), (top, bottom))  # fmt: skip
    return canvas.specification()


def _scale(drawn: Sequence[Area], column: int, variant: Variant) -> list[float]:
    values = [area.values[column].value or 0.0 for area in drawn] or [0.0]
    return ticks_between(min(values), max(values), variant.gridlines)


def _part(area: Area, column: int, scale: Sequence[float]) -> float:
    return ((area.values[column].value or 0.0) - scale[0]) / (scale[-1] - scale[0])


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


def _draw_points(canvas: Canvas, things: Sequence[Mapping[str, Any]], style: tuple[str, str, int]) -> None:
    colour, shape, size = style
    outline = theme.OUTLINE if theme.contrast(colour, theme.BACKGROUND) < theme.LEAST_CONTRAST else theme.BACKGROUND
    canvas.points(things, colour, shape, size * _SCALED[canvas.variant.name], stroke=outline, strokeWidth=0.75)


def _key(chart: Chart, room: float, variant: Variant) -> Iterator[tuple[int, float, str]]:
    """The groups' names beside each other as far as there is room: the line and left edge of each."""
    line, x = 0, 0.0
    for name in chart.groups.values():
        width = 2 * _GAP + 4 + text_width(name, variant.font_size)
        if x and x + width > room:
            line, x = line + 1, 0.0
        yield line, x, name
        x += width + 2 * _GAP


def _draw_scales(canvas: Canvas, scales: Sequence[Sequence[float]], across: Span, down: Span) -> None:
    """Light lines, and their values below and beside the plot."""
    (left, right), (top, bottom) = across, down
    for scale, is_across in zip(scales, (True, False), strict=True):
        for tick in scale:
            part = (tick - scale[0]) / (scale[-1] - scale[0])
            text = {"text": f"{tick:,g}"}
            if is_across:
                x = left + (right - left) * part
                canvas.lines([{"x": x, "y": top, "y2": bottom}], theme.GRID, 1)
                canvas.write([text | {"x": x, "y": bottom}], align="center", baseline="top", dy=_GAP)
            else:
                y = bottom - (bottom - top) * part
                canvas.lines([{"x": left, "x2": right, "y": y}], theme.GRID, 1)
                canvas.write([text | {"x": left, "y": y}], align="right", baseline="middle", dx=-_GAP)


@dataclass(frozen=True)
class _Box:
    """The place of a name."""

    left: float
    right: float
    middle: float
    half: float

    @property
    def top(self) -> float:
        return self.middle - self.half

    @property
    def bottom(self) -> float:
        return self.middle + self.half

    def touches(self, other: _Box) -> bool:
        """Whether two names would overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and abs(self.middle - other.middle) < self.half + other.half
        )

    def covers(self, point: _Point) -> bool:
        """Whether a name would lie under a point."""
        return self.left - 6 < point.x < self.right + 6 and abs(self.middle - point.y) < self.half + 6


def _name(canvas: Canvas, points: Sequence[_Point], named: Sequence[_Point], across: Span, down: Span) -> None:
    """Names as near to their points as they lie over no point and no other name, each tied to its point by a stroke
    where it is not beside it; none where there is no such place."""
    placed: list[_Box] = []
    for point in named:
        box = next(
            (
                box
                for box in _places(canvas, point, across, down)
                if not any(box.touches(other) for other in placed) and not any(box.covers(other) for other in points)
            ),
            None,
        )
        if box is not None:
            placed.append(box)
            end = {"x2": min(max(point.x, box.left), box.right), "y2": min(max(point.y, box.top), box.bottom)}
            canvas.lines([{"x": point.x, "y": point.y} | end], theme.AXIS, 1)
            thing = {"x": box.left, "y": box.middle, "text": point.area.name}
            canvas.ground(thing, "left", 0)
            canvas.write([thing], align="left", baseline="middle")


def _places(canvas: Canvas, point: _Point, across: Span, down: Span) -> Iterator[_Box]:
    """Where the name of a point could stand, the nearest places first."""
    size = canvas.variant.font_size
    width, half = text_width(point.area.name, size), 0.55 * size
    for away in (_GAP, 3 * _GAP, 5 * _GAP, 7 * _GAP):
        beyond, level = away + half, (point.x + away, point.x - away - width)
        aslant = (point.x + 0.7 * away, point.x - 0.7 * away - width)
        places = [(left, point.y) for left in level]
        places += [(left, point.y + shift) for shift in (-beyond, beyond) for left in (point.x - width / 2, *aslant)]
        for left, middle in places:
            if (
                across[0] + 2 <= left
                and left + width <= across[1]
                and down[0] <= middle - half
                and middle + half <= down[1]
            ):
                yield _Box(left, left + width, middle, half)
