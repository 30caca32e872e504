"""The local authorities that maps and scatter plots show, and the table and notes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd

from rereferrals import reference
from rereferrals.chart_model import Areas, Chart
from rereferrals.dissemination.chart_cells import Marked
from rereferrals.dissemination.claims import Tables, area_rows, latest_year, unit_of
from rereferrals.dissemination.text import listed
from rereferrals.errors import QualityError
from rereferrals.published import number
from rereferrals.release import data_issues

_NAME, _REGION = "Local authority", "Region"


@dataclass(frozen=True)
class Area:
    """An authority with its region, one of the nine, and its published values, in the order of the columns."""

    name: str
    code: str
    region: str
    values: tuple[Marked, ...]

    @property
    def is_drawn(self) -> bool:
        """Whether each of its values is a number."""
        return not self.symbols

    @property
    def symbols(self) -> tuple[str, ...]:
        """What it shows in place of numbers."""
        return tuple(dict.fromkeys(marked.published for marked in self.values if marked.value is None))


@dataclass(frozen=True)
class AreaGrid:
    """All authorities of a year, in the order of their regions and then of their names."""

    year: int
    areas: tuple[Area, ...]

    @property
    def notes(self) -> Iterator[str]:
        """A note on each return for which the authority shows a symbol, and one on who is shown by a symbol."""
        shown = {area.code: {marked.published for marked in area.values} for area in self.areas}
        for issue in data_issues():
            if issue.time_period == self.year and issue.display in shown.get(issue.old_la_code, ()):
                yield f"Year ending 31 March {self.year}: {issue.reason}."
        out = [area for area in self.areas if not area.is_drawn]
        if out:
            names = listed([f"{area.name} ({', '.join(area.symbols)})" for area in out])
            yield f"A symbol stands in place of a number for {names}."


def areas_of(chart: Chart, tables: Tables) -> AreaGrid:
    """The authorities that a chart shows; raises QualityError if its year has none."""
    shows = chart.shows
    assert isinstance(shows, Areas)
    try:
        year = latest_year(shows, tables)
    except QualityError as fault:
        raise QualityError(f"{chart.name} has nothing to draw: {fault}") from None
    order = [region.name for region in reference.regions()]
    areas = [
        Area(name, row["old_la_code"], _regions()[row["old_la_code"]], _values(shows, row, year))
        for name, row in area_rows(shows, tables).items()
    ]
    return AreaGrid(year, tuple(sorted(areas, key=lambda area: (order.index(area.region), area.name))))


def rows_behind_areas(grid: AreaGrid) -> pd.DataFrame:
    """The table behind a chart of authorities: each with its region and its values, text as published."""
    return pd.DataFrame(
        {_NAME: area.name, _REGION: area.region}
        | {marked.name + (" (%)" if marked.unit else ""): marked.published for marked in area.values}
        for area in grid.areas
    )


def _values(shows: Areas, row: Mapping[str, str], year: int) -> tuple[Marked, ...]:
    return tuple(
        Marked(column, text := row[indicator.name], number(text), unit_of(indicator), year)
        for column, indicator in shows.indicators.items()
    )


@cache
def _regions() -> Mapping[str, str]:
    """The region of each authority, by its code: London, not a part of it."""
    regions = {region.code: region for region in reference.regions()}
    return {
        authority.old_la_code: regions[regions[authority.region_code].within or authority.region_code].name
        for authority in reference.authorities()
    }
