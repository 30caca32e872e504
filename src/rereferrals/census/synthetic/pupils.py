"""What the school census of a year's spring has of the children in that year's returns (M15).

Only they are written: other pupils would never be looked for. As with the returns nothing is drawn; whether a pupil is
not found, or found twice, follows from its number and the year.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rereferrals.census import schema
from rereferrals.census.inputs import arrow_schema
from rereferrals.census.synthetic.children import has_free_meals, has_plan, has_sen, is_of_school_age
from rereferrals.census.synthetic.codes import codes, valid
from rereferrals.census.synthetic.returns import Cases, upns
from rereferrals.census.synthetic.targets import parameters

NO_NEED, SUPPORT, PLAN, STATEMENT = "N", "K", "E", "S"


def pupils(cases: Cases) -> pa.Table:
    """The records of the pupil table for the children of some returns who have a UPN and are of school age."""
    year, share = cases.year, parameters()["school"]
    at_school = np.flatnonzero(cases.children["has_upn"] & is_of_school_age(cases.children["birth"], year))
    chance = _even(cases.children, at_school, year)
    at_school = at_school[chance >= share["not_found"]]
    records = np.where(chance[chance >= share["not_found"]] < share["not_found"] + share["twice"], 2, 1)
    rows = np.repeat(at_school, records)
    known = {name: column[rows] for name, column in cases.children.items()}
    columns = {
        "collection_year": np.full(len(rows), year, np.int32),
        "upn": upns(known["registered_by"], known["number"]),
        "pupil_number": (1 + (np.diff(rows, prepend=-1) == 0)).astype(np.int32),
        "fsm_eligible": has_free_meals(known, year),
        "sen_provision": pa.array(codes("sen_provision")).take(pa.array(_provision(known, year))),
    }
    return pa.table(columns, schema=arrow_schema(schema.PUPILS))


def _provision(known: dict[str, npt.NDArray[Any]], year: int) -> npt.NDArray[np.int64]:
    """Places of codes. While there are statements, half of those with most need have one and half a plan."""
    place = codes("sen_provision").index
    plan = np.full(len(known["number"]), place(PLAN))
    if valid("sen_provision", year)[place(STATEMENT)]:
        plan = np.where(known["number"] % 2 == 0, place(STATEMENT), plan)
    support = np.where(has_sen(known, year), place(SUPPORT), place(NO_NEED))
    return np.asarray(np.where(has_plan(known, year), plan, support))


def _even(children: dict[str, npt.NDArray[Any]], rows: npt.NDArray[np.intp], year: int) -> npt.NDArray[np.float64]:
    """A number from 0 to 1 for each of these children and a year, without order: SplitMix64 of what identifies it."""
    lea, number = (children[name][rows].astype(np.uint64) for name in ("registered_by", "number"))
    mixed = (lea << np.uint64(48)) ^ (np.uint64(year) << np.uint64(32)) ^ number
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray((mixed ^ (mixed >> np.uint64(31))) / 2.0**64)
