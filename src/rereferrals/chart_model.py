"""The kinds of declaration that say what is drawn. Like those of `model`, they compute nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from rereferrals.model import (
    LOCAL_AUTHORITY,
    NATIONAL,
    REGIONAL,
    SNAKE_CASE,
    Claim,
    Comparator,
    Condition,
    Count,
    DataSet,
    Figure,
    Filter,
    Indicator,
    Rows,
    Series,
    Share,
    need,
)


@dataclass(frozen=True)
class Cells(Rows):
    """National cells of a data set in one year, as a grid: a row for each category of the filter `rows` and beside it
    a column for each category of `columns` or, without such a filter, for each of the named indicators.

    `row_names` and `column_names` say by category how it is named in the picture; where given, only these categories
    are shown, in this order, and the filter's total may be among them. `filters` are as a Figure's, and so is `year`,
    counted among the years in which every cell is published. `shares` are, for a flow alone, the percentages that rows
    and columns make of the whole, which label them. `bounds` are, for a curve alone, the indicators that hold the lower
    and the upper limit of each cell. `where` leaves only the rows whose values, by the names of their columns, meet all
    of these conditions, so that which rows they are follows the figures.
    """

    data_set: DataSet
    indicator: Indicator | Mapping[str, Indicator]
    rows: Filter
    columns: Filter | None = None
    row_names: Mapping[str, str] = field(default_factory=dict)
    column_names: Mapping[str, str] = field(default_factory=dict)
    year: int | str = "latest"
    filters: Mapping[str, str] = field(default_factory=dict)
    shares: tuple[Indicator, Indicator] | None = None
    bounds: tuple[Indicator, Indicator] | None = None
    where: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        for axis in filter(None, (self.rows, self.columns)):
            need(axis in self.data_set.filters, f"{self.data_set.id} has no filter {axis.name}")
            need(axis.name not in self.filters, f"{self.data_set.id}: {axis.name} is a side of the grid, so not fixed")
        need(self.rows != self.columns, f"{self.data_set.id}: {self.rows.name} cannot be both sides of a grid")
        need(
            isinstance(self.indicator, Mapping) == (self.columns is None),
            f"{self.data_set.id}: the columns are either a filter's categories or indicators by their names",
        )
        for names in (self.named_rows, self.named_columns):
            need(bool(names), f"{self.data_set.id}: a grid needs a row and a column")
            need(len(set(names.values())) == len(names), f"{self.data_set.id}: two of {list(names)} share a name")
        need(
            self.bounds is None or len(self.indicators) == 1,
            f"{self.data_set.id}: bounds are the limits of one indicator, and there are {len(self.indicators)}",
        )
        _ = self.figures, self.share_figures, self.bound_figures  # each of which refuses what is not there
        judged = {name for condition in self.where for name in condition.of}
        unknown = sorted(judged - set(self.named_columns.values()))
        need(not unknown, f"{self.data_set.id}: rows are chosen by columns that are not there: {unknown}")

    @property
    def named_rows(self) -> Mapping[str, str]:
        """The categories that are rows, in declared order, with the names they are shown under."""
        return self.row_names or {category: category for category in self.rows.categories}

    @property
    def named_columns(self) -> Mapping[str, str]:
        """The categories or indicators that are columns, in declared order, with the names they are shown under."""
        if isinstance(self.indicator, Mapping):
            return {name: name for name in self.indicator}
        assert self.columns is not None
        return self.column_names or {category: category for category in self.columns.categories}

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """The indicators shown in cells."""
        return tuple(self.indicator.values()) if isinstance(self.indicator, Mapping) else (self.indicator,)

    @cached_property
    def figures(self) -> Mapping[tuple[str, str], Figure]:
        """The cells, by the names of their row and column."""
        return self._of_cells(self._indicator_of)

    @cached_property
    def bound_figures(self) -> tuple[Mapping[tuple[str, str], Figure], Mapping[tuple[str, str], Figure]]:
        """The lower and the upper limits of cells, by the same names; nothing where no bounds are declared."""
        if self.bounds is None:
            return {}, {}
        lower, upper = self.bounds
        return self._of_cells(lambda column: lower), self._of_cells(lambda column: upper)

    @cached_property
    def share_figures(self) -> tuple[Mapping[str, Figure], Mapping[str, Figure]]:
        """What rows and what columns make of the whole, by their names; nothing where no shares are declared."""
        if self.shares is None or self.columns is None:
            return {}, {}
        of_rows, of_columns = self.shares
        return (
            {name: self._figure(of_rows, row, None) for row, name in self.named_rows.items()},
            {name: self._figure(of_columns, None, column) for column, name in self.named_columns.items()},
        )

    def _of_cells(self, indicator_of: Callable[[str], Indicator]) -> Mapping[tuple[str, str], Figure]:
        return {
            (row_name, column_name): self._figure(indicator_of(column), row, column)
            for row, row_name in self.named_rows.items()
            for column, column_name in self.named_columns.items()
        }

    def _indicator_of(self, column: str) -> Indicator:
        return self.indicator[column] if isinstance(self.indicator, Mapping) else self.indicator

    def _figure(self, indicator: Indicator, row: str | None, column: str | None) -> Figure:
        """A cell; a side that is None is at its total."""
        sides = {} if row is None else {self.rows.name: row}
        if self.columns is not None and column is not None:
            sides[self.columns.name] = column
        return Figure(self.data_set, indicator, self.year, {**self.filters, **sides})


@dataclass(frozen=True)
class Areas(Rows):
    """Values of the areas of one level in one year: a row an area, from the highest of the first column down, and a
    column for each of the named indicators. An area without a number in a column is not among them.

    Regions are the nine of England, not the parts of London. `filters` and `year` are as a Figure's. Of the areas that
    meet all conditions of `where`, which are given a row's values by the names of its columns, only so many of the
    `highest` or the `lowest` are left, and those equal to the last of them.
    """

    data_set: DataSet
    indicators: Mapping[str, Indicator]
    level: str = REGIONAL
    year: int | str = "latest"
    filters: Mapping[str, str] = field(default_factory=dict)
    where: tuple[Condition, ...] = ()
    highest: int | None = None
    lowest: int | None = None

    def __post_init__(self) -> None:
        need(self.level != NATIONAL, f"{self.data_set.id}: England is one area: use a Figure")
        need(self.level in self.data_set.levels, f"{self.data_set.id} has no rows of the level {self.level}")
        need(bool(self.indicators), f"{self.data_set.id}: areas need an indicator")
        need(self.highest is None or self.lowest is None, f"{self.data_set.id}: take the highest or the lowest")
        for indicator in self.indicators.values():
            Figure(self.data_set, indicator, self.year, self.filters)
        judged = {name for condition in self.where for name in condition.of}
        unknown = sorted(judged - set(self.indicators))
        need(not unknown, f"{self.data_set.id}: areas are chosen by columns that are not there: {unknown}")


@dataclass(frozen=True)
class AreaSeries(Rows):
    """Values of an indicator of the nine regions in every year, in the `last` so many that the data set has, or in
    those of `years` that it has.

    A region without a number in a year has none.
    """

    data_set: DataSet
    indicator: Indicator
    last: int | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    years: range | None = None

    def __post_init__(self) -> None:
        need(REGIONAL in self.data_set.levels, f"{self.data_set.id} has no regions")
        need(self.last is None or self.last > 1, f"{self.data_set.id}: a series has two years or more")
        Figure(self.data_set, self.indicator, "latest", self.filters)


@dataclass(frozen=True)
class Beside:
    """A figure to compare with, marked in a chart under this name: across the picture of bars or dots or, if `row` is
    named, beside the dots of that row; among lines, in the year that each of its figures is of."""

    name: str
    figures: tuple[Comparator | Figure, ...]
    row: str = ""

    def __post_init__(self) -> None:
        need(bool(self.figures), f"{self.name}: there is nothing to compare with")


#: Mark → what a chart of it shows, and how an alternative text calls it.
MARKS: Mapping[str, tuple[type, str]] = {
    "line": (Series, "Line chart"),
    "bar": (Figure, "Bar chart"),
    "dots": (Cells, "Dot plot"),
    "stack": (Cells, "Stacked bar chart"),
    "flow": (Cells, "Flow diagram"),
    "curve": (Cells, "Curves of estimated probabilities"),
    "ratios": (Cells, "Dot plot of ratios"),
    "map": (Areas, "Map of local authorities"),
    "scatter": (Areas, "Scatter plot"),
    "panels": (AreaSeries, "Small line charts"),
}
DECLARED, DIFFERENCE = "declared", "difference"
#: How the rows of a curve are named.
_TIME = re.compile(r"\d+ months?")


def months(row: str) -> int:
    """The months since closure that a row of a curve is named after."""
    return int(row.split()[0])


@dataclass(frozen=True)
class Chart:
    """A static picture of one message, and the table of what it shows.

    - "line" draws series over the years; "bar" one bar a figure. Their keys label lines and bars directly.
    - "dots" draws, for each row of the cells, a dot for each column, tied by a line. `order` is "declared",
      "difference" (of the last column from the first) or a column's name; the last two from the highest down.
    - "stack" draws a bar for each row, divided into what each column is of the whole.
    - "flow" draws ribbons from rows to columns, as wide as their counts.
    - "curve" draws, for each column of the cells, a line over the months since closure, which its rows are named after
      as in "12 months", and around it a band between the bounds.
    - "ratios" draws, for each row, a dot for the first column and a line from the second to the third, which are its
      lower and upper limit, on a logarithmic scale; rows stand under the topics of their filter. An estimate of 1
      whose limits do not apply is that of a reference.
    - "map" draws a hexagon for each local authority, in one of five classes of its value.
    - "scatter" draws a point for each local authority, across by the first indicator and up by the second. A third puts
      points into groups: `groups` says, by the value published, how each is called, from the palest to the darkest.
    - "panels" draws a small line chart for each region, from the highest latest value down, with England in each.

    Scales start at zero, but for those of ratios and for a scatter's, which say where they do, and there is no legend
    but for what comes in an order. The title says the message and the subtitle the measure, place and period; both
    stand outside the picture. `category_title` and `value_title` name the axes, the latter with the unit; of a map or
    panels, the rows and values of the table. The alternative text says the kind of chart and its message.
    """

    name: str
    mark: str
    shows: Mapping[str, Series | Figure] | Cells | Areas | AreaSeries
    category_title: str
    value_title: str
    title: Claim
    subtitle: Claim
    alt: Claim
    order: str = DECLARED
    beside: tuple[Beside, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        need(SNAKE_CASE.fullmatch(self.name) is not None, f"chart name {self.name!r} is not snake_case")
        need(isinstance(self.alt, Claim), f"{self.name} has no alternative text: give alt a Claim")
        for part in (self.title, self.subtitle):
            need(isinstance(part, Claim), f"{self.name}: the title and subtitle are Claims")
        need(
            self.mark in MARKS,
            f"{self.name}: there is no mark {self.mark!r}: a chart is of lines or bars, or one of {', '.join(MARKS)}",
        )
        kind, _ = MARKS[self.mark]
        shown = list(self.shows.values()) if isinstance(self.shows, Mapping) else [self.shows]
        need(
            bool(shown) and all(isinstance(part, kind) for part in shown),
            f"{self.name}: a {self.mark} chart shows references of the kind {kind.__name__}",
        )
        need(self.mark != "line" or len(shown) <= 4, f"{self.name}: more than four lines cannot be told apart")
        need(len({part.data_set.id for part in shown}) == 1, f"{self.name} mixes data sets")
        need(
            self.mark == "dots" or self.order == DECLARED,
            f"{self.name}: only dots are put in an order, and a {self.mark} chart is not",
        )
        need(
            self.mark == "scatter" or not self.groups,
            f"{self.name}: only a scatter has groups, and a {self.mark} chart has not",
        )
        if isinstance(self.shows, Cells):
            self._check_cells(self.shows)
        if isinstance(self.shows, Areas):
            self._check_areas(self.shows)
        for beside in self.beside:
            self._check_beside(beside)

    def _check_cells(self, cells: Cells) -> None:
        """What each mark that draws cells needs of them."""
        columns = tuple(cells.named_columns.values())
        need(
            self.mark == "flow" or cells.shares is None,
            f"{self.name}: only a flow is labelled with shares, and a {self.mark} chart is not",
        )
        need(
            self.mark == "curve" or cells.bounds is None,
            f"{self.name}: only a curve has bounds, and a {self.mark} chart has not",
        )
        match self.mark:
            case "dots":
                need(len(columns) <= 3, f"{self.name}: more than three dots a row cannot be told apart")
                need(
                    self.order in (DECLARED, DIFFERENCE, *columns),
                    f"{self.name}: the order {self.order!r} is not {DECLARED}, {DIFFERENCE} or one of {columns}",
                )
                need(
                    self.order != DIFFERENCE or len(columns) > 1,
                    f"{self.name}: a single dot a row has no difference to be put in order of",
                )
            case "stack":
                share = cells.indicators[0]
                need(
                    isinstance(share, Share) and share.within == cells.columns,
                    f"{self.name}: a stack shows the parts of a whole: a Share within the filter of its columns",
                )
                need(
                    cells.columns is not None and set(cells.named_columns) == set(cells.columns.categories),
                    f"{self.name}: a stack shows every part of its whole, and the total is not one",
                )
                need(len(columns) <= 7, f"{self.name}: more than seven parts cannot be told apart")
            case "flow":
                need(
                    cells.columns is not None and isinstance(cells.indicators[0], Count),
                    f"{self.name}: a flow shows a Count from one filter's categories to another's",
                )
                totals = {cells.rows.total, cells.columns.total if cells.columns else None} - {None}
                need(
                    not totals & {*cells.named_rows, *cells.named_columns},
                    f"{self.name}: a flow has no ribbon for a total",
                )
            case "curve":
                need(len(columns) <= 4, f"{self.name}: more than four lines cannot be told apart")
                need(not cells.where, f"{self.name}: a curve shows every time, so choose none")
                others = [row for row in cells.named_rows.values() if not _TIME.fullmatch(row)]
                need(not others, f"{self.name}: the rows of a curve are times such as '12 months', unlike {others}")
                times = [months(row) for row in cells.named_rows.values()]
                need(
                    len(times) > 1 and times == sorted(set(times)),
                    f"{self.name}: the times of a curve are two or more, and stand in order",
                )
            case "ratios":
                need(
                    isinstance(cells.indicator, Mapping) and len(columns) == 3,
                    f"{self.name}: ratios are three indicators by their names: the estimate, its lower and upper limit",
                )
                need(
                    set(cells.named_rows) <= set(cells.rows.topics),
                    f"{self.name}: ratios stand under topics, which {cells.rows.name} does not have for every row",
                )
                topics = [topic for topic, _ in groupby(cells.named_rows, cells.rows.topic)]
                need(len(set(topics)) == len(topics), f"{self.name}: the rows of a topic do not stand together")

    def _check_areas(self, areas: Areas) -> None:
        """What each mark that draws areas needs of them."""
        need(areas.level == LOCAL_AUTHORITY, f"{self.name}: a {self.mark} shows local authorities, not {areas.level}")
        need(
            not areas.where and areas.highest is None and areas.lowest is None,
            f"{self.name}: a {self.mark} shows every authority, so choose none",
        )
        match self.mark:
            case "map":
                need(len(areas.indicators) == 1, f"{self.name}: a map shows one indicator")
            case "scatter":
                need(
                    len(areas.indicators) == (3 if self.groups else 2),
                    f"{self.name}: a scatter shows two indicators, or three of which the last gives the groups",
                )
                need(
                    not self.groups or 2 <= len(set(self.groups.values())) == len(self.groups) <= 5,
                    f"{self.name}: a scatter has two to five groups, each with a name of its own",
                )

    def _check_beside(self, beside: Beside) -> None:
        """What a figure to compare with needs of the chart."""
        need(
            self.mark in ("line", "bar", "dots"),
            f"{self.name}: a {self.mark} chart has no place for {beside.name!r} beside it",
        )
        need(
            self.mark == "line" or len(beside.figures) == 1,
            f"{self.name}: {beside.name!r} has a figure for each of several years, which only lines can show",
        )
        rows = self.shows.named_rows.values() if isinstance(self.shows, Cells) else ()
        need(not beside.row or beside.row in rows, f"{self.name} has no row {beside.row!r} to set {beside.name!r} in")
        need(beside.name not in self.labels, f"{self.name} shows something else under the name {beside.name!r}")

    @property
    def data_set(self) -> DataSet:
        """The data set that every value shown belongs to."""
        return (next(iter(self.shows.values())) if isinstance(self.shows, Mapping) else self.shows).data_set

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of what is shown: lines, bars, columns of cells or indicators of areas."""
        match self.shows:
            case Cells():
                return tuple(self.shows.named_columns.values())
            case Areas():
                return tuple(self.shows.indicators)
            case AreaSeries():
                return ()
        return tuple(self.shows)

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """The indicators of the values shown."""
        match self.shows:
            case Cells():
                return self.shows.indicators
            case Areas():
                return tuple(self.shows.indicators.values())
            case AreaSeries():
                return (self.shows.indicator,)
        return tuple(shown.indicator for shown in self.shows.values())
