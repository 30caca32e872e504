"""Which units there are, and what each is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from rereferrals.release import Release
from rereferrals.units import children, followup, referrals

Tables = Mapping[str, ir.Table]


@dataclass(frozen=True)
class Unit:
    """What data sets count rows of, and how it is made: from tables of the census store, or from another unit.

    `build` is given those tables by name, and the release. In an `annual` unit an authority's year can be replaced by
    another year's (M26); the longitudinal ones take returns as they fall out.
    """

    name: str
    build: Callable[[Tables, Release], ir.Table]
    census: tuple[str, ...] = ()
    unit: str | None = None
    annual: bool = False


def _referrals(tables: Tables, release: Release) -> ir.Table:
    return referrals.build(tables, release.method)


def _children(tables: Tables, release: Release) -> ir.Table:
    return children.build(tables["referrals"])


def _followup(tables: Tables, release: Release) -> ir.Table:
    return followup.build(tables, release.first_year, release.data_end, release.method)


def _cohorts(tables: Tables, release: Release) -> ir.Table:
    return followup.cohorts(tables["followup"], release.data_end, release.method)


UNITS = {
    unit.name: unit
    for unit in (
        Unit("referrals", _referrals, census=referrals.TABLES, annual=True),
        Unit("children", _children, unit="referrals", annual=True),
        Unit("followup", _followup, census=followup.TABLES),
        Unit("cohorts", _cohorts, unit="followup"),
    )
}
