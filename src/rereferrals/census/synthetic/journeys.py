"""What follows a referral: a decision, assessments, enquiries, conferences, plans, closure.

A journey is drawn as it would run if nothing came between; `cut_short` ends it where the child is referred again, for
a case is closed before the next one opens. Days are whole numbers since 1 January 1970, and NEVER is after all of them.
Codes are held as `codes` says.
"""

from __future__ import annotations

import csv
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from rereferrals.census.synthetic.children import Days, Floats, Mask
from rereferrals.census.synthetic.codes import codes, draw_code_sets, draw_codes
from rereferrals.census.synthetic.history import ADULT, YEAR, first_day, last_day
from rereferrals.census.synthetic.targets import Target, parameters
from rereferrals.release import REFERENCE

Columns = dict[str, npt.NDArray[Any]]
NEVER = np.int32(200_000)
REREFERRAL, LEADING, NOT_LEADING = range(3)


def followed(referrals: Columns, last_year: int) -> Columns:
    """Referrals up to a year with what is known of them a year later: rows are by child and day.

    `next` is the day of the child's next referral, NEVER if that is after the year that follows; `status` is REREFERRAL
    if another was at most 365 days before, LEADING if the next is at most 365 days later, or NOT_LEADING (M03, M17).
    """
    child, day = referrals["child"], referrals["day"]
    year = reporting_years(day)
    following = _next_of_child(child, day)
    years, place = np.unique(year, return_inverse=True)
    horizon = np.array([last_day(y + 1) for y in years.tolist()], np.int32)[place]
    following = _where(following <= horizon, following)
    is_again = np.zeros(len(day), np.bool_)
    is_again[1:] = (child[1:] == child[:-1]) & (day[1:] - day[:-1] <= YEAR)
    status = np.where(is_again, REREFERRAL, np.where(following - day <= YEAR, LEADING, NOT_LEADING)).astype(np.int8)
    columns = referrals | {"next": following, "status": status}
    return {name: column[year <= last_year] for name, column in columns.items()}


