"""One row per referral with what came before and after it, by the longitudinal method (M03, M07, M10, M11, M16–M18).

The child is the person as linked within one authority and those it took over from, so renewed ids and reorganisations
do not hide a previous referral.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.reference import code_places
from rereferrals.release import Method, Release
from rereferrals.units import journeys
from rereferrals.units.groups import reporting_year
from rereferrals.units.referrals import REREFERRAL_DAYS

DAYS_IN_YEAR = 365
WINDOW_YEARS = (1, 3, 5)
ADULT_YEARS = 18
TABLES = ("children", "persons", "looked_after")
NOT_STATED = code_places("primary_need")["N0"]
EARLIER_YEARS, MANY = 5, 3


def build(merged: ir.Table, tables: Mapping[str, ir.Table], release: Release) -> ir.Table:
    """The longitudinal unit, from merged referrals, the records of children, and the census tables named in TABLES.

    Rows: referrals of the years of the release, and earlier ones that were open in those years.
    Columns: time_period, lea, local_person_id, cin_referral_date, days_since_previous, is_rereferral (M03),
    next_referral_date (null if none is known of), referral_source (M10), need_code (M11), referral_nfa,
    cin_closure_date, reason_for_closure, codes being places as in `groups`; factors (a set, M16), activity (a set),
    level (M18),
    referral_status (M17), next_level; earlier_referrals of the person in the five years before, MANY standing for that
    many or more (M23); person_birth_date, if the method asks for it.
    """
    method, first_year = release.method, min(release.first_year, release.closures_from)
    episodes = journeys.looked_after(tables["looked_after"], tables["children"], tables["persons"])
    referrals = (
        journeys.with_looked_after(merged, episodes, release.data_end)
        .pipe(journeys.with_level, method)
        .pipe(with_neighbours)
        .mutate(
            time_period=reporting_year(_.cin_referral_date),
            is_rereferral=(_.days_since_previous <= REREFERRAL_DAYS).fill_null(False),
        )
        .pipe(journeys.with_status, REREFERRAL_DAYS)
        .pipe(with_need, method)
    )
    first_day = ibis.date(first_year - 1, 4, 1)
    is_of_period = (_.time_period >= first_year) | (_.cin_closure_date >= first_day).fill_null(True)
    referrals = referrals.filter(is_of_period)
    return with_birth_date(referrals, tables["records"]) if method.cohort_under_18 else referrals


def with_need(referrals: ir.Table, method: Method) -> ir.Table:
    """The code of the primary need, null if the referral is not of those that shares of needs are of (M11)."""
    stated = _.primary_need_code.fill_null(NOT_STATED)
    need = {
        "coded": _.primary_need_code,
        "not_nfa": ibis.ifelse(_.referral_nfa, ibis.null("int8"), stated),
        "all": stated,
    }
    return referrals.mutate(need_code=need[method.primary_need_base]).drop("primary_need_code")


def with_birth_date(referrals: ir.Table, records: ir.Table) -> ir.Table:
    """The person's date of birth, null where no return has one."""
    births = records.group_by("local_person_id").aggregate(person_birth_date=_.person_birth_date.max())
    return referrals.left_join(births, "local_person_id").drop("local_person_id_right")


def with_neighbours(referrals: ir.Table) -> ir.Table:
    """Days since the person's previous referral, and how many there were in recent years; date and level of the next,
    and days to it; null if there is none."""
    history = ibis.window(group_by="local_person_id", order_by="cin_referral_date")
    earlier = {f"earlier_{back}": _.cin_referral_date.lag(back).over(history) for back in range(1, MANY + 1)}
    beside = referrals.mutate(
        **earlier,
        next_referral_date=_.cin_referral_date.lead().over(history),
        following_level=_.level.lead().over(history),
    )
    return beside.mutate(
        days_since_previous=_.cin_referral_date.delta(_.earlier_1, unit="day"),
        days_to_next=_.next_referral_date.delta(_.cin_referral_date, unit="day"),
        earlier_referrals=sum(_is_recent(_[name]) for name in earlier).cast("int8"),
    ).drop(*earlier)


def _is_recent(earlier: ir.DateValue) -> ir.IntegerValue:
    days = DAYS_IN_YEAR * EARLIER_YEARS
    return (_.cin_referral_date.delta(earlier, unit="day") <= days).fill_null(False).cast("int8")


def cohorts(followup: ir.Table, first_year: int, data_end: date, method: Method) -> ir.Table:
    """One row per child with an initial referral and window of 1, 3 or 5 years that is observed whole (M07).

    Columns: time_period (the year of the initial referral), lea, window_years, is_rereferred.
    A cohort has a window's row only if the window of its last day ends by `data_end`.
    """
    initial = followup.filter(~_.is_rereferral & (_.time_period >= first_year))
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
