"""Whose looked-after episodes and pupil records are: the authority's own id first, then the UPN."""

from __future__ import annotations

from datetime import date

import ibis
import pytest

import strategies
from census_tables import PERSONS
from rereferrals import engine
from rereferrals.census import input_linkage, linkage
from rereferrals.census.schema import CHILDREN, LOOKED_AFTER, PUPILS

UPN, OTHER_UPN = "A123456789012", "B123456789012"
BORN, BORN_LATER = date(2015, 5, 5), date(2015, 5, 6)


@pytest.fixture(scope="module")
def connection():
    return engine.connect(threads=1)


def child(lea, la_child_id, upn=None, year=2024, number=1, former=None, born=None):
    return {
        "lea": lea, "collection_year": year, "la_child_id": la_child_id, "child_number": number,
        "upn": upn, "former_upn": former, "person_birth_date": born,
    }  # fmt: skip


def linked(connection, children, lea="301", la_child_id="X", upn=UPN):
    """The children that an episode is of, each named by those of its local person: "301 A" or "301 A 301 B"."""
    episode = {"lea": lea, "collection_year": 2024, "la_child_id": la_child_id, "episode_number": 1, "upn": upn,
               "decom": date(2023, 5, 1)}  # fmt: skip
    tables = {
        "children": strategies.arrow_table(CHILDREN, children),
        "looked_after": strategies.arrow_table(LOOKED_AFTER, [episode]),
    }
    made = {name: connection.create_table(name, rows, overwrite=True) for name, rows in tables.items()}
    persons = linkage.link(made["children"])
    of = connection.create_table("persons", persons, overwrite=True)
    found = input_linkage.with_local_person(made["looked_after"], made["children"], of).to_pyarrow().to_pylist()
    names = {}
    for row in persons.to_pylist():
        names.setdefault(row["local_person_id"], []).append(f"{row['lea']} {row['la_child_id']}")
    return sorted(" ".join(names[row["local_person_id"]]) for row in found)


def test_an_episode_is_of_the_child_with_its_number_in_its_authority(connection):
    assert linked(connection, [child("301", "A"), child("302", "A")], la_child_id="A", upn=None) == ["301 A"]


def test_the_number_comes_before_the_upn(connection):
    assert linked(connection, [child("301", "A"), child("301", "B", UPN)], la_child_id="A") == ["301 A"]


def test_without_the_number_the_upn_tells_in_any_authority_and_year(connection):
    assert linked(connection, [child("302", "B", UPN, year=2019), child("301", "C", OTHER_UPN)]) == ["302 B"]


def test_a_upn_held_before_tells_too(connection):
    assert linked(connection, [child("302", "B", OTHER_UPN, former=UPN)]) == ["302 B"]


def test_every_local_person_that_holds_the_upn_was_looked_after(connection):
    children = [child("302", "B", UPN, born=BORN), child("303", "C", UPN), child("302", "D", UPN, year=2023)]
    assert linked(connection, children) == ["302 B 302 D", "303 C"]


def test_a_number_alone_tells_nothing_in_another_authority(connection):
    assert linked(connection, [child("302", "X", OTHER_UPN)]) == []


def test_a_upn_that_two_children_of_one_return_hold_is_nobodys(connection):
    children = [child("302", "B", UPN), child("302", "C", UPN), child("303", "D", UPN)]
    assert linked(connection, children) == []


def test_a_upn_held_with_different_birth_dates_could_be_eithers(connection):
    assert linked(connection, [child("302", "B", UPN, born=BORN), child("303", "C", UPN, born=BORN_LATER)]) == []


def test_a_birth_date_that_was_corrected_is_one(connection):
    children = [child("302", "B", UPN, year=2023, born=BORN), child("302", "B", UPN, born=BORN_LATER)]
    assert linked(connection, [*children, child("303", "C", UPN, born=BORN_LATER)]) == ["302 B", "303 C"]


def test_an_episode_without_number_and_upn_of_the_census_is_nobodys(connection):
    assert linked(connection, [child("302", "B", OTHER_UPN), child("302", "C")], upn=None) == []


def test_pupils_of_the_census_are_those_of_the_same_year(connection):
    children = [child("301", "A", UPN), child("301", "B", UPN), child("301", "C", OTHER_UPN, year=2023)]
    record = {"pupil_number": 1, "fsm_eligible": True, "sen_provision": "N"}
    pupils = [record | {"collection_year": y, "upn": u} for y in (2023, 2024) for u in (UPN, OTHER_UPN)]
    made = connection.create_table("pupils", strategies.arrow_table(PUPILS, pupils), overwrite=True)
    of = connection.create_table("children", strategies.arrow_table(CHILDREN, children), overwrite=True)
    found = input_linkage.of_census(made, of).to_pyarrow().to_pylist()
    assert sorted((row["collection_year"], row["upn"]) for row in found) == [(2023, OTHER_UPN), (2024, UPN)]


def test_it_can_be_asked_on_another_engine():
    children, looked_after, pupils = (ibis.table(t.types(), name=t.name) for t in (CHILDREN, LOOKED_AFTER, PUPILS))
    persons = ibis.table(PERSONS, name="persons")
    for found in (
        input_linkage.with_local_person(looked_after, children, persons),
        input_linkage.of_census(pupils, children),
    ):
        assert "SELECT" in ibis.to_sql(found, dialect="pyspark")
