"""The annual and longitudinal methods written out in plain Python, slowly and obviously, for tests to compare with.

A referral is a dict: la, child, ref (a date), and optionally person (whose other ids are the same child), file
(collection year), source, need, nfa, close, reason, icpc (a date), and lists: assess (auth, factors), s47 (icpc), cpp
(start, end) and cin_plans; and what a return says of the child: birth, expected, death, gender, ethnicity,
disabilities. Rows stand in file order.

A closed case that has been followed is a `Case`.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

Row = dict[str, Any]


def year_of(day: date) -> int:
    """The reporting year of a day (M01)."""
    return day.year if day <= date(day.year, 3, 31) else day.year + 1


def file_year(row: Row) -> int:
    """The collection year of the return that holds a row."""
    return row.get("file") or year_of(row["ref"])


def referrals(rows: list[Row], year: int) -> list[Row]:
    """Referrals of a year in its own return; of a child's groups of one day, the first in file order (M01)."""
    seen = set()
    found = []
    for row in rows:
        key = (row["la"], row["child"], row["ref"])
        if file_year(row) == year and year_of(row["ref"]) == year and key not in seen:
            seen.add(key)
            found.append(row)
    return found


def rereferrals(rows: list[Row], year: int) -> list[Row]:
    """Each referral at most 365 days after the one before it: the child's of this year, and last of the year before."""
    current, before = referrals(rows, year), referrals(rows, year - 1)
    found = []
    for row in current:
        mine = [r["ref"] for r in current if (r["la"], r["child"]) == (row["la"], row["child"])]
        last_year = [r["ref"] for r in before if (r["la"], r["child"]) == (row["la"], row["child"])]
        line = sorted(mine + ([max(last_year)] if last_year else []))
        earlier = [day for day in line if day < row["ref"]]
        if earlier and row["ref"] - max(earlier) <= timedelta(days=365):
            found.append(row)
    return found


def is_not_in_need(row: Row) -> bool:
    """M13, from one return's group."""
    return bool(
        not row.get("nfa")
        and row.get("reason") in ("RC8", "RC9")
        and row.get("assess")
        and not (row.get("s47") or row.get("cpp") or row.get("cin_plans") or row.get("icpc"))
    )


def annual(rows: list[Row], year: int) -> dict[str, int]:
    """All annual figures of a year (M01, M02, M04, M05, M06, M12, M13)."""
    mine, again = referrals(rows, year), rereferrals(rows, year)
    per_child = Counter((r["la"], r["child"]) for r in mine)
    return {
        "referrals": len(mine),
        "rereferrals": len(again),
        "children": len(per_child),
        "rereferred_children": len({(r["la"], r["child"]) for r in again}),
        "nfa": sum(bool(r.get("nfa")) for r in mine),
        "not_in_need": sum(is_not_in_need(r) for r in mine),
        "once": sum(n == 1 for n in per_child.values()),
        "twice": sum(n == 2 for n in per_child.values()),
        "three_plus": sum(n >= 3 for n in per_child.values()),
    }


def cohort(rows: list[Row], year: int, window_years: int) -> tuple[int, int]:
    """Children with an initial referral in the year, and how many were re-referred in the window (M07)."""
    days: dict[tuple[str, str], set[date]] = {}
    for row in rows:
        days.setdefault((row["la"], row["child"]), set()).add(row["ref"])
    initial = again = 0
    for history in days.values():
        for day in sorted(history):
            earlier = [d for d in history if 1 <= (day - d).days <= 365]
            if year_of(day) == year and not earlier:
                initial += 1
                later = [d for d in history if d > day]
                again += bool(later) and (min(later) - day).days <= 365 * window_years
    return initial, again


def person(row: Row) -> str:
    """Who the child of a row is."""
    found: str = row.get("person", row["child"])
    return found


