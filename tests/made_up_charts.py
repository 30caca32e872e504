"""Data sets and published tables made up to be drawn as dots, stacks, flows, curves and ratios, and what to compare
them with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import pandas as pd

from made_up_release import ENGLAND
from rereferrals import reference
from rereferrals.chart_model import Beside, Cells, Chart
from rereferrals.dissemination.claims import Tables
from rereferrals.model import Claim, Comparator, Count, DataSet, Estimate, Filter, Rate, Share
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
TIME = Filter("time_since", "Time since closure", (
    "0 months", "1 month", *(f"{n} months" for n in range(2, 73))), total=None, default="12 months")  # fmt: skip
EARLIER = Filter("earlier", "Earlier referrals", ("None", "One", "Two", "Three or more"))
SO_FAR, SO_FAR_LOWER, SO_FAR_UPPER = (
    Estimate(f"percent_so_far{end}", f"Percentage referred again{end}") for end in ("", "_lower", "_upper")
)
CURVES = DataSet(
    "T10", "Curves", "curves_made_up", "referrals", (SO_FAR, SO_FAR_LOWER, SO_FAR_UPPER), (TIME, EARLIER),
    estimated=True,
)  # fmt: skip
RATIO, RATIO_LOWER, RATIO_UPPER = (
    Estimate(f"hazard_ratio{end}", f"Hazard ratio{end}", 2, unit="") for end in ("", "_lower", "_upper")
)
#: Topic → category → a ratio with its limits; the reference's do not apply.
RATIOS = {
    "Sex": {"Male": "1 z z", "Female": "0.98 0.97 0.99", "Sex not known": "0.62 0.4 0.96"},
    "Age at referral": {
        "Unborn": "1.61 1.57 1.65", "Under 1": "1.44 1.41 1.47", "1 to 4": "1.31 1.29 1.33", "5 to 9": "1.18 1.17 1.19",
        "10 to 15": "1 z z", "16 or over": "0.41 0.4 0.42",
    },
    "Ethnicity": {
        "White": "1 z z", "Mixed or multiple ethnic groups": "1.07 1.05 1.09",
        "Asian or Asian British": "0.72 0.7 0.74", "Black, Black British, Caribbean or African": "0.83 0.81 0.85",
        "Other ethnic group": "0.69 0.67 0.71", "Ethnicity not recorded": "0.78 0.76 0.8",
    },
    "Disability": {"No disability": "1 z z", "Disability": "1.24 1.2 1.28"},
    "Primary need": {
        "Abuse or neglect": "1 z z", "Child's disability or illness": "0.93 0.89 0.97",
        "Parent's disability or illness": "1.09 1.05 1.13", "Family in acute stress": "1.12 1.09 1.15",
        "Family dysfunction": "1.16 1.14 1.18", "Socially unacceptable behaviour": "1.19 1.16 1.22",
        "Low income": "0.97 0.85 1.11", "Absent parenting": "0.55 0.5 0.6",
        "Cases other than children in need": "x x x", "Primary need not stated": "0.88 0.83 0.93",
    },
    "Earlier referrals within six years": {
        "No earlier referral": "1 z z", "One earlier referral": "1.38 1.36 1.4", "Two earlier": "1.71 1.68 1.74",
        "Three or more earlier": "2.17 2.12 2.2",
    },
    "What came of the referral": {
        "No further action": "1 z z", "Assessed as not in need": "1.05 1.03 1.07", "Child in need": "0.96 0.94 0.98",
        "Child protection plan": "0.87 0.84 0.9", "Looked after": "0.52 0.49 0.55",
    },
    "Source of referral": {
        "Police": "1 z z", "Schools": "1.02 1 1.04", "Health services": "0.95 0.93 0.97",
        "Individuals": "1.08 1.05 1.11",
    },
}  # fmt: skip
CHARACTERISTIC = Filter(
    "characteristic", "Characteristic", tuple(category for topic in RATIOS.values() for category in topic),
    total=None, default="Male", topics={category: topic for topic, found in RATIOS.items() for category in found},
    topic_column="characteristic_topic",
)  # fmt: skip
HAZARDS = DataSet(
    "T11", "Hazards", "hazards_made_up", "referrals", (RATIO, RATIO_LOWER, RATIO_UPPER), (CHARACTERISTIC,),
    estimated=True,
)  # fmt: skip

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
EARLIER_NAMES = {
    "None": "Children not re-referred", "One": "All children referred", "Two": "Within 5 years",
    "Three or more": "Children re-referred",
}  # fmt: skip
CURVE_CHART = Chart(
    name="curves",
    mark="curve",
    shows=Cells(
        CURVES, SO_FAR, rows=TIME, columns=EARLIER, column_names=EARLIER_NAMES, bounds=(SO_FAR_LOWER, SO_FAR_UPPER)
    ),
    category_title="Months since closure",
    value_title="Estimated percentage of children referred again",
    alt=Claim("Curves of estimated probabilities: those with earlier referrals are likelier to be referred again."),
    **WORDS,
)
RATIO_CHART = Chart(
    name="ratios",
    mark="ratios",
    shows=Cells(
        HAZARDS, {"Hazard ratio": RATIO, "Lower limit": RATIO_LOWER, "Upper limit": RATIO_UPPER}, rows=CHARACTERISTIC
    ),
    category_title="Characteristic",
    value_title="Hazard ratio with 95% interval (logarithmic scale)",
    alt=Claim("Dot plot of ratios: children with earlier referrals are likelier to be referred again."),
    **WORDS,
)
#: Charts of what is estimated.
ESTIMATED = (CURVE_CHART, RATIO_CHART)
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
    rows["T10"] = [
        _rows(YEARS[-1], {"time_since": time, "earlier": group}, _so_far(int(time.split()[0]), most))
        for group, most in zip(EARLIER.categories, (31.2, 37.9, 41.4, 57.9), strict=True)
        for time in TIME.categories
    ]
    rows["T11"] = [
        _rows(YEARS[-1], {"characteristic_topic": topic, "characteristic": category}, dict(zip(
            (RATIO.name, RATIO_LOWER.name, RATIO_UPPER.name), ratio.split(), strict=True)))
        for topic, found in RATIOS.items()
        for category, ratio in found.items()
    ]  # fmt: skip
    return {name: pd.DataFrame(found) for name, found in rows.items()}


def _so_far(month: int, most: float) -> dict[str, str]:
    """A percentage that grows to `most` at the end, in an interval that grows with it."""
    value = most * (1 - math.exp(-month / 20)) / (1 - math.exp(-72 / 20))
    cells = {SO_FAR: value, SO_FAR_LOWER: value * 0.965, SO_FAR_UPPER: value * 1.035}
    return {estimate.name: f"{cell:.1f}".removesuffix(".0") for estimate, cell in cells.items()}


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
    return cache(lambda data_set: PublishedTable(data_set, frames[data_set.id]))


def with_cell(
    frames: Mapping[str, pd.DataFrame], data_set: str, column: str, cell: str, **where: str
) -> Mapping[str, pd.DataFrame]:
    """The published rows with another cell in those rows."""
    frame = frames[data_set].copy()
    chosen = pd.Series(True, index=frame.index)
    for name, value in where.items():
        chosen &= frame[name] == value
    assert chosen.any()
    frame.loc[chosen, column] = cell
    return {**frames, data_set: frame}
