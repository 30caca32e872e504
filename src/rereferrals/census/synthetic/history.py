"""When children are referred: a process in which every known child may return, year by year, by hazards in time.

A year's referrals of an authority are made of three kinds of children: those who return within 365 days of their
last referral, those who return later, and those never referred before. How many children are linked to the year before,
and how many are referred more than once, is given by the year's `Target`, so annual counts are exact; who they are, and
when, is drawn. That children return after more than a year is not given but drawn, by a hazard that falls with time.

Published figures leave one thing no choice. Of the 504,440 initial referrals of one cohort, 51,210 were followed by
another in the same year, and 69,460 children of the next year were linked to that one: together 23.9%, which is the
published 24% only if nearly all linked children were last seen on an initial referral. So a child last seen on a
re-referral seldom returns within a year (`repeat_return_weight`).

Days are whole numbers since 1 January 1970.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import numpy.typing as npt

from rereferrals.census.synthetic.targets import Target, parameters

Days = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

EPOCH = date(1970, 1, 1).toordinal()
YEAR = 365
ADULT = 6574  # eighteen years


def first_day(year: int) -> int:
    """The day on which a reporting year starts."""
    return date(year - 1, 4, 1).toordinal() - EPOCH


def last_day(year: int) -> int:
    """The day on which a reporting year ends."""
    return first_day(year + 1) - 1


@dataclass(frozen=True)
class Pool:
    """Children known to an authority: number, birth, last referral, and whether that one was an initial referral."""

    child: Days
    birth: Days
    last: Days
    initial: Mask

    def __getitem__(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Pool:
        return Pool(*(getattr(self, f.name)[which] for f in fields(self)))

    def __len__(self) -> int:
        return len(self.child)

    @classmethod
    def join(cls, pools: Sequence[Pool]) -> Pool:
        """The children of several pools."""
        return cls(*(np.concatenate([getattr(pool, f.name) for pool in pools]) for f in fields(cls)))

    @classmethod
    def empty(cls) -> Pool:
        """A pool with nobody in it."""
        days = np.empty(0, np.int32)
        return cls(days, days, days, np.empty(0, np.bool_))


@dataclass(frozen=True)
class YearOfReferrals:
    """Referrals of one authority in one year, by child and day, each with the child's birth; births of new children."""

    child: Days
    day: Days
    birth: Days
    new_births: Days


def refer(
    rng: np.random.Generator, pool: Pool, target: Target, year: int, next_number: int
) -> tuple[YearOfReferrals, Pool]:
    """Draw one authority's referrals of a year, and the pool as the year leaves it.

    Counts are those of the target if the pool has enough children. New children are numbered from `next_number`.
    """
    pool = pool[pool.birth + ADULT > first_day(year)]
    linked, linked_day, others = _return_within_a_year(rng, pool, target.linked + target.hidden, year)
    is_counted = np.arange(len(linked)) < target.linked
    room = target.single + target.repeating - int((~is_counted).sum())
    later, later_day, others = _return_later(rng, others, room, year)
    returned, new = Pool.join([linked, later]), room - len(later)

    first = np.concatenate([linked_day, later_day, _any_day(rng, new, year)])
    is_counted = np.pad(is_counted, (0, len(first) - len(linked)))
    times = _times_referred(rng, first, is_counted, target, year)
    first[len(returned) :] = _earliest_of(rng, first[len(returned) :], times[len(returned) :], year)
    new_births = first[len(returned) :] - _ages_when_new(rng, new)

    child = np.append(returned.child, np.arange(next_number, next_number + new, dtype=np.int32))
    birth = np.append(returned.birth, new_births)
    row, day = _all_days(rng, first, times, year)
    last = np.zeros(len(first), np.int32)
    np.maximum.at(last, row, day)
    initial = (times == 1) & (np.arange(len(first)) >= len(linked))
    pool = Pool.join([others, Pool(child, birth, last, initial)])
    return YearOfReferrals(child[row], day, birth[row], new_births), pool


def _return_within_a_year(rng: np.random.Generator, pool: Pool, count: int, year: int) -> tuple[Pool, Days, Pool]:
    """`count` children who return within 365 days, the day of each, and the rest of the pool."""
    share = parameters()["history"]
    decay = share["return_decay_per_day"]
    start = first_day(year)
    first_gap = np.maximum(start - pool.last, 1)
    last_gap = np.minimum(np.minimum(last_day(year), pool.birth + ADULT - 1) - pool.last, YEAR)
    hazard = np.exp(-decay * first_gap) - np.exp(-decay * (last_gap + 1.0))
    weight = np.where(last_gap >= first_gap, hazard, 0) * np.where(pool.initial, 1, share["repeat_return_weight"])
    chosen = _choose(rng, weight, count)
    drawn = -np.log(np.exp(-decay * first_gap[chosen]) - rng.random(len(chosen)) * hazard[chosen]) / decay
    day = pool.last[chosen] + np.clip(np.floor(drawn), first_gap[chosen], last_gap[chosen])
    return pool[chosen], day.astype(np.int32), pool[_all_but(chosen, len(pool))]


