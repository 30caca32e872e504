"""Whose return it is, and of which year: the header, read and checked."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pyarrow as pa

from rereferrals.census.rows import UNREADABLE, Tally, as_type
from rereferrals.census.safety import refusal
from rereferrals.census.schema import RETURNS
from rereferrals.census.xml.stream import Header
from rereferrals.reference import authorities

YEAR_CLASH = "not the year of the reference date"
END_OF_YEAR = (3, 31)


def header_row(header: Header, name: str) -> tuple[dict[str, Any], Tally]:
    """The row of `returns` that a header makes, typed, and what was lost of it.

    The collection year is that of the reference date. Raises BadInput if there is no header, authority or reference
    date, or they cannot be those of a return.
    """
    if not header:
        raise refusal(name, None, "there is no <Header>, so it is not known whose return this is", "add the header")
    row: dict[str, Any] = {}
    lost: Counter[tuple[str, str, str]] = Counter()
    for column in RETURNS.columns:
        text, _ = header.get(column.name, (None, 0))
        row[column.name] = as_type(pa.chunked_array([pa.array([text], pa.string())]), column.type)[0].as_py()
        if text is not None and row[column.name] is None:
            lost[RETURNS.name, column.name, UNREADABLE] += 1
    year = _collection_year(header, row["reference_date"], name)
    check_authority(header, year, name)
    if row["year"] not in (None, year):
        lost[RETURNS.name, "year", YEAR_CLASH] += 1
    return row | {"lea": header["lea"][0], "collection_year": year}, Tally(lost=lost)


def _collection_year(header: Header, reference_date: date | None, name: str) -> int:
    if "reference_date" not in header:
        raise refusal(name, None, "the header has no <ReferenceDate>", "give 31 March of the collection year")
    if reference_date is None or (reference_date.month, reference_date.day) != END_OF_YEAR:
        line = header["reference_date"][1]
        raise refusal(name, line, "the reference date is not a 31 March", "give 31 March of the collection year")
    return reference_date.year


def check_authority(header: Header, year: int, name: str) -> None:
    """Raise BadInput unless the header names an authority that existed in the collection year."""
    if "lea" not in header:
        raise refusal(name, None, "the header has no <LEA>", "give the authority's three-digit code")
    code, line = header["lea"]
    rows = [authority for authority in authorities() if authority.old_la_code == code]
    first_known = min(authority.first_year for authority in authorities())
    if not rows:
        raise refusal(
            name, line, "the LEA is not the code of an authority", "correct it, or add it to local_authorities.csv"
        )
    if not any(authority.existed(max(year, first_known)) for authority in rows):
        remedy = "correct the LEA or the reference date"
        raise refusal(name, line, f"the authority made no return for {year}", remedy)
