"""The validation rules of the census that touch the release, each declared once.

What a single column must be is declared with the column, in `census.schema`, and turned into rules here.

A rule is checked on every row of its table, widened as `census.checks` describes: the expression may name columns of
the table, of the tables above it, and what is counted of those below. It is true where the rule is broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add, or_
from typing import Any

import ibis
import numpy as np
from ibis import _

from rereferrals import reference
from rereferrals.census.constraints import InCodeSet, Matches, Typed
from rereferrals.census.schema import (
    ASSESSMENTS,
    CHILD_PROTECTION_PLANS,
    CHILDREN,
    CIN_PLANS,
    FACTORS,
    REFERRALS,
    RETURNS,
    SECTION47,
    TABLES,
    UPN,
    Table,
)

YEAR = _.collection_year
FIRST_DAY, LAST_DAY = ibis.date(YEAR - 1, 4, 1), ibis.date(YEAR, 3, 31)


@dataclass(frozen=True)
class Rule:
    """One validation rule: its code, what it asks in words, the table whose rows it is asked of, and when it is broken.

    It applies in the collection years from `first_year` to `last_year`; a rule that changed is declared once for each
    of its versions.
    """

    code: str
    words: str
    table: Table
    broken: Any
    first_year: int = 2023
    last_year: int | None = None

    @property
    def severity(self) -> str:
        """`query` if good data may break it and it wants an explanation, else `error`."""
        return "query" if self.code.endswith("Q") else "error"

    def applies(self, year: int) -> bool:
        """Whether it applies in a collection year."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)

    @property
    def in_force(self) -> Any:
        """Whether it applies to a row, as an expression."""
        started = self.first_year <= YEAR
        return started if self.last_year is None else started & (self.last_year >= YEAR)


def _not_in(code_set: str, column: Any) -> Any:
    """Whether a value is given that is no code of a code set, or not one of the collection year."""
    return InCodeSet(code_set).broken(column, YEAR)


def outside_year(day: Any) -> Any:
    """Whether a day is in another year than the return's; null if there is no day."""
    return (day < FIRST_DAY) | (day > LAST_DAY)


def at_weekend(day: Any) -> Any:
    """Whether a day is a Saturday or a Sunday."""
    return day.day_of_week.index() >= 5


def _years_before_reference_date(years: int) -> Any:
    return ibis.date(YEAR - years, 3, 31)


def _working_days_before_reference_date(days: int, years: int = 0) -> Any:
    """The working day that so many others follow until the reference date, or until 31 March of an earlier year (M24).

    Null in collection years for which bank holidays are not known.
    """
    holidays = np.array(reference.bank_holidays(), dtype="datetime64[D]")
    known = range(holidays.min().item().year + 1, holidays.max().item().year + 1)
    found = np.busday_offset([np.datetime64(date(y, 3, 31)) for y in known], -days, roll="backward", holidays=holidays)
    return YEAR.cases(*[(year + years, day) for year, day in zip(known, found.tolist(), strict=True)])


def _from_reporting_year(day: Any, first_year: int) -> Any:
    return day >= ibis.date(first_year - 1, 4, 1)


CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def _wrong_check_letter(upn: Any) -> Any:
    """Whether the letter is not that of the weighted sum of the twelve digits; false if they are not all digits."""
    digits = [upn.substr(place, 1).ascii_str() - ord("0") for place in range(1, 13)]
    weighted = reduce(add, [digit * place for place, digit in enumerate(digits, 2)])
    number = upn.substr(0, 1).cases(*[(letter, n) for n, letter in enumerate(CHECK_LETTERS)], else_=-1)
    return upn.re_search(r"\A.[0-9]{12}\z") & (number != weighted % len(CHECK_LETTERS))


