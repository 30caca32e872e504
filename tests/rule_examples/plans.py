"""Returns that keep, and returns that break, the rules of plans."""

from __future__ import annotations

from rule_examples.made import CHILD_B, NO_CONFERENCE, REFERRAL_OF_B, case

ENDED = {"cpp_end_date": "2023-08-01"}
CIN_PLAN_ENDED = {"cin_plan_end_date": "2023-08-01"}

EXAMPLES = {
    "1105": (
        [case(child_protection_plans={"cpp_start_date": "2023-06-01"})],
        [case(child_protection_plans={"cpp_start_date": "2023-05-31"})],
    ),
    "2885": (
        [
            case(child_protection_plans={}, section47={}),
            case(child_protection_plans={}, section47=[{}, {"date_of_initial_cpc": "2023-09-01"}]),
            case(child_protection_plans={}, referrals={"date_of_initial_cpc": "2023-06-20"}),
            case(child_protection_plans=[{"cpp_start_date": "2023-03-31"}, {"cpp_start_date": "2024-04-01"}]),
        ],
        [
            case(child_protection_plans={}),
            case(child_protection_plans={}, section47={"date_of_initial_cpc": "2023-06-19"}),
            case(child_protection_plans={}, section47=NO_CONFERENCE, referrals={"date_of_initial_cpc": "2023-06-20"}),
            case(child_protection_plans={}, section47={"referral_number": 2}, referrals=[{}, {}]),
            case(child_protection_plans={"cpp_start_date": "2023-04-01"}, section47={}),
        ],
    ),
    "4008": (
        [case(children={"person_death_date": "2023-06-20"}, cin_plans={})],
        [case(children={"person_death_date": "2023-06-19"}, cin_plans={})],
    ),
    "4009Q": (
        [case(children={"person_death_date": "2023-08-01"}, cin_plans=CIN_PLAN_ENDED)],
        [case(children={"person_death_date": "2023-07-31"}, cin_plans=CIN_PLAN_ENDED)],
    ),
    "4010": (
        [case(cin_plans={"cin_plan_start_date": "2024-03-31"})],
        [case(cin_plans={"cin_plan_start_date": d}) for d in ("2024-04-01", None)],
    ),
    "4015": (
        [case(cin_plans={"cin_plan_start_date": "2023-06-01"})],
        [case(cin_plans={"cin_plan_start_date": "2023-05-31"})],
    ),
    "4016": (
        [
            case(cin_plans={"cin_plan_start_date": "2023-06-19"}, child_protection_plans={}),
            case(cin_plans={"cin_plan_start_date": "2023-08-01"}, child_protection_plans=ENDED),
            case(cin_plans={"cin_plan_start_date": "2024-04-01"}, child_protection_plans={}),
            case(cin_plans={"referral_number": 2}, child_protection_plans={}, referrals=[{}, {}]),
        ],
        [
            case(cin_plans={}, child_protection_plans={}),
            case(cin_plans={"cin_plan_start_date": "2023-07-31"}, child_protection_plans=ENDED),
            case(cin_plans={"cin_plan_start_date": "2024-03-31"}, child_protection_plans=[{}, {}]),
        ],
    ),
    "4017": (
        [
            case(child_protection_plans={"cpp_start_date": "2023-06-19"}, cin_plans={}),
            case(child_protection_plans={"cpp_start_date": "2023-08-01"}, cin_plans=CIN_PLAN_ENDED),
            case(child_protection_plans={"cpp_start_date": "2024-04-01"}, cin_plans={}),
            case(child_protection_plans={}, cin_plans={"referral_number": 2}, referrals=[{}, {}]),
        ],
        [
            case(child_protection_plans={}, cin_plans={}),
            case(child_protection_plans={"cpp_start_date": "2023-07-31"}, cin_plans=CIN_PLAN_ENDED),
            case(child_protection_plans={"cpp_start_date": "2024-03-31"}, cin_plans=[{}, {}]),
        ],
    ),
    "8720": (
        [case(child_protection_plans={"cpp_start_date": "2024-03-31"})],
        [case(child_protection_plans={"cpp_start_date": d}) for d in ("2024-04-01", None)],
    ),
    "8840": (
        [case(child_protection_plans={"cpp_end_date": d}) for d in ("2023-06-21", None)],
        [case(child_protection_plans={"cpp_end_date": "2023-06-20"})],
    ),
    "8915": (
        [case(children={"person_death_date": "2023-06-20"}, child_protection_plans={})],
        [case(children={"person_death_date": "2023-06-19"}, child_protection_plans={})],
    ),
    "8920": (
        [case(children={"person_death_date": "2023-08-01"}, child_protection_plans=ENDED)],
        [case(children={"person_death_date": "2023-07-31"}, child_protection_plans=ENDED)],
    ),
    "8925": (
        [case(child_protection_plans={"cpp_end_date": d}) for d in ("2023-06-20", None)],
        [case(child_protection_plans={"cpp_end_date": "2023-06-19"})],
    ),
    "8930": (
        [case(child_protection_plans={"cpp_end_date": d}) for d in ("2023-04-01", "2024-03-31", None)],
        [case(child_protection_plans={"cpp_end_date": d}) for d in ("2023-03-31", "2024-04-01")],
    ),
    "8940": (
        [
            case(child_protection_plans=[{"cpp_end_date": "2023-07-01"}, {"cpp_start_date": "2023-07-02"}]),
            case(child_protection_plans=[{}, {"cpp_start_date": "2024-04-01"}]),
            case(
                children=[{}, CHILD_B], referrals=[{}, REFERRAL_OF_B],
                child_protection_plans=[{}, REFERRAL_OF_B | {"cpp_number": 1}],
            ),
        ],
        [
            case(child_protection_plans=[{"cpp_end_date": "2023-07-01"}, {"cpp_start_date": "2023-07-01"}]),
            case(child_protection_plans=[{}, {"cpp_start_date": "2024-03-31"}]),
            case(child_protection_plans=[{}, {}], breaks=2),
            case(referrals=[{}, {}], child_protection_plans=[{}, {"referral_number": 2, "cpp_number": 1}], breaks=2),
        ],
    ),
}  # fmt: skip
