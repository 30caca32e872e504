"""Charts follow the Government Analysis Function's guidance, and show published values and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

import made_up_release
from rereferrals.chart_model import Chart
from rereferrals.commentary.referrals import COHORT_CHART, RATE_CHART, REFERRALS_CHART, REPEAT_CHART
from rereferrals.datasets.referrals import A1, A2, A3
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.chart_theme import NARROW, WIDE, Variant
from rereferrals.dissemination.charts import Drawn, draw, points_of, specification, to_svg
from rereferrals.dissemination.claims import Tables
from rereferrals.dissemination.text import with_commas
from rereferrals.errors import QualityError
from rereferrals.measures.referrals import CHILDREN_SHARE, REFERRALS, REREFERRAL_RATE
from rereferrals.model import Claim, DeclarationError
from rereferrals.published import PublishedTable
from rereferrals.release import Release

SVG = "{http://www.w3.org/2000/svg}"
VARIANTS = (WIDE, NARROW)
#: Lines and bars; what else is drawn has tests of its own.
CHARTS = (REFERRALS_CHART, RATE_CHART, REPEAT_CHART, COHORT_CHART)
charts = pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
variants = pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)


@pytest.fixture(scope="module")
def release() -> Release:
    return replace(Release.load(Release.latest_year()), year=2024, first_year=2017)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("release")
    made_up_release.write(folder)
    return lambda data_set: PublishedTable.read(folder, data_set)


@pytest.fixture(scope="module")
def drawn(tables: Tables, release: Release) -> Mapping[str, Drawn]:
    return {chart.name: draw(chart, tables, release) for chart in CHARTS}


def spec(chart: Chart, tables: Tables, variant: Variant) -> dict[str, Any]:
    return specification(chart, points_of(chart, tables), variant)


def svg(drawn: Drawn, variant: Variant) -> ElementTree.Element:
    return ElementTree.fromstring(drawn.wide if variant is WIDE else drawn.narrow)


def dictionaries(node: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a specification."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from dictionaries(value)
    elif isinstance(node, list):
        for value in node:
            yield from dictionaries(value)


@charts
@variants
def test_the_picture_has_no_title_and_no_legend(
    chart: Chart, variant: Variant, tables: Tables, drawn: Mapping[str, Drawn]
) -> None:
    specified = spec(chart, tables, variant)
    assert "title" not in specified and "title" not in specified["config"]
    assert all(found["color"].get("legend", "shown") is None for found in dictionaries(specified) if _coloured(found))
    picture = drawn[chart.name].wide if variant is WIDE else drawn[chart.name].narrow
    assert "role-legend" not in picture and "role-title" not in picture


@charts
@variants
def test_axes_start_at_zero_with_horizontal_text_and_a_title(chart: Chart, variant: Variant, tables: Tables) -> None:
    specified = spec(chart, tables, variant)
    assert specified["config"]["axis"]["labelAngle"] == 0
    values = [f for f in dictionaries(specified) if f.get("type") == "quantitative" and "title" in f]
    assert values
    for encoding in values:
        assert encoding["scale"]["zero"] is True
        assert encoding["title"] == chart.value_title
        assert encoding["axis"].get("titleAngle", 0) == 0
    assert not any(f.get("resolve") for f in dictionaries(specified))  # so no second axis


@charts
@variants
def test_no_text_of_the_picture_is_turned(chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    turned = [t for t in svg(drawn[chart.name], variant).iter(f"{SVG}text") if "rotate" in t.get("transform", "")]
    assert not turned


@charts
@variants
def test_text_is_large_dark_and_arial(chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    texts = list(svg(drawn[chart.name], variant).iter(f"{SVG}text"))
    assert texts
    for text in texts:
        assert float(text.get("font-size", "0px").removesuffix("px")) >= 14
        assert text.get("fill") == theme.TEXT
        assert text.get("font-family", "").startswith("Arial")


@charts
@variants
def test_a_picture_is_drawn_at_the_size_it_is_shown(chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    root = svg(drawn[chart.name], variant)
    assert float(root.get("width", "0")) <= variant.max_width
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


@charts
@variants
def test_only_colours_of_the_theme_are_used_and_marks_stand_out(
    chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]
) -> None:
    root = svg(drawn[chart.name], variant)
    used = {
        value.upper()
        for node in root.iter()
        for value in (node.get("fill"), node.get("stroke"))
        if value and value not in ("none", "transparent")
    }
    marks = {theme.COLOURS[label] for label in chart.shows}
    assert used <= {theme.TEXT, theme.BACKGROUND, theme.GRID, theme.AXIS, *marks}
    for colour in marks:
        assert contrast(colour, theme.BACKGROUND) >= 3
    ordered = list(dict.fromkeys(theme.COLOURS[label] for label in chart.shows))
    for colour, neighbour in pairwise(ordered):
        assert contrast(colour, neighbour) >= 3


@charts
@variants
def test_the_ground_is_white(chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    ground = svg(drawn[chart.name], variant).find(f"{SVG}rect")
    assert ground is not None and ground.get("fill") == theme.BACKGROUND


@charts
@variants
def test_everything_shown_is_labelled_in_the_picture(
    chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]
) -> None:
    said = {line for node in svg(drawn[chart.name], variant).iter() for line in (node.text or "").splitlines()}
    assert len(chart.shows) == 1 or set(chart.shows) <= said


@charts
@variants
def test_every_number_in_a_picture_is_on_an_axis_or_in_the_table(
    chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]
) -> None:
    table = {with_commas(cell) for cell in drawn[chart.name].rows.to_numpy().ravel()}
    root = svg(drawn[chart.name], variant)
    on_axes = {text for axis in root.iter() if "role-axis" in axis.get("class", "") for text in axis.iter(f"{SVG}text")}
    labels = [line for text in set(root.iter(f"{SVG}text")) - on_axes for line in text.itertext()]
    numbers = {label.removesuffix("%") for label in labels if re.fullmatch(r"[\d.,]+%?", label)}
    assert numbers <= table
    assert numbers or variant is NARROW


@charts
@variants
def test_a_specification_holds_what_is_plotted_and_nothing_else(chart: Chart, variant: Variant, tables: Tables) -> None:
    rows = [row for data in spec(chart, tables, variant)["datasets"].values() for row in data]
    assert {column for row in rows for column in row} <= {"label", "year", "value", "text", "from", "to", "middle"}
    shown = points_of(chart, tables)
    assert {row["value"] for row in rows if "value" in row} <= {float(text) for text in shown["published"]}


@charts
def test_the_table_holds_every_value_as_published(chart: Chart, tables: Tables, drawn: Mapping[str, Drawn]) -> None:
    rows, points = drawn[chart.name].rows, points_of(chart, tables)
    assert rows.columns[0] == chart.category_title
    cells = [cell for cell in rows.iloc[:, 1:].to_numpy().ravel() if cell != "z"]
    assert sorted(cells) == sorted(points["published"])
    assert all(isinstance(cell, str) for cell in rows.to_numpy().ravel())


@charts
def test_words_stand_beside_the_picture_and_say_something(chart: Chart, drawn: Mapping[str, Drawn]) -> None:
    shown = drawn[chart.name]
    assert 20 <= len(shown.alt) <= 250
    assert "chart of" not in shown.alt.lower()
    assert shown.alt.startswith({"line": "Line chart", "bar": "Bar chart"}[chart.mark])
    assert shown.title != shown.subtitle and "England" in shown.subtitle and "31 March" in shown.subtitle
    assert shown.untrue == ()
    for text in (shown.title, shown.subtitle, shown.alt):
        assert text not in shown.wide


@charts
def test_drawing_twice_gives_the_same_bytes(
    chart: Chart, tables: Tables, release: Release, drawn: Mapping[str, Drawn]
) -> None:
    again, first = draw(chart, tables, release), drawn[chart.name]
    assert (again.wide, again.narrow) == (first.wide, first.narrow)


@charts
def test_every_category_has_one_colour_from_one_dictionary(chart: Chart) -> None:
    assert set(chart.shows) <= set(theme.COLOURS)
    assert len(chart.shows) <= 4


def test_the_pandemic_is_marked_where_years_saw_it_and_only_there(drawn: Mapping[str, Drawn]) -> None:
    for chart in (REFERRALS_CHART, RATE_CHART, COHORT_CHART):
        assert "Pandemic" in drawn[chart.name].wide and "Pandemic" in drawn[chart.name].narrow
        assert any("pandemic" in note for note in drawn[chart.name].footnotes)
    assert "Pandemic" not in drawn[REPEAT_CHART.name].wide
    assert not any("pandemic" in note for note in drawn[REPEAT_CHART.name].footnotes)


def test_unusable_returns_are_noted_in_their_years_and_for_their_measures(drawn: Mapping[str, Drawn]) -> None:
    (hackney,) = (note for note in drawn[REFERRALS_CHART.name].footnotes if "Hackney" in note)
    assert hackney.startswith("Years ending 31 March 2021 and 2022: Hackney made no return")
    assert any("Dorset" in note for note in drawn[RATE_CHART.name].footnotes)
    latest = " ".join(drawn[REPEAT_CHART.name].footnotes)
    assert "Hampshire" in latest and "Hackney" not in latest and "Dorset" not in latest
    assert "Herefordshire" not in latest  # its own figures are in the totals


def test_a_longitudinal_figure_says_that_returns_are_taken_as_they_are(drawn: Mapping[str, Drawn]) -> None:
    (hackney,) = (note for note in drawn[COHORT_CHART.name].footnotes if "Hackney" in note)
    assert hackney.endswith("These figures use its returns as they are.")
    assert not any("Totals" in note for note in drawn[COHORT_CHART.name].footnotes)


def test_a_symbol_leaves_a_gap_in_the_line_and_stands_in_the_table(tables: Tables, release: Release) -> None:
    frame = tables(A1).frame.copy()
    frame.loc[frame["time_period"] == "2019", "referral_count"] = "x"
    gap = draw(REFERRALS_CHART, lambda data_set: PublishedTable(data_set, frame), release)
    assert gap.rows.set_index("Year ending 31 March").loc["2019", "All referrals"] == "x"
    blue = [p.get("d", "") for p in svg(gap, WIDE).iter(f"{SVG}path") if p.get("stroke") == theme.DARK_BLUE]
    assert max(path.count("M") for path in blue) == 2
    assert gap.untrue


def test_a_year_beyond_a_line_is_not_applicable_in_the_table(drawn: Mapping[str, Drawn]) -> None:
    rows = drawn[COHORT_CHART.name].rows.set_index("Year of initial referral, ending 31 March")
    assert list(rows.loc["2023"]) == ["24.1", "z", "z"]


def test_a_label_cannot_smuggle_markup_into_the_picture(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    label = "<script>alert(1)</script>"
    monkeypatch.setitem(theme.COLOURS, label, theme.DARK_BLUE)
    sly = replace(REPEAT_CHART, shows={label: next(iter(REPEAT_CHART.shows.values()))})
    picture = to_svg(spec(sly, tables, WIDE))
    assert "<script" not in picture
    assert ElementTree.fromstring(picture) is not None


@pytest.mark.parametrize("alt", ["Short {rate}.", "Line chart: {rate}." + " and so on" * 30])
def test_an_alternative_text_too_short_or_too_long_to_help_is_refused(
    alt: str, tables: Tables, release: Release
) -> None:
    chart = replace(RATE_CHART, alt=Claim(alt, rate=A1.cell(REREFERRAL_RATE)))
    with pytest.raises(QualityError, match="the alternative text has"):
        draw(chart, tables, release)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"alt": None}, "no alternative text"),
        ({"alt": "A line chart with a message"}, "no alternative text"),
        ({"title": "Referrals"}, "are Claims"),
        ({"mark": "pie"}, "no mark 'pie'"),
        ({"name": "Two words"}, "not snake_case"),
        ({"mark": "bar"}, "references of the kind Figure"),
        ({"shows": {}}, "references of the kind Series"),
        ({"shows": {str(n): A1.series(REFERRALS) for n in range(5)}}, "more than four lines"),
        (
            {"shows": {"a": A1.series(REFERRALS), "b": A2.series(CHILDREN_SHARE)}},
            "mixes data sets",
        ),
    ],
)
def test_a_chart_that_cannot_be_read_is_refused_where_it_is_declared(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        replace(REFERRALS_CHART, **changes)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _coloured(encoding: dict[str, Any]) -> bool:
    return isinstance(encoding.get("color"), dict) and "field" in encoding["color"]


def test_a_release_too_short_for_a_line_draws_the_others(tables: Tables, release: Release) -> None:
    frame = tables(A3).frame
    short = frame[(frame["time_period"].astype(int) > 2021)]
    shown = draw(COHORT_CHART, lambda data_set: PublishedTable(data_set, short), release)
    assert "Within 1 year" in shown.wide and "Within 5 years" not in shown.wide
    assert list(shown.rows.iloc[0]) == ["2022", "24.1", "z", "z"]
    assert shown.untrue
    with pytest.raises(QualityError, match="has nothing to draw"):
        draw(COHORT_CHART, lambda data_set: PublishedTable(data_set, frame.head(0)), release)
