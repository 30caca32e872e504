"""What the chapter on regions and local authorities says and draws."""

from collections.abc import Mapping

from rereferrals.chart_model import Areas, AreaSeries, Chart
from rereferrals.commentary.wording import (
    above,
    below,
    fell_in_areas,
    higher_than,
    little_changed_in_areas,
    lower_than,
    spread_wider,
    wider_than_change,
)
from rereferrals.datasets.regional import F1, F1_MOVES, F3, F3_ASSOCIATIONS, F3_GROUPS, F3_PAIRS
from rereferrals.measures.referrals import NO_FURTHER_ACTION_RATE, NOT_IN_NEED_RATE, REFERRALS, REREFERRAL_RATE
from rereferrals.measures.regional import (
    ABRUPT_CHANGE,
    ALL_AUTHORITIES,
    ALL_BUT_SMALLEST,
    AT_EQUAL_INITIAL_RATE,
    AT_EQUAL_RATE,
    AUTHORITIES,
    CORRELATION,
    CORRELATION_LOWER,
    CORRELATION_UPPER,
    DEPRIVATION_GROUP,
    DEPRIVATION_RANK,
    EQUAL_RATE,
    INITIAL_RATE_BY_DEPRIVATION,
    LEAST_DEPRIVED,
    LESS_DEPRIVED_HIGHER,
    LESS_DEPRIVED_HIGHER_LOWER,
    LESS_DEPRIVED_HIGHER_UPPER,
    MEAN_RATE,
    MOST_DEPRIVED,
    PAIRS,
    RATE_BY_DEPRIVATION,
    REFERRAL_RATE,
    REREFERRALS_BY_RATE,
    VALUES,
)
from rereferrals.model import LOCAL_AUTHORITY, Claim, Estimate, Figure, Indicator

#: How many years the sentences on regions over time look at.
_YEARS = 5
#: An authority with no more referrals than this is not named as highest or lowest: its percentage follows few children.
_FEW_REFERRALS = 99
REREFERRALS, PER_CHILDREN = "rereferrals", "per_children"

REGIONS = Areas(F1, {REREFERRALS: REREFERRAL_RATE})
OVER_YEARS = AreaSeries(F1, REREFERRAL_RATE, last=_YEARS)
_OF_AUTHORITIES: Mapping[str, Indicator] = {REREFERRALS: REREFERRAL_RATE, "referrals": REFERRALS}
_NOT_FEW = (above("referrals", _FEW_REFERRALS),)

# Regions

REGIONS_IN_YEAR = Claim(
    "In the year ending 31 March {top.year}, the percentage of referrals that were re-referrals was highest in "
    "{top.values} and lowest in {bottom.values}.",
    top=Areas(F1, {REREFERRALS: REREFERRAL_RATE}, highest=1),
    bottom=Areas(F1, {REREFERRALS: REREFERRAL_RATE}, lowest=1),
)
REGIONS_OVER_YEARS = Claim(
    "From {regions.first_year} to {regions.year}, the region with the highest percentage was {regions.highest}. The "
    "one with the lowest was {regions.lowest}.",
    regions=OVER_YEARS,
)
REGIONS_STABLE = Claim(
    "Over these years it changed little in any region, apart from {dip.year}, when it fell in all of them.",
    regions=OVER_YEARS,
    dip=F1.series(REREFERRAL_RATE).lowest(),
    true_if=(little_changed_in_areas("regions", within=3), fell_in_areas("regions", "dip")),
)
AUTHORITIES_IN_YEAR = Claim(
    "Among local authorities with a hundred referrals or more, it was highest in {top.values}, and lowest in "
    "{bottom.values}.",
    top=Areas(F1, _OF_AUTHORITIES, LOCAL_AUTHORITY, where=_NOT_FEW, highest=3),
    bottom=Areas(F1, _OF_AUTHORITIES, LOCAL_AUTHORITY, where=_NOT_FEW, lowest=3),
)

# Referrals for the number of children

RATE_IN_YEAR = Claim(
    "There were {england:.0f} referrals for every 10,000 children in England in the year ending 31 March "
    "{england.year}. The region with the highest rate was {top.values}, and the one with the lowest {bottom.values}.",
    england=F1.cell(REFERRAL_RATE),
    top=Areas(F1, {PER_CHILDREN: REFERRAL_RATE}, highest=1),
    bottom=Areas(F1, {PER_CHILDREN: REFERRAL_RATE}, lowest=1),
)
RATE_OVER_YEARS = Claim(
    "From {regions.first_year} to {regions.year}, the highest rate was that of {regions.highest}. The lowest was that "
    "of {regions.lowest}.",
    regions=AreaSeries(F1, REFERRAL_RATE, last=_YEARS),
)

# What came of referrals

