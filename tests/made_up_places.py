"""Published tables of authorities: made up from a few figures, and of the files that were published."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from rereferrals import areas
from rereferrals.datasets.regional import CIN_C1, F1
from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, DataSet, Rate
from rereferrals.published import KEYS, SYMBOLS, WHOLE, PublishedTable, ratio
from rereferrals.reference import ENGLAND

Cells = Mapping[str, str]


def authority(year: int, code: str, **cells: str) -> dict[str, str]:
    """A row of an authority that no reference table needs to know."""
    area = ("E12000001", "North East", code, f"E06000{code}", f"Authority {code}")
    return dict(zip(KEYS, (str(year), "Reporting year", LOCAL_AUTHORITY, *ENGLAND, *area), strict=True)) | cells


def england(year: int, **cells: str) -> dict[str, str]:
    """A row of England."""
    return dict(zip(KEYS, (str(year), "Reporting year", NATIONAL, *ENGLAND, *[""] * 5), strict=True)) | cells


def table(data_set: DataSet, rows: Iterable[Cells]) -> PublishedTable:
    """A published table of rows; indicators that they do not have are not available."""
    whole = [i.name + WHOLE for i in data_set.indicators if isinstance(i, Rate)]
    cells = dict.fromkeys([*KEYS, *(i.name for i in data_set.indicators), *whole], "x")
    return PublishedTable(data_set, pd.DataFrame([cells | row for row in rows], columns=list(cells), dtype="str"))


def published_c1(materials: Path) -> PublishedTable:
    """C1 as it was published."""
    return table(CIN_C1, _rows(materials))


def published_f1(materials: Path, vintage: int) -> PublishedTable:
    """F1 as it follows from C1 as published and the children of each authority, of a vintage of the estimates."""
    return table(F1, [row | _rate(row, vintage) for row in _rows(materials) if row["geographic_level"] != "Regional"])


def _rows(materials: Path) -> list[dict[str, str]]:
    name = "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv"
    with open(materials / "data" / "published" / "dfe_cin_2025" / name, newline="", encoding="utf-8-sig") as file:
        return [{name: row[name] for name in row if name != "category"} for row in csv.DictReader(file)]


def _rate(row: Cells, vintage: int) -> dict[str, str]:
    area = row["old_la_code"] or row["country_code"]
    children, referrals = areas.population(area, int(row["time_period"]), vintage), row["referral_count"]
    if children is None:
        return {"population_estimate": "x", "referral_rate": "x"}
    rate = referrals if referrals in SYMBOLS else ratio(int(referrals), children, per=10_000, decimal_places=1)
    return {"population_estimate": str(children), "referral_rate": rate}
