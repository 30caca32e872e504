"""Published files become reference tables: those that are stored, if nothing is wrong; each wrong row is told."""

from __future__ import annotations

import csv
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

import made_up_open_data as made
from rereferrals.errors import BadInput
from rereferrals.open_data import readers, sources, tables
from rereferrals.open_data.readers import Correction, Scores
from rereferrals.open_data.tabular import Row, rows
from rereferrals.release import REFERENCE

DISTRICT, SCORE = "Local Authority District code (2024)", "{} - Average score"


def published(materials: Path, folder: Path) -> Callable[[str], Path]:
    """The published files by source. Those of districts are at hand in other forms than that which is fetched."""
    data = materials / "data" / "published"
    by_district = rows(data / "mhclg_iod" / "imd2025_england_ltla24.csv")
    children = rows(
        data / "mhclg_iod" / "indices_of_deprivation_2025_lad.csv", "index_domain=Income Deprivation Affecting Children"
    )
    districts = made.workbook(
        folder / "iod_2025_districts.xlsx",
        {
            "IMD": [[DISTRICT, SCORE.format("IMD")]]
            + [[row["ltla24_code"], row["imd_average_score"]] for row in by_district],
            "IDACI": [[DISTRICT, SCORE.format("IDACI")]]
            + [[row["area_code"], row["average_score"]] for row in children],
            "Income": [[DISTRICT, SCORE.format("Income"), "Income scale"]]
            + [[row["ltla24_code"], row["income_average_score"], row["income_scale"]] for row in by_district],
        },
    )
    estimates = "ons_mid-year_population_estimates_2012_to"
    return {
        "cin_c1": data / "dfe_cin_2025" / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv",
        "populations_2024": data / "dfe_cin_2024" / f"{estimates}_2023.csv",
        "populations_2025": data / "dfe_cin_2025" / f"{estimates}_2024.csv",
        "iod_2019_upper_tier": next((data / "mhclg_iod").glob("File_11*.xlsx")),
        "iod_2025_districts": districts,
        "district_lookup": data / "ons" / "LTLA-UTLA_Apr23_Lookup_England-Wales.csv",
        "ofsted_inspections": data / "ofsted" / "derived_ofsted_inspections_2013_2026.csv",
    }.__getitem__


PARTS = tables.parts(REFERENCE, sources.read(REFERENCE))


@pytest.mark.parametrize("part", PARTS, ids=lambda part: " ".join([part.table, *part.where.values()]))
def test_the_tables_are_what_the_published_files_make(part: tables.Part, materials: Path, tmp_path: Path) -> None:
    stored = tables.stored(REFERENCE / part.table) if part.table else []
    assert part.make(published(materials, tmp_path)) == [row for row in stored if part.holds(row)]


@pytest.mark.parametrize("table", tables.KEYS)
def test_every_row_of_a_table_is_of_a_part_and_in_order(table: str) -> None:
    stored = tables.stored(REFERENCE / table)
    assert all(sum(part.table == table and part.holds(row) for part in PARTS) == 1 for row in stored)
    assert stored == sorted(stored, key=lambda row: [row[column] for column in tables.KEYS[table]])


def test_the_mistyped_code_of_slough_stops_without_its_correction(materials: Path, tmp_path: Path) -> None:
    found = rows(published(materials, tmp_path)("iod_2019_upper_tier"), "IMD")
    read = readers.column(found, "Upper Tier Local Authority District code (2019)", SCORE.format("IMD"))
    with pytest.raises(BadInput, match=r"sheet IMD, row \d+: E0600003 .* open_corrections\.csv"):
        readers.deprivation([read], 2020, {}, {})


def test_a_correction_is_of_its_file_alone() -> None:
    found = [Row("f.csv, line 2", {"code": "E0600003"})]
    right = Correction("f", "E0600003", "E06000039", "")
    assert readers.corrected(found, "f", "code", [right])[0]["code"] == "E06000039"
    assert readers.corrected(found, "g", "code", [right])[0]["code"] == "E0600003"


YEAR = 2023


def estimates(tmp_path: Path, change: Callable[[list[list[str]]], None] = lambda rows: None) -> list[Row]:
    content = made.populations(YEAR)
    change(content)
    path = tmp_path / "populations.csv"
    path.write_bytes(made.csv_bytes(content))
    return rows(path)


