"""A data set of areas made up to be drawn as a map, points and panels."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from made_up_release import ENGLAND
from rereferrals import reference
from rereferrals.chart_model import Areas, AreaSeries, Chart
from rereferrals.dissemination.claims import Tables
from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL, Claim, Count, DataSet, Estimate, Rate
from rereferrals.published import PublishedTable

YEARS = range(2017, 2025)
REFERRALS = Count("referrals", "Referrals")
FOUND = Count("rereferrals", "Re-referrals")
SHARE = Rate("rereferral_percent", "Percentage of referrals that are re-referrals", FOUND, REFERRALS)
RATE = Rate("referral_rate", "Referrals per 10,000 children", REFERRALS, REFERRALS, per=10_000, unit="")
FIFTH = Estimate("fifth", "Fifth by deprivation", 0, "")
PLACES = DataSet(
    "T7",
    "Places",
    "places_made_up",
    "referrals",
    (REFERRALS, SHARE, RATE),
    levels=(NATIONAL, REGIONAL, LOCAL_AUTHORITY),
)
OF_AUTHORITIES = DataSet(
    "T8", "Authorities", "authorities_made_up", "", (RATE, SHARE, FIFTH), levels=(LOCAL_AUTHORITY,), made_from=(PLACES,)
)  # fmt: skip

WORDS = {
    "title": Claim("What a reader should see"),
    "subtitle": Claim("Percentage of referrals, England, year ending 31 March"),
}
GROUPS = {"5": "5: least deprived fifth", "4": "4", "3": "3", "2": "2", "1": "1: most deprived fifth"}
MAP = Chart(
    name="authorities",
    mark="map",
    shows=Areas(PLACES, {"Re-referral rate": SHARE}, LOCAL_AUTHORITY),
    category_title="Local authority",
    value_title="Percentage of referrals that are re-referrals",
    alt=Claim("Map of local authorities: rates differ within every region."),
    **WORDS,
)
SCATTER = Chart(
    name="deprivation",
    mark="scatter",
    shows=Areas(OF_AUTHORITIES, {"Referral rate": RATE, "Re-referral rate": SHARE, "Fifth": FIFTH}, LOCAL_AUTHORITY),
    category_title="Referrals per 10,000 children",
    value_title="Percentage of referrals that are re-referrals",
    alt=Claim("Scatter plot: rates do not go together."),
    groups=GROUPS,
    **WORDS,
)
PLAIN_SCATTER = Chart(
    name="rates",
    mark="scatter",
    shows=Areas(PLACES, {"Referral rate": RATE, "Re-referral rate": SHARE}, LOCAL_AUTHORITY),
    category_title="Referrals per 10,000 children",
    value_title="Percentage of referrals that are re-referrals",
    alt=Claim("Scatter plot: rates do not go together."),
    **WORDS,
)
PANELS = Chart(
    name="regions",
    mark="panels",
    shows=AreaSeries(PLACES, SHARE),
    category_title="Region",
    value_title="Percentage of referrals that are re-referrals",
    alt=Claim("Small line charts: the North East is the highest."),
    **WORDS,
)
CHARTS = (MAP, SCATTER, PLAIN_SCATTER, PANELS)

#: Authorities whose values are a symbol in the latest year.
SYMBOLS = {"City of London": "c", "Hampshire": "u"}


def _cells(size: int) -> dict[str, str]:
    """Values of an area: no two of a size alike, so that the highest and lowest are known."""
    return {
        "referrals": str(100 + 10 * size),
        SHARE.name: f"{12 + size / 10:.1f}".removesuffix(".0"),
        RATE.name: f"{300 + (37 * size) % 151:.1f}".removesuffix(".0"),
    }


def _authorities(year: int) -> list[dict[str, str]]:
    rows = []
    for place, authority in enumerate(a for a in reference.authorities() if a.existed(year)):
        cells = _cells((7 * place) % 153)
        if year == YEARS[-1] and authority.la_name in SYMBOLS:
            cells = dict.fromkeys(cells, SYMBOLS[authority.la_name])
        rows.append(
            _row(year, LOCAL_AUTHORITY, authority.region_code, authority.region_name)
            | {"old_la_code": authority.old_la_code, "new_la_code": authority.new_la_code, "la_name": authority.la_name}
            | cells
        )
    return rows


def _row(year: int, level: str, region_code: str = "", region_name: str = "") -> dict[str, str]:
    area = {"region_code": region_code, "region_name": region_name, "old_la_code": "", "new_la_code": "", "la_name": ""}
    return {"time_period": str(year), **ENGLAND, "geographic_level": level, **area}


def frames() -> dict[str, pd.DataFrame]:
    """The published rows of every data set made up here."""
    rows = []
    for year in YEARS:
        rows.append(_row(year, NATIONAL) | _cells(90 + year % 3))
        for place, region in enumerate(reference.regions()):
            rows.append(_row(year, REGIONAL, region.code, region.name) | _cells((41 * place + 3 * year) % 120))
        rows += _authorities(year)
    places = pd.DataFrame(rows)
    chosen = (places["geographic_level"] == LOCAL_AUTHORITY) & (places["time_period"] == str(YEARS[-1]))
    latest = places[chosen].drop(columns="referrals").reset_index(drop=True)
    latest[FIFTH.name] = [str(1 + number % 5) for number in range(len(latest))]
    return {"T7": places, "T8": latest}


def tables(frames: Mapping[str, pd.DataFrame]) -> Tables:
    """Published tables of these rows."""
    return lambda data_set: PublishedTable(data_set, frames[data_set.id])
