"""What comes beside the returns: stored by year, and empty where it was not given."""

from __future__ import annotations

from datetime import date

import ibis
import pyarrow.parquet as pq
import pytest

import strategies
from rereferrals import engine
from rereferrals.census import inputs
from rereferrals.census.schema import INPUTS, LOOKED_AFTER, PUPILS
from rereferrals.restricted import CensusStore, StoredReturn, write_manifest

PUPIL = {"collection_year": 2024, "pupil_number": 1, "fsm_eligible": True, "sen_provision": "N"}


@pytest.fixture
def store(tmp_path):
    """Returns of two years, and the pupil census of one."""
    rows = [PUPIL | {"upn": upn} for upn in ("B123456789012", "A123456789012")]
    inputs.write(tmp_path, PUPILS, 2024, strategies.arrow_table(PUPILS, rows))
    write_manifest(tmp_path, [StoredReturn(year, "301", "test", "", 0, 0) for year in (2023, 2024)])
    return CensusStore.open(tmp_path)


def test_an_input_is_stored_in_order_of_key(store):
    assert pq.read_table(store.path / "2024" / "pupils.parquet")["upn"].to_pylist() == [
        "A123456789012", "B123456789012",
    ]  # fmt: skip


def test_a_store_knows_the_years_that_it_has_an_input_for(store):
    assert store.input_years("pupils") == (2024,)
    assert store.input_years("looked_after") == ()


@pytest.mark.parametrize("table", INPUTS, ids=lambda table: table.name)
@pytest.mark.parametrize("years, rows", [(None, 2), ((2024,), 2), ((2023,), 0)])
def test_an_input_has_its_columns_whether_it_was_given_or_not(store, table, years, rows):
    found = store.table(engine.connect(threads=1), table.name, years, table.types())
    assert found.schema() == ibis.schema(table.types())
    assert found.count().execute() == (rows if table is PUPILS else 0)


def test_an_input_that_is_missing_can_be_joined_to_tables_of_the_store(store):
    connection = engine.connect(threads=1)
    pupils = store.table(connection, "pupils", None, PUPILS.types())
    looked_after = store.table(connection, "looked_after", None, LOOKED_AFTER.types())
    assert pupils.left_join(looked_after, "upn").count().execute() == 2


def test_the_manifest_holds_the_hash_of_an_input(store, tmp_path):
    before = store.digest
    other = LOOKED_AFTER, 2024, [{"lea": "301", "collection_year": 2024, "la_child_id": "A", "episode_number": 1,
                                  "decom": date(2023, 5, 1)}]  # fmt: skip
    inputs.write(tmp_path, *other[:2], strategies.arrow_table(LOOKED_AFTER, other[2]))
    write_manifest(tmp_path, list(store.returns))
    assert CensusStore.open(tmp_path).digest != before