def test_children_are_those_of_every_area(tmp_path: Path) -> None:
    table = {row["area_code"]: row["population"] for row in readers.populations(estimates(tmp_path), YEAR + 1)}
    assert table["942"] == "1000"
    assert table["E92000001"] == str(1000 * len(made.existing(YEAR + 1)))


def set_cell(position: int, column: str, value: str) -> Callable[[list[list[str]]], None]:
    def change(content: list[list[str]]) -> None:
        content[position][made.POPULATION_COLUMNS.index(column)] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content.pop(), r"populations\.csv: 2023 has no row of \d{3}; fetch"),
        (lambda content: content.append(content[-1]), r"line \d+: \d{3} is there twice for 2023, first at"),
        (set_cell(-1, "new_la_code", "E0600003"), r"line \d+: \d{3} E0600003 is no authority .*; correct its codes"),
        (set_cell(-1, "old_la_code", "909"), r"line \d+: 909 \w+ is no authority of the year ending March 2024"),
        (set_cell(-1, "population_estimate", "999"), r"line \d+: E1\d+ is \d+, and its parts add up to \d+"),
        (set_cell(1, "population_estimate", "1"), r"line 2: E92000001 is 1, and its parts add up to \d+"),
        (set_cell(2, "population_estimate", "1"), r"line 3: E12000007 is 1, and its parts add up to \d+"),
        (set_cell(-1, "population_estimate", "about 1,000"), r"population_estimate is 'about 1,000'"),
        (set_cell(-1, "age_group", "All ages"), "age_group is 'All ages'"),
        (set_cell(-1, "geographic_level", "Ward"), "geographic_level is 'Ward'"),
        (set_cell(3, "region_code", "E99"), "'E99' is no region"),
        (lambda content: content[-1].pop(), r"line \d+: it has 11 cells and not 12"),
        (set_cell(0, "population_estimate", "children"), "there is no column 'population_estimate'"),
    ],
)  # fmt: skip
def test_a_wrong_row_of_estimates_is_told(
    tmp_path: Path, change: Callable[[list[list[str]]], None], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        readers.populations(estimates(tmp_path, change), YEAR + 1)


def test_an_authority_without_an_estimate_is_absent_and_its_region_is_not_added_up(tmp_path: Path) -> None:
    found = estimates(tmp_path, set_cell(-1, "population_estimate", "x"))
    assert len(readers.populations(found, YEAR + 1)) == len(found) - 1


def scores(**values: str) -> Scores:
    found = [
        Row(f"scores.csv, line {n}", {"code": code, "score": score})
        for n, (code, score) in enumerate(values.items(), 2)
    ]
    return readers.column(found, "code", "score", "File", "published")


def of_all(reporting_year: int, **others: str) -> dict[str, str]:
    return {authority.new_la_code: "10.5" for authority in made.existing(reporting_year)} | others


def test_a_county_has_the_average_of_its_districts_by_their_people() -> None:
    values = of_all(2025, D1="10", D2="20.00005")
    del values["E10000003"]
    found = readers.deprivation(
        [scores(**values)], 2025, {"D1": "E10000003", "D2": "E10000003"},
        dict.fromkeys(values, Fraction(1)) | {"D1": Fraction(3)},
    )  # fmt: skip
    assert found["873"] == ("12.5000", "re-aggregated from districts", "File")
    assert found["909"] == ("10.5000", "re-aggregated from successors", "File")
    assert found["815"] == ("10.5", "published", "File")
    assert "835" not in found


def test_an_authority_younger_than_the_index_has_another_score_or_the_old_countys() -> None:
    other = Scores({"E06000063": "23.45678"}, {}, "Elsewhere", "re-aggregated from small areas")
    found = readers.deprivation([scores(**of_all(2020)), other], 2020, {}, {})
    assert found["942"] == ("23.4568", "re-aggregated from small areas", "Elsewhere")
    assert found["943"] == ("10.5", "the old county's", "File")
    assert found["815"] == ("10.5", "recoded: same area, new code", "File")


def test_a_missing_authority_or_district_is_told() -> None:
    values = of_all(2025)
    del values["E06000001"]
    with pytest.raises(BadInput, match=r"scores\.csv: there is no row of E06000001 \(Hartlepool\)"):
        readers.deprivation([scores(**values)], 2025, {}, {})
    with pytest.raises(BadInput, match=r"scores\.csv: there is no row of D2 \(Hartlepool\)"):
        readers.deprivation([scores(**values, D1="1")], 2025, {"D1": "E06000001", "D2": "E06000001"}, {})


def test_a_doubled_code_or_a_score_that_is_no_number_is_told() -> None:
    twice = [Row(f"scores.csv, line {n}", {"code": "E06000001", "score": "1"}) for n in (2, 3)]
    with pytest.raises(BadInput, match=r"line 3: E06000001 is there twice, first at scores\.csv, line 2"):
        readers.column(twice, "code", "score")
    with pytest.raises(BadInput, match="line 2: score is '-'"):
        scores(E06000001="-")


JUDGED = {
    "old_la_code": "942", "framework": "ILACS Short Inspection", "inspection_start": "2024-01-08",
    "publication_date": "2024-02-12", "overall_effectiveness": "Requires improvement to be good",
    "source": "Data to Insight overview 2026-06-29", "inspector": "A Name",
}  # fmt: skip


def test_a_judgement_has_the_label_of_the_code_set_and_no_inspector() -> None:
    assert readers.judgements([Row("j.csv, line 2", JUDGED)]) == [
        {
            "old_la_code": "942", "framework": "ILACS Short Inspection", "inspection_start": "2024-01-08",
            "publication_date": "2024-02-12", "judgement": "Requires Improvement",
            "source": "Data to Insight, overview of inspection reports as at 29 June 2026",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"old_la_code": "1"}, "1 is no authority"),
        ({"publication_date": "12/02/2024"}, "publication_date is '12/02/2024'"),
        ({"publication_date": "2024-03-01", "overall_effectiveness": "Fair"}, "overall_effectiveness is 'Fair'"),
        ({"publication_date": "2024-03-01", "source": "hearsay"}, "source is 'hearsay'"),
        ({}, "a judgement of the same authority"),
    ],
)
def test_a_wrong_row_of_judgements_is_told(change: dict[str, str], message: str) -> None:
    with pytest.raises(BadInput, match=f"line 3: .*{message}"):
        readers.judgements([Row("j.csv, line 2", JUDGED), Row("j.csv, line 3", JUDGED | change)])


