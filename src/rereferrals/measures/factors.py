"""Measures of factors identified at the end of assessment (M16). Factors are a set: see `reference.factor_bits`."""

from typing import Any

from ibis import _

from rereferrals.measures.journeys import INITIAL, LEADING, NOT_LEADING, REFERRAL_STATUS, REREFERRAL, TOTAL
from rereferrals.model import Count, Definition, Filter, Rate, Share
from rereferrals.reference import any_factor, code_set, factor_bits, first_years, grouped


def _has(factors: int) -> Any:
    return (_.factors & factors) != 0


HAS_ANY = _has(any_factor())

_CODES = grouped("assessment_factor", "d1")
_GROUPS = tuple(code.label for code in code_set("d1_factor_group"))
FACTOR = Filter(
    "assessmentfactor",
    "Factor identified at the end of assessment",
    _GROUPS,
    total="Any factor",
    hidden_total=True,
    default=_GROUPS[0],
    members={group: _has(factor_bits(_CODES[group])) for group in _GROUPS},
    any_of=HAS_ANY,
    since={group: first for group, first in first_years("assessment_factor", "d1").items() if first},
)
THREE_TYPES = Filter(
    "referral_type",
    "Referral type",
    (NOT_LEADING, LEADING, REREFERRAL),
    hidden_total=True,
    default=REREFERRAL,
    value=REFERRAL_STATUS,
    followed=(NOT_LEADING, LEADING),
)
REFERRALS_WITH_FACTOR = Count("referrals", "Number of referrals with the factor")
CASE_SHARE = Share(
    "caseshare",
    "Percentage of referrals of the type with any factor that have this one",
    of=REFERRALS_WITH_FACTOR,
    within=FACTOR,
)

REREFERRALS_WITH_FACTOR = Count("re_referrals", "Number of re-referrals with the factor", where=_.is_rereferral)
ALL_WITH_FACTOR = Count("total_referrals_byAF", "Number of referrals with the factor", published=True)
REREFERRAL_RATE = Rate(
    "re_referral_rate",
    "Percentage of referrals with the factor that are re-referrals",
    numerator=REREFERRALS_WITH_FACTOR,
    denominator=ALL_WITH_FACTOR,
)

FIVE_TYPES = Filter(
    "referral_type",
    "Referral type",
    (INITIAL, NOT_LEADING, LEADING, REREFERRAL),
    total=TOTAL,
    value=REFERRAL_STATUS,
    groups={INITIAL: (NOT_LEADING, LEADING)},
    followed=(INITIAL, NOT_LEADING, LEADING),
)
REFERRALS = Count("referral_count", "Number of referrals")
RECORDED = Count("factor_recorded_count", "Number of referrals with any factor recorded", where=HAS_ANY)
RECORDED_RATE = Rate(
    "factor_recorded_percent",
    "Percentage of referrals with any factor recorded",
    numerator=RECORDED,
    denominator=REFERRALS,
)

_COLUMNS = grouped("assessment_factor", "c3")
_COLUMNS_SINCE = first_years("assessment_factor", "c3")
EPISODES, *_FACTORS = (code.label for code in code_set("c3_column"))
C3_SINCE = min(code.valid_from_year for code in code_set("c3_column"))
EPISODES_WITH_FACTOR = Count(
    EPISODES, "Number of episodes with assessment factor information", where=HAS_ANY, group="factors", published=True
)
_ISSUE_GROUPS = {code.label: code.fact("group") or "factors" for code in code_set("c3_column")}
EPISODES_BY_FACTOR = tuple(
    Count(
        column,
        column.replace("_", " "),
        where=_has(factor_bits(_COLUMNS[column])),
        group=_ISSUE_GROUPS[column],
        since=_COLUMNS_SINCE[column] or None,
        published=True,
        of=EPISODES_WITH_FACTOR,
    )
    for column in _FACTORS
)

DEFINITIONS = (
    Definition(
        "Factor identified at the end of assessment",
        "What social workers found to matter in the child's life, such as domestic abuse or mental health.",
        "All assessments of a referral are taken together, and each factor counts once. Percentages are of referrals "
        "with any factor recorded. A factor that was not collected in a year is not available for it. Annual figures "
        "take the assessments completed in the year, and count the episodes that they belong to.",
        ("M16",),
        also=("factors identified at the end of assessment", "factor", "factors"),
    ),
)
