"""The backtest puts every published figure in scope beside ours, and fails for one that differs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

import made_up_release
from rereferrals.datasets.durations import A4
from rereferrals.datasets.referrals import A1, A2, A3, A5
from rereferrals.datasets.registry import ALL
from rereferrals.errors import BadInput
from rereferrals.model import Count, DataSet, Derived, Figure, Quantity
from rereferrals.published import About, PublishedTable
from rereferrals.qa.backtest import PUBLISHED_FIGURES, Backtest, Row, backtest, compare_cells, format_rows
from rereferrals.qa.published_cells import CELLS, SAID

YEAR = 2024


def _published() -> dict[str, dict[str, str]]:
    with open(PUBLISHED_FIGURES, newline="", encoding="utf-8") as file:
        return {row["figure"]: row for row in csv.DictReader(file)}


PUBLISHED = _published()


def _stem(figure: str) -> str:
    return "_".join(part for part in figure.split("_") if not (part.isdigit() and len(part) == 4))


ELSEWHERE = {"fsm_pupils_2024", "fsm_pupils_2017", "sen_pupils", "cohort_2011_5yr"}
#: Figures of the release's own years that have cells.
CELLS_OF = {
    name: CELLS[_stem(name)]
    for name, row in PUBLISHED.items()
    if _stem(name) in CELLS and name not in ELSEWHERE and int(row["year"][-4:]) <= YEAR
}


class Tables:
    """The published tables of a release, in which single cells can be set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.frames: dict[DataSet, pd.DataFrame] = {}

    def frame(self, data_set: DataSet) -> pd.DataFrame:
        """A data set as it stands here."""
        if data_set not in self.frames:
            self.frames[data_set] = PublishedTable.read(self.folder, data_set).frame.copy()
        return self.frames[data_set]

    def set(self, figure: Figure, year: int, value: Fraction) -> None:
        """Set a cell, and a percentage's whole beside it."""
        frame, name = self.frame(figure.data_set), figure.indicator.name
        at = (frame["time_period"] == str(year)) & (frame["geographic_level"] == "National")
        for f in figure.data_set.filters:
            at &= frame[f.name] == figure.filters.get(f.name, f.published_total)
        assert at.sum() == 1, f"{figure.data_set.id} {figure.filters} {year}"
        frame.loc[at, name] = f"{float(value):.12g}"
        if not isinstance(figure.indicator, Count):
            frame.loc[at, f"{name}_whole"] = str(int(value + Fraction(1, 2)))

    def write(self) -> None:
        for data_set, frame in self.frames.items():
            PublishedTable(data_set, frame).write(self.folder)


def _leaves(quantity: Quantity) -> Iterator[Figure]:
    if isinstance(quantity, Figure):
        yield quantity
    else:
        assert isinstance(quantity, Derived)
        yield from _leaves(quantity.left)
        yield from _leaves(quantity.right)


def _say(tables: Tables, quantity: Quantity, year: int, value: Fraction) -> None:
    """Make the cells of a quantity show a value: of a percentage, one part of it and what is left of the whole."""
    if isinstance(quantity, Figure):
        tables.set(quantity, year, value)
        return
    assert isinstance(quantity, Derived) and quantity.operation == "%"
    part, whole = list(_leaves(quantity.left)), list(_leaves(quantity.right))
    for leaf in [*part, *whole]:
        tables.set(leaf, year, Fraction(0))
    size = 1000 * value
    tables.set(part[0], year, size)
    rest = next(leaf for leaf in whole if leaf not in part)
    tables.set(rest, year, 100_000 - (size if part[0] in whole else 0))


def _number(figure: str) -> tuple[str, Fraction]:
    *word, number = PUBLISHED[figure]["value"].split()
    return (word[0] if word else ""), Fraction(number)


def _show(tables: Tables, figure: str, off: Fraction = Fraction(0)) -> None:
    """Make the cells of a published figure show it, or miss it by `off`; an inequality holds, or fails by `off`."""
    word, number = _number(figure)
    inside = {"over": 1, "under": -1}.get(word, 0)
    cells = CELLS_OF[figure]
    every = cells if isinstance(cells, tuple) else (cells,)
    for place, quantity in enumerate(every):
        missed = off if place == len(every) - 1 else Fraction(0)
        value = number + (inside * (1 - missed) if inside else missed)
        _say(tables, quantity, int(PUBLISHED[figure]["year"][-4:]), value)


