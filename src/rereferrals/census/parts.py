"""Reading one source of returns into part files: work for one process, in memory that does not grow with the source.

A part file holds some children's rows of one table, typed, with `return`, the number that the caller gave the return,
and `child`, the place of the child record in it. What cannot be read is refused; nothing is decided between returns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rereferrals.census import safety
from rereferrals.census.rows import CHILD, Rows, Tally, typed
from rereferrals.census.schema import CHILDREN
from rereferrals.census.xml.plain import read_plain
from rereferrals.census.xml.stream import Header, read_head, read_stream
from rereferrals.errors import BadInput

RETURN = "return"
CHUNK = 24 << 20
OPENING, CLOSING = b"<Message><Children>", b"</Children></Message>"
BEGINS_CHILD, ENDS_CHILDREN, ENDS_RETURN = b"<Child>", b"</Children>", b"</Message>"


@dataclass
class Read:
    """A return that has been read into part files, and its row of `returns`."""

    number: int
    name: str
    header: dict[str, Any]
    tally: Tally

    @property
    def key(self) -> tuple[int, str]:
        """The collection year and authority."""
        return self.header["collection_year"], self.header["lea"]


@dataclass(frozen=True)
class XmlReturn:
    """An XML return on disk, and the name that messages give it."""

    number: int
    path: Path
    name: str


@dataclass(frozen=True)
class Task:
    """A stretch of a return to read: bytes `start` to `end`, or all of it where `end` is None."""

    source: XmlReturn
    part: int = 0
    start: int = 0
    end: int | None = None
    last: bool = True

    @property
    def size(self) -> int:
        """Bytes to read."""
        return (self.end or self.source.path.stat().st_size) - self.start


@dataclass
class PartRead:
    """What came of a task. `tally` is None where the stretch does not stand alone and the return must be read whole."""

    task: Task
    tally: Tally | None = None
    header: Header = field(default_factory=dict)
    refused: str | None = None


def plan(source: XmlReturn) -> tuple[Header, list[Task]]:
    """Cut a return into stretches of whole children that can be read on their own, where its text allows it.

    Raises BadInput if it cannot be read up to its first child.
    """
    header, first = read_head(source.path, source.name)
    if first is None or not header:
        return header, [Task(source)]
    with open(source.path, "rb") as file:
        size = source.path.stat().st_size
        cuts = [first]
        while (cut := _next_child(file, cuts[-1] + CHUNK)) is not None:
            cuts.append(cut)
    stretches = list(pairwise([*cuts, size]))
    if max(end - start for start, end in stretches) > 2 * CHUNK:
        return header, [Task(source)]
    return header, [Task(source, n, start, end, end == size) for n, (start, end) in enumerate(stretches)]


def _next_child(file: BinaryIO, position: int) -> int | None:
    """Where the first child at or after a position begins; None if there is none within a chunk."""
    file.seek(position)
    text = b""
    while len(text) < CHUNK and (block := file.read(1 << 16)):
        text += block
        if (place := text.find(BEGINS_CHILD)) >= 0:
            return position + place
    return None


def read(task: Task, folder: Path) -> PartRead:
    """Read a stretch of a return into part files in `folder`."""
    try:
        if task.end is None:
            return _read_whole(task, folder)
        return _read_stretch(task, folder)
    except BadInput as error:
        return PartRead(task, refused=str(error))


def read_batch(tasks: Sequence[Task], year: int | None, folder: Path) -> list[PartRead]:
    """Read some tasks. Small returns of one collection year are read as one document, which takes little longer than
    reading one of them; where that would not show which of them a fault is in, one by one."""
    together = _read_together(tasks, year, folder) if len(tasks) > 1 else None
    return [read(task, folder) for task in tasks] if together is None else together


def _read_together(tasks: Sequence[Task], year: int | None, folder: Path) -> list[PartRead] | None:
    bodies = [_children_of(task) for task in tasks]
    if not all(bodies):
        return None
    counts = [body.count(BEGINS_CHILD) for body in bodies]
    rows = read_plain(b"".join((OPENING, *bodies, CLOSING)))
    if rows is None or rows.tables[CHILDREN.name].num_rows != sum(counts):
        return None
    rows = typed(rows)
    if rows.tally.rejected or rows.tally.lost:
        return None
    return_of_child = np.repeat(np.arange(len(tasks)), counts)
    numbers = np.array([task.source.number for task in tasks], np.int32)
    found: list[Counter[str]] = [Counter() for _ in tasks]
    for name, table in rows.tables.items():
        owner = return_of_child[table[CHILD].to_numpy()]
        for place, count in enumerate(np.bincount(owner, minlength=len(tasks)).tolist()):
            found[place][name] = count
        _write(table, table[CHILD], numbers[owner], folder / name / f"{batch_of_year(year)}-{numbers[0]}.parquet")
    return [PartRead(task, Tally(found=tally)) for task, tally in zip(tasks, found, strict=True)]


def batch_of_year(year: int | None) -> str:
    """How the part files begin that hold returns of a year together; others begin with the number of their return."""
    return f"y{year}"


def _children_of(task: Task) -> bytes:
    """The child records of a return that is one stretch; nothing if anything else follows them."""
    text = _stretch(task)[len(OPENING) :]
    end = text.rfind(ENDS_CHILDREN)
    after = bytes(text[end + len(ENDS_CHILDREN) :])
    return bytes(text[:end]) if end >= 0 and after.strip() == ENDS_RETURN else b""


def _read_stretch(task: Task, folder: Path) -> PartRead:
    text = _stretch(task)
    rows = read_plain(text)
    first = task.part << 10
    if rows is not None:
        write_part(rows, task.source.number, first, folder)
        return PartRead(task, rows.tally)
    try:
        tally = Tally()
        for n, (_, some) in enumerate(read_stream(_blocks(text), task.source.name)):
            write_part(some, task.source.number, first + n, folder)
            tally.add(some.tally)
        return PartRead(task, tally)
    except BadInput:
        return PartRead(task)


def _stretch(task: Task) -> bytearray:
    """A stretch of a return as a document of its own."""
    closing = b"" if task.last else CLOSING
    text = bytearray(len(OPENING) + task.size + len(closing))
    text[: len(OPENING)] = OPENING
    with open(task.source.path, "rb") as file:
        file.seek(task.start)
        file.readinto(memoryview(text)[len(OPENING) : len(OPENING) + task.size])
    text[len(OPENING) + task.size :] = closing
    return text


def _blocks(text: bytearray) -> Iterator[bytes]:
    return (bytes(text[start : start + safety.BLOCK]) for start in range(0, len(text), safety.BLOCK))


def _read_whole(task: Task, folder: Path) -> PartRead:
    tally = Tally()
    header: Header = {}
    for n, (head, rows) in enumerate(read_stream(safety.blocks(task.source.path), task.source.name)):
        header = head
        write_part(rows, task.source.number, n, folder)
        tally.add(rows.tally)
    return PartRead(task, tally, header)


def write_part(rows: Rows, number: int, part: int, folder: Path) -> None:
    """Write typed rows of some children of return `number` to `folder/<table>/<return>-<part>.parquet`."""
    first = part << 24
    for name, table in typed(rows).tables.items():
        child = pc.add(pc.cast(table[CHILD], pa.int64()), first)
        _write(table, child, np.full(len(table), number, np.int32), folder / name / f"{number}-{part}.parquet")


def _write(table: pa.Table, child: pa.ChunkedArray, number: npt.NDArray[np.int32], target: Path) -> None:
    if table.num_rows:
        place = table.column_names.index(CHILD)
        table = table.set_column(place, CHILD, pc.cast(child, pa.int64()))
        table = table.append_column(RETURN, pa.array(number))
        pq.write_table(table, target, compression="lz4", use_dictionary=[RETURN], write_statistics=False)
