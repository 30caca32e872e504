"""What is said of a release and its data files wherever they are described: the spreadsheets, the data guidance."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rereferrals.dissemination import ees
from rereferrals.dissemination.text import in_words, listed
from rereferrals.errors import BadInput
from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL, DataSet
from rereferrals.release import Release

LICENCE = "Open Government Licence v3.0"
LICENCE_ADDRESS = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
MADE_UP = (
    "Made-up data: the census behind these figures was made up to look like England's. "
    "No figure here is of real children."
)
TIME, AREA, CONSTANT, TOPIC, FILTER, INDICATOR = "Time", "Area", "Constant", "Filter group", "Filter", "Indicator"
PLACES = {NATIONAL: "England", REGIONAL: "a region", LOCAL_AUTHORITY: "a local authority"}


@dataclass(frozen=True)
class Variable:
    """A column of a data file: its name, what it is in words, and its kind."""

    name: str
    label: str
    kind: str


#: The columns of time and area, in published order.
KEYS = (
    Variable("time_period", "Year ending 31 March", TIME),
    Variable("time_identifier", "Kind of period", TIME),
    Variable("geographic_level", "Geographic level", AREA),
    Variable("country_code", "Country code", AREA),
    Variable("country_name", "Country", AREA),
    Variable("region_code", "Region code", AREA),
    Variable("region_name", "Region", AREA),
    Variable("old_la_code", "Local authority code of three digits", AREA),
    Variable("new_la_code", "Local authority code of the Office for National Statistics", AREA),
    Variable("la_name", "Local authority", AREA),
)


def about(release: Release) -> dict[str, str]:
    """The facts of a release, by their names."""
    return {
        "Release": release.title,
        "Reporting year": f"1 April {release.year - 1} to 31 March {release.year}",
        "Release type": release.release_type,
        "Published": in_words(release.published),
        "Next update": release.next_update,
        "Contact": release.contact_name,
        "Email": release.contact_email,
        "Licence": LICENCE,
    }


def links(release: Release) -> dict[str, str]:
    """The addresses of those facts that have one, by their text."""
    return {release.contact_email: f"mailto:{release.contact_email}", LICENCE: LICENCE_ADDRESS}


def variables(data_set: DataSet) -> tuple[Variable, ...]:
    """The columns of a data set's file, in order."""
    known = {variable.name: variable for variable in KEYS}
    for name in data_set.constants:
        known[name] = Variable(name, name.replace("_", " ").capitalize(), CONSTANT)
    for declared in data_set.filters:
        known[declared.topic_column] = Variable(declared.topic_column, f"Group of: {declared.label}", TOPIC)
        known[declared.name] = Variable(declared.name, declared.label, FILTER)
    for indicator in data_set.indicators:
        known[indicator.name] = Variable(indicator.name, indicator.label, INDICATOR)
    return tuple(known[name] for name in ees.columns(data_set))


def a_row_is(data_set: DataSet) -> str:
    """What a row of a data set's file is, as a sentence."""
    area = listed([place for level, place in PLACES.items() if level in data_set.levels], "or")
    categories = [f"one category of “{f.label}”" for f in data_set.filters]
    return f"A row is one year in {area}{f', with {listed(categories)}' if categories else ''}."


def rounding(release: Release) -> tuple[str, ...]:
    """How figures are rounded and hidden, as sentences."""
    protection = release.protection
    hidden: dict[int, list[str]] = {}
    for level, place in PLACES.items():
        threshold = protection.threshold if level == LOCAL_AUTHORITY else protection.regional_threshold
        hidden.setdefault(threshold, []).append(place)
    return (
        f"Counts from returns are rounded to the nearest {protection.england_rounding} for England and to the nearest "
        f"{protection.region_rounding} for a region, each on its own, so regions may not add to England. Those of a "
        "local authority are exact.",
        *(
            f"A count of {listed(places, 'or')} from 1 to {threshold} is shown as c, and so is a figure that would tell"
            " it."
            for threshold, places in hidden.items()
            if threshold
        ),
        "Percentages and rates are worked out from unrounded counts and rounded once, so they may not agree with the "
        "counts shown or add to 100. Estimates are rounded as the notes on them say.",
    )


def read_file(folder: Path, data_set: DataSet, release: Release) -> list[Sequence[str]]:
    """The cells of a data file, the first row of which names the columns.

    Raises BadInput if the file is missing or is not of this data set.
    """
    path, _ = ees.paths(folder, data_set, release)
    if not path.exists():
        raise BadInput(f"{path} does not exist: build the release, or name the folder of its data files")
    with open(path, newline="", encoding="utf-8") as file:
        rows: list[Sequence[str]] = list(csv.reader(file))
    if not rows or tuple(rows[0]) != ees.columns(data_set):
        raise BadInput(f"{path} has other columns than {data_set.id}: is it of another release?")
    return rows
