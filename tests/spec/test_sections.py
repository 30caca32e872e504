"""The worked examples of M08–M19 and M25, and the oracle cases of their kinds, from returns to true counts."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import oracle
import returns_in_xml
from made_up_returns import write_returns
from rereferrals.census.ingest import ingest
from rereferrals.counting import Counting
from rereferrals.datasets.registry import ALL
from rereferrals.measures.journeys import LEADING, LEVELS, NOT_LEADING, REREFERRAL
from rereferrals.model import NATIONAL
from rereferrals.reference import working_day_after, working_days_between
from rereferrals.release import Method, Release
from rereferrals.restricted import CensusStore
from rereferrals.statistics import disclosure

BY_ID = {data_set.id: data_set for data_set in ALL}
STATUS = {"rereferral": REREFERRAL, "leading": LEADING, "not_leading": NOT_LEADING}


def row(child: str, ref: str, la: str = "301", **more: Any) -> oracle.Row:
    return {"la": la, "child": child, "ref": date.fromisoformat(ref)} | more


def counting(
    rows: list[oracle.Row],
    folder: Path,
    year: int = 2024,
    looked_after: list[dict[str, Any]] | None = None,
    pupils: list[dict[str, Any]] | None = None,
    **method: Any,
) -> Counting:
    """Counts of a release of `year`, by the way a user takes: returns in XML, tables beside them, ingest."""
    returns = folder / "returns"
    returns.mkdir()
    write_returns(rows, returns)
    for name, given in (("looked_after", looked_after), ("pupils", pupils)):
        if given:
            with open(returns / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(given[0]))
                writer.writeheader()
                writer.writerows(given)
    ingest([returns], folder / "store")
    latest = Release.load(Release.latest_year())
    release = Release(
        year=year,
        first_year=min(latest.first_year, year),
        method=Method(**method),
        title=latest.title,
        release_type=latest.release_type,
        release_type_means=latest.release_type_means,
        published=latest.published,
        next_update=latest.next_update,
        contact_name=latest.contact_name,
        contact_email=latest.contact_email,
        press_name=latest.press_name,
        press_email=latest.press_email,
        address=latest.address,
    )
    return Counting(release, CensusStore.open(folder / "store"))


def unit(made: Counting, name: str) -> pd.DataFrame:
    made.up_to_date(name)
    return made._unit(name).execute()


def table(made: Counting, id: str) -> pd.DataFrame:
    data_set = BY_ID[id]
    made.counts(data_set)
    counts = made.read(data_set)
    counts = counts[counts["geographic_level"] == NATIONAL]
    return counts.set_index(["time_period", *(f.name for f in data_set.filters)])


def cases(kind: str) -> list[dict[str, Any]]:
    path = Path(__file__).resolve().parents[2].parent / "shared" / "spec" / "oracle_cases.json"
    if not path.exists():
        return []
    return [case for case in json.loads(path.read_text(encoding="utf-8")) if case["kind"] == kind]


def rows_of(case: dict[str, Any]) -> list[oracle.Row]:
    return [r | {"ref": date.fromisoformat(r["ref"])} for r in case["input"]["refs"]]


def by_child(frame: pd.DataFrame, rows: list[oracle.Row], value: str) -> dict[str, Any]:
    """A column of the longitudinal unit by child, where persons are numbered in the order of authority and child."""
    children = sorted({(r["la"], r["child"]) for r in rows})
    return {f"{children[int(i)][1]} {day:%Y-%m-%d}": cell for i, day, cell in zip(
        frame["local_person_id"], pd.to_datetime(frame["cin_referral_date"]), frame[value], strict=True
    )}  # fmt: skip


# M03, M17


def test_a_renewed_id_and_a_successors_are_of_the_person_that_was_referred_before(tmp_path: Path) -> None:
    upn = {"upn": "H801200001001", "birth": "2015-01-01"}
    rows = [row("OLD1", "2022-03-10", **upn), row("NEW1", "2022-12-01", **upn)]
    rows += [row("55", "2023-02-01", la="909"), row("55", "2023-05-01", la="942"), row("55", "2023-06-01", la="305")]
    e1 = table(counting(rows, tmp_path), "E1")["referrals"]
    assert e1.loc[2023, "1. No further action", REREFERRAL] == 1
    assert e1.loc[2024, "1. No further action", REREFERRAL] == 1


@pytest.mark.parametrize(
    ("later", "statuses"), [("2024-03-30", ["leading", "rereferral"]), ("2024-03-31", ["not_leading", "not_leading"])]
)
def test_a_referral_leads_to_another_within_365_days(later: str, statuses: list[str], tmp_path: Path) -> None:
    found = unit(counting([row("A", "2023-03-31"), row("A", later)], tmp_path), "followup")
    assert found.sort_values("cin_referral_date")["referral_status"].tolist() == statuses


@pytest.mark.parametrize("case", cases("three_way"), ids=lambda case: case["id"])
def test_a_three_way_case(case: dict[str, Any], tmp_path: Path) -> None:
    rows = rows_of(case)
    found = by_child(
        unit(counting(rows, tmp_path, date.fromisoformat(case["input"]["end"]).year), "followup"),
        rows,
        "referral_status",
    )
    expected = {key.split("/")[1]: label for key, label in case["expected"].items()}
    assert expected == {key: STATUS[found[key]] for key in expected}


# M08, M09


@pytest.mark.parametrize("case", cases("episodes"), ids=lambda case: case["id"])
def test_an_episodes_case(case: dict[str, Any], tmp_path: Path) -> None:
    year, expected = case["input"]["year"], case["expected"]
    made = counting(rows_of(case), tmp_path, year)
    episodes = unit(made, "episodes").sort_values(["local_person_id", "cin_referral_date"])
    kept = episodes[~episodes["is_overlapping"] & ~episodes["has_impossible_dates"]]
    ended = kept[kept["time_period"] == year]
    bands = BY_ID["A4"].filters[0].categories
    found = {
        "episodes": len(kept),
        "overlaps": [f"{day:%Y-%m-%d}" for day in episodes[episodes["is_overlapping"]]["cin_referral_date"]],
        "ended_in_year": len(ended),
        "days": ended["days"].tolist(),
        "bands": [bands[band] for band in ended["band"]],
    }
    assert expected == {name: found[name] for name in expected}


@pytest.mark.parametrize(
    ("start", "end", "band"),
    [
        ("2023-01-15", "2023-04-15", 0),
        ("2023-01-15", "2023-04-16", 1),
        ("2022-11-30", "2023-02-28", 0),
        ("2022-11-30", "2023-03-01", 1),
        ("2022-05-01", "2022-11-01", 1),
        ("2022-05-01", "2022-11-02", 2),
        ("2022-05-01", "2023-04-30", 2),
        ("2022-05-01", "2023-05-01", 3),
        ("2022-05-01", "2024-04-30", 3),
        ("2022-05-01", "2024-05-01", 4),
    ],
)
def test_a_duration_band_is_of_calendar_months(start: str, end: str, band: int, tmp_path: Path) -> None:
    year = oracle.year_of(date.fromisoformat(end))
    rows = [row("A", start, file=year, close=end, reason="RC7")]
    assert unit(counting(rows, tmp_path, year), "episodes")["band"].tolist() == [band]


def test_an_episode_that_ends_before_it_begins_is_flagged_and_left_out(tmp_path: Path) -> None:
    rows = [row("A", "2023-01-15", close="2023-01-10", reason="RC7"), row("B", "2022-05-01", close="2022-06-01")]
    left_out = table(counting(rows, tmp_path), "A4b").loc[2023]
    assert (left_out["episode_count"], left_out["impossible_episode_count"]) == (2, 1)
    assert table(counting_again(tmp_path), "A4").loc[(2023, "Total", "Total"), "referrals"] == 1


def test_an_episode_that_begins_within_another_is_flagged_and_in_no_duration(tmp_path: Path) -> None:
    rows = [row("A", "2022-05-01", close="2022-08-01"), row("A", "2022-06-01", close="2022-09-01")]
    rows += [row("A", "2022-09-01", close="2022-10-01"), row("B", "2022-06-01", close="2022-09-01")]
    left_out = table(counting(rows, tmp_path), "A4b").loc[2023]
    assert (left_out["episode_count"], left_out["overlapping_episode_count"]) == (4, 1)
    assert table(counting_again(tmp_path), "A4").loc[(2023, "Total", "Total"), "referrals"] == 3


def counting_again(folder: Path) -> Counting:
    latest = Release.load(Release.latest_year())
    return Counting(latest, CensusStore.open(folder / "store"))


def test_a_first_episode_and_one_after_a_re_referral_are_told_apart(tmp_path: Path) -> None:
    rows = [row("A", "2022-05-01", close="2022-06-01"), row("A", "2022-09-01", close="2023-01-10")]
    a4 = table(counting(rows, tmp_path), "A4")["referrals"].loc[2023]
    assert a4.loc["3 months or less"].to_dict() == {"Total": 1, "Initial referral": 1, "Re-referral": 0}
    assert a4.loc["Total", "Re-referral"] == 1


def test_a_case_that_was_closed_before_the_first_year_is_over(tmp_path: Path) -> None:
    rows = [
        row("A", "2014-05-01", close="2014-06-01", reason="RC7"),
        row("A", "2014-09-01", file=2015, reason="RC7"),
        row("A", "2014-09-01", file=2023, close="2022-06-01", reason="RC7"),
        row("B", "2014-05-01", close="2014-06-01", reason="RC7"),
        row("B", "2022-05-01", close="2022-06-01", reason="RC7"),
    ]
    episodes = unit(counting(rows, tmp_path), "episodes")
    assert episodes["time_period"].tolist() == [2023, 2023]
    assert not episodes["is_overlapping"].any()
    assert sorted(episodes["is_rereferral"]) == [False, True]


# M10, M11


def test_early_help_is_a_service_of_the_authority_in_any_year_and_nothing_is_unknown(tmp_path: Path) -> None:
    rows = [row("A", "2023-05-01", source="5D"), row("B", "2021-05-01", source="5D"), row("C", "2023-05-01", source="")]
    a5 = table(counting(rows, tmp_path), "A5")["referrals"]
    assert (a5.loc[2024, "LA services", "Total"], a5.loc[2022, "LA services", "Total"]) == (1, 1)
    assert a5.loc[2024, "Unknown", "Total"] == 1


def test_the_need_is_that_of_the_latest_return(tmp_path: Path) -> None:
    rows = [row("A", "2024-03-01", need="N5"), row("A", "2024-03-01", file=2025, need="N1"), row("B", "2024-03-01")]
    a6 = table(counting(rows, tmp_path, 2025), "A6")["referrals"].loc[2024]
    assert (a6.loc["N1 - Abuse or neglect", "Total"], a6.loc["Total", "Total"]) == (1, 1)


@pytest.mark.parametrize(("base", "total", "not_stated"), [("coded", 1, 0), ("not_nfa", 2, 1), ("all", 3, 2)])
def test_needs_may_be_shares_of_other_bases(base: str, total: int, not_stated: int, tmp_path: Path) -> None:
    rows = [row("A", "2024-03-01", need="N5"), row("B", "2024-03-01"), row("C", "2024-03-01", nfa="1")]
    a6 = table(counting(rows, tmp_path, primary_need_base=base), "A6")["referrals"].loc[2024]
    assert (a6.loc["Total", "Total"], a6.loc["N0 - Not stated", "Total"]) == (total, not_stated)


# M14, M15


def test_age_is_as_at_31_march_and_the_unborn_are_apart(tmp_path: Path) -> None:
    births = {
        "A": {"expected": "2024-06-01"},
        "B": {"birth": "2024-01-15"},
        "C": {"birth": "2014-03-31"},
        "D": {"birth": "2014-04-01"},
        "E": {},
        "F": {"birth": "2008-02-29", "expected": "2024-06-01"},
        "G": {"birth": "2019-04-01"},
        "H": {"birth": "2019-03-31"},
        "I": {"birth": "2008-04-01"},
    }
    rows = [row(child, "2023-11-01", **known) for child, known in births.items()]
    b3 = table(counting(rows, tmp_path), "B3")["child_count"].loc[2024].xs("Total", level="child_rereferred")
    assert b3.to_dict() == {
        "Unborn": 1, "Under 1": 1, "1 to 4": 1, "5 to 9": 2, "10 to 15": 2, "16 and over": 1, "Unknown": 1, "Total": 9,
        "Unborn and under 1": 2, "10 and over": 3,
    }  # fmt: skip


def test_sex_ethnicity_and_disability_are_what_the_years_return_says(tmp_path: Path) -> None:
    rows = [
        row("A", "2023-05-01", birth="2015-01-01", gender="1", ethnicity="WBRI", disabilities=["NONE"]),
        row("B", "2023-05-01", birth="2015-01-01", gender="2", ethnicity="CHNE", disabilities=["LD", "AUT"]),
        row("C", "2023-05-01", birth="2015-01-01", gender="9", ethnicity="REFU"),
        row("D", "2023-05-01", expected="2024-06-01", gender="0", ethnicity=""),
    ]
    made = counting(rows, tmp_path)
    sex, ethnicity, disability = (
        table(made, id)["child_count"].loc[2024].xs("Total", level="child_rereferred") for id in ("B2", "B4", "B5")
    )
    assert sex.to_dict() == {"Female": 1, "Male": 1, "Unknown or indeterminate": 1, "Unborn": 1, "Total": 4}
    assert (ethnicity["White"], ethnicity["Other ethnic group"], ethnicity["Unknown"], ethnicity["Total"]) == (
        1,
        1,
        2,
        4,
    )
    assert disability.to_dict() == {"Disability recorded": 1, "No disability recorded": 3, "Total": 4}


def test_of_a_child_that_a_return_has_recorded_twice_the_first_record_tells(tmp_path: Path) -> None:
    records = [
        returns_in_xml.child("A", returns_in_xml.referral(day), identifiers=f"<GenderCurrent>{code}</GenderCurrent>")
        for day, code in (("2023-05-01", 1), ("2023-09-01", 2))
    ]
    returns_in_xml.write(tmp_path / "201_2024.xml", returns_in_xml.message(*records))
    ingest([tmp_path / "201_2024.xml"], tmp_path / "store")
    b2 = table(counting_again(tmp_path), "B2")["child_count"].loc[2024].xs("Total", level="child_rereferred")
    assert (b2["Male"], b2["Female"], b2["Total"]) == (1, 0, 1)


def test_chinese_children_and_those_of_unknown_ethnicity_are_counted_as_a_release_decides(tmp_path: Path) -> None:
    rows = [row("B", "2023-05-01", ethnicity="CHNE"), row("C", "2023-05-01", ethnicity="REFU")]
    made = counting(rows, tmp_path, chinese_group="asian", ethnicity_base="known")
    b4 = table(made, "B4")["child_count"].loc[2024].xs("Total", level="child_rereferred")
    assert (b4["Asian/Asian British"], b4["Unknown"], b4["Total"]) == (1, 0, 1)


def test_school_age_is_5_to_15_on_the_31_august_before_the_census(tmp_path: Path) -> None:
    births = {"A": "2018-09-01", "B": "2018-08-31", "C": "2007-09-01", "D": "2007-08-31"}
    rows = [row(child, "2023-11-01", birth=birth) for child, birth in births.items()]
    c1 = table(counting(rows, tmp_path), "C1").loc[2024, "Total"]
    assert (c1["school_age_child_count"], c1["fsm_known_count"]) == (2, 0)


@pytest.mark.parametrize("case", cases("share_known"), ids=lambda case: case["id"])
def test_a_share_known_case(case: dict[str, Any], tmp_path: Path) -> None:
    """Every child twelve times over, so that no count is so small that it is hidden."""
    rows, pupils = [], []
    for number, child in enumerate(case["input"]["children"] * 12):
        upn = f"A{301_000_000_000 + number}"
        rows += [row(f"C{number}", "2023-05-01", birth="2015-01-01", upn=upn)]
        rows += [row(f"C{number}", "2023-09-01", birth="2015-01-01", upn=upn)] if child["rr"] else []
        if child["fsm"]:
            eligible = "true" if child["fsm"] == "Y" else "false"
            pupils.append({"collection_year": 2024, "upn": upn, "fsm_eligible": eligible, "sen_provision": "N"})
    made = counting(rows, tmp_path, pupils=pupils)
    made.counts(BY_ID["C1"])
    known = disclosure.Known(2024, {"pupils": made.store.input_years("pupils")})
    published = disclosure.publish(made.read(BY_ID["C1"]), BY_ID["C1"], known).frame
    published = published[published["time_period"] == "2024"].set_index("child_rereferred")["fsm_eligible_percent"]
    names = {"rereferred": "Re-referred", "not_rereferred": "Not re-referred", "all": "Total"}
    assert {name: published[names[name]] for name in case["expected"]} == case["expected"]


def test_a_pupil_with_several_records_or_none_is_unknown_and_statements_count_as_plans(tmp_path: Path) -> None:
    upns = {child: f"A30100000000{number}" for number, child in enumerate("ABCD")}
    rows = [row(child, "2017-11-01", birth="2010-01-01", upn=upn) for child, upn in upns.items()]
    record = {"collection_year": 2018, "fsm_eligible": "true", "sen_provision": "S"}
    pupils = [record | {"upn": upns[child]} for child in "AABC"]
    pupils[2] |= {"sen_provision": "K", "fsm_eligible": "false"}
    c2 = table(counting(rows, tmp_path, 2018, pupils=pupils), "C2").loc[2018, "Total"]
    assert (c2["provision_known_count"], c2["provision_unknown_count"]) == (2, 2)
    assert (c2["ehc_plan_count"], c2["support_count"], c2["any_provision_count"]) == (1, 1, 2)


# M16


@pytest.mark.parametrize("case", cases("factors"), ids=lambda case: case["id"])
def test_a_factors_case(case: dict[str, Any], tmp_path: Path) -> None:
    year = case["input"]["year"]
    found = table(counting(rows_of(case), tmp_path, year), "cin_c3").loc[year]
    assert case["expected"] == {name: found[name] for name in case["expected"]}


def test_a_factor_counts_once_for_a_referral_and_other_and_none_are_no_group(tmp_path: Path) -> None:
    assessed = [
        {"auth": "2022-06-01", "factors": ["1B", "18A"]},
        {"auth": "2022-09-01", "factors": ["1B", "18C"]},
    ]
    rows = [
        row("A", "2022-05-01", assess=assessed),
        row("B", "2022-05-01", assess=[{"auth": "2022-06-01", "factors": ["20"]}]),
        row("C", "2022-05-01", assess=[{"auth": "2022-06-01", "factors": ["21"]}]),
        row("D", "2022-05-01", assess=[{"factors": ["1A"]}]),
    ]
    made = counting(rows, tmp_path)
    d1 = table(made, "D1")["referrals"].loc[2023].xs(NOT_LEADING, level="referral_type")
    assert (d1["Alcohol misuse (any)"], d1["Physical abuse (any)"], d1["Any factor"]) == (2, 1, 3)
    assert table(made, "D3").loc[(2023, "Total"), "factor_recorded_count"] == 3
    c3 = table(made, "cin_c3").loc[2023]
    assert (c3["Episodes_with_assessment_factor"], c3["Alcohol_Misuse_child"], c3["Other"]) == (2, 0, 1)


def test_a_referral_has_the_factors_of_all_the_returns_that_tell_of_it(tmp_path: Path) -> None:
    rows = [
        row("A", "2022-05-01", assess=[{"auth": "2022-06-01", "factors": ["1B", "18A"]}]),
        row("A", "2022-05-01", file=2024, assess=[{"auth": "2023-06-01", "factors": ["2B"]}]),
    ]
    d1 = table(counting(rows, tmp_path), "D1")["referrals"].loc[2023].xs(NOT_LEADING, level="referral_type")
    assert (d1["Alcohol misuse (any)"], d1["Drug misuse (any)"], d1["Any factor"]) == (1, 1, 1)


def test_the_rereferral_rate_of_a_factor_is_of_re_referrals_that_have_it(tmp_path: Path) -> None:
    found = {"assess": [{"auth": "2022-06-01", "factors": ["1B"]}]}
    rows = [row("A", "2022-05-01", **found), row("A", "2022-09-01", **found), row("B", "2022-09-01", **found)]
    rows += [row("C", "2022-05-01", **found), row("C", "2022-09-01")]
    d2 = table(counting(rows, tmp_path), "D2").loc[2023, "Alcohol misuse (any)"]
    assert (d2["re_referrals"], d2["total_referrals_byAF"]) == (1, 4)


# M18, M19


@pytest.mark.parametrize("case", cases("level"), ids=lambda case: case["id"])
def test_a_level_case(case: dict[str, Any], tmp_path: Path) -> None:
    episodes = [
        {"lea": e["la"], "collection_year": year, "la_child_id": e["child"], "decom": e["decom"], "dec": e["dec"]}
        for e in case["input"].get("cla", ())
        for year in range(
            oracle.year_of(date.fromisoformat(e["decom"])), oracle.year_of(date.fromisoformat(e["dec"])) + 1
        )
    ]
    rows = rows_of(case)
    found = by_child(unit(counting(rows, tmp_path, looked_after=episodes), "followup"), rows, "level")
    found = {key.split()[0]: LEVELS[level - 1].replace("further", "futher") for key, level in found.items()}
    assert found == case["expected"]


@pytest.mark.parametrize(("plans", "level"), [([], 2), ([{"start": "2022-06-02", "end": "2022-07-01"}], 3)])
def test_a_child_with_a_plan_was_in_need_whatever_the_case_was_closed_for(
    plans: list[dict[str, str]], level: int, tmp_path: Path
) -> None:
    assessed = [{"auth": "2022-06-01"}]
    made = counting(
        [row("A", "2022-05-01", close="2022-07-01", reason="RC8", assess=assessed, cin_plans=plans)], tmp_path
    )
    assert unit(made, "followup")["level"].tolist() == [level]


def test_a_looked_after_child_can_be_found_by_its_upn(tmp_path: Path) -> None:
    upn = "A301000000001"
    rows = [row("A", "2022-05-01", upn=upn, birth="2015-01-01"), row("B", "2022-05-01")]
    episode = {"lea": "301", "collection_year": 2023, "la_child_id": "ANOTHER", "decom": "2022-07-01", "dec": ""}
    made = counting(rows, tmp_path, looked_after=[episode | {"upn": upn}])
    assert sorted(unit(made, "followup")["level"]) == [1, 7]


@pytest.mark.parametrize(
    ("start", "end", "level"),
    [
        ("2022-04-01", "2022-04-30", 1),
        ("2022-04-01", "2022-05-01", 7),
        ("2022-06-01", "2022-07-01", 7),
        ("2022-06-02", "2022-07-01", 1),
    ],
)
def test_looked_after_on_any_day_from_referral_to_closure_is_the_highest_level(
    start: str, end: str, level: int, tmp_path: Path
) -> None:
    episode = {"lea": "301", "collection_year": 2023, "la_child_id": "A", "decom": start, "dec": end}
    made = counting([row("A", "2022-05-01", close="2022-06-01")], tmp_path, looked_after=[episode])
    assert unit(made, "followup")["level"].tolist() == [level]


def test_a_journey_is_counted_at_its_level_and_by_what_came_next(tmp_path: Path) -> None:
    plan = [{"start": "2022-06-10", "end": "2022-08-30"}]
    first = row("A", "2022-05-01", close="2022-09-01", reason="RC7", assess=[{"auth": "2022-06-01"}], cpp=plan)
    rows = [first, row("A", "2023-03-15"), row("B", "2022-05-01", close="2022-09-01"), row("B", "2023-08-20")]
    made = counting(rows, tmp_path)
    e1 = table(made, "E1")["referrals"].loc[2023]
    assert (e1.loc["6. CPP", LEADING], e1.loc["1. No further action", REREFERRAL]) == (1, 1)
    assert e1.loc["1. No further action", NOT_LEADING] == 1
    e2 = table(made, "E2")["referrals"].loc[2023]
    assert e2.loc["6. CPP", "1. No further action"] == 1
    assert e2.loc["1. No further action", "Not re-referred within 12 months"] == 2
    e3 = table(made, "E3")["referrals"].loc[2023]
    steps = ("Total", "Assessment", "Section 47 enquiry", "Child protection plan", "Looked after")
    assert [e3.loc[step, LEADING] for step in steps] == [1, 1, 0, 1, 0]
    assert [e3.loc[step, "Total"] for step in steps] == [3, 1, 0, 1, 0]


# M25


PLANNED = {"close": "2022-09-01", "birth": "2015-01-01"}


def test_a_plan_in_an_authority_and_its_successor_is_of_one_child(tmp_path: Path) -> None:
    rows = [
        row("55", "2022-01-01", la="909", cpp=[{"start": "2022-02-01"}]),
        row("55", "2022-01-01", la="909", file=2023, cpp=[{"start": "2022-02-01", "end": "2022-08-01"}], **PLANNED),
        row("55", "2023-05-01", la="942", cpp=[{"start": "2023-06-01"}], birth="2015-01-01"),
    ]
    found = table(counting(rows, tmp_path), "I1").loc[2024]
    assert (found["subject_child_count"], found["active_child_count"]) == (1, 1)


@pytest.mark.parametrize(
    ("known", "plan", "counted"),
    [
        ({"birth": "2007-03-31"}, {"start": "2023-05-01", "end": "2023-09-01"}, (0, 0)),
        ({"birth": "2007-04-01"}, {"start": "2023-05-01", "end": "2023-09-01"}, (1, 1)),
        ({"expected": "2024-06-01"}, {"start": "2023-05-01"}, (1, 0)),
        ({"birth": "2015-01-01"}, {"start": "2023-05-01", "end": "2024-03-31"}, (1, 1)),
        ({"birth": "2015-01-01"}, {"start": "2018-05-01", "end": "2019-03-31"}, (0, 0)),
        ({"birth": "2015-01-01"}, {"start": "2018-05-01", "end": "2019-04-01"}, (1, 1)),
    ],
)
def test_who_is_counted_over_five_years(
    known: dict[str, str], plan: dict[str, str], counted: tuple[int, int], tmp_path: Path
) -> None:
    file = oracle.year_of(date.fromisoformat(plan.get("end", plan["start"])))
    rows = [row("A", plan["start"], file=file, cpp=[plan], **known), row("B", "2023-05-01")]
    found = table(counting(rows, tmp_path), "I1").loc[2024]
    assert (found["subject_child_count"], found["not_active_child_count"]) == counted


# What is not available


def test_without_what_comes_beside_the_returns_its_figures_are_not_available(tmp_path: Path) -> None:
    made = counting([row("A", "2022-05-01", birth="2012-01-01"), row("B", "2023-05-01")], tmp_path)
    known = disclosure.Known(2024, {name: made.store.input_years(name) for name in ("looked_after", "pupils")})
    published = {}
    for id in ("E1", "C1"):
        made.counts(BY_ID[id])
        published[id] = disclosure.publish(made.read(BY_ID[id]), BY_ID[id], known).frame
    e1 = published["E1"]
    assert set(e1[e1["level_description"] == "7. CLA"]["referrals"]) == {"x"}
    assert set(e1[e1["level_description"] == "6. CPP"]["referrals"]) == {"0", "z"}
    assert set(published["C1"]["fsm_eligible_percent"]) == {"x"}


def test_the_last_year_has_totals_and_re_referrals_only(tmp_path: Path) -> None:
    made = counting([row("A", "2023-05-01")], tmp_path)
    made.counts(BY_ID["E1"])
    e1 = disclosure.publish(made.read(BY_ID["E1"]), BY_ID["E1"], disclosure.Known(2024)).frame
    last = e1[(e1["time_period"] == "2024") & (e1["level_description"] == "6. CPP")]
    assert dict(zip(last["referral_type"], last["referrals"], strict=True)) == {
        "Total": "0", "Initial referral": "z", NOT_LEADING: "z", LEADING: "z", REREFERRAL: "0",
    }  # fmt: skip


# Working days (M24)


@pytest.mark.parametrize("case", cases("working_days"), ids=lambda case: case["id"])
def test_a_working_days_case(case: dict[str, Any]) -> None:
    spans = [tuple(map(date.fromisoformat, span)) for span in case["input"]["spans"]]
    assert [working_days_between(*span) for span in spans] == case["expected"]["durations"]
    targets = [working_day_after(date.fromisoformat(day), count) for day, count in case["input"]["targets"]]
    assert [day.isoformat() for day in targets] == case["expected"]["targets"]


# How many rows there are


@pytest.mark.parametrize(("id", "rows"), [("E1", 280), ("E3", 240), ("D1", 462), ("D2", 154)])
def test_a_data_set_has_its_declared_number_of_rows(id: str, rows: int, tmp_path: Path) -> None:
    made = counting([row("A", f"{year}-03-01") for year in range(2017, 2025)], tmp_path)
    made.counts(BY_ID[id])
    assert len(disclosure.publish(made.read(BY_ID[id]), BY_ID[id], disclosure.Known(2024)).frame) == rows
