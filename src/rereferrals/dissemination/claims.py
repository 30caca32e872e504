"""Claims become sentences: figures are read from published tables, and every condition is judged on them."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, cached_property
from statistics import median
from typing import Any

from rereferrals import reference
from rereferrals.chart_model import Areas, AreaSeries, Cells
from rereferrals.commentary.wording import PHRASES
from rereferrals.dissemination.text import half_up, listed, with_commas
from rereferrals.errors import QualityError
from rereferrals.model import (
    LOCAL_AUTHORITY,
    REGIONAL,
    Claim,
    Comparator,
    Count,
    DataSet,
    Derived,
    Estimate,
    Event,
    Figure,
    Indicator,
    Pick,
    Quantity,
    Rows,
    Series,
)
from rereferrals.published import SYMBOLS, WHOLE, PublishedTable
from rereferrals.release import Release

Tables = Callable[[DataSet], PublishedTable]

#: National counts are published to the nearest 10.
COUNT_HALF_STEP = Fraction(5)


class UntrueClaim(QualityError):  # noqa: N818 - the name that an analyst reads
    """A sentence whose words the figures do not bear out, or whose figures cannot be quoted."""


class NotGiven(QualityError):  # noqa: N818 - the name that an analyst reads
    """A figure that is not available, because an input that comes beside the returns, `lacks`, was not given."""

    def __init__(self, message: str, lacks: str) -> None:
        super().__init__(message)
        self.lacks = lacks


@dataclass(frozen=True)
class Said:
    """A sentence with its figures, and what is wrong with it; nothing if its figures can be quoted and bear it out.

    One that needs an input that was not given is neither true nor untrue, and is to be left out: `lacks` is the input's
    name, and `reason` says which figure is not available.
    """

    text: str
    untrue: tuple[str, ...] = ()
    lacks: str = ""
    reason: str = ""

    def or_refuse(self) -> str:
        """The text, if all of it is true; raises UntrueClaim with the sentence, what it needs and the figures."""
        if self.untrue:
            raise UntrueClaim("\n".join(self.untrue))
        return self.text


@dataclass(frozen=True)
class Value:
    """A published figure, read: its text, its exact number, and the reporting year it is of.

    `whole` is the number rounded once, from the true counts, to a whole; `error` is how far rounding may have moved it.
    """

    label: str
    text: str
    number: Fraction
    year: int
    error: Fraction
    whole: str
    source: Quantity | Series

    def __str__(self) -> str:
        return with_commas(self.text)

    def __format__(self, spec: str) -> str:
        if spec in PHRASES:
            return PHRASES[spec](self.number)
        if spec == ".0f" and self.whole in SYMBOLS:
            raise QualityError(f"{self.label} is {self.text}, which has no whole number: quote it as published")
        try:
            return {"": _with_minus(self.text), ",": with_commas(self.text), ".0f": self.whole}[spec]
        except KeyError:
            raise _unknown_format(spec, self.label) from None


@dataclass(frozen=True)
class DerivedValue:
    """A quantity worked out from published values; the true one lies within `error` of `number`."""

    label: str
    number: Fraction
    year: int
    error: Fraction
    source: Quantity

    def __str__(self) -> str:
        return f"{float(self.number):,.1f}"

    def __format__(self, spec: str) -> str:
        """Its size without a sign, which is for the words to say; raises QualityError if rounding leaves it open."""
        if spec in PHRASES:
            return PHRASES[spec](self.number)
        if spec not in (".0f", ","):
            raise _unknown_format(spec, self.label)
        smallest, largest = (half_up(abs(self.number) + error) for error in (-self.error, self.error))
        if smallest != largest:
            raise QualityError(
                f"{self.label} could be {smallest:,} or {largest:,}, because the published figures are rounded: "
                "quote the figures themselves"
            )
        return f"{smallest:,}"


@dataclass(frozen=True)
class SeriesValue:
    """The published values of a series in order of year."""

    points: tuple[Value, ...]

    @cached_property
    def by_year(self) -> dict[int, Fraction]:
        """The number of each year."""
        return {point.year: point.number for point in self.points}

    @property
    def numbers(self) -> list[Fraction]:
        """The numbers in order of year."""
        return [point.number for point in self.points]

    @property
    def later_years(self) -> str:
        """The years after the first, in words; raises QualityError if there is none."""
        years = [str(point.year) for point in self.points[1:]]
        if not years:
            raise QualityError(f"{self.points[0].label} has no year after its first, so none can be quoted")
        return listed(years)

    def __str__(self) -> str:
        return ", ".join(f"{point} in {point.year}" for point in self.points)


@dataclass(frozen=True)
class EventValue:
    """When an event began and ended, as month and year."""

    start: str
    end: str


@dataclass(frozen=True)
class RowsValue:
    """The rows that cells show: by the name of each, its published values by the names of their columns."""

    label: str
    rows: Mapping[str, Mapping[str, Value]]
    year: int

    @property
    def names(self) -> str:
        """The names of the rows within a sentence; raises QualityError if there is none."""
        return listed([_in_prose(name) for name in self._some])

    @property
    def values(self) -> str:
        """Those names, each with its value of the first column; raises QualityError if there is none."""
        first = [next(iter(values.values())) for values in self._some.values()]
        texts = [f"{with_commas(value.text)}{unit_of(value.source.indicator)}" for value in first]
        return listed([f"{_in_prose(name)} ({text})" for name, text in zip(self.rows, texts, strict=True)])

    @property
    def names_if_any(self) -> str:
        """The names of the rows within a sentence in which there may be none."""
        return self.names if self.rows else "none of them"

    @property
    def _some(self) -> Mapping[str, Mapping[str, Value]]:
        if not self.rows:
            raise QualityError(f"{self.label} has no row that shows this pattern, so none can be named")
        return self.rows

    def __str__(self) -> str:
        return self.values if self.rows else "none"


@dataclass(frozen=True)
class AreaSeriesValue:
    """The published values of areas over years: by year, and then by the name of the area."""

    label: str
    by_year: Mapping[int, Mapping[str, Fraction]]

    @property
    def first_year(self) -> int:
        """The first of the years."""
        return min(self.by_year)

    @property
    def year(self) -> int:
        """The last of the years."""
        return max(self.by_year)

    @property
    def highest(self) -> str:
        """The area with the highest value in each year, in words: in every year, or in which."""
        return self._leading(max)

    @property
    def lowest(self) -> str:
        """The area with the lowest value in each year, in words."""
        return self._leading(min)

    def _leading(self, of: Callable[[Iterable[Fraction]], Fraction]) -> str:
        years: dict[tuple[str, ...], list[str]] = {}
        for year, values in self.by_year.items():
            names = tuple(name for name, number in values.items() if number == of(values.values()))
            years.setdefault(names, []).append(str(year))
        said = [(listed([_in_prose(name) for name in names]), listed(when)) for names, when in years.items()]
        return (
            f"{said[0][0]} in every year" if len(said) == 1 else "; ".join(f"{name} in {when}" for name, when in said)
        )

    def __str__(self) -> str:
        return "; ".join(
            f"in {year} " + ", ".join(f"{area} {float(number):g}" for area, number in values.items())
            for year, values in self.by_year.items()
        )


def _in_prose(name: str) -> str:
    """A name within a sentence: of an area as it is called there, and of anything else without its capital."""
    return _area_names().get(name) or name[:1].lower() + name[1:]


@cache
def _area_names() -> Mapping[str, str]:
    names = {authority.la_name: authority.la_name for authority in reference.authorities()}
    return names | {region.name: region.in_prose for region in reference.regions()}


Read = Value | DerivedValue | SeriesValue | EventValue | RowsValue | AreaSeriesValue


def render(claim: Claim, tables: Tables, release: Release) -> Said:
    """Say a claim of this release, from its published tables.

    A condition that fails is in the result's `untrue`. So is a figure that is published as a symbol, is not published
    at all, or cannot be quoted as exactly as the sentence does; the text is then the sentence with its figures blank.
    If a figure is not available because an input was not given, the sentence is to be left out, whatever else it says.
    """
    own = {"year": release.year, "first_year": release.first_year}
    values: dict[str, Any] = {}
    faults: list[QualityError] = []
    for name, quantity in claim.figures.items():
        try:
            values[name] = read(quantity, tables)
        except NotGiven as fault:
            return Said(_blank(claim), lacks=fault.lacks, reason=str(fault))
        except QualityError as fault:
            faults.append(fault)
    try:
        text = "" if faults else string.Formatter().vformat(claim.sentence, (), own | values)
    except QualityError as fault:
        faults = [fault]
    if faults:
        return Said(_blank(claim), (f"{faults[0]}: reword “{claim.sentence}”",))
    text = text[:1].upper() + text[1:]
    return Said(
        text, tuple(_fault(text, claim, c.needs, c.of, values) for c in claim.conditions if not c.holds(values))
    )


def read(quantity: Quantity | Series | Event | Rows, tables: Tables) -> Any:
    """The value of anything that a claim refers to; raises QualityError if it cannot be quoted."""
    match quantity:
        case Figure():
            return _value(quantity, row_of(quantity, tables))
        case Series():
            return SeriesValue(tuple(_value(quantity, row) for row in _some(rows_of(quantity, tables), quantity)))
        case Pick():
            return _pick(quantity, tables)
        case Derived():
            return _derive(quantity, tables)
        case Comparator():
            row = reference.comparator(quantity.name)
            number = Fraction(row.value)
            return Value(row.name, row.value, number, row.year, Fraction(1, 2), row.value, quantity)
        case Event():
            event = reference.event(quantity.name)
            return EventValue(f"{event.first_day:%B %Y}", f"{event.last_day:%B %Y}")
        case Cells():
            year = year_of(quantity, tables)
            return RowsValue(f"{quantity.data_set.id} {year}", rows_shown(quantity, year, tables), year)
        case Areas():
            year = latest_year(quantity, tables)
            return RowsValue(f"{quantity.data_set.id} {year}", areas_shown(quantity, tables), year)
        case AreaSeries():
            return _area_series(quantity, tables)
    raise TypeError(f"{quantity!r} cannot be read")


def rows_of(series: Series | Figure, tables: Tables) -> list[Mapping[str, str]]:
    """The rows of a series, one a year, in order of year; not those whose follow-up has not passed yet."""
    filters = series.data_set.filters
    wanted = tuple(series.filters.get(f.name, f.published_total) for f in filters)
    is_followed = any(category in f.followed for category, f in zip(wanted, filters, strict=True))
    rows = tables(series.data_set).of_area.get((series.area, *wanted), [])
    return [row for row in rows if not (is_followed and row[series.indicator.name] == "z")]


def row_of(figure: Figure, tables: Tables) -> Mapping[str, str]:
    """The row that a figure stands in; raises QualityError if there is none."""
    rows = _some(rows_of(figure, tables), figure)
    years = [int(row["time_period"]) for row in rows]
    year = _chosen(figure.year, years)
    if year not in years:
        raise QualityError(
            f"{figure.data_set.id} {figure.indicator.name} {year} is not published, so it cannot be quoted"
        )
    return rows[years.index(year)]


def _chosen(year: int | str, years: Sequence[int]) -> int:
    """The reporting year that a reference means, of those published in order."""
    match year:
        case "first":
            return years[0]
        case "latest":
            return years[-1]
        case int() as back if back < 0:
            return years[-1] + back
    return int(year)


def year_of(cells: Cells, tables: Tables) -> int:
    """The reporting year of a grid of cells, among those that have all of it; raises QualityError if there is none."""
    shown = [figure for part in (cells.figures, *cells.share_figures, *cells.bound_figures) for figure in part.values()]
    years = sorted(set.intersection(*({int(row["time_period"]) for row in rows_of(f, tables)} for f in shown)))
    match cells.year:
        case "first":
            wanted = years[:1]
        case "latest":
            wanted = years[-1:]
        case int() as back if back < 0:
            wanted = [year for year in years if year == years[-1] + back]
        case _:
            wanted = [year for year in years if year == cells.year]
    if not wanted:
        raise QualityError(f"{cells.data_set.id} has no year ({cells.year}) with all of the cells of a grid")
    return wanted[0]


def rows_shown(cells: Cells, year: int, tables: Tables) -> Mapping[str, Mapping[str, Value]]:
    """The rows whose values meet the conditions of a grid of cells; a row with a symbol is never one of them."""
    rows: dict[str, dict[str, Value]] = {}
    for row in cells.named_rows.values():
        figures = {column: replace(cells.figures[row, column], year=year) for column in cells.named_columns.values()}
        found = {column: row_of(figure, tables) for column, figure in figures.items()}
        if all(found[column][figure.indicator.name] not in SYMBOLS for column, figure in figures.items()):
            values = {column: _value(figure, found[column]) for column, figure in figures.items()}
            if all(condition.holds(values) for condition in cells.where):
                rows[row] = values
    return rows


def latest_year(areas: Areas, tables: Tables) -> int:
    """The reporting year of rows of areas; raises QualityError if it is not published."""
    years = sorted(year for year in _years_of_level(areas, tables) if _rows_of_areas(areas, tables, year))
    if not years or (year := _chosen(areas.year, years)) not in years:
        raise QualityError(f"{areas.data_set.id} has no rows of the level {areas.level} in the year {areas.year}")
    return year


def areas_shown(areas: Areas, tables: Tables) -> Mapping[str, Mapping[str, Value]]:
    """The rows of areas, by their names: the values of their columns, from the highest of the first column down."""
    found: dict[str, dict[str, Value]] = {}
    for name, row in area_rows(areas, tables).items():
        if all(row[indicator.name] not in SYMBOLS for indicator in areas.indicators.values()):
            values = {
                column: _value(Figure(areas.data_set, indicator, filters=areas.filters), row)
                for column, indicator in areas.indicators.items()
            }
            if all(condition.holds(values) for condition in areas.where):
                found[name] = values
    first = next(iter(areas.indicators))
    sizes = sorted((values[first].number for values in found.values()), reverse=True)
    least = sizes[min(areas.highest, len(sizes)) - 1] if areas.highest and sizes else min(sizes, default=0)
    most = sizes[-min(areas.lowest, len(sizes))] if areas.lowest and sizes else max(sizes, default=0)
    ordered = sorted(found.items(), key=lambda named: -named[1][first].number)
    return {name: values for name, values in ordered if least <= values[first].number <= most}


def area_rows(areas: Areas, tables: Tables) -> Mapping[str, Mapping[str, str]]:
    """The published rows of all areas of the level in the year, with symbols too, by name in published order."""
    name = "la_name" if areas.level == LOCAL_AUTHORITY else "region_name"
    return {row[name]: row for row in _rows_of_areas(areas, tables, latest_year(areas, tables))}


def _years_of_level(areas: Areas, tables: Tables) -> Mapping[int, list[Mapping[str, str]]]:
    return tables(areas.data_set).of_level.get(areas.level, {})


def _rows_of_areas(areas: Areas, tables: Tables, year: int) -> list[Mapping[str, str]]:
    """The published rows of all areas of the level in a year."""
    wanted = {f.name: areas.filters.get(f.name, f.published_total) for f in areas.data_set.filters}
    parts = {region.name for region in reference.regions() if region.within}
    return [
        row
        for row in _years_of_level(areas, tables)[year]
        if not (areas.level == REGIONAL and row["region_name"] in parts)
        and all(row[column] == category for column, category in wanted.items())
    ]


def _area_series(series: AreaSeries, tables: Tables) -> AreaSeriesValue:
    england = Series(series.data_set, series.indicator, series.filters)
    every = [int(row["time_period"]) for row in _some(rows_of(england, tables), england)]
    years = [year for year in every if series.years is None or year in series.years][-(series.last or 0) :]
    by_year = {}
    for year in years:
        areas = Areas(series.data_set, {"": series.indicator}, year=year, filters=series.filters)
        by_year[year] = {name: values[""].number for name, values in areas_shown(areas, tables).items()}
    return AreaSeriesValue(f"{series.data_set.id} {series.indicator.name}", by_year)


def unit_of(indicator: Indicator) -> str:
    """What is written after a value of this indicator."""
    return "" if isinstance(indicator, Count) or indicator.unit != "%" else "%"


def _some(rows: list[Mapping[str, str]], of: Series | Figure) -> list[Mapping[str, str]]:
    if not rows:
        chosen = "".join(f" {category}" for category in (*filter(None, [of.area]), *of.filters.values()))
        raise QualityError(f"{of.data_set.id} {of.indicator.name}{chosen} is not published, so it cannot be quoted")
    return rows


def _value(source: Series | Figure, row: Mapping[str, str]) -> Value:
    indicator = source.indicator
    text, year = row[indicator.name], int(row["time_period"])
    label = " ".join(filter(None, (source.data_set.id, indicator.name, source.area, str(year))))
    if lacks := input_missing(source.data_set, row):
        raise NotGiven(f"{label} is not available, because {lacks} was not given for {year}", lacks)
    if text in SYMBOLS:
        raise QualityError(f"{label} is published as “{text}”, so it cannot be quoted")
    match indicator:
        case Count():
            error, whole = COUNT_HALF_STEP, with_commas(text)
        case Estimate():
            error, whole = Fraction(1, 2 * 10**indicator.decimal_places), _to_whole(text)
        case _:
            error, whole = Fraction(1, 2 * 10**indicator.decimal_places), row[indicator.name + WHOLE]
    return Value(label, text, Fraction(text), year, error, whole, source)


def _with_minus(text: str) -> str:
    return text.replace("-", "−")


def _to_whole(text: str) -> str:
    """An estimate, rounded once more, as whole as it can be said to be: one that ends in 5 could be either."""
    number = Fraction(text)
    return _with_minus(text) if number < 0 or text.endswith(".5") else str(half_up(number))


def _pick(pick: Pick, tables: Tables) -> Value:
    points: tuple[Value, ...] = read(pick.series, tables).points
    match pick.which:
        case "lowest":
            return min(points, key=lambda point: point.number)
        case "highest":
            return max(points, key=lambda point: point.number)
    middle = median(point.number for point in points)
    return max(points, key=lambda point: abs(point.number - middle))


def _derive(derived: Derived, tables: Tables) -> DerivedValue:
    """Interval arithmetic to first order upwards: the error is never too small."""
    left, right = read(derived.left, tables), read(derived.right, tables)
    label = f"{left.label} {derived.operation} {right.label}"
    match derived.operation:
        case "+":
            number, error = left.number + right.number, left.error + right.error
        case "-":
            number, error = left.number - right.number, left.error + right.error
        case _:
            if right.number <= right.error:
                raise QualityError(f"{label}: the whole may be zero, so a percentage of it cannot be quoted")
            number = 100 * left.number / right.number
            furthest = 100 * (abs(left.number) + left.error) / (right.number - right.error)
            error = furthest - abs(number)
    return DerivedValue(label, number, left.year, error, derived)


def input_missing(data_set: DataSet, row: Mapping[str, str]) -> str | None:
    """The input beside the returns that the cells of a row need, if they are not available: it was not given."""
    needed = [data_set.needs, *(f.needs.get(row[f.name]) for f in data_set.filters)]
    return next((name for name in needed if name and all(row[i.name] == "x" for i in data_set.indicators)), None)


def _blank(claim: Claim) -> str:
    """A sentence with its figures blank."""
    return "".join(text + ("" if name is None else "[…]") for text, name, _, _ in _parts(claim))


def _parts(claim: Claim) -> Iterable[tuple[str, str | None, str | None, str | None]]:
    return string.Formatter().parse(claim.sentence)


def _fault(text: str, claim: Claim, needs: str, of: tuple[str, ...], values: Mapping[str, Any]) -> str:
    figures = listed([f"{name} is {values[name]!s}" for name in claim.figures if name in of])
    return f"“{text}” needs that {needs}, but {figures}: reword it in the commentary"


def _unknown_format(spec: str, label: str) -> QualityError:
    return QualityError(f"{label} cannot be written as {spec!r}: the phrases are {', '.join(PHRASES)}")
