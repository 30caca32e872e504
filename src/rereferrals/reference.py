"""Reference data: areas and their changes, code sets, working days. Every row carries the years it holds for."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from rereferrals.errors import BadInput
from rereferrals.release import REFERENCE, reporting_year

SATURDAY = 5
#: Code sets, a file each.
CODES = REFERENCE / "codes"
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
class Region:
    """A region; `in_prose` is its name within a sentence, and `within` the code of the one that it is a part of, as
    Inner London is of London."""

    code: str
    name: str
    in_prose: str
    within: str


@dataclass(frozen=True)
class Hexagon:
    """A place on the map of hexagons that stand on a point; odd rows are half a hexagon further right."""

    column: int
    row: int

    @property
    def across(self) -> float:
        """Hexagons from the left edge of the map to that of this one."""
        return self.column + 0.5 * (self.row % 2)

    @property
    def neighbours(self) -> tuple[Hexagon, ...]:
        """Those around it, clockwise from the one at the upper right."""
        right = self.column + self.row % 2
        return (
            Hexagon(right, self.row - 1), Hexagon(self.column + 1, self.row), Hexagon(right, self.row + 1),
            Hexagon(right - 1, self.row + 1), Hexagon(self.column - 1, self.row), Hexagon(right - 1, self.row - 1),
        )  # fmt: skip


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

    def fact(self, name: str) -> str | None:
        """What the notes say by this name, as in `group=White; other=…`; without what they add in brackets."""
        for part in self.notes.split(";"):
            key, found, value = part.strip().partition("=")
            if found and key == name:
                return None if value.startswith("(") else value.split(" (any of")[0]
        return None


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
def regions() -> tuple[Region, ...]:
    """The regions, in published order: those of England, then the parts of London."""
    return tuple(
        Region(code.code, code.label, code.fact("prose") or code.label, code.fact("within") or "")
        for code in code_set("region")
        if code.code != ENGLAND[0]
    )


@cache
def hexagons(folder: Path = REFERENCE) -> Mapping[str, Hexagon]:
    """Where each authority stands on the map, by its code; raises BadInput at a row that does not fit, or if one that
    has been an authority is missing."""
    path, known = folder / "hexagons.csv", {authority.old_la_code for authority in authorities()}
    found: dict[str, Hexagon] = {}
    for number, row in enumerate(_rows(path), 2):
        code, place = row["old_la_code"], f"{path}, line {number}"
        if code not in known:
            raise BadInput(f"{place}: there is no authority {code!r}: take its code from local_authorities.csv")
        if code in found:
            raise BadInput(f"{place}: {code} has a place already: leave one of the two rows")
        column, line = row["column"] or "", row["row"] or ""
        if not (column.isdecimal() and line.isdecimal()):
            raise BadInput(f"{place}: column and row are {column!r} and {line!r}; give whole numbers")
        found[code] = Hexagon(int(column), int(line))
        taken = [other for other in found if other != code and found[other] == found[code] and _met(code, other)]
        if taken:
            raise BadInput(f"{place}: {code} and {taken[0]} have one place in the same year: move one of them")
    if missing := sorted(known - set(found)):
        raise BadInput(f"{path} has no row for {', '.join(missing)}: add one, with the column and row of its place")
    return found


def _met(code: str, other: str) -> bool:
    """Whether two authorities existed in the same year."""
    one, two = ([a for a in authorities() if a.old_la_code == name] for name in (code, other))
    return any(a.existed(year) and b.existed(year) for a in one for b in two for year in (a.first_year, b.first_year))


def wholes() -> dict[str, str]:
    """The region that each part of one belongs to, by their codes."""
    return {region.code: region.within for region in regions() if region.within}


def areas_of(year: int) -> list[tuple[str, str, str, str, str]]:
    """The areas of a reporting year in published order: England, the regions, and the authorities that existed.

    Each is its region's code and name, and its `old_la_code`, `new_la_code` and name; blank where they do not apply.
    """
    there = sorted((a for a in authorities() if a.existed(year)), key=lambda a: (a.region_code, a.la_name))
    return [
        ("", "", "", "", ""),
        *((region.code, region.name, "", "", "") for region in regions()),
        *((a.region_code, a.region_name, a.old_la_code, a.new_la_code, a.la_name) for a in there),
    ]


@cache
def code_set(name: str) -> tuple[Code, ...]:
    """The codes of a code set, in published order; a code whose label changed has a row for each label."""
    return tuple(
        Code(row["code"], row["label"], _year(row["valid_from_year"]) or 0, _year(row["valid_to_year"]), row["notes"])
        for row in _rows(CODES / f"{name}.csv")
    )


@cache
def other_authority_codes() -> frozenset[tuple[str, str, str]]:
    """Old code, new code and name of authorities that no return of ours has, and that data files may."""
    return frozenset(
        (row["old_la_code"], row["new_la_code"], row["la_name"])
        for row in _rows(REFERENCE / "other_authority_codes.csv")
    )


@cache
def data_dictionary() -> dict[tuple[str, str], frozenset[str]]:
    """The items that the publishing platform's data dictionary has of a filter, by type and name of the column; none of
    an indicator."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in _rows(REFERENCE / "data_dictionary.csv"):
        found.setdefault((row["col_type"], row["col_name"]), set()).update(filter(None, [row["filter_item"]]))
    return {column: frozenset(items) for column, items in found.items()}


