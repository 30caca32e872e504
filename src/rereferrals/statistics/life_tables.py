"""Closed cases as followed, and how many leave observation on each day: whole numbers, and all that leaves the engine
(M23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
from ibis import _

Counts = npt.NDArray[np.int64]
EXITS = ("leaving", "rereferred", "of_age")
#: So many months are so many days.
MONTHS, DAYS = 48, 1461
SAMPLE = 300_000
PERSON_AND_CASE = ("person_id", "cin_referral_date")


@dataclass(frozen=True)
class Rules:
    """How closed cases are followed.

    `nfa_entry` and `transfers` are as in `release.Survival`; without `same_day`, cases whose child is re-referred on
    the day of closure are left out.
    """

    nfa_entry: str = "exclude"
    transfers: str = "followed"
    same_day: bool = True


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

    @classmethod
    def of(cls, exits: pd.DataFrame, last_day: int) -> LifeTable:
        """The table of rows with `days` and the columns of EXITS, from day 0 to `last_day`."""
        days = exits["days"].to_numpy()
        return cls(*(np.bincount(days, exits[name], last_day + 1).astype(np.int64) for name in EXITS))


def follow(closures: ir.Table, years: range, until: int, rules: Rules) -> ir.Table:
    """Cases that closed in some reporting years, followed to the end of the year `until`.

    closures: the unit of closed cases. What comes is its rows, with `days` from closure until the case leaves
    observation, and whether that is by being `rereferred` or else `of_age`, as 0 or 1.
    """
    chosen = closures.filter(_.time_period.between(years[0], years[-1]))
    if rules.nfa_entry == "exclude":
        chosen = chosen.filter(~_.is_without_closure)
    if not rules.same_day:
        chosen = chosen.filter((_.days_to_referral != 0).fill_null(True))
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


def exits(followed: ir.Table, *by: str) -> pd.DataFrame:
    """How many cases leave on each day, by columns of cases. Columns: those, days, and those of EXITS."""
    ways = {name: _[name].count(where=_[name] == 1) for name in EXITS[1:]}  # a sum would be of very wide numbers
    counts = {"leaving": _.count()} | ways
    table = followed.group_by(*by, "days").aggregate(**{name: count.cast("int32") for name, count in counts.items()})
    return table.order_by(*by, "days").execute()


def month_end(month: int) -> int:
    """The last day of a month since closure, each a twelfth of 365 and a quarter days; day 0 is a month of its own."""
    return month * DAYS // MONTHS


def sampled(followed: ir.Table) -> tuple[ir.Table, int]:
    """The cases of one in so many children that about SAMPLE cases are left, and how many that is: enough to tell what
    repeated cases add to errors."""
    every = max(1, int(followed.count().execute()) // SAMPLE)
    return followed.filter(_.person_id % every == 0), every


def pairs(followed: ir.Table) -> ir.Table:
    """A row for every two cases of one person, with the columns of the later one as `<name>_right`.

    `ending` is twice the month in which the case leaves observation, and one more if that is by a re-referral.
    """
    month = (_.days * MONTHS + DAYS - 1) // DAYS
    cases = followed.mutate(ending=(2 * month + _.rereferred).cast("int16")).drop("days", "rereferred", "of_age")
    later = cases.view()
    in_order = (cases.person_id == later.person_id) & (cases.cin_referral_date < later.cin_referral_date)
    joined = cases.inner_join(later, in_order)
    return joined.drop(*PERSON_AND_CASE, *(f"{name}_right" for name in PERSON_AND_CASE if f"{name}_right" in joined))


def pair_counts(paired: ir.Table, *by: str) -> pd.DataFrame:
    """How many pairs have both cases alike in some columns, by those and the endings of the two.

    Columns: those, ending, ending_right, pairs.
    """
    alike = paired.filter(*(paired[name] == paired[f"{name}_right"] for name in by)) if by else paired
    keys = (*by, "ending", "ending_right")
    return alike.group_by(keys).aggregate(pairs=_.count()).order_by(keys).execute()


def both_with(paired: ir.Table, factor: Any) -> ir.Table:
    """Pairs of which both cases meet a condition on their set of factors."""
    return paired.filter(factor).mutate(factors=_.factors_right).filter(factor)
