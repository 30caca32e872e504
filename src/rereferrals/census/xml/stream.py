"""The careful reader: expat, element by element. It reads any well-formed return, and says what is wrong in others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pyarrow as pa

from rereferrals.census import safety
from rereferrals.census.rows import EMPTY, OUT_OF_PLACE, REPEATED, WHITE_SPACE, Rows, Tally, text_schema
from rereferrals.census.schema import CHILDREN, RETURNS, TABLES, Table
from rereferrals.census.xml import tree

CHILDREN_AT_ONCE = 20_000
HEAD = 1 << 13
"""Bytes at a time until the first child is found: little more is read than the header."""

MAX_TEXT = 64 << 20
"""Characters that one element may hold: more than the fast reader sees at once."""

SEND_AS_XML = "send the return as the census software exports it"


Header = dict[str, tuple[str, int]]
"""What a return's header says: column of `returns`, or `lea` → text, line."""


_HOLDER, _LEAF, _GROUP, _VALUE, _HEADER, _UNKNOWN = range(6)


class _Node:
    """An element at its place in the tree: what it may hold, and what it makes."""

    __slots__ = ("column", "kind", "row", "within")

    def __init__(self, kind: int) -> None:
        self.within: dict[str, _Node] = {}
        self.kind = kind
        self.row: _RowMaker | None = None
        self.column = 0


class _RowMaker:
    """The rows of one table as lists: numbers down to its own, then text."""

    __slots__ = ("above", "count", "current", "first", "inner", "rows", "table", "width")

    def __init__(self, table: Table, above: _RowMaker | None) -> None:
        self.table, self.above = table, above
        self.inner: list[_RowMaker] = []
        if above is not None:
            above.inner.append(self)
        self.first = 1 + len(tree.numbers(table))
        self.width = len(tree.columns(table))
        self.count = -1 if table is CHILDREN else 0
        self.rows: list[list[Any]] = []
        self.current: list[Any] = []

    def begin(self) -> list[Any]:
        """Start a row, numbered after its sibling, and number what it holds from 1."""
        self.count += 1
        above = self.above
        prefix = [self.count] if above is None else [*above.current[: above.first], self.count]
        for inner in self.inner:
            inner.count = 0
        self.current = prefix + [None] * self.width
        self.rows.append(self.current)
        return self.current


