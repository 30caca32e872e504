"""What a store keeps of all its returns: groups of referrals and records of children, numbered and as whole numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pytest

import oracle
from census_tables import census_tables, with_store_units
from rereferrals.engine import connect
from rereferrals.reference import code_bits, code_places, factor_bits
from rereferrals.units.groups import ASSESSED, CODE_SETS, CONFERENCE, ENQUIRY, PLAN

NO_CODE = "no such code"
#: Columns of groups that hold codes, and their names in a row.
FIELDS = {"referral_source": "source", "primary_need_code": "need", "reason_for_closure": "reason"}
UPN = "A123456789012"
PROVISION = code_places("sen_provision")


@pytest.fixture(scope="module", autouse=True)
def engine():
    ibis.set_backend(connect(threads=1))
    yield


def row(child: str | None = "A", ref: str = "2023-05-01", **more: Any) -> oracle.Row:
    return {"la": "301", "child": child, "ref": date.fromisoformat(ref)} | more


def assessed(*factors: str, authorised: str | None = None) -> dict[str, Any]:
    return {"factors": factors, "auth": authorised and date.fromisoformat(authorised)}


def groups(*rows: oracle.Row) -> list[dict[str, Any]]:
    """The groups of rows, in the order of children as they are numbered, and of one child in file order."""
    unit = with_store_units(census_tables(list(rows)))["groups"]
    return unit.order_by("child_id", "collection_year", "referral_number").to_pyarrow().to_pylist()


def records(*rows: oracle.Row, pupils: list[oracle.Row] | None = None) -> list[dict[str, Any]]:
    """The child records of rows that are told apart by their dates of birth, in the order of these."""
    unit = with_store_units(census_tables(list(rows), pupils=pupils))["records"]
    return unit.order_by("collection_year", "person_birth_date").to_pyarrow().to_pylist()


# Groups


@pytest.mark.parametrize("column", CODE_SETS)
def test_a_code_is_kept_as_its_place_an_unknown_one_as_the_place_after_all_and_none_as_null(column: str) -> None:
    places = code_places(CODE_SETS[column])
    given = [*places, NO_CODE, None]
    found = [
        group[column] for group in groups(*(row(f"C{n:03}", **{FIELDS[column]: code}) for n, code in enumerate(given)))
    ]
    code_of = {place: code for code, place in places.items()}
    assert [code_of.get(place) for place in found] == [*places, None, None]
    assert found[-2:] == [max(places.values()) + 1, None]


def test_an_unknown_factor_is_nothing() -> None:
    both, unknown, none = groups(
        row("A", assess=[assessed("1A", NO_CODE, "24A", authorised="2023-06-01")]),
        row("B", assess=[assessed(NO_CODE, authorised="2023-06-01")]),
        row("C"),
    )
    assert both["factors"] == both["authorised_factors"] == factor_bits(["1A", "24A"])
    assert (unknown["factors"], unknown["authorised_factors"], unknown["activity"]) == (0, 0, ASSESSED)
    assert (none["factors"], none["authorised_factors"], none["activity"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("authorised", "is_of_year"),
    [("2023-03-31", False), ("2023-04-01", True), ("2024-03-31", True), ("2024-04-01", False), (None, False)],
)
def test_authorised_factors_are_of_assessments_authorised_in_the_returns_own_year(
    authorised: str | None, is_of_year: bool
) -> None:
    """Whenever the child was referred, and whatever the group's other assessments are."""
    (group,) = groups(
        row(ref="2022-05-01", file=2024, assess=[assessed("1A", authorised=authorised), assessed("1B", "3A")])
    )
    assert group["factors"] == factor_bits(["1A", "1B", "3A"])
    assert group["authorised_factors"] == (factor_bits(["1A"]) if is_of_year else 0)


def test_factors_of_assessments_are_pooled_and_each_counts_once() -> None:
    year = {"authorised": "2023-06-01"}
    (group,) = groups(row(assess=[assessed("1A", "1B", **year), assessed("1B", "3A", **year)]))
    assert group["factors"] == group["authorised_factors"] == factor_bits(["1A", "1B", "3A"])


