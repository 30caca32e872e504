"""What is known of areas beside their figures: that it can be found, and that a wrong row is told."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from rereferrals import areas
from rereferrals.errors import BadInput
from rereferrals.reference import authorities, code_set
from rereferrals.release import REFERENCE


def file_of(folder: Path, name: str, *rows: tuple[str, ...]) -> Path:
    with open(folder / name, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return folder


def test_a_rate_of_a_reporting_year_takes_the_children_of_the_year_before() -> None:
    """The worked example of M20."""
    assert areas.population("E92000001", 2024, 2025) == 12_059_476
    assert areas.population("E92000001", 2024, 2024) == 11_998_646
    assert areas.population("942", 2024, 2025) == areas.populations()[2025, 2023, "942"]


def test_an_area_without_an_estimate_has_no_population() -> None:
    assert areas.population("835", 2019, 2025) is None
    assert areas.population("E92000001", 2025, 2024) is None


def test_an_unknown_vintage_of_populations_names_those_that_there_are() -> None:
    with pytest.raises(BadInput, match="choose one of 2024, 2025"):
        areas.population("E92000001", 2024, 2023)


@pytest.mark.parametrize("index", ["imd", "idaci"])
@pytest.mark.parametrize("vintage", [2019, 2025])
def test_every_authority_since_2017_has_a_score_save_those_that_none_can_be_given_for(index: str, vintage: int) -> None:
    wanted = {a.old_la_code for a in authorities() if any(a.existed(year) for year in range(2017, 2026))}
    scores = areas.deprivation(index, vintage)
    assert wanted - set(scores) == {"835", "836", "837"}
    assert set(scores) <= wanted


def test_a_score_is_of_the_authority_and_of_its_successors() -> None:
    imd, idaci = areas.deprivation("imd", 2019), areas.deprivation("idaci", 2019)
    assert imd["871"] == Fraction("22.965")
    assert imd["909"] == Fraction("21.261")
    assert imd["943"] < imd["909"] < imd["942"]
    assert idaci["942"] == idaci["943"] == idaci["909"]


def test_an_unknown_index_or_vintage_names_those_that_there_are() -> None:
    with pytest.raises(BadInput, match="choose one of idaci, imd"):
        areas.deprivation("idaopi", 2019)
    with pytest.raises(BadInput, match="choose one of 2019, 2025"):
        areas.deprivation("imd", 2015)


def test_judgements_are_in_the_words_of_the_code_set_and_two_reports_have_none() -> None:
    judged = areas.judgements()
    assert len(judged) == 482
    assert {j.judgement for j in judged} == {None, *(code.label for code in code_set("ofsted_judgement"))}
    assert [(j.old_la_code, j.publication_date) for j in judged if j.judgement is None] == [
        ("304", date(2026, 6, 17)),
        ("933", date(2026, 6, 17)),
    ]
    assert list(judged) == sorted(judged, key=lambda j: (j.old_la_code, j.publication_date, j.framework))


def test_a_judgement_names_its_source_and_no_inspector() -> None:
    with open(REFERENCE / "ofsted_judgements.csv", newline="", encoding="utf-8") as file:
        assert tuple(next(csv.reader(file))) == areas.JUDGEMENTS
    kinds = Counter(judgement.source.split(",")[0] for judgement in areas.judgements())
    assert kinds == {"Inspection report": 167, "Ofsted": 271, "Data to Insight": 44}


GOOD_POPULATION = ("2025", "2023", "942", "52000")
GOOD_SCORE = ("imd", "2019", "942", "23.09", "published", "File")
GOOD_JUDGEMENT = ("942", "ILACS Short Inspection", "2024-01-08", "2024-02-12", "Good", "Inspection report")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("2025", "2023", "999", "52000"), "line 3: area_code is '999'"),
        (("2025", "2023", "943", "x"), "line 3: population is 'x'"),
        (("2025", "mid", "943", "52000"), "line 3: mid_year is 'mid'"),
        (GOOD_POPULATION, "line 3: there is a row of the same vintage, mid_year, area_code"),
        (("2025", "2023", "943"), "line 3: it does not have the cells"),
    ],
)
def test_a_wrong_row_of_populations_is_told(tmp_path: Path, row: tuple[str, ...], message: str) -> None:
    folder = file_of(tmp_path, "area_populations.csv", areas.POPULATIONS, GOOD_POPULATION, row)
    with pytest.raises(BadInput, match=message):
        areas.populations(folder)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("imd", "2019", "E06000039", "22.9", "published", "File"), "line 3: old_la_code is 'E06000039'"),
        (("imd", "2019", "943", "-1", "published", "File"), "line 3: score is '-1'"),
        (GOOD_SCORE, "line 3: there is a row of the same index, vintage, old_la_code"),
    ],
)
def test_a_wrong_row_of_deprivation_is_told(tmp_path: Path, row: tuple[str, ...], message: str) -> None:
    folder = file_of(tmp_path, "deprivation.csv", areas.DEPRIVATION, GOOD_SCORE, row)
    with pytest.raises(BadInput, match=message):
        areas.deprivation("imd", 2019, folder)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({0: "000"}, "line 3: old_la_code is '000'"),
        ({3: "12/02/2024"}, "line 3: publication_date is '12/02/2024'"),
        ({3: "2024-03-01", 4: "Requires improvement to be good"}, "line 3: judgement is 'Requires improvement to be"),
        ({}, "line 3: there is a row of the same old_la_code, framework, publication_date"),
    ],
)
def test_a_wrong_row_of_judgements_is_told(tmp_path: Path, changed: dict[int, str], message: str) -> None:
    row = tuple(changed.get(position, cell) for position, cell in enumerate(GOOD_JUDGEMENT))
    folder = file_of(tmp_path, "ofsted_judgements.csv", areas.JUDGEMENTS, GOOD_JUDGEMENT, row)
    with pytest.raises(BadInput, match=message):
        areas.judgements(folder)