UNBORN = _.expected_person_birth_date.notnull() & _.person_birth_date.isnull()
IS_NFA, NOT_NFA = _.referral_nfa.fill_null(False), ~_.referral_nfa.fill_null(True)
IS_OPEN, IS_CLOSED = _.cin_closure_date.isnull(), _.cin_closure_date.notnull()
NOT_IN_NEED = _.reason_for_closure.isin(["RC8", "RC9"]).fill_null(False)
UNAUTHORISED = _.assessment_authorisation_date.isnull()
CONFERENCE_DUE = _.date_of_initial_cpc.isnull() & ~_.icpc_not_required
NO_UPN_EXPLAINED = _.upn.isnull() & (
    _.upn_unknown.isnull() | (_.upn_unknown == "UN1") | _not_in("upn_unknown", _.upn_unknown)
)

RETURN_RULES = (
    Rule(
        "100", "The reference date is 31 March of the collection year in the header.", RETURNS,
        _.reference_date.isnull() | (_.reference_date != ibis.date(_.year, 3, 31)),
    ),
    Rule(
        "2883", "No more child protection plans start in the year than conferences are held.", RETURNS,
        _.plans_started > _.conferences_of_referrals + _.conferences_of_section47,
    ),
    Rule(
        "2886Q", "Gender is given and not 0 for all but 2% of children; those with an expected birth date aside.",
        RETURNS, _.born_without_gender * 100 > _.born * 2, last_year=2024,
    ),
    Rule(
        "2886Q", "Sex is given and not unknown for all but 2% of children; those with an expected birth date aside.",
        RETURNS, _.born_without_sex * 100 > _.born * 2, first_year=2025,
    ),
    Rule("2887Q", "More than seven kinds of disability are in the return.", RETURNS, _.kinds_of_disability <= 7),
    Rule("2888Q", "Some child has two disabilities or more.", RETURNS, _.most_disabilities_of_a_child < 2),
)  # fmt: skip

