"""What a simulated census shows: shares among its referrals, cohorts and children, straight from the histories.

Calibration and its test need many shares of many simulated censuses, and not the returns. So each unit is described
here a second time, small, on the histories' columns: a row per referral or child of a year and a mask for each group
and category that a target may name. What is published comes from `rereferrals.units` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from rereferrals.census.synthetic.children import (
    AGE_BANDS,
    ASIAN,
    WHITE,
    Days,
    Mask,
    age_band,
    ethnic_groups,
    has_free_meals,
    has_plan,
    has_sen,
    is_of_school_age,
)
from rereferrals.census.synthetic.codes import codes
from rereferrals.census.synthetic.families import Histories
from rereferrals.census.synthetic.history import ADULT, YEAR, first_day, last_day
from rereferrals.census.synthetic.journeys import BANDS, NEVER, REREFERRAL
from rereferrals.release import YEARS_FOLLOWED

Facts = Mapping[str, Mask]
Rows = npt.NDArray[np.intp]
WINDOWS = (1, 3, 5)
EVERYTHING = "all"
#: The longest that each band but the last takes in, in days: calendar months differ by a day or two (M09).
BAND_ENDS = (91, 182, 364, 729)


def referrals(histories: Histories, year: int) -> Facts:
    """Referrals of a year by the longitudinal method: `rereferral`, or `initial` (M03); `late`."""
    rows = _of_year(histories, year)
    again = _since_previous(histories)[rows] <= YEAR
    late = histories.referrals["late"][rows]
    return {EVERYTHING: np.ones(len(rows), np.bool_), "rereferral": again, "initial": ~again, "late": late}


def children(histories: Histories, year: int) -> Facts:
    """Children referred in a year by the annual method: `rereferred`, or `not_rereferred`; what they are (M14)."""
    child, again = _children_of_year(histories, year)
    column = {name: values[child] for name, values in histories.children.items()}
    band = age_band(column["birth"], last_day(year))
    unborn, sex, group = band == 0, column["sex"], ethnic_groups()[column["ethnicity"]]
    male, female = (~unborn & (sex == codes("gender_current").index(code)) for code in ("1", "2"))
    return {
        EVERYTHING: np.ones(len(child), np.bool_),
        "rereferred": again,
        "not_rereferred": ~again,
        **{name: band == place for place, name in enumerate(AGE_BANDS)},
        "unborn_or_under_1": band <= AGE_BANDS.index("under_1"),
        "male": male,
        "female": female,
        "white": group == WHITE,
        "asian": group == ASIAN,
        "disabled": ~unborn & (column["disabilities"] != 0),
    }


def pupils(histories: Histories, year: int) -> Facts:
    """Children of `children` who are of school age and have a UPN: free school meals, educational needs (M15)."""
    child, again = _children_of_year(histories, year)
    birth = histories.children["birth"][child]
    at_school = histories.children["has_upn"][child] & is_of_school_age(birth, year)
    child, again = child[at_school], again[at_school]
    traits = {name: histories.children[name][child] for name in ("fsm_rank", "sen_rank")}
    return {
        EVERYTHING: np.ones(len(child), np.bool_),
        "rereferred": again,
        "not_rereferred": ~again,
        "fsm": has_free_meals(traits, year),
        "sen": has_sen(traits, year),
        "plan": has_plan(traits, year),
    }


def cohort(histories: Histories, year: int) -> Facts:
    """Initial referrals of a year, and whether the child is referred again `within_1_year`, 3 or 5 (M07)."""
    rows = _of_year(histories, year)
    rows = rows[_since_previous(histories)[rows] > YEAR]
    gap = _until_next(histories)[rows]
    windows = {f"within_{k}_year{'s' if k > 1 else ''}": gap <= k * YEAR for k in WINDOWS}
    return {EVERYTHING: np.ones(len(rows), np.bool_), **windows}


def episodes(histories: Histories, year: int) -> Facts:
    """Episodes of need that ended in a year, by what began them and how long they lasted (M08, M09)."""
    cases = histories.referrals
    ended = (cases["closure"] >= first_day(year)) & (cases["closure"] <= last_day(year))
    rows = np.flatnonzero(ended & ~cases["nfa"] & ~cases["not_in_need"])
    again = cases["status"][rows] == REREFERRAL
    days = cases["closure"][rows] - cases["day"][rows]
    band = np.searchsorted(BAND_ENDS, days)
    bands = {name: band == place for place, name in enumerate((*BANDS, "longer"))}
    everything = np.ones(len(rows), np.bool_)
    return {EVERYTHING: everything, "rereferral": again, "initial": ~again, **bands}


def closures(histories: Histories, year: int) -> Facts:
    """Cases of children under 18 that closed in the six years up to a year, and whether the child is `rereferred` by
    the end of it (M23)."""
    cases = histories.referrals
    closure = cases["closure"]
    closed = (closure >= first_day(year - YEARS_FOLLOWED + 1)) & (closure <= last_day(year))
    rows = np.flatnonzero(closed & (histories.children["birth"][cases["child"]] + ADULT > closure))
    again = cases["day"][rows] + _until_next(histories)[rows] <= last_day(year)
    return {EVERYTHING: np.ones(len(rows), np.bool_), "rereferred": again}


UNITS: dict[str, Callable[[Histories, int], Facts]] = {
    "referrals": referrals,
    "cohort": cohort,
    "children": children,
    "pupils": pupils,
    "episodes": episodes,
    "closures": closures,
}


def _children_of_year(histories: Histories, year: int) -> tuple[Rows, Mask]:
    """The children that returns of a year show as referred in it, and whether these show one as a re-referral."""
    cases = histories.referrals
    seen = np.flatnonzero((cases["day"] >= first_day(year - 1)) & (cases["day"] <= last_day(year)) & ~cases["late"])
    child, day = cases["child"][seen], cases["day"][seen]
    again = np.zeros(len(seen), np.bool_)
    again[1:] = (child[1:] == child[:-1]) & (day[1:] - day[:-1] <= YEAR)
    again &= ~cases["unlinked"][seen]
    of_year = np.flatnonzero(day >= first_day(year))
    firsts = of_year[np.diff(child[of_year], prepend=-1) != 0]
    rereferred = np.zeros(len(histories.children["birth"]), np.bool_)
    rereferred[child[of_year][again[of_year]]] = True
    return child[firsts], rereferred[child[firsts]]


def _of_year(histories: Histories, year: int) -> Rows:
    day = histories.referrals["day"]
    return np.flatnonzero((day >= first_day(year)) & (day <= last_day(year)))


def _since_previous(histories: Histories) -> Days:
    """Days since the child's previous referral, NEVER where there is none; rows are by child and day."""
    child, day = histories.referrals["child"], histories.referrals["day"]
    gap = np.full(len(day), NEVER, np.int32)
    same = child[1:] == child[:-1]
    gap[1:][same] = (day[1:] - day[:-1])[same]
    return gap


def _until_next(histories: Histories) -> Days:
    """Days until the child's next referral, NEVER where there is none."""
    child, day = histories.referrals["child"], histories.referrals["day"]
    gap = np.full(len(day), NEVER, np.int32)
    same = child[1:] == child[:-1]
    gap[:-1][same] = (day[1:] - day[:-1])[same]
    return gap