def test_a_workbook_without_the_sheet_or_what_is_no_workbook_is_told(tmp_path: Path) -> None:
    book = made.workbook(tmp_path / "book.xlsx", {"IMD": [["code", "score"], ["E1", "35.036999999999999"]]})
    assert [row.cells for row in rows(book, "IMD")] == [{"code": "E1", "score": "35.037"}]
    with pytest.raises(BadInput, match="not a workbook with a sheet 'IDACI'"):
        rows(book, "IDACI")
    book.write_bytes(b"<html>")
    with pytest.raises(BadInput, match="not a workbook"):
        rows(book, "IMD")


def test_a_file_that_is_no_table_is_told(tmp_path: Path) -> None:
    path = tmp_path / "page.csv"
    for content, message in (
        (b"<!doctype html>\n<p>Sorry, not found", "does not begin with the names of columns"),
        (b"a,a\n1,2\n", "two columns called 'a'"),
        (b"a,b\n", "there are no rows"),
        (b"a,b\n\xff,1\n", "not text in UTF-8"),
    ):
        path.write_bytes(content)
        with pytest.raises(BadInput, match=message):
            rows(path)


def test_the_lock_is_stored_as_it_is_read() -> None:
    assert sources.written(sources.read(REFERENCE)) == (REFERENCE / sources.LOCK).read_bytes()


@pytest.mark.parametrize(
    ("column", "value"), [("name", "../up"), ("address", "file:///etc"), ("sha256", "abc"), ("fetched", "today")]
)
def test_a_wrong_row_of_the_lock_is_told(tmp_path: Path, column: str, value: str) -> None:
    row = dict.fromkeys(sources.COLUMNS, "") | {"name": "a", column: value}
    with open(tmp_path / sources.LOCK, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([sources.COLUMNS, list(row.values())])
    with pytest.raises(BadInput, match=f"line 2: {column} is '{value}'"):
        sources.read(tmp_path)
