"""Rows of a return as they leave a reader: text in Arrow tables, with counts of what was found and not kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from rereferrals.census.schema import CHILDREN, RETURNS, TABLES, ColumnType, Table
from rereferrals.census.xml import tree

CHILD = "child"
"""The child record that a row belongs to, by its place in the return; it gives way to the stored key."""

WHITE_SPACE = " \t\r\n"
ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "date": pa.date32(),
    "code": pa.string(),
    "text": pa.string(),
    "flag": pa.bool_(),
    "number": pa.int32(),
}
FIRST_DAY = pa.scalar(date.min, pa.date32())
FLAGS = {"0": False, "1": True, "false": False, "true": True}

EMPTY = "empty element"
OUT_OF_PLACE = "element out of place"
UNREADABLE = "unreadable value"
REPEATED = "repeated element"
NO_PARENT = "no such parent row"


@dataclass
class Tally:
    """What was found and what became of it, in counts: nothing here comes from a child's record.

    `found` counts groups by table, `rejected` those not stored by (table, reason), `lost` values that were not kept
    by (table, column, reason).
    """

    found: Counter[str] = field(default_factory=Counter)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Take another part of the same return in."""
        self.found.update(other.found)
        self.rejected.update(other.rejected)
        self.lost.update(other.lost)


@dataclass
class Rows:
    """Some children of a return, whole, as text: one Arrow table for each table of the schema but `returns`.

    Columns are `child` (counted from 0 within these rows), the table's numbers, and its own columns as strings,
    trimmed, null where absent.
    """

    tables: dict[str, pa.Table]
    tally: Tally

    @property
    def children(self) -> int:
        """The number of child records."""
        return int(self.tables[CHILDREN.name].num_rows)


@cache
def text_schema(table: Table) -> pa.Schema:
    """The columns of `Rows.tables` for a table."""
    indices = [pa.field(name, pa.int32()) for name in (CHILD, *tree.numbers(table))]
    return pa.schema([*indices, *(pa.field(c.name, pa.string()) for c in tree.columns(table))])


def trimmed(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Text without white space around it; null where nothing is left."""
    column = pc.ascii_trim(column, WHITE_SPACE)  # byte by byte, which is right in UTF-8 for these characters
    return pc.if_else(pc.equal(column, ""), None, column)


def typed(rows: Rows) -> Rows:
    """The same rows with every column as its type; values that cannot be read are null, and counted.

    A row that is nothing but a value that cannot be read is rejected.
    """
    tables = {}
    for table in TABLES:
        if table is RETURNS:
            continue
        values, unreadable = typed_table(table, rows.tables[table.name])
        if tree.holds_value(table):
            if count := sum(_count(mask) for mask in unreadable.values()):
                rows.tally.rejected[table.name, UNREADABLE] += count
                values = _renumbered(table, values.filter(pc.is_valid(values[table.columns[0].name])))
        else:
            for name, mask in unreadable.items():
                rows.tally.lost[table.name, name, UNREADABLE] += _count(mask)
        tables[table.name] = values
    return Rows(tables, rows.tally)


def typed_table(table: Table, text: pa.Table) -> tuple[pa.Table, dict[str, pa.ChunkedArray]]:
    """A table's own columns as their types, other columns as they are; and where a column's values cannot be read."""
    unreadable = {}
    for column in tree.columns(table):
        place = text.column_names.index(column.name)
        before = text.column(place)
        after = as_type(before, column.type)
        if after.null_count > before.null_count:
            unreadable[column.name] = pc.and_(pc.is_null(after), pc.is_valid(before))
        text = text.set_column(place, column.name, after)
    return text, unreadable


def _count(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)


def _renumbered(table: Table, rows: pa.Table) -> pa.Table:
    """Rows of a list of values, counted again from 1 within each list."""
    place = rows.column_names.index(table.own_key[-1])
    seen: Counter[tuple[int, ...]] = Counter()
    numbers = []
    for parent in zip(*(rows[name].to_pylist() for name in rows.column_names[:place]), strict=True):
        seen[parent] += 1
        numbers.append(seen[parent])
    return rows.set_column(place, rows.schema.field(place), pa.array(numbers, pa.int32()))


def as_type(text: pa.ChunkedArray, kind: ColumnType) -> pa.ChunkedArray:
    """Text as its type; null where it cannot be read. Nothing is guessed: a day is YYYY-MM-DD and no other."""
    if kind == "date":
        return _dates(text)
    if kind == "flag":
        return _looked_up(text, FLAGS)
    if kind == "number":
        return pc.cast(_matching(text, r"^[0-9]{1,9}$"), pa.int32())
    return text


def _dates(text: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        days = pc.cast(text, pa.date32())
    except pa.ArrowInvalid:
        days = None
    if days is not None and not pc.any(pc.less(days, FIRST_DAY)).as_py():
        return days
    candidates = pc.unique(_matching(text, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).drop_null().to_pylist()
    readable = pa.array([value for value in candidates if _is_day(value)], pa.string())
    return pc.cast(pc.if_else(pc.is_in(text, readable), text, None), pa.date32())


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _matching(text: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    return pc.if_else(pc.match_substring_regex(text, pattern), text, None)


def _looked_up(text: pa.ChunkedArray, meanings: Mapping[str, bool]) -> pa.ChunkedArray:
    index = pc.index_in(pc.ascii_lower(text), pa.array(list(meanings)))
    return pc.take(pa.array(list(meanings.values())), index)
