"""From part files to the tables of a store: keys given, rows in order, the same bytes whatever order they came in.

SQL here is made from the schema. It runs on the bare connection of `engine.connect_sql`, which spills to disk.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from rereferrals.census.parts import RETURN, batch_of_year
from rereferrals.census.rows import ARROW_TYPES, CHILD
from rereferrals.census.schema import CHILDREN, RETURNS, TABLES, Column, Table
from rereferrals.census.xml import tree
from rereferrals.reference import code_set

if TYPE_CHECKING:
    from rereferrals.engine import SqlConnection

SQL_TYPES = {"date": "DATE", "string": "VARCHAR", "boolean": "BOOLEAN", "int32": "INTEGER", "int64": "BIGINT"}
BODY = tuple(table for table in TABLES if table is not RETURNS)
ROWS_AT_ONCE = 122_880

UNKNOWN_CODE = "unknown code"
CODE_OUT_OF_YEARS = "code outside its years"
ELEMENT_OUT_OF_YEARS = "element outside its years"

FIRST_YEAR = min(column.first_year for table in TABLES for column in table.columns)
"""The first year whose codes and elements are known; they stand for earlier years too."""

Header = Mapping[str, Any]
Files = Mapping[str, list[str]]


def load_year(sql: SqlConnection, parts: Path, headers: Mapping[int, Header], old: Path | None) -> None:
    """Make `all_<table>` of one year: the table's columns, `return` and `place`, of new and of old rows.

    New are the part files of the returns whose rows of `returns` are `headers`, by return number; old, without a
    number, what the folder `old` of a store holds. Records of one return that share an identifier are numbered by
    their content, so that their order in the file does not matter. `place` stands for the key of a child record in
    the order of rows, and is sorted many times faster.
    """
    _stack_headers(sql, headers, old)
    files = _files(parts, headers)
    sql.execute(
        f'CREATE OR REPLACE TEMP TABLE keys AS SELECT part."{RETURN}", {CHILD}, lea, collection_year, '
        f"part.la_child_id, 1::INTEGER AS child_number "
        f'FROM ({_parts(files, CHILDREN)}) AS part JOIN all_returns USING ("{RETURN}")'
    )
    _number_shared(sql, files)
    key = ", ".join(CHILDREN.key)
    sql.execute(
        f"CREATE OR REPLACE TEMP TABLE places AS SELECT *, "
        f"row_number() OVER (ORDER BY lea, la_child_id NULLS FIRST, child_number)::INTEGER AS place "
        f"FROM (FROM keys UNION ALL SELECT NULL, NULL, {key} FROM ({_stored(old, CHILDREN)}))"
    )
    for table in BODY:
        own = [name for name in table.column_names if name not in CHILDREN.key]
        columns = ", ".join((*(f"places.{name}" for name in CHILDREN.key), *(f"part.{name}" for name in own)))
        rows = f'SELECT {columns}, places."{RETURN}", place FROM'
        view = f'{rows} ({_parts(files, table)}) AS part JOIN places USING ("{RETURN}", {CHILD})'
        if old is not None:
            same = " AND ".join(f"places.{name} IS NOT DISTINCT FROM part.{name}" for name in CHILDREN.key)
            view += (
                f' UNION ALL {rows} ({_stored(old, table)}) AS part JOIN places ON places."{RETURN}" IS NULL AND {same}'
            )
        sql.execute(f"CREATE OR REPLACE TEMP VIEW all_{table.name} AS {view}")


def _stack_headers(sql: SqlConnection, headers: Mapping[int, Header], old: Path | None) -> None:
    columns = ", ".join(RETURNS.column_names)
    header_rows = _header_table(headers)
    sql.register("header_rows", header_rows)
    sql.execute(
        f'CREATE OR REPLACE TEMP TABLE all_returns AS SELECT *, row_number() OVER (ORDER BY lea, "{RETURN}") AS place '
        f'FROM (SELECT {columns}, "{RETURN}" FROM header_rows '
        f"UNION ALL SELECT {columns}, NULL FROM ({_stored(old, RETURNS)}))"
    )
    sql.unregister("header_rows")


def _stored(folder: Path | None, table: Table) -> str:
    """SQL of a table of a stored year; of no rows where there is no such year."""
    if folder is not None:
        return f"FROM read_parquet({literal(str(folder / f'{table.name}.parquet'))})"
    return _nothing(table.types())


def _nothing(types: Mapping[str, str]) -> str:
    nulls = ", ".join(f'NULL::{SQL_TYPES[kind]} AS "{name}"' for name, kind in types.items())
    return f"SELECT {nulls} WHERE false"


def _header_table(headers: Mapping[int, Header]) -> pa.Table:
    columns = {"lea": pa.string(), "collection_year": pa.int32()}
    columns |= {column.name: ARROW_TYPES[column.type] for column in RETURNS.columns}
    columns |= {RETURN: pa.int32()}
    return pa.Table.from_pylist([{**header, RETURN: number} for number, header in headers.items()], pa.schema(columns))


def _files(folder: Path, headers: Mapping[int, Header]) -> Files:
    """The part files that hold the returns of a year, by table; some may hold others of the year, too."""
    names = {str(number) for number in headers} | {batch_of_year(h["collection_year"]) for h in headers.values()}
    return {
        table.name: [str(f) for f in sorted((folder / table.name).iterdir()) if f.name.partition("-")[0] in names]
        for table in BODY
    }


def _parts(files: Files, table: Table) -> str:
    """SQL of the part files of a table, whether there are any or none."""
    if files[table.name]:
        return f"FROM read_parquet([{', '.join(literal(file) for file in files[table.name])}])"
    stored = table.types() | {"la_child_id": "string"}
    names = (*tree.numbers(table), *(column.name for column in tree.columns(table)))
    return _nothing({RETURN: "int32", CHILD: "int64"} | {name: stored[name] for name in names})


def _number_shared(sql: SqlConnection, files: Files) -> None:
    """Number the records that share an identifier within a return, by all that is recorded of them."""
    sql.execute(
        f'CREATE OR REPLACE TEMP TABLE shared AS SELECT keys."{RETURN}", {CHILD}, keys.la_child_id FROM keys JOIN '
        f'(SELECT "{RETURN}", la_child_id FROM keys GROUP BY ALL HAVING count(*) > 1) AS again '
        f'ON keys."{RETURN}" = again."{RETURN}" AND keys.la_child_id IS NOT DISTINCT FROM again.la_child_id'
    )
    if _one(sql, "SELECT count(*) FROM shared") == 0:
        return
    contents = " UNION ALL ".join(_content(files, place, table) for place, table in enumerate(BODY))
    sql.execute(
        f"""UPDATE keys SET child_number = numbered.child_number FROM (
            SELECT "{RETURN}", {CHILD},
                row_number() OVER (PARTITION BY "{RETURN}", la_child_id ORDER BY content) AS child_number
            FROM shared JOIN (
                SELECT "{RETURN}", {CHILD}, string_agg(content, '' ORDER BY place) AS content
                FROM ({contents}) GROUP BY ALL
            ) USING ("{RETURN}", {CHILD})
        ) AS numbered WHERE keys."{RETURN}" = numbered."{RETURN}" AND keys.{CHILD} = numbered.{CHILD}"""
    )


def _content(files: Files, place: int, table: Table) -> str:
    numbers = tree.numbers(table)
    values = ", ".join((*numbers, *(column.name for column in table.columns)))
    order = f" ORDER BY {', '.join(numbers)}" if numbers else ""
    return (
        f"SELECT \"{RETURN}\", {CHILD}, {place} AS place, string_agg(ROW({values})::VARCHAR, ''{order}) AS content "
        f'FROM ({_parts(files, table)}) JOIN shared USING ("{RETURN}", {CHILD}) GROUP BY "{RETURN}", {CHILD}'
    )


def digest_of_new(sql: SqlConnection, number: int) -> str:
    """A hash of the content of one return that has been read, whatever the order of its children."""
    hashes = {
        table.name: f'SELECT {content_hash(table)} FROM all_{table.name} WHERE "{RETURN}" = {number}'
        for table in TABLES
    }
    return _digest({name: _one(sql, query) for name, query in hashes.items()})


def choose(sql: SqlConnection, returns: Collection[int], kept: Collection[str]) -> None:
    """Leave in the year loaded only some of the new returns, and some authorities of the old."""
    numbers = ", ".join(str(number) for number in returns)
    authorities = ", ".join(literal(lea) for lea in (*kept, ""))
    for table in ("places", "all_returns"):
        sql.execute(f'DELETE FROM {table} WHERE coalesce("{RETURN}" NOT IN ({numbers}), lea NOT IN ({authorities}))')


def write_table(sql: SqlConnection, table: Table, target: Path) -> None:
    """Write one table of the year loaded, sorted by key."""
    order = ("place", *tree.numbers(table))
    write_sorted(sql, f"SELECT {', '.join(table.column_names)} FROM all_{table.name}", order, target)


def write_sorted(sql: SqlConnection, query: str, order: Collection[str], target: Path) -> None:
    """Write the rows of a query as a file of the store, in an order that leaves nothing open."""
    sql.execute(
        f"COPY ({query} ORDER BY {', '.join(order)}) TO {literal(str(target))} "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {ROWS_AT_ONCE})"
    )


@dataclass
class Surveyed:
    """What one authority has in the tables of a year: rows by table, values to report by (table, column, finding)."""

    rows: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    hashes: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The same hash as `digest_of_new` of the return."""
        return _digest(self.hashes)


