"""Disclosure control: the only maker of published values.

Counts of England and regions are rounded; a small count is confidential, and so is every percentage of it, and in a
row that adds up a second count with it; percentages come from true counts, rounded half up by whole-number arithmetic.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from rereferrals.model import (
    LOCAL_AUTHORITY,
    NATIONAL,
    Count,
    DataSet,
    Estimate,
    Indicator,
    Rate,
    Share,
    counts_of,
)
from rereferrals.published import KEYS, WHOLE, PublishedTable, decimal, divide_half_up, ratio
from rereferrals.reference import ENGLAND
from rereferrals.release import DataIssue, Protection

PROTECTION = Protection()


def is_small(count: int, level: str, protection: Protection = PROTECTION) -> bool:
    """Whether a count is confidential at a geographic level. A zero is not."""
    threshold = protection.threshold if level == LOCAL_AUTHORITY else protection.regional_threshold
    return 1 <= count <= threshold


def publish_count(count: int, level: str, protection: Protection = PROTECTION) -> str:
    """A count as published: `c` if it is small, exact for an authority, else rounded half up."""
    if is_small(count, level, protection):
        return "c"
    if level == LOCAL_AUTHORITY:
        return str(count)
    base = protection.england_rounding if level == NATIONAL else protection.region_rounding
    return str(divide_half_up(count, base) * base)


@dataclass(frozen=True)
class Known:
    """What a release can know: its last reporting year, the years that each input beside the returns was given, and
    which returns are not to be shown as they are."""

    last_year: int
    inputs: Mapping[str, Collection[int]] = field(default_factory=dict)
    issues: tuple[DataIssue, ...] = ()

    def symbol(self, row: Mapping[str, Any], data_set: DataSet) -> str | None:
        """What a row shows instead of numbers, if it cannot be known.

        `x` where it was not collected yet, or an input is missing; `z` where a year has not passed since.
        """
        year, categories = int(row["time_period"]), [(f, row[f.name]) for f in data_set.filters]
        needed = {data_set.needs, *(f.needs.get(category) for f, category in categories)} - {None}
        if any(year not in self.inputs.get(name, ()) for name in needed):
            return "x"
        if any(year < f.since.get(category, year) for f, category in categories):
            return "x"
        return "z" if year >= self.last_year and any(c in f.followed for f, c in categories) else None

    def display(self, row: Mapping[str, Any], indicator: Indicator) -> str | None:
        """The symbol that an authority's own row shows for an indicator of a return that cannot be used (M26)."""
        for issue in self._issues_of.get((row.get("old_la_code"), int(row["time_period"])), ()):
            if any(issue.is_about(count.group) for count in counts_of(indicator) if not count.reference):
                return issue.display or None
        return None

    @cached_property
    def _issues_of(self) -> dict[tuple[str | None, int], list[DataIssue]]:
        """What is known of each return that cannot be used, by authority and year."""
        found: dict[tuple[str | None, int], list[DataIssue]] = {}
        for issue in self.issues:
            found.setdefault((issue.old_la_code, issue.time_period), []).append(issue)
        return found


def publish(
    counts: pd.DataFrame, data_set: DataSet, known: Known | None = None, protection: Protection = PROTECTION
) -> PublishedTable:
    """Make the published table of a data set from its true counts (columns as `tabulate.areas` or `national` give).

    Without `known`, everything is. A count that is missing is not available.
    """
    rows = []
    totals = _totals(counts, data_set)
    records = counts.astype(object).where(counts.notna(), None).to_dict("records")
    for row, hidden in zip(records, hidden_counts(records, data_set, protection), strict=True):
        if any(f.hidden_total and row[f.name] == f.total for f in data_set.filters):
            continue
        cells: dict[str, str] = {
            "time_period": str(row["time_period"]),
            "time_identifier": "Reporting year",
            "country_code": ENGLAND[0],
            "country_name": ENGLAND[1],
        }
        cells |= {key: row[key] for key in KEYS if key in row and key not in cells}
        cells = {key: cells[key] for key in KEYS if key in cells}
        cells |= data_set.constants | _categories(row, data_set)
        whole: dict[str, str] = {}
        symbol = known.symbol(row, data_set) if known else None
        for indicator in data_set.indicators:
            shown = symbol or (known and known.display(row, indicator)) or _not_available(indicator, row)
            if isinstance(indicator, Count):
                cells[indicator.name] = shown or _count(indicator, row, hidden, protection)
                continue
            if isinstance(indicator, Estimate):
                cells[indicator.name] = shown or _estimate(indicator, row, hidden, protection)
                continue
            numerator, denominator = _parts(indicator, row, data_set, totals)
            if not shown and numerator.name in hidden:
                shown = "c"
            places = indicator.decimal_places
            above = row[numerator.name]
            cells[indicator.name] = shown or ratio(above, denominator, indicator.per, places)
            whole[indicator.name + WHOLE] = shown or ratio(above, denominator, indicator.per, 0)
        rows.append(cells | whole)
    return PublishedTable(data_set, pd.DataFrame(rows, dtype="str"))


def hidden_counts(
    rows: Sequence[Mapping[str, Any]], data_set: DataSet, protection: Protection = PROTECTION
) -> list[set[str]]:
    """The counts of each row that are confidential: the small ones, and in authorities' rows, where totals are exact, a
    second one wherever one alone could be worked out from the others.

    In a row that adds up, that is the smallest other part that is not zero, of several the last in order; or the total,
    if there is none. Where regions are not rounded, it is also the smallest of the region's other authorities.
    """
    hidden = [_small(row, data_set, protection) for row in rows]
    changed = True
    while changed:
        changed = sum(_hide_in_row(row, data_set, own) for row, own in zip(rows, hidden, strict=True)) > 0
        if protection.region_rounding == 1:
            changed |= sum(_hide_in_region(rows, places, data_set, hidden) for places in _regions(rows, data_set)) > 0
    return hidden


