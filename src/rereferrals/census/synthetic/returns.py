"""What an authority's return of a collection year says of the histories: all of it follows from them, nothing is drawn.

A return holds the cases referred in its year and those still open when it began, as they stood on its last day.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rereferrals.census import schema
from rereferrals.census.synthetic.families import Family
from rereferrals.census.synthetic.history import ADULT, Days, Mask, first_day, last_day
from rereferrals.census.synthetic.journeys import NEVER, Columns, codes, valid, working_days_after
from rereferrals.census.synthetic.targets import parameters

Rows = npt.NDArray[np.intp]
CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
ID_DIGITS, UPN_DIGITS = 7, 9
YEAR_DAYS = ADULT / 18
ARROW_TYPES = {"string": pa.string(), "int32": pa.int32(), "date": pa.date32(), "boolean": pa.bool_()}


def make_return(family: Family, lea: str, year: int) -> dict[str, pa.Table]:
    """The tables of the schema for one return, each in the order of its key."""
    cases = Cases(family, lea, year)
    return {
        "returns": cases.table(schema.RETURNS, np.zeros(1, np.intp), _header(year)),
        "children": cases.table(schema.CHILDREN, *_children(cases)),
        "disabilities": cases.table(schema.DISABILITIES, *_disabilities(cases)),
        "referrals": cases.table(schema.REFERRALS, *_referrals(cases)),
        "section47": cases.table(schema.SECTION47, *_section47(cases)),
        "cin_plans": cases.table(schema.CIN_PLANS, *_cin_plans(cases)),
        **_assessments_and_factors(cases),
        **_plans_and_reviews(cases),
    }


def generation(lea: str, year: int) -> int:
    """How often the authority had given all children new numbers by a year; a successor authority starts at 1."""
    given = parameters()
    inherits = any(lea in successors for successors in given["succession"].values())
    return int(inherits) + sum(y <= year for y in given["renumbered"].get(lea, ()))


class Cases:
    """The cases of one return: columns of `journeys` by child and day, and the children they belong to.

    `child` is the position of each case's child among `children`, which are in the order of their LAchildID.
    """

    def __init__(self, family: Family, lea: str, year: int) -> None:
        self.lea, self.year, self.start, self.end = lea, year, first_day(year), last_day(year)
        all_cases = family.referrals
        in_year = (all_cases["day"] >= self.start) & (all_cases["day"] <= self.end)
        still_open = (all_cases["day"] < self.start) & (all_cases["closure"] >= self.start) & ~all_cases["nfa"]
        rows = np.flatnonzero(in_year | still_open)
        rows = rows[family.home(year)[all_cases["child"][rows]] == int(lea)]
        numbers = _scramble(all_cases["child"][rows], ID_DIGITS)
        rows = rows[np.argsort(numbers, kind="stable")]
        self.columns = {name: column[rows] for name, column in all_cases.items()}
        is_first = np.diff(self["child"], prepend=-1) != 0
        self.child = np.cumsum(is_first) - 1
        self.numbers = self["child"][is_first]
        self.children = {name: column[self.numbers] for name, column in family.children.items()}
        letter = chr(ord("A") + generation(lea, year))
        self.ids = _texts(letter, _scramble(self.numbers, ID_DIGITS), ID_DIGITS)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self.columns[name]

    def happened(self, name: str) -> Mask:
        """Whether a dated event of each case falls in the year."""
        return (self[name] >= self.start) & (self[name] <= self.end)

    def key(self, rows: Rows) -> Columns:
        """The key columns of a table with a row for each of these cases."""
        child = self.child[rows]
        return {"la_child_id": self.ids.take(pa.array(child)), "referral_number": _rank(self.child)[rows]}

    def table(self, table: schema.Table, rows: Rows, columns: Columns) -> pa.Table:
        """A table of the schema; columns that are not given, or not collected in the year, are null."""
        size = len(rows)
        constant = {
            "lea": pa.repeat(self.lea, size),
            "collection_year": np.full(size, self.year, np.int32),
            "child_number": np.ones(size, np.int32),
        }
        given = constant | columns
        collected = {c.name for c in table.columns if _is_collected(c, self.year)} | set(table.key)
        types = [(name, ARROW_TYPES[kind]) for name, kind in table.types().items()]
        arrays = [
            pa.array(given[name], kind) if name in given and name in collected else pa.nulls(size, kind)
            for name, kind in types
        ]
        return pa.Table.from_arrays(arrays, schema=pa.schema(types))


def _header(year: int) -> Columns:
    return {
        "reference_date": _dates(np.array([last_day(year)])),
        "collection": pa.array(["CIN"]),
        "year": np.array([year], np.int32),
        "source_level": pa.array(["L"]),
        "software_code": pa.array(["synthetic"]),
        "release": pa.array(["1"]),
        "serial_no": pa.array(["001"]),
        "date_time": pa.array([f"{year}-07-01T09:00:00"]),
    }


def _children(cases: Cases) -> tuple[Rows, Columns]:
    known = cases.children
    died = _death_days(cases)
    unborn = known["birth"] > np.minimum(died, cases.end)
    age = (cases.end - known["birth"]) / YEAR_DAYS
    upn_shown = known["has_upn"] & (age >= parameters()["upn"]["from_age_years"])
    no_upn = np.where(age < 6, "UN1", np.array(["UN2", "UN3", "UN6"])[known["no_upn_reason"]])
    gender = np.where(unborn, 0, known["sex"])
    return np.arange(len(cases.numbers)), {
        "la_child_id": cases.ids,
        "upn": _masked(upns(known["registered_by"], cases.numbers), upn_shown),
        "upn_unknown": _masked(pa.array(no_upn), ~upn_shown),
        "person_birth_date": _dates(known["birth"], ~unborn),
        "expected_person_birth_date": _dates(known["birth"], unborn),
        "gender_current": _coded(gender, codes("gender_current")),
        "sex": _coded(gender, ("U", "M", "F", "U")[: len(codes("gender_current"))]),
        "person_death_date": _dates(died, (died != NEVER) & ~unborn),
        "ethnicity": _coded(known["ethnicity"], codes("ethnicity")),
    }


def _death_days(cases: Cases) -> Days:
    """The day of death of each child that died in the year, which closed its case; NEVER for others."""
    died = (cases["reason"] == codes("reason_for_closure").index("RC2")) & cases.happened("closure") & ~cases["nfa"]
    days = np.full(len(cases.numbers), NEVER)
    days[cases.child[died]] = cases["closure"][died]
    return days


def _disabilities(cases: Cases) -> tuple[Rows, Columns]:
    born = np.flatnonzero(cases.children["birth"] <= cases.end)
    none = np.uint64(1) << np.uint64(codes("disability").index("NONE"))
    held = cases.children["disabilities"][born]
    rows, code = _expand(np.where(held == 0, none, held))
    return rows, {
        "la_child_id": cases.ids.take(pa.array(born[rows])),
        "disability_number": _rank(rows),
        "disability": _coded(code, codes("disability")),
    }


def _referrals(cases: Cases) -> tuple[Rows, Columns]:
    rows = np.arange(len(cases["day"]))
    closed = cases["closure"] <= cases.end
    without_enquiry = (cases["section47_start"] == NEVER) & cases.happened("conference")
    return rows, cases.key(rows) | {
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
    identified = _collected_factors(factors[done], cases["not_in_need"][rows[done]], cases.year)
    of, code = _expand(identified)
    factor_key = {name: pa.array(column).take(pa.array(done[of])) for name, column in key.items()}
    return {
        "assessments": cases.table(schema.ASSESSMENTS, rows, assessments),
        "factors": cases.table(
            schema.FACTORS,
            of,
            factor_key | {"factor_number": _rank(of), "assessment_factor": _coded(code, codes("assessment_factor"))},
        ),
    }


def _collected_factors(factors: npt.NDArray[np.uint64], not_in_need: Mask, year: int) -> npt.NDArray[np.uint64]:
    """The factors that the year collects; where there are none, the code for none or, for a child in need, other."""
    names = codes("assessment_factor")
    collected = np.uint64(sum(1 << i for i, ok in enumerate(valid("assessment_factor", year)) if ok))
    none, other = (np.uint64(1 << names.index(code)) for code in ("21", "20"))
    kept = factors & collected
    return np.where(kept == 0, np.where(not_in_need, none, other), kept)


def _section47(cases: Cases) -> tuple[Rows, Columns]:
    """An enquiry is in the return of the year in which it starts, and of that of its conference."""
    enquiry = cases["section47_start"] <= cases.end
    rows = np.flatnonzero(enquiry & (cases.happened("section47_start") | cases.happened("conference")))
    started, held = cases["section47_start"][rows], cases["conference"][rows]
    target = working_days_after(started, parameters()["journey"]["conference_target_working_days"])
    return rows, cases.key(rows) | {
        "section47_number": np.ones(len(rows), np.int32),
        "s47_actual_start_date": _dates(started),
        "initial_cpc_target": _dates(target),
        "date_of_initial_cpc": _dates(held, held <= cases.end),
        "icpc_not_required": held == NEVER,
    }


def _cin_plans(cases: Cases) -> tuple[Rows, Columns]:
    rows = np.flatnonzero((cases["cin_plan_start"] <= cases.end) & (cases["closure"] >= cases.start))
    if not all(_is_collected(column, cases.year) for column in schema.CIN_PLANS.columns):
        rows = rows[:0]
    end = cases["closure"][rows]
    return rows, cases.key(rows) | {
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
        "child_protection_plans": cases.table(schema.CHILD_PROTECTION_PLANS, rows, plans),
        "reviews": cases.table(schema.REVIEWS, of, review_key | review_columns),
    }


def upns(registered_by: npt.NDArray[Any], child: Days) -> pa.Array:
    """Unique pupil numbers: a check letter, the code of the authority, and digits of the child's own (rule 1510)."""
    number = registered_by.astype(np.int64) * 10**UPN_DIGITS + _scramble(child, UPN_DIGITS)
    digits = _digits(number, 3 + UPN_DIGITS)
    letter = (digits @ np.arange(2, 2 + digits.shape[1])) % len(CHECK_LETTERS)
    text = np.empty((len(number), 1 + digits.shape[1]), np.uint8)
    text[:, 0] = np.frombuffer(CHECK_LETTERS.encode(), np.uint8)[letter]
    text[:, 1:] = digits + ord("0")
    return _fixed_width(text)


