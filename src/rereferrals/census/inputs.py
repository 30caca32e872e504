"""What comes beside the returns: looked-after episodes and the pupil census, read, checked and stored by year.

A file may hold several collection years and, where the input has authorities, several of these. What it holds of one
year and authority is a *supply*: it stands or is replaced as one, like a return.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from rereferrals.census import merge
from rereferrals.census.header import check_authority
from rereferrals.census.merge import literal
from rereferrals.census.read_report import ReadReport, Status
from rereferrals.census.rows import ARROW_TYPES, UNREADABLE, as_type, typed_table
from rereferrals.census.safety import Faults, refusal, shown
from rereferrals.census.schema import BY_NAME, INPUTS, LOOKED_AFTER, TEXT_KEYS, Table
from rereferrals.census.text_rows import CORRECT, LINE, text_rows
from rereferrals.errors import ReleaseError
from rereferrals.restricted import CensusStore

if TYPE_CHECKING:
    from rereferrals.engine import SqlConnection

#: Headings of SSDA903 files that are not the names of the schema's elements.
HEADINGS = {LOOKED_AFTER.name: {"child": "la_child_id", "lachildid": "la_child_id"}}
DAY_FIRST, YEAR_FIRST = r"^([0-9]{2})/([0-9]{2})/([0-9]{4})$", r"\3-\2-\1"
YEAR = "^[0-9]{4}$"

Key = tuple[str, int, str]
Lost = dict[tuple[int, str], Counter[tuple[str, str, str]]]


@dataclass(frozen=True)
class Supply:
    """What one file holds of an input for one collection year and authority, "" where the input has none.

    `rows` is the SQL relation that its rows are in; `findings` are as in the read report.
    """

    table: Table
    year: int
    lea: str
    file: str
    rows: str
    count: int
    digest: str
    findings: Counter[tuple[str, str, str]] = field(hash=False)

    @property
    def key(self) -> Key:
        """What no two different supplies of a store are of."""
        return self.table.name, self.year, self.lea

    def report(self, status: Status) -> ReadReport:
        """The report on it."""
        counts = Counter({self.table.name: self.count})
        stored = counts if status in ("new", "replaced") else Counter[str]()
        return ReadReport(
            self.year, self.lea, self.file, status, counts, stored, findings=self.findings, input=self.table.name
        )


def read(sql: SqlConnection, scratch: Path, files: Mapping[str, Sequence[Path]], faults: Faults) -> list[Supply]:
    """Read files of inputs, by table name, into relations of the connection; notes what is wrong with any.

    The number in a row's key may be left out: rows are then numbered by their content. Headings may be written as the
    schema's columns or as the elements, in any case.
    """
    supplies: list[Supply] = []
    for table in INPUTS:
        for path in sorted(files.get(table.name, ())):
            with faults:
                supplies += _read_file(sql, scratch, table, path, f"input_{len(supplies)}")
    return supplies


def choose(
    sql: SqlConnection, supplies: Sequence[Supply], old: CensusStore, replace: bool, faults: Faults
) -> tuple[dict[Key, Supply], list[ReadReport]]:
    """The supplies to store, and a report on each of all: of equal ones the first, and none that is stored already.

    It is a fault if two differ or, unless `replace`, if one differs from that in the store.
    """
    chosen: dict[Key, Supply] = {}
    reports: dict[Key, ReadReport] = {}
    duplicates = []
    for supply in sorted(supplies, key=lambda supply: (supply.key, supply.file)):
        same = chosen.setdefault(supply.key, supply)
        if same is not supply and same.digest == supply.digest:
            duplicates.append(supply.report("duplicate"))
        elif same is not supply:
            faults.add(f"{_differ(same.file, supply)}: give one of them")
    stored = {
        (name, year, lea): digest
        for name, year in {(name, year) for name, year, _ in chosen}
        if year in old.input_years(name)
        for lea, digest in _stored_digests(sql, BY_NAME[name], old.path.resolve(), year)
    }
    for key, supply in list(chosen.items()):
        status: Status = "replaced" if key in stored else "new"
        if stored.get(key) == supply.digest:
            del chosen[key]
            status = "unchanged"
        elif key in stored and not replace:
            faults.add(f"{_differ('what the store has', supply)}: give --replace if the new one is to stand")
        reports[key] = supply.report(status)
    return chosen, [*reports.values(), *duplicates]


def store(sql: SqlConnection, chosen: Mapping[Key, Supply], old: CensusStore, folder: Path) -> None:
    """Write the inputs of the store being made at `folder`: what the old one had, with the supplies chosen in it."""
    for table in INPUTS:
        before = old.input_years(table.name)
        for year in sorted({*before, *(year for name, year, _ in chosen if name == table.name)}):
            (folder / str(year)).mkdir(exist_ok=True)
            source = old.path.resolve() / str(year) / f"{table.name}.parquet" if year in before else None
            target = folder / str(year) / f"{table.name}.parquet"
            new = [supply for supply in chosen.values() if (supply.table, supply.year) == (table, year)]
            if new:
                _store_year(sql, table, new, source, target)
            elif source is not None:
                os.link(source, target)


def write(folder: Path, table: Table, year: int, rows: pa.Table) -> None:
    """Write one collection year of an input into the store being made at `folder`, in order of key.

    `rows` has the columns of `arrow_schema(table)`, in any order of rows and columns. The manifest comes after it.
    """
    columns = arrow_schema(table)
    rows = rows.select(columns.names).cast(columns).sort_by([(name, "ascending") for name in table.key])
    (folder / str(year)).mkdir(exist_ok=True)
    pq.write_table(rows, folder / str(year) / f"{table.name}.parquet", compression="zstd")


def write_beside(folder: Path, source: CensusStore) -> None:
    """Write the inputs of a store as files to be read beside its returns: `<input>.csv`, with all years in it."""
    for table in INPUTS:
        years = source.input_years(table.name)
        if years:
            columns = arrow_schema(table)
            with pa_csv.CSVWriter(folder / f"{table.name}.csv", columns) as writer:
                for year in years:
                    rows = pq.read_table(source.path / str(year) / f"{table.name}.parquet")
                    writer.write_table(rows.select(columns.names).cast(columns))


def arrow_schema(table: Table) -> pa.Schema:
    """The columns of the stored file."""
    keys = [pa.field(name, pa.string() if name in TEXT_KEYS else pa.int32()) for name in table.key]
    return pa.schema([*keys, *(pa.field(column.name, ARROW_TYPES[column.type]) for column in table.columns)])


def _read_file(sql: SqlConnection, scratch: Path, table: Table, path: Path, relation: str) -> Iterator[Supply]:
    name = shown(path)
    staged = scratch / f"{relation}.parquet"
    lost = _stage(table, path, name, staged)
    _number(sql, table, staged, relation)
    _refuse_twice(sql, table, relation, name)
    lea, by = _lea(table), ", ".join(name for name in ("collection_year", "lea") if name in table.key)
    query = f"SELECT collection_year, {lea}, count(*), min({LINE}), {merge.content_hash(table)} FROM {relation}"
    for year, authority, count, line, digest in sql.execute(f"{query} GROUP BY {by} ORDER BY {by}").fetchall():
        if authority:
            check_authority({"lea": (authority, line)}, year, name)
        findings = lost[year, authority] + _findings(sql, table, relation, year, authority)
        yield Supply(table, year, authority, name, relation, count, digest, findings)


def _called(table: Table, heading: str) -> str:
    """The column that a heading stands for; any other heading as it is."""
    elements = {column.element.lower(): column.name for column in table.columns}
    known = {name: name for name in table.column_names} | elements | HEADINGS.get(table.name, {})
    return known.get(heading.strip().lower(), heading)


def _stage(table: Table, path: Path, name: str, target: Path) -> Lost:
    """Write a file as typed rows, each with its line; what cannot be read, by collection year and authority."""
    lost: Lost = defaultdict(Counter)
    number, columns = table.own_key[-1], arrow_schema(table).append(pa.field(LINE, pa.int64()))
    required = [key for key in table.key if key != number]
    with pq.ParquetWriter(target, columns, compression="lz4") as writer:
        line = 0
        for text in text_rows(path, name, table.column_names, required, lambda heading: _called(table, heading)):
            keyed = _with_keys(table, text, name)
            rows, unreadable = typed_table(table, _with_days(table, keyed))
            for column, mask in unreadable.items():
                for key, count in _by_supply(rows.filter(mask)).items():
                    lost[key][table.name, column, UNREADABLE] += count
            writer.write_table(rows.select(columns.names).cast(columns))
            line += len(rows)
    if not line:
        raise refusal(name, None, "the table has no rows", "leave it out, or fill it")
    return lost


def _with_keys(table: Table, text: pa.Table, name: str) -> pa.Table:
    """The rows with keys as their types. Raises BadInput for a key that cannot be read; only the number may lack."""
    for key in table.key:
        place, given = text.column_names.index(key), text[key]
        if key not in TEXT_KEYS:
            text = text.set_column(place, key, as_type(given, "number"))
        unfit = pc.is_null(text[key])
        if key == table.own_key[-1]:
            unfit = pc.and_(unfit, pc.is_valid(given))
        elif key == "collection_year":
            unfit = pc.or_(unfit, pc.invert(pc.fill_null(pc.match_substring_regex(given, YEAR), False)))
        if pc.any(unfit).as_py():
            raise refusal(name, text[LINE].filter(unfit)[0].as_py(), f"there is no {key} that can be read", CORRECT)
    return text


def _with_days(table: Table, text: pa.Table) -> pa.Table:
    """Days as the store's readers know them, also where they are written as in the SSDA903 return: DD/MM/YYYY."""
    for column in table.columns:
        if column.type == "date":
            place = text.column_names.index(column.name)
            days = pc.replace_substring_regex(text[column.name], DAY_FIRST, YEAR_FIRST)
            text = text.set_column(place, column.name, days)
    return text


