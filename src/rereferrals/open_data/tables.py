"""Which rows of which reference table are made from which sources, and how."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from rereferrals import areas
from rereferrals.open_data import readers
from rereferrals.open_data.readers import Correction, Scores, Table
from rereferrals.open_data.sources import Source
from rereferrals.open_data.tabular import rows
from rereferrals.release import A_YEAR

POPULATIONS = "area_populations.csv"
DEPRIVATION = "deprivation.csv"
JUDGEMENTS = "ofsted_judgements.csv"
#: Table → its columns, and those that tell its rows apart, by which it is sorted.
COLUMNS = {POPULATIONS: areas.POPULATIONS, DEPRIVATION: areas.DEPRIVATION, JUDGEMENTS: areas.JUDGEMENTS}
KEYS = {
    POPULATIONS: areas.POPULATIONS[:3],
    DEPRIVATION: areas.DEPRIVATION[:3],
    JUDGEMENTS: ("old_la_code", "publication_date", "framework"),
}
#: The source of judgements, which is put together by hand.
INSPECTIONS = "ofsted_inspections"
#: The source of the figures by authority that *Children in need* publishes of referrals; it is used as it is.
REFERRALS = "cin_c1"
#: Quantities that only serve to average those of districts.
PEOPLE = ("people_scale", "people_share")
AUTHORITY = "authority"

#: The file of a source.
Files = Callable[[str], Path]


@dataclass(frozen=True)
class Part:
    """The rows of a table in which some columns have these values, and the sources that they are made from.

    `table` is blank if the sources are only checked.
    """

    table: str
    where: Mapping[str, str]
    sources: frozenset[str]
    make: Callable[[Files], Table]

    def holds(self, row: Mapping[str, str]) -> bool:
        """Whether a row of the table belongs to the part."""
        return all(row[column] == value for column, value in self.where.items())


@dataclass(frozen=True)
class Column:
    """A column of a source, as a row of `open_readings.csv` has it."""

    quantity: str
    vintage: str
    source: str
    part: str
    code_column: str
    value_column: str
    reporting_year: str


def parts(folder: Path, sources: Mapping[str, Source]) -> list[Part]:
    """Every part of every table that sources make, in a folder of reference data."""
    return [
        *(_populations(name) for name in sources if re.fullmatch(f"populations_{A_YEAR}", name)),
        *_deprivation(folder, sources),
        Part(JUDGEMENTS, {}, frozenset({INSPECTIONS}), lambda files: readers.judgements(rows(files(INSPECTIONS)))),
        Part("", {}, frozenset({REFERRALS}), _check_referrals),
    ]


def sheets(folder: Path, source: str) -> list[str]:
    """The sheets of a source that are read, or one blank name if it has none."""
    return sorted({reading.part for reading in readings(folder) if reading.source == source} or {""})


def readings(folder: Path) -> list[Column]:
    """The rows of `open_readings.csv`."""
    return [Column(**row) for row in stored(folder / "open_readings.csv")]


def stored(path: Path) -> Table:
    """The rows of a reference table as they are."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def merged(table: str, old: Table, part: Part, made: Table) -> Table:
    """A table with the rows of a part as they are made now."""
    kept = [row for row in old if not part.holds(row)]
    return sorted([*kept, *made], key=lambda row: tuple(row[column] for column in KEYS[table]))


def _populations(name: str) -> Part:
    vintage = name.removeprefix("populations_")
    return Part(
        POPULATIONS,
        {"vintage": vintage},
        frozenset({name}),
        lambda files: readers.populations(rows(files(name)), int(vintage)),
    )


def _check_referrals(files: Files) -> Table:
    readers.by_area(rows(files(REFERRALS)), 0)
    return []


def _deprivation(folder: Path, sources: Mapping[str, Source]) -> list[Part]:
    found = readings(folder)
    corrections = [Correction(**row) for row in stored(folder / "open_corrections.csv")]
    extracts = stored(folder / "deprivation_extracts.csv")
    return [
        _index(reading, [other for other in found if other.vintage == reading.vintage], sources, corrections, extracts)
        for reading in found
        if reading.reporting_year
    ]


def _index(
    reading: Column,
    vintage: list[Column],
    sources: Mapping[str, Source],
    corrections: list[Correction],
    extracts: Table,
) -> Part:
    """An index of a vintage: its reading, and those of the vintage that tell of districts."""
    beside = {other.quantity: other for other in vintage if other.quantity in (*PEOPLE, AUTHORITY)}
    own = {"index": reading.quantity, "vintage": reading.vintage}

    def make(files: Files) -> Table:
        first = _scores(reading, files, corrections, sources[reading.source].title)
        around = {quantity: _scores(other, files, corrections) for quantity, other in beside.items()}
        districts = around[AUTHORITY].values if AUTHORITY in around else {}
        scores = readers.deprivation(
            [first, *_extracts(extracts, own)], int(reading.reporting_year), districts, _people(around)
        )
        return [
            own | {"old_la_code": code, "score": score, "basis": basis, "source": source}
            for code, (score, basis, source) in sorted(scores.items())
        ]

    return Part(DEPRIVATION, own, frozenset({reading.source, *(other.source for other in beside.values())}), make)


def _scores(reading: Column, files: Files, corrections: list[Correction], title: str = "") -> Scores:
    found = rows(files(reading.source), reading.part)
    place = f"{reading.source}/{reading.part}"
    right = readers.corrected(found, place, reading.code_column, corrections)
    return readers.column(
        right, reading.code_column, reading.value_column, title, "published", decimal=reading.quantity != AUTHORITY
    )


def _people(around: Mapping[str, Scores]) -> dict[str, Fraction]:
    """How many people live in each district: those in income deprivation, divided by their share of all."""
    if not set(PEOPLE) <= set(around):
        return {}
    scale, share = (around[quantity].values for quantity in PEOPLE)
    return {code: Fraction(count) / Fraction(share[code]) for code, count in scale.items() if code in share}


def _extracts(extracts: Table, own: Mapping[str, str]) -> list[Scores]:
    wanted = [row for row in extracts if (row["index"], row["vintage"]) == (own["index"], own["vintage"])]
    return [Scores({row["code"]: row["score"]}, {}, row["source"], row["basis"]) for row in wanted]
