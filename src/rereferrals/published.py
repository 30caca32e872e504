"""The published side: tables in which every cell is text as a reader sees it, a number or a symbol."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import pandas as pd

from rereferrals.errors import BadInput
from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL, DataSet

SYMBOLS = {
    "c": "confidential: suppressed to protect children",
    "k": "rounds to zero but is not zero",
    "u": "low reliability",
    "x": "not available",
    "z": "not applicable",
}

#: Where a release keeps its pages, and its data files among them, so that pages and data are published together.
PAGES = Path("html")
DATA_FILES = PAGES / "data"

#: Geography and time columns of every published table, in their published order.
KEYS = (
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name",
    "region_code", "region_name", "old_la_code", "new_la_code", "la_name",
)  # fmt: skip

#: Those of them that say which area a row is of, of a country; those that do not apply to its level are blank.
AREA = ("geographic_level", "region_code", "region_name", "old_la_code", "new_la_code", "la_name")

#: A number as it is published: without commas, leading or trailing zeros.
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?")
#: Text that a spreadsheet would run as a formula.
FORMULA = re.compile(r"^[=+\-@\t\r]")

#: A percentage is also published rounded once to a whole number, under its name with this suffix, for sentences.
WHOLE = "_whole"


@dataclass(frozen=True)
class PublishedTable:
    """A data set as published: one row per year, place and category; all columns text.

    Columns: those of KEYS that its levels need, its constants, its filters with their topics, its indicators, and for
    every Rate and Share a column `<name>_whole`, rounded once from the true counts to a whole number. Only
    `statistics.disclosure` makes one from counts; `places` makes some from others and from files published before, and
    all else reads it back with `read`. One that `keeps_order` has its rows as they were published.
    """

    data_set: DataSet
    frame: pd.DataFrame
    keeps_order: bool = False

    @cached_property
    def rows(self) -> list[Mapping[str, str]]:
        """The rows, each as column name → cell."""
        return records(self.frame)

    @cached_property
    def of_area(self) -> Mapping[tuple[str, ...], list[Mapping[str, str]]]:
        """The rows of England ("") and of each region, by its name and then its categories, one for each filter in
        declared order; those of each in order of year."""
        found: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
        for row in sorted(self.rows, key=lambda row: int(row["time_period"])):
            if row["geographic_level"] != LOCAL_AUTHORITY:
                area = "" if row["geographic_level"] == NATIONAL else row["region_name"]
                found.setdefault((area, *(row[f.name] for f in self.data_set.filters)), []).append(row)
        return found

    @cached_property
    def of_level(self) -> Mapping[str, Mapping[int, list[Mapping[str, str]]]]:
        """The rows by their geographic level and then their year."""
        found: dict[str, dict[int, list[Mapping[str, str]]]] = {}
        for row in self.rows:
            found.setdefault(row["geographic_level"], {}).setdefault(int(row["time_period"]), []).append(row)
        return found

    @staticmethod
    def path(folder: Path, data_set: DataSet) -> Path:
        """Where the release in `folder` keeps a data set."""
        return folder / "published" / f"{data_set.file_stem}.parquet"

    @classmethod
    def read(cls, folder: Path, data_set: DataSet) -> PublishedTable:
        """Read a data set of the release in `folder`; raises BadInput if it is not there."""
        path = cls.path(folder, data_set)
        if not path.exists():
            raise BadInput(f"{path} does not exist: build the release, or name the folder of one that is built")
        return cls(data_set, pd.read_parquet(path))

    def write(self, folder: Path) -> None:
        """Write to where `read` looks for it."""
        path = self.path(folder, self.data_set)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.frame.to_parquet(path, index=False)


#: What a release says of its own figures.
ABOUT = Path("published") / "about.json"


@dataclass(frozen=True)
class About:
    """What is known of a release: whether the census behind its figures was made up, and which sections it has."""

    made_up: bool
    sections: tuple[str, ...]

    @classmethod
    def read(cls, release: Path) -> About:
        """What the release in a folder says; raises BadInput if there is none."""
        path = release / ABOUT
        if not path.exists():
            raise BadInput(f"{path} does not exist: build the release, or name the folder of one that is built")
        said = json.loads(path.read_text(encoding="utf-8"))
        return cls(said["made_up"], tuple(said["sections"]))

    def write(self, release: Path) -> None:
        """Write it to where `read` looks for it."""
        path = release / ABOUT
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")


def records(frame: pd.DataFrame) -> list[dict[str, str]]:
    """The rows of a table of text, each as column name → cell; several times faster than pandas' own."""
    names = list(frame)
    columns = [frame[name].to_numpy(dtype=object).tolist() for name in names]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def number(text: str) -> float | None:
    """The number a published cell shows, or None for a symbol."""
    return None if text in SYMBOLS else float(text)


def level_of(region_code: str, old_la_code: str) -> str:
    """The geographic level of an area, by which of its codes are filled."""
    return LOCAL_AUTHORITY if old_la_code else REGIONAL if region_code else NATIONAL


def divide_half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest whole number, halves up; both non-negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def ratio(numerator: int, denominator: int, per: int, decimal_places: int) -> str:
    """A rate or percentage as published, rounded once from whole numbers, without trailing zeros.

    `z` if the denominator is 0, `k` if a numerator above 0 rounds to 0.
    """
    if denominator == 0:
        return "z"
    scaled = divide_half_up(numerator * per * 10**decimal_places, denominator)
    if numerator and not scaled:
        return "k"
    return decimal_text(scaled, decimal_places)


def decimal(value: Fraction | float, decimal_places: int) -> str:
    """A number as published: rounded once, halves away from zero, without trailing zeros."""
    size = int(abs(Fraction(value)) * 10**decimal_places + Fraction(1, 2))
    return decimal_text(size if value > 0 else -size, decimal_places)


def decimal_text(number: int, decimal_places: int) -> str:
    """So many units of the last decimal place as a number, without trailing zeros."""
    whole, rest = divmod(abs(number), 10**decimal_places)
    digits = f"{rest + 10**decimal_places}"[1:].rstrip("0")
    return ("-" if number < 0 else "") + (f"{whole}.{digits}" if digits else str(whole))
