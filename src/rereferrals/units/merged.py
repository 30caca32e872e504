"""One row per referral of a person, merged from the returns of all years: a case open on 31 March comes again in the
next return, and is one referral.

National returns have some twelve million groups, so merging is done in whole numbers: see `latest`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.census.input_linkage import with_local_person
from rereferrals.units.groups import CODE_SETS, CONFERENCE, IN_CARE, NOT_IN_NEED_REASONS, union

TABLES = ("looked_after", "children", "persons")
PERSON_AND_DAY = ("local_person_id", "cin_referral_date")
#: Room for the number of a value, and for each number of a group within its return.
ROOM = 1 << 16
#: The day that numbers of days are counted from, and the number of one that is not known.
FIRST_DAY, NO_DAY = date(1970, 1, 1), ROOM - 1
DAYS_IN_YEAR, ADULT_YEARS = 365, 18
EARLIER_YEARS, MANY = 5, 3


def build(tables: Mapping[str, ir.Table], data_end: date) -> ir.Table:
    """The unit, from groups, the records of children, and the census tables named in TABLES: groups of one person with
    one day of referral, whatever return they come from.

    Columns: local_person_id, cin_referral_date, lea, person_id; referral_source, primary_need_code and referral_nfa,
    each from the latest return that has it; cin_closure_date and reason_for_closure from the latest return; codes are
    places as in `groups`; factors and activity (sets) pooled, with what `with_looked_after` adds; what `people` tells
    of the person; and what `with_neighbours` tells of referrals before and after, and `with_overlap` of open ones. Of a
    return's groups of one day, the first in file order goes before the others. Referrals dated after `data_end` are
    left out.
    """
    episodes = looked_after(tables["looked_after"], tables["children"], tables["persons"])
    return (
        pooled(tables["groups"], data_end)
        .pipe(with_looked_after, episodes, data_end)
        .left_join(people(tables["records"]), "local_person_id")
        .drop("local_person_id_right")
        .pipe(with_neighbours)
        .pipe(with_overlap)
    )


def pooled(groups: ir.Table, data_end: date) -> ir.Table:
    """What all groups of one person and day tell."""
    conference = ibis.ifelse(_.has_conference, CONFERENCE, 0)
    told = {name: _[name].cast("int64") for name in ("referral_source", "primary_need_code", "referral_nfa")}
    told["cin_closure_date"] = _day_number(_.cin_closure_date)
    told["reason_for_closure"] = _.reason_for_closure.fill_null(0).cast("int64")
    # Engines take a condition on rows to keep few of them, and would join the other way round.
    dated = groups.group_by(PERSON_AND_DAY).having(_.cin_referral_date.max() <= data_end)
    rows = dated.aggregate(
        lea=_.lea.max(),
        person_id=_.person_id.max(),
        activity=union(_.activity | conference),
        factors=union(_.factors),
        **{name: latest(value) for name, value in told.items()},
    )
    return rows.mutate(
        referral_nfa=(_value("referral_nfa") == 1).fill_null(False),
        cin_closure_date=lambda rows: _day(rows.cin_closure_date % ROOM),
        **{name: _value(name).nullif(0).cast("int8") for name in CODE_SETS},
    )


def looked_after(episodes: ir.Table, children: ir.Table, persons: ir.Table) -> ir.Table:
    """Whose looked-after episodes there are: local_person_id, first_day and last_day of each row.

    An episode that is still open lasts to the end of the return that tells of it.
    """
    last_day = _.dec.fill_null(ibis.date(_.collection_year, 3, 31))
    found = with_local_person(episodes, children, persons)
    return found.select("local_person_id", first_day=_.decom, last_day=last_day)


def with_looked_after(referrals: ir.Table, episodes: ir.Table, data_end: date) -> ir.Table:
    """Add to the activity that the child was looked after on any day from referral to closure, or the end of the data.

    A referral without further action and without a closure ends on its own day.
    """
    ongoing = ibis.ifelse(_.referral_nfa, _.cin_referral_date, ibis.literal(data_end))
    case = referrals.select(*PERSON_AND_DAY, case_end=_.cin_closure_date.fill_null(ongoing))
    found = (
        case.inner_join(episodes, "local_person_id")
        .filter(_.first_day <= _.case_end, _.last_day >= _.cin_referral_date)
        .select(*PERSON_AND_DAY)
        .distinct()
        .mutate(found=True)
    )
    joined = referrals.left_join(found, PERSON_AND_DAY).drop(*(f"{name}_right" for name in PERSON_AND_DAY))
    return joined.mutate(activity=_.activity | ibis.ifelse(_.found.fill_null(False), IN_CARE, 0)).drop("found")


def people(records: ir.Table) -> ir.Table:
    """One row per person: local_person_id; the dates of birth and death, null where no return has one; `is_awaited`,
    whether a return has an expected date of birth.
    """
    return records.group_by("local_person_id").aggregate(
        person_birth_date=_.person_birth_date.max(),
        person_death_date=_.person_death_date.max(),
        is_awaited=_.expected_person_birth_date.notnull().any(),
    )


def with_neighbours(referrals: ir.Table) -> ir.Table:
    """Add days_since_previous, days to the person's referral from the one before, and earlier_referrals, how many there
    were in EARLIER_YEARS years before it, MANY standing for that many or more; and of the next referral its date, and
    its referral_nfa, activity and reason_for_closure as next_…; null if there is none.
    """
    history = ibis.window(group_by="local_person_id", order_by="cin_referral_date")
    earlier = {f"earlier_{back}": _.cin_referral_date.lag(back).over(history) for back in range(1, MANY + 1)}
    following = ("referral_nfa", "activity", "reason_for_closure")
    beside = referrals.mutate(
        **earlier,
        next_referral_date=_.cin_referral_date.lead().over(history),
        **{f"next_{name}": _[name].lead().over(history) for name in following},
    )
    return beside.mutate(
        days_since_previous=_.cin_referral_date.delta(_.earlier_1, unit="day").cast("int32"),
        earlier_referrals=sum(_is_recent(_[name]) for name in earlier).cast("int8"),
    ).drop(*earlier)


def _is_recent(earlier: ir.DateValue) -> ir.IntegerValue:
    days = DAYS_IN_YEAR * EARLIER_YEARS
    return (_.cin_referral_date.delta(earlier, unit="day") <= days).fill_null(False).cast("int8")


def is_in_need() -> ir.BooleanValue:
    """Whether a referral began an episode of need: neither without further action nor closed as not in need (M08)."""
    return ~_.referral_nfa & ~_.reason_for_closure.isin(NOT_IN_NEED_REASONS).fill_null(False)


def with_overlap(referrals: ir.Table) -> ir.Table:
    """Add `is_overlapping`: an earlier episode of need of the person was still open at the referral, and did not end on
    that day.

    An open episode lasts for ever, and one that ends before it begins covers nothing.
    """
    before = ibis.rows_window(preceding=(None, 1), group_by="local_person_id", order_by="cin_referral_date")
    end = ibis.ifelse(is_in_need(), _.cin_closure_date.fill_null(ibis.literal(date.max)), ibis.null("date"))
    beside = referrals.mutate(open_until=end.max().over(before))
    return beside.mutate(is_overlapping=(_.open_until > _.cin_referral_date).fill_null(False)).drop("open_until")


def latest(value: ir.IntegerValue) -> ir.IntegerScalar:
    """The value of the group that goes before the others, of those where it is not null: the largest of numbers in
    which a group's precedence stands before its value."""
    return (_precedence() * ROOM + value).max()


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
