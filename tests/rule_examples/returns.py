"""Returns that keep, and returns that break, the rules of whole returns."""

from __future__ import annotations

from rule_examples.made import UNBORN, case

EXAMPLES = {
    "100": ([case()], [case(returns={"year": 2023}), case(returns={"reference_date": None})]),
    "2883": (
        [
            case(child_protection_plans={}, section47={}),
            case(child_protection_plans={}, referrals={"date_of_initial_cpc": "2023-04-01"}),
            case(child_protection_plans=[{}, {}], section47={}, referrals={"date_of_initial_cpc": "2023-06-21"}),
            case(child_protection_plans=[{"cpp_start_date": "2023-03-31"}, {"cpp_start_date": "2024-04-01"}]),
        ],
        [
            case(child_protection_plans={"cpp_start_date": "2024-03-31"}),
            case(child_protection_plans={}, section47={"date_of_initial_cpc": "2023-03-31"}),
            case(child_protection_plans={}, referrals={"date_of_initial_cpc": "2024-04-01"}),
            case(child_protection_plans=[{}, {}], section47={}),
        ],
    ),
    "2886Q": (
        [
            case(children=[{"la_child_id": f"C{n}", "gender_current": "0" if n == 0 else "1"} for n in range(50)]),
            case(children=[{}, UNBORN | {"la_child_id": "B"}]),
            case(children={"gender_current": None}, year=2025),
        ],
        [
            case(children=[{"la_child_id": f"C{n}", "gender_current": "0" if n == 0 else "1"} for n in range(49)]),
            case(children={"gender_current": None}),
            case(children={"sex": "U"}, year=2025),
        ],
    ),
    "2887Q": (
        [case(disabilities=[{"disability": c} for c in ("MOB", "HAND", "PC", "INC", "COMM", "LD", "HEAR", "VIS")])],
        [
            case(disabilities=[{"disability": c} for c in ("MOB", "HAND", "PC", "INC", "COMM", "LD", "HEAR", "NONE")]),
            case(disabilities=[]),
        ],
    ),
    "2888Q": (
        [case(disabilities=[{"disability": "MOB"}, {"disability": "LD"}])],
        [case(disabilities=[{"disability": "MOB"}, {"disability": "NONE"}]), case(disabilities=[])],
    ),
}  # fmt: skip
