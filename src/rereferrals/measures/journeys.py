"""Measures of merged referrals: type, source, need, level of intervention, and what came next (M10, M11, M17–M19)."""

from dataclasses import replace

import ibis
from ibis import _

from rereferrals.model import Count, Filter, Share
from rereferrals.reference import code_bits, code_set, grouped

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

_SOURCES = grouped("referral_source", "group")
SOURCE = Filter(
    "referral_source_group",
    "Source of referral",
    tuple(_SOURCES),
    value=_.referral_source.cases(
        *((code, group) for group, codes in _SOURCES.items() for code in codes), else_=list(_SOURCES)[-1]
    ),
)
SOURCE_SHARE = Share("referrals_percent", "Percentage of referrals of the type", of=REFERRALS, within=SOURCE)

_NEEDS = grouped("primary_need", "published")
PRIMARY_NEED = Filter(
    "primaryneed",
    "Primary need",
    tuple(_NEEDS),
    value=_.need_code.cases(
        *((code, need) for need, codes in _NEEDS.items() for code in codes), else_=ibis.null("string")
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
