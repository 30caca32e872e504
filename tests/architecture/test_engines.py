"""Every unit and data set means the same on another engine: each one compiles to Spark's SQL."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pytest

from rereferrals.census.schema import BY_NAME
from rereferrals.datasets.registry import ALL
from rereferrals.model import DataSet
from rereferrals.release import YEARS_FOLLOWED, Release
from rereferrals.statistics import hazards, life_tables, tabulate
from rereferrals.statistics.estimates import DESIGN
from rereferrals.statistics.life_tables import Rules
from rereferrals.units.registry import UNITS

MADE = [data_set for data_set in ALL if not data_set.made_from]
COUNTED = [data_set for data_set in MADE if not data_set.estimated]
LATEST = Release.latest_year()
YEARS = range(LATEST - YEARS_FOLLOWED + 1, LATEST + 1)
PERSONS = {"lea": "string", "la_child_id": "string"} | dict.fromkeys(
    ("child_id", "local_person_id", "person_id"), "int64"
)


def unit(name: str) -> ir.Table:
    declared = UNITS[name]
    tables = {
        table: ibis.table(PERSONS if table == "persons" else BY_NAME[table].types(), name=table)
        for table in declared.census
    }
    tables |= {needed: unit(needed) for needed in declared.units}
    return declared.build(tables, Release.load(LATEST))


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_compiles_for_spark(name: str) -> None:
    assert "SELECT" in ibis.to_sql(unit(name), dialect="pyspark")


@pytest.mark.parametrize("data_set", COUNTED, ids=lambda data_set: data_set.id)
def test_a_data_set_compiles_for_spark(data_set: DataSet) -> None:
    sql = ibis.to_sql(tabulate.expression(unit(data_set.unit), data_set), dialect="pyspark")
    assert all(count.name in sql for count in data_set.counts if not count.reference)


def test_what_is_estimated_from_compiles_for_spark() -> None:
    followed = life_tables.follow(unit("closures"), YEARS, YEARS[-1], Rules("referral_date", "censored", False))
    for table in (followed, life_tables.pairs(followed), followed.mutate(pattern=hazards.pattern_of(DESIGN))):
        assert "SELECT" in ibis.to_sql(table, dialect="pyspark")


@pytest.mark.parametrize("data_set", MADE, ids=lambda data_set: data_set.id)
def test_a_data_set_is_longitudinal_if_its_unit_is(data_set: DataSet) -> None:
    assert data_set.longitudinal == (not UNITS[data_set.unit].annual)
