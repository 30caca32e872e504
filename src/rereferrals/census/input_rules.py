"""The rules for what comes beside the returns, each declared once, as `rules` are for returns; in every year.

They are asked of rows with what they need of other rows of the same input:

- looked-after episodes: `earlier_last_day`, on which the last of the child's earlier episodes in the year ceased, or
  the day after the year for one that lasts;
- pupils: `records_with_this_upn` in the year.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis
from ibis import _
from ibis.expr.types import Table

from rereferrals.census.constraints import Matches
from rereferrals.census.rules import FIRST_DAY, LAST_DAY, YEAR, Rule, column_rules
from rereferrals.census.schema import INPUTS, LOOKED_AFTER, PUPILS, UPN

INPUT_RULES = (
    Rule("LAC1", "An episode of being looked after does not cease before it begins.", LOOKED_AFTER,
         _.dec < _.decom, first_year=0),
    Rule("LAC2", "An episode of being looked after is open on some day of the year.", LOOKED_AFTER,
         (_.decom > LAST_DAY) | (_.dec < FIRST_DAY), first_year=0),
    Rule("LAC3", "An episode of being looked after does not begin during another of the child.", LOOKED_AFTER,
         _.decom < _.earlier_last_day, first_year=0),
    Rule("PUP1", "The UPN of a pupil has the form of one.", PUPILS,
         Matches(UPN).broken(_.upn, YEAR), first_year=0),
    Rule("PUP2Q", "A pupil has one record in a year.", PUPILS,
         _.records_with_this_upn > 1, first_year=0),
)  # fmt: skip

#: What every column of them must be.
INPUT_COLUMN_RULES = tuple(column_rules(INPUTS))


def _looked_after(rows: Table) -> Table:
    earlier = ibis.window(group_by=LOOKED_AFTER.key[:-1], order_by=["decom", LOOKED_AFTER.key[-1]], preceding=(None, 1))
    last_day = _.dec.fill_null(LAST_DAY + ibis.interval(days=1)).max().over(earlier)
    dated = rows.filter(_.decom.notnull()).mutate(earlier_last_day=last_day)
    return dated.union(rows.filter(_.decom.isnull()).mutate(earlier_last_day=ibis.null("date")))


def _pupils(rows: Table) -> Table:
    key = list(PUPILS.key[:-1])
    several = rows.group_by(key).having(_.count() > 1).aggregate(records_with_this_upn=_.count())
    return rows.left_join(several, key).drop(*(f"{name}_right" for name in key))


#: How each input is widened.
WIDENED: dict[str, Callable[[Table], Table]] = {LOOKED_AFTER.name: _looked_after, PUPILS.name: _pupils}
