"""Drawing by position: layers of a Vega-Lite specification, down the picture in pixels and across it on one scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.chart_layout import text_width, wrapped
from rereferrals.dissemination.chart_places import Span, with_places
from rereferrals.dissemination.chart_theme import Variant

Things = Iterable[Mapping[str, Any]]
#: Of a thing drawn: the channel that its further parts are encoded by.
_CHANNELS = {
    "x2": {"x2": alt.X2("x2")}, "y2": {"y2": alt.Y2("y2")}, "text": {"text": alt.Text("text:N")},
    "band": {"detail": alt.Detail("band:N")},
}  # fmt: skip
#: Marks from the lowest to the one on top.
_MARKS = ("area", "rule", "rect", "line", "text", "point")


class Canvas:
    """A picture in the making. Across, a value from 0 to `top` takes `width` pixels; down, y is in pixels from the top.

    Ribbons and shapes lie lowest, then strokes, boxes, paths, text, and points on top; of one kind, what is drawn in a
    new style lies above. Each thing drawn is a mapping with `x` and `y`, and with `x2` and `y2` where it reaches
    further.
    """

    def __init__(self, variant: Variant, width: float, height: float, top: float) -> None:
        self.variant, self.width, self.height, self.top = variant, round(width), round(height), top
        #: Things of one mark, style and set of parts are one layer, since each layer costs time.
        self._drawn: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
        self._axis: alt.Axis | None = None
        self._title: list[str] | None = None
        self._places: tuple[str, list[Span]] | None = None

    def across(self, value: float) -> float:
        """The pixels from the left edge to a value."""
        return value / self.top * self.width

    def value(self, across: float) -> float:
        """The value that stands so many pixels from the left edge."""
        return across / self.width * self.top

    def lines(self, things: Things, colour: str, thickness: float, **style: Any) -> None:
        """Straight strokes."""
        self._draw("rule", things, color=colour, strokeWidth=thickness, **style)

    def points(self, things: Things, colour: str, shape: str, size: float, **style: Any) -> None:
        """Marks of one shape, `size` square pixels large."""
        self._draw("point", things, **{"fill": colour, "stroke": colour, "shape": shape, "size": size} | style)

    def boxes(self, things: Things, colour: str, **style: Any) -> None:
        """Rectangles."""
        self._draw("rect", things, fill=colour, **style)

    def ribbons(self, things: Things, colour: str, **style: Any) -> None:
        """Bands from `y` to `y2`, each through the things that have its `band`."""
        self._draw("area", things, fill=colour, interpolate="monotone", **style)

    def shapes(self, things: Things, colour: str, **style: Any) -> None:
        """As ribbons, with straight sides."""
        self._draw("area", things, fill=colour, **style)

    def paths(self, things: Things, colour: str, thickness: float, **style: Any) -> None:
        """Lines from left to right, each through the things that have its `band`."""
        self._draw("line", things, color=colour, strokeWidth=thickness, **style)

    def write(self, things: Things, **style: Any) -> None:
        """Text: each thing's `text`, in which a line break begins a new line."""
        self._draw("text", things, lineBreak="\n", lineHeight=self.variant.line_height, **style)

    def ground(self, thing: Mapping[str, Any], align: str, gap: float) -> None:
        """Clear what lies under a line of text that will be written `gap` pixels beside its place."""
        width, half = text_width(thing["text"], self.variant.font_size), 0.5 * self.variant.font_size
        start = gap if align == "left" else -gap - width
        x = thing["x"] + self.value(start - 1)
        box = {"x": x, "x2": x + self.value(width + 2), "y": thing["y"] - half, "y2": thing["y"] + half}
        self.boxes([box], theme.BACKGROUND)

    def scale(self, ticks: Sequence[float], title: str, lines_from: float | None = None) -> None:
        """A scale along the foot and, if `lines_from` is given, light lines up to there."""
        if lines_from is not None:
            self.lines(({"x": tick, "y": lines_from, "y2": self.height} for tick in ticks), theme.GRID, 1)
        self._axis = alt.Axis(values=list(ticks), format=",~f", grid=False, titlePadding=8, labelFlush=False)
        self._title = wrapped(title, self.width, self.variant.font_size)

    def rows_stand(self, axis: str, spans: Iterable[Span]) -> None:
        """Say from where to where the rows of the table reach: see `chart_places`."""
        self._places = axis, list(spans)

    def specification(self) -> dict[str, Any]:
        """The Vega-Lite specification of all that was drawn."""
        drawn = sorted(self._drawn.items(), key=lambda layer: _MARKS.index(layer[0][0]))
        layers = [self._layer(mark, parts, dict(style), things) for (mark, parts, *style), things in drawn]
        picture = alt.layer(*layers).properties(width=self.width, height=self.height, config=theme.config(self.variant))
        specified: dict[str, Any] = picture.to_dict(validate=False)
        return with_places(specified, *self._places) if self._places else specified

    def _draw(self, mark: str, things: Things, **style: Any) -> None:
        for thing in things:
            self._drawn.setdefault((mark, tuple(sorted(thing)), *style.items()), []).append(thing)

    def _layer(
        self, mark: str, parts: Sequence[str], style: dict[str, Any], things: Sequence[Mapping[str, Any]]
    ) -> alt.Chart:
        across = alt.Scale(domain=[0, self.top], zero=True, nice=False)
        down = alt.Scale(domain=[0, self.height], range=[0, self.height], zero=True, nice=False)
        channels: dict[str, Any] = {
            "x": alt.X("x:Q", scale=across, axis=self._axis, title=self._title),
            "y": alt.Y("y:Q", scale=down, axis=None),
        }
        for part in parts:
            channels |= _CHANNELS.get(part, {})
        values = [{name: _rounded(value) for name, value in thing.items()} for thing in things]
        drawn: alt.Chart = getattr(alt.Chart(alt.InlineData(values)), f"mark_{mark}")(**style, opacity=1)
        return drawn.encode(**channels)


def _rounded(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value
