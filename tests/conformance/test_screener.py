"""Every check of the screener has a file that passes it and one that does not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from rereferrals.cli import app
from rereferrals.datasets.journeys import E1
from rereferrals.datasets.regional import CIN_C1
from rereferrals.dissemination.ees import metadata_rows
from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL
from rereferrals.screener import Lookups, Outcome, Screening, metadata_path, screen
from rereferrals.screener.geography import COMBOS
from rereferrals.screener.lookups import known
from rereferrals.screener.stages import READING, STAGES

MATERIALS = Path(__file__).resolve().parents[3] / "shared"
STANDARD = MATERIALS / "spec" / "data_standard.md"
PUBLISHED = MATERIALS / "data" / "published"

PLACES = (
    {"geographic_level": NATIONAL},
    {"geographic_level": REGIONAL, "region_code": "E12000001", "region_name": "North East"},
    {
        "geographic_level": LOCAL_AUTHORITY, "region_code": "E13000001", "region_name": "Inner London",
        "old_la_code": "204", "new_la_code": "E09000012", "la_name": "Hackney",
    },
)  # fmt: skip
COLUMNS = (
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name", "region_code", "region_name",
    "old_la_code", "new_la_code", "la_name", "sex", "referral_count", "rereferral_percent",
)  # fmt: skip
METADATA = (
    "col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp", "filter_hint",
    "filter_grouping_column",
)  # fmt: skip
#: Places of levels that the project does not publish.
OTHER_PLACES = {
    "Ward": ("E05000026", "Abbey"),
    "Parliamentary constituency": ("E14001063", "Aldershot"),
    "Local authority district": ("E07000223", "Adur"),
    "Local enterprise partnership": ("E37000001", "Black Country"),
    "Local skills improvement plan area": ("E69000001", "Brighton and Hove, East Sussex, West Sussex"),
    "English devolved area": ("E47000001", "Greater Manchester"),
}
LOOKUPS = replace(known(), places={**known().places, **{level: frozenset([p]) for level, p in OTHER_PLACES.items()}})


@dataclass
class Pair:
    """A pair of files to be spoilt."""

    rows: list[dict[str, str]]
    metadata: list[dict[str, str]]
    name: str = "children.csv"
    metadata_name: str = "children.meta.csv"
    content: bytes | None = field(default=None)

    def described(self, column: str) -> dict[str, str]:
        """The metadata row of a column."""
        return next(row for row in self.metadata if row["col_name"] == column)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write both files."""
        paths = folder / self.name, folder / self.metadata_name
        for path, rows in zip(paths, (self.rows, self.metadata), strict=True):
            path.write_bytes(_csv(rows))
        if self.content is not None:
            paths[0].write_bytes(self.content)
        return paths


def _csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def good() -> Pair:
    """A pair without fault or warning."""
    country = {"time_identifier": "Reporting year", "country_code": "E92000001", "country_name": "England"}
    rows = [
        dict.fromkeys(COLUMNS, "")
        | country
        | place
        | {"time_period": year, "sex": sex, "referral_count": "1230", "rereferral_percent": "12.5"}
        for year in ("2023", "2024")
        for place in PLACES
        for sex in ("Total", "Female", "Male")
    ]
    rows[3] |= {"referral_count": "c", "rereferral_percent": "z"}
    blank = dict.fromkeys(METADATA, "")
    return Pair(
        rows,
        [
            blank | {"col_name": "sex", "col_type": "Filter", "label": "Sex"},
            blank | {"col_name": "referral_count", "col_type": "Indicator", "label": "Referrals", "indicator_dp": "0"},
            blank
            | {
                "col_name": "rereferral_percent",
                "col_type": "Indicator",
                "label": "Re-referrals",
                "indicator_unit": "%",
                "indicator_dp": "1",
            },
        ],
    )


Change = Callable[[Pair], None]


def both(*changes: Change) -> Change:
    """One change after the other."""

    def change(pair: Pair) -> None:
        for one in changes:
            one(pair)

    return change


def unchanged(pair: Pair) -> None:
    """The good pair as it is."""


