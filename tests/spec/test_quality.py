"""The table that says how good each authority's return is: what is counted, and what it is a share of."""

from __future__ import annotations

import pandas as pd
import pytest

from rereferrals.census import checks
from rereferrals.qa import quality
from rereferrals.reference import ENGLAND, authorities
from rule_examples.made import CHILD_B, CLOSED, NFA, UNBORN, case, store_of

CHILDREN = [{"la_child_id": name, "upn": None} for name in "ABCDE"]
REFERRALS = [{"la_child_id": name, "referral_number": 1} for name in "ABCDE"]


def quality_of(folder, *examples, breaks=None):
    """The rows of England and of every authority, the first of which made these returns."""
    (year,) = {example.year for example in examples}
    codes = sorted(a.old_la_code for a in authorities() if a.existed(year))
    store = store_of(folder, list(zip(codes, examples, strict=False)))
    if breaks is None:
        breaks = pd.DataFrame(columns=checks.COUNTED)
    breaks = breaks.assign(lea=[codes[place] for place in breaks["lea"]])
    table = quality.by_authority(store, year, breaks).set_index("lea")
    return [table.loc[code] for code in (ENGLAND[0], *codes)]


def five_children(table="referrals", **of_the_first):
    """A return of five children, the first of whom differs from the others."""
    rows = {"children": CHILDREN, "referrals": REFERRALS}
    return case(**rows | {table: [rows[table][0] | of_the_first, *rows[table][1:]]})


#: Column, return, percentage.
SHARES = [
    ("source_unknown_percent", five_children(referral_source=None), 20.0),
    ("source_unknown_percent", five_children(referral_source="10"), 20.0),
    ("source_unknown_percent", five_children(referral_source="99"), 20.0),
    ("source_unknown_percent", five_children(referral_source="9"), 0.0),
    ("primary_need_unknown_percent", five_children(primary_need_code=None), 20.0),
    ("primary_need_unknown_percent", five_children(primary_need_code="N0"), 20.0),
    ("primary_need_unknown_percent", five_children(primary_need_code="N9"), 0.0),
    ("primary_need_unknown_percent", five_children(**NFA), 0.0),
    (
        "primary_need_unknown_percent",
        case(children=CHILDREN[:2], referrals=[REFERRALS[0] | {"primary_need_code": None}, REFERRALS[1] | NFA]),
        100.0,
    ),
    ("ethnicity_unknown_percent", five_children("children", ethnicity=None), 20.0),
    ("ethnicity_unknown_percent", five_children("children", ethnicity="REFU"), 20.0),
    ("ethnicity_unknown_percent", five_children("children", ethnicity="NOBT"), 20.0),
    ("ethnicity_unknown_percent", five_children("children", ethnicity="OOTH"), 0.0),
    ("sex_unknown_percent", five_children("children", gender_current="9"), 20.0),
    ("sex_unknown_percent", five_children("children", gender_current=None), 20.0),
    ("sex_unknown_percent", five_children("children", gender_current=None, sex="U"), 20.0),
    ("sex_unknown_percent", five_children("children", gender_current=None, sex="F"), 0.0),
    ("sex_unknown_percent", five_children("children", **UNBORN), 0.0),
    ("birth_date_unknown_percent", five_children("children", person_birth_date=None), 20.0),
    ("birth_date_unknown_percent", five_children("children", **UNBORN), 0.0),
    ("school_age_with_upn_percent", case(children=[{}, *CHILDREN[1:3]]), 33.3),
    ("school_age_with_upn_percent", case(children=[{}, CHILD_B | {"person_birth_date": "2024-01-01"}]), 100.0),
]  # fmt: skip