CHILD_RULES = (
    Rule("1510", "A UPN begins with the check letter of its twelve digits.", CHILDREN, _wrong_check_letter(_.upn)),
    Rule("1520", "No two child records of a return have one UPN.", CHILDREN, _.records_with_this_upn > 1),
    Rule(
        "1530", "Characters 2 to 4 of a UPN are the code of an authority, or one used in its place.", CHILDREN,
        _not_in("upn_authority", _.upn.substr(1, 3)),
    ),
    Rule(
        "1540", "Characters 5 to 12 of a UPN are digits.", CHILDREN,
        Matches("[0-9]{8}").broken(_.upn.substr(4, 8), YEAR),
    ),
    Rule(
        "1550", "A UPN ends in its thirteenth character: a digit or a letter, not I, O or S.", CHILDREN,
        Matches("[0-9A-HJ-NP-RT-Z]").broken(_.upn.substr(12), YEAR),
    ),
    Rule("1560Q", "A former UPN has the form of a UPN.", CHILDREN, Matches(UPN).broken(_.former_upn, YEAR)),
    Rule("1570", "An LAchildID has at most 20 characters.", CHILDREN, _.la_child_id.length() > 20, first_year=2025),
    Rule(
        "1580", "An LAchildID is made of letters and digits.", CHILDREN,
        _.la_child_id.re_search("[^0-9A-Za-z]"), first_year=2025,
    ),
    Rule(
        "4180", "Gender is given, with a valid code.", CHILDREN,
        _.gender_current.isnull() | _not_in("gender_current", _.gender_current), last_year=2024,
    ),
    Rule(
        "4180", "Sex is given, with a valid code.", CHILDREN, _.sex.isnull() | _not_in("sex", _.sex), first_year=2025,
    ),
    Rule(
        "4220", "Ethnicity is given, with a valid code.", CHILDREN,
        _.ethnicity.isnull() | _not_in("ethnicity", _.ethnicity),
    ),
    Rule("8500", "A child has an LAchildID.", CHILDREN, _.la_child_id == ""),
    Rule(
        "8510", "No two child records of a return have one LAchildID.", CHILDREN,
        (_.la_child_id != "") & (_.records_with_this_id > 1),
    ),
    Rule("8520", "Nobody is born after the reference date.", CHILDREN, _.person_birth_date > LAST_DAY),
    Rule(
        "8525Q", "A child has a birth date or an expected one, and not both.", CHILDREN,
        _.person_birth_date.isnull() == _.expected_person_birth_date.isnull(),
    ),
    Rule(
        "8530Q", "A birth is expected from 30 days before to nine months after the reference date.", CHILDREN,
        (_.expected_person_birth_date < LAST_DAY - ibis.interval(days=30))
        | (_.expected_person_birth_date > ibis.date(YEAR, 12, 31)),
    ),
    Rule(
        "8535Q", "Who died was born, and not later.", CHILDREN,
        _.person_death_date.notnull()
        & (_.person_birth_date.isnull() | (_.person_death_date < _.person_birth_date)),
    ),
    Rule(
        "8540", "A born child with a referral for action has disabilities, or NONE, recorded with valid codes.",
        CHILDREN,
        _.person_birth_date.notnull() & (_.referrals_for_action > 0)
        & ((_.disabilities == 0) | (_.invalid_disabilities > 0)),
    ),
    Rule("8545Q", "A death is within the census year.", CHILDREN, outside_year(_.person_death_date)),
    Rule("8590", "A child has a referral.", CHILDREN, _.referrals == 0),
    Rule(
        "8750", "The gender of an unborn child is 0.", CHILDREN, UNBORN & (_.gender_current.fill_null("") != "0"),
        last_year=2024,
    ),
    Rule(
        "8750", "The sex of an unborn child is U.", CHILDREN, UNBORN & (_.sex.fill_null("") != "U"), first_year=2025,
    ),
    Rule(
        "8770Q", "A child of six or over with a referral for action has a UPN, or a reason for none.", CHILDREN,
        (_.referrals_for_action > 0) & (_.person_birth_date <= _years_before_reference_date(6)) & NO_UPN_EXPLAINED,
        last_year=2024,
    ),
    Rule(
        "8770Q", "A child of school age with a referral for action has a UPN, or a reason for none.", CHILDREN,
        (_.referrals_for_action > 0) & (_.person_birth_date <= ibis.date(YEAR - 6, 8, 31)) & NO_UPN_EXPLAINED,
        first_year=2025,
    ),
    Rule(
        "8772", "UN7 explains a missing UPN only where no referral of the child led to action.", CHILDREN,
        (_.upn_unknown == "UN7") & (_.nfa_referrals < _.referrals),
    ),
    Rule(
        "8790", "NONE stands alone among the disabilities of a child.", CHILDREN,
        (_.times_none > 0) & (_.kinds_of_disability > 0),
    ),
    Rule("8794", "No disability of a child is recorded twice.", CHILDREN, _.disabilities > _.different_disabilities),
    Rule("4004", "At most one child in need plan of a child is open.", CHILDREN, _.open_cin_plans > 1),
    Rule("8815", "At most one case of a child is open.", CHILDREN, _.open_cases > 1),
    Rule(
        "8935", "At most one child protection plan of a child is open.", CHILDREN, _.open_child_protection_plans > 1,
    ),
)  # fmt: skip

