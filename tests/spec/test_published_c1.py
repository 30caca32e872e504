"""C1 as it was published: read whatever its vintage, refused where it cannot be right, and the same when written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import made_up_c1
from rereferrals.datasets.regional import CIN_C1
from rereferrals.dissemination import ees
from rereferrals.errors import BadInput
from rereferrals.places.published_c1 import COLUMNS, read_c1, with_rates
from rereferrals.places.totals import recompute
from rereferrals.published import SYMBOLS
from rereferrals.reference import authorities
from rereferrals.release import Release, data_issues

YEAR = 2024
RELEASE = Release.load(YEAR)
VINTAGES = {
    2025: "dfe_cin_2025/c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv",
    2024: "dfe_cin_2024/c1_children_in_need_referrals_and_rereferrals_2013_to_2024.csv",
}
Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return made_up_c1.published(CIN_C1, YEAR).frame[list(COLUMNS)]


def written(frame: pd.DataFrame, folder: Path) -> Path:
    path = folder / "c1.csv"
    frame.to_csv(path, index=False, lineterminator="\n")
    return path


def read(path: Path) -> pd.DataFrame:
    return read_c1(path, RELEASE, data_issues()).frame


def row_of(frame: pd.DataFrame, year: int, name: str) -> int:
    found = frame[(frame["time_period"] == str(year)) & (frame["la_name"] == name)]
    return int(found.index[0])


def test_a_published_file_is_taken_as_it_is(frame: pd.DataFrame, tmp_path: Path) -> None:
    assert read(written(frame, tmp_path))[list(COLUMNS)].equals(frame)


def test_an_older_vintage_has_other_names_rates_and_line_ends(frame: pd.DataFrame, tmp_path: Path) -> None:
    older = pd.read_csv(made_up_c1.REFERENCE / "c1_columns.csv").dropna()
    names = dict(zip(older["now"], older["published"], strict=True))
    old = frame.rename(columns=names).assign(Referrals_rate="1.5", Referrals_child_rate="x")
    path = tmp_path / "c1.csv"
    old.to_csv(path, index=False, lineterminator="\r\n", encoding="utf-8-sig")
    assert read(path)[list(COLUMNS)].equals(frame)


def test_what_is_written_of_a_published_file_is_that_file(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = written(frame.iloc[::-1], tmp_path)
    table = read_c1(path, RELEASE, data_issues())
    data, _ = ees.write_data_set(table, tmp_path / "data", RELEASE)
    assert data.read_bytes() == path.read_bytes()


def changed(**cells: str) -> Change:
    """A change of the row of Camden in the latest year."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.copy()
        for column, cell in cells.items():
            frame.loc[row_of(frame, YEAR, "Camden"), column] = cell
        return frame

    return change


WRONG: dict[str, tuple[Change, tuple[str, ...]]] = {
    "a missing authority": (
        lambda frame: frame.drop(row_of(frame, YEAR, "Camden")),
        ("no row for Camden in 2024", "local_authorities.csv"),
    ),
    "a region that is missing": (
        lambda frame: frame[~((frame["region_name"] == "London") & (frame["time_period"] == str(YEAR)))],
        ("no row for London in 2024",),
    ),
    "a doubled row": (
        lambda frame: pd.concat([frame, frame.loc[[row_of(frame, YEAR, "Camden")]]], ignore_index=True),
        ("a second row for Camden in 2024", "keep one"),
    ),
    "a mistyped code": (changed(new_la_code="E0900007"), ("E0900007", "E09000007", "correct")),
    "an unknown code": (
        changed(old_la_code="999", new_la_code="E09000999", la_name="Nowhere"),
        ("no authority", "999", "local_authorities.csv"),
    ),
    "another region": (changed(region_code="E13000002", region_name="Outer London"), ("Outer London", "Inner London")),
    "an authority before its time": (
        lambda frame: pd.concat(
            [frame, frame.loc[[row_of(frame, YEAR, "Cumberland")]].assign(time_period="2020")], ignore_index=True
        ),
        ("Cumberland did not exist in 2020",),
    ),
    "an unknown level": (changed(geographic_level="Local Authority"), ("Local Authority",)),
    "a cell that is no number": (changed(referral_count="1,234"), ("referral_count", "'1,234'", "neither a number")),
    "a blank cell": (changed(referral_count=""), ("referral_count", "''")),
    "a trailing zero": (changed(rereferral_percent="21.0"), ("'21.0'", "without trailing zeros")),
    "an old symbol": (changed(referral_count=":"), ("':'", "c, k, u, x, z")),
    "a total that does not add up": (changed(referral_count="9999"), ("authorities come to", "data_issues.csv")),
    "a percentage of other counts": (changed(rereferral_percent="99"), ("rereferral_percent is 99", "make")),
    "another time identifier": (changed(time_identifier="Financial year"), ("time_identifier", "Reporting year")),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_right_stops_and_names_the_row_and_the_remedy(
    wrong: str, frame: pd.DataFrame, tmp_path: Path
) -> None:
    change, said = WRONG[wrong]
    with pytest.raises(BadInput) as refused:
        read(written(change(frame), tmp_path))
    assert "c1.csv" in str(refused.value)
    for words in said:
        assert words in str(refused.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.drop(columns="not_in_need_count"), "not_in_need_count"),
        (lambda frame: frame.assign(extra="1"), "extra"),
    ],
)
def test_other_columns_are_named(change: Change, said: str, frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=said):
        read(written(change(frame), tmp_path))


