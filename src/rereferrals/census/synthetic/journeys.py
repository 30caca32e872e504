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
from rereferrals.census.synthetic.codes import codes, draw_codes, shares, valid
from rereferrals.census.synthetic.factors import draw_factors, fewer
from rereferrals.census.synthetic.history import ADULT, YEAR, first_day, last_day
from rereferrals.census.synthetic.outcomes import (
    CLOSING_DAYS,
    CONFERENCE_DAYS,
    LOOKED_AFTER_DAYS,
    PLAN_DAYS,
    Kinds,
    draw_kinds,
    table_within,
)
from rereferrals.census.synthetic.quotas import (
    CONFERENCE,
    ENQUIRY,
    IN_NEED,
    LATER,
    LEVEL_OF_KIND,
    LOOKED_AFTER,
    NFA,
    NOT_IN_NEED,
    NOTHING,
    NOTHING_NOT_IN_NEED,
    PLAN,
    Quota,
)
from rereferrals.census.synthetic.shares import LEVELS, table
from rereferrals.census.synthetic.targets import at, parameters
from rereferrals.reference import code_set
from rereferrals.release import REFERENCE

Columns = dict[str, npt.NDArray[Any]]
NEVER = np.int32(200_000)
REREFERRAL, LEADING, NOT_LEADING = range(3)
Codes = npt.NDArray[np.int16]
BANDS = ("to_3_months", "to_6_months", "to_1_year", "to_2_years")
KINDS = {
    "nothing": NOTHING, "in_need": IN_NEED, "enquiry": ENQUIRY, "conference": CONFERENCE, "looked_after": LOOKED_AFTER,
}  # fmt: skip


def followed(referrals: Columns, last_year: int) -> Columns:
    """Referrals up to a year with what is known of them a year later: rows are by child and day.

    `next` is the day of the child's next referral, NEVER if that is after the year that follows; `following` is
    that day, whenever it is; `status` is REREFERRAL
    if another was at most 365 days before, LEADING if the next is at most 365 days later, or NOT_LEADING (M03, M17).
    """
    child, day = referrals["child"], referrals["day"]
    year = reporting_years(day)
    following = _next_of_child(child, day)
    years, place = np.unique(year, return_inverse=True)
    horizon = np.array([last_day(y + 1) for y in years.tolist()], np.int32)[place]
    known = _where(following <= horizon, following)
    is_again = np.zeros(len(day), np.bool_)
    is_again[1:] = (child[1:] == child[:-1]) & (day[1:] - day[:-1] <= YEAR)
    status = np.where(is_again, REREFERRAL, np.where(known - day <= YEAR, LEADING, NOT_LEADING)).astype(np.int8)
    columns = referrals | {"next": known, "following": following, "status": status}
    return {name: column[year <= last_year] for name, column in columns.items()}