REFERRAL_RULES = (
    Rule(
        "2990", "A case closed as not in need has no section 47 enquiry, conference or plan.", REFERRALS,
        NOT_IN_NEED & ((_.section47 + _.child_protection_plans + _.cin_plans > 0) | _.date_of_initial_cpc.notnull()),
    ),
    Rule(
        "2991Q", "A case with a section 47 enquiry has an assessment.", REFERRALS,
        (_.section47 > 0) & (_.assessments == 0),
    ),
    Rule("4000", "A referral without further action has no child in need plan.", REFERRALS, IS_NFA & (_.cin_plans > 0)),
    Rule(
        "4001", "A case with an open child protection plan has no open child in need plan.", REFERRALS,
        (_.open_child_protection_plans > 0) & (_.open_cin_plans > 0),
    ),
    Rule("8555Q", "Nobody is referred after death.", REFERRALS, _.cin_referral_date > _.person_death_date),
    Rule(
        "8565", "Nothing in a case is dated after its closure.", REFERRALS,
        _.cin_closure_date < _.latest_activity_date,
    ),
    Rule("8568", "Whether there was no further action is given.", REFERRALS, _.referral_nfa.isnull()),
    Rule(
        "8569Q", "A referral from before the last working day of the year before led to action.", REFERRALS,
        IS_NFA & (_.cin_referral_date < _working_days_before_reference_date(0, years=1)),
    ),
    Rule(
        "8585Q", "A case closed because the child died comes with a date of death.", REFERRALS,
        (_.reason_for_closure == "RC2") & _.person_death_date.isnull(),
    ),
    Rule(
        "8600", "A referral has a date, not after the reference date.", REFERRALS,
        _.cin_referral_date.isnull() | (_.cin_referral_date > LAST_DAY),
    ),
    Rule(
        "8606", "A referral is at most 280 days before the birth, or the expected birth.", REFERRALS,
        reduce(or_, [
            (birth.delta(_.cin_referral_date, unit="day") > 280).fill_null(False)
            for birth in (_.person_birth_date, _.expected_person_birth_date)
        ]),
    ),
    Rule(
        "8610", "A referral for action has a primary need.", REFERRALS, NOT_NFA & _.primary_need_code.isnull(),
    ),
    Rule("8620", "A closure is within the census year.", REFERRALS, outside_year(_.cin_closure_date)),
    Rule("8630", "A case is not closed before its referral.", REFERRALS, _.cin_closure_date < _.cin_referral_date),
    Rule(
        "8640", "A reason for closure is a valid code.", REFERRALS, _not_in("reason_for_closure", _.reason_for_closure),
    ),
    Rule("8650", "A primary need is a valid code.", REFERRALS, _not_in("primary_need", _.primary_need_code)),
    Rule(
        "8715", "A conference is within the census year.", REFERRALS,
        outside_year(_.date_of_initial_cpc) | (_.conferences_outside_year > 0),
    ),
    Rule(
        "8775Q", "No case of a person over 25 is open, or closed after the 25th birthday.", REFERRALS,
        (_.person_birth_date < _years_before_reference_date(25))
        & (IS_OPEN | (_.cin_closure_date > _.person_birth_date + ibis.interval(years=25))),
    ),
    Rule("8805", "A closed case has a reason for closure.", REFERRALS, IS_CLOSED & _.reason_for_closure.isnull()),
    Rule("8810", "A case with a reason for closure is closed.", REFERRALS, IS_OPEN & _.reason_for_closure.notnull()),
    Rule(
        "8816", "An open case is that of the child's latest referral.", REFERRALS,
        IS_OPEN & NOT_NFA & (_.cin_referral_date < _.latest_referral_date),
    ),
    Rule("8820", "A child is not referred during another case of its own.", REFERRALS, _.is_within_another),
    Rule("8825Q", "A case closed as not in need was assessed.", REFERRALS, NOT_IN_NEED & (_.assessments == 0)),
    Rule(
        "8831", "A referral without further action has no assessment, section 47 enquiry or conference.", REFERRALS,
        IS_NFA & ((_.dated_assessments + _.dated_section47 > 0) | _.date_of_initial_cpc.notnull()),
    ),
    Rule(
        "8832", "A referral without further action has no child protection plan.", REFERRALS,
        IS_NFA & (_.child_protection_plans > 0),
    ),
    Rule("8839", "At most one section 47 enquiry of a case is open.", REFERRALS, _.open_section47 > 1),
    Rule(
        "8866", "A referral since sources are collected has a source, with a valid code.", REFERRALS,
        _from_reporting_year(_.cin_referral_date, first_year=2014)
        & (_.referral_source.isnull() | _not_in("referral_source", _.referral_source)),
    ),
    Rule(
        "8867", "Every assessment of a closed case is authorised.", REFERRALS,
        IS_CLOSED & (_.unauthorised_assessments > 0),
    ),
    Rule(
        "8868", "Every section 47 enquiry of a closed case led to a conference, or needed none.", REFERRALS,
        IS_CLOSED & (_.open_section47 > 0),
    ),
    Rule(
        "8873Q", "A case whose only assessment found no factor is closed as not in need.", REFERRALS,
        (_.assessments == 1) & (_.times_no_factor > 0) & ~NOT_IN_NEED,
    ),
    Rule(
        "8875", "A conference is not at a weekend.", REFERRALS,
        at_weekend(_.date_of_initial_cpc) | (_.conferences_at_weekend > 0),
    ),
    Rule("8896", "At most one assessment of a case is not authorised.", REFERRALS, _.unauthorised_assessments > 1),
)  # fmt: skip

