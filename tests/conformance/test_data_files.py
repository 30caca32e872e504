"""Every data set passes the screener, and our writer refuses to write one that would not."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import made_up_release
from rereferrals.datasets.characteristics import B4
from rereferrals.datasets.journeys import E1
from rereferrals.datasets.referrals import A1, A2, A3
from rereferrals.datasets.regional import CIN_C1
from rereferrals.datasets.registry import ALL
from rereferrals.dissemination.ees import columns, metadata_rows, paths, read_data_set, write_data_set
from rereferrals.errors import BadInput, QualityError
from rereferrals.measures.referrals import REFERRALS
from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL, Count, DataSet, Estimate, Filter
from rereferrals.published import DATA_FILES, KEYS, PublishedTable
from rereferrals.release import Release
from rereferrals.screener import screen

RELEASE = Release.load(made_up_release.YEAR)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    made_up_release.write(folder)
    return folder


@pytest.fixture
def table(release: Path) -> Callable[[DataSet], PublishedTable]:
    return lambda data_set: PublishedTable.read(release, data_set)


def _pair(folder: Path, data_set: DataSet) -> tuple[pd.DataFrame, pd.DataFrame]:
    data, meta = (
        pd.read_csv(folder / f"{data_set.data_file(RELEASE)}{end}", dtype="str", keep_default_na=False)
        for end in (".csv", ".meta.csv")
    )
    return data, meta


def _may_warn(data_set: DataSet) -> set[str]:
    """The checks that a data set may bring to warn: its names may be new to the platform's dictionary."""
    may = {"data_dict_col_name", "data_dict_fil_item"}
    if any(count.published for count in data_set.counts):  # a name that was published before stays as it is
        may |= {"col_snake_case", "col_var_start", "col_ind_smushed"}
    if any(f.topic_column for f in data_set.filters):  # a topic is a heading and no filter of its own
        may |= {"meta_fil_grp_is_fil"}
    if data_set == B4:  # its groups are called as they were published
        may |= {"harmonised_eth_vals"}
    return may


@pytest.mark.parametrize("data_set", ALL, ids=lambda data_set: data_set.id)
def test_every_data_set_passes_the_screener(data_set: DataSet, release: Path) -> None:
    screening = screen(*paths(release / DATA_FILES, data_set, RELEASE))
    assert not screening.faults()
    assert {warning.check for warning in screening.warnings()} <= _may_warn(data_set)
    assert screening.api_suitable == (data_set in (A1, CIN_C1))


@pytest.mark.parametrize("data_set", ALL, ids=lambda data_set: data_set.id)
def test_file_names_and_titles_fit_the_platform(data_set: DataSet) -> None:
    assert re.fullmatch(r"[a-z0-9_]{5,60}", data_set.file_stem)
    assert data_set.published_as or data_set.data_file(RELEASE) == data_set.file_stem
    assert not re.search(r"20\d\d", data_set.file_stem)
    assert 0 < len(data_set.title) <= 120
    assert len({d.title for d in ALL}) == len({d.file_stem for d in ALL}) == len(ALL)


@pytest.mark.parametrize("data_set", ALL, ids=lambda data_set: data_set.id)
def test_files_are_utf_8_with_line_feeds_and_no_byte_order_mark(data_set: DataSet, release: Path) -> None:
    for end in (".csv", ".meta.csv"):
        content = (release / DATA_FILES / f"{data_set.data_file(RELEASE)}{end}").read_bytes()
        content.decode("utf-8")
        assert b"\r" not in content and content.endswith(b"\n") and not content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("data_set", ALL, ids=lambda data_set: data_set.id)
def test_the_bytes_do_not_depend_on_the_order_of_the_rows(
    data_set: DataSet, table: Callable[[DataSet], PublishedTable], tmp_path: Path
) -> None:
    published = table(data_set)
    shuffled = PublishedTable(data_set, published.frame.sample(frac=1, random_state=1)[published.frame.columns[::-1]])
    first, second = (
        write_data_set(published, tmp_path / "a", RELEASE),
        write_data_set(shuffled, tmp_path / "b", RELEASE),
    )
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_newest_year_comes_first_and_categories_follow_their_declaration(release: Path) -> None:
    data, _ = _pair(release / DATA_FILES, A2)
    assert list(data["time_period"]) == sorted(data["time_period"], reverse=True)
    assert list(data["number_of_referrals"][:4]) == ["Total", "1 referral", "2 referrals", "3 or more referrals"]


