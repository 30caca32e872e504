"""One row per episode of need, by the longitudinal method (M08, M09)."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.release import Method, Release
from rereferrals.units.followup import is_rereferral
from rereferrals.units.groups import reporting_year
from rereferrals.units.merged import is_in_need

#: Upper ends of all duration bands but the last in calendar months and in days, and whether the band takes in its end.
MONTHS, DAYS = (3, 6, 12, 24), (91, 182, 365, 730)
INCLUSIVE = (True, True, False, False)


def build(merged: ir.Table, release: Release) -> ir.Table:
    """The unit, from merged referrals: those that are neither NFA nor closed as not in need (M08).

    Rows: those that ended in the years of the release, or are open.
    Columns: time_period (the year of closure, null while open), lea, local_person_id, cin_referral_date,
    cin_closure_date, is_rereferral, days (from referral to closure), band (0 to 4, M09), is_overlapping and
    has_impossible_dates: such an episode keeps its row, and belongs in no duration.
    """
    return (
        merged.filter(is_in_need())
        .mutate(
            is_rereferral=is_rereferral(),
            time_period=reporting_year(_.cin_closure_date),
            days=_.cin_closure_date.delta(_.cin_referral_date, unit="day"),
            has_impossible_dates=(_.cin_closure_date < _.cin_referral_date).fill_null(False),
        )
        .filter((_.time_period >= release.first_year).fill_null(True))
        .pipe(with_band, release.method)
        .select(
            "time_period", "lea", "local_person_id", "cin_referral_date", "cin_closure_date", "is_rereferral",
            "days", "band", "is_overlapping", "has_impossible_dates",
        )
    )  # fmt: skip


def with_band(episodes: ir.Table, method: Method) -> ir.Table:
    """The duration band of an ended episode, 0 to 4, by months from the day of referral or by days (M09).

    A month ends on the same day of the month, or on its last if it has no such day.
    """

    def within(place: int) -> ir.BooleanValue:
        if method.band_unit == "days":
            return _.days <= DAYS[place] if INCLUSIVE[place] else _.days < DAYS[place]
        end = (_.cin_referral_date + ibis.interval(months=MONTHS[place])).cast("date")
        return _.cin_closure_date <= end if INCLUSIVE[place] else _.cin_closure_date < end

    bands = [(within(place), place) for place in range(len(MONTHS))]
    return episodes.mutate(band=ibis.cases(*bands, else_=len(MONTHS)).cast("int8"))