@pytest.fixture(scope="module")
def as_published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose cells are those published; made-up figures stand in all others."""
    folder = tmp_path_factory.mktemp("release")
    made_up_release.write(folder)
    tables = Tables(folder)
    for figure in sorted(CELLS_OF, key=lambda figure: not isinstance(CELLS_OF[figure], tuple)):
        _show(tables, figure)
    tables.write()
    return folder


@pytest.fixture
def release(as_published: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    for data_set in ALL:
        PublishedTable.read(as_published, data_set).write(tmp_path)
    About.read(as_published).write(tmp_path)
    return tmp_path


def _change(release: Path, data_set: DataSet, year: int, column: str, cell: str, category: str = "") -> None:
    table = PublishedTable.read(release, data_set)
    frame = table.frame.copy()
    at = frame["time_period"] == str(year)
    if category:
        at &= frame[data_set.filters[0].name] == category
    frame.loc[at, column] = cell
    PublishedTable(data_set, frame).write(release)


def _rows(release: Path) -> dict[str, Row]:
    return {row.figure: row for row in backtest(YEAR, release).rows}


def _failed(release: Path) -> list[str]:
    return [name for name, row in _rows(release).items() if not row.passed]


def test_every_figure_about_children_has_a_cell_or_a_sentence() -> None:
    assert len(PUBLISHED) == 131
    assert sum(row["unit"] == "text" for row in PUBLISHED.values()) == 20
    assert {name for name in PUBLISHED if _stem(name) not in {*CELLS, *SAID}} <= ELSEWHERE
    assert all(_stem(name) in SAID for name, row in PUBLISHED.items() if row["unit"] == "text")


def test_the_cells_as_published_pass(as_published: Path) -> None:
    by_cells_alone = {name for name in CELLS_OF if _stem(name) not in SAID}
    assert by_cells_alone & set(_failed(as_published)) == set()


def test_what_is_compared_is_the_file_in_its_order(as_published: Path) -> None:
    compared = backtest(YEAR, as_published)
    assert not compared.not_yet
    assert [row.figure for row in compared.rows] == [name for name in PUBLISHED if name not in compared.not_covered]


@pytest.mark.parametrize("figure", CELLS_OF)
def test_a_figure_fails_if_its_cell_is_off_by_more_than_the_tolerance(figure: str, as_published: Path) -> None:
    tables = Tables(as_published)
    exact = PUBLISHED[figure]["tolerance"]
    off = Fraction(exact) * Fraction(11, 10) if exact else Fraction(2)
    for missed in (off, -off) if exact else (off,):
        _show(tables, figure, missed)
        assert not _compared(tables, figure).passed
    _show(tables, figure)
    assert _compared(tables, figure).passed


def _compared(tables: Tables, figure: str) -> Row:
    """A figure beside its cells alone, whatever sentence says it too."""
    return compare_cells(
        PUBLISHED[figure], CELLS_OF[figure], lambda data_set: PublishedTable(data_set, tables.frame(data_set))
    )


@pytest.mark.parametrize(
    ("change", "figure"),
    [
        ((A1, 2024, "referral_count", "621890"), "referrals"),
        ((A1, 2024, "rereferral_count", "139070"), "rereferrals"),
        ((A1, 2024, "rereferral_percent_whole", "23"), "rereferral_rate"),
        ((A1, 2021, "referral_count", "640000"), "referrals_2021_dip"),
        ((A2, 2024, "referral_child_percent_whole", "88", "1 referral"), "children_one_referral"),
        ((A2, 2024, "referral_child_count", "7460", "3 or more referrals"), "children_three_plus"),
        ((A3, 2017, "rereferral_child_percent_whole", "51", "Within 5 years"), "cohort_2017_5yr"),
        ((A3, 2018, "rereferral_child_percent", "31", "Within 1 year"), "cohort_2018_2019"),
        ((A3, 2017, "rereferral_child_percent", "47", "Within 5 years"), "cohort_2011_5yr"),
        ((A1, 2024, "rereferral_child_percent_whole", "20"), "children_rereferred_rate"),
        ((A1, 2022, "rereferral_child_percent", "21"), "children_rereferred_stable"),
    ],
)
def test_a_figure_or_statement_that_differs_fails(
    change: tuple[DataSet, int, str, str], figure: str, release: Path
) -> None:
    assert figure not in _failed(release)
    _change(release, *change)
    assert figure in _failed(release)


def test_a_figure_within_its_tolerance_passes(release: Path) -> None:
    _change(release, A2, 2024, "referral_child_count", "7440", "3 or more referrals")
    row = _rows(release)["children_three_plus"]
    assert (row.published, row.computed, row.difference, row.passed) == ("7,400", "7,440", "40", True)


@pytest.mark.parametrize(("shown", "passes"), [("28.5", True), ("28.4", False), ("31.5", True), ("31.6", False)])
def test_a_hedged_figure_is_compared_to_a_decimal_with_its_tolerance(shown: str, passes: bool, release: Path) -> None:
    _change(release, A5, 2024, "referrals_percent", shown, "Police")
    row = _rows(release)["source_police"]
    assert (row.published, row.computed, row.passed) == ("nearly 30", shown, passes)


@pytest.mark.parametrize(("shown", "passes"), [("30.1", True), ("30", False)])
def test_an_inequality_holds_for_each_of_its_cells(shown: str, passes: bool, as_published: Path) -> None:
    tables = Tables(as_published)
    _show(tables, "factors_over_30")
    last = CELLS["factors_over_30"][-1]
    tables.set(last, 2023, Fraction(shown))
    row = _compared(tables, "factors_over_30")
    assert (row.computed, row.passed) == (f"31, 31, {shown}", passes)


def test_a_figure_that_those_around_it_contradict_passes_between_them_and_says_so(release: Path) -> None:
    whole, initial, again = ("Total", "Initial referral", "Re-referral")

    def show(shares: dict[str, str]) -> Row:
        frame = PublishedTable.read(release, A4).frame.copy()
        for kind, share in shares.items():
            at = (frame["time_period"] == "2023") & (frame["re_referral"] == kind)
            at &= frame["reflencat"] == "3 months or less"
            frame.loc[at, ["referrals_percent", "referrals_percent_whole"]] = share
        PublishedTable(A4, frame).write(release)
        return _rows(release)["duration_3m_all"]

    between = show({whole: "46", initial: "47", again: "42"})
    assert between.passed and "A whole lies between its parts" in between.note
    assert f"duration_3m_all: {between.note}" in format_rows(backtest(YEAR, release))
    assert not show({whole: "48", initial: "47", again: "42"}).passed, "nor is it near almost 50"
    assert show({whole: "49"}).note == "", "as published, so there is nothing to explain"


def test_a_dip_in_another_year_is_not_the_published_dip(release: Path) -> None:
    _change(release, A1, 2021, "referral_count", "646120")
    _change(release, A1, 2019, "referral_count", "590000")
    row = _rows(release)["referrals_2021_dip"]
    assert not row.passed and "a dip in 2019" in row.note


def test_a_figure_that_is_hidden_or_missing_fails_with_the_reason(release: Path) -> None:
    _change(release, A1, 2024, "rereferral_count", "c")
    table = PublishedTable.read(release, A3)
    PublishedTable(A3, table.frame[table.frame["time_period"] != "2017"]).write(release)
    lines = format_rows(backtest(YEAR, release))
    assert "rereferrals: A1 rereferral_count 2024 is published as “c”, so it cannot be quoted" in lines
    assert "cohort_2017_1yr: A3 rereferral_child_percent 2017 is not published" in lines


def test_one_line_a_figure_ends_in_pass_or_fail_and_the_last_sum_up() -> None:
    rows = (
        Row("referrals", "referrals", "2024", "621,880", "621,890", "10", False),
        Row("dip", "referrals", "2021", "stable " * 20, "holds", "", True, "Our sentence."),
    )
    lines = format_rows(Backtest(rows, ("later",), ("elsewhere", "there"))).splitlines()
    assert lines[0].split() == ["figure", "year", "published", "computed", "difference"]
    assert lines[1].split() == ["referrals", "2024", "621,880", "621,890", "10", "fail"]
    assert lines[2].endswith("pass") and len(lines[2]) < 120
    assert lines[3:] == [
        "",
        "1 of 2 figures pass",
        "1 figures of years that the release does not cover: later",
        "2 figures of sections that the release does not have: elsewhere, there",
    ]


def test_a_release_is_compared_with_the_figures_of_its_own_years(as_published: Path) -> None:
    earlier = backtest(2023, as_published)
    names = [row.figure for row in earlier.rows]
    assert {"cohort_2017_5yr", "e1_2017_nfa", "white_all_2017", "referrals_2021_dip"} <= set(names)
    later = {"referrals", "cohort_2018_2019", "duration_2y_all", "gangs_rate", "initial_nfa", "cpp_five_years"}
    assert later <= set(earlier.not_covered)
    assert set(names) | set(earlier.not_covered) == set(PUBLISHED)


def test_a_release_before_all_of_them_is_told_that_there_is_nothing_to_compare(
    as_published: Path, tmp_path: Path
) -> None:
    (tmp_path / "figures.csv").write_text(
        "figure,section,year,population,statistic,group,value,unit,tolerance,source\n"
        "referrals,referrals,2024,,,all,621880,count,5,release\n"
    )
    with pytest.raises(BadInput, match=r"the release of 2023 covers no figure of figures\.csv"):
        backtest(2023, as_published, tmp_path / "figures.csv")


def test_a_folder_without_a_release_is_told_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="build the release"):
        backtest(YEAR, tmp_path)
