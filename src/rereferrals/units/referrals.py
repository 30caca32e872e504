"""One row per referral of a reporting year, by the annual method: each return with the one before it (M01, M02).

The child is the annual key (authority and LAchildID), so a child who moves, or is given a new id, starts afresh.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.reference import code_places
from rereferrals.release import Method
from rereferrals.units.groups import ASSESSED, CHILD_IN_NEED_PLAN, ENQUIRY, PLAN, reporting_year

REREFERRAL_DAYS = 365
NOT_IN_NEED_REASONS = tuple(code_places("reason_for_closure")[code] for code in ("RC8", "RC9"))
FURTHER_WORK = ENQUIRY | PLAN | CHILD_IN_NEED_PLAN


def in_year(groups: ir.Table) -> ir.Table:
    """Referrals of the return's own year: not those carried over as open cases, nor undated groups (M01)."""
    return groups.mutate(time_period=reporting_year(_.cin_referral_date)).filter(_.time_period == _.collection_year)


def with_late(referrals: ir.Table, groups: ir.Table) -> ir.Table:
    """Add referrals that only a later return than their own year's tells of; `is_late` marks them."""
    child = ["child_id", "cin_referral_date"]
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


def with_not_in_need(referrals: ir.Table, method: Method) -> ir.Table:
    """Whether the referral was assessed as not in need, as its own year's return tells it (M13).

    Closed RC8 or RC9 after at least one assessment, and neither NFA nor with a section 47 enquiry, a child protection
    plan, a CIN plan or the date of an initial conference. `method.not_in_need` can take the reason for closure, which
    says "after assessment", as enough of an assessment.
    """
    found = (
        _.reason_for_closure.isin(NOT_IN_NEED_REASONS).fill_null(False)
        & ~_.referral_nfa.fill_null(False)
        & ~_.has_conference
        & ((_.activity & FURTHER_WORK) == 0)
    )
    if method.not_in_need == "assessed":
        found &= (_.activity & ASSESSED) != 0
    return referrals.mutate(is_assessed_not_in_need=found)


def build(groups: ir.Table, method: Method) -> ir.Table:
    """The annual unit, from the groups of returns.

    Columns: time_period, lea, child_id, cin_referral_date, days_since_previous, is_rereferral, referral_nfa,
    is_assessed_not_in_need.
    """
    referrals = groups.pipe(in_year)
    if method.previous_source == "any_return":
        referrals = with_late(referrals, groups)
    referrals = referrals.pipe(with_not_in_need, method).pipe(with_previous_referral, method).pipe(with_rereferral)
    if method.previous_source == "any_return":
        referrals = referrals.filter(~_.is_late)
    return referrals.select(
        "time_period", "lea", "child_id", "cin_referral_date", "days_since_previous",
        "is_rereferral", "referral_nfa", "is_assessed_not_in_need",
    )  # fmt: skip
