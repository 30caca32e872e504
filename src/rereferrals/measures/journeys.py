"""Measures of merged referrals: type, source, need, level of intervention, and what came next (M10, M11, M17–M19)."""

from dataclasses import replace

import ibis
from ibis import _

from rereferrals.model import Count, Definition, Filter, Share
from rereferrals.reference import code_bits, code_places, code_set, grouped

_TYPE = {code.code: code.label for code in code_set("referral_type")}
TOTAL = _TYPE["total"]
REREFERRAL, INITIAL = _TYPE["rereferral"], _TYPE["initial_all"]
LEADING, NOT_LEADING = _TYPE["initial_later"], _TYPE["initial_not"]
REFERRAL_STATUS = ibis.cases(
    (_.referral_status == "rereferral", REREFERRAL), (_.referral_status == "leading", LEADING), else_=NOT_LEADING
)


#: All five types. A table of levels was published without any of those of an initial referral in its last year.
REFERRAL_TYPE = Filter(
    "referral_type",
    "Referral type",
    (INITIAL, NOT_LEADING, LEADING, REREFERRAL),
    total=TOTAL,
    value=REFERRAL_STATUS,
    groups={INITIAL: (NOT_LEADING, LEADING)},
    followed=(INITIAL, NOT_LEADING, LEADING),
)
#: That a referral is an initial one is known at once; what it leads to is not.
TYPE_AT_ONCE = replace(REFERRAL_TYPE, followed=(NOT_LEADING, LEADING))
#: The same under the name that the data sets on duration and need were published with.
REREFERRAL_TYPE = replace(TYPE_AT_ONCE, name="re_referral")

REFERRALS = Count("referrals", "Number of referrals")

_SOURCES, _SOURCE_CODES = grouped("referral_source", "group"), code_places("referral_source")
SOURCE = Filter(
    "referral_source_group",
    "Source of referral",
    tuple(_SOURCES),
    value=_.referral_source.cases(
        *((_SOURCE_CODES[code], group) for group, codes in _SOURCES.items() for code in codes),
        else_=list(_SOURCES)[-1],
    ),
)
SOURCE_SHARE = Share("referrals_percent", "Percentage of referrals of the type", of=REFERRALS, within=SOURCE)

_NEEDS, _NEED_CODES = grouped("primary_need", "published"), code_places("primary_need")
PRIMARY_NEED = Filter(
    "primaryneed",
    "Primary need",
    tuple(_NEEDS),
    value=_.need_code.cases(
        *((_NEED_CODES[code], need) for need, codes in _NEEDS.items() for code in codes), else_=ibis.null("string")
    ),
)
NEED_SHARE = Share(
    "referrals_percent", "Percentage of referrals of the type with a need", of=REFERRALS, within=PRIMARY_NEED
)

LEVELS = tuple(code.label for code in code_set("level_of_intervention"))
LOOKED_AFTER = LEVELS[-1]
LEVEL = Filter(
    "level_description",
    "Highest level of intervention",
    LEVELS,
    hidden_total=True,
    default=LEVELS[0],
    value=ibis.cases(*((_.level == place, label) for place, label in enumerate(LEVELS, 1))),
    needs={LOOKED_AFTER: "looked_after"},
)
LEVEL_SHARE = Share("referrals_percent", "Percentage of referrals of the type", of=REFERRALS, within=LEVEL)

LEVEL_BEFORE = replace(LEVEL, hidden_total=False, default=None)
NOT_REREFERRED = "Not re-referred within 12 months"
NEXT_STEP = Filter(
    "next_level_description",
    "What came next within 12 months",
    (NOT_REREFERRED, *LEVELS),
    value=ibis.cases(*((_.next_level == place, label) for place, label in enumerate(LEVELS, 1)), else_=NOT_REREFERRED),
    needs={LOOKED_AFTER: "looked_after"},
)
NEXT_SHARE = Share("referrals_percent", "Percentage of referrals at the level", of=REFERRALS, within=NEXT_STEP)

#: Steps that a referral can reach, in no order: all that is recorded of it, but for plans collected only lately (M19).
_STEPS = {
    code.label: (_.activity & code_bits("activity", [code.code])) != 0
    for code in code_set("activity")
    if code.code != "child_in_need_plan"
}
ASSESSED, ENQUIRED, CONFERRED, PLANNED, IN_CARE = _STEPS
STEP = Filter(
    "step_reached",
    "Step reached",
    tuple(_STEPS),
    total=TOTAL,
    members=_STEPS,
    any_of=_.level.notnull(),
    needs={IN_CARE: "looked_after"},
)
STEP_SHARE = Share("referrals_percent", "Percentage of referrals of the type", of=REFERRALS, within=STEP)

#: The definitions of what is known of every merged referral.
OF_REFERRALS = (
    Definition(
        "Source of referral",
        f"Who made the referral, in {len(_SOURCES)} groups.",
        "A source that is missing or not recognised is unknown.",
        ("M10",),
        also=("source of referrals", "sources of referral"),
    ),
    Definition(
        "Primary need",
        "The main reason for which the child needs services.",
        "Each referral has at most one. Percentages leave out referrals with no need recorded, which are mostly those "
        "that needed no further action.",
        ("M11",),
        also=("primary needs",),
    ),
    Definition(
        "Type of referral",
        "A re-referral; an initial referral after which the child was referred again within 12 months; or an initial "
        "referral after which it was not.",
        "A re-referral stays one, whatever follows it. The last two can be told apart only when a year has passed, so "
        "the latest year shows all referrals and re-referrals alone.",
        ("M17",),
        also=("types of referral", "lead to a re-referral", "led to a re-referral"),
    ),
)
#: Words for what may be done after a referral.
STEPS = (
    Definition(
        "Section 47 enquiry",
        "An enquiry into whether a child is suffering, or likely to suffer, significant harm, as section 47 of the "
        "Children Act asks.",
        also=("section 47 enquiries",),
    ),
    Definition(
        "Initial child protection conference",
        "A meeting of the family and professionals that decides whether the child needs a child protection plan.",
        also=("child protection conference",),
    ),
    Definition("Looked after", "In the care of a local authority."),
)
DEFINITIONS = (
    *OF_REFERRALS,
    Definition(
        "Highest level of intervention",
        "The furthest that a referral went.",
        "The levels are, in this order: no further action, or no activity recorded; assessed as not in need; child in "
        "need of other support; section 47 enquiry; initial child protection conference; child protection plan; looked "
        "after. Activity counts whenever it happened, as long as it belongs to the referral. A child is looked after "
        "if it was so on any day of the case, as the returns on looked-after children say.",
        ("M18",),
        also=("highest level", "level of intervention"),
    ),
    Definition(
        "Step reached",
        "Anything that was done after a referral, whether or not it was the furthest that the referral went.",
        "A referral counts at every step that it reached, in whatever order: assessment, section 47 enquiry, initial "
        "child protection conference, child protection plan, looked after.",
        ("M19",),
        also=("every step",),
    ),
    Definition(
        "What came next",
        "The highest level of the child's next referral, if that came within 12 months.",
        numbers=("M19",),
    ),
    *STEPS,
)
