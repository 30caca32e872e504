"""Charts become static SVG, with their words, their table and their notes. Only published values enter a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import altair as alt
import pandas as pd
from altair.utils.schemapi import debug_mode

from rereferrals import reference
from rereferrals.chart_model import Areas, AreaSeries, Cells, Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.chart_areas import areas_of, rows_behind_areas
from rereferrals.dissemination.chart_cells import besides_of, grid_of, rows_behind
from rereferrals.dissemination.chart_curve import draw_curve
from rereferrals.dissemination.chart_dots import draw_dots
from rereferrals.dissemination.chart_flow import draw_flow
from rereferrals.dissemination.chart_layout import spread, ticks, wrapped
from rereferrals.dissemination.chart_map import NOTE, draw_map
from rereferrals.dissemination.chart_panels import draw_panels, panels_of, rows_behind_panels, series_of
from rereferrals.dissemination.chart_places import Places, in_steps, places_in, with_places
from rereferrals.dissemination.chart_ratios import draw_ratios, rows_behind_ratios
from rereferrals.dissemination.chart_scatter import draw_scatter
from rereferrals.dissemination.chart_stack import draw_stack
from rereferrals.dissemination.chart_theme import NARROW, WIDE, Variant
from rereferrals.dissemination.claims import Tables, area_rows, input_missing, render, row_of, rows_of, unit_of
from rereferrals.dissemination.drawing import to_svg
from rereferrals.dissemination.text import listed, with_commas
from rereferrals.errors import QualityError
from rereferrals.model import Figure, Series, counts_of
from rereferrals.published import number
from rereferrals.release import Release, data_issues

#: Length of an alternative text that says something and can be listened to.
ALT_LENGTH = range(20, 251)
#: Widest that a line's name beside its end may be before it is broken into lines.
_LINE_NAMES_WIDTH = 105
#: How the marks that show cells are drawn.
OF_CELLS = {
    "dots": draw_dots, "stack": draw_stack, "flow": draw_flow, "curve": draw_curve, "ratios": draw_ratios,
}  # fmt: skip
#: How those that show areas are.
OF_AREAS = {"map": draw_map, "scatter": draw_scatter}


@dataclass(frozen=True)
class Drawn:
    """A chart as shown: words, a picture for wide and for narrow screens (SVG), the table behind it, and notes.

    `rows` is all text as published: the categories in the first column, then one column a line, or one of values.
    `places` says where the rows stand in the wide and in the narrow picture; of a map, points, panels or a flow it is
    empty.
    `untrue` holds what is untrue of its words: see `claims.Said`.
    """

    name: str
    title: str
    subtitle: str
    alt: str
    wide: str
    narrow: str
    rows: pd.DataFrame
    footnotes: tuple[str, ...]
    untrue: tuple[str, ...]
    places: tuple[Places, ...]


def draw(chart: Chart, tables: Tables, release: Release) -> Drawn:
    """Draw a chart of this release from its published tables.

    Raises QualityError if its words cannot be said, or its alternative text is shorter or longer than ALT_LENGTH.
    """
    said = [render(claim, tables, release) for claim in (chart.title, chart.subtitle, chart.alt)]
    title, subtitle, alternative = (s.text for s in said)
    if len(alternative) not in ALT_LENGTH:
        raise QualityError(
            f"{chart.name}: the alternative text has {len(alternative)} characters, and needs {ALT_LENGTH.start} to "
            f"{ALT_LENGTH.stop - 1}: “{alternative}”"
        )
    picture = picture_of(chart, tables)
    with debug_mode(False):  # checking each part of a specification takes longer than making it
        specified = [picture.specified(variant) for variant in (WIDE, NARROW)]
    wide, narrow = map(to_svg, specified)
    footnotes = (*picture.notes, *(m.source for m in besides_of(chart, tables) if m.source))
    untrue = tuple(fault for s in said for fault in s.untrue)
    places = tuple(filter(None, map(places_in, specified, (wide, narrow))))
    return Drawn(chart.name, title, subtitle, alternative, wide, narrow, picture.rows, footnotes, untrue, places)


@dataclass(frozen=True)
class Picture:
    """What a chart shows: its specification at each width, the table behind it and its notes."""

    specified: Callable[[Variant], dict[str, Any]]
    rows: pd.DataFrame
    notes: tuple[str, ...]


def picture_of(chart: Chart, tables: Tables) -> Picture:
    """What a chart shows, from published tables."""
    match chart.shows:
        case Cells():
            grid = grid_of(chart, tables)
            specified = partial(OF_CELLS[chart.mark], chart, grid)
            rows = (rows_behind_ratios if chart.mark == "ratios" else rows_behind)(chart, grid)
            return Picture(specified, rows, _footnotes(chart, {grid.year}))
        case Areas():
            areas = areas_of(chart, tables)
            specified = partial(OF_AREAS[chart.mark], chart, areas)
            notes = (*_general_notes(chart, {areas.year}), *areas.notes, *((NOTE,) if chart.mark == "map" else ()))
            return Picture(specified, rows_behind_areas(areas), notes)
        case AreaSeries():
            panels = panels_of(chart, tables)
            specified = partial(draw_panels, chart, panels)
            return Picture(specified, rows_behind_panels(chart, panels), _footnotes(chart, set(panels.years)))
    points = points_of(chart, tables)
    years = set(points["year"][points["label"].isin(chart.labels)])
    return Picture(partial(specification, chart, points), _rows(chart, points), _footnotes(chart, years))


def points_of(chart: Chart, tables: Tables) -> pd.DataFrame:
    """What lines or bars plot: `label` of the line or bar, `year`, `published` text, `value`, its number or null for a
    symbol, and `unit`. A line that no year has a value for is left out; raises QualityError if that is all of them.
    What is set beside follows; beside lines, in the years that they have."""
    assert isinstance(chart.shows, Mapping)
    points = []
    for label, shown in chart.shows.items():
        rows = rows_of(shown, tables) if isinstance(shown, Series) else [row_of(shown, tables)]
        unit = unit_of(shown.indicator)
        points += [(label, int(row["time_period"]), row[shown.indicator.name], unit) for row in rows]
    if not points:
        raise QualityError(f"{chart.name} has nothing to draw: {chart.data_set.id} has no rows for it")
    years = range(min(point[1] for point in points), max(point[1] for point in points) + 1)
    points += [
        (marked.name, marked.year, marked.published, marked.unit)
        for marked in besides_of(chart, tables)
        if chart.mark == "bar" or marked.year in years
    ]
    frame = pd.DataFrame(points, columns=["label", "year", "published", "unit"])
    return frame.assign(value=[number(text) for text in frame["published"]])


def all_missing(chart: Chart, tables: Tables) -> str | None:
    """The input beside the returns for want of which no value of a chart is available."""
    missing = {input_missing(chart.data_set, row) for row in _rows_shown(chart, tables)}
    return None if None in missing else min(filter(None, missing), default=None)


def _rows_shown(chart: Chart, tables: Tables) -> Iterator[Mapping[str, str]]:
    """Every published row that a chart shows a value of."""
    match chart.shows:
        case Areas():
            yield from area_rows(chart.shows, tables).values()
            return
        case AreaSeries():
            shows: Iterable[Series | Figure] = series_of(chart.shows).values()
        case Cells():
            shows = chart.shows.figures.values()
        case _:
            shows = chart.shows.values()
    for shown in shows:
        yield from rows_of(shown, tables) if isinstance(shown, Series) else [row_of(shown, tables)]


def specification(chart: Chart, points: pd.DataFrame, variant: Variant) -> dict[str, Any]:
    """The Vega-Lite specification of lines or bars at one width."""
    layers = _lines(chart, points, variant) if chart.mark == "line" else _bars(chart, points, variant)
    specified = alt.layer(*layers).properties(config=theme.config(variant)).to_dict(validate=False)
    if chart.mark == "bar":
        return with_places(specified, "y", in_steps(len(points), _bar_step(variant) * len(points)))
    years = _years(points)
    bands = dict(zip(years, in_steps(len(years), variant.plot_width), strict=True))
    return with_places(specified, "x", (bands[int(year)] for year in _rows(chart, points)[chart.category_title]))


def _lines(chart: Chart, points: pd.DataFrame, variant: Variant) -> list[alt.Chart]:
    size = {"width": variant.plot_width, "height": variant.plot_height}
    years = _years(points)
    labelled = years[::-1][:: -(-len(years) // variant.years_labelled)][::-1]
    over_years: dict[str, Any] = {
        "title": chart.category_title,
        "scale": alt.Scale(type="band", domain=years, padding=0),
        "axis": alt.Axis(values=labelled, grid=False, titlePadding=8),
    }
    x = alt.X("year:O", **over_years)
    y = alt.Y(
        "value:Q",
        title=chart.value_title,
        scale=alt.Scale(zero=True, nice=variant.gridlines),
        axis=alt.Axis(
            format=",d", tickCount=variant.gridlines, domain=False, ticks=False,
            titleAngle=0, titleAlign="left", titleAnchor="end", titleX=0, titleY=-14, titleBaseline="bottom",
        ),
    )  # fmt: skip
    colour = alt.Color("label:N", legend=None, scale=_colours(chart, points))
    own = points["label"].isin(chart.labels)
    base = alt.Chart(points.loc[own, ["label", "year", "value"]]).encode(x=x, y=y, color=colour)
    lines = base.mark_line(strokeWidth=3).properties(**size)
    dots = base.mark_point(filled=True, size=40, opacity=1)
    beside = _beside_lines(points[~own], x, y)
    return [*_events(years, over_years, variant), *beside, lines, dots, *_line_labels(chart, points, x, y, variant)]


def _years(points: pd.DataFrame) -> list[int]:
    return list(range(points["year"].min(), points["year"].max() + 1))


def _beside_lines(points: pd.DataFrame, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """What lines are compared with: rings, tied by a broken line."""
    if points.empty:
        return []
    base = alt.Chart(points[["label", "year", "value"]]).encode(x=x, y=y, detail="label:N")
    ring = {"fill": theme.BACKGROUND, "stroke": theme.BESIDE, "strokeWidth": 2, "size": 60, "opacity": 1}
    return [base.mark_line(strokeWidth=2, strokeDash=[5, 4], color=theme.BESIDE), base.mark_point(**ring)]


def _events(years: list[int], over_years: dict[str, Any], variant: Variant) -> list[alt.Chart]:
    """A shaded band, named at its foot, for each event that some of the years saw."""
    bands = [
        {"from": seen[0], "to": seen[-1], "middle": seen[len(seen) // 2], "label": event.label}
        for event in reference.events()
        if (seen := [year for year in years if year in event.years])
    ]
    if not bands:
        return []
    base = alt.Chart(pd.DataFrame(bands))
    shade = base.mark_rect(color=theme.SHADE, opacity=theme.SHADE_OPACITY).encode(
        x=alt.X("from:O", bandPosition=0, **over_years),
        x2=alt.X2("to:O", bandPosition=1),
    )
    name = base.mark_text(baseline="bottom", dy=-8).encode(
        x=alt.X("middle:O", **over_years), y=alt.value(variant.plot_height), text="label:N"
    )
    return [shade, name]


def _line_labels(chart: Chart, points: pd.DataFrame, x: alt.X, y: alt.Y, variant: Variant) -> list[alt.Chart]:
    """Lines are named directly: beside their ends where there is room, otherwise above their beginnings. Names that
    would touch each other are moved apart or, where that would put them across lines, stand above the plot.

    A single line needs no name, so its first and last values stand there instead.
    """
    shown = points.dropna(subset="value").groupby("label", sort=False)
    first, last = shown.head(1), shown.tail(1)
    if last.empty:
        return []
    if points["label"].nunique() == len(chart.shows) == 1:
        above = {"baseline": "bottom", "dy": -8}
        return [
            _text(first, _values(first), x, y, align="left", dx=-6, **above),
            _text(last, _values(last), x, y, align="right", dx=6, **above),
        ]
    if variant is NARROW:
        names, at, placing = list(first["label"]), first, {"baseline": "bottom", "dx": -6, "dy": -6}
    else:
        labels = ["\n".join(wrapped(label, _LINE_NAMES_WIDTH, variant.font_size)) for label in last["label"]]
        names = [f"{label}\n{value}" for label, value in zip(labels, _values(last), strict=True)]
        at, placing = last, {"baseline": "middle", "dx": 12, "dy": -8}
    top = ticks(points["value"].max(), variant.gridlines)[-1]
    wanted = [variant.plot_height * (1 - value / top) for value in at["value"]]
    apart = (variant.font_size + 1) * max(len(name.splitlines()) for name in names)
    moved = [place - want for place, want in zip(spread(wanted, apart), wanted, strict=True)]
    if not any(moved):
        return [_text(at, names, x, y, align="left", **placing)]
    if variant is NARROW:
        return _names_above(chart, last.sort_values("value", ascending=False, kind="stable"), variant)
    return [
        _text(at.iloc[[n]], [name], x, y, align="left", **placing | {"dy": placing["dy"] + round(moved[n], 3)})
        for n, name in enumerate(names)
    ]


def _names_above(chart: Chart, last: pd.DataFrame, variant: Variant) -> list[alt.Chart]:
    """Names above the plot, in the order in which the lines end, each after a piece of its line."""
    layers = []
    for n, label in enumerate(last["label"]):
        y = alt.value(-variant.line_height * (len(last) - n + 1.5))
        base = alt.Chart(pd.DataFrame([{"text": f"{label} {_values(last)[n]}"}])).encode(y=y)
        colour = theme.of_line(label) if label in chart.labels else theme.BESIDE
        dash = {} if label in chart.labels else {"strokeDash": [5, 4]}
        piece = base.mark_rule(color=colour, strokeWidth=3, **dash).encode(x=alt.value(0), x2=alt.value(20))
        name = base.mark_text(align="left", baseline="middle").encode(x=alt.value(26), text="text:N")
        layers += [piece, name]
    return layers


def _text(at: pd.DataFrame, text: Any, x: alt.X, y: alt.Y, **placing: Any) -> alt.Chart:
    data = at[["year", "value"]].assign(text=list(text))
    drawn: alt.Chart = alt.Chart(data).mark_text(lineBreak="\n", **placing).encode(x=x, y=y, text="text:N")
    return drawn


def _bars(chart: Chart, points: pd.DataFrame, variant: Variant) -> list[alt.Chart]:
    """Bars across, each named above and with its value at the end."""
    step = _bar_step(variant)
    data = points[["label", "value"]].assign(text=_values(points))
    y = alt.Y(
        "label:N",
        sort=list(dict.fromkeys(points["label"])),
        axis=None,
        scale=alt.Scale(paddingInner=0.5, paddingOuter=0.25),
    )
    x = alt.X(
        "value:Q",
        title=chart.value_title,
        scale=alt.Scale(zero=True, nice=variant.gridlines),
        axis=alt.Axis(format=",d", tickCount=variant.gridlines, grid=False, titlePadding=8),
    )
    base = alt.Chart(data).properties(width=variant.plot_width, height=step * len(points)).encode(y=y)
    bars = base.mark_bar().encode(x=x, color=alt.Color("label:N", legend=None, scale=_colours(chart, points)))
    names = base.mark_text(align="left", baseline="bottom", dy=-0.25 * step - 3).encode(x=alt.value(0), text="label:N")
    values = base.mark_text(align="left", baseline="middle", dx=6).encode(x=x, text="text:N")
    return [bars, names, values]


def _bar_step(variant: Variant) -> float:
    """From one bar to the next."""
    return 3.5 * variant.font_size


def _colours(chart: Chart, points: pd.DataFrame) -> alt.Scale:
    if chart.mark == "line":
        return alt.Scale(domain=list(chart.shows), range=[theme.of_line(label) for label in chart.shows])
    labels = list(dict.fromkeys(points["label"]))
    colours = [theme.COLOURS[label] if label in chart.labels else theme.BESIDE for label in labels]
    return alt.Scale(domain=labels, range=colours)


def _values(points: pd.DataFrame) -> list[str]:
    """The published values with their unit, as labels."""
    return [with_commas(text) + unit for text, unit in zip(points["published"], points["unit"], strict=True)]


def _rows(chart: Chart, points: pd.DataFrame) -> pd.DataFrame:
    """The table behind a chart; a year beyond a line's end is not applicable."""
    if chart.mark == "bar":
        return points[["label", "published"]].set_axis([chart.category_title, chart.value_title], axis=1)
    units = {label: unit_of(shown.indicator) for label, shown in chart.shows.items()}
    units |= dict(zip(points["label"], points["unit"], strict=True))
    rows = points.astype({"year": str}).pivot(index="year", columns="label", values="published")
    rows = rows.reindex(columns=list(units), fill_value="z").fillna("z")
    heads = [label + (" (%)" if unit else "") for label, unit in units.items()]
    return rows.set_axis(heads, axis=1).rename_axis(chart.category_title).rename_axis(None, axis=1).reset_index()


