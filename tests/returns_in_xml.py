"""Returns in XML as tests write them: a document from pieces of text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

HEADER = """<Header>
<CollectionDetails><Collection>CIN</Collection><Year>{year}</Year><ReferenceDate>{year}-03-31</ReferenceDate></CollectionDetails>
<Source><SourceLevel>L</SourceLevel><LEA>{lea}</LEA></Source>
</Header>"""


def message(*children: str, year: int = 2024, lea: str = "201", header: str = HEADER) -> str:
    """A return."""
    inner = "\n".join(children)
    return f"<Message>\n{header.format(year=year, lea=lea)}\n<Children>\n{inner}\n</Children>\n</Message>\n"


def child(identifier: str, *referrals: str, identifiers: str = "", characteristics: str = "") -> str:
    """A child record."""
    return (
        f"<Child><ChildIdentifiers><LAchildID>{identifier}</LAchildID>{identifiers}</ChildIdentifiers>"
        f"<ChildCharacteristics><Ethnicity>WBRI</Ethnicity>{characteristics}</ChildCharacteristics>"
        f"{''.join(referrals)}</Child>"
    )


def referral(day: str = "2023-05-01", *inner: str) -> str:
    """A referral."""
    return (
        f"<CINdetails><CINreferralDate>{day}</CINreferralDate><ReferralSource>1A</ReferralSource>"
        f"{''.join(inner)}<ReferralNFA>0</ReferralNFA></CINdetails>"
    )


def write(path: Path, text: str | bytes) -> Path:
    """A file of this text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def stored(store: Path, table: str, year: int = 2024) -> list[dict[str, Any]]:
    """The rows of a table of a store."""
    rows: list[dict[str, Any]] = pq.read_table(store / str(year) / f"{table}.parquet").to_pylist()
    return rows


def values(store: Path, table: str, column: str, year: int = 2024) -> list[Any]:
    """One column of a table of a store."""
    return [row[column] for row in stored(store, table, year)]


def contents(store: Path) -> dict[str, bytes]:
    """Every file of a store, by its path in it."""
    folder = store.resolve()
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def without_linkage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out who is who, which takes most of the time that a small store takes to make."""
    monkeypatch.setattr(
        "rereferrals.census.linkage.write_persons",
        lambda folder, years, memory: (folder / "persons.parquet").write_bytes(b""),
    )
