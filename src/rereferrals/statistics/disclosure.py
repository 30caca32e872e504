"""Disclosure control: the only maker of published values.

Counts of England and regions are rounded to 10; a count of 1 to 5 is confidential, and so is every percentage of it;
percentages come from true counts, rounded half up by whole-number arithmetic.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from rereferrals.model import LOCAL_AUTHORITY, Count, DataSet, Indicator, Rate, Share, counts_of
from rereferrals.published import WHOLE, PublishedTable
from rereferrals.reference import ENGLAND


@dataclass(frozen=True)
class Rules:
    """How values are protected: a count from 1 to `threshold` is hidden; totals of areas are rounded to `base`."""

    threshold: int = 5
    base: int = 10


RULES = Rules()


def divide_half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest whole number, halves up; both non-negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def publish_count(count: int, level: str, rules: Rules = RULES) -> str:
    """A count as published: `c` from 1 to the threshold, exact for an authority, else rounded half up to the base."""
    if 1 <= count <= rules.threshold:
        return "c"
    if level == LOCAL_AUTHORITY:
        return str(count)
    return str(divide_half_up(count, rules.base) * rules.base)


def publish_ratio(numerator: int, denominator: int, per: int, decimal_places: int, rules: Rules = RULES) -> str:
    """A rate or percentage as published, rounded once from true counts, without trailing zeros.

    `z` if the denominator is 0, `c` if the numerator is confidential, `k` if a numerator above 0 rounds to 0.
    """
    if denominator == 0:
        return "z"
    if 1 <= numerator <= rules.threshold:
        return "c"
    scaled = divide_half_up(numerator * per * 10**decimal_places, denominator)
    if numerator and not scaled:
        return "k"
    whole, fraction = divmod(scaled, 10**decimal_places)
    digits = f"{fraction:0{decimal_places}d}".rstrip("0") if decimal_places else ""
    return f"{whole}.{digits}" if digits else str(whole)


@dataclass(frozen=True)
class Known:
    """What a release can know: its last reporting year, and the years that each input beside the returns was given."""

    last_year: int
    inputs: Mapping[str, Collection[int]] = field(default_factory=dict)

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


def publish(
    counts: pd.DataFrame, data_set: DataSet, known: Known | None = None, rules: Rules = RULES
) -> PublishedTable:
    """Make the published table of a data set from its true counts (columns as `tabulate.national` gives).

    Without `known`, everything is.
    """
    rows = []
    totals = _totals(counts, data_set)
    for row in counts.to_dict("records"):
        if any(f.hidden_total and row[f.name] == f.total for f in data_set.filters):
            continue
        symbol = known.symbol(row, data_set) if known else None
        cells: dict[str, str] = {
            "time_period": str(row["time_period"]),
            "time_identifier": "Reporting year",
            "geographic_level": row["geographic_level"],
            "country_code": ENGLAND[0],
            "country_name": ENGLAND[1],
        }
        cells |= {f.name: row[f.name] for f in data_set.filters}
        whole: dict[str, str] = {}
        for indicator in data_set.indicators:
            shown = symbol or _not_collected(indicator, row["time_period"])
            if shown:
                cells[indicator.name] = shown
                if not isinstance(indicator, Count):
                    whole[indicator.name + WHOLE] = shown
                continue
            match indicator:
                case Count(name=name):
                    cells[name] = publish_count(row[name], row["geographic_level"], rules)
                    continue
                case Rate(numerator=above, denominator=below):
                    numerator, denominator = row[above.name], row[below.name]
                case Share(of=of, within=within):
                    numerator, denominator = row[of.name], totals[_total_key(row, data_set, within.name), of.name]
            places = indicator.decimal_places
            cells[indicator.name] = publish_ratio(numerator, denominator, indicator.per, places, rules)
            whole[indicator.name + WHOLE] = publish_ratio(numerator, denominator, indicator.per, 0, rules)
        rows.append(cells | whole)
    return PublishedTable(data_set, pd.DataFrame(rows, dtype="str"))


def _not_collected(indicator: Indicator, year: int) -> str | None:
    return "x" if any(year < (count.since or year) for count in counts_of(indicator)) else None


def _totals(counts: pd.DataFrame, data_set: DataSet) -> dict[tuple[tuple[object, ...], str], int]:
    """The denominator of each share: the count at the total of its filter, all else alike."""
    found: dict[tuple[tuple[object, ...], str], int] = {}
    for share in (i for i in data_set.indicators if isinstance(i, Share)):
        for row in counts[counts[share.within.name] == share.within.total].to_dict("records"):
            found[_total_key(row, data_set, share.within.name), share.of.name] = row[share.of.name]
    return found


def _total_key(row: dict[str, object], data_set: DataSet, within: str) -> tuple[object, ...]:
    others = [f.name for f in data_set.filters if f.name != within]
    return (row["time_period"], row["geographic_level"], within, *(row[name] for name in others))
