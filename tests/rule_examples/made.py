"""Returns made up from a good one, for examples of rules."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import pyarrow.parquet as pq

import strategies
from rereferrals.census import schema
from rereferrals.restricted import CensusStore, StoredReturn, write_manifest

CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def upn(digits):
    """A UPN of twelve digits, with its check letter."""
    return CHECK_LETTERS[sum(int(d) * place for place, d in enumerate(digits, 2)) % 23] + digits


def day(text):
    return date.fromisoformat(text)


GOOD = {
    "children": {
        "la_child_id": "A", "child_number": 1, "upn": upn("801200001001"), "person_birth_date": "2015-05-05",
        "gender_current": "1", "ethnicity": "WBRI",
    },
    "disabilities": {"disability": "NONE"},
    "referrals": {
        "cin_referral_date": "2023-06-01", "referral_source": "6", "primary_need_code": "N1", "referral_nfa": False,
    },
    "assessments": {"assessment_actual_start_date": "2023-06-02", "assessment_authorisation_date": "2023-07-01"},
    "factors": {"assessment_number": 1, "assessment_factor": "2B"},
    "section47": {
        "s47_actual_start_date": "2023-06-05", "date_of_initial_cpc": "2023-06-20", "icpc_not_required": False,
    },
    "child_protection_plans": {
        "cpp_start_date": "2023-06-20", "number_of_previous_cpp": 0,
        "initial_category_of_abuse": "NEG", "latest_category_of_abuse": "NEG",
    },
    "reviews": {"cpp_number": 1, "cpp_review_date": "2023-09-01"},
    "cin_plans": {"cin_plan_start_date": "2023-06-20"},
}  # fmt: skip
ALWAYS = ("children", "disabilities", "referrals")
NFA = {"referral_nfa": True, "primary_need_code": None}
CLOSED = {"cin_closure_date": "2023-09-01", "reason_for_closure": "RC7"}
DIED = CLOSED | {"reason_for_closure": "RC2"}
NOT_IN_NEED = CLOSED | {"reason_for_closure": "RC8"}
UNBORN = {"person_birth_date": None, "expected_person_birth_date": "2024-05-01", "gender_current": "0", "upn": None}


@dataclass(frozen=True)
class Return:
    """A return that is good but for what is said of it: table → rows, or one row, that differ from GOOD."""

    tables: dict
    year: int = 2024
    breaks: int = 1


def case(year=2024, breaks=1, **tables):
    return Return({name: rows if isinstance(rows, list) else [rows] for name, rows in tables.items()}, year, breaks)


def rows_of(example, lea):
    """The rows of every table of the return; children have a sex from the year that it is asked for."""
    key = {"lea": lea, "collection_year": example.year}
    header = {"reference_date": f"{example.year}-03-31", "year": example.year}
    made = {"returns": [header | row for row in example.tables.get("returns", [{}])]}
    sex = {"sex": "M", "gender_current": None} if example.year >= 2025 else {}
    for name, good in GOOD.items():
        good = good | sex if name == "children" else good
        counted = schema.BY_NAME[name].own_key[-1]
        above = {"la_child_id": "A", "child_number": 1, "referral_number": 1}
        given = example.tables.get(name, [{}] if name in ALWAYS else [])
        made[name] = [above | {counted: n} | good | row for n, row in enumerate(given, 1)]
    for name, rows in made.items():
        columns = {c.name: c.type for c in schema.BY_NAME[name].columns} | dict.fromkeys(schema.BY_NAME[name].key, "")
        for n, row in enumerate(rows):
            typed = {k: day(v) if v and columns.get(k) == "date" else v for k, v in row.items() if k in columns}
            rows[n] = key | typed
    return made


CHILD_B = {"la_child_id": "B", "upn": None}
REFERRAL_OF_B = {"la_child_id": "B", "referral_number": 1}
OLD = {"person_birth_date": "2018-03-31", "upn": None}
UNAUTHORISED = {"assessment_authorisation_date": None}
NO_CONFERENCE = {"date_of_initial_cpc": None}
NOT_REQUIRED = NO_CONFERENCE | {"icpc_not_required": True}


def store_of(folder, examples):
    """A census store with the return of each authority: authority, return."""
    rows = defaultdict(lambda: defaultdict(list))
    for lea, example in examples:
        for name, made in rows_of(example, lea).items():
            rows[example.year][name] += made
    for year, tables in rows.items():
        (folder / str(year)).mkdir()
        for name, table in strategies.arrow_tables(tables).items():
            pq.write_table(table, folder / str(year) / f"{name}.parquet")
    write_manifest(folder, [StoredReturn(example.year, lea, "example", "", 1, 1) for lea, example in examples])
    return CensusStore.open(folder)
