"""How a return is read: each of the reading rules, by an example."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rereferrals.census.ingest import ingest
from rereferrals.census.schema import TABLES
from rereferrals.errors import BadInput
from returns_in_xml import HEADER, child, message, referral, stored, values, without_linkage, write


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that reads one document and gives its store and report."""
    without_linkage(monkeypatch)

    def ingested(text: str | bytes):
        store = tmp_path / "store"
        (report,) = ingest([write(tmp_path / "return.xml", text)], store)
        return store, report

    return ingested


def test_elements_are_read_by_name_whatever_their_order(read) -> None:
    text = message(
        "<Child><CINdetails><ReferralNFA>1</ReferralNFA><Section47><ICPCnotRequired>0</ICPCnotRequired>"
        "<S47ActualStartDate>2023-06-01</S47ActualStartDate></Section47><CINreferralDate>2023-05-01</CINreferralDate>"
        "</CINdetails><ChildCharacteristics><Ethnicity>WIRI</Ethnicity></ChildCharacteristics>"
        "<ChildIdentifiers><Sex>F</Sex><LAchildID>A</LAchildID></ChildIdentifiers></Child>"
    )
    store, _ = read(text)
    (row,) = stored(store, "referrals")
    assert (row["la_child_id"], row["cin_referral_date"], row["referral_nfa"]) == ("A", date(2023, 5, 1), True)
    assert values(store, "section47", "s47_actual_start_date") == [date(2023, 6, 1)]
    assert values(store, "children", "ethnicity") == ["WIRI"]


@pytest.mark.parametrize(
    ("text", "flag"),
    [("1", True), ("0", False), ("true", True), ("FALSE", False), ("True", True), (" false ", False), ("yes", None)],
)
def test_both_spellings_of_yes_and_no_are_read_in_any_case(read, text: str, flag: bool | None) -> None:
    store, report = read(message(child("A", f"<CINdetails><ReferralNFA>{text}</ReferralNFA></CINdetails>")))
    assert values(store, "referrals", "referral_nfa") == [flag]
    assert report.findings["referrals", "referral_nfa", "unreadable value"] == (flag is None)


@pytest.mark.parametrize("year", [2019, 2024, 2025, 2026])
@pytest.mark.parametrize(("element", "column"), [("GenderCurrent", "gender_current"), ("Sex", "sex")])
def test_both_sex_elements_are_read_in_any_year(read, year: int, element: str, column: str) -> None:
    store, report = read(message(child("A", identifiers=f"<{element}>2</{element}>"), year=year))
    assert values(store, "children", column, year) == ["2"]
    outside = (element == "Sex") == (year < 2025)
    assert report.findings["children", column, "element outside its years"] == outside


@pytest.mark.parametrize(
    "reviews",
    [
        "<Reviews><CPPreviewDate>2023-09-01</CPPreviewDate><CPPreviewDate>2023-10-01</CPPreviewDate></Reviews>",
        "<Reviews><CPPreviewDate>2023-09-01</CPPreviewDate></Reviews>"
        "<Reviews><CPPreviewDate>2023-10-01</CPPreviewDate></Reviews>",
    ],
)
def test_both_shapes_of_reviews_are_read(read, reviews: str) -> None:
    plan = f"<ChildProtectionPlans><CPPstartDate>2023-08-01</CPPstartDate>{reviews}</ChildProtectionPlans>"
    store, _ = read(message(child("A", referral("2023-05-01", plan))))
    assert values(store, "reviews", "cpp_review_date") == [date(2023, 9, 1), date(2023, 10, 1)]
    assert values(store, "reviews", "review_number") == [1, 2]


def test_the_date_of_initial_conference_is_kept_apart_at_its_two_levels(read) -> None:
    enquiry = "<Section47><DateOfInitialCPC>2023-06-02</DateOfInitialCPC></Section47>"
    own = "<DateOfInitialCPC>2023-06-01</DateOfInitialCPC>"
    store, _ = read(message(child("A", referral("2023-05-01", enquiry, own))))
    assert values(store, "referrals", "date_of_initial_cpc") == [date(2023, 6, 1)]
    assert values(store, "section47", "date_of_initial_cpc") == [date(2023, 6, 2)]


