"""What words commit us to: phrases that follow a figure, and conditions that a judging word must meet.

Everything is judged on published values, as a reader with the table at hand would judge it. Rounding never reverses
an order, so what is higher as published is higher in truth; a tolerance is in the unit of the figures themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any

from rereferrals.model import Condition

#: How far from a simple fraction, in percentage points, a figure may be and still be described by it.
NEAR = Fraction(2)

#: Words that say more than a number does. A claim that uses one needs a condition, or a phrase that follows the figure.
JUDGING_WORDS = re.compile(
    r"\b(stable|similar|about the same|the same (?:as|pattern)|little|changed?|unchanged|about|around|nearly|almost|"
    r"half|quarter|third|most|majority|minority|few|fewer|more than(?! once)|(?<!or )less|fell|fallen|rose|risen|"
    r"increas\w*|decreas\w*|declin\w*|dip\w*|shift\w*|(?<!made )up|down|high\w*(?! level)|low\w*|larg\w*|small\w*|"
    r"further(?! action)|likely|pattern|in line|apart from)\b",
    re.IGNORECASE,
)

_TENTHS = ("none", *(f"{n} in 10" for n in range(1, 10)), "all")
_FRACTIONS = {
    Fraction(10): "a tenth",
    Fraction(20): "a fifth",
    Fraction(25): "a quarter",
    Fraction(100, 3): "a third",
    Fraction(50): "half",
    Fraction(200, 3): "two thirds",
    Fraction(75): "three quarters",
}


def tenths(percent: Fraction) -> str:
    """A percentage as so many in 10: "3 in 10" if it is 30 to the nearest whole, "nearly" or "just over" if it is
    within NEAR, otherwise "more than" the tenth below or "fewer than" the tenth above, whichever is nearer."""
    whole, below = _to_whole(percent), int(percent // 10)
    if percent in (0, 100) or (whole % 10 == 0 and 0 < whole < 100):
        return _TENTHS[whole // 10]
    if below == 0 or (percent - 10 * below >= 5 and below < 9):
        above = _TENTHS[below + 1]
        return f"nearly {above}" if 10 * (below + 1) - percent <= NEAR else f"fewer than {above}"
    return f"just over {_TENTHS[below]}" if percent - 10 * below <= NEAR else f"more than {_TENTHS[below]}"


def fraction(percent: Fraction) -> str:
    """A percentage as a simple fraction: "around" it within half a point, "almost" or "just over" it within NEAR, and
    the percentage as published where no fraction is near."""
    nearest = min(_FRACTIONS, key=lambda at: abs(percent - at))
    if abs(percent - nearest) <= Fraction(1, 2):
        return f"around {_FRACTIONS[nearest]}"
    if abs(percent - nearest) <= NEAR:
        return f"{'almost' if percent < nearest else 'just over'} {_FRACTIONS[nearest]}"
    return f"{float(percent):g}%"


def moved(change: Fraction) -> str:
    """What a figure did, from its change: "rose", "fell" or "did not change"."""
    return "rose" if change > 0 else "fell" if change < 0 else "did not change"


def compared(change: Fraction) -> str:
    """How a figure stands to an earlier one, from the difference: "up from", "down from" or "unchanged from"."""
    return "up from" if change > 0 else "down from" if change < 0 else "unchanged from"


#: Phrases by the name that a placeholder gives: "{share:tenths}".
PHRASES: Mapping[str, Callable[[Fraction], str]] = {
    "tenths": tenths,
    "fraction": fraction,
    "moved": moved,
    "compared": compared,
}


def little_changed(a: str, b: str, *, within: float) -> Condition:
    """ "Little changed": two figures differ by no more than `within`."""
    return Condition(
        lambda values: abs(values[a].number - values[b].number) <= _exact(within),
        f"{b} is within {within} of {a}",
        (a, b),
    )


def changed(change: str, *, by: float) -> Condition:
    """ "Rose", "fell" with a size: a change is at least `by`, up or down."""
    return Condition(
        lambda values: abs(values[change].number) >= _exact(by), f"{change} is at least {by}, up or down", (change,)
    )


def in_line_with(a: str, b: str, *, within: float) -> Condition:
    """ "In line with": the same test as little_changed, of two figures that are not of one series."""
    return little_changed(b, a, within=within)


def about_the_same_since(series: str, *, within: float) -> Condition:
    """ "About the same since": every year's value is within `within` of the first year's."""

    def holds(values: Mapping[str, Any]) -> bool:
        first, *later = values[series].numbers
        return all(abs(number - first) <= _exact(within) for number in later)

    return Condition(holds, f"every year of {series} is within {within} of the first", (series,))


def stable_except(series: str, odd: str, *, within: float) -> Condition:
    """ "Stable except in one year": only `odd` is further than `within` from the median of the other years."""

    def holds(values: Mapping[str, Any]) -> bool:
        return _outside(values[series], within) == [values[odd].year]

    return Condition(
        holds, f"only the year of {odd} is further than {within} from the median of the other years of {series}",
        (series, odd),
    )  # fmt: skip


def stable_except_within_percent(series: str, odd: str, *, within: float) -> Condition:
    """As stable_except, with `within` as a percentage of the median of the other years; for counts."""

    def holds(values: Mapping[str, Any]) -> bool:
        return _outside(values[series], within, relative=True) == [values[odd].year]

    return Condition(
        holds, f"only the year of {odd} is further than {within}% from the median of the other years of {series}",
        (series, odd),
    )  # fmt: skip


def higher_than(a: str, b: str) -> Condition:
    """ "Higher than", "rose": the first figure is above the second as published."""
    return Condition(lambda values: values[a].number > values[b].number, f"{a} is higher than {b}", (a, b))


def lower_than(a: str, b: str) -> Condition:
    """ "Lower than", "fell", "a dip": the first figure is below the second as published."""
    return Condition(lambda values: values[a].number < values[b].number, f"{a} is lower than {b}", (a, b))


def lower_by(a: str, b: str, *, more_than: float) -> Condition:
    """ "Clearly lower", "rarer": the first figure is below the second by more than `more_than`."""
    return Condition(
        lambda values: values[b].number - values[a].number > _exact(more_than),
        f"{a} is lower than {b} by more than {more_than}",
        (a, b),
    )


def not_lower_by(a: str, b: str, *, more_than: float) -> Condition:
    """ "No rarer": the first figure is above the second, or below it by no more than `more_than`."""
    return Condition(
        lambda values: values[b].number - values[a].number <= _exact(more_than),
        f"{a} is not lower than {b} by more than {more_than}",
        (a, b),
    )


def above(figure: str, bound: float) -> Condition:
    """ "More than three in ten": a figure as published is above a bound that the words name."""
    return Condition(lambda values: values[figure].number > _exact(bound), f"{figure} is above {bound}", (figure,))


def below(figure: str, bound: float) -> Condition:
    """ "Fewer than three in ten": a figure as published is below a bound that the words name."""
    return Condition(lambda values: values[figure].number < _exact(bound), f"{figure} is below {bound}", (figure,))


def highest_of(figure: str, *others: str) -> Condition:
    """ "Most common in": a figure is above each of the others as published."""
    return Condition(
        lambda values: all(values[figure].number > values[other].number for other in others),
        f"{figure} is higher than {_listed(others)}",
        (figure, *others),
    )


def among(rows: str, *names: str) -> Condition:
    """ "Such as", of rows chosen by their figures: these are among them."""
    return Condition(
        lambda values: set(names) <= set(values[rows].rows), f"{_listed(names)} are among {rows}", (rows,)
    )  # fmt: skip


def highest(figure: str, series: str) -> Condition:
    """ "The highest": no year of the series is as high, other than the figure's own."""
    return Condition(
        lambda values: all(n < values[figure].number for n in _others(values[series], values[figure].year)),
        f"{figure} is higher than every other year of {series}",
        (figure, series),
    )