def merged(rows: list[Row], data_end: date) -> list[Row]:
    """The referrals of all returns, once each: what each field of a referral is by the returns together.

    A field is that of the latest return that has it, but closure and reason are the latest return's; of one return's
    groups of a day the first goes before the others. Activity is pooled.
    """
    groups: dict[tuple[str, str, date], list[Row]] = {}
    for row in sorted(rows, key=file_year, reverse=True):
        if row["ref"] <= data_end:
            groups.setdefault((row["la"], person(row), row["ref"]), []).append(row)
    found = []
    for (la, who, ref), theirs in sorted(groups.items()):
        whole: Row = {"la": la, "person": who, "ref": ref}
        for name in ("source", "need", "nfa"):
            whole[name] = next((row[name] for row in theirs if row.get(name) is not None), None)
        whole |= {name: theirs[0].get(name) for name in ("close", "reason")}
        for name in ("assess", "s47", "cpp", "cin_plans"):
            whole[name] = [one for row in theirs for one in row.get(name, ())]
        whole["icpc"] = any(row.get("icpc") for row in theirs) or any(enquiry.get("icpc") for enquiry in whole["s47"])
        whole["factors"] = {code for one in whole["assess"] for code in one.get("factors", ())}
        found.append(whole)
    return found


def status(referral: Row, of: list[Row]) -> str:
    """Whether a merged referral is a re-referral, leads to one, or neither (M03, M17)."""
    days = [r["ref"] for r in of if (r["la"], r["person"]) == (referral["la"], referral["person"])]
    if any(1 <= (referral["ref"] - day).days <= 365 for day in days):
        return "rereferral"
    return "leading" if any(1 <= (day - referral["ref"]).days <= 365 for day in days) else "not_leading"


def is_looked_after(referral: Row, episodes: list[Row], data_end: date) -> bool:
    """Whether a merged referral's child is looked after on some day of the case (M18).

    `episodes`: rows of lea, la_child_id, collection_year, decom, dec; children and persons have the same name.
    """
    end = referral["close"] or (referral["ref"] if referral["nfa"] else data_end)
    for episode in episodes:
        last = episode["dec"] or date(episode["collection_year"], 3, 31)
        theirs = (episode["lea"], episode["la_child_id"]) == (referral["la"], referral["person"])
        if theirs and episode["decom"] <= end and last >= referral["ref"]:
            return True
    return False


def steps(referral: Row, looked_after: list[Row], data_end: date) -> set[str]:
    """The steps that a merged referral reached, in whatever order (M19)."""
    found = {"assessment": "assess", "section47": "s47", "conference": "icpc", "plan": "cpp"}
    found["child_in_need_plan"] = "cin_plans"
    reached = {step for step, name in found.items() if referral[name]}
    return reached | ({"looked_after"} if is_looked_after(referral, looked_after, data_end) else set())


def level(referral: Row, looked_after: list[Row], data_end: date) -> int:
    """The highest level of intervention of a merged referral, 1 to 7 (M18)."""
    if is_looked_after(referral, looked_after, data_end):
        return 7
    if referral["cpp"]:
        return 6
    if referral["icpc"]:
        return 5
    if referral["s47"]:
        return 4
    if referral["cin_plans"]:
        return 3
    if referral["assess"]:
        return 2 if referral["reason"] in ("RC8", "RC9") else 3
    return 1


def next_level(referral: Row, of: list[Row], looked_after: list[Row], data_end: date) -> int | None:
    """The level of the person's next merged referral, if it follows within 365 days (M19)."""
    later = [
        r for r in of if (r["la"], r["person"]) == (referral["la"], referral["person"]) and r["ref"] > referral["ref"]
    ]
    following = min(later, key=lambda r: r["ref"], default=None)
    if following is None or (following["ref"] - referral["ref"]).days > 365:
        return None
    return level(following, looked_after, data_end)


def is_episode(referral: Row) -> bool:
    """Whether a merged referral is an episode of need (M08)."""
    return not referral["nfa"] and referral["reason"] not in ("RC8", "RC9")


