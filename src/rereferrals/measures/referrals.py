"""Measures of referrals and of the children referred."""

import ibis
from ibis import _

from rereferrals.model import Count, Definition, Filter, Rate, Share

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

#: A year of follow-up, in days. The units count by the same number, which a test compares.
DAYS = 365
#: The definitions that every section needs.
BASIC = (
    Definition(
        "Referral",
        "A request for services for a child, made to children's social care.",
        "It may be about a child who has not been born yet. A referral counts in the reporting year in which it was "
        "made, whatever came of it, including where no further action was needed. A case that was already open when "
        "the year began is not counted again.",
        ("M01",),
        also=("referrals",),
    ),
    Definition(
        "Re-referral",
        "A referral made within 12 months of the same child's previous referral to the same local authority.",
        f"Twelve months here means {DAYS} days: a referral {DAYS} days after the last one is a re-referral, and one "
        f"{DAYS + 1} days after is not. Each pair of referrals that follow one another is looked at, so one child may "
        "have more than one re-referral in a year.",
        ("M02", "M03"),
        also=("re-referrals", "re-referred"),
    ),
    Definition(
        "Re-referral rate",
        "The percentage of referrals that are re-referrals.",
        numbers=("M02",),
        also=(
            "re-referral rates",
            "percentage of referrals that are re-referrals",
            "percentage of referrals that were re-referrals",
        ),
    ),
    Definition(
        "Initial referral", "A referral that is not a re-referral.", numbers=("M17",), also=("initial referrals",)
    ),
    Definition(
        "No further action",
        "What a return says of a referral after which children's social care did nothing more.",
        numbers=("M12",),
    ),
    Definition(
        "Assessed as not in need",
        "Closed because an assessment found that the child was not in need.",
        "A referral counts if it was closed for that reason in the year in which it was made, with no section 47 "
        "enquiry, conference or plan. The reason for closure is taken as evidence of the assessment.",
        ("M13",),
        also=("found the child not to be in need",),
    ),
)
DEFINITIONS = (
    *BASIC,
    Definition(
        "Child referred",
        "A child with at least one referral in the year.",
        "A child who is referred in two local authorities is counted once in each, because a return identifies "
        "children only within its own local authority.",
        ("M04",),
        also=("children referred",),
    ),
    Definition(
        "Child re-referred",
        "A child referred in the year, at least one of whose referrals in the year is a re-referral.",
        numbers=("M05",),
        also=("children re-referred",),
    ),
    Definition(
        "Repeat referrals",
        "Children referred in the year, grouped by whether they had one, two, or three or more referrals in it.",
        numbers=("M06",),
    ),
    Definition(
        "Cohort",
        "All children who had an initial referral in one reporting year, followed to see which of them are "
        "re-referred.",
        "We find the child's next referral. It counts "
        + ", ".join(f"{label.lower()} if it came in {DAYS * years:,} days" for years, label in _WINDOWS.items())
        + ". A figure is shown only where that time had passed for the whole cohort by the end of the latest year.",
        ("M07",),
        also=("cohorts", "re-referred within one year"),
    ),
)
