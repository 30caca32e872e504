"""One row per child referred in a reporting year, per authority, and what the return says of it (M04–M06, M14, M15)."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.reference import code_places, grouped
from rereferrals.release import Method

CHILD_IN_YEAR = ("time_period", "lea", "child_id")


def build(referrals: ir.Table, records: ir.Table, method: Method) -> ir.Table:
    """The child unit, from the annual referral unit and the records of children.

    Columns: time_period, lea, child_id, referrals (how many in the year, M06), is_rereferred (M05); from the return of
    the year, of which the first record of the child counts: is_unborn, age (completed years, null if unknown or
    unborn), sex as in `records`, ethnic_group (its place from 0 in the published list, null if it is to stay out of the
    base), has_disability (M14); and for children of school age is_eligible_for_meals and sen_provision, as in
    `records`, null if unknown; is_school_age (M15). A child referred in two authorities is two children (M04).
    """
    referred = referrals.group_by(CHILD_IN_YEAR).aggregate(
        referrals=_.count(), is_rereferred=_.is_rereferral.any(), first_referral=_.cin_referral_date.min()
    )
    told = records.filter(~_.is_repeat).rename(time_period="collection_year")
    joined = referred.left_join(told, CHILD_IN_YEAR)
    return (
        joined.drop(*(f"{name}_right" for name in CHILD_IN_YEAR))
        .pipe(with_age, method)
        .pipe(with_ethnic_group, method)
        .pipe(with_school_age, method)
        .mutate(has_disability=_.has_disability.fill_null(False))
        .select(
            *CHILD_IN_YEAR, "referrals", "is_rereferred", "is_unborn", "age", "sex", "ethnic_group", "has_disability",
            "is_school_age", "is_eligible_for_meals", "sen_provision",
        )
    )  # fmt: skip


def with_age(children: ir.Table, method: Method) -> ir.Table:
    """Completed years of age on 31 March, or at the first referral of the year, and whether the child is unborn.

    A child is unborn if it has an expected date of birth and no date of birth. Someone born on 29 February has their
    birthday on 1 March in other years.
    """
    is_born = _.person_birth_date.notnull()
    day = ibis.date(_.time_period, 3, 31) if method.age_date == "31_march" else _.first_referral
    age = years_between(_.person_birth_date, day)
    return children.mutate(
        is_unborn=~is_born & _.expected_person_birth_date.notnull(), age=ibis.ifelse(age < 0, 0, age).cast("int32")
    )


def years_between(birth: ir.DateValue, day: ir.DateValue) -> ir.IntegerValue:
    """Completed years from a birth to a day."""
    has_been = (day.month() * 100 + day.day()) >= (birth.month() * 100 + birth.day())
    return day.year() - birth.year() - ibis.ifelse(has_been, 0, 1)


def with_ethnic_group(children: ir.Table, method: Method) -> ir.Table:
    """The group of the child's ethnicity; what is refused, not obtained, missing or no code is unknown."""
    places, groups = code_places("ethnicity"), list(grouped("ethnicity", "group").values())
    by_place = {places[code]: number for number, codes in enumerate(groups) for code in codes}
    unknown = ibis.literal(len(groups) - 1)
    if method.chinese_group == "asian":
        by_place[places["CHNE"]] = by_place[places["AIND"]]
    if method.ethnicity_base == "known":
        unknown = ibis.null("int8")
        by_place = {place: number for place, number in by_place.items() if number < len(groups) - 1}
    return children.mutate(ethnic_group=_.ethnicity.cases(*by_place.items(), else_=unknown).cast("int8"))


def with_school_age(children: ir.Table, method: Method) -> ir.Table:
    """Whether the child is of school age, and what the school census says only if it is."""
    first, last = method.school_age
    school_year_start = ibis.date(_.time_period - 1, 8, 31)
    is_school_age = years_between(_.person_birth_date, school_year_start).between(first, last).fill_null(False)
    known = {
        name: ibis.ifelse(_.is_school_age, _[name], ibis.null(kind))
        for name, kind in (("is_eligible_for_meals", "boolean"), ("sen_provision", "int8"))
    }
    return children.mutate(is_school_age=is_school_age).mutate(**known)
