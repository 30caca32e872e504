"""One row per referral of a person, merged from the returns of all years: a case open on 31 March comes again in the
next return, and is one referral.

National returns have some twelve million groups, so merging is done in whole numbers: see `latest`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.reference import code_set
from rereferrals.units import factors, journeys
from rereferrals.units.referrals import GROUP_KEY, with_child, with_key

TABLES = ("referrals", "persons", *journeys.ACTIVITY_TABLES, "factors")
PERSON_AND_DAY = ("local_person_id", "cin_referral_date")
#: Room for the number of a value, and for each number of a group within its return.
ROOM = 1 << 16
#: The day that numbers of days are counted from, and the number of one that is not known.
FIRST_DAY, NO_DAY = date(1970, 1, 1), ROOM - 1
#: A code that is not of its code set.
OTHER = "?"


def build(tables: Mapping[str, ir.Table], first_year: int, data_end: date) -> ir.Table:
    """The unit: groups of one person with one day of referral, whatever return they come from.

    Columns: local_person_id, cin_referral_date, lea; referral_source, primary_need_code and referral_nfa, each from the
    latest return that has it; cin_closure_date and reason_for_closure from the latest return; activity and factors
    (sets, see `journeys.activity`) pooled. Of a return's groups of one day, the first in file order goes before the
    others. Activity and factors are those of returns from `first_year` on, and the date of an initial conference at
    the level of a group is activity whatever its return. Referrals dated after `data_end` are left out.
    """
    groups = (
        with_key(tables["referrals"])
        .pipe(with_child, tables["persons"])
        .pipe(with_activity, tables, first_year)
        .mutate(precedence=_precedence())
    )
    told = {name: (_place(name), _[name].notnull()) for name in ("referral_source", "primary_need_code")}
    told["referral_nfa"] = (_.referral_nfa.cast("int64"), _.referral_nfa.notnull())
    told["cin_closure_date"] = (_day_number(_.cin_closure_date), ibis.literal(True))
    told["reason_for_closure"] = (_place("reason_for_closure"), ibis.literal(True))
    # Engines take a condition on rows to keep few of them, and would join the other way round.
    dated = groups.group_by(PERSON_AND_DAY).having(_.cin_referral_date.max() <= data_end)
    rows = dated.aggregate(
        lea=_.lea.max(),
        activity=factors.union(_.activity),
        factors=factors.union(_.factors),
        **{name: latest(value, is_there) for name, (value, is_there) in told.items()},
    )
    return rows.mutate(
        referral_source=_code("referral_source"),
        primary_need_code=_code("primary_need_code"),
        referral_nfa=(_value("referral_nfa") == 1).fill_null(False),
        cin_closure_date=lambda rows: _day(rows.cin_closure_date % ROOM),
        reason_for_closure=_code("reason_for_closure"),
    )


def with_activity(groups: ir.Table, tables: Mapping[str, ir.Table], first_year: int) -> ir.Table:
    """Add what was recorded in each group that can matter: in the returns from `first_year` on."""
    later = {
        name: tables[name].filter(_.collection_year >= first_year) for name in (*journeys.ACTIVITY_TABLES, "factors")
    }
    joined = groups.left_join(journeys.activity(later), GROUP_KEY)
    conference = ibis.ifelse(_.date_of_initial_cpc.notnull(), journeys.CONFERENCE, 0)
    return joined.drop(*(f"{name}_right" for name in GROUP_KEY)).mutate(
        activity=_.activity.fill_null(0) | conference, factors=_.factors.fill_null(0)
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


def _codes(name: str) -> Sequence[str]:
    codes = code_set({"primary_need_code": "primary_need"}.get(name, name))
    return ["", *dict.fromkeys(code.code for code in codes), OTHER]


def _place(name: str) -> ir.IntegerValue:
    """The place of a code in its code set, from 1; 0 for none, and the last for another."""
    codes = _codes(name)
    places = _[name].cases(*((code, place) for place, code in enumerate(codes)), else_=len(codes) - 1)
    return _[name].isnull().ifelse(0, places).cast("int64")


def _code(name: str) -> ir.StringValue:
    codes = _codes(name)
    return _value(name).cases(*((place, code) for place, code in enumerate(codes) if code), else_=ibis.null("string"))


def _day_number(day: ir.DateValue) -> ir.IntegerValue:
    return day.delta(ibis.literal(FIRST_DAY), unit="day").fill_null(NO_DAY).cast("int64")


def _day(number: ir.IntegerValue) -> ir.DateValue:
    # Engines make a date and an interval a time of day, whatever the type is taken to be.
    day = (ibis.literal(FIRST_DAY) + number.as_interval("D")).cast("timestamp").cast("date")
    return ibis.ifelse(number.fill_null(NO_DAY) == NO_DAY, ibis.null("date"), day)
