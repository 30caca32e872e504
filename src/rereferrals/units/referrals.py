"""One row per referral of a reporting year, by the annual method: each return with the one before it (M01, M02).

The child is the annual key (authority and LAchildID), so a child who moves, or is given a new id, starts afresh.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.release import Method

REREFERRAL_DAYS = 365
NOT_IN_NEED_REASONS = ("RC8", "RC9")
FURTHER_WORK = ("section47", "child_protection_plans", "cin_plans")
TABLES = ("referrals", "assessments", *FURTHER_WORK, "persons")
GROUP_KEY = ("lea", "collection_year", "la_child_id", "child_number", "referral_number")


def reporting_year(day: ir.DateValue) -> ir.IntegerValue:
    """The year, ending 31 March, that a day falls in (M01)."""
    return (day.year() + (day.month() * 100 + day.day() > 331).cast("int32")).cast("int32")


def with_child(groups: ir.Table, persons: ir.Table) -> ir.Table:
    """Number the child of each group by the annual key. A child record without an LAchildID is a child of its own."""
    nameless = -((_.collection_year.cast("int64") * 1000 + _.lea.cast("int64")) * 1_000_000 + _.child_number)
    numbers = ("child_id", "local_person_id", "person_id")
    return (
        groups.left_join(persons, ["lea", "la_child_id"])
        .mutate(**{name: _[name].fill_null(nameless) for name in numbers})
        .drop("lea_right", "la_child_id_right")
    )


def in_year(groups: ir.Table) -> ir.Table:
    """Referrals of the return's own year: not those carried over as open cases, nor undated groups (M01)."""
    return groups.mutate(time_period=reporting_year(_.cin_referral_date)).filter(_.time_period == _.collection_year)


def with_late(referrals: ir.Table, groups: ir.Table) -> ir.Table:
    """Add referrals that only a later return than their own year's tells of; `is_late` marks them."""
    child = ["lea", "la_child_id", "cin_referral_date"]
    late = groups.mutate(time_period=reporting_year(_.cin_referral_date)).filter(_.time_period < _.collection_year)
    late = late.anti_join(referrals, child).distinct(on=child, keep="first")
    return referrals.mutate(is_late=False).union(late.select(*referrals.columns).mutate(is_late=True))


def with_previous_referral(referrals: ir.Table, method: Method) -> ir.Table:
    """Days since the same child's previous referral, null for a child's first.

    Where groups of one child share a referral date, the first in file order is the referral and the others are not,
    unless `method.same_day` keeps them (M01, same-day rule).
    """
    history = ibis.window(group_by="child_id", order_by=["cin_referral_date", "child_number", "referral_number"])
    dated = referrals.mutate(previous=_.cin_referral_date.lag().over(history)).mutate(
        days_since_previous=_.cin_referral_date.delta(_.previous, unit="day")
    )
    if method.same_day == "collapse":
        dated = dated.filter((_.days_since_previous != 0).fill_null(True))
    return dated.drop("previous")


def with_rereferral(referrals: ir.Table) -> ir.Table:
    """A re-referral follows the child's previous referral within 365 days, whatever came of that one (M02)."""
    return referrals.mutate(is_rereferral=(_.days_since_previous <= REREFERRAL_DAYS).fill_null(False))


def with_not_in_need(referrals: ir.Table, tables: Mapping[str, ir.Table], method: Method) -> ir.Table:
    """Whether the referral was assessed as not in need, as its own year's return tells it (M13).

    Closed RC8 or RC9 after at least one assessment, and neither NFA nor with a section 47 enquiry, a child protection
    plan, a CIN plan or the date of an initial conference. `method.not_in_need` can take the reason for closure, which
    says "after assessment", as enough of an assessment.
    """
    closed = referrals.filter(
        _.reason_for_closure.isin(NOT_IN_NEED_REASONS)
        & ~_.referral_nfa.fill_null(False)
        & _.date_of_initial_cpc.isnull()
    ).select(*GROUP_KEY)
    found = closed.semi_join(tables["assessments"], GROUP_KEY) if method.not_in_need == "assessed" else closed
    for further in FURTHER_WORK:
        found = found.anti_join(tables[further], GROUP_KEY)
    found = found.mutate(found=True)
    return (
        referrals.left_join(found, GROUP_KEY)
        .mutate(is_assessed_not_in_need=_.found.fill_null(False))
        .drop("found", *(f"{column}_right" for column in GROUP_KEY))
    )


def build(tables: Mapping[str, ir.Table], method: Method) -> ir.Table:
    """The annual unit, from the census tables named in TABLES.

    Columns: time_period, lea, child_id, cin_referral_date, days_since_previous, is_rereferral, referral_nfa,
    is_assessed_not_in_need.
    """
    keyed = {name: with_key(tables[name]) for name in TABLES if name != "persons"}
    referrals = keyed["referrals"].pipe(in_year)
    if method.previous_source == "any_return":
        referrals = with_late(referrals, keyed["referrals"])
    referrals = (
        referrals.pipe(with_not_in_need, keyed, method)
        .pipe(with_child, tables["persons"])
        .pipe(with_previous_referral, method)
        .pipe(with_rereferral)
    )
    if method.previous_source == "any_return":
        referrals = referrals.filter(~_.is_late)
    return referrals.select(
        "time_period", "lea", "child_id", "cin_referral_date", "days_since_previous",
        "is_rereferral", "referral_nfa", "is_assessed_not_in_need",
    )  # fmt: skip


def with_key(table: ir.Table) -> ir.Table:
    """Give child records without an LAchildID the empty one, so that their groups can still be joined."""
    return table.mutate(la_child_id=_.la_child_id.fill_null(""))
