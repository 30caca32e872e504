"""Factors identified at the end of assessment, as sets of codes (M16).

A set is a whole number (`reference.factor_bits`), so that a factor counts once however many assessments of a referral
find it.
"""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _


def build(groups: ir.Table) -> ir.Table:
    """The annual unit: one row per group with an assessment authorised in the return's own year (M16, C3).

    Columns: time_period, lea, factors (the set over those assessments). When the child was referred does not matter,
    nor whether it was found to be in need.
    """
    found = groups.filter(_.authorised_factors != 0)
    return found.select("lea", factors=_.authorised_factors, time_period=_.collection_year)