def reporting_years(day: Days) -> npt.NDArray[np.int64]:
    """The reporting year of each day."""
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray((months - 3) // 12 + 1971)


def outcomes(
    rng: np.random.Generator, cases: Columns, children: Columns, quota: Quota, year: int, may_have_plan: Mask
) -> Columns:
    """Draw what the referrals of an authority in a year come to, and when plans would begin and end.

    cases: the columns of `followed`. What comes is those, and: `begun`, when work on a case begins, which is not before
    the return that first tells of it; `end`, the day by which a case must close, as far as a year later is known;
    `closed_by`, the day by which it must, whatever comes; `kind`; `planned`, looked after with a plan; `able`, whether
    there is time for a plan; when an enquiry would start, a conference be held, and a plan end.
    """
    day, child = cases["day"], cases["child"]
    share = parameters()["journey"]
    size = len(day)
    birth = children["birth"][child]
    lag = np.floor(share["closed_before_next_days"] * rng.random(size) ** 2).astype(np.int32)
    closed_before = np.maximum(cases["next"] - lag, day + (cases["next"] - day) // 2)
    end = np.minimum(closed_before, np.maximum(birth + ADULT, day))
    end = np.minimum(end, _known_until(children, child, cases["referred_to"], year))
    begun = np.where(cases["late"], first_day(year + 1), day).astype(np.int32)
    end = np.maximum(end, begun).astype(np.int32)
    enquiry = begun + rng.integers(0, share["section47_start_days"] + 1, size, dtype=np.int32)
    soonest, latest = share["conference_working_days"]
    conference = working_days_after(enquiry, rng.integers(soonest, latest, size, endpoint=True))
    plan_end = np.minimum(conference + _durations(rng, size, "child_protection_plan"), end)
    able = (end - begun >= PLAN_DAYS) & may_have_plan
    kind = draw_kinds(rng, begun, end, able, cases["status"], cases["late"], quota, year)
    planned = np.zeros(size, np.bool_)
    planned[rng.permutation(np.flatnonzero((kind == LOOKED_AFTER) & able))[: quota.planned]] = True
    return cases | {
        "birth": birth, "begun": begun, "end": end, "kind": kind, "planned": planned, "able": able,
        "enquiry": enquiry, "held": conference, "plan_end": plan_end.astype(np.int32),
        "closed_by": np.where(cases["next"] == NEVER, _closed_by(cases["following"], lag), cases["next"]),
    }  # fmt: skip


def _closed_by(following: Days, lag: Days) -> Days:
    """So many days before the next referral, but in the year of that, on whose days no earlier return may depend."""
    years, place = np.unique(reporting_years(following), return_inverse=True)
    starts = np.array([first_day(year) for year in years.tolist()], np.int32)[place]
    return np.maximum(following - lag, starts)


def _known_until(children: Columns, child: Days, code: Codes, year: int) -> Days:
    """The last day before the authority gives all children new numbers, for those who will not be known again by a UPN.

    The authority closes their cases before that. NEVER for others.
    """
    until = np.full(len(child), NEVER, np.int32)
    for lea, years in parameters()["renumbered"].items():
        for renumbered in sorted((y for y in years if y > year), reverse=True):
            last = last_day(renumbered - 1)
            young = last - children["birth"][child] < parameters()["upn"]["from_age_years"] * ADULT / 18
            until[(code == int(lea)) & (young | ~children["has_upn"][child])] = last
    return until


def journeys(rng: np.random.Generator, cases: Columns, children: Columns, quota: Quota, year: int) -> Columns:
    """Draw the course of each referral, given its outcome: what shows it, and nothing that would show a higher level.

    cases: the columns of `outcomes`. What comes has a row for each, with the columns of a case.
    """
    share = parameters()["journey"]
    day, begun, kind, status, late = (cases[name] for name in ("day", "begun", "kind", "status", "late"))
    level = LEVEL_OF_KIND[kind].astype(np.int8)
    size = len(day)

    def chance(name: str) -> Mask:
        return np.asarray(rng.random(size) < share[name])

    def after(start: Days, name: str) -> Days:
        return start + rng.integers(0, share[name] + 1, size, dtype=np.int32)

    nfa, not_in_need = kind == NFA, np.isin(kind, (NOTHING_NOT_IN_NEED, NOT_IN_NEED, LATER))
    need = draw_by_level(rng, "need", codes("primary_need"), status, level, year)
    plan = (kind == PLAN) | cases["planned"]
    closure = _closures(rng, cases, plan, need, year)

    section47 = (kind == ENQUIRY) | ((kind == CONFERENCE) | plan) & ~chance("conference_without_section47")
    section47 |= (kind == LOOKED_AFTER) & chance("section47_if_looked_after")
    conference = (kind == CONFERENCE) | plan
    section47_start = np.minimum(cases["enquiry"], closure)
    conference_day = np.minimum(cases["held"], closure)

    assessed = (kind == NOT_IN_NEED) | (kind == LATER) | (kind == IN_NEED) | ((level > 3) & chance("assessed"))
    assessment_start = np.minimum(after(begun, "assessment_start_days"), closure)
    assessment_end = np.where(not_in_need, closure, np.minimum(after(assessment_start, "assessment_days"), closure))
    again_start = assessment_end + 365
    reassessed = (level > 2) & assessed & (again_start < closure) & chance("reassessed")
    child_in_need_plan = (level > 2) & ~plan & assessed & (assessment_end < closure) & chance("child_in_need_plan")

    reason = draw_codes(rng, size, year, "reason_for_closure")
    reason[not_in_need] = draw_codes(rng, size, year, "not_in_need_reason", "reason_for_closure")[not_in_need]
    known = children["has_upn"][cases["child"]]
    age = (day - cases["birth"]) / (ADULT / 18)
    known &= (last_day(year - 1) - cases["birth"]) / (ADULT / 18) >= parameters()["upn"]["from_age_years"]
    factors = draw_factors(rng, status, level, need, age, assessed, known & ~late, quota, year)
    looked_after_start = np.minimum(after(begun + 1, "looked_after_start_days"), closure - 2)
    dropped = ("next", "following", "birth", "begun", "end", "planned", "able", "enquiry", "held")
    return {name: column for name, column in cases.items() if name not in dropped} | {
        "closure": closure,
        "nfa": nfa,
        "not_in_need": not_in_need,
        "source": _sources(rng, status, level, year),
        "need": np.where(nfa, np.int8(-1), need).astype(np.int8),
        "reason": reason,
        "assessment_start": _where(assessed, assessment_start),
        "assessment_end": _where(assessed, assessment_end),
        "factors": factors,
        "reassessment_start": _where(reassessed, again_start),
        "reassessment_end": _where(reassessed, after(again_start, "assessment_days")),
        "more_factors": fewer(rng, factors),
        "section47_start": _where(section47, section47_start),
        "conference": _where(conference, conference_day),
        "plan_end": _where(plan, cases["plan_end"]),
        "category": draw_codes(rng, size, year, "category_of_abuse"),
        "latest_category": draw_codes(rng, size, year, "category_of_abuse"),
        "previous_plans": chance("previous_plan").astype(np.int8),
        "cin_plan_start": _where(child_in_need_plan, assessment_end + 1),
        "looked_after_start": _where(kind == LOOKED_AFTER, looked_after_start),
        "looked_after_end": _where(kind == LOOKED_AFTER, closure - 1),
    }


def _closures(rng: np.random.Generator, cases: Columns, plan: Mask, need: Kinds, year: int) -> Days:
    """When each case closes: by its `end`, and after what its outcome takes."""
    day, begun, kind, end = (cases[name] for name in ("day", "begun", "kind", "end"))
    size = len(day)
    least = np.maximum(begun - day, 1)
    for of_kind, days in ((LOOKED_AFTER, LOOKED_AFTER_DAYS), (CONFERENCE, CONFERENCE_DAYS)):
        least = np.where(kind == of_kind, np.maximum(least, begun - day + days), least)
    closure = day + _lengths(rng, kind, cases["status"], need, least, np.maximum(end - day, least), year)
    planned_until = np.minimum(cases["plan_end"] + rng.integers(0, 91, size), end)
    closure = np.where(kind == PLAN, planned_until, np.where(plan, np.maximum(closure, planned_until), closure))
    time_left = np.minimum(end, last_day(year)) - day
    soon = rng.integers(0, parameters()["journey"]["unassessed_days"] + 1, size)
    closure = np.where(kind == NOTHING_NOT_IN_NEED, day + np.minimum(soon, time_left), closure)
    assessed_for = np.minimum(_durations(rng, size, "not_in_need"), time_left)
    closure = np.where(kind == NOT_IN_NEED, day + assessed_for, closure)
    later = first_day(year + 1) + rng.integers(0, CLOSING_DAYS, size)
    later = np.minimum(np.maximum(np.minimum(later, day + 64), first_day(year + 1)), end)
    closure = np.where(kind == LATER, later, closure)
    closure = np.minimum(np.maximum(closure, begun), end)
    at_once = rng.random(size) < parameters()["journey"]["nfa_closed"]
    return np.where(kind == NFA, np.where(at_once, day, NEVER), closure).astype(np.int32)


def _lengths(
    rng: np.random.Generator, kind: Kinds, status: Kinds, need: Kinds, least: Days, most: Days, year: int
) -> Days:
    """How long cases in need last: in bands whose weights are fitted, from `least` days to `most` (M09)."""
    given = parameters()["duration"]
    edges = np.array(given["bands"], float)
    place = rng.random(len(kind))
    disability = codes("primary_need").index("N2")
    place = np.where(need == disability, place ** given["disability_exponent"], place)
    length = np.zeros(len(kind))
    for is_again, name in ((True, "rereferral"), (False, "initial")):
        weight = np.array([_in_year(given[name][band], year) for band in BANDS] + [1.0])
        for of_kind, times in given["of_kind"].items():
            rows = np.flatnonzero((kind == KINDS[of_kind]) & ((status == REREFERRAL) == is_again))
            cumulated = np.append(0, np.cumsum(weight * times) / (weight * times).sum())
            lowest, highest = (np.interp(days[rows], edges, cumulated) for days in (least, most))
            length[rows] = np.interp(lowest + place[rows] * (highest - lowest), cumulated, edges)
    return np.clip(np.round(length), least, most).astype(np.int32)


def _in_year(weight: Any, year: int) -> float:
    return at(weight, year) if isinstance(weight, dict) else float(weight)


def draw_by_level(
    rng: np.random.Generator, name: str, categories: tuple[str, ...], status: Kinds, level: Kinds, year: int
) -> Kinds:
    """Categories drawn by status and level, so that each status has the shares that its table says."""
    cumulated = _by_level(name, categories, year)[status, level - 1]
    return (rng.random(len(status))[:, None] > cumulated[:, :-1]).sum(axis=1).astype(np.int8)


@cache
def _by_level(name: str, categories: tuple[str, ...], year: int) -> Floats:
    """Cumulated shares by status and level. Levels are weighted by how many of their referrals have the attribute."""
    weights = parameters()[f"{name}_by_level"]
    seed = np.array([weights.get(category, [1.0] * len(LEVELS)) for category in categories]).T
    found = []
    for of_status, margin in zip(table("level", LEVELS, year), table(name, categories, year), strict=True):
        held = of_status * weights.get("held", [1.0] * len(LEVELS))
        found.append(np.cumsum(table_within(seed, held / held.sum(), margin / margin.sum()), axis=1))
    return np.array(found)


def _sources(rng: np.random.Generator, status: Kinds, level: Kinds, year: int) -> Kinds:
    """Codes of sources: a group by status and level, and a code within it by its share."""
    group = draw_by_level(rng, "source", source_groups(), status, level, year)
    of_group = {code.code: code.notes.split(";")[0].removeprefix("group=") for code in code_set("referral_source")}
    place = np.array([source_groups().index(of_group[code]) for code in codes("referral_source")])
    weight = shares("referral_source") * valid("referral_source", year)
    drawn = np.zeros(len(group), np.int8)
    for number in range(len(source_groups())):
        mine, rows = np.flatnonzero(place == number), np.flatnonzero(group == number)
        edges = np.cumsum(weight[mine] / weight[mine].sum())[:-1]
        drawn[rows] = mine[np.searchsorted(edges, rng.random(len(rows)))]
    return drawn


@cache
def source_groups() -> tuple[str, ...]:
    """The published groups of sources."""
    return tuple(code.label for code in code_set("referral_source_group"))


def cut_short(journey: Columns, dies: Mask) -> Columns:
    """End every case before its child is referred again, however much later, and what was to last until then.

    dies: for each case, whether its child dies when the last one closes.
    """
    j = dict(journey)
    following = _next_of_child(j["child"], j["day"])
    closure = np.minimum(j["closure"], np.where(j["nfa"], NEVER, j.pop("closed_by")))
    j["closure"] = closure
    j["plan_start"] = _where(j["plan_end"] != NEVER, j["conference"])
    j["plan_end"] = _where(j["plan_end"] != NEVER, np.minimum(j["plan_end"], closure))
    j["reassessment_start"] = _where(j["reassessment_start"] < closure, j["reassessment_start"])
    again = j["reassessment_start"] != NEVER
    j["reassessment_end"] = _where(again, np.minimum(j["reassessment_end"], closure))
    j["looked_after_end"] = _where(j["looked_after_end"] != NEVER, np.minimum(j["looked_after_end"], closure - 1))
    died, ordinary = (np.int8(codes("reason_for_closure").index(code)) for code in ("RC2", "RC7"))
    j["reason"] = np.where(dies & (following == NEVER) & ~j["not_in_need"], died, j["reason"])
    j["reason"] = np.where(j["nfa"], ordinary, j["reason"])
    return j


def working_days_after(day: Days, count: npt.NDArray[np.int64] | int) -> Days:
    """The count-th working day after a day; a day that is not one counts as the working day before it (M24)."""
    days = np.busday_offset(day.astype("datetime64[D]"), count, roll="backward", holidays=_bank_holidays())
    return np.asarray(days.astype(np.int64).astype(np.int32))


@cache
def _bank_holidays() -> npt.NDArray[np.datetime64]:
    with open(REFERENCE / "bank_holidays.csv", newline="", encoding="utf-8") as file:
        return np.array([row["date"] for row in csv.DictReader(file)], dtype="datetime64[D]")


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