NO_FURTHER_ACTION_FALLEN = Claim(
    "From {first.year} to {latest.year}, the percentage of referrals that ended with no further action fell from "
    "{first}% to {latest}%, and the percentage assessed as not in need rose from {first_not_in_need}% to "
    "{latest_not_in_need}%.",
    first=F1.cell(NO_FURTHER_ACTION_RATE, "first"),
    latest=F1.cell(NO_FURTHER_ACTION_RATE),
    first_not_in_need=F1.cell(NOT_IN_NEED_RATE, "first"),
    latest_not_in_need=F1.cell(NOT_IN_NEED_RATE),
    true_if=(lower_than("latest", "first"), higher_than("latest_not_in_need", "first_not_in_need")),
)
ABRUPT = Claim(
    "An abrupt move of the percentage with no further action can be a sign that referrals are received in another way. "
    "In {moves.year} it moved by ten percentage points or more, among local authorities with a hundred referrals or "
    "more in both years, in {moves.names_if_any}.",
    moves=Areas(
        F1_MOVES, {"percent": NO_FURTHER_ACTION_RATE, "abrupt": ABRUPT_CHANGE}, LOCAL_AUTHORITY,
        where=(above("abrupt", 0),),
    ),
)  # fmt: skip

# Deprivation


def _correlation(what: str, covered: str = ALL_BUT_SMALLEST) -> Mapping[str, Figure]:
    """A correlation with the ends of its interval."""
    cells = {"correlation": CORRELATION, "low": CORRELATION_LOWER, "high": CORRELATION_UPPER}
    return {
        name: F3_ASSOCIATIONS.cell(indicator, association=what, compared_by=VALUES, authorities_covered=covered)
        for name, indicator in cells.items()
    }


def _pairs(indicator: Estimate) -> Figure:
    return F3_PAIRS.cell(indicator, rate_held_equal=EQUAL_RATE, authorities_covered=ALL_BUT_SMALLEST)


RATE_AND_DEPRIVATION = Claim(
    "More deprived local authorities tend to have the higher referral rates. In the year ending 31 March "
    "{correlation.year}, the correlation of the rate with the index of deprivation was {correlation} (95% interval: "
    "{low} to {high}), over {authorities} local authorities.",
    authorities=F3_ASSOCIATIONS.cell(
        AUTHORITIES, association=RATE_BY_DEPRIVATION, compared_by=VALUES, authorities_covered=ALL_BUT_SMALLEST
    ),
    **_correlation(RATE_BY_DEPRIVATION),
    true_if=above("low", 0),
)
INITIAL_RATE_AND_DEPRIVATION = Claim(
    "The same holds for initial referrals alone, at {correlation} (95% interval: {low} to {high}).",
    **_correlation(INITIAL_RATE_BY_DEPRIVATION),
    true_if=above("low", 0),
)
FIFTHS = Claim(
    "In the most deprived fifth of local authorities the mean rate was {most:.0f} for every 10,000 children, and in "
    "the least deprived fifth {least:.0f}.",
    most=F3_GROUPS.cell(MEAN_RATE, deprivation_fifth=MOST_DEPRIVED),
    least=F3_GROUPS.cell(MEAN_RATE, deprivation_fifth=LEAST_DEPRIVED),
    true_if=higher_than("most", "least"),
)
AT_THE_SAME_RATE = Claim(
    "At the same referral rate, the less deprived of local authorities tend to have the higher percentage of "
    "re-referrals: the correlation of the percentage with deprivation is then {correlation} (95% interval: {low} to "
    "{high}).",
    **_correlation(AT_EQUAL_RATE),
    true_if=below("high", 0),
)
AT_THE_SAME_INITIAL_RATE = Claim(
    "If the rate of initial referrals is held equal instead, it is {correlation} (95% interval: {low} to {high}).",
    **_correlation(AT_EQUAL_INITIAL_RATE),
    true_if=(),
)
PAIRS_AT_THE_SAME_RATE = Claim(
    "There are {pairs:,} pairs of local authorities with about the same referral rate. In {percent:.0f}% of them the "
    "less deprived one has the higher percentage of re-referrals (95% interval: {low}% to {high}%).",
    pairs=_pairs(PAIRS),
    percent=_pairs(LESS_DEPRIVED_HIGHER),
    low=_pairs(LESS_DEPRIVED_HIGHER_LOWER),
    high=_pairs(LESS_DEPRIVED_HIGHER_UPPER),
)
WITH_THE_SMALLEST = Claim(
    "The local authorities with the fewest children are left out of all this, because a few referrals move their "
    "percentages by many points. With them, the correlation at the same referral rate is {correlation} (95% interval: "
    "{low} to {high}).",
    **_correlation(AT_EQUAL_RATE, ALL_AUTHORITIES),
    true_if=(),
)

# Charts

