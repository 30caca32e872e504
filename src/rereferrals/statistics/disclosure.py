"""Disclosure control: the only maker of published values.

Counts of England and regions are rounded to 10; a count of 1 to 5 is confidential, and so is every percentage of it;
percentages come from true counts, rounded half up by whole-number arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from rereferrals.model import LOCAL_AUTHORITY, Count, DataSet, Rate, Share
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


def publish(counts: pd.DataFrame, data_set: DataSet, rules: Rules = RULES) -> PublishedTable:
    """Make the published table of a data set from its true counts (columns as `tabulate.national` gives)."""
    rows = []
    totals = _totals(counts, data_set)
    for row in counts.to_dict("records"):
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
