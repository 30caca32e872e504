"""True counts of a data set: whole numbers per authority, then regions and England as sums (M28, steps 1 and 2).

Counting per authority first is exact for every annual measure, since a child counts once in each authority (M04),
and lets one small table carry the stand-ins for unusable returns (M26).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

import ibis.expr.types as ir
import pandas as pd
from ibis import _

from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL, Count, DataSet, Filter
from rereferrals.published import AREA, level_of
from rereferrals.reference import ENGLAND, areas_of, population, wholes
from rereferrals.release import DataIssue

PER_AUTHORITY = ("time_period", "lea")
#: Gives the population of an area in a reporting year, by the code of the area; None if there is no estimate.
Populations = Callable[[str, int], int | None]


def aggregate(count: Count) -> ir.IntegerScalar:
    """The Ibis expression of a count. A condition that is null counts as false on every engine."""
    if count.distinct:
        where = None if count.where is None else count.where.fill_null(False)
        return _[count.distinct].nunique(where=where).cast("int64")
    counted = _.count() if count.where is None else count.where.sum().fill_null(0)
    return counted.cast("int64")


def expression(unit: ir.Table, data_set: DataSet) -> ir.Table:
    """Counts by year, authority and the category of each filter; a row without a category is left out.

    Columns: time_period, lea, the filters, the counts. Of a filter whose categories overlap there is no column, but
    each count stands there once for each category and once for the total, as `_beside` names them.
    """
    plain = [f for f in data_set.filters if not f.members]
    unit = unit.mutate(**{f.name: f.value for f in plain if f.value is not None})
    unit = unit.filter(*(unit[f.name].notnull() for f in plain)) if plain else unit
    columns: dict[str, Any] = {}
    for count in _counted(data_set):
        overlapping = _overlapping(data_set)
        if overlapping is None:
            columns[count.name] = aggregate(count)
            continue
        for place, category in enumerate(overlapping.categories):
            columns[_beside(count, place)] = aggregate(_within(count, overlapping.members[category]))
        columns[_beside(count, None)] = aggregate(_within(count, overlapping.any_of))
    return unit.group_by(*PER_AUTHORITY, *(f.name for f in plain)).aggregate(**columns)


def with_totals(cells: pd.DataFrame, data_set: DataSet) -> pd.DataFrame:
    """The counts that `expression` gives, with a row for each category of every filter, its groups and its total.

    Columns: time_period, lea, the filters, the counts.
    """
    counts = _names(data_set)
    rows = _beneath(cells, data_set)
    for f in data_set.filters:
        if f.members:
            continue
        by = [*PER_AUTHORITY, *(other.name for other in data_set.filters if other != f)]
        sums = {group: rows[rows[f.name].isin(parts)] for group, parts in f.groups.items()}
        if f.total is not None:
            sums[f.total] = rows
        added = [
            part.groupby(by, as_index=False, observed=True)[counts].sum().assign(**{f.name: category})
            for category, part in sums.items()
        ]
        rows = pd.concat([rows, *added], ignore_index=True)
    return rows[[*PER_AUTHORITY, *(f.name for f in data_set.filters), *counts]]


def _overlapping(data_set: DataSet) -> Filter | None:
    return next((f for f in data_set.filters if f.members), None)


def _within(count: Count, members: Any) -> Count:
    return replace(count, where=members if count.where is None else count.where & members)


def _beside(count: Count, place: int | None) -> str:
    """The column of a count within one overlapping category, by its place, or within any of them."""
    return f"{count.name}__{'any' if place is None else place}"


def _beneath(cells: pd.DataFrame, data_set: DataSet) -> pd.DataFrame:
    """Counts that stand beside one another for each overlapping category, with a row for each instead."""
    overlapping = _overlapping(data_set)
    if overlapping is None:
        return cells
    keys = [c for c in cells.columns if "__" not in c]
    places = {overlapping.total: None} | {c: n for n, c in enumerate(overlapping.categories)}
    parts = []
    for category, place in places.items():
        columns = {_beside(count, place): count.name for count in _counted(data_set)}
        part = cells[[*keys, *columns]].rename(columns=columns)
        parts.append(part.assign(**{overlapping.name: category}))
    return pd.concat(parts, ignore_index=True)


def with_stand_ins(counts: pd.DataFrame, data_set: DataSet, issues: Iterable[DataIssue]) -> pd.DataFrame:
    """Apply what enters totals in place of an unusable return (M26).

    `carry` replaces an authority's rows of a year by its rows of another; `exclude` sets the measures that the issue
    names to nothing, or removes the rows if it names them all; `own` changes nothing.
    """
    settled = counts
    for issue in issues:
        theirs = settled["lea"] == issue.old_la_code
        own = theirs & (settled["time_period"] == issue.time_period)
        if issue.carried_year is not None:
            stand_in = counts[(counts["lea"] == issue.old_la_code) & (counts["time_period"] == issue.carried_year)]
            settled = pd.concat([settled[~own], stand_in.assign(time_period=issue.time_period)])
        elif issue.total == "exclude" and issue.is_about(""):
            settled = settled[~own]
        elif issue.total == "exclude":
            left_out = [count.name for count in _counted(data_set) if issue.is_about(count.group)]
            settled = settled.assign(**{name: settled[name].mask(own, 0) for name in left_out})
    return settled


def national(counts: pd.DataFrame, data_set: DataSet, years: Iterable[int]) -> pd.DataFrame:
    """England as the sum of its authorities, one row per year and combination of categories.

    Nothing counted is 0, in every year and category, but for a filter without a total: there a row that nothing can
    fall in, such as a window not yet observed, is absent.

    Columns: time_period, geographic_level, the filters, the counts; ordered by year and then as declared.
    """
    grid = pd.DataFrame({"time_period": list(years)}, dtype="int64").assign(geographic_level=NATIONAL)
    whole = _complete(counts, data_set, grid)
    given = [count for count in data_set.counts if count.reference]
    return whole.assign(
        **{count.name: [population(count.reference, year) for year in whole["time_period"]] for count in given}
    )


def areas(
    own: pd.DataFrame,
    settled: pd.DataFrame,
    data_set: DataSet,
    years: Iterable[int],
    returned: Collection[tuple[int, str]],
    populations: Populations,
) -> pd.DataFrame:
    """England, the regions, and the authorities that existed in each year: as `national`, with the columns of AREA.

    An authority's row has its `own` counts, and nothing if it made no return: its year and code are not in `returned`.
    Regions and England are sums of `settled` counts, those with stand-ins. Nothing is known of a population without an
    estimate.
    """
    grid = pd.DataFrame(
        [(year, level_of(area[0], area[2]), *area) for year in years for area in areas_of(year)],
        columns=["time_period", *AREA],
    )
    within = grid[["time_period", "old_la_code", "region_code"]].rename(columns={"old_la_code": "lea"})
    around = within.assign(region_code=within["region_code"].map(wholes())).dropna()
    by_region = settled.merge(pd.concat([within, around]), on=list(PER_AUTHORITY))
    whole = _complete(
        pd.concat(
            [
                settled.assign(geographic_level=NATIONAL, region_code="", old_la_code=""),
                by_region.assign(geographic_level=REGIONAL, old_la_code=""),
                own.merge(within, on=list(PER_AUTHORITY)).assign(
                    geographic_level=LOCAL_AUTHORITY, old_la_code=lambda rows: rows["lea"]
                ),
            ]
        ),
        data_set,
        grid,
    )
    is_missing = [
        row.geographic_level == LOCAL_AUTHORITY and (row.time_period, row.old_la_code) not in returned
        for row in whole.itertuples()
    ]
    counted = _names(data_set)
    whole[counted] = whole[counted].astype("Int64").mask(pd.Series(is_missing, dtype="bool"))
    for count in (count for count in data_set.counts if count.reference):
        codes = whole["old_la_code"].where(whole["old_la_code"] != "", whole["region_code"]).replace("", ENGLAND[0])
        found = [populations(code, year) for code, year in zip(codes, whole["time_period"], strict=True)]
        whole[count.name] = pd.array(found, dtype="Int64")
    return whole


def _counted(data_set: DataSet) -> list[Count]:
    """The counts of rows of the unit: not those that reference data give."""
    return [count for count in data_set.counts if not count.reference]


def _names(data_set: DataSet) -> list[str]:
    return [count.name for count in _counted(data_set)]


def _complete(counts: pd.DataFrame, data_set: DataSet, grid: pd.DataFrame) -> pd.DataFrame:
    """Sums for each row of the grid and combination of categories, in the order of the grid and as declared, with a 0
    for each that no row of the unit fell in."""
    names, filters = _names(data_set), [f.name for f in data_set.filters]
    by = [c for c in grid.columns if c in counts.columns]
    sums = counts.groupby([*by, *filters], as_index=False, observed=True)[names].sum()
    grid = grid.assign(place=range(len(grid)))
    for f in data_set.filters:
        categories = [*f.categories, *([f.total] if f.total else [])]
        ranked = pd.DataFrame({f.name: categories, f"{f.name}_rank": range(len(categories))})
        grid = grid.merge(ranked, how="cross")
    whole = grid.merge(sums.astype({"time_period": "int64"}), how="left", on=[*by, *filters])
    if any(f.total is None for f in data_set.filters):
        whole = whole.dropna(subset=names)
    order = ["place", *(f"{name}_rank" for name in filters)]
    whole = whole.sort_values(order, ignore_index=True).drop(columns=order)
    return whole.fillna(dict.fromkeys(names, 0)).astype(dict.fromkeys(names, "int64"))
