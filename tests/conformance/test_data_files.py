"""Data files as the publishing platform's screener will read them, and what our writer refuses to write.

The checks carry the screener's own names. Each is run on every data set, and on a file broken so that it must fail.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import made_up_release
from rereferrals.datasets.journeys import E1
from rereferrals.datasets.referrals import A1, A2, A3
from rereferrals.datasets.registry import ALL
from rereferrals.dissemination.ees import columns, metadata_rows, read_data_set, write_data_set
from rereferrals.errors import BadInput, QualityError
from rereferrals.measures.referrals import REFERRALS
from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL, Count, DataSet, Estimate, Filter
from rereferrals.published import DATA_FILES, KEYS, SYMBOLS, PublishedTable
from rereferrals.release import Release

RELEASE = Release.load(made_up_release.YEAR)
TIME_AND_AREA = {*KEYS}
METADATA = {
    "col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp", "filter_hint",
    "filter_grouping_column",
}  # fmt: skip
CHARACTERISTICS = re.compile(
    r"male|female|asian|black|white|chinese|indian|arab|irish|english|british|welsh|african|roma"
)
LOOKS_LIKE_AREA = re.compile(
    r"(country|sch|prov|inst|estab|reg|la|local|rsc|pfa|pcon|lep|mca|oa|ward|mat)\w*(name|code|urn|ukprn|number|upin|id)"
    r"|region|la|ward|school|name|code|number|id"
)
HARMONISED = re.compile(r"sen_|primary_need|secondary_need|establishment_type|provider_type|school_type|^ethnicity$")

Check = Callable[[pd.DataFrame, pd.DataFrame], bool]


def _of(meta: pd.DataFrame, kind: str) -> pd.DataFrame:
    return meta[meta["col_type"] == kind]


def _filters(meta: pd.DataFrame) -> list[str]:
    return list(_of(meta, "Filter")["col_name"])


def _indicators(meta: pd.DataFrame) -> list[str]:
    return list(_of(meta, "Indicator")["col_name"])


def _key(data: pd.DataFrame, meta: pd.DataFrame) -> list[str]:
    return [column for column in data if column not in _indicators(meta)]


def _cells(frame: pd.DataFrame, names: Iterable[str]) -> list[str]:
    return [cell for name in names for cell in frame[name]]


def _has_default(data: pd.DataFrame, row: pd.Series) -> bool:
    return (row.get("filter_default") or "Total") in set(data[row["col_name"]])


CHECKS: dict[str, Check] = {
    "col_req_meta": lambda d, m: set(m) >= METADATA,
    "col_invalid_meta": lambda d, m: set(m) <= METADATA | {"filter_default", "parent_filter"},
    "col_req_data": lambda d, m: {*KEYS[:5]} <= set(d),
    "col_to_rows": lambda d, m: len(m) <= len(d.columns) - 5,
    "cross_meta_to_data": lambda d, m: set(m["col_name"]) <= set(d),
    "cross_data_to_meta": lambda d, m: (
        {name for name in set(d) - TIME_AND_AREA if d[name].nunique() > 1}
        <= {*m["col_name"], *m["filter_grouping_column"]}
    ),
    "col_names_spaces": lambda d, m: all(not re.search(r"\s", name) for name in d),
    "col_snake_case": lambda d, m: all(re.fullmatch(r"[a-z0-9_]+", name) for name in d),
    "col_var_start": lambda d, m: all(name[0].islower() for name in d),
    "col_ind_smushed": lambda d, m: not any(CHARACTERISTICS.search(name) for name in _indicators(m)),
    "col_var_characteristic": lambda d, m: not {"characteristic", "characteristic_group"} & set(d),
    "meta_col_type": lambda d, m: set(m["col_type"]) <= {"Filter", "Indicator"},
    "meta_ob_unit": lambda d, m: not TIME_AND_AREA & set(m["col_name"]),
    "meta_col_name": lambda d, m: all(m["col_name"]),
    "meta_dupe_label": lambda d, m: m["label"].is_unique,
    "meta_label": lambda d, m: all(m["label"]),
    "meta_fil_grp": lambda d, m: not any(_of(m, "Indicator")["filter_grouping_column"]),
    "meta_filter_hint": lambda d, m: not any(_of(m, "Indicator")["filter_hint"]),
    "meta_geog_catch": lambda d, m: not any(LOOKS_LIKE_AREA.fullmatch(name) for name in _filters(m)),
    "meta_indicator_dp": lambda d, m: not any(_of(m, "Filter")["indicator_dp"]),
    "meta_ind_unit": lambda d, m: not any(_of(m, "Filter")["indicator_unit"]),
    "meta_indicator_grouping": lambda d, m: not any(_of(m, "Filter")["indicator_grouping"]),
    "meta_col_name_spaces": lambda d, m: not any(" " in name for name in m["col_name"]),
    "meta_col_name_dupe": lambda d, m: m["col_name"].is_unique,
    "meta_ind_dp_set": lambda d, m: all(_of(m, "Indicator")["indicator_dp"]),
    "meta_ind_dp_values": lambda d, m: all(re.fullmatch(r"\d*", dp) for dp in _of(m, "Indicator")["indicator_dp"]),
    "meta_ind_unit_validation": lambda d, m: set(m["indicator_unit"]) <= {"", "%", "pp", "£", "£m", "numberstring"},
    "time_period_num": lambda d, m: all(re.fullmatch(r"\d{4}|\d{6}", year) for year in d["time_period"]),
    "time_id_valid": lambda d, m: set(d["time_identifier"]) <= {"Reporting year", "Calendar year"},
    "time_id_mix": lambda d, m: d["time_identifier"].nunique() == 1,
    "time_period": lambda d, m: all(len(year) == 4 for year in d["time_period"]),
    "filter_not_singular": lambda d, m: all(d[name].nunique() > 1 for name in _filters(m)),
    "geog_level": lambda d, m: set(d["geographic_level"]) <= {NATIONAL, REGIONAL, LOCAL_AUTHORITY},
    "geog_level_present": lambda d, m: (
        REGIONAL not in set(d["geographic_level"]) or {"region_code", "region_name"} <= set(d)
    ),
    "geog_country_combos": lambda d, m: (
        set(zip(d["country_code"], d["country_name"], strict=True)) == {("E92000001", "England")}
    ),
    "geog_overcompleted_cols": lambda d, m: (
        not any(_cells(d[d["geographic_level"] == NATIONAL], [name for name in KEYS[5:] if name in d]))
    ),
    "filter_defaults": lambda d, m: all(_has_default(d, row) for _, row in _of(m, "Filter").iterrows()),
    "filter_item_limit": lambda d, m: all(d[name].nunique() <= 25_000 for name in _filters(m)),
    "filter_whitespace": lambda d, m: all(cell == cell.strip() for cell in _cells(d, _filters(m))),
    "filter_blanks": lambda d, m: all(_cells(d, _filters(m))),
    "filter_ob_total": lambda d, m: not {"Total", "All"} & set(_cells(d, TIME_AND_AREA & set(d))),
    "general_dupes": lambda d, m: not d.duplicated(_key(d, m)).any(),
    "general_null": lambda d, m: (
        not {"NULL", "Null", "null", "NA", "na", "N/A", "n/a", ".", "..", "-"} & set(_cells(d, d))
    ),
    "ind_invalid_entry": lambda d, m: not {"~", ":"} & set(_cells(d, _indicators(m))),
    "harmonised_variables": lambda d, m: not any(HARMONISED.search(name) for name in m["col_name"]),
    "api_char_col_name": lambda d, m: all(len(name) <= 50 for name in d),
    "api_char_col_label": lambda d, m: all(len(label) <= 100 for label in m["label"]),
    "api_char_filter_items": lambda d, m: all(len(cell) <= 120 for cell in _cells(d, _filters(m))),
    # what the screener lets through and a reader would not
    "indicator_cells_are_numbers_or_symbols": lambda d, m: all(
        cell in SYMBOLS or re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9])?", cell) for cell in _cells(d, _indicators(m))
    ),
    "nothing_runs_as_a_formula": lambda d, m: (
        not any(
            re.match(r"[=+\-@\t\r]", cell) and not re.fullmatch(r"-\d+(\.\d+)?", cell)
            for frame in (d, m)
            for cell in [*frame, *_cells(frame, frame)]
        )
    ),
}


Pair = tuple[pd.DataFrame, pd.DataFrame]
Spoil = Callable[[pd.DataFrame, pd.DataFrame], Pair]


def _set(frame: str, column: str, value: str, kind: str = "") -> Spoil:
    """Change the first cell of a column, of the data or of the metadata (of one kind of row)."""

    def spoil(data: pd.DataFrame, meta: pd.DataFrame) -> Pair:
        at = {"data": data, "meta": meta}[frame]
        rows = at.index if not kind else at.index[at["col_type"] == kind]
        at.loc[rows[0], column] = value
        return data, meta

    return spoil


def _data(spoil: Callable[[pd.DataFrame], pd.DataFrame]) -> Spoil:
    return lambda data, meta: (spoil(data), meta)


def _meta(spoil: Callable[[pd.DataFrame], pd.DataFrame]) -> Spoil:
    return lambda data, meta: (data, spoil(meta))


def _data_column(old: str, new: str) -> Spoil:
    return _data(lambda data: data.rename(columns={old: new}))


#: How to break a file (of A2) so that the check of this name must fail.
BROKEN: dict[str, Spoil] = {
    "col_req_meta": _meta(lambda meta: meta.drop(columns="filter_hint")),
    "col_invalid_meta": _meta(lambda meta: meta.assign(notes="")),
    "col_req_data": _data_column("country_name", "country"),
    "col_to_rows": _meta(lambda meta: pd.concat([meta] * 2)),
    "cross_meta_to_data": _data_column("number_of_referrals", "other"),
    "cross_data_to_meta": _data(lambda data: data.assign(other=[str(n) for n in range(len(data))])),
    "col_names_spaces": _data_column("number_of_referrals", "number of_referrals"),
    "col_snake_case": _data_column("number_of_referrals", "numberOfReferrals"),
    "col_var_start": _data_column("number_of_referrals", "_number"),
    "col_ind_smushed": _meta(lambda meta: meta.replace({"col_name": {"referral_child_count": "female_count"}})),
    "col_var_characteristic": _data(lambda data: data.assign(characteristic="1")),
    "meta_col_type": _set("meta", "col_type", "filter"),
    "meta_ob_unit": _set("meta", "col_name", "time_period"),
    "meta_col_name": _set("meta", "col_name", ""),
    "meta_dupe_label": _meta(lambda meta: meta.assign(label="one")),
    "meta_label": _set("meta", "label", ""),
    "meta_fil_grp": _set("meta", "filter_grouping_column", "x", "Indicator"),
    "meta_filter_hint": _set("meta", "filter_hint", "x", "Indicator"),
    "meta_geog_catch": _set("meta", "col_name", "la_group_name"),
    "meta_indicator_dp": _set("meta", "indicator_dp", "1", "Filter"),
    "meta_ind_unit": _set("meta", "indicator_unit", "%", "Filter"),
    "meta_indicator_grouping": _set("meta", "indicator_grouping", "x", "Filter"),
    "meta_col_name_spaces": _set("meta", "col_name", "a b"),
    "meta_col_name_dupe": _meta(lambda meta: meta.assign(col_name="one")),
    "meta_ind_dp_set": _set("meta", "indicator_dp", "", "Indicator"),
    "meta_ind_dp_values": _set("meta", "indicator_dp", "-1", "Indicator"),
    "meta_ind_unit_validation": _set("meta", "indicator_unit", "number", "Indicator"),
    "time_period_num": _set("data", "time_period", "202"),
    "time_id_valid": _set("data", "time_identifier", "reporting year"),
    "time_id_mix": _set("data", "time_identifier", "Calendar year"),
    "time_period": _set("data", "time_period", "202324"),
    "filter_not_singular": _data(lambda data: data.assign(number_of_referrals="Total")),
    "geog_level": _set("data", "geographic_level", "England"),
    "geog_level_present": _set("data", "geographic_level", REGIONAL),
    "geog_country_combos": _set("data", "country_name", "England "),
    "geog_overcompleted_cols": _data(lambda data: data.assign(region_code="E12000001")),
    "filter_defaults": _data(lambda data: data.replace({"number_of_referrals": {"Total": "Everyone"}})),
    "filter_item_limit": _data(lambda data: pd.DataFrame({"number_of_referrals": map(str, range(25_001))})),
    "filter_whitespace": _set("data", "number_of_referrals", "Total "),
    "filter_blanks": _set("data", "number_of_referrals", ""),
    "filter_ob_total": _set("data", "country_name", "Total"),
    "general_dupes": _data(lambda data: pd.concat([data, data.head(1)])),
    "general_null": _set("data", "referral_child_count", "NA"),
    "ind_invalid_entry": _set("data", "referral_child_count", ":"),
    "harmonised_variables": _set("meta", "col_name", "ethnicity"),
    "api_char_col_name": _data(lambda data: data.assign(**{"x" * 51: "1"})),
    "api_char_col_label": _set("meta", "label", "x" * 101),
    "api_char_filter_items": _set("data", "number_of_referrals", "x" * 121),
    "indicator_cells_are_numbers_or_symbols": _set("data", "referral_child_count", "1,234"),
    "nothing_runs_as_a_formula": _set("meta", "label", "=1+1"),
}


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


NAMES_THAT_WARN = ("col_snake_case", "col_var_start", "col_ind_smushed")


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("data_set", ALL, ids=lambda data_set: data_set.id)
def test_every_data_set_passes(check: str, data_set: DataSet, release: Path) -> None:
    data, meta = _pair(release / DATA_FILES, data_set)
    if check in NAMES_THAT_WARN:  # a name that was published before stays as it is
        old = [count.name for count in data_set.counts if count.published]
        data, meta = data.drop(columns=old, errors="ignore"), meta[~meta["col_name"].isin(old)]
    assert CHECKS[check](data, meta)


@pytest.mark.parametrize("check", CHECKS)
def test_a_file_broken_on_purpose_fails(check: str, release: Path) -> None:
    assert not CHECKS[check](*BROKEN[check](*_pair(release / DATA_FILES, A2)))


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
        ("country_name", "=cmd", "a spreadsheet would not show"),
        ("country_name", " England", "a spreadsheet would not show"),
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
