"""True counts of a data set: whole numbers per authority, then regions and England as sums (M28, steps 1 and 2).

Counting per authority first is exact for every annual measure, since a child counts once in each authority (M04),
and lets one small table carry the stand-ins for unusable returns (M26).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from rereferrals.model import NATIONAL, Count, DataSet, Filter
from rereferrals.release import DataIssue

PER_AUTHORITY = ("time_period", "lea")


def aggregate(count: Count) -> ir.IntegerScalar:
    """The Ibis expression of a count. A condition that is null counts as false on every engine."""
    where = None if count.where is None else count.where.fill_null(False)
    if count.distinct:
        return _[count.distinct].nunique(where=where).cast("int64")
    return (_.count() if where is None else where.cast("int64").sum()).cast("int64")


def expression(unit: ir.Table, data_set: DataSet) -> ir.Table:
    """Counts by year, authority and category, and by year and authority for each filter's total.

    Columns: time_period, lea, the filters, the counts.
    """
    unit = unit.mutate(**{f.name: f.value for f in data_set.filters if f.value is not None})
    parts = []
    for filters in _groupings(data_set.filters):
        by = [*PER_AUTHORITY, *(f.name for f in filters)]
        part = unit.group_by(by).aggregate(**{count.name: aggregate(count) for count in data_set.counts})
        totals = {f.name: ibis.literal(f.total) for f in data_set.filters if f not in filters}
        part = part.mutate(**totals)
        parts.append(part.select(*PER_AUTHORITY, *(f.name for f in data_set.filters), *_names(data_set)))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


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
        elif issue.total == "exclude" and issue.measures == "all":
            settled = settled[~own]
        elif issue.total == "exclude":
            left_out = [count.name for count in data_set.counts if count.group == issue.measures]
            settled = settled.assign(**{name: settled[name].mask(own, 0) for name in left_out})
    return settled


def national(counts: pd.DataFrame, data_set: DataSet, years: Iterable[int]) -> pd.DataFrame:
    """England as the sum of its authorities, one row per year and combination of categories.

    Nothing counted is 0, in every year and category, but for a filter without a total: there a row that nothing can
    fall in, such as a window not yet observed, is absent.

    Columns: time_period, geographic_level, the filters, the counts; ordered by year and then as declared.
    """
    by = ["time_period", *(f.name for f in data_set.filters)]
    sums = counts.groupby(by, as_index=False, observed=True)[list(_names(data_set))].sum()
    whole = _complete(sums, data_set, years)
    whole.insert(1, "geographic_level", NATIONAL)
    return whole


def _groupings(filters: tuple[Filter, ...]) -> list[tuple[Filter, ...]]:
    """Every choice of filters to break down by; one without a total is in each."""
    needed = {f for f in filters if f.total is None}
    sizes = range(len(filters), -1, -1)
    return [chosen for size in sizes for chosen in combinations(filters, size) if needed <= set(chosen)]


def _names(data_set: DataSet) -> tuple[str, ...]:
    return tuple(count.name for count in data_set.counts)


def _complete(sums: pd.DataFrame, data_set: DataSet, years: Iterable[int]) -> pd.DataFrame:
    """Order the rows as declared, and add a 0 for each category that no row of the unit fell in."""
    grid = pd.DataFrame({"time_period": list(years)})
    for f in data_set.filters:
        categories = [*([f.total] if f.total else []), *f.categories]
        grid = grid.merge(pd.DataFrame({f.name: categories}), how="cross")
    names = list(_names(data_set))
    whole = grid.merge(sums, how="left", on=list(grid.columns))
    if any(f.total is None for f in data_set.filters):
        whole = whole.dropna(subset=names)
    whole = whole.fillna(dict.fromkeys(names, 0))
    order = ["time_period"]
    for f in data_set.filters:
        rank = {category: n for n, category in enumerate([*f.categories, f.total])}
        whole[f"{f.name}_rank"] = whole[f.name].map(rank)
        order.append(f"{f.name}_rank")
    whole = whole.sort_values(order, ignore_index=True).drop(columns=order[1:])
    return whole.astype(dict.fromkeys(names, "int64"))
