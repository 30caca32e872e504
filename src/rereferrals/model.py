"""The kinds of declaration that make up a release. They say what is published and compute nothing."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rereferrals.release import Release

NATIONAL, REGIONAL, LOCAL_AUTHORITY = "National", "Regional", "Local authority"
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
#: A column that has been published before keeps its name, whatever its capitals.
PUBLISHED_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")


class DeclarationError(ValueError):
    """A declaration that cannot mean anything; raised where it is written, before any data is read."""


def need(condition: bool, message: str) -> None:
    """Refuse a declaration of which the condition does not hold."""
    if not condition:
        raise DeclarationError(message)


@dataclass(frozen=True)
class Filter:
    """A breakdown: a column, and its categories in the order they are published.

    `total` is the label of the row that covers all categories, or None where they cannot be added up. Where no total is
    published, because there is none or because it is `hidden_total` (counted for shares only), `default` is the
    category that the platform shows first.

    How a row of the unit finds its category: `value` is an Ibis expression, where that is not the unit's column of the
    filter's name. `groups` are further categories that are each the sum of others. Where a row can be in several
    categories at once, `members` gives each one's condition instead, and `any_of` that of the total.

    Which cells there can be: `since` is the first reporting year of categories that were not collected before, `needs`
    the input beside the returns that a category is counted from, and `followed` the categories that are known only when
    a year has passed after the reporting year.

    Where categories come in topics, `topics` says which each is of, and `topic_column` is the column that holds it; the
    total's topic is itself.
    """

    name: str
    label: str
    categories: tuple[str, ...]
    total: str | None = "Total"
    default: str | None = None
    hint: str = ""
    hidden_total: bool = False
    value: Any = field(default=None, compare=False)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    members: Mapping[str, Any] = field(default_factory=dict, compare=False)
    any_of: Any = field(default=None, compare=False)
    since: Mapping[str, int] = field(default_factory=dict, hash=False)
    needs: Mapping[str, str] = field(default_factory=dict, hash=False)
    followed: tuple[str, ...] = ()
    topics: Mapping[str, str] = field(default_factory=dict, hash=False)
    topic_column: str = ""

    def __post_init__(self) -> None:
        need(SNAKE_CASE.fullmatch(self.name) is not None, f"filter name {self.name!r} is not snake_case")
        need(bool(self.topics) == bool(self.topic_column), f"{self.name}: topics need a column, and a column topics")
        need(
            not self.topics or set(self.topics) == set(self.categories),
            f"{self.name}: every category needs its topic, and nothing else has one",
        )
        need(
            len(set(self.categories)) == len(self.categories) > 1,
            f"{self.name}: categories must be two or more, and different",
        )
        need(self.total not in self.categories, f"{self.name}: the total {self.total!r} is also a category")
        if not self.published_total:
            need(
                self.default in self.categories, f"{self.name} has no total, so it needs a default among its categories"
            )
        named = {*self.groups, *(part for parts in self.groups.values() for part in parts), *self.members}
        named |= {*self.since, *self.needs, *self.followed}
        need(named <= set(self.categories), f"{self.name} has no categories {sorted(named - set(self.categories))}")
        need(
            not self.members or (set(self.members) == set(self.categories) and self.any_of is not None),
            f"{self.name}: every category needs its condition in members, and the total its own in any_of",
        )

    def topic(self, category: str) -> str:
        """The topic of a category, or of the total."""
        return self.topics.get(category, category)

    @property
    def published_total(self) -> str | None:
        """The label of the total, if its row is published."""
        return None if self.hidden_total else self.total

    @property
    def published_categories(self) -> tuple[str, ...]:
        """What is published, in order: the total first, if it is, and the categories."""
        return self.categories if self.published_total is None else (self.published_total, *self.categories)


@dataclass(frozen=True)
class Count:
    """A whole number of rows of the unit: all of them, those `where` an Ibis expression holds, or the distinct
    values of the column `distinct` among those.

    Or, with `reference`, what `populations.csv` holds under that name for the year.

    `group` names the measures that a data issue can single out; `since` is the first reporting year of what was not
    collected before; `of` is the count that it is a part of, without which it does not apply. `name` is snake_case,
    unless it has been `published` before as it is.
    """

    name: str
    label: str
    where: Any = field(default=None, compare=False)
    distinct: str | None = None
    group: str = ""
    since: int | None = None
    published: bool = False
    reference: str = ""
    of: Count | None = None

    def __post_init__(self) -> None:
        allowed = PUBLISHED_NAME if self.published else SNAKE_CASE
        need(allowed.fullmatch(self.name) is not None, f"count name {self.name!r} is not snake_case")


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
        need(SNAKE_CASE.fullmatch(self.name) is not None, f"rate name {self.name!r} is not snake_case")


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
        need(self.within.total is not None, f"{self.name}: a share needs a filter with a total")


@dataclass(frozen=True)
class Estimate:
    """A number that is estimated, from published values or by a model, and shown to at most so many decimal places.

    A percentage `of` a count is a whole number of rounded cases of it, so that it tells no more than rounded counts do.
    It is confidential where that is, or the `numerator`, the count of what it is an estimate of.
    """

    name: str
    label: str
    decimal_places: int = 1
    unit: str = "%"
    of: Count | None = None
    numerator: Count | None = None

    def __post_init__(self) -> None:
        need(SNAKE_CASE.fullmatch(self.name) is not None, f"estimate name {self.name!r} is not snake_case")


Indicator = Count | Rate | Share | Estimate


@dataclass(frozen=True)
class Additive:
    """Counts of one row that add up to another of them, so that one alone cannot be hidden."""

    total: Count
    parts: tuple[Count, ...]


@dataclass(frozen=True)
class DataSet:
    """One published table: a unit (the rows that are counted), filters, indicators and geographic levels.

    One that is `made_from` published data sets has the unit "": it is worked out from them and from reference data. One
    that is `estimated` is worked out from life tables or a model of the unit's rows, in place of being counted.

    A `longitudinal` one merges the returns of all years and takes them as they fall out; else figures are annual, and
    another year's may stand in for those of an unusable return. It covers the release's years from `since` to the one
    `years_behind` the last; `latest_only`, the last one alone. One of local authorities begins where the release's area
    figures do; one of cases that closed in `years_followed` years, when so many have passed since closures are
    followed. `needs` is the input beside the returns without which none of it is available.

    `additive` are counts of which one cannot be hidden alone. `published_as` is the name of a data file that keeps the
    one it has been published under, with `{first_year}` and `{last_year}`; `constants` are columns of that file that
    hold one text in every row.
    """

    id: str
    title: str
    file_name: str
    unit: str
    indicators: tuple[Indicator, ...]
    filters: tuple[Filter, ...] = ()
    levels: tuple[str, ...] = (NATIONAL,)
    footnotes: tuple[str, ...] = ()
    longitudinal: bool = False
    since: int | None = None
    years_behind: int = 0
    years_followed: int = 0
    latest_only: bool = False
    needs: str | None = None
    made_from: tuple[DataSet, ...] = ()
    estimated: bool = False
    additive: tuple[Additive, ...] = ()
    published_as: str = ""
    constants: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        names = [*self.constants, *self.filter_columns, *(i.name for i in self.indicators)]
        need(bool(self.unit) != bool(self.made_from), f"{self.id}: it counts a unit, or is made from data sets")
        need(
            bool(self.made_from) or self.estimated or not any(isinstance(i, Estimate) for i in self.indicators),
            f"{self.id}: an estimate is made from published data sets, or of a unit's rows: say which",
        )
        need(len(set(names)) == len(names), f"{self.id}: a name is used twice")
        need(re.fullmatch(r"[a-z0-9_]{5,60}", self.file_name) is not None, f"{self.id}: file name {self.file_name!r}")
        need(sum(bool(f.members) for f in self.filters) <= 1, f"{self.id}: two filters have overlapping categories")
        for indicator in self.indicators:
            if isinstance(indicator, Share):
                need(
                    indicator.within in self.filters,
                    f"{self.id}: {indicator.name} is a share of a filter that the data set lacks",
                )
        for additive in self.additive:
            need(
                {additive.total, *additive.parts} <= set(self.indicators),
                f"{self.id}: counts that add up must all be its indicators",
            )
        need(
            not self.filters or not any(count.distinct for count in self.counts),
            f"{self.id}: distinct values cannot be added up over a filter: count a unit that has a row for each",
        )

    @property
    def filter_columns(self) -> tuple[str, ...]:
        """The columns of filters, each after that of its topics."""
        return tuple(column for f in self.filters for column in (f.topic_column, f.name) if column)

    @property
    def counts(self) -> tuple[Count, ...]:
        """Every count needed: those published, and the parts of rates and shares."""
        parts: dict[str, Count] = {}
        for indicator in self.indicators:
            for count in counts_of(indicator):
                need(parts.setdefault(count.name, count) == count, f"{self.id}: two counts are called {count.name}")
        return tuple(parts.values())

    @property
    def file_stem(self) -> str:
        """What its files are called within a release: `<id>_<name>`."""
        return f"{self.id.lower()}_{self.file_name}"

    def data_file(self, release: Release) -> str:
        """The name of its data file, without the extension."""
        years = self.years(release)
        return self.published_as.format(first_year=years[0], last_year=years[-1]) or self.file_stem

    def years(self, release: Release) -> range:
        """The reporting years of a release that it covers."""
        last = release.year - self.years_behind
        first = release.places.first_year if LOCAL_AUTHORITY in self.levels else release.first_year
        if self.years_followed:
            first = release.closures_from + self.years_followed - 1
        return range(last if self.latest_only else max(first, self.since or 0), last + 1)

    def cell(self, indicator: Indicator, year: int | str = "latest", area: str = "", **filters: str) -> Figure:
        """The published value of an indicator, of England or a named region; filters not named are at their total."""
        return Figure(self, indicator, year, dict(filters), area)

    def series(self, indicator: Indicator, area: str = "", **filters: str) -> Series:
        """The published values of an indicator in every year, of England or a named region; filters that are not named
        are at their total."""
        return Series(self, indicator, dict(filters), area)


def counts_of(indicator: Indicator) -> tuple[Count, ...]:
    """The counts that an indicator is made of."""
    match indicator:
        case Count():
            return (indicator,)
        case Rate():
            return (indicator.numerator, indicator.denominator)
        case Share():
            return (indicator.of,)
        case Estimate():
            return ()


class Quantity:
    """Something that a sentence can quote: a published figure, or what follows from published figures alone."""

    def __sub__(self, other: Quantity) -> Derived:
        return Derived("-", self, other)

    def __add__(self, other: Quantity) -> Derived:
        return Derived("+", self, other)


@dataclass(frozen=True)
class Figure(Quantity):
    """A reference to one cell of a data set, of England or of the region whose name is `area`.

    `year` is a reporting year, "first" or "latest" (of the years the data set has for those filters), or a negative
    number of years before the latest. Filters left out are at their total.
    """

    data_set: DataSet
    indicator: Indicator
    year: int | str = "latest"
    filters: Mapping[str, str] = field(default_factory=dict)
    area: str = ""

    def __post_init__(self) -> None:
        need(
            not self.area or REGIONAL in self.data_set.levels,
            f"{self.data_set.id} has no regions, so not {self.area!r}",
        )
        need(self.indicator in self.data_set.indicators, f"{self.data_set.id} does not publish {self.indicator.name}")
        need(
            self.year in ("first", "latest") or isinstance(self.year, int),
            f"{self.data_set.id} {self.indicator.name}: the year {self.year!r} is not first, latest or a number",
        )
        names = {f.name: f for f in self.data_set.filters}
        for name, category in self.filters.items():
            need(name in names, f"{self.data_set.id} has no filter {name}")
            need(category in names[name].published_categories, f"{name} has no category {category!r}")
        for name, declared in names.items():
            need(
                declared.published_total is not None or name in self.filters,
                f"{self.data_set.id}: {name} has no total, so name a category",
            )


@dataclass(frozen=True)
class Derived(Quantity):
    """The difference or sum of two quantities, or the percentage that one is of another ("%").

    It is worked out from published values, and can be quoted only as exactly as their rounding allows.
    """

    operation: str
    left: Quantity
    right: Quantity

    def __post_init__(self) -> None:
        need(self.operation in ("-", "+", "%"), f"there is no operation {self.operation!r}")


def percentage(part: Quantity, *, of: Quantity) -> Derived:
    """The percentage that `part` is of the quantity `of`."""
    return Derived("%", part, of)


@dataclass(frozen=True)
class Series:
    """The values of an indicator, of England or the region `area`, in every year that the data set has for those
    filters."""

    data_set: DataSet
    indicator: Indicator
    filters: Mapping[str, str] = field(default_factory=dict)
    area: str = ""

    def __post_init__(self) -> None:
        Figure(self.data_set, self.indicator, "latest", self.filters, self.area)

    def lowest(self) -> Pick:
        """The year with the lowest value; the earliest such year."""
        return Pick(self, "lowest")

    def highest(self) -> Pick:
        """The year with the highest value; the earliest such year."""
        return Pick(self, "highest")

    def odd_one_out(self) -> Pick:
        """The year whose value is furthest from the median of all years; the earliest such year."""
        return Pick(self, "odd one out")


@dataclass(frozen=True)
class Pick(Quantity):
    """One year's value of a series, chosen by the values, so that the year named in a sentence follows the data."""

    series: Series
    which: str

    def __post_init__(self) -> None:
        need(self.which in ("lowest", "highest", "odd one out"), f"a series has no {self.which!r}")


