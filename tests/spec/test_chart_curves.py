"""Curves and ratios show estimates in their intervals as published, and refuse what cannot be read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

import made_up_charts as made_up
from made_up_charts import (
    CURVE_CHART,
    EARLIER_NAMES,
    ESTIMATED,
    NEED_CHART,
    RATIO_CHART,
    RATIOS,
    SO_FAR,
    SO_FAR_LOWER,
    SO_FAR_UPPER,
    with_cell,
)
from pictures import SVG, assert_apart, assert_fits, boxes_of_text, placed, svg, texts
from rereferrals.chart_model import MARKS, Cells, Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.chart_cells import Grid, Marked, grid_of
from rereferrals.dissemination.chart_curve import draw_curve
from rereferrals.dissemination.chart_ratios import draw_ratios
from rereferrals.dissemination.chart_theme import NARROW, WIDE, Variant
from rereferrals.dissemination.charts import Drawn, draw
from rereferrals.model import Condition, DeclarationError
from rereferrals.release import Release

charts = pytest.mark.parametrize("chart", ESTIMATED, ids=lambda chart: chart.name)
variants = pytest.mark.parametrize("variant", (WIDE, NARROW), ids=lambda variant: variant.name)
Frames = Mapping[str, pd.DataFrame]
Layer = dict[str, Any]
LIKELIEST, LEAST_LIKELY = "Children re-referred", "Children not re-referred"


@pytest.fixture(scope="module")
def release() -> Release:
    return replace(Release.load(Release.latest_year()), year=2024, first_year=2017)


@pytest.fixture(scope="module")
def frames() -> Frames:
    return made_up.frames()


@pytest.fixture(scope="module")
def drawn(frames: Frames, release: Release) -> Mapping[str, Drawn]:
    return {chart.name: draw(chart, made_up.tables(frames), release) for chart in ESTIMATED}


def layers(specified: Mapping[str, Any], mark: str, **style: Any) -> list[list[Layer]]:
    """What each layer of a mark and style draws."""
    return [
        specified["datasets"][layer["data"]["name"]]
        for layer in specified["layer"]
        if layer["mark"]["type"] == mark and all(layer["mark"].get(name) == value for name, value in style.items())
    ]


def curve(frames: Frames, variant: Variant = WIDE, chart: Chart = CURVE_CHART) -> dict[str, Any]:
    return draw_curve(chart, grid_of(chart, made_up.tables(frames)), variant)


def ratios(frames: Frames, variant: Variant = WIDE) -> dict[str, Any]:
    return draw_ratios(RATIO_CHART, grid_of(RATIO_CHART, made_up.tables(frames)), variant)


def so_far(frames: Frames, column: str, indicator: str) -> list[float]:
    """The published values of an indicator in a column, by month."""
    frame = frames["T10"]
    group = next(group for group, name in EARLIER_NAMES.items() if name == column)
    return [float(text) for text in frame[frame["earlier"] == group][indicator]]


# Both


@charts
@variants
def test_a_picture_fits_its_screen_and_no_text_is_cut_off(
    chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]
) -> None:
    assert_fits(drawn[chart.name], variant)


@charts
@variants
def test_no_text_lies_over_another(chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    assert_apart(drawn[chart.name], variant)


@charts
@variants
def test_text_is_level_large_and_of_enough_contrast(chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    for text in svg(drawn[chart.name], variant).iter(f"{SVG}text"):
        assert "rotate" not in text.get("transform", "")
        assert float(text.get("font-size", "0px").removesuffix("px")) >= 14
        assert text.get("font-family", "").startswith("Arial")
        assert text.get("fill") == theme.TEXT


@charts
@variants
def test_only_colours_of_the_theme_that_stand_out_are_used(
    chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]
) -> None:
    nodes = list(svg(drawn[chart.name], variant).iter())
    used = {value.upper() for node in nodes for value in (node.get("fill"), node.get("stroke")) if value}
    marks = {theme.COLOURS[name] for name in chart.labels} if chart is CURVE_CHART else {theme.DARK_BLUE}
    assert used - {"NONE", "TRANSPARENT"} <= {theme.TEXT, theme.BACKGROUND, theme.GRID, theme.AXIS, *marks}
    assert all(theme.contrast(colour, theme.BACKGROUND) >= theme.LEAST_CONTRAST for colour in marks)


@charts
def test_drawing_twice_gives_the_same_bytes(
    chart: Chart, frames: Frames, release: Release, drawn: Mapping[str, Drawn]
) -> None:
    again = draw(chart, made_up.tables(frames), release)
    assert (again.wide, again.narrow) == (drawn[chart.name].wide, drawn[chart.name].narrow)


@charts
def test_the_alternative_text_begins_with_the_kind_of_chart(chart: Chart, drawn: Mapping[str, Drawn]) -> None:
    assert drawn[chart.name].alt.startswith(MARKS[chart.mark][1])


@charts
@variants
def test_what_is_symbols_alone_can_be_drawn(chart: Chart, variant: Variant, frames: Frames, release: Release) -> None:
    frame = frames[chart.data_set.id].assign(**{indicator.name: "x" for indicator in chart.data_set.indicators})
    shown = draw(chart, made_up.tables({**frames, chart.data_set.id: frame}), release)
    assert "x (not available)" in " ".join(texts(shown, variant))
    assert "x" in set(shown.rows.to_numpy().ravel())
    assert_apart(shown, variant)


# Curves


@variants
def test_a_line_goes_through_its_values_from_zero_at_the_foot(variant: Variant, frames: Frames) -> None:
    specified = curve(frames, variant)
    for column in EARLIER_NAMES.values():
        (things,) = layers(specified, "line", color=theme.COLOURS[column])
        assert [thing["x"] for thing in things] == list(range(73))
        for thing, value in zip(things, so_far(frames, column, SO_FAR.name), strict=True):
            assert thing["y"] == pytest.approx(specified["height"] - variant.plot_height * value / 60, abs=0.001)


@variants
def test_a_band_reaches_from_the_lower_to_the_upper_limit_beneath_the_lines(variant: Variant, frames: Frames) -> None:
    specified = curve(frames, variant)
    for column in EARLIER_NAMES.values():
        (things,) = layers(specified, "area", fill=theme.COLOURS[column])
        for edge, indicator in (("y", SO_FAR_UPPER), ("y2", SO_FAR_LOWER)):
            values = [(specified["height"] - thing[edge]) * 60 / variant.plot_height for thing in things]
            assert values == pytest.approx(so_far(frames, column, indicator.name), abs=0.001)
    marks = [layer["mark"] for layer in specified["layer"]]
    assert [mark["type"] for mark in marks[:4]] == ["area"] * 4
    for mark in marks[:4]:  # so that what is beneath shows through, and its edge is seen over another band
        assert mark["fillOpacity"] <= 0.25 and mark["stroke"] == mark["fill"]


@variants
def test_lines_are_named_with_their_last_values_in_the_order_of_their_ends(
    variant: Variant, drawn: Mapping[str, Drawn]
) -> None:
    written = texts(drawn[CURVE_CHART.name], variant)
    names = [f"{LIKELIEST} 57.9%", "Within 5 years 41.4%", "All children referred 37.9%", f"{LEAST_LIKELY} 31.2%"]
    assert set(names) <= set(written)
    middles = {text: top for _, _, top, _, text in boxes_of_text(drawn[CURVE_CHART.name], variant)}
    ends = [next(middles[text] for text in middles if text.endswith(name.split()[-1])) for name in names]
    assert ends == sorted(ends)


def test_names_of_lines_that_end_near_zero_stand_above_the_foot(frames: Frames, release: Release) -> None:
    low = {**frames, "T10": frames["T10"].assign(percent_so_far_lower="0")}
    for group, end in zip(made_up.EARLIER.categories, ("1", "2", "x", "58"), strict=True):
        low = with_cell(low, "T10", SO_FAR.name, end, earlier=group)
    shown = draw(CURVE_CHART, made_up.tables(low), release)
    assert_apart(shown, WIDE)
    boxes = {text: bottom for _, _, _, bottom, text in boxes_of_text(shown, WIDE)}
    assert boxes["1%"] < boxes["0"] and boxes["x (not available)"] < boxes["12"]


@variants
def test_lines_end_in_marks_of_different_shapes(variant: Variant, frames: Frames) -> None:
    marks = [layer["mark"] for layer in curve(frames, variant)["layer"] if layer["mark"]["type"] == "point"]
    assert len({mark["shape"] for mark in marks}) == len(marks) == 4


@variants
def test_the_scale_has_the_months_of_each_year(variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    written = texts(drawn[CURVE_CHART.name], variant)
    assert {"0", "12", "24", "36", "48", "60", "72"} <= set(written)
    assert "6" not in written and "Months since closure" in written


def test_months_of_every_other_year_are_labelled_where_all_have_no_room() -> None:
    rows = tuple(f"{n} months" for n in range(0, 145, 12))
    cells = {(row, LIKELIEST): Marked(LIKELIEST, "5", 5.0, "%", 2024) for row in rows}
    grid = Grid(rows, (LIKELIEST,), cells, {}, {}, ({}, {}), ())
    for variant, step in ((WIDE, 12), (NARROW, 24)):
        axes = [layer["encoding"]["x"]["axis"]["values"] for layer in draw_curve(CURVE_CHART, grid, variant)["layer"]]
        assert axes[0] == list(range(0, 145, step))


def test_times_stand_where_they_are_and_not_in_equal_steps(frames: Frames) -> None:
    shows = CURVE_CHART.shows
    assert isinstance(shows, Cells)
    some = {time: time for time in ("0 months", "1 month", "12 months", "72 months")}
    specified = curve(frames, chart=replace(CURVE_CHART, shows=replace(shows, row_names=some)))
    assert [thing["x"] for thing in layers(specified, "line")[0]] == [0, 1, 12, 72]


def test_a_symbol_breaks_a_line_and_its_band(frames: Frames) -> None:
    broken = frames
    for indicator in (SO_FAR, SO_FAR_LOWER, SO_FAR_UPPER):
        broken = with_cell(broken, "T10", indicator.name, "x", earlier="None", time_since="24 months")
    specified = curve(broken)
    for mark, colour in (("line", "color"), ("area", "fill")):
        (things,) = layers(specified, mark, **{colour: theme.COLOURS[LEAST_LIKELY]})
        stretches = {thing["band"]: [t["x"] for t in things if t["band"] == thing["band"]] for thing in things}
        assert list(stretches.values()) == [list(range(24)), list(range(25, 73))]


def test_a_value_between_symbols_is_a_point(frames: Frames) -> None:
    alone = with_cell(frames, "T10", SO_FAR.name, "x", earlier="None", time_since="70 months")
    alone = with_cell(alone, "T10", SO_FAR.name, "x", earlier="None", time_since="72 months")
    (things,) = layers(curve(alone), "point", shape="circle", size=12)
    assert [thing["x"] for thing in things] == [71]


@variants
def test_a_line_that_ends_early_is_named_with_its_last_number_and_tied_to_its_name(
    variant: Variant, frames: Frames, release: Release
) -> None:
    short = frames
    for month in range(50, 73):
        short = with_cell(short, "T10", SO_FAR.name, "x", earlier="Three or more", time_since=f"{month} months")
    last = so_far(frames, LIKELIEST, SO_FAR.name)[49]
    shown = draw(CURVE_CHART, made_up.tables(short), release)
    assert f"{LIKELIEST} {last:g}%" in texts(shown, variant)
    assert_apart(shown, variant)
    shows = CURVE_CHART.shows
    assert isinstance(shows, Cells)
    single = replace(CURVE_CHART, shows=replace(shows, column_names={"Three or more": LIKELIEST}))
    ties = layers(curve(short, variant, single), "rule", color=theme.COLOURS[LIKELIEST], strokeWidth=1)
    assert [thing["x"] for things in ties for thing in things] == ([49] if variant is WIDE else [])


def test_limits_that_are_symbols_leave_the_line_as_it_is(frames: Frames) -> None:
    without = with_cell(frames, "T10", SO_FAR_LOWER.name, "z", time_since="0 months")
    specified = curve(without)
    assert all(things[0]["x"] == 0 for things in layers(specified, "line"))
    assert all(things[0]["x"] == 1 for things in layers(specified, "area"))


def test_limits_stand_in_the_table_after_their_estimate(frames: Frames, drawn: Mapping[str, Drawn]) -> None:
    rows = drawn[CURVE_CHART.name].rows
    assert list(rows.columns[:4]) == ["Months since closure", *(
        f"{LEAST_LIKELY}{end} (%)" for end in ("", ", lower", ", upper"))]  # fmt: skip
    assert len(rows.columns) == 1 + 3 * 4 and list(rows.iloc[:, 0]) == list(made_up.TIME.categories)
    for end, indicator in (("", SO_FAR), (", lower", SO_FAR_LOWER), (", upper", SO_FAR_UPPER)):
        published = frames["T10"][frames["T10"]["earlier"] == "Three or more"][indicator.name]
        assert list(rows[f"{LIKELIEST}{end} (%)"]) == list(published)


def test_a_curve_may_be_of_an_indicator_and_without_bounds(frames: Frames, release: Release) -> None:
    shows = Cells(made_up.CURVES, {LIKELIEST: SO_FAR}, rows=made_up.TIME, filters={"earlier": "Three or more"})
    chart = replace(CURVE_CHART, shows=shows)
    assert not layers(curve(frames, chart=chart), "area")
    assert list(draw(chart, made_up.tables(frames), release).rows.columns) == [
        "Months since closure", f"{LIKELIEST} (%)",
    ]  # fmt: skip
    bounded = replace(chart, shows=replace(shows, bounds=(SO_FAR_LOWER, SO_FAR_UPPER)))
    assert len(layers(curve(frames, chart=bounded), "area")) == 1


# Ratios


def ticks_of(specified: Mapping[str, Any]) -> dict[str, float]:
    """The labels of a scale of ratios at its foot, with where they stand."""
    (values,) = layers(specified, "text", align="center", dy=5)
    return {value["text"]: value["x"] for value in values}


@variants
def test_equal_ratios_are_equal_distances(variant: Variant, frames: Frames) -> None:
    at = ticks_of(ratios(frames, variant))
    assert list(at) == ["0.3", "0.5", "0.7", "1", "1.4", "2", "3"]
    assert at["2"] - at["1"] == pytest.approx(at["1.4"] - at["0.7"], abs=0.01)
    assert at["1"] - at["0.5"] == pytest.approx(at["2"] - at["1"], abs=0.01)


@variants
def test_dots_and_lines_stand_at_estimates_and_between_limits(variant: Variant, frames: Frames) -> None:
    specified = ratios(frames, variant)
    at = ticks_of(specified)

    def x(ratio: str) -> float:
        return at["1"] + (at["2"] - at["1"]) * math.log2(float(ratio))

    found = [ratio.split() for topic in RATIOS.values() for ratio in topic.values()]
    estimated = [ratio for ratio in found if ratio[1] not in ("x", "z")]
    (dots,) = layers(specified, "point", fill=theme.DARK_BLUE, shape="circle")
    assert [dot["x"] for dot in dots] == pytest.approx([x(ratio[0]) for ratio in estimated], abs=0.01)
    (lines,) = layers(specified, "rule", color=theme.DARK_BLUE)
    assert [line["x"] for line in lines] == pytest.approx([x(ratio[1]) for ratio in estimated], abs=0.01)
    assert [line["x2"] for line in lines] == pytest.approx([x(ratio[2]) for ratio in estimated], abs=0.01)
    assert [line["y"] for line in lines] == [dot["y"] for dot in dots] == sorted(dot["y"] for dot in dots)


@variants
def test_references_are_open_marks_on_the_line_at_1(variant: Variant, frames: Frames) -> None:
    specified = ratios(frames, variant)
    one = ticks_of(specified)["1"]
    (marks,) = layers(specified, "point", fill=theme.BACKGROUND, stroke=theme.DARK_BLUE)
    assert [mark["x"] for mark in marks] == [one] * len(RATIOS)
    (strokes,) = layers(specified, "rule", color=theme.AXIS)
    assert {stroke["x"] for stroke in strokes} == {one}
    for mark in marks:
        assert any(stroke["y"] < mark["y"] < stroke["y2"] for stroke in strokes)


@variants
def test_rows_and_their_values_stand_under_the_heading_of_their_topic(
    variant: Variant, drawn: Mapping[str, Drawn]
) -> None:
    shown = drawn[RATIO_CHART.name]
    headings, rows = {}, {}
    for node, _, y in placed(svg(shown, variant)):
        if node.tag == f"{SVG}text":
            (headings if node.get("font-weight") == "bold" else rows)[" ".join(node.itertext())] = y
    assert list(headings) == list(RATIOS)
    down = [(headings[topic], *(rows[row] for row in found)) for topic, found in RATIOS.items()]
    assert down == sorted(down) and all(list(of_topic) == sorted(of_topic) for of_topic in down)
    written = texts(shown, variant)
    assert {"1.18 (1.17 to 1.19)", "0.62 (0.4 to 0.96)"} <= set(written)
    assert written.count("1 (reference)") == len(RATIOS)


@variants
def test_a_symbol_is_said_in_words_and_has_no_dot(variant: Variant, frames: Frames, drawn: Mapping[str, Drawn]) -> None:
    assert texts(drawn[RATIO_CHART.name], variant).count("x (not available)") == 1
    (dots,) = layers(ratios(frames, variant), "point", fill=theme.DARK_BLUE)
    assert len(dots) == sum(map(len, RATIOS.values())) - len(RATIOS) - 1


def test_an_estimate_of_1_with_limits_is_no_reference(frames: Frames, release: Release) -> None:
    changed = with_cell(frames, "T11", made_up.RATIO.name, "1", characteristic="Female")
    written = texts(draw(RATIO_CHART, made_up.tables(changed), release), WIDE)
    assert "1 (0.97 to 0.99)" in written and written.count("1 (reference)") == len(RATIOS)


def test_limits_that_are_not_available_are_written_as_symbols(frames: Frames, release: Release) -> None:
    changed = with_cell(frames, "T11", made_up.RATIO_UPPER.name, "x", characteristic="Female")
    assert "0.98 (0.97 to x)" in texts(draw(RATIO_CHART, made_up.tables(changed), release), WIDE)
    lines = layers(ratios(changed), "rule", color=theme.DARK_BLUE)[0]
    assert len(lines) == len(layers(ratios(frames), "rule", color=theme.DARK_BLUE)[0]) - 1


@variants
def test_what_is_beyond_the_scale_is_pointed_to_at_its_end(variant: Variant, frames: Frames, release: Release) -> None:
    changed = with_cell(frames, "T11", made_up.RATIO_LOWER.name, "0", characteristic="Female")
    for indicator, cell in ((made_up.RATIO, "14"), (made_up.RATIO_UPPER, "55.1")):
        changed = with_cell(changed, "T11", indicator.name, cell, characteristic="Unborn")
    specified = ratios(changed, variant)
    at = ticks_of(specified)
    assert list(at) == ["0.1", "0.2", "0.5", "1", "2", "5", "10"]
    for shape, end in (("triangle-left", "0.1"), ("triangle-right", "10")):
        (things,) = layers(specified, "point", shape=shape)
        assert [thing["x"] for thing in things] == [at[end]]
    (dots,) = layers(specified, "point", fill=theme.DARK_BLUE, shape="circle")
    assert all(at["0.1"] < dot["x"] < at["10"] for dot in dots)
    shown = draw(RATIO_CHART, made_up.tables(changed), release)
    assert "14 (1.57 to 55.1)" in texts(shown, variant)
    assert_apart(shown, variant)


@variants
def test_labels_of_a_scale_of_ratios_have_room(variant: Variant, frames: Frames) -> None:
    for lowest, highest in (("0.9", "1.1"), ("0.35", "2.5"), ("0.16", "4"), ("0.11", "9")):
        changed = {**frames, "T11": frames["T11"].assign(hazard_ratio_lower=lowest, hazard_ratio_upper=highest)}
        at = ticks_of(ratios(changed, variant))
        scale = [float(tick) for tick in at]
        assert scale[0] <= float(lowest) and scale[-1] >= float(highest) and 1 in scale
        assert all(other - one >= 30 for one, other in pairwise(at.values()))


def test_the_table_has_the_topic_of_each_category_and_its_ratio_as_published(drawn: Mapping[str, Drawn]) -> None:
    rows = drawn[RATIO_CHART.name].rows
    assert list(rows.columns) == ["Characteristic", "Topic", "Hazard ratio", "Lower limit", "Upper limit"]
    assert [tuple(row) for row in rows.to_numpy()] == [
        (category, topic, *ratio.split()) for topic, found in RATIOS.items() for category, ratio in found.items()
    ]


# Refusals

CURVE, RATIO = CURVE_CHART.shows, RATIO_CHART.shows
assert isinstance(CURVE, Cells) and isinstance(RATIO, Cells) and isinstance(RATIO.indicator, Mapping)
TIMES = ("0 months", "12 months")


@pytest.mark.parametrize(
    ("chart", "shows", "message"),
    [
        (CURVE_CHART, replace(CURVE, row_names={"0 months": "0 months", "12 months": "A year"}), "unlike.*A year"),
        (CURVE_CHART, replace(CURVE, row_names={"12 months": "12 months"}), "are two or more"),
        (CURVE_CHART, replace(CURVE, row_names={time: time for time in TIMES[::-1]}), "stand in order"),
        (
            CURVE_CHART,
            replace(CURVE, columns=None, column_names={}, filters={"earlier": "One"}, bounds=None,
                    indicator=dict.fromkeys("abcde", SO_FAR)),
            "more than four lines",
        ),
        (
            CURVE_CHART,
            replace(CURVE, where=(Condition(lambda values: True, "any", (LIKELIEST,)),)),
            "shows every time",
        ),
        (NEED_CHART, replace(CURVE, rows=made_up.EARLIER, columns=made_up.TIME, column_names={
            time: time for time in TIMES}), "only a curve has bounds"),
        (RATIO_CHART, replace(RATIO, indicator=dict(list(RATIO.indicator.items())[:2])), "ratios are three indicators"),
        (RATIO_CHART, replace(CURVE, bounds=None), "ratios are three indicators"),
        (
            RATIO_CHART,
            Cells(made_up.CURVES, {"a": SO_FAR, "b": SO_FAR_LOWER, "c": SO_FAR_UPPER}, rows=made_up.TIME,
                  filters={"earlier": "One"}),
            "under topics, which time_since does not have",
        ),
        (
            RATIO_CHART,
            replace(RATIO, row_names={name: name for name in ("Male", "Unborn", "Female")}),
            "do not stand together",
        ),
    ],
)  # fmt: skip
def test_a_chart_that_cannot_be_read_is_refused_where_it_is_declared(chart: Chart, shows: Cells, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        replace(chart, shows=shows, order="declared")


def test_bounds_are_of_one_indicator_and_published() -> None:
    with pytest.raises(DeclarationError, match="limits of one indicator, and there are 3"):
        replace(RATIO, bounds=(made_up.RATIO_LOWER, made_up.RATIO_UPPER))
    with pytest.raises(DeclarationError, match="does not publish hazard_ratio_upper"):
        replace(CURVE, bounds=(SO_FAR_LOWER, made_up.RATIO_UPPER))
