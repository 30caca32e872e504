"""Data files and their metadata files, in the standard of the explore education statistics platform.

A file is one year's whole history, newest first, then areas from England down, then categories as declared with the
total first; so its bytes follow from the published values alone.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pandas as pd

from rereferrals.dissemination.claims import COUNT_HALF_STEP
from rereferrals.dissemination.text import NUMBER, half_up, to_csv
from rereferrals.errors import BadInput, QualityError
from rereferrals.model import (
    LOCAL_AUTHORITY,
    NATIONAL,
    REGIONAL,
    Count,
    DataSet,
    Estimate,
    Filter,
    Indicator,
    Share,
)
from rereferrals.published import FORMULA, SYMBOLS, WHOLE, PublishedTable, records
from rereferrals.release import Release
from rereferrals.screener import screen
from rereferrals.screener.api import LONGEST_LABEL
from rereferrals.screener.columns import METADATA_COLUMNS, TIME_AND_COUNTRY

LEVELS = (NATIONAL, REGIONAL, LOCAL_AUTHORITY)
#: Columns that a level adds to those that every file has.
LEVEL_COLUMNS = {
    NATIONAL: (),
    REGIONAL: ("region_code", "region_name"),
    LOCAL_AUTHORITY: ("region_code", "region_name", "old_la_code", "new_la_code", "la_name"),
}


def columns(data_set: DataSet) -> tuple[str, ...]:
    """The columns of a data set's file, in order: time, areas that its levels need, constants, filters, indicators."""
    areas = dict.fromkeys(column for level in LEVELS if level in data_set.levels for column in LEVEL_COLUMNS[level])
    return (
        *TIME_AND_COUNTRY,
        *areas,
        *data_set.constants,
        *data_set.filter_columns,
        *(indicator.name for indicator in data_set.indicators),
    )


