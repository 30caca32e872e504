"""The worked examples of the annual method (M01, M02, M04–M06, M12, M13), from returns to true counts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import oracle
from made_up_returns import write_returns
from rereferrals.census.ingest import ingest
from rereferrals.counting import Counting
from rereferrals.datasets.referrals import A1, A2
from rereferrals.release import Method, Release
from rereferrals.restricted import CensusStore


def row(child: str, ref: str, la: str = "301", **more: Any) -> oracle.Row:
    return {"la": la, "child": child, "ref": date.fromisoformat(ref)} | more


def true_counts(rows: list[oracle.Row], year: int, folder: Path) -> Path:
    """Where all measures of a year are counted, by the way a user takes: XML returns, ingest, count."""
    returns = folder / "returns"
    returns.mkdir()
    write_returns(rows, returns)
    ingest([returns], folder / "store")
    made = Counting(replace(Release.like_latest(year), method=Method()), CensusStore.open(folder / "store"))
    for data_set in (A1, A2):
        made.counts(data_set)
    return made.path(A1).parent


def figures(counts: Path, year: int) -> dict[str, int]:
    """The counts of a year, under the oracle's names; nothing counted is 0."""
    a1 = pd.read_parquet(counts / "A1.parquet").set_index("time_period")
    a2 = pd.read_parquet(counts / "A2.parquet").set_index(["time_period", "number_of_referrals"])
    names = {
        "referrals": "referral_count",
        "rereferrals": "rereferral_count",
        "children": "referral_child_count",
        "rereferred_children": "rereferral_child_count",
        "nfa": "no_further_action_count",
        "not_in_need": "not_in_need_count",
    }
    found = {name: int(a1[column].get(year, 0)) for name, column in names.items()}
    for name, category in {"once": "1 referral", "twice": "2 referrals", "three_plus": "3 or more referrals"}.items():
        found[name] = int(a2["referral_child_count"].get((year, category), 0))
    return found


