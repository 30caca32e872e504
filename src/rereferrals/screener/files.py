"""A data file and its metadata file, read as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rereferrals.errors import BadInput
from rereferrals.screener.lookups import Lookups

METADATA_ENDING = ".meta.csv"


@dataclass(frozen=True)
class Table:
    """A CSV file: column → its cells, all text. Rows count from 1, the header, as a spreadsheet shows them; columns are
    by name, so that what is found does not depend on their order."""

    columns: Mapping[str, tuple[str, ...]]

    @cached_property
    def first_rows(self) -> Mapping[str, Mapping[str, int]]:
        """Column → its different cells, in the order in which they come → the first row that each is in."""
        found: dict[str, dict[str, int]] = {}
        for name, cells in self.columns.items():
            rows = found[name] = {}
            for row, cell in enumerate(cells, 2):
                rows.setdefault(cell, row)
        return found

    def items(self, column: str) -> list[str]:
        """The different cells of a column."""
        return list(self.first_rows[column])

    def where(self, columns: Iterable[str], wrong: Callable[[str], object]) -> Iterator[str]:
        """`column has 'cell' in row n` for the different cells of these columns, as far as they are there, of which
        something is wrong."""
        for column in columns:
            for cell, row in self.first_rows.get(column, {}).items():
                if wrong(cell):
                    yield f"{column} has {cell!r} in row {row}"

    @property
    def records(self) -> list[dict[str, str]]:
        """The rows, each as column → cell."""
        return [dict(zip(self.columns, cells, strict=True)) for cells in zip(*self.columns.values(), strict=True)]


@dataclass(frozen=True)
class Files:
    """A pair of files under the names that they are to be published under, and what codes and names are compared
    with."""

    data_name: str
    metadata_name: str
    data: Table
    metadata: Table
    lookups: Lookups

    @cached_property
    def described(self) -> list[dict[str, str]]:
        """The rows of the metadata file, each with every column that it may have."""
        optional = {"filter_default": "", "filter_grouping_column": ""}
        return [optional | row for row in self.metadata.records]

    def of_type(self, col_type: str) -> list[dict[str, str]]:
        """The metadata rows of this type, `Filter` or `Indicator`."""
        return [row for row in self.described if row["col_type"] == col_type]

    @cached_property
    def filters(self) -> list[str]:
        """The columns that the metadata says are filters."""
        return [row["col_name"] for row in self.of_type("Filter")]

    @cached_property
    def groups(self) -> list[str]:
        """The columns that group the items of filters."""
        return [row["filter_grouping_column"] for row in self.of_type("Filter") if row["filter_grouping_column"]]

    @cached_property
    def indicators(self) -> list[str]:
        """The columns that the metadata says are indicators."""
        return [row["col_name"] for row in self.of_type("Indicator")]

    @cached_property
    def levels(self) -> list[str]:
        """The geographic levels of the data file."""
        return self.data.items("geographic_level")


def metadata_path(data: Path) -> Path:
    """Where the platform looks for the metadata of a data file: beside it, ending in `.meta.csv`."""
    return data.with_name(data.name.removesuffix(".csv") + METADATA_ENDING)


def read(path: Path) -> Table:
    """Read a CSV file; raises BadInput if it is not one in UTF-8 with a header and rows of its length."""
    if path.suffix != ".csv":
        raise BadInput(f"{path.name} does not end in .csv: save it as CSV")
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if "\0" in text:
            raise csv.Error("it has NUL characters")
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror}): name a file that is there") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 at byte {error.start + 1}: save it as CSV UTF-8") from None
    except csv.Error as error:
        raise BadInput(f"{path.name} is not CSV ({error}): save it as CSV") from None
    except ValueError:
        raise BadInput(f"{path.name} is empty: give it a header and rows") from None
    if not rows:
        raise BadInput(f"{path.name} has a header and nothing below: give it rows")
    for name in header:
        if header.count(name) > 1:
            raise BadInput(f"{path.name} has the column {name!r} {header.count(name)} times: leave one of them")
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise BadInput(
                f"{path.name}, row {number}, has {len(row)} cells and the header has {len(header)}: make them the same"
            )
    return Table(dict(sorted(zip(header, zip(*rows, strict=True), strict=True))))