def cell(column: str, value: str, level: str = NATIONAL) -> Change:
    """Put a value into the first row of a level."""

    def change(pair: Pair) -> None:
        next(row for row in pair.rows if row["geographic_level"] == level)[column] = value

    return change


def everywhere(column: str, *values: str) -> Change:
    """Put values into a column, in turn; a new one if it is not there."""

    def change(pair: Pair) -> None:
        for place, row in enumerate(pair.rows):
            row[column] = values[place % len(values)]

    return change


def of(column: str, **cells: str) -> Change:
    """Change cells of the metadata row of a column."""
    return lambda pair: pair.described(column).update(cells)


def called(old: str, new: str, *, in_metadata: bool = True) -> Change:
    """Rename a column."""

    def change(pair: Pair) -> None:
        pair.rows = [{new if name == old else name: value for name, value in row.items()} for row in pair.rows]
        if in_metadata and any(row["col_name"] == old for row in pair.metadata):
            pair.described(old)["col_name"] = new

    return change


def items(**words: str) -> Change:
    """Use other words for the items of the filter sex."""

    def change(pair: Pair) -> None:
        for row in pair.rows:
            row["sex"] = words.get(row["sex"], row["sex"])

    return change


def without(*columns: str) -> Change:
    """Leave columns of the data out."""

    def change(pair: Pair) -> None:
        pair.rows = [{name: value for name, value in row.items() if name not in columns} for row in pair.rows]

    return change


def metadata_column(name: str) -> Change:
    """Add a blank column to the metadata."""

    def change(pair: Pair) -> None:
        for row in pair.metadata:
            row[name] = ""

    return change


def without_metadata(column: str) -> Change:
    """Leave a column of the metadata out."""

    def change(pair: Pair) -> None:
        for row in pair.metadata:
            del row[column]

    return change


def only(*levels: str) -> Change:
    """Leave rows of other levels out."""

    def change(pair: Pair) -> None:
        pair.rows = [row for row in pair.rows if row["geographic_level"] in levels]

    return change


def at(level: str, *places: dict[str, str]) -> Change:
    """Add a row at a level for each place, with its columns."""

    def change(pair: Pair) -> None:
        added = {name: "" for place in places for name in place}
        pair.rows = [added | row for row in pair.rows]
        pair.rows += [pair.rows[0] | {"geographic_level": level} | place for place in places]

    return change


def described(name: str, col_type: str = "Filter", **cells: str) -> Change:
    """Add a row to the metadata."""
    row = dict.fromkeys(METADATA, "") | {"col_name": name, "col_type": col_type, "label": f"About {name}"}
    return lambda pair: pair.metadata.append(row | cells)


def place(level: str, code: str, name: str) -> tuple[Change, Change]:
    """A row of a level with a place that is known, and with one whose name is another's."""
    known_code, known_name = OTHER_PLACES[level]
    return at(level, {code: known_code, name: known_name}), at(level, {code: known_code, name: "Elsewhere"})


grouped = both(everywhere("sex_topic", "All", "By sex", "By sex"), of("sex", filter_grouping_column="sex_topic"))
grouped_twice = both(grouped, everywhere("age", "Total", "0 to 17"), described("age"))
trust = {"trust_id": "1", "trust_name": "A trust"}
school = {"school_laestab": "1", "school_urn": "1", "school_name": "A school"}


def many(count: int) -> Change:
    """Give the filter sex so many items."""
    return both(only(NATIONAL), lambda pair: pair.rows.extend(pair.rows[0] | {"sex": str(n)} for n in range(count - 3)))