def _by_supply(rows: pa.Table) -> Counter[tuple[int, str]]:
    leas = rows["lea"].to_pylist() if "lea" in rows.column_names else [""] * len(rows)
    return Counter(zip(rows["collection_year"].to_pylist(), leas, strict=True))


def _number(sql: SqlConnection, table: Table, staged: Path, relation: str) -> None:
    """Make the relation of a file's rows, all with a number: that given, else their place among the same by content."""
    number = table.own_key[-1]
    names = ", ".join(name for name in (*table.column_names, LINE) if name != number)
    same, order = ", ".join(table.key[:-1]), ", ".join((number, *(column.name for column in table.columns)))
    numbered = f"coalesce({number}, row_number() OVER (PARTITION BY {same} ORDER BY {order}))::INTEGER AS {number}"
    sql.execute(
        f"CREATE OR REPLACE TEMP TABLE {relation} AS "
        f"SELECT {names}, {numbered} FROM read_parquet({literal(str(staged))})"
    )


def _refuse_twice(sql: SqlConnection, table: Table, relation: str, name: str) -> None:
    twice = f"SELECT max({LINE}) FROM {relation} GROUP BY {', '.join(table.key)} HAVING count(*) > 1"
    row = sql.execute(f"{twice} ORDER BY 1 LIMIT 1").fetchone()
    if row is not None:
        number = table.own_key[-1]
        remedy = f"number the rows apart, leave {number} out, or take one of them out"
        raise refusal(name, row[0], "the row has the same key as another", remedy)