_PLACES = "by local authority, England, year ending 31 March {shown.year}"
REGIONS_CHART = Chart(
    name="rereferral_rate_by_region",
    mark="panels",
    shows=AreaSeries(F1, REREFERRAL_RATE),
    category_title="Year ending 31 March",
    value_title="Re-referrals (%)",
    title=Claim(
        "Re-referral rates differ more between regions than they have changed in England over five years",
        regions=REGIONS,
        england=F1.series(REREFERRAL_RATE),
        true_if=wider_than_change("regions", "england", REREFERRALS, years=_YEARS),
    ),
    subtitle=Claim(
        "Percentage of referrals that are re-referrals, by region, years ending 31 March {all.first_year} to "
        "{all.year}",
        all=AreaSeries(F1, REREFERRAL_RATE),
    ),
    alt=Claim(
        "Small line charts, one for each of nine regions against England, from the highest in {top.year}, "
        "{top.values}, to the lowest, {bottom.values}.",
        top=Areas(F1, {REREFERRALS: REREFERRAL_RATE}, highest=1),
        bottom=Areas(F1, {REREFERRALS: REREFERRAL_RATE}, lowest=1),
    ),
)
MAP = Chart(
    name="rereferral_rate_by_local_authority",
    mark="map",
    shows=Areas(F1, {"Re-referrals": REREFERRAL_RATE}, LOCAL_AUTHORITY),
    category_title="Local authority",
    value_title="Re-referrals (%)",
    title=Claim(
        "Re-referral rates differ more between local authorities than between regions",
        authorities=Areas(F1, _OF_AUTHORITIES, LOCAL_AUTHORITY, where=_NOT_FEW),
        regions=REGIONS,
        true_if=spread_wider("authorities", "regions", REREFERRALS),
    ),
    subtitle=Claim(
        f"Percentage of referrals that are re-referrals, {_PLACES}",
        shown=Areas(F1, {REREFERRALS: REREFERRAL_RATE}, LOCAL_AUTHORITY),
    ),
    alt=Claim(
        "Map of local authorities as hexagons of one size, shaded by the percentage of referrals that are re-referrals "
        "in {top.year}. Of those with a hundred referrals or more, the highest is {top.values} and the lowest "
        "{bottom.values}.",
        top=Areas(F1, _OF_AUTHORITIES, LOCAL_AUTHORITY, where=_NOT_FEW, highest=1),
        bottom=Areas(F1, _OF_AUTHORITIES, LOCAL_AUTHORITY, where=_NOT_FEW, lowest=1),
    ),
)
NO_FURTHER_ACTION_CHART = Chart(
    name="what_came_of_referrals",
    mark="line",
    shows={
        "No further action": F1.series(NO_FURTHER_ACTION_RATE),
        "Assessed as not in need": F1.series(NOT_IN_NEED_RATE),
    },
    category_title="Year ending 31 March",
    value_title="Percentage of referrals",
    title=Claim(
        "A smaller share of referrals now ends with no further action, and a larger share with an assessment as not in "
        "need",
        first=F1.cell(NO_FURTHER_ACTION_RATE, "first"),
        latest=F1.cell(NO_FURTHER_ACTION_RATE),
        first_not_in_need=F1.cell(NOT_IN_NEED_RATE, "first"),
        latest_not_in_need=F1.cell(NOT_IN_NEED_RATE),
        true_if=(lower_than("latest", "first"), higher_than("latest_not_in_need", "first_not_in_need")),
    ),
    subtitle=Claim(
        "Percentage of referrals by what came of them, England, years ending 31 March {first.year} to {latest.year}",
        first=F1.cell(NO_FURTHER_ACTION_RATE, "first"),
        latest=F1.cell(NO_FURTHER_ACTION_RATE),
    ),
    alt=Claim(
        "Line chart, two percentages over the years: no further action fell from {first}% to {latest}%, and assessed "
        "as not in need rose from {first_not_in_need}% to {latest_not_in_need}%.",
        first=F1.cell(NO_FURTHER_ACTION_RATE, "first"),
        latest=F1.cell(NO_FURTHER_ACTION_RATE),
        first_not_in_need=F1.cell(NOT_IN_NEED_RATE, "first"),
        latest_not_in_need=F1.cell(NOT_IN_NEED_RATE),
        true_if=(lower_than("latest", "first"), higher_than("latest_not_in_need", "first_not_in_need")),
    ),
)
SCATTER = Chart(
    name="referral_rate_and_rereferrals",
    mark="scatter",
    shows=Areas(
        F3,
        {"Referral rate": REFERRAL_RATE, "Re-referrals": REREFERRAL_RATE, "Deprivation": DEPRIVATION_RANK},
        LOCAL_AUTHORITY,
    ),
    groups=dict(reversed([(str(place), name) for place, name in enumerate(DEPRIVATION_GROUP.categories, 1)])),
    category_title="Referrals per 10,000 children",
    value_title="Re-referrals (%)",
    title=Claim(
        "Local authorities with more referrals for their size tend to have a higher percentage of re-referrals",
        low=_correlation(REREFERRALS_BY_RATE)["low"],
        true_if=above("low", 0),
    ),
    subtitle=Claim(
        f"Referral rate, percentage of re-referrals and fifth of deprivation, {_PLACES}",
        shown=_correlation(REREFERRALS_BY_RATE)["correlation"],
    ),
    alt=Claim(
        "Scatter plot, a point for each local authority, of the percentage of re-referrals against the referral rate, "
        "shaded by deprivation. The two rise together, with a correlation of {correlation}.",
        correlation=_correlation(REREFERRALS_BY_RATE)["correlation"],
        true_if=above("correlation", 0),
    ),
)

CHARTS = (REGIONS_CHART, MAP, NO_FURTHER_ACTION_CHART, SCATTER)
