"""Which referral comes to what: the kinds of `quotas` drawn among an authority's referrals of a year (M12, M13, M18).

An outcome is given to a referral that has the time for it, by whether it is a re-referral, or is followed by one, or
neither; so nothing that was drawn is lost when the child is referred again.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rereferrals.census.synthetic.children import Days, Floats, Mask
from rereferrals.census.synthetic.history import last_day
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
from rereferrals.census.synthetic.shares import LEVELS, STATUSES, table
from rereferrals.census.synthetic.tables import Counts, fitted, whole

Kinds = npt.NDArray[np.int8]
UNDECIDED = -1
#: Days that a case must have before it ends for what happens in it.
PLAN_DAYS, CONFERENCE_DAYS, LOOKED_AFTER_DAYS, CLOSING_DAYS = 60, 32, 8, 60
ANNUAL = (NFA, NOTHING_NOT_IN_NEED, NOT_IN_NEED)
FLEXIBLE = (IN_NEED, ENQUIRY, NOTHING)


def draw_kinds(
    rng: np.random.Generator, day: Days, end: Days, may_be_planned: Mask, status: Kinds, late: Mask, quota: Quota,
    year: int,
) -> Kinds:  # fmt: skip
    """The kind of each referral: as many of each as the quota says; `end` is the day by which a case must close."""
    numbers = _numbers(status, late, quota, year)
    time = end - day
    closing = (last_day(year) - day < CLOSING_DAYS) & (end > last_day(year) + 1)
    able = {
        PLAN: may_be_planned,
        LOOKED_AFTER: time >= LOOKED_AFTER_DAYS,
        CONFERENCE: time >= CONFERENCE_DAYS,
        LATER: closing,
    }
    kind = np.full(len(day), UNDECIDED, np.int8)
    left = np.clip(np.minimum(end, last_day(year)) - day, 0.01, 45)
    for place in range(len(STATUSES)):
        mine = np.flatnonzero(status == place)
        mine = mine[np.argsort(rng.random(len(mine)))]
        for of_kind in able:
            chosen = mine[(kind[mine] == UNDECIDED) & able[of_kind][mine]][: numbers[place, of_kind]]
            kind[chosen] = of_kind
        mine = mine[kind[mine] == UNDECIDED]
        in_time = mine[~late[mine]]
        in_time = in_time[np.argsort(rng.exponential(size=len(in_time)) / left[in_time])]
        _deal(kind, in_time, numbers[place], (NOT_IN_NEED, NOTHING_NOT_IN_NEED, NFA))
        mine = mine[kind[mine] == UNDECIDED]
        _deal(kind, rng.permutation(mine), numbers[place], (ENQUIRY, NOTHING, IN_NEED))
    kind[kind == UNDECIDED] = IN_NEED
    _make_up(rng, kind, late, quota)
    return kind


def _numbers(status: Kinds, late: Mask, quota: Quota, year: int) -> Counts:
    """How many of each status get each kind: sums are the status's referrals and, as nearly, the quota."""
    size = np.bincount(status, minlength=len(STATUSES))
    kinds = np.array(quota.kinds, np.int64)
    kinds[IN_NEED] += len(status) - kinds.sum()
    seed = table("level", LEVELS, year)[:, LEVEL_OF_KIND - 1]
    return whole(fitted(seed * size[:, None], size.astype(float), np.maximum(kinds, 0).astype(float)), size)


def _deal(kind: Kinds, rows: npt.NDArray[np.intp], numbers: Counts, kinds: tuple[int, ...]) -> None:
    start = 0
    for of_kind in kinds:
        kind[rows[start : start + numbers[of_kind]]] = of_kind
        start += int(numbers[of_kind])


def _make_up(rng: np.random.Generator, kind: Kinds, late: Mask, quota: Quota) -> None:
    """Move referrals from kinds that nobody counts to those of the annual counts, or back, until these are exact."""
    for of_kind in ANNUAL:
        over = int((kind == of_kind).sum()) - quota.kinds[of_kind]
        spare = np.flatnonzero(~late & np.isin(kind, FLEXIBLE)) if over < 0 else np.flatnonzero(kind == of_kind)
        kind[rng.permutation(spare)[: abs(over)]] = of_kind if over < 0 else IN_NEED


def table_within(seed: Floats, rows: Floats, columns: Floats) -> Floats:
    """Shares within rows whose sums over rows, weighted, are those of columns."""
    joint = fitted(seed * columns[None, :] * rows[:, None], rows, columns)
    return np.asarray(joint / np.maximum(joint.sum(axis=1, keepdims=True), 1e-12))