def _return_later(rng: np.random.Generator, pool: Pool, room: int, year: int) -> tuple[Pool, Days, Pool]:
    """Children who return after more than 365 days, at most `room` of them, the day of each, and the rest of the pool.

    The chance of no return by t days falls as a power of t, so each year's draw needs only the time already passed.
    """
    share = parameters()["history"]
    early, late, bend = share["return_exponent_to_3_years"], share["return_exponent_after"], 3.0 * YEAR + 1
    passed = np.maximum(first_day(year) - pool.last, YEAR + 1).astype(float)
    hazard = rng.exponential(size=len(pool))
    hazard_to_bend = early * np.log(bend / np.minimum(passed, bend))
    before_bend = hazard < hazard_to_bend
    gap = np.where(
        before_bend,
        passed * np.exp(np.minimum(hazard, hazard_to_bend) / early),
        np.maximum(passed, bend) * np.exp(np.minimum((hazard - hazard_to_bend) / late, 10)),
    )
    day = pool.last + np.floor(gap)
    returns = np.flatnonzero((day <= last_day(year)) & (day < pool.birth + ADULT))
    if len(returns) > room:
        returns = np.sort(rng.permutation(returns)[:room])
    return pool[returns], day[returns].astype(np.int32), pool[_all_but(returns, len(pool))]


def _any_day(rng: np.random.Generator, count: int, year: int) -> Days:
    return rng.integers(first_day(year), last_day(year), count, dtype=np.int32, endpoint=True)


def _ages_when_new(rng: np.random.Generator, count: int) -> Days:
    """Ages at a first referral, in days; less than nought before birth."""
    ages = parameters()["first_age"]
    return np.asarray(np.interp(rng.random(count), ages["share"], ages["days"]), np.int32)


def _times_referred(rng: np.random.Generator, first: Days, is_counted: Mask, target: Target, year: int) -> Days:
    """How often each child is referred in the year: those referred early have more time to be referred again."""
    time_left = (last_day(year) - first).astype(float)
    linked = _choose(rng, np.where(is_counted, time_left, 0), target.linked_repeating)
    others = _choose(rng, np.where(is_counted, 0, time_left), target.repeating)
    several = np.concatenate([linked, others])
    often = several[_choose(rng, time_left[several], target.three_or_more)]
    times = np.ones(len(first), np.int32)
    times[several] += 1
    times[often] += 1
    if len(often):
        more = rng.integers(0, len(often), max(target.further - len(often), 0))
        times += np.bincount(often[more], minlength=len(first)).astype(np.int32)
    return np.minimum(times, (time_left + 1).astype(np.int32))


def _earliest_of(rng: np.random.Generator, first: Days, times: Days, year: int) -> Days:
    """The first days of new children, drawn again as the earliest of as many days as they have referrals."""
    length = last_day(year) - first_day(year) + 1
    earliest = first_day(year) + np.floor(length * (1 - rng.random(len(first)) ** (1 / times)))
    return np.asarray(np.where(times > 1, np.minimum(earliest, last_day(year) - times + 1), first), np.int32)


def _all_days(rng: np.random.Generator, first: Days, times: Days, year: int) -> tuple[npt.NDArray[np.intp], Days]:
    """The children, repeated, and the days of their referrals: the first, and others spread evenly after it."""
    repeats = np.flatnonzero(times > 1)
    more = times[repeats] - 1
    child = np.repeat(repeats, more)
    rank = np.arange(len(child)) - np.repeat(np.cumsum(more) - more, more)
    draw = rng.random(len(child))
    order = np.lexsort((draw, child))
    free = last_day(year) - first[child] - times[child] + 2
    day = first[child] + 1 + np.floor(draw[order] * free).astype(np.int32) + rank
    all_children = np.concatenate([np.arange(len(first)), child])
    all_days = np.concatenate([first, day.astype(np.int32)])
    by_child = np.lexsort((all_days, all_children))
    return all_children[by_child], all_days[by_child]


def _choose(rng: np.random.Generator, weight: Floats, count: int) -> npt.NDArray[np.intp]:
    """`count` indices drawn without replacement by weight, or all with a weight if there are fewer; in order."""
    possible = np.flatnonzero(weight > 0)
    keys = rng.exponential(size=len(weight))[possible] / weight[possible]
    if count < len(possible):
        possible = possible[np.argpartition(keys, count)[:count]]
    return np.sort(possible)


def _all_but(chosen: npt.NDArray[np.intp], size: int) -> Mask:
    rest = np.ones(size, np.bool_)
    rest[chosen] = False
    return rest