class _Return:
    """The state of reading one return."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tally = Tally()
        self.makers: dict[str, _RowMaker] = {}
        self.root = self._tree()
        self.header: Header = {}
        self.children = self.makers[CHILDREN.name]
        self.first_child: int | None = None
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.buffer_text = True
        self.parser.buffer_size = 1 << 16
        self.parser.ordered_attributes = True
        self.text: list[str] = []
        start, end = self._handlers()
        self.parser.StartElementHandler = start
        self.parser.EndElementHandler = end
        self.parser.CharacterDataHandler = self.text.append
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.XmlDeclHandler = self._declaration

    def _tree(self) -> _Node:
        root = _Node(_HOLDER)
        for table in TABLES:
            maker = _RowMaker(table, self.makers[table.parent.name] if table.parent is not None else None)
            self.makers[table.name] = maker
            row = _at(root, tree.row_path(table))
            row.row = maker
            if table is not RETURNS:
                row.kind = _VALUE if tree.holds_value(table) else _GROUP
            for place, column in enumerate(tree.columns(table), maker.first):
                leaf = _at(root, tree.column_path(table, column))
                if leaf is not row:
                    leaf.kind, leaf.row, leaf.column = (_HEADER if table is RETURNS else _LEAF), maker, place
        return root

    def _handlers(self) -> tuple[Callable[[str, list[str]], None], Callable[[str], None]]:
        """The two functions that expat calls most, closed over what they touch."""
        text, nodes, unknown = self.text, [self.root], _Node(_UNKNOWN)
        marks: list[int] = []

        def start(name: str, _: list[str]) -> None:
            node = nodes[-1].within.get(name, unknown)
            nodes.append(node)
            if node is unknown:
                marks.append(len(text))
                self.pass_over(name, len(nodes) - 1)
                return
            text.clear()
            if node.kind == group:
                node.row.begin()  # type: ignore[union-attr]
                if self.first_child is None and node.row is self.children:
                    self.first_child = self.parser.CurrentByteIndex

        def end(_: str) -> None:
            node = nodes.pop()
            kind = node.kind
            if kind == leaf:
                value = "".join(text).strip(WHITE_SPACE)
                if value:
                    row = node.row.current  # type: ignore[union-attr]
                    if row[node.column] is None:
                        row[node.column] = value
                    else:
                        self.repeated(node)
            elif node is unknown:
                del text[marks.pop() :]
            elif kind not in makes_nothing:
                self.end_of_value(node, "".join(text).strip(WHITE_SPACE))

        leaf, group, makes_nothing = _LEAF, _GROUP, (_GROUP, _HOLDER)
        return start, end

    def pass_over(self, name: str, depth: int) -> None:
        """Note an element that is not known at its place."""
        if depth == 1:
            self.refuse(f"the root element is not <{tree.ROOT}>", SEND_AS_XML)
        if depth > tree.MAX_DEPTH:
            self.refuse(f"elements are nested more than {tree.MAX_DEPTH} deep", SEND_AS_XML)
        if name in tree.GROUPS:
            self.tally.rejected[tree.GROUPS[name].name, OUT_OF_PLACE] += 1

    def end_of_value(self, node: _Node, value: str) -> None:
        """Keep a value that makes a row, or one of the header."""
        maker = node.row
        assert maker is not None
        if node.kind == _HEADER:
            self.head(tree.columns(RETURNS)[node.column - maker.first].name, value)
        elif value:
            maker.begin()[-1] = value
        else:
            self.tally.rejected[maker.table.name, EMPTY] += 1

    def head(self, name: str, value: str) -> None:
        """Keep what the header says, and where; the first value stands."""
        if value and name in self.header:
            self.tally.lost[RETURNS.name, name, REPEATED] += 1
        elif value:
            self.header[name] = value, self.parser.CurrentLineNumber

    def repeated(self, node: _Node) -> None:
        """Count a second value of a column in one row; the first one stands."""
        maker = node.row
        assert maker is not None
        column = tree.columns(maker.table)[node.column - maker.first]
        self.tally.lost[maker.table.name, column.name, REPEATED] += 1

    def refuse(self, fault: str, remedy: str, line: int | None = None) -> None:
        raise safety.refusal(self.name, line or self.parser.CurrentLineNumber, fault, remedy)

    def _doctype(self, *_: object) -> None:
        self.refuse("there is a DOCTYPE, which a return never needs and which can do harm", "take it out")

    def _declaration(self, _: str, encoding: str | None, __: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
            self.refuse("the XML declaration names another encoding than UTF-8", safety.SAVE_AS_UTF8)

    def feed(self, block: bytes, last: bool = False) -> None:
        try:
            self.parser.Parse(block, last)
        except expat.ExpatError as error:
            self.refuse(*_explained(error), line=error.lineno)
        if sum(map(len, self.text)) > MAX_TEXT:
            self.refuse("an element holds too much text", SEND_AS_XML)

    def take(self, closed_only: bool) -> Rows:
        """The rows of all children read so far, or of all but the last, which may still be open."""
        limit = self.children.count if closed_only else self.children.count + 1
        tables, tally = {}, self.tally
        for (name, _), count in tally.rejected.items():
            tally.found[name] += count
        for table in TABLES[1:]:
            maker = self.makers[table.name]
            done = len(maker.rows)
            while done and maker.rows[done - 1][0] >= limit:
                done -= 1
            tables[table.name] = _as_arrow(table, maker.rows[:done])
            tally.found[table.name] += done
            del maker.rows[:done]
            for row in maker.rows:
                row[0] -= limit
        self.children.count -= limit
        self.tally = Tally()
        return Rows(tables, tally)


def _at(root: _Node, path: tuple[str, ...]) -> _Node:
    node = root
    for name in path:
        node = node.within.setdefault(name, _Node(_HOLDER))
    return node


def _as_arrow(table: Table, rows: list[list[Any]]) -> pa.Table:
    schema = text_schema(table)
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def _explained(error: expat.ExpatError) -> tuple[str, str]:
    message = expat.ErrorString(error.code)
    if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]:
        return f"the file is not XML, or stops before the return begins ({message})", safety.ASK_AGAIN
    if error.code == expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]:
        return f"the file is cut off ({message})", safety.ASK_AGAIN
    return f"the file is not well-formed XML ({message})", safety.ASK_AGAIN


def read_stream(content: Iterable[bytes], name: str) -> Iterator[tuple[Header, Rows]]:
    """Read a return, some thousands of children at a time: what its header said so far, and their rows.

    The last pair always comes, and its header is complete. Raises BadInput where the return cannot be read.
    """
    reading = _Return(name)
    for block in safety.utf8(content, name):
        reading.feed(block)
        if reading.children.count >= CHILDREN_AT_ONCE:
            yield reading.header, reading.take(closed_only=True)
    reading.feed(b"", last=True)
    yield reading.header, reading.take(closed_only=False)


def read_head(path: Path, name: str) -> tuple[Header, int | None]:
    """Read a return up to its first child: its header, and the byte at which the child begins (None: no child)."""
    reading = _Return(name)
    for block in safety.utf8(safety.blocks(path, HEAD), name):
        reading.feed(block)
        if reading.first_child is not None:
            return reading.header, reading.first_child
    reading.feed(b"", last=True)
    return reading.header, None
