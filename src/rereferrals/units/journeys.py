"""What became of a referral: the highest level of intervention, and what came next (M17, M18, M19)."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.release import Method
from rereferrals.units.groups import (
    ASSESSED,
    CHILD_IN_NEED_PLAN,
    CONFERENCE,
    ENQUIRY,
    IN_CARE,
    NOT_IN_NEED_REASONS,
    PLAN,
)

NO_FURTHER_ACTION, NOT_IN_NEED, IN_NEED, ENQUIRED, CONFERRED, PLANNED, LOOKED_AFTER = range(1, 8)
REREFERRAL, LEADING, NOT_LEADING = "rereferral", "leading", "not_leading"


def level(activity: ir.IntegerValue, reason: ir.IntegerValue, nfa: ir.BooleanValue, method: Method) -> ir.IntegerValue:
    """The highest level of intervention, 1 to 7, whatever return its activity comes from (M18).

    `reason` is that for closure, as its place, and `nfa` whether there was no further action.
    """

    def has(kind: int) -> ir.BooleanValue:
        return (activity & kind) != 0

    not_in_need = has(ASSESSED) & reason.isin(NOT_IN_NEED_REASONS).fill_null(False)
    lowest = nfa if method.level_one == "flag" else nfa | (activity == 0)
    return ibis.cases(
        (has(IN_CARE), LOOKED_AFTER),
        (has(PLAN), PLANNED),
        (has(CONFERENCE), CONFERRED),
        (has(ENQUIRY), ENQUIRED),
        (has(CHILD_IN_NEED_PLAN), IN_NEED),
        (not_in_need, NOT_IN_NEED),
        (has(ASSESSED), IN_NEED),
        (lowest, NO_FURTHER_ACTION),
        else_=IN_NEED,
    ).cast("int8")


def with_levels(referrals: ir.Table, days: int, method: Method) -> ir.Table:
    """Add the level of each referral, and as `next_level` that of the next if it follows within `days`, else null."""
    following = level(_.next_activity, _.next_reason_for_closure, _.next_referral_nfa, method)
    return referrals.mutate(
        level=level(_.activity, _.reason_for_closure, _.referral_nfa, method),
        next_level=ibis.ifelse(is_followed(days), following, ibis.null("int8")),
    )


def is_followed(days: int) -> ir.BooleanValue:
    """Whether the person's next referral is within so many days."""
    return (_.next_referral_date.delta(_.cin_referral_date, unit="day") <= days).fill_null(False)


def with_status(referrals: ir.Table, days: int) -> ir.Table:
    """The three-way status of each referral: a re-referral, or initial and followed by another within `days` or not.

    A re-referral stays one, whatever follows it (M17).
    """
    status = ibis.cases((_.is_rereferral, REREFERRAL), (is_followed(days), LEADING), else_=NOT_LEADING)
    return referrals.mutate(referral_status=status)
