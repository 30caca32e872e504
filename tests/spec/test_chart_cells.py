"""Dots, stacks and flows show published cells as lines and bars do, and refuse what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest

import made_up_charts as made_up
from made_up_charts import (
    DURATION_CHART,
    FACTOR_CHART,
    JOURNEY_CHART,
    LEVEL_CHART,
    MEALS_BARS,
    MEALS_CHART,
    NEED_CHART,
    PUPIL_CHART,
    RATE_CHART,
    with_cell,
)
from pictures import SVG, placed_texts, svg, texts
from rereferrals import reference
from rereferrals.chart_model import MARKS, Beside, Cells, Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.chart_cells import grid_of
from rereferrals.dissemination.chart_layout import callouts, spread, text_width, ticks, wrapped
from rereferrals.dissemination.chart_theme import NARROW, WIDE, Variant
from rereferrals.dissemination.charts import Drawn, draw
from rereferrals.dissemination.text import with_commas
from rereferrals.errors import QualityError
from rereferrals.model import Comparator, DeclarationError
from rereferrals.release import Release

OF_CELLS = made_up.CHARTS
ALL = (*OF_CELLS, MEALS_CHART, MEALS_BARS)
charts = pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.name)
of_cells = pytest.mark.parametrize("chart", OF_CELLS, ids=lambda chart: chart.name)
variants = pytest.mark.parametrize("variant", (WIDE, NARROW), ids=lambda variant: variant.name)


@pytest.fixture(scope="module")
def release() -> Release:
    return replace(Release.load(Release.latest_year()), year=2024, first_year=2017)


@pytest.fixture(scope="module", autouse=True)
def comparators() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "comparator", made_up.COMPARATORS.__getitem__)
        yield


@pytest.fixture(scope="module")
def frames() -> Mapping[str, pd.DataFrame]:
    return made_up.frames()


@pytest.fixture(scope="module")
def drawn(frames: Mapping[str, pd.DataFrame], release: Release, comparators: None) -> Mapping[str, Drawn]:
    return {chart.name: draw(chart, made_up.tables(frames), release) for chart in ALL}


@charts
@variants
def test_a_picture_fits_its_screen_and_nothing_is_cut_off(
    chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]
) -> None:
    root = svg(drawn[chart.name], variant)
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    assert width <= variant.max_width
    for text, x, y in placed_texts(root):
        size = text_width(text.text or "", variant.font_size)
        start = x - {"start": 0, "middle": size / 2, "end": size}[text.get("text-anchor", "start")]
        assert start >= 0 and start + size <= width + 1, text.text
        assert 0 <= y <= height, text.text


@charts
@variants
def test_text_is_level_large_and_of_enough_contrast(chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    for text in svg(drawn[chart.name], variant).iter(f"{SVG}text"):
        assert "rotate" not in text.get("transform", "")
        assert float(text.get("font-size", "0px").removesuffix("px")) >= 14
        assert text.get("font-family", "").startswith("Arial")
        assert text.get("fill") in (theme.TEXT, theme.BACKGROUND)
        assert chart.mark == "stack" or text.get("fill") == theme.TEXT


def test_values_inside_parts_of_a_stack_can_be_read() -> None:
    for colour in theme.SEQUENCE:
        assert max(theme.contrast(colour, ink) for ink in (theme.TEXT, theme.BACKGROUND)) >= 4.5


@charts
@variants
def test_there_is_no_legend_and_no_title(chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    picture = drawn[chart.name].wide if variant is WIDE else drawn[chart.name].narrow
    assert "role-legend" not in picture and "role-title" not in picture


@charts
@variants
def test_only_colours_of_the_theme_are_used(chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    used = {
        value.upper()
        for node in svg(drawn[chart.name], variant).iter()
        for value in (node.get("fill"), node.get("stroke"))
        if value and value not in ("none", "transparent")
    }
    marks = {theme.COLOURS[label] for label in chart.labels} | {theme.BESIDE, theme.OUTLINE}
    rows = {theme.COLOURS[row] for row in grid_rows(chart) if row in theme.COLOURS}
    assert used <= {theme.TEXT, theme.BACKGROUND, theme.GRID, theme.AXIS, *marks, *rows}


def grid_rows(chart: Chart) -> tuple[str, ...]:
    return tuple(chart.shows.named_rows.values()) if isinstance(chart.shows, Cells) else ()


@charts
def test_marks_stand_out_from_the_ground_and_dots_from_each_other(chart: Chart) -> None:
    colours = [theme.COLOURS[label] for label in chart.labels]
    if chart.mark in ("stack", "flow"):  # these have an outline, which stands out
        colours = [theme.OUTLINE, theme.AXIS]
    for colour in (*colours, theme.BESIDE):
        assert theme.contrast(colour, theme.BACKGROUND) >= 3
    if chart.mark == "dots":
        for one, other in pairwise(colours):
            assert theme.contrast(one, other) >= 3


@of_cells
@variants
def test_every_row_and_column_is_named_in_the_picture(
    chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]
) -> None:
    written = " | ".join(texts(drawn[chart.name], variant))
    for name in (*grid_rows(chart), *(chart.labels if len(chart.labels) > 1 else ())):
        assert name in written
    for beside in chart.beside:
        assert beside.name in written


@charts
@variants
def test_every_value_in_a_picture_is_on_an_axis_or_in_the_table(
    chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]
) -> None:
    table = {with_commas(cell) for cell in drawn[chart.name].rows.to_numpy().ravel()}
    percentages = set(re.findall(r"([\d.,]+)%", " ".join(texts(drawn[chart.name], variant))))
    assert percentages and percentages <= table


@of_cells
def test_the_table_holds_every_cell_as_published(
    chart: Chart, frames: Mapping[str, pd.DataFrame], drawn: Mapping[str, Drawn]
) -> None:
    grid = grid_of(chart, made_up.tables(frames))
    rows = drawn[chart.name].rows.set_index(chart.category_title)
    assert tuple(rows.index[: len(grid.rows)]) == grid.rows
    for (row, column), marked in grid.cells.items():
        assert rows.loc[row, column + (" (%)" if marked.unit else "")] == marked.published
    assert all(isinstance(cell, str) for cell in rows.to_numpy().ravel())


@charts
def test_drawing_twice_gives_the_same_bytes(
    chart: Chart, frames: Mapping[str, pd.DataFrame], release: Release, drawn: Mapping[str, Drawn]
) -> None:
    again = draw(chart, made_up.tables(frames), release)
    assert (again.wide, again.narrow) == (drawn[chart.name].wide, drawn[chart.name].narrow)


@charts
def test_the_alternative_text_begins_with_the_kind_of_chart(chart: Chart, drawn: Mapping[str, Drawn]) -> None:
    assert drawn[chart.name].alt.startswith(MARKS[chart.mark][1])


# Order, years and symbols


def _first_rows(chart: Chart, frames: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    return grid_of(chart, made_up.tables(frames)).rows


def test_rows_stand_in_the_order_declared(frames: Mapping[str, pd.DataFrame]) -> None:
    declared = tuple(made_up.NEED_NAMES.values())
    assert _first_rows(replace(NEED_CHART, order="declared"), frames) == declared
    by_size = _first_rows(replace(NEED_CHART, order="Initial referrals"), frames)
    assert by_size[:3] == ("Abuse or neglect", "Family dysfunction", "Family in acute stress")
    by_difference = _first_rows(NEED_CHART, frames)
    assert by_difference[0] == "Family dysfunction" and by_difference[-2] == "Child's disability or illness"


def test_rows_without_the_number_that_orders_them_stand_last(frames: Mapping[str, pd.DataFrame]) -> None:
    assert _first_rows(NEED_CHART, frames)[-1] == "Not stated"
    assert _first_rows(replace(NEED_CHART, order="Re-referrals"), frames)[-1] == "Not stated"
    assert _first_rows(replace(NEED_CHART, order="Initial referrals"), frames)[-1] == "Low income"


def test_all_cells_are_of_the_latest_year_that_has_them_all(frames: Mapping[str, pd.DataFrame]) -> None:
    tables = made_up.tables(frames)
    assert grid_of(LEVEL_CHART, tables).year == 2023  # though re-referrals of 2024 are published
    assert isinstance(LEVEL_CHART.shows, Cells)
    for year, found in (("first", 2022), (-1, 2022), (2023, 2023)):
        assert grid_of(replace(LEVEL_CHART, shows=replace(LEVEL_CHART.shows, year=year)), tables).year == found
    for year in (2024, -5):
        with pytest.raises(QualityError, match="has no year"):
            grid_of(replace(LEVEL_CHART, shows=replace(LEVEL_CHART.shows, year=year)), tables)


@variants
def test_a_symbol_is_written_and_has_no_dot(variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    assert "z (not applicable)" in texts(drawn[FACTOR_CHART.name], variant)
    assert "Re-referrals: x" in texts(drawn[NEED_CHART.name], variant)
    dots = [p for p in svg(drawn[NEED_CHART.name], variant).iter(f"{SVG}path") if p.get("fill") == theme.ORANGE]
    assert len(dots) == len(made_up.NEED.categories) - 1 + 1  # one is a symbol, and the name has one


@variants
def test_a_bar_of_symbols_is_said_in_words_and_a_part_that_is_one_is_left_out(
    variant: Variant, frames: Mapping[str, pd.DataFrame], release: Release
) -> None:
    none = with_cell(frames, "T3", "referrals_percent", "x", referral_type="Re-referral")
    shown = draw(DURATION_CHART, made_up.tables(none), release)
    assert "x (not available)" in texts(shown, variant)
    part = with_cell(frames, "T3", "referrals_percent", "c", reflencat="2 years and over")
    shown = draw(DURATION_CHART, made_up.tables(part), release)
    assert list(shown.rows["2 years or more (%)"]) == ["c", "c"]
    assert theme.COLOURS["1 to 2 years"] in shown.wide
    bars = [p for p in svg(shown, variant).iter(f"{SVG}path") if p.get("fill") == theme.COLOURS["2 years or more"]]
    assert len(bars) <= 1  # none but the one that its name has where there is no room above the first bar


def test_a_flow_leaves_out_ribbons_of_symbols(frames: Mapping[str, pd.DataFrame], release: Release) -> None:
    hidden = with_cell(frames, "T5", "referrals", "c", level_description="5", next_level="3")
    before, after = (draw(JOURNEY_CHART, made_up.tables(found), release) for found in (frames, hidden))
    colour = theme.COLOURS["Child in need"]  # of what came next: a ribbon from each level, and a box on either side
    ribbons = [[p for p in svg(d, WIDE).iter(f"{SVG}path") if p.get("fill") == colour] for d in (before, after)]
    assert [len(found) for found in ribbons] == [7 + 2, 6 + 2]
    assert "c" in set(after.rows.to_numpy().ravel())


def test_what_is_symbols_alone_can_be_drawn(frames: Mapping[str, pd.DataFrame], release: Release) -> None:
    for chart, data_set, column in (
        (NEED_CHART, "T1", "referrals_percent"),
        (DURATION_CHART, "T3", "referrals_percent"),
        (JOURNEY_CHART, "T5", "referrals"),
        (MEALS_CHART, "T6", "eligible_percent"),
    ):
        frame = frames[data_set].assign(**{column: "x"})
        shown = draw(chart, made_up.tables({**frames, data_set: frame}), release)
        assert "x" in set(shown.rows.to_numpy().ravel())


# Each mark


def test_a_flow_is_as_high_as_its_counts_and_labelled_with_shares(drawn: Mapping[str, Drawn]) -> None:
    written = texts(drawn[JOURNEY_CHART.name], WIDE)
    assert "Not re-referred within 12 months 78.0%" in written
    rows = drawn[JOURNEY_CHART.name].rows.set_index(JOURNEY_CHART.category_title)
    assert rows.loc["Share of all (%)", "Not re-referred within 12 months"] == "78.0"
    assert rows.loc["Looked after", "Share of all (%)"] == "3.9"
    assert rows.loc["Share of all (%)", "Share of all (%)"] == "z"


def test_a_picture_of_dots_grows_with_its_rows(drawn: Mapping[str, Drawn]) -> None:
    heights = [
        float(svg(drawn[chart.name], WIDE).get("height", "0")) for chart in (PUPIL_CHART, NEED_CHART, RATE_CHART)
    ]
    assert heights == sorted(heights) and heights[0] < 250 < 1000 < heights[-1]


def test_what_is_set_beside_is_drawn_named_and_its_source_noted(drawn: Mapping[str, Drawn]) -> None:
    source = "All pupils, 25% in 2024: Pupils in schools in England. Schools and pupils."
    for chart in (PUPIL_CHART, MEALS_CHART, MEALS_BARS):
        shown = drawn[chart.name]
        assert source in shown.footnotes
        assert theme.BESIDE in shown.wide and theme.BESIDE in shown.narrow
        assert "25" in set(shown.rows.to_numpy().ravel())
    assert list(drawn[MEALS_CHART.name].rows["All pupils (%)"]) == ["14", *"zzzzzz", "25"]
    assert list(drawn[PUPIL_CHART.name].rows["All pupils (%)"]) == ["25", "z"]
    assert tuple(drawn[RATE_CHART.name].rows.iloc[-1]) == ("All referrals that have factors", "22.4")


def test_what_is_set_beside_lines_is_left_out_of_years_that_they_do_not_show(
    frames: Mapping[str, pd.DataFrame], release: Release
) -> None:
    frame = frames["T6"]
    shown = draw(MEALS_CHART, made_up.tables({**frames, "T6": frame[frame["time_period"] < "2024"]}), release)
    assert shown.rows["Year ending 31 March"].iloc[-1] == "2023"
    assert set(shown.rows["All pupils (%)"]) == {"14", "z"}


def test_names_of_lines_that_would_touch_are_moved_apart(drawn: Mapping[str, Drawn]) -> None:
    root = svg(drawn[MEALS_CHART.name], NARROW)
    names = [y for text, _, y in placed_texts(root) if re.search(r"[a-z] \d[\d.]*%$", text.text or "")]
    assert len(names) == 4
    assert all(other - one >= NARROW.font_size for one, other in pairwise(sorted(names)))


# Refusals

SHOWN = NEED_CHART.shows
assert isinstance(SHOWN, Cells)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": made_up.LEVEL}, "has no filter level_description"),
        ({"columns": made_up.LEVEL}, "has no filter level_description"),
        ({"columns": made_up.NEED, "column_names": {}}, "cannot be both sides"),
        ({"columns": None}, "either a filter's categories or indicators"),
        ({"indicator": {"Share": made_up.NEED_SHARE}}, "either a filter's categories or indicators"),
        ({"indicator": made_up.FACTOR_SHARE}, "does not publish caseshare"),
        ({"row_names": {"N99": "Unheard of"}}, "has no category 'N99'"),
        ({"column_names": {"Initial referral": "Referrals", "Re-referral": "Referrals"}}, "share a name"),
        ({"filters": {"primaryneed": "N7 - Low income"}}, "is a side of the grid"),
        ({"filters": {"age": "1 to 4"}}, "has no filter age"),
        ({"year": "last"}, "is not first, latest or a number"),
    ],
)
def test_cells_that_are_not_there_are_refused_where_they_are_declared(changes: dict[str, object], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        replace(SHOWN, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chart", "changes", "message"),
    [
        (NEED_CHART, {"mark": "bar"}, "references of the kind Figure"),
        (MEALS_CHART, {"mark": "dots"}, "references of the kind Cells"),
        (NEED_CHART, {"order": "size"}, "the order 'size' is not declared, difference or one of"),
        (RATE_CHART, {"order": "difference"}, "has no difference"),
        (DURATION_CHART, {"order": "difference"}, "only dots are put in an order"),
        (MEALS_CHART, {"order": "difference"}, "only dots are put in an order"),
        (LEVEL_CHART, {"mark": "dots"}, "more than three dots"),
        (FACTOR_CHART, {"mark": "stack", "order": "declared"}, "a Share within the filter of its columns"),
        (NEED_CHART, {"mark": "flow", "order": "declared"}, "a flow shows a Count"),
        (JOURNEY_CHART, {"mark": "stack"}, "only a flow is labelled with shares"),
        (DURATION_CHART, {"beside": (made_up.PUPILS,)}, "has no place for 'All pupils'"),
        (NEED_CHART, {"beside": (made_up.PUPILS,)}, "only lines can show"),
        (NEED_CHART, {"beside": (Beside("A", (Comparator("pupils"),), row="B"),)}, "has no row 'B'"),
        (NEED_CHART, {"beside": (Beside("Re-referrals", (Comparator("pupils"),)),)}, "something else under the name"),
    ],
)
def test_a_chart_that_cannot_be_read_is_refused_where_it_is_declared(
    chart: Chart, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        replace(chart, **changes)  # type: ignore[arg-type]


def test_a_stack_without_one_of_its_parts_is_refused() -> None:
    assert isinstance(DURATION_CHART.shows, Cells)
    fewer = dict(list(made_up.BAND_NAMES.items())[1:])
    with pytest.raises(DeclarationError, match="every part of its whole"):
        replace(DURATION_CHART, shows=replace(DURATION_CHART.shows, column_names=fewer))


def test_a_flow_to_a_total_is_refused() -> None:
    assert isinstance(JOURNEY_CHART.shows, Cells)
    with pytest.raises(DeclarationError, match="no ribbon for a total"):
        replace(JOURNEY_CHART, shows=replace(JOURNEY_CHART.shows, row_names={"Total": "All"}))


def test_nothing_to_compare_with_is_refused() -> None:
    with pytest.raises(DeclarationError, match="nothing to compare with"):
        Beside("All pupils", ())


# Where things stand


def test_scales_end_at_or_above_the_highest_value_in_round_steps() -> None:
    assert ticks(66.3, 6) == [0, 10, 20, 30, 40, 50, 60, 70]
    assert ticks(60, 6)[-1] == 60
    assert ticks(0.7, 4) == [0, 0.2, 0.4, 0.6, 0.8]
    assert ticks(0, 4)[-1] > 0


def test_positions_are_spread_as_little_as_is_needed() -> None:
    assert spread([10, 50, 90], 20) == [10, 50, 90]
    assert spread([50, 50], 20) == [40, 60]
    assert spread([52, 10, 48], 20) == [60, 10, 40]
    assert spread([10, 12, 14, 100], 10) == [2, 12, 22, 100]


def test_text_is_broken_between_words_to_a_width() -> None:
    assert wrapped("Child protection conference", 120, 16) == ["Child protection", "conference"]
    assert wrapped("Unbreakable", 1, 16) == ["Unbreakable"]
    assert 100 < text_width("Re-referrals 22%", 16) < 130


def test_names_above_have_a_line_each_and_no_stroke_crosses_one() -> None:
    left = callouts([30, 10], [50, 50], 0, 100)
    assert left is not None and (left.align, left.lines) == ("left", (1, 0))
    right = callouts([60, 90], [50, 50], 0, 100)
    assert right is not None and (right.align, right.lines) == ("right", (1, 0))
    assert callouts([10, 90], [50, 50], 0, 100) is None
