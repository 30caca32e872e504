"""What a column of the return must be: each constraint says it in words, finds rows that break it, and makes values.

`broken` takes a column and the collection year of its row, as Ibis expressions or as `_` names, and gives a boolean
expression, null or false where the constraint holds. `sample` gives valid values for returns that are made up.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from itertools import groupby
from operator import or_
from typing import TYPE_CHECKING, Any

from rereferrals import reference

if TYPE_CHECKING:
    import numpy as np

    from rereferrals.census.schema import Column

#: A character or a class of characters in a pattern, and how many there are of it.
PART = re.compile(r"(?:\[(?P<members>[^\]]+)\]|(?P<one>\w))(?:\{(?P<times>\d+)\})?")


class Constraint(ABC):
    """What a column must be."""

    @property
    @abstractmethod
    def words(self) -> str:
        """The constraint as the end of a sentence that begins with the column's name."""

    @abstractmethod
    def broken(self, column: Any, year: Any) -> Any:
        """Whether a value does not fit, as a boolean expression."""


class Values(Constraint):
    """What the values of a column are, where it has one."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, size: int, year: int) -> list[Any]:
        """Valid values for a return of a collection year."""


@dataclass(frozen=True)
class Required(Constraint):
    """There is a value."""

    words = "is present"

    def broken(self, column: Any, year: Any) -> Any:
        """Whether the value is missing."""
        return column.isnull()


@dataclass(frozen=True)
class InCodeSet(Values):
    """A code of a code set that may be used in the collection year."""

    code_set: str

    @property
    def words(self) -> str:
        """The code set's name."""
        return f"is one of the codes of {self.code_set.replace('_', ' ')} that may be used in the year"

    def broken(self, column: Any, year: Any) -> Any:
        """Whether it is no code of the set, or one that may not be used in the year."""
        codes = sorted(reference.code_set(self.code_set), key=_period)
        usable = [
            (year >= first) & (year <= last) & column.isin([code.code for code in together])
            for (first, last), together in groupby(codes, key=_period)
        ]
        return column.notnull() & ~reduce(or_, usable)

    def codes(self, year: int) -> list[str]:
        """The codes that may be used in a collection year."""
        return [code.code for code in reference.code_set(self.code_set) if code.valid(year)]

    def sample(self, rng: np.random.Generator, size: int, year: int) -> list[Any]:
        """Codes that may be used in the year, each as likely as another; nulls if there are none."""
        codes = self.codes(year)
        return [str(code) for code in rng.choice(codes, size)] if codes else [None] * size


def _period(code: reference.Code) -> tuple[int, int]:
    return code.valid_from_year, code.valid_to_year or date.max.year


@dataclass(frozen=True)
class Matches(Values):
    """A text of a fixed shape: a pattern of characters and classes of characters, each with how many there are."""

    pattern: str

    @property
    def words(self) -> str:
        """The pattern."""
        return f"has the form {self.pattern}"

    def broken(self, column: Any, year: Any) -> Any:
        """Whether the whole text does not fit the pattern."""
        return ~column.re_search(rf"\A(?:{self.pattern})\z")

    def sample(self, rng: np.random.Generator, size: int, year: int) -> list[Any]:
        """Texts with every character drawn from its class."""
        characters = [rng.choice(members, size) for members, times in self._parts() for _ in range(times)]
        return ["".join(row) for row in zip(*characters, strict=True)]

    def _parts(self) -> list[tuple[list[str], int]]:
        found = list(PART.finditer(self.pattern))
        if "".join(part[0] for part in found) != self.pattern:
            raise ValueError(f"{self.pattern!r} is more than characters, classes and numbers of them")
        return [(_members(part["members"] or part["one"]), int(part["times"] or 1)) for part in found]


def _members(text: str) -> list[str]:
    """`A-CX` → A, B, C, X."""
    ranges = re.findall(r"(.)-(.)|(.)", text)
    return [chr(c) for first, last, one in ranges for c in range(ord(first or one), ord(last or one) + 1)]


class Typed(Values):
    """Anything of the column's type: what cannot be read as it is null in the store, so nothing stored breaks it."""

    def broken(self, column: Any, year: Any) -> Any:
        """Never."""
        import ibis  # not needed to read returns, and slow to load

        return ibis.literal(False)


@dataclass(frozen=True)
class Day(Typed):
    """A date."""

    words = "is a date"

    def sample(self, rng: np.random.Generator, size: int, year: int) -> list[Any]:
        """Days of the collection year."""
        first = date(year - 1, 4, 1)
        days = (date(year, 4, 1) - first).days
        return [first + timedelta(int(n)) for n in rng.integers(0, days, size)]


@dataclass(frozen=True)
class Flag(Typed):
    """True or false."""

    words = "is true or false"

    def sample(self, rng: np.random.Generator, size: int, year: int) -> list[Any]:
        """True and false, as likely as each other."""
        return [bool(b) for b in rng.integers(0, 2, size)]


@dataclass(frozen=True)
class WholeNumber(Values):
    """A whole number, zero or more."""

    words = "is a whole number, zero or more"

    def broken(self, column: Any, year: Any) -> Any:
        """Whether it is below zero."""
        return column < 0

    def sample(self, rng: np.random.Generator, size: int, year: int) -> list[Any]:
        """Small numbers."""
        return [int(n) for n in rng.integers(0, 4, size)]


@dataclass(frozen=True)
class AnyText(Typed):
    """Text of any kind."""

    words = "is text"

    def sample(self, rng: np.random.Generator, size: int, year: int) -> list[Any]:
        """Numbers, as text."""
        return [str(n) for n in rng.integers(0, 1000, size)]


def values_of(column: Column) -> Values:
    """What the values of a column are."""
    if column.codes:
        return InCodeSet(column.codes)
    if column.pattern:
        return Matches(column.pattern)
    plain: dict[str, Values] = {"date": Day(), "flag": Flag(), "number": WholeNumber()}
    return plain.get(column.type, AnyText())


def constraints_of(column: Column) -> tuple[Constraint, ...]:
    """Everything that a column must be, from its declaration."""
    return (Required(), values_of(column)) if column.required else (values_of(column),)