F, W = Outcome.FAIL, Outcome.WARNING
#: Check → what a spoilt file brings, the change that keeps a good file passing, and the change that spoils it.
CASES: dict[str, tuple[Outcome, Change, Change]] = {
    "file_read": (F, unchanged, lambda pair: setattr(pair, "content", b"a,b\n1\n")),
    "filename_spaces": (F, unchanged, lambda pair: setattr(pair, "name", "all children.csv")),
    "filename_special": (F, unchanged, lambda pair: setattr(pair, "metadata_name", "children(1).meta.csv")),
    "filenames_match": (F, unchanged, lambda pair: setattr(pair, "metadata_name", "adults.meta.csv")),
    "col_req_meta": (F, unchanged, without_metadata("filter_hint")),
    "col_invalid_meta": (
        F,
        both(metadata_column("filter_default"), metadata_column("parent_filter")),
        metadata_column("notes"),
    ),
    "col_req_data": (F, unchanged, without("country_name")),
    "col_to_rows": (
        F,
        lambda pair: pair.metadata.extend([pair.metadata[2]] * 5),
        lambda pair: pair.metadata.extend([pair.metadata[2]] * 6),
    ),
    "cross_meta_to_data": (F, grouped, both(grouped, without("sex_topic"))),
    "cross_data_to_meta": (W, everywhere("category", "One"), everywhere("category", "One", "Two")),
    "col_names_spaces": (F, unchanged, called("sex", "sex of child")),
    "col_snake_case": (W, unchanged, called("referral_count", "Referral_count")),
    "col_var_start": (W, unchanged, called("referral_count", "1_referral_count")),
    "col_ind_smushed": (F, unchanged, called("referral_count", "romania_count")),
    "col_var_characteristic": (W, unchanged, called("sex", "characteristic")),
    "meta_col_type": (F, unchanged, of("sex", col_type="filter")),
    "meta_ob_unit": (F, unchanged, of("sex", col_name="time_period")),
    "meta_col_name": (F, unchanged, of("referral_count", col_name="")),
    "meta_dupe_label": (F, unchanged, of("referral_count", label="Sex")),
    "meta_label": (F, unchanged, of("sex", label="")),
    "meta_fil_grp": (F, grouped, both(grouped, of("referral_count", filter_grouping_column="sex_topic"))),
    "meta_fil_grp_dupe": (F, grouped_twice, both(grouped_twice, of("age", filter_grouping_column="sex_topic"))),
    "meta_fil_grp_is_fil": (W, both(grouped, described("sex_topic")), grouped),
    "meta_fil_grp_match": (F, grouped, of("referral_count", filter_grouping_column="sex_topic")),
    "meta_fil_grp_stripped": (F, grouped, both(grouped, everywhere("sex_topic", "All", "By sex", "By-sex"))),
    "meta_filter_hint": (F, of("sex", filter_hint="As recorded"), of("referral_count", filter_hint="Of children")),
    "meta_geog_catch": (
        F,
        both(at("School", school), of("sex", col_name="school_name")),
        called("sex", "la_group_name"),
    ),
    "meta_indicator_dp": (F, unchanged, of("sex", indicator_dp="0")),
    "meta_ind_unit": (F, unchanged, of("sex", indicator_unit="%")),
    "meta_indicator_grouping": (
        F,
        of("referral_count", indicator_grouping="Referrals"),
        of("sex", indicator_grouping="Referrals"),
    ),
    "meta_col_name_spaces": (F, unchanged, of("referral_count", col_name="referral count")),
    "meta_col_name_dupe": (F, unchanged, of("referral_count", col_name="rereferral_percent")),
    "meta_ind_dp_set": (W, unchanged, of("referral_count", indicator_dp="")),
    "meta_ind_dp_values": (F, of("referral_count", indicator_dp="3"), of("referral_count", indicator_dp="-1")),
    "meta_ind_unit_validation": (
        F,
        of("referral_count", indicator_unit="£m"),
        of("referral_count", indicator_unit="number"),
    ),
    "time_period_num": (F, unchanged, cell("time_period", "202")),
    "time_id_valid": (F, everywhere("time_identifier", "Week 52"), everywhere("time_identifier", "Week 53")),
    "time_id_mix": (
        F,
        both(everywhere("time_identifier", "April", "May")),
        everywhere("time_identifier", "Reporting year", "Calendar year"),
    ),
    "filter_not_singular": (F, unchanged, items(Female="Total", Male="Total")),
    "geog_level": (F, unchanged, cell("geographic_level", "Local Authority")),
    "geog_level_present": (F, at("MAT", trust), cell("geographic_level", "MAT")),
    "time_period": (
        F,
        both(everywhere("time_identifier", "Autumn term", "Summer term"), everywhere("time_period", "202324")),
        everywhere("time_identifier", "Academic year"),
    ),
    "time_period_six": (
        F,
        both(everywhere("time_identifier", "Tax year"), everywhere("time_period", "199900")),
        both(everywhere("time_identifier", "Tax year"), everywhere("time_period", "202325")),
    ),
    "filter_defaults": (
        W,
        both(items(Total="Other"), metadata_column("filter_default"), of("sex", filter_default="Other")),
        items(Total="Other"),
    ),
    "filter_group_level": (F, grouped, both(grouped, everywhere("sex_topic", "a", "b", "c", "d"))),
    "filter_item_limit": (F, many(25_000), many(25_001)),
    "filter_whitespace": (F, items(Male="Boys and girls"), items(Male="Male ")),
    "filter_ob_total": (F, unchanged, cell("la_name", "All", LOCAL_AUTHORITY)),
    "filter_blanks": (F, unchanged, items(Male="")),
    "geog_country_combos": (
        F,
        both(
            cell("country_code", "z"),
            cell("country_name", "Outside of England"),
        ),
        cell("country_name", "english"),
    ),
    "geog_region_combos": (
        F,
        both(cell("region_code", "E12000003", REGIONAL), cell("region_name", "Yorkshire and The Humber", REGIONAL)),
        both(cell("region_code", "E12000003", REGIONAL), cell("region_name", "Yorkshire and the Humber", REGIONAL)),
    ),
    "geog_ward_combos": (F, *place("Ward", "ward_code", "ward_name")),
    "geog_pcon_combos": (F, *place("Parliamentary constituency", "pcon_code", "pcon_name")),
    "geog_lad_combos": (F, *place("Local authority district", "lad_code", "lad_name")),
    "geog_lep_combos": (
        F,
        *place(
            "Local enterprise partnership", "local_enterprise_partnership_code", "local_enterprise_partnership_name"
        ),
    ),
    "geog_lsip_combos": (F, *place("Local skills improvement plan area", "lsip_code", "lsip_name")),
    "geog_eda_combos": (
        F,
        *place("English devolved area", "english_devolved_area_code", "english_devolved_area_name"),
    ),
    "geog_la_combos": (F, cell("new_la_code", "x", LOCAL_AUTHORITY), cell("old_la_code", "z", LOCAL_AUTHORITY)),
    "geog_level_completed": (
        F,
        cell("new_la_code", "", LOCAL_AUTHORITY),
        cell("old_la_code", "", LOCAL_AUTHORITY),
    ),
    "geog_ignored_rows": (
        F,
        at("School", school),
        both(at("School", school), at("Provider", {"provider_ukprn": "1", "provider_name": "A provider"})),
    ),
    "geog_other_dupes": (
        F,
        at("MAT", trust, trust),
        at("MAT", trust, trust | {"trust_id": "2"}),
    ),
    "geog_other_code_dupes": (
        F,
        at("MAT", trust, {"trust_id": "2", "trust_name": "Another"}),
        at("MAT", trust, trust | {"trust_name": "Another"}),
    ),
    "geog_la_col_present": (
        F,
        both(only(NATIONAL, REGIONAL), without("old_la_code", "new_la_code", "la_name")),
        both(only(NATIONAL, REGIONAL), without("old_la_code")),
    ),
    "geog_region_col_present": (
        F,
        both(only(NATIONAL), without("region_code", "region_name")),
        both(only(NATIONAL), without("region_name")),
    ),
    "geog_region_for_la": (W, unchanged, cell("region_code", "", LOCAL_AUTHORITY)),
    "geog_region_for_lad": (
        W,
        at(
            "Local authority district",
            {"lad_code": "E07000223", "lad_name": "Adur", "region_code": "E12000008", "region_name": "South East"},
        ),
        at("Local authority district", {"lad_code": "E07000223", "lad_name": "Adur"}),
    ),
    "geog_na": (
        F,
        at("MAT", {"trust_id": "x", "trust_name": "Not available"}),
        at("MAT", {"trust_id": "x", "trust_name": "Unknown"}),
    ),
    "geog_na_code": (
        F,
        at("MAT", {"trust_id": "x", "trust_name": "Not available"}),
        at("MAT", {"trust_id": "9", "trust_name": "Not available"}),
    ),
    "geog_overcompleted_cols": (
        F,
        unchanged,
        both(cell("region_code", "E12000001"), cell("region_name", "North East")),
    ),
    "general_dupes": (
        F,
        at("School", school, school),
        lambda pair: pair.rows.append(pair.rows[0]),
    ),
    "general_null": (F, unchanged, of("sex", label="NA")),
    "ind_invalid_entry": (F, cell("referral_count", "u"), cell("referral_count", ":")),
    "harmonised_variables": (F, called("sex", "sen_primary_need"), called("sex", "primary_need")),
    "harmonised_eth_vals": (
        W,
        both(called("sex", "ethnicity_major"), everywhere("ethnicity_major", "Total", "White", "Asian/Asian British")),
        called("sex", "ethnicity_major"),
    ),
    "harmonised_eth_char_vals": (
        W,
        both(everywhere("characteristic_group", "Minority Ethnic"), everywhere("characteristic", "Arab")),
        both(everywhere("characteristic_group", "Minority Ethnic"), everywhere("characteristic", "Blue")),
    ),
    "harmonised_eth_char_grp": (
        F,
        everywhere("characteristic_group", "Sex and Minority Ethnic"),
        everywhere("characteristic_group", "Ethnic group"),
    ),
    "api_char_col_name": (W, everywhere("x" * 50, "1"), everywhere("x" * 51, "1")),
    "api_char_col_label": (W, of("sex", label="x" * 100), of("sex", label="x" * 101)),
    "api_char_loc_code": (
        W,
        at("MAT", trust | {"trust_id": "x" * 30}),
        at("MAT", trust | {"trust_id": "x" * 31}),
    ),
    "api_char_filter_items": (W, items(Male="x" * 120), items(Male="x" * 121)),
    "data_dict_col_name": (W, unchanged, called("sex", "gender")),
    "data_dict_fil_item": (W, unchanged, items(Male="Unknown")),
    "val_ind_in_data": (F, unchanged, called("referral_count", "referrals", in_metadata=False)),
    "val_ind_number": (F, cell("rereferral_percent", "-0.5"), cell("rereferral_percent", "abc")),
    "val_formula": (F, everywhere("category", "-1.5"), everywhere("category", "@sum")),
}


