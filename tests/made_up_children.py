"""Figures like those published, of the chapters on durations and characteristics and of sources and needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rereferrals.commentary.characteristics import ASIAN, ONE_TO_FOUR, WHITE
from rereferrals.commentary.durations import HALF_YEAR, LONG, SHORT, YEAR
from rereferrals.commentary.referrals import ABUSE, FAMILY_DYSFUNCTION, HEALTH, LA_SERVICES, POLICE, SCHOOLS
from rereferrals.datasets.characteristics import B1, B2, B3, B4, B5, C1, C2
from rereferrals.datasets.durations import A4, A4_LEFT_OUT
from rereferrals.datasets.referrals import A5, A6
from rereferrals.measures.characteristics import AGE_BANDS, DISABLED, FEMALE, MALE, NOT_REREFERRED, REREFERRED
from rereferrals.measures.journeys import INITIAL, LEADING, NOT_LEADING, PRIMARY_NEED, REREFERRAL, SOURCE
from rereferrals.model import DataSet

#: The counts of a row, by what they are called, given its year and the categories of its filters.
Sized = Callable[[Mapping[str, str]], Mapping[str, int]]

UNBORN, UNDER_ONE, _, FIVE_TO_NINE, TEN_TO_FIFTEEN, OLDEST = AGE_BANDS
CHILDREN = {REREFERRED: 115_550, NOT_REREFERRED: 435_510}
REFERRALS = {NOT_LEADING: 400_000, LEADING: 110_000, REREFERRAL: 145_000}
#: Per 1,000 episodes, referrals or children of each type; the other categories share the rest.
DURATIONS = {
    INITIAL: {SHORT: 471, HALF_YEAR: 150, YEAR: 130, LONG: 100},
    REREFERRAL: {SHORT: 420, HALF_YEAR: 170, YEAR: 150, LONG: 99},
}
_INITIAL_SOURCES = {POLICE: 284, SCHOOLS: 206, HEALTH: 150, LA_SERVICES: 135}
SOURCES = {
    NOT_LEADING: _INITIAL_SOURCES,
    LEADING: _INITIAL_SOURCES,
    REREFERRAL: {POLICE: 312, SCHOOLS: 181, HEALTH: 131, LA_SERVICES: 160},
}
_INITIAL_NEEDS = {ABUSE: 662, FAMILY_DYSFUNCTION: 101}
NEEDS = {
    NOT_LEADING: _INITIAL_NEEDS,
    LEADING: _INITIAL_NEEDS,
    REREFERRAL: {ABUSE: 640, FAMILY_DYSFUNCTION: 141},
}
SEXES = {REREFERRED: {MALE: 506, FEMALE: 489}, NOT_REREFERRED: {MALE: 510, FEMALE: 466}}
#: In the first year and in all others.
AGES = {
    REREFERRED: (
        {UNBORN: 5, UNDER_ONE: 25, ONE_TO_FOUR: 210, FIVE_TO_NINE: 330, TEN_TO_FIFTEEN: 350, OLDEST: 80},
        {UNBORN: 5, UNDER_ONE: 25, ONE_TO_FOUR: 190, FIVE_TO_NINE: 270, TEN_TO_FIFTEEN: 410, OLDEST: 100},
    ),
    NOT_REREFERRED: (
        {UNBORN: 25, UNDER_ONE: 65, ONE_TO_FOUR: 200, FIVE_TO_NINE: 292, TEN_TO_FIFTEEN: 338, OLDEST: 80},
        {UNBORN: 22, UNDER_ONE: 60, ONE_TO_FOUR: 178, FIVE_TO_NINE: 268, TEN_TO_FIFTEEN: 382, OLDEST: 90},
    ),
}
ETHNIC_GROUPS = {
    REREFERRED: ({WHITE: 740, ASIAN: 70}, {WHITE: 710, ASIAN: 70}),
    NOT_REREFERRED: ({WHITE: 640, ASIAN: 100}, {WHITE: 620, ASIAN: 100}),
}
DISABILITY = {REREFERRED: 60, NOT_REREFERRED: 50}
#: Of children re-referred and not: eligible for free school meals, first and later; with a plan; with support.
MEALS = {REREFERRED: (510, 700), NOT_REREFERRED: (408, 597)}
SUPPORTED = {REREFERRED: (130, 260), NOT_REREFERRED: (118, 238)}
FIRST_YEAR = 2017


def _place(row: Mapping[str, str]) -> int:
    return int(row["time_period"]) > FIRST_YEAR


def _durations(row: Mapping[str, str]) -> dict[str, int]:
    short = DURATIONS[row["re_referral"]]
    rest = 1000 - sum(short.values())
    return {"referrals": 300 * short.get(row["reflencat"], rest)}


def _left_out(row: Mapping[str, str]) -> dict[str, int]:
    return {
        "episode_count": 400_000, "overlapping_episode_count": 1_200, "impossible_episode_count": 100,
        "left_out_episode_count": 1_300,
    }  # fmt: skip


def _of_referrals(
    referral_type: str, known: Mapping[str, Mapping[str, int]], category: str, categories: int
) -> dict[str, int]:
    parts = known[referral_type]
    rest = (1000 - sum(parts.values())) // (categories - len(parts))
    return {"referrals": REFERRALS[referral_type] * parts.get(category, rest) // 1000}


def _sources(row: Mapping[str, str]) -> dict[str, int]:
    return _of_referrals(row["referral_type"], SOURCES, row["referral_source_group"], len(SOURCE.categories))


def _needs(row: Mapping[str, str]) -> dict[str, int]:
    return _of_referrals(row["re_referral"], NEEDS, row["primaryneed"], len(PRIMARY_NEED.categories))


def _children(row: Mapping[str, str]) -> dict[str, int]:
    return {"child_count": CHILDREN[row["child_rereferred"]]}


def _of_children(row: Mapping[str, str], per_thousand: int) -> dict[str, int]:
    return {"child_count": CHILDREN[row["child_rereferred"]] * per_thousand // 1000}


def _sexes(row: Mapping[str, str]) -> dict[str, int]:
    known = SEXES[row["child_rereferred"]]
    return _of_children(row, known.get(row["sex"], (1000 - sum(known.values())) // 2))


def _ages(row: Mapping[str, str]) -> dict[str, int]:
    return _of_children(row, AGES[row["child_rereferred"]][_place(row)].get(row["age_group"], 0))


def _ethnic_groups(row: Mapping[str, str]) -> dict[str, int]:
    known = ETHNIC_GROUPS[row["child_rereferred"]][_place(row)]
    return _of_children(row, known.get(row["ethnicity_major"], (1000 - sum(known.values())) // 4))


def _disability(row: Mapping[str, str]) -> dict[str, int]:
    disabled = DISABILITY[row["child_rereferred"]]
    return _of_children(row, disabled if row["disability"] == DISABLED else 1000 - disabled)


def _known(row: Mapping[str, str]) -> tuple[int, int]:
    """School-age children, and those of them whose record is known."""
    children = CHILDREN[row["child_rereferred"]] // 10 * 6
    return children, children // 20 * 19


def _meals(row: Mapping[str, str]) -> dict[str, int]:
    children, known = _known(row)
    return {
        "school_age_child_count": children,
        "fsm_known_count": known,
        "fsm_unknown_count": children - known,
        "fsm_eligible_count": known * MEALS[row["child_rereferred"]][_place(row)] // 1000,
    }


def _provision(row: Mapping[str, str]) -> dict[str, int]:
    children, known = _known(row)
    plan, support = (known * part // 1000 for part in SUPPORTED[row["child_rereferred"]])
    return {
        "school_age_child_count": children, "provision_known_count": known, "provision_unknown_count": children - known,
        "ehc_plan_count": plan, "support_count": support, "any_provision_count": plan + support,
    }  # fmt: skip


SIZED: dict[DataSet, Sized] = {
    A4: _durations, A4_LEFT_OUT: _left_out, A5: _sources, A6: _needs, B1: _children, B2: _sexes, B3: _ages,
    B4: _ethnic_groups, B5: _disability, C1: _meals, C2: _provision,
}  # fmt: skip
