"""One row per child with a child protection plan at some time in five years, wherever it lived (M25)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rereferrals.units.groups import with_child, with_key

TABLES = ("child_protection_plans", "persons")
YEARS, OLDEST = 5, 16


def build(tables: Mapping[str, ir.Table], data_end: date) -> ir.Table:
    """The unit, from the records of children and the census tables named in TABLES.

    Rows: persons, as linked across authorities, with a plan that touches the five years to `data_end`, aged 16
    or under on that day, unborn children among them.

    Columns: time_period (the year of `data_end`), lea (one of the person's authorities), person_id, has_active_plan
    (one with no end known, or one after `data_end`). How a plan ended is what the latest return with it says.
    """
    first_day = date(data_end.year - YEARS, 4, 1)
    plans = (
        with_key(tables["child_protection_plans"])
        .pipe(with_child, tables["persons"])
        .filter(_.cpp_start_date <= data_end)
        .mutate(end=_.cpp_end_date.fill_null(ibis.literal(date.max)))
        .group_by("person_id", "cpp_start_date")
        .aggregate(end=_.end.argmax(_.collection_year), lea=_.lea.max())
        .filter(_.end >= first_day)
    )
    subject = plans.group_by("person_id").aggregate(lea=_.lea.max(), has_active_plan=(_.end > data_end).any())
    born_after = date(data_end.year - OLDEST - 1, data_end.month, data_end.day)
    young = births(tables["records"], subject).filter(
        ibis.ifelse(_.birth.notnull(), _.birth > born_after, _.is_expected.fill_null(False))
    )
    return subject.semi_join(young, "person_id").mutate(time_period=ibis.literal(data_end.year, "int32"))


def births(records: ir.Table, of: ir.Table) -> ir.Table:
    """The date of birth of each person `of` a table that has one in some return, the latest return's, or that one is
    expected."""
    rows = records.semi_join(of, "person_id")
    born = _.person_birth_date
    return rows.group_by("person_id").aggregate(
        birth=born.argmax(_.collection_year, where=born.notnull()),
        is_expected=_.expected_person_birth_date.notnull().any(),
    )
