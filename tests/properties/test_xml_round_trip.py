"""XML in and out: two readers that agree with a slow one, cuts that change nothing, and the same tables out and in."""

from __future__ import annotations

import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import strategies
from rereferrals.census import parts
from rereferrals.census.ingest import ingest
from rereferrals.census.rows import ARROW_TYPES, CHILD
from rereferrals.census.schema import BY_NAME, CHILDREN, RETURNS, TABLES, Table
from rereferrals.census.xml import stream, tree
from rereferrals.census.xml.plain import read_plain
from rereferrals.census.xml.write import write_xml
from rereferrals.restricted import CensusStore
from returns_in_xml import HEADER, contents, without_linkage, write

BLANK = " \t\r\n"
Rows = dict[str, list[tuple[Any, ...]]]

plain_values = st.sampled_from(["2023-04-01", "2023-02-30", "1A", "true", " x ", "é", "0", "12", "Ŵ – x"])
rich_values = plain_values | st.sampled_from(
    [
        "a &amp; b",
        "<![CDATA[<q>&]]>",
        "1<!-- c -->2",
        "&#233;",
        "",
        " \n",
        "a=b",
        "a/b",
        "x<y>no</y>z",
        "]] >",
        "<?p i?>1",
    ]
)
plain_noise = st.sampled_from(["", "\n  ", "stray text"])
rich_noise = plain_noise | st.sampled_from(
    ["<Unknown/>", "<!-- <Child> -->", "<Unknown><CINreferralDate>2000-01-01</CINreferralDate></Unknown>", "<Sex/>",
     "<DateOfInitialCPC/>", "<AssessmentFactors/>", "<Reviews></Reviews>", "<CINdetails/>"]
)  # fmt: skip


@st.composite
def elements(draw: st.DrawFn, table: Table, rich: bool) -> str:
    """The element of a row: some of its values and rows, in any order, with things between them."""
    texts = rich_values if rich else plain_values
    noise = rich_noise if rich else plain_noise
    attribute = draw(st.sampled_from(["", "", " x='1'"])) if rich else ""
    if tree.holds_value(table):
        return f"<{table.element}{attribute}>{draw(texts)}</{table.element}>"
    pieces: dict[tuple[str, ...], list[str]] = {}
    for part in tree.parts(table):
        within = tree.WITHIN.get(part.element, ())
        if isinstance(part, Table):
            inner = draw(st.lists(elements(part, rich), max_size=2))
        else:
            inner = [
                f"<{part.element}>{draw(texts)}</{part.element}>" for _ in range(draw(st.sampled_from([0, 1, 1, 1])))
            ]
        pieces.setdefault(within, []).extend(inner)
    for within in sorted(pieces, key=len, reverse=True):
        if within and (pieces[within] or draw(st.booleans())):
            inner_text = "".join(draw(st.permutations(pieces[within])))
            repeat = draw(st.sampled_from([1, 1, 1, 2])) if rich else 1
            pieces.setdefault(within[:-1], []).extend([f"<{within[-1]}>{inner_text}</{within[-1]}>"] * repeat)
    content = draw(noise).join(draw(st.permutations(pieces[()]))) + draw(noise)
    return f"<{table.element}{attribute}>{content}</{table.element}>"


@st.composite
def documents(draw: st.DrawFn, rich: bool) -> str:
    """The children of a return."""
    children = draw(st.lists(elements(CHILDREN, rich), max_size=3))
    return f"<Message><Children>{draw(plain_noise).join(children)}</Children></Message>"


def read_slowly(text: str) -> Rows:
    """The rows of a return by a whole tree of it, table by table."""
    root = ET.fromstring(text)
    rows: Rows = {table.name: [] for table in TABLES[1:]}

    def visit(table: Table, element: ET.Element, key: tuple[int, ...]) -> None:
        if tree.holds_value(table):
            rows[table.name].append((*key, value(element)))
            return
        own = []
        for column in tree.columns(table):
            path = "/".join((*tree.WITHIN.get(column.element, ()), column.element))
            own.append(next((text for found in element.findall(path) if (text := value(found))), None))
        rows[table.name].append((*key, *own))
        for inner in TABLES:
            if inner.parent is table:
                path = "/".join((*tree.WITHIN.get(inner.element, ()), inner.element))
                found = [e for e in element.findall(path) if not tree.holds_value(inner) or value(e)]
                for number, one in enumerate(found, 1):
                    visit(inner, one, (*key, number))

    for number, child in enumerate(root.findall("/".join(tree.row_path(CHILDREN)[1:]))):
        visit(CHILDREN, child, (number,))
    return rows


def value(element: ET.Element) -> str | None:
    """An element's own text."""
    return "".join([element.text or "", *(inner.tail or "" for inner in element)]).strip(BLANK) or None


def as_rows(tables: dict[str, pa.Table]) -> Rows:
    return {name: [tuple(row.values()) for row in table.to_pylist()] for name, table in tables.items()}