def _footnotes(chart: Chart, years: set[int]) -> tuple[str, ...]:
    """The data set's footnotes, then a note for each event, and each unusable return, that the years shown take in."""
    return (*_general_notes(chart, years), *_unusable_returns(chart, years))


def _general_notes(chart: Chart, years: set[int]) -> tuple[str, ...]:
    return (
        *(reference.footnote(key) for key in chart.data_set.footnotes),
        *(event.reason for event in reference.events() if years & set(event.years)),
    )


def _unusable_returns(chart: Chart, years: set[int]) -> Iterator[str]:
    """A note for each authority whose return of some years could not be used.

    A longitudinal figure follows children into later years, and takes returns as they are.
    """
    longitudinal = chart.data_set.longitudinal
    measured = {"all", *(count.group for shown in chart.indicators for count in counts_of(shown))}
    noted: dict[str, list[str]] = {}
    for issue in sorted(data_issues(), key=lambda issue: issue.time_period):
        is_noted = min(years) <= issue.time_period if longitudinal else issue.time_period in years
        if is_noted and issue.total != "own" and measured & set(issue.groups):
            then = "These figures use its returns as they are." if longitudinal else issue.in_totals
            noted.setdefault(f"{issue.reason}. {then}", []).append(str(issue.time_period))
    for note, when in noted.items():
        yield f"Year{'s' if len(when) > 1 else ''} ending 31 March {listed(when)}: {note}"