#: Stage and name of every check, in running order.
ALL_CHECKS = [READING, *((stage, check.name) for stage, checks in STAGES.items() for check in checks)]


def screened(change: Change, folder: Path, lookups: Lookups = LOOKUPS) -> Screening:
    """What comes of the good pair with a change."""
    pair = good()
    change(pair)
    return screen(*pair.write(folder), lookups)


def outcomes(screening: Screening, check: str) -> set[Outcome]:
    """What came of a check; of one that is done with both files, of both."""
    return {result.outcome for result in screening.results if result.check == check}


def test_a_good_pair_passes_every_check_and_is_suitable_for_the_api(tmp_path: Path) -> None:
    screening = screened(unchanged, tmp_path)
    assert {result.outcome for result in screening.results} == {Outcome.PASS}
    assert screening.passed and screening.api_suitable and not screening.faults()


@pytest.mark.parametrize("check", CASES)
def test_a_file_that_keeps_a_check_passes_it(check: str, tmp_path: Path) -> None:
    assert outcomes(screened(CASES[check][1], tmp_path), check) == {Outcome.PASS}


@pytest.mark.parametrize("check", CASES)
def test_a_file_that_breaks_a_check_does_not(check: str, tmp_path: Path) -> None:
    wanted, keep, spoil = CASES[check]
    assert keep is not spoil
    screening = screened(spoil, tmp_path)
    (broken,) = (r for r in screening.results if r.check == check and r.outcome is not Outcome.PASS)
    assert broken.outcome is wanted
    assert "\n" not in broken.message and ": " in broken.message
    assert broken in (screening.faults() if wanted is F else screening.warnings())
    assert screening.passed == (wanted is W)
    if broken.stage == "Check API":
        assert not screening.api_suitable


