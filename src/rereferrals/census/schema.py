"""Every table and column of the census return, and of what comes beside the returns, declared once.

Tables follow the groups of the return; columns carry the elements' own names in snake_case. A row's key is its full
path: authority, collection year, child, and its number among its siblings, in file order, from 1.
`child_number` tells child records apart that share an LAchildID within one return (rule 8510), and is 1 otherwise;
records without an LAchildID have a null `la_child_id` and are numbered among themselves.

Inputs are tables that no return holds: a store may have them for some years, for all or for none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rereferrals.census import constraints

ColumnType = Literal["date", "code", "text", "flag", "number"]
RETURN_KEY = ("lea", "collection_year")
#: Key columns that are text; the others are whole numbers.
TEXT_KEYS = ("lea", "la_child_id", "upn")


@dataclass(frozen=True)
class Column:
    """A column: its name, the element it comes from, its type, and what it must be.

    `date` is a day; `flag` is true or false (1 and 0 in the return); `number` a whole number; `code` a value of the
    code set named by `codes`; `text` anything else. A value that cannot be read as its type is stored as null and
    counted in the read report.
    """

    name: str
    element: str
    type: ColumnType
    meaning: str
    codes: str | None = None
    required: bool = False
    pattern: str | None = None
    first_year: int = 2017
    last_year: int | None = None

    @property
    def constraints(self) -> tuple[constraints.Constraint, ...]:
        """What a value must be: each describes, checks and generates."""
        return constraints.constraints_of(self)

    @property
    def values(self) -> constraints.Values:
        """What the values are, where there is one."""
        return constraints.values_of(self)


@dataclass(frozen=True)
class Table:
    """A table: the element that makes a row of it, what it adds to its parent's key, its columns.

    Without a parent, `root` is what it adds to.
    """

    name: str
    element: str
    meaning: str
    own_key: tuple[str, ...]
    columns: tuple[Column, ...]
    parent: Table | None = None
    root: tuple[str, ...] = RETURN_KEY

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that identify a row."""
        above = self.parent.key if self.parent else self.root
        return (*above, *self.own_key)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Key columns, then own columns, in the order of the stored file."""
        return (*self.key, *(c.name for c in self.columns))

    def types(self) -> dict[str, str]:
        """Column name → Ibis type, in the order of the stored file."""
        keys = {name: "string" if name in TEXT_KEYS else "int32" for name in self.key}
        return keys | {c.name: IBIS_TYPES[c.type] for c in self.columns}


IBIS_TYPES = {"date": "date", "code": "string", "text": "string", "flag": "boolean", "number": "int32"}


def _date(name: str, element: str, meaning: str, **more: object) -> Column:
    return Column(name, element, "date", meaning, **more)  # type: ignore[arg-type]


RETURNS = Table(
    "returns",
    "Header",
    "One row per return: what its header says.",
    (),
    (
        _date("reference_date", "ReferenceDate", "31 March of the collection year", required=True),
        Column("collection", "Collection", "code", "The collection", codes="collection"),
        Column("year", "Year", "number", "The collection year that the header states; the reference date decides"),
        Column("source_level", "SourceLevel", "text", "L: the return comes from an authority"),
        Column("software_code", "SoftwareCode", "text", "The software that made the return"),
        Column("release", "Release", "text", "The release of that software"),
        Column("serial_no", "SerialNo", "text", "The serial number of the return"),
        Column("date_time", "DateTime", "text", "When the return was made"),
    ),
)

UPN = r"[A-Z][0-9]{11}[0-9A-Z]"

CHILDREN = Table(
    "children",
    "Child",
    "One row per child record of a return.",
    ("la_child_id", "child_number"),
    (
        Column("upn", "UPN", "text", "Unique pupil number", pattern=UPN),
        Column("former_upn", "FormerUPN", "text", "Unique pupil number held before", pattern=UPN),
        Column("upn_unknown", "UPNunknown", "code", "Why there is no unique pupil number", codes="upn_unknown"),
        _date("person_birth_date", "PersonBirthDate", "Date of birth; absent for the unborn"),
        _date("expected_person_birth_date", "ExpectedPersonBirthDate", "Expected date of birth of the unborn"),
        Column("gender_current", "GenderCurrent", "code", "Gender", codes="gender_current", last_year=2024),
        Column("sex", "Sex", "code", "Sex", codes="sex", first_year=2025),
        _date("person_death_date", "PersonDeathDate", "Date of death"),
        Column("ethnicity", "Ethnicity", "code", "Ethnic group", codes="ethnicity", required=True),
    ),
)
DISABILITIES = Table(
    "disabilities",
    "Disability",
    "One row per disability of a child record.",
    ("disability_number",),
    (Column("disability", "Disability", "code", "Disability; NONE stands alone", codes="disability", required=True),),
    CHILDREN,
)

REFERRALS = Table(
    "referrals",
    "CINdetails",
    "One row per referral: a CINdetails group.",
    ("referral_number",),
    (
        _date("cin_referral_date", "CINreferralDate", "Date of referral", required=True),
        Column(
            "referral_source",
            "ReferralSource",
            "code",
            "Who referred the child",
            codes="referral_source",
            required=True,
        ),
        Column("primary_need_code", "PrimaryNeedCode", "code", "The child's primary need", codes="primary_need"),
        _date("cin_closure_date", "CINclosureDate", "Date the case was closed"),
        Column("reason_for_closure", "ReasonForClosure", "code", "Why the case was closed", codes="reason_for_closure"),
        _date(
            "date_of_initial_cpc",
            "DateOfInitialCPC",
            "Date of an initial child protection conference without a section 47 enquiry here",
        ),
        Column("referral_nfa", "ReferralNFA", "flag", "No further action was decided at referral", required=True),
    ),
    CHILDREN,
)

ASSESSMENTS = Table(
    "assessments",
    "Assessments",
    "One row per assessment of a referral.",
    ("assessment_number",),
    (
        _date(
            "assessment_actual_start_date", "AssessmentActualStartDate", "Date the assessment started", required=True
        ),
        _date("assessment_internal_review_date", "AssessmentInternalReviewDate", "Date of its internal review"),
        _date(
            "assessment_authorisation_date", "AssessmentAuthorisationDate", "Date it was completed; absent if not yet"
        ),
    ),
    REFERRALS,
)

FACTORS = Table(
    "factors",
    "AssessmentFactors",
    "One row per factor identified at the end of an assessment.",
    ("factor_number",),
    (
        Column(
            "assessment_factor",
            "AssessmentFactors",
            "code",
            "Factor identified",
            codes="assessment_factor",
            required=True,
        ),
    ),
    ASSESSMENTS,
)

CIN_PLANS = Table(
    "cin_plans",
    "CINPlanDates",
    "One row per child in need plan of a referral.",
    ("cin_plan_number",),
    (
        _date("cin_plan_start_date", "CINPlanStartDate", "Date the plan started", required=True, first_year=2022),
        _date("cin_plan_end_date", "CINPlanEndDate", "Date the plan ended", first_year=2022),
    ),
    REFERRALS,
)

SECTION47 = Table(
    "section47",
    "Section47",
    "One row per section 47 enquiry of a referral.",
    ("section47_number",),
    (
        _date("s47_actual_start_date", "S47ActualStartDate", "Date the enquiry started", required=True),
        _date("initial_cpc_target", "InitialCPCtarget", "Date an initial conference was due"),
        _date("date_of_initial_cpc", "DateOfInitialCPC", "Date of the initial child protection conference"),
        Column("icpc_not_required", "ICPCnotRequired", "flag", "No conference was required", required=True),
    ),
    REFERRALS,
)

CHILD_PROTECTION_PLANS = Table(
    "child_protection_plans",
    "ChildProtectionPlans",
    "One row per child protection plan of a referral.",
    ("cpp_number",),
    (
        _date("cpp_start_date", "CPPstartDate", "Date the plan started", required=True),
        _date("cpp_end_date", "CPPendDate", "Date the plan ended"),
        Column(
            "initial_category_of_abuse",
            "InitialCategoryOfAbuse",
            "code",
            "Category of abuse at the start",
            codes="category_of_abuse",
            required=True,
        ),
        Column(
            "latest_category_of_abuse",
            "LatestCategoryOfAbuse",
            "code",
            "Latest category of abuse",
            codes="category_of_abuse",
            required=True,
        ),
        Column("number_of_previous_cpp", "NumberOfPreviousCPP", "number", "Number of earlier plans", required=True),
    ),
    REFERRALS,
)

REVIEWS = Table(
    "reviews",
    "CPPreviewDate",
    "One row per review of a child protection plan.",
    ("review_number",),
    (_date("cpp_review_date", "CPPreviewDate", "Date of the review", required=True),),
    CHILD_PROTECTION_PLANS,
)

TABLES = (
    RETURNS,
    CHILDREN,
    DISABILITIES,
    REFERRALS,
    ASSESSMENTS,
    FACTORS,
    CIN_PLANS,
    SECTION47,
    CHILD_PROTECTION_PLANS,
    REVIEWS,
)

LOOKED_AFTER = Table(
    "looked_after",
    "Episode",
    "One row per episode of being looked after that was open on some day of the year (SSDA903).",
    ("la_child_id", "episode_number"),
    (
        Column("upn", "UPN", "text", "Unique pupil number", pattern=UPN),
        _date("decom", "DECOM", "Date the episode began", required=True),
        _date("dec", "DEC", "Date the episode ceased; absent while it lasts"),
    ),
)

PUPILS = Table(
    "pupils",
    "Pupil",
    "One row per record of a pupil in the school census of the year's spring.",
    ("upn", "pupil_number"),
    (
        Column("fsm_eligible", "FSMeligible", "flag", "Eligible for free school meals", required=True),
        Column(
            "sen_provision",
            "SENprovision",
            "code",
            "Provision for special educational needs",
            codes="sen_provision",
            required=True,
        ),
    ),
    root=("collection_year",),
)

#: What comes beside the returns: no part of one, and never in XML.
INPUTS = (LOOKED_AFTER, PUPILS)
BY_NAME = {table.name: table for table in TABLES + INPUTS}
