"""The annual and longitudinal methods written out in plain Python, slowly and obviously, for tests to compare with.

A referral is a dict: la, child, ref (a date), and optionally file (collection year), nfa, close, reason, icpc (a date),
assess, s47, cpp and cin_plans (lists). Rows stand in file order.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

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
