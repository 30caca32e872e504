"""Items of filters."""

from __future__ import annotations

from collections.abc import Iterator

from rereferrals.screener.checks import fails, warns
from rereferrals.screener.files import Files
from rereferrals.screener.levels import NAMES_AS_FILTERS, PLACE_COLUMNS, TIME_AND_PLACE

MOST_ITEMS = 25_000
TOTAL = "Total"
TOTALS = ("Total", "total", "All", "all")


@fails
def filter_not_singular(files: Files) -> Iterator[str]:
    """Every filter has more than one item."""
    for name in files.filters:
        if len(items := files.data.items(name)) < 2:
            yield f"the filter {name!r} has one item alone, {items[0]!r}: leave its row of the metadata out"


PRECHECKS = (filter_not_singular,)


@warns
def filter_defaults(files: Files) -> Iterator[str]:
    """Every filter has a total, or the item that the metadata names in its place."""
    for row in files.of_type("Filter"):
        wanted = row["filter_default"] or TOTAL
        if wanted not in files.data.items(row["col_name"]):
            yield f"the filter {row['col_name']!r} has no item {wanted!r}: add it, or name another in filter_default"


@fails
def filter_group_level(files: Files) -> Iterator[str]:
    """No filter has more groups than items."""
    for row in files.of_type("Filter"):
        name, group = row["col_name"], row["filter_grouping_column"]
        if group and len(files.data.items(group)) > len(files.data.items(name)):
            yield f"{group!r} has more items than {name!r}, which it groups: exchange the two"


@fails
def filter_item_limit(files: Files) -> Iterator[str]:
    """No filter has more items than the platform can show."""
    for name in files.filters:
        if (count := len(files.data.items(name))) > MOST_ITEMS:
            yield f"the filter {name!r} has {count:,} items, more than {MOST_ITEMS:,}: merge some"


@fails
def filter_whitespace(files: Files) -> Iterator[str]:
    """No item of a filter and no place begins or ends with a blank."""
    for fault in files.data.where((*files.filters, *files.groups, *PLACE_COLUMNS), lambda cell: cell != cell.strip()):
        yield f"{fault}, with a blank at an end: take it away"


@fails
def filter_ob_total(files: Files) -> Iterator[str]:
    """No column of time or place has a total."""
    allowed = NAMES_AS_FILTERS if len(files.filters) == 1 else ()
    for fault in files.data.where((c for c in TIME_AND_PLACE if c not in allowed), TOTALS.__contains__):
        yield f"{fault}: leave it blank"


@fails
def filter_blanks(files: Files) -> Iterator[str]:
    """No item or group is blank."""
    for fault in files.data.where((*files.filters, *files.groups), lambda cell: not cell):
        yield f"{fault}: say which item it is, as in {TOTAL!r}"


CHECKS = (
    filter_defaults,
    filter_group_level,
    filter_item_limit,
    filter_whitespace,
    filter_ob_total,
    filter_blanks,
)
