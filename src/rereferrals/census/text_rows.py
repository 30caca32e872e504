"""The rows of a CSV or parquet file as text, some at a time, each with its line in the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from rereferrals.census import safety
from rereferrals.census.rows import trimmed
from rereferrals.census.safety import refusal
from rereferrals.errors import BadInput

LINE = "line"
ROWS_AT_ONCE = 1 << 16
CORRECT = "correct the row, or take it out"

Batches = Iterator[pa.Table]


def text_rows(
    path: Path, name: str, wanted: Sequence[str], required: Sequence[str], called: Callable[[str], str] = str
) -> Iterator[pa.Table]:
    """The `wanted` columns of a file as trimmed text, null where it lacks them, and `line`, the row's line.

    `called` says which column a heading stands for. Raises BadInput, with `name` for the file, if it cannot be read,
    lacks a `required` column, or has two headings for one.
    """
    line = 2
    for text in _rows(path, name, wanted, required, called):
        missing = pa.nulls(len(text), pa.string())
        columns = {c: trimmed(text[c]) if c in text.column_names else missing for c in wanted}
        yield pa.table(columns | {LINE: pa.array(range(line, line + len(text)), pa.int64())})
        line += len(text)


def _rows(
    path: Path, name: str, wanted: Sequence[str], required: Sequence[str], called: Callable[[str], str]
) -> Iterator[pa.Table]:
    try:
        read_headings, read_rows = _CSV if path.suffix.lower() == ".csv" else _PARQUET
        headings = {heading: called(heading) for heading in read_headings(path, name)}
        if missing := [column for column in required if column not in headings.values()]:
            raise refusal(name, 1, f"there is no column {', '.join(missing)}", "add it: it is part of the key")
        chosen = {heading: column for heading, column in headings.items() if column in wanted}
        if len(set(chosen.values())) < len(chosen):
            raise _same_name(name)
        for text in read_rows(path, name, list(chosen)):
            yield text.rename_columns([chosen[heading] for heading in text.column_names])
    except pa.ArrowInvalid as error:
        row = re.search(r"Row #(\d+)", str(error))
        line = int(row[1]) if row else None
        raise refusal(
            name, line, "the file cannot be read as a table", "write it again, with a value for each column"
        ) from None
    except OSError as error:
        raise refusal(name, None, f"the file cannot be read ({type(error).__name__})", "write it again") from None


def _csv_headings(path: Path, name: str) -> list[str]:
    for _ in safety.utf8(safety.blocks(path), name):
        pass
    with open(path, newline="", encoding="utf-8-sig") as file:
        headings = next(csv.reader(file), [])
    if len(set(headings)) < len(headings):
        raise _same_name(name)
    return headings


def _csv_rows(path: Path, name: str, headings: list[str]) -> Batches:
    options = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(headings, pa.string()), include_columns=headings, strings_can_be_null=False
    )
    parse = pa_csv.ParseOptions(newlines_in_values=True)
    one_by_one = pa_csv.ReadOptions(use_threads=False)  # so that a fault has its row
    for batch in pa_csv.open_csv(path, one_by_one, parse, options):
        yield pa.Table.from_batches([batch])


def _parquet_headings(path: Path, name: str) -> list[str]:
    return list(pq.ParquetFile(path).schema_arrow.names)


def _parquet_rows(path: Path, name: str, headings: list[str]) -> Batches:
    for batch in pq.ParquetFile(path).iter_batches(ROWS_AT_ONCE, columns=headings):
        rows = pa.Table.from_batches([batch])
        columns = {heading: _as_text(rows[heading]) for heading in headings}
        for column in columns.values():
            if pc.any(pc.match_substring_regex(column, r"[\x00-\x08\x0b\x0c\x0e-\x1f]")).as_py():
                raise refusal(name, None, "there is a control character in a value", CORRECT)
        yield pa.table(columns)


_CSV, _PARQUET = (_csv_headings, _csv_rows), (_parquet_headings, _parquet_rows)


def _same_name(name: str) -> BadInput:
    return refusal(name, 1, "two columns have the same name", "keep one of them")


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of any type as text; moments are days where they have no time of day."""
    if pa.types.is_timestamp(column.type):
        days = pc.cast(column, pa.date32(), safe=False)
        column = days if pc.all(pc.equal(pc.cast(days, column.type), column)).as_py() is not False else column
    if pa.types.is_floating(column.type):
        whole = pc.cast(column, pa.int64(), safe=False)
        column = whole if pc.all(pc.equal(pc.cast(whole, column.type), column)).as_py() is not False else column
    return pc.cast(column, pa.string())
