"""Every chart of the book keeps the Analysis Function's rules, on the made-up release; and each rule finds a fault."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

import made_up_release
from chart_rules import (
    faults_of_alternative,
    faults_of_contrast,
    faults_of_labels,
    faults_of_specification,
    faults_of_text,
)
from rereferrals.chart_model import Areas, Chart
from rereferrals.commentary.durations import CHARTS as OF_DURATIONS
from rereferrals.commentary.referrals import RATE_CHART, REFERRALS_CHART, REPEAT_CHART
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.chart_areas import areas_of
from rereferrals.dissemination.chart_map import classes_of
from rereferrals.dissemination.chart_theme import NARROW, WIDE, Variant
from rereferrals.dissemination.charts import Drawn, draw, picture_of
from rereferrals.published import PublishedTable
from rereferrals.release import Release

CHARTS = tuple(chart for charts in made_up_release.CHARTS.values() for chart in charts)
STACK = next(chart for chart in OF_DURATIONS if chart.mark == "stack")
charts = pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
variants = pytest.mark.parametrize("variant", (WIDE, NARROW), ids=lambda variant: variant.name)


@dataclass(frozen=True)
class Shown:
    """A chart as drawn, its specification at each width, and the texts that only its kind declares."""

    drawn: Drawn
    specified: Callable[[Variant], dict[str, Any]]
    declared: frozenset[str]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Shown]:
    folder = tmp_path_factory.mktemp("release")
    made_up_release.write(folder)
    tables = cache(lambda data_set: PublishedTable.read(folder, data_set))
    release, found = Release.load(made_up_release.YEAR), {}
    for chart in CHARTS:
        declared: frozenset[str] = frozenset()
        if chart.mark == "map":
            assert isinstance(chart.shows, Areas)
            (measure,) = chart.shows.indicators.values()
            declared = frozenset(each.label for each in classes_of(areas_of(chart, tables), measure))
        found[chart.name] = Shown(draw(chart, tables, release), picture_of(chart, tables).specified, declared)
    return found


def test_all_charts_of_the_book_are_tested() -> None:
    assert len(CHARTS) == len({chart.name for chart in CHARTS}) == 28


@charts
@variants
def test_everything_written_is_in_the_table_declared_or_at_a_tick(
    chart: Chart, variant: Variant, shown: Mapping[str, Shown]
) -> None:
    of = shown[chart.name]
    assert faults_of_labels(chart, of.drawn, variant, of.declared) == []


@charts
@variants
def test_text_is_large_enough_on_a_phone_and_level(chart: Chart, variant: Variant, shown: Mapping[str, Shown]) -> None:
    assert list(faults_of_text(shown[chart.name].drawn, variant)) == []


@charts
@variants
def test_text_and_marks_stand_out(chart: Chart, variant: Variant, shown: Mapping[str, Shown]) -> None:
    assert list(faults_of_contrast(shown[chart.name].drawn, variant)) == []


@charts
def test_the_alternative_text_states_the_message(chart: Chart, shown: Mapping[str, Shown]) -> None:
    drawn = shown[chart.name].drawn
    assert list(faults_of_alternative(chart, drawn.title, drawn.alt)) == []


@charts
@variants
def test_there_is_no_legend_no_second_axis_and_no_bar_that_begins_above_zero(
    chart: Chart, variant: Variant, shown: Mapping[str, Shown]
) -> None:
    of = shown[chart.name]
    assert list(faults_of_specification(chart, of.specified(variant))) == []
    picture = of.drawn.narrow if variant is NARROW else of.drawn.wide
    assert "role-legend" not in picture and "role-title" not in picture


# Faults that are planted


def _with(drawn: Drawn, old: str, new: str) -> Drawn:
    assert old in drawn.wide
    return replace(drawn, wide=drawn.wide.replace(old, new, 1))


LABELS = {
    "another number": (">621,880<", ">621,881<"),
    "a number with something after it": (">621,880<", ">621,8800<"),
    "another unit": (">621,880<", ">621,880p<"),
    "a name that is not shown": (">Re-referrals<", ">Referrals back<"),
    "an event that is not declared": (">Pandemic<", ">Strike<"),
}


@pytest.mark.parametrize("case", LABELS)
def test_a_label_that_the_table_does_not_hold_is_found(case: str, shown: Mapping[str, Shown]) -> None:
    drawn = _with(shown[REFERRALS_CHART.name].drawn, *LABELS[case])
    assert len(faults_of_labels(REFERRALS_CHART, drawn, WIDE)) == 1


def test_a_class_that_a_map_does_not_have_is_found(shown: Mapping[str, Shown]) -> None:
    chart = next(chart for chart in CHARTS if chart.mark == "map")
    of = shown[chart.name]
    label = min(of.declared, key=of.drawn.wide.index)
    other = _with(of.drawn, f">{label}<", ">1.23% to 4.56%<")
    assert len(faults_of_labels(chart, other, WIDE, of.declared)) == 1


def test_small_and_turned_text_is_found(shown: Mapping[str, Shown]) -> None:
    drawn = shown[REFERRALS_CHART.name].drawn
    assert len(list(faults_of_text(_with(drawn, 'font-size="16px"', 'font-size="11px"'), WIDE))) == 1
    turned = _with(drawn, '<text text-anchor="middle" transform="', '<text text-anchor="middle" transform="rotate(90) ')
    assert len(list(faults_of_text(turned, WIDE))) == 1
    wide = replace(drawn, narrow=drawn.wide)
    assert list(faults_of_text(wide, NARROW)), "a wide picture on a phone is shrunk"


def _first_text_in(drawn: Drawn, colour: str) -> Drawn:
    return replace(drawn, wide=re.sub(r'(<text [^>]*fill=")#0B0C0C', rf"\g<1>{colour}", drawn.wide, count=1))


def test_text_that_does_not_stand_out_is_found(shown: Mapping[str, Shown]) -> None:
    (fault,) = faults_of_contrast(_first_text_in(shown[REFERRALS_CHART.name].drawn, theme.ORANGE), WIDE)
    assert f"in {theme.ORANGE} on #FFFFFF" in fault
    stack = shown[STACK.name].drawn
    white = re.compile(r'(<text [^>]*fill=")#FFFFFF')
    dark_on_dark = replace(stack, wide=white.sub(rf"\g<1>{theme.TEXT}", stack.wide, count=1))
    (fault,) = faults_of_contrast(dark_on_dark, WIDE)
    assert fault.rpartition(" on ")[2] in theme.SEQUENCE[3:]


@pytest.mark.parametrize(
    ("chart", "old", "new"),
    [
        (REFERRALS_CHART, f'stroke="{theme.ORANGE}"', 'stroke="#BFBFBF"'),
        (REPEAT_CHART, f'fill="{theme.DARK_BLUE}"', f'fill="{theme.SEQUENCE[0]}"'),
        (REPEAT_CHART, f'fill="{theme.DARK_BLUE}"', f'fill="{theme.DARK_BLUE}" opacity="0.4"'),
    ],
    ids=["a pale line", "a pale bar", "a bar almost transparent"],
)
def test_a_mark_that_does_not_stand_out_is_found(chart: Chart, old: str, new: str, shown: Mapping[str, Shown]) -> None:
    (fault,) = faults_of_contrast(_with(shown[chart.name].drawn, old, new), WIDE)
    assert "draws a mark in" in fault


def test_an_outline_makes_a_pale_mark_stand_out(shown: Mapping[str, Shown]) -> None:
    stack = shown[STACK.name].drawn
    bare = replace(stack, wide=stack.wide.replace(f'stroke="{theme.OUTLINE}"', ""))
    assert {fault.partition(",")[0] for fault in faults_of_contrast(bare, WIDE)} >= {
        f"wide draws a mark in {theme.SEQUENCE[0]}"
    }


@pytest.mark.parametrize(
    "alternative",
    [
        "Line chart.",
        "Line chart: " + "the re-referral rate was 22% of referrals, as in 2017; " * 5,
        "Chart of the re-referral rate, which is about 22% of referrals as in 2017",
        "Line chart of the percentage by year in England",
        "Line chart: the re-referral rate is the same share of referrals as ever",
    ],
    ids=["too short", "too long", "chart of", "no message", "no number"],
)
def test_an_alternative_text_that_does_not_state_the_message_is_found(
    alternative: str, shown: Mapping[str, Shown]
) -> None:
    assert list(faults_of_alternative(RATE_CHART, shown[RATE_CHART.name].drawn.title, alternative))


def _encodings(specification: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (layer["encoding"] for layer in specification["layer"])


def _add_legend(specification: dict[str, Any]) -> None:
    for encoding in _encodings(specification):
        if "color" in encoding:
            encoding["color"].pop("legend")


def _add_axis(specification: dict[str, Any]) -> None:
    specification["resolve"] = {"scale": {"y": "independent"}}


def _second_scale(specification: dict[str, Any]) -> None:
    last = next(encoding for encoding in reversed(list(_encodings(specification))) if "scale" in encoding.get("y", {}))
    last["y"]["scale"] = {"zero": True, "domain": [0, 7]}


def _without_zero(specification: dict[str, Any]) -> None:
    for encoding in _encodings(specification):
        if encoding.get("x", {}).get("type") == "quantitative":
            encoding["x"]["scale"] = encoding["x"]["scale"] | {"zero": False}


def _from_fifty(specification: dict[str, Any]) -> None:
    for encoding in _encodings(specification):
        if encoding.get("x", {}).get("type") == "quantitative":
            encoding["x"]["scale"] = {"zero": True, "domain": [50, 100]}


def _shifted(specification: dict[str, Any]) -> None:
    for rows in specification["datasets"].values():
        for row in rows:
            if row.get("x") == 0 and "x2" in row:
                row["x"] = 5


@pytest.mark.parametrize(
    ("chart", "plant", "fault"),
    [
        (REFERRALS_CHART, _add_legend, "has a legend of color"),
        (REFERRALS_CHART, _add_axis, "has scales that are resolved apart"),
        (REFERRALS_CHART, _second_scale, "has 2 scales along y"),
        (REPEAT_CHART, _without_zero, "has bars on a scale that does not begin at zero"),
        (REPEAT_CHART, _from_fifty, "has bars on a scale that does not begin at zero"),
        (STACK, _from_fifty, "has bars on a scale that does not begin at zero"),
        (STACK, _shifted, "has a bar that does not begin at zero"),
        (REFERRALS_CHART, lambda specification: specification.update(title="Referrals"), "has a title"),
    ],
    ids=lambda part: getattr(part, "__name__", None) or getattr(part, "name", None),
)
@variants
def test_a_legend_a_second_axis_and_a_bar_from_elsewhere_are_found(
    chart: Chart, plant: Callable[[dict[str, Any]], None], fault: str, variant: Variant, shown: Mapping[str, Shown]
) -> None:
    specification = copy.deepcopy(shown[chart.name].specified(variant))
    plant(specification)
    assert fault in set(faults_of_specification(chart, specification))