def test_text_is_trimmed_and_empty_elements_are_absent(read) -> None:
    store, report = read(
        message(
            child(
                " A\n",
                "<CINdetails><CINreferralDate>\t2023-05-01 </CINreferralDate><PrimaryNeedCode> </PrimaryNeedCode>"
                "<CINclosureDate/><Assessments><FactorsIdentifiedAtAssessment/></Assessments></CINdetails>",
                identifiers="<UPN></UPN>",
                characteristics="<Disabilities><Disability> MOB </Disability><Disability/></Disabilities>",
            )
        )
    )
    (row,) = stored(store, "referrals")
    assert row["la_child_id"] == "A"
    assert row["cin_referral_date"] == date(2023, 5, 1)
    assert row["primary_need_code"] is None
    assert row["cin_closure_date"] is None
    assert values(store, "disabilities", "disability") == ["MOB"]
    assert report.rejected == {("disabilities", "empty element"): 1}
    assert not report.findings


def test_an_empty_group_is_stored(read) -> None:
    store, report = read(message(child("A", "<CINdetails/>", referral(), "<CINdetails></CINdetails>")))
    assert values(store, "referrals", "cin_referral_date") == [None, date(2023, 5, 1), None]
    assert report.found["referrals"] == 3


def test_a_child_without_an_identifier_is_kept_and_numbered_among_its_like(read) -> None:
    unnamed = "<Child><CINdetails><CINreferralDate>{}</CINreferralDate></CINdetails></Child>"
    store, _ = read(message(unnamed.format("2023-06-01"), child("A", referral()), unnamed.format("2023-07-01")))
    keys = [(row["la_child_id"], row["child_number"], row["cin_referral_date"]) for row in stored(store, "referrals")]
    assert keys == [(None, 1, date(2023, 6, 1)), (None, 2, date(2023, 7, 1)), ("A", 1, date(2023, 5, 1))]


def test_records_that_share_an_identifier_are_told_apart(read) -> None:
    store, _ = read(message(child("A", referral("2023-06-01")), child("A", referral("2023-05-01"))))
    assert values(store, "children", "child_number") == [1, 2]
    assert sorted(values(store, "referrals", "child_number")) == [1, 2]


def test_groups_are_numbered_in_the_order_of_the_file_within_their_parent(read) -> None:
    factors = "".join(f"<AssessmentFactors>{code}</AssessmentFactors>" for code in ("2B", "1A"))
    assessment = (
        "<Assessments><AssessmentActualStartDate>{}</AssessmentActualStartDate>"
        f"<FactorsIdentifiedAtAssessment>{factors}</FactorsIdentifiedAtAssessment></Assessments>"
    )
    first = referral("2023-07-01", assessment.format("2023-07-09"), assessment.format("2023-07-02"))
    second = referral("2023-05-01", assessment.format("2023-05-05"))
    store, _ = read(message(child("A", first, second)))
    numbers = [
        (r["referral_number"], r["assessment_number"], r["assessment_actual_start_date"].day)
        for r in stored(store, "assessments")
    ]
    assert numbers == [(1, 1, 9), (1, 2, 2), (2, 1, 5)]
    assert [(r["factor_number"], r["assessment_factor"]) for r in stored(store, "factors")] == [
        (1, "2B"),
        (2, "1A"),
    ] * 3


def test_unknown_elements_and_the_pre_proceedings_block_are_passed_over(read) -> None:
    block = (
        "<PreProceedingsandFGDM><PPStartDate>2026-01-01</PPStartDate><PPOutcome>A</PPOutcome></PreProceedingsandFGDM>"
    )
    extra = "<Extra><CINreferralDate>1999-01-01</CINreferralDate></Extra>"
    store, report = read(message(child("A", referral("2025-05-01", block, extra)), year=2026))
    assert values(store, "referrals", "cin_referral_date", 2026) == [date(2025, 5, 1)]
    assert not report.rejected


def test_a_group_out_of_place_is_rejected_and_counted(read) -> None:
    _, report = read(message(child("A", referral()), "<CINdetails/>", f"<Block>{child('B', referral())}</Block>"))
    assert report.found["referrals"] == 3
    assert report.rejected == {("referrals", "element out of place"): 2, ("children", "element out of place"): 1}


def test_the_first_of_repeated_values_stands_and_the_others_are_counted(read) -> None:
    store, report = read(message(child("A", referral(), identifiers="<UPN/><UPN>X</UPN><UPN>Y</UPN>")))
    assert values(store, "children", "upn") == ["X"]
    assert report.findings == {("children", "upn", "repeated element"): 1}


@pytest.mark.parametrize("text", ["2023-13-01", "01/05/2023", "2023-5-1", "2023-05-01T00:00:00", "0000-01-01", "soon"])
def test_a_date_that_cannot_be_read_is_null_and_counted(read, text: str) -> None:
    store, report = read(message(child("A", referral(text), referral())))
    assert values(store, "referrals", "cin_referral_date") == [None, date(2023, 5, 1)]
    assert report.findings == {("referrals", "cin_referral_date", "unreadable value"): 1}


