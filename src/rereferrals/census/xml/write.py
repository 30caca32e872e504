"""A store's returns back to XML: the same tables come out when it is read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rereferrals.census.schema import CHILDREN, RETURNS, TABLES, Table
from rereferrals.census.xml import tree
from rereferrals.restricted import CensusStore, StoredReturn

CHILDREN_AT_ONCE = 10_000
INDENT = "    "
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}

Numbers = np.ndarray
Slot = tuple[tuple[str, ...], pa.Array]
"""A part of every row's text, and the elements that it lies within, from the row inwards."""


def write_xml(folder: Path, store: CensusStore, returns: Sequence[StoredReturn] | None = None) -> list[Path]:
    """Write returns of a store, all of them or those given, as `folder/<collection year>/<authority>.xml`.

    Yes and no are written 1 and 0, as the census schema has them. Memory grows with one year's returns.
    """
    wanted = sorted(returns if returns is not None else store.returns)
    written = []
    for year, of_year in groupby(wanted, key=lambda stored: stored.collection_year):
        (folder / str(year)).mkdir(parents=True, exist_ok=True)
        tables = {table.name: _read(store.path / str(year) / f"{table.name}.parquet") for table in TABLES}
        for stored in of_year:
            target = folder / str(year) / f"{stored.lea}.xml"
            with open(target, "wb") as file:
                file.writelines(_return({name: _of_authority(rows, stored.lea) for name, rows in tables.items()}))
            written.append(target)
    return written


def _return(tables: dict[str, pa.Table]) -> Iterator[bytes]:
    yield f"<{tree.ROOT}>\n{_header(tables[RETURNS.name].to_pylist()[0])}{INDENT}<Children>\n".encode()
    related = _Related(tables)
    count = len(tables[CHILDREN.name])
    for start in range(0, count, CHILDREN_AT_ONCE):
        texts = related.texts(CHILDREN, start, min(start + CHILDREN_AT_ONCE, count))
        yield from (text.encode() for text in texts.to_pylist())
    yield f"{INDENT}</Children>\n</{tree.ROOT}>\n".encode()


def _read(path: Path) -> pa.Table:
    return pq.read_table(path, partitioning=None)  # the folders above name no columns, whatever they are called


def _of_authority(rows: pa.Table, lea: str) -> pa.Table:
    return rows.filter(pc.equal(rows["lea"], lea)).combine_chunks()


def _header(row: dict[str, Any]) -> str:
    columns = sorted(tree.columns(RETURNS), key=lambda column: list(tree.WITHIN).index(column.element))
    slots = [(tree.WITHIN[c.element], _leaf(c.element, pa.array([row[c.name]]), 3)) for c in columns]
    return str(_wrapped(tree.row_path(RETURNS)[-1], _joined(slots, 2), 1, always=True)[0])


class _Related:
    """The tables of one return, each row knowing the place of its parent."""

    def __init__(self, tables: dict[str, pa.Table]) -> None:
        self.tables = tables
        self.parents: dict[str, Numbers] = {}
        self.keys: dict[str, Numbers] = {}
        names = _child_names(tables[CHILDREN.name])
        for table in TABLES[2:]:
            assert table.parent is not None
            parent = np.asarray(pc.index_in(_child_names(tables[table.name]), names)).astype(np.int64)
            for above in _line(table.parent)[1:]:
                number = tables[table.name][above.own_key[-1]].to_numpy()
                parent = np.searchsorted(self.keys[above.name], (parent << 32) | number)
            self.parents[table.name] = parent
            self.keys[table.name] = (parent << 32) | tables[table.name][table.own_key[-1]].to_numpy()

    def texts(self, table: Table, start: int, end: int) -> pa.Array:
        """The XML of some rows of a table, with all that they hold."""
        depth = len(tree.row_path(table)) - 1
        rows = self.tables[table.name].slice(start, end - start)
        if tree.holds_value(table):
            return _leaf(table.element, rows[table.columns[0].name], depth)
        slots: list[Slot] = []
        for part in tree.parts(table):
            within = tree.WITHIN.get(part.element, ())
            if isinstance(part, Table):
                slots.append((within, self._inner(part, start, end)))
            else:
                slots.append((within, _leaf(part.element, rows[part.name], depth + 1 + len(within))))
        return _wrapped(table.element, _joined(slots, depth + 1), depth, always=True)

    def _inner(self, table: Table, start: int, end: int) -> pa.Array:
        """For each of some parent rows, the XML of all its rows of a table."""
        offsets = np.searchsorted(self.parents[table.name], np.arange(start, end + 1))
        texts = self.texts(table, int(offsets[0]), int(offsets[-1]))
        return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets - offsets[0], pa.int32()), texts), "")


def _line(table: Table) -> list[Table]:
    """A table and those above it, from `children` down."""
    return [*(_line(table.parent) if table.parent is not None else []), table]


def _child_names(rows: pa.Table) -> pa.Array:
    """A name for each child record of a return, unlike those of all others."""
    identifier = pc.fill_null(pc.binary_join_element_wise("/", rows["la_child_id"], ""), "")
    return pc.binary_join_element_wise(pc.cast(rows["child_number"], pa.string()), identifier, "").combine_chunks()


def _leaf(name: str, values: pa.Array, depth: int) -> pa.Array:
    """An element for each value; nothing where there is none."""
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_boolean(values.type):
        values = pc.if_else(values, "1", "0")
    values = pc.cast(values, pa.string())
    if pc.any(pc.match_substring_regex(values, "[&<>\r]")).as_py():
        for mark, text in ESCAPES.items():
            values = pc.replace_substring(values, mark, text)
    return pc.fill_null(pc.binary_join_element_wise(f"{INDENT * depth}<{name}>", values, f"</{name}>\n", ""), "")


def _joined(slots: Sequence[Slot], depth: int) -> pa.Array:
    """One text for each row from all its parts, with the elements that they lie within."""
    texts = []
    for outer, group in groupby(slots, key=lambda slot: slot[0][:1]):
        inner = [(within[1:], text) for within, text in group]
        if outer:
            texts.append(_wrapped(outer[0], _joined(inner, depth + 1), depth))
        else:
            texts += [text for _, text in inner]
    return pc.binary_join_element_wise(*texts, "")


def _wrapped(name: str, texts: pa.Array, depth: int, always: bool = False) -> pa.Array:
    """An element around each text; none around an empty one, unless `always`."""
    indent = INDENT * depth
    wrapped = pc.binary_join_element_wise(f"{indent}<{name}>\n", texts, f"{indent}</{name}>\n", "")
    return wrapped if always else pc.if_else(pc.equal(texts, ""), "", wrapped)
