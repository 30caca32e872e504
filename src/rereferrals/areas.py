"""What is known of areas beside their figures: how many children live there, how deprived they are, how inspected."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TypeVar

from rereferrals.errors import BadInput
from rereferrals.reference import ENGLAND, authorities, code_set
from rereferrals.release import A_YEAR, REFERENCE

POPULATIONS = ("vintage", "mid_year", "area_code", "population")
DEPRIVATION = ("index", "vintage", "old_la_code", "score", "basis", "source")
JUDGEMENTS = ("old_la_code", "framework", "inspection_start", "publication_date", "judgement", "source")

K = TypeVar("K")
V = TypeVar("V")

#: A region's ONS code, of the nine or of the two halves of London.
REGION = re.compile(r"E1[23]\d{6}")


@dataclass(frozen=True)
class Judgement:
    """An authority's overall judgement in one inspection of its services for children.

    `judgement` is a label of the code set `ofsted_judgement`, or None if the report gave no overall grade;
    `inspection_start` is None if it is not known.
    """

    old_la_code: str
    framework: str
    inspection_start: date | None
    publication_date: date
    judgement: str | None
    source: str


@dataclass(frozen=True)
class _Row:
    """A row of a reference table, which can say what is wrong with a cell of it."""

    place: str
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def wrong(self, column: str, remedy: str) -> BadInput:
        return BadInput(f"{self.place}: {column} is {self.cells[column]!r}; {remedy}")

    def year(self, column: str) -> int:
        if not re.fullmatch(A_YEAR, self[column]):
            raise self.wrong(column, "give a year in four digits")
        return int(self[column])

    def day(self, column: str) -> date:
        try:
            return date.fromisoformat(self[column])
        except ValueError:
            raise self.wrong(column, "give a date as year-month-day") from None

    def authority(self) -> str:
        if self["old_la_code"] not in _authority_codes():
            raise self.wrong("old_la_code", "give the code of an authority in local_authorities.csv, or add it there")
        return self["old_la_code"]


def population(area_code: str, reporting_year: int, vintage: int) -> int | None:
    """Children aged 0 to 17 in an area, for rates of a reporting year: the mid-year estimate of the year before (M20).

    `area_code` is the ONS code of England or a region, or an authority's `old_la_code`. `vintage` is the reporting year
    of the *Children in need* release that the estimates came out with. None if there is no estimate; raises BadInput
    if there is no such vintage.
    """
    estimates = populations()
    vintages = sorted({known for known, _, _ in estimates})
    if vintage not in vintages:
        raise BadInput(f"there are no populations of vintage {vintage}; choose one of {_listed(vintages)}")
    return estimates.get((vintage, reporting_year - 1, area_code))


def deprivation(index: str, vintage: int, folder: Path = REFERENCE) -> dict[str, Fraction]:
    """An index's average score of each authority that has one, by `old_la_code`; a higher score is more deprived (M21).

    Raises BadInput if there is no such index, or none of this vintage.
    """
    scores = _deprivation(folder)
    vintages = {name: sorted({year for known, year in scores if known == name}) for name, _ in scores}
    if index not in vintages:
        raise BadInput(f"there is no deprivation index {index!r}; choose one of {_listed(sorted(vintages))}")
    if vintage not in vintages[index]:
        raise BadInput(f"there is no vintage {vintage} of {index}; choose one of {_listed(vintages[index])}")
    return dict(scores[index, vintage])


@cache
def populations(folder: Path = REFERENCE) -> dict[tuple[int, int, str], int]:
    """Every estimate of `area_populations.csv`, by vintage, year of the estimate, and area."""
    return _by_key(folder / "area_populations.csv", POPULATIONS, POPULATIONS[:3], _estimate)


@cache
def _deprivation(folder: Path) -> dict[tuple[str, int], dict[str, Fraction]]:
    rows = _by_key(folder / "deprivation.csv", DEPRIVATION, DEPRIVATION[:3], _score)
    by_index: dict[tuple[str, int], dict[str, Fraction]] = {}
    for (index, vintage, code), score in rows.items():
        by_index.setdefault((index, vintage), {})[code] = score
    return by_index


@cache
def judgements(folder: Path = REFERENCE) -> tuple[Judgement, ...]:
    """Every row of `ofsted_judgements.csv`, in the order of the file: by authority, then by publication."""
    key = ("old_la_code", "framework", "publication_date")
    return tuple(_by_key(folder / "ofsted_judgements.csv", JUDGEMENTS, key, _judgement).values())


def _estimate(row: _Row) -> tuple[tuple[int, int, str], int]:
    code = row["area_code"]
    if code != ENGLAND[0] and code not in _authority_codes() and not REGION.fullmatch(code):
        raise row.wrong(
            "area_code", "give England's or a region's ONS code, or an authority's in local_authorities.csv"
        )
    if not row["population"].isdecimal():
        raise row.wrong("population", "give a whole number, or leave the row out if there is no estimate")
    return (row.year("vintage"), row.year("mid_year"), code), int(row["population"])


def _score(row: _Row) -> tuple[tuple[str, int, str], Fraction]:
    if not re.fullmatch(r"\d+(\.\d+)?", row["score"]):
        raise row.wrong("score", "give an average score as a decimal number")
    return (row["index"], row.year("vintage"), row.authority()), Fraction(row["score"])


def _judgement(row: _Row) -> tuple[tuple[str, str, str], Judgement]:
    labels = [code.label for code in code_set("ofsted_judgement")]
    if row["judgement"] not in ("", *labels):
        raise row.wrong(
            "judgement", f"choose one of {_listed(labels)}, or leave it blank if there was no overall grade"
        )
    judgement = Judgement(
        row.authority(), row["framework"], row.day("inspection_start") if row["inspection_start"] else None,
        row.day("publication_date"), row["judgement"] or None, row["source"],
    )  # fmt: skip
    return (row["old_la_code"], row["framework"], row["publication_date"]), judgement


def _by_key(
    path: Path, columns: tuple[str, ...], key: tuple[str, ...], read: Callable[[_Row], tuple[K, V]]
) -> dict[K, V]:
    """What each row of a file comes to, by its key; raises BadInput at a row that does not fit, or that is doubled."""
    found: dict[K, V] = {}
    for row in _rows(path, columns):
        name, value = read(row)
        if name in found:
            raise BadInput(f"{row.place}: there is a row of the same {', '.join(key)} above it; keep one of them")
        found[name] = value
    return found


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[_Row]:
    with open(path, newline="", encoding="utf-8") as file:
        for number, cells in enumerate(csv.DictReader(file), 2):
            if tuple(cells) != columns or None in cells.values():
                raise BadInput(f"{path}, line {number}: it does not have the cells {', '.join(columns)}")
            yield _Row(f"{path}, line {number}", cells)


@cache
def _authority_codes() -> frozenset[str]:
    return frozenset(authority.old_la_code for authority in authorities())


def _listed(choices: list[str] | list[int]) -> str:
    return ", ".join(map(str, choices))
