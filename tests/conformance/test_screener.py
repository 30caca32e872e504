"""Every check of the screener has a file that passes it and one that does not."""

from __future__ import annotations

import csv
import re
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
from screened_files import (
    CASES,
    COLUMNS,
    LOOKUPS,
    METADATA,
    OTHER_PLACES,
    Change,
    F,
    Pair,
    W,
    at,
    both,
    called,
    cell,
    csv_bytes,
    everywhere,
    good,
    of,
    only,
    unchanged,
)

MATERIALS = Path(__file__).resolve().parents[3] / "shared"
STANDARD = MATERIALS / "spec" / "data_standard.md"
PUBLISHED = MATERIALS / "data" / "published"

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


@pytest.mark.parametrize(
    ("old_code", "new_code", "name", "passes"),
    [
        ("z", "z", "Outside of England", True),
        ("z", "z", "Elsewhere", False),
        ("z", "E09000012", "Unknown", False),
        ("x", "x", "Not available", True),
    ],
)
def test_a_group_of_places_in_no_lookup_has_its_own_code_and_names(
    old_code: str, new_code: str, name: str, passes: bool, tmp_path: Path
) -> None:
    group = {"region_code": "z", "region_name": "Unknown"}
    row = group | {"old_la_code": old_code, "new_la_code": new_code, "la_name": name}
    screening = screened(at(LOCAL_AUTHORITY, row), tmp_path)
    assert outcomes(screening, "geog_la_combos") == {Outcome.PASS if passes else F}
    assert outcomes(screening, "geog_region_combos") == {Outcome.PASS}


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


MANY_FAULTS = (
    unchanged,
    both(cell("referral_count", "1,230"), cell("rereferral_percent", "abc"), of("sex", label="=1", filter_hint="+1")),
    both(cell("la_name", "NULL", LOCAL_AUTHORITY), cell("sex", "na"), cell("country_name", "Total")),
    both(*(everywhere(column, "a", "b") for column in ("time_period", "time_identifier", "country_code"))),
)


@given(st.permutations(COLUMNS), st.permutations(METADATA), st.sampled_from(MANY_FAULTS))
def test_the_order_of_columns_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, columns: list[str], metadata: list[str], spoil: Change
) -> None:
    pair = good()
    spoil(pair)
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
    metadata_path(data).write_bytes(csv_bytes(metadata_rows(CIN_C1)))
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
    metadata_path(data).write_bytes(csv_bytes(rows))
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
