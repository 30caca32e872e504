"""A release of published tables alone, as the book meets it: no census store is anywhere near."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from itertools import product
from pathlib import Path

import pandas as pd

import made_up_c1
import made_up_survival
from made_up_children import SIZED as OF_CHILDREN
from made_up_shares import SIZED as OF_SHARES
from rereferrals.datasets.referrals import A1, A2, A3
from rereferrals.datasets.registry import ALL, SECTIONS
from rereferrals.dissemination import ees, formats, notebooks, site
from rereferrals.dissemination.publication import publish
from rereferrals.model import LOCAL_AUTHORITY, DataSet
from rereferrals.published import DATA_FILES, PAGES, About, PublishedTable
from rereferrals.release import Release
from rereferrals.statistics import disclosure, tabulate

YEAR = 2024
ABOUT = About(False, tuple(SECTIONS))
#: Section → the charts of its chapter.
CHARTS = {section: import_module(f"rereferrals.commentary.{section}").CHARTS for section in SECTIONS}
SIZED = OF_CHILDREN | OF_SHARES
#: Referrals, re-referrals, no further action, not in need, children, children re-referred; to the nearest 10.
COUNTS = {
    2017: (646_120, 141_680, 66_040, 179_930, 571_000, 117_770),
    2018: (655_630, 143_810, 61_690, 186_560, 581_280, 120_190),
    2019: (650_930, 147_150, 52_610, 189_390, 575_290, 123_020),
    2020: (642_980, 145_390, 40_400, 194_190, 568_600, 121_150),
    2021: (597_760, 135_850, 35_620, 182_070, 529_490, 112_740),
    2022: (650_270, 139_500, 49_430, 187_390, 576_420, 116_180),
    2023: (640_430, 143_770, 45_340, 191_460, 566_960, 119_310),
    2024: (621_880, 139_080, 38_920, 188_300, 551_060, 115_550),
}
FOLLOWED = {"Within 1 year": (1, 241), "Within 3 years": (3, 432), "Within 5 years": (5, 501)}
ENGLAND = {
    "time_identifier": "Reporting year",
    "geographic_level": "National",
    "country_code": "E92000001",
    "country_name": "England",
}


def _percent(name: str, part: int, whole: int) -> dict[str, str]:
    tenths = (2000 * part + whole) // (2 * whole)
    text = f"{tenths // 10}.{tenths % 10}".removesuffix(".0")
    return {name: text, f"{name}_whole": str((200 * part + whole) // (2 * whole))}


def _annual(year: int) -> dict[str, str]:
    referrals, rereferrals, nfa, not_in_need, children, rereferred = COUNTS[year]
    return {
        "time_period": str(year),
        **ENGLAND,
        "referral_count": str(referrals),
        "rereferral_count": str(rereferrals),
        **_percent("rereferral_percent", rereferrals, referrals),
        "no_further_action_count": str(nfa),
        **_percent("no_further_action_percent", nfa, referrals),
        "not_in_need_count": str(not_in_need),
        **_percent("not_in_need_percent", not_in_need, referrals),
        "referral_child_count": str(children),
        "rereferral_child_count": str(rereferred),
        **_percent("rereferral_child_percent", rereferred, children),
    }


def _repeats(year: int) -> list[dict[str, str]]:
    children = COUNTS[year][4]
    twice, more = children // 100 * 10, 7_400
    split = {
        "Total": children,
        "1 referral": children - twice - more,
        "2 referrals": twice,
        "3 or more referrals": more,
    }
    return [
        {
            "time_period": str(year),
            **ENGLAND,
            "number_of_referrals": label,
            "referral_child_count": str(count),
            **_percent("referral_child_percent", count, children),
        }
        for label, count in split.items()
    ]


def _cohorts(year: int) -> list[dict[str, str]]:
    return [
        {
            "time_period": str(year),
            **ENGLAND,
            "follow_up": label,
            "initial_child_count": "500000",
            "rereferral_child_count": str(500 * per_thousand),
            **_percent("rereferral_child_percent", 500 * per_thousand, 500_000),
        }
        for label, (years, per_thousand) in FOLLOWED.items()
        if year + years <= YEAR
    ]


def published(data_set: DataSet, inputs: Collection[str] = ("looked_after", "pupils")) -> PublishedTable:
    """A table of figures that hang together: each category has as many rows as its place gives it, and a few more every
    year. Those of SIZED are as `made_up_children` and `made_up_shares` say. Only these `inputs` beside the returns were
    given."""
    if LOCAL_AUTHORITY in data_set.levels or data_set.made_from:
        return made_up_c1.published(data_set, YEAR)
    if data_set.estimated:
        return made_up_survival.published(data_set, YEAR)
    release = Release.load(YEAR)
    plain = [f for f in data_set.filters if not f.members]
    own = [[c for c in f.categories if c not in f.groups] for f in plain]
    rows = []
    for year in data_set.years(release):
        for place, chosen in enumerate(product(*own)):
            counted = [count for count in data_set.counts if not count.reference]
            row: dict[str, object] = {"time_period": year, "lea": "301"} | dict(
                zip((f.name for f in plain), chosen, strict=True)
            )
            if data_set in SIZED:
                rows.append(row | SIZED[data_set]({name: str(cell) for name, cell in row.items()}))
                continue
            size = 40_000 + 1_000 * (place % 7) + 10 * (year - release.first_year)
            for number, count in enumerate(counted):
                row |= _within(data_set, count.name, size // (1 + number))
            rows.append(row)
    counts = tabulate.with_totals(pd.DataFrame(rows), data_set)
    national = tabulate.national(counts, data_set, data_set.years(release))
    known = disclosure.Known(YEAR, dict.fromkeys(inputs, release.years))
    return disclosure.publish(national, data_set, known)


def _within(data_set: DataSet, name: str, size: int) -> dict[str, int]:
    """A count, or where categories overlap one for each of them and for any."""
    for f in data_set.filters:
        if f.members:
            parts = {f"{name}__{place}": size // (2 + place) for place in range(len(f.categories))}
            return parts | {f"{name}__any": size}
    return {name: size}


def write(folder: Path) -> None:
    """Write the published tables and data files of the release."""
    known = {A1: [_annual(year) for year in COUNTS]}
    known[A2] = [row for year in COUNTS for row in _repeats(year)]
    known[A3] = [row for year in COUNTS for row in _cohorts(year)]
    for data_set in ALL:
        rows = known.get(data_set)
        table = PublishedTable(data_set, pd.DataFrame(rows)) if rows else published(data_set)
        table.write(folder)
        ees.write_data_set(table, folder / DATA_FILES, Release.load(YEAR))
        formats.write(data_set, folder / DATA_FILES, Release.load(YEAR), ABOUT.made_up)
    ABOUT.write(folder)


def build(folder: Path, *, draft: bool = True) -> Path:
    """Write the release and build its pages; returns the folder of the pages."""
    write(folder)
    stage = folder / "stage"
    stage.mkdir()
    parameters = {"year": YEAR, "store": None, "output": str(folder), "draft": draft}
    with notebooks.executing(parameters, stage) as execute:
        execute(site.notebooks())
        site.prepare()
    publish(stage, Release.load(YEAR), ABOUT, folder, draft=draft)
    return folder / PAGES
