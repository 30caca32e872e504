"""What keeps a data set from the platform's API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rereferrals.screener.checks import warns
from rereferrals.screener.files import Files
from rereferrals.screener.levels import LEVELS

LONGEST_NAME = 50
LONGEST_LABEL = 100
LONGEST_CODE = 30
LONGEST_ITEM = 120
TO_DO = "use its words, or offer no API"


def _too_long(texts: Iterable[str], longest: int, what: str) -> Iterator[str]:
    for text in dict.fromkeys(texts):
        if len(text) > longest:
            yield f"the {what} {text!r} has {len(text)} characters: shorten it to {longest}"


@warns
def api_char_col_name(files: Files) -> Iterator[str]:
    """No column's name is too long."""
    yield from _too_long(files.data.columns, LONGEST_NAME, "column")


@warns
def api_char_col_label(files: Files) -> Iterator[str]:
    """No label is too long."""
    yield from _too_long(files.metadata.columns["label"], LONGEST_LABEL, "label")


@warns
def api_char_loc_code(files: Files) -> Iterator[str]:
    """No code of a place is too long."""
    codes = [column for level in LEVELS.values() for column in level.columns[:-1]]
    yield from _too_long(_items(files, codes), LONGEST_CODE, "code")


@warns
def api_char_filter_items(files: Files) -> Iterator[str]:
    """No item of a filter and no name of a place is too long."""
    names = [level.title for level in LEVELS.values()]
    yield from _too_long(_items(files, (*files.filters, *files.groups, *names)), LONGEST_ITEM, "item")


def _items(files: Files, columns: Iterable[str]) -> Iterator[str]:
    for column in columns:
        if column in files.data.columns:
            yield from files.data.items(column)


def _described(files: Files) -> list[tuple[str, str]]:
    """Type and name of every column of the metadata, those that group filters among them."""
    rows = [(row["col_type"], row["col_name"]) for row in files.described]
    return list(dict.fromkeys((*rows, *(("Filter", name) for name in files.groups))))


@warns
def data_dict_col_name(files: Files) -> Iterator[str]:
    """Every filter and indicator is in the platform's data dictionary."""
    for col_type, name in _described(files):
        if (col_type, name) not in files.lookups.dictionary:
            yield f"the {col_type.lower()} {name!r} is not known to be in the data dictionary: {TO_DO}"


@warns
def data_dict_fil_item(files: Files) -> Iterator[str]:
    """Every item of a filter of the data dictionary is in it too."""
    for col_type, name in _described(files):
        known = files.lookups.dictionary.get((col_type, name))
        if col_type == "Filter" and known is not None:
            for item in files.data.items(name):
                if item not in known:
                    yield f"{name} has {item!r}, which is not known to be in the data dictionary: {TO_DO}"


CHECKS = (
    api_char_col_name,
    api_char_col_label,
    api_char_loc_code,
    api_char_filter_items,
    data_dict_col_name,
    data_dict_fil_item,
)
