"""One row per child record of a return: its child numbered, and what it and the school census say of it.

Like `groups`, made once for a store, so that units of a release need no text keys.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.census.input_linkage import of_census
from rereferrals.reference import code_places
from rereferrals.units.groups import place_of, with_child, with_key

TABLES = ("children", "disabilities", "persons", "pupils")
CHILD_RECORD = ("lea", "collection_year", "la_child_id", "child_number")
NO_DISABILITY = "NONE"
#: The code of each sex as it was given in either of two columns, and of each provision, where two count as one.
SEXES = {"1": "M", "2": "F", "M": "M", "F": "F"}
PROVISIONS = {"N": "N", "K": "K", "E": "E", "S": "E"}


def build(tables: Mapping[str, ir.Table]) -> ir.Table:
    """The unit of all returns, from the census tables named in TABLES.

    Columns: lea, collection_year; child_id, local_person_id and person_id, see `groups.with_child`; is_repeat, whether
    an earlier record of the return has the same LAchildID; person_birth_date, expected_person_birth_date,
    person_death_date; sex (null if it is neither) and ethnicity; has_disability (M14); and by the one record of its UPN
    in the school census of the year, is_eligible_for_meals and sen_provision, null if there is no such record or it is
    not told (M15). Codes are places, as in `groups`.
    """
    records = with_key(tables["children"])
    disabled = with_key(tables["disabilities"]).filter(_.disability != NO_DISABILITY).select(*CHILD_RECORD).distinct()
    marks = {"has_disability": disabled, "is_repeat": repeats(records)}
    for name, marked in marks.items():
        joined = records.left_join(marked.mutate(is_marked=True), CHILD_RECORD)
        records = joined.drop(*(f"{column}_right" for column in CHILD_RECORD)).mutate(
            **{name: _.is_marked.fill_null(False)}
        )
        records = records.drop("is_marked")
    return (
        records.pipe(with_child, tables["persons"])
        .left_join(school_census(tables), ["collection_year", "upn"])
        .select(
            "lea", "collection_year", "child_id", "local_person_id", "person_id", "is_repeat", "person_birth_date",
            "expected_person_birth_date", "person_death_date", "has_disability", "is_eligible_for_meals",
            "sen_provision",
            sex=_known(ibis.coalesce(_.gender_current, _.sex), "sex", SEXES),
            ethnicity=place_of(_.ethnicity, "ethnicity"),
        )
    )  # fmt: skip


def repeats(records: ir.Table) -> ir.Table:
    """The keys of records of a return whose LAchildID a record with a lower number has.

    Nearly all children have one record, numbered 1, so only those with another number are looked at.
    """
    child = ("lea", "collection_year", "la_child_id")
    others = records.filter((_.child_number != 1) & (_.la_child_id != "")).select(*child).distinct()
    several = records.semi_join(others, child)
    first = several.group_by(child).aggregate(child_number=_.child_number.min())
    return several.anti_join(first, CHILD_RECORD).select(*CHILD_RECORD)


def school_census(tables: Mapping[str, ir.Table]) -> ir.Table:
    """What the one record of a UPN in the school census of a year says; several records say nothing (M15)."""
    provision = _known(_.sen_provision, "sen_provision", PROVISIONS)
    return (
        of_census(tables["pupils"], tables["children"])
        .group_by("collection_year", "upn")
        .aggregate(records=_.count(), is_eligible_for_meals=_.fsm_eligible.any(), sen_provision=provision.max())
        .filter(_.records == 1)
        .drop("records")
    )


def _known(code: ir.StringValue, name: str, codes: Mapping[str, str]) -> ir.IntegerValue:
    """The place in a code set of the code that each of some codes counts as; null for any other."""
    places = code_places(name)
    return code.cases(*((given, places[counted]) for given, counted in codes.items()), else_=ibis.null("int8"))