@pytest.mark.parametrize("check", [check for check, (wanted, _, _) in CASES.items() if wanted is F])
def test_stages_after_one_that_fails_are_skipped_and_those_before_are_not(check: str, tmp_path: Path) -> None:
    screening = screened(CASES[check][2], tmp_path)
    order = [READING[0], *STAGES]
    (failed,) = {result.stage for result in screening.faults()}
    assert [(result.stage, result.check) for result in screening.results] == ALL_CHECKS
    for result in screening.results:
        assert (result.outcome is Outcome.SKIPPED) == (order.index(result.stage) > order.index(failed))


def test_every_check_has_its_two_files() -> None:
    assert {check for _, check in ALL_CHECKS} == set(CASES)


@pytest.mark.skipif(not STANDARD.exists(), reason="the standard's description is not beside the checkout")
def test_the_stages_and_checks_are_those_of_the_platform() -> None:
    table = STANDARD.read_text(encoding="utf-8").split("## 7.")[1]
    wanted: dict[str, dict[str, str]] = {}
    stage = ""
    for line in table.splitlines():
        cells = [part.strip() for part in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "stage" and len(cells) == 4:
            stage = cells[0] or stage
            for check in re.findall(r"[a-z]+_[a-z_]+", cells[1]):
                wanted.setdefault(stage, {})[check] = cells[2]
    ours = {READING[0]: [READING[1]]} | {stage: [c.name for c in checks] for stage, checks in STAGES.items()}
    *platform, _own = ours
    assert platform == list(wanted)
    assert {stage: set(ours[stage]) for stage in platform} == {stage: set(names) for stage, names in wanted.items()}
    assert sum(len(ours[stage]) for stage in platform) == 84  # reading the files, and the 83 that the platform shows
    for names in wanted.values():
        for check, result in names.items():
            assert result.startswith("F" if CASES[check][0] is F else "W"), check


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"time_period,sex\n", "nothing below"),
        (b"time_period,sex\n2024\n", "row 2, has 1 cells"),
        (b"time_period,sex\n2024,Male,1\n", "row 2, has 3 cells"),
        (b"time_period,sex\n2024,Male\n\n", "row 3, has 0 cells"),
        (b'time_period,sex\n2024,"Male\n', "is not CSV"),
        (b'time_period,sex\n2024,"Male"s\n', "is not CSV"),
        (b"time_period,sex\n2024,Ma\0le\n", "is not CSV"),
        ("time_period,sex\n2024,Åland\n".encode("latin-1"), "is not UTF-8 at byte 22"),
        ("time_period,sex\n2024,Male\n".encode("utf-16"), "is not UTF-8"),
        (b"time_period,sex,sex\n2024,Male,Male\n", "has the column 'sex' 2 times"),
    ],
)
@pytest.mark.parametrize("spoilt", ["children.csv", "children.meta.csv"])
def test_what_cannot_be_read_fails_with_its_place(content: bytes, said: str, spoilt: str, tmp_path: Path) -> None:
    paths = good().write(tmp_path)
    (tmp_path / spoilt).write_bytes(content)
    (fault,) = screen(*paths).faults()
    assert fault.check == "file_read"
    assert fault.message.startswith(spoilt) and said in fault.message


