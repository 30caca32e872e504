"""How many referrals of each authority and year get each kind of outcome: whole numbers that add up to published ones.

The number without further action (M12) and of those closed in the year as not in need (M13) are an authority's own.
The others are shares of England, handed round along the authorities, so that England's numbers are right whatever the
seed, and as near in proportion as whole numbers can be at any scale (M18).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rereferrals.census.synthetic.shares import LEVELS, STATUSES, counted, status_weights, table
from rereferrals.census.synthetic.tables import Counts, Floats, share_out, whole

#: Kinds of outcome. NOTHING is a case in which nothing is recorded but its closure; those NOT_IN_NEED were assessed,
#: and closed in the year or LATER. Every other kind is named for the highest level that it reaches.
NFA, NOTHING_NOT_IN_NEED, NOTHING, NOT_IN_NEED, LATER, IN_NEED, ENQUIRY, CONFERENCE, PLAN, LOOKED_AFTER = range(10)
LEVEL_OF_KIND = np.array([1, 1, 1, 2, 2, 3, 4, 5, 6, 7])
OTHERS = (NOTHING, LATER, IN_NEED, ENQUIRY, CONFERENCE, PLAN, LOOKED_AFTER)
ENGLAND = "all"


@dataclass(frozen=True)
class Quota:
    """An authority's numbers of a year.

    kinds: referrals of each kind, in order. planned: those of LOOKED_AFTER that have a child protection plan too.
    subjects, active: children newly among those with a plan in the five years that are counted, and those whose plan
    is active at their end (M25); None in other years. gangs: referrals with that factor by status; None if not given.
    """

    kinds: tuple[int, ...]
    planned: int = 0
    subjects: int | None = None
    active: int | None = None
    gangs: tuple[int, ...] | None = None

    @classmethod
    def empty(cls) -> Quota:
        """That of an authority without referrals."""
        return cls((0,) * len(LEVEL_OF_KIND))


def quotas(
    year: int, scale: float, referrals: Counts, no_further_action: Counts, not_in_need: Counts, returned: Counts,
    unbroken: Counts, rereferrals: Counts, share: Mapping[str, float],
) -> list[Quota]:  # fmt: skip
    """The quotas of all authorities in a year, given how many referrals each has, and those that it publishes.

    returned, unbroken: 1 where there is a return of the year, and of those before and after it too, or else 0.
    share: the parameters of journeys.
    """
    rest = referrals - no_further_action - not_in_need
    nothing, others = _national(
        year, scale, share, *(int(n.sum()) for n in (referrals, no_further_action, not_in_need))
    )
    unassessed = share_out(not_in_need * nothing / max(not_in_need.sum(), 1), 1)
    shared = whole(np.outer(rest / max(rest.sum(), 1), others), rest)
    planned = share_out(shared[:, -1].astype(float), share["looked_after_with_plan"])
    kinds = np.column_stack([no_further_action, unassessed, not_in_need - unassessed, shared])
    order = [NFA, NOTHING_NOT_IN_NEED, NOT_IN_NEED, *OTHERS]
    kinds = kinds[:, np.argsort(order)]
    plans = (kinds[:, PLAN] + planned) * returned
    subjects, active = (_part("child_protection", year, name, scale, plans) for name in ("new", "active"))
    of_status = [np.minimum(rereferrals, rest), *[np.maximum(rest - rereferrals, 0)] * 2]
    gangs = [
        _part("gangs", year, "Gangs", scale, weight * unbroken, status)
        for status, weight in zip(STATUSES, of_status, strict=True)
    ]
    return [
        Quota(
            tuple(kinds[place].tolist()),
            int(planned[place]),
            None if subjects is None else int(subjects[place]),
            None if active is None else int(active[place]),
            None if gangs[0] is None else tuple(int(of[place]) for of in gangs if of is not None),
        )
        for place in range(len(referrals))
    ]


def _part(name: str, year: int, category: str, scale: float, weight: Counts, of: str = ENGLAND) -> Counts | None:
    count = counted(name, year).get((of, category))
    return None if count is None else share_out(weight * (count / max(weight.sum(), 1)), scale)


def _national(
    year: int, scale: float, share: Mapping[str, float], referrals: int, nfa: int, not_in_need: int
) -> tuple[float, Floats]:
    """England's number closed as not in need without an assessment, and of the kinds OTHERS."""
    level = _levels(year, scale, referrals)
    later = share["closed_later"] * level[1]
    assessed = min(level[1] - later, (1 - share["not_assessed"]) * not_in_need)
    is_counted = bool(counted("level", year))
    assessed = level[1] - later if is_counted else assessed
    nothing = level[0] - nfa - (not_in_need - assessed)
    most = referrals if is_counted else share["nothing_recorded"] * referrals
    others = np.array([min(max(nothing, 0), most), later, *level[2:]])
    rest = referrals - nfa - not_in_need
    flexible = slice(5, 7) if is_counted else slice(2, 7)
    fixed = others.sum() - others[flexible].sum()
    others[flexible] *= max(rest - fixed, 0) / max(others[flexible].sum(), 1e-9)
    return not_in_need - assessed, others


def _levels(year: int, scale: float, referrals: int) -> Floats:
    """England's referrals at each level: declared numbers, or shares of all."""
    level = status_weights() @ table("level", LEVELS, year) * referrals
    for place, name in enumerate(LEVELS):
        level[place] = scale * counted("level", year).get((ENGLAND, name), level[place] / scale)
    return np.asarray(level)
