"""What comes beside the returns, through ingest: with them, alone, later; refused, repeated, replaced, lost nothing."""

from __future__ import annotations

import csv
import random
import re
from pathlib import Path

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from rereferrals.census import inputs, merge
from rereferrals.census.ingest import ingest
from rereferrals.cli import app
from rereferrals.errors import BadInput, ReleaseError
from rereferrals.restricted import CensusStore
from returns_in_xml import child, contents, message, referral, stored, without_linkage, write

RETURN = message(child("A", referral()), child("B", referral()))
EPISODES = """lea,collection_year,la_child_id,episode_number,upn,decom,dec
201,2024,A,1,A123456789012,2023-05-01,2023-06-01
201,2024,A,2,A123456789012,2023-07-01,
201,2023,B,1,,2022-05-01,2022-06-01
202,2024,B,1,,2023-05-01,
"""
PUPILS = """collection_year,upn,pupil_number,fsm_eligible,sen_provision
2024,B123456789012,1,0,K
2024,A123456789012,1,1,N
2023,A123456789012,1,true,E
"""


@pytest.fixture(autouse=True)
def _no_linkage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "command" not in request.node.name:
        without_linkage(monkeypatch)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A return, and both inputs."""
    write(tmp_path / "given" / "201.xml", RETURN)
    write(tmp_path / "given" / "beside" / "looked_after.csv", EPISODES)
    write(tmp_path / "given" / "beside" / "pupils.csv", PUPILS)
    return tmp_path / "given"


def test_inputs_are_stored_by_year_typed_and_in_order(given: Path, tmp_path: Path) -> None:
    ingest([given], tmp_path / "store")
    store = CensusStore.open(tmp_path / "store")
    assert store.years == (2024,)
    assert store.input_years("looked_after") == store.input_years("pupils") == (2023, 2024)
    rows = stored(store.path, "looked_after")
    assert [(r["lea"], r["la_child_id"], r["episode_number"], str(r["decom"]), str(r["dec"])) for r in rows] == [
        ("201", "A", 1, "2023-05-01", "2023-06-01"),
        ("201", "A", 2, "2023-07-01", "None"),
        ("202", "B", 1, "2023-05-01", "None"),
    ]
    assert [tuple(row.values()) for row in stored(store.path, "pupils")] == [
        (2024, "A123456789012", 1, True, "N"),
        (2024, "B123456789012", 1, False, "K"),
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("name", ["looked_after", "pupils"])
def test_the_order_of_rows_and_the_kind_of_file_change_nothing(
    name: str, kind: str, given: Path, tmp_path: Path
) -> None:
    ingest([given], tmp_path / "one")
    path = given / "beside" / f"{name}.csv"
    heading, *rows = path.read_text().splitlines()
    random.Random(1).shuffle(rows)
    write(path, "\n".join([heading, *rows]) + "\n")
    if kind == "parquet":
        pq.write_table(pa_csv.read_csv(path), path.with_suffix(".parquet"))
        path.unlink()
    ingest([given], tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_inputs_may_come_later_and_one_by_one(given: Path, tmp_path: Path) -> None:
    ingest([given], tmp_path / "at_once")
    for path in (given / "201.xml", given / "beside" / "pupils.csv", given / "beside" / "looked_after.csv"):
        ingest([path], tmp_path / "store")
    assert contents(tmp_path / "store") == contents(tmp_path / "at_once")


def test_returns_that_come_later_leave_inputs_as_they_are(given: Path, tmp_path: Path) -> None:
    ingest([given], tmp_path / "store")
    kept = {path: path.stat().st_ino for path in (tmp_path / "store").resolve().glob("*/pupils.parquet")}
    ingest([write(tmp_path / "202.xml", message(child("B", referral()), lea="202"))], tmp_path / "store")
    after = (tmp_path / "store").resolve().glob("*/pupils.parquet")
    assert sorted(path.stat().st_ino for path in after) == sorted(kept.values())
    assert "looked_after" in (tmp_path / "store" / "read_report.csv").read_text()


def test_inputs_without_any_return_are_refused(given: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no return"):
        ingest([given / "beside"], tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_headings_may_be_those_of_the_ssda903_return_and_so_may_days(given: Path, tmp_path: Path) -> None:
    ingest([given], tmp_path / "one")
    text = EPISODES.replace("la_child_id", "CHILD").replace("upn", "UPN").replace("decom", "DECOM")
    text = text.replace(",dec\n", ",DEC\n").replace("lea,", "LEA,")
    text = re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\3/\2/\1", text)
    write(given / "beside" / "looked_after.csv", text)
    pupils = "Collection_Year,UPN,pupil_number,FSMeligible,SENprovision"
    write(given / "beside" / "pupils.csv", PUPILS.replace(PUPILS.splitlines()[0], pupils))
    ingest([given], tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_numbers_may_be_left_out_and_then_follow_from_the_content(given: Path, tmp_path: Path) -> None:
    ingest([given], tmp_path / "one")
    rows = [line.split(",") for line in EPISODES.splitlines()]
    write(given / "beside" / "looked_after.csv", "".join(",".join(r[:3] + r[4:]) + "\n" for r in rows))
    heading, *others = PUPILS.splitlines()
    write(given / "beside" / "pupils.csv", "".join(re.sub(",1,|,pupil_number,", ",", r, count=1) + "\n" for r in [heading, *others]))  # fmt: skip # noqa: E501
    ingest([given], tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_two_records_of_a_pupil_are_kept_apart(given: Path, tmp_path: Path) -> None:
    text = "collection_year,upn,fsm_eligible,sen_provision\n2024,A123456789012,1,N\n2024,A123456789012,0,N\n"
    write(given / "beside" / "pupils.csv", text)
    ingest([given], tmp_path / "store")
    rows = stored(tmp_path / "store", "pupils")
    assert [(row["pupil_number"], row["fsm_eligible"]) for row in rows] == [(1, False), (2, True)]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("looked_after", EPISODES.replace("A,2,", "A,1,"), "line 3: the row has the same key as another"),
        ("looked_after", EPISODES.replace("201,2023", "201,soon"), "line 4: there is no collection_year"),
        ("looked_after", EPISODES.replace("201,2023", "201,20233"), "line 4: there is no collection_year"),
        ("looked_after", EPISODES.replace("202,", ",", 1), "line 5: there is no lea"),
        ("looked_after", EPISODES.replace(",B,1,,2022", ", ,1,,2022"), "line 4: there is no la_child_id"),
        ("looked_after", EPISODES.replace("A,2,", "A,x,"), "line 3: there is no episode_number"),
        ("looked_after", EPISODES.replace("202,", "999,"), "line 5: the LEA is not the code of an authority"),
        ("looked_after", EPISODES.replace("la_child_id", "name"), "line 1: there is no column la_child_id"),
        ("looked_after", EPISODES.replace("episode_number", "CHILD"), "line 1: two columns have the same name"),
        ("looked_after", EPISODES.splitlines()[0] + "\n", "no rows"),
        ("pupils", PUPILS.replace("2024,B123456789012", "2024,"), "line 2: there is no upn"),
        ("pupils", PUPILS.replace("B1", "A1"), "line 3: the row has the same key as another"),
        ("pupils", PUPILS.replace("2023", "2023,1"), "line 4: the file cannot be read as a table"),
        ("pupils", PUPILS.encode("utf-16"), "UTF-16"),
    ],
)
def test_an_input_is_refused_with_its_line(
    name: str, text: str | bytes, words: str, given: Path, tmp_path: Path
) -> None:
    path = write(given / "beside" / f"{name}.csv", text)
    with pytest.raises(BadInput) as refused:
        ingest([given], tmp_path / "store")
    assert words in str(refused.value)
    assert str(path) in str(refused.value)
    assert not {"A123456789012", "B123456789012"} & set(re.findall(r"\w+", str(refused.value)))
    assert not (tmp_path / "store").exists()


def test_faults_of_inputs_and_of_returns_are_told_together(given: Path, tmp_path: Path) -> None:
    write(given / "beside" / "pupils.csv", "upn\nx\n")
    write(given / "202.xml", "<Message>")
    with pytest.raises(BadInput, match=r"202\.xml(.|\n)*pupils\.csv"):
        ingest([given], tmp_path / "store")


def report_of(store: Path) -> dict[tuple[str, ...], int]:
    with open(store / "read_report.csv", newline="", encoding="utf-8") as file:
        return {tuple(line[:5]): int(line[5]) for line in list(csv.reader(file))[1:]}


def test_what_cannot_be_read_is_counted_and_so_are_rows_and_odd_codes(given: Path, tmp_path: Path) -> None:
    episodes = EPISODES.replace("2023-06-01", "2023-02-30").replace("2022-05-01", "May")
    write(given / "beside" / "looked_after.csv", episodes)
    write(given / "beside" / "pupils.csv", PUPILS.replace("0,K", "maybe,S"))
    ingest([given], tmp_path / "store")
    found = report_of(tmp_path / "store")
    assert {key: n for key, n in found.items() if key[2] in ("looked_after", "pupils")} == {
        ("2023", "201", "looked_after", "", "rows in the file"): 1,
        ("2023", "201", "looked_after", "", "rows stored"): 1,
        ("2023", "201", "looked_after", "decom", "unreadable value"): 1,
        ("2024", "201", "looked_after", "", "rows in the file"): 2,
        ("2024", "201", "looked_after", "", "rows stored"): 2,
        ("2024", "201", "looked_after", "dec", "unreadable value"): 1,
        ("2024", "202", "looked_after", "", "rows in the file"): 1,
        ("2024", "202", "looked_after", "", "rows stored"): 1,
        ("2023", "", "pupils", "", "rows in the file"): 1,
        ("2023", "", "pupils", "", "rows stored"): 1,
        ("2024", "", "pupils", "", "rows in the file"): 2,
        ("2024", "", "pupils", "", "rows stored"): 2,
        ("2024", "", "pupils", "fsm_eligible", "unreadable value"): 1,
        ("2024", "", "pupils", "sen_provision", "code outside its years"): 1,
    }


def test_an_input_that_is_stored_already_changes_nothing(given: Path, tmp_path: Path) -> None:
    ingest([given], tmp_path / "store")
    before = contents(tmp_path / "store")
    reports = ingest([given], tmp_path / "store")
    assert {report.status for report in reports} == {"unchanged"}
    assert contents(tmp_path / "store") == before


def test_an_input_given_twice_is_read_once(given: Path, tmp_path: Path) -> None:
    ingest([given], tmp_path / "one")
    write(given / "again" / "pupils.csv", PUPILS)
    reports = ingest([given], tmp_path / "two")
    assert sorted(r.status for r in reports if r.input == "pupils") == ["duplicate", "duplicate", "new", "new"]
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_two_different_inputs_of_one_year_stop_with_both_names(given: Path, tmp_path: Path) -> None:
    write(given / "again" / "pupils.csv", PUPILS.replace("0,K", "1,K"))
    with pytest.raises(BadInput, match=r"again/pupils\.csv and .*beside/pupils\.csv are .* pupils for 2024: give one"):
        ingest([given], tmp_path / "store")


def test_another_input_than_the_stored_one_stops_unless_it_is_to_replace_it(given: Path, tmp_path: Path) -> None:
    ingest([given], tmp_path / "store")
    before = contents(tmp_path / "store")
    new = write(tmp_path / "new" / "looked_after.csv", EPISODES.replace("2023-06-01", "2023-06-02"))
    with pytest.raises(BadInput, match=r"new/looked_after\.csv .* of authority 201 for 2024: give --replace"):
        ingest([new], tmp_path / "store")
    assert contents(tmp_path / "store") == before
    reports = ingest([new], tmp_path / "store", replace=True)
    assert [(r.collection_year, r.lea, r.status) for r in reports] == [
        (2023, "201", "unchanged"),
        (2024, "201", "replaced"),
        (2024, "202", "unchanged"),
    ]
    write(given / "beside" / "looked_after.csv", new.read_text())
    ingest([given], tmp_path / "fresh")
    assert contents(tmp_path / "store") == contents(tmp_path / "fresh")


def test_an_authority_is_replaced_without_the_others_of_its_year(given: Path, tmp_path: Path) -> None:
    ingest([given], tmp_path / "store")
    only = "".join(line + "\n" for line in EPISODES.splitlines() if line[:3] in ("lea", "202"))
    new = write(tmp_path / "new" / "looked_after.csv", only.replace("2023-05-01", "2023-05-02"))
    ingest([new], tmp_path / "store", replace=True)
    assert [(r["lea"], r["decom"].day) for r in stored(tmp_path / "store", "looked_after")] == [
        ("201", 1), ("201", 1), ("202", 2),
    ]  # fmt: skip


def test_a_row_that_gets_lost_stops_the_ingest(given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def losing(*arguments: object) -> None:
        write_sorted(*arguments)
        target = arguments[-1]
        if Path(str(target)).stem == "pupils":
            pq.write_table(pq.read_table(target).slice(1), target)

    write_sorted = merge.write_sorted
    monkeypatch.setattr(merge, "write_sorted", losing)
    with pytest.raises(ReleaseError, match="1 rows of pupils for 2023 were to be stored, but 0 are"):
        ingest([given], tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_a_store_writes_its_inputs_as_files_that_give_them_again(given: Path, tmp_path: Path) -> None:
    ingest([given], tmp_path / "one")
    inputs.write_beside(given / "beside", CensusStore.open(tmp_path / "one"))
    ingest([given], tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_the_inputs_of_a_store_can_be_read_where_they_are(given: Path, tmp_path: Path) -> None:
    ingest([given], tmp_path / "one")
    files = (tmp_path / "one").glob("*/*.parquet")
    ingest([given / "201.xml", *(f for f in files if f.stem in ("looked_after", "pupils"))], tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_the_command_reads_inputs_and_says_how_many(given: Path, tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["ingest", str(given), "--into", str(tmp_path / "store")])
    assert ran.exit_code == 0
    assert "1 returns and 5 tables beside them read" in ran.output
    write(given / "beside" / "pupils.csv", PUPILS.replace("0,K", "1,K"))
    ran = CliRunner().invoke(app, ["ingest", str(given / "beside"), "--into", str(tmp_path / "store")])
    assert isinstance(ran.exception, BadInput)
