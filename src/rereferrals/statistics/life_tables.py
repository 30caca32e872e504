"""Closed cases as followed, and how many leave observation on each day: whole numbers, and all that leaves the engine
(M23)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
from ibis import Deferred, _

Counts = npt.NDArray[np.int64]
#: A condition on cases, and the one that every case meets.
Condition = ir.BooleanValue | Deferred
EVERY = ibis.literal(True)
#: So many months are so many days.
MONTHS, DAYS = 48, 1461
SAMPLE = 300_000
PERSON_AND_CASE = ("person_id", "cin_referral_date")


@dataclass(frozen=True)
class Rules:
    """How closed cases are followed.

    `nfa_entry` and `transfers` are as in `release.Survival`.
    """

    nfa_entry: str = "exclude"
    transfers: str = "followed"


@dataclass(frozen=True)
class LifeTable:
    """How many cases left observation on each day since closure: arrays with a place for each day from 0.

    leaving: all of them, for whatever reason. rereferred: those by a re-referral, which goes before all else on its
    day. of_age: those by an 18th birthday.
    """

    leaving: Counts
    rereferred: Counts
    of_age: Counts

    @cached_property
    def at_risk(self) -> Counts:
        """How many are under observation as each day begins."""
        return self.leaving[::-1].cumsum()[::-1]

    @property
    def without_same_day(self) -> LifeTable:
        """That of cases whose child is not re-referred on the day of closure."""
        others = self.rereferred.copy()
        others[0] = 0
        return LifeTable(self.leaving - self.rereferred + others, others, self.of_age)

    @classmethod
    def of(cls, days: Counts, counts: Iterable[npt.ArrayLike], last_day: int) -> LifeTable:
        """The table, from day 0 to `last_day`, of counts of each of the three, made on some days."""
        return cls(*(np.bincount(days, count, last_day + 1).astype(np.int64) for count in counts))


def follow(closures: ir.Table, years: range, until: int, rules: Rules) -> ir.Table:
    """Cases that closed in some reporting years, followed to the end of the year `until`.

    closures: the unit of closed cases. What comes is its rows, with `days` from closure until the case leaves
    observation, and whether that is by being `rereferred` or else `of_age`, as 0 or 1.
    """
    chosen = closures.filter(_.time_period.between(years[0], years[-1]))
    if rules.nfa_entry == "exclude":
        chosen = chosen.filter(~_.is_without_closure)
    since_end = _.cin_closure_date.delta(ibis.literal(date(until, 3, 31)), unit="day")
    ends = [-since_end, _.days_to_adult, _.days_to_death]
    if rules.transfers == "censored":
        ends.append(ibis.ifelse(_.is_transfer, 0, ibis.null("int64")))
    is_again = (_.days_to_referral <= _.end).fill_null(False)
    return (
        chosen.mutate(end=ibis.least(*ends))
        .mutate(
            days=ibis.ifelse(is_again, _.days_to_referral, _.end).cast("int32"),
            rereferred=is_again.cast("int8"),
            of_age=(~is_again & (_.days_to_adult == _.end).fill_null(False)).cast("int8"),
        )
        .drop("end", "is_without_closure", "is_transfer", "cin_closure_date", "time_period")
        .drop("days_to_referral", "days_to_adult", "days_to_death")
    )


def exits(followed: ir.Table, conditions: Sequence[Condition] = (EVERY,)) -> pd.DataFrame:
    """How many cases that meet each of some conditions leave on each day, and how.

    Columns: days, rereferred, of_age; and for each condition in turn leaving0, leaving1 and so on.
    """
    meeting = _named("meets", conditions)
    counts = {f"leaving{n}": _[name].sum().cast("int32") for n, name in enumerate(meeting)}
    return followed.mutate(**meeting).group_by("days", "rereferred", "of_age").aggregate(**counts).execute()


def _named(name: str, conditions: Sequence[Condition]) -> dict[str, Condition]:
    return {f"{name}{n}": condition for n, condition in enumerate(conditions)}


def tables(exits: pd.DataFrame, last_day: int) -> list[LifeTable]:
    """The life table of each condition of `exits`."""
    days, rereferred, of_age = (exits[name].to_numpy() for name in ("days", "rereferred", "of_age"))
    counts = (exits[name].to_numpy() for name in exits.columns[3:])
    return [LifeTable.of(days, (leaving, leaving * rereferred, leaving * of_age), last_day) for leaving in counts]


def month_end(month: int) -> int:
    """The last day of a month since closure, each a twelfth of 365 and a quarter days; day 0 is a month of its own."""
    return month * DAYS // MONTHS


def one_in(cases: int) -> int:
    """Of so many children the cases of one are about SAMPLE, which is enough to tell what repeated cases add to errors;
    1 if there are no more cases."""
    return max(1, cases // SAMPLE)


def sampled(cases: ir.Table, every: int) -> ir.Table:
    """The cases of one in so many children, those of a child together."""
    return cases.filter(_.person_id % every == 0).order_by("person_id")


def pairs(followed: ir.Table, conditions: Sequence[Condition] = (EVERY,)) -> pd.DataFrame:
    """How many pairs of cases of one person both meet each of some conditions, by the endings of the two.

    An ending is twice the month in which the case leaves observation, and one more if that is by a re-referral.
    Columns: ending, that of the earlier case; ending_right; and for each condition in turn pairs0, pairs1 and so on.
    """
    meeting = _named("meets", conditions)
    month = (_.days * MONTHS + DAYS - 1) // DAYS
    ending = (2 * month + _.rereferred).cast("int16")
    cases = followed.select(*PERSON_AND_CASE, ending=ending, **meeting)
    later = cases.view()
    in_order = (cases.person_id == later.person_id) & (cases.cin_referral_date < later.cin_referral_date)
    both = {f"pairs{n}": (_[name] & _[f"{name}_right"]).sum().cast("int32") for n, name in enumerate(meeting)}
    return cases.inner_join(later, in_order).group_by("ending", "ending_right").aggregate(**both).execute()
