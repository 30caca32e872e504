"""Backtest: does a release say what the published one is known to say?

Every figure and statement of `data/published_figures.csv` that this release covers is read from its published tables,
or judged by the claim that makes it, and compared within the tolerance of the file.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from textwrap import shorten
from typing import Any

from rereferrals.chart_model import AreaSeries, Cells
from rereferrals.dissemination.claims import Tables, Value, read, render
from rereferrals.dissemination.text import half_up, with_commas
from rereferrals.errors import BadInput, QualityError
from rereferrals.measures.referrals import FOLLOW_UP
from rereferrals.model import Claim, DataSet, Derived, Figure, Pick, Quantity, Series
from rereferrals.published import About, PublishedTable
from rereferrals.qa.published_cells import CELLS, SAID, SECTION_OF, quoting
from rereferrals.release import PROJECT, Release

PUBLISHED_FIGURES = PROJECT / "data" / "published_figures.csv"
#: Figures that cannot be as published because others, published beside them, say otherwise; and what bounds them.
CONTRADICTIONS = PROJECT / "data" / "published_contradictions.csv"

#: What is computed of a statement that the published figures do not bear out either.
FALSE_TOO = "false of the published figures"
#: How many characters of a statement stand on its line.
WIDEST = 44
#: How a value may be published: more or less than a number, nearly a number, or the number.
_VALUE = re.compile(r"(?:(over|under|almost|nearly) )?(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Row:
    """One published figure or statement beside ours.

    `difference` is computed less published, blank for a statement or an inequality; `note` says why it fails, or our
    own sentence, or which published figures contradict it.
    """

    figure: str
    section: str
    year: str
    published: str
    computed: str
    difference: str
    passed: bool
    note: str = ""


@dataclass(frozen=True)
class Backtest:
    """What was compared, and by name what was not: figures of years beyond the release, and of sections it lacks."""

    rows: tuple[Row, ...]
    not_covered: tuple[str, ...]
    not_yet: tuple[str, ...]


@dataclass(frozen=True)
class Contradiction:
    """A published figure that cannot hold beside others of the same table, which lie around it, and why; or a statement
    that is not true of the published figures, and is bounded by none."""

    figure: str
    bounded_by: tuple[str, ...]
    why: str


def backtest(
    year: int, folder: Path, published_figures: Path = PUBLISHED_FIGURES, contradictions: Path = CONTRADICTIONS
) -> Backtest:
    """Compare the release of `year` in `folder` with every published figure that it covers, in the order of the file.

    Raises BadInput if it covers none, or the folder holds no release.
    """
    release = Release.load(year)
    every = _read(published_figures)
    sections = About.read(folder).sections
    computed_here = [row for row in every if SECTION_OF.get(row["section"], row["section"]) in sections]
    covered = [row for row in computed_here if _is_covered(row, release)]
    if not covered:
        raise BadInput(f"the release of {year} covers no figure of {published_figures.name}")

    @cache
    def tables(data_set: DataSet) -> PublishedTable:
        return PublishedTable.read(folder, data_set)

    contradicted = {
        row["figure"]: Contradiction(row["figure"], tuple(filter(None, row["bounded_by"].split(";"))), row["why"])
        for row in _read(contradictions)
    }
    rows = [_compare(row, tables, release) for row in covered]
    return Backtest(
        tuple(_reconsidered(row, contradicted.get(row.figure), rows) for row in rows),
        tuple(row["figure"] for row in computed_here if row not in covered),
        tuple(row["figure"] for row in every if row not in computed_here),
    )


def format_rows(compared: Backtest) -> str:
    """One line a row, ending in pass or fail; notes; and lines that sum up and name what was not compared."""
    head = ("figure", "year", "published", "computed", "difference", "")
    cells = [head] + [
        (
            row.figure,
            row.year,
            shorten(row.published, WIDEST, placeholder=" …"),
            row.computed,
            row.difference,
            "pass" if row.passed else "fail",
        )
        for row in compared.rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    notes = [
        f"{row.figure}: {row.note}"
        for row in compared.rows
        if row.note and (row.difference or not row.passed or row.computed == FALSE_TOO)
    ]
    passed = sum(row.passed for row in compared.rows)
    summary = [f"{passed} of {len(compared.rows)} figures pass"]
    for names, what in (
        (compared.not_covered, "of years that the release does not cover"),
        (compared.not_yet, "of sections that the release does not have"),
    ):
        if names:
            summary.append(f"{len(names)} figures {what}: {', '.join(names)}")
    return "\n".join([*lines, "", *notes, *summary])


def _compare(row: Mapping[str, str], tables: Tables, release: Release) -> Row:
    """Compare a figure by its cells, by the claim that says it, or by both."""
    name = _without_year(row["figure"])
    if _is_elsewhere(row):
        return _statement(row, quoting().get(row["figure"]), tables, release)
    said = SAID.get(name)
    if name not in CELLS:
        return _statement(row, said, tables, release)
    figure = compare_cells(row, CELLS[name], tables)
    if said is None or not figure.passed:
        return figure
    statement = _statement(row, said, tables, release)
    return figure if statement.passed else replace(figure, passed=False, note=statement.note)


def compare_cells(row: Mapping[str, str], cells: Quantity | tuple[Quantity, ...], tables: Tables) -> Row:
    """Compare a number with its cell, or an inequality with each of its cells."""
    wording, published = _published(row)
    try:
        values = [
            read(_in_year(quantity, _year(row)), tables)
            for quantity in (cells if isinstance(cells, tuple) else (cells,))
        ]
        texts = [_as_published(value, wording, row["value"]) for value in values]
    except QualityError as fault:
        return _row(row, with_commas(row["value"]), "none", "", False, str(fault))
    shown = ", ".join(map(with_commas, texts))
    if wording in ("over", "under"):
        passed = all(value.number > published if wording == "over" else value.number < published for value in values)
        note = "" if passed else f"{shown} should be {wording} {published}"
        return _row(row, row["value"], shown, "", passed, note)
    difference = max((Fraction(text) - published for text in texts), key=abs)
    passed = abs(difference) <= Fraction(row["tolerance"])
    return _row(row, with_commas(row["value"]), shown, f"{float(difference):g}", passed)


def _as_published(value: Any, wording: str, published: str) -> str:
    """A value as exact as the published one: rounded once to a whole if that is; a hedged one to a decimal."""
    if isinstance(value, Value):
        return value.text if wording or "." in published else f"{value:.0f}".replace(",", "")
    return f"{float(value.number):.1f}" if wording or "." in published else str(half_up(value.number))


def _statement(row: Mapping[str, str], said: Claim | None, tables: Tables, release: Release) -> Row:
    """Judge a statement: our sentence holds, and says every year and percentage that the published one does."""
    published = row["value"] or row["group"]
    if said is None:
        return _row(row, published, "none", "", False, "no chapter says it: see comparators.csv and published_cells.py")
    rendered = render(_over_years(said, row), tables, release)
    stated = _stated(row)
    passed = not (rendered.untrue or rendered.lacks) and all(number in rendered.text for number in stated)
    note = " ".join(rendered.untrue) or rendered.reason or rendered.text
    return _row(row, published, "holds" if passed else "does not hold", "", passed, note)


def _stated(row: Mapping[str, str]) -> list[str]:
    """The percentages and years that our sentence must say too."""
    if _is_elsewhere(row):
        return [row["value"] + "%", row["year"]]
    return re.findall(r"\d+%|\b\d{4}\b", _without_ranges(row["group"]))


def _reconsidered(row: Row, contradiction: Contradiction | None, rows: list[Row]) -> Row:
    """A figure that those published around it contradict passes if ours lies between ours of those."""
    if contradiction is None or row.passed or row.computed == "none":
        return row
    if not contradiction.bounded_by:
        return replace(row, passed=True, computed=FALSE_TOO, note=f"{contradiction.why}; {row.note}")
    around = [other.computed for other in rows if other.figure in contradiction.bounded_by]
    if len(around) < len(contradiction.bounded_by) or "none" in around:
        return row
    low, *_, high = sorted(map(_number, around))
    between = low <= _number(row.computed) <= high
    ours = f"ours is {row.computed}, {'between' if between else 'not between'} {' and '.join(around)}"
    return replace(row, passed=between, note=f"{contradiction.why}; {ours}")


def _is_covered(row: Mapping[str, str], release: Release) -> bool:
    """Whether a release has the years of a figure, with the time that it takes to know it."""
    if _is_elsewhere(row):
        return _year(row) <= release.year
    name = _without_year(row["figure"])
    latest = max(_year(row), *map(int, re.findall(r"\b\d{4}\b", _without_ranges(row["group"]))), 0)
    cells = CELLS.get(name, ())
    quantities: list[Any] = list(cells) if isinstance(cells, tuple) else [cells]
    if name in SAID:
        quantities += SAID[name].figures.values()
    behind = max((_years_until_known(leaf) for quantity in quantities for leaf in _leaves(quantity)), default=0)
    is_begun = name not in CELLS or _year(row) >= release.first_year
    return is_begun and latest + behind <= release.year


def _years_until_known(source: Figure | Series) -> int:
    """How many years after a reporting year its cell can be known."""
    categories = [(f, source.filters.get(f.name, f.published_total)) for f in source.data_set.filters]
    window = max((_length(category) for f, category in categories if f == FOLLOW_UP), default=0)
    followed = any(category in f.followed for f, category in categories)
    return max(window, int(followed), source.data_set.years_behind)


def _length(follow_up: str | None) -> int:
    return int(re.sub(r"\D", "", follow_up or "") or 0)


def _leaves(quantity: Any) -> Iterator[Figure | Series]:
    """The references to cells that a quantity rests on."""
    match quantity:
        case Figure() | Series():
            yield quantity
        case Cells():
            yield from quantity.figures.values()
        case Pick():
            yield quantity.series
        case Derived():
            yield from _leaves(quantity.left)
            yield from _leaves(quantity.right)


def _in_year(quantity: Quantity, year: int) -> Quantity:
    match quantity:
        case Figure():
            return replace(quantity, year=year)
        case Derived():
            return replace(quantity, left=_in_year(quantity.left, year), right=_in_year(quantity.right, year))
    return quantity


def _is_elsewhere(row: Mapping[str, str]) -> bool:
    """Whether a figure is one that the release quotes from elsewhere, and need only show: it has no tolerance."""
    return not row["tolerance"] and row["value"].replace(".", "").isdigit()


def _published(row: Mapping[str, str]) -> tuple[str, Fraction]:
    """The word before a published value, if any, and its number."""
    found = _VALUE.fullmatch(row["value"])
    if found is None:
        raise BadInput(f"{row['figure']} is {row['value']!r}: give a number, or one after over, under or nearly")
    return found[1] or "", Fraction(found[2])


def _year(row: Mapping[str, str]) -> int:
    """The reporting year of a figure; of a range, its last; 0 if it is of no year."""
    return int(row["year"][-4:] or 0)


def _over_years(said: Claim, row: Mapping[str, str]) -> Claim:
    """A statement on areas, of the years that the published one is of."""
    first, _, last = row["year"].partition("-")
    if not last or not any(isinstance(figure, AreaSeries) for figure in said.figures.values()):
        return said
    years = range(int(first), int(last) + 1)
    figures = {
        name: replace(figure, years=years, last=None) if isinstance(figure, AreaSeries) else figure
        for name, figure in said.figures.items()
    }
    return Claim(said.sentence, true_if=said.conditions, **figures)


def _number(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))


def _row(row: Mapping[str, str], published: str, computed: str, difference: str, passed: bool, note: str = "") -> Row:
    return Row(row["figure"], row["section"], row["year"], published, computed, difference, passed, note)


def _without_ranges(text: str) -> str:
    return re.sub(r"\d{4}-\d{4}", "", text)


def _without_year(figure: str) -> str:
    return re.sub(r"_\d{4}(?!\d)", "", figure)


def _read(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
