"""Measures of referrals and of the children referred."""

import ibis
from ibis import _

from rereferrals.model import Count, Filter, Rate, Share

REFERRALS = Count("referral_count", "Number of referrals")
REREFERRALS = Count(
    "rereferral_count",
    "Number of re-referrals within 12 months of a previous referral",
    where=_.is_rereferral,
    group="rereferrals",
)
REREFERRAL_RATE = Rate(
    "rereferral_percent",
    "Percentage of referrals that are re-referrals within 12 months of a previous referral",
    numerator=REREFERRALS,
    denominator=REFERRALS,
)
NO_FURTHER_ACTION = Count(
    "no_further_action_count",
    "Number of referrals that resulted in no further action",
    where=_.referral_nfa,
    group="nfa",
)
NO_FURTHER_ACTION_RATE = Rate(
    "no_further_action_percent",
    "Percentage of referrals that resulted in no further action",
    numerator=NO_FURTHER_ACTION,
    denominator=REFERRALS,
)
NOT_IN_NEED = Count("not_in_need_count", "Number of referrals assessed as not in need", where=_.is_assessed_not_in_need)
NOT_IN_NEED_RATE = Rate(
    "not_in_need_percent",
    "Percentage of referrals assessed as not in need",
    numerator=NOT_IN_NEED,
    denominator=REFERRALS,
)
CHILDREN_REFERRED = Count("referral_child_count", "Number of children with a referral in the year", distinct="child_id")
CHILDREN_REREFERRED = Count(
    "rereferral_child_count",
    "Number of children with a re-referral within 12 months of a previous referral",
    where=_.is_rereferral,
    distinct="child_id",
    group="rereferred_children",
)
CHILDREN_REREFERRED_RATE = Rate(
    "rereferral_child_percent",
    "Percentage of children referred who were re-referred within 12 months of a previous referral",
    numerator=CHILDREN_REREFERRED,
    denominator=CHILDREN_REFERRED,
)

_ONCE, _TWICE, _MORE = "1 referral", "2 referrals", "3 or more referrals"
NUMBER_OF_REFERRALS = Filter(
    "number_of_referrals",
    "Number of referrals of a child in the year",
    (_ONCE, _TWICE, _MORE),
    value=ibis.cases((_.referrals == 1, _ONCE), (_.referrals == 2, _TWICE), else_=_MORE),
)
CHILDREN = Count("referral_child_count", "Number of children with a referral in the year")
CHILDREN_SHARE = Share(
    "referral_child_percent",
    "Percentage of children with a referral in the year",
    of=CHILDREN,
    within=NUMBER_OF_REFERRALS,
)

_WINDOWS = {1: "Within 1 year", 3: "Within 3 years", 5: "Within 5 years"}
FOLLOW_UP = Filter(
    "follow_up",
    "Time since the initial referral",
    tuple(_WINDOWS.values()),
    total=None,
    default=_WINDOWS[1],
    value=ibis.cases(*((_.window_years == years, label) for years, label in _WINDOWS.items())),
)
COHORT = Count("initial_child_count", "Number of children with an initial referral in the year")
COHORT_REREFERRED = Count(
    "rereferral_child_count", "Number of those children who were re-referred", where=_.is_rereferred
)
COHORT_REREFERRED_RATE = Rate(
    "rereferral_child_percent",
    "Percentage of children with an initial referral who were re-referred",
    numerator=COHORT_REREFERRED,
    denominator=COHORT,
)
