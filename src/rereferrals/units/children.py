"""One row per child referred in a reporting year, per authority, and what the return says of it (M04–M06, M14, M15)."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.census.input_linkage import of_census
from rereferrals.reference import grouped
from rereferrals.release import Method
from rereferrals.units.referrals import with_child, with_key

TABLES = ("children", "disabilities", "persons", "pupils")
CHILD_RECORD = ("lea", "collection_year", "la_child_id", "child_number")
CHILD_IN_YEAR = ("time_period", "lea", "child_id")
NO_DISABILITY = "NONE"
NO_SEN, SEN_SUPPORT, PLANS = "N", "K", ("E", "S")


def build(referrals: ir.Table, tables: Mapping[str, ir.Table], method: Method) -> ir.Table:
    """The child unit, from the annual referral unit and the census tables named in TABLES.

    Columns: time_period, lea, child_id, referrals (how many in the year, M06), is_rereferred (M05); from the return of
    the year, is_unborn, age (completed years, null if unknown or unborn), sex ("male", "female" or null),
    ethnic_group (null if it is to stay out of the base), has_disability (M14); and for children of school age, by
    their one record in the school census of the year, is_eligible_for_meals and sen ("plan", "support" or "none"), null
    if unknown; is_school_age (M15). A child referred in two authorities is two children (M04).
    """
    referred = referrals.group_by(CHILD_IN_YEAR).aggregate(
        referrals=_.count(), is_rereferred=_.is_rereferral.any(), first_referral=_.cin_referral_date.min()
    )
    joined = referred.left_join(records(tables), CHILD_IN_YEAR)
    children = joined.drop(*(f"{name}_right" for name in CHILD_IN_YEAR))
    return (
        children.pipe(with_age, method)
        .pipe(with_ethnic_group, method)
        .pipe(with_school_census, of_census(tables["pupils"], tables["children"]), method)
        .mutate(sex=_.sex.nullif(""), has_disability=_.has_disability.fill_null(False))
        .select(
            *CHILD_IN_YEAR, "referrals", "is_rereferred", "is_unborn", "age", "sex", "ethnic_group", "has_disability",
            "is_school_age", "is_eligible_for_meals", "sen",
        )
    )  # fmt: skip


def records(tables: Mapping[str, ir.Table]) -> ir.Table:
    """One row per child and return: what is recorded of it; where an identifier has several records, the first."""
    disabled = with_a_disability(tables["disabilities"]).select(*CHILD_RECORD).distinct().mutate(has_disability=True)
    rows = with_key(tables["children"]).pipe(without_repeats).left_join(disabled, CHILD_RECORD)
    rows = rows.drop(*(f"{name}_right" for name in CHILD_RECORD)).pipe(with_child, tables["persons"])
    given = {"1": "male", "2": "female", "M": "male", "F": "female"}
    rows = rows.mutate(
        time_period=_.collection_year,
        sex=ibis.coalesce(_.gender_current, _.sex).cases(*given.items(), else_=""),
        has_disability=_.has_disability.fill_null(False),
    )
    wanted = ("person_birth_date", "expected_person_birth_date", "sex", "ethnicity", "has_disability", "upn")
    return rows.select(*CHILD_IN_YEAR, *wanted)


def with_a_disability(disabilities: ir.Table) -> ir.Table:
    """What the returns say of child records that have a disability."""
    return with_key(disabilities).filter(_.disability != NO_DISABILITY)


def without_repeats(records: ir.Table) -> ir.Table:
    """Of several records with one LAchildID in a return, the one with the lowest number.

    Nearly all children have one record, numbered 1, so only those with another number are looked at.
    """
    child = ("lea", "collection_year", "la_child_id")
    others = records.filter((_.child_number != 1) & (_.la_child_id != "")).select(*child).distinct()
    several = records.semi_join(others, child)
    first = several.group_by(child).aggregate(child_number=_.child_number.min())
    return records.anti_join(others, child).union(several.semi_join(first, CHILD_RECORD))


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
    groups = grouped("ethnicity", "group")
    unknown = list(groups)[-1]
    by_code = {code: group for group, codes in groups.items() for code in codes}
    if method.chinese_group == "asian":
        by_code["CHNE"] = by_code["AIND"]
    if method.ethnicity_base == "known":
        by_code = {code: group for code, group in by_code.items() if group != unknown}
    fallback = ibis.null("string") if method.ethnicity_base == "known" else unknown
    return children.mutate(ethnic_group=_.ethnicity.cases(*by_code.items(), else_=fallback))


def with_school_census(children: ir.Table, pupils: ir.Table, method: Method) -> ir.Table:
    """What the one record of the child's UPN in the school census of the year says; several records say nothing."""
    first, last = method.school_age
    school_year_start = ibis.date(_.time_period - 1, 8, 31)
    is_school_age = years_between(_.person_birth_date, school_year_start).between(first, last).fill_null(False)
    provision = _.sen_provision.cases(
        *((plan, "plan") for plan in PLANS), (SEN_SUPPORT, "support"), (NO_SEN, "none"), else_=ibis.null("string")
    )
    one_record = (
        pupils.group_by("collection_year", "upn")
        .aggregate(records=_.count(), is_eligible_for_meals=_.fsm_eligible.any(), sen=provision.max())
        .filter(_.records == 1)
        .select("upn", "is_eligible_for_meals", "sen", time_period=_.collection_year)
    )
    children = children.mutate(is_school_age=is_school_age)
    matched = children.left_join(one_record, ["time_period", "upn"]).drop("time_period_right", "upn_right")
    known = {
        name: ibis.ifelse(_.is_school_age, _[name], ibis.null(kind))
        for name, kind in (("is_eligible_for_meals", "boolean"), ("sen", "string"))
    }
    return matched.mutate(**known)