def test_what_is_not_there_or_not_a_file_fails(tmp_path: Path) -> None:
    (fault,) = screen(tmp_path / "children.csv", tmp_path).faults()
    assert "children.csv cannot be read (No such file or directory)" in fault.message
    assert f"{tmp_path.name} does not end in .csv" in fault.message
    (tmp_path / "folder.csv").mkdir()
    assert "cannot be read" in screen(tmp_path / "folder.csv", tmp_path / "folder.csv").faults()[0].message


def test_a_byte_order_mark_and_line_breaks_of_other_systems_are_read(tmp_path: Path) -> None:
    data, metadata = good().write(tmp_path)
    for path in (data, metadata):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert screen(data, metadata).passed


@pytest.mark.parametrize("check", [check for check, level in COMBOS.items() if level in OTHER_PLACES])
def test_places_of_a_level_without_a_lookup_do_not_pass_unchecked(check: str, tmp_path: Path) -> None:
    _, known_elsewhere, _ = CASES[check]
    (fault,) = screened(known_elsewhere, tmp_path, known()).faults()
    assert fault.check == check
    assert f"publishes no {COMBOS[check]} and has no lookup" in fault.message


@pytest.mark.parametrize("code", ["E08000016", "E08000038"])
def test_barnsley_has_two_codes(code: str, tmp_path: Path) -> None:
    barnsley = {
        "region_code": "E12000003", "region_name": "Yorkshire and The Humber", "old_la_code": "370",
        "new_la_code": code, "la_name": "Barnsley",
    }  # fmt: skip
    assert screened(at(LOCAL_AUTHORITY, barnsley), tmp_path, known()).passed


