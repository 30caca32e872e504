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

from rereferrals.release import Method
from rereferrals.units.referrals import REREFERRAL_DAYS, reporting_year, with_child, with_key

DAYS_IN_YEAR = 365
WINDOW_YEARS = (1, 3, 5)
ADULT_YEARS = 18
TABLES = ("referrals", "children", "persons")


def build(tables: Mapping[str, ir.Table], first_year: int, data_end: date, method: Method) -> ir.Table:
    """The longitudinal unit from `first_year` to `data_end`, from the census tables named in TABLES.

    Columns: time_period, lea, local_person_id, cin_referral_date, days_since_previous, is_rereferral (M03), and
    next_referral_date, null if none is known of; person_birth_date, if the method asks for it. Groups of a person with
    one referral date are one referral, whatever return they come from.
    """
    # A year earlier is all that can make a referral of the first year a re-referral.
    earliest = date(first_year - 2, 4, 1)
    referrals = (
        with_key(tables["referrals"])
        .filter(_.cin_referral_date.between(earliest, data_end))
        .pipe(with_child, tables["persons"])
        .group_by("local_person_id", "cin_referral_date")
        .aggregate(lea=_.lea.max())
        .pipe(with_neighbours)
        .mutate(
            time_period=reporting_year(_.cin_referral_date),
            is_rereferral=(_.days_since_previous <= REREFERRAL_DAYS).fill_null(False),
        )
        .filter(_.time_period >= first_year)
        .select(
            "time_period", "lea", "local_person_id", "cin_referral_date",
            "days_since_previous", "is_rereferral", "next_referral_date",
        )
    )  # fmt: skip
    return with_birth_date(referrals, tables) if method.cohort_under_18 else referrals


def with_birth_date(referrals: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    """The person's date of birth, null where no return has one."""
    births = (
        with_key(tables["children"])
        .pipe(with_child, tables["persons"])
        .group_by("local_person_id")
        .aggregate(person_birth_date=_.person_birth_date.max())
    )
    return referrals.left_join(births, "local_person_id").drop("local_person_id_right")


def with_neighbours(referrals: ir.Table) -> ir.Table:
    """Days since the person's previous referral, and the date of the next; null where there is none."""
    history = ibis.window(group_by="local_person_id", order_by="cin_referral_date")
    return referrals.mutate(
        previous=_.cin_referral_date.lag().over(history), next_referral_date=_.cin_referral_date.lead().over(history)
    ).mutate(days_since_previous=_.cin_referral_date.delta(_.previous, unit="day"))


def cohorts(followup: ir.Table, data_end: date, method: Method) -> ir.Table:
    """One row per child with an initial referral and window of 1, 3 or 5 years that is observed whole (M07).

    Columns: time_period (the year of the initial referral), lea, window_years, is_rereferred.
    A cohort has a window's row only if the window of its last day ends by `data_end`.
    """
    initial = followup.filter(~_.is_rereferral)
    windows = []
    for years in WINDOW_YEARS:
        days = ibis.interval(days=DAYS_IN_YEAR * years)
        end = _.cin_referral_date + (ibis.interval(years=years) if method.cohort_window == "anniversary" else days)
        observed = initial.filter(_.time_period <= data_end.year - years).mutate(window_end=end.cast("date"))
        if method.cohort_under_18:
            adult = (_.person_birth_date + ibis.interval(years=ADULT_YEARS)).cast("date")
            observed = observed.filter((adult > _.window_end).fill_null(True))
        reached = (_.next_referral_date <= _.window_end).fill_null(False)
        windows.append(observed.select("time_period", "lea", window_years=ibis.literal(years), is_rereferred=reached))
    return ibis.union(*windows)
