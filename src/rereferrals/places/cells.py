"""Published cells read as exact numbers, and numbers written as published cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

import pandas as pd

from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, DataSet, Estimate, Rate
from rereferrals.published import KEYS, SYMBOLS, WHOLE, PublishedTable, decimal, decimal_text
from rereferrals.reference import ENGLAND

Row = Mapping[str, str]
#: The tables that figures are made from, by the id of their data set.
Tables = Mapping[str, PublishedTable]

#: What is shown of cells with several symbols: the first of these. What does not apply cannot be missing either.
PRECEDENCE = ("z", "x", "u", "c", "k")
NATIONAL_KEYS = KEYS[: KEYS.index("region_code")]


def exact(cell: str) -> Fraction | None:
    """The number that a published cell shows, or None for a symbol."""
    return None if cell in SYMBOLS else Fraction(cell)


def symbol_of(*cells: str) -> str | None:
    """The symbol that anything worked out from these cells shows, or None if all are numbers."""
    return next((symbol for symbol in PRECEDENCE if symbol in cells), None)


def shown(value: Fraction | float | None, estimate: Estimate) -> str:
    """A number as the estimate is published: halves away from zero, without trailing zeros; `z` if there is none."""
    if value is None:
        return "z"
    return decimal(value, estimate.decimal_places)


def shown_at_most(value: Fraction | None, estimate: Estimate) -> str:
    """A probability as it is published, rounded up, so that none that is possible shows as 0; `z` if there is none."""
    if value is None:
        return "z"
    return decimal_text(-int(-value * 10**estimate.decimal_places // 1), estimate.decimal_places)


def england_in(year: int) -> dict[str, str]:
    """The key columns of a row of England."""
    values = (str(year), "Reporting year", NATIONAL, *ENGLAND)
    return dict(zip(NATIONAL_KEYS, values, strict=True))


def keys_of(row: Row) -> dict[str, str]:
    """The key columns of a row."""
    return {key: row[key] for key in KEYS}


def by_authority(table: PublishedTable) -> dict[tuple[str, int], Row]:
    """The rows of authorities, by `old_la_code` and reporting year, in that order."""
    rows = (row for row in table.rows if row["geographic_level"] == LOCAL_AUTHORITY)
    return dict(sorted(((row["old_la_code"], int(row["time_period"])), row) for row in rows))


def by_year(table: PublishedTable) -> dict[int, Row]:
    """The rows of England, by reporting year."""
    return {int(row["time_period"]): row for row in table.rows if row["geographic_level"] == NATIONAL}


def table_of(data_set: DataSet, rows: Iterable[Row]) -> PublishedTable:
    """The published table that has these rows; those of England may lack the columns of areas."""
    keys = KEYS if LOCAL_AUTHORITY in data_set.levels else NATIONAL_KEYS
    columns = [*data_set.constants, *(f.name for f in data_set.filters), *(i.name for i in data_set.indicators)]
    columns += [i.name + WHOLE for i in data_set.indicators if isinstance(i, Rate)]
    cells = [[*(row.get(key, "") for key in keys), *(row[column] for column in columns)] for row in rows]
    return PublishedTable(data_set, pd.DataFrame(cells, columns=[*keys, *columns], dtype="str"))
