"""What an authority's return of a collection year says of the histories: all of it follows from them, nothing is drawn.

A return holds the cases referred in its year and those still open when it began, as they stood on its last day. A
case that came late is not in the return of the year of its referral, but in the next, when work on it begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from string import ascii_uppercase
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rereferrals.census import schema
from rereferrals.census.inputs import arrow_schema
from rereferrals.census.synthetic.children import Days, Mask
from rereferrals.census.synthetic.codes import codes, valid
from rereferrals.census.synthetic.families import Codes, Histories
from rereferrals.census.synthetic.history import ADULT, first_day, last_day
from rereferrals.census.synthetic.journeys import NEVER, Columns, working_days_after
from rereferrals.census.synthetic.targets import parameters
from rereferrals.restricted import MADE_UP

Rows = npt.NDArray[np.intp]
CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
LEA_DIGITS, ID_DIGITS, UPN_DIGITS = 3, 7, 9
POSITIONS = np.arange(2, 2 + LEA_DIGITS + UPN_DIGITS)
BATCH = 150_000
YEAR_DAYS = ADULT / 18
ARROW_TYPES = {"string": pa.string(), "int32": pa.int32(), "date": pa.date32(), "boolean": pa.bool_()}


def make_returns(cases: Cases) -> dict[str, pa.Table]:
    """The tables of the schema for some returns of a year, each in the order of its key."""
    return {
        "returns": cases.table(schema.RETURNS, _header(cases)),
        "children": cases.table(schema.CHILDREN, _children(cases)),
        "disabilities": cases.table(schema.DISABILITIES, _disabilities(cases)),
        "referrals": cases.table(schema.REFERRALS, _referrals(cases)),
        "section47": cases.table(schema.SECTION47, _section47(cases)),
        "cin_plans": cases.table(schema.CIN_PLANS, _cin_plans(cases)),
        **_assessments_and_factors(cases),
        **_plans_and_reviews(cases),
    }


def generation(lea: str, year: int) -> int:
    """How often the authority had given all children new numbers by a year. Successors go on with those they find."""
    return sum(1 for y in parameters()["renumbered"].get(lea, ()) if y <= year)


def reported(histories: Iterable[Histories], leas: Sequence[str], year: int) -> Iterator[Cases]:
    """What the returns of these authorities report: cases referred in the year, or open when it began.

    They come in the order of their keys, in batches of whole returns.
    """
    parts = [_reported_by(part, year) for part in histories]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(_key_number(columns), kind="stable")
    codes_asked = np.array(sorted(map(int, leas)), np.int16)
    starts = np.searchsorted(columns["lea"][order], codes_asked)
    ends = np.searchsorted(columns["lea"][order], codes_asked, side="right")
    batch: list[int] = []
    for place in range(len(codes_asked)):
        batch.append(place)
        if place == len(codes_asked) - 1 or sum(ends[batch] - starts[batch]) >= BATCH:
            rows = np.concatenate([order[starts[p] : ends[p]] for p in batch])
            yield Cases(year, codes_asked[batch], {name: column[rows] for name, column in columns.items()})
            batch = []


def _reported_by(histories: Histories, year: int) -> Columns:
    start, end = first_day(year), last_day(year)
    cases = histories.referrals
    of_year = (cases["day"] >= start) & ~cases["late"]
    still_open = (cases["day"] < start) & (cases["closure"] >= start) & ~cases["nfa"]
    rows = np.flatnonzero((of_year & (cases["day"] <= end)) | still_open)
    child = cases["child"][rows]
    of_case = {name: column[rows] for name, column in cases.items()}
    of_child = {name: column[child] for name, column in histories.children.items()}
    lea = histories.home(year)[child]
    return {**of_case, **of_child, "lea": lea, "generation": _generations(histories, year)[child] + _given(lea, year)}


def _generations(histories: Histories, year: int) -> npt.NDArray[np.int64]:
    """How often each child had been given a new number of its own by the end of a year."""
    cases = histories.referrals
    given = cases["renumbered"] & (cases["day"] <= last_day(year))
    return np.bincount(cases["child"][given], minlength=len(histories.children["number"]))


def _given(lea: Codes, year: int) -> npt.NDArray[np.int64]:
    known, place = np.unique(lea, return_inverse=True)
    return np.array([generation(f"{code:03d}", year) for code in known], np.int64)[place]


def _key_number(columns: Columns) -> npt.NDArray[np.int64]:
    """A number that orders cases as authority and LAchildID do."""
    letter = columns["lea"].astype(np.int64) * len(ascii_uppercase) + columns["generation"]
    return np.asarray(letter * 10**ID_DIGITS + _scramble(columns["number"], ID_DIGITS))


class Cases:
    """The cases of some returns of a year: a row each, with columns of `journeys`, of the child, and `lea`.

    `children` are the same columns with a row for each child; `child` is each case's row in them. Both are in the order
    of authority and LAchildID, and a child's cases in that of their days.
    """

    def __init__(self, year: int, leas: Codes, columns: Columns) -> None:
        self.year, self.start, self.end = year, first_day(year), last_day(year)
        self.leas, self.columns = leas, columns
        is_first = np.diff(_key_number(columns), prepend=-1) != 0
        self.child = np.cumsum(is_first) - 1
        self.rank = _rank(self.child)
        self.children = {name: column[is_first] for name, column in columns.items()}
        letter = (ord("A") + self.children["generation"]).astype(np.uint8)
        self.ids = _fixed_width(letter, _digits(_scramble(self.children["number"], ID_DIGITS), ID_DIGITS))

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self.columns[name]

    def happened(self, name: str) -> Mask:
        """Whether a dated event of each case falls in the year."""
        return np.asarray((self[name] >= self.start) & (self[name] <= self.end))

    def key(self, rows: Rows) -> Columns:
        """The key columns of a table with a row for each of these cases."""
        return self.child_key(self.child[rows]) | {"referral_number": self.rank[rows]}

    def child_key(self, rows: Rows) -> dict[str, Any]:
        """The key columns of a table with a row for each of these children."""
        return {
            "lea": _leas(self.children["lea"][rows]),
            "la_child_id": self.ids.take(pa.array(rows)),
            "child_number": np.ones(len(rows), np.int32),
        }

    def table(self, table: schema.Table, columns: dict[str, Any]) -> pa.Table:
        """A table of the schema; columns that are not given, or not collected in the year, are null."""
        size = len(columns["lea"])
        given = columns | {"collection_year": np.full(size, self.year, np.int32)}
        collected = {c.name for c in table.columns if _is_collected(c, self.year)} | set(table.key)
        types = [(name, ARROW_TYPES[kind]) for name, kind in table.types().items()]
        arrays = [
            pa.array(given[name], kind) if name in given and name in collected else pa.nulls(size, kind)
            for name, kind in types
        ]
        return pa.Table.from_arrays(arrays, schema=pa.schema(types))


def _header(cases: Cases) -> dict[str, Any]:
    size = len(cases.leas)
    return {
        "lea": _leas(cases.leas),
        "reference_date": _dates(np.full(size, cases.end)),
        "collection": pa.repeat("CIN", size),
        "year": np.full(size, cases.year, np.int32),
        "source_level": pa.repeat("L", size),
        "software_code": pa.repeat(MADE_UP, size),
        "release": pa.repeat("1", size),
        "serial_no": pa.repeat("001", size),
        "date_time": pa.repeat(f"{cases.year}-07-01T09:00:00", size),
    }


def _children(cases: Cases) -> dict[str, Any]:
    known = cases.children
    died = _death_days(cases)
    unborn = known["birth"] > np.minimum(died, cases.end)
    age = (cases.end - known["birth"]) / YEAR_DAYS
    upn_shown = _has_shown_upn(cases)
    no_upn = np.where(age < 6, "UN1", np.array(["UN2", "UN3", "UN6"])[known["no_upn_reason"]])
    gender = np.where(unborn, 0, known["sex"])
    return cases.child_key(np.arange(len(unborn))) | {
        "upn": _masked(upns(known["registered_by"], known["number"]), upn_shown),
        "upn_unknown": _masked(pa.array(no_upn), ~upn_shown),
        "person_birth_date": _dates(known["birth"], ~unborn),
        "expected_person_birth_date": _dates(known["birth"], unborn),
        "gender_current": _coded(gender, codes("gender_current")),
        "sex": _coded(gender, ("U", "M", "F", "U")[: len(codes("gender_current"))]),
        "person_death_date": _dates(died, (died != NEVER) & ~unborn),
        "ethnicity": _coded(known["ethnicity"], codes("ethnicity")),
    }


def _has_shown_upn(cases: Cases) -> Mask:
    age = (cases.end - cases.children["birth"]) / YEAR_DAYS
    return np.asarray(cases.children["has_upn"] & (age >= parameters()["upn"]["from_age_years"]))


def _death_days(cases: Cases) -> Days:
    """The day of death of each child that died in the year, which closed its case; NEVER for others."""
    died = (cases["reason"] == codes("reason_for_closure").index("RC2")) & cases.happened("closure") & ~cases["nfa"]
    days = np.full(len(cases.ids), NEVER)
    days[cases.child[died]] = cases["closure"][died]
    return days


def _disabilities(cases: Cases) -> dict[str, Any]:
    born = np.flatnonzero(cases.children["birth"] <= cases.end)
    none = np.uint64(1) << np.uint64(codes("disability").index("NONE"))
    held = cases.children["disabilities"][born]
    rows, code = _expand(np.where(held == 0, none, held))
    return cases.child_key(born[rows]) | {
        "disability_number": _rank(rows),
        "disability": _coded(code, codes("disability")),
    }


def _referrals(cases: Cases) -> dict[str, Any]:
    rows = np.arange(len(cases["day"]))
    closed = cases["closure"] <= cases.end
    without_enquiry = (cases["section47_start"] == NEVER) & cases.happened("conference")
    return cases.key(rows) | {
        "cin_referral_date": _dates(cases["day"]),
        "referral_source": _coded(cases["source"], codes("referral_source")),
        "primary_need_code": _coded(cases["need"], codes("primary_need"), cases["need"] >= 0),
        "cin_closure_date": _dates(cases["closure"], closed),
        "reason_for_closure": _coded(cases["reason"], codes("reason_for_closure"), closed),
        "date_of_initial_cpc": _dates(cases["conference"], without_enquiry),
        "referral_nfa": cases["nfa"],
    }


def _assessments_and_factors(cases: Cases) -> dict[str, pa.Table]:
    """An assessment is in the return of the year in which it is authorised, and before that while it is under way."""
    rounds = [
        ("assessment_start", "assessment_end", "factors"),
        ("reassessment_start", "reassessment_end", "more_factors"),
    ]
    under_way = [(cases[start] <= cases.end) & (cases[stop] >= cases.start) for start, stop, _ in rounds]
    rows, which = np.nonzero(np.column_stack(under_way))
    start, stop, factors = (np.column_stack([cases[r[i]] for r in rounds])[rows, which] for i in range(3))
    authorised = stop <= cases.end
    key = cases.key(rows) | {"assessment_number": _rank(rows)}
    assessments = key | {
        "assessment_actual_start_date": _dates(start),
        "assessment_authorisation_date": _dates(stop, authorised),
    }
    done = np.flatnonzero(authorised)
    identified = _collected_factors(factors[done], cases.year)
    of, code = _expand(identified)
    factor_key = {name: pa.array(column).take(pa.array(done[of])) for name, column in key.items()}
    return {
        "assessments": cases.table(schema.ASSESSMENTS, assessments),
        "factors": cases.table(
            schema.FACTORS,
            factor_key | {"factor_number": _rank(of), "assessment_factor": _coded(code, codes("assessment_factor"))},
        ),
    }


def _collected_factors(factors: npt.NDArray[np.uint64], year: int) -> npt.NDArray[np.uint64]:
    """The factors that the year collects; where there are none, the code for another."""
    names = codes("assessment_factor")
    collected = np.uint64(sum(1 << i for i, ok in enumerate(valid("assessment_factor", year)) if ok))
    kept = factors & collected
    return np.where(kept == 0, np.uint64(1 << names.index("20")), kept)


def _section47(cases: Cases) -> dict[str, Any]:
    """An enquiry is in the return of the year in which it starts, and of that of its conference."""
    enquiry = cases["section47_start"] <= cases.end
    rows = np.flatnonzero(enquiry & (cases.happened("section47_start") | cases.happened("conference")))
    started, held = cases["section47_start"][rows], cases["conference"][rows]
    target = working_days_after(started, parameters()["journey"]["conference_target_working_days"])
    return cases.key(rows) | {
        "section47_number": np.ones(len(rows), np.int32),
        "s47_actual_start_date": _dates(started),
        "initial_cpc_target": _dates(target),
        "date_of_initial_cpc": _dates(held, held <= cases.end),
        "icpc_not_required": held == NEVER,
    }


def _cin_plans(cases: Cases) -> dict[str, Any]:
    rows = np.flatnonzero((cases["cin_plan_start"] <= cases.end) & (cases["closure"] >= cases.start))
    if not all(_is_collected(column, cases.year) for column in schema.CIN_PLANS.columns):
        rows = rows[:0]
    end = cases["closure"][rows]
    return cases.key(rows) | {
        "cin_plan_number": np.ones(len(rows), np.int32),
        "cin_plan_start_date": _dates(cases["cin_plan_start"][rows]),
        "cin_plan_end_date": _dates(end, end <= cases.end),
    }


def _plans_and_reviews(cases: Cases) -> dict[str, pa.Table]:
    rows = np.flatnonzero((cases["plan_start"] <= cases.end) & (cases["plan_end"] >= cases.start))
    start, end = cases["plan_start"][rows], cases["plan_end"][rows]
    key = cases.key(rows) | {"cpp_number": np.ones(len(rows), np.int32)}
    plans = key | {
        "cpp_start_date": _dates(start),
        "cpp_end_date": _dates(end, end <= cases.end),
        "initial_category_of_abuse": _coded(cases["category"][rows], codes("category_of_abuse")),
        "latest_category_of_abuse": _coded(cases["latest_category"][rows], codes("category_of_abuse")),
        "number_of_previous_cpp": cases["previous_plans"][rows].astype(np.int32),
    }
    reviews = start[:, None] + np.array(parameters()["journey"]["review_days"], np.int32)
    of, which = np.nonzero((reviews >= cases.start) & (reviews <= np.minimum(end, cases.end)[:, None]))
    review_key = {name: pa.array(column).take(pa.array(of)) for name, column in key.items()}
    review_columns = {"review_number": _rank(of), "cpp_review_date": _dates(reviews[of, which])}
    return {
        "child_protection_plans": cases.table(schema.CHILD_PROTECTION_PLANS, plans),
        "reviews": cases.table(schema.REVIEWS, review_key | review_columns),
    }


def looked_after(cases: Cases) -> pa.Table:
    """The episodes of being looked after that were open on some day of the year (SSDA903), of the children returned."""
    rows = np.flatnonzero((cases["looked_after_start"] <= cases.end) & (cases["looked_after_end"] >= cases.start))
    end, of_child = cases["looked_after_end"][rows], cases.child[rows]
    key = {name: column for name, column in cases.child_key(of_child).items() if name != "child_number"}
    shown = _has_shown_upn(cases)[of_child]
    columns = key | {
        "collection_year": np.full(len(rows), cases.year, np.int32),
        "episode_number": _rank(of_child),
        "upn": _masked(upns(cases.children["registered_by"][of_child], cases.children["number"][of_child]), shown),
        "decom": _dates(cases["looked_after_start"][rows]),
        "dec": _dates(end, end <= cases.end),
    }
    return pa.table(columns, schema=arrow_schema(schema.LOOKED_AFTER))


def upns(registered_by: Codes, number: Days) -> pa.Array:
    """Unique pupil numbers: a check letter, the code of the authority, and digits of the child's own (rule 1510)."""
    of_child = _digits(_scramble(number, UPN_DIGITS), UPN_DIGITS)
    digits = np.hstack([_digits(registered_by.astype(np.int64), LEA_DIGITS), of_child])
    letter = np.frombuffer(CHECK_LETTERS.encode(), np.uint8)[digits @ POSITIONS % len(CHECK_LETTERS)]
    return _fixed_width(letter, digits)