def _scramble(number: Days, digits: int) -> npt.NDArray[np.int64]:
    """Numbers of so many digits, one to one with those given, that do not show their order."""
    return (number.astype(np.int64) * 7_368_787 + 1_234_567) % 10**digits


def _texts(letter: str, number: npt.NDArray[np.int64], digits: int) -> pa.Array:
    text = np.full((len(number), 1 + digits), ord(letter), np.uint8)
    text[:, 1:] = _digits(number, digits) + ord("0")
    return _fixed_width(text)


def _digits(number: npt.NDArray[np.int64], digits: int) -> npt.NDArray[np.int64]:
    return number[:, None] // 10 ** np.arange(digits - 1, -1, -1) % 10


def _fixed_width(text: npt.NDArray[np.uint8]) -> pa.Array:
    """Rows of characters as strings."""
    size, width = text.shape
    ends = np.arange(size + 1, dtype=np.int32) * width
    return pa.StringArray.from_buffers(size, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(text)))


def _dates(days: Days, shown: Mask | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), mask=None if shown is None else ~shown).view(pa.date32())


def _coded(index: npt.NDArray[Any], names: tuple[str, ...], shown: Mask | None = None) -> pa.Array:
    return pa.array(names).take(pa.array(index, mask=None if shown is None else ~shown))


def _masked(values: pa.Array, shown: Mask) -> pa.Array:
    return values.take(pa.array(np.arange(len(shown)), mask=~shown))


def _expand(sets: npt.NDArray[np.uint64]) -> tuple[Rows, Rows]:
    """The row and the position of every bit that is set, in order."""
    bits = np.unpackbits(np.ascontiguousarray(sets).view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
    return np.nonzero(bits)


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