def lowest(figure: str, series: str) -> Condition:
    """ "The lowest": no year of the series is as low, other than the figure's own."""
    return Condition(
        lambda values: all(n > values[figure].number for n in _others(values[series], values[figure].year)),
        f"{figure} is lower than every other year of {series}",
        (figure, series),
    )


def furthest_of(change: str, *others: str) -> Condition:
    """ "The largest difference": a change, up or down, is larger than each of the others."""
    return Condition(
        lambda values: all(abs(values[change].number) > abs(values[other].number) for other in others),
        f"{change}, up or down, is larger than {_listed(others)}",
        (change, *others),
    )


def same_year(*names: str) -> Condition:
    """ "Compared with", of figures from elsewhere: all of them are of one year."""
    return Condition(
        lambda values: len({values[name].year for name in names}) == 1, f"{_listed(names)} are of one year", names
    )


def most(figure: str) -> Condition:
    """ "Most": a percentage above 50."""
    return Condition(lambda values: values[figure].number > 50, f"{figure} is more than 50%", (figure,))


def a_further(*names: str) -> Condition:
    """ "A further", of categories: the figures are of one total in one year and of different categories, so that each
    adds to those before it; and none is zero."""

    def holds(values: Mapping[str, Any]) -> bool:
        sources = [values[name].source for name in names]
        alike = {(s.data_set.id, s.indicator.name, values[n].year) for n, s in zip(names, sources, strict=True)}
        categories = {tuple(sorted(s.filters.items())) for s in sources}
        return len(alike) == 1 and len(categories) == len(names) and all(values[name].number > 0 for name in names)

    return Condition(holds, f"{_listed(names)} are different parts of one total, and none is zero", names)


