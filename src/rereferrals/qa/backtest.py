"""Backtest: does a release say what the published one is known to say?

Every figure and statement of `data/published_figures.csv` that this release covers is read from its published tables,
or judged by the claim that makes it, and compared within the tolerance of the file.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from rereferrals.commentary import referrals as chapter
from rereferrals.commentary.referrals import FIVE_YEARS, ONCE, ONE_YEAR, THREE_OR_MORE, THREE_YEARS, TWICE
from rereferrals.datasets.referrals import A1, A2, A3
from rereferrals.dissemination.claims import Tables, read, render
from rereferrals.dissemination.text import with_commas
from rereferrals.errors import BadInput, QualityError
from rereferrals.measures import referrals as measures
from rereferrals.model import Claim, Comparator, DataSet, Figure
from rereferrals.published import PublishedTable
from rereferrals.reference import comparator
from rereferrals.release import PROJECT, Release

PUBLISHED_FIGURES = PROJECT / "data" / "published_figures.csv"

#: Name in the file, without its year → the cell that should show it, in the year that the file says.
FIGURES: dict[str, Figure] = {
    "referrals": A1.cell(measures.REFERRALS),
    "rereferrals": A1.cell(measures.REREFERRALS),
    "rereferral_rate": A1.cell(measures.REREFERRAL_RATE),
    "children_one_referral": A2.cell(measures.CHILDREN_SHARE, number_of_referrals=ONCE),
    "children_two_referrals": A2.cell(measures.CHILDREN_SHARE, number_of_referrals=TWICE),
    "children_three_plus_share": A2.cell(measures.CHILDREN_SHARE, number_of_referrals=THREE_OR_MORE),
    "children_three_plus": A2.cell(measures.CHILDREN, number_of_referrals=THREE_OR_MORE),
    "cohort_1yr": A3.cell(measures.COHORT_REREFERRED_RATE, follow_up=ONE_YEAR),
    "cohort_3yr": A3.cell(measures.COHORT_REREFERRED_RATE, follow_up=THREE_YEARS),
    "cohort_5yr": A3.cell(measures.COHORT_REREFERRED_RATE, follow_up=FIVE_YEARS),
    "children_referred": A1.cell(measures.CHILDREN_REFERRED),
    "children_rereferred": A1.cell(measures.CHILDREN_REREFERRED),
    "children_rereferred_rate": A1.cell(measures.CHILDREN_REREFERRED_RATE),
}
#: Name in the file, without its years → the claim that says the same, and holds only if it is so.
STATEMENTS: dict[str, Claim] = {
    "referrals_dip": chapter.REFERRALS_OVER_TIME,
    "cohort": chapter.LATER_COHORTS,
    "children_rereferred_stable": chapter.CHILDREN_RATE_OVER_TIME,
}
#: Name in the file → the claim that quotes a figure published elsewhere; it need only be shown.
QUOTED: dict[str, Claim] = {
    comparator(figure.name).published_figure: claim
    for claim in vars(chapter).values()
    if isinstance(claim, Claim)
    for figure in claim.figures.values()
    if isinstance(figure, Comparator)
}


@dataclass(frozen=True)
class Row:
    """One published figure or statement beside ours.

    `difference` is computed less published, blank for a statement; `note` says why it fails, or our own sentence.
    """

    figure: str
    section: str
    year: str
    published: str
    computed: str
    difference: str
    passed: bool
    note: str = ""


def backtest(year: int, folder: Path, published_figures: Path = PUBLISHED_FIGURES) -> list[Row]:
    """Compare the release of `year` in `folder` with every published figure in scope, in the order of the file.

    Raises BadInput if the figures are of another release, or the folder holds no release.
    """
    rows = [row for row in _read(published_figures) if _in_scope(row["figure"])]
    latest = max(int(row["year"][-4:]) for row in rows)
    if year != latest:
        raise BadInput(
            f"{published_figures.name} holds the figures of the release of {latest}, so the release of {year} has "
            f"nothing to be compared with: run 'rereferrals backtest {latest}'"
        )
    release = Release.load(year)

    def tables(data_set: DataSet) -> PublishedTable:
        return PublishedTable.read(folder, data_set)

    return [_compare(row, tables, release) for row in rows]


def not_built(published_figures: Path = PUBLISHED_FIGURES) -> int:
    """How many figures of the file are of sections that are not built yet."""
    return sum(not _in_scope(row["figure"]) for row in _read(published_figures))


def format_rows(rows: list[Row], not_built: int = 0) -> str:
    """One line a row, ending in pass or fail, and a line that sums them up."""
    head = ("figure", "year", "published", "computed", "difference", "")
    cells = [head] + [
        (row.figure, row.year, row.published, row.computed, row.difference, "pass" if row.passed else "fail")
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    passed = sum(row.passed for row in rows)
    summary = f"{passed} of {len(rows)} figures pass"
    if not_built:
        summary += f"; {not_built} figures of other sections are not built yet"
    failures = [f"{row.figure}: {row.note}" for row in rows if row.note and not row.passed]
    return "\n".join([*lines, "", *failures, summary])


def _compare(row: dict[str, str], tables: Tables, release: Release) -> Row:
    name = _without_year(row["figure"])
    claim = QUOTED.get(row["figure"]) or STATEMENTS.get(name)
    return _statement(row, claim, tables, release) if claim else _figure(row, FIGURES[name], tables)


def _figure(row: dict[str, str], figure: Figure, tables: Tables) -> Row:
    """Compare a number. One published as a whole is compared with ours rounded once to a whole."""
    try:
        value = read(replace(figure, year=int(row["year"])), tables)
    except QualityError as fault:
        return _row(row, with_commas(row["value"]), "none", "", False, str(fault))
    computed = value.text if "." in row["value"] else f"{value:.0f}".replace(",", "")
    difference = Fraction(computed) - Fraction(row["value"])
    passed = abs(difference) <= Fraction(row["tolerance"])
    return _row(row, with_commas(row["value"]), with_commas(computed), f"{float(difference):g}", passed)


def _statement(row: dict[str, str], claim: Claim, tables: Tables, release: Release) -> Row:
    """Judge a statement: our sentence holds, and says every year and percentage that the published one does."""
    said = render(claim, tables, release)
    if row["value"]:
        published, stated = row["value"], [row["value"] + "%", row["year"]]
    else:
        published, stated = row["group"], re.findall(r"\d+%|\b\d{4}\b", re.sub(r"\d{4}-\d{4}", "", row["group"]))
    passed = not said.untrue and all(number in said.text for number in stated)
    return _row(row, published, "holds" if passed else "does not hold", "", passed, " ".join(said.untrue) or said.text)


def _row(row: dict[str, str], published: str, computed: str, difference: str, passed: bool, note: str = "") -> Row:
    return Row(row["figure"], row["section"], row["year"], published, computed, difference, passed, note)


def _in_scope(figure: str) -> bool:
    return figure in QUOTED or _without_year(figure) in {*FIGURES, *STATEMENTS}


def _without_year(figure: str) -> str:
    return re.sub(r"_\d{4}(?!\d)", "", figure)


def _read(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