def survey_year(sql: SqlConnection, folder: Path, year: int) -> dict[str, Surveyed]:
    """Read the finished tables of a year back, and say what each authority has in them."""
    found: dict[str, Surveyed] = defaultdict(Surveyed)
    for table in TABLES:
        rows = f"FROM read_parquet({literal(str(folder / f'{table.name}.parquet'))}) GROUP BY ALL"
        for lea, count, hashed in sql.execute(f"SELECT lea, count(*), {content_hash(table)} {rows}").fetchall():
            found[lea].rows[table.name] = count
            found[lea].hashes[table.name] = hashed
        for column in table.columns:
            if column.codes is not None:
                for lea, code, count in sql.execute(f"SELECT lea, {column.name}, count(*) {rows}").fetchall():
                    for finding in findings(column, code, max(year, FIRST_YEAR)):
                        found[lea].findings[table.name, column.name, finding] += count
    return found


def findings(column: Column, code: str | None, year: int) -> Iterator[str]:
    """What is to be said of a code in a return of a collection year."""
    if code is None:
        return
    if not column.first_year <= year <= (column.last_year or year):
        yield ELEMENT_OUT_OF_YEARS
    known = [known for known in code_set(str(column.codes)) if known.code == code]
    if not known:
        yield UNKNOWN_CODE
    elif not any(one.valid(year) for one in known):
        yield CODE_OUT_OF_YEARS


def content_hash(table: Table) -> str:
    """SQL of a hash of rows that does not depend on their order."""
    return f"coalesce(sum(hash({', '.join(table.column_names)}))::VARCHAR || '/' || count(*), '')"


def _digest(hashes: Mapping[str, str]) -> str:
    ordered = [[table.name, hashes.get(table.name, "")] for table in TABLES]
    return hashlib.sha256(json.dumps(ordered).encode()).hexdigest()


def _one(sql: SqlConnection, query: str) -> Any:
    row = sql.execute(query).fetchone()
    assert row is not None
    return row[0]


def literal(text: str) -> str:
    """Text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