MISSING = {"referral_source": None}
WITH_SOURCE = REFERRALS[0] | {"cin_referral_date": "2024-03-31", "referral_number": 2}
DAYS = ("2023-03-31", "2023-03-30", None, "2024-04-01", "2023-04-01")
CASES = [
    {},
    {"cin_referral_date": "2023-10-01"},
    CLOSED | {"cin_referral_date": "2023-05-01", "cin_closure_date": "2023-04-30"},
    NFA | {"cin_referral_date": "2023-05-02"},
    NFA | {"cin_referral_date": "2023-05-02", "cin_closure_date": "2023-05-02"},
    CLOSED | {"cin_referral_date": "2023-05-03", "cin_closure_date": "2023-05-10"},
]
#: Return, column → count.
COUNTS = [
    (
        case(
            children=CHILDREN,
            referrals=[
                *(row | MISSING | {"cin_referral_date": day} for row, day in zip(REFERRALS, DAYS, strict=True)),
                WITH_SOURCE,
            ],
        ),
        {
            "child_count": 5,
            "referral_count": 2,
            "carried_over_referral_count": 2,
            "undated_referral_count": 2,
            "source_unknown_percent": 50.0,
        },
    ),
    (
        case(referrals=CASES, assessments={"referral_number": 6}),
        {
            "open_case_count": 2,
            "closed_before_referral_count": 1,
            "closed_without_assessment_count": 1,
            "overlapping_referral_count": 1,
        },
    ),
    *(
        (case(children={"person_birth_date": born}), {"school_age_child_count": counted})
        for born, counted in (
            ("2007-08-31", 0), ("2007-09-01", 1), ("2018-08-31", 1), ("2018-09-01", 0), (None, 0),
        )
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """England's row, then that of every example, an authority of its own."""
    examples = [example for _, example, _ in SHARES] + [example for example, _ in COUNTS]
    return quality_of(tmp_path_factory.mktemp("quality"), *examples)


@pytest.mark.parametrize("place", range(len(SHARES)), ids=lambda place: f"{SHARES[place][0]}-{place}")
def test_what_is_missing_or_unknown_is_a_share_of_what_could_be_known(rows, place):
    column, _, percent = SHARES[place]
    assert rows[1 + place][column] == percent


@pytest.mark.parametrize("place", range(len(COUNTS)))
def test_what_a_reviewer_should_know_is_counted(rows, place):
    _, expected = COUNTS[place]
    row = rows[1 + len(SHARES) + place]
    assert {column: row[column] for column in expected} == expected


def test_england_is_the_sum_of_its_authorities(rows):
    england, *others = rows
    assert england["la_name"] == "England"
    for column in (name for name in quality.COLUMNS if name.endswith("_count")):
        assert england[column] == sum(row[column] for row in others)


def test_an_authority_without_a_return_has_nothing(rows):
    empty = rows[1 + len(SHARES) + len(COUNTS) :]
    assert len(empty) > 100
    assert all(row["la_name"] and row["child_count"] == 0 for row in empty)
    assert all(row.isna()[list(quality.PERCENTAGES)].all() for row in empty)


def test_rules_are_counted_once_and_rows_once_for_each_rule(tmp_path):
    found = [(0, "2887Q", "query", 1), (1, "2887Q", "query", 1), (1, "4220", "error", 2), (1, "8540", "error", 3)]
    breaks = pd.DataFrame(found, columns=["lea", "rule", "severity", "breaks"])
    england, first, second, *_ = quality_of(tmp_path, case(), case(), breaks=breaks)
    assert [england[name] for name in quality.BROKEN] == [2, 5, 1, 2]
    assert [first[name] for name in quality.BROKEN] == [0, 0, 1, 1]
    assert [second[name] for name in quality.BROKEN] == [2, 5, 1, 1]


def test_sex_is_read_from_the_element_of_the_year(tmp_path):
    days = {"cin_referral_date": "2024-06-01"}
    known, unknown = case(2025, referrals=days), case(2025, children={"sex": "U"}, referrals=days)
    assert [row["sex_unknown_percent"] for row in quality_of(tmp_path, known, unknown)[:3]] == [50.0, 0.0, 100.0]


def test_a_year_without_rules_has_a_table_too(tmp_path):
    england, *_ = quality_of(tmp_path, case(2018), case(2018, children=[{}, CHILD_B]))
    assert england["child_count"] == 3
