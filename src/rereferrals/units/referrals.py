"""One row per referral of a reporting year, by the annual method: each return with the one before it (M01, M02).

The child is the annual key (authority and LAchildID), so a child who moves, or is given a new id, starts afresh.
"""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from rereferrals.release import Method
from rereferrals.units.groups import ASSESSED, CHILD_IN_NEED_PLAN, ENQUIRY, NOT_IN_NEED_REASONS, PLAN

REREFERRAL_DAYS = 365
FURTHER_WORK = ENQUIRY | PLAN | CHILD_IN_NEED_PLAN


def with_rereferral(referrals: ir.Table, method: Method) -> ir.Table:
    """A re-referral follows the child's previous referral within 365 days, whatever came of that one (M02).

    The previous one is of the year's return or the one before, or of any if `method.previous_source` says so.
    """
    days = _.days_since_any if method.previous_source == "any_return" else _.days_since_previous
    return referrals.mutate(is_rereferral=(days <= REREFERRAL_DAYS).fill_null(False))


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


def build(in_year: ir.Table, method: Method) -> ir.Table:
    """The annual unit, from the groups of each return's own year.

    Columns: time_period, lea, child_id, cin_referral_date, is_rereferral, referral_nfa, is_assessed_not_in_need.

    Of groups of one child with one referral date, the first in file order is the referral and the others are not,
    unless `method.same_day` keeps them (M01, same-day rule).
    """
    referrals = in_year.pipe(with_not_in_need, method).pipe(with_rereferral, method)
    if method.same_day == "collapse":
        referrals = referrals.filter((_.days_since_previous != 0).fill_null(True))
    return referrals.select(
        "time_period", "lea", "child_id", "cin_referral_date", "is_rereferral", "referral_nfa",
        "is_assessed_not_in_need",
    )  # fmt: skip
