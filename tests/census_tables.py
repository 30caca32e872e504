"""Census tables in the engine from a few rows (see `oracle` for the form of a row), without XML or a store."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

import oracle
from rereferrals.census.schema import BY_NAME

PERSONS = {
    "lea": "string",
    "la_child_id": "string",
    "child_id": "int64",
    "local_person_id": "int64",
    "person_id": "int64",
}


def census_tables(rows: list[oracle.Row]) -> dict[str, ir.Table]:
    """The tables of the schema that units read, and `persons` with no links between children."""
    filled: dict[str, list[dict[str, Any]]] = {name: [] for name in BY_NAME}
    counters: dict[tuple[Any, ...], int] = {}
    for row in rows:
        child = {
            "lea": row["la"],
            "collection_year": oracle.file_year(row),
            "la_child_id": row["child"],
            "child_number": 1,
        }
        number = counters[tuple(child.values())] = counters.get(tuple(child.values()), 0) + 1
        key = child | {"referral_number": number}
        filled["referrals"].append(
            key
            | {
                "cin_referral_date": row["ref"],
                "referral_nfa": row.get("nfa", False),
                "reason_for_closure": row.get("reason"),
                "date_of_initial_cpc": row.get("icpc"),
            }
        )
        if number == 1:
            filled["children"].append(child | {"person_birth_date": row.get("birth")})
        activities = {
            "assess": "assessments",
            "s47": "section47",
            "cpp": "child_protection_plans",
            "cin_plans": "cin_plans",
        }
        for activity, table in activities.items():
            filled[table] += [key | {BY_NAME[table].own_key[0]: n} for n, _ in enumerate(row.get(activity, ()), 1)]
    tables = {name: _table(BY_NAME[name].types(), content) for name, content in filled.items()}
    children = sorted({(row["la"], row["child"]) for row in rows})
    persons = [dict(zip(PERSONS, (*child, n, n, n), strict=True)) for n, child in enumerate(children)]
    return tables | {"persons": _table(PERSONS, persons)}


def _table(types: dict[str, str], rows: list[dict[str, Any]]) -> ir.Table:
    schema = ibis.schema(types)
    empty: dict[str, Any] = dict.fromkeys(types)
    return ibis.memtable(pa.Table.from_pylist([empty | row for row in rows], schema=schema.to_pyarrow()))
