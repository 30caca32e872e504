"""A data set of a release in further formats, made from its data file: a spreadsheet (ODS), and parquet.

The spreadsheet has sheets as the guidance on accessible spreadsheets asks: a cover, contents, notes, and the table with
the labels of its variables in place of their names. The parquet file has every cell as the text it is in the data file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from rereferrals.dissemination import descriptions, opendocument
from rereferrals.dissemination.opendocument import Sheet
from rereferrals.model import DataSet
from rereferrals.published import SYMBOLS
from rereferrals.reference import footnote
from rereferrals.release import Release

COVER, CONTENTS, NOTES = "Cover", "Contents", "Notes"


def paths(folder: Path, data_set: DataSet, release: Release) -> tuple[Path, Path]:
    """The spreadsheet and the parquet file of a data set of a release in `folder`."""
    name = data_set.data_file(release)
    return folder / f"{name}.ods", folder / f"{name}.parquet"


def write(data_set: DataSet, folder: Path, release: Release, made_up: bool) -> tuple[Path, Path]:
    """Write both from the data file in `folder`, beside it; returns their paths. `made_up` is said on the cover.

    Raises BadInput if the data file is missing or is not of this data set, and QualityError if it holds what a
    spreadsheet must not.
    """
    names, *rows = descriptions.read_file(folder, data_set, release)
    spreadsheet, columns = paths(folder, data_set, release)
    opendocument.write(
        spreadsheet,
        sheets(data_set, rows, release, made_up),
        title=_title(data_set),
        subject=release.title,
        creator=release.contact_name,
    )
    cells = list(zip(*rows, strict=True)) or [()] * len(names)
    arrays = [pa.array(column, pa.string()) for column in cells]
    parquet.write_table(pa.table(arrays, names=list(names)), columns)
    return spreadsheet, columns


def sheets(data_set: DataSet, rows: Sequence[Sequence[str]], release: Release, made_up: bool) -> tuple[Sheet, ...]:
    """The sheets of a data set with these rows of its data file."""
    notes, table = _notes(data_set, release), _table(data_set, rows)
    cover = _cover(data_set, release, made_up)
    return cover, _contents((cover, notes, table)), notes, table


def _title(data_set: DataSet) -> str:
    return f"{data_set.id}: {data_set.title}"


def _cover(data_set: DataSet, release: Release, made_up: bool) -> Sheet:
    facts = {"Data set": _title(data_set)} | descriptions.about(release)
    sentences = (descriptions.MADE_UP,) if made_up else ()
    rows, links = list(facts.items()), descriptions.links(release)
    return Sheet(COVER, data_set.title, sentences, "cover", ("About", "Detail"), rows, links=links)


def _contents(others: Sequence[Sheet]) -> Sheet:
    rows = [(sheet.name, "About this spreadsheet" if sheet.name == COVER else sheet.title) for sheet in others]
    links = {sheet.name: f"#{sheet.name}.A1" for sheet in others}
    return Sheet(CONTENTS, CONTENTS, (), "contents", ("Sheet", "Title"), rows, links=links)


def _notes(data_set: DataSet, release: Release) -> Sheet:
    rows = [(f"Symbol {symbol}", meaning) for symbol, meaning in SYMBOLS.items()]
    rows += [(f"Note {number}", footnote(key)) for number, key in enumerate(data_set.footnotes, 1)]
    rows += [(f"Rounding {number}", text) for number, text in enumerate(descriptions.rounding(release), 1)]
    return Sheet(NOTES, "Symbols, notes and rounding", (), "notes", ("Note", "Meaning"), rows)


def _table(data_set: DataSet, rows: Sequence[Sequence[str]]) -> Sheet:
    variables = descriptions.variables(data_set)
    sentences = [f"This sheet has one table. Symbols in place of numbers are explained on the sheet {NOTES}."]
    if not all(map(all, rows)):
        sentences.append("A blank cell is of a column that does not apply to the geographic level of the row.")
    return Sheet(
        f"Table_{data_set.id}",
        _title(data_set),
        sentences,
        data_set.file_stem,
        [variable.label for variable in variables],
        rows,
        numeric=[v.label for v in variables if v.kind == descriptions.INDICATOR or v.name == "time_period"],
    )
