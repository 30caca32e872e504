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
        plan_end, closed_by = drawn["plan_end"], drawn["closed_by"]
        # No return would tell that a plan has ended while there is none, so it ends before that.
        untold = (start < unseen[0]) & (plan_end >= unseen[0]) & (plan_end <= unseen[1])
        plan_end[untold] = unseen[0] - 1
        if quota.subjects is None:
            # Plans of earlier years than those with numbers are over before the years that are counted.
            plan_end[(start < self.start) & (plan_end >= self.start)] = self.start - 1
        ends = np.minimum(plan_end, closed_by)
        is_untold = (start >= unseen[0]) & (ends <= unseen[1])
        counts = self.young[child] & (start <= self.end) & ~is_untold
        touches = counts & (ends >= self.start)
        is_new = touches & ~self.counted[child]
        if quota.subjects is not None:
            _exchange(rng, kind, planned, drawn["able"], is_new, child, drawn["status"], quota.subjects)
        if quota.active is not None:
            self._move_ends(rng, drawn, counts, is_new, self.active & mine, quota.active)
        has_plan = (kind == PLAN) | planned
        self.counted[child[has_plan & touches]] = True
        ends = np.minimum(plan_end, closed_by)
        self.active[child[has_plan & counts & (ends > self.end)]] = True

    def _move_ends(
        self, rng: np.random.Generator, drawn: Columns, counts: Mask, is_new: Mask, before: Mask, wanted: int
    ) -> None:
        """Move ends of plans past the last day counted, or before it, until so many children are on one after it.

        Where too few could be on one, because their children are referred again before, others get the plans of those.
        """
        child, start, plan_end, end, kind = (drawn[name] for name in ("child", "held", "plan_end", "end", "kind"))
        possible = counts & ~before[child] & ((kind == PLAN) | drawn["planned"])
        after = possible & (np.minimum(plan_end, end) > self.end)
        missing = wanted - int(before.sum()) - len(np.unique(child[after]))
        if missing < 0:
            rows = _one_of_each(rng, np.flatnonzero(after & (start + LEAST_DAYS < self.end)), child)[:-missing]
            least = start[rows] + LEAST_DAYS
            plan_end[rows] = least + np.floor(rng.random(len(rows)) * (self.end - least + 1)).astype(np.int32)
            return
        lasting = counts & ~before[child] & (end > self.end + 1)
        rows = np.flatnonzero(possible & ~after & lasting)
        rows = _one_of_each(rng, rows[~np.isin(child[rows], child[after])], child)[:missing]
        after[rows] = True
        rows = np.append(rows, _instead(rng, drawn, lasting, is_new, after, missing - len(rows)))
        plan_end[rows] = np.minimum(self.end + rng.integers(1, MOST_DAYS, len(rows)), end[rows])


def _instead(rng: np.random.Generator, drawn: Columns, lasting: Mask, is_new: Mask, kept: Mask, count: int) -> Rows:
    """Give plans of referrals that are not `kept` to `lasting` ones, of one status and as new; returns which these are.

    At most `count` are given, and fewer if there are no more.
    """
    child, kind = drawn["child"], drawn["kind"]
    given = np.empty(0, np.intp)
    for status in range(len(STATUSES)):
        for newness in (True, False):
            same = (drawn["status"] == status) & (is_new == newness)
            has_plan = (kind == PLAN) | drawn["planned"]
            several = _of_several(child, has_plan)
            free = same & lasting & drawn["able"] & np.isin(kind, EXCHANGED) & ~np.isin(child, child[has_plan])
            other = _one_of_each(rng, np.flatnonzero(free), child)
            giving = rng.permutation(np.flatnonzero(same & (kind == PLAN) & ~kept & ~several))
            size = min(count - len(given), len(other), len(giving))
            kind[other[:size]], kind[giving[:size]] = kind[giving[:size]], kind[other[:size]]
            given = np.append(given, other[:size])
    return given


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
            several = _of_several(child, has_plan & is_new)
            giving = rng.permutation(giving[is_new[giving] & ~several[giving]])
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
        several = _of_several(child, has_plan & is_new)
        looked_after = looked_after[~several[looked_after]]
    planned[_one_of_each(rng, looked_after, child)[: abs(missing)]] = missing > 0


def _of_several(child: Days, rows: Mask) -> Mask:
    """Whether each row's child has more than one of these rows."""
    return np.asarray((np.bincount(child[rows], minlength=int(child.max(initial=0)) + 1) > 1)[child])


def _one_of_each(rng: np.random.Generator, rows: Rows, child: Days) -> Rows:
    """One of these rows for each child, in no order."""
    rows = rng.permutation(rows)
    return rng.permutation(rows[np.unique(child[rows], return_index=True)[1]])
