"""Which units there are, and what each is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from rereferrals.release import Release
from rereferrals.units import (
    child_protection,
    children,
    closed,
    episodes,
    factors,
    followup,
    groups,
    in_year,
    merged,
    records,
    referrals,
    survival,
)

Tables = Mapping[str, ir.Table]


@dataclass(frozen=True)
class Unit:
    """What data sets count rows of, or other units are made from, and how it is made: from tables of the census store,
    from other units, or both.

    `build` is given those tables by name, and the release. One that is not `kept` is made anew where it is counted. One
    `of_returns` depends on nothing of the release but which returns it has, and so is made when they are read in; one
    `in_parts` can be made of some years' returns at a time. In an `annual` unit an authority's year can be replaced by
    another year's (M26); the longitudinal ones take returns as they fall out.
    """

    name: str
    build: Callable[[Tables, Release], ir.Table]
    census: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    annual: bool = False
    kept: bool = True
    of_returns: bool = False
    in_parts: bool = False


def _groups(tables: Tables, release: Release) -> ir.Table:
    return groups.build(tables)


def _records(tables: Tables, release: Release) -> ir.Table:
    return records.build(tables)


def _merged(tables: Tables, release: Release) -> ir.Table:
    return merged.build(tables, release.data_end)


def _closed(tables: Tables, release: Release) -> ir.Table:
    return closed.build(tables["merged"], tables["records"])


def _in_year(tables: Tables, release: Release) -> ir.Table:
    return in_year.build(tables["groups"])


def _referrals(tables: Tables, release: Release) -> ir.Table:
    return referrals.build(tables["in_year"], release.method)


def _children(tables: Tables, release: Release) -> ir.Table:
    return children.build(tables["referrals"], tables["records"], release.method)


def _assessed(tables: Tables, release: Release) -> ir.Table:
    return factors.build(tables["groups"])


def _followup(tables: Tables, release: Release) -> ir.Table:
    return followup.build(tables["merged"], release)


def _cohorts(tables: Tables, release: Release) -> ir.Table:
    return followup.cohorts(tables["followup"], release.data_end, release.method)


def _episodes(tables: Tables, release: Release) -> ir.Table:
    return episodes.build(tables["merged"], release)


def _closures(tables: Tables, release: Release) -> ir.Table:
    return survival.build(tables["closed"], release)


def _protected(tables: Tables, release: Release) -> ir.Table:
    return child_protection.build(tables, release.data_end)


UNITS = {
    unit.name: unit
    for unit in (
        Unit("groups", _groups, census=groups.TABLES, of_returns=True, in_parts=True),
        Unit("records", _records, census=records.TABLES, of_returns=True, in_parts=True),
        Unit("merged", _merged, census=merged.TABLES, units=("groups", "records"), of_returns=True),
        Unit("closed", _closed, units=("merged", "records"), of_returns=True),
        Unit("in_year", _in_year, units=("groups",), of_returns=True),
        Unit("referrals", _referrals, units=("in_year",), annual=True, kept=False),
        Unit("children", _children, units=("referrals", "records"), annual=True),
        Unit("assessed", _assessed, units=("groups",), annual=True, kept=False),
        Unit("followup", _followup, units=("merged",)),
        Unit("cohorts", _cohorts, units=("followup",), kept=False),
        Unit("episodes", _episodes, units=("merged",)),
        Unit("closures", _closures, units=("closed",), kept=False),
        Unit("protected", _protected, census=child_protection.TABLES, units=("records",)),
    )
}