def reporting_years(day: Days) -> npt.NDArray[np.int64]:
    """The reporting year of each day."""
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray((months - 3) // 12 + 1971)


def journeys(rng: np.random.Generator, referrals: Columns, target: Target, year: int) -> Columns:
    """Draw what follows each referral of an authority in a year: exact numbers of no further action and not in need.

    referrals: the columns of `followed`, and `birth`. What comes is those but `next`, and what follows (M12, M13).
    """
    share = parameters()["journey"]
    day, birth, late = referrals["day"], referrals["birth"], referrals["late"]
    size = len(day)

    def chance(name: str) -> Mask:
        return np.asarray(rng.random(size) < share[name])

    def after(start: Days, name: str) -> Days:
        return start + rng.integers(0, share[name] + 1, size, dtype=np.int32)

    nfa = _exactly(rng, np.where(late, 0.0, 1.0), target.no_further_action)
    time_left = np.minimum(referrals["next"], last_day(year)) - day
    not_in_need = _exactly(rng, np.where(nfa | late, 0, np.clip(time_left, 0.001, 45)), target.not_in_need)
    in_need = ~nfa & ~not_in_need

    closure = np.minimum(day + _durations(rng, size, "in_need"), np.maximum(birth + ADULT, day))
    closure[not_in_need] = (day + np.minimum(_durations(rng, size, "not_in_need"), time_left))[not_in_need]
    closure[nfa] = np.where(chance("nfa_closed"), day, NEVER)[nfa]
    closure[late] = np.maximum(closure, first_day(year + 1))[late]

    section47 = in_need & chance("section47")
    conference = section47 & chance("conference")
    at_group_level = in_need & ~section47 & chance("conference_without_section47")
    section47_start = after(day, "section47_start_days")
    soonest, latest = share["conference_working_days"]
    conference_day = working_days_after(section47_start, rng.integers(soonest, latest, size, endpoint=True))
    plan = (conference | at_group_level) & chance("child_protection_plan")
    plan_end = np.where(plan, conference_day + _durations(rng, size, "child_protection_plan"), NEVER)
    closure = np.where(plan, np.maximum(closure, plan_end + 14), closure)

    assessed = not_in_need | section47 | (in_need & chance("assessed"))
    assessment_start = after(day, "assessment_start_days")
    assessment_end = np.where(not_in_need, closure, after(assessment_start, "assessment_days"))
    again_start = assessment_end + 365
    reassessed = in_need & assessed & (again_start < closure) & chance("reassessed")
    child_in_need_plan = in_need & assessed & ~conference & ~at_group_level & chance("child_in_need_plan")

    reason = draw_codes(rng, size, year, "reason_for_closure")
    reason[not_in_need] = draw_codes(rng, size, year, "not_in_need_reason", "reason_for_closure")[not_in_need]
    need = draw_codes(rng, size, year, "primary_need")
    kept = {name: column for name, column in referrals.items() if name not in ("next", "birth")}
    return kept | {
        "closure": closure.astype(np.int32),
        "nfa": nfa,
        "not_in_need": not_in_need,
        "source": draw_codes(rng, size, year, "referral_source"),
        "need": np.where(nfa, np.int8(-1), need),
        "reason": reason,
        "assessment_start": _where(assessed, assessment_start),
        "assessment_end": _where(assessed, assessment_end),
        "factors": draw_code_sets(rng, size, "assessment_factor"),
        "reassessment_start": _where(reassessed, again_start),
        "reassessment_end": _where(reassessed, after(again_start, "assessment_days")),
        "more_factors": draw_code_sets(rng, size, "assessment_factor"),
        "section47_start": _where(section47, section47_start),
        "conference": _where(conference | at_group_level, conference_day),
        "plan_end": _where(plan, plan_end),
        "category": draw_codes(rng, size, year, "category_of_abuse"),
        "latest_category": draw_codes(rng, size, year, "category_of_abuse"),
        "previous_plans": chance("previous_plan").astype(np.int8),
        "cin_plan_start": _where(child_in_need_plan, assessment_end + 1),
    }


def cut_short(journey: Columns) -> Columns:
    """End every case by the day its child is referred again, and leave out what would have come after its closure."""
    j = dict(journey)
    closure = np.minimum(j["closure"], np.where(j["nfa"], NEVER, _next_of_child(j["child"], j["day"])))
    j["closure"] = closure
    for name in ("assessment_start", "assessment_end", "section47_start"):
        j[name] = _where(j[name] != NEVER, np.minimum(j[name], closure))
    held = j["conference"] <= closure
    j["conference"] = _where(held, j["conference"])
    j["plan_start"] = _where(held & (j["conference"] + 2 < closure) & (j["plan_end"] != NEVER), j["conference"])
    j["plan_end"] = _where(j["plan_start"] != NEVER, np.minimum(j["plan_end"], closure))
    j["reassessment_start"] = _where(j["reassessment_start"] < closure, j["reassessment_start"])
    again = j["reassessment_start"] != NEVER
    j["reassessment_end"] = _where(again, np.minimum(j["reassessment_end"], closure))
    j["cin_plan_start"] = _where(j["cin_plan_start"] < closure, j["cin_plan_start"])
    died = codes("reason_for_closure").index("RC2")
    returns = _next_of_child(j["child"], j["day"]) != NEVER
    ordinary = np.int8(codes("reason_for_closure").index("RC7"))
    j["reason"] = np.where((j["reason"] == died) & returns | j["nfa"], ordinary, j["reason"])
    return j


def working_days_after(day: Days, count: npt.NDArray[np.int64] | int) -> Days:
    """The count-th working day after a day; a day that is not one counts as the working day before it (M24)."""
    days = np.busday_offset(day.astype("datetime64[D]"), count, roll="backward", holidays=_bank_holidays())
    return np.asarray(days.astype(np.int64).astype(np.int32))


@cache
def _bank_holidays() -> npt.NDArray[np.datetime64]:
    with open(REFERENCE / "bank_holidays.csv", newline="", encoding="utf-8") as file:
        return np.array([row["date"] for row in csv.DictReader(file)], dtype="datetime64[D]")


def _exactly(rng: np.random.Generator, weight: Floats, count: int) -> Mask:
    chosen = np.zeros(len(weight), np.bool_)
    possible = np.flatnonzero(weight > 0)
    keys = rng.exponential(size=len(weight))[possible] / weight[possible]
    chosen[possible[np.argsort(keys, kind="stable")[:count]]] = True
    return chosen


def _durations(rng: np.random.Generator, size: int, name: str) -> Days:
    given = parameters()["duration"][name]
    return np.asarray(np.interp(rng.random(size), given["share"], given["days"]), np.int32)


def _next_of_child(child: Days, day: Days) -> Days:
    """The day of the child's next referral; rows are by child and day."""
    following = np.full(len(day), NEVER, np.int32)
    same = child[1:] == child[:-1]
    following[:-1][same] = day[1:][same]
    return following


def _where(condition: Mask, day: Days) -> Days:
    return np.where(condition, day, NEVER).astype(np.int32)