def test_activity_is_all_that_is_recorded_of_a_group_however_often() -> None:
    day = date(2023, 6, 1)
    everything, twice, conference, nothing = groups(
        row("A", assess=[assessed()], s47=[{"icpc": day}], cpp=[{"start": day}], cin_plans=[{}]),
        row("B", assess=[assessed(), assessed()], s47=[{}, {}]),
        row("C", icpc=day),
        row("D"),
    )
    steps = ("assessment", "section47", "conference", "plan", "child_in_need_plan")
    assert everything["activity"] == code_bits("activity", steps)
    assert twice["activity"] == ASSESSED | ENQUIRY
    assert [group["has_conference"] for group in (everything, conference, nothing)] == [False, True, False]
    assert conference["activity"] == nothing["activity"] == 0


def test_what_is_recorded_is_of_its_own_group_and_return() -> None:
    first, second, later = groups(
        row(assess=[assessed("1A")]), row(ref="2023-08-01", s47=[{"icpc": date(2023, 9, 1)}]), row(file=2025, cpp=[{}])
    )
    assert first["activity"] == ASSESSED
    assert second["activity"] == ENQUIRY | CONFERENCE
    assert later["activity"] == PLAN
    assert [group["factors"] for group in (first, second, later)] == [factor_bits(["1A"]), 0, 0]


NAMELESS = (
    row(None, record=1, assess=[assessed("1A")]),
    row(None, record=1, ref="2023-08-01"),
    row(None, record=2, s47=[{}]),
    row(None, record=1, file=2023, ref="2022-05-01"),
    row(None, record=1, la="302"),
    row("A"),
    row("A", ref="2023-09-01"),
)


def test_a_child_record_without_a_name_is_a_child_of_its_own() -> None:
    children: dict[int, list[tuple[Any, ...]]] = {}
    for group in groups(*NAMELESS):
        assert group["child_id"] == group["local_person_id"]
        told = (group["lea"], group["collection_year"], group["child_number"], group["referral_number"])
        children.setdefault(group["child_id"], []).append(told)
    assert sorted(children.values()) == [
        [("301", 2023, 1, 1)],
        [("301", 2024, 1, 1), ("301", 2024, 1, 2)],  # A, whose record has the number 1 as well
        [("301", 2024, 1, 1), ("301", 2024, 1, 2)],
        [("301", 2024, 2, 1)],
        [("302", 2024, 1, 1)],
    ]


def test_what_is_recorded_of_a_nameless_child_is_of_its_own_record() -> None:
    found = {
        (group["lea"], group["child_number"], group["referral_number"]): group["activity"]
        for group in groups(*NAMELESS)
        if group["collection_year"] == 2024 and group["child_id"] < 0
    }
    assert found == {("301", 1, 1): ASSESSED, ("301", 1, 2): 0, ("301", 2, 1): ENQUIRY, ("302", 1, 1): 0}


# Records


def born(day: int, child: str | None = "A", **more: Any) -> oracle.Row:
    """A row of a child record whose date of birth tells it apart."""
    return row(child, birth=date(2015, 5, day), **more)


def test_every_record_of_a_child_after_its_first_in_a_return_is_a_repeat_and_no_nameless_one_is() -> None:
    found = records(
        born(1, "A", record=1),
        born(2, "A", record=2),
        born(3, "A", record=3),
        born(4, "B", record=2),
        born(5, "B", record=4),
        born(6, "C", record=1),
        born(7, "C", record=2),
        born(8, "D", record=2),
        born(9, None, record=1),
        born(10, None, record=2),
        born(11, "A", record=1, la="302"),
        born(12, "A", record=1, file=2025),
    )
    repeats = {record["person_birth_date"].day for record in found if record["is_repeat"]}
    assert len(found) == 12
    assert repeats == {2, 3, 5, 7}


