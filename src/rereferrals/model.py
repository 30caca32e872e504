"""The kinds of declaration that make up a release. They say what is published and compute nothing."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

NATIONAL, REGIONAL, LOCAL_AUTHORITY = "National", "Regional", "Local authority"
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class DeclarationError(ValueError):
    """A declaration that cannot mean anything; raised where it is written, before any data is read."""


def _need(condition: bool, message: str) -> None:
    if not condition:
        raise DeclarationError(message)


@dataclass(frozen=True)
class Filter:
    """A breakdown: a column, and its categories in the order they are published.

    `total` is the label of the row that covers all categories, or None where there is no such row; then `default` is
    the category that the platform shows first.
    """

    name: str
    label: str
    categories: tuple[str, ...]
    total: str | None = "Total"
    default: str | None = None
    hint: str = ""

    def __post_init__(self) -> None:
        _need(SNAKE_CASE.fullmatch(self.name) is not None, f"filter name {self.name!r} is not snake_case")
        _need(
            len(set(self.categories)) == len(self.categories) > 1,
            f"{self.name}: categories must be two or more, and different",
        )
        _need(self.total not in self.categories, f"{self.name}: the total {self.total!r} is also a category")
        if self.total is None:
            _need(
                self.default in self.categories, f"{self.name} has no total, so it needs a default among its categories"
            )


@dataclass(frozen=True)
class Count:
    """A whole number of rows of the unit: all of them, those `where` an Ibis expression holds, or the distinct
    values of the column `distinct` among those."""

    name: str
    label: str
    where: Any = None
    distinct: str | None = None

    def __post_init__(self) -> None:
        _need(SNAKE_CASE.fullmatch(self.name) is not None, f"count name {self.name!r} is not snake_case")


@dataclass(frozen=True)
class Rate:
    """A ratio of two counts, times `per`, to `decimal_places`; a percentage unless said otherwise."""

    name: str
    label: str
    numerator: Count
    denominator: Count
    per: int = 100
    decimal_places: int = 1
    unit: str = "%"

    def __post_init__(self) -> None:
        _need(SNAKE_CASE.fullmatch(self.name) is not None, f"rate name {self.name!r} is not snake_case")


@dataclass(frozen=True)
class Share:
    """The percentage that one category of a filter makes of the filter's total."""

    name: str
    label: str
    of: Count
    within: Filter
    decimal_places: int = 1
    unit: str = "%"
    per: int = 100

    def __post_init__(self) -> None:
        _need(self.within.total is not None, f"{self.name}: a share needs a filter with a total")


Indicator = Count | Rate | Share


@dataclass(frozen=True)
class DataSet:
    """One published table: a unit (the rows that are counted), filters, indicators and geographic levels."""

    id: str
    title: str
    file_name: str
    unit: str
    indicators: tuple[Indicator, ...]
    filters: tuple[Filter, ...] = ()
    levels: tuple[str, ...] = (NATIONAL,)
    footnotes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [f.name for f in self.filters] + [i.name for i in self.indicators]
        _need(len(set(names)) == len(names), f"{self.id}: a name is used twice")
        _need(re.fullmatch(r"[a-z0-9_]{5,60}", self.file_name) is not None, f"{self.id}: file name {self.file_name!r}")
        for indicator in self.indicators:
            if isinstance(indicator, Share):
                _need(
                    indicator.within in self.filters,
                    f"{self.id}: {indicator.name} is a share of a filter that the data set lacks",
                )

    @property
    def counts(self) -> tuple[Count, ...]:
        """Every count needed: those published, and the parts of rates and shares."""
        parts: dict[str, Count] = {}
        for indicator in self.indicators:
            for count in _counts_of(indicator):
                _need(parts.setdefault(count.name, count) == count, f"{self.id}: two counts are called {count.name}")
        return tuple(parts.values())

    @property
    def file_stem(self) -> str:
        """The name of its data file, without the extension: `<id>_<name>`."""
        return f"{self.id.lower()}_{self.file_name}"

    def cell(self, indicator: Indicator, year: int | str = "latest", **filters: str) -> Figure:
        """The published value of an indicator; filters that are not named are at their total."""
        return Figure(self, indicator, year, dict(filters))


def _counts_of(indicator: Indicator) -> tuple[Count, ...]:
    match indicator:
        case Count():
            return (indicator,)
        case Rate():
            return (indicator.numerator, indicator.denominator)
        case Share():
            return (indicator.of,)


@dataclass(frozen=True)
class Figure:
    """A reference to one cell of a data set.

    `year` is a reporting year, "first" or "latest" (of the years the data set has for those filters), or a negative
    number of years before the latest. Filters left out are at their total.
    """

    data_set: DataSet
    indicator: Indicator
    year: int | str = "latest"
    filters: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _need(self.indicator in self.data_set.indicators, f"{self.data_set.id} does not publish {self.indicator.name}")
        names = {f.name: f for f in self.data_set.filters}
        for name, category in self.filters.items():
            _need(name in names, f"{self.data_set.id} has no filter {name}")
            _need(category in (*names[name].categories, names[name].total), f"{name} has no category {category!r}")
        for name, declared in names.items():
            _need(
                declared.total is not None or name in self.filters,
                f"{self.data_set.id}: {name} has no total, so name a category",
            )


#: A phrase of a claim that holds digits and is not a figure.
ALLOWED_DIGITS = ("12 months", "31 March", "section 47", "1 April")


@dataclass(frozen=True)
class Condition:
    """What must hold of a claim's figures for its words to be true, and how to say so."""

    holds: Callable[[Mapping[str, Any]], bool]
    needs: str


class Claim:
    """A sentence, the figures it quotes, and the conditions under which its words are true.

    Every placeholder has a figure and every figure is quoted or judged; a digit may not be typed in the sentence
    outside ALLOWED_DIGITS.
    """

    def __init__(self, sentence: str, *, true_if: Condition | tuple[Condition, ...] = (), **figures: Any) -> None:
        self.sentence = sentence
        self.conditions = (true_if,) if isinstance(true_if, Condition) else true_if
        self.figures = figures
        placeholders = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        unknown = placeholders - set(figures) - {"year", "first_year"}
        _need(not unknown, f"no figure for {sorted(unknown)} in {sentence!r}")
        unused = set(figures) - placeholders
        _need(
            not unused or bool(self.conditions),
            f"figures {sorted(unused)} are neither quoted nor judged in {sentence!r}",
        )
        typed = "".join(text for text, _, _, _ in string.Formatter().parse(sentence))
        for phrase in ALLOWED_DIGITS:
            typed = typed.replace(phrase, "")
        _need(not re.search(r"\d", typed), f"a number is typed in {sentence!r}: quote a figure instead")
