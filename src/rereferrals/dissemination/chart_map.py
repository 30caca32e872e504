"""A map on which every local authority is one hexagon, so that small and crowded ones can be seen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from rereferrals import reference
from rereferrals.chart_model import Areas, Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.canvas import Canvas
from rereferrals.dissemination.chart_areas import Area, AreaGrid
from rereferrals.dissemination.chart_layout import text_width, wrapped
from rereferrals.dissemination.chart_theme import NARROW, Variant
from rereferrals.model import Indicator
from rereferrals.reference import Hexagon

CLASSES = 5
NOTE = (
    "Each local authority is a hexagon of the same size, near where it lies. "
    "Each colour stands for about as many local authorities as any other."
)
#: Authorities named at either end, at most.
NAMED = 3
#: Width of a hexagon, and what stays free on the left of the map, for names of regions.
_SIZES: Mapping[str, tuple[float, float]] = {"wide": (29, 28), "narrow": (21, 0)}
_KEY_WIDTH = 165
_GAP = 8


@dataclass(frozen=True)
class Class:
    """The values from `lowest` to `highest`, both of them too, with their colour and how they are called."""

    lowest: Decimal
    highest: Decimal
    colour: str
    label: str

    def holds(self, area: Area) -> bool:
        """Whether an authority's value is one of the class."""
        published = area.values[0]
        return published.value is not None and self.lowest <= Decimal(published.published) <= self.highest


