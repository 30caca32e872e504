"""One row per referral with what came before and after it, by the longitudinal method (M03, M07).

All returns are merged: a case open on 31 March comes again in the next return, and is one referral. The child is the
person as linked within one authority and those it took over from, so renewed ids and reorganisations do not hide a
previous referral.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.units.referrals import REREFERRAL_DAYS, reporting_year, with_child, with_key

DAYS_IN_YEAR = 365
WINDOW_YEARS = (1, 3, 5)
TABLES = ("referrals", "persons")


def build(tables: Mapping[str, ir.Table], first_year: int) -> ir.Table:
    """The longitudinal unit from `first_year` on, from the census tables named in TABLES.

    Columns: time_period, lea, days_since_previous, days_to_next (null if none is known of), is_rereferral (M03).
    Groups of a person with one referral date are one referral, whatever return they come from.
    """
    # A year earlier is all that can make a referral of the first year a re-referral.
    earliest = date(first_year - 2, 4, 1)
    return (
        with_key(tables["referrals"])
        .pipe(with_child, tables["persons"])
        .filter(_.cin_referral_date >= earliest)
        .select("lea", "local_person_id", "cin_referral_date")
        .group_by("local_person_id", "cin_referral_date")
        .aggregate(lea=_.lea.max())
        .pipe(with_neighbours)
        .mutate(
            time_period=reporting_year(_.cin_referral_date),
            is_rereferral=(_.days_since_previous <= REREFERRAL_DAYS).fill_null(False),
        )
        .filter(_.time_period >= first_year)
        .select("time_period", "lea", "days_since_previous", "days_to_next", "is_rereferral")
    )


def with_neighbours(referrals: ir.Table) -> ir.Table:
    """Days since the person's previous referral and days to the next; null where there is none."""
    history = ibis.window(group_by="local_person_id", order_by="cin_referral_date")
    return referrals.mutate(
        previous=_.cin_referral_date.lag().over(history), following=_.cin_referral_date.lead().over(history)
    ).mutate(
        days_since_previous=_.cin_referral_date.delta(_.previous, unit="day"),
        days_to_next=_.following.delta(_.cin_referral_date, unit="day"),
    )


def cohorts(followup: ir.Table, data_end: date) -> ir.Table:
    """One row per child with an initial referral and window of 1, 3 or 5 years that is observed whole (M07).

    Columns: time_period (the year of the initial referral), lea, window_years, is_rereferred.
    A cohort has a window's row only if the window of its last day ends by `data_end`.
    """
    initial = followup.filter(~_.is_rereferral)
    windows = []
    for years in WINDOW_YEARS:
        observed = initial.filter(_.time_period <= data_end.year - years)
        reached = (_.days_to_next <= DAYS_IN_YEAR * years).fill_null(False)
        windows.append(observed.select("time_period", "lea", window_years=ibis.literal(years), is_rereferred=reached))
    return ibis.union(*windows)
