"""Maps, points and panels show published values of areas, and refuse what cannot be read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest

import made_up_areas as made_up
from made_up_areas import CHARTS, MAP, PANELS, PLACES, PLAIN_SCATTER, SCATTER, SHARE
from pictures import SVG, assert_apart, assert_fits, svg, texts
from rereferrals import reference
from rereferrals.chart_model import MARKS, Areas, AreaSeries, Beside, Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.chart_areas import areas_of
from rereferrals.dissemination.chart_cells import Marked
from rereferrals.dissemination.chart_layout import ticks_between
from rereferrals.dissemination.chart_map import classes_of, extremes
from rereferrals.dissemination.chart_panels import panels_of
from rereferrals.dissemination.chart_scatter import outliers
from rereferrals.dissemination.chart_theme import NARROW, WIDE, Variant
from rereferrals.dissemination.charts import Drawn, all_missing, draw
from rereferrals.dissemination.text import with_commas
from rereferrals.errors import QualityError
from rereferrals.model import LOCAL_AUTHORITY, REGIONAL, Comparator, Condition, DeclarationError
from rereferrals.release import Release

charts = pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
scatters = pytest.mark.parametrize("chart", (SCATTER, PLAIN_SCATTER), ids=lambda chart: chart.name)
variants = pytest.mark.parametrize("variant", (WIDE, NARROW), ids=lambda variant: variant.name)
Frames = Mapping[str, pd.DataFrame]


@pytest.fixture(scope="module")
def release() -> Release:
    return replace(Release.load(Release.latest_year()), year=2024, first_year=2017)


@pytest.fixture(scope="module")
def frames() -> Frames:
    return made_up.frames()


@pytest.fixture(scope="module")
def drawn(frames: Frames, release: Release) -> Mapping[str, Drawn]:
    return {chart.name: draw(chart, made_up.tables(frames), release) for chart in CHARTS}


def latest(frames: Frames, chart: Chart = MAP) -> dict[str, Mapping[str, str]]:
    """The published rows of authorities of the latest year, by name."""
    frame = frames[chart.data_set.id]
    rows = frame[(frame["geographic_level"] == LOCAL_AUTHORITY) & (frame["time_period"] == str(made_up.YEARS[-1]))]
    return {row["la_name"]: row for row in rows.to_dict("records")}


def with_cells(frames: Frames, cells: Mapping[str, str], data_set: str = "T7", column: str = SHARE.name) -> Frames:
    """The published rows with other cells in the latest year, by the name of authority or region."""
    frame = frames[data_set].copy()
    for name, cell in cells.items():
        chosen = (frame["time_period"] == str(made_up.YEARS[-1])) & (
            (frame["la_name"] == name) | ((frame["region_name"] == name) & (frame["geographic_level"] == REGIONAL))
        )
        assert chosen.sum() == 1
        frame.loc[chosen, column] = cell
    return {**frames, data_set: frame}


def hexagons(drawn: Drawn, variant: Variant, *colours: str) -> list[str]:
    """The outlines of hexagons that have these colours."""
    paths = svg(drawn, variant).iter(f"{SVG}path")
    return [p.get("d", "") for p in paths if p.get("fill") in colours and p.get("d", "").count("L") == 5]


# All of them


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
        assert text.get("fill") == theme.TEXT or (chart.mark == "map" and text.get("fill") == theme.BACKGROUND)


@charts
@variants
def test_only_colours_of_the_theme_are_used(chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    used = {
        value.upper()
        for node in svg(drawn[chart.name], variant).iter()
        for value in (node.get("fill"), node.get("stroke"))
        if value and value not in ("none", "transparent")
    }
    assert used <= {theme.TEXT, theme.BACKGROUND, theme.GRID, theme.AXIS, theme.DARK_BLUE, *theme.classes(5)}


def test_classes_stand_out_from_the_next_and_the_letters_on_them_can_be_read() -> None:
    for count in range(2, 6):
        colours = theme.classes(count)
        assert len(set(colours)) == count
        for paler, darker in pairwise(colours):
            assert theme.contrast(darker, theme.BACKGROUND) > theme.contrast(paler, theme.BACKGROUND)
            assert theme.contrast(paler, darker) >= 1.5
        for colour in colours:
            assert theme.contrast(colour, theme.ink(colour)) >= 4.5


@charts
def test_drawing_twice_gives_the_same_bytes(
    chart: Chart, frames: Frames, release: Release, drawn: Mapping[str, Drawn]
) -> None:
    again = draw(chart, made_up.tables(frames), release)
    assert (again.wide, again.narrow) == (drawn[chart.name].wide, drawn[chart.name].narrow)


@charts
def test_the_alternative_text_begins_with_the_kind_of_chart(chart: Chart, drawn: Mapping[str, Drawn]) -> None:
    assert drawn[chart.name].alt.startswith(MARKS[chart.mark][1])


@pytest.mark.parametrize("chart", (MAP, SCATTER, PLAIN_SCATTER), ids=lambda chart: chart.name)
def test_the_table_holds_every_authority_by_region_with_its_values(
    chart: Chart, frames: Frames, drawn: Mapping[str, Drawn]
) -> None:
    rows, published = drawn[chart.name].rows, latest(frames, chart)
    assert sorted(rows["Local authority"]) == sorted(published)
    assert isinstance(chart.shows, Areas)
    for _, row in rows.iterrows():
        for name, indicator in chart.shows.indicators.items():
            head = name + (" (%)" if indicator.unit == "%" else "")  # type: ignore[union-attr]
            assert row[head] == published[row["Local authority"]][indicator.name]
    order = [region.name for region in reference.regions() if not region.within]
    keys = [(order.index(row["Region"]), row["Local authority"]) for _, row in rows.iterrows()]
    assert keys == sorted(keys) and {key[0] for key in keys} == set(range(9))


def test_a_chart_without_its_year_has_nothing_to_draw(frames: Frames, release: Release) -> None:
    none = {name: frame.head(0) for name, frame in frames.items()}
    for chart in CHARTS:
        with pytest.raises(QualityError, match="has nothing to draw"):
            draw(chart, made_up.tables(none), release)


def test_an_input_that_was_not_given_leaves_a_chart_without_values(frames: Frames) -> None:
    needy = replace(PLACES, needs="pupils")
    gone = frames["T7"].assign(**dict.fromkeys(("referrals", "rereferral_percent", "referral_rate"), "x"))
    for shows in (replace(MAP.shows, data_set=needy), replace(PANELS.shows, data_set=needy)):
        chart = replace(MAP if isinstance(shows, Areas) else PANELS, shows=shows)
        assert all_missing(chart, made_up.tables({"T7": gone})) == "pupils"
        assert all_missing(chart, made_up.tables(frames)) is None


# The map


@variants
def test_every_authority_is_one_hexagon_and_has_the_colour_of_its_class(
    variant: Variant, frames: Frames, drawn: Mapping[str, Drawn]
) -> None:
    grid = areas_of(MAP, made_up.tables(frames))
    classes = classes_of(grid, SHARE)
    outlines = hexagons(drawn[MAP.name], variant, theme.BACKGROUND, *theme.classes(5))
    assert len(outlines) == len(set(outlines)) == len(latest(frames))
    for found in classes:
        inside = [area for area in grid.areas if found.holds(area)]
        assert len(hexagons(drawn[MAP.name], variant, found.colour)) == len(inside)


@variants
def test_hexagons_touch_and_do_not_overlap(variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    middles, widths = [], set()
    for outline in hexagons(drawn[MAP.name], variant, theme.BACKGROUND, *theme.classes(5)):
        corners = [tuple(map(float, corner)) for corner in re.findall(r"([\d.]+),([\d.]+)", outline)]
        middles.append([sum(values) / 6 for values in zip(*corners, strict=True)])
        widths.add(max(x for x, _ in corners) - min(x for x, _ in corners))
    (width,) = widths
    for middle in middles:
        nearest = min(math.dist(middle, other) for other in middles if other is not middle)
        assert nearest == pytest.approx(width, abs=0.01)


def test_classes_take_in_every_number_once_and_each_about_a_fifth(frames: Frames) -> None:
    grid = areas_of(MAP, made_up.tables(frames))
    classes = classes_of(grid, SHARE)
    for area in grid.areas:
        assert sum(found.holds(area) for found in classes) == (area.name not in made_up.SYMBOLS)
    sizes = [sum(map(found.holds, grid.areas)) for found in classes]
    assert len(sizes) == 5 and max(sizes) - min(sizes) <= 1
    for lower, upper in pairwise(classes):
        assert float(upper.lowest - lower.highest) == pytest.approx(0.1)


@variants
def test_the_key_says_where_each_class_begins_and_ends(
    variant: Variant, frames: Frames, drawn: Mapping[str, Drawn]
) -> None:
    written = texts(drawn[MAP.name], variant)
    for found in classes_of(areas_of(MAP, made_up.tables(frames)), SHARE):
        assert found.label in written
        assert re.fullmatch(r"\d+(\.[1-9])?% to \d+(\.[1-9])?%", found.label)
    assert "c (confidential)" in written and "u (low reliability)" in written


def test_equal_values_are_of_one_class(frames: Frames, release: Release) -> None:
    same = frames["T7"].assign(rereferral_percent="20")
    grid = areas_of(MAP, made_up.tables({"T7": same}))
    (only,) = classes_of(grid, SHARE)
    assert only.label == "20%" and all(map(only.holds, grid.areas))
    assert extremes(grid) == ([], [])
    assert "Highest" not in draw(MAP, made_up.tables({"T7": same}), release).wide


@variants
def test_a_symbol_is_written_on_a_white_hexagon_with_an_outline(variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    white = [
        path
        for path in svg(drawn[MAP.name], variant).iter(f"{SVG}path")
        if path.get("fill") == theme.BACKGROUND and path.get("d", "").count("L") == 5
    ]
    assert len(white) == len(made_up.SYMBOLS) and {path.get("stroke") for path in white} == {theme.OUTLINE}
    written = texts(drawn[MAP.name], variant)
    assert written.count("c") == written.count("u") == 2  # on the hexagon, and in the key


def test_a_map_of_symbols_alone_can_be_drawn(frames: Frames, release: Release) -> None:
    shown = draw(MAP, made_up.tables({"T7": frames["T7"].assign(rereferral_percent="x")}), release)
    assert len(hexagons(shown, WIDE, theme.BACKGROUND)) == len(latest(frames))


@variants
def test_the_highest_and_lowest_are_named_with_their_values(
    variant: Variant, frames: Frames, drawn: Mapping[str, Drawn]
) -> None:
    numbers = {name: row[SHARE.name] for name, row in latest(frames).items() if name not in made_up.SYMBOLS}
    order = sorted(numbers, key=lambda name: float(numbers[name]))
    written = " ".join(texts(drawn[MAP.name], variant))
    for letter, name in zip("ABCDEF", [*order[::-1][:3], *order[:3]], strict=True):
        assert f"{letter}: {name} ({numbers[name]}%)" in written
        assert letter in texts(drawn[MAP.name], variant)


def test_none_is_named_of_those_that_are_equal_to_one_more(frames: Frames) -> None:
    numbers = {name: row[SHARE.name] for name, row in latest(frames).items() if name not in made_up.SYMBOLS}
    highest = sorted(numbers, key=lambda name: -float(numbers[name]))[:4]
    tied = with_cells(frames, {highest[2]: "26", highest[3]: "26", highest[0]: "40", highest[1]: "39"})
    tied = with_cells(tied, {name: "25" for name in numbers if name not in highest and float(numbers[name]) > 25})
    found, _ = extremes(areas_of(MAP, made_up.tables(tied)))
    assert [area.name for area in found] == highest[:2]


def test_regions_are_named_beside_a_wide_map_and_parted_by_lines(drawn: Mapping[str, Drawn]) -> None:
    written = texts(drawn[MAP.name], WIDE)
    assert {region.name for region in reference.regions() if not region.within} <= set(written)
    lines = [line for line in svg(drawn[MAP.name], WIDE).iter(f"{SVG}line") if line.get("stroke") == theme.TEXT]
    assert len(lines) > 100


def test_a_return_for_which_a_symbol_is_shown_is_noted(drawn: Mapping[str, Drawn]) -> None:
    for chart in (MAP, SCATTER):
        notes = drawn[chart.name].footnotes
        assert "Year ending 31 March 2024: Hampshire's return was of low reliability." in notes
        assert "A symbol stands in place of a number for City of London (c) and Hampshire (u)." in notes
    assert not any("Hackney" in note for note in drawn[MAP.name].footnotes)
    assert any("hexagon" in note for note in drawn[MAP.name].footnotes)


def test_a_return_of_another_year_is_not_noted(frames: Frames, release: Release) -> None:
    shown = draw(MAP, made_up.tables(with_cells(frames, {"Hackney": "x"})), release)
    assert not any("Hackney made no return" in note for note in shown.footnotes)
    assert any("Hackney (x)" in note for note in shown.footnotes)


def test_an_earlier_year_shows_the_authorities_of_then(frames: Frames, release: Release) -> None:
    assert isinstance(MAP.shows, Areas)
    earlier = replace(MAP, shows=replace(MAP.shows, year=2019))
    shown = draw(earlier, made_up.tables(frames), release)
    assert {"Poole", "Cumbria", "Northamptonshire"} <= set(shown.rows["Local authority"])
    assert len(hexagons(shown, WIDE, *theme.classes(5))) == len(shown.rows)
    for year in (2016, -20):
        with pytest.raises(QualityError, match="has nothing to draw"):
            areas_of(replace(MAP, shows=replace(MAP.shows, year=year)), made_up.tables(frames))


# Points


@scatters
@variants
def test_every_authority_with_numbers_is_one_point(
    chart: Chart, variant: Variant, frames: Frames, drawn: Mapping[str, Drawn]
) -> None:
    points = [
        node
        for group in svg(drawn[chart.name], variant).iter(f"{SVG}g")
        if "mark-symbol" in group.get("class", "")
        for node in group.iter(f"{SVG}path")
    ]
    assert len(points) == len(latest(frames, chart)) - len(made_up.SYMBOLS) + len(chart.groups)
    assert len({path.get("fill") for path in points}) == max(1, len(chart.groups))
    assert len({path.get("d") for path in points}) == max(1, len(chart.groups))


@variants
def test_the_key_names_every_group(variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    assert set(made_up.GROUPS.values()) <= set(texts(drawn[SCATTER.name], variant))


@scatters
def test_the_authorities_furthest_out_are_named(chart: Chart, frames: Frames, drawn: Mapping[str, Drawn]) -> None:
    grid = areas_of(chart, made_up.tables(frames))
    rows = [area for area in grid.areas if area.is_drawn]
    by_y = sorted(rows, key=lambda area: area.values[1].value or 0)
    by_x = sorted(rows, key=lambda area: area.values[0].value or 0)
    assert {by_y[0], by_y[-1], by_x[-1]} <= set(outliers(grid, 3)) <= set(outliers(grid, 6))
    assert len(outliers(grid, 3)) == 3 and len(outliers(grid, 6)) == 6
    names = {area.name for area in grid.areas}
    for variant, most in ((WIDE, 6), (NARROW, 3)):
        written = names & set(texts(drawn[chart.name], variant))
        assert written and written <= {area.name for area in outliers(grid, most)}


def test_none_of_equal_outliers_is_named(frames: Frames) -> None:
    same = frames["T7"].assign(rereferral_percent="20", referral_rate="300")
    assert outliers(areas_of(PLAIN_SCATTER, made_up.tables({"T7": same})), 6) == ()


@variants
def test_scales_of_points_say_where_they_begin(variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    written = " ".join(texts(drawn[SCATTER.name], variant))
    for title in (SCATTER.category_title, SCATTER.value_title):
        assert re.search(rf"{title} \(scale from [1-9]\d* to \d+\)", written)


def test_scales_of_points_begin_and_end_at_round_values() -> None:
    assert ticks_between(312, 447, 6) == [300, 320, 340, 360, 380, 400, 420, 440, 460]
    assert ticks_between(0, 60, 6) == [0, 10, 20, 30, 40, 50, 60]
    assert ticks_between(-3, 4, 4) == [-4, -2, 0, 2, 4]
    assert ticks_between(5, 5, 4) == [5, 6]


def test_a_group_without_a_name_is_refused(frames: Frames, release: Release) -> None:
    other = with_cells(frames, {"Camden": "7"}, "T8", "fifth")
    with pytest.raises(QualityError, match="Camden is of the group 7: name it"):
        draw(SCATTER, made_up.tables(other), release)


def test_points_of_symbols_alone_can_be_drawn(frames: Frames, release: Release) -> None:
    none = frames["T7"].assign(rereferral_percent="x")
    assert "x" in set(draw(PLAIN_SCATTER, made_up.tables({"T7": none}), release).rows["Re-referral rate (%)"])


# Panels


def test_panels_stand_from_the_highest_latest_value_down(frames: Frames, drawn: Mapping[str, Drawn]) -> None:
    rows = drawn[PANELS.name].rows
    assert list(rows.columns) == ["Region", *(f"{year} (%)" for year in made_up.YEARS)]
    assert rows["Region"].iloc[-1] == "England" and len(rows) == 10
    last = [float(cell) for cell in rows["2024 (%)"].iloc[:9]]
    assert last == sorted(last, reverse=True)
    for variant in (WIDE, NARROW):
        written = " | ".join(texts(drawn[PANELS.name], variant))
        places = [written.index(name) for name in rows["Region"].iloc[:9]]
        assert places == sorted(places)


def test_the_table_of_panels_holds_every_value(frames: Frames, drawn: Mapping[str, Drawn]) -> None:
    rows = drawn[PANELS.name].rows.set_index("Region")
    for row in frames["T7"].to_dict("records"):
        name = row["region_name"] or "England"
        if row["geographic_level"] != LOCAL_AUTHORITY and name in rows.index:
            assert rows.loc[name, f"{row['time_period']} (%)"] == row[SHARE.name]


@variants
def test_each_panel_has_a_line_of_its_region_and_one_of_england(
    variant: Variant, frames: Frames, drawn: Mapping[str, Drawn]
) -> None:
    own, england = (
        [
            _heights(path.get("d", ""))
            for group in svg(drawn[PANELS.name], variant).iter(f"{SVG}g")
            if "mark-line" in group.get("class", "")
            for path in group.iter(f"{SVG}path")
            if path.get("stroke") == colour
        ]
        for colour in (theme.DARK_BLUE, theme.AXIS)
    )
    panels = panels_of(PANELS, made_up.tables(frames))
    assert len(own) == len(england) == 9
    for line, values in zip([*own, *england], [*panels.regions.values(), *[panels.england] * 9], strict=True):
        assert len(line) == len(values)
        scale = _per_unit(own[0], next(iter(panels.regions.values())))
        for one, other in pairwise(range(len(values))):
            moved = (values[other].value or 0) - (values[one].value or 0)
            assert line[one] - line[other] == pytest.approx(scale * moved, abs=0.02)


def _heights(path: str) -> list[float]:
    return [float(y) for _, y in re.findall(r"([\d.]+),([\d.]+)", path)]


def _per_unit(line: list[float], values: tuple[Marked, ...]) -> float:
    """How many pixels high a unit of the values is."""
    return (line[0] - line[-1]) / ((values[-1].value or 0) - (values[0].value or 0))


@variants
def test_panels_name_first_and_last_years_the_latest_values_and_the_pandemic(
    variant: Variant, drawn: Mapping[str, Drawn]
) -> None:
    written, rows = texts(drawn[PANELS.name], variant), drawn[PANELS.name].rows
    assert written.count("2017") == written.count("2024") == 9
    for cell in rows["2024 (%)"].iloc[:9]:
        assert with_commas(cell) + "%" in written
    assert f"England {rows['2024 (%)'].iloc[-1]}% in 2024" in written
    assert "Pandemic" in written and any("pandemic" in note for note in drawn[PANELS.name].footnotes)
    assert any("Hackney" in note for note in drawn[PANELS.name].footnotes)


def test_a_symbol_leaves_a_gap_in_a_panel_and_stands_last(frames: Frames, release: Release) -> None:
    shown = draw(PANELS, made_up.tables(with_cells(frames, {"London": "x"})), release)
    assert list(shown.rows["Region"].iloc[-2:]) == ["London", "England"]
    assert shown.rows["2024 (%)"].iloc[-2] == "x" and "x" in texts(shown, WIDE)
    frame = frames["T7"].copy()
    london = (frame["geographic_level"] == REGIONAL) & (frame["region_name"] == "London")
    frame.loc[london & (frame["time_period"].isin(("2018", "2021"))), SHARE.name] = "x"
    gaps = draw(PANELS, made_up.tables({"T7": frame}), release)
    before, after = (
        [p.get("d", "") for p in svg(d, WIDE).iter(f"{SVG}path") if p.get("stroke") == theme.DARK_BLUE]
        for d in (draw(PANELS, made_up.tables(frames), release), gaps)
    )
    assert len(after) == len(before) + 2  # 2017 is a point, and two runs are left of the one line


def test_panels_show_the_last_years_alone_if_so_declared(frames: Frames) -> None:
    assert isinstance(PANELS.shows, AreaSeries)
    panels = panels_of(replace(PANELS, shows=replace(PANELS.shows, last=3)), made_up.tables(frames))
    assert panels.years == (2022, 2023, 2024)
    assert all([marked.year for marked in values] == [2022, 2023, 2024] for values in panels.all.values())
    assert "Inner London" not in panels.regions and len(panels.regions) == 9


# Refusals

ABOVE = Condition(lambda values: True, "it is so", ("Re-referral rate",))
OF = {"Re-referral rate": SHARE}
TWO = {**OF, "Referral rate": made_up.RATE}


@pytest.mark.parametrize(
    ("chart", "changes", "message"),
    [
        (MAP, {"mark": "bar"}, "references of the kind Figure"),
        (MAP, {"shows": PANELS.shows}, "references of the kind Areas"),
        (PANELS, {"shows": MAP.shows}, "references of the kind AreaSeries"),
        (MAP, {"shows": Areas(PLACES, OF)}, "a map shows local authorities, not Regional"),
        (MAP, {"shows": Areas(PLACES, TWO, LOCAL_AUTHORITY)}, "a map shows one indicator"),
        (MAP, {"shows": Areas(PLACES, OF, LOCAL_AUTHORITY, highest=3)}, "a map shows every authority"),
        (MAP, {"shows": Areas(PLACES, OF, LOCAL_AUTHORITY, lowest=3)}, "a map shows every authority"),
        (MAP, {"shows": Areas(PLACES, OF, LOCAL_AUTHORITY, where=(ABOVE,))}, "a map shows every authority"),
        (MAP, {"order": "difference"}, "only dots are put in an order"),
        (MAP, {"groups": made_up.GROUPS}, "only a scatter has groups"),
        (PANELS, {"order": "difference"}, "only dots are put in an order"),
        (SCATTER, {"groups": {}}, "a scatter shows two indicators, or three"),
        (PLAIN_SCATTER, {"groups": made_up.GROUPS}, "a scatter shows two indicators, or three"),
        (SCATTER, {"groups": {"1": "1"}}, "two to five groups"),
        (SCATTER, {"groups": {"1": "1", "2": "1"}}, "two to five groups"),
        (SCATTER, {"groups": {str(n): str(n) for n in range(6)}}, "two to five groups"),
    ],
)
def test_a_chart_that_cannot_be_read_is_refused_where_it_is_declared(
    chart: Chart, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        replace(chart, **changes)  # type: ignore[arg-type]


@charts
def test_nothing_is_set_beside_areas(chart: Chart) -> None:
    with pytest.raises(DeclarationError, match="has no place for 'All pupils'"):
        replace(chart, beside=(Beside("All pupils", (Comparator("pupils"),)),))
