"""Worked examples of who is who (M03, M25, M27)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rereferrals.census import linkage, schema

BORN, BORN_LATER = date(2010, 1, 1), date(2010, 1, 2)


def child(lea, la_child_id, year=2023, upn=None, former_upn=None, born=None, child_number=1):
    """One record of the children table."""
    named = {"lea": lea, "collection_year": year, "la_child_id": la_child_id, "child_number": child_number}
    return named | {"upn": upn, "former_upn": former_upn, "person_birth_date": born}


def write_years(folder: Path, records: list[dict]) -> list[int]:
    """Store the records' years as a census store does."""
    arrow = ibis.schema(schema.CHILDREN.types()).to_pyarrow()
    by_year = defaultdict(list)
    for record in records:
        by_year[record["collection_year"]].append(record)
    for year, rows in by_year.items():
        (folder / str(year)).mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=arrow), folder / str(year) / "children.parquet")
    return list(by_year)


@pytest.fixture
def groups(tmp_path):
    """Link the records; the groups of two or more children that `column` says are one."""

    def groups(*records, column="person_id"):
        linkage.write_persons(tmp_path, write_years(tmp_path, list(records)))
        members = defaultdict(list)
        for row in pq.read_table(tmp_path / "persons.parquet").to_pylist():
            members[row[column]].append(f"{row['lea']}/{row['la_child_id']}")
        return {tuple(group) for group in members.values() if len(group) > 1}

    return groups


def test_a_child_renumbered_by_its_authority_is_one_local_person(groups):
    records = child("301", "OLD1", 2023, "A1", born=BORN), child("301", "NEW1", 2024, "A1", born=BORN)
    assert groups(*records, column="local_person_id") == {("301/NEW1", "301/OLD1")}


def test_a_child_that_moves_with_its_upn_is_one_person_and_two_local_persons(groups, tmp_path):
    assert groups(child("301", "1001", upn="A1"), child("302", "7", upn="A1")) == {("301/1001", "302/7")}
    (local,) = [pq.read_table(tmp_path / "persons.parquet")["local_person_id"].to_pylist()]
    assert local == [0, 1]


@pytest.mark.parametrize("column", ["person_id", "local_person_id"])
def test_an_la_child_id_goes_on_in_the_authority_that_succeeds(groups, column):
    assert groups(child("909", "55", 2022), child("942", "55", 2024), column=column) == {("909/55", "942/55")}


def test_christchurch_children_are_found_in_either_successor_of_dorset(groups):
    records = child("835", "5", 2019), child("838", "5", 2020), child("835", "6", 2019), child("839", "6", 2020)
    assert groups(*records) == {("835/5", "838/5"), ("835/6", "839/6")}


def test_two_successors_share_an_la_child_id_only_through_their_predecessor(groups):
    assert groups(child("940", "5", 2022), child("941", "5", 2022)) == set()


def test_two_successors_that_took_over_one_child_meet_in_their_predecessor(groups):
    records = child("928", "5", 2021), child("940", "5", 2022), child("941", "5", 2023)
    assert groups(*records) == {("928/5", "940/5", "941/5")}


def test_an_la_child_id_of_two_predecessors_tells_nothing_without_birth_dates(groups):
    assert groups(child("836", "5", 2019), child("837", "5", 2019), child("839", "5", 2020)) == set()


def test_an_la_child_id_of_two_predecessors_goes_with_the_birth_date(groups):
    records = child("836", "5", 2019, born=BORN), child("837", "5", 2019), child("839", "5", 2020, born=BORN)
    assert groups(*records) == {("836/5", "839/5")}


def test_an_la_child_id_taken_over_with_another_birth_date_is_another_child(groups):
    assert groups(child("909", "55", 2022, born=BORN), child("942", "55", 2024, born=BORN_LATER)) == set()


def test_successors_of_one_authority_are_one_place_for_upns(groups):
    records = child("940", "5", 2022, "A1"), child("941", "6", 2023, "A1")
    assert groups(*records, column="local_person_id") == {("940/5", "941/6")}


def test_the_same_la_child_id_in_unrelated_authorities_is_two_children(groups):
    assert groups(child("301", "1001", born=BORN), child("303", "1001", born=BORN)) == set()


def test_movers_without_a_upn_in_both_places_are_two_children(groups):
    assert groups(child("301", "1", upn="A1", born=BORN), child("302", "2", born=BORN)) == set()