def test_records_of_a_child_have_its_number_and_nameless_ones_their_own() -> None:
    rows = [born(1), born(2, record=2), born(3, "B"), born(4, None), born(5, None, record=2)]
    found = records(*rows)
    numbers = [record["child_id"] for record in found]
    assert numbers[:3] == [0, 0, 1]
    assert len(set(numbers)) == 4
    assert all(record["person_id"] == record["local_person_id"] == record["child_id"] for record in found)
    assert {group["child_id"] for group in groups(*rows)} == set(numbers)


def in_year(*rows: oracle.Row) -> list[dict[str, Any]]:
    """The groups of their own year of rows, by day of referral."""
    unit = with_store_units(census_tables(list(rows)))["in_year"]
    return unit.order_by("cin_referral_date").to_pyarrow().to_pylist()


def test_a_group_is_of_its_own_years_return_alone_and_knows_how_long_before_its_child_was_referred() -> None:
    """Of what comes a year late, only that there was a referral."""
    rows = [row(ref="2022-05-01"), row(ref="2022-06-30", file=2024), row(ref="2023-05-01"), row("B", "2023-04-30")]
    found = in_year(*rows, row(ref="2022-05-01", file=2024), row(ref="2023-05-02", la="302"))
    days = ("2022-05-01", "2023-04-30", "2023-05-01", "2023-05-02")
    assert [group["cin_referral_date"] for group in found] == [date.fromisoformat(day) for day in days]
    assert [group["time_period"] for group in found] == [2023, 2024, 2024, 2024]
    assert [group["days_since_previous"] for group in found] == [None, None, 365, None]
    assert [group["days_since_any"] for group in found] == [None, None, 305, None]


def test_of_groups_of_one_day_the_first_in_file_order_comes_first() -> None:
    same_day = [row(reason=reason) for reason in ("RC1", "RC2", "RC3")]
    found = in_year(row(ref="2023-04-21"), *same_day)[1:]
    since = {group["reason_for_closure"]: group["days_since_previous"] for group in found}
    places = code_places("reason_for_closure")
    assert since == {places["RC1"]: 10, places["RC2"]: 0, places["RC3"]: 0}


def pupil(year: int = 2024, upn: str = UPN, **more: Any) -> oracle.Row:
    return {"collection_year": year, "upn": upn, "fsm_eligible": True, "sen_provision": "K"} | more


def test_the_school_census_says_nothing_of_a_upn_with_several_records_in_the_year() -> None:
    """Even if they agree; in a year with one record it is known, and without one it is not."""
    rows = [born(1, upn=UPN, file=year) for year in (2023, 2024, 2025)]
    one, several, none = records(*rows, pupils=[pupil(2023), pupil(), pupil()])
    assert (one["is_eligible_for_meals"], one["sen_provision"]) == (True, PROVISION["K"])
    assert (several["is_eligible_for_meals"], several["sen_provision"]) == (None, None)
    assert (none["is_eligible_for_meals"], none["sen_provision"]) == (None, None)


@pytest.mark.parametrize(
    ("provision", "counted"), [("E", "E"), ("S", "E"), ("K", "K"), ("N", "N"), ("A", None), (None, None)]
)
def test_provision_is_a_plan_support_none_or_unknown(provision: str | None, counted: str | None) -> None:
    (record,) = records(born(1, upn=UPN), pupils=[pupil(sen_provision=provision, fsm_eligible=None)])
    assert (record["sen_provision"], record["is_eligible_for_meals"]) == (counted and PROVISION[counted], None)


def test_a_disability_is_of_its_record_and_having_none_is_no_disability() -> None:
    found = records(
        born(1, "A", disabilities=["AUT", "LD"]),
        born(2, "B", disabilities=["NONE"]),
        born(3, "C"),
        born(4, None, disabilities=["AUT"]),
        born(5, None, record=2),
        born(6, "A", file=2025),
    )
    assert [record["has_disability"] for record in found] == [True, False, False, True, False, False]
