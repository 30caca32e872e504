"""The sentences and charts of the chapters on factors, journeys and child protection, against figures like those
published and figures that are not."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from types import ModuleType

import pytest

import made_up_release
import made_up_shares
from made_up_shares import SHARES
from rereferrals.chart_model import Chart
from rereferrals.commentary import child_protection, factors, journeys
from rereferrals.commentary.wording import JUDGING_WORDS, among, higher_than
from rereferrals.dissemination.chart_cells import grid_of
from rereferrals.dissemination.charts import draw
from rereferrals.dissemination.claims import Tables, read, render
from rereferrals.errors import QualityError
from rereferrals.measures.journeys import LEADING, LEVELS, NOT_LEADING, REREFERRAL
from rereferrals.model import Claim, DeclarationError
from rereferrals.release import Release

CHAPTERS = (factors, journeys, child_protection)
NO_ACTION, NOT_IN_NEED, _, ENQUIRY, _, PLAN, LOOKED_AFTER = LEVELS


def _of(chapter: ModuleType, kind: type) -> dict[str, object]:
    return {
        f"{chapter.__name__.rpartition('.')[2]}.{n}": value for n, value in vars(chapter).items() if type(value) is kind
    }


CLAIMS = {name: claim for chapter in CHAPTERS for name, claim in _of(chapter, Claim).items()}
CHARTS = {name: chart for chapter in CHAPTERS for name, chart in _of(chapter, Chart).items()}
WORDS = CLAIMS | {
    f"{name}.{part}": getattr(chart, part) for name, chart in CHARTS.items() for part in ("title", "subtitle", "alt")
}


@pytest.fixture(scope="module")
def release() -> Release:
    return replace(Release.load(Release.latest_year()), year=made_up_release.YEAR, first_year=2017)


@pytest.fixture
def tables() -> Tables:
    """Tables of what `made_up_shares` holds when they are first asked for."""
    return cache(made_up_release.published)


@pytest.mark.parametrize("name", WORDS)
def test_every_sentence_holds_on_figures_like_those_published(name: str, tables: Tables, release: Release) -> None:
    said = render(WORDS[name], tables, release)
    assert said.untrue == ()
    assert "[…]" not in said.text


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_can_be_drawn(name: str, tables: Tables, release: Release) -> None:
    drawn = draw(CHARTS[name], tables, release)
    assert drawn.untrue == () and len(drawn.rows)


@pytest.mark.parametrize("name", WORDS)
def test_every_judging_word_has_a_condition_or_follows_its_figure(name: str) -> None:
    claim = WORDS[name]
    phrases = re.findall(r"\{[^}]*:([a-z]\w*)\}", claim.sentence)
    judging = JUDGING_WORDS.findall(re.sub(r"\{[^}]*\}", "", claim.sentence))
    assert not judging or claim.conditions or phrases, judging


def test_the_figures_of_the_published_release_are_said(tables: Tables, release: Release) -> None:
    said = {name.partition(".")[2]: render(claim, tables, release).text for name, claim in CLAIMS.items()}
    for name, words in {
        "DRUG_SHARES": "17% of all initial referrals and 21% of re-referrals",
        "GANG_SHARES": "(3.1%) than of initial referrals that led to a re-referral (2.1%) or did not (1.8%)",
        "GANG_RATE": "9,740 referrals in the year ending 31 March 2023. Of these, 3,250 (33%) were re-referrals",
        "RATES_OVER": "going or being missing, gangs and child criminal exploitation",
        "RATES_UNDER": "sexual abuse, female genital mutilation and abuse linked to faith or belief",
        "LESS_COMMON": "learning disability, physical disability or illness, physical abuse and sexual abuse",
        "NEGLECT_PATTERN": "neglect was a factor in 11% and 15%",
        "SUBJECT_IN_FIVE_YEARS": "One in 39 children aged sixteen or under on 31 March 2024",
        "NOT_ACTIVE_AT_END": "237,370 no longer had an active plan on that day",
        "PLANS_BY_TYPE": "11% led to a child protection plan, against 8%",
        "FIRST_YEAR": "In the year ending 31 March 2017",
    }.items():
        assert words in said[name], said[name]


@pytest.mark.parametrize("factor", [factors.DRUGS, factors.ALCOHOL, factors.MENTAL_HEALTH])
def test_the_pattern_of_drug_misuse_needs_each_factor_most_common_in_rereferrals(
    factor: str, tables: Tables, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SHARES, factor, (20, 22, 22))
    assert render(factors.DRUG_PATTERN, tables, release).untrue


@pytest.mark.parametrize("factor", [factors.NEGLECT, factors.EMOTIONAL_ABUSE])
@pytest.mark.parametrize("shares", [(15, 15, 20), (20, 11, 20), (15, 20, 18)])
def test_the_pattern_of_neglect_needs_re_referrals_highest_and_leading_ones_lowest(
    factor: str, shares: tuple[float, float, float], tables: Tables, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SHARES, factor, shares)
    assert render(factors.NEGLECT_PATTERN, tables, release).untrue


@pytest.mark.parametrize(
    "factor",
    [factors.SEXUAL_ABUSE, factors.PHYSICAL_DISABILITY, factors.LEARNING_DISABILITY, factors.PHYSICAL_ABUSE],
)
def test_a_factor_that_is_not_less_common_is_not_named_as_such(
    factor: str, tables: Tables, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SHARES, factor, (10, 9, 10.1))
    said = render(factors.LESS_COMMON, tables, release)
    assert said.untrue and factors.NAMES[factor].lower() not in said.text.lower()


@pytest.mark.parametrize(
    ("claim", "factor", "rate"),
    [(factors.RATES_OVER, f, 30_000) for f in (factors.GANGS, factors.EXPLOITATION, factors.MISSING)]
    + [(factors.RATES_UNDER, f, 20_000) for f in (factors.FAITH, factors.SEXUAL_ABUSE, factors.FGM)],
)
def test_a_rate_at_the_bound_is_neither_over_nor_under_it(
    claim: Claim, factor: str, rate: int, tables: Tables, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(made_up_shares.RATES, factor, (100_000, rate))
    assert render(claim, tables, release).untrue


@pytest.mark.parametrize(
    ("claim", "referral_type", "levels"),
    [
        (journeys.BEYOND_IN_NEED, NOT_LEADING, (100, 100, 400, 250, 10, 80, 60)),
        (journeys.LOW_LEVELS_LEAD, LEADING, (170, 270, 351, 150, 9, 30, 20)),
        (journeys.LOW_LEVELS_LEAD, LEADING, (210, 200, 381, 150, 9, 30, 20)),
        (journeys.ENQUIRY_SELDOM_REREFERRED, LEADING, (110, 170, 311, 350, 9, 30, 20)),
        (journeys.REREFERRAL_HIGHER, REREFERRAL, (150, 180, 330, 170, 10, 110, 50)),
        (journeys.REREFERRAL_HIGHER, REREFERRAL, (150, 180, 360, 190, 10, 60, 50)),
        (journeys.REREFERRAL_HIGHER, REREFERRAL, (150, 180, 330, 190, 10, 110, 30)),
        (journeys.PLANS_BY_TYPE, REREFERRAL, (150, 180, 350, 190, 10, 70, 50)),
        (journeys.LEVELS_CHART.title, LEADING, (210, 200, 381, 150, 9, 30, 20)),
    ],
)
def test_a_sentence_on_journeys_stops_holding_when_the_levels_change(
    claim: Claim,
    referral_type: str,
    levels: tuple[int, ...],
    tables: Tables,
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(made_up_shares.PER_THOUSAND, referral_type, levels)
    assert render(claim, tables, release).untrue


def test_initial_referrals_and_re_referrals_are_compared_in_one_year(tables: Tables) -> None:
    # those of an initial referral are known a year later than re-referrals are
    assert {read(journeys.share(PLAN, kind), tables).year for kind in (NOT_LEADING, LEADING, REREFERRAL)} == {2023}


def test_factors_are_grouped_by_their_figures(
    tables: Tables, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n, shares in enumerate([(5, 4.1, 6), (5, 4, 6), (5, 3.9, 6), (5, 6, 7), (5, 4, 5), (5, 4, 4.9), (5, 6, 6)]):
        monkeypatch.setitem(SHARES, list(factors.NAMES)[n + 6], shares)
    groups = {
        name: set(read(factors.with_pattern(*pattern), tables).rows)
        for name, pattern in {
            "level": factors.NO_RARER_BEFORE, "rarer": factors.RARER_BEFORE, "less": factors.IN_REFERRALS_NOT_LEADING,
        }.items()
    }  # fmt: skip
    names = list(factors.NAMES.values())[6:13]
    told = [next((group for group, members in groups.items() if name in members), "") for name in names]
    assert told == ["level", "level", "rarer", "level", "", "less", ""]


def test_a_row_with_a_symbol_shows_no_pattern(tables: Tables) -> None:
    cells = replace(factors.with_pattern(*factors.IN_REREFERRALS), year=2021)
    assert factors.NAMES[factors.EXPLOITATION] not in read(cells, tables).rows  # it was not collected before 2022


def test_a_pattern_that_no_factor_shows_can_be_neither_said_nor_drawn(
    tables: Tables, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    for factor, shares in SHARES.items():
        monkeypatch.setitem(SHARES, factor, (shares[0], shares[0], shares[0] + 1))
    assert "no row that shows this pattern" in render(factors.LESS_COMMON, tables, release).untrue[0]
    with pytest.raises(QualityError, match="no row of D1 shows its pattern"):
        draw(factors.LESS_COMMON_CHART, tables, release)


def test_a_chart_of_chosen_rows_is_drawn_to_their_scale(tables: Tables) -> None:
    grid = grid_of(factors.RARER_BEFORE_CHART, tables)
    assert grid.rows == ("Emotional abuse", "Neglect")
    assert grid.highest == 25  # mental health, which is not among them, stands at 46


def test_rows_are_chosen_by_columns_that_are_there() -> None:
    with pytest.raises(DeclarationError, match="columns that are not there: \\['Elsewhere'\\]"):
        factors.with_pattern(higher_than("Re-referrals", "Elsewhere"))


def test_what_is_among_rows_is_all_there(tables: Tables) -> None:
    values = {"factors": read(factors.with_pattern(*factors.RARER_BEFORE), tables)}
    assert among("factors", "Neglect").holds(values)
    assert not among("factors", "Neglect", "Gangs").holds(values)
