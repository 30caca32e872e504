"""One row per group of a return that tells of a referral: its child numbered, and what it records as whole numbers.

A national store has some twelve million. What returns say of them is joined by text keys here, once for a store; units
of a release then join, group and compare numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.reference import code_bits, code_places, code_set, factor_bits

GROUP_KEY = ("lea", "collection_year", "la_child_id", "child_number", "referral_number")
ASSESSMENT_KEY = (*GROUP_KEY, "assessment_number")
TABLES = (
    "referrals", "persons", "assessments", "factors", "section47", "child_protection_plans", "cin_plans",
)  # fmt: skip
#: Kinds of activity, as bits of the set `activity`.
ASSESSED, ENQUIRY, CONFERENCE, PLAN, CHILD_IN_NEED_PLAN, IN_CARE = (
    code_bits("activity", [code.code]) for code in code_set("activity")
)
#: Reasons for closure that an assessment found the child not to be in need, as places.
NOT_IN_NEED_REASONS = tuple(code_places("reason_for_closure")[code] for code in ("RC8", "RC9"))
#: Columns that hold a place in a code set, and which.
CODE_SETS = {
    "referral_source": "referral_source",
    "primary_need_code": "primary_need",
    "reason_for_closure": "reason_for_closure",
}


def build(tables: Mapping[str, ir.Table]) -> ir.Table:
    """The unit of all returns, from the census tables named in TABLES.

    Columns: lea, collection_year, child_number and referral_number (file order); child_id, local_person_id and
    person_id, see `with_child`; cin_referral_date, cin_closure_date, referral_nfa; referral_source, primary_need_code
    and reason_for_closure, each the place of the code in its code set, null if there is none; has_conference, whether
    the group itself has the date of an initial conference; activity, factors and authorised_factors, see `recorded`.
    """
    groups = with_key(tables["referrals"]).pipe(with_child, tables["persons"])
    sets = ("activity", "factors", "authorised_factors")
    return groups.left_join(recorded(tables), GROUP_KEY).select(
        "lea", "collection_year", "child_number", "referral_number", "child_id", "local_person_id",
        "person_id", "cin_referral_date", "cin_closure_date", "referral_nfa",
        has_conference=_.date_of_initial_cpc.notnull(),
        **{name: place_of(_[name], code_set) for name, code_set in CODE_SETS.items()},
        **{name: _[name].fill_null(0) for name in sets},
    )  # fmt: skip


def recorded(tables: Mapping[str, ir.Table]) -> ir.Table:
    """What is recorded of each group for which anything is, over all its assessments, as sets.

    Columns: those of GROUP_KEY; activity, of the kinds above; factors (see `reference.factor_bits`), in which an
    unknown code is nothing; authorised_factors, those of assessments authorised in the return's own year (M16).
    """
    nothing = ibis.literal(0, "int64")
    enquiry = ibis.ifelse(_.date_of_initial_cpc.notnull(), ENQUIRY | CONFERENCE, ENQUIRY)
    kinds = {"assessments": ASSESSED, "section47": enquiry, "child_protection_plans": PLAN}
    kinds["cin_plans"] = CHILD_IN_NEED_PLAN
    rows = [
        with_key(tables[table]).select(*GROUP_KEY, activity=_as_set(kind), bit=nothing, authorised_bit=nothing)
        for table, kind in kinds.items()
    ]
    rows.append(_factors(tables).select(*GROUP_KEY, "bit", "authorised_bit", activity=nothing)[rows[0].columns])
    return (
        ibis.union(*rows)
        .group_by(GROUP_KEY)
        .aggregate(activity=union(_.activity), factors=union(_.bit), authorised_factors=union(_.authorised_bit))
    )


@ibis.udf.agg.builtin(name="bit_or")
def union(sets: int) -> int:  # type: ignore[empty-body]
    """The set of what is in any of these sets: an aggregate that engines have, under the same name."""


def _factors(tables: Mapping[str, ir.Table]) -> ir.Table:
    """Factor rows with `bit`, the set of their one code, and `authorised_bit`, the same if it is of the return's year;
    rows with an unknown code are left out."""
    known = list(code_places("assessment_factor"))
    one = ibis.memtable(
        {"assessment_factor": known, "bit": [factor_bits([code]) for code in known]},
        schema={"assessment_factor": "string", "bit": "int64"},
    )
    is_of_year = reporting_year(_.assessment_authorisation_date) == _.collection_year
    authorised = with_key(tables["assessments"]).filter(is_of_year).select(*ASSESSMENT_KEY, is_authorised=True)
    factors = with_key(tables["factors"]).inner_join(one, "assessment_factor").left_join(authorised, ASSESSMENT_KEY)
    return factors.mutate(authorised_bit=ibis.ifelse(_.is_authorised.fill_null(False), _.bit, 0))


def _as_set(kind: int | ir.IntegerValue) -> ir.IntegerValue:
    return (ibis.literal(kind) if isinstance(kind, int) else kind).cast("int64")


def place_of(code: ir.StringValue, name: str) -> ir.IntegerValue:
    """The place of a code in a code set, and the one after all for another."""
    places = code_places(name)
    found = code.cases(*places.items(), else_=len(places) + 1)
    return ibis.ifelse(code.isnull(), ibis.null("int8"), found.cast("int8"))


def reporting_year(day: ir.DateValue) -> ir.IntegerValue:
    """The year, ending 31 March, that a day falls in (M01)."""
    return (day.year() + (day.month() * 100 + day.day() > 331).cast("int32")).cast("int32")


def with_key(table: ir.Table) -> ir.Table:
    """Give child records without an LAchildID the empty one, so that their groups can still be joined."""
    return table.mutate(la_child_id=_.la_child_id.fill_null(""))


def with_child(groups: ir.Table, persons: ir.Table) -> ir.Table:
    """Number the child of each group: `child_id` by the annual key, `local_person_id` and `person_id` as linked.

    A child record without an LAchildID is a child of its own.
    """
    nameless = -((_.collection_year.cast("int64") * 1000 + _.lea.cast("int64")) * 1_000_000 + _.child_number)
    numbers = ("child_id", "local_person_id", "person_id")
    return (
        groups.left_join(persons, ["lea", "la_child_id"])
        .mutate(**{name: _[name].fill_null(nameless) for name in numbers})
        .drop("lea_right", "la_child_id_right")
    )
