"""Who is on a child protection plan over five years, whatever each year's referrals come to (M25).

Levels say how many referrals come to a plan, and a child may have several. How many children that makes over the years
that are counted together is published too. So each year's plans are settled among referrals of one status that could
have come to one: how many go to children who had none in those years is given.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from rereferrals.census.synthetic.children import Days, Mask
from rereferrals.census.synthetic.history import ADULT, EPOCH, first_day, last_day
from rereferrals.census.synthetic.outcomes import Kinds
from rereferrals.census.synthetic.quotas import ENQUIRY, IN_NEED, LOOKED_AFTER, PLAN, Quota
from rereferrals.census.synthetic.shares import STATUSES
from rereferrals.census.synthetic.targets import parameters

Rows = npt.NDArray[np.intp]
Columns = dict[str, npt.NDArray[Any]]
Span = tuple[int, int]
EXCHANGED = (IN_NEED, ENQUIRY)
LEAST_DAYS, MOST_DAYS = 7, 200


class Register:
    """Which children of a family were subject to a plan in the years counted together, and whose plan is active."""

    def __init__(self, children: Columns) -> None:
        births = children["birth"]
        share = parameters()["child_protection"]
        year = share["last_year"]
        self.start, self.end = first_day(year - share["years"] + 1), last_day(year)
        self.last_year = first_day(year)
        self.young = births > date(year - share["oldest"] - 1, 3, 31).toordinal() - EPOCH
        self.counted = np.zeros(len(births), np.bool_)
        self.active = np.zeros(len(births), np.bool_)
        youngest = self.start - parameters()["upn"]["from_age_years"] * ADULT // 18
        self.unnamed = ~children["has_upn"] | (births > youngest)

    def allowed(self, child: Days, code: str, year: int) -> Mask:
        """Who may have a plan: not those who had one under a number by which they are not known again."""
        if any(y <= year for y in parameters()["renumbered"].get(code, ())):
            return np.asarray(~(self.counted & self.unnamed)[child])
        return np.ones(len(child), np.bool_)

    def settle(self, rng: np.random.Generator, drawn: Columns, mine: Mask, unseen: Span, quota: Quota) -> None:
        """Move plans among the referrals of an authority and year until the quota is met; note who has one.

        drawn: the columns of `journeys.outcomes`, of which `kind`, `planned` and `plan_end` are changed. mine: the
        children that the authority has. unseen: the first and the last day of which it made no return.
        """
        child, start, kind, planned = drawn["child"], drawn["held"], drawn["kind"], drawn["planned"]
        if quota.subjects is None:
            # Plans of earlier years than those with numbers are over before the years that are counted.
            over = (start < self.start) & (drawn["plan_end"] >= self.start)
            drawn["plan_end"][over] = self.start - 1
        is_seen, ends = _as_returned(drawn, unseen)
        comes_too_late = drawn["late"] & (drawn["day"] >= self.last_year)
        counts = self.young[child] & (start <= self.end) & is_seen & ~comes_too_late
        touches = counts & (ends >= self.start)
        if quota.subjects is not None:
            is_new = touches & ~self.counted[child]
            _exchange(rng, kind, planned, drawn["able"], is_new, child, drawn["status"], quota.subjects)
        has_plan = (kind == PLAN) | planned
        if quota.active is not None:
            self._move_ends(rng, drawn, has_plan & counts, self.active & mine, quota.active)
            _, ends = _as_returned(drawn, unseen)
        self.counted[child[has_plan & touches]] = True
        self.active[child[has_plan & counts & (ends > self.end)]] = True

    def _move_ends(self, rng: np.random.Generator, drawn: Columns, possible: Mask, before: Mask, wanted: int) -> None:
        """Move ends of plans past the last day counted, or before it, until so many children are on one after it."""
        child, start, plan_end, end = drawn["child"], drawn["held"], drawn["plan_end"], drawn["end"]
        after = possible & (np.minimum(plan_end, end) > self.end)
        now = int(before.sum()) + len(np.unique(child[after & ~before[child]]))
        if now < wanted:
            rows = np.flatnonzero(possible & ~after & ~before[child] & (end > self.end + 1))
            rows = _one_of_each(rng, rows[~np.isin(child[rows], child[after])], child)[: wanted - now]
            plan_end[rows] = np.minimum(self.end + rng.integers(1, MOST_DAYS, len(rows)), end[rows])
        else:
            rows = np.flatnonzero(after & ~before[child] & (start + LEAST_DAYS < self.end))
            rows = _one_of_each(rng, rows, child)[: now - wanted]
            least = start[rows] + LEAST_DAYS
            plan_end[rows] = least + np.floor(rng.random(len(rows)) * (self.end - least + 1)).astype(np.int32)


def _as_returned(drawn: Columns, unseen: Span) -> tuple[Mask, Days]:
    """Whether any return tells of a plan of each referral, and when the plan ends by what returns say."""
    start, end = drawn["held"], np.minimum(drawn["plan_end"], drawn["following"])
    ends_unseen = (end >= unseen[0]) & (end <= unseen[1])
    is_seen = ~(ends_unseen & ((start >= unseen[0]) | drawn["late"]))
    return is_seen, np.where(ends_unseen, np.iinfo(np.int32).max, end)


def _exchange(
    rng: np.random.Generator, kind: Kinds, planned: Mask, able: Mask, is_new: Mask, child: Days, status: Kinds,
    wanted: int,
) -> None:  # fmt: skip
    """Exchange outcomes between referrals of one status until plans reach as many new children as wanted."""
    for among in (*range(len(STATUSES)), None):
        same = np.ones(len(kind), np.bool_) if among is None else status == among
        has_plan = (kind == PLAN) | planned
        reached = np.unique(child[has_plan & is_new])
        missing = wanted - len(reached)
        is_reached = np.isin(child, reached)
        other = np.flatnonzero(same & np.isin(kind, EXCHANGED) & able)
        giving = np.flatnonzero(same & (kind == PLAN))
        if missing > 0:
            other = other[is_new[other] & ~is_reached[other]]
            other = _one_of_each(rng, other, child)
            giving = rng.permutation(giving[~is_new[giving]])
        else:
            other = rng.permutation(other[~is_new[other] | is_reached[other]])
            several = np.bincount(child[has_plan & is_new], minlength=int(child.max(initial=0)) + 1) > 1
            giving = rng.permutation(giving[is_new[giving] & ~several[child[giving]]])
            other = other[~np.isin(child[other], child[giving])]
        count = min(abs(missing), len(other), len(giving))
        kind[other[:count]], kind[giving[:count]] = kind[giving[:count]], kind[other[:count]]
    has_plan = (kind == PLAN) | planned
    reached = np.unique(child[has_plan & is_new])
    missing = wanted - len(reached)
    looked_after = np.flatnonzero((kind == LOOKED_AFTER) & able & is_new & (planned if missing < 0 else ~planned))
    if missing > 0:
        looked_after = looked_after[~np.isin(child[looked_after], reached)]
    else:
        several = np.bincount(child[has_plan & is_new], minlength=int(child.max(initial=0)) + 1) > 1
        looked_after = looked_after[~several[child[looked_after]]]
    planned[_one_of_each(rng, looked_after, child)[: abs(missing)]] = missing > 0


def _one_of_each(rng: np.random.Generator, rows: Rows, child: Days) -> Rows:
    """One of these rows for each child, in no order."""
    rows = rng.permutation(rows)
    return rng.permutation(rows[np.unique(child[rows], return_index=True)[1]])
