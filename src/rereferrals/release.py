"""What makes one year's release different from another's: a release file, and rows of reference data."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from rereferrals.errors import BadInput

PROJECT = Path(__file__).resolve().parents[2]
RELEASES = PROJECT / "data" / "releases"
REFERENCE = PROJECT / "data" / "reference"


def reporting_year(day: date) -> int:
    """The year, ending 31 March, that a day falls in: 2024-03-31 is 2024 and 2024-04-01 is 2025 (M01)."""
    return day.year + ((day.month, day.day) > (3, 31))


def _check_choices(settings: object, table: str) -> None:
    """Refuse a setting of a table of the release file that is none of its choices."""
    for name, kind in get_type_hints(type(settings)).items():
        allowed = (False, True) if kind is bool else get_args(kind) if get_origin(kind) is Literal else ()
        if allowed and getattr(settings, name) not in allowed:
            raise BadInput(
                f"{table}: {name} is {getattr(settings, name)!r}; choose one of {', '.join(map(str, allowed))}"
            )


@dataclass(frozen=True)
class Method:
    """What the published method leaves open and a release must decide; the defaults fit what was published.

    - `same_day` (M01): a child's groups with one referral date `collapse` into one, or the annual method `keep`s them.
    - `previous_source` (M02): a previous referral is looked for in the `previous_return`, or in `any_return`.
    - `cohort_window` (M07): a year of follow-up is 365 `days`, or lasts to the `anniversary`.
    - `cohort_under_18` (M07): whether only children still under 18 at the end of the window are followed.
    - `band_unit` (M09): durations are put into bands by calendar `months`, or by `days`.
    - `primary_need_base` (M11): a need's share is of referrals that have a need `coded`, of all that are `not_nfa`, or
      of `all`; those without one then count as not stated.
    - `not_in_need` (M13): a referral closed as not in need counts if `assessed`, or by its `closure_reason` alone.
    - `age_date` (M14): age is as at `31_march`, or on the day of the child's first `referral` of the year.
    - `chinese_group`, `ethnicity_base` (M14): the group of Chinese children is `other` or `asian`; shares are of `all`
      children, or of those whose ethnicity is `known`.
    - `school_age` (M15): the first and last age, on 31 August before the school census, of the children matched to it.
    - `level_one` (M18): the lowest level is a `flag` of no further action, or a `flag_or_no_activity`.
    """

    same_day: Literal["collapse", "keep"] = "collapse"
    previous_source: Literal["previous_return", "any_return"] = "previous_return"
    cohort_window: Literal["days", "anniversary"] = "days"
    cohort_under_18: bool = False
    band_unit: Literal["months", "days"] = "months"
    primary_need_base: Literal["coded", "all", "not_nfa"] = "coded"
    not_in_need: Literal["assessed", "closure_reason"] = "assessed"
    age_date: Literal["31_march", "referral"] = "31_march"
    chinese_group: Literal["other", "asian"] = "other"
    ethnicity_base: Literal["all", "known"] = "all"
    school_age: tuple[int, int] = (5, 15)
    level_one: Literal["flag_or_no_activity", "flag"] = "flag_or_no_activity"

    def __post_init__(self) -> None:
        _check_choices(self, "method")
        object.__setattr__(self, "school_age", tuple(self.school_age))
        if len(self.school_age) != 2 or not 0 <= self.school_age[0] <= self.school_age[1]:
            raise BadInput(f"method: school_age is {list(self.school_age)}; give the first age and the last")


@dataclass(frozen=True)
class Places:
    """What figures on areas are made with (M20–M22).

    - `first_year` is the first reporting year of area figures, which go further back than the others.
    - `population_vintage` is the reporting year whose release the population estimates came out with.
    - `deprivation_index` and `deprivation_vintage` are of the scores that say how deprived an authority is.
    - `too_small` are the codes of authorities that are left out of associations, because so few children live there.
    - `judged_by` is the day up to which published judgements count.
    """

    first_year: int = 0
    population_vintage: int = 0
    deprivation_index: str = "imd"
    deprivation_vintage: int = 0
    too_small: tuple[str, ...] = ()
    judged_by: date = date.max

    def __post_init__(self) -> None:
        object.__setattr__(self, "too_small", tuple(self.too_small))


#: How many years the cases that are followed closed in, and are followed at most (M23).
YEARS_FOLLOWED = 6


@dataclass(frozen=True)
class Survival:
    """What the time from closure to the next referral is worked out from (M23).

    - `first_year` is the first reporting year of closures, which goes further back than other figures.
    - `nfa_entry`: referrals without further action that have no closure are left out (`exclude`), or followed from
      their `referral_date`.
    - `transfers`: children whose case moves to another authority are `followed` on, or their time is `censored`.
    """

    first_year: int = 0
    nfa_entry: Literal["exclude", "referral_date"] = "exclude"
    transfers: Literal["followed", "censored"] = "followed"

    def __post_init__(self) -> None:
        _check_choices(self, "survival")


@dataclass(frozen=True)
class Protection:
    """How values are protected: a count from 1 to `threshold`, or of a region or England to `regional_threshold`, is
    hidden; counts of regions and of England are rounded to `region_rounding` and `england_rounding`."""

    threshold: int = 5
    regional_threshold: int = 5
    region_rounding: int = 10
    england_rounding: int = 10

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not isinstance(value, int) or value < ("rounding" in name):
                raise BadInput(f"protection: {name} is {value!r}; give a whole number")


#: A number in words of a release file would be checked by nothing, so they hold none; data sets go by their ids.
_A_NUMBER = re.compile(r"\d")
_DATA_SET_ID = re.compile(r"\b(?:[A-Z]\d[a-d]?|cin_c\d)\b")


def _check_words(words: str, what: str) -> None:
    if not words.strip() or _A_NUMBER.search(_DATA_SET_ID.sub("", words)):
        raise BadInput(f"{what} is {words!r}: give words without a number, since nothing would check that it is right")


@dataclass(frozen=True)
class Update:
    """A change to what is published: the day of it, what changed and why, and the ids of the data sets it touches."""

    published: date
    text: str
    data_sets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "data_sets", tuple(self.data_sets))
        _check_words(self.text, "updates: text")


@dataclass(frozen=True)
class Related:
    """Another page that readers may want: its title and its address."""

    title: str
    address: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"https://\S+", self.address) or not self.title.strip():
            raise BadInput(f"related: {self.title!r} has the address {self.address!r}; give both, beginning https://")


@dataclass(frozen=True)
class Release:
    """One annual release: the years it covers and what its pages say of it.

    `release_type_means` says in a sentence what its type means. `address` is where its pages are published, and ends in
    a slash. `whats_new` says what readers of the release before will not know, in sentences; `updates` are changes
    since it was published, the latest last; `pre_release` are the roles of those who could see it in the day before.
    """

    year: int
    first_year: int
    title: str
    release_type: str
    release_type_means: str
    published: date
    next_update: str
    contact_name: str
    contact_email: str
    press_name: str
    press_email: str
    address: str
    whats_new: tuple[str, ...] = ()
    updates: tuple[Update, ...] = ()
    related: tuple[Related, ...] = ()
    pre_release: tuple[str, ...] = ()
    previous: int | None = None
    method: Method = Method()
    places: Places = Places()
    survival: Survival = Survival()
    protection: Protection = Protection()
    #: Category as we write it → as data files are to spell it, because they always have.
    spelling: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.first_year > self.year:
            raise BadInput(f"release {self.year}: first_year {self.first_year} is after the release's own year")
        if not re.fullmatch(r"https://\S+/", self.address):
            raise BadInput(f"address is {self.address!r}: give one that begins https:// and ends in a slash")
        _check_words(self.release_type_means, "release_type_means")
        for words in self.whats_new:
            _check_words(words, "whats_new")
        if any(update.published < self.published for update in self.updates):
            raise BadInput(f"updates: one is of a day before {self.published}, when the release is published")

    @property
    def years(self) -> range:
        """The reporting years that the release covers."""
        return range(self.first_year, self.year + 1)

    @property
    def history(self) -> tuple[Update, ...]:
        """Its publication and the updates since, the latest last."""
        return Update(self.published, "First published."), *self.updates

    @property
    def closures_from(self) -> int:
        """The first reporting year whose closures are followed."""
        return self.survival.first_year or self.first_year

    @property
    def data_end(self) -> date:
        """The last day that the returns of the release know of."""
        return date(self.year, 3, 31)

    @classmethod
    def load(cls, year: int, folder: Path = RELEASES) -> Release:
        """Read `data/releases/<year>.toml`; raises BadInput if there is none or it does not fit."""
        path = folder / f"{year}.toml"
        if not path.exists():
            known = ", ".join(sorted(p.stem for p in folder.glob("*.toml"))) or "none"
            raise BadInput(f"there is no {path.name} in {folder} (there is: {known}): add one to describe the release")
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
            method, places = Method(**content.pop("method", {})), Places(**content.pop("places", {}))
            survival = Survival(**content.pop("survival", {}))
            protection = Protection(**content.pop("protection", {}))
            for name in ("whats_new", "pre_release"):
                content[name] = tuple(content.get(name, ()))
            for name, kind in (("updates", Update), ("related", Related)):
                content[name] = tuple(kind(**row) for row in content.get(name, ()))
            settings: dict[str, Any] = {
                "method": method,
                "places": places,
                "survival": survival,
                "protection": protection,
            }
            return cls(year=year, **settings, **content)
        except (tomllib.TOMLDecodeError, TypeError, BadInput) as error:
            raise BadInput(f"{path}: {error}") from None

    @classmethod
    def before(cls, year: int, folder: Path = RELEASES) -> list[Release]:
        """The releases that have a file, of years before this one."""
        years = sorted(int(path.stem) for path in folder.glob("*.toml"))
        return [cls.load(each, folder) for each in years if each < year]

    @staticmethod
    def latest_year(folder: Path = RELEASES) -> int:
        """The latest year that has a release file."""
        return max(int(path.stem) for path in folder.glob("*.toml"))

    @classmethod
    def like_latest(cls, year: int) -> Release:
        """The release of a year or, if it has no file yet, one that begins where the latest does."""
        if (RELEASES / f"{year}.toml").exists():
            return cls.load(year)
        latest = cls.load(cls.latest_year())
        return replace(latest, year=year, first_year=min(latest.first_year, year))


#: What a row of `data_issues.csv` may be about, show and add up; `carry` comes with a year.
ALL_MEASURES = "all"
MEASURES = (ALL_MEASURES, "rereferrals", "rereferred_children", "nfa", "factors", "mental_health_and_missing")
DISPLAYS = ("", "x", "u")
TOTALS = ("own", "exclude", "carry:<year>")
A_YEAR = "[0-9]{4}"


@dataclass(frozen=True)
class DataIssue:
    """A return that cannot be used as it is (M26): one row of `data_issues.csv`.

    `measures` are one or more of MEASURES, with semicolons between. `display` is the symbol the authority's own row
    shows, or blank for its own figures. `total` is what regions and England take in: `own`, `exclude`, or
    `carry:<year>` for another year's rows of the same authority. `reason` is a sentence without its full stop.
    """

    old_la_code: str
    time_period: int
    measures: str
    display: str
    total: str
    reason: str

    def __post_init__(self) -> None:
        for name, values, choices in (
            ("measures", self.groups, MEASURES),
            ("display", (self.display,), DISPLAYS),
        ):
            if not set(values) <= set(choices):
                given = ", ".join(choice or "nothing" for choice in choices)
                raise BadInput(f"{name} is {getattr(self, name)!r}; choose one of {given}")
        if not re.fullmatch(rf"own|exclude|carry:{A_YEAR}", self.total):
            raise BadInput(f"total is {self.total!r}; choose one of {', '.join(TOTALS)}")
        if self.carried_year == self.time_period:
            raise BadInput(f"total is {self.total!r}; a year cannot stand in for itself")

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of measures that it is about."""
        return tuple(self.measures.split(";"))

    def is_about(self, group: str) -> bool:
        """Whether it is about a count of this group."""
        return ALL_MEASURES in self.groups or (group != "" and group in self.groups)

    @property
    def carried_year(self) -> int | None:
        """The year whose rows stand in, if any."""
        return int(self.total.removeprefix("carry:")) if self.total.startswith("carry:") else None

    @property
    def in_totals(self) -> str:
        """A sentence on what annual totals of regions and England take in."""
        if self.carried_year is not None:
            return f"Totals include its figures for the year ending 31 March {self.carried_year} instead."
        return "Totals include its own figures." if self.total == "own" else "Totals leave these figures out."


@cache
def data_issues(folder: Path = REFERENCE) -> tuple[DataIssue, ...]:
    """Every known exception, in the order of the file; raises BadInput at a row that does not fit."""
    path = folder / "data_issues.csv"
    with open(path, newline="", encoding="utf-8") as file:
        return tuple(_data_issue(row, f"{path}, line {number}") for number, row in enumerate(csv.DictReader(file), 2))


def _data_issue(row: dict[str, str], place: str) -> DataIssue:
    columns = list(get_type_hints(DataIssue))
    if list(row) != columns or None in row.values():
        raise BadInput(f"{place}: it does not have the cells {', '.join(columns)}")
    if not re.fullmatch(A_YEAR, row["time_period"]):
        raise BadInput(f"{place}: time_period is {row['time_period']!r}; give the reporting year in four digits")
    try:
        return DataIssue(**row | {"time_period": int(row["time_period"])})  # type: ignore[arg-type]
    except BadInput as error:
        raise BadInput(f"{place}: {error}") from None
