"""Reference data: areas and their changes, code sets, working days. Every row carries the years it holds for."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from rereferrals.errors import BadInput
from rereferrals.release import REFERENCE, reporting_year

ENGLAND = ("E92000001", "England")


@dataclass(frozen=True)
class Authority:
    """A local authority as it stood in some reporting years (M27)."""

    old_la_code: str
    new_la_code: str
    la_name: str
    region_code: str
    region_name: str
    first_year: int
    last_year: int | None
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]

    def existed(self, year: int) -> bool:
        """Whether the authority made a return for this reporting year."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)


@dataclass(frozen=True)
class Code:
    """One code of a code set, with the collection years in which it may be used.

    `valid_from_year` is 0 (blank in the file) for a code that was in use before the earliest year there is evidence of.
    """

    code: str
    label: str
    valid_from_year: int
    valid_to_year: int | None
    notes: str

    def valid(self, year: int) -> bool:
        """Whether the code may be used in this collection year."""
        return self.valid_from_year <= year and (self.valid_to_year is None or year <= self.valid_to_year)


@dataclass(frozen=True)
class Comparator:
    """A figure that was published elsewhere and is quoted beside ours, with the reporting year that it is of.

    `published_figure` is its name in `data/published_figures.csv`, if it is there.
    """

    name: str
    value: str
    unit: str
    year: int
    population: str
    source: str
    published_figure: str


@dataclass(frozen=True)
class Event:
    """A time that affects figures everywhere: a short label for charts, and a sentence for notes."""

    name: str
    first_day: date
    last_day: date
    label: str
    reason: str

    @property
    def years(self) -> range:
        """The reporting years that have a day of it."""
        return range(reporting_year(self.first_day), reporting_year(self.last_day) + 1)


@cache
def authorities() -> tuple[Authority, ...]:
    """Every authority since 2013, each ONS code a row of its own."""
    return tuple(
        Authority(
            row["old_la_code"], row["new_la_code"], row["la_name"], row["region_code"], row["region_name"],
            int(row["first_year"]), _year(row["last_year"]),
            _codes(row["predecessor_old_code"]), _codes(row["successor_old_code"]),
        )
        for row in _rows(REFERENCE / "local_authorities.csv")
    )  # fmt: skip


@cache
def code_set(name: str) -> tuple[Code, ...]:
    """The codes of a code set, in published order; a code whose label changed has a row for each label."""
    return tuple(
        Code(row["code"], row["label"], _year(row["valid_from_year"]) or 0, _year(row["valid_to_year"]), row["notes"])
        for row in _rows(REFERENCE / "codes" / f"{name}.csv")
    )


def comparator(name: str) -> Comparator:
    """A row of `comparators.csv`; raises BadInput if there is none of this name."""
    row = _named("comparators.csv", name)
    return Comparator(
        row["name"], row["value"], row["unit"], int(row["year"]), row["population"], row["source"],
        row["published_figure"],
    )  # fmt: skip


@cache
def events() -> tuple[Event, ...]:
    """Every row of `events.csv`, in the order of the file."""
    return tuple(
        Event(
            row["name"], date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"]),
            row["label"], row["reason"],
        )
        for row in _rows(REFERENCE / "events.csv")
    )  # fmt: skip


def event(name: str) -> Event:
    """A row of `events.csv`; raises BadInput if there is none of this name."""
    _named("events.csv", name)
    return next(event for event in events() if event.name == name)


def footnote(key: str) -> str:
    """The text of a footnote in `footnotes.csv`; raises BadInput if there is none of this key."""
    return _named("footnotes.csv", key, "key")["text"]


def _named(file: str, name: str, column: str = "name") -> dict[str, str]:
    for row in _rows(REFERENCE / file):
        if row[column] == name:
            return row
    raise BadInput(f"{REFERENCE / file} has no row whose {column} is {name!r}: add one")


@cache
def bank_holidays() -> tuple[date, ...]:
    """The bank holidays of England, in order (M24)."""
    return tuple(date.fromisoformat(row["date"]) for row in _rows(REFERENCE / "bank_holidays.csv"))


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _year(text: str) -> int | None:
    return int(text) if text else None


def _codes(text: str) -> tuple[str, ...]:
    """`838;839 (a note)` → ("838", "839")."""
    return tuple(part.strip()[:3] for part in text.split("(")[0].split(";") if part.strip())
