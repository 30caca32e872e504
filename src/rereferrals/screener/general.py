"""Rows that are there twice, and words in place of values."""

from __future__ import annotations

from collections.abc import Iterator

from rereferrals.screener.checks import Check, fails
from rereferrals.screener.files import Files
from rereferrals.screener.levels import INSTITUTION, PLACES, PLANNING_AREA, PROVIDER, SCHOOL, TIME_AND_PLACE

NULL_WORDS = ("NULL", "Null", "null", "NA", "na")
LEGACY_SYMBOLS = ("N/A", "n/a", ".", "..", "-")
REFUSED_SYMBOLS = ("~", ":")


@fails
def general_dupes(files: Files) -> Iterator[str]:
    """No two rows are of the same time, place and items."""
    alone = len(files.levels) == 1 and files.levels[0] in (SCHOOL, PROVIDER)
    left_out = (INSTITUTION, PLANNING_AREA) if alone else (*PLACES, PLANNING_AREA)
    names = dict.fromkeys(c for c in (*TIME_AND_PLACE, *files.filters, *files.groups) if c in files.data.columns)
    seen: dict[tuple[str, ...], int] = {}
    levels = files.data.columns["geographic_level"]
    for row, key in enumerate(zip(*(files.data.columns[name] for name in names), strict=True), 2):
        first = seen.setdefault(key, row)
        if first != row and levels[row - 2] not in left_out:
            yield f"there are two rows for {', '.join(filter(None, key))}, {first} and {row}: leave one of them"


def _null_words(files: Files) -> Iterator[str]:
    for table in (files.data, files.metadata):
        for fault in table.where(table.columns, NULL_WORDS.__contains__):
            yield f"{fault}: write a symbol, or leave out what is not known"


def _legacy_symbols(files: Files) -> Iterator[str]:
    for fault in files.data.where(files.data.columns, LEGACY_SYMBOLS.__contains__):
        yield f"{fault}: write a symbol of today, as z for what does not apply"


CHECKS = (
    general_dupes,
    Check(
        "general_null",
        "No cell has a word or an old symbol in place of a value.",
        failing=_null_words,
        warning=_legacy_symbols,
    ),
)


@fails
def ind_invalid_entry(files: Files) -> Iterator[str]:
    """No indicator has a symbol that is no longer used."""
    for fault in files.data.where(files.indicators, REFUSED_SYMBOLS.__contains__):
        yield f"{fault}: write a symbol of today, as c for what is confidential"


INDICATORS = (ind_invalid_entry,)
