"""The grid of published cells that dots, stacks, flows, curves and ratios draw, and the table of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from rereferrals import reference
from rereferrals.chart_model import DECLARED, DIFFERENCE, Beside, Cells, Chart
from rereferrals.dissemination.claims import Tables, row_of, rows_shown, unit_of, year_of
from rereferrals.dissemination.text import with_commas
from rereferrals.errors import QualityError
from rereferrals.model import Comparator, Figure
from rereferrals.published import SYMBOLS, number


@dataclass(frozen=True)
class Marked:
    """A published figure with the name it is drawn under; `value` is null for a symbol. `row` is of the cells beside
    which it stands, and `source` says where one was published that is not ours."""

    name: str
    published: str
    value: float | None
    unit: str
    year: int
    row: str = ""
    source: str = ""

    @property
    def label(self) -> str:
        """The value as it is written in a picture."""
        return with_commas(self.published) + self.unit

    @property
    def in_words(self) -> str:
        """A symbol with its meaning."""
        return f"{self.published} ({SYMBOLS[self.published].partition(':')[0]})"


@dataclass(frozen=True)
class Grid:
    """The cells of one year as published, by the names of row and column; rows stand in the order drawn.

    `bounds` are the lower and the upper limits of cells, by the same names, or nothing.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], Marked]
    row_shares: Mapping[str, Marked]
    column_shares: Mapping[str, Marked]
    bounds: tuple[Mapping[tuple[str, str], Marked], Mapping[tuple[str, str], Marked]]
    beside: tuple[Marked, ...]

    @property
    def year(self) -> int:
        """The reporting year of every cell."""
        return next(iter(self.cells.values())).year

    @cached_property
    def highest(self) -> float:
        """The highest value shown, or zero if there is none."""
        lower, upper = self.bounds
        shown = (*self.cells.values(), *lower.values(), *upper.values(), *self.beside)
        return max((marked.value for marked in shown if marked.value is not None), default=0.0)

    def of_row(self, row: str) -> list[Marked]:
        """The cells of a row in the order of the columns."""
        return [self.cells[row, column] for column in self.columns]

    def with_bounds(self, row: str) -> list[Marked]:
        """The cells of a row in the order of the columns, each with its limits, if there are any, after it."""
        parts = (self.cells, *filter(None, self.bounds))
        return [part[row, column] for column in self.columns for part in parts]


def grid_of(chart: Chart, tables: Tables) -> Grid:
    """The grid that a chart of cells shows, in the latest (or other declared) year in which all of it is published.

    Raises QualityError if there is no such year, or no row that its conditions leave.
    """
    cells = chart.shows
    assert isinstance(cells, Cells)
    try:
        year = year_of(cells, tables)
    except QualityError as fault:
        raise QualityError(f"{chart.name} has nothing to draw: {fault}") from None
    named = tuple(rows_shown(cells, year, tables) if cells.where else cells.named_rows.values())
    if not named:
        raise QualityError(f"{chart.name} has nothing to draw: no row of {chart.data_set.id} shows its pattern")
    read = {key: _marked(key[1], figure, year, tables) for key, figure in cells.figures.items() if key[0] in named}
    row_shares, column_shares = (
        {name: _marked(name, figure, year, tables) for name, figure in shares.items()} for shares in cells.share_figures
    )
    lower, upper = (
        {key: _marked(f"{key[1]}, {end}", figure, year, tables) for key, figure in part.items() if key[0] in named}
        for end, part in zip(("lower", "upper"), cells.bound_figures, strict=True)
    )
    rows = _in_order(named, chart.labels, chart.order, read)
    return Grid(rows, chart.labels, read, row_shares, column_shares, (lower, upper), besides_of(chart, tables))


def besides_of(chart: Chart, tables: Tables) -> tuple[Marked, ...]:
    """The figures that a chart sets beside its own, in the order declared."""
    return tuple(_beside(beside, figure, tables) for beside in chart.beside for figure in beside.figures)


def rows_behind(chart: Chart, grid: Grid) -> pd.DataFrame:
    """The table behind a chart of cells: text as published, in the order drawn. Limits are columns after that of
    their cells; what stands beside is added to its row, or as a row of its own; shares are a last column and a last
    row."""
    heads = {marked.name: _head(marked) for marked in (*grid.with_bounds(grid.rows[0]), *grid.beside)}
    table: dict[str, dict[str, str]] = {
        row: {heads[marked.name]: marked.published for marked in grid.with_bounds(row)} for row in grid.rows
    }
    for marked in grid.beside:
        if marked.row:
            table[marked.row][heads[marked.name]] = marked.published
        else:
            table[marked.name] = {heads[column]: marked.published for column in grid.columns}
    for row, marked in grid.row_shares.items():
        table[row][_SHARE] = marked.published
    if grid.column_shares:
        table[_SHARE] = {heads[name]: marked.published for name, marked in grid.column_shares.items()}
    return pd.DataFrame([{chart.category_title: row} | cells for row, cells in table.items()]).fillna("z")


_SHARE = "Share of all (%)"


def _head(marked: Marked) -> str:
    return marked.name + (" (%)" if marked.unit else "")


def _marked(name: str, figure: Figure, year: int, tables: Tables, row: str = "") -> Marked:
    text = row_of(Figure(figure.data_set, figure.indicator, year, figure.filters), tables)[figure.indicator.name]
    return Marked(name, text, number(text), unit_of(figure.indicator), year, row)


def _beside(beside: Beside, figure: Comparator | Figure, tables: Tables) -> Marked:
    if isinstance(figure, Figure):
        return _marked(beside.name, figure, int(row_of(figure, tables)["time_period"]), tables, beside.row)
    found = reference.comparator(figure.name)
    source = f"{beside.name}, {found.value}{_percent(found.unit)} in {found.year}: {found.population}. {found.source}."
    return Marked(
        beside.name, found.value, float(found.value), _percent(found.unit), found.year, beside.row, source
    )  # fmt: skip


def _percent(unit: str) -> str:
    return "%" if unit == "percent" else ""


def _in_order(
    rows: tuple[str, ...], columns: tuple[str, ...], order: str, cells: Mapping[tuple[str, str], Marked]
) -> tuple[str, ...]:
    """Rows in a chart's order, from the highest down; those without the number that it needs follow as declared."""
    if order == DECLARED:
        return rows

    def size(row: str) -> float | None:
        first, last = (cells[row, column].value for column in (columns[0], columns[-1]))
        if order == DIFFERENCE:
            return None if first is None or last is None else last - first
        return cells[row, order].value

    sizes = {row: size(row) for row in rows}
    return tuple(sorted(rows, key=lambda row: (sizes[row] is None, -(sizes[row] or 0))))