def test_columns_are_time_areas_filters_indicators_and_no_rounding_aids() -> None:
    assert columns(A2) == (*KEYS[:5], "number_of_referrals", "referral_child_count", "referral_child_percent")
    local = replace(A2, levels=(NATIONAL, REGIONAL, LOCAL_AUTHORITY))
    assert columns(local)[:10] == KEYS
    regional = replace(A2, levels=(NATIONAL, REGIONAL))
    assert columns(regional)[5:7] == ("region_code", "region_name")


def test_a_filter_without_a_total_names_its_default() -> None:
    (row,) = (row for row in metadata_rows(A3) if row["col_type"] == "Filter")
    assert row["filter_default"] == "Within 1 year"
    assert "filter_default" not in metadata_rows(A2)[0]


@pytest.mark.parametrize("data_set", ALL, ids=lambda data_set: data_set.id)
def test_a_data_set_reads_back_whole_with_the_numbers_that_sentences_quote(
    data_set: DataSet, table: Callable[[DataSet], PublishedTable], release: Path
) -> None:
    frame = table(data_set).frame
    keys = [*(key for key in KEYS if key in frame), *(f.name for f in data_set.filters)]
    order = sorted(frame.columns)
    back = read_data_set(release / DATA_FILES, data_set, RELEASE).frame.sort_values(keys).reset_index(drop=True)
    frame = frame.sort_values(keys).reset_index(drop=True)
    for indicator in data_set.indicators:
        if not isinstance(
            indicator, Count | Estimate
        ):  # a half that the published counts leave open stays as published
            whole = f"{indicator.name}_whole"
            is_open = back[indicator.name].str.endswith(".5") & (back[whole] == back[indicator.name])
            frame[whole] = frame[whole].mask(is_open, frame[indicator.name])
    pd.testing.assert_frame_equal(back[order], frame.sort_values(keys).reset_index(drop=True)[order], check_dtype=False)


def test_files_can_be_given_the_spelling_that_they_always_had(
    table: Callable[[DataSet], PublishedTable], tmp_path: Path
) -> None:
    level = E1.filters[0].categories[0]
    spelling = {level: level.replace("further", "futher")}
    spelt = replace(RELEASE, spelling=spelling)
    write_data_set(table(E1), tmp_path, spelt)
    data, meta = _pair(tmp_path, E1)
    assert set(data["level_description"]) == {spelling.get(c, c) for c in E1.filters[0].categories}
    assert spelling[level] in set(meta["filter_default"])
    assert set(read_data_set(tmp_path, E1, spelt).frame["level_description"]) == set(E1.filters[0].categories)


@pytest.mark.parametrize(
    ("percent", "counts", "whole"),
    [
        ("22.4", ("139080", "621880"), "22"),
        ("22.6", ("x", "621880"), "23"),
        ("22.5", ("139860", "621880"), "22"),  # 22.490%, shown as 22.5
        ("22.5", ("140010", "621880"), "23"),  # 22.514%
        ("22.5", ("90", "400"), "22.5"),  # 90 and 400 are rounded, so either may be true
        ("22.5", ("c", "400"), "22.5"),
        ("0.4", ("40", "10000"), "k"),
        ("0", ("0", "10000"), "0"),
        ("c", ("c", "400"), "c"),
    ],
)
def test_a_whole_number_read_back_is_rounded_once(
    percent: str, counts: tuple[str, str], whole: str, table: Callable[[DataSet], PublishedTable], tmp_path: Path
) -> None:
    frame = table(A1).frame.head(1).copy()
    frame[["rereferral_count", "referral_count"]] = [counts]
    frame["rereferral_percent"] = percent
    write_data_set(PublishedTable(A1, frame), tmp_path, RELEASE)
    assert read_data_set(tmp_path, A1, RELEASE).frame["rereferral_percent_whole"].item() == whole


