"""Which columns the files have, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rereferrals.screener.checks import Check, fails, warns
from rereferrals.screener.files import Files
from rereferrals.screener.levels import TIME_AND_PLACE

#: Every data file has these.
TIME_AND_COUNTRY = ("time_period", "time_identifier", "geographic_level", "country_code", "country_name")
METADATA_COLUMNS = (
    "col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp", "filter_hint",
    "filter_grouping_column",
)  # fmt: skip
OPTIONAL = ("filter_default", "parent_filter")
#: Items of filters that are taken for one wherever they stand in an indicator's name.
CHARACTERISTICS = re.compile(
    "male|female|asian|chinese|indian|pakistani|bangladeshi|black|african|caribbean|white|roma|irish|english|british|"
    "scottish|welsh|arab",
    re.IGNORECASE,
)


@fails
def col_req_meta(files: Files) -> Iterator[str]:
    """The metadata file has every column that it must have."""
    for name in METADATA_COLUMNS:
        if name not in files.metadata.columns:
            yield f"the metadata file has no column {name}: add it"


@fails
def col_invalid_meta(files: Files) -> Iterator[str]:
    """The metadata file has no other columns than it may have."""
    for name in files.metadata.columns:
        if name not in (*METADATA_COLUMNS, *OPTIONAL):
            yield f"the metadata file has the column {name!r}, which the platform does not know: leave it out"


@fails
def col_req_data(files: Files) -> Iterator[str]:
    """The data file has the columns of time, level and country."""
    for name in TIME_AND_COUNTRY:
        if name not in files.data.columns:
            yield f"the data file has no column {name}: add it"


@fails
def col_to_rows(files: Files) -> Iterator[str]:
    """The metadata file has no more rows than the data file has columns beside time, level and country."""
    rows, columns = len(files.metadata.records), len(files.data.columns) - len(TIME_AND_COUNTRY)
    if rows > columns:
        yield f"the metadata file has {rows} rows for {columns} columns of data: leave one row a filter or indicator"


PRECHECKS = (col_req_meta, col_invalid_meta, col_req_data, col_to_rows)


@fails
def cross_meta_to_data(files: Files) -> Iterator[str]:
    """Filters of the metadata, and what groups them, are in the data."""
    for name in (*files.filters, *files.groups):
        if name not in files.data.columns:
            yield f"the metadata file names {name!r}, which is no column of the data: add the column or correct the row"


@warns
def cross_data_to_meta(files: Files) -> Iterator[str]:
    """Every column of the data with more than one value is of time or place, or in the metadata."""
    described = {row[key] for row in files.described for key in ("col_name", "filter_grouping_column")}
    for name in files.data.columns:
        if name not in {*TIME_AND_PLACE, *described} and len(files.data.items(name)) > 1:
            yield f"the column {name!r} of the data is not in the metadata: describe it there, or leave it out"


CROSS_CHECKS = (cross_meta_to_data, cross_data_to_meta)


@fails
def col_names_spaces(files: Files) -> Iterator[str]:
    """No column's name has a blank."""
    for name in files.data.columns:
        if re.search(r"\s", name):
            yield f"the column {name!r} has a blank in its name: write _ in its place"


@warns
def col_snake_case(files: Files) -> Iterator[str]:
    """Columns' names are of small letters, digits and _."""
    for name in files.data.columns:
        if re.search("[^a-z0-9_]", name):
            yield f"the column {name!r} has capitals or special characters: use small letters, digits and _"


@warns
def col_var_start(files: Files) -> Iterator[str]:
    """Columns' names begin with a small letter."""
    for name in files.data.columns:
        if not re.match("[a-z]", name):
            yield f"the column {name!r} does not begin with a small letter: call it by another name"


def _smushed(files: Files) -> list[str]:
    return [name for name in files.indicators if CHARACTERISTICS.search(name)]


def _new_and_smushed(files: Files) -> Iterator[str]:
    for name in _smushed(files):
        if name not in files.lookups.published_names:
            yield f"the indicator {name!r} has a characteristic in its name: make it an item of a filter"


def _published_and_smushed(files: Files) -> Iterator[str]:
    for name in _smushed(files):
        yield f"the indicator {name!r} has a characteristic in its name, and has been published so: ask the platform"


@warns
def col_var_characteristic(files: Files) -> Iterator[str]:
    """Filters are called by what they are, not characteristic."""
    for name in (*files.filters, *files.groups):
        if name in ("characteristic", "characteristic_group"):
            yield f"the filter {name} does not say what it is: make a filter of each characteristic"


CHECKS = (
    col_names_spaces,
    col_snake_case,
    col_var_start,
    Check(
        "col_ind_smushed",
        "No indicator's name has a characteristic in it that belongs in a filter.",
        failing=_new_and_smushed,
        warning=_published_and_smushed,
    ),
    col_var_characteristic,
)
