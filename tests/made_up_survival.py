"""Closed cases that were never anyone's, whose re-referrals come as the chapter on them says, and their tables."""

from __future__ import annotations

from functools import cache

import ibis
import numpy as np
import pandas as pd

from rereferrals.measures import survival as measures
from rereferrals.measures.journeys import LEVELS
from rereferrals.model import DataSet
from rereferrals.published import PublishedTable
from rereferrals.release import Release
from rereferrals.statistics import disclosure, estimates

CASES_A_YEAR, YEAR_DAYS = 9_000, 365
#: Cumulated hazards at the end of the first year, and of the five that follow.
FIRST, LATER = 0.39, 0.48
NO_ACTION, IN_NEED, PLAN, LOOKED_AFTER = (LEVELS.index(LEVELS[place]) for place in (0, 2, 5, 6))
#: How often each level and ethnic group has re-referrals in the first year, and later; and each number of earlier ones.
BY_LEVEL = {NO_ACTION: (0.65, 1.0), PLAN: (0.85, 0.9), LOOKED_AFTER: (1.6, 1.0)}
ASIAN = 2
BY_EARLIER = (1.0, 1.05, 1.15, 1.35)


def closures(release: Release, seed: int = 5) -> pd.DataFrame:
    """The unit of closed cases, a row for each."""
    rng = np.random.default_rng(seed)
    years = np.repeat(np.arange(release.closures_from, release.year + 1), CASES_A_YEAR)
    size = len(years)
    starts = (years - 1).astype(str).astype("datetime64[Y]").astype("datetime64[D]") + 90 + rng.integers(0, 365, size)
    level, ethnic_group = rng.integers(0, len(LEVELS), size), rng.choice(6, size, p=[0.6, 0.1, 0.1, 0.1, 0.05, 0.05])
    earlier = rng.choice(4, size, p=[0.5, 0.25, 0.15, 0.1])
    early, late = (np.array([BY_LEVEL.get(each, (1.0, 1.0))[n] for each in level.tolist()]) for n in (0, 1))
    often = np.where(ethnic_group == ASIAN, 0.75, 1.0) * np.array(BY_EARLIER)[earlier]
    hazard = rng.exponential(size=size) / often
    within = YEAR_DAYS * (hazard / (FIRST * early)) ** (1 / 0.6)
    beyond = YEAR_DAYS + 5 * YEAR_DAYS * np.maximum((hazard - FIRST * early) / (LATER * late), 0) ** (1 / 0.8)
    days = np.floor(np.where(hazard < FIRST * early, within, np.minimum(beyond, 100_000))).astype("int64")
    adult = rng.integers(1, 18 * YEAR_DAYS, size)
    band = np.searchsorted([-200, 0, 365, 1826, 3652, 5844], 18 * YEAR_DAYS - adult, side="right") - 1
    return pd.DataFrame(
        {
            "time_period": years.astype("int32"),
            "person_id": rng.integers(0, size // 2, size),
            "cin_referral_date": starts - rng.integers(0, 300, size),
            "cin_closure_date": starts,
            "days_to_referral": pd.array(np.where(days < adult, days, -1), dtype="Int64").astype("Int64"),
            "days_to_adult": adult,
            "days_to_death": pd.array([None] * size, dtype="Int64"),
            "is_without_closure": rng.random(size) < 0.05,
            "is_transfer": rng.random(size) < 0.03,
            "need": rng.integers(0, len(measures.NEED.categories), size).astype("int8"),
            "level": level.astype("int8"),
            "age_band": band.astype("int8"),
            "earlier_referrals": earlier.astype("int8"),
            "sex": rng.choice(3, size, p=[0.49, 0.49, 0.02]).astype("int8"),
            "ethnic_group": ethnic_group.astype("int8"),
            "has_disability": (rng.random(size) < 0.1).astype("int8"),
            "factors": rng.integers(0, 1 << 20, size) & rng.integers(0, 1 << 20, size),
        }
    ).assign(days_to_referral=lambda rows: rows["days_to_referral"].where(rows["days_to_referral"] >= 0))


@cache
def _followed(year: int) -> estimates.Followed:
    release = Release.load(year)
    rows = closures(release)
    dates = {name: rows[name].astype("datetime64[s]").dt.date for name in ("cin_referral_date", "cin_closure_date")}
    schema = dict.fromkeys(("days_to_referral", "days_to_death"), "int64") | dict.fromkeys(dates, "date")
    table = ibis.memtable(rows.assign(**dates)).cast(schema)
    return estimates.Followed(table.cache(), release)


@cache
def published(data_set: DataSet, year: int) -> PublishedTable:
    """The published table of a data set that is estimated, where looked-after episodes were given."""
    release = Release.load(year)
    frame = estimates.estimate(_followed(year), data_set, list(data_set.years(release)))
    return disclosure.publish(frame, data_set, disclosure.Known(year, {"looked_after": release.years}))
