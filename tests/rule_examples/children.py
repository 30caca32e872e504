"""Returns that keep, and returns that break, the rules of child records."""

from __future__ import annotations

from rule_examples.made import CHILD_B, CLOSED, NFA, OLD, REFERRAL_OF_B, UNBORN, case, upn

EXAMPLES = {
    "1510": (
        [case(), case(children={"upn": None}), case(children={"upn": "Z80120000100X"})],
        [case(children={"upn": "I801200001001"}), case(children={"upn": upn("801200001001")[0] + "801200001002"})],
    ),
    "1520": (
        [case(children=[{}, CHILD_B]), case(children=[{"upn": None}, CHILD_B])],
        [case(children=[{}, CHILD_B | {"upn": upn("801200001001")}], breaks=2)],
    ),
    "1530": (
        [case(), case(children={"upn": upn("942200001001")}), case(children={"upn": upn("001200001001")})],
        [
            case(children={"upn": upn("421200001001")}),
            case(children={"upn": upn("942200001001")}, year=2023),
            case(children={"upn": "A1"}),
        ],
    ),
    "1540": ([case()], [case(children={"upn": "A801X00001001"}), case(children={"upn": "A80120000"})]),
    "1550": (
        [case(), case(children={"upn": "A80120000100A"})],
        [case(children={"upn": text}) for text in ("A80120000100O", "A80120000100", "A8012000010011")],
    ),
    "1560Q": (
        [case(children={"former_upn": "X80120000100B"}), case(children={"former_upn": "X801200001001"})],
        [case(children={"former_upn": "X80120000100"}), case(children={"former_upn": "1801200001001"})],
    ),
    "1570": (
        [case(children={"la_child_id": "A" * 20}, year=2025), case(children={"la_child_id": "A" * 21}, year=2024)],
        [case(children={"la_child_id": "A" * 21}, year=2025)],
    ),
    "1580": (
        [case(children={"la_child_id": "a1Z"}, year=2025), case(children={"la_child_id": "A-1"}, year=2024)],
        [case(children={"la_child_id": "A-1"}, year=2025)],
    ),
    "4004": (
        [
            case(cin_plans=[{}, {"cin_plan_end_date": "2023-08-01"}]),
            case(
                children=[{}, CHILD_B], referrals=[{}, REFERRAL_OF_B],
                cin_plans=[{}, REFERRAL_OF_B | {"cin_plan_number": 1}],
            ),
        ],
        [
            case(cin_plans=[{}, {}]),
            case(referrals=[{}, {}], cin_plans=[{}, {"referral_number": 2, "cin_plan_number": 1}]),
        ],
    ),
    "4180": (
        [case(), case(children={"sex": None}), case(children={"gender_current": None}, year=2025)],
        [
            case(children={"gender_current": None}),
            case(children={"gender_current": "3"}),
            case(children={"sex": None}, year=2025),
            case(children={"sex": "1"}, year=2025),
        ],
    ),
    "4220": ([case()], [case(children={"ethnicity": None}), case(children={"ethnicity": "XXXX"})]),
    "8500": ([case()], [case(children={"la_child_id": None}, referrals={"la_child_id": None})]),
    "8510": (
        [
            case(children=[{}, CHILD_B]),
            case(children=[{"la_child_id": None}, {"la_child_id": None, "child_number": 2}]),
        ],
        [case(children=[{}, CHILD_B | {"la_child_id": "A", "child_number": 2}], breaks=2)],
    ),
    "8520": (
        [case(children={"person_birth_date": "2024-03-31"}), case(children=UNBORN)],
        [case(children={"person_birth_date": "2024-04-01"})],
    ),
    "8525Q": (
        [case(), case(children=UNBORN)],
        [
            case(children={"person_birth_date": None}),
            case(children={"expected_person_birth_date": "2024-05-01"}),
        ],
    ),
    "8530Q": (
        [case(children=UNBORN | {"expected_person_birth_date": d}) for d in ("2024-03-01", "2024-12-31")],
        [case(children=UNBORN | {"expected_person_birth_date": d}) for d in ("2024-02-29", "2025-01-01")],
    ),
    "8535Q": (
        [case(children={"person_death_date": "2015-05-05"})],
        [
            case(children={"person_death_date": "2015-05-04"}),
            case(children={"person_death_date": "2023-05-04", "person_birth_date": None}),
        ],
    ),
    "8540": (
        [case(), case(children=UNBORN, disabilities=[]), case(referrals=NFA, disabilities=[])],
        [
            case(disabilities=[]),
            case(disabilities=[{}, {"disability": "XX"}]),
            case(referrals=[{}, NFA], disabilities=[]),
        ],
    ),
    "8545Q": (
        [case(children={"person_death_date": d}) for d in ("2023-04-01", "2024-03-31")],
        [case(children={"person_death_date": d}) for d in ("2023-03-31", "2024-04-01")],
    ),
    "8590": ([case()], [case(referrals=[]), case(children=[{}, CHILD_B])]),
    "8750": (
        [case(), case(children=UNBORN), case(children=UNBORN | {"sex": "U", "gender_current": None}, year=2025)],
        [
            case(children=UNBORN | {"gender_current": "1"}),
            case(children=UNBORN | {"gender_current": None}),
            case(children=UNBORN | {"sex": "F"}, year=2025),
        ],
    ),
    "8770Q": (
        [
            case(),
            case(children=OLD | {"person_birth_date": "2018-04-01"}),
            case(children=OLD | {"upn_unknown": "UN2"}),
            case(children=OLD, referrals=NFA),
            case(children=OLD | {"person_birth_date": "2019-09-01"}, year=2025),
        ],
        [
            case(children=OLD),
            case(children=OLD, referrals=[{}, NFA]),
            case(children=OLD | {"upn_unknown": "UN1"}),
            case(children=OLD | {"upn_unknown": "UN8"}),
            case(children=OLD | {"person_birth_date": "2019-08-31"}, year=2025),
        ],
    ),
    "8772": (
        [case(children={"upn_unknown": "UN7"}, referrals=[NFA, NFA]), case(children={"upn_unknown": "UN6"})],
        [case(children={"upn_unknown": "UN7"}), case(children={"upn_unknown": "UN7"}, referrals=[NFA, {}])],
    ),
    "8790": (
        [case(), case(disabilities=[{"disability": "MOB"}, {"disability": "LD"}])],
        [case(disabilities=[{"disability": "NONE"}, {"disability": "LD"}])],
    ),
    "8794": (
        [case(disabilities=[{"disability": "MOB"}, {"disability": "LD"}])],
        [case(disabilities=[{"disability": "LD"}, {"disability": "LD"}])],
    ),
    "8815": (
        [case(referrals=[{}, NFA, NFA]), case(referrals=[{}, CLOSED])],
        [case(referrals=[{}, {}]), case(referrals=[{}, {"cin_referral_date": "2023-09-01"}, {}])],
    ),
    "8935": (
        [
            case(child_protection_plans=[{}, {"cpp_end_date": "2023-08-01"}]),
            case(
                children=[{}, CHILD_B], referrals=[{}, REFERRAL_OF_B],
                child_protection_plans=[{}, REFERRAL_OF_B | {"cpp_number": 1}],
            ),
        ],
        [
            case(child_protection_plans=[{}, {}]),
            case(referrals=[{}, {}], child_protection_plans=[{}, {"referral_number": 2, "cpp_number": 1}]),
        ],
    ),
}  # fmt: skip