def _leas(code: Codes) -> pa.Array:
    digits = _digits(code.astype(np.int64), LEA_DIGITS)
    return _fixed_width(digits[:, 0] + ord("0"), digits[:, 1:])


def _scramble(number: Days, digits: int) -> npt.NDArray[np.int64]:
    """Numbers of so many digits, one to one with those given, that do not show their order."""
    return np.asarray((number.astype(np.int64) * 7_368_787 + 1_234_567) % 10**digits)


def _digits(number: npt.NDArray[np.int64], digits: int) -> npt.NDArray[np.int64]:
    return np.asarray(number[:, None] // 10 ** np.arange(digits - 1, -1, -1) % 10)


def _fixed_width(first: npt.NDArray[Any], digits: npt.NDArray[np.int64]) -> pa.Array:
    """Strings of a character and digits."""
    size, width = digits.shape[0], digits.shape[1] + 1
    text = np.empty((size, width), np.uint8)
    text[:, 0] = first
    text[:, 1:] = digits + ord("0")
    ends = np.arange(size + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(size, pa.py_buffer(ends), pa.py_buffer(text))


def _dates(days: Days, shown: Mask | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), mask=None if shown is None else ~shown).view(pa.date32())


def _coded(index: npt.NDArray[Any], names: tuple[str, ...], shown: Mask | None = None) -> pa.Array:
    return pa.array(names).take(pa.array(index, mask=None if shown is None else ~shown))


def _masked(values: pa.Array, shown: Mask) -> pa.Array:
    return values.take(pa.array(np.arange(len(shown)), mask=~shown))


def _expand(sets: npt.NDArray[np.uint64]) -> tuple[Rows, Rows]:
    """The row and the position of every bit that is set, in order."""
    bits = np.unpackbits(np.ascontiguousarray(sets).view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
    row, position = np.nonzero(bits)
    return row, position


def _rank(group: Rows) -> npt.NDArray[np.int32]:
    """The place of each row in its run of equal values, from 1."""
    place = np.arange(len(group))
    starts = np.diff(group, prepend=-1) != 0
    return (place - np.maximum.accumulate(np.where(starts, place, 0)) + 1).astype(np.int32)


@cache
def _is_collected(column: schema.Column, year: int) -> bool:
    """Whether a column is in a year's returns; what the oldest known ones have is taken to be older than they are."""
    oldest = min(c.first_year for t in schema.TABLES for c in t.columns)
    return column.first_year <= max(year, oldest) and (column.last_year is None or year <= column.last_year)
