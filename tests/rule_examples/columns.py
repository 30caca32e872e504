"""Returns that keep, and returns that break, what a single column must be; in years without other rules too."""

from __future__ import annotations

from collections.abc import Iterator

from rereferrals.census import rules
from rule_examples.made import CLOSED, NFA, Return, case

#: Situations of their own.
CHOSEN = {
    "referrals.reason_for_closure": (
        [case(referrals=CLOSED, year=2018)],
        [case(referrals=CLOSED | {"reason_for_closure": "RC9"}, year=2018)],
    ),
    "referrals.primary_need_code": (
        [case(referrals=NFA, year=2012)],
        [case(referrals={"primary_need_code": "N10"}, year=2012)],
    ),
    "referrals.cin_referral_date": ([case(year=2012)], [case(referrals={"cin_referral_date": None}, year=2012)]),
    "factors.assessment_factor": (
        [case(assessments={}, factors={"assessment_factor": "24A"}, year=2022)],
        [case(assessments={}, factors={"assessment_factor": "24A"}, year=2021)],
    ),
    "children.upn": ([case(year=2018)], [case(children={"upn": "A80120000"}, year=2018)]),
    "child_protection_plans.number_of_previous_cpp": (
        [case(child_protection_plans={})],
        [case(child_protection_plans={"number_of_previous_cpp": -1})],
    ),
}  # fmt: skip


def _of_every_column() -> Iterator[tuple[str, tuple[list[Return], list[Return]]]]:
    """The good value of a column, and one of each kind that it may not have."""
    for rule in rules.COLUMN_RULES:
        column = next(column for column in rule.table.columns if rule.code == f"{rule.table.name}.{column.name}")
        bad = [None] * column.required + ["?"] * bool(column.codes or column.pattern) + [-1] * (column.type == "number")
        year = max(2024, column.first_year)
        broken = [case(year, **{rule.table.name: {column.name: value}}) for value in bad]
        keeping, breaking = CHOSEN.get(rule.code, ([], []))
        yield rule.code, ([case(year, **{rule.table.name: {}}), *keeping], broken + breaking)


EXAMPLES = dict(_of_every_column())
