"""Tables of shares by year and status, raked from declared margins: the first step of `make calibrate`.

`data/reference/synthetic_margins.csv` declares what tables must show: of the referrals `of` a status in a year, a share
in some categories (`percent`), or of those in a category the share that has the status (`rate`), or a number of
referrals in England (`count`, which quotas use as it is). The table nearest to what other years show that meets all of
them is stored in `synthetic_shares.csv`, from which every simulation reads; nothing else writes that file.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

import numpy as np

from rereferrals.census.synthetic.codes import codes
from rereferrals.census.synthetic.shares import SHARES, STATUSES, Margin, of_table
from rereferrals.census.synthetic.tables import Constraint, Floats, raked
from rereferrals.reference import code_set

GROUPS = {"all": STATUSES, "initial": ("leading", "not_leading"), **{s: (s,) for s in STATUSES}}
ELSE = "else"
CODED = ("level", "need")
HEADER = ("table", "year", "status", "category", "share")
DIGITS = 6


Shares = dict[tuple[str, int, str, str], float]


def raked_shares() -> Shares:
    """Every table: by name, year, status and category, the share within its status."""
    shares: Shares = {}
    for table, categories in (
        ("level", tuple("1234567")),
        ("source", tuple(c.label for c in code_set("referral_source_group"))),
        ("need", codes("primary_need")),
    ):
        shares |= _of_all_years(table, categories)
    for group in (c.label for c in code_set("d1_factor_group")):
        shares |= _of_all_years("factor", (group, ELSE))
    for table in ("coverage", "variant"):
        for margin in of_table(table):
            shares |= {(table, margin.year, s, margin.categories): margin.value / 100 for s in GROUPS[margin.of]}
    return {key: share for key, share in shares.items() if key[3] != ELSE}


def _of_all_years(table: str, categories: tuple[str, ...]) -> Shares:
    """The table of each year that has margins: first of the year with most, which the others begin with."""
    declared = [m for m in of_table(table) if set(names(m)) & set(categories)]
    by_year = {year: [m for m in declared if m.year == year] for year in {m.year for m in declared}}
    seed = np.outer(status_weights(table), np.full(len(categories), 1 / len(categories)))
    shares: Shares = {}
    for year, mine in sorted(by_year.items(), key=lambda item: (-len(item[1]), item[0])):
        found = raked(seed, [*_statuses(seed), *_constraints(mine, categories)])
        seed = found if not shares else seed
        within = found / found.sum(axis=1, keepdims=True)
        shares |= {
            (table, year, status, category): float(within[s, c])
            for s, status in enumerate(STATUSES)
            for c, category in enumerate(categories)
        }
    return shares


def status_weights(table: str = "") -> Floats:
    """How the referrals that a table is of divide by status: those with factors recorded, for factors."""
    again, leading = (margin.value / 100 for margin in of_table("status"))
    weights = np.array([again, (1 - again) * leading, (1 - again) * (1 - leading)])
    if table == "factor":
        recorded = {m.of: m.value for m in of_table("coverage", max(m.year for m in of_table("coverage")))}
        weights *= [recorded[status] for status in STATUSES]
    return np.asarray(weights / weights.sum())


def _statuses(seed: Floats) -> list[Constraint]:
    """That every status keeps its share."""
    everything = np.ones(seed.shape, np.bool_)
    rows = np.eye(len(STATUSES), dtype=np.bool_)
    return [Constraint(everything, everything & row[:, None], seed[s].sum()) for s, row in enumerate(rows)]


def _constraints(mine: Sequence[Margin], categories: tuple[str, ...]) -> list[Constraint]:
    total = sum(m.value for m in of_table("total", mine[0].year))
    found = []
    for margin in mine:
        rows, columns = (
            np.array([s in GROUPS[margin.of] for s in STATUSES])[:, None],
            np.array([c in names(margin) for c in categories])[None, :],
        )
        base, part = (columns, rows) if margin.statistic == "rate" else (rows, columns)
        whole = np.ones((len(STATUSES), len(categories)), np.bool_)
        share = margin.value / (total if margin.statistic == "count" else 100)
        found.append(Constraint(base & whole, part & whole, share))
    return found


def names(margin: Margin) -> list[str]:
    """The categories of a margin: codes apart by spaces, or one label."""
    return margin.categories.split() if margin.table in CODED else [margin.categories]


def as_text(shares: Shares) -> str:
    """The tables as they are stored."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((*key, f"{share:.{DIGITS}f}") for key, share in shares.items())
    return text.getvalue()


def write(shares: Shares) -> None:
    """Store the tables."""
    beside = SHARES.with_suffix(".new")
    beside.write_text(as_text(shares), encoding="utf-8")
    beside.replace(SHARES)
