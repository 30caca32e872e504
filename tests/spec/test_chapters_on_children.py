"""The sentences and charts on sources and needs, durations and characteristics, against figures like those published
and figures that are not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import made_up_children as made_up
import made_up_release
from rereferrals import reference
from rereferrals.chart_model import Cells, Chart
from rereferrals.commentary import characteristics, durations, referrals
from rereferrals.commentary.characteristics import ASIAN, WHITE
from rereferrals.commentary.durations import HALF_YEAR, SHORT, YEAR
from rereferrals.commentary.referrals import ABUSE, FAMILY_DYSFUNCTION, HEALTH, LA_SERVICES, POLICE, SCHOOLS
from rereferrals.commentary.wording import JUDGING_WORDS
from rereferrals.datasets.referrals import A5, A6
from rereferrals.dissemination.charts import draw
from rereferrals.dissemination.claims import Tables, read, render
from rereferrals.measures.characteristics import NOT_REREFERRED, REREFERRED
from rereferrals.measures.journeys import INITIAL, LEADING, NOT_LEADING, REREFERRAL
from rereferrals.model import Claim
from rereferrals.release import Release

CHAPTERS = {"durations": durations, "characteristics": characteristics}
CLAIMS = {
    f"{chapter}.{name}": claim
    for chapter, module in CHAPTERS.items()
    for name, claim in vars(module).items()
    if isinstance(claim, Claim)
}
SOURCES_AND_NEEDS = {
    f"referrals.{name}": claim
    for name, claim in vars(referrals).items()
    if isinstance(claim, Claim) and name.startswith(("SOURCES", "NEED"))
}
CHARTS = {chart.name: chart for module in CHAPTERS.values() for chart in module.CHARTS}
CHARTS |= {chart.name: chart for chart in referrals.CHARTS if isinstance(chart.shows, Cells)}
WORDS = (
    CLAIMS
    | SOURCES_AND_NEEDS
    | {
        f"{name}.{part}": getattr(chart, part)
        for name, chart in CHARTS.items()
        for part in ("title", "subtitle", "alt")
    }
)


@pytest.fixture(scope="module")
def release() -> Release:
    return replace(Release.load(Release.latest_year()), year=made_up_release.YEAR, first_year=made_up.FIRST_YEAR)


@pytest.fixture
def tables() -> Tables:
    """Tables of what `made_up_children` holds when they are first asked for."""
    return cache(made_up_release.published)


@pytest.mark.parametrize("name", WORDS)
def test_every_sentence_holds_on_figures_like_those_published(name: str, tables: Tables, release: Release) -> None:
    said = render(WORDS[name], tables, release)
    assert said.untrue == ()
    assert "[…]" not in said.text


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_can_be_drawn(name: str, tables: Tables, release: Release) -> None:
    chart: Chart = CHARTS[name]
    drawn = draw(chart, tables, release)
    assert drawn.untrue == () and len(drawn.rows)


@pytest.mark.parametrize("name", WORDS)
def test_every_judging_word_has_a_condition_or_follows_its_figure(name: str) -> None:
    claim = WORDS[name]
    phrases = re.findall(r"\{[^}]*:([a-z]\w*)\}", claim.sentence)
    judging = JUDGING_WORDS.findall(re.sub(r"\{[^}]*\}", "", claim.sentence))
    assert not judging or claim.conditions or phrases, judging


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (referrals.SOURCES_LARGEST, "the police: nearly 3 in 10 (29%) in the year ending 31 March 2024"),
        (referrals.NEED_LARGEST, "66% of children assessed after a referral in the year ending 31 March 2024"),
        (referrals.NEED_LARGEST_DIFFERENCE, "14% of children assessed after a re-referral, compared with 10%"),
        (durations.EPISODES_BY_DURATION, "year ending 31 March 2023, 45% lasted three months or less"),
        (durations.EPISODES_BY_DURATION, "10% lasted two years or more"),
        (durations.SHORT_BY_TYPE, "42% of them lasted three months or less, compared with 47%"),
        (durations.MIDDLE_BY_TYPE, "32%, compared with 28%"),
        (characteristics.CHILDREN_BY_STATUS, "551,060 children referred in the year ending 31 March 2024, 115,550"),
        (characteristics.SEX_OF_CHILDREN, "51% were male and 47% female. Of those re-referred, 51% were male and 49%"),
        (characteristics.UNDER_ONE, "7% of all children referred, but 3% of those re-referred"),
        (characteristics.AGED_ONE_TO_FOUR, "18% of all children referred and 19% of those re-referred"),
        (characteristics.TEN_AND_OVER_OVER_TIME, "42% of children referred in the year ending 31 March 2017 to 48%"),
        (characteristics.TEN_AND_OVER_OVER_TIME, "in 2024. Among children re-referred it has risen from 43% to 51%"),
        (characteristics.WHITE_CHILDREN, "71% of children re-referred in the year ending 31 March 2024"),
        (characteristics.ASIAN_CHILDREN, "re-referred (7%) than of children who were not (10%)"),
        (characteristics.WHITE_CHILDREN_OVER_TIME, "from 66% of children referred in 2017 to 64% in 2024, and from 74"),
        (characteristics.DISABLED_CHILDREN, "6% of children re-referred in the year ending 31 March 2024, and for 5%"),
        (characteristics.MEALS, "In 2024, 62% of school-age children referred"),
        (characteristics.MEALS, "higher than the 25% of all pupils"),
        (characteristics.MEALS_EARLIER, "43% of school-age children referred were eligible, and 14% of all pupils"),
        (characteristics.MEALS_BY_STATUS, "70% of them were eligible, compared with 60%"),
        (characteristics.NEEDS, "In 2024, 36% of school-age children referred had special educational needs: 12% had"),
        (characteristics.NEEDS, "24% had support in school. That is higher than the 18% of all pupils"),
        (characteristics.NEEDS_BY_STATUS, "39% had special educational needs"),
    ],
)  # fmt: skip
def test_the_figures_of_the_published_release_are_said(
    claim: Claim, words: str, tables: Tables, release: Release
) -> None:
    assert words in render(claim, tables, release).text


@pytest.mark.parametrize(
    ("claim", "figures", "group", "changed"),
    [
        (referrals.SOURCES_LARGEST, made_up.SOURCES, NOT_LEADING, {POLICE: 100}),
        (referrals.SOURCES_LARGEST, made_up.SOURCES, NOT_LEADING, {SCHOOLS: 0}),
        (referrals.SOURCES_REREFERRAL_HIGHER, made_up.SOURCES, REREFERRAL, {POLICE: 250}),
        (referrals.SOURCES_REREFERRAL_HIGHER, made_up.SOURCES, REREFERRAL, {LA_SERVICES: 100}),
        (referrals.SOURCES_INITIAL_HIGHER, made_up.SOURCES, REREFERRAL, {SCHOOLS: 230}),
        (referrals.SOURCES_INITIAL_HIGHER, made_up.SOURCES, REREFERRAL, {HEALTH: 170}),
        (referrals.SOURCES_CHART.title, made_up.SOURCES, REREFERRAL, {POLICE: 250}),
        (referrals.NEED_LARGEST, made_up.NEEDS, NOT_LEADING, {ABUSE: 0, FAMILY_DYSFUNCTION: 900}),
        (referrals.NEED_LARGEST_DIFFERENCE, made_up.NEEDS, REREFERRAL, {FAMILY_DYSFUNCTION: 102}),
        (referrals.NEED_LARGEST_DIFFERENCE, made_up.NEEDS, REREFERRAL, {ABUSE: 500}),
        (referrals.NEEDS_CHART.title, made_up.NEEDS, REREFERRAL, {ABUSE: 500}),
        (durations.SHORT_BY_TYPE, made_up.DURATIONS, REREFERRAL, {SHORT: 471}),
        (durations.DURATION_CHART.title, made_up.DURATIONS, REREFERRAL, {SHORT: 480}),
        (durations.MIDDLE_BY_TYPE, made_up.DURATIONS, INITIAL, {HALF_YEAR: 170, YEAR: 150}),
    ],
)
def test_a_sentence_on_referrals_stops_holding_when_the_figures_change(
    claim: Claim,
    figures: dict[str, dict[str, int]],
    group: str,
    changed: Mapping[str, int],
    tables: Tables,
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(figures, group, figures[group] | dict(changed))
    assert render(claim, tables, release).untrue


_OLD, _YOUNG = made_up.AGES[REREFERRED]
_OTHERS = made_up.AGES[NOT_REREFERRED][0]
_MORE_BABIES = _YOUNG | {made_up.UNDER_ONE: 100, made_up.FIVE_TO_NINE: 195}
_FEWER_TEENAGERS = _YOUNG | {made_up.TEN_TO_FIFTEEN: 300, made_up.FIVE_TO_NINE: 380}
_EQUAL = {WHITE: 620, ASIAN: 100}
_RISEN = {WHITE: 700, ASIAN: 9}


@pytest.mark.parametrize(
    ("claim", "figures", "group", "changed"),
    [
        (characteristics.UNDER_ONE, made_up.AGES, REREFERRED, (_OLD, _MORE_BABIES)),
        (characteristics.AGE_CHART.title, made_up.AGES, REREFERRED, (_OLD, _MORE_BABIES)),
        (characteristics.TEN_AND_OVER_OVER_TIME, made_up.AGES, REREFERRED, (_OLD, _FEWER_TEENAGERS)),
        (characteristics.TEN_AND_OVER_OVER_TIME, made_up.AGES, NOT_REREFERRED, (_YOUNG, _OTHERS)),
        (characteristics.WHITE_CHILDREN, made_up.ETHNIC_GROUPS, REREFERRED, (_EQUAL, _EQUAL)),
        (characteristics.ASIAN_CHILDREN, made_up.ETHNIC_GROUPS, REREFERRED, (_EQUAL, _EQUAL)),
        (characteristics.ETHNICITY_CHART.title, made_up.ETHNIC_GROUPS, REREFERRED, (_EQUAL, _EQUAL)),
        (characteristics.WHO_IS_REREFERRED, made_up.ETHNIC_GROUPS, REREFERRED, (_EQUAL, _EQUAL)),
        (characteristics.WHITE_CHILDREN_OVER_TIME, made_up.ETHNIC_GROUPS, REREFERRED, (_EQUAL, _EQUAL)),
        (characteristics.WHITE_CHILDREN_OVER_TIME, made_up.ETHNIC_GROUPS, NOT_REREFERRED, (_EQUAL, _RISEN)),
        (characteristics.MEALS_BY_STATUS, made_up.MEALS, REREFERRED, (510, 597)),
        (characteristics.WHO_IS_REREFERRED, made_up.MEALS, REREFERRED, (510, 500)),
        (characteristics.MEALS_CHART.title, made_up.MEALS, NOT_REREFERRED, (408, 710)),
        (characteristics.NEEDS_BY_STATUS, made_up.SUPPORTED, REREFERRED, (118, 238)),
        (characteristics.WHO_IS_REREFERRED, made_up.SUPPORTED, REREFERRED, (100, 200)),
    ],
)  # fmt: skip
def test_a_sentence_on_children_stops_holding_when_the_figures_change(
    claim: Claim,
    figures: dict[str, Any],
    group: str,
    changed: Any,
    tables: Tables,
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(figures, group, changed)
    assert render(claim, tables, release).untrue


@pytest.mark.parametrize(
    "claim",
    [
        characteristics.MEALS,
        characteristics.NEEDS,
        characteristics.MEALS_CHART.title,
        characteristics.NEEDS_CHART.title,
    ],
)
@pytest.mark.parametrize("other", [{"year": 2023}, {"value": "99"}])
def test_children_are_compared_with_all_pupils_of_the_same_year_and_only_if_higher(
    claim: Claim, other: dict[str, Any], tables: Tables, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = reference.comparator
    monkeypatch.setattr(reference, "comparator", lambda name: replace(known(name), **other))
    assert render(claim, tables, release).untrue


def test_that_a_referral_is_an_initial_one_is_known_in_the_last_year_and_what_it_leads_to_is_not(
    tables: Tables,
) -> None:
    for figure in (referrals.source(POLICE, INITIAL), referrals.need(ABUSE, INITIAL)):
        assert read(figure, tables).year == made_up_release.YEAR
    for data_set, name in ((A5, "referral_type"), (A6, "re_referral")):
        cells = {row[name]: row["referrals"] for row in tables(data_set).rows if row["time_period"] == "2024"}
        assert {kind for kind, cell in cells.items() if cell == "z"} == {LEADING, NOT_LEADING}