def write_data_set(table: PublishedTable, folder: Path, release: Release) -> tuple[Path, Path]:
    """Write the data file and the metadata file of a release to `folder`; returns both paths.

    Categories are spelt as the release says.

    Raises QualityError, naming the column and what is wrong, if the platform would refuse the files or a reader could
    be misled by them; nothing is there then. What was written is read back and compared, cell by cell, and screened.
    """
    data_set, spelling = table.data_set, release.spelling
    rows = _spelt(_rows(table), data_set, spelling)
    metadata = [
        row | {"filter_default": spelling[row["filter_default"]]} if row.get("filter_default") in spelling else row
        for row in metadata_rows(data_set)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as scratch:
        new = paths(Path(scratch), data_set, release)
        for path, header, cells in zip(
            new,
            (columns(data_set), tuple(metadata[0])),
            (rows, [tuple(row.values()) for row in metadata]),
            strict=True,
        ):
            path.write_bytes(to_csv([header, *cells]))
            _check_read_back(path, [header, *cells])
        _check_screening(data_set, *new)
        for path in new:
            path.replace(folder / path.name)
    return paths(folder, data_set, release)


def _check_screening(data_set: DataSet, data: Path, metadata: Path) -> None:
    if faults := screen(data, metadata).faults():
        raise QualityError("\n".join([f"{data_set.id}: {data.name} would be refused:", *map(str, faults)]))


def _spelt(rows: list[tuple[str, ...]], data_set: DataSet, spelling: Mapping[str, str]) -> list[tuple[str, ...]]:
    filters = {f.name for f in data_set.filters}
    names = columns(data_set)
    return [
        tuple(spelling.get(cell, cell) if name in filters else cell for name, cell in zip(names, row, strict=True))
        for row in rows
    ]


def metadata_rows(data_set: DataSet) -> list[dict[str, str]]:
    """The rows of the metadata file: every filter, then every indicator."""
    blank = dict.fromkeys(METADATA_COLUMNS, "")
    if any(f.published_total is None for f in data_set.filters):
        blank["filter_default"] = ""
    rows = [blank | _filter_row(declared) for declared in data_set.filters]
    rows += [blank | _indicator_row(indicator) for indicator in data_set.indicators]
    _check_labels(data_set, [row["label"] for row in rows])
    return rows


def read_data_set(folder: Path, data_set: DataSet, release: Release) -> PublishedTable:
    """Read a data set back from its data file, so that pages can be made again from what was published.

    The whole numbers that sentences quote are not in the file, so they are worked out from it (see `_whole`).
    Raises BadInput if the file is missing or is not of this data set.
    """
    path, _ = paths(folder, data_set, release)
    if not path.exists():
        raise BadInput(f"{path} does not exist: name the folder of a published release's data files")
    frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    if tuple(frame.columns) != columns(data_set):
        raise BadInput(f"{path} has other columns than {data_set.id}: is it of another release?")
    for declared in data_set.filters:
        frame[declared.name] = frame[declared.name].replace({theirs: ours for ours, theirs in release.spelling.items()})
    for indicator in data_set.indicators:
        if not isinstance(indicator, Count | Estimate):
            parts = _parts(indicator, frame, data_set)
            frame[indicator.name + WHOLE] = [
                _whole(text, *part, indicator.per) for text, part in zip(frame[indicator.name], parts, strict=True)
            ]
    return PublishedTable(data_set, frame)


def _rows(table: PublishedTable) -> list[tuple[str, ...]]:
    """The cells of the data file, checked and in order."""
    data_set, frame = table.data_set, table.frame
    missing = [column for column in columns(data_set) if column not in frame]
    if missing:
        raise QualityError(f"{data_set.id}: the published table lacks {', '.join(missing)}")
    frame = frame[list(columns(data_set))]
    _check_keys(data_set, frame)
    _check_filters(data_set, frame)
    cells = list(frame.itertuples(index=False, name=None))
    if table.keeps_order:
        return cells
    order = [_position(data_set, row) for row in records(frame)]
    return [row for _, row in sorted(zip(order, cells, strict=True))]


def _position(data_set: DataSet, row: dict[str, str]) -> tuple[object, ...]:
    areas = tuple(row.get(column, "") for column in ("region_code", "la_name", "new_la_code"))
    categories = tuple(_categories(f).index(row[f.name]) for f in data_set.filters)
    return -int(row["time_period"]), LEVELS.index(row["geographic_level"]), *areas, *categories


def _categories(declared: Filter) -> tuple[str, ...]:
    return declared.published_categories


def _check_keys(data_set: DataSet, frame: pd.DataFrame) -> None:
    bad_years = [year for year in frame["time_period"] if not re.fullmatch(r"\d{4}", year)]
    if bad_years:
        raise QualityError(f"{data_set.id}: time_period {bad_years[0]!r} is not a year")
    levels = set(frame["geographic_level"])
    if not levels <= set(data_set.levels):
        raise QualityError(f"{data_set.id} has rows at levels that it does not declare: {sorted(levels)}")
    area_columns = [column for column in frame if column in LEVEL_COLUMNS[LOCAL_AUTHORITY]]
    for level, rows in frame.groupby("geographic_level"):
        for column in area_columns:
            wanted = column in LEVEL_COLUMNS[str(level)]
            if any(bool(cell) != wanted for cell in rows[column]):
                raise QualityError(f"{data_set.id}: {column} must be {'filled' if wanted else 'blank'} on {level} rows")


def _check_filters(data_set: DataSet, frame: pd.DataFrame) -> None:
    for declared in data_set.filters:
        unknown = set(frame[declared.name]) - set(_categories(declared))
        if unknown:
            raise QualityError(f"{data_set.id}: {declared.name} has no category {sorted(unknown)[0]!r}")
        if declared.topic_column and list(map(declared.topic, frame[declared.name])) != list(
            frame[declared.topic_column]
        ):
            raise QualityError(f"{data_set.id}: {declared.topic_column} has a category under another topic")


def _filter_row(declared: Filter) -> dict[str, str]:
    row = {
        "col_name": declared.name,
        "col_type": "Filter",
        "label": declared.label,
        "filter_hint": declared.hint,
        "filter_grouping_column": declared.topic_column,
    }
    return row if declared.published_total is not None else row | {"filter_default": declared.default or ""}


def _indicator_row(indicator: Indicator) -> dict[str, str]:
    places, unit = (0, "") if isinstance(indicator, Count) else (indicator.decimal_places, indicator.unit)
    return {
        "col_name": indicator.name,
        "col_type": "Indicator",
        "label": indicator.label,
        "indicator_unit": unit,
        "indicator_dp": str(places),
    }


def _check_labels(data_set: DataSet, labels: list[str]) -> None:
    for label in labels:
        if not label or len(label) > LONGEST_LABEL or labels.count(label) > 1 or FORMULA.match(label):
            raise QualityError(
                f"{data_set.id}: the label {label!r} must be filled, different from the others, at most "
                f"{LONGEST_LABEL} characters long and not begin like a formula"
            )


def paths(folder: Path, data_set: DataSet, release: Release) -> tuple[Path, Path]:
    """The data file and the metadata file of a data set of a release in `folder`."""
    name = data_set.data_file(release)
    return folder / f"{name}.csv", folder / f"{name}.meta.csv"


def _check_read_back(path: Path, rows: list[tuple[str, ...]]) -> None:
    with open(path, newline="", encoding="utf-8") as file:
        for number, (written, wanted) in enumerate(zip(csv.reader(file), rows, strict=True), 1):
            if tuple(written) != wanted:
                raise QualityError(f"{path}, line {number}, reads back as {written}, not as {list(wanted)}")


def _parts(indicator: Indicator, frame: pd.DataFrame, data_set: DataSet) -> list[tuple[str, str]]:
    """The published numerator and denominator of a rate or share, row by row; blank where they are not published."""
    if isinstance(indicator, Count | Estimate):
        raise TypeError(f"{indicator.name} is not a ratio and has no parts")
    if isinstance(indicator, Share) and not indicator.within.hidden_total:
        keys = [c for c in frame if c not in {i.name for i in data_set.indicators} and c != indicator.within.name]
        totals = frame[frame[indicator.within.name] == indicator.within.total].set_index(keys)[indicator.of.name]
        return [(row[indicator.of.name], totals[tuple(row[keys])]) for _, row in frame.iterrows()]
    blank = pd.Series("", index=frame.index)
    if isinstance(indicator, Share):
        return [(above, "") for above in frame[indicator.of.name]]
    numerators, denominators = (frame.get(c.name, blank) for c in (indicator.numerator, indicator.denominator))
    return list(zip(numerators, denominators, strict=True))


def _whole(text: str, numerator: str, denominator: str, per: int) -> str:
    """A published rate as a whole number, as if rounded once from the true counts; `k` if it rounds to zero.

    Only one that ends in 5 can go either way: then the published counts decide, and where they leave it open the rate
    stays as published, which is always true.
    """
    if text in SYMBOLS:
        return text
    if not text.endswith(".5"):
        return _rounded(Fraction(text))
    if not (NUMBER.fullmatch(numerator) and NUMBER.fullmatch(denominator)):
        return text
    low = per * (Fraction(numerator) - COUNT_HALF_STEP) / (Fraction(denominator) + COUNT_HALF_STEP)
    high = per * (Fraction(numerator) + COUNT_HALF_STEP) / max(Fraction(denominator) - COUNT_HALF_STEP, Fraction(1))
    return _rounded(low) if _rounded(low) == _rounded(high) else text


def _rounded(number: Fraction) -> str:
    whole = half_up(number)
    return "k" if number > 0 and not whole else str(whole)
