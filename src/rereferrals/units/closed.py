"""One row per closed case: how long its child is followed, what may end that, and what was known at closure (M23).

Like `groups`, `records`, `in_year` and `merged`, of the returns alone.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.reference import age_bands, code_places, grouped
from rereferrals.units.children import years_between
from rereferrals.units.groups import reporting_year
from rereferrals.units.merged import ADULT_YEARS

TRANSFERRED, DIED = (code_places("reason_for_closure")[code] for code in ("RC5", "RC2"))
MALE, FEMALE, UNKNOWN_SEX = range(3)


def build(merged: ir.Table, records: ir.Table) -> ir.Table:
    """The unit, from merged referrals and the records of children.

    Rows: referrals that closed while the child was under 18, and as `is_without_closure` those without further action
    that have no closure, from the day of the referral. A closure before its referral has no place in time, and no row.

    Columns: time_period, the year of closure; person_id, cin_referral_date, cin_closure_date; days_to_referral,
    from closure to the person's first referral on or after it; days_to_adult, to the 18th birthday; days_to_death; each
    null if it is not known of; is_transfer, closed because the child moved away. At closure, as places from 0 in their
    published lists: age_band, earlier_referrals, sex, ethnic_group and has_disability (M14, see
    `with_characteristics`). What `merged` tells of primary_need_code, referral_nfa, reason_for_closure, activity and
    factors. In the order of years, so that those who ask for some years read no others.
    """
    unclosed_nfa = _.referral_nfa & _.cin_closure_date.isnull()
    start = _.cin_closure_date.fill_null(_.cin_referral_date)
    cases = (
        merged.mutate(is_without_closure=unclosed_nfa, start=start, time_period=reporting_year(start))
        .pipe(with_next_referral, merged)
        .filter(_.cin_closure_date.notnull() | _.is_without_closure, _.start >= _.cin_referral_date)
        .pipe(with_ends)
        .filter((_.days_to_adult > 0).fill_null(True))
        .pipe(with_characteristics, records)
    )
    is_unborn = (_.person_birth_date > _.start).fill_null(_.is_awaited)
    age = years_between(_.person_birth_date, _.start)
    return cases.select(
        "time_period", "person_id", "cin_referral_date", "days_to_referral", "days_to_adult", "days_to_death",
        "is_without_closure", "earlier_referrals", "sex", "ethnic_group", "has_disability", "primary_need_code",
        "referral_nfa", "reason_for_closure", "activity", "factors",
        cin_closure_date=_.start,
        is_transfer=(_.reason_for_closure == TRANSFERRED).fill_null(False),
        age_band=_age_band(is_unborn, age),
    ).order_by("time_period")  # fmt: skip


def with_next_referral(cases: ir.Table, merged: ir.Table) -> ir.Table:
    """Add the day of the person's first referral on or after `start`, as `again`.

    That is nearly always the local person's next referral. Only cases with another one while they were open, and those
    of persons known to several authorities, look further.
    """
    key = ("local_person_id", "cin_referral_date")
    several = merged.filter(_.local_person_id != _.person_id).select("person_id").distinct()
    overlapping = cases.filter(_.next_referral_date < _.start)
    looking = overlapping.union(cases.semi_join(several, "person_id")).select(*key, "person_id", "start").distinct()
    theirs = merged.select("person_id", later=_.cin_referral_date, of="local_person_id")
    found = (
        looking.inner_join(theirs, "person_id")
        .filter(_.later >= _.start, (_.of != _.local_person_id) | (_.later != _.cin_referral_date))
        .group_by(key)
        .aggregate(later=_.later.min())
    )
    joined = cases.left_join(found, key).drop(*(f"{name}_right" for name in key))
    is_after = (_.next_referral_date >= _.start).fill_null(False)
    following = ibis.ifelse(is_after, _.next_referral_date, ibis.null("date"))
    return joined.mutate(again=ibis.least(following, _.later)).drop("later")


def with_ends(cases: ir.Table) -> ir.Table:
    """Add the days from `start` to the referral, the 18th birthday and death; a death before it is on its day.

    Someone born on 29 February is 18 on 1 March.
    """
    adult = (_.person_birth_date + ibis.interval(years=ADULT_YEARS)).cast("date")
    is_leap = (_.person_birth_date.month() == 2) & (_.person_birth_date.day() == 29)
    adult = ibis.ifelse(is_leap, (adult + ibis.interval(days=1)).cast("date"), adult)
    died = ibis.ifelse((_.reason_for_closure == DIED).fill_null(False), _.start, _.person_death_date)
    since_death = died.delta(_.start, unit="day")
    return cases.mutate(
        days_to_referral=_.again.delta(_.start, unit="day"),
        days_to_adult=adult.delta(_.start, unit="day"),
        days_to_death=ibis.ifelse(since_death < 0, 0, since_death),
    )


def with_characteristics(cases: ir.Table, records: ir.Table) -> ir.Table:
    """Add sex, ethnic_group and has_disability as the return of the closure's year tells them.

    What a later return tells is not known at closure: it would be known of those alone who came back.
    """
    of_sex, of_ethnicity = code_places("sex"), code_places("ethnicity")
    sexes = {of_sex["M"]: MALE, of_sex["F"]: FEMALE}
    groups = {of_ethnicity[code]: place for place, codes in enumerate(ethnic_groups()) for code in codes}
    unknown = {"sex": UNKNOWN_SEX, "ethnic_group": len(ethnic_groups()) - 1, "has_disability": 0}
    person_and_year = ("local_person_id", "time_period")
    told = records.group_by("local_person_id", time_period=_.collection_year).aggregate(
        sex=_.sex.cases(*sexes.items(), else_=unknown["sex"]).min(),
        ethnic_group=_.ethnicity.cases(*groups.items(), else_=unknown["ethnic_group"]).min(),
        has_disability=_.has_disability.cast("int8").max(),
    )
    joined = cases.left_join(told, person_and_year).drop(*(f"{name}_right" for name in person_and_year))
    return joined.mutate(**{name: _[name].fill_null(place).cast("int8") for name, place in unknown.items()})


def ethnic_groups() -> tuple[tuple[str, ...], ...]:
    """The codes of each published ethnic group, the unknown last."""
    return tuple(grouped("ethnicity", "group").values())


def _age_band(is_unborn: ir.BooleanValue, age: ir.IntegerValue) -> ir.IntegerValue:
    """The place of the age band; after all of them, that it is unknown."""
    first_ages = [*age_bands().values()]
    places = [(age >= first, place) for place, first in enumerate(first_ages, 1)]
    return ibis.cases((is_unborn, 0), *reversed(places), else_=len(first_ages) + 1).cast("int8")
