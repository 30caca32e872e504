"""One row per referral of a person, merged from the returns of all years: a case open on 31 March comes again in the
next return, and is one referral.

National returns have some twelve million groups, so merging is done in whole numbers: see `latest`.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.units.groups import CODE_SETS, CONFERENCE, union

PERSON_AND_DAY = ("local_person_id", "cin_referral_date")
#: Room for the number of a value, and for each number of a group within its return.
ROOM = 1 << 16
#: The day that numbers of days are counted from, and the number of one that is not known.
FIRST_DAY, NO_DAY = date(1970, 1, 1), ROOM - 1


def build(groups: ir.Table, first_year: int, data_end: date) -> ir.Table:
    """The unit: groups of one person with one day of referral, whatever return they come from.

    Columns: local_person_id, cin_referral_date, lea; referral_source, primary_need_code and referral_nfa, each from the
    latest return that has it; cin_closure_date and reason_for_closure from the latest return; codes are places as in
    `groups`; activity and factors (sets) pooled. Of a return's groups of one day, the first in file order goes before
    the others. Activity and factors are those of returns from `first_year` on, and the date of an initial conference at
    the level of a group is activity whatever its return. Referrals dated after `data_end` are left out.
    """
    is_later = _.collection_year >= first_year
    groups = groups.mutate(
        precedence=_precedence(),
        activity=ibis.ifelse(is_later, _.activity, 0) | ibis.ifelse(_.has_conference, CONFERENCE, 0),
        factors=ibis.ifelse(is_later, _.factors, 0),
    )
    told = {name: (_[name].cast("int64"), _[name].notnull()) for name in ("referral_source", "primary_need_code")}
    told["referral_nfa"] = (_.referral_nfa.cast("int64"), _.referral_nfa.notnull())
    told["cin_closure_date"] = (_day_number(_.cin_closure_date), ibis.literal(True))
    told["reason_for_closure"] = (_.reason_for_closure.fill_null(0).cast("int64"), ibis.literal(True))
    # Engines take a condition on rows to keep few of them, and would join the other way round.
    dated = groups.group_by(PERSON_AND_DAY).having(_.cin_referral_date.max() <= data_end)
    rows = dated.aggregate(
        lea=_.lea.max(),
        activity=union(_.activity),
        factors=union(_.factors),
        **{name: latest(value, is_there) for name, (value, is_there) in told.items()},
    )
    return rows.mutate(
        referral_nfa=(_value("referral_nfa") == 1).fill_null(False),
        cin_closure_date=lambda rows: _day(rows.cin_closure_date % ROOM),
        **{name: _value(name).nullif(0).cast("int8") for name in CODE_SETS},
    )


def latest(value: ir.IntegerValue, is_there: ir.BooleanValue) -> ir.IntegerScalar:
    """The value of the group that goes before the others, of those where it is there: the largest of numbers in which
    a group's precedence stands before its value."""
    return (_.precedence * ROOM + value).max(where=is_there)


def _precedence() -> ir.IntegerValue:
    """Larger for a group that goes before another: by year of collection, then file order."""
    later_return = _.collection_year.cast("int64") * ROOM * ROOM
    return later_return - _.child_number.cast("int64") * ROOM - _.referral_number.cast("int64")


def _value(name: str) -> ir.IntegerValue:
    """The value that `latest` found."""
    return _[name] % ROOM


def _day_number(day: ir.DateValue) -> ir.IntegerValue:
    return day.delta(ibis.literal(FIRST_DAY), unit="day").fill_null(NO_DAY).cast("int64")


def _day(number: ir.IntegerValue) -> ir.DateValue:
    # Engines make a date and an interval a time of day, whatever the type is taken to be.
    day = (ibis.literal(FIRST_DAY) + number.as_interval("D")).cast("timestamp").cast("date")
    return ibis.ifelse(number.fill_null(NO_DAY) == NO_DAY, ibis.null("date"), day)