@cache
def standard_ethnicities() -> frozenset[tuple[str, str]]:
    """The major and minor ethnic groups that belong together in the government's standard."""
    return frozenset(
        (row["ethnicity_major"], row["ethnicity_minor"]) for row in _rows(REFERENCE / "standard_ethnicities.csv")
    )


def grouped(name: str, fact: str) -> dict[str, tuple[str, ...]]:
    """The codes of a code set by what their notes say under `fact`, in published order; codes without it are left out.

    grouped("ethnicity", "group") → {"White": ("WBRI", …), …}
    """
    groups: dict[str, list[str]] = {}
    for code in code_set(name):
        if (group := code.fact(fact)) is not None:
            groups.setdefault(group, []).append(code.code)
    return {group: tuple(dict.fromkeys(codes)) for group, codes in groups.items()}


def age_bands() -> dict[str, int]:
    """The published age bands of children who are born, in order, with the first age of each in completed years."""
    found = {code.label: code.fact("first_age") for code in code_set("age_band")}
    return {label: int(age) for label, age in found.items() if age is not None}


def first_years(name: str, fact: str) -> dict[str, int]:
    """For groups as `grouped` gives them, the first year in which one of their codes may be used; 0 if always."""
    return {
        group: min(code.valid_from_year for code in code_set(name) if code.code in codes)
        for group, codes in grouped(name, fact).items()
    }


#: The code that says that an assessment found no factor.
NO_FACTOR = "21"


def factor_bits(codes: Iterable[str]) -> int:
    """A set of assessment factors as a whole number: see `code_bits`."""
    return code_bits("assessment_factor", codes)


def code_bits(name: str, codes: Iterable[str]) -> int:
    """A set of codes of a code set as a whole number, with a bit for each code in the order of the code set."""
    places = code_places(name)
    return sum(1 << (places[code] - 1) for code in set(codes))


def code_places(name: str) -> dict[str, int]:
    """The place of each code in its code set, from 1: the whole number that it is stored as."""
    return {code: place for place, code in enumerate(dict.fromkeys(code.code for code in code_set(name)), 1)}


def any_factor() -> int:
    """The set of every assessment factor; that there is none is not one."""
    return factor_bits({code.code for code in code_set("assessment_factor")} - {NO_FACTOR})


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


def population(name: str, year: int) -> int:
    """A population of England for a reporting year, from `populations.csv`; raises BadInput if it is missing."""
    for row in _rows(REFERENCE / "populations.csv"):
        if row["name"] == name and int(row["time_period"]) == year:
            return int(row["population"])
    raise BadInput(f"{REFERENCE / 'populations.csv'} has no {name} for {year}: add the mid-year estimate of {year - 1}")


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


def working_days_between(start: date, end: date) -> int:
    """How many working days there are after `start` and up to `end` (M24)."""
    return sum(_is_working_day(start + timedelta(n)) for n in range(1, (end - start).days + 1))


def working_day_after(start: date, count: int) -> date:
    """The count-th working day after a day, which is day 0 (M24)."""
    day = start
    while count:
        day += timedelta(1)
        count -= _is_working_day(day)
    return day


def _is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in bank_holidays()


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _year(text: str) -> int | None:
    return int(text) if text else None


def _codes(text: str) -> tuple[str, ...]:
    """`838;839 (a note)` → ("838", "839")."""
    return tuple(part.strip()[:3] for part in text.split("(")[0].split(";") if part.strip())
