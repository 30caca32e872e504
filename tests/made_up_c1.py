"""Figures on areas like those published: what each authority counted, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pandas as pd

from rereferrals import areas
from rereferrals.datasets.regional import CIN_C1, F1
from rereferrals.model import DataSet
from rereferrals.places.registry import MAKERS
from rereferrals.published import PublishedTable
from rereferrals.reference import authorities
from rereferrals.release import REFERENCE, Release, data_issues
from rereferrals.statistics import disclosure, tabulate

#: Episodes with any factor, in each authority and year.
EPISODES = 2_000


def counts(data_set: DataSet, release: Release, own: pd.DataFrame | None = None) -> pd.DataFrame:
    """True counts of a data set of areas: those of `authority_referrals.csv`, or else all authorities alike."""
    years = data_set.years(release)
    own = _counted(data_set, years) if own is None else own
    issues = [issue for issue in data_issues() if issue.time_period in years]
    returned = set(zip(own["time_period"], own["lea"], strict=True))
    vintage = release.places.population_vintage
    return tabulate.areas(
        own,
        tabulate.with_stand_ins(own, data_set, issues),
        data_set,
        years,
        returned,
        lambda code, year: areas.population(code, year, vintage),
    )


@cache
def published(data_set: DataSet, year: int) -> PublishedTable:
    """A data set of the sections on areas, as published."""
    release = Release.load(year)
    if data_set.made_from:
        return MAKERS[data_set.id]({source.id: published(source, year) for source in data_set.made_from}, release)
    known = disclosure.Known(year, issues=data_issues())
    return disclosure.publish(counts(data_set, release), data_set, known, release.protection)


def _counted(data_set: DataSet, years: Iterable[int]) -> pd.DataFrame:
    if data_set in (CIN_C1, F1):
        rows = pd.read_csv(REFERENCE / "authority_referrals.csv", dtype={"old_la_code": str})
        return rows[rows["time_period"].isin(years)].rename(columns={"old_la_code": "lea"}).reset_index(drop=True)
    names = [count.name for count in data_set.counts]
    alike = {name: EPISODES // (1 + place) for place, name in enumerate(names)}
    return pd.DataFrame(
        [
            {"time_period": year, "lea": authority.old_la_code} | alike
            for year in years
            for authority in authorities()
            if authority.existed(year)
        ]
    )
