"""Measures of the children referred, by whether they were re-referred (M14, M15)."""

import ibis
from ibis import _

from rereferrals.model import Count, Definition, Filter, Rate, Share
from rereferrals.reference import age_bands, code_places, code_set, grouped
from rereferrals.release import Method

REREFERRED, NOT_REREFERRED = "Re-referred", "Not re-referred"
CHILD_STATUS = Filter(
    "child_rereferred",
    "Whether the child was re-referred in the year",
    (REREFERRED, NOT_REREFERRED),
    value=_.is_rereferred.ifelse(REREFERRED, NOT_REREFERRED),
)
CHILDREN = Count("child_count", "Number of children with a referral in the year")
STATUS_SHARE = Share(
    "child_percent", "Percentage of children with a referral in the year", of=CHILDREN, within=CHILD_STATUS
)

UNBORN = code_set("age_band")[0].label
UNKNOWN = "Unknown"
_SEXES = code_places("sex")
MALE, FEMALE, UNKNOWN_SEX = "Male", "Female", "Unknown or indeterminate"
SEX = Filter(
    "sex",
    "Sex",
    (FEMALE, MALE, UNKNOWN_SEX, UNBORN),
    value=ibis.cases(
        (_.is_unborn, UNBORN), (_.sex == _SEXES["M"], MALE), (_.sex == _SEXES["F"], FEMALE), else_=UNKNOWN_SEX
    ),
)
SEX_SHARE = Share("child_percent", "Percentage of children", of=CHILDREN, within=SEX)

_BANDS = age_bands()
AGE_BANDS = (UNBORN, *_BANDS)
UNDER_ONE_AND_UNBORN, TEN_AND_OVER = "Unborn and under 1", "10 and over"
AGE = Filter(
    "age_group",
    "Age on 31 March",
    (*AGE_BANDS, UNKNOWN, UNDER_ONE_AND_UNBORN, TEN_AND_OVER),
    value=ibis.cases(
        (_.is_unborn, UNBORN),
        (_.age.isnull(), UNKNOWN),
        *((_.age >= first, band) for band, first in reversed(_BANDS.items())),
    ),
    groups={UNDER_ONE_AND_UNBORN: AGE_BANDS[:2], TEN_AND_OVER: AGE_BANDS[-2:]},
)
AGE_SHARE = Share("child_percent", "Percentage of children", of=CHILDREN, within=AGE)

ETHNIC_GROUPS = tuple(grouped("ethnicity", "group"))
ETHNICITY = Filter(
    "ethnicity_major",
    "Ethnic group",
    ETHNIC_GROUPS,
    value=ibis.cases(*((_.ethnic_group == place, group) for place, group in enumerate(ETHNIC_GROUPS))),
)
ETHNICITY_SHARE = Share("child_percent", "Percentage of children", of=CHILDREN, within=ETHNICITY)

DISABLED, NOT_DISABLED = "Disability recorded", "No disability recorded"
DISABILITY = Filter(
    "disability",
    "Whether a disability is recorded",
    (DISABLED, NOT_DISABLED),
    value=_.has_disability.ifelse(DISABLED, NOT_DISABLED),
)
DISABILITY_SHARE = Share("child_percent", "Percentage of children", of=CHILDREN, within=DISABILITY)

SCHOOL_AGE = Count(
    "school_age_child_count", "Number of school-age children with a referral in the year", where=_.is_school_age
)


def _matched(name: str, label: str, where: object) -> Count:
    return Count(name, label, where=_.is_school_age & where)


FSM_KNOWN = _matched(
    "fsm_known_count",
    "Number of those whose eligibility for free school meals is known",
    _.is_eligible_for_meals.notnull(),
)
FSM_UNKNOWN = _matched(
    "fsm_unknown_count",
    "Number of those whose eligibility for free school meals is unknown",
    _.is_eligible_for_meals.isnull(),
)
FSM_ELIGIBLE = _matched(
    "fsm_eligible_count", "Number eligible for free school meals", _.is_eligible_for_meals.fill_null(False)
)
FSM_RATE = Rate(
    "fsm_eligible_percent",
    "Percentage eligible for free school meals, of those whose eligibility is known",
    numerator=FSM_ELIGIBLE,
    denominator=FSM_KNOWN,
)
FSM_UNKNOWN_RATE = Rate(
    "fsm_unknown_percent",
    "Percentage of school-age children whose eligibility for free school meals is unknown",
    numerator=FSM_UNKNOWN,
    denominator=SCHOOL_AGE,
)
_PROVISION = code_places("sen_provision")
_HAS_PLAN, _HAS_SUPPORT = (_.sen_provision == _PROVISION[code] for code in ("E", "K"))
SEN_KNOWN = _matched(
    "provision_known_count",
    "Number of those whose special educational needs provision is known",
    _.sen_provision.notnull(),
)
SEN_UNKNOWN = _matched(
    "provision_unknown_count",
    "Number of those whose special educational needs provision is unknown",
    _.sen_provision.isnull(),
)
PLAN = _matched("ehc_plan_count", "Number with an education, health and care plan", _HAS_PLAN)
SUPPORT = _matched("support_count", "Number with support for special educational needs", _HAS_SUPPORT)
ANY_SEN = _matched(
    "any_provision_count", "Number with any special educational needs provision", _HAS_PLAN | _HAS_SUPPORT
)


def _of_known(name: str, label: str, part: Count) -> Rate:
    return Rate(
        name, f"Percentage with {label}, of those whose provision is known", numerator=part, denominator=SEN_KNOWN
    )


PLAN_RATE = _of_known("ehc_plan_percent", "an education, health and care plan", PLAN)
SUPPORT_RATE = _of_known("support_percent", "support for special educational needs", SUPPORT)
ANY_SEN_RATE = _of_known("any_provision_percent", "any special educational needs provision", ANY_SEN)
SEN_UNKNOWN_RATE = Rate(
    "provision_unknown_percent",
    "Percentage of school-age children whose provision is unknown",
    numerator=SEN_UNKNOWN,
    denominator=SCHOOL_AGE,
)

_YOUNGEST, _OLDEST = Method().school_age
DEFINITIONS = (
    Definition(
        "Characteristics of children referred",
        "The age, sex, ethnic group and disability of children referred.",
        "Age is in completed years on 31 March. A child with an expected date of birth and no date of birth is unborn. "
        f"Ages are put together as follows: {', '.join(AGE_BANDS).lower()}. "
        "Sex, ethnic group and disability are as the year's return has them.",
        ("M14",),
    ),
    Definition(
        "School age",
        f"Aged {_YOUNGEST} to {_OLDEST} at the start of the school year.",
        "Children of school age are looked up in the school census by their unique pupil number. A child who has no "
        "number, or is not found, or is found more than once, is unknown; percentages are of children who are known, "
        "and the number unknown is shown beside them.",
        ("M15",),
        also=("school-age children", "school-age child"),
    ),
    Definition(
        "Free school meals",
        "School meals without charge, for which the school census says that a pupil is eligible.",
        "They are known of the children of school age who are found in the school census.",
        ("M15",),
    ),
    Definition(
        "Special educational needs",
        "Needs for which, as the school census says, the school gives a child support, or the child has an education, "
        "health and care plan.",
        "They are known of the children of school age who are found in the school census.",
        ("M15",),
    ),
)
