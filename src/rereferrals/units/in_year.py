"""One row per group with a referral of its return's own year, and how long before the child was referred (M01, M02).

The annual twin of `merged`: of the returns alone, and so made once for all methods.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.units.groups import reporting_year

CHILD_AND_DAY = ("child_id", "cin_referral_date")


def build(groups: ir.Table) -> ir.Table:
    """The unit, from the groups of all returns: not those carried over as open cases, nor undated ones (M01).

    Columns: time_period, lea, child_id, cin_referral_date; referral_nfa, reason_for_closure, has_conference and
    activity as in `groups`; and the days since the previous such group of the child, days_since_previous, and since the
    previous of any return, days_since_any, see `with_previous`.
    """
    dated = groups.mutate(time_period=reporting_year(_.cin_referral_date))
    own = dated.filter(_.time_period == _.collection_year)
    return (
        own.mutate(is_late=False)
        .union(late(dated, own).mutate(is_late=True))
        .pipe(with_previous)
        .filter(~_.is_late)
        .select(
            "time_period", "lea", "child_id", "cin_referral_date", "referral_nfa", "reason_for_closure",
            "has_conference", "activity", "days_since_previous", "days_since_any",
        )
    )  # fmt: skip


def late(dated: ir.Table, own: ir.Table) -> ir.Table:
    """Referrals that only a later return than their own year's tells of, one row for each."""
    carried = dated.filter(_.time_period < _.collection_year)
    return carried.anti_join(own, CHILD_AND_DAY).distinct(on=CHILD_AND_DAY, keep="first")


def with_previous(referrals: ir.Table) -> ir.Table:
    """Add the days since the child's previous referral, null for its first: of those that the return of their own year
    tells of, and of all.

    Groups of one child with one referral date stand in file order.
    """
    history = ("cin_referral_date", "child_number", "referral_number")
    before = ibis.rows_window(preceding=(None, 1), group_by="child_id", order_by=history)
    told = ibis.ifelse(_.is_late, ibis.null("date"), _.cin_referral_date).max().over(before)
    known = _.cin_referral_date.lag().over(group_by="child_id", order_by=history)
    beside = referrals.mutate(previous=told, previous_of_any=known)
    return beside.mutate(
        days_since_previous=_.cin_referral_date.delta(_.previous, unit="day").cast("int32"),
        days_since_any=_.cin_referral_date.delta(_.previous_of_any, unit="day").cast("int32"),
    )
