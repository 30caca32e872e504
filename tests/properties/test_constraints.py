"""A column's constraint describes, checks and generates, and the three agree."""

from __future__ import annotations

import re

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis import _

import strategies
from rereferrals import engine
from rereferrals.census import constraints, schema

WRONG = {
    constraints.InCodeSet: "no such code",
    constraints.Matches: "A1234567890123",
    constraints.WholeNumber: -1,
    constraints.Required: None,
}
each_table = pytest.mark.parametrize("table", schema.BY_NAME.values(), ids=lambda table: table.name)


@pytest.fixture(scope="module")
def connection():
    return engine.connect(threads=1)


def broken(connection, table, columns, year):
    """(column, constraint) → for each row of the columns given, whether it breaks the constraint."""
    types = {c.name: ibis.dtype(schema.IBIS_TYPES[c.type]).to_pyarrow() for c in table.columns if c.name in columns}
    size = len(next(iter(columns.values())))
    made = {f"value_{name}": pa.array(columns[name], type=type_) for name, type_ in types.items()}
    rows = pa.table(made | {"n": range(size), "at": [year] * size})
    checks = {
        f"{column.name} {n}": constraint.broken(_[f"value_{column.name}"], _["at"]).fill_null(False)
        for column in table.columns
        if column.name in columns
        for n, constraint in enumerate(column.constraints)
    }
    found = connection.create_table("column_values", rows, overwrite=True).order_by("n").select(**checks).to_pyarrow()
    by_name = {column.name: column for column in table.columns}
    return {
        (name, by_name[name].constraints[int(n)]): found[key].to_pylist()
        for key, (name, n) in ((key, key.split(" ")) for key in checks)
    }


def in_use(column, year):
    return column.first_year <= year and (column.last_year is None or year <= column.last_year)


@pytest.mark.parametrize("year", [2024, 2026])
@each_table
def test_what_a_column_generates_breaks_none_of_its_constraints(connection, table, year):
    rng = np.random.default_rng(1)
    made = {c.name: c.values.sample(rng, 20, year) for c in table.columns if in_use(c, year)}
    assert all(len(values) == 20 and None not in values for values in made.values())
    assert not [pair for pair, rows in broken(connection, table, made, year).items() if any(rows)]


@pytest.mark.parametrize("year", [2024, 2026])
@each_table
def test_a_value_that_does_not_fit_is_found_and_its_neighbour_is_not(connection, table, year):
    rng = np.random.default_rng(1)
    good = {c.name: c.values.sample(rng, 1, year)[0] for c in table.columns if in_use(c, year)}
    for kind, wrong in WRONG.items():
        pairs = {c.name: [good[c.name], wrong] for c in table.columns if c.name in good and _has(c, kind)}
        if pairs:
            found = broken(connection, table, pairs, year)
            ours = {name: rows for (name, constraint), rows in found.items() if isinstance(constraint, kind)}
            assert ours == {key: [False, True] for key in pairs}


def _has(column, kind):
    return any(isinstance(constraint, kind) for constraint in column.constraints)


def test_a_code_is_found_in_the_years_that_it_may_not_be_used_in(connection):
    closed = {"reason_for_closure": ["RC8", "RC9", None]}
    assert list(broken(connection, schema.REFERRALS, closed, 2022).values()) == [[False, True, False]]
    assert list(broken(connection, schema.REFERRALS, closed, 2023).values()) == [[False, False, False]]


@each_table
def test_every_constraint_says_in_words_what_it_asks(table):
    for column in table.columns:
        assert all(constraint.words for constraint in column.constraints)
        assert _has(column, constraints.Required) == column.required


@given(st.lists(st.sampled_from(["[A-C]", "[0-9X]{3}", "Z", "7{2}"]), min_size=1).map("".join))
def test_texts_made_for_a_pattern_fit_it(pattern):
    matches = constraints.Matches(pattern)
    assert all(re.fullmatch(pattern, text) for text in matches.sample(np.random.default_rng(1), 5, 2024))


def test_a_pattern_that_cannot_be_made_is_refused():
    with pytest.raises(ValueError, match="more than characters"):
        constraints.Matches("A|B").sample(np.random.default_rng(1), 1, 2024)


@settings(max_examples=8)
@given(rows=strategies.returns(years=(2021, 2026)))
def test_returns_made_up_for_properties_fit_every_column(connection, rows):
    for year in (2021, 2026):
        for table in schema.TABLES:
            ours = [row for row in rows[table.name] if row["collection_year"] == year]
            if ours:
                made = {column.name: [row[column.name] for row in ours] for column in table.columns}
                assert not [pair for pair, found in broken(connection, table, made, year).items() if any(found)]
