"""What the chapter on inspections of local authorities says and draws."""

from collections.abc import Mapping

from rereferrals.chart_model import Cells, Chart
from rereferrals.commentary.wording import above, below, highest_of
from rereferrals.datasets.ofsted import F2, G1, G1_CHANGES
from rereferrals.measures.ofsted import (
    ABOVE_ENGLAND,
    ABOVE_ENGLAND_LOWER,
    ABOVE_ENGLAND_P,
    ABOVE_ENGLAND_UPPER,
    ALL_AVAILABLE,
    AROUND_INSPECTION,
    AROUND_JUDGEMENT,
    CHANGE,
    CHANGE_LOWER,
    CHANGE_UPPER,
    GOOD,
    INADEQUATE,
    INSPECTIONS,
    JUDGEMENT,
    MEDIAN,
    OUTSTANDING,
    REQUIRES_IMPROVEMENT,
    YEARS_SINCE,
)
from rereferrals.model import Claim, Estimate, Figure

_BEFORE = {-3: "three", -2: "two", -1: "one"}
OTHERS = {"outstanding": OUTSTANDING, "good": GOOD, "inadequate": INADEQUATE}


def _around(judgement: str, year: int, indicator: Estimate = MEDIAN) -> Figure:
    """A figure of the inspections with a judgement, in a year counted from that of the inspection."""
    return G1.cell(
        indicator,
        ofsted_judgement=judgement,
        years_since_inspection=AROUND_INSPECTION[year],
        inspections_covered=ALL_AVAILABLE,
    )


def _against_england(judgement: str, year: int) -> Mapping[str, Figure]:
    return {
        "difference": _around(judgement, year, ABOVE_ENGLAND),
        "low": _around(judgement, year, ABOVE_ENGLAND_LOWER),
        "high": _around(judgement, year, ABOVE_ENGLAND_UPPER),
    }


def _change(judgement: str) -> Mapping[str, Figure]:
    cells = {"change": CHANGE, "low": CHANGE_LOWER, "high": CHANGE_UPPER, "inspections": INSPECTIONS}
    return {name: G1_CHANGES.cell(indicator, ofsted_judgement=judgement) for name, indicator in cells.items()}


# Before and after inspections

OUTSTANDING_BEFORE = Claim(
    "Local authorities that were then judged outstanding had a lower percentage of re-referrals than England in each "
    "of the three years before. In the year before the inspection their median difference from England was "
    "{difference} percentage points (95% interval: {low} to {high}).",
    **_against_england(OUTSTANDING, -1),
    **{f"{name}_high": _around(OUTSTANDING, year, ABOVE_ENGLAND_UPPER) for year, name in _BEFORE.items() if year != -1},
    true_if=(below("high", 0), below("two_high", 0), below("three_high", 0)),
)
IMPROVEMENT_BEFORE = Claim(
    "Of the four judgements, it is those found to require improvement that had the highest median in each of the three "
    "years before: {three}%, {two}% and {one}%.",
    **{name: _around(REQUIRES_IMPROVEMENT, year) for year, name in _BEFORE.items()},
    **{
        f"{name}_{other}": _around(judgement, year)
        for year, name in _BEFORE.items()
        for other, judgement in OTHERS.items()
    },
    true_if=tuple(highest_of(name, *(f"{name}_{other}" for other in OTHERS)) for name in _BEFORE.values()),
)
IMPROVEMENT_AGAINST_ENGLAND = Claim(
    "Against England in the same years that is not high: in the year before the inspection the median difference was "
    "{difference} percentage points (95% interval: {low} to {high}).",
    **_against_england(REQUIRES_IMPROVEMENT, -1),
    true_if=below("low", 0),
)
INADEQUATE_AFTER = Claim(
    "Around an inspection that finds a local authority inadequate, its percentage of re-referrals rises against that "
    "of England: by a median of {change} percentage points from the years before to the years after (95% interval: "
    "{low} to {high}; {inspections} inspections).",
    **_change(INADEQUATE),
    true_if=above("low", 0),
)
INADEQUATE_OVER_YEARS = Claim(
    "Their median difference from England was {before} percentage points three years before the inspection, {at} in "
    "its year, {after} one year after, and {later} three years after.",
    before=_around(INADEQUATE, -3, ABOVE_ENGLAND),
    at=_around(INADEQUATE, 0, ABOVE_ENGLAND),
    after=_around(INADEQUATE, 1, ABOVE_ENGLAND),
    later=_around(INADEQUATE, 3, ABOVE_ENGLAND),
)
OTHER_CHANGES = Claim(
    "Around inspections with the other judgements, the median change was {outstanding} points for outstanding (95% "
    "interval: {outstanding_low} to {outstanding_high}), {good} for good ({good_low} to {good_high}), and "
    "{improvement} for requires improvement ({improvement_low} to {improvement_high}).",
    **{
        name + suffix: G1_CHANGES.cell(indicator, ofsted_judgement=judgement)
        for name, judgement in (("outstanding", OUTSTANDING), ("good", GOOD), ("improvement", REQUIRES_IMPROVEMENT))
        for suffix, indicator in (("", CHANGE), ("_low", CHANGE_LOWER), ("_high", CHANGE_UPPER))
    },
    true_if=(),
)

TABLE = (MEDIAN, ABOVE_ENGLAND, ABOVE_ENGLAND_LOWER, ABOVE_ENGLAND_UPPER, ABOVE_ENGLAND_P, INSPECTIONS)

# By the latest judgement


def _latest(judgement: str, year: int) -> Figure:
    return F2.cell(AROUND_JUDGEMENT[year], ofsted_judgement=judgement)


LATEST_JUDGEMENTS = Claim(
    "By the latest judgement of each local authority, the median in the Ofsted year was {outstanding}% for "
    "outstanding, {good}% for good, {improvement}% for requires improvement, and {inadequate}% for inadequate.",
    outstanding=_latest(OUTSTANDING, 0),
    good=_latest(GOOD, 0),
    improvement=_latest(REQUIRES_IMPROVEMENT, 0),
    inadequate=_latest(INADEQUATE, 0),
)

# Chart

_SHOWN = Cells(
    G1,
    MEDIAN,
    rows=JUDGEMENT,
    columns=YEARS_SINCE,
    column_names={AROUND_INSPECTION[year]: AROUND_INSPECTION[year] for year in (-3, 0, 3)},
    filters={"inspections_covered": ALL_AVAILABLE},
)
JUDGEMENTS_CHART = Chart(
    name="rereferrals_around_inspections",
    mark="dots",
    shows=_SHOWN,
    category_title="Judgement",
    value_title="Median percentage of referrals that are re-referrals",
    title=Claim(
        "Re-referrals rise around inspections that find a local authority inadequate",
        low=_change(INADEQUATE)["low"],
        true_if=above("low", 0),
    ),
    subtitle=Claim(
        "Median percentage of re-referrals of the local authorities inspected, three years before the inspection, in "
        "its year, and three years after, England, inspections to {shown.year}",
        shown=_SHOWN,
    ),
    alt=Claim(
        "Dot plot of four judgements. From three years before to three years after the inspection the median goes from "
        "{before}% to {after}% for inadequate, and from {good_before}% to {good_after}% for good.",
        before=_around(INADEQUATE, -3),
        after=_around(INADEQUATE, 3),
        good_before=_around(GOOD, -3),
        good_after=_around(GOOD, 3),
    ),
)

CHARTS = (JUDGEMENTS_CHART,)