def classes_of(grid: AreaGrid, indicator: Indicator) -> tuple[Class, ...]:
    """Five classes of about as many authorities each, from the lowest values up; fewer where too many are equal.

    A class ends one step of the precision published below where the next begins.
    """
    values = sorted(Decimal(area.values[0].published) for area in grid.areas if area.is_drawn)
    if not values:
        return ()
    places = getattr(indicator, "decimal_places", 0)
    starts = sorted({values[len(values) * n // CLASSES] for n in range(CLASSES)})
    ends = [start - Decimal(1).scaleb(-places) for start in starts[1:]] + [values[-1]]
    unit = grid.areas[0].values[0].unit
    return tuple(
        Class(start, end, colour, " to ".join(dict.fromkeys(_written(value, unit) for value in (start, end))))
        for start, end, colour in zip(starts, ends, theme.classes(len(starts)), strict=True)
    )


def _written(value: Decimal, unit: str) -> str:
    """A value as one is published: with commas, and without trailing zeros."""
    whole, point, decimals = f"{value:,f}".partition(".")
    decimals = decimals.rstrip("0")
    return whole + (point + decimals if decimals else "") + unit


def extremes(grid: AreaGrid) -> tuple[list[Area], list[Area]]:
    """The highest authorities, from the highest down, and the lowest, from the lowest up: at most NAMED, and none of
    those that are equal to one more."""
    drawn = [area for area in grid.areas if area.is_drawn]
    highest = sorted(drawn, key=lambda area: -(area.values[0].value or 0))
    lowest = sorted(drawn, key=lambda area: area.values[0].value or 0)
    return _first(highest), _first(lowest)


def _first(ordered: Sequence[Area]) -> list[Area]:
    following = ordered[NAMED].values[0].value if len(ordered) > 2 * NAMED else None
    return [area for area in ordered[:NAMED] if following is not None and area.values[0].value != following]


def draw_map(chart: Chart, grid: AreaGrid, variant: Variant) -> dict[str, Any]:
    """The Vega-Lite specification of a map at one width."""
    assert isinstance(chart.shows, Areas)
    classes = classes_of(grid, next(iter(chart.shows.indicators.values())))
    return _Map(chart, grid, classes, variant).specification()


class _Map:
    """A map in the making: the key stands beside the north or, on a narrow screen, above; below the map stand the names
    of the highest and lowest, which letters on their hexagons point to."""

    def __init__(self, chart: Chart, grid: AreaGrid, classes: Sequence[Class], variant: Variant) -> None:
        self.grid, self.classes, self.variant = grid, classes, variant
        self.size, self.left = _SIZES[variant.name]
        self.line, self.narrow = variant.line_height, variant is NARROW
        self.width = variant.max_width - theme.PADDING
        self.title = wrapped(chart.value_title, self.width if self.narrow else _KEY_WIDTH, variant.font_size)
        self.symbols = list(
            dict.fromkeys(marked.in_words for area in grid.areas for marked in area.values if marked.value is None)
        )
        self.key_foot = self.line * (len(self.title) + len(classes) + len(self.symbols) + 0.75)
        self.radius = self.size / math.sqrt(3)
        self.top = (self.key_foot if self.narrow else 0) + self.radius + 2
        self.at = {area.code: reference.hexagons()[area.code] for area in grid.areas}
        self.foot = self.top + 1.5 * self.radius * max(place.row for place in self.at.values()) + self.radius
        self.highest, self.lowest = extremes(grid)
        self.letters = dict(zip((area.code for area in (*self.highest, *self.lowest)), "ABCDEF", strict=False))
        height = self.foot + self._named_height()
        self.canvas = Canvas(variant, self.width, height, round(self.width))

    def specification(self) -> dict[str, Any]:
        for drawn in reversed(self.classes):  # the pale ones last, since their edges are dark
            self._hexagons([area for area in self.grid.areas if drawn.holds(area)], drawn.colour)
        self._hexagons([area for area in self.grid.areas if not area.is_drawn], theme.BACKGROUND)
        self._boundaries()
        for area in self.grid.areas:
            self._letter(area)
        self._key()
        self._named()
        if not self.narrow:
            self._regions()
        return self.canvas.specification()

    def _middle(self, place: Hexagon) -> tuple[float, float]:
        return self.left + self.size * (place.across + 0.5), self.top + 1.5 * self.radius * place.row

    def _corners(self, place: Hexagon) -> list[tuple[float, float]]:
        """The corners of a hexagon, clockwise from the one at the top."""
        x, y = self._middle(place)
        half, radius = self.size / 2, self.radius
        return [
            (x, y - radius), (x + half, y - radius / 2), (x + half, y + radius / 2),
            (x, y + radius), (x - half, y + radius / 2), (x - half, y - radius / 2),
        ]  # fmt: skip

    def _hexagons(self, areas: Sequence[Area], colour: str) -> None:
        things = []
        for area in areas:
            top, upper_right, lower_right, foot, lower_left, upper_left = self._corners(self.at[area.code])
            for upper, lower in ((upper_left, lower_left), (top, foot), (upper_right, lower_right)):
                things.append({"band": area.code, "x": upper[0], "y": upper[1], "y2": lower[1]})
        self.canvas.shapes(things, colour, stroke=theme.outline(colour), strokeWidth=1)

    def _boundaries(self) -> None:
        """A line around each region, on a white one, so that it stands out from every class."""
        sides = [
            {"x": start[0], "y": start[1], "x2": end[0], "y2": end[1]} for start, end in self._sides_between_regions()
        ]
        self.canvas.lines(sides, theme.BACKGROUND, 4, strokeCap="round")
        self.canvas.lines(sides, theme.TEXT, 1.5, strokeCap="round")

    def _sides_between_regions(self) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
        regions = {self.at[area.code]: area.region for area in self.grid.areas}
        for place, region in regions.items():
            corners = self._corners(place)
            for neighbour, side in zip(place.neighbours, pairwise((*corners, corners[0])), strict=True):
                if regions.get(neighbour) != region and (neighbour not in regions or place.across < neighbour.across):
                    yield side

    def _letter(self, area: Area) -> None:
        """A symbol, or the letter of a named authority, on its hexagon."""
        symbol = area.values[0].published if not area.is_drawn else ""
        text = symbol or self.letters.get(area.code, "")
        if text:
            x, y = self._middle(self.at[area.code])
            colour = next((drawn.colour for drawn in self.classes if drawn.holds(area)), theme.BACKGROUND)
            self.canvas.write([{"x": x, "y": y, "text": text}], align="center", baseline="middle",
                              color=theme.ink(colour), fontWeight="normal" if symbol else "bold")  # fmt: skip

    def _key(self) -> None:
        """The classes from the highest down, and symbols, under what the map measures."""
        left = 0.0 if self.narrow else self.width - _KEY_WIDTH
        side = self.variant.font_size
        self.canvas.write([{"x": left, "y": 0, "text": "\n".join(self.title)}], align="left", baseline="top")
        rows = [(drawn.colour, drawn.label, "") for drawn in reversed(self.classes)]
        rows += [(theme.BACKGROUND, text, text[0]) for text in self.symbols]
        for number, (colour, text, symbol) in enumerate(rows):
            y = self.line * (len(self.title) + number + 0.25)
            box = {"x": left, "x2": left + side, "y": y, "y2": y + side}
            self.canvas.boxes([box], colour, stroke=theme.OUTLINE, strokeWidth=1)
            middle = {"y": y + side / 2}
            self.canvas.write([{"x": left + side, "text": text} | middle], align="left", baseline="middle", dx=_GAP)
            if symbol:
                self.canvas.write([{"x": left + side / 2, "text": symbol} | middle], align="center", baseline="middle")

    def _lists(self) -> list[tuple[str, list[str]]]:
        """The named authorities, in lines under their heads."""
        room = self.width if self.narrow else self.width / 2 - _GAP
        return [
            (head, [line for area in areas for line in wrapped(self._called(area), room, self.variant.font_size)])
            for head, areas in (("Highest", self.highest), ("Lowest", self.lowest))
            if areas
        ]

    def _called(self, area: Area) -> str:
        return f"{self.letters[area.code]}: {area.name} ({area.values[0].label})"

    def _named_height(self) -> float:
        lengths = [len(lines) + 1.5 for _, lines in self._lists()]
        lines = sum(lengths) if self.narrow else max(lengths, default=0)
        return self.line * (lines + 0.5) if lines else 4

    def _named(self) -> None:
        left, y = 0.0, self.foot + 0.75 * self.line
        for head, lines in self._lists():
            self.canvas.write([{"x": left, "y": y, "text": head}], align="left", baseline="top", fontWeight="bold")
            text = {"x": left, "y": y + self.line, "text": "\n".join(lines)}
            self.canvas.write([text], align="left", baseline="top")
            if self.narrow:
                y += self.line * (len(lines) + 1.5)
            else:
                left += self.width / 2

    def _regions(self) -> None:
        """The name of each region beside the map, in the row nearest to its middle that has room for it. It is broken
        into lines, of which the last stands in the row, only if none has."""
        rows: dict[int, list[Area]] = {}
        for area in self.grid.areas:
            rows.setdefault(self.at[area.code].row, []).append(area)
        ends = {}
        for row, areas in rows.items():
            ordered = sorted(areas, key=lambda area: self.at[area.code].column)
            ends[row, "right"], ends[row, "left"] = ordered[0], ordered[-1]
        for region in dict.fromkeys(area.region for area in self.grid.areas):
            self._name_region(region, ends)

    def _name_region(self, region: str, ends: Mapping[tuple[int, str], Area]) -> None:
        size = self.variant.font_size
        own = [self.at[area.code].row for area in self.grid.areas if area.region == region]
        found = []
        for (row, align), area in ends.items():
            x, y = self._middle(self.at[area.code])
            x += (self.size / 2 + _GAP) * (1 if align == "left" else -1)
            room = x if align == "right" else self._right_edge(y) - x
            lines = wrapped(region, room, size)
            if area.region == region and max(text_width(line, size) for line in lines) <= room:
                away = abs(row - sum(own) / len(own))
                found.append(
                    (len(lines), away, {"x": x, "y": y - self.line * (len(lines) - 1) - 0.5 * size}, lines, align)
                )
        if found:
            _, _, thing, lines, align = min(found, key=lambda candidate: candidate[:2])
            self.canvas.write([thing | {"text": "\n".join(lines)}], align=align, baseline="top")

    def _right_edge(self, y: float) -> float:
        """How far right there is room at a height: up to the key, where that stands."""
        return self.width - _KEY_WIDTH - _GAP if y < self.key_foot + self.line else self.width