def read_by_stream(text: str) -> Rows:
    (_, rows), *more = stream.read_stream([text.encode()], "return.xml")
    assert not more
    return as_rows(rows.tables)


@given(documents(rich=True))
def test_the_careful_reader_agrees_with_a_slow_one(text: str) -> None:
    assert read_by_stream(text) == read_slowly(text)


@given(documents(rich=True) | documents(rich=False))
def test_the_fast_reader_agrees_row_for_row_or_leaves_the_return_to_the_careful_one(text: str) -> None:
    rows = read_plain(text.encode())
    if rows is not None:
        assert as_rows(rows.tables) == read_by_stream(text)
        assert +rows.tally.found == {name: len(table) for name, table in rows.tables.items() if len(table)}


def test_the_fast_reader_reads_what_a_census_system_writes() -> None:
    text = "<Message><Children>" + "".join(f"<Child>{_full(n)}</Child>\n" for n in range(3)) + "</Children></Message>"
    rows = read_plain(text.encode())
    assert rows is not None
    assert as_rows(rows.tables) == read_slowly(text)
    assert all(len(table) for table in rows.tables.values())


def _full(number: int) -> str:
    """A child with every element once, and some empty."""

    def of(table: Table) -> str:
        if tree.holds_value(table):
            return f"<{table.element}>x{number}</{table.element}>"
        text = ""
        for part in tree.parts(table):
            inner = f"<{part.element}>{of(part)}</{part.element}>" if isinstance(part, Table) else f"<{part.element}/>"
            if isinstance(part, Table) and tree.holds_value(part):
                inner = of(part) * 2
            if not isinstance(part, Table) and (number or part.element == tree.columns(table)[0].element):
                inner = f"<{part.element}>{part.name}</{part.element}>"
            for outer in reversed(tree.WITHIN.get(part.element, ())):
                inner = f"<{outer}>{inner}</{outer}>"
            text += inner
        for outer in ("ChildIdentifiers", "ChildCharacteristics"):
            text = text.replace(f"</{outer}><{outer}>", "")
        return text

    return of(CHILDREN)


@pytest.fixture(scope="module", autouse=True)
def _no_linkage() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        without_linkage(patch)
        yield


@settings(max_examples=20)
@given(documents(rich=True), st.integers(20, 400))
def test_where_a_return_is_cut_changes_nothing(text: str, chunk: int) -> None:
    text = text.replace("<Message>", "<Message>" + HEADER.format(year=2024, lea="201"))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = write(Path(folder, "return.xml"), text)
        ingest([path], Path(folder, "whole"))
        patch.setattr(parts, "CHUNK", chunk)
        ingest([path], Path(folder, "cut"))
        assert contents(Path(folder, "whole")) == contents(Path(folder, "cut"))


def write_tables(rows: strategies.Rows, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, table_rows in rows.items():
        table = BY_NAME[name]
        types = {key: pa.string() if key in ("lea", "la_child_id") else pa.int32() for key in table.key}
        types |= {column.name: ARROW_TYPES[column.type] for column in table.columns}
        if table_rows:
            pq.write_table(pa.Table.from_pylist(table_rows, pa.schema(types)), folder / f"{name}.parquet")


@settings(max_examples=12)
@given(strategies.returns(), st.randoms(use_true_random=False))
def test_xml_out_and_in_again_is_the_same_store_whatever_the_order_of_rows(rows: strategies.Rows, random: Any) -> None:
    assume(rows[CHILDREN.name])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tables(rows, folder / "tables")
        ingest([folder / "tables"], folder / "first")
        write_xml(folder / "xml", CensusStore.open(folder / "first"))
        ingest([folder / "xml"], folder / "second")
        assert tables_of(folder / "first") == tables_of(folder / "second")
        for table_rows in rows.values():
            random.shuffle(table_rows)
        write_tables(rows, folder / "tables")
        ingest([folder / "tables"], folder / "third")
        assert contents(folder / "first") == contents(folder / "third")


def tables_of(store: Path) -> dict[str, bytes]:
    return {path: content for path, content in contents(store).items() if path.endswith(".parquet")}


def test_the_tables_that_come_out_are_those_of_the_schema(tmp_path: Path) -> None:
    path = write(tmp_path / "return.xml", f"<Message>{HEADER.format(year=2024, lea='201')}<Children/></Message>")
    ingest([path], tmp_path / "store")
    for table in TABLES:
        stored = pq.read_schema(tmp_path / "store" / "2024" / f"{table.name}.parquet")
        expected = {key: pa.string() if key in ("lea", "la_child_id") else pa.int32() for key in table.key}
        expected |= {column.name: ARROW_TYPES[column.type] for column in table.columns}
        assert dict(zip(stored.names, stored.types, strict=True)) == expected
        assert CHILD not in stored.names
    assert RETURNS.name in BY_NAME
