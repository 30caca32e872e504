"""One row per referral with what came before and after it, by the longitudinal method (M03, M07, M10, M11, M16–M18).

The child is the person as linked within one authority and those it took over from, so renewed ids and reorganisations
do not hide a previous referral.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.reference import code_places
from rereferrals.release import Method, Release
from rereferrals.units import journeys
from rereferrals.units.children import years_between
from rereferrals.units.groups import reporting_year
from rereferrals.units.merged import ADULT_YEARS, DAYS_IN_YEAR
from rereferrals.units.referrals import REREFERRAL_DAYS

WINDOW_YEARS = (1, 3, 5)
NOT_STATED = code_places("primary_need")["N0"]


def build(merged: ir.Table, release: Release) -> ir.Table:
    """The longitudinal unit, from merged referrals: those of the years of the release.

    Columns: time_period, lea, local_person_id, cin_referral_date, next_referral_date (null if none is known of),
    is_rereferral (M03), referral_source (M10) and need_code (M11) as places of codes, factors (a set, M16), activity (a
    set, see `groups`), level (M18), referral_status (M17) and next_level; person_birth_date, if the method asks for it.
    """
    method = release.method
    birth = ["person_birth_date"] if method.cohort_under_18 else []
    return (
        merged.mutate(time_period=reporting_year(_.cin_referral_date), is_rereferral=is_rereferral())
        .filter(_.time_period >= release.first_year)
        .pipe(journeys.with_levels, REREFERRAL_DAYS, method)
        .pipe(journeys.with_status, REREFERRAL_DAYS)
        .pipe(with_need, method)
        .select(
            "time_period", "lea", "local_person_id", "cin_referral_date", "next_referral_date", "is_rereferral",
            "referral_source", "need_code", "factors", "activity", "level", "referral_status", "next_level", *birth,
        )
    )  # fmt: skip


def is_rereferral() -> ir.BooleanValue:
    """Whether a merged referral follows the person's previous one within 365 days (M03)."""
    return (_.days_since_previous <= REREFERRAL_DAYS).fill_null(False)


def with_need(referrals: ir.Table, method: Method) -> ir.Table:
    """The code of the primary need, null if the referral is not of those that shares of needs are of (M11)."""
    stated = _.primary_need_code.fill_null(NOT_STATED)
    need = {
        "coded": _.primary_need_code,
        "not_nfa": ibis.ifelse(_.referral_nfa, ibis.null("int8"), stated),
        "all": stated,
    }
    return referrals.mutate(need_code=need[method.primary_need_base]).drop("primary_need_code")


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
            age = years_between(_.person_birth_date, _.window_end)
            observed = observed.filter((age < ADULT_YEARS).fill_null(True))
        reached = (_.next_referral_date <= _.window_end).fill_null(False)
        windows.append(observed.select("time_period", "lea", window_years=ibis.literal(years), is_rereferred=reached))
    return ibis.union(*windows)
