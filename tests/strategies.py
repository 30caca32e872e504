"""Small returns made up from the schema, for properties: few children, ids and dates, so that they meet often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa
from hypothesis import strategies as st

from rereferrals.census import constraints, schema

Row = dict[str, Any]
Rows = dict[str, list[Row]]

CHILD_IDS = ("A", "B", "C")
UPNS = ("A123456789012", "B123456789013", "C12345678901A")


def values(column: schema.Column, year: int) -> st.SearchStrategy[Any]:
    """Values that the column's constraints allow in a collection year; None where it may be left out."""
    if year < column.first_year or (column.last_year is not None and year > column.last_year):
        return st.none()
    match column.values:
        case constraints.InCodeSet() as code_set:
            present = st.sampled_from(code_set.codes(year)[:4])
        case constraints.Matches():
            present = st.sampled_from(UPNS)
        case constraints.Day():
            present = days(year)
        case constraints.Flag():
            present = st.booleans()
        case constraints.WholeNumber():
            present = st.integers(0, 2)
        case _:
            present = st.sampled_from(["x", "y"])
    return present if column.required else st.none() | present


def days(year: int) -> st.SearchStrategy[date]:
    """A few days around the ends of a collection year, most of them within it."""
    last = date(year, 3, 31)
    distances = (0, 1, 30, 90, 364, 365, 366, 367, 400)
    return st.sampled_from([last - timedelta(distance) for distance in distances])


@st.composite
def returns(
    draw: st.DrawFn,
    authorities: Sequence[str] = ("301", "302"),
    years: Sequence[int] = (2023, 2024),
    max_children: int = 3,
    max_siblings: int = 3,
) -> Rows:
    """Table name → rows with keys, for the returns of some authorities and years, one return each at most.

    Every value fits its column; rules between columns and rows may be broken. A child has a referral or more, and up
    to `max_siblings` rows of every other kind in each place that has them.
    """
    rows: Rows = {table.name: [] for table in schema.TABLES}
    for lea in authorities:
        for year in years:
            key = {"lea": lea, "collection_year": year}
            header = own_values(draw, schema.RETURNS, year)
            fixed = {"reference_date": date(year, 3, 31), "year": year}
            rows[schema.RETURNS.name].append(key | header | fixed)
            for name in draw(st.lists(st.sampled_from(CHILD_IDS), max_size=max_children, unique=True)):
                child = key | {"la_child_id": name, "child_number": 1}
                rows[schema.CHILDREN.name].append(child | own_values(draw, schema.CHILDREN, year))
                _add_below(draw, rows, schema.CHILDREN, child, year, max_siblings)
    return rows


def own_values(draw: st.DrawFn, table: schema.Table, year: int) -> Row:
    """Values of a table's own columns."""
    return {column.name: draw(values(column, year)) for column in table.columns}


def _add_below(draw: st.DrawFn, rows: Rows, parent: schema.Table, key: Row, year: int, most: int) -> None:
    for table in schema.TABLES:
        if table.parent is not parent or any(column.first_year > year for column in table.columns):
            continue
        least = 1 if table is schema.REFERRALS else 0
        for number in range(1, draw(st.integers(least, most)) + 1):
            own = key | {table.own_key[-1]: number}
            rows[table.name].append(own | own_values(draw, table, year))
            _add_below(draw, rows, table, own, year, most)


def arrow_tables(rows: Mapping[str, list[Row]]) -> dict[str, pa.Table]:
    """The rows as tables of the schema's types, for every table, those without rows too."""
    return {table.name: arrow_table(table, rows.get(table.name, [])) for table in schema.TABLES}


def arrow_table(table: schema.Table, rows: list[Row]) -> pa.Table:
    """Rows of one table of the schema; columns that a row lacks are null."""
    return pa.Table.from_pylist(rows, schema=ibis.schema(table.types()).to_pyarrow())
