"""The validation rules of the census: each has returns that keep it and returns that break it."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

import ibis
import pyarrow.parquet as pq
import pytest

import strategies
from rereferrals import engine
from rereferrals.census import checks, rules, schema
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
OLD = {"person_birth_date": "2018-03-31", "upn": None}

#: Rule → returns that keep it, returns that break it.
EXAMPLES = {
    "100": ([case()], [case(returns={"year": 2023}), case(returns={"reference_date": None})]),
    "1103": (
        [case(assessments={"assessment_actual_start_date": "2023-06-01"})],
        [case(assessments={"assessment_actual_start_date": "2023-05-31"})],
    ),
    "1104": (
        [case(section47={"date_of_initial_cpc": "2023-06-01"})],
        [case(section47={"date_of_initial_cpc": "2023-05-31"})],
    ),
    "1105": (
        [case(child_protection_plans={"cpp_start_date": "2023-06-01"})],
        [case(child_protection_plans={"cpp_start_date": "2023-05-31"})],
    ),
    "1510": (
        [case(), case(children={"upn": None}), case(children={"upn": "Z80120000100X"})],
        [case(children={"upn": "I801200001001"}), case(children={"upn": upn("801200001001")[0] + "801200001002"})],
    ),
    "1520": (
        [case(children=[{}, CHILD_B]), case(children=[{"upn": None}, CHILD_B])],
        [case(children=[{}, CHILD_B | {"upn": upn("801200001001")}], breaks=2)],
    ),
    "1530": (
        [case(), case(children={"upn": upn("942200001001")}), case(children={"upn": upn("001200001001")})],
        [
            case(children={"upn": upn("421200001001")}),
            case(children={"upn": upn("942200001001")}, year=2023),
            case(children={"upn": "A1"}),
        ],
    ),
    "1540": ([case()], [case(children={"upn": "A801X00001001"}), case(children={"upn": "A80120000"})]),
    "1550": (
        [case(), case(children={"upn": "A80120000100A"})],
        [case(children={"upn": text}) for text in ("A80120000100O", "A80120000100", "A8012000010011")],
    ),
    "1560Q": (
        [case(children={"former_upn": "X80120000100B"}), case(children={"former_upn": "X801200001001"})],
        [case(children={"former_upn": "X80120000100"}), case(children={"former_upn": "1801200001001"})],
    ),
    "1570": (
        [case(children={"la_child_id": "A" * 20}, year=2025), case(children={"la_child_id": "A" * 21}, year=2024)],
        [case(children={"la_child_id": "A" * 21}, year=2025)],
    ),
    "1580": (
        [case(children={"la_child_id": "a1Z"}, year=2025), case(children={"la_child_id": "A-1"}, year=2024)],
        [case(children={"la_child_id": "A-1"}, year=2025)],
    ),
    "2884": (
        [case(section47={}, referrals={"date_of_initial_cpc": "2023-06-21"})],
        [
            case(section47={}, referrals={"date_of_initial_cpc": "2023-06-20"}),
            case(section47={}, referrals=[{}, {"date_of_initial_cpc": "2023-06-20"}]),
        ],
    ),
    "2886Q": (
        [
            case(children=[{"la_child_id": f"C{n}", "gender_current": "0" if n == 0 else "1"} for n in range(50)]),
            case(children=[{}, UNBORN | {"la_child_id": "B"}]),
            case(children={"gender_current": None}, year=2025),
        ],
        [
            case(children=[{"la_child_id": f"C{n}", "gender_current": "0" if n == 0 else "1"} for n in range(49)]),
            case(children={"gender_current": None}),
            case(children={"sex": "U"}, year=2025),
        ],
    ),
    "2887Q": (
        [case(disabilities=[{"disability": c} for c in ("MOB", "HAND", "PC", "INC", "COMM", "LD", "HEAR", "VIS")])],
        [
            case(disabilities=[{"disability": c} for c in ("MOB", "HAND", "PC", "INC", "COMM", "LD", "HEAR", "NONE")]),
            case(disabilities=[]),
        ],
    ),
    "2888Q": (
        [case(disabilities=[{"disability": "MOB"}, {"disability": "LD"}])],
        [case(disabilities=[{"disability": "MOB"}, {"disability": "NONE"}]), case(disabilities=[])],
    ),
    "2889": (
        [case(section47={"s47_actual_start_date": "2023-06-01"})],
        [case(section47={"s47_actual_start_date": "2023-05-31"})],
    ),
    "2990": (
        [case(referrals=NOT_IN_NEED, assessments={}), case(referrals=CLOSED, section47={})],
        [
            case(referrals=NOT_IN_NEED, section47={}),
            case(referrals=NOT_IN_NEED | {"reason_for_closure": "RC9"}, child_protection_plans={}),
            case(referrals=NOT_IN_NEED, cin_plans={}),
            case(referrals=NOT_IN_NEED | {"date_of_initial_cpc": "2023-07-01"}),
        ],
    ),
    "4000": ([case(cin_plans={}), case(referrals=NFA)], [case(referrals=NFA, cin_plans={})]),
    "4008": (
        [case(children={"person_death_date": "2023-06-20"}, cin_plans={})],
        [case(children={"person_death_date": "2023-06-19"}, cin_plans={})],
    ),
    "4009Q": (
        [case(children={"person_death_date": "2023-08-01"}, cin_plans={"cin_plan_end_date": "2023-08-01"})],
        [case(children={"person_death_date": "2023-07-31"}, cin_plans={"cin_plan_end_date": "2023-08-01"})],
    ),
    "4015": (
        [case(cin_plans={"cin_plan_start_date": "2023-06-01"})],
        [case(cin_plans={"cin_plan_start_date": "2023-05-31"})],
    ),
    "4180": (
        [case(), case(children={"sex": None}), case(children={"gender_current": None}, year=2025)],
        [
            case(children={"gender_current": None}),
            case(children={"gender_current": "3"}),
            case(children={"sex": None}, year=2025),
            case(children={"sex": "1"}, year=2025),
        ],
    ),
    "4220": ([case()], [case(children={"ethnicity": None}), case(children={"ethnicity": "XXXX"})]),
    "8500": ([case()], [case(children={"la_child_id": None}, referrals={"la_child_id": None})]),
    "8510": (
        [
            case(children=[{}, CHILD_B]),
            case(children=[{"la_child_id": None}, {"la_child_id": None, "child_number": 2}]),
        ],
        [case(children=[{}, CHILD_B | {"la_child_id": "A", "child_number": 2}], breaks=2)],
    ),
    "8520": (
        [case(children={"person_birth_date": "2024-03-31"}), case(children=UNBORN)],
        [case(children={"person_birth_date": "2024-04-01"})],
    ),
    "8525Q": (
        [case(), case(children=UNBORN)],
        [
            case(children={"person_birth_date": None}),
            case(children={"expected_person_birth_date": "2024-05-01"}),
        ],
    ),
    "8530Q": (
        [case(children=UNBORN | {"expected_person_birth_date": d}) for d in ("2024-03-01", "2024-12-31")],
        [case(children=UNBORN | {"expected_person_birth_date": d}) for d in ("2024-02-29", "2025-01-01")],
    ),
    "8535Q": (
        [case(children={"person_death_date": "2015-05-05"})],
        [
            case(children={"person_death_date": "2015-05-04"}),
            case(children={"person_death_date": "2023-05-04", "person_birth_date": None}),
        ],
    ),
    "8540": (
        [case(), case(children=UNBORN, disabilities=[]), case(referrals=NFA, disabilities=[])],
        [
            case(disabilities=[]),
            case(disabilities=[{}, {"disability": "XX"}]),
            case(referrals=[{}, NFA], disabilities=[]),
        ],
    ),
    "8545Q": (
        [case(children={"person_death_date": d}) for d in ("2023-04-01", "2024-03-31")],
        [case(children={"person_death_date": d}) for d in ("2023-03-31", "2024-04-01")],
    ),
    "8555Q": (
        [case(children={"person_death_date": "2023-06-01"})],
        [case(children={"person_death_date": "2023-05-31"})],
    ),
    "8565": (
        [
            case(
                referrals=CLOSED | {"date_of_initial_cpc": "2023-09-01"},
                assessments={"assessment_authorisation_date": "2023-09-01"},
                section47={"date_of_initial_cpc": "2023-09-01"},
                child_protection_plans={"cpp_start_date": "2023-09-02", "cpp_end_date": "2023-09-01"},
                cin_plans={"cin_plan_end_date": "2023-09-01"},
            ),
            case(referrals=CLOSED),
            case(assessments={"assessment_authorisation_date": "2023-09-02"}),
        ],
        [
            case(referrals=CLOSED | {"date_of_initial_cpc": "2023-09-02"}),
            case(referrals=CLOSED, assessments={"assessment_actual_start_date": "2023-09-02"}),
            case(referrals=CLOSED, assessments={"assessment_authorisation_date": "2023-09-02"}),
            case(referrals=CLOSED, section47={"s47_actual_start_date": "2023-09-02"}),
            case(referrals=CLOSED, section47={"date_of_initial_cpc": "2023-09-02"}),
            case(referrals=CLOSED, child_protection_plans={"cpp_end_date": "2023-09-02"}),
            case(referrals=CLOSED, cin_plans={"cin_plan_start_date": "2023-09-02"}),
            case(referrals=CLOSED, cin_plans={"cin_plan_end_date": "2023-09-02"}),
        ],
    ),
    "8568": ([case(), case(referrals=NFA)], [case(referrals={"referral_nfa": None})]),
    "8569Q": (
        [
            case(referrals=NFA | {"cin_referral_date": "2023-03-31"}),
            case(referrals={"cin_referral_date": "2022-03-31"}),
        ],
        [
            case(referrals=NFA | {"cin_referral_date": "2023-03-30"}),
            case(referrals=NFA | {"cin_referral_date": "2024-03-27"}, year=2025),
        ],
    ),
    "8585Q": (
        [case(referrals=CLOSED), case(referrals=DIED, children={"person_death_date": "2023-08-30"})],
        [case(referrals=DIED)],
    ),
    "8590": ([case()], [case(referrals=[]), case(children=[{}, CHILD_B])]),
    "8600": (
        [case(referrals={"cin_referral_date": "2024-03-31"})],
        [case(referrals={"cin_referral_date": "2024-04-01"}), case(referrals={"cin_referral_date": None})],
    ),
    "8606": (
        [
            case(referrals={"cin_referral_date": "2023-06-01"}, children={"person_birth_date": "2024-03-07"}),
            case(referrals={"cin_referral_date": "2023-07-26"}, children=UNBORN),
        ],
        [
            case(referrals={"cin_referral_date": "2023-06-01"}, children={"person_birth_date": "2024-03-08"}),
            case(referrals={"cin_referral_date": "2023-07-25"}, children=UNBORN),
        ],
    ),
    "8610": (
        [case(), case(referrals=NFA), case(referrals=NFA | {"referral_nfa": None})],
        [case(referrals={"primary_need_code": None})],
    ),
    "8620": (
        [case(referrals=CLOSED | {"cin_closure_date": d}) for d in ("2023-04-01", "2024-03-31")] + [case()],
        [case(referrals=CLOSED | {"cin_closure_date": d}) for d in ("2023-03-31", "2024-04-01")],
    ),
    "8630": (
        [case(referrals=CLOSED | {"cin_closure_date": "2023-06-01"})],
        [case(referrals=CLOSED | {"cin_closure_date": "2023-05-31"})],
    ),
    "8640": (
        [case(referrals=CLOSED | {"reason_for_closure": "RC9"}), case(referrals=CLOSED), case()],
        [case(referrals=CLOSED | {"reason_for_closure": code}) for code in ("RC10", "rc7")],
    ),
    "8650": ([case(), case(referrals=NFA)], [case(referrals={"primary_need_code": "N10"})]),
    "8750": (
        [case(), case(children=UNBORN), case(children=UNBORN | {"sex": "U", "gender_current": None}, year=2025)],
        [
            case(children=UNBORN | {"gender_current": "1"}),
            case(children=UNBORN | {"gender_current": None}),
            case(children=UNBORN | {"sex": "F"}, year=2025),
        ],
    ),
    "8770Q": (
        [
            case(),
            case(children=OLD | {"person_birth_date": "2018-04-01"}),
            case(children=OLD | {"upn_unknown": "UN2"}),
            case(children=OLD, referrals=NFA),
            case(children=OLD | {"person_birth_date": "2019-09-01"}, year=2025),
        ],
        [
            case(children=OLD),
            case(children=OLD, referrals=[{}, NFA]),
            case(children=OLD | {"upn_unknown": "UN1"}),
            case(children=OLD | {"upn_unknown": "UN8"}),
            case(children=OLD | {"person_birth_date": "2019-08-31"}, year=2025),
        ],
    ),
    "8772": (
        [case(children={"upn_unknown": "UN7"}, referrals=[NFA, NFA]), case(children={"upn_unknown": "UN6"})],
        [case(children={"upn_unknown": "UN7"}), case(children={"upn_unknown": "UN7"}, referrals=[NFA, {}])],
    ),
    "8775Q": (
        [
            case(children={"person_birth_date": "1999-03-31"}),
            case(children={"person_birth_date": "1998-09-01"}, referrals=CLOSED),
        ],
        [
            case(children={"person_birth_date": "1999-03-30"}),
            case(children={"person_birth_date": "1998-08-31"}, referrals=CLOSED),
        ],
    ),
    "8790": (
        [case(), case(disabilities=[{"disability": "MOB"}, {"disability": "LD"}])],
        [case(disabilities=[{"disability": "NONE"}, {"disability": "LD"}])],
    ),
    "8794": (
        [case(disabilities=[{"disability": "MOB"}, {"disability": "LD"}])],
        [case(disabilities=[{"disability": "LD"}, {"disability": "LD"}])],
    ),
    "8805": ([case(), case(referrals=CLOSED)], [case(referrals=CLOSED | {"reason_for_closure": None})]),
    "8810": ([case(), case(referrals=CLOSED)], [case(referrals=CLOSED | {"cin_closure_date": None})]),
    "8815": (
        [case(referrals=[{}, NFA, NFA]), case(referrals=[{}, CLOSED])],
        [case(referrals=[{}, {}]), case(referrals=[{}, {"cin_referral_date": "2023-09-01"}, {}])],
    ),
    "8816": (
        [
            case(referrals=[CLOSED, {"cin_referral_date": "2023-09-01"}]),
            case(referrals=[NFA, {"cin_referral_date": "2023-09-01"}]),
            case(referrals=[{}, {}]),
        ],
        [case(referrals=[{}, NFA | {"cin_referral_date": "2023-06-02"}])],
    ),
    "8820": (
        [
            case(referrals=[CLOSED, {"cin_referral_date": "2023-09-01"}]),
            case(referrals=[NFA, {"cin_referral_date": "2023-09-01"}]),
            case(referrals=[NFA, NFA]),
            case(referrals=[{"cin_closure_date": "2023-06-01"}, {"cin_closure_date": "2023-06-01"}]),
            case(referrals=[{"cin_referral_date": "2023-09-01"}, NFA]),
            case(referrals=[{}, {"cin_referral_date": "2024-04-01"}]),
            case(children=[{}, CHILD_B], referrals=[{}, {"la_child_id": "B", "referral_number": 1}]),
        ],
        [
            case(referrals=[CLOSED, {"cin_referral_date": "2023-08-31"}]),
            case(referrals=[CLOSED, NFA | {"cin_referral_date": "2023-06-01"}]),
            case(referrals=[CLOSED, {}], breaks=2),
            case(referrals=[{}, {"cin_referral_date": "2024-03-31"}]),
            case(referrals=[{}, NFA | CLOSED | {"cin_referral_date": "2023-07-01"}]),
            case(referrals=[NFA | CLOSED, {"cin_referral_date": "2023-07-01"}]),
            case(
                children=[{"la_child_id": None}],
                referrals=[{"la_child_id": None}, {"la_child_id": None, "cin_referral_date": "2023-09-01"}],
            ),
        ],
    ),
    "8825Q": ([case(referrals=NOT_IN_NEED, assessments={}), case(referrals=CLOSED)], [case(referrals=NOT_IN_NEED)]),
    "8831": (
        [
            case(referrals=NFA),
            case(assessments={}, section47={}, referrals={"date_of_initial_cpc": "2023-08-01"}),
            case(
                referrals=NFA,
                assessments={"assessment_actual_start_date": None, "assessment_authorisation_date": None},
            ),
        ],
        [
            case(referrals=NFA, assessments={"assessment_authorisation_date": None}),
            case(referrals=NFA, section47={"date_of_initial_cpc": None}),
            case(referrals=NFA | {"date_of_initial_cpc": "2023-08-01"}),
        ],
    ),
    "8832": (
        [case(referrals=NFA), case(child_protection_plans={})],
        [case(referrals=NFA, child_protection_plans={})],
    ),
    "8866": (
        [
            case(),
            case(referrals={"referral_source": "5D"}),
            case(referrals={"referral_source": None, "cin_referral_date": "2013-03-31"}),
        ],
        [
            case(referrals={"referral_source": None}),
            case(referrals={"referral_source": "5E"}),
            case(referrals={"referral_source": "1", "cin_referral_date": "2013-04-01"}),
        ],
    ),
    "8867": (
        [case(referrals=CLOSED, assessments={}), case(assessments={"assessment_authorisation_date": None})],
        [case(referrals=CLOSED, assessments=[{}, {"assessment_authorisation_date": None}])],
    ),
    "8868": (
        [
            case(referrals=CLOSED, section47={}),
            case(referrals=CLOSED, section47={"date_of_initial_cpc": None, "icpc_not_required": True}),
            case(section47={"date_of_initial_cpc": None}),
        ],
        [
            case(referrals=CLOSED, section47={"date_of_initial_cpc": None}),
            case(referrals=CLOSED, section47={"date_of_initial_cpc": None, "icpc_not_required": None}),
        ],
    ),
    "8873Q": (
        [
            case(referrals=NOT_IN_NEED, assessments={}, factors={"assessment_factor": "21"}),
            case(assessments={}, factors={"assessment_factor": "2B"}),
            case(assessments=[{}, {}], factors={"assessment_factor": "21"}),
        ],
        [case(assessments={}, factors={"assessment_factor": "21"})],
    ),
    "8915": (
        [case(children={"person_death_date": "2023-06-20"}, child_protection_plans={})],
        [case(children={"person_death_date": "2023-06-19"}, child_protection_plans={})],
    ),
    "8920": (
        [case(children={"person_death_date": "2023-08-01"}, child_protection_plans={"cpp_end_date": "2023-08-01"})],
        [case(children={"person_death_date": "2023-07-31"}, child_protection_plans={"cpp_end_date": "2023-08-01"})],
    ),
}  # fmt: skip
#: The same for what a single column must be, in years without other rules too.
EXAMPLES |= {
    "referrals.reason_for_closure": (
        [case(referrals=CLOSED, year=2018)],
        [case(referrals=CLOSED | {"reason_for_closure": "RC9"}, year=2018)],
    ),
    "referrals.primary_need_code": (
        [case(referrals=NFA, year=2012)],
        [case(referrals={"primary_need_code": "N10"}, year=2012)],
    ),
    "referrals.cin_referral_date": ([case(year=2012)], [case(referrals={"cin_referral_date": None}, year=2012)]),
    "factors.assessment_factor": (
        [case(assessments={}, factors={"assessment_factor": "24A"}, year=2022)],
        [case(assessments={}, factors={"assessment_factor": "24A"}, year=2021)],
    ),
    "children.upn": ([case(year=2018)], [case(children={"upn": "A80120000"}, year=2018)]),
    "child_protection_plans.number_of_previous_cpp": (
        [case(child_protection_plans={})],
        [case(child_protection_plans={"number_of_previous_cpp": -1})],
    ),
}  # fmt: skip

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
    folder = tmp_path_factory.mktemp("store")
    rows = defaultdict(lambda: defaultdict(list))
    stored = []
    for lea, (_, _, example) in zip(AUTHORITIES, RETURNS, strict=True):
        for name, made in rows_of(example, lea).items():
            rows[example.year][name] += made
        stored.append(StoredReturn(example.year, lea, "example", "", 1, 1))
    for year, tables in rows.items():
        (folder / str(year)).mkdir()
        for name, table in strategies.arrow_tables(tables).items():
            pq.write_table(table, folder / str(year) / f"{name}.parquet")
    write_manifest(folder, stored)
    return CensusStore.open(folder)


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


def test_every_rule_has_examples_in_each_of_its_versions():
    for rule in rules.RULES:
        years = [example.year for examples in EXAMPLES[rule.code] for example in examples]
        assert any(rule.applies(year) for year in years), rule.code


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


def test_every_rule_that_touches_referrals_and_child_identifiers_is_declared(materials):
    """What a rule touches is told by the elements it names."""
    ours = {column.element for table in (schema.CHILDREN, schema.REFERRALS) for column in table.columns}
    ours = (ours | {"CINdetails", "LAchildID", "Disability", "Header.ReferenceDate"}) - {"DateOfInitialCPC"}
    ours.add("CINdetails.DateOfInitialCPC")
    with open(materials / "spec" / "rules.csv", newline="", encoding="utf-8") as file:
        wanted = [row for row in csv.DictReader(file) if ours & set(re.split(r"; *", row["items"]))]
    assert len(wanted) > 60
    for row in wanted:
        years = (int(row["first_year"]), int(row["last_year"] or 2030))
        versions = [rule for rule in rules.RULES if rule.code == row["code"]]
        assert all(any(rule.applies(year) for rule in versions) for year in years), row["code"]
        assert {rule.severity for rule in versions} == {row["severity"]}, row["code"]


def test_rules_are_said_in_sentences():
    assert all(rule.words[0].isupper() or rule.words.startswith("UN7") for rule in rules.RULES)
    assert all(rule.words.endswith(".") for rule in rules.RULES)


@pytest.mark.parametrize("table", sorted({rule.table.name for rule in rules.RULES + rules.COLUMN_RULES}))
def test_rules_can_be_asked_on_another_engine(table):
    tables = {each.name: ibis.table(each.types(), name=each.name) for each in schema.TABLES}
    broken = [rule.broken for rule in rules.RULES + rules.COLUMN_RULES if rule.table.name == table]
    rows = checks.widened(tables, schema.BY_NAME[table])
    assert ibis.to_sql(rows.aggregate(**{f"rule_{n}": b.sum() for n, b in enumerate(broken)}), dialect="pyspark")
