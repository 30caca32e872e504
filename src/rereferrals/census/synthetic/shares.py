"""Shares by year and status, as simulations read them: declared margins, and the tables that `raking` stores."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import numpy as np

from rereferrals.census.synthetic.tables import Floats
from rereferrals.release import REFERENCE

MARGINS = REFERENCE / "synthetic_margins.csv"
SHARES = REFERENCE / "synthetic_shares.csv"
STATUSES = ("rereferral", "leading", "not_leading")
LEVELS = tuple("1234567")


@dataclass(frozen=True)
class Margin:
    """A row of the declaration; `categories` are one or several of the table, apart by spaces or as a whole."""

    table: str
    year: int
    of: str
    categories: str
    statistic: str
    value: float
    published_figure: str
    note: str


@cache
def margins() -> tuple[Margin, ...]:
    """The declared margins."""
    with open(MARGINS, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return tuple(Margin(**row | {"year": int(row["year"]), "value": float(row["value"])}) for row in rows)


def of_table(name: str, year: int | None = None) -> list[Margin]:
    """The margins of a table, in a year if one is given."""
    return [margin for margin in margins() if margin.table == name and year in (None, margin.year)]


@cache
def table(name: str, categories: tuple[str, ...], year: int) -> Floats:
    """The shares of categories within each status: between the years stored in a straight line, beyond them level."""
    known = _stored()[name]
    return np.array([[_in_year(known.get((s, c), {}), year) for c in categories] for s in STATUSES])


@cache
def counted(name: str, year: int) -> dict[tuple[str, str], float]:
    """The numbers of referrals or children in England declared for a year, by whose they are and category."""
    found = [m for m in margins() if (m.table, m.year, m.statistic) == (name, year, "count")]
    return {(margin.of, margin.categories): margin.value for margin in found}


@cache
def status_weights() -> Floats:
    """How all referrals divide by status, nearly."""
    again, leading = (margin.value / 100 for margin in margins() if margin.table == "status")
    return np.array([again, (1 - again) * leading, (1 - again) * (1 - leading)])


def _in_year(by_year: dict[int, float], year: int) -> float:
    years = sorted(by_year)
    return float(np.interp(year, years, [by_year[y] for y in years])) if years else 0.0


@cache
def _stored() -> dict[str, dict[tuple[str, str], dict[int, float]]]:
    found: dict[str, dict[tuple[str, str], dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    with open(SHARES, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["table"]][row["status"], row["category"]][int(row["year"])] = float(row["share"])
    return found
