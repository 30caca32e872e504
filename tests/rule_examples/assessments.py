"""Returns that keep, and returns that break, the rules of assessments and their factors."""

from __future__ import annotations

from rule_examples.made import UNAUTHORISED, case

EXAMPLES = {
    "1103": (
        [case(assessments={"assessment_actual_start_date": "2023-06-01"})],
        [case(assessments={"assessment_actual_start_date": "2023-05-31"})],
    ),
    "8608": (
        [case(assessments={"assessment_authorisation_date": "2023-06-02"}), case(assessments=UNAUTHORISED)],
        [case(assessments={"assessment_authorisation_date": "2023-06-01"})],
    ),
    "8614": (
        [
            case(assessments={}, factors={}),
            case(assessments=UNAUTHORISED),
            case(assessments=[UNAUTHORISED, {}], factors={"assessment_number": 2}),
            case(assessments=UNAUTHORISED, factors={"assessment_factor": None}),
        ],
        [case(assessments=UNAUTHORISED, factors=[{}, {"assessment_factor": "3A"}])],
    ),
    "8670Q": (
        [
            case(assessments=UNAUTHORISED | {"assessment_actual_start_date": "2024-01-25"}),
            case(assessments={"assessment_actual_start_date": "2024-01-24"}),
        ],
        [case(assessments=UNAUTHORISED | {"assessment_actual_start_date": "2024-01-24"})],
    ),
    "8696": (
        [case(assessments={"assessment_authorisation_date": d}) for d in ("2023-04-01", "2024-03-31", None)],
        [case(assessments={"assessment_authorisation_date": d}) for d in ("2023-03-31", "2024-04-01")],
    ),
    "8736": (
        [
            case(assessments=UNAUTHORISED | {"assessment_actual_start_date": "2023-04-01"}),
            case(assessments=UNAUTHORISED | {"assessment_actual_start_date": "2024-03-31"}),
            case(assessments={"assessment_actual_start_date": "2023-03-31"}),
        ],
        [
            case(assessments=UNAUTHORISED | {"assessment_actual_start_date": "2023-03-31"}),
            case(assessments=UNAUTHORISED | {"assessment_actual_start_date": "2024-04-01"}),
        ],
    ),
    "8863Q": (
        [
            case(assessments={}),
            case(assessments=[{}, {"assessment_actual_start_date": "2023-07-02"}]),
            case(assessments=[{}, {"assessment_actual_start_date": None}]),
            case(assessments=[UNAUTHORISED, {"assessment_actual_start_date": "2024-04-01"}]),
            case(referrals=[{}, {}], assessments=[{}, {"referral_number": 2, "assessment_number": 1}]),
        ],
        [
            case(assessments=[{}, UNAUTHORISED | {"assessment_actual_start_date": "2023-07-01"}]),
            case(assessments=[UNAUTHORISED, {"assessment_actual_start_date": "2024-03-31"}]),
            case(assessments=[{}, {}], breaks=2),
        ],
    ),
    "8869": (
        [
            case(assessments={}, factors={"assessment_factor": "21"}),
            case(assessments={}, factors=[{}, {"assessment_factor": "3A"}]),
            case(assessments={}, factors=[{"assessment_factor": "21"}, {"assessment_factor": "21"}]),
            case(assessments=[{}, {}], factors=[{"assessment_factor": "21"}, {"assessment_number": 2}]),
        ],
        [case(assessments={}, factors=[{}, {"assessment_factor": "21"}])],
    ),
    "8897Q": (
        [
            case(assessments={}, factors={}),
            case(assessments=UNAUTHORISED),
            case(assessments=[{"assessment_authorisation_date": d} for d in ("2023-03-31", "2024-04-01")]),
        ],
        [
            case(assessments={"assessment_authorisation_date": "2023-04-01"}),
            case(assessments={"assessment_authorisation_date": "2024-03-31"}, factors={"assessment_factor": "99"}),
            case(assessments=[{}, {}], factors=[{}, {"assessment_factor": "3A"}]),
            case(referrals=[{}, {}], assessments=[{}, {"referral_number": 2, "assessment_number": 1}], factors={}),
        ],
    ),
    "8898": (
        [
            case(assessments={}, factors=[{}, {"assessment_factor": "3A"}]),
            case(assessments=[{}, {}], factors=[{}, {"assessment_number": 2}]),
            case(referrals=[{}, {}], assessments=[{}, {"referral_number": 2}], factors=[{}, {"referral_number": 2}]),
        ],
        [case(assessments={}, factors=[{}, {"assessment_factor": "3A"}, {}])],
    ),
    "8945Q": (
        [
            case(2025, assessments={}, factors=[{"assessment_factor": "18B"}, {"assessment_factor": "19A"}]),
            case(2024, assessments={}, factors={"assessment_factor": "18A"}),
        ],
        [case(2025, assessments={}, factors=[{}, {"assessment_factor": "18A"}])],
    ),
    "8950Q": (
        [
            case(2025, assessments={}, factors=[{"assessment_factor": "19C"}, {"assessment_factor": "18A"}]),
            case(2024, assessments={}, factors={"assessment_factor": "19A"}),
        ],
        [case(2025, assessments={}, factors=[{}, {"assessment_factor": "19A"}])],
    ),
}  # fmt: skip
