"""Rules about a child's cases against the same rules in plain Python, one pair of referrals at a time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings

import strategies
from rereferrals import engine
from rereferrals.census import checks, rules, schema

RULE = {rule.code: rule for rule in rules.RULES if rule.applies(2024)}


@pytest.fixture(scope="module")
def connection():
    return engine.connect(threads=1)


def keys_that_break(connection, rows, *codes):
    """For each rule, the keys of the rows that break it."""
    tables = {
        name: connection.create_table(name, arrow, overwrite=True)
        for name, arrow in strategies.arrow_tables(rows).items()
    }
    found = [checks.breaks(RULE[code], tables).to_pyarrow().to_pylist() for code in codes]
    return [{tuple(key.values()) for key in keys} for keys in found]


def key_of(table, row):
    return tuple(row[name] for name in table.key)


def is_within(referral, other):
    """Rule 8820 for one pair of a child's referrals."""
    day, first, last = referral["cin_referral_date"], other["cin_referral_date"], other["cin_closure_date"]
    if last is None:
        is_case = other["referral_nfa"] is False
        last = date(other["collection_year"], 3, 31) + timedelta(1)
    else:
        is_case = True
    return is_case and first <= day < last


def is_open(referral):
    return referral["cin_closure_date"] is None and not referral["referral_nfa"]


def others(referral, rows):
    child = schema.CHILDREN
    same = [row for row in rows["referrals"] if key_of(child, row) == key_of(child, referral)]
    return [row for row in same if row["referral_number"] != referral["referral_number"]]


@settings(max_examples=6)  # an example compiles dozens of joins, so it has the returns of many authorities
@given(rows=strategies.returns(authorities=("301", "302", "303", "304", "305"), years=(2024,)))
def test_cases_of_a_child_are_checked_as_pairs_are(connection, rows):
    within, open_but_not_latest, several_open = keys_that_break(connection, rows, "8820", "8816", "8815")
    referrals = rows["referrals"]
    assert within == {
        key_of(schema.REFERRALS, r) for r in referrals if any(is_within(r, other) for other in others(r, rows))
    }
    assert open_but_not_latest == {
        key_of(schema.REFERRALS, r)
        for r in referrals
        if is_open(r) and any(other["cin_referral_date"] > r["cin_referral_date"] for other in others(r, rows))
    }
    assert several_open == {
        key_of(schema.CHILDREN, r) for r in referrals if is_open(r) and any(is_open(o) for o in others(r, rows))
    }