def test_a_review_that_cannot_be_read_is_rejected_and_the_others_numbered_on(read) -> None:
    dates = "".join(f"<CPPreviewDate>{day}</CPPreviewDate>" for day in ("2023-09-01", "?", "2023-10-01"))
    plan = f"<ChildProtectionPlans><Reviews>{dates}</Reviews></ChildProtectionPlans>"
    store, report = read(message(child("A", referral("2023-05-01", plan))))
    assert values(store, "reviews", "review_number") == [1, 2]
    assert report.rejected == {("reviews", "unreadable value"): 1}
    assert report.found["reviews"] == 3


@pytest.mark.parametrize("text", ["00412", "NA", "None", "nan", "1e5", "null", "TRUE", "-", "01", "0x10"])
def test_codes_and_identifiers_are_never_taken_for_anything_but_text(read, text: str) -> None:
    store, _ = read(message(child(text, referral(), identifiers=f"<UPN>{text}</UPN>")))
    assert values(store, "children", "la_child_id") == [text]
    assert values(store, "children", "upn") == [text]


@pytest.mark.parametrize("text", ["Côte", "Ŵ", "a – b", "𝒜", "a & b", "<b>", "a\u00a0b"])
def test_characters_survive(read, text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    store, _ = read(message(child(escaped, referral())))
    assert values(store, "children", "la_child_id") == [text]


def test_a_byte_order_mark_a_declaration_comments_cdata_and_attributes_make_no_difference(read) -> None:
    plain, _ = read(message(child("A & B".replace("&", "&amp;"), referral())))
    before = [stored(plain, table.name) for table in TABLES]
    rich = message(child("A <!-- x -->&#38;<![CDATA[ B]]>", referral())).replace("<CINdetails>", "<CINdetails x='1'>")
    prolog = "\ufeff<?xml version='1.0' encoding='UTF-8'?><!-- <Child> -->"
    store, report = read(prolog + rich)
    assert [stored(store, table.name) for table in TABLES] == before
    assert report.status == "unchanged"


def test_unknown_codes_and_codes_outside_their_years_are_kept_and_counted(read) -> None:
    source = "<CINdetails><ReferralSource>{}</ReferralSource></CINdetails>"
    store, report = read(message(child("A", *(source.format(code) for code in ("1A", "5D", "9Z"))), year=2019))
    assert values(store, "referrals", "referral_source", 2019) == ["1A", "5D", "9Z"]
    assert report.findings == {
        ("referrals", "referral_source", "unknown code"): 1,
        ("referrals", "referral_source", "code outside its years"): 1,
    }


def test_the_collection_year_is_that_of_the_reference_date_and_a_clash_is_reported(read) -> None:
    text = message(child("A", referral())).replace("<Year>2024</Year>", "<Year>2023</Year>")
    store, report = read(text)
    assert report.collection_year == 2024
    assert values(store, "returns", "year") == [2023]
    assert report.findings == {("returns", "year", "not the year of the reference date"): 1}


def test_the_header_may_stand_after_the_children(read) -> None:
    text = message(child("A", referral()), header="").replace("</Message>", "{}</Message>")
    store, report = read(text.format(HEADER.format(year=2024, lea="201")))
    assert (report.lea, report.collection_year) == ("201", 2024)
    assert values(store, "children", "la_child_id") == ["A"]


REFUSED = {"validator_fake_CIN_data.xml": ("line 6", "reference date is not a 31 March")}


def test_every_published_sample_is_read_or_refused_for_a_true_reason(materials: Path, tmp_path: Path) -> None:
    samples = sorted((materials / "data" / "published" / "fake_cin_census").glob("*.xml"))
    assert samples
    for sample in samples:
        if sample.name in REFUSED:
            with pytest.raises(BadInput) as refusal:
                ingest([sample], tmp_path / sample.stem)
            assert all(words in str(refusal.value) for words in (sample.name, *REFUSED[sample.name]))
        else:
            (report,) = ingest([sample], tmp_path / sample.stem)
            text = sample.read_text(encoding="utf-8")
            assert report.stored["children"] == text.count("<Child>") > 0
            assert report.stored["referrals"] == text.count("<CINdetails>") > 0
            assert report.stored["factors"] == text.count("<AssessmentFactors>")
            assert report.stored["reviews"] == text.count("<CPPreviewDate>")
