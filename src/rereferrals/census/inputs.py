"""What comes beside the returns: looked-after episodes and the pupil census, kept in the store by collection year."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from rereferrals.census.rows import ARROW_TYPES
from rereferrals.census.schema import TEXT_KEYS, Table


def arrow_schema(table: Table) -> pa.Schema:
    """The columns of the stored file."""
    keys = [pa.field(name, pa.string() if name in TEXT_KEYS else pa.int32()) for name in table.key]
    return pa.schema([*keys, *(pa.field(column.name, ARROW_TYPES[column.type]) for column in table.columns)])


def write(folder: Path, table: Table, year: int, rows: pa.Table) -> None:
    """Write one collection year of an input into the store being made at `folder`, in order of key.

    `rows` has the columns of `arrow_schema(table)`, in any order of rows and columns. The manifest comes after it.
    """
    columns = arrow_schema(table)
    rows = rows.select(columns.names).cast(columns).sort_by([(name, "ascending") for name in table.key])
    (folder / str(year)).mkdir(exist_ok=True)
    pq.write_table(rows, folder / str(year) / f"{table.name}.parquet", compression="zstd")