def _findings(sql: SqlConnection, table: Table, relation: str, year: int, lea: str) -> Counter[tuple[str, str, str]]:
    """What is to be said of the codes in a supply."""
    found: Counter[tuple[str, str, str]] = Counter()
    for column in table.columns:
        if column.codes is not None:
            rows = f"FROM {relation} WHERE collection_year = {year} AND {_lea(table)} = {literal(lea)} GROUP BY ALL"
            for code, count in sql.execute(f"SELECT {column.name}, count(*) {rows}").fetchall():
                for finding in merge.findings(column, code, max(year, column.first_year)):
                    found[table.name, column.name, finding] += count
    return found


def _stored_digests(sql: SqlConnection, table: Table, folder: Path, year: int) -> list[tuple[str, str]]:
    file = literal(str(folder / str(year) / f"{table.name}.parquet"))
    query = f"SELECT {_lea(table)} AS authority, {merge.content_hash(table)} FROM read_parquet({file})"
    return sql.execute(f"{query} GROUP BY authority").fetchall()


def _store_year(sql: SqlConnection, table: Table, new: Sequence[Supply], old: Path | None, target: Path) -> None:
    """Write a year of an input: the new supplies, and what the old file holds of other authorities."""
    columns, lea = ", ".join(table.column_names), _lea(table)
    year, expected = new[0].year, sum(supply.count for supply in new)
    of_relation: dict[str, list[str]] = defaultdict(list)
    for supply in new:
        of_relation[supply.rows].append(literal(supply.lea))
    selected = [
        f"SELECT {columns} FROM {rows} WHERE collection_year = {year} AND {lea} IN ({', '.join(leas)})"
        for rows, leas in of_relation.items()
    ]
    if old is not None:
        replaced = ", ".join(literal(supply.lea) for supply in new)
        kept = f"FROM read_parquet({literal(str(old))}) WHERE {lea} NOT IN ({replaced})"
        selected.append(f"SELECT {columns} {kept}")
        expected += sql.execute(f"SELECT count(*) {kept}").fetchall()[0][0]
    merge.write_sorted(sql, " UNION ALL ".join(selected), table.key, target)
    written = pq.read_metadata(target).num_rows
    if written != expected:
        raise ReleaseError(
            f"{expected} rows of {table.name} for {year} were to be stored, but {written} are; "
            "this is a fault of ours: report it"
        )


def _lea(table: Table) -> str:
    """SQL of the authority of a row; the same for all where the input has none."""
    return "lea" if "lea" in table.key else "''"


def _differ(first: str, second: Supply) -> str:
    whose = f" of authority {second.lea}" if second.lea else ""
    return f"{first} and {second.file} are different tables of {second.table.name}{whose} for {second.year}"
