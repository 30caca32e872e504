"""Returns that keep, and returns that break, the rules of referrals."""

from __future__ import annotations

from rule_examples.made import (
    CHILD_B,
    CLOSED,
    DIED,
    NFA,
    NO_CONFERENCE,
    NOT_IN_NEED,
    NOT_REQUIRED,
    UNAUTHORISED,
    UNBORN,
    case,
)

EXAMPLES = {
    "2990": (
        [case(referrals=NOT_IN_NEED, assessments={}), case(referrals=CLOSED, section47={})],
        [
            case(referrals=NOT_IN_NEED, section47={}),
            case(referrals=NOT_IN_NEED | {"reason_for_closure": "RC9"}, child_protection_plans={}),
            case(referrals=NOT_IN_NEED, cin_plans={}),
            case(referrals=NOT_IN_NEED | {"date_of_initial_cpc": "2023-07-01"}),
        ],
    ),
    "2991Q": (
        [case(), case(assessments={}), case(section47={}, assessments={})],
        [
            case(section47={}),
            case(referrals=[{}, {}], section47={}, assessments={"referral_number": 2}),
        ],
    ),
    "4000": ([case(cin_plans={}), case(referrals=NFA)], [case(referrals=NFA, cin_plans={})]),
    "4001": (
        [
            case(child_protection_plans={"cpp_end_date": "2023-08-01"}, cin_plans={}),
            case(child_protection_plans={}, cin_plans={"cin_plan_end_date": "2023-08-01"}),
            case(referrals=[{}, {}], child_protection_plans={}, cin_plans={"referral_number": 2}),
        ],
        [
            case(child_protection_plans={}, cin_plans={}),
            case(
                child_protection_plans=[{"cpp_end_date": "2023-08-01"}, {}],
                cin_plans=[{}, {"cin_plan_end_date": "2023-08-01"}],
            ),
        ],
    ),
    "8555Q": (
        [case(children={"person_death_date": "2023-06-01"})],
        [case(children={"person_death_date": "2023-05-31"})],
    ),
    "8565": (
        [
            case(
                referrals=CLOSED | {"date_of_initial_cpc": "2023-09-01"},
                assessments={"assessment_authorisation_date": "2023-09-01"},
                section47={"date_of_initial_cpc": "2023-09-01"},
                child_protection_plans={"cpp_start_date": "2023-09-02", "cpp_end_date": "2023-09-01"},
                cin_plans={"cin_plan_end_date": "2023-09-01"},
            ),
            case(referrals=CLOSED),
            case(assessments={"assessment_authorisation_date": "2023-09-02"}),
        ],
        [
            case(referrals=CLOSED | {"date_of_initial_cpc": "2023-09-02"}),
            case(referrals=CLOSED, assessments={"assessment_actual_start_date": "2023-09-02"}),
            case(referrals=CLOSED, assessments={"assessment_authorisation_date": "2023-09-02"}),
            case(referrals=CLOSED, section47={"s47_actual_start_date": "2023-09-02"}),
            case(referrals=CLOSED, section47={"date_of_initial_cpc": "2023-09-02"}),
            case(referrals=CLOSED, child_protection_plans={"cpp_end_date": "2023-09-02"}),
            case(referrals=CLOSED, cin_plans={"cin_plan_start_date": "2023-09-02"}),
            case(referrals=CLOSED, cin_plans={"cin_plan_end_date": "2023-09-02"}),
        ],
    ),
    "8568": ([case(), case(referrals=NFA)], [case(referrals={"referral_nfa": None})]),
    "8569Q": (
        [
            case(referrals=NFA | {"cin_referral_date": "2023-03-31"}),
            case(referrals={"cin_referral_date": "2022-03-31"}),
        ],
        [
            case(referrals=NFA | {"cin_referral_date": "2023-03-30"}),
            case(referrals=NFA | {"cin_referral_date": "2024-03-27"}, year=2025),
        ],
    ),
    "8585Q": (
        [case(referrals=CLOSED), case(referrals=DIED, children={"person_death_date": "2023-08-30"})],
        [case(referrals=DIED)],
    ),
    "8600": (
        [case(referrals={"cin_referral_date": "2024-03-31"})],
        [case(referrals={"cin_referral_date": "2024-04-01"}), case(referrals={"cin_referral_date": None})],
    ),
    "8606": (
        [
            case(referrals={"cin_referral_date": "2023-06-01"}, children={"person_birth_date": "2024-03-07"}),
            case(referrals={"cin_referral_date": "2023-07-26"}, children=UNBORN),
        ],
        [
            case(referrals={"cin_referral_date": "2023-06-01"}, children={"person_birth_date": "2024-03-08"}),
            case(referrals={"cin_referral_date": "2023-07-25"}, children=UNBORN),
        ],
    ),
    "8610": (
        [case(), case(referrals=NFA), case(referrals=NFA | {"referral_nfa": None})],
        [case(referrals={"primary_need_code": None})],
    ),
    "8620": (
        [case(referrals=CLOSED | {"cin_closure_date": d}) for d in ("2023-04-01", "2024-03-31")] + [case()],
        [case(referrals=CLOSED | {"cin_closure_date": d}) for d in ("2023-03-31", "2024-04-01")],
    ),
    "8630": (
        [case(referrals=CLOSED | {"cin_closure_date": "2023-06-01"})],
        [case(referrals=CLOSED | {"cin_closure_date": "2023-05-31"})],
    ),
    "8640": (
        [case(referrals=CLOSED | {"reason_for_closure": "RC9"}), case(referrals=CLOSED), case()],
        [case(referrals=CLOSED | {"reason_for_closure": code}) for code in ("RC10", "rc7")],
    ),
    "8650": ([case(), case(referrals=NFA)], [case(referrals={"primary_need_code": "N10"})]),
    "8715": (
        [
            case(),
            case(section47={"date_of_initial_cpc": "2023-04-01"}, referrals={"date_of_initial_cpc": "2024-03-31"}),
            case(section47=NO_CONFERENCE),
        ],
        [
            case(section47={"date_of_initial_cpc": "2023-03-31"}),
            case(section47=[{}, {"date_of_initial_cpc": "2024-04-01"}]),
            case(referrals={"date_of_initial_cpc": "2023-03-31"}),
            case(section47={"date_of_initial_cpc": "2024-04-01"}, referrals={"date_of_initial_cpc": "2024-04-01"}),
        ],
    ),
    "8775Q": (
        [
            case(children={"person_birth_date": "1999-03-31"}),
            case(children={"person_birth_date": "1998-09-01"}, referrals=CLOSED),
        ],
        [
            case(children={"person_birth_date": "1999-03-30"}),
            case(children={"person_birth_date": "1998-08-31"}, referrals=CLOSED),
        ],
    ),
    "8805": ([case(), case(referrals=CLOSED)], [case(referrals=CLOSED | {"reason_for_closure": None})]),
    "8810": ([case(), case(referrals=CLOSED)], [case(referrals=CLOSED | {"cin_closure_date": None})]),
    "8816": (
        [
            case(referrals=[CLOSED, {"cin_referral_date": "2023-09-01"}]),
            case(referrals=[NFA, {"cin_referral_date": "2023-09-01"}]),
            case(referrals=[{}, {}]),
        ],
        [case(referrals=[{}, NFA | {"cin_referral_date": "2023-06-02"}])],
    ),
    "8820": (
        [
            case(referrals=[CLOSED, {"cin_referral_date": "2023-09-01"}]),
            case(referrals=[NFA, {"cin_referral_date": "2023-09-01"}]),
            case(referrals=[NFA, NFA]),
            case(referrals=[{"cin_closure_date": "2023-06-01"}, {"cin_closure_date": "2023-06-01"}]),
            case(referrals=[{"cin_referral_date": "2023-09-01"}, NFA]),
            case(referrals=[{}, {"cin_referral_date": "2024-04-01"}]),
            case(children=[{}, CHILD_B], referrals=[{}, {"la_child_id": "B", "referral_number": 1}]),
        ],
        [
            case(referrals=[CLOSED, {"cin_referral_date": "2023-08-31"}]),
            case(referrals=[CLOSED, NFA | {"cin_referral_date": "2023-06-01"}]),
            case(referrals=[CLOSED, {}], breaks=2),
            case(referrals=[{}, {"cin_referral_date": "2024-03-31"}]),
            case(referrals=[{}, NFA | CLOSED | {"cin_referral_date": "2023-07-01"}]),
            case(referrals=[NFA | CLOSED, {"cin_referral_date": "2023-07-01"}]),
            case(
                children=[{"la_child_id": None}],
                referrals=[{"la_child_id": None}, {"la_child_id": None, "cin_referral_date": "2023-09-01"}],
            ),
        ],
    ),
    "8825Q": ([case(referrals=NOT_IN_NEED, assessments={}), case(referrals=CLOSED)], [case(referrals=NOT_IN_NEED)]),
    "8831": (
        [
            case(referrals=NFA),
            case(assessments={}, section47={}, referrals={"date_of_initial_cpc": "2023-08-01"}),
            case(
                referrals=NFA,
                assessments={"assessment_actual_start_date": None, "assessment_authorisation_date": None},
            ),
        ],
        [
            case(referrals=NFA, assessments={"assessment_authorisation_date": None}),
            case(referrals=NFA, section47={"date_of_initial_cpc": None}),
            case(referrals=NFA | {"date_of_initial_cpc": "2023-08-01"}),
        ],
    ),
    "8832": (
        [case(referrals=NFA), case(child_protection_plans={})],
        [case(referrals=NFA, child_protection_plans={})],
    ),
    "8839": (
        [
            case(section47=[{}, NO_CONFERENCE]),
            case(section47=[NO_CONFERENCE, NOT_REQUIRED]),
            case(referrals=[{}, {}], section47=[NO_CONFERENCE, NO_CONFERENCE | {"referral_number": 2}]),
        ],
        [
            case(section47=[NO_CONFERENCE, NO_CONFERENCE]),
            case(section47=[NO_CONFERENCE, NO_CONFERENCE | {"icpc_not_required": None}]),
        ],
    ),
    "8866": (
        [
            case(),
            case(referrals={"referral_source": "5D"}),
            case(referrals={"referral_source": None, "cin_referral_date": "2013-03-31"}),
        ],
        [
            case(referrals={"referral_source": None}),
            case(referrals={"referral_source": "5E"}),
            case(referrals={"referral_source": "1", "cin_referral_date": "2013-04-01"}),
        ],
    ),
    "8867": (
        [case(referrals=CLOSED, assessments={}), case(assessments={"assessment_authorisation_date": None})],
        [case(referrals=CLOSED, assessments=[{}, {"assessment_authorisation_date": None}])],
    ),
    "8868": (
        [
            case(referrals=CLOSED, section47={}),
            case(referrals=CLOSED, section47={"date_of_initial_cpc": None, "icpc_not_required": True}),
            case(section47={"date_of_initial_cpc": None}),
        ],
        [
            case(referrals=CLOSED, section47={"date_of_initial_cpc": None}),
            case(referrals=CLOSED, section47={"date_of_initial_cpc": None, "icpc_not_required": None}),
        ],
    ),
    "8873Q": (
        [
            case(referrals=NOT_IN_NEED, assessments={}, factors={"assessment_factor": "21"}),
            case(assessments={}, factors={"assessment_factor": "2B"}),
            case(assessments=[{}, {}], factors={"assessment_factor": "21"}),
        ],
        [case(assessments={}, factors={"assessment_factor": "21"})],
    ),
    "8875": (
        [
            case(),
            case(section47={"date_of_initial_cpc": "2023-06-23"}, referrals={"date_of_initial_cpc": "2023-06-26"}),
        ],
        [
            case(section47={"date_of_initial_cpc": "2023-06-24"}),
            case(section47=[{}, {"date_of_initial_cpc": "2023-06-25"}]),
            case(referrals={"date_of_initial_cpc": "2023-06-25"}),
        ],
    ),
    "8896": (
        [
            case(assessments=[{}, UNAUTHORISED]),
            case(referrals=[{}, {}], assessments=[UNAUTHORISED, UNAUTHORISED | {"referral_number": 2}]),
        ],
        [case(assessments=[UNAUTHORISED, {}, UNAUTHORISED])],
    ),
}  # fmt: skip