def test_reading_what_is_not_there_or_is_another_data_set_says_so(release: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"a1_.*\.csv does not exist"):
        read_data_set(tmp_path, A1, RELEASE)
    (tmp_path / f"{A1.file_stem}.csv").write_bytes((release / DATA_FILES / f"{A2.file_stem}.csv").read_bytes())
    with pytest.raises(BadInput, match="has other columns than A1"):
        read_data_set(tmp_path, A1, RELEASE)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("referral_child_count", "1,234", "neither a symbol nor a number"),
        ("referral_child_count", "12.5", "neither a symbol nor a number of at most 0"),
        ("referral_child_count", "", "neither a symbol nor a number"),
        ("referral_child_count", "low", "neither a symbol nor a number"),
        ("referral_child_count", "=1+1", "neither a symbol nor a number"),
        ("referral_child_percent", "21.0", "without trailing zeros"),
        ("referral_child_percent", "22.45", "at most 1"),
        ("referral_child_percent", "12.5%", "neither a symbol nor a number"),
        ("number_of_referrals", "4 referrals", "no category '4 referrals'"),
        ("number_of_referrals", "1 referral", "two rows for"),
        ("time_period", "2024-25", "is not a year"),
        ("geographic_level", REGIONAL, "levels that it does not declare"),
        ("country_name", "=cmd", "geog_country_combos: .*'=cmd'"),
        ("country_name", " England", "country_name has ' England' in row .* a blank at an end"),
    ],
)
def test_a_table_that_would_mislead_is_refused_and_nothing_is_written(
    column: str, cell: str, message: str, table: Callable[[DataSet], PublishedTable], tmp_path: Path
) -> None:
    frame = table(A2).frame.copy()
    frame.loc[0, column] = cell
    with pytest.raises(QualityError, match=message):
        write_data_set(PublishedTable(A2, frame), tmp_path, RELEASE)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("label", ["=HYPERLINK(1)", "", "x" * 101, "Number of children with a referral in the year"])
def test_a_label_that_the_platform_or_a_spreadsheet_would_spoil_is_refused(label: str) -> None:
    sly = Filter("number_of_referrals", label, ("1", "2"))
    with pytest.raises(QualityError, match="the label"):
        metadata_rows(DataSet("X1", "Title", "file_name", "children", (A2.indicators[0],), (sly,)))


def test_a_column_that_is_missing_is_named(table: Callable[[DataSet], PublishedTable], tmp_path: Path) -> None:
    frame = table(A1).frame.drop(columns=REFERRALS.name)
    with pytest.raises(QualityError, match="A1: the published table lacks referral_count"):
        write_data_set(PublishedTable(A1, frame), tmp_path, RELEASE)


def test_area_columns_are_filled_on_their_own_level_and_blank_above_it(tmp_path: Path) -> None:
    data_set = DataSet(
        "X1", "Title", "file_name", "referrals", (Count("referral_count", "Referrals"),), levels=(NATIONAL, REGIONAL)
    )
    england = dict(zip(KEYS[:5], ("2024", "Reporting year", NATIONAL, "E92000001", "England"), strict=True))
    rows = [
        england | {"region_code": "", "region_name": "", "referral_count": "20"},
        england
        | {
            "geographic_level": REGIONAL,
            "region_code": "E12000001",
            "region_name": "North East",
            "referral_count": "c",
        },
    ]
    data_path, _ = write_data_set(PublishedTable(data_set, pd.DataFrame(rows[::-1])), tmp_path, RELEASE)
    with open(data_path, newline="", encoding="utf-8") as file:
        assert [row["geographic_level"] for row in csv.DictReader(file)] == [NATIONAL, REGIONAL]
    rows[0]["region_code"] = "E12000001"
    with pytest.raises(QualityError, match="region_code must be blank on National rows"):
        write_data_set(PublishedTable(data_set, pd.DataFrame(rows)), tmp_path, RELEASE)
