"""The validation rules of the census: each has returns that keep it and returns that break it."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import replace

import ibis
import pytest

from rereferrals import engine
from rereferrals.census import checks, rules, schema
from rule_examples import EXAMPLES
from rule_examples.made import case, store_of

#: Rules of a whole return, which one child cannot keep.
EXPECTED_OF_ONE_CHILD = {"2887Q", "2888Q"}

RETURNS = [
    (code, kept, example)
    for code, (keeping, breaking) in EXAMPLES.items()
    for kept, examples in ((True, keeping), (False, breaking))
    for example in examples
]
AUTHORITIES = [f"{n:03d}" for n in range(1, len(RETURNS) + 1)]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Every example as the return of an authority of its own."""
    examples = [(lea, example) for lea, (_, _, example) in zip(AUTHORITIES, RETURNS, strict=True)]
    return store_of(tmp_path_factory.mktemp("store"), examples)


@pytest.fixture(scope="module")
def counted(store):
    return checks.check(store)


@pytest.fixture(scope="module")
def found(counted):
    """Authority → rule → breaks."""
    by_authority = defaultdict(dict)
    for row in counted.itertuples():
        by_authority[row.lea][row.rule] = row.breaks
    return by_authority


@pytest.mark.parametrize("lea, example", [
    pytest.param(lea, (code, kept, example), id=f"{code}-{'kept' if kept else 'broken'}-{lea}")
    for lea, (code, kept, example) in zip(AUTHORITIES, RETURNS, strict=True)
])  # fmt: skip
def test_a_rule_is_broken_by_the_rows_that_break_it_and_no_others(found, lea, example):
    code, kept, made = example
    assert found[lea].get(code, 0) == (0 if kept else made.breaks)


def test_a_good_return_breaks_no_rule(found):
    good = [lea for lea, (_, _, example) in zip(AUTHORITIES, RETURNS, strict=True) if example == case()]
    assert good
    assert all(set(found[lea]) == EXPECTED_OF_ONE_CHILD for lea in good)


def test_every_rule_is_kept_and_broken_by_some_example_in_each_of_its_versions():
    for rule in rules.RULES + rules.COLUMN_RULES:
        keeping, breaking = EXAMPLES[rule.code]
        assert any(rule.applies(example.year) for example in keeping), rule.code
        assert any(rule.applies(example.year) for example in breaking), rule.code


def test_every_example_is_of_a_rule():
    assert set(EXAMPLES) == {rule.code for rule in rules.RULES + rules.COLUMN_RULES}


def test_no_two_versions_of_a_rule_apply_in_one_year():
    for year in range(2022, 2030):
        codes = [rule.code for rule in rules.RULES if rule.applies(year)]
        assert len(codes) == len(set(codes))


def test_rules_are_asked_from_their_first_year_on(store):
    assert checks.check(store, years=[2024])["collection_year"].unique().tolist() == [2024]
    assert not any(rule.applies(2022) for rule in rules.RULES)


def test_a_query_is_told_from_an_error(counted):
    assert {row.severity for row in counted.itertuples() if row.rule == "8525Q"} == {"query"}
    assert {row.severity for row in counted.itertuples() if row.rule == "8600"} == {"error"}


def test_the_rows_that_break_a_rule_are_found_by_their_keys(store):
    rule = next(rule for rule in rules.RULES if rule.code == "8500")
    connection = engine.connect()
    keys = checks.breaks(rule, checks.tables_of_year(connection, store, 2024)).to_pyarrow().to_pylist()
    assert {(k["la_child_id"], k["child_number"]) for k in keys} == {(None, 1), (None, 2)}
    assert set(keys[0]) == set(schema.CHILDREN.key)


def test_a_version_out_of_force_finds_no_rows(store):
    rule = replace(next(rule for rule in rules.RULES if rule.code == "8500"), first_year=2030)
    connection = engine.connect()
    assert checks.breaks(rule, checks.tables_of_year(connection, store, 2024)).count().to_pyarrow().as_py() == 0


def test_a_result_holds_counts_only(counted):
    assert list(counted.columns) == ["collection_year", "lea", "rule", "severity", "breaks"]
    assert (counted["breaks"] > 0).all()


def test_a_summary_adds_up_authorities_and_breaks_and_says_the_rule(counted):
    summary = checks.summary(counted)
    assert summary["breaks"].sum() == counted["breaks"].sum()
    row = summary[(summary["rule"] == "4180") & (summary["collection_year"] == 2025)].iloc[0]
    assert row["words"].startswith("Sex")
    assert row["authorities"] == len(counted[(counted["rule"] == "4180") & (counted["collection_year"] == 2025)])


def test_a_summary_of_nothing_is_empty(counted):
    assert checks.summary(counted.head(0)).empty


def test_every_rule_that_touches_the_release_is_declared_for_its_years(materials):
    """So is every other that names an element of children or referrals."""
    ours = {column.element for table in (schema.CHILDREN, schema.REFERRALS) for column in table.columns}
    ours = (ours | {"CINdetails", "LAchildID", "Disability", "Header.ReferenceDate"}) - {"DateOfInitialCPC"}
    ours.add("CINdetails.DateOfInitialCPC")
    with open(materials / "spec" / "rules.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    of_release = {row["code"] for row in rows if row["release_measures"]}
    assert len(of_release) == 94
    wanted = of_release | {row["code"] for row in rows if ours & set(re.split(r"; *", row["items"]))}
    for code in sorted(wanted):
        versions = [rule for rule in rules.RULES if rule.code == code]
        spans = [(int(row["first_year"]), int(row["last_year"] or 9999)) for row in rows if row["code"] == code]
        assert {rule.severity for rule in versions} == {row["severity"] for row in rows if row["code"] == code}, code
        for year in range(2017, 2031):
            applies = any(rule.applies(year) for rule in versions)
            assert applies == any(first <= year <= last for first, last in spans), (code, year)


def test_rules_are_said_in_sentences():
    assert all(rule.words[0].isupper() or rule.words.startswith("UN7") for rule in rules.RULES)
    assert all(rule.words.endswith(".") for rule in rules.RULES)


@pytest.mark.parametrize("table", sorted({rule.table.name for rule in rules.RULES + rules.COLUMN_RULES}))
def test_rules_can_be_asked_on_another_engine(table):
    tables = {each.name: ibis.table(each.types(), name=each.name) for each in schema.TABLES}
    broken = [rule.broken for rule in rules.RULES + rules.COLUMN_RULES if rule.table.name == table]
    rows = checks.widened(tables, schema.BY_NAME[table])
    assert ibis.to_sql(rows.aggregate(**{f"rule_{n}": b.sum() for n, b in enumerate(broken)}), dialect="pyspark")
