"""What a chapter says, for those who review the release: each sentence, whether it is said, and the cells it rests on.

A notebook runs in a process of its own, so what its book says is kept there, in order, until it is written down.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rereferrals import reference
from rereferrals.chart_model import Areas, AreaSeries, Cells
from rereferrals.dissemination import claims
from rereferrals.dissemination.claims import Said, Tables, row_of, rows_of, year_of
from rereferrals.errors import QualityError
from rereferrals.model import Claim, Comparator, Derived, Event, Figure, Pick, Quantity, Rows, Series

SAID, LEFT_OUT, UNTRUE = "said", "left out", "untrue"


@dataclass(frozen=True)
class Reviewed:
    """A sentence of a page: as shown, or with its figures blank; its status and why; and each cell with its value."""

    sentence: str
    status: str
    reason: str
    figures: tuple[str, ...]


#: What this process has said since `begin`.
_said: list[Reviewed] = []


def begin() -> None:
    """Forget what was said before."""
    _said.clear()


def keep(claim: Claim, said: Said, tables: Tables) -> None:
    """Keep a claim that a page was asked to say."""
    status = LEFT_OUT if said.lacks else UNTRUE if said.untrue else SAID
    cells = tuple(cell for quantity in claim.figures.values() for cell in _cells(quantity, tables))
    _said.append(Reviewed(said.text, status, said.reason or " ".join(said.untrue), tuple(dict.fromkeys(cells))))


def write(path: Path) -> None:
    """Write what was said since `begin`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(sentence) for sentence in _said], ensure_ascii=False), encoding="utf-8")


def read(path: Path) -> list[Reviewed]:
    """What `write` wrote."""
    return [
        Reviewed(**row | {"figures": tuple(row["figures"])}) for row in json.loads(path.read_text(encoding="utf-8"))
    ]


def _cells(quantity: Quantity | Series | Rows | Event, tables: Tables) -> Iterator[str]:
    """The published cells that a quantity is read from, each with its data set, place and value."""
    match quantity:
        case Figure() | Series():
            try:
                rows = [row_of(quantity, tables)] if isinstance(quantity, Figure) else rows_of(quantity, tables)
            except QualityError as fault:
                yield str(fault)
            else:
                yield from (_cell(quantity, row) for row in rows)
        case Cells():
            try:
                year = year_of(quantity, tables)
            except QualityError as fault:
                yield str(fault)
            else:
                for figure in quantity.figures.values():
                    yield from _cells(replace(figure, year=year), tables)
        case Areas() | AreaSeries():
            try:
                yield f"{(value := claims.read(quantity, tables)).label}: {value}"
            except QualityError as fault:
                yield str(fault)
        case Pick():
            yield from _cells(quantity.series, tables)
        case Derived():
            yield from _cells(quantity.left, tables)
            yield from _cells(quantity.right, tables)
        case Comparator():
            yield f"published elsewhere, {quantity.name}: {reference.comparator(quantity.name).value}"
        case Event():
            yield f"event, {quantity.name}"


def _cell(source: Figure | Series, row: Mapping[str, str]) -> str:
    place = "".join(f", {part}" for part in (source.area, *(row[f.name] for f in source.data_set.filters)) if part)
    return f"{source.data_set.id} {source.indicator.name} {row['time_period']}{place}: {row[source.indicator.name]}"