ASSESSMENT_RULES = (
    Rule(
        "1103", "An assessment does not start before its referral.", ASSESSMENTS,
        _.assessment_actual_start_date < _.cin_referral_date,
    ),
    Rule(
        "8608", "An assessment is not authorised before it starts.", ASSESSMENTS,
        _.assessment_authorisation_date < _.assessment_actual_start_date,
    ),
    Rule("8614", "An assessment with factors is authorised.", ASSESSMENTS, UNAUTHORISED & (_.factors > 0)),
    Rule(
        "8670Q", "An assessment that is not authorised started within the last 45 working days.", ASSESSMENTS,
        UNAUTHORISED & (_.assessment_actual_start_date < _working_days_before_reference_date(45)),
    ),
    Rule(
        "8696", "An assessment is authorised within the census year.", ASSESSMENTS,
        outside_year(_.assessment_authorisation_date),
    ),
    Rule(
        "8736", "An assessment that is not authorised started within the census year.", ASSESSMENTS,
        UNAUTHORISED & outside_year(_.assessment_actual_start_date),
    ),
    Rule("8863Q", "No assessment starts during another of its case.", ASSESSMENTS, _.is_within_another),
    Rule(
        "8869", "That no factor was found stands alone in an assessment.", ASSESSMENTS,
        (_.times_no_factor > 0) & (_.other_factors > 0),
    ),
    Rule(
        "8897Q", "An assessment authorised in the census year has factors, with valid codes.", ASSESSMENTS,
        ~outside_year(_.assessment_authorisation_date) & ((_.factors == 0) | (_.invalid_factors > 0)),
    ),
    Rule("8898", "No factor of an assessment is recorded twice.", ASSESSMENTS, _.factors > _.different_factors),
    Rule(
        "8945Q", "Physical abuse is recorded as by a child or by an adult, not by the code for either.", FACTORS,
        _.assessment_factor == "18A", first_year=2025,
    ),
    Rule(
        "8950Q", "Sexual abuse is recorded as by a child or by an adult, not by the code for either.", FACTORS,
        _.assessment_factor == "19A", first_year=2025,
    ),
)  # fmt: skip

SECTION47_RULES = (
    Rule(
        "1104", "A conference does not come before its referral.", SECTION47,
        _.date_of_initial_cpc < _.cin_referral_date,
    ),
    Rule(
        "2884", "A conference is recorded with the referral or with the section 47 enquiry, not with both.", SECTION47,
        _.conference_is_also_with_referral,
    ),
    Rule(
        "2889", "A section 47 enquiry does not start before its referral.", SECTION47,
        _.s47_actual_start_date < _.cin_referral_date,
    ),
    Rule(
        "8615", "A section 47 enquiry that led to a conference started, and not later.", SECTION47,
        _.date_of_initial_cpc.notnull()
        & (_.s47_actual_start_date.isnull() | (_.s47_actual_start_date > _.date_of_initial_cpc)),
    ),
    Rule(
        "8675Q", "A section 47 enquiry that still needs a conference started within the last 15 working days.",
        SECTION47, CONFERENCE_DUE & (_.s47_actual_start_date < _working_days_before_reference_date(15)),
    ),
    Rule(
        "8740", "A section 47 enquiry that still needs a conference started within the census year.", SECTION47,
        CONFERENCE_DUE & outside_year(_.s47_actual_start_date),
    ),
    Rule("8870Q", "A conference is not due at a weekend.", SECTION47, at_weekend(_.initial_cpc_target)),
    Rule("8890", "No section 47 enquiry starts during another of its case.", SECTION47, _.is_within_another),
)  # fmt: skip

