"""Census tables in the engine from a few rows (see `oracle` for the form of a row), without XML or a store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

import oracle
from rereferrals.census.schema import BY_NAME
from rereferrals.units import groups, in_year, records

PERSONS = {
    "lea": "string",
    "la_child_id": "string",
    "child_id": "int64",
    "local_person_id": "int64",
    "person_id": "int64",
}


#: Lists of a row, and the table whose rows they become.
ACTIVITIES = {"assess": "assessments", "s47": "section47", "cpp": "child_protection_plans", "cin_plans": "cin_plans"}


def census_tables(
    rows: list[oracle.Row], looked_after: list[oracle.Row] | None = None, pupils: list[oracle.Row] | None = None
) -> dict[str, ir.Table]:
    """The tables of the schema that units read, and `persons` as the rows name them (see `person_numbers`).

    A row may be of another than the first record of its child in a return (`record`, its number), and of a child
    record without an LAchildID (`child` is None), which is nobody's. `looked_after` and `pupils` hold rows under the
    columns' own names.
    """
    filled: dict[str, list[dict[str, Any]]] = {name: [] for name in BY_NAME}
    counters: dict[tuple[Any, ...], int] = {}
    for row in rows:
        child = {
            "lea": row["la"],
            "collection_year": oracle.file_year(row),
            "la_child_id": row["child"],
            "child_number": row.get("record", 1),
        }
        number = counters[tuple(child.values())] = counters.get(tuple(child.values()), 0) + 1
        key = child | {"referral_number": number}
        filled["referrals"].append(
            key
            | {
                "cin_referral_date": row["ref"],
                "referral_source": row.get("source"),
                "primary_need_code": row.get("need"),
                "referral_nfa": row.get("nfa", False),
                "cin_closure_date": row.get("close"),
                "reason_for_closure": row.get("reason"),
                "date_of_initial_cpc": row.get("icpc"),
            }
        )
        if number == 1:
            filled["children"].append(
                child
                | {
                    "person_birth_date": row.get("birth"),
                    "expected_person_birth_date": row.get("expected"),
                    "person_death_date": row.get("death"),
                    "gender_current": row.get("gender"),
                    "ethnicity": row.get("ethnicity"),
                    "upn": row.get("upn"),
                }
            )
            filled["disabilities"] += _numbered(child, "disability", row.get("disabilities", ()))
        for activity, table in ACTIVITIES.items():
            for n, given in enumerate(row.get(activity, ()), 1):
                own = key | {BY_NAME[table].own_key[0]: n}
                filled[table].append(own | _values(activity, given))
                filled["factors"] += _numbered(own, "factor", given.get("factors", ()), "assessment_factor")
    filled["looked_after"] = [row | {"episode_number": n} for n, row in enumerate(looked_after or (), 1)]
    filled["pupils"] = [row | {"pupil_number": n} for n, row in enumerate(pupils or (), 1)]
    tables = {name: _table(BY_NAME[name].types(), content) for name, content in filled.items()}
    return tables | {"persons": _table(PERSONS, _persons(rows))}


def with_store_units(tables: Mapping[str, ir.Table]) -> dict[str, ir.Table]:
    """Census tables, and beside them units that a store keeps of its returns: `groups`, `records` and `in_year`."""
    made = {"groups": _kept(groups.build(tables)), "records": _kept(records.build(tables))}
    return {**tables, **made, "in_year": _kept(in_year.build(made["groups"]))}


def _kept(unit: ir.Table) -> ir.Table:
    return ibis.memtable(unit.to_pyarrow())


def person_numbers(rows: list[oracle.Row]) -> dict[tuple[str, str], int]:
    """The number of each local person: authority and person, which is the child if a row names none."""
    named = {(row["la"], oracle.person(row)) for row in rows if row["child"] is not None}
    return {person: n for n, person in enumerate(sorted(named))}


def _persons(rows: list[oracle.Row]) -> list[dict[str, Any]]:
    """Who is who: children of one local person within an authority, and those that name a person in any."""
    local = person_numbers(rows)
    anywhere: dict[Any, int] = {}
    found = []
    for n, (la, child, person, named) in enumerate(
        sorted(
            {(row["la"], row["child"], oracle.person(row), "person" in row) for row in rows if row["child"] is not None}
        )
    ):
        whole = anywhere.setdefault(person if named else (la, child), n)
        found.append(dict(zip(PERSONS, (la, child, n, local[la, person], whole), strict=True)))
    return found


def _values(activity: str, given: oracle.Row) -> dict[str, Any]:
    match activity:
        case "assess":
            return {"assessment_authorisation_date": given.get("auth")}
        case "s47":
            return {"date_of_initial_cpc": given.get("icpc")}
        case "cpp":
            return {"cpp_start_date": given.get("start"), "cpp_end_date": given.get("end")}
    return {}


def _numbered(key: dict[str, Any], name: str, codes: Any, column: str | None = None) -> list[dict[str, Any]]:
    return [key | {f"{name}_number": n, column or name: code} for n, code in enumerate(codes, 1)]


def _table(types: dict[str, str], rows: list[dict[str, Any]]) -> ir.Table:
    schema = ibis.schema(types)
    empty: dict[str, Any] = dict.fromkeys(types)
    return ibis.memtable(pa.Table.from_pylist([empty | row for row in rows], schema=schema.to_pyarrow()))