def cumulative(*names: str) -> Condition:
    """ "A further", of follow-up: figures of one cohort, each including those before it, and each higher."""

    def holds(values: Mapping[str, Any]) -> bool:
        same = {(values[n].source.data_set.id, values[n].source.indicator.name, values[n].year) for n in names}
        return len(same) == 1 and all(values[a].number < values[b].number for a, b in pairwise(names))

    return Condition(holds, f"{_listed(names)} are of one year and each is higher than the one before", names)


def same_pattern(*series: str, within: float) -> Condition:
    """ "The same pattern": in every year that all the series have, each is within `within` of its value in the first of
    those years; and there is a later year to compare."""

    def holds(values: Mapping[str, Any]) -> bool:
        years = sorted(set.intersection(*(set(values[name].by_year) for name in series)))
        return len(years) > 1 and all(
            abs(values[name].by_year[year] - values[name].by_year[years[0]]) <= _exact(within)
            for name in series
            for year in years
        )

    return Condition(
        holds, f"in every year that {_listed(series)} share, each is within {within} of its first", tuple(series)
    )


def little_changed_in_areas(areas: str, *, within: float) -> Condition:
    """ "Changed little in any region": in each area, every year's value is within `within` of their median."""

    def holds(values: Mapping[str, Any]) -> bool:
        by_area: dict[str, list[Fraction]] = {}
        for numbers in values[areas].by_year.values():
            for area, number in numbers.items():
                by_area.setdefault(area, []).append(number)
        return all(
            abs(number - median(numbers)) <= _exact(within) for numbers in by_area.values() for number in numbers
        )

    return Condition(holds, f"every year of every area of {areas} is within {within} of the area's median", (areas,))


def fell_in_areas(areas: str, year_of: str) -> Condition:
    """ "Fell in every region": in the year of a figure, each area's value is below its own of the year before."""

    def holds(values: Mapping[str, Any]) -> bool:
        year, by_year = values[year_of].year, values[areas].by_year
        now, before = by_year.get(year, {}), by_year.get(year - 1, {})
        return bool(before) and all(area in now and now[area] < number for area, number in before.items())

    return Condition(holds, f"every area of {areas} fell in the year of {year_of}", (areas, year_of))


def leading_areas(areas: str, *names: str) -> Condition:
    """ "The highest", of several areas together: in every year, these are the ones with the highest values."""
    return Condition(
        lambda values: all(set(_ranked(year)[: len(names)]) == set(names) for year in values[areas].by_year.values()),
        f"in every year of {areas} the highest are {_listed(names)}",
        (areas,),
    )


def last_area(areas: str, name: str) -> Condition:
    """ "The lowest": in every year, no other area has a value as low."""
    return Condition(
        lambda values: all(
            year[name] < min(number for area, number in year.items() if area != name)
            for year in values[areas].by_year.values()
        ),
        f"in every year of {areas} the lowest is {name} alone",
        (areas,),
    )


def _ranked(year: Mapping[str, Fraction]) -> list[str]:
    return sorted(year, key=lambda area: -year[area])


def spread_wider(one: str, other: str, column: str) -> Condition:
    """ "Differs more between": the values of `column` lie further apart in the rows of one than in those of another."""

    def spread(rows: Any) -> Fraction:
        numbers = [row[column].number for row in rows.rows.values()]
        return max(numbers) - min(numbers) if numbers else Fraction(0)

    return Condition(
        lambda values: spread(values[one]) > spread(values[other]),
        f"{column} lies further apart in {one} than in {other}",
        (one, other),
    )


def wider_than_change(areas: str, series: str, column: str, *, years: int) -> Condition:
    """ "Differs more between regions than it has changed": the values of `column` lie further apart in the areas of one
    year than the last `years` values of the series do."""

    def holds(values: Mapping[str, Any]) -> bool:
        apart = [row[column].number for row in values[areas].rows.values()]
        over_years = values[series].numbers[-years:]
        return bool(max(apart) - min(apart) > max(over_years) - min(over_years))

    return Condition(
        holds, f"{column} lies further apart in {areas} than the last {years} years of {series}", (areas, series)
    )


def _outside(series: Any, within: float, relative: bool = False) -> list[int]:
    """The years further than `within` from the median of the other years."""

    def far(year: int) -> bool:
        others = _others(series, year)
        middle = median(others) if others else series.by_year[year]
        allowed = _exact(within) * (abs(middle) / 100 if relative else 1)
        return bool(abs(series.by_year[year] - middle) > allowed)

    return [year for year in series.by_year if far(year)]


def _others(series: Any, year: int) -> list[Fraction]:
    return [number for other, number in series.by_year.items() if other != year]


def _exact(tolerance: float) -> Fraction:
    return Fraction(str(tolerance))


def _to_whole(percent: Fraction) -> int:
    return int((percent + Fraction(1, 2)) // 1)


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
