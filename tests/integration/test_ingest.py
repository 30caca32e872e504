"""Returns into a store: refused, extended, repeated, replaced, interrupted; from XML, zips and tables."""

from __future__ import annotations

import csv
import os
import random
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from rereferrals import engine
from rereferrals.census import ingest as ingest_module
from rereferrals.census import merge, parts, safety
from rereferrals.census.ingest import ingest
from rereferrals.census.schema import REFERRALS, TABLES, Table
from rereferrals.census.xml import stream
from rereferrals.errors import BadInput, ReleaseError
from rereferrals.restricted import CensusStore
from returns_in_xml import child, contents, message, referral, stored, values, without_linkage, write

GOOD = message(child("A", referral(), referral("2023-08-01")), child("B", referral()))
LONG = message(*(child(f"C{n:04}", referral()) for n in range(400)))


@pytest.fixture(autouse=True)
def _no_linkage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not re.search("who_is_who|processes", request.node.name):
        without_linkage(monkeypatch)


def refusal(path: Path, store: Path) -> str:
    with pytest.raises(BadInput) as error:
        ingest([path], store)
    assert not store.exists()
    return str(error.value)


def mutated(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


DOCTYPE = '<!DOCTYPE Message [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>\n'
EXTERNAL = '<!DOCTYPE Message [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n'
REFUSED: dict[str, tuple[str | bytes, int | None, str]] = {
    "a doctype": (DOCTYPE + GOOD, 1, "DOCTYPE"),
    "a doctype that reads a file": ("\n" + EXTERNAL + GOOD, 2, "DOCTYPE"),
    "a doctype far from the beginning": ("<!--" + "x\n" * 70_000 + "-->" + DOCTYPE + GOOD, 70_001, "DOCTYPE"),
    "no xml": ("lea,child\n201,A\n", 1, "not well-formed XML"),
    "an empty file": ("", None, "empty"),
    "nothing but blanks": (" \n\n ", None, "empty"),
    "nothing but a byte order mark": (b"\xef\xbb\xbf", None, "empty"),
    "a file cut off": (
        GOOD[:-40],
        8,
        "not well-formed|cut off",
    ),
    "a file cut off in the header": (GOOD[:60], 3, "not well-formed|cut off"),
    "a file cut off inside a tag": (GOOD[:-30], 8, "cut off|not well-formed"),
    "an end tag of another element": (mutated("</CINdetails>", "</Cindetails>"), 7, "not well-formed"),
    "two roots": (GOOD + GOOD, 11, "not well-formed"),
    "a bare ampersand": (mutated("1A", "1 & A"), 7, "not well-formed"),
    "an unknown entity": (mutated("1A", "&nbsp;"), 7, "not well-formed"),
    "an unknown entity in a value": (mutated("1A", "1&nbsp;A"), 7, "not well-formed"),
    "an attribute without quotes": (mutated("<CINdetails>", "<CINdetails a=1>"), 7, "not well-formed"),
    "an attribute twice": (mutated("<Child>", "<Child a='1' a='2'>"), 7, "not well-formed"),
    "a bad name": (mutated("<ReferralSource>1A</ReferralSource>", "<1A>x</1A>"), 7, "not well-formed"),
    "a NUL byte": (mutated("1A", "1\0A"), 7, "NUL byte"),
    "a control character": (mutated("1A", "1\x01A"), 7, "control character"),
    "utf-16": (GOOD.encode("utf-16"), 1, "UTF-16"),
    "utf-16 without a mark": (GOOD.encode("utf-16-le"), 1, "NUL byte"),
    "latin-1": (mutated("1A", "é").encode("latin-1"), 7, "not UTF-8"),
    "a character cut in two": (GOOD.encode() + "é".encode()[:1], 11, "in the middle of a character|not UTF-8"),
    "another encoding declared": ("<?xml version='1.0' encoding='ISO-8859-1'?>" + GOOD, 1, "another encoding"),
    "another root": (GOOD.replace("Message>", "Census>"), 1, "<Message>"),
    "no header": (message(child("A"), header=""), None, "no <Header>"),
    "an empty header": (message(child("A"), header="<Header/>"), None, "no <Header>"),
    "no authority": (mutated("<LEA>201</LEA>", "<LEA/>"), None, "no <LEA>"),
    "an unknown authority": (mutated("201", "999"), 4, "not the code of an authority"),
    "an authority that was no more": (message(year=2024, lea="928"), 4, "no return for 2024"),
    "an authority not yet there": (message(year=2018, lea="940"), 4, "no return for 2018"),
    "no reference date": (mutated("<ReferenceDate>2024-03-31</ReferenceDate>", ""), None, "no <ReferenceDate>"),
    "another reference date": (mutated("2024-03-31", "2024-04-01"), 3, "not a 31 March"),
    "an unreadable reference date": (mutated("2024-03-31", "31/03/2024"), 3, "not a 31 March"),
    "elements in elements": (mutated("1A", "<x>" * 100_000 + "</x>" * 100_000), 7, "nested more than 20 deep"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_it_is_refused_with_file_line_and_remedy_and_nothing_is_written(fault: str, tmp_path: Path) -> None:
    text, line, words = REFUSED[fault]
    path = write(tmp_path / "given" / "return.xml", text)
    said = refusal(path, tmp_path / "store")
    assert any(part in said for part in words.split("|")), said
    assert said.startswith(f"{path}, line {line}: " if line else str(path)), said
    assert "; " in said


@pytest.mark.parametrize("fault", REFUSED)
def test_a_long_return_is_refused_as_a_short_one_is(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the fault among hundreds of good children, in a stretch that is read on its own."""
    text, _, words = REFUSED[fault]
    monkeypatch.setattr(parts, "CHUNK", 4000)
    given = text.encode() if isinstance(text, str) else text
    place = given.find(b"<Children>\n") + len(b"<Children>\n")
    if place > len(b"<Children>\n"):
        filling = LONG[LONG.index("<Child>") : LONG.index("</Children>")].encode()
        given = given[:place] + filling + given[place:]
    path = write(tmp_path / "return.xml", given)
    said = refusal(path, tmp_path / "store")
    assert any(part in said for part in words.split("|")), said


def test_all_refusals_are_told_at_once_and_no_return_is_stored(tmp_path: Path) -> None:
    given = tmp_path / "given"
    write(given / "good.xml", GOOD)
    write(given / "one.xml", mutated("201", "999"))
    write(given / "deep" / "two.xml", "")
    write(given / "three.zip", b"no zip")
    said = refusal(given, tmp_path / "store")
    assert [name in said for name in ("good.xml", "one.xml", "two.xml", "three.zip")] == [False, True, True, True]
    assert len(said.splitlines()) == 3


def test_no_value_of_a_childs_record_is_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    marker = "Zq7"
    for fault, (text, _, _) in REFUSED.items():
        if isinstance(text, str) and "<Child>" in text:
            marked = text.replace("<LAchildID>A", f"<LAchildID>{marker}").replace("2023-05-01", f"{marker}-05-01")
            said = refusal(write(tmp_path / "return.xml", marked), tmp_path / fault.replace(" ", "_"))
            assert marker not in said
    (report,) = ingest(
        [write(tmp_path / "x.xml", GOOD.replace("1A", marker).replace("2023-05-01", marker))], tmp_path / "s"
    )
    assert marker not in repr(report) + "".join(capfd.readouterr())
    assert marker not in (tmp_path / "s" / "read_report.csv").read_text(encoding="utf-8")


def test_a_value_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MAX_TEXT", 10_000)
    text = GOOD.replace("</Message>", "<!-- read whole --></Message>").replace("1A", "x" * 3_000_000)
    assert "holds too much text" in refusal(write(tmp_path / "return.xml", text), tmp_path / "store")


def zipped(path: Path, members: dict[str, bytes], **attributes: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in attributes.items():
                setattr(member, attribute, value)
            archive.writestr(member, content)
    return path


@pytest.mark.parametrize(
    "name", ["../return.xml", "a/../../return.xml", "/return.xml", "C:\\return.xml", "..\\return.xml"]
)
def test_a_zip_whose_member_leads_outside_it_is_refused(name: str, tmp_path: Path) -> None:
    said = refusal(zipped(tmp_path / "given.zip", {name: GOOD.encode()}), tmp_path / "store")
    assert "leads outside" in said
    assert not (tmp_path / "return.xml").exists()


@pytest.mark.parametrize(
    ("members", "attributes", "words"),
    [
        ({"return.xml": b" " * 40_000_000}, {}, "packed more than 200 times"),
        ({"return.xml": os.urandom(100) * 500_001}, {}, "more than 50 MB"),
        ({"return.xml": b"/etc/passwd"}, {"external_attr": 0o120777 << 16}, "a link"),
        ({"return.txt": GOOD.encode()}, {}, "holds no XML return"),
        ({"return.xml": (DOCTYPE + GOOD).encode()}, {}, "DOCTYPE"),
    ],
)
def test_a_zip_is_refused(members: dict[str, bytes], attributes: dict[str, int], words: str, tmp_path: Path) -> None:
    assert words in refusal(zipped(tmp_path / "given.zip", members, **attributes), tmp_path / "store")


def test_a_zip_that_lies_about_the_size_of_a_member_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "given.zip", {"return.xml": LONG.encode()})
    monkeypatch.setattr(safety, "_check_member", lambda member, name: None)
    monkeypatch.setattr(safety, "MAX_MEMBER", 1000)
    assert "more than" in refusal(path, tmp_path / "store")


def test_the_returns_of_a_zip_are_read_as_files_are(tmp_path: Path) -> None:
    other = message(child("A"), lea="202")
    ingest([zipped(tmp_path / "given.zip", {"x/201.xml": GOOD.encode(), "202.xml": other.encode()})], tmp_path / "zip")
    ingest([write(tmp_path / "201.xml", GOOD), write(tmp_path / "202.xml", other)], tmp_path / "files")
    assert contents(tmp_path / "zip") == contents(tmp_path / "files")


def test_several_years_and_authorities_are_read_in_one_call_in_any_order(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / f"{lea}_{year}.xml", message(child("A", referral(f"{year - 1}-06-01")), year=year, lea=lea))
        for lea in ("201", "202", "301")
        for year in (2019, 2023, 2024)
    ]
    ingest(paths, tmp_path / "one")
    random.Random(1).shuffle(paths)
    ingest(paths, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    store = CensusStore.open(tmp_path / "one")
    assert store.years == (2019, 2023, 2024)
    assert values(tmp_path / "one", "referrals", "lea", 2023) == ["201", "202", "301"]
    assert {path.name for path in (tmp_path / "one" / "2019").iterdir()} == {f"{t.name}.parquet" for t in TABLES}


def test_the_order_of_children_changes_nothing_even_where_they_share_an_identifier(tmp_path: Path) -> None:
    unnamed = "<Child><ChildIdentifiers><Sex>{}</Sex></ChildIdentifiers></Child>"
    children = [child(name, referral(f"2023-0{n}-01")) for n, name in enumerate("ABBCA", 4)]
    children += [unnamed.format("M"), unnamed.format("F"), unnamed.format("F")]
    seen = set()
    for turn in range(4):
        random.Random(turn).shuffle(children)
        ingest([write(tmp_path / str(turn) / "return.xml", message(*children))], tmp_path / f"store{turn}")
        seen.add(tuple(contents(tmp_path / f"store{turn}").items()))
    assert len(seen) == 1


def test_processes_threads_and_cuts_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "return.xml", LONG.replace("C0007", "C&#48;007"))
    told: list[tuple[int, int]] = []
    ingest([path], tmp_path / "one", progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] > 0
    monkeypatch.setattr(ingest_module, "IN_ONE_PROCESS", 0)
    monkeypatch.setattr(parts, "CHUNK", 10_000)
    connect = engine.connect_sql
    monkeypatch.setattr(engine, "connect_sql", lambda spill: connect(spill, threads=5))
    ingest([path], tmp_path / "many")
    assert contents(tmp_path / "one") == contents(tmp_path / "many")


def disability(code: str) -> str:
    """A child's disability."""
    return f"<Disabilities><Disability>{code}</Disability></Disabilities>"


SMALL_RETURNS = {
    "201": message(child("A", referral()), child("B", referral(), referral("2023-08-01")), child("C"), lea="201"),
    "202": message(child("A", referral("2023-06-01")), lea="202"),
    "203": message(child("B"), child("A", referral(), characteristics=disability("HAND")), lea="203"),
}


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace("<LAchildID>A<", "<LAchildID>&#65;<"),
        lambda text: text.replace("2023-06-01", "June"),
        lambda text: text.replace("<Child>", "<Child >"),
        lambda text: text.replace("</Children>", "</Children><Children></Children>"),
        lambda text: text.replace("</Message>", "<!-- the end --></Message>"),
    ],
)
def test_small_returns_read_together_are_as_each_is_alone(
    change: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = SMALL_RETURNS | {"202": change(SMALL_RETURNS["202"])}
    paths = [write(tmp_path / f"{lea}.xml", text) for lea, text in texts.items()]
    ingest(paths, tmp_path / "together")
    monkeypatch.setattr(parts, "_read_together", lambda *_: None)
    ingest(paths, tmp_path / "alone")
    assert contents(tmp_path / "together") == contents(tmp_path / "alone")
    assert [row["lea"] for row in stored(tmp_path / "together", "referrals")] == ["201", "201", "201", "202", "203"]


@pytest.mark.parametrize("lost", ["</Child>", "<Child>", "</Children>", "</CINdetails>", "</Message>"])
def test_of_small_returns_read_together_the_faulty_one_is_named(lost: str, tmp_path: Path) -> None:
    texts = SMALL_RETURNS | {"202": SMALL_RETURNS["202"].replace(lost, "", 1)}
    paths = [write(tmp_path / f"{lea}.xml", text) for lea, text in texts.items()]
    with pytest.raises(BadInput) as refused:
        ingest(paths, tmp_path / "store")
    assert "202.xml" in str(refused.value)
    assert "201.xml" not in str(refused.value) and "203.xml" not in str(refused.value)


def test_a_return_read_whole_some_children_at_a_time_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([write(tmp_path / "plain" / "return.xml", LONG)], tmp_path / "one")
    monkeypatch.setattr(stream, "CHILDREN_AT_ONCE", 7)
    monkeypatch.setattr(safety, "BLOCK", 1000)
    monkeypatch.setattr(parts, "plan", lambda source: ({}, [parts.Task(source)]))
    monkeypatch.setattr(safety.blocks, "__defaults__", (1000,))
    ingest([write(tmp_path / "whole" / "return.xml", LONG)], tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_group_that_gets_lost_stops_the_ingest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_table = merge.write_table

    def losing(sql: object, table: Table, target: Path) -> None:
        write_table(sql, table, target)
        if table is REFERRALS:
            pq.write_table(pq.read_table(target).slice(1), target)

    monkeypatch.setattr(merge, "write_table", losing)
    with pytest.raises(ReleaseError, match="3 groups of referrals were found, but 2 stored and 0 rejected"):
        ingest([write(tmp_path / "return.xml", GOOD)], tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_reading_the_same_return_again_changes_nothing(tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest([write(tmp_path / "return.xml", GOOD)], store)
    before = contents(store)
    (report,) = ingest([tmp_path / "return.xml"], store)
    assert (report.status, contents(store)) == ("unchanged", before)
    (report,) = ingest([write(tmp_path / "copy.xml", GOOD.replace("\n", "\n  "))], store)
    assert (report.status, contents(store)) == ("unchanged", before)


def test_equal_returns_in_one_call_are_read_once(tmp_path: Path) -> None:
    paths = [write(tmp_path / name, GOOD) for name in ("b.xml", "a.xml")]
    reports = ingest(paths, tmp_path / "store")
    assert [(Path(report.source).name, report.status) for report in reports] == [
        ("a.xml", "new"),
        ("b.xml", "duplicate"),
    ]
    assert values(tmp_path / "store", "children", "la_child_id") == ["A", "B"]


def test_two_different_returns_of_one_authority_and_year_stop_with_both_names(tmp_path: Path) -> None:
    paths = [write(tmp_path / "a.xml", GOOD), write(tmp_path / "b.xml", GOOD.replace("2023-08-01", "2023-08-02"))]
    with pytest.raises(BadInput, match=r"a\.xml and .*b\.xml are two different returns of authority 201 for 2024"):
        ingest(paths, tmp_path / "store", replace=True)


def test_another_return_than_the_stored_one_stops_with_both_names_unless_it_is_to_replace_it(tmp_path: Path) -> None:
    store = tmp_path / "store"
    other = write(tmp_path / "202.xml", message(child("X"), lea="202"))
    ingest([write(tmp_path / "old.xml", GOOD), other], store)
    before = contents(store)
    new = write(tmp_path / "new.xml", GOOD.replace("2023-08-01", "2023-08-02"))
    with pytest.raises(BadInput, match=r"old\.xml \(in the store\) and .*new\.xml .* --replace"):
        ingest([new], store)
    assert contents(store) == before
    (report,) = ingest([new], store, replace=True)
    assert report.status == "replaced"
    ingest([new, other], tmp_path / "fresh")
    assert contents(store) == contents(tmp_path / "fresh")


def test_a_store_is_extended_and_what_did_not_change_is_the_same_file(tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = write(tmp_path / "a.xml", GOOD)
    second = write(tmp_path / "b.xml", message(child("X"), lea="202"))
    third = write(tmp_path / "c.xml", message(child("A"), year=2023))
    ingest([first], store)
    ingest([second], store)
    kept = (store / "2024" / "children.parquet").stat().st_ino
    ingest([third], store)
    assert (store / "2024" / "children.parquet").stat().st_ino == kept
    ingest([third, second, first], tmp_path / "at_once")
    assert contents(store) == contents(tmp_path / "at_once")


def test_groups_found_are_groups_stored_and_groups_rejected(tmp_path: Path) -> None:
    text = GOOD.replace("</Children>", "<Block><CINdetails/></Block></Children>").replace(
        "</ChildCharacteristics>",
        "<Disabilities><Disability/><Disability>MOB</Disability></Disabilities></ChildCharacteristics>",
    )
    (report,) = ingest([write(tmp_path / "return.xml", text)], tmp_path / "store")
    assert (report.found["referrals"], report.stored["referrals"]) == (4, 3)
    assert (report.found["disabilities"], report.stored["disabilities"]) == (4, 2)
    with open(tmp_path / "store" / "read_report.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    counts = {(row["table"], row["finding"]): int(row["count"]) for row in rows}
    assert {row["lea"] for row in rows} == {"201"}
    assert counts["referrals", "groups rejected: element out of place"] == 1
    assert counts["disabilities", "groups rejected: empty element"] == 2
    for table in TABLES[1:]:
        rejected = sum(n for (name, what), n in counts.items() if name == table.name and "rejected" in what)
        assert counts[table.name, "groups in the return"] == counts[table.name, "groups stored"] + rejected


def test_a_return_without_children_is_read(tmp_path: Path) -> None:
    (report,) = ingest([write(tmp_path / "return.xml", message())], tmp_path / "store")
    assert report.stored == {"returns": 1}


def tables(store: Path, folder: Path, kind: str, change: Callable[[str, list[str]], list[str]] | None = None) -> Path:
    """The tables of a year of a store as CSV or parquet."""
    folder.mkdir()
    for table in TABLES:
        rows = pq.read_table(store / "2024" / f"{table.name}.parquet")
        kept = [name for name in rows.column_names if change is None or name in change(table.name, rows.column_names)]
        if kept:
            write_table = pa_csv.write_csv if kind == "csv" else pq.write_table
            write_table(rows.select(kept), folder / f"{table.name}.{kind}")
    return folder


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A store with rows in every table."""
    assessment = (
        "<Assessments><AssessmentActualStartDate>2023-06-01</AssessmentActualStartDate><FactorsIdentifiedAtAssessment>"
        "<AssessmentFactors>2B</AssessmentFactors><AssessmentFactors>1A</AssessmentFactors>"
        "</FactorsIdentifiedAtAssessment></Assessments>"
    )
    more = (
        "<CINPlanDates><CINPlanStartDate>2023-07-01</CINPlanStartDate></CINPlanDates>"
        "<Section47><S47ActualStartDate>2023-07-01</S47ActualStartDate><ICPCnotRequired>1</ICPCnotRequired></Section47>"
        "<ChildProtectionPlans><NumberOfPreviousCPP>2</NumberOfPreviousCPP><Reviews><CPPreviewDate>2023-09-01"
        "</CPPreviewDate></Reviews></ChildProtectionPlans>"
    )
    disabilities = "<Disabilities><Disability>MOB</Disability></Disabilities>"
    children = [
        child(name, referral("2023-05-01", assessment, more), referral("2023-08-01"), characteristics=disabilities)
        for name in ("00412", "NA", "1e5", "Côte, Ŵ", "=1+1", 'a"b')
    ]
    ingest([write(tmp_path / "201.xml", message(*children))], tmp_path / "full")
    return tmp_path / "full"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_tables_of_a_return_are_read_as_its_xml_is(kind: str, full: Path, tmp_path: Path) -> None:
    ingest([tables(full, tmp_path / "tables", kind)], tmp_path / "store")
    assert all((tmp_path / "store" / "2024" / f"{t.name}.parquet").read_bytes()
               == (full / "2024" / f"{t.name}.parquet").read_bytes() for t in TABLES)  # fmt: skip


def test_a_store_itself_can_be_read(full: Path, tmp_path: Path) -> None:
    (report,) = ingest([full], tmp_path / "store")
    assert report.stored["referrals"] == 12


def test_what_was_worked_out_from_a_store_is_no_return(full: Path, tmp_path: Path) -> None:
    """Though its units have the names of tables, as referrals and children do."""
    for name in ("units/2024", "units/store/2024", "counts/2024"):
        write(full / name / "children.csv", "lea,child_id\n201,1\n")
    (report,) = ingest([full], tmp_path / "store")
    assert report.stored["referrals"] == 12
    write(tmp_path / "returns" / "units" / "children.csv", "lea,collection_year,la_child_id\n201,2024,A\n")
    (report,) = ingest([tmp_path / "returns"], tmp_path / "other")
    assert report.stored["children"] == 1


def test_rows_of_tables_may_be_shuffled_and_numbers_left_out(full: Path, tmp_path: Path) -> None:
    """Only numbers that another table refers to are needed; others follow from the content of the rows."""
    needless = {"disabilities": "disability_number", "section47": "section47_number", "cin_plans": "cin_plan_number"}

    def change(table: str, names: list[str]) -> list[str]:
        return [name for name in names if name not in (needless.get(table), "child_number") and table != "returns"]

    folder = tables(full, tmp_path / "tables", "csv", change)
    ingest([folder], tmp_path / "one")
    for path in folder.iterdir():
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        random.Random(1).shuffle(rows)
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    ingest([folder], tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    for table in TABLES[1:]:
        name = f"2024/{table.name}.parquet"
        assert (tmp_path / "one" / name).read_bytes() == (full / name).read_bytes()


def test_two_tables_of_two_authorities_and_years_are_enough(tmp_path: Path) -> None:
    write(tmp_path / "t" / "children.csv", "collection_year,lea,la_child_id,ethnicity\n2024,201,A,WBRI\n2023,202,A,\n")
    rows = "la_child_id,lea,collection_year,cin_referral_date,referral_nfa\nA,201,2024,2023-09-01,False\n"
    write(tmp_path / "t" / "referrals.csv", rows + "A,201,2024,2023-05-01,1\nA,202,2023,2022-05-01,\n")
    reports = ingest([tmp_path / "t"], tmp_path / "store")
    assert [(r.collection_year, r.lea, r.stored["referrals"]) for r in reports] == [(2023, "202", 1), (2024, "201", 2)]
    assert [day.month for day in values(tmp_path / "store", "referrals", "cin_referral_date")] == [5, 9]
    assert values(tmp_path / "store", "referrals", "referral_nfa") == [True, False]
    assert str(values(tmp_path / "store", "returns", "reference_date", 2023)) == "[datetime.date(2023, 3, 31)]"


def test_a_table_of_referrals_alone_makes_its_children(tmp_path: Path) -> None:
    write(
        tmp_path / "t" / "referrals.csv", "lea,collection_year,la_child_id,cin_referral_date\n201,2024,A,2023-05-01\n"
    )
    (report,) = ingest([tmp_path / "t"], tmp_path / "store")
    assert (report.found["children"], report.stored["children"]) == (1, 1)


def test_rows_of_tables_without_a_parent_are_rejected_and_counted(tmp_path: Path) -> None:
    write(tmp_path / "t" / "children.csv", "lea,collection_year,la_child_id\n201,2024,A\n")
    write(tmp_path / "t" / "referrals.csv", "lea,collection_year,la_child_id\n201,2024,A\n201,2024,B\n")
    (report,) = ingest([tmp_path / "t"], tmp_path / "store")
    assert report.rejected == {("referrals", "no such parent row"): 1}
    assert (report.found["referrals"], report.stored["referrals"]) == (2, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lea,collection_year,la_child_id\n201,2024,A\n201,2024,B,x\n", "line 3: the file cannot be read as a table"),
        ("lea,la_child_id\n201,A\n", "no column collection_year"),
        ("lea,collection_year,la_child_id\n201,2024,A\n201,soon,B\n", "line 3: there is no collection_year"),
        ("lea,collection_year,la_child_id\n,2024,A\n", "line 2: there is no lea"),
        (
            "lea,collection_year,la_child_id,child_number\n201,2024,A,1\n201,2024,A,1\n",
            "line 3: the row has the same key",
        ),
        ("lea,lea,collection_year,la_child_id\n201,201,2024,A\n", "same name"),
        ("lea,collection_year,la_child_id\n999,2024,A\n", "not the code of an authority"),
        ("lea,collection_year,la_child_id\n201,2024,\xe9\n".encode("latin-1"), "line 2: the file is not UTF-8"),
        ("lea,collection_year,la_child_id\n", "no rows"),
        ("", "empty"),
    ],
)
def test_a_table_is_refused(text: str | bytes, words: str, tmp_path: Path) -> None:
    said = refusal(write(tmp_path / "given" / "children.csv", text).parent, tmp_path / "store")
    assert words in said
    assert "children.csv" in said or "given" in said


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(write(tmp_path / "children.parquet", b"PAR1 no"), tmp_path / "store")


def test_a_path_that_is_no_return_is_refused(tmp_path: Path) -> None:
    assert "no file or folder" in refusal(tmp_path / "nowhere", tmp_path / "store")
    assert "is not a return" in refusal(write(tmp_path / "notes.txt", "x"), tmp_path / "store")
    (tmp_path / "folder").mkdir()
    assert "no return in" in refusal(tmp_path / "folder", tmp_path / "store")


KILLED = """
import os, signal, sys
from pathlib import Path
from rereferrals.census import merge
from rereferrals.census.ingest import ingest
write, calls = merge.write_table, []
def killed(*arguments):
    calls.append(1)
    if len(calls) == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    write(*arguments)
merge.write_table = killed
ingest([Path(sys.argv[1])], Path(sys.argv[2]))
"""


def test_killed_half_way_the_store_is_as_before(tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest([write(tmp_path / "a.xml", GOOD)], store)
    before = contents(store)
    second = write(tmp_path / "b.xml", message(child("X"), lea="202"))
    killed = subprocess.run([sys.executable, "-c", KILLED, str(second), str(store)], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert contents(store) == before
    ingest([second], store)
    assert [r.lea for r in CensusStore.open(store).returns] == ["201", "202"]


def test_a_store_says_who_is_who_and_what_is_in_it(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{year}.xml", message(child("A"), child("B"), year=year)) for year in (2023, 2024)]
    ingest(paths, tmp_path / "store")
    assert pq.read_table(tmp_path / "store" / "persons.parquet").column("la_child_id").to_pylist() == ["A", "B"]
    store = CensusStore.open(tmp_path / "store")
    assert [(r.collection_year, r.lea, r.source, r.children) for r in store.returns] == [
        (2023, "201", "2023.xml", 2),
        (2024, "201", "2024.xml", 2),
    ]