def is_overlapping(episode: Row, of: list[Row]) -> bool:
    """Whether an earlier episode of the person was open when this one began; it may have ended on that day (M08)."""
    return any(
        (r["la"], r["person"]) == (episode["la"], episode["person"])
        and r["ref"] < episode["ref"]
        and (r["close"] is None or r["close"] > episode["ref"])
        for r in of
        if is_episode(r)
    )


def band(start: date, end: date) -> int:
    """The place of a duration's band, 0 to 4, in calendar months (M09)."""
    if end <= months_after(start, 3):
        return 0
    if end <= months_after(start, 6):
        return 1
    if end < months_after(start, 12):
        return 2
    return 3 if end < months_after(start, 24) else 4


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def annual_factors(rows: list[Row]) -> Counter[tuple[int, str, frozenset[str]]]:
    """How many groups of each year and authority have each set of factors in assessments authorised that year (M16)."""
    sets = []
    for row in rows:
        year = file_year(row)
        authorised = [a for a in row.get("assess", ()) if a.get("auth") and year_of(a["auth"]) == year]
        codes = frozenset(code for one in authorised for code in one.get("factors", ()))
        sets += [(year, row["la"], codes)] if codes else []
    return Counter(sets)


def completed_years(birth: date, day: date) -> int:
    """Age on a day: how many birthdays there have been, a birthday of 29 February being 1 March in other years."""
    age = 0
    while (birth.year + age + 1, birth.month, birth.day) <= (day.year, day.month, day.day):
        age += 1
    return age


def characteristics(rows: list[Row], year: int) -> dict[tuple[str, str], tuple[object, ...]]:
    """Of each child referred in a year: unborn, age, school age, sex, disabled, by the return's first record (M14)."""
    found: dict[tuple[str, str], tuple[object, ...]] = {}
    for row in referrals(rows, year):
        key = (row["la"], row["child"])
        told = next(r for r in rows if (r["la"], r["child"]) == key and file_year(r) == year)
        birth = told.get("birth")
        in_school = birth is not None and birth <= date(year - 1, 8, 31)
        found[key] = (
            birth is None and told.get("expected") is not None,
            None if birth is None else completed_years(birth, date(year, 3, 31)),
            in_school and 5 <= completed_years(birth, date(year - 1, 8, 31)) <= 15,
            {"1": "male", "2": "female"}.get(told.get("gender", "")),
            any(code != "NONE" for code in told.get("disabilities", ())),
        )
    return found


def protected(rows: list[Row], data_end: date) -> dict[str, bool]:
    """Persons aged 16 or under with a plan in the five years to a day, and whether one is active after it (M25).

    A plan is a person's and a start's, and ends as the latest return says; the birth date is the latest return's.
    """
    first_day = date(data_end.year - 5, 4, 1)
    plans: dict[tuple[str, date], date | None] = {}
    births: dict[str, date] = {}
    expected = set()
    for row in sorted(rows, key=file_year):
        for plan in row.get("cpp", ()):
            plans[person(row), plan["start"]] = plan.get("end")
        if row.get("birth"):
            births[person(row)] = row["birth"]
        if row.get("expected"):
            expected.add(person(row))
    found: dict[str, bool] = {}
    for (who, start), end in plans.items():
        is_young = completed_years(births[who], data_end) <= 16 if who in births else who in expected
        if is_young and start <= data_end and (end is None or end >= first_day):
            found[who] = found.get(who, False) or end is None or end > data_end
    return found


@dataclass(frozen=True)
class Case:
    """A closed case (M23): the day it leaves observation; how, which is "rereferred", "of_age" or "" for any other
    reason; whose it is; and what a model knows of it, as numbers."""

    day: int
    how: str
    child: int = 0
    known: tuple[float, ...] = ()


def at_risk(cases: list[Case], day: int) -> int:
    """How many cases are under observation as a day begins."""
    return sum(case.day >= day for case in cases)


def leaving(cases: list[Case], day: int, how: str) -> int:
    """How many leave on a day in one way."""
    return sum((case.day, case.how) == (day, how) for case in cases)


