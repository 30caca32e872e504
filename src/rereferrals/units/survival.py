"""Closed cases of a release with their need and level, by its method (M23)."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

from rereferrals.reference import code_places, grouped
from rereferrals.release import Release
from rereferrals.units.followup import NOT_STATED, with_need
from rereferrals.units.journeys import level


def build(closed: ir.Table, release: Release) -> ir.Table:
    """The unit, from closed cases: those that closed in the years from `closures_from` on.

    Columns: those of `closed` but for what need and level follow from; need (M11) and level (M18), as places from 0 in
    their published lists.
    """
    return (
        closed.filter(_.time_period.between(release.closures_from, release.year))
        .pipe(with_need, release.method)
        .mutate(
            need=_need(),
            level=(level(_.activity, _.reason_for_closure, _.referral_nfa, release.method) - 1).cast("int8"),
        )
        .drop("need_code", "activity", "reason_for_closure", "referral_nfa")
    )


def _need() -> ir.IntegerValue:
    stored = code_places("primary_need")
    published = enumerate(grouped("primary_need", "published").values())
    needs = {stored[code]: place for place, codes in published for code in codes}
    return _.need_code.cases(*needs.items(), else_=needs[NOT_STATED]).cast("int8")
