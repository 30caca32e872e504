"""When children are referred: a process in which every known child may return, year by year, by hazards in time.

A year's referrals of an authority are made of three kinds of children: those who return within 365 days of their
last referral, those who return later, and those never referred before. How many children are linked to the year before,
and how many are referred more than once, is given by the year's `Target`, so annual counts are exact; who they are, and
when, is drawn. That children return after more than a year is not given but drawn, by a hazard that falls with time.

The annual method does not see all of this. Some referrals are returned a year late, as cases that are still open, and
some children are given a new number. A return after such a referral counts as one within 365 days only when all returns
are merged. How many there are follows from published figures too: see `Target`.

Days are whole numbers since 1 January 1970.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import numpy.typing as npt

from rereferrals.census.synthetic.children import (
    TRAITS,
    Days,
    Floats,
    Mask,
    Traits,
    draw_ages,
    draw_traits,
    return_weight,
)
from rereferrals.census.synthetic.targets import Target, at, parameters

EPOCH = date(1970, 1, 1).toordinal()
YEAR = 365
ADULT = 6574  # eighteen years
NEVER_SEEN = np.int32(-200_000)


def first_day(year: int) -> int:
    """The day on which a reporting year starts."""
    return date(year - 1, 4, 1).toordinal() - EPOCH


def last_day(year: int) -> int:
    """The day on which a reporting year ends."""
    return first_day(year + 1) - 1


@dataclass(frozen=True)
class Pool:
    """Children known to an authority.

    child: their number. birth. last: the last referral; initial: whether that one was an initial referral. seen: the
    last referral that was returned in its own year, which the annual method knows of. traits: what they are.
    """

    child: Days
    birth: Days
    last: Days
    seen: Days
    initial: Mask
    traits: Traits

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
        return cls(days, days, days, days, np.empty(0, np.bool_), np.empty(0, TRAITS))


@dataclass(frozen=True)
class YearOfReferrals:
    """Referrals of one authority in one year, by child and day, each with the child's birth; and the new children.

    late: not returned before the year after. renumbered: the child has a new LAchildID from then on. unlinked: within
    365 days of the last, which the return does not show, as the child or the authority has new numbers.
    """

    child: Days
    day: Days
    birth: Days
    late: Mask
    renumbered: Mask
    unlinked: Mask
    new_births: Days
    new_traits: Traits


Span = tuple[Days, Days]  # for each child of a pool, the first and the last day on which something can happen


def refer(
    rng: np.random.Generator, pool: Pool, target: Target, year: int, next_number: int
) -> tuple[YearOfReferrals, Pool]:
    """Draw one authority's referrals of a year, and the pool of those who may be referred after it.

    Counts are those of the target if the pool has enough children. New children are numbered from `next_number`.
    """
    pool = pool[pool.birth + ADULT > first_day(year)]
    within_a_year: list[Pool] = []
    first_days: list[Days] = []
    for count, span in (
        (target.linked, _return_in_time),
        (target.followed_late, _return_after_a_late_referral),
        (target.renumbered, _return_with_a_new_number),
        (target.hidden, _return_unseen),
    ):
        returned, day, pool = _return_within_a_year(rng, pool, count, span(pool, year), year)
        within_a_year.append(returned)
        first_days.append(day)
    kind = np.repeat(np.arange(len(within_a_year)), [len(part) for part in within_a_year])
    room = target.single + target.repeating - int((kind != LINKED).sum())
    later, later_day, others = _return_later(rng, pool, room, year)
    returned, new = Pool.join([*within_a_year, later]), room - len(later)
    traits = np.concatenate([returned.traits, draw_traits(rng, new, year)])

    first = np.concatenate([*first_days, later_day, _any_day(rng, new, year)])
    ages = draw_ages(rng, new, year)
    birth = np.append(returned.birth, first[len(returned) :] - ages)
    is_linked = np.arange(len(first)) < len(within_a_year[LINKED])
    weight = return_weight(traits, birth, year, last_day(year))
    times = _times_referred(rng, first, is_linked, weight, target, year)
    first[len(returned) :] = _earliest_of(rng, first[len(returned) :], times[len(returned) :], year)
    birth[len(returned) :] = first[len(returned) :] - ages
    child = np.append(returned.child, np.arange(next_number, next_number + new, dtype=np.int32))

    row, day = _all_days(rng, first, times, year)
    last = np.zeros(len(first), np.int32)
    np.maximum.at(last, row, day)
    initial = (times == 1) & (np.arange(len(first)) >= len(kind))
    pool = Pool.join([Pool(child, birth, last, last, initial, traits), others])
    late, pool = _refer_late(rng, pool, target, year, next_number + new)

    is_first = np.diff(row, prepend=-1) != 0
    kinds = np.where(is_first, np.append(kind, np.full(len(first) - len(kind), LINKED))[row], LINKED)
    in_time = YearOfReferrals(
        child[row], day, birth[row], np.zeros(len(row), np.bool_), kinds == RENUMBERED, kinds >= RENUMBERED,
        birth[len(returned) :], traits[len(returned) :],
    )  # fmt: skip
    return _together(in_time, late), pool[~pool.traits["dies"]]


LINKED, RENUMBERED = 0, 2  # places among the ways to return within a year; the one after RENUMBERED is unlinked too


def _return_in_time(pool: Pool, year: int) -> Span:
    """When the return of the year before shows the referral that children return after."""
    return _after_last(pool, year), _until(pool, year, pool.seen + YEAR)


def _return_after_a_late_referral(pool: Pool, year: int) -> Span:
    """When only a referral that was returned late makes them return within a year."""
    first = np.maximum(_after_last(pool, year), pool.seen + YEAR + 1)
    return first, np.where(pool.seen < pool.last, _until(pool, year, pool.last + YEAR), first - 1)


def _return_with_a_new_number(pool: Pool, year: int) -> Span:
    """When children return who were in the return of the year before with a UPN, by which they are known again."""
    old_enough = last_day(year - 1) - pool.birth >= parameters()["upn"]["from_age_years"] * ADULT / 18
    known_again = (pool.seen == pool.last) & pool.traits["has_upn"] & old_enough
    first = _after_last(pool, year)
    return first, np.where(known_again, _until(pool, year, pool.last + YEAR), first - 1)


def _return_unseen(pool: Pool, year: int) -> Span:
    return _after_last(pool, year), _until(pool, year, pool.last + YEAR)


def _after_last(pool: Pool, year: int) -> Days:
    return np.maximum(first_day(year), pool.last + 1)


def _until(pool: Pool, year: int, day: Days) -> Days:
    return np.minimum(np.minimum(day, last_day(year)), pool.birth + ADULT - 1)


def _return_within_a_year(
    rng: np.random.Generator, pool: Pool, count: int, span: Span, year: int
) -> tuple[Pool, Days, Pool]:
    """`count` children who return within 365 days in their span, the day of each, and the rest of the pool."""
    share = parameters()["history"]
    decay = share["return_decay_per_day"]
    first_gap, last_gap = span[0] - pool.last, span[1] - pool.last
    possible = np.flatnonzero(last_gap >= first_gap) if count else np.empty(0, np.intp)
    pool_of, first_gap, last_gap = pool[possible], first_gap[possible], last_gap[possible]
    hazard = np.exp(-decay * first_gap) - np.exp(-decay * (last_gap + 1.0))
    chosen = _choose(rng, hazard * _inclination(pool_of, year), count)
    drawn = -np.log(np.exp(-decay * first_gap[chosen]) - rng.random(len(chosen)) * hazard[chosen]) / decay
    day = pool_of.last[chosen] + np.clip(np.floor(drawn), first_gap[chosen], last_gap[chosen])
    return pool_of[chosen], day.astype(np.int32), pool[_all_but(possible[chosen], len(pool))]


def _inclination(pool: Pool, year: int) -> Floats:
    """How much more often than others children are referred again within a year: by what they are, and by the last."""
    after_another = parameters()["history"]["repeat_return_weight"]
    weight = return_weight(pool.traits, pool.birth, year, last_day(year))
    return weight * np.where(pool.initial, 1, after_another)


def _refer_late(
    rng: np.random.Generator, pool: Pool, target: Target, year: int, next_number: int
) -> tuple[YearOfReferrals, Pool]:
    """Referrals that the return of their year does not have, the last of their children in the year; and the pool."""
    start, end = first_day(year), last_day(year)
    minor = pool.birth + ADULT > end + 1  # the case is still open when the next year begins
    soon = np.maximum(start, pool.last + 1), np.where(minor, np.minimum(end, pool.last + YEAR), start - 1)
    again, again_day = _late_among(rng, soon, _inclination(pool, year), target.late_rereferral)
    others = np.ones(len(pool))
    others[again] = 0
    long_after = np.maximum(start, pool.last + YEAR + 1), np.where(minor, end, start - 1)
    known, known_day = _late_among(rng, long_after, others, target.late_long_unseen)
    new = target.late - len(again) - len(known)
    _, new_day = _late_among(rng, (np.full(new, start, np.int32), np.full(new, end, np.int32)), np.ones(new), new)

    returned = np.concatenate([again, known])
    last, initial = pool.last.copy(), pool.initial.copy()
    last[returned] = np.concatenate([again_day, known_day])
    initial[again], initial[known] = False, True
    births, traits = new_day - draw_ages(rng, new, year), draw_traits(rng, new, year)
    births = np.maximum(births, end + 2 - ADULT).astype(np.int32)
    number = np.arange(next_number, next_number + new, dtype=np.int32)
    never = np.full(new, NEVER_SEEN)
    pool_after = Pool.join(
        [
            Pool(pool.child, pool.birth, last, pool.seen, initial, pool.traits),
            Pool(number, births, new_day, never, np.ones(new, np.bool_), traits),
        ]
    )
    places = np.concatenate([returned, np.arange(len(pool), len(pool) + new)])
    rows = pool_after[places]
    yes, no = np.ones(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
    return YearOfReferrals(rows.child, rows.last, rows.birth, yes, no, no, births, traits), pool_after


def _late_among(rng: np.random.Generator, span: Span, weight: Floats, count: int) -> tuple[npt.NDArray[np.intp], Days]:
    """Up to `count` children with a late referral in their span, mostly near its end, and the day of each."""
    mean = parameters()["late"]["days_before_end"]
    first, last = span
    end = int(last.max(initial=0))
    possible = np.flatnonzero(last >= first) if count else np.empty(0, np.intp)
    latest = np.exp((last[possible] - end) / mean)
    chance = latest - np.exp((first[possible] - 1.0 - end) / mean)
    chosen = _choose(rng, chance * weight[possible], count)
    drawn = np.log(latest[chosen] - rng.random(len(chosen)) * chance[chosen]) * mean
    of = possible[chosen]
    return of, np.clip(end + np.ceil(drawn), first[of], last[of]).astype(np.int32)


def _together(one: YearOfReferrals, other: YearOfReferrals) -> YearOfReferrals:
    """The referrals of both by child and day; the new children of one, and then of the other."""
    both = {f.name: np.concatenate([getattr(part, f.name) for part in (one, other)]) for f in fields(one)}
    order = np.lexsort((both["day"], both["child"]))
    return YearOfReferrals(**{n: c if n.startswith("new_") else c[order] for n, c in both.items()})


def _return_later(rng: np.random.Generator, pool: Pool, room: int, year: int) -> tuple[Pool, Days, Pool]:
    """Children who return after more than 365 days, at most `room` of them, the day of each, and the rest of the pool.

    The chance of no return by t days falls as a power of t, so each year's draw needs only the time already passed.
    """
    share = parameters()["history"]
    early, late = at(share["return_exponent_to_3_years"], year), share["return_exponent_after"]
    bend = 3.0 * YEAR + 1
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


def _times_referred(
    rng: np.random.Generator, first: Days, is_linked: Mask, weight: Floats, target: Target, year: int
) -> Days:
    """How often each child is referred in the year: those referred early have more time to be referred again."""
    time_left = (last_day(year) - first).astype(float)
    chance = time_left * weight
    linked = _choose(rng, np.where(is_linked, chance, 0), target.linked_repeating)
    others = _choose(rng, np.where(is_linked, 0, chance), target.repeating)
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
