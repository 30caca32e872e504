"""Code sets: what may be returned, and when."""

from __future__ import annotations

import csv

import pytest

from rereferrals import reference
from rereferrals.census import schema
from rereferrals.release import REFERENCE

CODE_SETS = sorted({column.codes for table in schema.BY_NAME.values() for column in table.columns if column.codes})
FILES = sorted(path.stem for path in (REFERENCE / "codes").glob("*.csv"))


def test_every_code_set_of_the_schema_is_kept():
    assert set(CODE_SETS) <= set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_code_means_one_thing_in_a_year(name):
    codes = reference.code_set(name)
    assert codes
    years = {year for code in codes for year in (code.valid_from_year, code.valid_to_year) if year} | {2012, 2026}
    for year in years:
        usable = [code.code for code in codes if code.valid(year)]
        assert len(usable) == len(set(usable)), year


@pytest.mark.parametrize("name", FILES)
def test_a_code_set_has_the_same_columns_as_every_other(name):
    with open(REFERENCE / "codes" / f"{name}.csv", newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        assert rows.fieldnames == ["code", "label", "valid_from_year", "valid_to_year", "notes"]
        assert all(row["code"] == row["code"].strip() and row["label"] and None not in row for row in rows)


def usable(name, year):
    return {code.code for code in reference.code_set(name) if code.valid(year)}


@pytest.mark.parametrize("code_set, code, first_year", [
    ("assessment_factor", "18B", 2021), ("assessment_factor", "19C", 2021), ("assessment_factor", "24A", 2022),
    ("referral_source", "5D", 2023), ("reason_for_closure", "RC9", 2023), ("sex", "M", 2025),
    ("sen_provision", "K", 2015), ("sen_provision", "E", 2015),
])  # fmt: skip
def test_a_later_code_may_be_used_from_its_first_year(code_set, code, first_year):
    assert code not in usable(code_set, first_year - 1)
    assert code in usable(code_set, first_year)


@pytest.mark.parametrize("code_set, code, last_year", [
    ("gender_current", "1", 2024), ("assessment_factor", "18A", 2024), ("sen_provision", "S", 2018),
])  # fmt: skip
def test_a_code_may_not_be_used_after_its_last_year(code_set, code, last_year):
    assert code in usable(code_set, last_year)
    assert code not in usable(code_set, last_year + 1)


def test_codes_in_use_when_evidence_begins_may_be_used_in_earlier_years():
    assert usable("primary_need", 2012) == usable("primary_need", 2024) == {f"N{n}" for n in range(10)}


def test_n1_is_worded_by_the_year():
    label = {
        year: [c.label for c in reference.code_set("primary_need") if c.code == "N1" and c.valid(year)]
        for year in (2025, 2026)
    }
    assert label == {2025: ["Abuse or neglect"], 2026: ["Abuse, neglect and exploitation"]}
