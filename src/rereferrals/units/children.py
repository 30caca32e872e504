"""One row per child referred in a reporting year, per authority (M04, M05, M06)."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _


def build(referrals: ir.Table) -> ir.Table:
    """The child unit, from the annual referral unit.

    Columns: time_period, lea, child_id, referrals (how many in the year, M06), is_rereferred (M05).
    A child referred in two authorities is two children (M04).
    """
    return referrals.group_by("time_period", "lea", "child_id").aggregate(
        referrals=_.count(), is_rereferred=_.is_rereferral.any()
    )
