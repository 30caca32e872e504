"""Regions and England from their authorities and the known exceptions: what can be recomputed, and why not the rest.

An authority counts with its own figure, with another year's, or not at all, as `data_issues.csv` says (M26). A figure
that is confidential lies between 1 and the threshold; one that is not shown at all could be any number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from rereferrals.datasets.regional import CIN_C1
from rereferrals.errors import BadInput
from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, Count, Rate
from rereferrals.published import SYMBOLS, divide_half_up, ratio, records
from rereferrals.reference import ENGLAND, wholes
from rereferrals.release import DataIssue, Protection


@dataclass(frozen=True)
class Sum:
    """What authorities add up to: at least `low` and, unless that is None, at most `high`; `unknown` names those of
    which the figure is not known, and why."""

    low: int
    high: int | None
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Recomputed:
    """A published cell of England or a region beside what its authorities come to.

    `computed` is blank where it cannot be worked out, and `reason` says why. `agrees` says whether the published value
    is what was computed or, without that, one that is possible.
    """

    time_period: str
    area: str
    column: str
    published: str
    computed: str
    agrees: bool
    reason: str


@dataclass(frozen=True)
class Authorities:
    """The authority rows of a published C1, with what enters totals in place of each figure."""

    rows: Mapping[tuple[int, str], Mapping[str, str]]
    issues: tuple[DataIssue, ...]
    protection: Protection

    @classmethod
    def of(cls, frame: pd.DataFrame, issues: Iterable[DataIssue], protection: Protection) -> Authorities:
        """Those of a table as published, protected in this way."""
        rows = records(frame[frame["geographic_level"] == LOCAL_AUTHORITY])
        return cls({(int(row["time_period"]), row["old_la_code"]): row for row in rows}, tuple(issues), protection)

    @cached_property
    def by_area(self) -> Mapping[tuple[int, str], list[str]]:
        """The authorities of England and of each region, by year and the code of the area."""
        found: dict[tuple[int, str], list[str]] = {}
        for (year, code), row in self.rows.items():
            region = row["region_code"]
            for area in filter(None, (ENGLAND[0], region, wholes().get(region))):
                found.setdefault((year, area), []).append(code)
        return found

    @cached_property
    def _issues(self) -> Mapping[tuple[int, str], list[DataIssue]]:
        found: dict[tuple[int, str], list[DataIssue]] = {}
        for issue in self.issues:
            found.setdefault((issue.time_period, issue.old_la_code), []).append(issue)
        return found

    def sum(self, year: int, area: str, count: Count) -> Sum:
        """What the authorities of an area add up to in a year."""
        low: int = 0
        high: int | None = 0
        unknown = []
        for code in self.by_area[year, area]:
            least, most, why = self._of(year, code, count)
            low += least
            high = None if high is None or most is None else high + most
            if why:
                unknown.append(why)
        return Sum(low, high, tuple(unknown))

    def _of(self, year: int, code: str, count: Count) -> tuple[int, int | None, str]:
        """The least and most that an authority adds to totals and, if they differ, why."""
        issue = next((i for i in self._issues.get((year, code), ()) if i.is_about(count.group)), None)
        if issue is not None and issue.total == "exclude":
            return 0, 0, ""
        counted = year if issue is None or issue.carried_year is None else issue.carried_year
        row = self.rows.get((counted, code))
        if row is None:
            return 0, None, f"there is no row of {code} for {counted}"
        cell, name = row[count.name], row["la_name"]
        if cell == "c":
            return 1, self.protection.threshold, f"{name} is confidential"
        if cell in SYMBOLS:
            return 0, None, f"{name} is not shown ({cell}), and its own figure is in the total"
        return int(cell), int(cell), ""


def recompute(frame: pd.DataFrame, issues: Iterable[DataIssue], protection: Protection) -> list[Recomputed]:
    """Every count and percentage of England and the regions of a published C1 beside what its authorities come to."""
    authorities = Authorities.of(frame, issues, protection)
    return [
        _recomputed(row, indicator, authorities)
        for row in records(frame[frame["geographic_level"] != LOCAL_AUTHORITY])
        for indicator in CIN_C1.indicators
    ]


def check_sums(
    frame: pd.DataFrame, issues: Iterable[DataIssue], protection: Protection, places: Mapping[int, str]
) -> None:
    """Refuse a table with a total that its authorities cannot add up to, or an authority's percentage that is not that
    of its counts; `places` says by index where a row stands."""
    rows = dict(zip(frame.index, records(frame), strict=True))
    lines = {(row["time_period"], _area_name(row)): places[index] for index, row in rows.items()}
    for found in recompute(frame, issues, protection):
        if not found.agrees:
            raise BadInput(
                f"{lines[found.time_period, found.area]}: {found.column} of {found.area} in {found.time_period} is "
                f"{found.published}, and its authorities come to {found.computed or 'another number'}"
                f"{f' ({found.reason})' if found.reason else ''}: correct the file, or say in data_issues.csv what "
                "enters the total"
            )
    rates = [indicator for indicator in CIN_C1.indicators if isinstance(indicator, Rate)]
    for index, row in rows.items():
        for rate in rates if row["geographic_level"] == LOCAL_AUTHORITY else ():
            above, below, shown = (row[name] for name in (rate.numerator.name, rate.denominator.name, rate.name))
            if not {above, below} & set(SYMBOLS):
                right = ratio(int(above), int(below), rate.per, rate.decimal_places)
                if shown != right:
                    raise BadInput(
                        f"{places[index]}: {rate.name} is {shown}, and its counts make {right}: correct the file"
                    )


def _recomputed(row: Mapping[str, Any], indicator: Any, authorities: Authorities) -> Recomputed:
    year, published = int(row["time_period"]), row[indicator.name]
    area = row["region_code"] or ENGLAND[0]
    counts = (indicator,) if isinstance(indicator, Count) else (indicator.numerator, indicator.denominator)
    sums = [authorities.sum(year, area, count) for count in counts]
    unknown = tuple(dict.fromkeys(why for each in sums for why in each.unknown))
    if isinstance(indicator, Count):
        low, high = _bounds(sums[0], row["geographic_level"], authorities.protection)
    else:
        low, high = _ratio_bounds(sums[0], sums[1], indicator)
    exact = low == high
    agrees = published == low if exact else _possible(published, low, high)
    return Recomputed(
        row["time_period"], _area_name(row), indicator.name, published, low if exact else "", agrees,
        "" if exact else "; ".join(unknown),
    )  # fmt: skip


def _bounds(total: Sum, level: str, protection: Protection) -> tuple[str, str | None]:
    base = protection.england_rounding if level == NATIONAL else protection.region_rounding
    low, high = (None if n is None else divide_half_up(n, base) * base for n in (total.low, total.high))
    if total.high is not None and 1 <= total.high <= protection.regional_threshold and total.low:
        return "c", "c"
    return str(low), None if high is None else str(high)


def _ratio_bounds(above: Sum, below: Sum, rate: Rate) -> tuple[str, str | None]:
    if above.high is None or below.high is None:
        return "0", None
    low, high = (
        ratio(numerator, denominator, rate.per, rate.decimal_places)
        for numerator, denominator in ((above.low, below.high), (above.high, below.low))
    )
    return low, high


def _possible(published: str, low: str, high: str | None) -> bool:
    if published in SYMBOLS or low in SYMBOLS or high in SYMBOLS:
        return True
    return float(published) >= float(low) and (high is None or float(published) <= float(high))


def _area_name(row: Mapping[str, Any]) -> str:
    return row["la_name"] or row["region_name"] or ENGLAND[1]