@dataclass(frozen=True)
class Comparator(Quantity):
    """A figure published elsewhere: the row of this name in `data/reference/comparators.csv`."""

    name: str


@dataclass(frozen=True)
class Event:
    """A time that affects figures everywhere: the row of this name in `data/reference/events.csv`."""

    name: str


class Rows:
    """Rows of a table that a sentence can name, which may be chosen by their figures: those of `chart_model`."""


#: A phrase of a claim that holds digits and is not a figure.
ALLOWED_DIGITS = ("12 months", "31 March", "section 47", "1 April", "10,000 children", "95% interval")
#: How a figure may be written: as published, with thousands commas, as a whole number, or by a phrase of `wording`.
NUMBER_FORMATS = ("", ",", ".0f")


@dataclass(frozen=True)
class Condition:
    """What must hold of a claim's figures for its words to be true, and how to say so.

    `holds` is given the values of all the claim's figures by name; `of` are the names that it looks at.
    """

    holds: Callable[[Mapping[str, Any]], bool]
    needs: str
    of: tuple[str, ...]


@dataclass(frozen=True, init=False)
class Claim:
    """A sentence, the figures it quotes, and the conditions under which its words are true.

    A placeholder is `{name}` as published, `{name:,}` with commas, `{name:.0f}` rounded once to a whole number,
    `{name:phrase}` by a phrase of `commentary.wording`, or `{name.year}`, the year the figure is of; of an event,
    `{name.start}` and `{name.end}`; of a series, `{name.later_years}`; of rows, their `{name.names}` or
    `{name.names_if_any}`, or with them their `{name.values}`; of areas over years, `{name.highest}`, `{name.lowest}`
    and `{name.first_year}`. `{year}` and `{first_year}` are the release's.
    Every placeholder has a figure and every figure is quoted or judged; a digit may not be typed in the sentence
    outside ALLOWED_DIGITS.
    """

    sentence: str
    conditions: tuple[Condition, ...]
    figures: Mapping[str, Quantity | Series | Event | Rows]

    def __init__(
        self,
        sentence: str,
        *,
        true_if: Condition | tuple[Condition, ...] = (),
        **figures: Quantity | Series | Event | Rows,
    ) -> None:
        conditions = (true_if,) if isinstance(true_if, Condition) else true_if
        object.__setattr__(self, "sentence", sentence)
        object.__setattr__(self, "conditions", conditions)
        object.__setattr__(self, "figures", figures)
        parts = list(string.Formatter().parse(sentence))
        quoted = set()
        for _, placeholder, spec, conversion in parts:
            if placeholder is None:
                continue
            name, _, part = placeholder.partition(".")
            quoted.add(name)
            need(
                name not in figures or (part in _quotable(figures[name]) and not conversion),
                f"{{{placeholder}}} cannot be quoted in {sentence!r}",
            )
            need(
                spec in NUMBER_FORMATS or SNAKE_CASE.fullmatch(spec or "") is not None,
                f"{{{placeholder}:{spec}}} is not a way to write a figure in {sentence!r}",
            )
        judged = {name for condition in conditions for name in condition.of}
        need(not {"year", "first_year"} & set(figures), f"year and first_year are the release's own, in {sentence!r}")
        unknown = (quoted | judged) - set(figures) - {"year", "first_year"}
        need(not unknown, f"no figure for {sorted(unknown)} in {sentence!r}")
        unused = set(figures) - quoted - judged
        need(not unused, f"figures {sorted(unused)} are neither quoted nor judged in {sentence!r}")
        typed = " ".join(text for text, _, _, _ in parts)
        for phrase in ALLOWED_DIGITS:
            typed = re.sub(rf"\b{phrase}\b", "", typed)
        need(not re.search(r"\d", typed), f"a number is typed in {sentence!r}: quote a figure instead")


