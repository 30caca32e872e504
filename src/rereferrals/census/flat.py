"""Returns as tables: the tables of the schema as CSV or parquet, for one or more authorities and years."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rereferrals.census.header import END_OF_YEAR, check_authority
from rereferrals.census.merge import BODY, literal
from rereferrals.census.parts import RETURN, Read
from rereferrals.census.rows import CHILD, EMPTY, NO_PARENT, UNREADABLE, Tally, as_type, typed_table
from rereferrals.census.safety import refusal, shown
from rereferrals.census.schema import CHILDREN, RETURN_KEY, RETURNS, TABLES, Table
from rereferrals.census.text_rows import CORRECT, LINE, text_rows
from rereferrals.census.xml import tree
from rereferrals.errors import BadInput

if TYPE_CHECKING:
    from rereferrals.engine import SqlConnection

KEPT_TEXT = ("lea", "la_child_id")

Key = tuple[int, str]
Tallies = dict[Key, Tally]


def read(tables: Mapping[str, Path], scratch: Path, sql: SqlConnection, numbers: Iterator[int]) -> list[Read]:
    """Read a folder's tables into part files: a return for each authority and year in them.

    `child_number` may be left out where no two records share an identifier, and a table's own number where no other
    table refers to it: rows are then numbered by their content. A return without a row of `returns` is taken to be
    of 31 March of its year. Raises BadInput for a table that cannot be read or whose keys are no keys.
    """
    folder = scratch / "tables" / str(next(numbers))
    folder.mkdir(parents=True)
    tallies: Tallies = defaultdict(Tally)
    staged = {
        table.name: _stage(table, tables[table.name], folder, tallies) for table in TABLES if table.name in tables
    }
    name = shown(next(iter(tables.values())).parent)
    if not staged.keys() - {RETURNS.name}:
        raise refusal(name, None, "there is a table of returns, but none of children or referrals", "add them")
    flat = _Flat(sql, staged, {n: shown(path) for n, path in tables.items()}, tallies)
    flat.relate()
    reads = [Read(next(numbers), name, header, tallies[key]) for key, header in flat.headers(name).items()]
    flat.write({read.key: read.number for read in reads}, scratch)
    return reads


def _stage(table: Table, path: Path, folder: Path, tallies: Tallies) -> Path:
    """Write a table as typed rows with their line in the file; count what cannot be read."""
    target = folder / f"{table.name}.parquet"
    writer, name = None, shown(path)
    for text in text_rows(path, name, table.column_names, _required(table)):
        rows = _typed_keys(table, text, name)
        rows = _typed(table, rows, tallies)
        writer = writer or pq.ParquetWriter(target, rows.schema, compression="lz4")
        writer.write_table(rows)
    if writer is None:
        raise refusal(name, None, "the table has no rows", "leave it out, or fill it")
    writer.close()
    return target


def _required(table: Table) -> list[str]:
    if table is CHILDREN:
        return [*RETURN_KEY, "la_child_id"]
    return [key for key in table.key if key != "child_number" and key not in table.own_key[-1:]]


def _typed_keys(table: Table, rows: pa.Table, name: str) -> pa.Table:
    own = table.own_key[-1:] if table is not CHILDREN else ()
    for key in table.key:
        if key in KEPT_TEXT:
            unfit = pc.is_null(rows[key]) if key == "lea" else None
        else:
            number = as_type(rows[key], "number")
            may_be_absent = key == "child_number" or key in own
            unfit = pc.and_(pc.is_null(number), pc.is_valid(rows[key])) if may_be_absent else pc.is_null(number)
            rows = rows.set_column(rows.column_names.index(key), key, number)
        if unfit is not None and pc.any(unfit).as_py():
            raise refusal(name, rows[LINE].filter(unfit)[0].as_py(), f"there is no {key} that can be read", CORRECT)
    return rows


def _typed(table: Table, rows: pa.Table, tallies: Tallies) -> pa.Table:
    """Columns as their types; a row that is nothing but a value, and has none, is rejected."""
    values, unreadable = typed_table(table, rows)
    if not tree.holds_value(table):
        for column, mask in unreadable.items():
            for key, n in _by_return(values, mask).items():
                tallies[key].lost[table.name, column, UNREADABLE] += n
        return values
    column = table.columns[0].name
    for reason, mask in ((EMPTY, pc.is_null(rows[column])), *((UNREADABLE, mask) for mask in unreadable.values())):
        for key, n in _by_return(values, mask).items():
            tallies[key].found[table.name] += n
            tallies[key].rejected[table.name, reason] += n
    return values.filter(pc.is_valid(values[column]))


def _by_return(rows: pa.Table, mask: pa.ChunkedArray) -> Counter[Key]:
    chosen = rows.filter(mask)
    return Counter(zip(chosen["collection_year"].to_pylist(), chosen["lea"].to_pylist(), strict=True))


class _Flat:
    """Staged tables as tables of an SQL connection, `flat_<table>`, related to each other and numbered from 1."""

    def __init__(self, sql: SqlConnection, staged: dict[str, Path], names: dict[str, str], tallies: Tallies) -> None:
        self.sql, self.staged, self.names, self.tallies = sql, staged, names, tallies

    def relate(self) -> None:
        """Make `flat_<table>` of every table: a row's `child`, its numbers, as given and as stored, and its columns."""
        self._children()
        for table in BODY[1:]:
            if table.name in self.staged:
                self._related(table)
            else:
                self._none(table)
        for table in BODY:
            rows = self.sql.execute(
                f"SELECT collection_year, lea, count(*) FROM flat_{table.name} GROUP BY ALL"
            ).fetchall()
            for year, lea, n in rows:
                self.tallies[year, lea].found[table.name] += n

    def _file(self, table: Table) -> str:
        return f"read_parquet({literal(str(self.staged[table.name]))})"

    def _children(self) -> None:
        same = "lea, collection_year, la_child_id"
        if CHILDREN.name in self.staged:
            columns = ", ".join(column.name for column in CHILDREN.columns)
            number = f"coalesce(child_number, row_number() OVER (PARTITION BY {same} ORDER BY {columns}))::INTEGER"
            rows = f"SELECT {same}, {number} AS child_number, {LINE}, {columns} FROM {self._file(CHILDREN)}"
        else:
            tables = " UNION ".join(
                f"SELECT {same}, coalesce(child_number, 1) AS child_number FROM {self._file(table)}"
                for table in BODY
                if table.parent is CHILDREN and table.name in self.staged
            )
            if not tables:
                raise BadInput(
                    f"{next(iter(self.names.values()))}: there is no table of children or referrals; add them"
                )
            columns = ", ".join(f"NULL::{_SQL[c.type]} AS {c.name}" for c in CHILDREN.columns)
            rows = f"SELECT *, 0 AS {LINE}, {columns} FROM ({tables})"
        self.sql.execute(
            f"CREATE OR REPLACE TEMP TABLE flat_children AS SELECT row_number() OVER () - 1 AS {CHILD}, * FROM ({rows})"
        )
        self._refuse_twice(CHILDREN, f"{same}, child_number")

    def _related(self, table: Table) -> None:
        """Find each row's parent, and number the rows of a parent: by the number given, then by content."""
        assert table.parent is not None
        own, above = table.own_key[-1], tree.numbers(table.parent)
        columns = [column.name for column in table.columns]
        given = ["coalesce(row.child_number, 1) = parent.child_number"]
        given += [f"row.{number} = parent.given_{number}" for number in above]
        join = (
            "row.lea = parent.lea AND row.collection_year = parent.collection_year "
            f"AND row.la_child_id IS NOT DISTINCT FROM parent.la_child_id AND {' AND '.join(given)}"
        )
        file, parent = self._file(table), f"flat_{table.parent.name}"
        orphans = (
            f"SELECT collection_year, lea, count(*) FROM {file} AS row "
            f"ANTI JOIN {parent} AS parent ON {join} GROUP BY ALL"
        )
        for year, lea, n in self.sql.execute(orphans).fetchall():
            self.tallies[year, lea].found[table.name] += n
            self.tallies[year, lea].rejected[table.name, NO_PARENT] += n
        order = ", ".join(f"row.{name}" for name in (own, *columns))
        partition = ", ".join(f"parent.{name}" for name in (CHILD, *above))
        selected = [
            *(f"parent.{name}" for name in (CHILD, "lea", "collection_year", "la_child_id", "child_number")),
            *(f"parent.{number}, parent.given_{number}" for number in above),
            f"row_number() OVER (PARTITION BY {partition} ORDER BY {order})::INTEGER AS number",
            f"row.{own} AS given",
            f"row.{LINE}",
            *(f"row.{name}" for name in columns),
        ]
        self.sql.execute(
            f"CREATE OR REPLACE TEMP TABLE flat_{table.name} AS "
            f"SELECT * EXCLUDE (number, given), number AS {own}, coalesce(given, number) AS given_{own} "
            f"FROM (SELECT {', '.join(selected)} FROM {file} AS row JOIN {parent} AS parent ON {join})"
        )
        self._refuse_twice(table, ", ".join((CHILD, *above, f"given_{own}")))

    def _none(self, table: Table) -> None:
        numbers = "".join(f", 0 AS {n}, 0 AS given_{n}" for n in tree.numbers(table))
        columns = "".join(f", NULL::{_SQL[c.type]} AS {c.name}" for c in table.columns)
        self.sql.execute(
            f"CREATE OR REPLACE TEMP TABLE flat_{table.name} AS SELECT {CHILD}, lea, collection_year, la_child_id, "
            f"child_number{numbers}{columns} FROM flat_children WHERE false"
        )

    def _refuse_twice(self, table: Table, key: str) -> None:
        twice = f"SELECT max({LINE}) FROM flat_{table.name} GROUP BY {key} HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
        row = self.sql.execute(twice).fetchone()
        if row is not None:
            raise refusal(
                self.names[table.name], row[0], "the row has the same key as another", "number the rows apart"
            )

    def headers(self, name: str) -> dict[Key, dict[str, Any]]:
        """The row of `returns` of each return. Raises BadInput if its authority or reference date cannot be right."""
        given = self._given_headers()
        keys = self.sql.execute("SELECT DISTINCT collection_year, lea FROM flat_children ORDER BY ALL").fetchall()
        headers = {}
        for year, lea in sorted({*keys, *given}):
            row = given.get((year, lea), {column.name: None for column in RETURNS.columns} | {LINE: 0})
            end = pa.scalar(f"{year:04d}-{END_OF_YEAR[0]:02d}-{END_OF_YEAR[1]:02d}").cast(pa.date32()).as_py()
            if row["reference_date"] not in (None, end):
                remedy = "give 31 March of the collection year"
                raise refusal(self.names[RETURNS.name], row[LINE], "the reference date is not that of the year", remedy)
            check_authority({"lea": (lea, row[LINE])}, year, name)
            del row[LINE]
            headers[year, lea] = row | {"reference_date": end, "lea": lea, "collection_year": year}
        return headers

    def _given_headers(self) -> dict[Key, dict[str, Any]]:
        if RETURNS.name not in self.staged:
            return {}
        rows = pq.read_table(self.staged[RETURNS.name]).to_pylist()
        given = {(row["collection_year"], row["lea"]): row for row in rows}
        if len(given) < len(rows):
            raise refusal(self.names[RETURNS.name], None, "two rows are of one authority and year", "keep one of them")
        return given

    def write(self, numbers: Mapping[Key, int], scratch: Path) -> None:
        """Write part files of all tables, for each year one with the number of one of its returns."""
        for year in sorted({year for year, _ in numbers}):
            those = {lea: number for (of_year, lea), number in numbers.items() if of_year == year}
            returns = ", ".join(f"({literal(lea)}, {number}::INTEGER)" for lea, number in those.items())
            for table in BODY:
                own = ", ".join((CHILD, *tree.numbers(table), *(column.name for column in tree.columns(table))))
                target = scratch / table.name / f"{min(those.values())}-tables.parquet"
                self.sql.execute(
                    f'COPY (SELECT {own}, "{RETURN}" FROM flat_{table.name} '
                    f'JOIN (VALUES {returns}) AS numbered(lea, "{RETURN}") USING (lea) '
                    f"WHERE collection_year = {year}) TO {literal(str(target))} (FORMAT parquet)"
                )


_SQL = {"date": "DATE", "code": "VARCHAR", "text": "VARCHAR", "flag": "BOOLEAN", "number": "INTEGER"}
