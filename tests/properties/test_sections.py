"""The units behind durations, characteristics, factors, journeys and child protection agree with plain Python.

A query costs the same for few rows as for many, so there are few examples, of many rows each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from census_tables import census_tables, person_numbers
from rereferrals.engine import connect
from rereferrals.reference import code_bits, code_places, factor_bits
from rereferrals.release import Method, Release
from rereferrals.units.registry import UNITS

END = date(2024, 3, 31)
START = date(2022, 4, 1)
RELEASE = replace(Release.like_latest(END.year), method=Method())
few = settings(max_examples=4)

#: Days near the edges that matter: the first and last of a year, and 365 and 366 days after either.
DAYS = st.sampled_from([0, 1, 30, 363, 364, 365, 366, 700, 729, 730, 731]).map(lambda n: START + timedelta(days=n))
LENGTHS = st.sampled_from([-1, 0, 1, 91, 92, 181, 183, 184, 363, 364, 365, 366, 729, 730, 731]).map(timedelta)
CODES = st.sampled_from(["1A", "1B", "3A", "18B", "18C", "20", "21", "24A"])
ACTIVITY = {
    "assess": st.lists(
        st.fixed_dictionaries({"factors": st.lists(CODES, max_size=3)}, optional={"auth": DAYS}), max_size=2
    ),
    "s47": st.lists(st.fixed_dictionaries({}, optional={"icpc": st.just(date(2024, 1, 1))}), max_size=1),
    "cpp": st.lists(st.just({}), max_size=1),
    "cin_plans": st.lists(st.just({}), max_size=1),
    "icpc": st.just(date(2024, 1, 1)),
}
PLACES = {"la": st.sampled_from(["301", "302", "303", "304"]), "child": st.sampled_from(["A", "B", "C"])}
CASES = {
    "source": st.sampled_from(["1A", "5D", "10"]),
    "need": st.sampled_from(["N0", "N1", "N5"]),
    "close": st.one_of(st.none(), st.tuples(DAYS, LENGTHS).map(lambda pair: pair[0] + pair[1])),
    "reason": st.sampled_from(["RC7", "RC8", "RC9"]),
}


@st.composite
def cases(draw: st.DrawFn) -> list[oracle.Row]:
    """Groups of three children in each of four authorities, some of them of one case in two returns."""
    row = st.fixed_dictionaries(
        PLACES | {"ref": DAYS, "nfa": st.sampled_from([True, False, None])},
        optional=CASES | ACTIVITY | {"file": st.sampled_from([2023, 2024])},
    )
    return draw(st.lists(row, min_size=20, max_size=60))


@pytest.fixture(scope="module", autouse=True)
def engine():
    ibis.set_backend(connect(threads=1))
    yield


def unit(name: str, tables: Mapping[str, ir.Table]) -> ir.Table:
    """A unit as the registry makes it, from census tables."""
    declared = UNITS[name]
    made = {needed: ibis.memtable(unit(needed, tables).to_pyarrow()) for needed in declared.units}
    return declared.build({name: tables[name] for name in declared.census} | made, RELEASE)


def by_referral(rows: list[oracle.Row], name: str, tables: Mapping[str, ir.Table]) -> dict[Any, dict[str, Any]]:
    """The rows of a longitudinal unit by authority, person and day of referral."""
    people = {number: person for person, number in person_numbers(rows).items()}
    found = unit(name, tables).to_pyarrow().to_pylist()
    mine = {(*people[row["local_person_id"]], row["cin_referral_date"]): row for row in found}
    assert len(mine) == len(found)
    return mine


def key(referral: oracle.Row) -> tuple[str, str, date]:
    return referral["la"], referral["person"], referral["ref"]


def looked_after_rows() -> st.SearchStrategy[list[oracle.Row]]:
    row = st.fixed_dictionaries(
        {
            "lea": PLACES["la"],
            "la_child_id": PLACES["child"],
            "collection_year": st.sampled_from([2023, 2024]),
            "decom": DAYS,
            "dec": st.none() | DAYS,
        }
    )
    return st.lists(row, max_size=6).map(lambda rows: [r for r in rows if r["dec"] is None or r["dec"] >= r["decom"]])


@few
@given(cases(), looked_after_rows())
def test_a_referral_is_merged_has_a_status_and_a_level(of: list[oracle.Row], episodes: list[oracle.Row]) -> None:
    merged = oracle.merged(of, END)
    sources, needs, reasons = map(code_places, ("referral_source", "primary_need", "reason_for_closure"))
    expected = {
        key(r): {
            "referral_source": sources.get(r["source"]),
            "need_code": needs.get(r["need"]),
            "referral_nfa": bool(r["nfa"]),
            "cin_closure_date": r["close"],
            "reason_for_closure": reasons.get(r["reason"]),
            "factors": factor_bits(r["factors"]),
            "referral_status": oracle.status(r, merged),
            "is_rereferral": oracle.status(r, merged) == "rereferral",
            "activity": code_bits("activity", oracle.steps(r, episodes, END)),
            "level": oracle.level(r, episodes, END),
            "next_level": oracle.next_level(r, merged, episodes, END),
        }
        for r in merged
    }
    known = [e for e in episodes if any((r["la"], r["child"]) == (e["lea"], e["la_child_id"]) for r in of)]
    tables = census_tables(of, known)
    merged_rows, followed = (by_referral(of, name, tables) for name in ("merged", "followup"))
    assert merged_rows.keys() == followed.keys()
    found = {place: row | followed[place] for place, row in merged_rows.items()}
    columns = list(next(iter(expected.values()))) if expected else []
    assert {place: {name: row[name] for name in columns} for place, row in found.items()} == expected


@few
@given(cases())
def test_episodes_have_their_days_and_band_and_are_flagged_if_they_overlap(of: list[oracle.Row]) -> None:
    merged = oracle.merged(of, END)
    expected = {}
    for r in filter(oracle.is_episode, merged):
        close = r["close"]
        is_ended_well = close is not None and close >= r["ref"]
        expected[key(r)] = {
            "time_period": close and oracle.year_of(close),
            "days": close and (close - r["ref"]).days,
            "band": oracle.band(r["ref"], close) if is_ended_well else None,
            "is_overlapping": oracle.is_overlapping(r, merged),
            "has_impossible_dates": close is not None and not is_ended_well,
            "is_rereferral": oracle.status(r, merged) == "rereferral",
        }
    found = by_referral(of, "episodes", census_tables(of))
    for row in found.values():
        if row["cin_closure_date"] is None or row["has_impossible_dates"]:
            row["band"] = None
    names = ("time_period", "days", "band", "is_overlapping", "has_impossible_dates", "is_rereferral")
    assert {place: {name: row[name] for name in names} for place, row in found.items()} == expected


@few
@given(cases())
def test_factors_of_a_year_are_of_assessments_authorised_in_it(of: list[oracle.Row]) -> None:
    found = unit("assessed", census_tables(of)).to_pyarrow().to_pylist()
    expected = Counter()
    for (year, la, codes), groups in oracle.annual_factors(of).items():
        expected[year, la, factor_bits(codes)] += groups
    assert Counter((row["time_period"], row["lea"], row["factors"]) for row in found) == expected


BIRTHS = st.sampled_from(
    [
        *(date(2024 - age, 3, day) for age in (0, 1, 5, 10, 16, 17) for day in (30, 31)),
        *(date(2024 - age, 4, 1) for age in (1, 6, 16, 17, 18)),
        *(date(2023 - age, month, day) for age in (5, 15, 16) for month, day in ((8, 31), (9, 1))),
        *(date(2022 - age, month, day) for age in (5, 16) for month, day in ((8, 31), (9, 1))),
        date(2020, 2, 29),
    ]
)
KNOWN = {
    "birth": BIRTHS,
    "expected": st.just(date(2024, 6, 1)),
    "gender": st.sampled_from(["0", "1", "2", "9"]),
    "disabilities": st.sampled_from([["NONE"], ["AUT"], ["LD", "AUT"], []]),
}


@few
@given(st.lists(st.fixed_dictionaries(PLACES | {"ref": DAYS}, optional=KNOWN), min_size=20, max_size=60))
def test_what_is_known_of_a_child_is_what_the_years_return_says(of: list[oracle.Row]) -> None:
    children = sorted({(row["la"], row["child"]) for row in of})
    names = ("is_unborn", "age", "is_school_age", "sex", "has_disability")
    sexes = {code_places("sex")[code]: name for code, name in (("M", "male"), ("F", "female"))}
    found: dict[int, dict[tuple[str, str], tuple[object, ...]]] = {2023: {}, 2024: {}}
    for row in unit("children", census_tables(of)).to_pyarrow().to_pylist():
        if row["time_period"] in found:
            told = row | {"sex": sexes.get(row["sex"])}
            found[row["time_period"]][children[row["child_id"]]] = tuple(told[name] for name in names)
    assert found == {year: oracle.characteristics(of, year) for year in found}


PLAN_DAYS = st.sampled_from(
    [date(2018, 6, 1), date(2019, 3, 31), date(2019, 4, 1), date(2022, 5, 1), END, END + timedelta(1)]
)


@st.composite
def plans(draw: st.DrawFn) -> list[oracle.Row]:
    """Returns of several authorities with plans of eight persons, whose ids differ from one authority to the next."""
    plan = st.fixed_dictionaries({"start": PLAN_DAYS}, optional={"end": PLAN_DAYS})
    row = st.fixed_dictionaries(
        {
            "la": st.sampled_from(["301", "302"]),
            "person": st.sampled_from("PQRSTUVW"),
            "ref": st.just(date(2018, 5, 1)),
            "file": st.sampled_from([2019, 2023, 2024]),
            "cpp": st.lists(plan, max_size=1),
        }
    )
    known = st.fixed_dictionaries({}, optional={name: KNOWN[name] for name in ("birth", "expected")})
    births = draw(st.fixed_dictionaries({(who, file): known for who in "PQRSTUVW" for file in (2019, 2023, 2024)}))
    rows, seen = [], set()
    for given_row in draw(st.lists(row, min_size=20, max_size=50)):
        told = [(given_row["person"], given_row["file"], one["start"]) for one in given_row["cpp"]]
        if not seen.intersection(told):  # a return says one thing of a plan
            seen.update(told)
            known = births[given_row["person"], given_row["file"]]
            rows.append(given_row | known | {"child": given_row["person"] + given_row["la"]})
    return rows


@few
@given(plans())
def test_children_with_a_plan_over_five_years_are_counted_once_wherever_they_live(of: list[oracle.Row]) -> None:
    tables = census_tables(of)
    of_person = {row["person_id"]: row["la_child_id"][0] for row in tables["persons"].to_pyarrow().to_pylist()}
    found = unit("protected", tables).to_pyarrow().to_pylist()
    expected = oracle.protected(of, END)
    assert Counter((of_person[row["person_id"]], row["has_active_plan"]) for row in found) == Counter(expected.items())
