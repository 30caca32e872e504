"""Every unit and data set means the same on another engine: each one compiles to Spark's SQL."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pytest

from rereferrals.census.schema import BY_NAME
from rereferrals.datasets.registry import ALL
from rereferrals.model import DataSet
from rereferrals.release import Release
from rereferrals.statistics import life_tables, tabulate
from rereferrals.statistics.estimates import DESIGN, MEMBERS
from rereferrals.statistics.hazards import Cells, cells_of
from rereferrals.statistics.life_tables import Rules
from rereferrals.units.registry import UNITS

OF_UNITS = [data_set for data_set in ALL if not data_set.made_from]
COUNTED = [data_set for data_set in OF_UNITS if not data_set.estimated]
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
    return declared.build(tables, Release.load(Release.latest_year()))


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_compiles_for_spark(name: str) -> None:
    assert "SELECT" in ibis.to_sql(unit(name), dialect="pyspark")


@pytest.mark.parametrize("data_set", COUNTED, ids=lambda data_set: data_set.id)
def test_a_data_set_compiles_for_spark(data_set: DataSet) -> None:
    sql = ibis.to_sql(tabulate.expression(unit(data_set.unit), data_set), dialect="pyspark")
    assert all(count.name in sql for count in data_set.counts if not count.reference)


def test_what_estimates_ask_of_the_engine_compiles_for_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who leaves on which day, by category and by pattern, and the pairs of one child's cases."""
    monkeypatch.setattr(ir.Expr, "execute", lambda asked: ibis.to_sql(asked, dialect="pyspark"))
    monkeypatch.setattr(Cells, "of", lambda counts, design: counts)
    for rules in (Rules(), Rules("referral_date", "censored")):
        cases = life_tables.follow(unit("closures"), range(2019, 2025), 2024, rules)
        for sql in (
            life_tables.exits(cases, [*MEMBERS.values()]),
            cells_of(cases, DESIGN),
            life_tables.pairs(life_tables.sampled(cases, 11), [*MEMBERS.values()]),
        ):
            assert "GROUP BY" in str(sql)


@pytest.mark.parametrize("data_set", OF_UNITS, ids=lambda data_set: data_set.id)
def test_a_data_set_is_longitudinal_if_its_unit_is(data_set: DataSet) -> None:
    assert data_set.longitudinal == (not UNITS[data_set.unit].annual)
