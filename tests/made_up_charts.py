"""Data sets and published tables made up to be drawn as dots, stacks and flows, and what to compare them with."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from made_up_release import ENGLAND
from rereferrals import reference
from rereferrals.chart_model import Beside, Cells, Chart
from rereferrals.dissemination.claims import Tables
from rereferrals.model import Claim, Comparator, Count, DataSet, Filter, Rate, Share
from rereferrals.published import PublishedTable

YEARS = (2022, 2023)
REFERRALS = Count("referrals", "Referrals")
FOUND = Count("with_factor", "Referrals with the factor")

TYPE = Filter("referral_type", "Type of referral", ("Initial referral", "Re-referral"))
STATUS = Filter("referral_status", "What came of a referral", ("Not followed", "Followed", "Re-referral"))
NEED = Filter("primaryneed", "Primary need", (
    "N1 - Abuse or neglect", "N2 - Child's disability or illness", "N3 - Parent's disability or illness",
    "N4 - Family in acute stress", "N5 - Family dysfunction", "N6 - Socially unacceptable behaviour",
    "N7 - Low income", "N8 - Absent parenting", "N9 - Cases other than children in need", "N0 - Not stated",
))  # fmt: skip
FACTOR = Filter("assessmentfactor", "Factor", tuple(f"Factor {n} of the twenty-two (any)" for n in range(1, 23)))
BAND = Filter("reflencat", "Duration", (
    "3 months or less", "More than 3 months but less than or equal to 6 months",
    "More than 6 months but less than 1 year", "1 year but less than 2 years", "2 years and over",
))  # fmt: skip
LEVEL = Filter("level_description", "Level", tuple("1234567"))
NEXT = Filter("next_level", "What came next", ("0", *"1234567"))

NEED_SHARE = Share("referrals_percent", "Percentage of referrals", of=REFERRALS, within=NEED)
FACTOR_SHARE = Rate("caseshare", "Percentage with the factor", numerator=FOUND, denominator=REFERRALS)
BAND_SHARE = Share("referrals_percent", "Percentage of episodes", of=REFERRALS, within=BAND)
LEVEL_SHARE = Share("referrals_percent", "Percentage of referrals", of=REFERRALS, within=LEVEL)
FROM_SHARE = Share("from_percent", "Percentage of referrals at the level", of=REFERRALS, within=LEVEL)
NEXT_SHARE = Share("next_percent", "Percentage of referrals by what came next", of=REFERRALS, within=NEXT)

NEEDS = DataSet("T1", "Needs", "needs_made_up", "referrals", (REFERRALS, NEED_SHARE), (NEED, TYPE))
FACTORS = DataSet("T2", "Factors", "factors_made_up", "referrals", (FOUND, FACTOR_SHARE), (FACTOR, STATUS))
DURATIONS = DataSet("T3", "Durations", "durations_made_up", "referrals", (REFERRALS, BAND_SHARE), (BAND, TYPE))
LEVELS = DataSet("T4", "Levels", "levels_made_up", "referrals", (REFERRALS, LEVEL_SHARE), (LEVEL, STATUS))
JOURNEYS = DataSet(
    "T5", "Journeys", "journeys_made_up", "referrals", (REFERRALS, FROM_SHARE, NEXT_SHARE), (LEVEL, NEXT)
)
CHILDREN = Filter("children", "Children", ("Not", "Re-referred"))
ELIGIBLE = Rate("eligible_percent", "Percentage eligible", numerator=FOUND, denominator=REFERRALS)
MEALS = DataSet("T6", "Meals", "meals_made_up", "children", (ELIGIBLE,), (CHILDREN,))

TYPE_NAMES = {"Initial referral": "Initial referrals", "Re-referral": "Re-referrals"}
STATUS_NAMES = {
    "Not followed": "Initial, not re-referred", "Followed": "Initial, later re-referred", "Re-referral": "Re-referrals",
}  # fmt: skip
NEED_NAMES = {category: category[5:] for category in NEED.categories}
BAND_NAMES = dict(
    zip(
        BAND.categories,
        ("3 months or less", "3 to 6 months", "6 months to 1 year", "1 to 2 years", "2 years or more"),
        strict=True,
    )
)
LEVEL_NAMES = {
    "1": "No further action", "2": "Assessed as not in need", "3": "Child in need", "4": "Section 47 enquiry",
    "5": "Child protection conference", "6": "Child protection plan", "7": "Looked after",
}  # fmt: skip
NEXT_NAMES = {"0": "Not re-referred within 12 months"} | LEVEL_NAMES

TITLE = Claim("What a reader should see")
SUBTITLE = Claim("Percentage of referrals, England, year ending 31 March")
WORDS = {"title": TITLE, "subtitle": SUBTITLE}

NEED_CHART = Chart(
    name="needs",
    mark="dots",
    shows=Cells(NEEDS, NEED_SHARE, rows=NEED, columns=TYPE, row_names=NEED_NAMES, column_names=TYPE_NAMES),
    category_title="Primary need",
    value_title="Percentage of referrals with a primary need",
    alt=Claim("Dot plot: abuse or neglect is the largest need."),
    order="difference",
    **WORDS,
)
FACTOR_CHART = Chart(
    name="factors",
    mark="dots",
    shows=Cells(FACTORS, FACTOR_SHARE, rows=FACTOR, columns=STATUS, column_names=STATUS_NAMES),
    category_title="Factor",
    value_title="Percentage of referrals with any factor recorded",
    alt=Claim("Dot plot: some factors are more common in re-referrals."),
    order="Re-referrals",
    **WORDS,
)
RATE_CHART = Chart(
    name="factor_rates",
    mark="dots",
    shows=Cells(FACTORS, {"Re-referral rate": FACTOR_SHARE}, rows=FACTOR, filters={"referral_status": "Re-referral"}),
    category_title="Factor",
    value_title="Percentage of referrals with the factor",
    alt=Claim("Dot plot: some factors are more common in re-referrals."),
    order="Re-referral rate",
    beside=(Beside("All referrals that have factors", (FACTORS.cell(FACTOR_SHARE, referral_status="Followed"),)),),
    **WORDS,
)
PUPIL_CHART = Chart(
    name="pupils",
    mark="dots",
    shows=Cells(
        NEEDS, NEED_SHARE, rows=NEED, columns=TYPE, column_names=TYPE_NAMES,
        row_names={"N1 - Abuse or neglect": "Eligible for free school meals", "N5 - Family dysfunction": "Any support"},
    ),
    category_title="Support",
    value_title="Percentage of children whose eligibility is known",
    alt=Claim("Dot plot: some factors are more common in re-referrals."),
    beside=(Beside("All pupils", (Comparator("pupils"),), row="Eligible for free school meals"),),
    **WORDS,
)  # fmt: skip
DURATION_CHART = Chart(
    name="durations",
    mark="stack",
    shows=Cells(DURATIONS, BAND_SHARE, rows=TYPE, columns=BAND, row_names=TYPE_NAMES, column_names=BAND_NAMES),
    category_title="Episode follows",
    value_title="Percentage of episodes that ended in the year",
    alt=Claim("Stacked bar chart: most episodes are short."),
    **WORDS,
)
LEVEL_CHART = Chart(
    name="levels",
    mark="stack",
    shows=Cells(LEVELS, LEVEL_SHARE, rows=STATUS, columns=LEVEL, row_names=STATUS_NAMES, column_names=LEVEL_NAMES),
    category_title="Referral",
    value_title="Percentage of referrals",
    alt=Claim("Stacked bar chart: most referrals end early."),
    **WORDS,
)
JOURNEY_CHART = Chart(
    name="journeys",
    mark="flow",
    shows=Cells(
        JOURNEYS, REFERRALS, rows=LEVEL, columns=NEXT, row_names=LEVEL_NAMES, column_names=NEXT_NAMES,
        shares=(FROM_SHARE, NEXT_SHARE),
    ),
    category_title="Referral",
    value_title="What came next",
    alt=Claim("Flow diagram: most children are not re-referred."),
    **WORDS,
)  # fmt: skip
PUPILS = Beside("All pupils", (Comparator("pupils_earlier"), Comparator("pupils")))
MEALS_CHART = Chart(
    name="meals",
    mark="line",
    shows={
        "All children referred": MEALS.series(ELIGIBLE),
        "Children not re-referred": MEALS.series(ELIGIBLE, children="Not"),
        "Children re-referred": MEALS.series(ELIGIBLE, children="Re-referred"),
    },
    category_title="Year ending 31 March",
    value_title="Percentage eligible",
    alt=Claim("Line chart: eligibility grows in every group."),
    beside=(PUPILS,),
    **WORDS,
)
MEALS_BARS = Chart(
    name="meals_in_a_year",
    mark="bar",
    shows={
        "Children not re-referred": MEALS.cell(ELIGIBLE, children="Not"),
        "Children re-referred": MEALS.cell(ELIGIBLE, children="Re-referred"),
    },
    category_title="Children",
    value_title="Percentage eligible",
    alt=Claim("Bar chart: eligibility is higher among children who are re-referred."),
    beside=(Beside("All pupils", (Comparator("pupils"),)),),
    **WORDS,
)
CHARTS = (NEED_CHART, FACTOR_CHART, RATE_CHART, PUPIL_CHART, DURATION_CHART, LEVEL_CHART, JOURNEY_CHART)

#: Of each type of referral: percentages by need, duration and level.
_NEEDS = {
    "Initial referral": "66.3 4.9 2.1 7.2 10.1 2.3 0.4 2.6 1.9 2.2",
    "Re-referral": "64.8 2.4 2.2 7.9 14.0 3.1 0.4 2.5 0.6 x",
}
_BANDS = {"Initial referral": "47.1 14.4 15.0 13.1 10.4", "Re-referral": "42.0 15.8 17.3 15.0 9.9"}
_LEVELS = {
    "Not followed": "17.2 21.1 31.0 17.6 1.2 7.9 4.0",
    "Followed": "21.3 27.0 31.1 13.2 0.9 4.5 2.0",
    "Re-referral": "15.8 18.9 31.0 17.9 1.3 11.0 4.1",
}
_AT_LEVEL = (110_000, 135_500, 196_200, 104_800, 7_300, 47_300, 24_600)
_RETURNING = (0.27, 0.27, 0.22, 0.17, 0.17, 0.14, 0.10)
_RETURN_TO = (0.18, 0.20, 0.31, 0.16, 0.01, 0.10, 0.04)


def _rows(year: int, filters: Mapping[str, str], cells: Mapping[str, str]) -> dict[str, str]:
    return {"time_period": str(year), **ENGLAND, **filters, **cells}


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f}"


def frames() -> dict[str, pd.DataFrame]:
    """The published rows of every data set made up here."""
    rows: dict[str, list[dict[str, str]]] = {
        data_set.id: [] for data_set in (NEEDS, FACTORS, DURATIONS, LEVELS, JOURNEYS)
    }
    for year in YEARS:
        for of, name, shares in ((NEEDS, NEED, _NEEDS), (DURATIONS, BAND, _BANDS), (LEVELS, LEVEL, _LEVELS)):
            side = of.filters[1].name
            rows[of.id] += [
                _rows(year, {name.name: category, side: group}, {"referrals": "10", "referrals_percent": cell})
                for group, cells in shares.items()
                for category, cell in zip(name.categories, cells.split(), strict=True)
            ]
        for n, factor in enumerate(FACTOR.categories):
            base = 28 / (1 + 0.35 * n)
            values = (base * 0.9, base * (1.02 if n % 3 else 0.75), base * (1.25 if n % 2 else 0.8))
            rows["T2"] += [
                _rows(year, {"assessmentfactor": factor, "referral_status": status}, {
                    "with_factor": "10", "caseshare": "z" if n == 21 else f"{value:.1f}"})
                for status, value in zip(STATUS.categories, values, strict=True)
            ]  # fmt: skip
            rows["T2"].append(
                _rows(year, {"assessmentfactor": factor, "referral_status": "Total"}, {"caseshare": f"{base:.1f}"})
            )
        rows["T2"].append(
            _rows(year, {"assessmentfactor": "Total", "referral_status": "Followed"}, {"caseshare": "22.4"})
        )
        rows["T5"] += _journeys(year)
    # In the last year the follow-up of initial referrals is not over.
    later = [
        row for row in rows["T4"] if row["referral_status"] == "Re-referral" and row["time_period"] == str(YEARS[-1])
    ]
    rows["T4"] += [row | {"time_period": str(YEARS[-1] + 1)} for row in later]
    rows["T6"] = [
        _rows(year, {"children": group}, {"eligible_percent": f"{start + 2.5 * n:.1f}"})
        for group, start in {"Total": 43.0, "Not": 40.4, "Re-referred": 51.2}.items()
        for n, year in enumerate(range(2017, 2025))
    ]
    return {name: pd.DataFrame(found) for name, found in rows.items()}


def _journeys(year: int) -> list[dict[str, str]]:
    whole = sum(_AT_LEVEL)
    counts = {
        (level, category): at * (1 - back) if category == "0" else at * back * _RETURN_TO[int(category) - 1]
        for level, at, back in zip(LEVEL.categories, _AT_LEVEL, _RETURNING, strict=True)
        for category in NEXT.categories
    }
    counts |= {("Total", category): sum(counts[level, category] for level in "1234567") for category in NEXT.categories}
    counts |= {(level, "Total"): at for level, at in zip(LEVEL.categories, _AT_LEVEL, strict=True)}
    return [
        _rows(year, {"level_description": level, "next_level": category}, {
            "referrals": str(10 * round(count / 10)), "from_percent": _percent(count, whole),
            "next_percent": _percent(count, whole),
        })
        for (level, category), count in counts.items()
    ]  # fmt: skip


COMPARATORS = {
    name: reference.Comparator(name, value, "percent", year, "Pupils in schools in England", "Schools and pupils", "")
    for name, value, year in (("pupils_earlier", "14", 2017), ("pupils", "25", 2024))
}


def tables(frames: Mapping[str, pd.DataFrame]) -> Tables:
    """Published tables of these rows."""
    return lambda data_set: PublishedTable(data_set, frames[data_set.id])