PLAN_RULES = (
    Rule(
        "1105", "A child protection plan does not start before its referral.", CHILD_PROTECTION_PLANS,
        _.cpp_start_date < _.cin_referral_date,
    ),
    Rule(
        "2885", "A child protection plan starts on the day of a conference.", CHILD_PROTECTION_PLANS,
        ~outside_year(_.cpp_start_date) & ~_.starts_with_conference.fill_null(False),
    ),
    Rule(
        "4017", "A child protection plan does not start during a child in need plan of its case.",
        CHILD_PROTECTION_PLANS, _.is_within_cin_plan,
    ),
    Rule(
        "8720", "A child protection plan has a start, not after the reference date.", CHILD_PROTECTION_PLANS,
        _.cpp_start_date.isnull() | (_.cpp_start_date > LAST_DAY),
    ),
    Rule(
        "8840", "A child protection plan does not end on the day that it starts.", CHILD_PROTECTION_PLANS,
        _.cpp_end_date == _.cpp_start_date,
    ),
    Rule(
        "8915", "A child protection plan does not start after death.", CHILD_PROTECTION_PLANS,
        _.cpp_start_date > _.person_death_date,
    ),
    Rule(
        "8920", "A child protection plan does not end after death.", CHILD_PROTECTION_PLANS,
        _.cpp_end_date > _.person_death_date,
    ),
    Rule(
        "8925", "A child protection plan does not end before it starts.", CHILD_PROTECTION_PLANS,
        _.cpp_end_date < _.cpp_start_date,
    ),
    Rule(
        "8930", "A child protection plan ends within the census year.", CHILD_PROTECTION_PLANS,
        outside_year(_.cpp_end_date),
    ),
    Rule(
        "8940", "No child protection plan starts during another of the child.", CHILD_PROTECTION_PLANS,
        _.is_within_another,
    ),
    Rule(
        "4008", "A child in need plan does not start after death.", CIN_PLANS,
        _.cin_plan_start_date > _.person_death_date,
    ),
    Rule(
        "4009Q", "A child in need plan does not end after death.", CIN_PLANS,
        _.cin_plan_end_date > _.person_death_date,
    ),
    Rule(
        "4010", "A child in need plan has a start, not after the reference date.", CIN_PLANS,
        _.cin_plan_start_date.isnull() | (_.cin_plan_start_date > LAST_DAY),
    ),
    Rule(
        "4015", "A child in need plan does not start before its referral.", CIN_PLANS,
        _.cin_plan_start_date < _.cin_referral_date,
    ),
    Rule(
        "4016", "A child in need plan does not start during a child protection plan of its case.", CIN_PLANS,
        _.is_within_child_protection_plan,
    ),
)  # fmt: skip

RULES = RETURN_RULES + CHILD_RULES + REFERRAL_RULES + ASSESSMENT_RULES + SECTION47_RULES + PLAN_RULES


def column_rules(tables: Iterable[Table]) -> Iterator[Rule]:
    """What every column of some tables must be, in every year, as rules named after the table and the column."""
    for table in tables:
        for column in table.columns:
            checked = [c for c in column.constraints if not isinstance(c, Typed)]
            if checked:
                code = f"{table.name}.{column.name}"
                words = f"{column.element} {' and '.join(c.words for c in checked)}."
                broken = [c.broken(_[column.name], YEAR).fill_null(False) for c in checked]
                yield Rule(code, words, table, reduce(or_, broken), first_year=0)


#: What every column of a return must be.
COLUMN_RULES = tuple(column_rules(TABLES))
