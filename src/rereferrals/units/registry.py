"""Which units there are, and what each is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from rereferrals.release import Release
from rereferrals.units import child_protection, children, episodes, factors, followup, merged, referrals, survival

Tables = Mapping[str, ir.Table]


@dataclass(frozen=True)
class Unit:
    """What data sets count rows of, and how it is made: from tables of the census store, from other units, or both.

    `build` is given those tables by name, and the release. One that is not `kept` is made anew where it is counted. In
    an `annual` unit an authority's year can be replaced by another year's (M26); the longitudinal ones take returns as
    they fall out.
    """

    name: str
    build: Callable[[Tables, Release], ir.Table]
    census: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    annual: bool = False
    kept: bool = True


def _referrals(tables: Tables, release: Release) -> ir.Table:
    return referrals.build(tables, release.method)


def _children(tables: Tables, release: Release) -> ir.Table:
    return children.build(tables["referrals"], tables, release.method)


def _assessed(tables: Tables, release: Release) -> ir.Table:
    return factors.build(tables)


def _followup(tables: Tables, release: Release) -> ir.Table:
    return followup.build(merged.build(tables, release.first_year, release.data_end), tables, release)


def _cohorts(tables: Tables, release: Release) -> ir.Table:
    return followup.cohorts(tables["followup"], release.first_year, release.data_end, release.method)


def _episodes(tables: Tables, release: Release) -> ir.Table:
    return episodes.build(tables["followup"], release.method)


def _closures(tables: Tables, release: Release) -> ir.Table:
    return survival.build(tables["followup"], tables, release)


def _protected(tables: Tables, release: Release) -> ir.Table:
    return child_protection.build(tables, release.data_end)


UNITS = {
    unit.name: unit
    for unit in (
        Unit("referrals", _referrals, census=referrals.TABLES, annual=True),
        Unit("children", _children, census=children.TABLES, units=("referrals",), annual=True),
        Unit("assessed", _assessed, census=factors.TABLES, annual=True),
        Unit("followup", _followup, census=tuple(dict.fromkeys((*merged.TABLES, *followup.TABLES)))),
        Unit("cohorts", _cohorts, units=("followup",), kept=False),
        Unit("episodes", _episodes, units=("followup",)),
        Unit("closures", _closures, census=survival.TABLES, units=("followup",)),
        Unit("protected", _protected, census=child_protection.TABLES),
    )
}