def test_the_lookups_have_as_many_places_as_the_platforms() -> None:
    assert {level: len(places) for level, places in known().places.items()} == {
        NATIONAL: 8,
        REGIONAL: 11,
        LOCAL_AUTHORITY: 176,
    }


@pytest.mark.parametrize(
    "value", ["abc", "1,234", "12.5%", "", " 12", "12.50", "12.55", "007", ".5", "1e3", "low", "X", "=1+1", "−1"]
)
def test_a_value_that_the_platform_lets_through_fails_our_own_stage(value: str, tmp_path: Path) -> None:
    (fault,) = [f for f in screened(cell("rereferral_percent", value), tmp_path).faults() if f.check != "val_formula"]
    assert (fault.stage, fault.check) == ("Check values", "val_ind_number")
    assert f"rereferral_percent has {value!r} in row 2" in fault.message
    assert "at most 1 decimal places" in fault.message


@pytest.mark.parametrize("value", ["0", "7", "-0.5", "12.5", "621880", "c", "k", "u", "x", "z"])
def test_a_number_or_symbol_as_published_passes_our_own_stage(value: str, tmp_path: Path) -> None:
    assert screened(cell("rereferral_percent", value), tmp_path).passed


def test_decimal_places_that_are_not_said_are_two_as_the_platform_shows_them(tmp_path: Path) -> None:
    unsaid = of("rereferral_percent", indicator_dp="")
    assert screened(both(unsaid, cell("rereferral_percent", "12.55")), tmp_path).passed
    assert not screened(both(unsaid, cell("rereferral_percent", "12.555")), tmp_path).passed


@pytest.mark.parametrize(
    "sly",
    [
        of("sex", label="=HYPERLINK(1)"),
        of("sex", filter_hint="+1"),
        everywhere("category", "@sum(1)"),
        everywhere("category", "-1+1"),
        everywhere("category", "\t=1"),
        everywhere("=1", "One"),
    ],
)
def test_nothing_begins_like_a_formula(sly: Change, tmp_path: Path) -> None:
    assert "val_formula" in {fault.check for fault in screened(sly, tmp_path).faults()}


def test_old_symbols_warn_and_words_for_nothing_fail(tmp_path: Path) -> None:
    assert outcomes(screened(everywhere("category", "N/A"), tmp_path), "general_null") == {W}
    assert outcomes(screened(everywhere("category", "NULL"), tmp_path), "general_null") == {F}


def test_a_name_that_was_published_with_a_characteristic_in_it_warns(tmp_path: Path) -> None:
    assert outcomes(screened(called("referral_count", "Female_Genital_Mutilation"), tmp_path), "col_ind_smushed") == {W}
    assert outcomes(screened(called("referral_count", "Female_count"), tmp_path), "col_ind_smushed") == {F}


def test_rows_that_tables_leave_out_alone_fail(tmp_path: Path) -> None:
    institution = {"institution_id": "1", "institution_name": "An institution"}
    alone = both(at("Institution", institution, institution | {"sex": "Male"}), only("Institution"))
    assert outcomes(screened(alone, tmp_path), "geog_ignored_rows") == {F}


def test_many_faults_are_told_in_one_line_with_how_many_more_there_are(tmp_path: Path) -> None:
    def spoil(pair: Pair) -> None:
        for number, row in enumerate(pair.rows):
            row["referral_count"] = f"n{number}"

    (fault,) = screened(spoil, tmp_path).faults()
    assert fault.message.endswith("; and 13 more")
    assert "referral_count has 'n4' in row 6" in fault.message and "n5" not in fault.message