ASSESSED = {"assess": [{"start": "2023-05-02", "auth": "2023-05-20"}], "close": "2023-06-01"}
EXAMPLES: dict[str, tuple[list[oracle.Row], dict[str, int]]] = {
    "31 March is in the year and 1 April in the next": (
        [row("A", "2024-03-31"), row("B", "2024-04-01")],
        {"referrals": 1, "children": 1},
    ),
    "an open case of an earlier year is not a referral of this one": (
        [row("A", "2022-11-01", file=2024), row("B", "2023-06-01")],
        {"referrals": 1},
    ),
    "365 days across a leap day count and 366 do not": (
        [row("A", "2023-03-01"), row("A", "2024-02-29"), row("B", "2023-03-01"), row("B", "2024-03-01")],
        {"referrals": 2, "rereferrals": 1, "rereferred_children": 1},
    ),
    "only the latest referral of the year before is a previous one, and every pair counts": (
        [row("A", "2022-06-01"), row("A", "2023-03-01"), row("A", "2023-05-01"), row("A", "2023-12-10")],
        {"referrals": 2, "rereferrals": 2, "children": 1, "rereferred_children": 1, "twice": 1},
    ),
    "a previous referral first known from this year's return is no previous referral": (
        [row("A", "2023-03-01", file=2024), row("A", "2023-05-01")],
        {"referrals": 1, "rereferrals": 0},
    ),
    "a new id starts afresh": (
        [row("OLD1", "2022-06-10", upn="H801200001001"), row("NEW1", "2022-12-01", upn="H801200001001")],
        {"referrals": 0},
    ),
    "a child referred in two authorities is two children": (
        [row("1001", "2023-05-10"), row("1001", "2023-11-02"), row("7", "2023-06-01", la="302")],
        {"referrals": 3, "rereferrals": 1, "children": 2, "rereferred_children": 1, "once": 1, "twice": 1},
    ),
    "three referrals are two re-referrals of one child": (
        [row("A", "2023-05-01"), row("A", "2023-09-01"), row("A", "2024-02-01")],
        {"referrals": 3, "rereferrals": 2, "children": 1, "rereferred_children": 1, "three_plus": 1},
    ),
    "a referral 600 days ago is too old": (
        [row("A", "2022-04-10"), row("A", "2023-12-01")],
        {"referrals": 1, "rereferrals": 0, "rereferred_children": 0},
    ),
    "of two groups on one day the first counts": (
        [row("A", "2023-06-01", nfa="1"), row("A", "2023-06-01", nfa="0")],
        {"referrals": 1, "rereferrals": 0, "children": 1, "nfa": 1},
    ),
    "a referral with no further action comes before a re-referral": (
        [row("A", "2023-07-01", nfa="true"), row("A", "2023-08-15", nfa="false")],
        {"referrals": 2, "rereferrals": 1, "nfa": 1},
    ),
    "assessed and closed RC9 is not in need": ([row("A", "2023-05-01", reason="RC9", **ASSESSED)], {"not_in_need": 1}),
    "a section 47 enquiry makes it in need": (
        [row("A", "2023-05-01", reason="RC9", s47=[{"start": "2023-05-03"}], **ASSESSED)],
        {"not_in_need": 0},
    ),
    "a child protection plan makes it in need": (
        [row("A", "2023-05-01", reason="RC8", cpp=[{"start": "2023-05-03"}], **ASSESSED)],
        {"not_in_need": 0},
    ),
    "a child in need plan makes it in need": (
        [row("A", "2023-05-01", reason="RC8", cin_plans=[{"start": "2023-05-03"}], **ASSESSED)],
        {"not_in_need": 0},
    ),
    "a conference date on the referral makes it in need": (
        [row("A", "2023-05-01", reason="RC8", icpc="2023-05-20", **ASSESSED)],
        {"not_in_need": 0},
    ),
    "without an assessment it is not assessed as not in need": (
        [row("A", "2023-05-01", reason="RC8", close="2023-06-01")],
        {"not_in_need": 0},
    ),
    "closed RC8 in the next return counts in no year": (
        [row("A", "2024-03-20"), row("A", "2024-03-20", file=2025, reason="RC8", **ASSESSED)],
        {"not_in_need": 0, "referrals": 1},
    ),
}


@pytest.mark.parametrize("rows, expected", EXAMPLES.values(), ids=EXAMPLES)
def test_worked_example(rows: list[oracle.Row], expected: dict[str, int], tmp_path: Path) -> None:
    found = figures(true_counts(rows, 2024, tmp_path), 2024)
    assert expected == {name: found[name] for name in expected}
    rows = [r | {"nfa": str(r.get("nfa", "0")) in ("1", "true")} for r in rows]
    assert oracle.annual(rows, 2024) == found


def cases(kind: str) -> list[dict[str, Any]]:
    path = Path(__file__).resolve().parents[2].parent / "shared" / "spec" / "oracle_cases.json"
    if not path.exists():
        return []
    return [case for case in json.loads(path.read_text(encoding="utf-8")) if case["kind"] == kind]


def rows_of(case: dict[str, Any]) -> list[oracle.Row]:
    return [r | {"ref": date.fromisoformat(r["ref"])} for r in case["input"]["refs"]]


@pytest.mark.parametrize("case", cases("annual"), ids=lambda case: case["id"])
def test_a_case_of_one_year_has_the_numbers_that_the_method_gives(case: dict[str, Any], tmp_path: Path) -> None:
    year = case["input"]["year"]
    found = figures(true_counts(rows_of(case), year, tmp_path), year)
    assert case["expected"] == {name: found[name] for name in case["expected"]}


@pytest.mark.parametrize("case", cases("annual_by_year"), ids=lambda case: case["id"])
def test_a_case_of_several_years_has_the_numbers_that_the_method_gives(case: dict[str, Any], tmp_path: Path) -> None:
    counts = true_counts(rows_of(case), max(case["input"]["years"]), tmp_path)
    for year, expected in case["expected"].items():
        found = figures(counts, int(year))
        assert expected == {name: found[name] for name in expected}, year
