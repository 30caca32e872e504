"""Returns that keep, and returns that break, the rules of section 47 enquiries."""

from __future__ import annotations

from rule_examples.made import NO_CONFERENCE, NOT_REQUIRED, case

EXAMPLES = {
    "1104": (
        [case(section47={"date_of_initial_cpc": "2023-06-01"})],
        [case(section47={"date_of_initial_cpc": "2023-05-31"})],
    ),
    "2884": (
        [case(section47={}, referrals={"date_of_initial_cpc": "2023-06-21"})],
        [
            case(section47={}, referrals={"date_of_initial_cpc": "2023-06-20"}),
            case(section47={}, referrals=[{}, {"date_of_initial_cpc": "2023-06-20"}]),
        ],
    ),
    "2889": (
        [case(section47={"s47_actual_start_date": "2023-06-01"})],
        [case(section47={"s47_actual_start_date": "2023-05-31"})],
    ),
    "8615": (
        [
            case(section47={"s47_actual_start_date": "2023-06-20"}),
            case(section47=NO_CONFERENCE | {"s47_actual_start_date": None}),
        ],
        [case(section47={"s47_actual_start_date": d}) for d in ("2023-06-21", None)],
    ),
    "8675Q": (
        [
            case(section47=NO_CONFERENCE | {"s47_actual_start_date": "2024-03-07"}),
            case(2025, section47=NO_CONFERENCE | {"s47_actual_start_date": "2025-03-10"}),
            case(section47=NOT_REQUIRED),
            case(section47={}),
        ],
        [
            case(section47=NO_CONFERENCE | {"s47_actual_start_date": "2024-03-06"}),
            case(2025, section47=NO_CONFERENCE | {"s47_actual_start_date": "2025-03-09"}),
        ],
    ),
    "8740": (
        [
            case(section47=NO_CONFERENCE | {"s47_actual_start_date": "2023-04-01"}),
            case(section47=NO_CONFERENCE | {"s47_actual_start_date": "2024-03-31"}),
            case(section47=NOT_REQUIRED | {"s47_actual_start_date": "2023-03-31"}),
            case(section47={"s47_actual_start_date": "2023-03-31"}),
        ],
        [case(section47=NO_CONFERENCE | {"s47_actual_start_date": d}) for d in ("2023-03-31", "2024-04-01")],
    ),
    "8870Q": (
        [case(section47={"initial_cpc_target": d}) for d in ("2023-06-23", "2023-06-26", None)],
        [case(section47={"initial_cpc_target": d}) for d in ("2023-06-24", "2023-06-25")],
    ),
    "8890": (
        [
            case(section47={}),
            case(section47=[{}, {"s47_actual_start_date": "2023-06-21"}]),
            case(section47=[NOT_REQUIRED, {"s47_actual_start_date": "2023-06-06"}]),
            case(section47=[NO_CONFERENCE, {"s47_actual_start_date": "2024-04-01"}]),
            case(referrals=[{}, {}], section47=[{}, {"referral_number": 2, "section47_number": 1}]),
        ],
        [
            case(section47=[{}, {"s47_actual_start_date": "2023-06-20"}]),
            case(section47=[NO_CONFERENCE, {"s47_actual_start_date": "2024-03-31"}]),
            case(section47=[{}, NOT_REQUIRED]),
            case(section47=[{}, {}], breaks=2),
        ],
    ),
}  # fmt: skip