@given(st.permutations(COLUMNS), st.permutations(METADATA), st.booleans())
def test_the_order_of_columns_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, columns: list[str], metadata: list[str], spoilt: bool
) -> None:
    pair = good()
    if spoilt:
        both(cell("referral_count", "1,230"), of("sex", label="=1"))(pair)
    folder = tmp_path_factory.mktemp("order")
    before = screen(*pair.write(folder))
    pair.rows = [{name: row[name] for name in columns} for row in pair.rows]
    pair.metadata = [{name: row[name] for name in metadata} for row in pair.metadata]
    assert screen(*pair.write(folder)) == before


WORDS = st.text(max_size=3) | st.sampled_from(
    ["", " ", "x", "z", "Total", "Filter", "Indicator", "Ward", "MAT", "School", "Academic year", "202324", "1", "-1",
     "1.50", "²", "=1", "sex", "sex_topic", "geographic_level", "ward_code", "ethnicity_major", "characteristic_group",
     "NA", "~"]
)  # fmt: skip


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.integers(0, 12), WORDS), max_size=6))
def test_whatever_the_files_say_screening_ends_with_every_check_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[bool, int, int, str]]
) -> None:
    pair = good()
    tables = [[list(rows[0]), *map(list, map(dict.values, rows))] for rows in (pair.rows, pair.metadata)]
    for in_metadata, row, column, word in changes:
        table = tables[in_metadata]
        cells = table[row % len(table)]
        cells[column % len(cells)] = word
    folder = tmp_path_factory.mktemp("any")
    paths = folder / "children.csv", folder / "children.meta.csv"
    for path, table in zip(paths, tables, strict=True):
        with open(path, "w", newline="", encoding="utf-8", errors="replace") as file:
            csv.writer(file).writerows(table)
    screening = screen(*paths)
    assert [(result.stage, result.check) for result in screening.results] == ALL_CHECKS
    assert all(result.message for result in screening.results)


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published files are not beside the checkout")
def test_c1_as_published_passes_and_is_suitable_for_the_api(tmp_path: Path) -> None:
    name = "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv"
    data = tmp_path / name
    data.write_bytes((PUBLISHED / "dfe_cin_2025" / name).read_bytes())
    metadata_path(data).write_bytes(_csv(metadata_rows(CIN_C1)))
    screening = screen(data, metadata_path(data))
    assert {result.outcome for result in screening.results} == {Outcome.PASS}
    assert screening.api_suitable


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published files are not beside the checkout")
def test_e1_as_published_passes_with_a_warning_and_is_not_suitable_for_the_api(tmp_path: Path) -> None:
    data = tmp_path / "e1_level_of_intervention.csv"
    data.write_bytes((PUBLISHED / "dfe_rereferrals_previews" / "e1_level_of_intervention__first_rows.csv").read_bytes())
    # The first rows have one type of referral alone, which is then no filter.
    rows = [row for row in metadata_rows(E1) if row["col_name"] != "referral_type"]
    rows[0]["filter_default"] = "1. No futher action"
    metadata_path(data).write_bytes(_csv(rows))
    screening = screen(data, metadata_path(data))
    assert screening.passed and not screening.api_suitable
    assert [warning.check for warning in screening.warnings()] == ["data_dict_col_name"]


def test_the_command_prints_the_faults_and_the_verdict(tmp_path: Path) -> None:
    pair = good()
    data, _ = pair.write(tmp_path)
    shown = CliRunner().invoke(app, ["screen", str(data)])
    assert shown.exit_code == 0
    assert shown.output == f"{data}: passes, and is suitable for the platform's API\n"
    both(cell("referral_count", "1,230"), called("sex", "gender"))(pair)
    pair.write(tmp_path)
    shown = CliRunner().invoke(app, ["screen", str(data)])
    assert shown.exit_code == 1
    first, second, verdict = shown.output.splitlines()
    assert first.startswith("FAIL Check values, val_ind_number: referral_count has '1,230' in row 2")
    assert second.startswith("WARNING Check API, data_dict_col_name: the filter 'gender'")
    assert verdict.startswith(f"{data}: fails")
