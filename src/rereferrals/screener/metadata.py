"""What the metadata file says of filters and indicators."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from rereferrals.screener.checks import fails, warns
from rereferrals.screener.files import Files
from rereferrals.screener.levels import NAMES_AS_FILTERS, TIME_AND_PLACE

UNITS = ("", "%", "pp", "£", "£m", "numberstring")
#: Names that are taken for a place's code or name.
LOOKS_LIKE_PLACE = re.compile(
    r"(country|sch|prov|inst|estab|reg|la|local|rsc|pfa|pcon|lep|mca|oa|ward|mat).*"
    r"(name|code|urn|ukprn|number|upin|id)"
    r"|laestab|estab|sch|schools?|prov|providers?|inst|institutions?|name|code|urn|ukprn|number|upin|id"
    r"|region|la|lad|rsc|pcon|lep|mca|oa|ward|mat",
    re.IGNORECASE,
)


@fails
def meta_col_type(files: Files) -> Iterator[str]:
    """Every row is of a Filter or an Indicator."""
    for fault in files.metadata.where(["col_type"], lambda cell: cell not in ("Filter", "Indicator")):
        yield f"{fault} of the metadata: write Filter or Indicator"


@fails
def meta_ob_unit(files: Files) -> Iterator[str]:
    """Columns of time and place are not in the metadata."""
    barred = set(TIME_AND_PLACE) - {*NAMES_AS_FILTERS}
    for fault in files.metadata.where(["col_name"], barred.__contains__):
        yield f"{fault} of the metadata, which is of time or place: leave the row out"


@fails
def meta_col_name(files: Files) -> Iterator[str]:
    """Every row names its column."""
    for fault in files.metadata.where(["col_name"], lambda cell: not cell):
        yield f"{fault} of the metadata: name the column"


PRECHECKS = (meta_col_type, meta_ob_unit, meta_col_name)


def _repeated(files: Files, column: str) -> Iterator[str]:
    for cell, times in Counter(files.metadata.columns[column]).items():
        if cell and times > 1:
            yield f"{column} has {cell!r} in {times} rows of the metadata"


def _filled(files: Files, col_type: str, column: str) -> Iterator[str]:
    for row in files.of_type(col_type):
        if row[column]:
            yield f"{column} of the {col_type.lower()} {row['col_name']!r} is {row[column]!r}: leave it blank"


@fails
def meta_dupe_label(files: Files) -> Iterator[str]:
    """No label stands twice."""
    for fault in _repeated(files, "label"):
        yield f"{fault}: give each a label of its own"


@fails
def meta_label(files: Files) -> Iterator[str]:
    """Every row has a label."""
    for row in files.described:
        if not row["label"]:
            yield f"the label of {row['col_name']!r} is blank: say what it is"


@fails
def meta_fil_grp(files: Files) -> Iterator[str]:
    """Only filters have a grouping column."""
    yield from _filled(files, "Indicator", "filter_grouping_column")


@fails
def meta_fil_grp_dupe(files: Files) -> Iterator[str]:
    """No column groups two filters."""
    for fault in _repeated(files, "filter_grouping_column"):
        yield f"{fault}: give each filter a grouping column of its own"


@warns
def meta_fil_grp_is_fil(files: Files) -> Iterator[str]:
    """A column that groups a filter has a row of its own as a filter."""
    for name in files.groups:
        if name not in files.filters:
            yield f"{name!r} groups a filter and is none itself: add a row of it, if the platform should offer it"


@fails
def meta_fil_grp_match(files: Files) -> Iterator[str]:
    """Grouping columns are in the data."""
    for fault in files.metadata.where(["filter_grouping_column"], lambda cell: cell and cell not in files.data.columns):
        yield f"{fault} of the metadata, which is no column of the data: correct it"


@fails
def meta_fil_grp_stripped(files: Files) -> Iterator[str]:
    """No two groups are the same without their punctuation."""
    for name in files.groups:
        seen: dict[str, str] = {}
        for item in files.data.items(name):
            other = seen.setdefault(re.sub(r"[\W_]", "", item), item)
            if other != item:
                yield f"{name} has {other!r} and {item!r}, which differ in punctuation alone: write them the same"


@fails
def meta_filter_hint(files: Files) -> Iterator[str]:
    """Only filters have a hint."""
    yield from _filled(files, "Indicator", "filter_hint")


@fails
def meta_geog_catch(files: Files) -> Iterator[str]:
    """No filter looks like the code or name of a place."""
    allowed = NAMES_AS_FILTERS if len(files.filters) == 1 else ()
    for name in (*files.filters, *files.groups):
        if LOOKS_LIKE_PLACE.fullmatch(name) and name not in allowed:
            yield f"the filter {name!r} looks like the code or name of a place: call it by another name"


@fails
def meta_indicator_dp(files: Files) -> Iterator[str]:
    """Only indicators have decimal places."""
    yield from _filled(files, "Filter", "indicator_dp")


@fails
def meta_ind_unit(files: Files) -> Iterator[str]:
    """Only indicators have a unit."""
    yield from _filled(files, "Filter", "indicator_unit")


@fails
def meta_indicator_grouping(files: Files) -> Iterator[str]:
    """Only indicators have a heading."""
    yield from _filled(files, "Filter", "indicator_grouping")


@fails
def meta_col_name_spaces(files: Files) -> Iterator[str]:
    """No name of a column has a blank."""
    for fault in files.metadata.where(["col_name"], lambda cell: re.search(r"\s", cell)):
        yield f"{fault} of the metadata: write _ in place of the blank, there and in the data"


@fails
def meta_col_name_dupe(files: Files) -> Iterator[str]:
    """No column has two rows."""
    for fault in _repeated(files, "col_name"):
        yield f"{fault}: leave one of them"


@warns
def meta_ind_dp_set(files: Files) -> Iterator[str]:
    """Every indicator has its decimal places."""
    for row in files.of_type("Indicator"):
        if not row["indicator_dp"]:
            yield f"indicator_dp of {row['col_name']!r} is blank, and the platform shows two places: say how many"


@fails
def meta_ind_dp_values(files: Files) -> Iterator[str]:
    """Decimal places are whole numbers from 0 on."""
    for row in files.of_type("Indicator"):
        if not re.fullmatch("[0-9]*", row["indicator_dp"]):
            yield f"indicator_dp of {row['col_name']!r} is {row['indicator_dp']!r}: write a whole number from 0 on"


@fails
def meta_ind_unit_validation(files: Files) -> Iterator[str]:
    """Units are those that the platform knows."""
    for row in files.of_type("Indicator"):
        if row["indicator_unit"] not in UNITS:
            known = ", ".join(UNITS[1:])
            yield f"indicator_unit of {row['col_name']!r} is {row['indicator_unit']!r}: leave it blank or write {known}"


CHECKS = (
    meta_dupe_label,
    meta_label,
    meta_fil_grp,
    meta_fil_grp_dupe,
    meta_fil_grp_is_fil,
    meta_fil_grp_match,
    meta_fil_grp_stripped,
    meta_filter_hint,
    meta_geog_catch,
    meta_indicator_dp,
    meta_ind_unit,
    meta_indicator_grouping,
    meta_col_name_spaces,
    meta_col_name_dupe,
    meta_ind_dp_set,
    meta_ind_dp_values,
    meta_ind_unit_validation,
)
