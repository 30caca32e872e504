"""Factors identified at the end of assessment, as sets of codes (M16).

A set is a whole number (`reference.factor_bits`), so that a factor counts once however many assessments of a referral
find it, and pooling sets is the union of their bits.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.reference import code_set, factor_bits
from rereferrals.units.referrals import GROUP_KEY, reporting_year, with_key

TABLES = ("assessments", "factors")
ASSESSMENT_KEY = (*GROUP_KEY, "assessment_number")


@ibis.udf.agg.builtin(name="bit_or")
def union(sets: int) -> int:  # type: ignore[empty-body]
    """The set of what is in any of these sets: an aggregate that engines have, under the same name."""


def with_bits(factors: ir.Table) -> ir.Table:
    """Factor rows with `bit`, the set of their one code; rows with an unknown code are left out."""
    known = list(dict.fromkeys(code.code for code in code_set("assessment_factor")))
    one = ibis.memtable(
        {"assessment_factor": known, "bit": [factor_bits([code]) for code in known]},
        schema={"assessment_factor": "string", "bit": "int64"},
    )
    return factors.inner_join(one, "assessment_factor")


def build(tables: Mapping[str, ir.Table]) -> ir.Table:
    """The annual unit: one row per group with an assessment authorised in the return's own year (M16, C3).

    Columns: time_period, lea, factors (the set over those assessments). When the child was referred does not matter,
    nor whether it was found to be in need.
    """
    authorised = with_key(tables["assessments"]).filter(
        reporting_year(_.assessment_authorisation_date) == _.collection_year
    )
    found = with_key(tables["factors"]).semi_join(authorised, ASSESSMENT_KEY).pipe(with_bits)
    sets = found.group_by(GROUP_KEY).aggregate(factors=union(_.bit))
    return sets.select("lea", "factors", time_period=_.collection_year)