def _small(row: Mapping[str, Any], data_set: DataSet, protection: Protection) -> set[str]:
    return {
        count.name
        for count in data_set.counts
        if not count.reference
        and row[count.name] is not None
        and is_small(row[count.name], row["geographic_level"], protection)
    }


def _hide_in_row(row: Mapping[str, Any], data_set: DataSet, hidden: set[str]) -> bool:
    """Hide a second part in an authority's row if one is alone; returns whether one was."""
    if row["geographic_level"] != LOCAL_AUTHORITY:
        return False
    for additive in data_set.additive:
        parts = [part.name for part in additive.parts]
        if additive.total.name not in hidden and sum(part in hidden for part in parts) == 1:
            others = [part for part in parts if part not in hidden and row[part]]
            hidden.add(min(reversed(others), key=lambda part: row[part]) if others else additive.total.name)
            return True
    return False


def _hide_in_region(
    rows: Sequence[Mapping[str, Any]], places: Sequence[int], data_set: DataSet, hidden: Sequence[set[str]]
) -> bool:
    """Hide a count of a second authority of a region whose own is shown, if one's is alone; returns whether one was."""
    region, *authorities = places
    for count in (count.name for count in data_set.counts if not count.reference):
        if count not in hidden[region] and sum(count in hidden[place] for place in authorities) == 1:
            others = [place for place in authorities if count not in hidden[place] and rows[place][count]]
            if others:
                hidden[min(others, key=lambda place: rows[place][count])].add(count)
                return True
    return False


def _regions(rows: Sequence[Mapping[str, Any]], data_set: DataSet) -> Iterator[list[int]]:
    """The places of the rows of each region, its own first and then those of its authorities, all else alike."""
    found: dict[tuple[object, ...], list[int]] = {}
    order = sorted(range(len(rows)), key=lambda place: rows[place]["geographic_level"] == LOCAL_AUTHORITY)
    for place in order:
        row = rows[place]
        if row["geographic_level"] != NATIONAL:
            key = (row["time_period"], row["region_code"], *(row[f.name] for f in data_set.filters))
            found.setdefault(key, []).append(place)
    yield from found.values()


def _count(count: Count, row: Mapping[str, Any], hidden: Collection[str], protection: Protection) -> str:
    if count.of is not None and row[count.of.name] == 0:
        return "z"
    if count.reference:
        return str(row[count.name])
    return "c" if count.name in hidden else publish_count(row[count.name], row["geographic_level"], protection)


def _estimate(estimate: Estimate, row: Mapping[str, Any], hidden: Collection[str], protection: Protection) -> str:
    """An estimate as published: `c` beside a confidential count, `z` if there is none.

    A percentage of a count is what so many rounded cases are of the rounded count, so that differences between
    estimates of a small group tell no more of it than rounded counts would.
    """
    value = row[estimate.name]
    if value is None:
        return "z"
    if any(count.name in hidden for count in (estimate.of, estimate.numerator) if count):
        return "c"
    if estimate.of is None:
        return decimal(value, estimate.decimal_places)
    base, whole = protection.england_rounding, row[estimate.of.name]
    cases = divide_half_up(int(value * whole + 0.5), base)
    return "k" if value and not cases else ratio(cases, divide_half_up(whole, base), 100, estimate.decimal_places)


def _categories(row: Mapping[str, Any], data_set: DataSet) -> dict[str, str]:
    """The cells of the filters, each after that of its topic."""
    cells: dict[str, str] = {}
    for f in data_set.filters:
        if f.topic_column:
            cells[f.topic_column] = f.topic(row[f.name])
        cells[f.name] = row[f.name]
    return cells


def _parts(
    indicator: Indicator,
    row: Mapping[str, Any],
    data_set: DataSet,
    totals: Mapping[tuple[tuple[object, ...], str], int],
) -> tuple[Count, int]:
    """The numerator of a rate or share, and how many its denominator is in this row."""
    match indicator:
        case Rate(numerator=above, denominator=below):
            return above, row[below.name]
        case Share(of=of, within=within):
            return of, totals[_total_key(row, data_set, within.name), of.name]
        case Estimate() | Count():
            raise TypeError(f"{data_set.id}: {indicator.name} is not a ratio of counts")


def _not_available(indicator: Indicator, row: Mapping[str, Any]) -> str | None:
    """`x` where a count of an indicator was not collected yet, or is not there."""
    counts = counts_of(indicator)
    is_early = any(row["time_period"] < (count.since or row["time_period"]) for count in counts)
    return "x" if is_early or any(row[count.name] is None for count in counts) else None


def _totals(counts: pd.DataFrame, data_set: DataSet) -> dict[tuple[tuple[object, ...], str], int]:
    """The denominator of each share: the count at the total of its filter, all else alike."""
    found: dict[tuple[tuple[object, ...], str], int] = {}
    for share in (i for i in data_set.indicators if isinstance(i, Share)):
        for row in counts[counts[share.within.name] == share.within.total].to_dict("records"):
            found[_total_key(row, data_set, share.within.name), share.of.name] = row[share.of.name]
    return found


def _total_key(row: dict[str, object], data_set: DataSet, within: str) -> tuple[object, ...]:
    others = [f.name for f in data_set.filters if f.name != within]
    area = row.get("old_la_code") or row.get("region_code")
    return (row["time_period"], row["geographic_level"], area, within, *(row[name] for name in others))
