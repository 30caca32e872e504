"""What a simulated census shows: shares among its referrals, cohorts and children, straight from the histories.

Calibration and its test need many shares of many simulated censuses, and not the returns. So each unit is described
here a second time, small, on the histories' columns: a row per referral or child of a year and a mask for each group
and category that a target may name. What is published comes from `rereferrals.units` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from rereferrals.census.synthetic.families import Histories
from rereferrals.census.synthetic.history import YEAR, Days, Mask, first_day, last_day
from rereferrals.census.synthetic.journeys import NEVER

Facts = Mapping[str, Mask]
WINDOWS = (1, 3, 5)
EVERYTHING = "all"


def referrals(histories: Histories, year: int) -> Facts:
    """Referrals of a year by the longitudinal method: `rereferral`, or `initial` (M03)."""
    rows = _of_year(histories, year)
    again = _since_previous(histories)[rows] <= YEAR
    return {EVERYTHING: np.ones(len(rows), np.bool_), "rereferral": again, "initial": ~again}


def cohort(histories: Histories, year: int) -> Facts:
    """Initial referrals of a year, and whether the child is referred again `within_1_year`, 3 or 5 (M07)."""
    rows = _of_year(histories, year)
    rows = rows[_since_previous(histories)[rows] > YEAR]
    gap = _until_next(histories)[rows]
    windows = {f"within_{k}_year{'s' if k > 1 else ''}": gap <= k * YEAR for k in WINDOWS}
    return {EVERYTHING: np.ones(len(rows), np.bool_), **windows}


UNITS: dict[str, Callable[[Histories, int], Facts]] = {"referrals": referrals, "cohort": cohort}


def _of_year(histories: Histories, year: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    day = histories.referrals["day"]
    return np.flatnonzero((day >= first_day(year)) & (day <= last_day(year)))


def _since_previous(histories: Histories) -> Days:
    """Days since the child's previous referral, NEVER where there is none; rows are by child and day."""
    child, day = histories.referrals["child"], histories.referrals["day"]
    gap = np.full(len(day), NEVER, np.int32)
    same = child[1:] == child[:-1]
    gap[1:][same] = (day[1:] - day[:-1])[same]
    return gap


def _until_next(histories: Histories) -> Days:
    """Days until the child's next referral, NEVER where there is none."""
    child, day = histories.referrals["child"], histories.referrals["day"]
    gap = np.full(len(day), NEVER, np.int32)
    same = child[1:] == child[:-1]
    gap[:-1][same] = (day[1:] - day[:-1])[same]
    return gap