def _quotable(figure: Quantity | Series | Event | Rows) -> tuple[str, ...]:
    """What may be quoted of a figure: itself ("") or a part."""
    match figure:
        case Event():
            return ("start", "end")
        case Series():
            return ("later_years",)
        case Rows():
            return ("names", "names_if_any", "values", "highest", "lowest", "year", "first_year")
    return ("", "year")


@dataclass(frozen=True)
class Tile:
    """A key statistic of the front page: its name, value, change on the previous year, and what it means."""

    label: str
    value: Claim
    change: Claim
    explanation: Claim


@dataclass(frozen=True)
class Definition:
    """What a term means, said once: readers meet it on the methodology page, in the glossary, and behind the term where
    a sentence first has it.

    `words` say what it means, as briefly as the glossary does; `counted` is the rest, on how it is counted. `numbers`
    are those of the measures that it is of, such as "M02": a definition without any is of a word that is not counted,
    and stands in the glossary alone. `also` are other forms of the term, as they occur in sentences.
    """

    term: str
    words: str
    counted: str = ""
    numbers: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for form in self.forms:
            need(re.fullmatch(r"\w(.*\w)?", form) is not None, f"{self.term}: {form!r} is not a word, or several")
        need(len({form.casefold() for form in self.forms}) == len(self.forms), f"{self.term} has a form twice")
        need(self.term[0] == self.term[0].upper(), f"{self.term!r} is a heading, so it begins with a capital")
        for text in (self.words, *filter(None, [self.counted])):
            need(re.fullmatch(r"[A-Z].*\.", text) is not None, f"{self.term} is not defined in sentences: {text!r}")
        for number in self.numbers:
            need(re.fullmatch(r"M\d\d", number) is not None, f"{self.term}: {number!r} is not the number of a measure")
        need(bool(self.numbers) or not self.counted, f"{self.term} is counted, so it needs the number of its measure")

    @property
    def forms(self) -> tuple[str, ...]:
        """The term, and what else it is called in sentences."""
        return (self.term, *self.also)

    @property
    def name(self) -> str:
        """What the places that hold it are called in addresses: `re-referral`."""
        return "-".join(re.findall(r"\w+", self.term.lower()))
