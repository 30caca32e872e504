"""The rules for what comes beside the returns: each has rows that keep it and rows that break it."""

from __future__ import annotations

import ibis
import pyarrow.parquet as pq
import pytest

import strategies
from rereferrals import engine
from rereferrals.census import checks, input_rules, inputs, schema
from rereferrals.restricted import CensusStore, StoredReturn, write_manifest
from rule_examples.made import case, day, rows_of, upn

ALL = input_rules.INPUT_RULES + input_rules.INPUT_COLUMN_RULES
YEAR, LAST_DAY, FIRST_DAY = 2024, "2024-03-31", "2023-04-01"
GOOD = {
    "looked_after": {"la_child_id": "A", "upn": upn("801200001001"), "decom": "2023-05-01", "dec": "2023-06-01"},
    "pupils": {"upn": upn("801200001001"), "pupil_number": 1, "fsm_eligible": True, "sen_provision": "N"},
}  # fmt: skip

#: Rule → rows that keep it, rows that break it once; each differs from a good row as said.
EXAMPLES = {
    "LAC1": ([{"dec": "2023-05-01"}, {"dec": None}], [{"dec": "2023-04-30"}]),
    "LAC2": (
        [{"decom": LAST_DAY, "dec": None}, {"decom": "2012-01-01", "dec": FIRST_DAY}],
        [{"decom": "2024-04-01", "dec": None}, {"decom": "2012-01-01", "dec": "2023-03-31"}],
    ),
    "LAC3": (
        [
            [{}, {"decom": "2023-06-01", "dec": None}],
            [{"decom": "2023-06-01", "dec": None}, {}],
            [{}, {"la_child_id": "B"}],
            [{}, {"decom": None}],
        ],
        [
            [{}, {"decom": "2023-05-31", "dec": None}],
            [{}, {}],
            [{"dec": None}, {"decom": LAST_DAY}],
            [{"dec": "2023-09-01"}, {"decom": "2023-05-02", "dec": "2023-05-03"}, {"decom": "2023-09-01"}],
        ],
    ),
    "PUP1": ([{"upn": "A12345678901B"}], [{"upn": "A1234567890"}, {"upn": "A123456789012 "}, {"upn": "a123456789012"}]),
    "PUP2Q": ([[{}, {"upn": upn("801200001002")}]], []),
    "looked_after.upn": ([{"upn": None}], [{"upn": "?"}]),
    "looked_after.decom": ([{}], [{"decom": None}]),
    "pupils.fsm_eligible": ([{"fsm_eligible": False}], [{"fsm_eligible": None}]),
    "pupils.sen_provision": ([{"sen_provision": "E"}], [{"sen_provision": "S"}, {"sen_provision": None}]),
}


def rows_of_input(table, rows, lea="301", year=YEAR):
    """Rows of an input that are good but for what is said of them, numbered."""
    key = {"lea": lea, "collection_year": year}
    made = [key | GOOD[table.name] | {table.own_key[-1]: n} | row for n, row in enumerate(rows, 1)]
    return strategies.arrow_table(
        table,
        [{n: day(v) if isinstance(v, str) and n in ("decom", "dec") else v for n, v in row.items()} for row in made],
    )


def table_of(code):
    return next(rule.table for rule in ALL if rule.code == code)


@pytest.fixture(scope="module")
def connection():
    return engine.connect(threads=1)


def breaks(connection, table, rows, year=YEAR):
    """Rule of the table → how many rows break it; only rules that are broken."""
    stored = connection.create_table(table.name, rows_of_input(table, rows, year=year), overwrite=True)
    wide = checks.widened({table.name: stored}, table)
    asked = {rule.code: rule.broken.fill_null(False).sum() for rule in ALL if rule.table is table}
    (found,) = wide.aggregate(**asked).to_pyarrow().to_pylist()
    return {code: n for code, n in found.items() if n}


@pytest.mark.parametrize("code, rows, expected", [
    (code, rows if isinstance(rows, list) else [rows], int(not kept))
    for code, (keeping, breaking) in EXAMPLES.items()
    for kept, examples in ((True, keeping), (False, breaking))
    for rows in examples
])  # fmt: skip
def test_a_rule_is_broken_by_rows_that_break_it_and_no_others(connection, code, rows, expected):
    assert breaks(connection, table_of(code), rows).get(code, 0) == expected


def test_an_episode_within_a_long_one_is_found_behind_a_short_one(connection):
    rows = [{"dec": "2023-09-01"}, {"decom": "2023-05-02", "dec": "2023-05-03"}, {"decom": "2023-08-31", "dec": None}]
    assert breaks(connection, schema.LOOKED_AFTER, rows) == {"LAC3": 2}


def test_every_record_of_a_pupil_with_several_is_a_query(connection):
    assert breaks(connection, schema.PUPILS, [{}, {}, {"upn": upn("801200001002")}]) == {"PUP2Q": 2}


@pytest.mark.parametrize("name", GOOD)
def test_good_rows_break_no_rule(connection, name):
    assert breaks(connection, schema.BY_NAME[name], [{}]) == {}


def test_a_statement_could_be_recorded_until_its_last_year(connection):
    assert breaks(connection, schema.PUPILS, [{"sen_provision": "S"}], year=2018) == {}
    assert breaks(connection, schema.PUPILS, [{"sen_provision": "S"}], year=2019) == {"pupils.sen_provision": 1}


def test_every_rule_has_examples_and_is_said_in_a_sentence():
    assert {rule.code for rule in ALL} == set(EXAMPLES)
    assert all(rule.words[0].isupper() and rule.words.endswith(".") for rule in ALL)


def test_inputs_are_checked_with_the_returns_of_their_year_by_authority_if_they_have_any(tmp_path):
    (tmp_path / "2024").mkdir()
    for name, arrow in strategies.arrow_tables(rows_of(case(YEAR), "301")).items():
        pq.write_table(arrow, tmp_path / "2024" / f"{name}.parquet")
    inputs.write(tmp_path, schema.PUPILS, YEAR, rows_of_input(schema.PUPILS, [{}, {}]))
    inputs.write(tmp_path, schema.LOOKED_AFTER, YEAR, rows_of_input(schema.LOOKED_AFTER, [{"decom": None}], "302"))
    write_manifest(tmp_path, [StoredReturn(YEAR, "301", "example", "", 1, 1)])
    found = checks.check(CensusStore.open(tmp_path))
    ours = [(row.lea, row.rule, row.breaks) for row in found.itertuples() if row.rule in EXAMPLES]
    assert ours == [("", "PUP2Q", 2), ("302", "looked_after.decom", 1)]
    (row,) = [row for row in checks.summary(found).to_dict("records") if row["rule"] == "PUP2Q"]
    assert (row["severity"], row["words"], row["breaks"]) == ("query", "A pupil has one record in a year.", 2)


@pytest.mark.parametrize("table", schema.INPUTS, ids=lambda table: table.name)
def test_rules_of_inputs_can_be_asked_on_another_engine(table):
    rows = checks.widened({table.name: ibis.table(table.types(), name=table.name)}, table)
    asked = {f"rule_{n}": rule.broken.sum() for n, rule in enumerate(ALL) if rule.table is table}
    assert ibis.to_sql(rows.aggregate(**asked), dialect="pyspark")