@pytest.mark.parametrize("blank", [None, ""])
def test_blank_upns_never_link(groups, blank):
    records = child("301", "1", upn=blank, former_upn=blank), child("302", "2", upn=blank, former_upn=blank)
    assert groups(*records) == set()


def test_a_former_upn_links_across_authorities_and_not_to_the_place(groups):
    records = child("301", "1", 2023, upn="A1"), child("302", "2", 2024, upn="B2", former_upn="A1")
    assert groups(*records) == {("301/1", "302/2")}


def test_a_former_upn_never_links_local_persons_of_two_places(groups):
    records = child("301", "1", 2023, upn="A1"), child("302", "2", 2024, upn="B2", former_upn="A1")
    assert groups(*records, column="local_person_id") == set()


def test_two_former_upns_alone_do_not_link(groups):
    assert groups(child("301", "1", former_upn="A1"), child("302", "2", former_upn="A1")) == set()


def test_a_upn_of_two_children_of_one_return_is_nobodys_in_any_year(groups):
    twice = child("301", "1", 2022, "A1"), child("301", "2", 2022, "A1")
    assert groups(*twice, child("301", "3", 2023, "A1"), child("302", "4", 2023, "A1")) == set()


def test_a_child_without_an_la_child_id_also_holds_its_upn_and_is_left_out(groups, tmp_path):
    assert groups(child("301", None, upn="A1"), child("301", "1", upn="A1"), child("302", "2", upn="A1")) == set()
    assert pq.read_table(tmp_path / "persons.parquet")["la_child_id"].to_pylist() == ["1", "2"]


def test_a_child_recorded_twice_in_one_return_is_not_two_children(groups):
    twice = child("301", "1", upn="A1"), child("301", "1", upn="A1", child_number=2)
    assert groups(*twice, child("302", "2", upn="A1")) == {("301/1", "302/2")}


def test_known_birth_dates_that_differ_are_two_children(groups):
    assert groups(child("301", "1", upn="A1", born=BORN), child("302", "2", upn="A1", born=BORN_LATER)) == set()


def test_an_unknown_birth_date_contradicts_nobody(groups):
    assert groups(child("301", "1", upn="A1", born=BORN), child("302", "2", upn="A1")) == {("301/1", "302/2")}


def test_a_child_without_a_birth_date_does_not_join_two_children_that_have_one(groups):
    records = child("301", "1", upn="A1", born=BORN), child("303", "3", upn="A1", born=BORN_LATER)
    assert groups(*records, child("302", "2", upn="A1")) == set()


def test_of_several_children_with_one_upn_those_with_equal_birth_dates_are_one(groups):
    records = child("301", "1", upn="A1", born=BORN), child("303", "3", upn="A1", born=BORN_LATER)
    assert groups(*records, child("302", "2", upn="A1", born=BORN)) == {("301/1", "302/2")}


def test_the_latest_return_that_knows_the_birth_date_decides(groups):
    corrected = child("301", "1", 2022, "A1", born=BORN_LATER), child("301", "1", 2023, "A1", born=BORN)
    records = *corrected, child("301", "1", 2024, "A1"), child("302", "2", 2024, "A1", born=BORN)
    assert groups(*records) == {("301/1", "302/2")}


def test_links_are_transitive(groups):
    records = child("909", "5", 2022), child("942", "5", 2024, "A1"), child("302", "7", 2024, "B1", "A1")
    assert groups(*records) == {("302/7", "909/5", "942/5")}


def test_persons_are_sorted_and_named_by_their_first_child(groups, tmp_path):
    groups(child("302", "9", upn="A1"), child("301", "b"), child("301", "B", upn="A1"), child("301", "a"))
    rows = pq.read_table(tmp_path / "persons.parquet").to_pylist()
    assert [(r["lea"], r["la_child_id"], r["child_id"], r["person_id"]) for r in rows] == [
        ("301", "B", 0, 0), ("301", "a", 1, 1), ("301", "b", 2, 2), ("302", "9", 3, 0),
    ]  # fmt: skip


def test_years_without_children_make_an_empty_table(tmp_path):
    (tmp_path / "2024").mkdir()
    schema_ = ibis.schema(schema.CHILDREN.types()).to_pyarrow()
    pq.write_table(schema_.empty_table(), tmp_path / "2024" / "children.parquet")
    linkage.write_persons(tmp_path, [2024])
    table = pq.read_table(tmp_path / "persons.parquet")
    assert table.num_rows == 0
    assert [str(t) for t in table.schema.types] == ["string", "string", "int64", "int64", "int64"]
