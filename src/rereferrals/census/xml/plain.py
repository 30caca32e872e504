"""The fast reader: xml2arrow, for plain parts of a return, and an account that proves that nothing was passed over.

xml2arrow takes text and structure apart at several hundred MB a second, but is lenient: it passes over what it does
not know. So this reader gives rows only where every element of the text is one that it can name in the rows; for
anything else (entities, comments, attributes, unknown or empty elements, errors) it gives None, and the careful
reader, `stream`, decides.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from xml2arrow import Xml2ArrowError, XmlToArrowParser

from rereferrals.census.rows import Rows, Tally, text_schema, trimmed
from rereferrals.census.schema import CHILDREN, REFERRALS, TABLES, Table
from rereferrals.census.xml import tree

SKIPPED = "PreProceedingsandFGDM"
"""A block of the 2026 return that the release does not use."""

ITEMS = tuple(table for table in TABLES if table.parent is REFERRALS)
"""The groups within a referral."""
VALUES = tuple(table for table in TABLES if tree.holds_value(table))

OUTER = 2
"""The elements around the children: Message and Children."""

NOT_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_LEAVES_AND_HOLDERS = frozenset(
    name.encode()
    for table in (CHILDREN, REFERRALS, *ITEMS, *VALUES)
    for column in tree.columns(table)
    for name in (*tree.WITHIN.get(column.element, ()), column.element)
    if name not in tree.GROUPS
)
"""Elements that may be empty and then show nothing: values, and what holds them, but nothing that makes a row."""

Numbers = npt.NDArray[Any]


def read_plain(text: bytes | bytearray) -> Rows | None:
    """Read `<Message><Children>…</Children></Message>`, as bytes; None where the careful reader must."""
    elements = _count_elements(text)
    if elements is None:
        return None
    try:
        found = _parser().parse(text)
        tables = _Account(found, *elements).tables(text)
    except (Xml2ArrowError, TypeError, UnaccountedError):
        return None
    return Rows(tables, Tally(found=Counter({name: rows.num_rows for name, rows in tables.items()})))


def _count_elements(text: bytes | bytearray) -> tuple[int, int] | None:
    """How many elements there are, and how many of them are empty tags, if all text is plain; None if not.

    Plain text has no entity, comment, declaration or attribute, and a slash for each element and nowhere else.
    """
    if any(mark in text for mark in (b"&", b"!", b"?", b"=")):
        return None
    codes = np.frombuffer(text, np.uint8)

    def count(mark: bytes) -> int:
        return int(np.count_nonzero(codes == mark[0])) if mark in text else 0

    if np.count_nonzero(codes < ord(" ")) != count(b"\n") + count(b"\r") + count(b"\t") or not _is_utf8(text):
        return None
    elements = count(b"/")
    empty = 2 * elements - count(b"<")
    if empty and not _may_be_empty(text, empty):
        return None
    return elements, empty


def _may_be_empty(text: bytes | bytearray, empty: int) -> bool:
    pieces = text.split(b"/>")[:-1]
    return len(pieces) == empty and {bytes(piece[piece.rfind(b"<") + 1 :]) for piece in pieces} <= _LEAVES_AND_HOLDERS


def _is_utf8(text: bytes | bytearray) -> bool:
    if text.isascii():
        return True
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(mark in text for mark in NOT_CHARACTERS)


@cache
def _parser() -> XmlToArrowParser:
    """xml2arrow, told the tree: a row for each element within a child, a referral and a list of values."""

    def fields(*columns: tuple[str, tuple[str, ...]]) -> list[dict[str, object]]:
        return [{"name": n, "xml_path": _path(p), "data_type": "Utf8", "nullable": True} for n, p in columns]

    def of(table: Table, prefix: str = "") -> list[tuple[str, tuple[str, ...]]]:
        return [(prefix + c.name, tree.column_path(table, c)) for c in tree.columns(table)]

    child, referral = tree.row_path(CHILDREN), tree.row_path(REFERRALS)
    tables = [
        {"name": "child", "xml_path": _path(child[:-1]), "levels": ["child"], "fields": []},
        {"name": CHILDREN.name, "xml_path": _path(child), "levels": ["child", "part"], "fields": fields(*of(CHILDREN))},
        {
            "name": REFERRALS.name,
            "xml_path": _path(referral),
            "levels": ["child", "part", "item"],
            "fields": fields(*of(REFERRALS), *(pair for t in ITEMS for pair in of(t, f"{t.name}."))),
        },
        {
            "name": SKIPPED,
            "xml_path": _path((*referral, SKIPPED)),
            "levels": ["child", "part", "item", "skipped"],
            "fields": fields(("skipped", (*referral, SKIPPED, "skipped"))),
        },
    ]
    for table in VALUES:
        levels = ["child", "part", *(["item"] if tree.depth(table) > 1 else []), "value"]
        path = tree.row_path(table)
        tables.append(
            {"name": table.name, "xml_path": _path(path[:-1]), "levels": levels, "fields": fields(*of(table))}
        )
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        json.dump({"parser_options": {"trim_text": False}, "tables": tables}, file)
        file.flush()
        return XmlToArrowParser(file.name)


def _path(names: tuple[str, ...]) -> str:
    return "/" + "/".join(names)


class UnaccountedError(Exception):
    """There are elements that the rows do not show."""


class _Account:
    """Folds the sparse rows of xml2arrow into rows of the schema, and strikes off every element that they show."""

    def __init__(self, found: dict[str, pa.RecordBatch], elements: int, empty: int) -> None:
        self.found = found
        self.left = elements - OUTER
        self.empty = empty
        self.parts, self.items = found[CHILDREN.name], found[REFERRALS.name]
        self.child_of_part = _numbers(self.parts, "child")
        self.children = int(self.child_of_part[-1]) + 1 if len(self.parts) else 0
        self.part_keys = _packed(self.parts)
        if np.any(self.part_keys[1:] <= self.part_keys[:-1]):  # another element of children: places begin again
            raise UnaccountedError
        self.referral_keys, self.first_item, self.referral_of_item = _runs(_packed(self.items))
        self.part_shown = np.zeros(len(self.parts), bool)
        self.item_shown = np.zeros(len(self.items), bool)
        self.item_number = np.zeros(len(self.items), np.int64)
        self.child_of_referral = self.referral_keys >> 32
        self.referral_number = _counted(self.child_of_referral)

    def tables(self, text: bytes | bytearray) -> dict[str, pa.Table]:
        """The rows; raises UnaccountedError if they leave an element out."""
        tables = {CHILDREN.name: self._children(), REFERRALS.name: self._referrals()}
        tables |= {table.name: self._item(table) for table in ITEMS}
        self._skip()
        lists = 0
        for table in VALUES:
            tables[table.name], count = self._values(table)
            lists += count
        self.left -= self.children + int(self.part_shown.sum()) + int(self.item_shown.sum())
        if self.left - lists != self.empty:
            # Some lists hold nothing, or a row has several of them.
            lists = sum(text.count(f"<{tree.WITHIN[table.element][-1]}>".encode()) for table in VALUES)
        if self.left - lists != self.empty:
            raise UnaccountedError
        return tables

    def _children(self) -> pa.Table:
        names = [column.name for column in tree.columns(CHILDREN)]
        columns = [self._spread(self.parts, name, self.child_of_part, self.children, self.part_shown) for name in names]
        self.part_shown[np.searchsorted(self.part_keys, self.referral_keys)] = True
        return _table(CHILDREN, [np.arange(self.children)], columns)

    def _referrals(self) -> pa.Table:
        names = [column.name for column in tree.columns(REFERRALS)]
        owner, count = self.referral_of_item, len(self.referral_keys)
        columns = [self._spread(self.items, name, owner, count, self.item_shown) for name in names]
        self.left += sum(count - column.null_count for column in columns)  # a row of `items` each, struck off there
        return _table(REFERRALS, [self.child_of_referral, self.referral_number], columns)

    def _spread(self, rows: pa.RecordBatch, name: str, owner: Numbers, count: int, shown: Numbers) -> pa.Array:
        """A sparse column as a dense one: its values at the rows of their owners."""
        column = rows[name]
        places = np.flatnonzero(pc.is_valid(column))
        owners = owner[places]
        if np.any(owners[1:] == owners[:-1]):
            raise UnaccountedError
        shown[places] = True
        self.left -= len(places)
        place = np.full(count, -1)
        place[owners] = np.arange(len(places))
        return trimmed(column.drop_null()).take(pa.array(place, mask=place < 0))

    def _item(self, table: Table) -> pa.Table:
        columns = [self.items[f"{table.name}.{column.name}"] for column in tree.columns(table)]
        shown = np.zeros(len(self.items), bool)
        for column in columns:
            shown |= np.asarray(pc.is_valid(column))
            self.left -= len(column) - column.null_count
        places = np.flatnonzero(shown)
        referral = self.referral_of_item[places]
        number = _counted(referral)
        self.item_shown[places] = True
        self.item_number[places] = number
        keys = [self.child_of_referral[referral], self.referral_number[referral], number]
        return _table(table, keys, [trimmed(column.take(pa.array(places))) for column in columns])

    def _skip(self) -> None:
        skipped = self.found[SKIPPED]
        self.item_shown[self._place(skipped)] = True
        self.left -= len(skipped)

    def _values(self, table: Table) -> tuple[pa.Table, int]:
        """A list's values, and how many lists there are, as far as the rows show."""
        rows = self.found[table.name]
        values = trimmed(rows[table.columns[0].name])
        self.left -= len(rows)
        if table.parent is CHILDREN:
            place = np.searchsorted(self.part_keys, _packed(rows))
            self.part_shown[place] = True
            keys = [_numbers(rows, "child")]
        else:
            place = self._place(rows)
            referral = self.referral_of_item[place]
            keys = [self.child_of_referral[referral], self.referral_number[referral], self.item_number[place]]
        if values.null_count:
            raise UnaccountedError
        number = _counted(place)
        return _table(table, [*keys, number], [values]), int(np.count_nonzero(number == 1))

    def _place(self, rows: pa.RecordBatch) -> Numbers:
        """Where the items that hold these rows are."""
        referral = np.searchsorted(self.referral_keys, _packed(rows))
        return self.first_item[referral] + _numbers(rows, "item")


def _numbers(rows: pa.RecordBatch, level: str) -> Numbers:
    return rows[f"<{level}>"].to_numpy().astype(np.int64)  # type: ignore[no-any-return]


def _packed(rows: pa.RecordBatch) -> Numbers:
    """Child and part as one number."""
    return (_numbers(rows, "child") << 32) | _numbers(rows, "part")


def _runs(keys: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Runs of equal numbers: the number of each, where each begins, and the run of every place."""
    starts = _starts(keys)
    return keys[starts], np.flatnonzero(starts), np.cumsum(starts) - 1


def _starts(keys: Numbers) -> Numbers:
    return np.concatenate((np.ones(min(len(keys), 1), bool), keys[1:] != keys[:-1]))


def _counted(keys: Numbers) -> Numbers:
    """1, 2, 3 … within each run of equal numbers."""
    places = np.arange(len(keys))
    return places - np.maximum.accumulate(np.where(_starts(keys), places, 0)) + 1


def _table(table: Table, keys: list[Numbers], columns: list[pa.Array]) -> pa.Table:
    numbers = [pa.array(key, pa.int32()) for key in keys]
    return pa.Table.from_arrays([*numbers, *columns], schema=text_schema(table))