def not_rereferred(cases: list[Case], day: int) -> float:
    """The Kaplan–Meier estimate of the share not re-referred by the end of a day."""
    share = 1.0
    for earlier in range(day + 1):
        if leaving(cases, earlier, "rereferred"):
            share *= 1 - leaving(cases, earlier, "rereferred") / at_risk(cases, earlier)
    return share


def came_first(cases: list[Case], day: int, how: str) -> float:
    """The Aalen–Johansen estimate of the share to which this came first, of re-referral and 18th birthday, by a day."""
    neither, share = 1.0, 0.0
    for earlier in range(day + 1):
        here = at_risk(cases, earlier)
        if here:
            share += neither * leaving(cases, earlier, how) / here
            neither *= 1 - (leaving(cases, earlier, "rereferred") + leaving(cases, earlier, "of_age")) / here
    return share


def influence(case: Case, cases: list[Case], day: int) -> float:
    """What a case adds to minus the logarithm of the share not re-referred by the end of a day.

    On each day that it is observed, that is by how much it was re-referred more often than all were, over the number
    of those that were not.
    """
    total = 0.0
    for earlier in range(min(day, case.day) + 1):
        events, here = leaving(cases, earlier, "rereferred"), at_risk(cases, earlier)
        if events < here:
            total += (((case.day, case.how) == (earlier, "rereferred")) - events / here) / (here - events)
    return total


def covariance(cases: list[Case], days: list[int]) -> list[list[float]]:
    """Of minus the logarithm of survival between days: influences summed within a child, multiplied and added up."""
    of_child: dict[int, list[float]] = {}
    for case in cases:
        sums = of_child.setdefault(case.child, [0.0] * len(days))
        for place, day in enumerate(days):
            sums[place] += influence(case, cases, day)
    return [[sum(sums[a] * sums[b] for sums in of_child.values()) for b in range(len(days))] for a in range(len(days))]


def scores(cases: list[Case], coefficients: list[float]) -> list[Any]:
    """What each case adds to the gradient of the log partial likelihood by Efron's method: for each event of a day in
    turn, cases of the day's events share what is known of them and count for less the later the turn."""
    rows = np.array([case.known for case in cases], dtype=float)
    weight = np.exp(rows @ np.array(coefficients, dtype=float))
    found = np.zeros_like(rows)
    for day in sorted({case.day for case in cases if case.how == "rereferred"}):
        events = [n for n, case in enumerate(cases) if (case.day, case.how) == (day, "rereferred")]
        for turn in range(len(events)):
            share = np.array([float(case.day >= day) for case in cases])
            share[events] -= turn / len(events)
            whole = (share * weight).sum()
            mean = (share * weight) @ rows / whole
            found[events] += (rows[events] - mean) / len(events)
            found -= (share * weight / whole)[:, None] * (rows - mean)
    return list(found)


def robust_errors(cases: list[Case], coefficients: list[float], inverse: Any) -> list[float]:
    """Standard errors by the inverse of the information: scores summed within a child, each child's times it."""
    sums: dict[int, Any] = {}
    for case, score in zip(cases, scores(cases, coefficients), strict=True):
        sums[case.child] = sums.get(case.child, 0.0) + score
    moved = np.array([inverse @ total for total in sums.values()])
    return [math.sqrt(square) for square in (moved**2).sum(axis=0)]


def concordance(cases: list[Case], risk: list[float], last_day: int) -> float:
    """The share of pairs in which the case that is re-referred first, by a day, has the higher risk; a half of ties.

    Two that are re-referred on one day are no pair; one that leaves otherwise that day is later.
    """
    right = pairs = 0.0
    for first, its_risk in zip(cases, risk, strict=True):
        if first.how == "rereferred" and first.day <= last_day:
            for other, other_risk in zip(cases, risk, strict=True):
                if other.day > first.day or (other.day == first.day and other.how != "rereferred"):
                    pairs += 1
                    right += 1.0 if its_risk > other_risk else 0.5 if its_risk == other_risk else 0.0
    return right / pairs
