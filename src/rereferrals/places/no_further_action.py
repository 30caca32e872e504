"""Changes of the percentage of referrals with no further action, by authority (F1b)."""

from __future__ import annotations

from fractions import Fraction

from rereferrals.datasets.regional import F1, F1_MOVES
from rereferrals.measures.referrals import NO_FURTHER_ACTION_RATE, REFERRALS
from rereferrals.measures.regional import (
    ABRUPT_CHANGE,
    ABRUPT_POINTS,
    ABRUPT_REFERRALS,
    NO_FURTHER_ACTION_BEFORE,
    NO_FURTHER_ACTION_CHANGE,
)
from rereferrals.places.cells import Row, Tables, by_authority, keys_of, shown, symbol_of, table_of
from rereferrals.published import WHOLE, PublishedTable
from rereferrals.release import Release

#: What stands in for the year before of an authority that did not exist then.
NO_YEAR_BEFORE = {NO_FURTHER_ACTION_RATE.name: "z", REFERRALS.name: "z"}


def changes(tables: Tables, release: Release) -> PublishedTable:
    """F1b: a row for each authority and year but the first, beside the same authority's year before."""
    rows = by_authority(tables[F1.id])
    first = min(year for _, year in rows)
    return table_of(
        F1_MOVES,
        [
            keys_of(row) | _change(row, rows.get((code, year - 1), NO_YEAR_BEFORE))
            for (code, year), row in rows.items()
            if year > first
        ],
    )


def _change(row: Row, before: Row) -> dict[str, str]:
    rates = [year[NO_FURTHER_ACTION_RATE.name] for year in (row, before)]
    sizes = [year[REFERRALS.name] for year in (row, before)]
    return {
        NO_FURTHER_ACTION_RATE.name: rates[0],
        NO_FURTHER_ACTION_RATE.name + WHOLE: row[NO_FURTHER_ACTION_RATE.name + WHOLE],
        NO_FURTHER_ACTION_BEFORE.name: rates[1],
        NO_FURTHER_ACTION_CHANGE.name: symbol_of(*rates) or shown(_points(rates), NO_FURTHER_ACTION_CHANGE),
        ABRUPT_CHANGE.name: symbol_of(*rates, *sizes) or str(int(_is_abrupt(rates, sizes))),
    }


def _points(rates: list[str]) -> Fraction:
    now, then = map(Fraction, rates)
    return now - then


def _is_abrupt(rates: list[str], sizes: list[str]) -> bool:
    return abs(_points(rates)) >= ABRUPT_POINTS and min(map(int, sizes)) >= ABRUPT_REFERRALS