def test_what_is_not_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        read(tmp_path / "c1.csv")
    for content in (b"", b"\xff\xfe\x00", b'"unclosed\n'):
        (tmp_path / "c1.csv").write_bytes(content)
        with pytest.raises(BadInput, match=r"c1\.csv"):
            read(tmp_path / "c1.csv")


def test_the_row_that_is_named_is_the_line_of_the_file(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = written(changed(referral_count="1,234")(frame), tmp_path)
    line = 1 + next(n for n, text in enumerate(path.read_text().splitlines()) if "1,234" in text)
    with pytest.raises(BadInput, match=f"line {line}:"):
        read(path)


def test_every_total_is_recomputed_or_says_why_not(frame: pd.DataFrame) -> None:
    found = recompute(frame, data_issues(), RELEASE.protection)
    totals = frame[frame["la_name"] == ""]
    assert len(found) == len(totals) * len(CIN_C1.indicators)
    assert all(cell.agrees for cell in found)
    assert all(cell.computed == cell.published for cell in found if cell.computed)
    assert all(bool(cell.reason) != bool(cell.computed) for cell in found)


def test_a_total_with_a_carried_year_is_recomputed_exactly(frame: pd.DataFrame) -> None:
    """Hampshire's own row of 2024 is a symbol, and its figures of 2023 make the totals."""
    found = {
        (cell.time_period, cell.area, cell.column): cell for cell in recompute(frame, data_issues(), RELEASE.protection)
    }
    cell = found["2024", "South East", "referral_count"]
    assert cell.computed == cell.published and not cell.reason


def test_without_the_exceptions_totals_do_not_add_up(frame: pd.DataFrame) -> None:
    """Hackney's and Hampshire's earlier figures are in the totals, and Dorset's re-referrals are not."""
    issues = [replace(issue, total="own") for issue in data_issues()]
    found = {
        (cell.time_period, cell.area)
        for cell in recompute(frame, issues, RELEASE.protection)
        if not cell.agrees or (cell.column == "referral_count" and not cell.computed)
    }
    assert {("2021", "Inner London"), ("2022", "London"), ("2024", "South East"), ("2024", "England")} <= found


def test_a_rate_is_of_the_published_count_and_the_population_of_the_year_before(frame: pd.DataFrame) -> None:
    """The worked example of M20."""
    table = made_up_c1.published(CIN_C1, YEAR)
    england = with_rates(table, RELEASE).of_area[("",)][-1]
    assert (england["referral_count"], england["population_estimate"]) == ("621880", "12059476")
    assert england["referral_rate"] == "515.7"


def test_a_symbol_has_no_rate_and_an_area_without_children_counted_has_none(frame: pd.DataFrame) -> None:
    rates = with_rates(made_up_c1.published(CIN_C1, YEAR), RELEASE).frame
    hidden = rates[rates["referral_count"].isin(SYMBOLS)]
    assert len(hidden) and (hidden["referral_rate"] == hidden["referral_count"]).all()
    poole = rates[rates["la_name"] == "Poole"]
    assert set(poole["population_estimate"]) == set(poole["referral_rate"]) == {"x"}


@pytest.mark.parametrize("vintage", VINTAGES)
def test_the_real_file_comes_out_as_it_went_in(vintage: int, materials: Path, tmp_path: Path) -> None:
    path = materials / "data" / "published" / VINTAGES[vintage]
    release = Release.load(vintage)
    table = read_c1(path, release, data_issues())
    data, _ = ees.write_data_set(table, tmp_path, release)
    raw, back = (pd.read_csv(file, dtype="str", keep_default_na=False) for file in (path, data))
    known = pd.read_csv(made_up_c1.REFERENCE / "c1_columns.csv", keep_default_na=False)
    now = dict(zip(known["published"], known["now"], strict=True))
    raw = raw.drop(columns=[name for name, name_now in now.items() if not name_now and name in raw])
    assert back.equals(raw.rename(columns=now))
    assert data.name.startswith("c1_children_in_need_referrals_and_rereferrals_2013_to_")
    if vintage == max(VINTAGES):
        assert data.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_real_total_is_recomputed_or_says_why_not(vintage: int, materials: Path) -> None:
    release = Release.load(vintage)
    table = read_c1(materials / "data" / "published" / VINTAGES[vintage], release, data_issues())
    found = recompute(table.frame, data_issues(), release.protection)
    assert len(found) == 12 * 10 * len(CIN_C1.years(release))
    assert all(cell.agrees for cell in found)
    assert all(bool(cell.reason) != bool(cell.computed) for cell in found)
    assert sum(bool(cell.computed) for cell in found) > 0.85 * len(found)


def test_the_rates_published_with_the_file_of_2024_are_reproduced(materials: Path) -> None:
    path = materials / "data" / "published" / VINTAGES[2024]
    release = replace(RELEASE, places=replace(RELEASE.places, population_vintage=2024))
    ours = with_rates(read_c1(path, release, data_issues()), release).frame["referral_rate"]
    theirs = pd.read_csv(path, dtype="str", keep_default_na=False)["Referrals_rate"]
    is_number = ~theirs.isin(SYMBOLS)
    assert is_number.sum() == 1938
    assert (ours == theirs)[is_number].sum() >= 1937


def test_every_authority_of_the_made_up_file_is_one_of_its_year(frame: pd.DataFrame) -> None:
    rows = frame[frame["la_name"] != ""]
    for year in CIN_C1.years(RELEASE):
        there = {authority.old_la_code for authority in authorities() if authority.existed(year)}
        assert set(rows.loc[rows["time_period"] == str(year), "old_la_code"]) == there
