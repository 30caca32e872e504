"""What became of a referral: the highest level of intervention, and what came next (M17, M18, M19)."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.census.input_linkage import with_local_person
from rereferrals.release import Method
from rereferrals.units.groups import ASSESSED, CHILD_IN_NEED_PLAN, CONFERENCE, ENQUIRY, IN_CARE, PLAN
from rereferrals.units.referrals import NOT_IN_NEED_REASONS

NO_FURTHER_ACTION, NOT_IN_NEED, IN_NEED, ENQUIRED, CONFERRED, PLANNED, LOOKED_AFTER = range(1, 8)
REREFERRAL, LEADING, NOT_LEADING = "rereferral", "leading", "not_leading"


def looked_after(episodes: ir.Table, children: ir.Table, persons: ir.Table) -> ir.Table:
    """Whose looked-after episodes there are: local_person_id, first_day and last_day of each row.

    An episode that is still open lasts to the end of the return that tells of it.
    """
    last_day = _.dec.fill_null(ibis.date(_.collection_year, 3, 31))
    found = with_local_person(episodes, children, persons)
    return found.select("local_person_id", first_day=_.decom, last_day=last_day)


def with_looked_after(referrals: ir.Table, episodes: ir.Table, data_end: date) -> ir.Table:
    """Add to the activity that the child was looked after on any day from referral to closure, or the end of the data.

    A referral without further action and without a closure ends on its own day.
    """
    ongoing = ibis.ifelse(_.referral_nfa, _.cin_referral_date, ibis.literal(data_end))
    case = referrals.select("local_person_id", "cin_referral_date", case_end=_.cin_closure_date.fill_null(ongoing))
    found = (
        case.inner_join(episodes, "local_person_id")
        .filter(_.first_day <= _.case_end, _.last_day >= _.cin_referral_date)
        .select("local_person_id", "cin_referral_date")
        .distinct()
        .mutate(found=True)
    )
    key = ["local_person_id", "cin_referral_date"]
    joined = referrals.left_join(found, key).drop(*(f"{name}_right" for name in key))
    return joined.mutate(activity=_.activity | ibis.ifelse(_.found.fill_null(False), IN_CARE, 0)).drop("found")


def with_level(referrals: ir.Table, method: Method) -> ir.Table:
    """The highest level of intervention, 1 to 7, whatever return its activity comes from (M18)."""

    def has(kind: int) -> ir.BooleanValue:
        return (_.activity & kind) != 0

    not_in_need = has(ASSESSED) & _.reason_for_closure.isin(NOT_IN_NEED_REASONS).fill_null(False)
    lowest = _.referral_nfa if method.level_one == "flag" else _.referral_nfa | (_.activity == 0)
    level = ibis.cases(
        (has(IN_CARE), LOOKED_AFTER),
        (has(PLAN), PLANNED),
        (has(CONFERENCE), CONFERRED),
        (has(ENQUIRY), ENQUIRED),
        (has(CHILD_IN_NEED_PLAN), IN_NEED),
        (not_in_need, NOT_IN_NEED),
        (has(ASSESSED), IN_NEED),
        (lowest, NO_FURTHER_ACTION),
        else_=IN_NEED,
    )
    return referrals.mutate(level=level.cast("int8"))


def with_status(referrals: ir.Table, days: int) -> ir.Table:
    """The three-way status of each referral: a re-referral, or initial and followed by another within `days` or not.

    A re-referral stays one, whatever follows it (M17). `next_level` is the level of the re-referral that follows, null
    where none follows within `days`.
    """
    follows = (_.days_to_next <= days).fill_null(False)
    return referrals.mutate(
        referral_status=ibis.cases((_.is_rereferral, REREFERRAL), (follows, LEADING), else_=NOT_LEADING),
        next_level=ibis.ifelse(follows, _.following_level, ibis.null("int8")),
    ).drop("following_level", "days_to_next")
